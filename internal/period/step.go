package period

import "time"

// Next is the period of the same kind and length that follows; a custom one that runs by months goes on by months.
func (p Period) Next() Period { return p.step(1) }

// Previous is the period of the same kind and length before; Next undoes it, but for a custom period counted in days whose
// neighbour happens to run by whole months.
func (p Period) Previous() Period { return p.step(-1) }

func (p Period) step(n int) Period {
	switch p.Kind {
	case Month:
		return p.roll(n, 12)
	case Quarter:
		return p.roll(n, 4)
	case Half:
		return p.roll(n, 2)
	case Span:
		return of(Span, p.Year+n*p.Ordinal, p.Ordinal, p.Cutoff())
	case Custom:
		return p.slide(n)
	}
	return of(p.Kind, p.Year+n, p.Ordinal, p.Cutoff())
}

// roll goes n on in a cycle of perYear periods.
func (p Period) roll(n, perYear int) Period {
	at := p.Year*perYear + p.Ordinal - 1 + n
	return of(p.Kind, at/perYear, at%perYear+1, p.Cutoff())
}

// slide moves a custom period by its length: in months where it runs from a day of the month to the day before it, else
// in days.
func (p Period) slide(n int) Period {
	from, end := p.bounds()
	if months := wholeMonths(from, end); months > 0 {
		return custom(from.AddDate(0, n*months, 0), end.AddDate(0, n*months, -1))
	}
	length := int(end.Sub(from).Hours()) / 24
	return custom(from.AddDate(0, 0, n*length), end.AddDate(0, 0, n*length-1))
}

// bounds gives the first day and the day after the last.
func (p Period) bounds() (from, end time.Time) {
	from, _ = time.Parse(time.DateOnly, p.From) // made by days or custom, from real dates
	end, _ = time.Parse(time.DateOnly, p.To)
	return from, end.AddDate(0, 0, 1)
}

// wholeMonths is the number of months from a day to the same day of another month, or 0. Days after the 28th are not in
// every month, so a step by months from one could not be undone.
func wholeMonths(from, end time.Time) int {
	if from.Day() != end.Day() || from.Day() > 28 {
		return 0
	}
	return (end.Year()-from.Year())*12 + int(end.Month()) - int(from.Month())
}

// SameLastYear is the same period a year before. A span of years has none, nor has a custom period of more than a year
// or with a 29 February.
func (p Period) SameLastYear() (Period, bool) {
	switch p.Kind {
	case Span:
		return Period{}, false
	case Custom:
		from, end := p.bounds()
		last := end.AddDate(0, 0, -1)
		if end.After(from.AddDate(1, 0, 0)) || leapDay(from) || leapDay(last) {
			return Period{}, false
		}
		return custom(from.AddDate(-1, 0, 0), last.AddDate(-1, 0, 0)), true
	}
	return of(p.Kind, p.Year-1, p.Ordinal, p.Cutoff()), true
}

func leapDay(t time.Time) bool { return t.Month() == time.February && t.Day() == 29 }

// SoFar lists the periods of the same kind from the year's start to this one, in order: what a year-to-date sum adds. A
// kind that begins with the year, a span and a custom period stand alone.
func (p Period) SoFar() []Period {
	switch p.Kind {
	case Month, Quarter, Half:
		out := make([]Period, 0, p.Ordinal)
		for i := 1; i < p.Ordinal; i++ {
			out = append(out, of(p.Kind, p.Year, i, p.Cutoff()))
		}
		return append(out, p)
	}
	return []Period{p}
}

// OfYear is the year that the period lies in: plans and targets are for it. A span or a custom period that crosses years
// has none.
func (p Period) OfYear() (Period, bool) {
	switch p.Kind {
	case Span:
		return Period{}, false
	case Custom:
		y := of(Year, p.Year, 0, Calendar)
		return y, p.To <= y.To
	}
	return of(Year, p.Year, 0, p.Cutoff()), true
}
