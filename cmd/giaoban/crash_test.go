package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// loopEnv makes this test binary import into the site that it names until it is killed. loopFrom is the first value.
const (
	loopEnv  = "GIAOBAN_TEST_IMPORT_LOOP"
	loopFrom = "GIAOBAN_TEST_IMPORT_FROM"
)

// crashes is how often the importing process is killed, on each engine.
const crashes = 100

var (
	crashUnits      = []string{"P9.A1", "P9.A2", "P9.A3", "P9.A4", "P9.A5"}
	crashIndicators = []string{"TT01", "TT02", "DG01", "CT01", "AS01", "YK04"}
)

const crashPeriod = "2019-Q3"

// importLoop imports small files, each of which sets every cell to the next number, and prints a number when its import
// was acknowledged.
func importLoop(dsn string) int {
	n, err := strconv.Atoi(os.Getenv(loopFrom))
	if err == nil {
		err = importFrom(dsn, n)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func importFrom(dsn string, n int) error {
	ctx := context.Background()
	a, err := app.Open(ctx, dsn, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	a.Run(ctx)
	for ; ; n++ {
		if _, _, err := a.Intake.Import(ctx, auth.System(), crashFile(n), intake.Options{}); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func crashFile(n int) intake.File {
	type cell struct {
		Unit      string `json:"unit"`
		Period    string `json:"period"`
		Indicator string `json:"indicator"`
		Value     int    `json:"value"`
	}
	var cells []cell
	for _, u := range crashUnits {
		for _, in := range crashIndicators {
			cells = append(cells, cell{u, crashPeriod, in, n})
		}
	}
	data, err := json.Marshal(map[string]any{"giaoban": 1, "figures": cells})
	if err != nil {
		panic(err)
	}
	return intake.File{Name: fmt.Sprintf("lan-%d.json", n), Data: data}
}

// TestKillingAnImportLosesNothing kills the importing process at a random moment, again and again. Afterwards every total
// is right, every acknowledged import is there, and no import is there by half.
func TestKillingAnImportLosesNothing(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.DSN(t, engine)
			a := openForCrash(t, dsn)
			specs := []org.Spec{{Code: "P9", Kind: org.Place, Level: org.Commune, Name: "Phường Thử", ValidFrom: "2015-01-01"}}
			for _, u := range crashUnits {
				specs = append(specs, org.Spec{Code: u, Kind: org.Place, Level: org.Area, Name: "Tổ " + u, Parent: "P9", ValidFrom: "2015-01-01"})
			}
			if err := a.Units.Load(t.Context(), auth.System(), specs); err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(20191001, uint64(len(engine))))
			next, held, killed := 1, 0, 0
			for killed < crashes {
				acknowledged := max(held, killWhileImporting(t, r, dsn, next))
				killed++
				a := openForCrash(t, dsn)
				v, err := a.Figures.Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if v.Differences != 0 {
					t.Fatalf("after kill %d: %d differences: %+v", killed, v.Differences, v.List)
				}
				held = heldBy(t, a)
				if held < acknowledged {
					t.Fatalf("after kill %d: import %d was acknowledged and the site holds %d", killed, acknowledged, held)
				}
				next = held + 1
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d kills, %d imports of %d cells held", killed, held, len(crashUnits)*len(crashIndicators))
			if held < crashes/4 {
				t.Errorf("only %d imports in %d kills: the kills came too early to show anything", held, crashes)
			}
		})
	}
}

func openForCrash(t *testing.T, dsn string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), dsn, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// killWhileImporting gives the last acknowledged number, 0 for none. The process gets a random while after its first
// acknowledgement, or, one time in four, after its start.
func killWhileImporting(t *testing.T, r *rand.Rand, dsn string, from int) int {
	t.Helper()
	c := exec.Command(os.Args[0]) //nolint:gosec // this test binary
	c.Env = append(os.Environ(), loopEnv+"="+dsn, loopFrom+"="+strconv.Itoa(from))
	var errOut strings.Builder
	c.Stderr = &errOut
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	wait := time.Duration(r.IntN(60_000)) * time.Microsecond
	if r.IntN(4) == 0 {
		time.AfterFunc(2*wait, func() { _ = c.Process.Kill() })
	}
	last, lines := 0, bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the importing process printed %q", lines.Text())
		}
		if last == 0 {
			time.AfterFunc(wait, func() { _ = c.Process.Kill() })
		}
		last = n
	}
	_, _ = io.Copy(io.Discard, out)
	_ = c.Wait() // killed, as it should be
	if errOut.Len() > 0 {
		t.Fatalf("the importing process failed by itself: %s", errOut.String())
	}
	return last
}

// heldBy gives the number that every cell of the site holds, 0 when none holds any.
func heldBy(t *testing.T, a *app.App) int {
	t.Helper()
	ctx, held := t.Context(), -1
	catalog, err := a.Indicators.Catalog(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := period.Find(ctx, tx, crashPeriod)
		if db.Missing(err) {
			held = 0
			return nil
		}
		if err != nil {
			return err
		}
		for _, code := range crashUnits {
			u, err := org.FindCode(ctx, tx, code, p.To)
			if err != nil {
				return err
			}
			own, err := a.Figures.OwnIn(ctx, tx, auth.System(), figure.Submitted, u, []period.Period{p})
			if err != nil {
				return err
			}
			for _, name := range crashIndicators {
				in, _ := catalog.ByCode(name)
				n := int(own[figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID}].Number)
				if held == -1 {
					held = n
				}
				if n != held {
					t.Fatalf("%s of %s holds %d where others hold %d: half an import", name, code, n, held)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}
