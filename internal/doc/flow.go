package doc

// flow is what a document comes down to: sections of paragraphs and grids, measured in points, that each renderer draws in its
// own way. Everything that the layouts decide has been decided here, so DOCX and PDF cannot differ.
type section struct {
	landscape bool
	elements  []element
}

type element interface{ element() }

// para is a paragraph, or a horizontal rule when rule is over 0.
type para struct {
	style         string // of Word's style list
	level         int    // outline level counted from 1, 0 = body text
	align         Align  // Natural is justified
	first         float64
	left, hanging float64
	before, after float64
	line          float64 // multiple of single spacing, or points when exact
	exact         bool
	keep          bool // on one page with what follows
	spans         []span
	rule          float64 // length of a solid line, centred
}

type span struct {
	text                    string
	size                    float64
	bold, italic, underline bool
	link, note              string
}

type grid struct {
	widths   []float64
	rows     []gridRow
	headRows int
	ruled    bool
	pad      float64 // left and right in each cell
	before   float64
}

type gridRow struct {
	cells []gridCell
}

type gridCell struct {
	paras  []para
	span   int  // columns
	down   int  // rows that the cell covers; 0 and 1 are alike
	joined bool // covered by the cell above
	middle bool // vertically centred
}

func (para) element() {}
func (grid) element() {}

const (
	mm       = 72 / 25.4
	a4Width  = 210 * mm
	a4Height = 297 * mm
)

func (s section) size() (w, h float64) {
	if s.landscape {
		return a4Height, a4Width
	}
	return a4Width, a4Height
}

// body is the width that text has in a section.
func (l layout) body(landscape bool) float64 {
	w, _ := section{landscape: landscape}.size()
	return w - (l.Left+l.Right)*mm
}

// size is the largest size in a paragraph; an empty one has the given size.
func (p para) size(empty float64) float64 {
	size := 0.0
	for _, s := range p.spans {
		size = max(size, s.size)
	}
	if size == 0 {
		return empty
	}
	return size
}
