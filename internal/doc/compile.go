package doc

import (
	"fmt"
	"strings"
)

// compiler turns one document into a flow under one layout.
type compiler struct {
	l    layout
	d    Document
	f    frame
	wide float64 // width of the text, of the section being made
	out  []element
}

func compile(d Document) (layout, []section, error) {
	l, err := layoutFor(d.System, d.Date)
	if err != nil {
		return layout{}, nil, err
	}
	c := &compiler{l: l, d: d, f: newFrame(l, d), wide: l.body(false)}
	c.head()
	c.titles()
	c.opening()
	if err := c.body(d.Body); err != nil {
		return layout{}, nil, err
	}
	if d.Ending {
		c.end()
	}
	c.signatures()
	sections := []section{{elements: c.out}}
	for i, a := range d.Annexes {
		c.out, c.wide = nil, l.body(a.Landscape)
		c.annex(a)
		if err := c.body(a.Body); err != nil {
			return layout{}, nil, fmt.Errorf("annex %d: %w", i+1, err)
		}
		sections = append(sections, section{landscape: a.Landscape, elements: c.out})
	}
	return l, sections, nil
}

func (c *compiler) add(e ...element) { c.out = append(c.out, e...) }

// line is a centred line of one look, single spaced, as the parts of the head and of signatures are.
func line(style, text string, size float64, bold, italic bool) para {
	return para{style: style, align: Center, line: 1, spans: []span{{text: text, size: size, bold: bold, italic: italic}}}
}

func rule(length float64) para { return para{style: "Rule", align: Center, rule: length} }

// longest is the length of the longest of some lines, at most limit.
func longest(texts []string, size float64, bold bool, limit float64) float64 {
	length := 0.0
	for _, t := range texts {
		length = max(length, width(t, size, bold, false))
	}
	return min(length, limit)
}

// balance breaks centred lines that are longer than limit into lines of about the same length: "ĐẢNG ỦY PHƯỜNG / BẮC AN LĨNH",
// never a last word alone.
func balance(texts []string, look span, limit float64) []string {
	var out []string
	for _, t := range texts {
		look.text = t
		p := para{line: 1, spans: []span{look}}
		broken := breakPara(p, limit).lines
		for narrow := limit - 6; narrow > limit/3; narrow -= 6 {
			next := breakPara(p, narrow).lines
			if len(next) > len(broken) {
				break
			}
			broken = next
		}
		for _, l := range broken {
			line := ""
			for i, w := range l.words {
				if i > 0 {
					line += " "
				}
				for _, piece := range w.pieces {
					line += piece.text
				}
			}
			out = append(out, line)
		}
	}
	return out
}

// sure is the share of the width that a centred line may fill: an office without the font sets it a little wider, and a last word
// alone on a line is ugly.
const sure = 0.95

// shortRule is between a third and a half of the line above it.
const shortRule = 0.4

func (c *compiler) head() {
	l := c.l
	leftWidth := l.HeadLeft * mm
	var left, right, under, beside []para
	parent := balance(c.f.parent, span{size: l.Parent.Size}, leftWidth)
	issuer := balance(c.f.issuer, span{size: l.IssuerSize, bold: true}, leftWidth)
	for _, t := range parent {
		left = append(left, line("Head", t, l.Parent.Size, false, false))
	}
	for _, t := range issuer {
		left = append(left, line("Head", t, l.IssuerSize, true, false))
	}
	if n := len(issuer); n > 0 {
		if l.IssuerStar {
			left = append(left, line("Head", "*", l.IssuerSize, false, false))
		} else {
			left = append(left, rule(shortRule*longest(issuer[n-1:], l.IssuerSize, true, leftWidth)))
		}
	}
	for _, h := range l.National {
		right = append(right, line("Head", h.Text, h.Size, h.Bold, false))
		if h.Rule {
			right = append(right, rule(width(h.Text, h.Size, h.Bold, false)))
		}
	}
	if c.f.number != "" {
		under = append(under, line("Number", c.f.number, l.NumberSize, false, false))
	}
	for i, t := range balance(c.f.dispatch, span{size: l.LetterSubject, italic: l.LetterSubjectItalic}, leftWidth) {
		p := line("DispatchSubject", t, l.LetterSubject, false, l.LetterSubjectItalic)
		if i == 0 {
			p.before = 6
		}
		under = append(under, p)
	}
	if c.f.draft != "" {
		p := line("Number", c.f.draft, l.NumberSize, true, false)
		p.before = 4
		under = append(under, p)
	}
	if c.f.place != "" {
		beside = []para{line("PlaceDate", c.f.place, l.PlaceSize, false, true)}
	}
	if !l.IssuerStar {
		if len(under) > 0 {
			under[0].before = 8
		}
		if len(beside) > 0 {
			beside[0].before = 8
		}
	}
	c.add(grid{widths: []float64{leftWidth, c.wide - leftWidth}, rows: []gridRow{
		{cells: []gridCell{{paras: left}, {paras: right}}},
		{cells: []gridCell{{paras: under}, {paras: beside}}},
	}})
}

