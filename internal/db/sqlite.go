package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the only place that names the driver
)

// openSQLite opens the file with the pragmas of every connection in the DSN: busy_timeout first, so that the others wait.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s là một thư mục; hãy nêu tên tệp cơ sở dữ liệu", path)
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("make the folder of the database: %w", err)
		}
	}
	// SQLite would make the file readable by everybody on the machine; its side files take the mode of the file.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("make %s: %w", path, err)
		}
	}
	d := &DB{engine: SQLite, dsn: path}
	write, err := sql.Open("sqlite", sqliteDSN(path, false))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	conn, err := write.Conn(ctx)
	if err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("open %s: %w", path, translate(err))
	}
	admin, err := sql.Open("sqlite", sqliteDSN(path, false))
	if err != nil {
		return nil, errors.Join(err, conn.Close(), write.Close())
	}
	admin.SetMaxIdleConns(0)
	d.writer = newWriter(write, conn, admin)
	d.pool, err = sql.Open("sqlite", sqliteDSN(path, true))
	if err != nil {
		_ = d.writer.close()
		return nil, err
	}
	n := readersAtOnce()
	d.pool.SetMaxOpenConns(n + 1) // one more, for Ping
	d.readers = newReaders(d.pool, n)
	if err := d.pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, translate(err)), d.writer.close(), d.pool.Close())
	}
	return d, nil
}

func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{}
	// wal_autocheckpoint is only the way out when the writer outruns checkpoints: see there.
	pragmas := []string{
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)",
		"temp_store(memory)", "cache_size(-16000)", "wal_autocheckpoint(16000)", "mmap_size(4294967296)", "journal_size_limit(67108864)",
	}
	if readOnly {
		pragmas = append(pragmas, "query_only(on)")
	}
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// readers are the connections that read, each with its prepared statements: preparing costs more than most reads do, and
// a pool of database/sql would prepare anew in every transaction.
type readers struct {
	pool  *sql.DB
	slots chan *reader // a nil reader is a connection that has not been opened yet
}

type reader struct {
	conn *sql.Conn
	tx   *Tx
}

func newReaders(pool *sql.DB, n int) *readers {
	r := &readers{pool: pool, slots: make(chan *reader, n)}
	for range n {
		r.slots <- nil
	}
	return r
}

func (rs *readers) do(ctx context.Context, fn func(*Tx) error) error {
	var r *reader
	select {
	case r = <-rs.slots:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { rs.slots <- r }()
	if r == nil {
		conn, err := rs.pool.Conn(ctx)
		if err != nil {
			return translate(err)
		}
		r = &reader{conn, &Tx{engine: SQLite, q: conn, stmts: map[string]*sql.Stmt{}}}
	}
	if _, err := r.tx.Exec(ctx, "begin"); err != nil {
		r = r.drop()
		return translate(err)
	}
	ended := false
	defer func() {
		if !ended { // fn panicked: the connection may hold anything
			r = r.drop()
		}
	}()
	err := fn(r.tx)
	ended = true
	if _, end := r.tx.Exec(context.WithoutCancel(ctx), "rollback"); end != nil {
		r = r.drop()
	}
	return err
}

// drop closes a connection whose state is not known, with its statements; another is opened in its place when needed.
func (r *reader) drop() *reader {
	for _, st := range r.tx.stmts {
		_ = st.Close()
	}
	_ = r.conn.Raw(func(any) error { return driver.ErrBadConn }) // database/sql throws a bad connection away
	_ = r.conn.Close()
	return nil
}

// close waits for the reads under way.
func (rs *readers) close() error {
	var err error
	for range cap(rs.slots) {
		if r := <-rs.slots; r != nil {
			for _, st := range r.tx.stmts {
				err = errors.Join(err, st.Close())
			}
			err = errors.Join(err, r.conn.Close())
		}
	}
	return err
}

// writer is the one goroutine that writes to a SQLite site. It takes waiting jobs in order, runs up to groupSize of them
// in one transaction with a savepoint each, and answers all after the commit: an acknowledged write is on disk.
type writer struct {
	pool      *sql.DB
	conn      *sql.Conn
	admin     *sql.DB // a second way in, for migrations and checkpoints
	tx        *Tx
	queue     chan *job
	done      chan struct{}
	committed atomic.Bool // something has been committed since the last checkpoint
	stopped   chan struct{}
}

type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	panic any
	reply chan struct{}
}

