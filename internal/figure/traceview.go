package figure

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// tracePage is an opened number as shown.
type tracePage struct {
	Opening
	Catalog   *indicator.Catalog
	Values    func(string) string // what was typed into a form of the page
	EntryPath func(Entry) string
}

func (o tracePage) typed(name string) string {
	if o.Values == nil {
		return ""
	}
	return o.Values(name)
}

func (o tracePage) wrong(ctx context.Context, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return web.ErrorOf(ctx, n) != "" })
}

func (o tracePage) entry(e Entry) string {
	if o.EntryPath == nil {
		return ""
	}
	return o.EntryPath(e)
}

// big is the number with its unit, as the administration prints it.
func (o tracePage) big(ctx context.Context) string {
	switch {
	case o.Address.Own:
		return or(Print(o.Own.Value, o.Own.Raw, o.Indicator), web.T(ctx, "Chưa có số liệu"))
	case !o.Adds:
		return web.T(ctx, "Không cộng giữa các đơn vị")
	case o.Total.Blank():
		return web.T(ctx, "Chưa có số liệu")
	case !o.Total.Has:
		return web.T(ctx, "Có số liệu nhưng không ra con số")
	}
	return Print(o.Total, "", o.Indicator)
}

func (o tracePage) facts(ctx context.Context) []web.Pair {
	name := o.Indicator.Name
	if part := partName(o.Indicator, o.Part); part != "" {
		name += ", " + part
	}
	out := []web.Pair{
		{Term: web.T(ctx, "Chỉ tiêu"), Text: name, Path: web.Path("chi-tieu", o.Indicator.Code)},
		{Term: web.T(ctx, "Đơn vị"), Text: o.Unit.Name, Path: web.Path("don-vi", o.Unit.Code)},
		{Term: web.T(ctx, "Kỳ"), Text: viet.UpperFirst(web.T(ctx, o.Period.Name())) + ", " + viet.FormatDate(o.Period.From) + " - " + viet.FormatDate(o.Period.To), Path: web.Path("ky", o.Period.Slug())},
		{Term: web.T(ctx, "Số liệu"), Text: web.T(ctx, layerName(o.Layer))},
	}
	if v := o.Total; !o.Address.Own && v.Has && v.Qualifier != 0 && viet.IsMoney(o.Indicator.Unit) {
		out = append(out, web.Pair{Term: web.T(ctx, "Viết đủ chữ số"), Text: Short(v, "", o.Indicator) + " " + o.Indicator.Unit})
	}
	if o.Address.Own {
		return append(out, web.Pair{Term: web.T(ctx, "Phạm vi"), Text: web.T(ctx, "số riêng của đơn vị, không gồm đơn vị bên dưới"), Path: o.totalPath()})
	}
	return append(out,
		web.Pair{Term: web.T(ctx, "Cộng theo"), Text: scopeText(ctx, o.Address, o.Line)},
		web.Pair{Term: web.T(ctx, "Đơn vị cộng"), Text: web.T(ctx, frameName(o.Frame))})
}

func (o tracePage) totalPath() string {
	a := o.Address
	a.Own = false
	return a.URL()
}

// how says in a sentence how the total is made.
func (o tracePage) how(ctx context.Context) string {
	switch o.Indicator.Across {
	case indicator.None:
		return web.T(ctx, "Chỉ tiêu này không cộng giữa các đơn vị; dưới đây là từng số đã ghi.")
	case indicator.Ratio:
		return web.T(ctx, "Tỷ lệ của hai tổng: tử số chia mẫu số, tính lại từ số của mọi đơn vị; không lấy bình quân các tỷ lệ.")
	}
	text := web.T(ctx, "Tổng của %d số, cộng đúng từng chữ số.", len(o.Contributions)+o.More)
	unquantified, shared := 0, false
	for _, c := range o.Contributions {
		if !c.Version.Has {
			unquantified++
		}
		shared = shared || c.Weight != org.Whole
	}
	if unquantified > 0 {
		text += " " + web.T(ctx, "%d số chỉ ghi mức độ (như “hàng trăm”) nên không ra con số để cộng; tổng vì thế là “trên”.", unquantified)
	}
	if o.Total.Has && o.Total.Qualifier != viet.Exact {
		text += " " + web.T(ctx, "Có số không chính xác tuyệt đối nên tổng ghi “%s”.", o.Total.Qualifier.Word())
	}
	if shared {
		text += " " + web.T(ctx, "Số của đơn vị đã chia tách được tính theo tỷ lệ, là ước lượng.")
	}
	return text
}

