package task

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// named joins a unit with its name on the task's day, under an alias.
func named(alias, unit string) string {
	return fmt.Sprintf(` join unit %[1]su on %[1]su.id = %[2]s join unit_name %[1]s on %[1]s.unit = %[2]s and %[1]s.valid_from =
		(select max(m.valid_from) from unit_name m where m.unit = %[2]s and m.valid_from <= t.day) `, alias, unit)
}

var from = ` from task t` + named("p", "t.unit") + named("l", "t.lead")

const columns = ` t.id, t.unit, t.lead, t.text, t.evidence, t.day, t.due, t.original_due, t.extensions, t.asked, t.state, t.share, t.done,
	t.indicator, t.part, t.goal_period, t.goal_of, t.wanted, t.start_value, t.start_qualifier, t.briefing, t.point, t.made, t.version,
	pu.code, p.name, p.short, lu.code, l.name, l.short `

func scan(rows *sql.Rows) (Task, error) {
	var t Task
	var start sql.NullInt64
	err := rows.Scan(&t.ID, &t.Unit, &t.Lead, &t.Text, &t.Evidence, &t.Day, &t.Due, &t.OriginalDue, &t.Extensions, &t.Asked, &t.State,
		&t.Share, &t.Done, &t.Indicator, &t.Part, &t.Period, &t.Of, &t.Wanted, &start, &t.Start.Qualifier, &t.Briefing, &t.Point, &t.Made, &t.Version,
		&t.Place.Code, &t.Place.Name, &t.Place.Short, &t.Leader.Code, &t.Leader.Name, &t.Leader.Short)
	t.Start.Number, t.Start.Has = start.Int64, start.Valid
	t.Place.ID, t.Leader.ID = t.Unit, t.Lead
	return t, err
}

// visible limits a query to tasks of places and bodies where the actor holds the permission: the place that asks, the body
// that leads, or one that works along. Placeholders as org.Within.
func visible(first int) string {
	return ` (` + org.Within("t.unit", "t.day", first) + ` or` + doers(first) + `) `
}

// doers is visible without the place: those whose task it is.
func doers(first int) string {
	return ` (` + org.Within("t.lead", "t.day", first) + ` or exists (select 1 from task_body tb where tb.task = t.id
		and` + org.Within("tb.unit", "t.day", first) + `)) `
}

// find reads a task with its history, within a scope.
func find(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, id, today string, scope func(int) string) (Task, error) {
	list, err := db.Collect(ctx, tx, scan, `select`+columns+from+` where t.id = $1 and`+scope(2), append([]any{id}, org.WithinArgs(who, p, today)...)...)
	if err != nil {
		return Task{}, err
	}
	if len(list) == 0 {
		return Task{}, fault.NotFound()
	}
	err = fill(ctx, tx, list, true)
	return list[0], err
}

// fill adds the co-ordinating bodies, and the events when asked.
func fill(ctx context.Context, tx *db.Tx, list []Task, events bool) error {
	at := map[string]int{}
	for i, t := range list {
		at[t.ID] = i
	}
	const most = 300 // placeholders in one statement
	for done := 0; done < len(list); done += most {
		chunk := list[done:min(done+most, len(list))]
		ids := make([]any, len(chunk))
		for i, t := range chunk {
			ids[i] = t.ID
		}
		in := db.List(len(ids), 1)
		type member struct {
			task string
			Named
		}
		bodies, err := db.Collect(ctx, tx, func(r *sql.Rows) (member, error) {
			var m member
			err := r.Scan(&m.task, &m.ID, &m.Code, &m.Name, &m.Short)
			return m, err
		}, `select b.task, b.unit, ou.code, o.name, o.short from task_body b join task t on t.id = b.task`+named("o", "b.unit")+`
			where b.task in (`+in+`) order by b.task, b.ordinal`, ids...)
		if err != nil {
			return err
		}
		for _, m := range bodies {
			t := &list[at[m.task]]
			t.With = append(t.With, m.ID)
			t.Others = append(t.Others, m.Named)
		}
		if !events {
			continue
		}
		if err := fillEvents(ctx, tx, list, at, in, ids); err != nil {
			return err
		}
	}
	return nil
}

