package period

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/org"
)

// HoldsSite tells whether the actor holds a permission over every place that stands at the top of the territory today:
// what is one for the whole site (its periods, its catalogue) is not for the holder of one ward to change.
func HoldsSite(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string) (bool, error) {
	if !who.Has(p) {
		return false, nil
	}
	var missing bool
	args := append(org.WithinArgs(who, p, today), int64(org.Territory))
	err := tx.QueryRow(ctx, `select exists (select 1 from unit u where u.kind = 'place' and u.valid_from <= $3 and $3 < u.valid_to
		and not exists (select 1 from unit_edge e where e.unit = u.id and e.hierarchy = $4
			and e.valid_from <= $3 and $3 < e.valid_to)
		and not`+org.Within("u.id", "$3", 1)+`)`, args...).Scan(&missing)
	if err != nil {
		return false, fmt.Errorf("grants over the site: %w", err)
	}
	return !missing, nil
}

// Deed is an act with the name of who did it.
type Deed struct {
	audit.Entry
	By string
}

// Deeds lists what was done to an object of a house, newest first.
func Deeds(ctx context.Context, tx *db.Tx, house, object string) ([]Deed, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Deed, error) {
		var d Deed
		err := rows.Scan(&d.ID, &d.At, &d.Person, &d.Verb, &d.House, &d.Object, &d.Reason, &d.Detail, &d.By)
		return d, err
	}, `select a.id, a.at, a.person, a.verb, a.house, a.object, a.reason, a.detail, coalesce(p.name, $3)
		from audit_entry a left join person p on p.id = a.person
		where a.house = $1 and a.object = $2 order by a.at desc, a.id desc`, house, object, auth.System().Name)
}
