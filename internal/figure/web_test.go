package figure_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web/webtest"
)

// person makes somebody who holds permissions over a unit.
func (s *site) person(id, unit string, perms ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit, "2019-10-01")
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		for _, p := range perms {
			if _, err := tx.Exec(ctx, `insert into access_role(code, name, ordinal) values ($1,$1,1) on conflict (code) do nothing`, id); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, id, string(p)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$2,$1,'','vi',false,0,1)`, id, "Cán bộ "+id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,'0001-01-01','9999-12-31')`, id, u.ID)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return auth.Actor{Person: id, Name: "Cán bộ " + id, Grants: []auth.Grant{{Unit: u.ID, Permissions: perms}}}
}

func (s *site) stage() *webtest.Stage { return webtest.NewStage(s.t, s.figures.Mount) }

func (s *site) own(unit, per, code string) string {
	s.t.Helper()
	p := s.period(per)
	in, _ := s.catalog.ByCode(code)
	u := s.unit(unit, p.To)
	own, err := s.figures.Own(ctx, system, figure.Submitted, u, []period.Period{p})
	if err != nil {
		s.t.Fatal(err)
	}
	v := own[figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID}]
	return figure.Short(v.Value, v.Raw, in)
}

func TestTheFormOfAUnit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.period("2019-Q3")
		stage := s.stage()
		c := stage.As(t, s.person("phuong-1", "P01", auth.View, auth.Enter))
		const path = "/so-lieu/P01.PN/2019-q3"

		t.Run("what people write is saved and its reading stands beside it", func(t *testing.T) {
			c.Get(path).OK().HasElement(`input[name="v-DG01"]`, `input[name="v-HV01.DTTS"]`)
			p := c.PostForm(path, "v-DG01", "1,5 tỷ", "e-DG01", "0", "v-TT01", "trên 20", "e-TT01", "0", "v-TT02", "", "e-TT02", "0").Follow().OK()
			p.Has("Đã lưu 2 ô.", "= 1.500.000.000 đồng", "Đã có số liệu 2 trên")
			if got := p.Value("v-DG01"); got != "1,5 tỷ" {
				t.Errorf("the input shows %q, want what was written", got)
			}
			if got := p.Value("e-DG01"); got != "1" {
				t.Errorf("the page sends back version %q, want 1", got)
			}
		})
		t.Run("one bad cell keeps all from being saved, and what was typed stays", func(t *testing.T) {
			p := c.PostForm(path, "v-TT02", "300", "e-TT02", "0", "v-DG02", "hai mươi lăm con", "e-DG02", "0").Is(http.StatusUnprocessableEntity)
			p.HasElement(`#f-v-DG02[aria-invalid="true"]`, `.summary a[href="#f-v-DG02"]`)
			if got := p.Value("v-TT02") + "|" + p.Value("v-DG02"); got != "300|hai mươi lăm con" {
				t.Errorf("typed values came back as %q", got)
			}
			if got := s.own("P01.PN", "2019-Q3", "TT02"); got != "" {
				t.Errorf("the good cell was saved as %q", got)
			}
		})
		t.Run("a number in two readings is asked about, and the answer is taken", func(t *testing.T) {
			p := c.PostForm(path, "v-DG04", "1.400", "e-DG04", "0").Is(http.StatusUnprocessableEntity)
			p.HasElement(`input[type="radio"][name="c-DG04"]`)
			choice, _ := p.Find(`input[name="c-DG04"]`).First().Attr("value")
			c.PostForm(path, "v-DG04", "1.400", "e-DG04", "0", "q-DG04", p.Value("q-DG04"), "c-DG04", choice).Follow().OK()
			in, _ := s.catalog.ByCode("DG04")
			want, err := figure.Read(choice, in)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.own("P01.PN", "2019-Q3", "DG04"); got != viet.FormatPlain(want.Value, in.Decimals) {
				t.Errorf("saved %q, want the reading %q", got, choice)
			}
		})
		t.Run("a cell that somebody else wrote meanwhile shows both values", func(t *testing.T) {
			c.PostForm(path, "v-TT02", "100", "e-TT02", "0").Follow().OK()
			p := c.PostForm(path, "v-TT02", "250", "o-TT02", "", "e-TT02", "0").Follow().OK()
			p.Has("100 lượt người", "250 lượt người")
			if got := s.own("P01.PN", "2019-Q3", "TT02"); got != "100" {
				t.Errorf("the first value was lost: %q", got)
			}
			action, _ := p.Find(".rivals form").First().Attr("action")
			c.PostForm(action, "chon", "sau", "e", "1").Follow().OK().Has("Đã chọn giá trị")
			if got := s.own("P01.PN", "2019-Q3", "TT02"); got != "250" {
				t.Errorf("the choice was not saved: %q", got)
			}
		})
		t.Run("an untouched cell is left to whoever changed it", func(t *testing.T) {
			c.PostForm(path, "v-TT02", "100", "o-TT02", "100", "e-TT02", "1").Follow().OK().Has("Không có ô nào thay đổi.")
			if got := s.own("P01.PN", "2019-Q3", "TT02"); got != "250" {
				t.Errorf("an untouched cell was written back: %q", got)
			}
		})
		t.Run("an approved figure changes with a reason only", func(t *testing.T) {
			p := s.period("2019-Q3")
			if err := s.db.Write(ctx, func(tx *db.Tx) error {
				_, err := s.figures.Approve(ctx, tx, system, auth.Approve, s.unit("P01.PN", p.To).ID, p, "")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			c.Get(path).OK().Has("đã duyệt")
			c.PostForm(path, "v-TT02", "260", "o-TT02", "250", "e-TT02", "2").Is(http.StatusUnprocessableEntity).Has("hãy nêu lý do điều chỉnh")
			c.PostForm(path, "v-TT02", "260", "o-TT02", "250", "e-TT02", "2", "r-TT02", "Đếm sót một buổi").Follow().OK().Has("đã duyệt: 250")
		})
		t.Run("filters find without marks and keep filled cells only", func(t *testing.T) {
			c.Get(path + "?loc=xi+mang+nhan+dan").OK().HasElement(`input[name="v-DG04"]`).LacksElement(`input[name="v-DG01"]`)
			c.Get(path + "?co=1").OK().LacksElement(`input[name="v-DG03"]`)
		})
		t.Run("files hold the unit's own figures", func(t *testing.T) {
			if body := string(c.Get(path + "/tep?dang=csv").OK().Body); !strings.Contains(body, `P01.PN,2019-Q3,DG01,Tiền Nhân dân đóng góp,,"1,5 tỷ",đồng,`) {
				t.Errorf("csv:\n%s", body)
			}
			var out struct {
				Figures []struct{ Unit, Indicator, Raw string }
			}
			if err := json.Unmarshal(c.Get(path+"/tep?dang=json").OK().Body, &out); err != nil || len(out.Figures) != 4 {
				t.Errorf("json: %v, %+v", err, out)
			}
			c.Get(path + "/tep?dang=xlsx").OK()
		})
		s.verified()
	})
}

