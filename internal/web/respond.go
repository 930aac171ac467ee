package web

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// Page is what the frame around a body needs to know.
type Page struct {
	Title string // the h1 and the window's title
	Lead  string // one sentence under the h1
	Nav   string // key of the navigation entry that is current
	// Crumbs lead to the page, without the page itself.
	Crumbs []Crumb
	Wide   bool // for large tables: the body takes the window's width
	Bare   bool // the body brings its own h1
	// Public pages may be indexed and kept by shared caches when a visitor asks.
	Public                 bool
	Canonical, Description string
	Actions                templ.Component // buttons beside the h1
	Head                   templ.Component // further elements of <head>
}

// Crumb is a step on the way to a page.
type Crumb struct{ Label, Path string }

// Show writes a page with status 200.
func Show(w http.ResponseWriter, r *http.Request, p Page, body templ.Component) error {
	return ShowStatus(w, r, http.StatusOK, p, body)
}

// ShowStatus writes a page. It renders before it writes: a component that fails leaves no half page.
func ShowStatus(w http.ResponseWriter, r *http.Request, status int, p Page, body templ.Component) error {
	s := stateOf(r.Context())
	if s.flash == "" && inSession(r.Context()) {
		s.flash = s.site.Sessions.PopString(r.Context(), flashKey)
	}
	var b bytes.Buffer
	if err := frame(s, p, body).Render(r.Context(), &b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	switch {
	case h.Get("Cache-Control") != "":
	case p.Public && status == http.StatusOK && !auth.From(r.Context()).SignedIn() && s.flash == "":
		h.Set("Cache-Control", "public, max-age=0, s-maxage=60")
	case auth.From(r.Context()).SignedIn(): // the next one at this computer must not find it
		h.Set("Cache-Control", "private, no-store")
	default:
		h.Set("Cache-Control", "private, no-cache")
	}
	if !p.Public {
		h.Set("X-Robots-Tag", "noindex")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

const flashKey = "flash"

// Redirect answers 303 to a path of this site. The flash, when not empty, stands once on the next page.
func Redirect(w http.ResponseWriter, r *http.Request, path, flash string) error {
	Flash(r, flash)
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("X-Progress") != "" { // sent by assets/js/drop.js, which says why
		w.Header().Set("X-Location", Local(path))
		w.WriteHeader(http.StatusOK)
		return nil
	}
	http.Redirect(w, r, Local(path), http.StatusSeeOther)
	return nil
}

// Flash makes a text, when not empty, stand once on the next page.
func Flash(r *http.Request, text string) {
	if text != "" && inSession(r.Context()) {
		stateOf(r.Context()).site.Sessions.Put(r.Context(), flashKey, text)
	}
}

// Invalid shows a form again with what is wrong: a summary above it, and each message at its field (Field and its kin
// find theirs by name). The body must hold the values as typed. What is no fault, or is one that no change of the form
// can mend (not found, unavailable), is returned.
func Invalid(w http.ResponseWriter, r *http.Request, err error, p Page, body templ.Component) error {
	faults := fault.All(err)
	if len(faults) == 0 || fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindUnavailable) {
		return err
	}
	stateOf(r.Context()).faults = faults
	status, _ := statusOf(faults[0].Kind)
	return ShowStatus(w, r, status, p, body)
}

// Attachment makes the response a download with that file name, in RFC 6266's two forms: plain for old programs, UTF-8
// for the others.
func Attachment(w http.ResponseWriter, name, contentType string) {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) || r == 0x7f {
			return '-'
		}
		return r
	}, Clean(name))
	plain := strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '_'
		}
		return r
	}, name)
	encoded := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	h := w.Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": plain})+"; filename*=UTF-8''"+encoded)
	h.Set("Content-Type", contentType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
}

