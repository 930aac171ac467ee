package exchange

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// trees are the names of the trees in files.
var trees = map[org.Hierarchy]string{org.Territory: "territory", org.Line: "line", org.Front: "front"}

// Keep tells the house the site's secret, which its own key is made from.
func (s *Service) Keep(k door.Key) { s.key = k }

// signingKey is the site's own key: made from the secret that the database does not hold (ADR 11), so that it needs no keeping of its
// own and stands in no backup of the database.
func (s *Service) signingKey() (ed25519.PrivateKey, error) {
	if s.key.None() {
		return nil, fault.Refused("Trang này chưa có khóa bí mật nên chưa ký được gói số liệu. Hãy báo người vận hành máy chủ: giaoban doctor nói cách đặt khóa.")
	}
	seed, err := s.key.Derive("giaoban package 1")
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// OwnFingerprint is that of the site's key; empty while there is none. It makes no key.
func (s *Service) OwnFingerprint() (string, error) {
	made, err := s.key.Made()
	if err != nil || !made {
		return "", err
	}
	key, err := s.signingKey()
	if err != nil {
		return "", err
	}
	return Fingerprint(key.Public().(ed25519.PublicKey)), nil
}

// Lacking is a body whose report is not accepted yet, or has been changed since.
type Lacking struct {
	Code, Name, State string
	Changed           bool
}

// Draft is what a package would hold now.
type Draft struct {
	Unit    org.Unit
	Period  period.Period
	Figures int
	Units   int // that give figures
	Lacking []Lacking
	Bodies  int // that owe a report
	Totals  []Line
	Last    Sent // serial 0: none was made
	Same    bool // the last one says the same
	body    PackageBody
}

// mayPack finds the place of a package for who answers for all of it: with a part of it the totals would be wrong.
func (s *Service) mayPack(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode string, p period.Period) (org.Unit, error) {
	u, err := org.Visible(ctx, tx, who, auth.Consolidate, strings.ToUpper(unitCode), p.To, s.clock.Today())
	if err != nil {
		return u, err
	}
	return u, s.mustHold(ctx, tx, who, u, p)
}

// mustHold demands that the actor consolidates a unit and all below it along the territory.
func (s *Service) mustHold(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p period.Period) error {
	today := s.clock.Today()
	seen, err := org.Below(ctx, tx, who, auth.Consolidate, org.Territory, u.ID, p.To, today)
	if err != nil {
		return err
	}
	all, err := org.Below(ctx, tx, auth.System(), auth.Consolidate, org.Territory, u.ID, p.To, today)
	if err != nil {
		return err
	}
	if len(seen) == 0 || len(seen) < len(all) {
		return fault.NotFound()
	}
	return nil
}

// Draft tells what a package of a unit and period would hold, and which bodies it would lack. Nothing is written.
func (s *Service) Draft(ctx context.Context, who auth.Actor, unitCode, periodCode string) (d Draft, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return d, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		d, err = s.draft(ctx, tx, who, unitCode, periodCode)
		return err
	})
	return d, err
}

func (s *Service) draft(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (Draft, error) {
	p, err := period.Find(ctx, tx, periodCode)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Period: p}
	if d.Unit, err = s.mayPack(ctx, tx, who, unitCode, p); err != nil {
		return d, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return d, err
	}
	w := packing{s: s, tx: tx, p: p, top: d.Unit, catalog: catalog.At(p.To), used: map[int64]bool{}, counted: map[int64]indicator.Indicator{}}
	if d.body, err = w.body(ctx); err != nil {
		return d, err
	}
	board, err := s.reports.BoardIn(ctx, tx, auth.System(), d.Unit.Code, p.Code)
	if err != nil {
		return d, err
	}
	d.Bodies = len(board.Rows)
	d.body.Missing = []string{}
	for _, r := range board.Rows {
		if !r.State.Accepted() {
			d.body.Missing = append(d.body.Missing, r.Unit.Code)
		}
		if !r.State.Accepted() || r.Changed {
			d.Lacking = append(d.Lacking, Lacking{r.Unit.Code, r.Unit.Name, r.State.Name(), r.State.Accepted()})
		}
	}
	slices.Sort(d.body.Missing)
	units := map[string]bool{}
	for _, f := range d.body.Figures {
		if !f.Withdrawn {
			d.Figures++
			units[f.Unit] = true
		}
	}
	d.Units = len(units)
	d.Totals = linesOf(catalog.At(p.To), d.body)
	if d.Last, err = lastSent(ctx, tx, d.Unit.ID, p.ID); err != nil {
		return d, err
	}
	state, err := d.body.state()
	d.Same = d.Last.Serial > 0 && d.Last.State == state
	return d, err
}

