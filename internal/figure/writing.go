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
	entry    string
	loaded   map[[2]int64]bool
	standing map[Cell]Version   // newest version of each cell of the loaded units
	history  map[Cell][]Version // all versions, where an undo asks for them
	rows     [][]any
	deltas   []delta
	gained   []Cell // blank before, not now
	lost     []Cell
	beside   []beside
	carry    []carried
	places   []place
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

func newWriting(s *Service, tx *db.Tx, layer Layer, entry string) *writing {
	return &writing{
		s: s, tx: tx, layer: layer, entry: entry,
		loaded: map[[2]int64]bool{}, standing: map[Cell]Version{}, history: map[Cell][]Version{},
	}
}

// load reads a unit's versions of a period once.
func (w *writing) load(ctx context.Context, unit int64, p period.Period) error {
	key := [2]int64{unit, p.ID}
	if w.loaded[key] {
		return nil
	}
	w.loaded[key] = true
	w.places = append(w.places, place{unit, p})
	rows, err := db.Collect(ctx, w.tx, scanVersion, `select`+figureColumns+`from figure f where f.unit = $1 and f.period = $2 and f.layer = $3
		order by f.indicator, f.part, f.version`, unit, p.ID, int64(w.layer))
	if err != nil {
		return err
	}
	for _, v := range rows {
		w.standing[v.Cell] = v
		w.history[v.Cell] = append(w.history[v.Cell], v)
	}
	return nil
}

// put adds a version on top of the standing one unless it says the same; the change of the sums goes with it.
func (w *writing) put(v Version, p period.Period) bool {
	old := w.standing[v.Cell]
	if old.Value == v.Value && old.Raw == v.Raw && old.AsOf == v.AsOf {
		return false
	}
	v.Layer, v.Version = w.layer, old.Version+1
	w.standing[v.Cell] = v
	w.rows = append(w.rows, v.row())
	w.deltas = append(w.deltas, delta{v.Cell, w.layer, p.To, counted(v.Value).Minus(counted(old.Value))})
	switch {
	case old.Blank() && !v.Blank():
		w.gained = append(w.gained, v.Cell)
	case !old.Blank() && v.Blank():
		w.lost = append(w.lost, v.Cell)
	}
	return true
}

