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
