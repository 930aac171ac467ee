package account

import (
	"context"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Service is the house's verbs.
type Service struct {
	db     *db.DB
	clock  *clock.Clock
	hasher *auth.Hasher
	entry  Entry
	leaked *auth.Leaked // nil: the operator has given no list

	welcome web.Handler
}

// New makes the service.
func New(d *db.DB, c *clock.Clock, h *auth.Hasher) *Service {
	return &Service{db: d, clock: c, hasher: h}
}

// Entry is what this house needs of the one that lets people in. CheckEmail judges an address for mail; Waiting tells which of
// some people have a slip that they have not used, and until when; Out ends all sessions of a person who is shut out.
type Entry struct {
	CheckEmail func(string) (string, error)
	Waiting    func(ctx context.Context, people []string) (map[string]int64, error)
	Out        func(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error
	// Changed is told in the same transaction that a person's "password" or "address" has changed, and who they were before.
	Changed func(ctx context.Context, tx *db.Tx, before Person, what string) error
}

// Join gives the house what Entry says.
func (s *Service) Join(e Entry) { s.entry = e }

// Unit is a unit that an administrator may grant roles over.
type Unit struct {
	ID         int64
	Code, Name string
}

const house = "account"

// Actor reads who a person is today. A person who is disabled or unknown is a visitor.
func (s *Service) Actor(ctx context.Context, person string) (who auth.Actor, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		who, _, err = LoadActor(ctx, tx, person, s.clock.Today())
		return err
	})
	if err != nil {
		return auth.Actor{}, fmt.Errorf("load person: %w", err)
	}
	return who, nil
}

// AddPerson lets someone in and answers their id.
func (s *Service) AddPerson(ctx context.Context, who auth.Actor, p NewPerson) (string, error) {
	if err := who.Must(auth.Admin); err != nil {
		return "", err
	}
	p.Login, p.Name = TidyLogin(p.Login), viet.Clean(p.Name)
	if p.Language != "en" {
		p.Language = "vi"
	}
	var faults fault.List
	for _, err := range []error{CheckLogin(p.Login), CheckName(p.Name)} {
		if err := faults.Add(err); err != nil {
			return "", err
		}
	}
	var err error
	if p.Email, err = s.tidyEmail(p.Email); err != nil {
		if err := faults.Add(err); err != nil {
			return "", err
		}
	}
	if p.Password != "" {
		if err := faults.Add(s.CheckNew(ctx, p.Login, p.Password, p.Name)); err != nil {
			return "", err
		}
	}
	if p.Role == "" && !who.IsSystem() {
		_ = faults.Add(fault.Invalid("role", "Hãy chọn vai trò."))
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	hash := ""
	if p.Password != "" {
		if hash, err = s.hasher.Hash(ctx, viet.NFC(p.Password)); err != nil {
			return "", fmt.Errorf("add person: %w", err)
		}
	}
	id := db.NewID()
	return id, s.db.Write(ctx, func(tx *db.Tx) error {
		var grants []Grant
		if p.Role != "" {
			grants = []Grant{{Role: p.Role, Unit: p.Unit, Hierarchy: p.Hierarchy}}
		}
		return s.AddIn(ctx, tx, who, id, p, hash, grants...)
	})
}

// AddIn is AddPerson within a transaction of db.Write, of a person who has been checked, with the hash of their password
// and with grants from today on. The door house lets the first person in by it.
func (s *Service) AddIn(ctx context.Context, tx *db.Tx, who auth.Actor, id string, p NewPerson, hash string, grants ...Grant) error {
	now := s.clock.Milli()
	if err := insertPerson(ctx, tx, id, p, hash, now); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "add", House: house, Object: id}); err != nil {
		return err
	}
	for _, g := range grants {
		g.ID, g.Person, g.From = db.NewID(), id, s.clock.Today()
		if err := s.grant(ctx, tx, who, g); err != nil {
			return err
		}
	}
	return nil
}

