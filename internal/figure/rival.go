package figure

import (
	"cmp"
	"context"
	"database/sql"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Rival is a value that was typed over a version which somebody else had replaced meanwhile. It is kept beside the cell, and
// stays on record when one of the two has been chosen.
type Rival struct {
	ID string
	Cell
	Seen      int // the version that its author saw
	Text      string
	AsOf      string
	Reason    string
	At        int64
	By        string // the author's name where it is shown, their id where it is written
	Outcome   Outcome
	Settled   int64
	SettledBy string
	Indicator indicator.Indicator
	Part      indicator.Part
	Quantity  viet.Quantity
	Standing  Standing // what stands against it now
}

// Outcome is how it ended between a rival and what stood.
type Outcome string

const (
	Open    Outcome = ""
	Taken   Outcome = "taken"   // it was chosen and is a version now
	Left    Outcome = "left"    // what stood was chosen
	Retyped Outcome = "retyped" // its own author has typed something else
)

// Name is the outcome in the user's words.
func (o Outcome) Name() string {
	switch o {
	case Taken:
		return "được chọn"
	case Left:
		return "không được chọn"
	case Retyped:
		return "người nhập đã gõ lại"
	}
	return "chờ chọn"
}

// keepRivals keeps values beside cells that others have written meanwhile. It asks for the same right as a save.
func (s *Service) keepRivals(ctx context.Context, tx *db.Tx, who auth.Actor, inputs []Input) ([]Rival, error) {
	if err := checkInputs(inputs); err != nil {
		return nil, err
	}
	if err := s.mayEnter(ctx, tx, who, []int64{inputs[0].Unit}, inputs[0].Period); err != nil {
		return nil, err
	}
	if err := s.mustBeOpen(ctx, tx, inputs); err != nil {
		return nil, err
	}
	var out []Rival
	for _, in := range inputs {
		if err := s.retype(ctx, tx, who, in.cell()); err != nil {
			return nil, err
		}
		r := Rival{ID: db.NewID(), Cell: in.cell(), Seen: in.Expect, Text: in.Quantity.Raw, AsOf: in.AsOf, Reason: in.Reason, At: s.clock.Milli(), By: who.Person}
		if _, err := tx.Exec(ctx, `insert into figure_rival(id, unit, period, indicator, part, seen, text, as_of, reason, at, person, outcome, settled, settled_by)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'',0,'')`,
			r.ID, r.Unit, r.Period, r.Cell.Indicator, r.Cell.Part, r.Seen, r.Text, r.AsOf, r.Reason, r.At, r.By); err != nil {
			return nil, err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: r.At, Verb: "rival", House: "figure", Object: cellAddress(r.Cell), Units: []int64{r.Unit}, Detail: map[string]any{"rival": r.ID, "seen": r.Seen},
		}); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// KeepIn keeps values that another house brings beside cells of one unit and period, in its transaction. What it has brought there
// before under the same reason, and nobody has chosen yet, gives way.
func (s *Service) KeepIn(ctx context.Context, tx *db.Tx, who auth.Actor, inputs []Input) error {
	if err := s.withdraw(ctx, tx, who, inputs[0].Unit, inputs[0].Period.ID, inputs[0].Reason); err != nil {
		return err
	}
	for i := range inputs {
		in := &inputs[i]
		in.Quantity.Raw = cmp.Or(in.Quantity.Raw, Print(in.version().Value, "", in.Indicator)) // a rival is kept in words
	}
	_, err := s.keepRivals(ctx, tx, who, inputs)
	return err
}

// WithdrawIn closes what another house has brought beside the cells of a unit and period under a reason and nobody has chosen yet.
func (s *Service) WithdrawIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, p period.Period, reason string) error {
	if err := s.mayEnter(ctx, tx, who, []int64{unit}, p); err != nil {
		return err
	}
	return s.withdraw(ctx, tx, who, unit, p.ID, reason)
}

func (s *Service) withdraw(ctx context.Context, tx *db.Tx, who auth.Actor, unit, per int64, reason string) error {
	open, err := openRivals(ctx, tx, unit, per)
	if err != nil {
		return err
	}
	for _, r := range open {
		if r.Reason != reason {
			continue
		}
		if _, err := tx.Exec(ctx, `update figure_rival set outcome = $2, settled = $3, settled_by = $4 where id = $1`, r.ID, string(Retyped), s.clock.Milli(), who.Person); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "withdraw", House: "figure", Object: cellAddress(r.Cell), Units: []int64{unit},
			Reason: reason, Detail: map[string]any{"rival": r.ID}}); err != nil {
			return err
		}
	}
	return nil
}

