package pack

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// Mount mounts the list of a quarter's documents, and their download.
func (s *Service) Mount(r *web.Router) {
	r.Get("/ho-so/{period}", auth.View, web.Heavy(s.download))
	r.Get("/ho-so/{period}/danh-muc", auth.View, s.show)
	r.Get("/ho-so/{period}/tep/{name}", auth.View, web.Heavy(s.file))
}

// asked gathers the pack that a request is about. Where there is no document that the actor may see, there is no pack.
func (s *Service) asked(r *http.Request) (Pack, error) {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return Pack{}, err
	}
	unit := web.Value(r, "don-vi")
	who := auth.From(r.Context())
	if unit == "" && len(who.Grants) > 0 {
		unit = who.Grants[0].UnitCode
	}
	made, err := s.Make(r.Context(), who, unit, p)
	if err == nil && len(made.Papers) == 0 {
		err = fault.NotFound()
	}
	return made, err
}

func (s *Service) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.asked(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{
		Title: web.T(ctx, "Hồ sơ giao ban %s", p.Period.Name()), Lead: p.UnitName, Nav: "quarter",
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Giao ban"), Path: web.URL("/giao-ban/"+p.Period.Slug(), "don-vi", p.Unit)}},
	}, body(p))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	p, err := s.asked(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := p.WriteZip(&b, s.clock.Now()); err != nil {
		return err
	}
	web.Attachment(w, "ho-so-giao-ban-"+p.Period.Slug()+".zip", "application/zip")
	_, err = w.Write(b.Bytes())
	return err
}

var types = map[string]string{
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "ics": "text/calendar; charset=utf-8", "html": "text/html; charset=utf-8",
}

// file gives one document of the pack.
func (s *Service) file(w http.ResponseWriter, r *http.Request) error {
	p, err := s.asked(r)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	format := strings.TrimPrefix(path.Ext(name), ".")
	at := slices.IndexFunc(p.Papers, func(x Paper) bool { return slices.Contains(x.Formats, format) && x.Name(format) == name })
	if at < 0 {
		return fault.NotFound()
	}
	data, err := p.Papers[at].write(format)
	if err != nil {
		return err
	}
	web.Attachment(w, p.Period.Slug()+"-"+name, types[format])
	_, err = w.Write(data)
	return err
}

func (p Pack) path(format string, x Paper) string {
	return web.URL(web.Path("ho-so", p.Period.Slug(), "tep", x.Name(format)), "don-vi", p.Unit)
}

// drafts names the drafts of the pack.
func (p Pack) drafts(ctx context.Context) []string {
	var out []string
	for _, x := range p.Papers {
		if x.Draft {
			out = append(out, web.T(ctx, x.Title))
		}
	}
	return out
}

func badge(draft bool) string {
	if draft {
		return "warn"
	}
	return "ok"
}
