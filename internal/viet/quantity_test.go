package viet

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"
)

func number(v int64, scale int, q Qualifier, unit string) Quantity {
	return Quantity{Value: v, Scale: scale, Qualifier: q, Unit: unit}
}

func between(low, high int64, scale int, unit string) Quantity {
	return Quantity{Value: low, Low: low, High: high, Scale: scale, Qualifier: Range, Unit: unit}
}

func magnitude(words, unit string) Quantity {
	return Quantity{Qualifier: Magnitude, Magnitude: words, Unit: unit}
}

var ignoreRaw = cmpopts.IgnoreFields(Quantity{}, "Raw")

// Numbers as reports and newspapers print them.
var printed = []struct {
	in   string
	want Quantity
}{
	{"trên 20 tỷ đồng", number(20_000_000_000, 0, Over, "đồng")},
	{"20 tỷ đồng", number(20_000_000_000, 0, Exact, "đồng")},
	{"17,6 tỉ", number(17_600_000_000, 0, Exact, "")},
	{"1,42 tỷ", number(1_420_000_000, 0, Exact, "")},
	{"3 tỷ 556,6 triệu đồng", number(3_556_600_000, 0, Exact, "đồng")},
	{"13 triệu 800 ngàn đồng", number(13_800_000, 0, Exact, "đồng")},
	{"13 triệu 800 ngàn", number(13_800_000, 0, Exact, "")},
	{"1.4 tỷ", number(1_400_000_000, 0, Exact, "")},
	{"996 triệu", number(996_000_000, 0, Exact, "")},
	{"113.790.000đ", number(113_790_000, 0, Exact, "đ")},
	{"62.515.000", number(62_515_000, 0, Exact, "")},
	{"353,30%", number(35330, 2, Exact, "%")},
	{"23,5 %", number(235, 1, Exact, "%")},
	{"07 căn", number(7, 0, Exact, "căn")},
	{"01 ngôi nhà", number(1, 0, Exact, "ngôi nhà")},
	{"5-6 nghìn m2", between(5000, 6000, 0, "m2")},
	{"5 – 6 nghìn m2", between(5000, 6000, 0, "m2")},
	{"từ 5 đến 6 nghìn", between(5000, 6000, 0, "")},
	{"1,5-3 triệu", between(1_500_000, 3_000_000, 0, "")},
	{"1-2 đảng viên", between(1, 2, 0, "đảng viên")},
	{"500 triệu - 1 tỷ đồng", between(500_000_000, 1_000_000_000, 0, "đồng")},
	{"5% - 7,5%", between(50, 75, 1, "%")},
	{"hai đến ba người", between(2, 3, 0, "người")},
	{"hàng trăm ngày công", magnitude("hàng trăm", "ngày công")},
	{"hàng trăm", magnitude("hàng trăm", "")},
	{"hàng ngàn ngày công", magnitude("hàng ngàn", "ngày công")},
	{"hàng chục nghìn lượt người", magnitude("hàng chục nghìn", "lượt người")},
	{"vài chục hộ", magnitude("vài chục", "hộ")},
	{"nhiều buổi", magnitude("nhiều", "buổi")},
	{"Hàng vạn", magnitude("hàng vạn", "")},
	{"2782 hộ", number(2782, 0, Exact, "hộ")},
	{"11.376 khẩu", number(11376, 0, Exact, "khẩu")},
	{"trên 150", number(150, 0, Over, "")},
	{"450 triệu đồng", number(450_000_000, 0, Exact, "đồng")},
	{"trên 4.000m2", number(4000, 0, Over, "m2")},
	{"trên 500.000.000 đồng", number(500_000_000, 0, Over, "đồng")},
	{"trên 22 nghìn m2", number(22000, 0, Over, "m2")},
	{"gần 10 nghìn m2 đất", number(10000, 0, Nearly, "m2 đất")},
	{"gần 1,2 tỷ đồng", number(1_200_000_000, 0, Nearly, "đồng")},
	{"hơn 3,1 tỷ", number(3_100_000_000, 0, Over, "")},
	{"từ 7% trở lên", number(7, 0, AtLeast, "%")},
	{"ít nhất 1 đảng viên", number(1, 0, AtLeast, "đảng viên")},
	{"không quá 15 ngày", number(15, 0, AtMost, "ngày")},
	{"10 hộ trở xuống", number(10, 0, AtMost, "hộ")},
	{"khoảng trên 20", number(20, 0, About, "")},
	{"≥ 20", number(20, 0, AtLeast, "")},
	{"1.500.000 đồng/khẩu", number(1_500_000, 0, Exact, "đồng/khẩu")},
	{"1.234.567,89", number(123456789, 2, Exact, "")},
	{"1,234,567", number(1_234_567, 0, Exact, "")},
	{"1,234,567.89", number(123456789, 2, Exact, "")},
	{"1.400", number(1400, 0, Exact, "")},
	{"17.6", number(176, 1, Exact, "")},
	{"0,400", number(400, 3, Exact, "")},
	{"1 500 000 đồng", number(1_500_000, 0, Exact, "đồng")},
	{"1 triệu 500.000 đồng", number(1_500_000, 0, Exact, "đồng")},
	{"1 nghìn 500", number(1500, 0, Exact, "")},
	{"dưới 20 người", number(20, 0, AtMost, "người")},
	{"trên dưới 100 người", number(100, 0, About, "người")},
	{"2 triệu rưỡi", number(2_500_000, 0, Exact, "")},
	{"5 nghìn tỷ đồng", number(5_000_000_000_000, 0, Exact, "đồng")},
	{"5tr", number(5_000_000, 0, Exact, "")},
	{"5 trđ", number(5_000_000, 0, Exact, "đ")},
	{"5 tr.đ", number(5_000_000, 0, Exact, "đ")},
	{"2 trăm triệu", number(200_000_000, 0, Exact, "")},
	{"5 trạm", number(5, 0, Exact, "trạm")},
	{"5 ngăn", number(5, 0, Exact, "ngăn")},
	{"0", number(0, 0, Exact, "")},
	{"-5", number(-5, 0, Exact, "")},
	{"−5,2%", number(-52, 1, Exact, "%")},
	{"２０ tỷ", number(20_000_000_000, 0, Exact, "")},
	{"1.500\u00a0công lao động", number(1500, 0, Exact, "công lao động")},
	{"450 triệu đồng.", number(450_000_000, 0, Exact, "đồng")},
	{"9223372036854775807", number(9223372036854775807, 0, Exact, "")},
	{"hai mươi lăm", number(25, 0, Exact, "")},
	{"một trăm linh năm", number(105, 0, Exact, "")},
	{"Hai mươi lăm hộ", number(25, 0, Exact, "hộ")},
	{"hai mươi năm", number(20, 0, Exact, "năm")},
	{"năm năm", number(5, 0, Exact, "năm")},
	{"ba trăm nghìn đồng", number(300_000, 0, Exact, "đồng")},
	{"hai triệu rưỡi đồng", number(2_500_000, 0, Exact, "đồng")},
	{"hai nghìn không trăm hai mươi tư", number(2024, 0, Exact, "")},
	{"không đồng", number(0, 0, Exact, "đồng")},
	{"", Quantity{}},
	{"  ", Quantity{}},
	{"-", Quantity{}},
	{"–", Quantity{}},
}

func TestParseQuantityReadsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	for _, c := range printed {
		for _, in := range []string{c.in, norm.NFD.String(c.in), " " + c.in + "\u200b"} {
			got, err := ParseQuantity(in)
			if err != nil {
				t.Errorf("%q: %v", in, err)
				continue
			}
			if diff := cmp.Diff(c.want, got, ignoreRaw); diff != "" {
				t.Errorf("%q (-want +got):\n%s", in, diff)
			}
			if want := strings.TrimSpace(NFC(c.in)); got.Raw != want {
				t.Errorf("%q: raw %q, want %q", in, got.Raw, want)
			}
		}
	}
}

func TestParseQuantityAsks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in    string
		types []string // what each reading offers to type
	}{
		{"1,400", []string{"1400", "1,4000"}},
		{"1.400 tỷ", []string{"1.400.000.000.000", "1.400.000.000"}},
		{"trên 1,425 tỷ đồng", []string{"trên 1.425.000.000.000 đồng", "trên 1.425.000.000 đồng"}},
		{"388.640.000 triệu đồng", []string{"388.640.000 đồng", "388.640.000.000.000 đồng"}},
		{"1,234,567 triệu", []string{"1.234.567", "1.234.567.000.000"}},
		{"1 tỷ 2", []string{"1.200.000.000", "1.000.000.002"}},
		{"1 tỷ 200", []string{"1.200.000.000", "1.000.000.200"}},
		{"1tr2", []string{"1.200.000", "1.000.002"}},
		{"một triệu hai", []string{"1.200.000", "1.000.002"}},
		{"một trăm hai", []string{"120", "102"}},
		{"hai trăm năm", []string{"250", "205"}},
		{"20 ty dong", []string{"20.000.000.000 dong"}},
		{"500k", []string{"500000"}},
		{"1 500", []string{"1500"}},
		{"1234.567", []string{"1.234.567", "1.234,5670"}},
		{"1.2345", []string{"1,2345"}},
		{"1.400 - 1.600 tỷ", []string{"1.400.000.000.000 - 1.600.000.000.000", "1.400.000.000 - 1.600.000.000"}},
		{"-1.005 tỷ", []string{"-1.005.000.000.000", "-1.005.000.000"}},
		{"không", []string{"0", "-"}},
		{"không có", []string{"0", "-"}},
	}
	for _, c := range cases {
		_, err := ParseQuantity(c.in)
		var q *Question
		if !errors.As(err, &q) {
			t.Errorf("%q: %v, want a question", c.in, err)
			continue
		}
		var types []string
		for _, r := range q.Readings {
			types = append(types, r.Type)
			again, err := ParseQuantity(r.Type)
			if err != nil {
				t.Errorf("%q offers %q, which is: %v", c.in, r.Type, err)
			} else if again.HasNumber() && newAmount(again).cmp(newAmount(r.Quantity)) != 0 {
				t.Errorf("%q offers %q, which reads as %v, not %v", c.in, r.Type, again, r.Quantity)
			}
			if !strings.Contains(q.Text, r.Text) {
				t.Errorf("%q: the text %q does not show the reading %q", c.in, q.Text, r.Text)
			}
		}
		if diff := cmp.Diff(c.types, types); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestParseQuantityRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in   string
		at   int
		says string
	}{
		{"50.700.00 ngàn đồng", 7, "nhóm chữ số “00”"},
		{"1.315hơn 6.500 hộ", 9, "thêm một số nữa"},
		{"hàng trăm m2; hàng ngàn ngày công", 10, "tách ra"},
		{"9 dari 8 ... 88,8%", 7, "thêm một số nữa"},
		{"48/204", 3, "tỷ số"},
		{"1,23,456", 2, "nhóm chữ số “23”"},
		{"1.234,567.89", 5, "xen kẽ"},
		{"abc", -1, "không đọc được số"},
		{"trên đồng", 5, "phải là một số"},
		{"20.", 2, "không thuộc về số"},
		{"20 hơn", 3, "phải đứng trước số"},
		{"- 5", -1, "không đọc được số"},
		{"(5)", -1, "không đọc được số"},
		{"trên gần 5", -1, "trái nhau"},
		{"trên 5 trở lên", -1, "trái nhau"},
		{"trên 5-6 nghìn", -1, "khoảng số"},
		{"trên hàng trăm", -1, "bậc độ lớn"},
		{"hàng trăm trở lên", -1, "bậc độ lớn"},
		{"5 - 1 tỷ 500 triệu", -1, "thiếu đơn vị"},
		{"1.23,4", 2, "nhóm chữ số “23”"},
		{"từ 5", -1, "trở lên"},
		{"5-5", -1, "nhỏ hơn cuối khoảng"},
		{"6-5", -1, "nhỏ hơn cuối khoảng"},
		{"5 m - 6 km", -1, "đơn vị khác nhau"},
		{"3 tỷ 5 tỷ", 5, "nhỏ hơn đơn vị"},
		{"3 tỷ 1.500 triệu", 5, "phần sau phải nhỏ hơn"},
		{"5 triệu hai trăm nghìn", 8, "số bằng chữ"},
		{"hai ba người", -1, "không đọc được số"},
		{"99999999999999999999", -1, "quá lớn"},
		{"mười tỷ tỷ", -1, "quá lớn"},
		{"1.5E+09", 3, "khoa học"},
		{"1e3", 1, "khoa học"},
		{"#REF!", -1, "#REF!"}, {"#VALUE!", -1, "#VALUE!"}, {"#DIV/0!", -1, "#DIV/0!"}, {"#N/A", -1, "#N/A"}, {"#NAME?", -1, "#NAME?"},
		{strings.Repeat("Căn cứ Nghị quyết số 1 ", 20), -1, "đoạn văn"},
		{"5 " + strings.Repeat("người dự hội nghị ", 5), 2, "cả một câu"},
		{"٥", -1, "không đọc được số"},
	}
	for _, c := range cases {
		q, err := ParseQuantity(c.in)
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%q: %v %v, want a refusal", c.in, q, err)
			continue
		}
		if r.At != c.at || !strings.Contains(r.Text, c.says) {
			t.Errorf("%q: at %d %q, want at %d, saying %q", c.in, r.At, r.Text, c.at, c.says)
		}
	}
}

