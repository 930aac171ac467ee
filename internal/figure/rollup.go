package figure

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"giaoban/internal/db"
	"giaoban/internal/org"
)

// delta is a change of what a unit's cell adds to the sums of its ancestors. day is the period's last day: it decides who
// its ancestors were.
type delta struct {
	Cell
	layer Layer
	day   string
	Sum
}

// row is where sums are kept, a row of the roll-up. Hierarchy 0 is a change that is not yet worked out for the ancestors of the unit.
type row struct {
	hierarchy, ancestor int64
	layer               Layer
	period              int64
}

func (r row) compare(o row) int {
	return cmp.Or(cmp.Compare(r.hierarchy, o.hierarchy), cmp.Compare(r.ancestor, o.ancestor), cmp.Compare(r.layer, o.layer), cmp.Compare(r.period, o.period))
}

// node is a change of the sums of one row.
type node struct {
	row
	day  string
	sums bundle
}

// post takes up the changes of a save. SQLite's writer is alone: it adds them to the roll-up of each ancestor at once. On
// PostgreSQL they wait as leaf deltas for the fold, so that writers neither fight over the root's rows nor read a closure
// that a change of the tree is replacing.
func post(ctx context.Context, tx *db.Tx, deltas []delta) error {
	leaves := leavesOf(deltas)
	if tx.Engine() == db.Postgres {
		return postNodes(ctx, tx, leaves)
	}
	nodes, err := spread(ctx, tx, leaves)
	if err != nil {
		return err
	}
	return addNodes(ctx, tx, nodes)
}

// postNodes takes up changes that are already worked out, as post does.
func postNodes(ctx context.Context, tx *db.Tx, nodes []node) error {
	if tx.Engine() == db.SQLite {
		return addNodes(ctx, tx, nodes)
	}
	rows := make([][]any, 0, len(nodes))
	for _, n := range nodes {
		if len(n.sums) > 0 {
			rows = append(rows, []any{n.hierarchy, n.ancestor, int64(n.layer), n.period, n.day, n.sums.text()})
		}
	}
	return tx.InsertLater(ctx, `insert into pending(hierarchy, node, layer, period, day, sums) values `, "", rows)
}

// leavesOf gathers the changes of each unit, layer and period, in the order of the units.
func leavesOf(deltas []delta) []node {
	var out []node
	lines := map[row][]line{}
	for _, d := range deltas {
		r := row{0, d.Unit, d.layer, d.Period}
		if lines[r] == nil {
			out = append(out, node{row: r, day: d.day})
		}
		lines[r] = append(lines[r], line{d.Indicator, d.Part, d.Sum})
	}
	for i, n := range out {
		out[i].sums = newBundle(lines[n.row])
	}
	slices.SortFunc(out, func(a, b node) int { return a.compare(b.row) })
	return out
}

// spread works leaves out for their ancestors on their day.
func spread(ctx context.Context, tx *db.Tx, leaves []node) ([]node, error) {
	units := make([]int64, len(leaves))
	for i, n := range leaves {
		units[i] = n.ancestor
	}
	above, err := org.Ancestors(ctx, tx, units)
	if err != nil {
		return nil, err
	}
	var out []node
	for _, n := range leaves {
		for _, a := range above[n.ancestor] {
			if a.ValidFrom <= n.day && n.day < a.ValidTo {
				out = append(out, node{row{int64(a.Hierarchy), a.Ancestor, n.layer, n.period}, n.day, n.sums.times(a.Weight)})
			}
		}
	}
	return out, nil
}

