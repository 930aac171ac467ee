package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func TestAFewHeavyAnswersAreMadeAtATimeAndAllAreMade(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	rt := web.NewRouter(&web.Site{Name: func(context.Context) string { return "Thị xã" }})
	rt.Get("/nang", auth.Public, web.Heavy(func(w http.ResponseWriter, r *http.Request) error {
		for n := now.Add(1); ; {
			if old := most.Load(); n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		defer now.Add(-1)
		return page("Tệp")(w, r)
	}))
	base := webtest.Serve(t, rt.Handler())
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { webtest.At(t, base).Get("/nang").OK() })
	}
	wg.Wait()
	if n := most.Load(); n == 0 || n > 4 {
		t.Errorf("%d were made at once", n)
	}
}

func TestAFieldHasALimitAndALinkBringsNothingIntoAForm(t *testing.T) {
	t.Parallel()
	rt := web.NewRouter(&web.Site{Name: func(context.Context) string { return "Thị xã" }})
	rt.Post("/ghi", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, web.Page{Title: "Đã ghi"}, text(fmt.Sprintf("tên “%s”, loại “%s”", web.Value(r, "ten"), r.FormValue("loai"))))
	})
	c := webtest.New(t, rt.Handler())
	c.PostForm("/ghi", "ten", strings.Repeat("ă", 50_000)).OK()
	c.PostForm("/ghi", "ten", strings.Repeat("ă", 50_001)).Is(http.StatusUnprocessableEntity).Has("dài quá 50000 ký tự")
	c.PostForm("/ghi?ten=tu-lien-ket&loai=xau", "loai", "tot").OK().Has("tên “”, loại “tot”")
}
