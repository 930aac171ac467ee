package figure_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// TestManyOfficersAtOnceLoseNothing lets officers of all wards save at once, into cells of their own and into one that all
// fight over, while the folder works: what was acknowledged stands, the others were told, and the sums agree.
func TestManyOfficersAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		var mu sync.Mutex
		var won, lost int
		var group, folder sync.WaitGroup
		folding, stop := context.WithCancel(ctx)
		folder.Go(func() { s.figures.RunFolder(folding, slog.New(slog.DiscardHandler)) })
		for w := range 12 {
			own := s.unit(fmt.Sprintf("P%02d", w+1), p.To).ID
			shared := s.unit("P01.PN", p.To).ID
			group.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 3))
				for i := range 25 {
					input := figure.Input{Unit: own, Period: p, Indicator: in, Quantity: viet.Quantity{Value: int64(i*100 + w + 1), Qualifier: viet.Exact}, Expect: i}
					if _, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{input}); err != nil {
						t.Errorf("officer %d: %v", w, err)
					}
					if r.IntN(3) > 0 {
						continue
					}
					input.Unit, input.Expect, input.Quantity.Value = shared, 0, int64(w*100+i+1)
					_, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{input})
					mu.Lock()
					switch {
					case err == nil:
						won++
					case fault.Is(err, fault.KindConflict):
						lost++
					default:
						t.Errorf("officer %d: %v", w, err)
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		stop()
		folder.Wait()
		if won != 1 || lost < 10 {
			t.Errorf("%d saved into an empty cell, %d were told that it is not empty", won, lost)
		}
		s.verified()
		sum := int64(0)
		for w := range 12 {
			sum += int64(24*100 + w + 1)
		}
		owned := figure.Cell{Unit: s.unit("P01.PN", p.To).ID, Period: p.ID, Indicator: in.ID}
		own, err := s.figures.Own(ctx, system, figure.Submitted, s.unit("P01.PN", p.To), []period.Period{p})
		if err != nil {
			t.Fatal(err)
		}
		sum += own[owned].Number
		if got, want := s.total("TX", p, in, figure.AsItWas), figure.Print(figure.Value{Number: sum, Has: true, Qualifier: viet.Exact}, "", in); got != want {
			t.Errorf("the town's total is %s, want %s", got, want)
		}
	})
}
