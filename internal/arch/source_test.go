package arch

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// root is the repository's folder, seen from this package's.
const root = "../.."

// file is one Go file of the tree.
type file struct {
	path    string // from the root, with slashes: internal/org/store.go
	pkg     string // its folder: internal/org
	room    string // its name without .go: store
	test    bool
	syntax  *ast.File
	imports []string
}

// house is the folder below internal, or "" for what is not below it.
func (f file) house() string {
	h, ok := strings.CutPrefix(f.pkg, "internal/")
	if !ok {
		return ""
	}
	return h
}

func (f file) importing(path string) bool {
	for _, p := range f.imports {
		if p == path {
			return true
		}
	}
	return false
}

var source = sync.OnceValues(func() ([]file, error) {
	var out []file
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		syntax, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		f := file{path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), room: strings.TrimSuffix(d.Name(), ".go"), test: strings.HasSuffix(rel, "_test.go"), syntax: syntax}
		for _, i := range syntax.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		out = append(out, f)
		return nil
	})
	return out, err
})

// tree gives every Go file of the repository.
func tree(t *testing.T) []file {
	t.Helper()
	files, err := source()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("found only %d Go files: the laws would hold over nothing", len(files))
	}
	return files
}

// table reads the rows of the table under a heading of docs/design.md, without its head, cells trimmed.
func table(t *testing.T, heading string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	inside := false
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		line := scan.Text()
		if strings.HasPrefix(line, "## ") {
			inside = strings.TrimPrefix(line, "## ") == heading
		}
		if !inside || !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|-") {
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		rows = append(rows, cells)
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 2 {
		t.Fatalf("docs/design.md has no table under %q", heading)
	}
	return rows[1:]
}

// names splits a cell such as "fault, clock, `viet`".
func names(cell string) []string {
	var out []string
	for _, n := range strings.Split(cell, ",") {
		if n = strings.Trim(strings.TrimSpace(n), "`"); n != "" {
			out = append(out, n)
		}
	}
	return out
}
