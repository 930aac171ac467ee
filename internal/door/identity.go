package door

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
	"giaoban/internal/web"
)

// Providers lists the systems whose sign-in the site takes, by code.
func (s *Service) Providers(ctx context.Context) (out []Provider, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = listProviders(ctx, tx)
		return err
	})
	return out, err
}

// provider finds one by code.
func (s *Service) provider(ctx context.Context, code string) (Provider, error) {
	list, err := s.Providers(ctx)
	if err != nil {
		return Provider{}, err
	}
	for _, p := range list {
		if p.Code == code {
			return p, nil
		}
	}
	return Provider{}, fault.NotFound()
}

// A provider is a setting of the site in the trail.
const (
	settings       = "setting"
	providerPrefix = "provider."
)

const providerColumns = `code, name, issuer, client, secret, scopes, strong, linking, claim`

func listProviders(ctx context.Context, tx *db.Tx) ([]Provider, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (p Provider, err error) {
		err = rows.Scan(&p.Code, &p.Name, &p.Issuer, &p.Client, &p.Secret, &p.Scopes, &p.Strong, &p.Linking, &p.Claim)
		return p, err
	}, `select `+providerColumns+` from provider order by code`)
}

// PutProvider adds a provider or changes the one of that code; for the machine's owner. The issuer of one that is there
// stays: identities are linked to it.
func (s *Service) PutProvider(ctx context.Context, who auth.Actor, p Provider) error {
	if !who.IsSystem() {
		return fault.NotFound()
	}
	p, err := p.tidy()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		list, err := listProviders(ctx, tx)
		if err != nil {
			return err
		}
		var before any
		for _, old := range list {
			switch {
			case old.Code == p.Code && old.Issuer != p.Issuer:
				return fault.Refusedf("Hệ thống %s đã dùng nơi cấp %s. Các liên kết gắn với nơi cấp: hãy bỏ hệ thống này trước rồi thêm lại.", p.Code, old.Issuer)
			case old.Code != p.Code && old.Issuer == p.Issuer:
				return fault.Refusedf("Nơi cấp %s đã được dùng cho hệ thống %s.", p.Issuer, old.Code)
			case old.Code == p.Code:
				before = old
			}
		}
		_, err = tx.Exec(ctx, `insert into provider(`+providerColumns+`, made) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			on conflict (code) do update set name = excluded.name, client = excluded.client, secret = excluded.secret, scopes = excluded.scopes,
			strong = excluded.strong, linking = excluded.linking, claim = excluded.claim`,
			p.Code, p.Name, p.Issuer, p.Client, p.Secret, p.Scopes, p.Strong, p.Linking, p.Claim, s.clock.Milli())
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "put-provider", House: settings, Object: providerPrefix + p.Code, Before: before, After: p})
	})
}

// RemoveProvider ends signing in by a provider and every link to it, and tells how many links there were.
func (s *Service) RemoveProvider(ctx context.Context, who auth.Actor, code string) (links int64, err error) {
	if !who.IsSystem() {
		return 0, fault.NotFound()
	}
	p, err := s.provider(ctx, code)
	if err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if links, err = tx.Exec(ctx, `delete from person_identity where issuer = $1`, p.Issuer); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from provider_flow where provider = $1`, code); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from provider where code = $1`, code); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "remove-provider", House: settings, Object: providerPrefix + code,
			Detail: map[string]any{"links": links}, Before: p})
	})
	return links, err
}

// CheckProvider tells what keeps people from signing in by a provider, as a Trouble; for the machine's owner. It asks the
// provider.
func (s *Service) CheckProvider(ctx context.Context, p Provider) error {
	if _, err := p.ReadSecret(); err != nil {
		return err
	}
	if p.exposed() {
		return Trouble{CauseExposed}
	}
	_, err := s.issuers.find(ctx, p.Issuer)
	return err
}

// back is the address of this site to which a provider sends people back.
func (s *Service) back(ctx context.Context, p Provider) (string, error) {
	var site string
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		site, err = setting.Get(ctx, tx, web.AddressSetting, "")
		return err
	})
	if err != nil {
		return "", err
	}
	if site == "" {
		return "", Trouble{causeAddress}
	}
	return BackAddress(site, p.Code), nil
}

// BackAddress is what has to be registered at a provider, exactly.
func BackAddress(site, code string) string {
	return site + "/dang-nhap/qua/" + url.PathEscape(code) + "/ve"
}

