package briefing

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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

func invitation(b Briefing) doc.Document {
	d := base(b, doc.Summons, b.Summons)
	d.Subject = "Dự " + b.Title()
	var guests [][]doc.Run
	for _, p := range b.Participants {
		if p.Role != Chair {
			guests = append(guests, []doc.Run{{Text: p.Label()}})
		}
	}
	invited := b.Convener() + " trân trọng kính mời:"
	d.Body = []doc.Block{doc.Text(invited)}
	if len(guests) > 0 {
		d.Body = append(d.Body, doc.List{Items: punctuated(guests)})
	}
	d.Body = append(d.Body, doc.Text("Tới dự "+b.Title()+"."))
	if names := b.chairNames(); names != "" {
		d.Body = append(d.Body, doc.Text("Chủ trì: "+names+"."))
	}
	d.Body = append(d.Body, doc.Text("Thời gian: "+moment(b.Start, true)+"."), doc.Text("Địa điểm: "+b.Venue+"."))
	if items := agendaLines(b); len(items) > 0 {
		d.Body = append(d.Body, doc.Text("Nội dung:"), doc.List{Items: items})
	}
	d.Body = append(d.Body, doc.Text("Đề nghị các đồng chí chuẩn bị nội dung, dự họp đúng thời gian và thành phần."))
	if chairs := b.Chairs(); len(chairs) > 0 {
		d.Signatures = []doc.Signature{b.signature(chairs[0])}
	}
	d.Recipients = []string{"Như thành phần mời"}
	return d
}

// agendaLines names the kinds of items, and the free ones each: a letter has no room for every task.
func agendaLines(b Briefing) [][]doc.Run {
	count := map[ItemKind]int{}
	for _, i := range b.Items {
		if !i.Removed {
			count[i.Kind]++
		}
	}
	var out [][]doc.Run
	add := func(format string, args ...any) { out = append(out, []doc.Run{{Text: fmt.Sprintf(format, args...)}}) }
	if n := count[ItemTask]; n > 0 {
		add("Kiểm điểm việc thực hiện kết luận trước: %s nhiệm vụ", viet.TwoDigits(int64(n)))
	}
	if count[ItemReport] > 0 {
		add("Báo cáo tổng hợp kết quả công tác %s", b.PeriodName)
	}
	if count[ItemBody] > 0 {
		add("Các cơ quan, tổ chức báo cáo bổ sung, thảo luận")
	}
	if count[ItemShortcoming] > 0 {
		add("Thảo luận hạn chế, nguyên nhân và giải pháp")
	}
	for _, i := range b.Items {
		if i.Kind == ItemFree && !i.Removed {
			add("%s", i.Title)
		}
	}
	if len(out) > 0 {
		add("Kết luận hội nghị")
	}
	return punctuated(out)
}

// punctuated ends the items of a list with ";", the last one with ".".
func punctuated(items [][]doc.Run) [][]doc.Run {
	for i := range items {
		mark := ";"
		if i == len(items)-1 {
			mark = "."
		}
		last := &items[i][len(items[i])-1]
		last.Text = strings.TrimRight(last.Text, " .;,") + mark
	}
	return items
}

func (b Briefing) chairNames() string {
	var out []string
	for _, p := range b.Chairs() {
		out = append(out, "đồng chí "+join(", ", p.Person, p.Title))
	}
	return strings.Join(out, "; ")
}

// concluder is the chair who concluded, or the first one before.
func (b Briefing) concluder() Participant {
	chairs := b.Chairs()
	at := slices.IndexFunc(chairs, func(p Participant) bool { return join(" ", p.Title, p.Person) == b.Concluder })
	switch {
	case at >= 0:
		return chairs[at]
	case len(chairs) > 0:
		return chairs[0]
	}
	return Participant{}
}

// moment is "08 giờ 00 phút, thứ Ba, ngày 01 tháng 10 năm 2019".
func moment(t time.Time, weekday bool) string {
	t = t.In(clock.Zone)
	day := viet.FormatDateLong(t.Format(time.DateOnly))
	if weekday {
		day = viet.WeekdayName(t.Weekday()) + ", " + day
	}
	return viet.FormatTime(t) + " phút, " + day
}

