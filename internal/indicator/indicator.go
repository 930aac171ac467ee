// Package indicator is the versioned catalogue of what is counted: each indicator's unit of measure, decimals, measure, how
// it adds across units, its parts and synonyms, and from when to when a version holds. It comes with a starter catalogue
// and finds the indicator that a heading of a workbook means. It refuses to change what a stored figure means: unit,
// decimals, measure and the way of adding are fixed for an indicator's life, and another meaning is a new indicator that
// replaces the old one. It holds no figure and no target.
package indicator

import (
	"slices"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Measure says what kind of quantity an indicator is over time.
type Measure string

const (
	Flow       Measure = "flow"       // happened within the period; periods add up to the year
	Stock      Measure = "stock"      // stands at the period's last day; periods do not add
	Cumulative Measure = "cumulative" // counted from the year's or term's start; periods do not add
	Rate       Measure = "rate"       // a percentage or an amount per head; nothing adds
)

// Measures in the order in which people read them.
var Measures = []Measure{Flow, Stock, Cumulative, Rate}

// Name is the measure in the user's words.
func (m Measure) Name() string {
	switch m {
	case Flow:
		return "phát sinh trong kỳ"
	case Stock:
		return "số có đến cuối kỳ"
	case Cumulative:
		return "lũy kế"
	case Rate:
		return "tỷ lệ, mức bình quân"
	}
	return ""
}

// Across says how the figures of several units make the figure of the place or line above them.
type Across string

const (
	Sum   Across = "sum"
	None  Across = "none"  // not added: dimensions, shared results, percentages typed as they are
	Ratio Across = "ratio" // sum of the numerator by sum of the denominator, in percent
)

// Acrosses in the order in which people read them.
var Acrosses = []Across{Sum, None, Ratio}

// Name is the way of adding in the user's words.
func (a Across) Name() string {
	switch a {
	case Sum:
		return "cộng"
	case None:
		return "không cộng"
	case Ratio:
		return "tỷ lệ của hai chỉ tiêu"
	}
	return ""
}

// PartKind tells parts that make up the total from details of it.
type PartKind string

const (
	Additive PartKind = "part"     // the additive parts together are the total
	OfWhich  PartKind = "of-which" // "trong đó": may overlap, need not be all
)

// Name is the kind in the user's words.
func (k PartKind) Name() string {
	switch k {
	case Additive:
		return "thành phần (cộng thành tổng)"
	case OfWhich:
		return "trong đó (không cộng)"
	}
	return ""
}

// The ways in which a figure is better.
const (
	Up      = "up"
	Down    = "down"
	Neither = "none"
)

// Betters in the order in which people read them.
var Betters = []string{Up, Down, Neither}

// BetterName is which way is better in the user's words.
func BetterName(b string) string {
	switch b {
	case Up:
		return "càng nhiều càng tốt"
	case Down:
		return "càng ít càng tốt"
	case Neither:
		return "không xét"
	}
	return ""
}

// Total is the part of an indicator that is the whole of it.
const Total int64 = 0

// Part is a breakdown of an indicator.
type Part struct {
	Part    int64 // 1..; Total is the whole
	Code    string
	Name    string
	Kind    PartKind
	Ordinal int
}

// Indicator is one version of an indicator. Part, Synonyms and UnitSynonyms belong to all versions alike.
type Indicator struct {
	ID                     int64
	Code                   string
	Version                int
	ValidFrom, ValidTo     string // [from, to)
	Name, Topic, Unit      string // Topic is a topic's code
	Decimals               int    // a stored value is the quantity times 10^Decimals
	Measure                Measure
	Across                 Across
	Numerator, Denominator int64 // ids; 0 unless Across is Ratio
	Ordinal                int   // within its topic
	Better                 string
	Note                   string
	Parts                  []Part
	Synonyms               []string
	UnitSynonyms           []string
	Replaces               int64 // id of the indicator whose place it takes; 0 for none
}

// Holds tells whether the version is the one for a day.
func (i Indicator) Holds(day string) bool { return i.ValidFrom <= day && day < i.ValidTo }

// Retired tells whether the version has an end.
func (i Indicator) Retired() bool { return i.ValidTo != org.Forever }

// Part finds a part by number; Total is always there.
func (i Indicator) Part(n int64) (Part, bool) {
	if n == Total {
		return Part{}, true
	}
	for _, p := range i.Parts {
		if p.Part == n {
			return p, true
		}
	}
	return Part{}, false
}

// PartByCode finds a part by its code, or by its name; an empty text is the total.
func (i Indicator) PartByCode(text string) (Part, bool) {
	text = viet.Clean(text)
	if text == "" {
		return Part{}, true
	}
	for _, p := range i.Parts {
		if strings.EqualFold(p.Code, text) {
			return p, true
		}
	}
	for _, p := range i.Parts {
		if viet.Same(p.Name, text) || viet.Fold(p.Name) == viet.Fold(text) {
			return p, true
		}
	}
	return Part{}, false
}

// AdditiveParts lists the parts whose sum is the total.
func (i Indicator) AdditiveParts() []Part {
	var out []Part
	for _, p := range i.Parts {
		if p.Kind == Additive {
			out = append(out, p)
		}
	}
	return out
}

// AcceptsUnit tells whether a text of a unit of measure means this indicator's: its unit, a synonym of it anywhere
// (SameUnit), or one that this indicator takes. It knows no multipliers and converts nothing: "triệu đồng" is no unit.
func (i Indicator) AcceptsUnit(unit string) bool {
	if SameUnit(unit, i.Unit) {
		return true
	}
	return slices.ContainsFunc(i.UnitSynonyms, func(s string) bool { return SameUnit(unit, s) })
}

// Topic groups indicators.
type Topic struct{ Code, Name string }

// topics in the order of the report. A topic's code begins the codes of its starter indicators.
var topics = []Topic{
	{"TT", "Tuyên truyền, vận động"},
	{"HV", "Hội viên, tổ chức cơ sở"},
	{"QV", "Quỹ và cứu trợ"},
	{"DG", "Đóng góp của Nhân dân, nguồn hỗ trợ"},
	{"CT", "Công trình, phần việc"},
	{"MH", "Mô hình, dân vận khéo"},
	{"GS", "Giám sát, phản biện, góp ý"},
	{"YK", "Ý kiến Nhân dân, tiếp xúc cử tri"},
	{"DV", "Phát triển Đảng"},
	{"AS", "An sinh xã hội"},
	{"VH", "Đời sống văn hóa"},
	{"TV", "Tín dụng, vay vốn"},
	{"KT", "Thi đua, khen thưởng"},
	{"TC", "Tổ chức bộ máy, nhân sự, địa bàn"},
	{"NT", "Nông thôn mới, đô thị văn minh"},
	{"KH", "Nội dung khác"},
}

// AllTopics lists the topics in the order of the report.
func AllTopics() []Topic { return slices.Clone(topics) }

// TopicName is the name of a topic's code; the code itself when there is no such topic.
func TopicName(code string) string {
	if n := topicOrder(code); n < len(topics) {
		return topics[n].Name
	}
	return code
}

func topicOrder(code string) int {
	if n := slices.IndexFunc(topics, func(t Topic) bool { return t.Code == code }); n >= 0 {
		return n
	}
	return len(topics)
}

// tidy brings what was typed into its stored form.
func (i *Indicator) tidy() {
	i.Code = strings.ToUpper(viet.Clean(i.Code))
	i.Name, i.Unit, i.Note = viet.Clean(i.Name), viet.Clean(i.Unit), viet.Clean(i.Note)
	if i.Better == "" {
		i.Better = Neither
	}
	for n := range i.Parts {
		p := &i.Parts[n]
		p.Part, p.Ordinal = int64(n+1), n+1
		p.Code, p.Name = strings.ToUpper(viet.Clean(p.Code)), viet.Clean(p.Name)
	}
}

// check refuses an indicator that could not be counted or added.
func (i Indicator) check() error {
	var bad fault.List
	refuse := func(field, format string, args ...any) { _ = bad.Add(fault.Invalidf(field, format, args...)) }
	if !validCode(i.Code) {
		refuse("code", "Mã chỉ tiêu “%s” chỉ được gồm chữ cái không dấu và chữ số, dài 2 đến 12 ký tự, ví dụ TT03.", i.Code)
	}
	if i.Name == "" {
		refuse("name", "Hãy ghi tên chỉ tiêu.")
	}
	if topicOrder(i.Topic) == len(topics) {
		refuse("topic", "Hãy chọn nhóm nội dung của chỉ tiêu.")
	}
	if i.Unit == "" {
		refuse("unit", "Hãy ghi đơn vị tính.")
	}
	if i.Decimals < 0 || i.Decimals > 6 {
		refuse("decimals", "Số chữ số thập phân phải từ 0 đến 6.")
	}
	if SameUnit(i.Unit, "đồng") && i.Decimals != 0 {
		refuse("decimals", "Tiền tính bằng đồng chẵn, không có chữ số thập phân.")
	}
	if i.Measure.Name() == "" {
		refuse("measure", "Hãy chọn loại số liệu.")
	}
	if i.Across.Name() == "" {
		refuse("across", "Hãy chọn cách cộng giữa các đơn vị.")
	}
	if i.Measure == Rate && i.Across == Sum {
		refuse("across", "Tỷ lệ, mức bình quân không cộng được giữa các đơn vị.")
	}
	if i.Across == Ratio {
		if i.Measure != Rate {
			refuse("measure", "Tỷ lệ của hai chỉ tiêu phải có loại số liệu là tỷ lệ.")
		}
		if i.Numerator == 0 || i.Denominator == 0 || i.Numerator == i.Denominator {
			refuse("numerator", "Hãy chọn hai chỉ tiêu khác nhau làm tử số và mẫu số.")
		}
	} else if i.Numerator != 0 || i.Denominator != 0 {
		refuse("across", "Chỉ tỷ lệ của hai chỉ tiêu mới có tử số, mẫu số.")
	}
	if BetterName(i.Better) == "" {
		refuse("better", "Hãy chọn chiều đánh giá.")
	}
	if i.ValidTo <= i.ValidFrom {
		refuse("from", "Ngày hết hiệu lực phải sau ngày bắt đầu.")
	}
	bad = append(bad, checkParts(i)...)
	return bad.Err()
}

func checkParts(i Indicator) fault.List {
	var bad fault.List
	seen := map[string]bool{}
	for _, p := range i.Parts {
		switch {
		case !validCode(p.Code) || p.Name == "" || p.Kind.Name() == "":
			_ = bad.Add(fault.Invalidf("parts", "Thành phần “%s” cần có mã (2 đến 12 chữ cái không dấu hoặc chữ số), tên và loại.", p.Name))
		case seen[p.Code]:
			_ = bad.Add(fault.Invalidf("parts", "Mã thành phần “%s” bị lặp.", p.Code))
		case p.Kind == Additive && i.Across != Sum:
			_ = bad.Add(fault.Invalidf("parts", "Thành phần “%s” cộng thành tổng, mà chỉ tiêu này không cộng được.", p.Name))
		}
		seen[p.Code] = true
	}
	return bad
}

func validCode(code string) bool {
	if len(code) < 2 || len(code) > 12 {
		return false
	}
	for _, r := range code {
		if !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return false
		}
	}
	return true
}

// sameMeaning refuses a version whose figures could not stand beside those of the version before.
func sameMeaning(old, next Indicator) error {
	var changed fault.Word
	switch {
	case old.Unit != next.Unit:
		changed = "đơn vị tính"
	case old.Decimals != next.Decimals:
		changed = "số chữ số thập phân"
	case old.Measure != next.Measure:
		changed = "loại số liệu"
	case old.Across != next.Across:
		changed = "cách cộng giữa các đơn vị"
	case old.Numerator != next.Numerator || old.Denominator != next.Denominator:
		changed = "tử số, mẫu số"
	default:
		return nil
	}
	return fault.Refusedf("Không đổi được %s của chỉ tiêu %s: số liệu cũ và mới sẽ khác nghĩa nhau. Hãy lập chỉ tiêu mới thay thế chỉ tiêu này.", changed, old.Code)
}
