package account

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

// EnsureRoles writes the default roles that the site lacks, and brings those up to the program that the site has not edited;
// it may run at each start.
func (s *Service) EnsureRoles(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		have, err := listRoles(ctx, tx, s.clock.Today())
		if err != nil {
			return fmt.Errorf("roles: %w", err)
		}
		for i, d := range Defaults {
			at := slices.IndexFunc(have, func(r Role) bool { return r.Code == d.Code })
			if at >= 0 && (have[at].Edited || have[at].Removed || !have[at].differs(d)) {
				continue
			}
			if err := putRole(ctx, tx, d, i+1); err != nil {
				return fmt.Errorf("role %s: %w", d.Code, err)
			}
		}
		return nil
	})
}

// Roles lists the roles that can be given, in the order in which people read them.
func (s *Service) Roles(ctx context.Context, who auth.Actor) ([]Role, error) {
	all, err := s.allRoles(ctx, who)
	return slices.DeleteFunc(all, func(r Role) bool { return r.Removed }), err
}

// allRoles also lists those that were removed.
func (s *Service) allRoles(ctx context.Context, who auth.Actor) ([]Role, error) {
	if err := who.Must(auth.Admin); err != nil {
		return nil, err
	}
	var out []Role
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = listRoles(ctx, tx, s.clock.Today())
		return err
	})
	return out, err
}

// FindRole is one role, and whether the actor may change it.
func (s *Service) FindRole(ctx context.Context, who auth.Actor, code string) (role Role, may bool, err error) {
	if err := who.Must(auth.Admin); err != nil {
		return Role{}, false, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if role, err = findRole(ctx, tx, code, s.clock.Today()); err != nil {
			return err
		}
		err := s.mayEditRole(ctx, tx, who, code)
		may = err == nil
		if fault.Is(err, fault.KindRefused) || fault.Is(err, fault.KindNotFound) {
			return nil
		}
		return err
	})
	return role, may, err
}

// MayEditRoles tells whether the actor administers the whole site.
func (s *Service) MayEditRoles(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.Admin, s.clock.Today())
		return err
	})
	return may, err
}

// mayEditRole keeps roles to those who administer the whole site, and each role from those who hold it: nobody gives
// themselves more by it.
func (s *Service) mayEditRole(ctx context.Context, tx *db.Tx, who auth.Actor, code string) error {
	top, err := org.HoldsSite(ctx, tx, who, auth.Admin, s.clock.Today())
	if err != nil {
		return err
	}
	if !top {
		return fault.NotFound()
	}
	var mine bool
	err = tx.QueryRow(ctx, `select exists (select 1 from access_grant g where g.person = $1 and g.role = $2 and g.valid_to > $3)`,
		who.Person, code, s.clock.Today()).Scan(&mine)
	if err == nil && mine {
		return fault.Refused("Bạn đang giữ vai trò này nên không tự sửa được. Hãy nhờ một người quản trị khác.")
	}
	return err
}

// AddRole makes a role of the site's own and answers its code.
func (s *Service) AddRole(ctx context.Context, who auth.Actor, r Role) (string, error) {
	if err := who.Must(auth.Admin); err != nil {
		return "", err
	}
	r.tidy()
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if top, err := org.HoldsSite(ctx, tx, who, auth.Admin, s.clock.Today()); err != nil || !top {
			return orNotFound(err)
		}
		if err := r.check(); err != nil {
			return err
		}
		all, err := listRoles(ctx, tx, s.clock.Today())
		if err != nil {
			return err
		}
		if err := nameFree(all, r); err != nil {
			return err
		}
		r.Code = codeOf(r.Name, func(code string) bool {
			return slices.ContainsFunc(all, func(o Role) bool { return o.Code == code })
		})
		r.Edited = true
		if err := putRole(ctx, tx, r, len(Defaults)+len(all)+1); err != nil {
			return err
		}
		return s.auditRole(ctx, tx, who, "add", r.Code, Role{}, r)
	})
	return r.Code, err
}

