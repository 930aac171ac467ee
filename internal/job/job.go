// Package job runs the work that no request waits for: what comes again and again, such as the sweep of old sessions
// (Every), and what a transaction asks for once, such as a message to send (Enqueue). Each runs under a lease in the
// database, so that of several processes one runs it, and another takes over from one that has died. What fails is tried
// again after growing waits and stays visible until it succeeds. It refuses to know what the work is, to run one work twice
// at once, and to write while there is nothing to do.
package job

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
)

// lease is how long a run may take; its context ends before. A process that dies keeps the work from the others for as long.
const lease = 5 * time.Minute

// spare is left between the end of a run's context and that of its lease, for work that is slow to stop.
const spare = 30 * time.Second

// poll is how often a process looks for what is due.
const poll = time.Second

// Runner runs the works of one process. Its clock is the machine's, not the site's: a demonstration lives in another year.
type Runner struct {
	db    *db.DB
	clock *clock.Clock
	log   *slog.Logger
	works []work

	kinds    []string
	handlers map[string]Handler
}

type work struct {
	name     string
	interval time.Duration
	do       func(context.Context) error
}

// New makes a runner without works.
func New(d *db.DB, c *clock.Clock, log *slog.Logger) *Runner {
	return &Runner{db: d, clock: c, log: log, handlers: map[string]Handler{}}
}

// Every has do run once an interval, the first time at once. All processes of a site must give one name the same work; do
// must stop when its context ends and be harmless when it is done twice.
func (r *Runner) Every(name string, interval time.Duration, do func(context.Context) error) {
	r.works = append(r.works, work{name, interval, do})
}

// Run runs what is due until ctx ends, and returns when nothing of it runs any more.
func (r *Runner) Run(ctx context.Context) {
	var queue sync.WaitGroup
	queue.Go(func() { r.runQueue(ctx) }) // beside the works: a slow mail server must not hold up a sweep, nor a sweep the mail
	defer queue.Wait()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		for _, w := range r.works {
			if err := r.step(ctx, w); err != nil && ctx.Err() == nil {
				r.log.Warn("job", "name", w.name, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// step runs one work if it is due and nobody else runs it. The error is the work's own, or of the database.
func (r *Runner) step(ctx context.Context, w work) error {
	until, tries, err := r.claim(ctx, w.name)
	if err != nil || tries == 0 {
		return err
	}
	failed := r.guard(ctx, w.do)
	if ctx.Err() != nil {
		return nil // the process ends; the lease runs out by itself
	}
	wait, text := w.interval, ""
	if failed != nil {
		wait, text = min(w.interval, backoff(tries)), shorten(failed.Error())
	}
	err = r.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		// A run that has lost its lease has no say: another process has the work now.
		_, err := tx.Exec(ctx, `update job set due = $1, leased_until = 0, tries = case when $2 = '' then 0 else tries end, last_error = $2
			where id = $3 and leased_until = $4`, r.clock.Now().Add(wait).UnixMilli(), text, w.name, until)
		return err
	})
	if failed != nil {
		return failed
	}
	return err
}

// guard does a work within the time of its lease.
func (r *Runner) guard(ctx context.Context, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, lease-spare)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v) // work in the background must not end the pages
		}
	}()
	return do(ctx)
}

// claim takes a lease and answers until when it holds and which try this is; 0 when there is nothing to do.
func (r *Runner) claim(ctx context.Context, name string) (until, tries int64, err error) {
	now := r.clock.Milli()
	due := false
	err = r.db.Read(ctx, func(tx *db.Tx) error { // most looks find nothing, and a look is no durable write
		err := tx.QueryRow(ctx, `select due <= $1 and leased_until <= $1 from job where id = $2`, now, name).Scan(&due)
		if db.Missing(err) {
			due, err = true, nil
		}
		return err
	})
	if err != nil || !due {
		return 0, 0, err
	}
	until = now + lease.Milliseconds()
	err = r.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		tries = 0
		if _, err := tx.Exec(ctx, `insert into job(id, kind, payload, due, leased_until, tries, last_error)
			values ($1, 'every', '', $2, 0, 0, '') on conflict (id) do nothing`, name, now); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `update job set leased_until = $1, tries = tries + 1
			where id = $2 and due <= $3 and leased_until <= $3 returning tries`, until, name, now).Scan(&tries)
		if db.Missing(err) {
			return nil // another process was faster
		}
		return err
	})
	return until, tries, err
}

// backoff is how long to wait after a number of failed tries: half a minute, doubled each time, at most six hours.
func backoff(tries int64) time.Duration {
	return min(30*time.Second<<min(tries-1, 10), 6*time.Hour)
}

// shorten keeps the start of an error, which says what was being done.
func shorten(text string) string {
	if r := []rune(text); len(r) > 500 {
		return string(r[:500]) + "…"
	}
	return text
}

// Failure is a work, or a kind of queued jobs, that did not succeed the last time.
type Failure struct {
	Name  string
	Jobs  int64 // how many of the kind failed; 1 for a work
	Dead  int64 // of them, how many are not tried again
	Tries int64 // of the one that was tried most
	Error string
}

// Failures lists what waits for another try or has died, for those who look after the site.
func Failures(ctx context.Context, tx *db.Tx) ([]Failure, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (f Failure, err error) {
		err = rows.Scan(&f.Name, &f.Jobs, &f.Dead, &f.Tries, &f.Error)
		return f, err
	}, `select name, count(*), count(*) filter (where dead), max(tries), max(last_error)
		from (select case when kind = 'every' then id else kind end as name, dead, tries, last_error from job where last_error <> '') f
		group by name order by name`)
}
