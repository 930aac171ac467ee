package report

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/form"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Kept is how a body has kept the day of one period. It is told from what was written down: how full its forms were on that day, the
// first handing in, the returns. A form or an assignment that is changed later changes nothing of it.
type Kept struct {
	Due         string // ISO date; empty: nothing was due, or is not yet
	Have, Asked int    // on the day; Asked is 0 where no form was asked, and Have counts figures then
	Sent        string // ISO date of the first handing in; empty: not handed in
	Late        int    // by so many working days; of what has not come, by today
	Returned    int    // so many times
}

// InTime tells whether the report was handed in by its day.
func (k Kept) InTime() bool { return k.Due != "" && k.Sent != "" && k.Late == 0 }

// Percent is how full the forms were on the day.
func (k Kept) Percent() int { return form.Count{Have: k.Have, All: k.Asked}.Percent() }

// Course is a body over several periods; Kept is in their order.
type Course struct {
	Unit  org.Node
	Place string
	Kept  []Kept
}

// Sums of a course.
func (c Course) sum(of func(Kept) int) (n int) {
	for _, k := range c.Kept {
		if k.Due != "" {
			n += of(k)
		}
	}
	return n
}

// Past counts the periods that were due, and those in which the report came in time.
func (c Course) Past() Past {
	return Past{InTime: c.sum(func(k Kept) int {
		if k.InTime() {
			return 1
		}
		return 0
	}), Of: c.sum(func(Kept) int { return 1 })}
}

// Late sums the working days by which reports came late.
func (c Course) Late() int { return c.sum(func(k Kept) int { return k.Late }) }

// Returned counts the returns.
func (c Course) Returned() int { return c.sum(func(k Kept) int { return k.Returned }) }

// Percent is how full the forms of all periods were on their days, taken together; -1 where no form was asked.
func (c Course) Percent() int {
	all := form.Count{Have: c.sum(func(k Kept) int { return min(k.Have, k.Asked) }), All: c.sum(func(k Kept) int { return k.Asked })}
	if all.All == 0 {
		return -1
	}
	return all.Percent()
}

// Courses is how the bodies of a board have kept their days over some periods, the latest first.
type Courses struct {
	Unit    org.Unit
	Periods []period.Period
	Bodies  []Course
}

// The orders of courses beside that of the board.
const (
	ByInTime   = "dung-han"
	ByLate     = "cham"
	ByReturned = "tra-lai"
	ByPercent  = "day"
)

// Sort puts first whoever most needs help with what is asked for; any other order is the board's.
func (c *Courses) Sort(by string) {
	slices.SortStableFunc(c.Bodies, func(x, y Course) int {
		switch by {
		case ByInTime:
			a, b := x.Past(), y.Past()
			return cmp.Compare(a.InTime*max(b.Of, 1), b.InTime*max(a.Of, 1))
		case ByLate:
			return cmp.Compare(y.Late(), x.Late())
		case ByReturned:
			return cmp.Compare(y.Returned(), x.Returned())
		case ByPercent:
			return cmp.Compare(x.Percent(), y.Percent())
		}
		return 0
	})
}

// Courses reads how the bodies below a unit have kept their days over the last periods up to one.
func (s *Service) Courses(ctx context.Context, who auth.Actor, unitCode, periodCode string) (out Courses, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := s.BoardIn(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		out = Courses{Unit: b.Unit}
		kept, periods, err := s.kept(ctx, tx, who, b, b.Period)
		if err != nil {
			return err
		}
		out.Periods = periods
		for _, row := range b.Rows {
			c := Course{Unit: row.Unit, Place: row.Place, Kept: make([]Kept, len(periods))}
			for n, p := range periods {
				c.Kept[n] = kept[[2]int64{row.Unit.ID, p.ID}]
			}
			out.Bodies = append(out.Bodies, c)
		}
		return nil
	})
	return out, err
}

// kept reads, whatever the number of bodies, in a fixed number of statements how those of a board have kept the days of the last
// periods of its kind up to one: (unit, period) -> Kept.
func (s *Service) kept(ctx context.Context, tx *db.Tx, who auth.Actor, b Board, last period.Period) (map[[2]int64]Kept, []period.Period, error) {
	out := map[[2]int64]Kept{}
	var codes []string
	for p := last; len(codes) < pastPeriods && p.Code != ""; p = p.Previous() {
		codes = append(codes, p.Code)
	}
	known, err := period.Codes(ctx, tx, codes)
	if err != nil || len(known) == 0 {
		return out, nil, err
	}
	var periods []period.Period
	var ids []int64
	for _, code := range codes {
		if p, ok := known[code]; ok {
			periods, ids = append(periods, p), append(ids, p.ID)
		}
	}
	today := s.clock.Today()
	dues, err := period.DuesIn(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	within := append([]any{b.Unit.ID, b.Period.To}, org.WithinArgs(who, auth.View, today)...)
	n := len(within)
	if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var k Kept
		var key [2]int64
		err := rows.Scan(&key[0], &key[1], &k.Due, &k.Have, &k.Asked)
		if due := dues[key]; due != "" {
			k.Due = due
		}
		if k.Due < today {
			out[key] = k
		}
		return struct{}{}, err
	}, `select k.unit, k.period, k.due, k.have, k.asked from report_kept k
		join unit_ancestor a on a.unit = k.unit and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
		where k.period in (`+db.List(len(ids), n+1)+`) and `+org.Within("k.unit", "$2", 3), append(within, db.Args(ids)...)...); err != nil {
		return nil, nil, err
	}
	calendar, err := form.CalendarIn(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	for key, k := range out {
		k.Late = calendar.Late(k.Due, today)
		out[key] = k
	}
	_, err = db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var key [2]int64
		var sent int64
		var returned int
		err := rows.Scan(&key[0], &key[1], &sent, &returned)
		if k, owed := out[key]; owed {
			k.Returned = returned
			if sent != 0 {
				k.Sent = clock.At(sent).Format(time.DateOnly)
				k.Late = calendar.Late(k.Due, k.Sent)
			}
			out[key] = k
		}
		return struct{}{}, err
	}, `select r.unit, r.period, coalesce(r.first_sent_at, 0), (select count(distinct q.round) from report_reason q where q.report = r.id) from report r
		join unit_ancestor a on a.unit = r.unit and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
		where r.kind = 'body' and r.period in (`+db.List(len(ids), n+1)+`) and `+org.Within("r.unit", "$2", 3), append(within, db.Args(ids)...)...)
	return out, periods, err
}

