package door

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
)

// kindCode is an app that makes codes by the time (RFC 6238).
const kindCode = "code"

// Factor is what a person shows beside the password, or instead of it.
type Factor struct {
	ID, Kind, Name string
	Made, Used     int64 // the site's time, UTC milliseconds; Used is 0 for never
}

// Event is what became of somebody's factors.
type Event struct {
	At     int64
	What   string // a verb of the trail
	Name   string // of the factor
	ByThem bool   // the person did it
}

// Factors is all that a person has.
type Factors struct {
	List     []Factor
	Recovery int  // codes that are left
	Needed   bool // the site asks a second factor of this person
	Events   []Event
}

// Code is the person's app, if there is one.
func (f Factors) Code() *Factor {
	for i := range f.List {
		if f.List[i].Kind == kindCode {
			return &f.List[i]
		}
	}
	return nil
}

// Passkeys are the person's passkeys.
func (f Factors) Passkeys() []Factor {
	return slices.DeleteFunc(slices.Clone(f.List), func(x Factor) bool { return x.Kind != kindPasskey })
}

// Few tells that hardly any recovery code is left.
func (f Factors) Few() bool { return len(f.List) > 0 && f.Recovery <= fewCodes }

const (
	recoveryCodes = 10
	fewCodes      = 3
	shownEvents   = 10
)

// SecondSetting names the permissions whose holders need a second factor, with spaces or commas between.
const SecondSetting = "door.second-factor"

func wordsOf(text string) []auth.Permission {
	var out []auth.Permission
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		out = append(out, auth.Permission(word))
	}
	return out
}

// CheckSecond judges a value of the setting: a mistyped word would ask nobody for anything.
func CheckSecond(text string) error {
	for _, p := range wordsOf(text) {
		if !slices.Contains(auth.Permissions, p) {
			return fault.Refusedf("Không có quyền “%s”. Ví dụ: admin publish", string(p))
		}
	}
	return nil
}

// needs tells whether an actor holds one of the permissions that a setting names.
func needs(text string, who auth.Actor) bool {
	return slices.ContainsFunc(wordsOf(text), func(p auth.Permission) bool { return len(who.Units(p)) > 0 })
}

// needed tells whether the site asks a second factor of a person, for what they may themselves or act under today.
func (s *Service) needed(ctx context.Context, tx *db.Tx, person string) (bool, error) {
	words, err := setting.Get(ctx, tx, SecondSetting, "")
	if err != nil || words == "" {
		return false, err
	}
	who, _, err := account.LoadActor(ctx, tx, person, s.clock.Today())
	if err != nil || needs(words, who) {
		return err == nil, err
	}
	for _, m := range who.Mandates {
		lent, holds, err := account.ActUnder(ctx, tx, who, m.Delegation, s.clock.Today())
		if err != nil || holds && needs(words, lent) {
			return err == nil, err
		}
	}
	return false, nil
}

// OwnFactors gives what the actor has.
func (s *Service) OwnFactors(ctx context.Context, who auth.Actor) (f Factors, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return Factors{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err = s.factors(ctx, tx, who.Person)
		return err
	})
	return f, err
}

// FactorsOf gives what a person has whom the actor administers.
func (s *Service) FactorsOf(ctx context.Context, who auth.Actor, person string) (f Factors, err error) {
	if err := who.Must(auth.Admin); err != nil {
		return Factors{}, err
	}
	if _, err := s.people.Find(ctx, who, person); err != nil {
		return Factors{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err = s.factors(ctx, tx, person)
		return err
	})
	return f, err
}

func (s *Service) factors(ctx context.Context, tx *db.Tx, person string) (f Factors, err error) {
	if f.List, err = listFactors(ctx, tx, person); err != nil {
		return f, err
	}
	if f.Recovery, err = recoveryLeft(ctx, tx, person); err != nil {
		return f, err
	}
	if f.Needed, err = s.needed(ctx, tx, person); err != nil {
		return f, err
	}
	f.Events, err = listEvents(ctx, tx, person, shownEvents)
	return f, err
}

