// Package casefile turns a file of published facts (facts, each with its statement, quantity and qualifier as a source
// printed them) into the public import format of docs/import.md. It is the worked example of writing a converter: numbers
// are carried over digit by digit, every fact becomes a statement of its kind, and its quantities become figures that the
// statement is linked to.
//
// It refuses to guess: which body, period and indicator a fact is about stands in a mapping, and a fact without a mapping,
// or with a key that nobody has thought of, ends the conversion. It repairs nothing: a check that the file itself marks as
// failed becomes a flag on the figure.
package casefile

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed units.csv
var unitsCSV []byte

//go:embed facts.csv
var factsCSV []byte

// Mapping says where a fact belongs.
type Mapping struct {
	Units []Unit
	Facts []Place
}

// Unit is a unit that a case needs, in the import's words.
type Unit struct {
	Case string `json:"-"`
	Code string `json:"code"`
	Kind string `json:"kind"`

	Level       string `json:"level"`
	Name        string `json:"name"`
	Short       string `json:"short,omitempty"`
	Parent      string `json:"parent,omitempty"`
	LineParent  string `json:"line_parent,omitempty"`
	FrontParent string `json:"front_parent,omitempty"`
	ValidFrom   string `json:"valid_from,omitempty"`
	ValidTo     string `json:"valid_to,omitempty"`
}

// Place says which cell a fact, or one of its numbers, belongs to. Role is one of:
//
//	mention      no number; the statement alone
//	value        the fact's quantity, with what stands beside it
//	dimension    the same number again, as a dimension that is not added
//	range        the two ends of the fact's range
//	magnitude    a bare magnitude; Text has the words
//	text         a further number of the statement; Text has it as printed
//	money        the value in money of a figure in kind
//	denominator  the whole that the fact is measured against, as a figure of its own
//	breakdown:K  the part K of the fact's breakdown
//	plan         the fact's target as the plan of the period
//	target       the fact's quantity is itself a target
//	target-range the fact's range is a target
//
// Overlap names the unit whose cell already holds the number, Amount how much of it (empty: nobody knows).
type Place struct {
	Fact, Unit, Period, Indicator, Part, Role, Text, Overlap, Amount string
}

// Published is the mapping for the six files of published facts that the project was given.
func Published() (Mapping, error) {
	return ReadMapping(bytes.NewReader(unitsCSV), bytes.NewReader(factsCSV))
}

// ReadMapping reads a mapping from two CSV files with a header row.
func ReadMapping(units, facts io.Reader) (Mapping, error) {
	var m Mapping
	rows, err := csv.NewReader(units).ReadAll()
	if err != nil {
		return m, fmt.Errorf("units: %w", err)
	}
	for _, r := range rows[min(1, len(rows)):] {
		if len(r) != 11 {
			return m, fmt.Errorf("units: %d columns in %q", len(r), r)
		}
		m.Units = append(m.Units, Unit{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10]})
	}
	if rows, err = csv.NewReader(facts).ReadAll(); err != nil {
		return m, fmt.Errorf("facts: %w", err)
	}
	for _, r := range rows[min(1, len(rows)):] {
		if len(r) != 9 {
			return m, fmt.Errorf("facts: %d columns in %q", len(r), r)
		}
		m.Facts = append(m.Facts, Place{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]})
	}
	return m, nil
}

func (m Mapping) of(id string) []Place {
	var out []Place
	for _, p := range m.Facts {
		if p.Fact == id {
			out = append(out, p)
		}
	}
	return out
}

// Case is a file of published facts.
type Case struct {
	Source  string   `json:"source"`
	Date    string   `json:"date"`
	Place   string   `json:"place"`
	Level   string   `json:"level"`
	Period  string   `json:"period"`
	Kind    string   `json:"kind"`
	Facts   []Fact   `json:"facts"`
	Sources []string `json:"sources"`
	Checks  []Check  `json:"checks"`
}

