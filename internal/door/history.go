package door

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/web"
)

// Arrival is one sign-in of a person, or a try. News says that it came from a device of which the person has not yet said that
// it is theirs.
type Arrival struct {
	ID, Address, Device, Method, Outcome string
	At                                   int64
	News                                 bool

	place string
}

// HistoryDaysSetting is how many days the sign-ins of people are kept.
const HistoryDaysSetting = "door.history-days"

const (
	deviceDays  = 180 // that a browser is known after it was last used to sign in
	historyRows = 50  // that a page shows
)

// History lists the latest sign-ins of oneself, or of somebody whom the actor administers wholly, and the tries, newest first.
func (s *Service) History(ctx context.Context, who auth.Actor, person string) (out []Arrival, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := s.mayEnd(ctx, tx, who, person); err != nil {
			return err
		}
		out, err = listArrivals(ctx, tx, person)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sign-in history: %w", err)
	}
	return out, nil
}

func listArrivals(ctx context.Context, tx *db.Tx, person string) ([]Arrival, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (a Arrival, err error) {
		err = rows.Scan(&a.ID, &a.At, &a.Address, &a.Device, &a.Method, &a.Outcome, &a.News, &a.place)
		return a, err
	}, `select id, at, address, device, method, outcome, news, place from sign_in_attempt where person = $1 and outcome <> $2
		order by at desc, id desc limit $3`, person, underWay, historyRows)
}

// Strange are the sign-ins from new devices, other than the one that asks (here), of which oneself has not said anything yet.
func Strange(history []Arrival, here string) []Arrival {
	var out []Arrival
	for _, a := range history {
		if a.News && a.place != here {
			out = append(out, a)
		}
	}
	return out
}

// Recognise says of the sign-ins from new devices that the person has seen them. From such a device itself nobody can.
func (s *Service) Recognise(ctx context.Context, who auth.Actor, here string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update sign_in_attempt set news = false where person = $1 and news and place <> $2`, who.Person, here)
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "know-device", House: house, Object: who.Person, Detail: map[string]any{"sign-ins": n}})
	})
}

// Disown is for a sign-in that was not the person's own: everything but the session that asks ends, and no browser but this one
// is known any more. It answers how many sessions ended.
func (s *Service) Disown(ctx context.Context, who auth.Actor, session string, here string) (n int64, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if n, err = s.endIn(ctx, tx, who, who.Person, "", session); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update sign_in_attempt set news = false where person = $1 and news and place <> $2`, who.Person, here); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from known_device where person = $1 and token <> $2`, who.Person, here); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "disown-sign-in", House: house, Object: who.Person})
	})
	return n, err
}

// forgetTries removes the sign-ins whose time is over; of names that nobody has after a day.
func (s *Service) forgetTries(ctx context.Context, tx *db.Tx) error {
	now := s.clock.Milli()
	before, err := SignIns.Before(ctx, tx, now)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `delete from sign_in_attempt where at < $1 and (person = '' or at < $2)`, now-day, before)
	if err != nil {
		return err
	}
	if err := SignIns.Ran(ctx, tx, now, n); err != nil {
		return err
	}
	if before, err = Devices.Before(ctx, tx, now); err != nil {
		return err
	}
	if n, err = tx.Exec(ctx, `delete from known_device where seen < $1`, before); err != nil {
		return err
	}
	if err := Devices.Ran(ctx, tx, now, n); err != nil {
		return err
	}
	return s.forgetSlips(ctx, tx)
}

// Forget removes all that this house holds about a person, within the transaction of those who erase them.
func Forget(ctx context.Context, tx *db.Tx, person string) error {
	for _, table := range []string{"session", "sign_in_attempt", "known_device", "invitation", "factor", "recovery_code", "factor_event", "person_identity", "provider_flow"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where person = $1`, person); err != nil {
			return fmt.Errorf("forget a person: %w", err)
		}
	}
	return nil
}

// Sweep removes sessions that are over and sign-ins whose time is; for a job once an hour.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := deleteSessionsOver(ctx, tx, time.Now()); err != nil {
			return err
		}
		return s.forgetTries(ctx, tx)
	})
}

// deviceCookie names a browser from which somebody has signed in. It opens nothing: tries from there are only not counted
// with those of strangers.
const deviceCookie = "may"

// originOf is where a request comes from.
func originOf(ctx context.Context) Origin {
	o := Origin{Address: web.Address(ctx), Device: deviceOf(web.Agent(ctx)), Token: web.Cookie(ctx, deviceCookie)}
	if len(o.Token) != len(rand.Text()) {
		o.Token = ""
	}
	return o
}

// arrived writes down that a person has come in, and gives the new session what it is listed by and the browser what it is known by.
func (s *Service) arrived(ctx context.Context, person, method string) error {
	from := originOf(ctx)
	if from.Token == "" {
		from.Token = rand.Text()
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.arrive(ctx, tx, person, method, from) }); err != nil {
		return fmt.Errorf("arrive: %w", err)
	}
	s.sessions.Put(ctx, sessionID, db.NewID())
	s.sessions.Put(ctx, sessionOpened, strconv.FormatInt(s.clock.Milli(), 10))
	s.sessions.Put(ctx, sessionAddress, from.Address)
	s.sessions.Put(ctx, sessionDevice, from.Device)
	s.sessions.Put(ctx, sessionPlace, from.known())
	web.KeepCookie(ctx, deviceCookie, from.Token, deviceDays)
	return nil
}
