package figure

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

const figureColumns = ` f.unit, f.period, f.layer, f.indicator, f.part, f.version, f.indicator_version, f.value, f.qualifier, f.entry,
	coalesce(f.raw, ''), coalesce(f.as_of, ''), coalesce(f.origin, ''), coalesce(f.reason, '') `

// into lists where figureColumns are scanned to; number becomes Number and Has with counted.
func (v *Version) into(number *sql.NullInt64) []any {
	return []any{
		&v.Unit, &v.Period, &v.Layer, &v.Indicator, &v.Part, &v.Version, &v.IndicatorVersion, number, &v.Qualifier, &v.Entry,
		&v.Raw, &v.AsOf, &v.Origin, &v.Reason,
	}
}

func scanVersion(rows *sql.Rows) (Version, error) { return readVersion(rows.Scan) }

func readVersion(scan db.Scan) (Version, error) {
	var v Version
	var number sql.NullInt64
	err := scan(v.into(&number)...)
	v.Number, v.Has = number.Int64, number.Valid
	return v, err
}

// newest keeps the greatest version of each cell and layer.
const newest = ` f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.layer = f.layer
	and g.indicator = f.indicator and g.part = f.part) `

// standingOf reads the standing figures of a unit, a layer and a period whose indicators' keys lie in a range: one walk along
// the key, whatever the number of corrections. Each engine has its own statement: SQLite walks the key alone and fetches the
// rows that stand (the cross join keeps it from building an index of its own for that), while PostgreSQL, as long as a
// table's statistics are young, would scan the place once more for each figure. The layer is no parameter: SQLite would plan
// the statement anew at each change of a value between 1 and more.
func standingOf(ctx context.Context, tx *db.Tx, layer Layer, unit, per, from, to int64) ([]Version, error) {
	return db.Collect(ctx, tx, scanVersion, standingSelect[tx.Engine()][layer], unit, per, from, to)
}

// bothLayers asks standingOf for the submitted and the approved figures at once.
const bothLayers Layer = 0

var standingSelect = map[db.Engine]map[Layer]string{
	db.SQLite: perLayer(`select` + figureColumns + `from (select g.indicator, g.part, max(g.version) as version from figure g
			where g.unit = $1 and g.period = $2 and g.layer = LAYER and g.indicator between $3 and $4 group by g.indicator, g.part) m
		cross join figure f where f.unit = $1 and f.period = $2 and f.layer = LAYER and f.indicator = m.indicator and f.part = m.part
			and f.version = m.version`),
	db.Postgres: perLayer(`select * from (select distinct on (f.indicator, f.part)` + figureColumns + `from figure f where f.unit = $1 and f.period = $2
		and f.layer = LAYER and f.indicator between $3 and $4 order by f.indicator desc, f.part desc, f.version desc) x`),
}

func perLayer(query string) map[Layer]string {
	of := func(layer Layer) string { return strings.ReplaceAll(query, "LAYER", strconv.Itoa(int(layer))) }
	return map[Layer]string{Submitted: of(Submitted), Approved: of(Approved), bothLayers: of(Submitted) + ` union all ` + of(Approved)}
}

// everyIndicator is the range of all keys.
const everyIndicator = int64(1) << 62

// currentCells reads the standing versions of some cells in a layer (a cell that was never written is absent).
func currentCells(ctx context.Context, tx *db.Tx, layer Layer, cells []Cell) (map[Cell]Version, error) {
	out := make(map[Cell]Version, len(cells))
	for _, c := range cells {
		rows, err := standingOf(ctx, tx, layer, c.Unit, c.Period, c.Indicator, c.Indicator)
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if v.Cell == c {
				out[c] = v
			}
		}
	}
	return out, nil
}

