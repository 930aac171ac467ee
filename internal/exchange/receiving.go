package exchange

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// What a person must have seen before a package comes in; a command line names them.
const (
	AskChain = "chuoi-goi"
	AskExtra = "so-ngoai-goi"
)

// listed bounds how many names one complaint gives.
const listed = 20

// arrival is a package on its way in, with what its words mean here.
type arrival struct {
	s    *Service
	tx   *db.Tx
	who  auth.Actor
	file Opened
	key  Key
	in   inward

	p       period.Period
	made    bool // the period is there
	top     org.Unit
	catalog *indicator.Catalog
	units   map[string]org.Unit // of the package's codes, as far as the key speaks for them
	within  map[int64]bool      // the top and all below it
	before  Opened              // the package that stands; Hash is empty where none does
	chain   []Received          // what stands of the unit and period, the latest first
	already bool
	out     intake.Delivery
}

// Deliver reads a package for intake: whose it is, whether that key may speak for its units, what its codes mean, where it stands among
// the packages of its unit and period, and what it would change.
func (s *Service) Deliver(ctx context.Context, tx *db.Tx, who auth.Actor, data []byte) (intake.Delivery, error) {
	a, err := s.arrive(ctx, tx, who, data)
	if err != nil {
		return intake.Delivery{}, err
	}
	if a.already {
		return a.out, nil
	}
	if err := a.indicators(ctx); err != nil {
		return a.out, err
	}
	if len(a.out.Problems) > 0 {
		return a.out, nil
	}
	rows, err := a.rows()
	if err != nil {
		return a.out, err
	}
	a.out.Figures = rows
	return a.out, a.extras(ctx, rows)
}

// arrive opens a package and finds its place. What speaks against the whole of it is an error in words.
func (s *Service) arrive(ctx context.Context, tx *db.Tx, who auth.Actor, data []byte) (*arrival, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, fault.Refused("Chỉ văn phòng tổng hợp số liệu mới nhận được gói có chữ ký.")
	}
	a := &arrival{s: s, tx: tx, who: who, units: map[string]org.Unit{}, within: map[int64]bool{}}
	var err error
	if a.file, err = Open(data); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{a.trusted, a.period, a.place, a.order} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// trusted asks whether the key is one that an administrator has entered.
func (a *arrival) trusted(ctx context.Context) (err error) {
	var own bool
	if err := a.tx.QueryRow(ctx, `select exists (select 1 from exchange_sent where fingerprint = $1)`, a.file.Fingerprint).Scan(&own); err != nil {
		return err
	}
	if own {
		return fault.Refusedf("Gói số liệu không nhận được: gói này do chính trang này lập, để gửi lên cấp trên.")
	}
	if a.key, err = keyOf(ctx, a.tx, a.file.Fingerprint); err != nil {
		return err
	}
	switch {
	case a.key.ID == "":
		return fault.Refusedf("Gói số liệu không nhận được: chưa tin khóa của nơi gửi (“%s” tự xưng). Quản trị viên hãy gọi điện cho nơi gửi, nghe đọc dấu khóa rồi nhập ở trang Khóa của nơi gửi. Dấu khóa trên gói này là %s.", a.file.Head.Site, Grouped(a.file.Fingerprint))
	case a.key.RevokedAt != 0:
		return fault.Refusedf("Gói số liệu không nhận được: khóa của “%s” đã bị thu hồi. Nơi gửi phải lập khóa mới và đọc dấu khóa mới qua điện thoại.", a.key.Name)
	}
	var scheme Scheme
	if a.key.Scheme != "" {
		if scheme, err = find(ctx, a.tx, a.key.Scheme); err != nil {
			return err
		}
	}
	a.in = scheme.inward()
	return nil
}

func (a *arrival) period(ctx context.Context) error {
	b := a.file.Body
	code := cmp.Or(a.in.Period(b.Period), b.Period)
	p, err := period.Parse(code)
	if err != nil {
		return err
	}
	a.p = p
	found, err := period.FindID(ctx, a.tx, p.ID)
	switch {
	case err == nil:
		a.p, a.made = found, true
	case !fault.Is(err, fault.KindNotFound):
		return err
	}
	if err := a.p.MustBeOpen(); err != nil {
		return err
	}
	if a.p.From != b.From || a.p.To != b.To {
		a.note(b.Period, "Ở nơi gửi kỳ này từ %s đến %s, ở đây từ %s đến %s.", viet.FormatDate(b.From), viet.FormatDate(b.To), viet.FormatDate(a.p.From), viet.FormatDate(a.p.To))
	}
	return nil
}

func (a *arrival) note(at, format string, args ...any) {
	a.out.Notes = append(a.out.Notes, intake.Problem{Address: at, Text: fmt.Sprintf(format, args...)})
}

