// Package fault is the error that a user may read: what is wrong, where, and what to do about it, in the user's words.
// The words are Vietnamese; what they were made of stays with them, so that a page can say the same in its reader's
// language. Everything that is not a fault is internal: pages show a reference number for it, never its text. The package
// refuses to carry causes: an internal error wrapped into a fault would leak.
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

// Error is a message to a user. Field names the form's field it belongs to, or is empty. Text is the message in
// Vietnamese; Format and Args are what it was made of, and Format is empty where the text was not made.
type Error struct {
	Kind   Kind
	Field  string
	Text   string
	Format string
	Args   []any
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + ": " + e.Text
}

// Message is what the text was made of, for those who say it in another language.
func (e *Error) Message() (format string, args []any) {
	if e.Format == "" {
		return e.Text, nil
	}
	return e.Format, e.Args
}

// At is the same fault at another field: a form calls its fields otherwise than the rule that was broken.
func (e *Error) At(field string) *Error {
	moved := *e
	moved.Field = field
	return &moved
}

// Made is a fault whose text is made of args. An argument that has a name (a state, a kind, a period) is said by it, and
// an argument that is a fault by its text; both are said in the reader's language where the fault is shown.
func Made(kind Kind, field, format string, args ...any) *Error {
	if false {
		_ = fmt.Sprintf(format, args...) // lets vet check the arguments, which are changed below
	}
	plain := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case *Error:
			plain[i] = v.Text
		case interface{ Name() string }:
			plain[i] = v.Name()
		default:
			plain[i] = a
		}
	}
	return &Error{Kind: kind, Field: field, Text: fmt.Sprintf(format, plain...), Format: format, Args: args}
}

// Word is an argument of a fault that is a word of the program's own, said in the reader's language.
type Word string

// Name is the word in Vietnamese.
func (w Word) Name() string { return string(w) }

func said(kind Kind, field, text string) error { return &Error{Kind: kind, Field: field, Text: text} }

// Invalid is bad input in a field.
func Invalid(field, text string) error { return said(KindInvalid, field, text) }

// Invalidf is Invalid with a format.
func Invalidf(field, format string, args ...any) error {
	return Made(KindInvalid, field, format, args...)
}

// NotFound is the one answer to what is missing and to what may not be seen.
func NotFound() error { return said(KindNotFound, "", "Không tìm thấy nội dung này.") }

// Conflict tells that someone else was faster, or that the object has moved on.
func Conflict(text string) error { return said(KindConflict, "", text) }

// Conflictf is Conflict with a format.
func Conflictf(format string, args ...any) error { return Made(KindConflict, "", format, args...) }

// Refused names the rule that forbids the step now.
func Refused(text string) error { return said(KindRefused, "", text) }

// Refusedf is Refused with a format.
func Refusedf(format string, args ...any) error { return Made(KindRefused, "", format, args...) }

// Unavailable tells that the machine, not the user, is the reason.
func Unavailable(text string) error { return said(KindUnavailable, "", text) }

// TooLarge is an upload beyond its limit.
func TooLarge(text string) error { return said(KindTooLarge, "", text) }

// TooLargef is TooLarge with a format.
func TooLargef(format string, args ...any) error { return Made(KindTooLarge, "", format, args...) }

// TooMany is a limit of tries.
func TooMany(text string) error { return said(KindTooMany, "", text) }

// TooManyf is TooMany with a format.
func TooManyf(format string, args ...any) error { return Made(KindTooMany, "", format, args...) }

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
