package briefing

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/task"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/hop-giao-ban", auth.View, s.showList)
	r.Get("/hop-giao-ban/moi", auth.Brief, s.showNew)
	r.Post("/hop-giao-ban", auth.Brief, s.postConvene)
	r.Get("/hop-giao-ban/{id}", auth.View, s.show(tabSummary))
	r.Get("/hop-giao-ban/{id}/tai", auth.View, web.Heavy(s.download))
	for _, tab := range tabs[1:] {
		r.Get("/hop-giao-ban/{id}/"+string(tab), auth.View, s.show(tab))
	}
	post := func(path string, tab tab, done string, act func(context.Context, auth.Actor, string, form) error) {
		r.Post("/hop-giao-ban/{id}/"+path, auth.Brief, s.step(tab, done, act))
	}
	post("chuan-bi", tabPlan, "Đã lưu thông tin triệu tập.", s.postPlan)
	post("bat-dau", tabAttendance, "Đã ghi nhận bắt đầu họp.", s.postHold)
	post("huy", tabPlan, "Đã ghi việc hoãn, hủy. Lịch gửi lại sẽ báo hủy.", s.postCancel)
	post("thanh-phan", tabPlan, "Đã lưu thành phần dự.", s.postParticipant)
	post("thanh-phan/bo", tabPlan, "Đã bỏ khỏi thành phần dự.", s.remover(ListParticipants))
	post("chuong-trinh", tabAgenda, "Đã lưu chương trình.", s.postItem)
	post("chuong-trinh/lam-moi", tabAgenda, "Đã cập nhật chương trình theo báo cáo và nhiệm vụ mới nhất.", s.postBuild)
	post("chuong-trinh/xep", tabAgenda, "", s.postArrange)
	post("diem-danh", tabAttendance, "Đã lưu điểm danh.", s.postMarks)
	post("dien-bien", tabTalk, "Đã ghi ý kiến.", s.postStatement)
	post("dien-bien/bo", tabTalk, "Đã bỏ ý kiến.", s.remover(ListStatements))
	post("danh-gia", tabConclusion, "Đã lưu đánh giá.", s.postFinding)
	post("danh-gia/lay", tabConclusion, "Đã đưa các hạn chế vào đánh giá.", s.postTake)
	post("danh-gia/bo", tabConclusion, "Đã bỏ nội dung đánh giá.", s.remover(ListFindings))
	post("diem", tabConclusion, "Đã lưu nội dung kết luận.", s.postPoint)
	post("diem/bo", tabConclusion, "Đã bỏ nội dung kết luận.", s.remover(ListPoints))
	post("nhiem-vu", tabConclusion, "Đã lưu nhiệm vụ.", s.postDemand)
	post("nhiem-vu/bo", tabConclusion, "Đã bỏ nhiệm vụ.", s.remover(ListDemands))
	post("ket-luan", tabConclusion, "Đã kết luận. Nội dung được cố định và các nhiệm vụ đã được giao.", s.postConclude)
	post("so-thong-bao", tabConclusion, "Đã ghi số thông báo kết luận.", s.postNumber)
	post("bo-sung", tabConclusion, "Đã ghi nội dung bổ sung, điều chỉnh.", s.postSupplement)
}

const navKey = "hop-giao-ban"

// tab is a view on one briefing; its name is the last part of its address.
type tab string

const (
	tabSummary    tab = ""
	tabPlan       tab = "chuan-bi"
	tabAgenda     tab = "chuong-trinh"
	tabAttendance tab = "diem-danh"
	tabTalk       tab = "dien-bien"
	tabConclusion tab = "ket-luan"
)

var tabs = []tab{tabSummary, tabPlan, tabAgenda, tabAttendance, tabTalk, tabConclusion}

func (t tab) label() string {
	switch t {
	case tabPlan:
		return "Chuẩn bị"
	case tabAgenda:
		return "Chương trình"
	case tabAttendance:
		return "Điểm danh"
	case tabTalk:
		return "Diễn biến"
	case tabConclusion:
		return "Kết luận"
	}
	return "Tóm tắt"
}

func (t tab) path(id string) string {
	if t == tabSummary {
		return "/hop-giao-ban/" + id
	}
	return "/hop-giao-ban/" + id + "/" + string(t)
}

// formOf reads the form that was posted; the router has parsed it.
func formOf(r *http.Request) form { return form{web.Value(r, "form"), r.Form} }

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	list, err := s.List(ctx, who)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Hội nghị giao ban"), Nav: navKey, Head: pageHead(), Lead: web.T(ctx, "Các hội nghị của địa bàn và những hội nghị đơn vị được mời.")}
	if who.Has(auth.Brief) {
		page.Actions = web.LinkButton("/hop-giao-ban/moi", web.T(ctx, "Triệu tập hội nghị"), "")
	}
	return web.Show(w, r, page, listBody(list))
}

func (s *Service) show(t tab) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return s.page(w, r, t, nil) }
}

