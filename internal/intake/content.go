package intake

import "giaoban/internal/figure"

// content is what a file says, in its own words and with the address of each, before a site is asked what they mean.
type content struct {
	kind       Kind
	dataSet    string // that a file of another system is of
	source     string // what the file names as its source
	units      []unitRow
	figures    []figureRow
	targets    []targetRow
	statements []statementRow
	flags      []flagRow
	problems   []Problem
	notes      []Problem
	unit       field // of a table as a whole
	period     field
	catalogs   []string // hashes of the catalogues that the forms were written with
	files      []Line   // of a drop: files that cannot be read, and forms of one body to choose from
	parcel     []byte   // a signed package, as it came
	of         int64    // the unit whose package it is
	found      []Legacy // texts in an old encoding that the row being read has brought
}

// field is a text and where it stands.
type field struct{ text, at string }

// given is a value as handed in.
type given struct {
	text   string
	at     string
	number bool // a machine's number: a point is the decimal one, and nothing groups
	null   bool // said to be empty
	set    bool
	wrong  string // why the cell holds no value that could be read at all
}

type figureRow struct {
	at, ref               string
	unit, period          field
	indicator, name, part field
	value                 given
	measure               field
	raw, qualifier        field
	asOf, reason, note    field
	companions            []companionRow
	overlaps              []overlapRow
	adds                  *bool
	moneyOnly             bool // measure stands over the whole table and is meant for its rows of money
	legacy                []Legacy
	theirs                *theirs       // in another system's codes
	before                *figure.Value // of a package: what the one before it said, blank where it said nothing
}

type companionRow struct {
	at        string
	role      field
	value     given
	qualifier field
	unit      string
	label     string
}

type overlapRow struct {
	at     string
	unit   field
	amount given
	reason string
}

type targetRow struct {
	at             string
	unit, period   field
	indicator      field
	value          given
	raw, qualifier field
	source         string
	legacy         []Legacy
}

type statementRow struct {
	at, ref      string
	unit, period field
	kind         field
	text         field
	topic        string
	organisation string
	source       string
	asOf         field
	figures      []field // refs of figures in this file
	cells        []field // codes of indicators of the same unit and period
	legacy       []Legacy
}

type flagRow struct {
	at   string
	ref  field
	text string
}

type unitRow struct {
	at                                        string
	code, kind, level, name, short            string
	parent, lineParent, frontParent, from, to string
	legacy                                    []Legacy
}

func (c *content) problem(at, text string) { c.problems = append(c.problems, Problem{at, text}) }
func (c *content) remark(at, text string)  { c.notes = append(c.notes, Problem{at, text}) }

// take gives the old texts of the row that has just been read.
func (c *content) take() []Legacy {
	out := c.found
	c.found = nil
	return out
}
