package account

import (
	"context"
	"slices"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

func TestAGrantEndsWithTheOfficeThatItComesWith(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		units := org.New(d, s.clock)
		units.FollowOffices(s.OfficeEnded)
		admin := person(t, s, "qt", "admin", town)
		holder, deputy, other := person(t, s, "lanhdao", "auditor", town), person(t, s, "pho", "officer", east), person(t, s, "khac", "officer", east)
		for _, title := range []string{"Chủ tịch", "Trưởng ban"} { // one person, two offices
			if err := units.Appoint(ctx, auth.System(), "u2", org.Office{Person: "Nguyễn lanhdao", Title: title, Rank: 1, ValidFrom: "2019-01-01"}); err != nil {
				t.Fatal(err)
			}
		}
		offices, err := s.Offices(ctx, admin, holder.Person)
		if err != nil || len(offices) != 2 {
			t.Fatalf("offices under the person's name: %+v, %v", offices, err)
		}
		if none, err := s.Offices(ctx, admin, other.Person); err != nil || len(none) != 0 {
			t.Errorf("offices of somebody else: %+v, %v", none, err)
		}
		ids := map[string]string{}
		for _, o := range offices {
			role := map[string]string{"Chủ tịch": "head", "Trưởng ban": "chair"}[o.Title]
			if ids[o.Title], err = s.Grant(ctx, admin, Grant{Person: holder.Person, Role: role, Unit: east, Office: o.ID}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Grant(ctx, admin, Grant{Person: other.Person, Role: "head", Unit: east, Office: offices[0].ID}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an office that is another account's: %v", err)
		}
		if _, err := s.Grant(ctx, admin, Grant{Person: holder.Person, Role: "head", Unit: east, Office: "khong-co"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an office that is not there: %v", err)
		}
		id, err := s.Delegate(ctx, admin, Delegation{Giver: holder.Person, Taker: deputy.Person, To: "2019-12-01", Reason: "Nghỉ"}, []string{ids["Chủ tịch"]})
		if err != nil {
			t.Fatal(err)
		}
		chairman := offices[slices.IndexFunc(offices, func(o org.Office) bool { return o.Title == "Chủ tịch" })]
		if err := units.EndOffice(ctx, auth.System(), "u2", chairman.ID, "2019-10-01"); err != nil {
			t.Fatal(err)
		}
		if who := actor(t, s, holder.Person); who.Has(auth.Approve) || !who.Has(auth.Brief) {
			t.Errorf("after leaving one of two offices: %+v", who.Grants)
		}
		if _, holds := under(t, s, deputy.Person, id); holds {
			t.Error("what was lent out of the office holds on")
		}
		if err := units.EndOffice(ctx, auth.System(), "u2", chairman.ID, "2020-10-01"); err != nil {
			t.Fatal(err)
		}
		if actor(t, s, holder.Person).Has(auth.Approve) {
			t.Error("a later end of the office gives back what was over")
		}
	})
}

// A grant along a line reaches the line, and only who administers all of it may give it.
func TestAGrantAlongALine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		if err := d.Write(ctx, func(tx *db.Tx) error { // bodies of the wards, below the one of the town
			for _, q := range []string{
				`insert into unit(id, code, kind, valid_from, valid_to, version) values (11,'u1.PN','body','0001-01-01','9999-12-31',1),(12,'u2.PN','body','0001-01-01','9999-12-31',1),(13,'u3.PN','body','0001-01-01','9999-12-31',1)`,
				`insert into unit_ancestor(unit, hierarchy, ancestor, depth, valid_from, valid_to, weight) values
					(11,1,11,0,'0001-01-01','9999-12-31',1),(11,1,1,1,'0001-01-01','9999-12-31',1),
					(12,1,12,0,'0001-01-01','9999-12-31',1),(12,1,2,1,'0001-01-01','9999-12-31',1),(12,1,1,2,'0001-01-01','9999-12-31',1),
					(13,1,13,0,'0001-01-01','9999-12-31',1),(13,1,3,1,'0001-01-01','9999-12-31',1),(13,1,1,2,'0001-01-01','9999-12-31',1),
					(11,2,11,0,'0001-01-01','9999-12-31',1),(12,2,12,0,'0001-01-01','9999-12-31',1),(12,2,11,1,'0001-01-01','9999-12-31',1),
					(13,2,13,0,'0001-01-01','9999-12-31',1),(13,2,11,1,'0001-01-01','9999-12-31',1)`,
				`insert into unit_edge(unit, hierarchy, parent, valid_from, valid_to) values (11,1,1,'0001-01-01','9999-12-31')`,
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		top, ward := person(t, s, "qt", "admin", town), person(t, s, "qt.dong", "admin", east)
		reader := person(t, s, "doc", "auditor", 12)
		if got := sees(t, s, reader, auth.View); !slices.Equal(got, []int64{12}) {
			t.Fatalf("one body: %v", got)
		}
		if _, err := s.Grant(ctx, top, Grant{Person: reader.Person, Role: "auditor", Unit: 11, Hierarchy: org.Line}); err != nil {
			t.Fatal(err)
		}
		if got := sees(t, s, actor(t, s, reader.Person), auth.View); !slices.Equal(got, []int64{11, 12, 13}) {
			t.Errorf("along the line: %v", got)
		}
		for name, g := range map[string]Grant{"no such tree": {Unit: 11, Hierarchy: 7}, "a place in a line": {Unit: east, Hierarchy: org.Line}, "a derived tree": {Unit: 11, Hierarchy: org.PlaceLine}} {
			g.Person, g.Role = reader.Person, "auditor"
			if _, err := s.Grant(ctx, top, g); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// The ward's administrator may not lead the line out of the ward.
		mover := person(t, s, "moi", "officer", 12)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into unit_ancestor(unit, hierarchy, ancestor, depth, valid_from, valid_to, weight) values (13,2,12,1,'0001-01-01','9999-12-31',1)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Grant(ctx, ward, Grant{Person: mover.Person, Role: "auditor", Unit: 12, Hierarchy: org.Line}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a line that leaves the ward: %v", err)
		}
		if _, err := s.Grant(ctx, top, Grant{Person: mover.Person, Role: "auditor", Unit: 12, Hierarchy: org.Line}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPassword(ctx, ward, mover.Person, good); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a password of who sees beyond the ward: %v", err)
		}
	})
}
