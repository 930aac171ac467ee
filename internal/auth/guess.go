package auth

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"giaoban/internal/viet"
)

// commonText holds the words of which the commonest passwords are made, here and elsewhere, in the form that viet.Fold gives.
//
//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		words[letters(viet.Fold(word))] = true
	}
	return words
})

// rows are signs in an order that fingers or the alphabet give.
var rows = []string{"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./", "!@#$%^&*()",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j"}

// mostWords is of how many common words in a row a password may not be made; more of them are a sentence.
const mostWords = 3

// Guessable tells whether a password is one of those that are tried first: one that leaks often, common words, names, rows of the keyboard and dates,
// with digits and signs before or behind, with digits for letters, with or without Vietnamese marks. context are words that
// count as common beside (the login, the person's name, the site's). It asks for no mixture of signs.
func Guessable(password string, context ...string) bool {
	plain := viet.Fold(password)
	plain = strings.Join(strings.Fields(plain), "")
	if commonest()[plain] || runsOf(plain) <= 2+len(plain)/10 || repeats(plain) {
		return true
	}
	words := map[string]bool{}
	for _, text := range context {
		for _, word := range append(strings.Fields(viet.Fold(text)), viet.Fold(text)) {
			if word = letters(word); len(word) >= 2 {
				words[word] = true
			}
		}
	}
	for _, core := range []string{letters(plain), letters(unleet(plain))} {
		if core == "" {
			return numbers(plain)
		}
		if madeOf(core, words, mostWords) {
			return true
		}
	}
	return false
}

// letters keeps the letters of a text.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// unleet takes digits and signs at both ends away and reads those within as the letters that they stand for.
func unleet(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(text)
}

// madeOf tells whether a text is nothing but so many common words.
func madeOf(text string, words map[string]bool, most int) bool {
	if text == "" {
		return true
	}
	if most == 0 {
		return false
	}
	for n := len(text); n > 0; n-- {
		if (words[text[:n]] || commonWords()[text[:n]]) && madeOf(text[n:], words, most-1) {
			return true
		}
	}
	return false
}

// numbers tells whether a text without letters is short enough to be a telephone number, an identity card's or a birthday.
func numbers(text string) bool {
	n := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n <= 12
}

// runsOf counts the runs of which a text is made: signs that lie side by side in a row, forward or back, or stay the same.
func runsOf(text string) int {
	signs := []rune(text)
	n := 0
	for i := 0; i < len(signs); n++ {
		best := 1
		for _, row := range rows {
			for _, step := range []int{1, -1, 0} {
				best = max(best, runAt(signs[i:], row, step))
			}
		}
		i += best
	}
	return n
}

func runAt(signs []rune, row string, step int) int {
	n := 1
	for ; n < len(signs); n++ {
		a, b := strings.IndexRune(row, signs[n-1]), strings.IndexRune(row, signs[n])
		if step == 0 && signs[n] != signs[n-1] || step != 0 && (a < 0 || b-a != step) {
			break
		}
	}
	if n < 3 {
		return 1
	}
	return n
}

// repeats tells whether a text is a short piece again and again.
func repeats(text string) bool {
	signs := []rune(text)
	for n := 1; n <= min(5, len(signs)/2); n++ {
		if isRepeat(signs, signs[:n]) {
			return true
		}
	}
	return false
}

func isRepeat(signs, piece []rune) bool {
	for i, r := range signs {
		if r != piece[i%len(piece)] {
			return false
		}
	}
	return true
}
