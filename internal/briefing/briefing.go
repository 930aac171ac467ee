// Package briefing runs the periodic briefing of a place: who is convened, the agenda made from the open tasks and the
// reports, attendance, what was said, the assessment, and the conclusion with what it asks of whom. Concluding fixes the
// text with its hash and makes the tasks in the same transaction. It refuses to change a conclusion (a correction is a
// supplement with its reason, beside it), to lose an edited item of the agenda, to conclude twice or without a chair who
// was there, and to mix up what somebody proposed or directed with what was concluded.
package briefing

import (
	"strings"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// State is how far a briefing has come. There is no way back from Concluded.
type State string

const (
	Convened  State = "convened"
	Held      State = "held"
	Concluded State = "concluded"
	Cancelled State = "cancelled"
)

// Name is the state in the user's words.
func (s State) Name() string {
	switch s {
	case Convened:
		return "đã triệu tập"
	case Held:
		return "đang họp, chưa kết luận"
	case Concluded:
		return "đã kết luận"
	case Cancelled:
		return "đã hoãn, hủy"
	}
	return ""
}

// Briefing is one briefing with all that belongs to it.
type Briefing struct {
	ID     string
	Unit   int64
	Period int64
	State  State
	Start  time.Time
	End    time.Time
	Day    string // of Start: names of units and offices are those of that day
	Venue  string
	Letterhead
	Summons         Number // the convening document
	Notice          Number // the notice of the conclusion
	Sequence        int    // of the calendar entry, one higher with each change that the invited must know
	Changed         int64  // UTC ms of that change
	Concluder       string // "Phó Bí thư Thường trực Nguyễn Văn Mẫu"
	ConcludedAt     int64
	ConcludedPerson string
	Conclusion      string // canonical text, empty before
	Hash            string // SHA-256 of it
	Reason          string // of the cancellation
	Version         int

	UnitCode, UnitName           string
	PeriodCode, PeriodName, Slug string

	Participants []Participant // chairs first
	Items        []Item
	Statements   []Statement
	Findings     []Finding
	Points       []Point
	Supplements  []Supplement
}

// Letterhead is who issues the documents and how they are signed and numbered.
type Letterhead struct {
	System       doc.System
	IssuerParent string // "Tỉnh ủy An Hà"
	Issuer       string // "Thị ủy An Lĩnh"
	IssuerSub    string // "Ban Thường trực"; mostly of the Front
	Symbol       string // "ThU", "MTTQ-BTT"
	City         string // before the date of documents
	Office       string // who follows the conclusion up: "Văn phòng Thị ủy"
}

// Number is a document's number and ISO date; both may still be empty.
type Number struct{ Number, Date string }

// Role is what a participant is at the briefing.
type Role string

const (
	Chair     Role = "chair"
	Secretary Role = "secretary"
	Member    Role = "member"
	Guest     Role = "guest"
)

// Roles in the order in which they are listed.
var Roles = []Role{Chair, Secretary, Member, Guest}

// Name is the role in the user's words.
func (r Role) Name() string {
	switch r {
	case Chair:
		return "chủ trì"
	case Secretary:
		return "thư ký"
	case Member:
		return "thành phần dự"
	case Guest:
		return "khách mời"
	}
	return ""
}

// Attendance is whether a participant came.
type Attendance string

const (
	Unmarked    Attendance = ""
	Present     Attendance = "present"
	Absent      Attendance = "absent"
	Substituted Attendance = "substitute"
)

// Attendances in the order of choices.
var Attendances = []Attendance{Present, Substituted, Absent}

// Name is the attendance in the user's words.
func (a Attendance) Name() string {
	switch a {
	case Present:
		return "có mặt"
	case Absent:
		return "vắng mặt"
	case Substituted:
		return "dự thay"
	}
	return "chưa điểm danh"
}

// Participant is a body or a person who is invited. Unit is 0 for a guest from outside.
type Participant struct {
	ID              string
	Ordinal         int
	Role            Role
	Unit            int64
	UnitCode        string
	UnitName        string
	Person          string // may be empty: a body's representative
	Title           string
	Attendance      Attendance
	Reason          string // of an absence
	Substitute      string
	SubstituteTitle string
	Version         int
}

// Label is the participant as documents print one: "Trần Thị Ví Dụ, Chủ tịch, Hội LHPN thị xã".
func (p Participant) Label() string { return label(p.Person, p.Title, p.UnitName) }

// label leaves the unit out where the title's last words name it already: "Chủ tịch Nông dân thị xã" of "Hội Nông dân thị xã
// Sông Ngọc".
func label(person, title, unit string) string {
	words := strings.Fields(viet.Canon(title))
	for len(words) >= namingWords {
		if strings.Contains(viet.Canon(unit), strings.Join(words, " ")) {
			return join(", ", person, title)
		}
		words = words[1:]
	}
	return join(", ", person, title, unit)
}

// namingWords is how many last words of a title name a body: fewer are a mere level ("thị xã").
const namingWords = 3

func join(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += sep
		}
		out += p
	}
	return out
}

