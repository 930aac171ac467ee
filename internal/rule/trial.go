package rule

import (
	"context"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Trial is what a rule would say of the figures of a period, before it is asked of anybody.
type Trial struct {
	Period                period.Period
	Kept, Broken, Unknown int // units; Unknown are those that have given some of its figures but not all
	Examples              []Example
}

// Example is a unit that would break the rule.
type Example struct {
	Unit    org.Unit
	Figures []Shown
}

const mostExamples = 20

// Try asks an expression of all units of a kind (empty: all) whose figures the actor may view, in a period.
func (s *Service) Try(ctx context.Context, who auth.Actor, expr string, kind org.Kind, periodCode string) (Trial, error) {
	if err := who.Must(auth.EditCatalog); err != nil {
		return Trial{}, err
	}
	var t Trial
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		t = Trial{}
		var err error
		if t.Period, err = period.Find(ctx, tx, periodCode); err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		e, err := Parse(expr, catalog)
		if err != nil {
			return err
		}
		units, order, err := s.unitsOf(ctx, tx, who, t.Period.To)
		if err != nil {
			return err
		}
		of := map[int64]*known{}
		given, err := s.figures.GivenIn(ctx, tx, who, figure.Submitted, newKnown(catalog, t.Period).periods, e.indicators())
		if err != nil {
			return err
		}
		for _, v := range given {
			if of[v.Unit] == nil {
				of[v.Unit] = newKnown(catalog, t.Period)
			}
			of[v.Unit].take(v)
		}
		for _, id := range order {
			u, k := units[id], of[id]
			if k == nil || kind != "" && u.Kind != kind || !k.any() {
				continue
			}
			if e.names(plan) && k.year.ID != 0 {
				plans, err := s.figures.PlansIn(ctx, tx, who, u, k.year)
				if err != nil {
					return err
				}
				k.plan(plans)
			}
			switch e.judge(k.figures) {
			case kept:
				t.Kept++
			case unknown:
				t.Unknown++
			case broken:
				if t.Broken++; len(t.Examples) < mostExamples {
					t.Examples = append(t.Examples, Example{u, k.shown(e, u.Code)})
				}
			}
		}
		return nil
	})
	return t, err
}

// periods are those that a trial may be made over, the latest first.
func (s *Service) periods(ctx context.Context) (out []period.Period, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = period.List(ctx, tx, "")
		return err
	})
	return out, err
}

// unitsOf reads the units of all trees that the actor may view, with their order in the tree.
func (s *Service) unitsOf(ctx context.Context, tx *db.Tx, who auth.Actor, day string) (map[int64]org.Unit, []int64, error) {
	roots, err := org.Roots(ctx, tx, day)
	if err != nil {
		return nil, nil, err
	}
	units := map[int64]org.Unit{}
	var order []int64
	for _, root := range roots {
		nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, root.ID, day, s.clock.Today())
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, n := range nodes {
			if _, ok := units[n.ID]; !ok {
				units[n.ID], order = n.Unit, append(order, n.ID)
			}
		}
	}
	return units, order, nil
}

// any tells whether the unit has given any of the period's own figures.
func (k *known) any() bool {
	for c := range k.figures {
		if c.when == now {
			return true
		}
	}
	return false
}

// indicators lists what an expression reads.
func (e *Expr) indicators() []int64 {
	var out []int64
	for _, c := range e.cells {
		if !slices.Contains(out, c.indicator) {
			out = append(out, c.indicator)
		}
	}
	return out
}
