package indicator

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

func starterCatalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

//go:embed testdata/cases.csv
var casesCSV string

func TestEveryQuantityOfTheCasesHasAnIndicatorThatTakesItsUnit(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	rows, err := csv.NewReader(strings.NewReader(casesCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	valued := map[string]bool{}
	for _, r := range rows[1:] {
		fact, code, part, role, unit := r[0], r[1], r[2], r[3], r[4]
		i, ok := c.ByCode(code)
		if !ok {
			t.Errorf("%s: no indicator %s", fact, code)
			continue
		}
		if _, ok := i.PartByCode(part); !ok {
			t.Errorf("%s: %s has no part %q", fact, code, part)
		}
		if name, ok := strings.CutPrefix(role, "breakdown:"); ok {
			if p, ok := i.PartByCode(part); !ok || part == "" || !strings.Contains(viet.Fold(p.Name), viet.Fold(name)) {
				t.Errorf("%s: part %s of %s does not mean %q", fact, part, code, name)
			}
		}
		percent := strings.HasPrefix(role, "percent-of-target") || role == "mention"
		if unit != "" && !percent && !i.AcceptsUnit(unit) {
			t.Errorf("%s: %s counts %s, the source prints %s", fact, code, i.Unit, unit)
		}
		if role == "value" {
			if valued[fact] {
				t.Errorf("%s has two values", fact)
			}
			valued[fact] = true
		}
		if role == "value" && (i.Across == Ratio) {
			t.Errorf("%s: %s is computed and takes no value", fact, code)
		}
	}
	if len(valued) != 55 {
		t.Errorf("%d facts have a value, the cases hold 55", len(valued))
	}
}

func TestStarterHoldsTogether(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	if n := len(c.All()); n < 65 {
		t.Errorf("%d indicators", n)
	}
	names := map[string]string{}
	for _, i := range c.All() {
		if !strings.HasPrefix(i.Code, i.Topic) {
			t.Errorf("%s stands in topic %s", i.Code, i.Topic)
		}
		switch {
		case i.Unit == "%" && i.Decimals != 2, i.Unit == "đồng" && i.Decimals != 0, i.Unit == "m2" && i.Decimals != 0,
			(i.Unit == "km" || i.Unit == "tấn") && i.Decimals != 3:
			t.Errorf("%s: %d decimals of %s", i.Code, i.Decimals, i.Unit)
		}
		for _, name := range append([]string{i.Name}, i.Synonyms...) {
			key := viet.Fold(key(name))
			if other, ok := names[key]; ok && other != i.Code {
				t.Errorf("%q means %s and %s", name, other, i.Code)
			}
			names[key] = i.Code
			if name != viet.Clean(name) {
				t.Errorf("%s: %q is not in its stored form", i.Code, name)
			}
		}
		for _, id := range []int64{i.Numerator, i.Denominator} {
			if of, ok := c.ByID(id); i.Across == Ratio && (!ok || of.Across != Sum) {
				t.Errorf("%s is a ratio of what is not summed", i.Code)
			}
		}
	}
}

func TestSameUnitKnowsSynonymsAndConvertsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"ngày công", "công lao động", true},
		{"Công", "ngày công", true},
		{"cong lao dong", "ngày công", true},
		{"m2", "m²", true},
		{"mét vuông", "M2", true},
		{"căn", "nhà", true},
		{"ngôi nhà", "căn", true},
		{"đồng", "đ", true},
		{"VNĐ", "đồng", true},
		{"lượt  người", "Lượt người", true},
		{"hòa giải", "hoà giải", true},
		{"người", "lượt người", false},
		{"triệu đồng", "đồng", false},
		{"m", "m2", false},
		{"m", "km", false},
		{"suất quà", "phần quà", false},
		{"cuộc", "buổi", false},
		{"cân", "căn", false},
		{"hộ", "hồ", false},
		{"ho", "hộ", true},
		{"", "đồng", false},
	} {
		if SameUnit(c.a, c.b) != c.want || SameUnit(c.b, c.a) != c.want {
			t.Errorf("SameUnit(%q, %q): want %v", c.a, c.b, c.want)
		}
	}
}

