package org

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/audit"
	"giaoban/internal/clock"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// branch is a unit with what stands below it. Cut counts what a large tree leaves for the unit's own page of the tree.
type branch struct {
	Node
	Below []*branch
	Count int
	Cut   int
}

// mostAtOnce is how many units a page of the tree shows before it cuts below the second step.
const mostAtOnce = 600

// branches nests nodes in tree order, below root where one is named. path tells whether root was found.
func branches(nodes []Node, root string, all bool) []*branch {
	byID := map[int64]*branch{}
	var tops []*branch
	for _, n := range nodes {
		b := &branch{Node: n}
		byID[n.ID] = b
		if up := byID[n.Parent]; up != nil {
			up.Below = append(up.Below, b)
		} else {
			tops = append(tops, b)
		}
		if n.Code == root {
			tops = nil // counted below: only this one is shown
		}
	}
	if root != "" {
		for _, b := range byID {
			if b.Code == root {
				tops = []*branch{b}
			}
		}
	}
	total := 0
	for _, b := range tops {
		total += b.count() + 1
	}
	if total > mostAtOnce && !all {
		for _, b := range tops {
			b.cut(2)
		}
	}
	return tops
}

func (b *branch) count() int {
	b.Count = 0
	for _, c := range b.Below {
		b.Count += 1 + c.count()
	}
	return b.Count
}

func (b *branch) cut(depth int) {
	for _, c := range b.Below {
		if depth == 1 {
			c.Cut, c.Below = c.Count, nil
			continue
		}
		c.cut(depth - 1)
	}
}

type treePage struct {
	Day, Today, Search, Root string
	Hierarchy                Hierarchy
	All, MayEdit             bool
	Total, Outside           int
	Counts                   map[string]int
	Branches                 []*branch
	Path                     []string
	Found                    []Node
	Former                   []Unit
}

// state keeps the day and the hierarchy in a link where they are not what a new visit shows.
func (p treePage) state() []string {
	var out []string
	if p.Day != p.Today {
		out = append(out, "ngay", p.Day)
	}
	if p.Hierarchy != Territory {
		out = append(out, "cay", hierarchyWords[p.Hierarchy])
	}
	return out
}

func (p treePage) unit(code string) string { return web.URL(web.Path("don-vi", code), p.state()...) }

func (p treePage) at(root string, all bool) string {
	pairs := append(p.state(), "goc", root)
	if all {
		pairs = append(pairs, "mo", "het")
	}
	return web.URL("/don-vi", pairs...)
}

// countUnits counts units by level, bodies apart.
func countUnits(nodes []Node) map[string]int {
	out := map[string]int{}
	for _, n := range nodes {
		if n.Kind == Body {
			out[string(Body)]++
		} else {
			out[string(n.Level)]++
		}
	}
	return out
}

func counted(ctx context.Context, counts map[string]int) string {
	var parts []string
	for _, l := range Levels {
		if n := counts[string(l)]; n > 0 {
			parts = append(parts, web.T(ctx, "%d "+countWord(l), n))
		}
	}
	if n := counts[string(Body)]; n > 0 {
		parts = append(parts, web.T(ctx, "%d tổ chức", n))
	}
	return strings.Join(parts, ", ")
}

func countWord(l Level) string {
	if l == Area {
		return "khu dân cư"
	}
	return "địa bàn " + l.Name()
}

// found finds the units that hold every word of a text, marks or not; those that hold it as written come first.
func found(nodes []Node, text string) []Node {
	words := strings.Fields(viet.Fold(text))
	var exact, loose []Node
	for _, n := range nodes {
		whole := viet.Fold(n.Name + " " + n.Short + " " + n.Code)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(whole, w) }) {
			continue
		}
		if strings.Contains(viet.Canon(n.Name+" "+n.Code), viet.Canon(text)) {
			exact = append(exact, n)
		} else {
			loose = append(loose, n)
		}
	}
	return append(exact, loose...)
}

func closing(ctx context.Context, u Unit, today string) string {
	day := viet.FormatDate(dayBefore(u.ValidTo))
	if u.ValidTo <= today {
		return web.T(ctx, "đã kết thúc hết ngày %s", day)
	}
	return web.T(ctx, "sẽ kết thúc hết ngày %s", day)
}

func hierarchyOptions(ctx context.Context) []web.Option {
	var out []web.Option
	for _, h := range Hierarchies {
		out = append(out, web.Option{Value: hierarchyWords[h], Label: web.T(ctx, h.Name())})
	}
	return out
}

func levelOptions(ctx context.Context) []web.Option {
	var out []web.Option
	for _, l := range Levels {
		out = append(out, web.Option{Value: string(l), Label: web.T(ctx, l.Name())})
	}
	return out
}

type lifePage struct {
	treePage
	Unit    Unit // as of Day
	Life    Life
	Deeds   []audit.Deed
	Quarter string
	Choices []Unit
	Seen    map[string]bool // codes that the actor may open
	Typed   func(string) string
}

// value is what was typed into a field, or what it starts with.
func (p lifePage) value(name, start string) string {
	if p.Typed != nil {
		if v := p.Typed(name); v != "" {
			return v
		}
	}
	return start
}

