package door

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
	safariOnPhone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)

func TestADeviceInTwoWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		chromeOnWindows: "Chrome/Windows", safariOnPhone: "Safari/iPhone", "": "/", "curl/8.5.0": "/",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":              "Edge/Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/117.0 Chrome/111.0.0.0 Safari/537.36":      "Cốc Cốc/Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                     "Firefox/Linux",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36":           "Samsung Internet/Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                      "Safari/macOS",
		"Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0 Mobile Safari/537.36 Zalo android/12100676": "Zalo/Android",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%s is %q, want %q", agent, got, want)
		}
	}
}

// signInAs signs in with a browser of its own.
func signInAs(t *testing.T, base, login, agent string) *webtest.Client {
	t.Helper()
	c := webtest.At(t, base).Agent(agent)
	c.PostForm("/dang-nhap", "login", login, "password", good).Is(303)
	return c
}

func TestPeopleSeeTheirSessionsAndEndThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "khac", "head", east)
		base := open(t, s, false)
		desk, phone, third := signInAs(t, base, "binh", chromeOnWindows), signInAs(t, base, "binh", safariOnPhone), signInAs(t, base, "binh", "")
		other := signInAs(t, base, "khac", chromeOnWindows)
		p := desk.Get("/tai-khoan").OK().Has("Chrome trên Windows", "Safari trên iPhone", "Thiết bị không rõ", "Phiên này").Lacks("Mozilla", "AppleWebKit")
		if n := p.Find("[name=phien]").Length(); n != 2 {
			t.Fatalf("%d sessions can be ended, want the 2 others", n)
		}
		theirs := other.Get("/tai-khoan").OK()
		if n := theirs.Find("[name=phien]").Length(); n != 0 {
			t.Errorf("somebody else sees %d of them", n)
		}
		row := p.Find("tr:has([name=phien])").FilterFunction(func(_ int, r *goquery.Selection) bool { return strings.Contains(r.Text(), "iPhone") })
		id, _ := row.Find("[name=phien]").Attr("value")
		other.PostForm("/tai-khoan/phien/ket-thuc", "phien", id).Is(409)
		phone.Get("/tai-khoan").OK()
		desk.PostForm("/tai-khoan/phien/ket-thuc", "phien", id).Follow().OK().Has("Đã kết thúc phiên đăng nhập.").LacksElement("[name=phien][value='" + id + "']")
		phone.Get("/tai-khoan").Follow().OK().Has("Phiên đăng nhập này đã được kết thúc từ một máy khác của bạn.")
		phone.Get("/dang-nhap").OK().Lacks("đã được kết thúc") // said once
		desk.PostForm("/tai-khoan/phien/ket-thuc", "phien", id).Is(409)
		desk.PostForm("/tai-khoan/phien/ket-thuc", "phien", "").Is(409)
		desk.PostForm("/tai-khoan/phien/ket-thuc-het").Follow().OK().Has("Đã kết thúc 1 phiên đăng nhập khác.")
		third.Get("/tai-khoan").Is(303)
		desk.Get("/tai-khoan").OK()
		other.Get("/tai-khoan").OK()
	})
}

func TestAnAdministratorEndsTheSessionsOfWhomTheyAdministerWholly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		target := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "quantri", "admin", town)
		withPassword(t, s, "quantri.dong", "admin", east)
		withPassword(t, s, "quantri.tay", "admin", west)
		base := open(t, s, false)
		path := "/nguoi-dung/" + target.Person
		c, top, eastern, western := signIn(t, base, "binh"), signIn(t, base, "quantri"), signIn(t, base, "quantri.dong"), signIn(t, base, "quantri.tay")
		c.Get(path + "/dang-nhap").Is(404)
		western.Get(path + "/dang-nhap").Is(404)
		western.PostForm(path + "/phien/ket-thuc").Is(404)
		p := eastern.Get(path+"/dang-nhap").OK().Has("Các phiên đăng nhập đang mở", "Các lần đăng nhập gần đây", "Đã vào")
		eastern.PostForm(path+"/phien/ket-thuc", "phien", p.Value("phien")).Follow().OK().Has("Đã kết thúc 1 phiên", "Không có phiên đăng nhập nào đang mở.")
		c.Get("/tai-khoan").Follow().OK().Has("Người quản trị đã kết thúc phiên đăng nhập này.")

		if _, err := s.people.Grant(ctx, auth.System(), account.Grant{Person: target.Person, Role: "head", Unit: unitID(t, s, west)}); err != nil {
			t.Fatal(err)
		}
		c = signIn(t, base, "binh")
		eastern.Get(path + "/dang-nhap").Is(409)
		eastern.PostForm(path + "/phien/ket-thuc").Is(409)
		c.Get("/tai-khoan").OK()
		top.PostForm(path + "/phien/ket-thuc").Follow().OK()
		c.Get("/tai-khoan").Is(303)
	})
}

// Reading, ending: none of it is for a stranger, whatever the route would say.
func TestSessionsAndHistoryAreNotForOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := site(t, dbtest.Open(t, db.SQLite))
	target, other := withPassword(t, s, "binh", "head", east), withPassword(t, s, "khac", "head", east)
	for who, a := range map[string]auth.Actor{"a colleague": other, "a visitor": {}} {
		if _, err := s.Sessions(ctx, a, target.Person); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%s lists sessions: %v", who, err)
		}
		if _, err := s.History(ctx, a, target.Person); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%s reads the history: %v", who, err)
		}
		if _, err := s.EndSessions(ctx, a, target.Person, ""); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%s ends sessions: %v", who, err)
		}
	}
}

