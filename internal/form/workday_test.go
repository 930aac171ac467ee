package form_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/form"
)

var year2019 = form.NewCalendar([]form.Holiday{
	{Day: "2019-09-02", Name: "Nghỉ lễ"}, {Day: "2019-04-30", Name: "Nghỉ lễ"}, {Day: "2019-05-01", Name: "Nghỉ lễ"},
	{Day: "2019-04-29", Name: "Nghỉ bù"}, {Day: "2019-05-04", Name: "Làm bù", Works: true},
})

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, day string
		n         int
		want      string
	}{
		{"zero on a working day is that day", "2019-09-30", 0, "2019-09-30"},
		{"zero on a Saturday is the Monday", "2019-08-31", 0, "2019-09-03"},
		{"over a weekend", "2019-09-27", 1, "2019-09-30"},
		{"over a weekend with a holiday behind it", "2019-08-30", 1, "2019-09-03"},
		{"back over the holiday", "2019-09-03", -1, "2019-08-30"},
		{"back from a Sunday", "2019-09-01", -1, "2019-08-30"},
		{"over holidays that join a weekend", "2019-04-26", 1, "2019-05-02"},
		{"a Saturday that is worked counts", "2019-05-03", 1, "2019-05-04"},
		{"from a quarter's last day that is a Sunday", "2019-06-30", 5, "2019-07-05"},
		{"over the year's end", "2019-12-31", 3, "2020-01-03"},
		{"over a leap day", "2020-02-28", 1, "2020-03-02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := year2019.Add(c.day, c.n); got != c.want {
				t.Errorf("%s and %d working days is %s, want %s", c.day, c.n, got, c.want)
			}
		})
	}
}

func TestLateness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		due, day string
		want     int
	}{
		{"2019-09-30", "2019-09-30", 0}, {"2019-09-30", "2019-09-29", 0}, {"2019-09-30", "2019-10-01", 1}, {"", "2019-10-01", 0},
		{"2019-09-27", "2019-09-28", 1}, // a Saturday: late, though no working day has passed
		{"2019-09-27", "2019-09-30", 1}, {"2019-08-30", "2019-09-04", 2}, {"2019-05-03", "2019-05-06", 2},
	} {
		if got := year2019.Late(c.due, c.day); got != c.want {
			t.Errorf("due %s, done %s: late by %d, want %d", c.due, c.day, got, c.want)
		}
	}
}

// calendars draws a calendar with holidays and worked weekends around its days.
func calendars(t *rapid.T) (c form.Calendar, day string) {
	start := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(n int) string { return start.AddDate(0, 0, n).Format(time.DateOnly) }
	var all []form.Holiday
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 800), 0, 60).Draw(t, "holidays") {
		all = append(all, form.Holiday{Day: at(n), Works: rapid.Bool().Draw(t, "works")})
	}
	return form.NewCalendar(all), at(rapid.IntRange(200, 500).Draw(t, "day"))
}

func TestAddingWorkingDaysIsCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, day := calendars(t)
		n := rapid.IntRange(-60, 60).Draw(t, "n")
		got := c.Add(day, n)
		if !c.Working(got) {
			t.Fatalf("%s and %d is %s, which is not worked", day, n, got)
		}
		if n > 0 && c.Between(day, got) != n {
			t.Fatalf("%s and %d is %s, but %d working days lie between", day, n, got, c.Between(day, got))
		}
		if n != 0 && c.Working(day) && c.Add(got, -n) != day {
			t.Fatalf("%s and %d is %s, and back it is %s", day, n, got, c.Add(got, -n))
		}
		// A day that is not worked is done on the next one that is: zero and one are the same then.
		if next := c.Add(day, n+1); next < got || next == got && (c.Working(day) || n != 0) {
			t.Fatalf("%d working days from %s is %s, %d is %s", n, day, got, n+1, next)
		}
		if late := c.Late(day, got); (got > day) != (late > 0) {
			t.Fatalf("due %s, done %s: late by %d", day, got, late)
		}
	})
}

func TestCountingIsWalking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, day := calendars(t)
		start, _ := time.Parse(time.DateOnly, day)
		start = start.AddDate(-rapid.IntRange(0, 60).Draw(t, "years before"), 0, 0)
		from, want := start.Format(time.DateOnly), 0
		for n := range rapid.IntRange(0, 900).Draw(t, "days") {
			to := start.AddDate(0, 0, n).Format(time.DateOnly)
			if n > 0 && c.Working(to) {
				want++
			}
			if got := c.Between(from, to); got != want {
				t.Fatalf("%d working days after %s up to %s, want %d", got, from, to, want)
			}
			if back := c.Between(to, from); back != -want {
				t.Fatalf("back from %s to %s: %d, want %d", to, from, back, -want)
			}
		}
	})
}
