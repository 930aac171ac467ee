package report

import (
	"context"
	"database/sql"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/db"
)

// deadline is the day by which a body's report must be handed in, as calendars know it: each time that it moves, for whatever reason (an
// extension, another form, a holiday), its sequence is higher.
type deadline struct {
	unit, period int64
	due          string
	sequence     int
	changed      int64
}

// deadlinesOf reads the deadlines of a period as they were last looked at, by unit.
func deadlinesOf(ctx context.Context, tx *db.Tx, per int64) (map[int64]deadline, error) {
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (d deadline, err error) {
		return d, rows.Scan(&d.unit, &d.period, &d.due, &d.sequence, &d.changed)
	}, `select unit, period, due, sequence, changed from report_deadline where period = $1`, per)
	out := make(map[int64]deadline, len(list))
	for _, d := range list {
		out[d.unit] = d
	}
	return out, err
}

// now is a kept deadline as it stands: one that has moved since it was looked at is the next in its sequence already.
func (d deadline) now(due string, at time.Time) (sequence int, stamp time.Time) {
	switch {
	case d.due == due:
		return d.sequence, clock.At(d.changed)
	case d.due == "":
		return 0, at
	}
	return d.sequence + 1, at
}

// movedDeadlines are those of a board that stand otherwise than they are kept.
func movedDeadlines(ctx context.Context, tx *db.Tx, board Progress) ([]deadline, error) {
	kept, err := deadlinesOf(ctx, tx, board.Period.ID)
	if err != nil {
		return nil, err
	}
	var out []deadline
	for _, l := range board.Lines {
		if day := l.Deadline(); day != "" && kept[l.Unit.ID].due != day {
			out = append(out, deadline{unit: l.Unit.ID, period: board.Period.ID, due: day})
		}
	}
	return out, nil
}

func keepDeadlines(ctx context.Context, tx *db.Tx, moved []deadline, at int64) error {
	for _, d := range moved {
		if _, err := tx.Exec(ctx, `insert into report_deadline(unit, period, due, sequence, changed) values ($1,$2,$3,0,$4)
			on conflict (unit, period) do update set due = excluded.due, changed = excluded.changed, sequence = report_deadline.sequence + 1
			where report_deadline.due <> excluded.due`, d.unit, d.period, d.due, at); err != nil {
			return err
		}
	}
	return nil
}
