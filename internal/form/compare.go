package form

import (
	"slices"
	"strconv"
	"strings"
)

// ChangeKind says what became of something between two versions.
type ChangeKind string

// The kinds of change.
const (
	Added    ChangeKind = "added"
	Removed  ChangeKind = "removed"
	Replaced ChangeKind = "replaced" // an indicator whose place another takes: figures stay under their own
	Altered  ChangeKind = "altered"
)

// Name is the change in the user's words.
func (k ChangeKind) Name() string {
	switch k {
	case Added:
		return "thêm mới"
	case Removed:
		return "không hỏi nữa"
	case Replaced:
		return "thay thế"
	case Altered:
		return "thay đổi"
	}
	return ""
}

// Change is one difference between two versions: of an item, or of a section where Item has no kind.
type Change struct {
	Kind     ChangeKind
	Section  string // title
	Old, New Item
	Words    []Word // what is altered
}

// Word is an alteration: what it is of, and both sides.
type Word struct{ What, Was, Is string }

// Compare tells what differs in the content of two versions: first what is added, then what is not asked any more, then what is
// altered. replaces tells which indicator another takes the place of, 0 for none.
func Compare(before, after Version, replaces func(indicator int64) int64) []Change {
	var added, removed, altered []Change
	gone := map[int64]string{} // indicators asked before and not now -> item
	for _, i := range before.Cells() {
		if !slices.ContainsFunc(after.Cells(), func(n Item) bool { return n.Indicator == i.Indicator }) {
			gone[i.Indicator] = i.ID
		}
	}
	taken := map[string]bool{}
	for _, s := range after.Sections {
		for _, n := range s.Items {
			old, section, ok := same(before, n)
			switch of := replaced(n, replaces, gone); {
			case ok:
				if words := alterations(old, section.Title, n, s.Title); len(words) > 0 {
					altered = append(altered, Change{Altered, s.Title, old, n, words})
				}
			case of != "":
				taken[of] = true
				was, _, _ := before.Item(of)
				added = append(added, Change{Kind: Replaced, Section: s.Title, Old: was, New: n})
			default:
				added = append(added, Change{Kind: Added, Section: s.Title, New: n})
			}
		}
	}
	for _, s := range before.Sections {
		for _, o := range s.Items {
			if _, _, ok := same(after, o); !ok && !taken[o.ID] {
				removed = append(removed, Change{Kind: Removed, Section: s.Title, Old: o})
			}
		}
	}
	return slices.Concat(added, removed, altered)
}

// same finds what an item is in another version: a cell by its indicator, the rest by their keys.
func same(v Version, i Item) (Item, Section, bool) {
	for _, s := range v.Sections {
		for _, o := range s.Items {
			if i.Kind == Cell && o.Kind == Cell && o.Indicator == i.Indicator || i.Kind != Cell && o.ID == i.ID {
				return o, s, true
			}
		}
	}
	return Item{}, Section{}, false
}

func replaced(n Item, replaces func(int64) int64, gone map[int64]string) string {
	if n.Kind != Cell {
		return ""
	}
	return gone[replaces(n.Indicator)]
}

func alterations(o Item, was string, n Item, is string) []Word {
	var out []Word
	put := func(what, a, b string) {
		if a != b {
			out = append(out, Word{what, a, b})
		}
	}
	put("phần", was, is)
	put("nội dung", o.Label, n.Label)
	put("gợi ý", o.Hint, n.Hint)
	put("bắt buộc", yes(o.Compulsory), yes(n.Compulsory))
	put("số lượng nhiều nhất", strconv.Itoa(o.Most), strconv.Itoa(n.Most))
	put("các cột", ColumnText(o.Columns), ColumnText(n.Columns))
	return out
}

func yes(b bool) string {
	if b {
		return "có"
	}
	return "không"
}

// ColumnText writes columns as people type them: one a line, the unit of measure of a number behind a bar.
func ColumnText(columns []Column) string {
	var lines []string
	for _, c := range columns {
		line := c.Label
		if c.Number {
			line += " | " + c.Unit
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ReadColumns reads what ColumnText writes. A column that bears its old name keeps its key, and with it what was answered.
func ReadColumns(text string, old []Column) []Column {
	var out []Column
	for _, line := range strings.Split(text, "\n") {
		label, unit, number := strings.Cut(line, "|")
		c := Column{Label: strings.TrimSpace(label), Number: number, Unit: strings.TrimSpace(unit)}
		if c.Label == "" && !number {
			continue
		}
		if n := slices.IndexFunc(old, func(o Column) bool { return o.Label == c.Label }); n >= 0 {
			c.ID = old[n].ID
		}
		out = append(out, c)
	}
	return out
}
