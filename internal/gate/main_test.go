package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheGateCounts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		lines          []string
		passed, failed int
		says           string
	}{
		{"functions, not their parts", []string{
			`{"Action":"run","Package":"p","Test":"TestA"}`, `{"Action":"pass","Package":"p","Test":"TestA/one"}`,
			`{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"pass","Package":"p"}`,
		}, 1, 0, "1 passed"},
		{"a failure with its words", []string{
			`{"Action":"output","Package":"p","Test":"TestA","Output":"  a.go:1: seven is not eight\n"}`,
			`{"Action":"fail","Package":"p","Test":"TestA"}`, `{"Action":"fail","Package":"p"}`,
		}, 0, 1, "seven is not eight"},
		{"a skipped part as a failure", []string{
			`{"Action":"skip","Package":"p","Test":"TestA/postgres"}`, `{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"pass","Package":"p"}`,
		}, 1, 1, "TestA/postgres"},
		{"a package that does not build", []string{
			`{"Action":"build-output","ImportPath":"p","Output":"p.go:3: undefined: x\n"}`, `{"Action":"build-fail","ImportPath":"p"}`,
			`{"Action":"fail","Package":"p"}`,
		}, 0, 1, "undefined: x"},
		{"a package that ends in the middle of a test", []string{
			`{"Action":"run","Package":"p","Test":"TestA"}`, `{"Action":"output","Package":"p","Test":"TestA","Output":"panic: gone\n"}`,
		}, 0, 1, "panic: gone"},
		{"nothing in a package without tests", []string{`{"Action":"skip","Package":"p"}`}, 0, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			got, err := read(strings.NewReader(strings.Join(tc.lines, "\n")), &out)
			if err != nil {
				t.Fatal(err)
			}
			if want := (count{tc.passed, tc.failed}); got != want {
				t.Errorf("counted %+v, want %+v", got, want)
			}
			if !strings.Contains(out.String(), tc.says) {
				t.Errorf("must say %q:\n%s", tc.says, out.String())
			}
		})
	}
}
