package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/intake"
	"giaoban/internal/web/webtest"
)

// zipped makes an archive; names are taken as they are.
func zipped(t testing.TB, files ...intake.File) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// templates asks for the forms of many bodies.
func (s *site) templates(who auth.Actor, unit string, shape intake.Shape) []byte {
	s.t.Helper()
	var out bytes.Buffer
	if _, err := s.intake.Templates(ctx, who, unit, "2019-Q3", shape, &out); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

func unzipped(t testing.TB, data []byte) (files []intake.File) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, intake.File{Name: e.Name, Data: b})
	}
	return files
}

// put writes values into a form's sheet by the indicator's code.
func put(t testing.TB, data []byte, sheet string, values map[string]string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		if v, ok := values[row[0]]; ok {
			if err := f.SetCellStr(sheet, fmt.Sprintf("F%d", i+1), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lines finds the lines of a state.
func lines(p intake.Plan, state intake.State) (out []intake.Line) {
	for _, l := range p.Rows {
		if l.State == state {
			out = append(out, l)
		}
	}
	return out
}

func TestTheFormsOfManyBodiesComeBackTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		forms := unzipped(t, s.templates(office, "", intake.Zip))
		if len(forms) != 8 { // nobody owes a report yet: the forms are of all units
			t.Fatalf("%d forms", len(forms))
		}
		var filled []intake.File
		for _, f := range forms {
			switch f.Name {
			case "bieu-mau-p01.pn-2019-q3.xlsx":
				f.Data = put(t, f.Data, "Số liệu", map[string]string{"DG01": "5 triệu đồng", "DG05": "17,6"})
			case "bieu-mau-p02.pn-2019-q3.xlsx":
				f.Data = put(t, f.Data, "Số liệu", map[string]string{"DG01": "7 triệu đồng", "DG05": "cuối quý"})
			default:
				continue
			}
			filled = append(filled, f)
		}
		filled = append(filled, intake.File{Name: "ghi chú.docx", Data: []byte("không phải bảng tính")})
		plan := s.preview(office, "bieu-mau.zip", string(zipped(t, filled...)), intake.Options{})
		if plan.Kind != intake.Many || len(plan.Problems) != 0 || plan.Counts.New != 3 || plan.Counts.Refused != 2 {
			t.Fatalf("%s", table(plan))
		}
		bodies := plan.Bodies()
		if len(bodies) != 2 || bodies[0].Unit != "P01.PN" || bodies[0].Counts.New != 2 || bodies[1].Counts.New != 1 || bodies[1].Counts.Refused != 1 {
			t.Fatalf("%+v", bodies)
		}
		for _, l := range lines(plan, intake.StateRefused) {
			if !strings.HasPrefix(l.At, "bieu-mau-p02.pn-2019-q3.xlsx: Số liệu!F") && l.At != "ghi chú.docx" {
				t.Errorf("a refused line at %q", l.At)
			}
		}
		if _, err := s.intake.Apply(ctx, office, plan.ID, intake.Consent{}); !fault.Is(err, fault.KindRefused) {
			t.Fatalf("refused lines did not stop the drop: %v", err)
		}
		if got := s.total("TX", "2019-Q3", "DG01"); got != "" {
			t.Fatalf("half a drop was written: %s", got)
		}
		s.apply(office, plan, intake.Consent{SkipRefused: true})
		if got := s.total("TX", "2019-Q3", "DG01"); got != "12 triệu đồng" {
			t.Errorf("total %q", got)
		}
		if err := s.intake.Undo(ctx, office, plan.ID, "gửi nhầm kỳ"); err != nil {
			t.Fatal(err)
		}
		if got := s.total("TX", "2019-Q3", "DG01"); got != "" {
			t.Errorf("after the undo %q", got)
		}
		s.verified()
	})
}

