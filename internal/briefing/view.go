package briefing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/task"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// meetingPage is what a view on a briefing shows.
type meetingPage struct {
	Briefing
	Tab        tab
	May        bool // the actor keeps the briefing
	AtPlace    bool // the actor is of the place, not only invited
	Today      string
	Summary    Summary
	Fulfilment []Fulfilment
	Reported   Reported
	Units      []web.Option
	Catalog    *indicator.Catalog
	typed      form
}

// Open tells whether the actor may still change what is recorded.
func (p meetingPage) Open() bool { return p.May && p.mustBeOpen() == nil }

// value is what was typed into a field of a form that was not taken, else what is stored.
func (f form) value(name, field, stored string) string {
	if f.r != nil && f.name == name {
		return f.get(field)
	}
	return stored
}

func (p meetingPage) value(name, field, stored string) string {
	return p.typed.value(name, field, stored)
}

// failed tells whether a form comes back with something wrong.
func (p meetingPage) failed(name string) bool { return p.typed.r != nil && p.typed.name == name }

// picked tells whether a choice of several was made.
func (p meetingPage) picked(name, field string, id int64, stored []int64) bool {
	text := strconv.FormatInt(id, 10)
	if p.failed(name) {
		for _, v := range p.typed.all(field) {
			if v == text {
				return true
			}
		}
		return false
	}
	for _, v := range stored {
		if v == id {
			return true
		}
	}
	return false
}

// meeting reads what a view needs.
func (s *Service) meeting(ctx context.Context, who auth.Actor, id string, t tab) (meetingPage, error) {
	p := meetingPage{Tab: t, Today: s.clock.Today()}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Briefing, err = s.byIDIn(ctx, tx, who, id); err != nil {
			return err
		}
		if p.May, err = holds(ctx, tx, who, auth.Brief, id, p.Today); err != nil {
			return err
		}
		if p.AtPlace, err = holds(ctx, tx, who, auth.View, id, p.Today); err != nil {
			return err
		}
		switch t {
		case tabSummary:
			if p.Summary, err = s.summaryIn(ctx, tx, who, p.Briefing); err != nil {
				return err
			}
		case tabConclusion:
			if p.Open() {
				if p.Reported, err = s.reportedIn(ctx, tx, who, p.Briefing); err != nil {
					return err
				}
				if p.Catalog, err = s.indicators.In(ctx, tx); err != nil {
					return err
				}
			}
		}
		if p.State == Concluded && (t == tabSummary || t == tabConclusion) {
			if p.Fulfilment, err = s.fulfilmentIn(ctx, tx, who, p.Briefing); err != nil {
				return err
			}
		}
		if p.Open() && (t == tabPlan || t == tabConclusion) {
			p.Units, err = s.unitOptions(ctx, tx, who, p.Briefing)
		}
		return err
	})
	return p, err
}

func holds(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, id, today string) (bool, error) {
	if !who.Has(perm) {
		return false, nil
	}
	_, err := head(ctx, tx, who, perm, id, today, atPlace)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}

// unitOptions are the bodies of the place and the places right below it.
func (s *Service) unitOptions(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) ([]web.Option, error) {
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, b.Unit, b.Day, s.clock.Today())
	if err != nil {
		return nil, err
	}
	var bodies, places []web.Option
	for _, n := range nodes {
		o := web.Option{Value: strconv.FormatInt(n.ID, 10), Label: n.Name}
		switch {
		case n.Parent != b.Unit:
		case n.Kind == org.Body:
			o.Group = "Cơ quan, tổ chức"
			bodies = append(bodies, o)
		default:
			o.Group = "Địa bàn trực thuộc"
			places = append(places, o)
		}
	}
	return append(bodies, places...), nil
}

// newPage is the form of a new briefing.
type newPage struct {
	Setting
	Head  Letterhead
	Today string
	typed form
}

func (p newPage) value(field, stored string) string { return p.typed.value("plan", field, stored) }

