package account

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// Entrance is how many people can sign in today, and how many of them can let others in.
type Entrance struct {
	People, Administrators int
}

// WhoCanSignIn counts; for the machine's owner, who must not stand before a site that nobody can enter.
func WhoCanSignIn(ctx context.Context, tx *db.Tx, today string) (e Entrance, err error) {
	err = tx.QueryRow(ctx, `select count(*), count(*) filter (where exists (select 1 from access_grant g
			join access_role_permission rp on rp.role = g.role and rp.permission = 'admin'
			where g.holder = p.id and g.valid_from <= $1 and $1 < g.valid_to))
		from person p where not p.disabled and p.password <> ''`, today).Scan(&e.People, &e.Administrators)
	return e, err
}

// Nobody tells a site without any person.
func Nobody(ctx context.Context, tx *db.Tx) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, `select count(*) from person`).Scan(&n)
	return n == 0, err
}

// Entered notes when a person first came in.
func Entered(ctx context.Context, tx *db.Tx, person string, now int64) error {
	_, err := tx.Exec(ctx, `update person set entered = $1 where id = $2 and entered = 0`, now, person)
	return err
}

// Secret is what signing in needs of a person: the PHC string of the password, empty when they have none.
type Secret struct {
	Person, Login, Name, Password string
	Disabled                      bool
}

// SecretByLogin finds a person's secret by login, or the empty one.
func SecretByLogin(ctx context.Context, tx *db.Tx, login string) (Secret, error) {
	return oneSecret(ctx, tx, `select id, login, name, password, disabled from person where login = $1`, login)
}

// SecretOf is SecretByLogin by the person's id.
func SecretOf(ctx context.Context, tx *db.Tx, person string) (Secret, error) {
	return oneSecret(ctx, tx, `select id, login, name, password, disabled from person where id = $1`, person)
}

func oneSecret(ctx context.Context, tx *db.Tx, query string, arg string) (Secret, error) {
	var s Secret
	err := tx.QueryRow(ctx, query, arg).Scan(&s.Person, &s.Login, &s.Name, &s.Password, &s.Disabled)
	if db.Missing(err) {
		return Secret{}, nil
	}
	return s, err
}

// LoadActor reads a person with the grants of today and the delegations that they may act under; a person who is disabled or
// gone is a visitor. The second value is the stored password hash, which a session must fit.
func LoadActor(ctx context.Context, tx *db.Tx, id, today string) (auth.Actor, string, error) {
	a := auth.Actor{Person: id}
	var hash string
	var disabled bool
	err := tx.QueryRow(ctx, `select name, language, password, disabled from person where id = $1`, id).
		Scan(&a.Name, &a.Language, &hash, &disabled)
	if db.Missing(err) || err == nil && disabled {
		return auth.Actor{}, "", nil
	}
	if err != nil {
		return auth.Actor{}, "", err
	}
	if a.Grants, err = grantsOf(ctx, tx, id, today); err != nil {
		return auth.Actor{}, "", err
	}
	a.Mandates, err = db.Collect(ctx, tx, func(rows *sql.Rows) (m auth.Mandate, err error) {
		return m, rows.Scan(&m.Delegation, &m.Giver, &m.GiverName, &m.To)
	}, `select d.id, d.giver, p.name, d.valid_to from delegation d join person p on p.id = d.giver
		where d.taker = $1 and d.ended is null and d.valid_from <= $2 and $2 < d.valid_to and not p.disabled
			and exists (select 1 from access_grant g where g.holder = d.id and g.valid_from <= $2 and $2 < g.valid_to)
		order by p.sort, d.valid_to, d.id`, id, today)
	return a, hash, err
}

// ActUnder turns an actor into one who acts under one of their mandates: with its rights, never to administer. False says
// that they have no such mandate today.
func ActUnder(ctx context.Context, tx *db.Tx, a auth.Actor, delegation, today string) (auth.Actor, bool, error) {
	at := slices.IndexFunc(a.Mandates, func(m auth.Mandate) bool { return m.Delegation == delegation })
	if at < 0 {
		return a, false, nil
	}
	m := a.Mandates[at]
	grants, err := grantsOf(ctx, tx, delegation, today)
	if err != nil {
		return auth.Actor{}, false, err
	}
	for i := range grants {
		grants[i].Permissions = slices.DeleteFunc(grants[i].Permissions, func(p auth.Permission) bool { return p == auth.Admin })
	}
	a.Grants, a.For, a.ForName, a.Delegation = grants, m.Giver, m.GiverName, delegation
	return a, true, nil
}

// grantsOf reads what a holder may do today.
func grantsOf(ctx context.Context, tx *db.Tx, holder, today string) (out []auth.Grant, err error) {
	rows, err := tx.Query(ctx, `select g.id, g.role, r.name, g.unit, u.code, coalesce(n.name, u.code), g.hierarchy, rp.permission
		from access_grant g join access_role r on r.code = g.role join unit u on u.id = g.unit
		join access_role_permission rp on rp.role = g.role
		left join unit_name n on n.unit = g.unit and n.valid_from <= $2 and $2 < n.valid_to
		where g.holder = $1 and g.valid_from <= $2 and $2 < g.valid_to
		order by r.ordinal, g.unit, g.id, rp.permission`, holder, today)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var grant string
		var g auth.Grant
		var p auth.Permission
		if err := rows.Scan(&grant, &g.Role, &g.RoleName, &g.Unit, &g.UnitCode, &g.UnitName, &g.Hierarchy, &p); err != nil {
			return nil, err
		}
		if grant != last {
			out = append(out, g)
			last = grant
		}
		at := &out[len(out)-1]
		at.Permissions = append(at.Permissions, p)
	}
	return out, rows.Err()
}

// Administers limits a query of another house to rows about people whom the actor administers: those who hold or held a
// grant within the actor's subtrees, as on the page of people. person is an SQL expression; the placeholders $first and
// $first+1 have the values of AdministersArgs.
func Administers(person string, first int) string {
	return fmt.Sprintf(` ($%d = 'system' or exists (select 1 from access_grant g where g.holder = %s and %s)) `, first, person, within("g.unit", first))
}

// AdministersArgs gives Administers' two values.
func AdministersArgs(who auth.Actor, today string) []any { return withinArgs(who, today) }
