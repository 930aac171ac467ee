package account

import (
	"slices"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Delegation (ủy quyền) lends some of the giver's grants to the taker, from a day until before another. The taker chooses when
// to act under it and then has these rights only; what they do so is signed for the giver. It ends on its day, when either is
// disabled, and grant by grant when the giver's own end. It is lent no further, and administration is never lent.
type Delegation struct {
	ID               string
	Giver, GiverName string // id and name
	Taker, TakerName string
	From, To         string
	Reason, Document string
	Made, Ended      int64 // Ended is 0 while nobody has ended it early
	MadeBy           string
	Grants           []Grant // what is lent, each with the days on which it is
}

// Holds tells whether something is lent on a day.
func (d Delegation) Holds(day string) bool {
	return d.From <= day && day < d.To && slices.ContainsFunc(d.Grants, func(g Grant) bool { return g.Holds(day) })
}

// Over tells whether nothing is lent on a day or later.
func (d Delegation) Over(day string) bool {
	return d.To <= day || !slices.ContainsFunc(d.Grants, func(g Grant) bool { return !g.Ended(day) })
}

// lendable are those of a person's grants that may be lent in a time: administration is not.
func lendable(grants []Grant, roles []Role, from, to string) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool {
		at := slices.IndexFunc(roles, func(r Role) bool { return r.Code == g.Role })
		return at < 0 || roles[at].Holds(auth.Admin) || g.Ended(from) || to != "" && to <= g.From
	})
}

const maxReason = 500

func (d *Delegation) check(today string) error {
	d.Reason, d.Document = viet.Clean(d.Reason), viet.Clean(d.Document)
	if d.From == "" {
		d.From = today
	}
	var faults fault.List
	switch {
	case d.Taker == "":
		_ = faults.Add(fault.Invalid("taker", "Hãy chọn người nhận ủy quyền."))
	case d.Taker == d.Giver:
		_ = faults.Add(fault.Invalid("taker", "Không ai ủy quyền cho chính mình. Hãy chọn người khác."))
	}
	if d.From < today {
		_ = faults.Add(fault.Invalid("from", "Ngày bắt đầu không được trước hôm nay."))
	}
	switch {
	case d.To == "":
		_ = faults.Add(fault.Invalid("to", "Hãy ghi ngày kết thúc: ủy quyền luôn có thời hạn."))
	case d.To <= d.From:
		_ = faults.Add(fault.Invalid("to", "Ngày kết thúc không được trước ngày bắt đầu."))
	}
	if d.Reason == "" {
		_ = faults.Add(fault.Invalid("reason", "Hãy nêu lý do ủy quyền, ví dụ: đi công tác."))
	}
	for field, text := range map[string]string{"reason": d.Reason, "document": d.Document} {
		if utf8.RuneCountInString(text) > maxReason {
			_ = faults.Add(fault.Invalidf(field, "Phần này dài quá %d ký tự.", maxReason))
		}
	}
	return faults.Err()
}
