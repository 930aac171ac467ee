package viet

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDetectLegacyOffersUnicode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in   string
		enc  Legacy
		want string
	}{
		{"Uû ban nh©n d©n", TCVN3, "Uỷ ban nhân dân"},
		{"B¶o Th¾ng", TCVN3, "Bảo Thắng"},
		{"Mêng Kh¬ng", TCVN3, "Mường Khương"},
		{"M\u00adêng Kh\u00ad¬ng", TCVN3, "Mường Khương"},
		{"B¸t X¸t", TCVN3, "Bát Xát"},
		{"§¶ng uû x·", TCVN3, "Đảng uỷ xã"},
		{"Ngµy c«ng", TCVN3, "Ngày công"},
		{"Héi N«ng d©n", TCVN3, "Hội Nông dân"},
		{"UBND x· Hoµ B×nh (2019)", TCVN3, "UBND xã Hoà Bình (2019)"},
		{"vaän ñoäng ñöôïc 1.298 phaàn quaø", VNI, "vận động được 1.298 phần quà"},
		{"Maët traän Toå quoác Vieät Nam", VNI, "Mặt trận Tổ quốc Việt Nam"},
		{"UÛY BAN NHAÂN DAÂN", VNI, "ỦY BAN NHÂN DÂN"},
		{"Hoäi Lieân hieäp Phuï nöõ", VNI, "Hội Liên hiệp Phụ nữ"},
		{"Xaõ Ñaäu Lieâu", VNI, "Xã Đậu Liêu"},
		{"ngaøy coâng", VNI, "ngày công"},
	}
	for _, c := range cases {
		enc, got := DetectLegacy(c.in)
		if enc != c.enc || got != c.want {
			t.Errorf("%q: %v %q, want %v %q", c.in, enc, got, c.enc, c.want)
		}
	}
}

func TestDetectLegacyLeavesOtherTextAlone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "Uy ban nhan dan", "Ủy ban nhân dân", "Mặt trận Tổ quốc Việt Nam", "công ty", "là", "có", "Hà Giang", "tôi là công nhân", "xã Hà Tân",
		"chúng tôi có bà con", "các hội", "cô và chú", "tháng chín", "lá cờ", "Hòa Bình", "ông bà, cha mẹ", "nông dân", "bê tông", "số tiền còn thiếu",
		"quý III", "thôn Bình Hà", "mô hình dân vận khéo", "Nhân dân", "khu dân cư", "bản án", "hội viên", "Thanh Hóa", "và", "không", "cán bộ", "đoàn",
		"café", "Où est la gare ?", "où", "L'été à la plage, c'est génial", "naïve", "Noël", "maïs", "août", "château", "élève", "français", "Citroën",
		"señor", "Zürich", "Straße", "Ærøskøbing", "São Paulo", "10 m²", "5 µm", "± 3", "© 2019", "Coca-Cola®", "30°C", "£5", "¿Qué?", "½", "1,5–3 triệu",
		"Ngày 1 tháng 5", "Nguyễn Văn Á", "Xuân Lộc", "giá trị", "Tôi yêu tiếng nước tôi", "Résumé of the meeting", "Internet 4×4", "bà Nà", "già làng",
		"nh©n d©n n«ng élève fête",
	} {
		for _, in := range []string{s, strings.ToUpper(s), NFC(s)} {
			if enc, got := DetectLegacy(in); enc != NoLegacy || got != "" {
				t.Errorf("%q was taken for %v: %q", in, enc, got)
			}
		}
	}
}

func TestLegacyNames(t *testing.T) {
	t.Parallel()
	if got := TCVN3.String() + " " + VNI.String() + " " + NoLegacy.String() + Legacy(9).String(); got != "TCVN3 VNI " {
		t.Errorf("%q", got)
	}
}

func encode(enc Legacy, text string) string {
	back := map[rune]string{}
	if enc == TCVN3 {
		for from, to := range tcvn3 {
			back[to] = string(from)
		}
	} else {
		for from, to := range vniAlone {
			back[to] = string(from)
		}
		for base, marks := range vniMarks {
			for mark, to := range marks {
				back[to] = string(base) + string(mark)
			}
		}
	}
	var b strings.Builder
	for _, r := range text {
		if s, ok := back[r]; ok {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Real sentences, as they were typed before Unicode.
func TestDetectLegacyReadsWholeSentencesBack(t *testing.T) {
	t.Parallel()
	sentences := []string{
		"uỷ ban nhân dân xã tổ chức vận động nhân dân hiến đất làm đường bê tông nông thôn",
		"hội nông dân phường đã vận động được nhiều phần quà tặng các hộ nghèo trong dịp tết",
		"số hội viên tham gia giám sát, phản biện xã hội còn ít; một số chỉ tiêu khó đạt kế hoạch",
		"đoàn thanh niên xây dựng mô hình khu dân cư kiểu mẫu, đường hoa, giá treo cờ, mương rãnh thoát nước",
		"kết nạp đảng viên chưa đạt kế hoạch đề ra, cần kiểm tra hồ sơ, đôn đốc các cơ sở",
	}
	for _, want := range sentences {
		for _, enc := range []Legacy{TCVN3, VNI} {
			old := encode(enc, want)
			if got, text := DetectLegacy(old); got != enc || text != want {
				t.Errorf("%q in %v: %v %q", want, enc, got, text)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words := strings.Fields(strings.Join(sentences, " "))
		enc := rapid.SampledFrom([]Legacy{TCVN3, VNI}).Draw(t, "encoding")
		want := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 6, 30).Draw(t, "words"), " ")
		old := encode(enc, want)
		// A few words alone may be the same in two encodings; what is offered for the right one must be the text itself.
		if got, text := DetectLegacy(old); got == enc && text != want {
			t.Fatalf("%q in %v is offered as %q", want, enc, text)
		}
	})
}

func TestLegacyTablesHoldEveryLetter(t *testing.T) {
	t.Parallel()
	const letters = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
	for _, r := range letters {
		old := encode(TCVN3, string(r))
		if got, ok := fromTCVN3(old); !ok || got != string(r) {
			t.Errorf("TCVN3 %q reads as %q, want %c", old, got, r)
		}
		for _, in := range []string{string(r), strings.ToUpper(string(r))} {
			old := encode(VNI, strings.ToLower(in))
			if in != strings.ToLower(in) {
				old = strings.ToUpper(old)
			}
			if got, ok := fromVNI(old); !ok || got != in {
				t.Errorf("VNI %q reads as %q, want %s", old, got, in)
			}
		}
	}
}

func TestSyllable(t *testing.T) {
	t.Parallel()
	for _, w := range strings.Fields("Nghiêng quốc giếng gì khuya uống ỷ yêu thuở quýt người oẹ xoong gìn quân nhan bat") {
		if !Syllable(w) {
			t.Errorf("%q is none", w)
		}
	}
	for _, w := range strings.Fields("gare êng bàt fête où mêng ngg bảc b áà") {
		if Syllable(w) {
			t.Errorf("%q is one", w)
		}
	}
}
