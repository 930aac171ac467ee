package casefile

import (
	"encoding/json"
	"fmt"
	"strings"
)

// file is the import format, as far as a case needs it.
type file struct {
	Version    int         `json:"giaoban"`
	Source     source      `json:"source"`
	Units      []Unit      `json:"units,omitempty"`
	Figures    []number    `json:"figures,omitempty"`
	Targets    []target    `json:"targets,omitempty"`
	Statements []statement `json:"statements,omitempty"`
	Flags      []flag      `json:"flags,omitempty"`
}

type source struct {
	Title   string `json:"title,omitempty"`
	Address string `json:"address,omitempty"`
	Date    string `json:"date,omitempty"`
	Note    string `json:"note,omitempty"`
}

type number struct {
	Ref        string      `json:"ref"`
	Unit       string      `json:"unit"`
	Period     string      `json:"period"`
	Indicator  string      `json:"indicator"`
	Part       string      `json:"part,omitempty"`
	Value      any         `json:"value"`
	Raw        string      `json:"raw,omitempty"`
	Qualifier  string      `json:"qualifier,omitempty"`
	Measure    string      `json:"measure,omitempty"`
	AsOf       string      `json:"as_of,omitempty"`
	Note       string      `json:"note,omitempty"`
	Companions []companion `json:"companions,omitempty"`
	Overlaps   []overlap   `json:"overlaps,omitempty"`
}

type companion struct {
	Role      string      `json:"role"`
	Value     json.Number `json:"value"`
	Qualifier string      `json:"qualifier,omitempty"`
	Unit      string      `json:"unit,omitempty"`
	Label     string      `json:"label,omitempty"`
}

type overlap struct {
	Unit   string       `json:"unit"`
	Amount *json.Number `json:"amount"`
	Reason string       `json:"reason"`
}

type target struct {
	Unit      string `json:"unit"`
	Period    string `json:"period"`
	Indicator string `json:"indicator"`
	Value     any    `json:"value"`
	Raw       string `json:"raw,omitempty"`
	Qualifier string `json:"qualifier,omitempty"`
	Source    string `json:"source,omitempty"`
}

type statement struct {
	Ref          string   `json:"ref"`
	Unit         string   `json:"unit"`
	Period       string   `json:"period"`
	Kind         string   `json:"kind"`
	Text         string   `json:"text"`
	Topic        string   `json:"topic,omitempty"`
	Organisation string   `json:"organisation,omitempty"`
	AsOf         string   `json:"as_of,omitempty"`
	Source       string   `json:"source,omitempty"`
	Figures      []string `json:"figures,omitempty"`
}

type flag struct {
	Ref  string `json:"ref"`
	Text string `json:"text"`
}

// fact writes a fact as a statement, with the figures and targets that it holds.
func (out *file) fact(c Case, f Fact, places []Place) error {
	src := c.Source
	if f.Src != nil && *f.Src >= 0 && *f.Src < len(c.Sources) {
		src = c.Sources[*f.Src]
	}
	first := places[0]
	s := statement{Ref: f.ID, Unit: first.Unit, Period: first.Period, Kind: f.Kind, Text: f.Statement, Topic: f.Campaign,
		Organisation: f.Organisation, AsOf: f.AsOf, Source: src}
	for i, p := range places {
		switch {
		case p.Role == "mention":
			continue
		case p.Role == "plan":
			out.Targets = append(out.Targets, target{p.Unit, p.Period, p.Indicator, f.Target, "", "", src})
			continue
		case p.Role == "target":
			out.Targets = append(out.Targets, target{p.Unit, p.Period, p.Indicator, f.Quantity, f.Raw, f.Qualifier, src})
			continue
		case p.Role == "target-range":
			out.Targets = append(out.Targets, target{p.Unit, p.Period, p.Indicator, f.Raw, "", "", src})
			continue
		}
		g, err := figureOf(f, p)
		if err != nil {
			return err
		}
		if g.Ref = f.ID; i > 0 {
			g.Ref = fmt.Sprintf("%s/%d", f.ID, i+1)
		}
		out.Figures = append(out.Figures, g)
		s.Figures = append(s.Figures, g.Ref)
	}
	out.Statements = append(out.Statements, s)
	return nil
}

func figureOf(f Fact, p Place) (number, error) {
	g := number{Unit: p.Unit, Period: p.Period, Indicator: p.Indicator, Part: p.Part, AsOf: f.AsOf, Note: notes(f)}
	switch role, key, _ := strings.Cut(p.Role, ":"); role {
	case "value":
		g.Value, g.Raw, g.Qualifier, g.Measure = f.Quantity, f.Raw, f.Qualifier, f.Unit
		g.Companions = beside(f)
		if f.Quantity == "" {
			return g, fmt.Errorf("has no quantity for %s", p.Indicator)
		}
	case "dimension":
		g.Value, g.Qualifier, g.Measure = f.Quantity, f.Qualifier, f.Unit
	case "range":
		if len(f.Range) != 2 {
			return g, fmt.Errorf("has no range for %s", p.Indicator)
		}
		g.Value = f.Range[0].String() + " - " + f.Range[1].String() + " " + f.Unit
		if f.Raw != "" {
			g.Raw = f.Raw
		}
	case "magnitude", "text":
		g.Value = p.Text
	case "money":
		g.Value, g.Qualifier, g.Measure = f.Value, f.ValueQ, "đồng"
	case "denominator":
		g.Value, g.Measure = f.Denominator, f.Unit
	case "breakdown":
		n, ok := f.Breakdown[key]
		if !ok {
			return g, fmt.Errorf("has no part %q", key)
		}
		g.Value = n
	default:
		return g, fmt.Errorf("unknown role %q", p.Role)
	}
	if p.Overlap != "" {
		o := overlap{Unit: p.Overlap, Reason: f.Note}
		if p.Amount != "" {
			n := json.Number(p.Amount)
			o.Amount = &n
		}
		g.Overlaps = append(g.Overlaps, o)
	}
	return g, nil
}

// beside lists the numbers that are printed beside the fact's quantity.
func beside(f Fact) []companion {
	var out []companion
	add := func(role string, v json.Number, qualifier, unit, label string) {
		if v != "" {
			out = append(out, companion{role, v, qualifier, unit, label})
		}
	}
	of := f.PercentOf
	if of == "" && f.Denominator == "" {
		of = "chỉ tiêu"
	}
	add("target", f.Target, "", "", "")
	add("denominator", f.Denominator, "", "", "")
	add("percent", f.Percent, "", "%", of)
	add("over_percent", f.OverPercent, "", "%", of)
	add("baseline", f.Baseline, "", "", f.BaselineOf)
	add("delta", f.Delta, "", f.DeltaUnit, "")
	add("total", f.Total, "", "", "")
	add("average", f.Average, "", "", "")
	add("value", f.Value, f.ValueQ, "đồng", "")
	add("unit_price", f.UnitPrice, "", "đồng", "")
	return out
}

// notes puts what the format has no field for into words that stand with the figure's version.
func notes(f Fact) string {
	var out []string
	for _, n := range []struct{ label, text string }{
		{"", f.Note}, {"Công trình: ", f.Work}, {"Kích thước: ", f.Attr}, {"Nguồn vốn: ", f.Fund}, {"Nơi hưởng lợi: ", f.Beneficiary}, {"Hình thức: ", f.Form},
	} {
		if n.text != "" {
			out = append(out, n.label+n.text)
		}
	}
	return strings.Join(out, "; ")
}
