package viet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dates are text YYYY-MM-DD, as databases hold them, in the years 1900 to 2199; outside of that a typing error is likelier.
const firstYear, lastYear = 1900, 2199

var dateWhat = says("hãy gõ ngày/tháng/năm, ví dụ 05/01/2020.")

var (
	isoDate   = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	shortDate = regexp.MustCompile(`^(?:ngay )?(\d{1,2}) ?([-/.]) ?(\d{1,2})(?: ?([-/.]) ?(\d{1,4}))?$`)
	longDate  = regexp.MustCompile(`^(?:(?:ngay|mung|mong) )?(\d{1,2}) thang (\d{1,2}|gieng|chap|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi|muoi mot|muoi hai)(?:,? nam (\d{4}))?$`)
	dayPrefix = regexp.MustCompile(`^(thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn),? (.+)$`)
)

var monthWords = map[string]int{"mot": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
	"muoi": 10, "muoi mot": 11, "muoi hai": 12}

// ParseDate reads a day as people write it (18/7/2017, 14.7, 6-11, "25 thang 11", "ngày 05 tháng 01 năm 2020", 2020-01-05) and
// returns YYYY-MM-DD. The day comes before the month. A date without a year is in refYear; with refYear 0 it is refused. The
// error is a *Question or a *Refusal.
func ParseDate(s string, refYear int) (string, error) {
	raw := Clean(s)
	text := foldDigits(raw)
	weekday := ""
	if m := dayPrefix.FindStringSubmatch(text); m != nil {
		weekday, text = m[1], m[2]
	}
	day, month, year, err := dateParts(raw, text, refYear)
	if err != nil {
		return "", err
	}
	iso, err := checkedDate(raw, day, month, year)
	if err != nil {
		return "", err
	}
	if weekday != "" && !sameWeekday(weekday, iso) {
		return "", ask(raw, says("ngày %s là %s, không khớp với thứ đã ghi.", FormatDate(iso), said{format: Weekday(iso)}), Reading{Type: FormatDate(iso), Text: Weekday(iso) + ", " + FormatDate(iso)})
	}
	return iso, nil
}

// foldDigits is Fold with full-width forms and dashes made plain.
func foldDigits(s string) string {
	return Fold(string(newScanner(strings.ReplaceAll(s, "–", "-")).low))
}

func dateParts(raw, text string, refYear int) (day, month, year int, err error) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return number(m[3]), number(m[2]), number(m[1]), nil
	}
	var yearText string
	if m := shortDate.FindStringSubmatch(text); m != nil {
		day, month, yearText = number(m[1]), number(m[3]), m[5]
		if m[4] != "" && m[4] != m[2] {
			return 0, 0, 0, refuse(raw, -1, "hai dấu ngăn cách khác nhau; %s", dateWhat)
		}
	} else if m := longDate.FindStringSubmatch(text); m != nil {
		day, month, yearText = number(m[1]), number(m[2]), m[3]
		switch m[2] {
		case "gieng", "chap":
			return 0, 0, 0, refuse(raw, -1, "đây là tháng âm lịch; hãy gõ ngày dương lịch, ví dụ 05/01/2020.")
		}
		if month == 0 {
			month = monthWords[m[2]]
		}
	} else {
		return 0, 0, 0, refuse(raw, -1, "không đọc được ngày; %s", dateWhat)
	}
	switch year = number(yearText); {
	case len(yearText) == 4:
	case yearText == "" && refYear != 0:
		year = refYear
	case yearText == "":
		return 0, 0, 0, refuse(raw, -1, "ngày thiếu năm; %s", dateWhat)
	case len(yearText) == 2:
		var readings []Reading
		if iso, err := checkedDate(raw, day, month, 2000+year); err == nil {
			readings = append(readings, Reading{Type: FormatDate(iso), Text: FormatDate(iso)})
		}
		return 0, 0, 0, ask(raw, says("năm phải có bốn chữ số."), readings...)
	default:
		return 0, 0, 0, refuse(raw, -1, "năm phải có bốn chữ số; %s", dateWhat)
	}
	return day, month, year, nil
}

func checkedDate(raw string, day, month, year int) (string, error) {
	if year < firstYear || year > lastYear {
		return "", refuse(raw, -1, "năm %d không hợp lệ; %s", year, dateWhat)
	}
	if month > 12 && day >= 1 && day <= 12 && month <= 31 {
		if iso, err := checkedDate(raw, month, day, year); err == nil {
			return "", ask(raw, says("không có tháng %d.", month), Reading{Type: FormatDate(iso), Text: "ngày " + FormatDate(iso)})
		}
	}
	if month < 1 || month > 12 {
		return "", refuse(raw, -1, "không có tháng %d; %s", month, dateWhat)
	}
	if day < 1 || day > lastDay(year, month) {
		return "", refuse(raw, -1, "tháng %d năm %d không có ngày %d; %s", month, year, day, dateWhat)
	}
	return isoOf(year, month, day), nil
}

func isoOf(year, month, day int) string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }

func lastDay(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func sameWeekday(said, iso string) bool {
	said = strings.NewReplacer("2", "hai", "3", "ba", "4", "tu", "5", "nam", "6", "sau", "7", "bay").Replace(said)
	return said == Fold(Weekday(iso)) || said == "cn" && Weekday(iso) == weekdays[0]
}

// FormatDate prints "05/01/2020". A text that is no date is returned as it is.
func FormatDate(iso string) string {
	if t, err := time.Parse(time.DateOnly, iso); err == nil {
		return t.Format("02/01/2006")
	}
	return iso
}

// FormatDateLong prints "ngày 05 tháng 01 năm 2020", with a zero before days under 10 and before months 1 and 2 only
// (Decree 30/2020, annex I). A text that is no date is returned as it is.
func FormatDateLong(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	month := strconv.Itoa(int(t.Month()))
	if t.Month() <= time.February {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// FormatTime prints the time of day as invitations do: "08 giờ 00".
func FormatTime(t time.Time) string { return fmt.Sprintf("%02d giờ %02d", t.Hour(), t.Minute()) }

// FormatDateTime prints a moment as portals do: "18:47 01/10/2019".
func FormatDateTime(t time.Time) string { return t.Format("15:04 02/01/2006") }

var weekdays = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}

// WeekdayName is "thứ Hai" … "thứ Bảy", "Chủ nhật", with the capitals of Decree 30/2020, annex II.
func WeekdayName(d time.Weekday) string { return weekdays[d%7] }

// Weekday is the name of a date's day of the week; empty for a text that is no date.
func Weekday(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return WeekdayName(t.Weekday())
}
