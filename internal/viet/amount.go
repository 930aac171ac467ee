package viet

import (
	"math/big"
	"strings"
)

// amount is an exact decimal number: num / 10^scale.
type amount struct {
	num   *big.Int
	scale int
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// shift multiplies by 10^exp, using up decimals first.
func (a amount) shift(exp int) amount {
	if exp <= a.scale {
		return amount{a.num, a.scale - exp}
	}
	return amount{new(big.Int).Mul(a.num, pow10(exp-a.scale)), 0}
}

func (a amount) at(scale int) *big.Int { return new(big.Int).Mul(a.num, pow10(scale-a.scale)) }

func (a amount) add(b amount) amount {
	scale := max(a.scale, b.scale)
	return amount{new(big.Int).Add(a.at(scale), b.at(scale)), scale}
}

func (a amount) cmp(b amount) int {
	scale := max(a.scale, b.scale)
	return a.at(scale).Cmp(b.at(scale))
}

// trouble is why a number cannot simply be taken. With at < 0 it is a question about the readings, else a refusal at that
// place of the token.
type trouble struct {
	why said
	at  int
}

func unclear(why said) *trouble { return &trouble{why, -1} }

// style says which readings of a separator are possible before anything else is known.
type style struct {
	multiplied bool // a multiplier follows, as in "1.400 tỷ"
	bound      bool // the indicator's decimals are known
	decimals   int
}

// digits lists the readings of a token of digits and separators. In Vietnamese the comma is the decimal one and the point
// parts groups of three; English writes the reverse, and both appear in Vietnamese reports.
func digits(token string, st style) ([]amount, *trouble) {
	points, commas, gaps := strings.Count(token, "."), strings.Count(token, ","), strings.Count(token, " ")
	switch {
	case gaps > 0:
		n := plain(token)
		if gaps == 1 {
			return []amount{n}, unclear(says("dấu cách giữa hai nhóm chữ số chưa rõ nghĩa."))
		}
		return []amount{n}, nil
	case points == 0 && commas == 0:
		return []amount{plain(token)}, nil
	case points > 0 && commas > 0:
		return mixed(token)
	case points+commas > 1:
		sep := "."
		if commas > 0 {
			sep = ","
		}
		if bad := badGroup(token, sep); bad != nil {
			return nil, bad
		}
		return []amount{plain(token)}, nil
	}
	return single(token, st)
}

// single reads a token with one separator.
func single(token string, st style) ([]amount, *trouble) {
	i := strings.IndexAny(token, ".,")
	point, tail := token[i] == '.', len(token)-i-1
	grouped, decimal := plain(token), amount{plain(token).num, tail}
	mayGroup := tail == 3 && i <= 3 && token[0] != '0'
	switch {
	case !mayGroup && point && tail == 3 && token[0] != '0': // 1234.567
		return []amount{grouped, decimal}, unclear(says("dấu chấm đứng sau hơn ba chữ số."))
	case !mayGroup && point && tail > 3:
		return []amount{decimal}, unclear(says("sau dấu chấm có hơn ba chữ số."))
	case !mayGroup:
		return []amount{decimal}, nil
	case point && !st.multiplied && (!st.bound || st.decimals == 0):
		return []amount{grouped}, nil
	case !point && !st.multiplied && st.bound && st.decimals >= 3:
		return []amount{decimal}, nil
	}
	return []amount{grouped, decimal}, nil
}

// mixed reads a token with both separators: the one that comes last and once is the decimal one.
func mixed(token string) ([]amount, *trouble) {
	last := strings.LastIndexAny(token, ".,")
	sep, other := token[last:last+1], "."
	if sep == "." {
		other = ","
	}
	if strings.Count(token, sep) > 1 {
		return nil, &trouble{says("dấu chấm và dấu phẩy xen kẽ nhau; hãy chỉ dùng một dấu phẩy cho phần thập phân."), strings.Index(token, other)}
	}
	if bad := badGroup(token[:last], other); bad != nil {
		return nil, bad
	}
	return []amount{{plain(token).num, len(token) - last - 1}}, nil
}

// badGroup shows the first group that has not three digits.
func badGroup(token, sep string) *trouble {
	at := 0
	for i, g := range strings.Split(token, sep) {
		switch {
		case i > 0 && len(g) != 3:
			return &trouble{says("nhóm chữ số “%s” phải có đúng ba chữ số; hãy gõ lại cả số, ví dụ 1.234.567.", g), at}
		case len(g) > 3:
			return &trouble{says("nhóm chữ số “%s” phải có không quá ba chữ số; hãy gõ lại cả số, ví dụ 1.234.567.", g), at}
		}
		at += len(g) + 1
	}
	return nil
}

// plain reads the digits of a token whose separators have been understood by the caller.
func plain(token string) amount {
	n, _ := new(big.Int).SetString(strings.NewReplacer(".", "", ",", "", " ", "").Replace(token), 10)
	return amount{n, 0}
}

// term is a number and the multiplier that follows it: "556,6 triệu".
type term struct {
	token      string   // digits as given; empty for number words
	words      []amount // readings of number words
	why        *trouble
	at         int // place of the token
	exp        int
	multiplied bool
	half       bool // rưỡi
}

func (t term) readings(st style, exp int, multiplied bool) ([]amount, *trouble) {
	list, bad := t.words, t.why
	if t.token != "" {
		st.multiplied = multiplied
		var more *trouble
		if list, more = digits(t.token, st); more != nil {
			if more.at >= 0 {
				more.at += t.at
				return nil, more
			}
			bad = more
		}
	}
	out := make([]amount, len(list))
	for i, a := range list {
		out[i] = a.shift(exp)
		if t.half {
			out[i] = out[i].add(amount{new(big.Int).Mul(big.NewInt(5), pow10(exp-1)), 0})
		}
	}
	// Nobody writes "388.640.000 triệu": one of number and multiplier is wrong, and only the author knows which.
	if multiplied && bad == nil && t.token != "" && len(list) == 1 && list[0].cmp(amount{big.NewInt(million), 0}) >= 0 {
		return []amount{list[0], out[0]}, unclear(says("số quá lớn so với đơn vị đứng sau."))
	}
	return out, bad
}

// figure is a signed number as scanned: one or several terms, "3 tỷ 556,6 triệu".
type figure struct {
	negative bool
	terms    []term
}

// readings adds the terms up in each way they can be read. exp is the multiplier that a range lends to its first end.
func (f figure) readings(st style, exp int) ([]amount, *trouble) {
	last := f.terms[len(f.terms)-1]
	var sums []amount
	var why *trouble
	for i, t := range f.terms {
		e, m := t.exp, t.multiplied
		if exp > 0 && len(f.terms) == 1 && !m {
			e, m = exp, true
		}
		list, bad := t.readings(st, e, m)
		if bad != nil {
			if bad.at >= 0 {
				return nil, bad
			}
			why = bad
		}
		if i == 0 {
			sums = list
			continue
		}
		limit := amount{pow10(f.terms[i-1].exp), 0}
		var next []amount
		for _, s := range sums {
			for _, a := range list {
				if a.cmp(limit) >= 0 {
					return nil, &trouble{says("phần sau phải nhỏ hơn một đơn vị của phần trước; hãy tách thành hai ô hoặc gõ đủ cả số."), t.at}
				}
				next = append(next, s.add(a))
			}
		}
		sums = next
	}
	// "1 tỷ 2" is 1,2 tỷ in speech and 1.000.000.002 on paper.
	if n := len(f.terms); n > 1 && !last.multiplied && last.token != "" && len(last.token) <= 3 {
		lead := figure{terms: f.terms[:n-1]}
		heads, bad := lead.readings(st, 0)
		if bad != nil {
			return heads, bad
		}
		spoken := plain(last.token).shift(f.terms[n-2].exp - len(last.token))
		if len(last.token) <= f.terms[n-2].exp {
			sums = append([]amount{heads[0].add(spoken)}, sums...)
		}
		// "1 nghìn 500" is the same in both.
		if why = unclear(unitMissing); len(sums) == 2 && sums[0].cmp(sums[1]) == 0 {
			sums, why = sums[:1], nil
		}
	}
	if f.negative {
		for i := range sums {
			sums[i].num = new(big.Int).Neg(sums[i].num)
		}
	}
	return sums, why
}
