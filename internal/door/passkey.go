package door

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// kindPasskey is a key pair of which a telephone, a computer or a security key keeps the secret half (WebAuthn). Using it takes
// the finger, face or PIN of its owner, so that it is something one has and something one is or knows: both factors.
const kindPasskey = "passkey"

const (
	ceremonyMinutes   = 5
	passkeysPerPerson = 20
	passkeyName       = 60       // characters
	passkeyAnswer     = 32 << 10 // far more than any browser sends
	credentialBytes   = 1023     // WebAuthn, 7.1
)

// What a passkey is asked for.
const (
	forNew    = "new"
	forEntry  = "enter"  // as the whole way in, by somebody of whom nothing is known yet
	forSecond = "second" // beside what has been shown already
	forProof  = "prove"  // by somebody who is in
)

// sessionCeremony holds the question that the browser's passkeys have been asked last; it is answered once.
const sessionCeremony = "passkey"

// ceremony is such a question. Its challenge lives in the session alone.
type ceremony struct {
	For, Person string
	At          int64 // the machine's time
	Data        webauthn.SessionData
	Name        string          `json:",omitempty"` // of the passkey to be
	Options     json.RawMessage `json:",omitempty"` // what the browser is asked
}

// keyRecord is what is kept of a passkey beside its id.
type keyRecord struct {
	Key        []byte // the public half, COSE
	Count      uint32 // how often it has signed, as it says itself; those that live on several devices say 0
	Eligible   bool   // it may live on several devices; never changes
	Transports []protocol.AuthenticatorTransport
	Last       string // tells the challenge that it answered last
}

type keyRow struct {
	Factor
	person, credential, record string
}

func (k keyRow) open() (rec keyRecord, c webauthn.Credential, err error) {
	if err = json.Unmarshal([]byte(k.record), &rec); err != nil {
		return rec, c, err
	}
	c.ID, err = base64.RawURLEncoding.DecodeString(k.credential)
	c.PublicKey, c.Transport, c.Flags.BackupEligible, c.Authenticator.SignCount = rec.Key, rec.Transports, rec.Eligible, rec.Count
	return rec, c, err
}

func credentialText(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// keyOwner is a person as WebAuthn asks for one. The handle that passkeys keep is the person's id, which says nothing of them.
type keyOwner struct {
	person, login, name string
	keys                []webauthn.Credential
}

func (o keyOwner) WebAuthnID() []byte                         { return []byte(o.person) }
func (o keyOwner) WebAuthnName() string                       { return o.login }
func (o keyOwner) WebAuthnDisplayName() string                { return o.name }
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

func (s *Service) keyOwner(ctx context.Context, tx *db.Tx, person string) (o keyOwner, err error) {
	p, err := account.FindIn(ctx, tx, person, s.clock.Today())
	if err != nil {
		return o, err
	}
	o = keyOwner{person: person, login: p.Login, name: p.Name}
	rows, err := listKeys(ctx, tx, `person = $1`, person)
	for _, k := range rows {
		_, c, err := k.open()
		if err != nil {
			return o, fmt.Errorf("a passkey's record: %w", err)
		}
		o.keys = append(o.keys, c)
	}
	return o, err
}

func listKeys(ctx context.Context, tx *db.Tx, where string, arg string) ([]keyRow, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (k keyRow, err error) {
		err = rows.Scan(&k.ID, &k.Kind, &k.Name, &k.Made, &k.Used, &k.person, &k.credential, &k.record)
		return k, err
	}, `select id, kind, name, made, used, person, credential, record from factor where kind = 'passkey' and confirmed and `+where+` order by made, id`, arg)
}

// relying is the site as passkeys know it, for a request that came to a host.
func (s *Service) relying(ctx context.Context, host string) (rp relying, err error) {
	address, err := s.siteAddress(ctx)
	if err != nil {
		return rp, err
	}
	return relyingOf(address, host)
}

