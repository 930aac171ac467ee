package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// writing puts what was resolved into the houses that own it, under one entry.
type writing struct {
	s   *Service
	tx  *db.Tx
	who auth.Actor
	p   *stored
	r   *resolver
}

// live tells whether a line is still to be written: a later row may have refused an earlier one.
func (w *writing) live(line int) bool {
	s := w.r.lines[line].State
	return s == StateNew || s == StateChanged
}

func (w *writing) all(ctx context.Context) error {
	for _, spec := range w.r.specs {
		w.p.made = append(w.p.made, spec.Code) // made when they were resolved
	}
	if err := w.rivals(ctx); err != nil {
		return err
	}
	if w.nothing() {
		return nil
	}
	var inputs []figure.Input
	var lines []int
	for _, t := range w.r.inputs {
		if w.live(t.line) {
			inputs, lines = append(inputs, t.do), append(lines, t.line)
		}
	}
	entry, _, err := w.s.figures.SaveIn(ctx, w.tx, w.who, figure.Imported, w.p.File, inputs)
	if err != nil {
		return w.located(err, inputs, lines)
	}
	w.p.Entry = entry
	for _, t := range w.r.overlaps {
		if w.live(t.line) {
			if err := w.s.figures.SetOverlapIn(ctx, w.tx, w.who, entry, t.do.p, t.do.o); err != nil {
				return w.at(t.line, err)
			}
		}
	}
	for _, t := range w.r.flags {
		if w.live(t.line) {
			if err := w.s.figures.FlagIn(ctx, w.tx, w.who, t.do.p, t.do.cell, t.do.text); err != nil {
				return w.at(t.line, err)
			}
		}
	}
	if err := w.targets(ctx); err != nil {
		return err
	}
	return w.statements(ctx, entry)
}

// rivals keeps what a package says beside cells that people here have given otherwise.
func (w *writing) rivals(ctx context.Context) error {
	at := map[int64]int{}
	var units [][]figure.Input
	for _, in := range w.r.rivals {
		n, ok := at[in.Unit]
		if !ok {
			n = len(units)
			at[in.Unit], units = n, append(units, nil)
		}
		units[n] = append(units[n], in)
	}
	for _, inputs := range units {
		if err := w.s.figures.KeepIn(ctx, w.tx, w.who, inputs); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) nothing() bool {
	return !slices.ContainsFunc(w.r.lines, func(l Line) bool { return l.What != OfUnit && (l.State == StateNew || l.State == StateChanged) })
}

func (w *writing) targets(ctx context.Context) error {
	for _, t := range w.r.targets {
		if !w.live(t.line) {
			continue
		}
		d := t.do
		source := d.source
		if source == "" {
			source = w.p.File
		}
		if err := w.s.figures.SetPlanIn(ctx, w.tx, w.who, d.unit, d.p, d.in, d.q, source); err != nil {
			return w.at(t.line, err)
		}
		w.p.before = append(w.p.before, before{d.unit.Code, d.p.Code, d.in.Code, d.before.Has, d.before.Number, int8(d.before.Qualifier), d.before.Raw, d.before.Source})
	}
	return nil
}

func (w *writing) statements(ctx context.Context, entry string) error {
	var list []report.Statement
	var lines []int
	for _, t := range w.r.statements {
		if w.live(t.line) {
			list, lines = append(list, t.do), append(lines, t.line)
		}
	}
	if len(list) == 0 {
		return nil
	}
	err := w.s.reports.AddStatementsIn(ctx, w.tx, w.who, entry, list)
	var named fault.List
	if rest := rowFaults(err, func(n int, f *fault.Error) {
		if n >= 1 && n <= len(lines) {
			named = append(named, w.r.lines[lines[n-1]].about(f))
		}
	}); err != nil && len(named) == 0 {
		return rest
	}
	return named.Err()
}

// at puts a line's address before what another house has refused.
func (w *writing) at(line int, err error) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	var out fault.List
	for _, f := range all {
		out = append(out, w.r.lines[line].about(f))
	}
	return out
}

// about puts the line's address before a fault.
func (l Line) about(f *fault.Error) *fault.Error { return fault.Made(f.Kind, "", "%s: %s", l.At, f) }

// located names the lines of the cells that figure has refused.
func (w *writing) located(err error, inputs []figure.Input, lines []int) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	var out fault.List
	for _, f := range all {
		moved := f.At("")
		for i, in := range inputs {
			if f.Field == fmt.Sprintf("%d/%d/%d/%d", in.Unit, in.Period.ID, in.Indicator.ID, in.Part) {
				moved = w.r.lines[lines[i]].about(f)
				break
			}
		}
		out = append(out, moved)
	}
	return out
}

