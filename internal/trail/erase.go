package trail

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/personal"
)

// Kept lists the rules of retention with what they have done.
func (s *Service) Kept(ctx context.Context, who auth.Actor) (out []Kept, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, r := range Rules {
			k := Kept{Rule: r}
			if k.Now, err = r.In(ctx, tx); err != nil {
				return err
			}
			if k.Run, err = r.Last(ctx, tx); err != nil {
				return err
			}
			out = append(out, k)
		}
		return nil
	})
	return out, err
}

// Export gathers what is held about a person: for themselves, or for who administers all of them. It is in the trail, since
// it is handed over.
func (s *Service) Export(ctx context.Context, who auth.Actor, person string) (d Dossier, err error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return d, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if who.Person != person {
			if err := who.Must(auth.Admin); err != nil {
				return err
			}
			if err := s.Accounts.MayChangeIn(ctx, tx, who, person); err != nil {
				return err
			}
		}
		now := s.Clock.Milli()
		d = Dossier{Person: person, Made: time.UnixMilli(now).In(clock.Zone).Format(time.RFC3339), Note: dossierNote, Records: []Record{}}
		for _, c := range Register {
			for _, t := range c.Tables {
				if t.Key == "" {
					continue
				}
				rows, err := held(ctx, tx, t, person)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					continue
				}
				d.Records = append(d.Records, Record{c.House, t.Name, t.Key, t.What, rows})
				for _, column := range t.Secret {
					d.Secret = append(d.Secret, t.Name+"."+column)
				}
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "export", House: "personal", Object: person})
	})
	return d, err
}

// held reads the rows of a table that are a person's. Its words are those of a declaration, never input.
func held(ctx context.Context, tx *db.Tx, t personal.Table, person string) (out []map[string]any, err error) {
	columns := slices.Concat(t.Beside, t.Columns)
	rows, err := tx.Query(ctx, `select `+strings.Join(columns, ", ")+` from `+t.Name+` where `+t.Key+` = $1 order by `+columns[0], person)
	return out, each(rows, err, func(rows *sql.Rows) error {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row := map[string]any{}
		for i, c := range columns {
			if b, ok := values[i].([]byte); ok {
				values[i] = string(b)
			}
			row[c] = values[i]
		}
		out = append(out, row)
		return nil
	})
}

// EraseReasons are why a person is erased. Free words would put into the trail for good what is to be forgotten.
var EraseReasons = []string{"Người này yêu cầu", "Không còn làm việc ở cơ quan", "Tạo nhầm tài khoản"}

// Erase takes from the site all that says who a person is; what they did stays, as the act of somebody who was erased.
func (s *Service) Erase(ctx context.Context, who auth.Actor, person, reason string) error {
	if !slices.Contains(EraseReasons, reason) {
		return fault.Invalid("reason", "Hãy chọn lý do xóa.")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.Accounts.MayEraseIn(ctx, tx, who, person); err != nil {
			return err
		}
		now, today := s.Clock.Milli(), s.Clock.Today()
		units, err := db.Collect(ctx, tx, db.Scalar[int64], `select distinct unit from access_grant where person = $1`, person)
		if err != nil {
			return err
		}
		for _, forget := range []func() error{
			func() error { return door.Forget(ctx, tx, person) },
			func() error { return mail.Forget(ctx, tx, person) },
			func() error { return notice.Forget(ctx, tx, person) },
			func() error { return org.Forget(ctx, tx, person) },
			func() error { return account.Forget(ctx, tx, person, today, now) },
		} {
			if err := forget(); err != nil {
				return fmt.Errorf("erase a person: %w", err)
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "erase", House: "personal", Object: person, Units: units, Reason: reason})
	})
}
