package viet

import "strings"

// rest reads what stands after the number: the unit as given, and "trở lên" or "trở xuống".
func (r *reader) rest() (unit string, suffix Qualifier, err error) {
	r.spaces()
	at := r.pos
	// A full stop or a semicolon ends a sentence, not a number: it is dropped only after a word.
	end := len(r.low)
	for end > at+1 && strings.ContainsRune(".;,", r.low[end-1]) && !isDigit(r.low[end-2]) {
		end--
	}
	text := strings.TrimSpace(string(r.raw[at:end]))
	low := string(r.low[at:end])
	for _, s := range []struct {
		words     string
		qualifier Qualifier
	}{{"trở lên", AtLeast}, {"trở xuống", AtMost}, {"trở lại", AtMost}} {
		if before, ok := strings.CutSuffix(low, s.words); ok && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "%")) {
			suffix = s.qualifier
			text = strings.TrimSpace(string([]rune(text)[:len([]rune(text))-len([]rune(s.words))]))
			break
		}
	}
	return text, suffix, r.checkUnit(at, []rune(text))
}

// checkUnit refuses a second number, or a sentence, where a unit should stand.
func (r *reader) checkUnit(at int, unit []rune) error {
	low := r.low[at : at+len(unit)]
	if len(unit) == 0 {
		return nil
	}
	if low[0] == 'e' && len(low) > 1 && (low[1] == '+' || low[1] == '-' || isDigit(low[1])) { // 1.5E+09, 1e3
		return refuse(r.text, at, "đây là dạng số khoa học của bảng tính; hãy định dạng ô thành Số rồi gõ đủ các chữ số.")
	}
	for i, c := range low {
		if !isDigit(c) {
			continue
		}
		slash := i > 0 && (low[i-1] == '/' || i > 1 && low[i-1] == ' ' && low[i-2] == '/')
		switch {
		case slash && i <= 2:
			return refuse(r.text, at+i, "đây là một tỷ số (hai số cách nhau bằng dấu “/”); hãy gõ mỗi số vào ô riêng.")
		case i == 0 || !isLetter(low[i-1]) || i+1 < len(low) && (isLetter(low[i+1]) || isDigit(low[i+1])):
			return refuse(r.text, at+i, "có thêm một số nữa; mỗi ô chỉ gõ một số, hãy tách ra.")
		}
	}
	switch first := low[0]; {
	case !isLetter(first) && !strings.ContainsRune("%‰°₫$(", first):
		return refuse(r.text, at, "ký tự “%c” không thuộc về số hay đơn vị; %s", unit[0], whatToType)
	case strings.ContainsRune(string(low), ';'):
		return refuse(r.text, at, "có nhiều phần cách nhau bằng dấu “;”; mỗi ô chỉ gõ một số, hãy tách ra.")
	case len(unit) > longestUnit:
		return refuse(r.text, at, "sau số là cả một câu; hãy chỉ gõ số và đơn vị.")
	}
	sc := &scanner{text: string(unit), raw: unit, low: low}
	for _, p := range prefixes {
		if sc.match(p.phrase) > 0 {
			return refuse(r.text, at, "“%s” phải đứng trước số.", p.phrase)
		}
	}
	sc.take(sc.word())
	sc.spaces()
	if _, first := numberWords[(&scanner{low: low}).word()]; first {
		if _, more := numberWords[sc.word()]; more {
			return refuse(r.text, at, "vừa có chữ số vừa có số bằng chữ; hãy gõ cả số bằng chữ số.")
		}
		if (&scanner{low: low}).word() != "năm" && sc.done() {
			return refuse(r.text, at, "có hai số liền nhau; hãy gõ một số bằng chữ số.")
		}
	}
	return nil
}
