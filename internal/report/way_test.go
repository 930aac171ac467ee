package report_test

import (
	"net/http"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

func (s *site) notices(who auth.Actor) string {
	s.t.Helper()
	list, err := notice.New(s.db, s.clock).Mine(ctx, who)
	s.must(err)
	var out []string
	for _, n := range list {
		out = append(out, string(n.Kind))
	}
	return strings.Join(out, " ")
}

func TestOnlyWhatCameBackIsOpen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.save(s.ward, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
		one, two := s.say(s.ward, "P01.PN", report.Result, "Làm đường hoa"), s.say(s.ward, "P01.PN", report.Cause, "Mưa")
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 1, report.Sending{})
		s.must(err)
		edit := func(x report.Statement, text string) error {
			_, err := s.reports.EditStatement(ctx, s.ward, x.ID, x.Version, report.Statement{Kind: x.Kind, Text: text})
			return err
		}
		wantKind(t, "a statement of a report that is handed in", edit(one, "khác"), fault.KindRefused)
		in, _ := s.catalog.ByCode("DG01")
		_, err = s.reports.Return(ctx, s.office, "P01.PN", "2019-Q3", r.Version, []report.Reason{{About: report.AboutStatement + "no-such", Text: "x"}})
		wantKind(t, "a reason about what is not there", err, fault.KindInvalid)
		r, err = s.reports.Return(ctx, s.office, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Indicator: in.ID, Text: "Thiếu một khoản"}, {About: report.AboutStatement + one.ID, Text: "Ghi rõ tuyến"}})
		s.must(err)
		if got := s.notices(s.ward); got != string(report.NoticeReturned) {
			t.Errorf("the author is told %q", got)
		}
		wantKind(t, "a statement that no reason names", edit(two, "khác"), fault.KindRefused)
		_, err = s.reports.AddStatement(ctx, s.ward, "P01.PN", "2019-Q3", report.Statement{Kind: report.Work, Text: "x"})
		wantKind(t, "a new statement that nobody asked for", err, fault.KindRefused)
		s.must(edit(one, "Làm đường hoa khu phố 3"))
		v, err := s.reports.Body(ctx, s.ward, "P01.PN", "2019-Q3")
		s.must(err)
		if v.Mended() != 1 {
			t.Errorf("mended: %+v", v.Reasons)
		}
		s.save(s.ward, "P01.PN", s.q3, "DG01", "12 triệu đồng", "")
		r, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, report.Sending{})
		s.must(err)
		r, err = s.reports.Recall(ctx, s.ward, "P01.PN", "2019-Q3", r.Version)
		s.must(err)
		wantKind(t, "a recall opens nothing more", edit(two, "khác"), fault.KindRefused)
		r, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, report.Sending{})
		s.must(err)
		r, err = s.reports.Return(ctx, s.office, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Text: "Xem lại cả báo cáo"}})
		s.must(err)
		s.must(edit(two, "Mưa kéo dài"))
		if v, err = s.reports.Body(ctx, s.office, "P01.PN", "2019-Q3"); err != nil || len(v.Rounds) != 2 || v.Rounds[1].By != "Cán bộ office" || len(v.Rounds[1].Reasons) != 2 {
			t.Errorf("the returns are %+v, %v", v.Rounds, err)
		}
	})
}

func TestTheSiteSaysWhichStepsMayBeSkipped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		way := func(unit string, w report.WayRule) { s.must(s.reports.SetWay(ctx, system, unit, w)) }
		send := func(unit string) report.Report {
			r, err := s.reports.Submit(ctx, s.ward, unit, "2019-Q3", 0, report.Sending{Empty: true})
			s.must(err)
			return r
		}
		r := send("P01.PN")
		_, err := s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
		wantKind(t, "the head's step is not skipped", err, fault.KindRefused)
		way("", report.WayRule{Level: org.Commune, ValidFrom: "2020-01-01", Way: report.Way{SkipHead: true}, Reason: "từ năm sau"})
		_, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
		wantKind(t, "not yet", err, fault.KindRefused)
		way("P01", report.WayRule{ValidFrom: "2019-09-01", Way: report.Way{SkipHead: true, SkipOffice: true, Self: true}, Reason: "phường nhỏ"})
		r, err = s.reports.Approve(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
		if r.State != report.StateAccepted {
			t.Errorf("one step ends the way: %q", r.State)
		}
		way("", report.WayRule{ValidFrom: "2019-09-02", Reason: "cả thị xã đủ hai bước"})
		r, err = s.reports.Accept(ctx, s.office, "P01.ND", "2019-Q3", send("P01.ND").Version, "")
		s.must(err)
		if r.State != report.StateAccepted {
			t.Errorf("the rule nearest to the body counts: %q", r.State)
		}
		wantKind(t, "a way without a reason", s.reports.SetWay(ctx, system, "", report.WayRule{ValidFrom: "2019-09-02"}), fault.KindInvalid)
		if err := s.reports.SetWay(ctx, s.ward, "", report.WayRule{ValidFrom: "2019-09-02", Reason: "x"}); !isNotFound(err) {
			t.Errorf("a ward sets the site's way: %v", err)
		}
	})
}

func TestManyReportsAreAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		for unit, text := range map[string]string{"P01.PN": "10", "P01.ND": "5"} {
			s.save(s.ward, unit, s.q3, "MH01", text, "")
			r, err := s.reports.Submit(ctx, s.ward, unit, "2019-Q3", 0, report.Sending{})
			s.must(err)
			_, err = s.reports.Approve(ctx, s.head, unit, "2019-Q3", r.Version, "")
			s.must(err)
		}
		s.save(s.ward, "P01.ND", s.q3, "MH01", "6", "đếm sót") // changed after the approval
		_, list, err := s.reports.Ready(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if len(list) != 2 || list[0].Unit.Code != "P01.PN" || len(list[0].Findings) != 0 || len(list[1].Findings) != 1 {
			t.Fatalf("ready are %+v", list)
		}
		if _, _, err := s.reports.Ready(ctx, s.other, "TX", "2019-Q3"); !isNotFound(err) {
			t.Errorf("a sibling's list: %v", err)
		}
		n, refused, err := s.reports.AcceptMany(ctx, s.office, "2019-Q3", []report.Chosen{{Unit: "P01.ND", Version: 1}, {Unit: "P01.PN", Version: list[0].Report.Version}})
		s.must(err)
		if n != 1 || len(refused) != 1 || refused[0].Name != "Hội Nông dân phường Một" || !fault.Is(refused[0].Why, fault.KindConflict) {
			t.Errorf("accepted %d, refused %+v", n, refused)
		}
	})
}

