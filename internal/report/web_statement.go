package report

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

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
		return web.Invalid(w, r, err, page, bodyBody(v, form, returnForm{}))
	}
	return web.Redirect(w, r, BodyPath(v.Unit.Code, v.Period)+"#nd-"+x.ID, web.T(ctx, "Đã thêm nội dung."))
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
	page.Crumbs = append(page.Crumbs, web.Crumb{Label: page.Title, Path: BodyPath(v.Unit.Code, v.Period)})
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
		return web.Redirect(w, r, BodyPath(v.Unit.Code, v.Period), flash)
	}
	var theirs *Statement
	if fault.Is(err, fault.KindConflict) && now.ID != "" {
		theirs = &now
	}
	return web.Invalid(w, r, err, page, statementBody(v, versions, typed, theirs))
}
