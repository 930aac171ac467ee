package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

func unitOptions(units []org.Unit) []web.Option {
	out := make([]web.Option, len(units))
	for i, u := range units {
		out[i] = web.Option{Value: u.Code, Label: u.Name}
	}
	return out
}

// periodOptions offers the site's periods, and the one shown even when nobody has made it.
func periodOptions(list []period.Period, shown period.Period) []web.Option {
	if !slices.ContainsFunc(list, func(p period.Period) bool { return p.ID == shown.ID }) {
		list = append([]period.Period{shown}, list...)
	}
	out := make([]web.Option, len(list))
	for i, p := range list {
		out[i] = web.Option{Value: p.Slug(), Label: p.Name()}
	}
	return out
}

// dutyKinds are the kinds of period that reports are asked for.
var dutyKinds = []string{period.Month, period.Quarter, period.Half, period.Nine, period.Year}

func kindOptions(ctx context.Context) []web.Option {
	var out []web.Option
	for _, k := range dutyKinds {
		out = append(out, web.Option{Value: k, Label: web.T(ctx, period.KindName(k))})
	}
	return out
}

func kindChoices(ctx context.Context) []web.Option {
	var out []web.Option
	for _, k := range StatementKinds {
		out = append(out, web.Option{Value: string(k), Label: web.T(ctx, k.Name())})
	}
	return out
}

func stateLook(s State, missing bool) string {
	switch {
	case missing, s == StateReturned:
		return "bad"
	case s.Accepted():
		return "ok"
	case s == StateSent, s == StateApproved:
		return "info"
	}
	return "mute"
}

