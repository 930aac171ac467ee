package org

import (
	"context"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Hooks lets the houses that count by the closure follow its changes in the same transaction.
type Hooks struct {
	// Before runs before the tree changes (the roll-up folds what is pending, under its lock).
	Before func(context.Context, *db.Tx) error
	// After runs with the closure rows that have come and gone (the roll-up re-states what they carry).
	After func(context.Context, *db.Tx, []Change) error
	// Used tells whether a unit already carries figures, so that its making cannot be undone.
	Used func(context.Context, *db.Tx, int64) (bool, error)
}

// Service is the house's verbs.
type Service struct {
	db    *db.DB
	clock *clock.Clock
	hooks Hooks

	officeEnds func(ctx context.Context, tx *db.Tx, who auth.Actor, office, day string) error
}

// New makes the house.
func New(d *db.DB, c *clock.Clock) *Service { return &Service{db: d, clock: c} }

// Follow sets the hooks; app calls it once, before the first change.
func (s *Service) Follow(h Hooks) { s.hooks = h }

// FollowOffices sets what else happens, in the same transaction, when an office is left on a day; app calls it once.
func (s *Service) FollowOffices(ends func(ctx context.Context, tx *db.Tx, who auth.Actor, office, day string) error) {
	s.officeEnds = ends
}

// change runs an edit of the tree: fold, edit, recompute the closure, let the roll-up follow, audit.
func (s *Service) change(ctx context.Context, who auth.Actor, verb, object, reason string, fn func(*db.Tx) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.changeIn(ctx, tx, who, verb, object, reason, fn) })
}

// changeIn is change within a transaction, which must be one of db.Write.
func (s *Service) changeIn(ctx context.Context, tx *db.Tx, who auth.Actor, verb, object, reason string, fn func(*db.Tx) error) error {
	if err := who.Must(auth.EditUnits); err != nil {
		return err
	}
	if s.hooks.Before != nil {
		if err := s.hooks.Before(ctx, tx); err != nil {
			return err
		}
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := s.reclose(ctx, tx); err != nil {
		return err
	}
	units, err := db.Collect(ctx, tx, db.Scalar[int64], `select id from unit where code = $1 union select old_unit from succession_share where succession = $1
		union select new_unit from succession_share where succession = $1`, object)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "org", Object: object, Units: units, Reason: reason})
}

func (s *Service) reclose(ctx context.Context, tx *db.Tx) error {
	t, err := loadTree(ctx, tx)
	if err != nil {
		return err
	}
	fresh, err := closure(t)
	if err != nil {
		return err
	}
	stored, err := storedClosure(ctx, tx)
	if err != nil {
		return err
	}
	changes := differ(stored, fresh)
	if err := storeChanges(ctx, tx, changes); err != nil {
		return err
	}
	if s.hooks.After == nil || len(changes) == 0 {
		return nil
	}
	return s.hooks.After(ctx, tx, changes)
}

// CheckClosure recomputes the closure and returns the rows in which the stored one differs; verify expects none.
func CheckClosure(ctx context.Context, tx *db.Tx) ([]Change, error) {
	t, err := loadTree(ctx, tx)
	if err != nil {
		return nil, err
	}
	fresh, err := closure(t)
	if err != nil {
		return nil, err
	}
	stored, err := storedClosure(ctx, tx)
	if err != nil {
		return nil, err
	}
	return differ(stored, fresh), nil
}

// editable reads a unit that the actor may edit.
func (s *Service) editable(ctx context.Context, tx *db.Tx, who auth.Actor, code string) (Unit, error) {
	return findVisible(ctx, tx, who, auth.EditUnits, code, s.clock.Today(), s.clock.Today())
}

// Load makes units in order; a parent stands before its children or in the site already. Nothing is made when one is
// refused; the refusal names the row (from 1).
func (s *Service) Load(ctx context.Context, who auth.Actor, specs []Spec) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.LoadIn(ctx, tx, who, specs) })
}

// LoadIn is Load within a transaction of db.Write (an import that brings units and their figures).
func (s *Service) LoadIn(ctx context.Context, tx *db.Tx, who auth.Actor, specs []Spec) error {
	return s.changeIn(ctx, tx, who, "load", "", fmt.Sprintf("%d đơn vị", len(specs)), func(tx *db.Tx) error {
		return s.addAll(ctx, tx, who, specs, func(row int, f *fault.Error) *fault.Error {
			return fault.Made(f.Kind, fmt.Sprintf("row%d.%s", row, f.Field), "Dòng %d: %s", row, f)
		})
	})
}

