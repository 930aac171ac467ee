package form

import (
	"context"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Assign says whom a form is asked of from a period on.
func (s *Service) Assign(ctx context.Context, who auth.Actor, code string, seen int, a Assignment) error {
	a.Reason, a.Targets = viet.Clean(a.Reason), sortTargets(a.Targets)
	if err := a.check(); err != nil {
		return err
	}
	return s.editForm(ctx, who, "assign", code, seen, func(tx *db.Tx, f *Form) (told, error) { return s.assign(ctx, tx, who, *f, a) })
}

func (a Assignment) check() error {
	var bad fault.List
	_ = bad.Add(checkText("reason", a.Reason, mostNote, nil))
	if len(a.Targets) > 40 || len(a.Exceptions) > 500 {
		_ = bad.Add(fault.Refused("Danh sách đơn vị quá dài. Hãy giao theo loại và cấp đơn vị."))
	}
	for _, t := range a.Targets {
		if t.Kind != "" && t.Kind != org.Place && t.Kind != org.Body || t.Level != "" && !slices.Contains(org.Levels, t.Level) {
			_ = bad.Add(fault.Invalid("targets", "Hãy chọn loại và cấp đơn vị trong danh sách."))
		}
	}
	seen := map[int64]bool{}
	for _, x := range a.Exceptions {
		if seen[x.Unit] {
			_ = bad.Add(fault.Invalid("exceptions", "Một đơn vị không thể vừa thêm vừa bớt."))
		}
		seen[x.Unit] = true
	}
	return bad.Err()
}

func (s *Service) assign(ctx context.Context, tx *db.Tx, who auth.Actor, f Form, a Assignment) (told, error) {
	p, err := s.begins(ctx, tx, f, a.From)
	if err != nil {
		return told{}, err
	}
	if err := p.MustBeOpen(); err != nil {
		return told{}, err
	}
	before, err := assignmentsOf(ctx, tx, f.ID)
	if err != nil {
		return told{}, err
	}
	for _, t := range a.Targets {
		if t.Line != 0 {
			if _, err := org.FindID(ctx, tx, t.Line, p.To); err != nil {
				return told{}, err
			}
		}
	}
	a.Form, a.Number, a.From, a.FromDay, a.MadeAt, a.MadeBy = f.ID, 1, p.Code, p.From, s.clock.Milli(), who.Person
	if len(before) > 0 {
		a.Number = before[0].Number + 1
	}
	return told{a.Reason, map[string]any{"number": a.Number, "from": p.Code, "targets": len(a.Targets), "exceptions": len(a.Exceptions)}},
		insertAssignment(ctx, tx, a)
}

// Preview lists the units that an assignment would name for a period, before anything is saved.
func (s *Service) Preview(ctx context.Context, who auth.Actor, code string, a Assignment) (p period.Period, out []org.Unit, err error) {
	if err := who.Must(auth.EditCatalog); err != nil {
		return p, nil, err
	}
	a.Targets = sortTargets(a.Targets)
	if err := a.check(); err != nil {
		return p, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err := find(ctx, tx, code)
		if err != nil {
			return err
		}
		if p, err = s.begins(ctx, tx, f, a.From); err != nil {
			return err
		}
		out, err = named(ctx, tx, a, p.To)
		return err
	})
	return p, out, err
}

// named lists the units that an assignment names on a day.
func named(ctx context.Context, tx *db.Tx, a Assignment, day string) ([]org.Unit, error) {
	var lines []int64
	for _, t := range a.Targets {
		if t.Line != 0 {
			lines = append(lines, t.Line)
		}
	}
	in, err := linesOf(ctx, tx, lines, day)
	if err != nil {
		return nil, err
	}
	all, err := org.ListAll(ctx, tx, day)
	return slices.DeleteFunc(all, func(u org.Unit) bool { return !u.Alive(day) || !a.Asks(u, in[u.ID]) }), err
}

// Choices lists what an assignment may name: the tops of the lines, and every unit, as of today.
func (s *Service) Choices(ctx context.Context, who auth.Actor) (lines, units []org.Unit, err error) {
	if err := who.Must(auth.EditCatalog); err != nil {
		return nil, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		if units, err = org.ListAll(ctx, tx, today); err != nil {
			return err
		}
		tops, err := db.Collect(ctx, tx, db.Scalar[int64], `select distinct e.parent from unit_edge e where e.hierarchy = 2 and e.valid_from <= $1 and $1 < e.valid_to
			and not exists (select 1 from unit_edge up where up.unit = e.parent and up.hierarchy = 2 and up.valid_from <= $1 and $1 < up.valid_to)`, today)
		lines = slices.DeleteFunc(slices.Clone(units), func(u org.Unit) bool { return !slices.Contains(tops, u.ID) })
		return err
	})
	return lines, units, err
}

// Named lists the units that an assignment names today.
func (s *Service) Named(ctx context.Context, a Assignment) (out []org.Unit, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = named(ctx, tx, a, max(s.clock.Today(), a.FromDay))
		return err
	})
	return out, err
}
