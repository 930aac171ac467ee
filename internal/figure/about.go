package figure

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// About is all that stands around one cell of a unit's sheet.
type About struct {
	Unit      org.Unit
	Period    period.Period
	Indicator indicator.Indicator
	Part      indicator.Part
	Now       Standing
	Past      []Past // the last twelve periods of the kind, oldest first, this one last
	Rivals    []Rival
	Comments  []Comment
	Evidence  []Evidence
	MaySay    bool // whether the reader may add a comment or a file
}

// Past is the cell in one period. A period that was never made has no figure.
type Past struct {
	Period period.Period
	Value
	Raw string
}

// Comment is what somebody has said about a cell.
type Comment struct {
	At       int64
	By, Text string
}

const (
	howFarBack  = 12
	mostComment = 1000
	mostFiles   = 20 // of one cell
)

// About reads a cell with its past and what people have said and shown about it.
func (s *Service) About(ctx context.Context, who auth.Actor, unit, code, cell string) (About, error) {
	if err := who.Must(auth.View); err != nil {
		return About{}, err
	}
	var out About
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		c, err := s.cell(ctx, tx, who, &out, unit, code, cell)
		if err != nil {
			return err
		}
		now, err := standsIn(ctx, tx, c)
		if err != nil {
			return err
		}
		out.Now = *now
		if out.Past, err = s.past(ctx, tx, who, out, c); err != nil {
			return err
		}
		if out.Rivals, err = rivalsOf(ctx, tx, c); err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		for i := range out.Rivals {
			if err := out.Rivals[i].explain(ctx, tx, catalog.At(out.Period.To)); err != nil {
				return err
			}
		}
		if err := said(ctx, tx, c, &out); err != nil {
			return err
		}
		switch err := org.MaySee(ctx, tx, who, auth.Enter, out.Unit.ID, s.clock.Today()); {
		case err == nil:
			out.MaySay = who.Has(auth.Enter)
		case !fault.Is(err, fault.KindNotFound):
			return err
		}
		return nil
	})
	return out, err
}

// cell finds a cell that the actor may see, and fills in what it is.
func (s *Service) cell(ctx context.Context, tx *db.Tx, who auth.Actor, out *About, unit, code, cell string) (Cell, error) {
	var err error
	if out.Unit, out.Period, err = s.place(ctx, tx, who, unit, code); err != nil {
		return Cell{}, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return Cell{}, err
	}
	var ok bool
	if out.Indicator, out.Part, ok = catalog.At(out.Period.To).PartByCode(cell); !ok || out.Indicator.Across == indicator.Ratio {
		return Cell{}, fault.NotFound()
	}
	return Cell{out.Unit.ID, out.Period.ID, out.Indicator.ID, out.Part.Part}, nil
}

func (s *Service) past(ctx context.Context, tx *db.Tx, who auth.Actor, a About, c Cell) ([]Past, error) {
	var periods []period.Period
	for p := a.Period; len(periods) < howFarBack; {
		periods = append(periods, p)
		before, err := made(ctx, tx, p.Previous())
		if err != nil {
			return nil, err
		}
		if before.Code == p.Code || before.Code == "" {
			break
		}
		p = before
	}
	slices.Reverse(periods)
	own, err := s.OwnIn(ctx, tx, who, Submitted, a.Unit, slices.DeleteFunc(slices.Clone(periods), func(p period.Period) bool { return p.ID == 0 }))
	if err != nil {
		return nil, err
	}
	out := make([]Past, len(periods))
	for i, p := range periods {
		v := own[Cell{c.Unit, p.ID, c.Indicator, c.Part}]
		out[i] = Past{p, v.Value, v.Raw}
	}
	for len(out) > 1 && out[0].Blank() { // a body that has just begun has no past to show
		out = out[1:]
	}
	return out, nil
}

func said(ctx context.Context, tx *db.Tx, c Cell, out *About) (err error) {
	const here = ` where unit = $1 and period = $2 and indicator = $3 and part = $4 order by at, id`
	args := []any{c.Unit, c.Period, c.Indicator, c.Part}
	if out.Comments, err = db.Collect(ctx, tx, func(r *sql.Rows) (k Comment, err error) {
		err = r.Scan(&k.At, &k.By, &k.Text)
		return k, err
	}, `select at, person, text from figure_comment`+here, args...); err != nil {
		return err
	}
	if out.Evidence, err = db.Collect(ctx, tx, func(r *sql.Rows) (e Evidence, err error) {
		err = r.Scan(&e.ID, &e.At, &e.By, &e.Name, &e.Kind, &e.Size, &e.Sha256, &e.Note)
		return e, err
	}, `select id, at, person, name, kind, size, sha256, note from figure_evidence`+here, args...); err != nil {
		return err
	}
	for i := range out.Comments {
		if out.Comments[i].By, err = audit.Name(ctx, tx, out.Comments[i].By); err != nil {
			return err
		}
	}
	for i := range out.Evidence {
		if out.Evidence[i].By, err = audit.Name(ctx, tx, out.Evidence[i].By); err != nil {
			return err
		}
	}
	return nil
}

