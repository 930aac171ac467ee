package org

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// named joins a unit with the name that it bore on a day, or its nearest one when it did not live on that day.
const named = ` unit u join unit_name n on n.unit = u.id and n.valid_from = (
	select m.valid_from from unit_name m where m.unit = u.id
	order by case when m.valid_from <= $1 then 0 else 1 end,
		case when m.valid_from <= $1 then m.valid_from end desc, m.valid_from limit 1) `

const unitColumns = ` u.id, u.code, u.kind, n.name, n.short, n.level, u.valid_from, u.valid_to, u.version `

func scanUnit(rows *sql.Rows) (Unit, error) {
	var u Unit
	err := rows.Scan(&u.ID, &u.Code, &u.Kind, &u.Name, &u.Short, &u.Level, &u.ValidFrom, &u.ValidTo, &u.Version)
	return u, err
}

func one(units []Unit, err error) (Unit, error) {
	if err != nil {
		return Unit{}, err
	}
	if len(units) == 0 {
		return Unit{}, fault.NotFound()
	}
	return units[0], nil
}

// FindCode reads the unit of a code as it was on a day, whoever asks: for the program's own joins. Pages use Service.
func FindCode(ctx context.Context, tx *db.Tx, code, day string) (Unit, error) {
	return one(db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.code = $2`, day, code))
}

// FindID reads a unit by key as it was on a day.
func FindID(ctx context.Context, tx *db.Tx, id int64, day string) (Unit, error) {
	return one(db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.id = $2`, day, id))
}

// justMade finds a unit that this transaction has made: it has no closure yet, which is what permissions are asked through,
// and whoever made it may place others below it.
func justMade(ctx context.Context, tx *db.Tx, code string) (Unit, error) {
	return one(db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.code = $2 and u.valid_from < u.valid_to
		and not exists (select 1 from unit_ancestor a where a.unit = u.id)`, Always, code))
}

// ListAll reads every unit that has a life, named as of a day.
func ListAll(ctx context.Context, tx *db.Tx, day string) ([]Unit, error) {
	return db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+`
		where u.valid_from < u.valid_to order by n.sort, u.code`, day)
}

// findVisible reads a unit by code when the actor holds it, or held it at any time of its life.
func findVisible(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, code, day, today string) (Unit, error) {
	args := append([]any{day, code}, WithinArgs(who, p, today)...)
	return one(db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.code = $2 and
		`+Within("u.id", "ga.valid_from", 3), args...))
}

// below lists the units under an ancestor on a day, itself first, each with its depth, as far as the actor may see.
func below(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, h Hierarchy, ancestor int64, day, today string) ([]Node, error) {
	args := append([]any{day, int64(h), ancestor}, WithinArgs(who, p, today)...)
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Node, error) {
		var d Node
		err := rows.Scan(&d.ID, &d.Code, &d.Kind, &d.Name, &d.Short, &d.Level, &d.ValidFrom, &d.ValidTo, &d.Version, &d.Depth, &d.Parent)
		return d, err
	}, `select`+unitColumns+`, a.depth, coalesce((select e.parent from unit_edge e where e.unit = u.id and e.hierarchy = $2
			and e.valid_from <= $1 and $1 < e.valid_to order by e.parent limit 1), 0)
		from`+named+` join unit_ancestor a on a.unit = u.id and a.hierarchy = $2 and a.ancestor = $3
			and a.valid_from <= $1 and $1 < a.valid_to
		where `+Within("u.id", "$1", 4)+` order by a.depth, u.kind desc, n.sort, u.code`, args...)
}

func loadTree(ctx context.Context, tx *db.Tx) (tree, error) {
	t := tree{map[int64]Unit{}, map[int64]map[Hierarchy][]Edge{}, map[Hierarchy]bool{}, map[int64][]Share{}}
	units, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Unit, error) {
		var u Unit
		err := rows.Scan(&u.ID, &u.Code, &u.Kind, &u.ValidFrom, &u.ValidTo, &u.Version)
		return u, err
	}, `select id, code, kind, valid_from, valid_to, version from unit where valid_from < valid_to`)
	if err != nil {
		return t, err
	}
	for _, u := range units {
		t.units[u.ID] = u
	}
	edges, err := edgesOf(ctx, tx, 0)
	if err != nil {
		return t, err
	}
	for _, e := range edges {
		if t.edges[e.Unit] == nil {
			t.edges[e.Unit] = map[Hierarchy][]Edge{}
		}
		t.edges[e.Unit][e.Hierarchy] = append(t.edges[e.Unit][e.Hierarchy], e)
		if t.units[e.Unit].Kind == Place || t.units[e.Parent].Kind == Place {
			t.places[e.Hierarchy] = true
		}
	}
	shares, err := sharesOf(ctx, tx, 0)
	if err != nil {
		return t, err
	}
	for _, s := range shares {
		t.shares[s.Old] = append(t.shares[s.Old], s)
	}
	return t, nil
}

