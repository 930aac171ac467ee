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
	"giaoban/internal/notice"
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
	Notices   *notice.Service
}

// Service is the house's verbs.
type Service struct{ Houses }

// New makes the house.
func New(h Houses) *Service { return &Service{h} }

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
		if unitCode == "" {
			if len(q.Tops) == 0 {
				return nil // a site without units: there is nothing to look at
			}
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
			l.Change = change(l.Now, l.Last, totals.Comparable[last.ID])
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

// current is the quarter that is being reported on: the one that has just ended while its reports come in, else today's.
func (s *Service) current(ctx context.Context) (period.Period, error) {
	p, err := s.Periods.Today(ctx, period.Quarter)
	if err != nil {
		return p, err
	}
	before := p.Previous()
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := period.Codes(ctx, tx, []string{before.Code})
		if stored, ok := found[before.Code]; ok && stored.State == period.Open {
			p = stored
		}
		return err
	})
	return p, err
}
