package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/migrate"
	"giaoban/internal/org"
)

// examined runs doctor on a site and gives the state of each line.
func examined(t *testing.T, place string) (map[string]string, int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run([]string{"doctor", "--json", "--db", place}, &out, &errOut)
	var d doctor
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatalf("%v: %s %s", err, &out, &errOut)
	}
	states := map[string]string{}
	for _, c := range d.Checks {
		states[c.Name] = c.State
		if c.State != fine && c.Mend == "" || c.Text == "" {
			t.Errorf("%s is %s and does not say how to mend it", c.Name, c.State)
		}
	}
	return states, code
}

func TestDoctorOnBothEngines(t *testing.T) {
	t.Parallel()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			place := dbtest.DSN(t, engine)
			demand := func(name, want string, code int) {
				t.Helper()
				states, got := examined(t, place)
				if states[name] != want || got != code {
					t.Errorf("%s is %q and the code %d, want %q and %d: %v", name, states[name], got, want, code, states)
				}
			}
			demand("đăng nhập", fail, 1) // nobody is there yet

			a, err := app.Open(t.Context(), place, app.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			ctx := t.Context()
			if err := a.Units.Add(ctx, auth.System(), org.Spec{Code: "TX", Name: "Thị xã Thử", Kind: org.Place, Level: org.Town}); err != nil {
				t.Fatal(err)
			}
			units, err := a.Accounts.Units(ctx, auth.System())
			if err != nil || len(units) != 1 {
				t.Fatalf("%d units, %v", len(units), err)
			}
			add := func(login, role string) {
				t.Helper()
				if _, err := a.Accounts.AddPerson(ctx, auth.System(), account.NewPerson{Login: login, Name: login, Password: "một câu ngắn dễ nhớ", Role: role, Unit: units[0].ID}); err != nil {
					t.Fatal(err)
				}
			}
			add("canbo", "officer")
			demand("đăng nhập", fail, 1) // nobody can let others in
			add("quantri", "admin")
			demand("đăng nhập", warn, 0)
			add("quantri2", "admin")
			demand("đăng nhập", fine, 0)

			for _, c := range []struct {
				how  how
				want string
				code int
			}{{how{Secure: true}, fine, 0}, {how{Loopback: true}, warn, 0}, {how{}, fail, 1}} {
				if err := c.how.remember(ctx, a); err != nil {
					t.Fatal(err)
				}
				demand("HTTPS", c.want, c.code)
			}
			if err := (how{Secure: true}).remember(ctx, a); err != nil {
				t.Fatal(err)
			}
			demand("đồng hồ", fine, 0)
			demand("nhật ký", fine, 0)
			a.Clock.Shift(time.Hour) // what is recorded now lies ahead of the machine's clock
			add("tuonglai", "officer")
			demand("đồng hồ", fail, 1)

			if _, err := audit.Seal(ctx, a.DB, a.Clock.Milli()); err != nil {
				t.Fatal(err)
			}
			if _, err := a.DB.Admin().ExecContext(ctx, `update audit_entry set verb = 'enable' where verb = 'grant'`); err != nil {
				t.Fatal(err)
			}
			demand("nhật ký", fail, 1)
		})
	}
}

func TestDoctorDoesNotMigrate(t *testing.T) {
	t.Parallel()
	place := dbtest.DSN(t, db.SQLite)
	d, err := db.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Admin().ExecContext(t.Context(), `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	states, code := examined(t, place)
	if states["lược đồ"] != warn || states["số tổng"] != "" || code != 0 {
		t.Errorf("%v, code %d", states, code)
	}
	if pending, err := migrate.Pending(t.Context(), d); err != nil || !pending {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

func TestALoopbackAddressIsReachedFromHereAlone(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{"127.0.0.1:8080": true, "localhost:80": true, "[::1]:80": true, ":8080": false, "0.0.0.0:80": false, "203.0.113.1:80": false, "x": false} {
		if loopback(addr) != want {
			t.Errorf("%s: %v", addr, !want)
		}
	}
	if _, err := syncTime(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there can be written to")
	}
}
