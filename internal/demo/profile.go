package demo

import (
	"math/rand/v2"

	"giaoban/internal/viet"
)

// measure is how one indicator of a kind of body runs: about mean a quarter, give or take spread percent, reported with a
// chance in percent, rounded to step, with a share of figures that carry a qualifier.
type measure struct {
	code   string
	mean   int64 // scaled by the indicator's decimals
	spread int64
	chance int
	step   int64
	vague  int // percent of figures given as "trên", "gần", "khoảng"
	grows  int64
	parts  []part
}

type part struct {
	number int64
	share  int64 // percent of the total; the last additive part takes the rest
	detail bool  // an of-which
}

type profile []measure

const (
	thousand = 1_000
	million  = 1_000_000
	billion  = 1_000_000_000
)

var (
	// area is what a residential area's Front committee reports.
	area = profile{
		{code: "TT01", mean: 3, spread: 60, chance: 95, step: 1}, {code: "TT02", mean: 180, spread: 50, chance: 95, step: 5, vague: 15},
		{code: "DG01", mean: 62 * million, spread: 70, chance: 80, step: 500 * thousand, vague: 12}, {code: "DG02", mean: 140, spread: 70, chance: 75, step: 1, vague: 20},
		{code: "DG03", mean: 260, spread: 90, chance: 30, step: 10, vague: 25}, {code: "CT04", mean: 320, spread: 70, chance: 35, step: 10},
		{code: "CT08", mean: 180, spread: 80, chance: 30, step: 5}, {code: "CT09", mean: 1, spread: 60, chance: 30, step: 1}, {code: "CT11", mean: 24, spread: 60, chance: 25, step: 1},
		{code: "MH04", mean: 2, spread: 40, chance: 70, step: 1}, {code: "YK04", mean: 6, spread: 70, chance: 85, step: 1}, {code: "AS01", mean: 4, spread: 60, chance: 60, step: 1},
	}
	front = profile{
		{code: "TT01", mean: 14, spread: 40, chance: 98, step: 1}, {code: "TT02", mean: 1200, spread: 40, chance: 98, step: 10, vague: 15},
		{code: "QV01", mean: 58 * million, spread: 50, chance: 95, step: 500 * thousand}, {code: "QV02", mean: 41 * million, spread: 50, chance: 90, step: 500 * thousand},
		{code: "QV03", mean: 120 * million, spread: 40, chance: 90, step: 500 * thousand, grows: 2},
		{code: "CT01", mean: 2400 * million, spread: 45, chance: 96, step: 10 * million, vague: 12}, {code: "CT02", mean: 9, spread: 50, chance: 96, step: 1},
		{code: "CT10", mean: 1, spread: 50, chance: 40, step: 1}, {code: "DG06", mean: 640 * million, spread: 50, chance: 60, step: 10 * million}, {code: "DG05", mean: 68_000, spread: 60, chance: 50, step: 500},
		{code: "GS01", mean: 3, spread: 50, chance: 90, step: 1}, {code: "GS02", mean: 1, spread: 60, chance: 55, step: 1}, {code: "GS03", mean: 2, spread: 60, chance: 60, step: 1},
		{code: "GS04", mean: 5, spread: 60, chance: 80, step: 1}, {code: "GS05", mean: 3, spread: 50, chance: 75, step: 1},
		{code: "YK01", mean: 3, spread: 40, chance: 90, step: 1}, {code: "YK02", mean: 310, spread: 40, chance: 90, step: 5, vague: 20}, {code: "YK03", mean: 46, spread: 50, chance: 90, step: 1},
		{code: "AS01", mean: 18, spread: 50, chance: 92, step: 1}, {code: "AS03", mean: 95, spread: 60, chance: 90, step: 5}, {code: "AS04", mean: 52 * million, spread: 60, chance: 90, step: 500 * thousand, vague: 10},
		{code: "AS07", mean: 2, spread: 60, chance: 45, step: 1, parts: []part{{1, 60, false}, {2, 0, false}}},
		{code: "MH01", mean: 4, spread: 50, chance: 70, step: 1, parts: []part{{1, 35, false}, {2, 35, false}, {3, 15, false}, {4, 0, false}}},
		{code: "MH02", mean: 12, spread: 30, chance: 80, step: 1}, {code: "MH05", mean: 2, spread: 90, chance: 45, step: 1},
		{code: "VH01", mean: 1390, spread: 7, chance: 95, step: 1}, {code: "VH02", mean: 1620, spread: 5, chance: 95, step: 1},
	}
	members = profile{
		{code: "TT01", mean: 8, spread: 50, chance: 95, step: 1}, {code: "TT02", mean: 520, spread: 50, chance: 95, step: 5, vague: 15},
		{code: "HV01", mean: 16, spread: 60, chance: 92, step: 1, parts: []part{{1, 12, true}, {2, 20, true}}}, {code: "HV02", mean: 3, spread: 70, chance: 70, step: 1}, {code: "HV03", mean: 640, spread: 25, chance: 96, step: 1, grows: 1},
		{code: "DV01", mean: 3, spread: 50, chance: 70, step: 1}, {code: "DV02", mean: 2, spread: 60, chance: 55, step: 1}, {code: "GS01", mean: 1, spread: 50, chance: 50, step: 1},
		{code: "KT01", mean: 6, spread: 60, chance: 40, step: 1, parts: []part{{1, 30, false}, {2, 0, false}}},
	}
	farmers  = append(profile{{code: "TV01", mean: 6 * billion, spread: 30, chance: 90, step: million, grows: 2}, {code: "TV02", mean: 160, spread: 30, chance: 90, step: 1}, {code: "TV03", mean: 12 * million, spread: 80, chance: 60, step: million}, {code: "DG01", mean: 40 * million, spread: 60, chance: 60, step: million, vague: 15}, {code: "MH02", mean: 4, spread: 40, chance: 60, step: 1}}, members...)
	women    = append(profile{{code: "TV01", mean: 8 * billion, spread: 30, chance: 90, step: million, grows: 2}, {code: "TV02", mean: 210, spread: 30, chance: 90, step: 1}, {code: "CT09", mean: 2, spread: 60, chance: 70, step: 1}, {code: "AS03", mean: 40, spread: 60, chance: 70, step: 1}, {code: "AS04", mean: 18 * million, spread: 60, chance: 70, step: 500 * thousand}, {code: "MH01", mean: 2, spread: 60, chance: 40, step: 1}}, members...)
	youth    = append(profile{{code: "DG02", mean: 210, spread: 60, chance: 80, step: 1, vague: 25}, {code: "CT04", mean: 150, spread: 70, chance: 30, step: 10}, {code: "AS05", mean: 60, spread: 60, chance: 60, step: 5}, {code: "AS06", mean: 24 * million, spread: 60, chance: 60, step: 500 * thousand}}, members...)
	veterans = append(profile{{code: "DG01", mean: 22 * million, spread: 60, chance: 60, step: 500 * thousand, vague: 15}, {code: "DG03", mean: 180, spread: 80, chance: 30, step: 10, vague: 25}, {code: "AS01", mean: 3, spread: 60, chance: 60, step: 1}}, members...)
	union    = append(profile{{code: "HV05", mean: 1, spread: 50, chance: 50, step: 1}, {code: "HV04", mean: 62, spread: 5, chance: 98, step: 1}, {code: "AS03", mean: 120, spread: 50, chance: 80, step: 5}, {code: "AS04", mean: 66 * million, spread: 50, chance: 80, step: 500 * thousand}}, members...)
	society  = profile{{code: "TT01", mean: 3, spread: 50, chance: 90, step: 1}, {code: "TT02", mean: 160, spread: 50, chance: 90, step: 5}, {code: "HV03", mean: 1900, spread: 8, chance: 96, step: 1}, {code: "AS01", mean: 8, spread: 50, chance: 80, step: 1}, {code: "AS03", mean: 50, spread: 50, chance: 80, step: 1}}
	redCross = append(profile{{code: "QV04", mean: 90 * million, spread: 70, chance: 85, step: 500 * thousand, vague: 20}, {code: "AS02", mean: 60, spread: 50, chance: 90, step: 1}}, society...)
	study    = append(profile{{code: "AS05", mean: 220, spread: 50, chance: 90, step: 5}, {code: "AS06", mean: 88 * million, spread: 50, chance: 90, step: 500 * thousand}}, society...)
)

