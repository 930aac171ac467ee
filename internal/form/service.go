package form

import (
	"context"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
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

const house = "form"

// MayEdit tells whether the actor may write forms: who edits the site's catalogue.
func (s *Service) MayEdit(ctx context.Context, who auth.Actor) (may bool, err error) {
	return s.indicators.MayEdit(ctx, who)
}

// edit runs a change of the site's forms: access first, then what to do.
func (s *Service) edit(ctx context.Context, who auth.Actor, do func(tx *db.Tx) error) error {
	if err := who.Must(auth.EditCatalog); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.EditCatalog, s.clock.Today()); err != nil {
			return err
		}
		return do(tx)
	})
}

// editForm is edit of one form that the editor saw in a version of its row; do may change the form's row.
func (s *Service) editForm(ctx context.Context, who auth.Actor, verb, code string, seen int, do func(tx *db.Tx, f *Form) (told, error)) error {
	return s.edit(ctx, who, func(tx *db.Tx) error {
		f, err := find(ctx, tx, code)
		if err != nil {
			return err
		}
		if f.Version != seen {
			return conflict()
		}
		what, err := do(tx, &f)
		if err != nil {
			return err
		}
		if err := touch(ctx, tx, f, seen); err != nil {
			return err
		}
		return s.tell(ctx, tx, who, verb, f, what)
	})
}

// told is what the trail keeps of a change.
type told struct {
	reason string
	detail map[string]any
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, who auth.Actor, verb string, f Form, what told) error {
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: house, Object: f.Code, Reason: what.reason, Detail: what.detail})
}

// Add makes a form with an empty draft, and answers its code.
func (s *Service) Add(ctx context.Context, who auth.Actor, f Form, name string) (string, error) {
	name = viet.Clean(name)
	if err := f.check(name); err != nil {
		return "", err
	}
	return f.Code, s.edit(ctx, who, func(tx *db.Tx) error {
		_, err := s.add(ctx, tx, who, f, Version{Name: name, Opens: -10, Closes: 5, Reminders: []int{-3, -1, 1}})
		return err
	})
}

func (s *Service) add(ctx context.Context, tx *db.Tx, who auth.Actor, f Form, first Version) (Form, error) {
	all, err := forms(ctx, tx)
	if err != nil {
		return f, err
	}
	f.ID, f.Ends, f.Version = db.NewID(), org.Forever, 1
	for _, other := range all {
		f.Ordinal = max(f.Ordinal, other.Ordinal+1)
	}
	if err := insertForm(ctx, tx, f, s.clock.Milli(), who.Person); err != nil {
		return f, err
	}
	first.Form, first.Number, first.State, first.MadeAt, first.MadeBy = f.ID, 1, Draft, s.clock.Milli(), who.Person
	if err := putVersion(ctx, tx, first); err != nil {
		return f, err
	}
	return f, audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "add", House: house, Object: f.Code, After: map[string]any{"name": first.Name, "kind": f.Kind}})
}

// draftIn reads the draft of a form with its content.
func draftIn(ctx context.Context, tx *db.Tx, f Form) (Version, error) {
	versions, err := versionsOf(ctx, tx, f.ID)
	if err != nil {
		return Version{}, err
	}
	if len(versions) == 0 || versions[0].State != Draft {
		return Version{}, fault.Refused("Biểu mẫu này không có bản nháp. Hãy lập bản mới rồi sửa.")
	}
	v := versions[0]
	return v, fill(ctx, tx, []*Version{&v})
}

// Change changes the draft of a form; seen is the version of the form's row that the editor saw. what names the change for
// the trail.
func (s *Service) Change(ctx context.Context, who auth.Actor, code string, seen int, what string, change func(v *Version) error) error {
	return s.editForm(ctx, who, "change", code, seen, func(tx *db.Tx, f *Form) (told, error) {
		v, err := draftIn(ctx, tx, *f)
		if err != nil {
			return told{}, err
		}
		v = v.clone() // the transaction may run twice
		if err := change(&v); err != nil {
			return told{}, err
		}
		if err := s.known(ctx, tx, v); err != nil {
			return told{}, err
		}
		return told{detail: map[string]any{"version": v.Number, "what": what}}, putVersion(ctx, tx, v)
	})
}

// known refuses an indicator that the catalogue has not.
func (s *Service) known(ctx context.Context, tx *db.Tx, v Version) error {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	for _, i := range v.Cells() {
		if _, ok := catalog.ByID(i.Indicator); !ok {
			return fault.Invalid("indicator", "Không có chỉ tiêu này trong danh mục.")
		}
	}
	return nil
}