// Grant gives a person a role over a unit and answers the grant's id. From is today when empty. A grant with an office holds
// no longer than the office, which is the person's from then on.
func (s *Service) Grant(ctx context.Context, who auth.Actor, g Grant) (string, error) {
	if err := who.Must(auth.Admin); err != nil {
		return "", err
	}
	if g.From == "" {
		g.From = s.clock.Today()
	}
	if g.To != "" && g.To <= g.From {
		return "", fault.Invalid("to", "Ngày kết thúc phải sau ngày bắt đầu.")
	}
	if g.Person == who.Person {
		return "", fault.Refused("Không ai tự cấp quyền cho chính mình. Hãy nhờ một người quản trị khác.")
	}
	g.ID = db.NewID()
	return g.ID, s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := findPerson(ctx, tx, who, g.Person, s.clock.Today()); err != nil {
			return err
		}
		return s.grant(ctx, tx, who, g)
	})
}

func (s *Service) grant(ctx context.Context, tx *db.Tx, who auth.Actor, g Grant) error {
	today := s.clock.Today()
	if g.Hierarchy == 0 {
		g.Hierarchy = org.Territory
	}
	role, err := findRole(ctx, tx, g.Role, today)
	if fault.Is(err, fault.KindNotFound) || err == nil && role.Removed {
		return fault.Invalid("role", "Hãy chọn vai trò.")
	}
	if err != nil {
		return err
	}
	if err := mayGrantOver(ctx, tx, who, g.Unit, g.Hierarchy, today); err != nil {
		return err
	}
	if g.Office != "" {
		if err := s.tie(ctx, tx, who, &g); err != nil {
			return err
		}
	}
	if err := insertGrant(ctx, tx, g); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "grant", House: house, Object: g.Person, Units: []int64{g.Unit},
		Detail: map[string]any{"grant": g.ID},
		After:  map[string]any{"role": g.Role, "unit": g.Unit, "hierarchy": g.Hierarchy, "from": g.From, "to": g.To, "office": g.Office},
	})
}

// tie limits a grant to the office that it comes with, and says whose account holds the office where that is not known yet.
func (s *Service) tie(ctx context.Context, tx *db.Tx, who auth.Actor, g *Grant) error {
	o, err := org.OfficeOf(ctx, tx, g.Office)
	if err == nil {
		var mine bool
		if mine, err = unitWithin(ctx, tx, who, o.Unit, s.clock.Today()); err == nil && !mine {
			err = fault.NotFound()
		}
	}
	switch {
	case fault.Is(err, fault.KindNotFound):
		return fault.Invalid("office", "Hãy chọn một chức vụ trong phạm vi quản trị của bạn.")
	case err != nil:
		return err
	case o.Account != "" && o.Account != g.Person:
		return fault.Invalid("office", "Chức vụ này đã gắn với tài khoản của người khác.")
	case o.ValidTo <= g.From:
		return fault.Invalidf("office", "Chức vụ này đã thôi từ ngày %s.", viet.FormatDate(o.ValidTo))
	}
	g.From = max(g.From, o.ValidFrom)
	if o.ValidTo != forever && (g.To == "" || o.ValidTo < g.To) {
		g.To = o.ValidTo
	}
	if g.To != "" && g.To <= g.From {
		return fault.Invalid("to", "Ngày kết thúc phải sau ngày bắt đầu.")
	}
	if o.Account != "" {
		return nil
	}
	return org.LinkOffice(ctx, tx, who, o, g.Person, s.clock.Milli())
}

// OfficeEnded ends the grants that came with an office on the day on which it was left; the org house calls it in the
// transaction that ends the office. A grant never holds longer for it.
func (s *Service) OfficeEnded(ctx context.Context, tx *db.Tx, who auth.Actor, office, day string) error {
	ended, err := grantsOfOffice(ctx, tx, office, day)
	if err != nil {
		return err
	}
	for _, g := range ended {
		if err := endGrant(ctx, tx, g.ID, day); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "revoke", House: house, Object: g.Person, Units: []int64{g.Unit},
			Detail: map[string]any{"grant": g.ID, "office": office, "to": day}}); err != nil {
			return err
		}
	}
	return nil
}

// Revoke ends a grant today.
func (s *Service) Revoke(ctx context.Context, who auth.Actor, person, grant string) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	if person == who.Person {
		return fault.Refused("Không ai tự thu quyền của chính mình. Hãy nhờ một người quản trị khác.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		p, err := findPerson(ctx, tx, who, person, today)
		if err != nil {
			return err
		}
		for _, g := range p.Grants { // those that the actor may see are those that they may end
			if g.ID != grant {
				continue
			}
			return keepAdministered(ctx, tx, who, today, func() error {
				if err := endGrant(ctx, tx, grant, today); err != nil {
					return err
				}
				return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "revoke", House: house, Object: person, Units: []int64{g.Unit}, Detail: map[string]any{"grant": grant}})
			})
		}
		return fault.NotFound()
	})
}

