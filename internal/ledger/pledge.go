package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// Pledge is what somebody has promised: it is in no balance until it is received.
type Pledge struct {
	ID        int64
	Giver     Account
	Fund      int64
	Commodity Commodity
	Quantity  int64
	Qualifier viet.Qualifier
	Raw       string
	Day       string
	Memo      string
	Dropped   string // why it will not come; empty: it may
	Received  int64
}

// Text is the pledge as people read it.
func (p Pledge) Text() string {
	return p.Commodity.Print(figure.Value{Number: p.Quantity, Has: p.Qualifier != viet.Magnitude, Qualifier: p.Qualifier}, p.Raw)
}

// Rest is what has not come yet; nothing when more came than was promised.
func (p Pledge) Rest() string {
	return p.Commodity.Print(figure.Value{Number: max(0, p.Quantity-p.Received), Has: true, Qualifier: viet.Exact}, "")
}

// Open tells whether it may still come.
func (p Pledge) Open() bool { return p.Dropped == "" && (p.Received < p.Quantity || p.Quantity == 0) }

// Promise keeps a pledge.
func (s *Service) Promise(ctx context.Context, who auth.Actor, code string, g Gift) error {
	return s.posting(ctx, who, code, "pledge", "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		g.Use, g.Pledge = 0, 0
		if err := s.give(ctx, tx, p, g); err != nil {
			return err
		}
		t := p.transfers[0]
		p.transfers = nil
		var id int64
		if err := tx.QueryRow(ctx, `select coalesce(max(id), 0) + 1 from ledger_pledge where book = $1`, p.book.Key).Scan(&id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into ledger_pledge(book, id, giver, fund, commodity, quantity, qualifier, raw, day, memo, dropped, at, person)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,null,$11,$12)`, p.book.Key, id, t.Source, t.Target, t.Commodity, t.Quantity, int64(t.Qualifier), t.Raw, t.Day, t.Memo, s.clock.Milli(), who.Person)
		if err != nil {
			return fmt.Errorf("pledge: %w", err)
		}
		return nil
	}, func(*posting) {})
}

// DropPledge says that a pledge will not come, and why.
func (s *Service) DropPledge(ctx context.Context, who auth.Actor, code string, id int64, reason string) error {
	reason = viet.Clean(reason)
	if reason == "" || utf8.RuneCountInString(reason) > longestMemo {
		return fault.Invalid("ly-do", "Hãy nêu lý do.")
	}
	return s.posting(ctx, who, code, "drop-pledge", reason, func(ctx context.Context, tx *db.Tx, p *posting) error {
		n, err := tx.Exec(ctx, `update ledger_pledge set dropped = $3 where book = $1 and id = $2 and dropped is null`, p.book.Key, id, reason)
		if err == nil && n == 0 {
			err = fault.NotFound()
		}
		return err
	}, func(*posting) {})
}

// keepsPledge checks that a gift is what was promised, and gives who promised it.
func (s *Service) keepsPledge(ctx context.Context, tx *db.Tx, p *posting, t Transfer) (int64, error) {
	list, err := pledgesOf(ctx, tx, p.book.Key, nil)
	if err != nil {
		return 0, err
	}
	for _, x := range list {
		if x.ID != t.Pledge {
			continue
		}
		if x.Dropped != "" || x.Commodity.ID != t.Commodity {
			return 0, fault.Invalid("cam-ket", "Cam kết này đã thôi, hoặc là loại khác.")
		}
		return x.Giver.ID, p.load(ctx, x.Giver.ID)
	}
	return 0, fault.NotFound()
}

// pledgesOf lists a book's pledges, the newest first.
func pledgesOf(ctx context.Context, tx *db.Tx, book int64, commodities []Commodity) ([]Pledge, error) {
	out, err := db.Collect(ctx, tx, func(rows *sql.Rows) (p Pledge, err error) {
		p.Giver, err = readAccount(rows.Scan, &p.ID, &p.Fund, &p.Commodity.ID, &p.Quantity, &p.Qualifier, &p.Raw, &p.Day, &p.Memo, &p.Dropped, &p.Received)
		return p, err
	}, `select `+accountColumns+`, g.id, g.fund, g.commodity, g.quantity, g.qualifier, g.raw, g.day, g.memo, coalesce(g.dropped, ''),
			coalesce((select cast(sum(case when t.reverses is null then t.quantity else -t.quantity end) as bigint) from ledger_transfer t where t.book = g.book and t.pledge = g.id), 0)
		from ledger_pledge g join ledger_account a on a.book = g.book and a.id = g.giver where g.book = $1 order by g.day desc, g.id desc`, book)
	if err != nil {
		return nil, fmt.Errorf("pledges: %w", err)
	}
	for i := range out {
		out[i].Commodity = commodityOf(commodities, out[i].Commodity.ID)
	}
	return out, nil
}
