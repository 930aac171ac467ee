package report

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// numbers answers the tokens of one report, each unit read once.
type numbers struct {
	s        *Service
	ctx      context.Context
	tx       *db.Tx
	who      auth.Actor
	place    org.Unit
	p        period.Period
	layer    figure.Layer
	catalog  *indicator.Catalog
	subjects map[string]*subject
	board    *Board
}

func (s *Service) numbers(ctx context.Context, tx *db.Tx, who auth.Actor, place org.Unit, p period.Period, layer figure.Layer) (*numbers, error) {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	return &numbers{s: s, ctx: ctx, tx: tx, who: who, place: place, p: p, layer: layer, catalog: catalog, subjects: map[string]*subject{}}, nil
}

func (n *numbers) of(code string) (*subject, error) {
	if code == "" {
		code = n.place.Code
	}
	if x, ok := n.subjects[code]; ok {
		return x, nil
	}
	u := n.place
	if code != n.place.Code {
		var err error
		if u, err = org.Visible(n.ctx, n.tx, n.who, auth.View, code, n.p.To, n.s.clock.Today()); err != nil {
			return nil, err
		}
	}
	x, err := n.s.subject(n.ctx, n.tx, n.who, u, n.p, n.layer)
	if err == nil {
		n.subjects[code] = x
	}
	return x, err
}

func (n *numbers) boardOf() (Board, error) {
	if n.board == nil {
		b, err := n.s.BoardIn(n.ctx, n.tx, n.who, n.place.Code, n.p.Code)
		if err != nil {
			return b, err
		}
		n.board = &b
	}
	return *n.board, nil
}

// resolve answers one token. Its second answer says in the user's words what the token should have named; an error is a
// fault of the machine.
func (n *numbers) resolve(t Token) (Number, string, error) {
	if t.Code == Reports {
		b, err := n.boardOf()
		if err != nil {
			return Number{}, "", err
		}
		return n.counted(b, t.What), "", nil
	}
	x, err := n.of(t.Unit)
	if fault.Is(err, fault.KindNotFound) {
		near, err := n.nearUnits(t.Unit)
		return Number{}, "không có đơn vị mã “" + t.Unit + "”" + near, err
	}
	if err != nil {
		return Number{}, "", err
	}
	if t.Code == "" {
		return Number{Text: x.unit.Name, Unit: x.unit.Code, URL: BodyPath(x.unit.Code, n.p)}, "", nil
	}
	in, part, ok := n.catalog.PartByCode(t.Code)
	if !ok {
		return Number{}, "không có chỉ tiêu mã “" + t.Code + "”" + n.nearCodes(t.Code), nil
	}
	if part.Part != indicator.Total && (t.What == PlanOf || t.What == PercentPlan) {
		return Number{}, "kế hoạch chỉ giao cho cả chỉ tiêu, không giao cho từng phần.", nil
	}
	return x.number(in, part, t.What), "", nil
}

func (n *numbers) counted(b Board, what What) Number {
	sum := b.Summary()
	count := map[What]int{DueReports: sum.Expected, SentReports: sum.Sent, MissingReports: sum.Expected - sum.Sent, LateReports: sum.Late, GoodReports: sum.Approved}[what]
	return Number{
		Text: viet.TwoDigits(int64(count)), Value: int64(count), Has: true, Qualifier: viet.Exact.Code(), Measure: "báo cáo",
		Unit: n.place.Code, Code: Reports, Name: "Báo cáo của các đơn vị", Of: what, URL: boardPath(n.place.Code, n.p), Short: n.place.Code + "." + n.p.Code + ".BAO-CAO (" + string(what) + ")",
	}
}

func (n *numbers) nearCodes(code string) string {
	head, _, _ := strings.Cut(code, ".")
	var names []string
	byName := map[string]string{}
	for _, in := range n.catalog.All() {
		for _, key := range append([]string{in.Code, in.Name}, in.Synonyms...) {
			names = append(names, key)
			byName[key] = in.Code + " (" + in.Name + ")"
		}
	}
	var near []string
	for _, key := range viet.Nearest(head, names, 8) {
		if text := byName[key]; !slices.Contains(near, text) && len(near) < 3 {
			near = append(near, text)
		}
	}
	if in, ok := n.catalog.ByCode(head); ok && len(in.Parts) > 0 { // the indicator is right, the part is not
		near = nil
		for _, p := range in.Parts {
			near = append(near, indicator.Address(in, p)+" ("+p.Name+")")
		}
	}
	return meant(near)
}

func (n *numbers) nearUnits(code string) (string, error) {
	nodes, err := org.Below(n.ctx, n.tx, n.who, auth.View, org.Territory, n.place.ID, n.p.To, n.s.clock.Today())
	if err != nil {
		return "", err
	}
	var names []string
	byName := map[string]string{}
	for _, u := range nodes {
		for _, key := range []string{u.Code, u.Name, u.Short} {
			names = append(names, key)
			byName[key] = u.Code + " (" + u.Name + ")"
		}
	}
	var near []string
	for _, key := range viet.Nearest(code, names, 8) {
		if text := byName[key]; !slices.Contains(near, text) && len(near) < 3 {
			near = append(near, text)
		}
	}
	return meant(near), nil
}

func meant(near []string) string {
	if len(near) == 0 {
		return "."
	}
	return ". Có phải: " + strings.Join(near, "; ") + "?"
}

// BodyPath is the page of a unit's report for a period.
func BodyPath(code string, p period.Period) string {
	return "/bao-cao-don-vi/" + code + "/" + p.Slug() // a code holds letters, digits, points and hyphens only
}

func boardPath(code string, p period.Period) string {
	return "/bao-cao?don-vi=" + code + "&ky=" + p.Slug()
}
