package figure

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// cellAnswer is what a browser's script reads about a cell that it sent.
type cellAnswer struct {
	State     answerState    `json:"state"`
	Message   string         `json:"message,omitempty"`
	Version   int            `json:"version"`
	Text      string         `json:"text"`    // as it stands in the input
	Reading   string         `json:"reading"` // in full digits; empty for a blank
	Number    string         `json:"number,omitempty"`
	Qualifier string         `json:"qualifier,omitempty"`
	Readings  []readingOfOne `json:"readings,omitempty"`
	Theirs    *theirs        `json:"theirs,omitempty"`
	Chooser   string         `json:"chooser,omitempty"`
	Flags     []flagOfCell   `json:"flags"` // of all cells of the indicator
}

// answerState is what became of a cell. web.Problem has further states, for what reached no cell.
type answerState string

const (
	stateSaved    answerState = "saved"
	stateAsked    answerState = "asked"
	stateRefused  answerState = "refused"
	stateConflict answerState = "conflict"
)

type readingOfOne struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type theirs struct {
	Text    string `json:"text"`
	Reading string `json:"reading"`
	Version int    `json:"version"`
	Who     string `json:"who"`
	When    string `json:"when"`
}

type flagOfCell struct {
	Cell    string `json:"cell"`
	Text    string `json:"text"`
	Settled string `json:"settled,omitempty"`
}

// saveCell saves one cell for a script: the same access, checks and trail as the form.
func (s *Service) saveCell(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	t := Typing{ID: web.Value(r, "id"), Cell: strings.ToUpper(web.Value(r, "o")), Text: web.Value(r, "v"), Choice: web.Value(r, "c"), AsOf: web.Value(r, "d"), Reason: web.Value(r, "r")}
	if t.Expect, err = strconv.Atoi(web.Value(r, "e")); err != nil {
		t.Expect = Any // which no cell that is typed may ask for
	}
	unit := strings.ToUpper(r.PathValue("unit"))
	got, err := s.Type(ctx, auth.From(ctx), unit, p.Code, t)
	if q := question(err); q != nil {
		return web.Data(w, http.StatusUnprocessableEntity, cellAnswer{State: stateAsked, Message: saidOf(ctx, err), Readings: readingsOf(q), Version: t.Expect, Text: t.Text, Flags: []flagOfCell{}})
	}
	if err != nil {
		if asFault("", err) == err && !fault.Is(err, fault.KindInvalid) {
			return err
		}
		return web.Data(w, http.StatusUnprocessableEntity, cellAnswer{State: stateRefused, Message: saidOf(ctx, err), Version: t.Expect, Text: t.Text, Flags: []flagOfCell{}})
	}
	out := answerOf(ctx, got)
	status := http.StatusOK
	if !got.Saved {
		status, out.Chooser = http.StatusConflict, chooserPath(unit, p)
	}
	return web.Data(w, status, out)
}

func saidOf(ctx context.Context, err error) string {
	var out []string
	for _, f := range fault.All(asFault("", err)) {
		out = append(out, web.Said(ctx, f))
	}
	return strings.Join(out, " ")
}

func readingsOf(q *viet.Question) []readingOfOne {
	var out []readingOfOne
	for _, r := range q.Readings {
		out = append(out, readingOfOne{r.Type, r.Text})
	}
	return out
}

func answerOf(ctx context.Context, a Answer) cellAnswer {
	in := a.Indicator
	out := cellAnswer{
		State: stateSaved, Version: a.Version, Text: Text(Version{Value: a.Value, Raw: a.Raw}, in), Reading: fullReading(a.Value, a.Raw, in),
		Qualifier: a.Value.Qualifier.Code(), Flags: []flagOfCell{},
	}
	if a.Value.Has {
		out.Number = strconv.FormatInt(a.Value.Number, 10)
	}
	for _, f := range a.Flags {
		part, _ := in.Part(f.Cell.Part)
		out.Flags = append(out.Flags, flagOfCell{indicator.Address(in, part), f.Text, f.Settled})
	}
	if !a.Saved {
		out.State = stateConflict
		t := a.Theirs
		out.Theirs = &theirs{
			Text: Text(Version{Value: t.Value, Raw: t.Raw}, in), Reading: fullReading(t.Value, t.Raw, in), Version: t.Version, Who: t.By, When: web.Moment(t.At),
		}
		out.Message = web.T(ctx, "%s vừa ghi %s vào ô này. Cả hai giá trị được giữ; hãy chọn một.", or(t.By, web.T(ctx, "Người khác")), shown(out.Theirs.Reading))
	}
	return out
}

// fullReading is a value in full digits with its unit: what stands beside an input.
func fullReading(v Value, raw string, in indicator.Indicator) string {
	text := Short(v, raw, in)
	if text == "" {
		return ""
	}
	if !v.Has {
		return Print(v, raw, in)
	}
	if strings.HasPrefix(in.Unit, "%") {
		return text + in.Unit
	}
	return text + " " + in.Unit
}

func chooserPath(unit string, p period.Period) string { return sheetPath(unit, p) + "/chon" }

// chooserPage is the cells of a sheet in which two values stand side by side.
type chooserPage struct {
	Unit     string
	Name     string
	Period   period.Period
	Rivals   []Rival
	MayEnter bool
}

func (p chooserPage) path() string { return chooserPath(p.Unit, p.Period) }