func fillEvents(ctx context.Context, tx *db.Tx, list []Task, at map[string]int, in string, ids []any) error {
	type line struct {
		task string
		Event
	}
	lines, err := db.Collect(ctx, tx, func(r *sql.Rows) (line, error) {
		var l line
		var giver string
		err := r.Scan(&l.task, &l.Number, &l.At, &l.Person, &l.By, &l.For, &giver, &l.Kind, &l.Text, &l.Share, &l.Evidence, &l.Due)
		if l.Person == auth.System().Person {
			l.By = auth.System().Name
		}
		l.By = audit.Signature(l.By, giver)
		return l, err
	}, `select e.task, e.number, e.at, e.person, coalesce(p.name, ''), coalesce(a.acting_for, ''), coalesce(g.name, ''), e.kind, e.text, e.share, e.evidence, e.due
		from task_event e left join person p on p.id = e.person
		left join audit_entry a on a.house = 'task' and a.object = e.task and a.at = e.at and a.person = e.person and a.verb = e.kind and a.acting_for <> ''
		left join person g on g.id = a.acting_for where e.task in (`+in+`) order by e.task, e.number`, ids...)
	for _, l := range lines {
		list[at[l.task]].Events = append(list[at[l.task]].Events, l.Event)
	}
	return err
}

func insert(ctx context.Context, tx *db.Tx, t Task) error {
	var start any
	if t.Start.Has {
		start = t.Start.Number
	}
	_, err := tx.Exec(ctx, `insert into task(id, unit, lead, text, folded, evidence, day, due, original_due, extensions, asked, state, share, done,
		indicator, part, goal_period, goal_of, wanted, start_value, start_qualifier, briefing, point, made, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$8,0,'',$9,0,'',$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,1)`,
		t.ID, t.Unit, t.Lead, t.Text, viet.Fold(t.Text), t.Evidence, t.Day, t.Due, string(Open),
		t.Indicator, t.Part, t.Period, string(t.Of), t.Wanted, start, int64(t.Start.Qualifier), t.Briefing, t.Point, t.Made)
	if err != nil {
		return fmt.Errorf("insert task: %w", err)
	}
	rows := make([][]any, len(t.With))
	for i, unit := range t.With {
		rows[i] = []any{t.ID, unit, i + 1}
	}
	return tx.Insert(ctx, `insert into task_body(task, unit, ordinal) values `, "", rows)
}

