package figure

import (
	"context"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

func sheetPath(unit string, p period.Period) string { return web.Path("so-lieu", unit, p.Slug()) }

// planPath is the page of the targets that a period's figures are measured by.
func planPath(unit string, p period.Period) string {
	year, ok := p.OfYear()
	if !ok {
		return ""
	}
	return web.Path("chi-tieu-nam", unit, year.Slug())
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func boxed(checked bool) string {
	if checked {
		return "1"
	}
	return ""
}

// short is Short for totals: a sum that holds magnitudes only has no number to print.
func short(ctx context.Context, v Value, in indicator.Indicator) string {
	if !v.Blank() && !v.Has {
		return web.T(ctx, "không ra số")
	}
	return Short(v, "", in)
}

// given is a version as it was given: its own words, or the administrative print that says the same.
func given(v Version, in indicator.Indicator) string { return or(v.Raw, Print(v.Value, v.Raw, in)) }

func described(name, message string, more templ.Attributes) templ.Attributes {
	out := templ.Attributes{}
	for k, v := range more {
		out[k] = v
	}
	if message != "" {
		out["aria-invalid"], out["aria-describedby"] = "true", web.FieldID(name)+"-error"
	}
	return out
}

func periodOptions(list []period.Period) []web.Option {
	var out []web.Option
	for _, p := range list {
		out = append(out, web.Option{Value: p.Slug(), Label: viet.UpperFirst(p.Name())})
	}
	return out
}

func unitOptions(list []org.Unit) []web.Option {
	var out []web.Option
	for _, u := range list {
		out = append(out, web.Option{Value: u.Code, Label: u.Name + " (" + u.Code + ")"})
	}
	return out
}

func lineOptions(list []org.Unit) []web.Option {
	var out []web.Option
	for _, u := range list {
		out = append(out, web.Option{Value: u.Code, Label: u.Name})
	}
	return out
}

func treeOptions(ctx context.Context, b Board) []web.Option {
	trees := []org.Hierarchy{org.Territory, org.Line, org.Front}
	if len(b.Lines) > 0 {
		trees = append(trees, org.PlaceLine)
	}
	var out []web.Option
	for _, h := range trees {
		out = append(out, web.Option{Value: hierarchyWords[h], Label: web.T(ctx, h.Name())})
	}
	return out
}

func layerWord(l Layer) string {
	if l == Approved {
		return "duyet"
	}
	return "gui"
}

func layerName(l Layer) string {
	if l == Approved {
		return "đã duyệt"
	}
	return "đã gửi"
}

func frameName(f Frame) string {
	if f == AsItIs {
		return "như hiện nay"
	}
	return "như của kỳ đó"
}

func layerOptions(ctx context.Context) []web.Option {
	return []web.Option{{Value: "gui", Label: web.T(ctx, layerName(Submitted))}, {Value: "duyet", Label: web.T(ctx, layerName(Approved))}}
}

func frameOptions(ctx context.Context) []web.Option {
	return []web.Option{{Value: string(AsItWas), Label: web.T(ctx, frameName(AsItWas))}, {Value: string(AsItIs), Label: web.T(ctx, frameName(AsItIs))}}
}

// scopeText says whose totals a board or a trace holds.
func scopeText(ctx context.Context, a Address, line org.Unit) string {
	if a.Hierarchy == org.PlaceLine {
		return web.T(ctx, "hệ thống %s trong địa bàn", line.Name)
	}
	return web.T(ctx, a.Hierarchy.Name())
}

func boardText(ctx context.Context, b Board) string {
	return web.T(ctx, "Cộng theo %s; số liệu %s; đơn vị %s.", scopeText(ctx, b.Address, b.Line), web.T(ctx, layerName(b.Address.Layer)), web.T(ctx, frameName(b.Address.Frame)))
}

// sheetPage is the entry form as shown: filtered, and with what was typed where it is shown again.
type sheetPage struct {
	Sheet
	Search    string
	Filled    bool
	Have, All int
	Typed     map[string]typed
	Rivals    int    // cells in which two values wait for a choice
	Data      string // for the script; empty where the form is shown again with what was typed
}

// cell is what the row's inputs hold.
func (p sheetPage) cell(r Row) typed {
	text := Text(r.Now, r.Indicator)
	if t, ok := p.Typed[r.Key()]; ok {
		return t
	}
	return typed{Text: text, Shown: text, Seen: r.Now.Version, AsOf: r.Now.AsOf}
}

// forScript is what the form says to its script; without it the page is a form.
func (p sheetPage) forScript() templ.Attributes {
	if p.Data == "" {
		return templ.Attributes{"data-cells": true}
	}
	return templ.Attributes{"data-sheet": p.Data}
}

// count tells how many cells of a section there are to fill, how many hold a figure, and how many of those cannot be written.
func (p sheetPage) count(g SheetGroup) (all, filled, shut int) {
	for _, r := range g.Rows {
		if r.Derived {
			continue
		}
		all++
		if r.Filled() {
			filled++
			if !p.writes(r) {
				shut++
			}
		}
	}
	return all, filled, shut
}

// writes tells whether the row is a cell that the reader may write now.
func (p sheetPage) writes(r Row) bool { return p.MayEnter && !r.Derived && r.Shut == nil }

func (p sheetPage) label(ctx context.Context, r Row) string {
	name := r.Indicator.Name
	if r.Part.Name != "" {
		name += ", " + r.Part.Name
	}
	return name + " (" + r.Indicator.Unit + "), " + web.T(ctx, "kỳ này")
}

// trace is the address of the unit's own figure in a period.
func (p sheetPage) trace(r Row, code string) string {
	return Address{Unit: p.Unit.Code, Period: code, Indicator: r.Indicator.Code, Part: r.Part.Part, Own: true}.URL()
}

func (p sheetPage) asksReason(r Row) bool {
	return !r.Approved.Blank() && p.Typed[r.Key()].Reason == ""
}

// byAt says who wrote something and when.
func byAt(ctx context.Context, by string, at int64) string {
	if at == 0 {
		return web.T(ctx, "chưa có ai ghi")
	}
	return or(by, web.T(ctx, "không rõ người ghi")) + ", " + web.Moment(at)
}

// rivalText is the value of a rival as the administration prints it; empty for a blank.
func rivalText(r Rival) string {
	v := Input{Quantity: r.Quantity, Indicator: r.Indicator}.version()
	return Print(v.Value, or(v.Raw, r.Text), r.Indicator)
}

func readings(q *viet.Question) []web.Option {
	var out []web.Option
	for _, r := range q.Readings {
		out = append(out, web.Option{Value: r.Type, Label: r.Text})
	}
	return out
}

// planPage is the targets of a year as shown.
type planPage struct {
	YearPlan
	All    bool
	Source string
	Typed  map[string]string // by indicator's code
	Given  map[string]string
	Seen   map[string]int
	Lost   map[string]bool
}

func (p planPage) path() string { return web.Path("chi-tieu-nam", p.Unit.Code, p.Year.Slug()) }

func (p planPage) shown() []PlanGroup {
	var out []PlanGroup
	for _, g := range p.Groups {
		rows := slices.DeleteFunc(slices.Clone(g.Rows), func(r PlanRow) bool {
			_, typed := p.Typed[r.Indicator.Code]
			return !p.All && !typed && !r.Plan.Has && !r.Last.Has
		})
		if len(rows) > 0 {
			out = append(out, PlanGroup{g.Topic, rows})
		}
	}
	return out
}

func (p planPage) empty() bool { return len(p.shown()) == 0 }

func planText(r PlanRow) string {
	return Text(Version{Value: r.Plan.Value, Raw: r.Plan.Raw}, r.Indicator)
}

func (p planPage) text(r PlanRow) string {
	if t, ok := p.Typed[r.Indicator.Code]; ok {
		return t
	}
	return planText(r)
}

func (p planPage) given(r PlanRow) string {
	if t, ok := p.Given[r.Indicator.Code]; ok && !p.Lost[r.Indicator.Code] {
		return t
	}
	return planText(r)
}

func (p planPage) seen(r PlanRow) int {
	if n, ok := p.Seen[r.Indicator.Code]; ok && !p.Lost[r.Indicator.Code] {
		return n
	}
	return r.Plan.Version
}

func (p planPage) trace(r PlanRow) string {
	if p.Done.ID == 0 {
		return ""
	}
	return Address{Unit: p.Unit.Code, Period: p.Done.Code, Indicator: r.Indicator.Code}.URL() + "#trong-nam"
}

func (r PlanRow) done() string { return BoardRow{Plan: r.Plan, Date: r.Date}.Done() }

// readPlans reads the targets that were changed, and what was typed for the page that may have to be shown again.
func readPlans(p *planPage, value func(string) string, has func(string) bool) []NewPlan {
	p.Typed, p.Given, p.Seen, p.Lost = map[string]string{}, map[string]string{}, map[string]int{}, map[string]bool{}
	p.Source = value("can-cu")
	var out []NewPlan
	for _, g := range p.Groups {
		for _, r := range g.Rows {
			code := r.Indicator.Code
			if !has("v-" + code) {
				continue
			}
			p.Typed[code], p.Given[code] = value("v-"+code), value("o-"+code)
			p.Seen[code], _ = strconv.Atoi(value("e-" + code)) // a number that the page wrote; anything else is version 0
			if p.Typed[code] != p.Given[code] {
				out = append(out, NewPlan{r.Indicator, p.Typed[code], p.Source, p.Seen[code]})
			}
		}
	}
	return out
}
