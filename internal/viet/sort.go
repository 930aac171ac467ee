package viet

import (
	"encoding/hex"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// A collator keeps buffers and may not be shared between goroutines; building one takes milliseconds.
var collators = sync.Pool{New: func() any { return collate.New(language.Vietnamese) }}

// SortKey is a hexadecimal key whose byte order is the Vietnamese order of CLDR: a < ă < â, d < đ …, then the tones huyền <
// hỏi < ngã < sắc < nặng, then case. A database that knows no Vietnamese sorts by it.
func SortKey(s string) string {
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var buf collate.Buffer
	return hex.EncodeToString(c.KeyFromString(&buf, Clean(s)))
}

// NameSortKey sorts personal names as Vietnamese lists do: by the last word (tên), then the first (họ), then the middle.
func NameSortKey(name string) string {
	words := strings.Fields(NFC(name))
	if len(words) < 2 {
		return SortKey(name)
	}
	last := len(words) - 1
	// The full stop sorts before every hexadecimal digit, so a shorter part comes first.
	return SortKey(words[last]) + "." + SortKey(words[0]) + "." + SortKey(strings.Join(words[1:last], " "))
}