func paceLook(p figure.Pace) string {
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

func periodName(code string) string {
	p, err := period.Parse(code)
	if err != nil {
		return code
	}
	return p.Name()
}

// unitName is the name of a report's unit where the page knows it, else its code.
func unitName(units []org.Unit, r Report) string {
	for _, u := range units {
		if u.ID == r.Unit {
			return u.Name
		}
	}
	return r.UnitCode
}

func issueText(ctx context.Context, r Report) string {
	if r.Issue < 2 {
		return ""
	}
	return " (" + web.T(ctx, "Bản %d", r.Issue) + ")"
}

func dueLine(ctx context.Context, p period.Period) string {
	if p.Due == "" {
		return ""
	}
	return web.T(ctx, "hạn %s", web.Day(p.Due))
}

func dutiesPath(unit, kind string) string {
	return web.URL("/bao-cao/nghia-vu", "don-vi", unit, "loai", kind)
}

func entryPath(v BodyView) string { return web.Path("so-lieu", v.Unit.Code, v.Period.Slug()) }

func reportPath(v View) string { return web.Path("bao-cao", v.Report.ID) }

// bodyTimes says when the report was sent and decided on, and by whom.
func bodyTimes(ctx context.Context, v BodyView) []string {
	var out []string
	by := func(text, name string) {
		if name != "" {
			text += " (" + name + ")"
		}
		out = append(out, text+".")
	}
	if v.Report.SentAt != 0 {
		by(web.T(ctx, "Gửi lúc %s", web.Moment(v.Report.SentAt)), v.SentBy)
	}
	if v.Report.DecidedAt != 0 && v.Report.State.Endorsed() && len(v.Approvals) == 0 {
		by(web.T(ctx, "Duyệt lúc %s", web.Moment(v.Report.DecidedAt)), v.DecidedBy)
	}
	if v.Period.State == period.Closed {
		out = append(out, web.T(ctx, "Kỳ này đã khoá sổ."))
	}
	return out
}

// signText is what the report is entered under, or that it is not yet.
func signText(ctx context.Context, v View) string {
	number, date := v.Report.Sign(), v.Report.Date
	switch {
	case number != "" && date != "":
		return web.T(ctx, "số %s, ngày %s", number, web.Day(date))
	case number != "":
		return web.T(ctx, "số %s", number)
	}
	return web.T(ctx, "chưa đánh số")
}

func downloadText(ctx context.Context, v View) string {
	if v.Frozen == nil {
		return web.T(ctx, "Tải bản dự thảo:")
	}
	return web.T(ctx, "Tải bản chính thức:")
}

func letterOf(v View) letterFields {
	return letterFields{v.Report.Sign(), v.Report.Date, v.Content.Head.Parent}
}

func textLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func orBlank(ctx context.Context, text string) string {
	if text == "" {
		return web.T(ctx, "để trống")
	}
	return text
}

// returnForm is what was typed of a return: things ticked and why, by key (see Reason.About; a figure by its code).
type returnForm struct {
	On      bool
	Ticked  map[string]bool
	Text    map[string]string
	General string
	Extend  dayFields
	Plea    dayFields
	Decline dayFields
}

// dayFields are what was typed of another day on which the report is due.
type dayFields struct {
	Open        bool
	Due, Reason string
}

func (f returnForm) columns() string {
	if f.On {
		return "10"
	}
	return "9"
}

// reasons reads the form: what is ticked, or has a reason of its own; where nothing is, the general reason is about it all.
func (f returnForm) reasons(catalog *indicator.Catalog) ([]Reason, error) {
	var out []Reason
	keys := map[string]bool{}
	for key := range f.Ticked {
		keys[key] = true
	}
	for key, text := range f.Text {
		if text != "" {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		x := Reason{Text: cmp.Or(f.Text[key], f.General)}
		if x.Text == "" {
			return nil, fault.Invalid("reason", "Hãy ghi lý do cho từng mục đã đánh dấu, hoặc một lý do chung.")
		}
		if strings.HasPrefix(key, AboutStatement) || strings.HasPrefix(key, AboutAnswer) {
			x.About = key
		} else {
			in, part, ok := catalog.PartByCode(key)
			if !ok {
				return nil, fault.Invalidf("reason", "Không có chỉ tiêu mã “%s” trong danh mục.", key)
			}
			x.Indicator, x.Part = in.ID, part.Part
		}
		out = append(out, x)
	}
	if len(out) == 0 && f.General != "" {
		out = append(out, Reason{Text: f.General})
	}
	return out, nil
}

// HasChanged tells whether anything is no longer what somebody approved.
func (v BodyView) HasChanged() bool { return len(v.changeGroups()) > 0 }

// changeGroup is what has changed since one or more approvals.
type changeGroup struct {
	Since   string
	Changes []BodyChange
}

// changeGroups gives the changes by approval; approvals since which the same has changed are one group.
func (v BodyView) changeGroups() []changeGroup {
	if len(v.Approvals) == 0 && len(v.Changes) > 0 {
		return []changeGroup{{"So với bản văn phòng đã tiếp nhận:", v.Changes}}
	}
	var out []changeGroup
	for _, a := range v.Approvals {
		since := "So với bản văn phòng đã tiếp nhận:"
		if a.Step == StepHead {
			since = "So với bản lãnh đạo đơn vị đã duyệt:"
		}
		switch {
		case len(a.Changes) == 0:
		case len(out) > 0 && slices.Equal(out[0].Changes, a.Changes):
			out[0].Since = "So với bản lãnh đạo đơn vị đã duyệt và văn phòng đã tiếp nhận:"
		default:
			out = append(out, changeGroup{since, a.Changes})
		}
	}
	return out
}

// cells counts the reasons that can be ticked off.
func (v BodyView) cells() (n int) {
	for _, r := range v.Reasons {
		if !r.Whole() {
			n++
		}
	}
	return n
}

// fresh tells whether the page offers a step that is no confirmation of what has changed.
func (v BodyView) fresh(step Verb) bool {
	return v.Offers(step) && (v.Report.State == StateSent || v.Report.State == StateApproved && step == Accept)
}

// confirms tells by which step the actor may confirm what has changed.
func (v BodyView) confirms() (Verb, bool) {
	for _, step := range []Verb{Accept, Endorse} {
		if v.Offers(step) && !v.fresh(step) && len(v.Changes) > 0 {
			return step, true
		}
	}
	return "", false
}

// returns tells by which step the actor may send the report back.
func (v BodyView) returns() (Verb, bool) {
	for _, step := range []Verb{GiveBack, Reopen} {
		if v.Offers(step) {
			return step, true
		}
	}
	return "", false
}

func (v BodyView) decides() bool {
	_, confirms := v.confirms()
	_, returns := v.returns()
	return v.fresh(Endorse) || v.fresh(Accept) || confirms || returns
}

func stepPath(step Verb) string {
	switch step {
	case GiveBack:
		return "/tra-lai"
	case Reopen:
		return "/mo-lai"
	case Accept:
		return "/tiep-nhan"
	}
	return "/duyet"
}

func returnText(step Verb) string {
	if step == Reopen {
		return "Mở lại để sửa…"
	}
	return "Trả lại để sửa…"
}

func endorseHint(v BodyView) string {
	if v.Way.SkipOffice {
		return "Số liệu của báo cáo sẽ vào lớp số đã duyệt."
	}
	return "Duyệt thay mặt đơn vị; sau đó văn phòng tiếp nhận."
}

func statementRuns(list []Statement) [][]Statement {
	var out [][]Statement
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1][0].Kind == s.Kind {
			out[n-1] = append(out[n-1], s)
			continue
		}
		out = append(out, []Statement{s})
	}
	return out
}

