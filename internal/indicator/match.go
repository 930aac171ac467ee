package indicator

import (
	"cmp"
	"slices"
	"strings"

	"giaoban/internal/viet"
)

// mostNear bounds what is offered when nothing fits.
const mostNear = 5

// Search finds the indicators in view that hold every word of a text in code, name, synonyms or topic, with or without
// marks; those that hold the words as typed come first. An empty text finds all.
func (c *Catalog) Search(text string) []Indicator {
	words := strings.Fields(viet.Fold(plainQuotes.Replace(text)))
	written := strings.Fields(viet.Canon(plainQuotes.Replace(text)))
	type hit struct{ n, rank int }
	var hits []hit
	for n, e := range c.texts() {
		if !holdsAll(e.all, words) {
			continue
		}
		rank := 1
		if holdsAll(e.canon, written) {
			rank = 0
		}
		hits = append(hits, hit{n, rank})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Indicator, len(hits))
	for k, h := range hits {
		out[k] = c.view[h.n]
	}
	return out
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Match finds the indicator that a heading of a form or a sheet means: by code, by name or synonym as written, then by
// name or synonym without marks. unit, when given, narrows the choice and must be one that the indicator accepts. exact
// tells that found is the answer: one indicator; otherwise found holds the few nearest, to be offered, or nothing.
func (c *Catalog) Match(text, unit string) (found []Indicator, exact bool) {
	if i, ok := c.ByCode(text); ok {
		return []Indicator{i}, unit == "" || i.AcceptsUnit(unit)
	}
	canon := key(text)
	if canon == "" {
		return nil, false
	}
	named := c.where(func(e entry) bool { return slices.Contains(e.names, canon) })
	if len(named) == 0 {
		folded := viet.Fold(canon)
		named = c.where(func(e entry) bool { return slices.Contains(e.folded, folded) })
	}
	if unit == "" {
		if len(named) > 0 {
			return named, len(named) == 1
		}
		return c.near(text), false
	}
	if fitting := accepting(named, unit); len(fitting) > 0 {
		return fitting, len(fitting) == 1
	}
	if len(named) > 0 {
		return named, false
	}
	near := c.near(text)
	slices.SortStableFunc(near, func(a, b Indicator) int { return cmp.Compare(misfit(a, unit), misfit(b, unit)) })
	return near, false
}

func (c *Catalog) where(fits func(entry) bool) []Indicator {
	var out []Indicator
	for n, e := range c.texts() {
		if fits(e) {
			out = append(out, c.view[n])
		}
	}
	return out
}

func accepting(in []Indicator, unit string) []Indicator {
	var out []Indicator
	for _, i := range in {
		if i.AcceptsUnit(unit) {
			out = append(out, i)
		}
	}
	return out
}

func misfit(i Indicator, unit string) int {
	if i.AcceptsUnit(unit) {
		return 0
	}
	return 1
}

// near offers the indicators whose names share the most words with a text, then those that are a slip of typing away.
func (c *Catalog) near(text string) []Indicator {
	words := strings.Fields(viet.Fold(key(text)))
	type hit struct {
		n     int
		score float64
	}
	var hits []hit
	for n, e := range c.texts() {
		best := 0.0
		for _, name := range e.folded {
			best = max(best, overlap(words, strings.Fields(name)))
		}
		if best >= 0.5 {
			hits = append(hits, hit{n, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	var out []Indicator
	for _, h := range hits[:min(mostNear, len(hits))] {
		out = append(out, c.view[h.n])
	}
	if len(out) == mostNear {
		return out
	}
	owner := map[string]int{}
	var names []string
	for n, i := range c.view {
		for _, name := range append([]string{i.Code, i.Name}, i.Synonyms...) {
			if _, taken := owner[name]; !taken {
				owner[name] = n
				names = append(names, name)
			}
		}
	}
	for _, name := range viet.Nearest(text, names, mostNear) {
		i := c.view[owner[name]]
		if len(out) < mostNear && !slices.ContainsFunc(out, func(o Indicator) bool { return o.ID == i.ID }) {
			out = append(out, i)
		}
	}
	return out
}

// overlap is the share of common words in the longer of two texts.
func overlap(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	rest := slices.Clone(b)
	for _, w := range a {
		if n := slices.Index(rest, w); n >= 0 {
			common++
			rest = slices.Delete(rest, n, n+1)
		}
	}
	return float64(common) / float64(max(len(a), len(b)))
}