// packing gathers what a package says.
type packing struct {
	s       *Service
	tx      *db.Tx
	p       period.Period
	top     org.Unit
	catalog *indicator.Catalog

	nodes   map[int64]org.Node
	used    map[int64]bool                // units that the package speaks of
	counted map[int64]indicator.Indicator // and indicators
}

func (w *packing) body(ctx context.Context) (PackageBody, error) {
	b := PackageBody{Unit: w.top.Code, Period: w.p.Code, From: w.p.From, To: w.p.To, Layer: packageLayer, Missing: []string{}}
	below, err := org.Below(ctx, w.tx, auth.System(), auth.View, org.Territory, w.top.ID, w.p.To, w.s.clock.Today())
	if err != nil {
		return b, err
	}
	w.nodes = map[int64]org.Node{w.top.ID: {Unit: w.top}}
	for _, n := range below {
		w.nodes[n.ID] = n
	}
	w.used[w.top.ID] = true
	for _, step := range []func(context.Context, *PackageBody) error{w.figures, w.overlaps, w.totals, w.units} {
		if err := step(ctx, &b); err != nil {
			return b, err
		}
	}
	b.Indicators = []PackageIndicator{}
	for _, in := range w.counted {
		x := PackageIndicator{in.Code, in.Version, in.Name, in.Unit, in.Decimals, string(in.Measure), string(in.Across), []string{}}
		for _, part := range in.Parts {
			x.Parts = append(x.Parts, part.Code)
		}
		b.Indicators = append(b.Indicators, x)
	}
	slices.SortFunc(b.Indicators, func(x, y PackageIndicator) int { return cmp.Compare(x.Code, y.Code) })
	return b, nil
}

// known finds an indicator and a part, on the period's last day or, where none holds then, as the figure was given.
func (w *packing) known(c figure.Cell, version int) (in indicator.Indicator, part indicator.Part, ok bool) {
	if in, ok = w.catalog.ByID(c.Indicator); !ok {
		if in, ok = w.catalog.Version(c.Indicator, version); !ok {
			return in, part, false
		}
	}
	part, ok = in.Part(c.Part)
	if ok {
		w.counted[in.ID] = in
	}
	return in, part, ok
}

func (w *packing) figures(ctx context.Context, b *PackageBody) error {
	versions, err := w.s.figures.EveryIn(ctx, w.tx, auth.System(), figure.Approved, w.p, true)
	if err != nil {
		return err
	}
	b.Figures = []PackageFigure{}
	for _, v := range versions {
		n, in := w.nodes[v.Unit]
		if !in {
			continue
		}
		i, part, ok := w.known(v.Cell, v.IndicatorVersion)
		if !ok {
			continue
		}
		w.used[v.Unit] = true
		f := PackageFigure{Unit: n.Code, Indicator: i.Code, Part: partCode(part)}
		if v.Blank() {
			f.Withdrawn = true
		} else {
			f.Qualifier, f.Raw, f.AsOf = v.Qualifier.Code(), v.Raw, v.AsOf
			if v.Has {
				f.Value = new(plain(v.Number, i.Decimals))
			}
		}
		b.Figures = append(b.Figures, f)
	}
	slices.SortFunc(b.Figures, func(x, y PackageFigure) int { return cmp.Compare(x.key(), y.key()) })
	return nil
}

func partCode(p indicator.Part) string {
	if p.Part == indicator.Total {
		return ""
	}
	return p.Code
}

func (w *packing) overlaps(ctx context.Context, b *PackageBody) error {
	b.Overlaps = []PackageOverlap{}
	given := map[string]bool{}
	for _, f := range b.Figures {
		given[f.key()] = !f.Withdrawn
	}
	all, err := listOverlaps(ctx, w.tx, w.p.ID)
	if err != nil {
		return err
	}
	for _, o := range all {
		_, own := w.nodes[o.cell.Unit]
		_, other := w.nodes[o.other]
		in, part, ok := w.known(o.cell, 0)
		if !own || !other || !ok || !given[joined(o.code, in.Code, partCode(part))] {
			continue
		}
		w.used[o.cell.Unit], w.used[o.other] = true, true
		x := PackageOverlap{Unit: o.code, Other: o.their, Indicator: in.Code, Part: partCode(part), Reason: o.reason}
		if o.amount.Valid {
			x.Amount = new(plain(o.amount.Int64, in.Decimals))
		}
		b.Overlaps = append(b.Overlaps, x)
	}
	slices.SortFunc(b.Overlaps, func(x, y PackageOverlap) int { return cmp.Compare(x.key(), y.key()) })
	b.Overlaps = slices.CompactFunc(b.Overlaps, func(x, y PackageOverlap) bool { return x.key() == y.key() })
	return nil
}