func TestAWorkbookWithASheetForEachBodyComesBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		data := s.templates(office, "P01", intake.Book)
		data = put(t, data, "P01.PN", map[string]string{"DG01": "5 triệu đồng", "DG03": "1.200 m2"})
		data = put(t, data, "P01.ND", map[string]string{"DG01": "trên 2 triệu đồng"})
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for at, v := range map[string]string{"A2": "P01.ND", "B2": "Mô hình, điển hình", "C2": "Mô hình “Tiếng kẻng vùng biên”", "F2": "DG01"} {
			if err := f.SetCellStr("Nội dung", at, v); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := f.Write(&out); err != nil {
			t.Fatal(err)
		}
		plan := s.preview(office, "nhieu.xlsx", out.String(), intake.Options{})
		if len(plan.Bodies()) != 2 || plan.Counts.New != 4 || plan.Counts.Statements != 1 || plan.Counts.Refused != 0 {
			t.Fatalf("%s", table(plan))
		}
		if plan.Rows[0].At != "P01.ND!F"+strings.TrimPrefix(plan.Rows[0].At, "P01.ND!F") && plan.Rows[0].At != "P01.PN!F"+strings.TrimPrefix(plan.Rows[0].At, "P01.PN!F") {
			t.Errorf("the address is %q", plan.Rows[0].At)
		}
		s.apply(office, plan, intake.Consent{})
		if got := s.total("P01", "2019-Q3", "DG01"); got != "trên 7 triệu đồng" {
			t.Errorf("total %q", got)
		}
		// What came back once is equal when it comes back again.
		if again := s.preview(office, "nhieu.xlsx", string(s.templates(office, "P01", intake.Book)), intake.Options{}); again.Counts.New+again.Counts.Changed+again.Counts.Refused != 0 || again.Counts.Equal != 4 {
			t.Errorf("%s", table(again))
		}
	})
}

func TestOfTwoFormsOfOneBodyOneIsChosen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		var form bytes.Buffer
		if err := s.intake.Template(ctx, office, "P01.PN", "2019-Q3", &form); err != nil {
			t.Fatal(err)
		}
		early := put(t, form.Bytes(), "Số liệu", map[string]string{"DG01": "5 triệu đồng"})
		late := put(t, form.Bytes(), "Số liệu", map[string]string{"DG01": "6 triệu đồng"})
		drop, err := intake.AsOne([]intake.File{{Name: "sáng.xlsx", Data: early}, {Name: "chiều.xlsx", Data: late}, {Name: "sáng - Copy.xlsx", Data: early}})
		if err != nil {
			t.Fatal(err)
		}
		plan := s.preview(office, drop.Name, string(drop.Data), intake.Options{})
		if len(plan.Rows) != 1 || plan.Rows[0].State != intake.StateQuestion || strings.Join(plan.Rows[0].Readings, "; ") != "sáng.xlsx; chiều.xlsx" || len(plan.Notes) != 1 {
			t.Fatalf("%s %v", table(plan), plan.Notes)
		}
		// What is chosen has not been seen cell by cell: the first answer shows it, the second writes it.
		pick := intake.Consent{Choices: map[string]int{plan.Rows[0].At: 1}}
		if _, err := s.intake.Apply(ctx, office, plan.ID, pick); !fault.Is(err, fault.KindConflict) {
			t.Fatalf("figures that nobody has seen were written: %v", err)
		}
		shown, err := s.intake.Find(ctx, office, plan.ID)
		if err != nil || shown.Counts.New != 1 || shown.Stage != intake.Previewed {
			t.Fatalf("%v %s", err, table(shown))
		}
		s.apply(office, plan, intake.Consent{})
		if got := s.total("P01", "2019-Q3", "DG01"); got != "6 triệu đồng" {
			t.Errorf("total %q", got)
		}
	})
}

