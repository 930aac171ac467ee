package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/pack"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/task"
	"giaoban/internal/web/webtest"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

// site is a small town with the Front and the Women's Union, and a ward, at 08:00 on 1 October 2019.
type site struct {
	t         *testing.T
	db        *db.DB
	clock     *clock.Clock
	units     *org.Service
	figures   *figure.Service
	reports   *report.Service
	briefings *briefing.Service
	articles  *article.Service
	packs     *pack.Service
	catalog   *indicator.Catalog
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	units, periods, indicators := org.New(d, c), period.New(d, c), indicator.New(d, c)
	s := &site{t: t, db: d, clock: c, units: units, figures: figure.New(d, c, units, indicators)}
	s.reports = report.New(d, c, units, periods, indicators, s.figures, rule.New(d, c, indicators, s.figures))
	s.briefings = briefing.New(d, c, indicators, s.figures, s.reports, task.New(d, c, s.figures))
	s.articles = article.New(d, c, s.reports, func(context.Context, auth.Actor, string, string) (*article.Meeting, error) { return nil, nil })
	s.packs = pack.New(c, s.reports, s.briefings, s.articles)
	s.must(indicators.EnsureStarter(ctx))
	s.must(units.Load(ctx, system, []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "TX.MT", Kind: org.Body, Level: org.Town, Name: "Ủy ban MTTQ Việt Nam thị xã Bình Giang", Parent: "TX"},
		{Code: "TX.PN", Kind: org.Body, Level: org.Town, Name: "Hội LHPN thị xã", Parent: "TX", FrontParent: "TX.MT"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường Một", Parent: "TX"},
	}))
	var err error
	s.catalog, err = indicators.Catalog(ctx)
	s.must(err)
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
	u, err := s.units.Find(ctx, system, code, "2019-09-30")
	s.must(err)
	return u
}

// give saves figures of the Women's Union for a quarter.
func (s *site) give(code string) {
	s.t.Helper()
	var p period.Period
	s.must(s.db.Write(ctx, func(tx *db.Tx) (err error) {
		p, err = period.Ensure(ctx, tx, code)
		return err
	}))
	for _, f := range [][2]string{{"DG01", "trên 17 triệu đồng"}, {"TT01", "1.234"}} {
		in, _ := s.catalog.ByCode(f[0])
		q, err := figure.Read(f[1], in)
		s.must(err)
		_, _, err = s.figures.Save(ctx, system, figure.Typed, "", []figure.Input{{Unit: s.unit("TX.PN").ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any}})
		s.must(err)
	}
}

func (s *site) convene(code, day string) briefing.Briefing {
	s.t.Helper()
	start, err := time.ParseInLocation(time.DateOnly, day, clock.Zone)
	s.must(err)
	start = start.Add(8 * time.Hour)
	id, err := s.briefings.Convene(ctx, system, briefing.Convening{Unit: "TX", Period: code, Plan: briefing.Plan{
		Start: start, End: start.Add(3 * time.Hour), Venue: "Phòng họp số 1",
		Letterhead: briefing.Letterhead{System: doc.Party, Issuer: "Thị ủy Bình Giang", Symbol: "ThU", City: "Bình Giang", Office: "Văn phòng Thị ủy"},
	}, Participants: []briefing.Participant{
		{Role: briefing.Chair, Person: "Nguyễn Văn Mẫu", Title: "Phó Bí thư Thường trực Thị ủy"},
		{Role: briefing.Member, Unit: s.unit("TX.PN").ID, Person: "Trần Thị Ví Dụ", Title: "Chủ tịch"},
	}})
	s.must(err)
	return s.read(id)
}

func (s *site) read(id string) briefing.Briefing {
	s.t.Helper()
	b, err := s.briefings.ByID(ctx, system, id)
	s.must(err)
	return b
}