// EditRole changes a role from the version that the editor saw.
func (s *Service) EditRole(ctx context.Context, who auth.Actor, r Role) error {
	r.tidy()
	return s.changeRole(ctx, who, "edit", r.Code, func(tx *db.Tx, old Role) (Role, error) {
		if old.Removed {
			return Role{}, fault.NotFound()
		}
		if err := r.check(); err != nil {
			return Role{}, err
		}
		if old.Version != r.Version {
			return Role{}, fault.Conflict("Vai trò này vừa được người khác thay đổi. Hãy mở lại trang rồi thử lại.")
		}
		all, err := listRoles(ctx, tx, s.clock.Today())
		if err != nil {
			return Role{}, err
		}
		if err := nameFree(all, r); err != nil {
			return Role{}, err
		}
		d, known := defaultOf(r.Code)
		r.Edited = !known || r.differs(d)
		return r, nil
	})
}

// RestoreRole makes a role again what the program proposes.
func (s *Service) RestoreRole(ctx context.Context, who auth.Actor, code string) error {
	return s.changeRole(ctx, who, "restore", code, func(*db.Tx, Role) (Role, error) {
		d, known := defaultOf(code)
		if !known {
			return Role{}, fault.Refused("Vai trò này do trang tự đặt nên không có bản mặc định.")
		}
		return d, nil
	})
}

// RemoveRole takes away a role that nobody holds.
func (s *Service) RemoveRole(ctx context.Context, who auth.Actor, code string) error {
	return s.changeRole(ctx, who, "remove", code, func(_ *db.Tx, old Role) (Role, error) {
		if old.Removed {
			return Role{}, fault.NotFound()
		}
		if old.Holders > 0 {
			return Role{}, fault.Refusedf("Còn %d người giữ vai trò này. Hãy thu vai trò của họ trước khi xóa.", old.Holders)
		}
		old.Removed, old.Edited, old.Permissions = true, true, nil
		return old, nil
	})
}

func (s *Service) changeRole(ctx context.Context, who auth.Actor, verb, code string, change func(*db.Tx, Role) (Role, error)) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		old, err := findRole(ctx, tx, code, s.clock.Today())
		if err != nil {
			return err
		}
		if err := s.mayEditRole(ctx, tx, who, code); err != nil {
			return err
		}
		r, err := change(tx, old)
		if err != nil {
			return err
		}
		return keepAdministered(ctx, tx, who, s.clock.Today(), func() error {
			if err := putRole(ctx, tx, r, 0); err != nil {
				return err
			}
			return s.auditRole(ctx, tx, who, verb, code, old, r)
		})
	})
}

func (s *Service) auditRole(ctx context.Context, tx *db.Tx, who auth.Actor, verb, code string, old, now Role) error {
	said := func(r Role) any {
		if r.Code == "" || r.Removed {
			return nil
		}
		return map[string]any{"name": r.Name, "summary": r.Summary, "permissions": sorted(r.Permissions)}
	}
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "role", Object: code, Before: said(old), After: said(now)})
}

// nameFree refuses a second role of one name: who grants could not tell them apart.
func nameFree(all []Role, r Role) error {
	if slices.ContainsFunc(all, func(o Role) bool { return o.Code != r.Code && !o.Removed && o.Name == r.Name }) {
		return fault.Invalid("name", "Đã có vai trò mang tên này.")
	}
	return nil
}

