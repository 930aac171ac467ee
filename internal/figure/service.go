package figure

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	indicators *indicator.Service
	keeper     Gatekeeper // who says which cells are open; nil: all are
	holder     Holder
	holders    org.Above
	entryPath  func(Entry) string // the page of what an entry came from, where a higher house has one
	reportPath func(unit string, p period.Period) string

	sections func(context.Context, *db.Tx, org.Unit, period.Period) ([]Section, error)       // see Arrange
	rules    func(context.Context, *db.Tx, auth.Actor, org.Unit, period.Period) (any, error) // see CheckBy
}

// New makes the house and ties the roll-up to the tree: a change of the tree re-states the sums in its own transaction.
func New(d *db.DB, c *clock.Clock, units *org.Service, indicators *indicator.Service) *Service {
	s := &Service{db: d, clock: c, indicators: indicators}
	units.Follow(org.Hooks{Before: beforeTree, After: s.Restate, Used: used})
	return s
}

func beforeTree(ctx context.Context, tx *db.Tx) error {
	if err := lockFold(ctx, tx); err != nil {
		return err
	}
	_, err := Fold(ctx, tx)
	return err
}

func used(ctx context.Context, tx *db.Tx, unit int64) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `select count(*) from figure f where f.unit = $1 and f.qualifier <> 0 and`+newest, unit).Scan(&n)
	return n > 0, err
}

// RunFolder folds in the background until ctx ends: PostgreSQL's writers only append, and readers add what is pending, so
// the folder decides how quick a read is, never whether it is right. SQLite adds to the sums in each save and needs none.
func (s *Service) RunFolder(ctx context.Context, log *slog.Logger) {
	if s.db.Engine() == db.SQLite {
		return
	}
	const calm, busy = 100 * time.Millisecond, 10 * time.Millisecond // each reader walks through what is pending
	wait := calm
	var folded int64
	swept := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		n, err := s.FoldNow(ctx)
		if wait = calm; n > 0 {
			wait = busy
		}
		folded += n
		if err == nil && folded > 0 && time.Since(swept) > time.Second {
			// A table that is always filled and emptied is all dead rows, which each reader of it walks through.
			err = s.db.Vacuum(ctx, "pending")
			folded, swept = 0, time.Now()
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("fold", "error", err)
		}
	}
}

// FoldNow folds what is pending now and tells how many rows it took.
func (s *Service) FoldNow(ctx context.Context) (n int64, err error) {
	err = s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		var some bool
		if n, err = 0, tx.QueryRow(ctx, `select exists (select 1 from pending)`).Scan(&some); err != nil || !some {
			return err
		}
		if err := lockFold(ctx, tx); err != nil {
			return err
		}
		n, err = Fold(ctx, tx)
		return err
	})
	return n, err
}

// Saved tells what a save did to one cell.
type Saved struct {
	Cell
	Version int
	Changed bool
	Before  Value
	After   Value
	Flags   []Flag
}

// Save writes cells of one or more units: a form, a single cell, an import. All or none. It answers, per cell and in the
// order of the inputs, the version that now stands; an input equal to what stands makes no new version.
func (s *Service) Save(ctx context.Context, who auth.Actor, kind EntryKind, origin string, inputs []Input) (string, []Saved, error) {
	if err := who.Must(auth.Enter); err != nil {
		return "", nil, err
	}
	var entry string
	var out []Saved
	err := s.db.WriteShort(ctx, func(tx *db.Tx) error {
		var err error
		entry, out, err = s.SaveIn(ctx, tx, who, kind, origin, inputs)
		return err
	})
	return entry, out, err
}

