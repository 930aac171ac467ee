package db

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens a site in a PostgreSQL schema (search_path in the URL; public when not named, made when missing).
func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("địa chỉ PostgreSQL không đúng dạng postgres://người-dùng@máy/cơ-sở-dữ-liệu: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["application_name"] = "giaoban"
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(24)
	pool.SetMaxIdleConns(24)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("connect to PostgreSQL: %w", translate(err))
	}
	if schema := config.RuntimeParams["search_path"]; schema != "" {
		if _, err := pool.ExecContext(ctx, "create schema if not exists "+pgx.Identifier{schema}.Sanitize()); err != nil {
			_ = pool.Close()
			return nil, fmt.Errorf("make schema %s: %w", schema, err)
		}
	}
	d := &DB{engine: Postgres, dsn: dsn, pool: pool, turn: make(chan struct{}, 1), reading: make(chan struct{}, readersAtOnce())}
	d.groups = newGroups(d)
	return d, nil
}

// tries bounds the repetition of a transaction that PostgreSQL refused to serialize; from turnsFrom on those that are
// repeated take turns, so that many who want the same rows get them one after another instead of refusing each other again.
const (
	tries     = 30
	turnsFrom = 4
)

func (d *DB) writePostgres(ctx context.Context, level sql.IsolationLevel, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		if try == turnsFrom {
			select {
			case d.turn <- struct{}{}:
				defer func() { <-d.turn }()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := d.transact(ctx, sql.TxOptions{Isolation: level}, fn)
		if err == nil || try == tries || !retryable(err, try) {
			return err
		}
		// By chance, because those who were refused together would meet again after the same wait.
		wait := time.Duration(1+rand.IntN(min(try*try, 100))) * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (d *DB) transact(ctx context.Context, opt sql.TxOptions, fn func(*Tx) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer conn.Close()
	// The transaction is opened by its first statement, in the same message.
	tx := &Tx{engine: d.engine, q: conn, conn: conn, begin: begins[opt]}
	committed := false
	defer func() { // fn failed or panicked, or nothing was to be kept
		if tx.begin == "" && !committed {
			if _, err := conn.ExecContext(context.WithoutCancel(ctx), "rollback"); err != nil { // its state is not known: no more of it
				_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			}
		}
	}()
	if err := fn(tx); err != nil || tx.hidden != nil {
		return translate(cmp.Or(tx.hidden, err))
	}
	if opt.ReadOnly || tx.begin != "" && len(tx.later) == 0 {
		return nil
	}
	err = tx.pipeline(ctx, []step{{query: commit}})
	committed = err == nil
	return err
}

// copyIn runs COPY on the connection that the transaction is open on.
func copyIn(ctx context.Context, conn *sql.Conn, table string, columns []string, rows [][]any) error {
	return conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}
