package sheet

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func sampleTables(t *testing.T) []byte {
	t.Helper()
	w := NewWriter("Báo cáo quý III", "Ủy ban MTTQ thị xã An Lĩnh", "2019-10-01")
	for _, name := range []string{"Tổng hợp", "Chi tiết"} {
		table := w.Table(name, name == "Chi tiết", []Column{{Title: "Nội dung", Width: 40}, {Title: "Thực hiện"}, {Title: "Tỷ lệ (%)"}})
		table.Row(Str("=HYPERLINK(\"http://evil\")"), Num(62515000, 0), Num(1162, 1))
		table.Row(Str("trên 22.000"), Blank(), Num(0, 0))
		table.Total(Str("Cộng"), Num(12345, 2), Num(9_007_199_254_740_993, 0))
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := w.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleForm(t *testing.T) []byte {
	t.Helper()
	w := NewWriter("Biểu số liệu", "Giaoban", "2019-10-01")
	err := w.Form(Form{Name: "Biểu quý III/2019", Widths: []float64{8, 50, 20}, HeadRows: 2, HeadCols: 1, Rows: [][]FormCell{
		{{Value: Str("BIỂU SỐ LIỆU"), Plain: true, Bold: true, Span: 3}},
		{{Value: Str("STT"), Head: true}, {Value: Str("Chỉ tiêu"), Head: true}, {Value: Str("Quý III"), Head: true}},
		{{Value: Num(1, 0)}, {Value: Str("Số buổi tuyên truyền"), Note: "Kỳ trước: 12 buổi"}, {Input: true, Check: Whole}},
		{{Value: Num(2, 0)}, {Value: Str("Quỹ (triệu đồng)")}, {Value: Num(35566, 1), Input: true, Check: Decimal}},
		{{Value: Num(3, 0)}, {Value: Str("Mức độ")}, {Input: true, List: "MucDo"}},
		{{Value: Num(4, 0)}, {Value: Str("Ghi như báo cáo")}, {Input: true, Check: AsTyped}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	long := []string{"Hoàn thành tốt", "Hoàn thành"}
	for range 40 {
		long = append(long, "Một giá trị dài để vượt 255 ký tự")
	}
	if err := w.List("MucDo", long); err != nil {
		t.Fatal(err)
	}
	if err := w.Meta(map[string]string{"unit": "hnd", "period": "2019-Q3", "version": "1"}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := w.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTablesReadBackAsWritten(t *testing.T) {
	t.Parallel()
	book, err := openBytes(sampleTables(t), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := cellsOf(book.Sheet("Tổng hợp"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"A1 1 Nội dung", "B1 1 Thực hiện", "C1 1 Tỷ lệ (%)",
		"A2 1 =HYPERLINK(\"http://evil\")", "B2 2 62515000", "C2 2 116.2", "A3 1 trên 22.000", "C3 2 0",
		"A4 1 Cộng", "B4 2 123.45", "C4 1 9007199254740993"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEqualWorkbooksAreEqualBytes(t *testing.T) {
	t.Parallel()
	tables, form := sampleTables(t), sampleForm(t)
	for range 5 {
		if !bytes.Equal(tables, sampleTables(t)) {
			t.Fatal("two workbooks of the same tables differ")
		}
		if !bytes.Equal(form, sampleForm(t)) {
			t.Fatal("two workbooks of the same form differ")
		}
	}
}

func TestRowsAreHighEnoughForWrappedText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		wide float64
		want float64
	}{{"", 10, 18}, {"Quý III", 10, 18}, {strings.Repeat("ă", 19), 10, 34}, {"a\nb\nc", 10, 50}, {strings.Repeat("ă", 10000), 10, 400}} {
		if got := height(c.text, c.wide); got != c.want {
			t.Errorf("%d characters in %g: %g, want %g", len(c.text), c.wide, got, c.want)
		}
	}
}

func TestFormIsLockedButForItsInputs(t *testing.T) {
	t.Parallel()
	data := sampleForm(t)
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := "Biểu quý III-2019"
	locked := func(cell string) bool {
		id, err := f.GetCellStyle(name, cell)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return s.Protection == nil || s.Protection.Locked
	}
	for cell, want := range map[string]bool{"B3": true, "C2": true, "C3": false, "C4": false, "C5": false, "C6": false} {
		if locked(cell) != want {
			t.Errorf("%s locked: %v", cell, !want)
		}
	}
	if id, err := f.GetCellStyle(name, "C6"); err != nil {
		t.Error(err)
	} else if s, err := f.GetStyle(id); err != nil || s.NumFmt != 49 && (s.CustomNumFmt == nil || *s.CustomNumFmt != "@") {
		t.Errorf("an input as typed has format %+v, %v", s, err)
	}
	if p, err := f.GetSheetProtection(name); err != nil || !p.SelectUnlockedCells || p.InsertRows || p.FormatCells {
		t.Errorf("protection %+v, %v", p, err)
	}
	rules, err := f.GetDataValidations(name)
	if err != nil || len(rules) != 3 {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	notes, err := f.GetComments(name)
	if err != nil || len(notes) != 1 || notes[0].Cell != "B3" {
		t.Errorf("notes %+v, %v", notes, err)
	}
	for _, hidden := range []string{listSheet, metaSheet} {
		if visible, err := f.GetSheetVisible(hidden); err != nil || visible {
			t.Errorf("%s can be seen, %v", hidden, err)
		}
	}
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name] = n.RefersTo
	}
	if names["MucDo"] != "_danh_muc!$A$1:$A$42" || names["_xlnm.Print_Titles"] != "'Biểu quý III-2019'!$1:$2" {
		t.Errorf("names %v", names)
	}
	book, err := openBytes(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	meta, err := book.Meta()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"unit": "hnd", "period": "2019-Q3", "version": "1"}, meta); diff != "" {
		t.Error(diff)
	}
	got, err := cellsOf(book.Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(got, "\n"); !strings.Contains(text, "C4 2 3556.6") || !strings.Contains(text, "A1 1 BIỂU SỐ LIỆU A1:C1") {
		t.Error(text)
	}
}

// TestLibreOfficeOpensWhatWeWrite also reads back a workbook that another program has saved.
func TestLibreOfficeOpensWhatWeWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	path := filepath.Join(dir, "form.xlsx")
	if err := os.WriteFile(path, sampleForm(t), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx", "--outdir", out, path)
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice (install libreoffice-calc): %v\n%s", err, log)
	}
	data, err := os.ReadFile(filepath.Join(out, "form.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	book, err := openBytes(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := cellsOf(book.Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"A1 1 BIỂU SỐ LIỆU A1:C1", "A2 1 STT", "B2 1 Chỉ tiêu", "C2 1 Quý III", "A3 2 1", "B3 1 Số buổi tuyên truyền",
		"A4 2 2", "B4 1 Quỹ (triệu đồng)", "C4 2 3556.6", "A5 2 3", "B5 1 Mức độ", "A6 2 4", "B6 1 Ghi như báo cáo"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if meta, err := book.Meta(); err != nil || meta["period"] != "2019-Q3" {
		t.Errorf("metadata %v, %v", meta, err)
	}
}

func TestNumbersSurviveTheWorkbookToTheLastDigit(t *testing.T) {
	t.Parallel()
	type number struct {
		scaled   int64
		decimals int
	}
	draw := rapid.Custom(func(t *rapid.T) number {
		n := rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "n")
		if rapid.Bool().Draw(t, "exact") {
			n %= exact + 1
		}
		return number{n, rapid.IntRange(0, 6).Draw(t, "decimals")}
	})
	w := NewWriter("t", "t", "2019-10-01")
	table := w.Table("T", false, []Column{{Title: "x"}})
	var want []string
	for seed := range 1000 {
		n := draw.Example(seed)
		table.Row(Num(n.scaled, n.decimals))
		want = append(want, shortest(Num(n.scaled, n.decimals).digits()))
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := w.Save(&b); err != nil {
		t.Fatal(err)
	}
	book, err := openBytes(b.Bytes(), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range book.Sheets()[0].Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Number > 1 {
			got = append(got, shortest(row.Cell(1).Text))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// shortest writes a number with a point and without needless zeros.
func shortest(text string) string {
	if text = strings.Replace(text, ",", ".", 1); strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

func TestMisuseOfTheWriterIsAnError(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(w *Writer) error{
		"no sheet": func(w *Writer) error { return nil },
		"too many values": func(w *Writer) error {
			t := w.Table("T", false, []Column{{}})
			t.Row(Str("a"), Str("b"))
			return t.Close()
		},
		"same name": func(w *Writer) error {
			if err := w.Table("T", false, []Column{{}}).Close(); err != nil {
				return nil
			}
			return w.Table("t", false, []Column{{}}).Close()
		},
		"list first":     func(w *Writer) error { return w.List("A_b", []string{"x"}) },
		"formula name":   func(w *Writer) error { return w.List("=A1", []string{"x"}) },
		"cell-like name": func(w *Writer) error { return w.List("AB12", []string{"x"}) },
	} {
		w := NewWriter("t", "t", "2019-10-01")
		err := use(w)
		if err == nil {
			err = w.Save(&bytes.Buffer{})
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for text, want := range map[string]string{"Quý III/2019": "Quý III-2019", "": "Trang", "'x'": "x", strings.Repeat("ă", 40): strings.Repeat("ă", 31)} {
		if got := Name(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
