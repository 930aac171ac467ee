package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// Tell gives people a note, in the transaction of what it tells of. Nobody is told twice, and the program itself is nobody.
func Tell(ctx context.Context, tx *db.Tx, at int64, people []string, n Note) error {
	args, err := json.Marshal(n.Args)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(people))), func(id string) bool {
		return id == "" || id == auth.System().Person
	})
	for _, person := range people {
		// An account that is gone or was never one is nobody to tell.
		if _, err := tx.Exec(ctx, `insert into notice(id, person, kind, path, at, text, args, read_at)
			select $1, p.id, $3, $4, $5, $6, $7, 0 from person p where p.id = $2 and p.erased = 0
			on conflict (person, kind, path) where read_at = 0 do update set at = excluded.at, text = excluded.text, args = excluded.args`,
			db.NewID(), person, string(n.Kind), n.Path, at, n.Text, string(args)); err != nil {
			return fmt.Errorf("tell %s: %w", n.Kind, err)
		}
	}
	return nil
}

// Holders lists the people who hold a permission today by a grant of their own over just this unit: those whose work it is,
// not all who stand above it.
func Holders(ctx context.Context, tx *db.Tx, p auth.Permission, unit int64, today string) ([]string, error) {
	return db.Collect(ctx, tx, db.Scalar[string], `select distinct g.person from access_grant g
		join access_role_permission rp on rp.role = g.role and rp.permission = $1 join person n on n.id = g.person and not n.disabled
		where g.unit = $2 and g.delegation = '' and g.valid_from <= $3 and $3 < g.valid_to order by g.person`, string(p), unit, today)
}
