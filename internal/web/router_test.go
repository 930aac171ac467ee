package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

func page(title string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, web.Page{Title: title}, text("nội dung của "+title))
	}
}

// viewer may view, editor may edit: two people of one unit.
var (
	viewer = auth.Actor{Person: "p1", Name: "Người Xem", Grants: []auth.Grant{{Unit: 1, Permissions: []auth.Permission{auth.View}}}}
	editor = auth.Actor{Person: "p2", Name: "Người Sửa", Grants: []auth.Grant{{Unit: 1, Permissions: []auth.Permission{auth.View, auth.Edit}}}}
)

func sample(rt *web.Router) {
	rt.Get("/", auth.Public, page("Trang đầu"))
	rt.Get("/xem", auth.View, page("Trang xem"))
	rt.Get("/sua/{id}", auth.Edit, page("Trang sửa"))
	rt.Post("/sua/{id}", auth.Edit, func(w http.ResponseWriter, r *http.Request) error {
		if web.Value(r, "ten") == "" {
			return web.Invalid(w, r, fault.Invalid("ten", "Hãy nhập tên."), web.Page{Title: "Trang sửa"},
				web.Field(web.FieldProps{Name: "ten", Label: "Tên", Hint: "Tên đầy đủ", Required: true}))
		}
		return web.Redirect(w, r, web.Value(r, "tiep"), "Đã lưu “"+web.Value(r, "ten")+"”.")
	})
	rt.Get("/hong", auth.Public, func(http.ResponseWriter, *http.Request) error {
		return errors.New("bí mật của máy")
	})
	rt.Get("/no", auth.Public, func(http.ResponseWriter, *http.Request) error { panic("bí mật của máy") })
	rt.Post("/nhan", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, web.Page{Title: "Đã nhận"}, text(fmt.Sprint(len(r.FormValue("x")))))
	})
	for i, err := range []error{fault.Conflict("Đã đổi."), fault.Refused("Chưa được."), fault.TooMany("Quá nhiều."),
		fault.Unavailable("Đầy đĩa."), fault.TooLarge("Quá lớn."), fault.Invalid("", "Chưa đúng.")} {
		rt.Get(fmt.Sprintf("/loi/%d", i), auth.Public, func(http.ResponseWriter, *http.Request) error { return err })
	}
}

func TestAccessIsAskedWhereARouteIsMounted(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	for _, c := range []struct {
		rule   string
		who    auth.Actor
		method string
		path   string
		status int
		leads  string
	}{
		{"anyone sees a public page", auth.Actor{}, "GET", "/", 200, ""},
		{"a visitor is sent to sign in and back", auth.Actor{}, "GET", "/xem?a=1", 303, "/dang-nhap?tiep=%2Fxem%3Fa%3D1"},
		{"a visitor is sent to sign in whatever the id", auth.Actor{}, "GET", "/sua/khong-co", 303, "/dang-nhap?tiep=%2Fsua%2Fkhong-co"},
		{"a visitor's post finds nothing", auth.Actor{}, "POST", "/sua/1", 404, ""},
		{"a viewer sees the page", viewer, "GET", "/xem", 200, ""},
		{"who lacks the permission finds nothing", viewer, "GET", "/sua/1", 404, ""},
		{"who lacks the permission cannot post", viewer, "POST", "/sua/1", 404, ""},
		{"who holds it gets through", editor, "GET", "/sua/1", 200, ""},
		{"an unknown path is not there", editor, "GET", "/khong-co", 404, ""},
		{"a method without a route is not there", editor, "POST", "/xem", 404, ""},
		{"a path below the front page is not the front page", auth.Actor{}, "GET", "/la", 404, ""},
	} {
		client := stage.As(t, c.who)
		var p *webtest.Page
		if c.method == "POST" {
			p = client.PostForm(c.path)
		} else {
			p = client.Get(c.path)
		}
		if p.Status != c.status || p.Location() != c.leads {
			t.Errorf("%s: %s %s answered %d %q, want %d %q", c.rule, c.method, c.path, p.Status, p.Location(), c.status, c.leads)
		}
		if c.status == 404 {
			p.Has("Không tìm thấy trang").HasElement("main a[href='/']")
		}
	}
}

func TestARouteWithAnUnknownPermissionStopsTheProgram(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a misspelt permission was mounted")
		}
	}()
	web.NewRouter(&web.Site{}).Get("/x", "veiw", page("x"))
}

func TestRoutesListsWhatIsMounted(t *testing.T) {
	t.Parallel()
	rt := web.NewRouter(&web.Site{})
	rt.Post("/b", auth.Edit, page("b"))
	rt.Get("/b", auth.View, page("b"))
	rt.PostFresh("/c", auth.Edit, page("c"))
	want := []web.Route{{"GET", "/b", auth.View, false}, {"POST", "/b", auth.Edit, false}, {"POST", "/c", auth.Edit, true}, {"POST", "/ngon-ngu", auth.Public, false}}
	if got := rt.Routes(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("routes are %v, want %v", got, want)
	}
}

