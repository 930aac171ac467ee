package figure

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Plan is the target of a unit for an indicator in a period (mostly the year). It is for the unit and all below it, as a
// plan is given: it is not summed from the targets of the units below.
type Plan struct {
	Unit, Period, Indicator int64
	Version                 int
	Value
	Raw    string
	Source string // the decision or plan that it stands in
}

// Pace is how far a plan has come at a day.
type Pace string

const (
	NoPlan  Pace = ""
	Reached Pace = "reached" // the plan is met
	OnPace  Pace = "on-pace" // at least as far as the year has gone
	Behind  Pace = "behind"  // less than the year has gone
	AtRisk  Pace = "at-risk" // less than three quarters of the way that the year has gone
)

// Name is the pace in the user's words.
func (p Pace) Name() string {
	switch p {
	case Reached:
		return "đã đạt"
	case OnPace:
		return "đúng tiến độ"
	case Behind:
		return "chậm tiến độ"
	case AtRisk:
		return "khó đạt"
	}
	return ""
}

// PaceOf compares what is done with the plan and with how much of the plan's time has passed at the end of the period.
// Only what should grow has a pace; for an indicator that is better when low there is only reached or behind.
func PaceOf(done Value, plan Plan, in indicator.Indicator, whole, now period.Period) Pace {
	if !plan.Has || !done.Has || plan.Number == 0 {
		return NoPlan
	}
	if in.Better == indicator.Down {
		if done.Number <= plan.Number {
			return OnPace
		}
		return Behind
	}
	if done.Number >= plan.Number {
		return Reached
	}
	gone, all := days(whole.From, now.To), days(whole.From, whole.To)
	// done/plan against gone/all, in integers: both sides times plan*all*4.
	have, want := done.Number*all*4, plan.Number*gone
	switch {
	case have >= want*4:
		return OnPace
	case have >= want*3:
		return Behind
	}
	return AtRisk
}

func days(from, to string) int64 {
	a, err1 := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil || b.Before(a) {
		return 0
	}
	return int64(b.Sub(a)/(24*time.Hour)) + 1
}

// SetPlan records a target; a changed plan is a new version, the old one stays.
func (s *Service) SetPlan(ctx context.Context, who auth.Actor, unit org.Unit, p period.Period, in indicator.Indicator, q viet.Quantity, source string) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return s.SetPlanIn(ctx, tx, who, unit, p, in, q, source)
	})
}

// SetPlanIn is SetPlan within a transaction (an import). A blank quantity takes the target back: the versions stay, and
// from then on there is no plan.
func (s *Service) SetPlanIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period, in indicator.Indicator, q viet.Quantity, source string) error {
	if q.Qualifier != viet.Blank && (!q.HasNumber() || q.Scale != in.Decimals) {
		return fault.Invalidf("target", "Chỉ tiêu “%s” phải là một con số.", in.Name)
	}
	if _, err := org.Visible(ctx, tx, who, auth.Enter, unit.Code, p.To, s.clock.Today()); err != nil {
		return err
	}
	plans, err := plansOf(ctx, tx, unit.ID, []int64{p.ID})
	if err != nil {
		return err
	}
	old := plans[Key{p.ID, in.ID, 0}]
	if old.Qualifier == q.Qualifier && (!old.Has || old.Number == q.Value) {
		return nil
	}
	var value any
	if q.HasNumber() {
		value = q.Value
	}
	entry, err := s.insertEntry(ctx, tx, who, Typed, "target")
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into target(unit, period, indicator, version, value, qualifier, raw, source, entry)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, unit.ID, p.ID, in.ID, old.Version+1, value, int64(q.Qualifier), q.Raw, source, entry.ID); err != nil {
		return fmt.Errorf("insert target: %w", err)
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "target", House: "figure", Object: cellAddress(Cell{unit.ID, p.ID, in.ID, 0}), Units: []int64{unit.ID},
		Reason: source, Detail: map[string]any{"value": value},
	})
}

// Plans reads the standing targets of a unit.
func (s *Service) Plans(ctx context.Context, who auth.Actor, unit org.Unit, periods ...period.Period) (map[Key]Plan, error) {
	out := map[Key]Plan{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.PlansIn(ctx, tx, who, unit, periods...)
		return err
	})
	return out, err
}

// PlansIn is Plans within a transaction.
func (s *Service) PlansIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, periods ...period.Period) (map[Key]Plan, error) {
	today := s.clock.Today()
	if _, err := org.Visible(ctx, tx, who, auth.View, unit.Code, today, today); err != nil {
		return nil, err
	}
	var ids []int64
	for _, p := range periods {
		if p.ID != 0 {
			ids = append(ids, p.ID)
		}
	}
	return plansOf(ctx, tx, unit.ID, ids)
}

func plansOf(ctx context.Context, tx *db.Tx, unit int64, periods []int64) (map[Key]Plan, error) {
	out := map[Key]Plan{}
	if len(periods) == 0 {
		return out, nil
	}
	rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (Plan, error) {
		var p Plan
		var n sql.NullInt64
		err := r.Scan(&p.Unit, &p.Period, &p.Indicator, &p.Version, &n, &p.Qualifier, &p.Raw, &p.Source)
		p.Number, p.Has = n.Int64, n.Valid
		return p, err
	}, `select unit, period, indicator, version, value, qualifier, raw, source from target where unit = $1
		and period in (`+db.List(len(periods), 2)+`) order by version`, append([]any{unit}, db.Args(periods)...)...)
	for _, p := range rows {
		out[Key{p.Period, p.Indicator, 0}] = p
	}
	return out, err
}
