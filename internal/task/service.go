package task

import (
	"context"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
)

// Service is the house's verbs.
type Service struct {
	db      *db.DB
	clock   *clock.Clock
	figures *figure.Service
}

// New makes the house.
func New(d *db.DB, c *clock.Clock, figures *figure.Service) *Service {
	return &Service{db: d, clock: c, figures: figures}
}

// Filter chooses tasks. The zero Filter is all that the actor may see.
type Filter struct {
	Unit       int64 // the place that asks (or was merged into this one)
	Body       int64 // leads or works along
	State      State // Open includes what was sent back
	Overdue    bool
	Unfinished bool // not yet accepted or cancelled
	Briefing   string
	Text       string // part of the text; marks need not be typed
}

// Counts is how many tasks there are. Open are worked on (sent back ones too), Overdue are among them; AcceptedLate are
// among the accepted.
type Counts struct {
	Total, Open, Overdue, Reported, Accepted, AcceptedLate, Cancelled, Asked int
}

// CreateIn makes tasks in the transaction of the conclusion that asks for them and gives them their ids. The actor must
// hold Brief at the place and at each body that is asked.
func (s *Service) CreateIn(ctx context.Context, tx *db.Tx, who auth.Actor, tasks []Task) ([]Task, error) {
	if err := who.Must(auth.Brief); err != nil {
		return nil, err
	}
	out := make([]Task, len(tasks))
	for i, t := range tasks {
		if t.Day == "" {
			t.Day = s.clock.Today()
		}
		if err := t.check(); err != nil {
			return nil, err
		}
		for _, unit := range append([]int64{t.Unit, t.Lead}, t.With...) {
			if err := s.mayAsk(ctx, tx, who, unit, t.Day); err != nil {
				return nil, err
			}
		}
		if err := s.aim(ctx, tx, who, &t); err != nil {
			return nil, err
		}
		t.ID, t.State, t.OriginalDue, t.Made, t.Version = db.NewID(), Open, t.Due, s.clock.Milli(), 1
		if err := insert(ctx, tx, t); err != nil {
			return nil, err
		}
		e := Event{Number: 1, At: t.Made, Person: who.Person, By: who.Name, Kind: EventMade, Due: t.Due}
		if err := insertEvent(ctx, tx, t.ID, e); err != nil {
			return nil, err
		}
		t.Events = []Event{e}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: t.Made, Verb: "create", House: "task", Object: t.ID, Units: []int64{t.Unit, t.Lead},
			Reason: t.Text, Detail: map[string]any{"lead": t.Lead, "due": t.Due, "briefing": t.Briefing, "point": t.Point},
		}); err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

// mayAsk refuses a body outside the actor's place, or one that does not exist on that day.
func (s *Service) mayAsk(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, day string) error {
	u, err := org.FindID(ctx, tx, unit, day)
	if err != nil {
		return err
	}
	if _, err := org.Visible(ctx, tx, who, auth.Brief, u.Code, day, s.clock.Today()); err != nil {
		return err
	}
	if !u.Alive(day) {
		return fault.Invalidf("lead", "%s không còn hoạt động vào ngày giao nhiệm vụ.", u.Name)
	}
	return nil
}

// act runs one step of a task: scope, rule, event, store, audit.
func (s *Service) act(ctx context.Context, who auth.Actor, p auth.Permission, scope func(int) string, id string, version int, rule func(*Task) (Event, error)) error {
	if err := who.Must(p); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := find(ctx, tx, who, p, id, s.clock.Today(), scope)
		if err != nil {
			return err
		}
		before := t.stand()
		e, err := rule(&t)
		if err != nil {
			return err
		}
		if err := update(ctx, tx, t, version); err != nil {
			return err
		}
		e.Number, e.At, e.Person = len(t.Events)+1, s.clock.Milli(), who.Person
		if err := insertEvent(ctx, tx, id, e); err != nil {
			return fmt.Errorf("task %s: %w", id, err)
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: e.At, Verb: string(e.Kind), House: "task", Object: id, Units: []int64{t.Unit, t.Lead},
			Reason: e.Text, Before: before, After: t.stand(),
		})
	})
}

// stand is what the trail shows of a task before and after a step.
func (t Task) stand() map[string]any {
	return map[string]any{"state": t.State, "due": t.Due, "share": t.Share}
}

