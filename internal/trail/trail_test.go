package trail_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/trail"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

const quarter = "2019-Q3"

// site is a town TX with two wards and their fronts, and a town TY beside it, on 1 October 2019.
type site struct {
	t    *testing.T
	app  *app.App
	unit map[string]int64
}

func newSite(t *testing.T, engine db.Engine) *site {
	t.Helper()
	a, err := app.Open(ctx, dbtest.DSN(t, engine), app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	a.Clock.Shift(time.Until(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
	s := &site{t: t, app: a, unit: map[string]int64{}}
	s.must(a.Units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Mẫu"}, {Code: "TY", Kind: org.Place, Level: org.Town, Name: "Thị xã Khác"},
		{Code: "P1", Kind: org.Place, Level: org.Commune, Name: "Phường Một", Parent: "TX"}, {Code: "P2", Kind: org.Place, Level: org.Commune, Name: "Phường Hai", Parent: "TX"},
		{Code: "P1.MT", Kind: org.Body, Level: org.Commune, Name: "Mặt trận phường Một", Parent: "P1"},
		{Code: "P2.MT", Kind: org.Body, Level: org.Commune, Name: "Mặt trận phường Hai", Parent: "P2"},
	}))
	for _, code := range []string{"TX", "TY", "P1", "P2", "P1.MT", "P2.MT"} {
		u, err := a.Units.Find(ctx, system, code, "2019-10-01")
		s.must(err)
		s.unit[code] = u.ID
	}
	return s
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			fn(t, newSite(t, engine))
		})
	}
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// person adds somebody with a role and gives them as an actor.
func (s *site) person(login, name, role, unit string) auth.Actor {
	s.t.Helper()
	id, err := s.app.Accounts.AddPerson(ctx, system, account.NewPerson{Login: login, Name: name, Role: role, Unit: s.unit[unit]})
	s.must(err)
	who, err := s.app.Accounts.Actor(ctx, id)
	s.must(err)
	return who
}

func (s *site) write(who auth.Actor, act audit.Act) {
	s.t.Helper()
	if act.At == 0 {
		act.At = s.app.Clock.Milli()
	}
	s.must(s.app.DB.Write(ctx, func(tx *db.Tx) error { return audit.Write(ctx, tx, who, act) }))
}

func (s *site) list(who auth.Actor, f trail.Face, x trail.Filter) []trail.Line {
	s.t.Helper()
	lines, _, err := s.app.Trail.List(ctx, who, f, x)
	s.must(err)
	return lines
}

// sentences are the lines in Vietnamese.
func sentences(lines []trail.Line) (out []string) {
	for _, l := range lines {
		out = append(out, l.Sentence(ctx))
	}
	return out
}

// report has the body of a ward send what it has for the quarter.
func (s *site) report(who auth.Actor, code string) report.Report {
	s.t.Helper()
	var q period.Period
	s.must(s.app.DB.Write(ctx, func(tx *db.Tx) (err error) {
		q, err = period.Ensure(ctx, tx, quarter)
		return err
	}))
	s.must(s.app.Reports.SetDuty(ctx, system, []string{code}, period.Quarter, "2019-01-01"))
	catalog, err := s.app.Indicators.Catalog(ctx)
	s.must(err)
	in, _ := catalog.ByCode("DG01")
	for _, text := range []string{"5", "7"} {
		quantity, err := figure.Read(text, in)
		s.must(err)
		_, _, err = s.app.Figures.Save(ctx, who, figure.Typed, "", []figure.Input{{Unit: s.unit[code], Period: q, Indicator: in, Quantity: quantity, Expect: figure.Any}})
		s.must(err)
	}
	r, err := s.app.Reports.Submit(ctx, who, code, quarter, 0, report.Sending{})
	s.must(err)
	return r
}

