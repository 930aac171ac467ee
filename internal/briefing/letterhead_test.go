package briefing

import (
	"testing"

	"giaoban/internal/doc"
)

func TestLetterheadFollowsTheTierOfThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ place, parent, issuer, above, symbol, office string }{
		{"Thị xã Bình Giang", "Tỉnh An Hà", "Thị ủy Bình Giang", "Tỉnh ủy An Hà", "ThU", "Văn phòng Thị ủy"},
		{"Phường Bắc Sơn", "Thị xã Bình Giang", "Đảng ủy phường Bắc Sơn", "Thị ủy Bình Giang", "ĐU", "Văn phòng Đảng ủy"},
		{"xã Thạch Bồng", "", "Đảng ủy xã Thạch Bồng", "", "ĐU", "Văn phòng Đảng ủy"},
		{"Thành phố Hà An", "Tỉnh An Hà", "Thành ủy Hà An", "Tỉnh ủy An Hà", "ThU", "Văn phòng Thành ủy"},
		{"Huyện Xã Đàn", "Tỉnh An Hà", "Huyện ủy Xã Đàn", "Tỉnh ủy An Hà", "HU", "Văn phòng Huyện ủy"},
	} {
		h := Propose(c.place, c.parent, doc.Party)
		if h.Issuer != c.issuer || h.IssuerParent != c.above || h.Symbol != c.symbol || h.Office != c.office {
			t.Errorf("%s gives %+v", c.place, h)
		}
	}
	h := Propose("Thị xã Bình Giang", "Tỉnh An Hà", doc.State)
	if h.Issuer != "Ủy ban MTTQ Việt Nam\nthị xã Bình Giang" || h.IssuerSub != "Ban Thường trực" || h.City != "Bình Giang" {
		t.Errorf("the Front's head is %+v", h)
	}
	if got := h.Convener(); got != "Ban Thường trực Ủy ban MTTQ Việt Nam thị xã Bình Giang" {
		t.Errorf("the convener is %q", got)
	}
}

func TestDeputySignsInTheHeadsPlace(t *testing.T) {
	t.Parallel()
	party, front := Letterhead{System: doc.Party}, Letterhead{System: doc.State, IssuerSub: "Ban Thường trực"}
	for _, c := range []struct {
		head   Letterhead
		title  string
		office string
		lines  int
	}{
		{party, "Bí thư Thị ủy", "Bí thư", 1}, {party, "Phó Bí thư Thường trực Thị ủy", "Phó Bí thư", 2}, {party, "Chánh Văn phòng", "Chánh Văn phòng", 1},
		{front, "Chủ tịch Ủy ban MTTQ", "Chủ tịch", 1}, {front, "Phó chủ tịch", "Phó Chủ tịch", 2},
	} {
		s := c.head.signature(Participant{Person: "A", Title: c.title})
		if s.Office != c.office || len(s.Authorities) != c.lines || s.Authorities[0].Form != "TM" {
			t.Errorf("%s signs as %+v", c.title, s)
		}
	}
}

func TestLabelNamesABodyOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, unit, want string }{
		{"Chủ tịch", "Hội LHPN thị xã", "A, Chủ tịch, Hội LHPN thị xã"},
		{"Chủ tịch Nông dân thị xã", "Hội Nông dân thị xã Sông Ngọc", "A, Chủ tịch Nông dân thị xã"},
		{"Phó Bí thư Thường trực Thị uỷ", "Thường trực Thị ủy Sông Ngọc", "A, Phó Bí thư Thường trực Thị uỷ"},
		{"Chánh Văn phòng thị xã", "Hội Nông dân thị xã", "A, Chánh Văn phòng thị xã, Hội Nông dân thị xã"},
		{"", "Hội Nông dân thị xã", "A, Hội Nông dân thị xã"},
	} {
		if got := (Participant{Person: "A", Title: c.title, UnitName: c.unit}).Label(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
