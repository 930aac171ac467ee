package viet

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

var onsets = words2set(`b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x`)

// The rhymes of standard spelling, without tones.
var rhymes = words2set(`a ai ao au ay am an ang anh ap at ac ach ăm ăn ăng ăp ăt ăc âu ây âm ân âng âp ât âc
e eo em en eng ep et ec ê êu êm ên ênh êp êt êch i ia iu im in inh ip it ich iêu iêm iên iêng iêp iêt iêc
o oi om on ong oong op ot oc ooc ô ôi ôm ôn ông ôp ôt ôc ơ ơi ơm ơn ơp ơt
oa oai oao oay oam oan oang oanh oap oat oac oach oăm oăn oăng oăt oăc oe oeo oen oet
u ua ui um un ung up ut uc uôi uôm uôn uông uôt uôc uân uâng uât uây uê uên uênh uêch uơ
uy uya uyên uyêt uynh uyt uych uyu uyn uyp ư ưa ưi ưu ưm ưn ưng ưt ưc ươi ươu ươm ươn ương ươp ươt ươc
y yt ynh yn yp yêu yêm yên yêng yêt`)

func words2set(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// Syllable reports whether a word is spelled as a Vietnamese syllable: an onset, a rhyme and at most one tone, which before
// p, t, c and ch can only be sắc or nặng. It does not know whether the word exists; case is ignored.
func Syllable(word string) bool {
	var b strings.Builder
	tone := rune(0)
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if strings.ContainsRune(toneMarks, r) {
			if tone != 0 {
				return false
			}
			tone = r
			continue
		}
		b.WriteRune(r)
	}
	bare := norm.NFC.String(b.String())
	for i := range bare + " " {
		onset, rhyme := bare[:i], bare[i:]
		if onset != "" && !onsets[onset] || !rhymes[rhyme] {
			continue
		}
		stopped := strings.HasSuffix(rhyme, "p") || strings.HasSuffix(rhyme, "t") || strings.HasSuffix(rhyme, "c") || strings.HasSuffix(rhyme, "ch")
		if !stopped || tone == '\u0301' || tone == '\u0323' || tone == 0 && isASCII(word) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }

func isVowel(r rune) bool { return strings.ContainsRune("aeiouy", []rune(Fold(string(r)) + " ")[0]) }
