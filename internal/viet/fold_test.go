package viet

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ĐẢNG ỦY": "dang uy", "Đảng  uỷ\n": "dang uy", "Hội": "hoi", "Hồi": "hoi", "Trần Đức\u00a0Thuận": "tran duc thuan",
		"m²": "m²", "İ": "i", "": "", "đường ĐƯỜNG": "duong duong", "phản\u200bbiện": "phanbien",
	} {
		for _, s := range []string{in, norm.NFD.String(in)} {
			if got := Fold(s); got != want {
				t.Errorf("%q: %q, want %q", s, got, want)
			}
		}
	}
}

func TestFoldTwiceIsFoldOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q: %q, then %q", s, once, Fold(once))
		}
		if once := Clean(s); Clean(once) != once {
			t.Fatalf("%q is cleaned to %q, then %q", s, once, Clean(once))
		}
	})
}

func TestNFCKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"die\u0302\u0309m": "diểm", "“quý”\u00a0III\u200b\ufeff": "“quý” III", "a  b": "a  b", "Uû\u00ad": "Uû\u00ad", "a\xffb": "a\ufffdb",
	} {
		if got := NFC(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Clean(" Thị\u00a0xã\t \n Hồng\u200b Lĩnh "); got != "Thị xã Hồng Lĩnh" {
		t.Errorf("Clean: %q", got)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"hòa", "hoà"}, {"ủy", "uỷ"}, {"ĐẢNG ỦY", "Đảng uỷ"}, {"Thủy  lợi", "thuỷ lợi"}, {"khoẻ", "khỏe"}, {norm.NFD.String("Ủy ban"), "Uỷ ban"}} {
		if !Same(c[0], c[1]) {
			t.Errorf("%q and %q differ", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"hoa", "hòa"}, {"Hội", "Hồi"}, {"đa", "da"}, {"hoá hoa", "hoa hoá"}, {"mân", "mần"}, {"an", "ăn"}} {
		if Same(c[0], c[1]) {
			t.Errorf("%q and %q are the same", c[0], c[1])
		}
	}
}

func TestSameUnitText(t *testing.T) {
	t.Parallel()
	if !SameUnitText("Ngày công", "ngay cong.") || !SameUnitText("m²", "m2") || SameUnitText("m2", "m3") {
		t.Error("units compare by their folded text")
	}
	if !IsMoney("đ") || !IsMoney("VNĐ") || !IsMoney("Đồng") || IsMoney("đồng/khẩu") || IsMoney("dòng kẻ") {
		t.Error("units of money")
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in   string
		max  int
		want string
	}{
		{"Thường trực Thị ủy giao ban quý III/2019", 0, "thuong-truc-thi-uy-giao-ban-quy-iii-2019"},
		{"Thường trực Thị ủy giao ban", 10, "thuong-tru"},
		{"Thường trực", 7, "thuong"},
		{"“Dân vận khéo”", 50, "dan-van-kheo"},
		{"!!!", 50, ""},
		{"Đậu Liêu", 50, "dau-lieu"},
	}
	for _, c := range cases {
		if got := Slug(c.in, c.max); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func sorted(key func(string) string, list ...string) []string {
	// The input is turned round, so that an order that merely stayed would be seen.
	list = slices.Clone(list)
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b string) int {
		ka, kb := key(a), key(b)
		switch {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
	return list
}

func TestSortKeyIsTheOrderOfCLDR(t *testing.T) {
	t.Parallel()
	for _, want := range [][]string{
		{"ma", "mà", "mả", "mã", "má", "mạ", "mă", "mằ", "mâ", "mầ"},
		{"da", "Da", "dá", "đa", "Đa", "đá"},
		{"e", "ê", "o", "ô", "ơ", "u", "ư"},
		{"hồi", "hội", "Hội an", "hội ý"},
		{"Phường 2", "Quận 1", "Xã Cẩm Mỹ"},
		{"chung", "cung"}, // ch is no letter of its own
	} {
		if diff := cmp.Diff(want, sorted(SortKey, want...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if SortKey("hòa") != SortKey(norm.NFD.String("hòa")) {
		t.Error("the key depends on the normalisation")
	}
}

func TestNamesSortByTheLastWordThenTheFirst(t *testing.T) {
	t.Parallel()
	want := []string{"Bùi An", "Trần Văn An", "Trần Văn Ân", "Lê Bình", "Nguyễn Hải Bình", "Nguyễn Văn Bình", "Bình Đức", "Nga"}
	if diff := cmp.Diff(want, sorted(NameSortKey, want...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	units := []string{"Phường Bắc Hồng", "Phường Nam Hồng", "Phường Đức Thuận", "Phường Trung Lương", "Phường Đậu Liêu", "Xã Thuận Lộc"}
	cases := []struct {
		word string
		n    int
		want []string
	}{
		{"Phuong Dau Lieu", 3, []string{"Phường Đậu Liêu"}},
		{"Phường Nam Hông", 1, []string{"Phường Nam Hồng"}},
		{"Đức Thuận", 3, []string{"Phường Đức Thuận"}},
		{"thuan", 3, []string{"Xã Thuận Lộc", "Phường Đức Thuận"}},
		{"Xã Thậun Lộc", 1, []string{"Xã Thuận Lộc"}},
		{"Quận Hoàn Kiếm", 3, []string{}},
		{"", 3, nil},
		{"Xã Thuận Lộc", 0, nil},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, Nearest(c.word, units, c.n)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.word, diff)
		}
	}
	if got := Nearest("hội", []string{"hồi", "hội", "hôi"}, 3); got[0] != "hội" {
		t.Errorf("the spelling with marks comes first, got %v", got)
	}
}