// SaveIn is Save within the transaction of another house's record, which posts its derived figures with itself.
func (s *Service) SaveIn(ctx context.Context, tx *db.Tx, who auth.Actor, kind EntryKind, origin string, inputs []Input) (string, []Saved, error) {
	if err := checkInputs(inputs); err != nil {
		return "", nil, err
	}
	// All that a save has to know is asked at once; whether it may be done at all comes first among the answers.
	var b db.Batch
	var may []func(context.Context, *db.Tx) error
	for _, group := range byPeriod(inputs) {
		units := make([]int64, len(group))
		for i, in := range group {
			units[i] = in.Unit
		}
		may = append(may, s.askMay(&b, who, auth.Enter, units, group[0].Period))
	}
	w := newWriting(s, tx, Submitted)
	w.askFor(&b, inputs)
	pass := make([]func(context.Context, *db.Tx) (Gate, error), len(w.places))
	for i, at := range w.places {
		pass[i] = s.askPass(&b, at.unit, at.p)
	}
	entry := s.askEntry(&b, who, kind, origin)
	if err := tx.Run(ctx, &b); err != nil {
		return "", nil, err
	}
	for _, may := range may {
		if err := may(ctx, tx); err != nil {
			return "", nil, err
		}
	}
	for i, at := range w.places {
		gate, err := pass[i](ctx, tx)
		if err != nil {
			return "", nil, err
		}
		w.gates[place0{unit: at.unit, period: at.p.ID}] = gate
	}
	w.entry = *entry
	out, err := w.inputs(inputs)
	if err != nil {
		return "", nil, err
	}
	if err := w.finish(ctx); err != nil {
		return "", nil, err
	}
	if err := w.passed(ctx, who, out); err != nil {
		return "", nil, err
	}
	changed := 0
	for _, v := range out {
		if v.Changed {
			changed++
		}
	}
	detail := map[string]any{"entry": entry.ID, "cells": len(inputs), "changed": changed}
	return entry.ID, out, audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "save", House: "figure", Object: entry.ID, Units: w.units(), Reason: origin, Detail: detail, Figures: digest(w.entry, w.versions)})
}

func byPeriod(inputs []Input) [][]Input {
	at := map[int64]int{}
	var out [][]Input
	for _, in := range inputs {
		i, ok := at[in.Period.ID]
		if !ok {
			i = len(out)
			at[in.Period.ID] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], in)
	}
	return out
}

func checkInputs(inputs []Input) error {
	var bad fault.List
	seen := map[Cell]bool{}
	for _, in := range inputs {
		c := in.cell()
		name := in.Indicator.Name
		switch q := in.Quantity; {
		case seen[c]:
			_ = bad.Add(fault.Invalidf(cellAddress(c), "Chỉ tiêu “%s” được ghi hai lần cho cùng đơn vị và kỳ.", name))
		case in.Part != 0 && !hasPart(in.Indicator, in.Part):
			_ = bad.Add(fault.Invalidf(cellAddress(c), "Chỉ tiêu “%s” không có phần này.", name))
		case q.HasNumber() && q.Scale != in.Indicator.Decimals:
			return fmt.Errorf("save: %s has scale %d, indicator %s wants %d", q.Raw, q.Scale, in.Indicator.Code, in.Indicator.Decimals)
		case TooLarge(q):
			_ = bad.Add(fault.Invalidf(cellAddress(c), "“%s” lớn quá mức hệ thống nhận cho một ô. Hãy kiểm tra lại số chữ số và đơn vị tính.", q.Raw))
		case q.Qualifier == viet.Range && q.Low > q.High:
			_ = bad.Add(fault.Invalidf(cellAddress(c), "Khoảng “%s” có số đầu lớn hơn số cuối.", q.Raw))
		}
		seen[c] = true
	}
	return bad.Err()
}

// largest is what one figure may be, in the indicator's smallest unit: a hundred thousand tỷ đồng. Sums are kept in 63 bits,
// and SQLite goes over to floating point beyond them without a word; with this limit no total of a province's units gets near.
const largest = 100_000_000_000_000

// TooLarge tells a quantity that no figure may hold. A preview asks it before Save would refuse.
func TooLarge(q viet.Quantity) bool {
	over := func(n int64) bool { return n > largest || n < -largest }
	return over(q.Value) || over(q.Low) || over(q.High)
}

func hasPart(in indicator.Indicator, part int64) bool {
	_, ok := in.Part(part)
	return ok
}

func (in Input) cell() Cell { return Cell{in.Unit, in.Period.ID, in.Indicator.ID, in.Part} }

func cellAddress(c Cell) string {
	return fmt.Sprintf("%d/%d/%d/%d", c.Unit, c.Period, c.Indicator, c.Part)
}

// Approve copies what a unit has submitted for a period into the approved layer, in the transaction of the report that is
// approved, and tells how many cells changed there. right is the permission by which the actor approves; reason stands on versions that correct an earlier approval.
func (s *Service) Approve(ctx context.Context, tx *db.Tx, who auth.Actor, right auth.Permission, unit int64, p period.Period, reason string) (int, error) {
	return s.ApproveOnly(ctx, tx, who, right, unit, p, reason, func(Cell) bool { return true })
}

