package sheet

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"giaoban/internal/fault"
)

// Sheet is one worksheet.
type Sheet struct {
	Name   string
	Hidden bool

	book   *Book
	part   string
	merged []Range
	begins map[[2]int]Range // by first cell
}

// maxMerged bounds the merged ranges of a sheet.
const maxMerged = 20_000

// mergedRef finds merged ranges in what follows the cells; they stand behind the cells that they concern.
var mergedRef = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^>]*?ref="([^"]*)"`)

// Rows reads the sheet from its part: rows upwards, with the cells that hold something, begin a merged range or
// have a formula. The first error ends it: a fault for what the file is to blame for. Reading twice counts twice towards the limit of cells.
func (s *Sheet) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		data, err := s.book.pack.read(s.part)
		if err != nil {
			yield(Row{}, err)
			return
		}
		err = s.readMerged(data)
		if err == nil {
			err = s.rows(data, func(r Row) bool { return yield(r, nil) })
		}
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// Merged are the sheet's merged ranges, known once Rows has begun.
func (s *Sheet) Merged() []Range { return s.merged }

// MergedAt is the merged range that covers a cell.
func (s *Sheet) MergedAt(row, col int) (Range, bool) {
	for _, r := range s.merged {
		if r.Has(row, col) {
			return r, true
		}
	}
	return Range{}, false
}

func (s *Sheet) readMerged(data []byte) error {
	s.merged, s.begins = nil, map[[2]int]Range{}
	tail := data[max(0, bytes.LastIndex(data, []byte("sheetData"))):]
	for _, m := range mergedRef.FindAllSubmatch(tail, maxMerged+1) {
		if r, ok := parseRange(string(m[1])); ok {
			s.merged = append(s.merged, r)
			s.begins[[2]int{r.FromRow, r.FromCol}] = r
		}
	}
	if len(s.merged) > maxMerged {
		return fault.TooLarge(fmt.Sprintf("Trang tính \"%s\" có hơn %d vùng gộp ô.", s.Name, maxMerged))
	}
	return nil
}

func (s *Sheet) rows(data []byte, yield func(Row) bool) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	p := rowReader{s: s}
	for {
		token, err := d.RawToken()
		if err != nil { // the end of the file too: the cells have not been closed
			return damaged("trang tính \"" + s.Name + "\" sai cú pháp")
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = p.start(t)
		case xml.EndElement:
			var done bool
			if done, err = p.end(t.Name.Local); done && !yield(p.row) {
				return nil
			}
			if t.Name.Local == "sheetData" {
				return err
			}
		case xml.CharData:
			p.chars(t)
		}
		if err != nil {
			return err
		}
	}
}

// rowReader builds one row after another from the elements of a sheet.
type rowReader struct {
	s       *Sheet
	row     Row
	lastRow int
	lastCol int
	inRow   bool
	inCell  bool
	cell    Cell
	kind    string // attribute t
	style   int
	value   strings.Builder
	inValue bool
	text    stringReader // of an inline string
	inline  bool
}

func (p *rowReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		return p.startRow(e)
	case "c":
		if p.inRow {
			return p.startCell(e)
		}
	case "v":
		p.inValue = p.inCell
	case "f":
		p.cell.Formula = true
	case "is":
		p.inline = p.inCell
	default:
		if p.inline {
			p.text.start(e.Name.Local)
		}
	}
	return nil
}

func (p *rowReader) startRow(e xml.StartElement) error {
	number := p.lastRow + 1
	if r := attribute(e, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n <= p.lastRow {
			return damaged("thứ tự hàng trong trang tính \"" + p.s.Name + "\"")
		}
		number = n
	}
	if limit := p.s.book.limits.Rows; number > limit {
		return fault.TooLarge(fmt.Sprintf("Trang tính \"%s\" có dữ liệu ở hàng %d, quá giới hạn %d hàng.", p.s.Name, number, limit))
	}
	p.row = Row{Number: number, Hidden: truth(attribute(e, "hidden"))}
	p.lastRow, p.lastCol, p.inRow = number, 0, true
	return nil
}

