package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"giaoban/internal/auth"
)

// FreshFor is how long a proof of identity stands for what asks for one.
const FreshFor = 10 * time.Minute

// ProofFields begin the names of the fields by which a person shows again who they are. They travel with the form that asked
// for it, and no handler of that form sees them.
const ProofFields = "xac-nhan-"

// PostFresh mounts a write that asks who is in to show again who they are when they have not done so lately (Actor.Proved). The
// page that asks carries the form's values along and posts them to the same address together with the proof, so that what was
// typed is not lost; files have to be chosen again.
func (rt *Router) PostFresh(pattern string, p auth.Permission, h Handler) {
	rt.mount(http.MethodPost, pattern, p, func(w http.ResponseWriter, r *http.Request) error {
		who := auth.From(r.Context())
		if !Fresh(who, time.Now()) {
			if rt.site.Prove == nil {
				notFound(w, r) // a site that cannot ask does not do what must be asked for
				return nil
			}
			proved, err := rt.site.Prove(w, r)
			if err != nil || !proved {
				return err
			}
			who.Proved = time.Now().UnixMilli()
			r = r.WithContext(auth.With(r.Context(), who))
		}
		dropProof(r)
		return h(w, r)
	})
	rt.routes[len(rt.routes)-1].Fresh = true
}

// Fresh tells whether an actor has shown lately who they are.
func Fresh(who auth.Actor, now time.Time) bool {
	age := now.UnixMilli() - who.Proved
	return age <= FreshFor.Milliseconds() && age >= -time.Minute.Milliseconds()
}

// Carried is a value that goes along with the proof.
type Carried struct{ Name, Value string }

// CarriedOf gives the values of a posted form, in the order of their names, without those of a proof.
func CarriedOf(r *http.Request) []Carried {
	var out []Carried
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if strings.HasPrefix(name, ProofFields) {
			continue
		}
		for _, value := range r.PostForm[name] {
			out = append(out, Carried{name, value})
		}
	}
	return out
}

// secretFields are fields of which no copy is carried along in a page.
var secretFields = []string{"password", "present"}

// showUnsent answers a post of somebody whose session has ended while they typed: it says so, and keeps what they typed until
// they have signed in again beside it. Files have to be chosen again.
func showUnsent(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	defer removeUploads(r)
	carried := slices.DeleteFunc(CarriedOf(r), func(c Carried) bool { return slices.Contains(secretFields, c.Name) })
	w.Header().Set("Cache-Control", "no-store")
	ctx := r.Context()
	return ShowStatus(w, r, http.StatusUnauthorized, Page{Title: T(ctx, "Chưa gửi được vì phiên đăng nhập đã kết thúc")},
		unsentBody(r.URL.RequestURI(), carried, r.MultipartForm != nil && len(r.MultipartForm.File) > 0))
}

// dropProof takes the proof out of the form.
func dropProof(r *http.Request) {
	for _, values := range []url.Values{r.Form, r.PostForm} {
		for name := range values {
			if strings.HasPrefix(name, ProofFields) {
				delete(values, name)
			}
		}
	}
	if r.MultipartForm != nil {
		for name := range r.MultipartForm.Value {
			if strings.HasPrefix(name, ProofFields) {
				delete(r.MultipartForm.Value, name)
			}
		}
	}
}

// held leads a person who owes something first to what they owe, wherever they want to go; pages that are open to everybody
// stay open. It answers true when it has answered.
func (rt *Router) held(w http.ResponseWriter, r *http.Request, p auth.Permission) bool {
	owes := auth.From(r.Context()).Owes
	if owes == "" || p == auth.Public || r.URL.Path == owes || strings.HasPrefix(r.URL.Path, owes+"/") {
		return false
	}
	if WantsData(r) {
		signedOut(w, r)
		return true
	}
	if r.Method == http.MethodPost {
		notFound(w, r)
		return true
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, owes, http.StatusSeeOther)
	return true
}
