package briefing_test

import (
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

func TestWhatABriefingStartsFromIsForThoseWhoCallOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.convened("2019-Q2", "2019-07-04")
		q, err := period.Parse("2019-Q3")
		s.must(err)
		// Reads the whole town, calls briefings in one ward of it.
		mixed := s.person("doc-va-hop", "P01", auth.View, auth.Brief)
		wide := s.person("doc", "TX", auth.View)
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update access_grant set person = $1 where person = $2`, mixed.Person, wide.Person)
			return err
		}))
		mixed.Grants = append(mixed.Grants, wide.Grants...)
		for _, c := range []struct {
			rule, unit string
			who        auth.Actor
			there      bool
		}{
			{"who calls the town's briefings starts from the town", "TX", s.chair, true},
			{"who calls a ward's starts from the ward", "P01", mixed, true},
			{"to read a place is not to call its briefing", "TX", mixed, false},
			{"who only reads starts from nothing", "TX", s.women, false},
		} {
			got, err := s.briefings.Setting(ctx, c.who, c.unit, q)
			if there := err == nil; there != c.there || !there && !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s: %v", c.rule, err)
			}
			for _, n := range got.Places {
				err := d.Read(ctx, func(tx *db.Tx) error { return org.MaySee(ctx, tx, c.who, auth.Brief, n.ID, "2019-10-01") })
				if err != nil {
					t.Errorf("%s: offers %s, where no briefing may be called", c.rule, n.Code)
				}
			}
		}
		if got, err := s.briefings.Setting(ctx, s.chair, "TX", q); err != nil || got.Venue == "" {
			t.Errorf("the last briefing's venue is not taken over: %q, %v", got.Venue, err)
		}
	})
}
