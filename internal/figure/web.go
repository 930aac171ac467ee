package figure

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/so-lieu", auth.View, s.showDesk)
	r.Get("/so-lieu/{unit}", auth.View, s.showUnit)
	r.Get("/so-lieu/{unit}/{period}", auth.View, s.showSheet)
	r.Post("/so-lieu/{unit}/{period}", auth.Enter, s.saveSheet)
	r.Get(WorkerPath, auth.Public, serveWorker)
	r.Post("/so-lieu/{unit}/{period}/o", auth.Enter, s.saveCell)
	r.Get("/so-lieu/{unit}/{period}/o/{cell}", auth.View, s.showCell)
	r.Post("/so-lieu/{unit}/{period}/o/{cell}/y-kien", auth.Enter, s.sayOnCell)
	r.Post("/so-lieu/{unit}/{period}/o/{cell}/tai-lieu", auth.Enter, web.Heavy(s.attachToCell))
	r.Get("/so-lieu/{unit}/{period}/o/{cell}/tai-lieu/{id}", auth.View, s.sendFile)
	r.Get("/so-lieu/{unit}/{period}/chon", auth.View, s.showChooser)
	r.Post("/so-lieu/{unit}/{period}/chon/{id}", auth.Enter, s.chooseValue)
	r.Get("/so-lieu/{unit}/{period}/tep", auth.View, web.Heavy(s.downloadSheet))
	r.Get("/so-lieu/{unit}/{period}/tong-hop", auth.View, s.showBoard)
	r.Get("/so-lieu/{unit}/{period}/tong-hop/tep", auth.View, web.Heavy(s.downloadBoard))
	r.Get("/so/{unit}/{period}/{indicator}", auth.View, s.showTrace)
	r.Post("/so/{unit}/{period}/{indicator}/trung", auth.Enter, s.declareOverlap)
	r.Post("/so/{unit}/{period}/{indicator}/trung/{id}/thoi", auth.Enter, s.dropOverlap)
	r.Post("/so/{unit}/{period}/{indicator}/canh-bao/{id}", auth.Enter, s.settle)
	r.Get("/chi-tieu-nam/{unit}", auth.View, s.chooseYear)
	r.Get("/chi-tieu-nam/{unit}/{year}", auth.View, s.showPlans)
	r.Post("/chi-tieu-nam/{unit}/{year}", auth.Consolidate, s.savePlans)
}

// LinkReports tells where the page of a unit's report for a period is; app calls it once.
func (s *Service) LinkReports(path func(unit string, p period.Period) string) { s.reportPath = path }

func (s *Service) reportOf(sheet Sheet) string {
	if s.reportPath == nil {
		return ""
	}
	return s.reportPath(sheet.Unit.Code, sheet.Period)
}

// LinkEntries tells where the page of an entry's source is (the import that it came with); app calls it once.
func (s *Service) LinkEntries(path func(Entry) string) { s.entryPath = path }

const navKey = "figure"

func crumbs(ctx context.Context, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Label: web.T(ctx, "Số liệu"), Path: "/so-lieu"}}, more...)
}

// address reads the number or the table that a path and its query name.
func address(r *http.Request) (Address, error) {
	_ = r.FormValue("cay") // parses
	a, err := ReadAddress(strings.ToUpper(r.PathValue("unit")), r.PathValue("period"), strings.ToUpper(r.PathValue("indicator")), r.URL.Query())
	if err != nil {
		return a, err
	}
	if a.Hierarchy == org.PlaceLine && a.Line == "" {
		a.Hierarchy = org.Territory // every line together is the place's own total
	}
	if a.Hierarchy != org.PlaceLine {
		a.Line = ""
	}
	return a, nil
}

func (s *Service) showDesk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code := ""
	if slug := web.Value(r, "ky"); slug != "" {
		p, err := period.FromSlug(slug)
		if err != nil {
			return err
		}
		code = p.Code
	}
	d, err := s.Desk(ctx, auth.From(ctx), code)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Số liệu"), Nav: navKey, Head: head(), Lead: web.T(ctx, "Chọn kỳ và đơn vị để nhập hoặc xem số liệu.")}
	return web.Show(w, r, page, deskBody(d))
}

// showUnit leads to a unit's figures of the period in work.
func (s *Service) showUnit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.Desk(ctx, auth.From(ctx), "")
	if err != nil {
		return err
	}
	sheet, err := s.Sheet(ctx, auth.From(ctx), strings.ToUpper(r.PathValue("unit")), d.Period.Code)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, sheetPath(sheet.Unit.Code, sheet.Period), "")
}

