package ledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// posting gathers what one act writes into one book: new accounts, then transfers, whose numbers come from the book's counters in the
// transaction that keeps them, so that a number that was given out is a number that is there.
type posting struct {
	s           *Service
	tx          *db.Tx
	book        Book
	commodities map[int64]Commodity
	accounts    map[int64]Account // all that the transfers touch
	fresh       []Account
	transfers   []Transfer
}

func (s *Service) newPosting(ctx context.Context, tx *db.Tx, b Book) (*posting, error) {
	all, err := Commodities(ctx, tx)
	if err != nil {
		return nil, err
	}
	p := &posting{s: s, tx: tx, book: b, commodities: map[int64]Commodity{}, accounts: map[int64]Account{}}
	for _, c := range all {
		p.commodities[c.ID] = c
	}
	return p, nil
}

// open adds an account, which gets its number at once: the counter is taken when the posting is written.
func (p *posting) open(a Account) int64 {
	p.book.Accounts++
	a.Book, a.ID = p.book.Key, p.book.Accounts
	p.fresh = append(p.fresh, a)
	p.accounts[a.ID] = a
	return a.ID
}

// load reads accounts that transfers will touch.
func (p *posting) load(ctx context.Context, ids ...int64) error {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { _, ok := p.accounts[id]; return ok })
	if len(missing) == 0 {
		return nil
	}
	found, err := accountsOf(ctx, p.tx, p.book.Key, missing)
	if err != nil {
		return err
	}
	for _, id := range missing {
		a, ok := found[id]
		if !ok {
			return fault.NotFound()
		}
		p.accounts[id] = a
	}
	return nil
}

// add checks a transfer against its accounts and takes it up.
func (p *posting) add(t Transfer, today string) error {
	if err := p.book.mustTake(t.Day, today); err != nil {
		return err
	}
	c, ok := p.commodities[t.Commodity]
	if !ok {
		return fault.NotFound()
	}
	source, target := p.accounts[t.Source], p.accounts[t.Target]
	want := sides[t.Act]
	if t.Reverses != 0 {
		want[0], want[1] = want[1], want[0]
	}
	if source.Kind != want[0] || target.Kind != want[1] || source.ID == target.ID {
		return fault.NotFound()
	}
	for _, a := range []Account{source, target} {
		if a.Kind == Fund && !a.Hold.takes(c) {
			return fault.Invalidf("quy", "“%s” không giữ %s. Hãy chọn nơi giữ khác.", a.Title(), viet.LowerFirst(c.Name))
		}
	}
	p.transfers = append(p.transfers, t)
	return nil
}

// write gives numbers, moves the balances, and writes everything with its audit and the figures that follow from it.
func (p *posting) write(ctx context.Context, who auth.Actor, verb, reason string) error {
	now := p.s.clock.Milli()
	var receipts, payments int64
	for _, t := range p.transfers {
		if t.numbered() == byReceipt {
			receipts++
		}
		if t.numbered() == byPayment {
			payments++
		}
	}
	entries, accounts := int64(len(p.transfers)), int64(len(p.fresh))
	var b Book
	var sealed string
	err := p.tx.QueryRow(ctx, `update ledger_book set entries = entries + $2, receipts = receipts + $3, payments = payments + $4, accounts = accounts + $5
		where key = $1 returning entries, receipts, payments, accounts, sealed`, p.book.Key, entries, receipts, payments, accounts).
		Scan(&b.Entries, &b.Receipts, &b.Payments, &b.Accounts, &sealed)
	if err != nil {
		return fmt.Errorf("numbers of book %s: %w", p.book.Code, err)
	}
	if sealed != p.book.Sealed {
		return fault.Conflict("Sổ vừa được khóa. Hãy mở lại trang sổ.")
	}
	// Accounts were numbered from what the book was read with: somebody may have opened others since.
	if moved := b.Accounts - p.book.Accounts; moved != 0 {
		p.renumber(moved)
	}
	seq, receipt, payment := b.Entries-entries, b.Receipts-receipts, b.Payments-payments
	for i := range p.transfers {
		t := &p.transfers[i]
		seq++
		t.Book, t.Seq, t.At, t.Person, t.Code = p.book.Key, seq, now, who.Person, newCode()
		switch t.numbered() {
		case byReceipt:
			receipt++
			t.Receipt = receipt
		case byPayment:
			payment++
			t.Payment = payment
		}
	}
	if err := insertAccounts(ctx, p.tx, p.fresh); err != nil {
		return err
	}
	if err := p.balance(ctx); err != nil {
		return err
	}
	if err := insertTransfers(ctx, p.tx, p.transfers); err != nil {
		return err
	}
	if err := addFlows(ctx, p.tx, flowsOf(p.transfers, p.accounts)); err != nil {
		return err
	}
	if err := p.s.feed(ctx, p.tx, who, p.book, p.transfers); err != nil {
		return err
	}
	detail, sum := map[string]any{}, ""
	if len(p.transfers) > 0 {
		detail = map[string]any{"entries": entries, "from": p.transfers[0].Seq, "to": p.transfers[len(p.transfers)-1].Seq}
		sum = digest(p.transfers)
	}
	return audit.Write(ctx, p.tx, who, audit.Act{At: now, Verb: verb, House: "ledger", Object: p.book.Code, Units: []int64{p.book.Unit}, Reason: reason, Detail: detail, Figures: sum})
}

