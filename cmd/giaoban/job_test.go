package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/job"
)

// A job that is tried no more is seen by doctor and in the list, without what it is about, and lives again by hand.
func TestADeadJobIsSeenAndRunAgain(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			place := dbtest.DSN(t, engine)
			d, err := db.Open(t.Context(), place)
			if err != nil {
				t.Fatal(err)
			}
			id := ""
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				if id, err = job.Enqueue(t.Context(), tx, "post", "người nhận", time.Time{}); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `update job set dead = true, tries = 40, last_error = 'no server' where id = $1`, id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			ask := func(code int, args ...string) string {
				t.Helper()
				var out, errOut bytes.Buffer
				if got := run(args, &out, &errOut); got != code {
					t.Fatalf("%v: code %d, want %d: %s%s", args, got, code, &out, &errOut)
				}
				return out.String() + errOut.String()
			}
			if states, _ := examined(t, place); states["việc nền"] != fail {
				t.Errorf("doctor says %v", states)
			}
			for _, format := range [][]string{{"job", "list", "--db", place}, {"job", "list", "--json", "--db", place}} {
				if out := ask(0, format...); !strings.Contains(out, id) || !strings.Contains(out, "no server") || strings.Contains(out, "người nhận") {
					t.Errorf("%v: %s", format, out)
				}
			}
			ask(0, "job", "retry", "--db", place, id)
			if out := ask(0, "job", "list", "--db", place); !strings.HasPrefix(out, "chờ ") || !strings.Contains(out, "đã thử 0 lần") {
				t.Errorf("after retry: %s", out)
			}
			if states, _ := examined(t, place); states["việc nền"] != warn {
				t.Errorf("doctor says %v", states)
			}
			if out := ask(1, "job", "retry", "--db", place, "x"); !strings.Contains(out, "Không có việc x") {
				t.Errorf("an unknown job: %s", out)
			}
		})
	}
}