// address is the form's own address with another system.
func (p newPage) address(system doc.System) string {
	return web.URL("/hop-giao-ban/moi", "ky", p.Period.Slug(), "don-vi", p.Place.Code, "he", systemText(system))
}

func (p newPage) offices() []web.Option {
	var out []web.Option
	for _, o := range p.Offices {
		out = append(out, web.Option{Value: o.ID, Label: label(o.Person, o.Title, p.Units[o.Unit])})
	}
	return out
}

func tabLinks(ctx context.Context, p meetingPage) []web.Tab {
	var out []web.Tab
	for _, t := range tabs {
		if t == tabConclusion && !p.AtPlace && p.State != Concluded {
			continue // the invited have nothing to read there yet
		}
		out = append(out, web.Tab{Label: web.T(ctx, t.label()), Path: t.path(p.ID), Current: t == p.Tab})
	}
	return out
}

func steps(ctx context.Context, p meetingPage) []web.Step {
	rank := map[State]int{Convened: 1, Held: 2, Concluded: 3}[p.State]
	state := func(n int) web.StepState {
		switch {
		case n < rank || n == 3 && rank == 3 || n == 1 && rank == 1:
			return web.StepDone
		case n == rank || n == rank+1 && rank == 1:
			return web.StepCurrent
		}
		return web.StepWaiting
	}
	t := p.Turnout()
	turnout := ""
	if t.Present+t.Substituted+t.Absent > 0 {
		turnout = web.T(ctx, "có mặt %d, dự thay %d, vắng %d", t.Present, t.Substituted, t.Absent)
	}
	ended := ""
	if p.State == Concluded {
		ended = web.Moment(p.ConcludedAt)
	}
	return []web.Step{
		{Label: web.T(ctx, "Triệu tập"), Text: web.T(ctx, "%d người được mời", t.Invited), Path: tabPlan.path(p.ID), State: state(1)},
		{Label: web.T(ctx, "Họp"), Text: turnout, Path: tabAttendance.path(p.ID), State: state(2)},
		{Label: web.T(ctx, "Kết luận"), Text: ended, Path: tabConclusion.path(p.ID), State: state(3)},
	}
}

func stateKind(s State) string {
	switch s {
	case Convened:
		return "info"
	case Held:
		return "warn"
	case Concluded:
		return "ok"
	}
	return "mute"
}

func paceKind(p figure.Pace) string {
	switch p {
	case figure.Reached, figure.OnPace:
		return "ok"
	case figure.Behind:
		return "warn"
	case figure.AtRisk:
		return "bad"
	}
	return "mute"
}

// done is a figure against its plan, in words.
func (k KeyNumber) done() string {
	if !k.Done.Has {
		return ""
	}
	return figure.Print(k.Done, "", k.Indicator)
}

func (k KeyNumber) plan() string { return figure.Print(k.Plan.Value, k.Plan.Raw, k.Indicator) }

// share says how much of the plan is done. Only two exact numbers have an exact ratio; another one is left out.
func (k KeyNumber) share() string {
	if !k.Done.Has || k.Done.Qualifier != viet.Exact || k.Plan.Qualifier != viet.Exact {
		return ""
	}
	return viet.FormatPercentAt(k.Done.Number, k.Plan.Number, 1)
}

func options[T ~string](ctx context.Context, list []T, name func(T) string) []web.Option {
	out := make([]web.Option, len(list))
	for i, v := range list {
		out[i] = web.Option{Value: string(v), Label: upperFirst(web.T(ctx, name(v)))}
	}
	return out
}

func speakers(p meetingPage) []web.Option {
	var out []web.Option
	for _, x := range p.Participants {
		if x.Attendance == Absent {
			continue
		}
		text := x.Label()
		if x.Attendance == Substituted {
			text = label(x.Substitute, x.SubstituteTitle, x.UnitName)
		}
		out = append(out, web.Option{Value: x.ID, Label: text})
	}
	return out
}

