package ledger

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// List is a hamlet's list of givers from a workbook: read, looked at, then posted as a whole or dropped.
type List struct {
	ID     string
	Name   string // of the file
	State  string // preview, posted
	At     int64
	Person string
	Gifts  []ListLine
	Totals []ListTotal
}

// ListLine is a line of a list as read. Problem says what is wrong with it, in the user's words.
type ListLine struct {
	Row       int
	Name      string
	Commodity string
	Quantity  string
	Shown     string
	Amount    int64
	Named     bool
	Problem   string
}

// ListTotal is what a list's lines of a commodity add up to, and what its own total line says.
type ListTotal struct {
	Commodity string
	Sum       string
	Said      string // empty: no total line
	Problem   string
}

// Ready tells whether the list can be posted.
func (l List) Ready() bool {
	return l.State == "preview" && len(l.Gifts) > 0 && !slices.ContainsFunc(l.Gifts, func(g ListLine) bool { return g.Problem != "" }) &&
		!slices.ContainsFunc(l.Totals, func(t ListTotal) bool { return t.Problem != "" })
}

const mostLines = 20_000

// columns of a list, by the words that their heads begin with, folded.
var columns = []struct {
	key   string
	heads []string
}{
	{"name", []string{"ho va ten", "ho ten", "ten", "nguoi", "chu ho", "ho gia dinh", "don vi ung ho", "don vi dong gop"}},
	{"quantity", []string{"so tien", "so luong", "muc dong gop", "dong gop", "ung ho", "so cong"}},
	{"unit", []string{"don vi tinh", "dvt"}},
	{"kind", []string{"loai", "noi dung"}},
	{"named", []string{"cong khai", "neu ten"}},
}

// readList reads the first sheet that has the heads of a list.
func readList(data []byte, commodities []Commodity) (List, error) {
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Limits{Rows: mostLines + 100, Cols: 50})
	if err != nil {
		return List{}, err
	}
	for _, s := range book.Sheets() {
		out, found, err := readSheet(s, commodities)
		if err != nil || found {
			return out, err
		}
	}
	return List{}, fault.Invalid("tep", "Không thấy hàng tiêu đề có cột Họ và tên và cột Số tiền (hoặc Số lượng). Hãy tải mẫu danh sách và điền theo.")
}

func readSheet(s *sheet.Sheet, commodities []Commodity) (out List, found bool, err error) {
	at := map[string]int{}
	sums := map[string]int64{}
	var said []ListTotal
	for row, err := range s.Rows() {
		if err != nil {
			return out, found, err
		}
		if !found {
			at = headsOf(row)
			found = at["name"] > 0 && at["quantity"] > 0
			continue
		}
		text := func(key string) string {
			if at[key] == 0 {
				return ""
			}
			return viet.Clean(row.Cell(at[key]).Text)
		}
		first := ""
		for _, c := range row.Cells {
			if c.Kind == sheet.Text && strings.TrimSpace(c.Text) != "" {
				first = viet.Fold(c.Text)
				break
			}
		}
		amount := quantityText(row.Cell(at["quantity"]))
		if strings.HasPrefix(first, "tong") || strings.HasPrefix(first, "cong") && text("name") == "" {
			said = append(said, ListTotal{Said: amount, Commodity: text("unit")})
			continue
		}
		if text("name") == "" && amount == "" { // a line of the form that was left empty
			continue
		}
		line := ListLine{Row: row.Number, Name: text("name"), Named: yes(text("named"))}
		line.read(amount, text("unit"), text("kind"), commodities)
		if line.Problem == "" {
			sums[line.Commodity] += line.Amount
		}
		out.Gifts = append(out.Gifts, line)
	}
	for _, c := range commodities {
		sum, ok := sums[c.Code]
		if !ok {
			continue
		}
		out.Totals = append(out.Totals, ListTotal{Commodity: c.Code, Sum: c.Print(figure.Value{Number: sum, Has: true, Qualifier: viet.Exact}, "")})
	}
	for _, t := range said {
		checkTotal(&out, t, sums, commodities)
	}
	return out, found, nil
}

func headsOf(row sheet.Row) map[string]int {
	at := map[string]int{}
	for _, c := range row.Cells {
		head := viet.Fold(c.Text)
		for _, col := range columns {
			if at[col.key] == 0 && slices.ContainsFunc(col.heads, func(h string) bool { return strings.HasPrefix(head, h) }) {
				at[col.key] = c.Col
				break
			}
		}
	}
	return at
}

