package lang

import (
	"testing"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

type state string

func (s state) Name() string { return map[state]string{"open": "đang mở", "odd": "lạ lùng"}[s] }

func TestAMessageIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	row := fault.Made(fault.KindInvalid, "code", "Mã “%s” đã dùng cho một đơn vị khác; mã không được dùng lại.", "P01")
	for _, c := range []struct {
		text   string
		args   []any
		vi, en string
	}{
		{"Kỳ %s đang mở.", []any{"quý III năm 2019"}, "Kỳ quý III năm 2019 đang mở.", "The period Q3 2019 is open."},
		{"Dòng %d: %s", []any{2, row}, "Dòng 2: Mã “P01” đã dùng cho một đơn vị khác; mã không được dùng lại.",
			"Row 2: The code “P01” has been used for another unit; a code is never used again."},
		{"Lý do: %s", []any{state("open")}, "Lý do: đang mở", "Reason: open"},
		{"Lý do: %s", []any{state("odd")}, "Lý do: lạ lùng", "Reason: lạ lùng"},
		{"Lý do: %s", []any{"đang mở"}, "Lý do: đang mở", "Reason: đang mở"}, // typed by somebody
		{"Chưa dịch: %s", []any{"năm 2019"}, "Chưa dịch: năm 2019", "Chưa dịch: 2019"},
		{"%d đơn vị bên dưới", []any{1}, "1 đơn vị bên dưới", "1 unit below"},
		{"%d đơn vị bên dưới", []any{7}, "7 đơn vị bên dưới", "7 units below"},
		{"hạn %s, trễ %d ngày", []any{"30/09/2019", 1}, "hạn 30/09/2019, trễ 1 ngày", "due 30/09/2019, 1 day late"},
		{"hạn %s, trễ %d ngày", []any{"30/09/2019", 0}, "hạn 30/09/2019, trễ 0 ngày", "due 30/09/2019, 0 days late"},
		{"Tăng 5%", nil, "Tăng 5%", "Tăng 5%"},
	} {
		if got := Say("vi", c.text, c.args...); got != c.vi {
			t.Errorf("Vietnamese: %q, want %q", got, c.vi)
		}
		if got := Say("en", c.text, c.args...); got != c.en {
			t.Errorf("English: %q, want %q", got, c.en)
		}
	}
}

// Every name that viet gives a period is known here: a new kind of period must get its English.
func TestEveryPeriodHasAnEnglishName(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"2019-01": "January 2019", "2019-02": "February 2019", "2019-09": "September 2019", "2019-12": "December 2019",
		"2019-Q1": "Q1 2019", "2019-Q2": "Q2 2019", "2019-Q3": "Q3 2019", "2019-Q4": "Q4 2019",
		"2019-H1": "first half of 2019", "2019-H2": "second half of 2019", "2019-9M": "first nine months of 2019", "2019": "2019",
		"2013..2018": "2013 to 2018", "2019-06-15..2019-09-14": "15/06/2019 to 14/09/2019",
	} {
		if got := Period(viet.PeriodName(code)); got != want {
			t.Errorf("%q is %q in English, want %q", viet.PeriodName(code), got, want)
		}
	}
	for vi, want := range map[string]string{
		"Quý III năm 2019": "Q3 2019", "6 tháng đầu năm 2019": "first half of 2019", "9 tháng năm 2019": "first nine months of 2019", "Năm 2019": "2019",
		"Tổ công tác quý III năm 2019": "Tổ công tác quý III năm 2019", "quý V năm 2019": "quý V năm 2019", "": "", "2019": "2019",
	} {
		if got := Period(vi); got != want {
			t.Errorf("%q is %q in English, want %q", vi, got, want)
		}
	}
}

// What viet answers to a text is said in English down to its parts, with the text itself as it was typed.
func TestAnAnswerToANumberIsSaidInEnglish(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1.2345,6,7": "“1.2345,6,7”, character 2: points and commas are mixed; use one comma only, before the decimals.",
		"abc":        "“abc”: the number cannot be read; type a number, for example 1500, 17,6 or “trên 20 tỷ đồng”.",
		"#DIV/0!":    "“#DIV/0!”: the cell holds the error #DIV/0! (the formula divides by 0); correct the formula or type the number into the cell.",
	} {
		_, err := viet.ParseQuantity(text)
		if err == nil {
			t.Fatalf("%q is a quantity", text)
		}
		if got := Say("en", "%s", err); got != want {
			t.Errorf("%q\n is answered %q\n want        %q", text, got, want)
		}
		if got := Say("vi", "%s", err); got != err.Error() {
			t.Errorf("%q is answered %q, want %q", text, got, err)
		}
	}
	_, err := viet.ParseDate("31/02/2019", 0)
	if got, want := Say("en", "%s", err), "“31/02/2019”: month 2 of 2019 has no day 31; type day/month/year, for example 05/01/2020."; got != want {
		t.Errorf("a date is answered %q, want %q", got, want)
	}
	_, err = viet.ParsePeriod("quý V/2019", 0)
	if got, want := Say("en", "%s", err), "“quý V/2019”: a year has quarters from I to IV only; type it as 2019-Q3, 2019-10, 2019-H1, 2019-9M, 2019 or “quý III/2019”."; got != want {
		t.Errorf("a period is answered %q, want %q", got, want)
	}
}
