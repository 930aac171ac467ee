package rule

import (
	"cmp"
	"context"
	"database/sql"

	"giaoban/internal/db"
	"giaoban/internal/fault"
)

// What a rule without bounds holds in the database.
const (
	always  = "0001-01-01"
	forever = "9999-12-31"
)

const ruleColumns = ` r.id, r.version, r.name, r.expr, r.message, r.severity, r.kind, r.valid_from, r.valid_to, r.off, r.made, r.made_by `

const newest = ` r.version = (select max(v.version) from figure_rule v where v.id = r.id) `

func scanRule(rows *sql.Rows) (Rule, error) {
	var r Rule
	err := rows.Scan(&r.ID, &r.Version, &r.Name, &r.Expr, &r.Message, &r.Severity, &r.Kind, &r.From, &r.To, &r.Off, &r.MadeAt, &r.MadeBy)
	if r.From == always {
		r.From = ""
	}
	if r.To == forever {
		r.To = ""
	}
	return r, err
}

// list reads the newest version of each rule: those in use first, by name.
func list(ctx context.Context, tx *db.Tx) ([]Rule, error) {
	return db.Collect(ctx, tx, scanRule, `select`+ruleColumns+`from figure_rule r where`+newest+`order by r.off, r.name, r.id`)
}

// versions reads all versions of a rule, the newest first; none is not found.
func versions(ctx context.Context, tx *db.Tx, id string) ([]Rule, error) {
	all, err := db.Collect(ctx, tx, scanRule, `select`+ruleColumns+`from figure_rule r where r.id = $1 order by r.version desc`, id)
	if err == nil && len(all) == 0 {
		err = fault.NotFound()
	}
	return all, err
}

func insert(ctx context.Context, tx *db.Tx, r Rule) error {
	_, err := tx.Exec(ctx, `insert into figure_rule(id, version, name, expr, message, severity, kind, valid_from, valid_to, off, made, made_by)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`, r.ID, r.Version, r.Name, r.Expr, r.Message, string(r.Severity), string(r.Kind), cmp.Or(r.From, always), cmp.Or(r.To, forever),
		r.Off, r.MadeAt, r.MadeBy)
	if db.Duplicate(err) {
		return fault.Conflict("Quy tắc này vừa được người khác thay đổi. Hãy mở lại trang rồi thử lại.")
	}
	return err
}

// Note is what a body says of figures that break a rule.
type Note struct {
	Rule, Figures, Text, By string
	At                      int64
}

// notesOf reads the newest explanation of each rule of a unit and period.
func notesOf(ctx context.Context, tx *db.Tx, unit, period int64) (map[string]Note, error) {
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (n Note, err error) {
		err = rows.Scan(&n.Rule, &n.Figures, &n.Text, &n.By, &n.At)
		return n, err
	}, `select rule, figures, text, made_by, made from figure_rule_note where unit = $1 and period = $2 order by made`, unit, period)
	out := map[string]Note{}
	for _, n := range all {
		out[n.Rule] = n
	}
	return out, err
}

func insertNote(ctx context.Context, tx *db.Tx, unit, period int64, n Note) error {
	_, err := tx.Exec(ctx, `insert into figure_rule_note(unit, period, rule, made, made_by, figures, text) values ($1,$2,$3,$4,$5,$6,$7)
		on conflict (unit, period, rule, made) do nothing`, unit, period, n.Rule, n.At, n.By, n.Figures, n.Text)
	return err
}
