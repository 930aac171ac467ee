package viet

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest lists at most n candidates that word may have been meant to be, the likeliest first: by the edits between the
// folded texts, then between the texts with marks, then in the order given. Candidates that are far off are left out, so
// the list may be empty.
func Nearest(word string, candidates []string, n int) []string {
	type hit struct {
		text            string
		folded, written int
	}
	key, canon := Fold(word), Canon(word)
	if key == "" || n <= 0 {
		return nil
	}
	var hits []hit
	for _, c := range candidates {
		folded := Fold(c)
		d := edits([]rune(key), []rune(folded))
		// A part of the name, or its opening words, is near however long the rest is.
		if len(key) >= 3 && strings.Contains(folded, key) || len(folded) >= 3 && strings.Contains(key, folded) {
			d = min(d, 1)
		}
		if limit := max(1, min(len([]rune(key)), len([]rune(folded)))/3); d <= limit {
			hits = append(hits, hit{c, d, edits([]rune(canon), []rune(Canon(c)))})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.folded, b.folded), cmp.Compare(a.written, b.written))
	})
	out := make([]string, 0, min(n, len(hits)))
	for _, h := range hits[:min(n, len(hits))] {
		out = append(out, h.text)
	}
	return out
}

// edits counts insertions, deletions, replacements and swaps of neighbours (the optimal string alignment distance).
func edits(a, b []rune) int {
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
