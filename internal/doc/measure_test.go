package doc

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// attr is the value of an attribute of the first element of that name.
func attr(t *testing.T, xml, element, name string) string {
	t.Helper()
	tag := regexp.MustCompile(`<` + element + `( [^>]*)>`).FindString(xml)
	m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		t.Fatalf("no %s of <%s>", name, element)
	}
	return m[1]
}

// wantMM compares a length in twentieths of a point with millimetres.
func wantMM(t *testing.T, what, twips string, want float64) {
	t.Helper()
	n, err := strconv.Atoi(twips)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if got := float64(n) / 20 / mm; math.Abs(got-want) > 0.05 {
		t.Errorf("%s is %.2f mm, want %.2f", what, got, want)
	}
}

// styleXML is one style of styles.xml.
func styleXML(t *testing.T, styles, id string) string {
	t.Helper()
	from := strings.Index(styles, `w:styleId="`+id+`"`)
	if from < 0 {
		t.Fatalf("no style %s", id)
	}
	rest := styles[from:]
	return rest[:strings.Index(rest, "</w:style>")]
}

// paraOf is the paragraph of document.xml that holds a text.
func paraOf(t *testing.T, xml, text string) string {
	t.Helper()
	at := strings.Index(xml, ">"+text)
	if at < 0 {
		t.Fatalf("no text %q", text)
	}
	from, to := strings.LastIndex(xml[:at], "<w:p>"), strings.Index(xml[at:], "</w:p>")
	return xml[from : at+to]
}

func TestPageIsA4WithTheRegulationsMargins(t *testing.T) {
	t.Parallel()
	for name, d := range samples() {
		xml := part(t, docxOf(t, d), "word/document.xml")
		section := xml[strings.Index(xml, "<w:sectPr>"):]
		wantMM(t, name+": width", attr(t, section, "w:pgSz", "w:w"), 210)
		wantMM(t, name+": height", attr(t, section, "w:pgSz", "w:h"), 297)
		// Decree 30: top, bottom 20-25, left 30-35, right 15-20 mm; both guidances: 20, 20, 30, 15 mm.
		for side, want := range map[string]float64{"top": 20, "bottom": 20, "left": 30, "right": 15} {
			wantMM(t, name+": "+side, attr(t, section, "w:pgMar", "w:"+side), want)
		}
		if !strings.Contains(section, "<w:titlePg/>") {
			t.Errorf("%s: the first page has a number", name)
		}
		header := part(t, docxOf(t, d), "word/header1.xml")
		if !strings.Contains(header, " PAGE ") || strings.Contains(part(t, docxOf(t, d), "word/header2.xml"), "PAGE") {
			t.Errorf("%s: page numbers are not in the header of the pages after the first", name)
		}
	}
}

func TestStylesMeasureAsTheRegulationsSay(t *testing.T) {
	t.Parallel()
	size := func(points float64) string { return fmt.Sprintf(`<w:sz w:val="%d"/>`, int(points*2)) }
	for _, c := range []struct {
		name   string
		d      Document
		indent float64
		title  float64
		number float64
		page   float64
	}{
		{"state", sampleStateReport(), 12.7, 14, 13, 14},
		{"party 2019", sampleConclusion("2019-10-03"), 12.7, 16, 14, 14},
		{"party 2026", sampleConclusion("2026-10-03"), 10, 16, 14, 14},
	} {
		styles := part(t, docxOf(t, c.d), "word/styles.xml")
		if got := attr(t, styles, "w:rFonts", "w:ascii"); got != "Times New Roman" {
			t.Errorf("%s: font %s", c.name, got)
		}
		if got := attr(t, styles, "w:lang", "w:val"); got != "vi-VN" {
			t.Errorf("%s: language %s", c.name, got)
		}
		if defaults := styles[:strings.Index(styles, "</w:docDefaults>")]; !strings.Contains(defaults, size(14)) {
			t.Errorf("%s: body is not 14 pt", c.name)
		}
		body := styleXML(t, styles, "BodyText")
		wantMM(t, c.name+": first line", attr(t, body, "w:ind", "w:firstLine"), c.indent)
		if gap, _ := strconv.Atoi(attr(t, body, "w:spacing", "w:after")); gap < 120 {
			t.Errorf("%s: %d twips between paragraphs, want at least 6 pt", c.name, gap)
		}
		if attr(t, body, "w:jc", "w:val") != "both" {
			t.Errorf("%s: body is not justified", c.name)
		}
		for id, want := range map[string]float64{"DocTitle": c.title, "Number": c.number, "Header": c.page} {
			if s := styleXML(t, styles, id); want != 14 && !strings.Contains(s, size(want)) {
				t.Errorf("%s: style %s is not %g pt", c.name, id, want)
			} else if want == 14 && strings.Contains(s, "<w:sz ") {
				t.Errorf("%s: style %s is not the 14 pt of the body", c.name, id)
			}
		}
		if s := styleXML(t, styles, "Heading3"); !strings.Contains(s, "<w:keepNext") || !strings.Contains(s, "<w:outlineLvl") {
			t.Errorf("%s: headings leave their text or are not in the outline", c.name)
		}
	}
}

