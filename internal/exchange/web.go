package exchange

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/trao-doi", auth.View, s.showHome)
	r.Get("/trao-doi/xuat", auth.View, web.Heavy(s.send))
	r.Get("/trao-doi/bang-ma", auth.Consolidate, s.showNew)
	r.Post("/trao-doi/bang-ma", auth.Consolidate, s.makeScheme)
	r.Get("/trao-doi/bang-ma/{code}", auth.Consolidate, s.showScheme)
	r.Post("/trao-doi/bang-ma/{code}", auth.Consolidate, s.saveScheme)
	s.mountPackages(r)
}

const (
	navKey = "trao-doi"
	tables = "bang-ma"
)

// Path is the page of a table.
func (s Scheme) Path() string { return web.Path(navKey, tables, s.Code) }

type homePage struct {
	Ask     Ask
	Units   []web.Option
	Periods []web.Option
	Schemes []Scheme
	Keeps   bool
	Packs   bool // sends and takes packages
	Trusts  bool // and says whose
}

type schemePage struct {
	Scheme Scheme
	Text   string
	New    bool
}

func homeFrame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Trao đổi số liệu"), Nav: navKey,
		Lead: web.T(ctx, "Xuất số liệu cho hệ thống khác. Tệp của hệ thống khác gửi đến thì nhập ở trang Nhập tệp, với xem trước và hoàn tác như mọi tệp.")}
}

func (s *Service) showHome(w http.ResponseWriter, r *http.Request) error {
	p, err := s.homePage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, homeFrame(r.Context()), homeBody(p))
}

func (s *Service) homePage(r *http.Request) (homePage, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	p := homePage{Ask: asked(r)}
	if p.Ask.Format == "" {
		p.Ask.Format = DHIS2
	}
	var err error
	if p.Keeps, err = s.MayKeep(ctx, who); err != nil {
		return p, err
	}
	if p.Schemes, err = s.Schemes(ctx, who); err != nil {
		return p, err
	}
	p.Packs = who.Has(auth.Consolidate)
	if p.Trusts, err = s.MayTrust(ctx, who); err != nil {
		return p, err
	}
	units, periods, err := s.choices(ctx, who, auth.View)
	if err != nil {
		return p, err
	}
	for _, u := range units {
		p.Units = append(p.Units, web.Option{Value: u.Code, Label: u.Name + " (" + u.Code + ")"})
	}
	for _, x := range periods {
		p.Periods = append(p.Periods, web.Option{Value: x.Code, Label: web.T(ctx, x.Name())})
	}
	return p, nil
}

func asked(r *http.Request) Ask {
	return Ask{Unit: web.Value(r, "don-vi"), Period: web.Value(r, "ky"), Format: Format(web.Value(r, "dang")), Scheme: web.Value(r, "bang-ma"),
		Approved: web.Value(r, "lop") == "duyet", Deleted: web.Checked(r, "ca-xoa")}
}

// send gives the file. One that leaves figures out is still given: the page beside says what the format cannot hold.
func (s *Service) send(w http.ResponseWriter, r *http.Request) error {
	ask := asked(r)
	var err error
	if ask.Period == "" {
		err = fault.Invalid("ky", "Hãy chọn kỳ.")
	} else if _, parsed := period.Parse(ask.Period); parsed != nil {
		var bad fault.List
		for _, f := range fault.All(parsed) {
			bad = append(bad, f.At("ky"))
		}
		err = bad.Err()
	}
	var f File
	if err == nil {
		f, err = s.Export(r.Context(), auth.From(r.Context()), ask)
	}
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindRefused) {
		p, pageErr := s.homePage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, homeFrame(r.Context()), homeBody(p))
	}
	if err != nil {
		return err
	}
	web.Attachment(w, f.Name, f.Type)
	_, err = w.Write(f.Data)
	return err
}

func schemeFrame(ctx context.Context, p schemePage) web.Page {
	title := web.T(ctx, "Bảng mã: %s", p.Scheme.Name)
	if p.New {
		title = web.T(ctx, "Bảng mã mới")
	}
	return web.Page{Title: title, Nav: navKey, Crumbs: []web.Crumb{{Label: web.T(ctx, "Trao đổi số liệu"), Path: "/trao-doi"}}}
}

func (s *Service) showNew(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.mustKeep(ctx); err != nil {
		return err
	}
	p := schemePage{New: true}
	return web.Show(w, r, schemeFrame(ctx, p), schemeBody(p))
}

func (s *Service) mustKeep(ctx context.Context) error {
	may, err := s.MayKeep(ctx, auth.From(ctx))
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func (s *Service) makeScheme(w http.ResponseWriter, r *http.Request) error {
	if err := s.mustKeep(r.Context()); err != nil {
		return err
	}
	return s.save(w, r, schemePage{Scheme: Scheme{Code: web.Value(r, "ma")}, New: true})
}

func (s *Service) showScheme(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Find(r.Context(), auth.From(r.Context()), r.PathValue("code"))
	if err != nil {
		return err
	}
	p := schemePage{Scheme: x, Text: x.text()}
	return web.Show(w, r, schemeFrame(r.Context(), p), schemeBody(p))
}

func (s *Service) saveScheme(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Find(r.Context(), auth.From(r.Context()), r.PathValue("code"))
	if err != nil {
		return err
	}
	if x.Version, err = strconv.Atoi(web.Value(r, "version")); err != nil || x.Version < 1 {
		return fault.NotFound()
	}
	return s.save(w, r, schemePage{Scheme: x})
}

func (s *Service) save(w http.ResponseWriter, r *http.Request, p schemePage) error {
	ctx := r.Context()
	p.Scheme.Name, p.Scheme.DataSet, p.Text = web.Value(r, "ten"), web.Value(r, "bo-du-lieu"), web.Value(r, "bang")
	if err := s.Put(ctx, auth.From(ctx), p.Scheme, p.Text); err != nil {
		return web.Invalid(w, r, err, schemeFrame(ctx, p), schemeBody(p))
	}
	return web.Redirect(w, r, p.Scheme.Path(), web.T(ctx, "Đã lưu bảng mã."))
}
