package figure

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Frame says which tree of units a total is read in.
type Frame string

const (
	AsItWas Frame = "was" // units of the period's last day
	AsItIs  Frame = "now" // predecessors' figures carried to today's units
)

// Query asks for the totals of a unit and all below it.
type Query struct {
	Unit      org.Unit
	Line      int64 // with Hierarchy PlaceLine: the top body of the line within the place Unit
	Hierarchy org.Hierarchy
	Layer     Layer
	Frame     Frame
	Periods   []period.Period
}

func (q Query) ancestor() int64 {
	if q.Hierarchy == org.PlaceLine {
		return org.PlaceLineKey(q.Unit.ID, q.Line)
	}
	return q.Unit.ID
}

// Totals holds the sums of a query by period, indicator and part.
type Totals struct {
	Query      Query
	Catalog    *indicator.Catalog
	sums       map[Key]Sum
	Comparable map[int64]bool // by period: whether the unit, or who came before it, existed then
}

// Totals reads sums that are exact at this moment. The actor must be allowed to view the unit.
func (s *Service) Totals(ctx context.Context, who auth.Actor, q Query) (Totals, error) {
	var out Totals
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.TotalsIn(ctx, tx, who, q)
		return err
	})
	return out, err
}

// TotalsIn is Totals within a transaction.
func (s *Service) TotalsIn(ctx context.Context, tx *db.Tx, who auth.Actor, q Query) (Totals, error) {
	ids := make([]int64, 0, len(q.Periods))
	for _, p := range q.Periods {
		if p.ID != 0 { // a period that was never made has no figure
			ids = append(ids, p.ID)
		}
	}
	var b db.Batch
	may, catalog := org.AskMaySee(&b, who, auth.View, q.Unit.ID, s.clock.Today()), s.indicators.Ask(&b)
	out := Totals{Query: q, Comparable: map[int64]bool{}}
	sums := s.askTotals(&b, tx.Engine(), q.Hierarchy, q.ancestor(), q.Layer, ids)
	shift := func(context.Context, *db.Tx) (map[Key]Sum, error) { return nil, nil }
	if q.Frame == AsItIs {
		shift = s.askTotals(&b, tx.Engine(), q.Hierarchy.Shift(), q.ancestor(), q.Layer, ids)
	}
	if err := tx.Run(ctx, &b); err != nil {
		return Totals{}, fmt.Errorf("totals: %w", err)
	}
	if err := may(); err != nil {
		return Totals{}, err
	}
	var err error
	if out.Catalog, err = catalog(ctx, tx); err != nil {
		return out, err
	}
	if out.sums, err = sums(ctx, tx); err != nil {
		return out, err
	}
	by, err := shift(ctx, tx)
	if err != nil {
		return out, err
	}
	for k, by := range by {
		out.sums[k] = out.sums[k].shifted(by)
	}
	return out, out.compare(ctx, tx)
}

// compare finds the periods in which the unit can be compared at all: it lived, or the frame is now and it has an
// ancestor unit whose figures it carries.
func (t *Totals) compare(ctx context.Context, tx *db.Tx) error {
	for _, p := range t.Query.Periods {
		ok := t.Query.Unit.Alive(p.To)
		if !ok && t.Query.Frame == AsItIs && p.To < t.Query.Unit.ValidFrom {
			if err := tx.QueryRow(ctx, `select exists (select 1 from unit_ancestor where hierarchy = $1 and ancestor = $2 and weight > 0
				and valid_from <= $3 and $3 < valid_to)`, int64(t.Query.Hierarchy.Shift()), t.Query.ancestor(), p.To).Scan(&ok); err != nil {
				return err
			}
		}
		t.Comparable[p.ID] = ok
	}
	return nil
}

// Sum is one sum; for an indicator that does not add across units it is blank, and for a ratio see Ratio.
func (t Totals) Sum(p period.Period, in indicator.Indicator, part int64) Sum {
	if in.Across == indicator.None {
		return Sum{}
	}
	return t.sums[Key{p.ID, in.ID, part}]
}

