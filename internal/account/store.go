package account

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// within limits a query to units in a subtree that the actor administers today. It uses the placeholders $first (whose
// rights count), $first+1 (today) with the values of withinArgs; unit is an SQL expression. Administration is never lent.
func within(unit string, first int) string {
	return fmt.Sprintf(` ($%[2]d = 'system' or exists (select 1 from access_grant mine
		join access_role_permission rp on rp.role = mine.role and rp.permission = 'admin'
		join unit_ancestor ga on ga.unit = %[1]s and ga.hierarchy = mine.hierarchy and ga.ancestor = mine.unit
			and ga.valid_from <= $%[3]d and $%[3]d < ga.valid_to
		where mine.holder = $%[2]d and mine.delegation = '' and mine.valid_from <= $%[3]d and $%[3]d < mine.valid_to)) `, unit, first, first+1)
}

// reaches tells, in SQL, whether a grant over a unit in a hierarchy holds anywhere beyond what the actor administers.
func reaches(unit, hierarchy string, first int) string {
	return fmt.Sprintf(` (not %[1]s or exists (select 1 from unit_ancestor d where d.hierarchy = %[2]s and d.ancestor = %[3]s
		and d.valid_from <= $%[4]d and $%[4]d < d.valid_to and not %[5]s)) `, within(unit, first), hierarchy, unit, first+1, within("d.unit", first))
}

func withinArgs(who auth.Actor, today string) []any { return []any{who.Rights(), today} }

const personColumns = `p.id, p.login, p.name, p.language, p.email, p.disabled, p.entered, p.version`

func scanPerson(rows *sql.Rows) (Person, error) {
	var p Person
	err := rows.Scan(&p.ID, &p.Login, &p.Name, &p.Language, &p.Email, &p.Disabled, &p.Entered, &p.Version)
	return p, err
}

// listPeople lists the people who hold or held a grant that the actor may see, by name. The program itself sees all.
func listPeople(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]Person, error) {
	people, err := db.Collect(ctx, tx, scanPerson, `select `+personColumns+` from person p
		where p.erased = 0 and ($1 = 'system' or exists (select 1 from access_grant g where g.holder = p.id and `+within("g.unit", 1)+`))
		order by p.sort, p.login`, withinArgs(who, today)...)
	if err != nil {
		return nil, err
	}
	grants, err := listGrants(ctx, tx, who, "", today)
	if err != nil {
		return nil, err
	}
	of := map[string][]Grant{}
	for _, g := range grants {
		of[g.Person] = append(of[g.Person], g)
	}
	for i := range people {
		people[i].Grants = of[people[i].ID]
	}
	return people, nil
}

// findPerson finds one person whom the actor may see, or whom they are.
func findPerson(ctx context.Context, tx *db.Tx, who auth.Actor, id, today string) (Person, error) {
	people, err := db.Collect(ctx, tx, scanPerson, `select `+personColumns+` from person p
		where p.id = $3 and (p.id = $4 or $1 = 'system' or exists (select 1 from access_grant g
			where g.holder = p.id and `+within("g.unit", 1)+`))`, append(withinArgs(who, today), id, who.Person)...)
	if err != nil {
		return Person{}, err
	}
	if len(people) == 0 {
		return Person{}, fault.NotFound()
	}
	people[0].Grants, err = listGrants(ctx, tx, who, id, today)
	return people[0], err
}

// listGrants lists grants that the actor may see, of one person or (person empty) of all; one's own are always seen.
func listGrants(ctx context.Context, tx *db.Tx, who auth.Actor, person, today string) ([]Grant, error) {
	return db.Collect(ctx, tx, scanGrant, grantSelect+`
		where ($3 = '' or g.person = $3) and g.delegation = '' and (g.person = $4 or `+within("g.unit", 1)+`)
		order by r.ordinal, n.sort, g.valid_from, g.id`, append(withinArgs(who, today), person, who.Person)...)
}

const grantSelect = `select g.id, g.person, g.role, r.name, g.unit, u.code, coalesce(n.name, u.code), g.hierarchy, g.valid_from, g.valid_to,
		g.office, coalesce((select o.title from office o where o.id = g.office), '')
	from access_grant g join access_role r on r.code = g.role join unit u on u.id = g.unit
	left join unit_name n on n.unit = g.unit and n.valid_from <= $2 and $2 < n.valid_to`

func scanGrant(rows *sql.Rows) (Grant, error) {
	var g Grant
	err := rows.Scan(&g.ID, &g.Person, &g.Role, &g.RoleName, &g.Unit, &g.UnitCode, &g.UnitName, &g.Hierarchy, &g.From, &g.To, &g.Office, &g.OfficeTitle)
	if g.To == forever {
		g.To = ""
	}
	return g, err
}

