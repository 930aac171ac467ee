package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"giaoban/internal/fault"
)

func openBytes(data []byte, limits Limits) (*Book, error) {
	return Open(bytes.NewReader(data), int64(len(data)), limits)
}

// cellsOf reads a sheet as "address kind text".
func cellsOf(s *Sheet) ([]string, error) {
	var out []string
	for row, err := range s.Rows() {
		if err != nil {
			return out, err
		}
		for _, c := range row.Cells {
			line := fmt.Sprintf("%s %d %s", c.Address(), c.Kind, c.Text)
			if c.Formula {
				line += " formula"
			}
			if c.Percent {
				line += " percent"
			}
			if c.Merged != "" {
				line += " " + c.Merged
			}
			out = append(out, line)
		}
	}
	return out, nil
}

func TestCellsOfAWorkbookMadeByALibrary(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	style := func(code string) int {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		must(err)
		return id
	}
	must(f.SetCellStr("Sheet1", "A1", "Hô\u0323i Nông dân"))
	must(f.MergeCell("Sheet1", "A1", "C1"))
	must(f.SetCellValue("Sheet1", "A2", 62515000))
	must(f.SetCellValue("Sheet1", "B2", 1.1))
	must(f.SetCellStr("Sheet1", "C2", "1.400"))
	must(f.SetCellValue("Sheet1", "D2", true))
	must(f.SetCellValue("Sheet1", "A3", 43739))
	must(f.SetCellStyle("Sheet1", "A3", "A3", style("dd/mm/yyyy")))
	must(f.SetCellValue("Sheet1", "B3", 1.16))
	must(f.SetCellStyle("Sheet1", "B3", "B3", style("0%")))
	must(f.SetCellValue("Sheet1", "C3", 5))
	must(f.SetCellStyle("Sheet1", "C3", "C3", style(`#,##0 "đồng/ngày"`)))
	must(f.SetCellFormula("Sheet1", "D3", "1/0"))
	must(f.SetCellStyle("Sheet1", "F9", "F9", style("0%")))
	if _, err := f.NewSheet("Ẩn"); err != nil {
		t.Fatal(err)
	}
	must(f.SetSheetVisible("Ẩn", false, true))
	var b bytes.Buffer
	must(f.Write(&b))
	book, err := openBytes(b.Bytes(), Limits{})
	must(err)
	if len(book.Sheets()) != 2 || !book.Sheet("Ẩn").Hidden || book.Sheets()[0].Hidden {
		t.Fatalf("sheets %+v", book.Sheets())
	}
	got, err := cellsOf(book.Sheets()[0])
	must(err)
	want := []string{"A1 1 Hội Nông dân A1:C1", "A2 2 62515000", "B2 2 1.1", "C2 1 1.400", "D2 3 TRUE",
		"A3 4 2019-10-01", "B3 2 1.16 percent", "C3 2 5", "D3 0  formula"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r, ok := book.Sheets()[0].MergedAt(1, 3); !ok || r.String() != "A1:C1" {
		t.Errorf("merged at C1: %v %v", r, ok)
	}
}

// handmade is a workbook with the given sheet XML, as other programs may write it.
func handmade(t testing.TB, sheet string, more map[string]string) []byte {
	t.Helper()
	parts := map[string]string{
		"[Content_Types].xml":        `<Types/>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="Biểu 1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
		"xl/sharedStrings.xml":       `<sst><si><t>chuỗi</t></si><si><r><t>Tổ </t></r><r><t xml:space="preserve">trưởng_x000A_phó</t></r><rPh><t>bỏ</t></rPh></si></sst>`,
	}
	for name, text := range more {
		parts[name] = text
	}
	return zipped(t, parts)
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCellsAsOtherProgramsWriteThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sheet string
		want  []string
	}{
		"shared strings with runs": {`<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>1</v></c></row></sheetData></worksheet>`, []string{"B2 1 Tổ trưởng\nphó"}},
		"prefix":                   {`<x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c><x:v>7</x:v></x:c><x:c t="inlineStr"><x:is><x:t>đ</x:t></x:is></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells></x:worksheet>`, []string{"A1 2 7 A1:B1", "B1 1 đ"}},
		"formula results":          {`<worksheet><sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1</f><v>hai</v></c><c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData></worksheet>`, []string{"A1 2 2 formula", "B1 1 hai formula", "C1 5 #DIV/0! formula"}},
		"blank is not zero":        {`<worksheet><sheetData><row r="1"><c r="A1"/><c r="B1" t="s"/><c r="C1"><v>0</v></c></row></sheetData></worksheet>`, nil},
		"ISO date":                 {`<worksheet><sheetData><row r="1"><c r="A1" t="d"><v>2019-10-01T00:00:00Z</v></c></row></sheetData></worksheet>`, []string{"A1 4 2019-10-01"}},
	} {
		book, err := openBytes(handmade(t, c.sheet, nil), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := cellsOf(book.Sheets()[0])
		if name == "blank is not zero" { // a shared string without a number is damage
			if !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecimalKeepsTheDigitsThatASpreadsheetShows(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"0": "0", "-0": "0", "007": "7", "62515000": "62515000", "-15": "-15", "1.1000000000000001": "1.1", "0.1": "0.1",
		"0.30000000000000004": "0.3", "1E-3": "0.001", "1.23E+5": "123000", "3556.6": "3556.6", "-1.5E0": "-1.5",
		"1234567890123456789": "1234567890123456789", "123456789012345": "123456789012345", "9.9999999999999995E+22": "100000000000000000000000",
	} {
		if got, ok := decimal(raw); !ok || got != want {
			t.Errorf("%s: %q %v, want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{"", "-", "0x10", "Inf", "NaN", "1_000", "1,5", "1e999", "--1"} {
		if got, ok := decimal(raw); ok {
			t.Errorf("%q is %q", raw, got)
		}
	}
}

func TestSerialDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw   string
		d1904 bool
		want  string
	}{
		{"1", false, "1900-01-01"}, {"59", false, "1900-02-28"}, {"60", false, ""}, {"61", false, "1900-03-01"},
		{"43739", false, "2019-10-01"}, {"43739.354166666664", false, "2019-10-01T08:30:00"}, {"0.35416666666666669", false, "08:30:00"},
		{"42277", true, "2019-10-01"}, {"-1", false, ""}, {"3000000", false, ""},
	} {
		if got, _ := serialDate(c.raw, c.d1904); got != c.want {
			t.Errorf("%s: %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestFormatsOfDates(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"General": false, "0.00": false, "#,##0": false, "dd/mm/yyyy": true, `"ngày" dd`: true, `0 "đồng"`: false, `[Red]0`: false,
		"[h]:mm": true, `0\d`: false, "[$-42A]d mmmm": true, "h:mm AM/PM": true, "@": false, `_-* #,##0_-`: false, `0;"d"`: false,
	} {
		if got := formatOf(code).date; got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}

func TestFilesThatAreNotWorkbooksSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	ole := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 600)...)
	locked := append([]byte(nil), ole...)
	for _, r := range "EncryptedPackage" {
		locked = append(locked, byte(r), 0)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "Tệp rỗng"},
		"old xls":       {ole, "đời cũ (.xls)"},
		"encrypted":     {locked, "mật khẩu"},
		"html":          {[]byte("\xef\xbb\xbf <html><table>"), "HTML"},
		"csv":           {[]byte("Đơn vị;Số\nA;1\n"), ".csv"},
		"pdf":           {[]byte("%PDF-1.4"), "PDF"},
		"spreadsheetML": {[]byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), "XML đời cũ"},
		"bytes":         {[]byte{1, 2, 3, 0}, "không phải là tệp Excel"},
		"cut":           {[]byte("PK\x03\x04 rest"), "bị hỏng"},
		"zip":           {zipped(t, map[string]string{"a.txt": "x"}), "tệp nén"},
		"word":          {zipped(t, map[string]string{"[Content_Types].xml": "", "word/document.xml": ""}), "tệp Word"},
		"ods":           {zipped(t, map[string]string{"mimetype": "", "content.xml": ""}), "LibreOffice"},
		"xlsb":          {zipped(t, map[string]string{"[Content_Types].xml": "", "xl/workbook.bin": ""}), ".xlsb"},
		"no workbook":   {zipped(t, map[string]string{"[Content_Types].xml": ""}), "không có trang tính"},
		"no sheet part": {handmade(t, "", map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships/>`}), "không có trang tính nào"},
		"bad XML":       {handmade(t, "", map[string]string{"xl/workbook.xml": `<workbook`}), "bị hỏng"},
	} {
		_, err := openBytes(c.data, Limits{})
		if !fault.Is(err, fault.KindInvalid) || !strings.Contains(fault.Text(err), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestDamagedSheetsAreRefused(t *testing.T) {
	t.Parallel()
	for name, sheet := range map[string]string{
		"rows backwards":  `<worksheet><sheetData><row r="5"/><row r="5"/></sheetData></worksheet>`,
		"cells backwards": `<worksheet><sheetData><row r="1"><c r="B1"/><c r="A1"/></row></sheetData></worksheet>`,
		"cell elsewhere":  `<worksheet><sheetData><row r="1"><c r="B7"/></row></sheetData></worksheet>`,
		"no such string":  `<worksheet><sheetData><row r="1"><c r="B1" t="s"><v>9</v></c></row></sheetData></worksheet>`,
		"no number":       `<worksheet><sheetData><row r="1"><c r="B1"><v>1,5</v></c></row></sheetData></worksheet>`,
		"cut":             `<worksheet><sheetData><row r="1"><c r="B1"><v>1`,
	} {
		book, err := openBytes(handmade(t, sheet, nil), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := cellsOf(book.Sheets()[0]); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	row := func(body string) string {
		return `<worksheet><sheetData>` + body + `</sheetData></worksheet>`
	}
	small := handmade(t, row(`<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>`), nil)
	for name, c := range map[string]struct {
		data   []byte
		limits Limits
	}{
		"file":          {small, Limits{Bytes: 10}},
		"entries":       {small, Limits{Entries: 2}},
		"unpacked":      {small, Limits{Unzipped: 100}},
		"cells":         {small, Limits{Cells: 1}},
		"bomb":          {handmade(t, row(strings.Repeat(" ", 5<<20)), nil), Limits{Unzipped: 1 << 20}},
		"last cell":     {handmade(t, row(`<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`), nil), Limits{}},
		"last column":   {handmade(t, row(`<row r="1"><c r="XFD1"><v>1</v></c></row>`), nil), Limits{}},
		"merged ranges": {handmade(t, `<worksheet><sheetData/>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, maxMerged+1)+`</worksheet>`, nil), Limits{}},
		"sheets":        {handmade(t, "", map[string]string{"xl/workbook.xml": `<workbook xmlns:r="r">` + strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 101) + `</workbook>`}), Limits{}},
	} {
		book, err := openBytes(c.data, c.limits)
		if err == nil {
			_, err = cellsOf(book.Sheets()[0])
		}
		if !fault.Is(err, fault.KindTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPartLongerThanItSaysIsRefused(t *testing.T) {
	t.Parallel()
	data := lying(t, handmade(t, `<worksheet><sheetData>`+strings.Repeat(" ", 1<<16)+`</sheetData></worksheet>`, nil))
	book, err := openBytes(data, Limits{Unzipped: 1 << 14})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cellsOf(book.Sheets()[0]); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("%v", err)
	}
}

// lying sets the declared lengths of all parts in the table of contents to a few bytes.
func lying(t *testing.T, data []byte) []byte {
	t.Helper()
	out := bytes.Clone(data)
	for at := bytes.Index(out, []byte("PK\x01\x02")); at >= 0; {
		if out[at+26] != 0 { // more than 64 KiB
			out[at+24], out[at+25], out[at+26] = 9, 0, 0
		}
		next := bytes.Index(out[at+4:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		at += 4 + next
	}
	return out
}

func FuzzOpen(f *testing.F) {
	f.Add(handmade(f, `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>`, nil))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		readAll(t, data)
	})
}

func FuzzSheetXML(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><f>1</f><v>1.5E3</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`)
	f.Add(`<x:worksheet><x:row><x:c t="inlineStr"><x:is><x:rPh/><x:t>a_x0041_`)
	f.Fuzz(func(t *testing.T, sheet string) {
		readAll(t, handmade(t, sheet, nil))
	})
}

// readAll reads a file to its end: whatever it holds, the answer is cells or a fault.
func readAll(t *testing.T, data []byte) {
	book, err := openBytes(data, Limits{Unzipped: 1 << 22})
	if err == nil {
		for _, s := range book.Sheets() {
			if _, err = cellsOf(s); err != nil {
				break
			}
		}
	}
	if err != nil && len(fault.All(err)) == 0 {
		t.Errorf("not a fault: %v", err)
	}
}
