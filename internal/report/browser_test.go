package report_test

import (
	"os"
	"testing"

	"giaoban/internal/report"
	"giaoban/internal/web/webtest"
)

func TestPagesAreReadableForEveryone(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.quarter()
	r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	_, err = s.reports.Submit(ctx, s.ward, "P01.PN", "2019-Q3", 1, report.Sending{})
	s.must(err)
	w := webtest.Browser(t, st.URL)
	w.Open(st.Enter(s.office))
	for name, path := range map[string]string{
		"board": "/bao-cao?ky=2019-q3", "duties": "/bao-cao/nghia-vu", "body": "/bao-cao-don-vi/P01.PN/2019-q3", "report": "/bao-cao/" + r.ID,
		"section": "/bao-cao/" + r.ID + "/muc/tinh-hinh", "offers": "/bao-cao/" + r.ID + "/soan-lai", "print": "/bao-cao/" + r.ID + "/in",
	} {
		w.Open(path).Axe().NoHorizontalScroll()
		if dir := os.Getenv("GIAOBAN_SHOTS"); dir != "" {
			w.Screenshot(dir+"/"+name+"-320.png", 320).Screenshot(dir+"/"+name+".png", 1280)
		}
		w.Resize(1280)
	}
}
