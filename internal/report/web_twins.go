package report

import (
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// twinsPage is the page on which the office says which figures are one result counted twice.
type twinsPage struct {
	Top    org.Unit
	Period period.Period
	List   []Twin
	Key    string // of the pair whose form was refused, with what was typed
	Amount string
	Reason string
}

func (s *Service) twinsPage(r *http.Request) (web.Page, twinsPage, error) {
	ctx := r.Context()
	var p twinsPage
	per, err := period.FromSlug(web.Value(r, "ky"))
	if err == nil {
		p.Period, err = s.periods.Find(ctx, auth.From(ctx), per.Code)
	}
	if err == nil {
		p.Top, p.List, err = s.Twins(ctx, auth.From(ctx), web.Value(r, "don-vi"), per.Code)
	}
	if err != nil {
		return web.Page{}, p, err
	}
	return web.Page{
		Title: web.T(ctx, "Kết quả có thể tính hai lần"), Lead: p.Top.Name + ", " + p.Period.Name(), Nav: navKey,
		Crumbs: []web.Crumb{boardCrumb(ctx, p.Top.Code, p.Period)},
	}, p, nil
}

func (s *Service) showTwins(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.twinsPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, twinsBody(p))
}

func twinsPath(unit string, p period.Period) string {
	return web.URL("/bao-cao/trung", "don-vi", unit, "ky", p.Slug())
}

// settleTwin links two figures as one result, or remembers that they are two.
func (s *Service) settleTwin(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	page, p, err := s.twinsPage(r)
	if err != nil {
		return err
	}
	p.Key, p.Amount, p.Reason = web.Value(r, "cap"), web.Value(r, "amount"), web.Value(r, "reason")
	for _, t := range p.List {
		if t.Key() != p.Key {
			continue
		}
		flash := web.T(ctx, "Đã ghi: không cùng một kết quả.")
		if web.Value(r, "act") == "distinct" {
			err = s.figures.SayDistinct(ctx, who, p.Period, figure.PairOf(t.Indicator.ID, t.Part.Part, t.Unit.ID, t.Other.ID), p.Reason)
		} else {
			flash = web.T(ctx, "Đã ghi: cùng một kết quả, phần trùng chỉ tính một lần.")
			err = s.linkTwin(r, t, p)
		}
		if err != nil {
			return web.Invalid(w, r, err, page, twinsBody(p))
		}
		return web.Redirect(w, r, twinsPath(p.Top.Code, p.Period), flash)
	}
	return web.Invalid(w, r, fault.Conflict("Cặp số liệu này vừa được xử lý hoặc vừa thay đổi. Hãy xem lại danh sách."), page, twinsBody(p))
}

func (s *Service) linkTwin(r *http.Request, t Twin, p twinsPage) error {
	o := figure.Overlap{Cell: figure.Cell{Unit: t.Unit.ID, Period: p.Period.ID, Indicator: t.Indicator.ID, Part: t.Part.Part}, Other: t.Other.ID, Reason: p.Reason}
	if p.Amount != "" {
		q, err := figure.Read(p.Amount, t.Indicator)
		if err != nil || !q.HasNumber() {
			return fault.Invalid("amount", "Phần trùng không đọc được thành một con số; hãy ghi lại.")
		}
		o.Amount, o.Known = q.Value, true
	}
	return s.figures.SetOverlap(r.Context(), auth.From(r.Context()), p.Period, o)
}
