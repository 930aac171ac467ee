package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Balance is what an account holds of a commodity.
type Balance struct {
	Account   Account
	Commodity Commodity
	Amount    int64
	Sum       figure.Sum // the same with its qualifiers
	Value     int64      // in đồng by a unit price, of what is not money; 0: there is none
	Price     Price
}

// Text is the amount as people read it, with what is known of it.
func (b Balance) Text() string {
	return b.Commodity.Print(net(b.Sum), "")
}

// Overview is a book with what its funds hold and what its uses got.
type Overview struct {
	Book        Book
	Accounts    []Account // funds and uses
	Balances    []Balance // of funds and uses, in the accounts' order
	Commodities []Commodity
	Keeps       bool // whether the reader keeps the book
	Waiting     []Reversal
	Counts      []Count
	Pledges     []Pledge
}

// Books lists the books of the units that the actor may look into, with what their funds hold.
func (s *Service) Books(ctx context.Context, who auth.Actor) (out []Overview, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		books, err := listBooks(ctx, tx, who, auth.View, s.clock.Today(), `true`)
		if err != nil {
			return err
		}
		for _, b := range books {
			o, err := s.overview(ctx, tx, b)
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

// Find reads a book.
func (s *Service) Find(ctx context.Context, who auth.Actor, code string) (out Overview, err error) {
	if err := who.Must(auth.View); err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.View, code, s.clock.Today())
		if err != nil {
			return err
		}
		if out, err = s.overview(ctx, tx, b); err != nil {
			return err
		}
		if out.Keeps, err = keeps(ctx, tx, who, b, s.clock.Today()); err != nil {
			return err
		}
		if !out.Keeps {
			return nil
		}
		if out.Waiting, err = s.waiting(ctx, tx, b); err != nil {
			return err
		}
		if out.Counts, err = countsOf(ctx, tx, b.Key); err != nil {
			return err
		}
		out.Pledges, err = pledgesOf(ctx, tx, b.Key, out.Commodities)
		return err
	})
	return out, err
}

func (s *Service) mustKeep(ctx context.Context, who auth.Actor, code string) error {
	return s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		return err
	})
}

func keeps(ctx context.Context, tx *db.Tx, who auth.Actor, b Book, today string) (bool, error) {
	err := org.MaySee(ctx, tx, who, auth.Books, b.Unit, today)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) overview(ctx context.Context, tx *db.Tx, b Book) (out Overview, err error) {
	out.Book = b
	if out.Commodities, err = Commodities(ctx, tx); err != nil {
		return out, err
	}
	if out.Accounts, err = ownAccounts(ctx, tx, b.Key, Fund, Use); err != nil {
		return out, err
	}
	prices, err := pricesIn(ctx, tx)
	if err != nil {
		return out, err
	}
	today := s.clock.Today()
	type amount struct{ account, commodity, amount int64 }
	amounts, err := db.Collect(ctx, tx, func(rows *sql.Rows) (a amount, err error) {
		err = rows.Scan(&a.account, &a.commodity, &a.amount)
		return a, err
	}, `select l.account, l.commodity, l.amount from ledger_account a join ledger_balance l on l.book = a.book and l.account = a.id
		where a.book = $1 and a.kind in ('fund', 'use') order by l.account, l.commodity`, b.Key)
	if err != nil {
		return out, fmt.Errorf("balances: %w", err)
	}
	list, err := flows(ctx, tx, b.Key, "", today)
	if err != nil {
		return out, err
	}
	sums := map[holding]figure.Sum{}
	for _, f := range list {
		in, from := holding{f.Target, f.Commodity}, holding{f.Source, f.Commodity}
		sums[in], sums[from] = sums[in].Plus(f.Sum), sums[from].Minus(f.Sum)
	}
	for _, x := range amounts {
		at := slices.IndexFunc(out.Accounts, func(a Account) bool { return a.ID == x.account })
		c := commodityOf(out.Commodities, x.commodity)
		bal := Balance{Account: out.Accounts[at], Commodity: c, Amount: x.amount, Sum: sums[holding{x.account, x.commodity}]}
		if p, ok := priceOn(prices, c.ID, today); ok {
			bal.Price, bal.Value = p, worth(x.amount, c, p)
		}
		out.Balances = append(out.Balances, bal)
	}
	return out, nil
}

func commodityOf(all []Commodity, id int64) Commodity {
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	return Commodity{ID: id}
}

// priceOn is the price of a commodity that holds on a day; prices are newest first.
func priceOn(prices []Price, commodity int64, day string) (Price, bool) {
	for _, p := range prices {
		if p.Commodity == commodity && p.From <= day {
			return p, true
		}
	}
	return Price{}, false
}

// worth is the value of an amount in đồng, rounded down: it is derived, and shown apart from money.
func worth(amount int64, c Commodity, p Price) int64 {
	unit := pow10(c.Decimals)
	return amount/unit*p.Dong + amount%unit*p.Dong/unit
}

