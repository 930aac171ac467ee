package period

import (
	"context"
	"strings"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db    *db.DB
	clock *clock.Clock
}

// New makes the house.
func New(d *db.DB, c *clock.Clock) *Service { return &Service{db: d, clock: c} }

// List reads the periods of a kind, or all, the latest first.
func (s *Service) List(ctx context.Context, who auth.Actor, kind string) (out []Period, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = List(ctx, tx, kind)
		return err
	})
	return out, err
}

// Find reads one period.
func (s *Service) Find(ctx context.Context, who auth.Actor, code string) (p Period, err error) {
	if err := who.Must(auth.View); err != nil {
		return Period{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, err = Find(ctx, tx, code)
		return err
	})
	return p, err
}

// History lists what was done to a period, newest first.
func (s *Service) History(ctx context.Context, who auth.Actor, p Period) (out []audit.Deed, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = audit.Deeds(ctx, tx, "period", p.Code)
		return err
	})
	return out, err
}

// MayManage tells whether the actor may open and close the site's periods.
func (s *Service) MayManage(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.Consolidate, s.clock.Today())
		return err
	})
	return may, err
}

// Cutoff reads the cut-off that new periods get.
func (s *Service) Cutoff(ctx context.Context) (cut Cutoff, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		cut, err = readCutoff(ctx, tx)
		return err
	})
	return cut, err
}

// Today is the period of a calendar kind that holds the site's day, by the site's cut-off, whether it is made or not.
func (s *Service) Today(ctx context.Context, kind string) (Period, error) {
	cut, err := s.Cutoff(ctx)
	if err != nil {
		return Period{}, err
	}
	p, ok := On(kind, s.clock.Today(), cut)
	if !ok {
		return Period{}, fault.NotFound()
	}
	return p, nil
}

// Make makes a period that the site has not yet, so that reports for it can be asked for. An empty due day takes the
// site's standard.
func (s *Service) Make(ctx context.Context, who auth.Actor, code, due string) (p Period, err error) {
	err = s.manage(ctx, who, func(tx *db.Tx) error {
		asked, err := Parse(code)
		if err != nil {
			return err
		}
		if _, err := FindID(ctx, tx, asked.ID); err == nil {
			return fault.Invalidf("period", "Kỳ %s đã có trong danh sách.", asked)
		} else if !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if p, err = Ensure(ctx, tx, code); err != nil {
			return err
		}
		if due != "" {
			if err := checkDue(p, due); err != nil {
				return err
			}
			p.Due = due
			if err := update(ctx, tx, p, p.Version); err != nil {
				return err
			}
			p.Version++
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "make", House: "period", Object: p.Code, After: map[string]any{"from": p.From, "to": p.To, "due": p.Due}})
	})
	return p, err
}

// Close ends the entry of figures for a period. The reason stands in the audit.
func (s *Service) Close(ctx context.Context, who auth.Actor, code string, version int, reason string) error {
	return s.turn(ctx, who, code, version, reason, Closed)
}

// Reopen lets figures in again.
func (s *Service) Reopen(ctx context.Context, who auth.Actor, code string, version int, reason string) error {
	return s.turn(ctx, who, code, version, reason, Open)
}

func (s *Service) turn(ctx context.Context, who auth.Actor, code string, version int, reason string, to State) error {
	reason = viet.Clean(reason)
	if reason == "" {
		return fault.Invalid("reason", "Hãy ghi lý do.")
	}
	return s.manage(ctx, who, func(tx *db.Tx) error {
		p, err := Find(ctx, tx, code)
		if err != nil {
			return err
		}
		verb := "close"
		switch {
		case p.State == to && to == Closed:
			return fault.Refusedf("Kỳ %s đã khoá sổ từ trước.", p)
		case p.State == to:
			return fault.Refusedf("Kỳ %s đang mở.", p)
		case to == Open:
			verb = "reopen"
		}
		old := p.State
		p.State = to
		if err := update(ctx, tx, p, version); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "period", Object: p.Code, Reason: reason, Before: old, After: to})
	})
}

// SetDue sets the day (ISO) that reports for a period are due; empty takes it away.
func (s *Service) SetDue(ctx context.Context, who auth.Actor, code, due string, version int) error {
	due = strings.TrimSpace(due)
	return s.manage(ctx, who, func(tx *db.Tx) error {
		p, err := Find(ctx, tx, code)
		if err != nil {
			return err
		}
		if due != "" {
			if err := checkDue(p, due); err != nil {
				return err
			}
		}
		old := p.Due
		p.Due = due
		if err := update(ctx, tx, p, version); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "due", House: "period", Object: p.Code, Before: old, After: due})
	})
}

// checkDue refuses a day that is none, or one before the period has begun: a slip of the year.
func checkDue(p Period, due string) error {
	if _, err := time.Parse(time.DateOnly, due); err != nil {
		return fault.Invalid("due", "Hãy ghi hạn nộp báo cáo, ví dụ 25/9/2019.")
	}
	if due < p.From {
		return fault.Invalidf("due", "Hạn nộp báo cáo phải sau ngày đầu kỳ (%s).", viet.FormatDate(p.From))
	}
	return nil
}

func (s *Service) manage(ctx context.Context, who auth.Actor, fn func(*db.Tx) error) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		return fn(tx)
	})
}
