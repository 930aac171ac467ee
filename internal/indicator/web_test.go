package indicator

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/web/webtest"
)

func TestTheCatalogueIsSearchedAndReadAsOfADay(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	s := site(t, d)
	_, _, reader := people(t, d)
	c := webtest.NewStage(t, s.Mount).As(t, reader)
	if err := s.Retire(ctx, auth.System(), "CT11", 1, "2020-01-01", "không còn theo dõi"); err != nil {
		t.Fatal(err)
	}

	p := c.Get("/chi-tieu").OK().Has("Tuyên truyền, vận động", "Giá treo cờ", "Sửa chữa").LacksElement(`a[href="/chi-tieu/moi"]`)
	if n := p.Find("main tbody tr").Length(); n != len(catalog(t, s).All()) {
		t.Errorf("%d rows", n)
	}
	c.Get("/chi-tieu?ngay=1/1/2020").OK().Has("Ngày 01/01/2020").LacksElement(`main a[href="/chi-tieu/CT11"]`)
	c.Get("/chi-tieu?ngay=32/1/2020").Is(422).HasElement("#f-ngay-error")
	p = c.Get("/chi-tieu?tim=cong+lao+dong").OK().Has("Tìm thấy 1 chỉ tiêu.").HasElement(`a[href="/chi-tieu/DG02"]`)
	if n := p.Find("main tbody tr").Length(); n != 1 {
		t.Errorf("the search shows %d rows", n)
	}
	c.Get("/chi-tieu?tim=zzzz").OK().Has("Không tìm thấy chỉ tiêu nào")
	c.Get("/chi-tieu/GS06").OK().Has("tỷ lệ của hai chỉ tiêu").HasElement(`a[href="/chi-tieu/GS05"]`, `a[href="/chi-tieu/GS04"]`)
	c.Get("/chi-tieu/GS05").OK().Has("Dùng để tính").HasElement(`a[href="/chi-tieu/GS06"]`)
	c.Get("/chi-tieu/CT11").OK().Has("Chỉ tiêu này sẽ thôi dùng từ ngày 01/01/2020.")
	for _, path := range []string{"/chi-tieu/ZZ01", "/chi-tieu/tt01"} {
		c.Get(path).Is(404)
	}
}