func (a *arrival) problem(at, format string, args ...any) {
	a.out.Problems = append(a.out.Problems, intake.Problem{Address: at, Text: fmt.Sprintf(format, args...)})
}

// place finds the units: each figure's must stand below the package's unit, and that at or below the unit that the key speaks for.
func (a *arrival) place(ctx context.Context) error {
	b := a.file.Body
	today := a.s.clock.Today()
	speaks, err := org.Below(ctx, a.tx, auth.System(), auth.View, org.Territory, a.key.Unit, a.p.To, today)
	if err != nil {
		return err
	}
	top := strings.ToUpper(a.in.Unit(b.Unit))
	at := slices.IndexFunc(speaks, func(n org.Node) bool { return n.Code == top })
	if at < 0 {
		return fault.Refusedf("Gói số liệu không nhận được: gói là số liệu của đơn vị mã %s, còn khóa của “%s” chỉ được gửi số liệu của đơn vị mã %s và các đơn vị bên dưới.", b.Unit, a.key.Name, a.key.UnitCode)
	}
	a.top = speaks[at].Unit
	a.out.Unit = a.top.ID
	if err := a.s.mustHold(ctx, a.tx, a.who, a.top, a.p); err != nil {
		if fault.Is(err, fault.KindNotFound) {
			return fault.Refusedf("Gói số liệu không nhận được: chỉ văn phòng phụ trách cả địa bàn của gói mới nhận được gói này.")
		}
		return err
	}
	below, err := org.Below(ctx, a.tx, auth.System(), auth.View, org.Territory, a.top.ID, a.p.To, today)
	if err != nil {
		return err
	}
	byCode, byID := map[string]org.Node{}, map[int64]org.Node{}
	for _, n := range below {
		byCode[n.Code], byID[n.ID], a.within[n.ID] = n, n, true
	}
	byCode[a.top.Code], a.within[a.top.ID] = speaks[at], true
	needed := map[string]bool{b.Unit: true}
	for _, f := range b.Figures {
		if !f.Withdrawn {
			needed[f.Unit] = true
		}
	}
	for _, o := range b.Overlaps {
		needed[o.Other] = true
	}
	twice := map[int64]string{}
	for _, u := range b.Units {
		here, ok := byCode[strings.ToUpper(a.in.Unit(u.Code))]
		switch {
		case ok && needed[u.Code] && twice[here.ID] != "":
			a.problem(u.Code, "Bảng mã cho hai đơn vị của gói (%s và %s) cùng một đơn vị ở đây: %s.", twice[here.ID], u.Code, here.Name)
		case ok:
			a.units[u.Code], twice[here.ID] = here.Unit, u.Code
			a.compareUnit(u, here, byID)
		case needed[u.Code]:
			a.problem(u.Code, "Ở đây chưa có đơn vị mã %s (%s) trong địa bàn %s vào ngày cuối kỳ. Hãy thêm đơn vị, hoặc ghi mã này vào bảng mã của khóa.", u.Code, u.Name, a.top.Name)
		}
	}
	return nil
}

// compareUnit notes where a unit is called or placed otherwise here.
func (a *arrival) compareUnit(u PackageUnit, here org.Node, byID map[int64]org.Node) {
	if !viet.Same(u.Name, here.Name) {
		a.note(u.Code, "Đơn vị ở nơi gửi tên là “%s”, ở đây là “%s”.", u.Name, here.Name)
	}
	for _, p := range u.Parents {
		if here.ID == a.top.ID || p.Tree != trees[org.Territory] || a.p.To < p.From || p.To <= a.p.To {
			continue
		}
		ours := a.top
		if here.Parent != a.top.ID {
			ours = byID[here.Parent].Unit
		}
		if ours.Code != strings.ToUpper(a.in.Unit(p.Unit)) {
			a.note(u.Code, "Đơn vị “%s” ở nơi gửi thuộc đơn vị mã %s, ở đây thuộc %s: tổng riêng của các đơn vị đó khác nơi gửi.", u.Name, p.Unit, ours.Name)
		}
	}
}

