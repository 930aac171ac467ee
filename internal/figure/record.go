package figure

import (
	"context"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/period"
)

// Record puts what another house's records add up to into cells of one period, in the transaction of the record. right is the
// permission by which the actor keeps those records. It does not touch a cell that a person or a file has filled with something
// else, nor one that is shut or approved: they are answered, and whoever looks at the sheet sees both numbers.
func (s *Service) Record(ctx context.Context, tx *db.Tx, who auth.Actor, right auth.Permission, origin string, p period.Period, inputs []Input) (left []Input, err error) {
	if p.MustBeOpen() != nil || len(inputs) == 0 {
		return inputs, nil
	}
	if err := checkInputs(inputs); err != nil {
		return nil, err
	}
	var b db.Batch
	units := make([]int64, len(inputs))
	for i, in := range inputs {
		units[i] = in.Unit
	}
	may := s.askMay(&b, who, right, units, p)
	w := newWriting(s, tx, Submitted)
	w.askFor(&b, inputs)
	gates := make([]func() Gate, len(w.places))
	for i, at := range w.places {
		gates[i] = s.askGate(&b, at.unit, at.p)
	}
	if err := tx.Run(ctx, &b); err != nil {
		return nil, err
	}
	if err := may(ctx, tx); err != nil {
		return nil, err
	}
	for i, at := range w.places {
		w.gates[place0{unit: at.unit, period: at.p.ID}] = gates[i]()
	}
	others, err := w.byOthers(ctx, inputs)
	if err != nil {
		return nil, err
	}
	inputs = slices.DeleteFunc(slices.Clone(inputs), func(in Input) bool {
		c := in.cell()
		if w.standing[c].Value == in.version().Value {
			return true
		}
		gate := w.gates[place0{unit: c.Unit, period: c.Period}]
		if others[c] || w.approved[c] || gate.Reason != "" || gate.Against(c.Indicator, c.Part) != "" {
			left = append(left, in)
			return true
		}
		return false
	})
	if len(inputs) == 0 {
		return left, nil
	}
	if w.entry, err = s.insertEntry(ctx, tx, who, Recorded, origin); err != nil {
		return nil, err
	}
	saved, err := w.inputs(inputs)
	if err != nil {
		return nil, err
	}
	if err := w.finish(ctx); err != nil {
		return nil, err
	}
	if err := w.passed(ctx, who, saved); err != nil {
		return nil, err
	}
	return left, audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "save", House: "figure", Object: w.entry.ID, Units: w.units(), Reason: origin,
		Detail: map[string]any{"entry": w.entry.ID, "cells": len(inputs), "changed": len(w.versions)}, Figures: digest(w.entry, w.versions)})
}

// byOthers tells which of the cells hold what came from no record.
func (w *writing) byOthers(ctx context.Context, inputs []Input) (map[Cell]bool, error) {
	var keys []int64
	for _, in := range inputs {
		if v := w.standing[in.cell()]; !v.Blank() {
			keys = append(keys, v.Entry)
		}
	}
	out := map[Cell]bool{}
	if len(keys) == 0 {
		return out, nil
	}
	keys = db.Padded(slices.Compact(slices.Sorted(slices.Values(keys))))
	recorded, err := db.Collect(ctx, w.tx, db.Scalar[int64], `select key from figure_entry where kind = 'record' and key in (`+db.List(len(keys), 1)+`)`, db.Args(keys)...)
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		if v := w.standing[in.cell()]; !v.Blank() && !slices.Contains(recorded, v.Entry) {
			out[in.cell()] = true
		}
	}
	return out, nil
}
