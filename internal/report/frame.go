package report

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// The sections of a consolidated report, in the order of the usual frame. Topics of indicators stand under results, as
// ketQua + "." + topic.
const (
	moDau      = "mo-dau"
	tinhHinh   = "tinh-hinh"
	ketQua     = "ket-qua"
	dieuChinh  = "dieu-chinh"
	danhGia    = "danh-gia"
	hanChe     = "han-che"
	nguyenNhan = "nguyen-nhan"
	nhiemVu    = "nhiem-vu"
	kienNghi   = "kien-nghi"
)

// Strengths is the code of the section that says what went well.
const Strengths = "uu-diem"

// slot is a section's place in the frame.
type slot struct {
	code, heading string
	level         int // 0 opening, 1 "I.", 2 "1."
}

func topicSection(topic string) string { return ketQua + "." + topic }

// topicOf undoes topicSection.
func topicOf(code string) (string, bool) { return strings.CutPrefix(code, ketQua+".") }

// frame lists all slots for a period.
func frame(p period.Period) []slot {
	out := []slot{{moDau, "", 0}, {tinhHinh, "Tình hình chung", 1}, {ketQua, "Kết quả thực hiện nhiệm vụ " + p.Name(), 1}}
	for _, t := range indicator.AllTopics() {
		out = append(out, slot{topicSection(t.Code), t.Name, 2})
	}
	return append(
		out, slot{dieuChinh, "Điều chỉnh số liệu đã báo cáo", 1}, slot{danhGia, "Đánh giá chung", 1}, slot{Strengths, "Ưu điểm", 2}, slot{hanChe, "Hạn chế", 2},
		slot{nguyenNhan, "Nguyên nhân", 2}, slot{nhiemVu, "Nhiệm vụ trọng tâm " + p.Next().Name(), 1}, slot{kienNghi, "Kiến nghị, đề xuất", 1},
	)
}

// heading is a section's name for people, also of one without a printed heading.
func heading(p period.Period, code string) string {
	if code == moDau {
		return "Mở đầu"
	}
	for _, s := range frame(p) {
		if s.code == code {
			return s.heading
		}
	}
	return code
}

// arrange puts written sections into the frame's order and numbers those that are printed. A heading that has sections
// below it is printed although it has no text of its own.
func arrange(p period.Period, have map[string]Written) []Written {
	var out []Written
	slots := frame(p)
	upper, under := 0, 0
	for i, s := range slots {
		w, ok := have[s.code]
		children := false
		for _, c := range slots[i+1:] {
			if c.level <= s.level {
				break
			}
			if k, ok := have[c.code]; ok && !k.Blank() {
				children = true
			}
		}
		if !ok && !children {
			continue
		}
		w.Code, w.Heading, w.Level = s.code, s.heading, s.level
		switch {
		case w.Blank() && !children:
		case s.level == 1:
			upper, under = upper+1, 0
			w.Number = viet.Roman(upper)
		case s.level == 2:
			under++
			w.Number = viet.FormatInt(int64(under), 0)
		}
		out = append(out, w)
	}
	return out
}

// frontAt finds the Front's committee of a place on a day: the body of the place under which the others stand.
func (s *Service) frontAt(ctx context.Context, tx *db.Tx, who auth.Actor, placeUnit org.Unit, day string) (org.Node, bool, error) {
	nodes, err := org.Below(ctx, tx, who, auth.View, org.Territory, placeUnit.ID, day, s.clock.Today())
	if err != nil {
		return org.Node{}, false, err
	}
	var best org.Node
	most := 0
	for _, n := range nodes {
		if n.Kind != org.Body || n.Parent != placeUnit.ID {
			continue
		}
		members, err := org.Below(ctx, tx, who, auth.View, org.Front, n.ID, day, s.clock.Today())
		if err != nil {
			return best, false, err
		}
		weight := len(members) - 1
		if named := viet.Fold(n.Name); strings.Contains(named, "mttq") || strings.Contains(named, "mat tran to quoc") {
			weight += 1000 // the name decides; the members decide where the name is another
		}
		if weight > most {
			best, most = n, weight
		}
	}
	return best, most > 0, nil
}

