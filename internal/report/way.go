package report

import (
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// Verb is a step on the way of a body's report.
type Verb string

const (
	Send     Verb = "submit"  // the body hands it in
	Recall   Verb = "recall"  // the body takes it back before anybody has decided
	GiveBack Verb = "return"  // back to the body, with reasons
	Endorse  Verb = "approve" // the head of the body
	Accept   Verb = "accept"  // the office
	Reopen   Verb = "reopen"  // the office opens again what it has accepted, with reasons
	Fix      Verb = "freeze"  // with the consolidated report that it went into
)

// Name is the verb in the user's words.
func (v Verb) Name() string {
	switch v {
	case Send:
		return "gửi"
	case Recall:
		return "rút"
	case GiveBack:
		return "trả lại"
	case Endorse:
		return "duyệt"
	case Accept:
		return "tiếp nhận"
	case Reopen:
		return "mở lại"
	}
	return "chốt"
}

// Right is the permission, over the body, that a step needs. Each verb has one.
func (v Verb) Right() auth.Permission {
	switch v {
	case Send, Recall:
		return auth.Submit
	case GiveBack, Endorse:
		return auth.Approve
	}
	return auth.Consolidate
}

// Proviso is what must also hold for a step.
type Proviso string

const (
	IfAlways        Proviso = ""
	IfHeadSkipped   Proviso = "the site lets the head's step be skipped"
	IfOfficeSkipped Proviso = "the site lets the office's step be skipped"
	IfOfficeKept    Proviso = "the office's step may not be skipped"
	IfNotReturned   Proviso = "it was not sent back before"
	IfReturned      Proviso = "it was sent back before"
	IfChanged       Proviso = "something has changed since, and a reason is given"
)

// Transition is one step that the rules allow.
type Transition struct {
	From State
	Verb Verb
	To   State
	When Proviso
}

// Transitions are all the steps of a body's report. What is not in the table is refused. docs/adr/0016 prints it.
var Transitions = []Transition{
	{StateNone, Send, StateSent, IfAlways},
	{StateDraft, Send, StateSent, IfAlways},
	{StateReturned, Send, StateSent, IfAlways},
	{StateSent, Recall, StateDraft, IfNotReturned},
	{StateSent, Recall, StateReturned, IfReturned},
	{StateSent, GiveBack, StateReturned, IfAlways},
	{StateApproved, GiveBack, StateReturned, IfAlways},
	{StateSent, Endorse, StateApproved, IfOfficeKept},
	{StateSent, Endorse, StateAccepted, IfOfficeSkipped},
	{StateApproved, Endorse, StateApproved, IfChanged},
	{StateAccepted, Endorse, StateAccepted, IfOfficeSkipped},
	{StateFrozen, Endorse, StateFrozen, IfOfficeSkipped},
	{StateSent, Accept, StateAccepted, IfHeadSkipped},
	{StateApproved, Accept, StateAccepted, IfAlways},
	{StateAccepted, Accept, StateAccepted, IfChanged},
	{StateFrozen, Accept, StateFrozen, IfChanged},
	{StateAccepted, Reopen, StateReturned, IfAlways},
	{StateAccepted, Fix, StateFrozen, IfAlways},
}

// Way is which steps a body's reports may skip on a day, and whether people may decide on what they have given themselves.
type Way struct {
	SkipHead, SkipOffice bool
	Self                 bool
}

// Again tells a step that confirms what has changed since the last one: it wants a reason, and something that has changed.
func (t Transition) Again() bool { return t.From == t.To }

// holds tells whether a proviso holds for a report on its way.
func (p Proviso) holds(w Way, returned bool) bool {
	switch p {
	case IfHeadSkipped:
		return w.SkipHead
	case IfOfficeSkipped:
		return w.SkipOffice
	case IfOfficeKept:
		return !w.SkipOffice
	case IfNotReturned:
		return !returned
	case IfReturned:
		return returned
	}
	return true
}

// next finds the step that a verb makes from a state, or says why there is none. returned tells that a return still stands.
func (w Way) next(from State, v Verb, returned bool) (Transition, error) {
	for _, t := range Transitions {
		if t.From == from && t.Verb == v && t.When.holds(w, returned) {
			return t, nil
		}
	}
	switch {
	case v == Send && from == StateSent:
		return Transition{}, fault.Refused("Báo cáo đã gửi và đang chờ duyệt. Muốn sửa, hãy rút báo cáo về trước.")
	case v == Send:
		return Transition{}, fault.Refused("Báo cáo đã được duyệt nên không gửi lại. Số liệu sửa sau khi duyệt sẽ được xác nhận bổ sung.")
	case v == Accept && from == StateSent:
		return Transition{}, fault.Refused("Báo cáo chưa được người đứng đầu đơn vị duyệt nên chưa tiếp nhận được.")
	}
	return Transition{}, fault.Refusedf("Không %s được: báo cáo này %s.", v, from)
}

// May tells whether a verb leads anywhere from a state; pages offer only such steps.
func (w Way) May(from State, v Verb) bool {
	return slices.ContainsFunc(Transitions, func(t Transition) bool {
		return t.From == from && t.Verb == v && t.When.holds(w, false)
	}) || v == Recall && from == StateSent
}
