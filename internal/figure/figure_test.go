package figure_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is a small town with a catalogue, wired as app wires it.
type site struct {
	t       *testing.T
	db      *db.DB
	units   *org.Service
	figures *figure.Service
	catalog *indicator.Catalog
	clock   *clock.Clock
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	units := org.New(d, c)
	indicators := indicator.New(d, c)
	s := &site{t: t, db: d, units: units, figures: figure.New(d, c, units, indicators), clock: c}
	if err := indicators.EnsureStarter(ctx); err != nil {
		t.Fatal(err)
	}
	specs := []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX"},
	}
	for i := range 12 {
		w := fmt.Sprintf("P%02d", i+1)
		specs = append(specs,
			org.Spec{Code: w, Kind: org.Place, Level: org.Commune, Name: "Phường " + w, Parent: "TX"},
			org.Spec{Code: w + ".PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN Phường " + w, Parent: w, LineParent: "TX.PN"},
			org.Spec{Code: w + ".K1", Kind: org.Place, Level: org.Area, Name: "Tổ dân phố 1", Parent: w},
		)
	}
	if err := units.Load(ctx, system, specs); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.catalog, err = indicators.Catalog(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) unit(code, day string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, day)
	if err != nil {
		s.t.Fatalf("unit %s: %v", code, err)
	}
	return u
}

func (s *site) period(code string) period.Period {
	s.t.Helper()
	var p period.Period
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		var err error
		p, err = period.Ensure(ctx, tx, code)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// money is an additive indicator in whole đồng.
func (s *site) money() indicator.Indicator {
	s.t.Helper()
	for _, in := range s.catalog.All() {
		if in.Unit == "đồng" && in.Across == indicator.Sum && in.Measure == indicator.Flow {
			return in
		}
	}
	s.t.Fatal("the catalogue has no money")
	return indicator.Indicator{}
}

func (s *site) input(unit string, p period.Period, in indicator.Indicator, text string) figure.Input {
	s.t.Helper()
	q, err := figure.Read(text, in)
	if err != nil {
		s.t.Fatalf("read %q: %v", text, err)
	}
	return figure.Input{Unit: s.unit(unit, p.To).ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any}
}

func (s *site) save(inputs ...figure.Input) string {
	s.t.Helper()
	entry, _, err := s.figures.Save(ctx, system, figure.Typed, "", inputs)
	if err != nil {
		s.t.Fatal(err)
	}
	return entry
}

func (s *site) total(unit string, p period.Period, in indicator.Indicator, frame figure.Frame) string {
	s.t.Helper()
	u := s.unit(unit, p.To)
	t, err := s.figures.Totals(ctx, system, figure.Query{Unit: u, Hierarchy: org.Territory, Layer: figure.Submitted, Frame: frame, Periods: []period.Period{p}})
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
		s.t.Fatalf("verify: %d differences: %+v %+v", v.Differences, v.List, v.Forged)
	}
}

func TestMergeShowsTheSumNowAndTheTwoThenAndUndoRestoresBoth(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.save(s.input("P01", p, in, "10 triệu đồng"), s.input("P02", p, in, "7 triệu đồng"))
		check := func(when, unit string, frame figure.Frame, want string) {
			t.Helper()
			if got := s.total(unit, p, in, frame); got != want {
				t.Errorf("%s: %s (%s) = %q, want %q", when, unit, frame, got, want)
			}
		}
		id, err := s.units.Succeed(ctx, system, org.Merge("2019-12-01", "Nghị quyết", org.Spec{Code: "P90", Kind: org.Place, Level: org.Commune, Name: "Phường P90"}, "P01", "P02"))
		if err != nil {
			t.Fatal(err)
		}
		s.verified()
		check("merged", "P90", figure.AsItIs, "17 triệu đồng")
		check("merged", "P90", figure.AsItWas, "")
		check("merged", "P01", figure.AsItWas, "10 triệu đồng")
		check("merged", "P02", figure.AsItWas, "7 triệu đồng")
		check("merged", "P01", figure.AsItIs, "")
		check("merged", "TX", figure.AsItIs, "17 triệu đồng")
		check("merged", "TX", figure.AsItWas, "17 triệu đồng")
		// A correction of an old figure after the merge reaches both frames.
		s.save(s.input("P01", p, in, "trên 11 triệu đồng"))
		check("corrected", "P90", figure.AsItIs, "trên 18 triệu đồng")
		check("corrected", "P01", figure.AsItWas, "trên 11 triệu đồng")
		s.verified()
		if err := s.units.Undo(ctx, system, id, "thử"); err != nil {
			t.Fatal(err)
		}
		s.verified()
		check("undone", "P01", figure.AsItIs, "trên 11 triệu đồng")
		check("undone", "P02", figure.AsItIs, "7 triệu đồng")
		check("undone", "TX", figure.AsItIs, "trên 18 triệu đồng")
	})
}

