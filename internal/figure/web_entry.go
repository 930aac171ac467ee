package figure

import (
	"context"
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
