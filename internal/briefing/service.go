package briefing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	indicators *indicator.Service
	figures    *figure.Service
	reports    *report.Service
	tasks      *task.Service
}

// New makes the house.
func New(d *db.DB, c *clock.Clock, indicators *indicator.Service, figures *figure.Service, reports *report.Service, tasks *task.Service) *Service {
	return &Service{db: d, clock: c, indicators: indicators, figures: figures, reports: reports, tasks: tasks}
}

// Convening is what calls a briefing together. Without participants, those of the place's bodies are taken from the
// offices of that day.
type Convening struct {
	Unit   string // code of the place
	Period string // code
	Plan
	Participants []Participant
}

// Convene calls the briefing of a place for a period and makes its agenda. A place has one briefing a period; after a
// cancelled one it can have another.
func (s *Service) Convene(ctx context.Context, who auth.Actor, c Convening) (id string, err error) {
	if err := who.Must(auth.Brief); err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		b := Briefing{ID: db.NewID(), State: Convened}
		at := s.clock.Milli()
		if err := b.set(c.Plan, at); err != nil {
			return err
		}
		p, err := period.Ensure(ctx, tx, c.Period)
		if err != nil {
			return err
		}
		u, err := org.Visible(ctx, tx, who, auth.Brief, c.Unit, b.Day, s.clock.Today())
		if err != nil {
			return err
		}
		if u.Kind != org.Place || !u.Alive(b.Day) {
			return fault.Invalid("unit", "Hãy chọn địa bàn còn hoạt động vào ngày họp.")
		}
		b.Unit, b.Period, id = u.ID, p.ID, b.ID
		var standing bool
		if err := tx.QueryRow(ctx, `select exists (select 1 from briefing where unit = $1 and period = $2 and state <> 'cancelled')`, u.ID, p.ID).Scan(&standing); err != nil {
			return err
		}
		if standing {
			return fault.Conflict(fmt.Sprintf("%s đã có hội nghị giao ban %s.", u.Name, p.Name()))
		}
		if err := insert(ctx, tx, b, at); err != nil {
			return fmt.Errorf("insert briefing: %w", err)
		}
		people := c.Participants
		if len(people) == 0 {
			if people, err = s.suggest(ctx, tx, who, u, b.Day); err != nil {
				return err
			}
		}
		for _, one := range people {
			if err := one.tidy(); err != nil {
				return err
			}
			one.ID = ""
			if err := s.mayInvite(ctx, tx, who, one.Unit, b.Day); err != nil {
				return err
			}
			if err := putParticipant(ctx, tx, b.ID, one); err != nil {
				return err
			}
		}
		b.UnitCode, b.PeriodCode = u.Code, p.Code
		if err := s.build(ctx, tx, who, b); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: at, Verb: "convene", House: "briefing", Object: b.ID, Units: []int64{b.Unit},
			Reason: b.Venue, Detail: map[string]any{"unit": u.Code, "period": p.Code, "start": b.Start.Format(time.RFC3339)},
		})
	})
	return id, err
}

// mayInvite refuses a body outside the actor's place: an invitation opens the briefing to that body's people.
func (s *Service) mayInvite(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, day string) error {
	if unit == 0 {
		return nil
	}
	u, err := org.FindID(ctx, tx, unit, day)
	if err != nil {
		return err
	}
	_, err = org.Visible(ctx, tx, who, auth.Brief, u.Code, day, s.clock.Today())
	return err
}

// suggest lists the bodies of a place with the office that stands first in each on a day.
func (s *Service) suggest(ctx context.Context, tx *db.Tx, who auth.Actor, place org.Unit, day string) ([]Participant, error) {
	bodies, err := s.bodiesOf(ctx, tx, who, place, day)
	if err != nil {
		return nil, err
	}
	var out []Participant
	for _, b := range bodies {
		p := Participant{Role: Member, Unit: b.ID, UnitCode: b.Code, UnitName: b.Name, Title: "Đại diện lãnh đạo"}
		offices, err := standing(ctx, tx, b.ID, day)
		if err != nil {
			return nil, err
		}
		if len(offices) > 0 {
			p.Person, p.Title = offices[0].Person, offices[0].Title
		}
		out = append(out, p)
	}
	return out, nil
}

// bodiesOf lists the bodies that stand at a place itself, not at the places below it.
func (s *Service) bodiesOf(ctx context.Context, tx *db.Tx, who auth.Actor, place org.Unit, day string) ([]org.Node, error) {
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, place.ID, day, s.clock.Today())
	return slices.DeleteFunc(nodes, func(n org.Node) bool { return n.Kind != org.Body || n.Parent != place.ID }), err
}

// standing lists the offices of a unit on a day by rank.
func standing(ctx context.Context, tx *db.Tx, unit int64, day string) ([]org.Office, error) {
	offices, err := org.OfficesOf(ctx, tx, unit)
	offices = slices.DeleteFunc(offices, func(o org.Office) bool { return o.ValidFrom > day || day >= o.ValidTo })
	slices.SortStableFunc(offices, func(a, b org.Office) int { return a.Rank - b.Rank })
	return offices, err
}

// change runs a step on the briefing's own row. seen is the version that the actor saw.
func (s *Service) change(ctx context.Context, who auth.Actor, id string, seen int, verb string, fn func(*db.Tx, *Briefing) (reason string, err error)) error {
	if err := who.Must(auth.Brief); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := find(ctx, tx, who, auth.Brief, id, s.clock.Today(), atPlace)
		if err != nil {
			return err
		}
		before := b.State
		reason, err := fn(tx, &b)
		if err != nil {
			return err
		}
		if err := update(ctx, tx, b, seen); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: verb, House: "briefing", Object: id, Units: []int64{b.Unit},
			Reason: reason, Detail: map[string]any{"sequence": b.Sequence}, Before: before, After: b.State,
		})
	})
}

