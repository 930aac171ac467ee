package report

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/fault"
	"giaoban/internal/form"
)

func TestADeadlineRemindsOnItsDays(t *testing.T) {
	t.Parallel()
	// 2 September 2019 is a holiday, a Monday; the deadline is Wednesday the 4th.
	calendar := form.NewCalendar([]form.Holiday{{Day: "2019-09-02", Name: "Quốc khánh"}})
	var got []string
	last := ""
	for d := time.Date(2019, 8, 20, 0, 0, 0, 0, time.UTC); d.Format(time.DateOnly) < "2019-11-01"; d = d.AddDate(0, 0, 1) {
		if name, ok := StandardReminders.occasion(calendar, "2019-09-04", d.Format(time.DateOnly), nil); ok && name != last {
			got, last = append(got, d.Format(time.DateOnly)+" "+name), name
		}
	}
	want := []string{
		"2019-08-29 2019-09-04/-3", "2019-09-03 2019-09-04/-1", "2019-09-05 2019-09-04/1", "2019-09-12 2019-09-04/6", "2019-09-19 2019-09-04/11", "2019-09-26 2019-09-04/16",
		"2019-10-03 2019-09-04/21", "2019-10-10 2019-09-04/26",
	}
	if !slices.Equal(got, want) {
		t.Errorf("reminders come on\n%q, want\n%q", got, want)
	}
}

// However a plan, the days off and the deadline are: only working days, never more than it says, each occasion on days in a row, no day late
// beyond what is worth telling.
func TestAPlanNeverFloods(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := ReminderPlan{
			Before: rapid.SliceOfNDistinct(rapid.IntRange(0, 10), 0, 4, rapid.ID[int]).Draw(t, "before"), After: rapid.SliceOfNDistinct(rapid.IntRange(0, 10), 0, 3, rapid.ID[int]).Draw(t, "after"),
			Every: rapid.SampledFrom([]int{0, 2, 5, 7}).Draw(t, "every"), Most: rapid.IntRange(1, mostReminders).Draw(t, "most"), ValidFrom: "2019-01-01", Reason: "thử",
		}
		if err := p.check(); err != nil {
			t.Fatal(err)
		}
		start := time.Date(2019, 8, 1, 0, 0, 0, 0, time.UTC)
		day := func(n int) string { return start.AddDate(0, 0, n).Format(time.DateOnly) }
		var off []form.Holiday
		for range rapid.IntRange(0, 10).Draw(t, "holidays") {
			off = append(off, form.Holiday{Day: day(rapid.IntRange(0, 180).Draw(t, "off")), Works: rapid.Bool().Draw(t, "works")})
		}
		calendar := form.NewCalendar(off)
		due := day(rapid.IntRange(20, 60).Draw(t, "due"))
		own := rapid.SliceOfNDistinct(rapid.IntRange(-5, 5), 0, 3, rapid.ID[int]).Draw(t, "own")
		seen := map[string]bool{}
		last := ""
		for n := range 200 {
			name, ok := p.occasion(calendar, due, day(n), own)
			if !ok {
				continue
			}
			if !calendar.Working(day(n)) {
				t.Fatalf("a reminder on %s, a day off", day(n))
			}
			if name != last && seen[name] {
				t.Fatalf("%s comes again on %s", name, day(n))
			}
			seen[name], last = true, name
		}
		if len(seen) > p.Most {
			t.Fatalf("%d reminders, at most %d", len(seen), p.Most)
		}
	})
}

func TestAPlanThatFloodsIsRefused(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]ReminderPlan{
		"without a reason": {ValidFrom: "2019-01-01", Before: []int{3}, Most: 3},
		"every day":        {ValidFrom: "2019-01-01", Every: 1, Most: 3, Reason: "thử"},
		"without end":      {ValidFrom: "2019-01-01", Every: 5, Most: 99, Reason: "thử"},
		"far before":       {ValidFrom: "2019-01-01", Before: []int{99}, Most: 3, Reason: "thử"},
		"from no day":      {ValidFrom: "tháng sau", Most: 3, Reason: "thử"},
	} {
		if err := p.check(); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := daysText(StandardReminders.Before); got != "3, 1" {
		t.Errorf("the standard reads %q", got)
	}
}
