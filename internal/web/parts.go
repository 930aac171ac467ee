package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// FieldProps is one input with its label. Labels, hints and errors come translated. Error may stay empty: after Invalid
// the field finds the fault that bears its name.
type FieldProps struct {
	Name, Label, Value string
	Type               string // text when empty
	Hint, Error        string
	Required           bool
	Width              string // "", "short", "number", "date": how wide an answer is expected
	Suffix             string // unit of measure behind the input
	Autocomplete       string
	InputMode          string
	MaxLength          int
	List               string // id of a datalist
	Attrs              templ.Attributes
}

// Option is one choice. Group, when the list is sorted by it, becomes an optgroup.
type Option struct{ Value, Label, Group string }

// SelectProps is a list of choices. Empty, when set, is the text of a first choice without value.
type SelectProps struct {
	Name, Label, Value string
	Options            []Option
	Empty              string
	Hint, Error        string
	Required           bool
	Attrs              templ.Attributes
}

// TextAreaProps is a text of several lines.
type TextAreaProps struct {
	Name, Label, Value string
	Rows               int // 4 when zero
	Hint, Error        string
	Required           bool
	MaxLength          int
	Attrs              templ.Attributes
}

// CheckProps is one box. Value is "1" when empty.
type CheckProps struct {
	Name, Label, Value, Hint string
	Checked                  bool
}

// RadiosProps is a group of choices that are all seen at once.
type RadiosProps struct {
	Name, Label, Value string
	Options            []Option
	Hint, Error        string
}

// FileDropProps is a file field; a script makes it a place to drop files on and shows the progress of sending.
type FileDropProps struct {
	Name, Label, Hint, Error string
	Accept                   string // ".xlsx,.csv"
	Multiple, Required       bool
}

// Pair is a term and what it is; Body, when set, stands instead of Text, and Path makes the text a link.
type Pair struct {
	Term, Text, Path string
	Body             templ.Component
}

// StepState is where a step of a process stands.
type StepState string

const (
	StepDone    StepState = "done"
	StepCurrent StepState = "current"
	StepLate    StepState = "late"
	StepWaiting StepState = "waiting"
)

// Step is one step of a process, with a line on how it stands. Path may be empty.
type Step struct {
	Label, Text, Path string
	State             StepState
}

// PagerProps is the way through a long list. URL is the list's address with its other parameters.
type PagerProps struct {
	Page, Pages int
	URL         string
}

// Tab is one of several views on the same thing.
type Tab struct {
	Label, Path string
	Current     bool
}

// FieldID is the id of the field with that name; the summary of faults links to it.
func FieldID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// ErrorOf is the message for a field after Invalid, or "".
func ErrorOf(ctx context.Context, name string) string {
	for _, f := range stateOf(ctx).faults {
		if f.Field == name && name != "" {
			return Said(ctx, f)
		}
	}
	return ""
}

func errorText(ctx context.Context, name, given string) string {
	if given != "" {
		return given
	}
	return ErrorOf(ctx, name)
}

