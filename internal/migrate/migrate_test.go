package migrate_test

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
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

// empty opens a site without any table.
func empty(t *testing.T, engine db.Engine) *db.DB {
	t.Helper()
	dsn := filepath.Join(t.TempDir(), "site.db")
	if engine == db.Postgres {
		u, err := url.Parse(dbtest.DSN(t, engine)) // a schema of its own in a database that goes with the test
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", "migrate_"+db.NewID())
		u.RawQuery = q.Encode()
		dsn = u.String()
	}
	d, err := db.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestFiguresSurviveTheirNewKeys fills a site of schema 9 by hand and brings it to head: each figure is there under its entry,
// the entry knows its places, and a place without an edge in them has no sums in the trees of organisations.
func TestFiguresSurviveTheirNewKeys(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			d := empty(t, engine)
			if err := migrate.UpTo(ctx, d, 9); err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{
				`insert into unit(id, code, kind, valid_from, valid_to, version) values (1, 'TX', 'place', '0001-01-01', '9999-12-31', 1), (2, 'TX.PN', 'body', '0001-01-01', '9999-12-31', 1)`,
				`insert into unit_ancestor(unit, hierarchy, ancestor, depth, valid_from, valid_to, weight) values
					(1, 1, 1, 0, '0001-01-01', '9999-12-31', 1), (1, 2, 1, 0, '0001-01-01', '9999-12-31', 1), (1, 3, 1, 0, '0001-01-01', '9999-12-31', 1),
					(2, 2, 2, 0, '0001-01-01', '9999-12-31', 1)`,
				`insert into figure_entry(id, at, person, kind, origin, undone_by) values ('b', 20, 'p', 'typed', '', null), ('a', 10, 'p', 'import', 'x.xlsx', 'b')`,
				`insert into figure(unit, period, indicator, part, layer, version, indicator_version, value, qualifier, raw, as_of, entry, origin, reason) values
					(1, 7, 3, 0, 1, 1, 1, 10, 1, 'mười', null, 'a', 'Sheet1!C3', null), (1, 7, 3, 0, 1, 2, 1, null, 0, null, null, 'b', null, 'sai'),
					(2, 7, 3, 0, 1, 1, 1, 5, 2, null, '2019-09-01', 'a', null, null)`,
				`insert into rollup(hierarchy, ancestor, layer, period, indicator, part, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified) values
					(1, 1, 1, 7, 3, 0, 5, 1, 1, 0, 0, 0, 0, 0), (1, 1, 1, 7, 4, 2, -7, 3, 1, 2, 1, 1, 1, 1), (1, 1, 1, 7, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0), (2, 1, 1, 7, 3, 0, 5, 1, 1, 0, 0, 0, 0, 0), (2, 2, 1, 7, 3, 0, 5, 1, 1, 0, 0, 0, 0, 0)`,
				`insert into pending(hierarchy, node, layer, period, indicator, part, day, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified) values
					(1, 1, 1, 7, 3, 0, '2019-09-30', 7, 1, 0, 0, 0, 0, 0, 0)`,
			} {
				if _, err := d.Admin().ExecContext(ctx, statement); err != nil {
					t.Fatalf("%v: %s", err, statement)
				}
			}
			if _, err := migrate.Up(ctx, d); err != nil {
				t.Fatal(err)
			}
			for query, want := range map[string]int{
				`select count(*) from figure`: 3,
				`select count(*) from figure f join figure_entry e on e.key = f.entry where e.id = 'a' and f.version = 1`:                    2,
				`select count(*) from figure where unit = 1 and version = 1 and raw = 'mười' and origin = 'Sheet1!C3' and value = 10`:        1,
				`select count(*) from figure where unit = 1 and version = 2 and value is null and qualifier = 0 and reason = 'sai'`:          1,
				`select count(*) from figure where unit = 2 and as_of = '2019-09-01' and qualifier = 2`:                                      1,
				`select count(*) from figure_entry where id = 'a' and at = 10 and kind = 'import' and origin = 'x.xlsx' and undone_by = 'b'`: 1,
				`select count(*) from figure_entry_place w join figure_entry e on e.key = w.entry where e.id = 'a' and w.period = 7`:         2,
				`select count(*) from rollup`: 2,
				`select count(*) from rollup where hierarchy = 2 and ancestor = 2 and layer = 1 and period = 7 and sums = '3:5o1'`: 1,
				`select count(*) from rollup where hierarchy = 1 and sums = '3:12/2o1 4.2:-7/3o1y2a1l1m1u1'`:                       1,
				`select count(*) from pending`:       0,
				`select count(*) from unit_ancestor`: 2,
			} {
				var n int
				if err := d.Admin().QueryRowContext(ctx, query).Scan(&n); err != nil || n != want {
					t.Errorf("%s: %d, want %d (%v)", query, n, want, err)
				}
			}
		})
	}
}

