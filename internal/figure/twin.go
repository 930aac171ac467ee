package figure

import (
	"context"
	"database/sql"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Pair is two units' cells of the same period, indicator and part. The keys of the units stand in order.
type Pair struct {
	Indicator, Part int64
	Unit, Other     int64
}

// PairOf puts two units in order.
func PairOf(indicator, part, a, b int64) Pair { return Pair{indicator, part, min(a, b), max(a, b)} }

// twinShare is how far apart two figures may be and still be one result counted twice: a fiftieth.
const twinShare = 50

// Twins tells whether two values may be one result: equal, or nearly so.
func Twins(a, b Value) bool {
	gap := max(a.Number, b.Number) - min(a.Number, b.Number)
	return a.Has && b.Has && a.Number > 0 && b.Number > 0 && gap <= max(a.Number, b.Number)/twinShare
}

// SettledPairs are those of a period of which it is known how they overlap, or that they do not.
func (s *Service) SettledPairs(ctx context.Context, tx *db.Tx, p period.Period) (map[Pair]bool, error) {
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Pair, error) {
		var ind, part, a, b int64
		err := rows.Scan(&ind, &part, &a, &b)
		return PairOf(ind, part, a, b), err
	}, `select indicator, part, unit, other_unit from figure_overlap where period = $1 and ended_by is null
		union all select indicator, part, unit, other_unit from figure_distinct where period = $1`, p.ID)
	out := make(map[Pair]bool, len(list))
	for _, x := range list {
		out[x] = true
	}
	return out, err
}

// SayDistinct remembers that two units' figures are not the same result, though they look like it.
func (s *Service) SayDistinct(ctx context.Context, who auth.Actor, p period.Period, x Pair, reason string) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	if reason = viet.Clean(reason); reason == "" {
		return fault.Invalid("reason", "Hãy nêu vì sao hai số liệu không cùng một kết quả.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for _, unit := range []int64{x.Unit, x.Other} {
			if err := org.MaySee(ctx, tx, who, auth.Consolidate, unit, s.clock.Today()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `insert into figure_distinct(period, indicator, part, unit, other_unit, reason, at, person) values ($1,$2,$3,$4,$5,$6,$7,$8)
			on conflict (period, indicator, part, unit, other_unit) do nothing`, p.ID, x.Indicator, x.Part, x.Unit, x.Other, reason, s.clock.Milli(), who.Person); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "distinct", House: "figure", Object: cellAddress(Cell{x.Unit, p.ID, x.Indicator, x.Part}), Units: []int64{x.Unit, x.Other},
			Reason: reason, Detail: map[string]any{"other": x.Other},
		})
	})
}