func (p *Participant) tidy() error {
	p.Person, p.Title, p.Reason = viet.Clean(p.Person), viet.Clean(p.Title), viet.Clean(p.Reason)
	p.Substitute, p.SubstituteTitle = viet.Clean(p.Substitute), viet.Clean(p.SubstituteTitle)
	if p.Role.Name() == "" {
		p.Role = Member
	}
	if p.Person == "" && p.Title == "" && p.Unit == 0 {
		return fault.Invalid("person", "Hãy ghi họ tên hoặc chọn đơn vị được mời.")
	}
	if (p.Role == Chair || p.Role == Secretary) && p.Person == "" {
		return fault.Invalid("person", "Hãy ghi họ tên của người chủ trì, thư ký.")
	}
	return nil
}

// mark sets the attendance; what does not belong to it is cleared.
func (p *Participant) mark(a Attendance, reason, substitute, title string) error {
	p.Attendance, p.Reason, p.Substitute, p.SubstituteTitle = a, "", "", ""
	switch a {
	case Unmarked, Present:
	case Absent:
		p.Reason = viet.Clean(reason) // an absence without a reason is kept as just that
	case Substituted:
		if p.Role == Chair {
			return fault.Invalid("attendance", "Người chủ trì không có người dự thay; hãy thêm người chủ trì khác.")
		}
		p.Reason, p.Substitute, p.SubstituteTitle = viet.Clean(reason), viet.Clean(substitute), viet.Clean(title)
		if p.Substitute == "" {
			return fault.Invalid("substitute", "Hãy ghi họ tên người dự thay.")
		}
	default:
		return fault.Invalid("attendance", "Hãy chọn có mặt, dự thay hoặc vắng mặt.")
	}
	return nil
}

// Turnout counts who came.
type Turnout struct {
	Invited, Present, Substituted, Absent, Unexcused, Unmarked int
}

// Turnout counts the participants. Unexcused are among the absent.
func (b Briefing) Turnout() Turnout {
	t := Turnout{Invited: len(b.Participants)}
	for _, p := range b.Participants {
		switch p.Attendance {
		case Present:
			t.Present++
		case Substituted:
			t.Substituted++
		case Absent:
			t.Absent++
			if p.Reason == "" {
				t.Unexcused++
			}
		default:
			t.Unmarked++
		}
	}
	return t
}

// StatementKind tells what somebody said from what is concluded: a direction given in the course of the talk binds nobody
// until the conclusion says so.
type StatementKind string

const (
	Opinion   StatementKind = "opinion"
	Direction StatementKind = "direction"
	Proposal  StatementKind = "proposal"
)

// StatementKinds in the order of choices.
var StatementKinds = []StatementKind{Opinion, Proposal, Direction}

// Name is the kind in the user's words.
func (k StatementKind) Name() string {
	switch k {
	case Opinion:
		return "ý kiến"
	case Direction:
		return "chỉ đạo"
	case Proposal:
		return "đề xuất, kiến nghị"
	}
	return ""
}

// Statement is what one speaker said.
type Statement struct {
	ID       string
	Ordinal  int
	Clock    string // "09:15", or empty
	Unit     int64
	UnitName string
	Speaker  string
	Title    string
	Kind     StatementKind
	Text     string
	Version  int
}

// Label is the speaker as minutes print one.
func (s Statement) Label() string { return label(s.Speaker, s.Title, s.UnitName) }

