package briefing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/web"
)

// ByID reads a briefing with all that belongs to it: the people of its place, and of the bodies that are invited. The
// invited read what was said and concluded; what the office still drafts for the conclusion is not theirs to see.
func (s *Service) ByID(ctx context.Context, who auth.Actor, id string) (b Briefing, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err = s.byIDIn(ctx, tx, who, id)
		return err
	})
	return b, err
}

func (s *Service) byIDIn(ctx context.Context, tx *db.Tx, who auth.Actor, id string) (Briefing, error) {
	b, err := find(ctx, tx, who, auth.View, id, s.clock.Today(), visible)
	if err != nil || b.State == Concluded {
		return b, err
	}
	if _, err := head(ctx, tx, who, auth.View, id, s.clock.Today(), atPlace); fault.Is(err, fault.KindNotFound) {
		b.Findings, b.Points = nil, nil
	} else if err != nil {
		return b, err
	}
	return b, nil
}

// Of reads the briefing of a place (code) for a period (code) that was not cancelled.
func (s *Service) Of(ctx context.Context, who auth.Actor, unit, periodCode string) (b Briefing, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err = s.OfIn(ctx, tx, who, unit, periodCode)
		return err
	})
	return b, err
}

// OfIn is Of within a transaction.
func (s *Service) OfIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit, periodCode string) (Briefing, error) {
	p, err := period.Parse(periodCode)
	if err != nil {
		return Briefing{}, err
	}
	b, err := one(db.Collect(ctx, tx, scan, `select`+columns+from+` where pu.code = $1 and b.period = $2 and b.state <> 'cancelled' and`+visible(3),
		append([]any{unit, p.ID}, org.WithinArgs(who, auth.View, s.clock.Today())...)...))
	if err != nil {
		return b, err
	}
	return s.byIDIn(ctx, tx, who, b.ID)
}

// List reads the briefings that the actor may see, newest first, without what belongs to them.
func (s *Service) List(ctx context.Context, who auth.Actor) (out []Briefing, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = db.Collect(ctx, tx, scan, `select`+columns+from+` where`+visible(1)+` order by b.starts desc, b.id`, org.WithinArgs(who, auth.View, s.clock.Today())...)
		return err
	})
	return out, err
}

// Fulfilment is a point of a conclusion and how it went.
type Fulfilment struct {
	Point
	Tasks []task.Task // as far as the actor may see them
}

// Done tells whether every task of the point is accepted; a point without tasks asks for nothing.
func (f Fulfilment) Done() bool {
	return !slices.ContainsFunc(f.Tasks, func(t task.Task) bool { return t.State != task.Accepted && t.State != task.Cancelled })
}

// Fulfilment reads how the points of a concluded briefing went.
func (s *Service) Fulfilment(ctx context.Context, who auth.Actor, b Briefing) (out []Fulfilment, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.fulfilmentIn(ctx, tx, who, b)
		return err
	})
	return out, err
}

func (s *Service) fulfilmentIn(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) ([]Fulfilment, error) {
	tasks, err := s.tasks.OfBriefingIn(ctx, tx, who, b.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Fulfilment, len(b.Points))
	for i, p := range b.Points {
		out[i].Point = p
		for _, t := range tasks {
			if t.Point == p.Ordinal {
				out[i].Tasks = append(out[i].Tasks, t)
			}
		}
	}
	return out, nil
}

// Previous reads the last concluded briefing of the place (or of one that was merged into it) before a briefing.
func (s *Service) Previous(ctx context.Context, who auth.Actor, b Briefing) (out Briefing, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.previousIn(ctx, tx, who, b.Unit, b.Start.UnixMilli())
		return err
	})
	return out, err
}

func (s *Service) previousIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit, before int64) (Briefing, error) {
	b, err := one(db.Collect(ctx, tx, scan, `select`+columns+from+` where b.state = 'concluded' and b.starts < $2 and (b.unit = $1 or exists (
			select 1 from succession_share h join succession x on x.id = h.succession where x.undone is null and h.old_unit = b.unit and h.new_unit = $1))
		and`+visible(3)+` order by b.starts desc limit 1`, append([]any{unit, before}, org.WithinArgs(who, auth.View, s.clock.Today())...)...))
	if err != nil {
		return b, err
	}
	return b, fill(ctx, tx, &b)
}

