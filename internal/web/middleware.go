package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"giaoban/internal/auth"
)

// requestTimeout bounds a handler's work; the server's own timeouts bound slow readers and writers.
const requestTimeout = 60 * time.Second

// Handler is the whole site: assets and health outside the session, every page inside it.
func (rt *Router) Handler() http.Handler {
	pages := rt.loadActor(http.HandlerFunc(rt.serve))
	if rt.site.Sessions != nil {
		rt.site.Sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { fail(w, r, err) }
		pages = rt.site.Sessions.LoadAndSave(pages)
	}
	pages = limitBody(sameOrigin(pages))
	outer := http.NewServeMux()
	outer.HandleFunc("GET /healthz", rt.health)
	outer.HandleFunc("GET /assets/{path...}", serveAsset)
	outer.Handle("GET /.well-known/security.txt", rt.limitAddress(http.HandlerFunc(rt.securityTxt)))
	outer.Handle("/", compress(rt.limitAddress(pages)))
	return rt.begin(outer)
}

// begin opens the request: state, reference, headers, time limit; and closes it: panic, log.
func (rt *Router) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s := &state{site: rt.site, id: newReference(), lang: language(r, rt.site, auth.Actor{}), path: r.URL.RequestURI(),
			address: addressOf(r, rt.site.Proxies), request: r}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), stateKey{}, s), requestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		rec := &recorder{ResponseWriter: w}
		s.answer = rec
		secure(rec.Header(), rt.site.Secure)
		rec.Header().Set("X-Request-Id", s.id)
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v) // the server breaks the connection off, as meant
				}
				s.log().Error("panic", "ref", s.id, "route", s.pattern, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				if rec.status == 0 {
					_, title := statusOf(0)
					problem(rec, r, http.StatusInternalServerError, T(ctx, title), nil)
				}
			}
			// The route, never the path or the address, and the person by an id that says nothing outside the site.
			s.log().Info("request", "ref", s.id, "method", r.Method, "route", s.pattern, "person", s.person, "status", rec.status,
				"bytes", rec.bytes, "ms", time.Since(start).Milliseconds())
		}()
		next.ServeHTTP(rec, r)
	})
}

// serve finds the route; what has none is the framed page for that, whatever the method.
func (rt *Router) serve(w http.ResponseWriter, r *http.Request) {
	if _, pattern := rt.mux.Handler(r); pattern == "" {
		notFound(w, r)
		return
	}
	rt.mux.ServeHTTP(w, r)
}

func (rt *Router) loadActor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rt.site.Sessions != nil {
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, true))
		}
		if rt.site.Load == nil {
			next.ServeHTTP(w, r)
			return
		}
		who, err := rt.site.Load(r)
		s := stateOf(r.Context())
		s.lang, s.person = language(r, rt.site, who), who.Person
		r = r.WithContext(auth.With(r.Context(), who))
		if err != nil {
			fail(w, r, err)
			return
		}
		if who.SignedIn() && !rt.perPerson.allow(who.Person, time.Now()) {
			tooMany(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (rt *Router) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if rt.site.Health != nil {
		if err := rt.site.Health(r.Context()); err != nil {
			rt.site.Log.Error("unhealthy", "error", err)
			http.Error(w, "database", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = io.WriteString(w, "ok")
}

// secure sets the headers of every answer. Nothing is loaded from elsewhere, nothing runs inline, nobody frames us;
// img-src takes data: for the arrows that the style sheet draws.
func secure(h http.Header, https bool) {
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if https {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// sameOrigin refuses writes that another site makes a browser send.
func sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		st := stateOf(ctx)
		st.log().Warn("refused", "ref", st.id, "why", "another site's page")
		problem(w, r, http.StatusForbidden, T(ctx, "Yêu cầu không được thực hiện"),
			[]string{T(ctx, "Yêu cầu này được gửi từ một trang khác nên hệ thống không thực hiện.")})
	}))
	return guard.Handler(next)
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := int64(formLimit)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			limit = uploadLimit
		}
		// MaxBytesReader's own writer is left out: it would close the connection before the browser has read why.
		raw := r.Body
		r.Body = &limitedBody{ReadCloser: http.MaxBytesReader(nil, raw, limit), raw: raw}
		next.ServeHTTP(w, r)
	})
}

type limitedBody struct {
	io.ReadCloser
	raw io.Reader
}

// drain reads the rest of a body that is too large: a browser that is still sending does not read the answer.
func drain(r *http.Request) {
	if b, ok := r.Body.(*limitedBody); ok {
		_, _ = io.CopyN(io.Discard, b.raw, drainLimit)
	}
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (s *state) log() *slog.Logger {
	if s.site != nil && s.site.Log != nil {
		return s.site.Log
	}
	return slog.Default()
}
