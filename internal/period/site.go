package period

import (
	"context"
	"fmt"

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
