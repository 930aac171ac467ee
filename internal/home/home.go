// Package home holds the pages that look into every house: the quarter's page, which says where the loop stands and what to
// do next, and the public front page. It refuses to have data of its own: every line on its pages belongs to the house that
// it leads to.
package home

import (
	"context"
	"slices"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// Houses are what home looks into.
type Houses struct {
	DB        *db.DB
	Clock     *clock.Clock
	Units     *org.Service
	Periods   *period.Service
	Figures   *figure.Service
	Reports   *report.Service
	Tasks     *task.Service
	Briefings *briefing.Service
	Articles  *article.Service
}

// Service is the house's verbs.
type Service struct{ Houses }

// New makes the house.
func New(h Houses) *Service { return &Service{h} }

// headline are the indicators that stand on the quarter's page whether or not they have a plan, by code.
var headline = []string{"CT01", "DG01", "DG02", "QV01", "AS04", "HV01", "DV02", "TT01", "GS01", "MH01"}

// KeyLine is an indicator on the quarter's page, each number with the address that opens it.
type KeyLine struct {
	Indicator indicator.Indicator
	Now       figure.Value
	ToDate    figure.Value
	Last      figure.Value // same period last year
	Change    string       // against it, "+12,5%", "không so sánh được", or empty
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

// Quarter reads the page. Without a unit it takes the first that the actor holds.
func (s *Service) Quarter(ctx context.Context, who auth.Actor, unitCode string, p period.Period) (Quarter, error) {
	q := Quarter{Period: p}
	if err := who.Must(auth.View); err != nil {
		return q, err
	}
	today := s.Clock.Today()
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if q.Tops, err = tops(ctx, tx, who, today); err != nil {
			return err
		}
		if unitCode == "" && len(q.Tops) > 0 {
			unitCode = q.Tops[0].Code
		}
		if q.Unit, err = org.Visible(ctx, tx, who, auth.View, unitCode, p.To, today); err != nil {
			return err
		}
		if stored, err := period.Find(ctx, tx, p.Code); err == nil {
			q.Period, q.Made = stored, true
		} else if !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if !q.Made {
			return nil // nothing has been given for this period yet
		}
		if q.Board, err = s.Reports.BoardIn(ctx, tx, who, q.Unit.Code, q.Period.Code); err != nil {
			return err
		}
		q.Summary = q.Board.Summary()
		for _, r := range q.Board.Rows {
			if r.Filled > 0 {
				q.Entered++
			}
		}
		if q.Consolidated, err = s.Reports.FindIn(ctx, tx, who, q.Unit.Code, q.Period.Code, report.KindConsolidated); err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if q.Shortcomings, err = s.Reports.ShortcomingsIn(ctx, tx, who, q.Unit.Code, q.Period.Code); err != nil {
			return err
		}
		if q.Tasks, err = s.Tasks.CountsIn(ctx, tx, who, q.Unit.ID, today); err != nil {
			return err
		}
		q.Briefing, err = s.Briefings.OfIn(ctx, tx, who, q.Unit.Code, q.Period.Code)
		q.HasBriefing = err == nil
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		q.Key, err = s.key(ctx, tx, who, q.Unit, q.Period)
		return err
	})
	if err != nil || !q.Made {
		return q, err
	}
	q.Article, q.HasArticle, err = s.Articles.Of(ctx, who, q.Unit.ID, q.Period.ID)
	return q, err
}

func tops(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]org.Unit, error) {
	if who.IsSystem() {
		return org.Roots(ctx, tx, today)
	}
	var out []org.Unit
	for _, id := range who.Units(auth.View) {
		u, err := org.FindID(ctx, tx, id, today)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// key reads the headline indicators and those with a plan, with pace and last year.
func (s *Service) key(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period) ([]KeyLine, error) {
	year, hasYear := p.OfYear()
	last, hasLast := p.SameLastYear()
	soFar := p.SoFar()
	want := append(slices.Clone(soFar), p)
	if hasLast {
		want = append(want, last)
	}
	for i, w := range want {
		switch stored, err := period.Find(ctx, tx, w.Code); {
		case err == nil:
			want[i] = stored
		case !fault.Is(err, fault.KindNotFound):
			return nil, err
		}
	}
	soFar = want[:len(soFar)]
	if hasLast {
		last = want[len(want)-1]
	}
	totals, err := s.Figures.TotalsIn(ctx, tx, who, figure.Query{Unit: unit, Hierarchy: org.Territory, Layer: figure.Submitted, Frame: figure.AsItIs, Periods: want})
	if err != nil {
		return nil, err
	}
	plans := map[figure.Key]figure.Plan{}
	if hasYear {
		switch stored, err := period.Find(ctx, tx, year.Code); {
		case err == nil:
			year = stored
			if plans, err = s.Figures.PlansIn(ctx, tx, who, unit, year); err != nil {
				return nil, err
			}
		case !fault.Is(err, fault.KindNotFound):
			return nil, err
		}
	}
	var out []KeyLine
	for _, in := range totals.Catalog.At(p.To).All() {
		plan := plans[figure.Key{Period: year.ID, Indicator: in.ID}]
		if !plan.Has && !slices.Contains(headline, in.Code) {
			continue
		}
		l := KeyLine{Indicator: in, Now: totals.Value(p, in, 0), ToDate: totals.YearToDate(soFar, in, 0), Plan: plan}
		address := figure.Address{Unit: unit.Code, Period: p.Code, Indicator: in.Code, Frame: figure.AsItIs}
		l.URL = address.URL()
		if hasLast {
			l.Last = totals.Value(last, in, 0)
			address.Period = last.Code
			l.LastURL = address.URL()
			l.Change = change(l.Now, l.Last, totals.Comparable[last.ID] || last.ID == 0)
		}
		if plan.Has && plan.Number != 0 && l.ToDate.Has {
			l.Percent = viet.FormatPercentAt(l.ToDate.Number, plan.Number, 1)
			l.Share = int(min(l.ToDate.Number*100/plan.Number, 999))
			l.Pace = figure.PaceOf(l.ToDate, plan, in, year, p)
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b KeyLine) int { return worry(b.Pace) - worry(a.Pace) })
	return out, nil
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

// change compares with the same period of last year; only exact words for exact numbers.
func change(now, last figure.Value, comparable bool) string {
	switch {
	case !comparable:
		return "không so sánh được"
	case !now.Has || !last.Has || last.Number == 0:
		return ""
	}
	diff := now.Number - last.Number
	sign := "+"
	if diff < 0 {
		sign, diff = "-", -diff
	}
	about := ""
	if now.Qualifier != viet.Exact || last.Qualifier != viet.Exact {
		about = "khoảng "
	}
	return about + sign + viet.FormatPercentAt(diff, last.Number, 1)
}
