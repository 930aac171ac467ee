package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"giaoban/internal/fault"
)

// Book is an opened workbook. It keeps reading from the reader it was opened with.
type Book struct {
	sheets  []*Sheet
	strings []string
	formats []format // by cell style
	d1904   bool
	limits  Limits
	cells   int // read so far, over all sheets
	pack    *pack
}

// Open reads a workbook's table of contents, strings and formats. Every error that the file is to blame for is a fault: too
// large, or invalid with the reason.
func Open(r io.ReaderAt, size int64, limits Limits) (*Book, error) {
	limits = limits.filled()
	if size > limits.Bytes {
		return nil, fault.TooLarge(fmt.Sprintf("Tệp nặng %s, quá giới hạn %s. Hãy bỏ bớt hình ảnh, trang tính không cần hoặc chia thành nhiều tệp.",
			megabytes(size), megabytes(limits.Bytes)))
	}
	if err := sniff(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged("không đọc được mục lục của tệp")
	}
	p, err := newPack(z, limits)
	if err != nil {
		return nil, err
	}
	b := &Book{limits: limits, pack: p}
	if err := b.contents(); err != nil {
		return nil, err
	}
	return b, nil
}

// Used tells how many bytes have been unpacked and how many cells read so far, for a limit over several workbooks.
func (b *Book) Used() (unzipped int64, cells int) { return b.pack.limit - b.pack.left, b.cells }

// Sheets are the workbook's worksheets in their order, hidden ones too.
func (b *Book) Sheets() []*Sheet { return b.sheets }

// Sheet finds a worksheet by its name, or nil.
func (b *Book) Sheet(name string) *Sheet {
	for _, s := range b.sheets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

var oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}

// sniff tells by its content what a file is that is not a ZIP archive, whatever its name says.
func sniff(r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 4096))
	if n, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return fmt.Errorf("read workbook: %w", err)
	} else {
		head = head[:n]
	}
	if len(head) == 0 {
		return fault.Invalid(field, "Tệp rỗng, không có nội dung.")
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil
	}
	if bytes.HasPrefix(head, oleMagic) {
		if encrypted(r, size) {
			return fault.Invalid(field, "Tệp có đặt mật khẩu nên không đọc được. Hãy bỏ mật khẩu (Tệp, Thông tin, Bảo vệ sổ làm việc) rồi gửi lại.")
		}
		return fault.Invalid(field, "Đây là tệp Excel đời cũ (.xls). Hãy mở bằng Excel, chọn Lưu thành, loại \"Sổ làm việc Excel (*.xlsx)\" rồi gửi lại.")
	}
	text := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")))
	switch {
	case strings.HasPrefix(text, "%pdf"):
		return fault.Invalid(field, "Đây là tệp PDF, không phải tệp Excel. Hãy gửi tệp .xlsx.")
	case strings.HasPrefix(text, "<?xml") && strings.Contains(text, "office:spreadsheet"):
		return fault.Invalid(field, "Đây là bảng tính XML đời cũ, không phải tệp .xlsx. Hãy mở bằng Excel và lưu thành .xlsx rồi gửi lại.")
	case strings.HasPrefix(text, "<"):
		return fault.Invalid(field, "Đây là trang web (HTML) được đặt tên như tệp Excel. Hãy mở bằng Excel và lưu thành .xlsx rồi gửi lại.")
	case isText(head):
		return fault.Invalid(field, "Đây là tệp văn bản (có thể là .csv), không phải tệp .xlsx. Hãy dùng mục nhập CSV hoặc lưu lại thành .xlsx.")
	}
	return fault.Invalid(field, "Đây không phải là tệp Excel (.xlsx).")
}

func isText(head []byte) bool {
	for _, b := range head {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// encrypted looks for the stream that holds an encrypted workbook; its name is UTF-16 in the container's directory.
func encrypted(r io.ReaderAt, size int64) bool {
	name := []byte{}
	for _, u := range utf16.Encode([]rune("EncryptedPackage")) {
		name = binary.LittleEndian.AppendUint16(name, u)
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	return err == nil && bytes.Contains(data, name)
}

// pack is the archive, read within one budget of unpacked bytes.
type pack struct {
	files map[string]*zip.File // by lower-case name: the format's names are case-insensitive
	left  int64
	limit int64
}

func newPack(z *zip.Reader, limits Limits) (*pack, error) {
	if len(z.File) > limits.Entries {
		return nil, fault.TooLarge(fmt.Sprintf("Tệp chứa %d thành phần, quá giới hạn %d.", len(z.File), limits.Entries))
	}
	p := &pack{files: map[string]*zip.File{}, left: limits.Unzipped, limit: limits.Unzipped}
	declared := uint64(0)
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, fault.Invalid(field, "Tệp có đặt mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi gửi lại.")
		}
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if p.files[name] != nil {
			return nil, damaged("một thành phần có mặt hai lần")
		}
		p.files[name] = f
		if f.UncompressedSize64 > uint64(limits.Unzipped) {
			return nil, p.bomb()
		}
		if declared += f.UncompressedSize64; declared > uint64(limits.Unzipped) {
			return nil, p.bomb()
		}
	}
	switch {
	case p.files["xl/workbook.bin"] != nil:
		return nil, fault.Invalid(field, "Đây là tệp Excel nhị phân (.xlsb). Hãy lưu lại thành .xlsx rồi gửi lại.")
	case p.files["word/document.xml"] != nil:
		return nil, fault.Invalid(field, "Đây là tệp Word, không phải tệp Excel. Hãy gửi tệp .xlsx.")
	case p.files["content.xml"] != nil && p.files["mimetype"] != nil:
		return nil, fault.Invalid(field, "Đây là tệp của LibreOffice (.ods). Hãy lưu lại thành .xlsx rồi gửi lại.")
	case p.files["[content_types].xml"] == nil:
		return nil, fault.Invalid(field, "Đây là tệp nén, không phải tệp Excel (.xlsx).")
	}
	return p, nil
}

func (p *pack) bomb() error {
	return fault.TooLarge(fmt.Sprintf("Nội dung tệp khi giải nén lớn hơn %s nên bị từ chối.", megabytes(p.limit)))
}

// read unpacks a part. A part that is longer than it says is refused, not cut.
func (p *pack) read(name string) ([]byte, error) {
	f := p.files[strings.ToLower(name)]
	if f == nil {
		return nil, damaged("thiếu thành phần " + name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, damaged("không giải nén được " + name)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, p.left+1))
	if err != nil {
		return nil, damaged("không giải nén được " + name)
	}
	if p.left -= int64(len(data)); p.left < 0 {
		return nil, p.bomb()
	}
	return data, nil
}

func (p *pack) has(name string) bool { return p.files[strings.ToLower(name)] != nil }
