package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

var start = time.Date(2026, 10, 1, 8, 0, 0, 0, clock.Zone)

// runner is one process's, on a clock that all share.
func runner(d *db.DB, c *clock.Clock) *Runner { return New(d, c, slog.New(slog.DiscardHandler)) }

func failures(t *testing.T, d *db.DB) (out []Failure) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		out, err = Failures(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOfSeveralProcessesOneRunsAWork(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		var ran, at, most atomic.Int64
		w := work{"sweep", time.Hour, func(context.Context) error {
			most.Store(max(most.Load(), at.Add(1)))
			time.Sleep(20 * time.Millisecond)
			at.Add(-1)
			ran.Add(1)
			return nil
		}}
		for hour := range int64(3) {
			for range 2 { // looking again within the hour finds nothing
				var wait sync.WaitGroup
				for range 6 {
					wait.Go(func() {
						if err := runner(d, c).step(t.Context(), w); err != nil {
							t.Error(err)
						}
					})
				}
				wait.Wait()
			}
			if n := ran.Load(); n != hour+1 || most.Load() != 1 {
				t.Errorf("hour %d: the work ran %d times, up to %d at once", hour, n, most.Load())
			}
			c.Advance(time.Hour - time.Millisecond)
			if err := runner(d, c).step(t.Context(), w); err != nil || ran.Load() != hour+1 {
				t.Errorf("hour %d: it ran early, %v", hour, err)
			}
			c.Advance(time.Millisecond)
		}
	})
}

func TestAnotherProcessTakesOverFromADeadOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		ran := 0
		w := work{"sweep", time.Hour, func(context.Context) error { ran++; return nil }}
		if _, tries, err := runner(d, c).claim(t.Context(), w.name); err != nil || tries != 1 {
			t.Fatalf("try %d, %v", tries, err) // and dies
		}
		other := runner(d, c)
		for _, s := range []struct {
			wait time.Duration
			want int
		}{{0, 0}, {lease - time.Millisecond, 0}, {time.Millisecond, 1}, {time.Minute, 1}, {time.Hour, 2}} {
			c.Advance(s.wait)
			if err := other.step(t.Context(), w); err != nil || ran != s.want {
				t.Errorf("at %v: ran %d times, want %d, %v", c.Now(), ran, s.want, err)
			}
		}
	})
}

// A run that outlives its lease must not undo what its successor has written.
func TestARunThatLostItsLeaseHasNoSay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		ran := 0
		slow := work{"sweep", time.Hour, func(ctx context.Context) error {
			c.Advance(lease) // the machine slept
			return runner(d, c).step(ctx, work{"sweep", time.Hour, func(context.Context) error { ran++; return errors.New("second") }})
		}}
		if err := runner(d, c).step(t.Context(), slow); err == nil || ran != 1 {
			t.Fatalf("the successor ran %d times, %v", ran, err)
		}
		if got := failures(t, d); len(got) != 1 || got[0].Error != "second" || got[0].Tries != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatFailsIsTriedAgainAfterGrowingWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		broken, ran := true, 0
		w := work{"sweep", time.Hour, func(context.Context) error {
			ran++
			switch {
			case ran == 1:
				panic("at the first try")
			case broken:
				return errors.New(strings.Repeat("ỗ", 600))
			}
			return nil
		}}
		r := runner(d, c)
		for try, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute} {
			if err := r.step(t.Context(), w); err == nil || ran != try+1 {
				t.Fatalf("try %d: ran %d times, %v", try, ran, err)
			}
			got := failures(t, d)
			if len(got) != 1 || got[0].Name != "sweep" || got[0].Tries != int64(try+1) || len([]rune(got[0].Error)) > 501 {
				t.Errorf("try %d: %+v", try, got)
			}
			c.Advance(wait - time.Millisecond)
			if err := r.step(t.Context(), w); err != nil || ran != try+1 {
				t.Errorf("try %d: it was tried again too early, %v", try, err)
			}
			c.Advance(time.Millisecond)
		}
		broken = false
		if err := r.step(t.Context(), w); err != nil || ran != 5 || len(failures(t, d)) != 0 {
			t.Errorf("the success: %d runs, %v, %+v", ran, err, failures(t, d))
		}
		c.Advance(time.Hour)
		if err := r.step(t.Context(), w); err != nil || ran != 6 {
			t.Errorf("afterwards it does not run as before: %d, %v", ran, err)
		}
	})
	for tries, want := range map[int64]time.Duration{1: 30 * time.Second, 5: 8 * time.Minute, 10: 256 * time.Minute, 11: 6 * time.Hour, 1000: 6 * time.Hour} {
		if got := backoff(tries); got != want {
			t.Errorf("after %d tries %v, want %v", tries, got, want)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := runner(d, clock.Real())
		ran := make(chan string, 2)
		for i := range 2 {
			r.Every(fmt.Sprint("work ", i), time.Hour, func(context.Context) error { ran <- fmt.Sprint(i); return nil })
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		if a, b := <-ran, <-ran; a+b != "01" {
			t.Errorf("ran %s and %s", a, b)
		}
		stop()
		<-done
	})
}
