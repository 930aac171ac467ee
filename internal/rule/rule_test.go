package rule_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/rule"
	"giaoban/internal/viet"
	"giaoban/internal/web/webtest"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site has a town with two wards and a body, the starter catalogue and the starter rules.
type site struct {
	t          *testing.T
	db         *db.DB
	units      *org.Service
	indicators *indicator.Service
	figures    *figure.Service
	rules      *rule.Service
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, units: org.New(d, c), indicators: indicator.New(d, c)}
	s.figures = figure.New(d, c, s.units, s.indicators)
	s.rules = rule.New(d, c, s.indicators, s.figures)
	s.must(s.indicators.EnsureStarter(ctx))
	s.must(s.rules.EnsureStarter(ctx))
	s.must(s.units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Đông", Parent: "TX"},
		{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường Tây", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX"},
	}))
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) in(do func(tx *db.Tx) error) {
	s.t.Helper()
	s.must(s.db.Write(ctx, do))
}

func (s *site) period(code string) (p period.Period) {
	s.t.Helper()
	s.in(func(tx *db.Tx) (err error) {
		p, err = period.Ensure(ctx, tx, code)
		return err
	})
	return p
}

func (s *site) unit(code string) org.Unit {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

// gives saves figures of a unit and period: code, text, code, text.
func (s *site) gives(unit, per string, pairs ...string) {
	s.t.Helper()
	catalog, err := s.indicators.Catalog(ctx)
	s.must(err)
	p, u := s.period(per), s.unit(unit)
	var inputs []figure.Input
	for i := 0; i < len(pairs); i += 2 {
		in, part, ok := catalog.PartByCode(pairs[i])
		if !ok {
			s.t.Fatalf("no indicator %s", pairs[i])
		}
		q, err := figure.Read(pairs[i+1], in)
		s.must(err)
		inputs = append(inputs, figure.Input{Unit: u.ID, Period: p, Indicator: in, Part: part.Part, Quantity: q, Expect: figure.Any})
	}
	_, _, err = s.figures.Save(ctx, system, figure.Typed, "", inputs)
	s.must(err)
}

// broken names the rules that a unit's figures break, with what is shown of them.
func (s *site) broken(unit, per string) []rule.Finding {
	s.t.Helper()
	var out []rule.Finding
	p := s.period(per)
	s.in(func(tx *db.Tx) (err error) {
		out, err = s.rules.CheckIn(ctx, tx, system, s.unit(unit), p)
		return err
	})
	return out
}

func (s *site) settle(unit, per string, notes map[string]string) error {
	p, u := s.period(per), s.unit(unit)
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.rules.Settle(ctx, tx, system, u, p, notes) })
}

func (s *site) editor() auth.Actor {
	s.t.Helper()
	return s.actor("bientap", "TX", auth.View, auth.EditCatalog)
}

// actor is somebody with permissions over a unit, in the database too.
func (s *site) actor(id, unit string, permissions ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit)
	s.in(func(tx *db.Tx) error {
		for _, q := range []string{
			`insert into person(id, login, name, sort, password, language, disabled, made, version) values ('` + id + `','` + id + `','Người ` + id + `','','','vi',false,0,1)`,
			`insert into access_role(code, name, ordinal) values ('vai.` + id + `','','9')`,
			`insert into access_grant(id, person, role, unit, valid_from, valid_to) values ('g.` + id + `','` + id + `','vai.` + id + `',(select id from unit where code = '` + unit + `'),'0001-01-01','9999-12-31')`,
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		for _, p := range permissions {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, "vai."+id, string(p)); err != nil {
				return err
			}
		}
		return nil
	})
	return auth.Actor{Person: id, Name: "Người " + id, Grants: []auth.Grant{{Unit: u.ID, Hierarchy: int64(org.Territory), Permissions: permissions}}}
}

func TestFiguresAreCheckedAgainstWhatMustBeTrue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.gives("P01", "2019-Q3", "HV01", "12", "HV03", "10", "QV02", "30 triệu", "QV01", "5 triệu")
		s.gives("P01", "2019-Q2", "QV03", "20 triệu")
		found := s.broken("P01", "2019-Q3")
		if len(found) != 2 || found[0].Rule.Severity != rule.Hard || found[1].Rule.Severity != rule.Soft {
			t.Fatalf("found %+v", found)
		}
		if got := found[1].Text(); !strings.Contains(got, "30 triệu đồng") || !strings.Contains(got, "(kỳ trước): 20 triệu đồng") {
			t.Errorf("the figures are told as %q", got)
		}
		if s.broken("P02", "2019-Q3") != nil {
			t.Error("a unit without figures breaks a rule")
		}
		s.gives("P01", "2019-Q3", "HV03", "")
		if found = s.broken("P01", "2019-Q3"); len(found) != 1 {
			t.Errorf("a blank counts as zero: %+v", found)
		}
	})
}

