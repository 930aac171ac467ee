package doc

import (
	"fmt"
	"strings"
)

// headerRoom is the distance of the page number from the upper edge of the paper: within the top margin.
const headerRoom = 10 * mm

// ruleSpacing puts the line under the descenders and the dots below of the text above it.
var ruleSpacing = fmt.Sprintf(`<w:spacing w:before="%d" w:after="0" w:line="%d" w:lineRule="exact"/>`, twips(ruleGap), twips(ruleHeight-ruleGap))

// ruleHeight is what a horizontal rule takes of the page, in points.
const ruleHeight = 8

// ruleGap is how far a rule stands below the line of text above it, in points.
const ruleGap = 2.5

func (x *docx) body(sections []section) string {
	x.b.WriteString(xmlHead + `<w:document ` + wordSpace + `><w:body>`)
	for i, s := range sections {
		last := i == len(sections)-1
		wide := x.l.body(s.landscape)
		for _, e := range s.elements {
			switch e := e.(type) {
			case para:
				x.para(e, wide, "")
			case grid:
				x.grid(e)
			}
		}
		props := x.sectionProps(s)
		if last {
			if n := len(s.elements); n > 0 {
				if _, ok := s.elements[n-1].(grid); ok {
					x.para(para{style: "Spacer", align: Left, line: 1, exact: true}, wide, "") // a body must not end in a table
				}
			}
			x.b.WriteString(props)
			continue
		}
		x.para(para{style: "Spacer", align: Left, line: 1, exact: true}, wide, props)
	}
	x.b.WriteString(`</w:body></w:document>`)
	return x.b.String()
}

func (x *docx) sectionProps(s section) string {
	w, h := s.size()
	orient := ""
	if s.landscape {
		orient = ` w:orient="landscape"`
	}
	l := x.l
	return fmt.Sprintf(`<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/><w:headerReference w:type="first" r:id="rIdFirst"/>`+
		`<w:type w:val="nextPage"/><w:pgSz w:w="%d" w:h="%d"%s/>`+
		`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="%d" w:footer="%d" w:gutter="0"/>`+
		`<w:pgNumType w:start="1"/><w:titlePg/></w:sectPr>`,
		twips(w), twips(h), orient, twips(l.Top*mm), twips(l.Right*mm), twips(l.Bottom*mm), twips(l.Left*mm),
		twips(headerRoom), twips(headerRoom))
}

// para writes a paragraph that stands in a column of the given width; sect is the section that ends with it.
func (x *docx) para(p para, wide float64, sect string) {
	def := x.styles[p.style]
	b := &x.b
	b.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + p.style + `"/>`)
	if p.rule > 0 {
		side := twips(max(0, (wide-p.rule)/2))
		fmt.Fprintf(b, `<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>%s<w:ind w:left="%d" w:right="%d"/>`, ruleSpacing, side, side)
	} else {
		b.WriteString(paraProps(p, def.p))
	}
	b.WriteString(sect + `</w:pPr>`)
	for _, s := range p.spans {
		x.span(s, def.s)
	}
	b.WriteString(`</w:p>`)
}

func (x *docx) span(s, base span) {
	b := &x.b
	link := printedLink(s.link)
	if link != "" {
		fmt.Fprintf(b, `<w:hyperlink r:id="%s" w:history="1"`, x.link(link))
		if s.note != "" {
			fmt.Fprintf(b, ` w:tooltip="%s"`, escape(s.note))
		}
		b.WriteString(`>`)
	}
	b.WriteString(`<w:r>`)
	if props := spanProps(s, base); props != "" {
		b.WriteString(`<w:rPr>` + props + `</w:rPr>`)
	}
	for i, text := range strings.Split(s.text, "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		b.WriteString(`<w:t xml:space="preserve">` + escape(text) + `</w:t>`)
	}
	b.WriteString(`</w:r>`)
	if link != "" {
		b.WriteString(`</w:hyperlink>`)
	}
}

// printedLink is a link as a file can carry it: a path of the site means nothing outside of it.
func printedLink(link string) string {
	if strings.HasPrefix(link, "/") {
		return ""
	}
	return link
}

func (x *docx) grid(g grid) {
	b := &x.b
	total := 0.0
	for _, w := range g.widths {
		total += w
	}
	fmt.Fprintf(b, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/>`, twips(total))
	if g.ruled {
		b.WriteString(`<w:tblBorders>`)
		for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
			fmt.Fprintf(b, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="000000"/>`, side)
		}
		b.WriteString(`</w:tblBorders>`)
	}
	fmt.Fprintf(b, `<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="%d" w:type="dxa"/><w:right w:w="%d" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`,
		twips(g.pad), twips(g.pad))
	for _, w := range g.widths {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, twips(w))
	}
	b.WriteString(`</w:tblGrid>`)
	for i, row := range g.rows {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if i < g.headRows {
			b.WriteString(`<w:tblHeader/>`)
		}
		b.WriteString(`</w:trPr>`)
		at := 0
		for _, cell := range row.cells {
			span := max(1, cell.span)
			wide := 0.0
			for _, w := range g.widths[at : at+span] {
				wide += w
			}
			at += span
			x.cell(cell, wide, g.pad)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>`)
}

func (x *docx) cell(c gridCell, wide, pad float64) {
	b := &x.b
	fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, twips(wide))
	if c.span > 1 {
		fmt.Fprintf(b, `<w:gridSpan w:val="%d"/>`, c.span)
	}
	if c.down > 1 {
		b.WriteString(`<w:vMerge w:val="restart"/>`)
	} else if c.joined {
		b.WriteString(`<w:vMerge/>`)
	}
	if c.middle {
		b.WriteString(`<w:vAlign w:val="center"/>`)
	}
	b.WriteString(`</w:tcPr>`)
	for _, p := range c.paras {
		x.para(p, wide-2*pad, "")
	}
	if len(c.paras) == 0 {
		x.para(para{style: "TableText", align: Left, line: 1, before: 2, after: 2}, wide, "")
	}
	b.WriteString(`</w:tc>`)
}