// Undo takes an import back as a whole: figures, overlaps, statements, targets and the units that it made. What somebody
// has changed since keeps its newer value and is listed in the plan.
func (s *Service) Undo(ctx context.Context, who auth.Actor, planID, reason string) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	reason = viet.Clean(reason)
	if reason == "" {
		return fault.Invalid("reason", "Hãy nêu lý do hoàn tác.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		p, err := find(ctx, tx, who, s.clock.Today(), "id", planID)
		if err != nil {
			return err
		}
		if p.Stage != Applied {
			return fault.Conflictf("Lần nhập này %s, nên không có gì để hoàn tác.", p.Stage)
		}
		if err := s.undo(ctx, tx, who, &p, reason); err != nil {
			return err
		}
		if p.Kind == Signed {
			if err := s.packages.GivenBack(ctx, tx, who, p.ID, reason); err != nil {
				return err
			}
		}
		units, err := unitsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		p.Stage, p.UndoneAt, p.Reason = Undone, s.clock.Milli(), reason
		if err := update(ctx, tx, p, Applied); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "undo", House: "intake", Object: p.ID, Units: units, Reason: reason,
			Detail: map[string]any{"entry": p.Entry, "kept": len(p.Kept)},
		})
	})
}

func (s *Service) undo(ctx context.Context, tx *db.Tx, who auth.Actor, p *stored, reason string) error {
	if p.Entry != "" {
		if err := s.figures.EndOverlapsIn(ctx, tx, who, p.Entry, reason); err != nil {
			return err
		}
		_, kept, err := s.figures.UndoIn(ctx, tx, who, p.Entry, reason)
		if err != nil {
			return err
		}
		for _, c := range kept {
			text, err := s.nameCell(ctx, tx, c)
			if err != nil {
				return err
			}
			p.Kept = append(p.Kept, text)
		}
		_, changed, err := s.reports.UndoStatementsIn(ctx, tx, who, p.Entry)
		if err != nil {
			return err
		}
		if changed > 0 {
			p.Kept = append(p.Kept, fmt.Sprintf("%d nội dung đã được sửa sau khi nhập", changed))
		}
	}
	if err := s.undoTargets(ctx, tx, who, p, reason); err != nil {
		return err
	}
	for i := len(p.made) - 1; i >= 0; i-- {
		err := s.units.UnloadIn(ctx, tx, who, []string{p.made[i]}, reason)
		switch {
		case fault.Is(err, fault.KindRefused) || fault.Is(err, fault.KindNotFound):
			p.Kept = append(p.Kept, "Đơn vị "+p.made[i]+": "+fault.Text(err))
		case err != nil:
			return err
		}
	}
	return nil
}

// undoTargets puts the targets back that still are as the import left them.
func (s *Service) undoTargets(ctx context.Context, tx *db.Tx, who auth.Actor, p *stored, reason string) error {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	left := map[string]string{}
	for _, l := range p.Rows {
		if l.What == OfTarget {
			left[strings.Join([]string{l.Unit, l.Period, l.Indicator}, "/")] = l.After
		}
	}
	for _, b := range p.before {
		per, err := period.Find(ctx, tx, b.Period)
		if err != nil {
			return err
		}
		u, err := org.Visible(ctx, tx, who, auth.Consolidate, b.Unit, per.To, s.clock.Today())
		if err != nil {
			return err
		}
		in, ok := catalog.At(per.To).ByCode(b.Indicator)
		if !ok {
			continue
		}
		plans, err := s.figures.PlansIn(ctx, tx, who, u, per)
		if err != nil {
			return err
		}
		now := plans[figure.Key{Period: per.ID, Indicator: in.ID}]
		if shownPlan(now.Value, now.Raw, in.Unit, in.Decimals) != left[strings.Join([]string{b.Unit, b.Period, b.Indicator}, "/")] {
			p.Kept = append(p.Kept, "Chỉ tiêu kế hoạch “"+in.Name+"” của "+u.Name)
			continue
		}
		q := viet.Quantity{Value: b.Number, Scale: in.Decimals, Qualifier: viet.Qualifier(b.Qualifier), Raw: b.Raw}
		if err := s.figures.SetPlanIn(ctx, tx, who, u, per, in, q, strings.TrimSpace(b.Source+" (hoàn tác: "+reason+")")); err != nil {
			return err
		}
	}
	return nil
}

// shownPlan prints a target as a plan's line does.
func shownPlan(v figure.Value, raw, unit string, decimals int) string {
	if v.Qualifier == viet.Range {
		return viet.Restate(raw, unit, decimals)
	}
	return viet.Phrase(viet.Quantity{Value: v.Number, Scale: decimals, Qualifier: v.Qualifier}, unit)
}

func (s *Service) nameCell(ctx context.Context, tx *db.Tx, c figure.Cell) (string, error) {
	p, err := period.FindID(ctx, tx, c.Period)
	if err != nil {
		return "", err
	}
	u, err := org.FindID(ctx, tx, c.Unit, p.To)
	if err != nil {
		return "", err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return "", err
	}
	in, _ := catalog.ByID(c.Indicator)
	name := in.Name
	if part, ok := in.Part(c.Part); ok && part.Name != "" {
		name += ", " + part.Name
	}
	return u.Name + ", " + p.Name() + ": " + name, nil
}
