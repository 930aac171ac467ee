package audit

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/db"
)

// Where lists the entries for which a condition on audit_entry a holds; the condition carries their order and limit too.
// Whether the reader may see them is the caller's to say in it.
func Where(ctx context.Context, tx *db.Tx, condition string, args ...any) ([]Entry, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Entry, error) {
		var e Entry
		return e, e.scan(rows)
	}, `select `+columns+` from audit_entry a where `+condition, args...)
}

// Place is where an entry stands in the chain. Fits tells whether it still says what was sealed there.
type Place struct {
	Seq      int64
	At       int64 // when it was sealed
	Hash     string
	Previous string
	Fits     bool
}

// PlaceOf finds an entry's place; false while it waits for its seal.
func PlaceOf(ctx context.Context, tx *db.Tx, e Entry) (Place, bool, error) {
	var p Place
	var digest string
	err := tx.QueryRow(ctx, `select s.seq, s.at, s.digest, s.hash, coalesce((select b.hash from audit_seal b where b.seq = s.seq - 1), '')
		from audit_seal s where s.entry = $1`, e.ID).Scan(&p.Seq, &p.At, &digest, &p.Hash, &p.Previous)
	if db.Missing(err) {
		return Place{}, false, nil
	}
	if err != nil {
		return Place{}, false, fmt.Errorf("place of an entry: %w", err)
	}
	if p.Seq == 1 {
		end, err := endOf(ctx, tx)
		if err != nil {
			return Place{}, false, err
		}
		p.Previous = end.genesis()
	}
	text, err := e.canonical()
	if err != nil {
		return Place{}, false, err
	}
	p.Fits = hexSum(text) == digest && link(p.Previous, p.At, digest) == p.Hash
	return p, true, nil
}