// Raw is the sum of an indicator whatever its rule: how many figures there are of one that does not add.
func (t Totals) Raw(p period.Period, in indicator.Indicator, part int64) Sum {
	return t.sums[Key{p.ID, in.ID, part}]
}

// Value is a total as a value: a sum, or the ratio of two sums in the indicator's decimals (half up).
func (t Totals) Value(p period.Period, in indicator.Indicator, part int64) Value {
	if in.Across != indicator.Ratio {
		return t.Sum(p, in, part).Value()
	}
	return t.ratio(in, func(of indicator.Indicator) Sum { return t.Sum(p, of, 0) })
}

func (t Totals) ratio(in indicator.Indicator, sum func(indicator.Indicator) Sum) Value {
	num, ok1 := t.Catalog.ByID(in.Numerator)
	den, ok2 := t.Catalog.ByID(in.Denominator)
	if !ok1 || !ok2 {
		return Value{}
	}
	n, d := sum(num), sum(den)
	if n.Blank() || d.Blank() || d.Sum == 0 {
		return Value{}
	}
	r := new(big.Rat).Quo(scaled(n.Sum, num.Decimals), scaled(d.Sum, den.Decimals))
	r.Mul(r, big.NewRat(100, 1))
	r.Mul(r, scaled(pow10(in.Decimals), 0))
	twice := new(big.Int).Add(new(big.Int).Mul(r.Num(), big.NewInt(2)), r.Denom())
	q := viet.Exact
	if n.Qualifier() != viet.Exact || d.Qualifier() != viet.Exact {
		q = viet.About
	}
	return Value{Number: new(big.Int).Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64(), Has: true, Qualifier: q}
}

func pow10(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}

// YearToDate is the value from the year's start to p: the sum for a flow, the last known one for a stock or a cumulative
// figure, the ratio of the sums for a ratio. The query must hold the periods of p.SoFar().
func (t Totals) YearToDate(soFar []period.Period, in indicator.Indicator, part int64) Value {
	sum := func(of indicator.Indicator) Sum {
		var s Sum
		for _, p := range soFar {
			switch one := t.Sum(p, of, part); {
			case of.Measure == indicator.Flow:
				s = s.Plus(one)
			case !one.Blank():
				s = one
			}
		}
		return s
	}
	if in.Across == indicator.Ratio {
		return t.ratio(in, sum)
	}
	return sum(in).Value()
}

// Own reads the standing figures of a unit itself, not of what is below it.
func (s *Service) Own(ctx context.Context, who auth.Actor, layer Layer, unit org.Unit, periods []period.Period) (map[Cell]Version, error) {
	out := map[Cell]Version{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.OwnIn(ctx, tx, who, layer, unit, periods)
		return err
	})
	return out, err
}

// OwnIn is Own within a transaction.
func (s *Service) OwnIn(ctx context.Context, tx *db.Tx, who auth.Actor, layer Layer, unit org.Unit, periods []period.Period) (map[Cell]Version, error) {
	if err := org.MaySee(ctx, tx, who, auth.View, unit.ID, s.clock.Today()); err != nil {
		return nil, err
	}
	out := map[Cell]Version{}
	var ids []int64
	for _, p := range periods {
		if p.ID != 0 {
			ids = append(ids, p.ID)
		}
	}
	rows, err := ofUnit(ctx, tx, layer, unit.ID, ids)
	for _, v := range rows {
		out[v.Cell] = v
	}
	return out, err
}

