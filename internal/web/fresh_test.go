package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// What asks for a fresh proof is not done without one; what was typed comes along, the proof does not.
func TestAnOldProofIsAskedForAnew(t *testing.T) {
	t.Parallel()
	asked := 0
	s := webtest.NewStage(t, func(rt *web.Router) {
		rt.PostFresh("/quan-trong", auth.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
			for _, values := range []map[string][]string{r.Form, r.PostForm} {
				for name := range values {
					if strings.HasPrefix(name, web.ProofFields) {
						t.Errorf("the handler sees %s", name)
					}
				}
			}
			if !web.Fresh(auth.From(r.Context()), time.Now()) {
				t.Error("the handler meets an actor whose proof is old")
			}
			_, err := fmt.Fprint(w, "xong ", web.CarriedOf(r))
			return err
		})
	})
	s.Site.Prove = func(w http.ResponseWriter, r *http.Request) (bool, error) {
		asked++
		if r.PostFormValue(web.ProofFields+"ma") == "đúng" {
			return true, nil
		}
		w.WriteHeader(http.StatusForbidden)
		_, err := fmt.Fprint(w, web.CarriedOf(r))
		return false, err
	}
	ago := func(d time.Duration) auth.Actor {
		return auth.Actor{Person: "p", Proved: time.Now().Add(-d).UnixMilli()}
	}
	fresh, old, ahead := s.As(t, ago(web.FreshFor-time.Minute)), s.As(t, ago(web.FreshFor+time.Second)), s.As(t, ago(-time.Hour))
	fresh.PostForm("/quan-trong", "ten", "a").OK().Has("xong [{ten a}]")
	if asked != 0 {
		t.Error("a fresh proof is asked for")
	}
	for _, c := range []*webtest.Client{old, ahead} {
		c.PostForm("/quan-trong", "ten", "a", "ten", "b", "an", "1").Is(403).Has("[{an 1} {ten a} {ten b}]").Lacks("xong")
		c.PostForm("/quan-trong", "ten", "a", web.ProofFields+"ma", "sai").Is(403).Lacks("xong", "sai")
		c.PostForm("/quan-trong", "ten", "a", web.ProofFields+"ma", "đúng").OK().Has("xong [{ten a}]")
		c.PostFiles("/quan-trong", nil, "ten", "a", web.ProofFields+"ma", "đúng").OK().Has("xong [{ten a}]")
	}
	s.As(t, auth.Actor{}).PostForm("/quan-trong", web.ProofFields+"ma", "đúng").Is(404)
	s.Site.Prove = nil
	old.PostForm("/quan-trong", "ten", "a").Is(404)
}

// Who is shut out while they type finds what they typed again; passwords are not carried along, and a stranger's post is no page.
func TestWhatIsTypedOutlivesTheSession(t *testing.T) {
	t.Parallel()
	s := webtest.NewStage(t, func(rt *web.Router) {
		rt.Post("/viec", auth.Enter, page("x"))
	})
	in := auth.Actor{Lost: true}
	c := webtest.At(t, s.URL)
	c.PostForm("/viec", "noi-dung", "a").Is(404)
	c.Get(s.Enter(in)).OK()
	p := c.PostForm("/viec?ky=1", "noi-dung", "tuyên truyền \"<b>\"", "ky", "a", "ky", "b", "password", "bí mật lắm", "present", "bí mật cũ", web.ProofFields+"ma", "123456").Is(401).
		Has("Chưa gửi được vì phiên đăng nhập đã kết thúc").Lacks("bí mật", "123456").HasElement("form[action='/viec?ky=1'] button", "a[href='/dang-nhap'][target=_blank]")
	if got := p.Value("noi-dung"); got != "tuyên truyền \"<b>\"" || p.Find("[name=ky]").Length() != 2 || p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("carried %q, %d of two, %q", got, p.Find("[name=ky]").Length(), p.Header.Get("Cache-Control"))
	}
	c.PostFiles("/viec", []webtest.Upload{{Field: "tep", Name: "a.csv", Data: []byte("x")}}, "noi-dung", "b").Is(401).Has("hãy chọn lại tệp")
	c.PostForm("/khong-co", "noi-dung", "a").Is(404)
	c.Get("/viec").Is(404)
}

// Who owes something first gets nowhere else; open pages stay open.
func TestWhoOwesSomethingIsLedToIt(t *testing.T) {
	t.Parallel()
	s := webtest.NewStage(t, func(rt *web.Router) {
		for _, path := range []string{"/no", "/no/mot", "/nong", "/khac"} {
			rt.Get(path, auth.SignedIn, page("x"))
			rt.Post(path, auth.SignedIn, page("x"))
		}
		rt.Get("/cong-khai", auth.Public, page("x"))
	})
	c := s.As(t, auth.Actor{Person: "p", Owes: "/no"})
	for _, path := range []string{"/no", "/no/mot"} {
		c.Get(path).OK()
		c.PostForm(path).OK()
	}
	for _, path := range []string{"/nong", "/khac"} {
		if got := c.Get(path).Is(303).Location(); got != "/no" {
			t.Errorf("%s leads to %s", path, got)
		}
		c.PostForm(path).Is(404)
	}
	c.Get("/cong-khai").OK()
}
