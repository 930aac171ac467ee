package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/fault"
	"giaoban/internal/web/lang"
)

// state is what one request carries to its page. It is a pointer in the context, so that what a handler learns (the faults
// of a form) reaches the frame without passing through every component.
type state struct {
	site    *Site
	id      string // the reference number of the request
	lang    string
	path    string // the page itself, for links that come back to it
	pattern string // the route, for the log: a path may hold a name
	flash   string
	faults  []*fault.Error
	answer  *recorder
	address string
	request *http.Request // as it came in, for Agent and Cookie
	person  string        // the id of who asks, for the log
}

type stateKey struct{}

// sessionKey marks a context that holds a session. The page of a panic or of a refused post is made outside it, where
// scs would panic when asked.
type sessionKey struct{}

func inSession(ctx context.Context) bool { return ctx.Value(sessionKey{}) != nil }

// stateOf never answers nil: a component rendered outside a request is Vietnamese and has no faults.
func stateOf(ctx context.Context) *state {
	if s, ok := ctx.Value(stateKey{}).(*state); ok {
		return s
	}
	return &state{lang: "vi"}
}

// T gives a text in the reader's language. The Vietnamese text is its own key; args fill it as lang.Say says.
func T(ctx context.Context, vi string, args ...any) string {
	return lang.Say(stateOf(ctx).lang, vi, args...)
}

// Said is a fault in the reader's language.
func Said(ctx context.Context, f *fault.Error) string {
	format, args := f.Message()
	return T(ctx, format, args...)
}

// named is a text that a caller gives finished: what it holds stays, but a period's name is said in the reader's language.
func named(ctx context.Context, text string) string {
	if Lang(ctx) != "en" {
		return text
	}
	return lang.Period(text)
}

// Lang is the language of the request: "vi" or "en".
func Lang(ctx context.Context) string { return stateOf(ctx).lang }

// Now is the present moment of the site.
func Now(ctx context.Context) time.Time {
	if s := stateOf(ctx).site; s != nil && s.Clock != nil {
		return s.Clock.Now()
	}
	return clock.Real().Now()
}

// newReference makes ten letters and digits that can be read out on the telephone.
func newReference() string {
	var b [7]byte
	if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
		panic(err) // the system's random source is gone: nothing may go on
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
	return text[:5] + "-" + text[5:10]
}

// language is the browser's own choice, else the person's, else Vietnamese.
func language(r *http.Request, site *Site, who auth.Actor) string {
	if c, err := r.Cookie(cookieName(site, languageCookie)); err == nil && (c.Value == "vi" || c.Value == "en") {
		return c.Value
	}
	if who.Language == "en" {
		return "en"
	}
	return "vi"
}

const languageCookie = "lang"

// SetLanguage keeps the language in the browser for a year.
func SetLanguage(ctx context.Context, code string) {
	KeepCookie(ctx, languageCookie, code, 365)
	stateOf(ctx).lang = code
}

// Agent is what the browser calls itself; for words about the device, never to be kept whole.
func Agent(ctx context.Context) string {
	if r := stateOf(ctx).request; r != nil {
		return r.UserAgent()
	}
	return ""
}

