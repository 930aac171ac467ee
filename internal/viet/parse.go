package viet

import (
	"cmp"
	"strings"
)

const (
	longestInput = 200 // runes: more than this is a text in the wrong cell
	longestUnit  = 60
	mostDecimals = 9
)

var whatToType = says("hãy gõ số, ví dụ 1500, 17,6 hoặc “trên 20 tỷ đồng”.")

// The error texts of spreadsheets, and what each of them says of its formula.
var sheetErrors = []struct{ text, meaning string }{
	{"#REF!", "công thức trỏ tới ô đã bị xóa"}, {"#VALUE!", "công thức tính trên ô không phải là số"},
	{"#DIV/0!", "công thức chia cho 0"}, {"#N/A", "công thức không tìm thấy giá trị"},
	{"#NAME?", "công thức có tên không đúng"}, {"#NUM!", "công thức cho số không hợp lệ"},
	{"#NULL!", "công thức có hai vùng không giao nhau"}, {"#SPILL!", "kết quả công thức không đủ chỗ"},
	{"#CALC!", "công thức không tính được"}, {"###", "cột quá hẹp nên không hiện số"},
}

// Phrases before the number, longest first where one begins another.
var prefixes = []struct {
	phrase    string
	qualifier Qualifier
}{
	{"không vượt quá", AtMost}, {"không ít hơn", AtLeast}, {"không nhiều hơn", AtMost}, {"không quá", AtMost},
	{"không dưới", AtLeast}, {"ít nhất", AtLeast}, {"tối thiểu", AtLeast}, {"tối đa", AtMost}, {"nhiều nhất", AtMost},
	{"khoảng chừng", About}, {"vào khoảng", About}, {"ước khoảng", About}, {"ước tính", About}, {"ước đạt", About},
	{"trên dưới", About}, {"xấp xỉ", About}, {"khoảng", About}, {"chừng", About}, {"ước", About}, {"độ", About}, {"trên", Over}, {"hơn", Over},
	{"gần", Nearly}, {"dưới", AtMost}, {"đúng", Exact}, {">=", AtLeast}, {"≥", AtLeast}, {"<=", AtMost}, {"≤", AtMost}, {">", Over}, {"<", AtMost},
	{"~", About}, {"≈", About},
}

var multipliers = map[string]int{"chục": 1, "trăm": 2, "nghìn": 3, "ngàn": 3, "ngìn": 3, "vạn": 4, "triệu": 6, "tr": 6,
	"tỷ": 9, "tỉ": 9}

// Spellings that only may be a multiplier: without marks (tram, ngan and chuc have other meanings too), or slang.
var doubtful = map[string]int{"ty": 9, "ti": 9, "tỹ": 9, "trieu": 6, "nghin": 3, "ngan": 3, "k": 3, "tram": 2, "chuc": 1}

// reader holds one parse.
type reader struct {
	*scanner
	st    style
	unit  string // of the indicator
	doubt bool   // a doubtful multiplier was met
}

func parse(s string, st style, unit string) (Quantity, error) {
	var q Quantity
	var err error
	if v, ok := onlyDigits(s); ok {
		q = Quantity{Value: v, Qualifier: Exact, Raw: s}
	} else {
		r := &reader{scanner: newScanner(s), st: st, unit: unit}
		q, err = r.quantity()
	}
	if err != nil || !st.bound || q.Qualifier == Blank {
		return q, err
	}
	q.Unit = cmp.Or(q.Unit, unit)
	return q.At(st.decimals)
}

// onlyDigits reads what most cells of a workbook hold.
func onlyDigits(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 18 {
		return 0, false
	}
	v := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = v*10 + int64(s[i]-'0')
	}
	return v, true
}

func (r *reader) refuse(at int, format string, args ...any) (Quantity, error) {
	return Quantity{}, refuse(r.text, at, format, args...)
}

