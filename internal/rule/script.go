package rule

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Script is the rules of a unit and period for a browser that has no network: assets/js/entry/rule.js judges by them as judge
// does. Figures are what the rules name beside the cells of the sheet itself, as fractions.
type Script struct {
	Rules   []ScriptRule      `json:"rules"`
	Figures map[string]string `json:"figures"`
}

// ScriptRule is one rule; Cells are those of the sheet that it names.
type ScriptRule struct {
	Name    string   `json:"name"`
	Message string   `json:"message"`
	Hard    bool     `json:"hard"`
	Cells   []string `json:"cells"`
	Expr    Tree     `json:"expr"`
}

// Tree is an expression as it is judged. A number is a fraction; a cell is named by its address, with what it is of behind a
// bar: "DG01", "HV01.DTTS|kỳ trước".
type Tree struct {
	Op    string `json:"op"`
	Value string `json:"value,omitempty"`
	Cell  string `json:"cell,omitempty"`
	Args  []Tree `json:"args,omitempty"`
}

// tree gives a piece of an expression; name gives a cell's name.
func (n *node) tree(name func(cell) string) Tree {
	out := Tree{Op: n.op}
	switch n.op {
	case "number":
		out.Value = n.value.RatString()
	case "cell":
		out.Cell = name(n.cell)
	}
	for _, a := range n.args {
		out.Args = append(out.Args, a.tree(name))
	}
	return out
}

// cellName is how a script knows a cell.
func cellName(catalog *indicator.Catalog) func(cell) string {
	return func(c cell) string {
		in, _ := catalog.ByID(c.indicator)
		part, _ := in.Part(c.part)
		name := indicator.Address(in, part)
		if c.when != now {
			name += "|" + string(c.when)
		}
		return name
	}
}

// ScriptIn gives the rules that are asked of a unit for a period, the hard ones first. Who may ask is org's to say.
func (s *Service) ScriptIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit org.Unit, p period.Period) (any, error) {
	rules, err := list(ctx, tx)
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	asked, err := readable(rules, catalog, func(r Rule) bool { return r.Holds(unit.Kind, p.To) })
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	beside, err := s.gather(ctx, tx, who, catalog, unit, p, asked, func(v figure.Version) bool { return v.Period != p.ID })
	if err != nil {
		return nil, err
	}
	name := cellName(catalog)
	out := Script{Figures: map[string]string{}}
	for _, severity := range Severities {
		for _, a := range asked {
			if a.rule.Severity != severity {
				continue
			}
			r := ScriptRule{Name: a.rule.Name, Message: a.rule.Message, Hard: severity == Hard, Expr: a.expr.root.tree(name)}
			for _, c := range a.expr.cells {
				if c.when == now {
					r.Cells = append(r.Cells, name(c))
				} else if v := beside.figures[c]; v != nil { // the year so far comes without this period, whose cell is added as it is typed
					out.Figures[name(c)] = v.RatString()
				}
			}
			out.Rules = append(out.Rules, r)
		}
	}
	return out, nil
}
