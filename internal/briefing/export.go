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
)

// Invitation is the letter that calls the briefing together.
func (s *Service) Invitation(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	return invitation(b), nil
}

// Minutes is the record of the briefing as far as it has come.
func (s *Service) Minutes(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	if b.State != Held && b.State != Concluded {
		return doc.Document{}, fault.Refused("Hội nghị chưa họp nên chưa có biên bản.")
	}
	return minutes(b), nil
}

// Notice is the notice of the conclusion; a draft without day and number while the briefing is not concluded.
func (s *Service) Notice(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	if len(b.Points) == 0 {
		return doc.Document{}, fault.Refused("Chưa có nội dung kết luận.")
	}
	return notice(b), nil
}

// TaskList is the table of the conclusion's tasks as they stand, as far as the actor may see them.
func (s *Service) TaskList(ctx context.Context, who auth.Actor, id string) (doc.Document, error) {
	b, tasks, err := s.tasksOf(ctx, who, id)
	if err != nil {
		return doc.Document{}, err
	}
	return taskList(b, tasks, s.clock.Today()), nil
}

func (s *Service) tasksOf(ctx context.Context, who auth.Actor, id string) (Briefing, []task.Task, error) {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return b, nil, err
	}
	if b.State != Concluded {
		return b, nil, fault.Refused("Hội nghị chưa kết luận nên chưa có nhiệm vụ.")
	}
	points, err := s.Fulfilment(ctx, who, b)
	var out []task.Task
	for _, p := range points {
		out = append(out, p.Tasks...)
	}
	return b, out, err
}

// base is what the documents of a briefing have in common.
func base(b Briefing, kind doc.Kind, n Number) doc.Document {
	d := doc.Document{System: b.System, Kind: kind, Issuer: b.issuer(), Symbol: b.Symbol, Place: b.City, Number: n.Number, Date: n.Date, Ending: true, Archive: b.archive()}
	if d.Date == "" { // not signed yet: the day is left open, in the month of the briefing
		d.Date, d.Undated = b.Day, true
	}
	return d
}

func taskList(b Briefing, tasks []task.Task, today string) doc.Document {
	d := base(b, doc.Sheet, Number{Date: b.Notice.Date})
	d.Title, d.Subject, d.Ending, d.Archive = "Danh mục nhiệm vụ", "thực hiện kết luận "+b.Title(), false, ""
	if d.Undated {
		d.Date, d.Undated = b.Day, false
	}
	table := doc.Table{Columns: []doc.Column{
		{Title: "STT", Width: 1, Align: doc.Center}, {Title: "Nhiệm vụ", Width: 6}, {Title: "Chủ trì", Width: 3}, {Title: "Phối hợp", Width: 3},
		{Title: "Thời hạn", Width: 2.4, Align: doc.Center}, {Title: "Minh chứng", Width: 3}, {Title: "Tình trạng", Width: 2.6},
	}}
	for i, t := range tasks {
		var with []string
		for _, o := range t.Others {
			with = append(with, o.Name)
		}
		table.Rows = append(table.Rows, doc.Cells(fmt.Sprint(i+1), t.Text, t.Leader.Name, strings.Join(with, "; "), task.DueText(t), t.Evidence, task.StateText(t, today)))
	}
	d.Body = []doc.Block{table}
	if len(tasks) == 0 {
		d.Body = []doc.Block{doc.Text("Kết luận này không giao nhiệm vụ nào.")}
	}
	return d
}

// ICS writes the briefing as a calendar entry. Its sequence rises with each change of time or place, and with a
// cancellation.
func ICS(w io.Writer, b Briefing) error {
	var about []string
	if names := b.chairNames(); names != "" {
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
