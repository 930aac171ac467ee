package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

const reportSelect = `select r.id, r.unit, r.period, u.code, d.code, r.kind, r.issue, r.state, r.version, r.layer, r.made_at, r.made_by,
	coalesce(r.first_sent_at, 0), coalesce(r.sent_at, 0), coalesce(r.sent_by, ''), coalesce(r.decided_at, 0), coalesce(r.decided_by, ''),
	coalesce(r.superseded_by, ''), r.reason, r.changed_at, r.number, r.symbol, r.dated
	from report r join unit u on u.id = r.unit join period d on d.id = r.period `

func scanReport(rows *sql.Rows) (Report, error) {
	var r Report
	err := rows.Scan(&r.ID, &r.Unit, &r.Period, &r.UnitCode, &r.PeriodCode, &r.Kind, &r.Issue, &r.State, &r.Version, &r.Layer, &r.MadeAt,
		&r.MadeBy, &r.FirstSentAt, &r.SentAt, &r.SentBy, &r.DecidedAt, &r.DecidedBy, &r.SupersededBy, &r.Reason, &r.ChangedAt,
		&r.Number, &r.Symbol, &r.Date)
	return r, err
}

func one(found []Report, err error) (Report, error) {
	if err != nil {
		return Report{}, err
	}
	if len(found) == 0 {
		return Report{}, fault.NotFound()
	}
	return found[0], nil
}

// scoped answers reports that the actor holds p over on the period's last day.
func scoped(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today, where, order string, args ...any) ([]Report, error) {
	n := len(args)
	args = append(args, org.WithinArgs(who, p, today)...)
	return db.Collect(ctx, tx, scanReport, reportSelect+` where `+where+` and `+org.Within("r.unit", "d.date_to", n+1)+order, args...)
}

func findID(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today, id string) (Report, error) {
	return one(scoped(ctx, tx, who, p, today, `r.id = $1`, ``, id))
}

// findAt finds the newest issue of a unit's report for a period.
func findAt(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string, unit, per int64, kind Kind) (Report, error) {
	return one(scoped(ctx, tx, who, p, today, `r.unit = $1 and r.period = $2 and r.kind = $3`, ` order by r.issue desc`, unit, per, string(kind)))
}

// insert makes a row; a row that another has made meanwhile stays.
func insert(ctx context.Context, tx *db.Tx, r Report) error {
	_, err := tx.Exec(ctx, `insert into report(id, unit, period, kind, issue, state, version, layer, made_at, made_by, reason)
		values ($1,$2,$3,$4,$5,$6,1,$7,$8,$9,$10) on conflict (unit, period, kind, issue) do nothing`,
		r.ID, r.Unit, r.Period, string(r.Kind), r.Issue, string(r.State), int64(r.Layer), r.MadeAt, r.MadeBy, r.Reason)
	if err != nil {
		return fmt.Errorf("insert report: %w", err)
	}
	return nil
}

// update writes a report that stands at r.Version and raises it.
func update(ctx context.Context, tx *db.Tx, r *Report) error {
	n, err := tx.Exec(ctx, `update report set state = $3, layer = $4, first_sent_at = $5, sent_at = $6, sent_by = $7, decided_at = $8,
		decided_by = $9, superseded_by = $10, number = $11, symbol = $12, dated = $13, changed_at = $14, version = version + 1 where id = $1 and version = $2`,
		r.ID, r.Version, string(r.State), int64(r.Layer), null(r.FirstSentAt), null(r.SentAt), null(r.SentBy), null(r.DecidedAt),
		null(r.DecidedBy), null(r.SupersededBy), r.Number, r.Symbol, r.Date, r.ChangedAt)
	if err != nil {
		return fmt.Errorf("update report %s: %w", r.ID, err)
	}
	if n == 0 {
		return fault.Conflict("Báo cáo vừa được người khác thay đổi. Hãy mở lại trang để xem rồi làm tiếp.")
	}
	r.Version++
	return nil
}

