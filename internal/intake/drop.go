package intake

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Limits of what is dropped at once, beside those of a file. A town's 250 forms take some ten megabytes unpacked.
const (
	mostFiles    = 1000
	mostBodies   = 400
	mostPacked   = 100 << 20 // all files of an archive, as they really unpack
	mostUnzipped = 256 << 20 // the parts of all workbooks, of one file or of a drop
	mostDropped  = 1_000_000 // cells of all workbooks of a drop
)

// budget is what is left of a drop's limits: a hundred small bombs are one large one. Several workbooks are read at a time.
type budget struct {
	mu       sync.Mutex
	each     int64 // what one workbook may unpack to
	unzipped int64
	cells    int
}

func (b *budget) left() (unzipped int64, cells int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return min(b.each, b.unzipped), b.cells
}

// take counts what a workbook has used. A limit of nought would mean none: what is used up leaves one byte, one cell.
func (b *budget) take(book *sheet.Book) {
	unzipped, cells := book.Used()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unzipped, b.cells = max(1, b.unzipped-unzipped), max(1, b.cells-cells)
}

// part is what one file of a drop says, or one body's sheet of a workbook of many.
type part struct {
	content *content
	name    string // of its file within the drop; its addresses begin with it
	body    string // of its sheet, in a workbook of many bodies
	of      string // body and period of a form; empty for a file that may speak of several
}

// label names a part to a person who is to choose.
func (p part) label() string {
	switch {
	case p.body == "":
		return p.name
	case p.name == "":
		return p.body
	}
	return p.name + ": " + p.body
}

// bodyOf is what two forms of one body and period have in common.
func bodyOf(unit, per string) string {
	if p, err := period.Parse(per); err == nil {
		per = p.Code
	}
	return strings.ToUpper(viet.Clean(unit)) + ", " + per
}

// isArchive tells an archive of files from a workbook, which is an archive too.
func isArchive(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(z.File, func(f *zip.File) bool {
		name := strings.ToLower(f.Name)
		return name == "[content_types].xml" || name == "mimetype"
	})
}

// readDrop reads the files of an archive. A file that cannot be read is a refused line with its name; the others stand.
func readDrop(f File, known lookup, choices map[string]int) (*content, error) {
	files, refused, err := unpack(f)
	if err != nil {
		return nil, err
	}
	var parts []part
	twin := map[[32]byte]string{}
	var notes []Problem
	files = slices.DeleteFunc(files, func(one File) bool {
		sum := sha256.Sum256(one.Data)
		first, twice := twin[sum]
		if twice {
			notes = append(notes, Problem{one.Name, "Tệp này giống hệt tệp “" + first + "” nên chỉ đọc một tệp."})
		} else {
			twin[sum] = one.Name
		}
		return twice
	})
	for i, got := range readAll(files, known) {
		if got.err != nil {
			if fault.All(got.err) == nil {
				return nil, got.err
			}
			refused = append(refused, refusedFile(files[i].Name, fault.Text(got.err)))
			continue
		}
		for _, p := range got.parts {
			if p.content.parcel != nil {
				refused = append(refused, refusedFile(files[i].Name, "Gói số liệu có chữ ký phải gửi riêng từng gói, không để trong tệp nén hay cùng tệp khác."))
				continue
			}
			p.name = files[i].Name
			parts = append(parts, p)
		}
	}
	c := together(parts, choices)
	c.files = append(refused, c.files...)
	c.notes = append(notes, c.notes...)
	if len(c.files) == 0 && len(parts) == 0 {
		c.problem(viet.Clean(filepath.Base(f.Name)), "Tệp nén không có tệp nào nhập được.")
	}
	return c, nil
}

type readResult struct {
	parts []part
	err   error
}

