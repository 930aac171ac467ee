package report

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// The words with which the names of occasions begin.
const (
	toSend   = "gui"   // the body has still to hand in
	toHead   = "duyet" // the head's turn
	toOffice = "nhan"  // the office's turn
	toOthers = "thay"  // bodies without people of their own have still to hand in: the turn of those who do it for them
	byHand   = "tay"   // the office reminds
)

// again is how long the office does not remind a body by hand a second time.
const again = time.Hour

// Reminded is what became of reminding by hand.
type Reminded struct {
	Bodies, People int
	Just           int      // bodies that were reminded within the last hour, and so were not
	Alone          []string // names of bodies that nobody is on the site for: to be called
}

// Remind reminds bodies, by their codes, that their report is due. No code at all means every body of the board that is late. Who was
// reminded by hand within the last hour is not reminded again.
func (s *Service) Remind(ctx context.Context, who auth.Actor, unitCode, periodCode string, codes []string) (out Reminded, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		out = Reminded{}
		if _, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode); err != nil {
			return err
		}
		p, err := s.progressIn(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		now := s.clock.Milli()
		lately, err := form.RemindedIn(ctx, tx, p.Period.ID, byHand)
		if err != nil {
			return err
		}
		for _, l := range p.Lines {
			if !l.Owes() || len(codes) == 0 && l.Days == 0 || len(codes) > 0 && !slices.Contains(codes, l.Unit.Code) {
				continue
			}
			if last := lately[l.Unit.ID].Last; last != 0 && now-last < again.Milliseconds() {
				out.Just++
				continue
			}
			people, err := s.actors(ctx, tx, l.Unit.ID)
			if err == nil && len(people) == 0 {
				var above map[int64]notice.Keeper
				above, err = notice.Above(ctx, tx, auth.Enter, auth.Consolidate, []int64{l.Unit.ID}, s.clock.Today())
				people = above[l.Unit.ID].People
			}
			if err != nil {
				return err
			}
			if len(people) == 0 {
				out.Alone = append(out.Alone, l.Unit.Name)
				continue
			}
			note := notice.Note{Kind: notice.Asked, Path: BodyPath(l.Unit.Code, p.Period), Text: "%s: văn phòng nhắc gửi báo cáo %s, hạn %s",
				Args: []string{l.Unit.Name, p.Period.Name(), viet.FormatDate(l.Deadline())}}
			told, err := s.remind(ctx, tx, who, p.Period, l.Unit.Unit, byHand+"/"+strconv.FormatInt(now, 10), people, note)
			if err != nil {
				return err
			}
			out.Bodies, out.People = out.Bodies+1, out.People+told
		}
		switch {
		case out.Bodies+len(out.Alone) > 0:
		case out.Just > 0:
			return fault.Refused("Các đơn vị này vừa được nhắc trong một giờ qua. Hãy đợi, hoặc gọi điện theo danh sách.")
		default:
			return fault.Refused("Không còn đơn vị nào cần nhắc: các đơn vị đã gửi báo cáo.")
		}
		return nil
	})
	return out, err
}

// actors are those who fill in and send a body's reports.
func (s *Service) actors(ctx context.Context, tx *db.Tx, unit int64) ([]string, error) {
	people, err := notice.Holders(ctx, tx, auth.Enter, unit, s.clock.Today())
	if err != nil {
		return nil, err
	}
	senders, err := notice.Holders(ctx, tx, auth.Submit, unit, s.clock.Today())
	return both(people, senders), err
}

// both joins two lists of people, each person once.
func both(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// remind tells people, those who have not been told on this occasion.
func (s *Service) remind(ctx context.Context, tx *db.Tx, who auth.Actor, p period.Period, u org.Unit, step string, people []string, n notice.Note) (told int, err error) {
	fresh, err := form.Remember(ctx, tx, who, s.clock.Milli(), u.ID, p.ID, step, people)
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	if err := notice.Tell(ctx, tx, s.clock.Milli(), fresh, n); err != nil {
		return 0, err
	}
	return len(fresh), audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "remind", House: "report", Object: place{u, p}.object(), Units: []int64{u.ID},
		Detail: map[string]any{"people": strconv.Itoa(len(fresh)), "occasion": step}})
}

// due is a reminder that stands today, with those whom it is for and who have not had it.
type due struct {
	unit   org.Unit
	state  State // of the report when it was looked at; what has moved since is not reminded of
	step   string
	people []string
	note   notice.Note
}

// RemindAll reminds, for every open period, those whose turn it is: the body while its report has not come, its head while it waits for
// them, the office while it waits there. It may run again and again, in several processes: nobody is told twice on one occasion. It also
// notes which deadlines have moved.
func (s *Service) RemindAll(ctx context.Context) error {
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
	for _, p := range periods {
		if !s.current(p) {
			continue
		}
		for _, root := range roots {
			if err := s.remindPeriod(ctx, root, p, today); err != nil {
				return err
			}
		}
	}
	return nil
}

// current tells whether anybody may still be waited for in a period: it is open, has begun, and ended less than a year ago.
func (s *Service) current(p period.Period) bool {
	now := s.clock.Now()
	return p.MustBeOpen() == nil && p.From <= now.Format(time.DateOnly) && p.To >= now.AddDate(-1, 0, 0).Format(time.DateOnly)
}

