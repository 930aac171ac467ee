// Package audit records who did what, in the same transaction as what was done, and seals the record so that nobody changes
// it behind the program's back without being noticed. It refuses to be a log of reads, and to hold figures: they keep their
// own versions, and an entry carries their digest. Entries name people by id, never by name.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// Act is what somebody did. House and Object name what it was done to; Units are the units that it concerns, none for what
// concerns the whole site. Detail is a small object of facts; Before and After are what changed, where the thing keeps no
// versions of its own. Figures is the digest of the figures that the act wrote.
type Act struct {
	At      int64 // UTC milliseconds of the site's clock
	Verb    string
	House   string
	Object  string
	Units   []int64
	Reason  string
	Detail  map[string]any
	Before  any
	After   any
	Figures string
}

// Entry is an act as recorded: Detail, Before and After are JSON, the latter two empty where nothing was said.
type Entry struct {
	ID        string
	At        int64
	Person    string
	ActingFor string
	Address   string
	Verb      string
	House     string
	Object    string
	Units     []int64
	Reason    string
	Detail    string
	Before    string
	After     string
	Figures   string

	units string // as stored
}

// Write adds an entry, in the way of tx.Later.
func Write(ctx context.Context, tx *db.Tx, who auth.Actor, act Act) error {
	if act.Detail == nil {
		act.Detail = map[string]any{}
	}
	id, units := db.NewID(), unitList(act.Units)
	row := []any{id, act.At, who.Person, who.For, who.Address, act.Verb, act.House, act.Object, "", act.Reason, "", "", "", act.Figures}
	said := map[int]any{10: act.Detail, 11: act.Before, 12: act.After}
	if len(units) > 0 {
		said[8] = units
	}
	for at, v := range said {
		if v == nil {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("audit %s %s: %w", act.Verb, act.House, err)
		}
		row[at] = string(text)
	}
	if err := tx.InsertLater(ctx, `insert into audit_entry(`+columns+`) values `, ``, [][]any{row}); err != nil {
		return fmt.Errorf("audit %s %s: %w", act.Verb, act.House, err)
	}
	rows := make([][]any, len(units))
	for i, u := range units {
		rows[i] = []any{id, u}
	}
	if err := tx.InsertLater(ctx, `insert into audit_unit(entry, unit) values `, ``, rows); err != nil {
		return fmt.Errorf("units of audit %s %s: %w", act.Verb, act.House, err)
	}
	return nil
}

// unitList gives units in order, each once; nil for none.
func unitList(units []int64) []int64 {
	list := slices.Compact(slices.Sorted(slices.Values(units)))
	return slices.DeleteFunc(list, func(u int64) bool { return u == 0 })
}

const columns = `id, at, person, acting_for, address, verb, house, object, units, reason, detail, before, after, figures`

// scan reads columns, then more.
func (e *Entry) scan(rows *sql.Rows, more ...any) error {
	if err := rows.Scan(append([]any{
		&e.ID, &e.At, &e.Person, &e.ActingFor, &e.Address, &e.Verb, &e.House, &e.Object, &e.units, &e.Reason, &e.Detail, &e.Before, &e.After, &e.Figures,
	}, more...)...); err != nil {
		return err
	}
	e.Units = nil
	_ = json.Unmarshal([]byte(e.units), &e.Units) // none, or a list that somebody has spoilt: Check names the entry
	return nil
}

// Deed is an act with who did it, as SignedBy says it.
type Deed struct {
	Entry
	By string
}

// Deeds lists the acts on one object, newest first.
func Deeds(ctx context.Context, tx *db.Tx, house, object string) ([]Deed, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Deed, error) {
		var d Deed
		var name, giver string
		err := d.scan(rows, &name, &giver)
		d.By = Signature(name, giver)
		return d, err
	}, `select `+columns+`, case when person = $3 then $4 else coalesce((select p.name from person p where p.id = a.person), '') end,
			coalesce((select p.name from person p where p.id = a.acting_for), '')
		from audit_entry a where house = $1 and object = $2 order by at desc, id desc`, house, object, auth.System().Person, auth.System().Name)
}

// Signature says who did something and, when they acted under a delegation (thừa ủy quyền), for whom.
func Signature(name, giver string) string {
	if giver == "" {
		return name
	}
	return name + ", TUQ. " + giver
}

// For tells for whom, by delegation, somebody did what they did to an object at a time; empty when they did it for
// themselves. The act is the first of theirs on it from then on: it is recorded in the transaction that it is done in.
func For(ctx context.Context, tx *db.Tx, person, house, object string, at int64) (string, error) {
	var giver string
	err := tx.QueryRow(ctx, `select acting_for from audit_entry where house = $1 and object = $2 and at >= $3 and person = $4
		order by at, id limit 1`, house, object, at, person).Scan(&giver)
	if err != nil && !db.Missing(err) {
		return "", fmt.Errorf("for whom somebody acted: %w", err)
	}
	return giver, nil
}

// SignedBy is the signature of who did what they did to an object at a time; empty when the person is no longer known.
func SignedBy(ctx context.Context, tx *db.Tx, person, house, object string, at int64) (string, error) {
	name, err := Name(ctx, tx, person)
	if err != nil || name == "" {
		return "", err
	}
	giver, err := For(ctx, tx, person, house, object, at)
	if err != nil || giver == "" {
		return name, err
	}
	of, err := Name(ctx, tx, giver)
	return Signature(name, of), err
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
