// Package report holds what a body says for a period and what a place's office makes of it: the body's report on its way (draft,
// handed in, approved by the head, accepted by the office, frozen), its statements in words, who is expected to report, and the consolidated report with live numbers, which
// freezing fixes for good. It refuses a report for a closed period, an approval by the one who sent it, a return without a
// reason, a text with a number that leads nowhere, and any change of a frozen report: a correction is a new issue. It holds
// no figure of its own.
package report

import (
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/period"
)

// Kind tells a body's own report from the one that an office makes of many.
type Kind string

const (
	KindBody         Kind = "body"
	KindConsolidated Kind = "consolidated"
)

// State is how far a report has come.
type State string

const (
	StateNone     State = ""         // not begun: there is no row yet
	StateDraft    State = "draft"    // being filled in; also a recalled report
	StateSent     State = "sent"     // handed in: with the head of the body, or with the office where that step is skipped
	StateReturned State = "returned" // sent back with reasons; only what they name is open
	StateApproved State = "approved" // by the head of the body
	StateAccepted State = "accepted" // by the office: its figures are in the approved layer
	StateFrozen   State = "frozen"   // a body's: it went into an issued report; a consolidated one: every number is fixed
)

// Name is the state in the user's words.
func (s State) Name() string {
	switch s {
	case StateNone:
		return "chưa lập"
	case StateDraft:
		return "đang lập"
	case StateSent:
		return "đã gửi, chờ duyệt"
	case StateReturned:
		return "bị trả lại"
	case StateApproved:
		return "lãnh đạo đơn vị đã duyệt"
	case StateAccepted:
		return "văn phòng đã tiếp nhận"
	case StateFrozen:
		return "đã chốt"
	}
	return string(s)
}

// Given tells whether the office has the report.
func (s State) Given() bool { return s == StateSent || s.Endorsed() }

// Endorsed tells whether somebody other than the sender stands for what the report says.
func (s State) Endorsed() bool { return s == StateApproved || s.Accepted() }

// Accepted tells whether the office has taken the report over.
func (s State) Accepted() bool { return s == StateAccepted || s == StateFrozen }

// Report is a body's report or a consolidated one. Times are UTC milliseconds, 0 where the act has not happened.
type Report struct {
	ID           string
	Unit, Period int64
	UnitCode     string
	PeriodCode   string
	Kind         Kind
	Issue        int
	State        State
	Version      int // 0 while there is no row
	Layer        figure.Layer
	MadeAt       int64
	MadeBy       string
	FirstSentAt  int64 // lateness counts by the first sending: a report sent back is not late twice
	SentAt       int64
	SentBy       string
	SentFor      string // by delegation; read only where it matters who may approve
	DecidedAt    int64  // approved, returned or frozen
	DecidedBy    string
	SupersededBy string // the id of the next issue
	Reason       string // why the next issue was made
	ChangedAt    int64  // a body's: when something was last written after the last approval
	Letter
}

// Reason is one reason for sending a report back. It is about a figure, or about what About names (see AboutStatement), or
// about the whole report.
type Reason struct {
	Indicator, Part int64
	About           string
	Text            string
	Seen            int // the version that it is about: a newer one has been mended
}

// Whole tells a reason that is about the whole report.
func (x Reason) Whole() bool { return x.Indicator == 0 && x.About == "" }

// What reasons may be about beside figures.
const (
	AboutStatement = "statement/"  // with its id
	AboutNew       = "statement/+" // something to be said that the report lacks
	AboutAnswer    = "answer/"     // with the item of the form that asks
)

// DaysLate counts the days from the day that a report was due to the day it came; 0 when it came in time or no day is set.
func DaysLate(due, day string) int {
	a, err1 := time.Parse(time.DateOnly, due)
	b, err2 := time.Parse(time.DateOnly, day)
	if err1 != nil || err2 != nil || !b.After(a) {
		return 0
	}
	return int(b.Sub(a).Hours()+0.5) / 24
}

// expect refuses a step on a report that has moved on since the actor saw it.
func (r *Report) expect(version int) error {
	if r.Version != version {
		return fault.Conflict("Báo cáo vừa được người khác thay đổi (hiện " + r.State.Name() + "). Hãy mở lại trang để xem rồi làm tiếp.")
	}
	return nil
}

// footing is what a step of a body's report stands on beside the report itself.
type footing struct {
	period    period.Period
	way       Way
	returned  bool     // a return still stands
	approvers []string // who has approved what stands, and for whom
	self      bool     // the site lets people decide on their own reports
}

// walk makes a step of a body's report and answers which. Whether there is anything to confirm again is the caller's to ask.
func (r *Report) walk(who auth.Actor, v Verb, version int, at int64, on footing, reasons []Reason, reason string) (Transition, error) {
	if v == Send || v == Endorse || v == Accept {
		if err := on.period.MustBeOpen(); err != nil {
			return Transition{}, err
		}
	}
	if err := r.expect(version); err != nil {
		return Transition{}, err
	}
	if (v == GiveBack || v == Reopen) && len(reasons) == 0 {
		return Transition{}, fault.Invalid("reason", "Hãy nêu ít nhất một lý do trả lại.")
	}
	t, err := on.way.next(r.State, v, on.returned)
	if err != nil {
		return t, err
	}
	if t.Again() && reason == "" {
		return t, fault.Invalid("reason", "Hãy nêu lý do xác nhận số liệu, nội dung sửa sau khi duyệt.")
	}
	if !on.self && !on.way.Self && !who.IsSystem() {
		switch {
		case v != Endorse && v != Accept:
		case who.Signs(r.SentBy, r.SentFor) && !t.Again():
			return t, fault.Refused("Người gửi báo cáo không tự duyệt báo cáo đó. Hãy nhờ người khác có quyền duyệt.")
		case v == Accept && t.From == StateApproved && who.Signs(on.approvers...):
			return t, fault.Refused("Người đã duyệt thay mặt đơn vị không tự tiếp nhận báo cáo đó. Hãy nhờ người khác ở văn phòng.")
		}
	}
	r.State = t.To
	switch v {
	case Send:
		r.SentAt, r.SentBy, r.DecidedAt, r.DecidedBy = at, who.Person, 0, ""
		if r.FirstSentAt == 0 {
			r.FirstSentAt = at
		}
	case Recall:
		r.SentAt, r.SentBy = 0, ""
	default:
		r.DecidedAt, r.DecidedBy, r.ChangedAt = at, who.Person, 0
	}
	return t, nil
}

// freeze fixes a consolidated report.
func (r *Report) freeze(who auth.Actor, version int, at int64) error {
	if err := r.mustBeLive(version); err != nil {
		return err
	}
	r.State, r.DecidedAt, r.DecidedBy = StateFrozen, at, who.Person
	return nil
}

// mustBeLive refuses any change of a frozen report.
func (r *Report) mustBeLive(version int) error {
	if r.State == StateFrozen {
		return fault.Refused("Báo cáo đã chốt nên không sửa được. Muốn điều chỉnh, hãy lập bản mới thay thế.")
	}
	return r.expect(version)
}
