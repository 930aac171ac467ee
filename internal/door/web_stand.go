package door

import (
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// standing lets who chose to act for another do so while the delegation holds. Once it is over they act for themselves again,
// but no write that they began as a delegate is made in their own name.
func (s *Service) standing(r *http.Request, who auth.Actor) (auth.Actor, error) {
	ctx := r.Context()
	delegation := s.sessions.GetString(ctx, sessionStands)
	if delegation == "" {
		return who, nil
	}
	under, holds, err := s.under(ctx, who, delegation)
	if err != nil || holds {
		return under, err
	}
	s.sessions.Remove(ctx, sessionStands)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return who, fault.Conflict("Ủy quyền đã hết hiệu lực nên việc này chưa được thực hiện. Từ nay bạn làm việc với quyền của chính mình.")
	}
	web.Flash(r, web.T(ctx, "Ủy quyền đã hết hiệu lực. Bạn làm việc với quyền của chính mình."))
	return who, nil
}

// standIn begins to act for another, or without a choice ends it. The choice lives in the session, under a new token: it
// changes what the holder of the token may do.
func (p pages) standIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	delegation := web.Value(r, "uy-quyen")
	if err := p.people.StandIn(ctx, who, delegation); err != nil {
		return err
	}
	if err := p.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if delegation == "" {
		p.sessions.Remove(ctx, sessionStands)
		return web.Redirect(w, r, "/uy-quyen", web.T(ctx, "Bạn làm việc với quyền của chính mình."))
	}
	p.sessions.Put(ctx, sessionStands, delegation)
	return web.Redirect(w, r, "/", web.T(ctx, "Từ nay bạn làm việc thay, cho đến khi bấm “Thôi làm thay” ở đầu trang."))
}
