package period

import (
	"context"
	"net/http"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/ky", auth.View, s.showList)
	r.Get("/ky/moi", auth.Consolidate, s.showNew)
	r.Post("/ky/moi", auth.Consolidate, s.makePeriod)
	r.Get("/ky/{slug}", auth.View, s.showPeriod)
	r.Post("/ky/{slug}/han", auth.Consolidate, s.setDueDay)
	r.Post("/ky/{slug}/khoa", auth.Consolidate, s.closePeriod)
	r.Post("/ky/{slug}/mo", auth.Consolidate, s.reopenPeriod)
}

const navKey = "ky"

// Path is the page of a period.
func (p Period) Path() string { return web.Path("ky", p.Slug()) }

type listPage struct {
	Kind      string // "" for all
	Kinds     []string
	Periods   []Period
	Today     string
	MayManage bool
}

type onePage struct {
	Period            Period
	History           []audit.Deed
	Extensions        []Extension
	Waiting           []Plea
	Today             string
	MayManage         bool
	Due, Reason       string // as typed
	Previous, Earlier string // paths of neighbours that the site has; "" for none
}

func crumbs(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Kỳ báo cáo"), Path: "/ky"}}
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p := listPage{Kind: web.Value(r, "loai"), Today: s.clock.Today()}
	if KindName(p.Kind) == "" {
		p.Kind = ""
	}
	all, err := s.List(ctx, who, "")
	if err != nil {
		return err
	}
	for _, kind := range Kinds {
		if slices.ContainsFunc(all, func(x Period) bool { return x.Kind == kind }) {
			p.Kinds = append(p.Kinds, kind)
		}
	}
	for _, x := range all {
		if p.Kind == "" || x.Kind == p.Kind {
			p.Periods = append(p.Periods, x)
		}
	}
	if p.MayManage, err = s.MayManage(ctx, who); err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Kỳ báo cáo"), Nav: navKey,
		Lead: web.T(ctx, "Số liệu và báo cáo gắn với kỳ. Kỳ đã khoá sổ không nhận thêm số liệu.")}
	if p.MayManage {
		page.Actions = web.LinkButton("/ky/moi", web.T(ctx, "Thêm kỳ"), "")
	}
	return web.Show(w, r, page, listBody(p))
}

func newPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thêm kỳ"), Nav: navKey, Crumbs: crumbs(ctx)}
}

// mustManage is the page's own check: who may not do it does not see the form.
func (s *Service) mustManage(ctx context.Context) error {
	may, err := s.MayManage(ctx, auth.From(ctx))
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.mustManage(ctx); err != nil {
		return err
	}
	next, err := s.Today(ctx, Quarter)
	if err != nil {
		return err
	}
	return web.Show(w, r, newPage(ctx), newBody(next.Code, ""))
}

func (s *Service) makePeriod(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, due := web.Value(r, "period"), ""
	p, err := Period{}, error(nil)
	if web.Value(r, "due") != "" {
		due, err = web.Date(r, "due")
	}
	if err == nil {
		p, err = s.Make(ctx, auth.From(ctx), code, due)
	}
	if err != nil {
		return web.Invalid(w, r, err, newPage(ctx), newBody(code, web.Value(r, "due")))
	}
	return web.Redirect(w, r, p.Path(), web.T(ctx, "Đã thêm kỳ %s.", p.Name()))
}

// asked reads the period that the path names.
func (s *Service) asked(r *http.Request) (Period, error) {
	p, err := FromSlug(r.PathValue("slug"))
	if err != nil {
		return p, err
	}
	return s.Find(r.Context(), auth.From(r.Context()), p.Code)
}

func (s *Service) showPeriod(w http.ResponseWriter, r *http.Request) error {
	return s.periodPage(w, r, nil)
}

// periodPage shows a period, again with what is wrong when wrong is a fault.
func (s *Service) periodPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	found, err := s.asked(r)
	if err != nil {
		return err
	}
	p := onePage{Period: found, Today: s.clock.Today(), Due: found.Due, Reason: web.Value(r, "reason")}
	if p.History, err = s.History(ctx, who, found); err != nil {
		return err
	}
	if p.Extensions, err = s.Extensions(ctx, who, found); err != nil {
		return err
	}
	if p.Waiting, err = s.Waiting(ctx, who, found); err != nil {
		return err
	}
	if p.MayManage, err = s.MayManage(ctx, who); err != nil {
		return err
	}
	if p.Previous, err = s.pathOf(ctx, who, found.Previous(), true); err != nil {
		return err
	}
	last, ok := found.SameLastYear()
	if p.Earlier, err = s.pathOf(ctx, who, last, ok); err != nil {
		return err
	}
	page := web.Page{Title: viet.UpperFirst(found.Name()), Nav: navKey, Crumbs: crumbs(ctx)}
	if wrong != nil {
		if typed := web.Value(r, "due"); typed != "" {
			p.Due = typed
		}
		return web.Invalid(w, r, wrong, page, oneBody(p))
	}
	return web.Show(w, r, page, oneBody(p))
}

// pathOf is the page of a neighbour when the site has it.
func (s *Service) pathOf(ctx context.Context, who auth.Actor, p Period, is bool) (string, error) {
	if !is || p.Year < firstYear {
		return "", nil
	}
	_, err := s.Find(ctx, who, p.Code)
	switch {
	case err == nil:
		return p.Path(), nil
	case fault.Is(err, fault.KindNotFound), fault.Is(err, fault.KindInvalid):
		return "", nil
	}
	return "", err
}

func (s *Service) setDueDay(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(p Period, version int) (string, error) {
		ctx, due := r.Context(), ""
		if web.Value(r, "due") != "" {
			var err error
			if due, err = web.Date(r, "due"); err != nil {
				return "", err
			}
		}
		return web.T(ctx, "Đã ghi hạn nộp báo cáo."), s.SetDue(ctx, auth.From(ctx), p.Code, due, version)
	})
}

func (s *Service) closePeriod(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(p Period, version int) (string, error) {
		ctx := r.Context()
		return web.T(ctx, "Đã khoá sổ kỳ %s.", p.Name()), s.Close(ctx, auth.From(ctx), p.Code, version, web.Value(r, "reason"))
	})
}

func (s *Service) reopenPeriod(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, func(p Period, version int) (string, error) {
		ctx := r.Context()
		return web.T(ctx, "Đã mở lại kỳ %s.", p.Name()), s.Reopen(ctx, auth.From(ctx), p.Code, version, web.Value(r, "reason"))
	})
}

// act runs a form of the period's page.
func (s *Service) act(w http.ResponseWriter, r *http.Request, fn func(Period, int) (done string, err error)) error {
	p, err := s.asked(r)
	if err != nil {
		return err
	}
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	done, err := fn(p, int(version))
	if err != nil {
		return s.periodPage(w, r, err)
	}
	return web.Redirect(w, r, p.Path(), done)
}

// verbText is an act in the user's words.
func verbText(verb string) string {
	switch verb {
	case "make":
		return "Thêm kỳ"
	case "close":
		return "Khoá sổ"
	case "reopen":
		return "Mở lại"
	case "due":
		return "Đổi hạn nộp báo cáo"
	case "extend":
		return "Gia hạn cho một đơn vị"
	case "plead":
		return "Một đơn vị xin gia hạn"
	case "withdraw-plea":
		return "Một đơn vị rút đề nghị gia hạn"
	case "decline-plea":
		return "Không gia hạn cho một đơn vị"
	}
	return verb
}