// Ask chooses entries.
type Ask struct {
	From, To string // days; empty: from the first, to the last
	Act      Act
	Account  int64
	Text     string // in names and contents
	After    int64  // entries before this one: the next page
	List     string
}

// Line is an entry as shown.
type Line struct {
	Transfer
	From, Into Account
	Commodity  Commodity
	By, Second string // names
	ReversedBy int64
	Asked      *Reversal // a correction that waits
	Reason     string    // why it was taken back, or what it takes back
}

// Amount is the quantity as people read it.
func (l Line) Amount() string { return l.Commodity.Print(l.value(), l.Raw) }

const pageSize = 50

// Lines lists a book's entries, newest first, a page at a time; more tells that there are older ones. Whoever does not keep the book
// does not see who gave unless they agreed to be named.
func (s *Service) Lines(ctx context.Context, who auth.Actor, code string, ask Ask) (out []Line, more bool, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, false, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		b, err := findBook(ctx, tx, who, auth.View, code, today)
		if err != nil {
			return err
		}
		open, err := keeps(ctx, tx, who, b, today)
		if err != nil {
			return err
		}
		if !open {
			ask.Text = "" // a search by name would tell who gave
		}
		out, err = lines(ctx, tx, b, ask, pageSize+1)
		if more = len(out) > pageSize; more {
			out = out[:pageSize]
		}
		if !open {
			for i := range out {
				out[i].mask()
			}
		}
		return err
	})
	return out, more, err
}

// mask leaves of an entry what residents may see.
func (l *Line) mask() {
	l.From.Name, l.Into.Name = l.From.Public(), l.Into.Public()
	if l.From.Kind == Giver || l.Into.Kind == Giver {
		l.From.Place, l.Into.Place = 0, 0
	}
	l.By, l.Second, l.Person = "", "", ""
}

func lines(ctx context.Context, tx *db.Tx, b Book, ask Ask, limit int) ([]Line, error) {
	where, args := []string{`t.book = $1`}, []any{b.Key}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	if ask.From != "" {
		add(`t.day >= ?`, ask.From)
	}
	if ask.To != "" {
		add(`t.day <= ?`, ask.To)
	}
	if ask.Act != "" {
		add(`t.act = ?`, string(ask.Act))
	}
	if ask.Account != 0 {
		add(`(t.source = ? or t.target = ?)`, ask.Account, ask.Account)
	}
	if ask.After != 0 {
		add(`t.seq < ?`, ask.After)
	}
	if ask.List != "" {
		add(`t.list = ?`, ask.List)
	}
	if text := viet.Fold(ask.Text); text != "" {
		add(`exists (select 1 from ledger_account a where a.book = t.book and a.id in (t.source, t.target) and a.folded like ? escape '!')`, "%"+db.LikeText(text)+"%")
	}
	args = append(args, limit)
	list, err := db.Collect(ctx, tx, scanTransfer, `select `+transferColumns+` from ledger_transfer t where `+strings.Join(where, " and ")+
		fmt.Sprintf(` order by t.seq desc limit $%d`, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	return dress(ctx, tx, b, list)
}

// dress reads what stands around entries.
func dress(ctx context.Context, tx *db.Tx, b Book, list []Transfer) ([]Line, error) {
	if len(list) == 0 {
		return nil, nil
	}
	commodities, err := Commodities(ctx, tx)
	if err != nil {
		return nil, err
	}
	ids, seqs := make([]int64, 0, 2*len(list)), make([]int64, 0, len(list))
	for _, t := range list {
		ids, seqs = append(ids, t.Source, t.Target), append(seqs, t.Seq, cmp.Or(t.Reverses, t.Seq))
	}
	accounts, err := accountsOf(ctx, tx, b.Key, ids)
	if err != nil {
		return nil, err
	}
	reversed, asked, err := reversalsOf(ctx, tx, b.Key, seqs)
	if err != nil {
		return nil, err
	}
	names := map[string]string{"": ""}
	out := make([]Line, len(list))
	for i, t := range list {
		for _, person := range []string{t.Person, t.Second} {
			if _, ok := names[person]; !ok {
				if names[person], err = audit.Name(ctx, tx, person); err != nil {
					return nil, err
				}
			}
		}
		out[i] = Line{Transfer: t, From: accounts[t.Source], Into: accounts[t.Target], Commodity: commodityOf(commodities, t.Commodity), By: names[t.Person], Second: names[t.Second],
			ReversedBy: reversed[t.Seq]}
		if r, ok := asked[cmp.Or(t.Reverses, t.Seq)]; ok {
			if r.State == Asked {
				out[i].Asked = &r
			}
			if r.State == Done {
				out[i].Reason = r.Reason
			}
		}
	}
	return out, nil
}

// Entry reads one entry of a book that the actor keeps.
func (s *Service) Entry(ctx context.Context, who auth.Actor, code string, seq int64) (b Book, l Line, err error) {
	if err := who.Must(auth.Books); err != nil {
		return b, l, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if b, err = findBook(ctx, tx, who, auth.Books, code, s.clock.Today()); err != nil {
			return err
		}
		t, err := findTransfer(ctx, tx, b.Key, seq)
		if err != nil {
			return err
		}
		dressed, err := dress(ctx, tx, b, []Transfer{t})
		if err == nil {
			l = dressed[0]
		}
		return err
	})
	return b, l, err
}

// Slip is an entry as whoever holds its receipt sees it: without an account, and without a name that was not agreed to.
type Slip struct {
	Book Book
	Line Line
	On   []Line // what was handed over from the same fund since: where it may have gone
}

// ByCode finds an entry by the code on its receipt.
func (s *Service) ByCode(ctx context.Context, code string) (out Slip, err error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(code))
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		t, err := readTransfer(tx.QueryRow(ctx, `select `+transferColumns+` from ledger_transfer t where t.code = $1`, code).Scan)
		if db.Missing(err) {
			return fault.NotFound()
		}
		if err != nil {
			return err
		}
		if out.Book, err = readBook(tx.QueryRow(ctx, bookSelect+`where b.key = $1`, t.Book).Scan); err != nil {
			return err
		}
		dressed, err := dress(ctx, tx, out.Book, []Transfer{t})
		if err != nil {
			return err
		}
		out.Line = dressed[0]
		out.Line.mask()
		if t.Act != Receive {
			return nil
		}
		list, err := db.Collect(ctx, tx, scanTransfer, `select `+transferColumns+` from ledger_transfer t where t.book = $1 and t.source = $2 and t.commodity = $3 and t.day >= $4
			and t.act = 'handover' and t.reverses is null and not exists (select 1 from ledger_transfer r where r.book = t.book and r.reverses = t.seq) order by t.seq desc limit 10`,
			t.Book, t.Target, t.Commodity, t.Day)
		if err != nil {
			return err
		}
		out.On, err = dress(ctx, tx, out.Book, list)
		for i := range out.On {
			out.On[i].mask()
		}
		return err
	})
	return out, err
}

