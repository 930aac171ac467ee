package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"giaoban/internal/auth"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func TestTextIsCompressedForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	for accept, want := range map[string]string{"gzip, br": "gzip", "br": "", "gzip;q=0": ""} {
		r, err := http.NewRequest(http.MethodGet, c.Base()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", accept)
		p := c.Do(r).OK()
		if got := p.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q gets %q, want %q", accept, got, want)
		}
		body := p.Body
		if want == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Contains(body, []byte("nội dung của Trang đầu")) {
			t.Errorf("Accept-Encoding %q: the page is not whole", accept)
		}
	}
}

func TestOnlyAVisitorsPublicPageMayBeShared(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, func(rt *web.Router) {
		rt.Get("/tin", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
			return web.Show(w, r, web.Page{Title: "Tin", Public: true}, text("tin"))
		})
		sample(rt)
	})
	for _, c := range []struct {
		who  auth.Actor
		path string
		want string
	}{{auth.Actor{}, "/tin", "public"}, {viewer, "/tin", "private"}, {viewer, "/xem", "private"}, {auth.Actor{}, "/hong", "no-store"}} {
		p := stage.As(t, c.who).Get(c.path)
		if got := p.Header.Get("Cache-Control"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s for %q is cached %q, want %s", c.path, c.who.Name, got, c.want)
		}
		if !strings.Contains(strings.Join(p.Header.Values("Vary"), ","), "Cookie") {
			t.Errorf("%s does not vary by cookie", c.path)
		}
	}
}

func TestTheLogHoldsTheRouteAndNobodysName(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	var log bytes.Buffer
	c := stage.As(t, editor)
	stage.Site.Log = slog.New(slog.NewTextHandler(&log, nil))
	c.Get("/sua/nguyen-van-a?ten=Nguyễn")
	got := log.String()
	if !strings.Contains(got, "/sua/{id}") || !strings.Contains(got, "status=200") || !strings.Contains(got, "person=p2 ") {
		t.Errorf("the log says %q", got)
	}
	for _, secret := range []string{"nguyen-van-a", "ten=", "127.0.0.1", "Người Sửa"} {
		if strings.Contains(got, secret) {
			t.Errorf("the log holds %q: %s", secret, got)
		}
	}
}

func TestTheServerLetsARequestUnderWayFinish(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	begun, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- web.ServeOn(ctx, l, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-goOn
			_, _ = io.WriteString(w, "xong")
		}), slog.New(slog.NewTextHandler(io.Discard, nil)))
	}()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-begun
	stop()
	time.AfterFunc(50*time.Millisecond, func() { close(goOn) })
	if got := <-answer; got != "xong" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// An upload through the script shows the same pages as one without: the flash of the redirect, and the refused form.
func TestAnUploadWithProgress(t *testing.T) {
	t.Parallel()
	form := func() web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			body := all(raw(`<form method="post" action="/nap" enctype="multipart/form-data" data-progress novalidate>`),
				web.FileDrop(web.FileDropProps{Name: "tep", Label: "Tệp", Required: true}), web.Submit("Gửi"), raw(`</form>`))
			p := web.Page{Title: "Nạp"}
			if r.Method == http.MethodGet {
				return web.Show(w, r, p, body)
			}
			f, head, err := web.File(r, "tep")
			if err != nil {
				return web.Invalid(w, r, err, p, body)
			}
			defer f.Close()
			return web.Redirect(w, r, "/nap?xong=1", "Đã nhận "+head.Filename)
		}
	}()
	stage := webtest.NewStage(t, func(rt *web.Router) {
		rt.Get("/nap", auth.Public, form)
		rt.Post("/nap", auth.Public, form)
	})
	file := filepath.Join(t.TempDir(), "số liệu.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := webtest.Browser(t, stage.URL)
	w.Open("/nap").Click("main button").Wait(`document.querySelector(".summary")`)
	if got := w.Text(".complaint"); !strings.Contains(got, "Hãy chọn tệp.") {
		t.Errorf("without a file: %q", got)
	}
	w.Do(chromedp.SetUploadFiles(chromedp.CSS("[name=tep]"), []string{file}))
	w.Click("main button").Wait(`location.search === "?xong=1" && document.querySelector(".flash")`)
	if got := w.Text(".flash"); got != "Đã nhận số liệu.csv" {
		t.Errorf("flash is %q", got)
	}
}
