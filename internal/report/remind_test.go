package report_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// told is one reminder as it was noted.
type told struct{ person, unit, step string }

func (s *site) told() []told {
	s.t.Helper()
	var out []told
	s.must(s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, func(rows *sql.Rows) (x told, err error) { return x, rows.Scan(&x.person, &x.unit, &x.step) },
			`select r.person, u.code, r.step from form_reminder r join unit u on u.id = r.unit order by r.made, u.code, r.person, r.step`)
		return err
	}))
	return out
}

// staffed gives the bodies of ward P01 people of their own, and ward P02 an officer for its bodies.
func staffed(s *site) {
	s.reports.AskBy(form.New(s.db, s.clock, indicator.New(s.db, s.clock), s.figures))
	for _, x := range []struct {
		id, unit string
		perms    []auth.Permission
	}{
		{"nhap1", "P01.ND", []auth.Permission{auth.View, auth.Enter}}, {"nhap2", "P01.PN", []auth.Permission{auth.View, auth.Enter, auth.Submit}},
		{"truong1", "P01.ND", []auth.Permission{auth.View, auth.Submit, auth.Approve}}, {"nhapp2", "P02", []auth.Permission{auth.View, auth.Enter}},
	} {
		s.person(x.id, x.unit, x.perms...)
	}
}

// Over ten weeks of a simulated clock, with people who send, send back, approve, accept and are given more time at random: each is told
// at most once on an occasion, only while it is their turn, only on working days, and never more often than the plan says; a second run
// at once, or two at the same time, tell nobody again.
func TestRemindersOverASimulatedQuarter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			s := newSite(t, d)
			staffed(s)
			random := rand.New(rand.NewPCG(seed, 7))
			at := time.Date(2019, 9, 16, 7, 30, 0, 0, clock.Zone)
			s.clock.Advance(at.Sub(s.clock.Now()))
			bodies := []string{"P01.ND", "P01.PN", "P02.PN"}
			count := map[told]int{}
			for day := 0; day < 70; day++ {
				if random.IntN(3) == 0 {
					s.act(random, bodies[random.IntN(3)])
				}
				before := s.told()
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() {
						if err := s.reports.RemindAll(ctx); err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
				after := s.told()
				s.must(s.reports.RemindAll(ctx))
				if again := s.told(); len(again) != len(after) {
					t.Fatalf("seed %d, day %d: a second run tells %v", seed, day, again[len(after):])
				}
				for _, x := range after {
					if slices.Contains(before, x) {
						continue
					}
					s.fits(x)
					word, rest, _ := strings.Cut(x.step, "/")
					due, _, _ := strings.Cut(rest, "/")
					key := told{x.person, x.unit, word + due}
					if count[key]++; count[key] > report.StandardReminders.Most {
						t.Fatalf("seed %d: %v was told %d times of one deadline", seed, x, count[key])
					}
				}
				if n := len(after) - len(slices.CompactFunc(slices.Clone(after), func(a, b told) bool { return a == b })); n > 0 {
					t.Fatalf("%d reminders twice", n)
				}
				s.clock.Advance(24 * time.Hour)
			}
			if len(s.told()) < 10 {
				t.Errorf("seed %d: only %d reminders in ten weeks", seed, len(s.told()))
			}
		})
	}
}

// act does one thing to a body's report, if the rules allow it.
func (s *site) act(random *rand.Rand, unit string) {
	s.t.Helper()
	r, err := s.reports.Find(ctx, system, unit, "2019-Q3", report.KindBody)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		s.t.Fatal(err)
	}
	err = nil // not begun
	switch n := random.IntN(6); {
	case n == 0:
		due := s.clock.Now().AddDate(0, 0, 1+random.IntN(10)).Format(time.DateOnly)
		err = period.New(s.db, s.clock).Extend(ctx, system, "2019-Q3", unit, due, "thử")
	case r.State == report.StateSent && n < 3:
		_, err = s.reports.Return(ctx, system, unit, "2019-Q3", r.Version, []report.Reason{{Text: "xem lại"}})
	case r.State == report.StateSent:
		_, err = s.reports.Approve(ctx, system, unit, "2019-Q3", r.Version, "")
	case r.State == report.StateApproved && n < 4:
		_, err = s.reports.Accept(ctx, system, unit, "2019-Q3", r.Version, "")
	case !r.State.Given() && n < 4:
		_, err = s.reports.Submit(ctx, system, unit, "2019-Q3", r.Version, report.Sending{Empty: true})
	}
	if err != nil && !fault.Is(err, fault.KindRefused) && !fault.Is(err, fault.KindInvalid) {
		s.t.Fatal(err)
	}
}

