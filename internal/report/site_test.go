package report_test

import (
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/viet"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is a small town with two wards and their bodies, wired as app wires it, at 08:00 on 1 October 2019. Reports of the
// third quarter were due on 25 September.
type site struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Clock
	units   *org.Service
	figures *figure.Service
	reports *report.Service
	catalog *indicator.Catalog
	q3, q2  period.Period

	periods    *period.Service
	indicators *indicator.Service
	forms      *form.Service // nil: the site has no forms

	office, ward, other auth.Actor // of the town; of ward P01; of ward P02
	head                auth.Actor // who stands for the bodies of ward P01
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	return newSiteAt(t, d, clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
}

func newSiteAt(t *testing.T, d *db.DB, c *clock.Clock) *site {
	t.Helper()
	units, periods, indicators := org.New(d, c), period.New(d, c), indicator.New(d, c)
	figures := figure.New(d, c, units, indicators)
	s := &site{t: t, db: d, clock: c, units: units, periods: periods, indicators: indicators, figures: figures, reports: report.New(d, c, units, periods, indicators, figures, rule.New(d, c, indicators, figures))}
	s.must(indicators.EnsureStarter(ctx))
	s.must(units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã Bình Giang", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX", FrontParent: "TX.MT"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Một", Parent: "TX"},
		{Code: "P01.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Một", Parent: "P01", LineParent: "TX.PN"},
		{Code: "P01.ND", Kind: org.Body, Level: org.Commune, Name: "Hội Nông dân phường Một", Parent: "P01"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Hai", Parent: "TX"},
		{Code: "P02.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Hai", Parent: "P02", LineParent: "TX.PN"},
	}))
	var err error
	s.catalog, err = indicators.Catalog(ctx)
	s.must(err)
	s.q2, s.q3 = s.period("2019-Q2"), s.period("2019-Q3")
	s.must(periods.SetDue(ctx, system, "2019-Q3", "2019-09-25", s.q3.Version))
	s.office = s.person("office", "TX", auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate)
	s.ward = s.person("ward", "P01", auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate)
	s.other = s.person("other", "P02", auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate)
	s.head = s.person("head", "P01", auth.View, auth.Submit, auth.Approve)
	s.must(s.reports.SetDuty(ctx, s.office, []string{"P01.PN", "P01.ND", "P02.PN"}, period.Quarter, "2019-01-01"))
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) period(code string) period.Period {
	s.t.Helper()
	var p period.Period
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		var err error
		p, err = period.Ensure(ctx, tx, code)
		return err
	}))
	return p
}

func (s *site) unit(code string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

// person makes a person with one role over a unit.
func (s *site) person(id, unit string, perms ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit)
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$2,'','','vi',false,0,1)`, id, "Cán bộ "+id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into access_role(code, name, ordinal) values ($1,$1,1)`, id); err != nil {
			return err
		}
		for _, p := range perms {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, id, string(p)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,$3,$4)`, id, u.ID, org.Always, org.Forever)
		return err
	}))
	return auth.Actor{Person: id, Name: "Cán bộ " + id, Language: "vi", Grants: []auth.Grant{{Role: id, Unit: u.ID, UnitCode: unit, UnitName: u.Name, Permissions: perms}}}
}

// save gives a unit's figure, as printed.
func (s *site) save(who auth.Actor, unit string, p period.Period, code, text, reason string) {
	s.t.Helper()
	in, part, ok := s.catalog.PartByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	q, err := figure.Read(text, in)
	s.must(err)
	_, _, err = s.figures.Save(ctx, who, figure.Typed, "", []figure.Input{{Unit: s.unit(unit).ID, Period: p, Indicator: in, Part: part.Part, Quantity: q, Expect: figure.Any, Reason: reason}})
	s.must(err)
}

// accepted takes a body's report of the third quarter through all its steps. version is the report's before.
func (s *site) accepted(unit string, version int) report.Report {
	s.t.Helper()
	r, err := s.reports.Submit(ctx, s.ward, unit, "2019-Q3", version, report.Sending{})
	s.must(err)
	r, err = s.reports.Approve(ctx, s.head, unit, "2019-Q3", r.Version, "")
	s.must(err)
	r, err = s.reports.Accept(ctx, s.office, unit, "2019-Q3", r.Version, "")
	s.must(err)
	return r
}

func (s *site) plan(unit, code, text string) {
	s.t.Helper()
	in, _, _ := s.catalog.PartByCode(code)
	q, err := figure.Read(text, in)
	s.must(err)
	s.must(s.figures.SetPlan(ctx, s.office, s.unit(unit), s.period("2019"), in, q, "Kế hoạch năm"))
}

func (s *site) say(who auth.Actor, unit string, kind report.StatementKind, text string) report.Statement {
	s.t.Helper()
	x, err := s.reports.AddStatement(ctx, who, unit, "2019-Q3", report.Statement{Kind: kind, Text: text})
	s.must(err)
	return x
}

func isNotFound(err error) bool { return fault.Is(err, fault.KindNotFound) }

// wantKind fails unless the error is a fault of that kind.
func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

func quantity(t *testing.T, text string, in indicator.Indicator) viet.Quantity {
	t.Helper()
	q, err := figure.Read(text, in)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
