package mail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"giaoban/internal/db"
	"giaoban/internal/job"
)

// Jobs has the runner send letters and forget old ones.
func (s *Service) Jobs(r *job.Runner) {
	r.Handle(sendKind, s.send)
	r.Every("mail.sweep", 24*time.Hour, s.Sweep)
}

// send tries one letter. The error asks for another try.
func (s *Service) send(ctx context.Context, c job.Call) error {
	var m Message
	var found bool
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		m, found, err = waiting(ctx, tx, c.Payload)
		return err
	})
	if err != nil || !found {
		return err
	}
	now := s.clock.Now()
	if m.Until <= now.UnixMilli() {
		return s.settle(ctx, c.Payload, Failed, Trouble{Reason: Expired})
	}
	set, err := s.setup(ctx)
	if err != nil {
		return err
	}
	if set.check() != nil {
		return s.again(ctx, c.Payload, Trouble{Reason: Unset})
	}
	letter, err := compose(set, c.Payload, m, s.machine.Now())
	if err != nil {
		return errors.Join(s.again(ctx, c.Payload, Trouble{Reason: Unwritten}), fmt.Errorf("write letter %s: %w", c.Payload, err))
	}
	if t := set.deliver(ctx, s.opt.Roots, letter); t != nil {
		if t.Final {
			return s.settle(ctx, c.Payload, Failed, *t)
		}
		return s.again(ctx, c.Payload, *t)
	}
	return s.settle(ctx, c.Payload, Sent, Trouble{})
}

// settle ends a letter that was waiting. What has gone out is recorded even when the process ends just now.
func (s *Service) settle(ctx context.Context, id string, state State, t Trouble) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := end(ctx, tx, id, Waiting, state, t, s.clock.Milli())
		return err
	})
}

// again notes why and asks for another try.
func (s *Service) again(ctx context.Context, id string, t Trouble) error {
	if err := s.db.WriteGuarded(ctx, func(tx *db.Tx) error { return note(ctx, tx, id, t) }); err != nil {
		return err
	}
	return &t
}

// Sweep forgets letters that were made long ago, and ends those whose time is over before another try would. It writes
// only when there are any.
func (s *Service) Sweep(ctx context.Context) error {
	now, machine := s.clock.Milli(), s.machine.Milli()
	const (
		old  = ` state <> 'waiting' and made < $1 `
		over = ` state = 'waiting' and expires <= $1 and not exists (select 1 from job j where j.id = mail_message.job and j.leased_until > $2) `
	)
	found := false
	var before int64
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if before, err = Letters.Before(ctx, tx, now); err != nil {
			return err
		}
		for query, args := range map[string][]any{old: {before}, over: {now, machine}} {
			var n int64
			if err := tx.QueryRow(ctx, `select count(*) from mail_message where`+query, args...).Scan(&n); err != nil {
				return err
			}
			found = found || n > 0
		}
		return nil
	})
	if err != nil || !found {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update mail_message set state = 'failed', reason = $3, code = '', changed = $1, address = '', name = '', data = '', job = ''
			where`+over, now, machine, string(Expired)); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `delete from mail_message where`+old, before)
		if err != nil {
			return err
		}
		return Letters.Ran(ctx, tx, now, n)
	})
}

func milliText(ms int64) string { return strconv.FormatInt(ms, 10) }
