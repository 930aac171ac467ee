package doc

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// PDF writes d as PDF with Liberation Serif embedded, laid out as the DOCX is: same widths, margins, distances and rules.
func PDF(w io.Writer, d Document) error {
	l, sections, err := compile(d)
	if err != nil {
		return err
	}
	pdf := fpdf.New("P", "pt", "A4", "")
	addFonts(pdf)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetLineWidth(0.5)
	describe(pdf, d)
	p := &press{pdf: pdf, l: l}
	for _, s := range sections {
		p.section(s)
	}
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("write pdf: %w", err)
	}
	return nil
}

// describe fills the file's properties from the document alone: a clock would make two equal documents differ.
func describe(pdf *fpdf.Fpdf, d Document) {
	pdf.SetTitle(docTitle(d), true)
	pdf.SetAuthor(docAuthor(d), true)
	pdf.SetCreator("Giaoban", true)
	pdf.SetProducer("Giaoban", true)
	pdf.SetLang("vi-VN")
	day, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return // compile has refused it before
	}
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day)
	pdf.SetCatalogSort(true)
}

// press puts a flow on pages. y runs down from the paper's upper edge, in points.
type press struct {
	pdf    *fpdf.Fpdf
	l      layout
	s      section
	page   int // within the section
	y      float64
	bottom float64
	depth  int     // of the last outline entry
	gap    float64 // room left below the last paragraph
}

func (p *press) section(s section) {
	p.s, p.page, p.depth = s, 0, 0
	p.newPage()
	for i, e := range s.elements {
		switch e := e.(type) {
		case para:
			p.para(e, s.elements[i+1:])
		case grid:
			p.grid(e)
		}
	}
}

func (p *press) newPage() {
	orientation := "P"
	if p.s.landscape {
		orientation = "L"
	}
	p.pdf.AddPageFormat(orientation, fpdf.SizeType{Wd: a4Width, Ht: a4Height})
	p.page++
	p.gap = 0
	_, h := p.s.size()
	p.y, p.bottom = p.l.Top*mm, h-p.l.Bottom*mm
	if p.page > 1 {
		w, _ := p.s.size()
		text, size := strconv.Itoa(p.page), p.l.PageNumber
		p.text(w/2-width(text, size, false, false)/2, headerRoom+ascent*size, text, span{size: size})
	}
}

func (p *press) left() float64 { return p.l.Left * mm }

func (p *press) wide() float64 { return p.l.body(p.s.landscape) }

func (p *press) atTop() bool { return p.y <= p.l.Top*mm+0.01 }

// text draws at a baseline. A no-break space is drawn as a space: the two share a glyph, and which of them the font subset
// would name depends on the order of a map.
func (p *press) text(x, y float64, text string, s span) {
	p.pdf.SetFont(family, faceStyle(s.bold, s.italic), s.size)
	p.pdf.Text(x, y, strings.ReplaceAll(text, "\u00a0", " "))
}

// slack forgives rounding when a height is compared with the room that is left.
const slack = 0.01

// lead is the height of what must stand below a paragraph that is kept with the next one.
func (p *press) lead(next []element) float64 {
	if len(next) == 0 {
		return 0
	}
	switch e := next[0].(type) {
	case para:
		box := breakPara(e, p.wide())
		if e.keep {
			return box.height() + p.lead(next[1:])
		}
		return box.before + box.upTo(2)
	case grid:
		rows := p.measure(e)
		n := len(rows)
		if e.ruled {
			n = min(n, e.headRows+1)
		}
		sum := e.before
		for _, r := range rows[:n] {
			sum += r.height
		}
		return sum
	}
	return 0
}

// para draws a paragraph, over several pages if it must: at least two lines stay together at either end, and the last two go
// with what the paragraph is kept with.
func (p *press) para(e para, next []element) {
	box := breakPara(e, p.wide())
	need := 0.0
	if e.keep {
		need = p.lead(next)
	}
	room := func() float64 { return p.bottom - p.y + slack }
	lines := box.lines
	for {
		before := max(0, box.before-p.gap) // of two distances the larger one holds, as in word processors
		if p.atTop() && p.page > 1 || len(lines) < len(box.lines) {
			before = 0
		}
		rest := box.total(lines)
		if before+rest+need <= room() || p.atTop() && before+rest <= room() {
			p.y += before
			p.outline(e)
			p.lines(box, lines, p.left(), p.wide())
			p.y += box.after
			p.gap = box.after
			return
		}
		n := box.fit(lines, room()-before)
		n = min(n, len(lines)-2)
		if n < 2 || len(lines) <= 3 {
			n = 0
		}
		if n == 0 && p.atTop() {
			n = max(1, box.fit(lines, room()-before))
		}
		if n > 0 {
			p.y += before
			p.outline(e)
			e.level = 0
			p.lines(box, lines[:n], p.left(), p.wide())
			lines = lines[n:]
		}
		if len(lines) == 0 {
			return
		}
		p.newPage()
	}
}

// outline gives the reader's table of contents an entry. Its depth grows by one step at a time, as PDF wants it.
func (p *press) outline(e para) {
	if e.level == 0 {
		return
	}
	text := ""
	for _, s := range e.spans {
		text += s.text
	}
	depth := min(e.level-1, p.depth)
	p.depth = depth + 1
	p.pdf.SetFont(family, "", 10)
	p.pdf.Bookmark(text, depth, p.y)
}
