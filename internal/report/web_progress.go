package report

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// progressPage is the office's board as shown.
type progressPage struct {
	Progress
	All     Progress
	Ask     Ask
	Tops    []org.Unit
	Periods []period.Period
	MayAsk  bool
	MayPlan bool // when people are reminded
}

func progressPath(unit string, p period.Period) string {
	return web.URL("/tien-do", "don-vi", unit, "ky", p.Slug())
}

func (s *Service) progressOf(r *http.Request) (p progressPage, err error) {
	ctx, who := r.Context(), auth.From(r.Context())
	if p.Tops, err = s.tops(ctx, who, s.clock.Today()); err != nil {
		return p, err
	}
	if p.Periods, err = s.periods.List(ctx, who, ""); err != nil {
		return p, err
	}
	unit, per, err := s.chosen(r, p.Tops, p.Periods)
	if err != nil {
		return p, err
	}
	if p.All, err = s.Progress(ctx, who, unit, per.Code); err != nil {
		return p, err
	}
	p.Ask = Ask{Stage: Stage(web.Value(r, "loc")), Level: org.Level(web.Value(r, "cap")), Form: web.Value(r, "bieu"), Name: web.Value(r, "tim"), Sort: web.Value(r, "xep"), Flat: web.Checked(r, "bang")}
	p.Progress = p.All.Pick(p.Ask)
	if !slices.ContainsFunc(p.Tops, func(u org.Unit) bool { return u.ID == p.Unit.ID }) {
		p.Tops = append(p.Tops, p.Unit)
	}
	p.MayAsk = who.Has(auth.Consolidate)
	p.MayPlan, err = s.periods.MayManage(ctx, who)
	return p, err
}

func (s *Service) showProgress(w http.ResponseWriter, r *http.Request) error {
	p, err := s.progressOf(r)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(r.Context(), "Tiến độ %s", p.Period.Name()), Lead: p.Unit.Name, Nav: navKey, Wide: true,
		Crumbs: []web.Crumb{boardCrumb(r.Context(), p.Unit.Code, p.Period)}}
	return web.Show(w, r, page, progressBody(p))
}

func (s *Service) postRemind(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return err
	}
	var codes []string
	if !web.Checked(r, "tat-ca") {
		if codes = web.Values(r, "chon"); len(codes) == 0 {
			return web.Redirect(w, r, progressPath(web.Value(r, "don-vi"), p), web.T(ctx, "Chưa đánh dấu đơn vị nào để nhắc."))
		}
	}
	done, err := s.Remind(ctx, auth.From(ctx), web.Value(r, "don-vi"), p.Code, codes)
	if err != nil {
		return err
	}
	text := web.T(ctx, "Đã nhắc %d đơn vị (%d người) trên trang thông báo, và bằng thư theo lựa chọn của từng người.", done.Bodies, done.People)
	if done.Just > 0 {
		text += " " + web.T(ctx, "%d đơn vị vừa được nhắc trong một giờ qua nên không nhắc lại.", done.Just)
	}
	if len(done.Alone) > 0 {
		text += " " + web.T(ctx, "Chưa có người dùng, cần gọi điện: %s.", strings.Join(done.Alone, ", "))
	}
	return web.Redirect(w, r, progressPath(web.Value(r, "don-vi"), p), text)
}

func (s *Service) showCalls(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	per, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return err
	}
	p, calls, err := s.Calls(ctx, auth.From(ctx), web.Value(r, "don-vi"), per.Code)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Danh sách đơn vị cần gọi"), Lead: p.Unit.Name + ", " + web.T(ctx, p.Period.Name()), Nav: navKey,
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Tiến độ"), Path: progressPath(p.Unit.Code, p.Period)}}}
	return web.Show(w, r, page, callsBody(p, calls))
}

// path is the board with other filters.
func (p progressPage) path(a Ask) string {
	set := []string{"don-vi", p.Unit.Code, "ky", p.Period.Slug()}
	flat := ""
	if a.Flat {
		flat = "1"
	}
	for _, pair := range [][2]string{{"loc", string(a.Stage)}, {"cap", string(a.Level)}, {"bieu", a.Form}, {"xep", a.Sort}, {"tim", a.Name}, {"bang", flat}} {
		if pair[1] != "" {
			set = append(set, pair[0], pair[1])
		}
	}
	return web.URL("/tien-do", set...)
}

// filtered tells that less than the whole board is asked for, or in another order.
func (p progressPage) filtered() bool {
	a := p.Ask
	a.Stage = ""
	return a != Ask{}
}

