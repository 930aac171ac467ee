package arch

import (
	"path"
	"slices"
	"strings"
	"testing"
)

const order = "Houses, low to high"

// ranks gives each house its place in docs/design.md's list; a folder below a house that the list does not name has the
// house's place.
func ranks(t *testing.T) func(house string) (int, bool) {
	t.Helper()
	place := map[string]int{}
	for _, row := range table(t, order) {
		for _, n := range names(row[0]) {
			place[n] = len(place)
		}
	}
	return func(house string) (int, bool) {
		for h := house; h != "." && h != ""; h = path.Dir(h) {
			if n, ok := place[h]; ok {
				return n, true
			}
		}
		return 0, false
	}
}

// outside are the packages below internal that are no houses: nobody imports them.
var outside = []string{"arch", "gate"}

func TestEveryHouseHasItsPlaceInTheDesign(t *testing.T) {
	t.Parallel()
	rank := ranks(t)
	seen := map[string]bool{}
	for _, f := range tree(t) {
		h := f.house()
		if h == "" || seen[h] || slices.Contains(outside, h) {
			continue
		}
		seen[h] = true
		if _, ok := rank(h); !ok {
			t.Errorf("%s is in no row of docs/design.md, %q", f.pkg, order)
		}
	}
	for _, row := range table(t, order) {
		for _, n := range names(row[0]) {
			if !seen[n] {
				t.Errorf("docs/design.md lists the house %q, which does not exist", n)
			}
		}
	}
}

func TestImportsGoDownward(t *testing.T) {
	t.Parallel()
	rank := ranks(t)
	for _, f := range tree(t) {
		if f.test || f.house() == "" || strings.HasSuffix(f.pkg, "test") {
			continue // test support sets up what its house stands on
		}
		own, ok := rank(f.house())
		for _, imported := range f.imports {
			other, below := strings.CutPrefix(imported, "giaoban/internal/")
			if !below {
				if strings.HasPrefix(imported, "giaoban/cmd") || strings.HasPrefix(imported, "giaoban/bench") {
					t.Errorf("%s imports %s, which stands above every house", f.path, imported)
				}
				continue
			}
			if slices.Contains(outside, other) {
				t.Errorf("%s imports %s, which is no house", f.path, imported)
			}
			if n, known := rank(other); ok && known && n > own {
				t.Errorf("%s imports %s, which stands higher (docs/design.md, %q)", f.path, imported, order)
			}
		}
	}
}

func TestOnlyTestsImportTestSupport(t *testing.T) {
	t.Parallel()
	for _, f := range tree(t) {
		if f.test || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, imported := range f.imports {
			if imported == "testing" || strings.HasPrefix(imported, "giaoban/") && strings.HasSuffix(imported, "test") {
				t.Errorf("%s imports %s", f.path, imported)
			}
		}
	}
}

// TestTheProgramHoldsNoProviderOfItsOwn: the provider that tests sign in at comes from a library that the program must not
// carry.
func TestTheProgramHoldsNoProviderOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, f := range tree(t) {
		if f.test || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, imported := range f.imports {
			if strings.HasPrefix(imported, "github.com/zitadel/") {
				t.Errorf("%s imports %s, which is for tests only", f.path, imported)
			}
		}
	}
}

// roomless are the houses of the list's first row: they know no domain and have no rooms. What builds or fills a whole site
// has none either.
func roomless(t *testing.T) []string {
	t.Helper()
	return append(names(table(t, order)[0][0]), "app", "demo")
}

// TestRooms: SQL stays in the rooms of data and HTTP in the rooms of pages, so that a rule can be read and tested alone.
func TestRooms(t *testing.T) {
	t.Parallel()
	const database, pages = "giaoban/internal/db", "net/http"
	always := map[string][]string{}
	extra := map[string][]string{} // house -> further rooms of data
	for _, row := range table(t, "Rooms of data") {
		if row[0] == "every house" {
			always[database] = names(row[1])
			continue
		}
		extra[row[0]] = names(row[1])
	}
	faces := map[string][]string{} // house -> further rooms of pages
	for _, row := range table(t, "Rooms of pages") {
		faces[row[0]] = names(row[1])
	}
	always[pages] = faces["every house"]
	used := map[string]bool{}
	none := roomless(t)
	for _, f := range tree(t) {
		h := f.house()
		top, _, _ := strings.Cut(h, "/")
		if f.test || h == "" || slices.Contains(none, top) || slices.Contains(outside, top) {
			continue
		}
		if f.importing(pages) && !slices.Contains(always[pages], f.room) && !slices.Contains(faces[h], f.room) && !strings.HasSuffix(f.room, "_templ") {
			t.Errorf("%s imports net/http and is no room of pages (docs/design.md, %q)", f.path, "Rooms of pages")
		}
		if !f.importing(database) {
			continue
		}
		used[h+"/"+f.room] = true
		if !slices.Contains(always[database], f.room) && !slices.Contains(extra[h], f.room) {
			t.Errorf("%s imports db and is no room of data (docs/design.md, %q)", f.path, "Rooms of data")
		}
	}
	for h, rooms := range extra {
		for _, room := range rooms {
			if !used[h+"/"+room] {
				t.Errorf("docs/design.md lists %s/%s.go as a room of data; it does not import db", h, room)
			}
		}
	}
}
