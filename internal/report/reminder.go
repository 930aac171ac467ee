package report

import (
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/viet"
)

// ReminderPlan says on which working days people are reminded of a deadline: so many days before it, so many after it, and from then on
// every so many; most times in all. A form that names days of its own goes before Before and After.
type ReminderPlan struct {
	ID        string
	ValidFrom string // ISO date
	Before    []int
	After     []int
	Every     int // 0: not again
	Most      int
	Reason    string
	At        int64
	By        string
}

// StandardReminders are the days where the site has said nothing: three days and one day before, on the day after, then weekly.
var StandardReminders = ReminderPlan{Before: []int{3, 1}, After: []int{1}, Every: 5, Most: 8}

// What a plan may hold at most: more would be read by nobody.
const (
	mostReminders    = 12
	mostReminderDay  = 30
	leastBetween     = 2
	catchUp          = 5 // calendar days: how long after its day a reminder may still come, when the program did not run
	mostReminderText = 200
)

// check tidies a plan and says what is wrong with it.
func (p *ReminderPlan) check() error {
	p.Reason = viet.Clean(p.Reason)
	var bad fault.List
	tidy := func(field string, days []int) []int {
		days = slices.Clone(days)
		slices.Sort(days)
		days = slices.Compact(days)
		if len(days) > 0 && (days[0] < 0 || days[len(days)-1] > mostReminderDay) {
			_ = bad.Add(fault.Invalidf(field, "Số ngày phải từ 0 đến %d.", mostReminderDay))
		}
		return days
	}
	p.Before, p.After = tidy("before", p.Before), tidy("after", p.After)
	slices.Reverse(p.Before)
	if p.Every != 0 && (p.Every < leastBetween || p.Every > mostReminderDay) {
		_ = bad.Add(fault.Invalidf("every", "Hãy ghi từ %d đến %d ngày làm việc, hoặc 0 nếu không nhắc lại.", leastBetween, mostReminderDay))
	}
	if p.Most < 1 || p.Most > mostReminders {
		_ = bad.Add(fault.Invalidf("most", "Hãy ghi từ 1 đến %d lần.", mostReminders))
	}
	if !validDay(p.ValidFrom) {
		_ = bad.Add(fault.Invalid("from", "Hãy ghi ngày bắt đầu, ví dụ 01/07/2019."))
	}
	switch {
	case p.Reason == "":
		_ = bad.Add(fault.Invalid("reason", "Hãy ghi căn cứ, lý do."))
	case len([]rune(p.Reason)) > mostReminderText:
		_ = bad.Add(fault.Invalidf("reason", "Nội dung dài quá %d ký tự.", mostReminderText))
	}
	return bad.Err()
}

// offsets are the working days from the deadline on which a plan reminds, in order; own are those that the forms name.
func (p ReminderPlan) offsets(own []int) []int {
	out := slices.Clone(own)
	if len(out) == 0 {
		for _, n := range p.Before {
			out = append(out, -n)
		}
		out = append(out, p.After...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for p.Every > 0 && len(out) < p.Most {
		last := 0
		if len(out) > 0 {
			last = max(0, out[len(out)-1])
		}
		out = append(out, last+p.Every)
	}
	return out[:min(len(out), p.Most)]
}

// occasion is the reminder of a deadline that stands on a day: the last one whose day has come, as long as it is worth telling. It is
// named by the deadline and its place, so that a deadline that moves has occasions of its own.
func (p ReminderPlan) occasion(calendar form.Calendar, due, today string, own []int) (name string, ok bool) {
	if due == "" || !calendar.Working(today) {
		return "", false
	}
	day := ""
	for _, n := range p.offsets(own) {
		at := due
		if n != 0 {
			at = calendar.Add(due, n)
		}
		if at <= today && at >= day {
			day, name = at, due+"/"+strconv.Itoa(n)
		}
	}
	return name, day != "" && DaysLate(day, today) <= catchUp
}

// numberList reads days as people list them: “3, 1”.
func numberList(field, text string) ([]int, error) {
	var out []int
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fault.Invalid(field, "Hãy ghi các số ngày, cách nhau bằng dấu phẩy, ví dụ 3, 1.")
		}
		out = append(out, n)
	}
	return out, nil
}

// daysText is numberList the other way round.
func daysText(days []int) string {
	out := make([]string, len(days))
	for i, n := range days {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}
