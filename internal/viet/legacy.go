package viet

import (
	"strings"
	"unicode"
)

// Legacy names an encoding from before Unicode whose bytes were stored as Latin-1 characters.
type Legacy int8

const (
	NoLegacy Legacy = iota
	TCVN3           // fonts .Vn…: "Uû ban nh©n d©n"
	VNI             // fonts VNI-…: "vaän ñoäng ñöôïc"
)

func (l Legacy) String() string {
	switch l {
	case TCVN3:
		return "TCVN3"
	case VNI:
		return "VNI"
	}
	return ""
}

// The letters of TCVN 5712:1993, form VN3. Capitals with tones come from fonts that show small letters as capitals, so
// their case is lost.
var tcvn3 = pairs("¡Ă ¢Â £Ê ¤Ô ¥Ơ ¦Ư §Đ ¨ă ©â ªê «ô ¬ơ \u00ADư ®đ " +
	"µà ¶ả ·ã ¸á ¹ạ »ằ ¼ẳ ½ẵ ¾ắ Æặ Çầ Èẩ Éẫ Êấ Ëậ Ìè Îẻ Ïẽ Ðé Ñẹ Òề Óể Ôễ Õế Öệ ×ì Øỉ Üĩ Ýí Þị " +
	"ßò áỏ âõ ãó äọ åồ æổ çỗ èố éộ êờ ëở ìỡ íớ îợ ïù ñủ òũ óú ôụ õừ öử ÷ữ øứ ùự úỳ ûỷ üỹ ýý þỵ")

// VNI writes most letters as a base and a mark behind it. Small letters; the capitals follow from them.
var vniMarks = map[rune]map[rune]rune{
	'a': pairs("ùá øà ûả õã ïạ ââ áấ àầ åẩ ãẫ äậ êă éắ èằ úẳ üẵ ëặ"),
	'e': pairs("ùé øè ûẻ õẽ ïẹ âê áế àề åể ãễ äệ"),
	'o': pairs("ùó øò ûỏ õõ ïọ âô áố àồ åổ ãỗ äộ"),
	'ô': pairs("ùớ øờ ûở õỡ ïợ"),
	'u': pairs("ùú øù ûủ õũ ïụ"),
	'ö': pairs("ùứ øừ ûử õữ ïự"),
	'y': pairs("ùý øỳ ûỷ õỹ"),
}
var vniAlone = pairs("íí ìì æỉ óĩ òị ôơ öư îỵ ñđ")

func pairs(list string) map[rune]rune {
	m := map[rune]rune{}
	for _, p := range strings.Fields(list) {
		r := []rune(p)
		m[r[0]] = r[1]
	}
	return m
}

// The letter ư is the soft hyphen in TCVN3, which many programs drop: "Mường" arrives as "Mờng". Where that is no syllable
// and with ư it is one, the ư is put back.
var softHyphenLost = strings.NewReplacer("ơ", "ươ", "ờ", "ườ", "ở", "ưở", "ỡ", "ưỡ", "ớ", "ướ", "ợ", "ượ")

func fromTCVN3(word string) (string, bool) {
	ok := true
	decoded := strings.Map(func(r rune) rune {
		if u, known := tcvn3[r]; known {
			return u
		}
		ok = ok && r < 0x80
		return r
	}, word)
	if whole := softHyphenLost.Replace(decoded); whole != decoded && !Syllable(decoded) && Syllable(whole) {
		return whole, ok
	}
	return decoded, ok
}

func fromVNI(word string) (string, bool) {
	in, ok := []rune(word), true
	var out strings.Builder
	for i := 0; i < len(in); i++ {
		r := in[i]
		low := unicode.ToLower(r)
		u := low
		if i+1 < len(in) {
			if marked, known := vniMarks[low][unicode.ToLower(in[i+1])]; known {
				u = marked
				i++
			}
		}
		if u == low {
			if alone, known := vniAlone[low]; known {
				u = alone
			} else {
				ok = ok && r < 0x80
			}
		}
		if r != low {
			u = unicode.ToUpper(u)
		}
		out.WriteRune(u)
	}
	return out.String(), ok
}

// DetectLegacy recognises text in TCVN3 or VNI and offers it in Unicode; NoLegacy and "" for all other text. It only offers:
// whoever wrote the text decides. A text is legacy when words that are no Vietnamese syllables as they stand become such,
// and hardly any word becomes none.
func DetectLegacy(s string) (Legacy, string) {
	latin := false
	for _, r := range s {
		if r > 0xFF && unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) {
			return NoLegacy, "" // neither encoding has it
		}
		latin = latin || r >= 0xA1
	}
	if !latin {
		return NoLegacy, ""
	}
	best, found := 0, NoLegacy
	for _, enc := range []Legacy{TCVN3, VNI} {
		if score := legacyScore(s, enc); score > best {
			best, found = score, enc
		}
	}
	if found == NoLegacy {
		return NoLegacy, ""
	}
	return found, NFC(mapLegacyWords(s, func(w string) string { c, _ := found.decode(w); return c }))
}

func (l Legacy) decode(word string) (string, bool) {
	if l == VNI {
		return fromVNI(word)
	}
	return fromTCVN3(word)
}

// legacyScore is positive when s reads better in enc than as it stands.
func legacyScore(s string, enc Legacy) int {
	gained, lost, both, plain, odd, sure := 0, 0, 0, 0, 0, false
	mapLegacyWords(s, func(w string) string {
		decoded, known := enc.decode(w)
		now := Syllable(w)
		switch then := known && Syllable(decoded); {
		case decoded == w && known: // plain ASCII
			if now {
				plain++
			} else if w != strings.ToUpper(w) {
				odd++ // an abbreviation in capitals says nothing
			}
		case then && now:
			both++
		case then:
			gained++
			// "où" and "5 µm" become syllables too; a word with a consonant before its vowel, or of three letters, is surer.
			letters := []rune(decoded)
			sure = sure || len(letters) >= 3 || len(letters) == 2 && !isVowel(letters[0])
		default:
			lost++
		}
		return w
	})
	if !sure || lost*2 > gained || both > gained*2 || odd > gained+plain {
		return 0
	}
	return gained*4 + both - lost*4
}

// mapLegacyWords applies f to each run of letters, where letters are what either encoding uses for them: also © and ¬.
func mapLegacyWords(s string, f func(string) string) string {
	var out, word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out.WriteString(f(word.String()))
			word.Reset()
		}
	}
	for _, r := range s {
		if _, legacy := tcvn3[r]; legacy || unicode.IsLetter(r) {
			word.WriteRune(r)
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	return out.String()
}
