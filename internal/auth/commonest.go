package auth

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

// commonestFile holds the passwords that leak most often, of the length that the site asks for, in the form that viet.Fold gives;
// commonest/README.md says where they come from.
//
//go:embed commonest/passwords.txt.gz
var commonestFile []byte

// commonest panics on a file that cannot be read: it was built in so.
var commonest = sync.OnceValue(func() map[string]bool {
	r, err := gzip.NewReader(bytes.NewReader(commonestFile))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	list := map[string]bool{}
	for word := range strings.FieldsSeq(string(text)) {
		list[word] = true
	}
	return list
})
