package door

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// setupSetting holds the digest of the set-up code that is in force. A later start makes a new one: of several processes
// on one site, the code printed last counts.
const setupSetting = "account.setup-code"

// setupTries is the name under which wrong set-up codes are counted; no login can hold a colon.
const setupTries = ":cai-dat"

// First is what a site without people needs: its top place, when there is none yet, and its first administrator.
type First struct {
	Code                  string
	Place, PlaceCode      string
	Level                 org.Level
	Login, Name, Password string
	Office                bool // also the office's role: an administrator alone sees no content, and nobody grants themselves more
}

// tidyCode puts a typed code into the form in which it was made: people leave out dashes and write capitals.
func tidyCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(code))
}

// codeDigest is how a one-time code is stored. It is long and random, so that a plain digest keeps it.
func codeDigest(code string) string {
	sum := sha256.Sum256([]byte(tidyCode(code)))
	return hex.EncodeToString(sum[:])
}

// SetupCode makes the code with which the first person enters, for the console of a site that has none; empty when
// somebody is there.
func (s *Service) SetupCode(ctx context.Context) (string, error) {
	code, err := auth.NewCode()
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		open, err := account.Nobody(ctx, tx)
		if err != nil {
			return err
		}
		if !open {
			code = ""
			return nil
		}
		return setting.Put(ctx, tx, setupSetting, codeDigest(code))
	})
	return code, err
}

// SetupOpen tells whether the site still waits for its first person, and whether it has its top place already.
func (s *Service) SetupOpen(ctx context.Context) (open, placed bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if open, err = account.Nobody(ctx, tx); err != nil || !open {
			return err
		}
		roots, err := org.Roots(ctx, tx, s.clock.Today())
		placed = len(roots) > 0
		return err
	})
	return open, placed, err
}

// Setup makes the first administrator, and the top place when there is none, and answers the person's id. It works once:
// as soon as there is a person it is not found.
func (s *Service) Setup(ctx context.Context, f First, from Origin) (string, error) {
	open, placed, err := s.SetupOpen(ctx)
	if err != nil {
		return "", err
	}
	if !open {
		return "", fault.NotFound()
	}
	f.Login, f.Name, f.Place, f.PlaceCode = account.TidyLogin(f.Login), viet.Clean(f.Name), viet.Clean(f.Place), strings.ToUpper(viet.Clean(f.PlaceCode))
	if err := f.check(placed, s.people.CheckNew(ctx, f.Login, f.Password, f.Name, f.Place)); err != nil {
		return "", err
	}
	allowed, fits := false, false
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		var t try
		if t, allowed, err = s.begin(ctx, tx, setupTries, "", byInvitation, from); err != nil || !allowed {
			return err
		}
		want, err := setting.Get(ctx, tx, setupSetting, "")
		fits = want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(codeDigest(f.Code))) == 1
		if err != nil || fits {
			return err
		}
		return s.settle(ctx, tx, t, wrongTry)
	})
	if err != nil {
		return "", fmt.Errorf("set up: %w", err)
	}
	if !allowed {
		return "", tooManyTries()
	}
	if !fits {
		return "", fault.Invalid("code", "Mã cài đặt không đúng. Hãy xem lại dòng mà chương trình in ra lúc khởi động lần gần nhất.")
	}
	hash, err := s.hasher.Hash(ctx, viet.NFC(f.Password))
	if err != nil {
		return "", fmt.Errorf("set up: %w", err)
	}
	id := db.NewID()
	return id, s.db.Write(ctx, func(tx *db.Tx) error { return s.setup(ctx, tx, f, id, hash, from.Address) })
}

func (s *Service) setup(ctx context.Context, tx *db.Tx, f First, id, hash, address string) error {
	if open, err := account.Nobody(ctx, tx); err != nil || !open { // another came first
		return orNotFound(err)
	}
	system := auth.System()
	system.Address = address
	today := s.clock.Today()
	roots, err := org.Roots(ctx, tx, today)
	if err != nil {
		return err
	}
	if len(roots) == 0 {
		spec := org.Spec{Code: f.PlaceCode, Kind: org.Place, Level: f.Level, Name: f.Place}
		// A site without people holds no figures that a change of units would have to carry along.
		if err := org.New(s.db, s.clock).LoadIn(ctx, tx, system, []org.Spec{spec}); err != nil {
			return err
		}
		if roots, err = org.Roots(ctx, tx, today); err != nil {
			return err
		}
	}
	var grants []account.Grant
	for _, top := range roots {
		grants = append(grants, account.Grant{Role: "admin", Unit: top.ID})
		if f.Office {
			grants = append(grants, account.Grant{Role: "office", Unit: top.ID})
		}
	}
	if err := s.people.AddIn(ctx, tx, system, id, account.NewPerson{Login: f.Login, Name: f.Name, Language: "vi"}, hash, grants...); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, system, audit.Act{At: s.clock.Milli(), Verb: "set-up", House: house, Object: id}); err != nil {
		return err
	}
	return setting.Put(ctx, tx, setupSetting, "")
}

// check looks at all that can be judged before the code: who has mistyped a name does not lose a try.
// password is what is wrong with the password.
func (f First) check(placed bool, password error) error {
	var faults fault.List
	checks := []error{account.CheckLogin(f.Login), account.CheckName(f.Name), password}
	if tidyCode(f.Code) == "" {
		checks = append(checks, fault.Invalid("code", "Hãy nhập mã cài đặt."))
	}
	if !placed {
		checks = append(checks, checkPlace(f))
	}
	for _, err := range checks {
		if err := faults.Add(err); err != nil {
			return err
		}
	}
	return faults.Err()
}

func checkPlace(f First) error {
	var faults fault.List
	if f.Place == "" {
		_ = faults.Add(fault.Invalid("place", "Hãy nhập tên địa phương."))
	}
	if !org.ValidCode(f.PlaceCode) {
		_ = faults.Add(fault.Invalid("place_code", "Mã gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối, dài 2 đến 30 ký tự."))
	}
	if !slices.Contains(org.Levels, f.Level) {
		_ = faults.Add(fault.Invalid("level", "Hãy chọn cấp của địa phương."))
	}
	return faults.Err()
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.NotFound()
}