func (s *Service) showChooser(w http.ResponseWriter, r *http.Request) error {
	return s.chooserPage(w, r, nil)
}

func (s *Service) chooserPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	sheet, err := s.asked(r)
	if err != nil {
		return err
	}
	p := chooserPage{Unit: sheet.Unit.Code, Name: sheet.Unit.Name, Period: sheet.Period, MayEnter: sheet.MayEnter}
	if _, _, p.Rivals, err = s.Rivals(ctx, auth.From(ctx), sheet.Unit.Code, sheet.Period.Code); err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Hai giá trị của một ô"), Lead: viet.UpperFirst(sheet.Unit.Name) + ", " + sheet.Period.Name(), Nav: navKey, Head: head(),
		Crumbs: crumbs(ctx, web.Crumb{Label: viet.UpperFirst(sheet.Unit.Name), Path: sheetPath(sheet.Unit.Code, sheet.Period)})}
	if wrong != nil {
		return web.Invalid(w, r, wrong, page, chooserBody(p))
	}
	return web.Show(w, r, page, chooserBody(p))
}

func (s *Service) chooseValue(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	unit, take := strings.ToUpper(r.PathValue("unit")), web.Value(r, "chon") == "sau"
	version, err := strconv.Atoi(web.Value(r, "e"))
	if err != nil || !take && web.Value(r, "chon") != "truoc" {
		version = Any // which is never the one that stands
	}
	err = s.Choose(ctx, auth.From(ctx), unit, p.Code, r.PathValue("id"), take, version, web.Value(r, "ly-do"))
	if err != nil {
		return s.chooserPage(w, r, err)
	}
	left, err := s.openOn(r, unit, p)
	if err != nil {
		return err
	}
	if left > 0 {
		return web.Redirect(w, r, chooserPath(unit, p), web.T(ctx, "Đã chọn. Còn %d ô chờ chọn.", left))
	}
	return web.Redirect(w, r, sheetPath(unit, p), web.T(ctx, "Đã chọn giá trị. Giá trị kia vẫn được lưu trong lịch sử của ô."))
}

func (s *Service) openOn(r *http.Request, unit string, p period.Period) (int, error) {
	_, _, rivals, err := s.Rivals(r.Context(), auth.From(r.Context()), unit, p.Code)
	return len(rivals), err
}

// serveWorker serves the service worker. A browser asks for it at each visit, so that a new release is taken up at once.
func serveWorker(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/so-lieu/")
	_, err := w.Write(worker())
	return err
}

func (s *Service) showCell(w http.ResponseWriter, r *http.Request) error {
	return s.cellPage(w, r, nil)
}

// cellPage shows a cell; wrong is what was wrong with a form on its page.
func (s *Service) cellPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	unit, code, cell, err := cellAsked(r)
	if err != nil {
		return err
	}
	a, err := s.About(ctx, auth.From(ctx), unit, code, cell)
	if err != nil {
		return err
	}
	p := cellPage{About: a}
	page := web.Page{Title: a.Indicator.Name, Lead: viet.UpperFirst(a.Unit.Name) + ", " + a.Period.Name(), Nav: navKey, Head: head(),
		Crumbs: crumbs(ctx, web.Crumb{Label: viet.UpperFirst(a.Unit.Name), Path: p.sheet()})}
	if a.Part.Name != "" {
		page.Title += ": " + a.Part.Name
	}
	if wrong != nil {
		p.Text, p.Note = web.Value(r, "y-kien"), web.Value(r, "ghi-chu")
		return web.Invalid(w, r, wrong, page, cellBody(p))
	}
	return web.Show(w, r, page, cellBody(p))
}

func cellAsked(r *http.Request) (unit, code, cell string, err error) {
	p, err := period.FromSlug(r.PathValue("period"))
	return strings.ToUpper(r.PathValue("unit")), p.Code, strings.ToUpper(r.PathValue("cell")), err
}

func (s *Service) sayOnCell(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	unit, code, cell, err := cellAsked(r)
	if err != nil {
		return err
	}
	if err := s.Say(ctx, auth.From(ctx), unit, code, cell, web.Value(r, "y-kien")); err != nil {
		return s.cellPage(w, r, err)
	}
	return web.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/y-kien"), web.T(ctx, "Đã ghi ý kiến về ô này."))
}

func (s *Service) attachToCell(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	unit, code, cell, err := cellAsked(r)
	if err != nil {
		return err
	}
	name := ""
	var data []byte
	file, header, missing := web.File(r, "tep")
	if missing == nil {
		name = header.Filename
		data, err = io.ReadAll(io.LimitReader(file, mostEvidence+1))
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	if err := s.Attach(ctx, auth.From(ctx), unit, code, cell, name, web.Value(r, "ghi-chu"), data); err != nil {
		return s.cellPage(w, r, err)
	}
	return web.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/tai-lieu"), web.T(ctx, "Đã lưu tệp."))
}

// sendFile sends a file that stands beside a cell, always as a download: nothing that people bring runs within the site.
func (s *Service) sendFile(w http.ResponseWriter, r *http.Request) error {
	unit, code, cell, err := cellAsked(r)
	if err != nil {
		return err
	}
	e, data, err := s.File(r.Context(), auth.From(r.Context()), unit, code, cell, r.PathValue("id"))
	if err != nil {
		return err
	}
	web.Attachment(w, e.Name, e.Kind)
	_, err = w.Write(data)
	return err
}
