package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	indicators *indicator.Service
	figures    *figure.Service
}

// New makes the house.
func New(d *db.DB, c *clock.Clock, indicators *indicator.Service, figures *figure.Service) *Service {
	return &Service{db: d, clock: c, indicators: indicators, figures: figures}
}

// EnsureStarter writes the commodities that the site lacks, and, once, the figures that books give.
func (s *Service) EnsureStarter(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		have, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range Starter {
			if slices.ContainsFunc(have, func(h Commodity) bool { return h.ID == c.ID || h.Code == c.Code }) {
				continue
			}
			if err := insertCommodity(ctx, tx, c); err != nil {
				return err
			}
		}
		return s.ensureFeeds(ctx, tx, len(have) == 0)
	})
}

var bookCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,29}$`)

const (
	longestName = 200
	longestMemo = 500
)

func cleanName(field, what, name string) (string, error) {
	name = viet.Clean(name)
	switch {
	case name == "":
		return "", fault.Invalidf(field, "Hãy nhập %s.", what)
	case utf8.RuneCountInString(name) > longestName:
		return "", fault.Invalidf(field, "Phần này dài quá %d ký tự.", longestName)
	}
	return name, nil
}

// OpenBook opens a book of a unit, with a fund for each of its purposes.
func (s *Service) OpenBook(ctx context.Context, who auth.Actor, unit, code, name string) (Book, error) {
	if err := who.Must(auth.Books); err != nil {
		return Book{}, err
	}
	code = strings.ToUpper(viet.Clean(code))
	var bad fault.List
	if !bookCode.MatchString(code) {
		_ = bad.Add(fault.Invalid("ma", "Mã sổ gồm 2 đến 30 chữ in hoa không dấu, số và gạch nối, ví dụ P01-2019."))
	}
	name, err := cleanName("ten", "tên sổ", name)
	if err := errors.Join(bad.Add(err), bad.Err()); err != nil {
		return Book{}, err
	}
	var out Book
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		u, err := org.Visible(ctx, tx, who, auth.Books, unit, today, today)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into ledger_book(code, unit, name, entries, receipts, payments, accounts, sealed) values ($1,$2,$3,0,0,0,0,'')`,
			code, u.ID, name); db.Duplicate(err) {
			return fault.Invalidf("ma", "Đã có sổ mang mã %s. Hãy chọn mã khác.", code)
		} else if err != nil {
			return fmt.Errorf("open book: %w", err)
		}
		if out, err = findBook(ctx, tx, who, auth.Books, code, today); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "open", House: "ledger", Object: code, Units: []int64{u.ID}, After: map[string]any{"name": name}})
	})
	return out, err
}

// AddFund opens a fund's account: what it is for and where it keeps what it has.
func (s *Service) AddFund(ctx context.Context, who auth.Actor, code, name string, purpose Purpose, hold Hold) (Account, error) {
	if !slices.Contains(Purposes, purpose) {
		return Account{}, fault.Invalid("muc-dich", "Hãy chọn mục đích của quỹ.")
	}
	if !slices.Contains(Holds, hold) {
		return Account{}, fault.Invalid("noi-giu", "Hãy chọn nơi giữ.")
	}
	return s.addAccount(ctx, who, code, Account{Kind: Fund, Name: name, Purpose: purpose, Hold: hold})
}

// AddUse opens the account of something that funds are handed over to.
func (s *Service) AddUse(ctx context.Context, who auth.Actor, code, name string, purpose Purpose) (Account, error) {
	if !slices.Contains(Purposes, purpose) {
		return Account{}, fault.Invalid("muc-dich", "Hãy chọn mục đích.")
	}
	return s.addAccount(ctx, who, code, Account{Kind: Use, Name: name, Purpose: purpose})
}

func (s *Service) addAccount(ctx context.Context, who auth.Actor, code string, a Account) (Account, error) {
	name, err := cleanName("ten", "tên", a.Name)
	if err != nil {
		return Account{}, err
	}
	a.Name = name
	err = s.posting(ctx, who, code, "account", "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		have, err := ownAccounts(ctx, tx, p.book.Key, a.Kind)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(have, func(h Account) bool { return viet.Same(h.Name, a.Name) && h.Hold == a.Hold }) {
			return fault.Invalidf("ten", "Sổ đã có “%s”.", a.Title())
		}
		p.open(a)
		return nil
	}, func(p *posting) { a = p.fresh[0] })
	return a, err
}

// posting runs an act on a book that the actor keeps, and writes what it gathered. done takes what the caller wants to know of it.
func (s *Service) posting(ctx context.Context, who auth.Actor, code, verb, reason string, act func(context.Context, *db.Tx, *posting) error, done func(*posting)) error {
	if err := who.Must(auth.Books); err != nil {
		return err
	}
	return s.db.WriteShort(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		if err != nil {
			return err
		}
		p, err := s.newPosting(ctx, tx, b)
		if err != nil {
			return err
		}
		if err := act(ctx, tx, p); err != nil {
			return err
		}
		if err := p.write(ctx, who, verb, reason); err != nil {
			return err
		}
		done(p)
		return nil
	})
}

