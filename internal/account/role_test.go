package account

import (
	"context"
	"slices"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
)

func TestEveryPermissionIsExplainedOnce(t *testing.T) {
	t.Parallel()
	var said []auth.Permission
	for _, g := range rightGroups {
		for _, r := range g.rights {
			said = append(said, r.permission)
			if r.name == "" || r.help == "" {
				t.Errorf("%s has no words", r.permission)
			}
		}
	}
	if !slices.Equal(sorted(said), sorted(auth.Permissions)) {
		t.Errorf("rightGroups explain %v, permissions are %v", sorted(said), sorted(auth.Permissions))
	}
	for _, d := range Defaults {
		if err := d.check(); err != nil {
			t.Errorf("%s: %v", d.Code, err)
		}
	}
}

func role(t *testing.T, s *Service, code string) Role {
	t.Helper()
	r, _, err := s.FindRole(context.Background(), auth.System(), code)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASiteEditsItsRolesAndKeepsThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		admin := person(t, s, "qt", "admin", town)
		clerk := person(t, s, "cb", "officer", east)

		r := role(t, s, "officer")
		r.Name, r.Permissions = " Cán bộ  xem ", []auth.Permission{auth.View}
		if err := s.EditRole(ctx, admin, r); err != nil {
			t.Fatal(err)
		}
		if err := s.EditRole(ctx, admin, r); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an edit from an older version: %v", err)
		}
		if clerk = actor(t, s, clerk.Person); clerk.Has(auth.Enter) || !clerk.Has(auth.View) || clerk.Grants[0].RoleName != "Cán bộ xem" {
			t.Errorf("the edit does not reach who holds the role: %+v", clerk.Grants)
		}
		code, err := s.AddRole(ctx, admin, Role{Name: "Thư ký giúp việc", Permissions: []auth.Permission{auth.Brief, auth.View}})
		if err != nil || code != "thu-ky-giup-viec" {
			t.Fatalf("a role of the site's own: %q, %v", code, err)
		}
		if _, err := s.AddRole(ctx, admin, Role{Name: "Thư ký giúp việc", Permissions: []auth.Permission{auth.View}}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a second role of that name: %v", err)
		}
		for _, wrong := range []Role{{Permissions: []auth.Permission{auth.View}}, {Name: "Không quyền"}, {Name: "Không xem", Permissions: []auth.Permission{auth.Approve}}} {
			if _, err := s.AddRole(ctx, admin, wrong); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		secretary := person(t, s, "tk", code, town)
		if err := s.RemoveRole(ctx, admin, code); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a role that somebody holds goes: %v", err)
		}
		if err := s.Revoke(ctx, admin, secretary.Person, grantOf(t, s, secretary.Person).ID); err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{code, "publisher"} {
			if err := s.RemoveRole(ctx, admin, gone); err != nil {
				t.Errorf("remove %s: %v", gone, err)
			}
			if _, err := s.Grant(ctx, admin, Grant{Person: clerk.Person, Role: gone, Unit: east}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s, which is gone, is granted: %v", gone, err)
			}
		}

		if err := s.EnsureRoles(ctx); err != nil { // the next start
			t.Fatal(err)
		}
		if r := role(t, s, "officer"); r.Name != "Cán bộ xem" || !slices.Equal(r.Permissions, []auth.Permission{auth.View}) {
			t.Errorf("a start undoes the site's edit: %+v", r)
		}
		if r := role(t, s, "publisher"); !r.Removed || len(r.Permissions) != 0 {
			t.Errorf("a start brings back what was removed: %+v", r)
		}
		if p := grantOf(t, s, secretary.Person); p.RoleName != "Thư ký giúp việc" {
			t.Errorf("what a removed role gave is not readable: %+v", p)
		}
		for _, back := range []string{"officer", "publisher"} {
			if err := s.RestoreRole(ctx, admin, back); err != nil {
				t.Errorf("restore %s: %v", back, err)
			}
			if d, _ := defaultOf(back); role(t, s, back).differs(d) || role(t, s, back).Edited {
				t.Errorf("restored: %+v", role(t, s, back))
			}
		}
	})
}

func grantOf(t *testing.T, s *Service, person string) Grant {
	t.Helper()
	p, err := s.Find(context.Background(), auth.System(), person)
	if err != nil || len(p.Grants) != 1 {
		t.Fatalf("grants of %s: %+v, %v", person, p.Grants, err)
	}
	return p.Grants[0]
}