func TestFaultsBecomePagesInTheirWords(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	for i, want := range []int{409, 409, 429, 503, 413, 422} {
		c.Get(fmt.Sprintf("/loi/%d", i)).Is(want).HasElement("main a[href='/']")
	}
}

func TestAnInternalErrorShowsItsReferenceAndNothingElse(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	for _, path := range []string{"/hong", "/no"} {
		p := c.Get(path).Is(500).Lacks("bí mật")
		if ref := p.Text(".reference"); ref == "" || ref != p.Header.Get("X-Request-Id") {
			t.Errorf("%s shows the reference %q, the log has %q", path, ref, p.Header.Get("X-Request-Id"))
		}
	}
}

func TestAnInvalidFormComesBackWithItsFaults(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, editor)
	p := c.PostForm("/sua/1", "ten", "  ").Is(422)
	p.HasElement(".summary a[href='#f-ten']", "input#f-ten[aria-invalid=true][aria-describedby='f-ten-hint f-ten-error']")
	if got := p.Text(".complaint"); got != "Lỗi: Hãy nhập tên." {
		t.Errorf("the field says %q", got)
	}
	if got := p.Text("title"); !strings.HasPrefix(got, "Lỗi: ") {
		t.Errorf("the title is %q", got)
	}
}

func TestAFlashStandsOnceOnTheNextPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, editor)
	p := c.PostForm("/sua/1", "ten", "Hoa\u0300", "tiep", "/xem").Follow().OK()
	if got := p.Text(".flash"); got != "Đã lưu “Hoà”." {
		t.Errorf("flash is %q: it must be in NFC", got)
	}
	c.Get("/xem").LacksElement(".flash")
}

func TestARedirectStaysOnTheSite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/xem": "/xem", "/xem?a=b#c": "/xem?a=b#c", "": "/", "xem": "/", "//evil.test": "/", "/\\evil.test": "/",
		"https://evil.test": "/", "/\t/evil.test": "/", "javascript:alert(1)": "/", "/%2f/evil.test": "/", "/a\r\nb": "/",
	} {
		if got := web.Local(in); got != want {
			t.Errorf("Local(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAnotherSiteCannotPost(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, editor)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"} {
		r, err := http.NewRequest(http.MethodPost, c.Base()+"/sua/1", strings.NewReader("ten=x"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(name, value)
		c.Do(r).Is(403).Has("được gửi từ một trang khác")
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	for _, path := range []string{"/", "/khong-co", "/hong", "/healthz", "/assets/css/site.css", "/xem"} {
		h := c.Get(path).Header
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy is %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s lacks nosniff or a referrer policy", path)
		}
	}
}

func TestTheFrameHasNothingInline(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	stage.Site.Nav = []web.NavItem{{Key: "xem", Path: "/xem", Label: "Xem", Needs: auth.View}, {Key: "sua", Path: "/sua/1", Label: "Sửa", Needs: auth.Edit}}
	p := stage.As(t, viewer).Get("/xem").OK()
	p.HasElement(".nav-wide a[href='/xem']").LacksElement("a[href='/sua/1']")
	p.LacksElement("style", "script:not([src])", "[style]", "[onclick]")
	p.HasElement("a.skip[href='#noi-dung']", "main#noi-dung", "html[lang=vi]", "nav[aria-label]")
}

func TestBodiesHaveALimit(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	var fields []string // each as long as a field may be
	for range 20 {
		fields = append(fields, "x", strings.Repeat("a", 50_000))
	}
	c.PostForm("/nhan", fields...).OK()
	c.PostForm("/nhan", "x", strings.Repeat("a", 1<<20)).Is(413).Has("vượt quá giới hạn 1 MB")
	big := []webtest.Upload{{Field: "f", Name: "to.bin", Data: make([]byte, 25<<20)}}
	c.PostFiles("/nhan", big).Is(413).Has("vượt quá giới hạn 25 MB")
}

func TestLanguageIsTheReadersChoice(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	c := stage.As(t, auth.Actor{})
	c.Get("/").Has("Đăng nhập").HasElement("html[lang=vi]")
	p := c.PostForm("/ngon-ngu", "lang", "en", "tiep", "/")
	p.Follow().OK().Has("Sign in").HasElement("html[lang=en]")
	c.PostForm("/ngon-ngu", "lang", "fr").Is(422)
	english := viewer
	english.Language = "en"
	stage.As(t, english).Get("/xem").Has("Sign out")
}

func TestOverHTTPSTheLanguagesCookieIsTheHostsOwn(t *testing.T) {
	t.Parallel()
	for secure, want := range map[bool]string{true: "__Host-lang=en; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax",
		false: "lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"} {
		rt := web.NewRouter(&web.Site{Secure: secure})
		rt.Get("/", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.WriteString(w, web.Lang(r.Context()))
			return err
		})
		c := webtest.New(t, rt.Handler())
		p := c.PostForm("/ngon-ngu", "lang", "en", "tiep", "/")
		if got := p.Header.Get("Set-Cookie"); got != want {
			t.Errorf("over HTTPS %v: the cookie is %q, want %q", secure, got, want)
		}
		r, err := http.NewRequest(http.MethodGet, c.Base()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.SplitN(want, ";", 2)[0])
		if got := string(c.Do(r).OK().Body); got != "en" {
			t.Errorf("over HTTPS %v: with the cookie the page is in %q", secure, got)
		}
	}
}

func TestADemonstrationSaysSoWithItsOwnTime(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	c := stage.As(t, auth.Actor{})
	c.Get("/").Lacks("Dữ liệu trình diễn")
	stage.Site.Demo = true
	c.Get("/").Has("Dữ liệu trình diễn, hư cấu. Đồng hồ của bản trình diễn: 08:00, thứ Ba, 01/10/2019")
	c.Get("/khong-co").Has("Dữ liệu trình diễn")
}

func TestHealthAsksTheDatabase(t *testing.T) {
	t.Parallel()
	stage := webtest.NewStage(t, sample)
	c := stage.As(t, auth.Actor{})
	if p := c.Get("/healthz").OK(); string(p.Body) != "ok" {
		t.Errorf("healthz says %q", p.Body)
	}
	stage.Site.Health = func(context.Context) error { return errors.New("gone") }
	c.Get("/healthz").Is(503).Lacks("gone")
}

func TestAssetsAreAddressedByContent(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, sample).As(t, auth.Actor{})
	p := c.Get(web.Asset("js/site.js")).OK()
	if got := p.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("type is %q", got)
	}
	if got := p.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("an address with the hash is cached %q", got)
	}
	if got := c.Get("/assets/0000/js/site.js").OK().Header.Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("an address with another hash is cached %q", got)
	}
	r, err := http.NewRequest(http.MethodGet, c.Base()+"/assets/js/site.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("If-None-Match", c.Get("/assets/js/site.js").Header.Get("ETag"))
	c.Do(r).Is(304)
	c.Get("/assets/js/khong-co.js").Is(404)
}

