package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

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
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	units      *org.Service
	indicators *indicator.Service
	figures    *figure.Service
	reports    *report.Service
	codesOf    func(ctx context.Context, tx *db.Tx, who auth.Actor, scheme string) (Codes, error)
	schemes    func(ctx context.Context, tx *db.Tx) ([]SchemeName, error)
	packages   Packages
}

// New makes the house.
func New(d *db.DB, c *clock.Clock, units *org.Service, indicators *indicator.Service, figures *figure.Service, reports *report.Service) *Service {
	return &Service{db: d, clock: c, units: units, indicators: indicators, figures: figures, reports: reports}
}

// SchemeName is a table of another system's codes, to be chosen.
type SchemeName struct{ Code, Name string }

// LinkCodes says where the codes of other systems are kept, and which tables there are: for the house that keeps them.
func (s *Service) LinkCodes(of func(ctx context.Context, tx *db.Tx, who auth.Actor, scheme string) (Codes, error), names func(context.Context, *db.Tx) ([]SchemeName, error)) {
	s.codesOf, s.schemes = of, names
}

// Packages is who knows signed packages: the house that makes them.
type Packages interface {
	// Deliver reads a package and tells what it brings, as the site stands now. An error that is a fault says why it cannot come in.
	Deliver(ctx context.Context, tx *db.Tx, who auth.Actor, data []byte) (Delivery, error)
	// Taken follows the writing of its figures, in the same transaction.
	Taken(ctx context.Context, tx *db.Tx, who auth.Actor, p Plan, data []byte) error
	// GivenBack follows the undoing.
	GivenBack(ctx context.Context, tx *db.Tx, who auth.Actor, plan, reason string) error
}

// LinkPackages says who knows signed packages.
func (s *Service) LinkPackages(p Packages) { s.packages = p }

func (s *Service) deliver(ctx context.Context, tx *db.Tx, who auth.Actor, c *content, opt Options) (*content, error) {
	if s.packages == nil {
		return nil, fault.NotFound()
	}
	d, err := s.packages.Deliver(ctx, tx, who, c.parcel)
	if err != nil {
		return nil, err
	}
	return c.delivered(d, opt.Choices), nil
}

// errTried ends a preview that had to make units to see what follows: nothing is kept.
var errTried = errors.New("tried")

// Preview reads a file and tells what it would change. Nothing is written but the plan itself, with the file's bytes. An
// error that is a fault says why the file cannot be read at all.
func (s *Service) Preview(ctx context.Context, who auth.Actor, f File, opt Options) (Plan, error) {
	p, touched, err := s.preview(ctx, who, f, opt)
	if err != nil {
		return Plan{}, err
	}
	err = s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		if _, err := expire(ctx, tx, s.clock.Milli()); err != nil {
			return err
		}
		days, err := Files.In(ctx, tx)
		if err != nil {
			return err
		}
		if err := insert(ctx, tx, p, f.Data, s.clock.Now().AddDate(0, 0, int(days)).UnixMilli()); err != nil {
			return err
		}
		if err := touch(ctx, tx, p.ID, touched); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "preview", House: "intake", Object: p.ID, Units: slices.Collect(maps.Keys(touched)), Reason: p.File,
			Detail: map[string]any{"sha256": p.SHA256, "lines": len(p.Rows)},
		})
	})
	return p.Plan, err
}

func (s *Service) preview(ctx context.Context, who auth.Actor, f File, opt Options) (stored, map[int64]bool, error) {
	if err := who.Must(auth.Enter); err != nil {
		return stored{}, nil, err
	}
	c, err := s.read(ctx, who, f, opt)
	if err != nil {
		return stored{}, nil, err
	}
	sum := sha256.Sum256(f.Data)
	p := stored{Plan: Plan{
		ID: db.NewID(), File: viet.Clean(filepath.Base(f.Name)), SHA256: hex.EncodeToString(sum[:]), Size: len(f.Data), Kind: c.kind, Stage: Previewed,
		At: s.clock.Milli(), Person: who.Person, By: who.Name, Options: opt, Held: true,
	}}
	r, err := s.try(ctx, who, c, opt)
	if err != nil {
		return stored{}, nil, err
	}
	p.fill(r)
	return p, r.touched, nil
}