// anyPasskey tells whether anybody has one.
func (s *Service) anyPasskey(ctx context.Context) (any bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select exists (select 1 from factor where kind = 'passkey' and confirmed)`).Scan(&any)
	})
	return any, err
}

func errNoPasskeys() error {
	return fault.Refused("Trang này chưa dùng được khóa truy cập. Hãy báo người quản trị máy chủ đặt địa chỉ của trang (https://…).")
}

func errCeremonyOver() error {
	return fault.Invalid("", "Lượt dùng khóa truy cập này đã quá 5 phút hoặc đã dùng rồi. Hãy bấm nút và làm lại.")
}

func errKeyRefused() error {
	return fault.Invalid("", "Khóa truy cập này không mở được. Hãy thử lại, hoặc vào bằng cách khác.")
}

// BeginPasskey asks the actor's browser for a new passkey. Those that the actor has are named to it: one device needs no two.
func (s *Service) BeginPasskey(ctx context.Context, who auth.Actor, rp relying, name string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	name, err := tidyKeyName(name)
	switch {
	case err != nil:
		return err
	case rp.Why != "":
		return errNoPasskeys()
	}
	var owner keyOwner
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		owner, err = s.keyOwner(ctx, tx, who.Person)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin a passkey: %w", err)
	}
	if err := roomFor(len(owner.keys)); err != nil {
		return err
	}
	var have []protocol.CredentialDescriptor
	for _, c := range owner.keys {
		have = append(have, c.Descriptor())
	}
	creation, data, err := rp.BeginRegistration(owner, webauthn.WithCredentialParameters(keyKinds()), webauthn.WithExclusions(have))
	if err != nil {
		return fmt.Errorf("begin a passkey: %w", err)
	}
	_, err = s.keepCeremony(ctx, ceremony{For: forNew, Person: who.Person, Name: name, Data: *data}, creation)
	return err
}

func roomFor(have int) error {
	if have >= passkeysPerPerson {
		return fault.Refusedf("Mỗi người có nhiều nhất %d khóa truy cập. Hãy gỡ khóa không dùng nữa.", passkeysPerPerson)
	}
	return nil
}

func tidyKeyName(name string) (string, error) {
	name = viet.Clean(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", fault.Invalid("name", "Hãy đặt tên để sau này nhận ra khóa, ví dụ: Điện thoại của tôi.")
	case n > passkeyName:
		return "", fault.Invalidf("name", "Tên khóa dài nhất %d ký tự.", passkeyName)
	}
	return name, nil
}

// keepCeremony keeps a question in the session, in place of the one before, and gives it as the browser gets it.
func (s *Service) keepCeremony(ctx context.Context, c ceremony, ask any) (string, error) {
	options, err := json.Marshal(ask)
	if err != nil {
		return "", err
	}
	c.At = s.machine.Milli()
	if c.For == forNew { // shown by the next page
		c.Options = options
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	s.sessions.Put(ctx, sessionCeremony, string(text))
	return string(options), nil
}

// takeCeremony ends the session's question and gives it, when it was put for this to this person and is not too old.
func (s *Service) takeCeremony(ctx context.Context, purpose, person string) (ceremony, error) {
	return s.readCeremony(s.sessions.PopString(ctx, sessionCeremony), purpose, person)
}

func (s *Service) readCeremony(text, purpose, person string) (c ceremony, err error) {
	if text == "" || json.Unmarshal([]byte(text), &c) != nil {
		return c, errCeremonyOver()
	}
	age := s.machine.Milli() - c.At
	if c.For != purpose || c.Person != person || age < 0 || age > ceremonyMinutes*time.Minute.Milliseconds() {
		return c, errCeremonyOver()
	}
	return c, nil
}

// PendingPasskey gives the name of the passkey that the actor's browser is asked for, and the question; not found when there is none.
func (s *Service) PendingPasskey(ctx context.Context, who auth.Actor) (name, options string, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return "", "", err
	}
	c, err := s.readCeremony(s.sessions.GetString(ctx, sessionCeremony), forNew, who.Person)
	if err != nil {
		return "", "", fault.NotFound()
	}
	return c.Name, string(c.Options), nil
}

// AddPasskey takes the browser's answer to BeginPasskey. Who has no recovery codes yet gets them, to be shown once. The other
// sessions than the one named end.
func (s *Service) AddPasskey(ctx context.Context, who auth.Actor, rp relying, answer, session string) (recovery []string, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	c, err := s.takeCeremony(ctx, forNew, who.Person)
	if err != nil {
		return nil, err
	}
	if rp.Why != "" {
		return nil, errNoPasskeys()
	}
	refused := fault.Invalid("", "Thiết bị đã trả lời không đúng nên khóa chưa được thêm. Hãy làm lại, hoặc dùng thiết bị khác.")
	if len(answer) > passkeyAnswer {
		return nil, refused
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, refused
	}
	made, err := rp.CreateCredential(keyOwner{person: who.Person}, c.Data, parsed)
	if err != nil || len(made.ID) > credentialBytes {
		return nil, refused
	}
	record, err := json.Marshal(keyRecord{Key: made.PublicKey, Count: made.Authenticator.SignCount, Eligible: made.Flags.BackupEligible, Transports: made.Transport})
	if err != nil {
		return nil, err
	}
	recovery, hashes, err := s.makeRecovery(ctx)
	if err != nil {
		return nil, err
	}
	had := 0
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		f := factorRow{Factor: Factor{ID: db.NewID(), Kind: kindPasskey, Name: c.Name, Made: s.clock.Milli()}, person: who.Person,
			credential: credentialText(made.ID), record: string(record), confirmed: true}
		mine, err := listKeys(ctx, tx, `person = $1`, who.Person)
		if err != nil {
			return err
		}
		if err := roomFor(len(mine)); err != nil {
			return err
		}
		same, err := listKeys(ctx, tx, `credential = $1`, f.credential)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			return fault.Refused("Khóa truy cập này đã được thêm từ trước.")
		}
		if err := f.insert(ctx, tx); err != nil {
			return err
		}
		if had, err = s.added(ctx, tx, who, session, recovery, hashes); err != nil {
			return err
		}
		return s.note(ctx, tx, who, who.Person, "add-passkey", f.ID, f.Name)
	})
	if err != nil {
		return nil, fmt.Errorf("add a passkey: %w", err)
	}
	if had > 0 {
		return nil, nil
	}
	return recovery, nil
}

// askPasskey asks the browser for a passkey of a person, or (forEntry) for any that it has for this site.
func (s *Service) askPasskey(ctx context.Context, rp relying, purpose, person string) (options string, err error) {
	if rp.Why != "" {
		return "", errNoPasskeys()
	}
	c := ceremony{For: purpose, Person: person}
	var ask *protocol.CredentialAssertion
	var data *webauthn.SessionData
	if purpose == forEntry {
		ask, data, err = rp.BeginDiscoverableLogin()
	} else {
		var owner keyOwner
		err = s.db.Read(ctx, func(tx *db.Tx) error {
			owner, err = s.keyOwner(ctx, tx, person)
			return err
		})
		if err != nil {
			return "", err
		}
		if len(owner.keys) == 0 {
			return "", fault.Refused("Tài khoản này chưa có khóa truy cập.")
		}
		need := protocol.VerificationRequired
		if purpose == forSecond { // the first step has shown what only the person knows
			need = protocol.VerificationPreferred
		}
		ask, data, err = rp.BeginLogin(owner, webauthn.WithUserVerification(need))
	}
	if err != nil {
		return "", fmt.Errorf("ask for a passkey: %w", err)
	}
	c.Data = *data
	return s.keepCeremony(ctx, c, ask)
}

// usePasskey takes the browser's answer to askPasskey and tells whose passkey it was. person is who must own it, empty for
// forEntry. The same answer is taken once, which the transaction keeps as well as the session.
func (s *Service) usePasskey(ctx context.Context, rp relying, purpose, person, answer string, from Origin) (owner string, err error) {
	c, err := s.takeCeremony(ctx, purpose, person)
	if err != nil {
		return "", err
	}
	if rp.Why != "" {
		return "", errNoPasskeys()
	}
	if len(answer) > passkeyAnswer {
		return "", errKeyRefused()
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return "", errKeyRefused()
	}
	allowed, outcome := false, wrongTry
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		var k keyRow
		found, err := listKeys(ctx, tx, `credential = $1`, credentialText(parsed.RawID))
		if err != nil {
			return err
		}
		if len(found) > 0 && (person == "" || person == found[0].person) {
			k = found[0]
		}
		owner = k.person
		tried := owner
		if person != "" {
			tried = person
		}
		var t try
		if t, allowed, err = s.begin(ctx, tx, passkeyTries(tried), tried, byPasskey, from); err != nil || !allowed {
			return err
		}
		if outcome, err = s.judgePasskey(ctx, tx, rp, c, k, parsed); err != nil {
			return err
		}
		switch {
		case outcome == copiedTry:
			if err := s.note(ctx, tx, auth.Actor{Address: from.Address}, owner, "copied-passkey", k.ID, k.Name); err != nil {
				return err
			}
		case outcome == wrongTry && purpose != forEntry:
			outcome = secondWrong
		}
		return s.settle(ctx, tx, t, outcome)
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("use a passkey: %w", err)
	case !allowed:
		return "", tooManyTries()
	case outcome == copiedTry:
		return "", fault.Refused("Khóa truy cập này có thể đã bị sao chép: bộ đếm của khóa lùi lại, nên hệ thống không nhận. Hãy vào bằng cách khác, gỡ khóa này và báo người quản trị.")
	case outcome != passedTry:
		return "", errKeyRefused()
	}
	return owner, nil
}

// judgePasskey tells how a try with a passkey ends, and keeps what the passkey says of itself when it is right.
func (s *Service) judgePasskey(ctx context.Context, tx *db.Tx, rp relying, c ceremony, k keyRow, answer *protocol.ParsedCredentialAssertionData) (outcome string, err error) {
	if k.ID == "" {
		return wrongTry, nil
	}
	secret, err := account.SecretOf(ctx, tx, k.person)
	if err != nil {
		return "", err
	}
	if secret.Person == "" || secret.Disabled {
		return wrongTry, nil
	}
	owner, err := s.keyOwner(ctx, tx, k.person)
	if err != nil {
		return "", err
	}
	rec, _, err := k.open()
	if err != nil {
		return "", err
	}
	var now *webauthn.Credential
	if c.For == forEntry {
		_, now, err = rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			if !same(string(handle), k.person) {
				return nil, errors.New("a handle that is not its owner's")
			}
			return owner, nil
		}, c.Data, answer)
	} else {
		now, err = rp.ValidateLogin(owner, c.Data, answer)
	}
	digest := sha256.Sum256([]byte(c.Data.Challenge))
	last := hex.EncodeToString(digest[:])
	switch {
	case err != nil, same(last, rec.Last):
		return wrongTry, nil
	case now.Authenticator.CloneWarning:
		return copiedTry, nil
	}
	rec.Count, rec.Last = now.Authenticator.SignCount, last
	record, err := json.Marshal(rec)
	if err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `update factor set record = $1, used = $2 where id = $3 and record = $4`, string(record), s.clock.Milli(), k.ID, k.record)
	if err != nil {
		return "", err
	}
	if n == 0 { // another request was faster with the same answer
		return wrongTry, nil
	}
	return passedTry, nil
}

// passkeyTries is the word under which tries with a person's passkeys are counted, for what codeTries says.
func passkeyTries(person string) string { return ":khoa:" + person }

// RenamePasskey gives one of the actor's passkeys another name.
func (s *Service) RenamePasskey(ctx context.Context, who auth.Actor, id, name string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	name, err := tidyKeyName(name)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update factor set name = $1 where id = $2 and person = $3 and kind = $4 and confirmed`, name, id, who.Person, kindPasskey)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFound()
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "rename-passkey", House: house, Object: who.Person, Detail: map[string]any{"factor": id}})
	})
}
