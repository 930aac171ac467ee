package figure

import (
	"fmt"

	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Board is the table of totals of a unit and all below it.
type Board struct {
	Address  Address
	Unit     org.Unit
	Period   period.Period
	LastYear period.Period
	Year     period.Period
	Line     org.Unit
	Lines    []org.Unit // the lines that have a body at this place or below
	Groups   []BoardGroup
	// Comparable tells whether last year's totals are of the same units, or of those that came before them.
	Comparable bool
}

// BoardGroup is a topic's rows.
type BoardGroup struct {
	Topic indicator.Topic
	Rows  []BoardRow
}

// BoardRow is one indicator or part.
type BoardRow struct {
	Indicator       indicator.Indicator
	Part            indicator.Part
	Now, Last, Date Value // of the period, of the same period last year, from the year's start
	N               int64 // figures in Now
	Plan            Plan
	Pace            Pace
	Comparable      bool
}

// Adds tells whether the row has a total at all.
func (r BoardRow) Adds() bool { return r.Indicator.Across != indicator.None }

// Change is how the period stands to the same period last year: "+12,50%", with "khoảng" where one of the two is not
// exact; for a percentage the difference in points. Empty where there is nothing to compare.
func (r BoardRow) Change() string {
	if !r.Now.Has || !r.Last.Has || !r.Comparable {
		return ""
	}
	diff, text := r.Now.Number-r.Last.Number, ""
	switch {
	case r.Indicator.Measure == indicator.Rate && r.Indicator.Unit == "%":
		text = viet.FormatPlain(diff, r.Indicator.Decimals) + " điểm %"
	case r.Last.Number <= 0:
		return ""
	default:
		text = viet.FormatPercent(diff, r.Last.Number)
	}
	if diff > 0 {
		text = "+" + text
	}
	if r.Now.Qualifier != viet.Exact || r.Last.Qualifier != viet.Exact {
		text = "khoảng " + text
	}
	return text
}

// Done is how much of the plan is done so far.
func (r BoardRow) Done() string {
	if !r.Plan.Has || !r.Date.Has || r.Plan.Number <= 0 {
		return ""
	}
	text := viet.FormatPercent(r.Date.Number, r.Plan.Number)
	if r.Date.Qualifier != viet.Exact {
		text = "khoảng " + text
	}
	return text
}

// board fills the table from totals that hold the period, the periods before it in the year and the same period last year.
func (b *Board) fill(t Totals, soFar []period.Period, plans map[Key]Plan, all bool) {
	b.Comparable = b.LastYear.ID != 0 && t.Comparable[b.LastYear.ID]
	for _, g := range t.Catalog.At(b.Period.To).Topics() {
		group := BoardGroup{Topic: g.Topic}
		for _, in := range g.Indicators {
			for _, part := range append([]indicator.Part{{}}, in.Parts...) {
				if in.Across == indicator.Ratio && part.Part != indicator.Total {
					continue
				}
				r := BoardRow{
					Indicator: in, Part: part, Comparable: b.Comparable, N: t.Raw(b.Period, in, part.Part).N,
					Now: t.Value(b.Period, in, part.Part), Last: t.Value(b.LastYear, in, part.Part), Date: t.YearToDate(soFar, in, part.Part),
				}
				if part.Part == indicator.Total {
					r.Plan = plans[Key{b.Year.ID, in.ID, 0}]
					r.Pace = PaceOf(r.Date, r.Plan, in, b.Year, b.Period)
				}
				if all || r.N > 0 || !r.Now.Blank() || !r.Last.Blank() || !r.Date.Blank() || r.Plan.Has {
					group.Rows = append(group.Rows, r)
				}
			}
		}
		if len(group.Rows) > 0 {
			b.Groups = append(b.Groups, group)
		}
	}
}

// address is the address of a row's number in a period of the board.
func (b Board) address(r BoardRow, p period.Period) string {
	a := b.Address
	a.Period, a.Indicator, a.Part = p.Code, r.Indicator.Code, r.Part.Part
	return a.URL()
}

// path is the board's own address with its choices.
func (b Board) path(tail string) string {
	a := b.Address
	a.Indicator = ""
	return tail + a.query()
}

// query is the part of an address behind the path.
func (a Address) query() string {
	url := a.URL()
	for i := range url {
		if url[i] == '?' {
			return url[i:]
		}
	}
	return ""
}

// countText says how many figures a total holds.
func countText(n int64) string { return fmt.Sprint(n) }
