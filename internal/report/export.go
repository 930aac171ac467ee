package report

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/doc"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// Paper is a consolidated report to be printed. A draft has the numbers of now; what is issued never changes but for the
// number and date that it is entered under.
type Paper struct {
	Content
	Letter
	Draft bool
}

// Document reads a consolidated report as an administrative document in the layout of its day.
func (s *Service) Document(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	p, err := s.byID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	return p.Document(), nil
}

// File is a file to download.
type File struct {
	Name, Type string
	Data       []byte
}

// Export writes a consolidated report as docx, pdf or xlsx. The same frozen report gives the same bytes.
func (s *Service) Export(ctx context.Context, who auth.Actor, id, format string) (File, error) {
	p, err := s.byID(ctx, who, id)
	if err != nil {
		return File{}, err
	}
	return p.File(format)
}

// File writes the paper as docx, pdf or xlsx. The name of a draft's file says so.
func (p Paper) File(format string) (File, error) {
	var b bytes.Buffer
	name := "bao-cao " + p.UnitName + " " + p.Period
	if p.Draft {
		name += " du-thao"
	}
	f := File{Name: viet.Slug(name, 80) + "." + format}
	var err error
	switch format {
	case "docx":
		f.Type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
		err = doc.DOCX(&b, p.Document())
	case "pdf":
		f.Type = "application/pdf"
		err = doc.PDF(&b, p.Document())
	case "xlsx":
		f.Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = p.workbook(&b)
	default:
		return f, fault.NotFound()
	}
	if err != nil {
		return f, fmt.Errorf("export report %s as %s: %w", p.Report, format, err)
	}
	f.Data = b.Bytes()
	return f, nil
}

// Document lays the content out. It adds no number and no word of content.
func (p Paper) Document() doc.Document {
	c := p.Content
	d := doc.Document{
		System: doc.State, Date: cmp.Or(p.Date, c.Day), Undated: p.Draft && p.Date == "", Draft: p.Draft, Kind: doc.Report, Place: c.Head.Place,
		Number: p.Number, Symbol: cmp.Or(p.Symbol, c.Head.Symbol), Subject: c.Head.Subject,
		Issuer: doc.Issuer{Parent: headName(c.Head.Parent), Name: headName(c.Head.Issuer), Sub: c.Head.Organ}, Ending: true,
		Recipients: c.Head.Recipients, Archive: c.Head.Archive,
	}
	sign := doc.Signature{Office: c.Head.Office, Name: c.Head.Name}
	for _, a := range c.Head.Authorities {
		sign.Authorities = append(sign.Authorities, doc.Authority{Form: a[0], Body: a[1]})
	}
	if sign.Office == "" {
		sign.Office = "Người lập báo cáo"
	}
	d.Signatures = []doc.Signature{sign}
	tables := 0
	for _, w := range c.Sections {
		if w.Level > 0 && w.Number == "" {
			continue
		}
		if w.Level > 0 {
			d.Body = append(d.Body, doc.Heading{Level: w.Level, Number: w.Number, Text: w.Heading})
		}
		d.Body = append(d.Body, paragraphs(w.Paragraphs)...)
		if len(w.Table) > 0 {
			tables++
			d.Body = append(d.Body, c.topicTable(w, tables))
		}
	}
	if annex, ok := c.annex(); ok {
		d.Annexes = []doc.Annex{annex}
	}
	return d
}

// headName is a body's name as left heads have it, short and with its place on a line of its own: "Ủy ban MTTQ Việt Nam / thị xã …".
func headName(name string) string {
	name = strings.ReplaceAll(name, "Mặt trận Tổ quốc", "MTTQ")
	for _, l := range levels {
		if before, after, ok := strings.Cut(name, " "+strings.ToLower(l.word)+" "); ok {
			return before + "\n" + strings.ToLower(l.word) + " " + after
		}
	}
	return name
}