func insertEvent(ctx context.Context, tx *db.Tx, id string, e Event) error {
	_, err := tx.Exec(ctx, `insert into task_event(task, number, at, person, kind, text, share, evidence, due) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		id, e.Number, e.At, e.Person, string(e.Kind), e.Text, e.Share, e.Evidence, e.Due)
	return err
}

// update writes what an event changed, if the task is still the one the actor saw.
func update(ctx context.Context, tx *db.Tx, t Task, version int) error {
	n, err := tx.Exec(ctx, `update task set due = $3, extensions = $4, asked = $5, state = $6, share = $7, done = $8, version = version + 1
		where id = $1 and version = $2`, t.ID, version, t.Due, t.Extensions, t.Asked, string(t.State), t.Share, t.Done)
	if err != nil {
		return fmt.Errorf("update task %s: %w", t.ID, err)
	}
	if n == 0 {
		return fault.Conflict("Nhiệm vụ này vừa được người khác cập nhật. Hãy mở lại trang để xem rồi làm tiếp.")
	}
	return nil
}

// query gathers the conditions of a list with their placeholders.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

// filtered turns a filter into conditions; the actor's scope is always the first.
func filtered(who auth.Actor, f Filter, today string) *query {
	q := &query{args: org.WithinArgs(who, auth.View, today)}
	q.where = append(q.where, visible(1))
	if f.Unit != 0 {
		u := q.arg(f.Unit)
		// A place that was merged hands its tasks on to its successors.
		q.where = append(q.where, `(t.unit = `+u+` or exists (select 1 from succession_share h join succession s on s.id = h.succession
			where s.undone is null and h.old_unit = t.unit and h.new_unit = `+u+`))`)
	}
	if f.Body != 0 {
		b := q.arg(f.Body)
		q.where = append(q.where, `(t.lead = `+b+` or exists (select 1 from task_body b where b.task = t.id and b.unit = `+b+`))`)
	}
	if f.Briefing != "" {
		q.where = append(q.where, `t.briefing = `+q.arg(f.Briefing))
	}
	switch {
	case f.Overdue:
		q.where = append(q.where, `t.state in ('open', 'returned') and t.due < `+q.arg(today))
	case f.State == Open:
		q.where = append(q.where, `t.state in ('open', 'returned')`)
	case f.State != "":
		q.where = append(q.where, `t.state = `+q.arg(string(f.State)))
	case f.Unfinished:
		q.where = append(q.where, `t.state in ('open', 'returned', 'reported')`)
	}
	if text := viet.Fold(f.Text); text != "" {
		q.where = append(q.where, `t.folded like `+q.arg("%"+escape(text)+"%")+` escape '!'`)
	}
	return q
}

// escape keeps what a user typed from being read as a pattern.
func escape(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// list reads tasks, late ones first, then what is still to come by date, closed ones last. limit 0 reads all.
func list(ctx context.Context, tx *db.Tx, q *query, today string, limit, offset int) ([]Task, error) {
	day := q.arg(today)
	text := `select` + columns + from + ` where ` + strings.Join(q.where, " and ") + `
		order by case when t.state in ('open', 'returned') and t.due < ` + day + ` then 0 when t.state in ('accepted', 'cancelled') then 2 else 1 end,
		t.due, t.briefing, t.point, t.id`
	if limit > 0 {
		text += ` limit ` + q.arg(limit) + ` offset ` + q.arg(offset)
	}
	return db.Collect(ctx, tx, scan, text, q.args...)
}

// count reads how many tasks there are of each kind.
func count(ctx context.Context, tx *db.Tx, q *query, today string) (Counts, error) {
	var c Counts
	day := q.arg(today)
	err := tx.QueryRow(ctx, `select count(*), count(*) filter (where t.state in ('open', 'returned')),
		count(*) filter (where t.state in ('open', 'returned') and t.due < `+day+`), count(*) filter (where t.state = 'reported'),
		count(*) filter (where t.state = 'accepted'), count(*) filter (where t.state = 'accepted' and t.done > t.due),
		count(*) filter (where t.state = 'cancelled'), count(*) filter (where t.asked <> '')
		from task t where `+strings.Join(q.where, " and "), q.args...).Scan(&c.Total, &c.Open, &c.Overdue, &c.Reported, &c.Accepted, &c.AcceptedLate,
		&c.Cancelled, &c.Asked)
	return c, err
}

// bodies lists who leads tasks that the actor may see, for a filter's choices.
func bodies(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]Named, error) {
	all, err := db.Collect(ctx, tx, func(r *sql.Rows) (Named, error) {
		var n Named
		var sort string
		err := r.Scan(&n.ID, &n.Code, &n.Name, &n.Short, &sort)
		return n, err
	}, `select distinct t.lead, lu.code, l.name, l.short, l.sort`+from+` where`+visible(1)+` order by l.sort, lu.code`, org.WithinArgs(who, auth.View, today)...)
	if err != nil {
		return nil, err
	}
	var out []Named
	seen := map[int64]bool{}
	for _, n := range all { // a body that was renamed stands once
		if !seen[n.ID] {
			seen[n.ID] = true
			out = append(out, n)
		}
	}
	return out, nil
}
