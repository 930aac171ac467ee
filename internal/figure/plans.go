package figure

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

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
