package doc

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// styleDef is a Word paragraph style: a paragraph and the look of its text. A paragraph of the document then says only where
// it differs, so that a style changed in Word changes the document.
type styleDef struct {
	name string
	p    para
	s    span
}

func styleSheet(l layout) map[string]styleDef {
	text := para{first: l.Indent * mm, after: l.Gap, line: l.Line, exact: l.LineExact}
	mid := para{align: Center, line: 1}
	keepMid := para{align: Center, line: 1, keep: true}
	heading := func(level int) para {
		p := text
		p.level, p.keep = level, true
		return p
	}
	part := keepMid
	part.level = 1
	plain := span{size: l.Body}
	bold := span{size: l.Body, bold: true}
	defs := map[string]styleDef{
		"BodyText":        {"Body Text", text, plain},
		"Basis":           {"Can cu", text, span{size: l.Body, italic: true}},
		"ListItem":        {"List Item", text, plain},
		"Heading1":        {"heading 1", part, bold},
		"Heading2":        {"heading 2", heading(2), bold},
		"Heading3":        {"heading 3", heading(3), bold},
		"Heading4":        {"heading 4", heading(4), plain},
		"Head":            {"Document Head", mid, span{size: l.IssuerSize}},
		"Number":          {"Document Number", mid, span{size: l.NumberSize}},
		"PlaceDate":       {"Place and Date", mid, span{size: l.PlaceSize, italic: true}},
		"DispatchSubject": {"Dispatch Subject", mid, span{size: l.LetterSubject, italic: l.LetterSubjectItalic}},
		"DocTitle":        {"Title", keepMid, span{size: l.TitleSize, bold: true}},
		"DocSubject":      {"Subtitle", keepMid, span{size: l.SubjectSize, bold: true}},
		"Address":         {"Addressee", mid, span{size: l.AddressSize}},
		"Signature":       {"Signature", mid, span{size: l.AuthoritySize, bold: true}},
		"Recipients":      {"Recipients", para{align: Left, line: 1}, span{size: l.RecipientsSize}},
		"Caption":         {"caption", para{align: Center, line: 1, before: 4, after: 4, keep: true}, bold},
		"TableUnit":       {"Table Unit", para{align: Right, line: 1, after: 2, keep: true}, span{size: l.TableSize, italic: true}},
		"TableText":       {"Table Text", para{align: Left, line: 1, before: 2, after: 2}, span{size: l.TableSize}},
		"AnnexNumber":     {"Annex Number", keepMid, span{size: l.SubjectSize, bold: true}},
		"AnnexTitle":      {"Annex Title", keepMid, span{size: l.SubjectSize, bold: true}},
		"AnnexRef":        {"Annex Reference", para{align: Center, line: 1, after: 10, keep: true}, span{size: l.Body, italic: true}},
		"Rule":            {"Rule", para{align: Center, line: ruleHeight, exact: true}, span{size: 2}},
		"Spacer":          {"Spacer", para{align: Left, line: 6, exact: true}, span{size: 2}},
		"Header":          {"header", mid, span{size: l.PageNumber}},
	}
	return defs
}

func (x *docx) stylesXML() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:styles ` + wordSpace + `><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="Times New Roman" w:cs="Times New Roman"/>` +
		fmt.Sprintf(`<w:color w:val="000000"/><w:sz w:val="%d"/><w:szCs w:val="%d"/>`, half(x.l.Body), half(x.l.Body)) +
		`<w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>` +
		`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>` +
		`<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="0" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	ids := make([]string, 0, len(x.styles))
	for id := range x.styles {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	base := styleDef{p: para{align: Left, line: 1}, s: span{size: x.l.Body}}
	for _, id := range ids {
		def := x.styles[id]
		fmt.Fprintf(&b, `<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/><w:qFormat/>`, id, def.name)
		if props := paraProps(def.p, base.p); props != "" {
			b.WriteString(`<w:pPr>` + props + `</w:pPr>`)
		}
		if props := spanProps(def.s, base.s); props != "" {
			b.WriteString(`<w:rPr>` + props + `</w:rPr>`)
		}
		b.WriteString(`</w:style>`)
	}
	b.WriteString(`</w:styles>`)
	return b.String()
}

func twips(points float64) int { return int(math.Round(points * 20)) }

func half(points float64) int { return int(math.Round(points * 2)) }

var jc = map[Align]string{Natural: "both", Left: "left", Center: "center", Right: "right"}

// paraProps is the content of pPr for what p has otherwise than base, in the order of the schema.
func paraProps(p, base para) string {
	var b strings.Builder
	if p.keep != base.keep {
		fmt.Fprintf(&b, `<w:keepNext w:val="%d"/>`, onOff(p.keep))
	}
	if p.before != base.before || p.after != base.after || p.line != base.line || p.exact != base.exact {
		value, how := int(math.Round(p.line*240)), "auto"
		if p.exact {
			value, how = twips(p.line), "exact"
		}
		fmt.Fprintf(&b, `<w:spacing w:before="%d" w:after="%d" w:line="%d" w:lineRule="%s"/>`, twips(p.before), twips(p.after), value, how)
	}
	if p.left != base.left || p.first != base.first || p.hanging != base.hanging {
		fmt.Fprintf(&b, `<w:ind w:left="%d"`, twips(p.left))
		if p.hanging > 0 {
			fmt.Fprintf(&b, ` w:hanging="%d"/>`, twips(p.hanging))
		} else {
			fmt.Fprintf(&b, ` w:firstLine="%d"/>`, twips(p.first))
		}
	}
	if p.align != base.align {
		fmt.Fprintf(&b, `<w:jc w:val="%s"/>`, jc[p.align])
	}
	if p.level != base.level && p.level > 0 {
		fmt.Fprintf(&b, `<w:outlineLvl w:val="%d"/>`, p.level-1)
	}
	return b.String()
}

// spanProps is the content of rPr for what s has otherwise than base.
func spanProps(s, base span) string {
	var b strings.Builder
	if s.bold != base.bold {
		fmt.Fprintf(&b, `<w:b w:val="%d"/><w:bCs w:val="%d"/>`, onOff(s.bold), onOff(s.bold))
	}
	if s.italic != base.italic {
		fmt.Fprintf(&b, `<w:i w:val="%d"/><w:iCs w:val="%d"/>`, onOff(s.italic), onOff(s.italic))
	}
	if s.size != base.size {
		fmt.Fprintf(&b, `<w:sz w:val="%d"/><w:szCs w:val="%d"/>`, half(s.size), half(s.size))
	}
	if s.underline != base.underline {
		fmt.Fprintf(&b, `<w:u w:val="%s"/>`, map[bool]string{true: "single", false: "none"}[s.underline])
	}
	return b.String()
}

func onOff(on bool) int {
	if on {
		return 1
	}
	return 0
}