// beginFlow opens a way to a provider for the browser that holds a word, and gives its state.
func (s *Service) beginFlow(ctx context.Context, f flow, browser string) (state string, err error) {
	state = randomWord()
	now := time.Now()
	return state, s.db.Write(ctx, func(tx *db.Tx) error {
		if err := forgetFlows(ctx, tx, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into provider_flow(id, browser, provider, purpose, person, next, made) values ($1,$2,$3,$4,$5,$6,$7)`,
			wordDigest(state), wordDigest(browser), f.Provider, f.Purpose, f.Person, f.Next, now.UnixMilli())
		return err
	})
}

// takeFlow ends a way and gives it, when it is of this provider and of the browser that asks. A second answer with the same
// state finds nothing; somebody else's browser finds nothing and ends nothing.
func (s *Service) takeFlow(ctx context.Context, code, state, browser string) (f flow, found bool, err error) {
	if state == "" || browser == "" {
		return flow{}, false, nil
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		found = false
		if err := forgetFlows(ctx, tx, time.Now()); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `delete from provider_flow where id = $1 and browser = $2 and provider = $3 returning provider, purpose, person, next`,
			wordDigest(state), wordDigest(browser), code).Scan(&f.Provider, &f.Purpose, &f.Person, &f.Next)
		if db.Missing(err) {
			return nil
		}
		found = err == nil
		return err
	})
	return f, found, err
}

// forgetFlows goes by the machine's clock, as sessions do.
func forgetFlows(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `delete from provider_flow where made <= $1`, now.Add(-flowMinutes*time.Minute).UnixMilli())
	return err
}

// link links who asks to an identity at a provider.
func (s *Service) link(ctx context.Context, who auth.Actor, p Provider, subject string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		owner, err := identityOwner(ctx, tx, p.Issuer, subject)
		switch {
		case err != nil:
			return err
		case owner == who.Person:
			return nil
		case owner != "":
			return fault.Refusedf("Tài khoản %s này đã liên kết với một người dùng khác của trang.", p.Name)
		}
		return s.insertIdentity(ctx, tx, who, p, subject, who.Person, "own")
	})
}

// insertIdentity links a person who has no identity at the provider yet.
func (s *Service) insertIdentity(ctx context.Context, tx *db.Tx, who auth.Actor, p Provider, subject, person, how string) error {
	var linked int64
	if err := tx.QueryRow(ctx, `select count(*) from person_identity where issuer = $1 and person = $2`, p.Issuer, person).Scan(&linked); err != nil {
		return err
	}
	if linked > 0 {
		return fault.Refusedf("Bạn đã liên kết một tài khoản %s khác. Hãy bỏ liên kết đó trước.", p.Name)
	}
	if _, err := tx.Exec(ctx, `insert into person_identity(issuer, subject, person, made) values ($1,$2,$3,$4)`, p.Issuer, subject, person, s.clock.Milli()); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, person, tellProviderLinked, ""); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "link", House: house, Object: person, Detail: map[string]any{"provider": p.Code, "how": how}})
}

func identityOwner(ctx context.Context, tx *db.Tx, issuer, subject string) (person string, err error) {
	err = tx.QueryRow(ctx, `select person from person_identity where issuer = $1 and subject = $2`, issuer, subject).Scan(&person)
	if db.Missing(err) {
		return "", nil
	}
	return person, err
}

// Unlink ends one's own link to a provider, unless it is the only way in that one has.
func (s *Service) Unlink(ctx context.Context, who auth.Actor, code string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	p, err := s.provider(ctx, code)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ways, err := waysBeside(ctx, tx, who.Person, p.Issuer, "")
		if err != nil {
			return err
		}
		if !ways {
			return fault.Refusedf("Đây là cách đăng nhập duy nhất của bạn. Hãy nhờ người quản trị đặt mật khẩu trước khi bỏ liên kết.")
		}
		n, err := tx.Exec(ctx, `delete from person_identity where issuer = $1 and person = $2`, p.Issuer, who.Person)
		if err != nil || n == 0 { // gone already: done
			return err
		}
		if err := s.tell(ctx, tx, who.Person, tellProviderRemoved, ""); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "unlink", House: house, Object: who.Person, Detail: map[string]any{"provider": p.Code}})
	})
}

// comeBy finds the person whom a provider has let in, and links them where the provider's setting finds them by a claim.
// Whom nobody knows and whom the site has shut out get the same answer.
func (s *Service) comeBy(ctx context.Context, p Provider, c claims, address string) (person string, err error) {
	stranger := fault.Refusedf("Tài khoản %s này chưa liên kết với người dùng nào của trang. Hãy đăng nhập bằng mật khẩu rồi liên kết ở trang tài khoản của bạn, hoặc hỏi người quản trị.", p.Name)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if person, err = identityOwner(ctx, tx, p.Issuer, c.Subject); err != nil {
			return err
		}
		linked := person != ""
		if !linked {
			if person, err = s.claimed(ctx, tx, p, c); err != nil {
				return err
			}
		}
		secret, err := account.SecretOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if secret.Person == "" || secret.Disabled {
			return stranger
		}
		if linked {
			return nil
		}
		err = s.insertIdentity(ctx, tx, auth.Actor{Person: person, Address: address}, p, c.Subject, person, p.Linking)
		if fault.Is(err, fault.KindRefused) { // they have linked another identity
			return stranger
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign in by a provider: %w", err)
	}
	return person, nil
}

// claimed is the one person whom a claim names; empty when there is none, or more than one.
func (s *Service) claimed(ctx context.Context, tx *db.Tx, p Provider, c claims) (string, error) {
	said := account.TidyLogin(c.login(p))
	if said == "" {
		return "", nil
	}
	byEmail := p.Linking == LinkByEmail
	found, err := db.Collect(ctx, tx, db.Scalar[string], `select id from person where login = $1 or ($2 and email = $1) order by id limit 2`, said, byEmail)
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0], nil
}

// Link is a provider beside a person's link to it: 0 when there is none.
type Link struct {
	Provider Provider
	Since    int64
}

// links lists the providers with who asks' own links.
func (s *Service) links(ctx context.Context, who auth.Actor) (out []Link, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		list, err := listProviders(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range list {
			l := Link{Provider: p}
			err := tx.QueryRow(ctx, `select made from person_identity where issuer = $1 and person = $2`, p.Issuer, who.Person).Scan(&l.Since)
			if err != nil && !db.Missing(err) {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}
