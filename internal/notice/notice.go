// Package notice holds what a person is told on a page of their own: a report came back, was accepted, has changed after they
// approved it, is due. Other houses write notices in the transaction of what they tell of. It refuses to flood: while one is
// unread, the next of its kind about the same page takes its place. It sends no letter and holds nothing that its page does not.
package notice

import "time"

// Kind says what a notice is about, so that its reader may choose and a house may replace its own.
type Kind string

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
}

// keepRead is how long a notice stays once it has been read.
const keepRead = 90 * 24 * time.Hour
