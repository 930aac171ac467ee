package door

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db       *db.DB
	clock    *clock.Clock
	hasher   *auth.Hasher
	people   *account.Service
	sessions *scs.SessionManager
}

// New makes the service. sessions comes from NewSessions on the same database.
func New(d *db.DB, c *clock.Clock, h *auth.Hasher, people *account.Service, sessions *scs.SessionManager) *Service {
	return &Service{db: d, clock: c, hasher: h, people: people, sessions: sessions}
}

const house = "door"

// SignIn checks a password and answers the person's id. An unknown name, a disabled person and a wrong password take the
// same time and get the same answer; address limits the tries.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (string, error) {
	login = account.TidyLogin(login)
	now := s.clock.Milli()
	var who account.Secret
	var allowed bool
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if allowed, err = reserveAttempt(ctx, tx, login, address, now); err != nil || !allowed {
			return err
		}
		who, err = account.SecretByLogin(ctx, tx, login)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if !allowed {
		return "", fault.TooManyf("Đã thử sai quá nhiều lần từ máy này. Hãy thử lại sau %d phút.", windowMinutes)
	}
	fits, err := s.hasher.Check(ctx, who.Password, viet.NFC(password))
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if !fits || who.Disabled {
		return "", fault.Invalid("password", "Tên đăng nhập hoặc mật khẩu không đúng.")
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := settleAttempts(ctx, tx, login, address, now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, auth.Actor{Person: who.Person, Address: address}, audit.Act{At: now, Verb: "sign-in", House: house, Object: who.Person})
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return who.Person, nil
}

// actor reads who a person is today, and the mark that a session of this person must carry: it changes with the password,
// which ends all sessions that were opened with the old one.
func (s *Service) actor(ctx context.Context, person string) (who auth.Actor, mark string, err error) {
	if person == "" {
		return auth.Actor{}, "", nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		who, mark, err = account.LoadActor(ctx, tx, person, s.clock.Today())
		return err
	})
	if err != nil {
		return auth.Actor{}, "", fmt.Errorf("load person: %w", err)
	}
	sum := sha256.Sum256([]byte(mark))
	return who, hex.EncodeToString(sum[:8]), nil
}

// ChangePassword sets one's own password and asks for the present one; it counts as a try to sign in.
func (s *Service) ChangePassword(ctx context.Context, who auth.Actor, present, password, address string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	if err := s.prove(ctx, who.Person, present, address); err != nil {
		return err
	}
	return s.people.ChangePassword(ctx, who, password)
}

// prove asks a person who is in for their present password; it counts as a try to sign in.
func (s *Service) prove(ctx context.Context, person, present, address string) error {
	var sec account.Secret
	allowed := false
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if sec, err = account.SecretOf(ctx, tx, person); err != nil {
			return err
		}
		allowed, err = reserveAttempt(ctx, tx, sec.Login, address, s.clock.Milli())
		return err
	})
	if err != nil {
		return err
	}
	if !allowed {
		return fault.TooManyf("Đã thử sai quá nhiều lần từ máy này. Hãy thử lại sau %d phút.", windowMinutes)
	}
	fits, err := s.hasher.Check(ctx, sec.Password, viet.NFC(present))
	if err != nil {
		return fmt.Errorf("prove a password: %w", err)
	}
	if !fits {
		return fault.Invalid("present", "Mật khẩu hiện tại không đúng.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return settleAttempts(ctx, tx, sec.Login, address, s.clock.Milli()) })
}

// Sweep removes sessions that are over and tries to sign in that no limit needs any more; for a job once an hour.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := deleteSessionsOver(ctx, tx, time.Now()); err != nil {
			return err
		}
		return forgetAttempts(ctx, tx, s.clock.Milli())
	})
}
