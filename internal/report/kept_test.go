package report_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/notice"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/web/webtest"
)

// courses tells each body as text: due, how full, days late, returns of the third quarter.
func (s *site) courses() string {
	s.t.Helper()
	c, err := s.reports.Courses(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	var out []string
	for _, b := range c.Bodies {
		k := b.Kept[0]
		out = append(out, fmt.Sprintf("%s %s %d/%d +%d r%d %v", b.Unit.Code, k.Due, k.Have, k.Asked, k.Late, k.Returned, k.InTime()))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// How full the forms were on their day is written down then, from what stood then, and stays whatever becomes of the forms.
func TestHowTheDayWasKeptIsHistory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		forms := s.asks() // closes on Friday 27 September; P02.PN is asked for no form and owes its report on the 25th
		at := func(day string) {
			when, err := time.ParseInLocation("2006-01-02 15:04:05.000", day, clock.Zone)
			s.must(err)
			s.clock.Advance(when.Sub(s.clock.Now()))
		}
		at("2019-09-27 23:59:59.999")
		s.save(s.ward, "P01.PN", s.q3, "TT01", "3", "")
		s.save(s.ward, "P01.ND", s.q3, "TT01", "3", "")
		s.save(s.ward, "P01.ND", s.q3, "HV01", "3", "")
		s.save(s.ward, "P01.ND", s.q3, "HV03", "1", "")
		if _, err := s.reports.Submit(ctx, s.ward, "P01.ND", "2019-Q3", 0, report.Sending{}); err != nil {
			t.Fatal(err)
		}
		s.must(s.reports.KeepAll(ctx))
		if got := s.courses(); got != "P01.ND  0/0 +0 r0 false; P01.PN  0/0 +0 r0 false; P02.PN 2019-09-25 0/0 +2 r0 false" {
			t.Errorf("on the last day: %s", got)
		}
		at("2019-09-28 00:00:00.000")
		s.save(s.ward, "P01.PN", s.q3, "TT02", "3", "") // too late to count
		at("2019-10-01 08:00:00.000")
		s.must(s.reports.KeepAll(ctx))
		const kept = "P01.ND 2019-09-27 2/3 +0 r0 true; P01.PN 2019-09-27 1/3 +2 r0 false; P02.PN 2019-09-25 0/0 +4 r0 false"
		if got := s.courses(); got != kept {
			t.Errorf("after it: %s", got)
		}
		// From the same period on the form is asked of nobody but P01.PN.
		s.must(forms.Assign(ctx, system, "BM-1", 4, form.Assignment{From: "2019-Q3", Targets: []form.Target{{}}, Exceptions: []form.Exception{{Unit: s.unit("P02.PN").ID}, {Unit: s.unit("P01.ND").ID}}}))
		s.must(s.reports.KeepAll(ctx))
		if got := s.courses(); got != kept {
			t.Errorf("after the form was taken back: %s", got)
		}
		// Another day, given late: what is due now is due by it.
		periods := period.New(d, s.clock)
		s.must(periods.Extend(ctx, s.office, "2019-Q3", "P01.PN", "2019-10-02", "lũ lụt"))
		s.must(s.reports.KeepAll(ctx))
		if got := s.courses(); !strings.Contains(got, "; P01.PN  0/0 +0 r0 false; ") {
			t.Errorf("with another day to come: %s", got)
		}
		s.save(s.ward, "P01.PN", s.q3, "HV01", "3", "")
		s.save(s.ward, "P01.PN", s.q3, "HV03", "1", "")
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		_, err = s.reports.Return(ctx, s.head, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Text: "xem lại"}})
		s.must(err)
		at("2019-10-03 09:00:00.000")
		s.must(s.reports.KeepAll(ctx))
		if got := s.courses(); !strings.HasPrefix(got, "P01.ND 2019-09-27 2/3 +0 r0 true; P01.PN 2019-10-02 3/3 +0 r1 true; ") {
			t.Errorf("after the other day: %s", got)
		}
		if c, err := s.reports.Courses(ctx, s.ward, "TX", "2019-Q3"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward sees the town's bodies: %+v, %v", c, err)
		}

		st := webtest.NewStage(t, s.reports.Mount)
		office := st.As(t, s.office)
		page := office.Get("/tien-do/qua-cac-ky?don-vi=TX&ky=2019-q3&xep=cham").OK().Has("trả lại 1 lần", "đúng hạn", "chưa gửi, quá hạn 6 ngày", "66%")
		if first := page.Find("tbody th").First().Text(); !strings.Contains(first, "phường Hai") {
			t.Errorf("the latest one is %q", first)
		}
		office.Get("/tien-do/qua-cac-ky?don-vi=TX&ky=2019-q3&tim=nong+dan").OK().Has("Nông dân").Lacks("LHPN")
		file := office.Get("/tien-do/qua-cac-ky/tai?don-vi=TX&ky=2019-q3").OK()
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.Body), "\ufeff"))).ReadAll()
		s.must(err)
		n := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "P01.PN" && row[2] == "2019-Q3" })
		if got := strings.Join(rows[max(n, 0)], "|"); got != "P01.PN|Hội LHPN phường Một|2019-Q3|2019-10-02|2019-10-01|0|1|3|3|100" {
			t.Errorf("the file says %s", got)
		}
		st.As(t, s.ward).Get("/tien-do/qua-cac-ky?don-vi=TX&ky=2019-q3").Is(http.StatusNotFound)
		if p, err := s.reports.Progress(ctx, s.office, "TX", "2019-Q4"); err != nil || p.Lines[1].Past != (report.Past{InTime: 1, Of: 2}) {
			t.Errorf("the next board says %+v, %v", p.Lines, err)
		}
	})
}

