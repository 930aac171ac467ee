package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
)

// Content is a consolidated report with every number written out: what pages show, what documents print and what freezing
// stores. Its JSON is canonical: fields in this order, no maps, so that equal reports are equal bytes.
type Content struct {
	Format     int       `json:"format"`
	Report     string    `json:"report"`
	Issue      int       `json:"issue"`
	Unit       string    `json:"unit"`
	UnitName   string    `json:"unit_name"`
	Period     string    `json:"period"`
	PeriodName string    `json:"period_name"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Layer      int64     `json:"layer"`
	Day        string    `json:"day"` // of the document
	Head       Head      `json:"head"`
	Sections   []Written `json:"sections"`
	Numbers    []Number  `json:"numbers"`
	Problems   []string  `json:"-"` // tokens that lead nowhere; freezing refuses them
}

// contentFormat is raised when the meaning of Content changes; old reports keep theirs.
const contentFormat = 1

// Head is what stands around a report as a document.
type Head struct {
	Parent      string      `json:"parent"`
	Issuer      string      `json:"issuer"`
	Organ       string      `json:"organ"`
	Symbol      string      `json:"symbol"`
	Place       string      `json:"place"`
	Subject     string      `json:"subject"`
	Authorities [][2]string `json:"authorities"`
	Office      string      `json:"office"`
	Name        string      `json:"name"`
	Recipients  []string    `json:"recipients"`
	Archive     string      `json:"archive"`
}

// Written is a section as it reads.
type Written struct {
	Code       string   `json:"code"`
	Number     string   `json:"number"` // "II" or "3"; empty for the opening and for what is not printed
	Heading    string   `json:"heading"`
	Level      int      `json:"level"`
	Paragraphs [][]Span `json:"paragraphs"`
	Table      []Line   `json:"table"`
}

// Blank tells that the section has nothing to print.
func (w Written) Blank() bool { return len(w.Paragraphs) == 0 && len(w.Table) == 0 }

// Topic is the topic of indicators that a section of results is about.
func (w Written) Topic() (string, bool) { return topicOf(w.Code) }

// HasFigures tells whether any topic has a figure to show: a period without one has no report to speak of.
func (c Content) HasFigures() bool {
	return slices.ContainsFunc(c.Sections, func(w Written) bool { return len(w.Table) > 0 })
}

// Said lists the lines of a section as plain text, without the dash of a list.
func (c Content) Said(code string) []string {
	var out []string
	for _, w := range c.Sections {
		if w.Code != code {
			continue
		}
		for _, para := range w.Paragraphs {
			line := ""
			for _, s := range para {
				line += s.Text
			}
			out = append(out, strings.TrimPrefix(line, "- "))
		}
	}
	return out
}

// Span is text of a section. Ref counts from 1 into Numbers; 0 is plain text.
type Span struct {
	Text string `json:"text"`
	Ref  int    `json:"ref,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Line is one row of a topic's table.
type Line struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Measure   string `json:"measure"`
	Part      bool   `json:"part"` // a part of the line above
	Now       Span   `json:"now"`
	ToDate    Span   `json:"to_date"`
	Last      Span   `json:"last"`
	Change    Span   `json:"change"`
	Plan      Span   `json:"plan"`
	Percent   Span   `json:"percent"`
	Pace      string `json:"pace"` // figure.Pace
	Reporting Span   `json:"reporting"`
}

// seal gives the canonical bytes and their hash.
func (c Content) seal() (text []byte, sha string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return nil, "", fmt.Errorf("seal report %s: %w", c.Report, err)
	}
	text = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return text, hashOf(text), nil
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// writer writes sections out and gathers their numbers, each once.
type writer struct {
	numbers *numbers
	list    []Number
	at      map[string]int
	bad     []string
}

func newWriter(n *numbers) *writer { return &writer{numbers: n, at: map[string]int{}} }

// ref gives the number's place in the list, from 1.
func (w *writer) ref(n Number) int {
	key := fmt.Sprintf("%s/%s", n.token(), n.Text)
	if i, ok := w.at[key]; ok {
		return i
	}
	w.list = append(w.list, n)
	w.at[key] = len(w.list)
	return len(w.list)
}