// quantityText is a cell as somebody would write it: a number's digits with a comma before decimals.
func quantityText(c sheet.Cell) string {
	if c.Kind == sheet.Number {
		return strings.Replace(c.Text, ".", ",", 1)
	}
	return viet.Clean(c.Text)
}

func yes(text string) bool {
	switch viet.Fold(text) {
	case "x", "co", "dong y", "1", "neu ten", "cong khai":
		return true
	}
	return false
}

// read finds what a line gives: by its unit, by its kind, or money when neither is said.
func (l *ListLine) read(amount, unit, kind string, commodities []Commodity) {
	c := commodities[0]
	if word := cmp.Or(unit, kind); word != "" {
		at := slices.IndexFunc(commodities, func(c Commodity) bool {
			_, measure := c.measure(word)
			return measure || viet.SameUnitText(word, c.Unit) || viet.Fold(word) == viet.Fold(c.Name)
		})
		if at < 0 {
			l.Problem = "Không rõ “" + word + "” là gì. Dùng: " + commodityNames(commodities) + "."
			return
		}
		c = commodities[at]
	}
	l.Commodity = c.Code
	if l.Quantity = amount; amount != "" && unit != "" && !viet.SameUnitText(unit, c.Unit) {
		if _, ok := c.measure(unit); ok {
			l.Quantity += " " + unit
		}
	}
	if l.Name == "" {
		l.Problem = "Chưa có tên. Người không muốn nêu tên thì ghi “Ẩn danh”."
		return
	}
	q, err := c.Read(l.Quantity)
	if err != nil {
		l.Problem = fault.Text(said(err))
		return
	}
	if c.Nature == Money && q.Value >= doubtful {
		l.Problem = "Số tiền lớn khác thường. Hãy kiểm tra đơn vị tính, hoặc ghi khoản này riêng."
		return
	}
	l.Amount, l.Shown = q.Value, c.Print(figure.Value{Number: q.Value, Has: q.Qualifier != viet.Magnitude, Qualifier: q.Qualifier}, cmp.Or(q.Magnitude, q.Raw))
}

func commodityNames(all []Commodity) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Unit
	}
	return strings.Join(names, ", ")
}

// checkTotal holds a total line to the lines. It is of the commodity that its unit says, or of the list's only one.
func checkTotal(l *List, t ListTotal, sums map[string]int64, commodities []Commodity) {
	for i := range l.Totals {
		of := &l.Totals[i]
		c := commodities[slices.IndexFunc(commodities, func(c Commodity) bool { return c.Code == of.Commodity })]
		if len(l.Totals) > 1 && !viet.SameUnitText(t.Commodity, c.Unit) || of.Said != "" {
			continue
		}
		q, err := c.Read(t.Said)
		of.Said = cmp.Or(t.Said, "(trống)")
		if err != nil || q.Value != sums[c.Code] {
			of.Problem = "Dòng tổng ghi " + of.Said + ", cộng các dòng là " + of.Sum + "."
		}
		return
	}
}

