package door

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// open serves the house's pages with its own sessions.
func open(t *testing.T, s *Service, demo bool) string {
	t.Helper()
	rt := web.NewRouter(&web.Site{Name: func(context.Context) string { return "Thị xã" }, Clock: s.clock, Demo: demo, Load: s.Load, Prove: s.Prove,
		Sessions: s.sessions, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s.Mount(rt, demo)
	s.people.Mount(rt)
	rt.Get("/", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, web.Page{Title: "Trang đầu"}, nil)
	})
	return webtest.Serve(t, rt.Handler())
}

func withPassword(t *testing.T, s *Service, login, role, unit string) auth.Actor {
	t.Helper()
	a := person(t, s, login, role, unit)
	if err := s.people.SetPassword(context.Background(), auth.System(), a.Person, good); err != nil {
		t.Fatal(err)
	}
	return a
}

func signIn(t *testing.T, base, login string) *webtest.Client {
	t.Helper()
	c := webtest.At(t, base)
	c.PostForm("/dang-nhap", "login", login, "password", good).Is(303)
	return c
}

func TestSignInLeadsBackAndSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		c := webtest.At(t, open(t, s, false))
		p := c.Get("/tai-khoan").Follow().OK()
		if got, _ := p.Find("main [name=tiep]").Attr("value"); got != "/tai-khoan" {
			t.Errorf("the form leads to %q", got)
		}
		p = c.PostForm("/dang-nhap", "login", "binh", "password", good+"x", "tiep", "/tai-khoan").Is(422)
		p.Has("Tên đăng nhập hoặc mật khẩu không đúng.").Lacks(good)
		if got := p.Value("login"); got != "binh" {
			t.Errorf("the typed name is lost: %q", got)
		}
		c.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", "/tai-khoan").Follow().OK().
			Has("Nguyễn binh", "Lãnh đạo đơn vị", "Phường Đông", "Đăng xuất")
		c.PostForm("/dang-xuat").Follow().OK().Has("Bạn đã đăng xuất.", "Đăng nhập")
		c.Get("/tai-khoan").Is(303)
		c.PostForm("/dang-xuat").Is(303) // nobody: nothing to write down
		if n := count(t, s, `select count(*) from audit_entry where verb = 'sign-out' and object = $1 and person = $1`, a.Person); n != 1 {
			t.Errorf("the trail holds the sign-out %d times", n)
		}
	})
}

func TestSignInChangesTheTokenAndLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	c := webtest.At(t, open(t, s, false))
	before := cookie(t, c.PostForm("/dang-xuat"))
	p := c.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", "//evil.test/").Is(303)
	if p.Location() != "/" {
		t.Errorf("leads to %q", p.Location())
	}
	after := cookie(t, p)
	if before.Value == "" || after.Value == "" || before.Value == after.Value {
		t.Errorf("token before %q, after %q", before.Value, after.Value)
	}
	if !after.HttpOnly || after.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %v", after)
	}
	var n int64
	err := s.db.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from session where token = $1`, after.Value).Scan(&n)
	})
	if err != nil || n != 0 {
		t.Errorf("the token stands in the clear (%v)", err)
	}
}

func cookie(t *testing.T, p *webtest.Page) *http.Cookie {
	t.Helper()
	for _, line := range p.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == "phien" {
			return c
		}
	}
	t.Fatal("no session cookie")
	return nil
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	base := open(t, s, false)
	here, there := signIn(t, base, "binh"), signIn(t, base, "binh")
	here.PostForm("/tai-khoan/mat-khau", "present", "sai", "password", "gà gáy canh năm").Is(422).Has("Mật khẩu hiện tại không đúng.")
	here.PostForm("/tai-khoan/mat-khau", "present", good, "password", "ngắn").Is(422).Has("ít nhất 10 ký tự")
	here.PostForm("/tai-khoan/mat-khau", "present", good, "password", "gà gáy canh năm").Follow().OK().Has("Đã đổi mật khẩu.")
	here.Get("/tai-khoan").OK()
	there.Get("/tai-khoan").Is(303)
}

func TestAPersonShutOutIsOutAtOnce(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	a := withPassword(t, s, "binh", "head", east)
	withPassword(t, s, "quantri", "admin", town)
	base := open(t, s, false)
	c, admin := signIn(t, base, "binh"), signIn(t, base, "quantri")
	c.Get("/tai-khoan").OK()
	one := admin.Get("/nguoi-dung/" + a.Person).OK()
	admin.PostForm("/nguoi-dung/"+a.Person+"/khoa", "khoa", "1", "version", one.Value("version")).Follow().OK().Has("Đã khóa tài khoản.")
	c.Get("/tai-khoan").Is(303)
}

func TestAnAdministratorAddsAndGrants(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "quantri", "admin", town)
		base := open(t, s, false)
		admin := signIn(t, base, "quantri")
		admin.PostForm("/nguoi-dung", "login", "moi", "name", "", "role", "", "unit", "U2").Is(422).
			Has("Hãy nhập họ và tên.", "Hãy chọn vai trò.").HasElement("option[value=U2][selected]")
		p := admin.PostForm("/nguoi-dung", "login", "moi", "name", "Trần Thị Mới", "role", "officer", "unit", "U2").OK()
		href, _ := p.Find("main .ways a").First().Attr("href")
		admin.PostForm(href+"/cap-quyen", "role", "editor", "unit", "U3", "to", "31/12/2019").Follow().OK().Has("Biên tập", "Phường Tây", "đến trước 31/12/2019")
		admin.PostForm(href+"/cap-quyen", "role", "editor", "unit", "U3", "to", "hôm qua").Is(422).HasElement("a[href='#f-to']")
		one := admin.Get(href)
		admin.PostForm(href+"/thu-quyen", "grant", one.Value("grant")).Follow().OK().Has("Đã hết từ 01/10/2019")
		admin.Get("/nguoi-dung").OK().Has("Trần Thị Mới", "Biên tập").Lacks("Cán bộ nhập liệu: Phường Đông")
	})
}

// The role x route matrix of this house: what each answers to a visitor, to each role, and to the administrator of a
// sibling ward who names a person of this one.
func TestRolesAndRoutes(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	target := withPassword(t, s, "muc.tieu", "officer", east)
	base := open(t, s, false)
	rt := web.NewRouter(&web.Site{})
	s.people.Mount(rt)
	clients := map[string]*webtest.Client{"visitor": webtest.At(t, base)}
	for _, r := range account.Defaults {
		unit := town
		if r.Code == "admin" {
			unit = west
		}
		withPassword(t, s, "vai."+r.Code, r.Code, unit)
		clients[r.Code] = signIn(t, base, "vai."+r.Code)
	}
	for _, route := range rt.Routes() {
		if route.Permission != auth.Admin || !strings.HasPrefix(route.Pattern, "/nguoi-dung") {
			continue
		}
		path := webPath(route.Pattern, target.Person)
		for who, c := range clients {
			want := http.StatusNotFound
			var p *webtest.Page
			if route.Method == http.MethodGet {
				p = c.Get(path)
				switch {
				case who == "visitor":
					want = http.StatusSeeOther
				case who == "admin" && !strings.HasPrefix(path, "/nguoi-dung/"+target.Person):
					want = http.StatusOK
				}
			} else {
				p = c.PostForm(path, "version", "1", "khoa", "1")
				if who == "admin" && path == "/nguoi-dung" {
					want = http.StatusUnprocessableEntity
				}
				if who == "admin" && path == "/nguoi-dung/tim" {
					want = http.StatusOK
				}
				if who == "admin" && path == "/nguoi-dung/"+target.Person+"/cap-quyen" {
					want = http.StatusNotFound
				}
			}
			if p.Status != want {
				t.Errorf("%s: %s %s answered %d, want %d", who, route.Method, path, p.Status, want)
			}
			if who != "admin" {
				p.Lacks("Nguyễn muc.tieu")
			}
		}
	}
}

func webPath(pattern, id string) string {
	if !strings.Contains(pattern, "{id}") {
		return pattern
	}
	return "/nguoi-dung/" + url.PathEscape(id) + pattern[len("/nguoi-dung/{id}"):]
}

func TestADemonstrationLetsAnyoneInAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	a := person(t, s, "binh", "head", east)
	real := webtest.At(t, open(t, s, false))
	real.Get("/dang-nhap").OK().LacksElement("form[action='/trinh-dien/vao']").Lacks("Nguyễn binh")
	real.PostForm("/trinh-dien/vao", "person", a.Person).Is(404)
	demo := webtest.At(t, open(t, s, true))
	p := demo.Get("/dang-nhap?tiep=/tai-khoan").OK().Has("Vào với vai Nguyễn binh", "Lãnh đạo đơn vị", "Phường Đông")
	demo.PostForm("/trinh-dien/vao", "person", p.Value("person"), "tiep", "/tai-khoan").Follow().OK().Has("Nguyễn binh")
	demo.PostForm("/trinh-dien/vao", "person", "khong-co").Is(404)
}

// The sign-in page, its refusal and the account pages in a real browser: accessible, fit for a small screen, usable
// without scripts.
func TestThePagesInABrowser(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "quantri", "admin", town)
	for i, r := range account.Defaults {
		for n := range 3 {
			person(t, s, "vai."+strconv.Itoa(i)+strconv.Itoa(n), r.Code, []string{town, east, west}[n])
		}
	}
	shot := func(w *webtest.Window, name string) {
		if dir := os.Getenv("GIAOBAN_SCREENSHOTS"); dir != "" {
			w.Screenshot(filepath.Join(dir, name+"-1280.png"), 1280).Screenshot(filepath.Join(dir, name+"-320.png"), 320)
		}
		w.Resize(1280)
	}
	w := webtest.Browser(t, open(t, s, true))
	w.Open("/dang-nhap?tiep=/nguoi-dung").Axe().NoHorizontalScroll().Axe()
	shot(w, "dang-nhap")
	w.Click("button.reveal")
	if got := w.Eval(`document.querySelector("[name=password]").type`); got != "text" {
		t.Errorf("after “show” the field is of type %q", got)
	}
	w.Fill("login", "quantri").Fill("password", "không phải mật khẩu").Submit("main form.narrow [type=submit]").Axe()
	shot(w, "dang-nhap-sai")
	w.Scripts(false).Fill("password", good).Submit("main form.narrow [type=submit]")
	if got := w.Path(); got != "/nguoi-dung" {
		t.Fatalf("after signing in the window is at %s", got)
	}
	w.Scripts(true)
	for name, path := range map[string]string{"nguoi-dung": "/nguoi-dung", "them": "/nguoi-dung/them", "tai-khoan": "/tai-khoan"} {
		w.Open(path).Axe().NoHorizontalScroll()
		shot(w, name)
	}
	w.Open("/nguoi-dung").Submit("tbody tr:nth-child(2) a").Axe().NoHorizontalScroll()
	shot(w, "mot-nguoi")
}
