package viet

import "strings"

// The letters that number the points of a Vietnamese document (Decree 30/2020, annex I): those of the alphabet without
// the marked vowels.
var listLetters = []string{"a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u",
	"v", "x", "y"}

// ListLetter is the letter of the i-th point from 0: a, b, c, d, đ, e, g …; after y comes aa. Empty for a negative i.
func ListLetter(i int) string {
	text := ""
	for n := i + 1; n > 0; n = (n - 1) / len(listLetters) {
		text = listLetters[(n-1)%len(listLetters)] + text
	}
	return text
}

var romanSteps = []struct {
	value int
	text  string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"},
	{5, "V"}, {4, "IV"}, {1, "I"}}

// Roman prints 1 to 3999 in capitals, and nothing outside of that.
func Roman(n int) string {
	if n < 1 || n > 3999 {
		return ""
	}
	var b strings.Builder
	for _, s := range romanSteps {
		for ; n >= s.value; n -= s.value {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// ParseRoman reads a numeral in either case, only in its usual form: "IIII" is none.
func ParseRoman(s string) (int, bool) {
	s = strings.ToUpper(s)
	n, rest := 0, s
	for _, step := range romanSteps {
		for strings.HasPrefix(rest, step.text) && n < 4000 {
			n, rest = n+step.value, rest[len(step.text):]
		}
	}
	if s == "" || rest != "" || Roman(n) != s {
		return 0, false
	}
	return n, true
}

// TwoDigits prints a count as administrative text does: "07", "12".
func TwoDigits(n int64) string {
	if n >= 0 && n < 10 {
		return "0" + FormatInt(n, 0)
	}
	return FormatInt(n, 0)
}