func (p *posting) renumber(by int64) {
	first := p.book.Accounts - int64(len(p.fresh))
	shift := func(id int64) int64 {
		if id > first {
			return id + by
		}
		return id
	}
	for i := range p.fresh {
		delete(p.accounts, p.fresh[i].ID)
	}
	for i := range p.fresh {
		p.fresh[i].ID += by
		p.accounts[p.fresh[i].ID] = p.fresh[i]
	}
	for i := range p.transfers {
		p.transfers[i].Source, p.transfers[i].Target = shift(p.transfers[i].Source), shift(p.transfers[i].Target)
	}
}

type numbering int

const (
	notNumbered numbering = iota
	byReceipt
	byPayment
)

// numbered tells which paper goes with a transfer. A correction has none of its own: it is written on the paper that it is about.
func (t Transfer) numbered() numbering {
	switch {
	case t.Reverses != 0:
		return notNumbered
	case t.Act == Receive:
		return byReceipt
	case t.Act == HandOver, t.Act == Refund:
		return byPayment
	}
	return notNumbered
}

type holding struct{ account, commodity int64 }

// balance moves what accounts hold. A fund gives only what it holds, on the day that the entry bears and on each day since.
func (p *posting) balance(ctx context.Context) error {
	net := map[holding]int64{}
	since := map[holding]string{}
	for _, t := range p.transfers {
		out, in := holding{t.Source, t.Commodity}, holding{t.Target, t.Commodity}
		net[out] -= t.Quantity
		net[in] += t.Quantity
		if day, ok := since[out]; p.accounts[t.Source].Kind == Fund && (!ok || t.Day < day) {
			since[out] = t.Day
		}
	}
	order := func(a, b holding) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.commodity, b.commodity))
	}
	var rows [][]any
	keys := make([]holding, 0, len(net))
	for k := range net {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, order)
	for _, k := range keys {
		rows = append(rows, []any{p.book.Key, k.account, k.commodity, net[k]})
	}
	if err := p.tx.Insert(ctx, `insert into ledger_balance(book, account, commodity, amount) values `,
		` on conflict (book, account, commodity) do update set amount = ledger_balance.amount + excluded.amount`, rows); err != nil {
		return fmt.Errorf("balances: %w", err)
	}
	for _, k := range keys {
		if day, ok := since[k]; ok {
			if err := p.mustHold(ctx, k, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// mustHold refuses what would leave a fund with less than nothing on a day or since. The balance has been moved already; the
// entries of this posting are not there yet.
func (p *posting) mustHold(ctx context.Context, k holding, day string) error {
	var amount int64
	if err := p.tx.QueryRow(ctx, `select amount from ledger_balance where book = $1 and account = $2 and commodity = $3`, p.book.Key, k.account, k.commodity).Scan(&amount); err != nil {
		return fmt.Errorf("balance: %w", err)
	}
	type net struct {
		day    string
		amount int64
	}
	days, err := db.Collect(ctx, p.tx, func(rows *sql.Rows) (n net, err error) {
		err = rows.Scan(&n.day, &n.amount)
		return n, err
	}, `select day, cast(sum(amount) as bigint) from (
			select day, quantity as amount from ledger_transfer where book = $1 and target = $2 and commodity = $3 and day > $4
			union all select day, -quantity from ledger_transfer where book = $1 and source = $2 and commodity = $3 and day > $4) x
		group by day`, p.book.Key, k.account, k.commodity, day)
	if err != nil {
		return fmt.Errorf("days of a balance: %w", err)
	}
	for _, t := range p.transfers {
		if t.Commodity != k.commodity || t.Day <= day {
			continue
		}
		if t.Target == k.account {
			days = append(days, net{t.Day, t.Quantity})
		}
		if t.Source == k.account {
			days = append(days, net{t.Day, -t.Quantity})
		}
	}
	slices.SortFunc(days, func(a, b net) int { return cmp.Compare(b.day, a.day) })
	least, running, at := amount, amount, day
	if len(days) > 0 {
		at = days[0].day
	}
	for i, d := range days {
		running -= d.amount
		if i+1 < len(days) && days[i+1].day == d.day {
			continue
		}
		if running < least {
			least, at = running, day
			if i+1 < len(days) {
				at = days[i+1].day
			}
		}
	}
	if least >= 0 {
		return nil
	}
	a, c := p.accounts[k.account], p.commodities[k.commodity]
	var spent int64
	for _, t := range p.transfers {
		if t.Source == k.account && t.Commodity == k.commodity {
			spent += t.Quantity
		}
	}
	return fault.Refusedf("“%s” không đủ: đến ngày %s chỉ chi được %s, mà khoản này là %s. Hãy kiểm tra số tiền, ngày, hoặc nơi giữ.",
		a.Title(), viet.FormatDate(at), c.Print(figure.Value{Number: max(0, spent+least), Has: true, Qualifier: viet.Exact}, ""),
		c.Print(figure.Value{Number: spent, Has: true, Qualifier: viet.Exact}, ""))
}

// flowsOf adds transfers up by half month, kind of giver and the accounts of the book's own.
func flowsOf(list []Transfer, accounts map[int64]Account) []Flow {
	at := map[Flow]int{}
	var out []Flow
	for _, t := range list {
		f := Flow{Book: t.Book, Half: half(t.Day), Commodity: t.Commodity, Act: t.Act, Source: t.Source, Target: t.Target}
		for _, side := range []struct {
			account Account
			id      *int64
		}{{accounts[t.Source], &f.Source}, {accounts[t.Target], &f.Target}} {
			if side.account.Kind == Giver {
				f.Giver, *side.id = side.account.Giver, 0
			}
		}
		sum := figure.Counted(t.value())
		if t.Reverses != 0 { // it takes back what stands between the same accounts the other way round
			f.Source, f.Target = f.Target, f.Source
			sum = figure.Sum{}.Minus(sum)
		}
		i, ok := at[f]
		if !ok {
			i = len(out)
			at[f] = i
			out = append(out, f)
		}
		out[i].Sum = out[i].Sum.Plus(sum)
	}
	slices.SortFunc(out, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.Half, b.Half), cmp.Compare(a.Commodity, b.Commodity), cmp.Compare(a.Act, b.Act), cmp.Compare(a.Giver, b.Giver),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
	return out
}

// codeLetters leave out what is mistaken for another letter on paper.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode is by what a giver finds their entry: twelve letters that nobody guesses.
func newCode() string {
	var raw [24]byte
	out := make([]byte, 0, 12)
	for len(out) < 12 {
		_, _ = rand.Read(raw[:])
		for _, b := range raw {
			if int(b) < 256/len(codeLetters)*len(codeLetters) && len(out) < 12 { // each letter as likely as any
				out = append(out, codeLetters[int(b)%len(codeLetters)])
			}
		}
	}
	return string(out)
}
