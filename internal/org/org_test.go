package org_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

var ctx = context.Background()

// town is a small locality: a town, two wards with a Women's Union and two areas each.
func town() []org.Spec {
	specs := []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX", FrontParent: "TX.MT"},
	}
	for _, w := range []string{"P01", "P02"} {
		specs = append(specs,
			org.Spec{Code: w, Kind: org.Place, Level: org.Commune, Name: "Phường " + w, Parent: "TX"},
			org.Spec{Code: w + ".MT", Kind: org.Body, Level: org.Commune, Name: "Ủy ban MTTQ Việt Nam Phường " + w, Parent: w, LineParent: "TX.MT"},
			org.Spec{Code: w + ".PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN Phường " + w, Parent: w, LineParent: "TX.PN", FrontParent: w + ".MT"},
			org.Spec{Code: w + ".K1", Kind: org.Place, Level: org.Area, Name: "Tổ dân phố 1 " + w, Parent: w, FrontParent: w + ".MT"},
			org.Spec{Code: w + ".K2", Kind: org.Place, Level: org.Area, Name: "Tổ dân phố 2 " + w, Parent: w, FrontParent: w + ".MT"},
		)
	}
	return specs
}

func newTown(t *testing.T, d *db.DB) *org.Service {
	t.Helper()
	s := org.New(d, clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
	if err := s.Load(ctx, auth.System(), town()); err != nil {
		t.Fatal(err)
	}
	return s
}

func codes(t *testing.T, s *org.Service, root string, h org.Hierarchy, day string) []string {
	t.Helper()
	nodes, err := s.Tree(ctx, auth.System(), root, h, day)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range nodes {
		out = append(out, n.Code)
	}
	return out
}

func noDifference(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Read(ctx, func(tx *db.Tx) error {
		changes, err := org.CheckClosure(ctx, tx)
		if len(changes) > 0 {
			t.Errorf("closure differs from its recomputation: %+v", changes[0])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMergeMovesWhatStoodBelowAndUndoRestoresIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		before := codes(t, s, "TX", org.Territory, "2020-06-01")
		id, err := s.Succeed(ctx, auth.System(), org.Merge("2020-01-01", "Nghị quyết 12", org.Spec{Code: "P09", Kind: org.Place, Level: org.Commune, Name: "Phường P09"}, "P01", "P02"))
		if err != nil {
			t.Fatal(err)
		}
		noDifference(t, d)
		after := codes(t, s, "P09", org.Territory, "2020-06-01")
		if diff := cmp.Diff([]string{"P09", "P01.K1", "P02.K1", "P01.K2", "P02.K2", "P09.PN", "P09.MT"}, after); diff != "" {
			t.Errorf("under the new ward (-want +got):\n%s", diff)
		}
		if got := codes(t, s, "P01", org.Territory, "2019-12-31"); len(got) != 5 {
			t.Errorf("the old ward of its day holds %v", got)
		}
		if got := codes(t, s, "P09.MT", org.Front, "2020-06-01"); len(got) != 6 {
			t.Errorf("the new Front body holds %v", got)
		}
		if err := s.Undo(ctx, auth.System(), id, "Nghị quyết bị thu hồi"); err != nil {
			t.Fatal(err)
		}
		noDifference(t, d)
		if diff := cmp.Diff(before, codes(t, s, "TX", org.Territory, "2020-06-01")); diff != "" {
			t.Errorf("after undo (-before +after):\n%s", diff)
		}
		if _, err := s.Find(ctx, auth.System(), "P09", "2020-06-01"); err == nil {
			life, _ := s.Life(ctx, auth.System(), "P09")
			t.Errorf("a unit whose making was undone is still there: %+v", life)
		}
	})
}

func TestSplitSharesMustBeWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		split := org.Succession{At: "2020-01-01", Old: []string{"P01.K1"}, Heirs: []org.Heir{
			{Spec: org.Spec{Code: "P01.K3", Kind: org.Place, Level: org.Area, Name: "Tổ dân phố 3"}, Share: map[string]int64{"P01.K1": 6000}},
			{Spec: org.Spec{Code: "P01.K4", Kind: org.Place, Level: org.Area, Name: "Tổ dân phố 4"}, Share: map[string]int64{"P01.K1": 3000}},
		}}
		if _, err := s.Succeed(ctx, auth.System(), split); !fault.Is(err, fault.KindInvalid) {
			t.Fatalf("shares of 90%% were taken: %v", err)
		}
		split.Heirs[1].Share["P01.K1"] = 4000
		if _, err := s.Succeed(ctx, auth.System(), split); err != nil {
			t.Fatal(err)
		}
		noDifference(t, d)
	})
}

func TestLoopIsRefusedAndNothingChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		u, err := s.Find(ctx, auth.System(), "P01", "2019-10-01")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Move(ctx, auth.System(), "P01", u.Version, org.Territory, "P01.K1", "2020-01-01"); !fault.Is(err, fault.KindRefused) {
			t.Fatalf("a ward was put under its own area: %v", err)
		}
		noDifference(t, d)
		if err := s.Rename(ctx, auth.System(), "P01", u.Version, "2020-01-01", "Phường Mới", "", org.Commune); err != nil {
			t.Fatal(err)
		}
		if err := s.Rename(ctx, auth.System(), "P01", u.Version, "2020-02-01", "Phường Khác", "", org.Commune); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an edit of a version that has moved on was taken: %v", err)
		}
		old, err := s.Find(ctx, auth.System(), "P01", "2019-12-31")
		if err != nil || old.Name != "Phường P01" {
			t.Errorf("the name of the day before = %q, %v", old.Name, err)
		}
	})
}

func TestLoadNamesTheRowAndMakesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := org.New(d, clock.Real())
		err := s.Load(ctx, auth.System(), []org.Spec{
			{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã"},
			{Code: "đơn vị", Kind: org.Place, Level: org.Town, Name: "Sai mã"},
			{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường", Parent: "KHONGCO"},
		})
		if all := fault.All(err); len(all) != 2 || all[0].Field != "row2.code" || all[1].Field != "row3.parent" {
			t.Fatalf("faults = %v", err)
		}
		if got := codes(t, s, "", org.Territory, "2019-10-01"); len(got) != 0 {
			t.Errorf("units were made all the same: %v", got)
		}
	})
}

// officer gives a person the view and edit permissions over one unit.
func officer(t *testing.T, d *db.DB, unit string) auth.Actor {
	t.Helper()
	person := "officer-" + unit
	err := d.Write(ctx, func(tx *db.Tx) error {
		u, err := org.FindCode(ctx, tx, unit, "2019-10-01")
		if err != nil {
			return err
		}
		for _, q := range []string{
			`insert into access_role(code, name, ordinal) values ('test', 'Test', 1) on conflict (code) do nothing`,
			`insert into access_role_permission(role, permission) values ('test', 'view'), ('test', 'edit-units') on conflict (role, permission) do nothing`,
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version)
			values ($1, $1, $1, '', '', 'vi', $2, 0, 1)`, person, false); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$2,'test',$3,$4,$5)`,
			db.NewID(), person, u.ID, org.Always, org.Forever)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var unitID int64
	if err := d.Read(ctx, func(tx *db.Tx) error {
		u, err := org.FindCode(ctx, tx, unit, "2019-10-01")
		unitID = u.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return auth.Actor{Person: person, Grants: []auth.Grant{{Role: "test", Unit: unitID, Permissions: []auth.Permission{auth.View, auth.EditUnits}}}}
}

func TestOfficerOfASiblingWardSeesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newTown(t, d)
		who := officer(t, d, "P01")
		const day = "2019-10-01"
		if _, err := s.Find(ctx, who, "P01.K1", day); err != nil {
			t.Errorf("own area: %v", err)
		}
		for _, code := range []string{"P02", "P02.K1", "TX", "TX.MT"} {
			if _, err := s.Find(ctx, who, code, day); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Find %s: %v", code, err)
			}
			if _, err := s.Life(ctx, who, code); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Life %s: %v", code, err)
			}
			if _, err := s.Tree(ctx, who, code, org.Territory, day); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Tree %s: %v", code, err)
			}
			if err := s.Move(ctx, who, code, 1, org.Territory, "P01", "2020-01-01"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("Move %s: %v", code, err)
			}
		}
		if nodes, err := s.Tree(ctx, who, "", org.Territory, day); err != nil || len(nodes) != 5 {
			t.Errorf("own tree has %d units, %v", len(nodes), err)
		}
		if err := s.Add(ctx, who, org.Spec{Code: "P02.K9", Kind: org.Place, Level: org.Area, Name: "Tổ 9", Parent: "P02"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an area was put under a ward that is not the actor's: %v", err)
		}
		found, err := s.Search(ctx, who, "to dan pho", 10)
		if err != nil || len(found) != 2 {
			t.Errorf("search without marks found %d, %v", len(found), err)
		}
		if found, err = s.Search(ctx, who, "P02", 10); err != nil || len(found) != 0 {
			t.Errorf("search reaches the sibling: %v, %v", found, err)
		}
	})
}

func TestOneMillionKeysStayApart(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int64{{1, 2}, {999_999, 999_999}, {12, 345}} {
		if p, l := org.SplitPlaceLine(org.PlaceLineKey(c[0], c[1])); p != c[0] || l != c[1] {
			t.Error(fmt.Sprint(c, p, l))
		}
	}
}
