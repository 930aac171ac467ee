package article

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount mounts the editors' pages and the public ones.
func (s *Service) Mount(r *web.Router) {
	r.Get("/bai-viet", auth.Edit, s.showList)
	r.Post("/bai-viet", auth.Edit, s.draft)
	r.Get("/bai-viet/{id}", auth.Edit, s.showEdit)
	r.Post("/bai-viet/{id}", auth.Edit, s.edit)
	r.PostFresh("/bai-viet/{id}/dang", auth.Publish, s.publish)
	r.Post("/bai-viet/{id}/go", auth.Publish, s.retract)
	r.Get("/tin", auth.Public, s.showNews)
	r.Get("/tin/{slug}", auth.Public, s.showPublic)
}

func clockAndDay(milli int64) string { return viet.FormatDateTime(clock.At(milli)) }

func periodOptions(codes []string) []web.Option {
	var out []web.Option
	for _, c := range codes {
		out = append(out, web.Option{Value: c, Label: periodName(c)})
	}
	return out
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	return s.listPage(w, r, nil)
}

func (s *Service) listPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	items, err := s.List(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	codes, top, err := s.choices(ctx)
	if err != nil {
		return err
	}
	p := web.Page{Title: web.T(ctx, "Tin bài"), Nav: "article"}
	body := listBody(items, codes, web.Value(r, "ky"), top)
	if wrong != nil {
		return web.Invalid(w, r, wrong, p, body)
	}
	return web.Show(w, r, p, body)
}

func (s *Service) draft(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := s.Draft(ctx, auth.From(ctx), web.Value(r, "don-vi"), web.Value(r, "ky"))
	if fault.Is(err, fault.KindRefused) {
		return s.listPage(w, r, fault.All(err)[0].At("ky"))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/bai-viet/"+a.ID, web.T(ctx, "Đã soạn bản thảo. Hãy đọc lại và sửa trước khi đăng."))
}

func (s *Service) page(r *http.Request, a Article) web.Page {
	ctx := r.Context()
	return web.Page{Title: a.Title, Nav: "article", Crumbs: []web.Crumb{{Label: web.T(ctx, "Tin bài"), Path: "/bai-viet"}}}
}

func (s *Service) showEdit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	a, err := s.Find(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Show(w, r, s.page(r, a), editBody(a, Text{a.Title, a.Lead, a.Body, a.Author}, who.Has(auth.Publish)))
}

func (s *Service) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	version, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		return fault.NotFound()
	}
	t := Text{Title: web.Value(r, "title"), Lead: web.Value(r, "lead"), Body: r.FormValue("body"), Author: web.Value(r, "author")}
	err = s.Edit(ctx, who, r.PathValue("id"), version, t)
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict) {
		a, lookup := s.Find(ctx, who, r.PathValue("id"))
		if lookup != nil {
			return errors.Join(lookup, err)
		}
		return web.Invalid(w, r, err, s.page(r, a), editBody(a, t, who.Has(auth.Publish)))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/bai-viet/"+r.PathValue("id"), web.T(ctx, "Đã lưu bản sửa."))
}

func (s *Service) publish(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		return fault.NotFound()
	}
	if err := s.Publish(ctx, auth.From(ctx), r.PathValue("id"), version); err != nil {
		return err
	}
	return web.Redirect(w, r, "/bai-viet/"+r.PathValue("id"), web.T(ctx, "Bài đã được đăng trên trang công khai."))
}

func (s *Service) retract(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	version, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		return fault.NotFound()
	}
	err = s.Retract(ctx, who, r.PathValue("id"), version, web.Value(r, "why"))
	if fault.Is(err, fault.KindInvalid) {
		a, lookup := s.Find(ctx, who, r.PathValue("id"))
		if lookup != nil {
			return errors.Join(lookup, err)
		}
		return web.Invalid(w, r, err, s.page(r, a), editBody(a, Text{a.Title, a.Lead, a.Body, a.Author}, true))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/bai-viet/"+r.PathValue("id"), web.T(ctx, "Đã gỡ bài khỏi trang công khai."))
}

// newsPage is how many items a page of news holds.
const newsPage = 20

func (s *Service) showNews(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	total, err := s.Published(ctx)
	if err != nil {
		return err
	}
	pages := max(1, (total+newsPage-1)/newsPage)
	number := min(web.PageNumber(r), pages)
	items, err := s.Latest(ctx, newsPage, (number-1)*newsPage)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Tin tức"), Public: true}, publicList(items, web.PagerProps{Page: number, Pages: pages, URL: "/tin"}))
}

func (s *Service) showPublic(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := s.Public(ctx, r.PathValue("slug"))
	if err != nil {
		return err
	}
	links, err := s.mayTrace(ctx, auth.From(ctx), a)
	if err != nil {
		return err
	}
	link := "/tin/" + a.Slug
	mail := "mailto:?subject=" + url.PathEscape(a.Title) + "&body=" + url.PathEscape(a.Lead+"\n\nhttps://"+r.Host+link)
	page := web.Page{Title: a.Title, Public: true, Canonical: link, Description: a.Lead, Crumbs: []web.Crumb{{Label: web.T(ctx, "Tin tức"), Path: "/tin"}}}
	return web.Show(w, r, page, publicBody(a, links, mail))
}