// unitsOf are the units whose books the actor may keep.
func (s *Service) unitsOf(ctx context.Context, who auth.Actor) (out []org.Unit, err error) {
	if err := who.Must(auth.Books); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.below(ctx, tx, who)
		return err
	})
	return out, err
}

func (s *Service) below(ctx context.Context, tx *db.Tx, who auth.Actor) (out []org.Unit, err error) {
	today := s.clock.Today()
	seen := map[int64]bool{}
	for _, top := range who.Units(auth.Books) {
		for _, h := range org.Hierarchies {
			nodes, err := org.Below(ctx, tx, who, auth.Books, h, top, today, today)
			if err != nil {
				return nil, err
			}
			for _, n := range nodes {
				if !seen[n.ID] {
					seen[n.ID] = true
					out = append(out, n.Unit)
				}
			}
		}
	}
	return out, nil
}

// places are the hamlets in whose name somebody may give to a book.
func (s *Service) places(ctx context.Context, who auth.Actor, b Book) (out []web.Option, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		place, err := placeAbove(ctx, tx, b.Unit, today)
		if err != nil {
			return err
		}
		type named struct{ code, name string }
		found, err := db.Collect(ctx, tx, func(rows *sql.Rows) (n named, err error) {
			err = rows.Scan(&n.code, &n.name)
			return n, err
		}, `select u.code, n.name from unit u join unit_ancestor a on a.unit = u.id and a.hierarchy = 1 and a.ancestor = $1 and a.valid_from <= $2 and $2 < a.valid_to
			join unit_name n on n.unit = u.id and n.valid_from <= $2 and $2 < n.valid_to where u.kind = 'place' and n.level = 'khu_dan_cu' order by u.code limit 1000`, place, today)
		for _, n := range found {
			out = append(out, web.Option{Value: n.code, Label: n.name})
		}
		return err
	})
	return out, err
}

// placeAbove is the place that a unit stands in: itself when it is one.
func placeAbove(ctx context.Context, tx *db.Tx, unit int64, today string) (int64, error) {
	var place int64
	err := tx.QueryRow(ctx, `select u.id from unit_ancestor a join unit u on u.id = a.ancestor and u.kind = 'place' where a.unit = $1 and a.hierarchy = 1
		and a.valid_from <= $2 and $2 < a.valid_to order by (select count(*) from unit_ancestor b where b.unit = u.id and b.hierarchy = 1 and b.valid_from <= $2 and $2 < b.valid_to) desc limit 1`,
		unit, today).Scan(&place)
	if db.Missing(err) {
		return unit, nil
	}
	return place, err
}

func (s *Service) address(ctx context.Context) (out string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = setting.Get(ctx, tx, web.AddressSetting, "")
		return err
	})
	return out, err
}
