package report

import (
	"net/http"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/org"
	"giaoban/internal/web"
)

// waysPage is the page that says which steps reports go through.
type waysPage struct {
	Rules []WayRule
	Typed WayRule
	Unit  string // as typed
}

func (s *Service) waysPage(r *http.Request) (web.Page, waysPage, error) {
	ctx := r.Context()
	p := waysPage{Typed: WayRule{ValidFrom: s.clock.Today()}}
	page := web.Page{Title: web.T(ctx, "Các bước của báo cáo"), Nav: navKey, Crumbs: []web.Crumb{{Label: web.T(ctx, "Báo cáo"), Path: "/bao-cao"}},
		Lead: web.T(ctx, "Báo cáo đi từ đơn vị qua người đứng đầu đơn vị đến văn phòng. Ở đây đặt nơi nào được bỏ qua một bước, từ ngày nào.")}
	var err error
	p.Rules, err = s.WayRules(ctx, auth.From(ctx))
	return page, p, err
}

func (s *Service) showWays(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.waysPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, waysBody(p))
}

func (s *Service) saveWay(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, p, err := s.waysPage(r)
	if err != nil {
		return err
	}
	p.Unit = strings.ToUpper(web.Value(r, "unit"))
	p.Typed = WayRule{
		Level: org.Level(web.Value(r, "level")), ValidFrom: web.Value(r, "from"), Reason: web.Value(r, "reason"),
		Way: Way{SkipHead: web.Checked(r, "skip-head"), SkipOffice: web.Checked(r, "skip-office"), Self: web.Checked(r, "self")},
	}
	asked := p.Typed
	if asked.ValidFrom, err = web.Date(r, "from"); err == nil {
		err = s.SetWay(ctx, auth.From(ctx), p.Unit, asked)
	}
	if err != nil {
		return web.Invalid(w, r, err, page, waysBody(p))
	}
	return web.Redirect(w, r, "/bao-cao/cac-buoc", web.T(ctx, "Đã ghi các bước của báo cáo."))
}
