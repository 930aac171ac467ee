package figure

import (
	"context"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

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
		nodes, err := org.Below(ctx, tx, who, auth.View, org.Hierarchy(who.Along(auth.View, top.ID)), top.ID, day, today)
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
		if known, wrong := period.Parse(code); wrong == nil && fault.Is(err, fault.KindNotFound) {
			err = fault.Refusedf("%s chưa mở. Văn phòng Mặt trận mở kỳ ở trang Kỳ; sau đó các đơn vị nhập được số liệu.", fault.Word(known.Name()))
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
