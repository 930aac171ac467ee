package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

const bookSelect = `select b.key, b.code, b.unit, u.code, coalesce((select n.name from unit_name n where n.unit = b.unit order by n.valid_from desc limit 1), u.code),
	b.name, b.entries, b.receipts, b.payments, b.accounts, b.sealed from ledger_book b join unit u on u.id = b.unit `

func readBook(scan db.Scan) (b Book, err error) {
	err = scan(&b.Key, &b.Code, &b.Unit, &b.UnitCode, &b.UnitName, &b.Name, &b.Entries, &b.Receipts, &b.Payments, &b.Accounts, &b.Sealed)
	return b, err
}

func scanBook(rows *sql.Rows) (Book, error) { return readBook(rows.Scan) }

// findBook reads a book of a unit where the actor holds a permission.
func findBook(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, code, today string) (Book, error) {
	found, err := listBooks(ctx, tx, who, p, today, `b.code = $4`, code)
	if err == nil && len(found) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Book{}, err
	}
	return found[0], nil
}

// listBooks gives the books of units where the actor holds a permission; condition's own placeholders begin at $4.
func listBooks(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today, condition string, args ...any) ([]Book, error) {
	out, err := db.Collect(ctx, tx, scanBook, bookSelect+`where (`+condition+`) and`+org.Within("b.unit", "ga.valid_from", 1)+`order by b.code`,
		append(org.WithinArgs(who, p, today), args...)...)
	if err != nil {
		return nil, fmt.Errorf("books: %w", err)
	}
	return out, nil
}

const accountColumns = `a.book, a.id, a.kind, a.name, a.giver, a.purpose, a.hold, coalesce(a.place, 0), a.named`

func scanAccount(rows *sql.Rows) (Account, error) { return readAccount(rows.Scan) }

func readAccount(scan db.Scan, more ...any) (a Account, err error) {
	named := 0
	err = scan(append([]any{&a.Book, &a.ID, &a.Kind, &a.Name, &a.Giver, &a.Purpose, &a.Hold, &a.Place, &named}, more...)...)
	a.Named = named != 0
	return a, err
}

