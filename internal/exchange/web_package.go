package exchange

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// mountPackages puts the pages of packages and keys on the router.
func (s *Service) mountPackages(r *web.Router) {
	r.Get("/trao-doi/goi-gui", auth.Consolidate, s.showSending)
	r.Post("/trao-doi/goi-gui", auth.Consolidate, web.Heavy(s.makePackage))
	r.Get("/trao-doi/goi-gui/{id}", auth.Consolidate, s.showSent)
	r.Get("/trao-doi/goi-gui/{id}/tep", auth.Consolidate, s.sendPackage)
	r.Get("/trao-doi/goi-nhan", auth.Consolidate, s.showArrivals)
	r.Post("/trao-doi/goi-nhan", auth.Consolidate, web.Heavy(s.takePackage))
	r.Get("/trao-doi/goi-nhan/{id}", auth.Consolidate, s.showArrival)
	r.Post("/trao-doi/goi-nhan/{id}/nhan", auth.Consolidate, web.Heavy(s.acceptPackage))
	r.Post("/trao-doi/goi-nhan/{id}/doi-chieu", auth.Consolidate, web.Heavy(s.settlePackage))
	r.Get("/trao-doi/khoa", auth.Admin, s.showKeys)
	r.PostFresh("/trao-doi/khoa", auth.Admin, s.addKey)
	r.PostFresh("/trao-doi/khoa/{id}/thu-hoi", auth.Admin, s.endKey)
}

const (
	outgoing   = "goi-gui"
	incoming   = "goi-nhan"
	shownLists = 50
	mostUpload = 25 << 20
)

// Path is the page of a package that was made.
func (s Sent) Path() string { return web.Path(navKey, outgoing, s.ID) }

// ArrivalPath is the page of a package that has come.
func ArrivalPath(plan string) string { return web.Path(navKey, incoming, plan) }

type sendingPage struct {
	Unit, Period string
	Places       []web.Option
	Periods      []web.Option
	Draft        *Draft
	Own          string // fingerprint; empty while there is no key
	Keyless      bool   // and none can be made
	Sent         []Sent
}

type sentPage struct {
	Sent    Sent
	Package Opened
	Lines   []Line
	Size    int
}

type arrivalsPage struct {
	List  []Arrival
	Keeps bool // may see the keys
}

type arrivalPage struct {
	Arrival
	Asked map[string]bool
}

type keysPage struct {
	New     NewKey
	Keys    []Key
	Places  []web.Option
	Schemes []Scheme
}

func crumbs(ctx context.Context, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Label: web.T(ctx, "Trao đổi số liệu"), Path: "/trao-doi"}}, more...)
}

func sendingFrame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Gói số liệu gửi cấp trên"), Nav: navKey, Crumbs: crumbs(ctx),
		Lead: web.T(ctx, "Gói có chữ ký mang số liệu đã được tiếp nhận của một địa bàn lên cấp trên. Số sửa sau khi gửi đi trong gói tiếp theo.")}
}

func (s *Service) sendingPage(r *http.Request) (p sendingPage, err error) {
	ctx, who := r.Context(), auth.From(r.Context())
	p = sendingPage{Unit: web.Value(r, "don-vi"), Period: web.Value(r, "ky"), Keyless: s.key.None()}
	if p.Own, err = s.OwnFingerprint(); err != nil {
		return p, err
	}
	places, periods, err := s.places(ctx, who, auth.Consolidate)
	if err != nil {
		return p, err
	}
	p.Places = placeOptions(places)
	for _, x := range periods {
		p.Periods = append(p.Periods, web.Option{Value: x.Code, Label: web.T(ctx, x.Name())})
	}
	if p.Sent, err = s.Sendings(ctx, who, shownLists); err != nil {
		return p, err
	}
	if p.Unit == "" && len(places) > 0 {
		p.Unit = places[0].Code
	}
	if p.Period == "" {
		return p, nil
	}
	code, err := period.Parse(p.Period)
	if err != nil {
		if code, err = period.FromSlug(p.Period); err != nil {
			return p, err
		}
	}
	d, err := s.Draft(ctx, who, p.Unit, code.Code)
	p.Period, p.Draft = code.Code, &d
	return p, err
}

