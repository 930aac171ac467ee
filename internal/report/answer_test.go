package report_test

import (
	"errors"
	"net/http"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/notice"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// questions gives the site a form that asks two questions of all bodies, and answers their items.
func (s *site) questions() (forms *form.Service, hard, wish string) {
	s.t.Helper()
	forms = form.New(s.db, s.clock, indicator.New(s.db, s.clock), s.figures)
	s.reports.AskBy(forms)
	code, err := forms.Add(ctx, system, form.Form{Code: "BM-1", Kind: period.Quarter}, "Biểu một")
	s.must(err)
	s.must(forms.Change(ctx, system, code, 1, "thử", func(v *form.Version) error {
		if err := v.PutSection(form.Section{Title: "Phần một"}, db.NewID); err != nil {
			return err
		}
		id := v.Sections[0].ID
		return errors.Join(v.PutItem(id, form.Item{Kind: form.Question, Label: "Khó khăn", Most: 500}, db.NewID),
			v.PutItem(id, form.Item{Kind: form.Question, Label: "Kiến nghị", Most: 500}, db.NewID))
	}))
	s.must(forms.Publish(ctx, system, code, 2, "1940-Q1", "Công văn 1"))
	s.must(forms.Assign(ctx, system, code, 3, form.Assignment{From: "1940-Q1", Targets: []form.Target{{}}}))
	sheet, err := forms.Sheet(ctx, s.ward, "P01.PN", "2019-Q3")
	s.must(err)
	return forms, sheet.Forms[0].Answers[0].Item.ID, sheet.Forms[0].Answers[1].Item.ID
}

// A return that names an answer opens that answer and nothing else, says why at its place, and tells who wrote it.
func TestAReturnNamesAnAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		forms, hard, wish := s.questions()
		s.save(s.ward, "P01.PN", s.q3, "TT01", "3", "")
		_, err := forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: hard, Text: "Thiếu kinh phí"}, {Item: wish, Text: "Cấp thêm"}})
		s.must(err)
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		_, err = s.reports.Return(ctx, s.head, "P01.PN", "2019-Q3", r.Version, []report.Reason{{About: report.AboutAnswer + "khong-co", Text: "Nêu rõ"}})
		wantKind(t, "a return about what no form asks", err, fault.KindInvalid)

		st := webtest.NewStage(t, func(r *web.Router) {
			s.reports.Mount(r)
			s.figures.Mount(r)
			forms.Mount(r)
		})
		head, ward := st.As(t, s.head), st.As(t, s.ward)
		const page = "/bao-cao-don-vi/P01.PN/2019-q3"
		head.Get(page + "?tra-lai=1").OK().HasElement(`input[name="o"][value="answer/` + hard + `"]`)
		head.PostForm(page+"/tra-lai", "version", "2", "r-answer/"+hard, "Nêu rõ thiếu bao nhiêu").Follow().OK().Has("Khó khăn")

		ward.Get(page).OK().Has("Nêu rõ thiếu bao nhiêu").HasElement(`a[href^="/so-lieu/P01.PN/2019-q3/cau-hoi#"]`)
		ward.Get("/so-lieu/P01.PN/2019-q3/cau-hoi").OK().Has("Bị trả lại để sửa: Nêu rõ thiếu bao nhiêu").
			HasElement(`textarea[name="a-` + hard + `"]`).LacksElement(`textarea[name="a-` + wish + `"]`)
		mine, err := notice.New(d, s.clock).Mine(ctx, s.ward)
		s.must(err)
		if len(mine) != 1 || mine[0].Kind != report.NoticeReturned {
			t.Errorf("the author is told %+v", mine)
		}
		in, _ := s.catalog.ByCode("TT01")
		_, _, err = s.figures.Save(ctx, s.ward, figure.Typed, "", []figure.Input{{Unit: s.unit("P01.PN").ID, Period: s.q3, Indicator: in, Quantity: quantity(t, "4", in), Expect: figure.Any}})
		wantKind(t, "a figure that nobody asked for", err, fault.KindRefused)
		_, err = forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: wish, Version: 1, Text: "Cấp thêm nhiều"}})
		wantKind(t, "an answer that nobody asked for", err, fault.KindRefused)
		ward.PostForm("/so-lieu/P01.PN/2019-q3/cau-hoi", "e-"+wish, "1", "a-"+wish, "Cấp thêm nhiều").Is(http.StatusConflict)
		_, err = forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: hard, Version: 1, Text: "Thiếu 3 triệu đồng"}, {Item: wish, Version: 1, Text: "Cấp thêm"}})
		s.must(err)
		v, err := s.reports.Body(ctx, s.head, "P01.PN", "2019-Q3")
		s.must(err)
		if len(v.Reasons) != 1 || !v.Reasons[0].Mended || v.Reasons[0].Name != "Khó khăn" {
			t.Errorf("the reasons are %+v", v.Reasons)
		}
		_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", v.Report.Version, report.Sending{})
		s.must(err)
		_, err = forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: hard, Version: 2, Text: "Thiếu"}})
		wantKind(t, "an answer of a report that is handed in", err, fault.KindRefused)
	})
}
