package viet

import (
	"math/big"
	"slices"
)

// The words that numbers are made of, with the spelling that the parser works on.
var numberWords = map[string]string{"không": "không", "một": "một", "hai": "hai", "ba": "ba", "bốn": "bốn", "năm": "năm",
	"sáu": "sáu", "bảy": "bảy", "bẩy": "bảy", "tám": "tám", "chín": "chín", "mốt": "mốt", "tư": "tư", "lăm": "lăm",
	"nhăm": "lăm", "mười": "mười", "mươi": "mươi", "trăm": "trăm", "linh": "linh", "lẻ": "linh", "nghìn": "nghìn",
	"ngàn": "nghìn", "ngìn": "nghìn", "triệu": "triệu", "tỷ": "tỷ", "tỉ": "tỷ", "rưỡi": "rưỡi", "rưởi": "rưỡi"}

var digitValues = map[string]int64{"không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8,
	"chín": 9}

// After "mươi" or a digit some digits have another form.
var lastDigits = map[string]int64{"mốt": 1, "tư": 4, "lăm": 5}

var unitMissing = says("phần số cuối thiếu đơn vị.")

// spoken scans a number in words and lists its readings; none when there is no number here or no way to read it, in which
// case the scanner has not moved. A last "năm" that cannot be a five is left to be the unit, as in "hai mươi năm".
func (sc *scanner) spoken() (list []amount, why *trouble) {
	start := sc.pos
	var tokens []string
	var starts []int
	for {
		at := sc.pos
		sc.spaces()
		word := sc.word()
		token, ok := numberWords[word]
		if !ok {
			sc.pos = at
			break
		}
		tokens, starts = append(tokens, token), append(starts, at)
		sc.take(word)
	}
	if n := len(tokens); n > 1 && tokens[n-1] == "năm" {
		before := tokens[n-2]
		_, digit := digitValues[before]
		_, last := lastDigits[before]
		if digit || last || before == "mươi" || before == "mười" || before == "rưỡi" {
			sc.pos, tokens = starts[n-1], tokens[:n-1]
		}
	}
	if len(tokens) == 0 {
		return nil, nil
	}
	values, unsure, ok := spokenValue(tokens)
	if !ok {
		sc.pos = start
		return nil, nil
	}
	for _, v := range values {
		list = append(list, amount{v, 0})
	}
	if unsure {
		why = unclear(unitMissing)
		if tokens[len(tokens)-1] == "năm" {
			why = unclear(says("“năm” có thể là số 5 hoặc là đơn vị năm; nếu là số năm, hãy gõ bằng chữ số, ví dụ 200 năm."))
		}
	}
	return list, why
}

var spokenUnits = []struct {
	word  string
	value int64
}{{"tỷ", billion}, {"triệu", million}, {"nghìn", thousand}}

// spokenValue reads words from the greatest multiplier down. unsure: the author must say which of the values is meant.
func spokenValue(tokens []string) (values []*big.Int, unsure, ok bool) {
	for _, u := range spokenUnits {
		i := len(tokens) - 1
		for ; i >= 0 && tokens[i] != u.word; i-- {
		}
		if i < 0 {
			continue
		}
		heads, unsure, ok := spokenValue(tokens[:i])
		if !ok || u.value == thousand && heads[0].Cmp(big.NewInt(thousand)) >= 0 {
			return nil, false, false
		}
		tails, more, ok := spokenTail(tokens[i+1:], u.value)
		if !ok {
			return nil, false, false
		}
		for _, h := range heads {
			base := new(big.Int).Mul(h, big.NewInt(u.value))
			for _, t := range tails {
				values = append(values, new(big.Int).Add(base, t))
			}
		}
		return values, unsure || more, true
	}
	return spokenHundreds(tokens)
}

// spokenTail reads what follows a multiplier. A tail without its own multiplier is short for one in speech: "một triệu hai"
// is 1.200.000, on paper it would be 1.000.002.
func spokenTail(tokens []string, unit int64) (values []*big.Int, unsure, ok bool) {
	switch {
	case len(tokens) == 0:
		return []*big.Int{new(big.Int)}, false, true
	case len(tokens) == 1 && tokens[0] == "rưỡi":
		return []*big.Int{big.NewInt(unit / 2)}, false, true
	}
	values, unsure, ok = spokenValue(tokens)
	if !ok || values[0].Cmp(big.NewInt(unit)) >= 0 {
		return nil, false, false
	}
	scaled := slices.ContainsFunc(tokens, func(t string) bool { return t == "nghìn" || t == "triệu" || t == "tỷ" })
	zeros := tokens[0] == "không" || tokens[0] == "linh"
	if scaled || zeros || unit == thousand && len(tokens) > 1 {
		return values, unsure, true
	}
	short := new(big.Int).Mul(values[0], big.NewInt(unit))
	short.Quo(short, pow10(len(values[0].String())))
	return append([]*big.Int{short}, values...), true, true
}

// spokenHundreds reads what is said below a thousand: "một trăm linh năm", "hai mươi lăm", "mười hai", "bảy".
func spokenHundreds(tokens []string) (values []*big.Int, unsure, ok bool) {
	one := func(v int64) ([]*big.Int, bool, bool) { return []*big.Int{big.NewInt(v)}, false, true }
	base, rest := int64(0), tokens
	if len(tokens) >= 2 && tokens[1] == "trăm" {
		d, ok := digitValues[tokens[0]]
		if !ok {
			return nil, false, false
		}
		base, rest = d*100, tokens[2:]
		switch {
		case len(rest) == 0:
			return one(base)
		case len(rest) == 1 && rest[0] == "rưỡi":
			return one(base + 50)
		case len(rest) == 1:
			if d, ok := digitValues[rest[0]]; ok { // "một trăm hai"
				return []*big.Int{big.NewInt(base + d*10), big.NewInt(base + d)}, true, true
			}
		}
	}
	if v, ok := tens(rest, len(rest) < len(tokens)); ok {
		return one(base + v)
	}
	return nil, false, false
}

// tens reads one to three words below a hundred.
func tens(tokens []string, afterHundred bool) (int64, bool) {
	if len(tokens) == 0 || len(tokens) > 3 {
		return 0, false
	}
	last := func(i int, forms bool) (int64, bool) {
		if len(tokens) != i+1 {
			return 0, len(tokens) == i
		}
		if v, ok := lastDigits[tokens[i]]; ok && forms {
			return v, true
		}
		v, ok := digitValues[tokens[i]]
		return v, ok && v > 0
	}
	d, isDigit := digitValues[tokens[0]]
	switch {
	case tokens[0] == "linh" && len(tokens) == 2:
		return last(1, true)
	case tokens[0] == "mười":
		v, ok := last(1, true)
		return 10 + v, ok
	case isDigit && len(tokens) == 1 && !afterHundred:
		return d, true
	case isDigit && len(tokens) > 1 && tokens[1] == "mươi":
		v, ok := last(2, true)
		return d*10 + v, ok && d > 1
	case isDigit && len(tokens) == 2: // "hai lăm"
		v, ok := lastDigits[tokens[1]]
		return d*10 + v, ok && d > 1
	}
	return 0, false
}
