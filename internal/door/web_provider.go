package door

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// mountProviders mounts the ways by other systems. The answer of a provider comes back by GET and opens a session: that is
// how OpenID Connect's code flow goes, and the state that it must bring works once, in the browser that began.
func (p pages) mountProviders(r *web.Router) {
	r.Post("/dang-nhap/qua/{code}", auth.Public, p.beginEnter)
	r.Get("/dang-nhap/qua/{code}/sang", auth.Public, p.leaveForProvider)
	r.Get("/dang-nhap/qua/{code}/ve", auth.Public, p.backFromProvider)
	r.Get("/dang-nhap/qua/{code}/thoat", auth.Public, p.offerSignOut)
	r.PostFresh("/tai-khoan/lien-ket/{code}", auth.SignedIn, p.beginLink)
	r.PostFresh("/tai-khoan/lien-ket/{code}/bo", auth.SignedIn, p.unlink)
}

func (p pages) beginEnter(w http.ResponseWriter, r *http.Request) error {
	next := web.Local(r.FormValue("tiep"))
	if auth.From(r.Context()).SignedIn() {
		return web.Redirect(w, r, next, "")
	}
	return p.begin(w, r, flow{Purpose: toEnter, Next: next})
}

func (p pages) beginLink(w http.ResponseWriter, r *http.Request) error {
	return p.begin(w, r, flow{Purpose: toLink, Person: auth.From(r.Context()).Person, Next: "/tai-khoan"})
}

