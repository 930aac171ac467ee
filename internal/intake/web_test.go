package intake_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/intake"
	"giaoban/internal/web/webtest"
)

func TestPagesCarryAFileFromUploadToUndo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		stage := webtest.NewStage(t, s.intake.Mount)
		one, two := s.officer("mot", "P01"), s.officer("hai", "P02")
		c, other := stage.As(t, one), stage.As(t, two)
		c.Get("/nhap").OK().Has("Gửi tệp", "Chưa có lần nhập nào", "Phường Đông Hải (P01)").Lacks("P02.PN")
		data := sheetOf(t, []any{"P01", "2019-Q3", "DG05", "1.400"}, []any{"P09", "2019-Q3", "DG01", 7}, []any{"P01.PN", "2019-Q3", "DG01", 5_000_000})
		page := c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "bảng.xlsx", Data: []byte(data)}}).Follow().OK()
		page.Has("Xem trước: bảng.xlsx", "Bảng!D2", "cần chọn", "Không có đơn vị “P09”", "bị từ chối (1)", "5 triệu đồng", "1400 tấn")
		path := strings.TrimPrefix(page.Asked, "GET ")
		// Problems come first.
		if first := page.Text("table.cards tbody tr:first-child"); !strings.Contains(first, "bị từ chối") {
			t.Errorf("first row: %s", first)
		}
		c.Get(path + "?trang-thai=new").OK().Has("5 triệu đồng").LacksElement(`td:contains("P09")`)
		c.PostForm(path+"/ghi").Is(http.StatusConflict).Has("chưa ghi gì", "Bảng!A3")
		c.PostForm(path+"/ghi", "bo-qua", "1", "chon-0", "0").Follow().OK().Has("Đã ghi 2 dòng mới", "Lần nhập: bảng.xlsx", "đã ghi").
			HasElement(`a.num[href^="/so/P01.PN/2019-q3/DG01"]`)
		c.PostForm(path + "/ghi").Is(http.StatusConflict)
		if got := s.total("P01", "2019-Q3", "DG05"); got != "1.400,0 tấn" {
			t.Errorf("total %q", got)
		}
		if p := c.Get(path + "/tep").OK(); !bytes.Equal(p.Body, []byte(data)) || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
			t.Error("the file is not given back as it was sent")
		}
		c.PostForm(path + "/hoan-tac").Is(http.StatusUnprocessableEntity).Has("Hãy nêu lý do hoàn tác.")
		c.PostForm(path+"/hoan-tac", "reason", "nhầm kỳ").Follow().OK().Has("Đã hoàn tác lần nhập này", "nhầm kỳ")
		if got := s.total("P01", "2019-Q3", "DG05"); got != "" {
			t.Errorf("after undo %q", got)
		}
		for _, p := range []string{path, path + "/tep", "/nhap/mau/P01/2019-q3", "/nhap/khong-co"} {
			other.Get(p).Is(http.StatusNotFound).Lacks("bảng.xlsx")
		}
		other.PostForm(path+"/hoan-tac", "reason", "thử").Is(http.StatusNotFound)
		other.Get("/nhap").OK().Lacks("bảng.xlsx")
		stage.As(t, auth.Actor{}).Get(path).Is(http.StatusSeeOther)
	})
}

func TestThePageSaysWhyAFileIsRefusedAndGivesTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	stage := webtest.NewStage(t, s.intake.Mount)
	c := stage.As(t, s.officer("mot", "P01"))
	c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "a.xlsx", Data: []byte("không phải Excel")}}).Is(http.StatusUnprocessableEntity).Has("không phải sổ tính Excel")
	c.PostFiles("/nhap", nil).Is(http.StatusUnprocessableEntity).Has("Hãy chọn tệp.")
	c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "a.xlsx", Data: []byte(book(t, nil, map[string][][]any{"Lịch": {{"Ngày"}, {"1"}}}))}}).
		Follow().OK().Has("Tệp có lỗi, chưa nhập được", "Lịch!A1").LacksElement(`form[action$="/ghi"]`)
	form := c.Get("/nhap/mau?don-vi=P01&ky=2019-Q3").Follow().OK()
	if !bytes.HasPrefix(form.Body, []byte("PK")) || !strings.Contains(form.Header.Get("Content-Disposition"), "bieu-mau-p01-2019-q3.xlsx") {
		t.Errorf("%s", form.Header.Get("Content-Disposition"))
	}
	c.Get("/nhap/mau?ky=2019-Q3").Is(http.StatusUnprocessableEntity).Has("Hãy chọn đơn vị.")
}

