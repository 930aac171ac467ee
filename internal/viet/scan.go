package viet

import (
	"strings"
	"unicode"
)

// scanner walks over an input. low has the same places as raw, so that a place found in low can be shown in raw.
type scanner struct {
	text string // NFC, trimmed
	raw  []rune
	low  []rune // lower case; full-width forms and odd spaces and signs made plain
	pos  int
}

func newScanner(s string) *scanner {
	text := strings.TrimSpace(NFC(s))
	sc := &scanner{text: text, raw: []rune(text)}
	sc.low = make([]rune, len(sc.raw))
	for i, r := range sc.raw {
		switch {
		case r >= '\uFF01' && r <= '\uFF5E': // full-width forms of ASCII
			r -= 0xFEE0
		case r == '\u2212': // the true minus sign
			r = '-'
		case r == '\u2013' || r == '\u2014':
			r = '–'
		case unicode.IsSpace(r):
			r = ' '
		}
		sc.low[i] = unicode.ToLower(r)
	}
	return sc
}

func (sc *scanner) done() bool { return sc.pos >= len(sc.low) }

// peek is the i-th rune from here, or 0.
func (sc *scanner) peek(i int) rune {
	if i += sc.pos; i >= 0 && i < len(sc.low) {
		return sc.low[i]
	}
	return 0
}

func (sc *scanner) spaces() {
	for sc.peek(0) == ' ' {
		sc.pos++
	}
}

// take moves over one of the phrases, the first that fits, and tells which. A phrase that ends in a letter ends at a word's
// end; a space in it stands for one or more.
func (sc *scanner) take(phrases ...string) string {
	for _, p := range phrases {
		if end := sc.match(p); end > 0 {
			sc.pos = end
			return p
		}
	}
	return ""
}

func (sc *scanner) match(phrase string) int {
	i, last := sc.pos, rune(0)
	for _, r := range phrase {
		if i >= len(sc.low) || sc.low[i] != r {
			return 0
		}
		i, last = i+1, r
		if r == ' ' {
			for i < len(sc.low) && sc.low[i] == ' ' {
				i++
			}
		}
	}
	if i < len(sc.low) && isLetter(last) && isLetter(sc.low[i]) {
		return 0
	}
	return i
}

// word is the run of letters from here, without moving.
func (sc *scanner) word() string {
	i := sc.pos
	for i < len(sc.low) && isLetter(sc.low[i]) {
		i++
	}
	return string(sc.low[sc.pos:i])
}

// number moves over digits with points and commas between them. Spaces count as separators of groups where three digits
// follow: the token then has them as spaces.
func (sc *scanner) number() string {
	start := sc.pos
	for {
		switch c := sc.peek(0); {
		case isDigit(c), (c == '.' || c == ',') && isDigit(sc.peek(1)) && sc.pos > start:
			sc.pos++
			continue
		case c == ' ' && sc.pos > start && sc.groupFollows(start):
			sc.pos++
			continue
		}
		return string(sc.low[start:sc.pos])
	}
}

func (sc *scanner) groupFollows(start int) bool {
	if strings.ContainsAny(string(sc.low[start:sc.pos]), ".,") {
		return false
	}
	// The digits so far are a head of one to three, or a group of three.
	n := 0
	for i := sc.pos - 1; i >= start && isDigit(sc.low[i]); i-- {
		n++
	}
	first := sc.pos-n == start
	if n > 3 || !first && n != 3 {
		return false
	}
	return isDigit(sc.peek(1)) && isDigit(sc.peek(2)) && isDigit(sc.peek(3)) && !isDigit(sc.peek(4))
}

func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) }
