package account

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// The session's keys.
const (
	sessionPerson = "person"
	sessionMark   = "mark"
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
	r.Get("/nguoi-dung", auth.Admin, p.list)
	r.Get("/nguoi-dung/them", auth.Admin, p.addForm)
	r.Post("/nguoi-dung", auth.Admin, p.add)
	r.Get("/nguoi-dung/{id}", auth.Admin, p.one)
	r.Post("/nguoi-dung/{id}/cap-quyen", auth.Admin, p.grant)
	r.Post("/nguoi-dung/{id}/thu-quyen", auth.Admin, p.revoke)
	r.Post("/nguoi-dung/{id}/khoa", auth.Admin, p.disable)
	r.Post("/nguoi-dung/{id}/mat-khau", auth.Admin, p.resetPassword)
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

// open begins a session with a new token: one that was known before the sign-in must not become the person's.
func (s *Service) open(ctx context.Context, person string) error {
	_, mark, err := s.actor(ctx, person)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionPerson, person)
	s.sessions.Put(ctx, sessionMark, mark)
	return nil
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
	if err := p.open(ctx, person); err != nil {
		return err
	}
	return web.Redirect(w, r, next, "")
}

func (p pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/", web.T(r.Context(), "Bạn đã đăng xuất."))
}

func (p pages) enterDemo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := p.Actor(ctx, web.Value(r, "person"))
	if err != nil {
		return err
	}
	if !who.SignedIn() {
		return fault.NotFound()
	}
	if err := p.open(ctx, who.Person); err != nil {
		return err
	}
	return web.Redirect(w, r, r.FormValue("tiep"), web.T(ctx, "Bạn đang xem với vai %s.", who.Name))
}

// demoRole is a role with the people who hold it, for one-click entry.
type demoRole struct {
	Role   Role
	People []Person
}

