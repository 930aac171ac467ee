package form

import "giaoban/internal/indicator"

// starter are the forms that a new site may begin with: the starter catalogue by groups, asked of every unit that reports.
// Nothing in them is compulsory: what must be given is the office's to say.
var starter = []struct {
	code, name string
	topics     []string
}{
	{"BM-01", "Tuyên truyền, vận động; ý kiến Nhân dân", []string{"TT", "YK"}},
	{"BM-02", "Tổ chức, hội viên; phát triển Đảng", []string{"HV", "DV", "TC"}},
	{"BM-03", "Quỹ, đóng góp, an sinh xã hội, vốn vay", []string{"QV", "DG", "AS", "TV"}},
	{"BM-04", "Công trình, nông thôn mới, đời sống văn hóa", []string{"CT", "NT", "VH"}},
	{"BM-05", "Mô hình dân vận khéo; thi đua, khen thưởng", []string{"MH", "KT"}},
	{"BM-06", "Giám sát, phản biện; nội dung khác", []string{"GS", "KH"}},
}

// starterSections makes the sections of a starter form: a topic each.
func starterSections(catalog *indicator.Catalog, topics []string, id func() string) []Section {
	var out []Section
	for _, g := range catalog.Topics() {
		for _, topic := range topics {
			if g.Code != topic {
				continue
			}
			s := Section{ID: id(), Title: g.Name}
			for _, in := range g.Indicators {
				s.Items = append(s.Items, Item{ID: id(), Kind: Cell, Indicator: in.ID})
			}
			out = append(out, s)
		}
	}
	return out
}
