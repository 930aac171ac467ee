// Package notice holds what a person is told on a page of their own: a report came back, was accepted, has changed after they
// approved it, is due. Other houses write notices in the transaction of what they tell of. Each person chooses, kind by kind, whether a
// letter tells of it too, at once or gathered, and may have a calendar of their deadlines. It refuses to flood: while one is unread, the
// next of its kind about the same page takes its place, letters are gathered and counted. It holds nothing that its page does not show,
// and a letter says no more than the page does.
package notice

import (
	"slices"
	"time"
)

// Kind says what a notice is about, so that its reader may choose and a house may replace its own.
type Kind string

// The kinds of notice.
const (
	Returned Kind = "report-returned" // a report came back
	Asked    Kind = "report-asked"    // the office reminds by hand
	Due      Kind = "report-due"      // a report is due, or its day has moved
	Waiting  Kind = "report-sent"     // a report waits for the head or the office
	Plea     Kind = "extension-asked" // a body asks for another day
	Changed  Kind = "report-changed"  // what somebody approved has changed
	Approved Kind = "report-approved" // a report was approved or accepted
)

// Kinds in the order in which people read of them.
var Kinds = []Kind{Returned, Asked, Due, Waiting, Plea, Changed, Approved}

// Way is how a person is told.
type Way string

// The ways.
const (
	Page   Way = "page"   // on the page only
	Now    Way = "now"    // on the page, and by a letter at once
	Daily  Way = "daily"  // on the page, and in one letter a day
	Weekly Way = "weekly" // on the page, and in one letter a week
	None   Way = "none"   // not at all
)

// Name is the kind in the user's words.
func (k Kind) Name() string {
	switch k {
	case Returned:
		return "Báo cáo bị trả lại"
	case Asked:
		return "Văn phòng nhắc trực tiếp"
	case Due:
		return "Báo cáo sắp đến hạn, quá hạn, được gia hạn"
	case Waiting:
		return "Báo cáo chờ tôi duyệt, tiếp nhận"
	case Plea:
		return "Đơn vị xin gia hạn"
	case Changed:
		return "Thay đổi sau khi tôi đã duyệt"
	case Approved:
		return "Báo cáo được duyệt, tiếp nhận"
	}
	return ""
}

// Name is the way in the user's words.
func (w Way) Name() string {
	switch w {
	case Page:
		return "Chỉ trên trang Thông báo"
	case Now:
		return "Trang và thư ngay"
	case Daily:
		return "Trang và thư gộp hằng ngày"
	case Weekly:
		return "Trang và thư gộp hằng tuần"
	case None:
		return "Không nhận"
	}
	return ""
}

// Standard is the way of those who have not chosen.
func (k Kind) Standard() Way {
	if k == Returned {
		return Now // only what is named in the return is open, and the day does not move
	}
	return Daily
}

// Ways are what may be chosen for a kind. Only what asks nothing of its reader may be silenced.
func (k Kind) Ways() []Way {
	ways := []Way{Now, Daily, Weekly, Page}
	if k == Approved || k == Due || k == Waiting {
		ways = append(ways, None)
	}
	return ways
}

// May tells whether a way may be chosen for a kind.
func (k Kind) May(w Way) bool { return slices.Contains(k.Ways(), w) }

// Known tells whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// Note is what is to be told. Text is a format that the reader's language has; Args fill it.
type Note struct {
	Kind Kind
	Path string // the page that it is about
	Text string
	Args []string
}

// Notice is a note as a person has it.
type Notice struct {
	ID string
	Note
	At   int64 // UTC ms
	Read int64 // 0 while it is unread

	mailed int64 // when a letter last told of it; 0: none did
}

const (
	// keepRead is how long a notice stays once it has been read.
	keepRead = 90 * 24 * time.Hour
	// keepLetters is how long is known that a letter went out.
	keepLetters = 60 * 24 * time.Hour
	// between is how long a letter about one thing keeps the next about it waiting.
	between = time.Hour
	// mostNow is how many letters a person gets at once on one day; what is beyond goes into the daily one.
	mostNow = 5
	// mostLines is how many notices a letter tells in words; it counts the others.
	mostLines = 20
	// gather is how long a letter waits for what comes together with its cause.
	gather = time.Minute
)