func TestTheCatalogueDownloads(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	s := site(t, d)
	_, _, reader := people(t, d)
	c := webtest.NewStage(t, s.Mount).As(t, reader)
	if err := s.AddSynonym(ctx, auth.System(), "TT01", "=1+1", false); err != nil {
		t.Fatal(err)
	}
	n := len(catalog(t, s).All()) + 1

	p := c.Get("/chi-tieu/tep?dang=csv&ngay=2019-10-01").OK()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(p.Body, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != n || rows[1][0] != "TT01" || rows[1][2] != "Buổi tuyên truyền" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	p.Lacks(",=1+1", `"=1+1`)
	if got := p.Header.Get("Content-Disposition"); !strings.Contains(got, "chi-tieu-2019-10-01.csv") {
		t.Errorf("file name in %q", got)
	}
	p = c.Get("/chi-tieu/tep?dang=xlsx").OK()
	book, err := sheet.Open(bytes.NewReader(p.Body), int64(len(p.Body)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if book.Sheet("Chỉ tiêu") == nil {
		t.Error("the workbook has no sheet of that name")
	}
}

func TestTheOfficeEditsTheCatalogueInItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		office, _, _ := people(t, d)
		c := webtest.NewStage(t, s.Mount).As(t, office)

		c.Get("/chi-tieu").OK().HasElement(`a[href="/chi-tieu/moi"]`)
		c.Get("/chi-tieu/moi").OK().HasElement("form [name=code]")
		p := c.PostForm("/chi-tieu/moi", "code", "TT01", "name", "Cây xanh", "topic", "CT", "unit", "cây", "decimals", "0",
			"measure", "flow", "across", "sum", "better", "up").Is(422).HasElement("#f-code-error")
		if got := p.Value("name"); got != "Cây xanh" {
			t.Errorf("the typed name is lost: %q", got)
		}
		c.PostForm("/chi-tieu/moi", "code", "CT20", "name", "Cây xanh", "topic", "CT", "unit", "cây", "decimals", "hai",
			"measure", "flow", "across", "sum", "better", "up").Is(422).HasElement("#f-decimals-error")
		c.PostForm("/chi-tieu/moi", "code", "ct20", "name", "Cây xanh", "topic", "CT", "unit", "cây", "decimals", "0",
			"measure", "flow", "across", "sum", "better", "up", "synonyms", "Trồng cây\r\nTết trồng cây").Follow().OK().
			Has("Đã thêm chỉ tiêu CT20.", "Tết trồng cây", "mọi ngày")
		c.PostForm("/chi-tieu/moi", "code", "CT21", "name", "Tỷ lệ cây sống", "topic", "CT", "unit", "%", "decimals", "2",
			"measure", "rate", "across", "ratio", "better", "up").Is(422).HasElement("#f-numerator-error", "#f-denominator-error")

		c.PostForm("/chi-tieu/CT20/ban-moi", "version", "1", "from", "1/1/2020", "name", "Cây xanh đô thị", "topic", "CT",
			"ordinal", "15", "better", "up", "note", "").Follow().OK().Has("Cây xanh đô thị", "từ 01/01/2020", "đến trước 01/01/2020")
		c.PostForm("/chi-tieu/CT20/ban-moi", "version", "1", "from", "1/1/2021", "name", "Cây", "topic", "CT",
			"ordinal", "15", "better", "up").Is(409).Has("vừa được người khác sửa")
		c.PostForm("/chi-tieu/CT20/ten-khac", "version", "2", "synonym", "Đường hoa").Follow().OK().Has("Đường hoa")
		c.PostForm("/chi-tieu/CT20/ten-khac", "version", "2", "synonym", " ").Is(422).HasElement("#f-synonym-error")
		c.PostForm("/chi-tieu/CT20/ten-khac", "version", "2", "synonym", "gốc", "unit_synonym", "1").Follow().OK().Has("Đơn vị tính khác được nhận")
		c.PostForm("/chi-tieu/CT20/bo-ten-khac", "version", "2", "bo", "gốc", "bo_don_vi", "1").Follow().OK().LacksElement("main h3")
		c.PostForm("/chi-tieu/CT20/thanh-phan", "version", "2", "part_code", "?", "part_name", "Cây ăn quả", "part_kind", "part").
			Is(422).HasElement("#f-part_code-error")
		c.PostForm("/chi-tieu/CT20/thanh-phan", "version", "2", "part_code", "AQ", "part_name", "Cây ăn quả", "part_kind", "part").
			Follow().OK().Has("CT20.AQ", "Cây ăn quả")

		c.Get("/chi-tieu/CT08/thay-the").OK().Has("CT08")
		c.PostForm("/chi-tieu/CT08/thay-the", "version", "1", "at", "1/1/2020", "reason", "tính bằng km", "code", "CT18", "name", "Mương, rãnh thoát nước",
			"topic", "CT", "unit", "km", "decimals", "3", "measure", "flow", "across", "sum", "better", "up").Follow().OK().
			Has("Từ ngày 01/01/2020, chỉ tiêu CT18 thay thế CT08.", "Thay thế cho")
		c.Get("/chi-tieu/CT08").OK().Has("Được thay thế bằng", "tính bằng km", "(office)")
		c.PostForm("/chi-tieu/CT20/thoi-dung", "version", "2", "at", "", "reason", "thử").Is(422).HasElement("#f-at-error")
		c.PostForm("/chi-tieu/CT20/thoi-dung", "version", "2", "at", "1/6/2020", "reason", "thử").Follow().OK().Has("sẽ thôi dùng từ ngày 01/06/2020")
	})
}

func TestTheCatalogueIsChangedByNobodyElse(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	s := site(t, d)
	_, ward, reader := people(t, d)
	stage := webtest.NewStage(t, s.Mount)
	for _, who := range []auth.Actor{ward, reader} {
		c := stage.As(t, who)
		c.Get("/chi-tieu/TT01").OK().LacksElement("main form")
		for _, path := range []string{"/chi-tieu/moi", "/chi-tieu/TT01/thay-the"} {
			c.Get(path).Is(404)
		}
		for _, path := range []string{"/chi-tieu/moi", "/chi-tieu/TT01/ban-moi", "/chi-tieu/TT01/ten-khac", "/chi-tieu/TT01/bo-ten-khac",
			"/chi-tieu/TT01/thanh-phan", "/chi-tieu/TT01/thoi-dung", "/chi-tieu/TT01/thay-the"} {
			c.PostForm(path, "version", "1", "code", "XX01", "name", "x", "topic", "KH", "unit", "x", "decimals", "0", "measure", "flow",
				"across", "sum", "better", "up", "from", "2020-01-01", "at", "2020-01-01", "reason", "x", "ordinal", "1", "synonym", "x",
				"part_code", "XX", "part_name", "x", "part_kind", "of-which", "bo", "Số buổi tuyên truyền").Is(404)
		}
	}
	visitor := stage.As(t, auth.Actor{})
	visitor.Get("/chi-tieu").Is(303)
	visitor.Get("/chi-tieu/tep?dang=csv").Is(303)
}