// edgesOf lists the edges from or to a unit, or all when unit is 0.
func edgesOf(ctx context.Context, tx *db.Tx, unit int64) ([]Edge, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Edge, error) {
		var e Edge
		err := rows.Scan(&e.Unit, &e.Hierarchy, &e.Parent, &e.ValidFrom, &e.ValidTo)
		return e, err
	}, `select unit, hierarchy, parent, valid_from, valid_to from unit_edge
		where $1 = 0 or unit = $1 or parent = $1 order by unit, hierarchy, valid_from`, unit)
}

// sharesOf lists the standing successions from or to a unit, or all when unit is 0.
func sharesOf(ctx context.Context, tx *db.Tx, unit int64) ([]Share, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Share, error) {
		var s Share
		err := rows.Scan(&s.Succession, &s.Kind, &s.At, &s.Old, &s.New, &s.Share)
		return s, err
	}, `select s.id, s.kind, s.at, h.old_unit, h.new_unit, h.share from succession s
		join succession_share h on h.succession = s.id
		where s.undone is null and ($1 = 0 or h.old_unit = $1 or h.new_unit = $1)
		order by s.at, s.id, h.old_unit, h.new_unit`, unit)
}

func namesOf(ctx context.Context, tx *db.Tx, unit int64) ([]Name, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Name, error) {
		var n Name
		err := rows.Scan(&n.Unit, &n.ValidFrom, &n.ValidTo, &n.Name, &n.Short, &n.Level)
		return n, err
	}, `select unit, valid_from, valid_to, name, short, level from unit_name where unit = $1 order by valid_from`, unit)
}

func insertName(ctx context.Context, tx *db.Tx, n Name) error {
	_, err := tx.Exec(ctx, `insert into unit_name(unit, valid_from, valid_to, name, short, level, folded, sort)
		values ($1,$2,$3,$4,$5,$6,$7,$8)`, n.Unit, n.ValidFrom, n.ValidTo, n.Name, n.Short, string(n.Level),
		viet.Fold(n.Name), viet.SortKey(n.Name))
	return err
}

func insertEdge(ctx context.Context, tx *db.Tx, e Edge) error {
	_, err := tx.Exec(ctx, `insert into unit_edge(unit, hierarchy, parent, valid_from, valid_to) values ($1,$2,$3,$4,$5)`,
		e.Unit, int64(e.Hierarchy), e.Parent, e.ValidFrom, e.ValidTo)
	return err
}

func nextID(ctx context.Context, tx *db.Tx) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `select coalesce(max(id), 0) + 1 from unit`).Scan(&id)
	if err == nil && id >= placeLineBase {
		return 0, fmt.Errorf("the site has no key left for a unit")
	}
	return id, err
}

// storedClosure reads the closure as it stands, in the order of closure.
func storedClosure(ctx context.Context, tx *db.Tx) ([]Ancestor, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Ancestor, error) {
		var a Ancestor
		err := rows.Scan(&a.Unit, &a.Hierarchy, &a.Ancestor, &a.Depth, &a.ValidFrom, &a.ValidTo, &a.Weight)
		return a, err
	}, `select unit, hierarchy, ancestor, depth, valid_from, valid_to, weight from unit_ancestor
		order by unit, hierarchy, ancestor, valid_from`)
}

func storeChanges(ctx context.Context, tx *db.Tx, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := setting.Put(ctx, tx, settingClosure, db.NewID()); err != nil {
		return err
	}
	var added [][]any
	for _, c := range changes {
		if c.Sign > 0 {
			added = append(added, []any{c.Unit, int64(c.Hierarchy), c.Ancestor.Ancestor, c.Depth, c.ValidFrom, c.ValidTo, c.Weight})
			continue
		}
		if _, err := tx.Exec(ctx, `delete from unit_ancestor where unit = $1 and hierarchy = $2 and ancestor = $3 and valid_from = $4`,
			c.Unit, int64(c.Hierarchy), c.Ancestor.Ancestor, c.ValidFrom); err != nil {
			return err
		}
	}
	return tx.Insert(ctx, `insert into unit_ancestor(unit, hierarchy, ancestor, depth, valid_from, valid_to, weight) values `, "", added)
}
