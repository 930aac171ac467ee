package org_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
)

// grant is a row of access as the reference reads it: along one tree, and on days that the office it comes with and the
// grant that it is lent from leave it.
type grant struct {
	unit     int64
	along    org.Hierarchy
	from, to string
}

// edges are the rows of all trees as they stand; the reference climbs them one by one.
func edges(t *testing.T, d *db.DB) (out []org.Edge) {
	t.Helper()
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, func(r *sql.Rows) (e org.Edge, err error) {
			err = r.Scan(&e.Unit, &e.Hierarchy, &e.Parent, &e.ValidFrom, &e.ValidTo)
			return e, err
		}, `select unit, hierarchy, parent, valid_from, valid_to from unit_edge`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// above lists a unit and all that it stood under in a tree on a day.
func above(all []org.Edge, h org.Hierarchy, unit int64, day string) []int64 {
	out := []int64{unit}
	for _, e := range all {
		if e.Hierarchy == h && e.Unit == unit && e.ValidFrom <= day && day < e.ValidTo {
			out = append(out, above(all, h, e.Parent, day)...)
		}
	}
	return out
}

// heirs lists who holds today what a unit held: itself while it lives, else those whom it passed to.
func heirs(units map[int64]org.Unit, shares map[int64][]int64, unit int64, today string) (out []int64) {
	if units[unit].Alive(today) {
		return []int64{unit}
	}
	for _, next := range shares[unit] {
		out = append(out, heirs(units, shares, next, today)...)
	}
	return out
}

// TestGrantsFollowTheTree moves, merges and undoes at random and asks who may see what on which day: the query that every
// house carries must answer as a reference does that knows nothing of closures.
func TestGrantsFollowTheTree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const today = "2019-10-01"
		s := newTown(t, d)
		system := auth.System()
		rnd := rand.New(rand.NewPCG(3, 2019))
		load := []org.Spec{}
		for i := range 4 {
			load = append(load, org.Spec{Code: fmt.Sprintf("P01.T%d", i), Kind: org.Place, Level: org.Area, Name: "Tổ", Parent: "P01"},
				org.Spec{Code: fmt.Sprintf("P01.H%d", i), Kind: org.Body, Level: org.Area, Name: "Chi hội", Parent: fmt.Sprintf("P01.T%d", i),
					LineParent: []string{"P01.PN", "P02.PN"}[i%2], FrontParent: "TX.PN"})
		}
		must(t, s.Load(ctx, system, load))
		days := []string{"2018-03-01", "2018-09-01", "2019-02-01", "2019-07-01"}
		var standing []string // successions that may be undone
		next := 0
		for _, day := range days {
			if rnd.IntN(4) > 0 {
				next++
				a := rnd.IntN(4)
				b := (a + 1 + rnd.IntN(3)) % 4
				into := org.Spec{Code: fmt.Sprintf("P02.M%d", next), Kind: org.Place, Level: org.Area, Name: "Tổ gộp", Parent: "P02"}
				if id, err := s.Succeed(ctx, system, org.Merge(day, "QĐ", into, fmt.Sprintf("P01.T%d", a), fmt.Sprintf("P01.T%d", b))); err == nil {
					standing = append(standing, id)
				}
			}
			if len(standing) > 0 && rnd.IntN(3) == 0 && s.Undo(ctx, system, standing[len(standing)-1], "Thử") == nil {
				standing = standing[:len(standing)-1]
			}
			for i := range 4 { // what fails by a rule changes nothing
				code := fmt.Sprintf("P01.T%d", i)
				if rnd.IntN(2) == 0 {
					if u, err := s.Find(ctx, system, code, day[:8]+"20"); err == nil {
						_ = s.Move(ctx, system, code, u.Version, org.Territory, []string{"P01", "P02", "TX"}[rnd.IntN(3)], day[:8]+"20")
					}
				}
				body := fmt.Sprintf("P01.H%d", i)
				if u, err := s.Find(ctx, system, body, day[:8]+"20"); err == nil && rnd.IntN(2) == 0 {
					_ = s.Move(ctx, system, body, u.Version, org.Line, []string{"P01.PN", "P02.PN", "TX.PN"}[rnd.IntN(3)], day[:8]+"20")
				}
			}
		}
		units, shares := map[int64]org.Unit{}, map[int64][]int64{}
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `insert into access_role(code, name, ordinal) values ('xem','xem',99)`); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ('xem','view')`); err != nil {
				return err
			}
			rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (u org.Unit, err error) {
				err = r.Scan(&u.ID, &u.Code, &u.ValidFrom, &u.ValidTo)
				return u, err
			}, `select id, code, valid_from, valid_to from unit where valid_from < valid_to`)
			for _, u := range rows {
				units[u.ID] = u
			}
			if err != nil {
				return err
			}
			pairs, err := db.Collect(ctx, tx, func(r *sql.Rows) (p [2]int64, err error) {
				err = r.Scan(&p[0], &p[1])
				return p, err
			}, `select h.old_unit, h.new_unit from succession_share h join succession s on s.id = h.succession where s.undone is null`)
			for _, p := range pairs {
				shares[p[0]] = append(shares[p[0]], p[1])
			}
			return err
		}))
		all := edges(t, d)
		var ids []int64
		for id := range units {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		bounds := []string{"2018-01-01", "2019-09-30", today, "2019-10-02", org.Forever}
		seen, along, lentSeen := map[bool]int{}, map[org.Hierarchy]int{}, 0
		for person := range 24 {
			who := auth.Actor{Person: fmt.Sprintf("p%d", person)}
			if person%3 == 0 { // acts under a delegation, whose grants are cut out of another's; their own do not count then
				who.Delegation = "d." + who.Person
			}
			var grants []grant
			must(t, d.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$1,$1,'','vi',false,0,1)`, who.Person); err != nil {
					return err
				}
				for n := range 1 + rnd.IntN(2) {
					pick := func() (string, string) {
						from := rnd.IntN(len(bounds) - 1)
						return bounds[from], bounds[from+1+rnd.IntN(len(bounds)-1-from)]
					}
					g := grant{unit: ids[rnd.IntN(len(ids))], along: org.Hierarchies[rnd.IntN(3)]}
					g.from, g.to = pick()
					source, delegation := "", ""
					if who.Delegation != "" {
						// The person's own grant over the whole town is not theirs while they act for another.
						if _, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$2,'xem',$3,'0001-01-01','9999-12-31')`,
							fmt.Sprintf("%s.own%d", who.Person, n), who.Person, ids[0]); err != nil {
							return err
						}
						from, to := pick() // of what it is lent from
						g.from, g.to = max(g.from, from), min(g.to, to)
						source, delegation = "s", who.Delegation
					}
					grants = append(grants, g)
					if _, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, hierarchy, valid_from, valid_to, delegation, source)
						values ($1,$2,'xem',$3,$4,$5,$6,$7,$8)`,
						fmt.Sprintf("%s.%d", who.Person, n), who.Person, g.unit, int64(g.along), g.from, g.to, delegation, source); err != nil {
						return err
					}
				}
				return nil
			}))
			for _, day := range append(days, today) {
				for _, id := range ids {
					if !units[id].Alive(day) {
						continue
					}
					want := slices.ContainsFunc(grants, func(g grant) bool {
						holders := above(all, g.along, id, day)
						if !stands(t, d, id, g.along) {
							return false
						}
						for _, h := range heirs(units, shares, id, today) {
							holders = append(holders, above(all, g.along, h, today)...)
						}
						holds := g.from <= today && today < g.to && slices.Contains(holders, g.unit)
						if holds {
							along[g.along]++
						}
						return holds
					})
					if want && who.Delegation != "" {
						lentSeen++
					}
					var got bool
					must(t, d.Read(ctx, func(tx *db.Tx) error {
						return tx.QueryRow(ctx, `select exists (select 1 from unit u where u.id = $1 and`+org.Within("u.id", "$2", 3)+`)`,
							append([]any{id, day}, org.WithinArgs(who, auth.View, today)...)...).Scan(&got)
					}))
					seen[want]++
					if got != want {
						t.Errorf("%s, granted %v, may see %s of %s: %v, want %v", who.Person, grants, units[id].Code, day, got, want)
					}
				}
			}
		}
		if seen[true] < 50 || seen[false] < 50 || len(shares) == 0 || along[org.Line] < 5 || along[org.Front] < 5 || lentSeen < 5 {
			t.Errorf("the test asks too little: %v, %d successions, %v, %d lent", seen, len(shares), along, lentSeen)
		}
	})
}

// stands tells whether a unit is in a tree at all: bodies are in all of them, places in the territory and where an edge has one.
func stands(t *testing.T, d *db.DB, unit int64, h org.Hierarchy) (in bool) {
	t.Helper()
	must(t, d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select $2 = 1 or kind = 'body' or exists (select 1 from unit_edge e
			join unit p on p.id in (e.unit, e.parent) and p.kind = 'place' where e.hierarchy = $2) from unit where id = $1`, unit, int64(h)).Scan(&in)
	}))
	return in
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
