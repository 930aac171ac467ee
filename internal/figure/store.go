package figure

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

const figureColumns = ` f.unit, f.period, f.indicator, f.part, f.layer, f.version, f.indicator_version, f.value, f.qualifier,
	coalesce(f.raw, ''), coalesce(f.as_of, ''), f.entry, coalesce(f.origin, ''), coalesce(f.reason, '') `

func scanVersion(rows *sql.Rows) (Version, error) {
	var v Version
	var number sql.NullInt64
	err := rows.Scan(&v.Unit, &v.Period, &v.Indicator, &v.Part, &v.Layer, &v.Version, &v.IndicatorVersion, &number, &v.Qualifier,
		&v.Raw, &v.AsOf, &v.Entry, &v.Origin, &v.Reason)
	v.Number, v.Has = number.Int64, number.Valid
	return v, err
}

// newest keeps the greatest version of each cell and layer.
const newest = ` f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period
	and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer) `

// currentCells reads the standing versions of some cells in a layer (a cell that was never written is absent).
func currentCells(ctx context.Context, tx *db.Tx, layer Layer, cells []Cell) (map[Cell]Version, error) {
	type place struct{ unit, period int64 }
	wanted := map[Cell]bool{}
	var places []place
	for _, c := range cells {
		if p := (place{c.Unit, c.Period}); !slices.Contains(places, p) {
			places = append(places, p)
		}
		wanted[c] = true
	}
	out := make(map[Cell]Version, len(cells))
	for _, p := range places {
		rows, err := db.Collect(ctx, tx, scanVersion, `select`+figureColumns+`from figure f where f.unit = $1 and f.period = $2 and f.layer = $3
			and`+newest, p.unit, p.period, int64(layer))
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if wanted[v.Cell] {
				out[v.Cell] = v
			}
		}
	}
	return out, nil
}

// ofUnit reads all standing figures of a unit for some periods.
func ofUnit(ctx context.Context, tx *db.Tx, layer Layer, unit int64, periods []int64) ([]Version, error) {
	if len(periods) == 0 {
		return nil, nil
	}
	return db.Collect(ctx, tx, scanVersion, `select`+figureColumns+`from figure f where f.unit = $1 and f.layer = $2
		and f.period in (`+db.List(len(periods), 3)+`) and`+newest+` order by f.period, f.indicator, f.part`,
		append([]any{unit, int64(layer)}, db.Args(periods)...)...)
}

// versionsOf lists all versions of a cell, both layers, oldest first.
func versionsOf(ctx context.Context, tx *db.Tx, c Cell) ([]Version, error) {
	return db.Collect(ctx, tx, scanVersion, `select`+figureColumns+`from figure f where f.unit = $1 and f.period = $2 and f.indicator = $3
		and f.part = $4 order by f.layer, f.version`, c.Unit, c.Period, c.Indicator, c.Part)
}

const figureInsert = `insert into figure(unit, period, indicator, part, layer, version, indicator_version, value, qualifier, raw, as_of,
	entry, origin, reason) values `

func (v Version) row() []any {
	var number any
	if v.Has {
		number = v.Number
	}
	return []any{
		v.Unit, v.Period, v.Indicator, v.Part, int64(v.Layer), v.Version, v.IndicatorVersion, number, int64(v.Qualifier),
		orNull(v.Raw), orNull(v.AsOf), v.Entry, orNull(v.Origin), orNull(v.Reason),
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Service) insertEntry(ctx context.Context, tx *db.Tx, who auth.Actor, kind EntryKind, origin string) (string, error) {
	id := db.NewID()
	_, err := tx.Exec(ctx, `insert into figure_entry(id, at, person, kind, origin, undone_by) values ($1,$2,$3,$4,$5,null)`,
		id, s.clock.Milli(), who.Person, string(kind), origin)
	return id, err
}

func findEntry(ctx context.Context, tx *db.Tx, id string) (Entry, error) {
	var e Entry
	err := tx.QueryRow(ctx, `select id, at, person, kind, origin, coalesce(undone_by, '') from figure_entry where id = $1`, id).
		Scan(&e.ID, &e.At, &e.Person, &e.Kind, &e.Origin, &e.UndoneBy)
	if db.Missing(err) {
		return e, fault.NotFound()
	}
	return e, err
}

// mayEnter checks units against the actor's grants, their life, and the period's state, in the transaction that writes.
func (s *Service) mayEnter(ctx context.Context, tx *db.Tx, who auth.Actor, units []int64, p period.Period) error {
	return s.may(ctx, tx, who, auth.Enter, units, p)
}

func (s *Service) may(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, units []int64, p period.Period) error {
	now, err := period.Find(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	if err := now.MustBeOpen(); err != nil {
		return err
	}
	slices.Sort(units)
	units = slices.Compact(units)
	for part := range slices.Chunk(units, 500) {
		args := append(db.Args(part), p.To)
		n := len(args)
		day := fmt.Sprintf("$%d", n)
		args = append(args, org.WithinArgs(who, perm, s.clock.Today())...)
		seen, err := db.Collect(ctx, tx, func(r *sql.Rows) (org.Unit, error) {
			var u org.Unit
			err := r.Scan(&u.ID, &u.Code, &u.ValidFrom, &u.ValidTo)
			return u, err
		}, `select u.id, u.code, u.valid_from, u.valid_to from unit u where u.id in (`+db.List(len(part), 1)+`)
			and (`+org.Within("u.id", day, n+1)+` or (u.valid_from > `+day+` or u.valid_to <= `+day+`) and `+org.Within("u.id", "ga.valid_from", n+1)+`)`, args...)
		if err != nil {
			return err
		}
		if len(seen) < len(part) {
			return fault.NotFound()
		}
		for _, u := range seen {
			if !u.Alive(p.To) {
				return fault.Refusedf("Đơn vị %s không tồn tại vào ngày cuối của %s; hãy nhập cho đơn vị kế thừa hoặc cho kỳ khác.", u.Code, p.Name())
			}
		}
	}
	return nil
}

func insertCompanions(ctx context.Context, tx *db.Tx, c Cell, version int, list []Companion) error {
	rows := make([][]any, len(list))
	counts := map[Role]int{}
	for i, k := range list {
		rows[i] = []any{c.Unit, c.Period, c.Indicator, c.Part, version, string(k.Role), counts[k.Role], k.Value, k.Decimals, int64(k.Qualifier), k.Unit, k.Label}
		counts[k.Role]++
	}
	return tx.Insert(ctx, `insert into figure_companion(unit, period, indicator, part, version, role, ordinal, value, decimals, qualifier, measure, label) values `, "", rows)
}

// companionsOf reads the companions of a unit's cells in a period, by cell and version.
func companionsOf(ctx context.Context, tx *db.Tx, unit, per int64) (map[Cell]map[int][]Companion, error) {
	rows, err := tx.Query(ctx, `select indicator, part, version, role, value, decimals, qualifier, measure, label from figure_companion
		where unit = $1 and period = $2 order by indicator, part, version, role, ordinal`, unit, per)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[Cell]map[int][]Companion{}
	for rows.Next() {
		c := Cell{Unit: unit, Period: per}
		var version int
		var k Companion
		if err := rows.Scan(&c.Indicator, &c.Part, &version, &k.Role, &k.Value, &k.Decimals, &k.Qualifier, &k.Unit, &k.Label); err != nil {
			return nil, err
		}
		if out[c] == nil {
			out[c] = map[int][]Companion{}
		}
		out[c][version] = append(out[c][version], k)
	}
	return out, rows.Err()
}
