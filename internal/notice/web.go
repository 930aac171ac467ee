package notice

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/thong-bao", auth.SignedIn, s.showMine)
	r.Post("/thong-bao/da-doc", auth.SignedIn, s.readAll)
	r.Post("/thong-bao/{id}", auth.SignedIn, s.open)
}

func (s *Service) showMine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.Mine(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Thông báo"), Lead: web.T(ctx, "Những việc liên quan đến bạn: báo cáo trả lại, được tiếp nhận, thay đổi sau khi duyệt, sắp đến hạn.")}
	return web.Show(w, r, page, listBody(list))
}

// open marks a notice as read and leads to what it is about.
func (s *Service) open(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	n, err := s.Read(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, n.Path, "")
}

func (s *Service) readAll(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.ReadAll(ctx, auth.From(ctx)); err != nil {
		return err
	}
	return web.Redirect(w, r, "/thong-bao", web.T(ctx, "Đã đánh dấu đọc tất cả."))
}

// said is a notice in the reader's language.
func said(ctx context.Context, n Notice) string {
	args := make([]any, len(n.Args))
	for i, a := range n.Args {
		args[i] = a
	}
	return web.T(ctx, n.Text, args...)
}

func unread(list []Notice) bool { return len(list) > 0 && list[0].Read == 0 }
