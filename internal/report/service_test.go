package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

func TestABodysReportGoesToTheOfficeAndBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		_, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		wantKind(t, "an empty report asks", err, fault.KindInvalid)
		if _, err := s.reports.Find(ctx, s.ward, "P01.PN", "2019-Q3", report.KindBody); !isNotFound(err) {
			t.Errorf("a refused submission left a report: %v", err)
		}
		s.save(s.ward, "P01.PN", s.q3, "DG01", "trên 10 triệu đồng", "")
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		if r.State != report.StateSent || r.SentBy != "ward" || report.DaysLate("2019-09-25", "2019-10-01") != 6 {
			t.Errorf("sent report is %+v", r)
		}
		_, err = s.reports.Approve(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, "")
		wantKind(t, "nobody approves their own report", err, fault.KindRefused)
		_, err = s.reports.Return(ctx, s.office, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Text: "  "}})
		wantKind(t, "a return without a reason", err, fault.KindInvalid)
		in, _ := s.catalog.ByCode("DG01")
		back, err := s.reports.Return(ctx, s.office, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Indicator: in.ID, Text: "Ghi rõ số."}, {Text: "Thiếu nguyên nhân."}})
		s.must(err)
		v, err := s.reports.Body(ctx, s.ward, "P01.PN", "2019-Q3")
		s.must(err)
		if len(v.Reasons) != 2 || v.Reasons[0].Name != in.Name || v.Reasons[1].Name != "" || v.Mended() != 0 {
			t.Errorf("reasons are %+v", v.Reasons)
		}
		_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, report.Sending{})
		wantKind(t, "a submission on an old version", err, fault.KindConflict)
		r, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", back.Version, report.Sending{})
		s.must(err)
		r, err = s.reports.Recall(ctx, s.ward, "P01.PN", "2019-Q3", r.Version)
		s.must(err)
		r, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, report.Sending{})
		s.must(err)
		_, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
		wantKind(t, "the head has not approved", err, fault.KindRefused)
		r, err = s.reports.Approve(ctx, s.head, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
		if own, err := s.figures.Own(ctx, s.office, figure.Approved, s.unit("P01.PN"), []period.Period{s.q3}); err != nil || len(own) != 0 {
			t.Errorf("the head's approval filled the approved layer: %v, %v", own, err)
		}
		r, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
		own, err := s.figures.Own(ctx, s.office, figure.Approved, s.unit("P01.PN"), []period.Period{s.q3})
		s.must(err)
		if len(own) != 1 {
			t.Errorf("approved layer holds %d figures, want 1", len(own))
		}

		s.save(s.ward, "P01.PN", s.q3, "DG01", "12 triệu đồng", "kiểm lại sổ")
		v, err = s.reports.Body(ctx, s.office, "P01.PN", "2019-Q3")
		s.must(err)
		if len(v.Changes) != 1 || v.Changes[0].Approved != "trên 10 triệu đồng" || v.Changes[0].Now != "12 triệu đồng" {
			t.Errorf("changes after approval are %+v", v.Changes)
		}
		if len(v.Approvals) != 2 || v.Approvals[0].Step != report.StepOffice || len(v.Approvals[1].Changes) != 1 || v.Changes[0].By != "Cán bộ ward" || v.Changes[0].Reason != "kiểm lại sổ" {
			t.Errorf("approvals are %+v", v.Approvals)
		}
		_, err = s.reports.Accept(ctx, s.ward, "P01.PN", "2019-Q3", v.Report.Version, "đúng")
		wantKind(t, "nobody accepts their own changes", err, fault.KindRefused)
		_, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "đã đối chiếu")
		wantKind(t, "the page shows what stood before the change", err, fault.KindConflict)
		r, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", v.Report.Version, "đã đối chiếu")
		s.must(err)
		_, err = s.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "lần nữa")
		wantKind(t, "nothing has changed", err, fault.KindRefused)
		if v, err = s.reports.Body(ctx, s.office, "P01.PN", "2019-Q3"); err != nil || len(v.Changes) != 0 {
			t.Errorf("after the second approval: %+v, %v", v.Changes, err)
		}
	})
}