func insertPerson(ctx context.Context, tx *db.Tx, id string, p NewPerson, hash string, at int64) error {
	_, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, email, disabled, made, version)
		values ($1,$2,$3,$4,$5,$6,$7,false,$8,1)`, id, p.Login, p.Name, viet.NameSortKey(p.Name), hash, p.Language, p.Email, at)
	if db.Duplicate(err) {
		return fault.Invalid("login", "Tên đăng nhập này đã có người dùng.")
	}
	return err
}

// updatePerson changes one column of the version that the editor saw. The column is a word of this file, never input.
func updatePerson(ctx context.Context, tx *db.Tx, id string, version int64, column string, value any) error {
	n, err := tx.Exec(ctx, `update person set `+column+` = $1, version = version + 1 where id = $2 and version = $3`, value, id, version)
	if err == nil && n == 0 {
		return fault.Conflict("Người dùng này vừa được người khác thay đổi. Hãy mở lại trang rồi thử lại.")
	}
	return err
}

// renewHash puts a hash in the place of another one of the same password; of a password that has changed meanwhile it does nothing.
func renewHash(ctx context.Context, tx *db.Tx, person, old, hash string) (int64, error) {
	return tx.Exec(ctx, `update person set password = $1 where id = $2 and password = $3`, hash, person, old)
}

func setHash(ctx context.Context, tx *db.Tx, person, hash string) error {
	_, err := tx.Exec(ctx, `update person set password = $1, version = version + 1 where id = $2`, hash, person)
	return err
}

func insertGrant(ctx context.Context, tx *db.Tx, g Grant) error {
	_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, hierarchy, valid_from, valid_to, office) values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		g.ID, g.Person, g.Role, g.Unit, int64(g.Hierarchy), g.From, cmp.Or(g.To, forever), g.Office)
	return err
}

// endGrant ends a grant on a day, and what is lent out of it: it does not hold on that day any more.
func endGrant(ctx context.Context, tx *db.Tx, id, day string) error {
	_, err := tx.Exec(ctx, `update access_grant set valid_to = $1 where (id = $2 or source = $2) and valid_to > $1`, day, id)
	return err
}

// grantsOfOffice lists the grants that come with an office and would hold on a day or later.
func grantsOfOffice(ctx context.Context, tx *db.Tx, office, day string) ([]Grant, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (g Grant, err error) {
		return g, rows.Scan(&g.ID, &g.Person, &g.Unit)
	}, `select g.id, g.person, g.unit from access_grant g where g.office = $1 and g.office <> '' and g.delegation = '' and g.valid_to > $2 order by g.id`, office, day)
}

// unitWithin tells whether the actor administers the unit today.
func unitWithin(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, today string) (bool, error) {
	units, err := db.Collect(ctx, tx, db.Scalar[int64], `select u.id from unit u where u.id = $3 and `+within("u.id", 1),
		append(withinArgs(who, today), unit)...)
	return len(units) == 1, err
}

// grantsReaching lists the grants of a person, now or to come and lent ones too, that reach beyond what the actor administers.
func grantsReaching(ctx context.Context, tx *db.Tx, who auth.Actor, person, today string) ([]string, error) {
	return db.Collect(ctx, tx, db.Scalar[string], `select g.id from access_grant g where g.person = $3 and g.valid_to > $2 and `+reaches("g.unit", "g.hierarchy", 1),
		append(withinArgs(who, today), person)...)
}

// mayGrantOver refuses a grant over a unit that stands in no such hierarchy, or that would hold beyond what the actor
// administers.
func mayGrantOver(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, h org.Hierarchy, today string) error {
	mine, err := unitWithin(ctx, tx, who, unit, today)
	if err != nil {
		return err
	}
	if !mine {
		return fault.Invalid("unit", "Hãy chọn một đơn vị trong phạm vi quản trị của bạn.")
	}
	var stands, beyond bool
	err = tx.QueryRow(ctx, `select exists (select 1 from unit_ancestor a where a.unit = $3 and a.hierarchy = $4 and a.ancestor = $3),
		`+reaches("u.id", "$4", 1)+` from unit u where u.id = $3`, append(withinArgs(who, today), unit, int64(h))...).Scan(&stands, &beyond)
	switch {
	case err != nil:
		return err
	case !slices.Contains(org.Hierarchies, h) || !stands:
		return fault.Invalidf("hierarchy", "Đơn vị này không đứng trong %s. Hãy chọn cây đơn vị khác.", fault.Word(h.Name()))
	case beyond:
		return fault.Invalidf("hierarchy", "Theo %s, đơn vị này có đơn vị cấp dưới ngoài phạm vi quản trị của bạn. Hãy nhờ người quản trị cấp trên.", fault.Word(h.Name()))
	}
	return nil
}

// listUnits lists the units that the actor administers, by name, for a choice.
func listUnits(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]Unit, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Unit, error) {
		var u Unit
		err := rows.Scan(&u.ID, &u.Code, &u.Name)
		return u, err
	}, `select u.id, u.code, n.name from unit u
		join unit_name n on n.unit = u.id and n.valid_from <= $2 and $2 < n.valid_to
		where u.valid_from <= $2 and $2 < u.valid_to and `+within("u.id", 1)+` order by n.sort, u.code`, withinArgs(who, today)...)
}
