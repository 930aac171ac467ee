package report

import (
	"net/http"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/web"
)

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
	return web.Show(w, r, page, viewBody(v, letterOf(v)))
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
	return web.Invalid(w, r, err, page, viewBody(v, letterOf(v)))
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

// setLetter enters the number and date, and the body above, which stands on the reports to come as well.
func (s *Service) setLetter(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	page, v, err := s.viewPage(r)
	if err != nil {
		return err
	}
	seen, err := version(r)
	if err != nil {
		return err
	}
	typed := letterFields{web.Value(r, "sign"), web.Value(r, "dated"), web.Value(r, "parent")}
	date := ""
	if typed.Date != "" {
		date, err = web.Date(r, "dated")
	}
	var l Letter
	if err == nil {
		l, err = ReadLetter(typed.Sign, date)
	}
	if err == nil {
		err = s.SetLetter(ctx, who, v.Report.ID, seen, l)
	}
	if err == nil && r.Form.Has("parent") {
		err = s.SetParent(ctx, who, v.Unit.Code, typed.Parent)
	}
	switch {
	case err == nil:
		return web.Redirect(w, r, reportPath(v), web.T(ctx, "Đã ghi số, ngày văn bản."))
	case fault.Is(err, fault.KindNotFound):
		return err
	}
	return web.Invalid(w, r, err, page, viewBody(v, typed))
}