// GivenIn reads the standing figures of some indicators and periods, of all units that the actor may view.
func (s *Service) GivenIn(ctx context.Context, tx *db.Tx, who auth.Actor, layer Layer, periods []period.Period, indicators []int64) ([]Version, error) {
	var ids []int64
	for _, p := range periods {
		if p.ID != 0 {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 || len(indicators) == 0 {
		return nil, nil
	}
	args := append(db.Args(ids), db.Args(indicators)...)
	args = append(append(args, int64(layer)), org.WithinArgs(who, auth.View, s.clock.Today())...)
	n := len(ids) + len(indicators)
	return db.Collect(ctx, tx, scanVersion, fmt.Sprintf(`select`+figureColumns+`from figure f join period d on d.id = f.period
		where f.period in (%s) and f.indicator in (%s) and f.layer = $%d and f.qualifier <> 0 and`+newest+`and`+org.Within("f.unit", "d.date_to", n+2),
		db.List(len(ids), 1), db.List(len(indicators), len(ids)+1), n+1), args...)
}

// Companions reads what stands beside the figures of a unit in a period, for the standing versions.
func (s *Service) Companions(ctx context.Context, tx *db.Tx, unit int64, p period.Period) (map[Cell]map[int][]Companion, error) {
	return companionsOf(ctx, tx, unit, p.ID)
}

// Contribution is what one unit adds to a total.
type Contribution struct {
	Unit    org.Unit
	Version Version
	Weight  int64 // ten-thousandths of it that count here; org.Whole for all
}

// Trace opens a total: the figures that make it up, the overlaps taken out, and for one unit its versions.
type Trace struct {
	Unit          org.Unit
	Period        period.Period
	Indicator     indicator.Indicator
	Part          int64
	Layer         Layer
	Frame         Frame
	Total         Value
	Adds          bool // false for an indicator that does not add up: the list is all there is
	Contributions []Contribution
	Overlaps      []OverlapLine
	Versions      []VersionLine
	Flags         []Flag
	Beside        []Companion
	More          int // contributions beyond the limit
}

// VersionLine is a version with who, when and from what.
type VersionLine struct {
	Version
	By    string
	At    int64
	Entry Entry
}

// OverlapLine is an overlap with the units' names.
type OverlapLine struct {
	Overlap
	Unit, OtherUnit org.Unit
}

// traceLimit bounds a page; the rest is counted and reached by opening a unit below.
const traceLimit = 500

// Trace opens a number to the figures, versions and entries that it came from.
func (s *Service) Trace(ctx context.Context, who auth.Actor, q Query, in indicator.Indicator, part int64) (Trace, error) {
	p := q.Periods[0]
	t := Trace{Unit: q.Unit, Period: p, Indicator: in, Part: part, Layer: q.Layer, Frame: q.Frame, Adds: in.Across != indicator.None}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		totals, err := s.TotalsIn(ctx, tx, who, q)
		if err != nil {
			return err
		}
		t.Total = totals.Value(p, in, part)
		ids := []indicator.Indicator{in}
		if in.Across == indicator.Ratio {
			ids = nil
			for _, of := range []int64{in.Numerator, in.Denominator} {
				if i, ok := totals.Catalog.ByID(of); ok {
					ids = append(ids, i)
				}
			}
		}
		for _, i := range ids {
			if err := s.contributions(ctx, tx, who, q, p, i, part, &t); err != nil {
				return err
			}
		}
		if t.Overlaps, err = s.overlapLines(ctx, tx, who, q, p, in, part); err != nil {
			return err
		}
		return s.ownTrace(ctx, tx, p, in, part, &t)
	})
	return t, err
}

func (s *Service) contributions(ctx context.Context, tx *db.Tx, who auth.Actor, q Query, p period.Period, in indicator.Indicator, part int64, t *Trace) error {
	weight := `select a.unit, sum(case when a.hierarchy = $1 then a.weight * 10000 else a.weight end) as w from unit_ancestor a
		where a.hierarchy in ($1, $2) and a.ancestor = $3 and a.valid_from <= $4 and $4 < a.valid_to group by a.unit`
	now := int64(q.Hierarchy)
	if q.Frame == AsItIs {
		now = int64(q.Hierarchy.Shift())
	}
	args := []any{int64(q.Hierarchy), now, q.ancestor(), p.To, p.ID, in.ID, part, int64(q.Layer)}
	args = append(args, org.WithinArgs(who, auth.View, s.clock.Today())...)
	rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (Contribution, error) {
		var c Contribution
		var number sql.NullInt64
		err := r.Scan(append([]any{&c.Weight}, c.Version.into(&number)...)...)
		c.Version.Number, c.Version.Has = number.Int64, number.Valid
		return c, err
	}, `select cast(c.w as bigint),`+figureColumns+`from (`+weight+`) c join figure f on f.unit = c.unit
		where c.w <> 0 and f.period = $5 and f.indicator = $6 and f.part = $7 and f.layer = $8 and f.qualifier <> 0 and`+newest+`
		and`+org.Within("f.unit", "$4", 9)+` order by coalesce(f.value, 0) desc, f.unit`, args...)
	if err != nil {
		return fmt.Errorf("contributions: %w", err)
	}
	for _, c := range rows {
		if len(t.Contributions) >= traceLimit {
			t.More++
			continue
		}
		if c.Unit, err = org.FindID(ctx, tx, c.Version.Unit, p.To); err != nil {
			return err
		}
		t.Contributions = append(t.Contributions, c)
	}
	return nil
}

