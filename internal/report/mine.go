package report

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/form"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Mine is what the reports of the current periods ask of one person.
type Mine struct {
	ToSend   []Turn // to be filled in and handed in; what came back first, then by day
	ToHead   []Turn // handed in, waiting for the person as a head
	ToOffice []Pile // handed in or approved, waiting for the person's office
	Headless []Pile // handed in by bodies without a head on the site, waiting for the office in the head's place
	Others   []Pile // not handed in by bodies without people of their own, for the office to call or to enter
	Pleas    []Pile // bodies that ask the person's office for another day
	Again    []Turn // approved by the person, and changed since
	Sent     int    // of the person's own bodies, how many reports of these periods have been handed in

	piled map[string]bool // the reports in ToOffice
}

// None tells that nothing is asked.
func (m Mine) None() bool {
	return len(m.ToSend)+len(m.ToHead)+len(m.ToOffice)+len(m.Headless)+len(m.Others)+len(m.Pleas)+len(m.Again) == 0
}

// Turn is a body's report that waits for somebody.
type Turn struct {
	Unit     org.Unit
	Period   period.Period
	State    State
	Due      string // ISO date, or empty
	Extended bool   // the day is the body's own
	Asked    string // the day that the body asks for instead and waits for an answer; or empty
	Left     int    // working days until it is due; negative: late by so many
	Begun    bool   // something has been entered
	Back     int64  // when it was last sent back; 0: it was not
	Reasons  []BodyReason
	report   string
}

// Pile is a number of reports that wait for an office.
type Pile struct {
	Unit   org.Unit // the office's
	Period period.Period
	Count  int
}

// mostTurns is how many reports the page of one person holds.
const mostTurns = 60

// Mine reads what waits for the actor. A body that has people of its own for a step is theirs, not of all who stand above it.
func (s *Service) Mine(ctx context.Context, tx *db.Tx, who auth.Actor) (Mine, error) {
	var m Mine
	frame, err := s.currentPeriods(ctx, tx)
	if err != nil || len(frame.periods) == 0 || !who.SignedIn() {
		return m, err
	}
	calendar, err := form.CalendarIn(ctx, tx)
	if err != nil {
		return m, err
	}
	frame.calendar = calendar
	if who.Has(auth.Enter) || who.Has(auth.Submit) {
		all, err := s.owed(ctx, tx, who, frame)
		if err != nil {
			return m, err
		}
		for _, t := range all {
			if t.State.Given() {
				m.Sent++
				continue
			}
			m.ToSend = append(m.ToSend, t)
		}
		slices.SortStableFunc(m.ToSend, func(a, b Turn) int {
			return cmp.Or(-cmp.Compare(b2i(a.State == StateReturned), b2i(b.State == StateReturned)), cmp.Compare(orLast(a.Due), orLast(b.Due)), cmp.Compare(a.Unit.Code, b.Unit.Code))
		})
		if err := s.reasons(ctx, tx, m.ToSend); err != nil {
			return m, err
		}
	}
	if who.Has(auth.Approve) {
		if m.ToHead, err = s.turns(ctx, tx, who, frame, auth.Approve, StateSent); err != nil {
			return m, err
		}
		if m.Again, err = s.changedForMe(ctx, tx, who, frame); err != nil {
			return m, err
		}
	}
	if who.Has(auth.Consolidate) {
		if m.ToOffice, m.piled, err = s.piles(ctx, tx, who, frame); err != nil {
			return m, err
		}
		if m.Pleas, err = s.pleas(ctx, tx, who, frame); err != nil {
			return m, err
		}
	}
	return m, s.pileUp(ctx, tx, who, &m)
}

