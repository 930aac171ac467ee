package form

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/web"
)

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
