package ledger

import (
	"context"
	"fmt"
	"time"

	"giaoban/internal/db"
)

// flows adds up a book's transfers from a day (empty: from the first) to a day. Whole halves of months come from the sums that are
// kept, the days at either end from the transfers.
func flows(ctx context.Context, tx *db.Tx, book int64, from, to string) ([]Flow, error) {
	first, last := from, half(next(to)) // halves from first on and before last are whole
	if from != "" && half(from) != from {
		first = nextHalf(from)
	}
	kept, err := db.Collect(ctx, tx, scanFlow, `select `+flowColumns+` from ledger_flow where book = $1 and half >= $2 and half < $3 order by half, commodity, act, giver, source, target`,
		book, first, last)
	if err != nil {
		return nil, fmt.Errorf("flows: %w", err)
	}
	edges := [][2]string{}
	if first > last { // both ends lie in one half
		edges = append(edges, [2]string{from, to})
		kept = nil
	} else {
		if first != from {
			edges = append(edges, [2]string{from, before(first)})
		}
		if last <= to {
			edges = append(edges, [2]string{last, to})
		}
	}
	for _, e := range edges {
		list, err := db.Collect(ctx, tx, scanTransfer, `select `+transferColumns+` from ledger_transfer t where t.book = $1 and t.day >= $2 and t.day <= $3 order by t.seq`, book, e[0], e[1])
		if err != nil {
			return nil, fmt.Errorf("transfers: %w", err)
		}
		ids := make([]int64, 0, 2*len(list))
		for _, t := range list {
			ids = append(ids, t.Source, t.Target)
		}
		accounts, err := accountsOf(ctx, tx, book, ids)
		if err != nil {
			return nil, err
		}
		kept = append(kept, flowsOf(list, accounts)...)
	}
	return kept, nil
}

func shiftDay(day string, by int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, by).Format(time.DateOnly)
}

func next(day string) string   { return shiftDay(day, 1) }
func before(day string) string { return shiftDay(day, -1) }

func nextHalf(day string) string {
	if day[8:] < "15" {
		return day[:8] + "15"
	}
	t, err := time.Parse(time.DateOnly, day[:8]+"01")
	if err != nil {
		return day
	}
	return t.AddDate(0, 1, 0).Format(time.DateOnly)
}
