package exchange_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

const quarter = "2019-Q3"

// at is the period that the helpers work in.
func (s *site) at() string {
	if s.quarter != "" {
		return s.quarter
	}
	return quarter
}

// below is a town's site, above the province's: the same town among others.
var (
	below = []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"}, {Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Mặt trận thị xã", Parent: "TX"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Một", Parent: "TX"}, {Code: "P01.PN", Kind: org.Body, Level: org.Commune, Name: "Phụ nữ phường Một", Parent: "P01"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Hai", Parent: "TX"}, {Code: "P02.PN", Kind: org.Body, Level: org.Commune, Name: "Phụ nữ phường Hai", Parent: "P02"},
	}
	above = append([]org.Spec{
		{Code: "TINH", Kind: org.Place, Level: org.Province, Name: "Tỉnh Mẫu"}, {Code: "TY", Kind: org.Place, Level: org.Town, Name: "Thị xã Khác", Parent: "TINH"},
		{Code: "TY.MT", Kind: org.Body, Level: org.Town, Name: "Mặt trận thị xã Khác", Parent: "TY"},
	}, func() []org.Spec {
		out := slices.Clone(below)
		out[0].Parent = "TINH"
		return out
	}()...)
)

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) unit(code string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

func (s *site) period(code string) period.Period {
	s.t.Helper()
	p, err := s.periods.Find(ctx, system, code)
	s.must(err)
	return p
}

func (s *site) cell(code string) (indicator.Indicator, indicator.Part) {
	s.t.Helper()
	in, part, ok := s.catalog.PartByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	return in, part
}

// give enters figures as somebody writes them: unit, cell, text.
func (s *site) give(who auth.Actor, given ...[3]string) {
	s.t.Helper()
	var inputs []figure.Input
	for _, g := range given {
		in, part := s.cell(g[1])
		q, err := figure.Read(g[2], in)
		s.must(err)
		inputs = append(inputs, figure.Input{Unit: s.unit(g[0]).ID, Period: s.period(s.at()), Indicator: in, Part: part.Part, Quantity: q, Expect: figure.Any, Reason: "kiểm lại"})
	}
	_, _, err := s.figures.Save(ctx, who, figure.Typed, "", inputs)
	s.must(err)
}

// accept takes a body's report through all its steps, or confirms what has changed since.
func (s *site) accept(units ...string) {
	s.t.Helper()
	for _, unit := range units {
		s.must(s.tryAccept(unit))
	}
}

func (s *site) tryAccept(units ...string) error {
	s.t.Helper()
	for _, unit := range units {
		r, err := s.reports.Find(ctx, system, unit, s.at(), report.KindBody)
		if fault.Is(err, fault.KindNotFound) {
			r, err = report.Report{}, nil
		}
		s.must(err)
		if !r.State.Accepted() {
			r, err = s.reports.Submit(ctx, system, unit, s.at(), r.Version, report.Sending{})
			s.must(err)
			r, err = s.reports.Approve(ctx, system, unit, s.at(), r.Version, "")
			s.must(err)
		}
		if _, err = s.reports.Accept(ctx, system, unit, s.at(), r.Version, "đã đối chiếu"); err != nil {
			return err
		}
	}
	return nil
}

// pack makes the next package of the town.
func (s *site) pack(who auth.Actor) ([]byte, exchange.Sent) {
	s.t.Helper()
	sent, _, err := s.exchange.Make(ctx, who, "TX", s.at())
	s.must(err)
	_, _, file, err := s.exchange.Sending(ctx, who, sent.ID)
	s.must(err)
	return file, sent
}

func (s *site) fingerprint() string {
	s.t.Helper()
	own, err := s.exchange.OwnFingerprint()
	s.must(err)
	return own
}

// receive previews a package; it must be one.
func (s *site) receive(who auth.Actor, file []byte) intake.Plan {
	s.t.Helper()
	p, err := s.intake.Preview(ctx, who, intake.File{Name: "goi.goi", Data: file}, intake.Options{})
	s.must(err)
	return p
}

// take accepts a package, and answers the page of it.
func (s *site) takeIn(who auth.Actor, file []byte, asks ...string) exchange.Arrival {
	s.t.Helper()
	p := s.receive(who, file)
	consent := intake.Consent{Choices: map[string]int{}}
	for _, a := range asks {
		consent.Choices[a] = 0
	}
	if _, err := s.intake.Apply(ctx, who, p.ID, consent); err != nil {
		s.t.Fatalf("%v\n%+v %+v", err, p.Problems, p.Rows)
	}
	a, err := s.exchange.Arrival(ctx, who, p.ID)
	s.must(err)
	return a
}

// sums are all sums of a unit in a layer, as text.
func (s *site) sums(unit string, layer figure.Layer) map[string]figure.Sum {
	s.t.Helper()
	p := s.period(s.at())
	t, err := s.figures.Totals(ctx, system, figure.Query{Unit: s.unit(unit), Hierarchy: org.Territory, Layer: layer, Frame: figure.AsItWas, Periods: []period.Period{p}})
	s.must(err)
	out := map[string]figure.Sum{}
	for _, in := range s.catalog.All() {
		for _, part := range append([]indicator.Part{{}}, in.Parts...) {
			if sum := t.Raw(p, in, part.Part); sum != (figure.Sum{}) {
				out[indicator.Address(in, part)] = sum
			}
		}
	}
	return out
}

func (s *site) verify() {
	s.t.Helper()
	v, err := s.figures.Verify(ctx)
	s.must(err)
	if v.Differences != 0 {
		s.t.Fatalf("%d differences: %+v %+v", v.Differences, v.List, v.Forged)
	}
}

func (s *site) text(layer figure.Layer, unit, code string) string {
	s.t.Helper()
	in, part := s.cell(code)
	u, p := s.unit(unit), s.period(s.at())
	own, err := s.figures.Own(ctx, system, layer, u, []period.Period{p})
	s.must(err)
	return figure.Text(own[figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID, Part: part.Part}], in)
}

