// Package fault is the error that a user may read: what is wrong, where, and what to do about it, in the user's words.
// Everything that is not a fault is internal: pages show a reference number for it, never its text. The package refuses
// to carry causes: an internal error wrapped into a fault would leak.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about the error; it decides the HTTP status and the exit code.
type Kind int

const (
	// KindInvalid is bad input: the same page again, 422.
	KindInvalid Kind = iota + 1
	// KindNotFound is what is not there, or what the actor may not see (the two are not told apart): 404.
	KindNotFound
	// KindConflict is a lost race or a state that has moved on: 409.
	KindConflict
	// KindRefused is a rule that forbids the step now, whoever asks: 409.
	KindRefused
	// KindUnavailable is a disk that is full or a database that is gone: 503.
	KindUnavailable
	// KindTooLarge is an upload beyond its limit: 413.
	KindTooLarge
	// KindTooMany is a limit of tries: 429.
	KindTooMany
)

// Error is a message to a user. Field names the form's field it belongs to, or is empty.
type Error struct {
	Kind  Kind
	Field string
	Text  string
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + ": " + e.Text
}

// Invalid is bad input in a field.
func Invalid(field, text string) error { return &Error{KindInvalid, field, text} }

// Invalidf is Invalid with a format.
func Invalidf(field, format string, args ...any) error {
	return &Error{KindInvalid, field, fmt.Sprintf(format, args...)}
}

// NotFound is the one answer to what is missing and to what may not be seen.
func NotFound() error { return &Error{KindNotFound, "", "Không tìm thấy nội dung này."} }

// Conflict tells that someone else was faster, or that the object has moved on.
func Conflict(text string) error { return &Error{KindConflict, "", text} }

// Refused names the rule that forbids the step now.
func Refused(text string) error { return &Error{KindRefused, "", text} }

// Refusedf is Refused with a format.
func Refusedf(format string, args ...any) error {
	return &Error{KindRefused, "", fmt.Sprintf(format, args...)}
}

// Unavailable tells that the machine, not the user, is the reason.
func Unavailable(text string) error { return &Error{KindUnavailable, "", text} }

// TooLarge is an upload beyond its limit.
func TooLarge(text string) error { return &Error{KindTooLarge, "", text} }

// TooMany is a limit of tries.
func TooMany(text string) error { return &Error{KindTooMany, "", text} }

// List is several faults of one form.
type List []*Error

func (l List) Error() string {
	switch len(l) {
	case 0:
		return ""
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%s (và %d lỗi khác)", l[0].Error(), len(l)-1)
}

// Add appends err when it is a fault; any other error is returned.
func (l *List) Add(err error) error {
	if err == nil {
		return nil
	}
	var many List
	if errors.As(err, &many) {
		*l = append(*l, many...)
		return nil
	}
	var one *Error
	if errors.As(err, &one) {
		*l = append(*l, one)
		return nil
	}
	return err
}

// Err is nil when the list is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// All lists the faults in err, or nothing when err is internal.
func All(err error) []*Error {
	var many List
	if errors.As(err, &many) {
		return many
	}
	var one *Error
	if errors.As(err, &one) {
		return []*Error{one}
	}
	return nil
}

// Is reports whether err is a fault of that kind.
func Is(err error, kind Kind) bool {
	for _, e := range All(err) {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// Text is what a user may read of err: the fault's own words, or a general sentence for an internal error.
func Text(err error) string {
	all := All(err)
	if len(all) == 0 {
		return "Có lỗi trong hệ thống. Dữ liệu đã lưu không bị mất; xin thử lại sau."
	}
	text := ""
	for i, e := range all {
		if i > 0 {
			text += " "
		}
		text += e.Text
	}
	return text
}