// inputAttrs are the attributes that depend on what is there to describe.
func inputAttrs(name, hint, message string, required bool, more templ.Attributes) templ.Attributes {
	a := templ.Attributes{}
	var described []string
	if hint != "" {
		described = append(described, FieldID(name)+"-hint")
	}
	if message != "" {
		described = append(described, FieldID(name)+"-error")
		a["aria-invalid"] = "true"
	}
	if len(described) > 0 {
		a["aria-describedby"] = strings.Join(described, " ")
	}
	if required {
		a["required"] = true
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

// Filtering makes a field one of a filter (Required is set too): it is not marked as optional, and nobody has to fill it in.
func Filtering() templ.Attributes { return templ.Attributes{"required": false} }

func (p FieldProps) attrs(message string) templ.Attributes {
	a := inputAttrs(p.Name, p.Hint, message, p.Required, p.Attrs)
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", p.Autocomplete)
	set("inputmode", p.InputMode)
	set("list", p.List)
	if p.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(p.MaxLength)
	}
	return a
}

// or is the text, or another one where it is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// groups cuts options into runs of one group.
func groups(options []Option) [][]Option {
	var out [][]Option
	for _, o := range options {
		if n := len(out); n > 0 && out[n-1][0].Group == o.Group {
			out[n-1] = append(out[n-1], o)
			continue
		}
		out = append(out, []Option{o})
	}
	return out
}

func summaryHref(f *fault.Error) templ.SafeURL { return templ.SafeURL("#" + FieldID(f.Field)) }

func stepText(ctx context.Context, s StepState) string {
	switch s {
	case StepDone:
		return T(ctx, "Đã xong")
	case StepCurrent:
		return T(ctx, "Đang làm")
	case StepLate:
		return T(ctx, "Chậm")
	}
	return T(ctx, "Chưa tới")
}

// badgeKind keeps a badge to the five looks there are.
func badgeKind(kind string) string {
	switch kind {
	case "ok", "warn", "bad", "info":
		return kind
	}
	return "mute"
}

func within(n, low, high int) int { return max(low, min(n, high)) }

func pageURL(p PagerProps, n int) templ.SafeURL {
	return templ.SafeURL(URL(p.URL, "trang", strconv.Itoa(n)))
}

var weekdays = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}

// demoText is the sentence that every page of a demonstration carries.
func demoText(ctx context.Context) string {
	now := Now(ctx)
	at := fmt.Sprintf("%s, %s, %s", now.Format("15:04"), T(ctx, weekdays[now.Weekday()]), now.Format("02/01/2006"))
	return T(ctx, "Dữ liệu trình diễn, hư cấu. Đồng hồ của bản trình diễn: %s", at)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// historyPath is a thing's name in a path; a slash parts it.
func historyPath(object string) string { return Path(strings.Split(object, "/")...) }

func rowsOf(n int) int {
	if n <= 0 {
		return 4
	}
	return n
}

func textAreaAttrs(p TextAreaProps, message string) templ.Attributes {
	a := inputAttrs(p.Name, p.Hint, message, p.Required, p.Attrs)
	if p.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(p.MaxLength)
	}
	return a
}

func currentStep(s StepState) templ.Attributes {
	if s == StepCurrent || s == StepLate {
		return templ.Attributes{"aria-current": "step"}
	}
	return nil
}

// windowTitle puts the page first, since tabs are narrow, and says when something is wrong.
func windowTitle(ctx context.Context, p Page) string {
	title := or(named(ctx, p.Title), siteName(ctx))
	if len(stateOf(ctx).faults) > 0 {
		title = T(ctx, "Lỗi:") + " " + title
	}
	if name := siteName(ctx); name != title {
		title += " · " + name
	}
	return title
}

func siteName(ctx context.Context) string {
	if s := stateOf(ctx).site; s != nil && s.Name != nil {
		if name := s.Name(ctx); name != "" {
			return name
		}
	}
	return "Giaoban"
}

// noticesText is the link to the reader's notices, with how many are unread.
func noticesText(ctx context.Context, unread int) string {
	if unread == 0 {
		return T(ctx, "Thông báo")
	}
	return T(ctx, "Thông báo (%d mới)", unread)
}

// navOf lists the entries that the actor may open.
func navOf(ctx context.Context) []NavItem {
	s := stateOf(ctx).site
	if s == nil {
		return nil
	}
	who := auth.From(ctx)
	var out []NavItem
	for _, item := range s.Nav {
		if who.Has(item.Needs) {
			out = append(out, item)
		}
	}
	return out
}

// PersonMark stands for the signed-in person in the browser's own stores, so that nobody is shown what another has left there;
// empty for a visitor. It is no secret and opens nothing.
func PersonMark(ctx context.Context) string {
	who := auth.From(ctx)
	if !who.SignedIn() {
		return ""
	}
	sum := sha256.Sum256([]byte("giaoban person " + who.Person + " " + who.For))
	return hex.EncodeToString(sum[:10])
}

func whoMark(ctx context.Context) templ.Attributes {
	if mark := PersonMark(ctx); mark != "" {
		return templ.Attributes{"data-who": mark}
	}
	return nil
}
