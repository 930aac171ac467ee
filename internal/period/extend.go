package period

import (
	"context"
	"database/sql"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Extension says that a body's report is due on another day than the period's. The newest of a body counts; an empty day takes
// the one before back.
type Extension struct {
	Unit     int64
	UnitCode string
	UnitName string
	Version  int
	Due      string // ISO date
	Reason   string
	At       int64
	By       string
	Stands   bool
}

// Dues reads the days of the bodies whose reports are due on another day than the period's, by unit.
func Dues(ctx context.Context, tx *db.Tx, p Period) (map[int64]string, error) {
	all, err := DuesIn(ctx, tx, []int64{p.ID})
	out := map[int64]string{}
	for at, due := range all {
		out[at[0]] = due
	}
	return out, err
}

// DuesIn is Dues for several periods: (unit, period) -> day.
func DuesIn(ctx context.Context, tx *db.Tx, periods []int64) (map[[2]int64]string, error) {
	out := map[[2]int64]string{}
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var at [2]int64
		var due string
		err := rows.Scan(&at[0], &at[1], &due)
		out[at] = due
		return struct{}{}, err
	}, `select x.unit, x.period, x.due from period_extension x where x.period in (`+db.List(len(periods), 1)+`) and x.due <> ''
		and x.version = (select max(v.version) from period_extension v where v.period = x.period and v.unit = x.unit)`, db.Args(periods)...)
	return out, err
}

// DueOf is the day on which a unit's report for a period is due; empty when none is set.
func DueOf(ctx context.Context, tx *db.Tx, p Period, unit int64) (string, error) {
	dues, err := Dues(ctx, tx, p)
	if due, ok := dues[unit]; ok {
		return due, err
	}
	return p.Due, err
}

// Extensions lists what was extended in a period, the latest first, as far as the actor may see the bodies.
func (s *Service) Extensions(ctx context.Context, who auth.Actor, p Period) ([]Extension, error) {
	var out []Extension
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, func(rows *sql.Rows) (Extension, error) {
			var x Extension
			err := rows.Scan(&x.Unit, &x.UnitCode, &x.UnitName, &x.Version, &x.Due, &x.Reason, &x.At, &x.By, &x.Stands)
			return x, err
		}, `select x.unit, u.code, coalesce(n.name, u.code), x.version, x.due, x.reason, x.at, coalesce((select p.name from person p where p.id = x.person), ''),
			x.version = (select max(v.version) from period_extension v where v.period = x.period and v.unit = x.unit)
			from period_extension x join unit u on u.id = x.unit left join unit_name n on n.unit = x.unit and n.valid_from <= $2 and $2 < n.valid_to
			where x.period = $1 and `+org.Within("x.unit", "$2", 3)+` order by x.at desc, x.version desc, x.unit`,
			append([]any{p.ID, p.To}, org.WithinArgs(who, auth.View, s.clock.Today())...)...)
		return err
	})
	return out, err
}

// Extend gives a body's report another day on which it is due, with a reason; an empty day takes that back.
func (s *Service) Extend(ctx context.Context, who auth.Actor, code, unitCode, due, reason string) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	due, reason = strings.TrimSpace(due), viet.Clean(reason)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		p, err := Find(ctx, tx, code)
		if err != nil {
			return err
		}
		u, err := org.Visible(ctx, tx, who, auth.Consolidate, strings.ToUpper(unitCode), p.To, s.clock.Today())
		if err != nil {
			return err
		}
		if err := s.mayExtend(p, due, reason); err != nil {
			return err
		}
		before, err := DueOf(ctx, tx, p, u.ID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into period_extension(period, unit, version, due, reason, at, person)
			select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6 from period_extension where period = $1 and unit = $2`,
			p.ID, u.ID, due, reason, s.clock.Milli(), who.Person); err != nil {
			return err
		}
		if due != "" { // what the body had asked for is answered
			pleas, err := PleasOf(ctx, tx, p, u.ID)
			if err != nil {
				return err
			}
			if len(pleas) > 0 && pleas[0].Outcome == Pending {
				if err := s.settle(ctx, tx, who, p, pleas[0], 0, Granted, ""); err != nil {
					return err
				}
			}
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "extend", House: "period", Object: p.Code, Units: []int64{u.ID}, Reason: reason, Before: before, After: due,
			Detail: map[string]any{"unit": u.Code},
		}); err != nil {
			return err
		}
		people, err := notice.Holders(ctx, tx, auth.Submit, u.ID, s.clock.Today())
		if err != nil {
			return err
		}
		day := due
		if day == "" {
			day = p.Due
		}
		return s.tellOf(ctx, tx, people, notice.Due, u, p, "%s: hạn nộp báo cáo %s nay là ngày %s", viet.FormatDate(day))
	})
}

func (s *Service) mayExtend(p Period, due, reason string) error {
	if err := p.MustBeOpen(); err != nil {
		return err
	}
	if p.Due == "" {
		return fault.Refusedf("Kỳ %s chưa đặt hạn nộp nên chưa có gì để gia hạn.", p)
	}
	var bad fault.List
	if reason == "" {
		_ = bad.Add(fault.Invalid("extend-reason", "Hãy ghi lý do gia hạn."))
	}
	switch err := checkDue(p, due); {
	case due == "":
	case err != nil:
		_ = bad.Add(fault.Invalid("extend-due", "Hãy ghi ngày gia hạn, ví dụ 25/9/2019."))
	case due <= p.Due:
		_ = bad.Add(fault.Invalidf("extend-due", "Ngày gia hạn phải sau hạn chung (%s).", viet.FormatDate(p.Due)))
	}
	return bad.Err()
}
