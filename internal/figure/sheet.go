package figure

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Sheet is the entry form of a unit for a period.
type Sheet struct {
	Unit                       org.Unit
	Period, Previous, LastYear period.Period
	MayEnter                   bool
	Locked                     string // why nothing can be typed, where a rule forbids it
	Gate                       Gate
	Groups                     []SheetGroup
	Rules                      any // as the page's script reads them; see CheckBy
}

// SheetGroup is a section's rows: a topic of the catalogue, or a part of the form that the unit is asked for.
type SheetGroup struct {
	Title, Note string
	Rows        []Row
	Words
}

// Row is one cell of the form with what stands around it.
type Row struct {
	Indicator                       indicator.Indicator
	Part                            indicator.Part
	Now, Before, LastYear, Approved Version
	Plan                            Plan
	Flags                           []Flag
	Derived                         bool // a ratio: worked out from two other rows
	Compulsory                      bool
	Shut                            *fault.Error // why this cell cannot be written, where others of the sheet can
	Asked                           string       // what was asked of the cell when the report came back
}

// Key names the row in the form's fields: TT01, HV01.DTTS.
func (r Row) Key() string { return indicator.Address(r.Indicator, r.Part) }

// Filled tells whether the row holds a figure.
func (r Row) Filled() bool { return !r.Now.Blank() }

// Text is a version as it stands in an input: as given, or its number.
func Text(v Version, in indicator.Indicator) string {
	if v.Raw != "" {
		return v.Raw
	}
	return Short(v.Value, "", in)
}

// Short prints a value in full digits and without its unit, for tables whose head or row names the unit.
func Short(v Value, raw string, in indicator.Indicator) string {
	switch {
	case v.Blank():
		return ""
	case !v.Has:
		return raw
	}
	if word := v.Qualifier.Word(); word != "" {
		return word + " " + viet.FormatPlain(v.Number, in.Decimals)
	}
	return viet.FormatPlain(v.Number, in.Decimals)
}

// Filter keeps the rows whose code, name, part or synonyms hold every word of a text, marks or not, and, when asked, only
// those that hold a figure.
func (s Sheet) Filter(text string, filled bool) Sheet {
	words := strings.Fields(viet.Fold(text))
	var groups []SheetGroup
	for _, g := range s.Groups {
		rows := slices.DeleteFunc(slices.Clone(g.Rows), func(r Row) bool {
			whole := viet.Fold(strings.Join(append([]string{r.Indicator.Code, r.Indicator.Name, r.Part.Name, g.Title}, r.Indicator.Synonyms...), " "))
			return filled && !r.Filled() || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(whole, w) })
		})
		if len(rows) > 0 {
			groups = append(groups, SheetGroup{g.Title, g.Note, rows, g.Words})
		}
	}
	s.Groups = groups
	return s
}

// Count tells how many cells hold a figure, and how many there are to fill.
func (s Sheet) Count() (filled, all int) {
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Derived {
				continue
			}
			all++
			if r.Filled() {
				filled++
			}
		}
	}
	return filled, all
}

// typed is a cell as it came with the form.
type typed struct {
	Text     string // what stands in the input
	Shown    string // what stood in it when the page was sent
	Seen     int    // the version that it showed
	AsOf     string
	Reason   string
	Choice   string // the reading chosen for Asked
	Asked    string // the text that the last question was about
	Question *viet.Question
}

// readSheet reads the form's cells: an input for each that was changed, and every cell as typed for the page that may have
// to be shown again. Fields that the page did not hold (a filtered form) are left alone.
func readSheet(s Sheet, value func(string) string, has func(string) bool) (map[string]typed, []Input, error) {
	cells := map[string]typed{}
	var inputs []Input
	var bad fault.List
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			key := r.Key()
			if r.Derived || r.Shut != nil || !has("v-"+key) {
				continue
			}
			t := typed{Text: value("v-" + key), Shown: value("o-" + key), AsOf: value("d-" + key), Reason: value("r-" + key), Choice: value("c-" + key), Asked: value("q-" + key)}
			t.Seen, _ = strconv.Atoi(value("e-" + key)) // a number that the page wrote; anything else is version 0
			in, changed, err := t.input(r, s)
			var q *viet.Question
			if errors.As(err, &q) {
				t.Question = q
			}
			if err != nil {
				if err := bad.Add(asFault("v-"+key, err)); err != nil {
					return nil, nil, err
				}
			}
			cells[key] = t
			if changed && err == nil {
				inputs = append(inputs, in)
			}
		}
	}
	return cells, inputs, bad.Err()
}

// input is the cell as something to save; changed is false where nobody touched it.
func (t typed) input(r Row, s Sheet) (in Input, changed bool, err error) {
	asOf := ""
	if t.AsOf != "" {
		if asOf, err = viet.ParseDate(t.AsOf, s.Period.Year); err != nil {
			return in, true, err
		}
	}
	if t.Text == t.Shown && asOf == r.Now.AsOf {
		return in, false, nil
	}
	text := t.Text
	if t.Choice != "" && t.Asked == t.Text {
		text = t.Choice
	}
	q, err := Read(text, r.Indicator)
	if err != nil {
		return in, true, err
	}
	if q.Qualifier == viet.Blank && t.Seen == 0 {
		return in, false, nil // a dash in an empty cell is still an empty cell
	}
	return Input{Unit: s.Unit.ID, Period: s.Period, Indicator: r.Indicator, Part: r.Part.Part, Quantity: q, AsOf: asOf, Reason: t.Reason, Expect: t.Seen}, true, nil
}

// asFault puts what the reader of numbers and dates says at a field.
func asFault(field string, err error) error {
	var q *viet.Question
	var r *viet.Refusal
	switch {
	case errors.As(err, &q):
		return fault.Invalidf(field, "%s", q)
	case errors.As(err, &r):
		return fault.Invalidf(field, "%s", r)
	}
	return err
}

// atFields moves the faults of a save from cells to the form's fields.
func atFields(err error, s Sheet) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	names := map[string]string{}
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			names[cellAddress(Cell{s.Unit.ID, s.Period.ID, r.Indicator.ID, r.Part.Part})] = r.Key()
		}
	}
	var list fault.List
	for _, f := range all {
		if key, ok := names[f.Field]; ok {
			f = f.At("v-" + key)
		}
		list = append(list, f)
	}
	return list
}
