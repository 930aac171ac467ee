package intake_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/intake"
)

func TestTheExamplesOfTheDocumentationAreTaken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```(json|csv)\n(.*?)```").FindAllSubmatch(text, -1)
	if len(found) != 2 {
		t.Fatalf("%d examples", len(found))
	}
	for _, m := range found {
		s := newSite(t, dbtest.Open(t, db.SQLite))
		name := "vi-du." + string(m[1])
		plan, out, err := s.intake.Import(ctx, system, intake.File{Name: name, Data: m[2]}, intake.Options{})
		if err != nil || out.Counts.New != len(plan.Rows) {
			t.Errorf("%s: %v %+v\n%s", name, err, out.Counts, table(plan))
			continue
		}
		s.verified()
		if err := s.intake.Undo(ctx, system, plan.ID, "thử"); err != nil {
			t.Errorf("undo %s: %v", name, err)
		}
		if p, err := s.intake.Find(ctx, system, plan.ID); err != nil || len(p.Kept) != 0 {
			t.Errorf("undo %s kept %v, %v", name, p.Kept, err)
		}
		s.verified()
		if again := s.preview(system, name, string(m[2]), intake.Options{}); again.Counts.New != len(again.Rows) {
			t.Errorf("%s after undo: %+v\n%s", name, again.Counts, table(again))
		}
	}
}
