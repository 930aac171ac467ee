// Package sheet reads workbooks that come from outside and writes those that go out.
//
// Reading is its own streaming reader of the parts of an XLSX file that a form needs: names, cell values with their kind and
// exact digits, formulas, merged ranges, date formats. A general library builds every cell between A1 and the last one named,
// so that a file of a few kilobytes that names XFD1048576 fills the memory; this one never makes a cell that the file does
// not hold, and checks each limit while it reads.
//
// It refuses what is not an XLSX workbook (old .xls, .csv, .ods, a web page with another name), encrypted and damaged files,
// and files beyond Limits, each with a message for the user. It evaluates no formula, follows no link, runs no macro, and
// never turns a text into a number or an empty cell into zero.
package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"giaoban/internal/fault"
)

// Limits bound what a file may make the reader do. A zero field takes the value of DefaultLimits.
type Limits struct {
	Bytes    int64 // of the file
	Unzipped int64 // of all parts that are read, as they really unpack
	Entries  int   // in the archive
	Sheets   int
	Rows     int // highest row number of a sheet
	Cols     int // highest column number of a sheet
	Cells    int // of the whole workbook that hold something
}

// DefaultLimits hold a province's yearly figures in one file, and no more.
var DefaultLimits = Limits{Bytes: 20 << 20, Unzipped: 256 << 20, Entries: 2000, Sheets: 100, Rows: 200_000, Cols: 1000, Cells: 1_000_000}

func (l Limits) filled() Limits {
	d := DefaultLimits
	if l.Bytes <= 0 {
		l.Bytes = d.Bytes
	}
	if l.Unzipped <= 0 {
		l.Unzipped = d.Unzipped
	}
	for _, f := range []struct{ have, want *int }{{&l.Entries, &d.Entries}, {&l.Sheets, &d.Sheets}, {&l.Rows, &d.Rows}, {&l.Cols, &d.Cols}, {&l.Cells, &d.Cells}} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	return l
}

// Kind is what a cell holds.
type Kind int

const (
	// Empty is a cell without a value: blank, not zero.
	Empty Kind = iota
	// Text is a string, however much it looks like a number.
	Text
	// Number is a number.
	Number
	// Bool is TRUE or FALSE.
	Bool
	// Date is a number with a date or time format.
	Date
	// Error is a formula's error, such as #DIV/0!.
	Error
)

// Cell is one cell. Rows and columns count from 1.
type Cell struct {
	Row, Col int
	Kind     Kind
	// Text is the value: the string; the number's digits with a point ("1234.5"); TRUE or FALSE; "2019-10-01",
	// "2019-10-01T08:30:00" or "08:30:00"; the error's sign.
	Text string
	// Raw is the value as the file has it, such as "1.1000000000000001" or a shared string's text.
	Raw     string
	Percent bool   // a number shown as a percentage: 0.5 reads 50%
	Formula bool   // the value was calculated when the file was last saved
	Merged  string // the merged range the cell begins, such as "A1:C1"
}

// Address is "B7".
func (c Cell) Address() string { return Address(c.Row, c.Col) }

// Address names a cell: row 7, column 2 is "B7".
func Address(row, col int) string { return ColumnName(col) + strconv.Itoa(row) }

// ColumnName is the letters of a column: 1 is "A", 28 is "AB".
func ColumnName(col int) string {
	name := ""
	for ; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}

// Row is a row's cells that hold something, in the order of columns.
type Row struct {
	Number int
	Hidden bool
	Cells  []Cell
}

// Cell is the cell of a column; one that the file does not hold is Empty.
func (r Row) Cell(col int) Cell {
	for _, c := range r.Cells {
		if c.Col == col {
			return c
		}
	}
	return Cell{Row: r.Number, Col: col}
}

// Range is a rectangle of cells, ends included.
type Range struct{ FromRow, FromCol, ToRow, ToCol int }

// Has tells whether a cell lies in the range.
func (r Range) Has(row, col int) bool {
	return row >= r.FromRow && row <= r.ToRow && col >= r.FromCol && col <= r.ToCol
}

// String is "A1:C2".
func (r Range) String() string {
	return Address(r.FromRow, r.FromCol) + ":" + Address(r.ToRow, r.ToCol)
}

// parseAddress reads "B7" or "$B$7". It refuses what no workbook has.
func parseAddress(text string) (row, col int, ok bool) {
	i := 0
	text = strings.ReplaceAll(text, "$", "")
	for i < len(text) && i < 3 && text[i] >= 'A' && text[i] <= 'Z' {
		col = col*26 + int(text[i]-'A') + 1
		i++
	}
	if i == 0 || i == len(text) || len(text)-i > 7 {
		return 0, 0, false
	}
	for ; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(text[i]-'0')
	}
	return row, col, row > 0
}

func parseRange(text string) (Range, bool) {
	from, to, found := strings.Cut(text, ":")
	if !found {
		to = from
	}
	r, c, ok := parseAddress(from)
	r2, c2, ok2 := parseAddress(to)
	if !ok || !ok2 || r2 < r || c2 < c {
		return Range{}, false
	}
	return Range{r, c, r2, c2}, true
}

const field = "file"

func damaged(what string) error {
	return fault.Invalidf(field, "Tệp bị hỏng hoặc không đúng định dạng Excel (%s). Hãy mở tệp bằng Excel, lưu lại thành .xlsx rồi gửi lại.", what)
}

func megabytes(n int64) string {
	return strings.Replace(fmt.Sprintf("%.1f", float64(n)/(1<<20)), ".", ",", 1) + " MB"
}
