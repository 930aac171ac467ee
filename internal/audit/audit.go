// Package audit records who did what, in the same transaction as what was done. It refuses to be a log of reads, and to
// hold the values themselves: figures keep their own versions; an entry names the object and says what and why.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// Entry is one act. House and Object name what it was done to; Detail is a small JSON object of what changed.
type Entry struct {
	ID     string
	At     int64 // UTC ms
	Person string
	Verb   string
	House  string
	Object string
	Reason string
	Detail string
}

// Write adds an entry. detail may be nil; at is UTC milliseconds of the site's clock.
func Write(ctx context.Context, tx *db.Tx, who auth.Actor, at int64, verb, house, object, reason string, detail map[string]any) error {
	text := "{}"
	if len(detail) > 0 {
		b, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("audit %s %s: %w", verb, house, err)
		}
		text = string(b)
	}
	_, err := tx.Exec(ctx, `insert into audit_entry(id, at, person, verb, house, object, reason, detail)
		values ($1,$2,$3,$4,$5,$6,$7,$8)`, db.NewID(), at, who.Person, verb, house, object, reason, text)
	if err != nil {
		return fmt.Errorf("audit %s %s: %w", verb, house, err)
	}
	return nil
}

// Of lists the acts on one object, oldest first.
func Of(ctx context.Context, tx *db.Tx, house, object string) ([]Entry, error) {
	return db.Collect(ctx, tx, scan, `select id, at, person, verb, house, object, reason, detail from audit_entry
		where house = $1 and object = $2 order by at, id`, house, object)
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	err := rows.Scan(&e.ID, &e.At, &e.Person, &e.Verb, &e.House, &e.Object, &e.Reason, &e.Detail)
	return e, err
}
