package form

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
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

// editorPage reads the draft for the editor.
func (s *Service) editorPage(r *http.Request) (web.Page, editor, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	var e editor
	if err := s.mustEdit(ctx); err != nil {
		return web.Page{}, e, err
	}
	f, err := s.Find(ctx, who, r.PathValue("code"))
	if err != nil {
		return web.Page{}, e, err
	}
	if f.Versions[0].State != Draft {
		return web.Page{}, e, fault.Refused("Biểu mẫu này không có bản nháp. Hãy lập bản mới rồi sửa.")
	}
	e.Form = f.Form
	if e.Draft, err = s.Content(ctx, who, f.Code, f.Versions[0].Number); err != nil {
		return web.Page{}, e, err
	}
	if e.Catalog, err = s.indicators.Catalog(ctx); err != nil {
		return web.Page{}, e, err
	}
	e.Section, e.Search = web.Value(r, "phan"), web.Value(r, "tim")
	e.Item, _, _ = e.Draft.Item(web.Value(r, "muc"))
	return web.Page{Title: e.Draft.Name, Lead: web.T(ctx, "Sửa bản nháp số %d của biểu mẫu %s", e.Draft.Number, f.Code), Nav: navKey, Crumbs: crumbs(ctx, f.Code), Actions: editorActions(e)}, e, nil
}

func (s *Service) showEditor(w http.ResponseWriter, r *http.Request) error {
	page, e, err := s.editorPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, editorBody(e))
}

// postEditor does what the pressed button says: a word, and behind it the key of what it is about.
func (s *Service) postEditor(w http.ResponseWriter, r *http.Request) error {
	ctx, who, code := r.Context(), auth.From(r.Context()), r.PathValue("code")
	seen, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	act, id, _ := strings.Cut(web.Value(r, "viec"), " ")
	err = s.Change(ctx, who, code, int(seen), act, func(v *Version) error { return changeBy(r, v, act, id) })
	if err == nil {
		to := formPath(code, "sua")
		if act == "chon" {
			to = web.URL(to, "phan", id, "tim", web.Value(r, "tim"))
		}
		return web.Redirect(w, r, to, web.T(ctx, "Đã lưu bản nháp."))
	}
	if fault.Is(err, fault.KindNotFound) {
		return err
	}
	page, e, again := s.editorPage(r)
	if again != nil {
		return again
	}
	e.typed(r, act, id)
	return web.Invalid(w, r, err, page, editorBody(e))
}

// typed keeps what was typed with the form that it belongs to.
func (e *editor) typed(r *http.Request, act, id string) {
	e.Act, e.Typed = act, func(name string) string { return r.FormValue(name) }
	switch act {
	case "muc":
		if id != "" {
			e.Item, _, _ = e.Draft.Item(id)
		}
	case "chon":
		e.Section = id
	case "phan":
		if id != "" {
			e.Act = "phan " + id
		}
	}
}

// changeBy is the change that a button of the editor asks for.
func changeBy(r *http.Request, v *Version, act, id string) error {
	up := strings.HasSuffix(act, "-len")
	switch act {
	case "khung":
		return frameFrom(r, v)
	case "phan":
		return v.PutSection(Section{ID: id, Title: web.Value(r, "title"), Note: r.FormValue("note")}, newID)
	case "phan-len", "phan-xuong":
		return v.MoveSection(id, up)
	case "phan-bo":
		return v.RemoveSection(id)
	case "muc-len", "muc-xuong":
		return v.MoveItem(id, up)
	case "muc-bo":
		return v.RemoveItem(id)
	case "chon":
		return chosen(r, v, id)
	case "muc":
		section, i := itemFrom(r, v, id)
		return v.PutItem(section, i, newID)
	}
	return fault.NotFound()
}

func chosen(r *http.Request, v *Version, section string) error {
	picked := web.Values(r, "chon")
	if len(picked) == 0 {
		return fault.Invalid("chon", "Hãy đánh dấu ít nhất một chỉ tiêu.")
	}
	for _, text := range picked {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fault.NotFound()
		}
		if err := v.PutItem(section, Item{Kind: Cell, Indicator: id}, newID); err != nil {
			return err
		}
	}
	return nil
}

// itemFrom reads the form of an item: a new one (id is empty) or one that stands.
func itemFrom(r *http.Request, v *Version, id string) (string, Item) {
	i, section, _ := v.Item(id)
	if id == "" {
		i.Kind, section.ID = ItemKind(web.Value(r, "kind")), web.Value(r, "phan")
	}
	i.Label, i.Hint, i.Compulsory = web.Value(r, "label"), web.Value(r, "hint"), web.Checked(r, "compulsory")
	if i.Kind != Cell {
		i.Most, _ = strconv.Atoi(web.Value(r, "most")) // anything else is out of bounds
	}
	if i.Kind == Table {
		i.Columns = ReadColumns(r.FormValue("columns"), i.Columns)
	}
	return section.ID, i
}