func (p *stored) fill(r *resolver) {
	p.Rows, p.Problems, p.Notes = r.lines, r.c.problems, r.c.notes
	p.Counts = count(p.Rows)
	if len(p.Rows) == 0 && len(p.Problems) == 0 && p.Kind != Signed { // the same package again has nothing to say
		p.Problems = append(p.Problems, Problem{p.File, "Tệp không có số liệu hay nội dung nào: các ô nhập đều trống."})
	}
}

// try resolves a file without keeping anything.
func (s *Service) try(ctx context.Context, who auth.Actor, c *content, opt Options) (*resolver, error) {
	var r *resolver
	run := func(tx *db.Tx) (err error) {
		if r, err = s.resolver(ctx, tx, who, c, opt); err != nil {
			return err
		}
		return r.run(ctx)
	}
	if len(c.units) == 0 {
		return r, s.db.Read(ctx, func(tx *db.Tx) error { return run(tx) })
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := run(tx); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return r, err
}

// read tells what a file says; headings of tables are compared with the units and indicators that the actor knows.
func (s *Service) read(ctx context.Context, who auth.Actor, f File, opt Options) (*content, error) {
	var n *names
	var units []org.Unit
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		base, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		n = newNames(tx, who, s.clock.Today(), base)
		units, err = n.list(ctx, auth.Enter, n.today)
		return err
	})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, u := range units {
		for _, name := range []string{u.Code, u.Name, u.Short} {
			known[viet.Fold(name)] = true
		}
	}
	c, err := read(f, lookup{
		unit: func(text string) bool { return known[viet.Fold(text)] },
		indicator: func(text string) bool {
			if _, _, ok := n.base.PartByCode(text); ok {
				return true
			}
			_, exact := n.base.Match(text, "")
			return exact
		},
	}, opt.Choices)
	if err != nil {
		return nil, err
	}
	if hash := catalogHash(n.base); slices.ContainsFunc(c.catalogs, func(of string) bool { return of != hash }) {
		c.remark(figureSheet, "Danh mục chỉ tiêu đã thay đổi từ khi lập biểu mẫu này; hãy xem kỹ các dòng bị từ chối.")
	}
	return c, nil
}

// Apply writes a plan in one transaction, after asking again what every line means now. Refused lines and open questions
// stop it unless they are to be skipped; a cell that has changed since the preview is shown again instead of overwritten.
func (s *Service) Apply(ctx context.Context, who auth.Actor, planID string, consent Consent) (Result, error) {
	if err := who.Must(auth.Enter); err != nil {
		return Result{}, err
	}
	var p stored
	var data []byte
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = find(ctx, tx, who, s.clock.Today(), "id", planID); err != nil {
			return err
		}
		data, err = fileOf(ctx, tx, planID)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	if p.Stage != Previewed {
		return Result{}, fault.Conflictf("Lần nhập này %s. Muốn nhập lại, hãy gửi lại tệp.", p.Stage)
	}
	p.Options.Consent = consent.over(p.Options.Choices)
	c, err := s.read(ctx, who, File{p.File, data}, p.Options)
	if err != nil {
		return Result{}, err
	}
	var out Result
	var moved *stored
	write := s.db.WriteGuarded
	if slices.ContainsFunc(c.figures, func(f figureRow) bool { return len(f.overlaps) > 0 }) || len(c.units) > 0 || c.parcel != nil {
		write = s.db.Write // rules that span rows
	}
	err = write(ctx, func(tx *db.Tx) error {
		moved = nil
		done := p
		out, err = s.apply(ctx, tx, who, &done, c)
		if fault.Is(err, fault.KindConflict) && len(done.Rows) > 0 {
			moved = &done
		}
		return err
	})
	if err != nil && moved != nil {
		// The newer values are kept in the plan, so that the page shows what has changed meanwhile.
		again := *moved
		again.Stage, again.Entry, again.DoneAt = Previewed, "", 0
		if keep := s.db.WriteGuarded(ctx, func(tx *db.Tx) error { return update(ctx, tx, again, Previewed) }); keep != nil {
			return Result{}, keep
		}
	}
	return out, err
}