func TestMatchFindsWhatAHeadingMeans(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	for _, x := range []struct {
		text, unit, want string
		exact            bool
	}{
		{"TT01", "", "TT01", true},
		{" tt01 ", "cuộc", "TT01", true},
		{"TT01", "km", "TT01", false}, // the code is known, the unit is not its own
		{"Buổi tuyên truyền", "", "TT01", true},
		{"SỐ BUỔI TUYÊN TRUYỀN:", "Buổi", "TT01", true},
		{"buoi tuyen truyen", "", "TT01", true},
		{"Công lao động", "công lao động", "DG02", true},
		{"Quỹ \"Vì người nghèo\"", "đ", "QV01", true},
		{"Quỹ Vì người nghèo", "đồng", "QV01", true},
		{"Khen thưởng", "tập thể/cá nhân", "KT01", true},
		{"Suất quà", "phần quà", "AS03", true},
		{"Kết nạp đảng viên", "người", "DV02", true},
		{"Kết nạp đảng viên", "", "DV02", true},
		{"Kêt nạp đang vien", "đảng viên", "DV02", true},
		{"Buổi tuyên truyền", "lượt người", "TT01", false},
		{"Số buổi tuyên truyền lưu động", "buổi", "TT01", false},
		{"Buổi tuyên truyềnn", "", "TT01", false},
	} {
		found, exact := c.Match(x.text, x.unit)
		if exact != x.exact || len(found) == 0 || found[0].Code != x.want || exact && len(found) != 1 {
			t.Errorf("Match(%q, %q) = %v, %v; want %s, %v", x.text, x.unit, codesOf(found), exact, x.want, x.exact)
		}
	}
	for _, text := range []string{"", "  ", "xyz", "Người lập biểu"} {
		if found, exact := c.Match(text, ""); exact || len(found) > 0 {
			t.Errorf("Match(%q) = %v, %v; want nothing", text, codesOf(found), exact)
		}
	}
}

func TestTheUnitChoosesAmongEqualNames(t *testing.T) {
	t.Parallel()
	c := newCatalog([]Indicator{
		{ID: 1, Code: "A1", Version: 1, Topic: "KH", Name: "Cây xanh", Unit: "cây", ValidTo: org.Forever},
		{ID: 2, Code: "A2", Version: 1, Topic: "KH", Name: "Cây xanh", Unit: "km", ValidTo: org.Forever},
	})
	if found, exact := c.Match("cây xanh", ""); exact || len(found) != 2 {
		t.Errorf("without a unit %v, %v; want both offered", codesOf(found), exact)
	}
	if found, exact := c.Match("cây xanh", "km"); !exact || codesOf(found)[0] != "A2" {
		t.Errorf("with a unit %v, %v; want A2", codesOf(found), exact)
	}
}

func codesOf(in []Indicator) []string {
	var out []string
	for _, i := range in {
		out = append(out, i.Code)
	}
	return out
}

func TestSearchRanksTheWordsAsTypedFirst(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	if n := len(c.Search("")); n != len(c.All()) {
		t.Errorf("an empty search finds %d of %d", n, len(c.All()))
	}
	if got := codesOf(c.Search("duong hoa")); !slices.Contains(got, "CT09") {
		t.Errorf("folded: %v", got)
	}
	got := codesOf(c.Search("hộ"))
	if len(got) == 0 || slices.Index(got, "VH02") < 0 || slices.Index(got, "VH02") > slices.Index(got, "HV04") && slices.Contains(got, "HV04") {
		t.Errorf("“hộ” finds %v; VH02 must stand before HV04 (hội)", got)
	}
	if got := c.Search("không có chỉ tiêu này"); len(got) != 0 {
		t.Errorf("found %v", codesOf(got))
	}
}

func TestTopicsAreInTheReportsOrder(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	var got []string
	n := 0
	for _, g := range c.Topics() {
		got = append(got, g.Code)
		n += len(g.Indicators)
	}
	want := []string{"TT", "HV", "QV", "DG", "CT", "MH", "GS", "YK", "DV", "AS", "VH", "TV", "KT", "TC", "NT"}
	if diff := cmp.Diff(want, got); diff != "" || n != len(c.All()) {
		t.Errorf("%d of %d indicators: %s", n, len(c.All()), diff)
	}
}

