package door

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Slip is what lets somebody in once: on paper, or by mail. Code stands nowhere else in the clear.
type Slip struct {
	Person, Login, Name, Code string
	Until                     int64 // UTC milliseconds of the site's clock
	Reset                     bool  // they had come in before
	Mailed                    bool
}

// slipDays is how long a slip holds: an officer of a far area comes by once a week.
const slipDays = 7

// How a slip ended.
const (
	slipUsed     = "used"
	slipReplaced = "replaced"
	slipRevoked  = "revoked"
)

// MailBy gives the house the way by which it writes to people.
func (s *Service) MailBy(m *mail.Service) { s.mails = m }

// LandOn says where those arrive who sign in and were on their way to nowhere else.
func (s *Service) LandOn(path string) { s.landing = path }

// Invite makes a slip for a person whom the actor administers wholly; the former one holds no more. Who has come in before
// loses their password and is out at once: it is how a password is reset.
func (s *Service) Invite(ctx context.Context, who auth.Actor, person string) (Slip, error) {
	if err := who.Must(auth.Admin); err != nil {
		return Slip{}, err
	}
	if person == who.Person {
		return Slip{}, fault.Refused("Không ai tự lập phiếu cho mình. Hãy đổi mật khẩu ở trang Tài khoản của bạn.")
	}
	code, err := auth.NewCode()
	if err != nil {
		return Slip{}, err
	}
	var slip Slip
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		slip, err = s.inviteIn(ctx, tx, who, person, code)
		return err
	})
	if err != nil {
		return Slip{}, fmt.Errorf("invite: %w", err)
	}
	return slip, nil
}

func (s *Service) inviteIn(ctx context.Context, tx *db.Tx, who auth.Actor, person, code string) (Slip, error) {
	if err := s.people.MayChangeIn(ctx, tx, who, person); err != nil {
		return Slip{}, err
	}
	p, err := account.FindIn(ctx, tx, person, s.clock.Today())
	if err != nil {
		return Slip{}, err
	}
	if p.Disabled {
		return Slip{}, fault.Refused("Tài khoản này đang bị khóa. Hãy mở khóa rồi mới lập phiếu.")
	}
	now := s.clock.Milli()
	slip := Slip{Person: p.ID, Login: p.Login, Name: p.Name, Code: code, Until: now + slipDays*day, Reset: p.Entered > 0}
	if _, err := endSlip(ctx, tx, person, slipReplaced, now); err != nil {
		return Slip{}, err
	}
	if _, err := tx.Exec(ctx, `insert into invitation(id, person, code, made, made_by, until, ended, outcome) values ($1,$2,$3,$4,$5,$6,0,'')`,
		db.NewID(), person, codeDigest(code), now, who.Person, slip.Until); err != nil {
		return Slip{}, err
	}
	if slip.Reset {
		if err := s.people.SetHashIn(ctx, tx, who, person, ""); err != nil {
			return Slip{}, err
		}
		if _, err := s.endIn(ctx, tx, who, person, "", ""); err != nil {
			return Slip{}, err
		}
	}
	if slip.Mailed, err = s.mailSlip(ctx, tx, p, slip); err != nil {
		return Slip{}, err
	}
	return slip, audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "invite", House: house, Object: person,
		Detail: map[string]any{"reset": slip.Reset, "until": slip.Until, "mailed": slip.Mailed}})
}

// mailSlip sends the slip to who has an address, where the site sends mail.
func (s *Service) mailSlip(ctx context.Context, tx *db.Tx, p account.Person, slip Slip) (bool, error) {
	if p.Email == "" || s.mails == nil {
		return false, nil
	}
	if ready, err := s.mails.Ready(ctx, tx); err != nil || !ready {
		return false, err
	}
	m := mail.Message{To: p.Email, ToName: p.Name, Person: p.ID, Language: p.Language, Template: mail.Invitation, Until: slip.Until,
		Data: map[string]string{"Path": slip.path(), "Code": slip.Code, "Until": fmt.Sprint(slip.Until)}}
	if slip.Reset {
		m.Template = mail.Reset
		m.Data["What"], m.Data["At"] = "password", fmt.Sprint(s.clock.Milli())
	}
	return true, s.mails.Enqueue(ctx, tx, m)
}

// path leads to the page where the code is typed. It bears the code behind the #, which no browser sends to a server: it comes
// into no log.
func (x Slip) path() string { return "/moi#" + x.Login + "/" + x.Code }

