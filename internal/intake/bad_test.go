package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/intake"
)

// book makes a workbook of sheets, each a list of rows; a value that begins with "=" is a formula.
func book(t testing.TB, change func(f *excelize.File), sheets map[string][][]any) string {
	t.Helper()
	f := excelize.NewFile()
	first := true
	for name, rows := range sheets {
		if first {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
			first = false
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c, v := range row {
				at, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				if text, ok := v.(string); ok && strings.HasPrefix(text, "=") {
					err = f.SetCellFormula(name, at, text[1:])
				} else {
					err = f.SetCellValue(name, at, v)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var longHead = []any{"Đơn vị", "Kỳ", "Chỉ tiêu", "Giá trị"}

func sheetOf(t testing.TB, rows ...[]any) string {
	t.Helper()
	return book(t, nil, map[string][][]any{"Bảng": append([][]any{longHead}, rows...)})
}

// bomb is a workbook whose sheet unpacks to n megabytes.
func bomb(t testing.TB, n int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range n {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFileThatCannotBeReadIsRefusedInPlainWords(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	for name, c := range map[string]struct {
		file, data string
		kind       fault.Kind
		want       string
	}{
		"empty":               {"a.xlsx", "", fault.KindInvalid, "tệp rỗng"},
		"blanks only":         {"a.csv", " \r\n\t ", fault.KindInvalid, "tệp rỗng"},
		"not an XLSX":         {"a.xlsx", "Chỉ tiêu;Giá trị\nDG01;5", fault.KindInvalid, "không phải sổ tính Excel"},
		"old XLS":             {"a.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....", fault.KindInvalid, "kiểu cũ (.xls)"},
		"PDF":                 {"a.pdf", "%PDF-1.7", fault.KindInvalid, "PDF"},
		"binary":              {"a.csv", "\x00\x01\x02\x03\xff\xfe\x80\x81", fault.KindInvalid, "không phải tệp văn bản"},
		"a book named CSV":    {"a.csv", sheetOf(t, []any{"P01", "2019-Q3", "DG01", 5}), fault.KindInvalid, "đổi đuôi thành .xlsx"},
		"zip that is no book": {"a.xlsx", "PK\x03\x04rubbish", fault.KindInvalid, "hỏng"},
		"zip bomb":            {"a.xlsx", bomb(t, 300), fault.KindTooLarge, "giải nén"},
		"200 MB":              {"a.xlsx", strings.Repeat("x", 200<<20), fault.KindTooLarge, "lớn hơn 25 MB"},
		"broken JSON":         {"a.json", "{\"giaoban\":1,\n \"figures\":[{]}", fault.KindInvalid, "Dòng 2"},
		"text after the JSON": {"a.json", `{"giaoban":1} x`, fault.KindInvalid, "JSON"},
		"open quote":          {"a.csv", "Chỉ tiêu;Giá trị\n\"DG01;5\n", fault.KindInvalid, "nháy kép"},
	} {
		_, err := s.intake.Preview(ctx, system, intake.File{Name: name + "/" + c.file, Data: []byte(c.data)}, intake.Options{})
		if !fault.Is(err, c.kind) || !strings.Contains(fault.Text(err), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if plans, n, err := s.intake.List(ctx, system, 10, 0); err != nil || n != 0 {
		t.Errorf("refused files left %d plans: %v %v", n, plans, err)
	}
}

func TestWhatIsWrongInsideAFileIsNamedWithItsCell(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	p := s.period("2019-H1")
	if err := s.periods.Close(ctx, system, p.Code, p.Version, "đã tổng hợp"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data     string
		at, want string
		state    intake.State // "" = a problem of the file
	}{
		"wrong sheet": {book(t, nil, map[string][][]any{"Lịch trực": {{"Ngày", "Người"}, {"1", "An"}}}), "Lịch trực!A1", "Không tìm thấy dòng tiêu đề", ""},
		"merged header": {book(t, func(f *excelize.File) { _ = f.MergeCell("Bảng", "C1", "D1") },
			map[string][][]any{"Bảng": {{"Đơn vị", "Chỉ tiêu", "Giá trị"}, {"P01", "DG01", 5}}}), "Bảng!C1", "C1:D1 bị gộp", ""},
		"text in a number cell": {sheetOf(t, []any{"P01", "2019-Q3", "DG01", "đã họp bàn"}), "Bảng!D2", "không đọc được số", intake.StateRefused},
		"formula error": {book(t, func(f *excelize.File) { _ = f.SetCellValue("Bảng", "D2", "#REF!") },
			map[string][][]any{"Bảng": {longHead, {"P01", "2019-Q3", "DG01", 1}}}), "Bảng!D2", "công thức trỏ tới ô đã bị xóa", intake.StateRefused},
		"formula without a result": {sheetOf(t, []any{"P01", "2019-Q3", "DG01", "=1+1"}), "Bảng!D2", "không lưu kết quả", intake.StateRefused},
		"a number in two readings": {sheetOf(t, []any{"P01", "2019-Q3", "DG05", "1.400"}), "Bảng!D2", "Hãy chọn", intake.StateQuestion},
		"unknown unit":             {sheetOf(t, []any{"Phường Đông Hài", "2019-Q3", "DG01", 5}), "Bảng!A2", "Phường Đông Hải (P01)", intake.StateRefused},
		"a name that several bear": {sheetOf(t, []any{"Hội LHPN", "2019-Q3", "DG01", 5}), "Bảng!A2", "P01.PN", intake.StateRefused},
		"unknown indicator":        {sheetOf(t, []any{"P01", "2019-Q3", "Ngày côg", 5}), "Bảng!C2", "DG02", intake.StateRefused},
		"duplicated row":           {sheetOf(t, []any{"P01", "2019-Q3", "DG01", 5}, []any{"Phường Đông Hải", "quý III/2019", "DG01", 5}), "Bảng!D2", "Trùng với Bảng!D3", intake.StateRefused},
		"closed period":            {sheetOf(t, []any{"P01", "2019-H1", "DG01", 5}), "Bảng!B2", "đã khoá sổ", intake.StateRefused},
		"no such period":           {sheetOf(t, []any{"P01", "quý V/2019", "DG01", 5}), "Bảng!B2", "quý", intake.StateRefused},
		"a number beyond all sums": {sheetOf(t, []any{"P01", "2019-Q3", "DG01", "100.000,1 tỷ"}), "Bảng!D2", "lớn quá mức", intake.StateRefused},
		"too many decimals":        {sheetOf(t, []any{"P01", "2019-Q3", "DG01", 1.5}), "Bảng!D2", "nhiều chữ số hơn", intake.StateRefused},
		"a ratio in a cell":        {sheetOf(t, []any{"P01", "2019-Q3", "DV02", "48/204"}), "Bảng!D2", "tỷ số", intake.StateRefused},
		"another unit of measure": {book(t, nil, map[string][][]any{"Bảng": {{"Đơn vị", "Kỳ", "Chỉ tiêu", "ĐVT", "Giá trị"}, {"P01", "2019-Q3", "DG01", "ngày công", 5}}}),
			"Bảng!E2", "khác với đơn vị", intake.StateRefused},
		"a date in a number cell": {book(t, func(f *excelize.File) {
			style, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
			_ = f.SetCellStyle("Bảng", "D2", "D2", style)
		}, map[string][][]any{"Bảng": {longHead, {"P01", "2019-Q3", "DG01", 43739}}}), "Bảng!D2", "ngày tháng", intake.StateRefused},
		"code and name that disagree": {book(t, nil, map[string][][]any{"Bảng": {{"Đơn vị", "Kỳ", "Mã", "Chỉ tiêu", "Giá trị"}, {"P01", "2019-Q3", "DG01", "Ngày công", 5}}}),
			"Bảng!C2", "Hãy sửa cho khớp", intake.StateRefused},
		"JSON: unknown field":          {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","valeu":5}]}`, "figures[0].valeu", "Có phải là “value”", ""},
		"JSON: field twice":            {`{"giaoban":1,"figures":[{"unit":"P01","unit":"P02","period":"2019-Q3","indicator":"DG01","value":5}]}`, "figures[0].unit", "hai lần", ""},
		"JSON: no version":             {`{"figures":[]}`, "giaoban", "phiên bản", ""},
		"JSON: wrong kind":             {`{"giaoban":1,"figures":[{"unit":["P01"],"period":"2019-Q3","indicator":"DG01","value":5}]}`, "figures[0].unit", "chuỗi ký tự", ""},
		"JSON: no value":               {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01"}]}`, "figures[0].value", "Thiếu giá trị", intake.StateRefused},
		"JSON: it must not add":        {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":5,"adds":false}]}`, "figures[0]", "được cộng", intake.StateRefused},
		"JSON: contradicting words":    {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":"gần 5 đồng","qualifier":"over"}]}`, "figures[0].qualifier", "không khớp", intake.StateRefused},
		"JSON: no such role":           {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":5,"companions":[{"role":"goal","value":6}]}]}`, "figures[0].companions[0].role", "vai trò", intake.StateRefused},
		"JSON: statement of no figure": {`{"giaoban":1,"statements":[{"unit":"P01","period":"2019-Q3","kind":"work","text":"Làm đường","figures":["x"]}]}`, "statements[0].figures[0]", "ref “x”", intake.StateRefused},
		"JSON: no such kind":           {`{"giaoban":1,"statements":[{"unit":"P01","period":"2019-Q3","kind":"poem","text":"Làm đường"}]}`, "statements[0].kind", "loại nội dung", intake.StateRefused},
		"JSON: no such part":           {`{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"AS07","part":"THUE","value":5}]}`, "figures[0].part", "XAY", intake.StateRefused},
	} {
		kind := "a.xlsx"
		if strings.HasPrefix(c.data, "{") {
			kind = "a.json"
		}
		plan := s.preview(system, kind, c.data, intake.Options{})
		if c.state == "" && len(plan.Problems) > 0 {
			if !has(plan.Problems, c.at, c.want) {
				t.Errorf("%s: %v, want %q at %s", name, plan.Problems, c.want, c.at)
			}
		} else if !hasLine(plan.Rows, c.at, c.want, c.state) {
			t.Errorf("%s: want %q at %s in\n%s", name, c.want, c.at, table(plan))
		}
		if _, err := s.intake.Apply(ctx, system, plan.ID, intake.Consent{}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("%s: applied: %v", name, err)
		}
	}
	var n int
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select (select count(*) from figure) + (select count(*) from figure_entry) + (select count(*) from report_statement)`).Scan(&n)
	}); err != nil || n != 0 {
		t.Errorf("something was half written: %d, %v", n, err)
	}
}

func has(list []intake.Problem, at, want string) bool {
	for _, p := range list {
		if p.Address == at && strings.Contains(p.Text, want) {
			return true
		}
	}
	return false
}

func hasLine(lines []intake.Line, at, want string, state intake.State) bool {
	for _, l := range lines {
		where := l.Where
		if where == "" {
			where = l.At
		}
		if where == at && strings.Contains(l.Text, want) && (state == "" || l.State == state) {
			return true
		}
	}
	return false
}

func TestRefusedLinesMayBeSkippedAndQuestionsAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		data := sheetOf(t, []any{"P01", "2019-Q3", "DG05", "1.400"}, []any{"P09", "2019-Q3", "DG01", 7}, []any{"P02", "2019-Q3", "DG01", 5_000_000})
		plan := s.preview(system, "a.xlsx", data, intake.Options{})
		if plan.Counts.Question != 1 || plan.Counts.Refused != 1 || plan.Counts.New != 1 {
			t.Fatalf("%+v\n%s", plan.Counts, table(plan))
		}
		out := s.apply(system, plan, intake.Consent{SkipRefused: true, Choices: map[string]int{"Bảng!D2": 1}})
		if out.Counts.New != 2 {
			t.Errorf("%+v", out.Counts)
		}
		if got := s.total("TX", "2019-Q3", "DG05"); got != "1,4 tấn" {
			t.Errorf("the second reading of 1.400 is %q", got)
		}
		if got := s.total("TX", "2019-Q3", "DG01"); got != "5 triệu đồng" {
			t.Errorf("total %q", got)
		}
		s.verified()
	})
}

func TestTextInAnOldEncodingIsShownAndConvertedOnConsentOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	const old = "Uû ban nh©n d©n ®· vËn ®éng nh©n d©n lµm ®\u00adêng"
	data := fmt.Sprintf(`{"giaoban":1,"statements":[{"unit":"P01","period":"2019-Q3","kind":"work","text":%q}]}`, old)
	plan := s.preview(system, "a.json", data, intake.Options{})
	if len(plan.Rows) != 1 || plan.Rows[0].State != intake.StateQuestion || len(plan.Rows[0].Legacy) != 1 {
		t.Fatal(table(plan))
	}
	if l := plan.Rows[0].Legacy[0]; l.Before != old || !strings.Contains(l.After, "nhân dân") || l.Encoding != "TCVN3" {
		t.Errorf("%+v", l)
	}
	if _, err := s.intake.Apply(ctx, system, plan.ID, intake.Consent{}); !fault.Is(err, fault.KindRefused) {
		t.Errorf("converted without consent: %v", err)
	}
	s.apply(system, plan, intake.Consent{ConvertLegacy: true})
	list, err := s.reports.Statements(ctx, system, "P01", "2019-Q3", false)
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Text, "nhân dân") {
		t.Errorf("%+v %v", list, err)
	}
}

func TestACellThatHasMovedOnIsShownAgainNotOverwritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		file := `{"giaoban":1,"figures":[{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":%d}]}`
		first := s.preview(system, "a.json", fmt.Sprintf(file, 5), intake.Options{})
		s.apply(system, s.preview(system, "b.json", fmt.Sprintf(file, 9), intake.Options{}), intake.Consent{})
		if _, err := s.intake.Apply(ctx, system, first.ID, intake.Consent{}); !fault.Is(err, fault.KindConflict) {
			t.Fatalf("overwritten: %v", err)
		}
		if got := s.total("P01", "2019-Q3", "DG01"); got != "9 đồng" {
			t.Errorf("total %q", got)
		}
		again, err := s.intake.Find(ctx, system, first.ID)
		if err != nil || again.Stage != intake.Previewed || again.Rows[0].State != intake.StateChanged || again.Rows[0].Before != "9 đồng" {
			t.Fatalf("%v\n%s", err, table(again))
		}
		s.apply(system, again, intake.Consent{}) // the person has seen the newer value and goes on
		if got := s.total("P01", "2019-Q3", "DG01"); got != "5 đồng" {
			t.Errorf("total %q", got)
		}
		// An undo keeps what was changed after the import.
		later := s.preview(system, "c.json", fmt.Sprintf(file, 11), intake.Options{})
		s.apply(system, later, intake.Consent{})
		if err := s.intake.Undo(ctx, system, first.ID, "sai nguồn"); err != nil {
			t.Fatal(err)
		}
		done, err := s.intake.Find(ctx, system, first.ID)
		if err != nil || len(done.Kept) != 1 || s.total("P01", "2019-Q3", "DG01") != "11 đồng" {
			t.Errorf("%v %v %s", err, done.Kept, s.total("P01", "2019-Q3", "DG01"))
		}
		s.verified()
	})
}

func TestAnOfficerImportsForTheirOwnUnitsOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		one, two := s.officer("mot", "P01"), s.officer("hai", "P02")
		office := s.officer("van-phong", "TX", auth.Consolidate, auth.Approve)
		data := `{"giaoban":1,"figures":[
			{"unit":"P01.PN","period":"2019-Q3","indicator":"DG01","value":5},
			{"unit":"P02.PN","period":"2019-Q3","indicator":"DG01","value":7},
			{"unit":"Hội LHPN Phường Tây Sơn","period":"2019-Q3","indicator":"DG02","value":7},
			{"unit":"P01.PN","period":"2020-Q1","indicator":"DG01","value":5}]}`
		plan := s.preview(one, "a.json", data, intake.Options{})
		var states []string
		for _, l := range plan.Rows {
			states = append(states, string(l.State))
		}
		if strings.Join(states, " ") != "new refused refused refused" {
			t.Fatalf("%v\n%s", states, table(plan))
		}
		if !strings.Contains(plan.Rows[1].Text, "Không có đơn vị “P02.PN”") || strings.Contains(plan.Rows[2].Text, "P02") || !strings.Contains(plan.Rows[3].Text, "chưa được mở") {
			t.Error(table(plan))
		}
		if _, err := s.intake.Find(ctx, two, plan.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling sees the plan: %v", err)
		}
		if _, err := s.intake.Bytes(ctx, two, plan.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling sees the file: %v", err)
		}
		if _, err := s.intake.Apply(ctx, two, plan.ID, intake.Consent{SkipRefused: true}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling applies the plan: %v", err)
		}
		if list, n, err := s.intake.List(ctx, two, 10, 0); err != nil || n != 0 || len(list) != 0 {
			t.Errorf("a sibling lists %d plans: %v", n, err)
		}
		s.apply(one, plan, intake.Consent{SkipRefused: true})
		if _, n, err := s.intake.List(ctx, office, 10, 0); err != nil || n != 1 {
			t.Errorf("the office lists %d plans: %v", n, err)
		}
		if f, err := s.intake.Bytes(ctx, office, plan.ID); err != nil || string(f.Data) != data {
			t.Errorf("the office cannot open the evidence: %v", err)
		}
		if err := s.intake.Undo(ctx, two, plan.ID, "thử"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling undoes: %v", err)
		}
		targets := `{"giaoban":1,"targets":[{"unit":"P01","period":"2019","indicator":"DV02","value":9}],"units":[{"code":"P03","kind":"place","level":"xa","name":"Phường mới","parent":"TX"}]}`
		if p := s.preview(one, "b.json", targets, intake.Options{}); p.Counts.Refused != 2 {
			t.Error(table(p))
		}
		if err := s.intake.Template(ctx, one, "P02.PN", "2019-Q3", &bytes.Buffer{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling's template: %v", err)
		}
		s.verified()
	})
}

func TestTheFileIsDroppedAfterThirtyDaysAndThePlanStays(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	plan := s.preview(system, "a.json", quarter, intake.Options{})
	s.clock.Advance(31 * 24 * 3600e9)
	if n, err := s.intake.Sweep(ctx); err != nil || n != 1 {
		t.Fatalf("swept %d, %v", n, err)
	}
	if _, err := s.intake.Bytes(ctx, system, plan.ID); !fault.Is(err, fault.KindRefused) {
		t.Errorf("%v", err)
	}
	if p, err := s.intake.Find(ctx, system, plan.ID); err != nil || p.Held || len(p.Rows) != len(plan.Rows) {
		t.Errorf("%+v %v", p.Held, err)
	}
}
