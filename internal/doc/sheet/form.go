package sheet

import (
	"fmt"
	"regexp"
	"sort"

	"github.com/xuri/excelize/v2"
)

// Form is a sheet that somebody fills in: its input cells are open, all others are locked. The lock has no password; it
// keeps people from slipping, not from trying, so an import must check a returned form all the same.
type Form struct {
	Name      string
	Landscape bool
	Widths    []float64 // of the columns, in characters
	HeadRows  int       // frozen, and repeated in print
	HeadCols  int       // frozen
	Rows      [][]FormCell
}

// FormCell is one cell of a form.
type FormCell struct {
	Value Value
	Head  bool
	Bold  bool
	Plain bool // not ruled: titles and remarks around the table
	Input bool
	Check Check
	// Decimals is how many an empty input of check Decimal shows; 0 shows as many as are typed.
	Decimals int
	List     string // name of a list of the workbook: the input is one of its values
	Note     string // a comment at the cell
	Span     int    // columns it covers, over 1
}

// Check is what an input cell expects. A person may override it after a warning: figures such as "trên 20" are text.
type Check int

const (
	// Anything is not checked.
	Anything Check = iota
	// Whole is a whole number from 0.
	Whole
	// Decimal is a number from 0.
	Decimal
	// AsTyped keeps what is typed as text, sign by sign: a spreadsheet set to English would make 1,4 of "1.400".
	AsTyped
)

const (
	listSheet = "_danh_muc"
	metaSheet = "_giaoban"
)

