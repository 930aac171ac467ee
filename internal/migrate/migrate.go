// Package migrate brings a site's schema up to date. There is one SQL text for both engines; a comment of the form
// /*sqlite TEXT*/ or /*postgres TEXT*/ becomes TEXT on that engine and nothing on the other, for the few places where the
// engines differ. It refuses to go down: a released schema is only ever added to.
package migrate

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"giaoban/internal/db"
)

//go:embed sql/*.sql
var sources embed.FS

// Up applies the migrations that the site lacks and tells how many there were.
func Up(ctx context.Context, d *db.DB) (int, error) {
	p, err := provider(d)
	if err != nil {
		return 0, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}

// Pending tells whether the site lacks a migration, without changing it.
func Pending(ctx context.Context, d *db.DB) (bool, error) {
	p, err := provider(d)
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

func provider(d *db.DB) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if d.Engine() == db.Postgres {
		dialect = goose.DialectPostgres
	}
	files, err := render(d.Engine())
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, d.Admin(), files, goose.WithDisableGlobalRegistry(true))
}

var onlyOn = regexp.MustCompile(`(?s)/\*(sqlite|postgres) (.*?)\*/`)

// render gives the migrations as the engine must see them.
func render(engine db.Engine) (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(sources, "sql/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text = onlyOn.ReplaceAllFunc(text, func(m []byte) []byte {
			parts := onlyOn.FindSubmatch(m)
			if string(parts[1]) == string(engine) {
				return parts[2]
			}
			return nil
		})
		out[path.Base(name)] = &fstest.MapFile{Data: bytes.TrimSpace(text)}
	}
	return out, nil
}