// Replan changes when, where and how the briefing is called together, until it is concluded.
func (s *Service) Replan(ctx context.Context, who auth.Actor, id string, version int, p Plan) error {
	return s.change(ctx, who, id, version, "replan", func(_ *db.Tx, b *Briefing) (string, error) {
		if err := b.mustBeOpen(); err != nil {
			return "", err
		}
		return b.Venue, b.set(p, s.clock.Milli())
	})
}

// Hold records that the briefing has begun.
func (s *Service) Hold(ctx context.Context, who auth.Actor, id string, version int) error {
	return s.change(ctx, who, id, version, "hold", func(_ *db.Tx, b *Briefing) (string, error) { return "", b.hold() })
}

// Cancel calls the briefing off; its calendar entry then says so.
func (s *Service) Cancel(ctx context.Context, who auth.Actor, id string, version int, reason string) error {
	return s.change(ctx, who, id, version, "cancel", func(_ *db.Tx, b *Briefing) (string, error) {
		return viet.Clean(reason), b.cancel(reason, s.clock.Milli())
	})
}

// Conclude fixes the conclusion with its hash and makes its tasks, all or nothing, once. It answers the tasks.
func (s *Service) Conclude(ctx context.Context, who auth.Actor, id string, version int, c Closing) (tasks []task.Task, err error) {
	err = s.change(ctx, who, id, version, "conclude", func(tx *db.Tx, b *Briefing) (string, error) {
		if err := b.conclude(who.Person, c, s.clock.Milli()); err != nil {
			return "", err
		}
		tasks, err = s.tasks.CreateIn(ctx, tx, who, b.tasks())
		return b.Hash, err
	})
	return tasks, err
}

// NumberNotice gives the notice of a concluded briefing its number and date, once: they are given when it is signed, and
// are no part of what was concluded.
func (s *Service) NumberNotice(ctx context.Context, who auth.Actor, id string, version int, n Number) error {
	return s.change(ctx, who, id, version, "number", func(_ *db.Tx, b *Briefing) (string, error) {
		n.Number = viet.Clean(n.Number)
		switch _, err := time.Parse(time.DateOnly, n.Date); {
		case b.State != Concluded:
			return "", fault.Refused("Chỉ đánh số thông báo kết luận sau khi hội nghị đã kết luận.")
		case b.Notice.Number != "":
			return "", fault.Conflict("Thông báo kết luận đã có số " + b.Notice.Number + ".")
		case n.Number == "" || err != nil || n.Date < b.Day:
			return "", fault.Invalid("number", "Hãy ghi số và ngày của thông báo; ngày không trước ngày họp.")
		}
		b.Notice = n
		return n.Number, nil
	})
}

// Supplement adds to a conclusion that stands, or corrects it, beside it and with the reason. document names what it was
// issued as, and may be empty; day is its ISO date.
func (s *Service) Supplement(ctx context.Context, who auth.Actor, id string, x Supplement) error {
	if err := who.Must(auth.Brief); err != nil {
		return err
	}
	x.Text, x.Reason, x.Document = viet.Clean(x.Text), viet.Clean(x.Reason), viet.Clean(x.Document)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := head(ctx, tx, who, auth.Brief, id, s.clock.Today(), atPlace)
		if err != nil {
			return err
		}
		if x.Day == "" {
			x.Day = s.clock.Today()
		}
		var bad fault.List
		if b.State != Concluded {
			return fault.Refused("Hội nghị chưa kết luận: hãy sửa thẳng vào nội dung kết luận.")
		}
		if x.Text == "" {
			_ = bad.Add(fault.Invalid("text", "Hãy ghi nội dung bổ sung, điều chỉnh."))
		}
		if x.Reason == "" {
			_ = bad.Add(fault.Invalid("reason", "Hãy nêu lý do bổ sung, điều chỉnh."))
		}
		if _, err := time.Parse(time.DateOnly, x.Day); err != nil || x.Day < b.Day {
			_ = bad.Add(fault.Invalid("day", "Ngày bổ sung không thể trước ngày họp."))
		}
		if err := bad.Err(); err != nil {
			return err
		}
		n, err := nextOrdinal(ctx, tx, "briefing_supplement", id)
		if err != nil {
			return err
		}
		at := s.clock.Milli()
		if _, err := tx.Exec(ctx, `insert into briefing_supplement(id, briefing, ordinal, at, person, day, document, reason, text)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, db.NewID(), id, n, at, who.Person, x.Day, x.Document, x.Reason, x.Text); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: at, Verb: "supplement", House: "briefing", Object: id, Units: []int64{b.Unit}, Reason: x.Reason})
	})
}

// build makes the agenda, or brings it up to date, from the open tasks and what has been reported.
func (s *Service) build(ctx context.Context, tx *db.Tx, who auth.Actor, b Briefing) error {
	open, err := s.tasks.OpenIn(ctx, tx, who, b.Unit, b.Day)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(t task.Task) bool { return t.Briefing == b.ID })
	reported, err := s.reportedIn(ctx, tx, who, b)
	if err != nil {
		return err
	}
	return storeItems(ctx, tx, b.ID, b.Items, BuildAgenda(b.Items, open, reported, b.Day))
}