// leadOnly is the scope of what only the lead answers for; placeOnly of what only the place decides.
func leadOnly(first int) string  { return org.Within("t.lead", "t.day", first) }
func placeOnly(first int) string { return org.Within("t.unit", "t.day", first) }

// Progress reports how far a task has come: share in hundredths, what was done, and what shows it (a link or a text).
// The lead's people and those of the co-ordinating bodies may.
func (s *Service) Progress(ctx context.Context, who auth.Actor, id string, version, share int, text, evidence string) error {
	return s.act(ctx, who, auth.Do, doers, id, version, func(t *Task) (Event, error) { return t.progress(share, text, evidence) })
}

// AskExtension asks for a later due date (ISO) for a reason.
func (s *Service) AskExtension(ctx context.Context, who auth.Actor, id string, version int, due, reason string) error {
	return s.act(ctx, who, auth.Do, leadOnly, id, version, func(t *Task) (Event, error) { return t.askExtension(due, reason) })
}

// DecideExtension grants or refuses what was asked. A granted extension moves the due date; the first one stays known.
func (s *Service) DecideExtension(ctx context.Context, who auth.Actor, id string, version int, grant bool, reason string) error {
	return s.act(ctx, who, auth.Judge, placeOnly, id, version, func(t *Task) (Event, error) { return t.decideExtension(who, grant, reason) })
}

// ReportDone says that a task is done, with the evidence that the conclusion asked for.
func (s *Service) ReportDone(ctx context.Context, who auth.Actor, id string, version int, text, evidence string) error {
	return s.act(ctx, who, auth.Do, leadOnly, id, version, func(t *Task) (Event, error) { return t.reportDone(s.clock.Today(), text, evidence) })
}

// Accept takes a result as done. Nobody accepts the result that they reported themselves.
func (s *Service) Accept(ctx context.Context, who auth.Actor, id string, version int, text string) error {
	return s.act(ctx, who, auth.Judge, placeOnly, id, version, func(t *Task) (Event, error) { return t.accept(who, text) })
}

// SendBack returns a result with the reason; the task runs on with its due date.
func (s *Service) SendBack(ctx context.Context, who auth.Actor, id string, version int, reason string) error {
	return s.act(ctx, who, auth.Judge, placeOnly, id, version, func(t *Task) (Event, error) { return t.sendBack(who, reason) })
}

// Cancel ends a task that is no longer asked for.
func (s *Service) Cancel(ctx context.Context, who auth.Actor, id string, version int, reason string) error {
	return s.act(ctx, who, auth.Judge, placeOnly, id, version, func(t *Task) (Event, error) { return t.cancel(reason) })
}

// Find reads a task with its history.
func (s *Service) Find(ctx context.Context, who auth.Actor, id string) (t Task, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		t, err = find(ctx, tx, who, auth.View, id, s.clock.Today(), visible)
		return err
	})
	return t, err
}

// List reads tasks, late ones first, and how many there are in all. perPage 0 reads all.
func (s *Service) List(ctx context.Context, who auth.Actor, f Filter, page, perPage int) (out []Task, total int, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, total, err = s.ListIn(ctx, tx, who, f, page, perPage)
		return err
	})
	return out, total, err
}

// ListIn is List within a transaction.
func (s *Service) ListIn(ctx context.Context, tx *db.Tx, who auth.Actor, f Filter, page, perPage int) ([]Task, int, error) {
	if err := who.Must(auth.View); err != nil {
		return nil, 0, err
	}
	today := s.clock.Today()
	c, err := count(ctx, tx, filtered(who, f, today), today)
	if err != nil {
		return nil, 0, err
	}
	out, err := list(ctx, tx, filtered(who, f, today), today, perPage, max(0, page-1)*perPage)
	if err != nil {
		return nil, 0, err
	}
	return out, c.Total, fill(ctx, tx, out, false)
}

// OpenIn reads what a place has asked for and what is not finished by a day, each with its history, late ones first: the
// first item of the next briefing's agenda. Tasks given after that day are left out.
func (s *Service) OpenIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, day string) ([]Task, error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	q := filtered(who, Filter{Unit: unit, Unfinished: true}, s.clock.Today())
	q.where = append(q.where, `t.day <= `+q.arg(day))
	out, err := list(ctx, tx, q, day, 0, 0)
	if err != nil {
		return nil, err
	}
	return out, fill(ctx, tx, out, true)
}

