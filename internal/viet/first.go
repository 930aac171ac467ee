package viet

import (
	"unicode"
	"unicode/utf8"
)

// UpperFirst begins a sentence or a line of its own with a text.
func UpperFirst(s string) string { return first(s, unicode.ToUpper) }

// LowerFirst fits a text into a sentence.
func LowerFirst(s string) string { return first(s, unicode.ToLower) }

// first changes the first letter; a text must be NFC, as every input is, for its mark to go with it.
func first(s string, change func(rune) rune) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(change(r)) + s[n:]
}
