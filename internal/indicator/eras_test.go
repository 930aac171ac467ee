package indicator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"giaoban/internal/org"
)

// TestAKeptSnapshotIsTheDaysOwn holds that a day's snapshot is the same whether it is made anew or was kept.
func TestAKeptSnapshotIsTheDaysOwn(t *testing.T) {
	t.Parallel()
	day := func(t *rapid.T, label string) string {
		return time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 12).Draw(t, label)).Format(time.DateOnly)
	}
	rapid.Check(t, func(t *rapid.T) {
		var all []Indicator
		for id := range rapid.IntRange(1, 4).Draw(t, "indicators") {
			from := org.Always
			for version := range rapid.IntRange(1, 3).Draw(t, "versions") {
				next := max(from, day(t, "ends"))
				all = append(all, Indicator{ID: int64(id + 1), Code: string(rune('A' + id)), Version: version + 1, ValidFrom: from, ValidTo: next})
				from = next
			}
		}
		c := newCatalog(all)
		for range 5 {
			at := day(t, "asked")
			if diff := cmp.Diff(c.asOf(at).All(), c.At(at).All()); diff != "" {
				t.Fatalf("as of %s:\n%s", at, diff)
			}
			if again := c.At(at).At(at); again != c.At(at) {
				t.Fatalf("the snapshot of %s is made again", at)
			}
		}
	})
}
