// Command gate reads `go test -json` on its input, prints what failed with its output, and counts test functions for
// check.sh. It refuses a skipped test: where everything is installed, a test that did not run is a test that failed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

func main() {
	totals := flag.String("totals", "", "file to which a line with the numbers passed and failed is added")
	flag.Parse()
	c, err := read(os.Stdin, os.Stdout)
	if err == nil && *totals != "" {
		err = c.add(*totals)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(2)
	}
	if c.failed > 0 || c.passed == 0 {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (see `go doc test2json`); a build's lines carry ImportPath instead of Package.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

type count struct{ passed, failed int }

func (c count) add(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, c.passed, c.failed)
	return errors.Join(err, f.Close())
}

// house is what is known of one package while it runs.
type house struct {
	count
	output  map[string][]string // by test, "" for the package itself
	skipped []string
}

// read counts the test functions (not their parts) that passed and failed. A package that fails without a failed test
// (it does not build, it panicked, it ran out of time) counts as one failure, and so does each skipped test or part of one.
func read(in io.Reader, out io.Writer) (count, error) {
	var total count
	houses := map[string]*house{}
	builds := map[string][]string{}
	of := func(pkg string) *house {
		if houses[pkg] == nil {
			houses[pkg] = &house{output: map[string][]string{}}
		}
		return houses[pkg]
	}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 16<<20)
	for scan.Scan() {
		var e event
		if json.Unmarshal(scan.Bytes(), &e) != nil {
			fmt.Fprintln(out, scan.Text()) // the go command's own words
			continue
		}
		h := of(e.Package)
		switch {
		case e.Action == "build-output":
			builds[e.ImportPath] = append(builds[e.ImportPath], e.Output)
		case e.Action == "build-fail":
			fmt.Fprintf(out, "FAIL %s does not build\n%s", e.ImportPath, strings.Join(builds[e.ImportPath], ""))
		case e.Action == "output":
			h.output[e.Test] = append(h.output[e.Test], e.Output)
		case e.Test != "":
			h.ended(e, out)
		case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
			total = sum(total, h.close(e, out))
			delete(houses, e.Package)
		}
	}
	for pkg, h := range houses { // cut off before its end
		if pkg != "" {
			total = sum(total, h.close(event{Action: "fail", Package: pkg}, out))
		}
	}
	return total, scan.Err()
}

func sum(a, b count) count { return count{a.passed + b.passed, a.failed + b.failed} }

func (h *house) ended(e event, out io.Writer) {
	whole := !strings.Contains(e.Test, "/")
	switch e.Action {
	case "pass":
		if whole {
			h.passed++
		}
		delete(h.output, e.Test)
	case "skip":
		h.skipped = append(h.skipped, e.Test+": "+strings.TrimSpace(strings.Join(h.output[e.Test], "")))
		delete(h.output, e.Test)
	case "fail":
		if whole {
			h.failed++
		}
		fmt.Fprintf(out, "FAIL %s %s\n%s", e.Package, e.Test, strings.Join(h.output[e.Test], ""))
		delete(h.output, e.Test)
	}
}

func (h *house) close(e event, out io.Writer) count {
	for _, s := range h.skipped {
		fmt.Fprintf(out, "FAIL %s skipped, which the gate does not allow: %s\n", e.Package, s)
		h.failed++
	}
	if e.Action == "fail" && h.failed == 0 {
		h.failed++
		var names []string
		for name := range h.output { // the tests under way when it ended, and the package's own words
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(out, "FAIL %s %s\n%s", e.Package, name, strings.Join(h.output[name], ""))
		}
	}
	if h.passed+h.failed > 0 {
		fmt.Fprintf(out, "%-40s %4d passed %3d failed  %6.1f s\n", e.Package, h.passed, h.failed, e.Elapsed)
	}
	return h.count
}