// reportedIn asks the report house what there is for a briefing.
func (s *Service) reportedIn(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) (Reported, error) {
	var out Reported
	r, err := s.reports.FindIn(ctx, tx, who, b.UnitCode, b.PeriodCode, report.KindConsolidated)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return out, err
	}
	board, err := s.reports.BoardIn(ctx, tx, who, b.UnitCode, b.PeriodCode)
	if err != nil {
		return out, err
	}
	// A briefing hears the consolidated report, also while nobody has begun to write it.
	out.Consolidated = Source{Key: "report", Title: "Báo cáo tổng hợp kết quả công tác", Text: "Chưa soạn", URL: web.URL("/bao-cao", "don-vi", b.UnitCode, "ky", board.Period.Slug())}
	if r.ID != "" {
		out.Consolidated.Text, out.Consolidated.URL = "Bản "+r.State.Name(), "/bao-cao/"+r.ID
	}
	for _, row := range board.Rows {
		x := Source{Key: row.Unit.Code, Title: "Báo cáo của " + row.Unit.Name, Presenter: row.Unit.Name, DaysLate: row.DaysLate,
			URL: "/bao-cao-don-vi/" + row.Unit.Code + "/" + board.Period.Slug(), Text: "Báo cáo " + row.State.Name()}
		if row.Late() {
			x.Text += fmt.Sprintf(", chậm %d ngày", row.DaysLate)
			out.Late = append(out.Late, x)
		}
		// Units below the place report in writing; the meeting hears the bodies that stand at it.
		if row.State.Given() && row.Unit.Kind == org.Body && row.Unit.Parent == board.Unit.ID {
			out.Bodies = append(out.Bodies, x)
		}
	}
	found, err := s.reports.ShortcomingsIn(ctx, tx, who, b.UnitCode, b.PeriodCode)
	if err != nil {
		return out, err
	}
	seen := map[string]int{}
	for _, x := range found {
		out.Shortcomings = append(out.Shortcomings, shortcoming(x, seen))
	}
	return out, nil
}

// shortcoming gives a shortcoming a key that stays while its numbers move: the rule, and the number's address where a rule
// finds several.
func shortcoming(x report.Shortcoming, seen map[string]int) Source {
	out := Source{Key: string(x.Rule), Title: x.Text, Rule: x.Rule, About: x.About}
	if len(x.Evidence) > 0 {
		out.URL = x.Evidence[0].URL
		if x.Rule != report.NotReported && x.Rule != report.ReportedLate {
			out.Key += " " + out.URL
		}
	}
	if seen[out.Key]++; seen[out.Key] > 1 {
		out.Key += fmt.Sprintf(" #%d", seen[out.Key])
	}
	return out
}

// prospect reads a briefing with what is known before it is concluded, for those of its place; the invited have no part in
// what the office drafts.
func (s *Service) prospect(ctx context.Context, who auth.Actor, id string) (b Briefing, p Prospect, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p = Prospect{}
		if b, err = find(ctx, tx, who, auth.View, id, s.clock.Today(), atPlace); err != nil {
			return err
		}
		previous, err := s.previousIn(ctx, tx, who, b.Unit, b.Start.UnixMilli())
		switch {
		case err == nil:
			p.Previous = &previous
			if p.Asked, err = s.tasks.OfBriefingIn(ctx, tx, who, previous.ID); err != nil {
				return err
			}
		case !fault.Is(err, fault.KindNotFound):
			return err
		}
		if p.Open, err = s.tasks.OpenIn(ctx, tx, who, b.Unit, b.Day); err != nil {
			return err
		}
		p.Open = slices.DeleteFunc(p.Open, func(t task.Task) bool { return t.Briefing == b.ID })
		reported, err := s.reportedIn(ctx, tx, who, b)
		if err != nil {
			return err
		}
		p.Shortcomings = reported.Shortcomings
		paper, err := s.reports.PaperIn(ctx, tx, who, b.UnitCode, b.PeriodCode)
		p.Strengths = paper.Said(report.Strengths)
		return err
	})
	return b, p, err
}

// KeyNumber is a figure of the place against its plan.
type KeyNumber struct {
	Indicator indicator.Indicator
	Done      figure.Value // from the year's start
	Plan      figure.Plan
	Pace      figure.Pace
	URL       string
}

// Summary is what the one who chairs needs to know on a page: what was promised last time and how it went, the figures
// against their plans, who is late and what is behind.
type Summary struct {
	Previous     *Briefing // nil when there is none
	Promised     []Fulfilment
	Tasks        task.Counts
	Numbers      []KeyNumber // those behind first
	Late         []Source
	Shortcomings []Source
}

// Summary reads the chair's page, as far as the actor may see the place.
func (s *Service) Summary(ctx context.Context, who auth.Actor, b Briefing) (out Summary, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.summaryIn(ctx, tx, who, b)
		return err
	})
	return out, err
}

