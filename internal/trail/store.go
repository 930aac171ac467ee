package trail

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// unitDay is the day for which org.Within is asked about the unit of an entry (uu): today, and for a unit that is no more,
// each day up to its last, so that who held it last, or holds now what it became, still finds what was done there.
const unitDay = `case when uu.valid_to > $3 then $3 when ga.valid_to >= uu.valid_to then ga.valid_from else '0001-01-01' end`

// within limits audit_unit au to units where the reader holds the face's permission; placeholders $1 to $3 with the values
// of org.WithinArgs.
var within = ` exists (select 1 from unit uu where uu.id = au.unit and ` + org.Within("au.unit", unitDay, 1) + `) `

// question builds a select on the trail. Its first three arguments are those of org.WithinArgs.
type question struct {
	conditions []string
	args       []any
}

// add appends a condition in which each ? is the placeholder of the next value.
func (q *question) add(condition string, values ...any) {
	for _, v := range values {
		q.args = append(q.args, v)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.conditions = append(q.conditions, condition)
}

func (q *question) text() string { return strings.Join(q.conditions, " and ") }

// ask begins a question with what the reader may see: entries about units where they hold the permission. Entries that
// name no unit concern the whole site, and are for those who hold it there; an administrator also sees those about a person
// who has, or will have, a role in their part.
func ask(ctx context.Context, tx *db.Tx, who auth.Actor, f Face, today string) (*question, error) {
	whole, err := org.HoldsSite(ctx, tx, who, f.Permission, today)
	if err != nil {
		return nil, err
	}
	q := &question{args: org.WithinArgs(who, f.Permission, today)}
	about := ""
	if f.Permission == auth.Admin {
		about = ` or exists (select 1 from access_grant og where og.person = a.object and og.valid_to > $3
			and ` + org.Within("og.unit", "$3", 1) + `)`
	}
	q.add(`($1 = 'system' or exists (select 1 from audit_unit au where au.entry = a.id and `+within+`)
		or not exists (select 1 from audit_unit au where au.entry = a.id) and (?`+about+`))`, whole)
	if len(f.Houses) > 0 {
		q.args = append(q.args, db.Args(f.Houses)...)
		q.add(`a.house in (` + db.List(len(f.Houses), len(q.args)-len(f.Houses)+1) + `)`)
	}
	return q, nil
}

// filter adds what the reader asks for. A unit that they may not see is not found.
func (q *question) filter(ctx context.Context, tx *db.Tx, who auth.Actor, f Face, x Filter, today string) error {
	if x.Unit != "" {
		u, err := org.Visible(ctx, tx, who, f.Permission, x.Unit, today, today)
		if err != nil {
			return err
		}
		q.add(`exists (select 1 from audit_unit fu join unit_ancestor fa on fa.unit = fu.unit and fa.hierarchy in (1, 11) and fa.weight > 0
			and fa.ancestor = ? where fu.entry = a.id)`, u.ID)
	}
	if x.Person != "" {
		q.add(`(a.person = ? or a.acting_for = ?)`, x.Person, x.Person)
	}
	for column, value := range map[string]string{"house": x.House, "verb": x.Verb, "object": x.Object} {
		if value != "" {
			q.add(`a.`+column+` = ?`, value)
		}
	}
	if x.From != "" {
		at, err := midnight("tu", x.From)
		if err != nil {
			return err
		}
		q.add(`a.at >= ?`, at.UnixMilli())
	}
	if x.To != "" {
		at, err := midnight("den", x.To)
		if err != nil {
			return err
		}
		q.add(`a.at < ?`, at.AddDate(0, 0, 1).UnixMilli())
	}
	if x.Before != (Cursor{}) {
		q.add(`(a.at, a.id) < (?, ?)`, x.Before.At, x.Before.ID)
	}
	return nil
}

func midnight(field, day string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, day, clock.Zone)
	if err != nil {
		return at, fault.Invalidf(field, "Ngày “%s” không đọc được. Hãy ghi ngày/tháng/năm, ví dụ 01/10/2019.", day)
	}
	return at, nil
}

// list reads a page of the trail, newest first, with the names that its lines need.
func list(ctx context.Context, tx *db.Tx, who auth.Actor, f Face, x Filter, today string, limit int) ([]Line, error) {
	q, err := ask(ctx, tx, who, f, today)
	if err != nil {
		return nil, err
	}
	if err := q.filter(ctx, tx, who, f, x, today); err != nil {
		return nil, err
	}
	q.args = append(q.args, limit)
	entries, err := audit.Where(ctx, tx, q.text()+fmt.Sprintf(` order by a.at desc, a.id desc limit $%d`, len(q.args)), q.args...)
	if err != nil {
		return nil, err
	}
	return dress(ctx, tx, who, f.Permission, today, entries)
}

