package figure_test

import (
	"context"
	"net/http"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

func TestTheSheetIsWhatTheFormAsksFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p := s.period("2019-Q3")
		tt01, _ := s.catalog.ByCode("TT01")
		dg01, _ := s.catalog.ByCode("DG01")
		tt02, _ := s.catalog.ByCode("TT02")
		s.save(s.input("P01", p, tt02, "40"))
		s.figures.Arrange(func(context.Context, *db.Tx, org.Unit, period.Period) ([]figure.Section, error) {
			return []figure.Section{{Title: "Phần hỏi riêng", Cells: []figure.Asked{{Indicator: dg01.ID, Compulsory: true}, {Indicator: tt01.ID}, {Indicator: dg01.ID}}}}, nil
		})
		sheet, err := s.figures.Sheet(ctx, s.person("phuong-1", "P01", auth.View, auth.Enter), "P01", "2019-Q3")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range sheet.Groups {
			for _, r := range g.Rows {
				got = append(got, g.Title+"/"+r.Key())
			}
		}
		want := []string{"Phần hỏi riêng/DG01", "Phần hỏi riêng/TT01", "Số liệu ngoài biểu/TT02"}
		if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || !sheet.Groups[0].Rows[0].Compulsory {
			t.Errorf("the sheet asks for %v, want %v", got, want)
		}
	})
}

func TestAShutCellIsNotWritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p := s.period("2019-Q3")
		open, _ := s.catalog.ByCode("TT01")
		s.figures.GuardBy(func(*db.Batch, int64, period.Period) func() figure.Gate {
			return func() figure.Gate {
				return figure.Gate{Only: map[[2]int64]string{{open.ID, 0}: "đếm lại"}, Why: "Báo cáo đã gửi; chỉ sửa được ô bị trả lại."}
			}
		}, nil)
		c := s.stage().As(t, s.person("phuong-1", "P01", auth.View, auth.Enter))
		const path = "/so-lieu/P01/2019-q3"
		c.Get(path).OK().Has("chỉ sửa được ô bị trả lại").HasElement(`input[name="v-TT01"]`).LacksElement(`input[name="v-DG01"]`)
		c.PostForm(path, "v-TT01", "3", "e-TT01", "0", "v-DG01", "5", "e-DG01", "0").Follow().OK().Has("Đã lưu 1 ô.")
		shut, _ := s.catalog.ByCode("DG01")
		if _, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{s.input("P01", p, shut, "5")}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a shut cell was written: %v", err)
		}
		c.PostForm(path, "v-DG01", "7", "e-DG01", "0").Is(http.StatusSeeOther)
		if got := s.own("P01", "2019-Q3", "DG01"); got != "" {
			t.Errorf("a shut cell holds %q", got)
		}
	})
}
