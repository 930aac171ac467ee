package briefing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/fault"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// Closing is what concluding needs beside what has been recorded.
type Closing struct {
	Chair  string // the participant who concludes
	End    time.Time
	Notice Number // may be empty: the notice is numbered later
}

// conclude checks that the briefing can be concluded and fixes its text. The tasks are the caller's to make, in the same
// transaction.
func (b *Briefing) conclude(who string, c Closing, at int64) error {
	switch b.State {
	case Convened:
		return fault.Refused("Hội nghị chưa bắt đầu; hãy ghi nhận bắt đầu họp và điểm danh trước khi kết luận.")
	case Concluded:
		return fault.Conflict("Hội nghị này đã được kết luận lúc " + clock.At(b.ConcludedAt).Format("15:04, 02/01/2006") + ". Nếu cần điều chỉnh, hãy lập văn bản bổ sung kết luận.")
	case Cancelled:
		return fault.Conflict("Hội nghị này đã hoãn, hủy.")
	}
	chair, ok := b.chairNamed(c.Chair)
	var bad fault.List
	switch {
	case !ok:
		_ = bad.Add(fault.Invalid("chair", "Hãy chọn người kết luận trong số những người chủ trì."))
	case chair.Attendance != Present:
		_ = bad.Add(fault.Invalid("chair", "Người kết luận phải có mặt; hãy kiểm tra điểm danh."))
	}
	if t := b.Turnout(); t.Unmarked > 0 {
		_ = bad.Add(fault.Invalidf("attendance", "Còn %d người chưa điểm danh.", t.Unmarked))
	}
	if len(b.Points) == 0 {
		_ = bad.Add(fault.Invalid("points", "Kết luận chưa có nội dung nào."))
	}
	if c.Notice.Date != "" && c.Notice.Date < b.Day {
		_ = bad.Add(fault.Invalid("notice_date", "Ngày thông báo kết luận không thể trước ngày họp."))
	}
	if !c.End.IsZero() && !c.End.After(b.Start) {
		_ = bad.Add(fault.Invalid("end", "Giờ kết thúc phải sau giờ bắt đầu."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if !c.End.IsZero() {
		b.End = c.End.In(clock.Zone)
	}
	b.Notice = Number{viet.Clean(c.Notice.Number), c.Notice.Date}
	b.State, b.ConcludedAt, b.ConcludedPerson = Concluded, at, who
	b.Concluder = join(" ", chair.Title, chair.Person)
	text, err := canonical(*b)
	if err != nil {
		return err
	}
	b.Conclusion, b.Hash = text, hashOf(text)
	return nil
}

func (b Briefing) chairNamed(id string) (Participant, bool) {
	for _, p := range b.Chairs() {
		if p.ID == id {
			return p, true
		}
	}
	return Participant{}, false
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// tasks are what the points ask for.
func (b Briefing) tasks() []task.Task {
	var out []task.Task
	for _, p := range b.Points {
		for _, d := range p.Demands {
			text := d.Text
			if text == "" {
				text = p.Text
			}
			out = append(out, task.Task{
				Unit: b.Unit, Lead: d.Lead, With: d.With, Text: text, Evidence: d.Evidence, Day: b.Day, Due: d.Due,
				Goal: d.Goal, Briefing: b.ID, Point: p.Ordinal,
			})
		}
	}
	return out
}

// The shape of the canonical text. Fields are written in this order, without what is empty, so that the same conclusion has
// one text and one hash. A change of the shape takes a new Form.
type fixed struct {
	Form      string         `json:"form"`
	Briefing  string         `json:"briefing"`
	Unit      string         `json:"unit"`
	Period    string         `json:"period"`
	Start     string         `json:"start"`
	End       string         `json:"end"`
	Venue     string         `json:"venue"`
	Concluder string         `json:"concluder"`
	Attended  []fixedPerson  `json:"participants"`
	Said      []fixedSaid    `json:"statements,omitempty"`
	Findings  []fixedFinding `json:"findings,omitempty"`
	Points    []fixedPoint   `json:"points"`
}

type fixedPerson struct {
	Role       Role       `json:"role"`
	Unit       string     `json:"unit,omitempty"`
	Person     string     `json:"person,omitempty"`
	Title      string     `json:"title,omitempty"`
	Attendance Attendance `json:"attendance"`
	Reason     string     `json:"reason,omitempty"`
	Substitute string     `json:"substitute,omitempty"`
}

type fixedSaid struct {
	Speaker string        `json:"speaker"`
	Kind    StatementKind `json:"kind"`
	Text    string        `json:"text"`
}

type fixedFinding struct {
	Kind     FindingKind `json:"kind"`
	Text     string      `json:"text"`
	Evidence string      `json:"evidence,omitempty"`
}

type fixedPoint struct {
	Number int          `json:"number"`
	Kind   PointKind    `json:"kind"`
	Text   string       `json:"text"`
	Asks   []fixedAsked `json:"asks,omitempty"`
}

type fixedAsked struct {
	Lead      string   `json:"lead"`
	With      []string `json:"with,omitempty"`
	Text      string   `json:"text,omitempty"`
	Evidence  string   `json:"evidence,omitempty"`
	Due       string   `json:"due"`
	Indicator int64    `json:"indicator,omitempty"`
	Part      int64    `json:"part,omitempty"`
	Of        string   `json:"of,omitempty"`
	Wanted    int64    `json:"wanted,omitempty"`
}

func canonical(b Briefing) (string, error) {
	f := fixed{
		Form: "giaoban-conclusion-1", Briefing: b.ID, Unit: b.UnitCode, Period: b.PeriodCode, Start: b.Start.Format(time.RFC3339),
		End: b.End.Format(time.RFC3339), Venue: b.Venue, Concluder: b.Concluder,
	}
	for _, p := range b.Participants {
		f.Attended = append(f.Attended, fixedPerson{p.Role, p.UnitCode, p.Person, p.Title, p.Attendance, p.Reason, join(", ", p.Substitute, p.SubstituteTitle)})
	}
	for _, s := range b.Statements {
		f.Said = append(f.Said, fixedSaid{s.Label(), s.Kind, s.Text})
	}
	for _, x := range b.Findings {
		f.Findings = append(f.Findings, fixedFinding{x.Kind, x.Text, x.Evidence})
	}
	for _, p := range b.Points {
		fp := fixedPoint{Number: p.Ordinal, Kind: p.Kind, Text: p.Text}
		for _, d := range p.Demands {
			fp.Asks = append(fp.Asks, fixedAsked{d.LeadName, d.Partners, d.Text, d.Evidence, d.Due, d.Indicator, d.Part, string(d.Of), d.Wanted})
		}
		f.Points = append(f.Points, fp)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		return "", fmt.Errorf("canonical conclusion of %s: %w", b.ID, err)
	}
	return out.String(), nil
}

// Intact recomputes the hash of a concluded briefing, and its text from what is recorded: both must be what was fixed.
func (b Briefing) Intact() bool {
	if b.State != Concluded {
		return true
	}
	text, err := canonical(b)
	return err == nil && text == b.Conclusion && hashOf(b.Conclusion) == b.Hash
}
