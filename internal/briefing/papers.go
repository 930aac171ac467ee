package briefing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/viet"
)

func invitation(b Briefing) doc.Document {
	d := base(b, doc.Summons, b.Summons)
	d.Subject = "Dự " + b.Title()
	var guests [][]doc.Run
	for _, p := range b.Participants {
		if p.Role != Chair {
			guests = append(guests, []doc.Run{{Text: p.Address()}})
		}
	}
	invited := b.Convener() + " trân trọng kính mời:"
	d.Body = []doc.Block{doc.Text(invited)}
	if len(guests) > 0 {
		d.Body = append(d.Body, doc.List{Items: punctuated(guests)})
	}
	d.Body = append(d.Body, doc.Text("Tới dự "+b.Title()+"."))
	if names := b.ChairNames(); names != "" {
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

// ChairNames names those who chair: "đồng chí Nguyễn Văn Mẫu, Bí thư Thị ủy; đồng chí …".
func (b Briefing) ChairNames() string {
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

// minutes is the record of the briefing: a form to fill in before it is held, a draft until it is concluded.
func minutes(b Briefing) doc.Document {
	d := base(b, doc.Minutes, Number{Date: b.Day})
	d.Subject, d.Archive, d.Draft = b.Title(), "", b.State != Concluded
	d.Body = []doc.Block{doc.Text("Thời gian bắt đầu: " + moment(b.Start, false) + "."), doc.Text("Địa điểm: " + b.Venue + ".")}
	d.Body = append(d.Body, attendance(b)...)
	d.Body = append(d.Body, doc.Text("Chủ trì (chủ tọa): "+b.ChairNames()+"."))
	secretaries := b.inRole(Secretary)
	if len(secretaries) > 0 {
		d.Body = append(d.Body, doc.Text("Thư ký (người ghi biên bản): đồng chí "+secretaries[0].Label()+"."))
	}
	d.Body = append(d.Body, doc.Paragraph{Runs: []doc.Run{{Text: "Nội dung (theo diễn biến cuộc họp):"}}, Keep: true})
	n := 0
	section := func(title string, blocks ...doc.Block) {
		n++
		d.Body = append(append(d.Body, doc.Heading{Level: 2, Number: fmt.Sprint(n), Text: title}), blocks...)
	}
	if list := agendaLines(b); len(list) > 0 {
		section("Chương trình", doc.List{Items: list})
	}
	if b.State == Convened {
		for _, part := range toBeSaid(b) {
			section(part.title, part.blocks...)
		}
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
	ended := moment(b.End, false)
	if b.State == Convened {
		ended = gap + " giờ " + gap + " phút, " + viet.FormatDateLong(b.Day)
	}
	d.Body = append(d.Body, doc.Text("Hội nghị kết thúc vào "+ended))
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

// gap is where the secretary writes by hand.
const gap = "……"

// dotted is a line to write on.
const dotted = "……………………………………………………………………………………"

// attendance counts and names who came, who was substituted and who was absent. Before the briefing it is the list of those who
// are expected, to be marked by hand.
func attendance(b Briefing) []doc.Block {
	t := b.Turnout()
	if t.Unmarked == t.Invited {
		table := doc.Table{Columns: []doc.Column{
			{Title: "STT", Width: 1, Align: doc.Center}, {Title: "Thành phần mời", Width: 9}, {Title: "Có mặt", Width: 1.6}, {Title: "Người dự thay, lý do vắng", Width: 4},
		}}
		for i, p := range b.Participants {
			table.Rows = append(table.Rows, doc.Cells(fmt.Sprint(i+1), p.Label()))
		}
		return []doc.Block{doc.Text(fmt.Sprintf("Thành phần tham dự: mời %s; có mặt %s, dự thay %s, vắng %s.", viet.TwoDigits(int64(t.Invited)), gap, gap, gap)), table}
	}
	text := fmt.Sprintf("Thành phần tham dự: mời %s; có mặt %s, dự thay %s, vắng %s", viet.TwoDigits(int64(t.Invited)),
		viet.TwoDigits(int64(t.Present)), viet.TwoDigits(int64(t.Substituted)), viet.TwoDigits(int64(t.Absent)))
	if t.Unmarked > 0 {
		text += fmt.Sprintf(", chưa điểm danh %s", viet.TwoDigits(int64(t.Unmarked)))
	}
	out := []doc.Block{doc.Text(text + ".")}
	for _, kind := range []Attendance{Present, Substituted, Absent, Unmarked} {
		var list [][]doc.Run
		for _, p := range b.Participants {
			if p.Attendance == kind {
				list = append(list, []doc.Run{{Text: p.cameAs()}})
			}
		}
		if len(list) > 0 {
			out = append(out, doc.Paragraph{Runs: []doc.Run{{Text: viet.UpperFirst(kind.Name()) + ":", Italic: true}}, Keep: true}, doc.List{Items: punctuated(list)})
		}
	}
	return out
}

// cameAs is a participant in the list of attendance, with who came instead or why nobody did.
func (p Participant) cameAs() string {
	text := p.Label()
	reason := p.Reason
	switch {
	case p.Attendance == Substituted:
		text += ": " + join(", ", p.Substitute, p.SubstituteTitle) + " dự thay"
	case p.Attendance == Absent && reason == "":
		reason = "không rõ lý do"
	}
	if reason != "" {
		text += " (" + reason + ")"
	}
	return text
}

type part struct {
	title  string
	blocks []doc.Block
}

// toBeSaid are the parts of minutes that are written at the briefing, laid out from its agenda: the tasks to be gone through,
// room for each report, the questions that the data raise.
func toBeSaid(b Briefing) []part {
	var out []part
	add := func(title string, kinds []ItemKind, write func(Item) []doc.Block) {
		var blocks []doc.Block
		for _, i := range b.Items {
			if slices.Contains(kinds, i.Kind) && !i.Removed {
				blocks = append(blocks, write(i)...)
			}
		}
		if len(blocks) > 0 {
			out = append(out, part{title, blocks})
		}
	}
	text := func(s string) []doc.Block { return []doc.Block{doc.Text("- " + s)} }
	add("Kiểm điểm việc thực hiện kết luận trước", []ItemKind{ItemTask}, func(i Item) []doc.Block {
		return text(sentence(join(" - ", strings.TrimRight(i.Title, " .;"), i.Presenter)) + " " + sentence(i.Text))
	})
	add("Báo cáo và ý kiến của các cơ quan, tổ chức", []ItemKind{ItemReport, ItemBody}, func(i Item) []doc.Block {
		if i.Kind == ItemBody {
			return room(i.Presenter)
		}
		return room(i.Title)
	})
	add("Thảo luận các vấn đề số liệu cho thấy", []ItemKind{ItemShortcoming}, func(i Item) []doc.Block { return text(sentence(i.Title)) })
	add("Nội dung khác", []ItemKind{ItemFree}, func(i Item) []doc.Block { return room(strings.TrimRight(i.Title, " .;")) })
	return append(out, part{"Kết luận của chủ tọa", line()})
}

// room is a title with a line to write on.
func room(title string) []doc.Block {
	return append([]doc.Block{doc.Paragraph{Runs: []doc.Run{{Text: "- " + title + ":"}}, Keep: true}}, line()...)
}

func line() []doc.Block {
	return []doc.Block{doc.Paragraph{Runs: []doc.Run{{Text: dotted}}, Flush: true, Align: doc.Left}}
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

// demand is "Hội LHPN thị xã chủ trì, phối hợp với Hội Nông dân thị xã rà soát …; hoàn thành chậm nhất ngày …; minh chứng: …". A
// proposal leaves open whom the chair will ask and by when.
func demand(d Demand) doc.Paragraph {
	if d.LeadName == "" {
		return doc.Paragraph{Runs: []doc.Run{{Text: "- Đơn vị chủ trì: " + strings.Repeat(gap, 8) + "; thời hạn: " + gap + gap + "."}}, Align: doc.Left}
	}
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
		text = ": " + viet.LowerFirst(strings.TrimRight(d.Text, " .;,"))
	}
	if d.Due == "" {
		text += "; thời hạn mới: " + gap + gap
	} else {
		text += "; hoàn thành chậm nhất ngày " + viet.FormatDate(d.Due)
	}
	if d.Evidence != "" {
		text += "; minh chứng: " + viet.LowerFirst(strings.TrimRight(d.Evidence, " .;,"))
	}
	return doc.Runs(append(runs, doc.Run{Text: text + "."})...)
}

func notice(b Briefing) doc.Document {
	n := b.Notice
	if b.State != Concluded {
		n = Number{}
	}
	d := base(b, doc.Notice, n)
	d.Draft = b.State != Concluded
	c := b.concluder()
	name := join(", ", c.Person, c.Title)
	d.Subject = "kết luận của đồng chí " + join(",\n", c.Person, c.Title) + "\ntại " + b.Title()
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
	text := fmt.Sprintf("Ngày %s, tại %s, %s tổ chức %s.", viet.FormatDate(b.Day), viet.LowerFirst(b.Venue), b.Convener(), b.Title())
	if names := b.ChairNames(); names != "" {
		text += " Chủ trì hội nghị: " + names + "."
	}
	switch {
	case len(there) == 0:
	case b.State == Convened:
		text += " Thành phần dự (theo giấy mời): " + strings.Join(there, "; ") + "."
	default:
		text += " Dự hội nghị có đại diện: " + strings.Join(there, "; ") + "."
	}
	return text + " Sau khi nghe báo cáo và ý kiến thảo luận, đồng chí " + concluder + " kết luận như sau:"
}

func leads(b Briefing) []string {
	var out []string
	for _, p := range b.Points {
		for _, d := range p.Demands {
			for _, name := range append([]string{d.LeadName}, d.Partners...) {
				if name != "" && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}