// pileUp counts for an office what it would else be shown body by body: it looks after more of them than anybody reads.
func (s *Service) pileUp(ctx context.Context, tx *db.Tx, who auth.Actor, m *Mine) error {
	tops := who.Units(auth.Consolidate)
	if len(tops) == 0 {
		return nil
	}
	pile := func(list []Turn, own ...auth.Permission) (rest []Turn, piles []Pile, err error) {
		for _, t := range list {
			if m.piled[t.report] {
				continue // it is the office's at once
			}
			if slices.ContainsFunc(own, func(p auth.Permission) bool { return ownBody(who, t.Unit.ID, p) }) {
				rest = append(rest, t)
			} else if piles, err = addTo(ctx, tx, piles, t, tops[0]); err != nil {
				return nil, nil, err
			}
		}
		return rest, piles, nil
	}
	var err error
	if m.ToHead, m.Headless, err = pile(m.ToHead, auth.Approve); err != nil {
		return err
	}
	m.ToSend, m.Others, err = pile(m.ToSend, auth.Enter, auth.Submit)
	return err
}

// addTo counts a report in the pile of its period.
func addTo(ctx context.Context, tx *db.Tx, piles []Pile, t Turn, top int64) ([]Pile, error) {
	at := slices.IndexFunc(piles, func(p Pile) bool { return p.Period.ID == t.Period.ID })
	if at < 0 {
		u, err := org.FindID(ctx, tx, top, t.Period.To)
		if err != nil {
			return nil, err
		}
		piles, at = append(piles, Pile{Unit: u, Period: t.Period}), len(piles)
	}
	piles[at].Count++
	return piles, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// orLast puts what has no day after all that has.
func orLast(day string) string { return cmp.Or(day, org.Forever) }

// ownBody tells whether the actor holds a permission over just this unit.
func ownBody(who auth.Actor, unit int64, p auth.Permission) bool {
	return slices.ContainsFunc(who.Grants, func(g auth.Grant) bool { return g.Unit == unit && slices.Contains(g.Permissions, p) })
}

// frameOf is the current periods with what their days are worked out from.
type frameOf struct {
	periods  []period.Period
	calendar form.Calendar
	asked    map[int64]form.Standing
	dues     map[int64]map[int64]string
	pleas    map[int64]map[int64]string
}

func (s *Service) currentPeriods(ctx context.Context, tx *db.Tx) (frameOf, error) {
	f := frameOf{asked: map[int64]form.Standing{}, dues: map[int64]map[int64]string{}, pleas: map[int64]map[int64]string{}}
	all, err := period.List(ctx, tx, "")
	if err != nil {
		return f, err
	}
	for _, p := range all {
		if s.current(p) {
			f.periods = append(f.periods, p)
		}
	}
	return f, nil
}

// due works out the deadline of a unit's report.
func (f *frameOf) due(ctx context.Context, tx *db.Tx, u org.Unit, p period.Period) (day string, extended bool, err error) {
	dues, known := f.dues[p.ID]
	if !known {
		if dues, err = period.Dues(ctx, tx, p); err != nil {
			return "", false, err
		}
		f.dues[p.ID] = dues
		if f.pleas[p.ID], err = period.Pleas(ctx, tx, p); err != nil {
			return "", false, err
		}
		if f.asked[p.ID], err = form.At(ctx, tx, p); err != nil {
			return "", false, err
		}
	}
	l := Standing{Row: Row{Due: cmp.Or(dues[u.ID], p.Due), Extended: dues[u.ID] != ""}}
	for _, a := range f.asked[p.ID].Of(u) {
		l.Cells = append(l.Cells, FormCell{Asked: true, Due: a.Closes})
	}
	return l.Deadline(), l.Extended, nil
}

// mineOnly limits a query over bodies (unit) and periods (p) to what is the actor's own business by one of two permissions. Its
// placeholders begin at first: those of mineArgs.
func mineOnly(unit string, first int) string {
	by := func(n int) string { return org.Within(unit, "p.date_to", n) + ` and ` + org.Own(unit, n) }
	return ` (` + by(first) + ` or ` + by(first+3) + `) `
}

func mineArgs(who auth.Actor, today string, a, b auth.Permission) []any {
	return append(org.WithinArgs(who, a, today), org.WithinArgs(who, b, today)...)
}

// owed lists the reports that the actor fills in or hands in, whatever their state.
func (s *Service) owed(ctx context.Context, tx *db.Tx, who auth.Actor, f frameOf) ([]Turn, error) {
	ids := f.ids()
	n := len(ids)
	return s.collectTurns(ctx, tx, f, `select d.unit, p.id, coalesce(r.state, ''), coalesce(r.id, '') from report_duty d
		join period p on p.kind = d.period_kind and d.valid_from <= p.date_to and p.date_to < d.valid_to
		left join report r on r.unit = d.unit and r.period = p.id and r.kind = 'body'
		where p.id in (`+db.List(n, 1)+`) and `+mineOnly("d.unit", n+1)+` order by case when r.state = 'returned' then 0 else 1 end, p.date_to desc, d.unit limit `+strconv.Itoa(mostTurns*4),
		append(db.Args(ids), mineArgs(who, s.clock.Today(), auth.Enter, auth.Submit)...)...)
}

// turns lists the reports in a state that wait for the actor by a permission.
func (s *Service) turns(ctx context.Context, tx *db.Tx, who auth.Actor, f frameOf, p auth.Permission, state State) ([]Turn, error) {
	ids := f.ids()
	n := len(ids)
	return s.collectTurns(ctx, tx, f, `select r.unit, p.id, r.state, r.id from report r join period p on p.id = r.period
		where r.kind = 'body' and p.id in (`+db.List(n, 1)+`) and r.state = $`+strconv.Itoa(n+1)+` and `+mineOnly("r.unit", n+2)+` order by r.sent_at, r.unit limit `+strconv.Itoa(mostTurns),
		append(append(db.Args(ids), string(state)), mineArgs(who, s.clock.Today(), p, p)...)...)
}

// changedForMe lists the reports that the actor stands for and that have changed since.
func (s *Service) changedForMe(ctx context.Context, tx *db.Tx, who auth.Actor, f frameOf) ([]Turn, error) {
	ids := f.ids()
	n := len(ids)
	args := append(append(db.Args(ids), who.Person), org.WithinArgs(who, auth.Approve, s.clock.Today())...)
	return s.collectTurns(ctx, tx, f, `select r.unit, p.id, r.state, r.id from report r join period p on p.id = r.period
		where r.kind = 'body' and p.id in (`+db.List(n, 1)+`) and r.changed_at <> 0
		and exists (select 1 from report_approval a where a.report = r.id and a.ended = 0 and a.person = $`+strconv.Itoa(n+1)+`) and `+org.Within("r.unit", "p.date_to", n+2)+`
		order by r.changed_at, r.unit limit `+strconv.Itoa(mostTurns), args...)
}

// piles counts what waits for the actor's office, by period.
func (s *Service) piles(ctx context.Context, tx *db.Tx, who auth.Actor, f frameOf) (out []Pile, piled map[string]bool, err error) {
	piled = map[string]bool{}
	ids := f.ids()
	n := len(ids)
	today := s.clock.Today()
	waiting, err := s.collectTurns(ctx, tx, f, `select r.unit, p.id, r.state, r.id from report r join period p on p.id = r.period
		where r.kind = 'body' and p.id in (`+db.List(n, 1)+`) and r.state in ('sent', 'approved') and `+org.Within("r.unit", "p.date_to", n+1)+` order by p.date_to desc, r.unit`,
		append(db.Args(ids), org.WithinArgs(who, auth.Consolidate, today)...)...)
	if err != nil {
		return nil, nil, err
	}
	tops := who.Units(auth.Consolidate)
	for _, t := range waiting {
		turn, err := s.turnOf(ctx, tx, t.Unit, t.State)
		if err != nil {
			return nil, nil, err
		}
		if turn != auth.Consolidate {
			way, err := wayOf(ctx, tx, t.Unit, today)
			if err != nil {
				return nil, nil, err
			}
			if !way.SkipHead {
				continue
			}
		}
		piled[t.report] = true
		if out, err = addTo(ctx, tx, out, t, tops[0]); err != nil {
			return nil, nil, err
		}
	}
	return out, piled, nil
}

// pleas counts the bodies that wait for the office's answer on another day, by period.
func (s *Service) pleas(ctx context.Context, tx *db.Tx, who auth.Actor, f frameOf) (out []Pile, err error) {
	ids := f.ids()
	asking, err := s.collectTurns(ctx, tx, f, `select x.unit, p.id, '', '' from period_plea x join period p on p.id = x.period
		where x.outcome = '' and p.id in (`+db.List(len(ids), 1)+`) and `+org.Within("x.unit", "p.date_to", len(ids)+1)+` order by p.date_to desc, x.unit`,
		append(db.Args(ids), org.WithinArgs(who, auth.Consolidate, s.clock.Today())...)...)
	tops := who.Units(auth.Consolidate)
	for _, t := range asking {
		if out, err = addTo(ctx, tx, out, t, tops[0]); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (f frameOf) ids() []int64 {
	out := make([]int64, len(f.periods))
	for i, p := range f.periods {
		out[i] = p.ID
	}
	return out
}

// collectTurns reads unit, period, state and report of each row, and works out the day of each.
func (s *Service) collectTurns(ctx context.Context, tx *db.Tx, f frameOf, query string, args ...any) ([]Turn, error) {
	type row struct {
		unit, per int64
		state     State
		report    string
	}
	rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (x row, err error) {
		return x, rows.Scan(&x.unit, &x.per, &x.state, &x.report)
	}, query, args...)
	if err != nil {
		return nil, err
	}
	today := s.clock.Today()
	var out []Turn
	for _, x := range rows {
		p := f.periods[slices.IndexFunc(f.periods, func(p period.Period) bool { return p.ID == x.per })]
		u, err := org.FindID(ctx, tx, x.unit, p.To)
		if err != nil {
			return nil, err
		}
		t := Turn{Unit: u, Period: p, State: x.state, Begun: x.report != "", report: x.report}
		if t.Due, t.Extended, err = f.due(ctx, tx, u, p); err != nil {
			return nil, err
		}
		t.Asked = f.pleas[p.ID][u.ID]
		if t.Due != "" {
			if t.Left = f.calendar.Between(today, t.Due); t.Due < today {
				t.Left = -f.calendar.Late(t.Due, today)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// reasons adds to what came back why it did, and what has been mended since.
func (s *Service) reasons(ctx context.Context, tx *db.Tx, turns []Turn) error {
	for i, t := range turns {
		if t.State != StateReturned {
			continue
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		v := BodyView{Report: Report{ID: t.report, State: t.State}, Catalog: catalog.At(t.Period.To)}
		pl := place{t.Unit, t.Period}
		if v.Statements, err = s.StatementsIn(ctx, tx, auth.System(), t.Unit.ID, false, t.Period); err != nil {
			return err
		}
		if err := s.bodyRounds(ctx, tx, pl, &v); err != nil {
			return err
		}
		if len(v.Rounds) > 0 {
			turns[i].Back, turns[i].Reasons = v.Rounds[0].At, v.Reasons
		}
	}
	return nil
}

// Deadlines are the days of the reports that the actor fills in or hands in, for calendars.
func (s *Service) Deadlines(ctx context.Context, tx *db.Tx, who auth.Actor) ([]Deadline, error) {
	f, err := s.currentPeriods(ctx, tx)
	if err != nil || len(f.periods) == 0 || !who.Has(auth.Enter) && !who.Has(auth.Submit) {
		return nil, err
	}
	turns, err := s.owed(ctx, tx, who, f)
	if err != nil {
		return nil, err
	}
	kept := map[int64]map[int64]deadline{}
	now := s.clock.Now()
	var out []Deadline
	for _, t := range turns {
		if t.Due == "" {
			continue
		}
		if kept[t.Period.ID] == nil {
			if kept[t.Period.ID], err = deadlinesOf(ctx, tx, t.Period.ID); err != nil {
				return nil, err
			}
		}
		d := Deadline{Unit: t.Unit, Period: t.Period, Due: t.Due}
		d.Sequence, d.Stamp = kept[t.Period.ID][t.Unit.ID].now(t.Due, now)
		out = append(out, d)
	}
	return out, nil
}

// Deadline is the day of a body's report as a calendar has it.
type Deadline struct {
	Unit     org.Unit
	Period   period.Period
	Due      string
	Sequence int
	Stamp    time.Time
}
