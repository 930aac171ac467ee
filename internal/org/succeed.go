package org

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Succeed carries out a merge or a split and returns its id. The old units end at the day; their children pass to the
// heirs; figures stay where they were given, and "as it is now" carries them over by the shares.
func (s *Service) Succeed(ctx context.Context, who auth.Actor, sc Succession) (string, error) {
	if err := sc.check(); err != nil {
		return "", err
	}
	id := db.NewID()
	kind := "merge"
	if len(sc.Heirs) > 1 {
		kind = "split"
	}
	err := s.change(ctx, who, kind, id, sc.Document, func(tx *db.Tx) error {
		w := &succeeding{Service: s, tx: tx, who: who, at: sc.At, id: id, heirs: map[int64]int64{}, takes: map[string]int64{}}
		return w.run(ctx, sc, kind)
	})
	return id, err
}

// succeeding is one succession under way.
type succeeding struct {
	*Service
	tx    *db.Tx
	who   auth.Actor
	at    string
	id    string
	plan  plan
	heirs map[int64]int64  // old unit -> the heir that its children pass to
	takes map[string]int64 // child's code -> its heir, where stated
	rows  [][]any          // succession_share
}

func (w *succeeding) run(ctx context.Context, sc Succession, kind string) error {
	var olds []Unit
	for _, code := range sc.Old {
		u, err := w.editable(ctx, w.tx, w.who, code)
		if err != nil {
			return err
		}
		if err := mustLive(u, w.at); err != nil {
			return err
		}
		olds = append(olds, u)
	}
	var heirs []Unit
	for i := range sc.Heirs {
		heir, err := w.heir(ctx, &sc.Heirs[i].Spec, olds[0])
		if err != nil {
			return err
		}
		heirs = append(heirs, heir)
		for _, code := range sc.Heirs[i].Takes {
			w.takes[code] = heir.ID
		}
		for _, old := range olds {
			if share := sc.Heirs[i].Share[old.Code]; share > 0 {
				w.rows = append(w.rows, []any{w.id, old.ID, heir.ID, share})
				if w.heirs[old.ID] == 0 {
					w.heirs[old.ID] = heir.ID
				}
			}
		}
	}
	if sc.Bodies && len(heirs) == 1 {
		bodies, err := w.mergeBodies(ctx, olds, heirs[0])
		if err != nil {
			return err
		}
		olds = append(olds, bodies...)
	}
	if err := w.passOn(ctx, olds); err != nil {
		return err
	}
	for _, old := range olds {
		if err := w.end(ctx, old); err != nil {
			return err
		}
	}
	text, err := json.Marshal(w.plan)
	if err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `insert into succession(id, kind, at, document, person, made, undone, plan)
		values ($1,$2,$3,$4,$5,$6,null,$7)`, w.id, kind, w.at, viet.NFC(sc.Document), w.who.Person, w.clock.Milli(), string(text)); err != nil {
		return err
	}
	return w.tx.Insert(ctx, `insert into succession_share(succession, old_unit, new_unit, share) values `, "", w.rows)
}

// heir finds the standing unit of the code or makes the new one, placed like the first old unit where nothing is stated.
func (w *succeeding) heir(ctx context.Context, spec *Spec, like Unit) (Unit, error) {
	spec.Code = strings.ToUpper(strings.TrimSpace(spec.Code))
	if u, err := FindCode(ctx, w.tx, spec.Code, w.at); err == nil && u.Alive(w.at) {
		if w.who.IsSystem() {
			return u, nil
		}
		return w.editable(ctx, w.tx, w.who, spec.Code)
	}
	spec.ValidFrom, spec.ValidTo = w.at, Forever
	if spec.Kind == "" {
		spec.Kind, spec.Level = like.Kind, like.Level
	}
	edges, err := edgesOf(ctx, w.tx, like.ID)
	if err != nil {
		return Unit{}, err
	}
	for _, e := range edges {
		if e.Unit != like.ID || e.ValidFrom > w.at || e.ValidTo <= w.at {
			continue
		}
		p, err := FindID(ctx, w.tx, e.Parent, w.at)
		if err != nil {
			return Unit{}, err
		}
		for h, field := range map[Hierarchy]*string{Territory: &spec.Parent, Line: &spec.LineParent, Front: &spec.FrontParent} {
			if e.Hierarchy == h && *field == "" {
				*field = p.Code
			}
		}
	}
	if err := w.add(ctx, w.tx, w.who, spec); err != nil {
		return Unit{}, err
	}
	u, err := FindCode(ctx, w.tx, spec.Code, w.at)
	w.plan.Created = append(w.plan.Created, u.ID)
	return u, err
}

