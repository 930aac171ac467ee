package pack

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"giaoban/internal/fault"
)

const contentsName = "00-muc-luc.txt"

// status is what the list says of a file.
func status(draft bool) string {
	if draft {
		return "dự thảo"
	}
	return "bản chính thức"
}

// Status is what a list says of the file: final, or a draft.
func (f File) Status() string { return status(f.Draft) }

// contents is the list of what the pack holds and lacks.
func (p Pack) contents(files []File) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Hồ sơ giao ban %s\n%s\n\n", p.Period.Name(), p.UnitName)
	for _, f := range files {
		fmt.Fprintf(&b, "- %s: %s\n", f.Name, f.Status())
	}
	if len(p.Missing) > 0 {
		b.WriteString("\nChưa có:\n")
		for _, m := range p.Missing {
			fmt.Fprintf(&b, "- %s: %s\n", m.Title, m.Reason)
		}
	}
	return []byte(b.String())
}

// WriteDir writes the pack into a folder, made when missing, and answers what it wrote beside the list of contents.
func (p Pack) WriteDir(dir string) ([]File, error) {
	files, err := p.Files()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fault.Made(fault.KindUnavailable, "", "Không tạo được thư mục %s. Hãy kiểm tra đường dẫn và quyền ghi.", dir)
	}
	for _, f := range append(files[:len(files):len(files)], File{Name: contentsName, Data: p.contents(files)}) {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o640); err != nil {
			return nil, fault.Made(fault.KindUnavailable, "", "Không ghi được tệp %s. Hãy kiểm tra quyền ghi và dung lượng đĩa.", filepath.Join(dir, f.Name))
		}
	}
	return files, nil
}

// WriteZip writes the pack as a zip.
func (p Pack) WriteZip(w io.Writer, at time.Time) error {
	files, err := p.Files()
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, f := range append(files, File{Name: contentsName, Data: p.contents(files)}) {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.Data); err != nil {
			return err
		}
	}
	return z.Close()
}