// mustBeOpen asks the gate of cells of one unit and period.
func (s *Service) mustBeOpen(ctx context.Context, tx *db.Tx, inputs []Input) error {
	gate, err := s.PassIn(ctx, tx, inputs[0].Unit, inputs[0].Period)
	if err != nil {
		return err
	}
	var bad fault.List
	for _, in := range inputs {
		if f := gate.against(in.cell(), in.Indicator); f != nil {
			bad = append(bad, f)
		}
	}
	return bad.Err()
}

// retype closes what somebody left beside a cell that they now write themselves.
func (s *Service) retype(ctx context.Context, tx *db.Tx, who auth.Actor, c Cell) error {
	_, err := tx.Exec(ctx, `update figure_rival set outcome = $6, settled = $7, settled_by = $5
		where unit = $1 and period = $2 and indicator = $3 and part = $4 and person = $5 and outcome = ''`,
		c.Unit, c.Period, c.Indicator, c.Part, who.Person, string(Retyped), s.clock.Milli())
	return err
}

const rivalColumns = ` id, unit, period, indicator, part, seen, text, as_of, reason, at, person, outcome, settled, settled_by `

func scanRival(rows *sql.Rows) (r Rival, err error) {
	err = rows.Scan(&r.ID, &r.Unit, &r.Period, &r.Cell.Indicator, &r.Cell.Part, &r.Seen, &r.Text, &r.AsOf, &r.Reason, &r.At, &r.By, &r.Outcome, &r.Settled, &r.SettledBy)
	return r, err
}

// openRivals lists what waits for a choice on a unit's sheet.
func openRivals(ctx context.Context, tx *db.Tx, unit, per int64) ([]Rival, error) {
	return db.Collect(ctx, tx, scanRival, `select`+rivalColumns+`from figure_rival where unit = $1 and period = $2 and outcome = ''
		order by indicator, part, at, id`, unit, per)
}

func rivalsOf(ctx context.Context, tx *db.Tx, c Cell) ([]Rival, error) {
	return db.Collect(ctx, tx, scanRival, `select`+rivalColumns+`from figure_rival where unit = $1 and period = $2 and indicator = $3 and part = $4
		order by at desc, id`, c.Unit, c.Period, c.Indicator, c.Part)
}

// standsIn reads what stands in a cell, with who wrote it and when. Nothing is version 0.
func standsIn(ctx context.Context, tx *db.Tx, c Cell) (*Standing, error) {
	now, err := currentCells(ctx, tx, Submitted, []Cell{c})
	if err != nil {
		return nil, err
	}
	v := now[c]
	out := &Standing{Value: v.Value, Raw: v.Raw, Version: v.Version}
	if v.Version == 0 {
		return out, nil
	}
	e, err := findEntry(ctx, tx, `key = $1`, v.Entry)
	if err != nil {
		return nil, err
	}
	out.At = e.At
	out.By, err = audit.SignedBy(ctx, tx, e.Person, "figure", e.ID, e.At)
	return out, err
}

// Rivals lists what waits for a choice on a unit's sheet, with what stands against it.
func (s *Service) Rivals(ctx context.Context, who auth.Actor, unit, code string) (u org.Unit, p period.Period, out []Rival, err error) {
	if err := who.Must(auth.View); err != nil {
		return u, p, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if u, p, err = s.place(ctx, tx, who, unit, code); err != nil {
			return err
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return err
		}
		if out, err = openRivals(ctx, tx, u.ID, p.ID); err != nil {
			return err
		}
		for i := range out {
			if err := out[i].explain(ctx, tx, catalog.At(p.To)); err != nil {
				return err
			}
		}
		return nil
	})
	return u, p, out, err
}

// Contest is how many cells of a sheet hold two values of which one is to be chosen.
type Contest struct {
	Unit   org.Unit
	Period period.Period
	Count  int
}

