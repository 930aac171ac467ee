package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
)

// body is the part of a plan that is kept as JSON.
type body struct {
	Options  Options   `json:"options"`
	Rows     []Line    `json:"rows"`
	Problems []Problem `json:"problems,omitempty"`
	Notes    []Problem `json:"notes,omitempty"`
	Kept     []string  `json:"kept,omitempty"`
	Made     []string  `json:"made,omitempty"`   // codes of the units that it made, in order
	Before   []before  `json:"before,omitempty"` // the targets that it changed, as they were
}

// before is a target as it stood before an import.
type before struct {
	Unit, Period, Indicator string
	Has                     bool
	Number                  int64
	Qualifier               int8
	Raw, Source             string
}

// stored is a plan with what only the house needs of it.
type stored struct {
	Plan
	made   []string
	before []before
}

// within limits plans to those of the actor, and to those whose units the actor may all enter figures for. It uses the
// placeholders from first on with the values of withinArgs.
func within(first int) string {
	return fmt.Sprintf(` ($%[1]d = 'system' or p.person = $%[1]d or exists (select 1 from intake_unit i where i.plan = p.id)
		and not exists (select 1 from intake_unit i where i.plan = p.id and not %[2]s)) `, first, org.Within("i.unit", "ga.valid_from", first))
}

func withinArgs(who auth.Actor, today string) []any { return org.WithinArgs(who, auth.Enter, today) }

const planSelect = `select p.id, p.at, p.person, coalesce((select n.name from person n where n.id = p.person), ''), p.file, p.sha256, p.size, p.kind,
	p.stage, p.counts, p.entry, coalesce(p.done_at, 0), coalesce(p.undone_at, 0), p.reason,
	exists (select 1 from intake_file f where f.plan = p.id)`

func scanPlan(rows *sql.Rows, more ...any) (Plan, error) {
	var p Plan
	var counts string
	err := rows.Scan(append([]any{&p.ID, &p.At, &p.Person, &p.By, &p.File, &p.SHA256, &p.Size, &p.Kind, &p.Stage, &counts, &p.Entry,
		&p.DoneAt, &p.UndoneAt, &p.Reason, &p.Held}, more...)...)
	if err != nil {
		return p, err
	}
	if p.Person == auth.System().Person {
		p.By = auth.System().Name
	}
	return p, json.Unmarshal([]byte(counts), &p.Counts)
}

