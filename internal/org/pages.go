package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Forest lists the units that lived on a day, as far as the actor may see them, in the tree order of one hierarchy, bodies
// before places. outside counts the visible units that this hierarchy does not hold at all.
func (s *Service) Forest(ctx context.Context, who auth.Actor, h Hierarchy, day string) (nodes []Node, outside int, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, 0, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		args := append([]any{day, int64(h)}, WithinArgs(who, auth.View, s.clock.Today())...)
		found, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Node, error) {
			var n Node
			err := rows.Scan(&n.ID, &n.Code, &n.Kind, &n.Name, &n.Short, &n.Level, &n.ValidFrom, &n.ValidTo, &n.Version, &n.Parent)
			return n, err
		}, `select`+unitColumns+`, coalesce((select e.parent from unit_edge e where e.unit = u.id and e.hierarchy = $2
				and e.valid_from <= $1 and $1 < e.valid_to order by e.parent limit 1), 0)
			from`+named+` where u.valid_from <= $1 and $1 < u.valid_to and `+Within("u.id", "$1", 3)+`
			order by case when u.kind = 'body' then 0 else 1 end, n.sort, u.code`, args...)
		if err != nil {
			return err
		}
		nodes, outside = standing(h, found)
		return nil
	})
	return nodes, outside, err
}

// standing puts units into tree order and leaves out those that a hierarchy other than the territory does not hold.
func standing(h Hierarchy, found []Node) (nodes []Node, outside int) {
	if h == Territory {
		return inTreeOrder(found), 0
	}
	parent := map[int64]bool{}
	for _, n := range found {
		parent[n.Parent] = true
	}
	held := slices.DeleteFunc(slices.Clone(found), func(n Node) bool { return n.Parent == 0 && !parent[n.ID] })
	return inTreeOrder(held), len(found) - len(held)
}

// MayEdit tells whether the actor may change a unit.
func (s *Service) MayEdit(ctx context.Context, who auth.Actor, code string) (may bool, err error) {
	if !who.Has(auth.EditUnits) {
		return false, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := s.editable(ctx, tx, who, code)
		switch {
		case err == nil:
			may = true
		case fault.Is(err, fault.KindNotFound):
			return nil
		}
		return err
	})
	return may, err
}

