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
	stated, here           figure.Sum
	adds                   bool
}

// Equal tells whether both say the same. Of figures that are not added only the number of them is compared.
func (l Line) Equal() bool {
	if !l.adds {
		return l.StatedCount == l.HereCount
	}
	a, b := l.stated, l.here
	a.Estimated, b.Estimated = false, false
	return a == b
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

func (l *Line) stand(in indicator.Indicator, s figure.Sum) {
	l.here, l.HereCount, l.Here = s, s.N, l.print(in, s)
}

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

// compared sets what the package states beside what the approved figures here add up to, line by line; what is here only is among them.
func (a *arrival) compared(ctx context.Context) ([]Line, error) {
	sums, err := a.s.approvedSums(ctx, a.tx, a.top, a.p)
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
		l.stand(in, sums.Raw(a.p, in, part.Part))
		out = append(out, l)
	}
	for _, in := range a.catalog.All() {
		for _, part := range append([]indicator.Part{{}}, in.Parts...) {
			l := lineOf(in, part)
			if s := sums.Raw(a.p, in, part.Part); !stated[l.Code] && !s.Blank() {
				l.stand(in, s)
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
