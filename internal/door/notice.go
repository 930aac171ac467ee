package door

import (
	"context"
	"strconv"
	"strings"

	"giaoban/internal/account"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
)

// Notices to people about how they come in (see mail.Notice).
const (
	tellSignIn          = "sign-in"
	tellPassword        = "password"
	tellAddress         = "address"
	tellProviderLinked  = "provider-linked"
	tellProviderRemoved = "provider-removed"
)

// factorNotices are what people are told of what becomes of their factors, by the verb of the trail.
var factorNotices = map[string]string{
	"add-code": "factor-added", "remove-code": "factor-removed", "add-passkey": "passkey-added", "remove-passkey": "passkey-removed",
	"copied-passkey": "passkey-copied", "new-recovery-codes": "recovery-made", "use-recovery-code": "recovery-used",
}

// tell writes to a person, who has an address where the site sends mail, what has become of how they come in; in the
// transaction in which it does.
func (s *Service) tell(ctx context.Context, tx *db.Tx, person, what, device string) error {
	data := map[string]string{"What": what}
	if device = strings.Trim(strings.ReplaceAll(device, "/", ", "), ", "); device != "" {
		data["Device"] = device
	}
	return s.tellBy(ctx, tx, person, mail.Notice, data)
}

func (s *Service) tellBy(ctx context.Context, tx *db.Tx, person, template string, data map[string]string) error {
	if s.mails == nil {
		return nil
	}
	p, err := account.FindIn(ctx, tx, person, s.clock.Today())
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.notify(ctx, tx, p, template, data)
}

func (s *Service) notify(ctx context.Context, tx *db.Tx, p account.Person, template string, data map[string]string) error {
	data["At"] = strconv.FormatInt(s.clock.Milli(), 10)
	return s.mails.Notify(ctx, tx, mail.Message{To: p.Email, ToName: p.Name, Person: p.ID, Language: p.Language, Template: template, Data: data})
}

// changed tells a person of a new password or address, at the address that they had before: whoever changes it must not be the
// only one who learns of it.
func (s *Service) changed(ctx context.Context, tx *db.Tx, before account.Person, what string) error {
	if s.mails == nil {
		return nil
	}
	return s.notify(ctx, tx, before, mail.Notice, map[string]string{"What": what})
}

// tellFactor tells what note writes down.
func (s *Service) tellFactor(ctx context.Context, tx *db.Tx, person, verb string) error {
	if verb == "reset-factors" {
		return s.tellBy(ctx, tx, person, mail.Reset, map[string]string{"What": "factor"})
	}
	return s.tell(ctx, tx, person, factorNotices[verb], "")
}
