package figure

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// place finds the unit and the period that a page is about. A period that the site has not is not found.
func (s *Service) place(ctx context.Context, tx *db.Tx, who auth.Actor, unit, code string) (org.Unit, period.Period, error) {
	p, err := period.Find(ctx, tx, code)
	if err != nil {
		if fault.Is(err, fault.KindInvalid) {
			err = fault.NotFound()
		}
		return org.Unit{}, p, err
	}
	u, err := org.Visible(ctx, tx, who, auth.View, unit, p.To, s.clock.Today())
	return u, p, err
}

// made finds a period in the site; one that was never made has no figure, and its zero ID says so to the readers.
func made(ctx context.Context, tx *db.Tx, p period.Period) (period.Period, error) {
	found, err := period.FindID(ctx, tx, p.ID)
	if fault.Is(err, fault.KindNotFound) {
		p.ID = 0
		return p, nil
	}
	return found, err
}

// Sheet reads the entry form of a unit for a period.
func (s *Service) Sheet(ctx context.Context, who auth.Actor, unit, code string) (Sheet, error) {
	if err := who.Must(auth.View); err != nil {
		return Sheet{}, err
	}
	var out Sheet
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if out.Unit, out.Period, err = s.place(ctx, tx, who, unit, code); err != nil {
			return err
		}
		if out.Previous, err = made(ctx, tx, out.Period.Previous()); err != nil {
			return err
		}
		if last, ok := out.Period.SameLastYear(); ok {
			if out.LastYear, err = made(ctx, tx, last); err != nil {
				return err
			}
		}
		switch err := s.mayEnter(ctx, tx, who, []int64{out.Unit.ID}, out.Period); {
		case err == nil:
			out.MayEnter = true
		case fault.Is(err, fault.KindRefused):
			out.Locked = fault.Text(err)
		case !fault.Is(err, fault.KindNotFound):
			return err
		}
		return s.fillSheet(ctx, tx, who, &out)
	})
	return out, err
}