func chairOptions(p meetingPage) []web.Option {
	var out []web.Option
	for _, c := range p.Chairs() {
		out = append(out, web.Option{Value: c.ID, Label: join(", ", c.Person, c.Title)})
	}
	return out
}

// indicatorOptions are the indicators that a task can aim at, by topic.
func indicatorOptions(c *indicator.Catalog) []web.Option {
	var out []web.Option
	for _, g := range c.Topics() {
		for _, in := range g.Indicators {
			if in.Across != indicator.None {
				out = append(out, web.Option{Value: in.Code, Label: fmt.Sprintf("%s (%s)", in.Name, in.Unit), Group: g.Name})
			}
		}
	}
	return out
}

// goalText is what a demand aims at, in words; code and wanted are its form's values.
func goalText(c *indicator.Catalog, d Demand) (code, wanted, text string) {
	if c == nil || d.Indicator == 0 {
		return "", "", ""
	}
	in, ok := c.ByID(d.Indicator)
	if !ok {
		return "", "", ""
	}
	v := figure.Value{Number: d.Wanted, Has: true, Qualifier: viet.Exact}
	return in.Code, figure.Print(v, "", in), in.Name + ": " + figure.Print(v, "", in)
}

// demandText is what follows the lead of a demand on a page.
func demandText(ctx context.Context, c *indicator.Catalog, d Demand) string {
	text := " " + web.T(ctx, "chủ trì")
	if len(d.Partners) > 0 {
		text += ", " + web.T(ctx, "phối hợp với %s", strings.Join(d.Partners, ", "))
	}
	if d.Text != "" {
		text += ": " + d.Text
	}
	text += "; " + web.T(ctx, "hạn %s", viet.FormatDate(d.Due))
	if d.Evidence != "" {
		text += "; " + web.T(ctx, "minh chứng: %s", d.Evidence)
	}
	if _, _, goal := goalText(c, d); goal != "" {
		text += "; " + web.T(ctx, "cần đạt %s", goal)
	}
	return text
}

// untaken are the shortcomings that no finding has taken up yet.
func untaken(p meetingPage) []Source {
	taken := map[string]bool{}
	for _, f := range p.Findings {
		taken[f.Source] = true
	}
	var out []Source
	for _, x := range p.Reported.Shortcomings {
		if !taken[x.Key] {
			out = append(out, x)
		}
	}
	return out
}

func removedItems(items []Item) []Item {
	var out []Item
	for _, i := range items {
		if i.Removed {
			out = append(out, i)
		}
	}
	return out
}

// overran tells that the agenda takes longer than the briefing.
func overran(p meetingPage) bool {
	_, end := Schedule(p.Items, p.Start)
	return end.After(p.End)
}

// accepted counts the tasks of a point that are done.
func accepted(tasks []task.Task) int {
	n := 0
	for _, t := range tasks {
		if t.State == task.Accepted {
			n++
		}
	}
	return n
}

func pointKind(f Fulfilment, today string) string {
	for _, t := range f.Tasks {
		if t.Overdue(today) {
			return "bad"
		}
	}
	if f.Done() {
		return "ok"
	}
	return "warn"
}

// optionalAttrs takes the browser's demand off a field of which another one may stand instead.
var optionalAttrs = templ.Attributes{"required": false}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func unitValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// withUnit keeps a unit among the choices that is none of the usual ones.
func withUnit(list []web.Option, id int64, name string) []web.Option {
	value := unitValue(id)
	if id == 0 || slices.ContainsFunc(list, func(o web.Option) bool { return o.Value == value }) {
		return list
	}
	return append([]web.Option{{Value: value, Label: name}}, list...)
}

// number undoes unitValue.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func placeOptions(p newPage) []web.Option {
	out := make([]web.Option, len(p.Places))
	for i, n := range p.Places {
		out[i] = web.Option{Value: n.Code, Label: n.Name}
	}
	return out
}

