package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// groups run short writes to PostgreSQL several to a transaction: sixteen officers who save at once then wait for one flush of
// the log and few messages, not for sixteen that get in each other's way. A group in which anything at all goes wrong is rolled
// back, and each of its jobs runs in a transaction of its own, as if there had been no group.
type groups struct {
	db      *DB
	queue   chan *job
	closing chan struct{}
	done    sync.WaitGroup
}

// workers is how many groups run at once: while one waits for the server, another one computes.
const workers = 2

func newGroups(d *DB) *groups {
	g := &groups{db: d, queue: make(chan *job, 256), closing: make(chan struct{})}
	for range workers {
		g.done.Go(g.run)
	}
	return g
}

func (g *groups) do(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, reply: make(chan struct{})}
	select {
	case <-g.closing:
		return errClosed
	default:
	}
	select {
	case g.queue <- j:
	case <-g.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-j.reply:
		return j.err
	case <-g.closing: // nobody may be left to take it; if somebody has, the answer comes
		g.done.Wait()
		select {
		case <-j.reply:
			return j.err
		default:
			return errClosed
		}
	}
}

// close waits for the groups under way.
func (g *groups) close() {
	close(g.closing)
	g.done.Wait()
}

func (g *groups) run() {
	for {
		select {
		case <-g.closing:
			return
		case first := <-g.queue:
			g.commit(append([]*job{first}, waiting(g.queue, groupSize-1)...))
		}
	}
}

// waiting takes what waits in a queue, without waiting for more.
func waiting(queue chan *job, most int) (group []*job) {
	for len(group) < most {
		select {
		case j, ok := <-queue:
			if !ok {
				return group
			}
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

func (g *groups) commit(group []*job) {
	if len(group) > 1 {
		switch again, err := g.together(group); {
		case err == nil:
			answer(group, nil)
			return
		case !again:
			answer(group, err)
			return
		}
	}
	if len(group) == 1 {
		g.alone(group[0])
		return
	}
	for _, j := range group {
		g.done.Go(func() { g.alone(j) })
	}
}

func (g *groups) alone(j *job) {
	defer func() {
		if p := recover(); p != nil {
			j.err = panicked(p)
		}
		close(j.reply)
	}()
	j.err = g.db.writePostgres(j.ctx, sql.LevelRepeatableRead, j.fn)
}

func answer(group []*job, err error) {
	for _, j := range group {
		j.err = err
		close(j.reply)
	}
}

// together runs the jobs in one transaction. It tells whether a failure left nothing behind, so that each may try alone; a
// commit of which no answer came may have been done, and is not to be done again.
func (g *groups) together(group []*job) (again bool, err error) {
	ctx := context.Background()
	committing := false
	err = g.db.transact(ctx, sql.TxOptions{Isolation: sql.LevelRepeatableRead}, func(tx *Tx) error {
		c := &chorus{tx: tx, calls: make(chan call)}
		if err := c.run(ctx, group); err != nil {
			return err
		}
		committing = true
		return nil
	})
	return !committing || aborted(err), err
}

// aborted tells that the server has said that the transaction is not done.
func aborted(err error) bool {
	var put late
	if errors.As(err, &put) {
		err = put.cause
	}
	var said *pgconn.PgError
	return errors.As(err, &said) || errors.Is(err, errAborted)
}
