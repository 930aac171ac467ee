// Package report holds what a body says for a period and what a place's office makes of it: the body's report from draft to
// approval, its statements in words, who is expected to report, and the consolidated report with live numbers, which
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
	StateSent     State = "sent"     // with the office
	StateReturned State = "returned" // sent back with reasons
	StateApproved State = "approved" // its figures are in the approved layer
	StateFrozen   State = "frozen"   // consolidated: every number is fixed
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
		return "đã duyệt"
	case StateFrozen:
		return "đã chốt"
	}
	return string(s)
}

// Given tells whether the office has the report.
func (s State) Given() bool { return s == StateSent || s == StateApproved }

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
	Letter
}

// Reason is one reason for sending a report back; Cell names what it is about, or is zero for the whole report.
type Reason struct {
	Indicator, Part int64
	Text            string
}

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

// send is the body's step: the report goes to the office.
func (r *Report) send(who auth.Actor, version int, at int64, p period.Period) error {
	if err := p.MustBeOpen(); err != nil {
		return err
	}
	if err := r.expect(version); err != nil {
		return err
	}
	switch r.State {
	case StateDraft, StateReturned:
	case StateApproved:
		return fault.Refused("Báo cáo đã được duyệt nên không gửi lại. Số liệu sửa sau khi duyệt sẽ được văn phòng duyệt bổ sung.")
	default:
		return fault.Refused("Báo cáo đã gửi và đang chờ duyệt. Muốn sửa, hãy rút báo cáo về trước.")
	}
	r.State, r.SentAt, r.SentBy = StateSent, at, who.Person
	if r.FirstSentAt == 0 {
		r.FirstSentAt = at
	}
	r.DecidedAt, r.DecidedBy = 0, ""
	return nil
}

// giveBack is the office's step: the report returns to its body with reasons.
func (r *Report) giveBack(who auth.Actor, version int, at int64, reasons []Reason) error {
	if err := r.expect(version); err != nil {
		return err
	}
	if len(reasons) == 0 {
		return fault.Invalid("reason", "Hãy nêu ít nhất một lý do trả lại.")
	}
	if r.State != StateSent {
		return fault.Refusedf("Chỉ trả lại được báo cáo đang chờ duyệt; báo cáo này %s.", r.State.Name())
	}
	r.State, r.DecidedAt, r.DecidedBy = StateReturned, at, who.Person
	return nil
}

// approve is the office's step: the figures enter the approved layer. An approved report is approved again when figures
// have changed since; the reason then stands on those versions.
func (r *Report) approve(who auth.Actor, version int, at int64, p period.Period, selfAllowed bool, reason string) error {
	if err := p.MustBeOpen(); err != nil {
		return err
	}
	if err := r.expect(version); err != nil {
		return err
	}
	switch r.State {
	case StateSent:
		if who.Signs(r.SentBy, r.SentFor) && !selfAllowed && !who.IsSystem() {
			return fault.Refused("Người gửi báo cáo không tự duyệt báo cáo đó. Hãy nhờ người khác có quyền duyệt.")
		}
	case StateApproved:
		if reason == "" {
			return fault.Invalid("reason", "Hãy nêu lý do duyệt bổ sung số liệu sửa sau khi duyệt.")
		}
	default:
		return fault.Refusedf("Chỉ duyệt được báo cáo đã gửi; báo cáo này %s.", r.State.Name())
	}
	r.State, r.DecidedAt, r.DecidedBy = StateApproved, at, who.Person
	return nil
}

// recall is the body's step: it takes back what the office has not decided on.
func (r *Report) recall(version int) error {
	if err := r.expect(version); err != nil {
		return err
	}
	if r.State != StateSent {
		return fault.Refusedf("Chỉ rút được báo cáo đang chờ duyệt; báo cáo này %s.", r.State.Name())
	}
	r.State, r.SentAt, r.SentBy = StateDraft, 0, ""
	return nil
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