func (s *Service) summaryIn(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) (Summary, error) {
	var out Summary
	previous, err := s.previousIn(ctx, tx, who, b.Unit, b.Start.UnixMilli())
	switch {
	case err == nil:
		out.Previous = &previous
		if out.Promised, err = s.fulfilmentIn(ctx, tx, who, previous); err != nil {
			return out, err
		}
	case !fault.Is(err, fault.KindNotFound):
		return out, err
	}
	if out.Tasks, err = s.tasks.CountsIn(ctx, tx, who, b.Unit, s.clock.Today()); err != nil {
		return out, err
	}
	reported, err := s.reportedIn(ctx, tx, who, b)
	if fault.Is(err, fault.KindNotFound) {
		return out, nil // invited, but not somebody of the place: its figures are not theirs
	}
	if err != nil {
		return out, err
	}
	out.Late, out.Shortcomings = reported.Late, reported.Shortcomings
	out.Numbers, err = s.numbersIn(ctx, tx, who, b)
	return out, err
}

func (s *Service) numbersIn(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) ([]KeyNumber, error) {
	p, err := period.FindID(ctx, tx, b.Period)
	if err != nil {
		return nil, err
	}
	year, ok := p.OfYear()
	if !ok {
		return nil, nil
	}
	place, err := org.FindID(ctx, tx, b.Unit, p.To)
	if err != nil {
		return nil, err
	}
	soFar := p.SoFar()
	totals, err := s.figures.TotalsIn(ctx, tx, who, figure.Query{Unit: place, Hierarchy: org.Territory, Layer: figure.Submitted, Frame: figure.AsItWas, Periods: soFar})
	if err != nil {
		return nil, err
	}
	plans, err := s.figures.PlansIn(ctx, tx, who, place, year)
	if err != nil {
		return nil, err
	}
	var out []KeyNumber
	for _, in := range totals.Catalog.All() {
		plan, ok := plans[figure.Key{Period: year.ID, Indicator: in.ID}]
		if !ok || !plan.Has {
			continue
		}
		done := totals.YearToDate(soFar, in, 0)
		a := figure.Address{Unit: place.Code, Period: p.Code, Indicator: in.Code, Hierarchy: org.Territory, Layer: figure.Submitted}
		out = append(out, KeyNumber{Indicator: in, Done: done, Plan: plan, Pace: figure.PaceOf(done, plan, in, year, p), URL: a.URL()})
	}
	order := []figure.Pace{figure.AtRisk, figure.Behind, figure.OnPace, figure.Reached, figure.NoPlan}
	slices.SortStableFunc(out, func(x, y KeyNumber) int {
		return cmp.Compare(slices.Index(order, x.Pace), slices.Index(order, y.Pace))
	})
	return out, nil
}

// meeting reads what a view needs.
func (s *Service) meeting(ctx context.Context, who auth.Actor, id string, t tab) (meetingPage, error) {
	p := meetingPage{Tab: t, Today: s.clock.Today()}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Briefing, err = s.byIDIn(ctx, tx, who, id); err != nil {
			return err
		}
		if p.May, err = holds(ctx, tx, who, auth.Brief, id, p.Today); err != nil {
			return err
		}
		if p.AtPlace, err = holds(ctx, tx, who, auth.View, id, p.Today); err != nil {
			return err
		}
		switch t {
		case tabSummary:
			if p.Summary, err = s.summaryIn(ctx, tx, who, p.Briefing); err != nil {
				return err
			}
		case tabAgenda:
			if p.AtPlace {
				break
			}
			open, err := s.tasks.OpenIn(ctx, tx, who, p.Unit, p.Day)
			if err != nil {
				return err
			}
			p.Theirs = map[string]bool{}
			for _, t := range open {
				p.Theirs[t.ID] = true
			}
		case tabConclusion:
			if p.Open() {
				if p.Reported, err = s.reportedIn(ctx, tx, who, p.Briefing); err != nil {
					return err
				}
				if p.Catalog, err = s.indicators.In(ctx, tx); err != nil {
					return err
				}
			}
		}
		if p.State == Concluded && (t == tabSummary || t == tabConclusion) {
			if p.Fulfilment, err = s.fulfilmentIn(ctx, tx, who, p.Briefing); err != nil {
				return err
			}
		}
		if p.Open() && (t == tabPlan || t == tabConclusion) {
			p.Units, err = s.unitOptions(ctx, tx, who, p.Briefing)
		}
		return err
	})
	return p, err
}

func holds(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, id, today string) (bool, error) {
	if !who.Has(perm) {
		return false, nil
	}
	_, err := head(ctx, tx, who, perm, id, today, atPlace)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}

// unitOptions are the bodies of the place and the places right below it.
func (s *Service) unitOptions(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) ([]web.Option, error) {
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, b.Unit, b.Day, s.clock.Today())
	if err != nil {
		return nil, err
	}
	var bodies, places []web.Option
	for _, n := range nodes {
		o := web.Option{Value: strconv.FormatInt(n.ID, 10), Label: n.Name}
		switch {
		case n.Parent != b.Unit:
		case n.Kind == org.Body:
			o.Group = "Cơ quan, tổ chức"
			bodies = append(bodies, o)
		default:
			o.Group = "Địa bàn trực thuộc"
			places = append(places, o)
		}
	}
	return append(bodies, places...), nil
}
