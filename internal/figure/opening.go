package figure

import (
	"context"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Opening is a trace with the way up from it and the year around it.
type Opening struct {
	Trace
	Address Address
	Line    org.Unit
	Above   []org.Unit // from the top down to the unit's own parent, as far as the actor may see
	Months  []Moment   // the periods of the year up to this one
	ToDate  Value
	Last    Moment
	Own     Version // the unit's own cell
	// MayEnter lets the actor settle flags and declare overlaps here.
	MayEnter bool
	Others   []org.Unit // units that hold a figure of the same cell, for an overlap
	Seen     map[int64]bool
	Children []Child // totals right below, in the territory as it was
	// Overlapping tells that the children's totals together are more than the total.
	Overlapping bool
}

// Child is the total of a unit right below, or the own figure of the unit itself.
type Child struct {
	Unit  org.Unit
	Value Value
	N     int64
}

// childrenMost bounds the list of totals right below.
const childrenMost = 100

// Moment is a number at another time.
type Moment struct {
	Period     period.Period
	Value      Value
	Comparable bool
}

// Open opens the number of an address.
func (s *Service) Open(ctx context.Context, who auth.Actor, a Address) (Opening, error) {
	o := Opening{Address: a, Seen: map[int64]bool{}}
	if err := who.Must(auth.View); err != nil {
		return o, err
	}
	var q Query
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		u, p, err := s.place(ctx, tx, who, a.Unit, a.Period)
		if err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		in, ok := catalog.ByCode(a.Indicator)
		if _, known := in.Part(a.Part); !ok || !known {
			return fault.NotFound()
		}
		o.Unit, o.Period, o.Indicator = u, p, in
		lines, err := s.lines(ctx, tx, u, p.To)
		if err != nil {
			return err
		}
		if o.Line, err = lineOf(a, lines); err != nil {
			return err
		}
		q = Query{Unit: u, Line: o.Line.ID, Hierarchy: a.Hierarchy, Layer: a.Layer, Frame: a.Frame, Periods: []period.Period{p}}
		if o.Above, err = s.above(ctx, tx, who, u, p.To); err != nil {
			return err
		}
		if err := s.mayEnter(ctx, tx, who, []int64{u.ID}, p); err == nil {
			o.MayEnter = true
		} else if len(fault.All(err)) == 0 {
			return err
		}
		own, err := s.OwnIn(ctx, tx, who, a.Layer, u, []period.Period{p})
		if err != nil {
			return err
		}
		o.Own = own[Cell{u.ID, p.ID, in.ID, a.Part}]
		return s.around(ctx, tx, who, q, a, &o)
	})
	if err != nil {
		return o, err
	}
	if o.Trace, err = s.Trace(ctx, who, q, o.Indicator, a.Part); err != nil {
		return o, err
	}
	return o, s.db.Read(ctx, func(tx *db.Tx) error {
		if err := s.children(ctx, tx, who, &o); err != nil {
			return err
		}
		return s.seen(ctx, tx, who, &o)
	})
}

// children reads the totals of the units right below: the step between a town's total and the figures of its hundred units.
func (s *Service) children(ctx context.Context, tx *db.Tx, who auth.Actor, o *Opening) error {
	in, a := o.Indicator, o.Address
	if a.Own || in.Across != indicator.Sum || a.Hierarchy != org.Territory || a.Frame != AsItWas {
		return nil
	}
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, o.Unit.ID, o.Period.To, s.clock.Today())
	if err != nil || len(nodes) < 2 {
		return err
	}
	if own := Counted(o.Own.Value); !own.Blank() {
		o.Children = append(o.Children, Child{o.Unit, own.Value(), 1})
	}
	sum := Counted(o.Own.Value)
	for _, n := range nodes {
		if n.Depth != 1 || len(o.Children) >= childrenMost {
			continue
		}
		sums, err := s.readTotals(ctx, tx, org.Territory, n.ID, a.Layer, []int64{o.Period.ID})
		if err != nil {
			return err
		}
		if one := sums[Key{o.Period.ID, in.ID, a.Part}]; !one.Blank() {
			o.Children = append(o.Children, Child{n.Unit, one.Value(), one.N})
			sum = sum.Plus(one)
		}
	}
	o.Overlapping = len(o.Overlaps) > 0 && sum.Sum > o.Total.Number
	return nil
}