func (p lifePage) pairs(ctx context.Context) []web.Pair {
	out := []web.Pair{
		{Term: web.T(ctx, "Mã"), Text: p.Unit.Code},
		{Term: web.T(ctx, "Loại"), Text: web.T(ctx, p.Unit.Kind.Name()) + ", " + web.T(ctx, p.Unit.Level.Name())},
		{Term: web.T(ctx, "Hoạt động"), Text: span(ctx, p.Unit.ValidFrom, p.Unit.ValidTo)},
	}
	if p.Day != p.Today {
		out = append(out, web.Pair{Term: web.T(ctx, "Tên vào ngày %s", viet.FormatDate(p.Day)), Text: p.Unit.Name})
	}
	for _, r := range p.Life.Parents {
		if r.ValidFrom <= p.Day && p.Day < r.ValidTo {
			pair := web.Pair{Term: web.T(ctx, "Cấp trên theo "+r.Hierarchy.Name()), Text: r.Name}
			if p.Seen[r.Code] {
				pair.Path = p.unit(r.Code)
			}
			out = append(out, pair)
		}
	}
	return out
}

func actName(ctx context.Context, a Act) string {
	if a.Kind == "split" {
		return web.T(ctx, "Chia tách")
	}
	return web.T(ctx, "Sáp nhập")
}

var deedWords = map[string]string{
	"add": "Thêm đơn vị", "rename": "Đổi tên thành “%s”", "move": "Chuyển cấp trên sang “%s”", "appoint": "Ghi người giữ chức vụ “%s”",
	"end-office": "Ghi thôi giữ chức vụ từ ngày %s",
}

func deedText(ctx context.Context, d audit.Deed) string {
	text := d.Verb
	if words, ok := deedWords[d.Verb]; ok {
		reason := d.Reason
		if d.Verb == "end-office" {
			reason = viet.FormatDate(reason)
		}
		if strings.Contains(words, "%s") {
			text = web.T(ctx, words, reason)
		} else {
			text = web.T(ctx, words)
		}
	}
	if d.By != "" {
		text += " (" + d.By + ")"
	}
	return text
}

// wrong tells whether one of a form's fields has a fault, so that its fold stays open.
func wrong(ctx context.Context, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return web.ErrorOf(ctx, n) != "" })
}

func complaintAttrs(name, message string) templ.Attributes {
	if message == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": web.FieldID(name) + "-error"}
}

type succeedPage struct {
	Form     succeedForm
	Choices  []Unit
	Children []Unit
	Sc       Succession
	Outlook  Outlook
	Given    bool // the form has been sent once
}

func (p succeedPage) oldRows() int { return min(mostRows, max(4, len(p.Form.Old)+1)) }
func (p succeedPage) newRows() int { return min(mostRows, max(2, len(p.Form.New)+1)) }

func (p succeedPage) old(i int) string {
	if i < len(p.Form.Old) {
		return p.Form.Old[i]
	}
	return ""
}

func (p succeedPage) heir(j int) heirForm {
	if j < len(p.Form.New) {
		return p.Form.New[j]
	}
	return heirForm{}
}

func (p succeedPage) heirOptions() []web.Option {
	var out []web.Option
	for j, h := range p.Form.New {
		out = append(out, web.Option{Value: fmt.Sprint(j), Label: heirName(h)})
	}
	return out
}

type loadPage struct {
	Rows   []Row
	Errors map[string]string // by row
	Wrong  int
	Data   string // the file as CSV, for the confirmation
}

// columnHelp explains a file of units, column by column.
var columnHelp = [][2]string{
	{"Mã", "Bắt buộc. Chữ cái không dấu, chữ số, dấu chấm, gạch nối; không trùng mã đã có."},
	{"Loại", "Bắt buộc. “địa bàn” hoặc “tổ chức”."},
	{"Cấp", "Bắt buộc. “tỉnh”, “thị xã”, “phường”, “khu dân cư” và các cách gọi cùng cấp."},
	{"Tên đầy đủ", "Bắt buộc."},
	{"Tên ngắn", "Để trống thì lấy tên đầy đủ."},
	{"Cấp trên theo địa bàn", "Mã của đơn vị cấp trên."},
	{"Cấp trên theo hệ thống dọc", "Mã của cùng tổ chức ở cấp trên."},
	{"Đầu mối khối Mặt trận", "Mã của Ủy ban MTTQ cùng cấp."},
	{"Từ ngày", "Ngày đầu tiên đơn vị hoạt động; để trống nếu có từ trước."},
	{"Đến ngày", "Ngày cuối cùng đơn vị hoạt động; để trống nếu đang hoạt động."},
}

// span prints the time for which something holds.
func span(ctx context.Context, from, to string) string {
	switch {
	case from <= Always && to >= Forever:
		return web.T(ctx, "từ trước đến nay")
	case from <= Always:
		return web.T(ctx, "đến hết %s", viet.FormatDate(dayBefore(to)))
	case to >= Forever:
		return web.T(ctx, "từ %s", viet.FormatDate(from))
	}
	return viet.FormatDate(from) + " - " + viet.FormatDate(dayBefore(to))
}

// deep tells whether there is anything to open.
func (p treePage) deep() bool {
	return slices.ContainsFunc(p.Branches, func(b *branch) bool { return b.Count > 0 })
}

// byRow gathers faults by the row they are about; others go under "".
func byRow(err error) map[string]string {
	out := map[string]string{}
	for _, f := range fault.All(err) {
		if out[f.Field] != "" {
			out[f.Field] += " "
		}
		out[f.Field] += f.Text
	}
	return out
}

func sorted(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// quarterInWork is the slug of the quarter that people work on: for a month after its end that is still the ended one. The
// periods' house lies above this one, so only the common slug is made here.
func quarterInWork(c *clock.Clock) string {
	day := c.Now().AddDate(0, 0, -30)
	return fmt.Sprintf("%d-q%d", day.Year(), (int(day.Month())+2)/3)
}
