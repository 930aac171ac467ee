package viet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Kinds of period. A span is whole years (a term, a stage); custom is any two days.
const (
	KindMonth   = "month"
	KindQuarter = "quarter"
	KindHalf    = "half"
	KindNine    = "nine"
	KindYear    = "year"
	KindSpan    = "span"
	KindCustom  = "custom"
)

// PeriodText is a period as a text names it, by the calendar. Cut-off days (the 15th to the 14th) are a site's setting and
// not known here. From and To are YYYY-MM-DD, both inside. Index is the month, the quarter or the half; 0 otherwise.
type PeriodText struct {
	Kind     string
	Year     int
	Index    int
	From, To string
}

func calendar(kind string, year, index int) PeriodText {
	first, last := 1, 12
	switch kind {
	case KindMonth:
		first, last = index, index
	case KindQuarter:
		first, last = 3*index-2, 3*index
	case KindHalf:
		first, last = 6*index-5, 6*index
	case KindNine:
		last = 9
	}
	return PeriodText{kind, year, index, isoOf(year, first, 1), isoOf(year, last, lastDay(year, last))}
}

func span(from, to int) PeriodText {
	return PeriodText{Kind: KindSpan, Year: from, From: isoOf(from, 1, 1), To: isoOf(to, 12, 31)}
}

var periodWhat = says("hãy gõ như “quý III/2019”, “tháng 10/2019”, “6 tháng đầu năm 2019”, “9 tháng năm 2019”, “năm 2019” hoặc 2019-Q3.")

// The patterns work on folded text. y is the year's place, i the index's.
var (
	year4       = `(?P<y>\d{4})`
	ofYear      = `(?: ?[-/.,]? ?(?:nam )?` + year4 + `)?`
	codeYear    = `^` + year4 + ` ?[-/.]? ?`
	periodForms = []struct {
		kind string
		re   *regexp.Regexp
	}{
		{KindQuarter, regexp.MustCompile(`^(?:quy|qui|q) ?(?:thu )?(?P<i>[1-9]|[ivx]+|mot|nhat|hai|ba|bon|tu)` + ofYear + `$`)},
		{KindQuarter, regexp.MustCompile(codeYear + `q(?P<i>\d)$`)},
		{KindHalf, regexp.MustCompile(`^h(?P<i>\d)` + ofYear + `$`)},
		{KindHalf, regexp.MustCompile(codeYear + `h(?P<i>\d)$`)},
		{KindHalf, regexp.MustCompile(`^(?:6|06|sau) ?(?:thang|t) (?P<i>dau|cuoi)(?: nam)?` + ofYear + `$`)},
		{KindHalf, regexp.MustCompile(`^(?:6|06|sau) ?(?:thang|t)` + ofYear + `$`)},
		{KindHalf, regexp.MustCompile(codeYear + `0?6[tm]$`)},
		{KindNine, regexp.MustCompile(`^(?:9|09|chin) ?(?:thang|t|m)(?: dau(?: nam)?)?` + ofYear + `$`)},
		{KindNine, regexp.MustCompile(codeYear + `0?9[tm]$`)},
		{KindMonth, regexp.MustCompile(`^(?:thang|t) ?(?P<i>\d{1,2}|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi|muoi mot|muoi hai)` + ofYear + `$`)},
		{KindMonth, regexp.MustCompile(`^(?P<i>\d{1,2})[-/.]` + year4 + `$`)},
		{KindMonth, regexp.MustCompile(`^` + year4 + `[-/.](?P<i>\d{1,2})$`)},
		{KindYear, regexp.MustCompile(`^(?:ca )?(?:nam )?` + year4 + `$`)},
	}
	spanForm   = regexp.MustCompile(`^(?:(?:giai doan|nhiem ky|tu nam|tu|nam) )?(\d{4}) ?(?:-|\.\.|den nam|den) ?(\d{4})$`)
	rangeForm  = regexp.MustCompile(`^(?:tu )?(?:ngay )?(\S+?) ?(?:\.\.| - | den | den ngay )(?:ngay )?(\S+)$`)
	typoForm   = regexp.MustCompile(`^(?:quy|qua|quay|qu|quys) ?([1-4]|i{1,3}|iv)` + ofYear + `$`)
	misspelt   = regexp.MustCompile(`^qu[ỹỳỷỵĩìỉị]`)
	countWords = map[string]int{"mot": 1, "nhat": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "dau": 1, "cuoi": 2}
)

