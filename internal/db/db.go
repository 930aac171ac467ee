// Package db opens a site's database, SQLite or PostgreSQL, and runs Read and Write transactions on it with the same SQL
// text. It knows no table of its own. It refuses writes outside Write, statements outside a transaction, and waiting
// writers in random order: on SQLite one goroutine writes and commits in groups.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Engine is the database behind a site.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is one site's database.
type DB struct {
	engine  Engine
	dsn     string
	pool    *sql.DB       // readers; on PostgreSQL writers too
	writer  *writer       // SQLite only
	readers *readers      // SQLite only
	groups  *groups       // PostgreSQL only
	turn    chan struct{} // PostgreSQL only: held by a writer that was refused again and again
	reading chan struct{} // PostgreSQL only: held by each who reads
}

// Open opens a site: a file path (made when missing) or a postgres:// URL.
func Open(ctx context.Context, dsn string) (*DB, error) {
	if IsFile(dsn) {
		return openSQLite(ctx, dsn)
	}
	return openPostgres(ctx, dsn)
}

// IsFile tells a file from the URL of a server.
func IsFile(dsn string) bool {
	return !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://")
}

// readersAtOnce is how many read at the same time, on either engine. More would not be quicker: they would only take the
// processors from each other, and from who writes, so that the last of them waits longest.
func readersAtOnce() int { return max(4, runtime.NumCPU()*2) }

// Engine tells which engine the site runs on.
func (d *DB) Engine() Engine { return d.engine }

// DSN is what the site was opened with.
func (d *DB) DSN() string { return d.dsn }

// Admin gives a raw pool that may change the schema and copy in bulk, for migrations; houses use Read and Write. On
// SQLite nothing else may write meanwhile.
func (d *DB) Admin() *sql.DB {
	if d.writer != nil {
		return d.writer.admin
	}
	return d.pool
}

// Close waits for the writer and closes the pools.
func (d *DB) Close() error {
	if d.writer != nil {
		return errors.Join(d.readers.close(), d.writer.close(), d.pool.Close())
	}
	d.groups.close()
	return d.pool.Close()
}

// Vacuum takes the dead rows out of a table that is filled and emptied all the time. SQLite leaves none.
func (d *DB) Vacuum(ctx context.Context, table string) error {
	if d.engine == SQLite {
		return nil
	}
	_, err := d.pool.ExecContext(ctx, "vacuum (truncate false) "+pgx.Identifier{table}.Sanitize())
	return translate(err)
}

// Ping answers whether the database can be reached.
func (d *DB) Ping(ctx context.Context) error { return d.pool.PingContext(ctx) }

// Tx is a transaction. Its body may run twice (PostgreSQL retries), so it has no effect outside the database.
type Tx struct {
	engine Engine
	q      querier
	stmts  map[string]*sql.Stmt // prepared statements of a SQLite connection

	// PostgreSQL only: the connection, how the transaction is to be opened as long as it is not, what was put off, and its part
	// where it shares one transaction with others.
	conn  *sql.Conn
	begin string
	later []step
	voice *voice
	// hidden is a failure that QueryRow met before its own statement and could not answer.
	hidden error
}

type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
	PrepareContext(context.Context, string) (*sql.Stmt, error)
}

// Engine tells which engine the transaction runs on; only constants that say why they differ may ask.
func (tx *Tx) Engine() Engine { return tx.engine }

// Exec runs a statement and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.engine == Postgres && (tx.begin != "" || len(tx.later) > 0 || tx.voice != nil) {
		var n int64
		err := tx.pipeline(ctx, []step{{query: query, args: args, count: &n}})
		return n, err
	}
	var res sql.Result
	var err error
	if tx.stmts != nil {
		var st *sql.Stmt
		if st, err = tx.prepared(ctx, query); err == nil {
			res, err = st.ExecContext(ctx, args...)
		}
	} else {
		res, err = tx.q.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, translate(err)
	}
	return res.RowsAffected()
}

// Query runs a select. The caller closes the rows; Rows and Collect do it for the common cases.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx.stmts != nil {
		st, err := tx.prepared(ctx, query)
		if err != nil {
			return nil, translate(err)
		}
		rows, err := st.QueryContext(ctx, args...)
		return rows, translate(err)
	}
	if err := tx.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := tx.q.QueryContext(ctx, query, args...)
	return rows, translate(err)
}

// QueryRow runs a select of one row; Scan answers sql.ErrNoRows when there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if tx.stmts != nil {
		if st, err := tx.prepared(ctx, query); err == nil {
			return st.QueryRowContext(ctx, args...)
		}
	}
	if err := tx.flush(ctx); err != nil { // a row cannot be made to carry it: the statement is not sent, and the transaction fails for its cause
		tx.hidden = errors.Join(tx.hidden, err)
		done, cancel := context.WithCancel(ctx)
		cancel()
		ctx = done
	}
	return tx.q.QueryRowContext(ctx, query, args...)
}