// Begin makes the next version of a form: a draft with the content of the newest.
func (s *Service) Begin(ctx context.Context, who auth.Actor, code string, seen int) error {
	return s.editForm(ctx, who, "draft", code, seen, func(tx *db.Tx, f *Form) (told, error) {
		versions, err := versionsOf(ctx, tx, f.ID)
		if err != nil {
			return told{}, err
		}
		if versions[0].State == Draft {
			return told{}, fault.Refused("Biểu mẫu này đã có bản nháp. Hãy sửa bản đó.")
		}
		v := versions[0]
		if err := fill(ctx, tx, []*Version{&v}); err != nil {
			return told{}, err
		}
		v.Number, v.State, v.From, v.FromDay, v.Why, v.PublishedAt, v.PublishedBy = v.Number+1, Draft, "", "", "", 0, ""
		v.MadeAt, v.MadeBy = s.clock.Milli(), who.Person
		return told{detail: map[string]any{"version": v.Number}}, putVersion(ctx, tx, v)
	})
}

// Drop gives a draft up. The first version of a form cannot be given up: it is all that there is.
func (s *Service) Drop(ctx context.Context, who auth.Actor, code string, seen int) error {
	return s.editForm(ctx, who, "drop", code, seen, func(tx *db.Tx, f *Form) (told, error) {
		v, err := draftIn(ctx, tx, *f)
		if err != nil {
			return told{}, err
		}
		if v.Number == 1 {
			return told{}, fault.Refused("Đây là bản duy nhất của biểu mẫu nên không bỏ được.")
		}
		return told{detail: map[string]any{"version": v.Number}}, dropDraft(ctx, tx, v)
	})
}

// Publish makes the draft the version that is asked for from a period on. It stays as it is from then on.
func (s *Service) Publish(ctx context.Context, who auth.Actor, code string, seen int, from, why string) error {
	why = viet.Clean(why)
	if err := checkText("why", why, mostNote, fault.Invalid("why", "Hãy ghi lý do hoặc căn cứ ban hành.")); err != nil {
		return err
	}
	return s.editForm(ctx, who, "publish", code, seen, func(tx *db.Tx, f *Form) (told, error) {
		v, err := draftIn(ctx, tx, *f)
		if err != nil {
			return told{}, err
		}
		return s.publish(ctx, tx, who, *f, v, from, why)
	})
}

func (s *Service) publish(ctx context.Context, tx *db.Tx, who auth.Actor, f Form, v Version, from, why string) (told, error) {
	p, err := s.begins(ctx, tx, f, from)
	if err != nil {
		return told{}, err
	}
	if err := p.MustBeOpen(); err != nil {
		return told{}, err
	}
	versions, err := versionsOf(ctx, tx, f.ID)
	if err != nil {
		return told{}, err
	}
	for _, old := range versions {
		if old.State == Published && p.From <= old.FromDay {
			first, err := period.Parse(old.From)
			if err != nil {
				return told{}, err
			}
			return told{}, fault.Invalidf("from", "Bản %d đã dùng từ %s; bản mới phải bắt đầu từ kỳ sau.", old.Number, first)
		}
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return told{}, err
	}
	catalog = catalog.At(p.To)
	if err := v.ready(func(id int64) bool { _, ok := catalog.ByID(id); return ok }); err != nil {
		return told{}, err
	}
	v.State, v.From, v.FromDay, v.Why, v.PublishedAt, v.PublishedBy = Published, p.Code, p.From, why, s.clock.Milli(), who.Person
	return told{why, map[string]any{"version": v.Number, "from": p.Code}}, putVersion(ctx, tx, v)
}

// begins finds the period from which something of a form holds, made or not.
func (s *Service) begins(ctx context.Context, tx *db.Tx, f Form, code string) (period.Period, error) {
	asked, err := period.Parse(code)
	if err != nil || asked.Kind != f.Kind {
		return period.Period{}, fault.Invalidf("from", "Hãy chọn một kỳ loại “%s”.", fault.Word(period.KindName(f.Kind)))
	}
	found, err := period.FindID(ctx, tx, asked.ID)
	if fault.Is(err, fault.KindNotFound) {
		return asked, nil
	}
	return found, err
}

// Retire says that a form is asked no more from a period on.
func (s *Service) Retire(ctx context.Context, who auth.Actor, code string, seen int, from, reason string) error {
	reason = viet.Clean(reason)
	if err := checkText("reason", reason, mostNote, fault.Invalid("reason", "Hãy ghi lý do.")); err != nil {
		return err
	}
	return s.editForm(ctx, who, "retire", code, seen, func(tx *db.Tx, f *Form) (told, error) {
		p, err := s.begins(ctx, tx, *f, from)
		if err != nil {
			return told{}, err
		}
		if err := p.MustBeOpen(); err != nil {
			return told{}, err
		}
		f.Ends = p.From
		return told{reason, map[string]any{"from": p.Code}}, nil
	})
}

// Restore takes a form back into use.
func (s *Service) Restore(ctx context.Context, who auth.Actor, code string, seen int, reason string) error {
	reason = viet.Clean(reason)
	if err := checkText("reason", reason, mostNote, fault.Invalid("reason", "Hãy ghi lý do.")); err != nil {
		return err
	}
	return s.editForm(ctx, who, "restore", code, seen, func(_ *db.Tx, f *Form) (told, error) {
		f.Ends = org.Forever
		return told{reason: reason}, nil
	})
}

