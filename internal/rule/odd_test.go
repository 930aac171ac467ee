package rule

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsFarFromTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		x      float64
		others []float64
		is     bool
	}{
		{"ten times the usual", 200, []float64{18, 20, 22, 19, 21, 20}, true},
		{"a little more", 25, []float64{18, 20, 22, 19, 21, 20}, false},
		{"a tenth of it", 2, []float64{18, 20, 22, 19, 21, 20}, true},
		{"always the same, and now a third more", 27, []float64{20, 20, 20, 20}, false},
		{"always the same, and now tenfold", 200, []float64{20, 20, 20, 20}, true},
		{"wide anyway", 90, []float64{5, 80, 20, 60, 10, 100}, false},
		{"one wild figure among the others does not hide another", 500, []float64{18, 20, 22, 900, 21, 20, 19}, true},
		{"never anything, and now one", 1, []float64{0, 0, 0, 0}, true},
		{"most are equal", 60, []float64{20, 20, 20, 20, 21}, true},
	} {
		if _, is := far(c.x, c.others); is != c.is {
			t.Errorf("%s: %v among %v: %v", c.name, c.x, c.others, is)
		}
	}
}

func TestTheMedianOfTheOthersIsNeverFar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		others := rapid.SliceOfN(rapid.Float64Range(0, 1e12), 1, 20).Draw(t, "others")
		if usual, is := far(median(others), others); is || usual != median(others) {
			t.Fatalf("the median %v of %v is far", usual, others)
		}
		if r := rounded(others[0]); math.Abs(r-others[0]) > others[0]/10 {
			t.Fatalf("%v is rounded to %v", others[0], r)
		}
	})
}
