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

// Deed is an act with the name of who did it; empty when the person is no longer known.
type Deed struct {
	Entry
	By string
}

// Deeds lists the acts on one object, newest first.
func Deeds(ctx context.Context, tx *db.Tx, house, object string) ([]Deed, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Deed, error) {
		var d Deed
		err := rows.Scan(&d.ID, &d.At, &d.Person, &d.Verb, &d.House, &d.Object, &d.Reason, &d.Detail, &d.By)
		return d, err
	}, `select a.id, a.at, a.person, a.verb, a.house, a.object, a.reason, a.detail,
			case when a.person = $3 then $4 else coalesce(p.name, '') end
		from audit_entry a left join person p on p.id = a.person
		where a.house = $1 and a.object = $2 order by a.at desc, a.id desc`, house, object, auth.System().Person, auth.System().Name)
}

// Name is the name of somebody who acted, for houses that keep the act themselves; empty when unknown.
func Name(ctx context.Context, tx *db.Tx, person string) (string, error) {
	if person == auth.System().Person {
		return auth.System().Name, nil
	}
	var name string
	err := tx.QueryRow(ctx, `select name from person where id = $1`, person).Scan(&name)
	if err != nil && !db.Missing(err) {
		return "", fmt.Errorf("name of a person: %w", err)
	}
	return name, nil
}
