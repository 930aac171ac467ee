package figure

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"path"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Evidence is a file that somebody has put beside a cell.
type Evidence struct {
	ID     string
	At     int64
	By     string
	Name   string
	Kind   string // the content type, as found in the content
	Size   int64
	Sha256 string
	Note   string
}

const (
	mostEvidence = 10 << 20
	mostPixels   = 50_000_000
	longestSide  = 2400 // enough to read a sheet of paper that was photographed
)

const (
	kindJPEG = "image/jpeg"
	kindPNG  = "image/png"
	kindPDF  = "application/pdf"
	kindXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	kindDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)

var extensions = map[string]string{kindJPEG: ".jpg", kindPNG: ".png", kindPDF: ".pdf", kindXLSX: ".xlsx", kindDOCX: ".docx"}

// cleanFile looks into a file for what it is, whatever it is called, and refuses what it does not know. A photograph is drawn
// anew, upright and no larger than a screen needs: where it was taken, when and with what does not come along.
func cleanFile(name string, data []byte) (newName, kind string, out []byte, err error) {
	switch kind = kindOf(data); kind {
	case "":
		return "", "", nil, fault.Invalid("tep", "Chỉ nhận ảnh (JPEG, PNG), PDF, Word (DOCX) và Excel (XLSX) không có macro.")
	case kindJPEG, kindPNG:
		if kind, data, err = redraw(kind, data); err != nil {
			return "", "", nil, err
		}
	}
	base := strings.TrimSuffix(viet.Clean(path.Base(strings.ReplaceAll(name, `\`, "/"))), path.Ext(name))
	if r := []rune(base); len(r) > 100 {
		base = string(r[:100])
	}
	if base == "" || base == "." || base == "/" {
		base = "tai-lieu"
	}
	return base + extensions[kind], kind, data, nil
}

func kindOf(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		return kindJPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return kindPNG
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return kindPDF
	case !bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return ""
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return ""
	}
	kind := ""
	for _, f := range z.File {
		switch {
		case f.Name == "xl/workbook.xml":
			kind = kindXLSX
		case f.Name == "word/document.xml":
			kind = kindDOCX
		case strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin"):
			return ""
		}
	}
	return kind
}

// redraw decodes a picture and encodes it anew.
func redraw(kind string, data []byte) (string, []byte, error) {
	bad := fault.Invalid("tep", "Ảnh bị hỏng, không mở được. Hãy chụp hoặc lưu lại ảnh.")
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return "", nil, bad
	}
	if config.Width*config.Height > mostPixels {
		return "", nil, fault.Invalidf("tep", "Ảnh quá lớn (%d × %d điểm). Hãy thu nhỏ rồi gửi lại.", config.Width, config.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return "", nil, bad
	}
	if kind == kindJPEG {
		picture = upright(picture, orientation(data))
	}
	picture = fit(picture)
	var b bytes.Buffer
	if kind == kindPNG {
		err = png.Encode(&b, picture)
	} else {
		err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 85})
	}
	return kind, b.Bytes(), err
}

// fit makes a picture smaller by whole steps, each new point the mean of those that it stands for.
func fit(p image.Image) image.Image {
	b := p.Bounds()
	step := (max(b.Dx(), b.Dy()) + longestSide - 1) / longestSide
	if step <= 1 {
		return p
	}
	out := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()/step), max(1, b.Dy()/step)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var r, g, bl, a, n uint32
			for dy := range step {
				for dx := range step {
					if x*step+dx < b.Dx() && y*step+dy < b.Dy() {
						pr, pg, pb, pa := p.At(b.Min.X+x*step+dx, b.Min.Y+y*step+dy).RGBA()
						r, g, bl, a, n = r+pr>>8, g+pg>>8, bl+pb>>8, a+pa>>8, n+1
					}
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(r / n), uint8(g / n), uint8(bl / n), uint8(a / n)})
		}
	}
	return out
}

// orientation reads how a camera was held from a JPEG's EXIF data (tag 0x0112): 1 to 8, 1 where nothing is said.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xFF; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xDA || size < 2 || at+2+size > len(data) {
			break
		}
		body := data[at+4 : at+2+size]
		if marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return orientationIn(body[6:])
		}
		at += 2 + size
	}
	return 1
}

func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	for i := range int(order.Uint16(tiff[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > len(tiff) {
			break
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			if v := int(order.Uint16(tiff[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}

// upright turns a picture as its orientation says.
func upright(p image.Image, o int) image.Image {
	if o == 1 {
		return p
	}
	b := p.Bounds()
	w, h := b.Dx(), b.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = w-1-y, x
			case 7:
				tx, ty = w-1-y, h-1-x
			case 8:
				tx, ty = y, h-1-x
			}
			out.Set(tx, ty, p.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}