// fits holds a reminder that has just gone out to what it is for.
func (s *site) fits(x told) {
	s.t.Helper()
	if d := s.clock.Now().Weekday(); d == time.Saturday || d == time.Sunday {
		s.t.Fatalf("%v on a %s", x, d)
	}
	state := func(unit string) report.State {
		r, err := s.reports.Find(ctx, system, unit, "2019-Q3", report.KindBody)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			s.t.Fatal(err)
		}
		return r.State
	}
	word, _, _ := strings.Cut(x.step, "/")
	switch word {
	case "gui":
		who := map[string][]string{"P01.ND": {"nhap1", "truong1"}, "P01.PN": {"nhap2"}}
		if state(x.unit).Given() || !slices.Contains(who[x.unit], x.person) {
			s.t.Fatalf("%v, and the report is %q", x, state(x.unit))
		}
	case "duyet":
		if state(x.unit) != report.StateSent || x.person != "truong1" {
			s.t.Fatalf("%v, and the report is %q", x, state(x.unit))
		}
	case "thay":
		if state("P02.PN").Given() || x.person != "nhapp2" || x.unit != "P02" {
			s.t.Fatalf("%v, and the report is %q", x, state("P02.PN"))
		}
	case "nhan":
		waits := func(units ...string) bool {
			return slices.ContainsFunc(units, func(u string) bool { return state(u) == report.StateSent || state(u) == report.StateApproved })
		}
		offices := map[string]string{"P01": "ward", "P02": "other"}
		if offices[x.unit] != x.person || x.unit == "P01" && !waits("P01.ND", "P01.PN") || x.unit == "P02" && !waits("P02.PN") {
			s.t.Fatalf("%v, and nothing waits there", x)
		}
	default:
		s.t.Fatalf("%v: what is that?", x)
	}
}

func TestAnExtensionMovesTheReminders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		staffed(s)
		s.clock.Advance(time.Date(2019, 9, 20, 8, 0, 0, 0, clock.Zone).Sub(s.clock.Now()))
		s.must(s.reports.RemindAll(ctx)) // Friday, three working days before the 25th
		s.must(period.New(d, s.clock).Extend(ctx, s.office, "2019-Q3", "P01.ND", "2019-10-09", "bão"))
		s.clock.Advance(4 * 24 * time.Hour) // Tuesday, one before the old day
		s.must(s.reports.RemindAll(ctx))
		s.clock.Advance(10 * 24 * time.Hour) // Friday 4 October, three before the new day
		s.must(s.reports.RemindAll(ctx))
		var got []string
		for _, x := range s.told() {
			if x.unit == "P01.ND" && x.person == "nhap1" {
				got = append(got, x.step)
			}
		}
		if want := "[gui/2019-09-25/-3 gui/2019-10-09/-3]"; fmt.Sprint(got) != want {
			t.Errorf("reminded on %v, want %s", got, want)
		}
	})
}

func TestOnlyThePeriodsOfficeSaysWhenPeopleAreReminded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		staffed(s)
		plan := report.ReminderPlan{ValidFrom: "2019-09-01", Before: []int{2}, Most: 1, Reason: "Công văn 5"}
		if err := s.reports.SetReminders(ctx, s.ward, plan); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward's office: %v", err)
		}
		s.must(s.reports.SetReminders(ctx, s.office, plan))
		list, err := s.reports.ReminderPlans(ctx, s.office)
		s.must(err)
		if len(list) != 1 || fmt.Sprint(list[0].Before, list[0].After, list[0].Every, list[0].Most) != "[2] [] 0 1" {
			t.Errorf("the site's plan is %+v", list)
		}
		s.clock.Advance(time.Date(2019, 9, 20, 8, 0, 0, 0, clock.Zone).Sub(s.clock.Now()))
		s.must(s.reports.RemindAll(ctx))
		if got := s.told(); len(got) != 0 {
			t.Errorf("three days before: %v", got)
		}
		s.clock.Advance(3 * 24 * time.Hour)
		s.must(s.reports.RemindAll(ctx))
		if got := s.told(); len(got) == 0 {
			t.Error("two days before nobody is reminded")
		}
	})
}

func TestTheOfficeDoesNotRemindTwiceInAnHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		staffed(s)
		done, err := s.reports.Remind(ctx, s.office, "TX", "2019-Q3", nil)
		s.must(err)
		if done.Bodies != 3 || done.People != 4 || len(done.Alone) != 0 {
			t.Errorf("reminded %+v", done)
		}
		s.clock.Advance(59 * time.Minute)
		if _, err = s.reports.Remind(ctx, s.office, "TX", "2019-Q3", nil); !fault.Is(err, fault.KindRefused) {
			t.Errorf("again within the hour: %v", err)
		}
		p, err := s.reports.Progress(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		if l := p.Lines[0]; l.Told.Times != 1 || l.Told.Last == 0 {
			t.Errorf("the board says %+v", l.Told)
		}
		s.clock.Advance(2 * time.Minute)
		_, err = s.reports.Remind(ctx, s.office, "TX", "2019-Q3", []string{"P01.ND"})
		s.must(err)
		if done, err = s.reports.Remind(ctx, s.office, "TX", "2019-Q3", nil); err != nil || done.Just != 1 || done.Bodies != 2 {
			t.Errorf("all but the one that was just reminded: %+v, %v", done, err)
		}
	})
}
