package casefile_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"giaoban/internal/intake/casefile"
)

func published(t *testing.T) casefile.Mapping {
	t.Helper()
	m, err := casefile.Published()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheMappingAgreesWithTheCatalogueOfTheCases(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../indicator/testdata/cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	facts := map[string]bool{}
	for _, p := range published(t).Facts {
		have[p.Fact+"/"+p.Indicator+"/"+p.Part] = true
		facts[p.Fact] = true
	}
	for _, r := range rows[1:] {
		// A percentage stands beside its figure and needs no cell of its own.
		if strings.HasPrefix(r[3], "percent-of-") || have[r[0]+"/"+r[1]+"/"+r[2]] {
			continue
		}
		t.Errorf("fact %s: %s.%s (%s) has no place", r[0], r[1], r[2], r[3])
	}
	if len(facts) < 80 {
		t.Errorf("only %d facts are mapped", len(facts))
	}
}

func TestConvertRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join("testdata", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"a key that nobody has thought of": {`"kind": "work"`, `"kind": "work", "colour": "đỏ"`, "colour"},
		"a fact without a mapping":         {`"99-01"`, `"99-77"`, "no mapping"},
		"a failed check about no fact":     {`"printed": 150`, `"printed": 7777`, "concerns no fact"},
		"a value that is missing":          {`"quantity": 1200000000`, `"quantity": null`, "has no quantity"},
	} {
		data := strings.Replace(string(sample), c.from, c.to, 1)
		if data == string(sample) {
			t.Fatalf("%s: the sample has no %s", name, c.from)
		}
		if _, err := casefile.Convert("99", []byte(data), sampleMapping(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func sampleMapping(t *testing.T) casefile.Mapping {
	t.Helper()
	units, err := os.Open(filepath.Join("testdata", "units.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer units.Close()
	facts, err := os.Open(filepath.Join("testdata", "facts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer facts.Close()
	m, err := casefile.ReadMapping(units, facts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConvertKeepsEveryDigit(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join("testdata", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	data := strings.Replace(string(sample), `"quantity": 1200000000`, `"quantity": 9007199254740993`, 1)
	out, err := casefile.Convert("99", []byte(data), sampleMapping(t))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "9007199254740993") || !json.Valid(out) {
		t.Errorf("digits were lost:\n%s", out)
	}
}
