package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// Notes are the banknotes and coins that cash is counted in, in đồng.
var Notes = []int64{500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200}

// Count is cash as counted, or a bank statement as printed, at the end of a day.
type Count struct {
	ID     string
	Hold   Hold
	Day    string
	Amount int64
	Pieces map[int64]int64 // of cash: how many of each note
	At     int64
	Person string
}

// CountCash keeps what was counted in the box: how many of each note.
func (s *Service) CountCash(ctx context.Context, who auth.Actor, code, day string, pieces map[int64]int64) (c Count, err error) {
	c = Count{Hold: Cash, Pieces: map[int64]int64{}}
	for note, n := range pieces {
		if !slices.Contains(Notes, note) {
			return c, fault.NotFound()
		}
		if n < 0 || n > 1_000_000 {
			return c, fault.Invalidf("to-"+fmt.Sprint(note), "Số tờ phải từ 0 đến một triệu.")
		}
		if n > 0 {
			c.Pieces[note] = n
		}
		c.Amount += note * n
	}
	return s.keepCount(ctx, who, code, day, c)
}

// StateBank keeps what a bank's statement says.
func (s *Service) StateBank(ctx context.Context, who auth.Actor, code, day, amount string) (c Count, err error) {
	q, err := viet.ParseQuantityFor(amount, viet.Options{Unit: "đồng"})
	if err != nil {
		return c, fault.Invalidf("so-du", "%s", viet.UpperFirst(err.Error()))
	}
	if q.Qualifier != viet.Exact || q.Value < 0 {
		return c, fault.Invalid("so-du", "Hãy ghi đúng số dư trên sao kê của ngân hàng; hết tiền thì ghi 0.")
	}
	return s.keepCount(ctx, who, code, day, Count{Hold: Bank, Amount: q.Value})
}

func (s *Service) keepCount(ctx context.Context, who auth.Actor, code, day string, c Count) (Count, error) {
	iso, err := viet.ParseDate(day, 0)
	if err != nil || strings.TrimSpace(day) == "" {
		return c, fault.Invalid("ngay", "Hãy nhập ngày, ví dụ 31/10/2019.")
	}
	if iso > s.clock.Today() {
		return c, fault.Invalidf("ngay", "Ngày %s chưa đến.", viet.FormatDate(iso))
	}
	c.ID, c.Day, c.At, c.Person = db.NewID(), iso, s.clock.Milli(), who.Person
	return c, s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		if err != nil {
			return err
		}
		detail, err := json.Marshal(c.Pieces)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into ledger_count(id, book, hold, day, amount, detail, at, person) values ($1,$2,$3,$4,$5,$6,$7,$8)`,
			c.ID, b.Key, string(c.Hold), c.Day, c.Amount, string(detail), c.At, c.Person); err != nil {
			return fmt.Errorf("count: %w", err)
		}
		return audit.Write(ctx, tx, who, audit.Act{At: c.At, Verb: "count", House: "ledger", Object: b.Code, Units: []int64{b.Unit},
			Detail: map[string]any{"hold": string(c.Hold), "day": c.Day, "amount": c.Amount}})
	})
}

// countsOf lists the newest count of each hold and day, the newest day first.
func countsOf(ctx context.Context, tx *db.Tx, book int64) ([]Count, error) {
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (c Count, err error) {
		var detail string
		if err = rows.Scan(&c.ID, &c.Hold, &c.Day, &c.Amount, &detail, &c.At, &c.Person); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(detail), &c.Pieces)
	}, `select id, hold, day, amount, detail, at, person from ledger_count where book = $1 order by day desc, hold, at desc, id desc`, book)
	if err != nil {
		return nil, fmt.Errorf("counts: %w", err)
	}
	return slices.CompactFunc(all, func(a, b Count) bool { return a.Hold == b.Hold && a.Day == b.Day }), nil
}

// held is how much money the book's funds keep in a hold at the end of a day.
func held(ctx context.Context, tx *db.Tx, b Book, hold Hold, day string) (amount int64, any bool, err error) {
	funds, err := ownAccounts(ctx, tx, b.Key, Fund)
	if err != nil {
		return 0, false, err
	}
	list, err := flows(ctx, tx, b.Key, "", day)
	if err != nil {
		return 0, false, err
	}
	mine := map[int64]bool{}
	for _, a := range funds {
		if a.Hold == hold {
			mine[a.ID] = true
		}
	}
	for _, f := range list {
		if f.Commodity != dong {
			continue
		}
		if mine[f.Target] {
			amount, any = amount+f.Sum.Sum, true
		}
		if mine[f.Source] {
			amount, any = amount-f.Sum.Sum, true
		}
	}
	return amount, any, nil
}

// Seal closes a book until the end of a day: cash as counted and the bank's statement of that day must agree with it. Nothing is
// written into a sealed time any more.
func (s *Service) Seal(ctx context.Context, who auth.Actor, code, day string) error {
	iso, err := viet.ParseDate(day, 0)
	if err != nil || strings.TrimSpace(day) == "" {
		return fault.Invalid("den-ngay", "Hãy nhập ngày, ví dụ 31/10/2019.")
	}
	if iso >= s.clock.Today() {
		return fault.Invalid("den-ngay", "Chỉ khóa sổ đến một ngày đã qua.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		if err != nil {
			return err
		}
		if iso <= b.Sealed {
			return fault.Invalidf("den-ngay", "Sổ đã khóa đến hết ngày %s.", viet.FormatDate(b.Sealed))
		}
		counts, err := countsOf(ctx, tx, b.Key)
		if err != nil {
			return err
		}
		var bad fault.List
		for _, hold := range []Hold{Cash, Bank} {
			amount, any, err := held(ctx, tx, b, hold, iso)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(counts, func(c Count) bool { return c.Hold == hold && c.Day == iso })
			switch {
			case !any && at < 0:
			case at < 0:
				_ = bad.Add(fault.Invalidf("den-ngay", "Chưa có %s ngày %s. Sổ ghi %s.", hold.paper(), viet.FormatDate(iso), dongText(amount)))
			case counts[at].Amount != amount:
				_ = bad.Add(fault.Invalidf("den-ngay", "%s ngày %s là %s, sổ ghi %s, lệch %s. Hãy tìm khoản thiếu hoặc ghi nhầm trước khi khóa.",
					viet.UpperFirst(hold.paper()), viet.FormatDate(iso), dongText(counts[at].Amount), dongText(amount), dongText(counts[at].Amount-amount)))
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		n, sum, err := until(ctx, tx, b.Key, iso)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into ledger_seal(book, day, entries, digest, at, person) values ($1,$2,$3,$4,$5,$6)`, b.Key, iso, n, sum, s.clock.Milli(), who.Person); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		if touched, err := tx.Exec(ctx, `update ledger_book set sealed = $2 where key = $1 and sealed = $3`, b.Key, iso, b.Sealed); err != nil || touched == 0 {
			return cmp.Or(err, fault.Conflict("Sổ vừa được khóa. Hãy mở lại trang sổ."))
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "seal", House: "ledger", Object: b.Code, Units: []int64{b.Unit}, Detail: map[string]any{"day": iso, "entries": n}, Figures: sum})
	})
}

