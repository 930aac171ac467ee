package intake

import (
	"context"
	"fmt"

	"giaoban/internal/auth"
	"giaoban/internal/figure"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

func (r *resolver) allOverlaps(ctx context.Context) error {
	for _, f := range r.c.figures {
		if len(f.overlaps) == 0 {
			continue
		}
		own := -1
		for c, i := range r.byCell {
			if r.lines[i].At == f.at {
				own = i
				for _, o := range f.overlaps {
					if err := r.overlap(ctx, f, o, c, own); err != nil {
						return err
					}
				}
			}
		}
		if own >= 0 {
			continue
		}
		for _, o := range f.overlaps {
			l := Line{At: o.at, What: OfOverlap}
			l.refuse("", "Số liệu mà phần trùng này thuộc về ("+f.at+") bị từ chối.")
			r.lines = append(r.lines, l)
		}
	}
	return nil
}

func (r *resolver) overlap(ctx context.Context, f figureRow, o overlapRow, c figure.Cell, own int) error {
	base := r.lines[own]
	l := Line{At: o.at, What: OfOverlap, State: StateNew, Period: base.Period, PeriodName: base.PeriodName, Indicator: base.Indicator,
		IndicatorName: base.IndicatorName, Part: base.Part, PartName: base.PartName, Unit: base.Unit, UnitName: base.UnitName}
	defer func() { r.lines = append(r.lines, l) }()
	if base.State == StateRefused || base.State == StateQuestion {
		l.refuse("", "Số liệu mà phần trùng này thuộc về ("+f.at+") chưa ghi được.")
		return nil
	}
	p, _, err := r.names.period(ctx, field{text: base.Period})
	if err != nil {
		return err
	}
	other, why, err := r.names.unit(ctx, o.unit, auth.View, p.To)
	if err != nil {
		return err
	}
	reason := viet.Clean(o.reason)
	if why == "" && reason == "" {
		why = "Hãy nêu vì sao hai số liệu trùng nhau (reason)."
	}
	in, _ := r.names.catalog(p.To).ByCode(base.Indicator)
	todoOverlap := figure.Overlap{Cell: c, Other: other.ID, Reason: reason}
	if why == "" && o.amount.set && !o.amount.null {
		got := readValue(o.amount, "", false, in)
		switch {
		case got.refusal != "":
			why = got.refusal
		case got.question != nil:
			why = got.question.Text
		default:
			todoOverlap.Amount, todoOverlap.Known = got.quantity.Value, true
		}
	}
	if why == "" {
		if _, given := r.byCell[figure.Cell{Unit: other.ID, Period: c.Period, Indicator: c.Indicator, Part: c.Part}]; !given {
			theirs, err := r.s.figures.OwnIn(ctx, r.tx, r.who, figure.Submitted, other, []period.Period{p})
			if err != nil {
				return err
			}
			if theirs[figure.Cell{Unit: other.ID, Period: c.Period, Indicator: c.Indicator, Part: c.Part}].Blank() {
				why = "Đơn vị " + other.Name + " chưa có số liệu này trong kỳ, nên chưa khai trùng được."
			}
		}
	}
	if why != "" {
		l.refuse(o.unit.at, why)
		return nil
	}
	l.After = "trùng với " + other.Name + ", chưa biết bao nhiêu"
	if todoOverlap.Known {
		l.After = "trùng với " + other.Name + ": " + figure.Print(figure.Value{Number: todoOverlap.Amount, Has: true, Qualifier: viet.Exact}, "", in)
	}
	stands, err := overlapStands(ctx, r.tx, todoOverlap)
	if err != nil {
		return err
	}
	if stands {
		l.State = StateEqual
		return nil
	}
	r.overlaps = append(r.overlaps, todo[overlapTodo]{len(r.lines), overlapTodo{p, todoOverlap}})
	return nil
}

func (r *resolver) allTargets(ctx context.Context) error {
	seen := map[figure.Cell]int{}
	for _, t := range r.c.targets {
		if err := r.target(ctx, t, seen); err != nil {
			return fmt.Errorf("%s: %w", t.at, err)
		}
	}
	return nil
}

func (r *resolver) target(ctx context.Context, t targetRow, seen map[figure.Cell]int) error {
	l := Line{At: t.at, What: OfTarget, State: StateNew}
	index := len(r.lines)
	defer func() { r.old(&l, t.legacy); r.lines = append(r.lines, l) }()
	if !r.who.Has(auth.Consolidate) {
		l.refuse("", "Chỉ tiêu kế hoạch do văn phòng Mặt trận nhập. Hãy bỏ phần này khỏi tệp.")
		return nil
	}
	u, p, ok, err := r.place(ctx, &l, t.unit, t.period, auth.Consolidate)
	if err != nil || !ok {
		return err
	}
	in, part, why := r.names.indicator(figureRow{indicator: t.indicator}, p.To)
	if why == "" && part.Part != 0 {
		why = "Chỉ tiêu kế hoạch đặt cho cả chỉ tiêu, không cho thành phần."
	}
	if why != "" {
		l.refuse(t.indicator.at, why)
		return nil
	}
	l.Indicator, l.IndicatorName = in.Code, in.Name
	c := figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID}
	if first, twice := seen[c]; twice {
		r.lines[first].refuse("", "Trùng với "+l.At+".")
		l.refuse("", "Trùng với "+r.lines[first].At+".")
		return nil
	}
	seen[c] = index
	if !t.value.set && t.raw.text != "" {
		t.value = given{text: t.raw.text, at: t.raw.at, set: true}
	}
	got := readValue(t.value, "", false, in)
	switch {
	case got.refusal != "":
		l.refuse(t.value.at, got.refusal)
		return nil
	case got.question != nil:
		l.State, l.Text = StateQuestion, got.question.Text
		for _, reading := range got.question.Readings {
			l.Readings = append(l.Readings, reading.Text)
		}
		n, chosen := r.opt.Choices[l.At]
		if !chosen {
			return nil
		}
		if got.quantity, ok = choose(got.question, n, in); !ok {
			return nil
		}
		l.State, l.Text, l.Choice = StateNew, "", n+1
	}
	q, why := qualified(got.quantity, t.qualifier)
	if why == "" && !q.HasNumber() && q.Qualifier != viet.Blank {
		why = "Chỉ tiêu kế hoạch phải là một con số."
	}
	if why != "" {
		l.refuse(t.qualifier.at, why)
		return nil
	}
	if t.raw.text != "" {
		q.Raw = t.raw.text
	}
	place := [2]int64{u.ID, p.ID}
	if r.plans[place] == nil {
		if r.plans[place], err = r.s.figures.PlansIn(ctx, r.tx, r.who, u, p); err != nil {
			return err
		}
	}
	old := r.plans[place][figure.Key{Period: p.ID, Indicator: in.ID}]
	l.Seen = old.Version
	l.Before = figure.Print(old.Value, old.Raw, in)
	l.After = shownPlan(figure.Value{Number: q.Value, Has: q.HasNumber(), Qualifier: q.Qualifier}, q.Raw, in.Unit, in.Decimals)
	switch {
	case old.Qualifier == q.Qualifier && (!old.Has || old.Number == q.Value):
		l.State = StateEqual
		return nil
	case old.Has:
		l.State = StateChanged
	}
	r.targets = append(r.targets, todo[targetTodo]{index, targetTodo{u, p, in, q, viet.Clean(t.source), old}})
	return nil
}