// sayable finds a cell of a unit over which the actor may enter figures. A closed period is no hindrance: what is said about a
// figure does not change it.
func (s *Service) sayable(ctx context.Context, tx *db.Tx, who auth.Actor, unit, code, cell string) (Cell, error) {
	var a About
	c, err := s.cell(ctx, tx, who, &a, unit, code, cell)
	if err != nil {
		return c, err
	}
	return c, org.MaySee(ctx, tx, who, auth.Enter, c.Unit, s.clock.Today())
}

// Say adds a comment to a cell. Comments are neither changed nor removed.
func (s *Service) Say(ctx context.Context, who auth.Actor, unit, code, cell, text string) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	text = viet.Clean(text)
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		c, err := s.sayable(ctx, tx, who, unit, code, cell)
		if err != nil {
			return err
		}
		switch n := utf8.RuneCountInString(text); {
		case n == 0:
			return fault.Invalid("y-kien", "Hãy ghi ý kiến.")
		case n > mostComment:
			return fault.Invalidf("y-kien", "Ý kiến dài quá %d ký tự.", mostComment)
		}
		id := db.NewID()
		if _, err := tx.Exec(ctx, `insert into figure_comment(id, unit, period, indicator, part, at, person, text) values ($1,$2,$3,$4,$5,$6,$7,$8)`,
			id, c.Unit, c.Period, c.Indicator, c.Part, s.clock.Milli(), who.Person, text); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "comment", House: "figure", Object: cellAddress(c), Units: []int64{c.Unit}, Detail: map[string]any{"comment": id},
		})
	})
}

// Attach puts a file beside a cell: what it is is found in its content. Files are neither changed nor removed.
func (s *Service) Attach(ctx context.Context, who auth.Actor, unit, code, cell, name, note string, data []byte) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	note = viet.Clean(note)
	if err := s.db.Read(ctx, func(tx *db.Tx) error { // who may not is told so before anything is looked at
		_, err := s.sayable(ctx, tx, who, unit, code, cell)
		return err
	}); err != nil {
		return err
	}
	switch {
	case len(data) == 0:
		return fault.Invalid("tep", "Tệp rỗng. Hãy chọn lại tệp.")
	case len(data) > mostEvidence:
		return fault.Invalidf("tep", "Tệp vượt quá %d MB.", mostEvidence>>20)
	case utf8.RuneCountInString(note) > mostReason:
		return fault.Invalidf("ghi-chu", "Ghi chú dài quá %d ký tự.", mostReason)
	}
	name, kind, data, err := cleanFile(name, data)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		c, err := s.sayable(ctx, tx, who, unit, code, cell)
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from figure_evidence where unit = $1 and period = $2 and indicator = $3 and part = $4`,
			c.Unit, c.Period, c.Indicator, c.Part).Scan(&n); err != nil {
			return err
		}
		if n >= mostFiles {
			return fault.Refusedf("Ô này đã có %d tệp, không nhận thêm.", n)
		}
		id := db.NewID()
		if _, err := tx.Exec(ctx, `insert into figure_evidence(id, unit, period, indicator, part, at, person, name, kind, size, sha256, note)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`, id, c.Unit, c.Period, c.Indicator, c.Part, s.clock.Milli(), who.Person, name, kind,
			int64(len(data)), hex.EncodeToString(sum[:]), note); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into figure_evidence_file(evidence, data) values ($1,$2)`, id, data); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "attach", House: "figure", Object: cellAddress(c), Units: []int64{c.Unit},
			Detail: map[string]any{"evidence": id, "sha256": hex.EncodeToString(sum[:])},
		})
	})
}

// File reads a file that stands beside a cell.
func (s *Service) File(ctx context.Context, who auth.Actor, unit, code, cell, id string) (e Evidence, data []byte, err error) {
	if err := who.Must(auth.View); err != nil {
		return e, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		var a About
		c, err := s.cell(ctx, tx, who, &a, unit, code, cell)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `select e.name, e.kind, f.data from figure_evidence e join figure_evidence_file f on f.evidence = e.id
			where e.id = $1 and e.unit = $2 and e.period = $3 and e.indicator = $4 and e.part = $5`, id, c.Unit, c.Period, c.Indicator, c.Part).Scan(&e.Name, &e.Kind, &data)
		if db.Missing(err) {
			return fault.NotFound()
		}
		return err
	})
	return e, data, err
}
