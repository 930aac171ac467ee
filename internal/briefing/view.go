package briefing

import (
	"context"
	"strconv"
	"strings"

	"giaoban/internal/doc"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
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
	Theirs     map[string]bool // of the agenda's tasks, by id, those that the invited may open
	Reported   Reported
	Units      []web.Option
	Catalog    *indicator.Catalog
	typed      form
}

// Open tells whether the actor may still change what is recorded.
func (p meetingPage) Open() bool { return p.May && p.mustBeOpen() == nil }

// value is what was typed into a field of a form that was not taken, else what is stored.
func (f form) value(name, field, stored string) string {
	if f.values != nil && f.name == name {
		return f.get(field)
	}
	return stored
}

func (p meetingPage) value(name, field, stored string) string {
	return p.typed.value(name, field, stored)
}

// failed tells whether a form comes back with something wrong.
func (p meetingPage) failed(name string) bool { return p.typed.values != nil && p.typed.name == name }

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
		case n == rank:
			return web.StepCurrent
		}
		return web.StepWaiting
	}
	t := p.Turnout()
	turnout := p.Start.Format("15:04, 02/01/2006")
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

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
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

func ofKind(list []Finding, k FindingKind) []Finding {
	var out []Finding
	for _, f := range list {
		if f.Kind == k {
			out = append(out, f)
		}
	}
	return out
}