func statementFacts(ctx context.Context, s Statement) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(s.Topic)
	add(s.Organisation)
	if s.AsOf != "" {
		add(web.T(ctx, "tính đến %s", web.Day(s.AsOf)))
	}
	if s.Source != "" {
		add(web.T(ctx, "nguồn: %s", s.Source))
	}
	add(s.Origin)
	if s.Version > 1 {
		add(web.T(ctx, "bản %d", s.Version))
	}
	return strings.Join(parts, " · ")
}

// statementCells links a statement to the figures that it is about.
func statementCells(v BodyView, s Statement) []Link {
	var out []Link
	for _, c := range s.Cells {
		if in, ok := v.Catalog.ByID(c.Indicator); ok && c.Unit == v.Unit.ID {
			a := figure.Address{Unit: v.Unit.Code, Period: s.PeriodCode, Indicator: in.Code, Part: c.Part, Hierarchy: org.Territory, Layer: figure.Submitted, Own: true}
			out = append(out, Link{in.Code, a.URL()})
		}
	}
	return out
}

// readCells reads the codes that somebody typed beside a statement.
func readCells(catalog *indicator.Catalog, unit, per int64, text string) ([]figure.Cell, error) {
	var out []figure.Cell
	for _, code := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		in, p, ok := catalog.PartByCode(code)
		if !ok {
			return nil, fault.Invalidf("cells", "Không có chỉ tiêu mã “%s” trong danh mục.", code)
		}
		out = append(out, figure.Cell{Unit: unit, Period: per, Indicator: in.ID, Part: p.Part})
	}
	return out, nil
}

func writeCells(catalog *indicator.Catalog, cells []figure.Cell) string {
	var out []string
	for _, c := range cells {
		if in, ok := catalog.ByID(c.Indicator); ok {
			p, _ := in.Part(c.Part)
			out = append(out, indicator.Address(in, p))
		}
	}
	return strings.Join(out, ", ")
}

// missingSections are those of the frame that the report has no text for and that are not on the page already.
func missingSections(v View) []string {
	var out []string
	for _, s := range frame(v.Period) {
		topic := strings.HasPrefix(s.code, ketQua+".")
		shown := slices.ContainsFunc(v.Content.Sections, func(w Written) bool { return w.Code == s.code })
		if !topic && s.code != danhGia && s.code != dieuChinh && !shown {
			out = append(out, s.code)
		}
	}
	return out
}

