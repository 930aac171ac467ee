package intake

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Limits of a file. A quarter's workbook of a body has tens of kilobytes; a town's whole year in CSV about one megabyte.
const (
	mostBytes = 25 << 20
	mostRows  = 20_000
	mostCells = 400_000
)

// read tells what a file is by its bytes and reads it. An error is a file that cannot be read at all, in the user's words;
// what is wrong inside a readable file stands in the content. Of one body's several forms the choices say which to take.
func read(f File, known lookup, choices map[string]int) (*content, error) {
	if isArchive(f.Data) && len(f.Data) <= mostBytes {
		return readDrop(f, known, choices)
	}
	parts, err := readOne(f, known, &budget{each: mostUnzipped, unzipped: mostUnzipped, cells: mostCells})
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 && parts[0].body == "" {
		return parts[0].content, nil
	}
	return together(parts, choices), nil
}

// readOne reads a file that is no archive of files: mostly one part, for a workbook of many bodies one for each body.
func readOne(f File, known lookup, left *budget) ([]part, error) {
	name := filepath.Base(viet.Clean(f.Name))
	refuse := func(format string, args ...any) ([]part, error) {
		return nil, fault.Invalidf("file", "Tệp “%s”: %s", name, fault.Made(fault.KindInvalid, "", format, args...))
	}
	data := f.Data
	switch {
	case len(data) > mostBytes:
		return nil, fault.TooLargef("Tệp “%s” lớn hơn %d MB nên không đọc. Hãy tách thành nhiều tệp nhỏ hơn.", name, mostBytes>>20)
	case len(bytes.TrimSpace(data)) == 0:
		return refuse("tệp rỗng, không có gì để nhập.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		if ext := strings.ToLower(filepath.Ext(name)); ext == ".csv" || ext == ".txt" || ext == ".json" {
			return refuse("tệp có đuôi %s nhưng bên trong là sổ tính Excel hoặc tệp nén. Hãy đổi đuôi thành .xlsx nếu đúng là sổ tính.", ext)
		}
		return readXLSX(f, known, left)
	case bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")):
		return refuse("đây là tệp Excel kiểu cũ (.xls) hoặc tệp có mật khẩu. Hãy mở bằng Excel, bỏ mật khẩu và lưu lại dạng .xlsx.")
	case bytes.HasPrefix(data, []byte("%PDF")):
		return refuse("đây là tệp PDF; hệ thống nhập được tệp .xlsx, .csv hoặc .json.")
	}
	if IsPackage(data) {
		return []part{{content: &content{kind: Signed, parcel: data}}}, nil
	}
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx", ".xlsm":
		return refuse("tệp có đuôi %s nhưng bên trong không phải sổ tính Excel. Hãy mở bằng Excel và lưu lại dạng .xlsx.", ext)
	case ".xls", ".doc", ".docx", ".pdf", ".zip", ".rar":
		return refuse("không đọc được tệp %s. Hãy lưu lại dạng .xlsx, .csv hoặc .json.", ext)
	}
	text, encoding, ok := decode(data)
	if !ok {
		return refuse("không phải tệp văn bản. Hệ thống nhập được tệp .xlsx, .csv hoặc .json.")
	}
	var c *content
	var err error
	if isADX(text) {
		c, err = readADX(text)
	} else if head := strings.TrimSpace(text); head != "" && (head[0] == '{' || head[0] == '[') && json.Valid([]byte(text)) || strings.EqualFold(filepath.Ext(name), ".json") {
		c, err = readJSON([]byte(text))
	} else {
		c, err = readCSV(text, known)
	}
	if err == nil && encoding != "" {
		c.remark(name, "Tệp dùng bảng mã "+encoding+"; chữ dưới đây đã được đọc sang Unicode, hãy kiểm tra lại.")
	}
	var one *fault.Error
	if errors.As(err, &one) && one.Field == "file" {
		return nil, fault.Invalidf("file", "Tệp “%s”: %s", name, one)
	}
	if err != nil {
		return nil, err
	}
	return []part{{content: c}}, nil
}

// decode turns bytes into text. encoding is named where it had to be told from the bytes alone.
func decode(data []byte) (text, encoding string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
		return string(data), "", utf8.Valid(data) && !bytes.ContainsRune(data, 0)
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		return fromUTF16(data[2:], false), "", len(data)%2 == 0
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return fromUTF16(data[2:], true), "", len(data)%2 == 0
	case utf8.Valid(data):
		return string(data), "", !bytes.ContainsRune(data, 0)
	}
	if n := bytes.Count(data, []byte{0}); n > 0 {
		// UTF-16 without its mark: in a table of mostly ASCII every other byte is nought.
		if even := bytes.IndexByte(data, 0) % 2; n > len(data)/4 && len(data)%2 == 0 {
			return fromUTF16(data, even == 0), "UTF-16", true
		}
		return "", "", false
	}
	// A byte a letter: either a font's own encoding (TCVN3, VNI), which each cell is asked about later, or Windows-1258.
	latin, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return "", "", false
	}
	if legacy, _ := viet.DetectLegacy(string(latin)); legacy != viet.NoLegacy {
		return string(latin), "", true
	}
	out, err := charmap.Windows1258.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", "", false
	}
	return viet.NFC(string(out)), "Windows-1258", true
}

func fromUTF16(data []byte, big bool) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		a, b := uint16(data[2*i]), uint16(data[2*i+1])
		if big {
			a, b = b, a
		}
		units[i] = b<<8 | a
	}
	return string(utf16.Decode(units))
}

// readCSV takes the separator under which a header row is found best: lists of figures hold commas as decimals.
func readCSV(text string, known lookup) (*content, error) {
	var best *grid
	var bestHead head
	var broken error
	for _, sep := range []rune{';', '\t', ','} {
		g, err := splitCSV(text, sep)
		if err != nil {
			broken = err
			continue
		}
		h, ok := findHead(g, known)
		if best == nil || ok && h.score > bestHead.score {
			best, bestHead = g, h
		}
	}
	if best == nil {
		return nil, broken
	}
	c := &content{kind: CSV}
	c.readGrid(best, known)
	return c, nil
}

func splitCSV(text string, sep rune) (*grid, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = sep, -1
	g := &grid{at: func(row, col int) string { return fmt.Sprintf("dòng %d, cột %d", row+1, col+1) }}
	cells := 0
	for {
		rec, err := r.Read()
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				return nil, fault.Invalidf("file", "dòng %d, ký tự %d: dấu nháy kép không khép kín hoặc đặt sai chỗ.", bad.Line, bad.Column)
			}
			break // the end
		}
		line, _ := r.FieldPos(0)
		for len(g.rows) < line-1 { // blank lines count, so that addresses are those of an editor
			g.rows = append(g.rows, nil)
		}
		row := make([]cell, len(rec))
		for i, v := range rec {
			row[i] = cell{text: strings.TrimSpace(viet.NFC(v))}
		}
		g.rows = append(g.rows, row)
		if cells += len(row); len(g.rows) > mostRows+50 || cells > mostCells {
			return nil, fault.Invalidf("file", "tệp có hơn %d dòng. Hãy tách thành nhiều tệp nhỏ hơn.", mostRows)
		}
	}
	return g, nil
}
