package sheet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Value is what is written into a cell: Str, Num or Blank.
type Value struct {
	text     string
	scaled   int64
	decimals int
	kind     Kind
}

// Str is text. It is stored as text whatever it begins with, so "=1+1" is never a formula.
func Str(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{text: text, kind: Text}
}

// Num is a number scaled by ten to the power of decimals: Num(12345, 2) is 123,45.
func Num(scaled int64, decimals int) Value {
	return Value{scaled: scaled, decimals: max(0, decimals), kind: Number}
}

// Blank is an empty cell: not zero.
func Blank() Value { return Value{} }

// exact is the largest number of 15 digits, which is what a spreadsheet keeps.
const exact = 999_999_999_999_999

// cell is the value for the library. A number of more than 15 digits is written as text: a spreadsheet would drop its last
// digits without a word.
func (v Value) cell() any {
	switch {
	case v.kind == Text:
		return v.text
	case v.kind != Number:
		return nil
	case v.scaled > exact || v.scaled < -exact:
		return v.digits()
	case v.decimals == 0:
		return v.scaled
	}
	return float64(v.scaled) / math.Pow10(v.decimals) // both exact, so the quotient is the nearest there is
}

// digits is the number in Vietnamese style, ungrouped: "123,45".
func (v Value) digits() string {
	digits := strconv.FormatInt(v.scaled, 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if v.decimals == 0 {
		return sign + digits
	}
	if short := v.decimals + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	point := len(digits) - v.decimals
	return sign + digits[:point] + "," + digits[point:]
}

// Column is a column of a table; Width is in characters, 0 = 15.
type Column struct {
	Title string
	Width float64
}

// Table is a sheet written row by row, with its header frozen and repeated in print.
type Table struct {
	w    *Writer
	s    *excelize.StreamWriter
	row  int
	cols int
	wide []float64
}

// Table begins a sheet. Close ends it; one table is written at a time.
func (w *Writer) Table(name string, landscape bool, columns []Column) *Table {
	t := &Table{w: w, cols: len(columns)}
	name = w.sheet(name)
	w.page(name, landscape, 1)
	if w.err != nil {
		return t
	}
	var err error
	t.s, err = w.f.NewStreamWriter(name)
	if w.fail(err); w.err != nil {
		return t
	}
	for i, c := range columns {
		width := c.Width
		if width <= 0 {
			width = 15
		}
		t.wide = append(t.wide, width)
		w.fail(t.s.SetColWidth(i+1, i+1, width))
	}
	w.fail(t.s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	head, high := make([]any, len(columns)), 0.0
	for i, c := range columns {
		high = max(high, height(c.Title, t.wide[i]))
		head[i] = excelize.Cell{StyleID: w.style(style{head: true, box: true}), Value: c.Title}
	}
	t.write(head, high)
	return t
}

// Row writes a row.
func (t *Table) Row(values ...Value) { t.values(values, false) }

// Total writes a row in bold.
func (t *Table) Total(values ...Value) { t.values(values, true) }

func (t *Table) values(values []Value, bold bool) {
	if len(values) > t.cols {
		t.w.fail(fmt.Errorf("row %d has %d values for %d columns", t.row+1, len(values), t.cols))
		return
	}
	if t.w.err != nil {
		return
	}
	cells, high := make([]any, t.cols), 0.0
	for i := range cells {
		v := Value{}
		if i < len(values) {
			v = values[i]
		}
		cells[i] = excelize.Cell{StyleID: t.w.style(v.style(bold)), Value: v.cell()}
		high = max(high, height(v.text, t.wide[i]))
	}
	t.write(cells, high)
}

func (v Value) style(bold bool) style {
	return style{box: true, bold: bold, number: v.kind == Number, decimals: v.decimals}
}

// height is the room in points for wrapped text in a column of so many characters. Not every program fits rows by itself when
// it opens a file.
func height(text string, wide float64) float64 {
	const line, most = 16, 400 // a spreadsheet's rows end at 409 points
	count := 0.0
	for part := range strings.SplitSeq(text, "\n") {
		count += max(1, math.Ceil(float64(utf8.RuneCountInString(part))/max(1, wide*0.95)))
	}
	return min(most, line*count+2)
}

func (t *Table) write(cells []any, high float64) {
	t.row++
	if t.w.err == nil {
		t.w.fail(t.s.SetRow(Address(t.row, 1), cells, excelize.RowOpts{Height: high}))
	}
}

// Close ends the table and returns the writer's first error.
func (t *Table) Close() error {
	if t.w.err == nil {
		t.w.fail(t.s.Flush())
	}
	return t.w.err
}