func editedText(ctx context.Context, s Section) string {
	if s.Version == 0 || !s.Edited() {
		return ""
	}
	return " · " + web.T(ctx, "sửa tay lúc %s", web.Moment(s.At)) + " " + s.By
}

func deedText(verb string) string {
	switch verb {
	case "submit":
		return "gửi báo cáo"
	case "return":
		return "trả lại"
	case "approve":
		return "duyệt"
	case "accept":
		return "tiếp nhận"
	case "reopen":
		return "mở lại để sửa"
	case "recall":
		return "rút báo cáo"
	case "draft":
		return "soạn từ số liệu"
	case "layer":
		return "đổi lớp số liệu"
	case "edit":
		return "sửa một mục"
	case "letter":
		return "ghi số, ngày văn bản"
	case "freeze":
		return "chốt báo cáo"
	case "state":
		return "thêm nội dung"
	case "edit-statement":
		return "sửa nội dung"
	case "remove-statement":
		return "gỡ nội dung"
	case "reissue":
		return "lập bản mới"
	}
	return verb
}

var tokenHelp = [][2]string{
	{"{{DG01}}", "số trong kỳ của chỉ tiêu"},
	{"{{AS07.SUA}}", "một phần của chỉ tiêu"},
	{"{{DG01 | lũy kế}}", "từ đầu năm"},
	{"{{DG01 | cùng kỳ}}", "cùng kỳ năm trước"},
	{"{{DG01 | kỳ trước}}", "kỳ liền trước"},
	{"{{DG01 | so cùng kỳ}}", "tăng, giảm bao nhiêu phần trăm so với cùng kỳ"},
	{"{{DG01 | % cùng kỳ}}", "bằng bao nhiêu phần trăm cùng kỳ"},
	{"{{DG01 | kế hoạch}}", "kế hoạch năm"},
	{"{{DG01 | % kế hoạch}}", "đạt bao nhiêu phần trăm kế hoạch"},
	{"{{DG01 | số đơn vị}}", "số đơn vị có số liệu"},
	{"{{DG01 | số đơn vị cùng kỳ}}", "số đơn vị có số liệu cùng kỳ năm trước"},
	{"{{DG01 | đơn vị=P01.PN}}", "số của một đơn vị khác"},
	{"{{đơn vị=P01.PN}}", "tên đơn vị, mở đến báo cáo của đơn vị đó"},
	{"{{báo cáo | đã gửi}}", "số báo cáo; có thể ghi: phải gửi, đã gửi, chưa gửi, gửi chậm, đã duyệt"},
}

func tokenCodes(catalog *indicator.Catalog) []helpGroup {
	var out []helpGroup
	for _, g := range catalog.Topics() {
		h := helpGroup{Name: g.Name}
		for _, in := range g.Indicators {
			h.Lines = append(h.Lines, [2]string{in.Code, in.Name})
			for _, p := range in.Parts {
				h.Lines = append(h.Lines, [2]string{indicator.Address(in, p), partName(in, p)})
			}
		}
		out = append(out, h)
	}
	return out
}

// lackPath leads to where something compulsory that is missing is given.
func lackPath(v BodyView, l form.Lack) string {
	if l.Cell == "" {
		return form.AnswerPath(v.Unit.Code, v.Period)
	}
	return entryPath(v) + "#" + web.FieldID("v-"+l.Cell)
}

// asksWords tells whether a form of the body asks questions or has tables of its own.
func (v BodyView) asksWords() bool {
	return slices.ContainsFunc(v.Forms, func(f form.Filled) bool { return len(f.Answers) > 0 })
}

// pleads tells whether the page offers to ask for another day: the report has still to come.
func (v BodyView) pleads() bool {
	return v.MaySubmit && v.Period.State == period.Open && v.Row.Due != "" && v.Report.FirstSentAt == 0 && !v.Report.State.Given()
}

// extendReason is the reason that the office is offered: what it typed, else what the body gave.
func extendReason(typed dayFields, x period.Plea) string {
	if typed.Open {
		return typed.Reason
	}
	return x.Reason
}
