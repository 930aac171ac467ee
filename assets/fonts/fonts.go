// Package fonts holds Liberation Serif 2.1.5 (SIL Open Font License 1.1, see OFL.txt), whose advance widths equal those of
// Times New Roman, so that a PDF breaks its lines where Word does. It refuses any other family: official documents have one.
package fonts

import _ "embed"

var (
	//go:embed LiberationSerif-Regular.ttf
	regular []byte
	//go:embed LiberationSerif-Bold.ttf
	bold []byte
	//go:embed LiberationSerif-Italic.ttf
	italic []byte
	//go:embed LiberationSerif-BoldItalic.ttf
	boldItalic []byte
)

// Serif is the TrueType file of one face. Callers must not write to it.
func Serif(isBold, isItalic bool) []byte {
	switch {
	case isBold && isItalic:
		return boldItalic
	case isBold:
		return bold
	case isItalic:
		return italic
	}
	return regular
}
