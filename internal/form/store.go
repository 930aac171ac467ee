package form

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

// conflict is what somebody hears who has not seen the newest state.
func conflict() error {
	return fault.Conflict("Biểu mẫu này vừa được người khác thay đổi. Hãy mở lại trang rồi làm tiếp.")
}

const formColumns = ` f.id, f.code, f.period_kind, f.ordinal, f.ends, f.version `

func scanForm(rows *sql.Rows) (f Form, err error) {
	return f, rows.Scan(&f.ID, &f.Code, &f.Kind, &f.Ordinal, &f.Ends, &f.Version)
}

// forms lists all forms in their order.
func forms(ctx context.Context, tx *db.Tx) ([]Form, error) {
	return db.Collect(ctx, tx, scanForm, `select`+formColumns+`from form f order by f.ordinal, f.code`)
}

func find(ctx context.Context, tx *db.Tx, code string) (Form, error) {
	found, err := db.Collect(ctx, tx, scanForm, `select`+formColumns+`from form f where f.code = $1`, strings.ToUpper(code))
	if err == nil && len(found) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Form{}, err
	}
	return found[0], nil
}

func insertForm(ctx context.Context, tx *db.Tx, f Form, at int64, by string) error {
	_, err := tx.Exec(ctx, `insert into form(id, code, period_kind, ordinal, ends, version, made, made_by) values ($1,$2,$3,$4,$5,1,$6,$7)`,
		f.ID, f.Code, f.Kind, f.Ordinal, f.Ends, at, by)
	if db.Duplicate(err) {
		return fault.Invalidf("code", "Đã có biểu mẫu mang mã %s.", f.Code)
	}
	return err
}

// touch moves a form's row on, when it is still the one that the editor saw.
func touch(ctx context.Context, tx *db.Tx, f Form, seen int) error {
	n, err := tx.Exec(ctx, `update form set ends = $3, version = version + 1 where id = $1 and version = $2`, f.ID, seen, f.Ends)
	if err == nil && n == 0 {
		err = conflict()
	}
	return err
}

const versionColumns = ` v.form, v.number, v.state, v.name, v.note, v.from_period, v.from_day, v.opens, v.closes, v.reminders, v.why, v.made, v.made_by, v.published, v.published_by `

func scanVersion(rows *sql.Rows) (v Version, err error) {
	var reminders string
	err = rows.Scan(&v.Form, &v.Number, &v.State, &v.Name, &v.Note, &v.From, &v.FromDay, &v.Opens, &v.Closes, &reminders, &v.Why, &v.MadeAt, &v.MadeBy, &v.PublishedAt, &v.PublishedBy)
	for _, text := range strings.Fields(reminders) {
		n, wrong := strconv.Atoi(text)
		if wrong != nil {
			return v, fmt.Errorf("reminders of form %s: %w", v.Form, wrong)
		}
		v.Reminders = append(v.Reminders, n)
	}
	return v, err
}

// versionsOf reads all versions of a form without their content, the newest first.
func versionsOf(ctx context.Context, tx *db.Tx, form string) ([]Version, error) {
	return db.Collect(ctx, tx, scanVersion, `select`+versionColumns+`from form_version v where v.form = $1 order by v.number desc`, form)
}

