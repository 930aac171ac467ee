package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// grid is a sheet as rows of cells. at names a cell as its reader would.
type grid struct {
	name   string
	rows   [][]cell
	merged []area
	at     func(row, col int) string
}

type cell struct {
	text   string
	number bool   // a machine's number
	wrong  string // an error, a date, a formula without a result
}

// area is a merged range, both ends included, from 0.
type area struct {
	row, col, lastRow, lastCol int
	name                       string // A1:C1
}

func (g *grid) cell(row, col int) cell {
	if row < 0 || row >= len(g.rows) || col < 0 || col >= len(g.rows[row]) {
		return cell{}
	}
	return g.rows[row][col]
}

func (g *grid) field(row, col int) field {
	if col < 0 {
		return field{}
	}
	return field{viet.Clean(g.cell(row, col).text), g.at(row, col)}
}

// lookup is what a table's reader must know of the site: which headings are units or indicators.
type lookup struct {
	unit, indicator func(text string) bool
}

// column is what a column holds.
type column int

const (
	noColumn column = iota
	colIgnored
	colUnit
	colPeriod
	colCode
	colIndicator
	colPart
	colValue
	colMeasure
	colAsOf
	colNote
	colReason
	colCross // a unit, period or indicator that heads a column of values
)

var columnWords = map[column][]string{
	colIgnored:   {"stt", "tt", "so tt", "so thu tu", "nhom", "nhom noi dung", "ky truoc", "thuc hien ky truoc", "ke hoach nam", "ke hoach", "ten don vi tinh"},
	colUnit:      {"don vi", "ma don vi", "ten don vi", "don vi bao cao", "dia phuong", "to chuc", "unit"},
	colPeriod:    {"ky", "ky bao cao", "ky so lieu", "thoi gian", "period"},
	colCode:      {"ma", "ma chi tieu", "ma so", "ma so chi tieu", "code"},
	colIndicator: {"chi tieu", "ten chi tieu", "noi dung", "chi tieu bao cao", "noi dung chi tieu", "indicator"},
	colPart:      {"phan", "thanh phan", "phan to", "trong do", "part"},
	colValue:     {"gia tri", "so lieu", "ket qua", "thuc hien", "ket qua thuc hien", "so luong", "so lieu ky nay", "thuc hien ky nay", "value"},
	colMeasure:   {"don vi tinh", "dvt", "measure", "unit of measure"},
	colAsOf:      {"tinh den ngay", "so lieu den ngay", "den ngay", "tinh den", "as of", "as_of"},
	colNote:      {"ghi chu", "note"},
	colReason:    {"ly do", "ly do dieu chinh", "reason"},
}

var totals = []string{"tong", "cong", "tong cong", "tong so", "toan thi xa", "toan huyen", "toan xa", "toan phuong", "luy ke"}

var inBrackets = regexp.MustCompile(`\(([^()]*)\)`)

// head is a header row that was understood.
type head struct {
	row    int
	what   map[int]column
	cross  []int // columns of values, when the table is a matrix
	kind   column
	score  int
	extra  map[int]string // unit of measure in the brackets of a heading
	totals []int
}

func columnOf(text string) column {
	key := strings.Trim(viet.Fold(inBrackets.ReplaceAllString(text, " ")), " .:*")
	for c, words := range columnWords {
		if slices.Contains(words, key) {
			return c
		}
	}
	return noColumn
}

// headRows is how far down a header row is looked for: above it stand the names of bodies, a title, dates.
const headRows = 20

// findHead finds the row whose cells name the most columns of a table that can be read.
func findHead(g *grid, known lookup) (best head, ok bool) {
	for r := range min(headRows, len(g.rows)) {
		if h, fits := readHead(g, r, known); fits && h.score > best.score {
			best, ok = h, true
		}
	}
	return best, ok
}