// inputs turns what people gave into versions.
func (w *writing) inputs(ctx context.Context, inputs []Input) ([]Saved, error) {
	out := make([]Saved, len(inputs))
	approved, err := w.approvedCells(ctx, inputs)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	for i, in := range inputs {
		if err := w.load(ctx, in.Unit, in.Period); err != nil {
			return nil, err
		}
		c := in.cell()
		old := w.standing[c]
		v := in.version()
		if in.Expect != Any && in.Expect != old.Version && old.Value != v.Value {
			bad = append(bad, &fault.Error{Kind: fault.KindConflict, Field: cellAddress(c), Text: "Ô “" + in.Indicator.Name + "” vừa được người khác ghi là " +
				shown(Print(old.Value, old.Raw, in.Indicator)) + "; giá trị của bạn là " + shown(Print(v.Value, v.Raw, in.Indicator)) + ". Hãy chọn một giá trị rồi lưu lại."})
			continue
		}
		v.Entry = w.entry
		before := old.Value
		changed := w.put(v, in.Period)
		if changed && in.Reason == "" && approved[c] {
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

// approvedCells tells which of the inputs' cells already stand in the approved layer: changing those wants a reason.
func (w *writing) approvedCells(ctx context.Context, inputs []Input) (map[Cell]bool, error) {
	var cells []Cell
	for _, in := range inputs {
		cells = append(cells, in.cell())
	}
	now, err := currentCells(ctx, w.tx, Approved, cells)
	if err != nil {
		return nil, err
	}
	out := map[Cell]bool{}
	for c, v := range now {
		out[c] = !v.Blank()
	}
	return out, nil
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

// finish writes everything gathered: versions, companions, the change of the sums, overlaps, flags.
func (w *writing) finish(ctx context.Context, serializable bool) error {
	if err := w.tx.Insert(ctx, figureInsert, "", w.rows); err != nil {
		return err
	}
	for _, b := range w.beside {
		if err := insertCompanions(ctx, w.tx, b.cell, b.version, b.list); err != nil {
			return err
		}
	}
	for _, c := range w.carry {
		if _, err := w.tx.Exec(ctx, `insert into figure_companion(unit, period, indicator, part, version, role, ordinal, value, decimals, qualifier, measure, label)
			select unit, period, indicator, part, $6, role, ordinal, value, decimals, qualifier, measure, label from figure_companion
			where unit = $1 and period = $2 and indicator = $3 and part = $4 and version = $5`,
			c.cell.Unit, c.cell.Period, c.cell.Indicator, c.cell.Part, c.from, c.to); err != nil {
			return err
		}
	}
	if err := post(ctx, w.tx, w.deltas, serializable); err != nil {
		return err
	}
	if err := w.overlaps(ctx); err != nil {
		return err
	}
	if w.layer != Submitted || len(w.rows) == 0 {
		return nil
	}
	return w.flags(ctx)
}

// overlaps follows cells that gained or lost their value. Most sites have no overlap at all: one question for all cells.
func (w *writing) overlaps(ctx context.Context) error {
	if len(w.gained)+len(w.lost) == 0 {
		return nil
	}
	periods := map[int64]bool{}
	for _, c := range slices.Concat(w.gained, w.lost) {
		periods[c.Period] = true
	}
	for id := range periods {
		var some bool
		if err := w.tx.QueryRow(ctx, `select exists (select 1 from figure_overlap where period = $1 and ended_by is null)`, id).Scan(&some); err != nil {
			return err
		}
		if !some {
			continue
		}
		in := func(c Cell) bool { return c.Period != id }
		if err := followOverlaps(ctx, w.tx, w.layer, slices.DeleteFunc(slices.Clone(w.gained), in), true); err != nil {
			return err
		}
		if err := followOverlaps(ctx, w.tx, w.layer, slices.DeleteFunc(slices.Clone(w.lost), in), false); err != nil {
			return err
		}
	}
	return nil
}

// Load writes figures that are known to be new, as fast as the engine takes them: the first filling of a site, in the
// layers named. It makes the same versions and sums as Save, for an entry made by OpenEntry; a cell that exists already is a
// duplicate key and refuses the whole transaction, which must be a serializable one (db.Write). It checks the cells but no
// grant, and looks for no contradictions: its caller is the program itself.
func (s *Service) Load(ctx context.Context, tx *db.Tx, entry string, p period.Period, inputs []Input, layers ...Layer) error {
	if err := checkInputs(inputs); err != nil {
		return err
	}
	rows := make([][]any, 0, len(inputs)*len(layers))
	deltas := make([]delta, 0, len(inputs)*len(layers))
	for _, layer := range layers {
		for _, in := range inputs {
			v := in.version()
			v.Layer, v.Version, v.Entry = layer, 1, entry
			rows = append(rows, v.row())
			deltas = append(deltas, delta{v.Cell, layer, p.To, counted(v.Value)})
		}
	}
	if err := tx.Copy(ctx, "figure", figureInsert, rows); err != nil {
		return err
	}
	nodes, err := gather(ctx, tx, deltas)
	if err != nil {
		return err
	}
	return postNodes(ctx, tx, nodes)
}

// OpenEntry makes the entry that Load's figures belong to, with its audit record.
func (s *Service) OpenEntry(ctx context.Context, tx *db.Tx, who auth.Actor, kind EntryKind, origin string) (string, error) {
	id, err := s.insertEntry(ctx, tx, who, kind, origin)
	if err != nil {
		return "", err
	}
	return id, audit.Write(ctx, tx, who, s.clock.Milli(), "load", "figure", id, origin, nil)
}
