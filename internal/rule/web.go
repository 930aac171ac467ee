package rule

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// navKey: rules belong to the catalogue, as people see it.
const navKey = "chi-tieu"

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/quy-tac", auth.View, s.showList)
	r.Get("/quy-tac/them", auth.EditCatalog, s.showNew)
	r.Post("/quy-tac", auth.EditCatalog, s.add)
	r.Post("/quy-tac/thu", auth.EditCatalog, s.tryNew)
	r.Get("/quy-tac/{id}", auth.View, s.showOne)
	r.Post("/quy-tac/{id}", auth.EditCatalog, s.change)
	r.Post("/quy-tac/{id}/thu", auth.EditCatalog, s.tryOne)
	r.Post("/quy-tac/{id}/bat-tat", auth.EditCatalog, s.toggle)
}

func crumbs(ctx context.Context, deep bool) []web.Crumb {
	out := []web.Crumb{{Label: web.T(ctx, "Danh mục chỉ tiêu"), Path: "/chi-tieu"}}
	if deep {
		out = append(out, web.Crumb{Label: web.T(ctx, "Quy tắc kiểm tra"), Path: "/quy-tac"})
	}
	return out
}

// line is a rule on the list; Outgrown says why it can no longer be asked.
type line struct {
	Rule
	Outgrown string
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	rules, err := s.List(ctx, who)
	if err != nil {
		return err
	}
	may, err := s.MayEdit(ctx, who)
	if err != nil {
		return err
	}
	catalog, err := s.indicators.Catalog(ctx)
	if err != nil {
		return err
	}
	lines := make([]line, len(rules))
	for i, one := range rules {
		lines[i].Rule = one
		if _, err := Parse(one.Expr, catalog); err != nil {
			lines[i].Outgrown = firstSaid(ctx, err)
		}
	}
	page := web.Page{Title: web.T(ctx, "Quy tắc kiểm tra"), Nav: navKey, Crumbs: crumbs(ctx, false),
		Lead: web.T(ctx, "Điều kiện mà số liệu của mỗi đơn vị phải thỏa mãn trước khi gửi báo cáo.")}
	if may {
		page.Actions = web.LinkButton("/quy-tac/them", web.T(ctx, "Thêm quy tắc"), "")
	}
	return web.Show(w, r, page, listBody(lines, may))
}

// firstSaid is the first fault of an error in the reader's language.
func firstSaid(ctx context.Context, err error) string {
	if all := fault.All(err); len(all) > 0 {
		return web.Said(ctx, all[0])
	}
	return ""
}

// form is what the page of one rule shows for editing.
type form struct {
	Rule
	Period  string // of the trial
	Periods []period.Period
	Trial   *Trial
}

func (s *Service) formOf(r *http.Request, start Rule) (form, error) {
	f := form{Rule: start}
	if r.Method == http.MethodPost {
		f.Name, f.Expr, f.Message = web.Value(r, "name"), web.Value(r, "expr"), web.Value(r, "message")
		f.Severity, f.Kind, f.From, f.To = Severity(web.Value(r, "severity")), org.Kind(web.Value(r, "kind")), web.Value(r, "from"), web.Value(r, "to")
		f.Period = web.Value(r, "ky")
	}
	var err error
	f.Periods, err = s.periods(r.Context())
	for _, p := range f.Periods { // the latest first: the newest quarter that has ended is what people have at hand
		if f.Period == "" && p.Kind == period.Quarter && p.To < s.clock.Today() {
			f.Period = p.Code
		}
	}
	return f, err
}

// typed reads the days of a form, which a browser or a hand may have written; the rest is the service's to check.
func typed(r *http.Request, f *form) error {
	var bad fault.List
	for name, day := range map[string]*string{"from": &f.From, "to": &f.To} {
		if *day == "" {
			continue
		}
		iso, err := web.Date(r, name)
		if err != nil {
			if err := bad.Add(err); err != nil {
				return err
			}
			continue
		}
		*day = iso
	}
	return bad.Err()
}

func newPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm quy tắc kiểm tra"), Nav: navKey, Crumbs: crumbs(ctx, true)}
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	if err := s.mustEdit(r.Context()); err != nil {
		return err
	}
	f, err := s.formOf(r, Rule{Severity: Soft})
	if err != nil {
		return err
	}
	return web.Show(w, r, newPage(r.Context()), newBody(f))
}

// mustEdit is the page's own check: who may not do it does not see the form.
func (s *Service) mustEdit(ctx context.Context) error {
	may, err := s.MayEdit(ctx, auth.From(ctx))
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func (s *Service) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.formOf(r, Rule{})
	if err != nil {
		return err
	}
	if err = typed(r, &f); err == nil {
		var id string
		if id, err = s.Add(ctx, auth.From(ctx), f.Rule); err == nil {
			return web.Redirect(w, r, web.Path("quy-tac", id), web.T(ctx, "Đã thêm quy tắc."))
		}
	}
	return web.Invalid(w, r, err, newPage(ctx), newBody(f))
}

func (s *Service) tryNew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.mustEdit(ctx); err != nil {
		return err
	}
	f, err := s.formOf(r, Rule{})
	if err != nil {
		return err
	}
	if err := s.try(ctx, &f); err != nil {
		return web.Invalid(w, r, err, newPage(ctx), newBody(f))
	}
	return web.Show(w, r, newPage(ctx), newBody(f))
}

func (s *Service) try(ctx context.Context, f *form) error {
	t, err := s.Try(ctx, auth.From(ctx), f.Expr, f.Kind, f.Period)
	if err == nil {
		f.Trial = &t
	}
	return err
}

// onePage reads a rule for its page; f is filled from what was typed, if something was.
func (s *Service) onePage(r *http.Request) (web.Page, form, []Rule, bool, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	all, err := s.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return web.Page{}, form{}, nil, false, err
	}
	may, err := s.MayEdit(ctx, who)
	if err != nil {
		return web.Page{}, form{}, nil, false, err
	}
	f, err := s.formOf(r, all[0])
	return web.Page{Title: all[0].Name, Nav: navKey, Crumbs: crumbs(ctx, true)}, f, all, may, err
}

func (s *Service) showOne(w http.ResponseWriter, r *http.Request) error {
	page, f, all, may, err := s.onePage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, oneBody(f, all, may))
}

func (s *Service) change(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, f, all, may, err := s.onePage(r)
	if err != nil {
		return err
	}
	version, err := web.Int64(r, "version")
	if err == nil {
		err = typed(r, &f)
	}
	if err == nil {
		f.Version = int(version)
		if err = s.Change(ctx, auth.From(ctx), f.Rule); err == nil {
			return web.Redirect(w, r, web.Path("quy-tac", f.ID), web.T(ctx, "Đã sửa quy tắc."))
		}
	}
	return web.Invalid(w, r, err, page, oneBody(f, all, may))
}

func (s *Service) tryOne(w http.ResponseWriter, r *http.Request) error {
	page, f, all, may, err := s.onePage(r)
	if err == nil && !may {
		err = fault.NotFound()
	}
	if err != nil {
		return err
	}
	if err := s.try(r.Context(), &f); err != nil {
		return web.Invalid(w, r, err, page, oneBody(f, all, may))
	}
	return web.Show(w, r, page, oneBody(f, all, may))
}

func (s *Service) toggle(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	off := web.Value(r, "tat") == "1"
	if err := s.Switch(ctx, auth.From(ctx), r.PathValue("id"), int(version), off); err != nil {
		return err
	}
	done := web.T(ctx, "Đã bật quy tắc.")
	if off {
		done = web.T(ctx, "Đã tắt quy tắc.")
	}
	return web.Redirect(w, r, web.Path("quy-tac", r.PathValue("id")), done)
}
