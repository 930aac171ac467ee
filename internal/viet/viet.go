// Package viet is Vietnamese text as local government writes it: quantities ("trên 20 tỷ đồng", "3 tỷ 556,6 triệu đồng"),
// dates, periods ("quý III/2019"), names and lists; it reads them, prints them, folds them for search and sorts them, and
// it recognises text typed in the fonts of the time before Unicode.
//
// It refuses to guess and to strip: an input that has two readings is answered with a *Question that lists them, one that
// has none with a *Refusal that shows the place, and neither is ever turned into a number by leaving characters out. It
// knows no indicator, no unit of measure and no synonym of one, and it keeps no state.
package viet

import (
	"fmt"
	"strings"
)

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
}

func (q *Question) Error() string { return q.Text }

// Refusal is the answer to an input that cannot be understood. At is the place in Raw, counted in characters from 0, or
// -1 when the whole input is meant. Text is for the user.
type Refusal struct {
	Raw  string
	Text string
	At   int
}

func (r *Refusal) Error() string { return r.Text }

// ask makes a Question whose text ends with the readings.
func ask(raw, why string, readings ...Reading) error {
	texts := make([]string, len(readings))
	for i, r := range readings {
		texts[i] = r.Text
	}
	text := fmt.Sprintf("“%s”: %s", short(raw), why)
	switch len(texts) {
	case 0:
	case 1:
		text += " Có phải là " + texts[0] + "?"
	default:
		text += " Hãy chọn: " + strings.Join(texts, " hay ") + "?"
	}
	return &Question{Raw: raw, Readings: readings, Text: text}
}

// refuse makes a Refusal; at is the place in characters, or -1.
func refuse(raw string, at int, format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	if at >= 0 {
		return &Refusal{Raw: raw, At: at, Text: fmt.Sprintf("“%s”, ký tự thứ %d: %s", short(raw), at+1, why)}
	}
	return &Refusal{Raw: raw, At: at, Text: fmt.Sprintf("“%s”: %s", short(raw), why)}
}

// short keeps a message readable when a whole paragraph was pasted into a cell.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