// readAll reads files on all processors, each on one; the answers stand in the order of the files.
func readAll(files []File, known lookup) []readResult {
	left := &budget{each: mostUnzipped / 4, unzipped: mostUnzipped, cells: mostDropped}
	out := make([]readResult, len(files))
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), 4) {
		wg.Go(func() {
			for i := range next {
				out[i].parts, out[i].err = readOne(files[i], known, left)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

func refusedFile(name, why string) Line {
	l := Line{At: name, What: OfFile}
	l.refuse("", why)
	return l
}

// unpack reads the files of an archive into memory, within the limits. What an entry is called is shown and never opened.
func unpack(f File) (files []File, refused []Line, err error) {
	name := viet.Clean(filepath.Base(f.Name))
	z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	if err != nil {
		return nil, nil, fault.Invalidf("file", "Tệp nén “%s” bị hỏng, không đọc được mục lục.", name)
	}
	if len(z.File) > mostFiles {
		return nil, nil, fault.TooLargef("Tệp nén “%s” có %d tệp, quá giới hạn %d tệp. Hãy chia thành nhiều lần gửi.", name, len(z.File), mostFiles)
	}
	left := int64(mostPacked)
	seen := map[string]int{}
	for _, e := range z.File {
		shown := viet.Clean(strings.Trim(strings.ReplaceAll(strings.ToValidUTF8(e.Name, "?"), `\`, "/"), "/"))
		base := path.Base(shown)
		if strings.HasSuffix(e.Name, "/") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.HasPrefix(shown, "__MACOSX/") {
			continue // folders, and what systems and Excel leave beside the files
		}
		if seen[shown]++; seen[shown] > 1 {
			shown += fmt.Sprintf(" (%d)", seen[shown])
		}
		data, why := unzip(e, &left)
		if left < 0 {
			return nil, nil, fault.TooLargef("Tệp nén “%s” khi giải nén lớn hơn %d MB nên không đọc.", name, mostPacked>>20)
		}
		switch {
		case why != "":
			refused = append(refused, refusedFile(shown, why))
		case isArchive(data):
			refused = append(refused, refusedFile(shown, "Trong tệp nén lại có tệp nén. Hãy giải nén tệp này rồi gửi các tệp bên trong."))
		default:
			files = append(files, File{shown, data})
		}
	}
	return files, refused, nil
}

// unzip unpacks an entry. What it says of its own size is not believed.
func unzip(e *zip.File, left *int64) (data []byte, why string) {
	if e.Flags&1 != 0 {
		return nil, "Tệp có đặt mật khẩu trong tệp nén nên không đọc được."
	}
	r, err := e.Open()
	if err != nil {
		return nil, "Không giải nén được tệp này."
	}
	defer r.Close()
	data, err = io.ReadAll(io.LimitReader(r, *left+1))
	*left -= int64(len(data))
	if err != nil {
		return nil, "Không giải nén được tệp này: nội dung bị hỏng."
	}
	return data, ""
}

// together makes one content of many parts. Where several forms are of one body and period, a person says which to take:
// until then none of them is read further.
func together(parts []part, choices map[string]int) *content {
	out := &content{kind: Many}
	forms := map[string][]part{}
	for _, p := range parts {
		if p.of != "" {
			forms[p.of] = append(forms[p.of], p)
		}
	}
	for _, p := range parts {
		same := forms[p.of]
		if p.of != "" && len(same) > 1 {
			if same[0].label() != p.label() {
				continue // spoken of at the first
			}
			l := Line{At: p.of, What: OfFile, State: StateQuestion, Text: fmt.Sprintf("Có %d biểu mẫu của cùng một đơn vị và kỳ. Hãy chọn biểu mẫu được lấy; các biểu mẫu kia sẽ bị bỏ.", len(same))}
			for _, s := range same {
				l.Readings = append(l.Readings, s.label())
			}
			n, chosen := choices[l.At]
			if chosen && n >= 0 && n < len(same) {
				l.State, l.Choice, l.Text = StateEqual, n+1, "Đã chọn “"+same[n].label()+"”; các biểu mẫu khác của đơn vị và kỳ này không đọc."
				p = same[n]
			}
			out.files = append(out.files, l)
			if l.State == StateQuestion {
				continue
			}
		}
		out.add(p)
	}
	return out
}

// add takes up what a part says, each address behind the name of its file.
func (c *content) add(p part) {
	from := p.content
	from.under(p.name)
	c.catalogs = append(c.catalogs, from.catalogs...)
	c.units = append(c.units, from.units...)
	c.figures = append(c.figures, from.figures...)
	c.targets = append(c.targets, from.targets...)
	for _, s := range from.statements {
		s.source = cmp.Or(s.source, from.source)
		c.statements = append(c.statements, s)
	}
	c.flags = append(c.flags, from.flags...)
	for _, x := range from.problems {
		c.files = append(c.files, refusedFile(x.Address, x.Text)) // the other files need not wait for this one
	}
	c.notes = append(c.notes, from.notes...)
}

// under puts a file's name before every address, and before the names that its rows call each other by.
func (c *content) under(name string) {
	if name == "" {
		return
	}
	at := func(all ...*string) {
		for _, s := range all {
			if *s != "" {
				*s = name + ": " + *s
			}
		}
	}
	problems := func(list []Problem) {
		for i := range list {
			if list[i].Address == "" {
				list[i].Address = name
				continue
			}
			at(&list[i].Address)
		}
	}
	legacy := func(list []Legacy) {
		for i := range list {
			at(&list[i].At)
		}
	}
	problems(c.problems)
	problems(c.notes)
	for i := range c.units {
		u := &c.units[i]
		at(&u.at)
		legacy(u.legacy)
	}
	for i := range c.figures {
		f := &c.figures[i]
		at(&f.at, &f.ref, &f.unit.at, &f.period.at, &f.indicator.at, &f.name.at, &f.part.at, &f.value.at, &f.measure.at, &f.raw.at, &f.qualifier.at,
			&f.asOf.at, &f.reason.at, &f.note.at)
		if t := f.theirs; t != nil {
			at(&t.element.at, &t.option.at, &t.attribute.at, &t.period.at)
		}
		for k := range f.companions {
			k := &f.companions[k]
			at(&k.at, &k.role.at, &k.value.at, &k.qualifier.at)
		}
		for o := range f.overlaps {
			o := &f.overlaps[o]
			at(&o.at, &o.unit.at, &o.amount.at)
		}
		legacy(f.legacy)
	}
	for i := range c.targets {
		t := &c.targets[i]
		at(&t.at, &t.unit.at, &t.period.at, &t.indicator.at, &t.value.at, &t.raw.at, &t.qualifier.at)
		legacy(t.legacy)
	}
	for i := range c.statements {
		s := &c.statements[i]
		at(&s.at, &s.ref, &s.unit.at, &s.period.at, &s.kind.at, &s.text.at, &s.asOf.at)
		for k := range s.figures {
			at(&s.figures[k].text, &s.figures[k].at)
		}
		for k := range s.cells {
			at(&s.cells[k].at)
		}
		legacy(s.legacy)
	}
	for i := range c.flags {
		f := &c.flags[i]
		at(&f.at, &f.ref.text, &f.ref.at)
	}
}

// AsOne makes one file of several that were dropped together: an archive of them, which is kept as they came. The files of
// an archive among them stand beside the others.
func AsOne(files []File) (File, error) {
	if len(files) == 1 {
		return files[0], nil
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	put := func(name string, data []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	for _, f := range files {
		name := viet.Clean(filepath.Base(f.Name))
		inner := []File{{name, f.Data}}
		if isArchive(f.Data) {
			got, refused, err := unpack(f)
			if err != nil {
				return File{}, err
			}
			if len(refused) > 0 {
				return File{}, fault.Invalidf("file", "Tệp “%s”: %s: %s", name, refused[0].At, refused[0].Text)
			}
			inner = nil
			for _, g := range got {
				inner = append(inner, File{name + "/" + g.Name, g.Data})
			}
		}
		for _, g := range inner {
			if err := put(g.Name, g.Data); err != nil {
				return File{}, err
			}
		}
	}
	if err := z.Close(); err != nil {
		return File{}, err
	}
	first := viet.Clean(filepath.Base(files[0].Name))
	return File{fmt.Sprintf("%d tệp (%s …).zip", len(files), strings.TrimSuffix(first, filepath.Ext(first))), out.Bytes()}, nil
}
