package report_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
)

// twin is the same site as another process would have it: on connections of its own.
func (s *site) twin() *site {
	s.t.Helper()
	d, err := db.Open(ctx, s.db.DSN())
	s.must(err)
	s.t.Cleanup(func() { _ = d.Close() })
	out := *s
	out.db = d
	units, periods, indicators := org.New(d, s.clock), period.New(d, s.clock), indicator.New(d, s.clock)
	out.units, out.periods, out.indicators, out.forms = units, periods, indicators, nil
	out.figures = figure.New(d, s.clock, units, indicators)
	out.reports = report.New(d, s.clock, units, periods, indicators, out.figures, rule.New(d, s.clock, indicators, out.figures))
	return &out
}

// input is a figure of a body of ward P01 in the third quarter.
func (s *site) input(unit, code, text string) []figure.Input {
	in, _ := s.catalog.ByCode(code)
	return []figure.Input{{Unit: s.unit(unit).ID, Period: s.q3, Indicator: in, Quantity: quantity(s.t, text, in), Expect: figure.Any}}
}

// during runs a save in a transaction that has taken its snapshot, and other work before that transaction writes anything (early), or
// after it has written and before it commits. The other work may have to wait for the commit.
func (s *site) during(early bool, inputs []figure.Input, other func() error) (save, work error) {
	worked := make(chan error, 1)
	tries := 0
	save = s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		tries++
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from figure`).Scan(&n); err != nil {
			return err
		}
		if tries == 1 && early {
			worked <- other()
		}
		if _, _, err := s.figures.SaveIn(ctx, tx, s.ward, figure.Typed, "", inputs); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select 1`); err != nil { // what was put off has been sent
			return err
		}
		if tries == 1 && !early {
			go func() { worked <- other() }()
			time.Sleep(300 * time.Millisecond) // long enough for work that does not wait to be done
		}
		return nil
	})
	return save, <-worked
}

// On PostgreSQL a save and the handing in of the report, or its approval, run at the same time. Either the save is done first, and what
// is handed in or approved holds it, or it is refused; nothing slips in behind.
func TestASaveDoesNotSlipInBehindAHandingIn(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T) (*site, *site) {
		s := newSite(t, dbtest.Open(t, db.Postgres))
		return s, s.twin()
	}
	submit := func(s *site, unit string, version int) func() error {
		return func() error {
			_, err := s.reports.Submit(ctx, s.ward, unit, "2019-Q3", version, report.Sending{})
			return err
		}
	}
	t.Run("the save is under way", func(t *testing.T) {
		t.Parallel()
		s, other := fresh(t)
		// The report is empty but for what is being saved: it could not be handed in without.
		save, sent := s.during(false, s.input("P01.PN", "TT01", "3"), submit(other, "P01.PN", 0))
		if save != nil || sent != nil {
			t.Errorf("saved: %v, handed in: %v", save, sent)
		}
	})
	for name, given := range map[string]bool{"the save has only looked": true, "the save has only looked, at a report not begun": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, other := fresh(t)
			if given {
				s.save(s.ward, "P01.PN", s.q3, "TT02", "1", "")
			} else {
				s.say(s.ward, "P01.PN", report.Result, "Đã họp")
			}
			save, sent := s.during(true, s.input("P01.PN", "TT01", "3"), submit(other, "P01.PN", 0))
			if !fault.Is(save, fault.KindRefused) || sent != nil {
				t.Errorf("saved: %v, handed in: %v", save, sent)
			}
		})
	}
	t.Run("the save comes between the halves of the handing in", func(t *testing.T) {
		t.Parallel()
		s, other := fresh(t)
		s.save(s.ward, "P01.PN", s.q3, "TT02", "1", "")
		save := func() { other.save(s.ward, "P01.PN", s.q3, "TT01", "3", "") }
		if err := s.reports.HandInHalves(ctx, s.ward, "P01.PN", "2019-Q3", 0, save); !errors.Is(err, report.ErrTouched) {
			t.Errorf("handed in as if nobody had written: %v", err)
		}
		if err := s.reports.HandInHalves(ctx, s.ward, "P01.PN", "2019-Q3", 0, func() {}); err != nil {
			t.Error(err)
		}
	})
	for name, early := range map[string]bool{"approved before it is written": true, "approved after it is written": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, other := fresh(t)
			s.save(s.ward, "P01.PN", s.q3, "TT01", "1", "")
			r, err := s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{})
			s.must(err)
			r, err = s.reports.Approve(ctx, s.head, "P01.PN", "2019-Q3", r.Version, "")
			s.must(err)
			inputs := s.input("P01.PN", "TT01", "3")
			inputs[0].Reason = "đếm sót"
			save, accepted := s.during(early, inputs, func() error {
				_, err := other.reports.Accept(ctx, s.office, "P01.PN", "2019-Q3", r.Version, "")
				return err
			})
			if save != nil {
				t.Fatal(save)
			}
			if early != (accepted == nil) || !early && !fault.Is(accepted, fault.KindConflict) {
				t.Errorf("accepted: %v", accepted)
			}
			v, err := s.reports.Body(ctx, s.head, "P01.PN", "2019-Q3")
			s.must(err)
			if len(v.Changes) != 1 || v.Changes[0].Now != "3 buổi" {
				t.Errorf("what has changed since: %+v", v.Changes)
			}
		})
	}
	t.Run("somebody writes on and on", func(t *testing.T) {
		t.Parallel()
		s, other := fresh(t)
		s.save(s.ward, "P01.PN", s.q3, "TT02", "1", "")
		stop, done := context.WithCancel(ctx)
		wrote := make(chan error, 1)
		saved := 0
		go func() {
			var err error
			for n := 2; stop.Err() == nil && err == nil; n++ {
				text := []string{"1", "2", "3"}[n%3]
				if _, _, err = other.figures.Save(ctx, s.ward, figure.Typed, "", s.input("P01.PN", "TT01", text)); err == nil {
					saved++
				}
			}
			wrote <- err
		}()
		time.Sleep(50 * time.Millisecond)
		sent := submit(s, "P01.PN", 0)()
		done()
		err := <-wrote
		if sent != nil && !fault.Is(sent, fault.KindConflict) || err != nil && !fault.Is(err, fault.KindRefused) || saved == 0 {
			t.Errorf("handed in: %v, after %d saves: %v", sent, saved, err)
		}
		if sent == nil && err == nil && errors.Is(stop.Err(), nil) {
			t.Error("saves went on after the report was handed in")
		}
	})
}
