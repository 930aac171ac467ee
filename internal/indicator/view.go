package indicator

import (
	"context"
	"strconv"
	"strings"

	"giaoban/internal/web"
)

func partNames(i Indicator) string {
	var names []string
	for _, p := range i.Parts {
		names = append(names, p.Name)
	}
	return strings.Join(names, "; ")
}

// pairs says what is fixed about an indicator, and what it stands in relation to.
func pairs(ctx context.Context, p onePage) []web.Pair {
	i := p.Indicator
	out := []web.Pair{
		{Term: web.T(ctx, "Mã chỉ tiêu"), Text: i.Code},
		{Term: web.T(ctx, "Nhóm nội dung"), Text: web.T(ctx, TopicName(i.Topic)), Path: "/chi-tieu#" + strings.ToLower(i.Topic)},
		{Term: web.T(ctx, "Đơn vị tính"), Text: i.Unit},
		{Term: web.T(ctx, "Số chữ số thập phân"), Text: strconv.Itoa(i.Decimals)},
		{Term: web.T(ctx, "Loại số liệu"), Text: web.T(ctx, i.Measure.Name())},
		{Term: web.T(ctx, "Cách cộng giữa các đơn vị"), Text: web.T(ctx, i.Across.Name())},
		{Term: web.T(ctx, "Chiều đánh giá"), Text: web.T(ctx, BetterName(i.Better))},
	}
	link := func(term string, o Indicator) {
		out = append(out, web.Pair{Term: term, Text: o.Code + " " + o.Name, Path: o.Path()})
	}
	if of, ok := p.Catalog.ByID(i.Numerator); ok {
		link(web.T(ctx, "Tử số"), of)
	}
	if of, ok := p.Catalog.ByID(i.Denominator); ok {
		link(web.T(ctx, "Mẫu số"), of)
	}
	for _, o := range p.Ratios {
		link(web.T(ctx, "Dùng để tính"), o)
	}
	if p.Replaces.Code != "" {
		link(web.T(ctx, "Thay thế cho"), p.Replaces)
	}
	if p.ReplacedBy.Code != "" {
		link(web.T(ctx, "Được thay thế bằng"), p.ReplacedBy)
	}
	if i.Note != "" {
		out = append(out, web.Pair{Term: web.T(ctx, "Ghi chú"), Text: i.Note})
	}
	return out
}

func retiredText(ctx context.Context, p onePage) string {
	if p.Indicator.ValidTo > p.Today {
		return web.T(ctx, "Chỉ tiêu này sẽ thôi dùng từ ngày %s.", toText(p.Indicator))
	}
	return web.T(ctx, "Chỉ tiêu này đã thôi dùng từ ngày %s.", toText(p.Indicator))
}

// validity is from when to when a version holds, in words.
func validity(ctx context.Context, v Indicator) string {
	from, to := fromText(v), toText(v)
	switch {
	case from == "" && to == "":
		return web.T(ctx, "mọi ngày")
	case to == "":
		return web.T(ctx, "từ %s", from)
	case from == "":
		return web.T(ctx, "đến trước %s", to)
	}
	return web.T(ctx, "từ %s đến trước %s", from, to)
}

// removal is what the button beside a synonym sends.
func removal(p onePage, text string, unit bool) map[string]string {
	m := map[string]string{"bo": text, "version": strconv.Itoa(p.Indicator.Version)}
	if unit {
		m["bo_don_vi"] = "1"
	}
	return m
}

func measures(ctx context.Context) []web.Option {
	return optionsOf(ctx, Measures, func(m Measure) string { return m.Name() })
}

func acrosses(ctx context.Context) []web.Option {
	return optionsOf(ctx, Acrosses, func(a Across) string { return a.Name() })
}

func betters(ctx context.Context) []web.Option { return optionsOf(ctx, Betters, BetterName) }

func partKinds(ctx context.Context) []web.Option {
	return optionsOf(ctx, []PartKind{Additive, OfWhich}, func(k PartKind) string { return k.Name() })
}

func optionsOf[T ~string](ctx context.Context, all []T, name func(T) string) []web.Option {
	out := make([]web.Option, len(all))
	for n, v := range all {
		out[n] = web.Option{Value: string(v), Label: web.T(ctx, name(v))}
	}
	return out
}
