// Package rule holds what must be true of a body's figures, as rules that the office writes: an expression over the cells of
// one unit and period, how hard it binds, and the message in words. It reads the expression, computes it exactly and with
// blanks told from zero, finds what is broken before a report is sent, and keeps the body's explanation. It refuses an
// expression that adds đồng to workdays, a guess at what a blank stands for, and any change of a figure.
package rule

import (
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Severity says how hard a rule binds.
type Severity string

const (
	Hard Severity = "hard" // a report that breaks it is not sent
	Soft Severity = "soft" // a report that breaks it needs an explanation
)

// Severities in the order in which people read them.
var Severities = []Severity{Hard, Soft}

// Name is the severity in the user's words.
func (s Severity) Name() string {
	switch s {
	case Hard:
		return "bắt buộc"
	case Soft:
		return "cần giải trình"
	}
	return string(s)
}

// Rule is one version of a rule. It holds for periods whose last day lies in [From, To).
type Rule struct {
	ID       string
	Version  int
	Name     string
	Expr     string
	Message  string // what is wrong when it is broken, and what to do
	Severity Severity
	Kind     org.Kind // of the units that it is for; empty is every unit
	From, To string   // empty where there is no bound
	Off      bool     // switched off
	MadeAt   int64
	MadeBy   string
}

// Holds tells whether the rule is asked of a unit for a period that ends on a day.
func (r Rule) Holds(kind org.Kind, day string) bool {
	return !r.Off && (r.Kind == "" || r.Kind == kind) && r.From <= day && (r.To == "" || day < r.To)
}

// MostNote is how long an explanation may be, in characters.
const MostNote = 1000

const (
	mostName    = 120
	mostExpr    = 1000
	mostMessage = 500
)

// check tidies what was typed and says what is wrong with it, apart from the expression.
func (r *Rule) check() error {
	r.Name, r.Expr, r.Message = viet.Clean(r.Name), strings.TrimSpace(viet.NFC(r.Expr)), viet.Clean(r.Message)
	var bad fault.List
	for _, c := range []struct {
		wrong bool
		err   error
	}{
		{r.Name == "", fault.Invalid("name", "Hãy đặt tên cho quy tắc.")},
		{utf8.RuneCountInString(r.Name) > mostName, fault.Invalidf("name", "Tên quy tắc dài quá %d ký tự.", mostName)},
		{r.Expr == "", fault.Invalid("expr", "Hãy viết điều kiện mà số liệu phải thỏa mãn.")},
		{utf8.RuneCountInString(r.Expr) > mostExpr, fault.Invalidf("expr", "Điều kiện dài quá %d ký tự.", mostExpr)},
		{r.Message == "", fault.Invalid("message", "Hãy viết lời nhắc cho người nhập khi số liệu không thỏa mãn.")},
		{utf8.RuneCountInString(r.Message) > mostMessage, fault.Invalidf("message", "Lời nhắc dài quá %d ký tự.", mostMessage)},
		{!slices.Contains(Severities, r.Severity), fault.Invalid("severity", "Hãy chọn mức độ của quy tắc.")},
		{r.Kind != "" && r.Kind != org.Place && r.Kind != org.Body, fault.Invalid("kind", "Hãy chọn loại đơn vị.")},
		{r.To != "" && r.From != "" && r.To <= r.From, fault.Invalid("to", "Ngày kết thúc phải sau ngày bắt đầu.")},
	} {
		if c.wrong {
			_ = bad.Add(c.err)
		}
	}
	return bad.Err()
}
