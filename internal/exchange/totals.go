package exchange

import (
	"cmp"
	"context"
	"slices"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
)

// Line is a total as a package states it and as it is here.
type Line struct {
	Code, Name             string
	Stated, Here           string // as printed; empty where figures are not added
	StatedCount, HereCount int64  // of how many figures
	Given                  string // with what is entered here and not approved, where that makes a difference
	GivenCount             int64
	stated, here, given    figure.Sum
	adds                   bool
}

// Equal tells whether both say the same, with what is not approved here and without. Of figures that are not added only the number of
// them is compared.
func (l Line) Equal() bool { return l.same(l.stated, l.here) && l.same(l.stated, l.given) }

func (l Line) same(a, b figure.Sum) bool {
	a.Estimated, b.Estimated = false, false
	return a == b || !l.adds && a.N == b.N
}

func lineOf(in indicator.Indicator, part indicator.Part) Line {
	l := Line{Code: indicator.Address(in, part), Name: in.Name, adds: in.Across == indicator.Sum}
	if part.Name != "" {
		l.Name += ": " + part.Name
	}
	return l
}

func (l *Line) state(in indicator.Indicator, s figure.Sum) {
	l.stated, l.StatedCount, l.Stated = s, s.N, l.print(in, s)
}

func (l *Line) stand(in indicator.Indicator, approved, given figure.Sum) {
	l.here, l.HereCount, l.Here = approved, approved.N, l.print(in, approved)
	l.given, l.GivenCount, l.Given = given, given.N, l.print(in, given)
}

// More tells whether something is entered here that is not approved.
func (l Line) More() bool { return !l.same(l.here, l.given) }

func (l *Line) print(in indicator.Indicator, s figure.Sum) string {
	v := s.Value()
	if !l.adds || !v.Has {
		return ""
	}
	return figure.Print(v, "", in)
}

// linesOf are the totals of a package by the catalogue of the site that makes it.
func linesOf(catalog *indicator.Catalog, b PackageBody) []Line {
	var out []Line
	for _, t := range b.Totals {
		address := t.Indicator
		if t.Part != "" {
			address += "." + t.Part
		}
		in, part, ok := catalog.PartByCode(address)
		if !ok {
			continue
		}
		l := lineOf(in, part)
		l.state(in, t.sum(in.Decimals))
		out = append(out, l)
	}
	return out
}

// compared sets what the package states beside what the figures here add up to, line by line; what is here only is among them.
func (a *arrival) compared(ctx context.Context) ([]Line, error) {
	approved, err := a.s.sums(ctx, a.tx, figure.Approved, a.top, a.p)
	if err != nil {
		return nil, err
	}
	given, err := a.s.sums(ctx, a.tx, figure.Submitted, a.top, a.p)
	if err != nil {
		return nil, err
	}
	var out []Line
	stated := map[string]bool{}
	for _, t := range a.file.Body.Totals {
		in, part, ok := a.meaning(t.Indicator, t.Part)
		if !ok {
			continue
		}
		l := lineOf(in, part)
		stated[l.Code] = true
		l.state(in, t.sum(in.Decimals))
		l.stand(in, approved.Raw(a.p, in, part.Part), given.Raw(a.p, in, part.Part))
		out = append(out, l)
	}
	for _, in := range a.catalog.All() {
		for _, part := range append([]indicator.Part{{}}, in.Parts...) {
			l := lineOf(in, part)
			l.stand(in, approved.Raw(a.p, in, part.Part), given.Raw(a.p, in, part.Part))
			if !stated[l.Code] && l.HereCount+l.GivenCount > 0 {
				out = append(out, l)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Line) int {
		return cmp.Or(cmp.Compare(bit(x.Equal()), bit(y.Equal())), cmp.Compare(x.Code, y.Code))
	})
	return out, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
