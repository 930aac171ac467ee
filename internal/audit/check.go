package audit

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"time"

	"giaoban/internal/db"
)

// Fault is what somebody did to the trail behind the program's back.
type Fault string

const (
	Changed  Fault = "changed"  // the entry does not say any more what was sealed
	Removed  Fault = "removed"  // sealed, and gone
	Inserted Fault = "inserted" // an entry that no sealer met at its time
	Order    Fault = "order"    // the seal does not follow the one before it: moved, or one before it was taken out
	End      Fault = "end"      // the chain does not end where the last sealer left it
	Hidden   Fault = "hidden"   // queries find it under other units than it names
)

// Flaw is a Fault of one entry. Seq is its number in the chain, 0 without one; At, Person, Verb, House and Object are what
// the entry says now, empty when it is gone.
type Flaw struct {
	Fault  Fault  `json:"fault"`
	Seq    int64  `json:"seq,omitempty"`
	Entry  string `json:"entry,omitempty"`
	At     int64  `json:"at,omitempty"`
	Person string `json:"person,omitempty"`
	Verb   string `json:"verb,omitempty"`
	House  string `json:"house,omitempty"`
	Object string `json:"object,omitempty"`
}

// Checked is what Check found. Seq and Hash are the chain's end: kept elsewhere, they show later that nobody has replaced
// the chain as a whole.
type Checked struct {
	Sealed  int64  `json:"sealed"`
	Waiting int64  `json:"waiting"` // entries that the sealer has not met yet
	Flaws   int    `json:"flaws"`
	List    []Flaw `json:"list,omitempty"` // the first hundred
	Hash    string `json:"-"`
}

// late is how long after its time an entry may be committed. A later one was not written by the program.
const late = 10 * time.Minute

// listed bounds the flaws that are named.
const listed = 100

func (c *Checked) add(fault Fault, seq int64, id string, e Entry) {
	c.Flaws++
	if len(c.List) < listed {
		c.List = append(c.List, Flaw{fault, seq, id, e.At, e.Person, e.Verb, e.House, e.Object})
	}
}

// sealed is one link of the chain with the entry that it is about; Entry.ID is empty when that is gone.
type sealed struct {
	seq, at             int64
	id, digest, hash    string
	entry               Entry
	previous, canonical string // what the seal stands on, as far as it is there; the entry's text
}

func endOf(ctx context.Context, tx *db.Tx) (end head, err error) {
	if err = tx.QueryRow(ctx, `select `+headColumns+` from audit_head where one = 1`).Scan(end.into()...); err != nil {
		return end, fmt.Errorf("end of the trail: %w", err)
	}
	return end, nil
}

