package door

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db       *db.DB
	clock    *clock.Clock
	hasher   *auth.Hasher
	people   *account.Service
	sessions *scs.SessionManager
	machine  *clock.Clock // for what happens between this machine and people's devices, whatever year the site lives in
	key      Key
	mails    *mail.Service // nil: nobody is written to
	landing  string        // where who signs in arrives; empty: the front page
	issuers  *issuers
}

// New makes the service. sessions comes from NewSessions on the same database.
func New(d *db.DB, c *clock.Clock, h *auth.Hasher, people *account.Service, sessions *scs.SessionManager) *Service {
	s := &Service{db: d, clock: c, hasher: h, people: people, sessions: sessions, machine: clock.Real(), issuers: newIssuers()}
	people.Join(account.Entry{CheckEmail: mail.CheckAddress, Waiting: s.Waiting, Out: func(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error {
		_, err := s.endIn(ctx, tx, who, person, "", "")
		return err
	}, Changed: s.changed})
	return s
}

// Keep tells the house the site's key.
func (s *Service) Keep(k Key) { s.key = k }

const house = "door"

// SignIn checks a password and answers the person's id. An unknown name, a disabled person, a person without a password and
// a wrong password take the same time and get the same answer.
func (s *Service) SignIn(ctx context.Context, login, password string, from Origin) (string, error) {
	login = account.TidyLogin(login)
	who, err := s.tryPassword(ctx, byPassword, password, from, func(tx *db.Tx) (account.Secret, error) { return account.SecretByLogin(ctx, tx, login) }, nameless(login),
		fault.Invalid("password", "Tên đăng nhập hoặc mật khẩu không đúng."))
	if err != nil {
		return "", err
	}
	if auth.Outdated(who.Password) { // which ends the sessions that were opened with the old hash
		if err := s.people.Rehash(ctx, who.Person, who.Password, password); err != nil {
			return "", err
		}
	}
	return who.Person, nil
}

// tryPassword is one try: written down, hashed once whoever it is, settled. name is what limits count by when nobody is found,
// wrong the answer that tells nothing.
func (s *Service) tryPassword(ctx context.Context, method, password string, from Origin, find func(*db.Tx) (account.Secret, error), name string, wrong error) (account.Secret, error) {
	var who account.Secret
	var t try
	var allowed bool
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if who, err = find(tx); err != nil {
			return err
		}
		if who.Person != "" {
			name = who.Person
		}
		t, allowed, err = s.begin(ctx, tx, name, who.Person, method, from)
		return err
	})
	if err != nil {
		return who, fmt.Errorf("sign in: %w", err)
	}
	if !allowed {
		return who, tooManyTries()
	}
	fits, err := s.hasher.Check(ctx, who.Password, viet.NFC(password))
	if err != nil {
		return who, fmt.Errorf("sign in: %w", err)
	}
	outcome := passedTry
	if !fits || who.Disabled {
		outcome = wrongTry
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.settle(ctx, tx, t, outcome) }); err != nil {
		return who, fmt.Errorf("sign in: %w", err)
	}
	if outcome == wrongTry {
		return who, wrong
	}
	return who, nil
}

// tooManyTries says the same at each limit.
func tooManyTries() error {
	return fault.TooManyf("Đã thử sai quá nhiều lần. Hãy thử lại sau %d phút, hoặc vào từ máy bạn vẫn dùng.", windowMinutes)
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
	return who, markOf(mark), nil
}

// markOf is the mark of sessions that were opened with the password of that hash. 128 bits.
func markOf(hash string) string {
	sum := sha256.Sum256([]byte(hash))
	return hex.EncodeToString(sum[:16])
}

// ChangePassword sets one's own password and asks for the present one; it counts as a try to sign in.
func (s *Service) ChangePassword(ctx context.Context, who auth.Actor, present, password string, from Origin) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	if err := s.prove(ctx, who.Person, present, from); err != nil {
		return err
	}
	return s.people.ChangePassword(ctx, who, password)
}

// prove asks a person who is in for their present password; it counts as a try to sign in.
func (s *Service) prove(ctx context.Context, person, present string, from Origin) error {
	_, err := s.tryPassword(ctx, byPassword, present, from, func(tx *db.Tx) (account.Secret, error) { return account.SecretOf(ctx, tx, person) }, person,
		fault.Invalid("present", "Mật khẩu hiện tại không đúng."))
	return err
}
