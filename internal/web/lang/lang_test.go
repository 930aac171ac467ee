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
		for _, one := range strings.Split(en, " ¦ ") {
			if got, want := verbs(one), verbs(vi); !slices.Equal(got, want) {
				t.Errorf("%q fills %v, its English text %q fills %v", vi, want, one, got)
			}
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

// Every text that a page or a fault writes as a literal has an English one, and every name of a state or a kind. The scan
// reads Go, the generated templates included.
func TestEveryTextHasAnEnglishOne(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..") // internal/
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
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
		rel, _ := filepath.Rel(root, path)
		demand := func(kind string, at ast.Expr) {
			text, ok := literal(at)
			if !ok {
				found[kind+", made elsewhere"]++
				return
			}
			found[kind]++
			if _, ok := English(text); !ok && text != "" && strings.Trim(text, "%sd:. ") != "" {
				t.Errorf("%s:%d: %q has no English text", rel, set.Position(at.Pos()).Line, text)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch v := n.(type) {
			case *ast.CallExpr:
				kind, i := textOf(v.Fun, file.Name.Name)
				if i >= 0 && i < len(v.Args) {
					demand(kind, v.Args[i])
				}
			case *ast.FuncDecl:
				if v.Recv != nil && v.Name.Name == "Name" && v.Body != nil && file.Name.Name != "doc" && file.Name.Name != "fault" {
					for _, text := range returned(v.Body) {
						demand("name", text)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, least := range map[string]int{"page": 900, "fault": 200, "name": 60, "reading": 50} {
		if found[kind] < least {
			t.Errorf("only %d texts of a %s found: the scan is broken", found[kind], kind)
		}
	}
	// A text that is put together before fault gets it stays Vietnamese for every reader.
	if n := found["fault, made elsewhere"]; n > madeElsewhere {
		t.Errorf("%d faults are given a text put together beforehand, at most %d may be: use the forms with a format", n, madeElsewhere)
	}
}

// madeElsewhere may only become less.
const madeElsewhere = 30

var kindOf = map[string]string{"indicator": "fault", "intake": "fault", "viet": "reading"}

// textOf tells which argument of a call is a text, and whose: web.T, the faults, and the helpers called refuse that pass a
// format on to a fault or to what viet answers. It is -1 for other calls.
func textOf(fun ast.Expr, pkg string) (kind string, arg int) {
	if isT(fun, pkg) {
		return "page", 1
	}
	if id, ok := fun.(*ast.Ident); ok {
		if i, ok := map[string]int{"indicator.refuse": 1, "intake.refuse": 0, "viet.refuse": 2, "viet.says": 0}[pkg+"."+id.Name]; ok {
			return kindOf[pkg], i
		}
	}
	f, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return "", -1
	}
	if pkg == "viet" && f.Sel.Name == "refuse" {
		return kindOf[pkg], 1
	}
	if x, ok := f.X.(*ast.Ident); !ok || x.Name != "fault" {
		return "", -1
	}
	switch strings.TrimSuffix(f.Sel.Name, "f") {
	case "Invalid":
		return "fault", 1
	case "Made":
		return "fault", 2
	case "Word", "Refused", "Conflict", "Unavailable", "TooLarge", "TooMany":
		return "fault", 0
	}
	return "", -1
}

// returned are the literals that a function returns.
func returned(body *ast.BlockStmt) (out []ast.Expr) {
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, e := range r.Results {
				if _, ok := literal(e); ok {
					out = append(out, e)
				}
			}
		}
		return true
	})
	return out
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
