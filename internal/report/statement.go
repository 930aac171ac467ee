package report

import (
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// StatementKind says what a statement is about.
type StatementKind string

const (
	Meeting      StatementKind = "meeting"
	PersonRole   StatementKind = "person_role"
	Work         StatementKind = "work"
	Contribution StatementKind = "contribution"
	Shortfall    StatementKind = "shortcoming"
	Cause        StatementKind = "cause"
	Result       StatementKind = "result"
	Target       StatementKind = "target"
	Task         StatementKind = "task"
	Emulation    StatementKind = "emulation"
	Indicator    StatementKind = "indicator"
	Opinion      StatementKind = "opinion"
	Oversight    StatementKind = "oversight"
	Model        StatementKind = "model"
	Proposal     StatementKind = "proposal"
	Other        StatementKind = "other"
)

// StatementKinds in the order in which people read them.
var StatementKinds = []StatementKind{
	Result, Contribution, Work, Model, Oversight, Opinion, Emulation, Meeting, PersonRole, Target, Indicator, Shortfall,
	Cause, Task, Proposal, Other,
}

var statementNames = map[StatementKind]string{
	Meeting: "Hội nghị, cuộc họp", PersonRole: "Cán bộ, chức vụ", Work: "Công trình, phần việc",
	Contribution: "Đóng góp, vận động", Shortfall: "Hạn chế", Cause: "Nguyên nhân", Result: "Kết quả", Target: "Chỉ tiêu, mục tiêu",
	Task: "Nhiệm vụ trọng tâm", Emulation: "Thi đua, khen thưởng", Indicator: "Nội dung của số liệu", Opinion: "Ý kiến Nhân dân",
	Oversight: "Giám sát, phản biện, góp ý", Model: "Mô hình, điển hình", Proposal: "Kiến nghị, đề xuất", Other: "Nội dung khác",
}

// Name is the kind in the user's words.
func (k StatementKind) Name() string { return statementNames[k] }

// Statement is one thing that a body says in words for a period. It is kept as given; a change is a new version.
type Statement struct {
	ID           string
	Version      int
	Unit, Period int64
	UnitCode     string // read only
	PeriodCode   string // read only
	Kind         StatementKind
	Text         string
	Topic        string // campaign or movement
	Organisation string // as printed in the source
	AsOf         string // ISO date, or empty
	Source       string
	Origin       string // address in the imported file
	Ref          string // the fact's id there; one per unit, period and entry
	Entry        string // the import that brought it, so that it can be undone as a whole; empty when typed
	Cells        []figure.Cell
	Removed      bool
	At           int64
	Person       string
	By           string // the person's name, read only
	Reason       string
}

const (
	longestText  = 10000
	longestField = 500
)

// tidy brings a statement into its stored form and refuses one that says nothing.
func (s *Statement) tidy() error {
	s.Text = strings.TrimSpace(viet.NFC(strings.ReplaceAll(s.Text, "\r\n", "\n")))
	s.Topic, s.Organisation, s.Source = viet.Clean(s.Topic), viet.Clean(s.Organisation), viet.Clean(s.Source)
	s.Origin, s.Ref, s.Reason = viet.Clean(s.Origin), viet.Clean(s.Ref), viet.Clean(s.Reason)
	var bad fault.List
	if s.Text == "" {
		_ = bad.Add(fault.Invalid("text", "Hãy ghi nội dung."))
	}
	if utf8.RuneCountInString(s.Text) > longestText {
		_ = bad.Add(fault.Invalidf("text", "Nội dung dài quá %d ký tự; hãy tách thành nhiều nội dung.", longestText))
	}
	for field, text := range map[string]string{"topic": s.Topic, "organisation": s.Organisation, "source": s.Source} {
		if utf8.RuneCountInString(text) > longestField {
			_ = bad.Add(fault.Invalidf(field, "Mục này dài quá %d ký tự.", longestField))
		}
	}
	if s.Kind.Name() == "" {
		_ = bad.Add(fault.Invalidf("kind", "Không có loại nội dung “%s”; hãy chọn trong danh sách.", s.Kind))
	}
	if s.AsOf != "" && !validDay(s.AsOf) {
		_ = bad.Add(fault.Invalid("as_of", "Ngày số liệu không đọc được; hãy ghi như 30/09/2019."))
	}
	return bad.Err()
}

// same tells whether two versions say the same.
func (s Statement) same(o Statement) bool {
	if len(s.Cells) != len(o.Cells) {
		return false
	}
	for i := range s.Cells {
		if s.Cells[i] != o.Cells[i] {
			return false
		}
	}
	return s.Kind == o.Kind && s.Text == o.Text && s.Topic == o.Topic && s.Organisation == o.Organisation && s.AsOf == o.AsOf &&
		s.Source == o.Source && s.Removed == o.Removed
}
