package report

import (
	"context"
	"database/sql"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// WayRule says from when on which steps may be skipped: for a unit and all below it, for the bodies of a level, or everywhere.
type WayRule struct {
	ID        string
	Unit      int64 // 0: not for one unit
	UnitCode  string
	Level     org.Level // empty: every level
	ValidFrom string    // ISO date
	Way
	Reason string
	At     int64
	By     string
}

// wayOf reads the way of a unit's reports on a day: of the rows nearest to it, the latest.
func wayOf(ctx context.Context, tx *db.Tx, u org.Unit, day string) (Way, error) {
	var w Way
	err := tx.QueryRow(ctx, `select w.skip_head, w.skip_office, w.self from report_way w
		left join unit_ancestor a on a.unit = $1 and a.hierarchy = 1 and a.ancestor = w.unit and a.valid_from <= $2 and $2 < a.valid_to
		where w.valid_from <= $2 and (a.unit is not null or w.unit is null and w.level in ('', $3))
		order by case when w.unit is not null then 0 when w.level <> '' then 1 else 2 end, coalesce(a.depth, 0), w.valid_from desc, w.at desc limit 1`,
		u.ID, day, string(u.Level)).Scan(&w.SkipHead, &w.SkipOffice, &w.Self)
	if db.Missing(err) {
		return Way{}, nil
	}
	return w, err
}

// WayRules lists what the site has said about the steps, the latest first.
func (s *Service) WayRules(ctx context.Context, who auth.Actor) ([]WayRule, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, err
	}
	var out []WayRule
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		var err error
		out, err = db.Collect(ctx, tx, func(rows *sql.Rows) (WayRule, error) {
			var w WayRule
			err := rows.Scan(&w.ID, &w.Unit, &w.UnitCode, &w.Level, &w.ValidFrom, &w.SkipHead, &w.SkipOffice, &w.Self, &w.Reason, &w.At, &w.By)
			return w, err
		}, `select w.id, coalesce(w.unit, 0), coalesce(u.code, ''), w.level, w.valid_from, w.skip_head, w.skip_office, w.self, w.reason, w.at,
			coalesce((select p.name from person p where p.id = w.person), '') from report_way w left join unit u on u.id = w.unit
			order by w.valid_from desc, w.at desc`)
		return err
	})
	return out, err
}

// SetWay says from a day on which steps may be skipped. unitCode and level may both be empty: for the whole site.
func (s *Service) SetWay(ctx context.Context, who auth.Actor, unitCode string, w WayRule) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	w.Reason = viet.Clean(w.Reason)
	var bad fault.List
	if w.Reason == "" {
		_ = bad.Add(fault.Invalid("reason", "Hãy ghi căn cứ, lý do."))
	}
	if !validDay(w.ValidFrom) {
		_ = bad.Add(fault.Invalid("from", "Hãy ghi ngày bắt đầu, ví dụ 01/07/2019."))
	}
	if w.Level != "" && levelOrder(w.Level) < 0 {
		_ = bad.Add(fault.Invalid("level", "Hãy chọn cấp trong danh sách."))
	}
	if w.Level != "" && unitCode != "" {
		_ = bad.Add(fault.Invalid("level", "Hãy chọn một cấp hoặc một đơn vị, không chọn cả hai."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		object := "way"
		var unit any
		if unitCode != "" {
			u, err := org.Visible(ctx, tx, who, auth.Consolidate, unitCode, w.ValidFrom, s.clock.Today())
			if fault.Is(err, fault.KindNotFound) {
				return fault.Invalidf("unit", "Không có đơn vị mã “%s” vào ngày này.", unitCode)
			}
			if err != nil {
				return err
			}
			unit, object = u.ID, "way/"+u.Code
		} else if w.Level != "" {
			object = "way/" + string(w.Level)
		}
		if _, err := tx.Exec(ctx, `insert into report_way(id, unit, level, valid_from, skip_head, skip_office, self, reason, at, person)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, db.NewID(), unit, string(w.Level), w.ValidFrom, w.SkipHead, w.SkipOffice, w.Self, w.Reason,
			s.clock.Milli(), who.Person); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "way", House: "report", Object: object, Reason: w.Reason,
			Detail: map[string]any{"from": w.ValidFrom, "skip_head": w.SkipHead, "skip_office": w.SkipOffice, "self": w.Self},
		})
	})
}
