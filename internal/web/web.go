// Package web is the kernel of every page: the router that mounts no route without its permission, the frame around a
// page, the parts of forms, and the assets. It knows no domain. It refuses inline script and style, writes by GET, posts
// from other sites, redirects that leave the site, and words of internal errors on a page.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
)

// Handler answers a request or returns an error: a fault becomes a page in its words, anything else a reference number.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Site is what the pages of one locality have in common.
type Site struct {
	Name     func(ctx context.Context) string
	Clock    *clock.Clock
	Demo     bool                                      // every page says that its data are fictional, and what time it is there
	Secure   bool                                      // served over HTTPS: cookies and HSTS say so
	Load     func(r *http.Request) (auth.Actor, error) // who asks, read from the session
	Sessions *scs.SessionManager
	Health   func(ctx context.Context) error // nil means always healthy
	Log      *slog.Logger
	Unread   func(ctx context.Context) int // how many notices the reader has not read; nil: there is no page of them
	Nav      []NavItem

	Proxies []netip.Prefix // those whose X-Forwarded-For is believed; none by default
	Limits  Limits
	// Prove asks a person again who they are, for PostFresh: it answers true when the posted form holds a right proof, and
	// otherwise shows the page that asks for one.
	Prove func(w http.ResponseWriter, r *http.Request) (bool, error)

	SecurityContact func(ctx context.Context) (string, error) // for /.well-known/security.txt; nil or empty: there is none

	heavy chan struct{} // see Heavy
}

// NavItem is an entry of the main navigation, shown to those who hold Needs somewhere. Key is what Page.Nav names.
type NavItem struct {
	Key, Path, Label string
	Needs            auth.Permission
}

// Route is one mounted route, for the test that lists them all.
type Route struct {
	Method, Pattern string
	Permission      auth.Permission
	Fresh           bool // asks for a proof of identity that is not old
}

// Router mounts routes with their permission.
type Router struct {
	site   *Site
	mux    *http.ServeMux
	routes []Route

	perAddress, perPerson *limiter
}

// NewRouter makes a router that knows one route of its own: the choice of the language.
func NewRouter(site *Site) *Router {
	if site.Log == nil {
		site.Log = slog.Default()
	}
	site.heavy = make(chan struct{}, atOnce)
	rt := &Router{site: site, mux: http.NewServeMux(),
		perAddress: newLimiter(site.Limits.PerAddress), perPerson: newLimiter(site.Limits.PerPerson)}
	rt.Post("/ngon-ngu", auth.Public, chooseLanguage)
	return rt
}

// Get mounts a page for GET and HEAD. The pattern is ServeMux's without the method.
func (rt *Router) Get(pattern string, p auth.Permission, h Handler) {
	rt.mount(http.MethodGet, pattern, p, h)
}

// Post mounts a write.
func (rt *Router) Post(pattern string, p auth.Permission, h Handler) {
	rt.mount(http.MethodPost, pattern, p, h)
}

// Routes lists what is mounted, by pattern and method.
func (rt *Router) Routes() []Route {
	out := slices.Clone(rt.routes)
	slices.SortFunc(out, func(a, b Route) int {
		if c := strings.Compare(a.Pattern, b.Pattern); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
	return out
}

// mount panics on a permission that is none: a programmer's error at start-up, which would leave the route to nobody or
// to everybody.
func (rt *Router) mount(method, pattern string, p auth.Permission, h Handler) {
	if p != auth.Public && p != auth.SignedIn && !slices.Contains(auth.Permissions, p) {
		panic(fmt.Sprintf("web: %s %s names the unknown permission %q", method, pattern, p))
	}
	rt.routes = append(rt.routes, Route{Method: method, Pattern: pattern, Permission: p})
	if pattern == "/" {
		pattern = "/{$}" // in ServeMux a bare slash means every path
	}
	rt.mux.HandleFunc(method+" "+pattern, func(w http.ResponseWriter, r *http.Request) {
		stateOf(r.Context()).pattern = pattern
		if rt.held(w, r, p) || !rt.admit(w, r, p) {
			return
		}
		if method == http.MethodPost {
			if err := readForm(r); err != nil {
				fail(w, r, err)
				return
			}
			defer removeUploads(r)
		}
		if err := h(w, r); err != nil {
			fail(w, r, err)
		}
	})
}

// admit lets an actor with the permission through. A visitor is sent to sign in, whatever the path holds; anyone else
// meets the same page as for a path that does not exist. What a visitor posts whose session has ended meanwhile is kept for them.
func (rt *Router) admit(w http.ResponseWriter, r *http.Request, p auth.Permission) bool {
	who := auth.From(r.Context())
	if who.Has(p) {
		return true
	}
	if !who.SignedIn() && WantsData(r) {
		signedOut(w, r)
		return false
	}
	if !who.SignedIn() && r.Method != http.MethodPost {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, URL("/dang-nhap", "tiep", r.URL.RequestURI()), http.StatusSeeOther)
		return false
	}
	if who.Lost {
		if err := showUnsent(w, r); err != nil {
			fail(w, r, err)
		}
		return false
	}
	// Who tries doors that are shut is told by an id that says nothing outside the site.
	st := stateOf(r.Context())
	st.log().Warn("refused", "ref", st.id, "route", st.pattern, "why", "permission", "needs", string(p), "person", who.Person)
	notFound(w, r)
	return false
}