// KeepAll writes down, of the latest periods, how full the forms of each body were on the day that its report was due, once that day is
// over. A body that was given another day later is reckoned again by that one. An idle site does not write.
func (s *Service) KeepAll(ctx context.Context) error {
	today := s.clock.Today()
	var roots []org.Unit
	var periods []period.Period
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if roots, err = org.Roots(ctx, tx, today); err != nil {
			return err
		}
		periods, err = period.List(ctx, tx, "")
		return err
	}); err != nil {
		return err
	}
	seen := map[string]int{}
	for _, p := range periods { // the latest first
		if !slices.Contains(dutyKinds, p.Kind) || p.From > today || seen[p.Kind] > pastPeriods {
			continue
		}
		seen[p.Kind]++
		for _, root := range roots {
			var rows [][]any
			if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
				rows, err = s.overdue(ctx, tx, root, p, today)
				return err
			}); err != nil {
				return err
			}
			if len(rows) == 0 {
				continue
			}
			if err := s.db.Write(ctx, func(tx *db.Tx) error {
				return tx.Insert(ctx, `insert into report_kept(period, unit, due, have, asked, at) values `,
					` on conflict (period, unit) do update set due = excluded.due, have = excluded.have, asked = excluded.asked, at = excluded.at`, rows)
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// overdue gives the rows that are to be written down of a period.
func (s *Service) overdue(ctx context.Context, tx *db.Tx, root org.Unit, p period.Period, today string) ([][]any, error) {
	sys := auth.System()
	owing, err := dutiesOf(ctx, tx, sys, auth.View, root.ID, p.Kind, p.To, today)
	if err != nil || len(owing) == 0 {
		return nil, err
	}
	extended, err := period.Dues(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	done := map[int64]bool{}
	if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var unit int64
		var due string
		err := rows.Scan(&unit, &due)
		done[unit] = extended[unit] == "" || extended[unit] == due
		return struct{}{}, err
	}, `select unit, due from report_kept where period = $1`, p.ID); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(owing, func(u int64) bool { return !done[u] }) {
		return nil, nil
	}
	board, err := s.progressIn(ctx, tx, sys, root.Code, p.Code)
	if err != nil {
		return nil, err
	}
	byDay := map[string][]Standing{}
	for _, l := range board.Lines {
		if due := l.firstDue(); !done[l.Unit.ID] && due != "" && due < today {
			byDay[due] = append(byDay[due], l)
		}
	}
	var rows [][]any
	for due, lines := range byDay {
		at, err := s.filledOn(ctx, tx, root.ID, board, due)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			c := at(l)
			rows = append(rows, []any{p.ID, l.Unit.ID, due, c.Have, c.All, s.clock.Milli()})
		}
	}
	return rows, nil
}

// firstDue is the day on which the first of a body's forms is due; the report's, where no form is asked.
func (l Standing) firstDue() string {
	due := ""
	for _, c := range l.Cells {
		if c.Asked && (due == "" || c.Due < due) {
			due = c.Due
		}
	}
	return cmp.Or(due, l.Due)
}

// filledOn counts how full the bodies of a board were at the end of a day.
func (s *Service) filledOn(ctx context.Context, tx *db.Tx, ancestor int64, board Progress, due string) (func(Standing) form.Count, error) {
	day, err := time.ParseInLocation(time.DateOnly, due, clock.Zone)
	if err != nil {
		return nil, err
	}
	end := day.AddDate(0, 0, 1).UnixMilli()
	counts, err := s.forms.FilledUntil(ctx, tx, auth.System(), ancestor, board.Period, board.Forms, end)
	if err != nil {
		return nil, err
	}
	cells := map[int64]int{}
	if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var unit int64
		var n int
		err := rows.Scan(&unit, &n)
		cells[unit] = n
		return struct{}{}, err
	}, `select f.unit, count(*) from unit_ancestor a join figure f on f.unit = a.unit and f.period = $3 and f.layer = 1 and f.part = 0 and f.qualifier <> 0
		where a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to and `+form.NewestUntil+`$4) group by f.unit`,
		ancestor, board.Period.To, board.Period.ID, end); err != nil {
		return nil, err
	}
	return func(l Standing) form.Count {
		var all form.Count
		for n, c := range l.Cells {
			if c.Asked {
				all.Have, all.All = all.Have+counts[l.Unit.ID][board.Forms[n].ID].Have, all.All+c.All
			}
		}
		if all.All == 0 {
			all.Have = cells[l.Unit.ID]
		}
		return all
	}, nil
}