type contributions struct {
	title   string
	in      indicator.Indicator
	rows    []Contribution
	weighed bool
}

// counted groups contributions by indicator: a ratio has two lists.
func (o tracePage) counted() []contributions {
	var out []contributions
	for _, c := range o.Contributions {
		n := slices.IndexFunc(out, func(g contributions) bool { return g.in.ID == c.Version.Indicator })
		if n < 0 {
			in, title := o.Indicator, ""
			if other, ok := o.Catalog.ByID(c.Version.Indicator); ok && other.ID != in.ID {
				in, title = other, other.Name
			}
			out = append(out, contributions{in: in, title: title})
			n = len(out) - 1
		}
		out[n].rows = append(out[n].rows, c)
		out[n].weighed = out[n].weighed || c.Weight != org.Whole
	}
	return out
}

func (o tracePage) ownPath(c Contribution, in indicator.Indicator) string {
	return Address{Unit: c.Unit.Code, Period: o.Period.Code, Indicator: in.Code, Part: o.Part, Layer: o.Layer, Own: true}.URL()
}

// childPath opens the total of a unit right below, or the unit's own figure where this is the unit itself.
func (o tracePage) childPath(c Child) string {
	a := o.Address
	a.Own = c.Unit.ID == o.Unit.ID
	a.Unit = c.Unit.Code
	return a.URL()
}

func weightText(ctx context.Context, w int64) string {
	switch {
	case w == org.Whole:
		return web.T(ctx, "cả")
	case w < 0:
		return web.T(ctx, "đã chuyển sang đơn vị khác")
	}
	return viet.FormatPlain(w, 2) + "%"
}

// at is the same number in another period.
func (o tracePage) at(code string) string {
	a := o.Address
	a.Period = code
	return a.URL()
}

func (o tracePage) post(segments ...string) string {
	base := web.Path("so", o.Unit.Code, o.Period.Slug(), o.Indicator.Code)
	return base + web.Path(segments...) + o.Address.query()
}

func (o tracePage) toDateName(ctx context.Context) string {
	if o.Indicator.Measure == indicator.Flow || o.Indicator.Across == indicator.Ratio {
		return web.T(ctx, "Từ đầu năm đến hết %s", o.Period.Name())
	}
	return web.T(ctx, "Số gần nhất trong năm")
}

func (o tracePage) openFlags() []Flag {
	return slices.DeleteFunc(slices.Clone(o.Flags), func(f Flag) bool { return f.Settled != "" })
}

type versionRow struct {
	VersionLine
	standing bool
}

// newestFirst lists the versions, the submitted ones that stand marked.
func (o tracePage) newestFirst() []versionRow {
	var out []versionRow
	latest := 0
	for _, v := range o.Versions {
		out = append(out, versionRow{VersionLine: v})
		if v.Layer == Submitted {
			latest = max(latest, v.Version.Version)
		}
	}
	for i := range out {
		out[i].standing = out[i].Layer == Submitted && out[i].Version.Version == latest
	}
	slices.SortStableFunc(out, func(a, b versionRow) int { return int(b.At/1000 - a.At/1000) })
	return out
}

func entryText(ctx context.Context, v VersionLine) string {
	text := ""
	switch v.Entry.Kind {
	case Imported:
		text = web.T(ctx, "nhập từ tệp %s", v.Entry.Origin)
	case Recorded:
		text = web.T(ctx, "từ hồ sơ %s", v.Entry.Origin)
	case Approval:
		return web.T(ctx, "duyệt báo cáo")
	case Undoing:
		return web.T(ctx, "hoàn tác một lần nhập")
	default:
		text = web.T(ctx, "gõ tay")
	}
	if v.Origin != "" {
		text += ", " + web.T(ctx, "ô %s", v.Origin)
	}
	return strings.TrimSpace(text)
}

var roleNames = map[Role]string{
	Target: "chỉ tiêu", Denominator: "tổng số", Baseline: "số kỳ gốc", Percent: "tỷ lệ", OverPercent: "mức tăng, giảm", Delta: "chênh lệch",
	MoneyValue: "trị giá", Low: "số thấp nhất", High: "số cao nhất", Average: "bình quân", UnitPrice: "đơn giá", Total: "tổng",
}

func companionText(ctx context.Context, k Companion) string {
	name := web.T(ctx, roleNames[k.Role])
	if k.Label != "" {
		name += " (" + k.Label + ")"
	}
	return viet.UpperFirst(name) + ": " + viet.Phrase(viet.Quantity{Value: k.Value, Scale: k.Decimals, Qualifier: k.Qualifier}, k.Unit)
}
