package intake_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/intake/casefile"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

var updateDocs = flag.Bool("update", false, "write docs/cases.md")

// caseNames are the six files of published facts.
var caseNames = []string{"00", "05", "08", "11", "20", "23"}

// casesDir finds the given files: they belong to the order, not to the repository. Where GIAOBAN_CASES names a folder they
// must be there; on a machine without them the sample alone is converted.
func casesDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("GIAOBAN_CASES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "cases")
	}
	if _, err := os.Stat(filepath.Join(dir, "00.json")); err != nil {
		if os.Getenv("GIAOBAN_CASES") != "" {
			t.Fatalf("GIAOBAN_CASES: %v", err)
		}
		t.Logf("the six cases are not on this machine: %v", err)
		return ""
	}
	return dir
}

// row is a line of docs/cases.md.
type row struct{ fact, held, shown, added string }

func TestASampleOfPublishedFactsIsHeldFactByFact(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("casefile", "testdata")
	units, err := os.Open(filepath.Join(dir, "units.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer units.Close()
	facts, err := os.Open(filepath.Join(dir, "facts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer facts.Close()
	m, err := casefile.ReadMapping(units, facts)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if rows := heldFacts(t, d, "99", data, m); len(rows) != 5 {
			t.Errorf("%d facts", len(rows))
		}
	})
}

func TestTheSixCasesAreHeldFactByFact(t *testing.T) {
	t.Parallel()
	dir := casesDir(t)
	if dir == "" {
		return
	}
	m, err := casefile.Published()
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			var doc strings.Builder
			total := 0
			for _, name := range caseNames {
				data, err := os.ReadFile(filepath.Join(dir, name+".json"))
				if err != nil {
					t.Fatal(err)
				}
				rows := heldFacts(t, dbtest.Open(t, engine), name, data, m)
				total += len(rows)
				fmt.Fprintf(&doc, "\n## Case %s\n\n| fact | held as | shown as | how added |\n|---|---|---|---|\n", name)
				for _, r := range rows {
					fmt.Fprintf(&doc, "| %s | %s | %s | %s |\n", r.fact, r.held, r.shown, r.added)
				}
			}
			if total != 90 {
				t.Errorf("%d facts, the six cases have 90", total)
			}
			if engine == db.SQLite {
				checkDoc(t, doc.String())
			}
		})
	}
}

func checkDoc(t *testing.T, rows string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "cases.md")
	text := `# The published facts, one by one

Written by the test of the converter (` + "`go test ./internal/intake -run Cases -update`" + `). Each case is converted by
` + "`internal/intake/casefile`" + `, imported through the public JSON format into an empty site, and read back. Each fact is a
statement of its kind; its numbers are figures or targets that the statement is linked to.
` + rows
	if *updateDocs {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Error("docs/cases.md differs from what is held: run with -update and look at the difference")
	}
}

// heldFacts converts a case, imports it into an empty site and demands every fact of it.
func heldFacts(t *testing.T, d *db.DB, name string, data []byte, m casefile.Mapping) []row {
	t.Helper()
	s := emptySite(t, d)
	file, err := casefile.Convert(name, data, m)
	if err != nil {
		t.Fatal(err)
	}
	p, out, err := s.intake.Import(ctx, system, intake.File{Name: name + ".json", Data: file}, intake.Options{})
	if err != nil {
		t.Fatalf("case %s: %v\n%s", name, err, table(p))
	}
	if out.Counts.New != len(p.Rows) {
		t.Fatalf("case %s: %+v\n%s", name, out.Counts, table(p))
	}
	again := s.preview(system, name+".json", string(file), intake.Options{})
	if again.Counts.Equal != len(again.Rows) {
		t.Errorf("case %s again: %+v\n%s", name, again.Counts, table(again))
	}
	s.verified()
	c, err := casefile.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, f := range c.Facts {
		rows = append(rows, s.held(f, m))
	}
	s.flagged(c)
	return rows
}