// pair is a site below, with figures accepted, and a site above that trusts it.
func pair(t testing.TB, engine db.Engine) (low, up *site, office, province auth.Actor) {
	t.Helper()
	low, up = siteOf(t, dbtest.Open(t, engine), below), siteOf(t, dbtest.Open(t, engine), above)
	office, province = low.officer("van-phong", "TX", auth.Consolidate, auth.Submit, auth.Approve), up.officer("van-phong-tinh", "TINH", auth.Consolidate, auth.Admin)
	low.give(system, [3]string{"P01.PN", "DG01", "trên 20 tỷ đồng"}, [3]string{"P01.PN", "AS07", "16"}, [3]string{"P01.PN", "AS07.SUA", "9"}, [3]string{"P02.PN", "DG01", "3 tỷ đồng"},
		[3]string{"P02.PN", "DG05", "17,6"}, [3]string{"P02.PN", "DG02", "hàng trăm ngày công"}, [3]string{"TX.MT", "HV01", "0"})
	low.accept("P01.PN", "P02.PN")
	up.must(up.exchange.Trust(ctx, province, exchange.NewKey{Name: "Thị xã Bình Giang", Unit: "tx", Fingerprint: exchange.Grouped(low.fingerprint())}))
	return low, up, office, province
}

// each runs a test on both engines with a pair of sites.
func each(t *testing.T, fn func(t *testing.T, low, up *site, office, province auth.Actor)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		low, up, office, province := pair(t, d.Engine())
		fn(t, low, up, office, province)
	})
}

