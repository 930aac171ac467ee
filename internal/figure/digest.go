package figure

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// byKey is the order of the table's key, in which an entry's versions are written and their digest is made.
func byKey(a, b Version) int {
	return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Layer, b.Layer),
		cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Version, b.Version))
}

// tally is the digest under way of what one entry wrote.
type tally struct {
	n     int64
	hash  hash.Hash
	text  []byte // of the last version, kept for its room
	entry Entry  // filled by verify
}

func newTally() *tally { return &tally{hash: sha256.New()} }

// add takes a version, which must come in the order of the key. Its text has every column but the entry's key.
func (s *tally) add(v Version) {
	b := s.text[:0]
	for _, n := range [...]int64{v.Unit, v.Period, int64(v.Layer), v.Indicator, v.Part, int64(v.Version), int64(v.IndicatorVersion), int64(v.Qualifier)} {
		b = strconv.AppendInt(b, n, 10)
		b = append(b, ' ')
	}
	if v.Has {
		b = strconv.AppendInt(b, v.Number, 10)
	}
	for _, text := range [...]string{v.Raw, v.AsOf, v.Origin, v.Reason} {
		b = append(b, ' ')
		if text != "" {
			b = strconv.AppendQuote(b, text)
		}
	}
	s.text = append(b, '\n')
	s.hash.Write(s.text)
	s.n++
}

// of names what was added up as what the entry wrote: its id, how many versions, and their hash.
func (s *tally) of(entry string) string {
	return entry + " " + strconv.FormatInt(s.n, 10) + " " + hex.EncodeToString(s.hash.Sum(nil))
}

// digest is what the trail holds of an entry's versions, which are in the order of the key.
func digest(e Entry, versions []Version) string {
	s := newTally()
	for _, v := range versions {
		s.add(v)
	}
	return s.of(e.ID)
}
