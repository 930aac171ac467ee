package viet

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/number.json anew")

// shared is a case that the reader of numbers in assets/js/entry/number.js must answer as this package does; a test of figure
// runs the file in a browser.
type shared struct {
	In       string     `json:"in"`
	Unit     string     `json:"unit"`
	Decimals int        `json:"decimals"`
	Value    string     `json:"value,omitempty"` // as a whole number with the indicator's decimals
	Low      string     `json:"low,omitempty"`
	High     string     `json:"high,omitempty"`
	Kind     string     `json:"kind,omitempty"` // the qualifier's code; empty for a blank
	Words    string     `json:"words,omitempty"`
	Of       string     `json:"of,omitempty"` // the unit that was read
	Readings [][]string `json:"readings,omitempty"`
	Asked    string     `json:"asked,omitempty"`
	Refused  string     `json:"refused,omitempty"`
}

func answer(in, unit string, decimals int) shared {
	c := shared{In: in, Unit: unit, Decimals: decimals}
	q, err := ParseQuantityFor(in, Options{Unit: unit, Decimals: decimals})
	var ask *Question
	var no *Refusal
	switch {
	case errors.As(err, &ask):
		c.Asked = ask.Text
		for _, r := range ask.Readings {
			c.Readings = append(c.Readings, []string{r.Type, r.Text})
		}
	case errors.As(err, &no):
		c.Refused = no.Text
	case q.Qualifier != Blank:
		c.Kind, c.Words, c.Of = q.Qualifier.Code(), q.Magnitude, q.Unit
		if q.HasNumber() {
			c.Value = strconv.FormatInt(q.Value, 10)
		}
		if q.Qualifier == Range {
			c.Low, c.High = strconv.FormatInt(q.Low, 10), strconv.FormatInt(q.High, 10)
		}
	}
	return c
}

// sharedInputs are the texts of this package's tests and texts made of the same pieces, always the same ones.
func sharedInputs() []string {
	out := []string{
		"", "-", "–", "0", "không", "không có", "1,400", "1.400 tỷ", "388.640.000 triệu đồng", "50.700.00 ngàn đồng", "1.315hơn 6.500 hộ", "48/204 đảng viên, đạt 23,5%",
		"1 tỷ 2", "1 nghìn 500", "#REF!", "1.5E+09", "hai trăm năm", "từ 5", "5 m2 - 6 m2", "5-6 rưỡi", "1 500 000", "12 345", "một triệu hai", "hai mươi lăm con",
		"tám mươi triệu", "1,5 tỷ", "2 tỷ rưỡi", "15k", "20 tr", "3 tr.đ", "7 trđ", "1.234,5", "1,234.5", "1.2.3", "9999999999999999999", "99999999999 tỷ", "-5", "−5", "５００",
		"trên 20 gần 30", "khoảng trên 20 tỷ", "từ 7 trở lên", "10 hộ trở xuống", "mười đến mười lăm", "5 triệu - 1 triệu", "1,5-3 triệu", "ba mốt", "một trăm linh năm", "năm", "hai mươi năm",
		"12;13", "=A1+B1", "abc", "12 abc 13", strings.Repeat("dài ", 60), "1\u00a0500\u00a0000", "e\u0302 5", "gâ\u0300n 5", "1.50", "0.500", "0,5", "1234.567", "1.2345", "..5", "5.", "5,",
	}
	for _, c := range printed {
		out = append(out, c.in)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for range 500 {
		s := pick("", "", "", "trên ", "gần ", "khoảng ", "không quá ", "từ ", "hàng ", "-")
		s += pick("1", "7", "07", "12", "1.400", "1,400", "1,5", "17,6", "1.500.000", "353,30", "12 500", "hai mươi", "một trăm hai", "một triệu hai", "trăm", "0", "không")
		s += pick("", "", "", " tỷ", " triệu", " nghìn", " chục", " ty", "k", " tỷ 2", " tỷ 556,6 triệu", " triệu rưỡi", " nghìn tỷ", " - 3", " đến 20 triệu", "-2.000")
		s += pick("", "", " đồng", "đ", " m2", " hộ", "%", " ngày công", " trở lên", ", còn 5", "/12", " đồng.", " con gà và ba con vịt")
		out = append(out, s)
	}
	return out
}

func TestSharedCases(t *testing.T) {
	t.Parallel()
	var cases []shared
	for i, in := range sharedInputs() {
		kinds := []shared{{Unit: "đồng"}, {Unit: "m2", Decimals: 2}, {Unit: "tấn", Decimals: 3}}
		for n, k := range kinds {
			if i < 160 || n == i%3 { // the made ones once each
				cases = append(cases, answer(in, k.Unit, k.Decimals))
			}
		}
	}
	var b bytes.Buffer
	for i, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString([]string{",\n", "[\n"}[min(1, max(0, 1-i))])
		b.Write(line)
	}
	b.WriteString("\n]\n")
	const file = "testdata/number.json"
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
		t.Errorf("%s is not what this package answers: run with -update, and mend assets/js/entry/number.js alike", file)
	}
}
