package trail

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func unitOptions(units []UnitName) []web.Option {
	out := make([]web.Option, len(units))
	for i, u := range units {
		out[i] = web.Option{Value: u.Code, Label: u.Name}
	}
	return out
}

// peopleOptions lists the people of the reader's part, and whoever is asked for: a link on a line may lead to others.
func peopleOptions(ctx context.Context, p listPage) []web.Option {
	out := make([]web.Option, len(p.Choice.People))
	for i, x := range p.Choice.People {
		out[i] = web.Option{Value: x.ID, Label: x.Name}
	}
	if p.Filter.Person != "" && !slices.ContainsFunc(out, func(o web.Option) bool { return o.Value == p.Filter.Person }) {
		out = append(out, web.Option{Value: p.Filter.Person, Label: or(p.Person, web.T(ctx, "Người đang lọc"))})
	}
	return out
}

func unitNames(units []UnitName, most int) string {
	var names []string
	for _, u := range units[:min(most, len(units))] {
		names = append(names, u.Name)
	}
	return strings.Join(names, "; ")
}

// reasonText is why, in words for people: what some acts keep there is a day, the name of a list or a digest.
func reasonText(l Line) string {
	switch {
	case l.House == "org" && l.Verb == "end-office":
		return viet.FormatDate(l.Reason)
	case l.House == "briefing" && (l.Verb == "remove" || l.Verb == "finding" || l.Verb == "conclude"):
		return ""
	}
	return l.Reason
}

func (c Cell) path() string {
	return web.Path("so", c.UnitCode, period.Period{Code: c.Period}.Slug(), c.Code)
}

func pairs(ctx context.Context, x One) []web.Pair {
	out := []web.Pair{{Term: web.T(ctx, "Người"), Text: personName(ctx, x.Who)}}
	add := func(p web.Pair) {
		if p.Text != "" {
			out = append(out, p)
		}
	}
	if x.ActingFor != "" {
		add(web.Pair{Term: web.T(ctx, "Thay mặt"), Text: personName(ctx, x.ForWho)})
	}
	add(web.Pair{Term: web.T(ctx, "Thời điểm"), Text: web.Moment(x.At)})
	add(web.Pair{Term: web.T(ctx, "Nhóm việc"), Text: HouseName(ctx, x.House)})
	if x.Thing.Words != "" {
		add(web.Pair{Term: web.T(ctx, "Đối tượng"), Text: viet.UpperFirst(x.Thing.Say(ctx, x.House)), Path: x.Thing.Link(auth.From(ctx))})
	}
	add(web.Pair{Term: web.T(ctx, "Đơn vị"), Text: unitNames(x.Units, len(x.Units))})
	add(web.Pair{Term: web.T(ctx, "Lý do, ghi chú"), Text: reasonText(x.Line)})
	add(web.Pair{Term: web.T(ctx, "Từ mạng"), Text: Network(x.Address)})
	return out
}

func facts(ctx context.Context, house string, list []Difference) []web.Pair {
	out := make([]web.Pair, len(list))
	for i, d := range list {
		out[i] = web.Pair{Term: fieldName(ctx, house, d.Field), Text: or(valueText(ctx, house, d.Field, d.New), "-")}
	}
	return out
}

func never(ctx context.Context, at int64) string {
	if at == 0 {
		return web.T(ctx, "chưa lần nào")
	}
	return web.Moment(at)
}

// ownWhat lists what is held of those who have an account, each once.
func ownWhat(ctx context.Context) (out []string) {
	for _, c := range Register {
		for _, x := range c.Tables {
			if text := web.T(ctx, x.What); x.Key != "" && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

func reasonOptions(ctx context.Context) []web.Option {
	out := make([]web.Option, len(EraseReasons))
	for i, r := range EraseReasons {
		out[i] = web.Option{Value: r, Label: web.T(ctx, r)}
	}
	return out
}