func systemName(text string) string {
	if text == partySystem {
		return "Thể thức văn bản của Đảng"
	}
	return "Thể thức văn bản hành chính (Nhà nước, Mặt trận)"
}

func otherSystem(s doc.System) string {
	if s == doc.Party {
		return "Dùng thể thức văn bản của Đảng"
	}
	return "Dùng thể thức văn bản hành chính (Mặt trận)"
}

func facts(ctx context.Context, p meetingPage) []web.Pair {
	chairs := ""
	for _, c := range p.Chairs() {
		chairs = join("; ", chairs, join(", ", c.Person, c.Title))
	}
	summons := p.Summons.Number
	if p.Summons.Date != "" {
		summons = join(", ", summons, web.T(ctx, "ngày %s", web.Day(p.Summons.Date)))
	}
	return []web.Pair{
		{Term: web.T(ctx, "Tình trạng"), Body: web.Badge(stateKind(p.State), web.T(ctx, p.State.Name()))},
		{Term: web.T(ctx, "Thời gian"), Text: moment(p.Start, true) + " – " + p.End.Format("15:04")},
		{Term: web.T(ctx, "Địa điểm"), Text: p.Venue},
		{Term: web.T(ctx, "Chủ trì"), Text: or(chairs, web.T(ctx, "chưa có"))},
		{Term: web.T(ctx, "Cơ quan triệu tập"), Text: p.Convener()},
		{Term: web.T(ctx, "Số, ngày giấy mời"), Text: or(summons, web.T(ctx, "chưa có"))},
	}
}

func noticeName(ctx context.Context, p meetingPage) string {
	if p.State == Concluded {
		return web.T(ctx, "Thông báo kết luận")
	}
	return web.T(ctx, "Dự thảo thông báo kết luận")
}

func noticeText(ctx context.Context, p meetingPage) string {
	if p.Notice.Number == "" {
		return web.T(ctx, "chưa đánh số")
	}
	return join(", ", web.T(ctx, "số %s", p.Notice.Number), web.T(ctx, "ngày %s", web.Day(p.Notice.Date)))
}

func kindName(ctx context.Context, kind string) string {
	switch kind {
	case "docx":
		return "Word"
	case "pdf":
		return "PDF"
	case "xlsx":
		return "Excel"
	}
	return web.T(ctx, "lịch (ICS)")
}

// marksFor are the choices of attendance: a chair has no substitute.
func marksFor(p Participant) []Attendance {
	if p.Role == Chair {
		return []Attendance{Present, Absent}
	}
	return Attendances
}

func roleKind(r Role) string {
	if r == Chair {
		return "info"
	}
	return "mute"
}

func attendanceKind(a Attendance) string {
	switch a {
	case Present:
		return "ok"
	case Substituted:
		return "info"
	case Absent:
		return "bad"
	}
	return "mute"
}

func statementKind(k StatementKind) string {
	if k == Direction {
		return "info"
	}
	return "mute"
}

func talkHint(ctx context.Context, p meetingPage) string {
	if p.State == Convened {
		return web.T(ctx, "Ý kiến được ghi sau khi bắt đầu họp.")
	}
	return ""
}

// speakerOf finds the participant who said something, by unit and name.
func speakerOf(p meetingPage, x Statement) string {
	for _, o := range p.Participants {
		if x.Speaker != "" && o.Unit == x.Unit && (o.Person == x.Speaker || o.Substitute == x.Speaker) {
			return o.ID
		}
	}
	return ""
}

func otherSpeaker(p meetingPage, x Statement) string {
	if speakerOf(p, x) != "" {
		return ""
	}
	return x.Label()
}

func ofKind(list []Finding, k FindingKind) []Finding {
	var out []Finding
	for _, f := range list {
		if f.Kind == k {
			out = append(out, f)
		}
	}
	return out
}

func firstChair(p meetingPage) string {
	if c := p.Chairs(); len(c) > 0 {
		return c[0].ID
	}
	return ""
}