// ReadList reads a workbook into a list to be looked at. Nothing is posted.
func (s *Service) ReadList(ctx context.Context, who auth.Actor, code, name string, data []byte) (string, error) {
	if err := who.Must(auth.Books); err != nil {
		return "", err
	}
	id, sum := db.NewID(), sha256.Sum256(data)
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		if err != nil {
			return err
		}
		commodities, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		l, err := readList(data, commodities)
		if err != nil {
			return err
		}
		if len(l.Gifts) == 0 {
			return fault.Invalid("tep", "Danh sách không có dòng nào.")
		}
		var before string
		err = tx.QueryRow(ctx, `select id from ledger_list where book = $1 and sha256 = $2 and state = 'posted'`, b.Key, hex.EncodeToString(sum[:])).Scan(&before)
		if err == nil {
			return fault.Refused("Tệp này đã được ghi vào sổ trước đó. Ghi lần nữa thì mỗi người thành hai khoản.")
		} else if !db.Missing(err) {
			return err
		}
		lines, err := json.Marshal(l)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into ledger_list(id, book, name, sha256, lines, state, at, person) values ($1,$2,$3,$4,$5,'preview',$6,$7)`,
			id, b.Key, cleanFile(name), hex.EncodeToString(sum[:]), string(lines), s.clock.Milli(), who.Person)
		return err
	})
	return id, err
}

func cleanFile(name string) string {
	name = viet.Clean(name)
	if utf8.RuneCountInString(name) > longestName {
		name = string([]rune(name)[:longestName])
	}
	return cmp.Or(name, "danh sách")
}

// FindList reads a list of a book that the actor keeps.
func (s *Service) FindList(ctx context.Context, who auth.Actor, code, id string) (b Book, l List, err error) {
	if err := who.Must(auth.Books); err != nil {
		return b, l, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if b, err = findBook(ctx, tx, who, auth.Books, code, s.clock.Today()); err != nil {
			return err
		}
		l, err = findList(ctx, tx, b.Key, id)
		return err
	})
	return b, l, err
}

// Lists are a book's lists, the newest first.
func (s *Service) Lists(ctx context.Context, who auth.Actor, code string) (b Book, out []List, err error) {
	if err := who.Must(auth.Books); err != nil {
		return b, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if b, err = findBook(ctx, tx, who, auth.Books, code, s.clock.Today()); err != nil {
			return err
		}
		out, err = db.Collect(ctx, tx, scanList, listSelect+`where book = $1 order by at desc, id desc limit 100`, b.Key)
		return err
	})
	return b, out, err
}

const listSelect = `select id, name, state, at, person, lines from ledger_list `

func scanList(rows *sql.Rows) (List, error) { return readListRow(rows.Scan) }

func readListRow(scan db.Scan) (l List, err error) {
	var lines string
	if err = scan(&l.ID, &l.Name, &l.State, &l.At, &l.Person, &lines); err != nil {
		return l, err
	}
	kept := l
	if err := json.Unmarshal([]byte(lines), &l); err != nil {
		return l, fmt.Errorf("lines of list %s: %w", l.ID, err)
	}
	l.ID, l.Name, l.State, l.At, l.Person = kept.ID, kept.Name, kept.State, kept.At, kept.Person
	return l, nil
}

func findList(ctx context.Context, tx *db.Tx, book int64, id string) (List, error) {
	l, err := readListRow(tx.QueryRow(ctx, listSelect+`where book = $1 and id = $2`, book, id).Scan)
	if db.Missing(err) {
		err = fault.NotFound()
	}
	return l, err
}

// ListReceipts are the entries of a list that has been posted, in the order of its lines.
func (s *Service) ListReceipts(ctx context.Context, who auth.Actor, code, id string) (b Book, l List, out []Line, err error) {
	if err := who.Must(auth.Books); err != nil {
		return b, l, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if b, err = findBook(ctx, tx, who, auth.Books, code, s.clock.Today()); err != nil {
			return err
		}
		if l, err = findList(ctx, tx, b.Key, id); err != nil {
			return err
		}
		out, err = lines(ctx, tx, b, Ask{List: id}, mostLines)
		slices.Reverse(out)
		if err == nil && len(out) == 0 {
			err = fault.NotFound()
		}
		return err
	})
	return b, l, out, err
}

// ListInto says what all gifts of a list have in common.
type ListInto struct {
	Day   string
	Kind  GiverKind
	Place string
	Money int64 // the fund for money
	Goods int64 // the fund for all else
	Memo  string
}

// PostList posts all lines of a list, each with a receipt, or none.
func (s *Service) PostList(ctx context.Context, who auth.Actor, code, id string, into ListInto) error {
	if err := who.Must(auth.Books); err != nil {
		return err
	}
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		b, err := findBook(ctx, tx, who, auth.Books, code, s.clock.Today())
		if err != nil {
			return err
		}
		l, err := findList(ctx, tx, b.Key, id)
		if err != nil {
			return err
		}
		if !l.Ready() {
			return fault.Refused("Danh sách này đã ghi sổ, hoặc còn dòng sai. Hãy sửa tệp rồi tải lên lại.")
		}
		n, err := tx.Exec(ctx, `update ledger_list set state = 'posted' where id = $1 and state = 'preview'`, id)
		if err != nil || n == 0 {
			return cmp.Or(err, fault.Conflict("Danh sách này vừa được ghi sổ."))
		}
		p, err := s.newPosting(ctx, tx, b)
		if err != nil {
			return err
		}
		if err := p.postLines(ctx, s, l, into); err != nil {
			return err
		}
		return p.write(ctx, who, "list", l.Name)
	})
}

func (p *posting) postLines(ctx context.Context, s *Service, l List, into ListInto) error {
	var bad fault.List
	day, err := viet.ParseDate(into.Day, 0)
	if err != nil || strings.TrimSpace(into.Day) == "" {
		_ = bad.Add(fault.Invalid("ngay", "Hãy nhập ngày thu, ví dụ 05/10/2019."))
	}
	if !slices.Contains(GiverKinds, into.Kind) {
		_ = bad.Add(fault.Invalid("loai", "Hãy chọn loại người, đơn vị đóng góp."))
	}
	place, err := s.placeOf(ctx, p.tx, into.Place)
	_ = bad.Add(err)
	memo := viet.Clean(into.Memo)
	if utf8.RuneCountInString(memo) > longestMemo {
		_ = bad.Add(fault.Invalidf("noi-dung", "Nội dung dài quá %d ký tự.", longestMemo))
	}
	funds := map[bool]int64{true: into.Money, false: into.Goods}
	for _, g := range l.Gifts {
		c, _ := p.commodity(g.Commodity)
		if funds[c.Nature == Money] == 0 {
			field := "quy"
			if c.Nature != Money {
				field = "kho"
			}
			_ = bad.Add(fault.Invalidf(field, "Hãy chọn quỹ nhận %s.", viet.LowerFirst(c.Name)))
			break
		}
	}
	if len(bad) > 0 {
		return bad.Err()
	}
	for _, fund := range funds {
		if fund != 0 {
			if err := p.load(ctx, fund); err != nil {
				return err
			}
		}
	}
	known, err := p.givers(ctx, l, into.Kind, place)
	if err != nil {
		return err
	}
	today := s.clock.Today()
	for _, g := range l.Gifts {
		c, _ := p.commodity(g.Commodity)
		q, err := c.Read(g.Quantity)
		if err != nil {
			return err
		}
		t := Transfer{Act: Receive, Day: day, Commodity: c.ID, Quantity: q.Value, Qualifier: q.Qualifier, Raw: q.Raw, Target: funds[c.Nature == Money], List: l.ID, Memo: memo}
		if q.Qualifier == viet.Magnitude {
			t.Quantity, t.Raw = 0, cmp.Or(q.Magnitude, q.Raw)
		}
		a := Account{Kind: Giver, Name: g.Name, Giver: into.Kind, Place: place, Named: g.Named}
		id, ok := known[giverKey(a)]
		if !ok {
			id = p.open(a)
			known[giverKey(a)] = id
		}
		t.Source = id
		if err := p.add(t, today); err != nil {
			return err
		}
	}
	return nil
}

func giverKey(a Account) string {
	return fmt.Sprint(viet.Canon(a.Name), "\x00", a.Giver, "\x00", a.Place, "\x00", a.Named)
}

// givers finds the accounts of a list's givers that the book has already, in a few questions for thousands of lines.
func (p *posting) givers(ctx context.Context, l List, kind GiverKind, place int64) (map[string]int64, error) {
	var folded []string
	for _, g := range l.Gifts {
		folded = append(folded, viet.Fold(g.Name))
	}
	out := map[string]int64{}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(folded))), 500) {
		found, err := db.Collect(ctx, p.tx, scanAccount, `select `+accountColumns+` from ledger_account a where a.book = $1 and a.kind = 'giver' and a.giver = $2 and coalesce(a.place, 0) = $3
			and a.folded in (`+db.List(len(part), 4)+`) order by a.id desc`, append([]any{p.book.Key, string(kind), place}, db.Args(part)...)...)
		if err != nil {
			return nil, fmt.Errorf("givers: %w", err)
		}
		for _, a := range found {
			out[giverKey(a)] = a.ID
			p.accounts[a.ID] = a
		}
	}
	return out, nil
}

// ListTemplate is an empty list as a workbook, to be filled in.
func (s *Service) ListTemplate() ([]byte, error) {
	w := sheet.NewWriter("Danh sách đóng góp", "Giaoban", s.clock.Today())
	t := w.Table("Danh sách", false, []sheet.Column{{Title: "STT", Width: 6}, {Title: "Họ và tên", Width: 32}, {Title: "Số lượng", Width: 16}, {Title: "Đơn vị tính", Width: 14}, {Title: "Công khai tên (x)", Width: 18}})
	for n := range int64(200) {
		t.Row(sheet.Num(n+1, 0), sheet.Blank(), sheet.Blank(), sheet.Str("đồng"), sheet.Blank())
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := w.Save(&out)
	return out.Bytes(), err
}
