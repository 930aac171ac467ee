// Package viet is Vietnamese text as local government writes it: quantities ("trên 20 tỷ đồng", "3 tỷ 556,6 triệu đồng"),
// dates, periods ("quý III/2019"), names and lists; it reads them, prints them, folds them for search and sorts them, and
// it recognises text typed in the fonts of the time before Unicode.
//
// It refuses to guess and to strip: an input that has two readings is answered with a *Question that lists them, one that
// has none with a *Refusal that shows the place, and neither is ever turned into a number by leaving characters out. It
// knows no indicator, no unit of measure and no synonym of one, and it keeps no state.
package viet

import "fmt"

// Reading is one way to understand an input. Type is a spelling of it that has this reading only, so that a page can put
// it into the field at a click; Text is the same for the eye, with the number in words.
type Reading struct {
	Type     string
	Text     string
	Quantity Quantity // zero when the input was no quantity
}

// Question is the answer to an input that cannot be understood in one way only. Text is for the user.
type Question struct {
	Raw      string
	Readings []Reading
	Text     string
	made     said
}

func (q *Question) Error() string { return q.Text }

// Message is what the text was made of, for those who say it in another language.
func (q *Question) Message() (format string, args []any) { return q.made.or(q.Text) }

// Refusal is the answer to an input that cannot be understood. At is the place in Raw, counted in characters from 0, or
// -1 when the whole input is meant. Text is for the user.
type Refusal struct {
	Raw  string
	Text string
	At   int
	made said
}

func (r *Refusal) Error() string { return r.Text }

// Message is what the text was made of, for those who say it in another language.
func (r *Refusal) Message() (format string, args []any) { return r.made.or(r.Text) }

// said is a text with what it was made of. A part of it may be another one.
type said struct {
	format string
	args   []any
}

func says(format string, args ...any) said {
	if false {
		_ = fmt.Sprintf(format, args...) // lets vet check the arguments
	}
	return said{format, args}
}

func (s said) String() string {
	if len(s.args) == 0 {
		return s.format
	}
	return fmt.Sprintf(s.format, s.args...)
}

// Message is what the text is made of.
func (s said) Message() (format string, args []any) { return s.format, s.args }

func (s said) or(text string) (format string, args []any) {
	if s.format == "" {
		return text, nil
	}
	return s.format, s.args
}

// ask makes a Question whose text ends with the readings.
func ask(raw string, why said, readings ...Reading) error {
	made := says("“%s”: %s", short(raw), why)
	switch len(readings) {
	case 0:
	case 1:
		made = says("“%s”: %s Có phải là %s?", short(raw), why, readings[0].Text)
	default:
		list := says("%s", readings[0].Text)
		for _, r := range readings[1:] {
			list = says("%s hay %s", list, r.Text)
		}
		made = says("“%s”: %s Hãy chọn: %s?", short(raw), why, list)
	}
	return &Question{Raw: raw, Readings: readings, Text: made.String(), made: made}
}

// refuse makes a Refusal; at is the place in characters, or -1.
func refuse(raw string, at int, format string, args ...any) error {
	if false {
		_ = fmt.Sprintf(format, args...) // lets vet check the arguments
	}
	made := says("“%s”: %s", short(raw), said{format, args})
	if at >= 0 {
		made = says("“%s”, ký tự thứ %d: %s", short(raw), at+1, said{format, args})
	}
	return &Refusal{Raw: raw, At: at, Text: made.String(), made: made}
}

// short keeps a message readable when a whole paragraph was pasted into a cell.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
