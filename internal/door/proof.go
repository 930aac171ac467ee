package door

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/db"
)

// halfMinutes is how long the first step stands without the second.
const halfMinutes = 10

// The session's keys of a person who has done the first step only. They are others than those of a person who is in: Load
// knows nothing of them, so that half a session is a visitor's, whatever route it asks.
const (
	halfPerson = "half-person"
	halfMark   = "half-mark"
	halfMethod = "half-method"
	halfAt     = "half-at"
)

// More keys of a session that is open.
const (
	sessionProved = "proved" // when the person last showed who they are; the machine's time
	sessionOwes   = "owes"   // set while the person must add a second factor before anything else
)

// asked is what a way in still asks for.
type asked int

const (
	askNothing asked = iota
	askSecond        // the second step
	askFactor        // to add a second factor before anything else
)

// asks tells what a person who came by a method must show beside. A provider that has asked for two factors and a passkey,
// which is two, need nothing more; a demonstration's roles are open to everybody.
func (s *Service) asks(ctx context.Context, tx *db.Tx, person, method string) (asked, error) {
	switch method {
	case byStrong, byPasskey, byDemo:
		return askNothing, nil
	}
	list, err := listFactors(ctx, tx, person)
	if err != nil {
		return askNothing, err
	}
	if len(list) > 0 {
		return askSecond, nil
	}
	need, err := s.needed(ctx, tx, person)
	if err != nil || !need {
		return askNothing, err
	}
	return askFactor, nil
}

func (s *Service) asked(ctx context.Context, person, method string) (ask asked, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		ask, err = s.asks(ctx, tx, person, method)
		return err
	})
	return ask, err
}

// open begins a session with a new token: one that was known before the sign-in must not become the person's. method is how
// they came in. Whoever calls it has seen proof of who they are. It tells how often others have changed the person's factors since they were last told.
func (s *Service) open(ctx context.Context, person, method string) (news int64, err error) {
	owes := askNothing
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if news, err = untold(ctx, tx, person); err != nil {
			return err
		}
		owes, err = s.asks(ctx, tx, person, method)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sign in: %w", err)
	}
	if err := s.renew(ctx, person, method); err != nil {
		return 0, err
	}
	if err := s.arrived(ctx, person, method); err != nil {
		return 0, err
	}
	if owes == askFactor {
		s.sessions.Put(ctx, sessionOwes, "1")
	}
	return news, nil
}

// renew gives the session a new token and makes it the person's as they are now.
func (s *Service) renew(ctx context.Context, person, method string) error {
	_, mark, err := s.actor(ctx, person)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.forgetHalf(ctx)
	s.sessions.Put(ctx, sessionPerson, person)
	s.sessions.Put(ctx, sessionMark, mark)
	s.sessions.Put(ctx, sessionMethod, method)
	s.sessions.Remove(ctx, sessionStands)
	s.proved(ctx)
	return nil
}

// reproved is proved for a person who is in already: the try that it took is no way in that was left half done.
func (s *Service) reproved(ctx context.Context, person string, from Origin) error {
	s.proved(ctx)
	return s.db.Write(ctx, func(tx *db.Tx) error { return forgetPassed(ctx, tx, person, from) })
}

// proved remembers that the person has shown who they are just now.
func (s *Service) proved(ctx context.Context) {
	s.sessions.Put(ctx, sessionProved, strconv.FormatInt(s.machine.Milli(), 10))
}

// provedAt is when the person last did. A demonstration has nothing to ask for and never asks.
func (s *Service) provedAt(ctx context.Context) int64 {
	if s.sessions.GetString(ctx, sessionMethod) == byDemo {
		return s.machine.Milli()
	}
	at, _ := strconv.ParseInt(s.sessions.GetString(ctx, sessionProved), 10, 64) // 0 is never
	return at
}

// openHalf remembers the first step, with a new token too, and ends whoever was in.
func (s *Service) openHalf(ctx context.Context, person, method string) error {
	_, mark, err := s.actor(ctx, person)
	if err != nil {
		return err
	}
	if err := s.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, halfPerson, person)
	s.sessions.Put(ctx, halfMark, mark)
	s.sessions.Put(ctx, halfMethod, method)
	s.sessions.Put(ctx, halfAt, strconv.FormatInt(s.machine.Milli(), 10))
	return nil
}

// paid lets a person on who has added the factor that they owed.
func (s *Service) paid(ctx context.Context) { s.sessions.Remove(ctx, sessionOwes) }

// half is a first step.
type half struct {
	Person, Method string
	Factors        Factors
}

// halfOf reads the first step of a session; the zero half when there is none, it is too old, or the person's password has
// changed since.
func (s *Service) halfOf(ctx context.Context) (half, error) {
	h := half{Person: s.sessions.GetString(ctx, halfPerson), Method: s.sessions.GetString(ctx, halfMethod)}
	at, _ := strconv.ParseInt(s.sessions.GetString(ctx, halfAt), 10, 64)
	if age := s.machine.Milli() - at; h.Person == "" || age < 0 || age > halfMinutes*time.Minute.Milliseconds() {
		return half{}, nil
	}
	who, mark, err := s.actor(ctx, h.Person)
	if err != nil {
		return half{}, err
	}
	if !who.SignedIn() || !same(mark, s.sessions.GetString(ctx, halfMark)) {
		return half{}, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		h.Factors, err = s.factors(ctx, tx, h.Person)
		return err
	})
	if err != nil || len(h.Factors.List) == 0 { // an administrator has reset them meanwhile: the way in begins anew
		return half{}, err
	}
	return h, nil
}

func (s *Service) forgetHalf(ctx context.Context) {
	for _, key := range []string{halfPerson, halfMark, halfMethod, halfAt, sessionOwes, sessionLost} {
		s.sessions.Remove(ctx, key)
	}
}

// second does the second step with a code of the app or, when that is empty, with a recovery code.
func (s *Service) second(ctx context.Context, person, code, recovery string, from Origin) error {
	if recovery != "" {
		return s.useRecovery(ctx, person, recovery, from)
	}
	return s.useCode(ctx, person, code, from)
}

// means says by what a person can show again who they are.
type means struct {
	Login                   string
	Password, Code, Passkey bool
	KeyOrigin               string // where the passkey can be used; empty when it cannot
}

func (s *Service) meansOf(ctx context.Context, person string) (m means, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		sec, err := account.SecretOf(ctx, tx, person)
		if err != nil {
			return err
		}
		list, err := listFactors(ctx, tx, person)
		f := Factors{List: list}
		m = means{Login: sec.Login, Password: sec.Password != "", Code: f.Code() != nil, Passkey: len(f.Passkeys()) > 0}
		return err
	})
	return m, err
}
