package doc

import (
	"fmt"
	"html"
	"strings"
)

// HTML is d as a fragment: an article with header, sections' headings from h2 (the type of the document) to h5, tables with
// captions and scopes, and a footer. It carries classes that begin with "doc-" and no styles, scripts or identifiers.
func HTML(d Document) (string, error) {
	l, err := layoutFor(d.System, d.Date)
	if err != nil {
		return "", err
	}
	if _, _, err := compile(d); err != nil { // what cannot be laid out must not be readable either
		return "", err
	}
	p := &page{l: l, d: d, f: newFrame(l, d)}
	class := "doc-state"
	if d.System == Party {
		class = "doc-party"
	}
	p.open("article", "doc-document "+class, ` lang="vi"`)
	p.head()
	p.titles()
	p.open("div", "doc-body", "")
	for _, t := range p.f.bases {
		p.line("p", "doc-basis", t)
	}
	p.blocks(d.Body, d.Ending)
	p.shut("div")
	p.foot()
	for _, a := range d.Annexes {
		p.annex(a)
	}
	p.shut("article")
	return p.b.String(), nil
}

type page struct {
	l layout
	d Document
	f frame
	b strings.Builder
}

func (p *page) open(tag, class, attrs string) {
	fmt.Fprintf(&p.b, `<%s class="%s"%s>`, tag, class, attrs)
}

func (p *page) shut(tag string) { fmt.Fprintf(&p.b, "</%s>\n", tag) }

// line is an element with text in it; "\n" is a line break.
func (p *page) line(tag, class, text string) {
	p.open(tag, class, "")
	p.b.WriteString(htmlText(text))
	p.shut(tag)
}

func htmlText(text string) string {
	return strings.ReplaceAll(html.EscapeString(clean(text)), "\n", "<br>")
}

func (p *page) head() {
	p.open("header", "doc-head", "")
	p.open("div", "doc-issuer", "")
	for _, t := range p.f.parent {
		p.line("p", "doc-parent", t)
	}
	for _, t := range p.f.issuer {
		p.line("p", "doc-name", t)
	}
	if p.f.number != "" {
		p.line("p", "doc-number", p.f.number)
	}
	for _, t := range p.f.dispatch {
		p.line("p", "doc-dispatch", t)
	}
	if p.f.draft != "" {
		p.line("p", "doc-name doc-draft", p.f.draft)
	}
	p.shut("div")
	p.open("div", "doc-national", "")
	for _, h := range p.l.National {
		p.line("p", "doc-motto", h.Text)
	}
	if p.f.place != "" {
		p.open("p", "doc-place", "")
		fmt.Fprintf(&p.b, `<time datetime="%s">%s</time>`, html.EscapeString(p.d.Date), htmlText(p.f.place))
		p.shut("p")
	}
	p.shut("div")
	p.shut("header")
}

func (p *page) titles() {
	if p.f.title != "" {
		p.line("h2", "doc-title", p.f.title)
	}
	if len(p.f.subject) > 0 {
		p.line("p", "doc-subject", strings.Join(p.f.subject, "\n"))
	}
	switch n := len(p.f.addressees); {
	case n == 1:
		p.line("p", "doc-address", "Kính gửi: "+p.f.addressees[0])
	case n > 1:
		p.line("p", "doc-address", "Kính gửi:")
		p.plainList("doc-addressees", p.f.addressees)
	}
}

func (p *page) plainList(class string, items []string) {
	p.open("ul", class, "")
	for _, t := range items {
		p.line("li", "doc-item", strings.TrimPrefix(t, "- "))
	}
	p.shut("ul")
}

func (p *page) foot() {
	if len(p.f.recipients) == 0 && len(p.d.Signatures) == 0 {
		return
	}
	p.open("footer", "doc-foot", "")
	if len(p.f.recipients) > 0 {
		p.open("div", "doc-recipients", "")
		p.line("p", "doc-recipients-title", "Nơi nhận:")
		p.plainList("doc-recipients-list", p.f.recipients)
		p.shut("div")
	}
	for _, s := range p.d.Signatures {
		p.open("div", "doc-signature", "")
		for _, t := range authorityLines(p.l, s) {
			p.line("p", "doc-authority", t)
		}
		if s.Office != "" {
			p.line("p", "doc-office", upper(s.Office))
		}
		if s.Mark != "" {
			p.line("p", "doc-mark", s.Mark)
		}
		if s.Name != "" {
			p.line("p", "doc-signer", s.Name)
		}
		p.shut("div")
	}
	p.shut("footer")
}

func (p *page) annex(a Annex) {
	p.open("section", "doc-annex", "")
	title := "Phụ lục"
	if a.Number != "" {
		title += " " + a.Number
	}
	p.open("h2", "doc-annex-title", "")
	p.b.WriteString(htmlText(title) + "<br>" + htmlText(upper(a.Title)))
	p.shut("h2")
	p.line("p", "doc-annex-ref", annexRef(p.d))
	p.blocks(a.Body, false)
	p.shut("section")
}
