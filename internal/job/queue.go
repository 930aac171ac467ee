package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"giaoban/internal/db"
)

// mostTries is after how many failed tries a job is dead: with the waits of backoff, about eight days.
const mostTries = 40

// keepDead is how long a dead job stays before Sweep removes it.
const keepDead = 90 * 24 * time.Hour

// every is the kind of the rows that the works of Every keep.
const every = "every"

// Call is one run of a queued job.
type Call struct {
	ID, Payload string
	Try         int64 // from 1
}

// Handler does a queued job. It must stop when its context ends and be harmless when it is done twice: a process may die
// between the work and its record. An error means another try later; its text is kept, so it holds no personal data.
type Handler func(ctx context.Context, c Call) error

// Enqueue adds a job within the transaction of what asks for it, and answers its id: both are there, or neither. It runs
// when due is past by the machine's clock; the zero time is at once.
func Enqueue(ctx context.Context, tx *db.Tx, kind, payload string, due time.Time) (string, error) {
	if kind == every || kind == "" {
		return "", fmt.Errorf("enqueue: %q is no kind of a queued job", kind)
	}
	at := int64(0)
	if !due.IsZero() {
		at = due.UnixMilli()
	}
	id := db.NewID()
	if _, err := tx.Exec(ctx, `insert into job(id, kind, payload, due, leased_until, tries, last_error, dead)
		values ($1, $2, $3, $4, 0, 0, '', false)`, id, kind, payload, at); err != nil {
		return "", fmt.Errorf("enqueue %s: %w", kind, err)
	}
	return id, nil
}

// EnqueueOnce is Enqueue for work that one run does for all who asked for it: while a job of the kind with the payload waits, none is
// added. Two transactions at once may add one each.
func EnqueueOnce(ctx context.Context, tx *db.Tx, kind, payload string, due time.Time) error {
	var waits bool
	if err := tx.QueryRow(ctx, `select exists (select 1 from job where kind = $1 and payload = $2 and leased_until = 0 and not dead)`, kind, payload).Scan(&waits); err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	if waits {
		return nil
	}
	_, err := Enqueue(ctx, tx, kind, payload, due)
	return err
}

// Cancel takes a job out of the queue. It answers false when the job runs at this moment, and true when it is gone already.
// now is the machine's time.
func Cancel(ctx context.Context, tx *db.Tx, id string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `delete from job where id = $1 and kind <> 'every' and leased_until <= $2`, id, now.UnixMilli())
	if err != nil || n > 0 {
		return n > 0, err
	}
	var left int64
	err = tx.QueryRow(ctx, `select count(*) from job where id = $1`, id).Scan(&left)
	return left == 0, err
}

// Hurry makes a waiting job due at once; a dead one lives again. It answers false when there is no such job.
func Hurry(ctx context.Context, tx *db.Tx, id string) (bool, error) {
	n, err := tx.Exec(ctx, `update job set due = 0, tries = case when dead then 0 else tries end, dead = false where id = $1 and kind <> 'every'`, id)
	return n > 0, err
}

// Next is when a job is tried again, in UTC milliseconds of the machine's clock; 0 when it is gone or dead.
func Next(ctx context.Context, tx *db.Tx, id string) (due int64, err error) {
	err = tx.QueryRow(ctx, `select due from job where id = $1 and not dead`, id).Scan(&due)
	if db.Missing(err) {
		return 0, nil
	}
	return due, err
}

// Handle has do run the jobs of a kind. Jobs whose kind no process knows wait.
func (r *Runner) Handle(kind string, do Handler) {
	r.kinds = append(r.kinds, kind)
	r.handlers[kind] = do
}

