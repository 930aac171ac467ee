package doc

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"giaoban/internal/viet"
)

func (p *page) blocks(blocks []Block, ending bool) {
	for i, b := range blocks {
		mark := ""
		if ending && i == len(blocks)-1 {
			mark = p.l.Ending
		}
		switch b := b.(type) {
		case Heading:
			p.heading(b)
		case Paragraph:
			class := "doc-text"
			switch b.Align {
			case Center:
				class += " doc-center"
			case Right:
				class += " doc-right"
			}
			p.open("p", class, "")
			p.runs(withEnd(b.Runs, mark))
			p.shut("p")
		case List:
			p.list(b, mark)
		case Table:
			p.table(b)
		}
	}
}

// withEnd replaces the last run's closing punctuation with the layout's closing mark.
func withEnd(runs []Run, mark string) []Run {
	if mark == "" || len(runs) == 0 {
		return runs
	}
	out := append([]Run(nil), runs...)
	last := &out[len(out)-1]
	last.Text = strings.TrimRight(last.Text, " .;:,/") + mark
	return out
}

// heading: level 0 (a part) is h3 as level 1 is, so that no document skips a step.
func (p *page) heading(h Heading) {
	level := max(1, min(h.Level, 3))
	tag := "h" + strconv.Itoa(level+2)
	text := h.Text
	if h.Level <= 1 {
		text = upper(text)
	}
	if number := h.Number; number != "" {
		switch {
		case h.Level <= 0:
			text = number + "\n" + text
		case level == 3:
			text = number + ") " + text
		default:
			text = number + ". " + text
		}
	}
	p.line(tag, "doc-heading doc-level-"+strconv.Itoa(max(0, min(h.Level, 3))), text)
}

func (p *page) runs(runs []Run) {
	for _, r := range runs {
		text := htmlText(r.Text)
		if text == "" {
			continue
		}
		for _, mark := range []struct {
			on  bool
			tag string
		}{{r.Underline, "u"}, {r.Italic, "em"}, {r.Bold, "strong"}} {
			if mark.on {
				text = "<" + mark.tag + ">" + text + "</" + mark.tag + ">"
			}
		}
		title := ""
		if r.Note != "" {
			title = ` title="` + html.EscapeString(clean(r.Note)) + `"`
		}
		switch link := safeLink(r.Link); {
		case link != "":
			text = `<a class="doc-trace" href="` + html.EscapeString(link) + `"` + title + ">" + text + "</a>"
		case title != "":
			text = `<span class="doc-note"` + title + ">" + text + "</span>"
		}
		p.b.WriteString(text)
	}
}

// list writes the marks as text: HTML has no numbering that knows đ.
func (p *page) list(l List, mark string) {
	tag := "ul"
	if l.Marks != Dashes {
		tag = "ol"
	}
	p.open(tag, "doc-list", "")
	for i, runs := range l.Items {
		p.open("li", "doc-item", "")
		switch l.Marks {
		case Letters:
			p.b.WriteString(`<span class="doc-mark">` + viet.ListLetter(i) + `)</span> `)
		case Numbers:
			p.b.WriteString(`<span class="doc-mark">` + strconv.Itoa(i+1) + `.</span> `)
		}
		if i == len(l.Items)-1 {
			runs = withEnd(runs, mark)
		}
		p.runs(runs)
		p.shut("li")
	}
	p.shut(tag)
}

func (p *page) table(t Table) {
	p.open("div", "doc-scroll", ` role="region" tabindex="0" aria-label="`+html.EscapeString(tableLabel(t))+`"`)
	p.open("table", "doc-table", "")
	if t.Caption != "" || t.Unit != "" {
		p.open("caption", "doc-caption", "")
		p.b.WriteString(htmlText(t.Caption))
		if t.Unit != "" {
			p.b.WriteString(` <span class="doc-unit">` + htmlText(t.Unit) + `</span>`)
		}
		p.shut("caption")
	}
	p.tableHead(t)
	p.open("tbody", "doc-rows", "")
	for _, r := range t.Rows {
		p.tableRow(t.Columns, r, "")
	}
	p.shut("tbody")
	if t.Total != nil {
		p.open("tfoot", "doc-totals", "")
		p.tableRow(t.Columns, *t.Total, " doc-total")
		p.shut("tfoot")
	}
	p.shut("table")
	p.shut("div")
}

func tableLabel(t Table) string {
	if t.Caption == "" {
		return "Bảng số liệu"
	}
	return clean(t.Caption)
}

func (p *page) tableHead(t Table) {
	p.open("thead", "doc-thead", "")
	grouped := map[int]Group{}
	inside := map[int]bool{}
	for _, g := range t.Groups {
		grouped[g.From] = g
		for i := g.From; i < g.From+g.Span; i++ {
			inside[i] = true
		}
	}
	p.b.WriteString("<tr>")
	for i, col := range t.Columns {
		if g, ok := grouped[i]; ok {
			fmt.Fprintf(&p.b, `<th scope="colgroup" colspan="%d">%s</th>`, g.Span, htmlText(g.Title))
		}
		if inside[i] {
			continue
		}
		down := ""
		if len(t.Groups) > 0 {
			down = ` rowspan="2"`
		}
		fmt.Fprintf(&p.b, `<th scope="col"%s>%s</th>`, down, htmlText(col.Title))
	}
	p.b.WriteString("</tr>")
	if len(t.Groups) > 0 {
		p.b.WriteString("<tr>")
		for i, col := range t.Columns {
			if inside[i] {
				fmt.Fprintf(&p.b, `<th scope="col">%s</th>`, htmlText(col.Title))
			}
		}
		p.b.WriteString("</tr>")
	}
	p.shut("thead")
}

func (p *page) tableRow(columns []Column, r Row, class string) {
	if r.Bold {
		class += " doc-strong"
	}
	p.open("tr", "doc-row"+class, "")
	at := 0
	for _, c := range r.Cells {
		span := max(1, c.Span)
		align := c.Align
		if align == Natural {
			align = columns[at].Align
		}
		name := map[Align]string{Natural: "doc-left", Left: "doc-left", Center: "doc-center", Right: "doc-right"}[align]
		attrs := ""
		if span > 1 {
			attrs = fmt.Sprintf(` colspan="%d"`, span)
		}
		p.open("td", name, attrs)
		p.runs(c.Runs)
		p.b.WriteString("</td>")
		at += span
	}
	for ; at < len(columns); at++ {
		p.b.WriteString(`<td class="doc-left"></td>`)
	}
	p.shut("tr")
}
