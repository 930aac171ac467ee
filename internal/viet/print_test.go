package viet

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFormatInt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		v     int64
		scale int
		want  string
		plain string
	}{
		{1_500_000, 0, "1.500.000", "1.500.000"},
		{176, 1, "17,6", "17,6"},
		{35330, 2, "353,30", "353,3"},
		{7, 0, "7", "7"},
		{0, 2, "0,00", "0"},
		{5, 2, "0,05", "0,05"},
		{-1234567, 3, "-1.234,567", "-1.234,567"},
		{100, 0, "100", "100"},
		{math.MaxInt64, 0, "9.223.372.036.854.775.807", "9.223.372.036.854.775.807"},
		{math.MinInt64, 0, "-9.223.372.036.854.775.808", "-9.223.372.036.854.775.808"},
	}
	for _, c := range cases {
		if got := FormatInt(c.v, c.scale); got != c.want {
			t.Errorf("FormatInt(%d, %d) = %q, want %q", c.v, c.scale, got, c.want)
		}
		if got := FormatPlain(c.v, c.scale); got != c.plain {
			t.Errorf("FormatPlain(%d, %d) = %q, want %q", c.v, c.scale, got, c.plain)
		}
	}
}

func TestFormatMoneyIsShortOnlyWhereNothingIsLost(t *testing.T) {
	t.Parallel()
	for v, want := range map[int64]string{
		0:                     "0 đồng",
		500_000:               "500.000 đồng",
		13_800_000:            "13,8 triệu đồng",
		113_790_000:           "113.790.000 đồng",
		996_000_000:           "996 triệu đồng",
		1_420_000_000:         "1,42 tỷ đồng",
		1_425_000_000:         "1 tỷ 425 triệu đồng",
		3_556_600_000:         "3 tỷ 556,6 triệu đồng",
		20_000_000_000:        "20 tỷ đồng",
		1_000_500_000:         "1.000.500.000 đồng",
		388_640_000_000:       "388,64 tỷ đồng",
		1_400_000_000_000:     "1,4 nghìn tỷ đồng",
		1_425_000_000_000:     "1.425.000.000.000 đồng",
		-1_500_000:            "-1,5 triệu đồng",
		math.MinInt64:         "-9.223.372.036.854.775.808 đồng",
		1_000_000_000_000_000: "1.000.000.000.000.000 đồng",
	} {
		if got := FormatMoney(v); got != want {
			t.Errorf("FormatMoney(%d) = %q, want %q", v, got, want)
		}
	}
}

func TestPhrase(t *testing.T) {
	t.Parallel()
	cases := []struct {
		q    Quantity
		unit string
		want string
	}{
		{number(20_000_000_000, 0, Over, ""), "đồng", "trên 20 tỷ đồng"},
		{number(1400, 0, Nearly, ""), "m2", "gần 1.400 m2"},
		{magnitude("hàng trăm", ""), "ngày công", "hàng trăm ngày công"},
		{between(1_500_000, 3_000_000, 0, ""), "đồng", "từ 1,5 đến 3 triệu đồng"},
		{between(300_000_000, 1_000_000_000, 0, ""), "đồng", "từ 0,3 đến 1 tỷ đồng"},
		{between(1500, 2_300_000, 0, ""), "đồng", "từ 1.500 đến 2.300.000 đồng"},
		{between(1, 2, 0, ""), "đảng viên", "từ 1 đến 2 đảng viên"},
		{between(1_500_000, 3_000_000, 0, ""), "đồng/khẩu", "từ 1.500.000 đến 3.000.000 đồng/khẩu"},
		{between(50, 75, 1, ""), "%", "từ 5,0 đến 7,5%"},
		{number(235, 1, Exact, ""), "%", "23,5%"},
		{number(7, 0, AtLeast, ""), "%", "ít nhất 7%"},
		{number(15, 0, AtMost, ""), "ngày", "không quá 15 ngày"},
		{number(2000, 0, About, ""), "", "khoảng 2.000"},
		{Quantity{}, "đồng", ""},
	}
	for _, c := range cases {
		if got := Phrase(c.q, c.unit); got != c.want {
			t.Errorf("Phrase(%v, %q) = %q, want %q", c.q, c.unit, got, c.want)
		}
	}
}

