package db_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

// Many who each add a row after they have counted all rows get in each other's way as much as any can: PostgreSQL refuses all
// of them but one, each time. All are kept all the same, and each has a count of its own.
func TestManyWhoCountTheSameRowsAreAllKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		const people = 60
		var all sync.WaitGroup
		for range people {
			all.Go(func() {
				if err := d.Write(ctx, func(tx *db.Tx) error {
					counts, err := db.Collect(ctx, tx, db.Scalar[int], `select count(*) from setting where key like 'm%'`)
					if err != nil {
						return err
					}
					_, err = tx.Exec(ctx, mark, fmt.Sprintf("m%03d", counts[0]))
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := marks(t, d); len(got) != people || got[people-1] != fmt.Sprintf("m%03d", people-1) {
			t.Errorf("kept: %v", got)
		}
	})
}