func (s *Service) fillSheet(ctx context.Context, tx *db.Tx, who auth.Actor, out *Sheet) error {
	own, err := s.OwnIn(ctx, tx, who, Submitted, out.Unit, []period.Period{out.Period, out.Previous, out.LastYear})
	if err != nil {
		return err
	}
	approved, err := s.OwnIn(ctx, tx, who, Approved, out.Unit, []period.Period{out.Period})
	if err != nil {
		return err
	}
	year, _ := out.Period.OfYear()
	plans, err := s.PlansIn(ctx, tx, who, out.Unit, year)
	if err != nil {
		return err
	}
	flags, err := flagsOf(ctx, tx, out.Unit.ID, out.Period.ID)
	if err != nil {
		return err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	for _, g := range catalog.At(out.Period.To).Topics() {
		group := SheetGroup{Topic: g.Topic}
		for _, in := range g.Indicators {
			for _, part := range append([]indicator.Part{{}}, in.Parts...) {
				cell := func(p period.Period) Cell { return Cell{out.Unit.ID, p.ID, in.ID, part.Part} }
				r := Row{
					Indicator: in, Part: part, Now: own[cell(out.Period)], Before: own[cell(out.Previous)], LastYear: own[cell(out.LastYear)],
					Approved: approved[cell(out.Period)], Flags: flags[cell(out.Period)], Derived: in.Across == indicator.Ratio,
				}
				if part.Part == indicator.Total {
					r.Plan = plans[Key{year.ID, in.ID, 0}]
				}
				if r.Derived {
					r.Now.Value = ratioOf(catalog, in, func(of indicator.Indicator) Sum {
						return counted(own[Cell{out.Unit.ID, out.Period.ID, of.ID, 0}].Value)
					})
				}
				group.Rows = append(group.Rows, r)
			}
		}
		out.Groups = append(out.Groups, group)
	}
	return nil
}

func ratioOf(c *indicator.Catalog, in indicator.Indicator, sum func(indicator.Indicator) Sum) Value {
	return Totals{Catalog: c}.ratio(in, sum)
}

// flagsOf reads the flags of a unit's cells in a period, unsettled ones first.
func flagsOf(ctx context.Context, tx *db.Tx, unit, per int64) (map[Cell][]Flag, error) {
	found, err := db.Collect(ctx, tx, func(r *sql.Rows) (Flag, error) {
		f := Flag{Cell: Cell{Unit: unit, Period: per}}
		err := r.Scan(&f.ID, &f.Cell.Indicator, &f.Cell.Part, &f.Version, &f.Rule, &f.Text, &f.At, &f.Settled)
		return f, err
	}, `select id, indicator, part, version, rule, text, at, coalesce(settled_why, '') from figure_flag
		where unit = $1 and period = $2 order by case when settled is null then 0 else 1 end, at, id`, unit, per)
	out := map[Cell][]Flag{}
	for _, f := range found {
		out[f.Cell] = append(out[f.Cell], f)
	}
	return out, err
}

// Board reads the table of totals that an address names (its indicator and part aside). all keeps indicators without any
// figure.
func (s *Service) Board(ctx context.Context, who auth.Actor, a Address, all bool) (Board, error) {
	if err := who.Must(auth.View); err != nil {
		return Board{}, err
	}
	b := Board{Address: a}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if b.Unit, b.Period, err = s.place(ctx, tx, who, a.Unit, a.Period); err != nil {
			return err
		}
		b.Year, _ = b.Period.OfYear()
		if last, ok := b.Period.SameLastYear(); ok {
			if b.LastYear, err = made(ctx, tx, last); err != nil {
				return err
			}
		}
		if b.Lines, err = s.lines(ctx, tx, b.Unit, b.Period.To); err != nil {
			return err
		}
		if b.Line, err = lineOf(a, b.Lines); err != nil {
			return err
		}
		soFar := b.Period.SoFar()
		t, err := s.TotalsIn(ctx, tx, who, Query{
			Unit: b.Unit, Line: b.Line.ID, Hierarchy: a.Hierarchy, Layer: a.Layer, Frame: a.Frame, Periods: append(slices.Clone(soFar), b.LastYear),
		})
		if err != nil {
			return err
		}
		// Targets are a unit's own; of a line within a place there are none.
		plans := map[Key]Plan{}
		if a.Hierarchy != org.PlaceLine {
			if plans, err = s.PlansIn(ctx, tx, who, b.Unit, b.Year); err != nil {
				return err
			}
		}
		b.fill(t, soFar, plans, all)
		return nil
	})
	return b, err
}

// lines lists the tops of the lines that have a body at a place or below on a day. Only their names are told.
func (s *Service) lines(ctx context.Context, tx *db.Tx, u org.Unit, day string) ([]org.Unit, error) {
	if u.Kind != org.Place {
		return nil, nil
	}
	keys, err := db.Collect(ctx, tx, db.Scalar[int64], `select distinct ancestor from unit_ancestor where hierarchy = $1
		and ancestor between $2 and $3 and valid_from <= $4 and $4 < valid_to order by ancestor`,
		int64(org.PlaceLine), org.PlaceLineKey(u.ID, 0), org.PlaceLineKey(u.ID+1, 0)-1, day)
	if err != nil {
		return nil, fmt.Errorf("lines at a place: %w", err)
	}
	var out []org.Unit
	for _, key := range keys {
		_, line := org.SplitPlaceLine(key)
		top, err := org.FindID(ctx, tx, line, day)
		if err != nil {
			return nil, err
		}
		out = append(out, top)
	}
	return out, nil
}

// lineOf finds the line that an address names among those at the place.
func lineOf(a Address, lines []org.Unit) (org.Unit, error) {
	if a.Hierarchy != org.PlaceLine {
		return org.Unit{}, nil
	}
	for _, l := range lines {
		if l.Code == a.Line {
			return l, nil
		}
	}
	return org.Unit{}, fault.NotFound()
}

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
}

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
	return o, s.db.Read(ctx, func(tx *db.Tx) error { return s.seen(ctx, tx, who, &o) })
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
			t.sums[Key{c.Period, c.Indicator, c.Part}] = counted(v.Value)
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

// Desk is what a person chooses from: the units of their grants and those right below, and the periods.
type Desk struct {
	Period  period.Period
	Periods []period.Period
	Units   []DeskUnit
}

// DeskUnit is a unit with the number of its figures in the period.
type DeskUnit struct {
	org.Node
	Cells    int
	MayEnter bool
}

