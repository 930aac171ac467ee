package report

import (
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// drafts writes the text of every section from the data, with live numbers, so that a draft stays right as figures change.
// A section without anything to say is empty; nothing is made up.
func (n *numbers) drafts(said []Statement) (map[string]string, error) {
	x, err := n.of("")
	if err != nil {
		return nil, err
	}
	b, err := n.boardOf()
	if err != nil {
		return nil, err
	}
	short, err := n.shortcomings()
	if err != nil {
		return nil, err
	}
	out := map[string]string{
		moDau:    fmt.Sprintf("Thực hiện chương trình công tác năm %d, %s báo cáo kết quả công tác %s như sau:", n.p.Year, n.place.Name, n.p.Name()),
		tinhHinh: n.situation(b), ketQua: "", Strengths: n.strengths(x, b), hanChe: weaknesses(short, said),
		nguyenNhan: items(said, Cause), nhiemVu: items(said, Task), kienNghi: items(said, Proposal),
	}
	byTopic := n.byTopic(said)
	for _, t := range indicator.AllTopics() {
		text, err := n.topic(x, t.Code, byTopic[t.Code])
		if err != nil {
			return nil, err
		}
		if text != "" {
			out[topicSection(t.Code)] = text
		}
	}
	return out, nil
}

func (n *numbers) situation(b Board) string {
	lines := []string{fmt.Sprintf("Kỳ báo cáo từ ngày %s đến ngày %s.", viet.FormatDate(n.p.From), viet.FormatDate(n.p.To))}
	if len(b.Rows) > 0 {
		count := func(w What) string { return Token{Code: Reports, What: w}.String() }
		lines[0] += fmt.Sprintf(" Trong %s đơn vị phải báo cáo, %s đơn vị đã gửi, %s báo cáo đã được duyệt.", count(DueReports), count(SentReports), count(GoodReports))
	}
	return strings.Join(lines, "\n")
}

// strengths: plans that are met or on pace, and everybody reporting in time.
func (n *numbers) strengths(x *subject, b Board) string {
	var lines []string
	for _, in := range n.catalog.All() {
		pace := x.pace(in)
		if pace != figure.Reached && pace != figure.OnPace || in.Better == indicator.Down {
			continue
		}
		lines = append(lines, fmt.Sprintf("- %s: %s, đạt %s kế hoạch, %s.", in.Name, n.done(x, in), Token{Code: in.Code, What: PercentPlan}, pace.Name()))
	}
	if s := b.Summary(); s.Expected > 0 && s.Sent == s.Expected && s.Late == 0 {
		lines = append(lines, "- Tất cả các đơn vị gửi báo cáo đúng hạn.")
	}
	return strings.Join(lines, "\n")
}

// done is the number that is measured against the plan.
func (n *numbers) done(x *subject, in indicator.Indicator) Token {
	if _, of, _, _ := x.plan(in); of.ID == n.p.ID {
		return Token{Code: in.Code}
	}
	return Token{Code: in.Code, What: ToDate}
}

func weaknesses(short []Shortcoming, said []Statement) string {
	var lines []string
	for _, s := range short {
		lines = append(lines, "- "+s.Draft)
	}
	if more := items(said, Shortfall); more != "" {
		lines = append(lines, more)
	}
	return strings.Join(lines, "\n")
}

// items lists the statements of a kind, grouped by campaign in the order in which each first appears.
func items(said []Statement, kinds ...StatementKind) string {
	var topics []string
	byTopic := map[string][]string{}
	for _, s := range said {
		if !slices.Contains(kinds, s.Kind) {
			continue
		}
		if _, ok := byTopic[s.Topic]; !ok {
			topics = append(topics, s.Topic)
		}
		byTopic[s.Topic] = append(byTopic[s.Topic], item(s))
	}
	var lines []string
	for _, t := range topics {
		lines = append(lines, byTopic[t]...)
	}
	return strings.Join(lines, "\n")
}

// item is one statement as a line: in its own words, with its campaign and a link to the report that it stands in.
func item(s Statement) string {
	text := strings.TrimRight(plainText(s.Text), ".;")
	if s.Topic != "" && !strings.Contains(viet.Fold(s.Text), viet.Fold(s.Topic)) {
		text += " (" + plainText(s.Topic) + ")"
	}
	return fmt.Sprintf("- %s ({{đơn vị=%s}}).", text, s.UnitCode)
}

// topicOfKind is where a statement stands that names no figure.
var topicOfKind = map[StatementKind]string{
	Contribution: "DG", Work: "CT", Model: "MH", Oversight: "GS", Opinion: "YK", Emulation: "KT", PersonRole: "TC",
	Meeting: "KH", Result: "KH", Target: "KH", Indicator: "KH", Other: "KH",
}

// byTopic sorts statements into the topics of results: by the figure that a statement is about, else by its kind.
func (n *numbers) byTopic(said []Statement) map[string][]Statement {
	out := map[string][]Statement{}
	for _, s := range said {
		topic, ok := topicOfKind[s.Kind]
		if !ok {
			continue // shortcomings, causes, tasks, proposals have sections of their own
		}
		for _, c := range s.Cells {
			if in, ok := n.catalog.ByID(c.Indicator); ok {
				topic = in.Topic
				break
			}
		}
		out[topic] = append(out[topic], s)
	}
	return out
}

// topic writes a topic's sentences: one line an indicator that has a figure, then what the bodies say.
func (n *numbers) topic(x *subject, topic string, said []Statement) (string, error) {
	var lines []string
	for _, in := range n.catalog.All() {
		if in.Topic != topic {
			continue
		}
		line, err := n.sentence(x, in)
		if err != nil {
			return "", err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	for _, s := range said {
		lines = append(lines, item(s))
	}
	return strings.Join(lines, "\n"), nil
}

func (n *numbers) sentence(x *subject, in indicator.Indicator) (string, error) {
	if in.Across == indicator.None && !x.own {
		if v, _ := x.value(n.p, in, indicator.Total); v.Blank() {
			return n.each(in)
		}
	}
	now, _ := x.value(n.p, in, indicator.Total)
	year, _ := x.toDate(in, indicator.Total)
	_, _, _, planned := x.plan(in)
	parts := n.parts(x, in)
	if now.Blank() && parts == "" && (year.Blank() || !planned) {
		return "", nil
	}
	var b strings.Builder
	b.WriteString("- " + in.Name + ": ")
	if now.Blank() {
		fmt.Fprintf(&b, "trong kỳ không có số liệu, lũy kế từ đầu năm %s", Token{Code: in.Code, What: ToDate})
	} else {
		b.WriteString(Token{Code: in.Code}.String())
	}
	if parts != "" {
		b.WriteString(" (trong đó " + parts + ")")
	}
	if !now.Blank() && in.Measure == indicator.Flow && len(x.times.soFar) > 1 && !year.Blank() {
		fmt.Fprintf(&b, "; lũy kế từ đầu năm %s", Token{Code: in.Code, What: ToDate})
	}
	if t := (Token{Code: in.Code, What: Change}); now.Has && x.number(in, indicator.Part{}, Change).Has {
		fmt.Fprintf(&b, "; so với cùng kỳ năm trước: %s", t)
		if !x.own && x.was.Sum(n.p, in, indicator.Total).N < x.was.Sum(x.times.last, in, indicator.Total).N { // fewer have reported: no like with like yet
			fmt.Fprintf(&b, " (mới có %s có số liệu, cùng kỳ %s)", Token{Code: in.Code, What: Reporting}, Token{Code: in.Code, What: LastCount})
		}
	}
	if planned {
		fmt.Fprintf(&b, "; đạt %s kế hoạch (%s)", Token{Code: in.Code, What: PercentPlan}, Token{Code: in.Code, What: PlanOf})
	}
	return b.String() + ".", nil
}

func (n *numbers) parts(x *subject, in indicator.Indicator) string {
	var out []string
	for _, p := range in.Parts {
		if v, _ := x.value(n.p, in, p.Part); !v.Blank() {
			out = append(out, fmt.Sprintf("%s %s", viet.LowerFirst(p.Name), Token{Code: indicator.Address(in, p)}))
		}
	}
	return strings.Join(out, ", ")
}

// each names the figures of the units one by one, for an indicator that does not add up.
func (n *numbers) each(in indicator.Indicator) (string, error) {
	units, err := holders(n.ctx, n.tx, n.who, n.place.ID, in.ID, n.layer, n.p.To, []int64{n.p.ID}, n.s.clock.Today())
	if err != nil || len(units) == 0 {
		return "", err
	}
	var out []string
	for _, id := range units {
		u, err := org.FindID(n.ctx, n.tx, id, n.p.To)
		if err != nil {
			return "", err
		}
		out = append(out, fmt.Sprintf("%s (%s)", Token{Code: in.Code, Unit: u.Code}, Token{Unit: u.Code}))
	}
	return "- " + in.Name + ": " + listed(out, "đơn vị") + ".", nil
}