// Fact is one thing that a source says. Numbers keep the digits that they were given with.
type Fact struct {
	ID           string                 `json:"id"`
	Statement    string                 `json:"statement_vi"`
	Kind         string                 `json:"kind"`
	Quantity     json.Number            `json:"quantity"`
	Unit         string                 `json:"unit"`
	Campaign     string                 `json:"campaign"`
	Organisation string                 `json:"organisation"`
	UnitLevel    string                 `json:"unit_level"`
	Note         string                 `json:"note"`
	Raw          string                 `json:"raw"`
	Qualifier    string                 `json:"qualifier"`
	Target       json.Number            `json:"target"`
	Percent      json.Number            `json:"percent"`
	OverPercent  json.Number            `json:"over_percent"`
	PercentOf    string                 `json:"percent_of"`
	Denominator  json.Number            `json:"denominator"`
	Baseline     json.Number            `json:"baseline"`
	BaselineOf   string                 `json:"baseline_period"`
	Delta        json.Number            `json:"delta"`
	DeltaUnit    string                 `json:"delta_unit"`
	Total        json.Number            `json:"total"`
	Average      json.Number            `json:"average"`
	Value        json.Number            `json:"value"`
	ValueQ       string                 `json:"value_qualifier"`
	UnitPrice    json.Number            `json:"unit_price"`
	Range        []json.Number          `json:"range"`
	Breakdown    map[string]json.Number `json:"breakdown"`
	AsOf         string                 `json:"as_of"`
	Period       string                 `json:"period"`
	Fund         string                 `json:"fund"`
	Beneficiary  string                 `json:"beneficiary"`
	Work         string                 `json:"work"`
	Attr         string                 `json:"attr"`
	Form         string                 `json:"form"`
	Src          *int                   `json:"src"`
}

// Check is arithmetic on the case; one that is not OK says that the source contradicts itself.
type Check struct {
	Type     string          `json:"type"`
	Value    string          `json:"value"`
	Printed  json.RawMessage `json:"printed"`
	Expected json.RawMessage `json:"expected"`
	OK       bool            `json:"ok"`
}

// Read reads a file of published facts; an unknown key is an error, so that nothing is left out in silence.
func Read(data []byte) (Case, error) {
	var c Case
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("case: %w", err)
	}
	return c, nil
}

// Convert makes the import file of a case. The name ("05") chooses the units.
func Convert(name string, data []byte, m Mapping) ([]byte, error) {
	c, err := Read(data)
	if err != nil {
		return nil, err
	}
	out := file{Version: 1, Source: source{Title: c.Kind, Address: c.Source, Date: c.Date, Note: strings.Join([]string{c.Place, c.Level, c.Period}, "; ")}}
	for _, u := range m.Units {
		if u.Case == name {
			out.Units = append(out.Units, u)
		}
	}
	for _, f := range c.Facts {
		places := m.of(f.ID)
		if len(places) == 0 {
			return nil, fmt.Errorf("fact %s has no mapping", f.ID)
		}
		if err := out.fact(c, f, places); err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.ID, err)
		}
	}
	if err := out.checks(c); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// checks turns what the file knows to be contradictory into flags on the figures that it is about.
func (out *file) checks(c Case) error {
	for _, k := range c.Checks {
		if k.OK {
			continue
		}
		found := false
		for _, f := range c.Facts {
			if !about(k, f) {
				continue
			}
			for _, g := range out.Figures {
				if strings.HasPrefix(g.Ref, f.ID) {
					text := fmt.Sprintf("Nguồn tự mâu thuẫn: %s in là %s.", k.Value, strings.ReplaceAll(string(k.Printed), ".", ","))
					if f.Note != "" {
						text += " " + strings.ToUpper(f.Note[:1]) + f.Note[1:] + "."
					}
					out.Flags = append(out.Flags, flag{g.Ref, text})
					found = true
					break
				}
			}
		}
		if !found {
			return fmt.Errorf("check %s of %s concerns no fact", k.Type, k.Value)
		}
	}
	return nil
}

// about tells whether a check speaks of a fact: it prints the fact's percentage and its numbers.
func about(k Check, f Fact) bool {
	if f.Percent != "" && string(k.Printed) == f.Percent.String() {
		return true
	}
	return slices.Contains(strings.FieldsFunc(k.Value, func(r rune) bool { return r < '0' || r > '9' }), f.Quantity.String()) &&
		string(k.Printed) == f.Quantity.String()
}
