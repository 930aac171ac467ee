package period

import (
	"fmt"
	"regexp"
	"time"

	"giaoban/internal/fault"
)

// How other systems name periods. DHIS2 writes 202001, 2020Q1, 2020S1, 2020; ADX writes the first day and an ISO 8601
// duration, 2020-01-01/P3M. Both mean the months, whatever day of the month the site begins them on.
var (
	dhisMonth   = regexp.MustCompile(`^(\d{4})(0[1-9]|1[0-2])$`)
	dhisQuarter = regexp.MustCompile(`^(\d{4})Q([1-4])$`)
	dhisHalf    = regexp.MustCompile(`^(\d{4})S([12])$`)
	dhisYear    = regexp.MustCompile(`^(\d{4})$`)
	adxPeriod   = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:T00:00:00(?:\.0+)?(?:Z|[+-]\d{2}:?\d{2})?)?/P(\d{1,2})([DWMY])$`)
)

// dhisOthers are the forms of DHIS2 that no period of this program is, with what they are called.
var dhisOthers = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`^\d{8}$`), "ngày"},
	{regexp.MustCompile(`^\d{4}(Wed|Thu|Sat|Sun)?W\d{1,2}$`), "tuần"},
	{regexp.MustCompile(`^\d{4}BiW\d{1,2}$`), "hai tuần"},
	{regexp.MustCompile(`^\d{6}B$`), "hai tháng"},
	{regexp.MustCompile(`^\d{4}NovQ[1-4]$`), "quý tính từ tháng 11"},
	{regexp.MustCompile(`^\d{4}(April|Nov)S[12]$`), "6 tháng không bắt đầu từ tháng 1 hay tháng 7"},
	{regexp.MustCompile(`^\d{4}(April|July|Sep|Oct|Nov)$`), "năm tài chính không bắt đầu từ tháng 1"},
}

// FromDHIS2 reads a period as DHIS2 names it and gives its code.
func FromDHIS2(text string) (code string, err error) {
	var m []string
	match := func(re *regexp.Regexp) bool { m = re.FindStringSubmatch(text); return m != nil }
	switch {
	case match(dhisMonth):
		code = m[1] + "-" + m[2]
	case match(dhisQuarter):
		code = m[1] + "-Q" + m[2]
	case match(dhisHalf):
		code = m[1] + "-H" + m[2]
	case match(dhisYear):
		code = m[1]
	default:
		for _, o := range dhisOthers {
			if o.form.MatchString(text) {
				return "", fault.Invalidf("period", "Kỳ “%s” là %s; hệ thống chỉ có tháng, quý, 6 tháng và năm theo lịch. Hãy gửi theo một trong các kỳ đó, hoặc ghi kỳ tương ứng vào bảng mã.", text, o.name)
			}
		}
		return "", fault.Invalidf("period", "Không đọc được kỳ “%s”. Kỳ của DHIS2 ghi như 202001 (tháng), 2020Q1 (quý), 2020S1 (6 tháng), 2020 (năm).", text)
	}
	_, err = Parse(code)
	return code, err
}

// DHIS2 is the period as DHIS2 names it; ok is false for one that DHIS2 has no name for.
func (p Period) DHIS2() (text string, ok bool) {
	switch p.Kind {
	case Month:
		return fmt.Sprintf("%04d%02d", p.Year, p.Ordinal), true
	case Quarter:
		return fmt.Sprintf("%04dQ%d", p.Year, p.Ordinal), true
	case Half:
		return fmt.Sprintf("%04dS%d", p.Year, p.Ordinal), true
	case Year:
		return fmt.Sprintf("%04d", p.Year), true
	}
	return "", false
}

// FromADX reads a period as ADX writes it: its first day and how long it lasts.
func FromADX(text string) (code string, err error) {
	m := adxPeriod.FindStringSubmatch(text)
	if m == nil {
		return "", fault.Invalidf("period", "Không đọc được kỳ “%s”. Kỳ của ADX ghi ngày đầu và độ dài, ví dụ 2020-01-01/P3M là quý I năm 2020.", text)
	}
	day := m[1] + "-" + m[2] + "-" + m[3]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", fault.Invalidf("period", "Kỳ “%s”: không có ngày %s.", text, day)
	}
	month, n := number(m[2]), number(m[4])
	if m[5] == "Y" {
		n *= 12
	}
	first := m[3] == "01" && (m[5] == "M" || m[5] == "Y")
	switch {
	case first && n == 1:
		code = m[1] + "-" + m[2]
	case first && n == 3 && month%3 == 1:
		code = fmt.Sprintf("%s-Q%d", m[1], month/3+1)
	case first && n == 6 && month%6 == 1:
		code = fmt.Sprintf("%s-H%d", m[1], month/6+1)
	case first && n == 9 && month == 1:
		code = m[1] + "-9M"
	case first && n == 12 && month == 1:
		code = m[1]
	default:
		return "", fault.Invalidf("period", "Kỳ “%s” không phải tháng, quý, 6 tháng, 9 tháng hay năm theo lịch. Hãy gửi theo một trong các kỳ đó, hoặc ghi kỳ tương ứng vào bảng mã.", text)
	}
	_, err = Parse(code)
	return code, err
}

// ADX is the period as ADX writes it; ok is false for spans of years and of days.
func (p Period) ADX() (text string, ok bool) {
	month, length := 1, ""
	switch p.Kind {
	case Month:
		month, length = p.Ordinal, "P1M"
	case Quarter:
		month, length = p.Ordinal*3-2, "P3M"
	case Half:
		month, length = p.Ordinal*6-5, "P6M"
	case Nine:
		length = "P9M"
	case Year:
		length = "P1Y"
	default:
		return "", false
	}
	return fmt.Sprintf("%04d-%02d-01/%s", p.Year, month, length), true
}
