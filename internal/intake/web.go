package intake

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/nhap", auth.Enter, s.showList)
	r.Post("/nhap", auth.Enter, web.Heavy(s.receive))
	r.Get("/nhap/mau", auth.Enter, s.chooseTemplate)
	r.Get("/nhap/mau-nhieu", auth.Enter, web.Heavy(s.sendTemplates))
	r.Get("/nhap/mau/{unit}/{period}", auth.Enter, web.Heavy(s.sendTemplate))
	r.Get("/nhap/{id}", auth.Enter, s.showPlan)
	r.Get("/nhap/{id}/tep", auth.Enter, s.sendFile)
	r.Post("/nhap/{id}/ghi", auth.Enter, web.Heavy(s.writePlan))
	r.PostFresh("/nhap/{id}/hoan-tac", auth.Enter, s.takeBack)
}

const (
	navKey       = "intake"
	plansOnPage  = 30
	linesOnPage  = 100
	mostAsked    = 200
	shownLegacy  = 20
	xlsxType     = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	zipType      = "application/zip"
	anyBytesType = "application/octet-stream"
)

// Path is the page of a plan.
func (p Plan) Path() string { return web.Path("nhap", p.ID) }

type listPage struct {
	Plans                []Plan
	Page, Pages          int
	Units                []web.Option
	Periods              []web.Option
	Unit, Period, Reason string // as chosen
	Schemes              []web.Option
	Scheme               string
	Top                  string // of the forms of many bodies
}

type planPage struct {
	Plan        Plan
	Filter      State
	Unit        string // whose lines are shown; empty: all
	Bodies      []Body // of a drop of many
	Lines       []Line
	Page, Pages int
	Asked       []asked
	More        int // questions beyond what one form holds
	Choices     map[string]int
	Skip        bool
	Convert     bool
	Reason      string
}

// asked is a line with a question of two readings, and its place among the rows, which names its field.
type asked struct {
	Index int
	Line  Line
}

func (a asked) field() string { return "chon-" + strconv.Itoa(a.Index) }

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.listPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, listFrame(r.Context()), listBody(p))
}

func listFrame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Nhập tệp"), Nav: navKey,
		Lead: web.T(ctx, "Gửi biểu mẫu, bảng tính, CSV hoặc JSON. Mọi tệp đều được xem trước từng ô rồi mới ghi, và hoàn tác được cả lần nhập.")}
}

func (s *Service) listPage(r *http.Request) (listPage, error) {
	ctx, who := r.Context(), auth.From(r.Context())
	p := listPage{Page: web.PageNumber(r), Unit: web.Value(r, "don-vi"), Period: web.Value(r, "ky"), Reason: web.Value(r, "ly-do"), Top: web.Value(r, "don-vi")}
	var total int
	var err error
	if p.Plans, total, err = s.List(ctx, who, plansOnPage, (p.Page-1)*plansOnPage); err != nil {
		return p, err
	}
	p.Pages = (total + plansOnPage - 1) / plansOnPage
	units, periods, schemes, err := s.choices(ctx, who)
	if err != nil {
		return p, err
	}
	p.Scheme = web.Value(r, "bang-ma")
	for _, x := range schemes {
		p.Schemes = append(p.Schemes, web.Option{Value: x.Code, Label: x.Name})
	}
	for _, u := range units {
		p.Units = append(p.Units, web.Option{Value: u.Code, Label: u.Name + " (" + u.Code + ")"})
	}
	if p.Unit == "" && len(units) > 0 && len(who.Units(auth.Enter)) == 1 {
		p.Unit = units[0].Code
	}
	for _, x := range periods {
		if x.State == period.Open {
			p.Periods = append(p.Periods, web.Option{Value: x.Code, Label: web.T(ctx, x.Name())})
		}
	}
	return p, nil
}