// order finds the package's place among those of its unit and period.
func (a *arrival) order(ctx context.Context) (err error) {
	if !a.made {
		return nil
	}
	if a.chain, err = standingReceived(ctx, a.tx, a.top.ID, a.p.ID); err != nil || len(a.chain) == 0 {
		a.gap(0)
		return err
	}
	h, last := a.file.Head, a.chain[0]
	for _, r := range a.chain {
		if r.Hash == a.file.Hash {
			a.already = true
			a.out.Notes = []intake.Problem{{Address: packageAt(a.file), Text: fmt.Sprintf("Gói này đã được nhận ngày %s, nên không có gì để ghi thêm.", dayOf(r.At))}}
			return nil
		}
	}
	switch {
	case h.Serial < last.Serial:
		return fault.Refusedf("Gói số liệu không nhận được: đây là gói số %d, cũ hơn gói số %d đã nhận ngày %s của cùng đơn vị và kỳ. Số liệu mới hơn được giữ.", h.Serial, last.Serial, dayOf(last.At))
	case h.Serial == last.Serial:
		return fault.Refusedf("Gói số liệu không nhận được: đã nhận một gói số %d khác nội dung ngày %s. Hai gói khác nhau không thể cùng số: hãy gọi điện hỏi nơi gửi.", h.Serial, dayOf(last.At))
	case h.Serial == last.Serial+1 && h.Previous != last.Hash:
		a.out.Asks = append(a.out.Asks, intake.Line{At: AskChain, UnitName: a.top.Name,
			Text:     fmt.Sprintf("Chuỗi gói bị đứt: gói số %d không nối vào gói số %d đã nhận ở đây. Có thể nơi gửi đã phục hồi dữ liệu cũ, hoặc có gói giả. Hãy gọi điện hỏi nơi gửi trước khi nhận.", h.Serial, last.Serial),
			Readings: []string{"Đã hỏi nơi gửi, vẫn nhận gói này"}})
	}
	a.gap(last.Serial)
	a.before, err = receivedPackage(ctx, a.tx, last.Plan)
	return err
}

// gap says which packages between did not come. Each package holds all figures, so that nothing is lost by it.
func (a *arrival) gap(last int) {
	if n := a.file.Head.Serial; n > last+1 {
		missing := fmt.Sprintf("gói số %d", last+1)
		if n > last+2 {
			missing = fmt.Sprintf("các gói từ số %d đến số %d", last+1, n-1)
		}
		a.note(packageAt(a.file), "Chưa nhận %s. Gói này có đủ số liệu mới nhất nên vẫn nhận được; nên hỏi nơi gửi vì sao gói trước không đến.", missing)
	}
}

func dayOf(milli int64) string { return clock.At(milli).Format("02/01/2006") }

func packageAt(f Opened) string { return fmt.Sprintf("%s, gói số %d", f.Body.Unit, f.Head.Serial) }

// meaning is the indicator and the part of this site that a code of the package means.
func (a *arrival) meaning(ind, part string) (indicator.Indicator, indicator.Part, bool) {
	if part != "" {
		if ours, _, ok := a.in.Cell(ind+"."+part, ""); ok && ours != ind+"."+part {
			return a.catalog.PartByCode(ours)
		}
	}
	ours, _, _ := a.in.Cell(ind, "")
	if part != "" {
		ours += "." + part
	}
	return a.catalog.PartByCode(ours)
}

// indicators compares what the package counts with what is counted here.
func (a *arrival) indicators(ctx context.Context) error {
	base, err := a.s.indicators.In(ctx, a.tx)
	if err != nil {
		return err
	}
	a.catalog = base.At(a.p.To)
	used := map[string]map[string]bool{}
	for _, f := range a.file.Body.Figures {
		if f.Withdrawn {
			continue // what was never known here need not be taken back
		}
		if used[f.Indicator] == nil {
			used[f.Indicator] = map[string]bool{}
		}
		used[f.Indicator][f.Part] = true
	}
	for _, i := range a.file.Body.Indicators {
		for part := range used[i.Code] {
			address := i.Code
			if part != "" {
				address += "." + part
			}
			in, _, ok := a.meaning(i.Code, part)
			switch {
			case !ok:
				a.problem(address, "Ở đây không có chỉ tiêu hoặc thành phần mã %s (%s). Hãy thêm vào danh mục, hoặc ghi mã này vào bảng mã của khóa.", address, i.Name)
			case !in.AcceptsUnit(i.Measure) || in.Decimals != i.Decimals || string(in.Across) != i.Adds:
				a.problem(address, "Chỉ tiêu mã %s ở nơi gửi tính bằng %s, %d chữ số thập phân, cách cộng “%s”; ở đây tính bằng %s, %d chữ số thập phân, cách cộng “%s”: hai chỉ tiêu khác nghĩa nên không nhận lẫn.",
					address, i.Measure, i.Decimals, indicator.Across(i.Adds).Name(), in.Unit, in.Decimals, in.Across.Name())
			case !viet.Same(in.Name, i.Name):
				a.note(address, "Chỉ tiêu ở nơi gửi tên là “%s”, ở đây là “%s”.", i.Name, in.Name)
			}
		}
	}
	slices.SortFunc(a.out.Problems, func(x, y intake.Problem) int { return cmp.Compare(x.Address, y.Address) })
	return nil
}

