package e2e

import (
	"bytes"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

// TestAWorkbookComesBack: a body takes its workbook from the page, fills it in in Excel, drops it on the page, sees what it
// would change, writes it, and takes it back.
func TestAWorkbookComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := enter(t, s.client(), office)
	form := c.Get("/nhap/mau/P02.PN/2019-q3").OK()
	path := filepath.Join(s.dir, "bieu-mau.xlsx")
	filled := fillIn(t, form.Body, "TT01", "17")
	if err := os.WriteFile(path, filled, 0o600); err != nil {
		t.Fatal(err)
	}
	total := func() int64 { return number(t, c.Get("/so/P02.PN/2019-q3/TT01?rieng=1").OK().Text(".big-number")) }
	before := total()
	if before == 17 {
		t.Fatal("the demonstration has this figure already")
	}

	p := s.browse(true).enter(office).visit("/nhap")
	p.Do(chromedp.SetUploadFiles(chromedp.CSS("main input[type=file]"), []string{path}))
	p.put("ly-do", "Sửa theo biểu mẫu gửi lại").press("main form[action='/nhap'] button", "")
	p.sees("bieu-mau.xlsx", "thay đổi", "17")
	p.NoHorizontalScroll().Axe().Resize(1280)
	if got := total(); got != before {
		t.Fatalf("the preview has changed the figure to %d", got)
	}
	plan := p.Path()
	p.press("main form[action$='/ghi'] button", "")
	p.visit(plan).sees("đã ghi")
	if got := total(); got != 17 {
		t.Fatalf("after the import the figure is %d", got)
	}
	p.put("reason", "Gửi nhầm tệp").press("main form[action$='/hoan-tac'] button", "")
	if got := total(); got != before {
		t.Fatalf("after undoing the figure is %d, want %d", got, before)
	}
}

// fillIn writes a value into the entry cell of an indicator's row.
func fillIn(t *testing.T, workbook []byte, code, value string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(workbook))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		entry := -1
		for r, row := range rows {
			for i, text := range row {
				if strings.HasPrefix(strings.TrimSpace(text), "Số liệu") && len(row) > 3 {
					entry = i
				}
			}
			if entry < 0 || len(row) == 0 || row[0] != code {
				continue
			}
			at, err := excelize.CoordinatesToCellName(entry+1, r+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellValue(sheet, at, value); err != nil {
				t.Fatal(err)
			}
			out, err := f.WriteToBuffer()
			if err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
	}
	t.Fatalf("the workbook has no row of %s", code)
	return nil
}

// TestThePackSaysWhatThePageSays: the quarter's documents hold each number of the report's page, in the PDF and in the DOCX
// that LibreOffice opens.
func TestThePackSaysWhatThePageSays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := enter(t, s.client(), office)
	report, ok := c.Get("/giao-ban/2019-q2").OK().Find("main a[href^='/bao-cao/']").First().Attr("href")
	if !ok {
		t.Fatal("the quarter's page leads to no report")
	}
	shown := amounts{}
	for _, n := range c.Get(report).OK().Find("main a[href^='/so/']").EachIter() {
		shown.add(n.Text())
	}
	if len(shown) < 20 {
		t.Fatalf("the report's page shows only %d numbers", len(shown))
	}

	out := filepath.Join(s.dir, "ho-so")
	if text, err := s.run("pack", "--db", filepath.Join(s.dir, "giaoban.db"), "--out", out, "2019-Q2"); err != nil {
		t.Fatalf("pack: %v\n%s", err, text)
	}
	for _, kind := range []string{"docx", "pdf", "xlsx", "ics", "html"} {
		if found, _ := filepath.Glob(filepath.Join(out, "*."+kind)); len(found) == 0 {
			t.Errorf("the pack has no %s", kind)
		}
	}
	documents, err := filepath.Glob(filepath.Join(out, "*.docx"))
	if err != nil || len(documents) < 4 {
		t.Fatalf("the pack has only the documents %v (%v)", documents, err)
	}
	made := filepath.Join(s.dir, "libreoffice")
	open := exec.Command("soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(s.dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", made}, documents...)...)
	if text, err := open.CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice does not open the documents: %v\n%s", err, text)
	}
	for _, d := range documents {
		name := strings.TrimSuffix(filepath.Base(d), ".docx")
		ours, theirs := amounts{}, amounts{}
		ours.add(pdfText(t, strings.TrimSuffix(d, ".docx")+".pdf"))
		theirs.add(pdfText(t, filepath.Join(made, name+".pdf")))
		for n := range ours {
			if v, err := strconv.Atoi(n); (err != nil || v > 99) && !theirs[n] { // smaller ones may be page numbers
				t.Errorf("%s: the PDF says %s, the DOCX does not", name, n)
			}
		}
		if !strings.Contains(name, "bao-cao") {
			continue
		}
		for n := range shown {
			if !ours[n] || !theirs[n] {
				t.Errorf("%s: the page says %s; the PDF: %t, the DOCX: %t", name, n, ours[n], theirs[n])
			}
		}
	}
}

// amounts are the numbers of a text by value: "1.014.000.000", "1 tỷ 14 triệu" and "1,014 tỷ" are one.
type amounts map[string]bool

var amount = regexp.MustCompile(`([0-9]+(?:\.[0-9]{3})*(?:,[0-9]+)?)(?: (tỷ|triệu|nghìn|ngàn))?`)

var powers = map[string]int64{"": 1, "nghìn": 1e3, "ngàn": 1e3, "triệu": 1e6, "tỷ": 1e9}

func (a amounts) add(text string) {
	sum, end, last := new(big.Rat), -2, int64(0)
	for _, at := range amount.FindAllStringSubmatchIndex(text, -1) {
		word := ""
		if at[4] >= 0 {
			word = text[at[4]:at[5]]
		}
		v, ok := new(big.Rat).SetString(strings.ReplaceAll(strings.ReplaceAll(text[at[2]:at[3]], ".", ""), ",", "."))
		if !ok {
			continue
		}
		power := powers[word]
		v.Mul(v, new(big.Rat).SetInt64(power))
		a[v.RatString()] = true
		if at[0] == end+1 && power < last { // goes on: "1 tỷ 14 triệu"
			v.Add(v, sum)
			a[v.RatString()] = true
		}
		sum, end, last = v, at[1], power
	}
}

// pdfText is a PDF's text without line breaks.
func pdfText(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", filepath.Base(path), err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}
