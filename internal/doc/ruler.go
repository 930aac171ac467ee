package doc

import (
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"

	"giaoban/assets/fonts"
)

const family = "liberation"

// Vertical metrics of the typeface in ems (hhea table): single spacing is their sum.
const (
	ascent  = 0.891
	descent = 0.216
	lineGap = 0.042
	single  = ascent + descent + lineGap
)

func faceStyle(bold, italic bool) string {
	style := ""
	if bold {
		style = "B"
	}
	if italic {
		style += "I"
	}
	return style
}

func faceIndex(bold, italic bool) int {
	i := 0
	if bold {
		i = 1
	}
	if italic {
		i += 2
	}
	return i
}

func addFonts(pdf *fpdf.Fpdf) {
	for i := range 4 {
		bold, italic := i&1 != 0, i&2 != 0
		pdf.AddUTF8FontFromBytes(family, faceStyle(bold, italic), fonts.Serif(bold, italic))
	}
}

// advances are the widths of the four faces in thousandths of an em, read once: measuring must not disturb a PDF in the making.
var advances = sync.OnceValue(func() *[4][0x10000]uint16 {
	var table [4][0x10000]uint16
	pdf := fpdf.New("P", "pt", "A4", "")
	addFonts(pdf)
	for i := range 4 {
		pdf.SetFont(family, faceStyle(i&1 != 0, i&2 != 0), 10)
		for r := range rune(0x10000) {
			if r >= 0xD800 && r < 0xE000 {
				continue
			}
			table[i][r] = uint16(pdf.GetStringSymbolWidth(string(r)))
		}
	}
	return &table
})

// width is the length of a line of text in points.
func width(text string, size float64, bold, italic bool) float64 {
	table := &advances()[faceIndex(bold, italic)]
	sum := 0
	for _, r := range text {
		if r > 0xFFFF {
			r = unicode.ReplacementChar
		}
		sum += int(table[r])
	}
	return float64(sum) * size / 1000
}

// clean makes text printable: composed letters (the faces have no combining marks to speak of), no control characters but
// line breaks, nothing outside the plane that the PDF fonts can address.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r > 0xFFFF:
			return unicode.ReplacementChar
		case unicode.IsControl(r), r == '\u200b', r == '\ufeff', r == '\ufffe', r == '\uffff':
			return -1
		}
		return r
	}, norm.NFC.String(text))
}

// upper is text in capitals; Unicode's mapping is right for Vietnamese.
func upper(text string) string { return strings.ToUpper(norm.NFC.String(text)) }