func (s *Statement) tidy() error {
	s.Speaker, s.Title, s.Text, s.Clock = viet.Clean(s.Speaker), viet.Clean(s.Title), viet.Clean(s.Text), viet.Clean(s.Clock)
	var bad fault.List
	if s.Speaker == "" && s.Title == "" && s.Unit == 0 {
		_ = bad.Add(fault.Invalid("speaker", "Hãy chọn hoặc ghi người phát biểu."))
	}
	if s.Text == "" {
		_ = bad.Add(fault.Invalid("text", "Hãy ghi nội dung phát biểu."))
	}
	if s.Kind.Name() == "" {
		_ = bad.Add(fault.Invalid("kind", "Hãy chọn loại phát biểu."))
	}
	if s.Clock != "" {
		if _, err := time.Parse("15:04", s.Clock); err != nil {
			_ = bad.Add(fault.Invalid("clock", "Hãy ghi giờ như 09:15."))
		}
	}
	return bad.Err()
}

// FindingKind is a part of the assessment.
type FindingKind string

const (
	Result      FindingKind = "result"
	Shortcoming FindingKind = "shortcoming"
	Objective   FindingKind = "objective"
	Subjective  FindingKind = "subjective"
)

// FindingKinds in the order of documents.
var FindingKinds = []FindingKind{Result, Shortcoming, Objective, Subjective}

// Name is the kind in the user's words.
func (k FindingKind) Name() string {
	switch k {
	case Result:
		return "Kết quả đạt được"
	case Shortcoming:
		return "Hạn chế"
	case Objective:
		return "Nguyên nhân khách quan"
	case Subjective:
		return "Nguyên nhân chủ quan"
	}
	return ""
}

// Finding is one point of the assessment, with the evidence that it rests on.
type Finding struct {
	ID       string
	Ordinal  int
	Kind     FindingKind
	Text     string
	Evidence string
	URL      string // opens the evidence
	Source   string // key of the shortcoming that the data showed
	Version  int
}

func (f *Finding) tidy() error {
	f.Text, f.Evidence = viet.Clean(f.Text), viet.Clean(f.Evidence)
	if f.Text == "" {
		return fault.Invalid("text", "Hãy ghi nội dung đánh giá.")
	}
	if f.Kind.Name() == "" {
		return fault.Invalid("kind", "Hãy chọn mục đánh giá.")
	}
	return nil
}

// PointKind tells a point that asks for something from one that only says.
type PointKind string

const (
	General     PointKind = "general"
	Requirement PointKind = "requirement"
	Launch      PointKind = "launch" // of an emulation drive
)

// PointKinds in the order of choices.
var PointKinds = []PointKind{Requirement, General, Launch}

// Name is the kind in the user's words.
func (k PointKind) Name() string {
	switch k {
	case General:
		return "đánh giá, nhận định chung"
	case Requirement:
		return "yêu cầu, nhiệm vụ"
	case Launch:
		return "phát động thi đua"
	}
	return ""
}

// Point is one numbered point of the conclusion.
type Point struct {
	ID      string
	Ordinal int // its number
	Kind    PointKind
	Text    string
	Demands []Demand
	Version int
}

func (p *Point) tidy() error {
	p.Text = viet.Clean(p.Text)
	if p.Text == "" {
		return fault.Invalid("text", "Hãy ghi nội dung kết luận.")
	}
	if p.Kind.Name() == "" {
		return fault.Invalid("kind", "Hãy chọn loại kết luận.")
	}
	return nil
}

// Demand is what a point asks of a body; concluding makes a task of it.
type Demand struct {
	ID       string
	Point    string
	Ordinal  int
	Lead     int64
	LeadName string
	With     []int64
	Partners []string // their names
	Text     string   // the point's text when empty
	Evidence string
	Due      string
	task.Goal
	Version int
}

func (d *Demand) tidy(day string) error {
	d.Text, d.Evidence = viet.Clean(d.Text), viet.Clean(d.Evidence)
	var bad fault.List
	if d.Lead == 0 {
		_ = bad.Add(fault.Invalid("lead", "Hãy chọn đơn vị chủ trì."))
	}
	if _, err := time.Parse(time.DateOnly, d.Due); err != nil {
		_ = bad.Add(fault.Invalid("due", "Hãy ghi thời hạn hoàn thành, ví dụ 15/10/2019."))
	} else if d.Due < day {
		_ = bad.Add(fault.Invalidf("due", "Thời hạn phải từ ngày họp (%s) trở đi.", viet.FormatDate(day)))
	}
	return bad.Err()
}

