package rule

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"giaoban/internal/fault"
	"giaoban/internal/indicator"
)

func starterCatalog(t testing.TB) *indicator.Catalog {
	t.Helper()
	c, err := indicator.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func must(t testing.TB, c *indicator.Catalog, text string) *Expr {
	t.Helper()
	e, err := Parse(text, c)
	if err != nil {
		t.Fatalf("%s: %s", text, fault.Text(err))
	}
	return e
}

func TestExpressionsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	for a, b := range map[string]string{
		"HV01 <= HV03":                             "( hv01 ≤ hv03 )",
		"DG01 <= 1.500.000":                        "DG01 <= 1500000",
		"DG01 <= 1,5 tỷ":                           "DG01<=1500 trieu",
		"DG01 <= 10 * DG01[cùng kỳ]":               "dg01 <= 10 × dg01[CUNG  KY]",
		"HV03 = HV03[kỳ trước] + HV01 - HV02":      "HV03 = (HV03[ky truoc] + HV01) − HV02",
		"có(HV01) và không (HV02 > 1 hoặc HV05<2)": "co(HV01) and not (HV02 > 1 or HV05 < 2)",
		"tổng(HV01; HV02) * 2 >= 3 + 4 / 8":        "TONG( HV01;HV02 )*2>=3+(4/8)",
		"HV01.DTTS <= HV01":                        "HV01.dtts <= HV01",
		"DG04 >= 0,125":                            "DG04 ≥ 0,125",
	} {
		if x, y := must(t, c, a).String(), must(t, c, b).String(); x != y {
			t.Errorf("%s is %s, %s is %s", a, x, b, y)
		}
	}
}

func TestWhatIsNoExpressionIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	for text, want := range map[string]string{
		"HV01 <=":                    "Ở ký tự thứ 8: điều kiện bị thiếu phần cuối.",
		"HV01 <= XX99":               "không có chỉ tiêu hay hàm “XX99”",
		"HV01.KHONG <= 1":            "không có chỉ tiêu hay hàm “HV01.KHONG”",
		"DG01 <= DG02":               "không so sánh, cộng, trừ được “đồng” với “ngày công”",
		"DG01 + DG02 > 1":            "không so sánh, cộng, trừ được “đồng” với “ngày công”",
		"DG01":                       "đây là một con số, chưa phải điều kiện",
		"DG01 > 1 > 2":               "mỗi lần chỉ so sánh hai vế",
		"DG01 > 50%":                 "không dùng dấu %",
		"DG01 > 1.50":                "số viết chưa rõ",
		"DG01 > 1500.000":            "số viết chưa rõ",
		"DG01 > 1,":                  "sau dấu phẩy phải là chữ số",
		"tổng(DG01, DG08) > 1":       "thiếu dấu “)” hoặc dấu “;”",
		"(DG01 > 1":                  "thiếu dấu “)”",
		"DG01 > 1 )":                 "thừa “)”",
		"DG01 và DG08":               "phải là điều kiện, không phải con số",
		"không DG01":                 "sau “không” phải là một điều kiện",
		"(DG01 > 1) + 1 > 2":         "chỗ này phải là con số",
		"nếu(DG01; 1; 2) > 1":        "phần đầu của “nếu” phải là một điều kiện",
		"nếu(DG01 > 1; 1) > 1":       "cần 3 phần",
		"abs(DG01; 2) > 1":           "cần 1 phần",
		"DG01[năm ngoái] > 1":        "trong ngoặc vuông hãy viết",
		"DG01[cùng kỳ > 1":           "trong ngoặc vuông hãy viết",
		"HV01.DTTS[kế hoạch] > 1":    "kế hoạch chỉ có cho cả chỉ tiêu",
		"GS06 > 1":                   "tỷ lệ do hệ thống tự tính",
		"DG01 > @":                   "không hiểu “@”",
		strings.Repeat("(", 60):      "quá nhiều lớp ngoặc",
		strings.Repeat("không ", 60): "quá nhiều lớp ngoặc",
		"DG01 > " + strings.Repeat("-", 60) + "1": "quá nhiều dấu trừ",
	} {
		if _, err := Parse(text, c); !fault.Is(err, fault.KindInvalid) || !strings.Contains(fault.Text(err), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}

func TestTheStarterRulesFitTheStarterCatalogue(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	for _, r := range starter() {
		must(t, c, r.Expr)
		if err := r.check(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

// figures gives cells by their addresses; "HV03<" is the period before, "HV03'" the year before.
func figures(t testing.TB, c *indicator.Catalog, of map[string]string) map[cell]*big.Rat {
	t.Helper()
	out := map[cell]*big.Rat{}
	for address, text := range of {
		w := now
		if bare, ok := strings.CutSuffix(address, "<"); ok {
			address, w = bare, previous
		} else if bare, ok := strings.CutSuffix(address, "'"); ok {
			address, w = bare, lastYear
		}
		in, part, ok := c.PartByCode(address)
		n, fine := new(big.Rat).SetString(text)
		if !ok || !fine {
			t.Fatalf("%s = %s", address, text)
		}
		out[cell{in.ID, part.Part, w}] = n
	}
	return out
}

func TestRulesAreComputedExactlyAndABlankIsNotZero(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	type given = map[string]string
	for _, x := range []struct {
		expr string
		of   given
		want verdict
	}{
		{"HV01 <= HV03", given{"HV01": "5", "HV03": "5"}, kept},
		{"HV01 <= HV03", given{"HV01": "6", "HV03": "5"}, broken},
		{"HV01 <= HV03", given{"HV01": "6"}, unknown},
		{"HV01 <= HV03", given{"HV01": "0", "HV03": "0"}, kept},
		{"DG04 + DG05 = 0,3", given{"DG04": "0.1", "DG05": "0.2"}, kept}, // not so in floating point
		{"DG04 * 3 = 1", given{"DG04": "1/3"}, kept},
		{"AS08 / AS07 <= 1 tỷ", given{"AS08": "5", "AS07": "0"}, unknown},
		{"tổng(HV01; HV02) = 5", given{"HV01": "5"}, kept},
		{"tổng(HV01; HV02) = 0", given{}, unknown},
		{"tổng(HV01; HV02; 0) = 0", given{}, kept},
		{"có(HV01)", given{}, broken},
		{"có(HV01)", given{"HV01": "0"}, kept},
		{"không có(HV01) hoặc HV01 > 3", given{}, kept},
		{"HV01 > 3 hoặc HV02 > 3", given{"HV02": "4"}, kept},
		{"HV01 > 3 và HV02 > 3", given{"HV02": "2"}, broken},
		{"HV01 > 3 và HV02 > 3", given{"HV02": "4"}, unknown},
		{"nếu(có(HV02); HV01 > HV02; HV01 > 0)", given{"HV01": "1"}, kept},
		{"nếu(HV02 > 1; 5; 6) = 6", given{"HV02": "1"}, kept},
		{"nếu(HV02 > 1; 5; 6) = 6", given{}, unknown},
		{"abs(HV01 - HV02) <= 1", given{"HV01": "3", "HV02": "5"}, broken},
		{"max(HV01; HV02) - min(HV01; HV02) = 2", given{"HV01": "3", "HV02": "5"}, kept},
		{"HV03 = HV03[kỳ trước] + HV01", given{"HV03": "12", "HV03<": "10", "HV01": "2"}, kept},
		{"DG01 <= 10 * DG01[cùng kỳ]", given{"DG01": "101", "DG01'": "10"}, broken},
		{"-HV01 < 0", given{"HV01": "1"}, kept},
		{"HV01 <> 1", given{"HV01": "1"}, broken},
		{"HV01 >= 2", given{"HV01": "2"}, kept},
	} {
		if got := must(t, c, x.expr).judge(figures(t, c, x.of)); got != x.want {
			t.Errorf("%s over %v is %v, want %v", x.expr, x.of, got, x.want)
		}
	}
}

// What is printed in full brackets reads as the same expression, and whatever is read is computed without a panic; filling
// in a blank never turns a verdict that was reached without it.
func TestAVerdictStandsWhenMoreIsKnown(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	cells := []string{"HV01", "HV02", "HV03"}
	rapid.Check(t, func(r *rapid.T) {
		e, err := Parse(condition(r, 3), c)
		if err != nil {
			r.Fatalf("%v", err)
		}
		some := map[string]string{}
		for _, a := range cells {
			if rapid.Bool().Draw(r, "given") {
				some[a] = rapid.SampledFrom([]string{"0", "1", "2", "3"}).Draw(r, "value")
			}
		}
		before := e.judge(figures(t, c, some))
		if before == unknown || usesGiven(e.root) {
			return // having a figure is itself asked: more figures may answer otherwise
		}
		for _, a := range cells {
			if _, ok := some[a]; !ok {
				some[a] = rapid.SampledFrom([]string{"0", "1", "2", "3"}).Draw(r, "more")
			}
		}
		if after := e.judge(figures(t, c, some)); after != before {
			r.Fatalf("%s turns from %v to %v with %v", e, before, after, some)
		}
	})
}

func usesGiven(n *node) bool {
	if n.op == "given" || n.op == "total" {
		return true
	}
	for _, a := range n.args {
		if usesGiven(a) {
			return true
		}
	}
	return false
}

func condition(r *rapid.T, depth int) string {
	if depth == 0 || rapid.Bool().Draw(r, "leaf") {
		return amount(r, 2) + rapid.SampledFrom([]string{" = ", " <> ", " < ", " <= ", " > ", " >= "}).Draw(r, "op") + amount(r, 2)
	}
	switch rapid.IntRange(0, 3).Draw(r, "kind") {
	case 0:
		return "không (" + condition(r, depth-1) + ")"
	case 1:
		return "(" + condition(r, depth-1) + ") và (" + condition(r, depth-1) + ")"
	case 2:
		return "nếu(" + condition(r, depth-1) + "; " + condition(r, depth-1) + "; " + condition(r, depth-1) + ")"
	}
	return "(" + condition(r, depth-1) + ") hoặc (" + condition(r, depth-1) + ")"
}

func amount(r *rapid.T, depth int) string {
	if depth == 0 || rapid.Bool().Draw(r, "leaf") {
		return rapid.SampledFrom([]string{"HV01", "HV02", "HV03", "0", "1", "2", "1,5"}).Draw(r, "atom")
	}
	a, b := amount(r, depth-1), amount(r, depth-1)
	return rapid.SampledFrom([]string{"(" + a + " + " + b + ")", "(" + a + " - " + b + ")", "(2 * " + a + ")", "min(" + a + "; " + b + ")", "max(" + a + "; " + b + ")", "abs(" + a + ")"}).Draw(r, "op")
}

func FuzzParse(f *testing.F) {
	c := starterCatalog(f)
	for _, r := range starter() {
		f.Add(r.Expr)
	}
	for _, text := range []string{"", "((", "HV01[", "1.000,", "nếu(có(HV01);1;2)=1", "-----1", "HV01.DTTS[lũy kế] ≥ 0,5 tỷ", "\u0300", "9999999999999999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4*mostExpr {
			return
		}
		e, err := Parse(text, c)
		if err != nil {
			if !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		e.judge(nil)
		_ = e.String()
	})
}
