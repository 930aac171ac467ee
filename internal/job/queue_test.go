package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
)

// put enqueues a job in a transaction of its own.
func put(t testing.TB, d *db.DB, kind, payload string, due time.Time) (id string) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) (err error) {
		id, err = Enqueue(context.Background(), tx, kind, payload, due)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func queue(t testing.TB, d *db.DB) (out []Job) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = Queue(context.Background(), tx, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// drain runs what is due and answers how many jobs that were.
func drain(t testing.TB, r *Runner) (n int) {
	t.Helper()
	for {
		found, err := r.next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return n
		}
		n++
	}
}

func TestAJobIsThereWithItsTransactionOrNotAtAll(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		broken := errors.New("the business fails")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := Enqueue(t.Context(), tx, "post", "lost", time.Time{}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || len(queue(t, d)) != 0 {
			t.Fatalf("%v, %+v", err, queue(t, d))
		}
		c := clock.Fixed(start)
		r := runner(d, c)
		var ran []string
		r.Handle("post", func(_ context.Context, c Call) error { ran = append(ran, fmt.Sprint(c.Payload, c.Try)); return nil })
		put(t, d, "post", "later", start.Add(time.Minute))
		put(t, d, "post", "now", time.Time{})
		put(t, d, "foreign", "of a newer program", time.Time{})
		if n := drain(t, r); n != 1 || !slices.Equal(ran, []string{"now1"}) {
			t.Errorf("at first %d ran: %v", n, ran)
		}
		c.Advance(time.Minute)
		if n := drain(t, r); n != 1 || !slices.Equal(ran, []string{"now1", "later1"}) {
			t.Errorf("a minute later %d ran: %v", n, ran)
		}
		if left := queue(t, d); len(left) != 1 || left[0].Kind != "foreign" {
			t.Errorf("what is done is not gone, or what nobody knows is: %+v", left)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := Enqueue(t.Context(), tx, every, "", time.Time{})
			return err
		})
		if err == nil {
			t.Error("a queued job takes the place of a work")
		}
	})
}

func TestOfSeveralProcessesEachJobIsRunByOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const jobs, processes = 40, 4
		for i := range jobs {
			put(t, d, "post", fmt.Sprint(i), time.Time{})
		}
		var mu sync.Mutex
		ran := map[string]int{}
		var group sync.WaitGroup
		for range processes {
			r := runner(d, clock.Fixed(start))
			r.Handle("post", func(_ context.Context, c Call) error {
				mu.Lock()
				defer mu.Unlock()
				ran[c.Payload]++
				return nil
			})
			group.Go(func() {
				for len(queue(t, d)) > 0 {
					if _, err := r.next(context.Background()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		if len(ran) != jobs {
			t.Errorf("%d of %d jobs ran", len(ran), jobs)
		}
		for payload, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", payload, n)
			}
		}
	})
}

// A process that dies leaves its lease behind: nobody runs the job while it holds, and another one afterwards.
func TestAJobOutlivesTheProcessThatRanIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		id := put(t, d, "post", "x", time.Time{})
		dead := runner(d, c)
		dead.Handle("post", nil)
		if taken, _, _, err := dead.take(t.Context()); err != nil || taken.ID != id || taken.Try != 1 {
			t.Fatalf("%+v, %v", taken, err) // and dies
		}
		ran := int64(0)
		other := runner(d, c)
		other.Handle("post", func(_ context.Context, c Call) error { ran = c.Try; return nil })
		for _, s := range []struct {
			wait time.Duration
			want int64
		}{{0, 0}, {lease - time.Millisecond, 0}, {time.Millisecond, 2}} {
			c.Advance(s.wait)
			drain(t, other)
			if ran != s.want {
				t.Errorf("at %v try %d ran, want %d", c.Now(), ran, s.want)
			}
		}
		if left := queue(t, d); len(left) != 0 {
			t.Errorf("%+v", left)
		}

		// One that dies at each try is buried in the end.
		put(t, d, "post", "poison", time.Time{})
		for range mostTries {
			if taken, _, _, err := dead.take(t.Context()); err != nil || taken.ID == "" {
				t.Fatalf("%+v, %v", taken, err)
			}
			c.Advance(lease)
		}
		ran = 0
		drain(t, other)
		if left := queue(t, d); ran != 0 || len(left) != 1 || !left[0].Dead || !strings.Contains(left[0].Error, "in the middle") {
			t.Errorf("ran %d, %+v", ran, left)
		}
	})
}

