package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"giaoban/internal/db"
)

// canonical is the text that an entry's digest is over: one JSON object with the keys in this order, empty ones left out.
// A column that is added later must be left out where it is empty, so that older seals stand.
func (e Entry) canonical() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		ID        string `json:"id"`
		At        int64  `json:"at"`
		Person    string `json:"person"`
		ActingFor string `json:"acting_for,omitempty"`
		Address   string `json:"address,omitempty"`
		Verb      string `json:"verb"`
		House     string `json:"house"`
		Object    string `json:"object"`
		Units     any    `json:"units,omitempty"`
		Reason    string `json:"reason,omitempty"`
		Detail    any    `json:"detail,omitempty"`
		Before    any    `json:"before,omitempty"`
		After     any    `json:"after,omitempty"`
		Figures   string `json:"figures,omitempty"`
	}{
		e.ID, e.At, e.Person, e.ActingFor, e.Address, e.Verb, e.House, e.Object, stored(e.units), e.Reason, stored(e.Detail), stored(e.Before),
		stored(e.After), e.Figures,
	})
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// stored gives JSON as it stands in a column; what somebody has made unreadable goes as a string.
func stored(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}

func hexSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// link is the hash of a seal: over the one before it, the time of sealing and the entry's digest.
func link(previous string, at int64, digest string) string {
	return hexSum([]byte(previous + "\n" + strconv.FormatInt(at, 10) + "\n" + digest))
}

// head is the row where the chain ends.
type head struct {
	seq   int64
	hash  string
	plain int64  // greatest key of an entry of figures from before there were digests
	older string // greatest id of an entry from before there was a chain
}

const headColumns = `seq, hash, plain, older`

func (h *head) into() []any { return []any{&h.seq, &h.hash, &h.plain, &h.older} }

// genesis stands before the first seal. It binds what is said to be from before.
func (h *head) genesis() string {
	return hexSum([]byte(fmt.Sprintf("giaoban %d %s", h.plain, h.older)))
}

// sealedAtOnce bounds a transaction of the sealer, for the sake of those who wait behind it.
const sealedAtOnce = 50

// Seal takes every entry that is not sealed yet into the chain and tells how many there were; now is UTC milliseconds of the
// site's clock. It may run in several processes at once: they take turns on the chain's end.
func Seal(ctx context.Context, d *db.DB, now int64) (n int, err error) {
	for {
		var waiting bool
		if err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `select exists (select 1 from audit_entry where not sealed)`).Scan(&waiting)
		}); err != nil || !waiting {
			return n, err
		}
		var some int
		if err := d.WriteGuarded(ctx, func(tx *db.Tx) (err error) {
			some, err = seal(ctx, tx, now)
			return err
		}); err != nil {
			return n, fmt.Errorf("seal the trail: %w", err)
		}
		if n += some; some < sealedAtOnce { // what has come since waits for the next time
			return n, nil
		}
	}
}

func seal(ctx context.Context, tx *db.Tx, now int64) (int, error) {
	var end head
	if err := tx.QueryRow(ctx, `update audit_head set seq = seq where one = 1 returning `+headColumns).Scan(end.into()...); err != nil {
		return 0, err
	}
	if end.seq == 0 {
		end.hash = end.genesis()
	}
	entries, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Entry, error) {
		var e Entry
		return e, e.scan(rows)
	}, `select `+columns+` from audit_entry where not sealed order by id limit $1`, sealedAtOnce)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	seals := make([][]any, len(entries))
	for i, e := range entries {
		text, err := e.canonical()
		if err != nil {
			return 0, err
		}
		digest := hexSum(text)
		end.seq++
		end.hash = link(end.hash, now, digest)
		seals[i] = []any{end.seq, now, e.ID, digest, end.hash}
	}
	if err := tx.Insert(ctx, `insert into audit_seal(seq, at, entry, digest, hash) values `, ``, seals); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `update audit_entry set sealed = true where not sealed and id <= $1`, entries[len(entries)-1].ID); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `update audit_head set seq = $1, hash = $2 where one = 1`, end.seq, end.hash)
	return len(entries), err
}
