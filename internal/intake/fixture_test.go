package intake_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is a small town, wired as app wires it.
type site struct {
	t       testing.TB
	db      *db.DB
	clock   *clock.Clock
	units   *org.Service
	periods *period.Service
	figures *figure.Service
	reports *report.Service
	intake  *intake.Service
	catalog *indicator.Catalog
}

func newSite(t testing.TB, d *db.DB) *site {
	t.Helper()
	s := emptySite(t, d)
	specs := []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang", Short: "Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã", Short: "MTTQ thị xã", Parent: "TX"},
	}
	for _, w := range []struct{ code, name string }{{"P01", "Phường Đông Hải"}, {"P02", "Phường Tây Sơn"}} {
		specs = append(specs,
			org.Spec{Code: w.code, Kind: org.Place, Level: org.Commune, Name: w.name, Parent: "TX"},
			org.Spec{Code: w.code + ".PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN " + w.name, Short: "Hội LHPN", Parent: w.code},
			org.Spec{Code: w.code + ".ND", Kind: org.Body, Level: org.Commune, Name: "Hội Nông dân " + w.name, Short: "Hội Nông dân", Parent: w.code},
		)
	}
	if err := s.units.Load(ctx, system, specs); err != nil {
		t.Fatal(err)
	}
	s.period("2019-Q3")
	s.period("2019-Q2")
	return s
}

// emptySite has a catalogue and nothing else.
func emptySite(t testing.TB, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, clock: c, units: org.New(d, c), periods: period.New(d, c)}
	indicators := indicator.New(d, c)
	s.figures = figure.New(d, c, s.units, indicators)
	s.reports = report.New(d, c, s.units, s.periods, indicators, s.figures, rule.New(d, c, indicators, s.figures))
	s.intake = intake.New(d, c, s.units, indicators, s.figures, s.reports)
	if err := indicators.EnsureStarter(ctx); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.catalog, err = indicators.Catalog(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) period(code string) period.Period {
	s.t.Helper()
	var p period.Period
	if err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		p, err = period.Ensure(ctx, tx, code)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *site) unit(code, day string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, day)
	if err != nil {
		s.t.Fatalf("unit %s: %v", code, err)
	}
	return u
}

// officer is a person who may enter, submit and view for a unit and below; more permissions may be given.
func (s *site) officer(name, unit string, more ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit, "2019-10-01")
	perms := append([]auth.Permission{auth.View, auth.Enter, auth.Submit}, more...)
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$1,$1,'','vi',false,0,1)`, []any{name}},
			{`insert into access_role(code, name, ordinal) values ($1,$1,1)`, []any{name}},
			{`insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,'0001-01-01','9999-12-31')`, []any{name, u.ID}},
		} {
			if _, err := tx.Exec(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		for _, p := range perms {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, name, string(p)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return auth.Actor{Person: name, Name: name, Language: "vi", Grants: []auth.Grant{{Role: name, Unit: u.ID, UnitCode: unit, UnitName: u.Name, Permissions: perms}}}
}

func (s *site) preview(who auth.Actor, name, data string, opt intake.Options) intake.Plan {
	s.t.Helper()
	p, err := s.intake.Preview(ctx, who, intake.File{Name: name, Data: []byte(data)}, opt)
	if err != nil {
		s.t.Fatalf("preview %s: %v", name, err)
	}
	return p
}

func (s *site) apply(who auth.Actor, p intake.Plan, c intake.Consent) intake.Result {
	s.t.Helper()
	out, err := s.intake.Apply(ctx, who, p.ID, c)
	if err != nil {
		s.t.Fatalf("apply %s: %v\n%s", p.File, err, table(p))
	}
	return out
}

// total prints the sum at a unit and below.
func (s *site) total(unit, per, code string) string {
	s.t.Helper()
	p := s.period(per)
	in, ok := s.catalog.ByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	t, err := s.figures.Totals(ctx, system, figure.Query{Unit: s.unit(unit, p.To), Hierarchy: org.Territory, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: []period.Period{p}})
	if err != nil {
		s.t.Fatal(err)
	}
	return figure.Print(t.Value(p, in, 0), "", in)
}

func (s *site) verified() {
	s.t.Helper()
	v, err := s.figures.Verify(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if v.Differences != 0 {
		s.t.Fatalf("verify: %d differences, first %+v", v.Differences, v.List[0])
	}
}

// table prints a plan for a failing test.
func table(p intake.Plan) string {
	var b bytes.Buffer
	for _, x := range p.Problems {
		b.WriteString("! " + x.Address + ": " + x.Text + "\n")
	}
	for _, l := range p.Rows {
		b.WriteString(l.At + " " + string(l.What) + " " + string(l.State) + " " + l.Unit + " " + l.Period + " " + l.Indicator + " [" + l.Before + "] [" + l.After + "] " + l.Text + "\n")
	}
	return b.String()
}
