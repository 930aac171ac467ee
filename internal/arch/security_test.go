package arch

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	quoted      = regexp.MustCompile("`([^`]+)`")
	testNamed   = regexp.MustCompile(`^(Test|Fuzz)\w+$`)
	fileNamed   = regexp.MustCompile(`^\w[\w./-]*\.(go|templ|sql|sh|js|md|mod|sum)$`)
	requirement = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

// TestSecurityPageHoldsToTheTree: each file and each test that docs/security.md names exists; in its table every requirement
// stands once, with one of the three answers, and what is met names what shows it.
func TestSecurityPageHoldsToTheTree(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	for _, f := range tree(t) {
		if !f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				tests[fn.Name.Name] = true
			}
		}
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		shown := false
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			name := m[1]
			switch {
			case testNamed.MatchString(name):
				shown = true
				if !tests[name] {
					t.Errorf("docs/security.md names the test %s, which does not exist", name)
				}
			case fileNamed.MatchString(name):
				shown = true
				if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil {
					t.Errorf("docs/security.md names the file %s, which does not exist", name)
				}
			}
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		number := cells[0]
		if !requirement.MatchString(number) {
			continue
		}
		if seen[number] {
			t.Errorf("docs/security.md: requirement %s stands twice", number)
		}
		seen[number] = true
		switch {
		case len(cells) != 5 || !slices.Contains([]string{"met", "not applicable", "open"}, cells[3]) || cells[4] == "":
			t.Errorf("docs/security.md: requirement %s has no answer, or no reason for it", number)
		case cells[3] == "met" && !shown:
			t.Errorf("docs/security.md: requirement %s is met, but no file or test shows it", number)
		}
	}
	if len(seen) < 200 {
		t.Errorf("docs/security.md answers only %d requirements", len(seen))
	}
}
