package report

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Ready is a report that waits for the office, with what speaks against taking it over without looking at it.
type Ready struct {
	Row
	Findings []Finding
}

// Finding is one thing to look at: a text of the program's, with what it is about.
type Finding struct {
	Text  string // a format of About
	About string
}

// Ready lists the reports below a unit that the office may accept now, those without findings first.
func (s *Service) Ready(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Board, []Ready, error) {
	var b Board
	var clean, others []Ready
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		clean, others = nil, nil
		pl, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode)
		if err != nil {
			return err
		}
		if b, err = s.BoardIn(ctx, tx, who, pl.unit.Code, pl.p.Code); err != nil {
			return err
		}
		flags, err := figure.Flags(ctx, tx, who, pl.unit.ID, []period.Period{pl.p}, s.clock.Today())
		if err != nil {
			return err
		}
		for _, row := range b.Rows {
			way, err := wayOf(ctx, tx, row.Unit.Unit, s.clock.Today())
			if err != nil {
				return err
			}
			if t, err := way.next(row.State, Accept, false); err != nil || t.Again() {
				continue
			}
			one := Ready{Row: row}
			if one.Findings, err = s.findings(ctx, tx, who, row, pl.p, flags); err != nil {
				return err
			}
			if len(one.Findings) == 0 {
				clean = append(clean, one)
			} else {
				others = append(others, one)
			}
		}
		return nil
	})
	return b, append(clean, others...), err
}

func (s *Service) findings(ctx context.Context, tx *db.Tx, who auth.Actor, row Row, p period.Period, flags []figure.Flag) ([]Finding, error) {
	var out []Finding
	if row.Changed {
		out = append(out, Finding{Text: "Có thay đổi sau khi duyệt"})
	}
	for _, f := range flags {
		if f.Cell.Unit == row.Unit.ID && f.Settled == "" {
			out = append(out, Finding{"Số liệu tự mâu thuẫn: %s", f.Text})
		}
	}
	broken, err := s.rules.CheckIn(ctx, tx, who, row.Unit.Unit, p)
	if err != nil {
		return nil, err
	}
	for _, f := range broken {
		out = append(out, Finding{"Quy tắc: %s", f.Rule.Name})
	}
	odds, err := s.rules.OddsIn(ctx, tx, row.Unit.Unit, p)
	if err != nil {
		return nil, err
	}
	for _, o := range odds {
		if o.Note == nil {
			out = append(out, Finding{"Số khác thường chưa giải thích: %s", o.Name})
		}
	}
	return out, nil
}

// Chosen is a report of a list as the actor saw it.
type Chosen struct {
	Unit    string
	Version int
}

// Refused is a report that could not be accepted, and why.
type Refused struct {
	Unit string
	Name string
	Why  error // a fault
}

// AcceptMany accepts reports one after the other: what one refuses holds up no other.
func (s *Service) AcceptMany(ctx context.Context, who auth.Actor, periodCode string, list []Chosen) (accepted int, refused []Refused, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return 0, nil, err
	}
	for _, c := range list {
		_, err := s.Accept(ctx, who, c.Unit, periodCode, c.Version, "")
		switch {
		case err == nil:
			accepted++
		case len(fault.All(err)) == 0:
			return accepted, refused, err
		case fault.Is(err, fault.KindNotFound):
			return accepted, refused, err
		default:
			x := Refused{Unit: c.Unit, Name: c.Unit, Why: err}
			if readErr := s.db.Read(ctx, func(tx *db.Tx) error {
				u, err := org.FindCode(ctx, tx, c.Unit, s.clock.Today())
				x.Name = u.Name
				return err
			}); readErr != nil && len(fault.All(readErr)) == 0 {
				return accepted, refused, readErr
			}
			refused = append(refused, x)
		}
	}
	return accepted, refused, nil
}
