package report

import (
	"net/http"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/rule"
	"giaoban/internal/web"
)

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
	v.Typed = sendingOf(r).Notes
	return web.Invalid(w, r, err, page, bodyBody(v, form, reasons))
}

func (s *Service) submitBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã gửi báo cáo."), nil, func(unit, per string, version int) error {
		_, err := s.Submit(ctx, auth.From(ctx), unit, per, version, sendingOf(r))
		return err
	})
}

// sendingOf reads what was said beside the button: the explanations stand in fields named by their rules.
func sendingOf(r *http.Request) Sending {
	out := Sending{Empty: web.Checked(r, "empty"), Notes: map[string]string{}}
	for name := range r.PostForm {
		if id, ok := strings.CutPrefix(name, rule.NoteField("")); ok {
			out.Notes[id] = web.Value(r, name)
		}
	}
	return out
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
