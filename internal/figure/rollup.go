package figure

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// node is a change already worked out for one ancestor.
type node struct {
	hierarchy, ancestor int64
	layer               Layer
	period              int64
	indicator           int64
	part                int64
	day                 string
	Sum
}

const rollupInsert = `insert into rollup(hierarchy, ancestor, layer, period, indicator, part,
	sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified) `

const rollupMerge = ` on conflict (hierarchy, ancestor, layer, period, indicator, part) do update set
	sum = rollup.sum + excluded.sum, n = rollup.n + excluded.n, n_over = rollup.n_over + excluded.n_over,
	n_nearly = rollup.n_nearly + excluded.n_nearly, n_about = rollup.n_about + excluded.n_about,
	n_at_least = rollup.n_at_least + excluded.n_at_least, n_at_most = rollup.n_at_most + excluded.n_at_most,
	n_unquantified = rollup.n_unquantified + excluded.n_unquantified`

// adding is how changes of sums are written: all counts, or for exact figures only, as nearly all are, without the counts of
// the others, since each value bound has its price.
type adding struct {
	all, allMerge     string
	exact, exactMerge string
}

var addingTo = map[db.Engine]adding{
	db.SQLite: {
		rollupInsert + `values `, rollupMerge,
		`insert into rollup(hierarchy, ancestor, layer, period, indicator, part, sum, n) values `,
		` on conflict (hierarchy, ancestor, layer, period, indicator, part) do update set sum = rollup.sum + excluded.sum, n = rollup.n + excluded.n`,
	},
	db.Postgres: {
		`insert into pending(hierarchy, node, layer, period, indicator, part, day, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most,
			n_unquantified) values `, "",
		`insert into pending(hierarchy, node, layer, period, indicator, part, day, sum, n) values `, "",
	},
}

// post takes up the changes of a save. SQLite's writer is alone: it adds them to the roll-up of each ancestor at once. On
// PostgreSQL they wait as leaf deltas for the fold, so that writers neither fight over the root's rows nor read a closure
// that a change of the tree is replacing.
func post(ctx context.Context, tx *db.Tx, deltas []delta) error {
	if len(deltas) == 0 {
		return nil
	}
	if tx.Engine() == db.Postgres {
		leaves := make([]node, len(deltas))
		for i, d := range deltas {
			leaves[i] = node{0, d.Unit, d.layer, d.Period, d.Indicator, d.Part, d.day, d.Sum}
		}
		return postNodes(ctx, tx, leaves)
	}
	nodes, err := gather(ctx, tx, deltas)
	if err != nil {
		return err
	}
	return postNodes(ctx, tx, nodes)
}

// postNodes writes changes: on SQLite straight into the roll-up, on PostgreSQL as pending rows.
func postNodes(ctx context.Context, tx *db.Tx, nodes []node) error {
	var exact, all [][]any
	for _, n := range nodes {
		if n.empty() {
			continue
		}
		row := []any{n.hierarchy, n.ancestor, int64(n.layer), n.period, n.indicator, n.part}
		if tx.Engine() == db.Postgres {
			row = append(row, n.day)
		}
		row = append(row, n.Sum.Sum, n.N)
		if n.Sum == (Sum{Sum: n.Sum.Sum, N: n.N}) {
			exact = append(exact, row)
			continue
		}
		all = append(all, append(row, n.Over, n.Nearly, n.About, n.AtLeast, n.AtMost, n.Unquantified))
	}
	to := addingTo[tx.Engine()]
	if err := tx.Insert(ctx, to.exact, to.exactMerge, exact); err != nil {
		return err
	}
	return tx.Insert(ctx, to.all, to.allMerge, all)
}

// addNodes adds many changes straight to the roll-up, in a transaction that nothing can fold beside: pending rows of a bulk
// load would be written, folded and deleted again.
func addNodes(ctx context.Context, tx *db.Tx, nodes []node) error {
	if tx.Engine() == db.SQLite {
		return postNodes(ctx, tx, nodes)
	}
	if err := lockFold(ctx, tx); err != nil {
		return err
	}
	columns := make([][]int64, 14)
	for _, n := range nodes {
		for i, v := range []int64{n.hierarchy, n.ancestor, int64(n.layer), n.period, n.indicator, n.part, n.Sum.Sum, n.N, n.Over, n.Nearly, n.About, n.AtLeast, n.AtMost, n.Unquantified} {
			columns[i] = append(columns[i], v)
		}
	}
	_, err := tx.Exec(ctx, rollupInsert+`select * from unnest($1::bigint[],$2::bigint[],$3::bigint[],$4::bigint[],$5::bigint[],$6::bigint[],
		$7::bigint[],$8::bigint[],$9::bigint[],$10::bigint[],$11::bigint[],$12::bigint[],$13::bigint[],$14::bigint[])`+rollupMerge, db.Args(columns)...)
	return err
}