// page shows one view on a briefing, again with what is wrong when a form of it was not taken.
func (s *Service) page(w http.ResponseWriter, r *http.Request, t tab, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p, err := s.meeting(ctx, who, r.PathValue("id"), t)
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		p.typed = formOf(r)
	}
	page := web.Page{Title: viet.UpperFirst(p.Title()), Nav: navKey, Head: pageHead(), Crumbs: []web.Crumb{{Label: web.T(ctx, "Hội nghị giao ban"), Path: "/hop-giao-ban"}},
		Lead: p.UnitName + ", " + web.T(ctx, "%s đến %s", moment(p.Start, true), p.End.Format("15:04"))}
	if wrong != nil {
		return web.Invalid(w, r, p.typed.blame(wrong), page, meetingBody(p))
	}
	return web.Show(w, r, page, meetingBody(p))
}

// step answers one form of a briefing's page.
func (s *Service) step(t tab, done string, act func(context.Context, auth.Actor, string, form) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		if err := act(r.Context(), auth.From(r.Context()), id, formOf(r)); err != nil {
			return s.page(w, r, t, err)
		}
		if done != "" {
			done = web.T(r.Context(), done)
		}
		path := t.path(id)
		if anchor := web.Value(r, "neo"); anchor != "" && !strings.ContainsAny(anchor, "/?#&") {
			path += "#" + anchor
		}
		return web.Redirect(w, r, path, done)
	}
}

const (
	typeDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// download gives one of the briefing's documents as a file.
func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	ctx, who, id := r.Context(), auth.From(r.Context()), r.PathValue("id")
	paper, kind := web.Value(r, "giay"), web.Value(r, "dang")
	makers := map[string]func(context.Context, auth.Actor, string) (doc.Document, error){
		"moi": s.Invitation, "bien-ban": s.Minutes, "ket-luan": s.Notice, "nhiem-vu": s.TaskList,
	}
	names := map[string]string{"moi": "giay-moi", "bien-ban": "bien-ban", "ket-luan": "thong-bao-ket-luan", "nhiem-vu": "danh-muc-nhiem-vu"}
	build, ok := makers[paper]
	if !ok {
		return fault.NotFound()
	}
	m, err := s.ByID(ctx, who, id)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	contentType := ""
	switch {
	case kind == "ics" && paper == "moi":
		contentType = "text/calendar; charset=utf-8"
		if err := ICS(&b, m); err != nil {
			return err
		}
	case kind == "xlsx" && paper == "nhiem-vu":
		tasks, err := s.tasksOf(ctx, who, m)
		if err != nil {
			return err
		}
		contentType = typeXLSX
		if err := task.WriteXLSX(&b, tasks, s.clock.Today()); err != nil {
			return err
		}
	case kind == "docx" || kind == "pdf":
		d, err := build(ctx, who, id)
		if err != nil {
			return err
		}
		contentType = typeDOCX
		write := doc.DOCX
		if kind == "pdf" {
			contentType, write = "application/pdf", doc.PDF
		}
		if err := write(&b, d); err != nil {
			return err
		}
	default:
		return fault.NotFound()
	}
	web.Attachment(w, names[paper]+"-"+strings.ToLower(m.UnitCode)+"-"+m.Slug+"."+kind, contentType)
	_, err = w.Write(b.Bytes())
	return err
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error { return s.newPage(w, r, nil) }

func (s *Service) newPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p, ok := period.On(period.Quarter, s.clock.Today(), period.Calendar)
	if !ok {
		return fault.NotFound()
	}
	// At a quarter's very beginning the briefing is about the one that has just ended.
	if slug := web.Value(r, "ky"); slug != "" {
		var err error
		if p, err = period.FromSlug(slug); err != nil {
			return err
		}
	} else if p.From == s.clock.Today() {
		p = p.Previous()
	}
	setting, err := s.Setting(ctx, who, web.Value(r, "don-vi"), p)
	if err != nil {
		return err
	}
	head := setting.Heads[0]
	if web.Value(r, "he") != "" {
		for _, h := range setting.Heads {
			if systemText(h.System) == web.Value(r, "he") {
				head = h
			}
		}
	}
	x := newPage{Setting: setting, Head: head, Today: s.clock.Today()}
	if r.Method == http.MethodPost {
		x.typed = formOf(r)
	}
	page := web.Page{Title: web.T(ctx, "Triệu tập hội nghị giao ban %s", p.Name()), Nav: navKey, Head: pageHead(), Lead: setting.Place.Name,
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Hội nghị giao ban"), Path: "/hop-giao-ban"}}}
	if wrong != nil {
		return web.Invalid(w, r, x.typed.blame(wrong), page, newBody(x))
	}
	return web.Show(w, r, page, newBody(x))
}

func (s *Service) postConvene(w http.ResponseWriter, r *http.Request) error {
	ctx, who, f := r.Context(), auth.From(r.Context()), formOf(r)
	plan, err := readPlan(f)
	if err != nil {
		return s.newPage(w, r, err)
	}
	p, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return err
	}
	setting, err := s.Setting(ctx, who, web.Value(r, "don-vi"), p)
	if err != nil {
		return err
	}
	people, err := s.chosen(ctx, who, setting, plan, f)
	if err != nil {
		return s.newPage(w, r, err)
	}
	id, err := s.Convene(ctx, who, Convening{Unit: setting.Place.Code, Period: p.Code, Plan: plan, Participants: people})
	if err != nil {
		return s.newPage(w, r, err)
	}
	return web.Redirect(w, r, tabPlan.path(id), web.T(ctx, "Đã triệu tập hội nghị. Hãy kiểm tra thành phần dự và chương trình."))
}
