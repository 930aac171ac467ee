package figure

import (
	"context"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// writing gathers the new versions of one act and writes them as sets: one range read per unit and period, then a few
// multi-row inserts, however many cells a form has.
type writing struct {
	s        *Service
	tx       *db.Tx
	layer    Layer
	entry    Entry
	places   []place
	standing map[Cell]Version // newest version of each cell of the places that were read
	approved map[Cell]bool    // those of them that stand in the approved layer: changing them wants a reason
	versions []Version
	deltas   []delta
	gained   []Cell // blank before, not now
	lost     []Cell
	beside   []beside
	carry    []carried
	around   surroundings
	gates    map[place0]Gate
}

type beside struct {
	cell    Cell
	version int
	list    []Companion
}

// carried companions go on from an old version to the new one that restores it.
type carried struct {
	cell     Cell
	from, to int
}

type place struct {
	unit int64
	p    period.Period
}

func newWriting(s *Service, tx *db.Tx, layer Layer) *writing {
	return &writing{
		s: s, tx: tx, layer: layer, standing: map[Cell]Version{}, approved: map[Cell]bool{},
		around: surroundings{map[int64]bool{}, map[place0]bool{}}, gates: map[place0]Gate{},
	}
}

// read takes up the standing versions of a unit and period, of the indicators whose keys lie in a range. Once per place.
func (w *writing) read(ctx context.Context, at place, from, to int64) error {
	var b db.Batch
	w.ask(&b, at, from, to)
	return w.tx.Run(ctx, &b)
}

// ask is read as a part of a batch. What stands around the place is asked with it.
func (w *writing) ask(b *db.Batch, at place, from, to int64) {
	w.places = append(w.places, at)
	b.Query(func(scan db.Scan) error {
		v, err := readVersion(scan)
		if v.Layer == w.layer {
			w.standing[v.Cell] = v
		}
		if v.Layer == Approved {
			w.approved[v.Cell] = !v.Blank()
		}
		return err
	}, standingSelect[w.tx.Engine()][bothLayers], at.unit, at.p.ID, from, to)
	b.Query(func(scan db.Scan) error {
		var overlap, beside bool
		err := scan(&overlap, &beside)
		if overlap {
			w.around.overlaps[at.p.ID] = true
		}
		if beside {
			w.around.beside[place0{unit: at.unit, period: at.p.ID}] = true
		}
		return err
	}, `select exists (select 1 from figure_overlap where period = $2 and ended_by is null),
		exists (select 1 from figure_companion where unit = $1 and period = $2) or exists (select 1 from figure_flag where unit = $1 and period = $2)`,
		at.unit, at.p.ID)
}

// put adds a version on top of the standing one unless it says the same; the change of the sums goes with it.
func (w *writing) put(v Version, p period.Period) bool {
	old := w.standing[v.Cell]
	if old.Value == v.Value && old.Raw == v.Raw && old.AsOf == v.AsOf {
		return false
	}
	v.Layer, v.Version, v.Entry = w.layer, old.Version+1, w.entry.Key
	w.standing[v.Cell] = v
	w.versions = append(w.versions, v)
	w.deltas = append(w.deltas, delta{v.Cell, w.layer, p.To, Counted(v.Value).Minus(Counted(old.Value))})
	switch {
	case old.Blank() && !v.Blank():
		w.gained = append(w.gained, v.Cell)
	case !old.Blank() && v.Blank():
		w.lost = append(w.lost, v.Cell)
	}
	return true
}

// askFor asks for what the inputs will stand on: a single cell needs its own indicator only, a form all of its places.
func (w *writing) askFor(b *db.Batch, inputs []Input) {
	type span struct {
		at       place
		from, to int64
	}
	at := map[[2]int64]int{}
	var spans []span
	for _, in := range inputs {
		key := [2]int64{in.Unit, in.Period.ID}
		i, ok := at[key]
		if !ok {
			i = len(spans)
			at[key] = i
			spans = append(spans, span{place{in.Unit, in.Period}, in.Indicator.ID, in.Indicator.ID})
		}
		spans[i].from, spans[i].to = min(spans[i].from, in.Indicator.ID), max(spans[i].to, in.Indicator.ID)
	}
	for _, one := range spans {
		w.ask(b, one.at, one.from, one.to)
	}
}

// inputs turns what people gave into versions.
func (w *writing) inputs(inputs []Input) ([]Saved, error) {
	out := make([]Saved, len(inputs))
	var bad fault.List
	for i, in := range inputs {
		c := in.cell()
		old := w.standing[c]
		v := in.version()
		if in.Expect != Any && in.Expect != old.Version && old.Value != v.Value {
			bad = append(bad, &fault.Error{Kind: fault.KindConflict, Field: cellAddress(c), Text: "Ô “" + in.Indicator.Name + "” vừa được người khác ghi là " +
				shown(Print(old.Value, old.Raw, in.Indicator)) + "; giá trị của bạn là " + shown(Print(v.Value, v.Raw, in.Indicator)) + ". Hãy chọn một giá trị rồi lưu lại."})
			continue
		}
		before := old.Value
		changed := w.put(v, in.Period)
		gate := w.gates[place0{unit: c.Unit, period: c.Period}]
		if shut := gate.against(c, in.Indicator); changed && shut != nil {
			bad = append(bad, shut)
			continue
		}
		if changed && in.Reason == "" && (w.approved[c] || gate.Reason != "") {
			bad = append(bad, &fault.Error{Kind: fault.KindInvalid, Field: cellAddress(c), Text: "Số liệu “" + in.Indicator.Name + "” đã được duyệt; hãy nêu lý do điều chỉnh."})
			continue
		}
		now := w.standing[c]
		if list := in.companions(); changed && len(list) > 0 {
			w.beside = append(w.beside, beside{c, now.Version, list})
		}
		out[i] = Saved{Cell: c, Version: now.Version, Changed: changed, Before: before, After: now.Value}
	}
	return out, bad.Err()
}

func shown(s string) string {
	if s == "" {
		return "để trống"
	}
	return "“" + s + "”"
}

// version is the input as a version. The raw text is kept unless the administrative print of the value gives it back.
func (in Input) version() Version {
	q := in.Quantity
	v := Version{
		Cell: in.cell(), IndicatorVersion: in.Indicator.Version, AsOf: in.AsOf, Origin: in.Origin, Reason: in.Reason,
		Value: Value{Number: q.Value, Has: q.HasNumber() && q.Qualifier != viet.Range, Qualifier: q.Qualifier},
	}
	if !v.Has {
		v.Number = 0
	}
	if q.Qualifier != viet.Blank && q.Raw != "" && !(v.Has && (q.Raw == Print(v.Value, "", in.Indicator) || q.Raw == viet.FormatInt(v.Number, in.Indicator.Decimals))) {
		v.Raw = q.Raw
	}
	return v
}

// companions adds a range's bounds to what was given: a range is no number to add, but its ends are kept.
func (in Input) companions() []Companion {
	q := in.Quantity
	if q.Qualifier != viet.Range {
		return in.Companions
	}
	bound := func(r Role, v int64) Companion {
		return Companion{Role: r, Value: v, Decimals: q.Scale, Qualifier: viet.Exact, Unit: in.Indicator.Unit}
	}
	return append([]Companion{bound(Low, q.Low), bound(High, q.High)}, in.Companions...)
}

// units are those that the writing looked at.
func (w *writing) units() []int64 {
	out := make([]int64, len(w.places))
	for i, at := range w.places {
		out[i] = at.unit
	}
	return out
}

// finish writes everything gathered: versions, companions, the change of the sums, overlaps, flags.
func (w *writing) finish(ctx context.Context) error {
	slices.SortFunc(w.versions, byKey)
	if err := insertVersions(ctx, w.tx, w.versions); err != nil {
		return err
	}
	if err := w.s.touch(ctx, w.tx, w.entry, w.versions); err != nil {
		return err
	}
	for _, b := range w.beside {
		if err := insertCompanions(ctx, w.tx, b.cell, b.version, b.list); err != nil {
			return err
		}
		w.around.beside[place0{unit: b.cell.Unit, period: b.cell.Period}] = true
	}
	for _, c := range w.carry {
		w.around.beside[place0{unit: c.cell.Unit, period: c.cell.Period}] = true
		if _, err := w.tx.Exec(ctx, `insert into figure_companion(unit, period, indicator, part, version, role, ordinal, value, decimals, qualifier, measure, label)
			select unit, period, indicator, part, $6, role, ordinal, value, decimals, qualifier, measure, label from figure_companion
			where unit = $1 and period = $2 and indicator = $3 and part = $4 and version = $5`,
			c.cell.Unit, c.cell.Period, c.cell.Indicator, c.cell.Part, c.from, c.to); err != nil {
			return err
		}
	}
	if err := post(ctx, w.tx, w.deltas); err != nil {
		return err
	}
	if len(w.versions) == 0 {
		return nil
	}
	if err := w.overlaps(ctx); err != nil {
		return err
	}
	if w.layer != Submitted {
		return nil
	}
	return w.flags(ctx)
}

// overlaps follows cells that gained or lost their value. Most sites have no overlap at all: one question for all cells.
func (w *writing) overlaps(ctx context.Context) error {
	for id := range w.around.overlaps {
		elsewhere := func(c Cell) bool { return c.Period != id }
		if err := followOverlaps(ctx, w.tx, w.layer, slices.DeleteFunc(slices.Clone(w.gained), elsewhere), true); err != nil {
			return err
		}
		if err := followOverlaps(ctx, w.tx, w.layer, slices.DeleteFunc(slices.Clone(w.lost), elsewhere), false); err != nil {
			return err
		}
	}
	return nil
}

// surroundings are the places of a writing where more than plain figures is to be looked after.
type surroundings struct {
	overlaps map[int64]bool // periods with an overlap that counts
	beside   map[place0]bool
}

// Load writes figures that are known to be new, as fast as the engine takes them: the first filling of a site, in the
// layers named, under one entry. It makes the same versions and sums as Save; a cell that exists already is a duplicate key
// and refuses the whole transaction, which must be a serializable one (db.Write). It checks the cells but no grant, and
// looks for no contradictions: its caller is the program itself.
func (s *Service) Load(ctx context.Context, tx *db.Tx, who auth.Actor, kind EntryKind, origin string, p period.Period, inputs []Input, layers ...Layer) error {
	if err := checkInputs(inputs); err != nil {
		return err
	}
	entry, err := s.insertEntry(ctx, tx, who, kind, origin)
	if err != nil {
		return err
	}
	versions := make([]Version, 0, len(inputs)*len(layers))
	deltas := make([]delta, 0, len(inputs)*len(layers))
	for _, layer := range layers {
		for _, in := range inputs {
			v := in.version()
			v.Layer, v.Version, v.Entry = layer, 1, entry.Key
			versions = append(versions, v)
			deltas = append(deltas, delta{v.Cell, layer, p.To, Counted(v.Value)})
		}
	}
	slices.SortFunc(versions, byKey)
	if err := insertVersions(ctx, tx, versions); err != nil {
		return err
	}
	if err := s.touch(ctx, tx, entry, versions); err != nil {
		return err
	}
	nodes, err := spread(ctx, tx, leavesOf(deltas))
	if err != nil {
		return err
	}
	if err := lockFold(ctx, tx); err != nil {
		return err
	}
	if err := addNodes(ctx, tx, nodes); err != nil {
		return err
	}
	units := make([]int64, len(inputs))
	for i, in := range inputs {
		units[i] = in.Unit
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "load", House: "figure", Object: entry.ID, Units: units, Reason: origin, Figures: digest(entry, versions),
	})
}