func TestEachActIsASentence(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		officer, auditor := s.person("can.bo", "Lê Thị Ví Dụ", "officer", "P1"), s.person("kiem.tra", "Trần Văn Mẫu", "auditor", "P1")
		s.report(officer, "P1.MT")
		lines := s.list(auditor, trail.Auditing, trail.Filter{Person: officer.Person})
		want := []string{
			"Lê Thị Ví Dụ đã gửi báo cáo quý III năm 2019 của Mặt trận phường Một", "Lê Thị Ví Dụ đã ghi số liệu quý III năm 2019 của Mặt trận phường Một",
			"Lê Thị Ví Dụ đã ghi số liệu quý III năm 2019 của Mặt trận phường Một",
		}
		if got := sentences(lines); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		one, err := s.app.Trail.Find(ctx, auditor, trail.Auditing, lines[1].ID)
		s.must(err)
		if len(one.Cells) != 1 || one.Cells[0].Old == one.Cells[0].New || !strings.Contains(one.Cells[0].Old, "5") || !strings.Contains(one.Cells[0].New, "7") || one.Sealed {
			t.Errorf("%+v", one)
		}
		_, err = audit.Seal(ctx, s.app.DB, s.app.Clock.Milli())
		s.must(err)
		one, err = s.app.Trail.Find(ctx, auditor, trail.Auditing, lines[1].ID)
		s.must(err)
		if !one.Sealed || !one.Place.Fits || one.Place.Hash == "" {
			t.Errorf("%+v", one.Place)
		}
		officer.For, officer.ForName = auditor.Person, auditor.Name
		s.write(officer, audit.Act{Verb: "due", House: "period", Object: quarter, Units: []int64{s.unit["P1"]}})
		if got := s.list(auditor, trail.Auditing, trail.Filter{House: "period"})[0].Sentence(ctx); got != "Lê Thị Ví Dụ (thay mặt Trần Văn Mẫu) đã đổi hạn nộp báo cáo của kỳ quý III năm 2019" {
			t.Error(got)
		}
	})
}

// TestAReaderSeesTheActsOfTheirPart writes acts on any units and holds what each reader is shown to the tree, drawn by hand.
func TestAReaderSeesTheActsOfTheirPart(t *testing.T) {
	t.Parallel()
	parts := map[string][]string{"TX": {"TX", "P1", "P2", "P1.MT", "P2.MT"}, "P1": {"P1", "P1.MT"}, "TY": {"TY"}}
	each(t, func(t *testing.T, s *site) {
		readers := map[string]auth.Actor{}
		for top := range parts {
			readers[top] = s.person("kiem.tra."+strings.ToLower(top), "Người Kiểm Tra "+top, "auditor", top)
		}
		officer := s.person("can.bo", "Cán Bộ", "officer", "TX")
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			codes := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"TX", "TY", "P1", "P2", "P1.MT", "P2.MT"}), 0, 4, rapid.ID[string]).Draw(rt, "units")
			act := audit.Act{Verb: "rename", House: "org", Object: fmt.Sprintf("X%d", n), Reason: "bí mật", Before: "cũ", After: "mới"}
			for _, c := range codes {
				act.Units = append(act.Units, s.unit[c])
			}
			s.write(officer, act)
			for top, who := range readers {
				within := 0
				for _, c := range codes {
					if slices.Contains(parts[top], c) {
						within++
					}
				}
				got := s.list(who, trail.Auditing, trail.Filter{Object: act.Object})
				switch {
				case within == 0 && len(got) != 0:
					rt.Fatalf("%s sees an act on %v", top, codes)
				case within == 0:
				case len(got) != 1 || len(got[0].Units) != within || got[0].Beyond != len(codes)-within:
					rt.Fatalf("%s of %v: %+v", top, codes, got)
				case got[0].Partial != (within < len(codes)) || got[0].Partial && (got[0].Reason != "" || got[0].Before != "" || got[0].After != ""):
					rt.Fatalf("%s of %v is told %+v", top, codes, got[0])
				}
				below := s.list(system, trail.Auditing, trail.Filter{Object: act.Object, Unit: top})
				if (len(below) == 1) != (within > 0) {
					rt.Fatalf("asked for %s, an act on %v: %d", top, codes, len(below))
				}
			}
			if len(s.list(system, trail.Auditing, trail.Filter{Object: act.Object})) != 1 {
				rt.Fatal("the program itself does not see an act")
			}
		})
	})
}

func TestWhatConcernsTheWholeSiteIsForWhoHoldsItWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		one := s.person("mot", "Một", "auditor", "TX")
		s.write(system, audit.Act{Verb: "set", House: "setting", Object: "x"})
		if got := s.list(one, trail.Auditing, trail.Filter{House: "setting"}); len(got) != 0 {
			t.Error("who holds one of two towns sees what concerns both")
		}
		_, err := s.app.Accounts.Grant(ctx, system, account.Grant{Person: one.Person, Role: "auditor", Unit: s.unit["TY"]})
		s.must(err)
		one, err = s.app.Accounts.Actor(ctx, one.Person)
		s.must(err)
		if got := s.list(one, trail.Auditing, trail.Filter{House: "setting"}); len(got) != 1 {
			t.Error("who holds both towns does not see what concerns both")
		}
	})
}