// passOn moves what stood under the old units to their heirs.
func (w *succeeding) passOn(ctx context.Context, olds []Unit) error {
	ending := func(id int64) bool { return slices.ContainsFunc(olds, func(u Unit) bool { return u.ID == id }) }
	for _, old := range olds {
		edges, err := edgesOf(ctx, w.tx, old.ID)
		if err != nil {
			return err
		}
		for _, e := range edges {
			if e.ValidTo <= w.at || e.Parent == old.ID && ending(e.Unit) {
				continue // ended already, or the child ends itself
			}
			if err := w.cut(ctx, e); err != nil {
				return err
			}
			if e.Unit == old.ID {
				continue
			}
			child, err := FindID(ctx, w.tx, e.Unit, w.at)
			if err != nil {
				return err
			}
			heir := w.heirs[old.ID]
			if stated := w.takes[child.Code]; stated != 0 {
				heir = stated
			}
			opened := Edge{e.Unit, e.Hierarchy, heir, max(w.at, e.ValidFrom), e.ValidTo}
			if err := insertEdge(ctx, w.tx, opened); err != nil {
				return err
			}
			w.plan.Opened = append(w.plan.Opened, opened)
		}
	}
	return nil
}

// cut ends an edge at the day; an edge that would only begin later would be left empty, and is refused.
func (w *succeeding) cut(ctx context.Context, e Edge) error {
	if e.ValidFrom >= w.at {
		return fault.Refused("Có một thay đổi khác của đơn vị liên quan vào hoặc sau ngày này; hãy hoàn tác thay đổi đó trước.")
	}
	w.plan.Edges = append(w.plan.Edges, ending{e.Unit, e.Hierarchy, e.ValidFrom, e.ValidTo})
	_, err := w.tx.Exec(ctx, `update unit_edge set valid_to = $4 where unit = $1 and hierarchy = $2 and valid_from = $3`,
		e.Unit, int64(e.Hierarchy), e.ValidFrom, w.at)
	return err
}

// end closes a unit and its name at the day.
func (w *succeeding) end(ctx context.Context, u Unit) error {
	edges, err := edgesOf(ctx, w.tx, u.ID)
	if err != nil {
		return err
	}
	for _, e := range edges {
		if e.Unit == u.ID && e.ValidTo > w.at {
			if err := w.cut(ctx, e); err != nil {
				return err
			}
		}
	}
	names, err := namesOf(ctx, w.tx, u.ID)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.ValidTo <= w.at {
			continue
		}
		if n.ValidFrom >= w.at {
			return fault.Refusedf("Đơn vị %s có lần đổi tên sau ngày này; hãy chọn ngày muộn hơn.", u.Name)
		}
		w.plan.Names = append(w.plan.Names, ending{Unit: u.ID, From: n.ValidFrom, To: n.ValidTo})
		if _, err := w.tx.Exec(ctx, `update unit_name set valid_to = $3 where unit = $1 and valid_from = $2`, u.ID, n.ValidFrom, w.at); err != nil {
			return err
		}
	}
	w.plan.Units = append(w.plan.Units, ending{Unit: u.ID, To: u.ValidTo})
	_, err = w.tx.Exec(ctx, `update unit set valid_to = $2, version = version + 1 where id = $1`, u.ID, w.at)
	return err
}
