package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Row is one expected unit on the board of a period.
type Row struct {
	Unit     org.Node
	Place    string // short name of the place that the unit stands at; empty for a unit at the top
	Report   Report // Version 0 while it is not begun
	State    State
	Due      string // ISO date, or empty
	Extended bool   // the day is the body's own, not the period's
	Pleads   string // ISO date that the body asks to have until, and waits for an answer; empty where it does not
	DaysLate int    // by the first sending; of what has not come, by today
	Missing  bool   // due and not sent
	Changed  bool   // something was written since the last approval that stands
	Filled   int    // indicators with a figure
	Expected int    // indicators that the unit gave in the period before; 0 when that is unknown
}

// Late tells whether the report came late, or is overdue.
func (r Row) Late() bool { return r.DaysLate > 0 }

// Board is who is expected to report for a period below a unit, and how far each has come.
type Board struct {
	Unit   org.Unit
	Period period.Period
	Rows   []Row
}

// Summary counts a board. Sent holds the approved ones too, and Approved those that the office has accepted; Late holds what came late and what is overdue.
type Summary struct {
	Expected, Sent, Late, Missing, Returned, Approved, Accepted, Changed int
}

// Summary counts the board.
func (b Board) Summary() Summary {
	n := Summary{Expected: len(b.Rows)}
	for _, r := range b.Rows {
		if r.State.Given() {
			n.Sent++
		}
		if r.State.Endorsed() {
			n.Approved++
		}
		if r.State.Accepted() {
			n.Accepted++
		}
		if r.Changed {
			n.Changed++
		}
		if r.State == StateReturned {
			n.Returned++
		}
		if r.Late() {
			n.Late++
		}
		if r.Missing {
			n.Missing++
		}
	}
	return n
}

// Board lists every unit below one (itself included) that owes a report for the period, as far as the actor may see.
func (s *Service) Board(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Board, error) {
	var b Board
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		b, err = s.BoardIn(ctx, tx, who, unitCode, periodCode)
		return err
	})
	return b, err
}

// BoardIn is Board within a transaction.
func (s *Service) BoardIn(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (Board, error) {
	pl, err := s.peek(ctx, tx, who, unitCode, periodCode)
	if err != nil {
		return Board{}, err
	}
	b := Board{Unit: pl.unit, Period: pl.p}
	today := s.clock.Today()
	owing, err := dutiesOf(ctx, tx, who, auth.View, pl.unit.ID, pl.p.Kind, pl.p.To, today)
	if err != nil || len(owing) == 0 {
		return b, err
	}
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Hierarchy(who.Along(auth.View, pl.unit.ID)), pl.unit.ID, pl.p.To, today)
	if err != nil {
		return b, err
	}
	reports, err := scoped(ctx, tx, who, auth.View, today, `r.period = $1 and r.kind = 'body'`, ``, pl.p.ID)
	if err != nil {
		return b, err
	}
	before := pl.p.Previous()
	filled, err := filledCells(ctx, tx, who, pl.unit.ID, pl.p.To, []int64{pl.p.ID, before.ID}, today)
	if err != nil {
		return b, err
	}
	dues, err := period.Dues(ctx, tx, pl.p)
	if err != nil {
		return b, err
	}
	pleas, err := period.Pleas(ctx, tx, pl.p)
	if err != nil {
		return b, err
	}
	byUnit := map[int64]Report{}
	for _, r := range reports {
		byUnit[r.Unit] = r
	}
	names := map[int64]string{}
	for _, n := range nodes {
		names[n.ID] = n.Short
	}
	for _, n := range nodes {
		if _, ok := slices.BinarySearch(owing, n.ID); !ok {
			continue
		}
		row := Row{Unit: n, Report: byUnit[n.ID], Due: cmp.Or(dues[n.ID], pl.p.Due), Extended: dues[n.ID] != "", Pleads: pleas[n.ID], Filled: filled[[2]int64{n.ID, pl.p.ID}], Expected: filled[[2]int64{n.ID, before.ID}]}
		if n.Depth > 0 {
			row.Place = names[n.Parent]
		}
		row.settle(today)
		b.Rows = append(b.Rows, row)
	}
	slices.SortStableFunc(b.Rows, func(x, y Row) int { return cmp.Compare(levelOrder(x.Unit.Level), levelOrder(y.Unit.Level)) })
	return b, nil
}

func levelOrder(l org.Level) int { return slices.Index(org.Levels, l) }

