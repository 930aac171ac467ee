package org

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Heir is one unit that comes out of a succession: a new one (Spec with a code not in use), or a standing one (its code).
type Heir struct {
	Spec  Spec
	Share map[string]int64 // by old unit's code, in ten-thousandths
	Takes []string         // codes of children that go here; what nobody takes goes to the first heir
}

// Succession describes a merge or a split. Many old units may become many new ones, across parents.
type Succession struct {
	At       string // first day of the new order
	Document string // the decision it rests on
	Old      []string
	Heirs    []Heir
	Bodies   bool // the bodies at the old places merge along their lines into bodies at the new place
}

// Merge is the common succession: all of several units into one.
func Merge(at, document string, into Spec, old ...string) Succession {
	share := map[string]int64{}
	for _, code := range old {
		share[code] = Whole
	}
	return Succession{At: at, Document: document, Old: old, Heirs: []Heir{{Spec: into, Share: share}}, Bodies: into.Kind == Place}
}

// plan is what a succession did, so that it can be undone row by row.
type plan struct {
	Created []int64  `json:"created"`
	Units   []ending `json:"units"`
	Names   []ending `json:"names"`
	Edges   []ending `json:"edges"`
	Opened  []Edge   `json:"opened"`
}

// ending is a row that was closed: its key and the end that it had.
type ending struct {
	Unit      int64     `json:"unit"`
	Hierarchy Hierarchy `json:"hierarchy,omitempty"`
	From      string    `json:"from,omitempty"`
	To        string    `json:"to"`
}

func (sc Succession) check() error {
	var bad fault.List
	if !validDay(sc.At) {
		_ = bad.Add(fault.Invalid("at", "Hãy ghi ngày hiệu lực, ví dụ 01/07/2025."))
	}
	if len(sc.Old) == 0 || len(sc.Heirs) == 0 {
		_ = bad.Add(fault.Invalid("old", "Hãy chọn đơn vị cũ và đơn vị mới."))
	}
	for _, code := range sc.Old {
		var sum int64
		for _, h := range sc.Heirs {
			if h.Share[code] < 0 {
				_ = bad.Add(fault.Invalidf("share", "Tỷ lệ của %s không được âm.", code))
			}
			sum += h.Share[code]
		}
		if sum != Whole {
			_ = bad.Add(fault.Invalidf("share", "Tỷ lệ chia của %s cộng lại phải bằng 100%% (đang là %s).", code, viet.FormatPercent(sum, Whole)))
		}
	}
	return bad.Err()
}

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

