package form_test

import (
	"fmt"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/period"
	"giaoban/internal/web/webtest"
)

// asking makes a form with a compulsory cell, a compulsory question and a table, asked of all; it answers the keys.
func (s *site) asking() (question, table string, columns []form.Column) {
	s.t.Helper()
	s.draft("F-A", "TT01*")
	s.change("F-A", func(v *form.Version) error {
		section := v.Sections[0].ID
		if err := v.PutItem(section, form.Item{Kind: form.Question, Label: "Khó khăn?", Most: 40, Compulsory: true}, db.NewID); err != nil {
			return err
		}
		return v.PutItem(section, form.Item{Kind: form.Table, Label: "Công trình", Most: 4, Columns: form.ReadColumns("Tên\nKinh phí | đồng", nil)}, db.NewID)
	})
	s.publish("F-A", "2019-Q1")
	s.assign("F-A", "2019-Q1", everybody)
	v, err := s.forms.Content(ctx, system, "F-A", 1)
	s.must(err)
	items := v.Words()
	return items[0].ID, items[1].ID, items[1].Columns
}

// lacks names what is compulsory and missing.
func (s *site) lacks(unit, per string) string {
	s.t.Helper()
	u, p := s.unit(unit), s.period(per)
	var out []string
	s.in(func(tx *db.Tx) error {
		all, err := s.forms.LacksIn(ctx, tx, system, u, p)
		for _, l := range all {
			out = append(out, l.Name)
		}
		return err
	})
	return strings.Join(out, "; ")
}

func TestWhatIsCompulsoryMustBeGiven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		question, _, _ := s.asking()
		want := func(want string) {
			t.Helper()
			if got := s.lacks("P01", "2019-Q3"); got != want {
				t.Errorf("missing %q, want %q", got, want)
			}
		}
		want("Buổi tuyên truyền; Khó khăn?")
		s.gives("P01", "2019-Q3", "TT01", "0")
		want("Khó khăn?") // a stated zero is given
		write := func(a form.Answer) {
			t.Helper()
			_, err := s.forms.Write(ctx, system, "P01", "2019-Q3", []form.Answer{a})
			s.must(err)
		}
		write(form.Answer{Item: question, None: true})
		want("") // so is a stated nothing
		write(form.Answer{Item: question, Version: 1})
		want("Khó khăn?") // blank is not
		s.gives("P01", "2019-Q3", "TT01", "")
		want("Buổi tuyên truyền; Khó khăn?")
		u, p := s.unit("P01"), s.period("2019-Q3")
		s.in(func(tx *db.Tx) error {
			if err := s.forms.Settle(ctx, tx, system, u, p); len(fault.All(err)) != 2 {
				t.Errorf("sending says %v", err)
			}
			return nil
		})
	})
}

func TestAnswersAreKeptAsVersions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		question, table, columns := s.asking()
		s.period("2019-Q3")
		officer := s.actor("canbo", "P01", auth.View, auth.Enter)
		reader := s.actor("xem", "P01", auth.View)
		sibling := s.actor("khac", "P02", auth.View, auth.Enter)
		st := webtest.NewStage(t, s.forms.Mount)
		office, look, other := st.As(t, officer), st.As(t, reader), st.As(t, sibling)
		const path = "/so-lieu/P01/2019-q3/cau-hoi"
		cell := func(row, column int) string { return fmt.Sprintf("h-%s-%d-%s", table, row, columns[column].ID) }
		other.Get(path).Is(404)
		other.PostForm(path, "e-"+question, "0", "a-"+question, "x").Is(404)
		look.PostForm(path, "e-"+question, "0", "a-"+question, "x").Is(404)
		office.Get(path).OK().Has("Khó khăn?", "Công trình", "Kinh phí (đồng)")
		office.PostForm(path, "e-"+question, "0", "a-"+question, strings.Repeat("dài ", 20), "e-"+table, "0", cell(0, 1), "nhiều lắm").Is(422).
			Has("Câu trả lời dài quá 40 ký tự.")
		office.PostForm(path, "e-"+question, "0", "a-"+question, "Thiếu người", "n-"+question, "1").Is(422).Has("thì không đánh dấu")
		office.PostForm(path, "e-"+question, "0", "a-"+question, "Thiếu người", "e-"+table, "0", cell(0, 0), "Đường", cell(0, 1), "1,5 tỷ", cell(2, 0), "Cầu").Is(303)
		office.Get(path).OK().Has("Thiếu người")
		office.PostForm(path, "e-"+question, "0", "a-"+question, "Chuyện khác").Is(409).Has("vừa được người khác sửa", "Thiếu người", "Chuyện khác")
		office.PostForm(path, "e-"+question, "1", "a-"+question, "Chuyện khác").Is(303)
		look.Get(path).OK().Has("Chuyện khác", "Thiếu người", "Cầu", "1,5 tỷ").LacksElement("textarea")

		s.figures.GuardBy(func(*db.Batch, int64, period.Period) func() figure.Gate {
			return func() figure.Gate { return figure.Gate{Shut: "Báo cáo đã gửi."} }
		}, nil)
		if _, err := s.forms.Write(ctx, officer, "P01", "2019-Q3", []form.Answer{{Item: question, Version: 2, Text: "Muộn"}}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an answer after the report was sent: %v", err)
		}
		office.Get(path).OK().Has("Báo cáo đã gửi.").LacksElement("textarea")
	})
}

// The sheet of figures leads to what is asked in words, also from a section that asks for nothing else.
func TestTheSheetLeadsToTheQuestions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.asking()
		s.must(s.forms.Begin(ctx, system, "F-A", s.seen("F-A")))
		s.change("F-A", func(v *form.Version) error {
			if err := v.PutSection(form.Section{Title: "Kiến nghị"}, db.NewID); err != nil {
				return err
			}
			return v.PutItem(v.Sections[len(v.Sections)-1].ID, form.Item{Kind: form.Question, Label: "Kiến nghị gì?", Most: 40}, db.NewID)
		})
		s.publish("F-A", "2019-Q2")
		s.figures.Arrange(s.forms.Arrange)
		s.period("2019-Q3")
		sheet, err := s.figures.Sheet(ctx, system, "P01", "2019-Q3")
		s.must(err)
		var got []string
		for _, g := range sheet.Groups {
			got = append(got, fmt.Sprintf("%s %d+%d %s", g.Title, len(g.Rows), g.Words.Count, g.Words.URL))
		}
		last := "Kiến nghị 0+1 /so-lieu/P01/2019-q3/cau-hoi"
		if len(got) != 2 || !strings.Contains(got[0], " 1+2 ") || got[1] != last {
			t.Errorf("the sheet has %q, want a section with two questions and %q", got, last)
		}
	})
}
