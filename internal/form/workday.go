package form

import "time"

// Holiday is a dated exception to the working week: a day on which nobody works, or a weekend day worked in exchange.
type Holiday struct {
	Day   string // ISO
	Name  string
	Works bool
}

// Calendar tells working days. Which days are holidays is the site's data, never the program's.
type Calendar map[string]bool // day -> whether it is worked, where the week does not say so

// NewCalendar makes the calendar of a list of holidays.
func NewCalendar(all []Holiday) Calendar {
	c := Calendar{}
	for _, h := range all {
		c[h.Day] = h.Works
	}
	return c
}

// Working tells whether a day (ISO) is worked.
func (c Calendar) Working(day string) bool {
	if works, named := c[day]; named {
		return works
	}
	return onWeekday(parseDay(day))
}

// Add is the n-th working day after a day, or before it when n is negative. Zero is the day itself, or the next one worked:
// what falls due on a holiday may be done on the day after.
func (c Calendar) Add(day string, n int) string {
	d := parseDay(day)
	step := 1
	if n < 0 {
		step, n = -1, -n
	} else if n == 0 {
		for !c.Working(iso(d)) {
			d = d.AddDate(0, 0, 1)
		}
		return iso(d)
	}
	for n > 0 {
		d = d.AddDate(0, 0, step)
		if c.Working(iso(d)) {
			n--
		}
	}
	return iso(d)
}

// Between counts the working days after one day up to and with another; it is negative when the other comes first.
func (c Calendar) Between(from, to string) int {
	if to < from {
		return -c.Between(to, from)
	}
	n := weekdays(parseDay(to)) - weekdays(parseDay(from))
	for day, works := range c {
		if day <= from || day > to {
			continue
		}
		switch inWeek := onWeekday(parseDay(day)); {
		case works && !inWeek:
			n++
		case !works && inWeek:
			n--
		}
	}
	return n
}

// weekdays counts the days from Monday to Friday up to and with a day, from some Monday before all of them. A board asks this for
// each body and form, of periods that may be years old: walking from day to day took seconds.
func weekdays(d time.Time) int {
	const monday = -719162            // 1 January of year 1, in days from 1970
	n := int(d.Unix()/86400) - monday // days are midnights: nothing is cut off
	return n/7*5 + min(n%7+1, 5)
}

func onWeekday(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }

// Late is by how many working days something done on a day comes after it was due. What comes late at all is late by one.
func (c Calendar) Late(due, day string) int {
	if due == "" || day <= due {
		return 0
	}
	return max(1, c.Between(due, day))
}

func parseDay(day string) time.Time {
	d, _ := time.Parse(time.DateOnly, day) // days come from the database or have been checked
	return d
}

func iso(d time.Time) string { return d.Format(time.DateOnly) }

func validDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}
