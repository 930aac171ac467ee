package form

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Answer is one version of what a body answers to a question, or has put into a table with rows of its own.
type Answer struct {
	Form, Item string
	Version    int
	Text       string              // of a Question
	Rows       []map[string]string // of a Table: column -> as typed
	None       bool                // stated: there is nothing to tell
	MadeAt     int64
	MadeBy     string
}

// Given tells whether there is an answer: words, rows, or that there is nothing to tell.
func (a Answer) Given() bool { return a.None || a.Text != "" || len(a.Rows) > 0 }

// same tells whether two answers say the same.
func (a Answer) same(b Answer) bool { return a.None == b.None && a.Stored() == b.Stored() }

// Stored is an answer as it is stored: words, or a table's rows as JSON.
func (a Answer) Stored() string {
	if len(a.Rows) == 0 {
		return a.Text
	}
	out, _ := json.Marshal(a.Rows) // text by text: this cannot fail
	return string(out)
}

// read takes what Stored gives.
func (a *Answer) read(kind ItemKind, content string) error {
	if kind != Table || content == "" {
		a.Text = content
		return nil
	}
	return json.Unmarshal([]byte(content), &a.Rows)
}

// cellName is the field of a table's cell.
func cellName(item string, row int, column string) string {
	return "h-" + item + "-" + strconv.Itoa(row) + "-" + column
}

func answerName(item string) string { return "a-" + item }
func noneName(item string) string   { return "n-" + item }
func seenName(item string) string   { return "e-" + item }

// blankRows is how many empty rows a table offers below those that are filled.
const blankRows = 3

// readAnswer reads an answer as typed and says what is wrong with it.
func readAnswer(i Item, value func(string) string, checked func(string) bool) (Answer, error) {
	a := Answer{Item: i.ID, None: checked(noneName(i.ID))}
	var bad fault.List
	if i.Kind == Question {
		a.Text = paragraphs(value(answerName(i.ID)))
		if utf8.RuneCountInString(a.Text) > i.Most {
			_ = bad.Add(fault.Invalidf(answerName(i.ID), "Câu trả lời dài quá %d ký tự.", i.Most))
		}
	} else {
		for n := range i.Most {
			row := map[string]string{}
			for _, c := range i.Columns {
				name := cellName(i.ID, n, c.ID)
				text := viet.Clean(value(name))
				if text == "" {
					continue
				}
				row[c.ID] = text
				_ = bad.Add(checkCell(name, text, c))
			}
			if len(row) > 0 {
				a.Rows = append(a.Rows, row)
			}
		}
	}
	if a.None && (a.Text != "" || len(a.Rows) > 0) {
		_ = bad.Add(fault.Invalidf(noneName(i.ID), "Đã có nội dung thì không đánh dấu “Không phát sinh”."))
	}
	return a, bad.Err()
}

func checkCell(name, text string, c Column) error {
	if utf8.RuneCountInString(text) > mostLabel {
		return fault.Invalidf(name, "Nội dung dài quá %d ký tự.", mostLabel)
	}
	if !c.Number {
		return nil
	}
	q, err := viet.ParseQuantity(text)
	var question *viet.Question
	var refusal *viet.Refusal
	switch {
	case errors.As(err, &question):
		return fault.Invalidf(name, "%s", question)
	case errors.As(err, &refusal):
		return fault.Invalidf(name, "%s", refusal)
	case err == nil && !q.HasNumber():
		return fault.Invalidf(name, "Cột “%s” cần một con số.", c.Label)
	}
	return err
}

// Answered is an item of a form with what a body has answered; its earlier versions too, the newest first.
type Answered struct {
	Section string
	Item
	Answer
	Earlier []Answer
}

// Filled is a form that is asked of a body, with the answers.
type Filled struct {
	Asked
	Answers []Answered
}

// Lack is something compulsory that is not given.
type Lack struct {
	Form, Section, Name string
	Cell                string // the indicator's code; empty for a question or a table
	Item                string
}

// lacking lists what is compulsory and blank in forms; given tells which indicators have a figure.
func lacking(all []Filled, fillable func(int64) bool, given map[int64]bool, name func(int64) (code, name string)) []Lack {
	var out []Lack
	for _, f := range all {
		for _, s := range f.Content.Sections {
			for _, i := range s.Items {
				if !i.Compulsory {
					continue
				}
				l := Lack{Form: f.Code, Section: s.Title, Name: i.Label, Item: i.ID}
				if i.Kind == Cell {
					l.Cell, l.Name = name(i.Indicator)
					if fillable(i.Indicator) && !given[i.Indicator] && !slices.ContainsFunc(out, func(o Lack) bool { return o.Cell == l.Cell }) {
						out = append(out, l)
					}
				} else if n := slices.IndexFunc(f.Answers, func(a Answered) bool { return a.Item.ID == i.ID }); n < 0 || !f.Answers[n].Given() {
					out = append(out, l)
				}
			}
		}
	}
	return out
}

// cell is what stands in a cell of a table.
func (a Answer) cell(row int, column string) string {
	if row < len(a.Rows) {
		return a.Rows[row][column]
	}
	return ""
}

// Lines is an answer's text by lines.
func (a Answer) Lines() []string { return strings.Split(a.Text, "\n") }
