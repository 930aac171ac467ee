// Package ledger keeps what people give and where it goes: double entry, append-only, each commodity in its own unit. Money,
// workdays, land and cement are never added together. A transfer takes from one account what it gives to another, so all accounts
// of a commodity together hold nothing at any moment. The package refuses to spend what a fund does not hold, to change or remove
// an entry (a correction is an entry of its own, with a reason and a second person), to write into a sealed time, to number
// receipts with a gap, and to name a giver who has not agreed to it.
package ledger

import (
	"cmp"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Nature is what a commodity is.
type Nature string

const (
	Money    Nature = "money"
	Labour   Nature = "labour"
	Land     Nature = "land"
	Material Nature = "material"
	Other    Nature = "other"
)

// Natures in the order in which people read them.
var Natures = []Nature{Money, Labour, Land, Material, Other}

// Name is the nature in the user's words.
func (n Nature) Name() string {
	return map[Nature]string{Money: "tiền", Labour: "ngày công", Land: "đất", Material: "vật liệu, hiện vật", Other: "khác"}[n]
}

// Commodity is one thing that is given. Quantities of it are whole numbers of its smallest unit.
type Commodity struct {
	ID       int64
	Code     string
	Name     string // "Xi măng"
	Unit     string // "tấn"
	Decimals int
	Nature   Nature
	Measures []Measure
}

// Measure is another word for a commodity's unit: one of it is Num/Den units.
type Measure struct {
	Name     string
	Num, Den int64
}

// dong is the commodity that all money is kept in.
const dong = 1

// Starter is what a book can hold before a site adds its own. Ids are kept from release to release.
var Starter = []Commodity{
	{ID: dong, Code: "VND", Name: "Tiền", Unit: "đồng", Nature: Money},
	{ID: 2, Code: "CONG", Name: "Ngày công", Unit: "ngày công", Decimals: 1, Nature: Labour, Measures: []Measure{{"công", 1, 1}, {"công lao động", 1, 1}, {"buổi", 1, 2}}},
	{ID: 3, Code: "DAT", Name: "Đất hiến", Unit: "m2", Decimals: 1, Nature: Land, Measures: []Measure{{"m²", 1, 1}, {"mét vuông", 1, 1}, {"sào Bắc Bộ", 360, 1}, {"sào Trung Bộ", 500, 1}, {"ha", 10000, 1}}},
	{ID: 4, Code: "XIMANG", Name: "Xi măng", Unit: "tấn", Decimals: 3, Nature: Material, Measures: []Measure{{"kg", 1, 1000}, {"tạ", 1, 10}, {"bao", 1, 20}}},
	{ID: 5, Code: "CAT", Name: "Cát, đá, sỏi", Unit: "m3", Decimals: 1, Nature: Material, Measures: []Measure{{"m³", 1, 1}, {"khối", 1, 1}}},
	{ID: 6, Code: "GACH", Name: "Gạch", Unit: "viên", Nature: Material, Measures: []Measure{{"nghìn viên", 1000, 1}}},
	{ID: 7, Code: "CAY", Name: "Cây, hoa", Unit: "cây", Nature: Material, Measures: []Measure{{"chậu", 1, 1}, {"gốc", 1, 1}}},
	{ID: 8, Code: "GAO", Name: "Gạo", Unit: "kg", Decimals: 1, Nature: Material, Measures: []Measure{{"tạ", 100, 1}, {"tấn", 1000, 1}, {"yến", 10, 1}}},
	{ID: 9, Code: "QUA", Name: "Phần quà", Unit: "phần", Nature: Material, Measures: []Measure{{"suất", 1, 1}, {"suất quà", 1, 1}, {"phần quà", 1, 1}}},
	{ID: 10, Code: "SUATAN", Name: "Suất ăn", Unit: "suất ăn", Nature: Material},
}

// GiverKind is what kind of giver an account stands for. Figures by kind need no name.
type GiverKind string

const (
	People    GiverKind = "nhan-dan"
	Members   GiverKind = "hoi-vien"
	Business  GiverKind = "doanh-nghiep"
	Budget    GiverKind = "ngan-sach"
	Programme GiverKind = "chuong-trinh"
	HigherUp  GiverKind = "cap-tren" // a fund of the level above: passed down, not raised here
	Elsewhere GiverKind = "khac"
)

// GiverKinds in the order in which people read them.
var GiverKinds = []GiverKind{People, Members, Business, Budget, Programme, HigherUp, Elsewhere}

// Name is the kind in the user's words.
func (k GiverKind) Name() string {
	return map[GiverKind]string{People: "Nhân dân", Members: "hội viên, đoàn viên", Business: "doanh nghiệp, nhà hảo tâm", Budget: "ngân sách nhà nước",
		Programme: "chương trình, dự án", HigherUp: "quỹ cấp trên chuyển về", Elsewhere: "nguồn khác"}[k]
}

// Purpose is what a fund is for.
type Purpose string

const (
	Poor      Purpose = "vi-nguoi-ngheo"
	Gratitude Purpose = "den-on-dap-nghia"
	Relief    Purpose = "cuu-tro"
	Works     Purpose = "cong-trinh"
	OwnFund   Purpose = "quy-khac"
)

// Purposes in the order in which people read them.
var Purposes = []Purpose{Poor, Gratitude, Relief, Works, OwnFund}

// Name is the purpose in the user's words.
func (p Purpose) Name() string {
	return map[Purpose]string{Poor: "Quỹ “Vì người nghèo”", Gratitude: "Quỹ “Đền ơn đáp nghĩa”", Relief: "Vận động cứu trợ", Works: "Vận động làm công trình",
		OwnFund: "quỹ khác"}[p]
}

// AccountKind is which side of a book an account stands on.
type AccountKind string

const (
	Giver AccountKind = "giver" // outside: falls below nothing by what it has given
	Fund  AccountKind = "fund"  // holds what was given until it is handed over
	Use   AccountKind = "use"   // what it went to: a work, a household, a relief
)

// Hold is where a fund's account keeps what it has.
type Hold string

const (
	Cash  Hold = "cash"
	Bank  Hold = "bank"
	Store Hold = "store" // goods; also work and land until they are used
)

// Holds in the order in which people read them.
var Holds = []Hold{Cash, Bank, Store}

// Name is the hold in the user's words.
func (h Hold) Name() string {
	return map[Hold]string{Cash: "tiền mặt", Bank: "tại ngân hàng", Store: "hiện vật, ngày công"}[h]
}

// takes tells whether a commodity can be kept there.
func (h Hold) takes(c Commodity) bool { return (h == Store) == (c.Nature != Money) }

// Account is one side of transfers.
type Account struct {
	Book    int64
	ID      int64
	Kind    AccountKind
	Name    string
	Giver   GiverKind // of a giver
	Purpose Purpose   // of a fund, or of a use
	Hold    Hold      // of a fund
	Place   int64     // the hamlet of a giver; 0 is not known
	Named   bool      // the giver agrees to be named
}

// Title is the account as people with the book see it.
func (a Account) Title() string {
	if a.Kind == Fund {
		return a.Name + " (" + a.Hold.Name() + ")"
	}
	return a.Name
}

// Public is the account as residents see it.
func (a Account) Public() string {
	if a.Kind == Giver && !a.Named && a.private() {
		return "Không nêu tên (" + a.Giver.Name() + ")"
	}
	return a.Name
}

// private tells whether the name may be a person's.
func (a Account) private() bool {
	return a.Giver == People || a.Giver == Members || a.Giver == Business || a.Giver == Elsewhere
}

// Act is what a transfer does.
type Act string

const (
	Opening  Act = "opening"  // what a fund held before the book began
	Receive  Act = "receive"  // a giver gives; from higher up it is passed down
	HandOver Act = "handover" // a fund gives to its use
	Move     Act = "move"     // between two holds or funds of the book
	Refund   Act = "refund"   // back to who gave
)

// Name is the act in the user's words.
func (a Act) Name() string {
	return map[Act]string{Opening: "số dư đầu sổ", Receive: "thu", HandOver: "chi, bàn giao", Move: "điều chuyển", Refund: "trả lại"}[a]
}

// sides are the kinds of account that a transfer of the act goes between.
var sides = map[Act][2]AccountKind{Opening: {Giver, Fund}, Receive: {Giver, Fund}, HandOver: {Fund, Use}, Move: {Fund, Fund}, Refund: {Fund, Giver}}

// Book is a unit's book. Its counters are how many of each kind there are.
type Book struct {
	Key      int64
	Code     string
	Unit     int64
	UnitName string
	UnitCode string
	Name     string
	Entries  int64
	Receipts int64
	Payments int64
	Accounts int64
	Sealed   string // the last sealed day; empty: none is
}

// Path is the book's page.
func (b Book) Path() string { return web.Path("so-quy", b.Code) }

// MustTake refuses a day that no entry of the book may bear.
func (b Book) mustTake(day, today string) error {
	switch {
	case day > today:
		return fault.Invalidf("ngay", "Ngày %s chưa đến. Hãy ghi ngày thu, chi thật.", viet.FormatDate(day))
	case b.Sealed != "" && day <= b.Sealed:
		return fault.Invalidf("ngay", "Sổ đã khóa đến hết ngày %s. Khoản phát hiện sau hãy ghi vào ngày hôm nay và nói rõ ở phần nội dung.", viet.FormatDate(b.Sealed))
	}
	return nil
}

// Transfer is one entry of a book.
type Transfer struct {
	Book      int64
	Seq       int64
	Day       string
	Act       Act
	Commodity int64
	Quantity  int64 // of the commodity's smallest unit; 0 for a bare magnitude
	Qualifier viet.Qualifier
	Raw       string // as given, where that says more than the number
	Source    int64
	Target    int64
	Receipt   int64 // its number in the book; 0 for none
	Payment   int64
	Code      string // by which a giver finds it
	Pledge    int64
	Reverses  int64 // the entry that it takes back
	List      string
	Memo      string
	At        int64
	Person    string
	Second    string // who agreed to a correction
}

// value is what the transfer adds to a figure.
func (t Transfer) value() figure.Value {
	has := t.Qualifier != viet.Magnitude
	return figure.Value{Number: t.Quantity, Has: has, Qualifier: t.Qualifier}
}

// half is the half month that a day lies in, by its first day: periods begin on the 1st or on the 15th.
func half(day string) string {
	if day[8:] < "15" {
		return day[:8] + "01"
	}
	return day[:8] + "15"
}

// Print writes a quantity of a commodity as people read it, with its unit.
func (c Commodity) Print(v figure.Value, raw string) string {
	if v.Blank() {
		return ""
	}
	if !v.Has {
		return strings.TrimSpace(cmp.Or(raw, "có, chưa rõ số") + " " + c.Unit)
	}
	text := viet.FormatPlain(v.Number, c.Decimals) + " " + c.Unit
	if w := v.Qualifier.Word(); w != "" {
		text = w + " " + text
	}
	return text
}

// net is what is left when something was taken from a sum: as many entries may have gone out as came in. What went out with a
// qualifier leaves a rest of which neither side is known; nothing left is known to be nothing.
func net(s figure.Sum) figure.Value {
	taken := false
	kinds := []*int64{&s.Over, &s.Nearly, &s.About, &s.AtLeast, &s.AtMost, &s.Unquantified}
	open := int64(0)
	for _, n := range kinds {
		if *n < 0 {
			taken, *n = true, 0
		}
		open += *n
	}
	if s.Sum == 0 && open == 0 && !taken {
		return figure.Value{Has: true, Qualifier: viet.Exact}
	}
	s.N = max(1, open)
	v := s.Value()
	if taken {
		v.Has, v.Qualifier = true, viet.About
	}
	return v
}

// largest is what one entry may move, in the smallest unit: ten thousand tỷ đồng.
const largest = 10_000_000_000_000

// doubtful is from where on a single sum of money is asked about: a number given with the wrong unit is a thousand or a million
// times too large.
const doubtful = 100_000_000_000

// Read reads a quantity of a commodity as people write it: "1,5 triệu", "trên 300 tấn", "hàng trăm", "20 bao".
func (c Commodity) Read(text string) (viet.Quantity, error) {
	q, err := viet.ParseQuantity(text)
	if err != nil {
		return q, err
	}
	num, den := int64(1), int64(1)
	if unit := strings.TrimSpace(q.Unit); unit != "" && !viet.SameUnitText(unit, c.Unit) && !viet.SameUnitText(unit, c.Unit+" "+c.Name) {
		m, ok := c.measure(unit)
		if !ok {
			return q, fault.Invalidf("so-luong", "“%s” không phải đơn vị tính của %s. Hãy ghi theo %s.", unit, viet.LowerFirst(c.Name), c.units())
		}
		num, den = m.Num, m.Den
	}
	switch {
	case q.Qualifier == viet.Blank:
		return q, fault.Invalid("so-luong", "Hãy nhập số lượng.")
	case q.Qualifier == viet.Range:
		return q, fault.Invalidf("so-luong", "“%s” là một khoảng. Mỗi khoản trong sổ là một số; hãy ghi số thật, hoặc “khoảng”, “trên”, “gần” nếu chưa đếm được.", q.Raw)
	case q.Qualifier == viet.Magnitude:
		return q, nil
	}
	q, err = scaled(q, num, den, c)
	switch {
	case err != nil:
		return q, err
	case q.Value < 0:
		return q, fault.Invalid("so-luong", "Số lượng phải lớn hơn 0. Muốn bớt một khoản đã ghi, hãy mở khoản đó và đề nghị hủy.")
	case q.Value == 0:
		return q, fault.Invalid("so-luong", "Số lượng bằng 0 thì không có gì để ghi sổ.")
	case q.Value > largest:
		return q, fault.Invalidf("so-luong", "“%s” lớn quá mức một khoản có thể có. Hãy kiểm tra lại số chữ số và đơn vị tính.", q.Raw)
	}
	return q, nil
}

// scaled gives a quantity in the commodity's smallest unit, exactly.
func scaled(q viet.Quantity, num, den int64, c Commodity) (viet.Quantity, error) {
	v, scale := q.Value, q.Scale
	if num != 1 || den != 1 {
		if v > largest/num {
			return q, fault.Invalidf("so-luong", "“%s” lớn quá mức một khoản có thể có. Hãy kiểm tra lại số chữ số và đơn vị tính.", q.Raw)
		}
		v *= num
		for scale < c.Decimals && v < largest {
			v, scale = v*10, scale+1
		}
		if v%den != 0 {
			return q, fault.Invalidf("so-luong", "“%s” không chia chẵn ra %s. Hãy ghi thẳng theo %s.", q.Raw, c.Unit, c.Unit)
		}
		v /= den
	}
	q.Value, q.Scale, q.Unit = v, scale, ""
	out, err := q.At(c.Decimals)
	if err != nil {
		return q, fault.Invalidf("so-luong", "“%s”: %s tính đến %d chữ số sau dấu phẩy.", q.Raw, c.Name, c.Decimals)
	}
	return out, nil
}

func (c Commodity) measure(unit string) (Measure, bool) {
	for _, m := range c.Measures {
		if viet.SameUnitText(unit, m.Name) {
			return m, true
		}
	}
	return Measure{}, false
}

// units lists the words for the commodity's unit.
func (c Commodity) units() string {
	names := []string{c.Unit}
	for _, m := range c.Measures {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}