func TestHeadOfAStateDocument(t *testing.T) {
	t.Parallel()
	xml := part(t, docxOf(t, sampleStateReport()), "word/document.xml")
	table := xml[strings.Index(xml, "<w:tbl>"):strings.Index(xml, "</w:tbl>")]
	national := paraOf(t, table, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
	motto := paraOf(t, table, "Độc lập - Tự do - Hạnh phúc")
	for text, size := range map[string]string{national: "", motto: `<w:sz w:val="26"/>`} {
		if !strings.Contains(text, `<w:b w:val="1"/>`) || !strings.Contains(text, size) {
			t.Errorf("not bold or of another size than 12 and 13 pt: %s", text)
		}
	}
	// The rule below the motto is as long as the motto.
	after := table[strings.Index(table, motto)+len(motto):]
	side, _ := strconv.Atoi(attr(t, after, "w:ind", "w:left"))
	column := nd30.body(false) - nd30.HeadLeft*mm
	if got, want := column-2*float64(side)/20, width("Độc lập - Tự do - Hạnh phúc", 13, true, false); math.Abs(got-want) > 0.2 {
		t.Errorf("rule is %.1f pt, motto %.1f pt", got, want)
	}
	if strings.Contains(paraOf(t, table, "TỈNH AN HÀ"), "<w:b ") {
		t.Error("the superior body is bold")
	}
	last := paraOf(t, table, "BAN THƯỜNG TRỰC")
	after = table[strings.Index(table, last)+len(last):]
	side, _ = strconv.Atoi(attr(t, after, "w:ind", "w:left"))
	share := (nd30.HeadLeft*mm - 2*float64(side)/20) / width("BAN THƯỜNG TRỰC", 12, true, false)
	if share < 1.0/3 || share > 0.5 {
		t.Errorf("rule below the issuer is %.2f of the line, want a third to a half", share)
	}
	for _, text := range []string{"Số: 05/BC-MTTQ-BTT", "Thị xã An Lĩnh, ngày 01 tháng 10 năm 2020"} {
		paraOf(t, table, text)
	}
}

func TestHeadOfAPartyDocument(t *testing.T) {
	t.Parallel()
	for date, number := range map[string]string{"2019-10-03": "Số 127-TB/ThU", "2026-10-03": "Số 08-TB/ĐU"} {
		xml := part(t, docxOf(t, sampleConclusion(date)), "word/document.xml")
		table := xml[strings.Index(xml, "<w:tbl>"):strings.Index(xml, "</w:tbl>")]
		if p := paraOf(t, table, "ĐẢNG CỘNG SẢN VIỆT NAM"); !strings.Contains(p, `<w:sz w:val="30"/>`) || !strings.Contains(p, `<w:b w:val="1"/>`) {
			t.Errorf("%s: the Party's name is not 15 pt bold", date)
		}
		paraOf(t, table, "*<")
		paraOf(t, table, number)
		if strings.Contains(xml, "CỘNG HÒA") || strings.Contains(xml, "Số:") {
			t.Errorf("%s: state head on a Party document", date)
		}
	}
}

func TestAnnexIsALandscapeSectionWithItsOwnPages(t *testing.T) {
	t.Parallel()
	xml := part(t, docxOf(t, sampleStateReport()), "word/document.xml")
	second := xml[strings.LastIndex(xml, "<w:sectPr>"):]
	if attr(t, second, "w:pgSz", "w:orient") != "landscape" || attr(t, second, "w:pgNumType", "w:start") != "1" {
		t.Errorf("annex section: %s", second)
	}
	annex := xml[strings.Index(xml, "Phụ lục I"):]
	if !strings.Contains(annex, "<w:tblHeader/>") || strings.Count(annex, "<w:tr>") != strings.Count(annex, "<w:cantSplit/>") {
		t.Error("header row does not repeat, or rows may split")
	}
}
