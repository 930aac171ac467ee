package report

import (
	"context"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Number is a number as it is printed, with all that is needed to open it and to work it out again. Value is scaled by
// Decimals and means nothing without Has.
type Number struct {
	Text      string `json:"text"`
	Value     int64  `json:"value"`
	Has       bool   `json:"has"`
	Decimals  int    `json:"decimals"`
	Qualifier string `json:"qualifier"`
	Measure   string `json:"measure"`
	Unit      string `json:"unit"` // code
	Code      string `json:"code"` // of the token
	Name      string `json:"name"` // of the indicator
	Of        What   `json:"of"`
	URL       string `json:"url"`
	Short     string `json:"short"` // the address for an annex table
	Bare      bool   `json:"bare"`  // printed without its unit of measure, as in a table
}

// token is what the number answers.
func (n Number) token() Token { return Token{Code: n.Code, What: n.Of, Unit: n.Unit} }

// What is printed where there is no number. Blank is not zero.
const (
	noFigure       = "chưa có số liệu"
	noPlan         = "chưa giao kế hoạch"
	notComparable  = "không so sánh được"
	notAdded       = "không cộng giữa các đơn vị"
	notPrecise     = "không tính được tỷ lệ"
	percentDigits  = 2
	percentMeasure = "%"
)

// times are the periods that a report speaks of.
type times struct {
	p, before, last, year period.Period
	hasLast, hasYear      bool
	soFar                 []period.Period // from the year's start
	soFarIDs              []int64
	all                   []period.Period
}

func timesOf(p period.Period) times {
	t := times{p: p, before: p.Previous(), soFar: p.SoFar()}
	t.last, t.hasLast = p.SameLastYear()
	t.year, t.hasYear = p.OfYear()
	for _, x := range t.soFar {
		t.soFarIDs = append(t.soFarIDs, x.ID)
	}
	add := func(list ...period.Period) {
		for _, x := range list {
			if !slices.ContainsFunc(t.all, func(y period.Period) bool { return y.ID == x.ID }) {
				t.all = append(t.all, x)
			}
		}
	}
	add(t.soFar...)
	add(p, t.before)
	if t.hasLast {
		add(t.last)
	}
	return t
}

// subject is one unit's numbers: its own figures for a body, the totals of all below it for a place.
type subject struct {
	unit  org.Unit
	own   bool
	times times
	layer figure.Layer
	was   figure.Totals
	now   *figure.Totals // read where the unit did not live a year ago: what came before it, carried over
	given map[figure.Cell]figure.Version
	plans map[figure.Key]figure.Plan
}

func (s *Service) subject(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period, layer figure.Layer) (*subject, error) {
	x := &subject{unit: unit, own: unit.Kind == org.Body, times: timesOf(p), layer: layer}
	var err error
	if x.given, err = s.figures.OwnIn(ctx, tx, who, layer, unit, x.times.all); err != nil {
		return nil, err
	}
	q := figure.Query{Unit: unit, Hierarchy: org.Territory, Layer: layer, Frame: figure.AsItWas, Periods: x.times.all}
	if x.was, err = s.figures.TotalsIn(ctx, tx, who, q); err != nil {
		return nil, err
	}
	if x.times.hasLast && !unit.Alive(x.times.last.To) {
		q.Frame, q.Periods = figure.AsItIs, []period.Period{x.times.last}
		now, err := s.figures.TotalsIn(ctx, tx, who, q)
		if err != nil {
			return nil, err
		}
		x.now = &now
	}
	var plans []period.Period
	if x.times.hasYear {
		plans = append(plans, x.times.year)
	}
	plans = append(plans, p)
	x.plans, err = s.figures.PlansIn(ctx, tx, who, unit, plans...)
	return x, err
}

// value is the number of a period, with its printed text where no number stands for it.
func (x *subject) value(p period.Period, in indicator.Indicator, part int64) (figure.Value, string) {
	if x.own || in.Across == indicator.None {
		v := x.given[figure.Cell{Unit: x.unit.ID, Period: p.ID, Indicator: in.ID, Part: part}]
		if in.Across == indicator.Ratio && v.Blank() {
			return x.was.Value(p, in, part), ""
		}
		return v.Value, v.Raw
	}
	if x.now != nil && p.ID == x.times.last.ID {
		return x.now.Value(p, in, part), ""
	}
	return x.was.Value(p, in, part), ""
}

// toDate is the number from the year's start: the sum for a flow, else the last one known.
func (x *subject) toDate(in indicator.Indicator, part int64) (figure.Value, string) {
	if !x.own && in.Across != indicator.None {
		return x.was.YearToDate(x.times.soFar, in, part), ""
	}
	var out figure.Value
	var raw string
	for _, p := range x.times.soFar {
		v, text := x.value(p, in, part)
		switch {
		case v.Blank():
		case in.Measure == indicator.Flow:
			out, raw = plus(out, v), text
		default:
			out, raw = v, text
		}
	}
	if out.Has {
		raw = ""
	}
	return out, raw
}

// plus adds two values as a roll-up does.
func plus(a, b figure.Value) figure.Value {
	if a.Blank() {
		return b
	}
	if b.Blank() {
		return a
	}
	return figure.Value{Number: a.Number + b.Number, Has: a.Has || b.Has, Qualifier: viet.Combine(a.Qualifier, b.Qualifier)}
}

// plan finds the plan of the year, or of the period itself, and what is measured against it.
func (x *subject) plan(in indicator.Indicator) (plan figure.Plan, of period.Period, done figure.Value, ok bool) {
	if x.times.hasYear {
		if plan, ok = x.plans[figure.Key{Period: x.times.year.ID, Indicator: in.ID}]; ok && plan.Has {
			done, _ = x.toDate(in, 0)
			return plan, x.times.year, done, true
		}
	}
	if plan, ok = x.plans[figure.Key{Period: x.times.p.ID, Indicator: in.ID}]; ok && plan.Has {
		done, _ = x.value(x.times.p, in, 0)
		return plan, x.times.p, done, true
	}
	return figure.Plan{}, period.Period{}, figure.Value{}, false
}

// pace compares what is done with the plan.
func (x *subject) pace(in indicator.Indicator) figure.Pace {
	plan, of, done, ok := x.plan(in)
	if !ok {
		return figure.NoPlan
	}
	return figure.PaceOf(done, plan, in, of, x.times.p)
}

// comparable tells whether last year's number means the same unit.
func (x *subject) comparable() bool {
	if !x.times.hasLast {
		return false
	}
	if x.now != nil {
		return !x.own && x.now.Comparable[x.times.last.ID]
	}
	return true
}

func (x *subject) address(p period.Period, in indicator.Indicator, part int64) figure.Address {
	a := figure.Address{Unit: x.unit.Code, Period: p.Code, Indicator: in.Code, Part: part, Hierarchy: org.Territory, Layer: x.layer, Own: x.own}
	if x.now != nil && p.ID == x.times.last.ID {
		a.Frame = figure.AsItIs
	}
	return a
}

// number works a token's number out for the unit.
func (x *subject) number(in indicator.Indicator, part indicator.Part, what What) Number {
	n := Number{Unit: x.unit.Code, Code: indicator.Address(in, part), Name: partName(in, part), Of: what, Decimals: in.Decimals, Measure: in.Unit}
	at := func(p period.Period, mark string) {
		a := x.address(p, in, part.Part)
		n.URL, n.Short = a.URL(), a.Short()
		if mark != "" {
			n.Short += " (" + mark + ")"
		}
	}
	put := func(v figure.Value, raw, blank string) {
		n.Value, n.Has, n.Qualifier = v.Number, v.Has, v.Qualifier.Code()
		if !v.Has {
			n.Value = 0
		}
		if n.Text = figure.Print(v, raw, in); n.Text == "" {
			n.Text = blank
			if x.adds(in) {
				return
			}
			n.Text = notAdded
		}
		if v.Qualifier == viet.Magnitude && raw == "" {
			n.Text = "có phát sinh, chưa có số cụ thể"
		}
	}
	at(x.times.p, string(what))
	v, raw := x.value(x.times.p, in, part.Part)
	switch what {
	case ThisPeriod:
		at(x.times.p, "")
		put(v, raw, noFigure)
	case ToDate:
		y, text := x.toDate(in, part.Part)
		put(y, text, noFigure)
	case Before:
		at(x.times.before, "")
		b, text := x.value(x.times.before, in, part.Part)
		put(b, text, noFigure)
	case LastYear, Change, PercentLast:
		x.against(&n, in, part, what, v, at, put)
	case PlanOf, PercentPlan:
		x.planned(&n, in, what, at, put)
	case Reporting, LastCount:
		count := x.was.Raw(x.times.p, in, part.Part).N
		if what == LastCount {
			at(x.times.last, string(Reporting))
			count = x.was.Raw(x.times.last, in, part.Part).N
		}
		n.Value, n.Has, n.Decimals, n.Qualifier, n.Measure = count, true, 0, viet.Exact.Code(), "đơn vị"
		n.Text = viet.FormatInt(count, 0) + " đơn vị"
	}
	return n
}

func (x *subject) adds(in indicator.Indicator) bool { return x.own || in.Across != indicator.None }

func (x *subject) against(n *Number, in indicator.Indicator, part indicator.Part, what What, v figure.Value, at func(period.Period, string), put func(figure.Value, string, string)) {
	if !x.comparable() {
		n.Text = notComparable
		n.Qualifier = viet.Blank.Code()
		return
	}
	last, raw := x.value(x.times.last, in, part.Part)
	if what == LastYear {
		at(x.times.last, "")
		put(last, raw, noFigure)
		return
	}
	n.Decimals, n.Measure = percentDigits, percentMeasure
	if v.Blank() || last.Blank() {
		n.Text = noFigure
		return
	}
	if what == PercentLast {
		n.ratio(v, last)
		return
	}
	n.change(v, last)
}

func (x *subject) planned(n *Number, in indicator.Indicator, what What, at func(period.Period, string), put func(figure.Value, string, string)) {
	plan, of, done, ok := x.plan(in)
	if !ok {
		n.Text = noPlan
		return
	}
	if what == PlanOf {
		at(of, string(PlanOf))
		put(plan.Value, plan.Raw, noPlan)
		return
	}
	n.Decimals, n.Measure = percentDigits, percentMeasure
	if done.Blank() {
		n.Text = noFigure
		return
	}
	n.ratio(done, plan.Value)
}

// ratio prints a in percent of b. The qualifier follows a where b is exact; else the percentage is about right only.
func (n *Number) ratio(a, b figure.Value) {
	p, ok := viet.PercentOf(a.Number, b.Number, percentDigits)
	if !a.Has || !b.Has || !ok {
		n.Text = notPrecise
		return
	}
	q := a.Qualifier
	if b.Qualifier != viet.Exact {
		q = viet.About
	}
	if q == viet.Range || q == viet.Magnitude {
		q = viet.About
	}
	n.Value, n.Has, n.Qualifier = p, true, q.Code()
	n.Text = viet.Phrase(viet.Quantity{Value: p, Scale: percentDigits, Qualifier: q}, percentMeasure)
}

// change prints how far a lies above or below b, in percent of b.
func (n *Number) change(a, b figure.Value) {
	p, ok := viet.PercentOf(a.Number-b.Number, b.Number, percentDigits)
	if !a.Has || !b.Has || !ok {
		n.Text = notPrecise
		return
	}
	q := viet.Exact
	about := ""
	if a.Qualifier != viet.Exact || b.Qualifier != viet.Exact {
		q, about = viet.About, "khoảng "
	}
	n.Value, n.Has, n.Qualifier = p, true, q.Code()
	switch {
	case p > 0:
		n.Text = "tăng " + about + viet.FormatInt(p, percentDigits) + "%"
	case p < 0:
		n.Text = "giảm " + about + viet.FormatInt(-p, percentDigits) + "%"
	default:
		n.Text = "không đổi"
		if about != "" {
			n.Text = "gần như không đổi"
		}
	}
}