// Disable shuts a person out at once, or lets them in again.
func (s *Service) Disable(ctx context.Context, who auth.Actor, person string, version int64, disabled bool) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	if person == who.Person {
		return fault.Refused("Không ai tự khóa tài khoản của chính mình.")
	}
	verb := "disable"
	if !disabled {
		verb = "enable"
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.MayChangeIn(ctx, tx, who, person); err != nil {
			return err
		}
		return keepAdministered(ctx, tx, who, s.clock.Today(), func() error {
			if err := updatePerson(ctx, tx, person, version, "disabled", disabled); err != nil {
				return err
			}
			if disabled {
				if err := s.EndDelegations(ctx, tx, who, person); err != nil {
					return err
				}
				if s.entry.Out != nil { // for good: they come back by signing in, whenever they may
					if err := s.entry.Out(ctx, tx, who, person); err != nil {
						return err
					}
				}
			}
			return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: house, Object: person})
		})
	})
}

// MayChangeIn asks whether the actor administers all of a person: one who also works beyond the actor's subtree would
// otherwise lend them their rights there.
func (s *Service) MayChangeIn(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error {
	today := s.clock.Today()
	if _, err := findPerson(ctx, tx, who, person, today); err != nil {
		return err
	}
	beyond, err := grantsReaching(ctx, tx, who, person, today)
	if err != nil {
		return err
	}
	if len(beyond) > 0 {
		return fault.Refused("Người này còn có vai trò ở đơn vị ngoài phạm vi quản trị của bạn, nên chỉ người quản trị cấp trên mới đổi được.")
	}
	return nil
}

// SetPassword sets another person's password; their sessions end.
func (s *Service) SetPassword(ctx context.Context, who auth.Actor, person string, password string) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	return s.setPassword(ctx, who, person, password, func(tx *db.Tx) error { return s.MayChangeIn(ctx, tx, who, person) })
}

// ChangePassword sets one's own password. Whether the present one was given is asked by the door house, which counts tries.
func (s *Service) ChangePassword(ctx context.Context, who auth.Actor, password string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.setPassword(ctx, who, who.Person, password, func(*db.Tx) error { return nil })
}

func (s *Service) setPassword(ctx context.Context, who auth.Actor, person, password string, first func(*db.Tx) error) error {
	var p Person
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = findPerson(ctx, tx, who, person, s.clock.Today())
		return err
	})
	if err != nil {
		return err
	}
	if err := s.CheckNew(ctx, p.Login, password, p.Name); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, viet.NFC(password))
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		if err := updatePerson(ctx, tx, person, p.Version, "password", hash); err != nil {
			return err
		}
		if s.entry.Changed != nil {
			if err := s.entry.Changed(ctx, tx, p, "password"); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "password", House: house, Object: person})
	})
}

// Refuse makes the house refuse passwords that a list of leaked ones holds; nil is no list.
func (s *Service) Refuse(l *auth.Leaked) { s.leaked = l }

// CheckNew judges a new password: CheckPassword, with the site's name as one of the things that anyone would guess, and the
// operator's list of leaked passwords, if there is one. A list that cannot be read lets no password through.
func (s *Service) CheckNew(ctx context.Context, login, password string, about ...string) error {
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		roots, err := org.Roots(ctx, tx, s.clock.Today())
		for _, top := range roots {
			about = append(about, top.Name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("check a password: %w", err)
	}
	if err := CheckPassword(login, password, about...); err != nil || s.leaked == nil {
		return err
	}
	found, err := s.leaked.Has(viet.NFC(password))
	if err != nil {
		return err
	}
	if found {
		return fault.Invalid("password", "Mật khẩu này đã bị lộ ở một nơi khác trên mạng nên người lạ có thể thử. Hãy chọn mật khẩu khác, không dùng ở đâu nữa.")
	}
	return nil
}

// SetHashIn sets the hash of a person's password within a transaction of somebody who may; an empty one takes the password
// away.
func (s *Service) SetHashIn(ctx context.Context, tx *db.Tx, who auth.Actor, person, hash string) error {
	if err := setHash(ctx, tx, person, hash); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "password", House: house, Object: person})
}

