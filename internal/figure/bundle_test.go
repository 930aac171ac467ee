package figure

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBundleIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	b := newBundle([]line{
		{8, 2, Sum{Sum: 120, N: 17, Over: 3, Unquantified: 1}}, {7, 0, Sum{Sum: 35000, N: 1}}, {9, 0, Sum{Sum: -30}}, {10, 0, Sum{N: 1}},
		{11, 0, Sum{Sum: 5, N: 1}}, {11, 0, Sum{Sum: -5, N: -1}},
	})
	const want = "7:35000 8.2:120/17o3u1 9:-30/0 10:0"
	if got := b.text(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	back, err := parseBundle([]byte(want))
	if diff := cmp.Diff(b, back, cmp.AllowUnexported(line{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestSpoiltBundleIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"7", "7:", ":5", "7:5 ", "7:5  8:1", " 7:5", "7:5x1", "7:5o", "7:5/", "7:-", "7.:5", "7:5;8:1", "7:5 8"} {
		if b, err := parseBundle([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, b)
		}
	}
}

// drawn makes a bundle, and the same as a table.
func drawn(t *rapid.T, name string) (bundle, map[[2]int64]Sum) {
	count := rapid.Int64Range(-3, 3)
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) line {
		return line{rapid.Int64Range(1, 6).Draw(t, "indicator"), rapid.Int64Range(0, 2).Draw(t, "part"), Sum{
			rapid.Int64Range(-1e15, 1e15).Draw(t, "sum"), count.Draw(t, "n"), count.Draw(t, "over"), count.Draw(t, "nearly"), count.Draw(t, "about"),
			count.Draw(t, "at least"), count.Draw(t, "at most"), count.Draw(t, "unquantified"), false,
		}}
	}), 0, 12).Draw(t, name)
	table := map[[2]int64]Sum{}
	for _, l := range lines {
		addLine(table, l)
	}
	return newBundle(lines), table
}

func addLine(table map[[2]int64]Sum, l line) {
	k := [2]int64{l.indicator, l.part}
	if table[k] = table[k].Plus(l.Sum); table[k].empty() {
		delete(table, k)
	}
}

func TestBundlesAddUpLikeTables(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, want := drawn(t, "a")
		b, _ := drawn(t, "b")
		w := rapid.Int64Range(-3, 3).Draw(t, "weight")
		for _, l := range b {
			l.Sum = l.times(w)
			addLine(want, l)
		}
		sum := a.plus(b.times(w))
		got := map[[2]int64]Sum{}
		if err := readBundle([]byte(sum.text()), func(l line) { addLine(got, l) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(sum) != len(want) {
			t.Errorf("%d lines: %s", len(sum), diff)
		}
		for i := range sum[:max(0, len(sum)-1)] {
			if sum[i].compare(sum[i+1]) >= 0 {
				t.Errorf("out of order: %+v", sum)
			}
		}
	})
}

func FuzzBundle(f *testing.F) {
	for _, text := range []string{"", "7:35000 8.2:120/17o3u1 9:-30/0", "7:5 ", "1:9223372036854775808", "-1.-1:-1/-1o-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := parseBundle([]byte(text))
		if err != nil {
			return
		}
		again, err := parseBundle([]byte(b.text()))
		if diff := cmp.Diff(b, again, cmp.AllowUnexported(line{})); err != nil || diff != "" {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	})
}