// find reads one entry.
func find(ctx context.Context, tx *db.Tx, who auth.Actor, f Face, id, today string) (Line, error) {
	q, err := ask(ctx, tx, who, f, today)
	if err != nil {
		return Line{}, err
	}
	q.add(`a.id = ?`, id)
	entries, err := audit.Where(ctx, tx, q.text(), q.args...)
	if err != nil {
		return Line{}, err
	}
	if len(entries) == 0 {
		return Line{}, fault.NotFound()
	}
	lines, err := dress(ctx, tx, who, f.Permission, today, entries)
	if err != nil {
		return Line{}, err
	}
	return lines[0], nil
}

// seen tells which of some entries the reader may open.
func seen(ctx context.Context, tx *db.Tx, who auth.Actor, f Face, today string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(ids) == 0 || !who.Has(f.Permission) {
		return out, nil
	}
	q, err := ask(ctx, tx, who, f, today)
	if err != nil {
		return nil, err
	}
	q.args = append(q.args, db.Args(ids)...)
	q.add(`a.id in (` + db.List(len(ids), len(q.args)-len(ids)+1) + `)`)
	entries, err := audit.Where(ctx, tx, q.text(), q.args...)
	for _, e := range entries {
		out[e.ID] = true
	}
	return out, err
}

// dress gives entries the names of their people, units and things, as far as the reader holds the permission there.
func dress(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string, entries []audit.Entry) ([]Line, error) {
	units, err := unitsOf(ctx, tx, who, p, today, entries)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, e := range entries {
		people = append(people, e.Person, e.ActingFor)
	}
	names, err := namesOf(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(entries))
	for i, e := range entries {
		l := Line{Entry: e, Who: names[e.Person], ForWho: names[e.ActingFor], Units: units[e.ID]}
		l.Beyond = len(e.Units) - len(l.Units)
		if l.Beyond > 0 {
			l.Partial = true
			l.Reason, l.Detail, l.Before, l.After, l.Figures, l.Address = "", "", "", "", "", ""
		}
		lines[i] = l
	}
	return lines, name(ctx, tx, lines)
}

// unitsOf lists the units of each entry that the reader may see, by name.
func unitsOf(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string, entries []audit.Entry) (map[string][]UnitName, error) {
	out := map[string][]UnitName{}
	if len(entries) == 0 {
		return out, nil
	}
	args := org.WithinArgs(who, p, today)
	for _, e := range entries {
		args = append(args, e.ID)
	}
	rows, err := tx.Query(ctx, `select au.entry, u.code, coalesce(n.name, u.code) from audit_unit au join unit u on u.id = au.unit`+latestName+`
		where au.entry in (`+db.List(len(entries), 4)+`) and `+within+` order by au.entry, n.sort, u.code`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var entry string
		var u UnitName
		if err := rows.Scan(&entry, &u.Code, &u.Name); err != nil {
			return nil, err
		}
		out[entry] = append(out[entry], u)
	}
	return out, rows.Err()
}

// namesOf gives the names of people by id.
func namesOf(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{auth.System().Person: systemName}
	return out, lookUp(ids, func(ids []any) error {
		rows, err := tx.Query(ctx, `select id, name from person where id in (`+db.List(len(ids), 1)+`)`, ids...)
		return each(rows, err, func(rows *sql.Rows) error {
			var id, name string
			if err := rows.Scan(&id, &name); err != nil {
				return err
			}
			out[id] = name
			return nil
		})
	})
}