// putVersion writes a draft whole: its row and its content. What is published is never written again.
func putVersion(ctx context.Context, tx *db.Tx, v Version) error {
	var days []string
	for _, r := range v.Reminders {
		days = append(days, strconv.Itoa(r))
	}
	n, err := tx.Exec(ctx, `insert into form_version(form, number, state, name, note, from_period, from_day, opens, closes, reminders, why, made, made_by, published, published_by)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)
		on conflict (form, number) do update set state = excluded.state, name = excluded.name, note = excluded.note, from_period = excluded.from_period,
			from_day = excluded.from_day, opens = excluded.opens, closes = excluded.closes, reminders = excluded.reminders, why = excluded.why,
			published = excluded.published, published_by = excluded.published_by
		where form_version.state = 'draft'`,
		v.Form, v.Number, string(v.State), v.Name, v.Note, v.From, v.FromDay, v.Opens, v.Closes, strings.Join(days, " "), v.Why, v.MadeAt, v.MadeBy, v.PublishedAt, v.PublishedBy)
	if err != nil {
		return fmt.Errorf("put version %d of form %s: %w", v.Number, v.Form, err)
	}
	if n == 0 {
		return conflict()
	}
	if err := dropContent(ctx, tx, v); err != nil {
		return err
	}
	var sections, items, columns [][]any
	for s, section := range v.Sections {
		sections = append(sections, []any{v.Form, v.Number, section.ID, s, section.Title, section.Note})
		for i, item := range section.Items {
			items = append(items, []any{v.Form, v.Number, item.ID, section.ID, i, string(item.Kind), item.Indicator, item.Compulsory, item.Label, item.Hint, item.Most})
			for c, column := range item.Columns {
				columns = append(columns, []any{v.Form, v.Number, item.ID, column.ID, c, column.Label, column.Number, column.Unit})
			}
		}
	}
	for _, x := range []struct {
		into string
		rows [][]any
	}{
		{`insert into form_section(form, number, section, ordinal, title, note) values `, sections},
		{`insert into form_item(form, number, item, section, ordinal, kind, indicator, compulsory, label, hint, most) values `, items},
		{`insert into form_column(form, number, item, col, ordinal, label, numeral, unit) values `, columns},
	} {
		if err := tx.Insert(ctx, x.into, "", x.rows); err != nil {
			return fmt.Errorf("put version %d of form %s: %w", v.Number, v.Form, err)
		}
	}
	return nil
}

func dropContent(ctx context.Context, tx *db.Tx, v Version) error {
	for _, table := range []string{"form_column", "form_item", "form_section"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where form = $1 and number = $2`, v.Form, v.Number); err != nil {
			return err
		}
	}
	return nil
}

// dropDraft takes a version away that nobody was ever asked for.
func dropDraft(ctx context.Context, tx *db.Tx, v Version) error {
	if err := dropContent(ctx, tx, v); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from form_version where form = $1 and number = $2 and state = 'draft'`, v.Form, v.Number)
	return err
}

// fill reads the content of versions, all in three statements.
func fill(ctx context.Context, tx *db.Tx, versions []*Version) error {
	if len(versions) == 0 {
		return nil
	}
	type key struct {
		form   string
		number int
	}
	at := map[key]*Version{}
	args := make([]any, 0, 2*len(versions))
	for _, v := range versions {
		at[key{v.Form, v.Number}] = v
		args = append(args, v.Form, v.Number)
	}
	asked := ` where (t.form, t.number) in (` + db.Values(len(versions), 2, 1) + `) order by t.form, t.number, t.ordinal`
	columns := map[key]map[string][]Column{}
	each := func(query string, scan func(*sql.Rows) error) error {
		_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) { return struct{}{}, scan(rows) }, query+asked, args...)
		return err
	}
	if err := each(`select t.form, t.number, t.item, t.col, t.label, t.numeral, t.unit from form_column t`, func(rows *sql.Rows) error {
		var k key
		var item string
		var c Column
		err := rows.Scan(&k.form, &k.number, &item, &c.ID, &c.Label, &c.Number, &c.Unit)
		if columns[k] == nil {
			columns[k] = map[string][]Column{}
		}
		columns[k][item] = append(columns[k][item], c)
		return err
	}); err != nil {
		return err
	}
	if err := each(`select t.form, t.number, t.section, t.title, t.note from form_section t`, func(rows *sql.Rows) error {
		var k key
		var s Section
		err := rows.Scan(&k.form, &k.number, &s.ID, &s.Title, &s.Note)
		at[k].Sections = append(at[k].Sections, s)
		return err
	}); err != nil {
		return err
	}
	return each(`select t.form, t.number, t.item, t.section, t.kind, t.indicator, t.compulsory, t.label, t.hint, t.most from form_item t`, func(rows *sql.Rows) error {
		var k key
		var section string
		var i Item
		err := rows.Scan(&k.form, &k.number, &i.ID, &section, &i.Kind, &i.Indicator, &i.Compulsory, &i.Label, &i.Hint, &i.Most)
		i.Columns = columns[k][i.ID]
		v := at[k]
		for s := range v.Sections {
			if v.Sections[s].ID == section {
				v.Sections[s].Items = append(v.Sections[s].Items, i)
			}
		}
		return err
	})
}

