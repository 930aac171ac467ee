package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// Journal writes books as a journal that hledger and ledger-cli read: each entry a transaction of two postings, in the commodity's own
// unit. An empty code takes all books that the actor keeps. What is only known as "trên 300 tấn" stands with its number and says so in
// a comment.
func (s *Service) Journal(ctx context.Context, who auth.Actor, code string, w io.Writer) error {
	if err := who.Must(auth.Books); err != nil {
		return err
	}
	return s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		var books []Book
		var err error
		if code != "" {
			var b Book
			b, err = findBook(ctx, tx, who, auth.Books, code, today)
			books = []Book{b}
		} else {
			books, err = listBooks(ctx, tx, who, auth.Books, today, `true`)
		}
		if err != nil {
			return err
		}
		commodities, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range commodities {
			fmt.Fprintf(w, "commodity %s\n", c.Journal(0))
		}
		for _, b := range books {
			if err := writeBook(ctx, tx, b, commodities, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Journal is an amount as a journal has it: a point before the decimals, the commodity's name in quotes.
func (c Commodity) Journal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	unit := pow10(c.Decimals)
	text := fmt.Sprintf("%s%d.", sign, n/unit)
	if c.Decimals > 0 {
		text += fmt.Sprintf("%0*d", c.Decimals, n%unit)
	}
	return text + ` "` + c.Code + `"`
}

// JournalName is an account in a journal: the book, the side, its number and name. hledger takes two spaces for the name's end and a
// colon for a level.
func (a Account) JournalName(b Book) string {
	name := strings.NewReplacer(":", ".", ";", ",", "(", "[", ")", "]", "*", "", "!", "", "\"", "'").Replace(viet.Clean(a.Title()))
	return fmt.Sprintf("%s:%s:%d %s", b.Code, a.Kind, a.ID, name)
}

func writeBook(ctx context.Context, tx *db.Tx, b Book, commodities []Commodity, w io.Writer) error {
	all, err := ownAccounts(ctx, tx, b.Key, Giver, Fund, Use)
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, a := range all {
		names[a.ID] = a.JournalName(b)
	}
	rows, err := tx.Query(ctx, `select `+transferColumns+` from ledger_transfer t where t.book = $1 order by t.seq`, b.Key)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := readTransfer(rows.Scan)
		if err != nil {
			return err
		}
		c := commodityOf(commodities, t.Commodity)
		memo := strings.NewReplacer(";", ",", "|", "/").Replace(cmp.Or(t.Memo, t.Act.Name()))
		note := ""
		if t.Qualifier != viet.Exact {
			note = "  ; " + c.Print(figure.Value{Number: t.Quantity, Has: t.Qualifier != viet.Magnitude, Qualifier: t.Qualifier}, t.Raw)
		}
		if _, err := fmt.Fprintf(w, "\n%s (%s-%d) %s%s\n    %s  %s\n    %s  %s\n", t.Day, b.Code, t.Seq, memo, note,
			names[t.Target], c.Journal(t.Quantity), names[t.Source], c.Journal(-t.Quantity)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// BalancesAt is what every account of a book held at the end of a day, the givers' too: what each has given falls below nothing.
func (s *Service) BalancesAt(ctx context.Context, who auth.Actor, code, day string) (b Book, out []Balance, err error) {
	if err := who.Must(auth.Books); err != nil {
		return b, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if b, err = findBook(ctx, tx, who, auth.Books, code, s.clock.Today()); err != nil {
			return err
		}
		commodities, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		list, err := flows(ctx, tx, b.Key, "", day)
		if err != nil {
			return err
		}
		amounts := map[holding]int64{}
		for _, f := range list {
			if f.Source != 0 {
				amounts[holding{f.Source, f.Commodity}] -= f.Sum.Sum
			}
			if f.Target != 0 {
				amounts[holding{f.Target, f.Commodity}] += f.Sum.Sum
			}
		}
		given, err := db.Collect(ctx, tx, func(rows *sql.Rows) (bal Balance, err error) {
			bal.Account, err = readAccount(rows.Scan, &bal.Commodity.ID, &bal.Amount)
			return bal, err
		}, `select `+accountColumns+`, x.commodity, cast(sum(x.amount) as bigint) from ledger_account a join (
				select target as account, commodity, quantity as amount from ledger_transfer where book = $1 and day <= $2
				union all select source, commodity, -quantity from ledger_transfer where book = $1 and day <= $2) x on x.account = a.id
			where a.book = $1 and a.kind = 'giver' group by a.book, a.id, a.kind, a.name, a.giver, a.purpose, a.hold, a.place, a.named, x.commodity order by a.id, x.commodity`, b.Key, day)
		if err != nil {
			return fmt.Errorf("givers' balances: %w", err)
		}
		own, err := ownAccounts(ctx, tx, b.Key, Fund, Use)
		if err != nil {
			return err
		}
		for _, bal := range given {
			bal.Commodity = commodityOf(commodities, bal.Commodity.ID)
			out = append(out, bal)
		}
		for _, a := range own {
			for _, c := range commodities {
				if n, ok := amounts[holding{a.ID, c.ID}]; ok {
					out = append(out, Balance{Account: a, Commodity: c, Amount: n})
				}
			}
		}
		return nil
	})
	return b, out, err
}
