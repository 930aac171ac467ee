package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIsAndRefuses(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	for _, f := range tree(t) {
		if strings.HasSuffix(f.room, "_templ") || f.test && f.pkg != "e2e" {
			continue // generated, or a test: e2e has nothing but tests
		}
		comments[f.pkg] += f.syntax.Doc.Text()
	}
	for pkg, text := range comments {
		name := pkg[strings.LastIndex(pkg, "/")+1:]
		if !strings.HasPrefix(text, "Package "+name+" ") && !strings.HasPrefix(text, "Command "+name+" ") {
			t.Errorf("%s has no package comment, or more than one", pkg)
			continue
		}
		if !strings.Contains(text, "refuse") {
			t.Errorf("%s: the package comment does not say what the package refuses", pkg)
		}
	}
}

func TestNoPackageIsADrawerForEverything(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, f := range tree(t) {
		name := strings.TrimSuffix(f.syntax.Name.Name, "_test")
		if slices.Contains([]string{"util", "utils", "common", "models", "helpers", "types", "misc", "base"}, name) {
			t.Errorf("%s: package %s says nothing of what it is for", f.path, name)
		}
		if name == "main" {
			continue
		}
		if other, ok := seen[name]; ok && other != f.pkg {
			t.Errorf("%s and %s are both called %s", other, f.pkg, name)
		}
		seen[name] = f.pkg
	}
}

// TestNoTestIsSkipped: only the two helpers that stand for an engine or a browser may skip, and under the gate they fail.
func TestNoTestIsSkipped(t *testing.T) {
	t.Parallel()
	allowed := []string{"internal/db/dbtest", "internal/web/webtest"}
	for _, f := range tree(t) {
		if slices.Contains(allowed, f.pkg) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
				t.Errorf("%s skips a test", f.path)
			}
			return true
		})
	}
}

func TestNothingRegistersItself(t *testing.T) {
	t.Parallel()
	for _, f := range tree(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", f.path)
			}
		}
	}
}

// TestPackageVariablesAreTables: a variable of a package is set where it stands and nowhere else. It is found by name; a
// function that has a variable of its own by that name is left out.
func TestPackageVariablesAreTables(t *testing.T) {
	t.Parallel()
	variables := map[string]map[string]bool{}
	for _, f := range tree(t) {
		if f.test || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		if variables[f.pkg] == nil {
			variables[f.pkg] = map[string]bool{}
		}
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				for _, n := range s.(*ast.ValueSpec).Names {
					variables[f.pkg][n.Name] = n.Name != "_"
				}
			}
		}
	}
	for _, f := range tree(t) {
		if f.test || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			local := locals(fn)
			for _, name := range assigned(fn.Body) {
				if variables[f.pkg][name] && !local[name] {
					t.Errorf("%s: %s changes the package's variable %s", f.path, fn.Name.Name, name)
				}
			}
		}
	}
}

// locals are the names that a function declares anywhere: receiver, parameters, results, variables.
func locals(fn *ast.FuncDecl) map[string]bool {
	out := map[string]bool{}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			out[id.Name] = true
		}
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			add(n.Names...)
		case *ast.ValueSpec:
			add(n.Names...)
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok {
						add(id)
					}
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						add(id)
					}
				}
			}
		}
		return true
	})
	return out
}

// assigned are the names at the root of what a body writes to: x, x[i], x.y, x++ .
func assigned(body *ast.BlockStmt) []string {
	var out []string
	write := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.Ident:
				out = append(out, x.Name)
				return
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			default:
				return
			}
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					write(e)
				}
			}
		case *ast.IncDecStmt:
			write(n.X)
		}
		return true
	})
	return out
}
