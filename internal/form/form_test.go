package form_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site has a town with two wards, a line of two bodies and the starter catalogue.
type site struct {
	t          *testing.T
	db         *db.DB
	units      *org.Service
	indicators *indicator.Service
	figures    *figure.Service
	forms      *form.Service
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, units: org.New(d, c), indicators: indicator.New(d, c)}
	s.figures = figure.New(d, c, s.units, s.indicators)
	s.forms = form.New(d, c, s.indicators, s.figures)
	s.must(s.indicators.EnsureStarter(ctx))
	s.must(s.units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Đông", Parent: "TX"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Tây", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX"},
		{Code: "P01.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Đông", Parent: "P01", LineParent: "TX.PN"},
		{Code: "P01.ND", Kind: org.Body, Level: org.Commune, Name: "Hội Nông dân phường Đông", Parent: "P01"},
	}))
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) in(do func(tx *db.Tx) error) {
	s.t.Helper()
	s.must(s.db.Write(ctx, do))
}

func (s *site) period(code string) (p period.Period) {
	s.t.Helper()
	s.in(func(tx *db.Tx) (err error) {
		p, err = period.Ensure(ctx, tx, code)
		return err
	})
	return p
}

func (s *site) unit(code string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

func (s *site) indicator(code string) indicator.Indicator {
	s.t.Helper()
	catalog, err := s.indicators.Catalog(ctx)
	s.must(err)
	in, ok := catalog.ByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	return in
}

func (s *site) gives(unit, per string, pairs ...string) {
	s.t.Helper()
	p, u := s.period(per), s.unit(unit)
	var inputs []figure.Input
	for i := 0; i < len(pairs); i += 2 {
		in := s.indicator(pairs[i])
		q, err := figure.Read(pairs[i+1], in)
		s.must(err)
		inputs = append(inputs, figure.Input{Unit: u.ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any})
	}
	_, _, err := s.figures.Save(ctx, system, figure.Typed, "", inputs)
	s.must(err)
}

func (s *site) find(code string) form.Sheaf {
	s.t.Helper()
	f, err := s.forms.Find(ctx, system, code)
	s.must(err)
	return f
}

func (s *site) seen(code string) int { s.t.Helper(); return s.find(code).Version }

// draft makes a form for quarters whose one section asks for indicators; a star marks the compulsory ones.
func (s *site) draft(code string, indicators ...string) {
	s.t.Helper()
	_, err := s.forms.Add(ctx, system, form.Form{Code: code, Kind: period.Quarter}, "Biểu "+code)
	s.must(err)
	s.change(code, func(v *form.Version) error {
		if err := v.PutSection(form.Section{Title: "Phần một"}, db.NewID); err != nil {
			return err
		}
		for _, c := range indicators {
			bare := strings.TrimSuffix(c, "*")
			if err := v.PutItem(v.Sections[0].ID, form.Item{Kind: form.Cell, Indicator: s.indicator(bare).ID, Compulsory: bare != c}, db.NewID); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *site) change(code string, do func(v *form.Version) error) {
	s.t.Helper()
	s.must(s.forms.Change(ctx, system, code, s.seen(code), "thử", do))
}

func (s *site) publish(code, from string) {
	s.t.Helper()
	s.must(s.forms.Publish(ctx, system, code, s.seen(code), from, "Công văn số 1"))
}

func (s *site) assign(code, from string, targets []form.Target, exceptions ...form.Exception) {
	s.t.Helper()
	s.must(s.forms.Assign(ctx, system, code, s.seen(code), form.Assignment{From: from, Targets: targets, Exceptions: exceptions}))
}

var everybody = []form.Target{{}}

// asked tells what a unit is asked for: form, version and the codes of its indicators.
func (s *site) asked(unit, per string) string {
	s.t.Helper()
	p, u := s.period(per), s.unit(unit)
	catalog, err := s.indicators.Catalog(ctx)
	s.must(err)
	var out []string
	s.in(func(tx *db.Tx) error {
		all, err := form.Of(ctx, tx, u, p)
		for _, a := range all {
			text := fmt.Sprintf("%s/%d", a.Code, a.Content.Number)
			for _, i := range a.Content.Cells() {
				in, _ := catalog.ByID(i.Indicator)
				text += " " + in.Code
			}
			out = append(out, text)
		}
		return err
	})
	return strings.Join(out, "; ")
}

func (s *site) wantAsked(unit, per, want string) {
	s.t.Helper()
	if got := s.asked(unit, per); got != want {
		s.t.Errorf("%s is asked in %s for %q, want %q", unit, per, got, want)
	}
}

func TestAFormIsAskedFromItsPeriodOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.wantAsked("P01", "2019-Q3", "")
		s.draft("F-A", "TT01", "TT02")
		s.assign("F-A", "2019-Q1", everybody)
		s.wantAsked("P01", "2019-Q3", "") // a draft is asked of nobody
		s.publish("F-A", "2019-Q2")
		s.wantAsked("P01", "2019-Q1", "")
		s.wantAsked("P01", "2019-Q2", "F-A/1 TT01 TT02")
		s.wantAsked("P01", "2019-H1", "")

		s.must(s.forms.Begin(ctx, system, "F-A", s.seen("F-A")))
		s.change("F-A", func(v *form.Version) error { return v.RemoveItem(v.Sections[0].Items[0].ID) })
		s.wantAsked("P01", "2019-Q3", "F-A/1 TT01 TT02")
		if err := s.forms.Publish(ctx, system, "F-A", s.seen("F-A"), "2019-Q2", "x"); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a second version for a period that has one: %v", err)
		}
		s.publish("F-A", "2019-Q3")
		s.wantAsked("P01", "2019-Q2", "F-A/1 TT01 TT02") // the old report keeps its form
		s.wantAsked("P01", "2019-Q3", "F-A/2 TT02")

		s.must(s.forms.Retire(ctx, system, "F-A", s.seen("F-A"), "2019-Q4", "Thôi hỏi"))
		s.wantAsked("P01", "2019-Q3", "F-A/2 TT02")
		s.wantAsked("P01", "2019-Q4", "")
		s.must(s.forms.Restore(ctx, system, "F-A", s.seen("F-A"), "Hỏi lại"))
		s.wantAsked("P01", "2019-Q4", "F-A/2 TT02")
	})
}

func TestWhatIsPublishedNeverChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.draft("F-A", "TT01")
		s.publish("F-A", "2019-Q3")
		err := s.forms.Change(ctx, system, "F-A", s.seen("F-A"), "thử", func(v *form.Version) error { v.Name = "Khác"; return nil })
		if !fault.Is(err, fault.KindRefused) {
			t.Errorf("a published version was changed: %v", err)
		}
		s.must(s.forms.Begin(ctx, system, "F-A", s.seen("F-A")))
		if err := s.forms.Change(ctx, system, "F-A", s.seen("F-A")-1, "thử", func(*form.Version) error { return nil }); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an editor who saw an older state: %v", err)
		}
		s.must(s.forms.Drop(ctx, system, "F-A", s.seen("F-A")))
		if got := s.find("F-A").Versions; len(got) != 1 || got[0].Number != 1 {
			t.Errorf("after the draft was dropped: %+v", got)
		}
		s.wantAsked("P01", "2019-Q3", "")
		s.assign("F-A", "2019-Q3", everybody)
		s.wantAsked("P01", "2019-Q3", "F-A/1 TT01")
	})
}

func TestAssignmentByKindLevelLineAndSingleUnit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.draft("F-A", "TT01")
		s.publish("F-A", "2019-Q1")
		all := []string{"TX", "P01", "P02", "TX.PN", "P01.PN", "P01.ND"}
		for n, c := range []struct {
			targets    []form.Target
			exceptions []form.Exception
			want       string
		}{
			{[]form.Target{{Kind: org.Place}}, nil, "TX P01 P02"},
			{[]form.Target{{Level: org.Commune}}, nil, "P01 P02 P01.PN P01.ND"},
			{[]form.Target{{Kind: org.Body, Level: org.Town}}, nil, "TX.PN"},
			{[]form.Target{{Line: s.unit("TX.PN").ID}}, nil, "TX.PN P01.PN"},
			{[]form.Target{{Kind: org.Place, Level: org.Town}, {Line: s.unit("TX.PN").ID, Level: org.Commune}}, nil, "TX P01.PN"},
			{[]form.Target{{Kind: org.Place}}, []form.Exception{{s.unit("P02").ID, false}, {s.unit("P01.ND").ID, true}}, "TX P01 P01.ND"},
			{nil, nil, ""},
		} {
			s.assign("F-A", "2019-Q2", c.targets, c.exceptions...)
			var got []string
			for _, u := range all {
				if s.asked(u, "2019-Q3") != "" {
					got = append(got, u)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("assignment %d names %v, want %s", n, got, c.want)
			}
			_, preview, err := s.forms.Preview(ctx, system, "F-A", form.Assignment{From: "2019-Q2", Targets: c.targets, Exceptions: c.exceptions})
			s.must(err)
			var shown []string
			for _, u := range preview {
				shown = append(shown, u.Code)
			}
			slices.Sort(shown)
			slices.Sort(got)
			if !slices.Equal(shown, got) {
				t.Errorf("assignment %d shows %v before it is saved, and names %v", n, shown, got)
			}
		}
		s.wantAsked("P01", "2019-Q1", "") // before the first assignment nobody was asked
	})
}

func TestHowFullAFormIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.draft("F-A", "TT01*", "TT02", "GS06") // GS06 is worked out from two others: nobody types it
		s.draft("F-B", "TT01", "HV01*")
		for _, f := range []string{"F-A", "F-B"} {
			s.publish(f, "2019-Q3")
			s.assign(f, "2019-Q3", everybody)
		}
		s.gives("P01", "2019-Q3", "TT01", "0", "HV03", "12") // a stated zero is an answer
		s.gives("P01.PN", "2019-Q3", "TT02", "5")
		s.gives("P01.PN", "2019-Q3", "TT02", "") // and emptied again
		s.gives("P02", "2019-Q2", "TT01", "4")
		p, top, ward := s.period("2019-Q3"), s.unit("TX"), s.unit("P01")
		s.in(func(tx *db.Tx) error {
			standing, err := form.At(ctx, tx, p)
			s.must(err)
			counts, err := s.forms.Filled(ctx, tx, system, top.ID, p, standing.All())
			s.must(err)
			a, b := standing.All()[0].ID, standing.All()[1].ID
			if got, want := counts[ward.ID], map[string]form.Count{a: {1, 2, 0}, b: {1, 2, 1}}; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("P01: %v, want %v", got, want)
			}
			if len(counts) != 1 {
				t.Errorf("units that have given nothing are counted: %v", counts)
			}
			return nil
		})
	})
}

func TestTheSheetShowsWhatIsAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.figures.Arrange(s.forms.Arrange)
		s.period("2019-Q3")
		sheet, err := s.figures.Sheet(ctx, system, "P01", "2019-Q3")
		s.must(err)
		if len(sheet.Groups) < 10 {
			t.Errorf("without forms the sheet has %d groups", len(sheet.Groups))
		}
		s.draft("F-A", "HV01*", "TT01")
		s.publish("F-A", "2019-Q3")
		s.assign("F-A", "2019-Q3", everybody)
		sheet, err = s.figures.Sheet(ctx, system, "P01", "2019-Q3")
		s.must(err)
		var got []string
		for _, g := range sheet.Groups {
			for _, r := range g.Rows {
				got = append(got, fmt.Sprintf("%s/%s/%v", g.Title, r.Key(), r.Compulsory))
			}
		}
		want := "[Phần một/HV01/true Phần một/HV01.DTTS/false Phần một/HV01.TG/false Phần một/TT01/false]"
		if fmt.Sprint(got) != want {
			t.Errorf("the sheet shows %v, want %s", got, want)
		}
	})
}