// note tells the trail, and the person, what became of their factors.
func (s *Service) note(ctx context.Context, tx *db.Tx, who auth.Actor, person, verb, factor, name string) error {
	at := s.clock.Milli()
	if err := audit.Write(ctx, tx, who, audit.Act{At: at, Verb: verb, House: house, Object: person, Detail: map[string]any{"factor": factor}}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into factor_event(id, person, at, what, name, done_by, told) values ($1,$2,$3,$4,$5,$6,$7)`,
		db.NewID(), person, at, verb, name, who.Person, who.Person == person); err != nil {
		return err
	}
	return s.tellFactor(ctx, tx, person, verb)
}

// RemoveFactor takes one of the actor's own factors away. The last one goes with the recovery codes, which would open
// nothing any more, and not at all where the site asks for a second factor or it is the only way in. The other sessions than
// the one named end.
func (s *Service) RemoveFactor(ctx context.Context, who auth.Actor, id, session string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		list, err := listFactors(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(f Factor) bool { return f.ID == id }) {
			return fault.NotFound()
		}
		if len(list) == 1 {
			need, err := s.needed(ctx, tx, who.Person)
			if err != nil {
				return err
			}
			if need {
				return fault.Refused("Vai trò của bạn cần bước xác thực thứ hai. Hãy thêm cách khác trước khi gỡ cách này.")
			}
		}
		ways, err := waysBeside(ctx, tx, who.Person, "", id)
		if err != nil {
			return err
		}
		if !ways {
			return fault.Refused("Đây là cách đăng nhập duy nhất của bạn. Hãy nhờ người quản trị lập phiếu để đặt mật khẩu trước khi gỡ.")
		}
		return s.removeFactor(ctx, tx, who, who.Person, list, id, session)
	})
}

// RemoveFactorOf takes a factor from a person who has lost it. The actor administers all of the person, whose sessions end
// and who is told when they next come in. Where it was the last, the recovery codes go too.
func (s *Service) RemoveFactorOf(ctx context.Context, who auth.Actor, person, id string) error {
	return s.changeFactorsOf(ctx, who, person, func(tx *db.Tx) error {
		list, err := listFactors(ctx, tx, person)
		if err != nil {
			return err
		}
		return s.removeFactor(ctx, tx, who, person, list, id, "")
	})
}

// removeFactor takes one factor out of a person's list.
func (s *Service) removeFactor(ctx context.Context, tx *db.Tx, who auth.Actor, person string, list []Factor, id, session string) error {
	at := slices.IndexFunc(list, func(f Factor) bool { return f.ID == id })
	if at < 0 {
		return fault.NotFound()
	}
	if len(list) == 1 {
		if _, err := tx.Exec(ctx, `delete from recovery_code where person = $1`, person); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from factor where id = $1`, id); err != nil {
		return err
	}
	if _, err := s.endIn(ctx, tx, who, person, "", session); err != nil {
		return err
	}
	if list[at].Kind == kindPasskey {
		return s.note(ctx, tx, who, person, "remove-passkey", id, list[at].Name)
	}
	return s.note(ctx, tx, who, person, "remove-code", id, list[at].Name)
}

