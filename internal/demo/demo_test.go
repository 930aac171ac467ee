package demo_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/demo"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/web/webtest"
)

var ctx = context.Background()

func open(t *testing.T, dsn string) *app.App {
	t.Helper()
	a, err := app.Open(ctx, dsn, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func town(t *testing.T, engine db.Engine) *app.App {
	t.Helper()
	a := open(t, dbtest.DSN(t, engine))
	if err := demo.Fill(ctx, a, 1); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTownIsTheSameOnBothEnginesAndEverySumHolds(t *testing.T) {
	t.Parallel()
	totals := map[db.Engine]string{}
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		a := town(t, engine)
		v, err := a.Figures.Verify(ctx)
		if err != nil || v.Differences != 0 {
			t.Fatalf("%s: %d differences, %v, %v", engine, v.Differences, v.List, err)
		}
		p, err := period.Parse(demo.Quarter)
		if err != nil {
			t.Fatal(err)
		}
		q, err := a.Home.Quarter(ctx, auth.System(), "", p)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range q.Key {
			totals[engine] += l.Indicator.Code + "=" + figure.Print(l.Now, "", l.Indicator) + "\n"
		}
		if q.Summary.Expected == 0 || q.Summary.Sent == 0 || q.Summary.Missing == 0 {
			t.Errorf("%s: the quarter in progress shows %+v", engine, q.Summary)
		}
		if !q.HasBriefing || q.Tasks.Total == 0 {
			t.Errorf("%s: no briefing is convened, or no task of the last one runs", engine)
		}
	}
	if totals[db.SQLite] != totals[db.Postgres] || totals[db.SQLite] == "" {
		t.Errorf("the same seed makes other totals:\n%s\n%s", totals[db.SQLite], totals[db.Postgres])
	}
}

func TestFillingASiteThatHasUnitsIsRefused(t *testing.T) {
	t.Parallel()
	a := open(t, dbtest.DSN(t, db.SQLite))
	if err := a.Units.Load(ctx, auth.System(), []org.Spec{{Code: "AB", Kind: org.Place, Level: org.Town, Name: "Nơi khác"}}); err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(ctx, a, 1); !fault.Is(err, fault.KindRefused) {
		t.Fatalf("err = %v", err)
	}
}

func TestClosedQuarterHasAllItsDocumentsWithTheNumbersOfThePage(t *testing.T) {
	t.Parallel()
	a := town(t, db.SQLite)
	p, err := period.Parse("2019-Q2")
	if err != nil {
		t.Fatal(err)
	}
	made, err := a.Packs.Make(ctx, auth.System(), demo.TownCode, p)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := made.WriteDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if f.Draft {
			t.Errorf("%s of a concluded quarter is a draft", f.Name)
		}
	}
	for _, want := range []string{
		"01-bao-cao-tong-hop.docx", "01-bao-cao-tong-hop.pdf", "01-bao-cao-tong-hop.xlsx", "02-giay-moi.docx", "02-giay-moi.ics",
		"03-bien-ban.docx", "04-thong-bao-ket-luan.docx", "05-nhiem-vu.docx", "06-tin-bai.html",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("the pack lacks %s; it says %v", want, made.Missing)
		}
	}
	text := pdfText(t, filepath.Join(dir, "01-bao-cao-tong-hop.pdf"))
	q, err := a.Home.Quarter(ctx, auth.System(), demo.TownCode, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range q.Key {
		if !l.Now.Has {
			continue
		}
		bare := strings.TrimSuffix(figure.Print(l.Now, "", l.Indicator), " "+l.Indicator.Unit)
		if !strings.Contains(text, strings.Join(strings.Fields(bare), " ")) {
			t.Errorf("the report's PDF does not hold %s = %q of the page", l.Indicator.Code, bare)
		}
	}
	notice := pdfText(t, filepath.Join(dir, "04-thong-bao-ket-luan.pdf"))
	for _, want := range []string{"ĐẢNG CỘNG SẢN VIỆT NAM", "Số 118-TB/ThU", "THÔNG BÁO", "T/M"} {
		if !strings.Contains(notice, want) {
			t.Errorf("the notice of conclusion lacks %q:\n%s", want, notice)
		}
	}
	var again bytes.Buffer
	if err := made.WriteZip(&again, a.Clock.Now()); err != nil || again.Len() == 0 {
		t.Errorf("zip: %d bytes, %v", again.Len(), err)
	}
}

func TestQuarterInProgressHasAllItsDocuments(t *testing.T) {
	t.Parallel()
	a := town(t, db.SQLite)
	p, err := period.Parse(demo.Quarter)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Briefings.Of(ctx, auth.System(), demo.TownCode, demo.Quarter)
	if err != nil || b.State != briefing.Convened || b.Day != "2019-10-04" || len(b.Items) < 10 || b.Items[0].Kind != briefing.ItemTask {
		t.Fatalf("the quarter's briefing is %s on %s with %d items, %v", b.State, b.Day, len(b.Items), err)
	}
	made, err := a.Packs.Make(ctx, auth.System(), demo.TownCode, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Papers) != 6 || len(made.Missing) > 0 {
		t.Errorf("the pack holds %d papers and lacks %v", len(made.Papers), made.Missing)
	}
	for _, x := range made.Papers {
		if final := x.Stem == "02-giay-moi"; x.Draft == final {
			t.Errorf("%s: draft is %v", x.Stem, x.Draft)
		}
	}
	if v, err := a.Figures.Verify(ctx); err != nil || v.Differences != 0 {
		t.Errorf("after the pack %d sums differ, %v", v.Differences, err)
	}
}

func pdfText(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (Debian's poppler-utils): %v", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestPagesOfTheDemonstration(t *testing.T) {
	t.Parallel()
	a := town(t, db.SQLite)
	c := webtest.New(t, a.Handler(false))
	c.Get("/").OK().Has("Dữ liệu trình diễn", "Giao ban với Mặt trận", "08:00", "01/10/2019")
	c.Get("/giao-ban/2019-q3").Is(303)
	news := c.Get("/tin").OK()
	link, ok := news.Find("main .news a").Attr("href")
	if !ok {
		t.Fatal("no published item")
	}
	c.Get(link).OK().Has("Nguồn số liệu", "18:47 05/07/2019").Lacks("\ufffd")
	form := c.Get("/dang-nhap").OK().Find("form[action='/trinh-dien/vao']").FilterFunction(contains("Hoàng Văn Thử Nghiệm"))
	person, _ := form.Find("input[name=person]").Attr("value")
	c.PostForm("/trinh-dien/vao", "person", person, "tiep", "/giao-ban/2019-q3").Is(303)
	c.Get("/giao-ban").Is(303)
	c.Get("/giao-ban/2019-q3").OK().Has("Việc cần làm tiếp", "Quá hạn chưa gửi báo cáo", "trên 25 tỷ")
	c.Get("/giao-ban/2019-q2").OK().Has("đã kết luận", "đã đăng")
	c.Get("/giao-ban/2031-q1").OK().Has("Kỳ này chưa mở")
	c.Get("/giao-ban/khong-phai-ky").Is(404)
	c.Get("/so/TX/2019-q3/CT01").OK().Has("trên 3 tỷ 556,6 triệu đồng")
}

func contains(text string) func(int, *goquery.Selection) bool {
	return func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), text) }
}
