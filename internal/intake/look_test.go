package intake_test

import (
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/intake"
	"giaoban/internal/web/webtest"
)

func TestThePagesAreAccessibleAndNarrow(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	stage := webtest.NewStage(t, s.intake.Mount)
	who := s.officer("mot", "P01")
	data := sheetOf(t, []any{"P01", "2019-Q3", "DG05", "1.400"}, []any{"P09", "2019-Q3", "DG01", 7}, []any{"P01.PN", "2019-Q3", "DG01", 5_000_000})
	waiting := s.preview(who, "bảng số liệu quý III.xlsx", data, intake.Options{})
	done := s.preview(who, "đã ghi.xlsx", data, intake.Options{})
	s.apply(who, done, intake.Consent{SkipRefused: true})
	w := webtest.Browser(t, stage.URL).Open(stage.Enter(who))
	for _, path := range []string{"/nhap", waiting.Path(), done.Path()} {
		w.Resize(1280).Open(path).Axe().NoHorizontalScroll()
	}
}
