package figure

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

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
		gate, err := s.GateIn(ctx, tx, out.Unit.ID, out.Period)
		if err != nil {
			return err
		}
		if out.MayEnter && gate.Shut != "" {
			out.MayEnter, out.Locked = false, string(gate.Shut)
		}
		out.Gate = gate
		if s.rules != nil && out.MayEnter {
			if out.Rules, err = s.rules(ctx, tx, who, out.Unit, out.Period); err != nil {
				return err
			}
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
		group := SheetGroup{Title: g.Topic.Name}
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
						return Counted(own[Cell{out.Unit.ID, out.Period.ID, of.ID, 0}].Value)
					})
				}
				group.Rows = append(group.Rows, r)
			}
		}
		out.Groups = append(out.Groups, group)
	}
	return s.arrange(ctx, tx, out)
}

// arrange gives the sheet the sections that are asked for and tells which of its cells are shut.
func (s *Service) arrange(ctx context.Context, tx *db.Tx, out *Sheet) error {
	if s.sections != nil {
		sections, err := s.sections(ctx, tx, out.Unit, out.Period)
		if err != nil {
			return err
		}
		out.Groups = arranged(out.Groups, sections)
	}
	for _, g := range out.Groups {
		for i, r := range g.Rows {
			c := Cell{out.Unit.ID, out.Period.ID, r.Indicator.ID, r.Part.Part}
			g.Rows[i].Shut, g.Rows[i].Asked = out.Gate.shut(c), out.Gate.Asked(c.Indicator, c.Part)
		}
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
