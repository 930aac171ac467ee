package form

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// navKey: forms are made from the catalogue, as people see it.
const navKey = "chi-tieu"

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/bieu-mau", auth.View, s.showList)
	r.Get("/bieu-mau/them", auth.EditCatalog, s.showNew)
	r.Post("/bieu-mau", auth.EditCatalog, s.postNew)
	r.Post("/bieu-mau/khoi-dau", auth.EditCatalog, s.postStarter)
	r.Get("/bieu-mau/ngay-nghi", auth.View, s.showHolidays)
	r.Post("/bieu-mau/ngay-nghi", auth.EditCatalog, s.postHoliday)
	r.Get("/bieu-mau/{code}", auth.View, s.showOne)
	r.Get("/bieu-mau/{code}/ban/{number}", auth.View, s.showVersion)
	r.Get("/bieu-mau/{code}/so-sanh", auth.View, s.showComparison)
	r.Get("/bieu-mau/{code}/sua", auth.EditCatalog, s.showEditor)
	r.Post("/bieu-mau/{code}/sua", auth.EditCatalog, s.postEditor)
	r.Get("/bieu-mau/{code}/giao", auth.EditCatalog, s.showAssign)
	r.Post("/bieu-mau/{code}/giao", auth.EditCatalog, s.postAssign)
	r.Post("/bieu-mau/{code}/buoc", auth.EditCatalog, s.postStep)
	r.Get("/so-lieu/{unit}/{period}/cau-hoi", auth.View, s.showAnswers)
	r.Post("/so-lieu/{unit}/{period}/cau-hoi", auth.Enter, s.postAnswers)
}

func formPath(code string, more ...string) string {
	return web.Path(append([]string{"bieu-mau", code}, more...)...)
}

func crumbs(ctx context.Context, codes ...string) []web.Crumb {
	out := []web.Crumb{{Label: web.T(ctx, "Danh mục chỉ tiêu"), Path: "/chi-tieu"}, {Label: web.T(ctx, "Biểu mẫu"), Path: "/bieu-mau"}}
	for _, c := range codes {
		out = append(out, web.Crumb{Label: c, Path: formPath(c)})
	}
	return out
}

// mustEdit is a page's own check: who may not do it does not see the form.
func (s *Service) mustEdit(ctx context.Context) error {
	may, err := s.MayEdit(ctx, auth.From(ctx))
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	all, err := s.List(ctx, who)
	if err != nil {
		return err
	}
	may, err := s.MayEdit(ctx, who)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Biểu mẫu"), Nav: navKey, Crumbs: crumbs(ctx)[:1], Lead: web.T(ctx, "Những nội dung mà các đơn vị phải báo cáo trong mỗi kỳ.")}
	if may {
		page.Actions = listActions()
	}
	return web.Show(w, r, page, listBody(all, may, s.periodsFrom(period.Quarter)))
}

// periodsFrom offers periods of a kind around today: the ones that something may begin with.
func (s *Service) periodsFrom(kind string) []period.Period {
	p, ok := period.On(kind, s.clock.Today(), period.Calendar)
	if !ok {
		return nil
	}
	p = p.Previous()
	var out []period.Period
	for range 6 {
		out = append(out, p)
		p = p.Next()
	}
	return out
}

func newPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Lập biểu mẫu"), Nav: navKey, Crumbs: crumbs(ctx)}
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	if err := s.mustEdit(r.Context()); err != nil {
		return err
	}
	return web.Show(w, r, newPage(r.Context()), newBody(Form{Kind: period.Quarter}, ""))
}

func (s *Service) postNew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, name := Form{Code: web.Value(r, "code"), Kind: web.Value(r, "kind")}, web.Value(r, "name")
	code, err := s.Add(ctx, auth.From(ctx), f, name)
	if err != nil {
		return web.Invalid(w, r, err, newPage(ctx), newBody(f, name))
	}
	return web.Redirect(w, r, formPath(code, "sua"), web.T(ctx, "Đã lập biểu mẫu. Hãy thêm các phần và nội dung."))
}

func (s *Service) postStarter(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.AddStarter(ctx, auth.From(ctx), web.Value(r, "from")); err != nil {
		return err
	}
	return web.Redirect(w, r, "/bieu-mau", web.T(ctx, "Đã lập bộ biểu mẫu khởi đầu và giao cho mọi đơn vị."))
}

func (s *Service) holidayPage(r *http.Request, typed Holiday) (web.Page, holidayView, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	v := holidayView{Typed: typed}
	var err error
	if v.All, err = s.Holidays(ctx, who); err != nil {
		return web.Page{}, v, err
	}
	slices.Reverse(v.All)
	v.May, err = s.MayEdit(ctx, who)
	return web.Page{Title: web.T(ctx, "Ngày nghỉ, ngày làm bù"), Nav: navKey, Crumbs: crumbs(ctx),
		Lead: web.T(ctx, "Hạn báo cáo tính theo ngày làm việc: trừ thứ Bảy, Chủ nhật và các ngày nghỉ dưới đây.")}, v, err
}

func (s *Service) showHolidays(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.holidayPage(r, Holiday{})
	if err != nil {
		return err
	}
	return web.Show(w, r, page, holidayBody(v))
}