func readHead(g *grid, row int, known lookup) (head, bool) {
	h := head{row: row, what: map[int]column{}, extra: map[int]string{}}
	has := map[column]bool{}
	var open []int
	for col := range g.rows[row] {
		text := viet.Clean(g.cell(row, col).text)
		if _, plain := viet.DetectLegacy(text); plain != "" {
			text = plain
		}
		if text == "" {
			continue
		}
		c := columnOf(text)
		if c == noColumn || has[c] && c != colIgnored {
			if slices.Contains(totals, viet.Fold(text)) {
				h.totals = append(h.totals, col)
				continue
			}
			open = append(open, col)
			continue
		}
		has[c], h.what[col] = true, c
		if m := inBrackets.FindStringSubmatch(text); m != nil && c == colValue {
			h.extra[col] = viet.Clean(m[1])
		}
		h.score++
	}
	indicator := has[colCode] || has[colIndicator]
	switch {
	case indicator && has[colValue]:
		return h, true
	case indicator && len(open) > 0:
		h.kind, h.cross = colUnit, open
		if all(open, func(col int) bool { _, err := period.Parse(g.cell(row, col).text); return err == nil }) {
			h.kind = colPeriod
		} else if !some(open, func(col int) bool { return known.unit(g.cell(row, col).text) }) {
			return h, false
		}
	case has[colUnit] && len(open) > 0 && some(open, func(col int) bool { return known.indicator(bareHeading(g.cell(row, col).text)) }):
		h.kind, h.cross = colIndicator, open
	default:
		return h, false
	}
	h.score += len(open)
	return h, true
}

func bareHeading(text string) string { return viet.Clean(inBrackets.ReplaceAllString(text, " ")) }

func all(list []int, is func(int) bool) bool {
	return !slices.ContainsFunc(list, func(i int) bool { return !is(i) })
}
func some(list []int, is func(int) bool) bool { return slices.ContainsFunc(list, is) }

func (h head) column(c column) int {
	for col, what := range h.what {
		if what == c {
			return col
		}
	}
	return -1
}

// readGrid reads a table into figures. What it lacks is a problem that says what a table must have.
func (c *content) readGrid(g *grid, known lookup) bool {
	h, ok := findHead(g, known)
	if !ok {
		c.problem(g.at(0, 0), fmt.Sprintf("Không tìm thấy dòng tiêu đề trong %d dòng đầu. Bảng cần có cột “Chỉ tiêu” và cột “Giá trị” "+
			"(thêm “Đơn vị”, “Kỳ” nếu có nhiều), hoặc cột “Chỉ tiêu” với mỗi đơn vị (hay mỗi kỳ) một cột.", headRows))
		return false
	}
	for _, m := range g.merged {
		if m.row <= h.row && h.row <= m.lastRow {
			c.problem(g.at(m.row, m.col), "Ô tiêu đề "+m.name+" bị gộp, nên không biết cột nào mang tên nào. Hãy bỏ gộp ô và ghi mỗi cột một tên trên cùng một dòng.")
			return false
		}
	}
	c.above(g, h)
	for _, col := range h.totals {
		c.remark(g.at(h.row, col), "Cột tổng “"+g.cell(h.row, col).text+"” không nhập: hệ thống tự cộng.")
	}
	measure := c.measureAbove(g, h)
	for row := h.row + 1; row < len(g.rows); row++ {
		if row == h.row+1 && numbersColumns(g.rows[row]) {
			continue
		}
		c.readRow(g, h, row, measure)
	}
	return true
}

// numbersColumns tells a row "(1) (2) (3)" or "A B 1 2" under the header.
func numbersColumns(row []cell) bool {
	n := 0
	for _, v := range row {
		t := strings.Trim(v.text, "() ")
		if t == "" {
			continue
		}
		if len(t) > 2 || !regexp.MustCompile(`^([0-9]{1,2}|[A-Z])$`).MatchString(t) {
			return false
		}
		n++
	}
	return n > 1
}

// above reads "Đơn vị: …" and "Kỳ báo cáo: …" from the lines over the table.
func (c *content) above(g *grid, h head) {
	for row := range h.row {
		for col := range g.rows[row] {
			name, value, inOne := strings.Cut(viet.Clean(g.cell(row, col).text), ":")
			at := field{viet.Clean(value), g.at(row, col)}
			if !inOne || at.text == "" {
				at = g.field(row, col+1)
			}
			if at.text == "" {
				continue
			}
			switch columnOf(name) {
			case colUnit:
				if c.unit.text == "" {
					c.unit = at
				}
			case colPeriod:
				if c.period.text == "" {
					c.period = at
				}
			}
		}
	}
}

