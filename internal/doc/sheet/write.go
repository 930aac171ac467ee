package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Writer makes one workbook. Equal calls make equal bytes: no clock, no random part. After an error every call returns it.
type Writer struct {
	f      *excelize.File
	styles map[style]int
	sheets int
	lists  int
	err    error
}

// NewWriter begins a workbook. Title and author go to the file's properties, date (ISO) as its time of making.
func NewWriter(title, author, date string) *Writer {
	w := &Writer{f: excelize.NewFile(), styles: map[style]int{}}
	stamp := date + "T00:00:00Z"
	w.fail(w.f.SetDocProps(&excelize.DocProperties{Title: title, Creator: author, LastModifiedBy: author, Created: stamp, Modified: stamp, Language: "vi-VN"}))
	w.fail(w.f.SetAppProps(&excelize.AppProperties{Application: "Giaoban"}))
	w.fail(w.f.SetDefaultFont("Times New Roman"))
	return w
}

func (w *Writer) fail(err error) {
	if w.err == nil && err != nil {
		w.err = fmt.Errorf("write workbook: %w", err)
	}
}

// Save writes the workbook. A workbook needs at least one sheet.
func (w *Writer) Save(out io.Writer) error {
	if w.err == nil && w.sheets == 0 {
		w.err = fmt.Errorf("write workbook: no sheet")
	}
	if w.err != nil {
		return w.err
	}
	w.f.SetActiveSheet(0)
	w.f.ZipWriter = func(to io.Writer) excelize.ZipWriter { return &sortedZip{to: to} }
	if _, err := w.f.WriteTo(out); err != nil {
		w.fail(err)
		return w.err
	}
	if err := w.f.Close(); err != nil {
		w.fail(err)
	}
	return w.err
}

// sheet makes a sheet and returns its name as the format allows it. The first takes the place of the library's own.
func (w *Writer) sheet(name string) string {
	name = Name(name)
	if w.err != nil {
		return name
	}
	if w.sheets == 0 {
		w.fail(w.f.SetSheetName(w.f.GetSheetName(0), name))
	} else {
		if index, err := w.f.GetSheetIndex(name); err == nil && index >= 0 {
			w.fail(fmt.Errorf("two sheets named %q", name))
			return name
		}
		_, err := w.f.NewSheet(name)
		w.fail(err)
	}
	w.sheets++
	return name
}

// Name makes text fit to name a sheet: at most 31 characters, none of []:*?/\ and no ' at either end.
func Name(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < 0x20 {
			return '-'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > 31 {
		text = string(runes[:31])
	}
	if text = strings.Trim(text, "' "); text == "" {
		return "Trang"
	}
	return text
}

// page sets A4 paper, one page wide, with the header rows on every page.
func (w *Writer) page(name string, landscape bool, headRows int) {
	a4, width, height, orientation, fit := 9, 1, 0, "portrait", true
	if landscape {
		orientation = "landscape"
	}
	w.fail(w.f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &width, FitToHeight: &height}))
	w.fail(w.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	inch := func(mm float64) *float64 { v := mm / 25.4; return &v }
	w.fail(w.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Top: inch(20), Bottom: inch(20), Left: inch(20), Right: inch(15), Header: inch(10), Footer: inch(10)}))
	w.fail(w.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: "&C&P"}))
	if headRows > 0 {
		w.fail(w.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name,
			RefersTo: fmt.Sprintf("%s!$1:$%d", quoted(name), headRows)}))
	}
}

// quoted is a sheet's name as formulas name it.
func quoted(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// style is a look of cells.
type style struct {
	head, bold, center bool
	number             bool
	decimals           int
	general            bool // a number with as many decimals as it has
	box                bool // ruled
	input              bool // unlocked, tinted
	typed              bool // an input that keeps what is typed as text
}

func (w *Writer) style(s style) int {
	if id, ok := w.styles[s]; ok || w.err != nil {
		return id
	}
	x := &excelize.Style{
		Font:       &excelize.Font{Family: "Times New Roman", Size: 12, Bold: s.bold || s.head},
		Alignment:  &excelize.Alignment{Vertical: "center", WrapText: true},
		Protection: &excelize.Protection{Locked: !s.input},
	}
	if s.head || s.center {
		x.Alignment.Horizontal = "center"
	}
	// Text cells have the text format: a text that begins with "=" stays a text when somebody edits it.
	code := "@"
	if s.number {
		code = "#,##0"
		if s.general {
			code = "General"
		} else if s.decimals > 0 {
			code += "." + strings.Repeat("0", s.decimals)
		}
		x.Alignment.Horizontal = "right"
	} else if s.typed {
		x.Alignment.Horizontal = "right"
	} else if s.input {
		code = "General" // the cell takes what is typed: a number as a number, "trên 20" as text
	}
	x.CustomNumFmt = &code
	if s.box {
		for _, side := range []string{"left", "top", "right", "bottom"} {
			x.Border = append(x.Border, excelize.Border{Type: side, Color: "000000", Style: 1})
		}
	}
	if s.head {
		x.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E6E6"}}
	} else if s.input {
		x.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF9E5"}}
	}
	id, err := w.f.NewStyle(x)
	w.fail(err)
	w.styles[s] = id
	return id
}

// sortedZip writes the parts in the order of their names, but the table of contents first, without times: the library's own
// order depends on a map.
type sortedZip struct {
	to    io.Writer
	parts map[string]*bytes.Buffer
}

// Create begins a part.
func (z *sortedZip) Create(name string) (io.Writer, error) {
	if z.parts == nil {
		z.parts = map[string]*bytes.Buffer{}
	}
	b := &bytes.Buffer{}
	z.parts[name] = b
	return b, nil
}

// AddFS is part of the library's interface; nothing calls it.
func (z *sortedZip) AddFS(fs.FS) error { return fmt.Errorf("write workbook: no file systems") }

// Close writes the archive.
func (z *sortedZip) Close() error {
	names := make([]string, 0, len(z.parts))
	for name := range z.parts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if first := names[i] == "[Content_Types].xml"; first || names[j] == "[Content_Types].xml" {
			return first
		}
		return names[i] < names[j]
	})
	out := zip.NewWriter(z.to)
	for _, name := range names {
		f, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := f.Write(z.parts[name].Bytes()); err != nil {
			return err
		}
	}
	return out.Close()
}
