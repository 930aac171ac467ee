package rule

import (
	"context"
	"strings"
	"unicode/utf8"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	indicators *indicator.Service
	figures    *figure.Service
}

// New makes the house.
func New(d *db.DB, c *clock.Clock, indicators *indicator.Service, figures *figure.Service) *Service {
	return &Service{db: d, clock: c, indicators: indicators, figures: figures}
}

const house = "rule"

// starterSetting remembers that the site has been given the starter rules: those that it ends or changes do not come back.
const starterSetting = "rule.starter"

// EnsureStarter gives a site the starter rules, once. The catalogue must be there.
func (s *Service) EnsureStarter(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		done, err := setting.Get(ctx, tx, starterSetting, "")
		if err != nil || done != "" {
			return err
		}
		for _, r := range starter() {
			r.ID, r.Version = db.NewID(), 1
			r.MadeAt, r.MadeBy = s.clock.Milli(), auth.System().Person
			if err := insert(ctx, tx, r); err != nil {
				return err
			}
		}
		return setting.Put(ctx, tx, starterSetting, "1")
	})
}

// MayEdit tells whether the actor may write rules: who edits the site's catalogue.
func (s *Service) MayEdit(ctx context.Context, who auth.Actor) (may bool, err error) {
	return s.indicators.MayEdit(ctx, who)
}

// List lists the newest version of each rule, those in use first.
func (s *Service) List(ctx context.Context, who auth.Actor) (out []Rule, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = list(ctx, tx)
		return err
	})
	return out, err
}

// Find reads all versions of a rule, the newest first, with the names of those who made them.
func (s *Service) Find(ctx context.Context, who auth.Actor, id string) (out []Rule, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out, err = versions(ctx, tx, id); err != nil {
			return err
		}
		for i := range out {
			if out[i].MadeBy, err = audit.Name(ctx, tx, out[i].MadeBy); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Add makes a rule and answers its id.
func (s *Service) Add(ctx context.Context, who auth.Actor, r Rule) (string, error) {
	r.ID, r.Version = db.NewID(), 0
	return r.ID, s.put(ctx, who, r, "add")
}

// Change makes the next version of a rule; r.Version is the one that the editor saw.
func (s *Service) Change(ctx context.Context, who auth.Actor, r Rule) error {
	return s.put(ctx, who, r, "change")
}

// Switch switches a rule off, or on again.
func (s *Service) Switch(ctx context.Context, who auth.Actor, id string, version int, off bool) error {
	if err := who.Must(auth.EditCatalog); err != nil {
		return err
	}
	all, err := s.Find(ctx, auth.System(), id)
	if err != nil {
		return err
	}
	r := all[0]
	r.Off, r.Version = off, version
	verb := "switch-on"
	if off {
		verb = "switch-off"
	}
	return s.put(ctx, who, r, verb)
}

func (s *Service) put(ctx context.Context, who auth.Actor, r Rule, verb string) error {
	if err := who.Must(auth.EditCatalog); err != nil {
		return err
	}
	var bad fault.List
	if err := bad.Add(r.check()); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.EditCatalog, s.clock.Today()); err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		wrong := bad
		if r.Expr != "" {
			if _, err := Parse(r.Expr, catalog); err != nil {
				_ = wrong.Add(err)
			}
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		var before any
		if r.Version > 0 {
			all, err := versions(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			if all[0].Version != r.Version {
				return fault.Conflict("Quy tắc này vừa được người khác thay đổi. Hãy mở lại trang rồi thử lại.")
			}
			before = told(all[0])
		}
		next := r
		next.Version, next.MadeAt, next.MadeBy = r.Version+1, s.clock.Milli(), who.Person
		if err := insert(ctx, tx, next); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: next.MadeAt, Verb: verb, House: house, Object: r.ID, Before: before, After: told(next)})
	})
}

// told is a rule as the trail keeps it.
func told(r Rule) map[string]any {
	return map[string]any{"name": r.Name, "expr": r.Expr, "message": r.Message, "severity": r.Severity, "kind": r.Kind, "from": r.From, "to": r.To, "off": r.Off}
}

