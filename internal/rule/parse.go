package rule

import (
	"math/big"
	"strings"
	"unicode"

	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
)

// The language, which the page /quy-tac explains to those who write rules:
//
//	condition = conjunction { "hoặc" conjunction }
//	conjunction = negation { "và" negation }
//	negation = "không" negation | sum [ ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum ]
//	sum = term { ( "+" | "-" ) term }
//	term = factor { ( "*" | "/" ) factor }
//	factor = "-" factor | number [ "nghìn" | "triệu" | "tỷ" ] | cell | function "(" condition { ";" condition } ")" | "(" condition ")"
//	cell = code [ "." part ] [ "[" ( "kỳ trước" | "cùng kỳ" | "lũy kế" | "kế hoạch" ) "]" ]
//
// Words may be typed without marks. A number is written as people write it: 1.500.000 or 0,5.

// mostDepth bounds how deep brackets may nest.
const mostDepth = 50

// Parse reads an expression over a catalogue. The error is a fault at the field "expr" that says where and what.
func Parse(text string, catalog *indicator.Catalog) (*Expr, error) {
	p := &parser{text: []rune(viet.NFC(text)), catalog: catalog}
	root, err := p.condition()
	if err == nil {
		p.blanks()
		if p.pos < len(p.text) {
			err = p.wrong(p.pos, "thừa “%s”", string(p.text[p.pos:min(len(p.text), p.pos+20)]))
		} else if root.sort != truth {
			err = p.wrong(0, "đây là một con số, chưa phải điều kiện. Hãy so sánh nó với một số khác, ví dụ DG01 >= 0")
		}
	}
	if err != nil {
		return nil, err
	}
	return &Expr{root, p.cells}, nil
}

type parser struct {
	text    []rune
	pos     int
	depth   int
	catalog *indicator.Catalog
	cells   []cell
}

// wrong is a fault that names the place as people count it, from 1.
func (p *parser) wrong(at int, format string, args ...any) error {
	return fault.Invalidf("expr", "Ở ký tự thứ %d: %s.", at+1, fault.Made(fault.KindInvalid, "expr", format, args...))
}

func (p *parser) blanks() {
	for p.pos < len(p.text) && unicode.IsSpace(p.text[p.pos]) {
		p.pos++
	}
}

// sign takes the first of some signs that stands next.
func (p *parser) sign(signs ...string) string {
	p.blanks()
	for _, s := range signs {
		if strings.HasPrefix(string(p.text[p.pos:min(len(p.text), p.pos+2)]), s) {
			p.pos += len([]rune(s))
			return s
		}
	}
	return ""
}

// peekWord is the word that stands next, folded, and where it ends.
func (p *parser) peekWord() (folded string, end int) {
	p.blanks()
	end = p.pos
	for end < len(p.text) && (unicode.IsLetter(p.text[end]) || unicode.IsDigit(p.text[end]) || unicode.Is(unicode.Mn, p.text[end])) {
		end++
	}
	return viet.Fold(string(p.text[p.pos:end])), end
}

func (p *parser) word(words ...string) bool {
	got, end := p.peekWord()
	for _, w := range words {
		if got == w {
			p.pos = end
			return true
		}
	}
	return false
}

func (p *parser) condition() (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > mostDepth {
		return nil, p.wrong(p.pos, "quá nhiều lớp ngoặc lồng nhau")
	}
	return p.joined(p.conjunction, "or", "hoac")
}

func (p *parser) conjunction() (*node, error) { return p.joined(p.negation, "and", "va") }

// joined reads pieces joined by a word; each must be a condition.
func (p *parser) joined(piece func() (*node, error), op, word string) (*node, error) {
	left, err := piece()
	if err != nil {
		return nil, err
	}
	for p.word(op, word) {
		right, err := piece()
		if err != nil {
			return nil, err
		}
		for _, n := range []*node{left, right} {
			if n.sort != truth {
				return nil, p.wrong(n.at, "hai bên của “và”, “hoặc” phải là điều kiện, không phải con số")
			}
		}
		left = &node{op: op, args: []*node{left, right}, sort: truth, at: left.at}
	}
	return left, nil
}

func (p *parser) negation() (*node, error) {
	p.blanks()
	at := p.pos
	if p.word("khong", "not") {
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > mostDepth {
			return nil, p.wrong(at, "quá nhiều lớp ngoặc lồng nhau")
		}
		arg, err := p.negation()
		if err != nil {
			return nil, err
		}
		if arg.sort != truth {
			return nil, p.wrong(arg.at, "sau “không” phải là một điều kiện")
		}
		return &node{op: "not", args: []*node{arg}, sort: truth, at: at}, nil
	}
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	op := p.sign("<=", ">=", "<>", "≤", "≥", "≠", "=", "<", ">")
	if op == "" {
		return left, nil
	}
	right, err := p.sum()
	if err != nil {
		return nil, err
	}
	if op2 := p.sign("<=", ">=", "<>", "≤", "≥", "≠", "=", "<", ">"); op2 != "" {
		return nil, p.wrong(p.pos-1, "mỗi lần chỉ so sánh hai vế; hãy viết a < b và b < c")
	}
	if _, err := p.alike(left, right); err != nil {
		return nil, err
	}
	if plain, ok := map[string]string{"≤": "<=", "≥": ">=", "≠": "<>"}[op]; ok {
		op = plain
	}
	return &node{op: op, args: []*node{left, right}, sort: truth, at: left.at}, nil
}

