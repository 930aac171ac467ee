package doc

import (
	"fmt"
	"strconv"

	"giaoban/internal/viet"
)

func (c *compiler) body(blocks []Block) error {
	for i, b := range blocks {
		switch b := b.(type) {
		case Heading:
			c.heading(b)
		case Paragraph:
			c.paragraph(b)
		case List:
			c.list(b)
		case Table:
			if err := c.table(b); err != nil {
				return fmt.Errorf("block %d: %w", i+1, err)
			}
		default:
			return fmt.Errorf("doc: block %d is a %T, which no layout knows", i+1, b)
		}
	}
	return nil
}

// heading: parts are centred, the roman level is in capitals, the arabic one bold, points upright (Decree 30, Annex I, II.6).
func (c *compiler) heading(h Heading) {
	level := max(0, min(h.Level, 3))
	number, text := clean(h.Number), clean(h.Text)
	style := "Heading" + strconv.Itoa(level+1)
	if level == 0 {
		for i, t := range append(lines(number), lines(upper(text))...) {
			p := line(style, t, c.l.Body, true, false)
			p.keep = true
			if i == 0 {
				p.before, p.level = 6, 1
			}
			c.add(p)
		}
		c.add(para{style: "Spacer", line: 4, exact: true, keep: true})
		return
	}
	if level == 1 {
		text = upper(text)
	}
	if number != "" {
		sep := ". "
		if level == 3 {
			sep = ") "
		}
		text = number + sep + text
	}
	p := c.text(style, []span{{text: text, size: c.l.Body, bold: level < 3}})
	p.level, p.keep = level+1, true
	c.add(p)
}

func (c *compiler) paragraph(b Paragraph) {
	p := c.text("BodyText", c.spans(b.Runs, c.l.Body, false))
	p.align, p.keep = b.Align, b.Keep
	if b.Flush || b.Align == Center || b.Align == Right {
		p.first = 0
	}
	if b.Spacing == Tight {
		p.after = 0
	}
	c.add(p)
}

func (c *compiler) list(b List) {
	for i, runs := range b.Items {
		mark := "- "
		switch b.Marks {
		case Letters:
			mark = viet.ListLetter(i) + ") "
		case Numbers:
			mark = strconv.Itoa(i+1) + ". "
		}
		spans := append([]span{{text: mark, size: c.l.Body}}, c.spans(runs, c.l.Body, false)...)
		c.add(c.text("ListItem", spans))
	}
}

const cellPad = 3.5

func (c *compiler) table(t Table) error {
	n := len(t.Columns)
	if n == 0 {
		return fmt.Errorf("doc: table %q has no columns", t.Caption)
	}
	if t.Caption != "" {
		p := line("Caption", clean(t.Caption), c.l.Body, true, false)
		p.before, p.after, p.keep = 4, 4, true
		c.add(p)
	}
	if t.Unit != "" {
		p := line("TableUnit", clean(t.Unit), c.l.TableSize, false, true)
		p.align, p.after, p.keep = Right, 2, true
		c.add(p)
	}
	g := grid{widths: c.columns(t), ruled: true, pad: cellPad}
	head, err := c.tableHead(t)
	if err != nil {
		return err
	}
	g.rows, g.headRows = head, len(head)
	for i, r := range append(append([]Row(nil), t.Rows...), totals(t)...) {
		row, err := c.tableRow(t.Columns, r)
		if err != nil {
			return fmt.Errorf("table %q, row %d: %w", t.Caption, i+1, err)
		}
		g.rows = append(g.rows, row)
	}
	c.add(g, para{style: "Spacer", line: 8, exact: true})
	return nil
}

// columns shares the width out as the table asks, but a column is never narrower than its longest word when there is room.
func (c *compiler) columns(t Table) []float64 {
	n := len(t.Columns)
	least, share := make([]float64, n), make([]float64, n)
	for i, col := range t.Columns {
		share[i] = col.Width
		if col.Width <= 0 {
			share[i] = 1
		}
		least[i] = c.longestWord([]Run{{Text: col.Title, Bold: true}}, true)
	}
	for _, r := range append(append([]Row(nil), t.Rows...), totals(t)...) {
		at := 0
		for _, cell := range r.Cells {
			if cell.Span <= 1 && at < n {
				least[at] = max(least[at], c.longestWord(cell.Runs, r.Bold))
			}
			at += max(1, cell.Span)
		}
	}
	out, fixed := make([]float64, n), make([]bool, n)
	for range n { // each round fixes the columns that their share would make too narrow
		room, shares := c.wide, 0.0
		for i := range n {
			if fixed[i] {
				room -= out[i]
			} else {
				shares += share[i]
			}
		}
		changed := false
		for i := range n {
			if !fixed[i] {
				out[i] = room * share[i] / shares
				if out[i] < least[i] {
					out[i], fixed[i], changed = least[i], true, true
				}
			}
		}
		if !changed {
			break
		}
	}
	sum := 0.0
	for _, w := range out {
		sum += max(w, 0)
	}
	for i := range out {
		out[i] = max(out[i], 0) * c.wide / sum
	}
	return out
}

func totals(t Table) []Row {
	if t.Total == nil {
		return nil
	}
	total := *t.Total
	total.Bold = true
	return []Row{total}
}

// longestWord is what a column needs for its longest unbreakable text, with the room beside it.
func (c *compiler) longestWord(runs []Run, bold bool) float64 {
	longest := 0.0
	for _, w := range words(c.spans(runs, c.l.TableSize, bold)) {
		longest = max(longest, w.width)
	}
	return longest + 2*cellPad + 1
}