// deskMost bounds the list; who holds more units goes by the tree.
const deskMost = 300

// Desk reads the units that the actor works with, and their state in a period (an empty code takes the one in work).
func (s *Service) Desk(ctx context.Context, who auth.Actor, code string) (Desk, error) {
	if err := who.Must(auth.View); err != nil {
		return Desk{}, err
	}
	var d Desk
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if d.Periods, err = period.List(ctx, tx, ""); err != nil {
			return err
		}
		if d.Period, err = s.inWork(ctx, tx, d.Periods, code); err != nil {
			return err
		}
		nodes, err := s.deskUnits(ctx, tx, who, d.Period.To)
		if err != nil {
			return err
		}
		enter := map[int64]bool{}
		for _, n := range nodes {
			if _, err := org.Visible(ctx, tx, who, auth.Enter, n.Code, d.Period.To, s.clock.Today()); err == nil {
				enter[n.ID] = true
			} else if !fault.Is(err, fault.KindNotFound) {
				return err
			}
			var cells int
			if err := tx.QueryRow(ctx, `select count(*) from figure f where f.unit = $1 and f.period = $2 and f.layer = 1 and f.qualifier <> 0 and`+newest,
				n.ID, d.Period.ID).Scan(&cells); err != nil {
				return err
			}
			d.Units = append(d.Units, DeskUnit{n, cells, enter[n.ID]})
		}
		return nil
	})
	return d, err
}

func (s *Service) deskUnits(ctx context.Context, tx *db.Tx, who auth.Actor, day string) ([]org.Node, error) {
	today := s.clock.Today()
	var tops []org.Unit
	var err error
	if who.IsSystem() {
		tops, err = org.Roots(ctx, tx, day)
	} else {
		for _, id := range who.Units(auth.View) {
			var u org.Unit
			if u, err = org.FindID(ctx, tx, id, day); err != nil {
				break
			}
			tops = append(tops, u)
		}
	}
	if err != nil {
		return nil, err
	}
	var out []org.Node
	have := map[int64]bool{}
	for _, top := range tops {
		nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, top.ID, day, today)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			if n.Depth <= 1 && !have[n.ID] && len(out) < deskMost {
				have[n.ID] = true
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// inWork is the named period, or the quarter that people work on: for a month after its end still the one that has ended.
func (s *Service) inWork(ctx context.Context, tx *db.Tx, all []period.Period, code string) (period.Period, error) {
	if code != "" {
		p, err := period.Find(ctx, tx, code)
		if fault.Is(err, fault.KindInvalid) {
			err = fault.NotFound()
		}
		return p, err
	}
	day := s.clock.Now().AddDate(0, 0, -30).Format(time.DateOnly)
	var latest period.Period
	for _, p := range all { // the latest first
		switch {
		case p.Kind != period.Quarter:
		case p.From <= day:
			return p, nil
		default:
			latest = p
		}
	}
	if latest.ID == 0 && len(all) > 0 {
		latest = all[0]
	}
	return latest, nil
}

// YearPlan is the targets of a unit for a year.
type YearPlan struct {
	Unit    org.Unit
	Year    period.Period
	MaySet  bool
	Groups  []PlanGroup
	Done    period.Period // the period up to which Date counts
	Earlier bool          // the year before has targets
}

// PlanGroup is a topic's targets.
type PlanGroup struct {
	Topic indicator.Topic
	Rows  []PlanRow
}

// PlanRow is one target with last year's and with what is done.
type PlanRow struct {
	Indicator  indicator.Indicator
	Plan, Last Plan
	Date       Value
}

// YearPlan reads the targets of a unit for a year (a code such as 2019). A year that the site has not yet has no targets.
func (s *Service) YearPlan(ctx context.Context, who auth.Actor, unit, code string) (YearPlan, error) {
	if err := who.Must(auth.View); err != nil {
		return YearPlan{}, err
	}
	var y YearPlan
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if y.Year, err = period.Parse(code); err != nil || y.Year.Kind != period.Year {
			return fault.NotFound()
		}
		if y.Year, err = made(ctx, tx, y.Year); err != nil {
			return err
		}
		today := s.clock.Today()
		if y.Unit, err = org.Visible(ctx, tx, who, auth.View, unit, min(y.Year.To, today), today); err != nil {
			return err
		}
		if y.MaySet, err = s.maySet(ctx, tx, who, y.Unit, y.Year); err != nil {
			return err
		}
		last := y.Year.Previous()
		plans, err := s.PlansIn(ctx, tx, who, y.Unit, y.Year, last)
		if err != nil {
			return err
		}
		t, soFar, err := s.ofYear(ctx, tx, who, &y)
		if err != nil {
			return err
		}
		for _, g := range t.Catalog.At(y.Year.To).Topics() {
			group := PlanGroup{Topic: g.Topic}
			for _, in := range g.Indicators {
				r := PlanRow{Indicator: in, Plan: plans[Key{y.Year.ID, in.ID, 0}], Last: plans[Key{last.ID, in.ID, 0}], Date: t.YearToDate(soFar, in, 0)}
				y.Earlier = y.Earlier || r.Last.Has
				group.Rows = append(group.Rows, r)
			}
			y.Groups = append(y.Groups, group)
		}
		return nil
	})
	return y, err
}

