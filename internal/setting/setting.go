// Package setting reads and writes the settings of a site: small texts by key, each owned by the house that its key names.
// It knows no key and gives no meaning. It refuses to take a missing setting for an empty one: the caller names what stands
// when nothing is set.
package setting

import (
	"context"
	"fmt"

	"giaoban/internal/db"
)

// Get reads a setting; standard where it is not set.
func Get(ctx context.Context, tx *db.Tx, key, standard string) (string, error) {
	value := standard
	err := tx.QueryRow(ctx, `select value from setting where key = $1`, key).Scan(&value)
	if err != nil && !db.Missing(err) {
		return "", fmt.Errorf("setting %s: %w", key, err)
	}
	return value, nil
}

// Ask is Get as a part of a batch.
func Ask(b *db.Batch, key string, value *string) {
	b.Query(func(scan db.Scan) error { return scan(value) }, `select value from setting where key = $1`, key)
}

// Put writes a setting.
func Put(ctx context.Context, tx *db.Tx, key, value string) error {
	_, err := tx.Exec(ctx, `insert into setting(key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return nil
}