func (p *rowReader) startCell(e xml.StartElement) error {
	row, col := p.row.Number, p.lastCol+1
	if ref := attribute(e, "r"); ref != "" {
		r, c, ok := parseAddress(ref)
		if !ok || r != row || c <= p.lastCol {
			return damaged("ô " + ref + " trong trang tính \"" + p.s.Name + "\"")
		}
		col = c
	}
	if limit := p.s.book.limits.Cols; col > limit {
		return fault.TooLarge(fmt.Sprintf("Trang tính \"%s\" có dữ liệu ở ô %s, quá giới hạn %d cột.", p.s.Name, Address(row, col), limit))
	}
	p.lastCol = col
	p.cell = Cell{Row: row, Col: col}
	p.kind, p.style, p.inCell = attribute(e, "t"), -1, true
	if n, err := strconv.Atoi(attribute(e, "s")); err == nil {
		p.style = n
	}
	p.value.Reset()
	return nil
}

func (p *rowReader) chars(b []byte) {
	switch {
	case p.inValue:
		p.value.Write(b)
	case p.inline:
		p.text.chars(b)
	}
}

// end closes an element and tells whether that finished a row which holds something.
func (p *rowReader) end(name string) (bool, error) {
	switch name {
	case "v":
		p.inValue = false
	case "is":
		p.inline = false
	case "c":
		if p.inCell {
			p.inCell = false
			return false, p.endCell()
		}
	case "row":
		p.inRow = false
		return len(p.row.Cells) > 0, nil
	default:
		if p.inline {
			p.text.end(name)
		}
	}
	return false, nil
}

func (p *rowReader) endCell() error {
	c, b := &p.cell, p.s.book
	c.Raw = strings.TrimSpace(p.value.String())
	inline := p.text.take()
	var err error
	switch p.kind {
	case "s":
		n, convErr := strconv.Atoi(c.Raw)
		if convErr != nil || n < 0 || n >= len(b.strings) {
			return damaged("chuỗi của ô " + c.Address() + " trong trang tính \"" + p.s.Name + "\"")
		}
		c.Raw = b.strings[n]
		c.Kind, c.Text = Text, c.Raw
	case "inlineStr":
		c.Kind, c.Raw, c.Text = Text, inline, inline
	case "str":
		c.Raw = norm.NFC.String(unescape(p.value.String()))
		c.Kind, c.Text = Text, c.Raw
	case "b":
		c.Kind, c.Text = Bool, "FALSE"
		if truth(c.Raw) {
			c.Text = "TRUE"
		}
	case "e":
		c.Kind, c.Text = Error, c.Raw
	case "d":
		c.Kind, c.Text = Date, strings.TrimSuffix(strings.TrimSuffix(c.Raw, "Z"), "T00:00:00")
	default:
		err = p.number()
	}
	if err != nil {
		return err
	}
	if c.Text == "" && c.Kind != Error {
		c.Kind = Empty
	}
	if r, ok := p.s.begins[[2]int{c.Row, c.Col}]; ok {
		c.Merged = r.String()
	}
	if c.Kind == Empty && c.Merged == "" && !c.Formula { // a formula without a result is no empty cell
		return nil
	}
	if b.cells++; b.cells > b.limits.Cells {
		return fault.TooLarge(fmt.Sprintf("Tệp có hơn %d ô có dữ liệu.", b.limits.Cells))
	}
	p.row.Cells = append(p.row.Cells, *c)
	return nil
}

func (p *rowReader) number() error {
	c, b := &p.cell, p.s.book
	if c.Raw == "" {
		return nil
	}
	digits, ok := decimal(c.Raw)
	if !ok {
		return damaged("số ở ô " + c.Address() + " trong trang tính \"" + p.s.Name + "\"")
	}
	c.Kind, c.Text = Number, digits
	if p.style >= 0 && p.style < len(b.formats) {
		f := b.formats[p.style]
		c.Percent = f.percent
		if f.date {
			if text, ok := serialDate(c.Raw, b.d1904); ok {
				c.Kind, c.Text = Date, text
			}
		}
	}
	return nil
}
