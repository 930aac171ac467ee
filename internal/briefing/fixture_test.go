package briefing_test

import (
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
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
	reports    *report.Service
	tasks      *task.Service
	briefings  *briefing.Service
	id         map[string]int64

	office, chair, women, farmers, ward auth.Actor
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, clock: c, units: org.New(d, c), indicators: indicator.New(d, c), id: map[string]int64{}}
	s.figures = figure.New(d, c, s.units, s.indicators)
	s.reports = report.New(d, c, s.units, period.New(d, c), s.indicators, s.figures, rule.New(d, c, s.indicators, s.figures))
	s.tasks = task.New(d, c, s.figures)
	s.briefings = briefing.New(d, c, s.indicators, s.figures, s.reports, s.tasks)
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
	s.office = s.person("van-phong", "TX", auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate, auth.Brief, auth.Do, auth.Judge, auth.EditUnits)
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

func at(day, clockTime string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clockTime, clock.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func plan(day string) briefing.Plan {
	return briefing.Plan{
		Start: at(day, "08:00"), End: at(day, "11:00"), Venue: "Phòng họp số 1, trụ sở Thị ủy",
		Letterhead: briefing.Letterhead{System: doc.Party, IssuerParent: "Tỉnh ủy An Hà", Issuer: "Thị ủy Bình Giang", Symbol: "ThU", City: "Bình Giang", Office: "Văn phòng Thị ủy"},
		Summons:    briefing.Number{Number: "45", Date: "2019-09-24"},
	}
}

// convened calls the briefing of a quarter together with a chair, a secretary, the two unions, and a guest.
func (s *site) convened(periodCode, day string) briefing.Briefing {
	s.t.Helper()
	id, err := s.briefings.Convene(ctx, s.office, briefing.Convening{Unit: "TX", Period: periodCode, Plan: plan(day), Participants: []briefing.Participant{
		{Role: briefing.Member, Unit: s.id["TX.PN"], Person: "Trần Thị Ví Dụ", Title: "Chủ tịch"},
		{Role: briefing.Member, Unit: s.id["TX.ND"], Person: "Lê Văn Thử", Title: "Chủ tịch"},
		{Role: briefing.Chair, Person: "Nguyễn Văn Mẫu", Title: "Phó Bí thư Thường trực Thị ủy"},
		{Role: briefing.Secretary, Unit: s.id["TX.MT"], Person: "Phạm Thị Mẫu", Title: "Chánh Văn phòng"},
	}})
	s.must(err)
	return s.read(id)
}

func (s *site) read(id string) briefing.Briefing {
	s.t.Helper()
	b, err := s.briefings.ByID(ctx, s.office, id)
	s.must(err)
	return b
}

// ready takes a briefing to where it can be concluded: held, everybody marked, one requirement with a task, one general point.
func (s *site) ready(periodCode, day string) briefing.Briefing {
	s.t.Helper()
	b := s.convened(periodCode, day)
	s.must(s.briefings.Hold(ctx, s.office, b.ID, b.Version))
	s.must(s.briefings.MarkAll(ctx, s.office, b.ID, present(b)))
	_, err := s.briefings.PutPoint(ctx, s.office, b.ID, briefing.Point{Kind: briefing.General, Text: "Đánh giá cao kết quả của Mặt trận và các đoàn thể"})
	s.must(err)
	point, err := s.briefings.PutPoint(ctx, s.office, b.ID, briefing.Point{Kind: briefing.Requirement, Text: "Rà soát các hộ vay vốn ủy thác"})
	s.must(err)
	s.must(s.briefings.PutDemand(ctx, s.office, b.ID, briefing.Demand{Point: point, Lead: s.id["TX.PN"], With: []int64{s.id["TX.ND"]}, Evidence: "Báo cáo", Due: day[:8] + "28"}))
	return s.read(b.ID)
}

func present(b briefing.Briefing) []briefing.Mark {
	var out []briefing.Mark
	for _, p := range b.Participants {
		out = append(out, briefing.Mark{ID: p.ID, Version: p.Version, Attendance: briefing.Present})
	}
	return out
}

// concluded is a briefing that has been held and concluded.
func (s *site) concluded(periodCode, day string) briefing.Briefing {
	s.t.Helper()
	b := s.ready(periodCode, day)
	_, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID, End: at(day, "10:45"), Notice: briefing.Number{Number: "127", Date: day}})
	s.must(err)
	return s.read(b.ID)
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
