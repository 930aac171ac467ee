package account

import (
	"context"

	"giaoban/internal/db"
)

// Entrance is how many people can sign in today, and how many of them can let others in.
type Entrance struct {
	People, Administrators int
}

// WhoCanSignIn counts; for the machine's owner, who must not stand before a site that nobody can enter.
func WhoCanSignIn(ctx context.Context, tx *db.Tx, today string) (e Entrance, err error) {
	err = tx.QueryRow(ctx, `select count(*), count(*) filter (where exists (select 1 from access_grant g
			join access_role_permission rp on rp.role = g.role and rp.permission = 'admin'
			where g.person = p.id and g.valid_from <= $1 and $1 < g.valid_to))
		from person p where not p.disabled and p.password <> ''`, today).Scan(&e.People, &e.Administrators)
	return e, err
}
