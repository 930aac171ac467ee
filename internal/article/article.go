// Package article holds news items: drafted from a frozen report and the briefing's conclusion, edited, published to the
// public page, retracted with a reason. Every number that it quotes keeps the address that it had in the report. It refuses
// to publish what nobody with that right has approved, and to change a published text in silence: readers see when it was
// updated, and each version stays.
package article

import (
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// State of a news item.
type State string

const (
	Draft     State = "draft"
	Published State = "published"
	Retracted State = "retracted"
)

// Name is the state in the user's words.
func (s State) Name() string {
	switch s {
	case Draft:
		return "bản thảo"
	case Published:
		return "đã đăng"
	case Retracted:
		return "đã gỡ"
	}
	return ""
}

// Article is a news item in its newest version, or, for readers, in the version that was published. Times are UTC ms.
type Article struct {
	ID           string
	Unit, Period int64
	UnitCode     string
	PeriodCode   string
	Report       string // the frozen report that it quotes
	Slug         string
	State        State
	Version      int
	Title        string
	Lead         string
	Body         string // paragraphs between blank lines; a line that begins with "## " is a heading
	Author       string
	UpdatedAt    int64
	PublishedAt  int64 // of the first publication
	RetractedWhy string
	Changed      bool // edited since it was published
	Numbers      []Number
}

// Number is a number that the item quotes, with where it opens.
type Number struct {
	Text  string // as printed: "trên 20 tỷ đồng"
	Name  string // of the indicator
	URL   string
	Short string
}

// Text is what an editor writes.
type Text struct{ Title, Lead, Body, Author string }

// Limits of an item, in characters.
const (
	maxTitle = 200
	maxLead  = 600
	maxBody  = 30_000
)

func (t *Text) tidy() error {
	t.Title, t.Lead, t.Author = viet.Clean(t.Title), viet.Clean(t.Lead), viet.Clean(t.Author)
	t.Body = strings.TrimSpace(viet.NFC(strings.ReplaceAll(t.Body, "\r\n", "\n")))
	var bad fault.List
	for _, f := range []struct {
		field, text string
		name        fault.Word
		most        int
	}{{"title", t.Title, "Tiêu đề", maxTitle}, {"lead", t.Lead, "Đoạn mở đầu", maxLead}, {"body", t.Body, "Nội dung", maxBody}} {
		switch n := utf8.RuneCountInString(f.text); {
		case n == 0:
			_ = bad.Add(fault.Invalidf(f.field, "%s không được để trống.", f.name))
		case n > f.most:
			_ = bad.Add(fault.Invalidf(f.field, "%s dài %d ký tự; nhiều nhất là %d.", f.name, n, f.most))
		}
	}
	return bad.Err()
}

// Piece is a run of a paragraph; a piece with a number opens to it.
type Piece struct {
	Text   string
	Number *Number
}

// Block is a paragraph or a heading.
type Block struct {
	Heading bool
	Pieces  []Piece
}

// Blocks divides the body and finds the quoted numbers in it, the longest first, so that "20 tỷ đồng" is not found inside
// "trên 20 tỷ đồng".
func (a Article) Blocks() []Block {
	var out []Block
	for part := range strings.SplitSeq(a.Body, "\n\n") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		text, heading := strings.CutPrefix(part, "## ")
		out = append(out, Block{Heading: heading, Pieces: a.pieces(strings.ReplaceAll(text, "\n", " "))})
	}
	return out
}

// LeadPieces is the lead with its numbers.
func (a Article) LeadPieces() []Piece { return a.pieces(a.Lead) }

func (a Article) pieces(text string) []Piece {
	best, at := -1, len(text)
	for i, n := range a.Numbers {
		j := indexWhole(text, n.Text)
		if j < 0 {
			continue
		}
		if j < at || j == at && len(n.Text) > len(a.Numbers[best].Text) {
			best, at = i, j
		}
	}
	if best < 0 {
		return []Piece{{Text: text}}
	}
	n := a.Numbers[best]
	var out []Piece
	if at > 0 {
		out = append(out, Piece{Text: text[:at]})
	}
	out = append(out, Piece{Text: n.Text, Number: &n})
	if rest := text[at+len(n.Text):]; rest != "" {
		out = append(out, a.pieces(rest)...)
	}
	return out
}

// indexWhole finds part in text where it is not inside a longer number or word.
func indexWhole(text, part string) int {
	from := 0
	for part != "" {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(part):])
		if !joins(before) && !joins(after) {
			return i
		}
		from = i + len(part)
	}
	return -1
}

func joins(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f && r != utf8.RuneError
}

// Meeting is what a briefing gives to a news item.
type Meeting struct {
	Day          string // ISO date on which it was held
	Where        string
	Chairs       []string
	Results      []string
	Shortcomings []string
	Points       []string // of the conclusion
}
