package figure_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web/webtest"
)

func TestThePageOfACell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		for _, p := range []string{"2018-Q4", "2019-Q1", "2019-Q2", "2019-Q3"} {
			s.save(s.input("P01", s.period(p), s.money(), map[string]string{"2018-Q4": "5 triệu", "2019-Q1": "7 triệu", "2019-Q2": "hàng trăm", "2019-Q3": "9,5 triệu"}[p]))
		}
		stage := s.stage()
		c := stage.As(t, s.person("mot", "P01", auth.View, auth.Enter))
		reader := stage.As(t, s.person("xem", "TX", auth.View))
		sibling := stage.As(t, s.person("hai", "P02", auth.View, auth.Enter))
		path := "/so-lieu/P01/2019-q3/o/" + s.money().Code

		page := c.Get(path).OK().Has("9,5 triệu đồng", "7.000.000", "hàng trăm", "Chưa có ý kiến nào")
		page.HasElement(`svg[role="img"] > title`, `svg > desc`)
		if n := page.Find("tbody tr").Length(); n != 4 {
			t.Errorf("the past has %d rows, want the 4 since its first figure", n)
		}
		c.PostForm(path+"/y-kien", "y-kien", " ").Is(http.StatusUnprocessableEntity)
		c.PostForm(path+"/y-kien", "y-kien", "Đã đối chiếu với sổ quỹ").Follow().OK().Has("Đã đối chiếu với sổ quỹ", "Cán bộ mot")

		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 10, 10))); err != nil {
			t.Fatal(err)
		}
		c.PostFiles(path+"/tai-lieu", []webtest.Upload{{Field: "tep", Name: "biên lai.gif", Data: b.Bytes()}}, "ghi-chu", "Biên lai tháng 9").Follow().OK().Has("biên lai.png", "Biên lai tháng 9")
		c.PostFiles(path+"/tai-lieu", []webtest.Upload{{Field: "tep", Name: "x.png", Data: []byte("<script>")}}).Is(http.StatusUnprocessableEntity).Has("Chỉ nhận ảnh")
		href, _ := reader.Get(path).OK().LacksElement("main form").Find(`a[href*="/tai-lieu/"]`).Attr("href")
		file := reader.Get(href).OK()
		if file.Header.Get("Content-Type") != "image/png" || file.Header.Get("Content-Disposition")[:10] != "attachment" {
			t.Errorf("the file comes as %v", file.Header)
		}
		reader.PostForm(path+"/y-kien", "y-kien", "x").Is(http.StatusNotFound)
		sibling.Get(path).Is(http.StatusNotFound)
		sibling.Get(href).Is(http.StatusNotFound)
		sibling.PostForm(path+"/y-kien", "y-kien", "x").Is(http.StatusNotFound)
		c.Get("/so-lieu/P01/2019-q3/o/" + "GS06").Is(http.StatusNotFound)
	})
}
