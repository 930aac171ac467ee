package exchange_test

import (
	"net/http"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func TestPagesOfTheTablesAndOfTheExport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		stage := webtest.NewStage(t, func(r *web.Router) { s.exchange.Mount(r); s.intake.Mount(r) })
		office, ward := stage.As(t, s.officer("van-phong", "TX", auth.Consolidate)), stage.As(t, s.officer("mot", "P01", auth.Consolidate))
		office.Get("/trao-doi").OK().Has("Chưa có bảng mã nào", "DHIS2 dataValueSets")
		ward.Get("/trao-doi").OK().Lacks("bảng mã nào", "(P02)")
		ward.Get("/trao-doi/bang-ma").Is(http.StatusNotFound)
		office.PostForm("/trao-doi/bang-ma", "ma", "Tỉnh", "ten", "", "bang", "đơn vị | a").Is(http.StatusUnprocessableEntity).Has("Tên tắt gồm", "Hãy đặt tên", "Dòng 1: cần ba cột", "đơn vị | a")
		page := office.PostForm("/trao-doi/bang-ma", "ma", "tinh", "ten", "Hệ thống tỉnh", "bang", demoCodes).Follow().OK().Has("Đã lưu bảng mã.", "DiszpKrYNg8 | P01")
		path := strings.TrimPrefix(page.Asked, "GET ")
		ward.Get(path).Is(http.StatusNotFound)
		office.PostForm(path, "version", "1", "ten", "Hệ thống tỉnh", "bang", demoCodes+"kỳ | 2020April | 2020\n").Follow().OK().Has("kỳ | 2020April | 2020")
		office.PostForm(path, "version", "1", "ten", "Hệ thống tỉnh", "bang", demoCodes).Is(http.StatusConflict).Has("vừa được người khác sửa")

		office.Get("/nhap").OK().HasElement("select[name=bang-ma] option[value=tinh]")
		plan := office.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "a.json", Data: public(t, "set.json")}}, "bang-ma", "tinh").Follow().OK().Has("tệp DHIS2", "Phường P01")
		office.PostForm(strings.TrimPrefix(plan.Asked, "GET ") + "/ghi").Follow().OK().Has("Đã ghi 3 dòng mới")
		f := office.Get("/trao-doi/xuat?ky=2014-01&dang=dhis2&bang-ma=tinh").OK()
		if !strings.Contains(f.Header.Get("Content-Disposition"), "so-lieu-2014-01.dhis2.json") || len(dhis(t, "", f.Body)) != 3 {
			t.Errorf("%s %s", f.Header.Get("Content-Disposition"), f.Body)
		}
		office.Get("/trao-doi/xuat?dang=adx").Is(http.StatusUnprocessableEntity).Has("Hãy chọn kỳ.")
		office.Get("/trao-doi/xuat?ky=2019-9M&dang=dhis2").Is(http.StatusConflict).Has("DHIS2 không có cách ghi")
		ward.Get("/trao-doi/xuat?ky=2014-01&dang=csv&don-vi=P02").Is(http.StatusNotFound)
	})
}
