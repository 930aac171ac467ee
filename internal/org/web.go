package org

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/don-vi", auth.View, s.showTree)
	r.Get("/don-vi/tep", auth.View, web.Heavy(s.download))
	r.Get("/don-vi/moi", auth.EditUnits, s.showNew)
	r.Post("/don-vi/moi", auth.EditUnits, s.addUnit)
	r.Get("/don-vi/nap", auth.EditUnits, s.showLoad)
	r.Post("/don-vi/nap", auth.EditUnits, s.loadUnits)
	r.Get("/don-vi/sap-xep", auth.EditUnits, s.showSucceed)
	r.Post("/don-vi/sap-xep", auth.EditUnits, s.succeedUnits)
	r.Post("/don-vi/sap-xep/{id}/hoan-tac", auth.EditUnits, s.undoSuccession)
	r.Get("/don-vi/{code}", auth.View, s.showLife)
	r.Post("/don-vi/{code}/ten", auth.EditUnits, s.renameUnit)
	r.Post("/don-vi/{code}/chuyen", auth.EditUnits, s.moveUnit)
	r.Post("/don-vi/{code}/chuc-vu", auth.EditUnits, s.appointPerson)
	r.Post("/don-vi/{code}/chuc-vu/{id}/thoi", auth.EditUnits, s.endPersonsOffice)
}

const navKey = "org"

func crumbs(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Đơn vị"), Path: "/don-vi"}}
}

// viewed reads the day and the hierarchy that a page is asked for.
func (s *Service) viewed(r *http.Request) (treePage, error) {
	p := treePage{Today: s.clock.Today(), Hierarchy: hierarchyOf(web.Value(r, "cay")), Search: web.Value(r, "tim"),
		Root: strings.ToUpper(web.Value(r, "goc")), All: web.Value(r, "mo") == "het"}
	p.Day = p.Today
	if web.Value(r, "ngay") == "" {
		return p, nil
	}
	day, err := web.Date(r, "ngay")
	if err != nil {
		return p, err
	}
	p.Day = day
	return p, nil
}

func (s *Service) showTree(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p, wrongDay := s.viewed(r)
	nodes, outside, err := s.Forest(ctx, who, p.Hierarchy, p.Day)
	if err != nil {
		return err
	}
	p.Total, p.Outside, p.Counts = len(nodes), outside, countUnits(nodes)
	p.MayEdit = who.Has(auth.EditUnits)
	if p.Search != "" {
		p.Found = found(nodes, p.Search)
		others, err := s.Search(ctx, who, p.Search, 50)
		if err != nil {
			return err
		}
		p.Former = slices.DeleteFunc(others, func(u Unit) bool {
			return slices.ContainsFunc(p.Found, func(n Node) bool { return n.ID == u.ID })
		})
	} else {
		p.Branches = branches(nodes, p.Root, p.All)
		if p.Root != "" {
			if !slices.ContainsFunc(nodes, func(n Node) bool { return n.Code == p.Root }) {
				return fault.NotFound()
			}
			p.Path = []string{p.Root}
		}
	}
	page := web.Page{Title: web.T(ctx, "Đơn vị"), Nav: navKey, Actions: treeActions(p), Head: head(),
		Lead: web.T(ctx, "Địa bàn và tổ chức như vào ngày đã chọn. Tên cũ, cấp cũ không bị xóa.")}
	if wrongDay != nil {
		return web.Invalid(w, r, wrongDay, page, treeBody(p))
	}
	return web.Show(w, r, page, treeBody(p))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	p, err := s.viewed(r)
	if err != nil {
		return err
	}
	rows, err := s.Table(r.Context(), auth.From(r.Context()), p.Day)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind, contentType := "csv", "text/csv; charset=utf-8"
	if web.Value(r, "dang") == "xlsx" {
		kind, contentType = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = writeXLSX(&b, p.Day, rows)
	} else {
		err = writeCSV(&b, rows)
	}
	if err != nil {
		return err
	}
	web.Attachment(w, fileName(p.Day, kind), contentType)
	_, err = w.Write(b.Bytes())
	return err
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	return s.newPage(w, r, nil)
}

