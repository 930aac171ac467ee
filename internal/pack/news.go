package pack

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// draftMark stands before the title of an item that nobody has published.
const draftMark = "[DỰ THẢO] "

// news adds the item: the published one, else the editors' newest version, else a draft from the report and the briefing.
func (s *Service) news(ctx context.Context, who auth.Actor, paper report.Paper, b *briefing.Briefing, out *Pack) error {
	var a article.Article
	stands := false
	if !paper.Draft { // an item is only written of an issued report
		r, err := s.reports.ByID(ctx, who, paper.Report)
		if err != nil {
			return err
		}
		if a, stands, err = s.articles.Of(ctx, who, r.Unit, r.Period); err != nil {
			return err
		}
	}
	if !stands {
		a = draft(paper.Content, b)
		a.UpdatedAt = s.clock.Milli()
	}
	x := Paper{Stem: "06-tin-bai", Title: titleNews, Draft: a.State != article.Published, Formats: []string{"html"}}
	if x.Draft {
		a.Title = draftMark + a.Title
	}
	x.write = func(string) ([]byte, error) { return article.HTML(a) }
	out.add(x)
	return nil
}

// draft writes an item in the words of the report: when the briefing is or was, what each topic begins with, and what went well.
// Shortcomings and tasks are the meeting's to tell: what it asks for is in the item once it has concluded.
func draft(c report.Content, b *briefing.Briefing) article.Article {
	a := article.Article{State: article.Draft}
	name := strings.TrimPrefix(c.PeriodName, "kỳ ")
	var body []string
	if b == nil {
		a.Title = "Kết quả công tác Mặt trận và các tổ chức chính trị - xã hội " + name
		a.Lead = c.UnitName + " tổng hợp kết quả công tác Mặt trận và các tổ chức chính trị - xã hội " + name + "."
	} else {
		verb := "tổ chức"
		if b.State == briefing.Convened {
			verb = "sẽ tổ chức"
		}
		a.Title = "Giao ban với Mặt trận và các tổ chức chính trị - xã hội " + name
		a.Lead = "Ngày " + viet.FormatDate(b.Day) + ", " + b.Convener() + " " + verb + " " + b.Title() + " với Mặt trận và các tổ chức chính trị - xã hội."
		if names := b.ChairNames(); names != "" {
			a.Lead += " Chủ trì: " + names + "."
		}
	}
	for _, part := range []struct {
		heading string
		lines   []string
	}{{"## Kết quả", results(c, &a)}, {"## Chỉ tiêu năm đạt tiến độ", strengths(c, &a)}} {
		if len(part.lines) > 0 {
			body = append(append(body, part.heading), part.lines...)
		}
	}
	if b != nil && b.State == briefing.Concluded {
		var points []string
		for _, p := range b.Points {
			points = append(points, strings.TrimRight(p.Text, " .;")+".")
		}
		body = append(body, "## Kết luận", strings.Join(points, " "))
	}
	a.Body = strings.TrimRight(strings.Join(body, "\n\n"), ".") + "./."
	return a
}

// results is the first line of each topic of the report.
func results(c report.Content, a *article.Article) []string {
	var out []string
	for _, w := range c.Sections {
		if _, ok := w.Topic(); ok && len(w.Paragraphs) > 0 {
			out = append(out, quote(c, w.Paragraphs[0], a))
		}
	}
	return out
}

func strengths(c report.Content, a *article.Article) []string {
	var out []string
	for _, w := range c.Sections {
		if w.Code != report.Strengths {
			continue
		}
		for _, para := range w.Paragraphs {
			out = append(out, quote(c, para, a))
		}
	}
	return out
}

// comparison begins what a line of the report says of the year before. A news item leaves it out: while reports come in, fewer
// bodies stand on one side of it.
const comparison = "; so với cùng kỳ năm trước"

// quote is a line of the report; its numbers keep their addresses.
func quote(c report.Content, para []report.Span, a *article.Article) string {
	line := ""
	for _, s := range para {
		if said, _, cut := strings.Cut(s.Text, comparison); cut {
			return strings.TrimPrefix(line+said, "- ") + "."
		}
		line += s.Text
		if s.Ref == 0 {
			continue
		}
		n := c.Numbers[s.Ref-1]
		number := article.Number{Text: s.Text, Name: n.Name, URL: n.URL, Short: n.Short}
		if n.Has && !slices.Contains(a.Numbers, number) {
			a.Numbers = append(a.Numbers, number)
		}
	}
	return strings.TrimPrefix(line, "- ")
}
