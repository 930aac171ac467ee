package intake_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/intake"
)

const listing = "Đơn vị;Kỳ;Chỉ tiêu;Phần;Giá trị;Đơn vị tính;Tính đến ngày;Ghi chú\n" +
	"P01;2019-Q3;Ngày công;;1.500;công lao động;30/9/2019;\n" +
	"Phường Tây Sơn;quý III/2019;CT01;;trên 20;tỷ đồng;;ước tính\n" +
	"P01.PN;2019-Q3;AS07;Sửa chữa;16;căn;;\n" +
	"P01.ND;2019-Q3;AS07;;;căn;;chưa có số\n"

func utf16le(text string) string {
	var b bytes.Buffer
	b.WriteString("\xFF\xFE")
	for _, u := range utf16.Encode([]rune(text)) {
		_ = binary.Write(&b, binary.LittleEndian, u)
	}
	return b.String()
}

func windows1258(t *testing.T, text string) string {
	t.Helper()
	// Windows-1258 writes tones as marks behind their letter.
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		base, tone := "", ""
		for _, d := range norm.NFD.String(string(r)) {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", d) {
				tone = string(d)
			} else {
				base += string(d)
			}
		}
		if tone != "" {
			out.WriteString(norm.NFC.String(base) + tone)
			continue
		}
		out.WriteRune(r)
	}
	b, err := charmap.Windows1258.NewEncoder().String(out.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCSVIsReadInEveryEncodingAndWithEverySeparator(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"UTF-8":          listing,
		"with its mark":  "\xEF\xBB\xBF" + listing,
		"UTF-16":         utf16le(listing),
		"decomposed":     norm.NFD.String(listing),
		"Windows-1258":   windows1258(t, listing),
		"tabs":           strings.ReplaceAll(listing, ";", "\t"),
		"commas":         strings.ReplaceAll(listing, ";", ","),
		"Windows' lines": strings.ReplaceAll(listing, "\n", "\r\n"),
	} {
		s := newSite(t, dbtest.Open(t, db.SQLite))
		plan := s.preview(system, "so-lieu.csv", data, intake.Options{})
		if plan.Kind != intake.CSV || plan.Counts.New != 3 || len(plan.Rows) != 3 || len(plan.Problems) != 0 {
			t.Errorf("%s: %+v\n%s", name, plan.Counts, table(plan))
			continue
		}
		if plan.Rows[0].At != "dòng 2, cột 5" {
			t.Errorf("%s: address %q", name, plan.Rows[0].At)
		}
		s.apply(system, plan, intake.Consent{})
		for _, c := range []struct{ unit, indicator, want string }{
			{"TX", "DG02", "1.500 ngày công"}, {"P02", "CT01", "trên 20 tỷ đồng"}, {"TX", "AS07", ""},
		} {
			if got := s.total(c.unit, "2019-Q3", c.indicator); got != c.want {
				t.Errorf("%s: %s is %q, want %q", name, c.indicator, got, c.want)
			}
		}
	}
}

func TestAPlainSheetIsReadInEachOfItsForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows [][]any
		opt  intake.Options
	}{
		"long form under a title": {[][]any{
			{"BÁO CÁO SỐ LIỆU"}, {"Kỳ báo cáo: quý III/2019"}, {"Đơn vị tính: triệu đồng"}, {},
			{"STT", "Đơn vị", "Nội dung", "Kết quả"}, {"(1)", "(2)", "(3)", "(4)"},
			{1, "P01", "Tiền Nhân dân đóng góp", 90}, {2, "P02", "DG01", "250"}, {3, "P01", "Ngày công", 1500}, {"", "", "I. Mục khác", ""},
		}, intake.Options{}},
		"indicators by units": {[][]any{
			{"Chỉ tiêu", "ĐVT", "Phường Đông Hải", "P02", "Tổng cộng"},
			{"DG01", "triệu đồng", 90, 250, 340}, {"DG02", "ngày công", 1500, "", 1500},
		}, intake.Options{Period: "2019-Q3"}},
		"units by indicators": {[][]any{
			{"Đơn vị", "Tiền Nhân dân đóng góp (triệu đồng)", "Ngày công"},
			{"P01", 90, "1.500"}, {"Phường Tây Sơn", 250, ""}, {"Tổng cộng", 340, 1500},
		}, intake.Options{Period: "2019-Q3"}},
		"indicators by periods": {[][]any{
			{"Đơn vị: TX"}, {"Chỉ tiêu", "Quý III/2019", "2019-Q2"}, {"DG01", "340 triệu đồng", ""}, {"DG02", 1500, ""},
		}, intake.Options{}},
	} {
		s := newSite(t, dbtest.Open(t, db.SQLite))
		plan := s.preview(system, "bang.xlsx", book(t, nil, map[string][][]any{"Bảng": c.rows}), c.opt)
		if plan.Kind != intake.Sheet || plan.Counts.Refused+plan.Counts.Question != 0 || len(plan.Problems) != 0 || plan.Counts.New == 0 {
			t.Errorf("%s: %+v\n%s", name, plan.Counts, table(plan))
			continue
		}
		s.apply(system, plan, intake.Consent{})
		if got := s.total("TX", "2019-Q3", "DG01"); got != "340 triệu đồng" {
			t.Errorf("%s: money %q\n%s", name, got, table(plan))
		}
		if got := s.total("TX", "2019-Q3", "DG02"); got != "1.500 ngày công" {
			t.Errorf("%s: workdays %q", name, got)
		}
	}
}

func TestPercentCellsAndLongNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	data := book(t, func(f *excelize.File) {
		style, _ := f.NewStyle(&excelize.Style{NumFmt: 10})
		_ = f.SetCellStyle("Bảng", "D2", "D2", style)
	}, map[string][][]any{"Bảng": {longHead, {"P01", "2019-Q3", "VH04", 0.9725}, {"P01", "2019-Q3", "DG01", 98765432109876}, {"P01", "2019-Q3", "DG05", 0.3}}})
	plan := s.preview(system, "bang.xlsx", data, intake.Options{})
	var got []string
	for _, l := range plan.Rows {
		got = append(got, l.After)
	}
	if strings.Join(got, " | ") != "97,25% | 98.765.432.109.876 đồng | 0,3 tấn" {
		t.Errorf("%v\n%s", got, table(plan))
	}
}

func TestTheTemplateComesBackWhereverItsRowsWereMoved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.apply(system, s.preview(system, "a.json", `{"giaoban":1,"figures":[
			{"ref":"n","unit":"P01.PN","period":"2019-Q3","indicator":"AS07","value":"01 ngôi nhà","as_of":"2019-09-20"},
			{"unit":"P01.PN","period":"2019-Q2","indicator":"DG02","value":"hàng trăm ngày công"}],
			"statements":[{"unit":"P01.PN","period":"2019-Q3","kind":"work","text":"Sửa một ngôi nhà.\nBàn giao ngày 20/9.","figures":["n"]}]}`, intake.Options{}), intake.Consent{})
		who := s.officer("mot", "P01")
		var b bytes.Buffer
		if err := s.intake.Template(ctx, who, "p01.pn", "2019-Q3", &b); err != nil {
			t.Fatal(err)
		}
		same := s.preview(who, "mau.xlsx", b.String(), intake.Options{})
		if same.Kind != intake.Workbook || same.Counts.Equal != 2 || len(same.Rows) != 2 || len(same.Problems)+len(same.Notes) != 0 {
			t.Fatalf("an untouched form: %+v %v\n%s", same.Counts, same.Notes, table(same))
		}
		filled := fill(t, b.Bytes(), map[string]string{"DG01": "20 tỷ đồng", "DG02": "1.400", "DG05": "1.400", "AS07.SUA": "1", "TT01": "-", "YK02": "trên 28.200"})
		plan := s.preview(who, "mau.xlsx", filled, intake.Options{})
		if plan.Counts.New != 5 || plan.Counts.Question != 1 || plan.Counts.Equal != 3 || plan.Counts.Refused != 0 {
			t.Fatalf("%+v\n%s", plan.Counts, table(plan))
		}
		choices := map[string]int{}
		for _, l := range plan.Rows {
			if l.State == intake.StateQuestion {
				choices[l.At] = 0
			}
		}
		s.apply(who, plan, intake.Consent{Choices: choices})
		for indicator, want := range map[string]string{"DG01": "20 tỷ đồng", "DG02": "1.400 ngày công", "DG05": "1.400,0 tấn", "YK02": "trên 28.200 lượt người", "TT01": ""} {
			if got := s.total("P01", "2019-Q3", indicator); got != want {
				t.Errorf("%s is %q, want %q", indicator, got, want)
			}
		}
		if err := s.intake.Undo(ctx, who, plan.ID, "nhầm"); err != nil {
			t.Fatal(err)
		}
		if got := s.total("P01", "2019-Q3", "DG01"); got != "" {
			t.Errorf("after undo: %q", got)
		}
		s.verified()
	})
}