// headOf fills what stands around the document from the units and offices of a day.
func (s *Service) headOf(ctx context.Context, tx *db.Tx, who auth.Actor, placeUnit org.Unit, p period.Period, day string) (Head, error) {
	h := Head{
		Issuer: placeUnit.Name, Place: bareName(placeUnit.Name), Authorities: [][2]string{}, Recipients: recipients(placeUnit.Name),
		Subject: "Kết quả công tác Mặt trận và các tổ chức chính trị - xã hội\n" + p.Name(),
	}
	front, ok, err := s.frontAt(ctx, tx, who, placeUnit, day)
	if err != nil {
		return h, err
	}
	if h.Parent, err = parentBody(ctx, tx, placeUnit.Code, front.ID, day); err != nil || !ok {
		return h, err
	}
	h.Issuer, h.Organ, h.Symbol, h.Archive = front.Name, "Ban Thường trực", frontSymbol, "BTT"
	h.Authorities, h.Office = [][2]string{{"TM", "Ban Thường trực"}}, "Chủ tịch"
	offices, err := org.OfficesOf(ctx, tx, front.ID)
	if err != nil {
		return h, err
	}
	offices = slices.DeleteFunc(offices, func(o org.Office) bool { return o.ValidFrom > day || day >= o.ValidTo })
	slices.SortStableFunc(offices, func(a, b org.Office) int { return a.Rank - b.Rank })
	if len(offices) == 0 {
		return h, nil // nobody is recorded: the capacity alone, the name is written by hand
	}
	h.Name = offices[0].Person
	switch title := viet.Fold(offices[0].Title); {
	case strings.HasPrefix(title, "pho chu tich"):
		h.Authorities, h.Office = append(h.Authorities, [2]string{"KT", "Chủ tịch"}), "Phó Chủ tịch"
	case strings.HasPrefix(title, "chu tich"):
	default:
		h.Office = offices[0].Title
	}
	if who.For != "" && offices[0].Account == who.For {
		// The head has delegated: the delegate signs by authority of the office, in their own capacity where that is known.
		h.Authorities, h.Name = [][2]string{{"TUQ", viet.UpperFirst(h.Office)}}, who.Name
		own, err := org.StandingOffices(ctx, tx, `o.account = $1 and o.valid_from <= $2`, who.Person, day)
		if err != nil {
			return h, err
		}
		h.Office = "Người được ủy quyền"
		if len(own) > 0 {
			h.Office = own[0].Title
		}
	}
	return h, nil
}

// frontSymbol is the sign of the Front's standing body in numbers.
const frontSymbol = "MTTQ-BTT"

// levels are the words that name a place's level, with the party committee that sits there.
var levels = []struct{ word, committee string }{
	{"Thị xã", "Thị ủy"}, {"Thị trấn", "Đảng ủy"}, {"Thành phố", "Thành ủy"}, {"Huyện", "Huyện ủy"}, {"Quận", "Quận ủy"},
	{"Phường", "Đảng ủy"}, {"Xã", "Đảng ủy"}, {"Tỉnh", "Tỉnh ủy"},
}

// bareName is a place's name without its level: what a document is dated at.
func bareName(name string) string {
	for _, l := range levels {
		if len(name) > len(l.word) && viet.Same(name[:len(l.word)], l.word) {
			return strings.TrimSpace(name[len(l.word):])
		}
	}
	return name
}

func recipients(name string) []string {
	committee := "cấp ủy cùng cấp"
	for _, l := range levels {
		if len(name) > len(l.word) && viet.Same(name[:len(l.word)], l.word) {
			committee = l.committee
			break
		}
	}
	return []string{"Thường trực " + committee, "Các tổ chức chính trị - xã hội"}
}