// paragraphs makes lists of runs of lines that begin with a dash.
func paragraphs(list [][]Span) []doc.Block {
	var out []doc.Block
	var items [][]doc.Run
	flush := func() {
		if len(items) > 0 {
			out = append(out, doc.List{Marks: doc.Dashes, Items: items})
		}
		items = nil
	}
	for _, para := range list {
		if strings.HasPrefix(para[0].Text, "- ") {
			cut := append([]Span(nil), para...)
			cut[0].Text = strings.TrimPrefix(cut[0].Text, "- ")
			items = append(items, runs(cut))
			continue
		}
		flush()
		out = append(out, doc.Runs(runs(para)...))
	}
	flush()
	return out
}

func runs(spans []Span) []doc.Run {
	var out []doc.Run
	for _, s := range spans {
		if s.Text != "" {
			out = append(out, doc.Run{Text: s.Text, Link: s.URL})
		}
	}
	return out
}

// topicTable prints money in the short style: an upright page has no room for ten digits in six columns.
func (c Content) topicTable(w Written, number int) doc.Table {
	t := doc.Table{Caption: fmt.Sprintf("Bảng %d. %s", number, w.Heading), Columns: []doc.Column{
		{Title: "Chỉ tiêu", Width: 4.2}, {Title: "Trong kỳ", Width: 2, Align: doc.Right},
		{Title: "Lũy kế", Width: 2, Align: doc.Right}, {Title: "Cùng kỳ", Width: 2, Align: doc.Right}, {Title: "So cùng kỳ", Width: 2.6, Align: doc.Right},
		{Title: "Kế hoạch", Width: 1.5, Align: doc.Right}, {Title: "% kế hoạch", Width: 1.4, Align: doc.Right},
	}}
	for _, l := range w.Table {
		name := l.Name
		if l.Part {
			name = "- " + name
		}
		row := doc.Cells(name + " (" + l.Measure + ")")
		for _, s := range []Span{l.Now, l.ToDate, l.Last, l.Change, l.Plan, l.Percent} {
			row.Cells = append(row.Cells, doc.Cell{Runs: runs([]Span{s})})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// annex has the report's figures, one row an indicator and unit, each number on one line, with the address that they are looked
// up under. Each number opens by itself where the document is read on a screen.
func (c Content) annex() (doc.Annex, bool) {
	if len(c.Numbers) == 0 {
		return doc.Annex{}, false
	}
	type key struct{ name, unit string }
	var order []key
	rows := map[key]*[6]doc.Run{} // name, the four numbers, address
	for _, n := range c.distinct() {
		k := key{n.Name, n.Unit}
		row := rows[k]
		if row == nil {
			name := n.Name
			if n.Unit != c.Unit {
				name += ", " + n.Unit
			}
			address, _, _ := strings.Cut(n.Short, " (")
			row = &[6]doc.Run{{Text: name}, 5: {Text: address, Link: n.URL}}
			rows[k], order = row, append(order, k)
		}
		at := slices.Index(annexColumns, n.Of) + 1
		if at == 0 {
			continue
		}
		row[at] = doc.Run{Text: n.bare().Text, Link: n.URL}
		if !strings.HasSuffix(row[0].Text, ")") && n.Measure != "" {
			row[0].Text += " (" + n.Measure + ")"
		}
		if n.Of == ThisPeriod || n.Of == ToDate { // rather than the year before's
			row[5].Text, _, _ = strings.Cut(n.Short, " (")
			row[5].Link = n.URL
		}
	}
	t := doc.Table{Columns: []doc.Column{
		{Title: "STT", Width: 0.9, Align: doc.Center}, {Title: "Chỉ tiêu", Width: 5.6}, {Title: "Trong kỳ", Width: 4.4, Align: doc.Right}, {Title: "Lũy kế", Width: 4.4, Align: doc.Right},
		{Title: "Cùng kỳ", Width: 4.4, Align: doc.Right}, {Title: "Kế hoạch", Width: 2, Align: doc.Right}, {Title: "Địa chỉ tra cứu", Width: 3.9},
	}}
	for i, k := range order {
		row := doc.Cells(fmt.Sprint(i + 1))
		for _, r := range rows[k] {
			row.Cells = append(row.Cells, doc.Cell{Runs: []doc.Run{r}})
		}
		t.Rows = append(t.Rows, row)
	}
	layer := "số liệu các đơn vị đã nhập"
	if figure.Layer(c.Layer) == figure.Approved {
		layer = "số liệu đã duyệt"
	}
	return doc.Annex{Title: "Số liệu trong báo cáo và địa chỉ tra cứu", Landscape: true, Body: []doc.Block{
		doc.Text("Số liệu lấy từ " + layer + ". Mỗi địa chỉ mở được đến các đơn vị, các lần nhập và nguồn của con số."), t,
	}}, true
}

// annexColumns are the numbers that the annex has columns for; a comparison or a share follows from them.
var annexColumns = []What{ThisPeriod, ToDate, LastYear, PlanOf}

// distinct lists each number once: a table repeats what the sentences say.
func (c Content) distinct() []Number {
	var out []Number
	seen := map[Token]bool{}
	for _, n := range c.Numbers {
		if t := n.token(); !seen[t] {
			seen[t] = true
			out = append(out, n)
		}
	}
	return out
}

// workbook writes the report's tables, texts and numbers.
func (c Content) workbook(out *bytes.Buffer) error {
	w := sheet.NewWriter("Báo cáo tổng hợp "+c.PeriodName+", "+c.UnitName, c.Head.Issuer, c.Day)
	t := w.Table("Số liệu", true, []sheet.Column{
		{Title: "Mã", Width: 12}, {Title: "Chỉ tiêu", Width: 45}, {Title: "Đơn vị tính", Width: 14}, {Title: "Trong kỳ", Width: 18}, {Title: "Lũy kế", Width: 18},
		{Title: "Cùng kỳ năm trước", Width: 18}, {Title: "So cùng kỳ", Width: 16}, {Title: "Kế hoạch", Width: 18}, {Title: "% kế hoạch", Width: 12},
		{Title: "Số đơn vị có số liệu", Width: 12}, {Title: "Địa chỉ tra cứu", Width: 26},
	})
	for _, s := range c.Sections {
		if len(s.Table) == 0 {
			continue
		}
		t.Total(sheet.Blank(), sheet.Str(s.Heading))
		for _, l := range s.Table {
			name := l.Name
			if l.Part {
				name = "- " + name
			}
			short := ""
			if l.Now.Ref > 0 {
				short = c.Numbers[l.Now.Ref-1].Short
			}
			t.Row(sheet.Str(l.Code), sheet.Str(name), sheet.Str(l.Measure), c.cell(l.Now), c.cell(l.ToDate), c.cell(l.Last), c.cell(l.Change), c.cell(l.Plan),
				c.cell(l.Percent), c.cell(l.Reporting), sheet.Str(short))
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	t = w.Table("Nội dung", false, []sheet.Column{{Title: "Mục", Width: 8}, {Title: "Nội dung", Width: 110}})
	for _, s := range c.Sections {
		if s.Heading != "" && s.Number != "" {
			t.Total(sheet.Str(s.Number), sheet.Str(s.Heading))
		}
		for _, para := range s.Paragraphs {
			text := ""
			for _, x := range para {
				text += x.Text
			}
			t.Row(sheet.Blank(), sheet.Str(text))
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	t = w.Table("Tra cứu", true, []sheet.Column{
		{Title: "STT", Width: 6}, {Title: "Chỉ tiêu", Width: 45}, {Title: "Nội dung", Width: 16}, {Title: "Đơn vị", Width: 14}, {Title: "Số liệu", Width: 28}, {Title: "Địa chỉ tra cứu", Width: 32},
	})
	for i, n := range c.distinct() {
		t.Row(sheet.Num(int64(i+1), 0), sheet.Str(n.Name), sheet.Str(string(n.Of)), sheet.Str(n.Unit), sheet.Str(n.Text), sheet.Str(n.Short))
	}
	if err := t.Close(); err != nil {
		return err
	}
	return w.Save(out)
}

// cell is a number where the text is nothing but the number; a qualifier makes it text, so that it is not lost.
func (c Content) cell(s Span) sheet.Value {
	if s.Ref == 0 || s.Ref > len(c.Numbers) {
		return sheet.Str(s.Text)
	}
	n := c.Numbers[s.Ref-1]
	if n.Has && n.Qualifier == viet.Exact.Code() && n.Of != Change && n.Measure != percentMeasure {
		return sheet.Num(n.Value, n.Decimals)
	}
	return sheet.Str(s.Text)
}