// waysBeside tells whether a person can come in by something else than the provider and the factor named.
func waysBeside(ctx context.Context, tx *db.Tx, person, issuer, factor string) (ways bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select 1 from person where id = $1 and password <> '')
		or exists (select 1 from person_identity i join provider p on p.issuer = i.issuer where i.person = $1 and i.issuer <> $2)
		or exists (select 1 from factor where person = $1 and kind = 'passkey' and confirmed and id <> $3)`, person, issuer, factor).Scan(&ways)
	return ways, err
}

// ResetFactors takes all factors and recovery codes from a person who has lost them, and ends their sessions. The actor administers all of the
// person; the person is told when they next come in.
func (s *Service) ResetFactors(ctx context.Context, who auth.Actor, person string) error {
	return s.changeFactorsOf(ctx, who, person, func(tx *db.Tx) error {
		for _, table := range []string{"factor", "recovery_code"} {
			if _, err := tx.Exec(ctx, `delete from `+table+` where person = $1`, person); err != nil {
				return err
			}
		}
		if _, err := s.endIn(ctx, tx, who, person, "", ""); err != nil {
			return err
		}
		return s.note(ctx, tx, who, person, "reset-factors", "", "")
	})
}

// changeFactorsOf changes what somebody else has, in a transaction of an actor who administers all of them.
func (s *Service) changeFactorsOf(ctx context.Context, who auth.Actor, person string, change func(tx *db.Tx) error) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	if person == who.Person {
		return fault.Refused("Không ai tự đặt lại bước xác thực của chính mình ở đây. Hãy vào trang tài khoản của bạn.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.people.MayChangeIn(ctx, tx, who, person); err != nil {
			return err
		}
		return change(tx)
	})
}

// NewRecoveryCodes gives the actor new recovery codes in place of all old ones. They are shown once: only their hashes stay.
func (s *Service) NewRecoveryCodes(ctx context.Context, who auth.Actor) ([]string, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	codes, hashes, err := s.makeRecovery(ctx)
	if err != nil {
		return nil, err
	}
	return codes, s.db.Write(ctx, func(tx *db.Tx) error {
		list, err := listFactors(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.Refused("Hãy thêm ứng dụng tạo mã hoặc khóa truy cập trước: mã khôi phục chỉ dùng khi mất những thứ đó.")
		}
		if err := putRecovery(ctx, tx, who.Person, codes, hashes); err != nil {
			return err
		}
		return s.note(ctx, tx, who, who.Person, "new-recovery-codes", "", "")
	})
}

// makeRecovery makes recovery codes with their hashes; outside a transaction, for each hash takes its time.
func (s *Service) makeRecovery(ctx context.Context) (codes, hashes []string, err error) {
	labels := map[string]bool{}
	for len(codes) < recoveryCodes {
		code, err := auth.NewCode()
		if err != nil {
			return nil, nil, err
		}
		if labels[labelOf(code)] {
			continue
		}
		hash, err := s.hasher.Hash(ctx, tidyCode(code))
		if err != nil {
			return nil, nil, fmt.Errorf("make recovery codes: %w", err)
		}
		labels[labelOf(code)] = true
		codes, hashes = append(codes, code), append(hashes, hash)
	}
	return codes, hashes, nil
}

// labelOf is the first group of a recovery code, by which its row is found.
func labelOf(code string) string {
	code = tidyCode(code)
	return code[:min(4, len(code))]
}

func putRecovery(ctx context.Context, tx *db.Tx, person string, codes, hashes []string) error {
	if _, err := tx.Exec(ctx, `delete from recovery_code where person = $1`, person); err != nil {
		return err
	}
	rows := make([][]any, len(codes))
	for i := range codes {
		rows[i] = []any{person, labelOf(codes[i]), hashes[i], int64(0)}
	}
	return tx.Insert(ctx, `insert into recovery_code(person, label, hash, used) values `, ``, rows)
}

// useRecovery takes a recovery code: it is good once.
func (s *Service) useRecovery(ctx context.Context, person, code string, from Origin) error {
	code = tidyCode(code)
	hash, allowed := "", false
	var t try
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		hash = ""
		if t, allowed, err = s.begin(ctx, tx, recoveryTries(person), person, byRecovery, from); err != nil || !allowed {
			return err
		}
		err = tx.QueryRow(ctx, `select hash from recovery_code where person = $1 and label = $2 and used = 0`, person, labelOf(code)).Scan(&hash)
		if db.Missing(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("recovery code: %w", err)
	}
	if !allowed {
		return tooManyTries()
	}
	fits, err := s.hasher.Check(ctx, hash, code)
	if err != nil {
		return fmt.Errorf("recovery code: %w", err)
	}
	taken := int64(0)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		taken = 0
		if fits {
			// Of requests that come together with the same code one finds it unused.
			if taken, err = tx.Exec(ctx, `update recovery_code set used = $1 where person = $2 and label = $3 and hash = $4 and used = 0`,
				s.clock.Milli(), person, labelOf(code), hash); err != nil {
				return err
			}
		}
		if taken == 0 {
			return s.settle(ctx, tx, t, secondWrong)
		}
		if err := s.settle(ctx, tx, t, passedTry); err != nil {
			return err
		}
		return s.note(ctx, tx, auth.Actor{Person: person, Address: from.Address}, person, "use-recovery-code", "", "")
	})
	if err != nil {
		return fmt.Errorf("recovery code: %w", err)
	}
	if taken == 0 {
		return fault.Invalid("recovery", "Mã khôi phục không đúng hoặc đã dùng rồi.")
	}
	return nil
}

func listFactors(ctx context.Context, tx *db.Tx, person string) ([]Factor, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Factor, error) {
		var f Factor
		err := rows.Scan(&f.ID, &f.Kind, &f.Name, &f.Made, &f.Used)
		return f, err
	}, `select id, kind, name, made, used from factor where person = $1 and confirmed order by kind, made, id`, person)
}

func recoveryLeft(ctx context.Context, tx *db.Tx, person string) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from recovery_code where person = $1 and used = 0`, person).Scan(&n)
	return n, err
}

func listEvents(ctx context.Context, tx *db.Tx, person string, most int) ([]Event, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (Event, error) {
		var e Event
		var by string
		err := rows.Scan(&e.At, &e.What, &e.Name, &by)
		e.ByThem = by == person
		return e, err
	}, `select at, what, name, done_by from factor_event where person = $1 order by at desc, id desc limit $2`, person, most)
}

// untold gives what others have done to a person's factors since they were last told, and marks it as told.
func untold(ctx context.Context, tx *db.Tx, person string) (int64, error) {
	return tx.Exec(ctx, `update factor_event set told = true where person = $1 and not told`, person)
}

// same compares in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
