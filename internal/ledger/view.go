package ledger

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// heldByCommodity is what all funds of the book hold together, of each commodity.
func (o Overview) heldByCommodity() (out []Balance) {
	for _, b := range o.Balances {
		if b.Account.Kind != Fund || b.empty() {
			continue
		}
		at := slices.IndexFunc(out, func(x Balance) bool { return x.Commodity.ID == b.Commodity.ID })
		if at < 0 {
			out = append(out, Balance{Commodity: b.Commodity, Amount: b.Amount, Sum: b.Sum})
			continue
		}
		out[at].Amount, out[at].Sum = out[at].Amount+b.Amount, out[at].Sum.Plus(b.Sum)
	}
	return out
}

func (o Overview) of(kind AccountKind) (out []Balance) {
	for _, b := range o.Balances {
		if b.Account.Kind == kind && (!b.empty() || kind == Fund && b.Commodity.Nature == Money) {
			out = append(out, b)
		}
	}
	return out
}

// empty tells that nothing is held, not even something that was not counted.
func (b Balance) empty() bool { return b.Amount == 0 && b.Sum.Unquantified == 0 }

func (o Overview) accounts(kind AccountKind) []Account {
	return slices.DeleteFunc(slices.Clone(o.Accounts), func(a Account) bool { return a.Kind != kind })
}

func (o Overview) funds() []Account { return o.accounts(Fund) }
func (o Overview) uses() []Account  { return o.accounts(Use) }

func (o Overview) openPledges() []Pledge {
	return slices.DeleteFunc(slices.Clone(o.Pledges), func(p Pledge) bool { return !p.Open() })
}

func hasValues(list []Balance) bool {
	return slices.ContainsFunc(list, func(b Balance) bool { return b.Price.Dong > 0 })
}

// older is the page of the entries before those that are shown.
func (p bookPage) older() string {
	return web.URL(p.Book.Path(), "viec", string(p.Ask.Act), "tai-khoan", idText(p.Ask.Account), "tu-ngay", dayText(p.Ask.From), "den-ngay", dayText(p.Ask.To), "tim", p.Ask.Text,
		"truoc", idText(p.Lines[len(p.Lines)-1].Seq))
}

// idText is a number in addresses and forms; none for 0.
func idText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func dayText(iso string) string {
	if iso == "" {
		return ""
	}
	return viet.FormatDate(iso)
}

func accountOptions(list []Account) (out []web.Option) {
	for _, a := range list {
		out = append(out, web.Option{Value: idText(a.ID), Label: a.Title()})
	}
	return out
}

// heldOptions are the funds with what they hold.
func heldOptions(o Overview) (out []web.Option) {
	for _, a := range o.funds() {
		label := a.Title()
		for _, b := range o.Balances {
			if b.Account.ID == a.ID && b.Amount != 0 {
				label += ", " + b.Text()
			}
		}
		out = append(out, web.Option{Value: idText(a.ID), Label: label})
	}
	return out
}

func commodityOptions(all []Commodity) (out []web.Option) {
	for _, c := range all {
		out = append(out, web.Option{Value: c.Code, Label: c.Name + " (" + c.Unit + ")"})
	}
	return out
}

func actOptions() (out []web.Option) {
	for _, a := range []Act{Receive, HandOver, Move, Refund, Opening} {
		out = append(out, web.Option{Value: string(a), Label: a.Name()})
	}
	return out
}

func giverOptions(ctx context.Context) (out []web.Option) {
	for _, k := range GiverKinds {
		out = append(out, web.Option{Value: string(k), Label: web.T(ctx, k.Name())})
	}
	return out
}

func purposeOptions(ctx context.Context) (out []web.Option) {
	for _, p := range Purposes {
		out = append(out, web.Option{Value: string(p), Label: web.T(ctx, p.Name())})
	}
	return out
}

func holdOptions(ctx context.Context) (out []web.Option) {
	for _, h := range Holds {
		out = append(out, web.Option{Value: string(h), Label: web.T(ctx, h.Name())})
	}
	return out
}

// actText is what an entry does, with the number of its paper.
func actText(ctx context.Context, l Line) string {
	text := web.T(ctx, l.Act.Name())
	switch {
	case l.Reverses != 0:
		return web.T(ctx, "hủy khoản số %d", l.Reverses)
	case l.Receipt != 0:
		return web.T(ctx, "%s, biên nhận %d", text, l.Receipt)
	case l.Payment != 0:
		return web.T(ctx, "%s, phiếu chi %d", text, l.Payment)
	}
	return text
}