// closed takes the second quarter to its end: the report issued, the briefing concluded with a task that is still open.
func (s *site) closed() {
	s.t.Helper()
	s.give("2019-Q2")
	r, err := s.reports.Draft(ctx, system, "TX", "2019-Q2")
	s.must(err)
	_, err = s.reports.Freeze(ctx, system, r.ID, r.Version)
	s.must(err)
	s.must(s.reports.SetLetter(ctx, system, r.ID, r.Version+1, report.Letter{Number: "7", Date: "2019-07-01"}))
	b := s.convene("2019-Q2", "2019-07-04")
	s.must(s.briefings.Hold(ctx, system, b.ID, b.Version))
	var marks []briefing.Mark
	for _, p := range b.Participants {
		marks = append(marks, briefing.Mark{ID: p.ID, Version: p.Version, Attendance: briefing.Present})
	}
	s.must(s.briefings.MarkAll(ctx, system, b.ID, marks))
	point, err := s.briefings.PutPoint(ctx, system, b.ID, briefing.Point{Kind: briefing.Requirement, Text: "Rà soát các hộ vay vốn ủy thác"})
	s.must(err)
	s.must(s.briefings.PutDemand(ctx, system, b.ID, briefing.Demand{Point: point, Lead: s.unit("TX.PN").ID, Evidence: "Báo cáo", Due: "2019-09-15"}))
	b = s.read(b.ID)
	_, err = s.briefings.Conclude(ctx, system, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID, Notice: briefing.Number{Number: "118", Date: "2019-07-05"}})
	s.must(err)
	a, err := s.articles.Draft(ctx, system, "TX", "2019-Q2")
	s.must(err)
	s.must(s.articles.Publish(ctx, system, a.ID, a.Version))
}

func (s *site) make(who auth.Actor, code string) pack.Pack {
	s.t.Helper()
	p, err := period.Parse(code)
	s.must(err)
	made, err := s.packs.Make(ctx, who, "TX", p)
	s.must(err)
	return made
}