// runQueue runs queued jobs one after another until ctx ends, and looks once a poll when there are none.
func (r *Runner) runQueue(ctx context.Context) {
	if len(r.kinds) == 0 {
		return
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if err := r.RunDue(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("job", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RunDue runs the queued jobs that are due now, one after another. A job that fails is no error of RunDue.
func (r *Runner) RunDue(ctx context.Context) error {
	for ctx.Err() == nil {
		if found, err := r.next(ctx); err != nil || !found {
			return err
		}
	}
	return nil
}

// next runs the job that has been due for longest, and tells whether there was one. A job that fails is no error of next:
// it is in the log and in the table.
func (r *Runner) next(ctx context.Context) (found bool, err error) {
	c, kind, until, err := r.take(ctx)
	if err != nil || c.ID == "" {
		return false, err
	}
	failed := errors.New("the process ended in the middle of it, at each try")
	if c.Try <= mostTries {
		failed = r.guard(ctx, func(ctx context.Context) error { return r.handlers[kind](ctx, c) })
	}
	// What is done is recorded even when the process ends just now: it would be done twice.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), spare)
	defer cancel()
	if failed == nil {
		return true, r.db.WriteGuarded(end, func(tx *db.Tx) error {
			_, err := tx.Exec(end, `delete from job where id = $1 and leased_until = $2`, c.ID, until)
			return err
		})
	}
	wait, tries, dead := backoff(c.Try), c.Try, c.Try >= mostTries
	if ctx.Err() != nil {
		wait, tries, dead = 0, c.Try-1, false // the process ends: that was no fair try
	} else {
		r.log.Warn("job", "kind", kind, "id", c.ID, "try", c.Try, "error", failed)
	}
	return true, r.db.WriteGuarded(end, func(tx *db.Tx) error {
		_, err := tx.Exec(end, `update job set due = $1, leased_until = 0, tries = $2, last_error = $3, dead = $4 where id = $5 and leased_until = $6`,
			r.clock.Now().Add(wait).UnixMilli(), tries, shorten(failed.Error()), dead, c.ID, until)
		return err
	})
}

// take leases the job that has been due for longest; none is an empty Call.
func (r *Runner) take(ctx context.Context) (c Call, kind string, until int64, err error) {
	now := r.clock.Milli()
	id := ""
	err = r.db.Read(ctx, func(tx *db.Tx) error { // most looks find nothing, and a look is no durable write
		err := tx.QueryRow(ctx, `select id from job where kind in (`+db.List(len(r.kinds), 2)+`) and not dead and due <= $1 and leased_until <= $1
			order by due, id limit 1`, append([]any{now}, db.Args(r.kinds)...)...).Scan(&id)
		if db.Missing(err) {
			return nil
		}
		return err
	})
	if err != nil || id == "" {
		return Call{}, "", 0, err
	}
	until = now + lease.Milliseconds()
	err = r.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		c = Call{}
		err := tx.QueryRow(ctx, `update job set leased_until = $1, tries = tries + 1 where id = $2 and not dead and due <= $3 and leased_until <= $3
			returning id, kind, payload, tries`, until, id, now).Scan(&c.ID, &kind, &c.Payload, &c.Try)
		if db.Missing(err) {
			return nil // another process was faster
		}
		return err
	})
	return c, kind, until, err
}

// Sweep removes jobs that have been dead for long; those that are done go with their work. It writes only when there are any.
func (r *Runner) Sweep(ctx context.Context) error {
	before := r.clock.Now().Add(-keepDead).UnixMilli()
	var n int64
	err := r.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from job where dead and due < $1`, before).Scan(&n)
	})
	if err != nil || n == 0 {
		return err
	}
	return r.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from job where dead and due < $1`, before)
		return err
	})
}

// Job is a queued job as those who look after the site see it, without its payload.
type Job struct {
	ID, Kind string
	Due      int64
	Tries    int64
	Error    string
	Dead     bool
}

// Queue lists the queued jobs, the dead ones first, at most limit.
func Queue(ctx context.Context, tx *db.Tx, limit int) ([]Job, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (j Job, err error) {
		err = rows.Scan(&j.ID, &j.Kind, &j.Due, &j.Tries, &j.Error, &j.Dead)
		return j, err
	}, `select id, kind, due, tries, last_error, dead from job where kind <> 'every' order by dead desc, due, id limit $1`, limit)
}