// CheckIn finds the rules that a unit's submitted figures of a period break, the hard ones first. Who may ask is org's to say.
func (s *Service) CheckIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period) ([]Finding, error) {
	rules, err := list(ctx, tx)
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	asked, err := readable(rules, catalog, func(r Rule) bool { return r.Holds(unit.Kind, p.To) })
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	known, err := s.gather(ctx, tx, who, catalog, unit, p, asked, func(figure.Version) bool { return true })
	if err != nil {
		return nil, err
	}
	notes, err := notesOf(ctx, tx, unit.ID, p.ID)
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, severity := range Severities {
		for _, a := range asked {
			if a.rule.Severity != severity || a.expr.judge(known.figures) != broken {
				continue
			}
			f := Finding{Rule: a.rule, Figures: known.shown(a.expr, unit.Code)}
			if n := notes[a.rule.ID]; n.Text != "" && n.Figures == f.key() {
				if n.By, err = audit.Name(ctx, tx, n.By); err != nil {
					return nil, err
				}
				f.Note = &n
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// gather reads the figures that rules may name: the targets, and the given ones that are wanted.
func (s *Service) gather(ctx context.Context, tx *db.Tx, who auth.Actor, catalog *indicator.Catalog, unit org.Unit, p period.Period, asked []asked,
	wanted func(figure.Version) bool,
) (*known, error) {
	known := newKnown(catalog, p)
	given, err := s.figures.OwnIn(ctx, tx, who, figure.Submitted, unit, known.periods)
	if err != nil {
		return nil, err
	}
	for _, v := range given {
		if wanted(v) {
			known.take(v)
		}
	}
	if known.year.ID != 0 && needsPlan(asked) {
		plans, err := s.figures.PlansIn(ctx, tx, who, unit, known.year)
		if err != nil {
			return nil, err
		}
		known.plan(plans)
	}
	return known, nil
}

// Settle asks of a report that is about to be sent that no hard rule is broken, and that each broken soft one is explained:
// by now, or by notes (rule id -> text), which are kept. What is missing comes back as faults at the fields
// "note-<rule id>".
func (s *Service) Settle(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period, notes map[string]string) error {
	found, err := s.CheckIn(ctx, tx, who, unit, p)
	if err != nil {
		return err
	}
	var bad fault.List
	var keep []Note
	for _, f := range found {
		field := NoteField(f.Rule.ID)
		switch text := viet.Clean(notes[f.Rule.ID]); {
		case f.Rule.Severity == Hard:
			_ = bad.Add(fault.Invalidf("", "%s: %s (%s).", f.Rule.Name, strings.TrimSuffix(f.Rule.Message, "."), f.Text()))
		case utf8.RuneCountInString(text) > MostNote:
			_ = bad.Add(fault.Invalidf(field, "Giải trình dài quá %d ký tự.", MostNote))
		case text != "" && (f.Note == nil || f.Note.Text != text):
			keep = append(keep, Note{Rule: f.Rule.ID, Figures: f.key(), Text: text, By: who.Person, At: s.clock.Milli()})
		case text == "" && f.Note == nil:
			_ = bad.Add(fault.Invalidf(field, "Hãy giải trình: %s", f.Rule.Name))
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	for _, n := range keep {
		if err := insertNote(ctx, tx, unit.ID, p.ID, n); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: n.At, Verb: "explain", House: house, Object: n.Rule, Units: []int64{unit.ID}, Detail: map[string]any{"period": p.Code, "figures": n.Figures}, After: n.Text,
		}); err != nil {
			return err
		}
	}
	return nil
}

// NoteField is the form's field of a rule's explanation.
func NoteField(rule string) string { return "note-" + rule }

// asked is a rule with its expression read.
type asked struct {
	rule Rule
	expr *Expr
}

// readable reads the expressions of the rules that are wanted. One that the catalogue has outgrown says nothing: the list of
// rules shows it as such.
func readable(rules []Rule, catalog *indicator.Catalog, wanted func(Rule) bool) ([]asked, error) {
	var out []asked
	for _, r := range rules {
		if !wanted(r) {
			continue
		}
		e, err := Parse(r.Expr, catalog)
		if fault.Is(err, fault.KindInvalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, asked{r, e})
	}
	return out, nil
}

func needsPlan(all []asked) bool {
	for _, a := range all {
		if a.expr.names(plan) {
			return true
		}
	}
	return false
}