// begin opens a way. It asks the provider's document first: a provider that is down is told here, before anybody leaves.
func (p pages) begin(w http.ResponseWriter, r *http.Request, f flow) error {
	ctx := r.Context()
	one, err := p.provider(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	if _, err := p.back(ctx, one); err != nil {
		return p.failed(w, r, one, f, err)
	}
	if _, err := p.issuers.find(ctx, one.Issuer); err != nil {
		return p.failed(w, r, one, f, err)
	}
	browser := p.sessions.GetString(ctx, sessionBrowser)
	if browser == "" {
		browser = randomWord()
		p.sessions.Put(ctx, sessionBrowser, browser)
	}
	f.Provider = one.Code
	state, err := p.beginFlow(ctx, f, browser)
	if err != nil {
		return err
	}
	p.sessions.Put(ctx, sessionState, one.Code+" "+state)
	return web.Redirect(w, r, web.Path("dang-nhap", "qua", one.Code, "sang"), "")
}

// leaveForProvider is a page of ours that leads away. A redirect would be the end of a form's way, and the site's policy
// lets no form lead to another host.
func (p pages) leaveForProvider(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	one, err := p.provider(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	browser := p.sessions.GetString(ctx, sessionBrowser)
	state, ours := strings.CutPrefix(p.sessions.GetString(ctx, sessionState), one.Code+" ")
	if browser == "" || !ours {
		return web.Redirect(w, r, "/dang-nhap", "")
	}
	back, err := p.back(ctx, one)
	if err != nil {
		return p.failed(w, r, one, flow{Purpose: toEnter}, err)
	}
	doc, err := p.issuers.find(ctx, one.Issuer)
	if err != nil {
		return p.failed(w, r, one, flow{Purpose: toEnter}, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	to := doc.wayTo(one, back, browser, state)
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Đang chuyển sang %s", one.Name), Nav: "account", Head: leadTo(to)}, leaveBody(one.Name, to))
}

// backFromProvider takes a provider's answer.
func (p pages) backFromProvider(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	one, err := p.provider(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	if r.Method != http.MethodGet { // a HEAD must not use the state up
		return fault.NotFound()
	}
	a := answerOf(r)
	browser := p.sessions.GetString(ctx, sessionBrowser)
	f, found, err := p.takeFlow(ctx, one.Code, a.state, browser)
	if err != nil {
		return err
	}
	if !found {
		return p.failed(w, r, one, flow{Purpose: toEnter}, Trouble{causeState})
	}
	p.sessions.Remove(ctx, sessionState)
	if err := p.finish(w, r, one, f, a, browser); err != nil {
		return p.failed(w, r, one, f, err)
	}
	return nil
}

// finish ends a way that was found: with the person in, or linked.
func (p pages) finish(w http.ResponseWriter, r *http.Request, one Provider, f flow, a answer, browser string) error {
	ctx := r.Context()
	if f.Purpose == toLink && auth.From(ctx).Person != f.Person {
		return Trouble{causeState}
	}
	if f.Purpose == toEnter && auth.From(ctx).SignedIn() {
		return web.Redirect(w, r, f.Next, "") // came in by another window meanwhile
	}
	back, err := p.back(ctx, one)
	if err != nil {
		return err
	}
	doc, err := p.issuers.find(ctx, one.Issuer)
	if err != nil {
		return err
	}
	if err := a.fits(one, doc.NamesItself); err != nil {
		return err
	}
	c, err := p.issuers.redeem(ctx, one, doc, back, a.code, browser, a.state)
	if err != nil {
		return err
	}
	if f.Purpose == toLink {
		if err := p.link(ctx, auth.From(ctx), one, c.Subject); err != nil {
			return err
		}
		return web.Redirect(w, r, f.Next, web.T(ctx, "Đã liên kết tài khoản %s. Từ nay bạn đăng nhập được bằng tài khoản đó.", one.Name))
	}
	person, err := p.comeBy(ctx, one, c, web.Address(ctx))
	if err != nil {
		return err
	}
	p.sessions.Remove(ctx, sessionBrowser)
	p.sessions.Put(ctx, sessionProvider, one.Code)
	method := byProvider
	if c.strong(one) {
		method = byStrong
	}
	return p.enter(w, r, person, method, f.Next)
}

// failed says on the page that somebody came from why nothing came of it. Words of faults stand as they are; of a
// provider's trouble only its cause is told.
func (p pages) failed(w http.ResponseWriter, r *http.Request, one Provider, f flow, err error) error {
	ctx := r.Context()
	var t Trouble
	text := ""
	switch faults := fault.All(err); {
	case errors.As(err, &t):
		text = troubleText(ctx, one.Name, t.Cause)
	case len(faults) > 0 && !fault.Is(err, fault.KindNotFound) && !fault.Is(err, fault.KindUnavailable):
		text = web.Said(ctx, faults[0])
	default:
		return err
	}
	p.sessions.Put(ctx, sessionTrouble, text)
	if f.Purpose == toLink || auth.From(ctx).SignedIn() {
		return web.Redirect(w, r, "/tai-khoan", "")
	}
	return web.Redirect(w, r, web.URL("/dang-nhap", "tiep", f.Next), "")
}

// causeState is an answer that belongs to no way that this browser is on.
const causeState = "state"

func troubleText(ctx context.Context, name, cause string) string {
	switch cause {
	case CauseDown:
		return web.T(ctx, "Chưa kết nối được với %s. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu.", name)
	case causeState:
		return web.T(ctx, "Lượt đăng nhập qua %s này đã hết hạn, đã dùng rồi, hoặc bắt đầu từ trình duyệt khác. Hãy bắt đầu lại.", name)
	case causeDenied:
		return web.T(ctx, "Bạn đã dừng ở %s nên chưa đăng nhập.", name)
	case causeAddress, CauseSecret:
		return web.T(ctx, "Trang chưa được cài đặt xong để đăng nhập qua %s. Hãy báo người quản trị máy chủ (%s).", name, cause)
	}
	return web.T(ctx, "%s trả lời không đúng nên trang không nhận. Hãy thử lại; nếu vẫn vậy, hãy báo người quản trị máy chủ (%s).", name, cause)
}

// unlink ends a link of one's own.
func (p pages) unlink(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	one, err := p.provider(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	if err := p.Unlink(ctx, auth.From(ctx), one.Code); err != nil {
		return p.failed(w, r, one, flow{Purpose: toLink}, err)
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã bỏ liên kết với tài khoản %s.", one.Name))
}

// endAt is where somebody who is leaving may end their session at the provider by which they came; empty when there is no
// such place. It asks nobody: signing out must not wait for another system.
func (p pages) endAt(ctx context.Context, code string) string {
	if code == "" {
		return ""
	}
	one, err := p.provider(ctx, code)
	if err != nil {
		return "" // the provider is gone; the session here has ended all the same
	}
	if doc := p.issuers.known(one.Issuer); doc == nil || doc.EndSession == "" {
		return ""
	}
	return web.Path("dang-nhap", "qua", one.Code, "thoat")
}

// offerSignOut tells who has just left that the provider still knows them on this machine. Leaving there too is theirs to
// choose: other systems may hang on it.
func (p pages) offerSignOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	one, err := p.provider(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	doc := p.issuers.known(one.Issuer)
	if doc == nil || doc.EndSession == "" || auth.From(ctx).SignedIn() {
		return web.Redirect(w, r, "/", "")
	}
	w.Header().Set("Cache-Control", "no-store")
	to := web.URL(doc.EndSession, "client_id", one.Client)
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Bạn đã đăng xuất"), Nav: "account"}, endBody(one.Name, to))
}

// waysIn are the ways beside the password for the sign-in page, and what the last attempt came to.
type waysIn struct {
	Providers []Provider
	Trouble   string
	KeyOrigin string // where passkeys are used; empty when nobody has any, or there can be none
}

// Other tells whether there is any.
func (x waysIn) Other() bool { return len(x.Providers) > 0 || x.KeyOrigin != "" }

func (p pages) waysIn(r *http.Request) (out waysIn, err error) {
	ctx := r.Context()
	if out.Providers, err = p.Providers(ctx); err != nil {
		return out, err
	}
	keys, err := p.anyPasskey(ctx)
	if err != nil {
		return out, err
	}
	if keys {
		rp, err := p.relying(ctx, r.Host)
		if err != nil {
			return out, err
		}
		if rp.Why == "" {
			out.KeyOrigin = rp.Origin
		}
	}
	out.Trouble = p.sessions.PopString(ctx, sessionTrouble)
	return out, nil
}

// ownLinks are the same for one's own page.
type ownLinks struct {
	Links   []Link
	Trouble string
}

func (p pages) ownLinks(ctx context.Context) (ownLinks, error) {
	list, err := p.links(ctx, auth.From(ctx))
	return ownLinks{list, p.sessions.PopString(ctx, sessionTrouble)}, err
}

// answer is what a provider sends back with the browser.
type answer struct {
	state, code, issuer, fault string
	named, twice               bool
}

// answerLimit is longer than any parameter that a provider has a reason to send.
const answerLimit = 4 << 10

func answerOf(r *http.Request) answer {
	q := r.URL.Query()
	a := answer{state: q.Get("state"), code: q.Get("code"), issuer: q.Get("iss"), fault: q.Get("error"), named: q.Has("iss")}
	for _, name := range []string{"state", "code", "iss", "error"} {
		a.twice = a.twice || len(q[name]) > 1 || len(q.Get(name)) > answerLimit // RFC 6749, 3.1: once each
	}
	return a
}

const causeDenied = "denied"

// fits tells whether an answer may be followed. RFC 9207: who names an issuer must name this one, and who says that it
// always does must.
func (a answer) fits(p Provider, must bool) error {
	switch {
	case a.twice:
		return Trouble{"answer"}
	case (a.named || must) && subtle.ConstantTimeCompare([]byte(a.issuer), []byte(p.Issuer)) != 1:
		return Trouble{"issuer"}
	case a.fault == "access_denied":
		return Trouble{causeDenied}
	case a.fault != "", a.code == "":
		return Trouble{"answer"}
	}
	return nil
}

// leadTo makes the browser go to an address by itself.
func leadTo(address string) templ.Component { return refresh("0; url=" + address) }
