package notice

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/job"
)

// Tell gives people a note, in the transaction of what it tells of. Nobody is told twice, and the program itself is nobody.
func Tell(ctx context.Context, tx *db.Tx, at int64, people []string, n Note) error {
	if !n.Kind.Known() {
		return fmt.Errorf("notice: no kind %q", n.Kind)
	}
	args, err := json.Marshal(n.Args)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(people))), func(id string) bool {
		return id == "" || id == auth.System().Person
	})
	for _, person := range people {
		// An account that is gone or was never one is nobody to tell.
		ways, err := db.Collect(ctx, tx, db.Scalar[Way], `insert into notice(id, person, kind, path, at, text, args, read_at, way, mailed)
			select $1, p.id, $3, $4, $5, $6, $7, 0, coalesce(c.way, $8), 0 from person p left join notice_choice c on c.person = p.id and c.kind = $3
			where p.id = $2 and p.erased = 0 and coalesce(c.way, $8) <> $9
			on conflict (person, kind, path) where read_at = 0 do update set at = excluded.at, text = excluded.text, args = excluded.args, way = excluded.way
			returning way`, db.NewID(), person, string(n.Kind), n.Path, at, n.Text, string(args), string(n.Kind.Standard()), string(None))
		if err != nil {
			return fmt.Errorf("tell %s: %w", n.Kind, err)
		}
		if slices.Contains(ways, Now) {
			if err := job.EnqueueOnce(ctx, tx, letterKind, person, clock.Real().Now().Add(gather)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Settle takes notices of some kinds about a page as read by all who have them: what they asked for is done.
func Settle(ctx context.Context, tx *db.Tx, at int64, path string, kinds []Kind) error {
	args := []any{at, path}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	_, err := tx.Exec(ctx, `update notice set read_at = $1 where path = $2 and read_at = 0 and kind in (`+db.List(len(kinds), 3)+`)`, args...)
	return err
}

// Holders lists the people who hold a permission today by a grant of their own over just this unit: those whose work it is,
// not all who stand above it.
func Holders(ctx context.Context, tx *db.Tx, p auth.Permission, unit int64, today string) ([]string, error) {
	return db.Collect(ctx, tx, db.Scalar[string], `select distinct g.person from access_grant g
		join access_role_permission rp on rp.role = g.role and rp.permission = $1 join person n on n.id = g.person and not n.disabled
		where g.unit = $2 and g.delegation = '' and g.valid_from <= $3 and $3 < g.valid_to order by g.person`, string(p), unit, today)
}

// HoldersOf is Holders for many units at once.
func HoldersOf(ctx context.Context, tx *db.Tx, p auth.Permission, units []int64, today string) (map[int64][]string, error) {
	out := map[int64][]string{}
	for part := range slices.Chunk(units, mostUnits) {
		if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
			var unit int64
			var person string
			err := rows.Scan(&unit, &person)
			out[unit] = append(out[unit], person)
			return struct{}{}, err
		}, `select distinct g.unit, g.person from access_grant g
			join access_role_permission rp on rp.role = g.role and rp.permission = $1 join person n on n.id = g.person and not n.disabled
			where g.delegation = '' and g.valid_from <= $2 and $2 < g.valid_to and g.unit in (`+db.List(len(part), 3)+`) order by g.unit, g.person`,
			append([]any{string(p), today}, db.Args(part)...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Above finds for each unit the nearest one above it (or itself), by territory, over which somebody holds a permission by a grant of their
// own today: whose business the unit's is. A role that holds the permission without as well does not count; empty: all do.
func Above(ctx context.Context, tx *db.Tx, p, without auth.Permission, units []int64, today string) (map[int64]Keeper, error) {
	out := map[int64]Keeper{}
	for part := range slices.Chunk(units, mostUnits) {
		type row struct {
			unit, above int64
			person      string
		}
		rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (x row, err error) {
			var depth int64
			return x, rows.Scan(&x.unit, &depth, &x.above, &x.person)
		},
			`select distinct a.unit, a.depth, a.ancestor, g.person from unit_ancestor a join access_grant g on g.unit = a.ancestor
			join access_role_permission rp on rp.role = g.role and rp.permission = $1 join person n on n.id = g.person and not n.disabled
			where a.hierarchy = 1 and a.valid_from <= $2 and $2 < a.valid_to and g.delegation = '' and g.valid_from <= $2 and $2 < g.valid_to
			and not exists (select 1 from access_role_permission x where x.role = g.role and x.permission = $3)
			and a.unit in (`+db.List(len(part), 4)+`) order by a.unit, a.depth, a.ancestor, g.person`, append([]any{string(p), today, string(without)}, db.Args(part)...)...)
		if err != nil {
			return nil, err
		}
		for _, x := range rows {
			k, known := out[x.unit]
			if known && k.Unit != x.above {
				continue // one that is nearer has it
			}
			out[x.unit] = Keeper{x.above, append(k.People, x.person)}
		}
	}
	return out, nil
}

// Keeper is a unit with those who hold a permission over it.
type Keeper struct {
	Unit   int64
	People []string
}

// mostUnits are how many placeholders one statement gets.
const mostUnits = 300

// Forget removes what a person was told and what they chose.
func Forget(ctx context.Context, tx *db.Tx, person string) error {
	for _, table := range []string{"notice", "notice_choice", "notice_letter", "notice_calendar"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where person = $1`, person); err != nil {
			return fmt.Errorf("forget a person: %w", err)
		}
	}
	return nil
}

// pending are the unread notices of a person that a letter is to tell of and none has told of yet, in one of the ways, from between
// two moments; the weightiest kinds first.
func pending(ctx context.Context, tx *db.Tx, person string, from, to int64, ways ...Way) ([]Notice, error) {
	args := []any{person, from, to}
	for _, w := range ways {
		args = append(args, string(w))
	}
	list, err := db.Collect(ctx, tx, scan, columns+` where person = $1 and read_at = 0 and at > mailed and at >= $2 and at < $3 and way in (`+db.List(len(ways), 4)+`)
		order by at desc, id`, args...)
	slices.SortStableFunc(list, func(a, b Notice) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) })
	return list, err
}

// told notes that a letter tells of notices.
func told(ctx context.Context, tx *db.Tx, list []Notice, at int64) error {
	for _, n := range list {
		if _, err := tx.Exec(ctx, `update notice set mailed = $2 where id = $1`, n.ID, at); err != nil {
			return err
		}
	}
	return nil
}

// startOf is the first moment of the day of another.
func startOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