// demoRoles is empty but in a demonstration.
func (p pages) demoRoles(ctx context.Context) ([]demoRole, error) {
	if !p.demo {
		return nil, nil
	}
	people, err := p.List(ctx, auth.System())
	if err != nil {
		return nil, err
	}
	today := p.clock.Today()
	var out []demoRole
	for _, role := range Roles {
		d := demoRole{Role: role}
		for _, one := range people {
			if one.Disabled {
				continue
			}
			for _, g := range one.Grants {
				if g.Role == role.Code && g.Holds(today) {
					d.People = append(d.People, Person{ID: one.ID, Name: one.Name, Grants: []Grant{g}})
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
	me, err := p.Find(r.Context(), auth.From(r.Context()), auth.From(r.Context()).Person)
	if err != nil {
		return err
	}
	return web.Show(w, r, p.ownPage(r.Context()), ownBody(me, p.clock.Today()))
}

func (p pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.ChangePassword(ctx, who, r.FormValue("present"), r.FormValue("password"), web.Address(ctx)); err != nil {
		me, findErr := p.Find(ctx, who, who.Person)
		if findErr != nil {
			return findErr
		}
		return web.Invalid(w, r, err, p.ownPage(ctx), ownBody(me, p.clock.Today()))
	}
	if err := p.open(ctx, who.Person); err != nil {
		return err
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc."))
}

func (p pages) changeLanguage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code := web.Value(r, "lang")
	if err := p.SetLanguage(ctx, auth.From(ctx), code); err != nil {
		return err
	}
	web.SetLanguage(w, r, code)
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã đổi ngôn ngữ."))
}

func (p pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	people, err := p.List(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Người dùng"), Nav: "people",
		Lead:    web.T(ctx, "Những người có vai trò ở các đơn vị trong phạm vi quản trị của bạn."),
		Actions: web.LinkButton("/nguoi-dung/them", web.T(ctx, "Thêm người dùng"), "")},
		listBody(listPageOf(people, web.Value(r, "tim"), p.clock.Today(), web.PageNumber(r))))
}

// peoplePerPage is how many people a page of the list shows.
const peoplePerPage = 50

// listPage is what the list shows of all the people that the actor administers.
type listPage struct {
	People []Person
	Total  int // of all
	Search string
	Today  string
	Pager  web.PagerProps
}

func listPageOf(all []Person, search, today string, number int) listPage {
	found := matching(all, search, today)
	pages := max(1, (len(found)+peoplePerPage-1)/peoplePerPage)
	number = min(number, pages)
	first := (number - 1) * peoplePerPage
	return listPage{
		People: found[first:min(first+peoplePerPage, len(found))], Total: len(all), Search: search, Today: today,
		Pager: web.PagerProps{Page: number, Pages: pages, URL: web.URL("/nguoi-dung", "tim", search)},
	}
}

func peopleCrumb(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Người dùng"), Path: "/nguoi-dung"}}
}

func addPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm người dùng"), Nav: "people", Crumbs: peopleCrumb(ctx)}
}

func (p pages) addForm(w http.ResponseWriter, r *http.Request) error {
	units, err := p.Units(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return web.Show(w, r, addPage(r.Context()), addBody(NewPerson{}, "", units))
}

// add makes the first password itself and shows it once: it is stored nowhere in the clear, so the page cannot be a
// redirect's.
func (p pages) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	units, err := p.Units(ctx, who)
	if err != nil {
		return err
	}
	password, err := NewPassword()
	if err != nil {
		return err
	}
	n := NewPerson{Login: web.Value(r, "login"), Name: web.Value(r, "name"), Language: web.Value(r, "language"),
		Password: password, Role: web.Value(r, "role"), Unit: unitOf(units, web.Value(r, "unit"))}
	id, err := p.AddPerson(ctx, who, n)
	if err != nil {
		return web.Invalid(w, r, err, addPage(ctx), addBody(n, web.Value(r, "unit"), units))
	}
	return p.showPassword(w, r, id, web.T(ctx, "Đã thêm người dùng"), password)
}

// unitOf finds the unit with that code among those that may be chosen; 0 is none.
func unitOf(units []Unit, code string) int64 {
	for _, u := range units {
		if u.Code == code {
			return u.ID
		}
	}
	return 0
}

func (p pages) showPassword(w http.ResponseWriter, r *http.Request, id, title, password string) error {
	one, err := p.Find(r.Context(), auth.From(r.Context()), id)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, web.Page{Title: title, Nav: "people", Crumbs: peopleCrumb(r.Context())}, passwordBody(one, password))
}

func (p pages) one(w http.ResponseWriter, r *http.Request) error { return p.showOne(w, r, nil, "") }

// showOne shows a person, again with what is wrong when err is a fault.
func (p pages) showOne(w http.ResponseWriter, r *http.Request, wrong error, unit string) error {
	ctx := r.Context()
	who := auth.From(ctx)
	one, err := p.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	units, err := p.Units(ctx, who)
	if err != nil {
		return err
	}
	page := web.Page{Title: one.Name, Nav: "people", Crumbs: peopleCrumb(ctx)}
	body := oneBody(one, oneForm{Self: one.ID == who.Person, Today: p.clock.Today(), Role: web.Value(r, "role"), Unit: unit,
		To: web.Value(r, "to"), Units: units})
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, body)
	}
	return web.Show(w, r, page, body)
}

func (p pages) grant(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	units, err := p.Units(ctx, who)
	if err != nil {
		return err
	}
	g := Grant{Person: r.PathValue("id"), Role: web.Value(r, "role"), Unit: unitOf(units, web.Value(r, "unit"))}
	if web.Value(r, "to") != "" {
		if g.To, err = web.Date(r, "to"); err != nil {
			return p.showOne(w, r, err, web.Value(r, "unit"))
		}
	}
	if _, err := p.Grant(ctx, who, g); err != nil {
		return p.showOne(w, r, err, web.Value(r, "unit"))
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", g.Person), web.T(ctx, "Đã cấp vai trò."))
}

func (p pages) revoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Revoke(ctx, auth.From(ctx), r.PathValue("id"), web.Value(r, "grant")); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", r.PathValue("id")), web.T(ctx, "Đã thu vai trò."))
}

func (p pages) disable(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	disabled := web.Value(r, "khoa") == "1"
	if err := p.Disable(ctx, auth.From(ctx), r.PathValue("id"), version, disabled); err != nil {
		return err
	}
	done := web.T(ctx, "Đã mở khóa tài khoản.")
	if disabled {
		done = web.T(ctx, "Đã khóa tài khoản.")
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", r.PathValue("id")), done)
}

func (p pages) resetPassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	password, err := NewPassword()
	if err != nil {
		return err
	}
	if err := p.SetPassword(ctx, auth.From(ctx), r.PathValue("id"), password); err != nil {
		return err
	}
	return p.showPassword(w, r, r.PathValue("id"), web.T(ctx, "Đã đặt lại mật khẩu"), password)
}
