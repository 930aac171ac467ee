// Package lang says a text in the reader's language. It holds the English texts of the pages and of the faults, one file
// per house, keyed by the Vietnamese text. It refuses invented keys: the Vietnamese text is the key, so a page without a
// translation still reads right. It also refuses to translate what people typed.
package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed en/*.json
var files embed.FS

// Say gives a text in a language ("vi", "en"), filled with args as Sprintf does. An argument that has a name (a state, a
// kind, a period) is said by that name in the language, a message within the message likewise. A string is what somebody
// typed and stays, unless it is a period's name.
func Say(code, vi string, args ...any) string {
	text := vi
	if code == "en" {
		if en, ok := English(vi); ok {
			text = en
		} else if len(args) == 0 {
			text = Period(vi)
		}
	}
	if len(args) == 0 {
		return text
	}
	text = plural(text, args)
	filled := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string:
			filled[i] = v
			if code == "en" {
				filled[i] = Period(v)
			}
		case message:
			format, inner := v.Message()
			filled[i] = Say(code, format, inner...)
		case interface{ Name() string }:
			filled[i] = Say(code, v.Name())
		default:
			filled[i] = a
		}
	}
	return fmt.Sprintf(text, filled...)
}

// plural chooses between "one ¦ many" by the first number of the args; Vietnamese has no plural and needs no choice.
func plural(text string, args []any) string {
	one, many, ok := strings.Cut(text, " ¦ ")
	if !ok {
		return text
	}
	for _, a := range args {
		switch a {
		case 1, int64(1):
			return one
		}
		switch a.(type) {
		case int, int64:
			return many
		}
	}
	return many
}

// message is a text with what it was made of: a fault.
type message interface {
	Message() (format string, args []any)
}

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
