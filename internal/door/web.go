package door

import (
	"context"
	"net/http"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// Mount mounts the house's pages. In a demonstration, and only there, a visitor may enter as anyone without a password.
func (s *Service) Mount(r *web.Router, demo bool) {
	p := pages{s, demo}
	r.Get("/dang-nhap", auth.Public, p.signInForm)
	r.Post("/dang-nhap", auth.Public, p.signIn)
	r.Post("/dang-xuat", auth.Public, p.signOut)
	r.Get("/cai-dat", auth.Public, p.setupForm)
	r.Post("/cai-dat", auth.Public, p.setUp)
	r.Get("/tai-khoan", auth.SignedIn, p.own)
	r.Post("/tai-khoan/mat-khau", auth.SignedIn, p.changePassword)
	r.Post("/tai-khoan/ngon-ngu", auth.SignedIn, p.changeLanguage)
	r.PostFresh("/tai-khoan/phien/ket-thuc", auth.SignedIn, p.endOwn)
	r.PostFresh("/tai-khoan/phien/ket-thuc-het", auth.SignedIn, p.endOwnOthers)
	r.PostFresh("/tai-khoan/thiet-bi-moi", auth.SignedIn, p.answerStrange)
	r.Get("/nguoi-dung/{id}/dang-nhap", auth.Admin, p.entry)
	r.Post("/nguoi-dung/{id}/phien/ket-thuc", auth.Admin, p.endOf)
	r.Post("/lam-thay", auth.SignedIn, p.standIn)
	p.mountFactors(r)
	p.mountPasskeys(r)
	p.mountInvitations(r)
	p.mountProviders(r)
	if demo {
		r.Post("/trinh-dien/vao", auth.Public, p.enterDemo)
	}
}

type pages struct {
	*Service
	demo bool
}

// Load reads who asks from the session; for web.Site. A session opened with an older password is over.
func (s *Service) Load(r *http.Request) (auth.Actor, error) {
	ctx := r.Context()
	person := s.sessions.GetString(ctx, sessionPerson)
	if person == "" {
		err := s.sayLost(r)
		return auth.Actor{Lost: s.sessions.GetString(ctx, sessionLost) != ""}, err
	}
	who, mark, err := s.actor(ctx, person)
	if err != nil {
		return auth.Actor{}, err
	}
	if !who.SignedIn() || mark != s.sessions.GetString(ctx, sessionMark) {
		if err := s.sessions.Destroy(ctx); err != nil {
			return auth.Actor{}, err
		}
		s.lose(r, web.T(ctx, "Mật khẩu hoặc tình trạng của tài khoản vừa thay đổi nên phiên đăng nhập này đã kết thúc. Hãy đăng nhập lại để làm tiếp."))
		return auth.Actor{Lost: true}, nil
	}
	who.Address = web.Address(ctx)
	who.Proved = s.provedAt(ctx)
	if s.sessions.GetString(ctx, sessionOwes) != "" {
		who.Owes, who.Grants = factorPath, nil
		return who, nil
	}
	return s.standing(r, who)
}

// sayLost tells once, on the next page, why somebody who was in is in no longer. The new session that carries the words takes
// the place of the old one in the browser.
func (s *Service) sayLost(r *http.Request) error {
	ctx := r.Context()
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil || s.sessions.Token(ctx) != "" {
		return nil
	}
	what, err := s.lost(ctx, cookie.Value)
	if err != nil {
		return err
	}
	switch what {
	case expired:
		s.lose(r, web.T(ctx, "Phiên đăng nhập của bạn đã hết giờ. Hãy đăng nhập lại để làm tiếp; dữ liệu đã lưu không mất."))
	case endedOwn:
		s.lose(r, web.T(ctx, "Phiên đăng nhập này đã được kết thúc từ một máy khác của bạn. Hãy đăng nhập lại để làm tiếp; dữ liệu đã lưu không mất."))
	case endedByOther:
		s.lose(r, web.T(ctx, "Người quản trị đã kết thúc phiên đăng nhập này. Hãy đăng nhập lại để làm tiếp; dữ liệu đã lưu không mất."))
	}
	return nil
}

// lose tells a visitor why they are in no longer, and remembers that somebody was.
func (s *Service) lose(r *http.Request, why string) {
	s.sessions.Put(r.Context(), sessionLost, "1")
	web.Flash(r, why)
}

// enter lets in a person who has shown who they are, by one of the methods of door.go, and leads to next; where a second step
// is asked of them it leads there first. Every way in ends here.
func (p pages) enter(w http.ResponseWriter, r *http.Request, person, method, next string) error {
	ctx := r.Context()
	ask, err := p.asked(ctx, person, method)
	if err != nil {
		return err
	}
	if ask != askSecond {
		return p.in(w, r, person, method, next)
	}
	if err := p.openHalf(ctx, person, method); err != nil {
		return err
	}
	return web.Redirect(w, r, web.URL("/dang-nhap/buoc-hai", "tiep", web.Local(next)), "")
}

// in opens the session, and says first what others have done to the person's factors.
func (p pages) in(w http.ResponseWriter, r *http.Request, person, method, next string) error {
	ctx := r.Context()
	news, err := p.open(ctx, person, method)
	if err != nil {
		return err
	}
	if err := p.sayStrange(r, person); err != nil {
		return err
	}
	if news > 0 {
		web.Flash(r, web.T(ctx, "Từ lần vào trước, có thay đổi hoặc cảnh báo về các cách xác thực của bạn. Hãy xem trang Xác thực hai bước."))
	}
	if next == "/" && p.landing != "" {
		next = p.landing
	}
	return web.Redirect(w, r, next, "")
}

func (p pages) signInPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Đăng nhập"), Nav: "account"}
}