// around reads the number's year and the same period last year: totals, or the unit's own figures.
func (s *Service) around(ctx context.Context, tx *db.Tx, who auth.Actor, q Query, a Address, o *Opening) error {
	soFar := o.Period.SoFar()
	last := period.Period{}
	if p, ok := o.Period.SameLastYear(); ok {
		var err error
		if last, err = made(ctx, tx, p); err != nil {
			return err
		}
	}
	q.Periods = append(slices.Clone(soFar), last)
	t, err := s.TotalsIn(ctx, tx, who, q)
	if err != nil {
		return err
	}
	if a.Own {
		own, err := s.OwnIn(ctx, tx, who, a.Layer, o.Unit, q.Periods)
		if err != nil {
			return err
		}
		t.sums = map[Key]Sum{}
		for c, v := range own {
			t.sums[Key{c.Period, c.Indicator, c.Part}] = Counted(v.Value)
		}
	}
	for _, p := range soFar {
		if p, err = made(ctx, tx, p); err != nil {
			return err
		}
		o.Months = append(o.Months, Moment{p, t.Value(p, o.Indicator, a.Part), true})
	}
	o.ToDate = t.YearToDate(soFar, o.Indicator, a.Part)
	o.Last = Moment{last, t.Value(last, o.Indicator, a.Part), last.ID != 0 && t.Comparable[last.ID]}
	return nil
}

// above lists the places that the unit stands below on a day, from the top, as far as the actor may see them.
func (s *Service) above(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, day string) ([]org.Unit, error) {
	args := append([]any{u.ID, day}, org.WithinArgs(who, auth.View, s.clock.Today())...)
	ids, err := db.Collect(ctx, tx, db.Scalar[int64], `select a.ancestor from unit_ancestor a where a.unit = $1 and a.hierarchy = 1 and a.depth > 0
		and a.valid_from <= $2 and $2 < a.valid_to and `+org.Within("a.ancestor", "$2", 3)+` order by a.depth desc`, args...)
	if err != nil {
		return nil, err
	}
	var out []org.Unit
	for _, id := range ids {
		up, err := org.FindID(ctx, tx, id, day)
		if err != nil {
			return nil, err
		}
		out = append(out, up)
	}
	return out, nil
}

// seen tells which of the units on the page the actor may open, and which others hold a figure of the same cell.
func (s *Service) seen(ctx context.Context, tx *db.Tx, who auth.Actor, o *Opening) error {
	for _, l := range o.Overlaps {
		for _, u := range []org.Unit{l.Unit, l.OtherUnit} {
			_, err := org.Visible(ctx, tx, who, auth.View, u.Code, o.Period.To, s.clock.Today())
			if err != nil && !fault.Is(err, fault.KindNotFound) {
				return err
			}
			o.Seen[u.ID] = err == nil
		}
	}
	if !o.MayEnter || o.Own.Blank() || o.Indicator.Across != indicator.Sum {
		return nil
	}
	args := append([]any{o.Period.ID, o.Indicator.ID, o.Part, o.Unit.ID, o.Period.To}, org.WithinArgs(who, auth.View, s.clock.Today())...)
	ids, err := db.Collect(ctx, tx, db.Scalar[int64], `select u.id from unit u where u.id <> $4 and `+org.Within("u.id", "$5", 6)+`
		and exists (select 1 from figure f where f.unit = u.id and f.period = $1 and f.indicator = $2 and f.part = $3 and f.layer = 1
			and f.qualifier <> 0 and`+newest+`) order by u.code`, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		u, err := org.FindID(ctx, tx, id, o.Period.To)
		if err != nil {
			return err
		}
		o.Others = append(o.Others, u)
	}
	return nil
}