// A body asks for another day, the office gives or refuses it, the body takes it back; both sides are told and see it.
func TestABodyAsksForAnotherDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.reports.AskBy(form.New(d, s.clock, indicator.New(d, s.clock), s.figures))
		officer := s.person("canbo", "P01.ND", auth.View, auth.Enter, auth.Submit)
		periods := period.New(d, s.clock)
		st := webtest.NewStage(t, s.reports.Mount)
		mine, ward, office := st.As(t, officer), st.As(t, s.ward), st.As(t, s.office)
		const page = "/bao-cao-don-vi/P01.ND/2019-q3"
		notices := notice.New(d, s.clock)
		told := func(who auth.Actor, want string) {
			t.Helper()
			list, err := notices.Mine(ctx, who)
			s.must(err)
			if len(list) == 0 || !strings.Contains(fmt.Sprintf(list[0].Text, toAny(list[0].Args)...), want) {
				t.Errorf("%s is told %+v, want %q", who.Person, list, want)
			}
		}
		ask := func(due string) *webtest.Page {
			return mine.PostForm(page+"/xin-gia-han", "plea-due", due, "plea-reason", "Ngập lụt")
		}
		ask("2019-09-25").Is(http.StatusUnprocessableEntity).Has("phải sau hạn hiện nay")
		mine.PostForm(page+"/xin-gia-han", "plea-due", "2019-10-05", "plea-reason", " ").Is(http.StatusUnprocessableEntity).Has("lý do xin gia hạn")
		mine.PostForm(page+"/rut-xin-gia-han", "version", "0").Is(http.StatusConflict)
		ask("2019-10-05").Follow().OK().Has("xin gia hạn nộp báo cáo đến ngày 05/10/2019")
		told(s.ward, "xin gia hạn nộp báo cáo") // the nearest office, not the town's
		if n, err := notices.Unread(ctx, s.office); err != nil || n != 0 {
			t.Errorf("the town's office is told too: %d, %v", n, err)
		}
		ask("2019-10-06").Is(http.StatusConflict)
		office.Get("/tien-do?don-vi=TX&ky=2019-q3").OK().Has("xin gia hạn đến 05/10/2019", "Xin gia hạn 1")
		mine.PostForm(page+"/khong-gia-han", "version", "1", "plea-answer", "Không").Is(http.StatusNotFound)
		st.As(t, s.other).PostForm(page+"/khong-gia-han", "version", "1", "plea-answer", "Không").Is(http.StatusNotFound)
		ward.PostForm(page+"/khong-gia-han", "version", "1", "plea-answer", "").Is(http.StatusUnprocessableEntity)
		ward.PostForm(page+"/khong-gia-han", "version", "1", "plea-answer", "Đã quá lâu").Follow().OK()
		ward.PostForm(page+"/khong-gia-han", "version", "1", "plea-answer", "Đã quá lâu").Is(http.StatusConflict)
		told(officer, "không được gia hạn")
		mine.Get(page).OK().Has("Đã quá lâu")
		ask("2019-10-06").Follow().OK()
		mine.PostForm(page+"/rut-xin-gia-han", "version", "2").Follow().OK().Lacks("xin gia hạn nộp báo cáo đến ngày")
		ask("2019-10-07").Follow().OK()
		s.must(periods.Extend(ctx, s.ward, "2019-Q3", "P01.ND", "2019-10-04", "Ngập lụt"))
		told(officer, "nay là ngày 04/10/2019")
		mine.Get(page).OK().Lacks("xin gia hạn nộp báo cáo đến ngày").Lacks("quá hạn")
		office.Get("/tien-do?don-vi=TX&ky=2019-q3").OK().Has("gia hạn đến 04/10/2019").Lacks("xin gia hạn đến")
		s.must(periods.Extend(ctx, s.ward, "2019-Q3", "P01.ND", "", "hết lũ"))
		mine.Get(page).OK().Has("quá hạn")
		if _, err := s.reports.Submit(ctx, officer, "P01.ND", "2019-Q3", 0, report.Sending{Empty: true}); err != nil {
			t.Fatal(err)
		}
		ask("2019-10-09").Is(http.StatusConflict).Has("Báo cáo đã gửi rồi")
	})
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}