// A new version of the program adds a role and a permission: a site that has not touched a role gets them.
func TestANewVersionReachesRolesThatTheSiteLeftAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			for _, q := range []string{`delete from access_role_permission where role = 'follower'`, `delete from access_role where code = 'follower'`,
				`delete from access_role_permission where role = 'office' and permission = 'audit'`} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.EnsureRoles(ctx); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"follower", "office"} {
			if d, _ := defaultOf(code); role(t, s, code).differs(d) {
				t.Errorf("%s: %+v", code, role(t, s, code))
			}
		}
	})
}

func TestRolesAreEditedFromTheTopAndByNobodyWhoHoldsThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		top := person(t, s, "qt", "admin", town)
		ward := person(t, s, "qt.dong", "admin", east)
		office := person(t, s, "vp", "office", town)
		edited := role(t, s, "officer")
		edited.Permissions = append(edited.Permissions, auth.Approve)
		for _, who := range []auth.Actor{ward, office, {}} {
			for name, err := range map[string]error{"edit": s.EditRole(ctx, who, edited), "restore": s.RestoreRole(ctx, who, "officer"), "remove": s.RemoveRole(ctx, who, "publisher")} {
				if !fault.Is(err, fault.KindNotFound) {
					t.Errorf("%s by %s: %v", name, who.Name, err)
				}
			}
			if _, err := s.AddRole(ctx, who, Role{Name: "Mới", Permissions: []auth.Permission{auth.View}}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("a role by %s: %v", who.Name, err)
			}
		}
		mine := role(t, s, "admin")
		mine.Permissions = append(mine.Permissions, auth.View)
		if err := s.EditRole(ctx, top, mine); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an administrator widens the role that they hold: %v", err)
		}
		// Nor through what was lent to them, nor what will be theirs.
		if _, err := s.Delegate(ctx, office, Delegation{Giver: office.Person, Taker: top.Person, To: "2019-11-01", Reason: "Nghỉ phép"}, []string{grantOf(t, s, office.Person).ID}); err != nil {
			t.Fatal(err)
		}
		lent := role(t, s, "office")
		lent.Permissions = append(lent.Permissions, auth.Publish)
		if err := s.EditRole(ctx, actor(t, s, top.Person), lent); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an administrator widens the role that was lent to them: %v", err)
		}
		if err := s.EditRole(ctx, top, edited); err != nil {
			t.Errorf("an administrator edits what they do not hold: %v", err)
		}
	})
}

func TestTheLastWayToAdministerTheSiteStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		first := person(t, s, "qt1", "admin", town)
		code, err := s.AddRole(ctx, first, Role{Name: "Quản trị phụ", Permissions: []auth.Permission{auth.Admin}})
		if err != nil {
			t.Fatal(err)
		}
		second := person(t, s, "qt2", code, town)
		ward := person(t, s, "qt3", "admin", east)
		if err := s.Revoke(ctx, second, first.Person, grantOf(t, s, first.Person).ID); err != nil {
			t.Fatalf("one of two: %v", err)
		}
		// Now only the second administers the whole; the ward's administrator does not, nor one whose grant will end.
		until := person(t, s, "qt4", "officer", east)
		if _, err := s.Grant(ctx, auth.System(), Grant{Person: until.Person, Role: "admin", Unit: town, To: "2019-12-31"}); err != nil {
			t.Fatal(err)
		}
		until = actor(t, s, until.Person)
		for name, err := range map[string]error{
			"revoke":    s.Revoke(ctx, until, second.Person, grantOf(t, s, second.Person).ID),
			"disable":   s.Disable(ctx, until, second.Person, 1, true),
			"edit role": s.EditRole(ctx, until, Role{Code: code, Name: "Xem thôi", Permissions: []auth.Permission{auth.View}, Version: 1}),
		} {
			if !fault.Is(err, fault.KindRefused) {
				t.Errorf("%s of the last administrator for good: %v", name, err)
			}
		}
		if !actor(t, s, second.Person).Has(auth.Admin) {
			t.Error("a refused change was made")
		}
		if err := s.Disable(ctx, until, ward.Person, 1, true); err != nil {
			t.Errorf("who is not the last: %v", err)
		}
		if err := s.Disable(ctx, auth.System(), second.Person, 1, true); err != nil {
			t.Errorf("the machine's owner may: %v", err)
		}
	})
}
