package briefing

import (
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// Prospect is what is known before a briefing is concluded, from which the office prepares its papers.
type Prospect struct {
	Previous     *Briefing   // the last conclusion; nil where there is none
	Asked        []task.Task // what it asked for, as it stands
	Open         []task.Task // not done yet, whichever conclusion asked
	Strengths    []string    // as the report says them
	Shortcomings []Source
}

// ways is what a conclusion asks where the data show a shortcoming. Whom and by when is the chair's to say.
var ways = []struct {
	rule report.Rule
	text string
}{
	{report.NotReported, "Các đơn vị chưa gửi báo cáo hoàn thành ngay việc gửi báo cáo"},
	{report.ReportedLate, "Các đơn vị gửi báo cáo chậm chấn chỉnh, gửi báo cáo kỳ sau đúng hạn"},
	{report.BehindPlan, "Tập trung thực hiện các chỉ tiêu năm còn chậm"},
	{report.NoVisit, "Tổ chức hướng dẫn, kiểm tra các mô hình “Dân vận khéo” đã đăng ký"},
	{report.Unanswered, "Đôn đốc trả lời các kiến nghị sau giám sát, phản biện"},
	{report.Contradiction, "Rà soát, xác nhận lại các số liệu tự mâu thuẫn"},
	{report.DoubleCount, "Xác định phần số liệu trùng giữa các đơn vị"},
}

// proposed fills what the office has not written yet: the assessment from what the data show, the points from the open tasks
// and the shortcomings. It writes no word of the chair's.
func proposed(b Briefing, p Prospect, today string) Briefing {
	if len(b.Findings) == 0 {
		for _, text := range p.Strengths {
			b.Findings = append(b.Findings, Finding{Kind: Result, Text: text})
		}
		for _, x := range p.Shortcomings {
			b.Findings = append(b.Findings, Finding{Kind: Shortcoming, Text: x.Title, URL: x.URL, Source: x.Key})
		}
	}
	if len(b.Points) > 0 {
		return b
	}
	add := func(text string, d Demand) {
		b.Points = append(b.Points, Point{Ordinal: len(b.Points) + 1, Kind: Requirement, Text: text, Demands: []Demand{d}})
	}
	for _, t := range p.Open {
		text := fmt.Sprintf("Tiếp tục thực hiện nhiệm vụ: %s (%s)", viet.LowerFirst(strings.TrimRight(t.Text, " .;")), stands(t, today))
		d := Demand{LeadName: t.Leader.Name, Evidence: t.Evidence}
		if t.Due >= b.Day {
			d.Due = t.Due
		}
		for _, o := range t.Others {
			d.Partners = append(d.Partners, o.Name)
		}
		add(text, d)
	}
	for _, w := range ways {
		about, some := "", false
		for _, x := range p.Shortcomings {
			if x.Rule == w.rule {
				some, about = true, join("; ", about, viet.LowerFirst(x.About))
			}
		}
		if some {
			add(join(": ", w.text, about), Demand{})
		}
	}
	return b
}

// stands is how a task stands, in the words of a bracket: "thời hạn 15/09/2019, đang thực hiện, quá hạn 16 ngày, đã làm 40%".
func stands(t task.Task, today string) string {
	text := "thời hạn " + viet.FormatDate(t.Due)
	if t.Due != t.OriginalDue {
		text += ", ban đầu " + viet.FormatDate(t.OriginalDue)
	}
	text += ", " + task.StateText(t, today)
	if t.Share > 0 && !t.State.Closed() {
		text += fmt.Sprintf(", đã làm %d%%", t.Share)
	}
	return text
}

// counted says how many of some tasks stand how: "giao 04 nhiệm vụ: 01 hoàn thành, 03 đang thực hiện (01 quá hạn)".
func counted(tasks []task.Task, today string) string {
	var parts []string
	for _, s := range slices.Backward(task.States) {
		n, late := 0, 0
		for _, t := range tasks {
			if t.State == s {
				n++
				if t.Overdue(today) {
					late++
				}
			}
		}
		if n == 0 {
			continue
		}
		part := viet.TwoDigits(int64(n)) + " " + s.Name()
		if late > 0 {
			part += fmt.Sprintf(" (%s quá hạn)", viet.TwoDigits(int64(late)))
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("giao %s nhiệm vụ: %s", viet.TwoDigits(int64(len(tasks))), strings.Join(parts, ", "))
}