func TestALateCorrectionIsPrintedByTheNextReport(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.save(s.ward, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
	s.accepted("P01.PN", 0)
	r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	_, err = s.reports.Freeze(ctx, s.office, r.ID, r.Version)
	s.must(err)
	body, err := s.reports.Find(ctx, s.office, "P01.PN", "2019-Q3", report.KindBody)
	s.must(err)
	if body.State != report.StateFrozen {
		t.Errorf("the body's report is %q", body.State)
	}
	_, err = s.reports.Reopen(ctx, s.office, "P01.PN", "2019-Q3", body.Version, []report.Reason{{Text: "x"}})
	wantKind(t, "a frozen report is not reopened", err, fault.KindRefused)
	s.save(s.ward, "P01.PN", s.q3, "DG01", "12 triệu đồng", "sót phiếu thu")
	if got := s.notices(s.head) + " " + s.notices(s.office); strings.Count(got, string(report.NoticeChanged)) != 2 {
		t.Errorf("who approved is told %q", got)
	}
	body, err = s.reports.Find(ctx, s.office, "P01.PN", "2019-Q3", report.KindBody)
	s.must(err)
	_, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", body.Version, "đã đối chiếu phiếu thu")
	s.must(err)
	s.period("2019-Q4")
	v, err := s.reports.Body(ctx, s.ward, "P01.PN", "2019-Q4")
	s.must(err)
	if len(v.Adjusted) != 1 || v.Adjusted[0].Approved != "10 triệu đồng" || v.Adjusted[0].Now != "12 triệu đồng" || v.Adjusted[0].Reason != "sót phiếu thu" {
		t.Errorf("the body's next report prints %+v", v.Adjusted)
	}
	s.save(s.ward, "P01.PN", s.period("2019-Q4"), "DG01", "3 triệu đồng", "")
	office := st.As(t, s.office)
	at := office.PostForm("/bao-cao", "don-vi", "TX", "ky", "2019-Q4").Is(http.StatusSeeOther).Location()
	office.Get(at).OK().Has("Điều chỉnh số liệu đã báo cáo", "đã báo cáo 10 triệu đồng, nay là")
	next, err := s.reports.Reissue(ctx, s.office, r.ID, "sửa số đóng góp")
	s.must(err)
	office.Get("/bao-cao/"+next.ID).OK().Has("So với bản đã ban hành trước", "đã báo cáo 10 triệu đồng, nay là")
}

func TestADeadlineIsExtendedForOneBody(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	office := st.As(t, s.office)
	const path = "/bao-cao-don-vi/P01.PN/2019-q3"
	office.Get(path).OK().Has("quá hạn 6 ngày").HasElement(`form[action$="/gia-han"]`)
	office.PostForm(path+"/gia-han", "extend-due", "2019-09-20", "extend-reason", "").Is(http.StatusUnprocessableEntity).Has("Hãy ghi lý do gia hạn", "phải sau hạn chung")
	office.PostForm(path+"/gia-han", "extend-due", "2019-10-05", "extend-reason", "Mất điện").Follow().OK().Has("gia hạn đến 05/10/2019").Lacks("quá hạn")
	if got := s.notices(s.ward); got != "" {
		t.Errorf("who sends for the place above is told %q", got)
	}
	b, err := s.reports.Board(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	for _, r := range b.Rows {
		if r.Missing == (r.Unit.Code == "P01.PN") {
			t.Errorf("%s: due %s, missing %v", r.Unit.Code, r.Due, r.Missing)
		}
	}
	st.As(t, s.other).PostForm(path+"/gia-han", "extend-due", "2019-10-06", "extend-reason", "x").Is(http.StatusNotFound)
	office.PostForm(path+"/gia-han", "extend-due", "", "extend-reason", "Có điện lại").Follow().OK().Has("quá hạn 6 ngày")
	p := period.New(s.db, s.clock)
	now, err := p.Find(ctx, system, "2019-Q3")
	s.must(err)
	list, err := p.Extensions(ctx, s.office, now)
	s.must(err)
	if len(list) != 2 || list[0].Due != "" || list[1].Reason != "Mất điện" {
		t.Errorf("extensions are %+v", list)
	}
	if list, err = p.Extensions(ctx, s.other, now); err != nil || len(list) != 0 {
		t.Errorf("a sibling sees %+v, %v", list, err)
	}
}

func TestOneResultOfTwoBodiesIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.save(s.ward, "P01.PN", s.q3, "TT02", "400", "")
	s.save(s.ward, "P01.ND", s.q3, "TT02", "404", "")
	s.save(s.other, "P02.PN", s.q3, "TT02", "400", "") // of another place
	s.save(s.ward, "P01.PN", s.q3, "TT01", "3", "")
	s.save(s.ward, "P01.ND", s.q3, "TT01", "3", "") // small figures are equal by chance
	s.save(s.ward, "P01.PN", s.q3, "CT09", "2", "")
	s.save(s.ward, "P01.ND", s.q3, "CT09", "2", "")
	in, _ := s.catalog.ByCode("CT09")
	for unit, text := range map[string]string{"P01.PN": "Làm đường hoa khu phố 3 dài hai cây số", "P01.ND": "Đường hoa khu phố 3, dài hai cây số"} {
		_, err := s.reports.AddStatement(ctx, s.ward, unit, "2019-Q3", report.Statement{Kind: report.Work, Text: text, Cells: []figure.Cell{{Unit: s.unit(unit).ID, Period: s.q3.ID, Indicator: in.ID}}})
		s.must(err)
	}
	_, list, err := s.reports.Twins(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	if len(list) != 2 || list[0].Indicator.Code != "CT09" || list[0].Text == "" || list[1].Indicator.Code != "TT02" || list[1].Unit.Code != "P01.PN" {
		t.Fatalf("proposed are %+v", list)
	}
	office := st.As(t, s.office)
	const path = "/bao-cao/trung"
	at := []string{"don-vi", "TX", "ky", "2019-q3", "cap", list[1].Key()}
	office.PostForm(path, append(at, "act", "same", "amount", "400", "reason", "")...).Is(http.StatusUnprocessableEntity)
	office.PostForm(path, append(at, "act", "same", "amount", "400", "reason", "Cùng buổi mít tinh")...).Follow().OK().Has("cùng một kết quả")
	tt02, _ := s.catalog.ByCode("TT02")
	total, err := s.figures.Totals(ctx, system, figure.Query{Unit: s.unit("P01"), Hierarchy: org.Territory, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: []period.Period{s.q3}})
	s.must(err)
	if got := total.Value(s.q3, tt02, 0).Number; got != 404 {
		t.Errorf("the ward's total is %d: the shared part counts twice", got)
	}
	office.PostForm(path, "don-vi", "TX", "ky", "2019-q3", "cap", list[0].Key(), "act", "distinct", "reason", "Hai đoạn khác nhau").Follow().OK().Has("Không thấy kết quả nào có thể tính hai lần")
	ward := st.As(t, s.ward)
	ward.Get(path + "?don-vi=P01&ky=2019-q3").OK()
	ward.Get(path + "?don-vi=TX&ky=2019-q3").Is(http.StatusNotFound)
}
