package intake

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// names finds what a file calls by name, within what the actor may enter figures for. Answers are kept: a file says the
// same few names thousands of times.
type names struct {
	tx         *db.Tx
	who        auth.Actor
	today      string
	base       *indicator.Catalog
	catalogs   map[string]*indicator.Catalog // by day
	units      map[string]unitAnswer         // by permission, day and text
	lists      map[string][]org.Unit         // by day
	periods    map[string]periodAnswer
	ensure     bool // make the periods that the site lacks
	maySite    bool // the actor may open periods
	askedSite  bool
	indicators map[string]indicatorAnswer
}

type unitAnswer struct {
	unit org.Unit
	why  string
}

type periodAnswer struct {
	period period.Period
	why    string
}

type indicatorAnswer struct {
	in   indicator.Indicator
	part indicator.Part
	why  string
}

func newNames(tx *db.Tx, who auth.Actor, today string, base *indicator.Catalog) *names {
	return &names{
		tx: tx, who: who, today: today, base: base, catalogs: map[string]*indicator.Catalog{}, units: map[string]unitAnswer{},
		lists: map[string][]org.Unit{}, periods: map[string]periodAnswer{}, indicators: map[string]indicatorAnswer{},
	}
}

// unit finds a unit by code, or by a name that only one of the actor's units bears on that day.
func (n *names) unit(ctx context.Context, f field, perm auth.Permission, day string) (org.Unit, string, error) {
	if f.text == "" {
		return org.Unit{}, "Thiếu đơn vị. Hãy ghi mã hoặc tên đơn vị.", nil
	}
	key := string(perm) + "\x00" + day + "\x00" + f.text
	if a, ok := n.units[key]; ok {
		return a.unit, a.why, nil
	}
	u, why, err := n.findUnit(ctx, f.text, perm, day)
	if err == nil {
		n.units[key] = unitAnswer{u, why}
	}
	return u, why, err
}

func (n *names) findUnit(ctx context.Context, text string, perm auth.Permission, day string) (org.Unit, string, error) {
	u, err := org.Visible(ctx, n.tx, n.who, perm, strings.ToUpper(text), day, n.today)
	if err == nil {
		if !u.Alive(day) {
			return u, fmt.Sprintf("Đơn vị %s không tồn tại vào ngày %s; hãy nhập cho đơn vị kế thừa hoặc cho kỳ khác.", u.Name, viet.FormatDate(day)), nil
		}
		return u, "", nil
	}
	if !fault.Is(err, fault.KindNotFound) {
		return u, "", err
	}
	list, err := n.list(ctx, perm, day)
	if err != nil {
		return u, "", err
	}
	// Marks may be left out; wrong ones are another name: "Đông Hài" is offered "Đông Hải".
	plain := viet.Fold(text) == strings.ToLower(viet.Clean(text))
	folded := func(a, b string) bool { return plain && viet.Fold(a) == viet.Fold(b) }
	for _, same := range []func(a, b string) bool{viet.Same, folded} {
		var named []org.Unit
		for _, u := range list {
			if same(u.Name, text) || same(u.Short, text) {
				named = append(named, u)
			}
		}
		switch {
		case len(named) == 1:
			return named[0], "", nil
		case len(named) > 1:
			var codes []string
			for _, u := range named[:min(len(named), 5)] {
				codes = append(codes, u.Code+" ("+u.Name+")")
			}
			return org.Unit{}, fmt.Sprintf("Có %d đơn vị tên “%s”; hãy ghi mã: %s.", len(named), text, strings.Join(codes, ", ")), nil
		}
	}
	return org.Unit{}, "Không có đơn vị “" + text + "” trong phạm vi của bạn." + offer(text, list), nil
}

// offer lists the nearest names, with their codes.
func offer(text string, list []org.Unit) string {
	code := map[string]string{}
	var all []string
	for _, u := range list {
		for _, name := range []string{u.Name, u.Short, u.Code} {
			if _, ok := code[name]; !ok && name != "" {
				code[name] = u.Code
				all = append(all, name)
			}
		}
	}
	var near []string
	seen := map[string]bool{}
	for _, name := range viet.Nearest(text, all, 6) {
		if c := code[name]; !seen[c] && len(near) < 3 {
			seen[c] = true
			if c != name {
				name += " (" + c + ")"
			}
			near = append(near, name)
		}
	}
	if len(near) == 0 {
		return " Hãy dùng mã đơn vị."
	}
	return " Có phải là: " + strings.Join(near, "; ") + "?"
}

// list is every unit over which the actor holds a permission on a day.
func (n *names) list(ctx context.Context, perm auth.Permission, day string) ([]org.Unit, error) {
	key := string(perm) + day
	if l, ok := n.lists[key]; ok {
		return l, nil
	}
	var out []org.Unit
	if n.who.IsSystem() {
		all, err := org.ListAll(ctx, n.tx, day)
		if err != nil {
			return nil, err
		}
		for _, u := range all {
			if u.Alive(day) {
				out = append(out, u)
			}
		}
	}
	seen := map[int64]bool{}
	for _, top := range n.who.Units(perm) {
		nodes, err := org.Below(ctx, n.tx, n.who, perm, org.Hierarchy(n.who.Along(perm, top)), top, day, n.today)
		if err != nil {
			return nil, err
		}
		for _, d := range nodes {
			if !seen[d.ID] {
				seen[d.ID] = true
				out = append(out, d.Unit)
			}
		}
	}
	n.lists[key] = out
	return out, nil
}

