// Package figure holds the values that bodies report: append-only versions with qualifier, raw text and source, rolled up
// live along the trees of org. A total is right the moment a figure is saved, on both engines, and verify recomputes every
// one of them. It refuses to overwrite a value, to take a blank for zero, to lose a digit or a qualifier, to write into a
// closed period, and to add what does not add up (rates, dimensions of one work).
package figure

import (
	"giaoban/internal/indicator"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Layer is how far a figure has come.
type Layer int64

const (
	Submitted Layer = 1 // what the body has given, from the moment it is saved
	Approved  Layer = 2 // what has been approved with the body's report
)

// Cell is what a figure is about. Part 0 is the indicator's total.
type Cell struct {
	Unit, Period, Indicator, Part int64
}

// Value is a number with its qualifier, scaled by the indicator's decimals. Has is false for a bare magnitude, a range and
// a blank; Qualifier tells them apart.
type Value struct {
	Number    int64
	Has       bool
	Qualifier viet.Qualifier
}

// Blank tells that nothing is known; it is not zero.
func (v Value) Blank() bool { return v.Qualifier == viet.Blank }

// Version is one version of a cell in a layer.
type Version struct {
	Cell
	Layer            Layer
	Version          int
	IndicatorVersion int
	Value
	Raw    string // as given; empty where the administrative print of the value is what was given
	AsOf   string
	Entry  int64  // key of the entry that it came with
	Origin string // address in the imported file: "Sheet1!C12", "figures[3]"
	Reason string
}

// Role says what a companion number is to its figure.
type Role string

const (
	Target      Role = "target"       // the plan it is measured against
	Denominator Role = "denominator"  // the whole it is a part of
	Baseline    Role = "baseline"     // the same figure of an earlier period, as printed
	Percent     Role = "percent"      // a printed percentage; Label says of what
	OverPercent Role = "over_percent" // printed as "tăng …%"
	Delta       Role = "delta"        // printed difference from the baseline
	MoneyValue  Role = "value"        // value in đồng of a figure in kind
	Low         Role = "low"          // bounds of a range
	High        Role = "high"
	Average     Role = "average"
	UnitPrice   Role = "unit_price"
	Total       Role = "total"
)

// Companion is a number printed beside a figure. It is kept as printed and never added up.
type Companion struct {
	Role      Role
	Value     int64
	Decimals  int
	Qualifier viet.Qualifier
	Unit      string
	Label     string // "tổng số đảng viên đầu năm"
}

// Input is one cell to be saved.
type Input struct {
	Unit       int64
	Period     period.Period
	Indicator  indicator.Indicator
	Part       int64
	Quantity   viet.Quantity // Blank empties the cell
	AsOf       string
	Origin     string
	Reason     string
	Expect     int // the version that the user saw (0 = an empty cell), or Any
	Companions []Companion
}

// Any saves whatever version stands.
const Any = -1

// Entry is one act of saving: who, when, from what.
type Entry struct {
	Key      int64 // what its figures hold; ID is what people and files see
	ID       string
	At       int64 // UTC ms
	Person   string
	Kind     EntryKind
	Origin   string // file name, form, record
	UndoneBy string
}

// EntryKind is how figures came in.
type EntryKind string

const (
	Typed    EntryKind = "typed"
	Imported EntryKind = "import"
	Recorded EntryKind = "record"
	Approval EntryKind = "approve"
	Undoing  EntryKind = "undo"
)

// Read parses what a person wrote into a quantity of the indicator, exactly, or answers with a question (*viet.Question)
// or a refusal (*viet.Refusal) in the user's words.
func Read(text string, in indicator.Indicator) (viet.Quantity, error) {
	q, err := viet.ParseQuantityFor(text, viet.Options{Unit: in.Unit, Decimals: in.Decimals})
	if err != nil {
		return q, err
	}
	if q.Qualifier == viet.Blank {
		return q, nil
	}
	if q.Unit != "" && !indicator.SameUnit(q.Unit, in.Unit) && !in.AcceptsUnit(q.Unit) {
		return q, &viet.Refusal{Raw: text, Text: "Đơn vị tính “" + q.Unit + "” khác với đơn vị của chỉ tiêu “" + in.Name + "” (" + in.Unit + ")."}
	}
	return q.At(in.Decimals)
}

// Print writes a value as the administration prints it, with its unit: "trên 20 tỷ đồng", "07 căn".
func Print(v Value, raw string, in indicator.Indicator) string {
	if v.Blank() {
		return ""
	}
	if !v.Has && raw != "" {
		return viet.Restate(raw, in.Unit, in.Decimals)
	}
	// Zeros behind the comma go: "2,000 km" would be read as two thousand. One stays where "1.400 tấn" could be 1,4.
	number, scale := v.Number, in.Decimals
	for scale > 0 && number%10 == 0 && (scale > 1 || number < 10_000 && number > -10_000) {
		number, scale = number/10, scale-1
	}
	return viet.Phrase(viet.Quantity{Value: number, Scale: scale, Qualifier: v.Qualifier}, in.Unit)
}
