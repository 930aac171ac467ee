package figure

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Flag says that a source contradicts itself. The figure stays as printed.
type Flag struct {
	ID      string
	Cell    Cell
	Version int
	Rule    Rule
	Text    string
	At      int64
	Settled string // why somebody has settled it, or empty
}

// Rule names a check.
type Rule string

const (
	PercentOfTarget  Rule = "percent-of-target"  // printed percent against value/target
	PercentOfWhole   Rule = "percent-of-whole"   // printed percent against value/denominator
	PercentOfEarlier Rule = "percent-of-earlier" // printed growth against value/baseline
	DeltaOfEarlier   Rule = "delta"              // printed difference against value - baseline
	PartsDoNotAdd    Rule = "parts"              // additive parts against the total
	OfWhichTooLarge  Rule = "of-which"           // an of-which above its total
	AboveWhole       Rule = "above-whole"        // value above its denominator
	RawDiffers       Rule = "raw"                // the printed text reads differently from the value
	SaidBySource     Rule = "source"             // whoever gave the figure says that its source contradicts itself
)

// check runs the rules over the cells of one indicator of one unit and period.
func check(in indicator.Indicator, cells map[int64]Version, beside map[int64][]Companion) []Flag {
	var out []Flag
	flag := func(v Version, rule Rule, format string, args ...any) {
		out = append(out, Flag{Cell: v.Cell, Version: v.Version, Rule: rule, Text: fmt.Sprintf(format, args...)})
	}
	for _, part := range sortedParts(cells) {
		v := cells[part]
		checkRaw(v, in, flag)
		checkPercents(v, in, beside[part], flag)
	}
	checkParts(in, cells, flag)
	return out
}