func (p pages) signInForm(w http.ResponseWriter, r *http.Request) error {
	next := web.Local(r.FormValue("tiep"))
	if auth.From(r.Context()).SignedIn() {
		return web.Redirect(w, r, next, "")
	}
	// Nobody can sign in to a site without people: whoever comes here is the one who sets it up.
	open, _, err := p.SetupOpen(r.Context())
	if err != nil {
		return err
	}
	if open {
		return web.Redirect(w, r, "/cai-dat", "")
	}
	roles, err := p.demoRoles(r.Context())
	if err != nil {
		return err
	}
	ways, err := p.waysIn(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, p.signInPage(r.Context()), signInBody("", next, roles, ways))
}

func (p pages) signIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	login, next := web.Value(r, "login"), web.Local(r.FormValue("tiep"))
	person, err := "", error(nil)
	var faults fault.List
	if login == "" {
		_ = faults.Add(fault.Invalid("login", "Hãy nhập tên đăng nhập."))
	}
	if r.FormValue("password") == "" {
		_ = faults.Add(fault.Invalid("password", "Hãy nhập mật khẩu."))
	}
	if err = faults.Err(); err == nil {
		person, err = p.SignIn(ctx, login, r.FormValue("password"), originOf(ctx))
	}
	if err != nil {
		return p.signInAgain(w, r, err, login, next)
	}
	return p.enter(w, r, person, byPassword, next)
}

// signInAgain shows the sign-in page with what is wrong.
func (p pages) signInAgain(w http.ResponseWriter, r *http.Request, wrong error, login, next string) error {
	ctx := r.Context()
	roles, err := p.demoRoles(ctx)
	if err != nil {
		return err
	}
	ways, err := p.waysIn(r)
	if err != nil {
		return err
	}
	return web.Invalid(w, r, wrong, p.signInPage(ctx), signInBody(login, next, roles, ways))
}

