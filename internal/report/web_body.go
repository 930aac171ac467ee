package report

import (
	"context"
	"net/http"
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
	ret := returnForm{On: web.Checked(r, "tra-lai")}
	if _, may := v.returns(); !may {
		ret.On = false
	}
	return web.Show(w, r, page, bodyBody(v, form, ret))
}

// bodyStep runs a step on a body's report and shows its page again, with the reason where it was refused.
func (s *Service) bodyStep(w http.ResponseWriter, r *http.Request, flash string, ret returnForm, step func(unit, per string, version int) error) error {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	seen, err := version(r)
	if err == nil {
		err = step(r.PathValue("unit"), p.Code, seen)
	}
	if err == nil {
		return web.Redirect(w, r, BodyPath(r.PathValue("unit"), p), flash)
	}
	if fault.Is(err, fault.KindNotFound) {
		return err
	}
	page, v, form, again := s.bodyPage(r)
	if again != nil {
		return again
	}
	v.Typed = sendingOf(r).Notes
	return web.Invalid(w, r, err, page, bodyBody(v, form, ret))
}

func (s *Service) submitBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã gửi báo cáo."), returnForm{}, func(unit, per string, version int) error {
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
	return s.bodyStep(w, r, web.T(ctx, "Đã rút báo cáo về. Sửa xong hãy gửi lại."), returnForm{}, func(unit, per string, version int) error {
		_, err := s.Recall(ctx, auth.From(ctx), unit, per, version)
		return err
	})
}

func (s *Service) approveBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã duyệt báo cáo."), returnForm{}, func(unit, per string, version int) error {
		_, err := s.Approve(ctx, auth.From(ctx), unit, per, version, web.Value(r, "reason"))
		return err
	})
}

func (s *Service) acceptBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.bodyStep(w, r, web.T(ctx, "Đã tiếp nhận báo cáo."), returnForm{}, func(unit, per string, version int) error {
		_, err := s.Accept(ctx, auth.From(ctx), unit, per, version, web.Value(r, "reason"))
		return err
	})
}

// dayStep runs an act on the day on which the body's report is due; typed is shown again where it was refused.
func (s *Service) dayStep(w http.ResponseWriter, r *http.Request, flash string, typed returnForm, act func(unit, per string) error) error {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	err = act(r.PathValue("unit"), p.Code)
	if err == nil {
		return web.Redirect(w, r, BodyPath(r.PathValue("unit"), p), flash)
	}
	if fault.Is(err, fault.KindNotFound) {
		return err
	}
	page, v, form, again := s.bodyPage(r)
	if again != nil {
		return again
	}
	return web.Invalid(w, r, err, page, bodyBody(v, form, typed))
}

// dayTyped reads a day; nothing typed is no day.
func dayTyped(r *http.Request, name string) (string, error) {
	if web.Value(r, name) == "" {
		return "", nil
	}
	return web.Date(r, name)
}

// extendBody gives the body another day on which its report is due.
func (s *Service) extendBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	typed := dayFields{Open: true, Due: web.Value(r, "extend-due"), Reason: web.Value(r, "extend-reason")}
	return s.dayStep(w, r, web.T(ctx, "Đã ghi hạn nộp của đơn vị."), returnForm{Extend: typed}, func(unit, per string) error {
		due, err := dayTyped(r, "extend-due")
		if err != nil {
			return err
		}
		return s.periods.Extend(ctx, auth.From(ctx), per, unit, due, typed.Reason)
	})
}

// pleadBody asks for another day.
func (s *Service) pleadBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	typed := dayFields{Open: true, Due: web.Value(r, "plea-due"), Reason: web.Value(r, "plea-reason")}
	return s.dayStep(w, r, web.T(ctx, "Đã gửi đề nghị gia hạn đến văn phòng."), returnForm{Plea: typed}, func(unit, per string) error {
		due, err := dayTyped(r, "plea-due")
		if err != nil {
			return err
		}
		return s.Plead(ctx, auth.From(ctx), unit, per, due, typed.Reason)
	})
}

func (s *Service) withdrawBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return s.dayStep(w, r, web.T(ctx, "Đã rút đề nghị gia hạn."), returnForm{}, func(unit, per string) error {
		seen, err := version(r)
		if err != nil {
			return err
		}
		return s.periods.Withdraw(ctx, auth.From(ctx), per, unit, seen)
	})
}

func (s *Service) declineBody(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	typed := dayFields{Open: true, Reason: web.Value(r, "plea-answer")}
	return s.dayStep(w, r, web.T(ctx, "Đã trả lời đề nghị gia hạn."), returnForm{Decline: typed}, func(unit, per string) error {
		seen, err := version(r)
		if err != nil {
			return err
		}
		return s.periods.Decline(ctx, auth.From(ctx), per, unit, seen, typed.Reason)
	})
}

func (s *Service) returnBody(w http.ResponseWriter, r *http.Request) error {
	return s.backBody(w, r, s.Return)
}

func (s *Service) reopenBody(w http.ResponseWriter, r *http.Request) error {
	return s.backBody(w, r, s.Reopen)
}

// backBody sends a report back with the reasons of the form.
func (s *Service) backBody(w http.ResponseWriter, r *http.Request, back func(context.Context, auth.Actor, string, string, int, []Reason) (Report, error)) error {
	ctx := r.Context()
	typed := returnForm{On: true, Ticked: map[string]bool{}, Text: map[string]string{}, General: web.Value(r, "reason")}
	for _, key := range web.Values(r, "o") {
		typed.Ticked[key] = true
	}
	for name := range r.PostForm {
		if key, ok := strings.CutPrefix(name, "r-"); ok {
			typed.Text[key] = web.Value(r, name)
		}
	}
	return s.bodyStep(w, r, web.T(ctx, "Đã trả lại báo cáo kèm lý do."), typed, func(unit, per string, version int) error {
		catalog, err := s.indicators.Catalog(ctx)
		if err != nil {
			return err
		}
		reasons, err := typed.reasons(catalog)
		if err == nil {
			_, err = back(ctx, auth.From(ctx), unit, per, version, reasons)
		}
		return err
	})
}