// alike asks that two pieces are numbers of one unit, and gives the unit.
func (p *parser) alike(a, b *node) (string, error) {
	for _, n := range []*node{a, b} {
		if n.sort != number {
			return "", p.wrong(n.at, "chỗ này phải là con số, không phải điều kiện")
		}
	}
	switch {
	case a.unit == "" || a.unit == mixed:
		return b.unit, nil
	case b.unit == "" || b.unit == mixed || indicator.SameUnit(a.unit, b.unit):
		return a.unit, nil
	}
	return "", p.wrong(b.at, "không so sánh, cộng, trừ được “%s” với “%s”", a.unit, b.unit)
}

func (p *parser) sum() (*node, error) {
	left, err := p.term()
	for err == nil {
		op := p.sign("+", "-", "−", "–")
		if op == "" {
			return left, nil
		}
		if op != "+" {
			op = "-"
		}
		var right *node
		if right, err = p.term(); err != nil {
			break
		}
		var unit string
		if unit, err = p.alike(left, right); err != nil {
			break
		}
		left = &node{op: op, args: []*node{left, right}, unit: unit, at: left.at}
	}
	return nil, err
}

func (p *parser) term() (*node, error) {
	left, err := p.factor()
	for err == nil {
		op := p.sign("*", "×", "/", "÷")
		if op == "" {
			return left, nil
		}
		var right *node
		if right, err = p.factor(); err != nil {
			break
		}
		if left.sort != number || right.sort != number {
			return nil, p.wrong(left.at, "chỉ nhân chia được con số")
		}
		n := &node{op: "*", args: []*node{left, right}, at: left.at, unit: left.unit}
		switch {
		case op == "/" || op == "÷":
			n.op = "/"
			if right.unit != "" {
				n.unit = mixed
				if left.unit != mixed && left.unit != "" && right.unit != mixed && indicator.SameUnit(left.unit, right.unit) {
					n.unit = ""
				}
			}
		case left.unit == "":
			n.unit = right.unit
		case right.unit != "":
			n.unit = mixed
		}
		left = n
	}
	return nil, err
}

// functions by their folded names: how many arguments they take (most 0 is any number).
var functions = map[string]struct {
	op          string
	least, most int
}{
	"co":   {"given", 1, 1},
	"tong": {"total", 1, 0},
	"abs":  {"abs", 1, 1},
	"min":  {"min", 1, 0},
	"max":  {"max", 1, 0},
	"neu":  {"if", 3, 3},
}

func (p *parser) factor() (*node, error) {
	p.blanks()
	at := p.pos
	if at == len(p.text) {
		return nil, p.wrong(at, "điều kiện bị thiếu phần cuối")
	}
	if p.sign("(") != "" {
		inner, err := p.condition()
		if err == nil && p.sign(")") == "" {
			err = p.wrong(p.pos, "thiếu dấu “)”")
		}
		return inner, err
	}
	if p.sign("-", "−", "–") != "" {
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > mostDepth {
			return nil, p.wrong(at, "quá nhiều dấu trừ liền nhau")
		}
		arg, err := p.factor()
		if err != nil {
			return nil, err
		}
		if arg.sort != number {
			return nil, p.wrong(arg.at, "sau dấu trừ phải là một con số")
		}
		return &node{op: "neg", args: []*node{arg}, unit: arg.unit, at: at}, nil
	}
	if r := p.text[at]; r >= '0' && r <= '9' {
		return p.number()
	}
	word, end := p.peekWord()
	if word == "" {
		return nil, p.wrong(at, "không hiểu “%s”", string(p.text[at]))
	}
	if f, ok := functions[word]; ok {
		p.pos = end
		if p.sign("(") != "" {
			return p.call(at, f.op, word, f.least, f.most)
		}
		p.pos = at
	}
	return p.figure()
}