func TestADropKeepsToItsLimitsAndToItsSendersUnits(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	office, ward := s.officer("van-phong", "TX"), s.officer("mot", "P01")
	refused := func(name string, data []byte, kind fault.Kind, says string) {
		t.Helper()
		_, err := s.intake.Preview(ctx, office, intake.File{Name: name, Data: data}, intake.Options{})
		if !fault.Is(err, kind) || !strings.Contains(fault.Text(err), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	row := func(unit string, v any) []byte { return []byte(sheetOf(t, []any{unit, "2019-Q3", "DG01", v})) }
	refused("bom.zip", zipped(t, intake.File{Name: "a.csv", Data: bytes.Repeat([]byte{'1'}, 101<<20)}), fault.KindTooLarge, "giải nén lớn hơn 100 MB")
	var many []intake.File
	for i := range 1001 {
		many = append(many, intake.File{Name: fmt.Sprintf("%d.csv", i)})
	}
	refused("nhieu.zip", zipped(t, many...), fault.KindTooLarge, "quá giới hạn 1000 tệp")

	// Names are shown and lead nowhere; what systems leave beside the files is passed over; an archive in an archive is not opened.
	plan := s.preview(office, "la.zip", string(zipped(t,
		intake.File{Name: "../../etc/passwd.xlsx", Data: row("P01", 5)}, intake.File{Name: `C:\ngoai\b.xlsx`, Data: row("P02", 6)},
		intake.File{Name: "__MACOSX/._b.xlsx", Data: []byte("x")}, intake.File{Name: "~$b.xlsx", Data: []byte("x")},
		intake.File{Name: "trong.zip", Data: zipped(t, intake.File{Name: "a.xlsx", Data: row("P01", 7)})},
	)), intake.Options{})
	if plan.Counts.New != 2 || plan.Counts.Refused != 1 || !strings.Contains(table(plan), "trong.zip file refused") || !strings.Contains(table(plan), "../../etc/passwd.xlsx: Bảng!D2") {
		t.Errorf("%s", table(plan))
	}
	// A workbook of a drop may unpack to less than one that comes alone.
	var bombs []intake.File
	for i := range 3 {
		bombs = append(bombs, intake.File{Name: fmt.Sprintf("%02d.xlsx", i), Data: append([]byte(bomb(t, 70)), byte(i))}) // no twins
	}
	if plan := s.preview(office, "bom.zip", string(zipped(t, bombs...)), intake.Options{}); plan.Counts.Refused != 3 || !strings.Contains(table(plan), "giải nén lớn hơn") {
		t.Errorf("%s", table(plan))
	}
	// A ward's officer sends the form of another ward along: that file is refused, and nobody learns what the other has.
	other := s.preview(ward, "hai.zip", string(zipped(t, intake.File{Name: "a.xlsx", Data: row("P01", 5)}, intake.File{Name: "b.xlsx", Data: row("P02", 6)})), intake.Options{})
	if other.Counts.New != 1 || other.Counts.Refused != 1 || strings.Contains(table(other), "Tây Sơn") {
		t.Errorf("%s", table(other))
	}
}

func TestThePageTakesSeveralFilesAndGivesManyForms(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	stage := webtest.NewStage(t, s.intake.Mount)
	c := stage.As(t, s.officer("van-phong", "TX"))
	one, two := sheetOf(t, []any{"P01", "2019-Q3", "DG01", 5_000_000}), sheetOf(t, []any{"P02", "2019-Q3", "DG01", 6_000_000})
	page := c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "một.xlsx", Data: []byte(one)}, {Field: "file", Name: "hai.xlsx", Data: []byte(two)}}).Follow().OK().
		Has("Từng đơn vị (2)", "2 tệp (một …).zip", "một.xlsx: Bảng!D2", "hai.xlsx: Bảng!D2")
	path := strings.TrimPrefix(page.Asked, "GET ")
	c.Get(path+"?don-vi=P02").OK().Has("Từng dòng của Phường Tây Sơn", "hai.xlsx: Bảng!D2").LacksElement(`th:contains("một.xlsx")`)
	c.PostForm(path + "/ghi").Follow().OK().Has("Đã ghi 2 dòng mới")

	c.Get("/nhap").OK().Has("Biểu mẫu của nhiều đơn vị cùng lúc")
	z := c.Get("/nhap/mau-nhieu?ky=2019-Q3&dang=zip&don-vi=P01").OK()
	if !strings.Contains(z.Header.Get("Content-Disposition"), "bieu-mau-p01-2019-q3.zip") || len(unzipped(t, z.Body)) != 3 {
		t.Errorf("%s", z.Header.Get("Content-Disposition"))
	}
	if b := c.Get("/nhap/mau-nhieu?ky=2019-Q3&dang=book").OK(); !strings.Contains(b.Header.Get("Content-Disposition"), "bieu-mau-cac-don-vi-2019-q3.xlsx") {
		t.Errorf("%s", b.Header.Get("Content-Disposition"))
	}
	c.Get("/nhap/mau-nhieu?don-vi=P01").Is(http.StatusUnprocessableEntity).Has("Hãy chọn kỳ.")
	stage.As(t, s.officer("mot", "P01")).Get("/nhap/mau-nhieu?ky=2019-Q3&don-vi=P02").Is(http.StatusNotFound)
}
