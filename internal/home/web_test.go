package home_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is every house on one database, as app builds it, on 1 October 2019, with actors of the test's choice.
type site struct {
	t     *testing.T
	app   *app.App
	stage *webtest.Stage
}

func empty(t *testing.T, engine db.Engine) *site {
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
	stage := webtest.NewStage(t, func(r *web.Router) {
		for _, house := range []interface{ Mount(*web.Router) }{
			a.Units, a.Periods, a.Indicators, a.Figures, a.Reports, a.Tasks, a.Briefings, a.Articles, a.Intake, a.Packs, a.Home, a.Notices,
		} {
			house.Mount(r)
		}
	})
	return &site{t: t, app: a, stage: stage}
}

// town adds a town with two wards and their bodies; three of them report every quarter, the third quarter is due.
func town(t *testing.T, engine db.Engine) *site {
	t.Helper()
	s := empty(t, engine)
	s.must(s.app.Units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX", FrontParent: "TX.MT"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Một", Parent: "TX"},
		{Code: "P01.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Một", Parent: "P01", LineParent: "TX.PN"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Hai", Parent: "TX"},
		{Code: "P02.PN", Kind: org.Body, Level: org.Commune, Name: "Hội LHPN phường Hai", Parent: "P02", LineParent: "TX.PN"},
	}))
	for code, due := range map[string]string{"2019-Q3": "2019-09-25", "2019": ""} {
		_, err := s.app.Periods.Make(ctx, system, code, due)
		s.must(err)
	}
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) unit(code string) org.Unit {
	s.t.Helper()
	u, err := s.app.Units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

// person makes somebody with one role over units.
func (s *site) person(id string, permissions []auth.Permission, units ...string) auth.Actor {
	s.t.Helper()
	who := auth.Actor{Person: id, Name: "Cán bộ " + id}
	s.must(s.app.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$2,'','','vi',false,0,1)`, id, who.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into access_role(code, name, ordinal) values ($1,$1,99)`, id); err != nil {
			return err
		}
		for _, p := range permissions {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, id, string(p)); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, code := range units {
		u := s.unit(code)
		s.must(s.app.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$2,$2,$3,$4,$5)`, id+code, id, u.ID, org.Always, org.Forever)
			return err
		}))
		who.Grants = append(who.Grants, auth.Grant{Role: id, Unit: u.ID, UnitCode: code, UnitName: u.Name, Permissions: permissions})
	}
	return who
}

var (
	officer = []auth.Permission{auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate, auth.Brief, auth.Do, auth.Judge, auth.Edit, auth.Publish, auth.EditUnits}
	clerk   = []auth.Permission{auth.View, auth.Enter, auth.Submit, auth.Do}
	reader  = []auth.Permission{auth.View}
)

// gives enters a figure as printed.
func (s *site) gives(unit, periodCode, code, text string) {
	s.t.Helper()
	catalog, err := s.app.Indicators.Catalog(ctx)
	s.must(err)
	in, part, ok := catalog.PartByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	q, err := figure.Read(text, in)
	s.must(err)
	var p period.Period
	s.must(s.app.DB.Write(ctx, func(tx *db.Tx) error {
		p, err = period.Ensure(ctx, tx, periodCode)
		return err
	}))
	_, _, err = s.app.Figures.Save(ctx, system, figure.Typed, "", []figure.Input{
		{Unit: s.unit(unit).ID, Period: p, Indicator: in, Part: part.Part, Quantity: q, Expect: figure.Any}})
	s.must(err)
	_, err = s.app.Figures.FoldNow(ctx)
	s.must(err)
}

func (s *site) plan(unit, code, text string) {
	s.t.Helper()
	catalog, err := s.app.Indicators.Catalog(ctx)
	s.must(err)
	in, _, _ := catalog.PartByCode(code)
	q, err := figure.Read(text, in)
	s.must(err)
	year, err := s.app.Periods.Find(ctx, system, "2019")
	s.must(err)
	s.must(s.app.Figures.SetPlan(ctx, system, s.unit(unit), year, in, q, "Kế hoạch năm"))
}

func each(t *testing.T, fn func(t *testing.T, engine db.Engine)) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			fn(t, engine)
		})
	}
}

// A town's figures, comparisons and plans stand on its page, and each number opens to where it comes from.
func TestTheQuarterOfATown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, engine db.Engine) {
		s := town(t, engine)
		s.must(s.app.Reports.SetDuty(ctx, system, []string{"TX.PN", "P01.PN", "P02.PN"}, period.Quarter, "2019-01-01"))
		s.gives("P01.PN", "2018-Q3", "HV01", "10 hội viên")
		s.gives("P01.PN", "2019-Q3", "HV01", "12 hội viên")
		s.gives("P02.PN", "2019-Q3", "DG01", "trên 20 triệu đồng")
		s.plan("TX", "HV01", "40 hội viên")

		office := s.stage.As(t, s.person("van-phong", officer, "TX"))
		p := office.Get("/giao-ban").Is(303)
		if got := p.Location(); got != "/giao-ban/2019-q3" {
			t.Fatalf("the quarter in work is %q", got)
		}
		p = p.Follow().OK()
		p.Has("Giao ban quý III năm 2019", "Thị xã Bình Giang", "12 hội viên", "10 hội viên", "tăng 20,0%", "40 hội viên", "30,0%", "trên 20 triệu đồng",
			"0 trên 3 đơn vị đã gửi, 3 đơn vị quá hạn", "3 đơn vị quá hạn chưa gửi báo cáo; hãy đôn đốc.", "Chưa có báo cáo tổng hợp của kỳ",
			"Quá hạn chưa gửi báo cáo", "Hội LHPN phường Hai", "hạn 25/09/2019, trễ 6 ngày", "Hồ sơ của kỳ", "Kế hoạch năm")
		p.HasElement("a[href='/giao-ban/2019-q2?don-vi=TX'][rel=prev]", "a[href='/giao-ban/2019-q4?don-vi=TX'][rel=next]", "li.step-late", "table.cards")
		// Every number opens, and so does every step that leads somewhere.
		opened := 0
		for _, a := range p.Find("main a[href^='/so/'], ol.steps a[href]").EachIter() {
			href, _ := a.Attr("href")
			if page := office.Get(href); page.Status != 200 {
				t.Errorf("%s from the quarter's page answers %d", href, page.Status)
			}
			opened++
		}
		if opened < 5 {
			t.Errorf("only %d numbers and steps lead on", opened)
		}

		// The other quarters: one that nobody has opened, and one with figures only.
		office.Get("/giao-ban/2019-q4?don-vi=TX").OK().Has("Kỳ này chưa mở", "Mở kỳ").LacksElement("ol.steps")
		office.Get("/giao-ban/2018-q3?don-vi=TX").OK().Has("10 hội viên").Lacks("12 hội viên")
	})
}

// Each role sees its own place, and is offered what it may do.
func TestTheQuarterOfEachRole(t *testing.T) {
	t.Parallel()
	s := town(t, db.SQLite)
	s.must(s.app.Reports.SetDuty(ctx, system, []string{"P01.PN", "P02.PN"}, period.Quarter, "2019-01-01"))
	s.gives("P01.PN", "2019-Q3", "HV01", "12 hội viên")
	s.gives("P02.PN", "2019-Q3", "HV01", "77 hội viên")

	member := s.stage.As(t, s.person("chi-hoi", clerk, "P01.PN"))
	member.Get("/giao-ban").Follow().OK().
		Has("Hội LHPN phường Một", "12 hội viên", "Báo cáo của đơn vị bạn chưa gửi (hạn 25/09/2019).", "Nhập hoặc sửa số liệu của đơn vị trong kỳ.").
		HasElement("a[href='/bao-cao-don-vi/P01.PN/2019-q3']", "a[href='/so-lieu?ky=2019-q3']").
		Lacks("77 hội viên", "89 hội viên", "phường Hai", "Hồ sơ của kỳ", "hãy đôn đốc", "Soạn báo cáo", "Kế hoạch năm")

	ward := s.stage.As(t, s.person("doc", reader, "P01"))
	ward.Get("/giao-ban").Follow().OK().Has("Phường Một", "12 hội viên").
		Lacks("77 hội viên", "P02", "Việc cần làm tiếp", "Hồ sơ của kỳ", "/hop-giao-ban/moi")
	ward.Get("/giao-ban/2019-q4").OK().Has("Kỳ này chưa mở").Lacks("/ky/moi")

	// Somebody of two wards chooses between them.
	both := s.stage.As(t, s.person("hai-phuong", reader, "P01", "P02"))
	both.Get("/giao-ban/2019-q3").OK().HasElement("a[href='/giao-ban/2019-q3?don-vi=P01'][aria-current=page]", "a[href='/giao-ban/2019-q3?don-vi=P02']")
	both.Get("/giao-ban/2019-q3?don-vi=P02").OK().Has("77 hội viên").Lacks("12 hội viên")
}

// What may not be seen is not there: another ward, the town above, a unit or a period that does not exist.
func TestWhatMayNotBeSeenIsNotFound(t *testing.T) {
	t.Parallel()
	s := town(t, db.SQLite)
	ward := s.stage.As(t, s.person("phuong-mot", officer, "P01"))
	for _, path := range []string{
		"/giao-ban/2019-q3?don-vi=P02", "/giao-ban/2019-q3?don-vi=P02.PN", "/giao-ban/2019-q3?don-vi=TX", "/giao-ban/2019-q3?don-vi=XX",
		"/giao-ban/2019-q5", "/giao-ban/nhap", "/giao-ban/2019-Q3",
	} {
		ward.Get(path).Is(404).Has("Không tìm thấy").Lacks("Phường Hai", "Thị xã Bình Giang")
	}
	visitor := s.stage.As(t, auth.Actor{})
	for _, path := range []string{"/giao-ban", "/giao-ban/2019-q3"} {
		if p := visitor.Get(path).Is(303); !strings.HasPrefix(p.Location(), "/dang-nhap?") {
			t.Errorf("%s sends a visitor to %s", path, p.Location())
		}
	}
	s.stage.As(t, s.person("quan-tri", []auth.Permission{auth.Admin}, "TX")).Get("/giao-ban/2019-q3").Is(404)
}

// A site that holds nothing yet says so instead of failing.
func TestASiteWithoutUnits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, engine db.Engine) {
		s := empty(t, engine)
		s.stage.As(t, auth.Actor{}).Get("/").OK().Has("Chưa có tin nào được đăng.", "Đăng nhập")
		nobody := auth.Actor{Person: "x", Name: "Người Mới", Grants: []auth.Grant{{Permissions: reader}}}
		s.stage.As(t, nobody).Get("/").OK().HasElement("a[href='/giao-ban']")
		c := s.stage.As(t, system)
		c.Get("/giao-ban").Follow().OK().Has("Chưa có đơn vị nào").HasElement("a[href='/don-vi/nap']")
	})
}

// The briefing, its conclusion and the news item show on the page as they come.
func TestTheStepsFollowTheBriefing(t *testing.T) {
	t.Parallel()
	s := town(t, db.SQLite)
	s.gives("TX.PN", "2019-Q3", "HV01", "12 hội viên")
	who := s.person("van-phong", officer, "TX")
	office := s.stage.As(t, who)
	office.Get("/giao-ban/2019-q3").OK().Has("chưa triệu tập").HasElement("a[href='/hop-giao-ban/moi?don-vi=TX&ky=2019-q3']")
	start := time.Date(2019, 10, 4, 8, 0, 0, 0, clock.Zone)
	id, err := s.app.Briefings.Convene(ctx, who, briefing.Convening{Unit: "TX", Period: "2019-Q3", Plan: briefing.Plan{
		Start: start, End: start.Add(3 * time.Hour), Venue: "Phòng họp số 1",
		Letterhead: briefing.Letterhead{System: doc.Party, IssuerParent: "Tỉnh ủy An Hà", Issuer: "Thị ủy Bình Giang", Symbol: "ThU", City: "Bình Giang", Office: "Văn phòng Thị ủy"},
		Summons:    briefing.Number{Number: "45", Date: "2019-09-24"},
	}, Participants: []briefing.Participant{
		{Role: briefing.Chair, Person: "Nguyễn Văn Mẫu", Title: "Phó Bí thư Thường trực Thị ủy"},
		{Role: briefing.Member, Unit: s.unit("TX.PN").ID, Person: "Trần Thị Ví Dụ", Title: "Chủ tịch"},
	}})
	s.must(err)
	office.Get("/giao-ban/2019-q3").OK().Has("04/10/2019", "Mở hội nghị").Lacks("chưa triệu tập").HasElement("ol.steps a[href='/hop-giao-ban/" + id + "']")
	// A member sees that there is a briefing where it may see it; a ward's reader has none of it.
	s.stage.As(t, s.person("doc", reader, "P01")).Get("/giao-ban/2019-q3").OK().Has("chưa triệu tập").Lacks(id)
}

// An English reader gets an English page: periods, states and comparisons too. Names stay as they were typed.
func TestTheQuarterInEnglish(t *testing.T) {
	t.Parallel()
	s := town(t, db.SQLite)
	s.must(s.app.Reports.SetDuty(ctx, system, []string{"P01.PN"}, period.Quarter, "2019-01-01"))
	s.gives("P01.PN", "2018-Q3", "HV01", "10 hội viên")
	s.gives("P01.PN", "2019-Q3", "HV01", "9 hội viên")
	who := s.person("english", officer, "TX")
	who.Language = "en"
	c := s.stage.As(t, who)
	p := c.Get("/giao-ban/2019-q3").OK()
	p.HasElement("html[lang=en]").Has("Q3 2019", "Q2 2019", "Q4 2019", "Thị xã Bình Giang", "down 10,0%", "Late").
		Lacks("Giao ban quý III", "Quý II", "giảm", "quá hạn", "Việc cần làm")
	if got := p.Find("[lang=vi] li").Length(); got == 0 {
		t.Error("the report's own sentences do not say that they are Vietnamese")
	}
	c.Get("/giao-ban/2019-q4").OK().Has("Q4 2019").Lacks("Quý IV", "quý IV", "Kỳ này")
	c.Get("/giao-ban/2019-q5").Is(404).Has("Page not found")
}

// The page is read by keyboard, on a telephone, and by those who hear it.
func TestTheQuarterInABrowser(t *testing.T) {
	t.Parallel()
	s := town(t, db.SQLite)
	s.must(s.app.Reports.SetDuty(ctx, system, []string{"P01.PN", "P02.PN"}, period.Quarter, "2019-01-01"))
	s.gives("P01.PN", "2019-Q3", "HV01", "12 hội viên")
	s.plan("TX", "HV01", "40 hội viên")
	w := webtest.Browser(t, s.stage.URL)
	w.Open(s.stage.Enter(s.person("van-phong", officer, "TX")))
	for _, path := range []string{"/", "/giao-ban/2019-q3", "/giao-ban/2019-q4"} {
		w.Open(path).Axe().Dark(true).Axe().Dark(false).NoHorizontalScroll().Axe().Resize(1280)
	}
}