// held demands that one fact is in the site as its source printed it, and tells how.
func (s *site) held(f casefile.Fact, m casefile.Mapping) row {
	s.t.Helper()
	var places []casefile.Place
	for _, p := range m.Facts {
		if p.Fact == f.ID {
			places = append(places, p)
		}
	}
	first := places[0]
	list, err := s.reports.Statements(ctx, system, first.Unit, first.Period, false)
	if err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(x report.Statement) bool { return x.Ref == f.ID })
	if i < 0 {
		s.t.Fatalf("fact %s is no statement of %s in %s", f.ID, first.Unit, first.Period)
	}
	x := list[i]
	if x.Kind != report.StatementKind(f.Kind) || x.Text != f.Statement || x.Topic != f.Campaign || x.Organisation != f.Organisation || x.Source == "" {
		s.t.Errorf("fact %s is held as %+v", f.ID, x)
	}
	out := row{fact: f.ID, held: "statement (" + x.Kind.Name() + ")", shown: cellText(f.Statement), added: "words, not added"}
	var held, shown, added []string
	hasNumber := false
	cells := 0
	for _, p := range places {
		if p.Role == "mention" {
			continue
		}
		hasNumber = true
		per := s.period(p.Period)
		in, part, ok := s.catalog.PartByCode(strings.TrimSuffix(p.Indicator+"."+p.Part, "."))
		if !ok {
			s.t.Fatalf("fact %s: no %s.%s", f.ID, p.Indicator, p.Part)
		}
		u := s.unit(p.Unit, per.To)
		if strings.HasPrefix(p.Role, "target") || p.Role == "plan" {
			held, shown, added = append(held, "target "+in.Code), append(shown, s.target(f, p, in, per)), append(added, "a plan: for the unit and all below it, not summed")
			continue
		}
		c := figure.Cell{Unit: u.ID, Period: per.ID, Indicator: in.ID, Part: part.Part}
		own, err := s.figures.Own(ctx, system, figure.Submitted, u, []period.Period{per})
		if err != nil {
			s.t.Fatal(err)
		}
		v, ok := own[c]
		if !ok {
			s.t.Fatalf("fact %s: no figure %s for %s in %s", f.ID, in.Code, u.Code, per.Code)
		}
		if !slices.Contains(x.Cells, c) {
			s.t.Errorf("fact %s: its statement is not linked to %s", f.ID, in.Code)
		}
		cells++
		s.number(f, p, in, v)
		held = append(held, "figure "+indicator.Address(in, part)+", "+u.Code+", "+per.Code)
		shown = append(shown, s.shown(f, p, in, v))
		added = append(added, s.added(p, in, part, v))
	}
	if len(x.Cells) != cells {
		s.t.Errorf("fact %s: %d links, %d figures", f.ID, len(x.Cells), cells)
	}
	if (f.Quantity != "" || len(f.Breakdown) > 0 || len(f.Range) > 0 || f.Raw != "") && !hasNumber {
		s.t.Errorf("fact %s has a number that is not held", f.ID)
	}
	if hasNumber {
		out.held, out.shown, out.added = out.held+"; "+strings.Join(held, "; "), strings.Join(shown, "; "), strings.Join(added, "; ")
	}
	return out
}

func cellText(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// number demands that a figure says exactly what the fact says.
func (s *site) number(f casefile.Fact, p casefile.Place, in indicator.Indicator, v figure.Version) {
	s.t.Helper()
	want, qualifier := json.Number(""), f.Qualifier
	switch role, key, _ := strings.Cut(p.Role, ":"); role {
	case "value", "dimension":
		want = f.Quantity
	case "money":
		want, qualifier = f.Value, f.ValueQ
	case "denominator":
		want, qualifier = f.Denominator, ""
	case "breakdown":
		want, qualifier = f.Breakdown[key], ""
	case "range":
		if v.Qualifier != viet.Range || v.Has {
			s.t.Errorf("fact %s: range held as %+v", f.ID, v)
		}
		return
	case "magnitude":
		if v.Qualifier != viet.Magnitude || v.Has || !strings.Contains(p.Text, "hàng") {
			s.t.Errorf("fact %s: magnitude held as %+v", f.ID, v)
		}
		return
	case "text":
		return
	}
	if qualifier == "" {
		qualifier = "exact"
	}
	scaled, ok := new(big.Rat).SetString(want.String())
	if !ok {
		s.t.Fatalf("fact %s: %q", f.ID, want)
	}
	scaled.Mul(scaled, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(in.Decimals)), nil)))
	if !scaled.IsInt() || !v.Has || scaled.Num().Int64() != v.Number {
		s.t.Errorf("fact %s: %s is held as %d with %d decimals", f.ID, want, v.Number, in.Decimals)
	}
	if v.Qualifier.Code() != qualifier {
		s.t.Errorf("fact %s: qualifier %q, want %q", f.ID, v.Qualifier.Code(), qualifier)
	}
	if v.AsOf != f.AsOf {
		s.t.Errorf("fact %s: as of %q, want %q", f.ID, v.AsOf, f.AsOf)
	}
	if p.Role == "value" && f.Raw != "" && v.Raw != f.Raw && figure.Print(v.Value, "", in) != f.Raw {
		s.t.Errorf("fact %s: printed %q, held %q", f.ID, f.Raw, v.Raw)
	}
}