func (c *compiler) titles() {
	l := c.l
	if c.f.title == "" {
		c.add(para{style: "Spacer", line: 10, exact: true})
		return
	}
	p := line("DocTitle", c.f.title, l.TitleSize, true, false)
	p.before, p.keep = 20, true
	c.add(p)
	subject := balance(c.f.subject, span{size: l.SubjectSize, bold: true}, sure*c.wide)
	for i, t := range subject {
		s := line("DocSubject", t, l.SubjectSize, true, false)
		s.keep = true
		if i == 0 {
			s.before = 2
		}
		c.add(s)
	}
	if n := len(subject); n > 0 {
		if l.SubjectDashes {
			p := line("DocSubject", "-----", l.SubjectSize, false, false)
			p.keep = true
			c.add(p)
		} else {
			c.add(rule(shortRule * longest(subject[n-1:], l.SubjectSize, true, c.wide)))
		}
	}
	c.add(para{style: "Spacer", line: 8, exact: true})
}

// opening writes "Kính gửi" and the bases.
func (c *compiler) opening() {
	l := c.l
	switch len(c.f.addressees) {
	case 0:
	case 1:
		p := line("Address", "Kính gửi: "+c.f.addressees[0], l.AddressSize, false, false)
		p.before, p.after = 6, 10
		c.add(p)
	default:
		const inset, hang = 30 * mm, 3 * mm
		p := line("Address", "Kính gửi:", l.AddressSize, false, false)
		p.align, p.left, p.before, p.keep = Left, inset, 6, true
		c.add(p)
		for i, t := range c.f.addressees {
			p := line("Address", t, l.AddressSize, false, false)
			p.align, p.left, p.hanging = Left, inset+20*mm, hang
			if i == len(c.f.addressees)-1 {
				p.after = 10
			}
			c.add(p)
		}
	}
	for _, t := range c.f.bases {
		p := c.text("Basis", []span{{text: t, size: l.Body, italic: true}})
		c.add(p)
	}
}

// text is a paragraph of running text.
func (c *compiler) text(style string, spans []span) para {
	return para{style: style, first: c.l.Indent * mm, after: c.l.Gap, line: c.l.Line, exact: c.l.LineExact, spans: spans}
}

func (c *compiler) spans(runs []Run, size float64, bold bool) []span {
	out := make([]span, 0, len(runs))
	for _, r := range runs {
		if text := clean(r.Text); text != "" {
			out = append(out, span{text: text, size: size, bold: r.Bold || bold, italic: r.Italic, underline: r.Underline,
				link: safeLink(r.Link), note: clean(r.Note)})
		}
	}
	return out
}

// safeLink keeps web addresses and paths of the site; a script or a file address becomes plain text.
func safeLink(link string) string {
	for _, prefix := range []string{"https://", "http://"} {
		if strings.HasPrefix(link, prefix) {
			return link
		}
	}
	if strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.HasPrefix(link, `/\`) {
		return link
	}
	return ""
}

// end closes the last paragraph with the layout's mark. A body that ends in a table stays as it is.
func (c *compiler) end() {
	if len(c.out) == 0 {
		return
	}
	p, ok := c.out[len(c.out)-1].(para)
	if !ok || len(p.spans) == 0 || len(c.d.Body) == 0 {
		return
	}
	spans := append([]span(nil), p.spans...)
	last := &spans[len(spans)-1]
	last.text = strings.TrimRight(last.text, " .;:,/") + c.l.Ending
	p.spans = spans
	c.out[len(c.out)-1] = p
}

func (c *compiler) annex(a Annex) {
	l := c.l
	title := "Phụ lục"
	if n := clean(a.Number); n != "" {
		title += " " + n
	}
	p := line("AnnexNumber", title, l.SubjectSize, true, false)
	p.level, p.keep = 1, true
	c.add(p)
	for _, t := range balance(lines(upper(a.Title)), span{size: l.SubjectSize, bold: true}, c.wide) {
		p := line("AnnexTitle", t, l.SubjectSize, true, false)
		p.keep = true
		c.add(p)
	}
	ref := balance([]string{annexRef(c.d)}, span{size: l.Body, italic: true}, c.wide)
	for i, t := range ref {
		p := line("AnnexRef", t, l.Body, false, true)
		p.keep = true
		if i == len(ref)-1 {
			p.after = 10
		}
		c.add(p)
	}
}
