package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
)

// chorus runs the jobs of a group in one transaction, in step: what all of them ask is sent in one message, and so is what all of
// them write, with rows of the same insert joined into one. Within it no job sees what another one writes, as if each ran in a
// transaction of its own beside the others; what stands against that is what stands there, a unique key or a version.
type chorus struct {
	tx    *Tx
	calls chan call
}

// call is a job that waits for its turn, or that has ended.
type call struct {
	voice *voice
	steps []step // none: it wants the connection for itself, until it ends
	ended bool
	err   error
}

// voice is a job's part in a chorus.
type voice struct {
	chorus *chorus
	tx     *Tx
	answer chan error
}

// errApart tells the jobs of a group that it has failed for another one's sake.
var errApart = errors.New("another write of the group failed")

// run runs the jobs until all have ended, and gives the first failure of any. What they put off is put off in the transaction.
func (c *chorus) run(ctx context.Context, group []*job) error {
	for _, j := range group {
		v := &voice{chorus: c, answer: make(chan error)}
		v.tx = &Tx{engine: c.tx.engine, q: c.tx.q, voice: v}
		go func() { c.calls <- call{voice: v, ended: true, err: v.perform(j)} }()
	}
	var failed error
	var waiting []call
	for living := len(group); living > 0; {
		for len(waiting) < living {
			heard := <-c.calls
			if !heard.ended {
				waiting = append(waiting, heard)
				continue
			}
			living--
			failed = cmp.Or(failed, heard.err)
			c.tx.later = joined(c.tx.later, heard.voice.tx.later)
		}
		if living > 0 {
			waiting = c.next(ctx, waiting, &failed)
		}
	}
	return failed
}

// next lets those go on that can, and gives those that have to wait still.
func (c *chorus) next(ctx context.Context, waiting []call, failed *error) []call {
	if *failed != nil {
		for _, w := range waiting {
			w.voice.answer <- errApart
		}
		return nil
	}
	together := slices.DeleteFunc(slices.Clone(waiting), func(w call) bool { return w.steps == nil })
	rest := slices.DeleteFunc(waiting, func(w call) bool { return w.steps != nil })
	if len(together) == 0 {
		together, rest = rest[:1], rest[1:]
	}
	var steps []step
	for _, w := range together {
		c.tx.later = joined(c.tx.later, w.voice.tx.later)
		w.voice.tx.later = nil
		steps = append(steps, w.steps...)
	}
	err := c.tx.pipeline(ctx, steps)
	for _, w := range together {
		if w.steps == nil && err == nil {
			w.voice.tx.alone(c.tx)
		}
		w.voice.answer <- err
	}
	*failed = err
	return rest
}

func (v *voice) perform(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	if err := j.ctx.Err(); err != nil {
		return err
	}
	err = j.fn(v.tx)
	return cmp.Or(v.tx.hidden, err)
}

// ask waits until the steps have been run with those of the others.
func (v *voice) ask(steps []step) error {
	v.chorus.calls <- call{voice: v, steps: steps}
	return <-v.answer
}

// alone gives a job the connection, for statements that cannot be sent with others. It keeps it until it ends: nothing else
// happens in the meantime.
func (tx *Tx) alone(whole *Tx) { tx.voice, tx.conn = nil, whole.conn }

// joined adds what one job puts off to what others have: the rows of an insert that they have too, go into theirs. Each job's
// statements stay in its order. What updates rows that are there already is not joined: one insert may not touch a row twice.
func joined(all, more []step) []step {
	at := 0
	for _, s := range more {
		i := slices.IndexFunc(all[at:], func(o step) bool {
			return s.rows != nil && o.rows != nil && s.query == o.query && s.suffix == o.suffix && !strings.Contains(s.suffix, "do update")
		})
		if i < 0 {
			all = append(all, s)
			at = len(all) - 1
			continue
		}
		at += i
		all[at].rows = append(slices.Clip(all[at].rows), s.rows...)
	}
	return all
}