func placeOptions(places []org.Unit) (out []web.Option) {
	for _, u := range places {
		out = append(out, web.Option{Value: u.Code, Label: u.Name + " (" + u.Code + ")"})
	}
	return out
}

func (s *Service) showSending(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sendingPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, sendingFrame(r.Context()), sendingBody(p))
}

func (s *Service) makePackage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, made, err := s.Make(ctx, auth.From(ctx), web.Value(r, "don-vi"), web.Value(r, "ky"))
	if fault.Is(err, fault.KindRefused) {
		p, pageErr := s.sendingPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, sendingFrame(ctx), sendingBody(p))
	}
	if err != nil {
		return err
	}
	said := web.T(ctx, "Không có gì thay đổi từ gói số %d, nên không lập gói mới.", sent.Serial)
	if made {
		said = web.T(ctx, "Đã lập gói số %d. Hãy tải tệp về và gửi cho cấp trên.", sent.Serial)
	}
	return web.Redirect(w, r, sent.Path(), said)
}

func (s *Service) showSent(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, opened, file, err := s.Sending(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	catalog, err := s.indicators.Catalog(ctx)
	if err != nil {
		return err
	}
	p := sentPage{sent, opened, linesOf(catalog.At(opened.Body.To), opened.Body), len(file)}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Gói số %d", sent.Serial), Nav: navKey, Lead: sent.UnitName,
		Crumbs: crumbs(ctx, web.Crumb{Label: web.T(ctx, "Gói số liệu gửi cấp trên"), Path: web.Path(navKey, outgoing)})}, sentBody(p))
}

const packageType = "application/vnd.giaoban.package"

func (s *Service) sendPackage(w http.ResponseWriter, r *http.Request) error {
	sent, _, file, err := s.Sending(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	web.Attachment(w, sent.FileName(), packageType)
	_, err = w.Write(file)
	return err
}

func arrivalsFrame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Gói số liệu cấp dưới gửi đến"), Nav: navKey, Crumbs: crumbs(ctx),
		Lead: web.T(ctx, "Chữ ký, khóa và phạm vi của nơi gửi được kiểm tra trước; sau đó xem trước từng số rồi mới nhận, và hoàn tác được.")}
}

func (s *Service) arrivalsPage(r *http.Request) (p arrivalsPage, err error) {
	ctx, who := r.Context(), auth.From(r.Context())
	if p.List, err = s.Arrivals(ctx, who, shownLists); err != nil {
		return p, err
	}
	p.Keeps, err = s.MayTrust(ctx, who)
	return p, err
}

func (s *Service) showArrivals(w http.ResponseWriter, r *http.Request) error {
	p, err := s.arrivalsPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, arrivalsFrame(r.Context()), arrivalsBody(p))
}

// takePackage previews a package that somebody uploads.
func (s *Service) takePackage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	plan, err := s.uploaded(r)
	if err != nil {
		p, pageErr := s.arrivalsPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, arrivalsFrame(ctx), arrivalsBody(p))
	}
	return web.Redirect(w, r, ArrivalPath(plan.ID), "")
}

func (s *Service) uploaded(r *http.Request) (intake.Plan, error) {
	file, head, err := web.File(r, "file")
	if err != nil {
		return intake.Plan{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, mostUpload+1))
	if err != nil {
		return intake.Plan{}, err
	}
	if !intake.IsPackage(data) {
		return intake.Plan{}, fault.Invalid("file", "Tệp này không phải gói số liệu có chữ ký. Tệp số liệu khác hãy gửi ở trang Nhập tệp.")
	}
	return s.intake.Preview(r.Context(), auth.From(r.Context()), intake.File{Name: head.Filename, Data: data}, intake.Options{})
}

func arrivalFrame(ctx context.Context, p arrivalPage) web.Page {
	title := web.T(ctx, "Xem trước gói số %d", p.Package.Head.Serial)
	if p.Received.Plan != "" {
		title = web.T(ctx, "Gói số %d", p.Package.Head.Serial)
	}
	return web.Page{Title: title, Nav: navKey, Wide: true, Lead: p.Package.Head.Site,
		Crumbs: crumbs(ctx, web.Crumb{Label: web.T(ctx, "Gói số liệu cấp dưới gửi đến"), Path: web.Path(navKey, incoming)})}
}

