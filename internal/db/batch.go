package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Batch is statements that do not need each other's answers. PostgreSQL gets them in one message and gives all answers in one,
// where each statement alone would wait for its way there and back; SQLite, which is in the process, runs them in turn.
type Batch struct{ steps []step }

// Scan reads the columns of a row.
type Scan func(into ...any) error

type step struct {
	query string
	args  []any
	each  func(Scan) error // for each row; nil for a statement without an answer
	count *int64           // rows touched
	late  bool             // put off: its failure is not that of the statement it went with

	// An insert that was put off: query is how it begins, suffix how it ends, and rows may be added until it is sent.
	suffix string
	rows   [][]any
}

// Query adds a select, or a statement with returning; each is called for each of its rows while Run runs.
func (b *Batch) Query(each func(Scan) error, query string, args ...any) {
	b.steps = append(b.steps, step{query: query, args: args, each: each})
}

// Run runs the statements in their order.
func (tx *Tx) Run(ctx context.Context, b *Batch) error {
	if tx.engine == Postgres {
		return tx.pipeline(ctx, b.steps)
	}
	for _, s := range b.steps {
		if s.each == nil {
			if _, err := tx.Exec(ctx, s.query, s.args...); err != nil {
				return err
			}
			continue
		}
		rows, err := tx.Query(ctx, s.query, s.args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			if err = s.each(rows.Scan); err != nil {
				break
			}
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return translate(err)
		}
	}
	return nil
}

// Later runs a statement whose answer nobody waits for: on PostgreSQL it goes with the next one, or with the commit. It takes
// effect before any statement that follows, and its failure fails the transaction.
func (tx *Tx) Later(ctx context.Context, query string, args ...any) error {
	if tx.engine == SQLite {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}
	tx.later = append(tx.later, step{query: query, args: args, late: true})
	return nil
}

// InsertLater is Insert in the way of Later.
func (tx *Tx) InsertLater(ctx context.Context, prefix, suffix string, rows [][]any) error {
	if tx.engine == SQLite {
		return tx.Insert(ctx, prefix, suffix, rows)
	}
	if len(rows) > 0 {
		tx.later = append(tx.later, step{query: prefix, suffix: suffix, rows: rows, late: true})
	}
	return nil
}

// late is the failure of a statement that was put off: whoever sent the next one must not take it for a duplicate of theirs.
type late struct{ cause error }

func (l late) Error() string { return "an earlier statement: " + l.cause.Error() }

// flush opens the transaction if nothing has yet, and sends what was put off: the connection is free for a statement of its own.
func (tx *Tx) flush(ctx context.Context) error {
	if tx.engine == SQLite || tx.begin == "" && len(tx.later) == 0 && tx.voice == nil {
		return nil
	}
	return tx.pipeline(ctx, nil)
}

// pipeline sends the opening of the transaction, what was put off, and some statements in one message.
func (tx *Tx) pipeline(ctx context.Context, steps []step) error {
	if tx.voice != nil {
		return tx.voice.ask(steps)
	}
	all := make([]step, 0, 1+len(tx.later)+len(steps))
	if tx.begin != "" {
		all = append(all, step{query: tx.begin})
	}
	for _, s := range tx.later {
		if s.rows == nil {
			all = append(all, s)
			continue
		}
		for _, one := range inserts(tx.engine, s.query, s.suffix, s.rows) {
			one.late = true
			all = append(all, one)
		}
	}
	all = append(all, steps...)
	if len(all) == 0 {
		return nil
	}
	tx.begin, tx.later = "", nil
	return translate(tx.conn.Raw(func(driver any) (err error) {
		var batch pgx.Batch
		for _, s := range all {
			batch.Queue(s.query, s.args...)
		}
		sent := driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		defer func() { // what follows the statement that failed, fails for its sake
			if end := sent.Close(); err == nil {
				err = end
			}
		}()
		for _, s := range all {
			if err := s.answer(sent); err != nil {
				if s.late {
					return late{err}
				}
				return err
			}
		}
		return nil
	}))
}

func (s step) answer(sent pgx.BatchResults) error {
	if s.each == nil {
		tag, err := sent.Exec()
		if s.count != nil {
			*s.count = tag.RowsAffected()
		}
		if err == nil && s.query == commit && tag.String() != "COMMIT" {
			return errAborted
		}
		return err
	}
	rows, err := sent.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

const commit = "commit"

var errAborted = errors.New("commit: a statement of the transaction had failed")

// begins are how PostgreSQL opens transactions.
var begins = map[sql.TxOptions]string{
	{Isolation: sql.LevelSerializable}:                   "begin isolation level serializable",
	{Isolation: sql.LevelRepeatableRead}:                 "begin isolation level repeatable read",
	{Isolation: sql.LevelRepeatableRead, ReadOnly: true}: "begin isolation level repeatable read read only",
}

// columnar turns an insert of rows into one of a list for each column, which PostgreSQL reads several times faster than a
// parameter for each value, and whose text is the same for any number of rows. It refuses columns of other types than the two
// that nearly all are of.
func columnar(prefix string, rows [][]any) (query string, lists []any, ok bool) {
	head, found := strings.CutSuffix(strings.TrimRight(prefix, " "), "values")
	if !found {
		return "", nil, false
	}
	var b strings.Builder
	b.WriteString(head + "select * from unnest(")
	for j := range rows[0] {
		list, kind := column(rows, j)
		if list == nil {
			return "", nil, false
		}
		if j > 0 {
			b.WriteByte(',')
		}
		b.WriteString("$" + strconv.Itoa(j+1) + "::" + kind + "[]")
		lists = append(lists, list)
	}
	return b.String() + ")", lists, true
}

// column gives the values of a column as a list, nil where they are of no single type; a value may be missing.
func column(rows [][]any, j int) (list any, kind string) {
	for _, row := range rows {
		switch row[j].(type) {
		case nil:
			continue
		case int64, int:
			return listOf(rows, j, func(v any) (int64, bool) {
				switch v := v.(type) {
				case int64:
					return v, true
				case int:
					return int64(v), true
				}
				return 0, false
			}), "bigint"
		case string:
			return listOf(rows, j, func(v any) (string, bool) { s, ok := v.(string); return s, ok }), "text"
		}
		return nil, ""
	}
	return nil, ""
}

func listOf[T any](rows [][]any, j int, as func(any) (T, bool)) any {
	values, missing := make([]T, len(rows)), false
	for i, row := range rows {
		if row[j] == nil {
			missing = true
			continue
		}
		v, ok := as(row[j])
		if !ok {
			return nil
		}
		values[i] = v
	}
	if !missing {
		return values
	}
	out := make([]*T, len(rows))
	for i, row := range rows {
		if row[j] != nil {
			out[i] = &values[i]
		}
	}
	return out
}
