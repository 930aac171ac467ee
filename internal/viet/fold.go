package viet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NFC makes text storable: composed characters, plain spaces for the no-break ones, no zero-width characters. It leaves
// quotes, case and the number of spaces as they are. The soft hyphen stays, because it is the letter ư in TCVN3 text.
func NFC(s string) string {
	if isASCII(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch r {
		case '\u00A0', '\u202F', '\u2007':
			return ' '
		case '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF', '\u200E', '\u200F':
			return -1
		}
		return r
	}, s))
}

// Clean is NFC with the ends trimmed and every run of white space made one space.
func Clean(s string) string { return strings.Join(strings.Fields(NFC(s)), " ") }

// Fold is the key for search: without marks and case, đ as d, spaces collapsed. "Hội" and "Hồi" have one key, so an
// exact match must be ranked above a folded one. Fold(Fold(s)) == Fold(s).
func Fold(s string) string {
	s = Clean(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	// Lower case may bring marks with it (İ), and a decomposition may bring capitals (the Kelvin sign).
	return strings.Join(strings.Fields(stripMarks(strings.ToLower(stripMarks(s)))), " ")
}

func stripMarks(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == 'đ' || r == 'ð':
			return 'd'
		case r == 'Đ' || r == 'Ð':
			return 'D'
		case r == '\u00AD' || unicode.Is(unicode.Mn, r):
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// The five tone marks in decomposed text; breve, circumflex and horn are parts of letters.
const toneMarks = "\u0300\u0301\u0303\u0309\u0323"

// Canon is text with each word's tone at its end and without case: hòa and hoà, ủy and uỷ have one canon, hoa and hòa two.
// It is a key for comparison, not for print.
func Canon(s string) string {
	var b, tones strings.Builder
	flush := func() {
		b.WriteString(tones.String())
		tones.Reset()
	}
	for _, r := range norm.NFD.String(strings.ToLower(Clean(s))) {
		switch {
		case strings.ContainsRune(toneMarks, r):
			tones.WriteRune(r)
			continue
		case !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r):
			flush()
		}
		b.WriteRune(r)
	}
	flush()
	return norm.NFC.String(b.String())
}

// Same reports whether a and b are the same text but for case, spacing, normalisation and the place of the tone.
func Same(a, b string) bool { return a == b || Canon(a) == Canon(b) }

// SameUnitText reports whether two texts of a unit of measure are the same for a reader: "Ngày công" and "ngay cong",
// "m²" and "m2". Synonyms ("công lao động") are not known here.
func SameUnitText(a, b string) bool { return unitKey(a) == unitKey(b) }

func unitKey(s string) string {
	s = strings.NewReplacer("²", "2", "³", "3").Replace(Fold(s))
	return strings.TrimRight(s, ".;, ")
}

// Slug is the part of an address made from a title: letters a-z, digits and single hyphens, at most max characters
// (no limit when max is 0).
func Slug(s string, max int) string {
	var b strings.Builder
	gap := false
	for _, r := range Fold(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	slug := b.String()
	if max > 0 && len(slug) > max {
		slug = strings.TrimRight(slug[:max], "-")
	}
	return slug
}
