package period

import (
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
)

// at is a clock that stands at a moment, in the zone in which it is told.
func at(t *testing.T, moment string) *clock.Clock {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		t.Fatal(err)
	}
	return clock.Fixed(when)
}

// The period in which a moment lies follows from the day at the place, whatever zone the machine's clock is in, for both cut-offs.
func TestThePeriodOfAMomentIsThePlaces(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	exec(t, d, `insert into setting(key, value) values ('period.cutoff', 'calendar')`)
	check := func(moment, kind, want string) {
		t.Helper()
		p, err := New(d, at(t, moment)).Today(ctx, kind)
		if err != nil || p.Code != want {
			t.Errorf("%s lies in %s, want %s (%v)", moment, p.Code, want, err)
		}
	}
	for _, c := range [][3]string{
		{"2019-12-31T23:59:59.999+07:00", Quarter, "2019-Q4"},
		{"2019-12-31T16:59:59.999Z", Quarter, "2019-Q4"},
		{"2019-12-31T17:00:00Z", Quarter, "2020-Q1"},
		{"2020-01-01T00:00:00+07:00", Year, "2020"},
		{"2019-12-31T09:00:00-08:00", Year, "2020"},
		{"2019-12-31T08:59:59.999-08:00", Half, "2019-H2"},
		{"2020-01-01T06:59:59.999+14:00", Month, "2019-12"},
		{"2020-01-01T07:00:00+14:00", Month, "2020-01"},
		{"2020-02-29T16:59:59.999Z", Month, "2020-02"},
		{"2020-02-29T17:00:00Z", Month, "2020-03"},
	} {
		check(c[0], c[1], c[2])
	}
	exec(t, d, `update setting set value = '15' where key = 'period.cutoff'`)
	for _, c := range [][3]string{
		{"2019-12-14T16:59:59.999Z", Quarter, "2019-Q4"},
		{"2019-12-14T17:00:00Z", Quarter, "2020-Q1"},
		{"2019-12-14T17:00:00Z", Year, "2020"},
	} {
		check(c[0], c[1], c[2])
	}
}

// A period closes on the day of the place, and its gate is shut from that act on and until it is opened, not by the clock.
func TestAClosedPeriodIsShutAtAnyHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := auth.System()
		p := ensure(t, d, "2019-Q4")
		for _, moment := range []string{"2019-09-30T16:59:59.999Z", "2019-12-31T16:59:59.999Z", "2019-12-31T17:00:00Z", "2030-01-01T00:00:00Z"} {
			if now, err := New(d, at(t, moment)).Find(ctx, who, p.Code); err != nil || now.MustBeOpen() != nil {
				t.Errorf("%s: %v, %v", moment, now.MustBeOpen(), err)
			}
		}
		if err := New(d, at(t, "2019-12-31T17:00:00Z")).Close(ctx, who, p.Code, p.Version, "đã giao ban"); err != nil {
			t.Fatal(err)
		}
		for _, moment := range []string{"2019-12-31T16:59:59.999Z", "2030-01-01T00:00:00Z"} {
			now, err := New(d, at(t, moment)).Find(ctx, who, p.Code)
			if err != nil || !fault.Is(now.MustBeOpen(), fault.KindRefused) || now.Closed != "2020-01-01" {
				t.Errorf("%s: %+v, %v", moment, now, err)
			}
		}
	})
}