// sideText is an account as it stands in a table: of a giver with their kind.
func sideText(ctx context.Context, a Account) string {
	if a.Kind == Giver && a.Named {
		return a.Name + " (" + web.T(ctx, a.Giver.Name()) + ")"
	}
	return a.Title()
}

func paperText(ctx context.Context, l Line) string {
	if l.Receipt != 0 {
		return web.T(ctx, "In biên nhận số %d", l.Receipt)
	}
	return web.T(ctx, "In phiếu chi số %d", l.Payment)
}

func receiptTitle(ctx context.Context, l Line) string {
	if l.Receipt != 0 {
		return web.T(ctx, "Biên nhận số %d", l.Receipt)
	}
	return web.T(ctx, "Phiếu chi số %d", l.Payment)
}

// codeText groups a code so that it is read without losing one's place.
func codeText(code string) string {
	if len(code) != 12 {
		return code
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}

func receiptPairs(ctx context.Context, l Line) []web.Pair {
	from, into := web.T(ctx, "Người, đơn vị đóng góp"), web.T(ctx, "Vào")
	if l.Payment != 0 {
		from, into = web.T(ctx, "Từ quỹ"), web.T(ctx, "Cho")
	}
	pairs := []web.Pair{{Term: from, Text: l.From.Title()}, {Term: web.T(ctx, "Số lượng"), Text: l.Amount()}, {Term: into, Text: l.Into.Title()}, {Term: web.T(ctx, "Ngày"), Text: viet.FormatDate(l.Day)}}
	if l.Memo != "" {
		pairs = append(pairs, web.Pair{Term: web.T(ctx, "Nội dung"), Text: l.Memo})
	}
	return pairs
}

func entryPairs(ctx context.Context, b Book, l Line) []web.Pair {
	pairs := []web.Pair{{Term: web.T(ctx, "Việc"), Text: actText(ctx, l)}, {Term: web.T(ctx, "Số lượng"), Text: l.Amount()}, {Term: web.T(ctx, "Từ"), Text: sideText(ctx, l.From)},
		{Term: web.T(ctx, "Đến"), Text: sideText(ctx, l.Into)}, {Term: web.T(ctx, "Ngày"), Text: viet.FormatDate(l.Day)}, {Term: web.T(ctx, "Người ghi"), Text: l.By + ", " + web.Moment(l.At)}}
	if l.Memo != "" {
		pairs = append(pairs, web.Pair{Term: web.T(ctx, "Nội dung"), Text: l.Memo})
	}
	if l.Reverses != 0 {
		pairs = append(pairs, web.Pair{Term: web.T(ctx, "Hủy khoản"), Text: idText(l.Reverses), Path: b.entryPath(l.Reverses)}, web.Pair{Term: web.T(ctx, "Người đề nghị"), Text: l.Second})
	}
	if l.List != "" {
		pairs = append(pairs, web.Pair{Term: web.T(ctx, "Danh sách"), Text: web.T(ctx, "danh sách đã nhập"), Path: b.at("danh-sach", l.List)})
	}
	if l.Receipt != 0 || l.Payment != 0 {
		pairs = append(pairs, web.Pair{Term: web.T(ctx, "Mã tra cứu"), Text: codeText(l.Code), Path: web.Path("bien-nhan", l.Code)})
	}
	return pairs
}

func measuresText(c Commodity) string {
	names := make([]string, len(c.Measures))
	for i, m := range c.Measures {
		names[i] = m.Name
		if m.Num != 1 || m.Den != 1 {
			names[i] += " (" + c.Print(figure.Value{Number: m.Num * pow10(c.Decimals) / m.Den, Has: true, Qualifier: viet.Exact}, "") + ")"
		}
	}
	return strings.Join(names, ", ")
}

func pricesOf(all []Price, commodity int64) []Price {
	return slices.DeleteFunc(slices.Clone(all), func(p Price) bool { return p.Commodity != commodity })
}

func inKind(all []Commodity) []web.Option {
	return commodityOptions(slices.DeleteFunc(slices.Clone(all), func(c Commodity) bool { return c.Nature == Money }))
}

func natureOptions(ctx context.Context) (out []web.Option) {
	for _, n := range Natures[1:] {
		out = append(out, web.Option{Value: string(n), Label: web.T(ctx, n.Name())})
	}
	return out
}