func TestALongPreviewIsPaged(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	stage := webtest.NewStage(t, s.intake.Mount)
	var rows [][]any
	for _, in := range s.catalog.All() {
		rows = append(rows, []any{"P01", "2019-Q3", in.Code, "5"}, []any{"P02", "2019-Q3", in.Code, "6"})
	}
	who := s.officer("van-phong", "TX")
	plan := s.preview(who, "dai.xlsx", sheetOf(t, rows...), intake.Options{})
	if len(plan.Rows) < 150 {
		t.Fatalf("%d rows", len(plan.Rows))
	}
	c := stage.As(t, who)
	if n := c.Get(plan.Path()).OK().HasElement("nav.pager").Find("table.cards tbody tr").Length(); n != 100 {
		t.Errorf("%d rows on the first page", n)
	}
	if n := c.Get(plan.Path() + "?trang=2").OK().Find("table.cards tbody tr").Length(); n != len(plan.Rows)-100 {
		t.Errorf("%d rows on the second page", n)
	}
}

// A form is not chosen until both the unit and the period are: the message stands at the choice that is missing.
func TestTheChoiceOfAFormSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	c := webtest.NewStage(t, s.intake.Mount).As(t, s.officer("mot", "P01"))
	p := c.Get("/nhap/mau").Is(http.StatusUnprocessableEntity).Has("Hãy chọn đơn vị.", "Hãy chọn kỳ.").
		HasElement("select#f-mau-ky[aria-invalid=true][aria-describedby=f-mau-ky-error]", ".summary a[href='#f-mau-don-vi']")
	if n := p.Find(".complaint").Length(); n != 2 {
		t.Errorf("%d messages at fields, want 2", n)
	}
	c.Get("/nhap/mau?don-vi=P01&ky=2019-x").Is(http.StatusUnprocessableEntity).Has("không đọc được kỳ báo cáo").HasElement("select#f-mau-ky[aria-invalid=true]")
	if got := c.Get("/nhap/mau?don-vi=P01&ky=2019-Q3").Is(http.StatusSeeOther).Location(); got != "/nhap/mau/P01/2019-q3" {
		t.Errorf("the form is at %s", got)
	}
}

// A file that brings nothing offers no button to save it, and says why.
func TestAFileThatBringsNothingCannotBeSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	c := webtest.NewStage(t, s.intake.Mount).As(t, s.officer("mot", "P01"))
	send := func(rows ...[]any) *webtest.Page {
		return c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "bảng.xlsx", Data: []byte(sheetOf(t, rows...))}}).Follow().OK()
	}
	send([]any{"P09", "2019-Q3", "DG01", 7}, []any{"P01", "2019-Q3", "KHÔNG CÓ", 7}).
		Has("Chưa có dòng nào ghi được: 2 dòng bị từ chối.").LacksElement("form[action$='/ghi']")
	page := send([]any{"P01", "2019-Q3", "DG01", 5_000_000}).HasElement("form[action$='/ghi']").Lacks("Chưa có dòng nào")
	c.PostForm(strings.TrimPrefix(page.Asked, "GET ") + "/ghi").Follow().OK().Has("Đã ghi 1 dòng mới")
	send([]any{"P01", "2019-Q3", "DG01", 5_000_000}).Has("Tệp không có gì mới").LacksElement("form[action$='/ghi']")
}