// period finds the period of a code or a text. One that the site lacks is made only by those who may open periods, and only
// when the file is written.
func (n *names) period(ctx context.Context, f field) (period.Period, string, error) {
	if f.text == "" {
		return period.Period{}, "Thiếu kỳ báo cáo. Hãy ghi như 2019-Q3 hoặc “quý III năm 2019”.", nil
	}
	if a, ok := n.periods[f.text]; ok {
		return a.period, a.why, nil
	}
	p, why, err := n.findPeriod(ctx, f.text)
	if err == nil {
		n.periods[f.text] = periodAnswer{p, why}
	}
	return p, why, err
}

func (n *names) findPeriod(ctx context.Context, text string) (period.Period, string, error) {
	p, err := period.Parse(text)
	if err != nil {
		if all := fault.All(err); all != nil {
			return p, all[0].Text, nil
		}
		return p, "", err
	}
	found, err := period.FindID(ctx, n.tx, p.ID)
	switch {
	case err == nil:
		if closed := found.MustBeOpen(); closed != nil {
			return found, fault.Text(closed), nil
		}
		return found, "", nil
	case !fault.Is(err, fault.KindNotFound):
		return p, "", err
	}
	if !n.askedSite {
		if n.maySite, err = org.HoldsSite(ctx, n.tx, n.who, auth.Consolidate, n.today); err != nil {
			return p, "", err
		}
		n.askedSite = true
	}
	if !n.maySite {
		return p, "Kỳ " + p.Name() + " chưa được mở. Hãy đề nghị văn phòng Mặt trận mở kỳ này.", nil
	}
	if !n.ensure {
		return p, "", nil
	}
	p, err = period.Ensure(ctx, n.tx, p.Code)
	return p, "", err
}

// catalog is the catalogue of a period's last day.
func (n *names) catalog(day string) *indicator.Catalog {
	c, ok := n.catalogs[day]
	if !ok {
		c = n.base.At(day)
		n.catalogs[day] = c
	}
	return c
}

// indicator finds an indicator by code ("AS07", "AS07.SUA") or name, and its part. name, where the file gives both, must
// mean the same one.
func (n *names) indicator(r figureRow, day string) (indicator.Indicator, indicator.Part, string) {
	key := strings.Join([]string{day, r.indicator.text, r.name.text, r.part.text, r.measure.text}, "\x00")
	if a, ok := n.indicators[key]; ok {
		return a.in, a.part, a.why
	}
	in, part, why := n.findIndicator(n.catalog(day), r)
	n.indicators[key] = indicatorAnswer{in, part, why}
	return in, part, why
}

func (n *names) findIndicator(c *indicator.Catalog, r figureRow) (indicator.Indicator, indicator.Part, string) {
	text := r.indicator.text
	if text == "" {
		return indicator.Indicator{}, indicator.Part{}, "Thiếu chỉ tiêu. Hãy ghi mã hoặc tên chỉ tiêu."
	}
	in, part, ok := c.PartByCode(text)
	if !ok && in.ID == 0 {
		measure := r.measure.text
		if r.moneyOnly {
			measure = ""
		}
		found, exact := c.Match(text, "")
		if !exact && len(found) > 1 && measure != "" {
			if narrowed, one := c.Match(text, measure); one {
				found, exact = narrowed, true
			}
		}
		if !exact {
			return in, part, unknownIndicator(c, text, found)
		}
		in, part = found[0], indicator.Part{}
	} else if !ok {
		return in, part, noPart(in, text)
	}
	if r.name.text != "" && !bears(in, part, r.name.text) {
		if other, exact := c.Match(r.name.text, ""); exact && other[0].ID != in.ID {
			return in, part, fmt.Sprintf("Mã %s là “%s”, nhưng tên trên cùng dòng là “%s” (mã %s). Hãy sửa cho khớp.", in.Code, in.Name, r.name.text, other[0].Code)
		}
	}
	if r.part.text != "" {
		p, ok := in.PartByCode(r.part.text)
		if !ok || part.Part != indicator.Total && p.Part != part.Part {
			return in, part, noPart(in, r.part.text)
		}
		part = p
	}
	return in, part, ""
}

func bears(in indicator.Indicator, part indicator.Part, text string) bool {
	return viet.Same(in.Name, text) || part.Name != "" && strings.HasSuffix(viet.Canon(text), viet.Canon(part.Name))
}

func unknownIndicator(c *indicator.Catalog, text string, near []indicator.Indicator) string {
	why := "Không có chỉ tiêu “" + text + "” trong danh mục."
	var list []string
	for _, in := range near[:min(3, len(near))] {
		list = append(list, in.Code+" "+in.Name)
	}
	if len(list) == 0 {
		for _, in := range c.Search(text) {
			if list = append(list, in.Code+" "+in.Name); len(list) == 3 {
				break
			}
		}
	}
	if len(list) == 0 {
		return why + " Hãy ghi mã chỉ tiêu như trong danh mục."
	}
	return why + " Có phải là: " + strings.Join(list, "; ") + "?"
}

func noPart(in indicator.Indicator, text string) string {
	if len(in.Parts) == 0 {
		return "Chỉ tiêu “" + in.Name + "” không chia thành phần, nên không có “" + text + "”."
	}
	var parts []string
	for _, p := range in.Parts {
		parts = append(parts, p.Code+" "+p.Name)
	}
	return "Chỉ tiêu “" + in.Name + "” không có thành phần “" + text + "”. Các thành phần: " + strings.Join(parts, "; ") + "."
}
