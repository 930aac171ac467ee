package viet

import (
	"math/big"
)

// Quantity is a number as people give it: the value with what they said about it.
type Quantity struct {
	Value     int64     // scaled by 10^Scale; of a Range the lower end; meaningless when !HasNumber
	Scale     int       // decimals present after resolving multipliers: 0 for "1,5 tỷ", 2 for "353,30%"
	Qualifier Qualifier // Blank when nothing was given
	Low, High int64     // the ends of a Range, with the same Scale
	Magnitude string    // the words of a Magnitude: "hàng trăm"
	Unit      string    // the text after the number as given: "đồng", "m2", "%"; empty if none
	Raw       string    // NFC of the input as given, its ends trimmed
}

// HasNumber reports whether there is a value that can be added.
func (q Quantity) HasNumber() bool { return q.Qualifier.HasNumber() }

// At gives the quantity with so many decimals, exactly. It refuses when digits would be lost or the value does not fit.
func (q Quantity) At(decimals int) (Quantity, error) {
	if !q.HasNumber() || q.Scale == decimals {
		q.Scale = decimals
		return q, nil
	}
	for _, v := range []*int64{&q.Value, &q.Low, &q.High} {
		n := big.NewInt(*v)
		if decimals >= q.Scale {
			n.Mul(n, pow10(decimals-q.Scale))
		} else {
			rest := new(big.Int)
			n.QuoRem(n, pow10(q.Scale-decimals), rest)
			if rest.Sign() != 0 {
				if decimals <= 0 {
					return Quantity{}, refuse(q.Raw, -1, "chỉ tiêu này là số nguyên; hãy gõ số không có phần thập phân.")
				}
				return Quantity{}, refuse(q.Raw, -1, "chỉ tiêu này có %d chữ số thập phân; hãy gõ không quá %d chữ số sau dấu phẩy.", decimals, decimals)
			}
		}
		if !n.IsInt64() {
			return Quantity{}, tooLarge(q.Raw)
		}
		*v = n.Int64()
	}
	q.Scale = decimals
	return q, nil
}

func tooLarge(raw string) error {
	return refuse(raw, -1, "số quá lớn, hệ thống không lưu được; hãy kiểm tra lại số chữ số và đơn vị.")
}

// Options says what is known of the place that a number is read for.
type Options struct {
	Unit     string // the indicator's unit, taken over when the input has none
	Decimals int    // the indicator's decimals: the result has this scale
}

// ParseQuantity reads a number about which nothing is known beforehand. "" and "-" are a Blank quantity. The error is a
// *Question or a *Refusal. "1.400" is 1400 here, as everywhere in Vietnamese; "1,400" and "1.400 tỷ" are questions.
func ParseQuantity(s string) (Quantity, error) { return parse(s, style{}, "") }

// ParseQuantityFor reads a number for an indicator and returns it with the indicator's decimals. Readings that have more
// decimals fall away; what remains in two readings is a question: "1.400" with decimals may be 1,4. A unit that differs
// from the indicator's is left in Unit for the caller to judge, who knows the synonyms.
func ParseQuantityFor(s string, opt Options) (Quantity, error) {
	return parse(s, style{bound: true, decimals: opt.Decimals}, opt.Unit)
}