// receive previews a file. The unit and period that are chosen serve a table that names none.
func (s *Service) receive(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	plan, err := s.upload(r)
	if err != nil {
		p, listErr := s.listPage(r)
		if listErr != nil {
			return errors.Join(err, listErr)
		}
		return web.Invalid(w, r, err, listFrame(ctx), listBody(p))
	}
	return web.Redirect(w, r, plan.Path(), "")
}

func (s *Service) upload(r *http.Request) (Plan, error) {
	all, err := web.Files(r, "file")
	if err != nil {
		return Plan{}, err
	}
	var files []File
	for _, one := range all {
		data, err := readUpload(one)
		if err != nil {
			return Plan{}, err
		}
		files = append(files, File{one.Filename, data})
	}
	f, err := AsOne(files)
	if err != nil {
		return Plan{}, err
	}
	return s.Preview(r.Context(), auth.From(r.Context()), f,
		Options{Unit: web.Value(r, "don-vi"), Period: web.Value(r, "ky"), Reason: web.Value(r, "ly-do"), Scheme: web.Value(r, "bang-ma")})
}

func readUpload(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostBytes+1))
}

// sendTemplates gives the forms of many bodies at once.
func (s *Service) sendTemplates(w http.ResponseWriter, r *http.Request) error {
	unit, code, shape := web.Value(r, "don-vi"), web.Value(r, "ky"), Shape(web.Value(r, "dang"))
	fail := func(err error) error {
		list, listErr := s.listPage(r)
		if listErr != nil {
			return errors.Join(err, listErr)
		}
		return web.Invalid(w, r, err, listFrame(r.Context()), listBody(list))
	}
	if code == "" {
		return fail(fault.Invalid("nhieu-ky", "Hãy chọn kỳ."))
	}
	p, err := period.Parse(code)
	if err != nil {
		return fail(atField(err, "nhieu-ky"))
	}
	if shape != Book {
		shape = Zip
	}
	out := &pending{}
	if _, err := s.Templates(r.Context(), auth.From(r.Context()), unit, p.Code, shape, out); err != nil {
		if fault.Is(err, fault.KindRefused) {
			return fail(err)
		}
		return err
	}
	name, mime := templateName(cmp.Or(unit, "cac-don-vi"), p), zipType
	if shape == Book {
		mime = xlsxType
		name += ".xlsx"
	} else {
		name += ".zip"
	}
	web.Attachment(w, name, mime)
	_, err = w.Write(out.data)
	return err
}

func (s *Service) chooseTemplate(w http.ResponseWriter, r *http.Request) error {
	unit, code := web.Value(r, "don-vi"), web.Value(r, "ky")
	p, err := period.Parse(code)
	if code == "" {
		err = fault.Invalid("period", "Hãy chọn kỳ.")
	}
	if unit == "" || err != nil {
		list, listErr := s.listPage(r)
		if listErr != nil {
			return listErr
		}
		var bad fault.List
		if unit == "" {
			_ = bad.Add(fault.Invalid("mau-don-vi", "Hãy chọn đơn vị."))
		}
		for _, f := range fault.All(err) {
			bad = append(bad, f.At("mau-ky"))
		}
		return web.Invalid(w, r, bad.Err(), listFrame(r.Context()), listBody(list))
	}
	return web.Redirect(w, r, web.Path("nhap", "mau", unit, p.Slug()), "")
}

// atField puts faults at a field of a form.
func atField(err error, field string) error {
	var out fault.List
	for _, f := range fault.All(err) {
		out = append(out, f.At(field))
	}
	return out.Err()
}

// complained ties a select to the message above it.
func complained(id, complaint string) templ.Attributes {
	if complaint == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": web.FieldID(id) + "-error"}
}

func (s *Service) sendTemplate(w http.ResponseWriter, r *http.Request) error {
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	unit := strings.ToUpper(r.PathValue("unit"))
	out := &pending{}
	if err := s.Template(r.Context(), auth.From(r.Context()), unit, p.Code, out); err != nil {
		return err
	}
	web.Attachment(w, templateName(unit, p)+".xlsx", xlsxType)
	_, err = w.Write(out.data)
	return err
}