func TestADownloadKeepsItsVietnameseName(t *testing.T) {
	t.Parallel()
	c := webtest.NewStage(t, func(rt *web.Router) {
		rt.Get("/tai", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
			web.Attachment(w, "Báo cáo quý III/2019.docx", "application/x-docx")
			_, err := io.WriteString(w, "x")
			return err
		})
	}).As(t, auth.Actor{})
	want := `attachment; filename="B_o c_o qu_ III-2019.docx"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o%20qu%C3%BD%20III-2019.docx`
	if got := c.Get("/tai").OK().Header.Get("Content-Disposition"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An English page says periods, states and faults in English, and what people typed as they typed it.
func TestAnEnglishPageIsEnglish(t *testing.T) {
	t.Parallel()
	rt := web.NewRouter(&web.Site{})
	rt.Get("/", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, web.Page{Title: "Quý III năm 2019", Lead: "Phường An Bình",
			Crumbs: []web.Crumb{{Label: "năm 2019", Path: "/"}}}, web.DL([]web.Pair{{Term: "x", Text: "tháng 10 năm 2019"}, {Term: "y", Text: "đang mở"}}))
	})
	rt.Get("/sai", auth.Public, func(http.ResponseWriter, *http.Request) error {
		return fault.Invalidf("row2", "Dòng %d: %s", 2, fault.Made(fault.KindInvalid, "", "Đơn vị %s được chọn hai lần.", "Phường An Bình"))
	})
	rt.Get("/mau", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Invalid(w, r, fault.Invalidf("name", "Kỳ %s đang mở.", "quý III năm 2019"), web.Page{Title: "x"},
			web.Select(web.SelectProps{Name: "name", Label: "x", Options: []web.Option{{Value: "1", Label: "quý II năm 2019", Group: "Kỳ"}}}))
	})
	c := webtest.New(t, rt.Handler())
	c.Get("/").Has("Quý III năm 2019", "năm 2019", "tháng 10 năm 2019")
	c.Get("/sai").Is(422).Has("Dòng 2: Đơn vị Phường An Bình được chọn hai lần.")
	c.PostForm("/ngon-ngu", "lang", "en", "tiep", "/")
	p := c.Get("/").Has("Q3 2019", "Phường An Bình", "October 2019", "đang mở").Lacks("năm 2019")
	if got := p.Text("title"); got != "Q3 2019 · Giaoban" {
		t.Errorf("the window is called %q", got)
	}
	c.Get("/sai").Is(422).Has("Row 2: The unit Phường An Bình is chosen twice.")
	c.Get("/mau").Is(422).Has("The period Q3 2019 is open.", "Q2 2019").HasElement("optgroup[label=Period]")
}
