package account

import (
	"context"
	"net/http"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/web"
)

func (p pages) mountDelegations(r *web.Router) {
	r.Get("/uy-quyen", auth.SignedIn, p.ownLending)
	r.PostFresh("/uy-quyen", auth.SignedIn, p.lend)
	r.PostFresh("/uy-quyen/{id}/thu-hoi", auth.SignedIn, p.endOwn)
	r.Get("/nguoi-dung/{id}/uy-quyen", auth.Admin, p.lendingFor)
	r.PostFresh("/nguoi-dung/{id}/uy-quyen", auth.Admin, p.lendFor)
	r.PostFresh("/nguoi-dung/{id}/uy-quyen/{lent}/thu-hoi", auth.Admin, p.endFor)
}

// dayBefore and dayAfter lead from the end that is stored, which is not part of the time any more, to the last day that people
// write, and back.
func dayBefore(day string) string { return shift(day, -1) }
func dayAfter(day string) string  { return shift(day, 1) }

func shift(day string, days int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}

// typedLending reads the form against what the giver may choose from.
func (p pages) typedLending(r *http.Request, giver string) (d Delegation, f lendForm, wrong, err error) {
	ctx := r.Context()
	who := auth.From(ctx)
	f = lendForm{Taker: web.Value(r, "taker"), From: web.Value(r, "from"), Last: web.Value(r, "to"), Reason: web.Value(r, "reason"),
		Document: web.Value(r, "document"), Chosen: web.Values(r, "grant")}
	if who.Delegation != "" { // the page says that it is not the time
		return d, f, nil, nil
	}
	if f.People, err = p.Colleagues(ctx, who, giver); err != nil {
		return d, f, nil, err
	}
	if f.Grants, err = p.Lendable(ctx, who, giver); err != nil {
		return d, f, nil, err
	}
	d = Delegation{Giver: giver, Taker: f.Taker, Reason: f.Reason, Document: f.Document}
	if f.From != "" {
		if d.From, wrong = web.Date(r, "from"); wrong != nil {
			return d, f, wrong, nil
		}
	}
	if f.Last != "" {
		if d.To, wrong = web.Date(r, "to"); wrong != nil {
			return d, f, wrong, nil
		}
		d.To = dayAfter(d.To)
	}
	return d, f, nil, nil
}

func ownLendingPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Ủy quyền"), Nav: "account", Crumbs: []web.Crumb{{Label: web.T(ctx, "Tài khoản của bạn"), Path: "/tai-khoan"}},
		Lead: web.T(ctx, "Khi đi vắng, bạn ủy quyền cho người khác làm thay trong một thời hạn. Ai làm thay ai đều được ghi lại.")}
}

func (p pages) ownLending(w http.ResponseWriter, r *http.Request) error {
	return p.showOwnLending(w, r, nil)
}

func (p pages) showOwnLending(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	who := auth.From(ctx)
	_, form, _, err := p.typedLending(r, who.Person)
	if err != nil {
		return err
	}
	given, taken, err := p.Delegations(ctx, who, who.Person)
	if err != nil {
		return err
	}
	body := ownLendingBody(form, given, taken, p.clock.Today())
	if wrong != nil {
		return web.Invalid(w, r, wrong, ownLendingPage(ctx), body)
	}
	return web.Show(w, r, ownLendingPage(ctx), body)
}

func (p pages) lend(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	d, form, wrong, err := p.typedLending(r, who.Person)
	if err != nil {
		return err
	}
	if wrong == nil {
		_, wrong = p.Delegate(ctx, who, d, form.Chosen)
	}
	if wrong != nil {
		return p.showOwnLending(w, r, wrong)
	}
	return web.Redirect(w, r, "/uy-quyen", web.T(ctx, "Đã ủy quyền. Người nhận chọn “Làm việc thay” khi cần."))
}

func (p pages) endOwn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.EndDelegation(ctx, who, who.Person, r.PathValue("id")); err != nil {
		return err
	}
	return web.Redirect(w, r, "/uy-quyen", web.T(ctx, "Ủy quyền đã hết hiệu lực."))
}

func (p pages) lendingFor(w http.ResponseWriter, r *http.Request) error {
	return p.showLendingFor(w, r, nil)
}

func (p pages) showLendingFor(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	one, err := p.Find(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	_, form, _, err := p.typedLending(r, one.ID)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Ủy quyền của %s", one.Name), Nav: "people",
		Crumbs: append(peopleCrumb(ctx), web.Crumb{Label: one.Name, Path: web.Path("nguoi-dung", one.ID)}),
		Lead:   web.T(ctx, "Lập thay người ủy quyền, theo giấy ủy quyền của người đó.")}
	body := lendFields(form, web.Path("nguoi-dung", one.ID, "uy-quyen"))
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, body)
	}
	return web.Show(w, r, page, body)
}

func (p pages) lendFor(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	one, err := p.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	d, form, wrong, err := p.typedLending(r, one.ID)
	if err != nil {
		return err
	}
	if wrong == nil {
		_, wrong = p.Delegate(ctx, who, d, form.Chosen)
	}
	if wrong != nil {
		return p.showLendingFor(w, r, wrong)
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", one.ID), web.T(ctx, "Đã lập ủy quyền."))
}

func (p pages) endFor(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.EndDelegation(ctx, auth.From(ctx), r.PathValue("id"), r.PathValue("lent")); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", r.PathValue("id")), web.T(ctx, "Ủy quyền đã hết hiệu lực."))
}