func drawQuantity(t *rapid.T) Quantity {
	unit := rapid.SampledFrom([]string{"đồng", "m2", "ngày công", "%", "", "đảng viên", "đồng/khẩu", "căn", "lượt người"}).Draw(t, "unit")
	q := Quantity{Unit: unit, Qualifier: rapid.SampledFrom([]Qualifier{Exact, Over, Nearly, About, AtLeast, AtMost, Magnitude, Range}).Draw(t, "qualifier")}
	if unit != "đồng" {
		q.Scale = rapid.IntRange(0, 6).Draw(t, "scale")
	}
	value := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2000, 2000), rapid.Custom(func(t *rapid.T) int64 {
		round := []int64{1e3, 1e5, 1e6, 1e7, 1e9, 1e12}
		return rapid.Int64Range(-9999, 9999).Draw(t, "head") * rapid.SampledFrom(round).Draw(t, "round")
	}))
	switch q.Qualifier {
	case Magnitude:
		q.Scale = 0
		q.Magnitude = rapid.SampledFrom([]string{"hàng trăm", "hàng chục nghìn", "nhiều", "vài chục", "hàng ngàn"}).Draw(t, "words")
	case Range:
		// A negative end has no place in a range of counts, and the dash could not be told from the sign.
		a, b := value.Draw(t, "low")&math.MaxInt64, value.Draw(t, "high")&math.MaxInt64
		if a == b {
			b = a/2 + 1
			a = b - 1
		}
		q.Low, q.High = min(a, b), max(a, b)
		q.Value = q.Low
	default:
		q.Value = value.Draw(t, "value")
	}
	return q
}

// Exactly three decimals can be taken for a group, so such a number is read with the indicator's decimals.
func TestParseReadsWhatPhrasePrints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuantity(t)
		text := Phrase(q, q.Unit)
		got, err := ParseQuantity(text)
		if q.Scale == 3 && err != nil {
			var question *Question
			if !errors.As(err, &question) {
				t.Fatalf("%q: %v, want a question", text, err)
			}
			got, err = ParseQuantityFor(text, Options{Decimals: 3})
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(q, got, ignoreRaw); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", text, diff)
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "không", 1: "một", 5: "năm", 10: "mười", 11: "mười một", 15: "mười lăm", 21: "hai mươi mốt", 25: "hai mươi lăm", 24: "hai mươi bốn",
		100: "một trăm", 105: "một trăm linh năm", 110: "một trăm mười", 1000: "một nghìn", 2005: "hai nghìn không trăm linh năm",
		13_800_000: "mười ba triệu tám trăm nghìn", 1_000_500: "một triệu không trăm nghìn năm trăm",
		1_000_000_000_000: "một nghìn tỷ", -7: "âm bảy", 20_000_000_000: "hai mươi tỷ",
	} {
		if got := Words(n); got != want {
			t.Errorf("Words(%d) = %q, want %q", n, got, want)
		}
	}
	if got, want := MoneyWords(5_000_000), "Năm triệu đồng"; got != want {
		t.Errorf("MoneyWords = %q, want %q", got, want)
	}
}

func TestWordsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Min(0), rapid.Int64Range(0, 20_000), rapid.Int64Range(0, 2_000_000_000)).Draw(t, "n")
		q, err := ParseQuantity(Words(n) + " đồng")
		if err != nil || q.Value != n || q.Unit != "đồng" {
			t.Fatalf("%d is %q, which reads as %v %v", n, Words(n), q, err)
		}
	})
}

func TestPercentRoundsHalfUp(t *testing.T) {
	t.Parallel()
	cases := []struct {
		num, den int64
		decimals int
		want     string
	}{
		{3533, 1000, 2, "353,30%"},
		{48, 204, 1, "23,5%"},
		{1, 3, 2, "33,33%"},
		{2, 3, 2, "66,67%"},
		{1, 800, 2, "0,13%"}, // 0,125
		{-1, 800, 2, "-0,13%"},
		{46, 120, 2, "38,33%"},
		{5, 0, 2, ""},
		{math.MaxInt64, math.MaxInt64, 2, "100,00%"},
		{math.MaxInt64, 1, 2, ""},
	}
	for _, c := range cases {
		if got := FormatPercentAt(c.num, c.den, c.decimals); got != c.want {
			t.Errorf("%d/%d = %q, want %q", c.num, c.den, got, c.want)
		}
	}
	if got := FormatPercent(3533, 1000); got != "353,30%" {
		t.Errorf("FormatPercent = %q", got)
	}
}

