package task_test

import (
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/task"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is a small town: the town with the Front, the Women's and the Farmers' Union, and a ward with its Women's Union.
type site struct {
	t          *testing.T
	db         *db.DB
	clock      *clock.Clock
	units      *org.Service
	indicators *indicator.Service
	figures    *figure.Service
	tasks      *task.Service
	id         map[string]int64

	office, chair, women, farmers, ward auth.Actor
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, clock: c, units: org.New(d, c), indicators: indicator.New(d, c), id: map[string]int64{}}
	s.figures = figure.New(d, c, s.units, s.indicators)
	s.tasks = task.New(d, c, s.figures)
	s.must(s.indicators.EnsureStarter(ctx))
	s.must(s.units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX", FrontParent: "TX.MT"},
		{Code: "TX.ND", Kind: org.Body, Level: org.Town, Name: "Hội Nông dân thị xã", Parent: "TX", FrontParent: "TX.MT"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Đông", Parent: "TX"},
		{Code: "P01.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Đông", Parent: "P01", LineParent: "TX.PN"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Tây", Parent: "TX"},
	}))
	for _, code := range []string{"TX", "TX.MT", "TX.PN", "TX.ND", "P01", "P01.PN", "P02"} {
		u, err := s.units.Find(ctx, system, code, "2019-10-01")
		s.must(err)
		s.id[code] = u.ID
	}
	s.office = s.person("van-phong", "TX", auth.View, auth.Enter, auth.Brief, auth.Do, auth.Judge)
	s.chair = s.person("thuong-truc", "TX", auth.View, auth.Brief, auth.Judge)
	s.women = s.person("phu-nu", "TX.PN", auth.View, auth.Do)
	s.farmers = s.person("nong-dan", "TX.ND", auth.View, auth.Do)
	s.ward = s.person("phuong-dong", "P01", auth.View, auth.Do, auth.Judge)
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// person makes somebody who holds permissions over a unit.
func (s *site) person(id, unit string, perms ...auth.Permission) auth.Actor {
	s.t.Helper()
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$2,$1,'','vi',false,0,1)`, id, "Cán bộ "+id); err != nil {
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
		_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,'0001-01-01','9999-12-31')`, id, s.id[unit])
		return err
	}))
	return auth.Actor{Person: id, Name: "Cán bộ " + id, Grants: []auth.Grant{{Unit: s.id[unit], Permissions: perms}}}
}

func (s *site) create(who auth.Actor, list ...task.Task) ([]task.Task, error) {
	var out []task.Task
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.tasks.CreateIn(ctx, tx, who, list)
		return err
	})
	return out, err
}

// asked makes one task of the town for the Women's Union, with the Farmers' Union, due on 15 October.
func (s *site) asked(change ...func(*task.Task)) task.Task {
	s.t.Helper()
	t := task.Task{
		Unit: s.id["TX"], Lead: s.id["TX.PN"], With: []int64{s.id["TX.ND"]}, Text: "Rà soát hộ vay vốn ủy thác", Evidence: "Báo cáo có xác nhận của ngân hàng",
		Due: "2019-10-15", Briefing: "gb", Point: 1,
	}
	for _, f := range change {
		f(&t)
	}
	made, err := s.create(s.office, t)
	s.must(err)
	return made[0]
}

func (s *site) find(who auth.Actor, id string) task.Task {
	s.t.Helper()
	t, err := s.tasks.Find(ctx, who, id)
	s.must(err)
	return t
}

func (s *site) day(day string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" 09:00", clock.Zone)
	s.must(err)
	s.clock.Advance(t.Sub(s.clock.Now()))
}

// give saves a figure of a unit.
func (s *site) give(unit, periodCode, indicatorCode, text string) {
	s.t.Helper()
	catalog, err := s.indicators.Catalog(ctx)
	s.must(err)
	in, ok := catalog.ByCode(indicatorCode)
	if !ok {
		s.t.Fatalf("no indicator %s", indicatorCode)
	}
	var p period.Period
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		p, err = period.Ensure(ctx, tx, periodCode)
		return err
	}))
	q, err := figure.Read(text, in)
	s.must(err)
	_, _, err = s.figures.Save(ctx, s.office, figure.Typed, "thử", []figure.Input{{Unit: s.id[unit], Period: p, Indicator: in, Quantity: q, Expect: figure.Any}})
	s.must(err)
}
