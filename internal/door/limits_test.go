package door

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// Fifty wrong passwords for one name, each from an address of its own and all at once, pass nobody and lock nobody out: not
// the owner's browser, not the owner's address, not even the owner at a place where they have never been.
func TestManyMachinesNeitherPassNorLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		owner := Origin{Address: "10.0.0.1", Token: "thiết bị của chủ"}
		if err := d.Write(ctx, func(tx *db.Tx) error { return s.arrive(ctx, tx, a.Person, byPassword, owner) }); err != nil {
			t.Fatal(err)
		}
		var passed, refused atomic.Int32
		storm := func(first, n int) {
			var wg sync.WaitGroup
			turn := make(chan struct{}, 8)
			for i := range n {
				wg.Go(func() {
					turn <- struct{}{}
					defer func() { <-turn }()
					_, err := s.SignIn(ctx, "binh", "sai mật khẩu", at(fmt.Sprintf("10.9.%d.%d", (first+i)/200, (first+i)%200)))
					switch {
					case err == nil:
						passed.Add(1)
					case fault.Is(err, fault.KindTooMany):
						refused.Add(1)
					case !fault.Is(err, fault.KindInvalid):
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		storm(0, 50)
		if passed.Load() != 0 || refused.Load() != 0 {
			t.Fatalf("%d of 50 passed, %d were not even judged", passed.Load(), refused.Load())
		}
		for place, from := range map[string]Origin{
			"a place where they have never been": at("10.7.7.7"), "their browser elsewhere": {Address: "10.8.8.8", Token: owner.Token}, "their address": at(owner.Address),
		} {
			if _, err := s.SignIn(ctx, "binh", good, from); err != nil {
				t.Errorf("after 50 wrong ones the owner at %s: %v", place, err)
			}
		}
		storm(200, triesPerName)
		if passed.Load() != 0 || refused.Load() < 50-triesPerPair {
			t.Errorf("beyond the day's budget %d passed and %d were refused", passed.Load(), refused.Load())
		}
		if _, err := s.SignIn(ctx, "binh", good, at("10.6.6.6")); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("one more stranger: %v", err)
		}
		for place, from := range map[string]Origin{"their browser elsewhere": {Address: "10.8.8.9", Token: owner.Token}, "their address": at(owner.Address)} {
			if _, err := s.SignIn(ctx, "binh", good, from); err != nil {
				t.Errorf("under a storm the owner at %s: %v", place, err)
			}
		}
		withPassword(t, s, "khac", "head", east)
		if _, err := s.SignIn(ctx, "khac", good, at("10.6.6.6")); err != nil {
			t.Errorf("another name pays for it: %v", err)
		}
		s.clock.Advance(25 * time.Hour)
		if _, err := s.SignIn(ctx, "binh", good, at("10.6.6.6")); err != nil {
			t.Errorf("a day later: %v", err)
		}
	})
}

// An unknown name meets the same limits with the same words.
func TestLimitsDoNotTellWhoExists(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	answers := map[string][]string{}
	for _, login := range []string{"binh", "khong.co"} {
		for i := range triesPerName + 2 {
			_, err := s.SignIn(ctx, login, "sai mật khẩu", at(fmt.Sprintf("10.9.0.%d", i)))
			answers[login] = append(answers[login], err.Error())
		}
		s.clock.Advance(25 * time.Hour)
	}
	if a, b := strings.Join(answers["binh"], "\n"), strings.Join(answers["khong.co"], "\n"); a != b {
		t.Errorf("they differ:\n%s\n---\n%s", a, b)
	}
}

// A colleague behind the same address locks the address for a name, but not the owner's own browser.
func TestAColleagueCannotLockABrowserThatIsKnown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		owner := signIn(t, base, "binh")
		owner.PostForm("/dang-xuat").Is(303)
		colleague := webtest.At(t, base)
		for range triesPerPair {
			colleague.PostForm("/dang-nhap", "login", "binh", "password", "sai mật khẩu").Is(422)
		}
		colleague.PostForm("/dang-nhap", "login", "binh", "password", good).Is(429)
		owner.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
	})
}

// The same through HTTP, where the addresses are those that a trusted proxy states.
func TestManyMachinesBehindATrustedProxy(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	rt := web.NewRouter(&web.Site{Name: func(context.Context) string { return "Thị xã" }, Clock: s.clock, Load: s.Load, Sessions: s.sessions,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	s.Mount(rt, false)
	base := webtest.Serve(t, rt.Handler())
	from := func(c *webtest.Client, address, password string) *webtest.Page {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+"/dang-nhap", strings.NewReader(url.Values{"login": {"binh"}, "password": {password}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-For", "203.0.113.5, "+address)
		return c.Do(r)
	}
	for i := range 50 {
		from(webtest.At(t, base), fmt.Sprintf("10.9.0.%d", i), "sai mật khẩu").Is(422)
	}
	for range triesPerPair {
		from(webtest.At(t, base), "10.9.1.1", "sai mật khẩu").Is(422)
	}
	from(webtest.At(t, base), "10.9.1.1", good).Is(429) // the proxy's clients are told apart
	from(webtest.At(t, base), "10.0.0.1", good).Is(303)
}

// Tries without end leave one entry a window and person in the trail, and one for all names that nobody has.
func TestTriesDoNotFloodTheTrail(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		entries := func() (known, unknown int) {
			t.Helper()
			err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select count(*) filter (where object = $1), count(*) filter (where object = '') from audit_entry where verb = 'sign-in-failed' and detail not like '%limited%'`, a.Person).Scan(&known, &unknown)
			})
			if err != nil {
				t.Fatal(err)
			}
			return known, unknown
		}
		for i := range 12 {
			_, _ = s.SignIn(ctx, "binh", "sai mật khẩu", at(fmt.Sprintf("10.9.0.%d", i)))
			_, _ = s.SignIn(ctx, fmt.Sprintf("khong.co.%d", i), "sai mật khẩu", at(fmt.Sprintf("10.9.0.%d", i)))
		}
		if known, unknown := entries(); known != 1 || unknown != 1 {
			t.Errorf("in one window %d entries of the person and %d of names that nobody has", known, unknown)
		}
		s.clock.Advance(windowMinutes * time.Minute)
		_, _ = s.SignIn(ctx, "binh", "sai mật khẩu", at("10.9.0.1"))
		if known, _ := entries(); known != 2 {
			t.Errorf("in two windows %d entries of the person", known)
		}
	})
}

// Whoever it is, one hash is made: the time tells nothing.
func TestEachTryHashesOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	person(t, s, "khong.mat.khau", "head", east)
	shut := withPassword(t, s, "bi.khoa", "head", east)
	p, err := s.people.Find(ctx, auth.System(), shut.Person)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.people.Disable(ctx, auth.System(), shut.Person, p.Version, true); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"binh", "khong.co", "khong.mat.khau", "bi.khoa"} {
		before := s.hasher.Made()
		if _, err := s.SignIn(ctx, login, "sai mật khẩu", at("10.0.0.1")); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", login, err)
		}
		if n := s.hasher.Made() - before; n != 1 {
			t.Errorf("%s: %d hashes, want 1", login, n)
		}
	}
}