// Gift is what somebody gives.
type Gift struct {
	Day       string
	Commodity string // its code
	Quantity  string // as written
	Name      string // of who gives; empty: not known, or not said
	Kind      GiverKind
	Place     string // code of the hamlet; may be empty
	Named     bool   // agrees to be named in public
	Fund      int64
	Use       int64 // handed over to this at once; 0: kept
	Pledge    int64
	Memo      string
	Sure      bool // a sum that is doubtfully large has been looked at
	Promise   bool // not given yet
}

// Receive books a gift and answers its entry, whose receipt can be printed.
func (s *Service) Receive(ctx context.Context, who auth.Actor, code string, g Gift) (out Transfer, err error) {
	err = s.posting(ctx, who, code, "receive", "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		return s.give(ctx, tx, p, g)
	}, func(p *posting) { out = p.transfers[0] })
	return out, err
}

// give takes a gift up into a posting.
func (s *Service) give(ctx context.Context, tx *db.Tx, p *posting, g Gift) error {
	var bad fault.List
	t, err := p.entry(Receive, g.Day, g.Commodity, g.Quantity, g.Memo, g.Sure)
	_ = bad.Add(err)
	if !slices.Contains(GiverKinds, g.Kind) {
		_ = bad.Add(fault.Invalid("loai", "Hãy chọn loại người, đơn vị đóng góp."))
	}
	g.Name = viet.Clean(g.Name)
	if utf8.RuneCountInString(g.Name) > longestName {
		_ = bad.Add(fault.Invalidf("nguoi", "Tên dài quá %d ký tự.", longestName))
	}
	place, err := s.placeOf(ctx, tx, g.Place)
	_ = bad.Add(err)
	if g.Fund == 0 {
		_ = bad.Add(fault.Invalid("quy", "Hãy chọn quỹ nhận."))
	}
	if len(bad) > 0 {
		return bad.Err()
	}
	if err := p.load(ctx, g.Fund); err != nil {
		return err
	}
	t.Target, t.Pledge = g.Fund, g.Pledge
	if t.Source, err = p.giver(ctx, Account{Kind: Giver, Name: g.Name, Giver: g.Kind, Place: place, Named: g.Named && g.Name != ""}); err != nil {
		return err
	}
	if g.Pledge != 0 {
		if t.Source, err = s.keepsPledge(ctx, tx, p, t); err != nil {
			return err
		}
	}
	if err := p.add(t, s.clock.Today()); err != nil {
		return err
	}
	if g.Use == 0 {
		return nil
	}
	if err := p.load(ctx, g.Use); err != nil {
		return err
	}
	on := t
	on.Act, on.Source, on.Target, on.Pledge = HandOver, g.Fund, g.Use, 0
	return p.add(on, s.clock.Today())
}

// giver finds who gives among those that the book knows by this name, kind and place, or opens an account for them.
func (p *posting) giver(ctx context.Context, a Account) (int64, error) {
	if a.Name == "" {
		a.Name = "Không nêu tên (" + a.Giver.Name() + ")"
	}
	folded := viet.Fold(a.Name)
	same := func(x Account) bool {
		return x.Kind == Giver && viet.Same(x.Name, a.Name) && x.Giver == a.Giver && x.Place == a.Place && x.Named == a.Named
	}
	for _, x := range p.fresh {
		if same(x) {
			return x.ID, nil
		}
	}
	found, err := db.Collect(ctx, p.tx, scanAccount, `select `+accountColumns+` from ledger_account a where a.book = $1 and a.kind = 'giver' and a.folded = $2 order by a.id`, p.book.Key, folded)
	if err != nil {
		return 0, fmt.Errorf("giver: %w", err)
	}
	for _, x := range found {
		if same(x) {
			p.accounts[x.ID] = x
			return x.ID, nil
		}
	}
	return p.open(a), nil
}

// placeOf finds a hamlet by its code; none for an empty code.
func (s *Service) placeOf(ctx context.Context, tx *db.Tx, code string) (int64, error) {
	if code = strings.TrimSpace(code); code == "" {
		return 0, nil
	}
	var id int64
	err := tx.QueryRow(ctx, `select id from unit where code = $1 and kind = 'place'`, code).Scan(&id)
	if db.Missing(err) {
		return 0, fault.Invalidf("thon", "Không có thôn, tổ dân phố nào mang mã “%s”.", code)
	}
	return id, err
}