func (s *Service) overlapLines(ctx context.Context, tx *db.Tx, who auth.Actor, q Query, p period.Period, in indicator.Indicator, part int64) ([]OverlapLine, error) {
	args := append([]any{p.ID, in.ID, part, int64(q.Hierarchy), q.ancestor()}, org.WithinArgs(who, auth.View, s.clock.Today())...)
	found, err := db.Collect(ctx, tx, scanOverlap, overlapSelect+` and o.period = $1 and o.indicator = $2 and o.part = $3
		and exists (select 1 from unit_ancestor a where a.unit = o.unit and a.hierarchy = $4 and a.ancestor = $5
			and a.valid_from <= d.date_to and d.date_to < a.valid_to) and `+org.Within("o.unit", "d.date_to", 6)+` order by o.id`, args...)
	if err != nil {
		return nil, err
	}
	var out []OverlapLine
	for _, o := range found {
		line := OverlapLine{Overlap: o}
		if line.Unit, err = org.FindID(ctx, tx, o.Cell.Unit, p.To); err != nil {
			return nil, err
		}
		if line.OtherUnit, err = org.FindID(ctx, tx, o.Other, p.To); err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// ownTrace reads the versions of the unit's own cell, with who and when, its companions and flags.
func (s *Service) ownTrace(ctx context.Context, tx *db.Tx, p period.Period, in indicator.Indicator, part int64, t *Trace) error {
	cell := Cell{t.Unit.ID, p.ID, in.ID, part}
	versions, err := versionsOf(ctx, tx, cell)
	if err != nil {
		return err
	}
	for _, v := range versions {
		e, err := findEntry(ctx, tx, `key = $1`, v.Entry)
		if err != nil {
			return err
		}
		line := VersionLine{Version: v, At: e.At, Entry: e}
		if line.By, err = audit.SignedBy(ctx, tx, e.Person, "figure", e.ID, e.At); err != nil {
			return err
		}
		t.Versions = append(t.Versions, line)
	}
	beside, err := companionsOf(ctx, tx, t.Unit.ID, p.ID)
	if err != nil {
		return err
	}
	if n := len(versions); n > 0 {
		for _, v := range versions {
			if v.Layer == Submitted {
				t.Beside = beside[cell][v.Version]
			}
		}
	}
	t.Flags, err = db.Collect(ctx, tx, func(r *sql.Rows) (Flag, error) {
		f := Flag{Cell: cell}
		err := r.Scan(&f.ID, &f.Version, &f.Rule, &f.Text, &f.At, &f.Settled)
		return f, err
	}, `select id, version, rule, text, at, coalesce(settled_why, '') from figure_flag
		where unit = $1 and period = $2 and indicator = $3 and part = $4 order by at, id`, cell.Unit, cell.Period, cell.Indicator, cell.Part)
	return err
}

// EveryIn reads the standing figures of a layer and a period, of all units that the actor may view, by unit, indicator and part.
// With blanks the cells that were emptied are among them.
func (s *Service) EveryIn(ctx context.Context, tx *db.Tx, who auth.Actor, layer Layer, p period.Period, blanks bool) ([]Version, error) {
	return db.Collect(ctx, tx, scanVersion, `select`+figureColumns+`from figure f join period d on d.id = f.period
		where f.period = $1 and f.layer = $2 and ($3 or f.qualifier <> 0) and`+newest+`and`+org.Within("f.unit", "d.date_to", 4)+`
		order by f.unit, f.indicator, f.part`, append([]any{p.ID, int64(layer), blanks}, org.WithinArgs(who, auth.View, s.clock.Today())...)...)
}