func TestStarterForms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.must(s.forms.AddStarter(ctx, system, "2019-Q3"))
		catalog, err := s.indicators.Catalog(ctx)
		s.must(err)
		seen := map[int64]int{}
		p, u := s.period("2019-Q3"), s.unit("P01.PN")
		s.in(func(tx *db.Tx) error {
			all, err := form.Of(ctx, tx, u, p)
			for _, a := range all {
				for _, i := range a.Content.Cells() {
					seen[i.Indicator]++
				}
				if a.Closes != "2019-10-01" || a.Opens != "2019-09-09" {
					t.Errorf("%s is open from %s to %s", a.Code, a.Opens, a.Closes)
				}
			}
			return err
		})
		for _, in := range catalog.All() {
			if seen[in.ID] != 1 {
				t.Errorf("%s is asked %d times", in.Code, seen[in.ID])
			}
		}
		if err := s.forms.AddStarter(ctx, system, "2019-Q3"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestOnlyTheOfficeOfTheWholeSiteEditsForms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.draft("F-A", "TT01")
		s.assign("F-A", "2019-Q3", everybody)
		seen := s.seen("F-A")
		ward := s.actor("phuong", "P01", auth.View, auth.EditCatalog)
		reader := s.actor("xem", "TX", auth.View)
		for name, do := range map[string]func(who auth.Actor) error{
			"add": func(who auth.Actor) error {
				_, err := s.forms.Add(ctx, who, form.Form{Code: "F-B", Kind: period.Quarter}, "F-B")
				return err
			},
			"change": func(who auth.Actor) error {
				return s.forms.Change(ctx, who, "F-A", seen, "thử", func(*form.Version) error { return nil })
			},
			"publish": func(who auth.Actor) error { return s.forms.Publish(ctx, who, "F-A", seen, "2019-Q3", "x") },
			"assign": func(who auth.Actor) error {
				return s.forms.Assign(ctx, who, "F-A", seen, form.Assignment{From: "2019-Q3"})
			},
			"retire": func(who auth.Actor) error { return s.forms.Retire(ctx, who, "F-A", seen, "2019-Q3", "x") },
			"holiday": func(who auth.Actor) error {
				return s.forms.SetHoliday(ctx, who, form.Holiday{Day: "2019-09-02", Name: "x"})
			},
			"starter": func(who auth.Actor) error { return s.forms.AddStarter(ctx, who, "2019-Q3") },
		} {
			if err := do(ward); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s by the editor of one ward: %v", name, err)
			}
			if err := do(reader); err == nil {
				t.Errorf("%s by a reader went through", name)
			}
		}
		s.must(s.forms.Publish(ctx, s.actor("vanphong", "TX", auth.View, auth.EditCatalog), "F-A", seen, "2019-Q3", "Công văn"))
	})
}

// actor is somebody with permissions over a unit, in the database too.
func (s *site) actor(id, unit string, permissions ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit)
	s.in(func(tx *db.Tx) error {
		for _, q := range []string{
			`insert into person(id, login, name, sort, password, language, disabled, made, version) values ('` + id + `','` + id + `','Người ` + id + `','','','vi',false,0,1)`,
			`insert into access_role(code, name, ordinal) values ('vai.` + id + `','','9')`,
			`insert into access_grant(id, person, role, unit, valid_from, valid_to) values ('g.` + id + `','` + id + `','vai.` + id + `',(select id from unit where code = '` + unit + `'),'0001-01-01','9999-12-31')`,
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		for _, p := range permissions {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, "vai."+id, string(p)); err != nil {
				return err
			}
		}
		return nil
	})
	return auth.Actor{Person: id, Name: "Người " + id, Grants: []auth.Grant{{Unit: u.ID, Hierarchy: int64(org.Territory), Permissions: permissions}}}
}
