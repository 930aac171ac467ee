package task

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/nhiem-vu", auth.View, s.showList)
	r.Get("/nhiem-vu/tep", auth.View, web.Heavy(s.download))
	r.Get("/nhiem-vu/{id}", auth.View, s.showOne)
	r.Post("/nhiem-vu/{id}/tien-do", auth.Do, s.step("tien-do", "Đã ghi báo cáo tiến độ.", s.postProgress))
	r.Post("/nhiem-vu/{id}/gia-han", auth.Do, s.step("gia-han", "Đã gửi đề nghị gia hạn.", s.postAsk))
	r.Post("/nhiem-vu/{id}/hoan-thanh", auth.Do, s.step("hoan-thanh", "Đã báo cáo hoàn thành; chờ nghiệm thu.", s.postDone))
	r.Post("/nhiem-vu/{id}/quyet-gia-han", auth.Judge, s.step("quyet-gia-han", "Đã ghi quyết định về đề nghị gia hạn.", s.postDecide))
	r.Post("/nhiem-vu/{id}/nghiem-thu", auth.Judge, s.step("nghiem-thu", "Đã nghiệm thu nhiệm vụ.", s.postAccept))
	r.Post("/nhiem-vu/{id}/tra-lai", auth.Judge, s.step("tra-lai", "Đã trả lại để đơn vị làm tiếp.", s.postSendBack))
	r.Post("/nhiem-vu/{id}/huy", auth.Judge, s.step("huy", "Đã hủy nhiệm vụ.", s.postCancel))
}

const (
	navKey  = "nhiem-vu"
	perPage = 50
)

// asked reads the filter of a list from its address; unknown words are no filter.
func asked(r *http.Request) listPage {
	p := listPage{StateWord: web.Value(r, "tinh-trang"), Body: web.Value(r, "don-vi")}
	p.Filter.Text, p.Filter.Briefing = web.Value(r, "tim"), web.Value(r, "hop")
	switch {
	case p.StateWord == overdueWord:
		p.Filter.Overdue = true
	case slices.Contains(States, State(p.StateWord)):
		p.Filter.State = State(p.StateWord)
	default:
		p.StateWord = ""
	}
	body, err := strconv.ParseInt(p.Body, 10, 64)
	if err != nil {
		p.Body = ""
	}
	p.Filter.Body = body
	return p
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p := asked(r)
	p.Today = s.clock.Today()
	page := web.PageNumber(r)
	var err error
	if p.Tasks, p.Total, err = s.List(ctx, who, p.Filter, page, perPage); err != nil {
		return err
	}
	if p.Counts, err = s.Counts(ctx, who, p.Filter); err != nil {
		return err
	}
	if p.Bodies, err = s.Bodies(ctx, who); err != nil {
		return err
	}
	p.Pager = web.PagerProps{Page: page, Pages: (p.Total + perPage - 1) / perPage,
		URL: web.URL("/nhiem-vu", "tinh-trang", p.StateWord, "don-vi", p.Body, "tim", p.Filter.Text, "hop", p.Filter.Briefing)}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Nhiệm vụ"), Nav: navKey, Wide: true, Head: head(),
		Lead: web.T(ctx, "Việc các hội nghị giao ban đã giao và kết quả thực hiện, quá hạn xếp trước.")}, listBody(p))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	p := asked(r)
	tasks, _, err := s.List(r.Context(), auth.From(r.Context()), p.Filter, 1, 0)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	today := s.clock.Today()
	if web.Value(r, "dang") == "csv" {
		if err := WriteCSV(&b, tasks, today); err != nil {
			return err
		}
		web.Attachment(w, "nhiem-vu-"+today+".csv", "text/csv; charset=utf-8")
	} else {
		if err := WriteXLSX(&b, tasks, today); err != nil {
			return err
		}
		web.Attachment(w, "nhiem-vu-"+today+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (s *Service) showOne(w http.ResponseWriter, r *http.Request) error { return s.onePage(w, r, nil) }

// onePage shows a task, again with what is wrong when a step was not taken.
func (s *Service) onePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p := onePage{Today: s.clock.Today(), Value: func(string) string { return "" }}
	if r.Method == http.MethodPost {
		p.Value = func(name string) string { return web.Value(r, name) }
	}
	var err error
	if p.Task, err = s.Find(ctx, who, r.PathValue("id")); err != nil {
		return err
	}
	if p.May, err = s.May(ctx, who, p.Task); err != nil {
		return err
	}
	if p.Moved, p.HasGoal, err = s.Moved(ctx, who, p.Task); err != nil {
		return err
	}
	page := web.Page{Title: p.Task.Text, Nav: navKey, Head: head(), Crumbs: []web.Crumb{{Label: web.T(ctx, "Nhiệm vụ"), Path: "/nhiem-vu"}}}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, oneBody(p))
	}
	return web.Show(w, r, page, oneBody(p))
}

// step answers one form of a task's page: each form's fields bear its name in front, so that messages find theirs.
func (s *Service) step(name, done string, act func(context.Context, auth.Actor, string, int, func(string) string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		version, err := web.Int64(r, "version")
		if err != nil {
			return err
		}
		value := func(field string) string { return web.Value(r, name+"-"+field) }
		if err := act(r.Context(), auth.From(r.Context()), id, int(version), value); err != nil {
			return s.onePage(w, r, prefixed(err, name))
		}
		return web.Redirect(w, r, "/nhiem-vu/"+id, web.T(r.Context(), done))
	}
}

// prefixed puts a form's name before the fields that a rule complains about.
func prefixed(err error, form string) error {
	all := fault.All(err)
	if len(all) == 0 {
		return err
	}
	var out fault.List
	for _, f := range all {
		one := *f
		if one.Field != "" {
			one.Field = form + "-" + one.Field
		}
		out = append(out, &one)
	}
	return out
}

func (s *Service) postProgress(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	share, err := strconv.Atoi(value("share"))
	if err != nil {
		return fault.Invalid("share", "Hãy nhập một số nguyên.")
	}
	return s.Progress(ctx, who, id, version, share, value("text"), value("evidence"))
}

func (s *Service) postAsk(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	due, err := viet.ParseDate(value("due"), 0)
	if err != nil {
		return fault.Invalid("due", "Hãy ghi hạn mới, ví dụ 31/10/2019.")
	}
	return s.AskExtension(ctx, who, id, version, due, value("reason"))
}

func (s *Service) postDone(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	return s.ReportDone(ctx, who, id, version, value("text"), value("evidence"))
}

func (s *Service) postDecide(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	if value("grant") != "yes" && value("grant") != "no" {
		return fault.Invalid("grant", "Hãy chọn đồng ý hoặc không đồng ý.")
	}
	return s.DecideExtension(ctx, who, id, version, value("grant") == "yes", value("reason"))
}

func (s *Service) postAccept(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	return s.Accept(ctx, who, id, version, value("text"))
}

func (s *Service) postSendBack(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	return s.SendBack(ctx, who, id, version, value("reason"))
}

func (s *Service) postCancel(ctx context.Context, who auth.Actor, id string, version int, value func(string) string) error {
	return s.Cancel(ctx, who, id, version, value("reason"))
}
