package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Counted is what of a book a figure counts.
type Counted string

const (
	Received   Counted = "received"
	HandedOver Counted = "handed"
	Held       Counted = "held" // at the period's end
)

// Feed is a figure that books give: the transfers of one commodity, of some kinds of giver (none: all) and purposes (none: all).
type Feed struct {
	ID        string
	Indicator int64
	Part      int64
	Commodity int64
	Measure   Counted
	Givers    []GiverKind
	Purposes  []Purpose
}

// starterFeeds are by the codes of the starter catalogue. What people give for works is not what they give to the poor: a đồng is
// counted in one of them.
var starterFeeds = []struct {
	code string
	Feed
}{
	{"QV01", Feed{Commodity: dong, Measure: Received, Purposes: []Purpose{Poor}}},
	{"QV02", Feed{Commodity: dong, Measure: HandedOver, Purposes: []Purpose{Poor}}},
	{"QV03", Feed{Commodity: dong, Measure: Held, Purposes: []Purpose{Poor}}},
	{"DG01", Feed{Commodity: dong, Measure: Received, Givers: []GiverKind{People, Members}, Purposes: []Purpose{Works, OwnFund}}},
	{"DG02", Feed{Commodity: 2, Measure: Received, Givers: []GiverKind{People, Members}}},
	{"DG03", Feed{Commodity: 3, Measure: Received, Givers: []GiverKind{People, Members}}},
}

func (s *Service) ensureFeeds(ctx context.Context, tx *db.Tx, first bool) error {
	if !first {
		return nil
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range starterFeeds {
		in, ok := catalog.ByCode(f.code)
		if !ok {
			continue
		}
		f.Indicator = in.ID
		if err := insertFeed(ctx, tx, f.Feed); err != nil {
			return err
		}
	}
	return nil
}

func insertFeed(ctx context.Context, tx *db.Tx, f Feed) error {
	_, err := tx.Exec(ctx, `insert into ledger_feed(id, indicator, part, commodity, measure, givers, purposes) values ($1,$2,$3,$4,$5,$6,$7)
		on conflict (indicator, part) do nothing`, db.NewID(), f.Indicator, f.Part, f.Commodity, string(f.Measure), joinWords(f.Givers), joinWords(f.Purposes))
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	return nil
}

func joinWords[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, " ")
}

func splitWords[T ~string](text string) (out []T) {
	for _, w := range strings.Fields(text) {
		out = append(out, T(w))
	}
	return out
}

func listFeeds(ctx context.Context, tx *db.Tx) ([]Feed, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (f Feed, err error) {
		var givers, purposes string
		err = rows.Scan(&f.ID, &f.Indicator, &f.Part, &f.Commodity, &f.Measure, &givers, &purposes)
		f.Givers, f.Purposes = splitWords[GiverKind](givers), splitWords[Purpose](purposes)
		return f, err
	}, `select id, indicator, part, commodity, measure, givers, purposes from ledger_feed order by indicator, part`)
}

