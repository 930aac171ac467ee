package app_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/mail/mailtest"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// watched is what the site says where it must name nobody: the log, whatever its level, where redirects and other headers lead,
// and the pages of problems.
type watched struct {
	t    *testing.T
	mu   sync.Mutex
	said strings.Builder
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.Write(b)
}

// see adds an answer. A form that comes back holds what was typed, which is its writer's own (422, and 401 and 403 where a form waits
// until they have signed in or proved who they are); all other problems hold nothing.
func (w *watched) see(p *webtest.Page) *webtest.Page {
	for name, values := range p.Header {
		if name != "Set-Cookie" {
			_, _ = fmt.Fprintln(w, p.Asked[:3], name, values)
		}
	}
	if p.Status >= 400 && p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusForbidden && p.Status != http.StatusUnauthorized {
		_, _ = w.Write(p.Body)
	}
	return p
}

// lacks demands that none of the canaries was said, whole or escaped, nor stands in the trail.
func (w *watched) lacks(d *db.DB, canaries ...string) {
	w.t.Helper()
	var trail strings.Builder
	err := d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select reason, detail, before, after from audit_entry`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var texts [4]string
			if err := rows.Scan(&texts[0], &texts[1], &texts[2], &texts[3]); err != nil {
				return err
			}
			fmt.Fprintln(&trail, texts)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for where, text := range map[string]string{"the log, an address or a page of a problem": w.said.String(), "the trail": trail.String()} {
		for _, canary := range canaries {
			for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary), strings.Trim(strconv.QuoteToASCII(canary), `"`)} {
				if i := strings.Index(text, form); i >= 0 {
					w.t.Errorf("%q stands in %s: …%s…", canary, where, text[max(0, i-200):min(len(text), i+200)])
				}
			}
		}
	}
}