func frameFrom(r *http.Request, v *Version) error {
	var bad fault.List
	number := func(name string) int {
		n, err := strconv.Atoi(web.Value(r, name))
		if err != nil {
			_ = bad.Add(fault.Invalid(name, "Hãy ghi số ngày làm việc, ví dụ 5 hoặc -3."))
		}
		return n
	}
	opens, closes := number("opens"), number("closes")
	var reminders []int
	for _, text := range strings.FieldsFunc(web.Value(r, "reminders"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.Atoi(text)
		if err != nil {
			_ = bad.Add(fault.Invalid("reminders", "Hãy ghi các số ngày làm việc, cách nhau bằng dấu phẩy, ví dụ -3, -1, 1."))
			break
		}
		reminders = append(reminders, n)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return v.SetFrame(web.Value(r, "name"), r.FormValue("note"), opens, closes, reminders)
}

// assignPage reads a form for the page of its assignment, filled with the one that holds.
func (s *Service) assignPage(r *http.Request) (web.Page, assignView, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	var v assignView
	if err := s.mustEdit(ctx); err != nil {
		return web.Page{}, v, err
	}
	f, err := s.Find(ctx, who, r.PathValue("code"))
	if err != nil {
		return web.Page{}, v, err
	}
	v.Form, v.Periods = f.Form, s.periodsFrom(f.Form.Kind)
	if v.Lines, v.Units, err = s.Choices(ctx, who); err != nil {
		return web.Page{}, v, err
	}
	if len(f.Assignments) > 0 {
		v.Assignment = f.Assignments[0]
		v.Assignment.From, v.Reason = "", ""
	}
	v.read(v.Assignment)
	return web.Page{Title: web.T(ctx, "Giao biểu mẫu cho các đơn vị"), Lead: f.Versions[0].Name, Nav: navKey, Crumbs: crumbs(ctx, f.Code)}, v, nil
}

func (s *Service) showAssign(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.assignPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, assignBody(v))
}

func (s *Service) postAssign(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	page, v, err := s.assignPage(r)
	if err != nil {
		return err
	}
	seen, err := web.Int64(r, "version")
	if err != nil {
		return err
	}
	a, err := v.take(r)
	if err == nil && web.Value(r, "viec") == "giao" {
		if err = s.Assign(ctx, who, v.Code, int(seen), a); err == nil {
			return web.Redirect(w, r, formPath(v.Code), web.T(ctx, "Đã giao biểu mẫu."))
		}
	} else if err == nil {
		if v.Begins, v.Named, err = s.Preview(ctx, who, v.Code, a); err == nil {
			v.Shown = true
			return web.Show(w, r, page, assignBody(v))
		}
	}
	return web.Invalid(w, r, err, page, assignBody(v))
}

// read fills the fields of the page from an assignment.
func (v *assignView) read(a Assignment) {
	v.Rows = nil
	for _, t := range a.Targets {
		line := ""
		if t.Line != 0 {
			line = strconv.FormatInt(t.Line, 10)
		}
		v.Rows = append(v.Rows, targetRow{Used: true, Kind: string(t.Kind), Level: string(t.Level), Line: line})
	}
	for len(v.Rows) < targetRows {
		v.Rows = append(v.Rows, targetRow{})
	}
	var add, omit []string
	for _, x := range a.Exceptions {
		n := slices.IndexFunc(v.Units, func(u org.Unit) bool { return u.ID == x.Unit })
		if n < 0 {
			continue
		}
		if x.Added {
			add = append(add, v.Units[n].Code)
		} else {
			omit = append(omit, v.Units[n].Code)
		}
	}
	v.Add, v.Omit = strings.Join(add, ", "), strings.Join(omit, ", ")
}

// take reads what was typed, for the page that is shown again and as an assignment.
func (v *assignView) take(r *http.Request) (Assignment, error) {
	a := Assignment{From: web.Value(r, "from"), Reason: web.Value(r, "reason")}
	v.Assignment.From, v.Reason = a.From, a.Reason
	v.Add, v.Omit = web.Value(r, "add"), web.Value(r, "omit")
	var bad fault.List
	for n := range v.Rows {
		at := strconv.Itoa(n)
		row := targetRow{web.Checked(r, "dung"+at), web.Value(r, "loai"+at), web.Value(r, "cap"+at), web.Value(r, "he"+at)}
		v.Rows[n] = row
		if !row.Used {
			continue
		}
		t := Target{Kind: org.Kind(row.Kind), Level: org.Level(row.Level)}
		if row.Line != "" {
			t.Line, _ = strconv.ParseInt(row.Line, 10, 64)
			if !slices.ContainsFunc(v.Lines, func(u org.Unit) bool { return u.ID == t.Line }) {
				return a, fault.NotFound()
			}
		}
		a.Targets = append(a.Targets, t)
	}
	for _, x := range []struct {
		field, text string
		added       bool
	}{{"add", v.Add, true}, {"omit", v.Omit, false}} {
		for _, code := range strings.FieldsFunc(x.text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
			n := slices.IndexFunc(v.Units, func(u org.Unit) bool { return strings.EqualFold(u.Code, code) })
			if n < 0 {
				_ = bad.Add(fault.Invalidf(x.field, "Không có đơn vị mã “%s”.", code))
				continue
			}
			a.Exceptions = append(a.Exceptions, Exception{v.Units[n].ID, x.added})
		}
	}
	if len(a.Targets) == 0 && len(a.Exceptions) == 0 {
		_ = bad.Add(fault.Invalid("dung0", "Hãy chọn ít nhất một nhóm đơn vị hoặc thêm từng đơn vị."))
	}
	return a, bad.Err()
}

// results are the indicators that a search of the editor finds, without those that the form has.
func (e editor) results() []indicator.Group {
	words := strings.Fields(viet.Fold(e.Search))
	have := map[int64]bool{}
	for _, i := range e.Draft.Cells() {
		have[i.Indicator] = true
	}
	var out []indicator.Group
	for _, g := range e.Catalog.Topics() {
		g.Indicators = slices.DeleteFunc(slices.Clone(g.Indicators), func(in indicator.Indicator) bool {
			whole := viet.Fold(strings.Join(append([]string{in.Code, in.Name, g.Name}, in.Synonyms...), " "))
			return have[in.ID] || in.Retired() || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(whole, w) })
		})
		if len(g.Indicators) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// AnswerPath is the page on which a unit answers the questions of its forms.
func AnswerPath(unit string, p period.Period) string {
	return web.Path("so-lieu", unit, p.Slug(), "cau-hoi")
}

// answerPage is the page of answers; typed are those that came with a form that was refused.
func (s *Service) answerPage(r *http.Request) (web.Page, answerView, error) {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return web.Page{}, answerView{}, err
	}
	sheet, err := s.Sheet(ctx, auth.From(ctx), strings.ToUpper(r.PathValue("unit")), p.Code)
	if err != nil {
		return web.Page{}, answerView{}, err
	}
	return web.Page{Title: viet.UpperFirst(sheet.Unit.Name), Lead: web.T(ctx, "Câu hỏi và bảng của biểu mẫu, %s", sheet.Period.Name()), Nav: "figure",
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Số liệu"), Path: web.URL("/so-lieu", "ky", sheet.Period.Slug())}, {Label: viet.UpperFirst(sheet.Unit.Name), Path: web.Path("so-lieu", sheet.Unit.Code, sheet.Period.Slug())}},
	}, answerView{AnswerSheet: sheet}, nil
}

