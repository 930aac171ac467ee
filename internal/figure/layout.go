package figure

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Section is a part of what a body is asked to fill in: cells in their order.
type Section struct {
	Title, Note string
	Cells       []Asked
	Words
}

// Words is what a section asks for in words: how many questions and tables, and the page on which they are answered.
type Words struct {
	Count int
	URL   string
}

// Asked is a cell that a section asks for. A compulsory one keeps a report from being full as long as it is blank.
type Asked struct {
	Indicator, Part int64
	Compulsory      bool
}

// Arrange takes who knows which cells a unit is asked for in a period: the house of forms, which stands above. No section at
// all means the whole catalogue. app calls it once.
func (s *Service) Arrange(sections func(ctx context.Context, tx *db.Tx, u org.Unit, p period.Period) ([]Section, error)) {
	s.sections = sections
}

// CheckBy takes who knows the rules that a unit's figures of a period have to keep, as the sheet's script reads them: the house
// of rules, which stands above. app calls it once.
func (s *Service) CheckBy(rules func(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p period.Period) (any, error)) {
	s.rules = rules
}

// arranged puts rows into the sections that are asked for. A figure that stands and is not asked for any more stays to be
// seen, in a section of its own.
func arranged(groups []SheetGroup, sections []Section) []SheetGroup {
	if len(sections) == 0 {
		return groups
	}
	rows := map[Key]Row{}
	for _, g := range groups {
		for _, r := range g.Rows {
			rows[Key{0, r.Indicator.ID, r.Part.Part}] = r
		}
	}
	var out []SheetGroup
	asked := map[Key]bool{}
	for _, s := range sections {
		g := SheetGroup{Title: s.Title, Note: s.Note, Words: s.Words}
		for _, c := range s.Cells {
			key := Key{0, c.Indicator, c.Part}
			if r, ok := rows[key]; ok && !asked[key] {
				asked[key] = true
				r.Compulsory = c.Compulsory
				g.Rows = append(g.Rows, r)
			}
		}
		if len(g.Rows) > 0 || g.Words.Count > 0 {
			out = append(out, g)
		}
	}
	rest := SheetGroup{Title: "Số liệu ngoài biểu"}
	for _, g := range groups {
		for _, r := range g.Rows {
			if !asked[Key{0, r.Indicator.ID, r.Part.Part}] && r.Filled() && !r.Derived {
				rest.Rows = append(rest.Rows, r)
			}
		}
	}
	if len(rest.Rows) > 0 {
		out = append(out, rest)
	}
	return out
}