// AddStarter gives a site without any form the starter forms, asked of all units that report from a quarter on.
func (s *Service) AddStarter(ctx context.Context, who auth.Actor, from string) error {
	return s.edit(ctx, who, func(tx *db.Tx) error {
		have, err := forms(ctx, tx)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			return fault.Refused("Trang này đã có biểu mẫu nên không lập bộ biểu mẫu khởi đầu nữa.")
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		const why = "Bộ biểu mẫu khởi đầu theo danh mục chỉ tiêu"
		for _, x := range starter {
			sections := starterSections(catalog, x.topics, db.NewID)
			if len(sections) == 0 {
				continue
			}
			f, err := s.add(ctx, tx, who, Form{Code: x.code, Kind: period.Quarter}, Version{Name: x.name, Opens: -15, Closes: 1, Reminders: []int{-3, -1, 1}, Sections: sections})
			if err != nil {
				return fmt.Errorf("starter form %s: %w", x.code, err)
			}
			v, err := draftIn(ctx, tx, f)
			if err != nil {
				return err
			}
			what, err := s.publish(ctx, tx, who, f, v, from, why)
			if err == nil {
				err = s.tell(ctx, tx, who, "publish", f, what)
			}
			if err == nil {
				what, err = s.assign(ctx, tx, who, f, Assignment{From: from, Reason: why, Targets: []Target{{}}})
			}
			if err == nil {
				err = s.tell(ctx, tx, who, "assign", f, what)
			}
			if err != nil {
				return fmt.Errorf("starter form %s: %w", x.code, err)
			}
		}
		return nil
	})
}

// Sheaf is a form as its pages show it: with all its versions and assignments.
type Sheaf struct {
	Form
	Versions    []Version // the newest first, without content
	Assignments []Assignment
}

// List lists all forms with their versions and assignments.
func (s *Service) List(ctx context.Context, who auth.Actor) (out []Sheaf, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		all, err := forms(ctx, tx)
		if err != nil {
			return err
		}
		versions, err := db.Collect(ctx, tx, scanVersion, `select`+versionColumns+`from form_version v order by v.form, v.number desc`)
		if err != nil {
			return err
		}
		assignments, err := assignmentsOf(ctx, tx, "")
		if err != nil {
			return err
		}
		for _, f := range all {
			one := Sheaf{Form: f}
			for _, v := range versions {
				if v.Form == f.ID {
					one.Versions = append(one.Versions, v)
				}
			}
			for _, a := range assignments {
				if a.Form == f.ID {
					one.Assignments = append(one.Assignments, a)
				}
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// Find reads a form with its versions and assignments, and who made them.
func (s *Service) Find(ctx context.Context, who auth.Actor, code string) (out Sheaf, err error) {
	if err := who.Must(auth.View); err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out.Form, err = find(ctx, tx, code); err != nil {
			return err
		}
		if out.Versions, err = versionsOf(ctx, tx, out.ID); err != nil {
			return err
		}
		if out.Assignments, err = assignmentsOf(ctx, tx, out.ID); err != nil {
			return err
		}
		for n := range out.Versions {
			v := &out.Versions[n]
			for _, name := range []*string{&v.MadeBy, &v.PublishedBy} {
				if *name == "" {
					continue
				}
				if *name, err = audit.Name(ctx, tx, *name); err != nil {
					return err
				}
			}
		}
		for n := range out.Assignments {
			a := &out.Assignments[n]
			if a.MadeBy, err = audit.Name(ctx, tx, a.MadeBy); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Content reads one version of a form with its content.
func (s *Service) Content(ctx context.Context, who auth.Actor, code string, number int) (v Version, err error) {
	if err := who.Must(auth.View); err != nil {
		return v, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err := find(ctx, tx, code)
		if err != nil {
			return err
		}
		versions, err := versionsOf(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(versions, func(x Version) bool { return x.Number == number })
		if n < 0 {
			return fault.NotFound()
		}
		v = versions[n]
		return fill(ctx, tx, []*Version{&v})
	})
	return v, err
}

// newID makes the key of a section, an item or a column.
func newID() string { return db.NewID() }

// Remember notes that people are reminded of a unit's report for a period, and answers those who were not yet on this occasion: the
// others are not told again. An empty person stands for the body itself.
func Remember(ctx context.Context, tx *db.Tx, who auth.Actor, at, unit, period int64, step string, people []string) ([]string, error) {
	var fresh []string
	for _, person := range people {
		n, err := tx.Exec(ctx, `insert into form_reminder(person, unit, period, step, made, made_by) values ($1,$2,$3,$4,$5,$6)
			on conflict (unit, period, step, person) do nothing`, person, unit, period, step, at, who.Person)
		if err != nil {
			return nil, fmt.Errorf("remember a reminder: %w", err)
		}
		if n > 0 {
			fresh = append(fresh, person)
		}
	}
	return fresh, nil
}