// feed puts what all of a unit's books come to into the figures of the quarters that transfers lie in.
func (s *Service) feed(ctx context.Context, tx *db.Tx, who auth.Actor, b Book, transfers []Transfer) error {
	feeds, err := listFeeds(ctx, tx)
	if err != nil {
		return err
	}
	touched := map[int64]bool{}
	days := map[string]bool{}
	for _, t := range transfers {
		touched[t.Commodity], days[half(t.Day)] = true, true
	}
	feeds = slices.DeleteFunc(feeds, func(f Feed) bool { return !touched[f.Commodity] })
	if len(feeds) == 0 {
		return nil
	}
	done := map[int64]bool{}
	for day := range days {
		p, err := period.Holding(ctx, tx, period.Quarter, day)
		if err != nil {
			return err
		}
		if done[p.ID] {
			continue
		}
		done[p.ID] = true
		if err := s.feedPeriod(ctx, tx, who, b, p, feeds); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) feedPeriod(ctx context.Context, tx *db.Tx, who auth.Actor, b Book, p period.Period, feeds []Feed) error {
	values, err := s.valuesOf(ctx, tx, b.Unit, p, feeds)
	if err != nil {
		return err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	commodities, err := Commodities(ctx, tx)
	if err != nil {
		return err
	}
	var inputs []figure.Input
	for i, f := range feeds {
		in, ok := catalog.At(p.To).ByID(f.Indicator)
		at := slices.IndexFunc(commodities, func(c Commodity) bool { return c.ID == f.Commodity })
		if !ok || at < 0 || values[i].Blank() {
			continue
		}
		q := viet.Quantity{Value: values[i].Number, Scale: commodities[at].Decimals, Qualifier: values[i].Qualifier}
		if !values[i].Has {
			q.Magnitude, q.Raw = "có, chưa rõ số", "có, chưa rõ số"
		} else if q, err = q.At(in.Decimals); err != nil { // the figure has fewer decimals: the whole part, and more than that
			q = viet.Quantity{Value: values[i].Number / pow10(commodities[at].Decimals-in.Decimals), Scale: in.Decimals, Qualifier: viet.Combine(values[i].Qualifier, viet.Over)}
		}
		inputs = append(inputs, figure.Input{Unit: b.Unit, Period: p, Indicator: in, Part: f.Part, Quantity: q, Origin: b.Path(), Expect: figure.Any})
	}
	_, err = s.figures.Record(ctx, tx, who, auth.Books, b.Path(), p, inputs)
	return err
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}

// valuesOf works out feeds for a unit's books and a period, in the feeds' order.
func (s *Service) valuesOf(ctx context.Context, tx *db.Tx, unit int64, p period.Period, feeds []Feed) ([]figure.Value, error) {
	books, err := db.Collect(ctx, tx, scanBook, bookSelect+`where b.unit = $1`, unit)
	if err != nil {
		return nil, err
	}
	sums, known := make([]figure.Sum, len(feeds)), make([]bool, len(feeds))
	for _, b := range books {
		own, err := ownAccounts(ctx, tx, b.Key, Fund, Use)
		if err != nil {
			return nil, err
		}
		purpose := map[int64]Purpose{}
		for _, a := range own {
			if a.Kind == Fund {
				purpose[a.ID] = a.Purpose
			}
		}
		within, err := flows(ctx, tx, b.Key, p.From, p.To)
		if err != nil {
			return nil, err
		}
		var before []Flow
		if slices.ContainsFunc(feeds, func(f Feed) bool { return f.Measure == Held }) {
			if before, err = flows(ctx, tx, b.Key, "", p.To); err != nil {
				return nil, err
			}
		}
		for i, f := range feeds {
			list := within
			if f.Measure == Held {
				list = before
			}
			for _, x := range list {
				if x.Commodity != f.Commodity {
					continue
				}
				if one, counts := f.of(x, purpose); counts {
					sums[i], known[i] = sums[i].Plus(one), true
				}
			}
		}
	}
	out := make([]figure.Value, len(feeds))
	for i, sum := range sums {
		if known[i] {
			out[i] = net(sum)
		}
	}
	return out, nil
}

// of is what a flow adds to the feed, and whether it has to do with it at all. purpose names the funds.
func (f Feed) of(x Flow, purpose map[int64]Purpose) (sum figure.Sum, counts bool) {
	fund := func(id int64) bool {
		p, ok := purpose[id]
		return ok && (len(f.Purposes) == 0 || slices.Contains(f.Purposes, p))
	}
	giver := len(f.Givers) == 0 || slices.Contains(f.Givers, x.Giver)
	switch {
	case f.Measure == Received && x.Act == Receive && fund(x.Target) && giver, f.Measure == HandedOver && x.Act == HandOver && fund(x.Source),
		f.Measure == Held && fund(x.Target) && !fund(x.Source):
		return x.Sum, true
	case f.Measure == Received && x.Act == Refund && fund(x.Source) && giver, f.Measure == Held && fund(x.Source) && !fund(x.Target):
		return figure.Sum{}.Minus(x.Sum), true
	}
	return figure.Sum{}, false
}
