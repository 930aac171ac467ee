package door

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// Origin is where a try to get in comes from: the address, the device in words, and the token that the browser keeps since
// somebody has signed in from it.
type Origin struct{ Address, Device, Token string }

// known is how the token of a browser is stored; empty without one.
func (o Origin) known() string {
	if o.Token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(o.Token))
	return "d:" + hex.EncodeToString(sum[:])
}

// try is one try to get in, written down before it is made.
type try struct {
	id, name, person, place, method string
	from                            Origin
	news                            bool
}

// nameless is what limits count by for a name that nobody has. The name itself is not kept: people type passwords there.
func nameless(login string) string {
	sum := sha256.Sum256([]byte(login))
	return ":" + hex.EncodeToString(sum[:16])
}

// begin writes a try down before it is made, so that tries sent together are counted too. At a limit it answers false. name
// is what limits count by: the person's id, or a word with a colon before it where there is no person. The code of a slip is too
// long to be guessed by any number of machines, and who uses one has no place of their own yet: no budget of theirs is counted. No
// more is it of passkeys, which nobody guesses.
func (s *Service) begin(ctx context.Context, tx *db.Tx, name, person, method string, from Origin) (try, bool, error) {
	now := s.clock.Milli()
	t := try{id: db.NewID(), name: name, person: person, place: from.Address, method: method, from: from}
	var device, familiar int64
	if err := tx.QueryRow(ctx, `select (select count(*) from known_device where token = $1 and person = $2),
		(select count(*) from sign_in_attempt where person = $2 and person <> '' and address = $3 and outcome = 'good')`,
		from.known(), person, from.Address).Scan(&device, &familiar); err != nil {
		return t, false, err
	}
	if device > 0 {
		t.place = from.known()
	}
	var pair, address, budget int64
	window := now - windowMinutes*time.Minute.Milliseconds()
	if err := tx.QueryRow(ctx, `select count(*) filter (where name = $1 and place = $2 and at > $4),
		count(*) filter (where address = $3 and place = address and at > $4), count(*) filter (where name = $1 and place = address)
		from sign_in_attempt where counts and at > $5 and (name = $1 or address = $3)`,
		name, t.place, from.Address, window, now-day).Scan(&pair, &address, &budget); err != nil {
		return t, false, err
	}
	limited := pair >= triesPerPair || device == 0 && (address >= triesPerAddress || familiar == 0 && method != byInvitation && method != byPasskey && budget >= triesPerName)
	if limited {
		return t, false, s.remember(ctx, tx, t, limitedTry)
	}
	return t, true, insertTry(ctx, tx, t, now, underWay, true)
}

// settle says how a try ended. The right one forgets the wrong ones of its name from its place.
func (s *Service) settle(ctx context.Context, tx *db.Tx, t try, outcome string) error {
	if outcome != passedTry {
		return s.remember(ctx, tx, t, outcome)
	}
	if _, err := tx.Exec(ctx, `update sign_in_attempt set counts = false where name = $1 and place = $2`, t.name, t.place); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update sign_in_attempt set outcome = $1 where id = $2`, outcome, t.id)
	return err
}

// remember keeps how a try failed, and tells the trail once a window for each person, and once for all names that nobody has:
// tries without end must not fill it. What a limit has refused is kept as rarely.
func (s *Service) remember(ctx context.Context, tx *db.Tx, t try, outcome string) error {
	now := s.clock.Milli()
	began := now - now%(windowMinutes*time.Minute.Milliseconds())
	var before int64
	if err := tx.QueryRow(ctx, `select count(*) from sign_in_attempt where at >= $1 and person = $2
		and outcome = $3 and id <> $4`, began, t.person, outcome, t.id).Scan(&before); err != nil {
		return err
	}
	if outcome != limitedTry {
		if _, err := tx.Exec(ctx, `update sign_in_attempt set outcome = $1 where id = $2`, outcome, t.id); err != nil {
			return err
		}
	} else if before == 0 {
		if err := insertTry(ctx, tx, t, now, outcome, false); err != nil {
			return err
		}
	}
	if before > 0 {
		return nil
	}
	return audit.Write(ctx, tx, auth.Actor{Address: t.from.Address}, audit.Act{At: now, Verb: "sign-in-failed", House: house, Object: t.person,
		Detail: map[string]any{"method": t.method, "outcome": outcome}})
}

// arrive writes down that a person is in, and that this browser is one of theirs: news, when it was not until now, while
// they had another.
func (s *Service) arrive(ctx context.Context, tx *db.Tx, person, method string, from Origin) error {
	now := s.clock.Milli()
	if err := forgetPassed(ctx, tx, person, from); err != nil {
		return err
	}
	var this, all int64
	if err := tx.QueryRow(ctx, `select count(*) filter (where token = $1), count(*) from known_device where person = $2`, from.known(), person).
		Scan(&this, &all); err != nil {
		return err
	}
	t := try{id: db.NewID(), name: person, person: person, place: from.known(), method: method, from: from, news: this == 0 && all > 0}
	if err := insertTry(ctx, tx, t, now, goodTry, false); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into known_device(token, person, made, seen) values ($1,$2,$3,$3)
		on conflict (token, person) do update set seen = excluded.seen`, from.known(), person, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from known_device where person = $1 and token not in
		(select token from known_device where person = $1 order by seen desc, token limit $2)`, person, devicesPerPerson); err != nil {
		return err
	}
	if t.news {
		if err := s.tell(ctx, tx, person, tellSignIn, from.Device); err != nil {
			return err
		}
	}
	if err := account.Entered(ctx, tx, person, now); err != nil {
		return err
	}
	return audit.Write(ctx, tx, auth.Actor{Person: person, Address: from.Address}, audit.Act{At: now, Verb: "sign-in", House: house, Object: person,
		Detail: map[string]any{"method": method}})
}

// forgetPassed removes the first steps of a person from an address that something has come of.
func forgetPassed(ctx context.Context, tx *db.Tx, person string, from Origin) error {
	_, err := tx.Exec(ctx, `delete from sign_in_attempt where person = $1 and address = $2 and outcome = $3`, person, from.Address, passedTry)
	return err
}

func insertTry(ctx context.Context, tx *db.Tx, t try, now int64, outcome string, counts bool) error {
	_, err := tx.Exec(ctx, `insert into sign_in_attempt(id, at, name, person, address, place, device, method, outcome, counts, news)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, t.id, now, t.name, t.person, t.from.Address, t.place, t.from.Device, t.method, outcome, counts, t.news)
	return err
}
