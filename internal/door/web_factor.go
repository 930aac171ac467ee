package door

import (
	"context"
	"net/http"
	"strings"

	"rsc.io/qr"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// factorPath is where people look after what they show beside the password.
const factorPath = "/tai-khoan/xac-thuc"

func (p pages) mountFactors(r *web.Router) {
	r.Get("/dang-nhap/buoc-hai", auth.Public, p.secondForm)
	r.Post("/dang-nhap/buoc-hai", auth.Public, p.secondStep)
	r.Get(factorPath, auth.SignedIn, p.factors)
	r.PostFresh(factorPath+"/ung-dung", auth.SignedIn, p.beginCode)
	r.Get(factorPath+"/ung-dung", auth.SignedIn, p.codeForm)
	r.Post(factorPath+"/ung-dung/xong", auth.SignedIn, p.confirmCode)
	r.PostFresh(factorPath+"/ma-khoi-phuc", auth.SignedIn, p.newRecovery)
	r.PostFresh(factorPath+"/go", auth.SignedIn, p.removeFactor)
	r.PostFresh("/nguoi-dung/{id}/xac-thuc/dat-lai", auth.Admin, p.resetFactors)
}

func secondPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Bước xác thực thứ hai"), Nav: "account"}
}

// again leads back to the beginning when the first step is missing or too old.
func again(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, web.URL("/dang-nhap", "tiep", web.Local(r.FormValue("tiep"))), "")
}

func (p pages) secondForm(w http.ResponseWriter, r *http.Request) error {
	h, err := p.halfOf(r.Context())
	if err != nil {
		return err
	}
	if h.Person == "" {
		return again(w, r)
	}
	return p.showSecond(w, r, h, false, nil)
}

func (p pages) secondStep(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, err := p.halfOf(ctx)
	if err != nil {
		return err
	}
	if h.Person == "" {
		return again(w, r)
	}
	code, recovery, next := web.Value(r, "code"), web.Value(r, "recovery"), web.Local(r.FormValue("tiep"))
	lost := r.Form.Has("recovery")
	switch {
	case r.Form.Has(keyAnswer):
		err = p.secondByKey(r, h.Person)
	case lost && recovery == "":
		err = fault.Invalid("recovery", "Hãy nhập một mã khôi phục.")
	case !lost && code == "":
		err = fault.Invalid("code", "Hãy nhập mã gồm 6 chữ số.")
	default:
		err = p.second(ctx, h.Person, code, recovery, originOf(ctx))
	}
	if err != nil {
		return p.showSecond(w, r, h, lost, err)
	}
	if lost {
		next = factorPath // which says how many codes are left
	}
	return p.in(w, r, h.Person, h.Method, next)
}

// showSecond shows the page of the second step, with what is wrong.
func (p pages) showSecond(w http.ResponseWriter, r *http.Request, h half, lost bool, wrong error) error {
	ctx := r.Context()
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	body := secondBody(h.Factors, web.Local(r.FormValue("tiep")), lost, rp)
	if wrong != nil {
		return web.Invalid(w, r, wrong, secondPage(ctx), body)
	}
	return web.Show(w, r, secondPage(ctx), body)
}

func (p pages) secondByKey(r *http.Request, person string) error {
	ctx := r.Context()
	rp, err := p.relying(ctx, r.Host)
	if err != nil {
		return err
	}
	_, err = p.usePasskey(ctx, rp, forSecond, person, r.FormValue(keyAnswer), originOf(ctx))
	return err
}

func factorPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Xác thực hai bước"), Nav: "account", Crumbs: ownCrumb(ctx),
		Lead: web.T(ctx, "Ngoài mật khẩu, bạn cho hệ thống thấy một thứ chỉ bạn có: điện thoại hoặc khóa của bạn. Ai biết mật khẩu cũng chưa vào được.")}
}

func ownCrumb(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Tài khoản của bạn"), Path: "/tai-khoan"}}
}

// factorsView is what the page about one's own factors shows.
type factorsView struct {
	Factors Factors
	Key     relying
	Name    string // typed for a new passkey
}

func (p pages) factors(w http.ResponseWriter, r *http.Request) error { return p.showFactors(w, r, nil) }

// showFactors shows the page, with what is wrong.
func (p pages) showFactors(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	v := factorsView{Name: web.Value(r, "name")}
	var err error
	if v.Factors, err = p.OwnFactors(ctx, auth.From(ctx)); err != nil {
		return err
	}
	if v.Key, err = p.relying(ctx, r.Host); err != nil {
		return err
	}
	if wrong != nil {
		return web.Invalid(w, r, wrong, factorPage(ctx), factorsBody(v))
	}
	return web.Show(w, r, factorPage(ctx), factorsBody(v))
}

func (p pages) beginCode(w http.ResponseWriter, r *http.Request) error {
	if err := p.BeginCode(r.Context(), auth.From(r.Context())); err != nil {
		return err
	}
	return web.Redirect(w, r, factorPath+"/ung-dung", "")
}

func codePage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm ứng dụng tạo mã"), Nav: "account", Crumbs: append(ownCrumb(ctx),
		web.Crumb{Label: web.T(ctx, "Xác thực hai bước"), Path: factorPath})}
}