func (s *Service) showAnswers(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.answerPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, answerBody(v))
}

func (s *Service) postAnswers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, v, err := s.answerPage(r)
	if err != nil {
		return err
	}
	if !v.MayEnter {
		if v.Shut != "" {
			return fault.Refusedf("%s", v.Shut)
		}
		return fault.NotFound()
	}
	var bad fault.List
	var typed []Answer
	v.Typed = map[string]Answer{}
	for _, f := range v.Forms {
		for _, i := range f.Answers {
			if _, shown := r.PostForm[seenName(i.Item.ID)]; !shown {
				continue
			}
			a, err := readAnswer(i.Item, r.FormValue, func(name string) bool { return web.Checked(r, name) })
			a.Version, _ = strconv.Atoi(web.Value(r, seenName(i.Item.ID))) // a number that the page wrote; anything else is version 0
			if err := bad.Add(err); err != nil {
				return err
			}
			v.Typed[i.Item.ID] = a
			typed = append(typed, a)
		}
	}
	n, err := 0, bad.Err()
	if err == nil {
		n, err = s.Write(ctx, auth.From(ctx), v.Unit.Code, v.Period.Code, typed)
	}
	if err != nil {
		if _, again, reading := s.answerPage(r); reading == nil { // what others have written meanwhile
			again.Typed = v.Typed
			v = again
		}
		return web.Invalid(w, r, err, page, answerBody(v))
	}
	return web.Redirect(w, r, AnswerPath(v.Unit.Code, v.Period), web.T(ctx, "Đã lưu %d câu trả lời.", n))
}
