package figure

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
)

// Gate is what stands in the way of changing the figures of one unit and period, beside the period's own state. The zero Gate is open.
type Gate struct {
	Shut   fault.Word          // why nothing may be changed, in the user's words; empty: it may
	Only   map[[2]int64]string // the cells (indicator, part) that are open, each with what was asked of it; nil: all are open
	Words  map[string]string   // beside Only: the answers of forms (by their item) that are open, each with what was asked of it
	Why    fault.Word          // why what Only and Words leave out is shut
	Reason string              // why each change wants a reason; empty: it wants none
	// After follows a change, in its transaction; nil: nothing does.
	After func(ctx context.Context, tx *db.Tx, who auth.Actor, changed []Saved) error
}

// Against says why a cell may not be changed, in the user's words; empty: it may.
func (g Gate) Against(indicator, part int64) fault.Word {
	if g.Shut != "" {
		return g.Shut
	}
	if _, open := g.Only[[2]int64{indicator, part}]; g.Only != nil && !open {
		return g.Why
	}
	return ""
}

// Asked is what was asked of a cell that came back.
func (g Gate) Asked(indicator, part int64) string { return g.Only[[2]int64{indicator, part}] }

// Gatekeeper asks, as a part of a batch, what stands in the way of changing the figures of a unit and period; what it answers
// tells once the batch has run.
type Gatekeeper func(b *db.Batch, unit int64, p period.Period) func() Gate

// Holder makes, as a part of a batch, a change of the figures of a unit and period meet whoever settles meanwhile what they are. What it
// answers is called once the batch has run, in the same transaction.
type Holder func(b *db.Batch, unit int64, p period.Period) func(ctx context.Context, tx *db.Tx) error

// GuardBy sets who keeps the gate and who holds it while something passes: the house of reports, as it is made. Without one every
// gate is open.
func (s *Service) GuardBy(keeper Gatekeeper, holder Holder) { s.keeper, s.holder = keeper, holder }

func (s *Service) askGate(b *db.Batch, unit int64, p period.Period) func() Gate {
	if s.keeper == nil {
		return func() Gate { return Gate{} }
	}
	return s.keeper(b, unit, p)
}

// askPass is askGate for an act that changes something; what it answers is called once the batch has run.
func (s *Service) askPass(b *db.Batch, unit int64, p period.Period) func(ctx context.Context, tx *db.Tx) (Gate, error) {
	gate := s.askGate(b, unit, p)
	hold := func(context.Context, *db.Tx) error { return nil }
	if s.holder != nil {
		hold = s.holder(b, unit, p)
	}
	return func(ctx context.Context, tx *db.Tx) (Gate, error) { return gate(), hold(ctx, tx) }
}

// PassIn is GateIn for an act that changes figures, or what is handed in with them, in the same transaction.
func (s *Service) PassIn(ctx context.Context, tx *db.Tx, unit int64, p period.Period) (Gate, error) {
	var b db.Batch
	pass := s.askPass(&b, unit, p)
	if err := tx.Run(ctx, &b); err != nil {
		return Gate{}, err
	}
	return pass(ctx, tx)
}

// GateIn reads the gate of a unit and period that the caller may see.
func (s *Service) GateIn(ctx context.Context, tx *db.Tx, unit int64, p period.Period) (Gate, error) {
	var b db.Batch
	gate := s.askGate(&b, unit, p)
	if err := tx.Run(ctx, &b); err != nil {
		return Gate{}, err
	}
	return gate(), nil
}

// shut is why a cell may not be changed while others of its sheet may, or nil.
func (g Gate) shut(c Cell) *fault.Error {
	if why := g.Against(c.Indicator, c.Part); why != "" {
		return fault.Made(fault.KindRefused, "", "%s", why)
	}
	return nil
}

// against is the fault of changing a cell that is shut, or nil.
func (g Gate) against(c Cell, in indicator.Indicator) *fault.Error {
	why := g.Against(c.Indicator, c.Part)
	if why == "" {
		return nil
	}
	return fault.Made(fault.KindRefused, cellAddress(c), "“%s”: %s", in.Name, why)
}

// passed tells who keeps the gates which cells an act has changed.
func (w *writing) passed(ctx context.Context, who auth.Actor, saved []Saved) error {
	for _, at := range w.places {
		gate := w.gates[place0{unit: at.unit, period: at.p.ID}]
		if gate.After == nil {
			continue
		}
		var here []Saved
		for _, x := range saved {
			if x.Changed && x.Unit == at.unit && x.Period == at.p.ID {
				here = append(here, x)
			}
		}
		if len(here) == 0 {
			continue
		}
		if err := gate.After(ctx, w.tx, who, here); err != nil {
			return err
		}
	}
	return nil
}