func minutes(b Briefing) doc.Document {
	d := base(b, doc.Minutes, Number{Date: b.Day})
	d.Subject, d.Archive = b.Title(), ""
	turnout := b.Turnout()
	d.Body = []doc.Block{
		doc.Text("Thời gian bắt đầu: " + moment(b.Start, false) + "."), doc.Text("Địa điểm: " + b.Venue + "."),
		doc.Text(fmt.Sprintf("Thành phần tham dự: %s người được mời; có mặt %s, dự thay %s, vắng %s.", viet.TwoDigits(int64(turnout.Invited)),
			viet.TwoDigits(int64(turnout.Present)), viet.TwoDigits(int64(turnout.Substituted)), viet.TwoDigits(int64(turnout.Absent)))),
	}
	if list := attendanceLines(b); len(list) > 0 {
		d.Body = append(d.Body, doc.List{Items: punctuated(list)})
	}
	d.Body = append(d.Body, doc.Text("Chủ trì (chủ tọa): "+b.chairNames()+"."))
	secretaries := b.inRole(Secretary)
	if len(secretaries) > 0 {
		d.Body = append(d.Body, doc.Text("Thư ký (người ghi biên bản): đồng chí "+secretaries[0].Label()+"."))
	}
	d.Body = append(d.Body, doc.Text("Nội dung (theo diễn biến cuộc họp):"))
	n := 0
	section := func(title string) {
		n++
		d.Body = append(d.Body, doc.Heading{Level: 2, Number: fmt.Sprint(n), Text: title})
	}
	if list := agendaLines(b); len(list) > 0 {
		section("Chương trình")
		d.Body = append(d.Body, doc.List{Items: list})
	}
	if len(b.Statements) > 0 {
		section("Ý kiến tại hội nghị")
		for _, x := range b.Statements {
			lead := "Đồng chí " + x.Label()
			if x.Speaker == "" {
				lead = x.Label()
			}
			if x.Clock != "" {
				lead += " (" + x.Clock + ")"
			}
			d.Body = append(d.Body, doc.Runs(doc.Run{Text: lead + ", " + x.Kind.Name() + ": ", Bold: true}, doc.Run{Text: sentence(x.Text)}))
		}
	}
	if len(b.Findings) > 0 {
		section("Đánh giá")
		d.Body = append(d.Body, findings(b, FindingKinds, true)...)
	}
	if len(b.Points) > 0 {
		section("Kết luận của chủ tọa")
		d.Body = append(d.Body, points(b, PointKinds)...)
	}
	d.Body = append(d.Body, doc.Text("Hội nghị kết thúc vào "+moment(b.End, false)))
	sign := []doc.Signature{{Office: "Thư ký"}, {Office: "Chủ tọa", Name: b.concluder().Person}}
	if len(secretaries) > 0 {
		sign[0].Name = secretaries[0].Person
	}
	d.Signatures = sign
	if d.System == doc.State {
		d.Archive = "Hồ sơ"
	} else {
		d.Archive = b.Office
	}
	return d
}

