package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Twin is what may be one result that two bodies of a place have both reported.
type Twin struct {
	Place        org.Unit
	Unit, Other  org.Unit // Unit has the smaller figure
	Indicator    indicator.Indicator
	Part         indicator.Part
	Value        figure.Value
	OtherValue   figure.Value
	Text, Theirs string // what the two say of it, where that is alike
}

// Key names the pair in a form.
func (t Twin) Key() string {
	return t.Unit.Code + ":" + t.Other.Code + ":" + indicator.Address(t.Indicator, t.Part)
}

// leastTwin is from when on equal figures alone are worth a question: that two bodies have held three meetings says nothing.
const leastTwin = 10

// Twins proposes what two bodies of the same place may have reported both: equal or nearly equal figures of an indicator, or such
// as stand beside words that are alike. What is settled is not asked again.
func (s *Service) Twins(ctx context.Context, who auth.Actor, unitCode, periodCode string) (top org.Unit, out []Twin, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		pl, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode)
		if err != nil {
			return err
		}
		top = pl.unit
		nodes, err := org.Below(ctx, tx, who, auth.Consolidate, org.Territory, pl.unit.ID, pl.p.To, s.clock.Today())
		if err != nil {
			return err
		}
		said, err := s.StatementsIn(ctx, tx, who, pl.unit.ID, true, pl.p)
		if err != nil {
			return err
		}
		settled, err := s.figures.SettledPairs(ctx, tx, pl.p)
		if err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		out, err = s.twins(ctx, tx, who, pl, nodes, said, settled, catalog)
		return err
	})
	return top, out, err
}

func (s *Service) twins(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, nodes []org.Node, said []Statement, settled map[figure.Pair]bool, catalog *indicator.Catalog) ([]Twin, error) {
	units := map[int64]org.Node{}
	for _, n := range nodes {
		units[n.ID] = n
	}
	var ids []int64
	for _, in := range catalog.At(pl.p.To).All() {
		if in.Across == indicator.Sum && in.Measure == indicator.Flow { // what stands at a day (households, members) is not a result
			ids = append(ids, in.ID)
		}
	}
	given, err := s.figures.GivenIn(ctx, tx, who, figure.Submitted, []period.Period{pl.p}, ids)
	if err != nil {
		return nil, err
	}
	type spot struct{ place, indicator, part int64 }
	at := map[spot][]figure.Version{}
	for _, v := range given {
		n, ok := units[v.Unit]
		if !ok || !v.Has {
			continue
		}
		home := n.ID
		if n.Kind == org.Body {
			home = n.Parent
		}
		key := spot{home, v.Indicator, v.Part}
		at[key] = append(at[key], v)
	}
	words := map[figure.Cell]string{}
	for _, x := range said {
		for _, c := range x.Cells {
			words[c] = x.Text
		}
	}
	var out []Twin
	for key, list := range at {
		in, ok := catalog.ByID(key.indicator)
		if !ok {
			continue
		}
		part, _ := in.Part(key.part)
		for i, a := range list {
			for _, b := range list[i+1:] {
				alike := similar(words[a.Cell], words[b.Cell])
				if settled[figure.PairOf(key.indicator, key.part, a.Unit, b.Unit)] || !figure.Twins(a.Value, b.Value) || a.Number < leastTwin && !alike {
					continue
				}
				if a.Number > b.Number || a.Number == b.Number && a.Unit > b.Unit {
					a, b = b, a
				}
				t := Twin{Place: units[key.place].Unit, Unit: units[a.Unit].Unit, Other: units[b.Unit].Unit, Indicator: in, Part: part, Value: a.Value, OtherValue: b.Value}
				if alike {
					t.Text, t.Theirs = words[a.Cell], words[b.Cell]
				}
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b Twin) int {
		return cmp.Or(-boolOrder(a.Text != "", b.Text != ""), cmp.Compare(a.Place.Code, b.Place.Code), cmp.Compare(a.Key(), b.Key()))
	})
	return out, nil
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// similar tells whether two texts share most of their words, marks or not.
func similar(a, b string) bool {
	x, y := strings.Fields(viet.Fold(a)), strings.Fields(viet.Fold(b))
	slices.Sort(x)
	slices.Sort(y)
	x, y = slices.Compact(x), slices.Compact(y)
	if len(x) < 3 || len(y) < 3 {
		return false
	}
	both := 0
	for _, word := range x {
		if _, ok := slices.BinarySearch(y, word); ok {
			both++
		}
	}
	return 2*both >= len(x)+len(y)-both // half of all words
}
