package org

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"giaoban/internal/db"
	"giaoban/internal/setting"
)

// settingClosure names the state of the closure. Each change of the closure gives it a new name in its own transaction, so that
// what was kept of the one before is never taken for it, nor is anything kept that was rolled back.
const settingClosure = "org.closure"

// Above keeps who is above a unit, of the units that were asked for: a read of totals asks for those that somebody is writing to.
type Above struct {
	mu    sync.Mutex
	state string
	of    map[int64][]Ancestor
}

// Ask gives, once the batch has run, those above some units: all hierarchies and times. What it answers is not to be changed.
func (a *Above) Ask(b *db.Batch) func(ctx context.Context, tx *db.Tx, units []int64) (map[int64][]Ancestor, error) {
	state := ""
	setting.Ask(b, settingClosure, &state)
	return func(ctx context.Context, tx *db.Tx, units []int64) (map[int64][]Ancestor, error) {
		out := make(map[int64][]Ancestor, len(units))
		missing := a.held(state, units, out)
		if len(missing) == 0 {
			return out, nil
		}
		read, err := Ancestors(ctx, tx, missing)
		if err != nil {
			return nil, err
		}
		a.hold(state, missing, read)
		for _, u := range missing {
			out[u] = read[u]
		}
		return out, nil
	}
}

// held fills in what is kept of a state and tells what is not.
func (a *Above) held(state string, units []int64, out map[int64][]Ancestor) (missing []int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, u := range units {
		if list, ok := a.of[u]; ok && a.state == state {
			out[u] = list
		} else if !slices.Contains(missing, u) {
			missing = append(missing, u)
		}
	}
	return missing
}

func (a *Above) hold(state string, units []int64, read map[int64][]Ancestor) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil || a.state != state {
		a.state, a.of = state, map[int64][]Ancestor{}
	}
	for _, u := range units {
		a.of[u] = read[u]
	}
}

// Ancestors reads who is above some units, in all hierarchies and at all times.
func Ancestors(ctx context.Context, tx *db.Tx, units []int64) (map[int64][]Ancestor, error) {
	out := map[int64][]Ancestor{}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(units))), 512) {
		part = db.Padded(part)
		rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (Ancestor, error) {
			var a Ancestor
			err := r.Scan(&a.Unit, &a.Hierarchy, &a.Ancestor, &a.ValidFrom, &a.ValidTo, &a.Weight)
			return a, err
		}, `select unit, hierarchy, ancestor, valid_from, valid_to, weight from unit_ancestor where unit in (`+db.List(len(part), 1)+`)`, db.Args(part)...)
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			out[a.Unit] = append(out[a.Unit], a)
		}
	}
	return out, nil
}