// addNodes adds changes to the roll-up. Nobody else may do so meanwhile: SQLite's writer is alone, on PostgreSQL the caller
// holds lockFold.
func addNodes(ctx context.Context, tx *db.Tx, nodes []node) error {
	sums := make(map[row]bundle, len(nodes))
	var keys []row
	for _, n := range nodes {
		if len(n.sums) == 0 {
			continue
		}
		old, seen := sums[n.row]
		if !seen {
			keys = append(keys, n.row)
		}
		sums[n.row] = old.plus(n.sums)
	}
	slices.SortFunc(keys, row.compare)
	if err := addStored(ctx, tx, sums, keys); err != nil {
		return err
	}
	rows := make([][]any, len(keys))
	for i, r := range keys {
		rows[i] = []any{r.hierarchy, r.ancestor, int64(r.layer), r.period, sums[r].text()}
	}
	return tx.Insert(ctx, `insert into rollup(hierarchy, ancestor, layer, period, sums) values `,
		` on conflict (hierarchy, ancestor, layer, period) do update set sums = excluded.sums`, rows)
}

// addStored adds what is stored under the keys, with a statement for each hierarchy, layer and period, which is one or a few.
func addStored(ctx context.Context, tx *db.Tx, sums map[row]bundle, keys []row) error {
	of := map[row][]int64{}
	for _, k := range keys {
		group := row{k.hierarchy, 0, k.layer, k.period}
		of[group] = append(of[group], k.ancestor)
	}
	for group, ancestors := range of {
		for part := range slices.Chunk(ancestors, 512) {
			part = db.Padded(part)
			if err := eachRow(ctx, tx, func(ancestor, period int64, text []byte) error {
				stored, err := parseBundle(text)
				at := row{group.hierarchy, ancestor, group.layer, group.period}
				sums[at] = stored.plus(sums[at])
				return err
			}, `select ancestor, period, sums from rollup where hierarchy = $1 and layer = `+strconv.Itoa(int(group.layer))+` and period = $2 and ancestor in (`+
				db.List(len(part), 3)+`)`, append([]any{group.hierarchy, group.period}, db.Args(part)...)...); err != nil {
				return fmt.Errorf("read sums: %w", err)
			}
		}
	}
	return nil
}

// eachRow runs a select of two numbers and a bundle's text. The text is good until fn returns.
func eachRow(ctx context.Context, tx *db.Tx, fn func(a, b int64, text []byte) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var a, b int64
	var text sql.RawBytes
	into := []any{&a, &b, &text}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := fn(a, b, text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// lockFold makes the folder and a change of the tree exclude each other: both write this row, so the later one of two that
// overlap fails to serialize and runs again on a fresh snapshot. Without it a delta folded through the old closure, after
// the tree's change took its snapshot, would be missing from the re-statement.
// SQLite's writer is alone.
func lockFold(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() == db.SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, `update lease set until = until + 1 where name = 'fold'`)
	return err
}

// Fold moves what is pending into the roll-up and tells how many rows it took. It works up to the greatest id of its own
// snapshot and deletes exactly what it added: on PostgreSQL it must run at repeatable read or above, under lockFold.
func Fold(ctx context.Context, tx *db.Tx) (int64, error) {
	if tx.Engine() == db.SQLite {
		return 0, nil
	}
	nodes, last, err := pendingNodes(ctx, tx)
	if err != nil || last == 0 {
		return 0, err
	}
	if err := addNodes(ctx, tx, nodes); err != nil {
		return 0, fmt.Errorf("fold: %w", err)
	}
	n, err := tx.Exec(ctx, `delete from pending where id <= $1`, last)
	if err != nil {
		return 0, fmt.Errorf("fold: %w", err)
	}
	return n, nil
}

// pendingNodes is all that is pending, worked out per ancestor through the closure of its day, and the greatest id of it.
func pendingNodes(ctx context.Context, tx *db.Tx) (nodes []node, last int64, err error) {
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (node, error) {
		var n node
		var id int64
		var text sql.RawBytes
		if err := rows.Scan(&id, &n.hierarchy, &n.ancestor, &n.layer, &n.period, &n.day, &text); err != nil {
			return n, err
		}
		last = max(last, id)
		var err error
		n.sums, err = parseBundle(text)
		return n, err
	}, `select id, hierarchy, node, layer, period, day, sums from pending`)
	if err != nil {
		return nil, 0, fmt.Errorf("pending: %w", err)
	}
	var leaves []node
	for _, n := range all {
		if n.hierarchy == 0 {
			leaves = append(leaves, n)
		} else {
			nodes = append(nodes, n)
		}
	}
	out, err := spread(ctx, tx, leaves)
	return append(nodes, out...), last, err
}

