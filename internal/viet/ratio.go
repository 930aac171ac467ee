package viet

import (
	"regexp"
	"strings"
)

// The percentage that may stand behind a ratio: ", đạt 23,5%", "(đạt 116%)", "= 92%".
var percentTail = regexp.MustCompile(`^(.*?)[ ,;(]*(?:(?:đạt|bằng|chiếm|tỷ lệ|tỉ lệ|=)[ :]*)((?:trên |gần |khoảng |hơn )?\d[\d.,]*) ?%[^\d%()]*\)?\.?$`)
var bareTail = regexp.MustCompile(`^(.*?)[ ,;]*\((\d[\d.,]*) ?%\)\.?$`)

// ParseRatio reads a part of a whole with the percentage that the source gives, or nil: "48/204 đảng viên, đạt 23,5%",
// "62.515.000/53.781.000 đồng (đạt 116%)". The percentage is kept as printed and not checked against the ratio. The unit
// stands on both. The error is a *Question or a *Refusal.
func ParseRatio(s string) (num, den Quantity, percent *Quantity, err error) {
	raw := strings.TrimSpace(NFC(s))
	fail := func(err error) (Quantity, Quantity, *Quantity, error) { return Quantity{}, Quantity{}, nil, err }
	text := string(newScanner(raw).low) // as long as raw, rune by rune
	body, tail := []rune(raw), ""
	for _, re := range []*regexp.Regexp{percentTail, bareTail} {
		if m := re.FindStringSubmatch(text); m != nil && strings.Contains(m[1], "/") {
			body, tail = body[:len([]rune(m[1]))], m[2]+"%"
			break
		}
	}
	left, right, ok := strings.Cut(string(body), "/")
	if !ok || strings.TrimSpace(left) == "" || strings.TrimSpace(right) == "" {
		return fail(refuse(raw, -1, "không phải một tỷ số; hãy gõ như 48/204 hoặc “48/204 đảng viên, đạt %s”.", "23,5%"))
	}
	if num, err = ParseQuantity(left); err != nil {
		return fail(err)
	}
	if den, err = ParseQuantity(right); err != nil {
		return fail(err)
	}
	switch {
	case !num.HasNumber() || !den.HasNumber():
		return fail(refuse(raw, -1, "hai vế của tỷ số đều phải là số."))
	case den.Value <= 0:
		return fail(refuse(raw, -1, "số đứng sau dấu “/” phải lớn hơn 0."))
	case hasMultiplier(right) && !hasMultiplier(left) && num.Value != 0:
		return fail(refuse(raw, -1, "chưa rõ đơn vị của số đứng trước dấu “/”; hãy gõ đủ đơn vị ở cả hai số."))
	case num.Unit != "" && den.Unit != "" && !SameUnitText(num.Unit, den.Unit):
		return fail(refuse(raw, -1, "hai số có đơn vị khác nhau (“%s” và “%s”).", num.Unit, den.Unit))
	case num.Unit == "":
		num.Unit = den.Unit
	default:
		den.Unit = num.Unit
	}
	if tail != "" {
		p, err := ParseQuantity(tail)
		if err != nil {
			return fail(err)
		}
		percent = &p
	}
	return num, den, percent, nil
}

func hasMultiplier(s string) bool {
	r := &reader{scanner: newScanner(s)}
	if _, err := r.qualifier(); err != nil {
		return false
	}
	f, err := r.figure()
	return err == nil && (f.terms[0].multiplied || f.terms[0].token == "")
}
