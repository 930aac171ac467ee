package door

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
)

// Codes by the time, as RFC 6238 says and as every app makes them: SHA-1, six digits, thirty seconds. A code of the step
// before or after is taken: telephones' clocks differ. The time is the machine's, not the site's: a demonstration lives in
// another year, its visitors' telephones do not.
const (
	codeDigits  = 6
	codeSeconds = 30
	codeSkew    = 1
	secretBytes = 20
)

// Words under which wrong tries at a person's second step are counted: the right password, which forgives the wrong ones, must
// not forgive these. A code of six digits can be guessed by many tries, a recovery code cannot: whoever uses up the tries of the
// former leaves the latter open to the owner.
func codeTries(person string) string     { return ":ma:" + person }
func recoveryTries(person string) string { return ":khoi-phuc:" + person }

func errWrongCode() error {
	return fault.Invalid("code", "Mã không đúng hoặc đã hết hạn. Hãy nhập mã đang hiện trong ứng dụng.")
}

// tidyDigits takes a code as people type it: apps show a space in the middle, and some keyboards write other digits.
func tidyDigits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９': // full-width, of East Asian keyboards
			return r - '０' + '0'
		case r == ' ', r == '-', r == '.', r == '\u00a0', r == '\u202f', r == '\t':
			return -1
		}
		return 'x' // anything else is a mistake, not decoration
	}, strings.TrimSpace(code))
}

// stepOf is the number of the thirty seconds that a moment lies in.
func stepOf(t time.Time) int64 { return t.Unix() / codeSeconds }

// matchStep gives the step whose code this is, among those around now and after the last one that was taken.
func matchStep(secret, code string, now time.Time, last int64) (int64, bool) {
	code = tidyDigits(code)
	found, step := false, int64(0)
	for at := stepOf(now) - codeSkew; at <= stepOf(now)+codeSkew; at++ {
		fits, err := hotp.ValidateCustom(code, uint64(at), secret, hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && fits && at > last && !found {
			found, step = true, at
		}
	}
	return step, found
}

// Enrolment is an app that waits for its first code.
type Enrolment struct {
	Secret string // base32
	URI    string // otpauth://, for a QR code
}

// Groups is the secret as people type it.
func (e Enrolment) Groups() string {
	var b strings.Builder
	for i, r := range e.Secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// codeOf is what the secret of a person's app is encrypted for.
func codeOf(id, person string) string { return "code:" + id + ":" + person }

// BeginCode makes a secret for the actor's app; it counts once a code of it was given. The app in use stays until then.
func (s *Service) BeginCode(ctx context.Context, who auth.Actor) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	b, err := s.key.box()
	if err != nil {
		return err
	}
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails
	id := db.NewID()
	sealed := b.seal(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw), codeOf(id, who.Person))
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := b.fits(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from factor where person = $1 and kind = $2 and not confirmed`, who.Person, kindCode); err != nil {
			return err
		}
		f := factorRow{Factor: Factor{ID: id, Kind: kindCode, Made: s.clock.Milli()}, person: who.Person, secret: sealed}
		if err := f.insert(ctx, tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "begin-code", House: house, Object: who.Person, Detail: map[string]any{"factor": id}})
	})
}

// factorRow is a factor as stored.
type factorRow struct {
	Factor
	person, secret, credential, record string
	confirmed                          bool
	step                               int64
}

func (f factorRow) insert(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `insert into factor(id, person, kind, name, secret, credential, record, confirmed, step, made, used)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, f.ID, f.person, f.Kind, f.Name, f.secret, f.credential, f.record, f.confirmed, f.step, f.Made, f.Used)
	return err
}

// readCode reads a person's app; found is false when there is none.
func readCode(ctx context.Context, tx *db.Tx, b box, person string, confirmed bool) (f factorRow, secret string, found bool, err error) {
	f.person = person
	err = tx.QueryRow(ctx, `select id, kind, secret, step, made from factor where person = $1 and kind = $2 and confirmed = $3`,
		person, kindCode, confirmed).Scan(&f.ID, &f.Kind, &f.secret, &f.step, &f.Made)
	if db.Missing(err) {
		return f, "", false, nil
	}
	if err != nil {
		return f, "", false, err
	}
	if err := b.fits(ctx, tx); err != nil {
		return f, "", false, err
	}
	if secret, err = b.open(f.secret, codeOf(f.ID, person)); err != nil {
		return f, "", false, fmt.Errorf("the secret of a second factor: %w", err)
	}
	return f, secret, true, nil
}