func (h Hold) paper() string {
	if h == Cash {
		return "biên bản kiểm quỹ tiền mặt"
	}
	return "sao kê ngân hàng"
}

func dongText(n int64) string { return viet.FormatInt(n, 0) + " đồng" }

// digest is over all that entries say, in their order: who looks at it later finds them as they were, or finds out.
func digest(list []Transfer) string {
	h := sha256.New()
	for _, t := range list {
		addDigest(h.Write, t)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func addDigest(write func([]byte) (int, error), t Transfer) {
	fields := []any{t.Seq, t.Day, t.Act, t.Commodity, t.Quantity, int(t.Qualifier), t.Raw, t.Source, t.Target, t.Receipt, t.Payment, t.Code, t.Pledge, t.Reverses, t.List, t.Memo, t.At, t.Person, t.Second}
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts and whole numbers only
	}
	_, _ = write(append(line, '\n'))
}

// until counts a book's entries until a day and takes their digest.
func until(ctx context.Context, tx *db.Tx, book int64, day string) (n int64, sum string, err error) {
	h := sha256.New()
	rows, err := tx.Query(ctx, `select `+transferColumns+` from ledger_transfer t where t.book = $1 and t.day <= $2 order by t.seq`, book, day)
	if err != nil {
		return 0, "", fmt.Errorf("entries until: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := readTransfer(rows.Scan)
		if err != nil {
			return 0, "", err
		}
		addDigest(h.Write, t)
		n++
	}
	return n, hex.EncodeToString(h.Sum(nil)), rows.Err()
}

// Verified is what a check of all books found.
type Verified struct {
	Entries     int64    `json:"entries"`
	Differences []string `json:"differences"` // in the user's words
}

// Verify works everything out anew from the entries: balances, sums, numbers without a gap, seals.
func (s *Service) Verify(ctx context.Context) (out Verified, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = Verified{}
		books, err := db.Collect(ctx, tx, scanBook, bookSelect+`order by b.code`)
		if err != nil {
			return err
		}
		for _, b := range books {
			if err := verifyBook(ctx, tx, b, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func verifyBook(ctx context.Context, tx *db.Tx, b Book, out *Verified) error {
	wrong := func(format string, args ...any) {
		out.Differences = append(out.Differences, "Sổ "+b.Code+": "+fmt.Sprintf(format, args...))
	}
	list, err := db.Collect(ctx, tx, scanTransfer, `select `+transferColumns+` from ledger_transfer t where t.book = $1 order by t.seq`, b.Key)
	if err != nil {
		return err
	}
	out.Entries += int64(len(list))
	all, err := ownAccounts(ctx, tx, b.Key, Giver, Fund, Use)
	if err != nil {
		return err
	}
	accounts := map[int64]Account{}
	for i, a := range all {
		accounts[a.ID] = a
		if a.ID != int64(i+1) {
			wrong("thiếu tài khoản số %d", i+1)
		}
	}
	var receipts, payments int64
	amounts := map[holding]int64{}
	for i, t := range list {
		if t.Seq != int64(i+1) {
			wrong("thiếu bút toán số %d", i+1)
			return nil
		}
		switch t.numbered() {
		case byReceipt:
			if receipts++; t.Receipt != receipts {
				wrong("biên nhận của bút toán %d mang số %d, đúng ra là %d", t.Seq, t.Receipt, receipts)
			}
		case byPayment:
			if payments++; t.Payment != payments {
				wrong("phiếu chi của bút toán %d mang số %d, đúng ra là %d", t.Seq, t.Payment, payments)
			}
		}
		amounts[holding{t.Source, t.Commodity}] -= t.Quantity
		amounts[holding{t.Target, t.Commodity}] += t.Quantity
	}
	for _, n := range []struct {
		what      string
		is, ought int64
	}{{"bút toán", b.Entries, int64(len(list))}, {"biên nhận", b.Receipts, receipts}, {"phiếu chi", b.Payments, payments}, {"tài khoản", b.Accounts, int64(len(all))}} {
		if n.is != n.ought {
			wrong("ghi là có %d %s, đếm được %d", n.is, n.what, n.ought)
		}
	}
	type row struct {
		holding
		amount int64
	}
	kept, err := db.Collect(ctx, tx, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.account, &r.commodity, &r.amount)
		return r, err
	}, `select account, commodity, amount from ledger_balance where book = $1 order by account, commodity`, b.Key)
	if err != nil {
		return err
	}
	for _, r := range kept {
		if amounts[r.holding] != r.amount {
			wrong("tài khoản %d giữ %d, cộng từ bút toán là %d", r.account, r.amount, amounts[r.holding])
		}
		if accounts[r.account].Kind == Fund && r.amount < 0 {
			wrong("quỹ số %d âm", r.account)
		}
		delete(amounts, r.holding)
	}
	for k, n := range amounts {
		if n != 0 {
			wrong("tài khoản %d không có số dư, cộng từ bút toán là %d", k.account, n)
		}
	}
	if err := verifyFlows(ctx, tx, b, list, accounts, wrong); err != nil {
		return err
	}
	type seal struct {
		day, digest string
		n           int64
	}
	seals, err := db.Collect(ctx, tx, func(rows *sql.Rows) (x seal, err error) {
		err = rows.Scan(&x.day, &x.n, &x.digest)
		return x, err
	}, `select day, entries, digest from ledger_seal where book = $1 order by day`, b.Key)
	if err != nil {
		return err
	}
	for _, x := range seals {
		n, sum, err := until(ctx, tx, b.Key, x.day)
		if err != nil {
			return err
		}
		if n != x.n || sum != x.digest {
			wrong("bút toán đến hết ngày %s không còn như lúc khóa sổ", viet.FormatDate(x.day))
		}
	}
	return nil
}

func verifyFlows(ctx context.Context, tx *db.Tx, b Book, list []Transfer, accounts map[int64]Account, wrong func(string, ...any)) error {
	ought := map[Flow]figure.Sum{}
	for _, f := range flowsOf(list, accounts) {
		ought[f.key()] = f.Sum
	}
	kept, err := db.Collect(ctx, tx, scanFlow, `select `+flowColumns+` from ledger_flow where book = $1 order by half, commodity, act, giver, source, target`, b.Key)
	if err != nil {
		return err
	}
	for _, f := range kept {
		if ought[f.key()] != f.Sum {
			wrong("số cộng nửa tháng từ %s (%s) lệch với bút toán", viet.FormatDate(f.Half), f.Act.Name())
		}
		delete(ought, f.key())
	}
	for f, sum := range ought {
		if sum != (figure.Sum{}) {
			wrong("thiếu số cộng nửa tháng từ %s (%s)", viet.FormatDate(f.Half), f.Act.Name())
		}
	}
	return nil
}