func (r *reader) quantity() (Quantity, error) {
	switch {
	case strings.Trim(string(r.low), "-–") == "":
		return Quantity{Raw: r.text}, nil
	case len(r.raw) > longestInput:
		return r.refuse(-1, "đây là một đoạn văn, không phải một số; %s", whatToType)
	}
	for _, e := range sheetErrors {
		if strings.HasPrefix(r.text, e.text) {
			return r.refuse(-1, "ô bị lỗi %s (%s); hãy sửa công thức hoặc gõ số vào ô.", e.text, said{format: e.meaning})
		}
	}
	qualifier, err := r.qualifier()
	if err != nil {
		return Quantity{}, err
	}
	if q, ok, err := r.magnitude(qualifier); ok {
		return q, err
	}
	from := r.take("từ") != ""
	r.spaces()
	if r.word() == "không" && !strings.HasPrefix(string(r.low[r.pos:]), "không đồng") {
		if nothing := string(r.low[r.pos:]); nothing == "không" || nothing == "không có" {
			zero := Quantity{Qualifier: Exact, Raw: "0", Unit: r.unit}
			return Quantity{}, ask(r.text, says("chưa rõ là số 0 hay chưa có số liệu (để trống)."), r.reading(zero), Reading{Type: "-", Text: "để trống"})
		}
		return r.refuse(-1, "không đọc được số; %s", whatToType)
	}
	first, err := r.figure()
	if err != nil {
		return Quantity{}, err
	}
	leftUnit, second, err := r.second()
	if err != nil {
		return Quantity{}, err
	}
	unit, suffix, err := r.rest()
	if err != nil {
		return Quantity{}, err
	}
	if suffix != Blank {
		if second != nil || qualifier != Blank {
			return r.refuse(-1, "có hai từ chỉ mức độ trái nhau; hãy chỉ giữ một từ.")
		}
		qualifier = suffix
	}
	if from && second == nil && suffix == Blank {
		return r.refuse(-1, "sau “từ …” phải có “trở lên” hoặc “đến …”.")
	}
	if second != nil {
		if qualifier != Blank && qualifier != About && qualifier != Exact {
			return r.refuse(-1, "một khoảng số không đi cùng từ chỉ mức độ; hãy bỏ “%s”.", qualifier.Word())
		}
		if leftUnit != "" && !SameUnitText(leftUnit, unit) {
			return r.refuse(-1, "hai đầu khoảng có đơn vị khác nhau (“%s” và “%s”); hãy tách thành hai ô.", leftUnit, unit)
		}
		return r.settleRange(first, *second, unit)
	}
	if qualifier == Blank {
		qualifier = Exact
	}
	return r.settle(first, qualifier, unit)
}

// qualifier reads the words before the number. "khoảng" may come before another one and wins: it is the weakest.
func (r *reader) qualifier() (Qualifier, error) {
	q := Blank
	for {
		r.spaces()
		next := Blank
		for _, p := range prefixes {
			if r.take(p.phrase) != "" {
				next = p.qualifier
				break
			}
		}
		switch {
		case next == Blank:
			return q, nil
		case q == Blank, next == q:
			q = next
		case q == About || next == About:
			q = About
		default:
			return Blank, refuse(r.text, -1, "có hai từ chỉ mức độ trái nhau; hãy chỉ giữ một từ.")
		}
	}
}

// magnitude reads "hàng trăm ngày công", "nhiều buổi", "vài chục hộ".
func (r *reader) magnitude(before Qualifier) (Quantity, bool, error) {
	start := r.pos
	lead := r.take("hàng", "nhiều", "vài", "mấy", "dăm", "một số", "cả", "một vài")
	if lead == "" {
		return Quantity{}, false, nil
	}
	end := r.pos
	for {
		r.spaces()
		if r.take("chục", "trăm", "nghìn", "ngàn", "ngìn", "vạn", "triệu", "tỷ", "tỉ") == "" {
			break
		}
		end = r.pos
	}
	words := string(r.low[start:end])
	if words == lead && (lead == "hàng" || lead == "cả") {
		r.pos = start
		return Quantity{}, false, nil
	}
	if before != Blank && before != About {
		_, err := r.refuse(-1, "“%s” là một bậc độ lớn, không đi cùng từ chỉ mức độ.", words)
		return Quantity{}, true, err
	}
	r.pos = end
	unit, suffix, err := r.rest()
	if err == nil && suffix != Blank {
		_, err = r.refuse(-1, "“%s” là một bậc độ lớn, không đi cùng từ chỉ mức độ.", words)
	}
	if err != nil {
		return Quantity{}, true, err
	}
	return Quantity{Qualifier: Magnitude, Magnitude: strings.Join(strings.Fields(words), " "), Unit: unit, Raw: r.text}, true, nil
}

