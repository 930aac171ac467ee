package report_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"giaoban/internal/org"
	"giaoban/internal/period"
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

// The board of many bodies on a phone: who is late comes first, the rest is folded under its count; filters need no script.
func TestTheBoardOnAPhone(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.asks()
	var specs []org.Spec
	var codes []string
	for n := range 24 {
		code := fmt.Sprintf("P02.B%02d", n)
		codes = append(codes, code)
		specs = append(specs, org.Spec{Code: code, Kind: org.Body, Level: org.Commune, Name: fmt.Sprintf("Chi hội số %d phường Hai", n+1), Parent: "P02"})
	}
	s.must(s.units.Load(ctx, system, specs))
	s.must(s.reports.SetDuty(ctx, s.office, codes, period.Quarter, "2019-01-01"))
	for n, code := range codes[:20] {
		for _, cell := range []string{"TT01", "HV01", "HV03"} {
			s.save(s.other, code, s.q3, cell, "3", "")
		}
		if n < 16 {
			_, err := s.reports.Submit(ctx, s.other, code, "2019-Q3", 0, report.Sending{})
			s.must(err)
		}
	}
	_, err := s.reports.Return(ctx, s.office, codes[0], "2019-Q3", 2, []report.Reason{{Text: "xem lại"}})
	s.must(err)
	s.must(s.reports.Plead(ctx, s.other, codes[22], "2019-Q3", "2019-10-10", "Ngập lụt"))
	s.must(s.reports.KeepAll(ctx))
	w := webtest.Browser(t, st.URL)
	w.Open(st.Enter(s.office))
	for name, path := range map[string]string{
		"tien-do": "/tien-do?don-vi=TX&ky=2019-q3", "tien-do-bang": "/tien-do?don-vi=TX&ky=2019-q3&bang=1", "qua-cac-ky": "/tien-do/qua-cac-ky?don-vi=TX&ky=2019-q3&xep=cham",
		"xin-gia-han": "/bao-cao-don-vi/P02.B22/2019-q3",
	} {
		w.Open(path).Axe().NoHorizontalScroll()
		if dir := os.Getenv("GIAOBAN_SHOTS"); dir != "" {
			w.Screenshot(dir+"/"+name+"-320.png", 320).Screenshot(dir+"/"+name+".png", 1280)
		}
		w.Resize(1280)
	}
	w.Scripts(false).Resize(320).Open("/tien-do?don-vi=TX&ky=2019-q3")
	if first := w.Eval(`document.querySelector("details.group summary").textContent`); !strings.HasPrefix(first, "Quá hạn chưa gửi (") {
		t.Errorf("first comes %q", first)
	}
	if n := w.Eval(`String([...document.querySelectorAll("details.group:not([open]) tbody tr")].length)`); n != "15" {
		t.Errorf("%s bodies are folded away, want the 15 that are handed in", n)
	}
	w.Open("/tien-do?don-vi=TX&ky=2019-q3&loc=tra-lai")
	if n := w.Eval(`String(document.querySelectorAll("table.board tbody tr").length)`); n != "1" {
		t.Errorf("%s bodies are returned", n)
	}
}