func (s *Service) remindPeriod(ctx context.Context, root org.Unit, p period.Period, today string) error {
	var list []due
	var moved []deadline
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		board, err := s.progressIn(ctx, tx, auth.System(), root.Code, p.Code)
		if err != nil || len(board.Lines) == 0 {
			return err
		}
		if moved, err = movedDeadlines(ctx, tx, board); err != nil {
			return err
		}
		list, err = s.dueToday(ctx, tx, board, today)
		return err
	}); err != nil {
		return err
	}
	if len(list)+len(moved) == 0 {
		return nil // an idle site does not write
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := keepDeadlines(ctx, tx, moved, s.clock.Milli()); err != nil {
			return err
		}
		for _, d := range list {
			if moved, err := s.movedOn(ctx, tx, d, p); err != nil || moved {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := s.remind(ctx, tx, auth.System(), p, d.unit, d.step, d.people, d.note); err != nil {
				return err
			}
		}
		return nil
	})
}

// movedOn tells whether a body's report is no longer where it was when its reminder was worked out.
func (s *Service) movedOn(ctx context.Context, tx *db.Tx, d due, p period.Period) (bool, error) {
	if d.state == stateOfMany {
		return false, nil
	}
	r, err := findAt(ctx, tx, auth.System(), auth.View, s.clock.Today(), d.unit.ID, p.ID, KindBody)
	if fault.Is(err, fault.KindNotFound) {
		err = nil
	}
	return r.State != d.state, err
}

// stateOfMany stands in a reminder that is about many reports.
const stateOfMany State = "many"

