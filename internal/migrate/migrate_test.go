package migrate_test

import (
	"context"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/migrate"
)

func TestEmptySiteReachesHeadOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		n, err := migrate.Up(ctx, d)
		if err != nil || n != 0 {
			t.Fatalf("a migrated site is migrated again: %d, %v", n, err)
		}
		pending, err := migrate.Pending(ctx, d)
		if err != nil || pending {
			t.Fatalf("pending = %v, %v", pending, err)
		}
	})
}