// addAll makes units in order and gathers what is refused, each fault with its row (from 1).
func (s *Service) addAll(ctx context.Context, tx *db.Tx, who auth.Actor, specs []Spec, at func(row int, f *fault.Error) *fault.Error) error {
	var bad fault.List
	for i := range specs {
		err := s.add(ctx, tx, who, &specs[i])
		if err == nil {
			continue
		}
		all := fault.All(err)
		if all == nil {
			return err
		}
		for _, f := range all {
			bad = append(bad, at(i+1, f))
		}
	}
	return bad.Err()
}

// UnloadIn takes back units that an import has made: they never lived. It is refused for one that carries figures or that
// something else stands under; the order is that of their making.
func (s *Service) UnloadIn(ctx context.Context, tx *db.Tx, who auth.Actor, codes []string, reason string) error {
	return s.changeIn(ctx, tx, who, "unload", "", reason, func(tx *db.Tx) error {
		for i := len(codes) - 1; i >= 0; i-- {
			u, err := s.editable(ctx, tx, who, codes[i])
			if err != nil {
				return err
			}
			if s.hooks.Used != nil {
				used, err := s.hooks.Used(ctx, tx, u.ID)
				if err != nil {
					return err
				}
				if used {
					return fault.Refusedf("Đơn vị %s đã có số liệu từ lần nhập khác nên không rút lại được.", u.Name)
				}
			}
			shares, err := sharesOf(ctx, tx, u.ID)
			if err != nil {
				return err
			}
			var below int
			if err := tx.QueryRow(ctx, `select (select count(*) from unit_edge where parent = $1) + (select count(*) from office where unit = $1)`, u.ID).Scan(&below); err != nil {
				return err
			}
			if len(shares) > 0 || below > 0 {
				return fault.Refusedf("Đơn vị %s đã có đơn vị cấp dưới, người giữ chức vụ hoặc lần sắp xếp dựa vào nên không rút lại được.", u.Name)
			}
			if err := takeBack(ctx, tx, plan{Created: []int64{u.ID}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Add makes one unit.
func (s *Service) Add(ctx context.Context, who auth.Actor, spec Spec) error {
	return s.change(ctx, who, "add", spec.Code, "", func(tx *db.Tx) error { return s.add(ctx, tx, who, &spec) })
}

func (s *Service) add(ctx context.Context, tx *db.Tx, who auth.Actor, spec *Spec) error {
	if err := spec.check(); err != nil {
		return err
	}
	id, err := s.insertUnit(ctx, tx, spec)
	if err != nil {
		return err
	}
	parents := map[Hierarchy]string{Territory: spec.Parent, Line: spec.LineParent, Front: spec.FrontParent}
	if spec.Parent == "" && !who.IsSystem() {
		return fault.Invalid("parent", "Hãy chọn đơn vị cấp trên theo địa bàn.")
	}
	for _, h := range Hierarchies {
		if parents[h] == "" {
			continue
		}
		parent, err := s.editableParent(ctx, tx, who, h, parents[h])
		if err != nil {
			return err
		}
		if err := insertEdge(ctx, tx, Edge{id, h, parent.ID, spec.ValidFrom, spec.ValidTo}); err != nil {
			return err
		}
	}
	return nil
}

// editableParent finds a parent. Only the territory's parent must be the actor's to edit: an organisation's line leads to
// a level above, which stays somebody else's.
func (s *Service) editableParent(ctx context.Context, tx *db.Tx, who auth.Actor, h Hierarchy, code string) (Unit, error) {
	field := map[Hierarchy]string{Territory: "parent", Line: "line_parent", Front: "front_parent"}[h]
	var u Unit
	var err error
	if h == Territory && !who.IsSystem() {
		if u, err = s.editable(ctx, tx, who, code); fault.Is(err, fault.KindNotFound) {
			u, err = justMade(ctx, tx, code)
		}
	} else {
		u, err = FindCode(ctx, tx, code, s.clock.Today())
	}
	if fault.Is(err, fault.KindNotFound) {
		return u, fault.Invalidf(field, "Không có đơn vị mã “%s” theo %s.", code, fault.Word(h.Name()))
	}
	return u, err
}

// insertUnit writes the unit and its first name. A code whose unit never lived (its making was undone) is taken up again.
func (s *Service) insertUnit(ctx context.Context, tx *db.Tx, spec *Spec) (int64, error) {
	var id int64
	var from, to string
	err := tx.QueryRow(ctx, `select id, valid_from, valid_to from unit where code = $1`, spec.Code).Scan(&id, &from, &to)
	switch {
	case err == nil && from < to:
		return 0, fault.Invalidf("code", "Mã “%s” đã dùng cho một đơn vị khác; mã không được dùng lại.", spec.Code)
	case err == nil:
		_, err = tx.Exec(ctx, `update unit set kind = $2, valid_from = $3, valid_to = $4, version = version + 1 where id = $1`,
			id, string(spec.Kind), spec.ValidFrom, spec.ValidTo)
	case db.Missing(err):
		if id, err = nextID(ctx, tx); err != nil {
			return 0, err
		}
		_, err = tx.Exec(ctx, `insert into unit(id, code, kind, valid_from, valid_to, version) values ($1,$2,$3,$4,$5,1)`,
			id, spec.Code, string(spec.Kind), spec.ValidFrom, spec.ValidTo)
	}
	if err != nil {
		return 0, fmt.Errorf("insert unit %s: %w", spec.Code, err)
	}
	return id, insertName(ctx, tx, Name{id, spec.ValidFrom, spec.ValidTo, viet.NFC(spec.Name), viet.NFC(spec.Short), spec.Level})
}

// touch raises the unit's version if it is still the one the actor saw.
func touch(ctx context.Context, tx *db.Tx, u Unit, version int) error {
	n, err := tx.Exec(ctx, `update unit set version = version + 1 where id = $1 and version = $2`, u.ID, version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Conflictf("Đơn vị %s vừa được người khác sửa. Hãy mở lại trang để xem bản mới rồi sửa tiếp.", u.Name)
	}
	return nil
}

// Rename gives a unit another name, short name or level from a day on; the old name stands for the days before.
func (s *Service) Rename(ctx context.Context, who auth.Actor, code string, version int, at, name, short string, level Level) error {
	spec := Spec{Code: code, Kind: Place, Level: level, Name: name, Short: short}
	if err := spec.check(); err != nil {
		return err
	}
	return s.change(ctx, who, "rename", code, name, func(tx *db.Tx) error {
		u, err := s.editable(ctx, tx, who, code)
		if err != nil {
			return err
		}
		if err := mustLive(u, at); err != nil {
			return err
		}
		if err := touch(ctx, tx, u, version); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update unit_name set valid_to = $2 where unit = $1 and valid_from < $2 and $2 < valid_to`, u.ID, at)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Invalid("at", "Đã có tên bắt đầu từ ngày này; hãy chọn ngày khác.")
		}
		later, err := nextStart(ctx, tx, `select coalesce(min(valid_from), '') from unit_name where unit = $1 and valid_from > $2`, u.ID, at)
		if err != nil {
			return err
		}
		return insertName(ctx, tx, Name{u.ID, at, min(later, u.ValidTo), viet.NFC(spec.Name), viet.NFC(spec.Short), level})
	})
}

func nextStart(ctx context.Context, tx *db.Tx, query string, args ...any) (string, error) {
	var at string
	if err := tx.QueryRow(ctx, query, args...).Scan(&at); err != nil {
		return "", err
	}
	if at == "" {
		at = Forever
	}
	return at, nil
}

func mustLive(u Unit, at string) error {
	if !validDay(at) {
		return fault.Invalid("at", "Hãy ghi ngày hiệu lực, ví dụ 01/07/2025.")
	}
	if at <= u.ValidFrom || at >= u.ValidTo {
		return fault.Invalidf("at", "Ngày hiệu lực phải nằm trong thời gian tồn tại của %s (%s đến %s).", u.Name,
			viet.FormatDate(u.ValidFrom), viet.FormatDate(u.ValidTo))
	}
	return nil
}

// Move puts a unit under another parent in one hierarchy from a day on; an empty parent takes it out of that hierarchy.
func (s *Service) Move(ctx context.Context, who auth.Actor, code string, version int, h Hierarchy, parent, at string) error {
	return s.change(ctx, who, "move", code, parent, func(tx *db.Tx) error {
		u, err := s.editable(ctx, tx, who, code)
		if err != nil {
			return err
		}
		if err := mustLive(u, at); err != nil {
			return err
		}
		if err := touch(ctx, tx, u, version); err != nil {
			return err
		}
		var clash int
		if err := tx.QueryRow(ctx, `select count(*) from unit_edge where unit = $1 and hierarchy = $2 and valid_from >= $3`,
			u.ID, int64(h), at).Scan(&clash); err != nil {
			return err
		}
		if clash > 0 {
			return fault.Invalid("at", "Đơn vị đã có một lần chuyển vào hoặc sau ngày này; hãy chọn ngày muộn hơn.")
		}
		if _, err := tx.Exec(ctx, `update unit_edge set valid_to = $3 where unit = $1 and hierarchy = $2 and valid_to > $3`,
			u.ID, int64(h), at); err != nil {
			return err
		}
		if parent == "" {
			return nil
		}
		p, err := s.editableParent(ctx, tx, who, h, parent)
		if err != nil {
			return err
		}
		return insertEdge(ctx, tx, Edge{u.ID, h, p.ID, at, u.ValidTo})
	})
}