// statusOf gives the status and the page's title of a fault; the title is Vietnamese, for T.
func statusOf(kind fault.Kind) (int, string) {
	switch kind {
	case fault.KindInvalid:
		return http.StatusUnprocessableEntity, "Nội dung gửi lên chưa đúng"
	case fault.KindNotFound:
		return http.StatusNotFound, "Không tìm thấy trang"
	case fault.KindConflict:
		return http.StatusConflict, "Dữ liệu đã được người khác thay đổi"
	case fault.KindRefused:
		return http.StatusConflict, "Chưa thực hiện được bước này"
	case fault.KindTooLarge:
		return http.StatusRequestEntityTooLarge, "Tệp quá lớn"
	case fault.KindTooMany:
		return http.StatusTooManyRequests, "Thao tác quá nhiều lần"
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable, "Hệ thống tạm thời chưa phục vụ được"
	}
	return http.StatusInternalServerError, "Có lỗi trong hệ thống"
}

// fail answers a handler's error: a fault in its own words, anything else with a reference number and a log line.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	s := stateOf(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return // the reader has gone
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		drain(r)
		err = fault.TooLargef("Nội dung gửi lên vượt quá giới hạn %d MB.", tooLarge.Limit>>20)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		s.log().Warn("request too slow", "ref", s.id, "route", s.pattern)
		err = fault.Unavailable("Hệ thống đang bận, yêu cầu này chưa xong trong thời gian cho phép. Xin thử lại sau ít phút.")
	}
	faults := fault.All(err)
	if len(faults) == 0 {
		s.log().Error("request failed", "ref", s.id, "route", s.pattern, "error", err)
	}
	if s.answer != nil && s.answer.status != 0 {
		panic(http.ErrAbortHandler) // half an answer is out: break it off rather than let it look whole
	}
	if WantsData(r) {
		tellScript(w, r, faults)
		return
	}
	if len(faults) == 0 {
		status, title := statusOf(0)
		problem(w, r, status, T(ctx, title), nil)
		return
	}
	status, title := statusOf(faults[0].Kind)
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = Said(ctx, f)
	}
	problem(w, r, status, T(ctx, title), texts)
}

// tellScript is fail for those who read JSON.
func tellScript(w http.ResponseWriter, r *http.Request, faults []*fault.Error) {
	out := Problem{State: problemStateOf(faults)}
	kind := fault.Kind(0)
	if len(faults) == 0 {
		out.Ref = stateOf(r.Context()).id
		out.Message = T(r.Context(), "Có lỗi trong hệ thống. Dữ liệu đã lưu không bị mất; xin thử lại sau.")
	} else {
		kind = faults[0].Kind
	}
	for i, f := range faults {
		if i > 0 {
			out.Message += " "
		}
		out.Message += Said(r.Context(), f)
	}
	status, _ := statusOf(kind)
	_ = Data(w, status, out) // the value is one that can be marshalled
}

func notFound(w http.ResponseWriter, r *http.Request) { fail(w, r, fault.NotFound()) }

// problem is the page of an error, always with a way back.
func problem(w http.ResponseWriter, r *http.Request, status int, title string, texts []string) {
	for _, name := range []string{"Content-Disposition", "Content-Length", "ETag", "Last-Modified"} {
		w.Header().Del(name)
	}
	w.Header().Set("Cache-Control", "no-store")
	s := stateOf(r.Context())
	s.faults = nil
	back := backPath(r)
	s.path = or(back, "/") // what was asked for may name somebody, and is no page to come back to
	if status == http.StatusNotFound {
		texts = append(texts, T(r.Context(), "Địa chỉ có thể đã gõ sai, hoặc nội dung nằm ngoài phạm vi bạn được xem."))
	}
	ref := ""
	if status == http.StatusInternalServerError {
		ref = s.id
	}
	if err := ShowStatus(w, r, status, Page{Title: title}, problemBody(texts, ref, back)); err != nil {
		s.log().Error("error page failed", "ref", s.id, "error", err)
		http.Error(w, title, status)
	}
}

// backPath is the page that the reader came from, when it is one of ours and another one.
func backPath(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || u.Path == "" || u.Path == r.URL.Path && r.Method == http.MethodGet {
		return ""
	}
	return Local(u.RequestURI())
}