// Rehash keeps a password, which its person has just typed, with the parameters of today instead of those of its present hash.
func (s *Service) Rehash(ctx context.Context, person, old, password string) error {
	hash, err := s.hasher.Hash(ctx, viet.NFC(password))
	if err != nil {
		return fmt.Errorf("renew a hash: %w", err)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := renewHash(ctx, tx, person, old, hash)
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, tx, auth.System(), audit.Act{At: s.clock.Milli(), Verb: "rehash", House: house, Object: person})
	})
}

// tidyEmail judges an address for mail; none is one too.
func (s *Service) tidyEmail(address string) (string, error) {
	if address = viet.Clean(address); address == "" || s.entry.CheckEmail == nil {
		return "", nil
	}
	return s.entry.CheckEmail(address)
}

// SetEmail sets the address to which mail for a person goes, one's own or of somebody whom the actor administers wholly. The
// address stands nowhere but with the person.
func (s *Service) SetEmail(ctx context.Context, who auth.Actor, person, address string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	address, err := s.tidyEmail(address)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if person != who.Person {
			if err := who.Must(auth.Admin); err != nil {
				return err
			}
			if err := s.MayChangeIn(ctx, tx, who, person); err != nil {
				return err
			}
		}
		p, err := findPerson(ctx, tx, who, person, s.clock.Today())
		if err != nil || p.Email == address {
			return err
		}
		if err := updatePerson(ctx, tx, person, p.Version, "email", address); err != nil {
			return err
		}
		if s.entry.Changed != nil {
			if err := s.entry.Changed(ctx, tx, p, "address"); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "email", House: house, Object: person})
	})
}

// FindIn is Find within a transaction of somebody who may.
func FindIn(ctx context.Context, tx *db.Tx, person, today string) (Person, error) {
	return findPerson(ctx, tx, auth.System(), person, today)
}

// SetLanguage sets one's own language, "vi" or "en".
func (s *Service) SetLanguage(ctx context.Context, who auth.Actor, code string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	if code != "vi" && code != "en" {
		return fault.Invalid("lang", "Hãy chọn tiếng Việt hoặc tiếng Anh.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		p, err := findPerson(ctx, tx, who, who.Person, s.clock.Today())
		if err != nil || p.Language == code {
			return err
		}
		if err := updatePerson(ctx, tx, p.ID, p.Version, "language", code); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "language", House: house, Object: p.ID, Before: p.Language, After: code})
	})
}

// List lists the people that the actor administers, with the grants that they may see.
func (s *Service) List(ctx context.Context, who auth.Actor) ([]Person, error) {
	if err := who.Must(auth.Admin); err != nil {
		return nil, err
	}
	var out []Person
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = listPeople(ctx, tx, who, s.clock.Today())
		return err
	})
	return out, err
}

// Find is one person that the actor administers, or is.
func (s *Service) Find(ctx context.Context, who auth.Actor, person string) (Person, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return Person{}, err
	}
	var out Person
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = findPerson(ctx, tx, who, person, s.clock.Today())
		return err
	})
	return out, err
}

// Units lists the units that the actor may grant roles over.
func (s *Service) Units(ctx context.Context, who auth.Actor) ([]Unit, error) {
	if err := who.Must(auth.Admin); err != nil {
		return nil, err
	}
	var out []Unit
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = listUnits(ctx, tx, who, s.clock.Today())
		return err
	})
	return out, err
}

// Offices lists the offices, now or to come, that a grant of a person may come with: those linked to their account and, with
// nobody's account, those held under their name, in units that the actor administers.
func (s *Service) Offices(ctx context.Context, who auth.Actor, person string) ([]org.Office, error) {
	if err := who.Must(auth.Admin); err != nil {
		return nil, err
	}
	var out []org.Office
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		p, err := findPerson(ctx, tx, who, person, today)
		if err != nil {
			return err
		}
		out, err = org.StandingOffices(ctx, tx, `o.account in ('', $3) and `+within("o.unit", 1), append(withinArgs(who, today), p.ID)...)
		out = slices.DeleteFunc(out, func(o org.Office) bool { return o.Account == "" && !viet.Same(o.Person, p.Name) })
		return err
	})
	return out, err
}