func sortedParts(cells map[int64]Version) []int64 {
	out := make([]int64, 0, len(cells))
	for p := range cells {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

type flagger func(v Version, rule Rule, format string, args ...any)

// checkRaw reads the printed text again. A text that cannot be read, or reads as another number, is shown to people.
func checkRaw(v Version, in indicator.Indicator, flag flagger) {
	if v.Raw == "" || !v.Has {
		return
	}
	if num, _, _, err := viet.ParseRatio(v.Raw); err == nil {
		if n, err := num.At(in.Decimals); err == nil && n.Value != v.Number {
			flag(v, RawDiffers, "Bản gốc ghi “%s”, số được nhập là %s.", v.Raw, viet.FormatInt(v.Number, in.Decimals))
		}
		return
	}
	q, err := Read(v.Raw, in)
	if err != nil {
		flag(v, RawDiffers, "Bản gốc ghi “%s” không đọc được thành một con số rõ ràng; số được nhập là %s.", v.Raw, viet.FormatInt(v.Number, in.Decimals))
		return
	}
	if q.HasNumber() && q.Value != v.Number {
		flag(v, RawDiffers, "Bản gốc ghi “%s”, số được nhập là %s.", v.Raw, viet.FormatInt(v.Number, in.Decimals))
	}
}

func checkPercents(v Version, in indicator.Indicator, beside []Companion, flag flagger) {
	if !v.Has {
		return
	}
	value := scaled(v.Number, in.Decimals)
	by := map[Role]Companion{}
	for _, k := range beside {
		if _, ok := by[k.Role]; !ok {
			by[k.Role] = k
		}
	}
	percent, hasPercent := by[Percent]
	for _, c := range []struct {
		of   Role
		rule Rule
		text string
	}{{Target, PercentOfTarget, "chỉ tiêu"}, {Denominator, PercentOfWhole, "tổng số"}} {
		whole, ok := by[c.of]
		if !ok || whole.Value == 0 {
			continue
		}
		if c.of == Denominator && value.Cmp(scaled(whole.Value, whole.Decimals)) > 0 {
			flag(v, AboveWhole, "Số %s lớn hơn tổng số %s.", plain(v.Number, in.Decimals), plain(whole.Value, whole.Decimals))
		}
		if hasPercent && (percent.Label == "" || percent.Label == whole.Label || c.of == Target) {
			want := new(big.Rat).Mul(new(big.Rat).Quo(value, scaled(whole.Value, whole.Decimals)), big.NewRat(100, 1))
			if !near(want, percent) {
				flag(v, c.rule, "Tỷ lệ in là %s%%, nhưng %s trên %s %s là %s%%.", plain(percent.Value, percent.Decimals),
					plain(v.Number, in.Decimals), c.text, plain(whole.Value, whole.Decimals), decimal(want))
			}
			hasPercent = false
		}
	}
	base, ok := by[Baseline]
	if !ok || base.Value == 0 {
		return
	}
	earlier := scaled(base.Value, base.Decimals)
	if d, ok := by[Delta]; ok {
		if want := new(big.Rat).Sub(value, earlier); want.Cmp(scaled(d.Value, d.Decimals)) != 0 {
			flag(v, DeltaOfEarlier, "Mức tăng, giảm in là %s, nhưng %s trừ %s là %s.", plain(d.Value, d.Decimals),
				plain(v.Number, in.Decimals), plain(base.Value, base.Decimals), decimal(want))
		}
	}
	if p, ok := by[OverPercent]; ok {
		want := new(big.Rat).Mul(new(big.Rat).Sub(new(big.Rat).Quo(value, earlier), big.NewRat(1, 1)), big.NewRat(100, 1))
		if !near(want, p) {
			flag(v, PercentOfEarlier, "Tỷ lệ tăng in là %s%%, nhưng tính từ %s lên %s là %s%%.", plain(p.Value, p.Decimals),
				plain(base.Value, base.Decimals), plain(v.Number, in.Decimals), decimal(want))
		}
	}
}

// near accepts what rounding or cutting at the printed digits can make: less than one unit of the last digit.
func near(want *big.Rat, printed Companion) bool {
	if printed.Qualifier != viet.Exact && printed.Qualifier != viet.Blank {
		return true // "trên 90%" is no claim of digits
	}
	diff := new(big.Rat).Sub(want, scaled(printed.Value, printed.Decimals))
	return diff.Abs(diff).Cmp(scaled(1, printed.Decimals)) < 0
}

func checkParts(in indicator.Indicator, cells map[int64]Version, flag flagger) {
	total, ok := cells[0]
	if !ok || !total.Has {
		return
	}
	var sum int64
	parts, all := 0, true
	for _, p := range in.Parts {
		v, ok := cells[p.Part]
		switch {
		case p.Kind == indicator.OfWhich:
			if ok && v.Has && v.Number > total.Number && total.Qualifier == viet.Exact && v.Qualifier == viet.Exact {
				flag(v, OfWhichTooLarge, "“%s” (%s) lớn hơn tổng số (%s).", p.Name, plain(v.Number, in.Decimals), plain(total.Number, in.Decimals))
			}
		case !ok || !v.Has || v.Qualifier != viet.Exact:
			all = false
		default:
			sum += v.Number
			parts++
		}
	}
	if all && parts > 0 && total.Qualifier == viet.Exact && sum != total.Number {
		flag(total, PartsDoNotAdd, "Các phần cộng lại là %s, tổng số ghi là %s.", plain(sum, in.Decimals), plain(total.Number, in.Decimals))
	}
}

func scaled(v int64, decimals int) *big.Rat {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	return new(big.Rat).SetFrac(big.NewInt(v), den)
}

func plain(v int64, decimals int) string { return viet.FormatPlain(v, decimals) }

// decimal prints a computed ratio with two decimals, half up.
func decimal(r *big.Rat) string {
	hundred := new(big.Rat).Mul(r, big.NewRat(100, 1))
	n := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Mul(hundred.Num(), big.NewInt(2)), hundred.Denom()), new(big.Int).Mul(hundred.Denom(), big.NewInt(2)))
	return viet.FormatPlain(n.Int64(), 2)
}

// flags checks the indicators that this act has touched and replaces their unsettled flags. A plain number alone, with nothing
// beside it, contradicts nothing: the catalogue is asked for only where there is more.
func (w *writing) flags(ctx context.Context) error {
	touched := map[place0]bool{}
	for _, d := range w.deltas {
		touched[place0{d.Unit, d.Period, d.Indicator}] = true
	}
	var catalog *indicator.Catalog
	for _, pl := range w.places {
		cells, interesting := w.touchedCells(pl, touched)
		if !interesting && !w.around.beside[place0{unit: pl.unit, period: pl.p.ID}] {
			continue
		}
		if catalog == nil {
			var err error
			if catalog, err = w.s.indicators.In(ctx, w.tx); err != nil {
				return err
			}
		}
		if err := w.flagPlace(ctx, pl, catalog, cells); err != nil {
			return err
		}
	}
	return nil
}

type place0 struct{ unit, period, indicator int64 }

// touchedCells are the standing cells of a place whose indicators were touched, by indicator and part; interesting when they
// hold more than plain totals.
func (w *writing) touchedCells(pl place, touched map[place0]bool) (cells map[int64]map[int64]Version, interesting bool) {
	cells = map[int64]map[int64]Version{}
	for c, v := range w.standing {
		if c.Unit != pl.unit || c.Period != pl.p.ID || !touched[place0{c.Unit, c.Period, c.Indicator}] {
			continue
		}
		if cells[c.Indicator] == nil {
			cells[c.Indicator] = map[int64]Version{}
		}
		if !v.Blank() {
			cells[c.Indicator][c.Part] = v
		}
		interesting = interesting || v.Raw != "" || c.Part != 0
	}
	return cells, interesting
}