// TestOlderEntriesAreFoundByTheirUnits: what the trail held before queries could ask it by unit is found as what came later.
func TestOlderEntriesAreFoundByTheirUnits(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			d := empty(t, engine)
			if err := migrate.UpTo(ctx, d, 12); err != nil {
				t.Fatal(err)
			}
			for id, units := range map[string]string{"a": "[3,17]", "b": "", "c": "[4]", "spoilt": "[5", "words": `["5"]`} {
				if _, err := d.Admin().ExecContext(ctx, `insert into audit_entry(id, at, person, verb, house, object, reason, detail, units)
					values ($1, 1, 'p', 'due', 'period', 'x', '', '{}', $2)`, id, units); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := migrate.Up(ctx, d); err != nil {
				t.Fatal(err)
			}
			var got string
			if err := d.Admin().QueryRowContext(ctx, `select string_agg(entry || cast(unit as text), ' ' order by entry, unit) from audit_unit`).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != "a3 a17 c4" {
				t.Errorf("found under %q", got)
			}
		})
	}
}

// TestASiteWithReportsGoesOnWithOneApproval: what was approved before a report had two steps was accepted, and the site's way lets
// either step be skipped until it says otherwise; a site without reports has no such rule.
func TestASiteWithReportsGoesOnWithOneApproval(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		for _, reports := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, reports %v", engine, reports), func(t *testing.T) {
				t.Parallel()
				ctx := context.Background()
				d := empty(t, engine)
				if err := migrate.UpTo(ctx, d, 20); err != nil {
					t.Fatal(err)
				}
				statements := []string{
					`insert into unit(id, code, kind, valid_from, valid_to, version) values (1, 'TX', 'place', '0001-01-01', '9999-12-31', 1)`,
					`insert into period(id, code, kind, year, ordinal, date_from, date_to, state, due, version) values (7, '2019-Q3', 'quarter', 2019, 3, '2019-07-01', '2019-09-30', 'open', '', 1)`,
				}
				if reports {
					statements = append(statements, `insert into report(id, unit, period, kind, issue, state, version, layer, made_at, made_by, reason) values
						('a', 1, 7, 'body', 1, 'approved', 3, 1, 1, 'p', ''), ('b', 1, 7, 'consolidated', 1, 'frozen', 3, 1, 1, 'p', '')`)
				}
				for _, statement := range statements {
					if _, err := d.Admin().ExecContext(ctx, statement); err != nil {
						t.Fatalf("%v: %s", err, statement)
					}
				}
				if _, err := migrate.Up(ctx, d); err != nil {
					t.Fatal(err)
				}
				want := 0
				if reports {
					want = 1
				}
				for _, query := range []string{
					`select count(*) from report where kind = 'body' and state = 'accepted'`,
					`select count(*) from report where kind = 'consolidated' and state = 'frozen'`,
					`select count(*) from report_way where unit is null and level = '' and skip_head and skip_office and not self`,
				} {
					var n int
					if err := d.Admin().QueryRowContext(ctx, query).Scan(&n); err != nil || n != want {
						t.Errorf("%s: %d, want %d (%v)", query, n, want, err)
					}
				}
			})
		}
	}
}