// asked reads the sheet that a path names.
func (s *Service) asked(r *http.Request) (Sheet, error) {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return Sheet{}, err
	}
	return s.Sheet(r.Context(), auth.From(r.Context()), strings.ToUpper(r.PathValue("unit")), p.Code)
}

func (s *Service) showSheet(w http.ResponseWriter, r *http.Request) error {
	sheet, err := s.asked(r)
	if err != nil {
		return err
	}
	return s.sheetPage(w, r, sheet, nil, nil)
}

// sheetPage shows the form; wrong is what was wrong with it as typed.
func (s *Service) sheetPage(w http.ResponseWriter, r *http.Request, sheet Sheet, wrong error, cells map[string]typed) error {
	ctx := r.Context()
	_, _, rivals, err := s.Rivals(ctx, auth.From(ctx), sheet.Unit.Code, sheet.Period.Code)
	if err != nil {
		return err
	}
	p := sheetPage{Rivals: len(rivals), Search: web.Value(r, "loc"), Filled: web.Checked(r, "co"), Typed: cells}
	p.Have, p.All = sheet.Count()
	p.Sheet = sheet.Filter(p.Search, p.Filled)
	page := web.Page{Title: viet.UpperFirst(sheet.Unit.Name), Lead: web.T(ctx, "Số liệu %s", sheet.Period.Name()), Nav: navKey, Wide: true, Head: head(),
		Crumbs: crumbs(ctx, web.Crumb{Label: viet.UpperFirst(sheet.Period.Name()), Path: web.URL("/so-lieu", "ky", sheet.Period.Slug())}), Actions: sheetActions(sheet, s.reportOf(sheet))}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, sheetBody(p))
	}
	if p.Data, err = p.grid(ctx); err != nil {
		return err
	}
	if p.MayEnter && p.Search == "" && !p.Filled { // the whole sheet, which the service worker may keep for this person
		w.Header().Set("X-Giaoban-Person", web.PersonMark(ctx))
	}
	return web.Show(w, r, page, sheetBody(p))
}

func (s *Service) saveSheet(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	sheet, err := s.asked(r)
	if err != nil {
		return err
	}
	if !sheet.MayEnter {
		if sheet.Locked != "" {
			return fault.Refused(sheet.Locked)
		}
		return fault.NotFound()
	}
	cells, inputs, err := readSheet(sheet, func(name string) string { return web.Value(r, name) }, func(name string) bool { _, ok := r.PostForm[name]; return ok })
	if err != nil {
		return s.sheetPage(w, r, sheet, err, cells)
	}
	path := web.URL(sheetPath(sheet.Unit.Code, sheet.Period), "loc", web.Value(r, "loc"), "co", boxed(web.Checked(r, "co")))
	if len(inputs) == 0 {
		return web.Redirect(w, r, path, web.T(ctx, "Không có ô nào thay đổi."))
	}
	saved, rivals, err := s.Fill(ctx, who, inputs)
	if err != nil {
		now, again := s.asked(r) // what others have written meanwhile
		if again != nil {
			return again
		}
		return s.sheetPage(w, r, now, atFields(err, now), cells)
	}
	n := 0
	for _, v := range saved {
		if v.Changed {
			n++
		}
	}
	if len(rivals) > 0 {
		return web.Redirect(w, r, chooserPath(sheet.Unit.Code, sheet.Period), web.T(ctx, "Đã lưu %d ô. Ở %d ô có người khác vừa ghi giá trị khác: hãy chọn giá trị đúng.", n, len(rivals)))
	}
	return web.Redirect(w, r, path, web.T(ctx, "Đã lưu %d ô.", n))
}

func (s *Service) showBoard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.askedBoard(r)
	if err != nil {
		return err
	}
	page := web.Page{Title: viet.UpperFirst(b.Unit.Name), Lead: web.T(ctx, "Tổng hợp %s, gồm mọi đơn vị bên dưới", b.Period.Name()), Nav: navKey, Wide: true, Head: head(),
		Crumbs: crumbs(ctx, web.Crumb{Label: viet.UpperFirst(b.Period.Name()), Path: web.URL("/so-lieu", "ky", b.Period.Slug())}), Actions: boardActions(b)}
	return web.Show(w, r, page, boardBody(b, web.Checked(r, "tat-ca")))
}

