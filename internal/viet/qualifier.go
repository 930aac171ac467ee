package viet

// Qualifier says how a printed number stands to the true one. The numbers are stored in databases: never renumber.
type Qualifier int8

const (
	Blank     Qualifier = 0 // nothing was given; not zero
	Exact     Qualifier = 1
	Over      Qualifier = 2 // trên, hơn
	Nearly    Qualifier = 3 // gần
	About     Qualifier = 4 // khoảng, chừng
	AtLeast   Qualifier = 5 // ít nhất, từ … trở lên
	AtMost    Qualifier = 6 // không quá, tối đa
	Magnitude Qualifier = 7 // hàng trăm: no number
	Range     Qualifier = 8 // 1,5-3 triệu
)

var qualifierCodes = [...]string{"", "exact", "over", "nearly", "about", "at_least", "at_most", "magnitude", "range"}
var qualifierWords = [...]string{"", "", "trên", "gần", "khoảng", "ít nhất", "không quá", "", ""}

// Code is the qualifier's name in files and interfaces; "" for Blank and for a number that is no qualifier.
func (q Qualifier) Code() string {
	if !q.valid() {
		return ""
	}
	return qualifierCodes[q]
}

// QualifierOf reads a Code; the empty code is Blank.
func QualifierOf(code string) (Qualifier, bool) {
	for i, c := range qualifierCodes {
		if c == code {
			return Qualifier(i), true
		}
	}
	return Blank, false
}

// Word stands before the number in print; "" where the number stands alone.
func (q Qualifier) Word() string {
	if !q.valid() {
		return ""
	}
	return qualifierWords[q]
}

// HasNumber reports whether a quantity with this qualifier has a value that can be added.
func (q Qualifier) HasNumber() bool { return q.valid() && q != Blank && q != Magnitude }

func (q Qualifier) valid() bool { return q >= 0 && int(q) < len(qualifierCodes) }

// sides is what a qualifier leaves open: whether the true number may lie above or below the printed one, and whether it
// surely does. Addition joins the sides, which is why Combine is commutative and associative.
type sides struct{ above, surelyAbove, below, surelyBelow bool }

// A range is added with its lower end (Quantity.Value), so the sum is a number that is at least reached.
var qualifierSides = [...]sides{
	Exact:     {},
	Over:      {above: true, surelyAbove: true},
	Nearly:    {below: true, surelyBelow: true},
	About:     {above: true, below: true},
	AtLeast:   {above: true},
	AtMost:    {below: true},
	Magnitude: {above: true, surelyAbove: true},
	Range:     {above: true},
}

// Combine is the qualifier of a sum of a and b. Blank is neutral. A magnitude adds an open upper side to a number; two
// magnitudes stay one, because there is still no number. A range counts with its lower end, as "at least".
func Combine(a, b Qualifier) Qualifier {
	switch {
	case !a.valid() || a == Blank:
		return b
	case !b.valid() || b == Blank:
		return a
	case a == Magnitude && b == Magnitude:
		return Magnitude
	}
	x, y := qualifierSides[a], qualifierSides[b]
	above, below := x.above || y.above, x.below || y.below
	switch {
	case above && below:
		return About
	case above && (x.surelyAbove || y.surelyAbove):
		return Over
	case above:
		return AtLeast
	case below && (x.surelyBelow || y.surelyBelow):
		return Nearly
	case below:
		return AtMost
	}
	return Exact
}