// Key is a place in a table of totals.
type Key struct {
	Period, Indicator, Part int64
}

// readTotals reads the sums of one ancestor for some periods (all indicators).
func (s *Service) readTotals(ctx context.Context, tx *db.Tx, h org.Hierarchy, ancestor int64, layer Layer, periods []int64) (map[Key]Sum, error) {
	var b db.Batch
	totals := s.askTotals(&b, tx.Engine(), h, ancestor, layer, periods)
	if err := tx.Run(ctx, &b); err != nil {
		return nil, fmt.Errorf("read totals: %w", err)
	}
	return totals(ctx, tx)
}

// askTotals is readTotals as a part of a batch: what it answers gives the table once the batch has run. On PostgreSQL it reads
// what is pending too, in the same snapshot; SQLite has nothing pending.
func (s *Service) askTotals(b *db.Batch, engine db.Engine, h org.Hierarchy, ancestor int64, layer Layer, periods []int64) func(context.Context, *db.Tx) (map[Key]Sum, error) {
	out := totals{}
	if len(periods) == 0 {
		return func(context.Context, *db.Tx) (map[Key]Sum, error) { return out, nil }
	}
	out = make(totals, 64*len(periods))
	in := db.List(len(periods), 4)
	args := append([]any{int64(h), ancestor, int64(layer)}, db.Args(periods)...)
	of := row{int64(h), ancestor, layer, 0}
	var text sql.RawBytes
	into := []any{&of.period, &text}
	b.Query(func(scan db.Scan) error {
		if err := scan(into...); err != nil {
			return err
		}
		return out.add(of.period, text, 1)
	}, `select period, sums from rollup where hierarchy = $1 and ancestor = $2 and layer = $3 and period in (`+in+`)`, args...)
	if engine == db.SQLite {
		return func(context.Context, *db.Tx) (map[Key]Sum, error) { return out, nil }
	}
	// Whose ancestor is asked for is looked up here and not in the statement: joined there, the planner with stale statistics of a
	// table that is always nearly empty reads the closure from the other end, in seconds; row by row, it was most of a read.
	var leaves []waiting
	above := s.holders.Ask(b)
	b.Query(func(scan db.Scan) error {
		var w waiting
		err := scan(&w.hierarchy, &w.ancestor, &w.period, &w.day, &w.text)
		leaves = append(leaves, w)
		return err
	}, `select hierarchy, node, period, day, sums from pending where (hierarchy = 0 or hierarchy = $1 and node = $2) and layer = $3 and period in (`+in+`)`, args...)
	return func(ctx context.Context, tx *db.Tx) (map[Key]Sum, error) {
		if len(leaves) == 0 {
			return out, nil
		}
		units := make([]int64, 0, len(leaves))
		for _, w := range leaves {
			if w.hierarchy == 0 {
				units = append(units, w.ancestor)
			}
		}
		over, err := above(ctx, tx, units)
		if err != nil {
			return nil, fmt.Errorf("read totals: %w", err)
		}
		for _, w := range leaves {
			if err := out.add(w.period, []byte(w.text), w.weight(of, over[w.ancestor])); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// waiting is a row of pending as a reader meets it.
type waiting struct {
	row
	day, text string
}

// weight is how often the row counts for somebody who is read.
func (w waiting) weight(of row, above []org.Ancestor) (sum int64) {
	if w.hierarchy != 0 {
		return 1
	}
	for _, a := range above {
		if int64(a.Hierarchy) == of.hierarchy && a.Ancestor == of.ancestor && a.ValidFrom <= w.day && w.day < a.ValidTo {
			sum += a.Weight
		}
	}
	return sum
}

// totals are sums by period, indicator and part, none of them empty.
type totals map[Key]Sum

// add takes up the text of a bundle of a period, times a weight.
func (t totals) add(period int64, text []byte, weight int64) error {
	if weight == 0 {
		return nil
	}
	return readBundle(text, func(l line) {
		k := Key{period, l.indicator, l.part}
		if weight != 1 {
			l.Sum = l.times(weight)
		}
		if old, ok := t[k]; ok {
			if l.Sum = old.Plus(l.Sum); l.empty() {
				delete(t, k)
				return
			}
		}
		t[k] = l.Sum
	})
}

// weighed are the columns that a current figure adds, times a weight.
func weighed(w string) string {
	q := func(code int) string {
		return fmt.Sprintf("case when f.qualifier = %d then %s else 0 end", code, w)
	}
	return ` coalesce(f.value, 0) * ` + w + ` as sum, ` + w + ` as n, ` + q(2) + ` as n_over, ` + q(3) + ` as n_nearly, ` + q(4) + ` as n_about, ` +
		q(5) + ` as n_at_least, ` + q(6) + ` as n_at_most, case when f.qualifier in (7, 8) then ` + w + ` else 0 end as n_unquantified `
}

// sums are the columns of weighed, added up.
const sums = ` cast(sum(x.sum) as bigint), cast(sum(x.n) as bigint), cast(sum(x.n_over) as bigint), cast(sum(x.n_nearly) as bigint),
	cast(sum(x.n_about) as bigint), cast(sum(x.n_at_least) as bigint), cast(sum(x.n_at_most) as bigint), cast(sum(x.n_unquantified) as bigint) `

// computed runs a select of the columns of a row, of an indicator and a part, and of sums.
func computed(ctx context.Context, tx *db.Tx, fn func(row, line), query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r row
	var l line
	into := []any{&r.hierarchy, &r.ancestor, &r.layer, &r.period, &l.indicator, &l.part, &l.Sum.Sum, &l.N, &l.Over, &l.Nearly, &l.About, &l.AtLeast, &l.AtMost,
		&l.Unquantified}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fn(r, l)
	}
	return rows.Err()
}

// Restate carries a change of the tree into the sums: what a closure row that has gone carried is taken out, what a new one
// carries is added. The caller has folded before the change.
func (s *Service) Restate(ctx context.Context, tx *db.Tx, changes []org.Change) error {
	rows := make([][]any, len(changes))
	for i, c := range changes {
		rows[i] = []any{c.Unit, int64(c.Hierarchy), c.Ancestor.Ancestor, c.ValidFrom, c.ValidTo, c.Weight * c.Sign}
	}
	if err := tx.Insert(ctx, `insert into closure_change(unit, hierarchy, ancestor, valid_from, valid_to, weight) values `, "", rows); err != nil {
		return err
	}
	var nodes []node
	if err := computed(ctx, tx, func(r row, l line) {
		if n := len(nodes); n == 0 || nodes[n-1].row != r {
			nodes = append(nodes, node{row: r})
		}
		if last := &nodes[len(nodes)-1]; !l.empty() {
			last.sums = append(last.sums, l)
		}
	}, `select x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part,`+sums+` from (
		select c.hierarchy, c.ancestor, f.layer, f.period, f.indicator, f.part,`+weighed("c.weight")+`
		from closure_change c join figure f on f.unit = c.unit join period d on d.id = f.period and c.valid_from <= d.date_to and d.date_to < c.valid_to
		where f.qualifier <> 0 and`+newest+`
		) x group by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part
		order by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part`); err != nil {
		return fmt.Errorf("restate: %w", err)
	}
	if err := addNodes(ctx, tx, nodes); err != nil {
		return fmt.Errorf("restate: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from closure_change`); err != nil {
		return err
	}
	return s.restateOverlaps(ctx, tx, changes)
}
