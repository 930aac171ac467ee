package rule

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/script.json anew")

// scriptCase is a case that assets/js/entry/rule.js must judge as this package does; a test of figure runs them in a browser.
type scriptCase struct {
	Text    string            `json:"text"`
	Expr    Tree              `json:"expr"`
	Now     map[string]string `json:"now"`
	Beside  map[string]string `json:"beside"`
	Verdict string            `json:"verdict"`
}

func TestSharedScriptCases(t *testing.T) {
	t.Parallel()
	c := starterCatalog(t)
	texts := []string{
		"HV01 <= HV03", "DG01 <= 1,5 tỷ", "DG01 <= 10 * DG01[cùng kỳ]", "HV03 = HV03[kỳ trước] + HV01 - HV02", "có(HV01) và không (HV02 > 1 hoặc HV05<2)",
		"tổng(HV01; HV02) * 2 >= 3 + 4 / 8", "HV01.DTTS <= HV01", "DG04 >= 0,125", "nếu(HV01 > 3; HV02 < 5; HV03 <> 0)", "nếu(có(HV01); HV01; 7) > 2", "min(HV01; HV02; 3) < max(HV03; 1)",
		"abs(HV01 - HV02) <= 0,5 * HV03", "HV01 / HV02 > 1", "DG01[lũy kế] <= DG01[kế hoạch]", "-HV01 < 0", "HV01 > 1 hoặc HV02 > 1", "HV01 > 1 và HV02 > 1", "không có(HV01)", "DG01[lũy kế] >= DG01",
	}
	r := rand.New(rand.NewPCG(3, 4))
	verdicts := map[verdict]string{unknown: "unknown", kept: "kept", broken: "broken"}
	name := cellName(c)
	var cases []scriptCase
	for _, text := range texts {
		e := must(t, c, text)
		for range 12 {
			one := scriptCase{Text: text, Expr: e.root.tree(name), Now: map[string]string{}, Beside: map[string]string{}}
			figures := map[cell]*big.Rat{}
			give := func(c cell) *big.Rat {
				v := big.NewRat(int64(r.IntN(12)-1), []int64{1, 1, 1, 2, 1000}[r.IntN(5)])
				figures[c] = v
				return v
			}
			for _, x := range e.cells {
				if r.IntN(4) == 0 || x.when == toDate {
					continue
				}
				v := give(x).RatString()
				if x.when == now {
					one.Now[name(x)] = v
				} else {
					one.Beside[name(x)] = v
				}
			}
			for _, x := range e.cells { // the year so far is the sheet's cell and what was before it
				if x.when != toDate {
					continue
				}
				here := cell{x.indicator, x.part, now}
				if figures[here] == nil && r.IntN(2) == 0 {
					one.Now[name(here)] = give(here).RatString()
				}
				sum := figures[here]
				if r.IntN(3) > 0 {
					before := big.NewRat(int64(r.IntN(9)), 1)
					one.Beside[name(x)] = before.RatString()
					if sum == nil {
						sum = before
					} else {
						sum = new(big.Rat).Add(sum, before)
					}
				}
				if sum != nil {
					figures[x] = sum
				}
			}
			one.Verdict = verdicts[e.judge(figures)]
			cases = append(cases, one)
		}
	}
	var b bytes.Buffer
	b.WriteString("[")
	for i, one := range cases {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		b.Write(line)
	}
	b.WriteString("\n]\n")
	const file = "testdata/script.json"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, b.Bytes()) {
		t.Errorf("%s is not what this package judges: run with -update, and mend assets/js/entry/rule.js alike", file)
	}
}
