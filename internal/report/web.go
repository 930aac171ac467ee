package report

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
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
	r.Get("/bao-cao/{id}", auth.View, s.showReport)
	r.Get("/bao-cao/{id}/in", auth.View, s.showPrint)
	r.Get("/bao-cao/{id}/tai", auth.View, s.download)
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
	r.Post("/bao-cao-don-vi/{unit}/{period}/tra-lai", auth.Approve, s.returnBody)
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

func (s *Service) viewPage(r *http.Request) (web.Page, View, error) {
	ctx := r.Context()
	v, err := s.View(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return web.Page{}, v, err
	}
	return web.Page{
		Title: web.T(ctx, "Báo cáo tổng hợp") + " " + v.Period.Name() + issueText(ctx, v.Report), Lead: v.Unit.Name, Nav: navKey, Wide: true,
		Crumbs: []web.Crumb{boardCrumb(ctx, v.Unit.Code, v.Period)},
	}, v, nil
}

func (s *Service) showReport(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.viewPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, viewBody(v))
}

func (s *Service) showPrint(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.Document(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	html, err := doc.HTML(d)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Bản in của báo cáo"), Nav: navKey, Head: printHead(),
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Báo cáo tổng hợp"), Path: "/bao-cao/" + r.PathValue("id")}}}, printBody(html))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.Export(ctx, auth.From(ctx), r.PathValue("id"), web.Value(r, "dang"))
	if err != nil {
		return err
	}
	web.Attachment(w, f.Name, f.Type)
	_, _ = w.Write(f.Data) // the reader has gone: nobody is left to tell
	return nil
}

func version(r *http.Request) (int, error) {
	n, err := web.Int64(r, "version")
	return int(n), err
}

// acted leads back to a consolidated report after a step, or shows it again with what was wrong.
func (s *Service) acted(w http.ResponseWriter, r *http.Request, err error, flash string) error {
	if err == nil {
		return web.Redirect(w, r, "/bao-cao/"+r.PathValue("id"), flash)
	}
	if fault.Is(err, fault.KindNotFound) {
		return err
	}
	page, v, again := s.viewPage(r)
	if again != nil {
		return again
	}
	return web.Invalid(w, r, err, page, viewBody(v))
}

func (s *Service) chooseLayer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := version(r)
	if err != nil {
		return err
	}
	layer, err := web.Int64(r, "layer")
	if err == nil {
		_, err = s.UseLayer(ctx, auth.From(ctx), r.PathValue("id"), seen, figure.Layer(layer))
	}
	return s.acted(w, r, err, web.T(ctx, "Đã đổi lớp số liệu."))
}

func (s *Service) freezeReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := version(r)
	if err == nil {
		_, err = s.Freeze(ctx, auth.From(ctx), r.PathValue("id"), seen)
	}
	return s.acted(w, r, err, web.T(ctx, "Đã chốt báo cáo. Mọi con số đã được cố định."))
}

func (s *Service) reissueReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	next, err := s.Reissue(ctx, auth.From(ctx), r.PathValue("id"), web.Value(r, "reason"))
	if err != nil {
		return s.acted(w, r, err, "")
	}
	return web.Redirect(w, r, "/bao-cao/"+next.ID, web.T(ctx, "Đã lập bản mới. Bản cũ vẫn có hiệu lực cho đến khi bản này được chốt."))
}

func (s *Service) sectionPage(r *http.Request) (web.Page, sectionPage, error) {
	ctx := r.Context()
	_, v, err := s.viewPage(r)
	if err != nil {
		return web.Page{}, sectionPage{}, err
	}
	code := r.PathValue("code")
	if !v.MayEdit || code == danhGia || !slices.ContainsFunc(frame(v.Period), func(sl slot) bool { return sl.code == code }) {
		return web.Page{}, sectionPage{}, fault.NotFound()
	}
	catalog, err := s.indicators.Catalog(ctx)
	if err != nil {
		return web.Page{}, sectionPage{}, err
	}
	sec := v.Sections[code]
	p := sectionPage{View: v, Code: code, Text: sec.Text, Version: sec.Version, Help: tokenCodes(catalog)}
	return web.Page{
		Title: web.T(ctx, "Sửa mục: %s", heading(v.Period, code)), Nav: navKey,
		Crumbs: []web.Crumb{boardCrumb(ctx, v.Unit.Code, v.Period), {Label: web.T(ctx, "Báo cáo tổng hợp"), Path: reportPath(v)}},
	}, p, nil
}

func (s *Service) showSection(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.sectionPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, sectionBody(p))
}

