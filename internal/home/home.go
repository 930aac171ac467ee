// Package home holds the pages that look into every house: the quarter's page, which says where the loop stands and what to
// do next, and the public front page. It refuses to have data of its own: every line on its pages belongs to the house that
// it leads to.
package home

import (
	"slices"

	"giaoban/internal/article"
	"giaoban/internal/briefing"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// headline are the indicators that stand on the quarter's page whether or not they have a plan, by code.
var headline = []string{"CT01", "DG01", "DG02", "QV01", "AS04", "HV01", "DV02", "TT01", "GS01", "MH01"}

// KeyLine is an indicator on the quarter's page, each number with the address that opens it.
type KeyLine struct {
	Indicator indicator.Indicator
	Now       figure.Value
	ToDate    figure.Value
	Last      figure.Value // same period last year
	Change    Change       // against it
	Plan      figure.Plan
	Percent   string // of the plan, by what is done to date
	Share     int    // the same for a bar
	Pace      figure.Pace
	URL       string
	LastURL   string
}

// Quarter is the quarter's page of a place.
type Quarter struct {
	Unit         org.Unit
	Tops         []org.Unit // what the actor may choose from
	Period       period.Period
	Made         bool // the site has the period: something was given for it, or the office opened it
	Board        report.Board
	Summary      report.Summary
	Consolidated report.Report // State empty while there is none
	Briefing     briefing.Briefing
	HasBriefing  bool
	Tasks        task.Counts
	Article      article.Article
	HasArticle   bool
	Key          []KeyLine
	Shortcomings []report.Shortcoming
	Entered      int // units with figures
}

// worry puts what is at risk first.
func worry(p figure.Pace) int {
	switch p {
	case figure.AtRisk:
		return 3
	case figure.Behind:
		return 2
	case figure.OnPace, figure.Reached:
		return 1
	}
	return 0
}

// planned tells whether any line has a plan: without one the page has no columns for it.
func (q Quarter) planned() bool {
	return slices.ContainsFunc(q.Key, func(l KeyLine) bool { return l.Plan.Has })
}

// Change is a comparison with the same period of last year; the zero Change is none.
type Change struct {
	Way     Way
	Percent string // how far, "12,5%"
	About   bool   // one of the numbers is not exact
}

// Way is where a number has gone.
type Way int

const (
	NoChange     Way = iota // nothing to compare with
	Incomparable            // the units were others
	Even
	Up
	Down
)

// change compares; only exact words for exact numbers.
func change(now, last figure.Value, comparable bool) Change {
	switch {
	case !comparable:
		return Change{Way: Incomparable}
	case !now.Has || !last.Has || last.Number <= 0:
		return Change{}
	}
	c := Change{Way: Up, About: now.Qualifier != viet.Exact || last.Qualifier != viet.Exact}
	diff := now.Number - last.Number
	switch {
	case diff < 0:
		c.Way, diff = Down, -diff
	case diff == 0:
		c.Way = Even
	}
	c.Percent = viet.FormatPercentAt(diff, last.Number, 1)
	return c
}
