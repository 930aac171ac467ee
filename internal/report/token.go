package report

import (
	"fmt"
	"strings"

	"giaoban/internal/viet"
)

// A live number in a section's text is written in double braces:
//
//	{{DG01}}                    the indicator's value for the period
//	{{AS07.SUA}}                a part of it
//	{{DG01 | lũy kế}}           from the year's start
//	{{DG01 | cùng kỳ}}          the same period last year
//	{{DG01 | kỳ trước}}         the period before
//	{{DG01 | so cùng kỳ}}       the change since last year: "tăng 12,50%"
//	{{DG01 | % cùng kỳ}}        the value in percent of last year's
//	{{DG01 | kế hoạch}}         the plan of the year
//	{{DG01 | % kế hoạch}}       what is done so far, in percent of the plan
//	{{DG01 | số đơn vị}}        how many units have given a figure
//	{{DG01 | số đơn vị cùng kỳ}} how many had a year ago
//	{{DG01 | đơn vị=P01.PN}}    of another unit; goes with any of the words above
//	{{đơn vị=P01.PN}}           the unit's name, with a link to its report
//	{{báo cáo | đã gửi}}        reports: phải gửi, đã gửi, chưa gửi, gửi chậm, đã duyệt
//
// Marks and case of the words do not matter. There is no way to write "{{" itself, and no need.
type Token struct {
	Code string // indicator code, with ".PART" for a part; empty for a unit's name; Reports for the board
	What What
	Unit string // code of another unit, or empty
	Line int    // from 1
	Raw  string // as written, with its braces
}

// What says which number of an indicator is meant.
type What string

const (
	ThisPeriod  What = ""
	ToDate      What = "lũy kế"
	LastYear    What = "cùng kỳ"
	Before      What = "kỳ trước"
	Change      What = "so cùng kỳ"
	PercentLast What = "% cùng kỳ"
	PlanOf      What = "kế hoạch"
	PercentPlan What = "% kế hoạch"
	Reporting   What = "số đơn vị"
	LastCount   What = "số đơn vị cùng kỳ"

	DueReports     What = "phải gửi"
	SentReports    What = "đã gửi"
	MissingReports What = "chưa gửi"
	LateReports    What = "gửi chậm"
	GoodReports    What = "đã duyệt"
)

// Reports is the code of the tokens that count reports.
const Reports = "BÁO CÁO"

var numberWords = []What{ToDate, LastYear, Before, Change, PercentLast, PlanOf, PercentPlan, Reporting, LastCount}
var reportWords = []What{DueReports, SentReports, MissingReports, LateReports, GoodReports}

// Piece is a stretch of plain text, or a token.
type Piece struct {
	Text  string
	Token *Token
}

// TokenError says what is wrong with a token, in the user's words, and where.
type TokenError struct {
	Line int
	Text string
}

func (e *TokenError) Error() string { return fmt.Sprintf("Dòng %d: %s", e.Line, e.Text) }

// ParseText cuts a section's text at its tokens. The pieces joined give the text back; all broken tokens are reported at
// once, and each stands in the pieces as plain text.
func ParseText(text string) ([]Piece, []*TokenError) {
	var out []Piece
	var bad []*TokenError
	plain := func(s string) {
		if s == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Token == nil {
			out[n-1].Text += s
			return
		}
		out = append(out, Piece{Text: s})
	}
	line := 1
	for text != "" {
		start := strings.Index(text, "{{")
		if start < 0 {
			plain(text)
			break
		}
		plain(text[:start])
		line += strings.Count(text[:start], "\n")
		text = text[start:]
		end := strings.Index(text, "}}")
		if nl := strings.IndexByte(text, '\n'); end < 0 || nl >= 0 && nl < end {
			shown, _, _ := strings.Cut(text, "\n")
			bad = append(bad, &TokenError{line, "“" + clip(shown, 40) + "” mở bằng {{ nhưng không đóng bằng }} trên cùng dòng."})
			plain("{{")
			text = text[2:]
			continue
		}
		raw := text[:end+2]
		tok, complaint := parseToken(text[2:end])
		tok.Line, tok.Raw = line, raw
		if complaint != "" {
			bad = append(bad, &TokenError{line, raw + ": " + complaint})
			plain(raw)
		} else {
			out = append(out, Piece{Token: &tok})
		}
		text = text[end+2:]
	}
	return out, bad
}

func parseToken(inside string) (Token, string) {
	var t Token
	parts := strings.Split(inside, "|")
	for i, part := range parts {
		part = viet.Clean(part)
		if key, value, ok := strings.Cut(part, "="); ok {
			if viet.Fold(viet.Clean(key)) != "don vi" {
				return t, "không hiểu “" + part + "”; chỉ có thể ghi “đơn vị=MÃ”."
			}
			if t.Unit != "" {
				return t, "nêu hai đơn vị."
			}
			if t.Unit = strings.ToUpper(viet.Clean(value)); t.Unit == "" {
				return t, "thiếu mã đơn vị sau “đơn vị=”."
			}
			continue
		}
		if i == 0 {
			if part == "" {
				return t, "thiếu mã chỉ tiêu."
			}
			t.Code = strings.ToUpper(part)
			if viet.Fold(part) == viet.Fold(Reports) {
				t.Code = Reports
			}
			continue
		}
		what, ok := findWhat(t.Code, part)
		if !ok {
			return t, "không hiểu “" + part + "”; có thể ghi: " + wordsFor(t.Code) + "."
		}
		if t.What != ThisPeriod {
			return t, "nêu hai loại số: “" + string(t.What) + "” và “" + part + "”."
		}
		t.What = what
	}
	switch {
	case t.Code == "" && t.What != ThisPeriod:
		return t, "thiếu mã chỉ tiêu trước “" + string(t.What) + "”."
	case t.Code == Reports && t.What == ThisPeriod:
		return t, "hãy nêu số báo cáo nào: " + wordsFor(Reports) + "."
	case t.Code == Reports && t.Unit != "":
		return t, "số báo cáo chỉ tính cho địa bàn của báo cáo này, không nêu đơn vị khác."
	}
	return t, ""
}

func findWhat(code, word string) (What, bool) {
	key := strings.ReplaceAll(viet.Fold(word), "% ", "%")
	for _, w := range words(code) {
		if strings.ReplaceAll(viet.Fold(string(w)), "% ", "%") == key {
			return w, true
		}
	}
	return "", false
}

func words(code string) []What {
	if code == Reports {
		return reportWords
	}
	return numberWords
}

func wordsFor(code string) string {
	var all []string
	for _, w := range words(code) {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}

// String writes the token in its canonical form.
func (t Token) String() string {
	var parts []string
	if t.Code == Reports {
		parts = append(parts, "báo cáo")
	} else if t.Code != "" {
		parts = append(parts, t.Code)
	}
	if t.What != ThisPeriod {
		parts = append(parts, string(t.What))
	}
	if t.Unit != "" {
		parts = append(parts, "đơn vị="+t.Unit)
	}
	return "{{" + strings.Join(parts, " | ") + "}}"
}

// plainText keeps what a body wrote from being read as a token when it is put into a section's text.
func plainText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for strings.Contains(s, "{{") {
		s = strings.ReplaceAll(s, "{{", "{ {")
	}
	return s
}

func clip(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes]) + "…"
}
