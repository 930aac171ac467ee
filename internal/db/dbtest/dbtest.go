// Package dbtest runs a test on each engine, on a fresh, migrated site. It refuses to pass quietly where an engine is
// missing: with GIAOBAN_REQUIRE=1, as check.sh sets, that is a failure.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/migrate"
)

// Each runs fn on a fresh SQLite site and on a fresh PostgreSQL site (GIAOBAN_TEST_POSTGRES names the server).
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			fn(t, Open(t, engine))
		})
	}
}

// Open gives a fresh, migrated site that is removed with the test.
func Open(t testing.TB, engine db.Engine) *db.DB {
	t.Helper()
	dsn := DSN(t, engine)
	d, err := db.Open(context.Background(), dsn)
	if err != nil {
		t.Fatalf("open %s: %v", engine, err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close %s: %v", engine, err)
		}
	})
	return d
}

// DSN makes a fresh, migrated site and names it, for tests that open it themselves.
func DSN(t testing.TB, engine db.Engine) string {
	t.Helper()
	if engine == db.SQLite {
		return sqliteCopy(t)
	}
	return postgresCopy(t)
}

var template struct {
	once sync.Once
	data []byte
	err  error
}

// sqliteCopy migrates once per test binary and copies the file for each test: a migration of its own for every test
// would be most of the suite's time.
func sqliteCopy(t testing.TB) string {
	template.once.Do(func() {
		dir, err := os.MkdirTemp("", "giaoban-template")
		if err != nil {
			template.err = err
			return
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "t.db")
		if template.err = migrateAt(path); template.err == nil {
			template.data, template.err = os.ReadFile(path)
		}
	})
	if template.err != nil {
		t.Fatal(template.err)
	}
	path := filepath.Join(t.TempDir(), "site.db")
	if err := os.WriteFile(path, template.data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func migrateAt(dsn string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, dsn)
	if err != nil {
		return err
	}
	if _, err := migrate.Up(ctx, d); err != nil {
		return err
	}
	return d.Close()
}

var pgTemplate struct {
	once sync.Once
	name string
	err  error
}

func postgresCopy(t testing.TB) string {
	t.Helper()
	base := os.Getenv("GIAOBAN_TEST_POSTGRES")
	if base == "" {
		if os.Getenv("GIAOBAN_REQUIRE") != "" {
			t.Fatal("GIAOBAN_TEST_POSTGRES names no server: the PostgreSQL half of the tests cannot run")
		}
		t.Skip("GIAOBAN_TEST_POSTGRES names no server")
	}
	ctx := context.Background()
	admin, err := db.Open(ctx, base)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	pgTemplate.once.Do(func() {
		pgTemplate.name = "tmpl_" + db.NewID()
		if _, pgTemplate.err = admin.Admin().ExecContext(ctx, "create database "+pgTemplate.name); pgTemplate.err == nil {
			pgTemplate.err = migrateAt(withDatabase(base, pgTemplate.name))
		}
	})
	if pgTemplate.err != nil {
		t.Fatal(pgTemplate.err)
	}
	name := "test_" + db.NewID()
	if _, err := admin.Admin().ExecContext(ctx, fmt.Sprintf("create database %s template %s", name, pgTemplate.name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin, err := db.Open(ctx, base)
		if err != nil {
			t.Error(err)
			return
		}
		defer admin.Close()
		if _, err := admin.Admin().ExecContext(ctx, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(base, name)
}

func withDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}
