package figure_test

import (
	"context"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/period"
)

func TestTheGateSaysWhichCellsAreOpen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p := s.period("2019-Q3")
		var money, other = s.money(), s.catalog.All()[0]
		if other.ID == money.ID {
			other = s.catalog.All()[1]
		}
		gate, passed := figure.Gate{}, 0
		s.figures.GuardBy(func(*db.Batch, int64, period.Period) func() figure.Gate {
			return func() figure.Gate { return gate }
		}, nil)
		save := func(in figure.Input) (string, error) {
			entry, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{in})
			return entry, err
		}
		first, err := save(s.input("P01.PN", p, money, "10 triệu đồng"))
		if err != nil {
			t.Fatal(err)
		}
		gate = figure.Gate{Shut: "Báo cáo đang chờ duyệt."}
		if _, err := save(s.input("P01.PN", p, money, "11 triệu đồng")); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a shut gate let a change through: %v", err)
		}
		if _, err := save(s.input("P01.PN", p, money, "10 triệu đồng")); err != nil {
			t.Errorf("what changes nothing passes: %v", err)
		}
		if _, _, err := s.figures.UndoEntry(ctx, system, first, "nhầm"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a shut gate let an undo through: %v", err)
		}
		gate = figure.Gate{Only: map[[2]int64]string{{money.ID, 0}: "Thiếu một khoản"}, Why: "Chỉ sửa được ô bị trả lại."}
		if _, err := save(s.input("P01.PN", p, other, "3")); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a cell that was not named is open: %v", err)
		}
		gate.After = func(_ context.Context, _ *db.Tx, _ auth.Actor, changed []figure.Saved) error {
			passed += len(changed)
			return nil
		}
		if _, err := save(s.input("P01.PN", p, money, "12 triệu đồng")); err != nil || passed == 0 {
			t.Errorf("the named cell: %v, %d heard of", err, passed)
		}
		sheet, err := s.figures.Sheet(ctx, system, "P01.PN", "2019-Q3")
		if err != nil || !sheet.MayEnter {
			t.Fatalf("sheet: %v, %v", sheet.MayEnter, err)
		}
		for _, g := range sheet.Groups {
			for _, r := range g.Rows {
				if open := r.Indicator.ID == money.ID && r.Part.Part == 0; open != (r.Shut == nil) || open != (r.Asked != "") {
					t.Errorf("row %s: shut %v, asked %q", r.Key(), r.Shut != nil, r.Asked)
				}
			}
		}
		gate = figure.Gate{Reason: "đã duyệt"}
		if _, err := save(s.input("P01.PN", p, money, "13 triệu đồng")); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a change without a reason: %v", err)
		}
	})
}
