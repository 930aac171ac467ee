package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"giaoban/internal/fault"
)

// scan walks over the elements of a part by their local names: prefixes differ between programs, and strict and transitional
// files differ in their namespaces only.
func scan(data []byte, start func(e xml.StartElement) error, end func(name string), text func(b []byte)) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged("XML sai cú pháp")
		}
		switch t := token.(type) {
		case xml.StartElement:
			if start != nil {
				if err := start(t); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if end != nil {
				end(t.Name.Local)
			}
		case xml.CharData:
			if text != nil {
				text(t)
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(text string) bool { return text == "1" || text == "true" }

// contents reads the workbook part and what it points at.
func (b *Book) contents() error {
	main := "xl/workbook.xml"
	if b.pack.has("_rels/.rels") {
		rels, err := b.relations("_rels/.rels", "")
		if err != nil {
			return err
		}
		for _, r := range rels {
			if r.kind == "officeDocument" {
				main = r.target
			}
		}
	}
	if !b.pack.has(main) {
		return fault.Invalid(field, "Đây không phải là sổ làm việc Excel (.xlsx): không có trang tính nào.")
	}
	dir, base := path.Split(main)
	rels, err := b.relations(dir+"_rels/"+base+".rels", dir)
	if err != nil {
		return err
	}
	data, err := b.pack.read(main)
	if err != nil {
		return err
	}
	err = scan(data, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.d1904 = truth(attribute(e, "date1904"))
		case "sheet":
			target := rels[relationID(e)]
			if target.kind != "worksheet" {
				return nil // a chart, a dialog, a macro sheet: nothing to read
			}
			state := attribute(e, "state")
			b.sheets = append(b.sheets, &Sheet{Name: norm.NFC.String(attribute(e, "name")), Hidden: state == "hidden" || state == "veryHidden",
				book: b, part: target.target})
			if len(b.sheets) > b.limits.Sheets {
				return fault.TooLarge(fmt.Sprintf("Tệp có hơn %d trang tính.", b.limits.Sheets))
			}
		}
		return nil
	}, nil, nil)
	if err != nil {
		return err
	}
	if len(b.sheets) == 0 {
		return fault.Invalid(field, "Tệp không có trang tính nào.")
	}
	for _, r := range rels {
		switch r.kind {
		case "sharedStrings":
			err = b.readStrings(r.target)
		case "styles":
			err = b.readFormats(r.target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// relationID is the id attribute with a prefix; sheetId has none.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

type relation struct{ kind, target string }

func (b *Book) relations(part, dir string) (map[string]relation, error) {
	data, err := b.pack.read(part)
	if err != nil {
		return nil, err
	}
	out := map[string]relation{}
	err = scan(data, func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(attribute(e, "Target"), `\`, "/")
		if strings.HasPrefix(target, "/") {
			target = strings.TrimPrefix(path.Clean(target), "/")
		} else {
			target = path.Join(dir, target)
		}
		kind := attribute(e, "Type")
		out[attribute(e, "Id")] = relation{kind[strings.LastIndexByte(kind, '/')+1:], target}
		return nil
	}, nil, nil)
	return out, err
}

// readStrings reads the shared strings. Runs of one string are joined, phonetic readings left out.
func (b *Book) readStrings(part string) error {
	data, err := b.pack.read(part)
	if err != nil {
		return err
	}
	var s stringReader
	return scan(data, func(e xml.StartElement) error {
		s.start(e.Name.Local)
		return nil
	}, func(name string) {
		if s.end(name); name == "si" {
			b.strings = append(b.strings, s.take())
		}
	}, s.chars)
}

// stringReader gathers the text of a string item: its t elements, but not those inside rPh.
type stringReader struct {
	b          strings.Builder
	in, phonic bool
}

func (s *stringReader) start(name string) {
	switch name {
	case "t":
		s.in = !s.phonic
	case "rPh":
		s.phonic = true
	}
}

func (s *stringReader) end(name string) {
	switch name {
	case "t":
		s.in = false
	case "rPh":
		s.phonic = false
	}
}

func (s *stringReader) chars(b []byte) {
	if s.in {
		s.b.Write(b)
	}
}

func (s *stringReader) take() string {
	text := s.b.String()
	s.b.Reset()
	return norm.NFC.String(unescape(text))
}

// unescape resolves _xHHHH_, by which the format writes characters that XML cannot hold.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if i+7 <= len(text) && text[i] == '_' && text[i+1] == 'x' && text[i+6] == '_' {
			if n, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

// format is what a cell style says about a number.
type format struct{ date, percent bool }

func (b *Book) readFormats(part string) error {
	data, err := b.pack.read(part)
	if err != nil {
		return err
	}
	custom := map[string]format{}
	within := false
	return scan(data, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			custom[attribute(e, "numFmtId")] = formatOf(attribute(e, "formatCode"))
		case "cellXfs":
			within = true
		case "xf":
			if within {
				id := attribute(e, "numFmtId")
				f, ok := custom[id]
				if !ok {
					f = builtin(id)
				}
				b.formats = append(b.formats, f)
			}
		}
		return nil
	}, func(name string) {
		if name == "cellXfs" {
			within = false
		}
	}, nil)
}

// builtin are the formats that files name by number only (ECMA-376, part 1, 18.8.30, East Asian date formats included).
func builtin(id string) format {
	n, err := strconv.Atoi(id)
	if err != nil {
		return format{}
	}
	return format{date: n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58, percent: n == 9 || n == 10}
}

// formatOf reads a format code: letters of dates count outside of quotes, brackets and escapes only.
func formatOf(code string) format {
	var f format
	first, _, _ := strings.Cut(code, ";")
	for i := 0; i < len(first); i++ {
		switch first[i] {
		case '"':
			if end := strings.IndexByte(first[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '[':
			end := strings.IndexByte(first[i:], ']')
			if end < 0 {
				return f
			}
			if inside := strings.ToLower(first[i+1 : i+end]); inside == "h" || inside == "hh" || inside == "m" || inside == "mm" || inside == "s" || inside == "ss" {
				f.date = true
			}
			i += end
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'm', 'M', 'y', 'Y', 'h', 'H', 's', 'S':
			f.date = true
		case 'G', 'g': // General
			if strings.HasPrefix(strings.ToLower(first[i:]), "general") {
				i += len("general") - 1
			}
		case '%':
			f.percent = true
		}
	}
	return f
}
