package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

// marks are the keys of the settings that a test has made.
func marks(t *testing.T, d *db.DB) []string {
	t.Helper()
	var out []string
	if err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = db.Collect(context.Background(), tx, db.Scalar[string], `select key from setting where key like 'm%' order by key`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

const mark = `insert into setting(key, value) values ($1, '')`

func TestBatchAnswersInOrderAndSeesWhatWasPutOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var got []string
		if err := d.Write(ctx, func(tx *db.Tx) error {
			got = nil
			if err := tx.Later(ctx, mark, "m1"); err != nil {
				return err
			}
			var b db.Batch
			note := func(name string) func(db.Scan) error {
				return func(scan db.Scan) error {
					var n int64
					err := scan(&n)
					got = append(got, fmt.Sprint(name, n))
					return err
				}
			}
			const count = `select count(*) from setting where key like 'm%'`
			b.Query(note("before "), count)
			b.Query(func(scan db.Scan) error {
				var key string
				err := scan(&key)
				got = append(got, "made "+key)
				return err
			}, mark+` returning key`, "m2")
			b.Query(note("after "), count)
			b.Query(note("none "), `select 1 from setting where key = 'mx'`)
			if err := tx.Run(ctx, &b); err != nil {
				return err
			}
			return tx.InsertLater(ctx, `insert into setting(key, value) values `, ` on conflict (key) do nothing`, [][]any{{"m3", ""}, {"m2", "x"}, {"m4", ""}})
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"before 1", "made m2", "after 2"}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"m1", "m2", "m3", "m4"}, marks(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatWasPutOffFailsTheWholeTransactionAndIsNobodyElsesDuplicate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(ctx, func(tx *db.Tx) error { return tx.Later(ctx, mark, "m1") }); err != nil {
			t.Fatal(err)
		}
		const one = `select 1`
		for name, next := range map[string]func(*db.Tx) error{
			"commit": func(*db.Tx) error { return nil },
			"exec":   func(tx *db.Tx) error { _, err := tx.Exec(ctx, mark, "m3"); return err },
			"query":  func(tx *db.Tx) error { _, err := db.Collect(ctx, tx, db.Scalar[int64], one); return err },
			"row":    func(tx *db.Tx) error { var n int64; return tx.QueryRow(ctx, one).Scan(&n) },
			"a row whose answer is not looked at": func(tx *db.Tx) error {
				var n int64
				_ = tx.QueryRow(ctx, mark+` returning 1`, "m4").Scan(&n)
				return nil
			},
			"batch": func(tx *db.Tx) error {
				var b db.Batch
				b.Query(func(db.Scan) error { return nil }, one)
				return tx.Run(ctx, &b)
			},
		} {
			tried := 0
			err := d.WriteGuarded(ctx, func(tx *db.Tx) error {
				tried++
				if _, err := tx.Exec(ctx, mark, "m2"); err != nil {
					return err
				}
				if err := tx.Later(ctx, mark, "m1"); err != nil {
					return err
				}
				return next(tx)
			})
			if err == nil {
				t.Errorf("%s: the duplicate was taken", name)
			}
			if d.Engine() == db.Postgres && (db.Duplicate(err) || tried < 2) {
				t.Errorf("%s: %v after %d tries: it is the transaction's to try again, not the caller's to explain", name, err, tried)
			}
			if diff := cmp.Diff([]string{"m1"}, marks(t, d)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

func TestTransactionWithoutEffectLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refused := errors.New("refused")
		var group sync.WaitGroup
		for i := range 60 { // more than there are connections, twice over
			group.Go(func() {
				_ = d.Write(ctx, func(*db.Tx) error { return nil })
				if err := d.Write(ctx, func(tx *db.Tx) error {
					if _, err := tx.Exec(ctx, mark, fmt.Sprint("m", i)); err != nil {
						return err
					}
					return refused
				}); !errors.Is(err, refused) {
					t.Errorf("err = %v", err)
				}
				func() {
					defer func() { _ = recover() }()
					_ = d.Write(ctx, func(tx *db.Tx) error {
						_, _ = tx.Exec(ctx, mark, fmt.Sprint("mp", i))
						panic("thử")
					})
				}()
				stopped, cancel := context.WithCancel(ctx)
				if err := d.Write(stopped, func(tx *db.Tx) error {
					_, err := tx.Exec(stopped, mark, fmt.Sprint("mc", i))
					cancel()
					return errors.Join(err, stopped.Err())
				}); err == nil {
					t.Error("a cancelled transaction was kept")
				}
			})
		}
		group.Wait()
		if got := marks(t, d); len(got) != 0 {
			t.Errorf("%v", got)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, mark, "m"); return err }); err != nil {
			t.Error(err)
		}
	})
}

