package lang

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The names that viet.PeriodName gives, and how English says them. A period has no other name, so a text that is exactly
// one is that period, whichever page passes it on.
var periods = []struct {
	re  *regexp.Regexp
	say func(m []string) string
}{
	{regexp.MustCompile(`^quý (I|II|III|IV) năm (\d{4})$`), func(m []string) string {
		return fmt.Sprintf("Q%d %s", map[string]int{"I": 1, "II": 2, "III": 3, "IV": 4}[m[1]], m[2])
	}},
	{regexp.MustCompile(`^tháng (0[12]|[3-9]|1[0-2]) năm (\d{4})$`), func(m []string) string {
		month, _ := strconv.Atoi(m[1]) // the pattern lets months through only
		return time.Month(month).String() + " " + m[2]
	}},
	{regexp.MustCompile(`^6 tháng (đầu|cuối) năm (\d{4})$`), func(m []string) string {
		return map[string]string{"đầu": "first", "cuối": "second"}[m[1]] + " half of " + m[2]
	}},
	{regexp.MustCompile(`^9 tháng năm (\d{4})$`), func(m []string) string { return "first nine months of " + m[1] }},
	{regexp.MustCompile(`^năm (\d{4})$`), func(m []string) string { return m[1] }},
	{regexp.MustCompile(`^giai đoạn (\d{4}) - (\d{4})$`), func(m []string) string { return m[1] + " to " + m[2] }},
	{regexp.MustCompile(`^từ ngày (\d{2}/\d{2}/\d{4}) đến ngày (\d{2}/\d{2}/\d{4})$`), func(m []string) string { return m[1] + " to " + m[2] }},
}

// Period gives the English name of a period named in Vietnamese; any other text stays as it is. A capital stays one.
func Period(vi string) string {
	if len(vi) > longestPeriod || !strings.ContainsAny(vi, "0123456789") {
		return vi
	}
	first, size := utf8.DecodeRuneInString(vi)
	text := string(unicode.ToLower(first)) + vi[size:]
	for _, p := range periods {
		m := p.re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		en := p.say(m)
		if unicode.IsUpper(first) {
			return strings.ToUpper(en[:1]) + en[1:]
		}
		return en
	}
	return vi
}

// longestPeriod is in bytes: "từ ngày 15/06/2019 đến ngày 14/09/2019" is the longest.
const longestPeriod = 48
