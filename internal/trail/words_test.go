package trail

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"giaoban/internal/web/lang"
)

// acts are the verbs that the program writes to the trail, by house, read from its source.
func acts(t *testing.T) map[string][]string {
	t.Helper()
	folders := map[string][]*ast.File{}
	set := token.NewFileSet()
	for _, root := range []string{"../../internal", "../../cmd"} {
		if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return err
			}
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], f)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]map[string]bool{}
	for folder, files := range folders {
		s := source{files}
		for _, f := range files {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					lit, ok := n.(*ast.CompositeLit)
					if !ok {
						return true
					}
					if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Act" || !isIdent(sel.X, "audit") {
						return true
					}
					field := map[string]ast.Expr{}
					for _, e := range lit.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							field[kv.Key.(*ast.Ident).Name] = kv.Value
						}
					}
					houses, verbs := s.texts(fn, field["House"], 0), s.texts(fn, field["Verb"], 0)
					if len(houses) == 0 || len(verbs) == 0 {
						t.Errorf("%s, %s: this test cannot read the house (%v) or the verb (%v) of an act", folder, fn.Name.Name, houses, verbs)
					}
					for _, h := range houses {
						if found[h] == nil {
							found[h] = map[string]bool{}
						}
						for _, v := range verbs {
							found[h][v] = true
						}
					}
					return true
				})
			}
		}
	}
	out := map[string][]string{}
	for h, verbs := range found {
		out[h] = slices.Sorted(maps.Keys(verbs))
	}
	return out
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// source is a package's files.
type source struct{ files []*ast.File }

// texts are the texts that an expression in a function may stand for: a literal, a constant, what a variable is set to, what
// callers in the package pass for a parameter, the constants of the type that a conversion is from.
func (s source) texts(fn *ast.FuncDecl, e ast.Expr, depth int) (out []string) {
	if depth > 4 {
		return nil
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return []string{text}
		}
	case *ast.Ident:
		for _, value := range append(s.constants(func(name string, _ ast.Expr) bool { return name == e.Name }), assigned(fn, e.Name)...) {
			out = append(out, s.texts(fn, value, depth+1)...)
		}
		if at := parameter(fn, e.Name); at >= 0 {
			s.calls(fn.Name.Name, func(caller *ast.FuncDecl, args []ast.Expr) {
				if at < len(args) {
					out = append(out, s.texts(caller, args[at], depth+1)...)
				}
			})
		}
	case *ast.CallExpr: // string(e.Kind), string(verb)
		if id, ok := e.Args[0].(*ast.Ident); ok && isIdent(e.Fun, "string") {
			return s.texts(fn, id, depth+1)
		}
		if sel, ok := e.Args[0].(*ast.SelectorExpr); ok && isIdent(e.Fun, "string") {
			types := s.fieldTypes(sel.Sel.Name)
			for _, value := range s.constants(func(_ string, typ ast.Expr) bool {
				id, ok := typ.(*ast.Ident)
				return ok && slices.Contains(types, id.Name)
			}) {
				out = append(out, s.texts(fn, value, depth+1)...)
			}
		}
	}
	return out
}

// constants are the values of the package's constants that fit.
func (s source) constants(fits func(name string, typ ast.Expr) bool) (out []ast.Expr) {
	for _, f := range s.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, n := range v.Names {
					if i < len(v.Values) && fits(n.Name, v.Type) {
						out = append(out, v.Values[i])
					}
				}
			}
		}
	}
	return out
}

func (s source) fieldTypes(field string) (out []string) {
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			st, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, fl := range st.Fields.List {
				for _, name := range fl.Names {
					if id, ok := fl.Type.(*ast.Ident); ok && name.Name == field {
						out = append(out, id.Name)
					}
				}
			}
			return true
		})
	}
	return out
}

func (s source) calls(name string, each func(caller *ast.FuncDecl, args []ast.Expr)) {
	for _, f := range s.files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == name || isIdent(call.Fun, name) {
					each(fn, call.Args)
				}
				return true
			})
		}
	}
}

// assigned are the values that a function gives a variable.
func assigned(fn *ast.FuncDecl, name string) (out []ast.Expr) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if isIdent(l, name) {
					out = append(out, a.Rhs[i])
				}
			}
		}
		return true
	})
	return out
}

// parameter is the place of a parameter in a function's list, -1 for none.
func parameter(fn *ast.FuncDecl, name string) int {
	at := 0
	for _, f := range fn.Type.Params.List {
		for _, n := range f.Names {
			if n.Name == name {
				return at
			}
			at++
		}
	}
	return -1
}

func TestEveryActHasItsWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	written := acts(t)
	if len(written) < 10 {
		t.Fatalf("found acts of %d houses only: the test reads the wrong files", len(written))
	}
	english := func(vi string) {
		t.Helper()
		en, ok := lang.English(vi)
		if !ok || strings.Count(en, "%s") != strings.Count(vi, "%s") {
			t.Errorf("%q is %q in English", vi, en)
		}
	}
	for house, verbs := range written {
		for _, words := range []string{houseWords[house], things[house]} {
			if words == "" {
				t.Errorf("house %s has no words in words.go", house)
				continue
			}
			english(words)
		}
		for _, verb := range verbs {
			words, ok := sentences[house][verb]
			if n := strings.Count(words, "%s"); !ok || n < 1 || n > 2 || !strings.HasPrefix(words, "%s đã ") {
				t.Errorf("%s %s: sentence %q (words.go: who did it first, then what it was done to)", house, verb, words)
				continue
			}
			english(words)
		}
	}
	for house, verbs := range sentences {
		for verb := range verbs {
			if !slices.Contains(written[house], verb) {
				t.Errorf("words.go has a sentence for %s %s, which nothing writes", house, verb)
			}
		}
	}
}