func TestParseQuantityForUsesTheDecimals(t *testing.T) {
	t.Parallel()
	count := Options{Unit: "người"}
	area := Options{Unit: "m2", Decimals: 1}
	weight := Options{Unit: "tấn", Decimals: 3}
	money := Options{Unit: "đồng"}
	ok := []struct {
		in   string
		opt  Options
		want Quantity
	}{
		{"1.400", count, number(1400, 0, Exact, "người")},
		{"1.000", count, number(1000, 0, Exact, "người")},
		// 1,4 cannot be a count of households, so only the English grouping remains.
		{"1,400", Options{Unit: "hộ"}, number(1400, 0, Exact, "hộ")},
		{"5 hộ", count, number(5, 0, Exact, "hộ")},
		{"17,6", area, number(176, 1, Exact, "m2")},
		{"4.000.000m2", area, number(40_000_000, 1, Exact, "m2")},
		{"1,400", weight, number(1400, 3, Exact, "tấn")},
		{"1,42 tỷ", money, number(1_420_000_000, 0, Exact, "đồng")},
		{"1,5-3 triệu", money, between(1_500_000, 3_000_000, 0, "đồng")},
		{"7,0", count, number(7, 0, Exact, "người")},
		{"", count, Quantity{}},
	}
	for _, c := range ok {
		got, err := ParseQuantityFor(c.in, c.opt)
		if err != nil {
			t.Errorf("%q for %v: %v", c.in, c.opt, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, ignoreRaw); diff != "" {
			t.Errorf("%q for %v (-want +got):\n%s", c.in, c.opt, diff)
		}
	}
	for _, c := range []struct {
		in  string
		opt Options
	}{{"1.400", area}, {"1.400 tỷ", money}, {"1,000", count}, {"1.400 triệu", money}, {"1,400", area}} {
		var q *Question
		if got, err := ParseQuantityFor(c.in, c.opt); !errors.As(err, &q) || len(q.Readings) != 2 {
			t.Errorf("%q for %v: %v %v, want a question with two readings", c.in, c.opt, got, err)
		} else if !strings.Contains(q.Text, c.opt.Unit) {
			t.Errorf("%q: %q does not name the unit", c.in, q.Text)
		}
	}
	for in, opt := range map[string]Options{"17,6": count, "17,65": area, "0,5": money} {
		var r *Refusal
		if got, err := ParseQuantityFor(in, opt); !errors.As(err, &r) {
			t.Errorf("%q for %v: %v %v, want a refusal", in, opt, got, err)
		}
	}
}

func TestAtIsExactOrRefuses(t *testing.T) {
	t.Parallel()
	q := number(1750, 2, Over, "m2")
	if got, err := q.At(1); err != nil || got.Value != 175 || got.Scale != 1 {
		t.Errorf("17,50 with one decimal: %v %v", got, err)
	}
	if got, err := q.At(4); err != nil || got.Value != 175000 {
		t.Errorf("17,50 with four decimals: %v %v", got, err)
	}
	for _, decimals := range []int{0, 18} {
		if got, err := q.At(decimals); err == nil {
			t.Errorf("17,50 with %d decimals: %v, want an error", decimals, got)
		}
	}
	if got, err := magnitude("hàng trăm", "").At(2); err != nil || got.Magnitude != "hàng trăm" {
		t.Errorf("a magnitude has no digits to lose: %v %v", got, err)
	}
}

func TestParseRatio(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in       string
		num, den Quantity
		percent  string
	}{
		{"48/204 đảng viên, đạt 23,5%", number(48, 0, Exact, "đảng viên"), number(204, 0, Exact, "đảng viên"), "23,5%"},
		{"48/204", number(48, 0, Exact, ""), number(204, 0, Exact, ""), ""},
		{"62.515.000/53.781.000 đồng (đạt 116%)", number(62_515_000, 0, Exact, "đồng"), number(53_781_000, 0, Exact, "đồng"), "116%"},
		{"7.973/8.686 hộ", number(7973, 0, Exact, "hộ"), number(8686, 0, Exact, "hộ"), ""},
		{"98 / 110 (89,1%)", number(98, 0, Exact, ""), number(110, 0, Exact, ""), "89,1%"},
		{"65/170, đạt 38,2% chỉ tiêu năm", number(65, 0, Exact, ""), number(170, 0, Exact, ""), "38,2%"},
		{"trên 48 hộ/204 hộ", number(48, 0, Over, "hộ"), number(204, 0, Exact, "hộ"), ""},
	}
	for _, c := range cases {
		num, den, percent, err := ParseRatio(norm.NFD.String(c.in))
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if diff := cmp.Diff([]Quantity{c.num, c.den}, []Quantity{num, den}, ignoreRaw); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
		got := ""
		if percent != nil {
			got = Phrase(*percent, percent.Unit)
		}
		if got != c.percent {
			t.Errorf("%q: percent %q, want %q", c.in, got, c.percent)
		}
	}
	for _, in := range []string{"", "48", "48/", "/204", "48/0", "48/204/3", "18/7/2017", "hàng trăm/204", "1,2/3 tỷ đồng", "5 m/6 km", "a/b"} {
		if num, den, _, err := ParseRatio(in); err == nil {
			t.Errorf("%q: %v %v, want an error", in, num, den)
		}
	}
}

func newAmount(q Quantity) amount { return amount{big.NewInt(q.Value), q.Scale} }