func TestAHardRuleStopsAReportAndASoftOneAsksForAWord(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.gives("P01", "2019-Q3", "HV01", "12", "HV03", "10", "GS05", "7", "GS04", "5")
		found := s.broken("P01", "2019-Q3")
		if len(found) != 2 {
			t.Fatalf("found %+v", found)
		}
		soft := found[1].Rule.ID
		err := s.settle("P01", "2019-Q3", map[string]string{soft: "Trả lời cả kiến nghị quý trước."})
		if !fault.Is(err, fault.KindInvalid) || !strings.Contains(fault.Text(err), "12 hội viên") {
			t.Fatalf("a hard rule: %v", err)
		}
		s.gives("P01", "2019-Q3", "HV01", "2")
		err = s.settle("P01", "2019-Q3", nil)
		if all := fault.All(err); len(all) != 1 || all[0].Field != rule.NoteField(soft) {
			t.Fatalf("a soft rule without a word: %v", err)
		}
		s.must(s.settle("P01", "2019-Q3", map[string]string{soft: "Trả lời cả kiến nghị quý trước."}))
		if found = s.broken("P01", "2019-Q3"); len(found) != 1 || found[0].Note == nil || found[0].Note.Text != "Trả lời cả kiến nghị quý trước." {
			t.Fatalf("the word is not kept: %+v", found)
		}
		s.must(s.settle("P01", "2019-Q3", nil)) // sent again: the word stands
		s.gives("P01", "2019-Q3", "GS05", "9")
		if err := s.settle("P01", "2019-Q3", nil); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a word about other figures stands for these: %v", err)
		}
	})
}

func TestRulesAreWrittenByWhoEditsTheCatalogue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		editor := s.editor()
		reader := s.actor("xem", "TX", auth.View)
		ward := s.actor("phuong", "P01", auth.View, auth.EditCatalog)
		ok := rule.Rule{Name: "Tiền không âm", Expr: "DG01 >= 0", Message: "Tiền đóng góp không thể âm.", Severity: rule.Hard}
		for _, who := range []auth.Actor{{}, reader, ward} {
			if _, err := s.rules.Add(ctx, who, ok); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q adds a rule: %v", who.Person, err)
			}
		}
		id, err := s.rules.Add(ctx, editor, ok)
		s.must(err)
		for field, change := range map[string]func(*rule.Rule){
			"name": func(r *rule.Rule) { r.Name = " " }, "expr": func(r *rule.Rule) { r.Expr = "DG01 >" }, "message": func(r *rule.Rule) { r.Message = "" },
			"severity": func(r *rule.Rule) { r.Severity = "x" }, "kind": func(r *rule.Rule) { r.Kind = "x" }, "to": func(r *rule.Rule) { r.From, r.To = "2019-02-01", "2019-01-01" },
		} {
			r := ok
			change(&r)
			_, err := s.rules.Add(ctx, editor, r)
			if all := fault.All(err); len(all) != 1 || all[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		next := ok
		next.ID, next.Version, next.Expr, next.Kind = id, 1, "DG01 >= 1", org.Place
		s.must(s.rules.Change(ctx, editor, next))
		if err := s.rules.Change(ctx, editor, next); !fault.Is(err, fault.KindConflict) {
			t.Errorf("over a newer version: %v", err)
		}
		s.gives("P01", "2019-Q3", "DG01", "0")
		s.gives("TX.PN", "2019-Q3", "DG01", "0")
		if len(s.broken("P01", "2019-Q3")) != 1 || len(s.broken("TX.PN", "2019-Q3")) != 0 {
			t.Error("a rule for places is asked of bodies, or not of places")
		}
		s.must(s.rules.Switch(ctx, editor, id, 2, true))
		if len(s.broken("P01", "2019-Q3")) != 0 {
			t.Error("a rule that is off is asked")
		}
		all, err := s.rules.Find(ctx, reader, id)
		if err != nil || len(all) != 3 || all[2].Expr != "DG01 >= 0" || !all[0].Off {
			t.Errorf("the versions: %+v, %v", all, err)
		}
		s.must(s.rules.EnsureStarter(ctx))
		if list, err := s.rules.List(ctx, reader); err != nil || len(list) != 10 {
			t.Errorf("%d rules after a second start, want the starter's nine and one, %v", len(list), err)
		}
	})
}

