package intake

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
)

// reading is what became of a value: a quantity with the indicator's decimals, or a question, or a refusal.
type reading struct {
	quantity viet.Quantity
	question *viet.Question
	refusal  string
}

func refusal(text string) reading { return reading{refusal: text} }

// readValue reads a value for an indicator. measure is the unit of measure that stands beside it, or empty.
func readValue(v given, measure string, moneyOnly bool, in indicator.Indicator) reading {
	switch {
	case v.wrong != "":
		return refusal(v.wrong)
	case v.null:
		return reading{}
	case !v.set:
		return refusal("Thiếu giá trị. Ghi null (hoặc dấu “-” trong bảng) nếu muốn để trống ô này.")
	}
	times, why := multiplier(measure, in)
	if why != "" && moneyOnly {
		times, why = 0, "" // "Đơn vị tính: triệu đồng" over a table does not speak of the rows that count people
	}
	if why != "" {
		return refusal(why)
	}
	if v.number {
		q, ok := machine(v.text, times, in.Decimals)
		if !ok {
			return refusal("Số " + strings.Replace(v.text, ".", ",", 1) + " có nhiều chữ số hơn chỉ tiêu này giữ được (" +
				strconv.Itoa(in.Decimals) + " chữ số thập phân). Hãy làm tròn ở tệp gốc.")
		}
		return reading{quantity: q}
	}
	text := v.text
	if times != 0 && endsInDigit.MatchString(text) && !strings.HasSuffix(text, " "+measure) { // "1.200 m2" says its unit already
		text += " " + measure
	}
	q, err := figure.Read(text, in)
	switch err := err.(type) {
	case nil:
		if q.Raw != v.text {
			q.Raw = "" // the unit of the column was put behind it: the print of the value says both
		}
		return reading{quantity: q}
	case *viet.Question:
		return reading{question: err}
	default:
		return refusal(err.Error())
	}
}

var endsInDigit = regexp.MustCompile(`[0-9]\s*$`)

// multiplier reads a unit of measure that stands apart from its numbers: 1 for the indicator's own, 1.000.000 for "triệu
// đồng" where the indicator counts đồng, 0 for none. why refuses any other.
func multiplier(measure string, in indicator.Indicator) (times int64, why string) {
	if measure == "" {
		return 0, ""
	}
	if in.AcceptsUnit(measure) {
		return 1, ""
	}
	if q, err := viet.ParseQuantity("1 " + measure); err == nil && q.Qualifier == viet.Exact && q.Scale == 0 && q.Value > 1 && in.AcceptsUnit(q.Unit) {
		return q.Value, ""
	}
	return 0, "Đơn vị tính “" + measure + "” khác với đơn vị của chỉ tiêu “" + in.Name + "” (" + in.Unit + ")."
}

var machineNumber = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)

// machine reads a machine's number (a point for the decimals, perhaps an exponent) exactly; ok is false when digits would
// be lost.
func machine(text string, times int64, decimals int) (viet.Quantity, bool) {
	if !machineNumber.MatchString(text) {
		return viet.Quantity{}, false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return viet.Quantity{}, false
	}
	if times > 1 {
		r.Mul(r, new(big.Rat).SetInt64(times))
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	if !r.IsInt() || !r.Num().IsInt64() {
		return viet.Quantity{}, false
	}
	return viet.Quantity{Value: r.Num().Int64(), Scale: decimals, Qualifier: viet.Exact}, true
}

// choose takes the reading that a person has picked. Its spelling is kept only where the print of the value would not give
// it back.
func choose(q *viet.Question, n int, in indicator.Indicator) (viet.Quantity, bool) {
	if n < 0 || n >= len(q.Readings) {
		return viet.Quantity{}, false
	}
	picked, err := q.Readings[n].Quantity.At(in.Decimals)
	if err != nil {
		return viet.Quantity{}, false
	}
	picked.Raw = ""
	if picked.Qualifier == viet.Range {
		picked.Raw = q.Readings[n].Type
	}
	return picked, true
}

// qualified puts a stated qualifier on a number and refuses one that the text of the value denies.
func qualified(q viet.Quantity, code field) (viet.Quantity, string) {
	if code.text == "" {
		return q, ""
	}
	want, ok := viet.QualifierOf(code.text)
	switch {
	case !ok || want == viet.Blank:
		return q, "Không có mức độ “" + code.text + "”; hãy ghi một trong: exact, over, nearly, about, at_least, at_most, magnitude, range."
	case q.Qualifier == want:
		return q, ""
	case q.Qualifier == viet.Exact && want != viet.Range && want != viet.Magnitude:
		q.Qualifier = want
		return q, ""
	}
	return q, "Mức độ “" + code.text + "” không khớp với giá trị đã ghi."
}

// loose reads a companion's number, which keeps the decimals that it was printed with.
func loose(v given) (viet.Quantity, string) {
	switch {
	case v.wrong != "":
		return viet.Quantity{}, v.wrong
	case !v.set || v.null:
		return viet.Quantity{}, "Thiếu giá trị."
	case v.number:
		_, rest, _ := strings.Cut(v.text, ".")
		if q, ok := machine(v.text, 0, len(rest)); ok && len(rest) <= 9 {
			return q, ""
		}
		return viet.Quantity{}, "Không đọc được số " + v.text + "."
	}
	q, err := viet.ParseQuantity(v.text)
	if err != nil {
		return q, err.Error()
	}
	if !q.HasNumber() {
		return q, "Chỗ này phải là một con số."
	}
	return q, ""
}