// apply is the one transaction. On a conflict p holds the lines as they stand now.
func (s *Service) apply(ctx context.Context, tx *db.Tx, who auth.Actor, p *stored, c *content) (Result, error) {
	seen := map[string]Line{}
	for _, l := range p.Rows {
		seen[l.At] = l
	}
	r, err := s.resolver(ctx, tx, who, c, p.Options)
	if err != nil {
		return Result{}, err
	}
	r.names.ensure = true
	if err := r.run(ctx); err != nil {
		return Result{}, err
	}
	p.fill(r)
	if err := mayApply(p.Plan, seen); err != nil {
		if !fault.Is(err, fault.KindConflict) {
			p.Rows = nil
		}
		return Result{}, err
	}
	w := writing{s: s, tx: tx, who: who, p: p, r: r}
	if err := w.all(ctx); err != nil {
		p.Rows = nil // a conflict of another house: the preview stands
		return Result{}, err
	}
	if c.parcel != nil {
		if err := s.packages.Taken(ctx, tx, who, p.Plan, c.parcel); err != nil {
			p.Rows = nil
			return Result{}, err
		}
	}
	p.Stage, p.DoneAt = Applied, s.clock.Milli()
	if err := touch(ctx, tx, p.ID, r.touched); err != nil {
		return Result{}, err
	}
	if err := update(ctx, tx, *p, Previewed); err != nil {
		p.Rows = nil
		return Result{}, err
	}
	err = audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "apply", House: "intake", Object: p.ID, Units: slices.Collect(maps.Keys(r.touched)), Reason: p.File,
		Detail: map[string]any{"entry": p.Entry, "sha256": p.SHA256,
			"new": p.Counts.New, "changed": p.Counts.Changed, "skipped": p.Counts.Refused + p.Counts.Question},
	})
	return Result{Plan: p.ID, Entry: p.Entry, Counts: p.Counts}, err
}

// mayApply is the rule of what may be written.
func mayApply(p Plan, seen map[string]Line) error {
	if len(p.Problems) > 0 {
		return fault.Refusedf("Tệp còn %d lỗi nên chưa ghi: %s", len(p.Problems), first(p.Problems))
	}
	var moved, refused, unseen []Problem
	for _, l := range p.Rows {
		at := l.Where
		if at == "" {
			at = l.At
		}
		switch old, known := seen[l.At]; {
		case l.State == StateRefused || l.State == StateQuestion:
			if l.What == OfUnit || !p.Options.SkipRefused || p.Kind == Signed { // a package comes in whole or not at all
				refused = append(refused, Problem{at, l.Text})
			}
		case l.State != StateEqual && (!known || old.subject() != l.subject()):
			unseen = append(unseen, Problem{at, l.UnitName})
		case l.State != StateEqual && (l.What == OfFigure || l.What == OfTarget) && old.Seen != l.Seen:
			moved = append(moved, Problem{at, fmt.Sprintf("“%s” của %s nay là %s", l.IndicatorName, l.UnitName, orBlank(l.Before))})
		}
	}
	if len(moved) > 0 {
		return fault.Conflictf("Có %d ô vừa được người khác sửa sau khi xem trước, nên chưa ghi gì: %s. Hãy xem lại bảng rồi ghi tiếp.", len(moved), first(moved))
	}
	if len(unseen) > 0 {
		return fault.Conflictf("Có %d dòng chưa có trong bản xem trước, nên chưa ghi gì: %s. Hãy xem bảng dưới đây rồi ghi lại.", len(unseen), first(unseen))
	}
	if len(refused) > 0 && p.Kind == Signed {
		return fault.Refusedf("Gói được nhận cả hoặc không nhận; còn %d chỗ chưa xong: %s", len(refused), first(refused))
	}
	if len(refused) > 0 {
		return fault.Refusedf("Còn %d dòng bị từ chối hoặc chưa chọn, nên chưa ghi gì: %s Hãy sửa tệp, hoặc chọn bỏ qua các dòng này.", len(refused), first(refused))
	}
	return nil
}

