package doc

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func docxOf(t *testing.T, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := DOCX(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pdfOf(t *testing.T, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := PDF(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func part(t *testing.T, docx []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pdfText is a PDF's text as laid out. A missing tool fails the test: a document nobody has read is not tested.
func pdfText(t *testing.T, pdf []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("pdftotext", append(args, "-", "-")...)
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext (install poppler-utils): %v", err)
	}
	return string(out)
}

func TestGoldenDocuments(t *testing.T) {
	t.Parallel()
	for name, d := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			xml := part(t, docxOf(t, d), "word/document.xml")
			for _, tag := range []string{"<w:p>", "<w:tbl>", "<w:tr>", "<w:sectPr>"} {
				xml = strings.ReplaceAll(xml, tag, "\n"+tag)
			}
			golden(t, name+".document.xml", xml)
			golden(t, name+".txt", strings.Join(squeezed(pdfText(t, pdfOf(t, d), "-layout")), "\n")+"\n")
			html, err := HTML(d)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".html", html)
		})
	}
}

func TestEqualDocumentsAreEqualBytes(t *testing.T) {
	t.Parallel()
	d := sampleStateReport()
	d.Body = append(d.Body, Text("Khoảng trắng\u00a0không ngắt, gạch\u2011nối, Đắk Lắk, Ðak."))
	docx, pdf := docxOf(t, d), pdfOf(t, d)
	for range 8 {
		if !bytes.Equal(docx, docxOf(t, d)) {
			t.Fatal("two DOCX files of one document differ")
		}
		if !bytes.Equal(pdf, pdfOf(t, d)) {
			t.Fatal("two PDF files of one document differ")
		}
	}
}

// fontConfig lets LibreOffice see the project's own fonts only, in the place of Times New Roman.
func fontConfig(t *testing.T) string {
	t.Helper()
	fonts, err := filepath.Abs("../../assets/fonts")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "fonts.conf")
	conf := `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>` + fonts + `</dir><cachedir>` + dir + `/cache</cachedir>` +
		`<alias binding="same"><family>Times New Roman</family><accept><family>Liberation Serif</family></accept></alias></fontconfig>`
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDOCXAndPDFAreAlike opens the DOCX files in LibreOffice and compares each page's words with the PDF's: the same lines on
// the same pages.
func TestDOCXAndPDFAreAlike(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	docs := samples()
	docs["long"], docs["dispatch-state"], docs["dispatch-party"] = sampleLong(), sampleDispatch(State), sampleDispatch(Party)
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir}
	for name, d := range docs {
		path := filepath.Join(dir, name+".docx")
		if err := os.WriteFile(path, docxOf(t, d), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command("soffice", args...)
	cmd.Env = append(os.Environ(), "FONTCONFIG_FILE="+fontConfig(t))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice (install libreoffice-writer): %v\n%s", err, out)
	}
	for name, d := range docs {
		converted, err := os.ReadFile(filepath.Join(dir, name+".pdf"))
		if err != nil {
			t.Errorf("LibreOffice did not open %s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(squeezed(pdfText(t, converted, "-layout")), squeezed(pdfText(t, pdfOf(t, d), "-layout"))); diff != "" {
			t.Errorf("%s: DOCX (-) and PDF (+) differ:\n%s", name, diff)
		}
	}
}

// squeezed keeps lines and page breaks, not the width of gaps.
func squeezed(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		page := strings.HasPrefix(line, "\f")
		if line = strings.Join(strings.Fields(line), " "); page {
			line = "\f" + line
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}
