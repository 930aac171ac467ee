package org

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// column is a column of a file of units: what the header says, and other words that it may say.
type column struct {
	title  string
	others []string
}

var columns = []column{
	{"Mã", []string{"ma don vi", "code"}},
	{"Loại", []string{"kind", "loai don vi"}},
	{"Cấp", []string{"level"}},
	{"Tên đầy đủ", []string{"ten", "name", "ten don vi"}},
	{"Tên ngắn", []string{"short", "ten tat", "ten goi tat"}},
	{"Cấp trên theo địa bàn", []string{"parent", "cap tren", "truc thuoc"}},
	{"Cấp trên theo hệ thống dọc", []string{"line_parent", "line parent", "he thong doc"}},
	{"Đầu mối khối Mặt trận", []string{"front_parent", "front parent", "khoi mat tran", "mat tran"}},
	{"Từ ngày", []string{"valid_from", "ngay bat dau", "thanh lap"}},
	{"Đến ngày", []string{"valid_to", "ngay ket thuc"}},
}

// Table is the file of all units that lived on a day, header first. What Rows reads back makes the same units; days in it
// are the first and the last day.
func (s *Service) Table(ctx context.Context, who auth.Actor, day string) ([][]string, error) {
	base, _, err := s.Forest(ctx, who, Territory, day)
	if err != nil {
		return nil, err
	}
	parents := map[Hierarchy]map[int64]int64{}
	codes := map[int64]string{}
	for _, n := range base {
		codes[n.ID] = n.Code
	}
	for _, h := range Hierarchies {
		parents[h] = map[int64]int64{}
		nodes, _, err := s.Forest(ctx, who, h, day)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			parents[h][n.ID] = n.Parent
		}
	}
	var head []string
	for _, c := range columns {
		head = append(head, c.title)
	}
	out := [][]string{head}
	for _, n := range base {
		from, to := "", ""
		if n.ValidFrom > Always {
			from = viet.FormatDate(n.ValidFrom)
		}
		if n.Closed() {
			to = viet.FormatDate(dayBefore(n.ValidTo))
		}
		out = append(out, []string{
			n.Code, n.Kind.Name(), n.Level.Name(), n.Name, n.Short, codes[parents[Territory][n.ID]], codes[parents[Line][n.ID]],
			codes[parents[Front][n.ID]], from, to,
		})
	}
	return out, nil
}

func dayBefore(iso string) string {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return day.AddDate(0, 0, -1).Format(time.DateOnly)
}

func dayAfter(iso string) string {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return day.AddDate(0, 0, 1).Format(time.DateOnly)
}

// writeCSV writes rows for a spreadsheet: UTF-8 with the mark that Excel needs to see it. A text that a spreadsheet would
// run as a formula gets an apostrophe before it.
func writeCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				cell = "'" + cell
			}
			safe[i] = cell
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// readCSV reads a file whose cells are parted by commas, semicolons or tabs, whichever its first line holds most of.
func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, _, _ := bytes.Cut(data, []byte("\n"))
	comma := ','
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(comma))) {
			comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	rows, err := r.ReadAll()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return nil, fault.Invalidf("tep", "Tệp CSV hỏng ở dòng %d: dấu nháy hoặc dấu ngăn cách không đúng.", wrong.Line)
	}
	return rows, err
}

// Row is one line of a file of units.
type Row struct {
	Line int // in the file, from 1
	Spec Spec
}

