package figure

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Overlap says that part of a cell's number is already in another unit's cell of the same period, indicator and part. Both
// keep their own number; whoever stands above both counts the shared part once.
type Overlap struct {
	ID     string
	Cell   Cell
	Other  int64
	Amount int64 // 0 and !Known: it overlaps, nobody can say by how much; shown, not deducted
	Known  bool
	Reason string
	day    string
}

// overlapNodes works out what an overlap takes from whom: from each ancestor that holds both units on that day, and in the
// "now" differences from those that hold both today, by the smaller of the two shares.
func overlapNodes(a, b []org.Ancestor, o Overlap, layer Layer) []node {
	type key struct {
		h        org.Hierarchy
		ancestor int64
	}
	weights := func(rows []org.Ancestor) map[key]int64 {
		m := map[key]int64{}
		for _, r := range rows {
			if r.ValidFrom <= o.day && o.day < r.ValidTo {
				m[key{r.Hierarchy, r.Ancestor}] += r.Weight
			}
		}
		return m
	}
	wa, wb := weights(a), weights(b)
	add := func(k key, amount int64) node {
		return node{row{int64(k.h), k.ancestor, layer, o.Cell.Period}, o.day, bundle{{o.Cell.Indicator, o.Cell.Part, Sum{Sum: amount}}}}
	}
	var out []node
	seen := map[key]bool{}
	visit := func(k key) {
		if k.h > org.PlaceLine { // fold the "now" row of an ancestor into its dated key
			k.h -= org.Territory.Shift() - org.Territory
		}
		if seen[k] {
			return
		}
		seen[k] = true
		shift := key{k.h.Shift(), k.ancestor}
		then := min(wa[k], wb[k])
		now := min(wa[k]*org.Whole+wa[shift], wb[k]*org.Whole+wb[shift])
		if then > 0 {
			out = append(out, add(k, -o.Amount))
		}
		if diff := now - then*org.Whole; diff != 0 {
			out = append(out, add(shift, -o.Amount*diff))
		}
	}
	for k := range wa {
		visit(k)
	}
	for k := range wb {
		visit(k)
	}
	return out
}

const overlapSelect = `select o.id, o.unit, o.period, o.indicator, o.part, o.other_unit, coalesce(o.amount, 0), o.amount is not null, o.reason, d.date_to
	from figure_overlap o join period d on d.id = o.period where o.ended_by is null `

func scanOverlap(rows *sql.Rows) (Overlap, error) {
	var o Overlap
	err := rows.Scan(&o.ID, &o.Cell.Unit, &o.Cell.Period, &o.Cell.Indicator, &o.Cell.Part, &o.Other, &o.Amount, &o.Known, &o.Reason, &o.day)
	return o, err
}

// standing lists the overlaps that count: those with an amount whose own cell holds a value in the layer.
func standing(ctx context.Context, tx *db.Tx, layer Layer, more string, args ...any) ([]Overlap, error) {
	return db.Collect(ctx, tx, scanOverlap, overlapSelect+` and o.amount is not null and exists (select 1 from figure f
		where f.unit = o.unit and f.period = o.period and f.indicator = o.indicator and f.part = o.part and f.layer = $1 and f.qualifier <> 0
		and f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.indicator = f.indicator
			and g.part = f.part and g.layer = f.layer)) `+more, append([]any{int64(layer)}, args...)...)
}

// postOverlaps takes overlaps out of (sign 1) or back into (sign -1) the sums.
func postOverlaps(ctx context.Context, tx *db.Tx, layer Layer, overlaps []Overlap, sign int64) error {
	if len(overlaps) == 0 {
		return nil
	}
	var units []int64
	for _, o := range overlaps {
		units = append(units, o.Cell.Unit, o.Other)
	}
	above, err := org.Ancestors(ctx, tx, units)
	if err != nil {
		return err
	}
	for _, o := range overlaps {
		nodes := overlapNodes(above[o.Cell.Unit], above[o.Other], o, layer)
		for i := range nodes {
			nodes[i].sums = nodes[i].sums.times(sign)
		}
		if err := postNodes(ctx, tx, nodes); err != nil {
			return err
		}
	}
	return nil
}

// followOverlaps lets overlaps begin or cease to count as their own cells gain or lose a value in a layer.
func followOverlaps(ctx context.Context, tx *db.Tx, layer Layer, cells []Cell, gained bool) error {
	for _, c := range cells {
		overlaps, err := db.Collect(ctx, tx, scanOverlap, overlapSelect+` and o.amount is not null
			and o.unit = $1 and o.period = $2 and o.indicator = $3 and o.part = $4`, c.Unit, c.Period, c.Indicator, c.Part)
		if err != nil {
			return err
		}
		sign := int64(1)
		if !gained {
			sign = -1
		}
		if err := postOverlaps(ctx, tx, layer, overlaps, sign); err != nil {
			return err
		}
	}
	return nil
}