var listName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*[A-Za-z_]$`)

// List adds a list for drop-downs. The values stand on a hidden sheet under a defined name, because a list written into a
// cell's rule may not be longer than 255 characters. Name: Latin letters, digits, _; begins and ends with a letter or _.
// Lists are added after the forms of the workbook.
func (w *Writer) List(name string, values []string) error {
	if !listName.MatchString(name) {
		w.fail(fmt.Errorf("list name %q", name))
	}
	if len(values) == 0 {
		w.fail(fmt.Errorf("list %q is empty", name))
	}
	if w.lists == 0 && w.err == nil {
		w.hidden(listSheet)
	}
	if w.err != nil {
		return w.err
	}
	w.lists++
	col := ColumnName(w.lists)
	for i, v := range values {
		w.fail(w.f.SetCellStr(listSheet, fmt.Sprintf("%s%d", col, i+1), v))
	}
	w.fail(w.f.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: fmt.Sprintf("%s!$%s$1:$%s$%d", listSheet, col, col, len(values))}))
	return w.err
}

// hidden makes a sheet that the program's own menus cannot bring up.
func (w *Writer) hidden(name string) {
	if w.sheets == 0 {
		w.fail(fmt.Errorf("sheet %s before any that can be seen", name))
		return
	}
	w.sheet(name)
	w.fail(w.f.SetSheetVisible(name, false, true))
}

// Meta writes keys and values on a very hidden sheet, where Book.Meta finds them again. It is called once, after the forms.
func (w *Writer) Meta(values map[string]string) error {
	w.hidden(metaSheet)
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for i, k := range keys {
		if w.err == nil {
			w.fail(w.f.SetCellStr(metaSheet, Address(i+1, 1), k))
			w.fail(w.f.SetCellStr(metaSheet, Address(i+1, 2), values[k]))
		}
	}
	return w.err
}

// Meta is what Writer.Meta wrote, or nothing when the workbook has no such sheet. It is what the file says: check it.
func (b *Book) Meta() (map[string]string, error) {
	s := b.Sheet(metaSheet)
	if s == nil {
		return nil, nil
	}
	out := map[string]string{}
	for row, err := range s.Rows() {
		if err != nil {
			return nil, err
		}
		if key := row.Cell(1); key.Kind == Text {
			out[key.Text] = row.Cell(2).Text
		}
	}
	return out, nil
}

// Form writes a form as the workbook's next sheet.
func (w *Writer) Form(f Form) error {
	name := w.sheet(f.Name)
	w.page(name, f.Landscape, f.HeadRows)
	for i, width := range f.Widths {
		w.fail(w.f.SetColWidth(name, ColumnName(i+1), ColumnName(i+1), width))
	}
	for i, row := range f.Rows {
		col, high := 1, 0.0
		for _, c := range row {
			if w.err != nil {
				return w.err
			}
			w.formCell(name, i+1, col, c)
			wide := 0.0
			for at := col; at < col+max(1, c.Span); at++ {
				wide += f.width(at)
			}
			high = max(high, height(c.Value.text, wide))
			col += max(1, c.Span)
		}
		w.fail(w.f.SetRowHeight(name, i+1, max(high, height("", 1))))
	}
	if w.err != nil {
		return w.err
	}
	if f.HeadRows > 0 || f.HeadCols > 0 {
		pane := "bottomRight"
		switch {
		case f.HeadCols == 0:
			pane = "bottomLeft"
		case f.HeadRows == 0:
			pane = "topRight"
		}
		w.fail(w.f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: f.HeadCols, YSplit: f.HeadRows,
			TopLeftCell: Address(f.HeadRows+1, f.HeadCols+1), ActivePane: pane}))
	}
	w.fail(w.f.ProtectSheet(name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true,
		FormatColumns: true, FormatRows: true}))
	return w.err
}

// width is a column's width in characters; the library's own is that of the format, 9.
func (f Form) width(col int) float64 {
	if col <= len(f.Widths) {
		return f.Widths[col-1]
	}
	return 9
}

func (w *Writer) formCell(name string, row, col int, c FormCell) {
	at := Address(row, col)
	v := c.Value
	look := style{head: c.Head, bold: c.Bold, box: !c.Plain, input: c.Input, number: v.kind == Number, decimals: v.decimals}
	look.typed = c.Input && c.Check == AsTyped
	if c.Input && (c.Check == Whole || c.Check == Decimal) && v.kind != Number {
		look.number, look.decimals = true, c.Decimals
		look.general = c.Check == Decimal && c.Decimals == 0
	}
	to := Address(row, col+max(1, c.Span)-1)
	w.fail(w.f.SetCellStyle(name, at, to, w.style(look)))
	switch value := v.cell().(type) {
	case nil:
	case string:
		w.fail(w.f.SetCellStr(name, at, value))
	default:
		w.fail(w.f.SetCellValue(name, at, value))
	}
	if c.Span > 1 {
		w.fail(w.f.MergeCell(name, at, to))
	}
	if c.Input {
		w.rule(name, at, c)
	}
	if c.Note != "" {
		w.fail(w.f.AddComment(name, excelize.Comment{Cell: at, Author: "Giaoban", Paragraph: []excelize.RichTextRun{{Text: c.Note}}}))
	}
}

// rule tells the spreadsheet what an input cell expects.
func (w *Writer) rule(name, at string, c FormCell) {
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(at)
	switch {
	case c.List != "":
		if !listName.MatchString(c.List) {
			w.fail(fmt.Errorf("list name %q", c.List))
			return
		}
		dv.SetSqrefDropList(c.List)
		dv.SetError(excelize.DataValidationErrorStyleStop, "Không có trong danh sách", "Hãy chọn một giá trị trong danh sách.")
	case c.Check == Whole:
		w.fail(dv.SetRange(0, exact, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
		dv.SetError(excelize.DataValidationErrorStyleWarning, "Không phải số nguyên", "Ô này cần một số nguyên không âm. Nếu số liệu là ước lượng (ví dụ: trên 20), hãy giữ nguyên.")
	case c.Check == Decimal:
		w.fail(dv.SetRange(0, exact, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween))
		dv.SetError(excelize.DataValidationErrorStyleWarning, "Không phải số", "Ô này cần một số không âm. Nếu số liệu là ước lượng (ví dụ: trên 20), hãy giữ nguyên.")
	default:
		return
	}
	w.fail(w.f.AddDataValidation(name, dv))
}
