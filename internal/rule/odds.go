package rule

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// households is the indicator of the starter catalogue that says how many households a unit has.
const households = "VH02"

// yearsBack and periodsBack say how far a unit's own history is looked at.
const (
	yearsBack   = 6
	periodsBack = 12
)

// OddsIn finds the figures of a unit that are far from its own history or from what like units give, at most one oddity for each.
// They ask for a word and refuse nothing. Who may ask is the caller's to say.
func (s *Service) OddsIn(ctx context.Context, tx *db.Tx, unit org.Unit, p period.Period) ([]Odd, error) {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	past, season := pastOf(p)
	own, err := s.figures.OwnIn(ctx, tx, auth.System(), figure.Submitted, unit, append(append([]period.Period{p}, past...), season...))
	if err != nil {
		return nil, err
	}
	peers, err := peersOf(ctx, tx, unit, p)
	if err != nil {
		return nil, err
	}
	notes, err := notesOf(ctx, tx, unit.ID, p.ID)
	if err != nil {
		return nil, err
	}
	homes, _ := catalog.ByCode(households)
	var out []Odd
	for _, in := range catalog.At(p.To).All() {
		v := own[figure.Cell{Unit: unit.ID, Period: p.ID, Indicator: in.ID}]
		if !v.Has || in.Measure == indicator.Rate {
			continue
		}
		odd, is := oddity(unit, in, float64(v.Number), own, past, season, peers, homes.ID)
		if !is {
			continue
		}
		odd.Shown = Shown{
			Address: in.Code, Name: in.Name, Text: figure.Print(v.Value, v.Raw, in),
			URL: figure.Address{Unit: unit.Code, Period: p.Code, Indicator: in.Code, Own: true}.URL(),
		}
		if n := notes[OddRule(in.Code)]; n.Text != "" && n.Figures == odd.Text {
			if n.By, err = audit.Name(ctx, tx, n.By); err != nil {
				return nil, err
			}
			odd.Note = &n
		}
		out = append(out, odd)
	}
	return out, nil
}

// pastOf are the periods before, and the same part of earlier years.
func pastOf(p period.Period) (past, season []period.Period) {
	for at, i := p.Previous(), 0; i < periodsBack; at, i = at.Previous(), i+1 {
		past = append(past, at)
	}
	at, ok := p.SameLastYear()
	for i := 0; ok && i < yearsBack; i++ {
		season = append(season, at)
		at, ok = at.SameLastYear()
	}
	return past, season
}

// oddity compares a figure with the unit's own season, else its own past, else with like units.
func oddity(unit org.Unit, in indicator.Indicator, x float64, own map[figure.Cell]figure.Version, past, season []period.Period, peers map[int64]map[int64]float64, homes int64) (Odd, bool) {
	given := func(periods []period.Period) (out []float64) {
		for _, q := range periods {
			if v := own[figure.Cell{Unit: unit.ID, Period: q.ID, Indicator: in.ID}]; v.Has {
				out = append(out, float64(v.Number))
			}
		}
		return out
	}
	usually := func(usual float64) string {
		return figure.Print(figure.Value{Number: int64(math.Round(usual)), Has: true}, "", in)
	}
	if others := given(season); len(others) >= leastSeason {
		if usual, is := far(x, others); is {
			return Odd{Against: OwnSeason, Usual: usually(usual), N: len(others)}, true
		}
	} else if others := given(past); len(others) >= leastPast {
		if usual, is := far(x, others); is {
			return Odd{Against: OwnHistory, Usual: usually(usual), N: len(others)}, true
		}
	}
	if in.Across != indicator.Sum {
		return Odd{}, false
	}
	mine := peers[unit.ID][homes]
	var others, rates []float64
	for id, figures := range peers {
		y, ok := figures[in.ID]
		if id == unit.ID || !ok {
			continue
		}
		others = append(others, y)
		if figures[homes] > 0 {
			rates = append(rates, y/figures[homes])
		}
	}
	if mine > 0 && len(rates) >= leastPeers && in.ID != homes {
		usual, is := far(x/mine, rates)
		return Odd{Against: PeersByHH, Usual: usually(rounded(usual * mine)), N: len(rates)}, is
	}
	if len(others) < leastPeers {
		return Odd{}, false
	}
	usual, is := far(x, others)
	return Odd{Against: Peers, Usual: usually(rounded(usual)), N: len(others)}, is
}

// peersOf reads what like units give for a period, by unit and indicator: of the same kind and level, and where the unit has a
// line, of the same line.
func peersOf(ctx context.Context, tx *db.Tx, unit org.Unit, p period.Period) (map[int64]map[int64]float64, error) {
	out := map[int64]map[int64]float64{}
	type row struct {
		unit, indicator, value int64
	}
	rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (x row, err error) {
		return x, r.Scan(&x.unit, &x.indicator, &x.value)
	}, `select f.unit, f.indicator, f.value from figure f
		join unit u on u.id = f.unit and u.kind = $3
		join unit_name n on n.unit = f.unit and n.level = $4 and n.valid_from <= $2 and $2 < n.valid_to
		where f.period = $1 and f.layer = 1 and f.part = 0 and f.value is not null
		and f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.layer = f.layer
			and g.indicator = f.indicator and g.part = f.part)
		and (not exists (select 1 from unit_ancestor a where a.unit = $5 and a.hierarchy = 2 and a.depth > 0 and a.valid_from <= $2 and $2 < a.valid_to)
			or exists (select 1 from unit_ancestor a join unit_ancestor b on b.ancestor = a.ancestor and b.hierarchy = 2 and b.unit = f.unit
				where a.unit = $5 and a.hierarchy = 2 and a.depth > 0 and b.depth > 0
				and a.valid_from <= $2 and $2 < a.valid_to and b.valid_from <= $2 and $2 < b.valid_to))`,
		p.ID, p.To, string(unit.Kind), string(unit.Level), unit.ID)
	for _, x := range rows {
		if out[x.unit] == nil {
			out[x.unit] = map[int64]float64{}
		}
		out[x.unit][x.indicator] = float64(x.value)
	}
	return out, err
}

// ExplainOdds keeps what a body says of its odd figures (by address); one without a word is no hindrance.
func (s *Service) ExplainOdds(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period, notes map[string]string) error {
	asked := slices.ContainsFunc(slices.Collect(maps.Keys(notes)), func(name string) bool { return strings.HasPrefix(name, OddRule("")) })
	if !asked {
		return nil
	}
	odds, err := s.OddsIn(ctx, tx, unit, p)
	if err != nil {
		return err
	}
	for _, o := range odds {
		name := OddRule(o.Address)
		text := viet.Clean(notes[name])
		if text == "" || o.Note != nil && o.Note.Text == text {
			continue
		}
		if utf8.RuneCountInString(text) > MostNote {
			return fault.Invalidf(NoteField(name), "Giải trình dài quá %d ký tự.", MostNote)
		}
		n := Note{Rule: name, Figures: o.Text, Text: text, By: who.Person, At: s.clock.Milli()}
		if err := insertNote(ctx, tx, unit.ID, p.ID, n); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: n.At, Verb: "explain", House: house, Object: n.Rule, Units: []int64{unit.ID}, Detail: map[string]any{"period": p.Code, "figures": n.Figures}, After: n.Text,
		}); err != nil {
			return fmt.Errorf("explain %s: %w", name, err)
		}
	}
	return nil
}