// measureAbove reads "Đơn vị tính: triệu đồng" over a table; it is for the rows of money.
func (c *content) measureAbove(g *grid, h head) field {
	for row := range h.row {
		for col := range g.rows[row] {
			text := viet.Clean(g.cell(row, col).text)
			name, value, ok := strings.Cut(strings.Trim(text, "()"), ":")
			if ok && columnOf(name) == colMeasure {
				return field{viet.Clean(value), g.at(row, col)}
			}
		}
	}
	return field{}
}

// modern reads a cell's text; what is in an old encoding is read in Unicode and noted.
func modern(f field, found *[]Legacy) field {
	if enc, text := viet.DetectLegacy(f.text); enc != viet.NoLegacy {
		*found = append(*found, Legacy{f.at, enc.String(), f.text, text})
		f.text = text
	}
	return f
}

func (g *grid) given(row, col int, found *[]Legacy) given {
	v := g.cell(row, col)
	f := modern(field{v.text, g.at(row, col)}, found)
	return given{text: f.text, at: f.at, number: v.number, set: f.text != "" || v.wrong != "", wrong: v.wrong}
}

func (c *content) readRow(g *grid, h head, row int, measure field) {
	var legacy []Legacy
	get := func(col column) field { return modern(g.field(row, h.column(col)), &legacy) }
	base := figureRow{
		unit: get(colUnit), period: get(colPeriod), indicator: get(colCode), name: get(colIndicator), part: get(colPart),
		measure: get(colMeasure), asOf: get(colAsOf), note: get(colNote), reason: get(colReason),
	}
	if slices.Contains(totals, viet.Fold(base.unit.text)) {
		c.remark(base.unit.at, "Dòng tổng “"+base.unit.text+"” không nhập: hệ thống tự cộng.")
		return
	}
	if base.indicator.text == "" {
		base.indicator, base.name = base.name, field{}
	}
	if base.measure.text == "" {
		base.measure = measure
		base.moneyOnly = true
	}
	if base.unit.text == "" {
		base.unit = field{c.unit.text, base.unit.at}
	}
	if base.period.text == "" {
		base.period = field{c.period.text, base.period.at}
	}
	add := func(f figureRow, col int) {
		f.legacy = slices.Clone(legacy)
		f.value = g.given(row, col, &f.legacy)
		if !f.value.set {
			return // an empty cell says nothing; it is not zero and does not empty what stands
		}
		f.at = f.value.at
		if m := g.covering(row, h); m != "" {
			f.note.text = strings.TrimSpace(f.note.text + " " + m)
		}
		if extra := h.extra[col]; extra != "" && (f.measure.text == "" || f.moneyOnly) {
			f.measure, f.moneyOnly = field{extra, g.at(h.row, col)}, false
		}
		c.figures = append(c.figures, f)
	}
	if len(h.cross) == 0 {
		add(base, h.column(colValue))
		return
	}
	for _, col := range h.cross {
		f := base
		heading := modern(field{viet.Clean(g.cell(h.row, col).text), g.at(h.row, col)}, &legacy)
		switch h.kind {
		case colUnit:
			f.unit = heading
		case colPeriod:
			f.period = heading
		case colIndicator:
			f.indicator = field{bareHeading(heading.text), heading.at}
			if m := inBrackets.FindStringSubmatch(heading.text); m != nil {
				f.measure, f.moneyOnly = field{viet.Clean(m[1]), heading.at}, false
			}
		}
		add(f, col)
	}
}

// covering says that a name of the row may be hidden in a merged range, which explains why it is missing.
func (g *grid) covering(row int, h head) string {
	for _, m := range g.merged {
		if m.row < row && row <= m.lastRow && (h.what[m.col] == colUnit || h.what[m.col] == colIndicator || h.what[m.col] == colCode || h.what[m.col] == colPeriod) {
			return "(ô " + m.name + " bị gộp; hãy bỏ gộp và ghi đủ ở mỗi dòng)"
		}
	}
	return ""
}
