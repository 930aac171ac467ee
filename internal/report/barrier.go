package report

import (
	"context"
	"errors"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/period"
)

// On PostgreSQL a change of a figure and the handing in of the report act on different rows, each on its own snapshot, so that a figure
// could come in after the report was read and before it is shut. They meet on one row of report_guard: whoever changes a figure
// shares a lock on it, and handing in takes two transactions. The first writes a mark on the row, for which it waits until those who
// change something are done; who has begun before it and is not done fails, and tries again. Whoever changes something afterwards sees the
// mark and takes it away; so where the second transaction, which reads, judges and shuts, finds its mark, it has seen everything.
// SQLite has one writer and needs none of this.

// Hold makes a change of a body's figures meet the handing in of its report. It is figure's Holder.
func (s *Service) Hold(b *db.Batch, unit int64, p period.Period) func(context.Context, *db.Tx) error {
	if s.db.Engine() == db.SQLite {
		return func(context.Context, *db.Tx) error { return nil }
	}
	some, mark := false, ""
	b.Query(func(scan db.Scan) error {
		some = true
		return scan(&mark)
	}, `select mark from report_guard where unit = $1 and period = $2 for share`, unit, p.ID)
	return func(ctx context.Context, tx *db.Tx) error {
		switch {
		case !some:
			return tx.InsertLater(ctx, `insert into report_guard(unit, period, mark) values `, ` on conflict (unit, period) do nothing`, [][]any{{unit, p.ID, ""}})
		case mark != "":
			return tx.Later(ctx, `update report_guard set mark = '' where unit = $1 and period = $2`, unit, p.ID)
		}
		return nil
	}
}

// mark is the first half of handing in.
func (s *Service) mark(ctx context.Context, who auth.Actor, unitCode, periodCode string) (mark string, err error) {
	if s.db.Engine() == db.SQLite {
		return "", nil
	}
	mark = db.NewID()
	return mark, s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		pl, err := s.at(ctx, tx, who, auth.Submit, unitCode, periodCode)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into report_guard(unit, period, mark) values ($1, $2, $3)
			on conflict (unit, period) do update set mark = excluded.mark`, pl.unit.ID, pl.p.ID, mark)
		return err
	})
}

// errTouched tells that something was written since the mark.
var errTouched = errors.New("a figure was written while the report was handed in")

// unmark is what the second half begins with.
func (s *Service) unmark(ctx context.Context, tx *db.Tx, pl place, mark string) error {
	if mark == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `update report_guard set mark = '' where unit = $1 and period = $2 and mark = $3`, pl.unit.ID, pl.p.ID, mark)
	if err == nil && n == 0 {
		err = errTouched
	}
	return err
}

// handingIns bounds how often a handing in begins anew because somebody writes on; each time takes a fraction of a second.
const handingIns = 8

// barred runs both halves of handing in until nobody has written between them.
func (s *Service) barred(ctx context.Context, who auth.Actor, unitCode, periodCode string, second func(mark string) error) error {
	for range handingIns {
		mark, err := s.mark(ctx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		if err = second(mark); !errors.Is(err, errTouched) {
			return err
		}
	}
	return fault.Conflict("Đang có người ghi số liệu của báo cáo này. Xin đợi ít giây, xem lại số liệu rồi gửi.")
}