// ofYear reads the unit's totals of the year's quarters so far.
func (s *Service) ofYear(ctx context.Context, tx *db.Tx, who auth.Actor, y *YearPlan) (Totals, []period.Period, error) {
	quarters, err := period.List(ctx, tx, period.Quarter)
	if err != nil {
		return Totals{}, nil, err
	}
	var soFar []period.Period
	for _, p := range quarters {
		if p.Year == y.Year.Year && p.From <= s.clock.Today() {
			soFar = append([]period.Period{p}, soFar...)
		}
	}
	if len(soFar) > 0 {
		y.Done = soFar[len(soFar)-1]
	}
	t, err := s.TotalsIn(ctx, tx, who, Query{Unit: y.Unit, Hierarchy: org.Territory, Layer: Submitted, Frame: AsItWas, Periods: soFar})
	return t, soFar, err
}

func (s *Service) maySet(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, year period.Period) (bool, error) {
	for _, p := range []auth.Permission{auth.Consolidate, auth.Enter} { // the target's own rule asks for both
		_, err := org.Visible(ctx, tx, who, p, u.Code, year.To, s.clock.Today())
		if fault.Is(err, fault.KindNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return year.State != period.Closed, nil
}

// NewPlan is a target to be set; Expect is the version that the actor saw.
type NewPlan struct {
	Indicator indicator.Indicator
	Text      string
	Source    string
	Expect    int
}

// SetPlans sets targets of a unit for a year, all or none. The faults name the indicators' codes.
func (s *Service) SetPlans(ctx context.Context, who auth.Actor, y YearPlan, plans []NewPlan) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		year, err := period.Ensure(ctx, tx, y.Year.Code)
		if err != nil {
			return err
		}
		if may, err := s.maySet(ctx, tx, who, y.Unit, year); err != nil || !may {
			if err == nil {
				err = fault.NotFound()
			}
			return err
		}
		standing, err := plansOf(ctx, tx, y.Unit.ID, []int64{year.ID})
		if err != nil {
			return err
		}
		var bad fault.List
		for _, n := range plans {
			field := "v-" + n.Indicator.Code
			q, err := Read(n.Text, n.Indicator)
			old := standing[Key{year.ID, n.Indicator.ID, 0}]
			switch {
			case err != nil:
				err = asFault(field, err)
			case old.Version != n.Expect && old.Number != q.Value:
				err = &fault.Error{Kind: fault.KindConflict, Field: field, Text: "Chỉ tiêu “" + n.Indicator.Name + "” vừa được người khác ghi là " +
					shown(Print(old.Value, old.Raw, n.Indicator)) + "; giá trị của bạn là “" + n.Text + "”. Hãy chọn một giá trị rồi lưu lại."}
			default:
				err = s.SetPlanIn(ctx, tx, who, y.Unit, year, n.Indicator, q, n.Source)
				if all := fault.All(err); len(all) == 1 && all[0].Kind == fault.KindInvalid {
					err = fault.Invalid(field, all[0].Text)
				}
			}
			if err := bad.Add(err); err != nil {
				return err
			}
		}
		return bad.Err()
	})
}