// figure scans a number: a sign, then terms.
func (r *reader) figure() (figure, error) {
	var f figure
	if r.peek(0) == '-' && isDigit(r.peek(1)) {
		f.negative = true
		r.pos++
	}
	at := r.pos
	if list, why := r.spoken(); list != nil {
		f.terms = []term{{words: list, why: why, at: at}}
		// "hai mươi chục" and the like are multipliers that the words do not have.
		f.terms[0].exp, f.terms[0].multiplied = r.multiplier()
		return f, nil
	}
	for {
		at = r.pos
		if !isDigit(r.peek(0)) {
			_, err := r.refuse(at, "chỗ này phải là một số; %s", whatToType)
			if at == 0 || r.done() {
				_, err = r.refuse(-1, "không đọc được số; %s", whatToType)
			}
			return f, err
		}
		t := term{token: r.number(), at: at}
		t.exp, t.multiplied = r.multiplier()
		if n := len(f.terms); n > 0 && t.exp >= f.terms[n-1].exp {
			_, err := r.refuse(at, "đơn vị đứng sau phải nhỏ hơn đơn vị đứng trước; hãy tách thành hai ô hoặc gõ đủ cả số.")
			return f, err
		}
		here := r.pos
		if t.multiplied {
			r.spaces()
			if r.take("rưỡi", "rưởi") != "" {
				t.half, here = true, r.pos
			}
		}
		f.terms = append(f.terms, t)
		r.pos = here
		r.spaces()
		if !t.multiplied || t.half || !isDigit(r.peek(0)) {
			r.pos = here
			return f, nil
		}
	}
}

// multiplier reads "tỷ", "nghìn tỷ", "tr" after a number and returns its exponent.
func (r *reader) multiplier() (exp int, ok bool) {
	for {
		at := r.pos
		r.spaces()
		word := r.word()
		if word == "trđ" { // triệu đồng
			r.pos += 2
			return exp + 6, true
		}
		e, known := multipliers[word]
		if !known {
			var unsure bool
			if e, unsure = doubtful[word]; !unsure || exp > 0 {
				r.pos = at
				return exp, ok
			}
			r.doubt = true
		}
		if e < exp { // "triệu nghìn" is nothing
			r.pos = at
			return exp, ok
		}
		r.pos += len([]rune(word))
		if word == "tr" && r.peek(0) == '.' && isLetter(r.peek(1)) { // tr.đ
			r.pos++
		}
		exp, ok = exp+e, true
	}
}

// second scans the other end of a range, if there is one; the first end may have a unit of its own before the dash.
func (r *reader) second() (unit string, f *figure, err error) {
	start := r.pos
	for i := start; i < len(r.low); i++ {
		inWord := i > start && isLetter(r.low[i-1])
		if isDigit(r.low[i]) && !inWord {
			break
		}
		r.pos = i
		if inWord && isLetter(r.low[i]) || r.take("-", "–", "đến", "tới") == "" {
			continue
		}
		r.spaces()
		// Number words count only where no unit could be meant by them.
		if _, spoken := numberWords[r.word()]; !isDigit(r.peek(0)) && (!spoken || i > start+1) {
			break
		}
		unit = strings.TrimSpace(string(r.raw[start:i]))
		second, err := r.figure()
		return unit, &second, err
	}
	r.pos = start
	return "", nil, nil
}
