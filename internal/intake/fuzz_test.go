package intake

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
)

// reader gives what the reading of a file must know of a site, without one.
func reader(t testing.TB) lookup {
	t.Helper()
	c, err := indicator.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return lookup{
		unit:      func(text string) bool { return strings.HasPrefix(text, "P0") },
		indicator: func(text string) bool { _, ok := c.Match(text, ""); return ok },
	}
}

// said demands that every file is answered: with content that names its places, or with a fault in the user's words.
func said(t *testing.T, f File, known lookup) {
	t.Helper()
	c, err := read(f, known, nil)
	if err != nil {
		if fault.All(err) == nil {
			t.Fatalf("%q: an error that is no fault: %v", f.Data, err)
		}
		return
	}
	for _, x := range c.figures {
		if x.at == "" || x.value.set && x.value.at == "" {
			t.Fatalf("%q: a figure without a place: %+v", f.Data, x)
		}
	}
	for _, p := range c.problems {
		if p.Text == "" {
			t.Fatalf("%q: a problem without words: %+v", f.Data, p)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":1e3,"companions":[{"role":"target","value":2.5}],"overlaps":[{"unit":"P02","amount":null,"reason":"x"}]}]}`,
		`{"giaoban":1,"statements":[{"text":"Uû ban","figures":["a",1]}],"flags":[{}],"targets":[null],"units":[{"code":"x"}],"source":"y"}`,
		`{"giaoban":1,"giaoban":2}`, `[`, `{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}}}}}}}}}}`,
	} {
		f.Add([]byte(s))
	}
	known := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) { said(t, File{"a.json", data}, known) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"Đơn vị;Kỳ;Chỉ tiêu;Giá trị\nP01;2019-Q3;DG01;1.400\n", "Chỉ tiêu,2019-Q3,2019-Q2\nDG01,5,\n", "Đơn vị\tDG01 (triệu đồng)\nP01\t5\n",
		"\xFF\xFEC\x00", "\xFE\xFF\x00C", "C\x00h\x00", "Chi tieu;Gia tri\n\xB5\xB6;\xCC\n", "\"", "Kỳ: x\nĐơn vị tính: y\nMã;Kết quả\n(1);(2)\n;5\n",
	} {
		f.Add([]byte(s))
	}
	known := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) { said(t, File{"a.csv", data}, known) })
}

func FuzzWorkbook(f *testing.F) {
	add := func(change func(x *excelize.File) error) {
		x := excelize.NewFile()
		if err := change(x); err != nil {
			f.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := x.WriteTo(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	add(func(x *excelize.File) error {
		if err := x.SetSheetRow("Sheet1", "A3", &[]any{"Đơn vị", "Chỉ tiêu", "Giá trị"}); err != nil {
			return err
		}
		if err := x.MergeCell("Sheet1", "A4", "A6"); err != nil {
			return err
		}
		return x.SetSheetRow("Sheet1", "A4", &[]any{"P01", "DG01", 0.97})
	})
	add(func(x *excelize.File) error { return x.SetCellFormula("Sheet1", "B2", "1/0") })
	w := sheet.NewWriter("x", "x", "2019-10-01")
	if err := w.Form(sheet.Form{Name: figureSheet, Rows: [][]sheet.FormCell{{{Value: sheet.Str("Mã")}, {Value: sheet.Str("Số liệu kỳ này")}}}}); err != nil {
		f.Fatal(err)
	}
	if err := w.Form(sheet.Form{Name: statementSheet, Rows: [][]sheet.FormCell{{{Value: sheet.Str("x")}}}}); err != nil {
		f.Fatal(err)
	}
	if err := w.Meta(map[string]string{metaForm: formVersion}); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := w.Save(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	known := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) { said(t, File{"a.xlsx", data}, known) })
}

func TestTimesHundredMovesThePointOnly(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0.97": "97", "0.9725": "97.25", "1": "100", "-0.005": "-0.5", "0": "0", "0.0004": "0.04", "12.5": "1250"} {
		if got := timesHundred(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestMachineNumbersAreExactOrRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		times    int64
		decimals int
		want     int64
		ok       bool
	}{
		{"1500", 0, 0, 1500, true}, {"1.5", 1_000_000, 0, 1_500_000, true}, {"1e3", 0, 2, 100_000, true}, {"9007199254740993", 0, 0, 9007199254740993, true},
		{"0.1", 0, 3, 100, true}, {"0.1", 0, 0, 0, false}, {"9223372036854775808", 0, 0, 0, false}, {"1e99", 0, 0, 0, false}, {"-2", 0, 1, -20, true},
		{"0x10", 0, 0, 0, false}, {"1/2", 0, 1, 0, false}, {"", 0, 0, 0, false},
	} {
		q, ok := machine(c.text, c.times, c.decimals)
		if ok != c.ok || ok && q.Value != c.want {
			t.Errorf("%s: %d %v", c.text, q.Value, ok)
		}
	}
}

func FuzzDHIS2(f *testing.F) {
	for _, s := range []string{
		`{"dataSet":"a","period":"201401","orgUnit":"P01","dataValues":[{"dataElement":"DG01","value":"12","comment":"trên 12","followUp":true},{"dataElement":"DG02","value":1e3,"deleted":true}]}`,
		`{"dataValues":[{"dataElement":1,"value":null,"categoryOptionCombo":{}},[],{}]}`, `{"dataValues":{}}`, `{"dataValues":[{"value":"1e99"}],"dataValues":[]}`,
	} {
		f.Add([]byte(s))
	}
	known := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) { said(t, File{"a.json", data}, known) })
}

func FuzzADX(f *testing.F) {
	for _, s := range []string{
		`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2015-02-08T19:30:00Z"><group orgUnit="P01" period="2015-06-01/P1M" dataSet="a"><dataValue dataElement="DG01" SEX="F" AGE="0-14" value="32"><annotation>ước tính</annotation></dataValue></group></adx>`,
		`<!DOCTYPE a><adx xmlns="urn:ihe:qrph:adx:2015"/>`, `<adx xmlns="urn:ihe:qrph:adx:2015">&amp;<![CDATA[x]]><!-- --><?x y?><group><dataValue/></group></adx><adx/>`, `<a xmlns="urn:ihe:qrph:adx:2015"><`,
	} {
		f.Add([]byte(s))
	}
	known := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := readADX(string(data))
		if err != nil && fault.All(err) == nil {
			t.Fatalf("%q: an error that is no fault: %v", data, err)
		}
		if err == nil && len(c.figures) > len(data)/10 {
			t.Fatalf("%q gives %d figures", data, len(c.figures))
		}
		said(t, File{"a.xml", data}, known)
	})
}
