package viet

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// FormatInt prints v / 10^scale in Vietnamese style: point between groups of three, comma before the decimals. Nothing is
// rounded, and as many decimals are printed as scale says: (1500000, 0) "1.500.000", (176, 1) "17,6", (35330, 2) "353,30".
func FormatInt(v int64, scale int) string { return formatBig(big.NewInt(v), scale) }

// FormatPlain is FormatInt without the zeros at the end of the decimals.
func FormatPlain(v int64, scale int) string {
	for scale > 0 && v%10 == 0 {
		v, scale = v/10, scale-1
	}
	return FormatInt(v, scale)
}

func formatBig(v *big.Int, scale int) string {
	digits := new(big.Int).Abs(v).String()
	if scale > 0 {
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
	}
	whole, decimals := digits[:len(digits)-max(scale, 0)], digits[len(digits)-max(scale, 0):]
	var b strings.Builder
	if v.Sign() < 0 {
		b.WriteByte('-')
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(d)
	}
	if decimals != "" {
		b.WriteByte(',')
		b.WriteString(decimals)
	}
	return b.String()
}

const (
	thousand = int64(1e3)
	million  = int64(1e6)
	billion  = int64(1e9)
	trillion = int64(1e12)
)

// FormatMoney prints whole đồng in the short style of administrative text where that loses nothing, else in full:
// "20 tỷ đồng", "1,42 tỷ đồng", "3 tỷ 556,6 triệu đồng", "996 triệu đồng", "113.790.000 đồng". What it prints has one
// reading: it never writes "1.400 tỷ" or "1,425 tỷ", which an English eye reads otherwise.
func FormatMoney(v int64) string { return moneyAmount(v) + " đồng" }

func moneyAmount(v int64) string {
	sign, abs := "", v
	if v < 0 {
		sign, abs = "-", -v
	}
	switch {
	case abs < million: // also the smallest int64, which has no opposite
		return FormatInt(v, 0)
	case abs >= trillion:
		if abs%(trillion/100) == 0 && abs < 1000*trillion {
			return sign + FormatPlain(abs/(trillion/100), 2) + " nghìn tỷ"
		}
	case abs >= billion && abs%(billion/100) == 0:
		return sign + FormatPlain(abs/(billion/100), 2) + " tỷ"
	case abs%(million/10) == 0:
		text := ""
		if abs >= billion {
			text = FormatInt(abs/billion, 0) + " tỷ "
			abs %= billion
			if abs < million {
				return FormatInt(v, 0)
			}
		}
		return sign + text + FormatPlain(abs/(million/10), 1) + " triệu"
	}
	return FormatInt(v, 0)
}

// IsMoney reports whether a unit's text means đồng.
func IsMoney(unit string) bool {
	switch strings.ToLower(unitKey(unit)) {
	case "dong", "d", "vnd", "₫", "viet nam dong", "dong viet nam":
		return true
	}
	return false
}

// Phrase prints a quantity with its qualifier and a unit, in administrative style: "trên 20 tỷ đồng", "gần 1.400 m2",
// "hàng trăm ngày công", "từ 1,5 đến 3 triệu đồng", "23,5%". A blank quantity prints nothing. What it prints, ParseQuantity reads as
// the same quantity; only a number with exactly three decimals ("1,400 tấn") has to be read with the indicator's decimals.
func Phrase(q Quantity, unit string) string {
	money := IsMoney(unit) && q.Scale == 0
	var text string
	switch {
	case q.Qualifier == Blank:
		return ""
	case q.Qualifier == Magnitude:
		text = q.Magnitude
	case q.Qualifier == Range && money:
		text = moneyRange(q.Low, q.High)
	case q.Qualifier == Range:
		text = fromTo(FormatInt(q.Low, q.Scale), FormatInt(q.High, q.Scale))
	case money:
		text = moneyAmount(q.Value)
	default:
		text = FormatInt(q.Value, q.Scale)
	}
	if word := q.Qualifier.Word(); word != "" {
		text = word + " " + text
	}
	switch {
	case unit == "":
		return text
	case strings.HasPrefix(unit, "%") || strings.HasPrefix(unit, "‰"):
		return text + unit
	}
	return text + " " + unit
}

// moneyRange gives both ends the same multiplier where both are short with it.
func moneyRange(low, high int64) string {
	for _, m := range []struct {
		unit int64
		text string
	}{{billion, " tỷ"}, {million, " triệu"}} {
		step := m.unit / 10
		if low >= 0 && high >= m.unit && high < 1000*m.unit && low%step == 0 && high%step == 0 {
			return fromTo(FormatPlain(low/step, 1), FormatPlain(high/step, 1)) + m.text
		}
	}
	return fromTo(FormatInt(low, 0), FormatInt(high, 0))
}

func fromTo(low, high string) string { return "từ " + low + " đến " + high }

// Restate prints in administrative style what was typed and holds no single number, a range or a magnitude: "1500000 -
// 3000000 đồng/khẩu" is "từ 1.500.000 đến 3.000.000 đồng/khẩu". What cannot be read one way only stays as typed.
func Restate(raw, unit string, decimals int) string {
	q, err := ParseQuantityFor(raw, Options{Unit: unit, Decimals: decimals})
	if err != nil || q.Qualifier == Blank {
		return raw
	}
	for q.Qualifier == Range && q.Scale > 0 && q.Low%10 == 0 && q.High%10 == 0 {
		q.Low, q.High, q.Scale = q.Low/10, q.High/10, q.Scale-1
	}
	return Phrase(q, cmp.Or(q.Unit, unit))
}

// PercentOf is num as a percentage of den, scaled by 10^decimals and rounded half up (away from zero); false when den is
// not positive or the result does not fit.
func PercentOf(num, den int64, decimals int) (int64, bool) {
	if den <= 0 || decimals < 0 || decimals > 9 {
		return 0, false
	}
	n := new(big.Int).Mul(big.NewInt(num), pow10(decimals+2))
	sign := n.Sign()
	n.Abs(n).Lsh(n, 1).Add(n, big.NewInt(den))
	n.Quo(n, new(big.Int).Lsh(big.NewInt(den), 1))
	if sign < 0 {
		n.Neg(n)
	}
	return n.Int64(), n.IsInt64()
}

// FormatPercent prints num as a percentage of den with two decimals, rounded half up: "353,30%". Empty when den is not
// positive: there is nothing to compare with.
func FormatPercent(num, den int64) string { return FormatPercentAt(num, den, 2) }

// FormatPercentAt is FormatPercent with another number of decimals.
func FormatPercentAt(num, den int64, decimals int) string {
	v, ok := PercentOf(num, den, decimals)
	if !ok {
		return ""
	}
	return FormatInt(v, decimals) + "%"
}

// distinct prints a number so that it has one reading: without groups where a single point could be taken for a decimal
// one, and with a fourth decimal where three could be taken for a group.
func distinct(v int64, scale int) string {
	text := FormatInt(v, scale)
	switch {
	case scale == 3:
		return text + "0"
	case scale == 0 && v > -million && v < million:
		return strconv.FormatInt(v, 10)
	}
	return text
}
