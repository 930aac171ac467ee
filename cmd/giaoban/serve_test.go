package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/db"
	"giaoban/internal/web"
)

// What serve is told reaches the pages: who is trusted, how much is let in, where weaknesses are to be reported, HSTS.
func TestServeHardensTheSite(t *testing.T) {
	t.Parallel()
	path, swept := filepath.Join(t.TempDir(), "site.db"), false
	log := slog.New(slog.DiscardHandler)
	a, err := app.Open(t.Context(), path, app.Options{Log: log, Secure: true, Limits: web.Limits{PerAddress: 2},
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the database: %v, %v", info.Mode(), err)
	}
	if err := a.SetSetting(t.Context(), app.SecurityContactSetting, "mailto:bao-mat@example.vn"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(&env{ctx: ctx, out: in, log: log}, a, front{addr: "127.0.0.1:0"}) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Giaoban: "), "/")
	ask := func(path, from string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", from)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	if res, body := ask("/.well-known/security.txt", "203.0.113.1"); res.StatusCode != 200 || !strings.HasPrefix(body, "Contact: mailto:bao-mat@example.vn\n") ||
		res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("security.txt: %d %v\n%s", res.StatusCode, res.Header, body)
	}
	for i, c := range []struct {
		from string
		want int
	}{{"203.0.113.1", 200}, {"203.0.113.1", 429}, {"203.0.113.2", 200}} {
		if res, _ := ask("/cai-dat", c.from); res.StatusCode != c.want { // the page that a site without people answers with
			t.Errorf("%d: from %s: %d, want %d", i, c.from, res.StatusCode, c.want)
		}
	}
	for range 100 { // the works of the background run at the start
		var ran int
		if err := a.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `select count(*) from job where id in ('door.sweep', 'intake.sweep') and due > $1 and last_error = ''`, time.Now().UnixMilli()).Scan(&ran)
		}); err != nil {
			t.Fatal(err)
		}
		if swept = ran == 2; swept {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !swept {
		t.Error("the sweeps do not run")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A site is not served in clear beyond this machine unless somebody says so, and a wrong way of serving is told at the start.
func TestServingInClearIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := dsn(filepath.Join(dir, "site.db"))
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	for name, c := range map[string]struct {
		cmd  serveCmd
		addr string // empty: refused
	}{
		"by itself":                      {serveCmd{DB: site}, "127.0.0.1:8080"},
		"on this machine":                {serveCmd{DB: site, Addr: "[::1]:8080"}, "[::1]:8080"},
		"to the network":                 {serveCmd{DB: site, Addr: ":8080"}, ""},
		"to the network, said secure":    {serveCmd{DB: site, Addr: "0.0.0.0:8080", Secure: true}, ""},
		"behind a proxy":                 {serveCmd{DB: site, Addr: ":8080", Secure: true, TrustedProxy: proxy}, ":8080"},
		"in clear on purpose":            {serveCmd{DB: site, Addr: ":8080", PlainHTTP: true}, ":8080"},
		"certificate by itself":          {serveCmd{DB: site, TLSHost: []string{"giaoban.example.vn"}, HTTPAddr: ":80"}, ":443"},
		"certificate by itself, no port": {serveCmd{DB: site, Addr: "localhost", TLSHost: []string{"giaoban.example.vn"}}, ""},
		"two kinds of certificates":      {serveCmd{DB: site, TLSHost: []string{"giaoban.example.vn"}, TLSCert: "a", TLSKey: "b"}, ""},
		"a name that is none":            {serveCmd{DB: site, TLSHost: []string{"192.0.2.1"}}, ""},
		"PostgreSQL without a folder":    {serveCmd{DB: "postgres://127.0.0.1/x", TLSHost: []string{"giaoban.example.vn"}}, ""},
	} {
		f, err := c.cmd.front()
		if (err == nil) != (c.addr != "") || err == nil && f.addr != c.addr {
			t.Errorf("%s: %q, %v", name, f.addr, err)
		}
		if len(c.cmd.TLSHost) > 0 && err == nil && (f.certificate == nil || f.plain == nil || f.plainAddr != ":80") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "tls")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of keys: %v, %v", info, err)
	}
}