// pending is the app that waits for its first code; without one it leads back.
func (p pages) pending(w http.ResponseWriter, r *http.Request) (e Enrolment, image *qr.Code, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if e, err = p.Pending(r.Context(), auth.From(r.Context())); err != nil {
		return e, nil, err
	}
	image, err = qr.Encode(e.URI, qr.M)
	return e, image, err
}

func (p pages) codeForm(w http.ResponseWriter, r *http.Request) error {
	e, image, err := p.pending(w, r)
	if fault.Is(err, fault.KindNotFound) {
		return web.Redirect(w, r, factorPath, "")
	}
	if err != nil {
		return err
	}
	return web.Show(w, r, codePage(r.Context()), codeBody(e, image))
}

func (p pages) confirmCode(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, image, err := p.pending(w, r)
	if err != nil {
		return err
	}
	if web.Value(r, "code") == "" {
		return web.Invalid(w, r, fault.Invalid("code", "Hãy nhập mã gồm 6 chữ số."), codePage(ctx), codeBody(e, image))
	}
	recovery, err := p.ConfirmCode(ctx, auth.From(ctx), web.Value(r, "code"), p.sessions.GetString(ctx, sessionID))
	if err != nil {
		return web.Invalid(w, r, err, codePage(ctx), codeBody(e, image))
	}
	p.paid(ctx)
	if recovery == nil {
		return web.Redirect(w, r, factorPath, web.T(ctx, "Đã thêm ứng dụng tạo mã."))
	}
	return p.showRecovery(w, r, recovery)
}

// showRecovery shows codes that are stored nowhere in the clear, so the page cannot be a redirect's.
func (p pages) showRecovery(w http.ResponseWriter, r *http.Request, codes []string) error {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Mã khôi phục của bạn"), Nav: "account", Crumbs: append(ownCrumb(ctx),
		web.Crumb{Label: web.T(ctx, "Xác thực hai bước"), Path: factorPath})}, recoveryBody(codes))
}

func (p pages) newRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.NewRecoveryCodes(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return p.showRecovery(w, r, codes)
}

func (p pages) removeFactor(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.RemoveFactor(ctx, auth.From(ctx), web.Value(r, "factor"), p.sessions.GetString(ctx, sessionID)); err != nil {
		return err
	}
	return web.Redirect(w, r, factorPath, web.T(ctx, "Đã gỡ."))
}

func (p pages) resetFactors(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	if err := p.ResetFactors(ctx, auth.From(ctx), id); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", id, "dang-nhap"), web.T(ctx, "Đã đặt lại bước xác thực thứ hai. Người này vào bằng mật khẩu và sẽ được báo."))
}

// Names of the fields of a proof.
const (
	provePassword = web.ProofFields + "mat-khau"
	proveCode     = web.ProofFields + "ma"
	proveKey      = web.ProofFields + keyAnswer
)

// Prove asks the person who is in to show again who they are; for web.Site.
func (s *Service) Prove(w http.ResponseWriter, r *http.Request) (bool, error) {
	ctx := r.Context()
	who := auth.From(ctx)
	m, err := s.meansOf(ctx, who.Person)
	if err != nil {
		return false, err
	}
	rp, err := s.relying(ctx, r.Host)
	if err != nil {
		return false, err
	}
	if rp.Why == "" && m.Passkey {
		m.KeyOrigin = rp.Origin
	}
	password, code := r.PostFormValue(provePassword), web.Value(r, proveCode)
	wrong := error(nil)
	switch {
	case m.Passkey && r.PostForm.Has(proveKey):
		_, wrong = s.usePasskey(ctx, rp, forProof, who.Person, r.PostFormValue(proveKey), originOf(ctx))
	case m.Code && code != "":
		wrong = s.useCode(ctx, who.Person, code, originOf(ctx))
	case m.Password && password != "":
		wrong = s.prove(ctx, who.Person, password, originOf(ctx))
	case r.PostForm.Has(provePassword) || r.PostForm.Has(proveCode):
		wrong = fault.Invalid(firstField(m), "Hãy nhập để xác nhận.")
	default:
		return false, s.askProof(w, r, m, nil)
	}
	if wrong != nil {
		return false, s.askProof(w, r, m, moved(wrong))
	}
	return true, s.reproved(ctx, who.Person, originOf(ctx))
}

func firstField(m means) string {
	if m.Password {
		return provePassword
	}
	return proveCode
}

// moved puts what is wrong at the fields of the proof.
func moved(err error) error {
	at := map[string]string{"present": provePassword, "code": proveCode}
	all := fault.All(err)
	if len(all) == 0 || at[all[0].Field] == "" {
		return err
	}
	return all[0].At(at[all[0].Field])
}

// askProof shows the page that asks, with the form's values. Without a fault it is 403: nothing has been done yet.
func (s *Service) askProof(w http.ResponseWriter, r *http.Request, m means, wrong error) error {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	page := web.Page{Title: web.T(ctx, "Xác nhận lại"), Nav: "account",
		Lead: web.T(ctx, "Việc này quan trọng nên hệ thống hỏi lại có đúng là bạn không. Những gì bạn vừa nhập được giữ nguyên.")}
	body := proofBody(r.URL.RequestURI(), m, web.CarriedOf(r), strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data"))
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, body)
	}
	return web.ShowStatus(w, r, http.StatusForbidden, page, body)
}