// MineIn reads what is the actor's own to do, late ones first: tasks that bodies of theirs lead, and results and extensions that wait for
// them to judge. At most so many of each, and how many there are.
func (s *Service) MineIn(ctx context.Context, tx *db.Tx, who auth.Actor, most int) (lead, judge []Task, leads, judges int, err error) {
	today := s.clock.Today()
	take := func(p auth.Permission, unit, state string) (out []Task, n int, err error) {
		if !who.Has(p) {
			return nil, 0, nil
		}
		narrow := func() *query {
			q := &query{args: org.WithinArgs(who, p, today)}
			q.where = append(q.where, org.Within(unit, "t.day", 1), org.Own(unit, 1), state)
			return q
		}
		c, err := count(ctx, tx, narrow(), today)
		if err != nil || c.Total == 0 {
			return nil, 0, err
		}
		if out, err = list(ctx, tx, narrow(), today, most, 0); err != nil {
			return nil, 0, err
		}
		return out, c.Total, fill(ctx, tx, out, false)
	}
	if lead, leads, err = take(auth.Do, "t.lead", `t.state in ('open', 'returned')`); err != nil {
		return nil, nil, 0, 0, err
	}
	judge, judges, err = take(auth.Judge, "t.unit", `(t.state = 'reported' or t.state in ('open', 'returned') and t.asked <> '')`)
	return lead, judge, leads, judges, err
}

// OfBriefingIn reads all tasks of a briefing's conclusion, each with its history, in the order of its points.
func (s *Service) OfBriefingIn(ctx context.Context, tx *db.Tx, who auth.Actor, briefing string) ([]Task, error) {
	q := filtered(who, Filter{Briefing: briefing}, s.clock.Today())
	out, err := list(ctx, tx, q, s.clock.Today(), 0, 0)
	if err != nil {
		return nil, err
	}
	byPoint(out)
	return out, fill(ctx, tx, out, true)
}

// CountsIn counts a place's tasks as they stand today (unit 0: all that the actor may see).
func (s *Service) CountsIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, day string) (Counts, error) {
	if err := who.Must(auth.View); err != nil {
		return Counts{}, err
	}
	return count(ctx, tx, filtered(who, Filter{Unit: unit}, s.clock.Today()), day)
}

// Counts counts the tasks of a filter as they stand today.
func (s *Service) Counts(ctx context.Context, who auth.Actor, f Filter) (c Counts, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, err = count(ctx, tx, filtered(who, f, s.clock.Today()), s.clock.Today())
		return err
	})
	return c, err
}

// Bodies lists the bodies that lead tasks the actor may see.
func (s *Service) Bodies(ctx context.Context, who auth.Actor) (out []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = bodies(ctx, tx, who, s.clock.Today())
		return err
	})
	return out, err
}

// May is what an actor may do to a task in its present state.
type May struct {
	Progress, Ask, Decide, Report, Judge, Cancel bool
	Leader                                       bool // see the page of the lead body
}

// May asks which steps are open to the actor, by scope and state; a step that is not is not offered.
func (s *Service) May(ctx context.Context, who auth.Actor, t Task) (May, error) {
	var m May
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		holds := func(p auth.Permission, scope func(int) string) (bool, error) {
			if !who.Has(p) {
				return false, nil
			}
			_, err := find(ctx, tx, who, p, t.ID, s.clock.Today(), scope)
			if fault.Is(err, fault.KindNotFound) {
				return false, nil
			}
			return err == nil, err
		}
		doer, err := holds(auth.Do, doers)
		if err != nil {
			return err
		}
		lead, err := holds(auth.Do, leadOnly)
		if err != nil {
			return err
		}
		judge, err := holds(auth.Judge, placeOnly)
		if err != nil {
			return err
		}
		leader, err := holds(auth.View, leadOnly)
		if err != nil {
			return err
		}
		running := t.State.running()
		m = May{
			Leader:   leader,
			Progress: doer && running, Ask: lead && running && t.Asked == "", Report: lead && running,
			Decide: judge && t.Asked != "" && !t.lastBy(EventAsked, who),
			Judge:  judge && t.State == Reported && !t.lastBy(EventReported, who),
			Cancel: judge && !t.State.Closed(),
		}
		return nil
	})
	return m, err
}
