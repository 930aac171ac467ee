package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// What Template writes and readXLSX finds again.
const (
	metaForm    = "form" // names the form and its version
	metaUnit    = "unit"
	metaPeriod  = "period"
	metaCatalog = "catalog" // hash of the indicators that the form was written with
	formVersion = "giaoban-1"
	manyVersion = "giaoban-nhieu-1" // a sheet for each of many bodies; metaBody and the sheet's name give its unit
	metaBody    = "unit "

	guideSheet     = "Hướng dẫn"
	figureSheet    = "Số liệu"
	statementSheet = "Nội dung"
)

// readXLSX reads a workbook: the program's own forms by their hidden marks, any other by its columns.
func readXLSX(f File, known lookup, left *budget) ([]part, error) {
	unzipped, cells := left.left()
	book, err := sheet.Open(bytes.NewReader(f.Data), int64(len(f.Data)), sheet.Limits{
		Bytes: mostBytes, Unzipped: unzipped, Cells: cells, Sheets: mostBodies + 10, // beside the bodies': the guide, the statements, hidden ones
	})
	if err != nil {
		return nil, err
	}
	defer func() { left.take(book) }()
	meta, err := book.Meta()
	if err != nil {
		return nil, err
	}
	var c *content
	switch meta[metaForm] {
	case manyVersion:
		return readMany(book, meta, known)
	case formVersion:
		if c, err = readForm(book, meta, known); err != nil {
			return nil, err
		}
		return []part{{content: c, of: bodyOf(meta[metaUnit], meta[metaPeriod])}}, nil
	}
	if c, err = readSheets(f, book, known); err != nil {
		return nil, err
	}
	return []part{{content: c}}, nil
}

// readSheets reads every sheet of any workbook that holds a table.
func readSheets(f File, book *sheet.Book, known lookup) (*content, error) {
	c := &content{kind: Sheet}
	var without []*grid
	read := 0
	for _, s := range book.Sheets() {
		if s.Hidden {
			continue
		}
		g, err := gridOf(s)
		if err != nil {
			return nil, err
		}
		if len(g.rows) == 0 {
			continue
		}
		if _, ok := findHead(g, known); !ok {
			without = append(without, g)
			continue
		}
		c.unit, c.period = field{}, field{} // each sheet says its own
		c.readGrid(g, known)
		read++
	}
	for _, g := range without {
		if read > 0 {
			c.remark(g.name, "Trang tính này không có bảng số liệu nên không đọc.")
			continue
		}
		c.readGrid(g, known) // says what is missing
	}
	if read == 0 && len(without) == 0 {
		c.problem(f.Name, "Sổ tính không có trang tính nào có nội dung.")
	}
	return c, nil
}

func readForm(book *sheet.Book, meta map[string]string, known lookup) (*content, error) {
	c := &content{
		kind: Workbook, catalogs: []string{meta[metaCatalog]},
		unit: field{meta[metaUnit], figureSheet}, period: field{meta[metaPeriod], figureSheet},
	}
	figures := book.Sheet(figureSheet)
	if figures == nil {
		var names []string
		for _, s := range book.Sheets() {
			if !s.Hidden {
				names = append(names, "“"+s.Name+"”")
			}
		}
		c.problem(figureSheet, fmt.Sprintf("Biểu mẫu phải có trang tính “%s”, nhưng tệp chỉ có %s. Hãy tải lại biểu mẫu và không đổi tên hay xóa trang tính.",
			figureSheet, strings.Join(names, ", ")))
		return c, nil
	}
	g, err := gridOf(figures)
	if err != nil {
		return nil, err
	}
	unit, period := c.unit, c.period
	if !c.readGrid(g, known) {
		return c, nil
	}
	c.unit, c.period = unit, period
	if s := book.Sheet(statementSheet); s != nil {
		if g, err = gridOf(s); err != nil {
			return nil, err
		}
		c.readStatements(g)
	}
	return c, nil
}

// readMany reads the workbook of many bodies: one part for each body's sheet, one for the sheet of statements.
func readMany(book *sheet.Book, meta map[string]string, known lookup) ([]part, error) {
	var parts []part
	for _, s := range book.Sheets() {
		unit, ours := meta[metaBody+s.Name]
		if s.Hidden || s.Name == guideSheet {
			continue
		}
		if !ours && s.Name != statementSheet {
			c := &content{}
			c.remark(s.Name, "Trang tính này không có trong biểu mẫu khi tải về nên không đọc.")
			parts = append(parts, part{content: c, body: s.Name})
			continue
		}
		c := &content{kind: Many, catalogs: []string{meta[metaCatalog]}, period: field{meta[metaPeriod], s.Name}}
		g, err := gridOf(s)
		if err != nil {
			return nil, err
		}
		if !ours {
			c.readStatements(g)
			parts = append(parts, part{content: c, body: s.Name})
			continue
		}
		c.unit = field{unit, s.Name}
		c.readGrid(g, known)
		parts = append(parts, part{content: c, body: s.Name, of: bodyOf(unit, meta[metaPeriod])})
	}
	if !slices.ContainsFunc(parts, func(p part) bool { return p.of != "" }) {
		return nil, fault.Invalid("file", "Biểu mẫu nhiều đơn vị không còn trang tính nào mang tên như khi tải về. Hãy tải lại biểu mẫu và không đổi tên trang tính.")
	}
	return parts, nil
}