func sameSums(t *testing.T, low, up *site) {
	t.Helper()
	a, b := low.sums("TX", figure.Approved), up.sums("TX", figure.Approved)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("sums below %v, above %v", a, b)
	}
	for code, sum := range a {
		if b[code] != sum {
			t.Errorf("%s: below %+v, above %+v", code, sum, b[code])
		}
	}
	low.verify()
	up.verify()
}

func TestThePackagesOfTheSiteBelowKeepTheSiteAboveRight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, low, up *site, office, province auth.Actor) {
		d, err := low.exchange.Draft(ctx, office, "TX", quarter)
		low.must(err)
		if d.Figures != 6 || d.Same || d.Last.Serial != 0 {
			t.Errorf("the draft is %+v", d)
		}
		first, sent := low.pack(office)
		again, once := low.pack(office)
		if sent.Serial != 1 || once.ID != sent.ID || !bytes.Equal(first, again) {
			t.Errorf("the same state is another package: %+v, %+v", sent, once)
		}
		plan := up.receive(province, first)
		if plan.Kind != intake.Signed || plan.Counts.New != 6 || len(plan.Problems) > 0 {
			t.Fatalf("%s %+v %v %+v", plan.Kind, plan.Counts, plan.Problems, plan.Rows)
		}
		a := up.takeIn(province, first)
		if a.Differences != 0 || len(a.Lines) != 5 || !a.Latest || a.Received.Serial != 1 {
			t.Errorf("the arrival is %+v", a)
		}
		sameSums(t, low, up)
		if got := up.text(figure.Approved, "P02.PN", "DG02"); got != "hàng trăm ngày công" {
			t.Errorf("words have become %q", got)
		}
		if got := up.text(figure.Approved, "P01.PN", "DG01"); got != "trên 20.000.000.000" {
			t.Errorf("a qualifier has become %q", got)
		}

		// The same package again changes nothing, and says so.
		twice := up.takeIn(province, first)
		if twice.Received.Plan != "" || len(twice.Plan.Rows) != 0 || len(twice.Plan.Notes) != 1 || !strings.Contains(twice.Plan.Notes[0].Text, "đã được nhận ngày 01/10/2019") {
			t.Errorf("the same again: %+v", twice.Plan)
		}

		// Corrected below: changed, new and withdrawn.
		low.give(system, [3]string{"P01.PN", "DG01", "21 tỷ đồng"}, [3]string{"P02.PN", "DG05", "-"}, [3]string{"P02.PN", "HV01", "40"})
		low.accept("P01.PN", "P02.PN", "TX.MT")
		second, sent := low.pack(office)
		a = up.takeIn(province, second)
		if sent.Serial != 2 || a.Plan.Counts != (intake.Counts{New: 2, Changed: 2, Equal: 4}) || a.Withdrawn != 1 || a.Differences != 0 {
			t.Errorf("the second: %+v, withdrawn %d, %+v", a.Plan.Counts, a.Withdrawn, a.Lines)
		}
		sameSums(t, low, up)
		if _, err := up.intake.Preview(ctx, province, intake.File{Name: "a", Data: first}, intake.Options{}); err != nil {
			t.Errorf("the first again: %v", err) // it was accepted: nothing to do
		}

		// Undone: as after the first.
		up.must(up.intake.Undo(ctx, province, a.Plan.ID, "nhận nhầm"))
		if got := up.text(figure.Approved, "P01.PN", "DG01"); got != "trên 20.000.000.000" {
			t.Errorf("after the undo %q", got)
		}
		if got := up.text(figure.Approved, "P02.PN", "DG05"); !strings.HasPrefix(got, "17,6") {
			t.Errorf("after the undo %q", got)
		}
		up.verify()
		if a = up.takeIn(province, second); a.Differences != 0 || a.Plan.Counts.Rival != 0 {
			t.Errorf("again after the undo: %+v", a.Plan.Counts)
		}
		sameSums(t, low, up)
		if diff := up.sums("TY", figure.Approved); len(diff) != 0 {
			t.Errorf("another town has %v", diff)
		}
	})
}