func (s *Service) newPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	units, err := s.Choices(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Thêm đơn vị"), Nav: navKey, Crumbs: crumbs(ctx), Head: head()}
	body := newBody(func(name string) string { return web.Value(r, name) }, units)
	if wrong != nil {
		return web.Invalid(w, r, fields(wrong, unitFields), page, body)
	}
	return web.Show(w, r, page, body)
}

func (s *Service) addUnit(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	units, err := s.Choices(ctx, who)
	if err != nil {
		return err
	}
	spec := Spec{
		Code: strings.ToUpper(web.Value(r, "ma")), Kind: Kind(web.Value(r, "loai")), Level: Level(web.Value(r, "cap")), Name: web.Value(r, "ten"),
		Short: web.Value(r, "tat"), Parent: resolve(units, web.Value(r, "cap-tren")), LineParent: resolve(units, web.Value(r, "doc")),
		FrontParent: resolve(units, web.Value(r, "mat-tran")),
	}
	if spec.ValidFrom, err = dayOr(web.Value(r, "tu"), Always, "tu"); err != nil {
		return s.newPage(w, r, err)
	}
	if err := s.Add(ctx, who, spec); err != nil {
		return s.newPage(w, r, err)
	}
	return web.Redirect(w, r, web.Path("don-vi", spec.Code), web.T(ctx, "Đã thêm đơn vị %s.", spec.Name))
}

func (s *Service) showLife(w http.ResponseWriter, r *http.Request) error {
	return s.lifePage(w, r, nil)
}

// lifePage shows one unit; wrong is what was wrong with a form on it.
func (s *Service) lifePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	code := strings.ToUpper(r.PathValue("code"))
	if code == "" { // undoing a succession names the unit in its form
		code = web.Value(r, "don-vi")
	}
	seen, err := s.viewed(r)
	if err != nil {
		return err
	}
	p := lifePage{treePage: seen, Quarter: quarterInWork(s.clock), Seen: map[string]bool{}}
	if p.Life, err = s.Life(ctx, who, code); err != nil {
		return err
	}
	if p.Unit, err = s.Find(ctx, who, code, p.Day); err != nil {
		return err
	}
	if p.MayEdit, err = s.MayEdit(ctx, who, code); err != nil {
		return err
	}
	for _, rel := range p.Life.Parents {
		_, err := s.Find(ctx, who, rel.Code, p.Day)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		p.Seen[rel.Code] = err == nil
	}
	if p.MayEdit {
		if p.Choices, err = s.Choices(ctx, who); err != nil {
			return err
		}
		if p.Deeds, err = s.Deeds(ctx, who, code); err != nil {
			return err
		}
	}
	page := web.Page{Title: p.Unit.Name, Nav: navKey, Crumbs: crumbs(ctx), Actions: lifeActions(p), Head: head()}
	if p.Day != p.Today {
		page.Lead = web.T(ctx, "Xem vào ngày %s", viet.FormatDate(p.Day))
	}
	if wrong != nil {
		p.Typed = func(name string) string { return web.Value(r, name) }
		return web.Invalid(w, r, wrong, page, lifeBody(p))
	}
	return web.Show(w, r, page, lifeBody(p))
}

func (s *Service) renameUnit(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	at, err := web.Date(r, "ten-ngay")
	if err == nil {
		err = s.Rename(ctx, auth.From(ctx), code, int(version), at, web.Value(r, "ten-moi"), web.Value(r, "ten-tat"), Level(web.Value(r, "ten-cap")))
	}
	if err != nil {
		return s.lifePage(w, r, fields(err, map[string]string{"at": "ten-ngay", "name": "ten-moi", "level": "ten-cap"}))
	}
	return web.Redirect(w, r, web.Path("don-vi", code), web.T(ctx, "Đã ghi tên mới từ ngày %s.", viet.FormatDate(at)))
}