// tableHead is one row, or two when columns are grouped: a column outside the groups then covers both.
func (c *compiler) tableHead(t Table) ([]gridRow, error) {
	cell := func(title string) gridCell {
		return gridCell{middle: true, paras: []para{c.cellText([]span{{text: clean(title), size: c.l.TableSize, bold: true}}, Center)}}
	}
	if len(t.Groups) == 0 {
		row := gridRow{}
		for _, col := range t.Columns {
			row.cells = append(row.cells, cell(col.Title))
		}
		return []gridRow{row}, nil
	}
	upperRow, lowerRow := gridRow{}, gridRow{}
	next := 0
	alone := func(to int) {
		for ; next < to; next++ {
			whole := cell(t.Columns[next].Title)
			whole.down = 2
			upperRow.cells = append(upperRow.cells, whole)
			lowerRow.cells = append(lowerRow.cells, gridCell{joined: true})
		}
	}
	for _, group := range t.Groups {
		if group.From < next || group.Span < 1 || group.From+group.Span > len(t.Columns) {
			return nil, fmt.Errorf("doc: header group %q does not fit the columns", group.Title)
		}
		alone(group.From)
		over := cell(group.Title)
		over.span = group.Span
		upperRow.cells = append(upperRow.cells, over)
		for ; next < group.From+group.Span; next++ {
			lowerRow.cells = append(lowerRow.cells, cell(t.Columns[next].Title))
		}
	}
	alone(len(t.Columns))
	return []gridRow{upperRow, lowerRow}, nil
}

func (c *compiler) tableRow(columns []Column, r Row) (gridRow, error) {
	row, at := gridRow{}, 0
	for _, cell := range r.Cells {
		span := max(1, cell.Span)
		if at+span > len(columns) {
			return row, fmt.Errorf("doc: more cells than the %d columns", len(columns))
		}
		align := cell.Align
		if align == Natural {
			align = columns[at].Align
		}
		if align == Natural {
			align = Left
		}
		row.cells = append(row.cells, gridCell{span: span, middle: true,
			paras: []para{c.cellText(c.spans(cell.Runs, c.l.TableSize, r.Bold), align)}})
		at += span
	}
	for ; at < len(columns); at++ {
		row.cells = append(row.cells, gridCell{paras: []para{c.cellText(nil, Left)}})
	}
	return row, nil
}

func (c *compiler) cellText(spans []span, align Align) para {
	return para{style: "TableText", align: align, line: 1, before: 2, after: 2, spans: spans}
}

// signatures puts the list of recipients on the left and the signature on the right, level with each other. Minutes are signed
// twice: the secretary on the left, the chair on the right, and the list stands below.
func (c *compiler) signatures() {
	signers := c.d.Signatures
	if len(signers) == 0 && len(c.f.recipients) == 0 {
		return
	}
	c.keepLast()
	c.add(para{style: "Spacer", line: 6, exact: true, keep: true})
	half := c.wide / 2
	widths := []float64{half, c.wide - half}
	if len(signers) < 2 {
		row := gridRow{cells: []gridCell{{paras: c.recipientParas()}, {}}}
		if len(signers) == 1 {
			row.cells[1].paras = c.signature(signers[0])
		}
		c.add(grid{widths: widths, rows: []gridRow{row}})
		return
	}
	for ; len(signers) > 0; signers = signers[min(2, len(signers)):] {
		row := gridRow{cells: []gridCell{{paras: c.signature(signers[0])}, {}}}
		if len(signers) > 1 {
			row.cells[1].paras = c.signature(signers[1])
		}
		c.add(grid{widths: widths, rows: []gridRow{row}})
	}
	if list := c.recipientParas(); len(list) > 0 {
		c.add(para{style: "Spacer", line: 10, exact: true})
		c.add(grid{widths: widths, rows: []gridRow{{cells: []gridCell{{paras: list}, {}}}}})
	}
}

// keepLast holds the last paragraph together with the signatures: they must not stand alone on a page.
func (c *compiler) keepLast() {
	if n := len(c.out); n > 0 {
		if p, ok := c.out[n-1].(para); ok {
			p.keep = true
			c.out[n-1] = p
		}
	}
}

func (c *compiler) recipientParas() []para {
	if len(c.f.recipients) == 0 {
		return nil
	}
	l := c.l
	head := line("Recipients", "Nơi nhận:", l.RecipientsHead, l.RecipientsItalicBold, l.RecipientsItalicBold)
	head.align = Left
	head.spans[0].underline = !l.RecipientsItalicBold
	out := []para{head}
	for _, t := range c.f.recipients {
		p := line("Recipients", t, l.RecipientsSize, false, false)
		p.align = Left
		out = append(out, p)
	}
	return out
}

// signatureRoom is left between the office and the name for the hand and the seal.
const signatureRoom = 62

func (c *compiler) signature(s Signature) []para {
	var out []para
	for _, t := range authorityLines(c.l, s) {
		out = append(out, line("Signature", t, c.l.AuthoritySize, true, false))
	}
	for _, t := range lines(upper(s.Office)) {
		out = append(out, line("Signature", t, c.l.AuthoritySize, c.l.OfficeBold, false))
	}
	if mark := clean(s.Mark); mark != "" {
		p := line("Signature", mark, c.l.Body, false, true)
		p.before, p.after = 20, 20
		out = append(out, p)
	} else {
		out = append(out, para{style: "Spacer", line: signatureRoom, exact: true})
	}
	if name := clean(s.Name); name != "" {
		out = append(out, line("Signature", name, c.l.SignatureName, true, false))
	}
	return out
}