func TestInsertOfAnyColumns(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var got []string
		if err := d.Write(ctx, func(tx *db.Tx) error {
			got = nil
			if _, err := tx.Exec(ctx, `create table thing(n bigint, t text, b boolean)`); err != nil {
				return err
			}
			for _, rows := range [][][]any{
				{{1, "a", true}, {int64(2), nil, false}},
				{{nil, "c", nil}, {int64(4), "d", nil}},
				{{int64(5), "é", true}},
				{{nil, nil, nil}, {nil, nil, nil}},
			} {
				if err := tx.Insert(ctx, `insert into thing(n, t, b) values `, "", rows); err != nil {
					return err
				}
				for i := range rows {
					rows[i] = rows[i][:2]
				}
				if err := tx.Insert(ctx, `insert into thing(n, t) values `, "", rows); err != nil {
					return err
				}
			}
			var err error
			got, err = db.Collect(ctx, tx, db.Scalar[string], `select coalesce(cast(n as text), '-') || coalesce(t, '-') || count(*) || sum(case when b then 1 else 0 end)
				from thing group by n, t order by n is null, n, t is null`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1a21", "2-20", "4d20", "5é21", "-c20", "--40"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestShortWritesAreKeptOrRefusedEachByItself lets many write at once, some of whom are refused, collide, panic or give up.
func TestShortWritesAreKeptOrRefusedEachByItself(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refused := errors.New("refused")
		var want []string
		var group sync.WaitGroup
		for i := range 200 {
			key := fmt.Sprintf("m%03d", i)
			if i%5 > 0 {
				want = append(want, key)
			}
			group.Go(func() {
				given, stop := context.WithCancel(ctx)
				defer stop()
				before := -1
				err := d.WriteShort(given, func(tx *db.Tx) error {
					var b db.Batch
					b.Query(func(scan db.Scan) error { return scan(&before) }, `select count(*) from setting where key = $1`, key)
					if err := tx.Run(given, &b); err != nil {
						return err
					}
					if err := tx.Later(given, mark, key); err != nil {
						return err
					}
					switch {
					case i%20 == 0:
						return refused
					case i%20 == 5: // a key that is taken: known at the commit only
						return tx.Later(given, mark, key)
					case i%20 == 10:
						panic("thử")
					case i%20 == 15:
						stop()
						_, err := tx.Exec(given, mark, key+"x")
						return errors.Join(err, given.Err())
					}
					return nil
				})
				if (err == nil) != (i%5 > 0) || before > 0 {
					t.Errorf("%s: %v, %d of it were there before", key, err, before)
				}
				if i%20 == 0 && !errors.Is(err, refused) {
					t.Errorf("%s: %v", key, err)
				}
			})
		}
		group.Wait()
		if diff := cmp.Diff(want, marks(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestShortWritesInStepSeeTheirOwn lets many write at once who ask in batches, ask alone, and put off: each sees what it has put off,
// in its own order, whatever the others of its group do in the meantime.
func TestShortWritesInStepSeeTheirOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const own = `select value from setting where key = $1`
		var group sync.WaitGroup
		for i := range 150 {
			key := fmt.Sprintf("m%03d", i)
			group.Go(func() {
				if err := d.WriteShort(ctx, func(tx *db.Tx) error {
					if err := tx.InsertLater(ctx, `insert into setting(key, value) values `, ``, [][]any{{key, "a"}, {key + "b", key}}); err != nil {
						return err
					}
					if err := tx.Later(ctx, `update setting set value = value || $2 where key = $1`, key, "b"); err != nil {
						return err
					}
					seen := ""
					var b db.Batch
					b.Query(func(scan db.Scan) error { return scan(&seen) }, own, key)
					switch i % 3 {
					case 0:
						if err := tx.Run(ctx, &b); err != nil {
							return err
						}
					case 1:
						if err := tx.QueryRow(ctx, own, key).Scan(&seen); err != nil {
							return err
						}
					case 2:
						values, err := db.Collect(ctx, tx, db.Scalar[string], own, key)
						if err != nil {
							return err
						}
						seen = values[0]
					}
					if seen != "ab" {
						t.Errorf("%s saw %q of its own", key, seen)
					}
					n, err := tx.Exec(ctx, `update setting set value = $3 where key = $1 and value = $2`, key+"b", key, "done")
					if n != 1 {
						t.Errorf("%s touched %d rows of its own", key, n)
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := marks(t, d); len(got) != 300 {
			t.Errorf("%d rows are there", len(got))
		}
	})
}
