package article

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db      *db.DB
	clock   *clock.Clock
	reports *report.Service
	meeting func(ctx context.Context, who auth.Actor, unitCode, periodCode string) (*Meeting, error)
}

// New makes the house. meeting answers the concluded briefing of a place for a period, nil where there is none.
func New(d *db.DB, c *clock.Clock, reports *report.Service, meeting func(context.Context, auth.Actor, string, string) (*Meeting, error)) *Service {
	return &Service{db: d, clock: c, reports: reports, meeting: meeting}
}

// Draft writes a news item from the frozen report of a place and period, and the conclusion where there is one.
func (s *Service) Draft(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Article, error) {
	if err := who.Must(auth.Edit); err != nil {
		return Article{}, err
	}
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := org.Visible(ctx, tx, who, auth.Edit, unitCode, s.clock.Today(), s.clock.Today())
		return err
	}); err != nil {
		return Article{}, err
	}
	issued, err := s.reports.Issued(ctx, who, unitCode, periodCode)
	if fault.Is(err, fault.KindNotFound) {
		return Article{}, fault.Refused("Chưa có báo cáo tổng hợp đã chốt của kỳ này. Hãy chốt báo cáo trước, để mọi con số trong bài đều có nguồn.")
	}
	if err != nil {
		return Article{}, err
	}
	frozen, err := s.reports.Frozen(ctx, who, issued.ID)
	if err != nil {
		return Article{}, err
	}
	m, err := s.meeting(ctx, who, unitCode, periodCode)
	if err != nil {
		return Article{}, err
	}
	text, numbers := write(frozen.Content, m)
	a := Article{ID: db.NewID(), Unit: issued.Unit, Period: issued.Period, Report: issued.ID, UpdatedAt: s.clock.Milli(), Numbers: numbers}
	a.Slug = viet.Slug(text.Title, 60) + "-" + a.ID[len(a.ID)-6:]
	text.Author = who.Name
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := insert(ctx, tx, a, text, who.Person); err != nil {
			return err
		}
		if a, err = find(ctx, tx, who, auth.Edit, a.ID, s.clock.Today()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "draft", House: "article", Object: a.ID, Units: []int64{a.Unit},
			Detail: map[string]any{"report": issued.ID},
		})
	})
	return a, err
}

// List lists the items that the actor may edit, newest first.
func (s *Service) List(ctx context.Context, who auth.Actor) ([]Article, error) {
	if err := who.Must(auth.Edit); err != nil {
		return nil, err
	}
	var out []Article
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = list(ctx, tx, who, s.clock.Today())
		return err
	})
	return out, err
}

// choices are the newest quarters and the site's top place, of which an item can be drafted.
func (s *Service) choices(ctx context.Context) (codes []string, top string, err error) {
	const most = 12
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		quarters, err := period.List(ctx, tx, period.Quarter)
		if err != nil {
			return err
		}
		for _, p := range quarters[:min(most, len(quarters))] {
			codes = append(codes, p.Code)
		}
		roots, err := org.Roots(ctx, tx, s.clock.Today())
		if len(roots) > 0 {
			top = roots[0].Code
		}
		return err
	})
	return codes, top, err
}

// Find reads an item in its newest version, for its editors.
func (s *Service) Find(ctx context.Context, who auth.Actor, id string) (Article, error) {
	var a Article
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		a, err = find(ctx, tx, who, auth.Edit, id, s.clock.Today())
		return err
	})
	return a, err
}

// Edit writes a new version. What readers see does not change until it is published again.
func (s *Service) Edit(ctx context.Context, who auth.Actor, id string, version int, t Text) error {
	return s.step(ctx, who, auth.Edit, id, version, "edit", "", func(tx *db.Tx, a *Article) error {
		if err := t.tidy(); err != nil {
			return err
		}
		if t == (Text{a.Title, a.Lead, a.Body, a.Author}) {
			return nil
		}
		a.Version++
		return insertVersion(ctx, tx, a.ID, a.Version, t, s.clock.Milli(), who.Person)
	})
}