func (s *Service) moveUnit(w http.ResponseWriter, r *http.Request) error {
	ctx, who, code := r.Context(), auth.From(r.Context()), r.PathValue("code")
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	units, err := s.Choices(ctx, who)
	if err != nil {
		return err
	}
	at, err := web.Date(r, "chuyen-ngay")
	if err == nil {
		err = s.Move(ctx, who, code, int(version), hierarchyOf(web.Value(r, "chuyen-cay")), resolve(units, web.Value(r, "chuyen-den")), at)
	}
	if err != nil {
		to := "chuyen-den"
		return s.lifePage(w, r, fields(err, map[string]string{"at": "chuyen-ngay", "parent": to, "line_parent": to, "front_parent": to}))
	}
	return web.Redirect(w, r, web.Path("don-vi", code), web.T(ctx, "Đã chuyển đơn vị từ ngày %s.", viet.FormatDate(at)))
}

func (s *Service) appointPerson(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	o := Office{Person: web.Value(r, "cv-nguoi"), Title: web.Value(r, "cv-ten")}
	rank, err := web.Int64(r, "cv-thu-tu")
	o.Rank = int(rank)
	if err == nil {
		o.ValidFrom, err = web.Date(r, "cv-tu")
	}
	if err == nil && web.Value(r, "cv-den") != "" {
		var last string
		if last, err = web.Date(r, "cv-den"); err == nil {
			o.ValidTo = dayAfter(last)
		}
	}
	if err == nil {
		err = s.Appoint(ctx, auth.From(ctx), code, o)
	}
	if err != nil {
		return s.lifePage(w, r, fields(err, map[string]string{"person": "cv-nguoi", "valid_to": "cv-den"}))
	}
	return web.Redirect(w, r, web.Path("don-vi", code)+"#chuc-vu", web.T(ctx, "Đã ghi chức vụ %s.", o.Title))
}

func (s *Service) endPersonsOffice(w http.ResponseWriter, r *http.Request) error {
	ctx, code, id := r.Context(), r.PathValue("code"), r.PathValue("id")
	at, err := web.Date(r, "thoi-"+id)
	if err == nil {
		err = s.EndOffice(ctx, auth.From(ctx), code, id, at)
	}
	if err != nil {
		return s.lifePage(w, r, fields(err, map[string]string{"at": "thoi-" + id}))
	}
	return web.Redirect(w, r, web.Path("don-vi", code)+"#chuc-vu", web.T(ctx, "Đã ghi thôi giữ chức vụ."))
}

func (s *Service) undoSuccession(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	if err := s.Undo(ctx, auth.From(ctx), id, web.Value(r, "ly-do-"+id)); err != nil {
		if web.Value(r, "don-vi") == "" {
			return err
		}
		return s.lifePage(w, r, fields(err, map[string]string{"reason": "ly-do-" + id}))
	}
	return web.Redirect(w, r, "/don-vi", web.T(ctx, "Đã hoàn tác lần sắp xếp. Các đơn vị cũ hoạt động trở lại."))
}

func (s *Service) showSucceed(w http.ResponseWriter, r *http.Request) error {
	return s.succeedPage(w, r, nil, succeedForm{Old: web.Values(r, "cu"), Takes: map[string]int{}}, false)
}

func (s *Service) succeedPage(w http.ResponseWriter, r *http.Request, wrong error, f succeedForm, given bool) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p := succeedPage{Form: f, Given: given}
	var err error
	if p.Choices, err = s.Choices(ctx, who); err != nil {
		return err
	}
	if f.splits() {
		sc, _ := f.succession(p.Choices)
		day := sc.At
		if day == "" {
			day = s.clock.Today()
		}
		// Codes that are wrong have their own message; the children of the others are offered.
		known := slices.DeleteFunc(slices.Clone(sc.Old), func(c string) bool {
			return !slices.ContainsFunc(p.Choices, func(u Unit) bool { return u.Code == c })
		})
		if p.Children, err = s.ChildrenOf(ctx, who, known, day); err != nil {
			return err
		}
	}
	page := web.Page{Title: web.T(ctx, "Sáp nhập, chia tách đơn vị"), Nav: navKey, Crumbs: crumbs(ctx), Head: head(),
		Lead: web.T(ctx, "Số liệu đã nhập không mất: báo cáo cũ giữ tên cũ, bảng “như hiện nay” chuyển số cũ sang đơn vị mới.")}
	if wrong != nil {
		return web.Invalid(w, r, fields(wrong, succeedFields), page, succeedBody(p))
	}
	return web.Show(w, r, page, succeedBody(p))
}

