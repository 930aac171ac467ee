package report_test

import (
	"testing"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/report"
)

// A report is in time until the last millisecond of its day at the place, whatever zone the machine's clock is in.
func TestADayEndsAtThePlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range []struct {
			moment string
			late   int
		}{
			{"2019-12-31T23:59:59.999+07:00", 0},
			{"2019-12-31T16:59:59.999Z", 0},
			{"2020-01-01T06:59:59.999+14:00", 0},
			{"2019-12-31T17:00:00Z", 1},
			{"2020-01-01T00:00:00.001+07:00", 1},
			{"2019-12-31T09:00:00-08:00", 1},
			{"2020-01-01T16:59:59.999Z", 1},
			{"2020-01-01T17:00:00Z", 2},
		} {
			when, err := time.Parse(time.RFC3339Nano, c.moment)
			if err != nil {
				t.Fatal(err)
			}
			s := newSiteAt(t, dbtest.Open(t, d.Engine()), clock.Fixed(when))
			s.must(s.periods.SetDue(ctx, system, "2019-Q3", "2019-12-31", s.q3.Version+1))
			board := func() report.Row {
				t.Helper()
				b, err := s.reports.Board(ctx, s.office, "P01.PN", "2019-Q3")
				s.must(err)
				return b.Rows[0]
			}
			if row := board(); row.DaysLate != c.late || row.Missing != (c.late > 0) {
				t.Errorf("%s: not handed in, %d days late, missing %v", c.moment, row.DaysLate, row.Missing)
			}
			_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 0, report.Sending{Empty: true})
			s.must(err)
			s.clock.Advance(240 * time.Hour)
			if row := board(); row.DaysLate != c.late || row.Missing {
				t.Errorf("%s: handed in %d days late, want %d", c.moment, row.DaysLate, c.late)
			}
		}
	})
}