func TestAClosedPeriodIsReadOnlyAndSaysWhy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.period("2019-Q3")
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update period set state = 'closed' where code = $1`, "2019-Q3")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		c := s.stage().As(t, s.person("phuong-1", "P01", auth.View, auth.Enter))
		c.Get("/so-lieu/P01/2019-q3").OK().Has("đã khoá sổ").LacksElement(`form[method="post"] input[name="v-DG01"]`)
		c.PostForm("/so-lieu/P01/2019-q3", "v-DG01", "5", "e-DG01", "0").Is(http.StatusConflict).Has("đã khoá sổ")
	})
}

func TestASiblingWardIsNotThereOnAnyPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.period("2019")
		s.save(s.input("P01", p, in, "10 triệu"), s.input("P02", p, in, "7 triệu"), s.input("P02.PN", p, in, "3 triệu"))
		c := s.stage().As(t, s.person("phuong-1", "P01", auth.View, auth.Enter, auth.Consolidate))
		for _, unit := range []string{"P02", "P02.PN", "TX"} {
			for _, path := range []string{
				"/so-lieu/" + unit, "/so-lieu/" + unit + "/2019-q3", "/so-lieu/" + unit + "/2019-q3/tep?dang=csv", "/so-lieu/" + unit + "/2019-q3/tong-hop",
				"/so-lieu/" + unit + "/2019-q3/tong-hop/tep?dang=xlsx", "/so/" + unit + "/2019-q3/" + in.Code, "/so/" + unit + "/2019-q3/" + in.Code + "?rieng=1",
				"/chi-tieu-nam/" + unit + "/2019",
			} {
				c.Get(path).Is(http.StatusNotFound)
			}
			c.PostForm("/so-lieu/"+unit+"/2019-q3", "v-"+in.Code, "1", "e-"+in.Code, "1").Is(http.StatusNotFound)
			c.PostForm("/so/"+unit+"/2019-q3/"+in.Code+"/trung", "trung-voi", "P01", "trung-ly-do", "thử").Is(http.StatusNotFound)
			c.PostForm("/chi-tieu-nam/"+unit+"/2019", "can-cu", "Nghị quyết 1", "v-"+in.Code, "5", "e-"+in.Code, "0").Is(http.StatusNotFound)
		}
		c.Get("/so-lieu").OK().Has("Phường P01").Lacks("P02", "Bình Giang")
		c.Get("/so/P01/2019-q3/"+in.Code).OK().Has("10 triệu đồng").Lacks("P02", "Bình Giang")
		c.Get("/so/P01/2019-q3/XX99").Is(http.StatusNotFound)
		c.Get("/so/P01/2019-q1/" + in.Code).Is(http.StatusNotFound)
	})
}

func TestTotalsOpenDownToTheVersion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		last, q2 := s.period("2018-Q3"), s.period("2019-Q2")
		s.save(s.input("P01", p, in, "10 triệu"), s.input("P01.PN", p, in, "hơn 2 triệu"), s.input("P02", p, in, "7 triệu"), s.input("P01", last, in, "8 triệu"), s.input("P01", q2, in, "1 triệu"))
		stage := s.stage()
		c := stage.As(t, s.person("van-phong", "TX", auth.View, auth.Enter, auth.Consolidate))

		board := c.Get("/so-lieu/TX/2019-q3/tong-hop").OK()
		href, _ := board.Find(`td[data-label="Kỳ này"] a.num`).First().Attr("href")
		if href != "/so/TX/2019-q3/"+in.Code {
			t.Fatalf("the total leads to %q", href)
		}
		board.Has("trên 19.000.000", "trên 20.000.000", "8.000.000", "khoảng +137,50%")

		total := c.Get(href).OK().Has("trên 19 triệu đồng", "Tổng của 3 số", "Có số không chính xác tuyệt đối nên tổng ghi “trên”")
		own, _ := total.Find(`a[href^="/so/P01.PN/"]`).First().Attr("href")
		version := c.Get(own).OK()
		version.Has("trên 2 triệu đồng", "hơn 2 triệu", "Hệ thống", "gõ tay", "đang dùng")
		version.HasElement(`.crumbs a[href="/so/TX/2019-q3/`+in.Code+`"]`, `.crumbs a[href="/so/P01/2019-q3/`+in.Code+`"]`)

		c.Get("/so-lieu/TX/2019-q3/tong-hop?cay=he-thong&he=TX.PN").OK().Has("trên 2.000.000").Lacks("10.000.000")
		c.Get("/so-lieu/TX/2019-q3/tong-hop?cay=he-thong&he=P01").Is(http.StatusNotFound)
		c.Get("/so-lieu/TX/2019-q3/tong-hop?lop=duyet").OK().Has("Chưa có số liệu nào")
		if body := string(c.Get("/so-lieu/TX/2019-q3/tong-hop/tep?dang=csv").OK().Body); !strings.Contains(body, "TX.2019-Q3."+in.Code) {
			t.Errorf("the file names no address:\n%s", body)
		}

		t.Run("an overlap is declared with its reason and deducted above", func(t *testing.T) {
			path := "/so/P01/2019-q3/" + in.Code
			c.PostForm(path+"/trung", "trung-voi", "P02", "trung-phan", "4 triệu", "trung-ly-do", "").Is(http.StatusUnprocessableEntity).HasElement("#f-trung-ly-do-error")
			c.PostForm(path+"/trung", "trung-voi", "P02", "trung-phan", "4 triệu", "trung-ly-do", "Cùng làm đường liên phường").Follow().OK()
			p := c.Get(href).OK().Has("trên 15 triệu đồng", "Cùng làm đường liên phường", "−4.000.000")
			action, _ := p.Find(`form[action*="/thoi"]`).First().Attr("action")
			id := strings.Split(action, "/")[6]
			c.PostForm(action, "thoi-"+id, "Khai nhầm").Follow().OK().Has("trên 19 triệu đồng").Lacks("−4.000.000")
		})
		s.verified()
	})
}

func TestTargetsOfAYear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p, in := s.period("2019-Q3"), s.money()
		s.save(s.input("P01", p, in, "6 triệu"))
		stage := s.stage()
		c := stage.As(t, s.person("van-phong", "TX", auth.View, auth.Enter, auth.Consolidate))
		const path = "/chi-tieu-nam/P01/2019"
		key := func(prefix string) string { return prefix + in.Code }

		c.PostForm(path+"?tat-ca=1", key("v-"), "20 triệu", key("e-"), "0").Is(http.StatusUnprocessableEntity).HasElement("#f-can-cu-error")
		c.PostForm(path+"?tat-ca=1", "can-cu", "Nghị quyết 05", key("v-"), "hai chục con", key("e-"), "0", "v-TT01", "5", "e-TT01", "0").Is(http.StatusUnprocessableEntity)
		c.Get(path).OK().Has("Chưa giao chỉ tiêu nào")
		c.PostForm(path, "can-cu", "Nghị quyết 05", key("v-"), "20 triệu", key("e-"), "0").Follow().OK().Has("Nghị quyết 05", "30,00%")
		c.PostForm(path, "can-cu", "Nghị quyết 06", key("v-"), "25 triệu", key("o-"), "", key("e-"), "0").Is(http.StatusConflict).Has("“20 triệu đồng”")
		c.Get("/so-lieu/P01/2019-q3/tong-hop").OK().Has("20.000.000", "30,00%", "khó đạt")
		reader := stage.As(t, s.person("xem", "TX", auth.View))
		reader.Get(path).OK().LacksElement(`form[method="post"] input[name^="v-"]`)
		reader.PostForm(path, "can-cu", "Nghị quyết 07", key("v-"), "1", key("e-"), "1").Is(http.StatusNotFound)
	})
}

func TestAContradictionIsSettledWithAReason(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p := s.period("2019-Q3")
		in, _ := s.catalog.ByCode("HV01")
		part, ok := in.PartByCode("DTTS")
		if !ok || part.Kind != indicator.OfWhich {
			t.Fatal("the starter catalogue has no such part")
		}
		whole, of := s.input("P01.PN", p, in, "5"), s.input("P01.PN", p, in, "9")
		of.Part = part.Part
		s.save(whole, of)
		c := s.stage().As(t, s.person("phuong-1", "P01", auth.View, auth.Enter))
		c.Get("/so-lieu/P01.PN/2019-q3").OK().Has("lớn hơn tổng số")
		path := "/so/P01.PN/2019-q3/HV01?phan=1&rieng=1"
		page := c.Get(path).OK().Has("Điểm cần lưu ý")
		action, _ := page.Find(`form[action*="/canh-bao/"]`).Attr("action")
		id := strings.Split(strings.Split(action, "?")[0], "/")[6]
		c.PostForm(action, "vi-sao-"+id, "").Is(http.StatusUnprocessableEntity).Has("Hãy nêu lý do")
		c.PostForm(action, "vi-sao-"+id, "Báo cáo của cơ sở ghi như vậy").Follow().OK().Has("Giữ nguyên, lý do: Báo cáo của cơ sở ghi như vậy")
	})
}
