package figure

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
)

// SafeCell keeps a spreadsheet from running a text of a CSV file as a formula: it gets an apostrophe before it. A negative
// number is none, and neither is the dash that empties a cell.
func SafeCell(cell string) string {
	signed := len(cell) > 0 && (cell[0] == '-' || cell[0] == '+') && strings.Trim(cell[1:], "0123456789.,%") == "" && cell != "+"
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !signed {
		return "'" + cell
	}
	return cell
}

// writeCSV writes rows for a spreadsheet: UTF-8 with the mark that Excel needs to see it.
func writeCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = SafeCell(cell)
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// sheetRows is the unit's own figures, one a row, with the headings that an import reads.
func sheetRows(s Sheet) [][]string {
	out := [][]string{{"Đơn vị", "Kỳ", "Mã chỉ tiêu", "Chỉ tiêu", "Phần", "Giá trị", "Đơn vị tính", "Tính đến ngày"}}
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Derived || r.Now.Blank() {
				continue
			}
			asOf := ""
			if r.Now.AsOf != "" {
				asOf = viet.FormatDate(r.Now.AsOf)
			}
			out = append(out, []string{s.Unit.Code, s.Period.Code, r.Indicator.Code, r.Indicator.Name, r.Part.Code, Text(r.Now, r.Indicator), r.Indicator.Unit, asOf})
		}
	}
	return out
}

// jsonFigure is a figure in the import's JSON format.
type jsonFigure struct {
	Unit      string `json:"unit"`
	Period    string `json:"period"`
	Indicator string `json:"indicator"`
	Part      string `json:"part,omitempty"`
	Raw       string `json:"raw"`
	Measure   string `json:"measure"`
	AsOf      string `json:"as_of,omitempty"`
}

// sheetJSON writes the unit's own figures in the format that an import reads.
func sheetJSON(w io.Writer, s Sheet) error {
	figures := []jsonFigure{}
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Derived || r.Now.Blank() {
				continue
			}
			figures = append(figures, jsonFigure{s.Unit.Code, s.Period.Code, r.Indicator.Code, r.Part.Code, Text(r.Now, r.Indicator), r.Indicator.Unit, r.Now.AsOf})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Giaoban int          `json:"giaoban"`
		Figures []jsonFigure `json:"figures"`
	}{1, figures})
}

// number is a value in a workbook: a number where it is exact, the text that people read where it is not.
func cellOf(v Value, raw string, in indicator.Indicator) sheet.Value {
	switch {
	case v.Blank():
		return sheet.Blank()
	case v.Has && v.Qualifier == viet.Exact:
		return sheet.Num(v.Number, in.Decimals)
	}
	return sheet.Str(Short(v, raw, in))
}

func rowName(in indicator.Indicator, part indicator.Part) string {
	if part.Part == indicator.Total {
		return in.Name
	}
	if part.Kind == indicator.OfWhich {
		return "   trong đó: " + part.Name
	}
	return "   " + part.Name
}

// sheetXLSX writes the unit's own figures with what they are compared with.
func sheetXLSX(w io.Writer, s Sheet, today string) error {
	book := sheet.NewWriter("Số liệu "+s.Period.Name(), s.Unit.Name, today)
	t := book.Table("Số liệu", true, []sheet.Column{{Title: "Mã chỉ tiêu", Width: 12}, {Title: "Chỉ tiêu", Width: 46}, {Title: "Đơn vị tính", Width: 12},
		{Title: "Cùng kỳ năm trước", Width: 18}, {Title: "Kỳ trước", Width: 18}, {Title: "Kế hoạch năm", Width: 18}, {Title: "Kỳ này", Width: 18}, {Title: "Như bản gốc", Width: 22}})
	for _, g := range s.Groups {
		t.Total(sheet.Blank(), sheet.Str(g.Title))
		for _, r := range g.Rows {
			t.Row(sheet.Str(r.Key()), sheet.Str(rowName(r.Indicator, r.Part)), sheet.Str(r.Indicator.Unit), cellOf(r.LastYear.Value, r.LastYear.Raw, r.Indicator),
				cellOf(r.Before.Value, r.Before.Raw, r.Indicator), cellOf(r.Plan.Value, r.Plan.Raw, r.Indicator), cellOf(r.Now.Value, r.Now.Raw, r.Indicator), sheet.Str(r.Now.Raw))
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return book.Save(w)
}

var boardHead = []sheet.Column{{Title: "Mã", Width: 12}, {Title: "Chỉ tiêu", Width: 46}, {Title: "Đơn vị tính", Width: 12}, {Title: "Kỳ này", Width: 18},
	{Title: "Từ đầu năm", Width: 18}, {Title: "Cùng kỳ năm trước", Width: 18}, {Title: "So cùng kỳ", Width: 14}, {Title: "Kế hoạch năm", Width: 18},
	{Title: "% kế hoạch", Width: 12}, {Title: "Tiến độ", Width: 14}, {Title: "Số đơn vị có số liệu", Width: 12}, {Title: "Địa chỉ số liệu", Width: 24}}

const (
	notComparable = "không so sánh được"
	notAdded      = "không cộng"
)

func boardXLSX(w io.Writer, b Board, today string) error {
	book := sheet.NewWriter("Tổng hợp "+b.Period.Name(), b.Unit.Name, today)
	t := book.Table("Tổng hợp", true, boardHead)
	for _, g := range b.Groups {
		t.Total(sheet.Blank(), sheet.Str(g.Topic.Name))
		for _, r := range g.Rows {
			now, last := cellOf(r.Now, "", r.Indicator), cellOf(r.Last, "", r.Indicator)
			if !r.Adds() && r.N > 0 {
				now = sheet.Str(notAdded)
			}
			if !b.Comparable && r.Adds() {
				last = sheet.Str(notComparable)
			}
			t.Row(sheet.Str(indicator.Address(r.Indicator, r.Part)), sheet.Str(rowName(r.Indicator, r.Part)), sheet.Str(r.Indicator.Unit), now, cellOf(r.Date, "", r.Indicator), last,
				sheet.Str(r.Change()), cellOf(r.Plan.Value, r.Plan.Raw, r.Indicator), sheet.Str(r.Done()), sheet.Str(r.Pace.Name()), sheet.Num(r.N, 0), sheet.Str(b.short(r)))
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return book.Save(w)
}

func boardRows(b Board) [][]string {
	var head []string
	for _, c := range boardHead {
		head = append(head, c.Title)
	}
	out := [][]string{head}
	for _, g := range b.Groups {
		for _, r := range g.Rows {
			now, last := Short(r.Now, "", r.Indicator), Short(r.Last, "", r.Indicator)
			if !r.Adds() && r.N > 0 {
				now = notAdded
			}
			if !b.Comparable && r.Adds() {
				last = notComparable
			}
			out = append(out, []string{indicator.Address(r.Indicator, r.Part), strings.TrimSpace(rowName(r.Indicator, r.Part)), r.Indicator.Unit, now, Short(r.Date, "", r.Indicator), last,
				r.Change(), Short(r.Plan.Value, r.Plan.Raw, r.Indicator), r.Done(), r.Pace.Name(), countText(r.N), b.short(r)})
		}
	}
	return out
}

// short is the address of a row's number as printed.
func (b Board) short(r BoardRow) string {
	a := b.Address
	a.Period, a.Indicator, a.Part = b.Period.Code, r.Indicator.Code, r.Part.Part
	return a.Short()
}
