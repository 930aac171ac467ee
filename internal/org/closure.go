package org

import (
	"cmp"
	"slices"

	"giaoban/internal/fault"
)

// Ancestor is a row of the closure: in its window the unit's figures count for the ancestor with that weight (1 in the
// dated hierarchies, ten-thousandths in the "now" differences).
type Ancestor struct {
	Unit               int64
	Hierarchy          Hierarchy
	Ancestor           int64
	Depth              int64
	ValidFrom, ValidTo string
	Weight             int64
}

// Change is a closure row that has come (Sign +1) or gone (Sign -1).
type Change struct {
	Ancestor
	Sign int64
}

// tree is all that the closure is made from.
type tree struct {
	units  map[int64]Unit
	edges  map[int64]map[Hierarchy][]Edge // by child
	places map[Hierarchy]bool             // whether an edge of it has a place at either end
	shares map[int64][]Share              // by old unit, standing successions only
}

type window struct{ from, to string }

func (w window) and(o window) window { return window{max(w.from, o.from), min(w.to, o.to)} }
func (w window) empty() bool         { return w.from >= w.to }

type held struct {
	ancestor, depth int64
	window
}

// closure computes all rows. Pure, and quick enough to run whole at every change of the tree (4,200 units in
// milliseconds), so that there is one rule and no second, incremental one that could differ from it.
func closure(t tree) ([]Ancestor, error) {
	base := map[int64]map[Hierarchy][]held{}
	for id, u := range t.units {
		base[id] = map[Hierarchy][]held{}
		for _, h := range Hierarchies {
			if !t.stands(u, h) {
				continue
			}
			rows, err := t.climb(id, h, window{u.ValidFrom, u.ValidTo}, 0, nil)
			if err != nil {
				return nil, err
			}
			base[id][h] = join(rows)
		}
		base[id][PlaceLine] = placeLines(t.units, base[id])
	}
	var out []Ancestor
	for id := range t.units {
		for h, rows := range base[id] {
			for _, r := range rows {
				out = append(out, Ancestor{id, h, r.ancestor, r.depth, r.from, r.to, 1})
			}
			out = append(out, t.shift(id, h, base)...)
		}
	}
	slices.SortFunc(out, compareAncestors)
	return out, nil
}

func compareAncestors(a, b Ancestor) int {
	return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Hierarchy, b.Hierarchy), cmp.Compare(a.Ancestor, b.Ancestor),
		cmp.Compare(a.ValidFrom, b.ValidFrom))
}

// stands tells whether a unit is in a hierarchy at all. Places are in those of organisations only on a site whose edges
// put some place there: otherwise each of their figures would be summed twice more for trees that they are no part of.
func (t tree) stands(u Unit, h Hierarchy) bool {
	return h == Territory || u.Kind == Body || t.places[h]
}

// climb lists a unit and its ancestors within a window. A loop in the edges is refused by name.
func (t tree) climb(id int64, h Hierarchy, w window, depth int64, path []int64) ([]held, error) {
	if slices.Contains(path, id) {
		return nil, fault.Refusedf("Không thể xếp đơn vị như vậy, %s: vòng lặp tại đơn vị %s.", fault.Word(h.Name()), t.units[id].Code)
	}
	out := []held{{id, depth, w}}
	for _, e := range t.edges[id][h] {
		in := w.and(window{e.ValidFrom, e.ValidTo})
		if p := t.units[e.Parent]; p.ID != 0 {
			in = in.and(window{p.ValidFrom, p.ValidTo})
		}
		if in.empty() {
			continue
		}
		above, err := t.climb(e.Parent, h, in, depth+1, append(path, id))
		if err != nil {
			return nil, err
		}
		out = append(out, above...)
	}
	return out, nil
}