func (s *Service) saveSection(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := version(r)
	if err != nil {
		return err
	}
	text := web.Value(r, "text")
	now, err := s.EditSection(ctx, auth.From(ctx), r.PathValue("id"), r.PathValue("code"), seen, text)
	if err == nil {
		return web.Redirect(w, r, "/bao-cao/"+r.PathValue("id")+"#"+r.PathValue("code"), web.T(ctx, "Đã lưu mục."))
	}
	page, p, again := s.sectionPage(r)
	if again != nil {
		return again
	}
	p.Text, p.Version = text, seen
	if fault.Is(err, fault.KindConflict) && now.Version != seen {
		p.Theirs, p.Version = &now, now.Version
	}
	return web.Invalid(w, r, err, page, sectionBody(p))
}

func (s *Service) showOffers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, v, err := s.viewPage(r)
	if err != nil {
		return err
	}
	offers, err := s.Offers(ctx, auth.From(ctx), v.Report.ID)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{
		Title: web.T(ctx, "Soạn lại từ số liệu mới"), Nav: navKey, Lead: web.T(ctx, "Mục đã sửa tay chỉ được thay khi bạn đánh dấu."),
		Crumbs: []web.Crumb{boardCrumb(ctx, v.Unit.Code, v.Period), {Label: web.T(ctx, "Báo cáo tổng hợp"), Path: reportPath(v)}},
	}, offersBody(v, offers))
}

func (s *Service) takeOffers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := version(r)
	if err == nil {
		_, err = s.Redraft(ctx, auth.From(ctx), r.PathValue("id"), seen, web.Values(r, "muc"))
	}
	return s.acted(w, r, err, web.T(ctx, "Đã soạn lại từ số liệu mới."))
}

func (s *Service) bodyPage(r *http.Request) (web.Page, BodyView, statementForm, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	var v BodyView
	p, err := period.FromSlug(r.PathValue("period"))
	if err == nil {
		v, err = s.Body(ctx, who, r.PathValue("unit"), p.Code)
	}
	if err != nil {
		return web.Page{}, v, statementForm{}, err
	}
	form := statementForm{Kind: string(Result)}
	if v.MayEnter {
		if form.Topics, err = s.TopicsUsed(ctx, who); err != nil {
			return web.Page{}, v, form, err
		}
	}
	return web.Page{
		Title: web.T(ctx, "Báo cáo %s", v.Period.Name()), Lead: v.Unit.Name, Nav: navKey, Wide: true,
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Báo cáo"), Path: web.URL("/bao-cao", "ky", v.Period.Slug())}},
	}, v, form, nil
}

func (s *Service) showBody(w http.ResponseWriter, r *http.Request) error {
	page, v, form, err := s.bodyPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, bodyBody(v, form, nil))
}

// bodyStep runs a step on a body's report and shows its page again, with the reason where it was refused.
func (s *Service) bodyStep(w http.ResponseWriter, r *http.Request, flash string, reasons []reasonRow, step func(unit, per string, version int) error) error {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	seen, err := version(r)
	if err == nil {
		err = step(r.PathValue("unit"), p.Code, seen)
	}
	if err == nil {
		return web.Redirect(w, r, bodyPath(r.PathValue("unit"), p), flash)
	}
	if fault.Is(err, fault.KindNotFound) {
		return err
	}
	page, v, form, again := s.bodyPage(r)
	if again != nil {
		return again
	}
	return web.Invalid(w, r, err, page, bodyBody(v, form, reasons))
}

func (s *Service) submitBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã gửi báo cáo."), nil, func(unit, per string, version int) error {
		_, err := s.Submit(ctx, auth.From(ctx), unit, per, version, web.Checked(r, "empty"))
		return err
	})
}

func (s *Service) recallBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã rút báo cáo về. Sửa xong hãy gửi lại."), nil, func(unit, per string, version int) error {
		_, err := s.Recall(ctx, auth.From(ctx), unit, per, version)
		return err
	})
}

func (s *Service) approveBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã duyệt báo cáo."), nil, func(unit, per string, version int) error {
		_, err := s.Approve(ctx, auth.From(ctx), unit, per, version, web.Value(r, "reason"))
		return err
	})
}

func (s *Service) returnBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var typed []reasonRow
	for i := range reasonRows {
		typed = append(typed, reasonRow{web.Value(r, "cell"+strconv.Itoa(i)), web.Value(r, reasonName(i))})
	}
	return s.bodyStep(w, r, web.T(ctx, "Đã trả lại báo cáo kèm lý do."), typed, func(unit, per string, version int) error {
		catalog, err := s.indicators.Catalog(ctx)
		if err != nil {
			return err
		}
		var reasons []Reason
		for _, t := range typed {
			x := Reason{Text: t.Text}
			if t.Cell != "" {
				in, part, ok := catalog.PartByCode(t.Cell)
				if !ok {
					return fault.Invalidf("reason", "Không có chỉ tiêu mã “%s” trong danh mục.", t.Cell)
				}
				x.Indicator, x.Part = in.ID, part.Part
			}
			reasons = append(reasons, x)
		}
		_, err = s.Return(ctx, auth.From(ctx), unit, per, version, reasons)
		return err
	})
}

