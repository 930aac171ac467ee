// Package exchange gives figures to other systems and keeps what their codes mean here: DHIS2's dataValueSets, ADX, and the
// program's own JSON and CSV. What comes in from them goes through intake, with its preview and its undo; this house lends it
// the tables of codes. It refuses a code with two meanings, a figure that the asker may not see, and to send a number that is
// not exact without saying so.
package exchange

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/intake"
	"giaoban/internal/viet"
)

// CodeKind is what a code stands for.
type CodeKind string

const (
	UnitCode    CodeKind = "unit"
	ElementCode CodeKind = "element" // of an indicator, or of one of its parts
	OptionCode  CodeKind = "option"  // a breakdown that is the same part of every indicator
	PeriodCode  CodeKind = "period"
)

// CodeKinds in the order in which a table lists them.
var CodeKinds = []CodeKind{UnitCode, ElementCode, OptionCode, PeriodCode}

// Name is the kind in the user's words, as it stands in a table.
func (k CodeKind) Name() string {
	switch k {
	case UnitCode:
		return "đơn vị"
	case ElementCode:
		return "chỉ tiêu"
	case OptionCode:
		return "phân tổ"
	case PeriodCode:
		return "kỳ"
	}
	return ""
}

// Whole is what a breakdown means that is none.
const Whole = "*"

// Code is one row of a table: what a code of theirs means here.
type Code struct {
	Kind   CodeKind
	Theirs string
	Option string // of an element: only with this breakdown
	Ours   string
}

// Scheme is a table of another system's codes.
type Scheme struct {
	Code    string
	Name    string
	DataSet string
	Version int
	Codes   []Code
}

// Limits of a table.
const (
	mostCodes   = 20_000
	longestCode = 200
)