// entry reads what all transfers have in common.
func (p *posting) entry(act Act, day, commodity, quantity, memo string, sure bool) (Transfer, error) {
	var bad fault.List
	t := Transfer{Act: act}
	iso, err := viet.ParseDate(day, 0)
	if err != nil || strings.TrimSpace(day) == "" {
		_ = bad.Add(fault.Invalid("ngay", "Hãy nhập ngày, ví dụ 05/10/2019."))
	}
	t.Day = iso
	if t.Memo = viet.Clean(memo); utf8.RuneCountInString(t.Memo) > longestMemo {
		_ = bad.Add(fault.Invalidf("noi-dung", "Nội dung dài quá %d ký tự.", longestMemo))
	}
	c, ok := p.commodity(commodity)
	if !ok {
		_ = bad.Add(fault.Invalid("loai-hien-vat", "Hãy chọn tiền, ngày công hay hiện vật."))
		return t, bad.Err()
	}
	q, err := c.Read(quantity)
	switch {
	case err != nil:
		_ = bad.Add(said(err))
	case c.Nature == Money && q.Value >= doubtful && !sure:
		_ = bad.Add(fault.Invalidf("so-luong", "“%s” là %s, lớn hơn hẳn một khoản thường có. Nếu đúng, hãy đánh dấu “Tôi đã kiểm tra số này” rồi lưu lại.", q.Raw,
			c.Print(figure.Value{Number: q.Value, Has: true, Qualifier: q.Qualifier}, "")))
	}
	t.Commodity, t.Quantity, t.Qualifier, t.Raw = c.ID, q.Value, q.Qualifier, q.Raw
	if q.Qualifier == viet.Magnitude {
		t.Quantity, t.Raw = 0, cmp.Or(q.Magnitude, q.Raw)
	}
	return t, bad.Err()
}

// said turns a reader's question or refusal into a fault at the quantity.
func said(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Invalidf("so-luong", "%s", viet.UpperFirst(err.Error()))
}

func (p *posting) commodity(code string) (Commodity, bool) {
	for _, c := range p.commodities {
		if c.Code == code {
			return c, true
		}
	}
	return Commodity{}, false
}

// Payment is what goes from a fund to its use, or to another of the book's funds.
type Payment struct {
	Act       Act
	Day       string
	Commodity string
	Quantity  string
	From, To  int64
	Memo      string
	Sure      bool
}

// Pay books a payment or a move.
func (s *Service) Pay(ctx context.Context, who auth.Actor, code string, y Payment) (out Transfer, err error) {
	err = s.posting(ctx, who, code, string(y.Act), "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		var bad fault.List
		t, err := p.entry(y.Act, y.Day, y.Commodity, y.Quantity, y.Memo, y.Sure)
		_ = bad.Add(err)
		if y.Act != HandOver && y.Act != Move {
			return fault.NotFound()
		}
		if t.Memo == "" {
			_ = bad.Add(fault.Invalid("noi-dung", "Hãy ghi nội dung: chi việc gì, theo quyết định nào."))
		}
		if y.From == 0 {
			_ = bad.Add(fault.Invalid("tu", "Hãy chọn quỹ chi."))
		}
		if y.To == 0 {
			_ = bad.Add(fault.Invalid("den", "Hãy chọn nơi nhận."))
		}
		if len(bad) > 0 {
			return bad.Err()
		}
		if y.From == y.To {
			return fault.Invalid("den", "Nơi chi và nơi nhận là một.")
		}
		t.Source, t.Target = y.From, y.To
		if err := p.load(ctx, y.From, y.To); err != nil {
			return err
		}
		return p.add(t, s.clock.Today())
	}, func(p *posting) { out = p.transfers[0] })
	return out, err
}

// Refund gives back to who gave an entry's gift, all of it or a part.
func (s *Service) Refund(ctx context.Context, who auth.Actor, code string, seq int64, day, quantity, memo string) error {
	return s.posting(ctx, who, code, "refund", "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		given, err := findTransfer(ctx, tx, p.book.Key, seq)
		if err != nil {
			return err
		}
		if given.Act != Receive || given.Reverses != 0 {
			return fault.NotFound()
		}
		t, err := p.entry(Refund, day, p.commodities[given.Commodity].Code, quantity, memo, false)
		if err != nil {
			return err
		}
		if t.Quantity > given.Quantity {
			return fault.Invalid("so-luong", "Không trả lại nhiều hơn khoản đã nhận.")
		}
		if t.Memo == "" {
			return fault.Invalid("noi-dung", "Hãy ghi vì sao trả lại.")
		}
		t.Source, t.Target = given.Target, given.Source
		if err := p.load(ctx, t.Source, t.Target); err != nil {
			return err
		}
		return p.add(t, s.clock.Today())
	}, func(*posting) {})
}

// OpenWith books what a fund held before the book began.
func (s *Service) OpenWith(ctx context.Context, who auth.Actor, code string, fund int64, day, commodity, quantity string) (out Transfer, err error) {
	err = s.posting(ctx, who, code, "opening", "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		if fund == 0 {
			return fault.Invalid("quy", "Hãy chọn quỹ.")
		}
		t, err := p.entry(Opening, day, commodity, quantity, "Số dư đầu sổ", true)
		if err != nil {
			return err
		}
		if err := p.load(ctx, fund); err != nil {
			return err
		}
		t.Target = fund
		if t.Source, err = p.giver(ctx, Account{Kind: Giver, Name: "Sổ trước chuyển sang", Giver: Elsewhere, Named: true}); err != nil {
			return err
		}
		return p.add(t, s.clock.Today())
	}, func(p *posting) { out = p.transfers[0] })
	return out, err
}
