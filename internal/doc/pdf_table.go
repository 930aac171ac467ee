package doc

// tableRow is a row measured: its cells broken into lines, and its height.
type tableRow struct {
	row    gridRow
	cells  []tableCell
	height float64
}

type tableCell struct {
	gridCell
	x, wide float64 // within the grid
	boxes   []box
	content float64
}

func (p *press) measure(g grid) []tableRow {
	rows := make([]tableRow, len(g.rows))
	for i, r := range g.rows {
		rows[i].row = r
		at, x := 0, 0.0
		for _, c := range r.cells {
			span := max(1, c.span)
			cell := tableCell{gridCell: c, x: x}
			for _, w := range g.widths[at : at+span] {
				cell.wide += w
			}
			for _, para := range c.paras {
				b := breakPara(para, cell.wide-2*g.pad)
				cell.boxes = append(cell.boxes, b)
				cell.content += b.height()
			}
			if c.down <= 1 {
				rows[i].height = max(rows[i].height, cell.content)
			}
			rows[i].cells = append(rows[i].cells, cell)
			at, x = at+span, x+cell.wide
		}
		if g.ruled {
			rows[i].height += 0.5 // the line itself
		}
	}
	// A cell over several rows makes its last row as high as it needs.
	for i, r := range rows {
		for _, c := range r.cells {
			if c.down <= 1 {
				continue
			}
			last := min(i+c.down, len(rows)) - 1
			covered := 0.0
			for _, under := range rows[i : last+1] {
				covered += under.height
			}
			rows[last].height += max(0, c.content-covered)
		}
	}
	return rows
}

func (p *press) grid(g grid) {
	rows := p.measure(g)
	p.y += g.before
	defer func() { p.gap = 0 }()
	if !g.ruled {
		p.whole(g, rows)
		return
	}
	head := rows[:g.headRows]
	headHeight := 0.0
	for _, r := range head {
		headHeight += r.height
	}
	body := rows[g.headRows:]
	first := 0.0
	if len(body) > 0 {
		first = body[0].height
	}
	if p.y+headHeight+first > p.bottom+slack && !p.atTop() {
		p.newPage()
	}
	p.rows(g, head)
	for i, r := range body {
		if p.y+r.height > p.bottom+slack {
			top := p.l.Top*mm + headHeight
			if p.y > top+slack {
				p.newPage()
				p.rows(g, head)
			}
			if p.y+r.height > p.bottom+slack {
				p.longRow(g, r, head)
				continue
			}
		}
		p.rows(g, body[i:i+1])
	}
}

// whole draws rows that must stay on one page: the head, the signatures.
func (p *press) whole(g grid, rows []tableRow) {
	height := 0.0
	for _, r := range rows {
		height += r.height
	}
	if p.y+height > p.bottom+slack && !p.atTop() {
		p.newPage()
	}
	p.rows(g, rows)
}

func (p *press) rows(g grid, rows []tableRow) {
	for i, r := range rows {
		top := p.y
		for _, c := range r.cells {
			if c.joined {
				continue
			}
			height := r.height
			for _, under := range rows[i+1 : min(len(rows), i+max(1, c.down))] {
				height += under.height
			}
			if g.ruled {
				p.pdf.Rect(p.left()+c.x, top, c.wide, height, "D")
			}
			p.y = top
			if c.middle {
				p.y += (height - c.content) / 2
			}
			for _, b := range c.boxes {
				p.y += b.before
				p.lines(b, b.lines, p.left()+c.x+g.pad, c.wide-2*g.pad)
				p.y += b.after
			}
		}
		p.y = top + r.height
	}
}

// longRow draws a row that is higher than a page, page by page, line by line.
func (p *press) longRow(g grid, r tableRow, head []tableRow) {
	type slice struct {
		b    box
		line textLine
	}
	queues := make([][]slice, len(r.cells))
	left := 0
	for i, c := range r.cells {
		for _, b := range c.boxes {
			for _, l := range b.lines {
				queues[i] = append(queues[i], slice{b, l})
				left++
			}
		}
	}
	const edge = 2
	for {
		top, lowest := p.y, p.y
		before := left
		for i, c := range r.cells {
			p.y = top + edge
			for len(queues[i]) > 0 && p.y+queues[i][0].line.height+edge <= p.bottom+slack {
				s := queues[i][0]
				queues[i] = queues[i][1:]
				left--
				p.lines(s.b, []textLine{s.line}, p.left()+c.x+g.pad, c.wide-2*g.pad)
			}
			lowest = max(lowest, p.y+edge)
		}
		for _, c := range r.cells {
			p.pdf.Rect(p.left()+c.x, top, c.wide, lowest-top, "D")
		}
		p.y = lowest
		if left == 0 || left == before { // nothing fits below a head that fills the page: the rest would never end
			return
		}
		p.newPage()
		p.rows(g, head)
	}
}
