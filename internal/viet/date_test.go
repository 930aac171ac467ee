package viet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"14.7": "2019-07-14", "6-11": "2019-11-06", "18/7/2017": "2017-07-18", "7/4/2019": "2019-04-07", "25 thang 11": "2019-11-25",
		"ngày 05 tháng 01 năm 2020": "2020-01-05", "2020-01-05": "2020-01-05", "05/01/2020": "2020-01-05", "08-04-2019": "2019-04-08",
		"mùng 2 tháng 9": "2019-09-02", "ngày 3 tháng Hai năm 2020": "2020-02-03", "29/2/2020": "2020-02-29", "１/１０/2019": "2019-10-01",
		"thứ Ba, ngày 01/10/2019": "2019-10-01", "Chủ nhật, 6/10/2019": "2019-10-06", " 1 / 10 / 2019 ": "2019-10-01", "6–11": "2019-11-06",
	} {
		for _, s := range []string{in, norm.NFD.String(in), strings.ToUpper(in)} {
			if got, err := ParseDate(s, 2019); err != nil || got != want {
				t.Errorf("%q: %q %v, want %q", s, got, err, want)
			}
		}
	}
}

func TestParseDateAsksOrRefuses(t *testing.T) {
	t.Parallel()
	for in, offer := range map[string]string{"4/25/2019": "25/04/2019", "5/1/20": "05/01/2020", "thứ Hai, 01/10/2019": "01/10/2019"} {
		var q *Question
		if got, err := ParseDate(in, 2019); !errors.As(err, &q) || len(q.Readings) != 1 || q.Readings[0].Type != offer {
			t.Errorf("%q: %q %v, want a question that offers %q", in, got, err, offer)
		}
	}
	for _, in := range []string{"", "abc", "31/4/2019", "29/2/2019", "0/1/2019", "1/0/2019", "13/13/2019", "1/1/0019", "1/1/999", "1.7-2019",
		"01/10/2019 18:47", "2020-13-32", "rằm tháng bảy", "15 tháng giêng", "43739", "1/2/3/4"} {
		var r *Refusal
		if got, err := ParseDate(in, 2019); !errors.As(err, &r) {
			t.Errorf("%q: %q %v, want a refusal", in, got, err)
		}
	}
	if got, err := ParseDate("14.7", 0); err == nil {
		t.Errorf("a date without a year and no year to refer to: %q", got)
	}
}

func TestDatesReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 109_000).Draw(t, "day"))
		iso := day.Format(time.DateOnly)
		for _, text := range []string{iso, FormatDate(iso), FormatDateLong(iso), Weekday(iso) + ", " + FormatDateLong(iso)} {
			if got, err := ParseDate(text, 0); err != nil || got != iso {
				t.Fatalf("%q: %q %v, want %q", text, got, err, iso)
			}
		}
	})
}

func TestFormatDate(t *testing.T) {
	t.Parallel()
	for iso, want := range map[string]string{"2020-01-05": "ngày 05 tháng 01 năm 2020", "2019-06-15": "ngày 15 tháng 6 năm 2019", "2019-10-01": "ngày 01 tháng 10 năm 2019",
		"chưa rõ": "chưa rõ"} {
		if got := FormatDateLong(iso); got != want {
			t.Errorf("%q: %q, want %q", iso, got, want)
		}
	}
	moment := time.Date(2019, 10, 1, 8, 5, 0, 0, time.UTC)
	for got, want := range map[string]string{
		FormatDate("2020-01-05"): "05/01/2020", FormatDate("?"): "?", FormatTime(moment): "08 giờ 05", FormatDateTime(moment): "08:05 01/10/2019",
		Weekday("2019-10-01"): "thứ Ba", Weekday("2019-10-06"): "Chủ nhật", Weekday("?"): "", TwoDigits(7): "07", TwoDigits(1234): "1.234", TwoDigits(-3): "-3",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"quý III/2019": "2019-Q3", "quý 1": "2019-Q1", "Q3/2019": "2019-Q3", "2019-Q3": "2019-Q3", "2019-q3": "2019-Q3", "Quý III năm 2018": "2018-Q3",
		"quí IV/2018": "2018-Q4", "quý III": "2019-Q3", "quý ba năm 2018": "2018-Q3", "9 tháng": "2019-9M", "9T": "2019-9M", "2021-9T": "2021-9M",
		"2019-9M": "2019-9M", "9 tháng đầu năm 2020": "2020-9M", "9 tháng 2021": "2021-9M", "6 tháng đầu năm 2019": "2019-H1", "6 tháng đầu năm": "2019-H1",
		"6 tháng cuối năm 2018": "2018-H2", "6 tháng 2011": "2011-H1", "2011-H1": "2011-H1", "6T/2020": "2020-H1", "tháng 10/2019": "2019-10",
		"tháng 10 năm 2018": "2018-10", "tháng Hai/2020": "2020-02", "10/2019": "2019-10", "2019-10": "2019-10", "T10/2019": "2019-10", "năm 2022": "2022",
		"2022": "2022", "cả năm 2022": "2022", "2013..2018": "2013..2018", "2013-2018": "2013..2018", "nhiệm kỳ 2020-2025": "2020..2025",
		"nhiệm kỳ 2020 – 2025": "2020..2025", "giai đoạn 2013 - 2018": "2013..2018", "từ năm 2013 đến năm 2018": "2013..2018",
		"2019-06-15..2019-09-14": "2019-06-15..2019-09-14", "từ 15/6 đến 14/9/2019": "2019-06-15..2019-09-14",
		"từ ngày 15/6/2019 đến ngày 14/9/2019": "2019-06-15..2019-09-14", "15/12/2018 - 14/3/2019": "2018-12-15..2019-03-14",
	} {
		for _, s := range []string{in, norm.NFD.String(in)} {
			p, err := ParsePeriod(s, 2019)
			if err != nil {
				t.Errorf("%q: %v", s, err)
			} else if got := PeriodCode(p); got != want {
				t.Errorf("%q: %q, want %q", s, got, want)
			}
		}
	}
}

