package indicator

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// column is a column of the exported catalogue.
type column struct {
	title string
	width float64
	text  func(*Catalog, Indicator) string
}

var columns = []column{
	{"Mã", 8, func(_ *Catalog, i Indicator) string { return i.Code }},
	{"Nhóm nội dung", 24, func(_ *Catalog, i Indicator) string { return TopicName(i.Topic) }},
	{"Tên chỉ tiêu", 44, func(_ *Catalog, i Indicator) string { return i.Name }},
	{"Đơn vị tính", 14, func(_ *Catalog, i Indicator) string { return i.Unit }},
	{"Số chữ số thập phân", 10, func(_ *Catalog, i Indicator) string { return strconv.Itoa(i.Decimals) }},
	{"Loại số liệu", 20, func(_ *Catalog, i Indicator) string { return i.Measure.Name() }},
	{"Cách cộng giữa các đơn vị", 20, func(_ *Catalog, i Indicator) string { return i.Across.Name() }},
	{"Tử số", 8, func(c *Catalog, i Indicator) string { return codeOf(c, i.Numerator) }},
	{"Mẫu số", 8, func(c *Catalog, i Indicator) string { return codeOf(c, i.Denominator) }},
	{"Chiều đánh giá", 18, func(_ *Catalog, i Indicator) string { return BetterName(i.Better) }},
	{"Thành phần", 34, func(_ *Catalog, i Indicator) string { return partsText(i) }},
	{"Tên khác", 44, func(_ *Catalog, i Indicator) string { return strings.Join(i.Synonyms, "; ") }},
	{"Đơn vị tính khác", 24, func(_ *Catalog, i Indicator) string { return strings.Join(i.UnitSynonyms, "; ") }},
	{"Ghi chú", 34, func(_ *Catalog, i Indicator) string { return i.Note }},
	{"Từ ngày", 12, func(_ *Catalog, i Indicator) string { return fromText(i) }},
	{"Đến trước ngày", 12, func(_ *Catalog, i Indicator) string { return toText(i) }},
	{"Thay thế", 8, func(c *Catalog, i Indicator) string { return codeOf(c, i.Replaces) }},
}

func codeOf(c *Catalog, id int64) string {
	if versions := c.versions[id]; len(versions) > 0 {
		return versions[0].Code
	}
	return ""
}

func partsText(i Indicator) string {
	var out []string
	for _, p := range i.Parts {
		out = append(out, Address(i, p)+" "+p.Name+" ("+p.Kind.Name()+")")
	}
	return strings.Join(out, "; ")
}

// fromText is the day from which a version holds; empty when it always did.
func fromText(i Indicator) string {
	if i.ValidFrom == org.Always {
		return ""
	}
	return viet.FormatDate(i.ValidFrom)
}

// toText is the day before which a version holds; empty while it has no end.
func toText(i Indicator) string {
	if !i.Retired() {
		return ""
	}
	return viet.FormatDate(i.ValidTo)
}

// table is the catalogue in view as rows, header first.
func table(c *Catalog, in []Indicator) [][]string {
	head := make([]string, len(columns))
	for n, col := range columns {
		head[n] = col.title
	}
	out := [][]string{head}
	for _, i := range in {
		row := make([]string, len(columns))
		for n, col := range columns {
			row[n] = col.text(c, i)
		}
		out = append(out, row)
	}
	return out
}

// writeCSV writes rows in UTF-8 with the mark that Excel needs to see it. A text that a spreadsheet would run as a formula
// gets an apostrophe before it.
func writeCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for n, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				cell = "'" + cell
			}
			safe[n] = cell
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// writeXLSX writes rows as a workbook; day is the day of the catalogue.
func writeXLSX(w io.Writer, day string, rows [][]string) error {
	book := sheet.NewWriter("Danh mục chỉ tiêu ngày "+viet.FormatDate(day), "", day)
	heads := make([]sheet.Column, len(columns))
	for n, col := range columns {
		heads[n] = sheet.Column{Title: col.title, Width: col.width}
	}
	t := book.Table("Chỉ tiêu", true, heads)
	for _, row := range rows[1:] {
		cells := make([]sheet.Value, len(row))
		for n, text := range row {
			cells[n] = sheet.Str(text)
		}
		t.Row(cells...)
	}
	if err := t.Close(); err != nil {
		return err
	}
	return book.Save(w)
}
