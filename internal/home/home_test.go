package home

import (
	"testing"

	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// A change is said only as far as the two numbers allow.
func TestChange(t *testing.T) {
	t.Parallel()
	n := func(v int64, q viet.Qualifier) figure.Value { return figure.Value{Number: v, Has: true, Qualifier: q} }
	exact := func(v int64) figure.Value { return n(v, viet.Exact) }
	for _, c := range []struct {
		what       string
		now, last  figure.Value
		comparable bool
		want       Change
	}{
		{"more", exact(125), exact(100), true, Change{Way: Up, Percent: "25,0%"}},
		{"less", exact(1), exact(3), true, Change{Way: Down, Percent: "66,7%"}},
		{"down to nothing", exact(0), exact(3), true, Change{Way: Down, Percent: "100,0%"}},
		{"the same", exact(7), exact(7), true, Change{Way: Even, Percent: "0,0%"}},
		{"one is not exact", n(125, viet.Over), exact(100), true, Change{Way: Up, Percent: "25,0%", About: true}},
		{"the other is not exact", exact(100), n(100, viet.Nearly), true, Change{Way: Even, Percent: "0,0%", About: true}},
		{"nothing last year", exact(5), figure.Value{}, true, Change{}},
		{"zero last year", exact(5), exact(0), true, Change{}},
		{"blank is not zero", figure.Value{}, exact(5), true, Change{}},
		{"other units", exact(5), exact(5), false, Change{Way: Incomparable}},
	} {
		if got := change(c.now, c.last, c.comparable); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestWhatIsAtRiskComesFirst(t *testing.T) {
	t.Parallel()
	order := []figure.Pace{figure.NoPlan, figure.OnPace, figure.Behind, figure.AtRisk}
	for i := 1; i < len(order); i++ {
		if worry(order[i-1]) >= worry(order[i]) {
			t.Errorf("%q is no lesser worry than %q", order[i-1], order[i])
		}
	}
	if worry(figure.Reached) != worry(figure.OnPace) {
		t.Error("a plan that is reached worries otherwise than one on pace")
	}
}

func TestAPlanMakesItsColumns(t *testing.T) {
	t.Parallel()
	q := Quarter{Key: []KeyLine{{}, {}}}
	if q.planned() {
		t.Error("no line has a plan")
	}
	q.Key[1].Plan.Has = true
	if !q.planned() {
		t.Error("a line has a plan")
	}
}
