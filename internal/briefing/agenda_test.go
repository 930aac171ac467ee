package briefing

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/task"
)

func openTasks(ids []int) []task.Task {
	var out []task.Task
	for _, n := range ids {
		out = append(out, task.Task{ID: fmt.Sprintf("t%d", n), Text: fmt.Sprintf("Nhiệm vụ %d", n), Due: "2019-10-15", OriginalDue: "2019-10-15", State: task.Open})
	}
	return out
}

func sources(prefix string, ids []int) []Source {
	var out []Source
	for _, n := range ids {
		out = append(out, Source{Key: fmt.Sprintf("%s%d", prefix, n), Title: fmt.Sprintf("%s %d", prefix, n)})
	}
	return out
}

// However often the agenda is built from whatever there is then, with edits, removals and moves in between: edited and
// free items stay as they are, each open task is on it exactly once and shown, no source is on it twice, and the numbers
// run from 1.
func TestBuildingTheAgendaAgainLosesNothing(t *testing.T) {
	t.Parallel()
	some := rapid.SliceOfNDistinct(rapid.IntRange(1, 8), 0, 6, rapid.ID[int])
	rapid.Check(t, func(r *rapid.T) {
		var items []Item
		next := 0
		kept := map[string]Item{} // edited and free, by ID
		for range rapid.IntRange(1, 8).Draw(r, "rounds") {
			tasks := openTasks(some.Draw(r, "tasks"))
			reported := Reported{Bodies: sources("báo cáo", some.Draw(r, "bodies")), Shortcomings: sources("hạn chế", some.Draw(r, "shortcomings"))}
			if rapid.Bool().Draw(r, "report") {
				reported.Consolidated = Source{Key: "report", Title: "Báo cáo tổng hợp"}
			}
			items = BuildAgenda(items, tasks, reported, "2019-11-01")
			check(r, items, tasks, kept)
			for i := range items { // as the store does
				if items[i].ID == "" {
					next++
					items[i].ID = fmt.Sprint("i", next)
				}
			}
			if len(items) > 0 {
				i := rapid.IntRange(0, len(items)-1).Draw(r, "which")
				switch rapid.IntRange(0, 3).Draw(r, "what") {
				case 0:
					items[i].Title, items[i].Minutes, items[i].Edited = "Đã sửa", 42, true
					kept[items[i].ID] = items[i]
				case 1:
					if items[i].Kind != ItemTask {
						items[i].Removed = true
						if _, ok := kept[items[i].ID]; ok {
							kept[items[i].ID] = items[i]
						}
					}
				case 2:
					items, _ = movedOrSame(items, items[i].ID, rapid.Bool().Draw(r, "up"))
				case 3:
					next++
					free := Item{ID: fmt.Sprint("i", next), Kind: ItemFree, Title: "Nội dung thêm", Edited: true, Ordinal: len(items) + 1}
					items = append(items, free)
					kept[free.ID] = free
				}
			}
		}
	})
}

func movedOrSame(items []Item, id string, up bool) ([]Item, bool) {
	if out, ok := moved(items, id, up); ok {
		return out, true
	}
	return items, false
}

func check(r *rapid.T, items []Item, tasks []task.Task, kept map[string]Item) {
	seen := map[itemKey]int{}
	byID := map[string]Item{}
	for i, item := range items {
		if item.Ordinal != i+1 {
			r.Fatalf("item %d has number %d", i+1, item.Ordinal)
		}
		if item.Source != "" {
			seen[item.key()]++
		}
		byID[item.ID] = item
	}
	for k, n := range seen {
		if n != 1 {
			r.Fatalf("%v is on the agenda %d times", k, n)
		}
	}
	for _, t := range tasks {
		at := slices.IndexFunc(items, func(i Item) bool { return i.Kind == ItemTask && i.Source == t.ID })
		if at < 0 || items[at].Removed {
			r.Fatalf("the open task %s is not on the agenda", t.ID)
		}
	}
	for id, want := range kept {
		got, ok := byID[id]
		want.Ordinal = got.Ordinal
		if !ok || got != want {
			r.Fatalf("the edited item %+v became %+v", want, got)
		}
	}
}

func TestNewAgendaIsInTheOrderOfABriefing(t *testing.T) {
	t.Parallel()
	items := BuildAgenda(nil, openTasks([]int{1, 2}), Reported{Consolidated: Source{Key: "report"}, Bodies: sources("b", []int{1}), Shortcomings: sources("s", []int{1})}, "2019-11-01")
	var kinds []ItemKind
	for _, i := range items {
		kinds = append(kinds, i.Kind)
	}
	if want := []ItemKind{ItemTask, ItemTask, ItemReport, ItemBody, ItemShortcoming}; !slices.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	later := BuildAgenda(items, openTasks([]int{1, 2, 3}), Reported{Consolidated: Source{Key: "report"}, Bodies: sources("b", []int{1, 2})}, "2019-11-01")
	var sources []string
	for _, i := range later {
		sources = append(sources, i.Source)
	}
	if want := []string{"t1", "t2", "t3", "report", "b1", "b2"}; !slices.Equal(sources, want) {
		t.Errorf("what is new does not stand behind its kind: %v, want %v", sources, want)
	}
}

func TestScheduleGivesEachItemItsTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2019, 10, 1, 8, 0, 0, 0, time.UTC)
	slots, end := Schedule([]Item{{Title: "a", Minutes: 20}, {Title: "b", Minutes: 90, Removed: true}, {Title: "c", Minutes: 5}}, start)
	if len(slots) != 2 || slots[1].At.Format("15:04") != "08:20" || end.Format("15:04") != "08:25" {
		t.Errorf("got %v until %s", slots, end.Format("15:04"))
	}
}