// chain walks the seals in order.
func chain(ctx context.Context, tx *db.Tx, end head, each func(sealed) error) error {
	previous := end.genesis()
	rows, err := tx.Query(ctx, `select `+orNothing+`, s.seq, s.at, s.entry, s.digest, s.hash from audit_seal s left join audit_entry a on a.id = s.entry order by s.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s := sealed{previous: previous}
		if err := s.entry.scan(rows, &s.seq, &s.at, &s.id, &s.digest, &s.hash); err != nil {
			return err
		}
		if s.entry.ID != "" {
			text, err := s.entry.canonical()
			if err != nil {
				return err
			}
			s.canonical = string(text)
		}
		if err := each(s); err != nil {
			return err
		}
		previous = s.hash
	}
	return rows.Err()
}

// orNothing is columns of an entry that may be gone.
var orNothing = func() string {
	out := strings.Split(columns, ", ")
	for i, c := range out {
		nothing := "''"
		if c == "at" {
			nothing = "0"
		}
		out[i] = "coalesce(a." + c + ", " + nothing + ")"
	}
	return strings.Join(out, ", ")
}()

// Check walks the whole chain in the caller's snapshot. Each entry is judged by the seals that stand beside it, so that one
// act of tampering is named where it was done and not at everything after it.
func Check(ctx context.Context, tx *db.Tx) (Checked, error) {
	var c Checked
	end, err := endOf(ctx, tx)
	if err != nil {
		return c, err
	}
	var last, sealedAt, before int64 // sealedAt is the newest time of sealing, before the newest earlier than that
	var passed string                // the greatest id that a sealer has met
	// A sealer takes entries by their id. One of a time that sealers have long passed was put in later; those from before
	// there was a chain may wait for their first seal, in their order.
	stale := func(e Entry, sealers int64) bool {
		return e.At+late.Milliseconds() < sealers && (e.ID > end.older || e.ID < passed)
	}
	err = chain(ctx, tx, end, func(s sealed) error {
		c.Sealed++
		for last++; last < s.seq; last++ {
			c.add(Removed, last, "", Entry{})
		}
		if s.at > sealedAt {
			before, sealedAt = sealedAt, s.at
		}
		switch {
		case s.entry.ID == "":
			c.add(Removed, s.seq, s.id, Entry{})
		case hexSum([]byte(s.canonical)) != s.digest:
			c.add(Changed, s.seq, s.id, s.entry)
		case link(s.previous, s.at, s.digest) != s.hash:
			c.add(Order, s.seq, s.id, s.entry)
		case s.at == sealedAt && stale(s.entry, before):
			c.add(Inserted, s.seq, s.id, s.entry)
		}
		c.Hash, passed = s.hash, max(passed, s.id)
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("check the trail: %w", err)
	}
	if end.seq != last || end.hash != c.Hash {
		c.add(End, end.seq, "", Entry{})
	}
	if err := c.units(ctx, tx); err != nil {
		return c, err
	}
	loose, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Entry, error) {
		var e Entry
		return e, e.scan(rows)
	}, `select `+columns+` from audit_entry a where not exists (select 1 from audit_seal s where s.entry = a.id) order by a.id`)
	if err != nil {
		return c, err
	}
	for _, e := range loose {
		if stale(e, sealedAt) {
			c.add(Inserted, 0, e.ID, e)
			continue
		}
		c.Waiting++
	}
	return c, nil
}

// units holds the rows by which queries find an entry to the list that was sealed.
func (c *Checked) units(ctx context.Context, tx *db.Tx) error {
	other, err := Where(ctx, tx, `a.units <> coalesce((select '[' || string_agg(cast(u.unit as text), ',' order by u.unit) || ']'
		from audit_unit u where u.entry = a.id), '') order by a.id`)
	if err != nil {
		return fmt.Errorf("units of the trail: %w", err)
	}
	for _, e := range other {
		c.add(Hidden, 0, e.ID, e)
	}
	return nil
}

// Written is what the trail says that an act wrote as figures: text is Act.Figures.
type Written struct {
	At     int64
	Person string
	Text   string
}

// Figures lists what acts have written as figures, and the greatest key of an entry of figures from before there were digests.
func Figures(ctx context.Context, tx *db.Tx) (list []Written, plain int64, err error) {
	end, err := endOf(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	list, err = db.Collect(ctx, tx, func(rows *sql.Rows) (Written, error) {
		var w Written
		return w, rows.Scan(&w.At, &w.Person, &w.Text)
	}, `select at, person, figures from audit_entry where house = 'figure' and figures <> '' order by id`)
	return list, end.plain, err
}

// Export writes the chain as JSON Lines, one seal with its entry a line: an outsider can check it without this program
// (docs/verify-audit). The entry's text stands in the line as its digest was made over it; of one that is gone, null.
func Export(ctx context.Context, tx *db.Tx, out io.Writer) error {
	end, err := endOf(ctx, tx)
	if err != nil {
		return err
	}
	if err := chain(ctx, tx, end, func(s sealed) error {
		_, err := fmt.Fprintf(out, `{"seq":%d,"previous":%q,"at":%d,"digest":%q,"hash":%q,"entry":%s}`+"\n", s.seq, s.previous, s.at, s.digest, s.hash,
			cmp.Or(s.canonical, "null"))
		return err
	}); err != nil {
		return fmt.Errorf("export the trail: %w", err)
	}
	return nil
}
