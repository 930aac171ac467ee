package report

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Sentence is a shortcoming as a sentence of a page. It is written by hand because templ puts a space between a link and
// the comma after it.
func Sentence(s Shortcoming) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		pieces, rest := s.Linked()
		var b strings.Builder
		for _, p := range pieces {
			writePiece(&b, p, p.Text)
		}
		for _, l := range rest {
			b.WriteByte(' ')
			writePiece(&b, l, "["+l.Text+"]")
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func writePiece(b *strings.Builder, l Link, text string) {
	text = templ.EscapeString(text)
	if l.URL != "" {
		text = `<a href="` + templ.EscapeString(string(templ.URL(l.URL))) + `">` + text + `</a>`
	}
	b.WriteString(text)
}

// Linked is the sentence in pieces: where it names what is evident, the name is the link; what is evident and not named
// follows after it. A piece without an address is plain text.
func (s Shortcoming) Linked() (pieces, rest []Link) {
	pieces = []Link{{Text: s.Text}}
	for _, e := range s.Evidence {
		named := false
		for i, p := range pieces {
			at := wordAt(p.Text, e.Text)
			if p.URL != "" || at < 0 {
				continue
			}
			pieces = slices.Replace(pieces, i, i+1, Link{Text: p.Text[:at]}, e, Link{Text: p.Text[at+len(e.Text):]})
			named = true
			break
		}
		if !named {
			rest = append(rest, e)
		}
	}
	return slices.DeleteFunc(pieces, func(p Link) bool { return p.Text == "" }), rest
}

// wordAt finds a word or number as a whole: "2 căn" is not in "12 căn".
func wordAt(text, word string) int {
	if word == "" {
		return -1
	}
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !partOfWord(before) && !partOfWord(after) {
			return at
		}
		from = at + len(word)
	}
}

func partOfWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