// gather adds leaf deltas up per ancestor, in the order of the roll-up's key.
func gather(ctx context.Context, tx *db.Tx, deltas []delta) ([]node, error) {
	units := map[int64]bool{}
	for _, d := range deltas {
		units[d.Unit] = true
	}
	above, err := ancestorsOf(ctx, tx, units)
	if err != nil {
		return nil, err
	}
	type key struct {
		hierarchy, ancestor, layer, period, indicator, part int64
	}
	added := make(map[key]Sum, len(deltas))
	days := map[int64]string{}
	for _, d := range deltas {
		days[d.Period] = d.day
		for _, a := range above[d.Unit] {
			if a.ValidFrom <= d.day && d.day < a.ValidTo {
				k := key{int64(a.Hierarchy), a.Ancestor, int64(d.layer), d.Period, d.Indicator, d.Part}
				added[k] = added[k].Plus(d.times(a.Weight))
			}
		}
	}
	out := make([]node, 0, len(added))
	for k, s := range added {
		out = append(out, node{k.hierarchy, k.ancestor, Layer(k.layer), k.period, k.indicator, k.part, days[k.period], s})
	}
	slices.SortFunc(out, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.hierarchy, b.hierarchy), cmp.Compare(a.ancestor, b.ancestor), cmp.Compare(a.layer, b.layer),
			cmp.Compare(a.period, b.period), cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.part, b.part))
	})
	return out, nil
}

func ancestorsOf(ctx context.Context, tx *db.Tx, units map[int64]bool) (map[int64][]org.Ancestor, error) {
	ids := make([]int64, 0, len(units))
	for id := range units {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := map[int64][]org.Ancestor{}
	for part := range slices.Chunk(ids, 500) {
		rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (org.Ancestor, error) {
			var a org.Ancestor
			err := r.Scan(&a.Unit, &a.Hierarchy, &a.Ancestor, &a.ValidFrom, &a.ValidTo, &a.Weight)
			return a, err
		}, `select unit, hierarchy, ancestor, valid_from, valid_to, weight from unit_ancestor where unit in (`+db.List(len(part), 1)+`)`, db.Args(part)...)
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			out[a.Unit] = append(out[a.Unit], a)
		}
	}
	return out, nil
}

// pendingNodes is all that is pending, worked out per ancestor: leaf deltas through the closure of their day.
const pendingNodes = ` select a.hierarchy, a.ancestor, p.layer, p.period, p.indicator, p.part, p.sum * a.weight as sum, p.n * a.weight as n,
		p.n_over * a.weight as n_over, p.n_nearly * a.weight as n_nearly, p.n_about * a.weight as n_about,
		p.n_at_least * a.weight as n_at_least, p.n_at_most * a.weight as n_at_most, p.n_unquantified * a.weight as n_unquantified
	from pending p join unit_ancestor a on a.unit = p.node and a.valid_from <= p.day and p.day < a.valid_to
	where p.hierarchy = 0 and p.id <= $1
	union all select p.hierarchy, p.node, p.layer, p.period, p.indicator, p.part, p.sum, p.n, p.n_over, p.n_nearly, p.n_about,
		p.n_at_least, p.n_at_most, p.n_unquantified
	from pending p where p.hierarchy > 0 and p.id <= $1 `

const sums = ` cast(sum(x.sum) as bigint), cast(sum(x.n) as bigint), cast(sum(x.n_over) as bigint), cast(sum(x.n_nearly) as bigint),
	cast(sum(x.n_about) as bigint), cast(sum(x.n_at_least) as bigint), cast(sum(x.n_at_most) as bigint), cast(sum(x.n_unquantified) as bigint) `

// lockFold makes the folder and a change of the tree exclude each other: both write this row, so the later one of two that
// overlap fails to serialize and runs again on a fresh snapshot. Without it a delta folded through the old closure, after
// the tree's change took its snapshot, would be missing from the re-statement.
func lockFold(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `update lease set until = until + 1 where name = 'fold'`)
	return err
}

// Fold moves what is pending into the roll-up and tells how many rows it took. It works up to the greatest id of its own
// snapshot and deletes exactly what it added: on PostgreSQL it must run at repeatable read or above, and one at a time.
func Fold(ctx context.Context, tx *db.Tx) (int64, error) {
	var last sql.NullInt64
	if err := tx.QueryRow(ctx, `select max(id) from pending`).Scan(&last); err != nil {
		return 0, fmt.Errorf("fold: %w", err)
	}
	if !last.Valid {
		return 0, nil
	}
	if _, err := tx.Exec(ctx, rollupInsert+` select x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part,`+sums+`
		from (`+pendingNodes+`) x where true group by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part
		order by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part`+rollupMerge, last.Int64); err != nil {
		return 0, fmt.Errorf("fold: %w", err)
	}
	n, err := tx.Exec(ctx, `delete from pending where id <= $1`, last.Int64)
	if err != nil {
		return 0, fmt.Errorf("fold: %w", err)
	}
	return n, nil
}

// Key is a place in a table of totals.
type Key struct {
	Period, Indicator, Part int64
}

