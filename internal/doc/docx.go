package doc

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// DOCX writes d as a WordprocessingML package (ECMA-376, transitional) in Times New Roman. Dates inside the file are the
// document's own, so that equal documents are equal files.
func DOCX(w io.Writer, d Document) error {
	l, sections, err := compile(d)
	if err != nil {
		return err
	}
	x := &docx{l: l, styles: styleSheet(l), links: map[string]string{}}
	body := x.body(sections)
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", coreProperties(d)},
		{"docProps/app.xml", xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Giaoban</Application></Properties>`},
		{"word/document.xml", body},
		{"word/_rels/document.xml.rels", x.relationships()},
		{"word/styles.xml", x.stylesXML()},
		{"word/settings.xml", settings},
		{"word/header1.xml", pageHeader},
		{"word/header2.xml", firstHeader},
	}
	z := zip.NewWriter(w)
	for _, part := range parts {
		// A header without a time: the archive must not depend on when it was written.
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate})
		if err != nil {
			return fmt.Errorf("write docx part %s: %w", part.name, err)
		}
		if _, err := io.WriteString(f, part.text); err != nil {
			return fmt.Errorf("write docx part %s: %w", part.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("close docx: %w", err)
	}
	return nil
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	wordML    = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	relType   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

const contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/word/document.xml" ContentType="` + wordML + `document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="` + wordML + `styles+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="` + wordML + `settings+xml"/>` +
	`<Override PartName="/word/header1.xml" ContentType="` + wordML + `header+xml"/>` +
	`<Override PartName="/word/header2.xml" ContentType="` + wordML + `header+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
	`<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>` +
	`</Types>`

const packageRels = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
	`<Relationship Id="rId3" Type="` + relType + `extended-properties" Target="docProps/app.xml"/>` +
	`</Relationships>`

// settings asks for Word 2013 behaviour: older modes shift tables out of the margins by their cell padding.
const settings = xmlHead + `<w:settings ` + wordSpace + `><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>` +
	`<w:characterSpacingControl w:val="doNotCompress"/><w:compat>` +
	`<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>` +
	`<w:themeFontLang w:val="vi-VN"/></w:settings>`

const firstHeader = xmlHead + `<w:hdr ` + wordSpace + `><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr></w:p></w:hdr>`

const pageHeader = xmlHead + `<w:hdr ` + wordSpace + `><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>` +
	`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>` +
	`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:hdr>`

// docTitle names a document in file properties: "Báo cáo kết quả công tác quý III".
func docTitle(d Document) string {
	title := d.Kind.Name()
	if d.Title != "" {
		title = d.Title
	}
	if d.Subject != "" {
		title += " " + d.Subject
	}
	return oneLine(title)
}

func docAuthor(d Document) string {
	return oneLine(d.Issuer.Name + " " + d.Issuer.Sub)
}

func coreProperties(d Document) string {
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(docTitle(d)) + `</dc:title><dc:creator>` + escape(docAuthor(d)) + `</dc:creator>` +
		`<dc:language>vi-VN</dc:language>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + d.Date + `T00:00:00Z</dcterms:created>` +
		`<dcterms:modified xsi:type="dcterms:W3CDTF">` + d.Date + `T00:00:00Z</dcterms:modified></cp:coreProperties>`
}

func escape(text string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a bytes.Buffer does not fail
	}
	return b.String()
}

// docx collects what the body refers to while it is written.
type docx struct {
	l      layout
	styles map[string]styleDef
	links  map[string]string // address -> relationship id
	order  []string
	b      strings.Builder
}

func (x *docx) link(address string) string {
	id, ok := x.links[address]
	if !ok {
		id = fmt.Sprintf("rIdLink%d", len(x.order)+1)
		x.links[address] = id
		x.order = append(x.order, address)
	}
	return id
}

func (x *docx) relationships() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range [][3]string{{"rIdStyles", "styles", "styles.xml"}, {"rIdSettings", "settings", "settings.xml"},
		{"rIdHeader", "header", "header1.xml"}, {"rIdFirst", "header", "header2.xml"}} {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s%s" Target="%s"/>`, r[0], relType, r[1], r[2])
	}
	for _, address := range x.order {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%shyperlink" Target="%s" TargetMode="External"/>`, x.links[address], relType, escape(address))
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}