// typedStatement reads a statement's form, and what of it makes a statement.
func (s *Service) typedStatement(r *http.Request, v BodyView, form statementForm) (statementForm, Statement, error) {
	form.Open = true
	form.Kind, form.Text, form.Topic, form.Organisation = web.Value(r, "kind"), web.Value(r, "text"), web.Value(r, "topic"), web.Value(r, "organisation")
	form.Source, form.AsOf, form.Cells, form.Reason = web.Value(r, "source"), web.Value(r, "as_of"), web.Value(r, "cells"), web.Value(r, "reason")
	x := Statement{Kind: StatementKind(form.Kind), Text: form.Text, Topic: form.Topic, Organisation: form.Organisation, Source: form.Source, Reason: form.Reason}
	var err error
	if form.AsOf != "" {
		if x.AsOf, err = web.Date(r, "as_of"); err != nil {
			return form, x, err
		}
	}
	x.Cells, err = readCells(v.Catalog, v.Unit.ID, v.Period.ID, form.Cells)
	return form, x, err
}

func (s *Service) addStatement(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, v, form, err := s.bodyPage(r)
	if err != nil {
		return err
	}
	form, x, err := s.typedStatement(r, v, form)
	if err == nil {
		x, err = s.AddStatement(ctx, auth.From(ctx), v.Unit.Code, v.Period.Code, x)
	}
	if err != nil {
		return web.Invalid(w, r, err, page, bodyBody(v, form, nil))
	}
	return web.Redirect(w, r, bodyPath(v.Unit.Code, v.Period)+"#nd-"+x.ID, web.T(ctx, "Đã thêm nội dung."))
}

// statementPage reads a statement that stands in the report of the path.
func (s *Service) statementPage(r *http.Request) (web.Page, BodyView, []Statement, statementForm, error) {
	ctx := r.Context()
	page, v, form, err := s.bodyPage(r)
	if err != nil {
		return page, v, nil, form, err
	}
	versions, err := s.Statement(ctx, auth.From(ctx), r.PathValue("id"))
	if err == nil && (!v.MayEnter || versions[0].Unit != v.Unit.ID || versions[0].Period != v.Period.ID) {
		err = fault.NotFound()
	}
	if err != nil {
		return page, v, nil, form, err
	}
	x := versions[0]
	form.Kind, form.Text, form.Topic, form.Organisation, form.Source, form.AsOf = string(x.Kind), x.Text, x.Topic, x.Organisation, x.Source, x.AsOf
	form.Cells = writeCells(v.Catalog, x.Cells)
	page.Crumbs = append(page.Crumbs, web.Crumb{Label: page.Title, Path: bodyPath(v.Unit.Code, v.Period)})
	page.Title = web.T(ctx, "Sửa nội dung")
	return page, v, versions, form, nil
}

func (s *Service) showStatement(w http.ResponseWriter, r *http.Request) error {
	page, v, versions, form, err := s.statementPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, statementBody(v, versions, form, nil))
}

func (s *Service) saveStatement(w http.ResponseWriter, r *http.Request) error {
	return s.reviseStatement(w, r, web.T(r.Context(), "Đã lưu nội dung."), func(ctx context.Context, seen int, x Statement) (Statement, error) {
		return s.EditStatement(ctx, auth.From(ctx), r.PathValue("id"), seen, x)
	})
}

func (s *Service) removeStatement(w http.ResponseWriter, r *http.Request) error {
	return s.reviseStatement(w, r, web.T(r.Context(), "Đã gỡ nội dung khỏi báo cáo."), func(ctx context.Context, seen int, _ Statement) (Statement, error) {
		return s.RemoveStatement(ctx, auth.From(ctx), r.PathValue("id"), seen, web.Value(r, "reason"))
	})
}

func (s *Service) reviseStatement(w http.ResponseWriter, r *http.Request, flash string, act func(context.Context, int, Statement) (Statement, error)) error {
	page, v, versions, form, err := s.statementPage(r)
	if err != nil {
		return err
	}
	seen, err := version(r)
	if err != nil {
		return err
	}
	typed, x := form, Statement{}
	if r.Form.Has("text") {
		typed, x, err = s.typedStatement(r, v, form)
	}
	var now Statement
	if err == nil {
		now, err = act(r.Context(), seen, x)
	}
	if err == nil {
		return web.Redirect(w, r, bodyPath(v.Unit.Code, v.Period), flash)
	}
	var theirs *Statement
	if fault.Is(err, fault.KindConflict) && now.ID != "" {
		theirs = &now
	}
	return web.Invalid(w, r, err, page, statementBody(v, versions, typed, theirs))
}