// Pending gives the actor's app that waits for its first code; not found when none does.
func (s *Service) Pending(ctx context.Context, who auth.Actor) (e Enrolment, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return Enrolment{}, err
	}
	b, err := s.key.box()
	if err != nil {
		return Enrolment{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		_, secret, found, err := readCode(ctx, tx, b, who.Person, false)
		if err != nil || !found {
			return orNotFound(err)
		}
		sec, err := account.SecretOf(ctx, tx, who.Person)
		e = Enrolment{Secret: secret, URI: "otpauth://totp/Giaoban:" + url.PathEscape(sec.Login) + "?" +
			url.Values{"secret": {secret}, "issuer": {"Giaoban"}}.Encode()}
		return err
	})
	return e, err
}

// ConfirmCode puts the actor's waiting app into use once it has shown a right code, in place of the one before. Who has no
// recovery codes yet gets them, to be shown once. The other sessions than the one named end.
func (s *Service) ConfirmCode(ctx context.Context, who auth.Actor, code, session string) (recovery []string, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	b, err := s.key.box()
	if err != nil {
		return nil, err
	}
	recovery, hashes, err := s.makeRecovery(ctx)
	if err != nil {
		return nil, err
	}
	fits, had := false, 0
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		f, secret, found, err := readCode(ctx, tx, b, who.Person, false)
		if err != nil || !found {
			return orNotFound(err)
		}
		var step int64
		if step, fits = matchStep(secret, code, s.machine.Now(), f.step); !fits {
			return nil
		}
		if _, err := tx.Exec(ctx, `delete from factor where person = $1 and kind = $2 and confirmed`, who.Person, kindCode); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update factor set confirmed = true, step = $1 where id = $2`, step, f.ID); err != nil {
			return err
		}
		if had, err = s.added(ctx, tx, who, session, recovery, hashes); err != nil {
			return err
		}
		return s.note(ctx, tx, who, who.Person, "add-code", f.ID, "")
	})
	switch {
	case err != nil:
		return nil, err
	case !fits:
		return nil, errWrongCode()
	case had > 0:
		return nil, nil
	}
	return recovery, nil
}

// added is what every new factor brings: the other sessions end, which did not show it, and who has no recovery codes gets
// them. It answers how many there were.
func (s *Service) added(ctx context.Context, tx *db.Tx, who auth.Actor, session string, codes, hashes []string) (had int, err error) {
	if _, err := s.endIn(ctx, tx, who, who.Person, "", session); err != nil {
		return 0, err
	}
	if had, err = recoveryLeft(ctx, tx, who.Person); err != nil || had > 0 {
		return had, err
	}
	return 0, putRecovery(ctx, tx, who.Person, codes, hashes)
}

// useCode takes a code of a person's app. Each code is good once, which the same transaction keeps.
func (s *Service) useCode(ctx context.Context, person, code string, from Origin) error {
	b, err := s.key.box()
	if err != nil {
		return err
	}
	allowed, fits := false, false
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		var t try
		fits = false
		if t, allowed, err = s.begin(ctx, tx, codeTries(person), person, byCode, from); err != nil || !allowed {
			return err
		}
		f, secret, found, err := readCode(ctx, tx, b, person, true)
		if err != nil {
			return err
		}
		step, right := matchStep(secret, code, s.machine.Now(), f.step)
		if !found || !right {
			return s.settle(ctx, tx, t, secondWrong)
		}
		n, err := tx.Exec(ctx, `update factor set step = $1, used = $2 where id = $3 and step < $1`, step, s.clock.Milli(), f.ID)
		if err != nil {
			return err
		}
		if n == 0 { // another request was faster with the same code
			return s.settle(ctx, tx, t, secondWrong)
		}
		fits = true
		return s.settle(ctx, tx, t, passedTry)
	})
	switch {
	case err != nil:
		return fmt.Errorf("second step: %w", err)
	case !allowed:
		return tooManyTries()
	case !fits:
		return errWrongCode()
	}
	return nil
}