func TestSignOutLeavesNothingInTheBrowser(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	c := signIn(t, open(t, s, false), "binh")
	if got := c.Get("/tai-khoan").OK().Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("a page of somebody who is in: Cache-Control %q", got)
	}
	p := c.PostForm("/dang-xuat").Is(http.StatusSeeOther)
	if got := p.Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("Clear-Site-Data %q", got)
	}
}

// Over HTTPS every cookie is this host's own and never goes out in the clear.
func TestOverHTTPSEveryCookieOfASignInIsTheHostsOwn(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	s.sessions = NewSessions(s.db, s.clock, true)
	rt := web.NewRouter(&web.Site{Name: func(context.Context) string { return "Thị xã" }, Clock: s.clock, Secure: true, Load: s.Load, Prove: s.Prove,
		Sessions: s.sessions, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s.Mount(rt, false)
	p := webtest.New(t, rt.Handler()).PostForm("/dang-nhap", "login", "binh", "password", good).Is(http.StatusSeeOther)
	var names []string
	for _, text := range p.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(text)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Name)
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie %s is %q", c.Name, strings.ReplaceAll(text, c.Value, "…"))
		}
	}
	slices.Sort(names)
	if want := []string{"__Host-may", "__Host-phien"}; !slices.Equal(names, want) {
		t.Errorf("the cookies of a sign-in are %q, want %q", names, want)
	}
}

// Who ends sessions shows first who they are, unless they have just done so.
func TestEndingSessionsAsksWhoItIs(t *testing.T) {
	t.Parallel()
	s := still(site(t, dbtest.Open(t, db.SQLite)))
	withPassword(t, s, "binh", "head", east)
	base := open(t, s, false)
	other := signIn(t, base, "binh")
	s.machine.Advance(-web.FreshFor - time.Minute)
	c := signIn(t, base, "binh")
	s.machine.Advance(web.FreshFor + time.Minute)
	for _, path := range []string{"/tai-khoan/phien/ket-thuc", "/tai-khoan/phien/ket-thuc-het", "/tai-khoan/thiet-bi-moi"} {
		c.PostForm(path, "phien", "x").Is(http.StatusForbidden).Has("Xác nhận lại")
	}
	other.Get("/tai-khoan").OK()
	c.PostForm("/tai-khoan/phien/ket-thuc-het", provePassword, good).Is(http.StatusSeeOther)
	other.Get("/tai-khoan").Is(http.StatusSeeOther)
}

func TestASessionThatHasRunOutSaysSo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		c := signIn(t, open(t, s, false), "binh")
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), `update session set expiry = $1`, time.Now().UnixMilli()-1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Get("/tai-khoan").Follow().OK().Has("Phiên đăng nhập của bạn đã hết giờ.")
	})
}

func TestASignInFromANewDeviceIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		first := signInAs(t, base, "binh", chromeOnWindows)
		first.Get("/tai-khoan").OK().Lacks("thiết bị mới")
		s.clock.Advance(time.Minute)
		second := signInAs(t, base, "binh", safariOnPhone)
		second.Get("/tai-khoan").OK().Lacks("thiết bị mới") // the new device does not vouch for itself
		second.PostForm("/tai-khoan/thiet-bi-moi", "toi", "1").Is(303)
		first.Get("/tai-khoan").OK().Has("Có lần đăng nhập từ thiết bị mới", "Safari trên iPhone, lúc 08:01, 01/10/2019")
		first.PostForm("/dang-xuat").Is(303)
		first.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", "/tai-khoan").Follow().OK().Has("Có lần đăng nhập từ thiết bị mới: Safari trên iPhone")
		first.PostForm("/tai-khoan/thiet-bi-moi", "toi", "1").Follow().OK().Lacks("Không phải tôi")

		third := signInAs(t, base, "binh", "")
		first.PostForm("/tai-khoan/thiet-bi-moi").Follow().OK().Has("Hãy đổi mật khẩu ngay bây giờ").Lacks("Không phải tôi")
		second.Get("/tai-khoan").Is(303)
		third.Get("/tai-khoan").Is(303)
		second.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303) // its browser is a strange one again
		first.Get("/tai-khoan").OK().Has("Không phải tôi")
	})
}

func TestTheHistoryIsKeptAsLongAsTheSiteSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		signIn(t, open(t, s, false), "binh")
		_, _ = s.SignIn(ctx, "binh", "sai mật khẩu", at("10.0.0.1"))
		_, _ = s.SignIn(ctx, "khong.co", "sai mật khẩu", at("10.0.0.1"))
		rows := func() (n int) {
			t.Helper()
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select count(*) from sign_in_attempt`).Scan(&n) })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := rows(); n != 3 {
			t.Errorf("at once %d rows, want 3", n)
		}
		s.clock.Advance(25 * time.Hour)
		if n := rows(); n != 2 {
			t.Errorf("after a day %d rows, want those of the person", n)
		}
		s.clock.Advance(time.Duration(SignIns.Days) * 24 * time.Hour)
		if n := rows(); n != 0 {
			t.Errorf("after all %d rows", n)
		}
	})
}
