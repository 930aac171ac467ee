package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTheFilesAgree(t *testing.T) {
	t.Parallel()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for vi, en := range all {
		if strings.TrimSpace(en) == "" {
			t.Errorf("%q has an empty English text", vi)
		}
		if got, want := verbs(en), verbs(vi); !slices.Equal(got, want) {
			t.Errorf("%q fills %v, its English text %q fills %v", vi, want, en, got)
		}
	}
}

var verb = regexp.MustCompile(`%[-+#0]*(\[\d+\])?[*\d.]*[a-zA-Z%]`)

// verbs are what a text is filled with, in the order of the arguments.
func verbs(text string) []string {
	out := verb.FindAllString(text, -1)
	if strings.Contains(text, "%[") {
		slices.Sort(out) // numbered arguments may change places
		for i := range out {
			out[i] = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(out[i], "")
		}
	}
	return out
}

// Every text that a page writes as a literal has an English one. The scan reads Go, the generated templates included.
func TestEveryTextOfAPageHasAnEnglishOne(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..") // internal/
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
		if err != nil {
			t.Logf("%s is left out: %v", path, err)
			return nil
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 || !isT(call.Fun, file.Name.Name) {
				return true
			}
			text, ok := literal(call.Args[1])
			if !ok {
				return true
			}
			found++
			if _, ok := English(text); !ok {
				rel, _ := filepath.Rel(root, path)
				t.Errorf("%s:%d: %q has no English text", rel, set.Position(call.Pos()).Line, text)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d texts found: the scan is broken", found)
	}
}

// isT tells web.T, and T inside package web.
func isT(fun ast.Expr, pkg string) bool {
	switch f := fun.(type) {
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.Ident)
		return ok && x.Name == "web" && f.Sel.Name == "T"
	case *ast.Ident:
		return pkg == "web" && f.Name == "T"
	}
	return false
}

// literal joins a string literal or a sum of them.
func literal(e ast.Expr) (string, bool) {
	switch v := e.(type) {
	case *ast.BasicLit:
		if v.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(v.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok1 := literal(v.X)
		b, ok2 := literal(v.Y)
		return a + b, ok1 && ok2 && v.Op == token.ADD
	case *ast.ParenExpr:
		return literal(v.X)
	}
	return "", false
}