func null[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func insertReasons(ctx context.Context, tx *db.Tx, r Report, reasons []Reason) error {
	rows := make([][]any, len(reasons))
	for i, x := range reasons {
		var part any
		if x.Indicator != 0 {
			part = x.Part
		}
		rows[i] = []any{r.ID, r.Version, i, null(x.Indicator), part, x.Text, x.About, x.Seen, r.DecidedAt, r.DecidedBy}
	}
	return tx.Insert(ctx, `insert into report_reason(report, round, ordinal, indicator, part, text, about, seen, at, person) values `, "", rows)
}

// Round is one return of a report with its reasons.
type Round struct {
	At      int64
	By      string
	person  string
	Reasons []Reason
}

// roundsOf reads why a report was sent back, the latest return first.
func roundsOf(ctx context.Context, tx *db.Tx, id, object string) ([]Round, error) {
	var out []Round
	rows, err := tx.Query(ctx, `select round, at, person, coalesce(indicator, 0), coalesce(part, 0), text, about, seen from report_reason
		where report = $1 order by round desc, ordinal`, id)
	if err != nil {
		return nil, err
	}
	last := -1
	for rows.Next() {
		var round int
		var r Round
		var x Reason
		if err := rows.Scan(&round, &r.At, &r.person, &x.Indicator, &x.Part, &x.Text, &x.About, &x.Seen); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if round != last {
			out, last = append(out, r), round
		}
		at := &out[len(out)-1]
		at.Reasons = append(at.Reasons, x)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].By, err = audit.SignedBy(ctx, tx, out[i].person, "report", object, out[i].At); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// holds tells whether the actor holds p over a unit on a day.
func holds(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, unit int64, day, today string) (bool, error) {
	var may bool
	args := append([]any{unit, day}, org.WithinArgs(who, p, today)...)
	err := tx.QueryRow(ctx, `select exists (select 1 from unit u where u.id = $1 and `+org.Within("u.id", "$2", 3)+`)`, args...).Scan(&may)
	return may, err
}

// dutiesOf lists the units below an ancestor that owe a report of a kind of period on a day.
func dutiesOf(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, ancestor int64, kind, day, today string) ([]int64, error) {
	args := append([]any{kind, day, ancestor}, org.WithinArgs(who, p, today)...)
	return db.Collect(ctx, tx, db.Scalar[int64], `select distinct y.unit from report_duty y
		join unit_ancestor a on a.unit = y.unit and a.hierarchy = 1 and a.ancestor = $3 and a.valid_from <= $2 and $2 < a.valid_to
		where y.period_kind = $1 and y.valid_from <= $2 and $2 < y.valid_to and `+org.Within("y.unit", "$2", 4)+` order by y.unit`, args...)
}

// filledCells counts the cells (totals of indicators) that units below an ancestor have given, by unit and period.
func filledCells(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, day string, periods []int64, today string) (map[[2]int64]int, error) {
	out := map[[2]int64]int{}
	if len(periods) == 0 {
		return out, nil
	}
	args := append([]any{ancestor, day}, org.WithinArgs(who, auth.View, today)...)
	args = append(args, db.Args(periods)...)
	rows, err := tx.Query(ctx, `select f.unit, f.period, count(*) from figure f
		join unit_ancestor a on a.unit = f.unit and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
		where f.period in (`+db.List(len(periods), 6)+`) and f.layer = 1 and f.part = 0 and f.qualifier <> 0 and `+newest+`
		and `+org.Within("f.unit", "$2", 3)+` group by f.unit, f.period`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var unit, per int64
		var n int
		if err := rows.Scan(&unit, &per, &n); err != nil {
			return nil, err
		}
		out[[2]int64{unit, per}] = n
	}
	return out, rows.Err()
}

// newest keeps the greatest version of each cell and layer.
const newest = ` f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period
	and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer) `

// holders lists the units below an ancestor whose own figure of an indicator is above zero in any of the periods.
func holders(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor, ind int64, layer figure.Layer, day string, periods []int64, today string) ([]int64, error) {
	if len(periods) == 0 || ind == 0 {
		return nil, nil
	}
	args := append([]any{ancestor, day, ind, int64(layer)}, org.WithinArgs(who, auth.View, today)...)
	args = append(args, db.Args(periods)...)
	return db.Collect(ctx, tx, db.Scalar[int64], `select distinct f.unit from figure f
		join unit_ancestor a on a.unit = f.unit and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
		where f.period in (`+db.List(len(periods), 8)+`) and f.indicator = $3 and f.layer = $4 and f.part = 0 and f.qualifier <> 0
		and (f.value is null or f.value > 0) and `+newest+` and `+org.Within("f.unit", "$2", 5)+` order by f.unit`, args...)
}

// openOverlap is an overlap whose amount nobody knows.
type openOverlap struct {
	unit, other, indicator, part int64
	reason                       string
}

func openOverlaps(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, p period.Period, today string) ([]openOverlap, error) {
	args := append([]any{ancestor, p.To, p.ID}, org.WithinArgs(who, auth.View, today)...)
	return db.Collect(ctx, tx, func(rows *sql.Rows) (openOverlap, error) {
		var o openOverlap
		err := rows.Scan(&o.unit, &o.other, &o.indicator, &o.part, &o.reason)
		return o, err
	}, `select o.unit, o.other_unit, o.indicator, o.part, o.reason from figure_overlap o
		join unit_ancestor a on a.unit = o.unit and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
		where o.period = $3 and o.amount is null and o.ended_by is null and `+org.Within("o.unit", "$2", 4)+` order by o.id`, args...)
}

// changers tells who gave the standing submitted figures of a unit that differ from the approved ones.
func changers(ctx context.Context, tx *db.Tx, unit, per int64, cells map[figure.Cell]bool) (out []string, err error) {
	rows, err := tx.Query(ctx, `select f.indicator, f.part, e.person, coalesce((select max(a.acting_for) from audit_entry a
			where a.house = 'figure' and a.object = e.id and a.person = e.person), '') from figure f join figure_entry e on e.key = f.entry
		where f.unit = $1 and f.period = $2 and f.layer = 1 and `+newest, unit, per)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := figure.Cell{Unit: unit, Period: per}
		var person, giver string
		if err := rows.Scan(&c.Indicator, &c.Part, &person, &giver); err != nil {
			return nil, err
		}
		if cells[c] {
			out = append(out, person, giver)
		}
	}
	return out, rows.Err()
}

func validDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
