package figure

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/db"
	"giaoban/internal/org"
)

// Difference is a sum that does not equal its recomputation, or another broken promise of the house. For a sum, Off is how
// much the stored one is too large, and OffCount the same for its count of figures.
type Difference struct {
	What      string `json:"what"`
	Hierarchy int64  `json:"hierarchy,omitempty"`
	Ancestor  int64  `json:"ancestor,omitempty"`
	Layer     int64  `json:"layer,omitempty"`
	Period    int64  `json:"period,omitempty"`
	Indicator int64  `json:"indicator,omitempty"`
	Part      int64  `json:"part,omitempty"`
	Off       int64  `json:"off"`
	OffCount  int64  `json:"off_count,omitempty"`
}

// Verified is what verify found and how much it looked at.
type Verified struct {
	Differences int          `json:"differences"`
	Figures     int64        `json:"figures"`
	Versions    int64        `json:"versions"`
	Sums        int64        `json:"sums"`
	Pending     int64        `json:"pending"`
	Units       int64        `json:"units"`
	List        []Difference `json:"list,omitempty"` // the first hundred
	Entries     int64        `json:"entries"`        // acts whose figures were compared with the trail
	Plain       int64        `json:"plain"`          // acts from before the trail held digests: not compared
	Forged      []Forgery    `json:"forged,omitempty"`
}

// Forgery is an act whose figures are not those that it wrote.
type Forgery struct {
	Fault  audit.Fault `json:"fault"` // Changed, Removed: some are gone, Inserted: there are more, or there was no such act
	Entry  string      `json:"entry"`
	At     int64       `json:"at"`
	Person string      `json:"person"`
	Wrote  int64       `json:"wrote"`
	Stand  int64       `json:"stand"` // how many there are
}

const listed = 100

// Verify recomputes every sum from the versions and the closure from the edges, in one snapshot, while others write.
func (s *Service) Verify(ctx context.Context) (Verified, error) {
	var v Verified
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		v = Verified{}
		for q, into := range map[string]*int64{
			`select count(*) from figure`:  &v.Versions,
			`select count(*) from pending`: &v.Pending, `select count(*) from unit where valid_from < valid_to`: &v.Units,
			`select count(*) from figure where version = 1`: &v.Figures,
		} {
			if err := tx.QueryRow(ctx, q).Scan(into); err != nil {
				return err
			}
		}
		for _, step := range []func(context.Context, *db.Tx) ([]Difference, error){verifyClosure, verifyVersions, v.verifySums} {
			found, err := step(ctx, tx)
			if err != nil {
				return fmt.Errorf("verify: %w", err)
			}
			v.Differences += len(found)
			v.List = append(v.List, found[:min(len(found), listed)]...)
		}
		if err := v.compare(ctx, tx); err != nil {
			return fmt.Errorf("verify figures against the trail: %w", err)
		}
		v.Differences += len(v.Forged)
		return nil
	})
	v.List = v.List[:min(len(v.List), listed)]
	return v, err
}

func verifyClosure(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	changes, err := org.CheckClosure(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, c := range changes {
		out = append(out, Difference{What: fmt.Sprintf("closure row of unit %d from %s", c.Unit, c.ValidFrom), Hierarchy: int64(c.Hierarchy),
			Ancestor: c.Ancestor.Ancestor, Off: -c.Sign * c.Weight})
	}
	return out, nil
}

// verifyVersions: versions of a cell run 1, 2, 3 … without a gap, and each has its entry.
func verifyVersions(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	var out []Difference
	for _, q := range []struct{ what, query string }{
		{"gap in versions", `select f.unit, f.layer, f.period, f.indicator, f.part, max(f.version), count(*) from figure f
			group by f.unit, f.layer, f.period, f.indicator, f.part having max(f.version) <> count(*) or min(f.version) <> 1`},
		{"version without entry", `select f.unit, f.layer, f.period, f.indicator, f.part, f.version, 0 from figure f
			where not exists (select 1 from figure_entry e where e.key = f.entry)`},
		{"left-over of a change of the tree", `select unit, 0, 0, 0, 0, count(*), 0 from closure_change group by unit`},
	} {
		rows, err := tx.Query(ctx, q.query)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			d := Difference{What: q.what}
			if err := rows.Scan(&d.Ancestor, &d.Layer, &d.Period, &d.Indicator, &d.Part, &d.Off, &d.OffCount); err != nil {
				rows.Close()
				return nil, err
			}
			out = append(out, d)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
	}
	return out, nil
}

// compare makes each entry's digest anew, in one walk along the key, and holds it against the one in the trail.
func (v *Verified) compare(ctx context.Context, tx *db.Tx) error {
	written, plain, err := audit.Figures(ctx, tx)
	if err != nil {
		return err
	}
	stand, err := tallies(ctx, tx, plain)
	if err != nil {
		return err
	}
	entries, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Entry, error) {
		var e Entry
		return e, rows.Scan(&e.Key, &e.ID, &e.At, &e.Person)
	}, `select key, id, at, person from figure_entry order by key`)
	if err != nil {
		return err
	}
	byID := make(map[string]*tally, len(entries))
	for _, e := range entries {
		if e.Key <= plain {
			v.Plain++
		} else if t := stand[e.Key]; t != nil {
			t.entry, byID[e.ID] = e, t
		}
	}
	for _, w := range written {
		id, rest, _ := strings.Cut(w.Text, " ")
		count, _, _ := strings.Cut(rest, " ")
		wrote, _ := strconv.ParseInt(count, 10, 64) // 0 in a text that is none: it differs from what stands all the same
		t := byID[id]
		if t == nil {
			t = newTally()
		}
		delete(stand, t.entry.Key)
		v.Entries++
		if t.of(id) == w.Text {
			continue
		}
		fault := audit.Changed
		switch {
		case t.n < wrote:
			fault = audit.Removed
		case t.n > wrote:
			fault = audit.Inserted
		}
		v.Forged = append(v.Forged, Forgery{fault, id, w.At, w.Person, wrote, t.n})
	}
	for _, key := range slices.Sorted(maps.Keys(stand)) {
		t := stand[key]
		v.Forged = append(v.Forged, Forgery{audit.Inserted, t.entry.ID, t.entry.At, t.entry.Person, 0, t.n})
	}
	return nil
}

