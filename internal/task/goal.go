package task

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Movement is the figure that a task should move, as it stands: at the task's making, now, and as wanted. Values count
// from the year's start to the end of Period.
type Movement struct {
	Indicator indicator.Indicator
	Part      indicator.Part
	Period    period.Period
	Unit      org.Unit // whose figure it is
	Start     figure.Value
	Now       figure.Value
	Wanted    figure.Value
	Hidden    bool // the actor may see the task but not that unit's figures
	Lines     []Line
}

// Line is one period's share of the value, with the address that opens it.
type Line struct {
	Period period.Period
	Value  figure.Value
	URL    string
}

// Reached tells whether the wanted value is there.
func (m Movement) Reached() bool {
	if !m.Now.Has {
		return false
	}
	if m.Indicator.Better == indicator.Down {
		return m.Now.Number <= m.Wanted.Number
	}
	return m.Now.Number >= m.Wanted.Number
}

// Moved reads a task's figure now. A task without a goal has none: ok is false.
func (s *Service) Moved(ctx context.Context, who auth.Actor, t Task) (m Movement, ok bool, err error) {
	if t.Indicator == 0 {
		return Movement{}, false, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		m, err = s.movement(ctx, tx, who, t)
		return err
	})
	return m, err == nil, err
}

// aim completes a goal and fixes the value that it starts from.
func (s *Service) aim(ctx context.Context, tx *db.Tx, who auth.Actor, t *Task) error {
	if t.Indicator == 0 {
		t.Goal = Goal{}
		return nil
	}
	if t.Of == "" {
		t.Of = OfPlace
	}
	if t.Period == "" {
		p, ok := period.On(period.Quarter, t.Due, period.Calendar)
		if !ok {
			return fault.Invalid("due", "Hãy ghi thời hạn hoàn thành, ví dụ 15/10/2019.")
		}
		t.Period = p.Code
	}
	m, err := s.movement(ctx, tx, who, *t)
	if err != nil {
		return err
	}
	_, part := m.Indicator.Part(t.Part)
	switch {
	case m.Hidden || m.Indicator.ID == 0:
		return fault.Invalid("indicator", "Không có chỉ tiêu này trong danh mục.")
	case m.Indicator.Across == indicator.None:
		return fault.Invalidf("indicator", "Chỉ tiêu “%s” không cộng được giữa các đơn vị nên không đặt làm đích của nhiệm vụ.", m.Indicator.Name)
	case !part:
		return fault.Invalidf("indicator", "Chỉ tiêu “%s” không có phần này.", m.Indicator.Name)
	}
	t.Start = m.Now
	return nil
}

func (s *Service) movement(ctx context.Context, tx *db.Tx, who auth.Actor, t Task) (Movement, error) {
	p, err := period.Parse(t.Period)
	if err != nil {
		return Movement{}, err
	}
	owner, hierarchy := t.Unit, org.Territory
	if t.Of == OfLead {
		owner, hierarchy = t.Lead, org.Line
	}
	m := Movement{Period: p, Start: t.Start, Wanted: figure.Value{Number: t.Wanted, Has: true, Qualifier: viet.Exact}}
	if m.Unit, err = org.FindID(ctx, tx, owner, t.Day); err != nil {
		return m, err
	}
	soFar := p.SoFar()
	totals, err := s.figures.TotalsIn(ctx, tx, who, figure.Query{Unit: m.Unit, Hierarchy: hierarchy, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: soFar})
	if fault.Is(err, fault.KindNotFound) {
		m.Hidden = true
		return m, nil
	}
	if err != nil {
		return m, err
	}
	in, ok := totals.Catalog.ByID(t.Indicator)
	if !ok {
		return m, nil
	}
	m.Indicator = in
	m.Part, _ = in.Part(t.Part)
	m.Now = totals.YearToDate(soFar, in, t.Part)
	for _, one := range soFar {
		if v := totals.Value(one, in, t.Part); !v.Blank() {
			address := figure.Address{Unit: m.Unit.Code, Period: one.Code, Indicator: in.Code, Part: t.Part, Hierarchy: hierarchy, Layer: figure.Submitted}
			m.Lines = append(m.Lines, Line{one, v, address.URL()})
		}
	}
	return m, nil
}

// byPoint orders tasks as the conclusion has them.
func byPoint(tasks []Task) {
	slices.SortStableFunc(tasks, func(a, b Task) int {
		if a.Point != b.Point {
			return a.Point - b.Point
		}
		return strings.Compare(a.ID, b.ID)
	})
}