// settle works out what the state means on a day.
func (r *Row) settle(today string) {
	r.State, r.Changed = r.Report.State, r.Report.ChangedAt != 0
	day := today
	if r.Report.FirstSentAt != 0 {
		day = clock.At(r.Report.FirstSentAt).Format(time.DateOnly)
	}
	r.DaysLate = DaysLate(r.Due, day)
	r.Missing = r.DaysLate > 0 && !r.State.Given()
	if r.State == StateReturned { // it has been sent once; what is missing now is the better one
		r.Missing = false
	}
}

// Summary counts the board of a unit and period.
func (s *Service) Summary(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Summary, error) {
	b, err := s.Board(ctx, who, unitCode, periodCode)
	return b.Summary(), err
}

// Duty says that a unit owes reports for a kind of period in [ValidFrom, ValidTo).
type Duty struct {
	Unit               int64
	Kind               string
	ValidFrom, ValidTo string
}

// SetDuty says that units owe a report for each period of a kind from a day on. Units that owe it already are left alone.
func (s *Service) SetDuty(ctx context.Context, who auth.Actor, unitCodes []string, kind, from string) error {
	return s.duty(ctx, who, unitCodes, kind, from, "set-duty", func(tx *db.Tx, unit org.Unit) error {
		var some bool
		if err := tx.QueryRow(ctx, `select exists (select 1 from report_duty where unit = $1 and period_kind = $2 and valid_from <= $3 and $3 < valid_to)`,
			unit.ID, kind, from).Scan(&some); err != nil || some {
			return err
		}
		to := org.Forever // or the day on which a later duty begins
		var later string
		if err := tx.QueryRow(ctx, `select coalesce(min(valid_from), '') from report_duty where unit = $1 and period_kind = $2 and valid_from > $3
			and valid_from < valid_to`, unit.ID, kind, from).Scan(&later); err != nil {
			return err
		}
		if later != "" {
			to = later
		}
		_, err := tx.Exec(ctx, `insert into report_duty(unit, period_kind, valid_from, valid_to) values ($1,$2,$3,$4)
			on conflict (unit, period_kind, valid_from) do update set valid_to = excluded.valid_to`, unit.ID, kind, from, to)
		return err
	})
}

// EndDuty says that units owe no report of a kind any more from a day on; what they owed before stays.
func (s *Service) EndDuty(ctx context.Context, who auth.Actor, unitCodes []string, kind, from string) error {
	return s.duty(ctx, who, unitCodes, kind, from, "end-duty", func(tx *db.Tx, unit org.Unit) error {
		_, err := tx.Exec(ctx, `update report_duty set valid_to = case when valid_from < $3 then $3 else valid_from end
			where unit = $1 and period_kind = $2 and valid_to > $3`, unit.ID, kind, from)
		return err
	})
}

func (s *Service) duty(ctx context.Context, who auth.Actor, unitCodes []string, kind, from, verb string, fn func(*db.Tx, org.Unit) error) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	if !slices.Contains(period.Kinds, kind) || kind == period.Custom {
		return fault.Invalid("kind", "Hãy chọn loại kỳ báo cáo.")
	}
	if !validDay(from) {
		return fault.Invalid("from", "Hãy ghi ngày bắt đầu, ví dụ 01/07/2019.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for _, code := range unitCodes {
			u, err := org.Visible(ctx, tx, who, auth.Consolidate, code, from, s.clock.Today())
			if err != nil {
				return err
			}
			if err := fn(tx, u); err != nil {
				return err
			}
			if err := audit.Write(ctx, tx, who, audit.Act{
				At: s.clock.Milli(), Verb: verb, House: "report", Object: "duty/" + u.Code, Units: []int64{u.ID},
				Detail: map[string]any{"kind": kind, "from": from},
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Owing lists the units below one that may be asked to report on a day, and which of them are.
type Owing struct {
	org.Node
	Owes bool
}

// Duties lists all units below one on a day and whether each owes a report of a kind. Only the office may ask.
func (s *Service) Duties(ctx context.Context, who auth.Actor, unitCode, kind, day string) ([]Owing, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, err
	}
	var out []Owing
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		today := s.clock.Today()
		u, err := org.Visible(ctx, tx, who, auth.Consolidate, unitCode, day, today)
		if err != nil {
			return err
		}
		nodes, err := org.Below(ctx, tx, who, auth.Consolidate, org.Territory, u.ID, day, today)
		if err != nil {
			return err
		}
		owing, err := dutiesOf(ctx, tx, who, auth.Consolidate, u.ID, kind, day, today)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			if n.ID == u.ID && u.Kind == org.Place {
				continue // the top of the board is who asks
			}
			_, owes := slices.BinarySearch(owing, n.ID)
			out = append(out, Owing{n, owes})
		}
		return nil
	})
	return out, err
}