// ofUnit reads all standing figures of a unit for some periods.
func ofUnit(ctx context.Context, tx *db.Tx, layer Layer, unit int64, periods []int64) ([]Version, error) {
	var out []Version
	for _, per := range slices.Sorted(slices.Values(periods)) {
		rows, err := standingOf(ctx, tx, layer, unit, per, 0, everyIndicator)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// versionsOf lists all versions of a cell, both layers, oldest first.
func versionsOf(ctx context.Context, tx *db.Tx, c Cell) ([]Version, error) {
	return db.Collect(ctx, tx, scanVersion, `select`+figureColumns+`from figure f where f.unit = $1 and f.period = $2 and f.indicator = $3
		and f.part = $4 order by f.layer, f.version`, c.Unit, c.Period, c.Indicator, c.Part)
}

const figureInsert = `insert into figure(unit, period, layer, indicator, part, version, indicator_version, value, qualifier, entry,
	raw, as_of, origin, reason) values `

// figureShort is figureInsert for figures that bring no text. Nearly all are such, and SQLite pays for each value bound.
const figureShort = `insert into figure(unit, period, layer, indicator, part, version, indicator_version, value, qualifier, entry) values `

// insertVersions writes new versions, in as few statements as it takes.
func insertVersions(ctx context.Context, tx *db.Tx, versions []Version) error {
	var short, long [][]any
	for _, v := range versions {
		row := v.row()
		if v.Raw == "" && v.AsOf == "" && v.Origin == "" && v.Reason == "" {
			short = append(short, row)
			continue
		}
		long = append(long, append(row, orNull(v.Raw), orNull(v.AsOf), orNull(v.Origin), orNull(v.Reason)))
	}
	if err := tx.Copy(ctx, "figure", figureShort, short); err != nil {
		return err
	}
	return tx.Copy(ctx, "figure", figureInsert, long)
}

// row gives the columns of figureShort.
func (v Version) row() []any {
	var number any
	if v.Has {
		number = v.Number
	}
	return []any{
		v.Unit, v.Period, int64(v.Layer), v.Indicator, v.Part, int64(v.Version), int64(v.IndicatorVersion), number, int64(v.Qualifier), v.Entry,
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Service) insertEntry(ctx context.Context, tx *db.Tx, who auth.Actor, kind EntryKind, origin string) (Entry, error) {
	var b db.Batch
	e := s.askEntry(&b, who, kind, origin)
	if err := tx.Run(ctx, &b); err != nil {
		return *e, fmt.Errorf("insert entry: %w", err)
	}
	return *e, nil
}

// askEntry makes an entry, which has its key once the batch has run.
func (s *Service) askEntry(b *db.Batch, who auth.Actor, kind EntryKind, origin string) *Entry {
	e := &Entry{ID: db.NewID(), At: s.clock.Milli(), Person: who.Person, Kind: kind, Origin: origin}
	b.Query(func(scan db.Scan) error { return scan(&e.Key) }, `insert into figure_entry(id, at, person, kind, origin, undone_by)
		values ($1,$2,$3,$4,$5,null) returning key`, e.ID, e.At, e.Person, string(e.Kind), e.Origin)
	return e
}

// touch records which units and periods an entry wrote to. An entry's figures are found through them, so that five million
// figures need no index by entry.
func (s *Service) touch(ctx context.Context, tx *db.Tx, e Entry, versions []Version) error {
	seen := map[[2]int64]bool{}
	var rows [][]any
	for _, v := range versions {
		if key := [2]int64{v.Unit, v.Period}; !seen[key] {
			seen[key] = true
			rows = append(rows, []any{e.Key, v.Unit, v.Period})
		}
	}
	return tx.InsertLater(ctx, `insert into figure_entry_place(entry, unit, period) values `, ` on conflict (entry, unit, period) do nothing`, rows)
}

// ofEntry lists what an entry wrote in the submitted layer, each with the version that stood before it (zero when none).
func ofEntry(ctx context.Context, tx *db.Tx, e Entry) (wrote []Version, before map[Cell]Version, err error) {
	const here = ` from figure_entry_place w join figure f on f.unit = w.unit and f.period = w.period and f.layer = 1 and f.entry = w.entry `
	if wrote, err = db.Collect(ctx, tx, scanVersion, `select`+figureColumns+here+`where w.entry = $1
		order by f.unit, f.period, f.indicator, f.part`, e.Key); err != nil {
		return nil, nil, err
	}
	earlier, err := db.Collect(ctx, tx, scanVersion, `select`+strings.ReplaceAll(figureColumns, "f.", "o.")+here+`join figure o on o.unit = f.unit
		and o.period = f.period and o.layer = 1 and o.indicator = f.indicator and o.part = f.part and o.version = f.version - 1 where w.entry = $1`, e.Key)
	before = make(map[Cell]Version, len(earlier))
	for _, v := range earlier {
		before[v.Cell] = v
	}
	return wrote, before, err
}

const entrySelect = `select key, id, at, person, kind, origin, coalesce(undone_by, '') from figure_entry where `

func findEntry(ctx context.Context, tx *db.Tx, where string, arg any) (Entry, error) {
	var e Entry
	err := tx.QueryRow(ctx, entrySelect+where, arg).Scan(&e.Key, &e.ID, &e.At, &e.Person, &e.Kind, &e.Origin, &e.UndoneBy)
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
	var b db.Batch
	may := s.askMay(&b, who, perm, units, p)
	if err := tx.Run(ctx, &b); err != nil {
		return err
	}
	return may(ctx, tx)
}

// askMay is may as a part of a batch: what it answers tells once the batch has run.
func (s *Service) askMay(b *db.Batch, who auth.Actor, perm auth.Permission, units []int64, p period.Period) func(context.Context, *db.Tx) error {
	id := p.ID
	if made, err := period.Parse(p.Code); id == 0 && err == nil {
		id = made.ID
	}
	now := period.Ask(b, id)
	seen := 0
	var dead *org.Unit
	slices.Sort(units)
	units = slices.Compact(units)
	for part := range slices.Chunk(units, 500) {
		args := append(db.Args(part), p.To)
		n := len(args)
		args = append(args, org.WithinArgs(who, perm, s.clock.Today())...)
		b.Query(func(scan db.Scan) error {
			var u org.Unit
			held := false
			err := scan(&u.ID, &u.Code, &u.ValidFrom, &u.ValidTo, &held)
			if held {
				seen++
			}
			if !u.Alive(p.To) {
				dead = &u
			}
			return err
		}, `select u.id, u.code, u.valid_from, u.valid_to,`+org.Within("u.id", fmt.Sprintf("$%d", n), n+1)+`
			from unit u where u.id in (`+db.List(len(part), 1)+`)`, args...)
	}
	return func(ctx context.Context, tx *db.Tx) error {
		p, err := now()
		if err != nil {
			return err
		}
		if err := p.MustBeOpen(); err != nil {
			return err
		}
		if dead != nil { // nobody holds it on that day; who may see it at all is told why
			if err := org.MaySee(ctx, tx, who, perm, dead.ID, s.clock.Today()); err != nil {
				return err
			}
			return fault.Refusedf("Đơn vị %s không tồn tại vào ngày cuối của %s; hãy nhập cho đơn vị kế thừa hoặc cho kỳ khác.", dead.Code, p.Name())
		}
		if seen < len(units) {
			return fault.NotFound()
		}
		return nil
	}
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