// dueToday works out who is to be reminded today and has not been.
func (s *Service) dueToday(ctx context.Context, tx *db.Tx, board Progress, today string) ([]due, error) {
	calendar, err := form.CalendarIn(ctx, tx)
	if err != nil || !calendar.Working(today) {
		return nil, err
	}
	plan, err := reminderPlan(ctx, tx, today)
	if err != nil {
		return nil, err
	}
	at := map[int64]string{} // the occasion of each body that has one
	for _, l := range board.Lines {
		if name, ok := plan.occasion(calendar, l.Deadline(), today, board.named(l)); ok {
			at[l.Unit.ID] = name
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	list, waiting, others, err := s.bodiesDue(ctx, tx, board, at, today)
	if err != nil {
		return nil, err
	}
	offices, err := s.keepersDue(ctx, tx, board, waiting, today, notice.Note{Kind: notice.Waiting, Text: "%s: %s báo cáo %s đang chờ văn phòng duyệt, tiếp nhận"}, auth.Consolidate, "", toOffice)
	if err != nil {
		return nil, err
	}
	officers, err := s.keepersDue(ctx, tx, board, others, today, notice.Note{Kind: notice.Due, Text: "%s: %s báo cáo %s của các đơn vị bạn nhập thay chưa gửi, mời xem hạn"}, auth.Enter, auth.Consolidate, toOthers)
	if err != nil {
		return nil, err
	}
	had, err := form.Occasions(ctx, tx, board.Period.ID)
	if err != nil {
		return nil, err
	}
	var out []due
	for _, d := range slices.Concat(list, offices, officers) {
		d.people = slices.DeleteFunc(d.people, func(person string) bool { return had[form.Occasion{Person: person, Unit: d.unit.ID, Step: d.step}] })
		if len(d.people) > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

// bodiesDue are the reminders of those who fill in and send, and of heads. waiting are the bodies whose reports wait for the office,
// others those that have still to send and have nobody of their own who does.
func (s *Service) bodiesDue(ctx context.Context, tx *db.Tx, board Progress, at map[int64]string, today string) (list []due, waiting, others map[int64]string, err error) {
	units := slices.Sorted(maps.Keys(at))
	holders := map[auth.Permission]map[int64][]string{}
	for _, p := range []auth.Permission{auth.Enter, auth.Submit, auth.Approve} {
		if holders[p], err = notice.HoldersOf(ctx, tx, p, units, today); err != nil {
			return nil, nil, nil, err
		}
	}
	waiting, others = map[int64]string{}, map[int64]string{}
	for _, l := range board.Lines {
		id := l.Unit.ID
		name, ok := at[id]
		if !ok {
			continue
		}
		turn, err := s.turnOf(ctx, tx, l.Unit.Unit, l.State)
		if err != nil {
			return nil, nil, nil, err
		}
		note := notice.Note{Path: BodyPath(l.Unit.Code, board.Period), Args: []string{l.Unit.Name, board.Period.Name(), viet.FormatDate(l.Deadline())}}
		switch {
		case turn == auth.Submit:
			note.Kind, note.Text = notice.Due, "%s: báo cáo %s đến hạn gửi ngày %s"
			switch {
			case l.State == StateReturned:
				note.Text = "%s: báo cáo %s bị trả lại, chưa gửi lại (hạn %s)"
			case l.Deadline() < today:
				note.Text = "%s: báo cáo %s đã quá hạn gửi (hạn %s), mời gửi sớm"
			}
			people := both(holders[auth.Enter][id], holders[auth.Submit][id])
			if len(people) == 0 {
				others[id] = name
			}
			list = append(list, due{l.Unit.Unit, l.State, toSend + "/" + name, people, note})
		case turn == auth.Approve && len(holders[auth.Approve][id]) > 0:
			note.Kind, note.Text = notice.Waiting, "%s: báo cáo %s đang chờ lãnh đạo duyệt (hạn %s)"
			list = append(list, due{l.Unit.Unit, l.State, toHead + "/" + name, slices.Clone(holders[auth.Approve][id]), note})
		case turn != auth.SignedIn: // the office's, or that of a head who is not on the site
			waiting[id] = name
		}
	}
	return list, waiting, others, nil
}

// keepersDue are the reminders of those who look after many bodies: one each, however many of these it is about. note lacks its page and
// what fills it: the unit, the number of reports, the period.
func (s *Service) keepersDue(ctx context.Context, tx *db.Tx, board Progress, bodies map[int64]string, today string, note notice.Note, p, without auth.Permission, word string) ([]due, error) {
	if len(bodies) == 0 {
		return nil, nil
	}
	above, err := notice.Above(ctx, tx, p, without, slices.Sorted(maps.Keys(bodies)), today)
	if err != nil {
		return nil, err
	}
	count := map[int64]int{}
	names := map[int64][]string{}
	people := map[int64][]string{}
	for body, k := range above {
		count[k.Unit]++
		names[k.Unit] = append(names[k.Unit], bodies[body])
		people[k.Unit] = k.People
	}
	var out []due
	for _, id := range slices.Sorted(maps.Keys(count)) {
		u, err := org.FindID(ctx, tx, id, board.Period.To)
		if err != nil {
			return nil, err
		}
		note.Path, note.Args = boardPath(u.Code, board.Period), []string{u.Name, strconv.Itoa(count[id]), board.Period.Name()}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names[id]))) {
			out = append(out, due{u, stateOfMany, word + "/" + name, slices.Clone(people[id]), note})
		}
	}
	return out, nil
}

// named are the days that the forms asked of a body name for reminders.
func (p Progress) named(l Standing) []int {
	var out []int
	for n, c := range l.Cells {
		if c.Asked && c.Due == l.Deadline() {
			out = append(out, p.Forms[n].Content.Reminders...)
		}
	}
	return out
}

// turnOf says whose turn it is: Submit is the body's, Approve its head's, Consolidate the office's, SignedIn nobody's.
func (s *Service) turnOf(ctx context.Context, tx *db.Tx, u org.Unit, state State) (auth.Permission, error) {
	switch {
	case !state.Given():
		return auth.Submit, nil
	case state.Accepted():
		return auth.SignedIn, nil
	case state == StateApproved:
		return auth.Consolidate, nil
	}
	way, err := wayOf(ctx, tx, u, s.clock.Today())
	if way.SkipHead && !way.SkipOffice {
		return auth.Consolidate, err
	}
	return auth.Approve, err
}

// reminderPlan reads the plan that holds on a day.
func reminderPlan(ctx context.Context, tx *db.Tx, day string) (ReminderPlan, error) {
	list, err := db.Collect(ctx, tx, scanPlan, planColumns+` where valid_from <= $1 order by valid_from desc, at desc, id limit 1`, day)
	if err != nil || len(list) == 0 {
		return StandardReminders, err
	}
	return list[0], nil
}

const planColumns = `select id, valid_from, before_days, after_days, every, most, reason, at, coalesce((select p.name from person p where p.id = report_reminder_plan.person), '')
	from report_reminder_plan`

func scanPlan(rows *sql.Rows) (p ReminderPlan, err error) {
	var before, after string
	if err := rows.Scan(&p.ID, &p.ValidFrom, &before, &after, &p.Every, &p.Most, &p.Reason, &p.At, &p.By); err != nil {
		return p, err
	}
	if p.Before, err = numberList("before", before); err != nil {
		return p, err
	}
	p.After, err = numberList("after", after)
	return p, err
}

// ReminderPlans lists what the site has said about reminders, the latest first. An empty list stands for StandardReminders.
func (s *Service) ReminderPlans(ctx context.Context, who auth.Actor) ([]ReminderPlan, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, err
	}
	var out []ReminderPlan
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		var err error
		out, err = db.Collect(ctx, tx, scanPlan, planColumns+` order by valid_from desc, at desc, id`)
		return err
	})
	return out, err
}

// SetReminders says from a day on when people are reminded.
func (s *Service) SetReminders(ctx context.Context, who auth.Actor, p ReminderPlan) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into report_reminder_plan(id, valid_from, before_days, after_days, every, most, reason, at, person) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			db.NewID(), p.ValidFrom, daysText(p.Before), daysText(p.After), p.Every, p.Most, p.Reason, s.clock.Milli(), who.Person); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "reminders", House: "report", Object: "reminders", Reason: p.Reason,
			After: map[string]any{"from": p.ValidFrom, "before": p.Before, "after": p.After, "every": p.Every, "most": p.Most}})
	})
}
