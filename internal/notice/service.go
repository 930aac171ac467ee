package notice

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/setting"
	"giaoban/internal/web"
)

// Service is the house's verbs. All of them are about the actor's own notices.
type Service struct {
	db    *db.DB
	clock *clock.Clock
	mails *mail.Service
	opt   Options
}

// Options are what the house is told from those above it.
type Options struct {
	// Working tells whether a day (ISO) is worked; letters wait for one. Without it weekends are not.
	Working func(ctx context.Context, tx *db.Tx, day string) (bool, error)
	// Deadlines are what stands in a person's calendar.
	Deadlines func(ctx context.Context, who auth.Actor) ([]doc.Deadline, error)
	SiteName  func(ctx context.Context) string
	Secure    bool // the site is served over HTTPS
}

// New makes the house.
func New(d *db.DB, c *clock.Clock) *Service { return &Service{db: d, clock: c} }

// MailBy gives the house the way by which it writes to people; without it it writes no letter.
func (s *Service) MailBy(m *mail.Service) { s.mails = m }

// mailing tells whether a letter may be asked for.
func (s *Service) mailing(ctx context.Context, tx *db.Tx) (bool, error) {
	if s.mails == nil {
		return false, nil
	}
	return s.mails.Ready(ctx, tx)
}

// Join takes what the houses above give; app calls it once they are there.
func (s *Service) Join(opt Options) { s.opt = opt }

func (s *Service) working(ctx context.Context, tx *db.Tx, day string) (bool, error) {
	if s.opt.Working == nil {
		d := s.clock.Now().Weekday()
		return d != time.Saturday && d != time.Sunday, nil
	}
	return s.opt.Working(ctx, tx, day)
}

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

const columns = `select id, kind, path, at, text, args, read_at, mailed from notice`

func scan(rows *sql.Rows) (Notice, error) {
	var n Notice
	var args string
	if err := rows.Scan(&n.ID, &n.Kind, &n.Path, &n.At, &n.Text, &args, &n.Read, &n.mailed); err != nil {
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

// Sweep forgets what was read long ago, and that letters went out.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from notice where read_at > 0 and read_at < $1`, s.clock.Milli()-keepRead.Milliseconds()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from notice_letter where at < $1`, s.clock.Milli()-keepLetters.Milliseconds())
		return err
	})
}

// Choices are how a person wants to be told, kind by kind, and whether letters reach them at all.
type Choices struct {
	Ways    map[Kind]Way
	Mails   bool // the site sends mail
	Address bool // the person has an address
	Hour    int  // at which gathered letters go out
}

// Letters tells whether any letter can reach the person.
func (c Choices) Letters() bool { return c.Mails && c.Address }

// Choices reads the actor's choices.
func (s *Service) Choices(ctx context.Context, who auth.Actor) (c Choices, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return c, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c = Choices{Ways: map[Kind]Way{}}
		for _, k := range Kinds {
			c.Ways[k] = k.Standard()
		}
		if _, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
			var k Kind
			var w Way
			err := rows.Scan(&k, &w)
			if k.Known() && k.May(w) {
				c.Ways[k] = w
			}
			return struct{}{}, err
		}, `select kind, way from notice_choice where person = $1`, who.Person); err != nil {
			return err
		}
		if c.Hour, err = letterHour(ctx, tx); err != nil {
			return err
		}
		if c.Mails, err = s.mailing(ctx, tx); err != nil {
			return err
		}
		p, err := account.FindIn(ctx, tx, who.Person, s.clock.Today())
		c.Address = p.Email != ""
		if fault.Is(err, fault.KindNotFound) {
			return nil // the program itself
		}
		return err
	})
	return c, err
}

// Choose sets how the actor wants to be told of kinds of notice.
func (s *Service) Choose(ctx context.Context, who auth.Actor, ways map[Kind]Way) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	var bad fault.List
	for k, w := range ways {
		if !k.Known() || !k.May(w) {
			_ = bad.Add(fault.Invalid(string(k), "Hãy chọn một cách trong danh sách."))
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		after := map[string]any{}
		for k, w := range ways {
			after[string(k)] = w
			if _, err := tx.Exec(ctx, `insert into notice_choice(person, kind, way, at) values ($1,$2,$3,$4)
				on conflict (person, kind) do update set way = excluded.way, at = excluded.at`, who.Person, string(k), string(w), s.clock.Milli()); err != nil {
				return err
			}
			// What is still unread follows the new choice: who stops letters gets none of what waits.
			if _, err := tx.Exec(ctx, `update notice set way = $3 where person = $1 and kind = $2 and read_at = 0`, who.Person, string(k), string(w)); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "choose-ways", House: house, Object: who.Person, After: after})
	})
}

const house = "notice"

// Calendar tells since when the actor's calendar has an address; 0 while it has none.
func (s *Service) Calendar(ctx context.Context, who auth.Actor) (made int64, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return 0, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `select made from notice_calendar where person = $1`, who.Person).Scan(&made)
		if db.Missing(err) {
			return nil
		}
		return err
	})
	return made, err
}

// OpenCalendar gives the actor's calendar a new address and answers its key, which is told only this once. An address from before
// leads nowhere then.
func (s *Service) OpenCalendar(ctx context.Context, who auth.Actor) (string, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return "", err
	}
	key := newKey()
	return key, s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into notice_calendar(person, hash, made) values ($1,$2,$3)
			on conflict (person) do update set hash = excluded.hash, made = excluded.made`, who.Person, hashKey(key), s.clock.Milli()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "open-calendar", House: house, Object: who.Person})
	})
}

// CloseCalendar takes the address of the actor's calendar back.
func (s *Service) CloseCalendar(ctx context.Context, who auth.Actor) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `delete from notice_calendar where person = $1`, who.Person)
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "close-calendar", House: house, Object: who.Person})
	})
}

// CalendarOf finds whose calendar a key opens, with their rights of today. Not found where it opens none (any more).
func (s *Service) CalendarOf(ctx context.Context, key string) (who auth.Actor, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		var person string
		err := tx.QueryRow(ctx, `select person from notice_calendar where hash = $1`, hashKey(key)).Scan(&person)
		if db.Missing(err) {
			return fault.NotFound()
		}
		if err != nil {
			return err
		}
		if who, _, err = account.LoadActor(ctx, tx, person, s.clock.Today()); err == nil && !who.SignedIn() {
			return fault.NotFound()
		}
		return err
	})
	return who, err
}

// Deadlines are what stands in the actor's calendar.
func (s *Service) Deadlines(ctx context.Context, who auth.Actor) ([]doc.Deadline, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	if s.opt.Deadlines == nil {
		return nil, nil
	}
	return s.opt.Deadlines(ctx, who)
}

// siteAddress is where people reach the site, as the operator has set it; empty while they have not.
func (s *Service) siteAddress(ctx context.Context) (address string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		address, err = setting.Get(ctx, tx, web.AddressSetting, "")
		return err
	})
	return address, err
}
