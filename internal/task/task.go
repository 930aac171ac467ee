// Package task holds what a briefing's conclusion asks of the bodies and what was done about it: who leads, who works
// along, by when, what shows that it is done, the figure it is to move, and the whole history. It refuses to forget the
// first due date, to change or drop an event, to let anybody judge their own result, and to call a task done because
// somebody said so: only the office or the chair of the place accepts.
package task

import (
	"strings"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// State is where a task stands.
type State string

const (
	Open      State = "open"      // being worked on
	Reported  State = "reported"  // the lead says that it is done; the place has not judged yet
	Returned  State = "returned"  // the result was sent back: work goes on
	Accepted  State = "accepted"  // done
	Cancelled State = "cancelled" // no longer asked for
)

// States in the order in which people read them.
var States = []State{Open, Reported, Returned, Accepted, Cancelled}

// Name is the state in the user's words.
func (s State) Name() string {
	switch s {
	case Open:
		return "đang thực hiện"
	case Reported:
		return "chờ nghiệm thu"
	case Returned:
		return "bị trả lại, làm tiếp"
	case Accepted:
		return "hoàn thành"
	case Cancelled:
		return "đã hủy"
	}
	return ""
}

// Closed tells that nothing more is expected.
func (s State) Closed() bool { return s == Accepted || s == Cancelled }

// running: the lead still has to work.
func (s State) running() bool { return s == Open || s == Returned }

// Scope says whose figure a goal is about.
type Scope string

const (
	OfPlace Scope = "place" // the place's total
	OfLead  Scope = "lead"  // the lead body's and its line's below
)

// Goal is the figure that a task should move: the value counted from the year's start to the end of Period. The zero Goal
// (Indicator 0) is none.
type Goal struct {
	Indicator int64
	Part      int64
	Period    string // code; the quarter of the due date when empty
	Of        Scope  // OfPlace when empty
	Wanted    int64  // scaled by the indicator's decimals
	Start     figure.Value
}

// Named is a unit with its name of the task's day.
type Named struct {
	ID                int64
	Code, Name, Short string
}

// Task is one task. Place, Leader and Others repeat Unit, Lead and With by name; they are filled when it is read.
type Task struct {
	ID          string
	Unit        int64
	Lead        int64
	With        []int64
	Text        string
	Evidence    string // what shows that it is done
	Day         string // of the conclusion
	Due         string
	OriginalDue string
	Extensions  int    // how often it was extended
	Asked       string // a later due date that waits for a decision, or empty
	State       State
	Share       int    // hundredths done, as last reported
	Done        string // day of the last report that it is done
	Goal
	Briefing string // the briefing it comes from; empty for one made outside a briefing
	Point    int    // number of the conclusion's point
	Made     int64  // UTC ms
	Version  int

	Place, Leader Named
	Others        []Named
	Events        []Event // oldest first; filled by Find and OpenIn
}

// Kind is what an event says.
type Kind string

const (
	EventMade      Kind = "made"
	EventProgress  Kind = "progress"
	EventAsked     Kind = "asked"
	EventGranted   Kind = "granted"
	EventRefused   Kind = "refused"
	EventReported  Kind = "reported"
	EventAccepted  Kind = "accepted"
	EventReturned  Kind = "returned"
	EventCancelled Kind = "cancelled"
)

// Name is the kind in the user's words.
func (k Kind) Name() string {
	switch k {
	case EventMade:
		return "Giao nhiệm vụ"
	case EventProgress:
		return "Báo cáo tiến độ"
	case EventAsked:
		return "Xin gia hạn"
	case EventGranted:
		return "Đồng ý gia hạn"
	case EventRefused:
		return "Không đồng ý gia hạn"
	case EventReported:
		return "Báo cáo hoàn thành"
	case EventAccepted:
		return "Nghiệm thu"
	case EventReturned:
		return "Trả lại"
	case EventCancelled:
		return "Hủy nhiệm vụ"
	}
	return ""
}

// Event is one thing that happened to a task. Events are only ever added.
type Event struct {
	Number   int
	At       int64 // UTC ms
	Person   string
	For      string // for whom by delegation; filled when it is read
	By       string // the signature; filled when it is read
	Kind     Kind
	Text     string
	Share    int
	Evidence string
	Due      string // the date asked for or granted
}

// Overdue tells that work is still to be done after its due date.
func (t Task) Overdue(day string) bool { return t.State.running() && t.Due < day }

// DaysLate is by how many days a task is late on a day: since its due date while work goes on, at the report that it is
// done afterwards; 0 when it is in time or was cancelled.
func (t Task) DaysLate(day string) int { return t.lateAgainst(t.Due, day) }

// DaysAfterOriginal is DaysLate against the date that was first set.
func (t Task) DaysAfterOriginal(day string) int { return t.lateAgainst(t.OriginalDue, day) }

func (t Task) lateAgainst(due, day string) int {
	switch {
	case t.State == Cancelled:
		return 0
	case !t.State.running():
		day = t.Done
	}
	return max(0, daysBetween(due, day))
}

func daysBetween(from, to string) int {
	a, err1 := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a) / (24 * time.Hour))
}

func validDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// check tidies a task that is to be made and refuses one that nobody could fulfil.
func (t *Task) check() error {
	t.Text, t.Evidence = viet.Clean(t.Text), viet.Clean(t.Evidence)
	var bad fault.List
	if t.Text == "" {
		_ = bad.Add(fault.Invalid("text", "Hãy ghi nội dung nhiệm vụ."))
	}
	if t.Lead == 0 {
		_ = bad.Add(fault.Invalid("lead", "Hãy chọn đơn vị chủ trì."))
	}
	if !validDay(t.Due) {
		_ = bad.Add(fault.Invalid("due", "Hãy ghi thời hạn hoàn thành, ví dụ 15/10/2019."))
	} else if t.Due < t.Day {
		_ = bad.Add(fault.Invalidf("due", "Thời hạn %s đã qua trước ngày giao nhiệm vụ (%s).", viet.FormatDate(t.Due), viet.FormatDate(t.Day)))
	}
	var with []int64
	seen := map[int64]bool{t.Lead: true}
	for _, id := range t.With { // the lead does not work along with itself
		if !seen[id] {
			seen[id] = true
			with = append(with, id)
		}
	}
	t.With = with
	return bad.Err()
}

// The rules below change a task and give the event that says so. day is the site's day.

func (t *Task) progress(share int, text, evidence string) (Event, error) {
	if !t.State.running() {
		return Event{}, t.notRunning()
	}
	text = viet.Clean(text)
	var bad fault.List
	if text == "" {
		_ = bad.Add(fault.Invalid("text", "Hãy ghi đã làm được gì."))
	}
	if share < 0 || share > 100 {
		_ = bad.Add(fault.Invalid("share", "Mức độ hoàn thành phải từ 0 đến 100 phần trăm."))
	}
	if err := bad.Err(); err != nil {
		return Event{}, err
	}
	t.Share = share
	return Event{Kind: EventProgress, Text: text, Share: share, Evidence: viet.Clean(evidence)}, nil
}

func (t *Task) askExtension(due, reason string) (Event, error) {
	if !t.State.running() {
		return Event{}, t.notRunning()
	}
	if t.Asked != "" {
		return Event{}, fault.Refusedf("Đã có đề nghị gia hạn đến %s đang chờ quyết định.", viet.FormatDate(t.Asked))
	}
	reason = viet.Clean(reason)
	var bad fault.List
	if !validDay(due) || due <= t.Due {
		_ = bad.Add(fault.Invalidf("due", "Hạn mới phải sau hạn hiện nay (%s).", viet.FormatDate(t.Due)))
	}
	if reason == "" {
		_ = bad.Add(fault.Invalid("reason", "Hãy nêu lý do xin gia hạn."))
	}
	if err := bad.Err(); err != nil {
		return Event{}, err
	}
	t.Asked = due
	return Event{Kind: EventAsked, Text: reason, Share: t.Share, Due: due}, nil
}

