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