// Rows reads the units of a file's rows. Its first row is the header; columns may stand in any order, and those that are
// not known are refused by name rather than passed over.
func Rows(table [][]string) ([]Row, error) {
	first := 1
	for len(table) > 0 && blankRow(table[0]) {
		table, first = table[1:], first+1
	}
	if len(table) < 2 {
		return nil, fault.Invalid("tep", "Tệp không có dòng đơn vị nào dưới dòng tiêu đề.")
	}
	place, err := header(table[0])
	if err != nil {
		return nil, err
	}
	var out []Row
	var bad fault.List
	for n, cells := range table[1:] {
		if blankRow(cells) {
			continue
		}
		get := func(n int) string {
			if at, ok := place[n]; ok && at < len(cells) {
				return strings.TrimPrefix(viet.Clean(cells[at]), "'")
			}
			return ""
		}
		spec := Spec{
			Code: strings.ToUpper(get(0)), Kind: kindOf(get(1)), Level: levelOf(get(2)), Name: get(3), Short: get(4),
			Parent: strings.ToUpper(get(5)), LineParent: strings.ToUpper(get(6)), FrontParent: strings.ToUpper(get(7)),
		}
		field := rowField(len(out))
		if spec.ValidFrom, err = dayOr(get(8), Always, field); err != nil {
			_ = bad.Add(err)
		}
		if spec.ValidTo, err = dayOr(get(9), Forever, field); err != nil {
			_ = bad.Add(err)
		} else if spec.ValidTo != Forever {
			spec.ValidTo = dayAfter(spec.ValidTo)
		}
		out = append(out, Row{first + n + 1, spec})
	}
	return out, bad.Err()
}

func blankRow(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

func header(cells []string) (map[int]int, error) {
	place := map[int]int{}
	var unknown []string
	for at, cell := range cells {
		key := viet.Fold(cell)
		if key == "" {
			continue
		}
		n := slices.IndexFunc(columns, func(c column) bool {
			return key == viet.Fold(c.title) || slices.Contains(c.others, key)
		})
		switch _, twice := place[n]; {
		case n < 0:
			unknown = append(unknown, "“"+viet.Clean(cell)+"”")
		case twice:
			return nil, fault.Invalidf("tep", "Cột “%s” có hai lần trong dòng tiêu đề.", columns[n].title)
		default:
			place[n] = at
		}
	}
	if len(unknown) > 0 {
		return nil, fault.Invalidf("tep", "Không nhận ra cột %s. Các cột là: %s.", strings.Join(unknown, ", "), columnTitles())
	}
	for _, n := range []int{0, 1, 2, 3} {
		if _, ok := place[n]; !ok {
			return nil, fault.Invalidf("tep", "Thiếu cột “%s”. Các cột là: %s.", columns[n].title, columnTitles())
		}
	}
	return place, nil
}

func columnTitles() string {
	var out []string
	for _, c := range columns {
		out = append(out, c.title)
	}
	return strings.Join(out, ", ")
}

// writeXLSX writes the same rows as a workbook.
func writeXLSX(w io.Writer, day string, rows [][]string) error {
	book := sheet.NewWriter("Đơn vị vào ngày "+viet.FormatDate(day), "", day)
	var cols []sheet.Column
	for i, title := range rows[0] {
		cols = append(cols, sheet.Column{Title: title, Width: []float64{12, 10, 18, 44, 24, 12, 12, 12, 12, 12}[i]})
	}
	table := book.Table("Đơn vị", true, cols)
	for _, row := range rows[1:] {
		cells := make([]sheet.Value, len(row))
		for i, text := range row {
			cells[i] = sheet.Str(text)
		}
		table.Row(cells...)
	}
	if err := table.Close(); err != nil {
		return err
	}
	return book.Save(w)
}

// readXLSX reads the first sheet of a workbook as rows of text; dates come as YYYY-MM-DD.
func readXLSX(data []byte) ([][]string, error) {
	book, err := sheet.Open(bytes.NewReader(data), int64(len(data)), sheet.Limits{})
	if err != nil {
		return nil, fields(err, map[string]string{"file": "tep"})
	}
	if len(book.Sheets()) == 0 {
		return nil, fault.Invalid("tep", "Tệp không có trang tính nào.")
	}
	var out [][]string
	for row, err := range book.Sheets()[0].Rows() {
		if err != nil {
			return nil, fields(err, map[string]string{"file": "tep"})
		}
		var cells []string
		for _, c := range row.Cells {
			for len(cells) < c.Col {
				cells = append(cells, "")
			}
			if c.Kind == sheet.Error {
				return nil, fault.Invalidf("tep", "Ô %s có lỗi công thức %s.", c.Address(), c.Text)
			}
			cells[c.Col-1] = c.Text
		}
		for len(out) < row.Number-1 { // rows that the file does not hold keep their numbers
			out = append(out, nil)
		}
		out = append(out, cells)
	}
	return out, nil
}

func fileName(day, kind string) string { return fmt.Sprintf("don-vi-%s.%s", day, kind) }