// number reads digits as people group them: points between three digits each, a comma before decimals, and a word of size.
func (p *parser) number() (*node, error) {
	at := p.pos
	digits := func(from int) int {
		for from < len(p.text) && p.text[from] >= '0' && p.text[from] <= '9' {
			from++
		}
		return from
	}
	end := digits(at)
	whole := string(p.text[at:end])
	grouped := false
	for end < len(p.text) && p.text[end] == '.' {
		next := digits(end + 1)
		if next != end+4 || len(whole) > 3 && !grouped {
			return nil, p.wrong(at, "số viết chưa rõ; hãy viết như 1.500.000 hoặc 0,5")
		}
		whole, end, grouped = whole+string(p.text[end+1:next]), next, true
	}
	text := whole
	if end < len(p.text) && p.text[end] == ',' {
		next := digits(end + 1)
		if next == end+1 {
			return nil, p.wrong(end, "sau dấu phẩy phải là chữ số; giữa các phần trong ngoặc dùng dấu chấm phẩy")
		}
		text, end = text+"."+string(p.text[end+1:next]), next
	}
	if len(text) > 30 {
		return nil, p.wrong(at, "số quá dài")
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, p.wrong(at, "số viết chưa rõ; hãy viết như 1.500.000 hoặc 0,5")
	}
	p.pos = end
	for word, zeros := range map[string]int64{"nghin": 1000, "ngan": 1000, "trieu": 1_000_000, "ty": 1_000_000_000, "ti": 1_000_000_000} {
		if p.word(word) {
			value.Mul(value, new(big.Rat).SetInt64(zeros))
			break
		}
	}
	if p.sign("%") != "" {
		return nil, p.wrong(p.pos-1, "không dùng dấu %%: tỷ lệ viết như con số trên biểu (ví dụ VH04 <= 100), phần của một số viết như 0,5 * DG01")
	}
	return &node{op: "number", value: value, at: at}, nil
}

// figure reads a cell: a code of the catalogue, a part, and which of its figures.
func (p *parser) figure() (*node, error) {
	at := p.pos
	_, end := p.peekWord()
	if end < len(p.text) && p.text[end] == '.' {
		end++
		for end < len(p.text) && (unicode.IsLetter(p.text[end]) || unicode.IsDigit(p.text[end])) {
			end++
		}
	}
	address := strings.ToUpper(string(p.text[at:end]))
	in, part, ok := p.catalog.PartByCode(address)
	if !ok {
		return nil, p.wrong(at, "không có chỉ tiêu hay hàm “%s”", address)
	}
	if in.Across == indicator.Ratio {
		return nil, p.wrong(at, "“%s” là tỷ lệ do hệ thống tự tính; hãy so sánh hai chỉ tiêu làm ra nó", in.Code)
	}
	p.pos = end
	c := cell{in.ID, part.Part, now}
	if p.sign("[") != "" {
		close := p.pos
		for close < len(p.text) && p.text[close] != ']' {
			close++
		}
		asked := viet.Fold(strings.Join(strings.Fields(string(p.text[p.pos:close])), " "))
		found := false
		for _, w := range whens {
			if viet.Fold(string(w)) == asked {
				c.when, found = w, true
			}
		}
		if close == len(p.text) || !found {
			return nil, p.wrong(p.pos, "trong ngoặc vuông hãy viết kỳ trước, cùng kỳ, lũy kế hoặc kế hoạch, rồi đóng bằng “]”")
		}
		if c.when == plan && c.part != indicator.Total {
			return nil, p.wrong(at, "kế hoạch chỉ có cho cả chỉ tiêu, không có cho từng phần")
		}
		p.pos = close + 1
	}
	p.note(c)
	return &node{op: "cell", cell: c, unit: in.Unit, at: at}, nil
}

func (p *parser) note(c cell) {
	for _, known := range p.cells {
		if known == c {
			return
		}
	}
	p.cells = append(p.cells, c)
}

func (p *parser) call(at int, op, name string, least, most int) (*node, error) {
	n := &node{op: op, at: at}
	for {
		arg, err := p.condition()
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, arg)
		if p.sign(";") == "" {
			break
		}
	}
	if p.sign(")") == "" {
		return nil, p.wrong(p.pos, "thiếu dấu “)” hoặc dấu “;”")
	}
	if len(n.args) < least || most > 0 && len(n.args) > most {
		return nil, p.wrong(at, "hàm “%s” cần %d phần trong ngoặc, cách nhau bằng dấu chấm phẩy", name, least)
	}
	values := n.args
	switch op {
	case "given":
		n.sort = truth
	case "if":
		if values[0].sort != truth {
			return nil, p.wrong(values[0].at, "phần đầu của “nếu” phải là một điều kiện")
		}
		values = values[1:]
		if values[0].sort == truth && values[1].sort == truth {
			n.sort = truth
			return n, nil
		}
	}
	for i, v := range values {
		if v.sort != number {
			return nil, p.wrong(v.at, "hàm “%s” cần con số, không phải điều kiện", name)
		}
		unit, err := p.alike(values[0], v)
		if err != nil {
			return nil, err
		}
		if i == 0 || n.unit == "" {
			n.unit = unit
		}
	}
	if op == "given" {
		n.unit = ""
	}
	return n, nil
}
