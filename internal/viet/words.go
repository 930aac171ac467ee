package viet

import (
	"strconv"
	"strings"
)

var digitWords = [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// Words reads a number out, in lower case: 105 "một trăm linh năm", 25 "hai mươi lăm", 2000000 "hai triệu". Skipped places
// are said ("một triệu không trăm nghìn năm trăm"), so that ParseQuantity reads the same number back.
func Words(n int64) string {
	if n < 0 {
		return "âm " + words(strings.TrimPrefix(strconv.FormatInt(n, 10), "-"))
	}
	return words(strconv.FormatInt(n, 10))
}

// MoneyWords is the amount in words as documents write it: "Hai mươi triệu đồng".
func MoneyWords(v int64) string {
	text := []rune(Words(v) + " đồng")
	return strings.ToUpper(string(text[:1])) + string(text[1:])
}

// words reads out a string of digits without leading zeros.
func words(digits string) string {
	if digits == "0" {
		return digitWords[0]
	}
	if len(digits) > 9 {
		head, tail := digits[:len(digits)-9], digits[len(digits)-9:]
		return strings.TrimSpace(words(head) + " tỷ " + below(tail, true))
	}
	return below(digits, false)
}

// below reads out at most nine digits. padded says that something stands before them, so that zeros count.
func below(digits string, padded bool) string {
	if strings.Trim(digits, "0") == "" {
		return ""
	}
	var parts []string
	for len(digits) > 0 {
		size := (len(digits)-1)%3 + 1
		group, rest := digits[:size], digits[size:]
		text := hundreds(group, padded)
		if text == "" && padded {
			text = "không trăm"
		}
		parts = append(parts, text)
		if unit := [...]string{"", "nghìn", "triệu"}[len(rest)/3]; unit != "" {
			parts = append(parts, unit)
		}
		if strings.Trim(rest, "0") == "" {
			break
		}
		digits, padded = rest, true
	}
	return strings.Join(parts, " ")
}

// hundreds reads out one to three digits; padded groups say their zeros.
func hundreds(group string, padded bool) string {
	group = strings.Repeat("0", 3-len(group)) + group
	h, t, u := group[0]-'0', group[1]-'0', group[2]-'0'
	if h+t+u == 0 {
		return ""
	}
	var parts []string
	if h > 0 || padded {
		parts = append(parts, digitWords[h], "trăm")
	}
	switch {
	case t == 0 && u > 0 && len(parts) > 0:
		parts = append(parts, "linh", digitWords[u])
		return strings.Join(parts, " ")
	case t == 1:
		parts = append(parts, "mười")
	case t > 1:
		parts = append(parts, digitWords[t], "mươi")
	}
	switch {
	case u == 0:
	case u == 1 && t > 1:
		parts = append(parts, "mốt")
	case u == 5 && t > 0:
		parts = append(parts, "lăm")
	default:
		parts = append(parts, digitWords[u])
	}
	return strings.Join(parts, " ")
}
