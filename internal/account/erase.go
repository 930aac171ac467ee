package account

import (
	"context"
	"fmt"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// ErasedName stands where the name of a person stood who was erased.
const ErasedName = "Người dùng đã xóa"

// MayEraseIn asks whether the actor may erase a person, within the transaction of those who do: all of whom they administer,
// not themselves, and not the last who can let others in.
func (s *Service) MayEraseIn(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	if person == who.Person {
		return fault.Refused("Không ai tự xóa tài khoản của chính mình. Hãy nhờ một người quản trị khác.")
	}
	if err := s.MayChangeIn(ctx, tx, who, person); err != nil {
		return err
	}
	var others, self int64
	if err := tx.QueryRow(ctx, `select count(*) filter (where p.id <> $2), count(*) filter (where p.id = $2) from person p where not p.disabled and p.erased = 0
		and exists (select 1 from access_grant g join access_role_permission rp on rp.role = g.role and rp.permission = 'admin'
			where g.holder = p.id and g.valid_from <= $1 and $1 < g.valid_to)`, s.clock.Today(), person).Scan(&others, &self); err != nil {
		return fmt.Errorf("administrators: %w", err)
	}
	if others == 0 && self > 0 {
		return fault.Refused("Đây là người quản trị cuối cùng của trang. Hãy cấp vai trò quản trị cho người khác trước.")
	}
	var erased int64
	if err := tx.QueryRow(ctx, `select erased from person where id = $1`, person).Scan(&erased); err != nil {
		return err
	}
	if erased != 0 {
		return fault.Conflict("Người dùng này đã được xóa trước đó.")
	}
	return nil
}

// Forget takes from a person all that says who they are and ends what they may do; their id stays, for their acts.
func Forget(ctx context.Context, tx *db.Tx, person, today string, now int64) error {
	if _, err := tx.Exec(ctx, `update access_grant set valid_to = case when valid_from < $1 then $1 else valid_from end where person = $2 and valid_to > $1`, today, person); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	if _, err := tx.Exec(ctx, `update access_grant set valid_to = case when valid_from < $1 then $1 else valid_from end
		where valid_to > $1 and delegation in (select id from delegation where giver = $2 or taker = $2)`, today, person); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	if _, err := tx.Exec(ctx, `update delegation set ended = $1 where (giver = $2 or taker = $2) and ended is null`, now, person); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	// The login must differ from every other, and tell nothing: it is no login that can be typed.
	n, err := tx.Exec(ctx, `update person set login = '#' || id, name = $1, sort = $2, password = '', email = '', disabled = true, erased = $3, version = version + 1
		where id = $4`, ErasedName, viet.NameSortKey(ErasedName), now, person)
	if err == nil && n == 0 {
		err = fault.NotFound()
	}
	return err
}