// fill types into a form as a person does: input cells of the rows that bear a code, one new statement, two rows changed
// about, columns resized.
func fill(t *testing.T, data []byte, values map[string]string) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Số liệu")
	if err != nil {
		t.Fatal(err)
	}
	set := func(sheet, at, v string) {
		if err := f.SetCellStr(sheet, at, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		if v, ok := values[row[0]]; ok {
			set("Số liệu", fmt.Sprintf("F%d", i+1), v)
		}
		if row[0] == "DG01" {
			style, err := f.GetCellStyle("Số liệu", fmt.Sprintf("F%d", i+1))
			if err != nil {
				t.Fatal(err)
			}
			st, err := f.GetStyle(style)
			if err != nil || st.Protection == nil || st.Protection.Locked || st.CustomNumFmt == nil || *st.CustomNumFmt != "@" {
				t.Errorf("the input cell is locked or no text: %+v %v", st, err)
			}
		}
	}
	set("Nội dung", "A10", "Hạn chế")
	set("Nội dung", "B10", "Chưa có nhiều bước đột phá")
	set("Nội dung", "E10", "DG01; DG02")
	if err := f.DuplicateRowTo("Số liệu", len(rows), 5); err != nil { // the last row also stands further up
		t.Fatal(err)
	}
	if err := f.RemoveRow("Số liệu", len(rows)+1); err != nil {
		t.Fatal(err)
	}
	if err := f.SetColWidth("Số liệu", "A", "I", 7); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFormWhoseSheetIsGoneSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	var b bytes.Buffer
	if err := s.intake.Template(ctx, system, "P01", "2019-Q3", &b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetSheetName("Số liệu", "Bảng 1"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	plan := s.preview(system, "mau.xlsx", out.String(), intake.Options{})
	if !has(plan.Problems, "Số liệu", "“Bảng 1”") {
		t.Error(table(plan))
	}
}

// Whatever is imported is equal when it is previewed again, totals verify, and an undo brings back what was.
func TestAnImportIsIdempotentAndItsUndoRestoresTheTotals(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		values := []string{"5", "1500", "trên 20", "gần 1.400", "khoảng 7", "ít nhất 3", "hàng trăm", "2-5", "-", "0"}
		units := []string{"TX.MT", "P01", "P01.PN", "P01.ND", "P02", "P02.PN"}
		indicators := []string{"DG01", "DG02", "CT01", "YK01", "DV02", "AS07"}
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 7))
			pick := func(list []string) string { return list[r.IntN(len(list))] }
			var b strings.Builder
			b.WriteString("Đơn vị;Kỳ;Chỉ tiêu;Giá trị\n")
			seen := map[string]bool{}
			for range 1 + r.IntN(12) {
				u, i := pick(units), pick(indicators)
				if !seen[u+i] {
					seen[u+i] = true
					fmt.Fprintf(&b, "%s;2019-Q3;%s;%s\n", u, i, pick(values))
				}
			}
			before := s.allTotals(indicators)
			plan := s.preview(system, "a.csv", b.String(), intake.Options{})
			if plan.Counts.Refused+plan.Counts.Question != 0 {
				t.Fatalf("seed %d, refused:\n%s", seed, table(plan))
			}
			s.apply(system, plan, intake.Consent{})
			if again := s.preview(system, "a.csv", b.String(), intake.Options{}); again.Counts.Equal != len(again.Rows) {
				t.Fatalf("seed %d, not equal again:\n%s\n%s", seed, b.String(), table(again))
			}
			if r.IntN(2) == 0 {
				if err := s.intake.Undo(ctx, system, plan.ID, "thử"); err != nil {
					t.Fatal(err)
				}
				if after := s.allTotals(indicators); after != before {
					t.Fatalf("seed %d, undo:\n%s\nbefore\n%s", seed, after, before)
				}
			}
		}
		s.verified()
	})
}

// allTotals prints every sum of the place at the top and of each ward.
func (s *site) allTotals(indicators []string) string {
	s.t.Helper()
	var b strings.Builder
	for _, u := range []string{"TX", "P01", "P02"} {
		for _, i := range indicators {
			fmt.Fprintf(&b, "%s %s %s\n", u, i, s.total(u, "2019-Q3", i))
		}
	}
	return b.String()
}
