package report

import (
	"context"
	"net/http"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

const navKey = "bao-cao"

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/bao-cao", auth.View, s.showBoard)
	r.Post("/bao-cao", auth.Consolidate, s.draftReport)
	r.Get("/bao-cao/nghia-vu", auth.Consolidate, s.showDuties)
	r.Post("/bao-cao/nghia-vu", auth.Consolidate, s.saveDuties)
	r.Get("/bao-cao/tiep-nhan", auth.Consolidate, web.Heavy(s.showBulk))
	r.Post("/bao-cao/tiep-nhan", auth.Consolidate, s.acceptBulk)
	r.Get("/bao-cao/trung", auth.Consolidate, s.showTwins)
	r.Post("/bao-cao/trung", auth.Consolidate, s.settleTwin)
	r.Get("/bao-cao/cac-buoc", auth.Consolidate, s.showWays)
	r.Post("/bao-cao/cac-buoc", auth.Consolidate, s.saveWay)
	r.Get("/bao-cao/lich-nhac", auth.Consolidate, s.showReminders)
	r.Post("/bao-cao/lich-nhac", auth.Consolidate, s.saveReminders)
	r.Get("/tien-do", auth.View, s.showProgress)
	r.Post("/tien-do/nhac", auth.Consolidate, s.postRemind)
	r.Get("/tien-do/goi", auth.Consolidate, s.showCalls)
	r.Get("/tien-do/qua-cac-ky", auth.View, s.showCourses)
	r.Get("/tien-do/qua-cac-ky/tai", auth.View, web.Heavy(s.downloadCourses))
	r.Get("/bao-cao/{id}", auth.View, s.showReport)
	r.Get("/bao-cao/{id}/in", auth.View, s.showPrint)
	r.Get("/bao-cao/{id}/tai", auth.View, web.Heavy(s.download))
	r.Post("/bao-cao/{id}/so", auth.Consolidate, s.setLetter)
	r.Post("/bao-cao/{id}/lop", auth.Consolidate, s.chooseLayer)
	r.Get("/bao-cao/{id}/muc/{code}", auth.Consolidate, s.showSection)
	r.Post("/bao-cao/{id}/muc/{code}", auth.Consolidate, s.saveSection)
	r.Get("/bao-cao/{id}/soan-lai", auth.Consolidate, s.showOffers)
	r.Post("/bao-cao/{id}/soan-lai", auth.Consolidate, s.takeOffers)
	r.Post("/bao-cao/{id}/chot", auth.Consolidate, s.freezeReport)
	r.Post("/bao-cao/{id}/ban-moi", auth.Consolidate, s.reissueReport)

	r.Get("/bao-cao-don-vi/{unit}/{period}", auth.View, s.showBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/gui", auth.Submit, s.submitBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/rut", auth.Submit, s.recallBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/duyet", auth.Approve, s.approveBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/tiep-nhan", auth.Consolidate, s.acceptBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/tra-lai", auth.Approve, s.returnBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/mo-lai", auth.Consolidate, s.reopenBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/gia-han", auth.Consolidate, s.extendBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/khong-gia-han", auth.Consolidate, s.declineBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/xin-gia-han", auth.Submit, s.pleadBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/rut-xin-gia-han", auth.Submit, s.withdrawBody)
	r.Post("/bao-cao-don-vi/{unit}/{period}/noi-dung", auth.Enter, s.addStatement)
	r.Get("/bao-cao-don-vi/{unit}/{period}/noi-dung/{id}", auth.Enter, s.showStatement)
	r.Post("/bao-cao-don-vi/{unit}/{period}/noi-dung/{id}", auth.Enter, s.saveStatement)
	r.Post("/bao-cao-don-vi/{unit}/{period}/noi-dung/{id}/go", auth.Enter, s.removeStatement)
}

// chosen reads the unit and period that a board is asked for, or takes the actor's first unit and the latest quarter.
func (s *Service) chosen(r *http.Request, tops []org.Unit, periods []period.Period) (unit string, p period.Period, err error) {
	if unit = web.Value(r, "don-vi"); unit == "" && len(tops) > 0 {
		unit = tops[0].Code
	}
	if slug := web.Value(r, "ky"); slug != "" {
		p, err = period.FromSlug(slug)
		return unit, p, err
	}
	today := s.clock.Today()
	for _, x := range periods { // the latest quarter that has ended or is about to
		if x.Kind == period.Quarter && x.From <= today {
			if x.To > today && x.Holds(today) && x.Previous().Due >= today {
				continue
			}
			return unit, x, nil
		}
	}
	p, err = s.periods.Today(r.Context(), period.Quarter)
	return unit, p, err
}

func (s *Service) showBoard(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	var p boardPage
	var err error
	if p.Tops, err = s.tops(ctx, who, s.clock.Today()); err != nil {
		return err
	}
	if p.Periods, err = s.periods.List(ctx, who, ""); err != nil {
		return err
	}
	unit, per, err := s.chosen(r, p.Tops, p.Periods)
	if err != nil {
		return err
	}
	if p.Board, err = s.Board(ctx, who, unit, per.Code); err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Tops, func(u org.Unit) bool { return u.ID == p.Board.Unit.ID }) {
		p.Tops = append(p.Tops, p.Board.Unit)
	}
	if p.Consolidated, err = s.Consolidated(ctx, who); err != nil {
		return err
	}
	for _, c := range p.Consolidated {
		if c.Unit == p.Board.Unit.ID && c.Period == p.Board.Period.ID {
			p.Mine = c.ID
		}
	}
	p.MayAsk = who.Has(auth.Consolidate)
	p.MayDraft = p.MayAsk && p.Board.Unit.Kind == org.Place && p.Board.Period.Version > 0
	page := web.Page{Title: web.T(ctx, "Báo cáo %s", p.Board.Period.Name()), Lead: p.Board.Unit.Name, Nav: navKey, Wide: true}
	if p.MayAsk {
		page.Actions = web.LinkButton(dutiesPath(p.Board.Unit.Code, p.Board.Period.Kind), web.T(ctx, "Đơn vị phải báo cáo"), "secondary")
	}
	return web.Show(w, r, page, boardBody(p))
}

func (s *Service) draftReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rep, err := s.Draft(ctx, auth.From(ctx), web.Value(r, "don-vi"), web.Value(r, "ky"))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/bao-cao/"+rep.ID, web.T(ctx, "Đã soạn báo cáo tổng hợp từ số liệu hiện có."))
}

func boardCrumb(ctx context.Context, unit string, p period.Period) web.Crumb {
	return web.Crumb{Label: web.T(ctx, "Báo cáo"), Path: boardPath(unit, p)}
}

func version(r *http.Request) (int, error) {
	n, err := web.Int64(r, "version")
	return int(n), err
}