// pending holds a download until it is whole.
type pending struct{ data []byte }

func (p *pending) Write(b []byte) (int, error) {
	p.data = append(p.data, b...)
	return len(b), nil
}

func (s *Service) sendFile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Bytes(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	web.Attachment(w, f.Name, anyBytesType) // whatever it is: a stored file is never shown as a page of this site
	_, err = w.Write(f.Data)
	return err
}

func (s *Service) showPlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, planFrame(r.Context(), p.Plan), planBody(p))
}

func planFrame(ctx context.Context, p Plan) web.Page {
	title := web.T(ctx, "Xem trước: %s", p.File)
	if p.Stage != Previewed {
		title = web.T(ctx, "Lần nhập: %s", p.File)
	}
	return web.Page{Title: title, Nav: navKey, Wide: true, Crumbs: []web.Crumb{{Label: web.T(ctx, "Nhập tệp"), Path: "/nhap"}}}
}

func (s *Service) planPage(r *http.Request) (planPage, error) {
	plan, err := s.Find(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return planPage{}, err
	}
	p := planPage{Plan: plan, Unit: web.Value(r, "don-vi"), Page: web.PageNumber(r), Choices: choices(r, plan), Skip: web.Checked(r, "bo-qua"), Convert: web.Checked(r, "chuyen-ma"),
		Reason: web.Value(r, "reason")}
	if plan.Kind == Many {
		p.Bodies = plan.Bodies()
	}
	if f := State(web.Value(r, "trang-thai")); slices.Contains(States, f) {
		p.Filter = f
	}
	lines := plan.Ordered(p.Filter, p.Unit)
	p.Pages = max(1, (len(lines)+linesOnPage-1)/linesOnPage)
	p.Page = min(p.Page, p.Pages)
	p.Lines = lines[(p.Page-1)*linesOnPage : min(len(lines), p.Page*linesOnPage)]
	if plan.Stage == Previewed {
		for i, l := range plan.Rows {
			switch {
			case l.State != StateQuestion || len(l.Readings) == 0:
			case len(p.Asked) == mostAsked:
				p.More++
			default:
				p.Asked = append(p.Asked, asked{i, l})
			}
		}
	}
	return p, nil
}

// choices reads what was picked for the questions; the fields are named by the lines' places.
func choices(r *http.Request, plan Plan) map[string]int {
	out := map[string]int{}
	for i, l := range plan.Rows {
		if l.State != StateQuestion {
			continue
		}
		if n, err := strconv.Atoi(r.FormValue(asked{Index: i}.field())); err == nil && n >= 0 && n < len(l.Readings) {
			out[l.At] = n
		}
	}
	return out
}

func (s *Service) writePlan(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	out, err := s.Apply(ctx, who, p.Plan.ID, Consent{SkipRefused: p.Skip, ConvertLegacy: p.Convert, Choices: p.Choices})
	if err != nil {
		again, findErr := s.planPage(r) // what stands now, which is what the fault is about
		if findErr != nil {
			return errors.Join(err, findErr)
		}
		again.Choices = p.Choices
		return web.Invalid(w, r, err, planFrame(ctx, again.Plan), planBody(again))
	}
	return web.Redirect(w, r, p.Plan.Path(), web.T(ctx, "Đã ghi %d dòng mới, %d dòng thay đổi.", out.Counts.New, out.Counts.Changed))
}

func (s *Service) takeBack(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	if err := s.Undo(ctx, auth.From(ctx), p.Plan.ID, web.Value(r, "reason")); err != nil {
		return web.Invalid(w, r, err, planFrame(ctx, p.Plan), planBody(p))
	}
	return web.Redirect(w, r, p.Plan.Path(), web.T(ctx, "Đã hoàn tác lần nhập này."))
}