func TestCombine(t *testing.T) {
	t.Parallel()
	cases := []struct{ a, b, want Qualifier }{
		{Exact, Exact, Exact}, {Exact, Over, Over}, {Over, Nearly, About}, {Over, AtLeast, Over}, {Nearly, AtMost, Nearly},
		{AtLeast, AtMost, About}, {AtMost, Exact, AtMost}, {AtLeast, Exact, AtLeast}, {About, Exact, About}, {About, Over, About}, {Exact, Magnitude, Over}, {Nearly, Magnitude, About},
		{Magnitude, Magnitude, Magnitude}, {Range, Exact, AtLeast}, {Blank, Range, Range}, {Blank, Blank, Blank},
	}
	for _, c := range cases {
		if got := Combine(c.a, c.b); got != c.want {
			t.Errorf("%s + %s = %s, want %s", c.a.Code(), c.b.Code(), got.Code(), c.want.Code())
		}
	}
	for a := Blank; a <= Range; a++ {
		if Combine(Blank, a) != a || Combine(a, Blank) != a {
			t.Errorf("blank is not neutral to %s", a.Code())
		}
		for b := Blank; b <= Range; b++ {
			if Combine(a, b) != Combine(b, a) {
				t.Errorf("%s and %s do not commute", a.Code(), b.Code())
			}
			for c := Blank; c <= Range; c++ {
				if Combine(Combine(a, b), c) != Combine(a, Combine(b, c)) {
					t.Errorf("%s, %s and %s do not associate", a.Code(), b.Code(), c.Code())
				}
			}
		}
	}
}

func TestQualifierCodesAreStable(t *testing.T) {
	t.Parallel()
	codes := []string{"", "exact", "over", "nearly", "about", "at_least", "at_most", "magnitude", "range"}
	for i, code := range codes {
		if got := Qualifier(i).Code(); got != code {
			t.Errorf("qualifier %d is %q, want %q", i, got, code)
		}
		if q, ok := QualifierOf(code); !ok || q != Qualifier(i) {
			t.Errorf("%q is %d, want %d", code, q, i)
		}
	}
	if _, ok := QualifierOf("roughly"); ok {
		t.Error("an unknown code was accepted")
	}
	if Qualifier(99).Code() != "" || Qualifier(-1).Word() != "" {
		t.Error("a number that is no qualifier has a name")
	}
}

// What was typed for a range or a magnitude is printed as a document has it, and only when it can be read.
func TestRestate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, unit string
		decimals  int
		want      string
	}{
		{"1500000 - 3000000 đồng/khẩu", "đồng/khẩu", 0, "từ 1.500.000 đến 3.000.000 đồng/khẩu"},
		{"1500000 - 3000000 đồng", "đồng", 0, "từ 1,5 đến 3 triệu đồng"},
		{"1,5-3 triệu", "đồng", 0, "từ 1,5 đến 3 triệu đồng"},
		{"từ 300 đến 500 hộ", "hộ", 0, "từ 300 đến 500 hộ"},
		{"5 - 7%", "%", 2, "từ 5 đến 7%"},
		{"hàng trăm", "ngày công", 0, "hàng trăm ngày công"},
		{"hàng trăm ngày công", "ngày công", 0, "hàng trăm ngày công"},
		{"mỗi khẩu vài triệu", "đồng", 0, "mỗi khẩu vài triệu"},
		{"", "đồng", 0, ""},
	} {
		got := Restate(c.raw, c.unit, c.decimals)
		if got != c.want {
			t.Errorf("%q is restated as %q, want %q", c.raw, got, c.want)
		}
		if again := Restate(got, c.unit, c.decimals); again != got {
			t.Errorf("%q, restated, is not stable: %q", got, again)
		}
	}
}
