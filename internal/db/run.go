package db

import (
	"context"
	"database/sql"
)

// Read runs fn on one snapshot. fn cannot write.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if d.readers != nil {
		return d.readers.do(ctx, fn)
	}
	select {
	case d.reading <- struct{}{}:
		defer func() { <-d.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.transact(ctx, sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, fn)
}

// Write runs fn as the only writer (SQLite) or serializable with retries (PostgreSQL): for rules that span rows.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if d.writer != nil {
		return d.writer.do(ctx, fn)
	}
	return d.writePostgres(ctx, sql.LevelSerializable, fn)
}

// WriteGuarded is Write for transactions whose every rule is held by a unique key or a version column: many cells of a
// form. PostgreSQL runs it at repeatable read, where serializable would retry whole forms for predicate locks.
func (d *DB) WriteGuarded(ctx context.Context, fn func(*Tx) error) error {
	if d.writer != nil {
		return d.writer.do(ctx, fn)
	}
	return d.writePostgres(ctx, sql.LevelRepeatableRead, fn)
}

// WriteShort is WriteGuarded for the many short writes that come at the same time: on both engines those that wait share a
// transaction and its commit. Each is kept or refused by itself all the same.
func (d *DB) WriteShort(ctx context.Context, fn func(*Tx) error) error {
	if d.writer != nil {
		return d.writer.do(ctx, fn)
	}
	return d.groups.do(ctx, fn)
}
