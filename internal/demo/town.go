// Package demo makes the demonstration town: fictional places, bodies, people, two years of figures and a third quarter in
// progress, from a seed. It works through the houses' own verbs, so that what it shows is what the program does. It refuses
// real names, and to touch a site that already has units.
package demo

import (
	"fmt"
	"strings"

	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// began is the day on which the demonstration's units began.
const began = "2015-01-01"

// TownCode is the town's code.
const TownCode = "TX"

// organisation is one of the eleven bodies of the town; the first six have one at each ward too.
type organisation struct {
	code, name, short string
	head              string // who leads it in the town; the Front's are among the officials
	wards             bool
	profile           profile
}

var organisations = []organisation{
	{"MT", "Ủy ban Mặt trận Tổ quốc Việt Nam", "Mặt trận", "", true, front},
	{"CD", "Liên đoàn Lao động", "LĐLĐ", "Trần Văn Mẫu A", false, union},
	{"ND", "Hội Nông dân", "Nông dân", "Hoàng Văn Giả Định A", true, farmers},
	{"PN", "Hội Liên hiệp Phụ nữ", "Phụ nữ", "Lê Thị Ví Dụ B", true, women},
	{"TN", "Đoàn TNCS Hồ Chí Minh", "Đoàn Thanh niên", "Nguyễn Thị Minh Họa D", true, youth},
	{"CCB", "Hội Cựu chiến binh", "CCB", "Phạm Văn Thử Nghiệm E", true, veterans},
	{"NCT", "Hội Người cao tuổi", "Người cao tuổi", "Đặng Văn Mẫu F", false, society},
	{"CTD", "Hội Chữ thập đỏ", "Chữ thập đỏ", "Ngô Thị Ví Dụ G", false, redCross},
	{"KH", "Hội Khuyến học", "Khuyến học", "Lê Văn Giả Định H", false, study},
	{"TNXP", "Hội Cựu thanh niên xung phong", "Cựu TNXP", "Vũ Thị Minh Họa I", false, society},
	{"DC", "Hội Nạn nhân chất độc da cam", "Nạn nhân da cam", "Đỗ Văn Thử Nghiệm J", false, society},
}

type ward struct {
	code, name string
	areas      int
	weight     int64 // size against the others, in percent
}

var wards = []ward{
	{"P01", "phường Bến Đá", 9, 140}, {"P02", "phường Cầu Trúc", 8, 120}, {"P03", "phường Đồng Lạng", 8, 110},
	{"P04", "phường Hoa Viên", 7, 100}, {"P05", "phường Ngọc Trì", 8, 105}, {"P06", "phường Trường Khê", 7, 90},
	{"X01", "xã Thạch Bồng", 7, 80}, {"X02", "xã Vĩnh Lạng", 6, 70},
}

const townName = "thị xã Sông Ngọc"

// units lists the town's units, parents first.
func units() []org.Spec {
	out := []org.Spec{{Code: TownCode, Kind: org.Place, Level: org.Town, Name: viet.UpperFirst(townName), Short: "Sông Ngọc", ValidFrom: began}}
	for _, b := range []struct{ code, name, short string }{
		{"TU", "Thường trực Thị ủy Sông Ngọc", "Thường trực Thị ủy"},
		{"HDND", "Hội đồng nhân dân thị xã Sông Ngọc", "HĐND"}, {"UBND", "Ủy ban nhân dân thị xã Sông Ngọc", "UBND"},
	} {
		out = append(out, org.Spec{Code: TownCode + "." + b.code, Kind: org.Body, Level: org.Town, Name: b.name, Short: b.short, Parent: TownCode, ValidFrom: began})
	}
	for _, o := range organisations {
		s := org.Spec{Code: TownCode + "." + o.code, Kind: org.Body, Level: org.Town, Name: o.name + " " + townName, Short: o.short + " thị xã", Parent: TownCode, ValidFrom: began}
		if o.code != "MT" {
			s.FrontParent = TownCode + ".MT"
		}
		out = append(out, s)
	}
	for _, w := range wards {
		out = append(out, org.Spec{Code: w.code, Kind: org.Place, Level: org.Commune, Name: viet.UpperFirst(w.name), Short: viet.UpperFirst(w.name), Parent: TownCode, ValidFrom: began})
		for _, o := range organisations {
			if !o.wards {
				continue
			}
			s := org.Spec{Code: w.code + "." + o.code, Kind: org.Body, Level: org.Commune, Name: o.name + " " + w.name, Short: o.short + " " + w.name, Parent: w.code, LineParent: TownCode + "." + o.code, ValidFrom: began}
			if o.code != "MT" {
				s.FrontParent = w.code + ".MT"
			}
			out = append(out, s)
		}
		kind := "Tổ dân phố"
		if strings.HasPrefix(w.code, "X") {
			kind = "Thôn"
		}
		for i := range w.areas {
			out = append(out, org.Spec{Code: fmt.Sprintf("%s.K%02d", w.code, i+1), Kind: org.Place, Level: org.Area, Name: fmt.Sprintf("%s %d, %s", kind, i+1, w.name),
				Short: fmt.Sprintf("%s %d", kind, i+1), Parent: w.code, FrontParent: w.code + ".MT", ValidFrom: began})
		}
	}
	return out
}

// official is an office in the demonstration. The names are made of words that say that nobody bears them.
type official struct {
	unit, person, title string
	rank                int
}

func officials() []official {
	out := []official{
		{"TX.TU", "Nguyễn Văn Mẫu", "Bí thư Thị ủy", 1},
		{"TX.TU", "Trần Thị Ví Dụ", "Phó Bí thư Thường trực Thị ủy", 2},
		{"TX.HDND", "Trần Thị Ví Dụ", "Chủ tịch Hội đồng nhân dân thị xã", 1},
		{"TX.UBND", "Lê Văn Giả Định", "Chủ tịch Ủy ban nhân dân thị xã", 1},
		{"TX.MT", "Phạm Thị Minh Họa", "Chủ tịch Ủy ban MTTQ Việt Nam thị xã", 1},
		{"TX.MT", "Hoàng Văn Thử Nghiệm", "Phó Chủ tịch Ủy ban MTTQ Việt Nam thị xã", 2},
	}
	for _, o := range organisations[1:] {
		title := "Chủ tịch"
		if o.code == "TN" {
			title = "Bí thư"
		}
		out = append(out, official{TownCode + "." + o.code, o.head, title + " " + o.name + " thị xã", 1})
	}
	return out
}