// person holds permissions over a unit.
func (s *site) person(id, unit string, perms ...auth.Permission) auth.Actor {
	s.t.Helper()
	u := s.unit(unit)
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []string{
			`insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$1,'','','vi',false,0,1)`,
			`insert into access_role(code, name, ordinal) values ($1,$1,1)`,
		} {
			if _, err := tx.Exec(ctx, q, id); err != nil {
				return err
			}
		}
		for _, p := range perms {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, id, string(p)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,$3,$4)`, id, u.ID, org.Always, org.Forever)
		return err
	}))
	return auth.Actor{Person: id, Name: id, Language: "vi", Grants: []auth.Grant{{Role: id, Unit: u.ID, UnitCode: unit, UnitName: u.Name, Permissions: perms}}}
}

// marks counts what a write leaves behind.
func (s *site) marks() (n [4]int) {
	s.t.Helper()
	s.must(s.db.Read(ctx, func(tx *db.Tx) error {
		for i, table := range []string{"report", "report_section", "article", "audit_entry"} {
			if err := tx.QueryRow(ctx, `select count(*) from `+table).Scan(&n[i]); err != nil {
				return err
			}
		}
		return nil
	}))
	return n
}

func names(files []pack.File) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}

// run runs a tool that the tests need and answers what it prints.
func run(t *testing.T, tool string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestAQuarterInProgressIsDraftedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.closed()
		s.give("2019-Q3")
		s.convene("2019-Q3", "2019-10-04")
		before := s.marks()
		made := s.make(system, "2019-Q3")
		dir := filepath.Join(t.TempDir(), "new", "pack")
		files, err := made.WriteDir(dir)
		s.must(err)
		if diff := cmp.Diff([]string{
			"01-bao-cao-tong-hop-du-thao.docx", "01-bao-cao-tong-hop-du-thao.pdf", "01-bao-cao-tong-hop-du-thao.xlsx",
			"02-giay-moi.docx", "02-giay-moi.pdf", "02-giay-moi.ics", "03-bien-ban-du-thao.docx", "03-bien-ban-du-thao.pdf",
			"04-thong-bao-ket-luan-du-thao.docx", "04-thong-bao-ket-luan-du-thao.pdf", "05-nhiem-vu-du-thao.docx", "05-nhiem-vu-du-thao.pdf", "06-tin-bai-du-thao.html",
		}, names(files)); diff != "" || len(made.Missing) > 0 {
			t.Errorf("the pack holds (-want +got):\n%s\nit lacks %v", diff, made.Missing)
		}
		for _, f := range files {
			if f.Draft != strings.Contains(f.Name, "-du-thao.") {
				t.Errorf("%s says of itself that it is %s", f.Name, f.Status())
			}
		}
		if after := s.marks(); after != before {
			t.Errorf("gathering the pack wrote: %v reports, sections, articles and deeds, before %v", after, before)
		}
		for name, want := range map[string][]string{
			"01-bao-cao-tong-hop-du-thao.pdf":   {"DỰ THẢO", "trên 17 triệu đồng", "1.234", "Số: /BC-MTTQ-BTT"},
			"03-bien-ban-du-thao.pdf":           {"DỰ THẢO", "Trần Thị Ví Dụ", "Rà soát các hộ vay vốn ủy thác", "quá hạn 19 ngày", "Kết luận của chủ tọa"},
			"04-thong-bao-ket-luan-du-thao.pdf": {"DỰ THẢO", "Tiếp tục thực hiện nhiệm vụ: rà soát các hộ vay vốn ủy thác (thời hạn 15/09/2019, đang thực hiện, quá hạn 16 ngày)", "Hội LHPN thị xã chủ trì", "thời hạn mới: …"},
			"05-nhiem-vu-du-thao.pdf":           {"DỰ THẢO", "Thông báo số 118-TB/ThU ngày 05/07/2019", "giao 01 nhiệm vụ: 01 đang thực hiện (01 quá hạn)"},
		} {
			text := run(t, "pdftotext", "-layout", filepath.Join(dir, name), "-")
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s lacks %q:\n%s", name, w, text)
				}
			}
		}
		contents, err := os.ReadFile(filepath.Join(dir, "00-muc-luc.txt"))
		s.must(err)
		if !strings.Contains(string(contents), "02-giay-moi.docx: bản chính thức") || !strings.Contains(string(contents), "03-bien-ban-du-thao.pdf: dự thảo") {
			t.Errorf("the list of contents reads:\n%s", contents)
		}
	})
}

func TestAClosedQuarterIsFinalAndOpensInLibreOffice(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.closed()
	made := s.make(system, "2019-Q2")
	dir := t.TempDir()
	files, err := made.WriteDir(dir)
	s.must(err)
	if len(files) != 13 || len(made.Missing) > 0 {
		t.Errorf("the pack holds %v and lacks %v", names(files), made.Missing)
	}
	var documents []string
	for _, f := range files {
		if f.Draft || strings.Contains(f.Name, "du-thao") {
			t.Errorf("%s of a closed quarter is a draft", f.Name)
		}
		if strings.HasSuffix(f.Name, ".docx") {
			documents = append(documents, filepath.Join(dir, f.Name))
		}
	}
	opened := filepath.Join(dir, "opened")
	run(t, "soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", opened}, documents...)...)
	r, err := s.reports.Issued(ctx, system, "TX", "2019-Q2")
	s.must(err)
	v, err := s.reports.View(ctx, system, r.ID)
	s.must(err)
	for _, d := range documents {
		name := strings.TrimSuffix(filepath.Base(d), ".docx") + ".pdf"
		ours, theirs := run(t, "pdftotext", "-layout", filepath.Join(dir, name), "-"), run(t, "pdftotext", "-layout", filepath.Join(opened, name), "-")
		for _, text := range []string{ours, theirs} {
			if text == "" || strings.Contains(text, "DỰ THẢO") {
				t.Errorf("%s reads:\n%s", name, text)
			}
		}
		if !strings.HasPrefix(name, "01-") {
			continue
		}
		if !strings.Contains(ours, "Số: 07/BC-MTTQ-BTT") || !strings.Contains(ours, "ngày 01 tháng 7 năm 2019") {
			t.Errorf("the report does not bear its number and date:\n%s", ours)
		}
		for _, n := range v.Content.Numbers {
			if n.Of != report.Reporting && (!strings.Contains(ours, n.Text) || !strings.Contains(theirs, n.Text)) {
				t.Errorf("the report's page says %s = %q; its PDF or its DOCX does not", n.Short, n.Text)
			}
		}
	}
}

func TestTheZipHoldsWhatTheFolderHolds(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.closed()
	made := s.make(system, "2019-Q2")
	files, err := made.Files()
	s.must(err)
	var b bytes.Buffer
	s.must(made.WriteZip(&b, s.clock.Now()))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	s.must(err)
	var got []string
	for _, f := range z.File {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff(append(names(files), "00-muc-luc.txt"), got); diff != "" {
		t.Errorf("the zip holds (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeMadeIsNamedWithItsReason(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.give("2019-Q3")
	made := s.make(system, "2019-Q3")
	var have []string
	for _, p := range made.Papers {
		have = append(have, p.Title)
	}
	if diff := cmp.Diff([]string{"Báo cáo tổng hợp", "Tin bài"}, have); diff != "" {
		t.Errorf("a quarter without a briefing has (-want +got):\n%s", diff)
	}
	var lacks []string
	for _, m := range made.Missing {
		lacks = append(lacks, m.Title+": "+m.Reason)
	}
	const why = ": Chưa triệu tập hội nghị giao ban của kỳ."
	if diff := cmp.Diff([]string{"Giấy mời" + why, "Biên bản" + why, "Thông báo kết luận" + why, "Danh mục nhiệm vụ" + why}, lacks); diff != "" {
		t.Errorf("it lacks (-want +got):\n%s", diff)
	}
	if empty := s.make(system, "2031-Q1"); len(empty.Papers) > 0 || len(empty.Missing) != 6 {
		t.Errorf("a quarter that nobody has begun holds %d papers and lacks %v", len(empty.Papers), empty.Missing)
	}
	// A briefing without an open task or a shortcoming has nothing to conclude yet.
	s.convene("2019-Q3", "2019-10-04")
	made = s.make(system, "2019-Q3")
	for _, title := range []string{"Thông báo kết luận", "Danh mục nhiệm vụ"} {
		if !slices.ContainsFunc(made.Missing, func(m pack.Missing) bool { return m.Title == title && m.Reason != "" }) {
			t.Errorf("%s is made of nothing; the pack lacks %v", title, made.Missing)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.closed()
	made := s.make(system, "2019-Q2")
	base := t.TempDir()
	file := filepath.Join(base, "file")
	s.must(os.WriteFile(file, nil, 0o600))
	taken := filepath.Join(base, "taken")
	s.must(os.MkdirAll(filepath.Join(taken, "02-giay-moi.pdf"), 0o700))
	for name, dir := range map[string]string{"a file": file, "below a file": filepath.Join(file, "pack"), "a place where nobody makes folders": "/proc/pack", "a name that is taken": taken} {
		if _, err := made.WriteDir(dir); !fault.Is(err, fault.KindUnavailable) || !strings.Contains(fault.Text(err), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThePageSaysWhichDocumentsAreDrafts(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.closed()
	s.give("2019-Q3")
	s.convene("2019-Q3", "2019-10-04")
	stage := webtest.NewStage(t, s.packs.Mount)
	office := stage.As(t, s.person("office", "TX", auth.View, auth.Brief, auth.Consolidate))
	office.Get("/ho-so/2019-q3/danh-muc").OK().Has("Hồ sơ giao ban quý III năm 2019", "có 5 dự thảo", "Còn là dự thảo: Báo cáo tổng hợp, Biên bản, Thông báo kết luận, Danh mục nhiệm vụ, Tin bài").
		HasElement(`a[href="/ho-so/2019-q3?don-vi=TX"]`, `a[href="/ho-so/2019-q3/tep/03-bien-ban-du-thao.docx?don-vi=TX"]`)
	office.Get("/ho-so/2019-q2/danh-muc").OK().Has("Mọi văn bản trong hồ sơ đều là bản chính thức").Lacks("du-thao")
	if f := office.Get("/ho-so/2019-q3/tep/04-thong-bao-ket-luan-du-thao.pdf").OK(); !bytes.HasPrefix(f.Body, []byte("%PDF")) {
		t.Error("the drafted notice is no PDF")
	}
	for _, path := range []string{"/ho-so/2019-q3/tep/03-bien-ban.docx", "/ho-so/2019-q3/tep/x", "/ho-so/2031-q1", "/ho-so/2031-q1/danh-muc", "/ho-so/quy-ba"} {
		office.Get(path).Is(404)
	}
	// The invited have the invitation and the minutes' form; what the office drafts for the conclusion is not theirs.
	invited := stage.As(t, s.person("women", "TX.PN", auth.View))
	invited.Get("/ho-so/2019-q3/danh-muc?don-vi=TX").OK().Has("Giấy mời").Lacks("04-thong-bao-ket-luan", "01-bao-cao")
	ward := stage.As(t, s.person("ward", "P01", auth.View))
	for _, path := range []string{"/ho-so/2019-q3?don-vi=TX", "/ho-so/2019-q3/danh-muc?don-vi=TX", "/ho-so/2019-q3/tep/02-giay-moi.pdf?don-vi=TX"} {
		ward.Get(path).Is(404)
	}
}

func TestThePageIsReadableForEveryone(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.give("2019-Q3") // a draft and documents that are missing
	stage := webtest.NewStage(t, s.packs.Mount)
	w := webtest.Browser(t, stage.URL)
	w.Open(stage.Enter(s.person("office", "TX", auth.View, auth.Brief, auth.Consolidate)))
	w.Open("/ho-so/2019-q3/danh-muc").Axe().NoHorizontalScroll()
}
