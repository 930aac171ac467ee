package viet

import (
	"cmp"
	"math/big"
)

// settle turns the readings of a number into the quantity, or the question.
func (r *reader) settle(f figure, qualifier Qualifier, unit string) (Quantity, error) {
	list, why := f.readings(r.st, 0)
	if why != nil && why.at >= 0 {
		return r.refuse(why.at, "%s", why.why)
	}
	var found []Quantity
	for _, a := range list {
		found = append(found, Quantity{Scale: a.scale, Qualifier: qualifier, Unit: unit, Raw: r.text})
		if ok := r.fill(&found[len(found)-1].Value, a); !ok {
			found = found[:len(found)-1]
		}
	}
	return r.decide(found, why)
}

func (r *reader) settleRange(first, second figure, unit string) (Quantity, error) {
	lent := 0
	if last := second.terms; len(last) == 1 && last[0].multiplied {
		lent = last[0].exp
	} else if len(last) > 1 && !first.terms[0].multiplied {
		return r.refuse(-1, "đầu khoảng thiếu đơn vị; hãy gõ đủ, ví dụ “1 tỷ - 1 tỷ 500 triệu đồng”.")
	}
	lows, why := first.readings(r.st, lent)
	highs, more := second.readings(r.st, 0)
	for _, w := range []*trouble{why, more} {
		if w != nil && w.at >= 0 {
			return r.refuse(w.at, "%s", w.why)
		}
	}
	if why == nil {
		why = more
	}
	var found []Quantity
	ordered := false
	for i, low := range lows {
		for j, high := range highs {
			if len(lows) == len(highs) && i != j || low.cmp(high) >= 0 {
				continue // both ends are written in one style
			}
			ordered = true
			q := Quantity{Scale: max(low.scale, high.scale), Qualifier: Range, Unit: unit, Raw: r.text}
			if r.fill(&q.Low, amount{low.at(q.Scale), q.Scale}) && r.fill(&q.High, amount{high.at(q.Scale), q.Scale}) {
				q.Value = q.Low
				found = append(found, q)
			}
		}
	}
	if !ordered {
		return r.refuse(-1, "đầu khoảng phải nhỏ hơn cuối khoảng.")
	}
	return r.decide(found, why)
}

func (r *reader) fill(v *int64, a amount) bool {
	*v = a.num.Int64()
	return a.num.IsInt64() && a.scale <= mostDecimals
}

// decide keeps the readings that the indicator can hold: one is the answer, several are a question.
func (r *reader) decide(found []Quantity, why *trouble) (Quantity, error) {
	if len(found) == 0 {
		return Quantity{}, tooLarge(r.text)
	}
	var fit []Quantity
	var firstErr error
	for _, q := range found {
		if r.st.bound {
			if _, err := q.At(r.st.decimals); err != nil {
				firstErr = cmp.Or(firstErr, err)
				continue
			}
		}
		fit = append(fit, q)
	}
	switch {
	case len(fit) == 0:
		return Quantity{}, firstErr
	case len(fit) == 1 && why == nil && !r.doubt:
		return fit[0], nil
	case why == nil && r.doubt:
		why = unclear(says("đơn vị của số chưa rõ."))
	case why == nil:
		why = unclear(says("dấu chấm hoặc dấu phẩy có thể là phân nhóm hoặc thập phân."))
	}
	readings := make([]Reading, len(fit))
	for i, q := range fit {
		readings[i] = r.reading(q)
	}
	return Quantity{}, ask(r.text, why.why, readings...)
}

// reading shows one reading so that typing it again gives this quantity.
func (r *reader) reading(q Quantity) Reading {
	unit := cmp.Or(q.Unit, r.unit)
	number, said := distinct(q.Value, q.Scale), spell(q.Value, q.Scale)
	if q.Qualifier == Range {
		number = distinct(q.Low, q.Scale) + " - " + distinct(q.High, q.Scale)
		said = spell(q.Low, q.Scale) + " đến " + spell(q.High, q.Scale)
	}
	if word := q.Qualifier.Word(); word != "" {
		number, said = word+" "+number, word+" "+said
	}
	if unit != "" {
		number, said = number+" "+unit, said+" "+unit
	}
	return Reading{Type: number, Text: number + " (" + said + ")", Quantity: q}
}

// spell is a decimal number in words, its decimals digit by digit or as one number: "một phẩy bốn".
func spell(v int64, scale int) string {
	for scale > 0 && v%10 == 0 {
		v, scale = v/10, scale-1
	}
	if scale == 0 {
		return Words(v)
	}
	whole, rest := new(big.Int).QuoRem(big.NewInt(v), pow10(scale), new(big.Int))
	text := words(new(big.Int).Abs(whole).String()) + " phẩy"
	if v < 0 {
		text = "âm " + text
	}
	decimals := new(big.Int).Abs(rest).String()
	for range scale - len(decimals) {
		text += " không"
	}
	return text + " " + words(decimals)
}