// Choices lists the units that live today or later and that the actor may see: what a form offers.
func (s *Service) Choices(ctx context.Context, who auth.Actor) (out []Unit, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		args := append([]any{today}, WithinArgs(who, auth.View, today)...)
		out, err = db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.valid_from < u.valid_to and $1 < u.valid_to
			and `+Within("u.id", "ga.valid_from", 2)+` order by n.sort, u.code`, args...)
		return err
	})
	return out, err
}

// ChildrenOf lists the units that stand right below some units in the territory on a day, as far as the actor may see.
func (s *Service) ChildrenOf(ctx context.Context, who auth.Actor, codes []string, day string) (out []Unit, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		seen := map[int64]bool{}
		for _, code := range codes {
			u, err := findVisible(ctx, tx, who, auth.View, code, day, s.clock.Today())
			if err != nil {
				return err
			}
			nodes, err := below(ctx, tx, who, auth.View, Territory, u.ID, day, s.clock.Today())
			if err != nil {
				return err
			}
			for _, n := range nodes {
				if n.Parent == u.ID && !seen[n.ID] {
					seen[n.ID] = true
					out = append(out, n.Unit)
				}
			}
		}
		return nil
	})
	return out, err
}

// Deeds lists what was done to a unit, newest first.
func (s *Service) Deeds(ctx context.Context, who auth.Actor, code string) (out []audit.Deed, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := findVisible(ctx, tx, who, auth.View, code, s.clock.Today(), s.clock.Today()); err != nil {
			return err
		}
		out, err = audit.Deeds(ctx, tx, "org", code)
		return err
	})
	return out, err
}

// errTried ends a trial: everything worked and nothing is kept.
var errTried = errors.New("tried")

// try runs a change of the tree to its end, closure included, and takes it all back.
func (s *Service) try(ctx context.Context, who auth.Actor, fn func(*db.Tx) error) error {
	err := s.change(ctx, who, "try", "", "", func(tx *db.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if err := s.reclose(ctx, tx); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// TryLoad tells what Load would refuse, and keeps nothing.
func (s *Service) TryLoad(ctx context.Context, who auth.Actor, specs []Spec) error {
	return s.try(ctx, who, func(tx *db.Tx) error {
		return s.addAll(ctx, tx, who, specs, func(row int, f *fault.Error) *fault.Error { return f.At(rowField(row - 1)) })
	})
}

func rowField(i int) string { return fmt.Sprintf("dong-%d", i+1) }

// Outlook is what a succession would do.
type Outlook struct {
	Ends, Begins []Unit
	Passes       []Passing
	Shares       []Part
}

// Passing is a unit that goes on under another parent.
type Passing struct {
	Unit      Unit
	Hierarchy Hierarchy
	To        Unit
}

// Preview carries a succession out, reads what it did, and takes it back.
func (s *Service) Preview(ctx context.Context, who auth.Actor, sc Succession) (out Outlook, err error) {
	if err := sc.check(); err != nil {
		return out, err
	}
	err = s.try(ctx, who, func(tx *db.Tx) error {
		out = Outlook{}
		w := &succeeding{Service: s, tx: tx, who: who, at: sc.At, id: db.NewID(), heirs: map[int64]int64{}, takes: map[string]int64{}}
		if err := w.run(ctx, sc, "merge"); err != nil {
			return err
		}
		return w.outlook(ctx, &out)
	})
	return out, err
}

func (w *succeeding) outlook(ctx context.Context, out *Outlook) error {
	names := map[int64]Unit{}
	unit := func(id int64) (Unit, error) {
		if u, ok := names[id]; ok {
			return u, nil
		}
		u, err := FindID(ctx, w.tx, id, w.at)
		names[id] = u
		return u, err
	}
	for _, e := range w.plan.Units {
		u, err := unit(e.Unit)
		if err != nil {
			return err
		}
		out.Ends = append(out.Ends, u)
	}
	for _, id := range w.plan.Created {
		u, err := unit(id)
		if err != nil {
			return err
		}
		out.Begins = append(out.Begins, u)
	}
	for _, e := range w.plan.Opened {
		u, err := unit(e.Unit)
		if err != nil {
			return err
		}
		to, err := unit(e.Parent)
		if err != nil {
			return err
		}
		out.Passes = append(out.Passes, Passing{u, e.Hierarchy, to})
	}
	shares, err := sharesOf(ctx, w.tx, 0)
	if err != nil {
		return err
	}
	for _, sh := range shares {
		if sh.Succession != w.id {
			continue
		}
		old, err := unit(sh.Old)
		if err != nil {
			return err
		}
		heir, err := unit(sh.New)
		if err != nil {
			return err
		}
		out.Shares = append(out.Shares, Part{old.Code, old.Name, heir.Code, heir.Name, sh.Share})
	}
	return nil
}

// resolve finds the code that a person meant: the code itself, or a name that only one of the units bears.
func resolve(units []Unit, text string) string {
	text = viet.Clean(text)
	var named []Unit
	for _, u := range units {
		if viet.Fold(u.Code) == viet.Fold(text) {
			return u.Code
		}
		if viet.Same(u.Name, text) || viet.Same(u.Short, text) {
			named = append(named, u)
		}
	}
	if len(named) == 1 {
		return named[0].Code
	}
	return text
}

// Successions lists what stands and what was undone, newest first, as far as the actor may see one of its units.
func (s *Service) Successions(ctx context.Context, who auth.Actor) ([]Act, error) {
	var out []Act
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = listActs(ctx, tx, who, s.clock.Today())
		return err
	})
	return out, err
}