func (w *packing) totals(ctx context.Context, b *PackageBody) error {
	sums, err := w.s.sums(ctx, w.tx, figure.Approved, w.top, w.p)
	if err != nil {
		return err
	}
	b.Totals = []PackageTotal{}
	for _, in := range w.counted {
		for _, part := range append([]indicator.Part{{}}, in.Parts...) {
			sum := sums.Raw(w.p, in, part.Part)
			if sum.Blank() {
				continue
			}
			b.Totals = append(b.Totals, totalOf(in, part, sum))
		}
	}
	slices.SortFunc(b.Totals, func(x, y PackageTotal) int {
		return cmp.Compare(joined(x.Indicator, x.Part), joined(y.Indicator, y.Part))
	})
	return nil
}

func totalOf(in indicator.Indicator, part indicator.Part, s figure.Sum) PackageTotal {
	t := PackageTotal{Indicator: in.Code, Part: partCode(part), Count: s.N, Over: s.Over, Nearly: s.Nearly, About: s.About, AtLeast: s.AtLeast, AtMost: s.AtMost,
		Unquantified: s.Unquantified}
	if in.Across == indicator.Sum {
		t.Sum = new(plain(s.Sum, in.Decimals))
	}
	return t
}

// sums are those of a unit and all below it.
func (s *Service) sums(ctx context.Context, tx *db.Tx, layer figure.Layer, u org.Unit, p period.Period) (figure.Totals, error) {
	return s.figures.TotalsIn(ctx, tx, auth.System(), figure.Query{Unit: u, Hierarchy: org.Territory, Layer: layer, Frame: figure.AsItWas, Periods: []period.Period{p}})
}

// units lists what the package speaks of and the units between that and its top.
func (w *packing) units(ctx context.Context, b *PackageBody) error {
	for id := range w.used {
		for at := w.nodes[id].Parent; at != 0 && !w.used[at]; at = w.nodes[at].Parent {
			if _, in := w.nodes[at]; !in {
				break
			}
			w.used[at] = true
		}
	}
	parents, err := listParents(ctx, w.tx)
	if err != nil {
		return err
	}
	of := map[int64][]PackageParent{}
	for _, p := range parents {
		of[p.unit] = append(of[p.unit], p.PackageParent)
	}
	for id := range w.used {
		n := w.nodes[id]
		u := PackageUnit{Code: n.Code, Name: n.Name, Kind: string(n.Kind), Level: string(n.Level), From: n.ValidFrom, To: n.ValidTo, Parents: of[id]}
		if u.Parents == nil {
			u.Parents = []PackageParent{}
		}
		b.Units = append(b.Units, u)
	}
	slices.SortFunc(b.Units, func(x, y PackageUnit) int { return cmp.Compare(x.Code, y.Code) })
	return nil
}

