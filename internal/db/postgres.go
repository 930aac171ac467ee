package db

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
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
	d := &DB{engine: Postgres, dsn: dsn, pool: pool}
	d.groups = newGroups(d)
	return d, nil
}

// tries bounds the repetition of a transaction that PostgreSQL refused to serialize.
const tries = 12

func (d *DB) writePostgres(ctx context.Context, level sql.IsolationLevel, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		err := d.transact(ctx, sql.TxOptions{Isolation: level}, fn)
		if err == nil || try == tries || !retryable(err, try) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * time.Millisecond):
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