// mergeBodies merges the bodies at the old places that share a parent in their line, under the new place's name.
func (w *succeeding) mergeBodies(ctx context.Context, olds []Unit, heir Unit) ([]Unit, error) {
	type group struct{ bodies, places []Unit }
	var keys []int64
	groups := map[int64]*group{}
	for _, place := range olds {
		if place.Kind != Place {
			continue
		}
		edges, err := edgesOf(ctx, w.tx, place.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range edges {
			if e.Parent != place.ID || e.Hierarchy != Territory || e.ValidFrom > w.at || e.ValidTo <= w.at {
				continue
			}
			body, err := FindID(ctx, w.tx, e.Unit, w.at)
			if err != nil {
				return nil, err
			}
			line, err := parentOf(ctx, w.tx, body.ID, Line, w.at)
			if err != nil {
				return nil, err
			}
			if body.Kind != Body || line == 0 {
				continue
			}
			if groups[line] == nil {
				groups[line] = &group{}
				keys = append(keys, line)
			}
			groups[line].bodies = append(groups[line].bodies, body)
			groups[line].places = append(groups[line].places, place)
		}
	}
	// Bodies that others stand under in the Front come first, so that their heirs exist when the others are placed.
	var all []Unit
	for _, line := range keys {
		g := groups[line]
		first, place := g.bodies[0], g.places[0]
		suffix := strings.TrimPrefix(first.Code, place.Code)
		if suffix == first.Code {
			suffix = fmt.Sprintf(".%d", line)
		}
		linePlace, err := FindID(ctx, w.tx, line, w.at)
		if err != nil {
			return nil, err
		}
		spec := Spec{
			Code: heir.Code + suffix, Kind: Body, Level: first.Level, Parent: heir.Code, LineParent: linePlace.Code,
			Name:  strings.Replace(first.Name, place.Name, heir.Name, 1),
			Short: strings.Replace(first.Short, place.Short, heir.Short, 1),
		}
		if front, err := parentOf(ctx, w.tx, first.ID, Front, w.at); err != nil {
			return nil, err
		} else if h := w.heirs[front]; h != 0 {
			u, err := FindID(ctx, w.tx, h, w.at)
			if err != nil {
				return nil, err
			}
			spec.FrontParent = u.Code
		}
		body, err := w.heir(ctx, &spec, first)
		if err != nil {
			return nil, err
		}
		for _, b := range g.bodies {
			w.rows = append(w.rows, []any{w.id, b.ID, body.ID, Whole})
			w.heirs[b.ID] = body.ID
		}
		all = append(all, g.bodies...)
	}
	return all, nil
}

func parentOf(ctx context.Context, tx *db.Tx, unit int64, h Hierarchy, day string) (int64, error) {
	var p int64
	err := tx.QueryRow(ctx, `select parent from unit_edge where unit = $1 and hierarchy = $2
		and valid_from <= $3 and $3 < valid_to`, unit, int64(h), day).Scan(&p)
	if db.Missing(err) {
		return 0, nil
	}
	return p, err
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

// Undo takes a succession back: the old units live on, the new ones that it made never lived. It is refused once the new
// units carry figures or a later succession rests on them, because nothing that was given may be discarded.
func (s *Service) Undo(ctx context.Context, who auth.Actor, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.Invalid("reason", "Hãy nêu lý do hoàn tác.")
	}
	return s.change(ctx, who, "undo", id, reason, func(tx *db.Tx) error {
		var text, at string
		err := tx.QueryRow(ctx, `select plan, at from succession where id = $1 and undone is null`, id).Scan(&text, &at)
		if db.Missing(err) {
			return fault.NotFound()
		}
		if err != nil {
			return err
		}
		var p plan
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("plan of succession %s: %w", id, err)
		}
		if err := s.mayUndo(ctx, tx, who, id, at, p); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update succession set undone = $2 where id = $1`, id, s.clock.Milli()); err != nil {
			return err
		}
		return takeBack(ctx, tx, p)
	})
}

func (s *Service) mayUndo(ctx context.Context, tx *db.Tx, who auth.Actor, id, at string, p plan) error {
	for _, e := range p.Units {
		u, err := FindID(ctx, tx, e.Unit, at)
		if err != nil {
			return err
		}
		if _, err := s.editable(ctx, tx, who, u.Code); err != nil {
			return err
		}
	}
	for _, unit := range p.Created {
		if s.hooks.Used != nil {
			used, err := s.hooks.Used(ctx, tx, unit)
			if err != nil {
				return err
			}
			if used {
				return fault.Refused("Đơn vị mới đã có số liệu nên không thể hoàn tác. Hãy hoàn tác lần nhập số liệu của đơn vị mới trước.")
			}
		}
		shares, err := sharesOf(ctx, tx, unit)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(shares, func(sh Share) bool { return sh.Succession != id }) {
			return fault.Refused("Đã có một lần sắp xếp sau dựa trên đơn vị mới; hãy hoàn tác lần đó trước.")
		}
		// What stands under a unit that is about to have never lived must have been put there by this succession.
		var others int
		if err := tx.QueryRow(ctx, `select count(*) from unit_edge where parent = $1`, unit).Scan(&others); err != nil {
			return err
		}
		for _, e := range p.Opened {
			if e.Parent == unit {
				others--
			}
		}
		for _, made := range p.Created {
			var own int
			if err := tx.QueryRow(ctx, `select count(*) from unit_edge where parent = $1 and unit = $2`, unit, made).Scan(&own); err != nil {
				return err
			}
			others -= own
		}
		if others > 0 {
			return fault.Refused("Đã có đơn vị khác được xếp dưới đơn vị mới; hãy chuyển các đơn vị đó đi trước.")
		}
	}
	return nil
}

func takeBack(ctx context.Context, tx *db.Tx, p plan) error {
	for _, e := range p.Opened {
		if _, err := tx.Exec(ctx, `delete from unit_edge where unit = $1 and hierarchy = $2 and valid_from = $3`, e.Unit, int64(e.Hierarchy), e.ValidFrom); err != nil {
			return err
		}
	}
	for _, e := range p.Edges {
		if _, err := tx.Exec(ctx, `update unit_edge set valid_to = $4 where unit = $1 and hierarchy = $2 and valid_from = $3`,
			e.Unit, int64(e.Hierarchy), e.From, e.To); err != nil {
			return err
		}
	}
	for _, n := range p.Names {
		if _, err := tx.Exec(ctx, `update unit_name set valid_to = $3 where unit = $1 and valid_from = $2`, n.Unit, n.From, n.To); err != nil {
			return err
		}
	}
	for _, u := range p.Units {
		if _, err := tx.Exec(ctx, `update unit set valid_to = $2, version = version + 1 where id = $1`, u.Unit, u.To); err != nil {
			return err
		}
	}
	for _, unit := range p.Created {
		for _, q := range []string{
			`delete from unit_edge where unit = $1`, `delete from unit_name where unit = $1`,
			`update unit set valid_to = valid_from, version = version + 1 where id = $1`,
		} {
			if _, err := tx.Exec(ctx, q, unit); err != nil {
				return err
			}
		}
	}
	return nil
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
