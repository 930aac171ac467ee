package article

import (
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// headline are the indicators that a reader wants first, by code; the rest of the item stays with the topics.
var headline = []string{"CT01", "DG01", "DG02", "DG03", "QV01", "AS04", "AS07", "TT01", "HV01", "DV02"}

// write drafts the text from a frozen report and, where there is one, the meeting. Every number in it is one of the report's.
func write(c report.Content, m *Meeting) (Text, []Number) {
	name := strings.TrimPrefix(c.PeriodName, "kỳ ")
	t := Text{Title: "Mặt trận và các tổ chức chính trị - xã hội " + lower(c.UnitName) + ": kết quả " + name}
	var lead strings.Builder
	if m != nil {
		t.Title = "Giao ban với Mặt trận và các tổ chức chính trị - xã hội " + name
		lead.WriteString("Ngày " + viet.FormatDate(m.Day) + ", Thường trực cấp ủy " + lower(c.UnitName) + " giao ban với Mặt trận Tổ quốc và các tổ chức chính trị - xã hội để đánh giá kết quả " + name + ", bàn nhiệm vụ thời gian tới.")
		if len(m.Chairs) > 0 {
			lead.WriteString(" " + strings.Join(m.Chairs, " và ") + " chủ trì.")
		}
	} else {
		lead.WriteString("Ủy ban Mặt trận Tổ quốc và các tổ chức chính trị - xã hội " + lower(c.UnitName) + " tổng hợp kết quả " + name + ".")
	}
	t.Lead = lead.String()
	var numbers []Number
	var body []string
	if lines := results(c, &numbers); len(lines) > 0 {
		body = append(body, "## Kết quả", "Trong kỳ, "+strings.Join(lines, "; ")+".")
	}
	if m != nil && len(m.Results) > 0 {
		body = append(body, sentences(m.Results))
	}
	if m != nil && len(m.Shortcomings) > 0 {
		body = append(body, "## Hạn chế", sentences(m.Shortcomings))
	}
	if m != nil && len(m.Points) > 0 {
		body = append(body, "## Kết luận", sentences(m.Points))
	}
	t.Body = strings.Join(body, "\n\n") + "/."
	if len(body) == 0 {
		t.Body = "Chưa có số liệu tổng hợp trong kỳ./."
	}
	return t, numbers
}

func lower(name string) string {
	for _, word := range []string{"Thị xã", "Thành phố", "Huyện", "Quận", "Phường", "Xã", "Tỉnh"} {
		if rest, ok := strings.CutPrefix(name, word+" "); ok {
			return strings.ToLower(word) + " " + rest
		}
	}
	return name
}

func results(c report.Content, numbers *[]Number) []string {
	var out []string
	for _, code := range headline {
		for _, s := range c.Sections {
			for _, l := range s.Table {
				if l.Code != code || l.Part || l.Now.Ref == 0 {
					continue
				}
				n := c.Numbers[l.Now.Ref-1]
				text := printed(n, l.Measure)
				if !n.Has {
					continue
				}
				*numbers = append(*numbers, Number{Text: text, Name: l.Name, URL: n.URL, Short: n.Short})
				out = append(out, viet.LowerFirst(l.Name)+" "+text)
			}
		}
	}
	return out
}

// printed is a report's number with its unit of measure; a table prints it bare.
func printed(n report.Number, measure string) string {
	if !n.Bare {
		return n.Text
	}
	q, _ := viet.QualifierOf(n.Qualifier)
	return figure.Print(figure.Value{Number: n.Value, Has: true, Qualifier: q}, "", indicator.Indicator{Unit: measure, Decimals: n.Decimals})
}

func sentences(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.TrimRight(strings.TrimSpace(s), ".;") + "."
	}
	return strings.Join(out, " ")
}
