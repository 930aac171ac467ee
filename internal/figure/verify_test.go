package figure_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
)

// behind changes the site as somebody with the database in their hands does.
func (s *site) behind(query string, args ...any) {
	s.t.Helper()
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			s.t.Errorf("nothing was tampered with: %s", query)
		}
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

func TestFiguresChangedBehindTheProgramsBackAreNamedByTheirEntry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		first := s.save(s.input("P01", p, in, "10 triệu đồng"), s.input("P02", p, in, "7 triệu đồng"))
		second := s.save(s.input("P01", p, in, "hơn 12 triệu đồng"))
		s.save(s.input("P03", p, in, ""))
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := s.figures.Approve(ctx, tx, system, auth.Approve, s.unit("P01", p.To).ID, p, ""); err != nil {
				return err
			}
			return s.figures.Load(ctx, tx, system, figure.Imported, "sổ cũ", p, []figure.Input{s.input("P05", p, in, "3 triệu đồng")}, figure.Submitted, figure.Approved)
		}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.figures.UndoEntry(ctx, system, s.save(s.input("P02", p, in, "8 triệu đồng")), "nhầm"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.figures.FoldNow(ctx); err != nil {
			t.Fatal(err)
		}
		s.verified()
		p1, p2 := s.unit("P01", p.To).ID, s.unit("P02", p.To).ID
		for _, c := range []struct {
			name     string
			do, back []string
			want     string
		}{
			{"a figure and the sums that it is in", []string{
				fmt.Sprintf(`update figure set value = value + 5 where unit = %d and layer = 1 and version = 2`, p1),
				`update rollup set sums = replace(replace(sums, ':12000000', ':12000005'), ':22000000', ':22000005') where layer = 1`,
			}, []string{
				fmt.Sprintf(`update figure set value = value - 5 where unit = %d and layer = 1 and version = 2`, p1),
				`update rollup set sums = replace(replace(sums, ':12000005', ':12000000'), ':22000005', ':22000000') where layer = 1`,
			}, "changed " + second + " 1 1"},
			{"an older version", []string{fmt.Sprintf(`update figure set value = value + 5 where unit = %d and layer = 1 and version = 1`, p1)},
				[]string{fmt.Sprintf(`update figure set value = value - 5 where unit = %d and layer = 1 and version = 1`, p1)}, "changed " + first + " 2 2"},
			{"a reason", []string{fmt.Sprintf(`update figure set reason = 'theo chỉ đạo' where unit = %d and layer = 1 and version = 1`, p2)},
				[]string{fmt.Sprintf(`update figure set reason = null where unit = %d and layer = 1 and version = 1`, p2)}, "changed " + first + " 2 2"},
			{"a figure moved to another entry", []string{fmt.Sprintf(`update figure set entry = entry + 1 where unit = %d and layer = 1 and version = 1`, p1)},
				[]string{fmt.Sprintf(`update figure set entry = entry - 1 where unit = %d and layer = 1 and version = 1`, p1)},
				"removed " + first + " 2 1, inserted " + second + " 1 2"},
			{"an entry that the trail does not know", []string{
				`insert into figure_entry(id, at, person, kind, origin) values ('forged', 0, 'p1', 'typed', '')`,
				fmt.Sprintf(`insert into figure(unit, period, layer, indicator, part, version, indicator_version, value, qualifier, entry)
					select unit, period, layer, indicator, part, 3, indicator_version, value, qualifier, (select key from figure_entry where id = 'forged')
					from figure where unit = %d and layer = 1 and version = 2`, p1),
			}, []string{`delete from figure where entry = (select key from figure_entry where id = 'forged')`, `delete from figure_entry where id = 'forged'`},
				"inserted forged 0 1"},
		} {
			for _, q := range c.do {
				s.behind(q)
			}
			v, err := s.figures.Verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for i, f := range v.Forged {
				if i > 0 {
					got += ", "
				}
				got += fmt.Sprintf("%s %s %d %d", f.Fault, f.Entry, f.Wrote, f.Stand)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if c.name == "a figure and the sums that it is in" && v.Differences != 1 {
				t.Errorf("%s: the sums were made to fit, yet %d differences: %+v", c.name, v.Differences, v.List)
			}
			for _, q := range c.back {
				s.behind(q)
			}
		}
		s.verified()
	})
}

func TestFiguresFromBeforeTheDigestsAreCountedNotAccused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.save(s.input("P01", p, in, "10 triệu đồng"))
		s.behind(`update audit_entry set figures = '' where house = 'figure'`)
		s.behind(`update audit_head set plain = (select max(key) from figure_entry)`)
		s.save(s.input("P01", p, in, "11 triệu đồng"))
		v, err := s.figures.Verify(ctx)
		if err != nil || v.Differences != 0 || v.Plain != 1 || v.Entries != 1 {
			t.Errorf("%+v %v", v, err)
		}
	})
}