// ApproveOnly is Approve for some of a unit's cells.
func (s *Service) ApproveOnly(ctx context.Context, tx *db.Tx, who auth.Actor, right auth.Permission, unit int64, p period.Period, reason string, only func(Cell) bool) (int, error) {
	if err := s.may(ctx, tx, who, right, []int64{unit}, p); err != nil {
		return 0, err
	}
	given, err := ofUnit(ctx, tx, Submitted, unit, []int64{p.ID})
	if err != nil {
		return 0, err
	}
	entry, err := s.insertEntry(ctx, tx, who, Approval, "")
	if err != nil {
		return 0, err
	}
	w := newWriting(s, tx, Approved)
	w.entry = entry
	n := 0
	if err := w.read(ctx, place{unit, p}, 0, everyIndicator); err != nil {
		return 0, err
	}
	for _, v := range given {
		v.Reason = reason
		if only(v.Cell) && w.put(v, p) {
			n++
		}
	}
	if err := w.finish(ctx); err != nil {
		return 0, err
	}
	return n, audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "approve", House: "figure", Object: entry.ID, Units: []int64{unit}, Reason: reason,
		Detail: map[string]any{"changed": n}, Figures: digest(entry, w.versions),
	})
}

// UndoEntry takes a whole entry (an import) back: each cell returns to the version before it, as a new version. A cell that
// was changed again since keeps its newer value and is listed.
func (s *Service) UndoEntry(ctx context.Context, who auth.Actor, id, reason string) (restored int, kept []Cell, err error) {
	if err := who.Must(auth.Enter); err != nil {
		return 0, nil, err
	}
	err = s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		restored, kept, err = s.UndoIn(ctx, tx, who, id, reason)
		return err
	})
	return restored, kept, err
}

// UndoIn is UndoEntry within another house's transaction.
func (s *Service) UndoIn(ctx context.Context, tx *db.Tx, who auth.Actor, id, reason string) (restored int, kept []Cell, err error) {
	e, err := findEntry(ctx, tx, `id = $1`, id)
	if err != nil {
		return 0, nil, err
	}
	if e.UndoneBy != "" {
		return 0, nil, fault.Conflict("Lần nhập này đã được hoàn tác trước đó.")
	}
	rows, before, err := ofEntry(ctx, tx, e)
	if err != nil {
		return 0, nil, err
	}
	entry, err := s.insertEntry(ctx, tx, who, Undoing, id)
	if err != nil {
		return 0, nil, err
	}
	w := newWriting(s, tx, Submitted)
	w.entry = entry
	checked := map[[2]int64]period.Period{}
	var undone []Saved
	for _, v := range rows {
		key := [2]int64{v.Unit, v.Period}
		p, ok := checked[key]
		if !ok {
			if p, err = period.FindID(ctx, tx, v.Period); err != nil {
				return 0, nil, err
			}
			if err := s.mayEnter(ctx, tx, who, []int64{v.Unit}, p); err != nil {
				return 0, nil, err
			}
			if err := w.read(ctx, place{v.Unit, p}, 0, everyIndicator); err != nil {
				return 0, nil, err
			}
			if w.gates[place0{unit: v.Unit, period: v.Period}], err = s.PassIn(ctx, tx, v.Unit, p); err != nil {
				return 0, nil, err
			}
			checked[key] = p
		}
		if w.standing[v.Cell].Version != v.Version {
			kept = append(kept, v.Cell)
			continue
		}
		old, had := before[v.Cell]
		if !had {
			old = Version{Cell: v.Cell, IndicatorVersion: v.IndicatorVersion}
		}
		old.Reason = reason
		if had {
			w.carry = append(w.carry, carried{v.Cell, old.Version, v.Version + 1})
		}
		if before := w.standing[v.Cell].Value; w.put(old, p) {
			if why := w.gates[place0{unit: v.Unit, period: v.Period}].Against(v.Indicator, v.Part); why != "" {
				return 0, nil, fault.Refusedf("Không hoàn tác được: %s", why)
			}
			undone = append(undone, Saved{Cell: v.Cell, Version: w.standing[v.Cell].Version, Changed: true, Before: before, After: old.Value})
			restored++
		}
	}
	if err := w.finish(ctx); err != nil {
		return 0, nil, err
	}
	if err := w.passed(ctx, who, undone); err != nil {
		return 0, nil, err
	}
	if _, err := tx.Exec(ctx, `update figure_entry set undone_by = $2 where id = $1`, id, entry.ID); err != nil {
		return 0, nil, err
	}
	return restored, kept, audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "undo", House: "figure", Object: id, Units: w.units(), Reason: reason,
		Detail: map[string]any{"restored": restored, "kept": len(kept)}, Figures: digest(entry, w.versions),
	})
}
