package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// significant is how many digits of a number a spreadsheet keeps and shows: 1.1 is stored as 1.1000000000000001.
const significant = 15

// decimal is a stored number as plain digits with a point: no exponent, no float's tail beyond the 15th digit. Whole numbers
// written out, which other programs store with up to 19 digits, are kept to the last digit.
func decimal(raw string) (string, bool) {
	body := strings.TrimPrefix(raw, "-")
	if body != "" && len(body) <= 19 && strings.Trim(body, "0123456789") == "" {
		if body = strings.TrimLeft(body, "0"); body == "" {
			return "0", true
		}
		if strings.HasPrefix(raw, "-") {
			return "-" + body, true
		}
		return body, true
	}
	if strings.Trim(raw, "0123456789.eE+-") != "" { // no hexadecimal, infinity or underscore
		return "", false
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	return plain(strconv.FormatFloat(f, 'e', significant-1, 64)), true
}

// plain writes d.ddde±xx as plain digits without needless zeros.
func plain(text string) string {
	mantissa, exp, _ := strings.Cut(text, "e")
	n, err := strconv.Atoi(exp)
	if err != nil {
		return text
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	if digits == "" {
		return "0"
	}
	switch point := n + 1; {
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return sign + digits + strings.Repeat("0", point-len(digits))
	default:
		return sign + digits[:point] + "." + digits[point:]
	}
}

// lastSerial is 9999-12-31, the last day that a spreadsheet knows.
const lastSerial = 2958465

// serialDate turns a day number into ISO text, to the second: a day, a day with a time, or a time alone (below 1).
func serialDate(raw string, d1904 bool) (string, bool) {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || f < 0 || f > lastSerial+1 {
		return "", false
	}
	seconds := int64(math.Round(f * 86400))
	days, rest := seconds/86400, seconds%86400
	clock := time.Unix(rest, 0).UTC().Format("15:04:05")
	if days == 0 && !d1904 {
		return clock, true
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case d1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // the 1900 system counts a 29 February 1900 that never was
		base = base.AddDate(0, 0, 1)
	case days == 60:
		return "", false
	}
	day := base.AddDate(0, 0, int(days)).Format(time.DateOnly)
	if rest == 0 {
		return day, true
	}
	return day + "T" + clock, true
}