// groupSize bounds a group, so that the first of a group does not wait for hundreds of others.
const groupSize = 64

func newWriter(pool *sql.DB, conn *sql.Conn, admin *sql.DB) *writer {
	w := &writer{
		pool: pool, conn: conn, admin: admin, queue: make(chan *job, 256), done: make(chan struct{}), stopped: make(chan struct{}),
		tx: &Tx{engine: SQLite, q: conn, stmts: map[string]*sql.Stmt{}},
	}
	go w.run()
	go w.checkpoints()
	return w
}

var errClosed = errors.New("database is closed")

func (w *writer) do(ctx context.Context, fn func(*Tx) error) (err error) {
	j := &job{ctx: ctx, fn: fn, reply: make(chan struct{})}
	defer func() {
		if recover() != nil { // the queue was closed while we waited
			err = errClosed
		}
	}()
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	<-j.reply
	if j.panic != nil {
		return panicked(j.panic)
	}
	return j.err
}

func panicked(p any) error { return fmt.Errorf("panic in a transaction: %v", p) }

func (w *writer) close() error {
	close(w.queue)
	<-w.done
	<-w.stopped
	for _, st := range w.tx.stmts {
		_ = st.Close()
	}
	return errors.Join(w.conn.Close(), w.pool.Close(), w.admin.Close())
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		group := append([]*job{first}, waiting(w.queue, groupSize-1)...)
		w.commit(group)
		for _, j := range group {
			close(j.reply)
		}
	}
}

// commit runs the group in one transaction. A job that fails is rolled back alone; if the commit itself fails,
// every job of the group has failed and says so.
func (w *writer) commit(group []*job) {
	ctx := context.Background()
	if _, err := w.tx.Exec(ctx, "begin immediate"); err != nil {
		failAll(group, translate(err))
		return
	}
	alive := false
	for _, j := range group {
		if w.runJob(ctx, j); j.err == nil && j.panic == nil {
			alive = true
		}
	}
	if !alive {
		_, _ = w.tx.Exec(ctx, "rollback")
		return
	}
	if _, err := w.tx.Exec(ctx, "commit"); err != nil {
		_, _ = w.tx.Exec(ctx, "rollback") // an engine that rolled back by itself answers an error here: nothing to undo
		failAll(group, translate(err))
		return
	}
	w.committed.Store(true)
}

// checkpoints moves what was committed from the log into the file once a second, beside the writer. Left to SQLite, the
// commit that happens to fill the log does it, and the officer who sent that one waits for all the others' pages.
func (w *writer) checkpoints() {
	defer close(w.stopped)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-w.done:
			return
		case <-tick.C:
			if w.committed.Swap(false) {
				// One that fails, or does not get to the end, leaves the log as it was: the next one goes on from there.
				_, _ = w.admin.ExecContext(context.Background(), "pragma wal_checkpoint(passive)")
			}
		}
	}
}

func (w *writer) runJob(ctx context.Context, j *job) {
	if j.err = j.ctx.Err(); j.err != nil {
		return
	}
	if _, j.err = w.tx.Exec(ctx, "savepoint one"); j.err != nil {
		return
	}
	func() {
		defer func() { j.panic = recover() }()
		j.err = j.fn(w.tx)
	}()
	if j.err != nil || j.panic != nil {
		if _, err := w.tx.Exec(ctx, "rollback to one"); err != nil {
			j.err = errors.Join(j.err, err)
		}
	}
	if _, err := w.tx.Exec(ctx, "release one"); err != nil && j.err == nil {
		j.err = err
	}
}

func failAll(group []*job, err error) {
	for _, j := range group {
		if j.err == nil && j.panic == nil {
			j.err = err
		}
	}
}
