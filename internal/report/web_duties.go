package report

import (
	"net/http"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

func (s *Service) dutiesPage(r *http.Request) (web.Page, dutiesPage, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	p := dutiesPage{Kind: web.Value(r, "loai"), From: web.Value(r, "from"), Chosen: map[string]bool{}}
	page := web.Page{Title: web.T(ctx, "Đơn vị phải báo cáo"), Nav: navKey, Crumbs: []web.Crumb{{Label: web.T(ctx, "Báo cáo"), Path: "/bao-cao"}}}
	if !slices.Contains(dutyKinds, p.Kind) {
		p.Kind = period.Quarter
	}
	current, err := s.periods.Today(ctx, p.Kind)
	if err != nil {
		return page, p, err
	}
	if p.From == "" {
		p.From = current.From
	}
	if p.Tops, err = s.tops(ctx, who, s.clock.Today()); err != nil {
		return page, p, err
	}
	code := web.Value(r, "don-vi")
	if code == "" && len(p.Tops) > 0 {
		code = p.Tops[0].Code
	}
	if p.Unit, err = s.units.Find(ctx, who, code, s.clock.Today()); err != nil {
		return page, p, err
	}
	if p.Owing, err = s.Duties(ctx, who, code, p.Kind, s.clock.Today()); err != nil {
		return page, p, err
	}
	for _, o := range p.Owing {
		p.Chosen[o.Code] = o.Owes
	}
	page.Lead = p.Unit.Name
	return page, p, nil
}

func (s *Service) showDuties(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.dutiesPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, dutiesBody(p))
}

func (s *Service) saveDuties(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	page, p, err := s.dutiesPage(r)
	if err != nil {
		return err
	}
	asked := web.Values(r, "ma")
	var begin, end []string
	for _, o := range p.Owing {
		want := slices.Contains(asked, o.Code)
		p.Chosen[o.Code] = want
		switch {
		case want && !o.Owes:
			begin = append(begin, o.Code)
		case !want && o.Owes:
			end = append(end, o.Code)
		}
	}
	from, err := web.Date(r, "from")
	if err == nil {
		err = s.SetDuty(ctx, who, begin, p.Kind, from)
	}
	if err == nil {
		err = s.EndDuty(ctx, who, end, p.Kind, from)
	}
	if err != nil {
		return web.Invalid(w, r, err, page, dutiesBody(p))
	}
	return web.Redirect(w, r, dutiesPath(p.Unit.Code, p.Kind), web.T(ctx, "Đã lưu danh sách đơn vị phải báo cáo."))
}
