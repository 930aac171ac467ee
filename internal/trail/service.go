package trail

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/account"
	"giaoban/internal/article"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/ledger"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/task"
)

// Houses are what trail looks into.
type Houses struct {
	DB         *db.DB
	Clock      *clock.Clock
	Accounts   *account.Service
	Units      *org.Service
	Periods    *period.Service
	Indicators *indicator.Service
	Reports    *report.Service
	Rules      *rule.Service
	Forms      *form.Service
	Tasks      *task.Service
	Briefings  *briefing.Service
	Articles   *article.Service
	Intake     *intake.Service
	Exchange   *exchange.Service
	Ledger     *ledger.Service
}

// Service is the house's verbs.
type Service struct{ Houses }

// New makes the house.
func New(h Houses) *Service { return &Service{h} }

const (
	systemName = "Hệ thống tự động"
	erasedName = account.ErasedName
)

const perPage = 50

// List reads a page of the trail and the place where the next, older one begins; none when this is the last.
func (s *Service) List(ctx context.Context, who auth.Actor, f Face, x Filter) (lines []Line, next Cursor, err error) {
	return s.page(ctx, who, f, x, perPage)
}

func (s *Service) page(ctx context.Context, who auth.Actor, f Face, x Filter, size int) (lines []Line, next Cursor, err error) {
	if err := who.Must(f.Permission); err != nil {
		return nil, next, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		lines, err = list(ctx, tx, who, f, x, s.Clock.Today(), size+1)
		return err
	})
	if err != nil || len(lines) <= size {
		return lines, next, err
	}
	last := lines[size-1]
	return lines[:size], Cursor{last.At, last.ID}, nil
}

// Each gives every line that fits, newest first, in portions: nobody's download holds a transaction open.
func (s *Service) Each(ctx context.Context, who auth.Actor, f Face, x Filter, do func(Line) error) error {
	for {
		lines, next, err := s.page(ctx, who, f, x, 500)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := do(l); err != nil {
				return err
			}
		}
		if next == (Cursor{}) {
			return nil
		}
		x.Before = next
	}
}

// One is an entry with its place in the chain.
type One struct {
	Line
	Place     audit.Place
	Sealed    bool
	Cells     []Cell // the numbers that it wrote
	MoreCells bool
}

// Find reads one entry.
func (s *Service) Find(ctx context.Context, who auth.Actor, f Face, id string) (one One, err error) {
	if err := who.Must(f.Permission); err != nil {
		return one, err
	}
	catalog, err := s.Indicators.Catalog(ctx)
	if err != nil {
		return one, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if one.Line, err = find(ctx, tx, who, f, id, s.Clock.Today()); err != nil {
			return err
		}
		stored, err := audit.Where(ctx, tx, `a.id = $1`, id) // whole, whatever the reader sees of it
		if err != nil {
			return err
		}
		if one.Place, one.Sealed, err = audit.PlaceOf(ctx, tx, stored[0]); err != nil || one.House != "figure" || one.Partial {
			return err
		}
		one.Cells, one.MoreCells, err = wrote(ctx, tx, catalog, one.Object)
		return err
	})
	return one, err
}

// Choice is what a filter can be set to.
type Choice struct {
	People []Person
	Units  []UnitName
}

// Person is somebody whom the trail may name.
type Person struct{ ID, Name string }

// most bounds the choices of a filter.
const most = 400

// Choices lists the people and the units in the reader's part; a list that would be longer than most is empty.
func (s *Service) Choices(ctx context.Context, who auth.Actor, f Face) (c Choice, err error) {
	if err := who.Must(f.Permission); err != nil {
		return c, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		c, err = choices(ctx, tx, who, f.Permission, s.Clock.Today())
		return err
	})
	return c, err
}

// Story is what was done to one thing.
type Story struct {
	Lines []Line
	Open  map[string]bool // entries that the reader may open
	Next  Cursor
}

// Of tells what was done to a thing that the reader may see: who, when and what; the rest is for those who may read the
// trail there.
func (s *Service) Of(ctx context.Context, who auth.Actor, kind, object string, before Cursor) (story Story, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return story, err
	}
	if err := s.look(ctx, who, kind, object); err != nil {
		return story, err
	}
	today := s.Clock.Today()
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		entries, err := about(ctx, tx, kind, object, before, perPage+1)
		if err != nil {
			return err
		}
		if len(entries) > perPage {
			entries = entries[:perPage]
			story.Next = Cursor{entries[perPage-1].At, entries[perPage-1].ID}
		}
		// The thing itself is before the reader, so its acts may be named; what they say is for the trail's readers.
		if story.Lines, err = dress(ctx, tx, auth.System(), auth.View, today, entries); err != nil {
			return err
		}
		ids := make([]string, len(entries))
		for i := range story.Lines {
			l := &story.Lines[i]
			ids[i] = l.ID
			l.Units, l.Beyond, l.Detail, l.Before, l.After, l.Figures, l.Address, l.Reason = nil, 0, "", "", "", "", "", ""
		}
		story.Open, err = seen(ctx, tx, who, face(who, kind), today, ids)
		return err
	})
	if err != nil {
		return story, fmt.Errorf("history of %s: %w", kind, err)
	}
	return story, nil
}

// face is the one in which a reader meets a house's acts.
func face(who auth.Actor, house string) Face {
	if !who.Has(auth.Audit) && Administrating.Shows(house) {
		return Administrating
	}
	return Auditing
}

// look answers not found where the thing's own page would. Each house keeps its rule; trail only asks.
func (s *Service) look(ctx context.Context, who auth.Actor, kind, object string) error {
	var err error
	switch kind {
	case "account":
		_, err = s.Accounts.Find(ctx, who, object)
	case "article":
		_, err = s.Articles.Find(ctx, who, object)
	case "briefing":
		_, err = s.Briefings.ByID(ctx, who, object)
	case "indicator":
		if err = who.Must(auth.View); err == nil {
			err = s.known(ctx, object)
		}
	case "package":
		_, _, _, err = s.Exchange.Sending(ctx, who, object)
	case "exchange":
		_, err = s.Exchange.Find(ctx, who, object)
	case "intake":
		_, err = s.Intake.Find(ctx, who, object)
	case "ledger":
		_, err = s.Ledger.Find(ctx, who, object)
	case "org":
		_, err = s.Units.Life(ctx, who, object)
	case "period":
		_, err = s.Periods.Find(ctx, who, object)
	case "report":
		if unit, code, body := strings.Cut(object, "/"); body {
			_, err = s.Reports.Body(ctx, who, unit, code)
		} else {
			_, err = s.Reports.ByID(ctx, who, object)
		}
	case "form":
		_, err = s.Forms.Find(ctx, who, object)
	case "rule":
		_, err = s.Rules.Find(ctx, who, object)
	case "task":
		_, err = s.Tasks.Find(ctx, who, object)
	default:
		err = fault.NotFound()
	}
	return err
}

// known tells whether an indicator is in the catalogue, which every reader may see.
func (s *Service) known(ctx context.Context, code string) error {
	c, err := s.Indicators.Catalog(ctx)
	if err != nil {
		return err
	}
	if _, ok := c.ByCode(code); !ok {
		return fault.NotFound()
	}
	return nil
}