// restateOverlaps re-states the overlaps of units whose closure has changed: out with what the old rows took, in with the
// new. The old rows are the present ones with the changes taken back.
func (s *Service) restateOverlaps(ctx context.Context, tx *db.Tx, changes []org.Change) error {
	touched := map[int64]bool{}
	for _, c := range changes {
		touched[c.Unit] = true
	}
	for _, layer := range []Layer{Submitted, Approved} {
		all, err := standing(ctx, tx, layer, "")
		if err != nil {
			return err
		}
		for _, o := range all {
			if !touched[o.Cell.Unit] && !touched[o.Other] {
				continue
			}
			above, err := org.Ancestors(ctx, tx, []int64{o.Cell.Unit, o.Other})
			if err != nil {
				return err
			}
			before := map[int64][]org.Ancestor{}
			for unit, rows := range above {
				before[unit] = append(before[unit], rows...)
			}
			for _, c := range changes {
				row := c.Ancestor
				row.Weight *= -c.Sign // what has come is taken away, what has gone is put back: weights of one key add up
				before[c.Unit] = append(before[c.Unit], row)
			}
			var nodes []node
			for _, n := range overlapNodes(before[o.Cell.Unit], before[o.Other], o, layer) {
				n.sums = n.sums.times(-1)
				nodes = append(nodes, n)
			}
			nodes = append(nodes, overlapNodes(above[o.Cell.Unit], above[o.Other], o, layer)...)
			if err := postNodes(ctx, tx, nodes); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetOverlap records that part of a cell is already counted in another unit's cell; an unknown amount is only shown. The
// reason stands beside both figures.
func (s *Service) SetOverlap(ctx context.Context, who auth.Actor, p period.Period, o Overlap) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		entry, err := s.insertEntry(ctx, tx, who, Typed, "overlap")
		if err != nil {
			return err
		}
		return s.SetOverlapIn(ctx, tx, who, entry.ID, p, o)
	})
}

// SetOverlapIn is SetOverlap within a transaction, under an entry that stands already (an import's).
func (s *Service) SetOverlapIn(ctx context.Context, tx *db.Tx, who auth.Actor, entry string, p period.Period, o Overlap) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	if o.Reason == "" {
		return fault.Invalid("reason", "Hãy nêu vì sao hai số liệu trùng nhau.")
	}
	if o.Cell.Unit == o.Other {
		return fault.Invalid("other", "Số liệu không thể trùng với chính nó.")
	}
	if err := s.mayEnter(ctx, tx, who, []int64{o.Cell.Unit}, p); err != nil {
		return err
	}
	now, err := currentCells(ctx, tx, Submitted, []Cell{o.Cell, {o.Other, o.Cell.Period, o.Cell.Indicator, o.Cell.Part}})
	if err != nil {
		return err
	}
	own := now[o.Cell]
	if own.Blank() || now[Cell{o.Other, o.Cell.Period, o.Cell.Indicator, o.Cell.Part}].Blank() {
		return fault.Refused("Cả hai đơn vị phải có số liệu của chỉ tiêu này trong kỳ thì mới khai trùng được.")
	}
	if o.Known && (o.Amount <= 0 || own.Has && o.Amount > own.Number) {
		return fault.Invalid("amount", "Phần trùng phải lớn hơn 0 và không vượt quá số liệu của đơn vị.")
	}
	var amount any
	if o.Known {
		amount = o.Amount
	}
	id := db.NewID()
	if _, err := tx.Exec(ctx, `insert into figure_overlap(id, unit, other_unit, period, indicator, part, amount, reason, entry, ended_by)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,null)`, id, o.Cell.Unit, o.Other, o.Cell.Period, o.Cell.Indicator, o.Cell.Part, amount, o.Reason, entry); err != nil {
		return fmt.Errorf("insert overlap: %w", err)
	}
	for _, layer := range []Layer{Submitted, Approved} {
		fresh, err := standing(ctx, tx, layer, ` and o.id = $2`, id)
		if err != nil {
			return err
		}
		if err := postOverlaps(ctx, tx, layer, fresh, 1); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "overlap", House: "figure", Object: cellAddress(o.Cell), Units: []int64{o.Cell.Unit, o.Other},
		Reason: o.Reason, Detail: map[string]any{"other": o.Other, "amount": amount},
	})
}

// EndOverlapsIn takes back the overlaps that stand under an entry, before the entry itself is undone.
func (s *Service) EndOverlapsIn(ctx context.Context, tx *db.Tx, who auth.Actor, entry, reason string) error {
	ids, err := db.Collect(ctx, tx, db.Scalar[string], `select id from figure_overlap where entry = $1 and ended_by is null order by id`, entry)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.EndOverlapIn(ctx, tx, who, id, reason); err != nil {
			return err
		}
	}
	return nil
}

// EndOverlap takes an overlap back.
func (s *Service) EndOverlap(ctx context.Context, who auth.Actor, id, reason string) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.EndOverlapIn(ctx, tx, who, id, reason) })
}

// EndOverlapIn is EndOverlap within a transaction.
func (s *Service) EndOverlapIn(ctx context.Context, tx *db.Tx, who auth.Actor, id, reason string) error {
	found, err := db.Collect(ctx, tx, scanOverlap, overlapSelect+` and o.id = $1 and `+org.Within("o.unit", "d.date_to", 2),
		append([]any{id}, org.WithinArgs(who, auth.Enter, s.clock.Today())...)...)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.NotFound()
	}
	for _, layer := range []Layer{Submitted, Approved} {
		counted, err := standing(ctx, tx, layer, ` and o.id = $2`, id)
		if err != nil {
			return err
		}
		if err := postOverlaps(ctx, tx, layer, counted, -1); err != nil {
			return err
		}
	}
	entry, err := s.insertEntry(ctx, tx, who, Typed, "overlap")
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update figure_overlap set ended_by = $2 where id = $1`, id, entry.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "end-overlap", House: "figure", Object: cellAddress(found[0].Cell), Units: []int64{found[0].Cell.Unit, found[0].Other},
		Reason: reason,
	})
}
