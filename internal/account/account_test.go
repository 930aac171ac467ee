package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
)

const (
	town = 1
	east = 2 // a ward of the town
	west = 3 // its sibling
	good = "chuồn chuồn bay thấp"
)

// site is a fresh site with a town of two wards.
func site(t *testing.T, d *db.DB) *Service {
	t.Helper()
	ctx := context.Background()
	err := d.Write(ctx, func(tx *db.Tx) error {
		for id, name := range []string{town: "Thị xã", east: "Phường Đông", west: "Phường Tây"} {
			id := int64(id)
			if id == 0 {
				continue
			}
			if _, err := tx.Exec(ctx, `insert into unit(id, code, kind, valid_from, valid_to, version) values ($1,$2,'place','0001-01-01','9999-12-31',1)`, id, fmt.Sprintf("u%d", id)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into unit_name(unit, valid_from, valid_to, name, short, level, folded, sort) values ($1,'0001-01-01','9999-12-31',$2,$2,'xa','',$2)`, id, name); err != nil {
				return err
			}
			if id != town {
				if _, err := tx.Exec(ctx, `insert into unit_edge(unit, hierarchy, parent, valid_from, valid_to) values ($1,1,$2,'0001-01-01','9999-12-31')`, id, town); err != nil {
					return err
				}
			}
			for _, up := range []int64{town, id} {
				if _, err := tx.Exec(ctx, `insert into unit_ancestor(unit, hierarchy, ancestor, depth, valid_from, valid_to, weight) values ($1,1,$2,0,'0001-01-01','9999-12-31',1) on conflict do nothing`, id, up); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := New(d, clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)), auth.NewHasher(2))
	if err := s.EnsureRoles(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// person adds someone with a role over a unit and gives them as the actor they are.
func person(t *testing.T, s *Service, login, role string, unit int64) auth.Actor {
	t.Helper()
	ctx := context.Background()
	id, err := s.AddPerson(ctx, auth.System(), NewPerson{Login: login, Name: "Nguyễn " + login, Role: role, Unit: unit})
	if err != nil {
		t.Fatal(err)
	}
	return actor(t, s, id)
}

func actor(t *testing.T, s *Service, id string) auth.Actor {
	t.Helper()
	a, err := s.Actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnActorHoldsTheGrantsOfToday(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		for _, g := range []Grant{{Role: "office", Unit: town, From: "2019-10-02"}, {Role: "editor", Unit: west, From: "2019-01-01", To: "2019-10-01"}} {
			g.Person = a.Person
			if _, err := s.Grant(ctx, auth.System(), g); err != nil {
				t.Fatal(err)
			}
		}
		a = actor(t, s, a.Person)
		if len(a.Grants) != 1 || a.Grants[0].Role != "head" || a.Grants[0].Unit != east || a.Grants[0].UnitName != "Phường Đông" || a.Grants[0].UnitCode != "u2" {
			t.Fatalf("grants of today are %+v", a.Grants)
		}
		if !a.Has(auth.Approve) || a.Has(auth.Consolidate) || !slices.Equal(a.Units(auth.Enter), []int64{east}) {
			t.Errorf("a head may do %v", a.Grants[0].Permissions)
		}
		s.clock.Advance(24 * time.Hour)
		if a = actor(t, s, a.Person); !a.Has(auth.Consolidate) {
			t.Error("a grant that begins today does not hold")
		}
	})
}

func TestEachRoleHoldsExactlyItsPermissions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		if err := s.EnsureRoles(context.Background()); err != nil {
			t.Fatalf("a second start: %v", err)
		}
		for _, r := range Defaults {
			a := person(t, s, "nguoi."+r.Code, r.Code, town)
			for _, p := range auth.Permissions {
				if a.Has(p) != slices.Contains(r.Permissions, p) {
					t.Errorf("%s: Has(%s) is %v", r.Code, p, a.Has(p))
				}
			}
		}
	})
}

func TestAnAdministratorReachesTheirSubtreeOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		admin := person(t, s, "qt.dong", "admin", east)
		mine := person(t, s, "cb.dong", "officer", east)
		sibling := person(t, s, "cb.tay", "officer", west)
		above := person(t, s, "cb.thixa", "officer", town)
		both := person(t, s, "hai.noi", "officer", east)
		if _, err := s.Grant(ctx, auth.System(), Grant{Person: both.Person, Role: "office", Unit: town}); err != nil {
			t.Fatal(err)
		}

		people, err := s.List(ctx, admin)
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, p := range people {
			seen = append(seen, p.Login)
			for _, g := range p.Grants {
				if g.Unit != east {
					t.Errorf("%s: the grant at %s shows", p.Login, g.UnitName)
				}
			}
		}
		slices.Sort(seen)
		if want := []string{"cb.dong", "hai.noi", "qt.dong"}; !slices.Equal(seen, want) {
			t.Errorf("an administrator of one ward sees %v, want %v", seen, want)
		}
		for _, other := range []auth.Actor{sibling, above} {
			if _, err := s.Find(ctx, admin, other.Person); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s is found: %v", other.Name, err)
			}
			if err := s.SetPassword(ctx, admin, other.Person, good); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s gets a password: %v", other.Name, err)
			}
			if err := s.Disable(ctx, admin, other.Person, 1, true); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s is disabled: %v", other.Name, err)
			}
			if _, err := s.Grant(ctx, admin, Grant{Person: other.Person, Role: "officer", Unit: east}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s is granted: %v", other.Name, err)
			}
		}
		for _, unit := range []int64{west, town, 99, 0} {
			if _, err := s.Grant(ctx, admin, Grant{Person: mine.Person, Role: "officer", Unit: unit}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("a grant over unit %d: %v", unit, err)
			}
		}
		if err := s.SetPassword(ctx, admin, both.Person, good); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a password for someone with rights above: %v", err)
		}
		if err := s.SetPassword(ctx, admin, mine.Person, good); err != nil {
			t.Errorf("a password for one's own: %v", err)
		}
		units, err := s.Units(ctx, admin)
		if err != nil || len(units) != 1 || units[0].ID != east {
			t.Errorf("units to choose: %v, %v", units, err)
		}
		top := person(t, s, "qt.thixa", "admin", town)
		if people, err := s.List(ctx, top); err != nil || len(people) != 6 {
			t.Errorf("the town's administrator sees %d people, want 6 (%v)", len(people), err)
		}
	})
}

func TestNobodyRaisesThemselves(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		admin := person(t, s, "qt", "admin", town)
		if _, err := s.Grant(ctx, admin, Grant{Person: admin.Person, Role: "office", Unit: town}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a grant to oneself: %v", err)
		}
		if err := s.Disable(ctx, admin, admin.Person, 1, true); !fault.Is(err, fault.KindRefused) {
			t.Errorf("shutting oneself out: %v", err)
		}
		officer := person(t, s, "cb", "officer", town)
		if _, err := s.AddPerson(ctx, officer, NewPerson{Login: "moi", Name: "Mới", Password: good, Role: "admin", Unit: town}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("an officer adds a person: %v", err)
		}
	})
}

func TestARevokedGrantEndsToday(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		admin := person(t, s, "qt", "admin", town)
		a := person(t, s, "cb", "officer", east)
		p, err := s.Find(ctx, admin, a.Person)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Revoke(ctx, admin, a.Person, p.Grants[0].ID); err != nil {
			t.Fatal(err)
		}
		if a = actor(t, s, a.Person); a.Has(auth.View) || !a.SignedIn() {
			t.Errorf("after the end: %+v", a)
		}
		if p, err = s.Find(ctx, admin, a.Person); err != nil || len(p.Grants) != 1 || !p.Grants[0].Ended("2019-10-01") {
			t.Errorf("the ended grant is kept as history: %+v, %v", p.Grants, err)
		}
		if err := s.Revoke(ctx, admin, a.Person, "khong-co"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a grant that is not there: %v", err)
		}
	})
}

func TestTwoEditorsOfOnePersonDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "cb", "officer", east)
		if err := s.Disable(ctx, auth.System(), a.Person, 1, true); err != nil {
			t.Fatal(err)
		}
		if err := s.Disable(ctx, auth.System(), a.Person, 1, false); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version: %v", err)
		}
	})
}

func TestWhatIsRefusedOfANewPerson(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	ctx := context.Background()
	admin := person(t, s, "qt", "admin", town)
	ok := NewPerson{Login: "moi", Name: "Người Mới", Password: good, Role: "officer", Unit: east}
	for rule, change := range map[string]func(*NewPerson){
		"login/too short":      func(p *NewPerson) { p.Login = "a" },
		"login/marks":          func(p *NewPerson) { p.Login = "bình" },
		"login/taken":          func(p *NewPerson) { p.Login = "QT" },
		"name/empty":           func(p *NewPerson) { p.Name = "  " },
		"name/too long":        func(p *NewPerson) { p.Name = strings.Repeat("ă", 121) },
		"password/too short":   func(p *NewPerson) { p.Password = "ngắn quá" },
		"password/login in it": func(p *NewPerson) { p.Password = "xin chào moi nhé" },
		"password/a row":       func(p *NewPerson) { p.Password = "1234567890" },
		"password/one sign":    func(p *NewPerson) { p.Password = "aaaaaaaaaaaa" },
		"role/unknown":         func(p *NewPerson) { p.Role = "vua" },
		"unit/elsewhere":       func(p *NewPerson) { p.Unit = 99 },
	} {
		p := ok
		change(&p)
		field, _, _ := strings.Cut(rule, "/")
		_, err := s.AddPerson(ctx, admin, p)
		all := fault.All(err)
		if len(all) != 1 || all[0].Kind != fault.KindInvalid || all[0].Field != field {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if _, err := s.AddPerson(ctx, admin, ok); err != nil {
		t.Errorf("all in order: %v", err)
	}
}

func TestAPersonIsFoundByNameLoginOrUnit(t *testing.T) {
	t.Parallel()
	people := []Person{
		{ID: "1", Name: "Nguyễn Thị Đào", Login: "dao", Grants: []Grant{{UnitName: "Phường Đông", From: "2019-01-01", To: "9999-12-31"}}},
		{ID: "2", Name: "Trần Văn Mận", Login: "vp.mattran", Grants: []Grant{{UnitName: "Phường Tây", From: "2019-01-01", To: "9999-12-31"}}},
		{ID: "3", Name: "Lê Văn Mơ", Login: "mo", Grants: []Grant{{UnitName: "Phường Đông", From: "2018-01-01", To: "2018-12-31"}}},
	}
	for text, want := range map[string]string{
		"": "1 2 3", "dao": "1", "ĐÀO": "1", "mattran": "2", "phường đông": "1", "phuong": "1 2", "van": "2 3", "không ai": "",
	} {
		var got []string
		for _, p := range matching(people, text, "2019-10-01") {
			got = append(got, p.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %q", text, got, want)
		}
	}
}

func TestTheListOfPeopleHasPages(t *testing.T) {
	t.Parallel()
	people := make([]Person, 2*peoplePerPage+1)
	for i := range people {
		people[i] = Person{ID: fmt.Sprint(i), Name: "Nguyễn Văn A"}
	}
	for number, want := range map[int]int{1: peoplePerPage, 2: peoplePerPage, 3: 1, 9: 1} {
		p := listPageOf(people, "nguyen", "2019-10-01", number)
		if len(p.People) != want || p.Pager.Pages != 3 || p.Total != len(people) {
			t.Errorf("page %d shows %d of %d in %d pages", number, len(p.People), p.Total, p.Pager.Pages)
		}
	}
	if p := listPageOf(nil, "", "2019-10-01", 1); len(p.People) != 0 || p.Pager.Pages != 1 {
		t.Errorf("an empty list is %+v", p)
	}
}