func TestDividedUnitIsCarriedOverByItsSharesAsAnEstimate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.save(s.input("P01.K1", p, in, "1.000.001 đồng"))
		_, err := s.units.Succeed(ctx, system, org.Succession{At: "2019-12-01", Document: "QĐ", Old: []string{"P01.K1"}, Heirs: []org.Heir{
			{Spec: org.Spec{Code: "P01.K7", Kind: org.Place, Level: org.Area, Name: "Tổ 7"}, Share: map[string]int64{"P01.K1": 3333}},
			{Spec: org.Spec{Code: "P02.K8", Kind: org.Place, Level: org.Area, Name: "Tổ 8", Parent: "P02"}, Share: map[string]int64{"P01.K1": 6667}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		s.verified()
		if got := s.total("P02", p, in, figure.AsItIs); got != "khoảng 666.701 đồng" {
			t.Errorf("P02 now = %q", got)
		}
		if got := s.total("P01", p, in, figure.AsItIs); got != "khoảng 333.300 đồng" {
			t.Errorf("P01 now = %q", got)
		}
		if got := s.total("TX", p, in, figure.AsItIs); got != "1.000.001 đồng" {
			t.Errorf("the town now = %q", got)
		}
	})
}

func TestQualifiersSurviveAdditionAndBlankIsNotZero(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		if got := s.total("TX", p, in, figure.AsItWas); got != "" {
			t.Errorf("nothing given = %q", got)
		}
		s.save(s.input("P01", p, in, "0"))
		if got := s.total("TX", p, in, figure.AsItWas); got != "0 đồng" {
			t.Errorf("zero given = %q", got)
		}
		s.save(s.input("P01", p, in, "20 tỷ"), s.input("P02", p, in, "trên 1,5 tỷ đồng"))
		if got := s.total("TX", p, in, figure.AsItWas); got != "trên 21,5 tỷ đồng" {
			t.Errorf("exact + over = %q", got)
		}
		s.save(s.input("P03", p, in, "gần 2 tỷ đồng"))
		if got := s.total("TX", p, in, figure.AsItWas); got != "khoảng 23,5 tỷ đồng" {
			t.Errorf("over + nearly = %q", got)
		}
		s.save(s.input("P02", p, in, "hàng trăm triệu đồng"), s.input("P03", p, in, ""))
		if got := s.total("TX", p, in, figure.AsItWas); got != "trên 20 tỷ đồng" {
			t.Errorf("exact + magnitude = %q", got)
		}
		s.save(s.input("P01", p, in, ""), s.input("P02", p, in, ""))
		if got := s.total("TX", p, in, figure.AsItWas); got != "" {
			t.Errorf("emptied again = %q", got)
		}
		s.verified()
	})
}

func TestOverlapCountsOnceAboveBothAndFullyInEachLine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.save(s.input("P01", p, in, "100 đồng"), s.input("P01.PN", p, in, "40 đồng"))
		cell := figure.Cell{Unit: s.unit("P01.PN", p.To).ID, Period: p.ID, Indicator: in.ID}
		overlap := figure.Overlap{Cell: cell, Other: s.unit("P01", p.To).ID, Amount: 41, Known: true, Reason: "cùng một công trình"}
		if err := s.figures.SetOverlap(ctx, system, p, overlap); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an overlap above the figure was taken: %v", err)
		}
		overlap.Amount = 30
		if err := s.figures.SetOverlap(ctx, system, p, overlap); err != nil {
			t.Fatal(err)
		}
		s.verified()
		if got := s.total("TX", p, in, figure.AsItWas); got != "110 đồng" {
			t.Errorf("town = %q", got)
		}
		line, err := s.figures.Totals(ctx, system, figure.Query{Unit: s.unit("TX.PN", p.To), Hierarchy: org.Line, Layer: figure.Submitted, Periods: []period.Period{p}})
		if err != nil {
			t.Fatal(err)
		}
		if got := line.Sum(p, in, 0).Sum; got != 40 {
			t.Errorf("the line's own total = %d", got)
		}
		// Taken away with the value, and with a merge of the places under it.
		s.save(s.input("P01.PN", p, in, ""))
		if got := s.total("TX", p, in, figure.AsItWas); got != "100 đồng" {
			t.Errorf("town without the claimant's value = %q", got)
		}
		s.save(s.input("P01.PN", p, in, "40"))
		s.verified()
		if _, err := s.units.Succeed(ctx, system, org.Merge("2019-12-01", "NQ", org.Spec{Code: "P90", Kind: org.Place, Level: org.Commune, Name: "Phường P90"}, "P01", "P02")); err != nil {
			t.Fatal(err)
		}
		s.verified()
		if got := s.total("P90", p, in, figure.AsItIs); got != "110 đồng" {
			t.Errorf("merged ward now = %q", got)
		}
	})
}

