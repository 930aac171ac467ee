package indicator

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"giaoban/internal/viet"
)

// Catalog is a snapshot of the catalogue that never changes: every version of every indicator, and the one version of each
// that is in view (the latest; after At, the one of a day).
type Catalog struct {
	versions map[int64][]Indicator // ascending
	view     []Indicator           // by topic and ordinal
	byID     map[int64]int         // into view
	byCode   map[string]int        // into view
	texts    func() []entry        // what Search and Match look through, parallel to view; made when it is first asked for
	eras     *eras
}

// eras are the snapshots of a catalogue as of its days. Between two days on which a version begins or ends they are one, and most
// pages and each typed cell ask for one of them.
type eras struct {
	edges []string // days on which the view changes, ascending
	made  []func() *Catalog
}

// entry is the searchable text of one indicator.
type entry struct {
	names  []string // canon of name and synonyms
	folded []string // the same without marks
	all    string   // folded code, names, topic
	canon  string
}

// Group is a topic with its indicators in view.
type Group struct {
	Topic
	Indicators []Indicator
}

// newCatalog takes all versions of all indicators in any order.
func newCatalog(all []Indicator) *Catalog {
	c := &Catalog{versions: map[int64][]Indicator{}}
	for _, i := range all {
		c.versions[i.ID] = append(c.versions[i.ID], i)
	}
	for id := range c.versions {
		slices.SortFunc(c.versions[id], func(a, b Indicator) int { return cmp.Compare(a.Version, b.Version) })
	}
	c.eras = &eras{edges: c.edges()}
	for n := range len(c.eras.edges) + 1 {
		day := "" // before all edges
		if n > 0 {
			day = c.eras.edges[n-1]
		}
		c.eras.made = append(c.eras.made, sync.OnceValue(func() *Catalog { return c.asOf(day) }))
	}
	return c.with(func(v []Indicator) (Indicator, bool) { return v[len(v)-1], true })
}

func (c *Catalog) edges() []string {
	var out []string
	for _, versions := range c.versions {
		for _, v := range versions {
			out = append(out, v.ValidFrom, v.ValidTo)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// with makes the snapshot whose view holds the version that choose picks of each indicator.
func (c *Catalog) with(choose func([]Indicator) (Indicator, bool)) *Catalog {
	out := &Catalog{versions: c.versions, eras: c.eras, byID: map[int64]int{}, byCode: map[string]int{}}
	for _, v := range c.versions {
		if i, ok := choose(v); ok {
			out.view = append(out.view, i)
		}
	}
	slices.SortFunc(out.view, func(a, b Indicator) int {
		return cmp.Or(cmp.Compare(topicOrder(a.Topic), topicOrder(b.Topic)), cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.Code, b.Code))
	})
	for n, i := range out.view {
		out.byID[i.ID], out.byCode[i.Code] = n, n
	}
	out.texts = sync.OnceValue(func() []entry {
		texts := make([]entry, len(out.view))
		for n, i := range out.view {
			texts[n] = entryOf(i)
		}
		return texts
	})
	return out
}

func entryOf(i Indicator) entry {
	var e entry
	for _, name := range append([]string{i.Name}, i.Synonyms...) {
		e.names = append(e.names, key(name))
		e.folded = append(e.folded, viet.Fold(key(name)))
	}
	whole := strings.Join(append([]string{i.Code, i.Name, TopicName(i.Topic)}, i.Synonyms...), " ")
	e.all, e.canon = viet.Fold(plainQuotes.Replace(whole)), viet.Canon(plainQuotes.Replace(whole))
	return e
}

var plainQuotes = strings.NewReplacer("“", "", "”", "", `"`, "", "'", "", "‘", "", "’", "", "«", "", "»", "")

// key is a heading as it is compared: no quotes, no end punctuation, no case, one place for the tone mark.
func key(text string) string {
	return viet.Canon(strings.Trim(viet.Clean(plainQuotes.Replace(text)), ".:;,*- "))
}

// At is the catalogue as of a day: each indicator in the version of that day; those without one are out of view.
func (c *Catalog) At(day string) *Catalog {
	n, begins := slices.BinarySearch(c.eras.edges, day)
	if begins {
		n++
	}
	return c.eras.made[n]()
}

func (c *Catalog) asOf(day string) *Catalog {
	return c.with(func(v []Indicator) (Indicator, bool) {
		for n := len(v) - 1; n >= 0; n-- {
			if v[n].Holds(day) {
				return v[n], true
			}
		}
		return Indicator{}, false
	})
}

// All lists the indicators in view, by topic. The caller does not change them.
func (c *Catalog) All() []Indicator { return c.view }

// Topics groups the indicators in view; topics without any are left out.
func (c *Catalog) Topics() []Group {
	var out []Group
	for _, i := range c.view {
		if n := len(out); n == 0 || out[n-1].Code != i.Topic {
			out = append(out, Group{Topic: Topic{i.Topic, TopicName(i.Topic)}})
		}
		out[len(out)-1].Indicators = append(out[len(out)-1].Indicators, i)
	}
	return out
}

// ByID finds an indicator in view.
func (c *Catalog) ByID(id int64) (Indicator, bool) {
	n, ok := c.byID[id]
	if !ok {
		return Indicator{}, false
	}
	return c.view[n], true
}

// ByCode finds an indicator in view, whatever the case of the code.
func (c *Catalog) ByCode(code string) (Indicator, bool) {
	n, ok := c.byCode[strings.ToUpper(strings.TrimSpace(code))]
	if !ok {
		return Indicator{}, false
	}
	return c.view[n], true
}

// Version finds one version, in view or not: a stored figure names the version it was given for.
func (c *Catalog) Version(id int64, version int) (Indicator, bool) {
	for _, i := range c.versions[id] {
		if i.Version == version {
			return i, true
		}
	}
	return Indicator{}, false
}

// Versions lists all versions of an indicator, the first first.
func (c *Catalog) Versions(id int64) []Indicator { return slices.Clone(c.versions[id]) }

// ReplacedBy finds the indicator in view that replaces another.
func (c *Catalog) ReplacedBy(id int64) (Indicator, bool) {
	n := slices.IndexFunc(c.view, func(i Indicator) bool { return i.Replaces == id })
	if n < 0 {
		return Indicator{}, false
	}
	return c.view[n], true
}

// PartByCode reads the address of a cell's row: an indicator's code, or code and part with a point between: AS07, AS07.SUA.
func (c *Catalog) PartByCode(address string) (Indicator, Part, bool) {
	code, part, _ := strings.Cut(strings.TrimSpace(address), ".")
	i, ok := c.ByCode(code)
	if !ok {
		return Indicator{}, Part{}, false
	}
	p, ok := i.PartByCode(part)
	return i, p, ok
}

// Address is what PartByCode reads.
func Address(i Indicator, p Part) string {
	if p.Part == Total {
		return i.Code
	}
	return i.Code + "." + p.Code
}