func (s *Service) succeedUnits(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	f := readSucceed(func(name string) string { return web.Value(r, name) }, formNames(r))
	if web.Value(r, "viec") == "sua" {
		return s.succeedPage(w, r, nil, f, true)
	}
	units, err := s.Choices(ctx, who)
	if err != nil {
		return err
	}
	sc, err := f.succession(units)
	if err != nil {
		return s.succeedPage(w, r, err, f, true)
	}
	if f.splits() && !f.Divided {
		return s.succeedPage(w, r, nil, f, true) // now that old and new are known, ask how they divide
	}
	if web.Value(r, "viec") != "lam" {
		out, err := s.Preview(ctx, who, sc)
		if err != nil {
			return s.succeedPage(w, r, err, f, true)
		}
		page := web.Page{Title: web.T(ctx, "Xem trước việc sắp xếp"), Nav: navKey, Crumbs: crumbs(ctx), Head: head()}
		return web.Show(w, r, page, previewBody(succeedPage{Form: f, Sc: sc, Outlook: out}))
	}
	if _, err := s.Succeed(ctx, who, sc); err != nil {
		return s.succeedPage(w, r, err, f, true)
	}
	return web.Redirect(w, r, web.URL(web.Path("don-vi", sc.Heirs[0].Spec.Code), "ngay", sc.At), web.T(ctx, "Đã sắp xếp đơn vị. Có thể hoàn tác tại trang của đơn vị khi đơn vị mới chưa có số liệu."))
}

func formNames(r *http.Request) []string {
	var out []string
	for name := range r.PostForm {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (s *Service) showLoad(w http.ResponseWriter, r *http.Request) error {
	return s.loadPage(w, r, nil)
}

func (s *Service) loadPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	page := web.Page{Title: web.T(ctx, "Nạp đơn vị từ tệp"), Nav: navKey, Crumbs: crumbs(ctx), Head: head()}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, loadBody(loadPage{}))
	}
	return web.Show(w, r, page, loadBody(loadPage{}))
}

// loadUnits shows what a file would make; the confirmation sends the same rows back as CSV.
func (s *Service) loadUnits(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	confirmed := r.FormValue("noi-dung") != ""
	table, err := uploadedTable(r)
	if err != nil {
		return s.loadPage(w, r, err)
	}
	rows, err := Rows(table)
	if len(rows) == 0 && err != nil {
		return s.loadPage(w, r, err)
	}
	specs := make([]Spec, len(rows))
	for i, row := range rows {
		specs[i] = row.Spec
	}
	if confirmed && err == nil {
		if err = s.Load(ctx, who, specs); err == nil {
			return web.Redirect(w, r, "/don-vi", web.T(ctx, "Đã thêm %d đơn vị.", len(specs)))
		}
	}
	if err == nil {
		err = s.TryLoad(ctx, who, specs)
	}
	if err != nil && len(fault.All(err)) == 0 {
		return err
	}
	p := loadPage{Rows: rows, Errors: byRow(err)}
	p.Wrong = len(p.Errors)
	page := web.Page{Title: web.T(ctx, "Xem trước tệp đơn vị"), Nav: navKey, Crumbs: append(crumbs(ctx), web.Crumb{Label: web.T(ctx, "Nạp từ tệp"), Path: "/don-vi/nap"}), Head: head()}
	if p.Wrong > 0 {
		return web.Invalid(w, r, err, page, loadPreview(p))
	}
	var b bytes.Buffer
	if err := writeCSV(&b, table); err != nil {
		return err
	}
	p.Data = b.String()
	return web.Show(w, r, page, loadPreview(p))
}

func uploadedTable(r *http.Request) ([][]string, error) {
	if text := r.FormValue("noi-dung"); text != "" {
		return readCSV([]byte(text))
	}
	f, head, err := web.File(r, "tep")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(path.Ext(head.Filename), ".xlsx") || bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return readXLSX(data)
	}
	return readCSV(data)
}