// ParsePeriod reads a period as reports name it, and the codes of PeriodCode in either case. Without a year it is in refYear;
// with refYear 0 it is refused. "6 tháng" is the first half, "9 tháng" runs from January. The error is a *Question or a *Refusal.
func ParsePeriod(s string, refYear int) (PeriodText, error) {
	raw := Clean(s)
	text := strings.TrimRight(foldDigits(raw), " .;,")
	for _, form := range periodForms {
		m := form.re.FindStringSubmatch(text)
		// Without marks quý, quỹ (a fund) and quỳ are one; only the first is meant to be read.
		if m == nil || form.kind == KindQuarter && misspelt.MatchString(strings.ToLower(raw)) {
			continue
		}
		year, index := refYear, 1
		if y := m[form.re.SubexpIndex("y")]; y != "" {
			year, _ = strconv.Atoi(y)
		} else if refYear == 0 {
			return PeriodText{}, refuse(raw, -1, "kỳ thiếu năm; %s", periodWhat)
		}
		if i := form.re.SubexpIndex("i"); i >= 0 {
			index = periodIndex(m[i])
		}
		return checkedPeriod(raw, form.kind, year, index)
	}
	if m := spanForm.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		if from >= to || from < firstYear || to > lastYear {
			return PeriodText{}, refuse(raw, -1, "giai đoạn phải từ năm nhỏ đến năm lớn; hãy gõ như 2013-2018.")
		}
		return span(from, to), nil
	}
	if m := rangeForm.FindStringSubmatch(text); m != nil {
		return customPeriod(raw, m[1], m[2], refYear)
	}
	if m := typoForm.FindStringSubmatch(text); m != nil {
		meant := "quý " + strings.ToUpper(m[1])
		if y := m[2]; y != "" {
			meant += "/" + y
		}
		if p, err := ParsePeriod(meant, refYear); err == nil {
			return PeriodText{}, ask(raw, says("không có kỳ viết như vậy."), Reading{Type: meant, Text: PeriodName(PeriodCode(p))})
		}
	}
	return PeriodText{}, refuse(raw, -1, "không đọc được kỳ báo cáo; %s", periodWhat)
}

func periodIndex(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if n, ok := countWords[s]; ok {
		return n
	}
	if n, ok := monthWords[s]; ok {
		return n
	}
	n, _ := ParseRoman(s)
	return n
}

func checkedPeriod(raw, kind string, year, index int) (PeriodText, error) {
	most := map[string]int{KindMonth: 12, KindQuarter: 4, KindHalf: 2}[kind]
	switch {
	case year < firstYear || year > lastYear:
		return PeriodText{}, refuse(raw, -1, "năm %d không hợp lệ; %s", year, periodWhat)
	case most == 0:
		index = 0
	case index < 1 || index > most:
		name := map[string]said{KindMonth: says("tháng từ 1 đến 12"), KindQuarter: says("quý từ I đến IV"), KindHalf: says("hai nửa năm (H1, H2)")}[kind]
		return PeriodText{}, refuse(raw, -1, "một năm chỉ có %s; %s", name, periodWhat)
	}
	return calendar(kind, year, index), nil
}

func customPeriod(raw, from, to string, refYear int) (PeriodText, error) {
	last, err := ParseDate(to, refYear)
	if err != nil {
		return PeriodText{}, inside(raw, err)
	}
	year, _ := strconv.Atoi(last[:4])
	first, err := ParseDate(from, year)
	if err != nil {
		return PeriodText{}, inside(raw, err)
	}
	if first > last {
		return PeriodText{}, refuse(raw, -1, "ngày đầu kỳ phải trước ngày cuối kỳ.")
	}
	year, _ = strconv.Atoi(first[:4])
	return PeriodText{Kind: KindCustom, Year: year, From: first, To: last}, nil
}

// inside refuses a whole period for the sake of one of its dates. The readings of a date are none of the period.
func inside(raw string, err error) error {
	return &Refusal{Raw: raw, Text: err.Error(), At: -1, made: says("%s", err)}
}

// PeriodCode is the canonical code: 2019-10, 2019-Q3, 2019-H1, 2019-9M, 2019, 2013..2018, 2019-06-15..2019-09-14. ParsePeriod
// reads it back.
func PeriodCode(p PeriodText) string {
	switch p.Kind {
	case KindMonth:
		return fmt.Sprintf("%04d-%02d", p.Year, p.Index)
	case KindQuarter:
		return fmt.Sprintf("%04d-Q%d", p.Year, p.Index)
	case KindHalf:
		return fmt.Sprintf("%04d-H%d", p.Year, p.Index)
	case KindNine:
		return fmt.Sprintf("%04d-9M", p.Year)
	case KindYear:
		return fmt.Sprintf("%04d", p.Year)
	case KindSpan:
		return fmt.Sprintf("%04d..%s", p.Year, p.To[:min(4, len(p.To))])
	}
	return p.From + ".." + p.To
}

// PeriodName is the period in words, as a report's title has it: "quý III năm 2019", "9 tháng năm 2019", "6 tháng đầu năm
// 2019", "giai đoạn 2013 - 2018". A text that is no code is returned as it is.
func PeriodName(code string) string {
	p, err := ParsePeriod(code, 0)
	if err != nil {
		return code
	}
	switch p.Kind {
	case KindMonth:
		return fmt.Sprintf("tháng %s năm %d", monthDigits(p.Index), p.Year)
	case KindQuarter:
		return fmt.Sprintf("quý %s năm %d", Roman(p.Index), p.Year)
	case KindHalf:
		return fmt.Sprintf("6 tháng %s năm %d", [...]string{"đầu", "cuối"}[p.Index-1], p.Year)
	case KindNine:
		return fmt.Sprintf("9 tháng năm %d", p.Year)
	case KindYear:
		return fmt.Sprintf("năm %d", p.Year)
	case KindSpan:
		return fmt.Sprintf("giai đoạn %d - %s", p.Year, p.To[:4])
	}
	return "từ ngày " + FormatDate(p.From) + " đến ngày " + FormatDate(p.To)
}

// monthDigits writes a month as Decree 30/2020 does: 01 and 02 with a zero, the others without.
func monthDigits(month int) string {
	if month == int(time.January) || month == int(time.February) {
		return "0" + strconv.Itoa(month)
	}
	return strconv.Itoa(month)
}