// gridOf reads a sheet into rows.
func gridOf(s *sheet.Sheet) (*grid, error) {
	g := &grid{name: s.Name, at: func(row, col int) string { return s.Name + "!" + sheet.Address(row+1, col+1) }}
	for row, err := range s.Rows() {
		if err != nil {
			return nil, err
		}
		for len(g.rows) < row.Number {
			g.rows = append(g.rows, nil)
		}
		for _, v := range row.Cells {
			for len(g.rows[row.Number-1]) < v.Col {
				g.rows[row.Number-1] = append(g.rows[row.Number-1], cell{})
			}
			g.rows[row.Number-1][v.Col-1] = cellOf(v)
		}
	}
	for _, m := range s.Merged() {
		g.merged = append(g.merged, area{m.FromRow - 1, m.FromCol - 1, m.ToRow - 1, m.ToCol - 1, m.String()})
	}
	return g, nil
}

func cellOf(v sheet.Cell) cell {
	out := cell{text: strings.TrimSpace(viet.NFC(v.Text))}
	switch v.Kind {
	case sheet.Number:
		out.number = true
		if v.Percent {
			out.text = timesHundred(out.text) // 97% is stored as 0.97
		}
	case sheet.Bool:
		out.wrong = "Ô chứa giá trị đúng/sai (" + v.Text + "), không phải số."
	case sheet.Date:
		out.wrong = "Ô đang ở dạng ngày tháng (" + v.Text + "), không phải số. Hãy đổi định dạng ô sang Văn bản rồi gõ lại số."
	case sheet.Empty:
		if v.Formula {
			out.wrong = "Ô có công thức nhưng tệp không lưu kết quả. Hãy mở bằng Excel, lưu lại rồi gửi."
		}
	}
	return out
}

// timesHundred moves the point of plain digits two places.
func timesHundred(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, rest, _ := strings.Cut(text, ".")
	for len(rest) < 2 {
		rest += "0"
	}
	whole, rest = strings.TrimLeft(whole+rest[:2], "0"), strings.TrimRight(rest[2:], "0")
	if whole == "" {
		whole = "0"
	}
	if rest != "" {
		whole += "." + rest
	}
	return sign + whole
}

// The columns of the statements' sheet.
var statementWords = map[string][]string{
	"kind":         {"loai noi dung", "loai"},
	"text":         {"noi dung"},
	"topic":        {"cuoc van dong, phong trao", "cuoc van dong", "phong trao", "chu de"},
	"organisation": {"to chuc", "don vi thuc hien"},
	"unit":         {"don vi", "ma don vi"},
	"figures":      {"ma chi tieu lien quan", "so lieu lien quan", "chi tieu lien quan"},
}

// readStatements reads the sheet of statements; an empty one says nothing.
func (c *content) readStatements(g *grid) {
	head, columns := -1, map[string]int{}
	for row := range min(headRows, len(g.rows)) {
		found := map[string]int{}
		for col := range g.rows[row] {
			key := strings.Trim(viet.Fold(g.cell(row, col).text), " .:*")
			for name, words := range statementWords {
				for _, w := range words {
					if _, taken := found[name]; key == w && !taken {
						found[name] = col
					}
				}
			}
		}
		if _, kind := found["kind"]; kind && len(found) > len(columns) {
			if _, text := found["text"]; text {
				head, columns = row, found
			}
		}
	}
	if head < 0 {
		c.problem(g.at(0, 0), "Trang tính “"+g.name+"” không còn dòng tiêu đề “Loại nội dung”, “Nội dung”. Hãy tải lại biểu mẫu.")
		return
	}
	for row := head + 1; row < len(g.rows); row++ {
		var legacy []Legacy
		get := func(name string) field {
			col, ok := columns[name]
			if !ok {
				return field{}
			}
			return modern(g.field(row, col), &legacy)
		}
		text := field{strings.TrimSpace(g.cell(row, columns["text"]).text), g.at(row, columns["text"])} // keeps its line ends
		s := statementRow{kind: get("kind"), text: modern(text, &legacy), topic: get("topic").text, organisation: get("organisation").text, unit: c.unit, period: c.period}
		if unit := get("unit"); unit.text != "" && c.unit.text == "" {
			s.unit = unit
		}
		if s.text.text == "" && s.kind.text == "" {
			continue
		}
		s.at = g.at(row, columns["text"])
		list := get("figures")
		for _, code := range strings.FieldsFunc(list.text, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
			s.cells = append(s.cells, field{code, list.at})
		}
		s.legacy = legacy
		c.statements = append(c.statements, s)
	}
}
