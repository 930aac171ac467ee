package door

import (
	"context"
	"net/http"

	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/web"
)

func setupPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Cài đặt lần đầu"), Nav: "account",
		Lead: web.T(ctx, "Trang này lập người quản trị đầu tiên rồi đóng lại.")}
}

func (p pages) setupForm(w http.ResponseWriter, r *http.Request) error {
	open, placed, err := p.SetupOpen(r.Context())
	if err != nil {
		return err
	}
	if !open {
		return fault.NotFound()
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, setupPage(r.Context()), setupBody(First{Level: org.Commune, Office: true}, placed))
}

func (p pages) setUp(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := First{Code: r.FormValue("code"), Place: web.Value(r, "place"), PlaceCode: web.Value(r, "place_code"), Level: org.Level(web.Value(r, "level")),
		Login: web.Value(r, "login"), Name: web.Value(r, "name"), Password: r.FormValue("password"), Office: web.Checked(r, "office")}
	person, err := p.Setup(ctx, f, originOf(ctx))
	if err != nil {
		_, placed, openErr := p.SetupOpen(ctx)
		if openErr != nil {
			return openErr
		}
		return web.Invalid(w, r, err, setupPage(ctx), setupBody(f, placed))
	}
	web.Flash(r, web.T(ctx, "Trang đã sẵn sàng. Việc tiếp theo: thêm người dùng."))
	return p.enter(w, r, person, byInvitation, "/nguoi-dung")
}
