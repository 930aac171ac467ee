package door

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

const (
	keyPath = factorPath + "/khoa"
	// keyAnswer is the field that carries what the browser's passkeys have answered: a form like any other.
	keyAnswer = "khoa"
)

func (p pages) mountPasskeys(r *web.Router) {
	r.Post("/dang-nhap/khoa", auth.Public, p.enterByKey)
	r.Post("/dang-nhap/khoa/thu-thach", auth.Public, p.askKey)
	r.PostFresh(keyPath, auth.SignedIn, p.beginKey)
	r.Get(keyPath, auth.SignedIn, p.newKey)
	r.Post(keyPath+"/xong", auth.SignedIn, p.addKey)
	r.PostFresh(keyPath+"/ten", auth.SignedIn, p.renameKey)
	r.PostFresh("/nguoi-dung/{id}/xac-thuc/go", auth.Admin, p.removeFactorOf)
}

// askKey gives the browser its question. It is a post: the question is kept in the session.
func (p pages) askKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	purpose, person := web.Value(r, "viec"), ""
	switch purpose {
	case forEntry:
	case forSecond:
		h, err := p.halfOf(ctx)
		if err != nil {
			return err
		}
		person = h.Person
	case forProof:
		person = auth.From(ctx).Person
	default:
		return fault.NotFound()
	}
	if purpose != forEntry && person == "" {
		return fault.NotFound()
	}
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	options, err := p.askPasskey(ctx, rp, purpose, person)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(options)) // the reader has gone: nobody is left to tell
	return nil
}

// enterByKey lets in who has answered by a passkey of this site.
func (p pages) enterByKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	next := web.Local(r.FormValue("tiep"))
	if auth.From(ctx).SignedIn() {
		return web.Redirect(w, r, next, "") // came in by another window meanwhile
	}
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	person, err := p.usePasskey(ctx, rp, forEntry, "", r.FormValue(keyAnswer), originOf(ctx))
	if err != nil {
		return p.signInAgain(w, r, err, "", next)
	}
	return p.enter(w, r, person, byPasskey, next)
}

func (p pages) beginKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	if err := p.BeginPasskey(ctx, auth.From(ctx), rp, r.FormValue("name")); err != nil {
		return p.showFactors(w, r, err)
	}
	return web.Redirect(w, r, keyPath, "")
}

func newKeyPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm khóa truy cập"), Nav: "account", Crumbs: append(ownCrumb(ctx),
		web.Crumb{Label: web.T(ctx, "Xác thực hai bước"), Path: factorPath})}
}

// newKey asks the browser for the new passkey; without one that waits it leads back.
func (p pages) newKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	name, options, err := p.PendingPasskey(ctx, auth.From(ctx))
	if fault.Is(err, fault.KindNotFound) {
		return web.Redirect(w, r, factorPath, "")
	}
	if err != nil {
		return err
	}
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, newKeyPage(ctx), newKeyBody(name, options, rp.Origin))
}

func (p pages) addKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	recovery, err := p.AddPasskey(ctx, auth.From(ctx), rp, r.FormValue(keyAnswer), p.sessions.GetString(ctx, sessionID))
	if err != nil {
		return p.showFactors(w, r, err)
	}
	p.paid(ctx)
	if recovery == nil {
		return web.Redirect(w, r, factorPath, web.T(ctx, "Đã thêm khóa truy cập."))
	}
	return p.showRecovery(w, r, recovery)
}

// renameField is the name of the field in which a passkey gets another name: there is one for each.
func renameField(factor string) string { return "name-" + factor }

func (p pages) renameKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	factor := web.Value(r, "factor")
	if err := p.RenamePasskey(ctx, auth.From(ctx), factor, r.FormValue(renameField(factor))); err != nil {
		if all := fault.All(err); len(all) > 0 && all[0].Field == "name" {
			err = all[0].At(renameField(factor))
		}
		return p.showFactors(w, r, err)
	}
	return web.Redirect(w, r, factorPath, web.T(ctx, "Đã đổi tên khóa truy cập."))
}

func (p pages) removeFactorOf(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	if err := p.RemoveFactorOf(ctx, auth.From(ctx), id, web.Value(r, "factor")); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", id, "dang-nhap"), web.T(ctx, "Đã gỡ. Mọi phiên đăng nhập của người này đã kết thúc và họ sẽ được báo."))
}
