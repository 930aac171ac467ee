package exchange

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
)

// row is a figure that goes out.
type row struct {
	unit    org.Unit
	in      indicator.Indicator
	part    indicator.Part
	version figure.Version
	follow  bool // a contradiction of it is open
}

// choices are the units that the actor may view today and the periods.
func (s *Service) choices(ctx context.Context, who auth.Actor) (units []org.Unit, periods []period.Period, err error) {
	today := s.clock.Today()
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		units = nil
		seen := map[int64]bool{}
		for _, top := range who.Units(auth.View) {
			below, err := org.Below(ctx, tx, who, auth.View, org.Hierarchy(who.Along(auth.View, top)), top, today, today)
			if err != nil {
				return err
			}
			for _, n := range below {
				if !seen[n.ID] {
					seen[n.ID] = true
					units = append(units, n.Unit)
				}
			}
		}
		periods, err = period.List(ctx, tx, "")
		return err
	})
	return units, periods, err
}

// rows reads what the actor may view, by unit, indicator and part.
func (s *Service) rows(ctx context.Context, tx *db.Tx, who auth.Actor, ask Ask, p period.Period) ([]row, error) {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalog = catalog.At(p.To)
	today := s.clock.Today()
	var in map[int64]bool // nil: every unit
	if ask.Unit != "" {
		top, err := org.Visible(ctx, tx, who, auth.View, strings.ToUpper(ask.Unit), p.To, today)
		if err != nil {
			return nil, err
		}
		below, err := org.Below(ctx, tx, who, auth.View, org.Territory, top.ID, p.To, today)
		if err != nil {
			return nil, err
		}
		in = map[int64]bool{top.ID: true}
		for _, b := range below {
			in[b.ID] = true
		}
	}
	layer := figure.Submitted
	if ask.Approved {
		layer = figure.Approved
	}
	versions, err := s.figures.EveryIn(ctx, tx, who, layer, p, ask.Deleted)
	if err != nil {
		return nil, err
	}
	var out []row
	units := map[int64]org.Unit{}
	flagged := map[figure.Cell]bool{}
	for _, v := range versions {
		if in != nil && !in[v.Unit] {
			continue
		}
		i, ok := catalog.ByID(v.Indicator)
		if !ok {
			continue
		}
		part, ok := i.Part(v.Part)
		if !ok {
			continue
		}
		u, known := units[v.Unit]
		if !known {
			if u, err = org.FindID(ctx, tx, v.Unit, p.To); err != nil {
				return nil, err
			}
			units[v.Unit] = u
			if ask.Format == DHIS2 || ask.Format == ADX {
				open, err := figure.Flags(ctx, tx, who, u.ID, []period.Period{p}, today)
				if err != nil {
					return nil, err
				}
				for _, f := range open {
					flagged[f.Cell] = flagged[f.Cell] || f.Settled == ""
				}
			}
		}
		out = append(out, row{u, i, part, v, flagged[v.Cell]})
	}
	slices.SortStableFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.unit.Code, b.unit.Code), cmp.Compare(a.in.Code, b.in.Code), cmp.Compare(a.part.Part, b.part.Part))
	})
	return out, nil
}