func TestAnAdministratorSeesNoContent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		admin, officer := s.person("quan.tri", "Quản Trị", "admin", "P1"), s.person("can.bo", "Cán Bộ", "officer", "P1")
		other := s.person("can.bo.2", "Cán Bộ Hai", "officer", "P2")
		s.report(officer, "P1.MT")
		s.write(officer, audit.Act{Verb: "sign-in", House: "door", Object: officer.Person})
		s.write(other, audit.Act{Verb: "sign-in", House: "door", Object: other.Person})
		for _, l := range s.list(admin, trail.Administrating, trail.Filter{}) {
			if !trail.Administrating.Shows(l.House) {
				t.Errorf("an administrator reads %s", l.Sentence(ctx))
			}
		}
		if got := s.list(admin, trail.Administrating, trail.Filter{House: "door"}); len(got) != 1 || got[0].Person != officer.Person {
			t.Errorf("%q", sentences(got))
		}
		if _, _, err := s.app.Trail.List(ctx, admin, trail.Auditing, trail.Filter{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("an administrator reads the whole trail: %v", err)
		}
		if _, _, err := s.app.Trail.List(ctx, officer, trail.Auditing, trail.Filter{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("an officer reads the trail: %v", err)
		}
	})
}

func TestPagesFollowOneAnotherWithoutGapOrRepetition(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		const n = 133
		for i := range n { // many at one moment: the moment alone is no place in the list
			s.write(system, audit.Act{At: s.app.Clock.Milli() + int64(i/40), Verb: "due", House: "period", Object: fmt.Sprint(i), Units: []int64{s.unit["P1"]}})
		}
		auditor := s.person("kiem.tra", "Kiểm Tra", "auditor", "P1")
		seen := map[string]bool{}
		last := trail.Cursor{At: 1 << 60}
		x := trail.Filter{House: "period"}
		for pages := 1; ; pages++ {
			lines, next, err := s.app.Trail.List(ctx, auditor, trail.Auditing, x)
			s.must(err)
			for _, l := range lines {
				if seen[l.ID] || l.At > last.At || l.At == last.At && l.ID >= last.ID {
					t.Fatalf("%s out of order or twice", l.ID)
				}
				seen[l.ID], last = true, trail.Cursor{At: l.At, ID: l.ID}
			}
			if next == (trail.Cursor{}) {
				break
			}
			read, err := trail.ReadCursor(next.String())
			if err != nil || read != next || pages > n {
				t.Fatal(read, next, err)
			}
			x.Before = next
		}
		if len(seen) != n {
			t.Errorf("%d of %d", len(seen), n)
		}
	})
}

func TestADayBeginsInTheZoneOfTheSite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		for hour, object := range map[int]string{-1: "before", 0: "first", 23: "last", 24: "after"} {
			s.write(system, audit.Act{At: time.Date(2019, 9, 20, hour, 0, 0, 0, clock.Zone).UnixMilli(), Verb: "due", House: "period", Object: object})
		}
		var got []string
		for _, l := range s.list(system, trail.Auditing, trail.Filter{House: "period", From: "2019-09-20", To: "2019-09-20"}) {
			got = append(got, l.Object)
		}
		if !slices.Equal(got, []string{"last", "first"}) {
			t.Error(got)
		}
	})
}