// list reads plans without their lines, the newest first.
func list(ctx context.Context, tx *db.Tx, who auth.Actor, today string, limit, skip int) ([]Plan, int, error) {
	args := withinArgs(who, today)
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from intake_plan p where `+within(1), args...).Scan(&n); err != nil {
		return nil, 0, err
	}
	out, err := db.Collect(ctx, tx, func(r *sql.Rows) (Plan, error) { return scanPlan(r) },
		planSelect+` from intake_plan p where `+within(1)+` order by p.at desc, p.id desc limit $4 offset $5`, append(args, limit, skip)...)
	return out, n, err
}

func find(ctx context.Context, tx *db.Tx, who auth.Actor, today, where, value string) (stored, error) {
	found, err := db.Collect(ctx, tx, func(r *sql.Rows) (stored, error) {
		var text string
		p, err := scanPlan(r, &text)
		if err != nil {
			return stored{}, err
		}
		var b body
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			return stored{}, fmt.Errorf("plan %s: %w", p.ID, err)
		}
		p.Options, p.Rows, p.Problems, p.Notes, p.Kept = b.Options, b.Rows, b.Problems, b.Notes, b.Kept
		return stored{p, b.Made, b.Before}, nil
	}, planSelect+`, p.body from intake_plan p where p.`+where+` = $1 and `+within(2), append([]any{value}, withinArgs(who, today)...)...)
	if err != nil {
		return stored{}, err
	}
	if len(found) == 0 {
		return stored{}, fault.NotFound()
	}
	return found[0], nil
}

func fileOf(ctx context.Context, tx *db.Tx, plan string) ([]byte, error) {
	var data []byte
	err := tx.QueryRow(ctx, `select data from intake_file where plan = $1`, plan).Scan(&data)
	if db.Missing(err) {
		return nil, fault.Refused("Tệp gốc đã hết thời hạn lưu và đã được xóa. Hãy nhập lại tệp.")
	}
	return data, err
}

func (s stored) texts() (counts, text string, err error) {
	c, err := json.Marshal(s.Counts)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(body{s.Options, s.Rows, s.Problems, s.Notes, s.Kept, s.made, s.before})
	return string(c), string(b), err
}

func insert(ctx context.Context, tx *db.Tx, p stored, data []byte, until int64) error {
	counts, text, err := p.texts()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into intake_plan(id, at, person, file, sha256, size, kind, stage, counts, body, entry, done_at, undone_at, reason)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'',null,null,'')`, p.ID, p.At, p.Person, p.File, p.SHA256, p.Size, string(p.Kind), string(p.Stage),
		counts, text); err != nil {
		return fmt.Errorf("insert plan: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into intake_file(plan, data, until) values ($1,$2,$3)`, p.ID, data, until)
	return err
}

// update moves a plan on from the stage that the actor saw.
func update(ctx context.Context, tx *db.Tx, p stored, from Stage) error {
	counts, text, err := p.texts()
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update intake_plan set stage = $3, counts = $4, body = $5, entry = $6, done_at = $7, undone_at = $8, reason = $9
		where id = $1 and stage = $2`, p.ID, string(from), string(p.Stage), counts, text, p.Entry, orNull(p.DoneAt), orNull(p.UndoneAt), p.Reason)
	if err != nil {
		return fmt.Errorf("update plan %s: %w", p.ID, err)
	}
	if n == 0 {
		return fault.Conflict("Lần nhập này vừa được người khác ghi hoặc hoàn tác. Hãy mở lại trang để xem.")
	}
	return nil
}

func orNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// touch records the units that a plan speaks of, as far as the site has them.
func touch(ctx context.Context, tx *db.Tx, plan string, units map[int64]bool) error {
	for id := range units {
		if _, err := tx.Exec(ctx, `insert into intake_unit(plan, unit) select $1, u.id from unit u where u.id = $2 on conflict (plan, unit) do nothing`, plan, id); err != nil {
			return err
		}
	}
	return nil
}

// unitsOf are the units that an import touched.
func unitsOf(ctx context.Context, tx *db.Tx, plan string) ([]int64, error) {
	return db.Collect(ctx, tx, db.Scalar[int64], `select unit from intake_unit where plan = $1`, plan)
}

// expire drops the files whose time is over; the plans stay.
func expire(ctx context.Context, tx *db.Tx, now int64) (int64, error) {
	return tx.Exec(ctx, `delete from intake_file where until < $1`, now)
}

// overlapStands tells whether an overlap is recorded already, with that amount.
func overlapStands(ctx context.Context, tx *db.Tx, o figure.Overlap) (bool, error) {
	var amount any
	if o.Known {
		amount = o.Amount
	}
	var yes bool
	err := tx.QueryRow(ctx, `select exists (select 1 from figure_overlap o where o.unit = $1 and o.other_unit = $2 and o.period = $3
		and o.indicator = $4 and o.part = $5 and o.ended_by is null and o.amount is not distinct from $6)`,
		o.Cell.Unit, o.Other, o.Cell.Period, o.Cell.Indicator, o.Cell.Part, amount).Scan(&yes)
	return yes, err
}

// parentsOf reads the codes of a unit's parents on a day.
func parentsOf(ctx context.Context, tx *db.Tx, unit int64, day string) (map[org.Hierarchy]string, error) {
	rows, err := tx.Query(ctx, `select e.hierarchy, u.code from unit_edge e join unit u on u.id = e.parent
		where e.unit = $1 and e.valid_from <= $2 and $2 < e.valid_to`, unit, day)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[org.Hierarchy]string{}
	for rows.Next() {
		var h org.Hierarchy
		var code string
		if err := rows.Scan(&h, &code); err != nil {
			return nil, err
		}
		out[h] = strings.ToUpper(code)
	}
	return out, rows.Err()
}