func (s *Service) arrivalPage(r *http.Request) (p arrivalPage, err error) {
	p.Asked = map[string]bool{}
	if p.Arrival, err = s.Arrival(r.Context(), auth.From(r.Context()), r.PathValue("id")); err != nil {
		return p, err
	}
	for _, l := range p.Asks {
		p.Asked[l.At] = web.Checked(r, l.At)
	}
	return p, nil
}

func (s *Service) showArrival(w http.ResponseWriter, r *http.Request) error {
	p, err := s.arrivalPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, arrivalFrame(r.Context(), p), arrivalBody(p))
}

func (s *Service) acceptPackage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.arrivalPage(r)
	if err != nil {
		return err
	}
	choices := map[string]int{}
	for at, seen := range p.Asked {
		if seen {
			choices[at] = 0
		}
	}
	if _, err := s.intake.Apply(ctx, auth.From(ctx), p.Plan.ID, intake.Consent{Choices: choices}); err != nil {
		again, pageErr := s.arrivalPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, arrivalFrame(ctx, again), arrivalBody(again))
	}
	return web.Redirect(w, r, ArrivalPath(p.Plan.ID), web.T(ctx, "Đã nhận gói số %d.", p.Package.Head.Serial))
}

func (s *Service) settlePackage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	open, err := s.Settle(ctx, auth.From(ctx), r.PathValue("id"))
	if fault.Is(err, fault.KindRefused) {
		p, pageErr := s.arrivalPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, arrivalFrame(ctx, p), arrivalBody(p))
	}
	if err != nil {
		return err
	}
	said := web.T(ctx, "Số liệu của mọi đơn vị trong gói đã khớp và được duyệt.")
	if open > 0 {
		said = web.T(ctx, "Còn %d đơn vị có số khác với gói.", open)
	}
	return web.Redirect(w, r, ArrivalPath(r.PathValue("id")), said)
}

func keysFrame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Khóa của nơi gửi"), Nav: navKey, Crumbs: crumbs(ctx),
		Lead: web.T(ctx, "Chỉ gói ký bằng khóa trong danh sách này mới được nhận, và chỉ với đơn vị mà khóa được gửi.")}
}

func (s *Service) keysPage(r *http.Request) (p keysPage, err error) {
	ctx, who := r.Context(), auth.From(r.Context())
	p.New = NewKey{web.Value(r, "ten"), web.Value(r, "don-vi"), web.Value(r, "dau-khoa"), web.Value(r, "bang-ma")}
	if p.Keys, err = s.Keys(ctx, who); err != nil {
		return p, err
	}
	places, _, err := s.places(ctx, who, auth.Admin)
	if err != nil {
		return p, err
	}
	p.Places = placeOptions(places)
	if who.Has(auth.View) {
		p.Schemes, err = s.Schemes(ctx, who)
	}
	return p, err
}

func (s *Service) showKeys(w http.ResponseWriter, r *http.Request) error {
	p, err := s.keysPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, keysFrame(r.Context()), keysBody(p))
}

func (s *Service) addKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.keysPage(r)
	if err != nil {
		return err
	}
	if err := s.Trust(ctx, auth.From(ctx), p.New); err != nil {
		return web.Invalid(w, r, err, keysFrame(ctx), keysBody(p))
	}
	return web.Redirect(w, r, web.Path(navKey, "khoa"), web.T(ctx, "Đã nhập khóa của “%s”.", strings.TrimSpace(p.New.Name)))
}

func (s *Service) endKey(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := strconv.Atoi(web.Value(r, "version"))
	if err != nil {
		return fault.NotFound()
	}
	if err := s.Revoke(ctx, auth.From(ctx), r.PathValue("id"), version, web.Value(r, "ly-do")); err != nil {
		if fault.Is(err, fault.KindNotFound) {
			return err
		}
		p, pageErr := s.keysPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, keysFrame(ctx), keysBody(p))
	}
	return web.Redirect(w, r, web.Path(navKey, "khoa"), web.T(ctx, "Đã thu hồi khóa."))
}