// Supplement corrects or adds to a conclusion that stands.
type Supplement struct {
	ID       string
	Ordinal  int
	At       int64
	Person   string
	By       string
	Day      string
	Document string // "Thông báo số 131-TB/ThU"
	Reason   string
	Text     string
}

// Title is the briefing's name in documents and on pages: "Hội nghị giao ban quý III năm 2019".
func (b Briefing) Title() string { return "Hội nghị giao ban " + b.PeriodName }

// Chairs lists those who chair.
func (b Briefing) Chairs() []Participant { return b.inRole(Chair) }

func (b Briefing) inRole(r Role) []Participant {
	var out []Participant
	for _, p := range b.Participants {
		if p.Role == r {
			out = append(out, p)
		}
	}
	return out
}

// mustBeOpen refuses work on what is concluded or cancelled.
func (b Briefing) mustBeOpen() error {
	switch b.State {
	case Concluded:
		return fault.Refused("Hội nghị đã kết luận nên nội dung không sửa được nữa. Nếu cần điều chỉnh, hãy lập văn bản bổ sung kết luận.")
	case Cancelled:
		return fault.Refused("Hội nghị này đã hoãn, hủy; hãy triệu tập lại.")
	}
	return nil
}

func (b *Briefing) hold() error {
	if b.State != Convened {
		return fault.Conflict("Hội nghị này hiện " + b.State.Name() + ".")
	}
	if len(b.Chairs()) == 0 {
		return fault.Refused("Chưa có người chủ trì; hãy thêm vào thành phần dự trước khi bắt đầu họp.")
	}
	b.State = Held
	return nil
}

func (b *Briefing) cancel(reason string, at int64) error {
	if err := b.mustBeOpen(); err != nil {
		return err
	}
	if reason = viet.Clean(reason); reason == "" {
		return fault.Invalid("reason", "Hãy nêu lý do hoãn, hủy.")
	}
	b.State, b.Reason = Cancelled, reason
	b.Sequence++
	b.Changed = at
	return nil
}

// Plan is what convening sets and what may be changed until the conclusion.
type Plan struct {
	Start, End time.Time
	Venue      string
	Letterhead
	Summons Number
}

// set takes over a plan. The invited are told anew when time or venue change: the calendar entry's sequence rises.
func (b *Briefing) set(p Plan, at int64) error {
	p.Venue = viet.Clean(p.Venue)
	h := &p.Letterhead
	for _, text := range []*string{&h.IssuerParent, &h.Issuer, &h.IssuerSub, &h.Symbol, &h.City, &h.Office, &p.Summons.Number} {
		*text = viet.Clean(*text)
	}
	var bad fault.List
	switch {
	case p.Start.IsZero():
		_ = bad.Add(fault.Invalid("start", "Hãy ghi ngày, giờ họp."))
	case !p.End.After(p.Start):
		_ = bad.Add(fault.Invalid("end", "Giờ kết thúc phải sau giờ bắt đầu."))
	case p.End.Sub(p.Start) > 24*time.Hour:
		_ = bad.Add(fault.Invalid("end", "Hội nghị giao ban không kéo dài quá một ngày."))
	}
	if p.Venue == "" {
		_ = bad.Add(fault.Invalid("venue", "Hãy ghi địa điểm họp."))
	}
	if p.Issuer == "" {
		_ = bad.Add(fault.Invalid("issuer", "Hãy ghi cơ quan triệu tập."))
	}
	if p.Summons.Date != "" {
		if _, err := time.Parse(time.DateOnly, p.Summons.Date); err != nil {
			_ = bad.Add(fault.Invalid("summons_date", "Ngày văn bản triệu tập không đọc được; hãy ghi như 24/09/2019."))
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if !b.Start.Equal(p.Start) || !b.End.Equal(p.End) || b.Venue != p.Venue {
		if !b.Start.IsZero() {
			b.Sequence++
		}
		b.Changed = at
	}
	b.Start, b.End, b.Venue, b.Letterhead, b.Summons = p.Start.In(clock.Zone), p.End.In(clock.Zone), p.Venue, p.Letterhead, p.Summons
	b.Day = b.Start.Format(time.DateOnly)
	return nil
}