// attendanceLines names who was absent or substituted; those present are counted.
func attendanceLines(b Briefing) [][]doc.Run {
	var out [][]doc.Run
	for _, p := range b.Participants {
		text := ""
		switch p.Attendance {
		case Absent:
			text = "Vắng: " + p.Label()
			if p.Reason == "" {
				text += " (không rõ lý do)"
			}
		case Substituted:
			text = p.Label() + ": " + join(", ", p.Substitute, p.SubstituteTitle) + " dự thay"
		default:
			continue
		}
		if p.Reason != "" {
			text += " (" + p.Reason + ")"
		}
		out = append(out, []doc.Run{{Text: text}})
	}
	return out
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	s = strings.TrimRight(s, " ;,")
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// findings prints the assessment; titled puts the kind before each group.
func findings(b Briefing, kinds []FindingKind, titled bool) []doc.Block {
	var out []doc.Block
	for _, k := range kinds {
		var list [][]doc.Run
		for _, f := range b.Findings {
			if f.Kind == k {
				list = append(list, []doc.Run{{Text: sentence(f.Text)}})
			}
		}
		if len(list) == 0 {
			continue
		}
		if titled {
			out = append(out, doc.Paragraph{Runs: []doc.Run{{Text: k.Name() + ":", Italic: true}}, Keep: true})
		}
		out = append(out, doc.List{Items: list})
	}
	return out
}

// points prints the points of some kinds, each with who does what by when.
func points(b Briefing, kinds []PointKind) []doc.Block {
	var out []doc.Block
	for _, p := range b.Points {
		if !slices.Contains(kinds, p.Kind) {
			continue
		}
		out = append(out, doc.Paragraph{Runs: []doc.Run{{Text: fmt.Sprintf("(%d) %s", p.Ordinal, sentence(p.Text))}}, Keep: len(p.Demands) > 0})
		for _, d := range p.Demands {
			out = append(out, demand(d))
		}
	}
	return out
}

// demand is "Hội LHPN thị xã chủ trì, phối hợp với Hội Nông dân thị xã rà soát …; minh chứng: …; hoàn thành trước ngày …".
func demand(d Demand) doc.Paragraph {
	runs := []doc.Run{{Text: "- "}, {Text: d.LeadName, Bold: true}, {Text: " chủ trì"}}
	for i, name := range d.Partners {
		lead := ", phối hợp với "
		if i > 0 {
			lead = ", "
		}
		runs = append(runs, doc.Run{Text: lead}, doc.Run{Text: name, Bold: true})
	}
	text := " thực hiện"
	if d.Text != "" {
		text = ": " + lowerFirst(strings.TrimRight(d.Text, " .;,"))
	}
	text += "; hoàn thành trước ngày " + viet.FormatDate(d.Due)
	if d.Evidence != "" {
		text += "; minh chứng: " + lowerFirst(strings.TrimRight(d.Evidence, " .;,"))
	}
	return doc.Runs(append(runs, doc.Run{Text: text + "."})...)
}

func notice(b Briefing) doc.Document {
	n := b.Notice
	if b.State != Concluded {
		n = Number{}
	}
	d := base(b, doc.Notice, n)
	c := b.concluder()
	name := join(", ", c.Person, c.Title)
	d.Subject = "kết luận của đồng chí " + name + "\ntại " + b.Title()
	d.Body = []doc.Block{doc.Text(opening(b, name))}
	number := 0
	section := func(title string, blocks []doc.Block) {
		if len(blocks) == 0 {
			return
		}
		number++
		d.Body = append(append(d.Body, doc.Heading{Level: 2, Number: fmt.Sprint(number), Text: title}), blocks...)
	}
	section("Kết quả đạt được", findings(b, []FindingKind{Result}, false))
	section("Hạn chế", append(findings(b, []FindingKind{Shortcoming}, false), findings(b, []FindingKind{Objective, Subjective}, true)...))
	tasks := "Nhiệm vụ thời gian tới"
	if len(points(b, []PointKind{General})) > 0 {
		tasks = "Kết luận và nhiệm vụ thời gian tới"
	}
	section(tasks, points(b, []PointKind{General, Requirement}))
	section("Phát động thi đua", points(b, []PointKind{Launch}))
	office := b.Office
	if office == "" {
		office = "bộ phận văn phòng"
	}
	d.Body = append(d.Body, doc.Text("Giao "+office+" theo dõi, đôn đốc việc thực hiện Thông báo này"))
	d.Signatures = []doc.Signature{b.signature(c)}
	d.Recipients = append([]string{"Như thành phần dự hội nghị"}, leads(b)...)
	return d
}

// opening says when, where, who chaired and which bodies were there.
func opening(b Briefing, concluder string) string {
	var there []string
	for _, p := range b.Participants {
		if p.Attendance != Absent && p.UnitName != "" && !slices.Contains(there, p.UnitName) {
			there = append(there, p.UnitName)
		}
	}
	text := fmt.Sprintf("Ngày %s, tại %s, %s tổ chức %s.", viet.FormatDate(b.Day), lowerFirst(b.Venue), b.Convener(), b.Title())
	if names := b.chairNames(); names != "" {
		text += " Chủ trì hội nghị: " + names + "."
	}
	if len(there) > 0 {
		text += " Dự hội nghị có đại diện: " + strings.Join(there, "; ") + "."
	}
	return text + " Sau khi nghe báo cáo và ý kiến thảo luận, đồng chí " + concluder + " kết luận như sau:"
}

func leads(b Briefing) []string {
	var out []string
	for _, p := range b.Points {
		for _, d := range p.Demands {
			for _, name := range append([]string{d.LeadName}, d.Partners...) {
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
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
