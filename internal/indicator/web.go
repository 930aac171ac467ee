package indicator

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/chi-tieu", auth.View, s.showCatalog)
	r.Get("/chi-tieu/tep", auth.View, web.Heavy(s.download))
	r.Get("/chi-tieu/moi", auth.EditCatalog, s.showNew)
	r.Post("/chi-tieu/moi", auth.EditCatalog, s.addIndicator)
	r.Get("/chi-tieu/{code}", auth.View, s.showIndicator)
	r.Post("/chi-tieu/{code}/ban-moi", auth.EditCatalog, s.addVersion)
	r.Post("/chi-tieu/{code}/ten-khac", auth.EditCatalog, s.addOtherName)
	r.Post("/chi-tieu/{code}/bo-ten-khac", auth.EditCatalog, s.removeOtherName)
	r.Post("/chi-tieu/{code}/thanh-phan", auth.EditCatalog, s.addPart)
	r.Post("/chi-tieu/{code}/thoi-dung", auth.EditCatalog, s.retireIndicator)
	r.Get("/chi-tieu/{code}/thay-the", auth.EditCatalog, s.showReplace)
	r.Post("/chi-tieu/{code}/thay-the", auth.EditCatalog, s.replaceIndicator)
}

const navKey = "chi-tieu"

// Path is the page of an indicator.
func (i Indicator) Path() string { return web.Path("chi-tieu", i.Code) }

func crumbs(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Chỉ tiêu"), Path: "/chi-tieu"}}
}

type catalogPage struct {
	Groups   []Group
	Found    []Indicator // of a search, best first
	Day, Tim string      // the day in view; the text searched for
	Count    int
	MayEdit  bool
}

// viewed reads the day that a page is asked for; today when none is given.
func (s *Service) viewed(r *http.Request) (string, error) {
	if web.Value(r, "ngay") == "" {
		return s.clock.Today(), nil
	}
	return web.Date(r, "ngay")
}

func (s *Service) showCatalog(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p := catalogPage{Tim: web.Value(r, "tim")}
	var wrongDay error
	if p.Day, wrongDay = s.viewed(r); wrongDay != nil {
		p.Day = s.clock.Today()
	}
	all, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	c := all.At(p.Day)
	p.Groups, p.Count = c.Topics(), len(c.All())
	if p.Tim != "" {
		p.Found = c.Search(p.Tim)
		if len(p.Found) == 0 {
			p.Found, _ = c.Match(p.Tim, "")
		}
	}
	if p.MayEdit, err = s.MayEdit(ctx, who); err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Danh mục chỉ tiêu"), Nav: navKey, Actions: catalogActions(p), Wide: true,
		Lead: web.T(ctx, "Những gì được đếm, đơn vị tính và cách cộng, như vào ngày đã chọn.")}
	if wrongDay != nil {
		return web.Invalid(w, r, wrongDay, page, catalogBody(p))
	}
	return web.Show(w, r, page, catalogBody(p))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	day, err := s.viewed(r)
	if err != nil {
		return err
	}
	all, err := s.Catalog(r.Context())
	if err != nil {
		return err
	}
	rows := table(all, all.At(day).All())
	var b bytes.Buffer
	kind, contentType := ".csv", "text/csv; charset=utf-8"
	if web.Value(r, "dang") == "xlsx" {
		kind, contentType = ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = writeXLSX(&b, day, rows)
	} else {
		err = writeCSV(&b, rows)
	}
	if err != nil {
		return err
	}
	web.Attachment(w, "chi-tieu-"+day+kind, contentType)
	_, err = w.Write(b.Bytes())
	return err
}

// mustEdit is the page's own check: who may not do it does not see the form.
func (s *Service) mustEdit(ctx context.Context) error {
	may, err := s.MayEdit(ctx, auth.From(ctx))
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	return s.newPage(w, r, form{Topic: web.Value(r, "nhom"), Decimals: "0", Measure: string(Flow), Across: string(Sum), Better: Up}, nil)
}

func (s *Service) newPage(w http.ResponseWriter, r *http.Request, f form, wrong error) error {
	ctx := r.Context()
	if err := s.mustEdit(ctx); err != nil {
		return err
	}
	c, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Thêm chỉ tiêu"), Nav: navKey, Crumbs: crumbs(ctx)}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, newBody(f, c))
	}
	return web.Show(w, r, page, newBody(f, c))
}

func (s *Service) addIndicator(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := readForm(r)
	i, err := s.parsed(ctx, f)
	if err == nil && f.From != "" {
		i.ValidFrom, err = web.Date(r, "from")
	}
	if err == nil {
		i, err = s.Add(ctx, auth.From(ctx), i)
	}
	if err != nil {
		return s.newPage(w, r, f, err)
	}
	return web.Redirect(w, r, i.Path(), web.T(ctx, "Đã thêm chỉ tiêu %s.", i.Code))
}

// parsed reads a form against the catalogue.
func (s *Service) parsed(ctx context.Context, f form) (Indicator, error) {
	c, err := s.Catalog(ctx)
	if err != nil {
		return Indicator{}, err
	}
	return f.indicator(c)
}

type onePage struct {
	Indicator   Indicator // the latest version
	Versions    []Indicator
	Catalog     *Catalog
	Replaces    Indicator // Code "" for none
	ReplacedBy  Indicator
	Ratios      []Indicator // that it is numerator or denominator of
	History     []audit.Deed
	Today       string
	MayEdit     bool
	Form        form   // of the new version
	Synonym     string // as typed
	SynonymUnit bool
	PartCode    string
	PartName    string
	PartKind    string
	At, Reason  string
	Opened      string // the form that was sent and is shown again: the last part of its path
}

func (s *Service) showIndicator(w http.ResponseWriter, r *http.Request) error {
	return s.indicatorPage(w, r, nil)
}

