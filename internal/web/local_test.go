package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/web"
)

// FuzzLocal holds that no target of a redirect leaves the site, as a browser reads it: it drops tabs and line ends, and
// takes a backslash for a slash.
func FuzzLocal(f *testing.F) {
	for _, seed := range []string{"", "/", "/xem?a=b#c", "//evil.test", "/\\evil.test", "\\/evil.test", "https://evil.test", "/\t/evil.test", "/\n/evil.test",
		"javascript:alert(1)", "/%2f/evil.test", "/%5cevil.test", "/a\r\nSet-Cookie: x=y", "/@evil.test", "/.//evil.test", "/..//evil.test", "/\u2215evil.test", "/\x00/evil.test", "?x", "#y", "///", "/a//b"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://site.test/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := web.Local(in)
		asRead := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(out)
		if !strings.HasPrefix(asRead, "/") || strings.HasPrefix(asRead, "//") {
			t.Fatalf("Local(%q) = %q leaves the site", in, out)
		}
		to, err := base.Parse(asRead)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			t.Fatalf("Local(%q) = %q leads to %v, %v", in, out, to, err)
		}
		if strings.ContainsAny(out, "\r\n\x00") {
			t.Fatalf("Local(%q) = %q breaks a header", in, out)
		}
	})
}

// FuzzCookie holds that no cookie stops a page or speaks on it.
func FuzzCookie(f *testing.F) {
	for _, seed := range []string{"", "lang=en", "lang=<script>", "lang=fr; lang=en", "phien=; lang", "=;=", "lang=\"en", "flash=%zz", "__Host-lang=en", strings.Repeat("a=b;", 400)} {
		f.Add(seed)
	}
	rt := web.NewRouter(&web.Site{})
	rt.Get("/xem", auth.Public, page("Trang xem"))
	h := rt.Handler()
	f.Fuzz(func(t *testing.T, cookie string) {
		r := httptest.NewRequest(http.MethodGet, "/xem", nil)
		r.Header["Cookie"] = []string{cookie}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if body := rec.Body.String(); rec.Code != http.StatusOK || !strings.Contains(body, `<html lang="vi"`) && !strings.Contains(body, `<html lang="en"`) {
			t.Fatalf("cookie %q: %d\n%.300s", cookie, rec.Code, body)
		}
	})
}