// accountsOf reads accounts of a book by their numbers; those that are missing are not answered.
func accountsOf(ctx context.Context, tx *db.Tx, book int64, ids []int64) (map[int64]Account, error) {
	out := map[int64]Account{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for part := range slices.Chunk(ids, 512) {
		part = db.Padded(part)
		rows, err := db.Collect(ctx, tx, scanAccount, `select `+accountColumns+` from ledger_account a where a.book = $1 and a.id in (`+db.List(len(part), 2)+`)`,
			append([]any{book}, db.Args(part)...)...)
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		for _, a := range rows {
			out[a.ID] = a
		}
	}
	return out, nil
}

// ownAccounts lists a book's funds and uses, or what kind is asked for.
func ownAccounts(ctx context.Context, tx *db.Tx, book int64, kinds ...AccountKind) ([]Account, error) {
	args := []any{book}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	out, err := db.Collect(ctx, tx, scanAccount, `select `+accountColumns+` from ledger_account a where a.book = $1 and a.kind in (`+db.List(len(kinds), 2)+`) order by a.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return out, nil
}

func insertAccounts(ctx context.Context, tx *db.Tx, list []Account) error {
	rows := make([][]any, len(list))
	for i, a := range list {
		var place any
		if a.Place != 0 {
			place = a.Place
		}
		named := int64(0)
		if a.Named {
			named = 1
		}
		rows[i] = []any{a.Book, a.ID, string(a.Kind), a.Name, viet.Fold(a.Name), string(a.Giver), string(a.Purpose), string(a.Hold), place, named}
	}
	return tx.InsertLater(ctx, `insert into ledger_account(book, id, kind, name, folded, giver, purpose, hold, place, named) values `, ``, rows)
}

const transferColumns = `t.book, t.seq, t.day, t.act, t.commodity, t.quantity, t.qualifier, t.raw, t.source, t.target, coalesce(t.receipt, 0), coalesce(t.payment, 0),
	t.code, coalesce(t.pledge, 0), coalesce(t.reverses, 0), coalesce(t.list, ''), t.memo, t.at, t.person, t.second`

func scanTransfer(rows *sql.Rows) (Transfer, error) { return readTransfer(rows.Scan) }

func readTransfer(scan db.Scan, more ...any) (t Transfer, err error) {
	err = scan(append([]any{&t.Book, &t.Seq, &t.Day, &t.Act, &t.Commodity, &t.Quantity, &t.Qualifier, &t.Raw, &t.Source, &t.Target, &t.Receipt, &t.Payment,
		&t.Code, &t.Pledge, &t.Reverses, &t.List, &t.Memo, &t.At, &t.Person, &t.Second}, more...)...)
	return t, err
}

func findTransfer(ctx context.Context, tx *db.Tx, book, seq int64) (Transfer, error) {
	t, err := readTransfer(tx.QueryRow(ctx, `select `+transferColumns+` from ledger_transfer t where t.book = $1 and t.seq = $2`, book, seq).Scan)
	if db.Missing(err) {
		return t, fault.NotFound()
	}
	return t, err
}

func insertTransfers(ctx context.Context, tx *db.Tx, list []Transfer) error {
	rows := make([][]any, len(list))
	none := func(n int64) any {
		if n == 0 {
			return nil
		}
		return n
	}
	for i, t := range list {
		var list any
		if t.List != "" {
			list = t.List
		}
		rows[i] = []any{t.Book, t.Seq, t.Day, string(t.Act), t.Commodity, t.Quantity, int64(t.Qualifier), t.Raw, t.Source, t.Target, none(t.Receipt), none(t.Payment),
			t.Code, none(t.Pledge), none(t.Reverses), list, t.Memo, t.At, t.Person, t.Second}
	}
	return tx.InsertLater(ctx, `insert into ledger_transfer(book, seq, day, act, commodity, quantity, qualifier, raw, source, target, receipt, payment,
		code, pledge, reverses, list, memo, at, person, second) values `, ``, rows)
}

// Flow is the transfers of half a month between two accounts, added up. Of a giver the kind stands in its account's place.
type Flow struct {
	Book      int64
	Half      string
	Commodity int64
	Act       Act
	Giver     GiverKind
	Source    int64
	Target    int64
	figure.Sum
}

func (f Flow) key() Flow { f.Sum = figure.Sum{}; return f }

const flowColumns = `book, half, commodity, act, giver, source, target, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified`

func scanFlow(rows *sql.Rows) (f Flow, err error) {
	err = rows.Scan(&f.Book, &f.Half, &f.Commodity, &f.Act, &f.Giver, &f.Source, &f.Target, &f.Sum.Sum, &f.N, &f.Over, &f.Nearly, &f.About, &f.AtLeast, &f.AtMost, &f.Unquantified)
	return f, err
}

func addFlows(ctx context.Context, tx *db.Tx, list []Flow) error {
	rows := make([][]any, len(list))
	for i, f := range list {
		rows[i] = []any{f.Book, f.Half, f.Commodity, string(f.Act), string(f.Giver), f.Source, f.Target, f.Sum.Sum, f.N, f.Over, f.Nearly, f.About, f.AtLeast, f.AtMost, f.Unquantified}
	}
	return tx.Insert(ctx, `insert into ledger_flow(`+flowColumns+`) values `, ` on conflict (book, half, commodity, act, giver, source, target) do update set
		sum = ledger_flow.sum + excluded.sum, n = ledger_flow.n + excluded.n, n_over = ledger_flow.n_over + excluded.n_over, n_nearly = ledger_flow.n_nearly + excluded.n_nearly,
		n_about = ledger_flow.n_about + excluded.n_about, n_at_least = ledger_flow.n_at_least + excluded.n_at_least, n_at_most = ledger_flow.n_at_most + excluded.n_at_most,
		n_unquantified = ledger_flow.n_unquantified + excluded.n_unquantified`, rows)
}

// Commodities reads what books can hold.
func Commodities(ctx context.Context, tx *db.Tx) ([]Commodity, error) {
	out, err := db.Collect(ctx, tx, func(rows *sql.Rows) (c Commodity, err error) {
		err = rows.Scan(&c.ID, &c.Code, &c.Name, &c.Unit, &c.Decimals, &c.Nature)
		return c, err
	}, `select id, code, name, unit, decimals, nature from ledger_commodity order by id`)
	if err != nil {
		return nil, fmt.Errorf("commodities: %w", err)
	}
	at := map[int64]int{}
	for i, c := range out {
		at[c.ID] = i
	}
	type word struct {
		of int64
		Measure
	}
	words, err := db.Collect(ctx, tx, func(rows *sql.Rows) (m word, err error) {
		err = rows.Scan(&m.of, &m.Name, &m.Num, &m.Den)
		return m, err
	}, `select commodity, name, num, den from ledger_measure order by commodity, name`)
	if err != nil {
		return nil, fmt.Errorf("measures: %w", err)
	}
	for _, m := range words {
		out[at[m.of]].Measures = append(out[at[m.of]].Measures, m.Measure)
	}
	return out, nil
}

func insertCommodity(ctx context.Context, tx *db.Tx, c Commodity) error {
	if _, err := tx.Exec(ctx, `insert into ledger_commodity(id, code, name, unit, decimals, nature) values ($1,$2,$3,$4,$5,$6)`,
		c.ID, c.Code, c.Name, c.Unit, c.Decimals, string(c.Nature)); err != nil {
		return fmt.Errorf("commodity %s: %w", c.Code, err)
	}
	rows := make([][]any, len(c.Measures))
	for i, m := range c.Measures {
		rows[i] = []any{c.ID, viet.Fold(m.Name), m.Name, m.Num, m.Den}
	}
	return tx.Insert(ctx, `insert into ledger_measure(commodity, folded, name, num, den) values `, ` on conflict (folded, commodity) do nothing`, rows)
}