func (s *Service) askedBoard(r *http.Request) (Board, error) {
	a, err := address(r)
	if err != nil {
		return Board{}, err
	}
	return s.Board(r.Context(), auth.From(r.Context()), a, web.Checked(r, "tat-ca"))
}

func (s *Service) showTrace(w http.ResponseWriter, r *http.Request) error {
	return s.tracePage(w, r, nil)
}

// tracePage opens a number; wrong is what was wrong with a form on the page.
func (s *Service) tracePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	a, err := address(r)
	if err != nil {
		return err
	}
	o := tracePage{EntryPath: s.entryPath}
	if o.Opening, err = s.Open(ctx, auth.From(ctx), a); err != nil {
		return err
	}
	if o.Catalog, err = s.indicators.Catalog(ctx); err != nil {
		return err
	}
	up := []web.Crumb{}
	for _, u := range o.Above {
		up = append(up, web.Crumb{Label: viet.UpperFirst(u.Name), Path: Address{Unit: u.Code, Period: a.Period, Indicator: a.Indicator, Part: a.Part, Layer: a.Layer, Frame: a.Frame}.URL()})
	}
	if a.Own {
		up = append(up, web.Crumb{Label: web.T(ctx, "Tổng của %s", o.Unit.Name), Path: o.totalPath()})
	}
	page := web.Page{Title: o.Indicator.Name, Lead: viet.UpperFirst(o.Unit.Name) + ", " + web.T(ctx, o.Period.Name()), Nav: navKey, Head: head(), Crumbs: crumbs(ctx, up...)}
	if part := partName(o.Indicator, o.Part); part != "" {
		page.Title += ": " + part
	}
	if wrong != nil {
		o.Values = func(name string) string { return web.Value(r, name) }
		return web.Invalid(w, r, wrong, page, traceBody(o))
	}
	return web.Show(w, r, page, traceBody(o))
}

// renamed gives faults the names of this page's fields.
func renamed(err error, names map[string]string) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	var out fault.List
	for _, f := range all {
		g := *f
		if name, ok := names[f.Field]; ok {
			g.Field = name
		}
		out = append(out, &g)
	}
	return out
}

func (s *Service) declareOverlap(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	a, err := address(r)
	if err != nil {
		return err
	}
	o, err := s.Open(ctx, who, a)
	if err != nil {
		return err
	}
	lap := Overlap{Cell: Cell{o.Unit.ID, o.Period.ID, o.Indicator.ID, a.Part}, Reason: web.Value(r, "trung-ly-do")}
	for _, u := range o.Others {
		if u.Code == web.Value(r, "trung-voi") {
			lap.Other = u.ID
		}
	}
	var bad fault.List
	if lap.Other == 0 {
		_ = bad.Add(fault.Invalid("trung-voi", "Hãy chọn đơn vị có số liệu trùng."))
	}
	q, err := Read(web.Value(r, "trung-phan"), o.Indicator)
	if err != nil {
		if err := bad.Add(asFault("trung-phan", err)); err != nil {
			return err
		}
	}
	lap.Amount, lap.Known = q.Value, q.HasNumber()
	if err = bad.Err(); err == nil {
		err = s.SetOverlap(ctx, who, o.Period, lap)
	}
	if err != nil {
		return s.tracePage(w, r, renamed(err, map[string]string{"reason": "trung-ly-do", "amount": "trung-phan", "other": "trung-voi"}))
	}
	return web.Redirect(w, r, a.URL(), web.T(ctx, "Đã khai phần trùng; tổng của cấp trên chỉ tính một lần."))
}

func (s *Service) dropOverlap(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	a, err := address(r)
	if err != nil {
		return err
	}
	field := "thoi-" + id
	reason := web.Value(r, field)
	if reason == "" {
		err = fault.Invalid(field, "Hãy nêu lý do bỏ khai trùng.")
	} else {
		err = s.EndOverlap(ctx, auth.From(ctx), id, reason)
	}
	if err != nil {
		return s.tracePage(w, r, err)
	}
	return web.Redirect(w, r, a.URL(), web.T(ctx, "Đã bỏ khai trùng."))
}

