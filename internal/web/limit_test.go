package web

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
)

func TestABucketHoldsAMinuteAndFillsInOne(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(60), time.Unix(1_570_000_000, 0)
	take := func(key string) (n int) {
		for l.allow(key, now) {
			n++
		}
		return n
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 60}, {0, 0}, {10 * time.Second, 10}, {30 * time.Second, 30}, {25 * time.Second, 25}, {time.Hour, 60}, {59 * time.Second, 59}, {2 * time.Second, 2}} {
		now = now.Add(step.wait)
		if got := take("a"); got != step.want {
			t.Errorf("%v after %v: %d requests let in, want %d", now, step.wait, got, step.want)
		}
	}
	if got := take("b"); got != 60 {
		t.Errorf("another key gets %d, want its own 60", got)
	}
	if none := newLimiter(0); !none.allow("a", now) || none.young != nil {
		t.Error("without a limit nothing is counted")
	}
}

func TestEverNewKeysDoNotFillTheMemory(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(60), time.Unix(1_570_000_000, 0)
	l.most = 100
	for i := range 10_000 {
		l.allow(strconv.Itoa(i), now)
	}
	if n := len(l.young) + len(l.old); n > 200 {
		t.Errorf("%d buckets are kept", n)
	}
}

func TestTheSiteLimitsAddressesAndPeople(t *testing.T) {
	t.Parallel()
	rt := NewRouter(&Site{Limits: Limits{PerAddress: 5, PerPerson: 2}, Load: func(r *http.Request) (auth.Actor, error) {
		return auth.Actor{Person: r.Header.Get("X-Person")}, nil
	}})
	rt.Get("/", auth.Public, func(http.ResponseWriter, *http.Request) error { return nil })
	h := rt.Handler()
	ask := func(path, address, person string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = address + ":1"
		r.Header.Set("X-Person", person)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for i, c := range []struct {
		path, address, person string
		want                  int
	}{
		{"/", "203.0.113.1", "p1", 200},
		{"/", "203.0.113.2", "p1", 200},
		{"/", "203.0.113.3", "p1", 429}, // from wherever the person asks
		{"/", "203.0.113.1", "p2", 200},
		{"/", "203.0.113.1", "", 200},
		{"/", "203.0.113.1", "", 200},
		{"/", "203.0.113.1", "", 200},
		{"/", "203.0.113.1", "", 429}, // whoever asks from there
		{"/", "203.0.113.1", "p3", 429},
		{"/healthz", "203.0.113.1", "", 200}, // a monitor and the look of a page are never refused
		{"/assets/css/khong-co.css", "203.0.113.1", "", 404},
		{"/.well-known/security.txt", "203.0.113.1", "", 429},
		{"/", "203.0.113.4", "", 200},
	} {
		w := ask(c.path, c.address, c.person)
		if w.Code != c.want {
			t.Errorf("%d: %s from %s for %q: %d, want %d", i, c.path, c.address, c.person, w.Code, c.want)
		}
		if w.Code == 429 && (w.Header().Get("Retry-After") != "10" || !strings.Contains(w.Body.String(), "Hãy thử lại sau 10 giây.")) {
			t.Errorf("%d: the refusal does not say when to try again", i)
		}
	}
}
