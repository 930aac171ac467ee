package indicator

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"giaoban/internal/org"
)

// The starter catalogue: what the reports of localities really count. A site adds to it, renames and retires; its codes
// stay what they are from release to release. List columns are separated by semicolons; a part is CODE:kind:name.
//
//go:embed starter.csv
var starterCSV string

// starter reads the starter catalogue; ids count from 1 in the order of the file. Numerator and denominator are found by
// code among the lines above.
func starter() ([]Indicator, error) {
	rows, err := csv.NewReader(strings.NewReader(starterCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("starter catalogue: %w", err)
	}
	column := map[string]int{}
	for n, name := range rows[0] {
		column[name] = n
	}
	ids := map[string]int64{"": 0}
	ordinals := map[string]int{}
	var out []Indicator
	for n, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		decimals, err := strconv.Atoi(get("decimals"))
		if err != nil {
			return nil, fmt.Errorf("starter catalogue, line %d: decimals: %w", n+2, err)
		}
		ordinals[get("topic")]++
		i := Indicator{
			ID: int64(n + 1), Code: get("code"), Version: 1, ValidFrom: org.Always, ValidTo: org.Forever,
			Name: get("name"), Topic: get("topic"), Unit: get("unit"), Decimals: decimals,
			Measure: Measure(get("measure")), Across: Across(get("across")), Better: get("better"), Note: get("note"),
			Numerator: ids[get("numerator")], Denominator: ids[get("denominator")], Ordinal: ordinals[get("topic")] * 10,
			Synonyms: list(get("synonyms")), UnitSynonyms: list(get("unit_synonyms")),
		}
		for _, text := range list(get("parts")) {
			f := strings.SplitN(text, ":", 3)
			if len(f) != 3 {
				return nil, fmt.Errorf("starter catalogue, line %d: part %q", n+2, text)
			}
			i.Parts = append(i.Parts, Part{Code: f[0], Kind: PartKind(f[1]), Name: f[2]})
		}
		i.tidy()
		if err := i.check(); err != nil {
			return nil, fmt.Errorf("starter catalogue, line %d (%s): %w", n+2, i.Code, err)
		}
		ids[i.Code] = i.ID
		out = append(out, i)
	}
	return out, nil
}

// list splits a cell at its semicolons.
func list(cell string) []string {
	var out []string
	for _, s := range strings.Split(cell, ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Starter is the starter catalogue as a snapshot, for tools and tests that have no site.
func Starter() (*Catalog, error) {
	all, err := starter()
	if err != nil {
		return nil, err
	}
	return newCatalog(all), nil
}
