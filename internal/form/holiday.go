package form

import (
	"context"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// SetHoliday says that nobody works on a day, or that a weekend day is worked.
func (s *Service) SetHoliday(ctx context.Context, who auth.Actor, h Holiday) error {
	h.Name = viet.Clean(h.Name)
	var bad fault.List
	if !validDay(h.Day) {
		_ = bad.Add(fault.Invalid("day", "Hãy ghi ngày, ví dụ 02/09/2026."))
	}
	_ = bad.Add(checkText("name", h.Name, mostName, fault.Invalid("name", "Hãy ghi tên ngày nghỉ hoặc căn cứ làm bù.")))
	if err := bad.Err(); err != nil {
		return err
	}
	return s.edit(ctx, who, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into form_holiday(day, name, works, made, made_by) values ($1,$2,$3,$4,$5)
			on conflict (day) do update set name = excluded.name, works = excluded.works, made = excluded.made, made_by = excluded.made_by`,
			h.Day, h.Name, h.Works, s.clock.Milli(), who.Person); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "holiday", House: house, Object: "holiday/" + h.Day, After: map[string]any{"name": h.Name, "works": h.Works}})
	})
}

// DropHoliday takes a day off the list.
func (s *Service) DropHoliday(ctx context.Context, who auth.Actor, day string) error {
	return s.edit(ctx, who, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `delete from form_holiday where day = $1`, day)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound()
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "workday", House: house, Object: "holiday/" + day})
	})
}

// Holidays lists the dated exceptions to the working week.
func (s *Service) Holidays(ctx context.Context, who auth.Actor) (out []Holiday, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = holidays(ctx, tx)
		return err
	})
	return out, err
}
