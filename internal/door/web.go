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
		return auth.Actor{}, nil
	}
	who, mark, err := s.actor(ctx, person)
	if err != nil {
		return auth.Actor{}, err
	}
	if !who.SignedIn() || mark != s.sessions.GetString(ctx, sessionMark) {
		return auth.Actor{}, s.sessions.Destroy(ctx)
	}
	who.Address = web.Address(ctx)
	return who, nil
}

// open begins a session with a new token: one that was known before the sign-in must not become the person's. method is how
// they came in.
func (s *Service) open(ctx context.Context, person, method string) error {
	_, mark, err := s.actor(ctx, person)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionPerson, person)
	s.sessions.Put(ctx, sessionMark, mark)
	s.sessions.Put(ctx, sessionMethod, method)
	return nil
}

// enter lets in a person who has shown who they are, by one of the methods of door.go, and leads to next. Every way in
// ends here.
func (p pages) enter(w http.ResponseWriter, r *http.Request, person, method, next string) error {
	if err := p.open(r.Context(), person, method); err != nil {
		return err
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
	return web.Show(w, r, p.signInPage(r.Context()), signInBody("", next, roles))
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
		person, err = p.SignIn(ctx, login, r.FormValue("password"), web.Address(ctx))
	}
	if err != nil {
		roles, listErr := p.demoRoles(ctx)
		if listErr != nil {
			return listErr
		}
		return web.Invalid(w, r, err, p.signInPage(ctx), signInBody(login, next, roles))
	}
	return p.enter(w, r, person, byPassword, next)
}

func (p pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.sessions.Destroy(r.Context()); err != nil {
		return err
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
	today := p.clock.Today()
	var out []demoRole
	for _, role := range account.Roles {
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

func (p pages) own(w http.ResponseWriter, r *http.Request) error {
	me, err := p.people.Find(r.Context(), auth.From(r.Context()), auth.From(r.Context()).Person)
	if err != nil {
		return err
	}
	return web.Show(w, r, p.ownPage(r.Context()), ownBody(me, p.clock.Today()))
}

func (p pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.ChangePassword(ctx, who, r.FormValue("present"), r.FormValue("password"), web.Address(ctx)); err != nil {
		me, findErr := p.people.Find(ctx, who, who.Person)
		if findErr != nil {
			return findErr
		}
		return web.Invalid(w, r, err, p.ownPage(ctx), ownBody(me, p.clock.Today()))
	}
	if err := p.open(ctx, who.Person, p.sessions.GetString(ctx, sessionMethod)); err != nil {
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
	web.SetLanguage(w, r, code)
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã đổi ngôn ngữ."))
}
