package account

import (
	"context"
	"net/http"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/org"
	"giaoban/internal/web"
)

// Welcome gives the house the page that lets a new person in, whose id is the request's {id}; without one it leads to their
// page.
func (s *Service) Welcome(page web.Handler) { s.welcome = page }

// Mount mounts the house's pages.
func (s *Service) Mount(r *web.Router) {
	p := pages{s}
	r.Get("/nguoi-dung", auth.Admin, p.list)
	r.Post(searchPath, auth.Admin, p.list)
	r.Get("/nguoi-dung/them", auth.Admin, p.addForm)
	r.PostFresh("/nguoi-dung", auth.Admin, p.add)
	r.Get("/nguoi-dung/{id}", auth.Admin, p.one)
	r.PostFresh("/nguoi-dung/{id}/cap-quyen", auth.Admin, p.grant)
	r.PostFresh("/nguoi-dung/{id}/thu-quyen", auth.Admin, p.revoke)
	r.Post("/nguoi-dung/{id}/khoa", auth.Admin, p.disable)
	p.mountRoles(r)
	p.mountDelegations(r)
}

type pages struct{ *Service }

// list shows the people, those that a posted search finds or all.
func (p pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	people, err := p.List(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	v := listPageOf(people, web.Clean(r.PostFormValue("tim")), p.clock.Today(), web.PageNumber(r))
	if p.entry.Waiting != nil {
		ids := make([]string, len(v.People))
		for i, one := range v.People {
			ids[i] = one.ID
		}
		if v.Waiting, err = p.entry.Waiting(ctx, ids); err != nil {
			return err
		}
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Người dùng"), Nav: "people",
		Lead:    web.T(ctx, "Những người có vai trò ở các đơn vị trong phạm vi quản trị của bạn."),
		Actions: peopleActions()},
		listBody(v))
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

	Waiting map[string]int64 // until when the slip of a person holds that they have not used
}

func listPageOf(all []Person, search, today string, number int) listPage {
	found := matching(all, search, today)
	pages := max(1, (len(found)+peoplePerPage-1)/peoplePerPage)
	number = min(number, pages)
	first := (number - 1) * peoplePerPage
	return listPage{
		People: found[first:min(first+peoplePerPage, len(found))], Total: len(all), Search: search, Today: today,
		Pager: web.PagerProps{Page: number, Pages: pages, URL: "/nguoi-dung"},
	}
}

func peopleCrumb(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Người dùng"), Path: "/nguoi-dung"}}
}

func addPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm người dùng"), Nav: "people", Crumbs: peopleCrumb(ctx)}
}

// choices reads what a grant is chosen from, and what was chosen.
func (p pages) choices(r *http.Request) (f grantForm, err error) {
	ctx := r.Context()
	f = grantForm{Role: web.Value(r, "role"), Unit: web.Value(r, "unit"), Hierarchy: web.Value(r, "hierarchy")}
	if f.Units, err = p.Units(ctx, auth.From(ctx)); err != nil {
		return f, err
	}
	f.Roles, err = p.Roles(ctx, auth.From(ctx))
	return f, err
}

// hierarchy is the tree that was chosen; what is none of them is refused where the grant is made.
func (f grantForm) hierarchy() org.Hierarchy {
	n, err := strconv.ParseInt(or(f.Hierarchy, "1"), 10, 64)
	if err != nil {
		return -1
	}
	return org.Hierarchy(n)
}

func (p pages) addForm(w http.ResponseWriter, r *http.Request) error {
	form, err := p.choices(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, addPage(r.Context()), addBody(NewPerson{}, form))
}

// add ends with what lets the new person in, which is shown once and stored nowhere in the clear, so the page cannot be a
// redirect's.
func (p pages) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	form, err := p.choices(r)
	if err != nil {
		return err
	}
	n := NewPerson{Login: web.Value(r, "login"), Name: web.Value(r, "name"), Language: web.Value(r, "language"), Email: web.Value(r, "email"),
		Role: form.Role, Unit: unitOf(form.Units, form.Unit), Hierarchy: form.hierarchy()}
	id, err := p.AddPerson(ctx, who, n)
	if err != nil {
		return web.Invalid(w, r, err, addPage(ctx), addBody(n, form))
	}
	if p.welcome == nil {
		return web.Redirect(w, r, web.Path("nguoi-dung", id), web.T(ctx, "Đã thêm người dùng."))
	}
	r.SetPathValue("id", id)
	return p.welcome(w, r)
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

func (p pages) one(w http.ResponseWriter, r *http.Request) error { return p.showOne(w, r, nil) }

// showOne shows a person, again with what is wrong when err is a fault.
func (p pages) showOne(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	who := auth.From(ctx)
	one, err := p.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := oneForm{Self: one.ID == who.Person, Today: p.clock.Today(), Office: web.Value(r, "office"), From: web.Value(r, "from"), To: web.Value(r, "to")}
	if f.grantForm, err = p.choices(r); err != nil {
		return err
	}
	if f.Offices, err = p.Offices(ctx, who, one.ID); err != nil {
		return err
	}
	if f.Given, f.Taken, err = p.Delegations(ctx, who, one.ID); err != nil {
		return err
	}
	page := web.Page{Title: one.Name, Nav: "people", Crumbs: peopleCrumb(ctx)}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, oneBody(one, f))
	}
	return web.Show(w, r, page, oneBody(one, f))
}

func (p pages) grant(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := p.choices(r)
	if err != nil {
		return err
	}
	g := Grant{Person: r.PathValue("id"), Role: form.Role, Unit: unitOf(form.Units, form.Unit), Hierarchy: form.hierarchy(), Office: web.Value(r, "office")}
	for field, day := range map[string]*string{"from": &g.From, "to": &g.To} {
		if web.Value(r, field) == "" {
			continue
		}
		if *day, err = web.Date(r, field); err != nil {
			return p.showOne(w, r, err)
		}
	}
	if _, err := p.Grant(ctx, auth.From(ctx), g); err != nil {
		return p.showOne(w, r, err)
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