func TestATrialTellsWhoWouldBreakARule(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		editor := s.editor()
		s.gives("P01", "2019-Q3", "DG01", "50 triệu", "DG08", "1 triệu")
		s.gives("P01", "2019-Q2", "DG01", "30 triệu")
		s.gives("P02", "2019-Q3", "DG01", "1 triệu")
		s.gives("TX.PN", "2019-Q3", "DG01", "2 triệu", "DG08", "1 triệu")
		s.must(s.figures.SetPlan(ctx, system, s.unit("P01"), s.period("2019"), s.indicator("DG01"), read(t, s.indicator("DG01"), "100 triệu"), "Kế hoạch"))
		for expr, want := range map[string][3]int{
			"DG01 <= 10 triệu + DG08":      {1, 1, 1},
			"DG01[lũy kế] <= 60 triệu":     {2, 1, 0},
			"DG01[kế hoạch] >= DG01":       {1, 0, 2},
			"DG01[kỳ trước] < DG01":        {1, 0, 2},
			"không có(DG01[cùng kỳ])":      {3, 0, 0},
			"có(DG08) hoặc DG01 = 1 triệu": {3, 0, 0},
		} {
			got, err := s.rules.Try(ctx, editor, expr, "", "2019-Q3")
			if err != nil || [3]int{got.Kept, got.Broken, got.Unknown} != want {
				t.Errorf("%s: %d kept, %d broken, %d unknown, %v", expr, got.Kept, got.Broken, got.Unknown, err)
			}
			for _, x := range got.Examples {
				if x.Unit.Code != "P01" || x.Figures[0].URL == "" {
					t.Errorf("%s: %+v", expr, x)
				}
			}
		}
		if got, err := s.rules.Try(ctx, editor, "DG01 > 0", org.Body, "2019-Q3"); err != nil || got.Kept != 1 {
			t.Errorf("of bodies only: %+v, %v", got, err)
		}
		if _, err := s.rules.Try(ctx, s.actor("xem", "TX", auth.View), "DG01 > 0", "", "2019-Q3"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a reader tries: %v", err)
		}
	})
}

func read(t *testing.T, in indicator.Indicator, text string) viet.Quantity {
	t.Helper()
	q, err := figure.Read(text, in)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (s *site) indicator(code string) indicator.Indicator {
	s.t.Helper()
	catalog, err := s.indicators.Catalog(ctx)
	s.must(err)
	in, ok := catalog.ByCode(code)
	if !ok {
		s.t.Fatalf("no indicator %s", code)
	}
	return in
}

func TestThePagesOfRules(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.gives("P01", "2019-Q3", "DG01", "50 triệu")
	stage := webtest.NewStage(t, s.rules.Mount)
	stage.Site.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	editor, reader := stage.As(t, s.editor()), stage.As(t, s.actor("xem", "TX", auth.View))
	reader.Get("/quy-tac").OK().Has("Số kết nạp không quá tổng số hội viên", "HV01 <= HV03", "bắt buộc").LacksElement(`a[href="/quy-tac/them"]`)
	reader.Get("/quy-tac/them").Is(404)
	form := []string{"name", "Tiền tối đa", "expr", "DG01 <= ngày", "message", "Quá nhiều.", "severity", "soft", "kind", "place", "ky", "2019-Q3"}
	p := editor.PostForm("/quy-tac", form...).Is(422).Has("Ở ký tự thứ 9: không có chỉ tiêu hay hàm “NGÀY”.")
	if p.Value("name") != "Tiền tối đa" || p.Value("expr") != "DG01 <= ngày" {
		t.Errorf("typed values are lost: %q, %q", p.Value("name"), p.Value("expr"))
	}
	form[3] = "DG01 <= 20 triệu"
	editor.PostForm("/quy-tac/thu", form...).OK().Has("Kết quả thử", "0 đơn vị thỏa mãn, 1 không thỏa mãn", "Phường Đông", "50 triệu đồng")
	reader.PostForm("/quy-tac/thu", form...).Is(404)
	at := editor.PostForm("/quy-tac", form...).Is(303).Location()
	one := editor.Get(at).OK().Has("Tiền tối đa", "cần giải trình", "địa bàn", "Người bientap")
	editor.PostForm(at, append(form, "version", one.Value("version"), "to", "31/12/2019")...).Follow().OK().Has("Đã sửa quy tắc.", "trước 31/12/2019")
	editor.PostForm(at+"/thu", append(form, "version", "2", "to", "2019-12-31")...).OK().Has("Kết quả thử")
	editor.PostForm(at+"/bat-tat", "version", "2", "tat", "1").Follow().OK().Has("Đã tắt quy tắc.", "Bật lại quy tắc")
	reader.Get(at).OK().Has("đã tắt").LacksElement("form[action$=bat-tat]", "[name=expr]")
	reader.PostForm(at+"/bat-tat", "version", "3", "tat", "0").Is(404)
	reader.Get("/quy-tac/khong-co").Is(404)
}