func (p pages) signOut(w http.ResponseWriter, r *http.Request) error {
	elsewhere := p.endAt(r.Context(), p.sessions.GetString(r.Context(), sessionProvider))
	if err := p.leave(r.Context(), auth.From(r.Context()), p.sessions.GetString(r.Context(), sessionID)); err != nil {
		return err
	}
	if err := p.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache"`) // and with it the pages that the way back would show
	if elsewhere != "" {
		return web.Redirect(w, r, elsewhere, "")
	}
	return web.Redirect(w, r, "/", web.T(r.Context(), "Bạn đã đăng xuất."))
}

func (p pages) enterDemo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := p.people.Actor(ctx, web.Value(r, "person"))
	if err != nil {
		return err
	}
	if !who.SignedIn() {
		return fault.NotFound()
	}
	web.Flash(r, web.T(ctx, "Bạn đang xem với vai %s.", who.Name))
	return p.enter(w, r, who.Person, byDemo, r.FormValue("tiep"))
}

// demoRole is a role with the people who hold it, for one-click entry.
type demoRole struct {
	Role   account.Role
	People []account.Person
}

// demoRoles is empty but in a demonstration.
func (p pages) demoRoles(ctx context.Context) ([]demoRole, error) {
	if !p.demo {
		return nil, nil
	}
	people, err := p.people.List(ctx, auth.System())
	if err != nil {
		return nil, err
	}
	roles, err := p.people.Roles(ctx, auth.System())
	if err != nil {
		return nil, err
	}
	today := p.clock.Today()
	var out []demoRole
	for _, role := range roles {
		d := demoRole{Role: role}
		for _, one := range people {
			if one.Disabled {
				continue
			}
			for _, g := range one.Grants {
				if g.Role == role.Code && g.Holds(today) {
					d.People = append(d.People, account.Person{ID: one.ID, Name: one.Name, Grants: []account.Grant{g}})
					break
				}
			}
		}
		if len(d.People) > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

func (p pages) ownPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Tài khoản của bạn"), Nav: "account"}
}

// ownView is what the page about oneself shows.
type ownView struct {
	Me       account.Person
	Today    string
	Sessions []Session
	History  []Arrival
	Strange  []Arrival // of the history
	Factors  Factors
	Email    string
	Links    ownLinks
}

func (p pages) own(w http.ResponseWriter, r *http.Request) error { return p.showOwn(w, r, nil) }

// showOwn shows the page about oneself, again with what is wrong when err is a fault.
func (p pages) showOwn(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	who := auth.From(ctx)
	v := ownView{Today: p.clock.Today()}
	var err error
	if v.Me, err = p.people.Find(ctx, who, who.Person); err != nil {
		return err
	}
	if v.Sessions, err = p.sessionsOf(ctx, who, who.Person); err != nil {
		return err
	}
	if v.History, err = p.History(ctx, who, who.Person); err != nil {
		return err
	}
	if v.Factors, err = p.OwnFactors(ctx, who); err != nil {
		return err
	}
	if v.Links, err = p.ownLinks(ctx); err != nil {
		return err
	}
	v.Strange = Strange(v.History, p.sessions.GetString(ctx, sessionPlace))
	v.Email = v.Me.Email
	if wrong != nil {
		if r.PostForm.Has("email") {
			v.Email = web.Value(r, "email")
		}
		return web.Invalid(w, r, wrong, p.ownPage(ctx), ownBody(v))
	}
	return web.Show(w, r, p.ownPage(ctx), ownBody(v))
}

func (p pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.ChangePassword(ctx, who, r.FormValue("present"), r.FormValue("password"), originOf(ctx)); err != nil {
		return p.showOwn(w, r, err)
	}
	if err := p.renew(ctx, who.Person, p.sessions.GetString(ctx, sessionMethod)); err != nil {
		return err
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc."))
}

func (p pages) changeLanguage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code := web.Value(r, "lang")
	if err := p.people.SetLanguage(ctx, auth.From(ctx), code); err != nil {
		return err
	}
	web.SetLanguage(ctx, code)
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã đổi ngôn ngữ."))
}
