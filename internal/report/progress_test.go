package report_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/notice"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// asks gives the site a form of the third quarter that closes on 1 October: TT01, TT02 and a compulsory HV01, of all bodies.
func (s *site) asks() *form.Service {
	s.t.Helper()
	forms := form.New(s.db, s.clock, indicator.New(s.db, s.clock), s.figures)
	s.reports.AskBy(forms)
	code, err := forms.Add(ctx, system, form.Form{Code: "BM-1", Kind: period.Quarter}, "Biểu một")
	s.must(err)
	s.must(forms.Change(ctx, system, code, 1, "thử", func(v *form.Version) error {
		if err := v.SetFrame("Biểu một", "", -20, -1, []int{1, 2}); err != nil {
			return err
		}
		if err := v.PutSection(form.Section{Title: "Phần một"}, db.NewID); err != nil {
			return err
		}
		for _, c := range []string{"TT01", "TT02", "HV01"} {
			in, _ := s.catalog.ByCode(c)
			if err := v.PutItem(v.Sections[0].ID, form.Item{Kind: form.Cell, Indicator: in.ID, Compulsory: c == "HV01"}, db.NewID); err != nil {
				return err
			}
		}
		return nil
	}))
	s.must(forms.Publish(ctx, system, code, 2, "2019-Q3", "Công văn 1"))
	s.must(forms.Assign(ctx, system, code, 3, form.Assignment{From: "2019-Q3", Targets: []form.Target{{}}, Exceptions: []form.Exception{{Unit: s.unit("P02.PN").ID}}}))
	return forms
}

// board tells each line as text: code, state, cells, days late.
func (s *site) board(who auth.Actor, a report.Ask) string {
	s.t.Helper()
	p, err := s.reports.Progress(ctx, who, "TX", "2019-Q3")
	s.must(err)
	var out []string
	for _, l := range p.Pick(a).Lines {
		text := l.Unit.Code
		for _, c := range l.Cells {
			text += fmt.Sprintf(" %v:%d/%d-%d", c.Asked, c.Have, c.All, c.Lacks)
		}
		out = append(out, fmt.Sprintf("%s +%d", text, l.Days))
	}
	return strings.Join(out, "; ")
}

func TestTheBoardOfBodiesByForms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.asks()
		want := func(a report.Ask, want string) {
			t.Helper()
			if got := s.board(s.office, a); got != want {
				t.Errorf("%+v: the board says\n%s\nwant\n%s", a, got, want)
			}
		}
		// The form closed on Friday 27 September; today is Tuesday 1 October.
		want(report.Ask{Name: "nong dan"}, "P01.ND true:0/3-1 +2")
		s.save(s.ward, "P01.ND", s.q3, "TT01", "0", "")
		s.save(s.ward, "P01.PN", s.q3, "TT01", "3", "")
		s.save(s.ward, "P01.PN", s.q3, "HV01", "3", "")
		s.save(s.ward, "P01.PN", s.q3, "HV03", "30", "")
		want(report.Ask{Stage: report.StageDraft}, "P01.PN true:2/3-0 +2; P01.ND true:1/3-1 +2")
		want(report.Ask{Stage: report.StageDraft, Sort: "day"}, "P01.ND true:1/3-1 +2; P01.PN true:2/3-0 +2")
		want(report.Ask{Form: "BM-1", Stage: report.StageNone}, "")
		if _, err := s.reports.Submit(ctx, s.ward, "P01.ND", "2019-Q3", 0, report.Sending{}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("sent without what is compulsory: %v", err)
		}
		s.accepted("P01.PN", 0)
		want(report.Ask{Stage: report.StageApproved}, "P01.PN true:2/3-0 +2")
		want(report.Ask{Stage: report.StageLate}, "P02.PN false:0/0-0 +4; P01.ND true:1/3-1 +2") // P02.PN is asked for no form, and owes a report by the period's day
		p, err := s.reports.Progress(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if got := fmt.Sprint(p.Totals()); got != "[{2 1 50}]" {
			t.Errorf("the columns count %s", got)
		}
		if _, err := s.reports.Progress(ctx, s.ward, "TX", "2019-Q3"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward sees the town's board: %v", err)
		}
	})
}

