package door

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web/webtest"
)

// elsewhere are targets that a browser reads as another site, or that break a header.
var elsewhere = []string{"//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:evil.test", "javascript:alert(1)", "/\t/evil.test", "/\n/evil.test", "/a\r\nSet-Cookie: x=y",
	"//evil.test/%2f..", "/.//evil.test", "data:text/html,x", " //evil.test", "/\x00/evil.test", "http://[::1", "%2f%2fevil.test", "///evil.test", "/%5cevil.test", "@evil.test", "?//evil.test"}

// stays demands that a browser that follows a target is on the site still.
func stays(t interface{ Fatalf(string, ...any) }, asked, target string) {
	base := &url.URL{Scheme: "https", Host: "site.test", Path: "/"}
	to, err := base.Parse(strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(target))
	if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || !strings.HasPrefix(target, "/") {
		t.Fatalf("%q leads to %q: %v, %v", asked, target, to, err)
	}
}

// Wherever a link wants to lead after signing in, it is a page of this site, by each way in and through the second step.
func TestNoWayInLeadsElsewhere(t *testing.T) {
	t.Parallel()
	s := still(site(t, dbtest.Open(t, db.SQLite)))
	plain, strong := withPassword(t, s, "binh", "head", east), withPassword(t, s, "dao", "head", east)
	secret, _ := withCode(t, s, strong)
	base := open(t, s, true)
	for _, next := range elsewhere {
		c := webtest.At(t, base)
		if got, _ := c.Get("/dang-nhap?tiep=" + url.QueryEscape(next)).OK().Find("form[action='/dang-nhap'] [name=tiep]").Attr("value"); got != "/" {
			stays(t, next, got)
		}
	}
	for _, next := range elsewhere[:4] {
		c := webtest.At(t, base)
		stays(t, next, c.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", next).Is(303).Location())
		c = webtest.At(t, base)
		step := c.PostForm("/dang-nhap", "login", "dao", "password", good, "tiep", next).Is(303).Location()
		stays(t, next, step)
		if to, err := url.Parse(step); err != nil || to.Query().Get("tiep") != "/" {
			t.Errorf("%q comes through the first step as %q", next, step)
		}
		stays(t, next, c.PostForm("/dang-nhap/buoc-hai", "code", codeAt(t, secret, s.machine.Now()), "tiep", next).Is(303).Location())
		s.machine.Advance(codeSeconds * time.Second)
	}
	c := webtest.At(t, base)
	rapid.Check(t, func(r *rapid.T) {
		next := rapid.OneOf(rapid.SampledFrom(elsewhere), rapid.String(), rapid.StringMatching(`[/\\.?#@:%a-z0-9]{0,12}`)).Draw(r, "next")
		stays(r, next, c.PostForm("/trinh-dien/vao", "person", plain.Person, "tiep", next).Is(303).Location())
	})
}

// Whatever is typed where people get in is answered in words: no fault of ours, nobody let in, and no password sent back.
func TestAnythingTypedAtTheDoorIsAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		if _, err := s.Invite(context.Background(), auth.System(), a.Person); err != nil {
			t.Fatal(err)
		}
		c := webtest.At(t, open(t, s, false))
		text := func(name string) *rapid.Generator[string] {
			return rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("\x00\x1f\u200f\ufffd'\"<>%&;/#-@a0 Đ")), 0, 40, -1),
				rapid.Custom(func(r *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(r, name)) }),
				rapid.SampledFrom([]string{"binh", "aaaa-bbbb-cccc-dddd", strings.Repeat("x", 300), "admin' or 1=1 --"}))
		}
		rapid.Check(t, func(r *rapid.T) {
			s.clock.Advance((windowMinutes + 1) * time.Minute)
			login, code := text("login").Draw(r, "login"), text("code").Draw(r, "code")
			password := rapid.OneOf(text("password"), rapid.Just(good)).Draw(r, "password")
			path := rapid.SampledFrom([]string{"/moi", "/moi", "/moi", "/dang-nhap", "/dang-nhap/buoc-hai", "/cai-dat"}).Draw(r, "path")
			p := c.PostForm(path, "login", login, "code", code, "password", password, "recovery", code, "tiep", code)
			switch {
			case p.Status == http.StatusUnprocessableEntity && p.Find(".complaint, .summary").Length() > 0, p.Status == http.StatusTooManyRequests:
			case path == "/cai-dat" && p.Status == http.StatusNotFound:
			case path == "/dang-nhap/buoc-hai" && p.Status == http.StatusSeeOther && strings.HasPrefix(p.Location(), "/dang-nhap"):
			default:
				r.Fatalf("%s answered %d to %q %q %q:\n%.400s", path, p.Status, login, code, password, p.Text("main"))
			}
			if got, _ := p.Find("[name=password]").Attr("value"); got != "" {
				r.Fatalf("%s sends a password back", path)
			}
			if got := c.Get("/tai-khoan").Status; got != http.StatusSeeOther {
				r.Fatalf("somebody is in: %d", got)
			}
		})
	})
}

// Only the very token of a session, under the very name of its cookie, is somebody; anything else is a visitor, and no fault.
func TestOnlyTheRightCookieIsASession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		for _, secure := range []bool{false, true} {
			s.sessions = NewSessions(d, s.clock, secure)
			login := map[bool]string{false: "binh", true: "dao"}[secure]
			withPassword(t, s, login, "head", east)
			base := open(t, s, false)
			name, other := "phien", "__Host-phien"
			if secure {
				name, other = other, name
			}
			var token string
			for _, line := range webtest.At(t, base).PostForm("/dang-nhap", "login", login, "password", good).Is(303).Header.Values("Set-Cookie") {
				cookie, err := http.ParseSetCookie(line)
				if err != nil {
					t.Fatal(err)
				}
				if cookie.Name != name {
					continue
				}
				token = cookie.Value
				if cookie.Secure != secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.Domain != "" || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
					t.Errorf("the cookie is %q", line)
				}
			}
			if len(token) < 43 {
				t.Fatalf("the token is %q", token)
			}
			ask := func(header string) int {
				t.Helper()
				r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base+"/tai-khoan", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Cookie", header)
				return webtest.At(t, base).Do(r).Status
			}
			if got := ask(name + "=" + token); got != http.StatusOK {
				t.Fatalf("the session's own cookie: %d", got)
			}
			rapid.Check(t, func(r *rapid.T) {
				at := rapid.IntRange(0, len(token)-1).Draw(r, "at")
				flipped := []byte(token)
				flipped[at] ^= 1
				value := rapid.SampledFrom([]string{token, token, string(flipped), token[:at], token + "A", tokenDigest(token), "", strings.ToUpper(token), strings.Repeat("A", 6000), token + "%00", "\"" + token + "\" x"})
				names := rapid.SampledFrom([]string{name, name, other, "__Secure-phien", strings.ToUpper(name), name + "x", "may", "lang"})
				var pairs []string
				in := false
				named := false
				for range rapid.IntRange(1, 4).Draw(r, "cookies") {
					n, v := names.Draw(r, "name"), value.Draw(r, "value")
					pairs = append(pairs, n+"="+v)
					if n == name && !named && !strings.Contains(v, " ") { // the first of the name counts
						named, in = true, v == token
					}
				}
				want := http.StatusSeeOther
				if in {
					want = http.StatusOK
				}
				if got := ask(strings.Join(pairs, "; ")); got != want {
					r.Fatalf("%.300q answered %d, want %d", pairs, got, want)
				}
			})
		}
	})
}
