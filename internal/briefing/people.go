package briefing

import (
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

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

// Address is the participant as a letter addresses one: "Đồng chí Trần Thị Ví Dụ, Chủ tịch, …"; a body without a name as it is.
func (p Participant) Address() string {
	if p.Person == "" {
		return p.Label()
	}
	return "Đồng chí " + p.Label()
}

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