// shown is how the number comes out again, with what stands beside it.
func (s *site) shown(f casefile.Fact, p casefile.Place, in indicator.Indicator, v figure.Version) string {
	s.t.Helper()
	text := figure.Print(v.Value, v.Raw, in)
	if v.Raw != "" && v.Raw != text {
		text += " (“" + v.Raw + "”)"
	}
	var beside map[figure.Cell]map[int][]figure.Companion
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		beside, err = s.figures.Companions(ctx, tx, v.Unit, s.period(p.Period))
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	got := map[string]string{}
	for _, k := range beside[v.Cell][v.Version] {
		got[string(k.Role)] = viet.FormatPlain(k.Value, k.Decimals)
		said := viet.Phrase(viet.Quantity{Value: k.Value, Scale: k.Decimals, Qualifier: k.Qualifier}, k.Unit)
		if k.Label != "" {
			said += " " + k.Label
		}
		text += "; " + string(k.Role) + " " + said
	}
	if p.Role == "value" {
		for role, n := range map[string]json.Number{"target": f.Target, "percent": f.Percent, "denominator": f.Denominator, "value": f.Value} {
			if n == "" {
				continue
			}
			q, err := viet.ParseQuantity(strings.ReplaceAll(n.String(), ".", ","))
			if err != nil {
				s.t.Fatal(err)
			}
			if want := viet.FormatPlain(q.Value, q.Scale); got[role] != want {
				s.t.Errorf("fact %s: %s %q, want %q", f.ID, role, got[role], want)
			}
		}
	}
	return cellText(text)
}

// added tells how the number counts for whoever stands above the unit, and demands it of the place's total.
func (s *site) added(p casefile.Place, in indicator.Indicator, part indicator.Part, v figure.Version) string {
	s.t.Helper()
	switch {
	case p.Overlap != "" && p.Amount != "":
		return "summed, less the " + p.Amount + " that " + p.Overlap + " counts already"
	case p.Overlap != "":
		return "summed; may overlap with " + p.Overlap + " by an unknown amount, which is shown and not deducted"
	case in.Across == indicator.None:
		return "not added across units"
	case part.Kind == indicator.OfWhich:
		return "of which: added as a detail, not to the total"
	case !v.Has:
		return "counted as given without a number; makes the total “over”"
	}
	return "summed by territory, line and Front"
}

// target demands a plan and prints it.
func (s *site) target(f casefile.Fact, p casefile.Place, in indicator.Indicator, per period.Period) string {
	s.t.Helper()
	plans, err := s.figures.Plans(ctx, system, s.unit(p.Unit, per.To), per)
	if err != nil {
		s.t.Fatal(err)
	}
	plan, ok := plans[figure.Key{Period: per.ID, Indicator: in.ID}]
	if !ok || !plan.Has {
		s.t.Fatalf("fact %s: no target of %s", f.ID, in.Code)
	}
	want, qualifier := f.Quantity, f.Qualifier
	switch p.Role {
	case "plan":
		want, qualifier = f.Target, "exact"
	case "target-range":
		if plan.Qualifier != viet.Range || plan.Raw != f.Raw {
			s.t.Errorf("fact %s: target held as %+v", f.ID, plan)
		}
		return plan.Raw
	}
	q, err := viet.ParseQuantityFor(want.String(), viet.Options{Decimals: in.Decimals})
	if err != nil {
		s.t.Fatal(err)
	}
	if plan.Number != q.Value || plan.Qualifier.Code() != qualifier {
		s.t.Errorf("fact %s: target held as %+v", f.ID, plan)
	}
	return viet.Phrase(viet.Quantity{Value: plan.Number, Scale: in.Decimals, Qualifier: plan.Qualifier}, in.Unit)
}

// flagged demands a flag for each contradiction that the file knows of, and none where its arithmetic holds.
func (s *site) flagged(c casefile.Case) {
	s.t.Helper()
	var said, raw, other int
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select coalesce(sum(case when rule = 'source' then 1 else 0 end), 0), coalesce(sum(case when rule = 'raw' then 1 else 0 end), 0),
			coalesce(sum(case when rule not in ('source', 'raw') then 1 else 0 end), 0) from figure_flag`).Scan(&said, &raw, &other)
	}); err != nil {
		s.t.Fatal(err)
	}
	bad := 0
	for _, k := range c.Checks {
		if !k.OK {
			bad++
		}
	}
	if said != bad || other != 0 {
		s.t.Errorf("%s: %d contradictions flagged of %d, %d others, %d of print", c.Kind, said, bad, other, raw)
	}
}

func TestAnOverlapOfUnknownAmountIsShownAndNotDeducted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.apply(system, s.preview(system, "dat.json", `{"giaoban":1,"figures":[
			{"unit":"TX.MT","period":"2019-Q3","indicator":"DG03","value":"trên 22 nghìn m2"},
			{"unit":"P01.ND","period":"2019-Q3","indicator":"DG03","value":"gần 10 nghìn m2","overlaps":[{"unit":"TX.MT","amount":null,"reason":"có thể đã nằm trong số của MTTQ"}]}]}`,
			intake.Options{}), intake.Consent{})
		if got := s.total("TX", "2019-Q3", "DG03"); got != "khoảng 32.000 m2" {
			t.Errorf("total %q", got)
		}
		p := s.period("2019-Q3")
		in, _ := s.catalog.ByCode("DG03")
		tr, err := s.figures.Trace(ctx, system, figure.Query{Unit: s.unit("TX", p.To), Hierarchy: 1, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: []period.Period{p}}, in, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(tr.Overlaps) != 1 || tr.Overlaps[0].Known || tr.Overlaps[0].Reason == "" {
			t.Errorf("overlaps %+v", tr.Overlaps)
		}
		s.verified()
	})
}
