// Package briefing runs the periodic briefing of a place: who is convened, the agenda made from the open tasks and the
// reports, attendance, what was said, the assessment, and the conclusion with what it asks of whom. Concluding fixes the
// text with its hash and makes the tasks in the same transaction. It refuses to change a conclusion (a correction is a
// supplement with its reason, beside it), to lose an edited item of the agenda, to conclude twice or without a chair who
// was there, and to mix up what somebody proposed or directed with what was concluded.
package briefing

import (
	"time"

	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
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
