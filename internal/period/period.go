// Package period holds the periods that figures and reports are for: months, quarters, halves, nine months, years, spans of
// years and spans of days, each with the days it covers, the day its reports are due, and whether it is open. A period's
// code and key follow from what it is, so two writers who need one make the same one. The package refuses figures for a
// closed period (MustBeOpen), a code with two readings, and a second period of the same months with other days: the
// cut-off in force when a period is first made stays with it.
package period

import (
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// The kinds of period.
const (
	Month   = "month"
	Quarter = "quarter"
	Half    = "half"
	Nine    = "nine" // the first nine months
	Year    = "year"
	Span    = "span"   // whole years, such as a term
	Custom  = "custom" // any first and last day
)

// Kinds in the order in which people read them.
var Kinds = []string{Month, Quarter, Half, Nine, Year, Span, Custom}

// KindName is a kind in the user's words.
func KindName(kind string) string {
	switch kind {
	case Month:
		return "tháng"
	case Quarter:
		return "quý"
	case Half:
		return "6 tháng"
	case Nine:
		return "9 tháng"
	case Year:
		return "năm"
	case Span:
		return "nhiều năm"
	case Custom:
		return "khoảng ngày"
	}
	return ""
}

// State says whether a period takes figures.
type State string

const (
	Open   State = "open"
	Closed State = "closed"
)

// Cutoff says on which day of the month periods begin and end.
type Cutoff string

const (
	// Calendar: from the first day of the first month to the last day of the last.
	Calendar Cutoff = "calendar"
	// Mid: from the 15th of the month before to the 14th of the last month, as NĐ 09/2019/NĐ-CP asks of State agencies.
	Mid Cutoff = "15"
)

// Period is a stretch of time that figures are for. One that comes from Parse or from a step (Previous, Next …) is not yet
// in the site: it is open, has no due day, and Version is 0.
type Period struct {
	ID       int64
	Code     string // 2019-10, 2019-Q3, 2019-H1, 2019-9M, 2019, 2013..2018, 2019-06-15..2019-09-14
	Kind     string
	Year     int    // of a span the first year
	Ordinal  int    // month, quarter or half; of a span the number of years; else 0
	From, To string // inclusive ISO dates
	State    State
	Due      string // ISO date that reports are due; empty when none is set
	Closed   string // ISO date of the closing, while closed
	Version  int
}

// MustBeOpen refuses work on a closed period, and says what to do instead.
func (p Period) MustBeOpen() error {
	if p.State != Closed {
		return nil
	}
	if p.Closed == "" {
		return fault.Refusedf("Kỳ %s đã khoá sổ. Số liệu phát hiện sai hãy gửi điều chỉnh vào kỳ đang mở, hoặc đề nghị văn phòng Mặt trận mở lại kỳ này.", p)
	}
	return fault.Refusedf("Kỳ %s đã khoá sổ ngày %s. Số liệu phát hiện sai hãy gửi điều chỉnh vào kỳ đang mở, hoặc đề nghị văn phòng Mặt trận mở lại kỳ này.",
		p, viet.FormatDate(p.Closed))
}

// Name is the period in a running sentence: "quý III năm 2019", "6 tháng đầu năm 2019", "giai đoạn 2013 - 2018".
func (p Period) Name() string { return viet.PeriodName(p.Code) }

// String is the name.
func (p Period) String() string { return p.Name() }

// Holds tells whether a day (ISO) lies in the period.
func (p Period) Holds(day string) bool { return p.From <= day && day <= p.To }

// Cutoff is the cut-off that the period was made with.
func (p Period) Cutoff() Cutoff {
	if p.Kind != Custom && strings.HasSuffix(p.From, "-15") {
		return Mid
	}
	return Calendar
}

func (p Period) lastYear() int { return p.Year + p.Ordinal - 1 }
