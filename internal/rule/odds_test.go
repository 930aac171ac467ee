package rule_test

import (
	"fmt"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
	"giaoban/internal/rule"
)

func TestUnusualFiguresAskForAWord(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		specs := []org.Spec{}
		for i := range 9 {
			specs = append(specs, org.Spec{Code: fmt.Sprintf("P1%d", i), Kind: org.Place, Level: org.Commune, Name: fmt.Sprintf("Phường %d", i), Parent: "TX"})
		}
		s.must(s.units.Load(ctx, system, specs))
		give := func(unit, per, code, text string) { s.gives(unit, per, code, text) }
		// The third quarter is the high one of each year: against the season 61 is nothing new, against the other quarters it would be.
		for year := 2015; year < 2019; year++ {
			give("P01", fmt.Sprintf("%d-Q3", year), "TT01", fmt.Sprint(55+year%4))
			for _, q := range []int{1, 2, 4} {
				give("P01", fmt.Sprintf("%d-Q%d", year, q), "TT01", "5")
			}
		}
		give("P01", "2019-Q3", "TT01", "61")
		for i := range 9 {
			give(fmt.Sprintf("P1%d", i), "2019-Q3", "AS01", fmt.Sprint(10+i%3))
			give(fmt.Sprintf("P1%d", i), "2019-Q3", "VH02", "1.000")
		}
		give("P01", "2019-Q3", "AS01", "100")
		p := s.period("2019-Q3")
		odds := func() map[string]rule.Odd {
			out := map[string]rule.Odd{}
			s.in(func(tx *db.Tx) error {
				u, err := org.FindCode(ctx, tx, "P01", "2019-09-30")
				if err != nil {
					return err
				}
				list, err := s.rules.OddsIn(ctx, tx, u, p)
				for _, o := range list {
					out[o.Address] = o
				}
				return err
			})
			return out
		}
		if got := odds(); len(got) != 1 || got["AS01"].Against != rule.Peers || got["AS01"].N != 9 {
			t.Fatalf("odd are %+v", got)
		}
		give("P01", "2019-Q3", "TT01", "600")
		give("P01", "2019-Q3", "VH02", "10.000")
		got := odds()
		if got["TT01"].Against != rule.OwnSeason || got["TT01"].N != 4 {
			t.Errorf("against the season: %+v", got["TT01"])
		}
		if o, is := got["AS01"]; is {
			t.Errorf("ten times the households, ten times the figure: %+v", o)
		}
		say := func(text string) {
			s.in(func(tx *db.Tx) error {
				u, err := org.FindCode(ctx, tx, "P01", "2019-09-30")
				if err != nil {
					return err
				}
				return s.rules.ExplainOdds(ctx, tx, system, u, p, map[string]string{rule.OddRule("TT01"): text})
			})
		}
		say("")
		if o := odds()["TT01"]; o.Note != nil {
			t.Errorf("nothing was said: %+v", o.Note)
		}
		say("Tháng cao điểm bầu cử")
		if o := odds()["TT01"]; o.Note == nil || o.Note.Text != "Tháng cao điểm bầu cử" {
			t.Errorf("what was said is not there: %+v", o)
		}
		give("P01", "2019-Q3", "TT01", "700")
		if o := odds()["TT01"]; o.Note != nil {
			t.Errorf("the word was about another figure: %+v", o.Note)
		}
	})
}
