package report

import (
	"net/http"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// progressPage is the office's board as shown.
type progressPage struct {
	Progress
	All     Progress
	Ask     Ask
	Tops    []org.Unit
	Periods []period.Period
	MayAsk  bool
}

func progressPath(unit string, p period.Period) string {
	return web.URL("/tien-do", "don-vi", unit, "ky", p.Slug())
}

func (s *Service) progressOf(r *http.Request) (p progressPage, err error) {
	ctx, who := r.Context(), auth.From(r.Context())
	if p.Tops, err = s.tops(ctx, who, s.clock.Today()); err != nil {
		return p, err
	}
	if p.Periods, err = s.periods.List(ctx, who, ""); err != nil {
		return p, err
	}
	unit, per, err := s.chosen(r, p.Tops, p.Periods)
	if err != nil {
		return p, err
	}
	if p.All, err = s.Progress(ctx, who, unit, per.Code); err != nil {
		return p, err
	}
	p.Ask = Ask{Stage: Stage(web.Value(r, "loc")), Level: org.Level(web.Value(r, "cap")), Form: web.Value(r, "bieu"), Name: web.Value(r, "tim"), Sort: web.Value(r, "xep")}
	p.Progress = p.All.Pick(p.Ask)
	if !slices.ContainsFunc(p.Tops, func(u org.Unit) bool { return u.ID == p.Unit.ID }) {
		p.Tops = append(p.Tops, p.Unit)
	}
	p.MayAsk = who.Has(auth.Consolidate)
	return p, nil
}

func (s *Service) showProgress(w http.ResponseWriter, r *http.Request) error {
	p, err := s.progressOf(r)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(r.Context(), "Tiến độ %s", p.Period.Name()), Lead: p.Unit.Name, Nav: navKey, Wide: true,
		Crumbs: []web.Crumb{boardCrumb(r.Context(), p.Unit.Code, p.Period)}}
	return web.Show(w, r, page, progressBody(p))
}

func (s *Service) postRemind(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return err
	}
	var codes []string
	if !web.Checked(r, "tat-ca") {
		if codes = web.Values(r, "chon"); len(codes) == 0 {
			return web.Redirect(w, r, progressPath(web.Value(r, "don-vi"), p), web.T(ctx, "Chưa đánh dấu đơn vị nào để nhắc."))
		}
	}
	done, err := s.Remind(ctx, auth.From(ctx), web.Value(r, "don-vi"), p.Code, codes)
	if err != nil {
		return err
	}
	text := web.T(ctx, "Đã nhắc %d đơn vị (%d người) trên trang thông báo của họ.", done.Bodies, done.People)
	if len(done.Alone) > 0 {
		text += " " + web.T(ctx, "Chưa có người dùng, cần gọi điện: %s.", strings.Join(done.Alone, ", "))
	}
	return web.Redirect(w, r, progressPath(web.Value(r, "don-vi"), p), text)
}

func (s *Service) showCalls(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	per, err := period.FromSlug(web.Value(r, "ky"))
	if err != nil {
		return err
	}
	p, calls, err := s.Calls(ctx, auth.From(ctx), web.Value(r, "don-vi"), per.Code)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Danh sách đơn vị cần gọi"), Lead: p.Unit.Name + ", " + web.T(ctx, p.Period.Name()), Nav: navKey,
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Tiến độ"), Path: progressPath(p.Unit.Code, p.Period)}}}
	return web.Show(w, r, page, callsBody(p, calls))
}