// tallies adds up the versions of each entry whose key is above plain.
func tallies(ctx context.Context, tx *db.Tx, plain int64) (map[int64]*tally, error) {
	rows, err := tx.Query(ctx, `select`+figureColumns+`from figure f where f.entry > $1
		order by f.unit, f.period, f.layer, f.indicator, f.part, f.version`, plain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]*tally{}
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, err
		}
		t := out[v.Entry]
		if t == nil {
			t = newTally()
			out[v.Entry] = t
		}
		t.add(v)
	}
	return out, rows.Err()
}

// ancestorsAtOnce bounds what verifySums holds in memory.
const ancestorsAtOnce = 50

// verifySums computes the sums of every ancestor anew, some of them at a time, and takes them, what is pending and the
// overlaps away from what is stored: what is left is wrong.
func (v *Verified) verifySums(ctx context.Context, tx *db.Tx) ([]Difference, error) {
	wrong, err := promised(ctx, tx)
	if err != nil {
		return nil, err
	}
	ancestors, err := db.Collect(ctx, tx, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.hierarchy, &r.ancestor)
		return r, err
	}, `select hierarchy, ancestor from unit_ancestor union select hierarchy, ancestor from rollup order by 1, 2`)
	if err != nil {
		return nil, err
	}
	var out []Difference
	report := func() { // what no ancestor to come can still even out
		for r, sums := range wrong {
			if _, later := slices.BinarySearchFunc(ancestors, row{hierarchy: r.hierarchy, ancestor: r.ancestor}, row.compare); later {
				continue
			}
			for _, l := range sums {
				out = append(out, Difference{What: "sum", Hierarchy: r.hierarchy, Ancestor: r.ancestor, Layer: int64(r.layer), Period: r.period,
					Indicator: l.indicator, Part: l.part, Off: l.Sum.Sum, OffCount: l.N})
			}
			delete(wrong, r)
		}
	}
	report()
	for len(ancestors) > 0 {
		n := 1
		for n < min(len(ancestors), ancestorsAtOnce) && ancestors[n].hierarchy == ancestors[0].hierarchy {
			n++
		}
		if err := v.compareSums(ctx, tx, ancestors[:n], wrong); err != nil {
			return nil, err
		}
		ancestors = ancestors[n:]
		report()
	}
	slices.SortFunc(out, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Hierarchy, b.Hierarchy), cmp.Compare(a.Ancestor, b.Ancestor), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Indicator, b.Indicator))
	})
	return out, nil
}

// promised is what waits to be added to the sums, less what the overlaps take out of them.
func promised(ctx context.Context, tx *db.Tx) (map[row]bundle, error) {
	nodes, _, err := pendingNodes(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := map[row]bundle{}
	for _, n := range nodes {
		out[n.row] = out[n.row].plus(n.sums)
	}
	for _, layer := range []Layer{Submitted, Approved} {
		all, err := standing(ctx, tx, layer, "")
		if err != nil {
			return nil, err
		}
		for _, o := range all {
			above, err := org.Ancestors(ctx, tx, []int64{o.Cell.Unit, o.Other})
			if err != nil {
				return nil, err
			}
			for _, n := range overlapNodes(above[o.Cell.Unit], above[o.Other], o, layer) {
				out[n.row] = out[n.row].plus(n.sums.times(-1))
			}
		}
	}
	return out, nil
}

// compareSums adds what is stored for some ancestors of one hierarchy to wrong and takes away what the figures give.
func (v *Verified) compareSums(ctx context.Context, tx *db.Tx, ancestors []row, wrong map[row]bundle) error {
	args := []any{ancestors[0].hierarchy}
	for _, a := range ancestors {
		args = append(args, a.ancestor)
	}
	in := db.List(len(ancestors), 2)
	rows, err := tx.Query(ctx, `select hierarchy, ancestor, layer, period, sums from rollup where hierarchy = $1 and ancestor in (`+in+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		var text sql.RawBytes
		if err := rows.Scan(&r.hierarchy, &r.ancestor, &r.layer, &r.period, &text); err != nil {
			return err
		}
		stored, err := parseBundle(text)
		if err != nil {
			return fmt.Errorf("sums of %+v: %w", r, err)
		}
		v.Sums += int64(len(stored))
		wrong[r] = wrong[r].plus(stored)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	lines := map[row][]line{}
	if err := computed(ctx, tx, func(r row, l line) {
		l.Sum = l.times(-1)
		lines[r] = append(lines[r], l)
	}, `select x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part,`+sums+` from (
		select a.hierarchy, a.ancestor, f.layer, f.period, f.indicator, f.part,`+weighed("a.weight")+`
		from unit_ancestor a join figure f on f.unit = a.unit join period d on d.id = f.period and a.valid_from <= d.date_to and d.date_to < a.valid_to
		where a.hierarchy = $1 and a.ancestor in (`+in+`) and f.qualifier <> 0 and`+newest+`
		) x group by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part`, args...); err != nil {
		return err
	}
	for r, l := range lines {
		wrong[r] = wrong[r].plus(newBundle(l))
	}
	for r, sums := range wrong {
		if len(sums) == 0 {
			delete(wrong, r)
		}
	}
	return nil
}
