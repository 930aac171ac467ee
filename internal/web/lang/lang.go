// Package lang holds the English texts of the pages, one file per house, keyed by the Vietnamese text. It refuses
// invented keys: the Vietnamese text is the key, so a page without a translation still reads right.
package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed en/*.json
var files embed.FS

// English gives the English text of a Vietnamese one, and whether there is one.
func English(vi string) (string, bool) {
	text, ok := english()[vi]
	return text, ok
}

var english = sync.OnceValue(func() map[string]string {
	all, err := load()
	if err != nil {
		panic(err) // the files are embedded: a broken one is a programmer's error
	}
	return all
})

// load joins the files of all houses; two houses may share a text only with the same translation.
func load() (map[string]string, error) {
	names, err := fs.Glob(files, "en/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	from := map[string]string{}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var one map[string]string
		if err := json.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for vi, en := range one {
			if old, ok := all[vi]; ok && old != en {
				return nil, fmt.Errorf("%q is %q in %s and %q in %s", vi, old, from[vi], en, name)
			}
			all[vi], from[vi] = en, name
		}
	}
	return all, nil
}
