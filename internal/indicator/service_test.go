package indicator

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

var ctx = context.Background()

var today = time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)

// site is a site with the starter catalogue.
func site(t *testing.T, d *db.DB) *Service {
	t.Helper()
	s := New(d, clock.Fixed(today))
	if err := s.EnsureStarter(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func catalog(t *testing.T, s *Service) *Catalog {
	t.Helper()
	c, err := s.Catalog(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func byCode(t *testing.T, s *Service, code string) Indicator {
	t.Helper()
	i, ok := catalog(t, s).ByCode(code)
	if !ok {
		t.Fatalf("no indicator %s", code)
	}
	return i
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestStarterComesOutOfTheSiteAsItWentIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		want, got := starterCatalog(t).All(), catalog(t, s).All()
		inAnyOrder := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if diff := cmp.Diff(want, got, inAnyOrder, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		var before, after int
		count := func(n *int) {
			if err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from audit_entry`).Scan(n)
			}); err != nil {
				t.Fatal(err)
			}
		}
		count(&before)
		if err := s.EnsureStarter(ctx); err != nil {
			t.Fatal(err)
		}
		if count(&after); after != before {
			t.Error("a second seeding changed something")
		}
	})
}

func TestStarterKeepsWhatTheSiteHasAndAddsWhatItLacks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := New(d, clock.Fixed(today))
		own := Indicator{Code: "GS04", Name: "Kiến nghị riêng", Topic: "GS", Unit: "kiến nghị", Measure: Flow, Across: Sum}
		if _, err := s.Add(ctx, auth.System(), own); err != nil {
			t.Fatal(err)
		}
		if err := s.EnsureStarter(ctx); err != nil {
			t.Fatal(err)
		}
		kept, ratio := byCode(t, s, "GS04"), byCode(t, s, "GS06")
		if kept.Name != own.Name || ratio.Denominator != kept.ID {
			t.Errorf("kept %+v; ratio by %d", kept, ratio.Denominator)
		}
	})
}

func TestTwoProcessesSeeEachOthersChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := site(t, d), New(d, clock.Fixed(today))
		if first := catalog(t, b); first != catalog(t, b) {
			t.Error("an unchanged catalogue is read again")
		}
		if err := a.AddSynonym(ctx, auth.System(), "TT01", "Buổi nói chuyện thời sự", false); err != nil {
			t.Fatal(err)
		}
		if found, exact := catalog(t, b).Match("buổi nói chuyện thời sự", ""); !exact || found[0].Code != "TT01" {
			t.Error("the other process does not see the synonym")
		}
	})
}

func TestANewVersionHoldsFromItsDayAndKeepsTheMeaning(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, who := site(t, d), auth.System()
		old := byCode(t, s, "TT01")
		next := old
		next.Name, next.ValidFrom = "Buổi thông tin, tuyên truyền", "2020-01-01"
		for what, spoil := range map[string]func(*Indicator){
			"unit":     func(i *Indicator) { i.Unit = "cuộc" },
			"decimals": func(i *Indicator) { i.Decimals = 1 },
			"measure":  func(i *Indicator) { i.Measure = Stock },
			"across":   func(i *Indicator) { i.Across = None },
		} {
			bad := next
			spoil(&bad)
			if err := s.NewVersion(ctx, who, "TT01", 1, bad); !fault.Is(err, fault.KindRefused) {
				t.Errorf("%s changed: %v", what, err)
			}
		}
		early := next
		early.ValidFrom = "31/12/2019"
		if err := s.NewVersion(ctx, who, "TT01", 1, early); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("no day: %v", err)
		}
		if err := s.NewVersion(ctx, who, "TT01", 1, next); err != nil {
			t.Fatal(err)
		}
		if err := s.NewVersion(ctx, who, "TT01", 1, next); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version was built on: %v", err)
		}
		c := catalog(t, s)
		if i, _ := c.At("2019-12-31").ByCode("TT01"); i.Name != old.Name || i.Version != 1 {
			t.Errorf("the year before: %q, version %d", i.Name, i.Version)
		}
		if i, _ := c.At("2020-01-01").ByCode("TT01"); i.Name != next.Name || i.Version != 2 || len(i.Synonyms) != len(old.Synonyms) {
			t.Errorf("from the day on: %+v", i)
		}
	})
}

func TestRetireAndReplace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, who := site(t, d), auth.System()
		if err := s.Retire(ctx, who, "VH01", 1, "2020-01-01", "bỏ danh hiệu"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("the numerator of a ratio was retired: %v", err)
		}
		if err := s.Retire(ctx, who, "CT11", 1, "2020-01-01", " "); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("retired without a reason: %v", err)
		}
		if err := s.Retire(ctx, who, "CT11", 1, "2020-01-01", "không còn theo dõi"); err != nil {
			t.Fatal(err)
		}
		if err := s.Retire(ctx, who, "CT11", 1, "2021-01-01", "lần nữa"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("retired twice: %v", err)
		}
		next := Indicator{Code: "CT08B", Name: "Mương, rãnh thoát nước", Topic: "CT", Unit: "km", Decimals: 3, Measure: Flow, Across: Sum, Better: Up}
		made, err := s.Replace(ctx, who, "CT08", 1, "2020-01-01", "tính bằng km", next)
		if err != nil {
			t.Fatal(err)
		}
		c := catalog(t, s)
		before, after := c.At("2019-12-31"), c.At("2020-01-01")
		if _, ok := before.ByCode("CT08"); !ok {
			t.Error("the old indicator is gone before its end")
		}
		if _, ok := before.ByCode("CT08B"); ok {
			t.Error("the new one holds before its beginning")
		}
		if _, ok := after.ByCode("CT08"); ok {
			t.Error("the old one holds after its end")
		}
		old, _ := c.ByCode("CT08")
		if by, ok := after.ReplacedBy(old.ID); !ok || by.ID != made.ID {
			t.Error("the successor is not found")
		}
		if _, ok := after.ByCode("CT11"); ok {
			t.Error("a retired indicator is still in the forms")
		}
	})
}

func TestNothingIsHalfWrittenWhenAReplacementIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		_, err := s.Replace(ctx, auth.System(), "CT08", 1, "2020-01-01", "thử", Indicator{Code: "TT01", Name: "x", Topic: "CT", Unit: "km", Measure: Flow, Across: Sum})
		if !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a code was taken twice: %v", err)
		}
		if byCode(t, s, "CT08").Retired() {
			t.Error("the old indicator was retired all the same")
		}
	})
}

func TestSynonymsAndPartsAreAdded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, who := site(t, d), auth.System()
		if err := s.AddSynonym(ctx, who, "TT01", "Tiếp xúc cử tri", false); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a name of another indicator with the same unit was taken: %v", err)
		}
		if err := s.AddSynonym(ctx, who, "TT01", "Đợt", true); err != nil {
			t.Fatal(err)
		}
		if i := byCode(t, s, "TT01"); !i.AcceptsUnit("đợt") {
			t.Error("the unit's synonym is not accepted")
		}
		if err := s.RemoveSynonym(ctx, who, "TT01", "đợt", true); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSynonym(ctx, who, "TT01", "đợt", true); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("taken away twice: %v", err)
		}
		if err := s.AddPart(ctx, who, "DG02", Part{Code: "tn", Name: "Thanh niên", Kind: OfWhich}); err != nil {
			t.Fatal(err)
		}
		if err := s.AddPart(ctx, who, "DG02", Part{Code: "TN", Name: "Lần nữa", Kind: OfWhich}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a part's code was taken twice: %v", err)
		}
		if p, ok := byCode(t, s, "DG02").PartByCode("thanh niên"); !ok || p.Part != 1 || p.Code != "TN" {
			t.Errorf("part %+v, %v", p, ok)
		}
	})
}

func TestOnlyWhoHoldsTheWholeSiteEditsTheCatalogue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		office, ward, reader := people(t, d)
		for _, who := range []auth.Actor{{}, reader, ward} {
			if err := s.AddSynonym(ctx, who, "TT01", "thử", false); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q edited: %v", who.Person, err)
			}
			if may, err := s.MayEdit(ctx, who); may || err != nil {
				t.Errorf("%q may edit: %v, %v", who.Person, may, err)
			}
		}
		if err := s.AddSynonym(ctx, office, "TT01", "Buổi nói chuyện", false); err != nil {
			t.Error(err)
		}
		history, err := s.History(ctx, office, "TT01")
		if err != nil || !slices.ContainsFunc(history, func(e audit.Deed) bool { return e.Person == office.Person && e.Verb == "synonym" && e.By == "office" }) {
			t.Errorf("the act is not in the audit: %v, %v", history, err)
		}
	})
}

// people makes a town with a ward and three people: the town's office, an officer of the ward, a reader.
func people(t *testing.T, d *db.DB) (office, ward, reader auth.Actor) {
	t.Helper()
	units := org.New(d, clock.Fixed(today))
	if err := units.Load(ctx, auth.System(), []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường 1", Parent: "TX"},
	}); err != nil {
		t.Fatal(err)
	}
	exec(t, d, `insert into access_role(code, name, ordinal) values ('office', 'Văn phòng', 1), ('reader', 'Người xem', 2)`)
	exec(t, d, `insert into access_role_permission(role, permission) values ('office', 'view'), ('office', 'edit-catalog'), ('reader', 'view')`)
	grant := func(person, role string, unit int64, permissions ...auth.Permission) auth.Actor {
		exec(t, d, `insert into person(id, login, name, sort, password, language, disabled, made, version)
			values ($1, $1, $1, '', '', 'vi', $2, 0, 1)`, person, false)
		exec(t, d, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$2,$3,$4,$5)`,
			person, role, unit, org.Always, org.Forever)
		return auth.Actor{Person: person, Name: person, Grants: []auth.Grant{{Role: role, Unit: unit, Permissions: permissions}}}
	}
	return grant("office", "office", 1, auth.View, auth.EditCatalog), grant("ward", "office", 2, auth.View, auth.EditCatalog),
		grant("reader", "reader", 1, auth.View)
}