// listRoles lists all roles; their holders are counted as of a day.
func listRoles(ctx context.Context, tx *db.Tx, today string) ([]Role, error) {
	roles, err := db.Collect(ctx, tx, func(rows *sql.Rows) (Role, error) {
		var r Role
		return r, rows.Scan(&r.Code, &r.Name, &r.Summary, &r.Edited, &r.Removed, &r.Version, &r.Holders)
	}, `select r.code, r.name, r.summary, r.edited, r.removed, r.version,
		(select count(distinct g.person) from access_grant g where g.role = r.code and g.valid_to > $1 and g.valid_from < g.valid_to)
		from access_role r order by r.ordinal, r.code`, today)
	if err != nil {
		return nil, err
	}
	type pair struct {
		role       string
		permission auth.Permission
	}
	pairs, err := db.Collect(ctx, tx, func(rows *sql.Rows) (p pair, err error) {
		return p, rows.Scan(&p.role, &p.permission)
	}, `select role, permission from access_role_permission order by role, permission`)
	for _, p := range pairs {
		if at := slices.IndexFunc(roles, func(r Role) bool { return r.Code == p.role }); at >= 0 {
			roles[at].Permissions = append(roles[at].Permissions, p.permission)
		}
	}
	return roles, err
}

func findRole(ctx context.Context, tx *db.Tx, code, today string) (Role, error) {
	all, err := listRoles(ctx, tx, today)
	if err != nil {
		return Role{}, err
	}
	at := slices.IndexFunc(all, func(r Role) bool { return r.Code == code })
	if at < 0 {
		return Role{}, fault.NotFound()
	}
	return all[at], nil
}

// putRole writes a role as it is now. A new one stands at ordinal.
func putRole(ctx context.Context, tx *db.Tx, r Role, ordinal int) error {
	if _, err := tx.Exec(ctx, `insert into access_role(code, name, ordinal, summary, edited, removed, version) values ($1,$2,$3,$4,$5,$6,1)
		on conflict (code) do update set name = excluded.name, summary = excluded.summary, edited = excluded.edited, removed = excluded.removed,
			ordinal = case when excluded.ordinal = 0 then access_role.ordinal else excluded.ordinal end, version = access_role.version + 1`,
		r.Code, r.Name, ordinal, r.Summary, r.Edited, r.Removed); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from access_role_permission where role = $1`, r.Code); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range r.Permissions {
		rows = append(rows, []any{r.Code, string(p)})
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Insert(ctx, `insert into access_role_permission(role, permission) values`, ``, rows)
}

// keepAdministered makes a change and refuses it when it takes from the site its last administrator, today or for good. An
// administrator is someone let in who holds the permission over every top of the territory; for good, by grants that neither
// end nor come with an office. The machine's owner may take away what they can give again.
func keepAdministered(ctx context.Context, tx *db.Tx, who auth.Actor, today string, change func() error) error {
	if who.IsSystem() {
		return change()
	}
	was, err := administered(ctx, tx, today)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	is, err := administered(ctx, tx, today)
	if err != nil {
		return err
	}
	if is < was {
		return fault.Refused("Sau thay đổi này sẽ không còn ai quản trị toàn trang. Hãy cấp quyền quản trị không thời hạn cho một người khác trước.")
	}
	return nil
}

// administered is 2 when somebody administers the whole site for good, 1 when somebody does today.
func administered(ctx context.Context, tx *db.Tx, today string) (strength int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce(max(case when w.lasting then 2 else 1 end), 0) from (
		select p.id, min(case when m.lasting then 1 else 0 end) = 1 as lasting from person p
		join unit u on u.kind = 'place' and u.valid_from <= $1 and $1 < u.valid_to
			and not exists (select 1 from unit_edge e where e.unit = u.id and e.hierarchy = 1 and e.valid_from <= $1 and $1 < e.valid_to)
		left join (select g.holder, g.unit, max(case when g.valid_to = $2 and g.office = '' then 1 else 0 end) = 1 as lasting from access_grant g
			join access_role_permission rp on rp.role = g.role and rp.permission = 'admin'
			where g.hierarchy = 1 and g.valid_from <= $1 and $1 < g.valid_to group by g.holder, g.unit) m on m.holder = p.id and m.unit = u.id
		where not p.disabled group by p.id having count(m.unit) = count(*)) w`, today, forever).Scan(&strength)
	return strength, err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.NotFound()
}
