package org_test

import (
	"net/http"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
	"giaoban/internal/web/webtest"
)

// person makes somebody who holds permissions over a unit.
func person(t *testing.T, d *db.DB, s *org.Service, id, unit string, perms ...auth.Permission) auth.Actor {
	t.Helper()
	u, err := s.Find(ctx, auth.System(), unit, "2019-10-01")
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		statements := []struct {
			query string
			args  []any
		}{
			{`insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$2,$1,'','vi',false,0,1)`, []any{id, "Cán bộ " + id}},
			{`insert into access_role(code, name, ordinal) values ($1,$1,1)`, []any{id}},
			{`insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,'0001-01-01','9999-12-31')`, []any{id, u.ID}},
		}
		for _, p := range perms {
			statements = append(statements, struct {
				query string
				args  []any
			}{`insert into access_role_permission(role, permission) values ($1,$2)`, []any{id, string(p)}})
		}
		for _, st := range statements {
			if _, err := tx.Exec(ctx, st.query, st.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return auth.Actor{Person: id, Name: "Cán bộ " + id, Grants: []auth.Grant{{Unit: u.ID, Permissions: perms}}}
}

func TestUnitPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		stage := webtest.NewStage(t, s.Mount)
		office := person(t, d, s, "van-phong", "TX", auth.View, auth.EditUnits)
		ward := person(t, d, s, "phuong-1", "P01", auth.View, auth.EditUnits)
		reader := person(t, d, s, "xem", "TX", auth.View)

		t.Run("the tree of a day can be searched without marks", func(t *testing.T) {
			c := stage.As(t, office)
			c.Get("/don-vi").OK().Has("Thị xã Bình Giang", "Phường P02", "13 đơn vị")
			c.Get("/don-vi?tim=to+dan+pho+2+p01").OK().Has("Tổ dân phố 2 P01").Lacks("Tổ dân phố 2 P02")
			c.Get("/don-vi?cay=doc").OK().Has("Hội LHPN Phường P01").Lacks("Tổ dân phố 1 P01")
			c.Get("/don-vi?ngay=2018-05-01").OK().HasElement(`a[href="/don-vi/P01?ngay=2018-05-01"]`)
			c.Get("/don-vi?ngay=hom-qua").Is(http.StatusUnprocessableEntity)
		})
		t.Run("a sibling ward is not there", func(t *testing.T) {
			c := stage.As(t, ward)
			c.Get("/don-vi").OK().Has("Phường P01").Lacks("P02", "Bình Giang")
			c.Get("/don-vi?tim=p02").OK().Lacks("Phường P02")
			c.Get("/don-vi/tep?dang=csv").OK().Lacks("P02")
			for _, path := range []string{"/don-vi/P02", "/don-vi/TX", "/don-vi/P02.PN", "/don-vi?goc=P02"} {
				c.Get(path).Is(http.StatusNotFound)
			}
			c.PostForm("/don-vi/P02/ten", "version", "1", "ten-moi", "Phường Khác", "ten-cap", "xa", "ten-ngay", "2020-01-01").Is(http.StatusNotFound)
			c.PostForm("/don-vi/P02/chuyen", "version", "1", "chuyen-cay", "dia-ban", "chuyen-den", "P01", "chuyen-ngay", "2020-01-01").Is(http.StatusNotFound)
			c.PostForm("/don-vi/P02/chuc-vu", "cv-nguoi", "A", "cv-ten", "Chủ tịch", "cv-thu-tu", "1", "cv-tu", "2019-01-01").Is(http.StatusNotFound)
		})
		t.Run("who may not edit sees no form", func(t *testing.T) {
			c := stage.As(t, reader)
			c.Get("/don-vi/P01").OK().LacksElement("main form")
			for _, path := range []string{"/don-vi/moi", "/don-vi/nap", "/don-vi/sap-xep"} {
				c.Get(path).Is(http.StatusNotFound)
			}
		})
		t.Run("a unit is added, renamed from a day, and its old name stays", func(t *testing.T) {
			c := stage.As(t, office)
			c.PostForm("/don-vi/moi", "ma", "p 03", "loai", "place", "cap", "xa", "ten", "", "cap-tren", "TX").Is(http.StatusUnprocessableEntity).
				Has("Hãy ghi tên đơn vị.").HasElement(`#f-ten[aria-invalid]`)
			c.PostForm("/don-vi/moi", "ma", "P03", "loai", "place", "cap", "xa", "ten", "Xã Thượng", "cap-tren", "Thị xã Bình Giang").Follow().OK().Has("Xã Thượng")
			c.PostForm("/don-vi/P03/ten", "version", "1", "ten-moi", "Phường Thượng", "ten-cap", "xa", "ten-ngay", "2019-06-01").Follow().OK().Has("Phường Thượng", "Xã Thượng", "đến hết 31/05/2019")
			c.Get("/don-vi/P03?ngay=2019-01-01").OK().Has("Tên vào ngày 01/01/2019")
			c.PostForm("/don-vi/P03/ten", "version", "1", "ten-moi", "Phường Hạ", "ten-cap", "xa", "ten-ngay", "2019-09-01").Is(http.StatusConflict).Has("vừa được người khác sửa")
			c.PostForm("/don-vi/P03/chuc-vu", "cv-nguoi", "Nguyễn Văn Thử", "cv-ten", "Chủ tịch", "cv-thu-tu", "1", "cv-tu", "2019-01-01").Follow().OK().Has("Nguyễn Văn Thử")
		})
	})
}

func TestSuccessionPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		stage := webtest.NewStage(t, s.Mount)
		c := stage.As(t, person(t, d, s, "van-phong", "TX", auth.View, auth.EditUnits))
		merge := []string{"ngay", "2019-07-01", "van-ban", "Nghị quyết 12", "cu-0", "P01", "cu-1", "Phường P02", "moi-0-ma", "P09", "moi-0-ten", "Phường P09", "to-chuc", "1"}

		t.Run("a preview shows what will happen and keeps nothing", func(t *testing.T) {
			p := c.PostForm("/don-vi/sap-xep", append(merge, "viec", "xem")...).OK()
			p.Has("6 đơn vị kết thúc", "3 đơn vị bắt đầu", "Hội LHPN Phường P01 (P01.PN) → Hội LHPN Phường P09 (P09.PN): 100%")
			c.Get("/don-vi").OK().Has("Phường P01").Lacks("P09")
		})
		t.Run("the confirmation does it, and it can be undone with a reason", func(t *testing.T) {
			c.PostForm("/don-vi/sap-xep", append(merge, "viec", "lam")...).Follow().OK().Has("Phường P09", "Nghị quyết 12")
			c.Get("/don-vi").OK().Lacks("/don-vi/P01\"")
			p := c.Get("/don-vi/P01").OK().Has("đã kết thúc hết ngày 30/06/2019")
			action, _ := p.Find(`form[action$="/hoan-tac"]`).First().Attr("action")
			if action == "" {
				t.Fatal("the old ward offers no undo")
			}
			id := strings.Split(action, "/")[3]
			c.PostForm(action, "don-vi", "P01").Is(http.StatusUnprocessableEntity).Has("Hãy nêu lý do hoàn tác.")
			c.PostForm(action, "don-vi", "P01", "ly-do-"+id, "Nghị quyết bị thu hồi").Follow().OK().Has("Phường P01").Lacks("P09")
		})
		t.Run("a split asks for shares, and refuses what is not whole", func(t *testing.T) {
			split := []string{"ngay", "2019-07-01", "van-ban", "Nghị quyết 13", "cu-0", "P01", "moi-0-ma", "P11", "moi-0-ten", "Phường Mười Một", "moi-1-ma", "P12", "moi-1-ten", "Phường Mười Hai"}
			c.PostForm("/don-vi/sap-xep", append(split, "viec", "xem")...).OK().HasElement(`[name="ty-le-0-1"]`, `[name="con-P01.K1"]`)
			divided := append(split, "da-chia", "1", "ty-le-0-0", "62,5", "con-P01.K1", "1", "con-P01.K2", "0")
			c.PostForm("/don-vi/sap-xep", append(divided, "ty-le-0-1", "27,5", "viec", "xem")...).Is(http.StatusUnprocessableEntity).Has("phải bằng 100%")
			c.PostForm("/don-vi/sap-xep", append(divided, "ty-le-0-1", "37,5", "viec", "xem")...).OK().Has("62,5%", "37,5%", "Tổ dân phố 1 P01 (P01.K1) → Phường Mười Hai (P12)")
		})
	})
}

func TestAFileOfUnits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		stage := webtest.NewStage(t, s.Mount)
		c := stage.As(t, person(t, d, s, "van-phong", "TX", auth.View, auth.EditUnits))
		file := func(text string) []webtest.Upload {
			return []webtest.Upload{{Field: "tep", Name: "don-vi.csv", Data: []byte(text)}}
		}
		t.Run("errors stand at their rows and nothing is made", func(t *testing.T) {
			p := c.PostFiles("/don-vi/nap", file("Mã;Loại;Cấp;Tên đầy đủ;Cấp trên theo địa bàn\nP05;địa bàn;phường;Phường Năm;TX\nP05.K1;địa bàn;thôn;Thôn Một;P77\nP06;địa bàn;phường;;TX\n"))
			p.Is(http.StatusUnprocessableEntity).Has("2 dòng có lỗi", "Không có đơn vị mã “P77”", "Hãy ghi tên đơn vị.")
			c.Get("/don-vi/P05").Is(http.StatusNotFound)
		})
		t.Run("an unknown column is named", func(t *testing.T) {
			c.PostFiles("/don-vi/nap", file("Mã,Loại,Cấp,Tên đầy đủ,Dân số\nP05,địa bàn,phường,Phường Năm,1200\n")).Is(http.StatusUnprocessableEntity).Has("“Dân số”")
		})
		t.Run("a preview keeps nothing, its confirmation makes the units", func(t *testing.T) {
			p := c.PostFiles("/don-vi/nap", file("Mã,Loại,Cấp,Tên đầy đủ,Cấp trên theo địa bàn\nP05,địa bàn,phường,Phường Năm,TX\nP05.K1,địa bàn,thôn,Thôn Một,P05\n")).OK()
			p.Has("2 đơn vị sẽ được thêm")
			c.Get("/don-vi/P05").Is(http.StatusNotFound)
			c.PostFiles("/don-vi/nap", nil, "noi-dung", p.Value("noi-dung")).Follow().OK().Has("Đã thêm 2 đơn vị.", "Thôn Một")
		})
		t.Run("a workbook that was exported reads as the same rows", func(t *testing.T) {
			x := c.Get("/don-vi/tep?dang=xlsx").OK()
			p := c.PostFiles("/don-vi/nap", []webtest.Upload{{Field: "tep", Name: "don-vi.xlsx", Data: x.Body}})
			p.Is(http.StatusUnprocessableEntity).Has("Mã “TX” đã dùng")
		})
	})
}