// Publish shows the newest version to everybody.
func (s *Service) Publish(ctx context.Context, who auth.Actor, id string, version int) error {
	return s.step(ctx, who, auth.Publish, id, version, "publish", "", func(tx *db.Tx, a *Article) error {
		if a.State == Published && !a.Changed {
			return fault.Conflict("Bài này đã được đăng.")
		}
		a.State, a.RetractedWhy = Published, ""
		if a.PublishedAt == 0 {
			a.PublishedAt = s.clock.Milli()
		}
		_, err := tx.Exec(ctx, `update article_version set published = $3 where article = $1 and version = $2`, a.ID, a.Version, true)
		return err
	})
}

// Retract takes an item off the public page; the address then says that it was retracted.
func (s *Service) Retract(ctx context.Context, who auth.Actor, id string, version int, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.Invalid("why", "Hãy nêu lý do gỡ bài.")
	}
	return s.step(ctx, who, auth.Publish, id, version, "retract", why, func(_ *db.Tx, a *Article) error {
		if a.State != Published {
			return fault.Conflict("Bài này không ở trạng thái đã đăng.")
		}
		a.State, a.RetractedWhy = Retracted, why
		return nil
	})
}

func (s *Service) step(ctx context.Context, who auth.Actor, p auth.Permission, id string, version int, verb, reason string, fn func(*db.Tx, *Article) error) error {
	if err := who.Must(p); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := find(ctx, tx, who, p, id, s.clock.Today())
		if err != nil {
			return err
		}
		if a.Version != version {
			return fault.Conflict("Bài vừa được người khác sửa. Hãy mở lại trang để xem bản mới.")
		}
		if err := fn(tx, &a); err != nil {
			return err
		}
		if err := move(ctx, tx, a, version, s.clock.Milli()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: verb, House: "article", Object: id, Units: []int64{a.Unit},
			Reason: reason, Detail: map[string]any{"version": a.Version},
		})
	})
}

// Public reads a published item by its address, for everybody.
func (s *Service) Public(ctx context.Context, slug string) (Article, error) {
	var a Article
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		a, err = one(ctx, tx, `select`+columns+joined+`where a.slug = $1 and`+shown, slug)
		return err
	})
	return a, err
}

// mayTrace tells whether the numbers of an item open for this reader; the others read the table of sources.
func (s *Service) mayTrace(ctx context.Context, who auth.Actor, a Article) (bool, error) {
	if !who.Has(auth.View) {
		return false, nil
	}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := org.Visible(ctx, tx, who, auth.View, a.UnitCode, s.clock.Today(), s.clock.Today())
		return err
	})
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Latest lists published items, newest first.
func (s *Service) Latest(ctx context.Context, limit, offset int) ([]Article, error) {
	var out []Article
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = db.Collect(ctx, tx, scan, `select`+columns+joined+`where`+shown+`order by a.published_at desc, a.id limit $1 offset $2`, limit, offset)
		return err
	})
	return out, err
}

// Published counts the items that readers see.
func (s *Service) Published(ctx context.Context) (n int, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from article where state = $1`, string(Published)).Scan(&n)
	})
	return n, err
}

// Of finds the newest item of a place and period that the actor may edit, or the published one.
func (s *Service) Of(ctx context.Context, who auth.Actor, unit, period int64) (a Article, found bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		a, err = one(ctx, tx, `select`+columns+joined+`where a.unit = $1 and a.period = $2 and`+shown+`order by a.updated_at desc limit 1`, unit, period)
		if fault.Is(err, fault.KindNotFound) && who.Has(auth.Edit) {
			var all []Article
			if all, err = list(ctx, tx, who, s.clock.Today()); err != nil {
				return err
			}
			for _, x := range all {
				if x.Unit == unit && x.Period == period {
					a, found = x, true
					return nil
				}
			}
			return nil
		}
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		found = err == nil
		return err
	})
	if err != nil {
		return a, false, fmt.Errorf("news item of unit %d: %w", unit, err)
	}
	return a, found, nil
}
