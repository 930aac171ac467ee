package period

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// The years that a period may lie in. The keys below count on them.
const (
	firstYear = 1900
	lastYear  = 2199
)

// The first digits of a key, by kind; the others say which one of the kind.
var kindKey = map[string]int64{Month: 1, Quarter: 2, Half: 3, Nine: 4, Year: 5}

var (
	codeMonth   = regexp.MustCompile(`^(\d{4})-(0[1-9]|1[0-2])$`)
	codeQuarter = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)
	codeHalf    = regexp.MustCompile(`^(\d{4})-H([12])$`)
	codeNine    = regexp.MustCompile(`^(\d{4})-9[MT]$`)
	codeYear    = regexp.MustCompile(`^(\d{4})$`)
	codeSpan    = regexp.MustCompile(`^(\d{4})\.\.(\d{4})$`)
	codeCustom  = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$`)
)

// Parse reads a canonical code, or a period as people write it ("quý III/2019"), with the days of the calendar. The
// cut-off of the site is applied when the period is made (Ensure).
func Parse(code string) (Period, error) { return parse(code, Calendar) }

func parse(code string, cut Cutoff) (Period, error) {
	if p, ok, err := parseCode(strings.ToUpper(strings.TrimSpace(code)), cut); ok || err != nil {
		return p, err
	}
	text, err := viet.ParsePeriod(code, 0)
	if err != nil {
		return Period{}, fault.Invalidf("period", "%s", err) // viet's questions and refusals are texts for the user
	}
	canonical := viet.PeriodCode(text)
	p, ok, err := parseCode(canonical, cut)
	if err == nil && !ok {
		err = fmt.Errorf("period code %q of text %q has no reading", canonical, code)
	}
	return p, err
}

// parseCode reads a canonical code; ok is false when the text is none.
func parseCode(code string, cut Cutoff) (p Period, ok bool, err error) {
	kind, ordinal := "", 0
	var m []string
	match := func(re *regexp.Regexp) bool { m = re.FindStringSubmatch(code); return m != nil }
	switch {
	case match(codeMonth):
		kind, ordinal = Month, number(m[2])
	case match(codeQuarter):
		kind, ordinal = Quarter, number(m[2])
	case match(codeHalf):
		kind, ordinal = Half, number(m[2])
	case match(codeNine):
		kind = Nine
	case match(codeYear):
		kind = Year
	case match(codeSpan):
		kind, ordinal = Span, number(m[2])-number(m[1])+1
		if ordinal < 1 {
			return p, false, fault.Invalidf("period", "Giai đoạn “%s”: năm cuối phải sau năm đầu.", code)
		}
		if ordinal == 1 {
			kind, ordinal = Year, 0
		}
	case match(codeCustom):
		p, err = days(m[1], m[2])
		return p, err == nil, err
	default:
		return p, false, nil
	}
	year := number(m[1])
	if year < firstYear || year+max(ordinal, 1)-1 > lastYear {
		return p, false, fault.Invalidf("period", "Kỳ “%s”: năm phải trong khoảng %d đến %d.", code, firstYear, lastYear)
	}
	return of(kind, year, ordinal, cut), true, nil
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the pattern lets digits through only
	return n
}

// of makes the period of a kind whose days follow from the calendar: every kind but Custom.
func of(kind string, year, ordinal int, cut Cutoff) Period {
	p := Period{Kind: kind, Year: year, Ordinal: ordinal, State: Open}
	first, months := 1, 12
	switch kind {
	case Month:
		p.Code = fmt.Sprintf("%04d-%02d", year, ordinal)
		first, months = ordinal, 1
	case Quarter:
		p.Code = fmt.Sprintf("%04d-Q%d", year, ordinal)
		first, months = ordinal*3-2, 3
	case Half:
		p.Code = fmt.Sprintf("%04d-H%d", year, ordinal)
		first, months = ordinal*6-5, 6
	case Nine:
		p.Code = fmt.Sprintf("%04d-9M", year)
		months = 9
	case Year:
		p.Code = fmt.Sprintf("%04d", year)
	case Span:
		p.Code = fmt.Sprintf("%04d..%04d", year, p.lastYear())
		months = 12 * ordinal
	}
	from := time.Date(year, time.Month(first), 1, 0, 0, 0, 0, time.UTC)
	end := from.AddDate(0, months, 0) // the day after
	if cut == Mid {
		from, end = from.AddDate(0, -1, 14), end.AddDate(0, -1, 14)
	}
	p.From, p.To = iso(from), iso(end.AddDate(0, 0, -1))
	// A year holds a few dozen keys below 1000; spans of years stand above all of them.
	p.ID = int64(year)*1000 + kindKey[kind]*100 + int64(ordinal)
	if kind == Span {
		p.ID = 10_000_000 + int64(year-firstYear)*1000 + int64(ordinal)
	}
	return p
}

// days makes the period from one day to another, both included.
func days(from, to string) (Period, error) {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return Period{}, fault.Invalidf("period", "Khoảng “%s..%s” có ngày không có thật.", from, to)
	}
	if b.Before(a) {
		return Period{}, fault.Invalidf("period", "Khoảng “%s..%s”: ngày cuối phải sau ngày đầu.", from, to)
	}
	if a.Year() < firstYear || b.Year() > lastYear {
		return Period{}, fault.Invalidf("period", "Khoảng “%s..%s”: năm phải trong khoảng %d đến %d.", from, to, firstYear, lastYear)
	}
	return custom(a, b), nil
}

func custom(a, b time.Time) Period {
	epoch := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	day := func(t time.Time) int64 { return int64(t.Sub(epoch).Hours()) / 24 }
	return Period{
		ID:    100_000_000 + day(a)*1_000_000 + day(b),
		Code:  iso(a) + ".." + iso(b),
		Kind:  Custom,
		Year:  a.Year(),
		From:  iso(a),
		To:    iso(b),
		State: Open,
	}
}

func iso(t time.Time) string { return t.Format(time.DateOnly) }

// slugTo stands for the dots of a code in an address, where two dots mean the folder above.
const slugTo = "-den-"

// Slug is the code as a part of an address: 2019-q3, 2013-den-2018.
func (p Period) Slug() string { return strings.ToLower(strings.Replace(p.Code, "..", slugTo, 1)) }

// FromSlug reads what Slug wrote; anything else is not found.
func FromSlug(slug string) (Period, error) {
	p, ok, err := parseCode(strings.ToUpper(strings.Replace(slug, slugTo, "..", 1)), Calendar)
	if err != nil || !ok || p.Slug() != slug {
		return Period{}, fault.NotFound()
	}
	return p, nil
}

// On is the period of a calendar kind (month to year) that holds a day; ok is false for a kind or a day that is none.
func On(kind, day string, cut Cutoff) (p Period, ok bool) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < firstYear || t.Year() >= lastYear {
		return p, false
	}
	if cut == Mid && t.Day() >= 15 {
		t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	month := int(t.Month())
	switch kind {
	case Month:
		return of(kind, t.Year(), month, cut), true
	case Quarter:
		return of(kind, t.Year(), (month+2)/3, cut), true
	case Half:
		return of(kind, t.Year(), (month+5)/6, cut), true
	case Nine:
		return of(kind, t.Year(), 0, cut), month <= 9
	case Year:
		return of(kind, t.Year(), 0, cut), true
	}
	return p, false
}