// lookUp asks for values, each once, a few hundred at a time.
func lookUp(values []string, query func([]any) error) error {
	distinct := map[string]bool{"": true}
	var list []any
	for _, v := range values {
		if !distinct[v] {
			distinct[v] = true
			list = append(list, v)
		}
	}
	for len(list) > 0 {
		n := min(300, len(list))
		if err := query(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// choices lists whom and what a filter can ask for, as far as the reader holds the permission today.
func choices(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string) (c Choice, err error) {
	args := append(org.WithinArgs(who, p, today), int64(most+1))
	if c.Units, err = db.Collect(ctx, tx, func(rows *sql.Rows) (u UnitName, err error) {
		return u, rows.Scan(&u.Code, &u.Name)
	}, `select u.code, n.name from unit u join unit_name n on n.unit = u.id and n.valid_from <= $3 and $3 < n.valid_to
		where u.valid_from <= $3 and $3 < u.valid_to and `+org.Within("u.id", "$3", 1)+` order by n.sort, u.code limit $4`, args...); err != nil {
		return c, err
	}
	if c.People, err = db.Collect(ctx, tx, func(rows *sql.Rows) (x Person, err error) {
		return x, rows.Scan(&x.ID, &x.Name)
	}, `select p.id, p.name from person p where p.erased = 0 and ($1 = 'system' or exists (select 1 from access_grant pg where pg.person = p.id and `+
		org.Within("pg.unit", "$3", 1)+`)) order by p.sort, p.id limit $4`, args...); err != nil {
		return c, err
	}
	if len(c.Units) > most {
		c.Units = nil
	}
	if len(c.People) > most {
		c.People = nil
	}
	return c, nil
}

// about lists the entries on one thing, newest first: all houses that write on it, under the names that they have for it.
func about(ctx context.Context, tx *db.Tx, kind, object string, before Cursor, limit int) ([]audit.Entry, error) {
	args := []any{object}
	condition := `a.house = '` + kind + `' and a.object = $1` // kind is one of look's words, never input
	switch kind {
	case "account":
		condition = `a.house in ('account', 'door', 'personal') and a.object = $1`
	case "org":
		condition = `(a.house in ('org', 'unit') and a.object = $1 or a.house = 'report' and a.object = 'duty/' || $1)`
	case "intake":
		condition = `(a.house = 'intake' and a.object = $1 or a.house = 'figure' and a.object <> '' and a.object = (select p.entry from intake_plan p where p.id = $1)
			or a.house = 'report' and a.object = (select 'entry/' || p.entry from intake_plan p where p.id = $1))`
	}
	if before != (Cursor{}) {
		condition += ` and (a.at, a.id) < ($2, $3)`
		args = append(args, before.At, before.ID)
	}
	args = append(args, limit)
	return audit.Where(ctx, tx, condition+fmt.Sprintf(` order by a.at desc, a.id desc limit $%d`, len(args)), args...)
}

// mostCells bounds the numbers that an entry's page lists.
const mostCells = 200

// wrote lists the numbers that an entry of figures wrote, each beside the one that it replaced, and whether there are more.
func wrote(ctx context.Context, tx *db.Tx, c *indicator.Catalog, entry string) (cells []Cell, more bool, err error) {
	cells, err = db.Collect(ctx, tx, func(rows *sql.Rows) (x Cell, err error) {
		var in, part, layer int64
		var now, old struct {
			number    sql.NullInt64
			qualifier sql.NullInt64
			raw       sql.NullString
		}
		if err := rows.Scan(&x.UnitCode, &x.Unit, &x.Period, &in, &part, &layer, &now.number, &now.qualifier, &now.raw, &old.number, &old.qualifier, &old.raw); err != nil {
			return x, err
		}
		i, _ := c.ByID(in)
		for _, p := range i.Parts {
			if p.Part == part {
				x.Part = p.Name
			}
		}
		x.Indicator, x.Code, x.Approved = i.Name, i.Code, figure.Layer(layer) == figure.Approved
		print := func(number, qualifier sql.NullInt64, raw string) string {
			return figure.Print(figure.Value{Number: number.Int64, Has: number.Valid, Qualifier: viet.Qualifier(qualifier.Int64)}, raw, i)
		}
		x.New = print(now.number, now.qualifier, now.raw.String)
		if old.qualifier.Valid {
			x.Old = print(old.number, old.qualifier, old.raw.String)
		}
		return x, nil
	}, `select u.code, coalesce(n.name, u.code), p.code, f.indicator, f.part, f.layer, f.value, f.qualifier, f.raw, b.value, b.qualifier, b.raw
		from figure_entry e join figure_entry_place w on w.entry = e.key
		join figure f on f.unit = w.unit and f.period = w.period and f.entry = e.key
		join unit u on u.id = f.unit`+latestName+` join period p on p.id = f.period
		left join figure b on b.unit = f.unit and b.period = f.period and b.layer = f.layer and b.indicator = f.indicator and b.part = f.part and b.version = f.version - 1
		where e.id = $1 order by n.sort, u.code, f.period, f.layer, f.indicator, f.part limit $2`, entry, mostCells+1)
	if len(cells) > mostCells {
		return cells[:mostCells], true, err
	}
	return cells, false, err
}
