package period

import (
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web/webtest"
)

func TestTheOfficeMakesClosesAndReopensAPeriod(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		office := fixture(t, d)
		c := webtest.NewStage(t, site(d).Mount).As(t, office)

		c.Get("/ky").OK().Has("Chưa có kỳ nào", "Thêm kỳ")
		if got := c.Get("/ky/moi").OK().Value("period"); got != "2019-Q4" {
			t.Errorf("the form offers %q, want the quarter of today", got)
		}
		p := c.PostForm("/ky/moi", "period", "quá 3/2019", "due", "25/9/2019").Is(422)
		p.HasElement("#f-period-error")
		if got := p.Value("due"); got != "25/9/2019" {
			t.Errorf("the typed day is lost: %q", got)
		}
		p = c.PostForm("/ky/moi", "period", "quý III/2019", "due", "25/9/2019").Follow().OK()
		p.Has("Quý III năm 2019", "từ 01/07/2019 đến hết 30/09/2019", "25/09/2019", "đã qua hạn", "đang mở")
		c.PostForm("/ky/moi", "period", "2019-Q3").Is(422).Has("đã có trong danh sách")

		c.PostForm("/ky/2019-q3/han", "version", "2", "due", "").Follow().OK().Has("Đã ghi hạn nộp báo cáo.", "chưa đặt")
		c.PostForm("/ky/2019-q3/khoa", "version", "3", "reason", "").Is(422).HasElement("#f-reason-error")
		c.PostForm("/ky/2019-q3/khoa", "version", "1", "reason", "đã giao ban").Is(409).Has("vừa được người khác sửa")
		c.PostForm("/ky/2019-q3/khoa", "version", "3", "reason", "đã giao ban").Follow().OK().
			Has("đã khoá sổ", "Lý do: đã giao ban", "(office)", "Mở lại kỳ này")
		c.PostForm("/ky/2019-q3/mo", "version", "4", "reason", "thiếu số liệu").Follow().OK().Has("đang mở", "Lý do: thiếu số liệu")

		c.PostForm("/ky/moi", "period", "2018-Q3").Follow().OK()
		c.Get("/ky/2019-q3").OK().HasElement(`a[href="/ky/2018-q3"]`).LacksElement(`a[href="/ky/2019-q2"]`)
		c.PostForm("/ky/moi", "period", "2019").Follow().OK()
		c.Get("/ky?loai=year").OK().Has("Năm 2019").LacksElement(`main a[href="/ky/2019-q3"]`)
		for _, path := range []string{"/ky/2017-q1", "/ky/2019-Q3", "/ky/abc"} {
			c.Get(path).Is(404)
		}
	})
}

func TestPeriodsAreReadByAllWhoViewAndChangedByNoOther(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	fixture(t, d)
	ensure(t, d, "2019-Q3")
	stage := webtest.NewStage(t, site(d).Mount)
	for _, who := range []auth.Actor{actor("viewer", 1, auth.View), actor("ward", 2, auth.View, auth.Consolidate)} {
		c := stage.As(t, who)
		c.Get("/ky").OK().Has("Quý III năm 2019").LacksElement(`a[href="/ky/moi"]`)
		c.Get("/ky/2019-q3").OK().LacksElement("main form")
		c.Get("/ky/moi").Is(404)
		c.PostForm("/ky/moi", "period", "2019-Q4").Is(404)
		c.PostForm("/ky/2019-q3/khoa", "version", "1", "reason", "thử").Is(404)
		c.PostForm("/ky/2019-q3/han", "version", "1", "due", "2019-10-10").Is(404)
	}
	visitor := stage.As(t, auth.Actor{})
	if to := visitor.Get("/ky").Is(303).Location(); to != "/dang-nhap?tiep=%2Fky" {
		t.Errorf("a visitor is led to %s", to)
	}
	visitor.PostForm("/ky/moi", "period", "2019-Q4").Is(404)
}
