package doc

import "strings"

// box is a paragraph broken into lines.
type box struct {
	p      para
	before float64
	after  float64
	lines  []textLine
}

type textLine struct {
	words  []word
	width  float64 // with single spaces
	size   float64
	height float64
	x      float64 // indent from the paragraph's column
	room   float64 // width that the line may take
	last   bool    // of the paragraph, or before a forced break: not stretched
}

// word is what is never broken at a space. It may change its look inside.
type word struct {
	pieces []span
	width  float64
	gap    float64 // the space before it
	forced bool    // starts a new line
}

func words(spans []span) []word {
	var out []word
	var cur word
	gap, forced := 0.0, false
	flush := func() {
		if len(cur.pieces) > 0 {
			out = append(out, cur)
			gap, forced = 0, false
		}
		cur = word{}
	}
	for _, s := range spans {
		for i, line := range strings.Split(s.text, "\n") {
			if i > 0 {
				flush()
				if forced { // an empty line between two breaks
					out = append(out, word{pieces: []span{{size: s.size}}, forced: true})
				}
				forced = true
			}
			for j, part := range strings.Split(line, " ") {
				if j > 0 {
					flush()
					gap = width(" ", s.size, s.bold, s.italic)
				}
				if part == "" {
					continue
				}
				if len(cur.pieces) == 0 {
					cur.gap, cur.forced = gap, forced
				}
				piece := s
				piece.text = part
				cur.pieces = append(cur.pieces, piece)
				cur.width += width(part, s.size, s.bold, s.italic)
			}
		}
	}
	flush()
	return out
}

// breakPara breaks p in a column of the given width, greedily, as word processors do.
func breakPara(p para, wide float64) box {
	b := box{p: p, before: p.before, after: p.after}
	if p.rule > 0 {
		b.lines = []textLine{{height: ruleHeight, last: true}}
		return b
	}
	size := p.size(0)
	lineHeight := func(size float64) float64 {
		if p.exact {
			return p.line
		}
		return size * single * p.line
	}
	if len(p.spans) == 0 {
		empty := 12.0
		b.lines = []textLine{{height: lineHeight(empty), size: empty, last: true}}
		return b
	}
	start := func(first bool) textLine {
		x := p.left
		switch {
		case first && p.hanging > 0:
			x -= p.hanging
		case first:
			x += p.first
		}
		return textLine{x: x, room: wide - x, size: size, height: lineHeight(size)}
	}
	cur := start(true)
	for _, w := range words(p.spans) {
		if len(cur.words) > 0 && (w.forced || cur.width+w.gap+w.width > cur.room+slack) {
			cur.last = w.forced
			b.lines = append(b.lines, cur)
			cur = start(false)
		}
		for w.width > cur.room+slack {
			head, tail, ok := split(w, cur.room)
			if !ok {
				break
			}
			cur.words, cur.width = []word{head}, head.width
			b.lines = append(b.lines, cur)
			cur, w = start(false), tail
		}
		if len(cur.words) > 0 {
			cur.width += w.gap
		}
		cur.words = append(cur.words, w)
		cur.width += w.width
	}
	cur.last = true
	b.lines = append(b.lines, cur)
	return b
}

// split breaks a word that is longer than a line, such as an address, where the line ends.
func split(w word, room float64) (head, tail word, ok bool) {
	used := 0.0
	for i, piece := range w.pieces {
		for j, r := range piece.text {
			step := width(string(r), piece.size, piece.bold, piece.italic)
			if used+step > room && (i > 0 || j > 0) {
				head = word{pieces: append([]span(nil), w.pieces[:i]...), width: used, gap: w.gap}
				if j > 0 {
					part := piece
					part.text = piece.text[:j]
					head.pieces = append(head.pieces, part)
				}
				rest := piece
				rest.text = piece.text[j:]
				tail = word{pieces: append([]span{rest}, w.pieces[i+1:]...), width: w.width - used}
				return head, tail, true
			}
			used += step
		}
	}
	return w, word{}, false
}

func (b box) total(lines []textLine) float64 {
	sum := 0.0
	for _, l := range lines {
		sum += l.height
	}
	return sum
}

func (b box) height() float64 { return b.before + b.total(b.lines) + b.after }

// upTo is the height of the first n lines.
func (b box) upTo(n int) float64 { return b.total(b.lines[:min(n, len(b.lines))]) }

// fit is how many of the lines a room holds.
func (b box) fit(lines []textLine, room float64) int {
	for i, l := range lines {
		if room -= l.height; room < 0 {
			return i
		}
	}
	return len(lines)
}

// lines draws lines of a paragraph in a column and moves down past them.
func (p *press) lines(b box, lines []textLine, x, wide float64) {
	for _, l := range lines {
		if b.p.rule > 0 {
			from := x + (wide-b.p.rule)/2
			p.pdf.SetLineWidth(0.75)
			p.pdf.Line(from, p.y+ruleGap, from+b.p.rule, p.y+ruleGap)
			p.pdf.SetLineWidth(0.5)
		} else {
			p.line(b, l, x)
		}
		p.y += l.height
	}
}

func (p *press) line(b box, l textLine, x float64) {
	at, stretch := x+l.x, 0.0
	switch b.p.align {
	case Center:
		at += (l.room - l.width) / 2
	case Right:
		at += l.room - l.width
	case Natural:
		if !l.last && len(l.words) > 1 {
			stretch = (l.room - l.width) / float64(len(l.words)-1)
		}
	}
	// Room beyond single spacing goes above the text, as word processors have it.
	baseline := p.y + l.height - (descent+lineGap/2)*l.size
	if b.p.exact {
		baseline = p.y + l.height - (l.height-(ascent+descent)*l.size)*0.2 - descent*l.size
	}
	for i, w := range l.words {
		if i > 0 {
			at += w.gap + stretch
		}
		for j, piece := range w.pieces {
			long := width(piece.text, piece.size, piece.bold, piece.italic)
			text, end := piece.text, at+long
			if j == len(w.pieces)-1 && i < len(l.words)-1 {
				text += " " // not seen, but the text can be copied with its spaces
				if next := l.words[i+1]; piece.underline && next.pieces[0].underline {
					end += next.gap + stretch
				}
			}
			p.text(at, baseline, text, piece)
			if piece.underline {
				p.pdf.Line(at, baseline+1.5, end, baseline+1.5)
			}
			if link := printedLink(piece.link); link != "" {
				p.pdf.LinkString(at, baseline-ascent*piece.size, long, piece.size, link)
			}
			at += long
		}
	}
}