func (w *writing) flagPlace(ctx context.Context, pl place, catalog *indicator.Catalog, cells map[int64]map[int64]Version) error {
	stored, err := companionsOf(ctx, w.tx, pl.unit, pl.p.ID)
	if err != nil {
		return err
	}
	for ind, parts := range cells {
		in, ok := catalog.ByID(ind)
		if !ok {
			continue
		}
		beside := map[int64][]Companion{}
		for part, v := range parts {
			beside[part] = stored[v.Cell][v.Version]
		}
		if _, err := w.tx.Exec(ctx, `delete from figure_flag where unit = $1 and period = $2 and indicator = $3 and settled is null`, pl.unit, pl.p.ID, ind); err != nil {
			return err
		}
		for _, f := range check(in, parts, beside) {
			if _, err := w.tx.Exec(ctx, `insert into figure_flag(id, unit, period, indicator, part, version, rule, text, at, settled, settled_by, settled_why)
				values ($1,$2,$3,$4,$5,$6,$7,$8,$9,null,null,null)`, db.NewID(), f.Cell.Unit, f.Cell.Period, f.Cell.Indicator, f.Cell.Part,
				f.Version, string(f.Rule), f.Text, w.s.clock.Milli()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flags lists the contradictions of the units below an ancestor in some periods, as far as the actor may see them.
func Flags(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, periods []period.Period, today string) ([]Flag, error) {
	if len(periods) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(periods))
	for i, p := range periods {
		ids[i] = p.ID
	}
	n := len(ids)
	args := append(db.Args(ids), ancestor)
	args = append(args, org.WithinArgs(who, auth.View, today)...)
	return db.Collect(ctx, tx, func(r *sql.Rows) (Flag, error) {
		var f Flag
		err := r.Scan(&f.ID, &f.Cell.Unit, &f.Cell.Period, &f.Cell.Indicator, &f.Cell.Part, &f.Version, &f.Rule, &f.Text, &f.At, &f.Settled)
		return f, err
	}, `select x.id, x.unit, x.period, x.indicator, x.part, x.version, x.rule, x.text, x.at, coalesce(x.settled_why, '')
		from figure_flag x join period d on d.id = x.period
		join unit_ancestor a on a.unit = x.unit and a.hierarchy = 1 and a.ancestor = $`+fmt.Sprint(n+1)+` and a.valid_from <= d.date_to and d.date_to < a.valid_to
		where x.period in (`+db.List(n, 1)+`) and `+org.Within("x.unit", "d.date_to", n+2)+` order by x.at, x.id`, args...)
}

// FlagIn records that the source of a figure contradicts itself in a way that no rule here sees. It is about the version
// that stands: the next one takes it away.
func (s *Service) FlagIn(ctx context.Context, tx *db.Tx, who auth.Actor, p period.Period, c Cell, text string) error {
	if err := s.mayEnter(ctx, tx, who, []int64{c.Unit}, p); err != nil {
		return err
	}
	now, err := currentCells(ctx, tx, Submitted, []Cell{c})
	if err != nil {
		return err
	}
	v := now[c]
	if v.Blank() {
		return fault.Refused("Ô chưa có số liệu nên không đánh dấu mâu thuẫn được.")
	}
	var same int
	if err := tx.QueryRow(ctx, `select count(*) from figure_flag where unit = $1 and period = $2 and indicator = $3 and part = $4 and version = $5
		and rule = $6 and text = $7`, c.Unit, c.Period, c.Indicator, c.Part, v.Version, string(SaidBySource), text).Scan(&same); err != nil || same > 0 {
		return err
	}
	_, err = tx.Exec(ctx, `insert into figure_flag(id, unit, period, indicator, part, version, rule, text, at, settled, settled_by, settled_why)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,null,null,null)`, db.NewID(), c.Unit, c.Period, c.Indicator, c.Part, v.Version, string(SaidBySource), text, s.clock.Milli())
	return err
}

// SettleFlag records why a contradiction stays as it is. The flag stays visible with that reason.
func (s *Service) SettleFlag(ctx context.Context, who auth.Actor, id, why string) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	if why == "" {
		return fault.Invalid("why", "Hãy nêu lý do giữ nguyên số liệu.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update figure_flag set settled = $2, settled_by = $3, settled_why = $4 where id = $1 and settled is null
			and exists (select 1 from period d where d.id = figure_flag.period and `+org.Within("figure_flag.unit", "d.date_to", 5)+`)`,
			append([]any{id, s.clock.Milli(), who.Person, why}, org.WithinArgs(who, auth.Enter, s.clock.Today())...)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound()
		}
		return nil
	})
}
