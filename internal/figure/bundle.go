package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// bundle is what one row of the roll-up holds: the sums of a unit and all below it in one period and layer, in the order of
// indicator and part, none of them empty. A bundle is never changed once made; it may be shared.
//
// Its text has an item for each sum, with a space between: "indicator:sum", ".part" behind the indicator where it is not the
// total, "/n" behind the sum where it is not of exactly one figure, and a letter with a count for each kind of figure that is
// not exact: "7:35000 8.2:120/17o3u1". A form of sixty cells touches one such row for each ancestor, and a page of three years
// reads twelve of them, where a row for each sum took sixty times as many.
type bundle []line

// line is one sum of a bundle.
type line struct {
	indicator, part int64
	Sum
}

func (l line) compare(o line) int {
	return cmp.Or(cmp.Compare(l.indicator, o.indicator), cmp.Compare(l.part, o.part))
}

// newBundle brings lines in order and adds those of one indicator and part up. It takes the slice over.
func newBundle(lines []line) bundle {
	if !slices.IsSortedFunc(lines, line.compare) {
		slices.SortStableFunc(lines, line.compare)
	}
	out := lines[:0]
	for _, l := range lines {
		if n := len(out); n > 0 && out[n-1].compare(l) == 0 {
			out[n-1].Sum = out[n-1].Plus(l.Sum)
			continue
		}
		out = append(out, l)
	}
	return slices.DeleteFunc(out, func(l line) bool { return l.empty() })
}

// plus adds two bundles.
func (b bundle) plus(o bundle) bundle {
	if len(b) == 0 {
		return o
	}
	if len(o) == 0 {
		return b
	}
	out := make(bundle, 0, max(len(b), len(o)))
	for len(b) > 0 && len(o) > 0 {
		switch c := b[0].compare(o[0]); {
		case c < 0:
			out, b = append(out, b[0]), b[1:]
		case c > 0:
			out, o = append(out, o[0]), o[1:]
		default:
			if s := b[0].Plus(o[0].Sum); !s.empty() {
				out = append(out, line{b[0].indicator, b[0].part, s})
			}
			b, o = b[1:], o[1:]
		}
	}
	return append(append(out, b...), o...)
}

func (b bundle) times(w int64) bundle {
	if w == 1 {
		return b
	}
	out := make(bundle, len(b))
	for i, l := range b {
		out[i] = line{l.indicator, l.part, l.Sum.times(w)}
	}
	return slices.DeleteFunc(out, func(l line) bool { return l.empty() })
}

// kinds are the letters of the counts of figures that are not exact, in the order of Sum's fields.
const kinds = "oyalmu"

func (s *Sum) kind(letter byte) *int64 {
	switch letter {
	case 'o':
		return &s.Over
	case 'y':
		return &s.Nearly
	case 'a':
		return &s.About
	case 'l':
		return &s.AtLeast
	case 'm':
		return &s.AtMost
	case 'u':
		return &s.Unquantified
	}
	return nil
}

func (b bundle) text() string {
	out := make([]byte, 0, 16*len(b))
	for i := range b {
		l := &b[i]
		if i > 0 {
			out = append(out, ' ')
		}
		out = strconv.AppendInt(out, l.indicator, 10)
		if l.part != 0 {
			out = strconv.AppendInt(append(out, '.'), l.part, 10)
		}
		out = strconv.AppendInt(append(out, ':'), l.Sum.Sum, 10)
		if l.N != 1 {
			out = strconv.AppendInt(append(out, '/'), l.N, 10)
		}
		if l.Sum == (Sum{Sum: l.Sum.Sum, N: l.N}) {
			continue
		}
		for _, letter := range []byte(kinds) {
			if n := *l.kind(letter); n != 0 {
				out = strconv.AppendInt(append(out, letter), n, 10)
			}
		}
	}
	return string(out)
}

// readBundle reads a text line by line, without making the bundle: a page adds the lines up in a table of its own.
func readBundle(text []byte, each func(line)) error {
	rest := text
	number := func() (n int64, ok bool) {
		i, minus := 0, false
		if len(rest) > 0 && rest[0] == '-' {
			i, minus = 1, true
		}
		from := i
		for i < len(rest) && '0' <= rest[i] && rest[i] <= '9' {
			n = n*10 + int64(rest[i]-'0')
			i++
		}
		if minus {
			n = -n
		}
		ok, rest = i > from, rest[i:]
		return n, ok
	}
	next := func(c byte) bool {
		if len(rest) == 0 || rest[0] != c {
			return false
		}
		rest = rest[1:]
		return true
	}
	for first := true; len(rest) > 0; first = false {
		ok := first || next(' ')
		take := func(into *int64) {
			n, good := number()
			*into, ok = n, ok && good
		}
		l := line{Sum: Sum{N: 1}}
		take(&l.indicator)
		if next('.') {
			take(&l.part)
		}
		ok = ok && next(':')
		take(&l.Sum.Sum)
		if next('/') {
			take(&l.N)
		}
		for ok && len(rest) > 0 && rest[0] != ' ' {
			into := l.kind(rest[0])
			if into == nil {
				ok = false
				break
			}
			rest = rest[1:]
			take(into)
		}
		if !ok {
			return fmt.Errorf("sums %q cannot be read at %d", text, len(text)-len(rest))
		}
		each(l)
	}
	return nil
}

func parseBundle(text []byte) (bundle, error) {
	var lines []line
	err := readBundle(text, func(l line) { lines = append(lines, l) })
	return newBundle(lines), err
}
