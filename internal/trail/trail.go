// Package trail shows the audit trail to people: who did what, when, for whom and why, each act as a sentence, limited to the
// reader's part of the tree; and the register of personal data, with the export and the erasure of one person. It refuses
// to write to the trail of others' acts, to tell an act's details to somebody who may see only some of the units that it
// concerns, and to show where somebody acted from more closely than their network.
package trail

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// Face is the trail as one permission shows it: what its holders may ask for, and under which path.
type Face struct {
	Permission auth.Permission
	Path       string
	Houses     []string // none for all
}

// The two faces. An administrator looks after people and settings, and is shown no content for it.
var (
	Auditing       = Face{Permission: auth.Audit, Path: "/nhat-ky"}
	Administrating = Face{Permission: auth.Admin, Path: "/nhat-ky-quan-tri", Houses: []string{"account", "role", "door", "setting", "mail", "personal", "key"}}
)

// Shows tells whether a house's acts are part of the face.
func (f Face) Shows(house string) bool { return len(f.Houses) == 0 || slices.Contains(f.Houses, house) }

// Filter is what a reader asks for; empty fields ask for nothing. Before is where an older page begins.
type Filter struct {
	Person   string // id
	Unit     string // code; with all below it
	House    string
	Verb     string
	Object   string
	From, To string // days, both inside
	Before   Cursor
}

// Empty tells whether nothing is asked for.
func (f Filter) Empty() bool { f.Before = Cursor{}; return f == Filter{} }

// Cursor is the place of an entry in the list, which has the newest first.
type Cursor struct {
	At int64
	ID string
}

// String is the cursor in an address.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.At, 10) + "-" + c.ID
}

// ReadCursor reads what String wrote; anything else is no place in the list.
func ReadCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	at, id, ok := strings.Cut(text, "-")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 {
		return Cursor{}, fault.NotFound()
	}
	return Cursor{n, id}, nil
}

// Line is an entry as a reader meets it. Partial says that it also concerns units beyond what the reader may see; then it
// says who did what and when, and nothing more.
type Line struct {
	audit.Entry
	Who     string // name of the person; empty when nobody knows them
	ForWho  string
	Units   []UnitName // those that the reader may see
	Beyond  int        // how many they may not
	Partial bool
	Thing   Thing
}

// UnitName is a unit that an entry concerns.
type UnitName struct{ Code, Name string }

// Thing is what an act was done to: its kind in words, with what fills them, and the page that shows it. Args that are
// texts are names of things, never of persons.
type Thing struct {
	Words string
	Args  []any
	Path  string
}

// Link is the thing's page as far as the reader's permissions open it: who reads what was done to a person need not be one
// who administers people.
func (t Thing) Link(who auth.Actor) string {
	person, aPerson := strings.CutPrefix(t.Path, "/nguoi-dung/")
	switch {
	case aPerson && person == who.Person:
		return "/tai-khoan"
	case (aPerson || strings.HasPrefix(t.Path, "/vai-tro/")) && !who.Has(auth.Admin),
		strings.HasPrefix(t.Path, "/nhap/") && !who.Has(auth.Enter):
		return ""
	}
	return t.Path
}

// Network is where somebody acted from, no closer than the network: the last byte of an IPv4 address, and all but the first
// six of an IPv6 one, are left out.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 24
	if a = a.Unmap(); a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.Masked().String()
}

// Cell is a number that an act wrote, beside the one that it replaced; Old is empty where there was none.
type Cell struct {
	UnitCode, Unit, Period, Code, Indicator, Part string
	Approved                                      bool
	Old, New                                      string
}