// assignmentsOf reads the assignments of all forms, or of one, with whom they name; the newest first.
func assignmentsOf(ctx context.Context, tx *db.Tx, form string) ([]Assignment, error) {
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (a Assignment, err error) {
		return a, rows.Scan(&a.Form, &a.Number, &a.From, &a.FromDay, &a.Reason, &a.MadeAt, &a.MadeBy)
	}, `select form, number, from_period, from_day, reason, made, made_by from form_assignment where $1 = '' or form = $1 order by form, number desc`, form)
	if err != nil || len(all) == 0 {
		return all, err
	}
	at := func(form string, number int) *Assignment {
		for n := range all {
			if all[n].Form == form && all[n].Number == number {
				return &all[n]
			}
		}
		return &Assignment{}
	}
	if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var form string
		var number int
		var t Target
		err := rows.Scan(&form, &number, &t.Kind, &t.Level, &t.Line)
		a := at(form, number)
		a.Targets = append(a.Targets, t)
		return struct{}{}, err
	}, `select form, number, kind, level, line from form_target where $1 = '' or form = $1 order by form, number, kind, level, line`, form); err != nil {
		return nil, err
	}
	_, err = db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var form string
		var number int
		var x Exception
		err := rows.Scan(&form, &number, &x.Unit, &x.Added)
		a := at(form, number)
		a.Exceptions = append(a.Exceptions, x)
		return struct{}{}, err
	}, `select form, number, unit, added from form_exception where $1 = '' or form = $1 order by form, number, unit`, form)
	return all, err
}

func insertAssignment(ctx context.Context, tx *db.Tx, a Assignment) error {
	if _, err := tx.Exec(ctx, `insert into form_assignment(form, number, from_period, from_day, reason, made, made_by) values ($1,$2,$3,$4,$5,$6,$7)`,
		a.Form, a.Number, a.From, a.FromDay, a.Reason, a.MadeAt, a.MadeBy); err != nil {
		if db.Duplicate(err) {
			return conflict()
		}
		return err
	}
	var targets, exceptions [][]any
	for _, t := range a.Targets {
		targets = append(targets, []any{a.Form, a.Number, string(t.Kind), string(t.Level), t.Line})
	}
	for _, x := range a.Exceptions {
		exceptions = append(exceptions, []any{a.Form, a.Number, x.Unit, x.Added})
	}
	if err := tx.Insert(ctx, `insert into form_target(form, number, kind, level, line) values `, "", targets); err != nil {
		return err
	}
	return tx.Insert(ctx, `insert into form_exception(form, number, unit, added) values `, "", exceptions)
}

// linesOf reads the tops of the lines in question that units stand in on a day, by unit.
func linesOf(ctx context.Context, tx *db.Tx, lines []int64, day string) (map[int64][]int64, error) {
	out := map[int64][]int64{}
	if len(lines) == 0 {
		return out, nil
	}
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var unit, line int64
		err := rows.Scan(&unit, &line)
		out[unit] = append(out[unit], line)
		return struct{}{}, err
	}, `select a.unit, a.ancestor from unit_ancestor a where a.hierarchy = $1 and a.weight > 0 and a.valid_from <= $2 and $2 < a.valid_to
		and a.ancestor in (`+db.List(len(lines), 3)+`)`, append([]any{int64(org.Line), day}, db.Args(lines)...)...)
	return out, err
}

// holidays lists the dated exceptions to the working week.
func holidays(ctx context.Context, tx *db.Tx) ([]Holiday, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (h Holiday, err error) {
		return h, rows.Scan(&h.Day, &h.Name, &h.Works)
	}, `select day, name, works from form_holiday order by day`)
}