var (
	schemeCode = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	dimension  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`) // what XML takes as an attribute's name
)

// parseCodes reads a table as people write or paste it: a row a line, columns with | or a tab between.
func parseCodes(text string) ([]Code, error) {
	var out []Code
	var bad fault.List
	seen := map[Code]int{}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		c, why := parseCode(line)
		key := Code{Kind: c.Kind, Theirs: c.Theirs, Option: c.Option}
		if first := seen[key]; why == "" && first > 0 {
			why = fmt.Sprintf("mã “%s” đã có ở dòng %d; một mã chỉ có một nghĩa.", c.Theirs, first)
		}
		if why != "" {
			if len(bad) < 10 {
				_ = bad.Add(fault.Invalidf("bang", "Dòng %d: %s", i+1, why))
			}
			continue
		}
		seen[key] = i + 1
		if out = append(out, c); len(out) > mostCodes {
			return nil, fault.Invalidf("bang", "Bảng mã có hơn %d dòng. Hãy chia thành nhiều bảng.", mostCodes)
		}
	}
	return out, bad.Err()
}

func parseCode(line string) (c Code, why string) {
	sep := "|"
	if strings.Contains(line, "\t") {
		sep = "\t"
	}
	var cells []string
	for cell := range strings.SplitSeq(line, sep) {
		cell = viet.Clean(cell)
		if len(cell) > longestCode {
			return c, fmt.Sprintf("mã dài quá %d ký tự.", longestCode)
		}
		cells = append(cells, cell)
	}
	for _, k := range CodeKinds {
		if viet.Same(cells[0], k.Name()) || viet.Fold(cells[0]) == viet.Fold(k.Name()) {
			c.Kind = k
		}
	}
	switch {
	case c.Kind == "":
		return c, "cột đầu phải là một trong: đơn vị, chỉ tiêu, phân tổ, kỳ."
	case len(cells) == 3:
		c.Theirs, c.Ours = cells[1], cells[2]
	case len(cells) == 4 && (c.Kind == ElementCode || cells[2] == ""):
		c.Theirs, c.Option, c.Ours = cells[1], option(cells[2]), cells[3]
	default:
		return c, "cần ba cột: loại, mã của hệ thống kia, mã ở đây; riêng chỉ tiêu có thể thêm cột phân tổ đứng trước mã ở đây."
	}
	if c.Kind == OptionCode {
		c.Theirs = option(c.Theirs)
	}
	if c.Theirs == "" || c.Ours == "" {
		return c, "còn ô để trống."
	}
	for _, text := range []string{c.Option, c.Theirs} {
		if c.Kind != OptionCode && text == c.Theirs || !strings.Contains(text, "=") {
			continue
		}
		for _, d := range dimensions(text) {
			if !dimension.MatchString(d[0]) || slices.Contains(intake.ADXAttributes, d[0]) || d[1] == "" {
				return c, "phân tổ “" + text + "” phải ghi như GENDER=FMLE;AGE=0-14, tên chiều chỉ gồm chữ không dấu, số, gạch dưới."
			}
		}
	}
	return c, ""
}

// option brings the dimensions of a breakdown in order, as intake reads them.
func option(text string) string {
	if !strings.Contains(text, "=") {
		return text
	}
	parts := strings.Split(text, ";")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// dimensions are the names and values of a breakdown that is written by its dimensions.
func dimensions(text string) (out [][2]string) {
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		out = append(out, [2]string{name, value})
	}
	return out
}

// text is the table as people read it.
func (s Scheme) text() string {
	var b strings.Builder
	for _, c := range s.Codes {
		cells := []string{c.Kind.Name(), c.Theirs, c.Ours}
		if c.Option != "" {
			cells = []string{c.Kind.Name(), c.Theirs, c.Option, c.Ours}
		}
		b.WriteString(strings.Join(cells, " | ") + "\n")
	}
	return b.String()
}

type codeKey struct {
	kind           CodeKind
	theirs, option string
}

// inward reads their codes.
type inward struct {
	dataSet string
	by      map[codeKey]string
}

func (s Scheme) inward() inward {
	in := inward{s.DataSet, map[codeKey]string{}}
	for _, c := range s.Codes {
		in.by[codeKey{c.Kind, c.Theirs, c.Option}] = c.Ours
	}
	return in
}

// Unit is the code of a unit of theirs.
func (in inward) Unit(theirs string) string {
	return cmp.Or(in.by[codeKey{UnitCode, theirs, ""}], theirs)
}

// Period is the code of a period that the table lists.
func (in inward) Period(theirs string) string { return in.by[codeKey{PeriodCode, theirs, ""}] }

// DataSet is the data set that the table is for.
func (in inward) DataSet() string { return in.dataSet }

// Cell is the indicator and the part of an element and an option: by both together, else one by one.
func (in inward) Cell(element, option string) (indicator, part string, ok bool) {
	if ours, both := in.by[codeKey{ElementCode, element, option}]; both {
		return ours, "", true
	}
	indicator = cmp.Or(in.by[codeKey{ElementCode, element, ""}], element)
	if option == "" {
		return indicator, "", true
	}
	part, ok = in.by[codeKey{OptionCode, option, ""}]
	if part == Whole {
		part = ""
	}
	return indicator, part, ok
}

// outward writes their codes.
type outward struct {
	dimensions bool // breakdowns by their dimensions, as ADX has them; else by one code
	by         map[codeKey][]Code
}

// outward turns the table round. Several codes of theirs may mean one thing here: the first of the wanted writing goes out.
func (s Scheme) outward(dimensions bool) outward {
	out := outward{dimensions, map[codeKey][]Code{}}
	for _, c := range s.Codes {
		key := codeKey{kind: c.Kind, theirs: c.Ours}
		out.by[key] = append(out.by[key], c)
	}
	return out
}

func (o outward) find(kind CodeKind, ours string) (Code, bool) {
	all := o.by[codeKey{kind: kind, theirs: ours}]
	for _, c := range all {
		if strings.Contains(c.Option+c.Theirs, "=") == o.dimensions {
			return c, true
		}
	}
	if len(all) == 0 {
		return Code{}, false
	}
	return all[0], true
}

func (o outward) unit(ours string) string {
	if c, ok := o.find(UnitCode, ours); ok {
		return c.Theirs
	}
	return ours
}

// period is the table's own name of a period, where it lists one of the wanted writing; else the usual one.
func (o outward) period(ours, usual string, ok bool) (string, bool) {
	for _, c := range o.by[codeKey{kind: PeriodCode, theirs: ours}] {
		if strings.Contains(c.Theirs, "/") == o.dimensions {
			return c.Theirs, true
		}
	}
	return usual, ok
}

// cell is the element and the breakdown of an indicator and a part. A part that the table does not know goes out under its own
// address.
func (o outward) cell(indicator, part string) (element, option string) {
	address := indicator
	if part != "" {
		address += "." + part
	}
	if c, ok := o.find(ElementCode, address); ok {
		element, option = c.Theirs, c.Option
		if part == "" && option == "" {
			option = o.whole()
		}
		return element, option
	}
	if part == "" {
		return indicator, o.whole()
	}
	if c, ok := o.find(OptionCode, part); ok {
		element = indicator
		if e, ok := o.find(ElementCode, indicator); ok && e.Option == "" {
			element = e.Theirs
		}
		return element, c.Theirs
	}
	return address, ""
}

// whole is how the table names that there is no breakdown; mostly it does not.
func (o outward) whole() string {
	if c, ok := o.find(OptionCode, Whole); ok && strings.Contains(c.Theirs, "=") == o.dimensions {
		return c.Theirs
	}
	return ""
}