func TestAtShowsTheVersionOfTheDay(t *testing.T) {
	t.Parallel()
	version := func(n int, from, to, name string) Indicator {
		return Indicator{ID: 1, Code: "A1", Version: n, ValidFrom: from, ValidTo: to, Name: name, Topic: "KH", Unit: "cuộc"}
	}
	c := newCatalog([]Indicator{
		version(2, "2019-01-01", "2020-01-01", "tên hai"),
		version(1, org.Always, "2018-07-01", "tên một"),
		{ID: 2, Code: "A2", Version: 1, ValidFrom: "2020-01-01", ValidTo: org.Forever, Name: "thay thế", Topic: "KH", Unit: "cuộc", Replaces: 1},
	})
	for day, want := range map[string]string{"2000-01-01": "tên một", "2018-06-30": "tên một", "2018-07-01": "", "2018-12-31": "",
		"2019-01-01": "tên hai", "2020-01-01": "thay thế"} {
		view := c.At(day)
		got := ""
		for _, i := range view.All() {
			got = i.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
	if i, ok := c.At("2018-12-31").Version(1, 1); !ok || i.Name != "tên một" {
		t.Error("a version out of view is not found by number")
	}
	if i, ok := c.ByCode("a1"); !ok || i.Version != 2 {
		t.Errorf("the catalogue shows version %d, want the latest", i.Version)
	}
	if i, ok := c.ReplacedBy(1); !ok || i.Code != "A2" {
		t.Error("the successor is not found")
	}
}

func TestAddressNamesIndicatorAndPart(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	for _, text := range []string{"AS07", "AS07.SUA", "as07.sua", "AS07.Sửa chữa"} {
		i, p, ok := c.PartByCode(text)
		if !ok || i.Code != "AS07" || (p.Part == Total) != (text == "AS07") {
			t.Errorf("%s: %s %v %v", text, i.Code, p, ok)
		}
		if j, q, ok := c.PartByCode(Address(i, p)); !ok || j.ID != i.ID || q != p {
			t.Errorf("%s does not come back from %s", text, Address(i, p))
		}
	}
	for _, text := range []string{"AS07.XX", "ZZ99", ""} {
		if _, _, ok := c.PartByCode(text); ok {
			t.Errorf("%q was read", text)
		}
	}
}

func TestCheckRefusesWhatCannotBeCounted(t *testing.T) {
	t.Parallel()
	good := Indicator{Code: "KH01", Name: "Cây xanh", Topic: "KH", Unit: "cây", Measure: Flow, Across: Sum, Better: Up,
		ValidFrom: org.Always, ValidTo: org.Forever}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Indicator){
		"code":        func(i *Indicator) { i.Code = "KH 1" },
		"name":        func(i *Indicator) { i.Name = "" },
		"topic":       func(i *Indicator) { i.Topic = "ZZ" },
		"unit":        func(i *Indicator) { i.Unit = "" },
		"decimals":    func(i *Indicator) { i.Decimals = 7 },
		"decimals 2":  func(i *Indicator) { i.Unit, i.Decimals = "đồng", 2 },
		"measure":     func(i *Indicator) { i.Measure = "x" },
		"across":      func(i *Indicator) { i.Measure = Rate },
		"across 2":    func(i *Indicator) { i.Numerator = 3 },
		"numerator":   func(i *Indicator) { i.Measure, i.Across = Rate, Ratio },
		"numerator 2": func(i *Indicator) { i.Measure, i.Across, i.Numerator, i.Denominator = Rate, Ratio, 3, 3 },
		"measure 2":   func(i *Indicator) { i.Across, i.Numerator, i.Denominator = Ratio, 3, 4 },
		"better":      func(i *Indicator) { i.Better = "?" },
		"from":        func(i *Indicator) { i.ValidTo = i.ValidFrom },
		"parts":       func(i *Indicator) { i.Parts = []Part{{Code: "A", Name: "một chữ", Kind: Additive}} },
		"parts 2":     func(i *Indicator) { i.Parts = []Part{{Code: "AA", Kind: OfWhich}} },
		"parts 3": func(i *Indicator) {
			i.Parts = []Part{{Code: "AA", Name: "a", Kind: OfWhich}, {Code: "AA", Name: "b", Kind: OfWhich}}
		},
		"parts 4": func(i *Indicator) {
			i.Measure, i.Across, i.Parts = Stock, None, []Part{{Code: "AA", Name: "a", Kind: Additive}}
		},
	} {
		i := good
		spoil(&i)
		faults := fault.All(i.check())
		if len(faults) == 0 || faults[0].Field != strings.Fields(field)[0] {
			t.Errorf("%s: %v", field, faults)
		}
	}
}
