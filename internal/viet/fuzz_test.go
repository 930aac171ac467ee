package viet

import (
	"errors"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Whatever is typed: an answer, a question or a refusal; nothing else, and the same for both normal forms.
func FuzzParseQuantity(f *testing.F) {
	for _, c := range printed {
		f.Add(c.in)
	}
	for _, s := range []string{"1,400", "1.400 tỷ", "388.640.000 triệu đồng", "50.700.00 ngàn đồng", "1.315hơn 6.500 hộ", "48/204 đảng viên, đạt 23,5%",
		"1 tỷ 2", "không", "#REF!", "1.5E+09", "hai trăm năm", "từ 5", "5 m2 - 6 m2", "5-6 rưỡi"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuantity(s)
		checkAnswer(t, s, err)
		if err != nil {
			return
		}
		if !q.HasNumber() && q.Value != 0 || q.Scale < 0 || q.Scale > mostDecimals || q.Qualifier == Range && q.Low >= q.High {
			t.Fatalf("%q: %+v", s, q)
		}
		if other, err := ParseQuantity(norm.NFD.String(s)); utf8.ValidString(s) && (err != nil || other != q) {
			t.Fatalf("%q: %+v composed, %+v %v decomposed", s, q, other, err)
		}
		for _, decimals := range []int{0, 2, 3} {
			_, err := ParseQuantityFor(s, Options{Unit: "đồng", Decimals: decimals})
			checkAnswer(t, s, err)
		}
		num, den, _, err := ParseRatio(s + "/" + s)
		if err == nil && (!num.HasNumber() || den.Value <= 0) {
			t.Fatalf("%q as a ratio: %+v %+v", s, num, den)
		}
	})
}

func checkAnswer(t *testing.T, s string, err error) {
	t.Helper()
	var q *Question
	var r *Refusal
	switch {
	case err == nil:
	case errors.As(err, &q):
		if q.Text == "" || len(q.Readings) == 0 {
			t.Fatalf("%q: a question without readings: %+v", s, q)
		}
	case errors.As(err, &r):
		if r.Text == "" || r.At < -1 || r.At > utf8.RuneCountInString(r.Raw) {
			t.Fatalf("%q: %+v", s, r)
		}
	default:
		t.Fatalf("%q: %T %v", s, err, err)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"14.7", "6-11", "18/7/2017", "25 thang 11", "ngày 05 tháng 01 năm 2020", "2020-01-05", "thứ Ba, 01/10/2019", "4/25/2019", "5/1/20"} {
		f.Add(s, 2019)
	}
	f.Fuzz(func(t *testing.T, s string, year int) {
		iso, err := ParseDate(s, year)
		if err != nil {
			return
		}
		if again, err := ParseDate(FormatDateLong(iso), 0); err != nil || again != iso {
			t.Fatalf("%q is %q, printed %q, which reads as %q %v", s, iso, FormatDateLong(iso), again, err)
		}
	})
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"quý III/2019", "Q3/2019", "2019-q3", "9T", "2021-9T", "6 tháng đầu năm 2019", "tháng 10/2019", "2013..2018", "quá 1/2020",
		"từ 15/6 đến 14/9/2019", "2019-06-15..2019-09-14", "nhiệm kỳ 2020-2025"} {
		f.Add(s, 2019)
	}
	f.Fuzz(func(t *testing.T, s string, year int) {
		p, err := ParsePeriod(s, year)
		if err != nil {
			return
		}
		if again, err := ParsePeriod(PeriodCode(p), 0); err != nil || again != p {
			t.Fatalf("%q is %+v, coded %q, which reads as %+v %v", s, p, PeriodCode(p), again, err)
		}
		if p.From > p.To {
			t.Fatalf("%q: %+v", s, p)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"ĐẢNG ỦY", "hoà", "İ", "K", "die\u0302\u0309m", "a\u00adb", "\xff", "ﬁ ǅ ß", "ỦỢ0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q: %q, then %q", s, once, Fold(once))
		}
		if utf8.ValidString(s) && Fold(s) != Fold(norm.NFD.String(s)) {
			t.Fatalf("%q: %q composed, %q decomposed", s, Fold(s), Fold(norm.NFD.String(s)))
		}
		if once := Canon(s); Canon(once) != once {
			t.Fatalf("%q: %q, then %q", s, once, Canon(once))
		}
		if slug := Slug(s, 50); len(slug) > 50 || Slug(slug, 50) != slug {
			t.Fatalf("%q: slug %q", s, slug)
		}
		SortKey(s)
		NameSortKey(s)
		Nearest(s, []string{s, "Hội"}, 3)
	})
}

func FuzzLegacy(f *testing.F) {
	for _, s := range []string{"Uû ban nh©n d©n", "vaän ñoäng ñöôïc 1.298 phaàn quaø", "Ủy ban", "où", "Coca-Cola®", "\u00ad"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		enc, text := DetectLegacy(s)
		if (enc == NoLegacy) != (text == "") {
			t.Fatalf("%q: %v %q", s, enc, text)
		}
		if enc == NoLegacy {
			return
		}
		if again, more := DetectLegacy(text); again == enc && more == text {
			t.Fatalf("%q is offered as %q for ever", s, text)
		}
	})
}
