package rule

import (
	"math"
	"slices"
)

// Against says what a figure is unlike.
type Against string

const (
	OwnSeason  Against = "season"     // the unit's figures of the same part of earlier years
	OwnHistory Against = "history"    // the unit's figures of the periods before
	Peers      Against = "peers"      // what like units give for the same period
	PeersByHH  Against = "households" // the same, by household
)

// Odd is a figure that is far from what one would expect: not wrong, but worth a word.
type Odd struct {
	Shown
	Against Against
	Usual   string // what is usual, as printed; of others rounded, so that it tells no single unit's figure
	N       int    // from how many figures
	Note    *Note  // the body's explanation of this very figure
}

// OddRule is the name under which an explanation of an odd figure is kept, where a rule's id stands for other findings.
func OddRule(address string) string { return "odd/" + address }

// How far is far. The limits are those of Iglewicz and Hoaglin (1993) for the modified z-score; a figure must also be off by a
// half of the median, or a town that always gives 20 would be asked about 22.
const (
	farScore    = 3.5
	farShare    = 0.5
	leastSeason = 4
	leastPast   = 6
	leastPeers  = 8
)

// far tells whether x lies far from the others by median and MAD, and what is usual among them. Where most are equal, the MAD is
// nothing and the mean deviation stands for it; where all are, only a figure three times off is far.
func far(x float64, others []float64) (usual float64, is bool) {
	usual = median(others)
	gap := math.Abs(x - usual)
	if gap <= farShare*math.Abs(usual) || gap == 0 {
		return usual, false
	}
	deviations, sum := make([]float64, len(others)), 0.0
	for i, o := range others {
		deviations[i] = math.Abs(o - usual)
		sum += deviations[i]
	}
	if mad := median(deviations); mad > 0 {
		return usual, 0.6745*gap/mad > farScore
	}
	if mean := sum / float64(len(others)); mean > 0 {
		return usual, gap/(1.2533*mean) > farScore
	}
	return usual, x > 3*usual || 3*x < usual
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	mid := len(list) / 2
	if len(list)%2 == 1 {
		return list[mid]
	}
	return (list[mid-1] + list[mid]) / 2
}

// rounded keeps two digits.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-1)
	return math.Round(x/scale) * scale
}
