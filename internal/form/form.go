// Package form holds what bodies are asked for in each period: forms of sections, with indicators of the catalogue, questions
// that are answered in words and tables with rows of one's own; from when to when they are filled in, and by whom. A
// published version never changes, so that an old report keeps the form that it was written on. It refuses to hold a figure:
// those stay under their indicator, whatever forms come and go.
package form

import (
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Kinds of period that a form can be for.
var Kinds = []string{period.Month, period.Quarter, period.Half, period.Nine, period.Year}

// Form is a form with what all its versions share.
type Form struct {
	ID      string
	Code    string // what people call it; never reused
	Kind    string // of its periods
	Ordinal int
	Ends    string // the first day from which it is asked no more; org.Forever while it is in use
	Version int    // of the row, for those who edit at the same time
}

// Retired tells whether the form has an end.
func (f Form) Retired() bool { return f.Ends != org.Forever }

// State of a version.
type State string

// A draft may be edited; what is published stays as it is.
const (
	Draft     State = "draft"
	Published State = "published"
)

// Version is one version of a form's content. It is asked for the periods that begin on FromDay or later, until the next
// version.
type Version struct {
	Form          string
	Number        int
	State         State
	Name          string
	Note          string
	From          string // code of the first period; empty in a draft
	FromDay       string
	Opens, Closes int   // working days from the period's last day
	Reminders     []int // working days from the closing day, negative before it
	Why           string
	MadeAt        int64
	MadeBy        string
	PublishedAt   int64
	PublishedBy   string
	Sections      []Section
}

// Section is a part of a form.
type Section struct {
	ID          string
	Title, Note string
	Items       []Item
}

// ItemKind tells what an item asks for.
type ItemKind string

// The kinds of item.
const (
	Cell     ItemKind = "cell"     // an indicator of the catalogue, with its parts
	Question ItemKind = "question" // an answer in words
	Table    ItemKind = "table"    // rows of one's own
)

// ItemKinds in the order in which people read them.
var ItemKinds = []ItemKind{Cell, Question, Table}

// Name is the kind of item in the user's words.
func (k ItemKind) Name() string {
	switch k {
	case Cell:
		return "chỉ tiêu trong danh mục"
	case Question:
		return "câu hỏi trả lời bằng chữ"
	case Table:
		return "bảng tự thêm dòng"
	}
	return ""
}

// Item is one thing that a form asks for. Its ID stays from version to version.
type Item struct {
	ID         string
	Kind       ItemKind
	Indicator  int64 // of a Cell
	Compulsory bool
	Label      string // of a Question or a Table
	Hint       string
	Most       int // characters of an answer, rows of a table
	Columns    []Column
}

// Column is a column of a Table.
type Column struct {
	ID     string
	Label  string
	Number bool
	Unit   string // of measure, of a number
}

// What a form may hold at most: more is no form that anybody fills in.
const (
	mostSections = 40
	mostItems    = 300
	mostColumns  = 8
	MostText     = 4000 // characters of an answer
	MostRows     = 100
	mostLabel    = 300
	mostNote     = 1000
	mostName     = 200
	mostDays     = 60 // of a schedule, working days
)

// Cells lists the items with an indicator, in order.
func (v Version) Cells() []Item { return v.items(func(i Item) bool { return i.Kind == Cell }) }

// Words lists the questions and tables, in order.
func (v Version) Words() []Item { return v.items(func(i Item) bool { return i.Kind != Cell }) }

func (v Version) items(wanted func(Item) bool) []Item {
	var out []Item
	for _, s := range v.Sections {
		for _, i := range s.Items {
			if wanted(i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// Item finds an item and its section.
func (v Version) Item(id string) (Item, Section, bool) {
	for _, s := range v.Sections {
		for _, i := range s.Items {
			if i.ID == id {
				return i, s, true
			}
		}
	}
	return Item{}, Section{}, false
}

// Section finds a section.
func (v Version) Section(id string) (Section, bool) {
	n := slices.IndexFunc(v.Sections, func(s Section) bool { return s.ID == id })
	if n < 0 {
		return Section{}, false
	}
	return v.Sections[n], true
}

// Fillable tells whether an indicator is typed: a ratio is worked out, and one that does not hold on the period's day is not
// asked.
func Fillable(catalog *indicator.Catalog, id int64) bool {
	in, ok := catalog.ByID(id)
	return ok && in.Across != indicator.Ratio
}

// Target says which units a form is asked of: of a kind, a level and a line (the key of its top body). Empty is any.
type Target struct {
	Kind  org.Kind
	Level org.Level
	Line  int64
}

// Exception adds a single unit to those that the targets name, or leaves it out.
type Exception struct {
	Unit  int64
	Added bool
}

// Assignment says whom a form is asked of from a period on.
type Assignment struct {
	Form       string
	Number     int
	From       string // code of the first period
	FromDay    string
	Reason     string
	MadeAt     int64
	MadeBy     string
	Targets    []Target
	Exceptions []Exception
}

// Asks tells whether the form is asked of a unit; lines are the tops of the lines that it stands in.
func (a Assignment) Asks(u org.Unit, lines []int64) bool {
	for _, x := range a.Exceptions {
		if x.Unit == u.ID {
			return x.Added
		}
	}
	return slices.ContainsFunc(a.Targets, func(t Target) bool {
		return (t.Kind == "" || t.Kind == u.Kind) && (t.Level == "" || t.Level == u.Level) && (t.Line == 0 || slices.Contains(lines, t.Line))
	})
}

// check tidies a new form and says what is wrong with it.
func (f *Form) check(name string) error {
	f.Code = strings.ToUpper(viet.Clean(f.Code))
	var bad fault.List
	if !org.ValidCode(f.Code) {
		_ = bad.Add(fault.Invalid("code", "Mã biểu mẫu chỉ được gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối, dài 2 đến 30 ký tự, ví dụ BM-01."))
	}
	if !slices.Contains(Kinds, f.Kind) {
		_ = bad.Add(fault.Invalid("kind", "Hãy chọn loại kỳ báo cáo."))
	}
	_ = bad.Add(checkText("name", name, mostName, fault.Invalid("name", "Hãy đặt tên cho biểu mẫu.")))
	return bad.Err()
}

// checkText refuses a text that is too long, or missing where missing says what is wrong then.
func checkText(field, text string, most int, missing error) error {
	switch {
	case text == "":
		return missing
	case utf8.RuneCountInString(text) > most:
		return fault.Invalidf(field, "Nội dung dài quá %d ký tự.", most)
	}
	return nil
}

// paragraphs tidies a text of several lines.
func paragraphs(text string) string {
	lines := strings.Split(viet.NFC(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	for n := range lines {
		lines[n] = strings.TrimRight(lines[n], " \t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
