package form

import (
	"context"
	"strconv"
	"strings"

	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// oneView is a form's page.
type oneView struct {
	Sheaf
	May                      bool
	Periods                  []period.Period
	Named                    []org.Unit // by the newest assignment
	From, Why, Until, Reason string     // as typed
}

// Draft is the draft, if there is one.
func (v oneView) Draft() (Version, bool) { return v.Versions[0], v.Versions[0].State == Draft }

type holidayView struct {
	All   []Holiday
	May   bool
	Typed Holiday
}

type comparison struct {
	Code     string
	Old, New int
	Versions []Version
	Changes  []Change
	Catalog  *indicator.Catalog
}

// editor is the page of a draft: the frame, the sections, and beside them what is being added or changed.
type editor struct {
	Form
	Draft   Version
	Catalog *indicator.Catalog
	Section string // to which something is added
	Search  string
	Item    Item // that is being changed
	// What was typed, where the page is shown again.
	Typed func(name string) string
	Act   string
}

// value is what stands in a field of the form that a button belongs to.
func (e editor) value(act, name, stands string) string {
	if e.Typed != nil && e.Act == act {
		return e.Typed(name)
	}
	return stands
}

func (e editor) path() string { return formPath(e.Code, "sua") }

const targetRows = 4

type targetRow struct {
	Used              bool
	Kind, Level, Line string
}

// assignView is the page on which a form is assigned.
type assignView struct {
	Form
	Assignment
	Periods   []period.Period
	Lines     []org.Unit // tops of lines
	Units     []org.Unit
	Rows      []targetRow
	Add, Omit string
	Shown     bool
	Begins    period.Period
	Named     []org.Unit
}

func kindOptions(ctx context.Context) []web.Option {
	var out []web.Option
	for _, k := range Kinds {
		out = append(out, web.Option{Value: k, Label: web.T(ctx, period.KindName(k))})
	}
	return out
}

func periodOptions(list []period.Period) []web.Option {
	var out []web.Option
	for _, p := range list {
		out = append(out, web.Option{Value: p.Code, Label: viet.UpperFirst(p.Name())})
	}
	return out
}

// thisPeriod is the period in which something begins unless somebody says otherwise: the one after that of today's predecessor.
func thisPeriod(list []period.Period, typed string) string {
	if typed == "" && len(list) > 1 {
		return list[1].Code
	}
	return typed
}

func unitKinds(ctx context.Context) []web.Option {
	return []web.Option{{Value: string(org.Place), Label: web.T(ctx, "Địa bàn")}, {Value: string(org.Body), Label: web.T(ctx, "Tổ chức, cơ quan")}}
}

func levels(ctx context.Context) []web.Option {
	var out []web.Option
	for _, l := range org.Levels {
		out = append(out, web.Option{Value: string(l), Label: web.T(ctx, l.Name())})
	}
	return out
}

func lineOptions(units []org.Unit) []web.Option {
	var out []web.Option
	for _, u := range units {
		out = append(out, web.Option{Value: strconv.FormatInt(u.ID, 10), Label: u.Name})
	}
	return out
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ", ")
}

// days says a number of working days from a day in words.
func days(ctx context.Context, n int) string {
	switch {
	case n < 0:
		return web.T(ctx, "%d ngày làm việc trước ngày cuối kỳ", -n)
	case n > 0:
		return web.T(ctx, "%d ngày làm việc sau ngày cuối kỳ", n)
	}
	return web.T(ctx, "ngày cuối kỳ")
}

// itemName is what an item is called.
func itemName(catalog *indicator.Catalog, i Item) string {
	if i.Kind != Cell {
		return i.Label
	}
	in, _ := catalog.ByID(i.Indicator)
	return in.Code + " " + in.Name
}

func itemUnit(catalog *indicator.Catalog, i Item) string {
	in, _ := catalog.ByID(i.Indicator)
	return in.Unit
}

func (s Section) cells() []Item { return Version{Sections: []Section{s}}.Cells() }

func (s Section) words() []Item { return Version{Sections: []Section{s}}.Words() }

func columnHead(c Column) string {
	if c.Number && c.Unit != "" {
		return c.Label + " (" + c.Unit + ")"
	}
	return c.Label
}

func versionOptions(ctx context.Context, all []Version) []web.Option {
	var out []web.Option
	for _, v := range all {
		out = append(out, web.Option{Value: strconv.Itoa(v.Number), Label: web.T(ctx, "Bản số %d", v.Number)})
	}
	return out
}

func changeLook(k ChangeKind) string {
	switch k {
	case Added:
		return "ok"
	case Removed:
		return "bad"
	}
	return "warn"
}

func box(checked bool) string {
	if checked {
		return "1"
	}
	return ""
}

// step is what the button of a step on a form's page sends.
func step(f Form, act string) map[string]string {
	return map[string]string{"version": strconv.Itoa(f.Version), "viec": act}
}

// answerView is the page of answers as shown.
type answerView struct {
	AnswerSheet
	Typed map[string]Answer // by item, where the page is shown again
}

// now is what the fields of an item hold.
func (v answerView) now(a Answered) Answer {
	if t, ok := v.Typed[a.Item.ID]; ok {
		return t
	}
	return a.Answer
}

// lost tells that somebody else has written an answer meanwhile.
func (v answerView) lost(a Answered) bool {
	t, ok := v.Typed[a.Item.ID]
	return ok && t.Version != a.Answer.Version
}

// rows is how many rows of a table are shown for typing: those that are filled and some blank ones.
func (v answerView) rows(a Answered) int { return min(a.Item.Most, len(v.now(a).Rows)+blankRows) }
