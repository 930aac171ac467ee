package intake

import (
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// version of the JSON format.
const jsonVersion = "1"

// readJSON reads the format of docs/import.md, strictly: an unknown field, a field that stands twice and a value of the
// wrong kind are problems with their place.
func readJSON(data []byte) (*content, error) {
	root, problems, err := readTree(data)
	if err != nil {
		return nil, fault.Invalid("file", err.Error())
	}
	c := &content{kind: JSON, problems: problems}
	top, ok := c.object(root)
	if !ok {
		return c, nil
	}
	if top.get("dataValues") != nil && top.get("giaoban") == nil {
		c.readDHIS2(top)
		return c, nil
	}
	if v := top.field("giaoban"); v.text != jsonVersion {
		c.problem("giaoban", "Tệp phải bắt đầu bằng \"giaoban\": 1, là phiên bản của định dạng mà hệ thống đọc được.")
	}
	if n := top.get("source"); n != nil && n.kind != '0' {
		c.readSource(n)
	}
	each := func(key string, read func(object)) {
		for _, n := range top.list(key) {
			if o, ok := c.object(n); ok {
				read(o)
				o.done()
			}
		}
	}
	each("units", c.readUnit)
	each("figures", c.readFigure)
	each("targets", c.readTarget)
	each("statements", c.readStatement)
	each("flags", func(o object) {
		c.flags = append(c.flags, flagRow{at: o.at, ref: o.field("ref"), text: o.text("text")})
	})
	top.done()
	return c, nil
}

func (c *content) readSource(n *node) {
	if n.kind == 's' {
		c.source = viet.Clean(n.text)
		return
	}
	o, ok := c.object(n)
	if !ok {
		return
	}
	c.source = o.text("title")
	if a := o.text("address"); a != "" {
		if c.source != "" {
			c.source += ", "
		}
		c.source += a
	}
	o.field("date")
	o.field("note")
	o.done()
}

func (c *content) readUnit(o object) {
	c.units = append(c.units, unitRow{
		at: o.at, code: o.text("code"), kind: o.text("kind"), level: o.text("level"), name: o.text("name"), short: o.text("short"),
		parent: o.text("parent"), lineParent: o.text("line_parent"), frontParent: o.text("front_parent"),
		from: o.text("valid_from"), to: o.text("valid_to"),
	})
	c.units[len(c.units)-1].legacy = c.take()
}

func (c *content) readFigure(o object) {
	f := figureRow{
		at: o.at, ref: o.text("ref"), unit: o.field("unit"), period: o.field("period"), indicator: o.field("indicator"),
		part: o.field("part"), value: o.given("value"), raw: o.field("raw"), qualifier: o.field("qualifier"),
		measure: o.field("measure"), asOf: o.field("as_of"), reason: o.field("reason"), note: o.field("note"), adds: o.flag("adds"),
	}
	for _, n := range o.list("companions") {
		if k, ok := c.object(n); ok {
			f.companions = append(f.companions, companionRow{
				at: k.at, role: k.field("role"), value: k.given("value"), qualifier: k.field("qualifier"), unit: k.text("unit"), label: k.text("label"),
			})
			k.done()
		}
	}
	for _, n := range o.list("overlaps") {
		if k, ok := c.object(n); ok {
			f.overlaps = append(f.overlaps, overlapRow{at: k.at, unit: k.field("unit"), amount: k.given("amount"), reason: k.text("reason")})
			k.done()
		}
	}
	f.legacy = c.take()
	c.figures = append(c.figures, f)
}

func (c *content) readTarget(o object) {
	c.targets = append(c.targets, targetRow{
		at: o.at, unit: o.field("unit"), period: o.field("period"), indicator: o.field("indicator"), value: o.given("value"),
		raw: o.field("raw"), qualifier: o.field("qualifier"), source: o.text("source"),
	})
	c.targets[len(c.targets)-1].legacy = c.take()
}

func (c *content) readStatement(o object) {
	s := statementRow{
		at: o.at, ref: o.text("ref"), unit: o.field("unit"), period: o.field("period"), kind: o.field("kind"), text: o.lines("text"),
		topic: o.text("topic"), organisation: o.text("organisation"), source: o.text("source"), asOf: o.field("as_of"),
	}
	for _, n := range o.list("figures") {
		if n.kind != 's' {
			c.problem(n.at, "Chỗ này phải là ref của một số liệu trong tệp.")
			continue
		}
		s.figures = append(s.figures, field{n.text, n.at})
	}
	s.legacy = c.take()
	c.statements = append(c.statements, s)
}