func TestParsePeriodAsksOrRefuses(t *testing.T) {
	t.Parallel()
	for in, offer := range map[string]string{"quá 1/2020": "quý 1/2020", "quỹ III/2019": "quý III/2019"} {
		var q *Question
		if got, err := ParsePeriod(in, 2019); !errors.As(err, &q) || len(q.Readings) != 1 || q.Readings[0].Type != offer {
			t.Errorf("%q: %v %v, want a question that offers %q", in, got, err, offer)
		}
	}
	for _, in := range []string{"", "abc", "quý 5", "quý V/2019", "quý IIII", "tháng 13/2019", "tháng 0", "2019-13", "2019-H3", "2018-2013", "1800", "7 tháng",
		"2018-2019; 2013; 2016", "2019-09-14..2019-06-15", "từ 31/4/2019 đến 5/5/2019", "2019-Q"} {
		var r *Refusal
		if got, err := ParsePeriod(in, 2019); !errors.As(err, &r) {
			t.Errorf("%q: %v %v, want a refusal", in, got, err)
		}
	}
	if got, err := ParsePeriod("quý III", 0); err == nil {
		t.Errorf("a quarter without a year: %v", got)
	}
}

func TestPeriodDaysAndNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][3]string{
		"2019-10":                {"2019-10-01", "2019-10-31", "tháng 10 năm 2019"},
		"2020-02":                {"2020-02-01", "2020-02-29", "tháng 02 năm 2020"},
		"2019-Q3":                {"2019-07-01", "2019-09-30", "quý III năm 2019"},
		"2019-H1":                {"2019-01-01", "2019-06-30", "6 tháng đầu năm 2019"},
		"2019-H2":                {"2019-07-01", "2019-12-31", "6 tháng cuối năm 2019"},
		"2019-9M":                {"2019-01-01", "2019-09-30", "9 tháng năm 2019"},
		"2019":                   {"2019-01-01", "2019-12-31", "năm 2019"},
		"2013..2018":             {"2013-01-01", "2018-12-31", "giai đoạn 2013 - 2018"},
		"2019-06-15..2019-09-14": {"2019-06-15", "2019-09-14", "từ ngày 15/06/2019 đến ngày 14/09/2019"},
	} {
		p, err := ParsePeriod(code, 0)
		if got := [3]string{p.From, p.To, PeriodName(code)}; err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", code, got, err, want)
		}
		// A name is read back as the period that it names.
		if again, err := ParsePeriod(PeriodName(code), 0); err != nil || PeriodCode(again) != code {
			t.Errorf("%q: %v %v, want %s", PeriodName(code), again, err, code)
		}
	}
	if got := PeriodName("kỳ này"); got != "kỳ này" {
		t.Errorf("a text that is no code: %q", got)
	}
}

func TestRomanAndListLetters(t *testing.T) {
	t.Parallel()
	for n := 1; n < 4000; n++ {
		if got, ok := ParseRoman(strings.ToLower(Roman(n))); !ok || got != n {
			t.Fatalf("%d is %s, which reads as %d", n, Roman(n), got)
		}
	}
	for _, s := range []string{"", "IIII", "VX", "IC", "ABC", "MMMM"} {
		if n, ok := ParseRoman(s); ok {
			t.Errorf("%q reads as %d", s, n)
		}
	}
	if Roman(0) != "" || Roman(4000) != "" {
		t.Error("a number outside of the numerals was printed")
	}
	var letters []string
	for i := range 10 {
		letters = append(letters, ListLetter(i))
	}
	if got, want := strings.Join(letters, " "), "a b c d đ e g h i k"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if ListLetter(22) != "y" || ListLetter(23) != "aa" || ListLetter(24) != "ab" || ListLetter(-1) != "" {
		t.Error("the letters after y")
	}
}
