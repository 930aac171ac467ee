package figure

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Section is a part of what a body is asked to fill in: cells in their order.
type Section struct {
	Title, Note string
	Cells       []Asked
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

// Gate takes who knows which cells of a place may not be written now, beyond the period's own state: the house of reports,
// which stands above. open is nil where all cells are; otherwise it answers for a cell with a fault that says why it is
// shut, or nil. Every write by a person passes it, in its transaction. app calls it once.
func (s *Service) Gate(gate func(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, p period.Period) (open func(Cell) error, err error)) {
	s.gate = gate
}

// opened asks the gate of a place; the answer is never nil.
func (s *Service) opened(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, p period.Period) (func(Cell) error, error) {
	if s.gate != nil {
		if open, err := s.gate(ctx, tx, who, unit, p); err != nil || open != nil {
			return open, err
		}
	}
	return func(Cell) error { return nil }, nil
}

// mustBeOpen asks the gate of each cell that is to be written.
func (s *Service) mustBeOpen(ctx context.Context, tx *db.Tx, who auth.Actor, inputs []Input) error {
	if s.gate == nil {
		return nil
	}
	places := map[place0]func(Cell) error{}
	var bad fault.List
	for _, in := range inputs {
		at := place0{unit: in.Unit, period: in.Period.ID}
		if places[at] == nil {
			var err error
			if places[at], err = s.opened(ctx, tx, who, in.Unit, in.Period); err != nil {
				return err
			}
		}
		if err := places[at](in.cell()); err != nil {
			for _, f := range fault.All(err) {
				bad = append(bad, f.At(cellAddress(in.cell())))
			}
			if fault.All(err) == nil {
				return err
			}
		}
	}
	return bad.Err()
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
		g := SheetGroup{Title: s.Title, Note: s.Note}
		for _, c := range s.Cells {
			key := Key{0, c.Indicator, c.Part}
			if r, ok := rows[key]; ok && !asked[key] {
				asked[key] = true
				r.Compulsory = c.Compulsory
				g.Rows = append(g.Rows, r)
			}
		}
		if len(g.Rows) > 0 {
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
