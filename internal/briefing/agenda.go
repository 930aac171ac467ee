package briefing

import (
	"fmt"
	"slices"
	"time"

	"giaoban/internal/fault"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// ItemKind is where an item of the agenda comes from.
type ItemKind string

const (
	ItemTask        ItemKind = "task"        // an open task of an earlier conclusion
	ItemReport      ItemKind = "report"      // the consolidated report
	ItemBody        ItemKind = "body"        // a body's report
	ItemShortcoming ItemKind = "shortcoming" // what the data show
	ItemFree        ItemKind = "free"
)

// itemKinds in the order of an agenda that is made new.
var itemKinds = []ItemKind{ItemTask, ItemReport, ItemBody, ItemShortcoming, ItemFree}

// Name is the kind in the user's words.
func (k ItemKind) Name() string {
	switch k {
	case ItemTask:
		return "Kiểm điểm việc thực hiện kết luận trước"
	case ItemReport:
		return "Báo cáo tổng hợp"
	case ItemBody:
		return "Báo cáo của đơn vị"
	case ItemShortcoming:
		return "Vấn đề số liệu cho thấy"
	case ItemFree:
		return "Nội dung khác"
	}
	return ""
}

// usual is how many minutes an item of a kind gets when nobody has said otherwise.
var usual = map[ItemKind]int{ItemTask: 3, ItemReport: 20, ItemBody: 5, ItemShortcoming: 3, ItemFree: 10}

// Item is one item of the agenda. Edited ones are never changed or dropped by building the agenda again; removed ones stay
// known, so that they do not come back by themselves.
type Item struct {
	ID        string
	Ordinal   int
	Kind      ItemKind
	Source    string // task id, report id, unit code, key of a shortcoming; empty for a free item
	Title     string
	Text      string
	URL       string
	Minutes   int
	Presenter string
	Edited    bool
	Removed   bool
	Version   int
}

type itemKey struct {
	kind   ItemKind
	source string
}

func (i Item) key() itemKey { return itemKey{i.Kind, i.Source} }

func (i *Item) tidy() error {
	i.Title, i.Text, i.Presenter = viet.Clean(i.Title), viet.Clean(i.Text), viet.Clean(i.Presenter)
	if i.Title == "" {
		return fault.Invalid("title", "Hãy ghi nội dung.")
	}
	if i.Minutes < 0 || i.Minutes > 600 {
		return fault.Invalid("minutes", "Thời lượng phải từ 0 đến 600 phút.")
	}
	return nil
}

// Source is something that another house knows and that the briefing takes up: a report, a shortcoming.
type Source struct {
	Key       string
	Title     string
	Text      string
	URL       string
	Presenter string
	DaysLate  int
	Rule      report.Rule // of a shortcoming
	About     string      // what a shortcoming is about, where it is about one figure
}

// Reported is what the report house knows of a place and a period.
type Reported struct {
	Consolidated Source
	Bodies       []Source // that have given their report
	Late         []Source // that have not, or gave it late
	Shortcomings []Source
}

// BuildAgenda makes the agenda from what there is, or brings an existing one up to date: what is new comes in behind its
// kind; items that nobody edited follow their source, and go when it is gone; edited, free and removed ones stay as they
// are. Every open task is on it exactly once.
func BuildAgenda(existing []Item, open []task.Task, reported Reported, day string) []Item {
	wanted := map[itemKey]Item{}
	var order []itemKey
	want := func(i Item) {
		if _, twice := wanted[i.key()]; i.Source == "" || twice {
			return
		}
		i.Minutes = usual[i.Kind]
		wanted[i.key()] = i
		order = append(order, i.key())
	}
	for _, t := range open {
		want(Item{Kind: ItemTask, Source: t.ID, Title: t.Text, Text: history(t, day), URL: "/nhiem-vu/" + t.ID, Presenter: t.Leader.Name})
	}
	from := func(kind ItemKind, list ...Source) {
		for _, s := range list {
			want(Item{Kind: kind, Source: s.Key, Title: s.Title, Text: s.Text, URL: s.URL, Presenter: s.Presenter})
		}
	}
	from(ItemReport, reported.Consolidated)
	from(ItemBody, reported.Bodies...)
	from(ItemShortcoming, reported.Shortcomings...)

	var out []Item
	seen := map[itemKey]bool{}
	for _, old := range existing {
		if old.Source == "" {
			out = append(out, old)
			continue
		}
		fresh, stands := wanted[old.key()]
		if seen[old.key()] || !stands && !old.Edited && !old.Removed {
			continue
		}
		seen[old.key()] = true
		if stands && !old.Edited {
			old.Title, old.Text, old.URL, old.Presenter = fresh.Title, fresh.Text, fresh.URL, fresh.Presenter
		}
		if old.Kind == ItemTask && stands {
			old.Removed = false
		}
		out = append(out, old)
	}
	for _, key := range order {
		if !seen[key] {
			out = slices.Insert(out, placeFor(out, key.kind), wanted[key])
		}
	}
	for i := range out {
		out[i].Ordinal = i + 1
	}
	return out
}

// placeFor is behind the last item of the kind, or before the first one of a later kind.
func placeFor(items []Item, kind ItemKind) int {
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].Kind == kind {
			return i + 1
		}
	}
	rank := slices.Index(itemKinds, kind)
	for i, item := range items {
		if slices.Index(itemKinds, item.Kind) > rank {
			return i
		}
	}
	return len(items)
}

// history is how a task stands, in one sentence for the agenda.
func history(t task.Task, day string) string {
	text := fmt.Sprintf("Thời hạn %s", viet.FormatDate(t.Due))
	if t.Due != t.OriginalDue {
		text += fmt.Sprintf(" (ban đầu %s, gia hạn %d lần)", viet.FormatDate(t.OriginalDue), t.Extensions)
	}
	text += "; " + t.State.Name()
	if t.Overdue(day) {
		text += fmt.Sprintf(", quá hạn %d ngày", t.DaysLate(day))
	}
	if t.Share > 0 {
		text += fmt.Sprintf(", đã làm %d%%", t.Share)
	}
	if n := len(t.Events); n > 0 && t.Events[n-1].Text != "" {
		e := t.Events[n-1]
		text += ". " + e.Kind.Name() + ": " + e.Text
	}
	return text
}

// Slot is an item with the time of day at which its turn comes.
type Slot struct {
	Item
	At time.Time
}

// Schedule gives each item its time, and the end of the last one.
func Schedule(items []Item, start time.Time) ([]Slot, time.Time) {
	var out []Slot
	for _, i := range items {
		if i.Removed {
			continue
		}
		out = append(out, Slot{i, start})
		start = start.Add(time.Duration(i.Minutes) * time.Minute)
	}
	return out, start
}

// moved puts an item one place up or down among those that are shown.
func moved(items []Item, id string, up bool) ([]Item, bool) {
	at := slices.IndexFunc(items, func(i Item) bool { return i.ID == id })
	if at < 0 || items[at].Removed {
		return nil, false
	}
	step := 1
	if up {
		step = -1
	}
	to := at + step
	for to >= 0 && to < len(items) && items[to].Removed {
		to += step
	}
	if to < 0 || to >= len(items) {
		return items, true
	}
	out := slices.Clone(items)
	item := out[at]
	out = slices.Delete(out, at, at+1)
	out = slices.Insert(out, to, item)
	for i := range out {
		out[i].Ordinal = i + 1
	}
	return out, true
}
