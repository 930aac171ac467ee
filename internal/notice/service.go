package notice

import (
	"context"
	"database/sql"
	"encoding/json"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
)

// Service is the house's verbs. All of them are about the actor's own notices.
type Service struct {
	db    *db.DB
	clock *clock.Clock
}

// New makes the house.
func New(d *db.DB, c *clock.Clock) *Service { return &Service{d, c} }

const most = 200

// Mine lists the actor's notices, unread ones first, then the latest.
func (s *Service) Mine(ctx context.Context, who auth.Actor) ([]Notice, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	var out []Notice
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, scan, columns+` where person = $1 order by case when read_at = 0 then 0 else 1 end, at desc, id limit $2`, who.Person, most)
		return err
	})
	return out, err
}

const columns = `select id, kind, path, at, text, args, read_at from notice`

func scan(rows *sql.Rows) (Notice, error) {
	var n Notice
	var args string
	if err := rows.Scan(&n.ID, &n.Kind, &n.Path, &n.At, &n.Text, &args, &n.Read); err != nil {
		return n, err
	}
	return n, json.Unmarshal([]byte(args), &n.Args)
}

// Unread counts what the actor has not read.
func (s *Service) Unread(ctx context.Context, who auth.Actor) (n int, err error) {
	if !who.SignedIn() {
		return 0, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from notice where person = $1 and read_at = 0`, who.Person).Scan(&n)
	})
	return n, err
}

// Read marks one of the actor's notices as read and answers it.
func (s *Service) Read(ctx context.Context, who auth.Actor, id string) (Notice, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return Notice{}, err
	}
	var out Notice
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		found, err := db.Collect(ctx, tx, scan, columns+` where person = $1 and id = $2`, who.Person, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound()
		}
		out = found[0]
		_, err = tx.Exec(ctx, `update notice set read_at = $2 where id = $1 and read_at = 0`, id, s.clock.Milli())
		return err
	})
	return out, err
}

// ReadAll marks all of the actor's notices as read.
func (s *Service) ReadAll(ctx context.Context, who auth.Actor) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update notice set read_at = $2 where person = $1 and read_at = 0`, who.Person, s.clock.Milli())
		return err
	})
}

// Sweep forgets what was read long ago.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from notice where read_at > 0 and read_at < $1`, s.clock.Milli()-keepRead.Milliseconds())
		return err
	})
}
