package org_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
)

// What is kept of the closure is what the closure says: in the transaction that changes the tree, after one that was rolled
// back, after a merge and after its undoing.
func TestWhatIsKeptOfTheClosureFollowsIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		var kept org.Above
		check := func(ctx context.Context, tx *db.Tx) error {
			units, err := db.Collect(ctx, tx, db.Scalar[int64], `select id from unit`)
			if err != nil {
				return err
			}
			units = append(units, units...)
			want, err := org.Ancestors(ctx, tx, units)
			if err != nil {
				return err
			}
			for range 2 {
				var b db.Batch
				above := kept.Ask(&b)
				if err := tx.Run(ctx, &b); err != nil {
					return err
				}
				got, err := above(ctx, tx, units)
				if err != nil {
					return err
				}
				for _, u := range units {
					if diff := cmp.Diff(want[u], got[u]); diff != "" {
						t.Errorf("above %d (-closure +kept):\n%s", u, diff)
					}
				}
			}
			return nil
		}
		read := func() {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) error { return check(ctx, tx) }); err != nil {
				t.Fatal(err)
			}
		}
		read()
		refused := errors.New("refused")
		s.Follow(org.Hooks{After: func(ctx context.Context, tx *db.Tx, _ []org.Change) error {
			return errors.Join(check(ctx, tx), refused)
		}})
		merge := org.Merge("2020-01-01", "Nghị quyết 12", org.Spec{Code: "P09", Kind: org.Place, Level: org.Commune, Name: "Phường P09"}, "P01", "P02")
		if _, err := s.Succeed(ctx, auth.System(), merge); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		read()
		s.Follow(org.Hooks{After: func(ctx context.Context, tx *db.Tx, _ []org.Change) error { return check(ctx, tx) }})
		id, err := s.Succeed(ctx, auth.System(), merge)
		if err != nil {
			t.Fatal(err)
		}
		read()
		if err := s.Undo(ctx, auth.System(), id, "Nghị quyết bị thu hồi"); err != nil {
			t.Fatal(err)
		}
		read()
	})
}
