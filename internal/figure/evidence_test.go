package figure

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// photograph makes a JPEG whose top left corner is red, with EXIF that says how the camera was held and where it was.
func photograph(t *testing.T, w, h int, orientation uint16) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, color.RGBA{0, 0, 255, 255})
			if x < w/4 && y < h/4 {
				p.Set(x, y, color.RGBA{255, 0, 0, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1}
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), append(tiff, "GPS 18.5N 105.7E may anh"...)...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2))
	return append(append(append([]byte{0xFF, 0xD8}, segment...), body...), b.Bytes()[2:]...)
}

func TestAPhotographLosesWhereItWasTakenAndStandsUpright(t *testing.T) {
	t.Parallel()
	for orientation, corner := range map[uint16][2]bool{1: {false, false}, 3: {true, true}, 6: {true, false}, 8: {false, true}} { // right, bottom
		data := photograph(t, 80, 40, orientation)
		name, kind, out, err := cleanFile(`C:\anh\Ảnh chụp.HEIC`, data)
		if err != nil || kind != kindJPEG || name != "Ảnh chụp.jpg" {
			t.Fatalf("%q %q %v", name, kind, err)
		}
		if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("Exif")) {
			t.Error("the photograph keeps where it was taken")
		}
		p, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		b := p.Bounds()
		if turned := orientation >= 5; turned != (b.Dx() == 40) {
			t.Errorf("orientation %d: %d × %d", orientation, b.Dx(), b.Dy())
		}
		x, y := 2, 2
		if corner[0] {
			x = b.Dx() - 3
		}
		if corner[1] {
			y = b.Dy() - 3
		}
		if r, _, bl, _ := p.At(x, y).RGBA(); r < bl {
			t.Errorf("orientation %d: the corner is not where it belongs", orientation)
		}
	}
}

func TestALargePictureIsMadeSmallerAndABombIsRefused(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 5000, 10))); err != nil {
		t.Fatal(err)
	}
	_, kind, out, err := cleanFile("a.png", b.Bytes())
	if err != nil || kind != kindPNG {
		t.Fatal(kind, err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width > longestSide || c.Width < longestSide/2 {
		t.Errorf("%d wide, %v", c.Width, err)
	}
	bomb := b.Bytes()
	binary.BigEndian.PutUint32(bomb[16:], 60000) // the header says that it is large
	binary.BigEndian.PutUint32(bomb[20:], 60000)
	if _, _, _, err := cleanFile("a.png", bomb); err == nil {
		t.Error("a picture of 3.6 billion points was taken")
	}
}

func TestOnlyWhatIsKnownByItsContentIsTaken(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a.jpg": "<html><script>alert(1)</script>", "a.pdf": "MZ\x90", "a.svg": "<svg onload=x>", "a.xlsx": "PK\x03\x04 nothing", "a.jpeg": "\xff\xd8\xff\xe0 cut",
	} {
		if _, kind, _, err := cleanFile(name, []byte(data)); err == nil {
			t.Errorf("%s was taken as %s", name, kind)
		}
	}
	if name, kind, _, err := cleanFile("../../x.exe", []byte("%PDF-1.7")); err != nil || name != "x.pdf" || kind != kindPDF {
		t.Errorf("%q %q %v", name, kind, err)
	}
}

func FuzzCleanFile(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _, _, _ = cleanFile("x", data) // no panic
	})
}