// indicatorPage shows an indicator, again with what is wrong when wrong is a fault.
func (s *Service) indicatorPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	c, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	i, ok := c.ByCode(r.PathValue("code"))
	if !ok || i.Code != r.PathValue("code") {
		return fault.NotFound()
	}
	p := onePage{Indicator: i, Versions: c.Versions(i.ID), Catalog: c, Today: s.clock.Today(), Form: formOf(c, i),
		Synonym: web.Value(r, "synonym"), SynonymUnit: web.Checked(r, "unit_synonym"), PartCode: web.Value(r, "part_code"),
		PartName: web.Value(r, "part_name"), PartKind: web.Value(r, "part_kind"), At: web.Value(r, "at"), Reason: web.Value(r, "reason")}
	p.Replaces, _ = c.ByID(i.Replaces)
	p.ReplacedBy, _ = c.ReplacedBy(i.ID)
	for _, o := range c.All() {
		if o.Numerator == i.ID || o.Denominator == i.ID {
			p.Ratios = append(p.Ratios, o)
		}
	}
	slices.Reverse(p.Versions)
	if p.History, err = s.History(ctx, who, i.Code); err != nil {
		return err
	}
	if p.MayEdit, err = s.MayEdit(ctx, who); err != nil {
		return err
	}
	page := web.Page{Title: i.Name, Nav: navKey, Crumbs: crumbs(ctx)}
	if wrong != nil {
		p.Opened = path.Base(r.URL.Path)
		if r.Form.Has("name") {
			p.Form = readForm(r)
		}
		return web.Invalid(w, r, wrong, page, oneBody(p))
	}
	return web.Show(w, r, page, oneBody(p))
}

// act runs a form of the indicator's page; version is the one that the page showed.
func (s *Service) act(w http.ResponseWriter, r *http.Request, done string, fn func(who auth.Actor, code string, version int) error) error {
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	code := r.PathValue("code")
	if err := fn(auth.From(r.Context()), code, int(version)); err != nil {
		return s.indicatorPage(w, r, err)
	}
	return web.Redirect(w, r, web.Path("chi-tieu", code), done)
}

func (s *Service) addVersion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.act(w, r, web.T(ctx, "Đã ghi bản mới của chỉ tiêu."), func(who auth.Actor, code string, version int) error {
		c, err := s.Catalog(ctx)
		if err != nil {
			return err
		}
		old, ok := c.ByCode(code)
		if !ok {
			return fault.NotFound()
		}
		f := readForm(r)
		next := old
		next.Name, next.Topic, next.Better, next.Note = f.Name, f.Topic, f.Better, f.Note
		if next.Ordinal, err = wholeNumber("ordinal", f.Ordinal); err != nil {
			return err
		}
		if next.ValidFrom, err = web.Date(r, "from"); err != nil {
			return err
		}
		return s.NewVersion(ctx, who, code, version, next)
	})
}

func (s *Service) addOtherName(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.act(w, r, web.T(ctx, "Đã thêm tên khác."), func(who auth.Actor, code string, _ int) error {
		return moved(s.AddSynonym(ctx, who, code, web.Value(r, "synonym"), web.Checked(r, "unit_synonym")), "name", "synonym")
	})
}

func (s *Service) removeOtherName(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.act(w, r, web.T(ctx, "Đã bỏ tên khác."), func(who auth.Actor, code string, _ int) error {
		return s.RemoveSynonym(ctx, who, code, web.Value(r, "bo"), web.Checked(r, "bo_don_vi"))
	})
}

func (s *Service) addPart(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.act(w, r, web.T(ctx, "Đã thêm thành phần."), func(who auth.Actor, code string, _ int) error {
		p := Part{Code: web.Value(r, "part_code"), Name: web.Value(r, "part_name"), Kind: PartKind(web.Value(r, "part_kind"))}
		return moved(s.AddPart(ctx, who, code, p), "parts", "part_code")
	})
}

func (s *Service) retireIndicator(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.act(w, r, web.T(ctx, "Chỉ tiêu thôi dùng từ ngày đã ghi."), func(who auth.Actor, code string, version int) error {
		at, err := web.Date(r, "at")
		if err != nil {
			return err
		}
		return s.Retire(ctx, who, code, version, at, web.Value(r, "reason"))
	})
}

func (s *Service) showReplace(w http.ResponseWriter, r *http.Request) error {
	return s.replacePage(w, r, nil)
}

func (s *Service) replacePage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	if err := s.mustEdit(ctx); err != nil {
		return err
	}
	c, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	old, ok := c.ByCode(r.PathValue("code"))
	if !ok {
		return fault.NotFound()
	}
	f := formOf(c, old)
	f.Code, f.At = "", s.clock.Today()
	page := web.Page{Title: web.T(ctx, "Thay thế chỉ tiêu %s", old.Code), Nav: navKey,
		Crumbs: append(crumbs(ctx), web.Crumb{Label: old.Name, Path: old.Path()})}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, replaceBody(old, readForm(r), c))
	}
	return web.Show(w, r, page, replaceBody(old, f, c))
}

func (s *Service) replaceIndicator(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	f := readForm(r)
	next, err := s.parsed(ctx, f)
	at := ""
	if err == nil {
		at, err = web.Date(r, "at")
	}
	if err == nil {
		next, err = s.Replace(ctx, auth.From(ctx), r.PathValue("code"), int(version), at, f.Reason, next)
	}
	if err != nil {
		return s.replacePage(w, r, err)
	}
	return web.Redirect(w, r, next.Path(), web.T(ctx, "Từ ngày %s, chỉ tiêu %s thay thế %s.", viet.FormatDate(at), next.Code, r.PathValue("code")))
}