func (s *Service) postHoliday(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	if day := web.Value(r, "bo"); day != "" {
		if err := s.DropHoliday(ctx, who, day); err != nil {
			return err
		}
		return web.Redirect(w, r, "/bieu-mau/ngay-nghi", web.T(ctx, "Đã bỏ ngày này khỏi danh sách."))
	}
	h := Holiday{Day: web.Value(r, "day"), Name: web.Value(r, "name"), Works: web.Checked(r, "works")}
	day, err := web.Date(r, "day")
	if err == nil {
		h.Day = day
		err = s.SetHoliday(ctx, who, h)
	}
	if err != nil {
		page, v, again := s.holidayPage(r, h)
		if again != nil {
			return again
		}
		return web.Invalid(w, r, err, page, holidayBody(v))
	}
	return web.Redirect(w, r, "/bieu-mau/ngay-nghi", web.T(ctx, "Đã ghi ngày này."))
}

// onePage reads a form for its pages.
func (s *Service) onePage(r *http.Request) (web.Page, oneView, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	var v oneView
	var err error
	if v.Sheaf, err = s.Find(ctx, who, r.PathValue("code")); err != nil {
		return web.Page{}, v, err
	}
	if v.May, err = s.MayEdit(ctx, who); err != nil {
		return web.Page{}, v, err
	}
	v.Periods = s.periodsFrom(v.Form.Kind)
	return web.Page{Title: v.Versions[0].Name, Lead: web.T(ctx, "Biểu mẫu %s, kỳ %s", v.Code, web.T(ctx, period.KindName(v.Form.Kind))), Nav: navKey, Crumbs: crumbs(ctx)}, v, nil
}

func (s *Service) showOne(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.onePage(r)
	if err != nil {
		return err
	}
	if v.May && len(v.Assignments) > 0 { // others would learn of units that they do not see
		if v.Named, err = s.Named(r.Context(), v.Assignments[0]); err != nil {
			return err
		}
	}
	return web.Show(w, r, page, oneBody(v))
}

func (s *Service) postStep(w http.ResponseWriter, r *http.Request) error {
	ctx, who, code := r.Context(), auth.From(r.Context()), r.PathValue("code")
	seen, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	to, done := formPath(code), ""
	switch web.Value(r, "viec") {
	case "ban-moi":
		err, to, done = s.Begin(ctx, who, code, int(seen)), formPath(code, "sua"), web.T(ctx, "Đã lập bản nháp mới từ bản gần nhất.")
	case "bo-nhap":
		err, done = s.Drop(ctx, who, code, int(seen)), web.T(ctx, "Đã bỏ bản nháp.")
	case "ban-hanh":
		err, done = s.Publish(ctx, who, code, int(seen), web.Value(r, "from"), web.Value(r, "why")), web.T(ctx, "Đã ban hành bản mới.")
	case "thoi-dung":
		err, done = s.Retire(ctx, who, code, int(seen), web.Value(r, "until"), web.Value(r, "reason")), web.T(ctx, "Đã thôi dùng biểu mẫu.")
	case "dung-lai":
		err, done = s.Restore(ctx, who, code, int(seen), web.Value(r, "reason")), web.T(ctx, "Đã dùng lại biểu mẫu.")
	default:
		return fault.NotFound()
	}
	if err == nil {
		return web.Redirect(w, r, to, done)
	}
	page, v, again := s.onePage(r)
	if again != nil {
		return again
	}
	v.From, v.Why, v.Until, v.Reason = web.Value(r, "from"), web.Value(r, "why"), web.Value(r, "until"), web.Value(r, "reason")
	return web.Invalid(w, r, err, page, oneBody(v))
}

func (s *Service) showVersion(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return fault.NotFound()
	}
	f, err := s.Find(ctx, who, r.PathValue("code"))
	if err != nil {
		return err
	}
	v, err := s.Content(ctx, who, f.Code, number)
	if err != nil {
		return err
	}
	if v.State == Draft { // what is not published is for those who write it
		if err := s.mustEdit(ctx); err != nil {
			return err
		}
	}
	catalog, err := s.indicators.Catalog(ctx)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: v.Name, Lead: web.T(ctx, "Bản %d, như người nhập sẽ thấy", v.Number), Nav: navKey, Crumbs: crumbs(ctx, f.Code)}, previewBody(v, catalog))
}

func (s *Service) showComparison(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	_, v, err := s.onePage(r)
	if err != nil {
		return err
	}
	c := comparison{Code: v.Code, Versions: v.Versions}
	if !v.May {
		c.Versions = slices.DeleteFunc(slices.Clone(v.Versions), func(x Version) bool { return x.State == Draft })
	}
	if len(c.Versions) == 0 {
		return fault.NotFound()
	}
	c.New, c.Old = c.Versions[0].Number, c.Versions[min(1, len(c.Versions)-1)].Number
	for name, number := range map[string]*int{"moi": &c.New, "cu": &c.Old} {
		if text := web.Value(r, name); text != "" {
			*number, _ = strconv.Atoi(text) // anything else is no version
		}
	}
	for _, n := range []int{c.New, c.Old} {
		if !slices.ContainsFunc(c.Versions, func(x Version) bool { return x.Number == n }) {
			return fault.NotFound()
		}
	}
	before, err := s.Content(ctx, who, v.Code, c.Old)
	if err != nil {
		return err
	}
	after, err := s.Content(ctx, who, v.Code, c.New)
	if err != nil {
		return err
	}
	if c.Catalog, err = s.indicators.Catalog(ctx); err != nil {
		return err
	}
	c.Changes = Compare(before, after, func(id int64) int64 { in, _ := c.Catalog.ByID(id); return in.Replaces })
	return web.Show(w, r, web.Page{Title: web.T(ctx, "So sánh bản %d với bản %d", c.New, c.Old), Lead: after.Name, Nav: navKey, Crumbs: crumbs(ctx, v.Code)}, comparisonBody(c))
}