// RevokeSlip makes a slip that has not been used hold no more.
func (s *Service) RevokeSlip(ctx context.Context, who auth.Actor, person string) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.people.MayChangeIn(ctx, tx, who, person); err != nil {
			return err
		}
		now := s.clock.Milli()
		n, err := endSlip(ctx, tx, person, slipRevoked, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflict("Người này không có phiếu nào chưa dùng.")
		}
		return audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "revoke-invitation", House: house, Object: person})
	})
}

// endSlip ends the open slip of a person, if there is one.
func endSlip(ctx context.Context, tx *db.Tx, person, outcome string, now int64) (int64, error) {
	return tx.Exec(ctx, `update invitation set ended = $1, outcome = $2 where person = $3 and ended = 0`, now, outcome, person)
}

// Waiting tells which of some people have a slip that they may still use, and until when; for who may see those people.
func (s *Service) Waiting(ctx context.Context, people []string) (map[string]int64, error) {
	out := map[string]int64{}
	if len(people) == 0 {
		return out, nil
	}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
			var person string
			var until int64
			err := rows.Scan(&person, &until)
			out[person] = until
			return struct{}{}, err
		}, `select person, until from invitation where ended = 0 and until > $1 and person in (`+db.List(len(people), 2)+`)`,
			append([]any{s.clock.Milli()}, db.Args(people)...)...)
		return err
	})
	return out, err
}

// wrongSlip tells nothing about what is wrong.
func wrongSlip() error {
	return fault.Invalid("code", "Tên đăng nhập hoặc mã không đúng, hoặc phiếu đã dùng, đã hết hạn hay đã được thay bằng phiếu khác. Hãy xem lại phiếu, hoặc xin người quản trị phiếu mới.")
}

// Accept lets in who holds a slip: they set their password, and the slip is used up. It answers the person's id. An unknown
// name, a wrong code and a slip that holds no more get the same answer.
func (s *Service) Accept(ctx context.Context, login, code, password string, from Origin) (string, error) {
	login = account.TidyLogin(login)
	if err := s.people.CheckNew(ctx, login, password); err != nil { // who has chosen badly loses no try
		return "", err
	}
	var who account.Secret
	slip, allowed, fits := "", false, false
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		slip, fits = "", false
		if who, err = account.SecretByLogin(ctx, tx, login); err != nil {
			return err
		}
		name := slipTries + who.Person
		if who.Person == "" {
			name = slipTries + nameless(login)
		}
		var t try
		if t, allowed, err = s.begin(ctx, tx, name, who.Person, byInvitation, from); err != nil || !allowed {
			return err
		}
		var want string
		err = tx.QueryRow(ctx, `select id, code from invitation where person = $1 and ended = 0 and until > $2`, who.Person, s.clock.Milli()).Scan(&slip, &want)
		if err != nil && !db.Missing(err) {
			return err
		}
		fits = subtle.ConstantTimeCompare([]byte(want), []byte(codeDigest(code))) == 1 && want != "" && !who.Disabled
		if fits {
			return s.settle(ctx, tx, t, passedTry)
		}
		return s.settle(ctx, tx, t, wrongTry)
	})
	if err != nil {
		return "", fmt.Errorf("accept an invitation: %w", err)
	}
	if !allowed {
		return "", tooManyTries()
	}
	if !fits {
		return "", wrongSlip()
	}
	// Only who has shown the code learns that the password holds the name of somebody with this login.
	if err := account.CheckPassword(login, password, who.Name); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, viet.NFC(password))
	if err != nil {
		return "", fmt.Errorf("accept an invitation: %w", err)
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.clock.Milli()
		n, err := tx.Exec(ctx, `update invitation set ended = $1, outcome = $2 where id = $3 and ended = 0`, now, slipUsed, slip)
		if err != nil {
			return err
		}
		if n == 0 { // another request was faster, or the slip was taken back meanwhile
			return wrongSlip()
		}
		self := auth.Actor{Person: who.Person, Address: from.Address}
		if err := s.people.SetHashIn(ctx, tx, self, who.Person, hash); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, who.Person, tellPassword, ""); err != nil {
			return err
		}
		return audit.Write(ctx, tx, self, audit.Act{At: now, Verb: "accept-invitation", House: house, Object: who.Person})
	})
	if err != nil {
		return "", err
	}
	return who.Person, nil
}

// slipTries begins the names under which wrong codes of slips are counted.
const slipTries = ":moi "

// forgetSlips removes slips that have been over for a month; until then they are what the administrator's page shows.
func (s *Service) forgetSlips(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `delete from invitation where until < $1`, s.clock.Milli()-30*day)
	return err
}

// siteAddress is where people reach the site, as its setting says; empty when it says nothing.
func (s *Service) siteAddress(ctx context.Context) (address string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		address, err = setting.Get(ctx, tx, web.AddressSetting, "")
		return err
	})
	return address, err
}