func (t *Task) decideExtension(who auth.Actor, grant bool, reason string) (Event, error) {
	if t.Asked == "" {
		return Event{}, fault.Conflict("Nhiệm vụ này không còn đề nghị gia hạn nào chờ quyết định.")
	}
	if t.lastBy(EventAsked, who) {
		return Event{}, fault.Refused("Người xin gia hạn không được tự quyết định gia hạn.")
	}
	reason = viet.Clean(reason)
	if !grant && reason == "" {
		return Event{}, fault.Invalid("reason", "Hãy nêu lý do không đồng ý gia hạn.")
	}
	e := Event{Kind: EventRefused, Text: reason, Share: t.Share, Due: t.Asked}
	if grant {
		e.Kind = EventGranted
		t.Due = t.Asked
		t.Extensions++
	}
	t.Asked = ""
	return e, nil
}

func (t *Task) reportDone(day, text, evidence string) (Event, error) {
	if !t.State.running() {
		return Event{}, t.notRunning()
	}
	text, evidence = viet.Clean(text), viet.Clean(evidence)
	if text == "" {
		return Event{}, fault.Invalid("text", "Hãy ghi kết quả đã đạt được.")
	}
	if t.Evidence != "" && evidence == "" {
		return Event{}, fault.Invalidf("evidence", "Kết luận yêu cầu minh chứng: %s. Hãy ghi số văn bản, liên kết hoặc nơi lưu minh chứng.", strings.TrimRight(t.Evidence, ". "))
	}
	t.State, t.Share, t.Done, t.Asked = Reported, 100, day, ""
	return Event{Kind: EventReported, Text: text, Share: 100, Evidence: evidence}, nil
}

func (t *Task) accept(who auth.Actor, text string) (Event, error) {
	if err := t.judged(who); err != nil {
		return Event{}, err
	}
	t.State = Accepted
	return Event{Kind: EventAccepted, Text: viet.Clean(text), Share: 100}, nil
}

func (t *Task) sendBack(who auth.Actor, reason string) (Event, error) {
	if err := t.judged(who); err != nil {
		return Event{}, err
	}
	if reason = viet.Clean(reason); reason == "" {
		return Event{}, fault.Invalid("reason", "Hãy nêu lý do trả lại để đơn vị biết cần làm thêm gì.")
	}
	t.State, t.Done = Returned, ""
	return Event{Kind: EventReturned, Text: reason, Share: t.Share}, nil
}

func (t *Task) cancel(reason string) (Event, error) {
	if t.State.Closed() {
		return Event{}, t.notRunning()
	}
	if reason = viet.Clean(reason); reason == "" {
		return Event{}, fault.Invalid("reason", "Hãy nêu lý do hủy nhiệm vụ.")
	}
	t.State, t.Asked = Cancelled, ""
	return Event{Kind: EventCancelled, Text: reason, Share: t.Share}, nil
}

// judged refuses a judgement of what is not reported, and of one's own report.
func (t *Task) judged(who auth.Actor) error {
	if t.State != Reported {
		return fault.Conflictf("Nhiệm vụ này hiện %s, không phải đang chờ nghiệm thu. Hãy mở lại trang để xem tình trạng mới.", t.State)
	}
	if t.lastBy(EventReported, who) {
		return fault.Refused("Người báo cáo kết quả không được tự nghiệm thu kết quả đó.")
	}
	return nil
}

func (t *Task) notRunning() error {
	return fault.Conflictf("Nhiệm vụ này hiện %s, không nhận thêm nội dung này. Hãy mở lại trang để xem tình trạng mới.", t.State)
}

// lastBy tells whether the last event of a kind is the actor's, or of one whom they act for, or was made for either.
func (t *Task) lastBy(kind Kind, who auth.Actor) bool {
	for i := len(t.Events) - 1; i >= 0; i-- {
		if t.Events[i].Kind == kind {
			return who.Signs(t.Events[i].Person, t.Events[i].For)
		}
	}
	return false
}
