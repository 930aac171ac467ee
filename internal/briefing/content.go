package briefing

import (
	"time"

	"giaoban/internal/fault"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

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
