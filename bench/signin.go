package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"giaoban/internal/auth"
)

// How often each kind of name is tried. A password costs a hash; a code costs two short writes, of which there must be many more
// before their median stands still.
const (
	passwordTries = 150
	codeTries     = 600
)

// alike is how far the medians of two kinds of names may lie apart.
const alike = 1.10

// door tries the site's own pages, as somebody at the other end of a line does, each time from another address: limits would
// answer the rest.
type door struct {
	site  http.Handler
	tries int
}

// post sends a form and answers how long the site took. Any other status than the one that is expected is an error: it would be
// the time of something else.
func (d *door) post(ctx context.Context, path string, want int, form url.Values) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	d.tries++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1024", d.tries>>16&255, d.tries>>8&255, d.tries&255)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := &unread{header: http.Header{}}
	began := time.Now()
	d.site.ServeHTTP(w, r)
	took := time.Since(began)
	if w.status != want {
		return 0, fmt.Errorf("%s answered %d, want %d", path, w.status, want)
	}
	return took, nil
}

// unread is an answer that nobody reads.
type unread struct {
	header http.Header
	status int
}

func (u *unread) Header() http.Header         { return u.header }
func (u *unread) WriteHeader(status int)      { u.status = status }
func (u *unread) Write(b []byte) (int, error) { return len(b), nil }

// signin shows whether the time of a refusal tells a name that somebody has from one that nobody has: with a wrong password, with a
// wrong code for who waits with a slip, and for who is to set a new password with one.
func (m *measuring) signin(ctx context.Context) error {
	d := &door{site: m.app.Handler(false)}
	var known, unknown []string
	for i := range m.officers {
		known, unknown = append(known, fmt.Sprintf("officer%02d", i)), append(unknown, fmt.Sprintf("officer%02d", i+len(m.officers)))
	}
	if err := m.tellApart(ctx, "wrong password", passwordTries, known, unknown, func(name string) (time.Duration, error) {
		return d.post(ctx, "/dang-nhap", http.StatusUnprocessableEntity, url.Values{"login": {name}, "password": {"sai rồi lại sai nữa"}})
	}); err != nil {
		return err
	}
	half := len(m.officers) / 2
	for i, o := range m.officers {
		if i >= half { // who has come in before gets a slip that resets their password
			if _, err := d.post(ctx, "/dang-nhap", http.StatusSeeOther, url.Values{"login": {known[i]}, "password": {viewerPassword}}); err != nil {
				return err
			}
		}
		slip, err := m.app.Door.Invite(ctx, auth.System(), o.Person)
		if err != nil {
			return err
		}
		if slip.Reset != (i >= half) {
			return fmt.Errorf("the slip of %s resets: %v", known[i], slip.Reset)
		}
	}
	code := func(name string) (time.Duration, error) {
		return d.post(ctx, "/moi", http.StatusUnprocessableEntity, url.Values{"login": {name}, "code": {"aaaa-bbbb-cccc-dddd"}, "password": {viewerPassword}})
	}
	if err := m.tellApart(ctx, "wrong code, slip", codeTries, known[:half], unknown[:half], code); err != nil {
		return err
	}
	return m.tellApart(ctx, "wrong code, reset", codeTries, known[half:], unknown[half:], code)
}

// tellApart tries known and unknown names in turns, by chance which of the two goes first, and compares how long they take.
func (m *measuring) tellApart(ctx context.Context, what string, n int, known, unknown []string, try func(string) (time.Duration, error)) error {
	r := rand.New(rand.NewPCG(5, 5))
	kinds := [2][]string{known, unknown}
	var took [2][]time.Duration
	for i := range n + len(known) {
		first := r.IntN(2)
		for _, kind := range []int{first, 1 - first} {
			d, err := try(kinds[kind][i%len(kinds[kind])])
			if err != nil {
				return err
			}
			if i >= len(known) { // the first try of each name also stands in the trail, and warms up
				took[kind] = append(took[kind], d)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	var middle [2]float64
	for kind, name := range []string{"known", "unknown"} {
		middle[kind] = quantile(took[kind], 0.5).Seconds()
		m.note(m.engine, what+" for "+name+" names, p10 / p50 / p90",
			round(quantile(took[kind], 0.1))+" / "+round(quantile(took[kind], 0.5))+" / "+round(quantile(took[kind], 0.9)), middle[kind])
	}
	m.within(m.engine, what+", the slower median / the quicker", max(middle[0]/middle[1], middle[1]/middle[0]), alike, "x")
	return nil
}
