package briefing

import (
	"strings"

	"giaoban/internal/doc"
	"giaoban/internal/viet"
)

// tier is how a place's level names its Party committee and signs the committee's documents. "ThU" and the signs like it
// are common use, not verified: they are a proposal on the form, and what the office writes there is kept.
type tier struct{ word, committee, symbol string }

var tiers = []tier{
	{"Thị xã", "Thị ủy", "ThU"}, {"Thị trấn", "Đảng ủy thị trấn", "ĐU"}, {"Thành phố", "Thành ủy", "ThU"}, {"Huyện", "Huyện ủy", "HU"},
	{"Quận", "Quận ủy", "QU"}, {"Phường", "Đảng ủy phường", "ĐU"}, {"Xã", "Đảng ủy xã", "ĐU"}, {"Tỉnh", "Tỉnh ủy", "TU"},
}

// tierOf cuts a place's name into its tier and its bare name.
func tierOf(place string) (t tier, bare string, ok bool) {
	words := strings.Fields(place)
	for _, t := range tiers {
		n := len(strings.Fields(t.word))
		if len(words) > n && viet.Same(strings.Join(words[:n], " "), t.word) {
			return t, strings.Join(words[n:], " "), true
		}
	}
	return tier{}, place, false
}

// Propose is the letterhead that a place (with the name of the place above it, or empty) would use under a system.
func Propose(place, parent string, system doc.System) Letterhead {
	t, bare, ok := tierOf(place)
	h := Letterhead{System: system, City: bare}
	if system == doc.Party {
		h.Issuer, h.Symbol = "Đảng ủy "+place, "ĐU"
		if ok {
			h.Issuer, h.Symbol = t.committee+" "+bare, t.symbol
		}
		if above, name, ok := tierOf(parent); ok {
			h.IssuerParent = above.committee + " " + name
		}
		h.Office = "Văn phòng " + committee(h.Issuer)
		return h
	}
	h.Issuer, h.IssuerSub, h.Symbol, h.Office = "Ủy ban MTTQ Việt Nam\n"+viet.LowerFirst(place), "Ban Thường trực", "MTTQ-BTT", "Văn phòng Ủy ban MTTQ"
	if parent != "" {
		h.IssuerParent = "Ủy ban MTTQ Việt Nam\n" + viet.LowerFirst(parent)
	}
	return h
}

// committee is "Thị ủy" of "Thị ủy Bình Giang".
func committee(issuer string) string {
	for _, t := range tiers {
		word, _, _ := strings.Cut(t.committee, " ủy")
		if short := word + " ủy"; strings.HasPrefix(issuer, short) {
			return short
		}
	}
	return issuer
}

// Convener is who calls the briefing together: the standing members of the committee, or the standing body of the Front.
func (h Letterhead) Convener() string {
	issuer := oneLine(h.Issuer)
	if h.System == doc.Party {
		return "Thường trực " + issuer
	}
	if h.IssuerSub != "" {
		return h.IssuerSub + " " + issuer
	}
	return issuer
}

// signature is how a chair signs: for the collective, in the head's place where the chair is a deputy.
func (h Letterhead) signature(p Participant) doc.Signature {
	s := doc.Signature{Name: p.Person, Office: p.Title}
	collective, head := h.IssuerSub, "Chủ tịch"
	if h.System == doc.Party {
		collective, head = "Ban Thường vụ", "Bí thư"
	}
	if collective != "" {
		s.Authorities = append(s.Authorities, doc.Authority{Form: "TM", Body: collective})
	}
	switch title := viet.Canon(p.Title); {
	case strings.HasPrefix(title, viet.Canon("Phó "+head)):
		s.Authorities = append(s.Authorities, doc.Authority{Form: "KT", Body: head})
		s.Office = "Phó " + head
	case strings.HasPrefix(title, viet.Canon(head)):
		s.Office = head
	}
	return s
}

func (h Letterhead) issuer() doc.Issuer {
	return doc.Issuer{Parent: h.IssuerParent, Name: h.Issuer, Sub: h.IssuerSub}
}

func (h Letterhead) archive() string {
	if h.System == doc.Party {
		return h.Office
	}
	return "BTT"
}
