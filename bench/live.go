package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"giaoban/internal/app"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// readPeriods is how many periods a page reads: three years of quarters.
const readPeriods = 12

func (m *measuring) query(u org.Unit) figure.Query {
	return figure.Query{Unit: u, Hierarchy: org.Territory, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: m.periods[:min(readPeriods, m.quarters)]}
}

// topRead is how long the quicker tenth of reads takes, which a neighbour on the machine disturbs least, of reading 60 indicators
// x 12 periods at the top. A read takes a fraction of a millisecond: ten thousand last long enough that one neighbour's burst
// does not hold all of one step and none of another, which would be read as growth.
func (m *measuring) topRead(ctx context.Context) (time.Duration, error) {
	var took []time.Duration
	for range 10_000 {
		began := time.Now()
		if _, err := m.app.Figures.Totals(ctx, m.viewer, m.query(m.root)); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return quantile(took, 0.1), nil
}

// reads measures reading any unit while others write, and the same at the top by GROUP BY over the figures.
func (m *measuring) reads(ctx context.Context) error {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					_ = m.saveCell(ctx, r, i) // a failure shows in the measuring of cells
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(3, 3))
	var took []time.Duration
	for range 1000 {
		began := time.Now()
		if _, err := m.app.Figures.Totals(ctx, m.viewer, m.query(m.units[r.IntN(len(m.units))])); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	close(stop)
	group.Wait()
	m.atMost(m.engine, "read 60 indicators x 12 periods of any unit while others write, p95", quantile(took, 0.95), 5*time.Millisecond)
	ours, err := m.topRead(ctx)
	if err != nil {
		return err
	}
	naive, err := m.groupBy(ctx)
	if err != nil {
		return err
	}
	m.atLeast(m.engine, "the same at the top against GROUP BY over the figures", naive.Seconds()/ours.Seconds(), 1000, "x faster")
	return nil
}

func (m *measuring) groupBy(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	q := m.query(m.root)
	ids := make([]int64, len(q.Periods))
	for i, p := range q.Periods {
		ids[i] = p.ID
	}
	err := m.app.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := db.Collect(ctx, tx, db.Scalar[int64], `select cast(sum(f.value) as bigint) from figure f join unit_ancestor a on a.unit = f.unit and a.hierarchy = 1
			and a.ancestor = $1 where f.layer = 1 and f.period in (`+db.List(len(ids), 2)+`)
			and f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer)
			group by f.period, f.indicator, f.part`, append([]any{m.root.ID}, db.Args(ids)...)...)
		return err
	})
	return time.Since(began), err
}

// saveCell writes one cell of one of an officer's units in the open quarter.
func (m *measuring) saveCell(ctx context.Context, r *rand.Rand, officer int) error {
	in, who := m.chosen[r.IntN(len(m.chosen))], m.officers[officer]
	_, _, err := m.app.Figures.Save(ctx, who.Actor, figure.Typed, "", []figure.Input{{
		Unit: who.units[r.IntN(len(who.units))].ID, Period: m.periods[m.quarters], Indicator: in, Expect: figure.Any,
		Quantity: viet.Quantity{Value: r.Int64N(1_000_000), Scale: in.Decimals, Qualifier: viet.Exact},
	}})
	return err
}

// cells measures one cell saved durably and seen in the top's total, alone and with sixteen writers.
func (m *measuring) cells(ctx context.Context) error {
	one := func(r *rand.Rand, officer int) (time.Duration, error) {
		began := time.Now()
		if err := m.saveCell(ctx, r, officer); err != nil {
			return 0, err
		}
		q := m.query(m.root)
		q.Periods = m.periods[m.quarters : m.quarters+1]
		_, err := m.app.Figures.Totals(ctx, m.viewer, q)
		return time.Since(began), err
	}
	alone, err := m.timed(1, 500, one)
	if err != nil {
		return err
	}
	m.note(m.engine, "one cell saved and seen in the top's total, p50", round(quantile(alone, 0.5)), quantile(alone, 0.5).Seconds())
	m.atMost(m.engine, "one cell saved and seen in the top's total, p99", quantile(alone, 0.99), 10*time.Millisecond)
	many, err := m.timed(16, 500, one)
	if err != nil {
		return err
	}
	m.note(m.engine, "the same with 16 writers, p50", round(quantile(many, 0.5)), quantile(many, 0.5).Seconds())
	m.atMost(m.engine, "the same with 16 writers, p99", quantile(many, 0.99), 25*time.Millisecond)
	return nil
}

// timed runs fn n times in each of some writers.
func (m *measuring) timed(writers, n int, fn func(*rand.Rand, int) (time.Duration, error)) ([]time.Duration, error) {
	m.rounds++
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), m.rounds)) // no round writes what one before it has written: that would be no change
			for range n {
				d, err := fn(r, w)
				mu.Lock()
				all, failed = append(all, d), errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return all, failed
}

// forms measures whole forms of sixty cells from sixteen writers, each in turn for the units of their commune.
func (m *measuring) forms(ctx context.Context) error {
	const each = 40
	began := time.Now()
	var done [16]int
	took, err := m.timed(16, each, func(r *rand.Rand, w int) (time.Duration, error) {
		start := time.Now()
		who := m.officers[w]
		u := who.units[done[w]%len(who.units)]
		done[w]++
		inputs := make([]figure.Input, len(m.chosen))
		for i, in := range m.chosen {
			inputs[i] = figure.Input{Unit: u.ID, Period: m.periods[m.quarters+1], Indicator: in, Expect: figure.Any,
				Quantity: viet.Quantity{Value: r.Int64N(1_000_000), Scale: in.Decimals, Qualifier: viet.Exact}}
		}
		_, _, err := m.app.Figures.Save(ctx, who.Actor, figure.Typed, "", inputs)
		return time.Since(start), err
	})
	if err != nil {
		return err
	}
	m.atLeast(m.engine, "forms of 60 cells from 16 writers", 16*each/time.Since(began).Seconds(), 300, "/s")
	m.note(m.engine, "a form of 60 cells, p99", round(quantile(took, 0.99)), quantile(took, 0.99).Seconds())
	return nil
}

// restart measures how soon the filled site opens, and what a process that only serves it takes.
func (m *measuring) restart(ctx context.Context) error {
	began := time.Now()
	a, err := app.Open(ctx, m.dsn, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	m.atMost(m.engine, "start on the filled site", time.Since(began), 200*time.Millisecond)
	if err := a.Close(); err != nil {
		return err
	}
	if m.engine != "sqlite" {
		return nil
	}
	rss, err := m.serverMemory(ctx)
	if err != nil {
		return err
	}
	m.within(m.engine, fmt.Sprintf("memory of a server with the filled site open, after %d pages of totals", pageViews), rss, 200, " MB")
	info, err := os.Stat(filepath.Clean(m.dsn))
	if err == nil {
		m.note(m.engine, "file size", fmt.Sprintf("%d MB", info.Size()>>20), float64(info.Size()>>20))
	}
	return err
}

// peerCopy copies the rows with COPY into a table of the same shape and key.
func (m *measuring) peerCopy(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, m.dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, peerTable); err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(m.dir, "postgres.csv"))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = conn.PgConn().CopyFrom(ctx, file, "copy peer from stdin with (format csv)")
	return err
}