// join puts adjacent windows of one ancestor together, so that a rename of a parent between two edges leaves one row.
func join(rows []held) []held {
	slices.SortFunc(rows, func(a, b held) int {
		return cmp.Or(cmp.Compare(a.ancestor, b.ancestor), cmp.Compare(a.from, b.from))
	})
	var out []held
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].ancestor == r.ancestor && out[n-1].to >= r.from {
			out[n-1].to = max(out[n-1].to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}

// placeLines crosses a body's places with the top of its line, window by window.
func placeLines(units map[int64]Unit, base map[Hierarchy][]held) []held {
	var tops []held
	for _, l := range base[Line] {
		if units[l.ancestor].Kind == Body {
			tops = append(tops, l)
		}
	}
	// The top of a window is its deepest ancestor: cut the windows at every boundary and keep the deepest in each.
	cuts := boundaries(tops)
	var out []held
	for i := 0; i+1 < len(cuts); i++ {
		w := window{cuts[i], cuts[i+1]}
		top := held{depth: -1}
		for _, l := range tops {
			if l.from <= w.from && w.to <= l.to && l.depth > top.depth {
				top = l
			}
		}
		if top.depth < 0 {
			continue
		}
		for _, p := range base[Territory] {
			if units[p.ancestor].Kind != Place {
				continue
			}
			if in := w.and(p.window); !in.empty() {
				out = append(out, held{PlaceLineKey(p.ancestor, top.ancestor), p.depth, in})
			}
		}
	}
	return join(out)
}

func boundaries(rows []held) []string {
	var cuts []string
	for _, r := range rows {
		cuts = append(cuts, r.from, r.to)
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// heirs follows the successions to the units that stand today, with shares in ten-thousandths. An undivided heir keeps the
// whole; nothing is lost in the division, since the last heir takes the remainder.
func (t tree) heirs(id int64, depth int) map[int64]int64 {
	u := t.units[id]
	if !u.Closed() {
		return map[int64]int64{id: Whole}
	}
	out := map[int64]int64{}
	if depth > 50 {
		return out
	}
	for _, s := range t.shares[id] {
		var given int64
		below := t.heirs(s.New, depth+1)
		ids := make([]int64, 0, len(below))
		for heir := range below {
			ids = append(ids, heir)
		}
		slices.Sort(ids)
		for i, heir := range ids {
			part := s.Share * below[heir] / Whole
			if i == len(ids)-1 {
				part = s.Share - given
			}
			given += part
			out[heir] += part
		}
	}
	return out
}

// shift is the difference between today's holders of a unit's figures and the holders of their time.
func (t tree) shift(id int64, h Hierarchy, base map[int64]map[Hierarchy][]held) []Ancestor {
	u := t.units[id]
	heirs := t.heirs(id, 0)
	if len(heirs) == 0 {
		return nil // abolished without an heir: its figures stay where they were
	}
	now := map[int64]int64{}
	for heir, share := range heirs {
		for _, r := range base[heir][h] {
			if r.to == Forever {
				now[r.ancestor] += share
			}
		}
	}
	then := map[int64][]held{}
	for _, r := range base[id][h] {
		then[r.ancestor] = append(then[r.ancestor], r)
		if _, ok := now[r.ancestor]; !ok {
			now[r.ancestor] = 0
		}
	}
	var out []Ancestor
	for a, share := range now {
		cuts := append(boundaries(then[a]), u.ValidFrom, u.ValidTo)
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		for i := 0; i+1 < len(cuts); i++ {
			w := share
			for _, r := range then[a] {
				if r.from <= cuts[i] && cuts[i+1] <= r.to {
					w -= Whole
				}
			}
			if w != 0 && cuts[i] < cuts[i+1] {
				out = append(out, Ancestor{id, h.now(), a, 0, cuts[i], cuts[i+1], w})
			}
		}
	}
	return out
}

// differ compares two sorted closures.
func differ(old, new []Ancestor) []Change {
	var out []Change
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			i, j = i+1, j+1
		case j == len(new) || i < len(old) && compareAncestors(old[i], new[j]) < 0:
			out = append(out, Change{old[i], -1})
			i++
		case i == len(old) || compareAncestors(old[i], new[j]) > 0:
			out = append(out, Change{new[j], 1})
			j++
		default: // same key, other window, depth or weight
			out = append(out, Change{old[i], -1}, Change{new[j], 1})
			i, j = i+1, j+1
		}
	}
	return out
}
