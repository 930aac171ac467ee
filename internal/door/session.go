package door

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/db"
)

const (
	lifetime = 12 * time.Hour
	idle     = 2 * time.Hour
	// slack is how much longer a session must live before its row is written again: without it each page view of each
	// person would be a durable write.
	slack = 5 * time.Minute
)

// NewSessions makes the session manager over the session table. Tokens are stored hashed: who reads the database cannot
// act as anyone.
func NewSessions(d *db.DB, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{d}
	m.Codec = jsonCodec{}
	m.HashTokenInStore = true
	m.Lifetime = lifetime
	m.IdleTimeout = idle
	m.Cookie.Name = "phien"
	m.Cookie.Secure = secure
	m.Cookie.Persist = false
	if secure {
		m.Cookie.Name = "__Host-phien"
	}
	return m
}

// jsonCodec writes one session always as the same bytes, so that an unchanged one can be told (gob writes the keys of a
// map in random order). It holds strings only.
type jsonCodec struct{}

type sessionData struct {
	Deadline time.Time
	Values   map[string]string
}

func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	data := sessionData{Deadline: deadline.UTC(), Values: map[string]string{}}
	for k, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("session value %q is a %T, not a string", k, v)
		}
		data.Values[k] = text
	}
	return json.Marshal(data)
}

func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var data sessionData
	if err := json.Unmarshal(b, &data); err != nil {
		return time.Time{}, nil, err
	}
	values := make(map[string]any, len(data.Values))
	for k, v := range data.Values {
		values[k] = v
	}
	return data.Deadline, values, nil
}

// sessionStore keeps sessions in the site's database. Their expiry is the machine's time, not the site's: a
// demonstration lives in another year, its visitors' browsers do not.
type sessionStore struct{ db *db.DB }

var _ scs.CtxStore = sessionStore{}

func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		data, _, err = readSession(ctx, tx, token)
		return err
	})
	return data, data != nil, err
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	fresh := false
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		old, until, err := readSession(ctx, tx, token)
		fresh = old != nil && slices.Equal(old, data) && expiry.UnixMilli()-until < slack.Milliseconds()
		return err
	})
	if err != nil || fresh {
		return err
	}
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into session(token, data, expiry) values ($1,$2,$3)
			on conflict (token) do update set data = excluded.data, expiry = excluded.expiry`, token, data, expiry.UnixMilli())
		return err
	})
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from session where token = $1`, token)
		return err
	})
}

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// readSession gives nil for a session that is unknown or over.
func readSession(ctx context.Context, tx *db.Tx, token string) (data []byte, expiry int64, err error) {
	err = tx.QueryRow(ctx, `select data, expiry from session where token = $1 and expiry > $2`, token, time.Now().UnixMilli()).
		Scan(&data, &expiry)
	if db.Missing(err) {
		return nil, 0, nil
	}
	return data, expiry, err
}

func deleteSessionsOver(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `delete from session where expiry < $1`, now.UnixMilli())
	return err
}
