package briefing

import (
	"context"
	"fmt"
	"io"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// Invitation is the letter that calls the briefing together.
func (s *Service) Invitation(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	return invitation(b), nil
}

// Minutes is the record of the briefing as far as it has come; before it is held, the form that the secretary takes along.
func (s *Service) Minutes(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	if b.State == Cancelled {
		return doc.Document{}, fault.Refused("Hội nghị này đã hoãn, hủy nên không có biên bản.")
	}
	return minutes(b), nil
}

// Notice is the notice of the conclusion. While the briefing is not concluded it is a draft without day and number, with what
// the data and the open tasks propose where the office has written nothing yet; the invited do not get it.
func (s *Service) Notice(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	if b.State == Concluded {
		return notice(b), nil
	}
	b, p, err := s.drafted(ctx, who, b)
	if err != nil {
		return doc.Document{}, err
	}
	if b = proposed(b, p, s.clock.Today()); len(b.Points) == 0 {
		return doc.Document{}, fault.Refused("Chưa có nội dung kết luận: không còn nhiệm vụ dở dang và số liệu chưa cho thấy hạn chế nào.")
	}
	return notice(b), nil
}

// TaskList is the table of the conclusion's tasks as they stand, as far as the actor may see them. Before the conclusion it is a
// draft: what is still open of earlier ones, and what the office means to ask for.
func (s *Service) TaskList(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	today := s.clock.Today()
	if b.State == Concluded {
		tasks, err := s.tasksOf(ctx, who, b)
		return taskList(b, tasks, today), err
	}
	b, p, err := s.drafted(ctx, who, b)
	if err != nil {
		return doc.Document{}, err
	}
	if d := openList(b, p, today); len(d.Body) > 0 {
		return d, nil
	}
	return doc.Document{}, fault.Refused("Chưa có nhiệm vụ nào: không còn nhiệm vụ dở dang của kết luận trước và chưa dự kiến giao nhiệm vụ mới.")
}

// drafted reads what the papers of a briefing that is not concluded are drafted from.
func (s *Service) drafted(ctx context.Context, who auth.Actor, b Briefing) (Briefing, Prospect, error) {
	if b.State == Cancelled {
		return b, Prospect{}, fault.Refused("Hội nghị này đã hoãn, hủy.")
	}
	whole, p, err := s.prospect(ctx, who, b.ID)
	if fault.Is(err, fault.KindNotFound) {
		return b, p, fault.Refused("Hội nghị chưa kết luận; bản dự thảo chỉ dành cho địa bàn triệu tập.")
	}
	return whole, p, err
}

// tasksOf reads the tasks of a conclusion.
func (s *Service) tasksOf(ctx context.Context, who auth.Actor, b Briefing) ([]task.Task, error) {
	if b.State != Concluded {
		return nil, fault.Refused("Hội nghị chưa kết luận nên chưa có nhiệm vụ.")
	}
	points, err := s.Fulfilment(ctx, who, b)
	var out []task.Task
	for _, p := range points {
		out = append(out, p.Tasks...)
	}
	return out, err
}

// base is what the documents of a briefing have in common.
func base(b Briefing, kind doc.Kind, n Number) doc.Document {
	d := doc.Document{System: b.System, Kind: kind, Issuer: b.issuer(), Symbol: b.Symbol, Place: b.City, Number: n.Number, Date: n.Date, Ending: true, Archive: b.archive()}
	if d.Date == "" { // not signed yet: the day is left open, in the month of the briefing
		d.Date, d.Undated = b.Day, true
	}
	return d
}

// taskList goes with the notice: it has no number of its own, and says on which day the tasks stood so.
func taskList(b Briefing, tasks []task.Task, today string) doc.Document {
	d := listOf(b, "thực hiện kết luận "+b.Title(), today)
	if ref := b.noticeRef(); ref != "" {
		d.Body = append(d.Body, doc.Paragraph{Runs: []doc.Run{{Text: "(Kèm theo " + ref + " của " + oneLine(b.Issuer) + ")", Italic: true}}, Align: doc.Center})
	}
	if len(tasks) == 0 {
		d.Body = append(d.Body, doc.Text("Kết luận này không giao nhiệm vụ nào."))
		return d
	}
	d.Body = append(d.Body, doc.Text("Tính đến ngày "+viet.FormatDate(today)+", kết luận "+counted(tasks, today)+"."), taskTable(tasks, today))
	return d
}

// openList is what is still to be done when the next briefing comes, and what it is meant to ask for.
func openList(b Briefing, p Prospect, today string) doc.Document {
	d := listOf(b, "trình "+b.Title(), today)
	d.Draft = true
	if p.Previous != nil && len(p.Asked) > 0 {
		text := "Tính đến ngày " + viet.FormatDate(today) + ", kết luận " + p.Previous.Title()
		if ref := p.Previous.noticeRef(); ref != "" {
			text += " (" + ref + ")"
		}
		d.Body = append(d.Body, doc.Text(text+" "+counted(p.Asked, today)+"."))
	}
	if len(p.Open) > 0 {
		table := taskTable(p.Open, today)
		table.Caption = "Nhiệm vụ tiếp tục thực hiện"
		d.Body = append(d.Body, table)
	}
	meant := doc.Table{Caption: "Nhiệm vụ dự kiến giao tại hội nghị", Columns: taskColumns[:5]}
	for _, t := range b.Points {
		for _, x := range t.Demands {
			meant.Rows = append(meant.Rows, doc.Cells(fmt.Sprint(len(meant.Rows)+1), or(x.Text, t.Text), whoDoes(x.LeadName, x.Partners), viet.FormatDate(x.Due), x.Evidence))
		}
	}
	if len(meant.Rows) > 0 {
		d.Body = append(d.Body, meant)
	}
	return d
}

// listOf is a list of tasks without its body.
func listOf(b Briefing, subject, today string) doc.Document {
	d := base(b, doc.Sheet, Number{Date: today})
	d.Title, d.Subject, d.Ending, d.Archive = "Danh mục nhiệm vụ", subject, false, ""
	return d
}

var taskColumns = []doc.Column{
	{Title: "STT", Width: 1, Align: doc.Center}, {Title: "Nhiệm vụ", Width: 6}, {Title: "Đơn vị thực hiện", Width: 5}, {Title: "Thời hạn", Width: 2.4, Align: doc.Center},
	{Title: "Minh chứng", Width: 3}, {Title: "Tình trạng", Width: 2.8},
}

func taskTable(tasks []task.Task, today string) doc.Table {
	table := doc.Table{Columns: taskColumns}
	for i, t := range tasks {
		var with []string
		for _, o := range t.Others {
			with = append(with, o.Name)
		}
		state := task.StateText(t, today)
		if t.Share > 0 && !t.State.Closed() {
			state += fmt.Sprintf(", đã làm %d%%", t.Share)
		}
		table.Rows = append(table.Rows, doc.Cells(fmt.Sprint(i+1), t.Text, whoDoes(t.Leader.Name, with), task.DueText(t), t.Evidence, state))
	}
	return table
}

func whoDoes(lead string, with []string) string {
	if len(with) == 0 {
		return "Chủ trì: " + lead
	}
	return "Chủ trì: " + lead + "\nPhối hợp: " + strings.Join(with, "; ")
}

// noticeRef is "Thông báo số 118-TB/ThU ngày 05/07/2019"; empty while the notice has no number.
func (b Briefing) noticeRef() string {
	if b.Notice.Number == "" {
		return ""
	}
	return "Thông báo số " + base(b, doc.Notice, b.Notice).Sign() + " ngày " + viet.FormatDate(b.Notice.Date)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// ICS writes the briefing as a calendar entry. Its sequence rises with each change of time or place, and with a
// cancellation.
func ICS(w io.Writer, b Briefing) error {
	var about []string
	if names := b.ChairNames(); names != "" {
		about = append(about, "Chủ trì: "+names)
	}
	for _, line := range agendaLines(b) {
		about = append(about, "- "+line[0].Text)
	}
	if b.State == Cancelled {
		about = append([]string{"Hoãn, hủy: " + b.Reason}, about...)
	}
	return doc.Invitation(w, doc.ICS{
		UID: b.ID + "@giaoban", Start: b.Start, End: b.End, Summary: b.Title() + " (" + b.UnitName + ")", Location: b.Venue,
		Description: strings.Join(about, "\n"), Sequence: b.Sequence, Stamp: clock.At(b.Changed), Cancelled: b.State == Cancelled,
	})
}