func TestSecondWriterSeesBothValuesAndLosesNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		first, second := s.input("P01", p, in, "5 triệu đồng"), s.input("P01", p, in, "6 triệu đồng")
		first.Expect, second.Expect = 0, 0
		s.save(first)
		_, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{second})
		if !fault.Is(err, fault.KindConflict) {
			t.Fatalf("err = %v", err)
		}
		for _, want := range []string{"5 triệu", "6 triệu"} {
			if !contains(fault.Text(err), want) {
				t.Errorf("%q does not show %s", fault.Text(err), want)
			}
		}
	})
}

func contains(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// TestTotalsEqualRecomputationAfterAnyOperations runs random entries, corrections, approvals, merges, splits, moves,
// overlaps and undos, and asks verify, and a reference that knows nothing of the roll-up, along the way.
func TestTotalsEqualRecomputationAfterAnyOperations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		r := &random{site: s, rand: rand.New(rand.NewPCG(1, 2)), cells: map[figure.Cell]figure.Value{}}
		for _, code := range []string{"2019-Q1", "2019-Q2", "2019-Q3", "2020-Q3"} {
			r.periods = append(r.periods, s.period(code))
		}
		for _, in := range s.catalog.All() {
			if in.Across == indicator.Sum && len(r.indicators) < 4 {
				r.indicators = append(r.indicators, in)
			}
		}
		for i := range 1000 {
			r.step(i)
			if i%50 == 49 {
				s.verified()
				r.compare()
			}
		}
		if r.merges < 5 || r.undos < 2 || r.approvals < 10 || r.entryUndos < 5 {
			t.Errorf("too little happened: %d merges, %d undos, %d approvals, %d undone entries", r.merges, r.undos, r.approvals, r.entryUndos)
		}
	})
}

type random struct {
	*site
	rand                                 *rand.Rand
	periods                              []period.Period
	indicators                           []indicator.Indicator
	cells                                map[figure.Cell]figure.Value // the reference: what stands
	entries                              []undoable
	standing                             []string // successions
	merges, undos, approvals, entryUndos int
	made                                 int
}

type undoable struct {
	id     string
	before map[figure.Cell]figure.Value
	after  map[figure.Cell]figure.Value
}

func (r *random) units(day string) []org.Node {
	nodes, err := r.site.units.Tree(ctx, system, "TX", org.Territory, day)
	if err != nil {
		r.t.Fatal(err)
	}
	return nodes
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (r *random) step(i int) {
	switch n := r.rand.IntN(100); {
	case n < 70:
		r.enter(i)
	case n < 78:
		r.approve()
	case n < 86:
		r.undoEntry()
	case n < 92:
		r.merge()
	case n < 95:
		r.undoMerge()
	default:
		r.move()
	}
}

func (r *random) enter(i int) {
	p := pick(r.rand, r.periods)
	nodes := r.units(p.To)
	u := pick(r.rand, nodes)
	inputs := map[figure.Cell]figure.Input{}
	for range 1 + r.rand.IntN(4) {
		in := pick(r.rand, r.indicators)
		q := viet.Quantity{Value: r.rand.Int64N(1_000_000_000), Scale: in.Decimals, Qualifier: pick(r.rand, []viet.Qualifier{viet.Exact, viet.Exact, viet.Over, viet.Nearly, viet.About, viet.AtLeast, viet.AtMost})}
		if r.rand.IntN(10) == 0 {
			q = viet.Quantity{}
		}
		inputs[figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID}] = figure.Input{Unit: u.ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any, Reason: "thử"}
	}
	e := undoable{before: map[figure.Cell]figure.Value{}, after: map[figure.Cell]figure.Value{}}
	var list []figure.Input
	for c, in := range inputs {
		list = append(list, in)
		v := figure.Value{Number: in.Quantity.Value, Has: in.Quantity.HasNumber(), Qualifier: in.Quantity.Qualifier}
		if r.cells[c] != v {
			e.before[c], e.after[c] = r.cells[c], v
		}
		r.cells[c] = v
	}
	id, _, err := r.figures.Save(ctx, system, figure.Typed, fmt.Sprint(i), list)
	if err != nil {
		r.t.Fatal(err)
	}
	e.id = id
	r.entries = append(r.entries, e)
}