func orBlank(text string) string {
	if text == "" {
		return "trống"
	}
	return text
}

// first names the first few problems.
func first(list []Problem) string {
	const most = 3
	var texts []string
	for _, p := range list[:min(most, len(list))] {
		texts = append(texts, p.Address+": "+p.Text)
	}
	return strings.Join(texts, " ")
}

// Import is Preview and Apply at once, for the command line. With DryRun nothing is kept, not even the plan, and the error is
// the one that the writing would meet.
func (s *Service) Import(ctx context.Context, who auth.Actor, f File, opt Options) (Plan, Result, error) {
	if opt.DryRun {
		p, _, err := s.preview(ctx, who, f, opt)
		if err != nil {
			return p.Plan, Result{}, err
		}
		return p.Plan, Result{Counts: p.Counts}, mayApply(p.Plan, byAddress(p.Rows))
	}
	p, err := s.Preview(ctx, who, f, opt)
	if err != nil {
		return p, Result{}, err
	}
	if err := mayApply(p, byAddress(p.Rows)); err != nil {
		return p, Result{Plan: p.ID, Counts: p.Counts}, err
	}
	out, err := s.Apply(ctx, who, p.ID, opt.Consent)
	if err != nil {
		return p, out, err
	}
	p.Stage, p.Entry = Applied, out.Entry
	return p, out, nil
}

func byAddress(lines []Line) map[string]Line {
	out := map[string]Line{}
	for _, l := range lines {
		out[l.At] = l
	}
	return out
}

// Find reads a plan with its lines, when it is the actor's own or all its units are the actor's to enter for.
func (s *Service) Find(ctx context.Context, who auth.Actor, id string) (Plan, error) {
	var p stored
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = find(ctx, tx, who, s.clock.Today(), "id", id)
		return err
	})
	return p.Plan, err
}

// OfEntry finds the plan whose import made an entry, for a trace.
func (s *Service) OfEntry(ctx context.Context, who auth.Actor, entry string) (Plan, error) {
	var p stored
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = find(ctx, tx, who, s.clock.Today(), "entry", entry)
		return err
	})
	return p.Plan, err
}

// choices are the units that the actor may enter for and the periods, for a table that names none, and the tables of codes.
func (s *Service) choices(ctx context.Context, who auth.Actor) (units []org.Unit, periods []period.Period, schemes []SchemeName, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if s.schemes != nil {
			if schemes, err = s.schemes(ctx, tx); err != nil {
				return err
			}
		}
		n := newNames(tx, who, s.clock.Today(), nil)
		if units, err = n.list(ctx, auth.Enter, n.today); err != nil {
			return err
		}
		periods, err = period.List(ctx, tx, "")
		return err
	})
	return units, periods, schemes, err
}

// List reads plans without their lines, the newest first, and how many there are.
func (s *Service) List(ctx context.Context, who auth.Actor, limit, skip int) (out []Plan, total int, err error) {
	if err := who.Must(auth.Enter); err != nil {
		return nil, 0, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, total, err = list(ctx, tx, who, s.clock.Today(), limit, skip)
		return err
	})
	return out, total, err
}

// Bytes gives the file that a plan was made from, while it is kept.
func (s *Service) Bytes(ctx context.Context, who auth.Actor, id string) (f File, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := find(ctx, tx, who, s.clock.Today(), "id", id)
		if err != nil {
			return err
		}
		f.Name = p.File
		f.Data, err = fileOf(ctx, tx, id)
		return err
	})
	return f, err
}

// Sweep drops the files whose time is over and tells how many.
func (s *Service) Sweep(ctx context.Context) (n int64, err error) {
	err = s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		now := s.clock.Milli()
		if n, err = expire(ctx, tx, now); err != nil {
			return err
		}
		return Files.Ran(ctx, tx, now, n)
	})
	return n, err
}