// said are the figures of a package by the cells of this site.
func (a *arrival) said(f Opened) map[figure.Cell]figure.Value {
	out := map[figure.Cell]figure.Value{}
	for _, x := range f.Body.Figures {
		u, known := a.units[x.Unit]
		in, part, ok := a.meaning(x.Indicator, x.Part)
		if !known || !ok {
			continue
		}
		if v, ok := x.value(in.Decimals); ok {
			out[figure.Cell{Unit: u.ID, Period: a.p.ID, Indicator: in.ID, Part: part.Part}] = v
		}
	}
	return out
}

// origin stands on what a sender's packages keep beside cells.
func (a *arrival) origin() string {
	return fmt.Sprintf("Gói số liệu có chữ ký của %s", a.top.Code)
}

func (a *arrival) rows() ([]intake.Delivered, error) {
	before := a.said(a.before)
	overlaps := map[string][]intake.DeliveredOverlap{}
	for _, o := range a.file.Body.Overlaps {
		x := intake.DeliveredOverlap{Unit: a.units[o.Other].Code, Reason: o.Reason}
		if o.Amount != nil {
			x.Amount = *o.Amount
		}
		key := joined(o.Unit, o.Indicator, o.Part)
		overlaps[key] = append(overlaps[key], x)
	}
	reason := fmt.Sprintf("Gói số %d của %s", a.file.Head.Serial, a.file.Head.Site)
	out := make([]intake.Delivered, 0, len(a.file.Body.Figures))
	seen := map[figure.Cell]bool{}
	for _, f := range a.file.Body.Figures {
		u := a.units[f.Unit]
		in, part, ok := a.meaning(f.Indicator, f.Part)
		if f.Withdrawn && (u.ID == 0 || !ok) {
			continue
		}
		c := figure.Cell{Unit: u.ID, Period: a.p.ID, Indicator: in.ID, Part: part.Part}
		if seen[c] {
			return nil, fault.Refusedf("Gói số liệu không nhận được: bảng mã cho hai ô của gói cùng một ô ở đây: %s, %s.", u.Code, indicator.Address(in, part))
		}
		seen[c] = true
		x := intake.Delivered{At: f.Unit + " " + f.Indicator, Unit: u.Code, Period: a.p.Code, Indicator: in.Code, Part: partCode(part), Withdrawn: f.Withdrawn,
			Qualifier: f.Qualifier, Raw: f.Raw, AsOf: f.AsOf, Before: before[c], Reason: reason, Beside: a.origin(), Overlaps: overlaps[f.key()]}
		if f.Part != "" {
			x.At += "." + f.Part
		}
		if f.Value != nil {
			x.Number = *f.Value
		}
		out = append(out, x)
	}
	return out, nil
}

// extras asks about what stands here below the package's unit and is not in the package: with it the totals here are more than what the
// sender has approved, perhaps because somebody here has typed a total of theirs by hand.
func (a *arrival) extras(ctx context.Context, rows []intake.Delivered) error {
	list, err := a.strangers(ctx, rows)
	if err != nil || len(list) == 0 {
		return err
	}
	text := strings.Join(list[:min(listed, len(list))], "; ")
	if more := len(list) - listed; more > 0 {
		text += fmt.Sprintf(" và %d số khác", more)
	}
	a.out.Asks = append(a.out.Asks, intake.Line{At: AskExtra, UnitName: a.top.Name,
		Text:     fmt.Sprintf("Ở đây có %d số liệu của địa bàn này mà gói không có: %s. Nếu đó là số gõ tay từ báo cáo của chính nơi gửi thì nhận gói sẽ tính hai lần: hãy xóa các số đó trước. Gói không ghi đè và không xóa chúng.", len(list), text),
		Readings: []string{"Đã xem: đây là số riêng của nơi này, không trùng với gói"}})
	return nil
}

func (a *arrival) strangers(ctx context.Context, rows []intake.Delivered) (out []string, err error) {
	if !a.made {
		return nil, nil
	}
	given, before := a.said(a.file), a.said(a.before)
	here, err := a.s.figures.EveryIn(ctx, a.tx, auth.System(), figure.Submitted, a.p, false)
	if err != nil {
		return nil, err
	}
	for _, v := range here {
		said, known := given[v.Cell]
		if !a.within[v.Unit] || known && (!said.Blank() || v.Value == before[v.Cell]) {
			continue
		}
		in, ok := a.catalog.ByID(v.Indicator)
		if !ok {
			continue
		}
		part, _ := in.Part(v.Part)
		u, err := org.FindID(ctx, a.tx, v.Unit, a.p.To)
		if err != nil {
			return nil, err
		}
		out = append(out, u.Code+" "+indicator.Address(in, part)+": "+figure.Text(v, in))
	}
	slices.Sort(out)
	return out, nil
}
