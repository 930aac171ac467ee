package period

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
)

var ctx = context.Background()

func site(d *db.DB) *Service {
	return New(d, clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
}

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	write(t, d, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

func ensure(t *testing.T, d *db.DB, code string) (p Period) {
	t.Helper()
	write(t, d, func(tx *db.Tx) (err error) {
		p, err = Ensure(ctx, tx, code)
		return err
	})
	return p
}

func TestEnsureMakesAPeriodOnceWithTheSitesCutoff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		first := ensure(t, d, "quý III/2019")
		if first.Code != "2019-Q3" || first.From != "2019-07-01" || first.Due != "2019-09-30" || first.Version != 1 {
			t.Errorf("made %+v", first)
		}
		exec(t, d, `insert into setting(key, value) values ('period.cutoff', '15'), ('period.due_days', '6')`)
		if again := ensure(t, d, "2019-Q3"); again != first {
			t.Errorf("the cut-off set later changed a period that was made before: %s", cmp.Diff(first, again))
		}
		later := ensure(t, d, "2019-Q4")
		if later.From != "2019-09-15" || later.To != "2019-12-14" || later.Due != "2019-12-20" {
			t.Errorf("made %+v", later)
		}
		var stored Period
		var all []Period
		var codes map[string]Period
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			if stored, err = FindID(ctx, tx, later.ID); err != nil {
				return err
			}
			if all, err = List(ctx, tx, Quarter); err != nil {
				return err
			}
			codes, err = Codes(ctx, tx, []string{"2019-Q3", "2018-Q3"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(later, stored); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Period{later, first}, all); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]Period{"2019-Q3": first}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWritersWhoRaceForAPeriodMakeTheSameOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		done := make(chan error)
		for range 8 {
			go func() {
				done <- d.WriteGuarded(ctx, func(tx *db.Tx) error {
					_, err := Ensure(ctx, tx, "2019-06-15..2019-09-14")
					return err
				})
			}()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		all, err := site(d).List(ctx, auth.System(), "")
		if err != nil || len(all) != 1 {
			t.Errorf("%d periods, %v; want one", len(all), err)
		}
	})
}

func TestClosingNeedsAReasonTheRightVersionAndStandsWithItsDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, who := site(d), auth.System()
		p := ensure(t, d, "2019-Q3")
		if err := s.Close(ctx, who, "2019-Q3", p.Version, "  "); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("closed without a reason: %v", err)
		}
		if err := s.Reopen(ctx, who, "2019-Q3", p.Version, "nhầm"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("opened an open period: %v", err)
		}
		if err := s.Close(ctx, who, "2019-Q3", p.Version, "đã giao ban"); err != nil {
			t.Fatal(err)
		}
		closed, err := s.Find(ctx, who, "2019-Q3")
		if err != nil || closed.State != Closed || closed.Closed != "2019-10-01" || closed.Version != p.Version+1 {
			t.Errorf("%+v, %v", closed, err)
		}
		if err := s.Reopen(ctx, who, "2019-Q3", p.Version, "thiếu số liệu"); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version opened it: %v", err)
		}
		if err := s.Reopen(ctx, who, "2019-Q3", closed.Version, "thiếu số liệu"); err != nil {
			t.Fatal(err)
		}
		open, err := s.Find(ctx, who, "2019-Q3")
		if err != nil || open.MustBeOpen() != nil || open.Closed != "" {
			t.Errorf("%+v, %v", open, err)
		}
		history, err := s.History(ctx, who, open)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range history {
			got = append(got, e.Verb+": "+e.Reason+" ("+e.By+")")
		}
		if diff := cmp.Diff([]string{"reopen: thiếu số liệu (Hệ thống)", "close: đã giao ban (Hệ thống)"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDueDays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, who := site(d), auth.System()
		p, err := s.Make(ctx, who, "2019-Q4", "2019-12-25")
		if err != nil || p.Due != "2019-12-25" {
			t.Fatalf("%+v, %v", p, err)
		}
		if _, err := s.Make(ctx, who, "quý 4/2019", ""); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("made a second time: %v", err)
		}
		for _, due := range []string{"25/12/2019", "2018-12-25", "2019-02-30"} {
			if err := s.SetDue(ctx, who, p.Code, due, p.Version); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("due %s: %v", due, err)
			}
		}
		if err := s.SetDue(ctx, who, p.Code, "2019-12-20", p.Version); err != nil {
			t.Fatal(err)
		}
		if err := s.SetDue(ctx, who, p.Code, "2019-12-21", p.Version); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version set it: %v", err)
		}
		if now, err := s.Find(ctx, who, p.Code); err != nil || now.Due != "2019-12-20" {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestOnlyWhoHoldsTheWholeSiteClosesItsPeriods(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		town := fixture(t, d)
		p := ensure(t, d, "2019-Q3")
		s := site(d)
		for _, who := range []auth.Actor{{}, actor("viewer", 1, auth.View), actor("ward", 2, auth.Consolidate)} {
			if err := s.Close(ctx, who, p.Code, p.Version, "thử"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q closed the town's period: %v", who.Person, err)
			}
			if may, err := s.MayManage(ctx, who); err != nil || may {
				t.Errorf("%q may manage: %v, %v", who.Person, may, err)
			}
		}
		if err := s.Close(ctx, town, p.Code, p.Version, "đã giao ban"); err != nil {
			t.Errorf("the town's office: %v", err)
		}
	})
}

func TestABadSettingIsAnErrorNotACutoff(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	exec(t, d, `insert into setting(key, value) values ('period.cutoff', '20')`)
	err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := Ensure(ctx, tx, "2019-Q3")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "period.cutoff") {
		t.Errorf("%v; want an error that names the setting", err)
	}
}
