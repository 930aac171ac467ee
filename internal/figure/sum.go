package figure

import "giaoban/internal/viet"

// Sum is what a roll-up row holds: the exact sum of the numbers and how many figures of each kind are in it.
type Sum struct {
	Sum          int64
	N            int64 // figures that are not blank
	Over         int64
	Nearly       int64
	About        int64
	AtLeast      int64
	AtMost       int64
	Unquantified int64 // bare magnitudes and ranges: known to be there, not in Sum
	Estimated    bool  // part of it was carried over by a share of a divided unit
}

// Counted turns a value into what it adds to a sum.
func Counted(v Value) Sum {
	if v.Blank() {
		return Sum{}
	}
	s := Sum{N: 1}
	if v.Has {
		s.Sum = v.Number
	}
	switch v.Qualifier {
	case viet.Over:
		s.Over = 1
	case viet.Nearly:
		s.Nearly = 1
	case viet.About:
		s.About = 1
	case viet.AtLeast:
		s.AtLeast = 1
	case viet.AtMost:
		s.AtMost = 1
	case viet.Magnitude, viet.Range:
		s.Unquantified = 1
	}
	return s
}

// Plus adds two sums.
func (s Sum) Plus(o Sum) Sum {
	return Sum{
		s.Sum + o.Sum, s.N + o.N, s.Over + o.Over, s.Nearly + o.Nearly, s.About + o.About, s.AtLeast + o.AtLeast,
		s.AtMost + o.AtMost, s.Unquantified + o.Unquantified, s.Estimated || o.Estimated,
	}
}

// Minus subtracts a sum.
func (s Sum) Minus(o Sum) Sum { return s.Plus(o.times(-1)) }

func (s Sum) times(w int64) Sum {
	return Sum{
		s.Sum * w, s.N * w, s.Over * w, s.Nearly * w, s.About * w, s.AtLeast * w, s.AtMost * w, s.Unquantified * w, s.Estimated,
	}
}

// shifted divides the "now" difference, kept in ten-thousandths, and adds it. What does not divide evenly came through a
// share of a divided unit: it is rounded half away from zero and marked as an estimate.
func (s Sum) shifted(by Sum) Sum {
	const whole = 10000
	estimated := false
	div := func(v int64) int64 {
		q, r := v/whole, v%whole
		if r != 0 {
			estimated = true
		}
		if r >= whole/2 {
			q++
		}
		if r <= -whole/2 {
			q--
		}
		return q
	}
	d := Sum{div(by.Sum), div(by.N), div(by.Over), div(by.Nearly), div(by.About), div(by.AtLeast), div(by.AtMost), div(by.Unquantified), false}
	out := s.Plus(d)
	if estimated {
		out.Estimated = true
		out.N = max(out.N, 1)
	}
	return out
}

// empty tells that a row holds nothing at all.
func (s Sum) empty() bool { s.Estimated = false; return s == Sum{} }

// Blank tells that no figure is in the sum.
func (s Sum) Blank() bool { return s.N == 0 }

// Qualifier is the algebra of addition: exact + over = over; over + nearly = about; a bare magnitude adds an open upper
// side; a share of a divided unit is an estimate.
func (s Sum) Qualifier() viet.Qualifier {
	if s.N == 0 {
		return viet.Blank
	}
	if s.Unquantified == s.N && s.Sum == 0 {
		return viet.Magnitude
	}
	q := viet.Exact
	for _, k := range []struct {
		n int64
		q viet.Qualifier
	}{{s.Over, viet.Over}, {s.Nearly, viet.Nearly}, {s.About, viet.About}, {s.AtLeast, viet.AtLeast}, {s.AtMost, viet.AtMost}, {s.Unquantified, viet.Magnitude}} {
		if k.n > 0 {
			q = viet.Combine(q, k.q)
		}
	}
	if s.Estimated {
		q = viet.About
	}
	return q
}

// Value is the sum as a value.
func (s Sum) Value() Value {
	q := s.Qualifier()
	return Value{Number: s.Sum, Has: q != viet.Blank && q != viet.Magnitude, Qualifier: q}
}
