package account

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

func (p pages) mountRoles(r *web.Router) {
	r.Get("/vai-tro", auth.Admin, p.listRoles)
	r.Get("/vai-tro/moi", auth.Admin, p.newRole)
	r.PostFresh("/vai-tro", auth.Admin, p.addRole)
	r.Get("/vai-tro/{role}", auth.Admin, p.oneRole)
	r.PostFresh("/vai-tro/{role}", auth.Admin, p.editRole)
	r.PostFresh("/vai-tro/{role}/mac-dinh", auth.Admin, p.restoreRole)
	r.PostFresh("/vai-tro/{role}/xoa", auth.Admin, p.removeRole)
}

func rolesCrumb(ctx context.Context) []web.Crumb {
	return append(peopleCrumb(ctx), web.Crumb{Label: web.T(ctx, "Vai trò"), Path: "/vai-tro"})
}

func (p pages) listRoles(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	roles, err := p.allRoles(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	may, err := p.MayEditRoles(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Vai trò"), Nav: "people", Crumbs: peopleCrumb(ctx),
		Lead: web.T(ctx, "Mỗi vai trò là một nhóm quyền. Cấp vai trò cho ai, ở đơn vị nào, là ở trang của từng người.")}
	if may {
		page.Actions = web.LinkButton("/vai-tro/moi", web.T(ctx, "Thêm vai trò"), "")
	}
	return web.Show(w, r, page, rolesBody(roles, may))
}

func newRolePage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm vai trò"), Nav: "people", Crumbs: rolesCrumb(ctx)}
}

func (p pages) newRole(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if may, err := p.MayEditRoles(ctx, auth.From(ctx)); err != nil || !may {
		return orNotFound(err)
	}
	return web.Show(w, r, newRolePage(ctx), roleBody(Role{Permissions: []auth.Permission{auth.View}}, roleForm{May: true, New: true}))
}

// typedRole reads the form; its values go back to the page as they are.
func typedRole(r *http.Request) Role {
	role := Role{Code: r.PathValue("role"), Name: web.Value(r, "name"), Summary: web.Value(r, "summary")}
	for _, p := range web.Values(r, "right") {
		role.Permissions = append(role.Permissions, auth.Permission(p))
	}
	return role
}

func (p pages) addRole(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	role := typedRole(r)
	code, err := p.AddRole(ctx, auth.From(ctx), role)
	if err != nil {
		return web.Invalid(w, r, err, newRolePage(ctx), roleBody(role, roleForm{May: true, New: true}))
	}
	return web.Redirect(w, r, web.Path("vai-tro", code), web.T(ctx, "Đã thêm vai trò. Nay có thể cấp vai trò này ở trang của từng người."))
}

func (p pages) oneRole(w http.ResponseWriter, r *http.Request) error { return p.showRole(w, r, nil) }

// showRole shows a role, or with a fault what was typed.
func (p pages) showRole(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	role, may, err := p.FindRole(ctx, auth.From(ctx), r.PathValue("role"))
	if err != nil {
		return err
	}
	if role.Removed {
		return fault.NotFound()
	}
	top, err := p.MayEditRoles(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	_, known := defaultOf(role.Code)
	page := web.Page{Title: web.T(ctx, role.Name), Nav: "people", Crumbs: rolesCrumb(ctx)}
	form := roleForm{May: may, Default: known, Top: top}
	if wrong == nil {
		return web.Show(w, r, page, roleBody(role, form))
	}
	typed := typedRole(r)
	role.Name, role.Summary, role.Permissions = typed.Name, typed.Summary, typed.Permissions
	return web.Invalid(w, r, wrong, page, roleBody(role, form))
}

func (p pages) editRole(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	role := typedRole(r)
	role.Version = version
	if err := p.EditRole(ctx, auth.From(ctx), role); err != nil {
		return p.showRole(w, r, err)
	}
	return web.Redirect(w, r, web.Path("vai-tro", role.Code), web.T(ctx, "Đã lưu vai trò. Quyền mới có hiệu lực ngay."))
}

func (p pages) restoreRole(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.RestoreRole(ctx, auth.From(ctx), r.PathValue("role")); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("vai-tro", r.PathValue("role")), web.T(ctx, "Vai trò đã trở lại như chương trình đề xuất."))
}

func (p pages) removeRole(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.RemoveRole(ctx, auth.From(ctx), r.PathValue("role")); err != nil {
		return err
	}
	return web.Redirect(w, r, "/vai-tro", web.T(ctx, "Đã xóa vai trò."))
}