func TestAJobThatLostItsLeaseHasNoSay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		put(t, d, "post", "x", time.Time{})
		second := runner(d, c)
		second.Handle("post", func(context.Context, Call) error { return errors.New("second") })
		first := runner(d, c)
		first.Handle("post", func(context.Context, Call) error {
			c.Advance(lease) // the machine slept
			drain(t, second)
			return nil
		})
		drain(t, first)
		if left := queue(t, d); len(left) != 1 || left[0].Error != "second" || left[0].Tries != 2 {
			t.Errorf("the first one's success took the job away: %+v", left)
		}
	})
}

func TestAFailingJobIsTriedAgainUntilItIsDeadAndThenByHand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		id := put(t, d, "post", "x", time.Time{})
		broken, ran := true, 0
		r := runner(d, c)
		r.Handle("post", func(_ context.Context, c Call) error {
			ran++
			switch {
			case ran == 1:
				panic("at the first try")
			case broken:
				return errors.New(strings.Repeat("ỗ", 600))
			}
			return nil
		})
		for try := range int64(mostTries) {
			if n := drain(t, r); n != 1 {
				t.Fatalf("try %d: %d ran", try+1, n)
			}
			left := queue(t, d)
			if len(left) != 1 || left[0].Tries != try+1 || left[0].Dead != (try+1 == mostTries) || len([]rune(left[0].Error)) > 501 {
				t.Fatalf("try %d: %+v", try+1, left)
			}
			c.Advance(backoff(try+1) - time.Millisecond)
			if n := drain(t, r); n != 0 {
				t.Fatalf("try %d: tried again too early", try+1)
			}
			c.Advance(time.Millisecond)
		}
		if n := drain(t, r); n != 0 {
			t.Error("a dead job is tried")
		}
		if f := failures(t, d); len(f) != 1 || f[0].Name != "post" || f[0].Jobs != 1 || f[0].Dead != 1 || f[0].Tries != mostTries {
			t.Errorf("%+v", f)
		}
		hurry := func(id string) (ok bool) {
			t.Helper()
			if err := d.Write(t.Context(), func(tx *db.Tx) (err error) { ok, err = Hurry(t.Context(), tx, id); return err }); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if hurry("no such job") {
			t.Error("what is not there can be run again")
		}
		if !hurry(id) || queue(t, d)[0].Dead || queue(t, d)[0].Tries != 0 {
			t.Errorf("a dead job does not live again: %+v", queue(t, d))
		}
		broken = false
		if n := drain(t, r); n != 1 || len(queue(t, d)) != 0 || len(failures(t, d)) != 0 {
			t.Errorf("%d ran, %+v, %+v", n, queue(t, d), failures(t, d))
		}
	})
}

func TestDeadJobsGoInTheEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		put(t, d, "post", "alive", start)
		dead := put(t, d, "post", "dead", start)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update job set dead = true where id = $1`, dead)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		r := runner(d, c)
		for _, want := range []int{2, 1, 1} {
			if err := r.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := queue(t, d); len(left) != want {
				t.Errorf("at %v %d are left, want %d", c.Now(), len(left), want)
			}
			c.Advance(keepDead + time.Millisecond)
		}
	})
}

func TestWhatRunsIsNotCancelled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		cancel := func(id string) (ok bool) {
			t.Helper()
			if err := d.Write(context.Background(), func(tx *db.Tx) (err error) {
				ok, err = Cancel(context.Background(), tx, id, c.Now())
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		waiting := put(t, d, "post", "waiting", start.Add(time.Hour))
		for range 2 { // what is gone already is cancelled too
			if !cancel(waiting) || len(queue(t, d)) != 0 {
				t.Error("a waiting job is not cancelled")
			}
		}
		running := put(t, d, "post", "running", time.Time{})
		r := runner(d, c)
		r.Handle("post", func(context.Context, Call) error {
			if cancel(running) {
				t.Error("a job is cancelled while it runs")
			}
			return nil
		})
		drain(t, r)
	})
}

// When the process is told to end, what it was doing is no failed try, and what it has done is not done again.
func TestAnEndingProcessLeavesTheQueueInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.Fixed(start)
		for _, done := range []bool{false, true} {
			put(t, d, "post", "x", time.Time{})
			ctx, stop := context.WithCancel(t.Context())
			r := runner(d, c)
			r.Handle("post", func(ctx context.Context, _ Call) error {
				stop()
				if done {
					return nil
				}
				return ctx.Err()
			})
			r.Run(ctx)
			left := queue(t, d)
			if done && len(left) != 1 || !done && (len(left) != 1 || left[0].Tries != 0 || left[0].Dead) {
				t.Errorf("done %v: %+v", done, left)
			}
		}
	})
}

// An idle site leaves its disk asleep: looking for jobs writes nothing.
func TestLookingForJobsWritesNothing(t *testing.T) {
	t.Parallel()
	place := dbtest.DSN(t, db.SQLite)
	d, err := db.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	put(t, d, "post", "next year", start.AddDate(1, 0, 0))
	r := runner(d, clock.Fixed(start))
	r.Handle("post", func(context.Context, Call) error { t.Error("it ran"); return nil })
	state := func() (out string) {
		for _, name := range []string{place, place + "-wal"} {
			if info, err := os.Stat(name); err == nil {
				out += fmt.Sprint(info.Name(), info.Size(), info.ModTime().UnixNano(), " ")
			}
		}
		return out
	}
	before := state()
	time.Sleep(20 * time.Millisecond) // longer than a file's time is coarse
	for range 50 {
		if found, err := r.next(t.Context()); found || err != nil {
			t.Fatal(found, err)
		}
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := state(); after != before {
		t.Errorf("the files changed from %s to %s", before, after)
	}
	put(t, d, "post", "now", time.Time{})
	if after := state(); after == before {
		t.Error("the test sees no writes")
	}
}

// Whatever happens in whatever order, no job is lost, none runs twice at once, and none runs before it is due.
func TestQueueKeepsItsPromises(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			if err := d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(context.Background(), `delete from job`)
				return err
			}); err != nil {
				rt.Fatal(err)
			}
			c := clock.Fixed(start)
			due, done := map[string]time.Time{}, map[string]bool{}
			leased := map[string]time.Time{}
			r := runner(d, c)
			fate := ""
			r.Handle("post", func(_ context.Context, call Call) error {
				if done[call.ID] || due[call.ID].After(c.Now()) || leased[call.ID].After(c.Now()) {
					rt.Fatalf("job %s at %v: done %v, due %v, leased until %v", call.ID, c.Now(), done[call.ID], due[call.ID], leased[call.ID])
				}
				switch fate {
				case "fail":
					due[call.ID] = c.Now().Add(backoff(call.Try))
					return errors.New("fails")
				default:
					done[call.ID] = true
					return nil
				}
			})
			steps := rapid.IntRange(5, 25).Draw(rt, "steps")
			for range steps {
				switch step := rapid.SampledFrom([]string{"put", "done", "fail", "die", "wait"}).Draw(rt, "step"); step {
				case "put":
					at := c.Now().Add(time.Duration(rapid.IntRange(-60, 60).Draw(rt, "due")) * time.Second)
					due[put(t, d, "post", "", at)] = at
				case "die":
					call, _, until, err := r.take(context.Background())
					if err != nil {
						rt.Fatal(err)
					}
					if call.ID != "" {
						leased[call.ID] = clock.At(until)
					}
				case "wait":
					c.Advance(time.Duration(rapid.IntRange(1, 400).Draw(rt, "wait")) * time.Second)
				default:
					fate = step
					if _, err := r.next(context.Background()); err != nil {
						rt.Fatal(err)
					}
				}
			}
			fate = "done"
			c.Advance(7 * time.Hour)
			drain(t, r)
			if len(done) != len(due) || len(queue(t, d)) != 0 {
				rt.Fatalf("%d of %d jobs are done, %d left", len(done), len(due), len(queue(t, d)))
			}
		})
	})
}
