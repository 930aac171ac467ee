package rule

import (
	"math/big"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Finding is a rule that a unit's figures break.
type Finding struct {
	Rule    Rule
	Figures []Shown
	Note    *Note // the body's explanation of just these figures, if there is one
}

// Shown is a figure that a rule names, as printed; Text is empty when it is blank.
type Shown struct {
	Address, Name, When, Text, URL string
}

// key says which figures the finding is about; an explanation stands for those only.
func (f Finding) key() string {
	parts := make([]string, len(f.Figures))
	for i, s := range f.Figures {
		parts[i] = s.Address + "[" + s.When + "]=" + s.Text
	}
	return strings.Join(parts, "; ")
}

// Text lists the figures in words.
func (f Finding) Text() string {
	parts := make([]string, 0, len(f.Figures))
	for _, s := range f.Figures {
		text := s.Text
		if text == "" {
			text = "chưa có số"
		}
		name := s.Name
		if s.When != "" {
			name += " (" + s.When + ")"
		}
		parts = append(parts, name+": "+text)
	}
	return strings.Join(parts, "; ")
}

// known gathers the figures of one unit that rules may name.
type known struct {
	catalog *indicator.Catalog
	period  period.Period
	before  period.Period
	last    period.Period // zero when a year before has no such period
	year    period.Period // zero when plans have none
	soFar   []period.Period
	periods []period.Period // all that figures are read of
	figures map[cell]*big.Rat
	values  map[cell]figure.Value // the same, for print
}

func newKnown(catalog *indicator.Catalog, p period.Period) *known {
	k := &known{catalog: catalog, period: p, before: p.Previous(), soFar: p.SoFar(), figures: map[cell]*big.Rat{}, values: map[cell]figure.Value{}}
	k.last, _ = p.SameLastYear()
	k.year, _ = p.OfYear()
	seen := map[int64]bool{0: true}
	for _, one := range append([]period.Period{p, k.before, k.last}, k.soFar...) {
		if !seen[one.ID] {
			seen[one.ID] = true
			k.periods = append(k.periods, one)
		}
	}
	return k
}

func (k *known) put(c cell, v figure.Value, in indicator.Indicator) {
	k.figures[c], k.values[c] = exact(v.Number, in.Decimals), v
}

// take notes a standing figure of the unit in all the places that rules may name it by.
func (k *known) take(v figure.Version) {
	in, ok := k.catalog.ByID(v.Indicator)
	if !ok || !v.Has {
		return
	}
	for when, p := range map[when]period.Period{now: k.period, previous: k.before, lastYear: k.last} {
		if p.ID == v.Period {
			k.put(cell{v.Indicator, v.Part, when}, v.Value, in)
		}
	}
	for _, p := range k.soFar {
		if p.ID != v.Period {
			continue
		}
		c := cell{v.Indicator, v.Part, toDate}
		switch so, some := k.values[c]; {
		case in.Measure == indicator.Flow && some:
			k.put(c, figure.Value{Number: so.Number + v.Number, Has: true, Qualifier: viet.Combine(so.Qualifier, v.Qualifier)}, in)
		case in.Measure == indicator.Flow, p.ID == k.period.ID:
			k.put(c, v.Value, in) // what stands at a day is as of the period itself
		}
	}
}

func (k *known) plan(plans map[figure.Key]figure.Plan) {
	for key, p := range plans {
		if in, ok := k.catalog.ByID(key.Indicator); ok && p.Has && key.Period == k.year.ID {
			k.put(cell{key.Indicator, indicator.Total, plan}, p.Value, in)
		}
	}
}

// exact is a stored number in its indicator's unit.
func exact(n int64, decimals int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	return new(big.Rat).SetFrac(big.NewInt(n), scale)
}

// shown prints the figures that an expression names.
func (k *known) shown(e *Expr, unit string) []Shown {
	var out []Shown
	for _, c := range e.cells {
		in, ok := k.catalog.ByID(c.indicator)
		if !ok {
			continue
		}
		part, _ := in.Part(c.part)
		s := Shown{Address: indicator.Address(in, part), Name: in.Name, When: string(c.when)}
		if c.part != indicator.Total {
			s.Name += ", " + part.Name
		}
		if v, ok := k.values[c]; ok {
			s.Text = figure.Print(v, "", in)
		}
		s.URL = figure.Address{Unit: unit, Period: k.when(c.when).Code, Indicator: in.Code, Part: c.part, Own: true}.URL()
		out = append(out, s)
	}
	return out
}

// when is the period that a figure is of.
func (k *known) when(w when) period.Period {
	switch {
	case w == previous:
		return k.before
	case w == lastYear && k.last.ID != 0:
		return k.last
	case w == plan && k.year.ID != 0:
		return k.year
	}
	return k.period
}

// names tells whether an expression names a figure of that time.
func (e *Expr) names(w when) bool {
	for _, c := range e.cells {
		if c.when == w {
			return true
		}
	}
	return false
}
