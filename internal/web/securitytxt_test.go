package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSecurityTxtIsThereWhenTheSiteHasAContact(t *testing.T) {
	t.Parallel()
	contact := ""
	h := NewRouter(&Site{SecurityContact: func(context.Context) (string, error) { return contact, nil }}).Handler()
	get := func(h http.Handler) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/security.txt", nil))
		return w
	}
	if w := get(h); w.Code != 404 {
		t.Errorf("without a contact: %d", w.Code)
	}
	if w := get(NewRouter(&Site{}).Handler()); w.Code != 404 {
		t.Errorf("without settings: %d", w.Code)
	}
	contact = "mailto:bao-mat@example.vn"
	w := get(h)
	body := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(body, "Contact: mailto:bao-mat@example.vn\n") {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), body)
	}
	_, after, _ := strings.Cut(body, "Expires: ")
	until, err := time.Parse(time.RFC3339, strings.SplitN(after, "\n", 2)[0])
	if ahead := time.Until(until); err != nil || ahead < 90*24*time.Hour || ahead > 365*24*time.Hour {
		t.Errorf("the file holds until %v, %v", until, err)
	}
}

func TestASecurityContactIsAnAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"mailto:bao-mat@example.vn": true, "https://example.vn/bao-mat": true, "tel:+84-24-1234-5678": true,
		"": false, "bao-mat@example.vn": false, "http://example.vn": false, "https://": false, "mailto:": false,
		"javascript:alert(1)": false, "mailto:a@example.vn\nContact: mailto:b@example.vn": false,
	} {
		if err := SecurityContact(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