// value is one figure to be reported.
type value struct {
	code string
	part int64
	q    viet.Quantity // with the indicator's scale still to be set
}

// draw makes the figures of one body for one quarter. season lifts the second half of the year, when most works are done.
func (p profile) draw(r *rand.Rand, weight, season, age int64) []value {
	var out []value
	seen := map[string]bool{}
	for _, m := range p {
		if seen[m.code] || r.IntN(100) >= m.chance {
			continue
		}
		seen[m.code] = true
		mean := m.mean * weight / 100 * (100 + m.grows*age) / 100
		if m.grows == 0 {
			mean = mean * season / 100
		}
		v := mean
		if width := mean * m.spread / 100; width > 0 {
			v += r.Int64N(2*width+1) - width
		}
		v = max(v/m.step*m.step, 0)
		q := viet.Quantity{Value: v, Qualifier: viet.Exact}
		if v >= 10*m.step && r.IntN(100) < m.vague {
			q.Qualifier = []viet.Qualifier{viet.Over, viet.Over, viet.Nearly, viet.About}[r.IntN(4)]
			if r.IntN(6) == 0 && m.code == "DG02" {
				q = viet.Quantity{Qualifier: viet.Magnitude, Magnitude: "hàng trăm", Raw: "hàng trăm ngày công"}
			}
		}
		out = append(out, value{code: m.code, q: q})
		if q.Qualifier == viet.Exact {
			out = append(out, m.divide(v)...)
		}
	}
	return out
}

// divide makes the parts of a figure: additive ones add up to it.
func (m measure) divide(v int64) []value {
	var out []value
	left := v
	for _, pt := range m.parts {
		n := v * pt.share / 100
		if !pt.detail && pt.share == 0 {
			n = left
		}
		if !pt.detail {
			left -= n
		}
		out = append(out, value{code: m.code, part: pt.number, q: viet.Quantity{Value: n, Qualifier: viet.Exact}})
	}
	return out
}