// Contests lists the sheets of the actor's own bodies on which a choice is open, at most so many.
func Contests(ctx context.Context, tx *db.Tx, who auth.Actor, today string, most int) ([]Contest, error) {
	type row struct {
		unit, per int64
		count     int
	}
	rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (x row, err error) { return x, rows.Scan(&x.unit, &x.per, &x.count) },
		`select v.unit, v.period, count(distinct v.indicator * 1000 + v.part) from figure_rival v join period p on p.id = v.period
		where v.outcome = '' and p.state = 'open' and `+org.Within("v.unit", "p.date_to", 1)+` and `+org.Own("v.unit", 1)+`
		group by v.unit, v.period order by v.period desc, v.unit limit $4`, append(org.WithinArgs(who, auth.Enter, today), most)...)
	if err != nil {
		return nil, err
	}
	var out []Contest
	for _, x := range rows {
		p, err := period.FindID(ctx, tx, x.per)
		if err != nil {
			return nil, err
		}
		u, err := org.FindID(ctx, tx, x.unit, p.To)
		if err != nil {
			return nil, err
		}
		out = append(out, Contest{u, p, x.count})
	}
	return out, nil
}

// explain adds to a rival what a page says about it.
func (r *Rival) explain(ctx context.Context, tx *db.Tx, catalog *indicator.Catalog) error {
	in, ok := catalog.ByID(r.Cell.Indicator)
	if !ok {
		return fault.NotFound()
	}
	r.Indicator = in
	r.Part, _ = in.Part(r.Cell.Part)
	now, err := standsIn(ctx, tx, r.Cell)
	if err != nil {
		return err
	}
	r.Standing = *now
	if r.Quantity, err = Read(r.Text, in); err != nil { // it was read once; the catalogue may have changed since
		r.Quantity = viet.Quantity{Raw: r.Text, Qualifier: viet.Magnitude}
	}
	if r.By, err = audit.Name(ctx, tx, r.By); err != nil {
		return err
	}
	if r.SettledBy != "" {
		r.SettledBy, err = audit.Name(ctx, tx, r.SettledBy)
	}
	return err
}

// Choose settles what stood beside a cell: take makes it the cell's new version, otherwise what stands stays. version is the
// one that the chooser saw standing.
func (s *Service) Choose(ctx context.Context, who auth.Actor, unit, code, id string, take bool, version int, why string) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	why = viet.Clean(why)
	if len([]rune(why)) > mostReason {
		return fault.Invalidf("ly-do", "Lý do dài quá %d ký tự.", mostReason)
	}
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		u, p, err := s.place(ctx, tx, who, unit, code)
		if err != nil {
			return err
		}
		if err := s.mayEnter(ctx, tx, who, []int64{u.ID}, p); err != nil {
			return err
		}
		list, err := db.Collect(ctx, tx, scanRival, `select`+rivalColumns+`from figure_rival where id = $1 and unit = $2 and period = $3`, id, u.ID, p.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.NotFound()
		}
		return s.choose(ctx, tx, who, p, list[0], take, version, why)
	})
}

func (s *Service) choose(ctx context.Context, tx *db.Tx, who auth.Actor, p period.Period, r Rival, take bool, version int, why string) error {
	if r.Outcome != Open {
		return fault.Conflict("Ô này đã có người chọn giá trị. Hãy mở lại trang để xem.")
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	author := r.By
	if err := r.explain(ctx, tx, catalog.At(p.To)); err != nil {
		return err
	}
	if r.Standing.Version != version {
		return fault.Conflict("Giá trị đang lưu vừa thay đổi thêm lần nữa. Hãy xem lại rồi chọn.")
	}
	if err := s.mustBeOpen(ctx, tx, []Input{{Unit: r.Unit, Period: p, Indicator: r.Indicator, Part: r.Cell.Part}}); err != nil {
		return err
	}
	outcome := Left
	if take {
		outcome = Taken
		q, err := Read(r.Text, r.Indicator)
		if err != nil {
			return asFault("", err)
		}
		reason := "Chọn giữa hai giá trị của một ô"
		if why != "" {
			reason += ": " + why
		}
		if _, _, err := s.SaveIn(ctx, tx, who, Typed, "", []Input{{
			Unit: r.Unit, Period: p, Indicator: r.Indicator, Part: r.Cell.Part, Quantity: q, AsOf: r.AsOf, Reason: reason, Expect: version,
		}}); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `update figure_rival set outcome = $2, settled = $3, settled_by = $4 where id = $1 and outcome = ''`, r.ID, string(outcome), s.clock.Milli(), who.Person)
	if err != nil {
		return err
	}
	if n != 1 {
		return fault.Conflict("Ô này đã có người chọn giá trị. Hãy mở lại trang để xem.")
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "choose", House: "figure", Object: cellAddress(r.Cell), Units: []int64{r.Unit}, Reason: why,
		Detail: map[string]any{"rival": r.ID, "author": author}, After: string(outcome),
	})
}
