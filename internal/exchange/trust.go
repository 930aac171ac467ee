package exchange

import (
	"context"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Keys lists the keys of other sites, those that are trusted first. Only who administers the whole site sees them.
func (s *Service) Keys(ctx context.Context, who auth.Actor) (out []Key, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Admin, s.clock.Today()); err != nil {
			return err
		}
		if out, err = db.Collect(ctx, tx, scanKey, keySelect+`order by k.revoked_at, u.code, k.at`); err != nil {
			return err
		}
		for i := range out {
			if err := s.nameKey(ctx, tx, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) nameKey(ctx context.Context, tx *db.Tx, k *Key) error {
	u, err := org.FindID(ctx, tx, k.Unit, s.clock.Today())
	if err != nil {
		return err
	}
	k.UnitName = u.Name
	if k.By, err = audit.Name(ctx, tx, k.By); err != nil || k.RevokedBy == "" {
		return err
	}
	k.RevokedBy, err = audit.Name(ctx, tx, k.RevokedBy)
	return err
}

// MayTrust tells whether the actor enters and revokes keys.
func (s *Service) MayTrust(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.Admin, s.clock.Today())
		return err
	})
	return may, err
}

// NewKey is a key as an administrator enters it: the fingerprint is what the sender has read out over the telephone, not what a file
// says of itself.
type NewKey struct {
	Name, Unit, Fingerprint, Scheme string
}

// Trust enters a key for a unit and all below it.
func (s *Service) Trust(ctx context.Context, who auth.Actor, n NewKey) error {
	n.Name = viet.Clean(n.Name)
	var bad fault.List
	if n.Name == "" || len(n.Name) > longestCode {
		_ = bad.Add(fault.Invalid("ten", "Hãy ghi tên nơi gửi, không quá 200 ký tự."))
	}
	digits, ok := readFingerprint(n.Fingerprint)
	if !ok {
		_ = bad.Add(fault.Invalidf("dau-khoa", "Dấu khóa gồm %d chữ số, tám nhóm năm số. Hãy gõ lại theo lời đọc qua điện thoại.", fingerprintLength))
	}
	if n.Unit == "" {
		_ = bad.Add(fault.Invalid("don-vi", "Hãy chọn đơn vị mà khóa này được gửi số liệu."))
	}
	if err := bad.Err(); err != nil {
		if who.Must(auth.Admin) != nil {
			return fault.NotFound()
		}
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		if err := org.MustHoldSite(ctx, tx, who, auth.Admin, today); err != nil {
			return err
		}
		u, err := org.Visible(ctx, tx, who, auth.Admin, strings.ToUpper(n.Unit), today, today)
		if fault.Is(err, fault.KindNotFound) {
			return fault.Invalidf("don-vi", "Không có đơn vị mang mã “%s”.", n.Unit)
		}
		if err != nil {
			return err
		}
		if n.Scheme != "" {
			if _, err := find(ctx, tx, n.Scheme); err != nil {
				return err
			}
		}
		var own bool
		if err := tx.QueryRow(ctx, `select exists (select 1 from exchange_sent where fingerprint = $1)`, digits).Scan(&own); err != nil {
			return err
		}
		if own {
			return fault.Invalid("dau-khoa", "Đây là khóa của chính trang này. Hãy nhập dấu khóa của nơi gửi.")
		}
		k := Key{ID: db.NewID(), Name: n.Name, Unit: u.ID, Fingerprint: digits, Scheme: n.Scheme, At: s.clock.Milli(), By: who.Person}
		if err := insertKey(ctx, tx, k); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: k.At, Verb: "trust", House: "key", Object: k.ID, Units: []int64{u.ID}, After: Grouped(digits),
			Detail: map[string]any{"unit": u.Code, "scheme": n.Scheme}})
	})
}

// Revoke ends the trust in a key, for good: what it signed and was accepted stays, nothing more is taken.
func (s *Service) Revoke(ctx context.Context, who auth.Actor, id string, version int, reason string) error {
	reason = viet.Clean(reason)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Admin, s.clock.Today()); err != nil {
			return err
		}
		if reason == "" || len(reason) > longestCode {
			return fault.Invalid("ly-do", "Hãy nêu lý do thu hồi khóa, không quá 200 ký tự.")
		}
		found, err := db.Collect(ctx, tx, scanKey, keySelect+`where k.id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound()
		}
		k := found[0]
		k.RevokedAt, k.RevokedBy, k.Reason = s.clock.Milli(), who.Person, reason
		if err := revokeKey(ctx, tx, k, version); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: k.RevokedAt, Verb: "revoke", House: "key", Object: k.ID, Units: []int64{k.Unit}, Reason: reason, Before: Grouped(k.Fingerprint)})
	})
}