func (r *random) undoEntry() {
	if len(r.entries) == 0 {
		return
	}
	i := r.rand.IntN(len(r.entries))
	e := r.entries[i]
	r.entries = append(r.entries[:i], r.entries[i+1:]...)
	_, kept, err := r.figures.UndoEntry(ctx, system, e.id, "thử")
	if fault.Is(err, fault.KindRefused) {
		return // the unit does not live at that period any more after an undone merge
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.entryUndos++
	untouched := map[figure.Cell]bool{}
	for _, c := range kept {
		untouched[c] = true
	}
	for c, v := range e.before {
		if !untouched[c] {
			r.cells[c] = v
		}
	}
}

func (r *random) approve() {
	p := pick(r.rand, r.periods)
	u := pick(r.rand, r.units(p.To))
	err := r.db.Write(ctx, func(tx *db.Tx) error {
		_, err := r.figures.Approve(ctx, tx, system, auth.Approve, u.ID, p, "")
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.approvals++
}

func (r *random) merge() {
	var wards []string
	for _, n := range r.units("2019-12-31") {
		if n.Kind == org.Place && n.Level == org.Commune && !n.Closed() {
			wards = append(wards, n.Code)
		}
	}
	if len(wards) < 2 {
		return
	}
	r.rand.Shuffle(len(wards), func(i, j int) { wards[i], wards[j] = wards[j], wards[i] })
	r.made++
	code := fmt.Sprintf("N%02d", r.made)
	id, err := r.site.units.Succeed(ctx, system, org.Merge(fmt.Sprintf("2020-%02d-01", 1+r.rand.IntN(6)), "NQ", org.Spec{Code: code, Kind: org.Place, Level: org.Commune, Name: "Phường " + code}, wards[0], wards[1]))
	if fault.Is(err, fault.KindRefused) || fault.Is(err, fault.KindInvalid) {
		return // a move after that day stands in the way
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.merges++
	r.standing = append(r.standing, id)
}

func (r *random) undoMerge() {
	if len(r.standing) == 0 {
		return
	}
	i := r.rand.IntN(len(r.standing))
	err := r.site.units.Undo(ctx, system, r.standing[i], "thử")
	if fault.Is(err, fault.KindRefused) {
		return // figures or a later merge rest on it
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.undos++
	r.standing = append(r.standing[:i], r.standing[i+1:]...)
}

func (r *random) move() {
	day := fmt.Sprintf("2019-%02d-15", 1+r.rand.IntN(12))
	nodes := r.units(day)
	var areas, wards []org.Node
	for _, n := range nodes {
		switch {
		case n.Level == org.Area:
			areas = append(areas, n)
		case n.Level == org.Commune && n.Kind == org.Place:
			wards = append(wards, n)
		}
	}
	if len(areas) == 0 || len(wards) == 0 {
		return
	}
	a := pick(r.rand, areas)
	err := r.site.units.Move(ctx, system, a.Code, a.Version, org.Territory, pick(r.rand, wards).Code, day)
	if err != nil && fault.All(err) == nil {
		r.t.Fatal(err)
	}
}

// compare adds up, for each unit and period, the reference's cells of the units that stood below it on that day.
func (r *random) compare() {
	r.t.Helper()
	for _, p := range r.periods {
		for _, u := range r.units(p.To) {
			below, err := r.site.units.Tree(ctx, system, u.Code, org.Territory, p.To)
			if err != nil {
				r.t.Fatal(err)
			}
			totals, err := r.figures.Totals(ctx, system, figure.Query{Unit: u.Unit, Hierarchy: org.Territory, Layer: figure.Submitted, Periods: []period.Period{p}})
			if err != nil {
				r.t.Fatal(err)
			}
			for _, in := range r.indicators {
				var sum, n int64
				for _, b := range below {
					if v := r.cells[figure.Cell{Unit: b.ID, Period: p.ID, Indicator: in.ID}]; !v.Blank() {
						sum, n = sum+v.Number, n+1
					}
				}
				if got := totals.Sum(p, in, 0); got.Sum != sum || got.N != n {
					r.t.Fatalf("%s %s %s = %d from %d, want %d from %d", u.Code, p.Code, in.Code, got.Sum, got.N, sum, n)
				}
			}
		}
	}
}

// Beyond 63 bits SQLite would add in floating point: a figure that could bring a total there is refused at its cell.
func TestAFigureThatNoTotalCouldHoldIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		q := s.period("2019-Q3")
		_, _, err := s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{s.input("P01", q, s.money(), "100.000.000.000.001")})
		if !fault.Is(err, fault.KindInvalid) {
			t.Errorf("saved: %v", err)
		}
		s.save(s.input("P01", q, s.money(), "100.000.000.000.000"))
		s.verified()
	})
}
