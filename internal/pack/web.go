package pack

import (
	"bytes"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// Mount mounts the download of a quarter's pack.
func (s *Service) Mount(r *web.Router) {
	r.Get("/ho-so/{period}", auth.View, s.download)
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	unit := web.Value(r, "don-vi")
	who := auth.From(ctx)
	if unit == "" && len(who.Grants) > 0 {
		unit = who.Grants[0].UnitCode
	}
	made, err := s.Make(ctx, who, unit, p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := made.WriteZip(&b, s.clock.Now()); err != nil {
		return err
	}
	web.Attachment(w, "ho-so-giao-ban-"+p.Slug()+".zip", "application/zip")
	_, err = w.Write(b.Bytes())
	return err
}
