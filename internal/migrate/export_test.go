package migrate

import (
	"context"

	"giaoban/internal/db"
)

// UpTo brings an empty site to an older schema.
func UpTo(ctx context.Context, d *db.DB, version int64) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}