func TestWhoGaveTheFiguresDoesNotApproveThemWhoeverSentThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.save(s.office, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		_, err = s.reports.Approve(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
		wantKind(t, "the office typed it", err, fault.KindRefused)
		own, err := s.figures.Own(ctx, s.office, figure.Approved, s.unit("P01.PN"), []period.Period{s.q3})
		s.must(err)
		if len(own) != 0 {
			t.Errorf("a refused approval left %d approved figures", len(own))
		}
	})
}

func TestNobodyApprovesTheirOwnFiguresThroughADelegate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		// acting lends all that giver holds: their own grants count for the delegate.
		acting := func(who, giver auth.Actor) auth.Actor {
			who.For, who.ForName, who.Delegation, who.Grants = giver.Person, giver.Name, giver.Person, giver.Grants
			return who
		}
		for name, c := range map[string]struct {
			unit            string
			enters, submits auth.Actor
			approves        auth.Actor
		}{
			"the giver entered, the delegate approves":           {"P01.PN", s.office, s.ward, acting(s.other, s.office)},
			"the delegate entered for the giver, who approves":   {"P01.ND", acting(s.other, s.ward), s.office, s.ward},
			"who entered approves for another":                   {"P02.PN", s.other, s.office, acting(s.other, s.office)},
			"the delegate sent for the giver, who approves":      {"P01.PN", system, acting(s.other, s.ward), s.ward},
			"the giver sent, the delegate of the giver approves": {"P01.ND", system, s.ward, acting(s.other, s.ward)},
		} {
			code, of := "2019-Q3", s.q3
			if c.enters.IsSystem() {
				code, of = "2019-Q2", s.q2
			}
			s.save(c.enters, c.unit, of, "DG01", "10 triệu đồng", "")
			r, err := s.reports.Submit(ctx, c.submits, c.unit, code, 0, report.Sending{})
			s.must(err)
			_, err = s.reports.Approve(ctx, c.approves, c.unit, code, r.Version, "")
			wantKind(t, name, err, fault.KindRefused)
			if name != "the giver entered, the delegate approves" {
				continue
			}
			_, err = s.reports.Approve(ctx, acting(s.other, s.ward), c.unit, code, r.Version, "")
			wantKind(t, "for who sent it", err, fault.KindRefused)
		}
		s.save(system, "P02.PN", s.q2, "DG01", "10 triệu đồng", "")
		r, err := s.reports.Submit(ctx, s.other, "P02.PN", "2019-Q2", 0, report.Sending{})
		s.must(err)
		_, err = s.reports.Approve(ctx, acting(s.ward, s.office), "P02.PN", "2019-Q2", r.Version, "")
		s.must(err)
		v, err := s.reports.Body(ctx, s.office, "P02.PN", "2019-Q2")
		s.must(err)
		if v.DecidedBy != "Cán bộ ward, TUQ. Cán bộ office" || v.SentBy != "Cán bộ other" || v.History[0].By != v.DecidedBy {
			t.Errorf("decided by %q, sent by %q, history %q", v.DecidedBy, v.SentBy, v.History[0].By)
		}
	})
}

func TestOwnReportsAreApprovedWhereTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into setting(key, value) values ($1, 'yes')`, report.SelfApproval)
			return err
		}))
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{Empty: true})
		s.must(err)
		_, err = s.reports.Approve(ctx, s.ward, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
	})
}

func TestTheBoardShowsWhoIsExpected(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.save(s.ward, "P01.PN", s.q2, "DG01", "5 triệu đồng", "")
		s.save(s.ward, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
		s.save(s.ward, "P01.PN", s.q3, "DG02", "30", "")
		s.accepted("P01.PN", 0)
		b, err := s.reports.Board(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		got := map[string]report.Row{}
		for _, row := range b.Rows {
			got[row.Unit.Code] = row
		}
		if len(b.Rows) != 3 || got["TX.PN"].Unit.ID != 0 {
			t.Fatalf("rows are %+v", b.Rows)
		}
		if x := got["P01.PN"]; x.State != report.StateAccepted || x.DaysLate != 6 || x.Missing || x.Filled != 2 || x.Expected != 1 || x.Place != "Phường Một" {
			t.Errorf("P01.PN is %+v", x)
		}
		if x := got["P02.PN"]; x.State != report.StateNone || x.DaysLate != 6 || !x.Missing {
			t.Errorf("P02.PN is %+v", x)
		}
		sum, err := s.reports.Summary(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if diff := cmp.Diff(report.Summary{Expected: 3, Sent: 1, Late: 3, Missing: 2, Approved: 1, Accepted: 1}, sum); diff != "" {
			t.Error(diff)
		}
		s.must(s.reports.EndDuty(ctx, s.office, []string{"P02.PN"}, period.Quarter, "2019-10-01"))
		if b, err = s.reports.Board(ctx, s.office, "TX", "2019-Q3"); err != nil || len(b.Rows) != 3 {
			t.Errorf("the past keeps who was expected: %d, %v", len(b.Rows), err)
		}
		if b, err = s.reports.Board(ctx, s.office, "TX", "2019-Q4"); err != nil || len(b.Rows) != 2 {
			t.Errorf("from then on it is not expected: %d, %v", len(b.Rows), err)
		}
		s.must(s.reports.SetDuty(ctx, s.office, []string{"P02.PN"}, period.Quarter, "2019-10-01"))
		if b, err = s.reports.Board(ctx, s.office, "TX", "2019-Q4"); err != nil || len(b.Rows) != 3 {
			t.Errorf("asked again: %d, %v", len(b.Rows), err)
		}
		own, err := s.reports.Board(ctx, s.ward, "P01", "2019-Q3")
		s.must(err)
		if len(own.Rows) != 2 {
			t.Errorf("the ward's own board has %d rows, want 2", len(own.Rows))
		}
	})
}

func TestStatementsKeepTheirVersionsAndAreUndoneByEntry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		in, _ := s.catalog.ByCode("CT04")
		unit := s.unit("P01.PN")
		list := []report.Statement{
			{Unit: unit.ID, Period: s.q3.ID, Kind: report.Work, Text: "Làm 1,2 km đường bê tông", Topic: "Toàn dân đoàn kết", Ref: "00-01",
				Cells: []figure.Cell{{Unit: unit.ID, Period: s.q3.ID, Indicator: in.ID}}},
			{Unit: unit.ID, Period: s.q3.ID, Kind: report.Cause, Text: "Mưa kéo dài", Ref: "00-02"},
		}
		s.must(d.Write(ctx, func(tx *db.Tx) error { return s.reports.AddStatementsIn(ctx, tx, s.ward, "entry1", list) }))
		got, err := s.reports.Statements(ctx, s.office, "TX", "2019-Q3", true)
		s.must(err)
		if len(got) != 2 || got[0].ID != list[0].ID || len(got[0].Cells) != 1 || got[0].UnitCode != "P01.PN" {
			t.Fatalf("statements are %+v", got)
		}
		edited, err := s.reports.EditStatement(ctx, s.ward, list[1].ID, 1, report.Statement{Kind: report.Cause, Text: "Mưa kéo dài trong tháng 8"})
		s.must(err)
		theirs, err := s.reports.EditStatement(ctx, s.office, list[1].ID, 1, report.Statement{Kind: report.Cause, Text: "Bão"})
		wantKind(t, "an edit on an old version", err, fault.KindConflict)
		if theirs.Text != edited.Text {
			t.Errorf("the conflict shows %q, want %q", theirs.Text, edited.Text)
		}
		var removed, kept int
		s.must(d.Write(ctx, func(tx *db.Tx) (err error) {
			removed, kept, err = s.reports.UndoStatementsIn(ctx, tx, s.ward, "entry1")
			return err
		}))
		if removed != 1 || kept != 1 {
			t.Errorf("undo removed %d and kept %d, want 1 and 1", removed, kept)
		}
		versions, err := s.reports.Statement(ctx, s.ward, list[0].ID)
		s.must(err)
		if len(versions) != 2 || !versions[0].Removed || versions[1].Removed {
			t.Errorf("versions are %+v", versions)
		}
		if got, err = s.reports.Statements(ctx, s.ward, "P01.PN", "2019-Q3", false); err != nil || len(got) != 1 {
			t.Errorf("after the undo %d stand, %v", len(got), err)
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			return s.reports.AddStatementsIn(ctx, tx, s.ward, "e", []report.Statement{{Unit: unit.ID, Period: s.q3.ID, Kind: "gossip", Text: "x"}, {Unit: unit.ID, Period: s.q3.ID, Kind: report.Work}})
		})
		if n := len(fault.All(err)); n != 2 {
			t.Errorf("two bad statements give %d faults: %v", n, err)
		}
	})
}

// quarter fills a quarter: contributions of two wards, a plan, a model without a visit, a contradiction, statements.
func (s *site) quarter() {
	last := s.period("2018-Q3")
	s.save(s.ward, "P01.PN", last, "DG01", "8 triệu đồng", "")
	s.save(s.ward, "P01.PN", s.q2, "DG01", "5 triệu đồng", "")
	s.save(s.ward, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
	s.save(s.other, "P02.PN", s.q3, "DG01", "trên 7 triệu đồng", "")
	s.save(s.ward, "P01.PN", s.q3, "MH01", "3", "")
	s.save(s.ward, "P01.PN", s.q3, "GS04", "4", "")
	s.save(s.ward, "P01.PN", s.q3, "GS05", "1", "")
	s.plan("TX", "DG01", "100 triệu đồng")
	s.say(s.ward, "P01.PN", report.Shortfall, "Chưa có nhiều bước đột phá")
	s.say(s.ward, "P01.PN", report.Task, "Vận động {{xây}} nhà văn hóa")
	s.say(s.other, "P02.PN", report.Proposal, "Đề nghị hỗ trợ xi măng")
}

func text(w report.Written) string {
	var b strings.Builder
	for _, p := range w.Paragraphs {
		for _, s := range p {
			b.WriteString(s.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func section(t *testing.T, c report.Content, code string) report.Written {
	t.Helper()
	for _, w := range c.Sections {
		if w.Code == code {
			return w
		}
	}
	t.Fatalf("no section %s", code)
	return report.Written{}
}

func TestTheConsolidatedReportIsDraftedFromTheData(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.quarter()
		_, err := s.reports.Draft(ctx, s.office, "TX.PN", "2019-Q3")
		wantKind(t, "a body has no consolidated report", err, fault.KindRefused)
		r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		v, err := s.reports.View(ctx, s.office, r.ID)
		s.must(err)
		if len(v.Content.Problems) > 0 {
			t.Fatalf("the draft has problems: %v", v.Content.Problems)
		}
		dg := section(t, v.Content, "ket-qua.DG")
		for _, want := range []string{"trên 17 triệu đồng", "lũy kế từ đầu năm trên 22 triệu đồng", "tăng khoảng 112,50%", "đạt trên 22,00% kế hoạch (100 triệu đồng)"} {
			if !strings.Contains(text(dg), want) {
				t.Errorf("the topic lacks %q:\n%s", want, text(dg))
			}
		}
		if len(dg.Table) != 1 || dg.Table[0].Now.Text != "trên 17 triệu" || dg.Table[0].Last.Text != "8 triệu" || dg.Table[0].Pace != string(figure.AtRisk) || dg.Table[0].Reporting.Text != "2" {
			t.Errorf("the table is %+v", dg.Table)
		}
		weak := text(section(t, v.Content, "han-che"))
		for _, want := range []string{
			"còn 03 đơn vị chưa gửi báo cáo quý III năm 2019 (hạn 25/09/2019)", "khó đạt", "chưa có lượt hướng dẫn, kiểm tra: Hội LHPN phường Một (3 mô hình)",
			"có 4 kiến nghị sau giám sát, phản biện, mới có 1 kiến nghị được trả lời", "Chưa có nhiều bước đột phá (Hội LHPN phường Một)",
		} {
			if !strings.Contains(weak, want) {
				t.Errorf("the shortcomings lack %q:\n%s", want, weak)
			}
		}
		if tasks := text(section(t, v.Content, "nhiem-vu")); !strings.Contains(tasks, "Vận động { {xây}} nhà văn hóa") {
			t.Errorf("tasks are %q", tasks)
		}
		for _, n := range v.Content.Numbers {
			if n.URL == "" || n.Short == "" {
				t.Errorf("number without an address: %+v", n)
			}
		}
		short, err := s.reports.Shortcomings(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		for _, x := range short {
			if len(x.Evidence) == 0 || strings.Contains(x.Text, "{{") {
				t.Errorf("shortcoming without evidence: %+v", x)
			}
		}
	})
}

func TestUnknownUnitAndContradictionAreNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.save(s.ward, "P01.PN", s.q3, "CT09", "2", "")
	s.save(s.other, "P02.PN", s.q3, "CT09", "3", "")
	in, _ := s.catalog.ByCode("CT09")
	one, two := s.unit("P01.PN"), s.unit("P02.PN")
	s.must(s.figures.SetOverlap(ctx, s.office, s.q3, figure.Overlap{Cell: figure.Cell{Unit: one.ID, Period: s.q3.ID, Indicator: in.ID}, Other: two.ID, Reason: "cùng làm một tuyến"}))
	money, _ := s.catalog.ByCode("DG01")
	_, _, err := s.figures.Save(ctx, s.ward, figure.Typed, "", []figure.Input{{Unit: one.ID, Period: s.q3, Indicator: money, Quantity: quantity(t, "50 triệu đồng", money), Expect: figure.Any,
		Companions: []figure.Companion{{Role: figure.Target, Value: 100_000_000, Unit: "đồng"}, {Role: figure.Percent, Value: 60, Label: "kế hoạch", Qualifier: 1}}}})
	s.must(err)
	short, err := s.reports.Shortcomings(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	rules := map[report.Rule]report.Shortcoming{}
	for _, x := range short {
		rules[x.Rule] = x
	}
	if x := rules[report.DoubleCount]; !strings.Contains(x.Text, "Hội LHPN phường Hai") || !strings.Contains(x.Text, "cùng làm một tuyến") {
		t.Errorf("the overlap of unknown amount is told as %q", x.Text)
	}
	if x := rules[report.Contradiction]; !strings.Contains(x.Text, "60%") || !slices.ContainsFunc(x.Evidence, func(l report.Link) bool { return strings.HasPrefix(l.URL, "/so/P01.PN/2019-q3/DG01") }) {
		t.Errorf("the contradiction is told as %+v", x)
	}
}

func TestEditingRefusesNumbersThatLeadNowhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.quarter()
		r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		for bad, want := range map[string]string{
			"a\n{{DG1}}":               "Dòng 2: {{DG1}}: không có chỉ tiêu mã “DG1”. Có phải: DG01",
			"{{AS07.SAU}}":             "AS07.SUA (Sửa chữa)",
			"{{DG01 | đơn vị=P01.PM}}": "P01.PN (Hội LHPN phường Một)",
			"{{AS07.SUA | kế hoạch}}":  "không giao cho từng phần",
			"{{DG01":                   "không đóng bằng }}",
		} {
			_, err := s.reports.EditSection(ctx, s.office, r.ID, "tinh-hinh", 1, bad)
			if !fault.Is(err, fault.KindInvalid) || !strings.Contains(fault.Text(err), want) {
				t.Errorf("%q: %v, want %q", bad, err, want)
			}
		}
		sec, err := s.reports.EditSection(ctx, s.office, r.ID, "tinh-hinh", 1, "Riêng Hội LHPN: {{DG01 | đơn vị=P01.PN}}, kỳ trước {{DG01 | kỳ trước | đơn vị=P01.PN}}; xã {{DG01|đơn vị=P02}}; {{DG02}}.")
		s.must(err)
		v, err := s.reports.View(ctx, s.office, r.ID)
		s.must(err)
		if got := text(section(t, v.Content, "tinh-hinh")); got != "Riêng Hội LHPN: 10 triệu đồng, kỳ trước 5 triệu đồng; xã trên 7 triệu đồng; chưa có số liệu.\n" {
			t.Errorf("the section reads %q", got)
		}
		theirs, err := s.reports.EditSection(ctx, s.office, r.ID, "tinh-hinh", 1, "khác")
		wantKind(t, "an edit on an old version", err, fault.KindConflict)
		if theirs.Text != sec.Text || theirs.Version != 2 {
			t.Errorf("the conflict shows %+v", theirs)
		}

		s.save(s.ward, "P01.ND", s.q3, "DG02", "40", "")
		offers, err := s.reports.Offers(ctx, s.office, r.ID)
		s.must(err)
		edited := slices.IndexFunc(offers, func(o report.Offer) bool { return o.Code == "tinh-hinh" })
		if edited < 0 || !offers[edited].Edited {
			t.Fatalf("offers are %+v", offers)
		}
		r, err = s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if v, err = s.reports.View(ctx, s.office, r.ID); err != nil || v.Sections["tinh-hinh"].Text != sec.Text {
			t.Errorf("drafting again overwrote an edited section: %q, %v", v.Sections["tinh-hinh"].Text, err)
		}
		if got := text(section(t, v.Content, "ket-qua.DG")); !strings.Contains(got, "40 ngày công") {
			t.Errorf("drafting again left an unedited section: %q", got)
		}
		r, err = s.reports.Redraft(ctx, s.office, r.ID, r.Version, []string{"tinh-hinh"})
		s.must(err)
		if v, err = s.reports.View(ctx, s.office, r.ID); err != nil || v.Sections["tinh-hinh"].Edited() {
			t.Errorf("asked for, the section was not drafted: %+v, %v", v.Sections["tinh-hinh"], err)
		}
	})
}

func TestAFrozenReportStaysByteForByte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.quarter()
		s.must(s.units.Appoint(ctx, system, "TX.MT", org.Office{Person: "Nguyễn Văn Mẫu", Title: "Phó Chủ tịch", Rank: 1, ValidFrom: "2018-01-01"}))
		r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		_, err = s.reports.Freeze(ctx, s.office, r.ID, r.Version-1)
		wantKind(t, "freezing what has moved on", err, fault.KindConflict)
		f, err := s.reports.Freeze(ctx, s.office, r.ID, r.Version)
		s.must(err)
		sum := sha256.Sum256(f.JSON)
		if hex.EncodeToString(sum[:]) != f.SHA256 || len(f.Content.Numbers) == 0 {
			t.Errorf("the hash of the bytes is not %s", f.SHA256)
		}
		files := func() map[string][]byte {
			out := map[string][]byte{}
			for _, format := range []string{"docx", "pdf", "xlsx"} {
				x, err := s.reports.Export(ctx, s.office, r.ID, format)
				s.must(err)
				out[format] = x.Data
			}
			return out
		}
		before := files()

		s.save(s.ward, "P01.PN", s.q3, "DG01", "11 triệu đồng", "sót phiếu thu")
		s.must(s.units.Rename(ctx, system, "P01.PN", s.unit("P01.PN").Version, "2019-07-01", "Hội Phụ nữ phường Một", "Hội Phụ nữ", org.Commune))
		again, err := s.reports.Frozen(ctx, s.office, r.ID)
		s.must(err)
		if !bytes.Equal(again.JSON, f.JSON) || again.SHA256 != f.SHA256 {
			t.Error("a correction changed a frozen report")
		}
		for format, data := range files() {
			if !bytes.Equal(data, before[format]) {
				t.Errorf("a correction changed the frozen report's %s", format)
			}
		}
		diff, err := s.reports.Differences(ctx, s.office, r.ID)
		s.must(err)
		at := slices.IndexFunc(diff, func(x report.Difference) bool { return x.Frozen.Code == "DG01" && x.Frozen.Of == report.ThisPeriod })
		if at < 0 || diff[at].Frozen.Text != "trên 17 triệu đồng" || diff[at].Now.Text != "trên 18 triệu đồng" {
			t.Errorf("the difference after freezing is not told: %+v", diff)
		}
		_, err = s.reports.EditSection(ctx, s.office, r.ID, "tinh-hinh", 1, "sửa")
		wantKind(t, "editing a frozen report", err, fault.KindRefused)
		_, err = s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		wantKind(t, "drafting over a frozen report", err, fault.KindRefused)

		_, err = s.reports.Reissue(ctx, s.office, r.ID, "")
		wantKind(t, "a new issue without a reason", err, fault.KindInvalid)
		next, err := s.reports.Reissue(ctx, s.office, r.ID, "sửa số đóng góp")
		s.must(err)
		if old, err := s.reports.Issued(ctx, s.office, "TX", "2019-Q3"); err != nil || old.ID != r.ID || old.SupersededBy != "" {
			t.Errorf("the old issue does not count until the new one is frozen: %+v, %v", old, err)
		}
		f2, err := s.reports.Freeze(ctx, s.office, next.ID, next.Version)
		s.must(err)
		if f2.SHA256 == f.SHA256 {
			t.Error("the new issue has the old one's hash")
		}
		if old, err := s.reports.ByID(ctx, s.office, r.ID); err != nil || old.SupersededBy != next.ID {
			t.Errorf("the old issue is not superseded: %+v, %v", old, err)
		}
		if now, err := s.reports.Issued(ctx, s.office, "TX", "2019-Q3"); err != nil || now.ID != next.ID {
			t.Errorf("the issue that counts is %+v, %v", now, err)
		}

		doc1, err := s.reports.Document(ctx, s.office, r.ID)
		s.must(err)
		if sign := doc1.Signatures[0]; sign.Name != "Nguyễn Văn Mẫu" || sign.Office != "Phó Chủ tịch" || len(sign.Authorities) != 2 || doc1.Symbol != "MTTQ-BTT" || doc1.Kind != doc.Report {
			t.Errorf("the document is signed %+v", doc1.Signatures)
		}
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update report_frozen set json = replace(json, 'trên 17', 'trên 99') where report = $1`, r.ID)
			return err
		}))
		if _, err := s.reports.Frozen(ctx, s.office, r.ID); err == nil || len(fault.All(err)) > 0 {
			t.Errorf("bytes changed by hand are read as good: %v", err)
		}
	})
}

