package form

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

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
