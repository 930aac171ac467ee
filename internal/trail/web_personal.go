package trail

import (
	"context"
	"encoding/json"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// personData is the page of one person's data.
type personData struct {
	ID     string
	Self   bool
	Reason string
	Sure   bool
}

func (s *Service) mountPersonal(r *web.Router) {
	r.Get("/du-lieu-ca-nhan", auth.Admin, s.showRegister)
	r.Get("/tai-khoan/du-lieu", auth.SignedIn, s.showOwn)
	r.PostFresh("/tai-khoan/du-lieu", auth.SignedIn, s.sendOwn)
	r.Get("/nguoi-dung/{id}/du-lieu", auth.Admin, s.showPerson)
	r.PostFresh("/nguoi-dung/{id}/du-lieu", auth.Admin, s.sendPerson)
	r.PostFresh("/nguoi-dung/{id}/xoa", auth.Admin, s.erasePerson)
}

func (s *Service) showRegister(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	kept, err := s.Kept(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Sổ đăng ký dữ liệu cá nhân"), Nav: "people", Wide: true, Head: head(), Crumbs: peopleCrumb(ctx),
		Lead: web.T(ctx, "Hệ thống giữ gì về ai, để làm gì, theo căn cứ nào và đến khi nào.")}, registerBody(kept))
}

func peopleCrumb(ctx context.Context) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Người dùng"), Path: "/nguoi-dung"}}
}

func (s *Service) showOwn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Dữ liệu của bạn"), Nav: "account", Crumbs: []web.Crumb{{Label: web.T(ctx, "Tài khoản của bạn"), Path: "/tai-khoan"}}}, ownDataBody())
}

func (s *Service) sendOwn(w http.ResponseWriter, r *http.Request) error {
	return s.send(w, r, auth.From(r.Context()).Person)
}

func (s *Service) sendPerson(w http.ResponseWriter, r *http.Request) error {
	return s.send(w, r, r.PathValue("id"))
}

// send answers a post with the file: it is written down that the data were handed over, so a link will not do.
func (s *Service) send(w http.ResponseWriter, r *http.Request, person string) error {
	ctx := r.Context()
	d, err := s.Export(ctx, auth.From(ctx), person)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	web.Attachment(w, "du-lieu-ca-nhan-"+s.Clock.Today()+".json", "application/json")
	out := json.NewEncoder(w)
	out.SetIndent("", "\t")
	return out.Encode(d)
}

func (s *Service) showPerson(w http.ResponseWriter, r *http.Request) error {
	return s.personPage(w, r, nil)
}

func (s *Service) personPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, who := r.Context(), auth.From(r.Context())
	one, err := s.Accounts.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Dữ liệu cá nhân"), Lead: one.Name, Nav: "people", Crumbs: append(peopleCrumb(ctx), web.Crumb{Label: one.Name, Path: web.Path("nguoi-dung", one.ID)})}
	body := personDataBody(personData{ID: one.ID, Self: one.ID == who.Person, Reason: web.Value(r, "reason"), Sure: web.Checked(r, "sure")})
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, body)
	}
	return web.Show(w, r, page, body)
}

func (s *Service) erasePerson(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := fault.Invalid("sure", "Hãy đánh dấu để xác nhận.")
	if web.Checked(r, "sure") {
		err = s.Erase(ctx, auth.From(ctx), r.PathValue("id"), web.Value(r, "reason"))
	}
	if err != nil {
		return s.personPage(w, r, err)
	}
	return web.Redirect(w, r, "/nguoi-dung", web.T(ctx, "Đã xóa dữ liệu cá nhân. Việc người này đã làm vẫn còn, không còn tên."))
}