// Make makes the next package of a unit and period and keeps it as it goes out. While nothing has changed since the last one it gives
// that one again; made tells which.
func (s *Service) Make(ctx context.Context, who auth.Actor, unitCode, periodCode string) (out Sent, made bool, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return out, false, err
	}
	if err := s.mayMake(ctx, who, unitCode, periodCode); err != nil { // before the key is made
		return out, false, err
	}
	key, err := s.signingKey()
	if err != nil {
		return out, false, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		made = false
		d, err := s.draft(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		own := Fingerprint(key.Public().(ed25519.PublicKey))
		if out = d.Last; d.Same && d.Last.Fingerprint == own {
			return nil
		}
		p := Package{Body: d.body, Head: PackageHead{Key: key.Public().(ed25519.PublicKey), Serial: d.Last.Serial + 1, Previous: d.Last.Hash,
			Made: s.clock.Now().UTC().Format(time.RFC3339), By: inRole(who, d.Unit), Site: d.Unit.Name}}
		if roots, err := org.Roots(ctx, tx, s.clock.Today()); err != nil {
			return err
		} else if len(roots) > 0 {
			p.Head.Site = roots[0].Name
		}
		file, hash, err := p.seal(key)
		if err != nil {
			return err
		}
		if _, err := Open(file); err != nil { // what the receiver would refuse is not sent
			return err
		}
		state, err := d.body.state()
		if err != nil {
			return err
		}
		made = true
		out = Sent{ID: db.NewID(), Unit: d.Unit.ID, Period: d.Period.ID, UnitCode: d.Unit.Code, PeriodCode: d.Period.Code, Serial: p.Head.Serial, Hash: hash, State: state,
			Fingerprint: own, At: s.clock.Milli(), By: who.Person}
		if err := insertSent(ctx, tx, out, file); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: out.At, Verb: "make", House: "package", Object: out.ID, Units: []int64{d.Unit.ID},
			Detail: map[string]any{"period": d.Period.Code, "serial": out.Serial, "sha256": hash, "figures": d.Figures}})
	})
	return out, made, err
}

// mayMake refuses, before anything is made, who may not and what would be empty.
func (s *Service) mayMake(ctx context.Context, who auth.Actor, unitCode, periodCode string) error {
	d, err := s.Draft(ctx, who, unitCode, periodCode)
	if err == nil && d.Figures == 0 && d.Last.Serial == 0 {
		err = fault.Refused("Chưa có số liệu nào của kỳ này được văn phòng tiếp nhận, nên chưa lập gói được. Hãy tiếp nhận báo cáo của các đơn vị trước.")
	}
	return err
}

// inRole says in what role somebody sends: the package names no person.
func inRole(who auth.Actor, u org.Unit) string {
	if who.IsSystem() {
		return "Người vận hành máy chủ"
	}
	var roles []string
	for _, g := range who.Grants {
		if slices.Contains(g.Permissions, auth.Consolidate) {
			roles = append(roles, viet.Clean(cmp.Or(g.RoleName, g.Role)))
		}
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(roles))), ", ")
}

// Sendings lists the packages that were made of what the actor answers for, the latest first.
func (s *Service) Sendings(ctx context.Context, who auth.Actor, limit int) (out []Sent, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		args := append([]any{limit}, org.WithinArgs(who, auth.Consolidate, s.clock.Today())...)
		if out, err = db.Collect(ctx, tx, scanSent, sentSelect+`where `+org.Within("s.unit", "d.date_to", 2)+` order by s.at desc, s.serial desc limit $1`, args...); err != nil {
			return err
		}
		return nameSent(ctx, tx, out)
	})
	return out, err
}

func nameSent(ctx context.Context, tx *db.Tx, list []Sent) error {
	for i := range list {
		x := &list[i]
		u, err := org.FindID(ctx, tx, x.Unit, clock.At(x.At).Format(time.DateOnly))
		if err != nil {
			return err
		}
		x.UnitName = u.Name
		if x.By, err = audit.Name(ctx, tx, x.By); err != nil {
			return err
		}
	}
	return nil
}

// Sending finds a package that was made, with what it says.
func (s *Service) Sending(ctx context.Context, who auth.Actor, id string) (out Sent, p Opened, file []byte, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return out, p, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		args := append([]any{id}, org.WithinArgs(who, auth.Consolidate, s.clock.Today())...)
		found, err := db.Collect(ctx, tx, scanSent, sentSelect+`where s.id = $1 and `+org.Within("s.unit", "d.date_to", 2), args...)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound()
		}
		if err := nameSent(ctx, tx, found); err != nil {
			return err
		}
		out = found[0]
		per, err := period.FindID(ctx, tx, out.Period)
		if err != nil {
			return err
		}
		u, err := org.FindID(ctx, tx, out.Unit, per.To)
		if err != nil {
			return err
		}
		if err := s.mustHold(ctx, tx, who, u, per); err != nil {
			return err
		}
		if file, err = sentFile(ctx, tx, id); err != nil {
			return err
		}
		p, err = Open(file)
		return err
	})
	return out, p, file, err
}

// FileName is what a package is called when it is saved.
func (s Sent) FileName() string {
	return fmt.Sprintf("goi-%s-%s-so-%d.goi", strings.ToLower(s.UnitCode), strings.ToLower(strings.ReplaceAll(s.PeriodCode, "..", "-")), s.Serial)
}