// Nobody's name, address, telephone, password or code comes into the log, an address of the site, a page of a problem or the
// trail, whatever people do with them.
func TestNobodyIsNamedInLogsAddressesAndProblems(t *testing.T) {
	t.Parallel()
	const (
		name     = "Zoãng Thị Quỳnh Xẻng"
		login    = "zoang.canary"
		email    = "zoang.quynh@canary.example"
		phone    = "0912 345 987"
		password = "chim hoàng yến hót vang"
		second   = "hoàng oanh bay qua vườn"
	)
	canaries := []string{name, "Xẻng", login, email, "zoang.quynh", phone, "0912345987", password, second}
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			w := &watched{t: t}
			a, err := app.Open(ctx, dbtest.DSN(t, engine), app.Options{Key: door.KeyFile(filepath.Join(t.TempDir(), "site.key")), Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			server := mailtest.Start(t, mailtest.Options{})
			for key, value := range map[string]string{mail.HostSetting: server.Host, mail.PortSetting: strconv.Itoa(server.Port), mail.SecuritySetting: "none",
				mail.FromSetting: "giaoban@example.vn", web.AddressSetting: "https://giaoban.example.vn"} {
				if err := a.SetSetting(ctx, key, value); err != nil {
					t.Fatal(err)
				}
			}
			router := a.Router(false)
			router.Post("/hong/loi", auth.Public, func(_ http.ResponseWriter, r *http.Request) error {
				return a.DB.Write(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec(ctx, `update person set login = 'quantri' where login = $1`, r.FormValue("login"))
					return err
				})
			})
			router.Get("/hong/dung/{x}", auth.Public, func(http.ResponseWriter, *http.Request) error { panic(errors.New("a programmer's mistake")) })
			router.Get("/hong/tu-choi/{x}", auth.Public, func(http.ResponseWriter, *http.Request) error { return fault.Refused("Chưa làm được.") })
			site := webtest.Serve(t, router.Handler())
			a.Run(t.Context())

			code, err := a.Door.SetupCode(ctx)
			if err != nil {
				t.Fatal(err)
			}
			boss := webtest.At(t, site)
			post := func(c *webtest.Client, path string, pairs ...string) *webtest.Page {
				t.Helper()
				return w.see(c.PostForm(path, pairs...))
			}
			get := func(c *webtest.Client, path string) *webtest.Page { t.Helper(); return w.see(c.Get(path)) }
			post(boss, "/cai-dat", "code", code, "place", "Phường Bình An", "place_code", "BINHAN", "level", "xa", "name", "Người Quản Trị", "login", "quantri",
				"password", "cua trong rieu cua ngoai dong", "office", "1").Is(303)

			// Somebody is added, by mail and by slip; the mail server says no to their address.
			server.Fail("RCPT", "550 5.1.1 <"+email+"> unknown", "550 5.1.1 <"+email+"> unknown")
			slip := post(boss, "/nguoi-dung", "login", login, "name", name, "email", email, "role", "officer", "unit", "BINHAN").OK()
			invited := slip.Find(".slip-text").Last().Text()
			href, _ := slip.Find("main .ways a[href^='/nguoi-dung/']").Attr("href")
			canaries := append(canaries, invited, strings.ReplaceAll(invited, "-", ""), code)
			for end := time.Now().Add(20 * time.Second); server.Tried() == 0 && time.Now().Before(end); {
				time.Sleep(50 * time.Millisecond)
			}
			if server.Tried() == 0 {
				t.Error("no letter was tried")
			}
			post(boss, "/nguoi-dung", "login", login, "name", name, "email", email, "role", "officer", "unit", "BINHAN").Is(422)
			post(boss, "/nguoi-dung", "login", login+"!", "name", name, "email", email+"@", "role", "officer", "unit", "BINHAN").Is(422)
			if found := post(boss, "/nguoi-dung/tim", "tim", "xeng").OK(); !strings.Contains(found.Text("main table"), name) {
				t.Error("the search finds nobody")
			}
			get(boss, "/nguoi-dung").OK()
			get(boss, "/thu").OK()

			// They come in, wrongly and rightly.
			c := webtest.At(t, site)
			post(c, "/dang-nhap", "login", password, "password", login).Is(422).Lacks(`value="` + login)
			post(c, "/dang-nhap", "login", login, "password", password).Is(422).Lacks(password)
			post(c, "/moi", "login", login, "code", invited+"x", "password", password).Is(422).Lacks(password)
			post(c, "/moi", "login", login, "code", invited, "password", name+"1").Is(422)
			post(c, "/moi", "login", login, "code", invited, "password", password).Is(303)
			post(c, "/dang-xuat").Is(303)
			get(c, "/tai-khoan?ten="+url.QueryEscape("x")).Is(303)
			post(c, "/dang-nhap", "login", login, "password", password, "tiep", "/tai-khoan").Is(303)
			post(c, "/tai-khoan/mat-khau", "present", second, "password", second).Is(422).Lacks(second)
			post(c, "/tai-khoan/mat-khau", "present", password, "password", second).Is(303)
			post(c, "/tai-khoan/thu-dien-tu", "email", email+"x").Is(303)
			secret := post(c, "/tai-khoan/xac-thuc/ung-dung").Follow().OK().Text("code.secret")
			canaries = append(canaries, secret, strings.ReplaceAll(secret, " ", ""))
			post(c, "/tai-khoan/xac-thuc/ung-dung/xong", "code", "000000").Is(422)
			w.see(c.PostFiles("/nhap", []webtest.Upload{{Field: "file", Name: "Danh sách " + name + " " + phone + ".xlsx", Data: []byte(name)}}, "note", phone))
			post(c, "/tai-khoan/du-lieu")

			// What is refused, is not there, or breaks.
			one := get(boss, href+"/dang-nhap").OK()
			get(boss, href+"/du-lieu").OK()
			post(boss, href+"/du-lieu", "reason", "Theo đơn của "+"người dùng")
			post(boss, href+"/khoa", "version", "999", "khoa", "1", "ten", name).Is(409)
			post(boss, href+"/phien/ket-thuc", "phien", "khong-co", "ten", name).Is(409)
			if one.Status == http.StatusOK {
				post(boss, href+"/phien/ket-thuc").Is(303)
			}
			post(c, "/tai-khoan/thu-dien-tu", "email", email, "ghi-chu", phone).Is(401)
			for _, path := range []string{"/nguoi-dung/" + url.PathEscape(name), "/khong-co/" + url.PathEscape(phone), "/tin/" + url.PathEscape(name), "/nhat-ky?don-vi=" + url.QueryEscape(name)} {
				if p := get(boss, path); p.Status == http.StatusOK {
					t.Errorf("%s is there", path)
				}
			}
			post(boss, "/nguoi-dung/"+url.PathEscape(name)+"/khoa", "version", phone).Is(422)
			get(boss, "/hong/dung/"+url.PathEscape(name)).Is(500)
			get(boss, "/hong/tu-choi/"+url.PathEscape(name)).Is(409)
			post(boss, "/hong/loi", "login", login, "name", name)
			post(boss, "/dang-nhap", "login", strings.Repeat(name, 5000)).Is(422)
			post(boss, "/dang-nhap", "login", strings.Repeat(name, 50_000)).Is(413)
			elsewhere, err := http.NewRequestWithContext(ctx, http.MethodPost, site+"/dang-nhap", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			elsewhere.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			elsewhere.Header.Set("Origin", "https://"+login+".example")
			elsewhere.Header.Set("Sec-Fetch-Site", "cross-site")
			if p := boss.Do(elsewhere).Is(403); strings.Contains(string(p.Body), login) {
				t.Error("the refusal of another site's post names who was meant")
			}
			w.lacks(a.DB, canaries...)
			if !strings.Contains(w.said.String(), "level=ERROR") || !strings.Contains(w.said.String(), "level=INFO") {
				t.Error("nothing was logged: the test looks at nothing")
			}
		})
	}
}