// readTotals reads the sums of one ancestor for some periods (all indicators). On PostgreSQL roll-up and pending are read in
// one statement and so in one snapshot; SQLite has nothing pending.
func readTotals(ctx context.Context, tx *db.Tx, h org.Hierarchy, ancestor int64, layer Layer, periods []int64) (map[Key]Sum, error) {
	out := make(map[Key]Sum, 64*len(periods))
	if len(periods) == 0 {
		return out, nil
	}
	in := db.List(len(periods), 4)
	query := `select period, indicator, part, sum, n,` + kinds + `from rollup where hierarchy = $1 and ancestor = $2 and layer = $3 and period in (` + in + `)`
	if tx.Engine() == db.Postgres {
		query += pendingTotals(in)
	}
	args := append([]any{int64(h), ancestor, int64(layer)}, db.Args(periods)...)
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read totals: %w", err)
	}
	defer rows.Close()
	var k Key
	var s Sum
	var counts string
	into := []any{&k.Period, &k.Indicator, &k.Part, &s.Sum, &s.N, &counts}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if err := s.readKinds(counts); err != nil {
			return nil, err
		}
		if s = out[k].Plus(s); s.empty() {
			delete(out, k)
			continue
		}
		out[k] = s
	}
	return out, rows.Err()
}

// kinds joins the counts of figures that are not exact into one column, empty where there are none: a page reads hundreds of
// rows, and each column of each row has its price.
const kinds = ` case when n_over = 0 and n_nearly = 0 and n_about = 0 and n_at_least = 0 and n_at_most = 0 and n_unquantified = 0 then '' else
	n_over || ' ' || n_nearly || ' ' || n_about || ' ' || n_at_least || ' ' || n_at_most || ' ' || n_unquantified end `

func (s *Sum) readKinds(counts string) error {
	s.Over, s.Nearly, s.About, s.AtLeast, s.AtMost, s.Unquantified = 0, 0, 0, 0, 0, 0
	for _, into := range []*int64{&s.Over, &s.Nearly, &s.About, &s.AtLeast, &s.AtMost, &s.Unquantified} {
		if counts == "" {
			return nil
		}
		var one string
		one, counts, _ = strings.Cut(counts, " ")
		n, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return fmt.Errorf("counts of a sum: %w", err)
		}
		*into = n
	}
	return nil
}

// pendingTotals adds to a read of the roll-up the rows that wait for the fold, of PostgreSQL only; the reader adds rows of
// one key up. A leaf's weight is a scalar subquery on the closure's key: as a join, the planner with stale statistics of a
// table that is always nearly empty reads the closure from the other end, in seconds. The offset keeps the planner from
// asking it once for each column.
func pendingTotals(periods string) string {
	const weight = `coalesce((select cast(sum(a.weight) as bigint) from unit_ancestor a where a.unit = p.node and a.hierarchy = $1 and a.ancestor = $2
		and a.valid_from <= p.day and p.day < a.valid_to), 0)`
	return ` union all select period, indicator, part, sum, n,` + kinds + `from pending where hierarchy = $1 and node = $2 and layer = $3 and period in (` + periods + `)
		union all select period, indicator, part, sum, n,` + kinds + `from (
			select y.period, y.indicator, y.part, y.sum * y.w as sum, y.n * y.w as n, y.n_over * y.w as n_over, y.n_nearly * y.w as n_nearly,
				y.n_about * y.w as n_about, y.n_at_least * y.w as n_at_least, y.n_at_most * y.w as n_at_most, y.n_unquantified * y.w as n_unquantified
			from (select p.*, ` + weight + ` as w from pending p where p.hierarchy = 0 and p.layer = $3 and p.period in (` + periods + `) offset 0) y where y.w <> 0) z`
}

// weighed are the columns that a current figure adds, times a weight.
func weighed(w string) string {
	q := func(code int) string {
		return fmt.Sprintf("case when f.qualifier = %d then %s else 0 end", code, w)
	}
	return ` coalesce(f.value, 0) * ` + w + ` as sum, ` + w + ` as n, ` + q(2) + ` as n_over, ` + q(3) + ` as n_nearly, ` + q(4) + ` as n_about, ` +
		q(5) + ` as n_at_least, ` + q(6) + ` as n_at_most, case when f.qualifier in (7, 8) then ` + w + ` else 0 end as n_unquantified `
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
	if _, err := tx.Exec(ctx, rollupInsert+` select x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part,`+sums+` from (
		select c.hierarchy, c.ancestor, f.layer, f.period, f.indicator, f.part,`+weighed("c.weight")+`
		from closure_change c join figure f on f.unit = c.unit join period d on d.id = f.period and c.valid_from <= d.date_to and d.date_to < c.valid_to
		where f.qualifier <> 0 and f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period
			and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer)
		) x where true group by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part
		order by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part`+rollupMerge); err != nil {
		return fmt.Errorf("restate: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from closure_change`); err != nil {
		return err
	}
	return s.restateOverlaps(ctx, tx, changes)
}