// Cookie is the value of a cookie that KeepCookie has set, or empty.
func Cookie(ctx context.Context, name string) string {
	s := stateOf(ctx)
	if s.request == nil {
		return ""
	}
	c, err := s.request.Cookie(cookieName(s.site, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// KeepCookie keeps a value in the browser, out of reach of scripts, for so many days; before the answer is begun.
func KeepCookie(ctx context.Context, name, value string, days int) {
	s := stateOf(ctx)
	if s.answer == nil {
		return
	}
	http.SetCookie(s.answer, &http.Cookie{Name: cookieName(s.site, name), Value: value, Path: "/", MaxAge: days * 24 * 3600, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.site != nil && s.site.Secure})
}

// cookieName is one that a browser takes over HTTPS only, and from this host only, where the site is served so.
func cookieName(site *Site, name string) string {
	if site != nil && site.Secure {
		return "__Host-" + name
	}
	return name
}

func chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	code := Value(r, "lang")
	if code != "vi" && code != "en" {
		return fault.Invalid("lang", "Hãy chọn tiếng Việt hoặc tiếng Anh.")
	}
	SetLanguage(r.Context(), code)
	return Redirect(w, r, Value(r, "tiep"), "")
}

// Clean puts typed text into the form in which it is stored and compared: NFC, no control signs but line ends, one kind
// of line end, no blanks around.
func Clean(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = norm.NFC.String(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// Value is a posted form's value, or a page's from its query, cleaned. A password is read with r.FormValue, since blanks may belong to it.
func Value(r *http.Request, name string) string { return Clean(r.FormValue(name)) }

// Values are all values of a name, cleaned, blanks left out.
func Values(r *http.Request, name string) []string {
	_ = r.FormValue(name) // parses
	var out []string
	for _, v := range r.Form[name] {
		if v = Clean(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Checked tells whether a box was ticked.
func Checked(r *http.Request, name string) bool { return r.FormValue(name) != "" }

// Int64 reads a plain whole number, as ids and versions are sent. Blank is a fault: ask Value first where the field is
// optional. Quantities typed by people are for viet to read.
func Int64(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(Value(r, name), 10, 64)
	if err != nil {
		return 0, fault.Invalid(name, "Hãy nhập một số nguyên.")
	}
	return n, nil
}

// Date reads a day as a browser's date field sends it (2019-10-01) or as people write it (1/10/2019) and gives
// YYYY-MM-DD. Blank is a fault.
func Date(r *http.Request, name string) (string, error) {
	text := Value(r, name)
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day.Format(time.DateOnly), nil
		}
	}
	if text == "" {
		return "", fault.Invalid(name, "Hãy nhập ngày.")
	}
	return "", fault.Invalidf(name, "Ngày “%s” không đọc được. Hãy ghi ngày/tháng/năm, ví dụ 01/10/2019.", text)
}

// File opens an uploaded file; none is a fault at the field. The file goes with the request.
func File(r *http.Request, name string) (multipart.File, *multipart.FileHeader, error) {
	f, head, err := r.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil, fault.Invalid(name, "Hãy chọn tệp.")
	}
	if err != nil {
		return nil, nil, err
	}
	head.Filename = Clean(head.Filename)
	return f, head, nil
}

// Files are all files that were sent in a field; none is a fault at the field. They go with the request.
func Files(r *http.Request, name string) ([]*multipart.FileHeader, error) {
	f, _, err := File(r, name) // parses, and says what is wrong
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	all := r.MultipartForm.File[name]
	for _, head := range all {
		head.Filename = Clean(head.Filename)
	}
	return all, nil
}

// PageNumber is the page of a list that is asked for, from 1.
func PageNumber(r *http.Request) int {
	n, err := strconv.Atoi(r.FormValue("trang"))
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// URL adds a query to a path; an empty value is left out.
func URL(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + q.Encode()
}

// Path joins segments, each escaped: Path("don-vi", code) is /don-vi/….
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// Local gives the path when it stays on this site, else "/". A browser reads "//x" and "/\x" as another host.
func Local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\") ||
		strings.ContainsFunc(path, unicode.IsControl) {
		return "/"
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	return path
}

func parseDay(iso string) (time.Time, error) { return time.Parse(time.DateOnly, iso) }

// Day prints a stored day (YYYY-MM-DD) as dd/mm/yyyy; what is no day stays as it is.
func Day(iso string) string {
	day, err := parseDay(iso)
	if err != nil {
		return iso
	}
	return day.Format("02/01/2006")
}

// Moment prints stored UTC milliseconds as 15:04, 02/01/2006 in Vietnam's time.
func Moment(milli int64) string { return clock.At(milli).Format("15:04, 02/01/2006") }

const (
	formLimit   = 1 << 20
	uploadLimit = 25 << 20
	inMemory    = 1 << 20   // of an upload; the rest lies in a temporary file until the request ends
	drainLimit  = 256 << 20 // of a body that is refused: a browser shows the answer only when it could send it all
	fieldLimit  = 50_000    // characters of one field: about twenty pages of text
)

// readForm parses a posted form before its handler runs, so that no handler can overlook a body that is too large. From then
// on the form is what the body holds: a link that leads to a page of this site cannot bring values into its forms.
func readForm(r *http.Request) error {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(inMemory)
	} else {
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case err != nil:
		return fault.Invalid("", "Biểu mẫu gửi lên bị hỏng hoặc bị ngắt giữa chừng. Hãy gửi lại.")
	}
	r.Form = r.PostForm
	for name, values := range r.Form {
		for _, v := range values {
			if len(v) > fieldLimit && utf8.RuneCountInString(v) > fieldLimit {
				return fault.Invalidf(name, "Nội dung của một ô dài quá %d ký tự. Hãy bấm quay lại và rút ngắn.", fieldLimit)
			}
		}
	}
	return nil
}

func removeUploads(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // a file left behind is the temporary folder's to clean
	}
}