// TestWhatWasDoneInAUnitThatIsNoMore: a ward that was merged is gone from the tree of today; its acts are not.
func TestWhatWasDoneInAUnitThatIsNoMore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		town, other := s.person("thi.xa", "Thị Xã", "auditor", "TX"), s.person("khac", "Khác", "auditor", "TY")
		s.write(system, audit.Act{Verb: "rename", House: "org", Object: "P1", Units: []int64{s.unit["P1"]}})
		id, err := s.app.Units.Succeed(ctx, system, org.Merge("2019-09-01", "QĐ 1", org.Spec{Code: "P3", Kind: org.Place, Level: org.Commune, Name: "Phường Ba", Parent: "TX"}, "P1", "P2"))
		s.must(err)
		s.write(system, audit.Act{Verb: "move", House: "org", Object: "P1", Units: []int64{s.unit["P1"]}})
		s.unit["P3"] = s.find("P3")
		heir := s.person("phuong.ba", "Phường Ba", "auditor", "P3")
		for who, want := range map[string]int{"thi.xa": 2, "phuong.ba": 2, "khac": 0} {
			reader := map[string]auth.Actor{"thi.xa": town, "phuong.ba": heir, "khac": other}[who]
			got := s.list(reader, trail.Auditing, trail.Filter{House: "org", Object: "P1"})
			if len(got) != want || want > 0 && got[0].Partial {
				t.Errorf("%s sees %d of the acts on a ward that was merged, want %d: %+v", who, len(got), want, got)
			}
		}
		if got := s.list(town, trail.Auditing, trail.Filter{Object: id}); len(got) != 1 || got[0].Sentence(ctx) != "Hệ thống tự động đã sáp nhập các đơn vị theo “QĐ 1”" {
			t.Errorf("%q", sentences(got))
		}
	})
}

func (s *site) find(code string) int64 {
	s.t.Helper()
	u, err := s.app.Units.Find(ctx, system, code, "2019-10-01")
	s.must(err)
	return u.ID
}

func TestTheStoryOfAThing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		officer, auditor, other := s.person("can.bo", "Cán Bộ", "officer", "P1"), s.person("kiem.tra", "Kiểm Tra", "auditor", "P1"), s.person("phuong.hai", "Hai", "auditor", "P2")
		admin := s.person("quan.tri", "Quản Trị", "admin", "P1")
		s.report(officer, "P1.MT")
		for who, want := range map[string]struct {
			actor auth.Actor
			open  int
		}{"officer": {officer, 0}, "auditor": {auditor, 1}} {
			story, err := s.app.Trail.Of(ctx, want.actor, "report", "P1.MT/"+quarter, trail.Cursor{})
			s.must(err)
			if len(story.Lines) != 1 || len(story.Open) != want.open {
				t.Errorf("%s: %q, %d to open", who, sentences(story.Lines), len(story.Open))
			}
			if l := story.Lines[0]; l.Detail+l.Before+l.After+l.Reason+l.Address != "" {
				t.Errorf("%s is told %+v", who, l)
			}
		}
		for _, c := range []struct {
			who          auth.Actor
			kind, object string
		}{{other, "report", "P1.MT/" + quarter}, {other, "account", officer.Person}, {officer, "account", auditor.Person}, {auditor, "setting", "x"}, {auditor, "org", "P2"}, {auditor, "indicator", "KHONG"}} {
			if _, err := s.app.Trail.Of(ctx, c.who, c.kind, c.object, trail.Cursor{}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s reads the story of %s %s: %v", c.who.Name, c.kind, c.object, err)
			}
		}
		for _, who := range []auth.Actor{officer, admin} {
			if story, err := s.app.Trail.Of(ctx, who, "account", officer.Person, trail.Cursor{}); err != nil || len(story.Lines) != 2 {
				t.Errorf("%s reads %q of an account: %v", who.Name, sentences(story.Lines), err)
			}
		}
	})
}

func TestAThingIsLinkedWhereTheReaderMayOpenIt(t *testing.T) {
	t.Parallel()
	of := func(p auth.Permission) auth.Actor {
		return auth.Actor{Person: "p1", Grants: []auth.Grant{{Unit: 1, Permissions: []auth.Permission{p}}}}
	}
	for _, c := range []struct {
		who        auth.Actor
		path, want string
	}{
		{of(auth.Admin), "/nguoi-dung/p2", "/nguoi-dung/p2"}, {of(auth.Audit), "/nguoi-dung/p2", ""}, {of(auth.Audit), "/nguoi-dung/p1", "/tai-khoan"},
		{of(auth.Audit), "/vai-tro/head", ""}, {of(auth.Admin), "/vai-tro/head", "/vai-tro/head"}, {of(auth.View), "/nhap/x", ""}, {of(auth.Enter), "/nhap/x", "/nhap/x"},
		{of(auth.Audit), "/nhiem-vu/x", "/nhiem-vu/x"}, {of(auth.Audit), "", ""},
	} {
		if got := (trail.Thing{Path: c.path}).Link(c.who); got != c.want {
			t.Errorf("%q for %v: %q, want %q", c.path, c.who.Grants[0].Permissions, got, c.want)
		}
	}
}
