package auth

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// listOf writes a list of leaked passwords as it is published: capitals, counts, line ends of either kind.
func listOf(t testing.TB, passwords []string, end string, counts bool) string {
	t.Helper()
	var lines []string
	for i, p := range passwords {
		line := fmt.Sprintf("%X", sha1.Sum([]byte(p)))
		if counts {
			line += fmt.Sprintf(":%d", i*i*i+1)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	path := filepath.Join(t.TempDir(), "leaked.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, end)+end), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever is in the list is found, and nothing else.
func TestLeakedPasswordsAreFoundWhereTheyLie(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.SliceOfNDistinct(rapid.StringN(1, 12, -1), 1, 60, rapid.ID).Draw(r, "in the list")
		out := rapid.SliceOfN(rapid.StringN(1, 12, -1), 1, 20).Draw(r, "asked for")
		list, err := OpenLeaked(listOf(t, in, rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(r, "line end"), rapid.Bool().Draw(r, "counts")))
		if err != nil {
			r.Fatal(err)
		}
		defer list.Close()
		for _, p := range append(slices.Clone(in), out...) {
			got, err := list.Has(p)
			if err != nil || got != slices.Contains(in, p) {
				r.Fatalf("%q: %v, %v", p, got, err)
			}
		}
	})
}

func TestAFileThatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	sorted := fmt.Sprintf("%040X:1\n%040X:2\n%040X:3\n", 1, 2, 3)
	for name, text := range map[string]string{
		"empty": "", "words": "matkhau\n123456\n", "not sorted": fmt.Sprintf("%040X:1\n%040X:2\n", 2, 1), "a long line": strings.Repeat("A", 500),
		"NTLM": fmt.Sprintf("%032X:1\n", 1), "a page": "<!doctype html><title>x</title>", "broken in the middle": sorted + "xyz\n" + sorted,
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenLeaked(path); !errors.Is(err, ErrNoLeaked) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenLeaked(filepath.Join(t.TempDir(), "no")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// The commonest passwords that are long enough are refused, written in capitals or not.
func TestTheCommonestPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	if n := len(commonest()); n < 3000 {
		t.Fatalf("%d passwords are listed", n)
	}
	for p := range commonest() {
		if !Guessable(p) || !Guessable(strings.ToUpper(p)) {
			t.Fatalf("%q is let through", p)
		}
		if len(p) < 10 {
			t.Errorf("%q is too short to count", p)
		}
	}
	for _, p := range []string{"Usuckballz1", "mailcreated5240", "Polniypizdec0211"} { // no pattern names these
		if !Guessable(p) {
			t.Errorf("%q is let through", p)
		}
	}
}