func TestNobodyIsRemindedTwiceOfOneThing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.asks()
		officer := s.person("canbo", "P01.ND", auth.View, auth.Enter)
		notices := notice.New(d, s.clock)
		unread := func(want int) {
			t.Helper()
			n, err := notices.Unread(ctx, officer)
			s.must(err)
			if n != want {
				t.Errorf("%d notices, want %d", n, want)
			}
		}
		reader := s.person("xem", "TX", auth.View)
		if _, err := s.reports.Remind(ctx, reader, "TX", "2019-Q3", nil); err == nil {
			t.Error("a reader reminds")
		}
		if _, err := s.reports.Remind(ctx, s.ward, "TX", "2019-Q3", nil); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the office of a ward reminds the town: %v", err)
		}
		s.must(s.reports.RemindAll(ctx)) // two working days after the closing day
		unread(1)
		mine, err := notices.Mine(ctx, officer)
		s.must(err)
		if mine[0].Path != "/bao-cao-don-vi/P01.ND/2019-q3" || mine[0].Args[2] != "27/09/2019" {
			t.Errorf("the notice says %+v", mine[0])
		}
		s.must(notices.ReadAll(ctx, officer))
		s.must(s.reports.RemindAll(ctx))
		unread(0)
		done, err := s.reports.Remind(ctx, s.office, "TX", "2019-Q3", []string{"P01.ND", "P01.PN"})
		s.must(err)
		if done.Bodies != 1 || done.People != 1 || strings.Join(done.Alone, " ") != "Hội LHPN phường Một" {
			t.Errorf("reminded %+v", done)
		}
		unread(1)
		if done, err = s.reports.Remind(ctx, s.office, "TX", "2019-Q3", []string{"P01.ND"}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a second time on one day: %+v, %v", done, err)
		}
		_, calls, err := s.reports.Calls(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if len(calls) != 3 {
			t.Errorf("%d bodies to call", len(calls))
		}
	})
}

// An approval is bound to the answers too: they stand in what it is about, and are shut as long as it stands.
func TestAnAnswerIsPartOfWhatIsApproved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		forms := form.New(s.db, s.clock, indicator.New(s.db, s.clock), s.figures)
		s.reports.AskBy(forms)
		code, err := forms.Add(ctx, system, form.Form{Code: "BM-1", Kind: period.Quarter}, "Biểu một")
		s.must(err)
		s.must(forms.Change(ctx, system, code, 1, "thử", func(v *form.Version) error {
			return errors.Join(v.PutSection(form.Section{Title: "Phần một"}, db.NewID),
				v.PutItem(v.Sections[0].ID, form.Item{Kind: form.Question, Label: "Khó khăn", Compulsory: true, Most: 500}, db.NewID))
		}))
		s.must(forms.Publish(ctx, system, code, 2, "2019-Q3", "Công văn 1"))
		s.must(forms.Assign(ctx, system, code, 3, form.Assignment{From: "2019-Q3", Targets: []form.Target{{}}}))
		sheet, err := forms.Sheet(ctx, s.ward, "P01.PN", "2019-Q3")
		s.must(err)
		question := sheet.Forms[0].Answers[0].Item.ID

		_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		wantKind(t, "a compulsory answer is missing", err, fault.KindInvalid)
		_, err = forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: question, Text: "Thiếu kinh phí"}})
		s.must(err)
		r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		_, err = s.reports.Approve(ctx, s.head, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
		_, err = forms.Write(ctx, s.ward, "P01.PN", "2019-Q3", []form.Answer{{Item: question, Version: 1, Text: "Thiếu người"}})
		wantKind(t, "an answer that somebody stands for", err, fault.KindRefused)
		v, err := s.reports.Body(ctx, s.head, "P01.PN", "2019-Q3")
		s.must(err)
		if said := v.Approvals[0].Content.Statements; len(said) != 1 || said[0].Topic != "Khó khăn" || said[0].Text != "Thiếu kinh phí" {
			t.Errorf("what was approved says %+v", said)
		}
		if len(v.Changes) != 0 {
			t.Errorf("something has changed: %+v", v.Changes)
		}
	})
}
