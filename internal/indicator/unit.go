package indicator

import "giaoban/internal/viet"

// Units of measure that are one thing under several names, everywhere. What only one indicator takes for its unit ("cuộc"
// for "buổi" of propaganda) is that indicator's own UnitSynonyms; multipliers ("triệu đồng") are viet's.
var unitGroups = [][]string{
	{"ngày công", "công lao động", "công", "ngày công lao động"},
	{"m2", "m²", "mét vuông"},
	{"m3", "m³", "mét khối", "khối"},
	{"m", "mét"},
	{"km", "ki-lô-mét", "kilômét", "cây số"},
	{"cm", "xăng-ti-mét", "phân"},
	{"kg", "ki-lô-gam", "kilôgam", "cân"},
	{"ha", "héc-ta", "hecta"},
	{"căn", "nhà", "ngôi nhà", "căn nhà", "ngôi"},
	{"đồng", "đ", "vnđ", "vnd", "đồng Việt Nam"},
	{"%", "phần trăm"},
	{"đồng/khẩu", "đ/khẩu", "đồng/nhân khẩu"},
}

// unitNames maps each name, as written and as typed without marks, to its group. A folded name that two groups share
// ("can" for "căn" and "cân") is in neither.
var unitNames, unitFolded = indexUnits()

func indexUnits() (written, folded map[string]int) {
	written, folded = map[string]int{}, map[string]int{}
	for n, group := range unitGroups {
		for _, name := range group {
			written[viet.Canon(name)] = n
			key := viet.Fold(name)
			if other, ok := folded[key]; ok && other != n {
				folded[key] = shared
				continue
			}
			folded[key] = n
		}
	}
	return written, folded
}

const shared = -1

// SameUnit tells whether two texts mean one unit of measure: the same words whatever their case, spacing and place of the
// tone mark, synonyms (công lao động = ngày công), or the same words with the marks left out of one of them. Marks that
// differ are different units: "cân" is not "căn".
func SameUnit(a, b string) bool {
	if viet.Same(a, b) {
		return true
	}
	x, okX := unitGroup(a)
	y, okY := unitGroup(b)
	if okX && okY {
		return x == y
	}
	return (plain(a) || plain(b)) && viet.SameUnitText(a, b)
}

func unitGroup(name string) (int, bool) {
	if n, ok := unitNames[viet.Canon(name)]; ok {
		return n, true
	}
	if !plain(name) {
		return 0, false
	}
	n, ok := unitFolded[viet.Fold(name)]
	return n, ok && n != shared
}

// plain tells whether a text was typed without any mark.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// UnitGroups are the names of units of measure that mean one thing, for those who read numbers elsewhere.
func UnitGroups() [][]string { return unitGroups }
