package door

import (
	"context"
	"net/http"

	"rsc.io/qr"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

func (p pages) mountInvitations(r *web.Router) {
	r.Get("/moi", auth.Public, p.slipForm)
	r.Post("/moi", auth.Public, p.accept)
	r.PostFresh("/nguoi-dung/{id}/phieu", auth.Admin, p.invite)
	r.Post("/nguoi-dung/{id}/phieu/thu-hoi", auth.Admin, p.revokeSlip)
	r.PostFresh("/nguoi-dung/{id}/thu-dien-tu", auth.Admin, p.changeEmailOf)
	r.PostFresh("/tai-khoan/thu-dien-tu", auth.SignedIn, p.changeEmail)
	p.people.Welcome(p.invite)
}

func slipPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Vào bằng phiếu mời"), Nav: "account",
		Lead: web.T(ctx, "Nhập những gì ghi trên phiếu, rồi tự đặt mật khẩu của bạn.")}
}

func (p pages) slipForm(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, slipPage(r.Context()), slipBody("", ""))
}

func (p pages) accept(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	login, code, password := web.Value(r, "login"), web.Value(r, "code"), r.FormValue("password")
	var faults fault.List
	if login == "" {
		_ = faults.Add(fault.Invalid("login", "Hãy nhập tên đăng nhập."))
	}
	if tidyCode(code) == "" {
		_ = faults.Add(fault.Invalid("code", "Hãy nhập mã trên phiếu."))
	}
	if password == "" {
		_ = faults.Add(fault.Invalid("password", "Hãy đặt mật khẩu."))
	}
	person, err := "", faults.Err()
	if err == nil {
		person, err = p.Accept(ctx, login, code, password, originOf(ctx))
	}
	if err != nil {
		return web.Invalid(w, r, err, slipPage(ctx), slipBody(login, code))
	}
	web.Flash(r, web.T(ctx, "Bạn đã vào. Từ nay hãy đăng nhập bằng tên đăng nhập và mật khẩu vừa đặt."))
	return p.enter(w, r, person, byInvitation, "/")
}

// invite shows the slip once: its code is stored nowhere in the clear, so the page cannot be a redirect's.
func (p pages) invite(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	slip, err := p.Invite(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	address, err := p.siteAddress(ctx)
	if err != nil {
		return err
	}
	if address == "" {
		address = "http://" + r.Host
		if p.sessions.Cookie.Secure {
			address = "https://" + r.Host
		}
	}
	code, err := qr.Encode(address+slip.path(), qr.M)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Phiếu mời của %s", slip.Name), Nav: "people", Crumbs: personCrumbs(ctx, slip.Person, slip.Name)},
		paperBody(slip, address, code))
}

func (p pages) revokeSlip(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	if err := p.RevokeSlip(ctx, auth.From(ctx), id); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", id, "dang-nhap"), web.T(ctx, "Đã thu hồi phiếu. Mã trên phiếu không dùng được nữa."))
}

func (p pages) changeEmail(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.people.SetEmail(ctx, who, who.Person, web.Value(r, "email")); err != nil {
		return p.showOwn(w, r, err)
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã lưu địa chỉ thư điện tử."))
}

func (p pages) changeEmailOf(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	if err := p.people.SetEmail(ctx, auth.From(ctx), id, web.Value(r, "email")); err != nil {
		return p.showEntry(w, r, err)
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", id, "dang-nhap"), web.T(ctx, "Đã lưu địa chỉ thư điện tử."))
}
