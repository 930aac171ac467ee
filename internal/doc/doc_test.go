package doc

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"giaoban/assets/fonts"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

func TestASignIsQuotedAsItsLayoutWritesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    Document
		want string
	}{
		{Document{System: State, Date: "2020-10-01", Kind: Report, Number: "5", Symbol: "MTTQ-BTT"}, "05/BC-MTTQ-BTT"},
		{Document{System: Party, Date: "2019-10-01", Kind: Notice, Number: "127", Symbol: "ThU"}, "127-TB/ThU"},
		{Document{System: Party, Date: "2019-10-01", Kind: Notice, Symbol: "ThU"}, ""},
	} {
		if got := c.d.Sign(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestLayoutIsChosenBySystemAndDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    System
		date string
		want string
	}{
		{State, "2020-03-05", "Nghị định số 30/2020/NĐ-CP"},
		{State, "2020-03-04", "Thông tư số 01/2011/TT-BNV"},
		{State, "2001-01-01", "Thông tư số 01/2011/TT-BNV"},
		{Party, "2018-04-03", "Hướng dẫn số 36-HD/VPTW"},
		{Party, "2026-05-26", "Hướng dẫn số 36-HD/VPTW"},
		{Party, "2026-05-27", "Hướng dẫn số 05-HD/VPTW"},
	} {
		if got, err := Regulation(c.s, c.date); err != nil || got != c.want {
			t.Errorf("%d %s: %q, %v; want %q", c.s, c.date, got, err, c.want)
		}
	}
}

func TestDocumentWithoutADateIsRefused(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"", "2019-02-30", "1/10/2019"} {
		d := sampleSummons()
		d.Date = date
		_, err := HTML(d)
		for name, err := range map[string]error{"HTML": err, "DOCX": DOCX(io.Discard, d), "PDF": PDF(io.Discard, d)} {
			if !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s of a document dated %q: %v", name, date, err)
			}
		}
	}
}

func TestNumberLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    Document
		want string
	}{
		{Document{Kind: Report, Number: "5", Symbol: "MTTQ-BTT"}, "Số: 05/BC-MTTQ-BTT"},
		{Document{Kind: Report, Number: "147", Symbol: "UBMTTQ"}, "Số: 147/BC-UBMTTQ"},
		{Document{Kind: Report, Number: "05a", Symbol: "UBMTTQ"}, "Số: 05a/BC-UBMTTQ"},
		{Document{Kind: Dispatch, Number: "12", Symbol: "MTTQ-BTT"}, "Số: 12/MTTQ-BTT"},
		{Document{Kind: Report, Symbol: "MTTQ"}, "Số: " + strings.Repeat("\u00a0", 8) + "/BC-MTTQ"},
		{Document{System: Party, Kind: Notice, Number: "127", Symbol: "ThU"}, "Số 127-TB/ThU"},
		{Document{System: Party, Kind: Dispatch, Number: "7", Symbol: "ThU"}, "Số 07-CV/ThU"},
	} {
		l, err := layoutFor(c.d.System, "2019-10-01")
		if err != nil {
			t.Fatal(err)
		}
		if got := numberLine(l, c.d); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestPlaceLineTakesZeroesBelowTenAndInTheFirstTwoMonths(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{
		"2020-01-05": "Hà Nội, ngày 05 tháng 01 năm 2020",
		"2020-02-28": "Hà Nội, ngày 28 tháng 02 năm 2020",
		"2020-06-01": "Hà Nội, ngày 01 tháng 6 năm 2020",
		"2020-12-31": "Hà Nội, ngày 31 tháng 12 năm 2020",
	} {
		if got := placeLine(Document{Place: "Hà Nội", Date: date}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestLettersFollowTheVietnameseAlphabet(t *testing.T) {
	t.Parallel()
	got := ""
	for i := range 25 {
		got += viet.ListLetter(i) + " "
	}
	if want := "a b c d đ e g h i k l m n o p q r s t u v x y aa ab "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if viet.Roman(4)+viet.Roman(19)+viet.Roman(2026)+viet.Roman(0) != "IVXIXMMXXVI" {
		t.Error("roman numerals are wrong")
	}
}

func TestEndingReplacesTheLastMark(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    Document
		want string
	}{
		{sampleSummons(), "đúng thành phần./."},
		{sampleConclusion("2026-10-03"), "thực hiện Thông báo này."},
	} {
		text := pdfText(t, pdfOf(t, c.d))
		if !strings.Contains(strings.Join(strings.Fields(text), " "), c.want+" Nơi nhận") {
			t.Errorf("no %q at the end of:\n%s", c.want, text)
		}
	}
}

func TestBasesEndInSemicolonsAndAFullStop(t *testing.T) {
	t.Parallel()
	got := closed([]string{"Căn cứ A;", "Căn cứ B.", "Căn cứ C"}, ";", ".")
	if diff := cmp.Diff([]string{"Căn cứ A;", "Căn cứ B;", "Căn cứ C."}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPartySignerForACollectiveSignsByHisOwnOffice(t *testing.T) {
	t.Parallel()
	s := sampleConclusion("2026-10-03").Signatures[0]
	for date, want := range map[string][]string{
		"2026-10-03": {"T/M BAN THƯỜNG VỤ"},
		"2019-10-03": {"T/M BAN THƯỜNG VỤ", "K/T BÍ THƯ"},
	} {
		l, err := layoutFor(Party, date)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, authorityLines(l, s)); diff != "" {
			t.Errorf("%s: %s", date, diff)
		}
	}
}

func TestSecretarySignsLeftAndChairRight(t *testing.T) {
	t.Parallel()
	d := sampleMinutes()
	d.Place = "An Lĩnh"
	text := pdfText(t, pdfOf(t, d), "-layout")
	if strings.Contains(text, "An Lĩnh, ngày") {
		t.Error("minutes carry a date line")
	}
	for line := range strings.Lines(text) {
		if left, right := strings.Index(line, "THƯ KÝ"), strings.Index(line, "CHỦ TỌA"); left >= 0 && right > left {
			return
		}
	}
	t.Errorf("THƯ KÝ and CHỦ TỌA are not level:\n%s", text)
}

func TestUnsafeLinksBecomePlainText(t *testing.T) {
	t.Parallel()
	d := sampleSummons()
	for _, link := range []string{"javascript:alert(1)", "//evil.example", `/\evil.example`, "file:///etc/passwd", "data:text/html,x"} {
		d.Body = []Block{Runs(Run{Text: "số liệu <b>", Link: link, Note: `"><script>`})}
		page, err := HTML(d)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page, "href") || strings.Contains(page, "<script") || strings.Contains(page, "<b>") {
			t.Errorf("%s: %s", link, page)
		}
		if strings.Contains(part(t, docxOf(t, d), "word/_rels/document.xml.rels"), "hyperlink") {
			t.Errorf("%s is a link of the DOCX", link)
		}
	}
	d.Body = []Block{Runs(Run{Text: "17", Link: "https://giaoban.example/so/1?a=1&b=2", Note: "Nguồn"})}
	if rels := part(t, docxOf(t, d), "word/_rels/document.xml.rels"); !strings.Contains(rels, `Target="https://giaoban.example/so/1?a=1&amp;b=2" TargetMode="External"`) {
		t.Errorf("no link in %s", rels)
	}
	if !bytes.Contains(pdfOf(t, d), []byte("giaoban.example/so/1")) {
		t.Error("no link in the PDF")
	}
}

func TestHTMLIsSemanticAndUnstyled(t *testing.T) {
	t.Parallel()
	text, err := HTML(sampleStateReport())
	if err != nil {
		t.Fatal(err)
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]int{
		"[style], script, style": 0, "article.doc-document.doc-state": 1, "header time[datetime='2020-10-01']": 1,
		"h2.doc-title": 1, "h2": 2, "h3": 4, "h4": 2, "h5": 2, "caption": 2 - 1, "th[scope=colgroup][colspan='3']": 1, "tfoot tr": 1,
		"a.doc-trace": 2, "section.doc-annex table tbody tr": 70,
	} {
		if got := page.Find(selector).Length(); got != want {
			t.Errorf("%s: %d, want %d", selector, got, want)
		}
	}
	page.Find("[class]").Each(func(_ int, s *goquery.Selection) {
		for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
			if !strings.HasPrefix(class, "doc-") {
				t.Errorf("class %q", class)
			}
		}
	})
}

func TestTablesThatDoNotFitTheirColumnsAreRefused(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]Table{
		"no columns":    {},
		"too many":      {Columns: []Column{{Title: "A"}}, Rows: []Row{Cells("1", "2")}},
		"group outside": {Columns: []Column{{Title: "A"}}, Groups: []Group{{Title: "G", From: 0, Span: 2}}},
	} {
		d := sampleSummons()
		d.Body = []Block{table}
		if _, err := HTML(d); err == nil {
			t.Errorf("%s: HTML accepts it", name)
		}
		if DOCX(io.Discard, d) == nil || PDF(io.Discard, d) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTextThatNoPageHolds(t *testing.T) {
	t.Parallel()
	d := sampleSummons()
	long := strings.Repeat("một hai ba bốn ", 900)
	d.Body = []Block{
		Text(strings.Repeat("dài", 200)), Text(""), Text("một\n\nhai"), Text("mặt cười 😀, dấu rời e\u0302\u0301, \x00điều khiển"),
		Table{Columns: []Column{{Title: "Nội dung"}, {Title: "Số"}}, Rows: []Row{Cells(long, "17"), Cells("cuối", "18")}},
		Text(long),
	}
	text := strings.Join(strings.Fields(pdfText(t, pdfOf(t, d), "-layout")), " ")
	if got, want := strings.Count(text, "bốn"), 1800; got != want {
		t.Errorf("%d words, want %d", got, want)
	}
	for _, want := range []string{"cuối", "ế, điều khiển"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(part(t, docxOf(t, d), "word/document.xml"), "\x00") {
		t.Error("a control character reached the XML")
	}
}

func TestDocumentsAreMadeConcurrentlyFromSharedFonts(t *testing.T) {
	t.Parallel()
	before := bytes.Clone(fonts.Serif(true, true))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := PDF(io.Discard, sampleConclusion("2019-10-03")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if !bytes.Equal(before, fonts.Serif(true, true)) {
		t.Error("making a PDF changed the font")
	}
}

func TestCalendarEntry(t *testing.T) {
	t.Parallel()
	start := time.Date(2019, 10, 1, 8, 0, 0, 0, time.FixedZone("+07", 7*3600))
	meeting := ICS{UID: "giao-ban-2019-q3@giaoban.example", Start: start, End: start.Add(3 * time.Hour), Sequence: 2, Stamp: start,
		Summary:  "Hội nghị giao ban quý III năm 2019 của Thường trực Thị ủy với Mặt trận và các tổ chức chính trị - xã hội",
		Location: "Phòng họp số 1\r\nATTENDEE:x", Organizer: "vanphong@giaoban.example", OrganizerName: `Văn phòng, "Thị ủy"`}
	var b bytes.Buffer
	if err := Invitation(&b, meeting); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line not folded: %q", line)
		}
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"METHOD:PUBLISH\r\n", "DTSTART:20191001T010000Z\r\n", "DTEND:20191001T040000Z\r\n", "SEQUENCE:2\r\n",
		"STATUS:CONFIRMED\r\n", "chính trị - xã hội\r\n", "LOCATION:Phòng họp số 1 ATTENDEE:x\r\n", "ORGANIZER;CN=Văn phòng Thị ủy:mailto:vanphong@giaoban.example\r\n"} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("no %q in\n%s", want, unfolded)
		}
	}
	meeting.Cancelled = true
	b.Reset()
	if err := Invitation(&b, meeting); err != nil || !strings.Contains(b.String(), "METHOD:CANCEL") || !strings.Contains(b.String(), "STATUS:CANCELLED") {
		t.Errorf("cancelled: %v\n%s", err, b.String())
	}
	meeting.End = start
	if Invitation(io.Discard, meeting) == nil {
		t.Error("a meeting of no length is accepted")
	}
}

func TestACalendarOfDeadlines(t *testing.T) {
	t.Parallel()
	stamp := time.Date(2019, 9, 20, 8, 0, 0, 0, time.FixedZone("+07", 7*3600))
	var b bytes.Buffer
	err := Calendar(&b, "Hạn công việc\nX:y", []Deadline{
		{UID: "han.P01.2019-Q3@giaoban", Day: "2019-09-30", Summary: "Hạn gửi báo cáo quý III năm 2019: Hội Liên hiệp Phụ nữ phường Một; thị xã Bình Giang, tỉnh", Sequence: 3, Stamp: stamp,
			URL: "https://giaoban.example.vn/bao-cao-don-vi/P01/2019-q3"},
		{UID: "nhiem-vu.1@giaoban", Day: "2019-12-31", Summary: "Nhiệm vụ\r\nATTENDEE:x", Description: "Dòng một\nDòng hai", Stamp: stamp},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line not folded: %q", line)
		}
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"METHOD:PUBLISH\r\n", "X-WR-CALNAME:Hạn công việc X:y\r\n", "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n", "UID:han.P01.2019-Q3@giaoban\r\n", "DTSTAMP:20190920T010000Z\r\n",
		"DTSTART;VALUE=DATE:20190930\r\n", "DTEND;VALUE=DATE:20191001\r\n", "SEQUENCE:3\r\n", "DTEND;VALUE=DATE:20200101\r\n", "SUMMARY:Nhiệm vụ ATTENDEE:x\r\n",
		"DESCRIPTION:Dòng một\\nDòng hai\r\n", "TRANSP:TRANSPARENT\r\n", "phường Một\\; thị xã Bình Giang\\, tỉnh\r\n", "SEQUENCE:0\r\n"} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("no %q in\n%s", want, unfolded)
		}
	}
	if Calendar(io.Discard, "x", []Deadline{{UID: "a", Day: "30/09/2019"}}) == nil {
		t.Error("what is no day is accepted")
	}
}
