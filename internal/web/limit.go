package web

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"giaoban/internal/fault"
)

// Limits are how many pages a minute one address and one person may ask for; zero is no limit. A whole office stands
// behind one address, so that limit is the wider one.
type Limits struct {
	PerAddress, PerPerson int
}

// limiter gives each key a bucket of a minute's requests that fills again within a minute. A bucket that nobody has
// touched for a minute is full, so it need not be kept: the buckets live in two generations, and the older one is dropped.
type limiter struct {
	perMinute int

	mu         sync.Mutex
	young, old map[string]*rate.Limiter
	begun      time.Time // of the young generation
	most       int
}

// mostKeys bounds a generation: somebody who comes from ever new addresses must not fill the memory. Dropping early only
// forgives what the dropped ones have used.
const mostKeys = 100_000

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: perMinute, most: mostKeys}
}

// allow takes one request of key's bucket, if there is one.
func (l *limiter) allow(key string, now time.Time) bool {
	if l.perMinute <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.begun) >= time.Minute || len(l.young) >= l.most {
		l.old, l.young, l.begun = l.young, map[string]*rate.Limiter{}, now
	}
	b := l.young[key]
	if b == nil {
		if b = l.old[key]; b == nil {
			b = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		}
		l.young[key] = b
	}
	return b.AllowN(now, 1)
}

// limitAddress stands before the body and the session are read: what it refuses costs little.
func (rt *Router) limitAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rt.perAddress.allow(Address(r.Context()), time.Now()) {
			tooMany(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// retryAfter is in seconds: by then a bucket holds a fair share again.
const retryAfter = 10

func tooMany(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	st := stateOf(r.Context())
	st.log().Warn("refused", "ref", st.id, "why", "too many requests")
	fail(w, r, fault.TooManyf("Có quá nhiều yêu cầu được gửi trong thời gian ngắn. Hãy thử lại sau %d giây.", retryAfter))
}