// maxStatements bounds a connection's cache: multi-row inserts of many widths would grow it without end.
const maxStatements = 300

func (tx *Tx) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := tx.stmts[query]; ok {
		return st, nil
	}
	if len(tx.stmts) >= maxStatements {
		for text, st := range tx.stmts {
			_ = st.Close()
			delete(tx.stmts, text)
		}
	}
	// Prepared for the connection's life, not for this caller's: a cancelled request must not spoil the cache.
	st, err := tx.q.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	tx.stmts[query] = st
	return st, nil
}

// Collect reads all rows of a select through scan.
func Collect[T any](ctx context.Context, tx *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, translate(rows.Err())
}

// Scalar is a scan function for Collect of one column.
func Scalar[T any](rows *sql.Rows) (T, error) {
	var v T
	err := rows.Scan(&v)
	return v, err
}

// Insert writes rows with as few statements as the engines allow: both take many rows in one insert, and a statement a
// row would cost a set of cells its round trips. prefix is "insert into t(a, b) values", suffix an on-conflict clause or
// empty; each row has the same width.
func (tx *Tx) Insert(ctx context.Context, prefix, suffix string, rows [][]any) error {
	for _, s := range inserts(tx.engine, prefix, suffix, rows) {
		if _, err := tx.Exec(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// inserts are the statements that insert rows.
func inserts(engine Engine, prefix, suffix string, rows [][]any) []step {
	if len(rows) == 0 {
		return nil
	}
	if engine == Postgres && len(rows) > 1 {
		if query, lists, ok := columnar(prefix, rows); ok {
			return []step{{query: query + suffix, args: lists}}
		}
	}
	width := len(rows[0])
	values := Values
	if engine == SQLite {
		values = anonymous
	}
	var out []step
	for part := range slices.Chunk(rows, max(1, min(200, 3000/width))) {
		args := make([]any, 0, len(part)*width)
		for _, row := range part {
			args = append(args, row...)
		}
		out = append(out, step{query: prefix + values(len(part), width, 1) + suffix, args: args})
	}
	return out
}

// fewRows is where COPY, which needs a round trip or two of its own, begins to pay.
const fewRows = 500

// Copy writes many rows of a table in the fastest way that the engine has: COPY on PostgreSQL, Insert on SQLite. insert is
// the statement for Insert; its column list, which must have the rows' order, serves COPY too. As with Later, a few rows may go
// with the next statement.
func (tx *Tx) Copy(ctx context.Context, table, insert string, rows [][]any) error {
	if tx.engine == SQLite || len(rows) < fewRows {
		return tx.InsertLater(ctx, insert, "", rows)
	}
	if err := tx.flush(ctx); err != nil {
		return err
	}
	open, end := strings.IndexByte(insert, '('), strings.IndexByte(insert, ')')
	var columns []string
	for _, c := range strings.Split(insert[open+1:end], ",") {
		columns = append(columns, strings.TrimSpace(c))
	}
	return translate(copyIn(ctx, tx.conn, table, columns, rows))
}

// Values writes the placeholders of n rows of that width: ($1,$2),($3,$4).
func Values(n, width, first int) string {
	var b strings.Builder
	b.Grow(n * width * 6)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "$%d", first+i*width+j)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// anonymous is Values for SQLite's wide inserts: it looks each named parameter up in a list from the start, which makes the
// binding of 3,000 of them cost more than the insert.
func anonymous(n, width, _ int) string {
	row := "(" + strings.Repeat("?,", width-1) + "?)"
	return strings.Repeat(row+",", n-1) + row
}

// List writes n placeholders for an in-list: $3,$4,$5.
func List(n, first int) string {
	v := Values(1, n, first)
	return v[1 : len(v)-1]
}

// Padded lengthens keys for an in-list to the next power of two, with the last one again: a statement for each length would be
// planned anew nearly each time.
func Padded(keys []int64) []int64 {
	if len(keys) == 0 {
		return keys
	}
	out := slices.Clone(keys)
	for n := 1 << bits.Len(uint(len(keys)-1)); len(out) < n; {
		out = append(out, keys[len(keys)-1])
	}
	return out
}

// LikeText keeps what a user typed from being read as a pattern; the statement says escape '!'.
func LikeText(s string) string {
	var b []rune
	for _, r := range s {
		if r == '%' || r == '_' || r == '!' {
			b = append(b, '!')
		}
		b = append(b, r)
	}
	return string(b)
}

// Args turns a typed slice into arguments.
func Args[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// NewID makes an opaque, time-ordered identifier of 26 hex digits: 48 bits of UTC milliseconds, 56 random bits.
func NewID() string {
	var b [13]byte
	ms := time.Now().UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	if _, err := io.ReadFull(rand.Reader, b[6:]); err != nil {
		panic(err) // the system's random source is gone: nothing may go on
	}
	return hex.EncodeToString(b[:])
}