func TestTheApprovedLayerHoldsApprovedNumbersOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.quarter()
	s.accepted("P01.PN", 1) // begun by its statements
	r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	r, err = s.reports.UseLayer(ctx, s.office, r.ID, r.Version, figure.Approved)
	s.must(err)
	v, err := s.reports.View(ctx, s.office, r.ID)
	s.must(err)
	if got := section(t, v.Content, "ket-qua.DG").Table[0]; got.Now.Text != "10 triệu" || !strings.Contains(got.Now.URL, "lop=duyet") {
		t.Errorf("the approved number is %+v", got.Now)
	}
}

func TestClosedPeriodTakesNoReport(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.save(s.ward, "P01.PN", s.q3, "DG01", "10 triệu đồng", "")
	p := period.New(s.db, s.clock)
	now, err := p.Find(ctx, system, "2019-Q3")
	s.must(err)
	s.must(p.Close(ctx, system, "2019-Q3", now.Version, "hết hạn"))
	_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
	wantKind(t, "a report for a closed period", err, fault.KindRefused)
	_, err = s.reports.AddStatement(ctx, s.ward, "P01.PN", "2019-Q3", report.Statement{Kind: report.Work, Text: "x"})
	wantKind(t, "a statement for a closed period", err, fault.KindRefused)
}

func TestOfficerOfASiblingWardSeesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.quarter()
		x := s.say(s.ward, "P01.PN", report.Result, "Riêng của phường Một")
		body, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 1, report.Sending{})
		s.must(err)
		town, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		mine, err := s.reports.Draft(ctx, s.ward, "P01", "2019-Q3")
		s.must(err)
		who := s.other
		try := map[string]func() error{
			"find":         func() error { _, err := s.reports.Find(ctx, who, "P01.PN", "2019-Q3", report.KindBody); return err },
			"find town":    func() error { _, err := s.reports.Find(ctx, who, "TX", "2019-Q3", report.KindConsolidated); return err },
			"issued":       func() error { _, err := s.reports.Issued(ctx, who, "TX", "2019-Q3"); return err },
			"by id":        func() error { _, err := s.reports.ByID(ctx, who, body.ID); return err },
			"town by id":   func() error { _, err := s.reports.ByID(ctx, who, town.ID); return err },
			"body":         func() error { _, err := s.reports.Body(ctx, who, "P01.PN", "2019-Q3"); return err },
			"view":         func() error { _, err := s.reports.View(ctx, who, mine.ID); return err },
			"view town":    func() error { _, err := s.reports.View(ctx, who, town.ID); return err },
			"board":        func() error { _, err := s.reports.Board(ctx, who, "P01", "2019-Q3"); return err },
			"board town":   func() error { _, err := s.reports.Board(ctx, who, "TX", "2019-Q3"); return err },
			"summary":      func() error { _, err := s.reports.Summary(ctx, who, "P01", "2019-Q3"); return err },
			"shortcomings": func() error { _, err := s.reports.Shortcomings(ctx, who, "P01", "2019-Q3"); return err },
			"statements":   func() error { _, err := s.reports.Statements(ctx, who, "P01.PN", "2019-Q3", false); return err },
			"statement":    func() error { _, err := s.reports.Statement(ctx, who, x.ID); return err },
			"duties":       func() error { _, err := s.reports.Duties(ctx, who, "P01", period.Quarter, "2019-09-30"); return err },
			"offers":       func() error { _, err := s.reports.Offers(ctx, who, mine.ID); return err },
			"frozen":       func() error { _, err := s.reports.Frozen(ctx, who, mine.ID); return err },
			"differences":  func() error { _, err := s.reports.Differences(ctx, who, mine.ID); return err },
			"document":     func() error { _, err := s.reports.Document(ctx, who, mine.ID); return err },
			"export":       func() error { _, err := s.reports.Export(ctx, who, mine.ID, "pdf"); return err },
			"submit": func() error {
				_, err := s.reports.Submit(ctx, who, "P01.PN", "2019-Q3", 2, report.Sending{Empty: true})
				return err
			},
			"recall": func() error { _, err := s.reports.Recall(ctx, who, "P01.PN", "2019-Q3", body.Version); return err },
			"accept": func() error { _, err := s.reports.Accept(ctx, who, "P01.PN", "2019-Q3", body.Version, ""); return err },
			"reopen": func() error {
				_, err := s.reports.Reopen(ctx, who, "P01.PN", "2019-Q3", body.Version, []report.Reason{{Text: "x"}})
				return err
			},
			"approve": func() error { _, err := s.reports.Approve(ctx, who, "P01.PN", "2019-Q3", body.Version, ""); return err },
			"return": func() error {
				_, err := s.reports.Return(ctx, who, "P01.PN", "2019-Q3", body.Version, []report.Reason{{Text: "x"}})
				return err
			},
			"say": func() error {
				_, err := s.reports.AddStatement(ctx, who, "P01.PN", "2019-Q3", report.Statement{Kind: report.Work, Text: "x"})
				return err
			},
			"edit": func() error {
				_, err := s.reports.EditStatement(ctx, who, x.ID, 1, report.Statement{Kind: report.Work, Text: "x"})
				return err
			},
			"remove":   func() error { _, err := s.reports.RemoveStatement(ctx, who, x.ID, 1, "x"); return err },
			"draft":    func() error { _, err := s.reports.Draft(ctx, who, "P01", "2019-Q3"); return err },
			"section":  func() error { _, err := s.reports.EditSection(ctx, who, mine.ID, "tinh-hinh", 1, "x"); return err },
			"freeze":   func() error { _, err := s.reports.Freeze(ctx, who, mine.ID, mine.Version); return err },
			"reissue":  func() error { _, err := s.reports.Reissue(ctx, who, mine.ID, "x"); return err },
			"duty":     func() error { return s.reports.SetDuty(ctx, who, []string{"P01.PN"}, period.Quarter, "2019-01-01") },
			"end duty": func() error { return s.reports.EndDuty(ctx, who, []string{"P01.PN"}, period.Quarter, "2019-01-01") },
		}
		for name, read := range try {
			if err := read(); !isNotFound(err) {
				t.Errorf("%s: %v, want not found", name, err)
			}
		}
		list, err := s.reports.Consolidated(ctx, who)
		s.must(err)
		if len(list) != 0 {
			t.Errorf("the sibling sees %d consolidated reports", len(list))
		}
		if list, err = s.reports.Consolidated(ctx, s.ward); err != nil || len(list) != 1 || list[0].ID != mine.ID {
			t.Errorf("the ward sees %+v, %v", list, err)
		}
		var topics []string
		if topics, err = s.reports.TopicsUsed(ctx, who); err != nil || len(topics) != 0 {
			t.Errorf("the sibling sees the topics %v, %v", topics, err)
		}
		// A ward's text may not name a sibling's unit either.
		_, err = s.reports.EditSection(ctx, s.ward, mine.ID, "tinh-hinh", 1, "{{DG01 | đơn vị=P02.PN}}")
		if !fault.Is(err, fault.KindInvalid) || strings.Contains(fault.Text(err), "phường Hai") {
			t.Errorf("a sibling's number in a text: %v", err)
		}
		visitor := auth.Actor{}
		if _, err := s.reports.Consolidated(ctx, visitor); !isNotFound(err) {
			t.Errorf("a visitor lists reports: %v", err)
		}
	})
}