func (s *Service) settle(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	a, err := address(r)
	if err != nil {
		return err
	}
	if err := s.SettleFlag(ctx, auth.From(ctx), id, web.Value(r, "vi-sao-"+id)); err != nil {
		return s.tracePage(w, r, renamed(err, map[string]string{"why": "vi-sao-" + id}))
	}
	return web.Redirect(w, r, a.URL()+"#canh-bao", web.T(ctx, "Đã ghi lý do giữ nguyên số liệu."))
}

// chooseYear leads from the year's form field to its page.
func (s *Service) chooseYear(w http.ResponseWriter, r *http.Request) error {
	year := web.Value(r, "nam")
	if year == "" {
		year = s.clock.Now().Format("2006")
	}
	y, err := s.YearPlan(r.Context(), auth.From(r.Context()), strings.ToUpper(r.PathValue("unit")), year)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("chi-tieu-nam", y.Unit.Code, year), "")
}

func (s *Service) askedPlans(r *http.Request) (planPage, error) {
	y, err := s.YearPlan(r.Context(), auth.From(r.Context()), strings.ToUpper(r.PathValue("unit")), r.PathValue("year"))
	return planPage{YearPlan: y, All: web.Checked(r, "tat-ca")}, err
}

func plansFrame(ctx context.Context, p planPage) web.Page {
	return web.Page{Title: viet.UpperFirst(p.Unit.Name), Lead: web.T(ctx, "Chỉ tiêu %s", p.Year.Name()), Nav: navKey, Wide: true, Head: head(), Crumbs: crumbs(ctx)}
}

func (s *Service) showPlans(w http.ResponseWriter, r *http.Request) error {
	p, err := s.askedPlans(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, plansFrame(r.Context(), p), planBody(p))
}

func (s *Service) savePlans(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p, err := s.askedPlans(r)
	if err != nil {
		return err
	}
	plans := readPlans(&p, func(name string) string { return web.Value(r, name) }, func(name string) bool { _, ok := r.PostForm[name]; return ok })
	switch {
	case len(plans) == 0:
		return web.Redirect(w, r, p.path(), web.T(ctx, "Không có chỉ tiêu nào thay đổi."))
	case p.Source == "":
		err = fault.Invalid("can-cu", "Hãy ghi văn bản giao chỉ tiêu.")
	default:
		err = s.SetPlans(ctx, who, p.YearPlan, plans)
	}
	if err != nil {
		for _, f := range fault.All(err) {
			if code, ok := strings.CutPrefix(f.Field, "v-"); ok && f.Kind == fault.KindConflict {
				p.Lost[code] = true
			}
		}
		now, again := s.askedPlans(r)
		if again != nil {
			return again
		}
		p.YearPlan = now.YearPlan
		return web.Invalid(w, r, err, plansFrame(ctx, p), planBody(p))
	}
	return web.Redirect(w, r, p.path(), web.T(ctx, "Đã lưu %d chỉ tiêu.", len(plans)))
}

const (
	typeCSV  = "text/csv; charset=utf-8"
	typeJSON = "application/json; charset=utf-8"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func (s *Service) downloadSheet(w http.ResponseWriter, r *http.Request) error {
	sheet, err := s.asked(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind, contentType := web.Value(r, "dang"), typeCSV
	switch kind {
	case "xlsx":
		contentType = typeXLSX
		err = sheetXLSX(&b, sheet, s.clock.Today())
	case "json":
		contentType = typeJSON
		err = sheetJSON(&b, sheet)
	default:
		kind = "csv"
		err = writeCSV(&b, sheetRows(sheet))
	}
	if err != nil {
		return err
	}
	return send(w, &b, "so-lieu-"+strings.ToLower(sheet.Unit.Code)+"-"+sheet.Period.Slug()+"."+kind, contentType)
}

func (s *Service) downloadBoard(w http.ResponseWriter, r *http.Request) error {
	board, err := s.askedBoard(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind, contentType := "csv", typeCSV
	if web.Value(r, "dang") == "xlsx" {
		kind, contentType = "xlsx", typeXLSX
		err = boardXLSX(&b, board, s.clock.Today())
	} else {
		err = writeCSV(&b, boardRows(board))
	}
	if err != nil {
		return err
	}
	return send(w, &b, "tong-hop-"+strings.ToLower(board.Unit.Code)+"-"+board.Period.Slug()+"."+kind, contentType)
}

func send(w http.ResponseWriter, b *bytes.Buffer, name, contentType string) error {
	web.Attachment(w, name, contentType)
	_, err := w.Write(slices.Clip(b.Bytes()))
	return err
}