// text writes a section's text out, a paragraph a line. where names the section in complaints.
func (w *writer) text(where, text string) ([][]Span, error) {
	var out [][]Span
	var para []Span
	flush := func() {
		if len(para) > 0 {
			out = append(out, para)
		}
		para = nil
	}
	add := func(s Span) {
		if s.Text != "" {
			para = append(para, s)
		}
	}
	pieces, broken := ParseText(text)
	for _, b := range broken {
		w.bad = append(w.bad, where+", "+lower(b.Error()))
	}
	for _, p := range pieces {
		if p.Token == nil {
			for i, line := range strings.Split(p.Text, "\n") {
				if i > 0 {
					flush()
				}
				if strings.TrimSpace(line) != "" || len(para) > 0 {
					add(Span{Text: line})
				}
			}
			continue
		}
		n, complaint, err := w.numbers.resolve(*p.Token)
		if err != nil {
			return nil, err
		}
		switch {
		case complaint != "":
			w.bad = append(w.bad, fmt.Sprintf("%s, dòng %d: %s: %s", where, p.Token.Line, p.Token.Raw, complaint))
			add(Span{Text: p.Token.Raw})
		case p.Token.Code == "":
			add(Span{Text: n.Text, URL: n.URL})
		default:
			add(Span{Text: n.Text, Ref: w.ref(n), URL: n.URL})
		}
	}
	flush()
	return out, nil
}

func lower(s string) string { return strings.Replace(s, "Dòng", "dòng", 1) }

// table makes the lines of a topic: each indicator that has a number in the period, in the year, a year ago, or a plan.
func (w *writer) table(x *subject, list []indicator.Indicator) []Line {
	var out []Line
	for _, in := range list {
		l, some := w.line(x, in, indicator.Part{})
		if !some {
			continue
		}
		out = append(out, l)
		for _, p := range in.Parts {
			if l, some := w.line(x, in, p); some {
				l.Part = true
				out = append(out, l)
			}
		}
	}
	return out
}

func (w *writer) line(x *subject, in indicator.Indicator, part indicator.Part) (Line, bool) {
	l := Line{Code: indicator.Address(in, part), Name: in.Name, Measure: in.Unit, Pace: string(figure.NoPlan)}
	columns := []struct {
		what What
		to   *Span
	}{{ThisPeriod, &l.Now}, {LastYear, &l.Last}, {Change, &l.Change}}
	if in.Measure == indicator.Flow || in.Across == indicator.Ratio { // of what stands at a day the period's number is the year's
		columns = append(columns, struct {
			what What
			to   *Span
		}{ToDate, &l.ToDate})
	}
	if part.Part != indicator.Total {
		l.Name = part.Name
	} else {
		columns = append(columns, []struct {
			what What
			to   *Span
		}{{PlanOf, &l.Plan}, {PercentPlan, &l.Percent}}...)
	}
	found := make([]Number, len(columns))
	some := false
	for i, c := range columns {
		found[i] = x.number(in, part, c.what)
		some = some || found[i].Qualifier != viet.Blank.Code()
	}
	if !some && (x.own || in.Across != indicator.None || x.was.Raw(x.times.p, in, part.Part).Blank()) {
		return l, false
	}
	put := func(n Number) Span {
		n = n.bare()
		return Span{Text: n.Text, Ref: w.ref(n), URL: n.URL}
	}
	for i, c := range columns {
		if n := found[i]; n.Qualifier != viet.Blank.Code() || c.what == LastYear && n.Text == notComparable || c.what == ThisPeriod && n.Text == notAdded {
			*c.to = put(n) // what is blank stays blank: no zero, no dash
		}
	}
	if part.Part == indicator.Total {
		l.Pace = string(x.pace(in))
		if !x.own && in.Across != indicator.Ratio {
			l.Reporting = put(x.number(in, part, Reporting))
		}
	}
	return l, true
}

// bare is the number as a table prints it, on the page and in documents alike: without its unit of measure, which stands
// beside it. Money keeps its short form, "602 triệu": nine digits do not fit a column of a page.
func (n Number) bare() Number {
	if n.Has && n.Of != Change && n.Of != PercentLast && n.Of != PercentPlan {
		q, _ := viet.QualifierOf(n.Qualifier)
		in := indicator.Indicator{Decimals: n.Decimals}
		if viet.IsMoney(n.Measure) {
			in.Unit = n.Measure
		}
		n.Text = strings.TrimSuffix(figure.Print(figure.Value{Number: n.Value, Has: true, Qualifier: q}, "", in), " "+in.Unit)
	}
	n.Bare = true
	return n
}
