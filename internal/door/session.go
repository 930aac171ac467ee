package door

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
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
func NewSessions(d *db.DB, c *clock.Clock, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{d, c}
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
// demonstration lives in another year, its visitors' browsers do not. What people read of them is the site's time.
type sessionStore struct {
	db    *db.DB
	clock *clock.Clock
}

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
	var held sessionData
	if err := json.Unmarshal(data, &held); err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	v := held.Values
	opened, _ := strconv.ParseInt(v[sessionOpened], 10, 64) // a visitor's session has none
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into session(token, data, expiry, seen, id, person, opened, address, device, method)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			on conflict (token) do update set data = excluded.data, expiry = excluded.expiry, seen = excluded.seen, id = excluded.id,
				person = excluded.person, opened = excluded.opened, address = excluded.address, device = excluded.device, method = excluded.method
			where session.ended = 0`, token, data, expiry.UnixMilli(), s.clock.Milli(),
			v[sessionID], v[sessionPerson], opened, v[sessionAddress], v[sessionDevice], v[sessionMethod])
		return err
	})
}

// DeleteCtx ends the session and keeps its row: of a request that is still under way, CommitCtx would write it anew.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.WriteGuarded(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update session set ended = $2, ended_by = person, data = $3 where token = $1 and ended = 0`, token, s.clock.Milli(), []byte{})
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

// readSession gives nil for a session that is unknown, over or ended.
func readSession(ctx context.Context, tx *db.Tx, token string) (data []byte, expiry int64, err error) {
	err = tx.QueryRow(ctx, `select data, expiry from session where token = $1 and expiry > $2 and ended = 0`, token, time.Now().UnixMilli()).
		Scan(&data, &expiry)
	if db.Missing(err) {
		return nil, 0, nil
	}
	return data, expiry, err
}

// tokenDigest is how scs names a token to its store (HashTokenInStore).
func tokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// lost is what became of a session that a browser still shows.
type lost int

const (
	unknown  lost = iota
	expired       // idle or old
	endedOwn      // by its person, from another browser
	endedByOther
)

// lostSession finds what became of the session with that token, if its row is still there.
func lostSession(ctx context.Context, tx *db.Tx, token string) (lost, error) {
	var person, by string
	var ended int64
	err := tx.QueryRow(ctx, `select person, ended, ended_by from session where token = $1 and person <> ''`, tokenDigest(token)).Scan(&person, &ended, &by)
	switch {
	case db.Missing(err):
		return unknown, nil
	case err != nil:
		return unknown, err
	case ended == 0:
		return expired, nil
	case by == person:
		return endedOwn, nil
	}
	return endedByOther, nil
}

// listSessions lists the open sessions of a person, the one used last first. mark is what a session of theirs must carry.
func listSessions(ctx context.Context, tx *db.Tx, person, mark string) ([]Session, error) {
	rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Session, error) {
		var x Session
		var data []byte
		if err := rows.Scan(&x.ID, &x.Opened, &x.Seen, &x.Address, &x.Device, &x.Method, &data); err != nil {
			return x, err
		}
		var held sessionData
		if json.Unmarshal(data, &held) != nil || held.Values[sessionMark] != mark {
			x.ID = "" // opened with an older password: over as soon as it is shown
		}
		return x, nil
	}, `select id, opened, seen, address, device, method, data from session where person = $1 and ended = 0 and expiry > $2
		order by seen desc, id desc`, person, time.Now().UnixMilli())
	return slices.DeleteFunc(rows, func(x Session) bool { return x.ID == "" }), err
}

// endSession ends one session of a person, or (id empty) all but one, and answers how many.
func endSession(ctx context.Context, tx *db.Tx, person, id, except, by string, now int64) (int64, error) {
	return tx.Exec(ctx, `update session set ended = $1, ended_by = $2, data = $3
		where person = $4 and ended = 0 and ($5 = '' or id = $5) and id <> $6`, now, by, []byte{}, person, id, except)
}

// afterwards is how long the row of a session that is over stays: longer than any request takes, and long enough to tell the
// person why they must sign in again.
const afterwards = 12 * time.Hour

func deleteSessionsOver(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `delete from session where expiry < $1`, now.Add(-afterwards).UnixMilli())
	return err
}

// mayEnd lets people at their own sessions, and administrators at those of whom they administer wholly.
func (s *Service) mayEnd(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error {
	if who.SignedIn() && who.Person == person {
		return nil
	}
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	return s.people.MayChangeIn(ctx, tx, who, person)
}

// Sessions lists the open sessions of oneself, or of somebody whom the actor administers wholly, the one used last first.
func (s *Service) Sessions(ctx context.Context, who auth.Actor, person string) (out []Session, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := s.mayEnd(ctx, tx, who, person); err != nil {
			return err
		}
		_, hash, err := account.LoadActor(ctx, tx, person, s.clock.Today())
		if err != nil {
			return err
		}
		out, err = listSessions(ctx, tx, person, markOf(hash))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// EndSession ends one session. Who is in by it is out at their next request.
func (s *Service) EndSession(ctx context.Context, who auth.Actor, person, id string) error {
	n := int64(0)
	if id != "" {
		var err error
		if n, err = s.end(ctx, who, person, id, ""); err != nil {
			return err
		}
	}
	if n == 0 {
		return fault.Conflict("Phiên đăng nhập này đã kết thúc từ trước.")
	}
	return nil
}

// EndSessions ends all sessions but one, or all with except empty, and answers how many.
func (s *Service) EndSessions(ctx context.Context, who auth.Actor, person, except string) (int64, error) {
	return s.end(ctx, who, person, "", except)
}

func (s *Service) end(ctx context.Context, who auth.Actor, person, id, except string) (n int64, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.mayEnd(ctx, tx, who, person); err != nil {
			return err
		}
		n, err = s.endIn(ctx, tx, who, person, id, except)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("end session: %w", err)
	}
	return n, nil
}

// endIn is end within a transaction of somebody who may.
func (s *Service) endIn(ctx context.Context, tx *db.Tx, who auth.Actor, person, id, except string) (int64, error) {
	now := s.clock.Milli()
	n, err := endSession(ctx, tx, person, id, except, who.Person, now)
	if err != nil || n == 0 {
		return n, err
	}
	return n, audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "end-session", House: house, Object: person, Detail: map[string]any{"session": id, "sessions": n}})
}

// leave ends the session by which who asks is in, of their own will.
func (s *Service) leave(ctx context.Context, who auth.Actor, session string) error {
	if !who.SignedIn() || session == "" {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.clock.Milli()
		n, err := endSession(ctx, tx, who.Person, session, "", who.Person, now)
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "sign-out", House: house, Object: who.Person})
	})
}

// lost tells what became of the session whose token a browser still shows.
func (s *Service) lost(ctx context.Context, token string) (what lost, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		what, err = lostSession(ctx, tx, token)
		return err
	})
	return what, err
}
