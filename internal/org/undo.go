package org

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
)

// Undo takes a succession back: the old units live on, the new ones that it made never lived. It is refused once the new
// units carry figures or a later succession rests on them, because nothing that was given may be discarded.
func (s *Service) Undo(ctx context.Context, who auth.Actor, id, reason string) error {
	return s.change(ctx, who, "undo", id, reason, func(tx *db.Tx) error {
		var text, at string
		err := tx.QueryRow(ctx, `select plan, at from succession where id = $1 and undone is null`, id).Scan(&text, &at)
		if db.Missing(err) {
			return fault.NotFound()
		}
		if err != nil {
			return err
		}
		var p plan
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("plan of succession %s: %w", id, err)
		}
		if err := s.mayUndo(ctx, tx, who, id, at, p); err != nil {
			return err
		}
		if strings.TrimSpace(reason) == "" { // asked after access: who may not see the act is not told that it is there
			return fault.Invalid("reason", "Hãy nêu lý do hoàn tác.")
		}
		if _, err := tx.Exec(ctx, `update succession set undone = $2 where id = $1`, id, s.clock.Milli()); err != nil {
			return err
		}
		return takeBack(ctx, tx, p)
	})
}

func (s *Service) mayUndo(ctx context.Context, tx *db.Tx, who auth.Actor, id, at string, p plan) error {
	for _, e := range p.Units {
		u, err := FindID(ctx, tx, e.Unit, at)
		if err != nil {
			return err
		}
		if _, err := s.editable(ctx, tx, who, u.Code); err != nil {
			return err
		}
	}
	for _, unit := range p.Created {
		if s.hooks.Used != nil {
			used, err := s.hooks.Used(ctx, tx, unit)
			if err != nil {
				return err
			}
			if used {
				return fault.Refused("Đơn vị mới đã có số liệu nên không thể hoàn tác. Hãy hoàn tác lần nhập số liệu của đơn vị mới trước.")
			}
		}
		shares, err := sharesOf(ctx, tx, unit)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(shares, func(sh Share) bool { return sh.Succession != id }) {
			return fault.Refused("Đã có một lần sắp xếp sau dựa trên đơn vị mới; hãy hoàn tác lần đó trước.")
		}
		// What stands under a unit that is about to have never lived must have been put there by this succession.
		var others int
		if err := tx.QueryRow(ctx, `select count(*) from unit_edge where parent = $1`, unit).Scan(&others); err != nil {
			return err
		}
		for _, e := range p.Opened {
			if e.Parent == unit {
				others--
			}
		}
		for _, made := range p.Created {
			var own int
			if err := tx.QueryRow(ctx, `select count(*) from unit_edge where parent = $1 and unit = $2`, unit, made).Scan(&own); err != nil {
				return err
			}
			others -= own
		}
		if others > 0 {
			return fault.Refused("Đã có đơn vị khác được xếp dưới đơn vị mới; hãy chuyển các đơn vị đó đi trước.")
		}
	}
	return nil
}

func takeBack(ctx context.Context, tx *db.Tx, p plan) error {
	for _, e := range p.Opened {
		if _, err := tx.Exec(ctx, `delete from unit_edge where unit = $1 and hierarchy = $2 and valid_from = $3`, e.Unit, int64(e.Hierarchy), e.ValidFrom); err != nil {
			return err
		}
	}
	for _, e := range p.Edges {
		if _, err := tx.Exec(ctx, `update unit_edge set valid_to = $4 where unit = $1 and hierarchy = $2 and valid_from = $3`,
			e.Unit, int64(e.Hierarchy), e.From, e.To); err != nil {
			return err
		}
	}
	for _, n := range p.Names {
		if _, err := tx.Exec(ctx, `update unit_name set valid_to = $3 where unit = $1 and valid_from = $2`, n.Unit, n.From, n.To); err != nil {
			return err
		}
	}
	for _, u := range p.Units {
		if _, err := tx.Exec(ctx, `update unit set valid_to = $2, version = version + 1 where id = $1`, u.Unit, u.To); err != nil {
			return err
		}
	}
	for _, unit := range p.Created {
		for _, q := range []string{
			`delete from unit_edge where unit = $1`, `delete from unit_name where unit = $1`,
			`update unit set valid_to = valid_from, version = version + 1 where id = $1`,
		} {
			if _, err := tx.Exec(ctx, q, unit); err != nil {
				return err
			}
		}
	}
	return nil
}