// stageTabs lead to the stages that there are bodies in, with how many; who is late comes first.
func (p progressPage) stageTabs(ctx context.Context) []web.Tab {
	a := p.Ask
	a.Stage = ""
	rest := p.All.Pick(a)
	tabs := []web.Tab{{Label: web.T(ctx, "Tất cả %d", len(rest.Lines)), Path: p.path(a), Current: p.Ask.Stage == ""}}
	for _, stage := range append(slices.Clone(groupOrder), StagePleads, StageChanged) {
		a.Stage = stage
		if n := len(rest.Pick(Ask{Stage: stage}).Lines); n > 0 || p.Ask.Stage == stage {
			tabs = append(tabs, web.Tab{Label: viet.UpperFirst(web.T(ctx, stage.Name())) + " " + strconv.Itoa(n), Path: p.path(a), Current: p.Ask.Stage == stage})
		}
	}
	return tabs
}

// progressGroup is a part of the board; one without a name is all of it.
type progressGroup struct {
	Name  string
	Open  bool
	Lines []Standing
}

// groupOrder is in which order the board shows the stages; each body stands in the first that holds it.
var groupOrder = []Stage{StageLate, StageReturned, StageDraft, StageNone, StageSent, StageApproved}

// fewLines is how many bodies a board may have with all its groups open.
const fewLines = 12

// groups parts the board by stage; those that the office has to do something about are open.
func (p progressPage) groups() []progressGroup {
	if p.Ask.Stage != "" || p.Ask.Flat {
		return []progressGroup{{Lines: p.Lines}}
	}
	out := make([]progressGroup, len(groupOrder))
	for _, l := range p.Lines {
		n := slices.IndexFunc(groupOrder, l.In)
		out[n].Lines = append(out[n].Lines, l)
	}
	for n, stage := range groupOrder {
		out[n].Name = stage.Name()
		out[n].Open = stage == StageLate || stage == StageReturned || len(p.Lines) <= fewLines
	}
	out = slices.DeleteFunc(out, func(g progressGroup) bool { return len(g.Lines) == 0 })
	if !slices.ContainsFunc(out, func(g progressGroup) bool { return g.Open }) {
		out[0].Open = true
	}
	return out
}

// coursesPage is how bodies have kept their days, as shown.
type coursesPage struct {
	Courses
	Period period.Period
	Sort   string
	Name   string // a part of the names that are asked for
}

func coursesPath(unit string, p period.Period, sort string) string {
	set := []string{"don-vi", unit, "ky", p.Slug()}
	if sort != "" {
		set = append(set, "xep", sort)
	}
	return web.URL("/tien-do/qua-cac-ky", set...)
}

func (s *Service) coursesOf(r *http.Request) (coursesPage, error) {
	ctx := r.Context()
	p, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return coursesPage{}, err
	}
	out := coursesPage{Period: p, Sort: web.Value(r, "xep"), Name: web.Value(r, "tim")}
	out.Courses, err = s.Courses(ctx, auth.From(ctx), web.Value(r, "don-vi"), p.Code)
	out.Courses.Sort(out.Sort)
	out.Bodies = slices.DeleteFunc(out.Bodies, func(c Course) bool { return !named(c.Unit, c.Place, out.Name) })
	return out, err
}

func (s *Service) showCourses(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.coursesOf(r)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Đúng hạn và đầy đủ qua các kỳ"), Lead: p.Unit.Name, Nav: navKey, Wide: true,
		Crumbs:  []web.Crumb{boardCrumb(ctx, p.Unit.Code, p.Period), {Label: web.T(ctx, "Tiến độ"), Path: progressPath(p.Unit.Code, p.Period)}},
		Actions: web.LinkButton(web.URL("/tien-do/qua-cac-ky/tai", "don-vi", p.Unit.Code, "ky", p.Period.Slug()), web.T(ctx, "Tải CSV"), "secondary")}
	return web.Show(w, r, page, coursesBody(p))
}

func (s *Service) downloadCourses(w http.ResponseWriter, r *http.Request) error {
	p, err := s.coursesOf(r)
	if err != nil {
		return err
	}
	web.Attachment(w, "dung-han-"+p.Unit.Code+"-"+p.Period.Slug()+".csv", "text/csv; charset=utf-8")
	return p.write(w)
}

// write gives a row for each body and period that was due, as a spreadsheet reads it.
func (c Courses) write(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // Excel needs the mark to see UTF-8
		return err
	}
	out := csv.NewWriter(w)
	rows := [][]string{{"Mã đơn vị", "Đơn vị", "Kỳ", "Hạn", "Ngày gửi lần đầu", "Chậm (ngày làm việc)", "Số lần trả lại", "Đã nhập khi đến hạn", "Phải nhập", "Phần trăm"}}
	for _, b := range c.Bodies {
		for n, k := range b.Kept {
			if k.Due == "" {
				continue
			}
			row := []string{b.Unit.Code, b.Unit.Name, c.Periods[n].Code, k.Due, k.Sent, strconv.Itoa(k.Late), strconv.Itoa(k.Returned), strconv.Itoa(k.Have), "", ""}
			if k.Asked > 0 {
				row[8], row[9] = strconv.Itoa(k.Asked), strconv.Itoa(k.Percent())
			}
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		for n := range row {
			row[n] = figure.SafeCell(row[n])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
