// Package webtest asks a site as a browser would: a client with cookies and HTML checks by CSS selector, and a real
// browser with axe-core. It refuses to pass quietly where the browser is missing: with GIAOBAN_REQUIRE=1, as check.sh
// sets, that is a failure.
package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/scs/v2"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/web"
)

// Serve runs a handler until the test ends and gives its address without a slash at the end.
func Serve(t testing.TB, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// Client is one browser window's worth of cookies. It does not follow redirects by itself.
type Client struct {
	t    testing.TB
	base string
	http *http.Client

	agent string
}

// New serves a handler and gives a visitor's client for it.
func New(t testing.TB, h http.Handler) *Client {
	t.Helper()
	return At(t, Serve(t, h))
}

// At gives a visitor's client for a site that runs already.
func At(t testing.TB, base string) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t: t, base: strings.TrimSuffix(base, "/"), http: &http.Client{
		Jar: jar, Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Agent makes the client call itself so.
func (c *Client) Agent(name string) *Client {
	c.agent = name
	return c
}

// Base is the site's address.
func (c *Client) Base() string { return c.base }

// Get asks for a page.
func (c *Client) Get(path string) *Page {
	c.t.Helper()
	return c.Do(c.request(http.MethodGet, path, nil))
}

// PostForm sends a form as this site's own page would. Values come in pairs: name, value, name, value.
func (c *Client) PostForm(path string, pairs ...string) *Page {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := c.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.Do(r)
}

// Upload is one file of a form.
type Upload struct {
	Field, Name string
	Data        []byte
}

// PostFiles sends a form with files.
func (c *Client) PostFiles(path string, files []Upload, pairs ...string) *Page {
	c.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := m.WriteField(pairs[i], pairs[i+1]); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, f := range files {
		w, err := m.CreateFormFile(f.Field, f.Name)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		c.t.Fatal(err)
	}
	r := c.request(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.Do(r)
}

func (c *Client) request(method, path string, body io.Reader) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// Do sends a request of the test's own making; its URL must be of the site.
func (c *Client) Do(r *http.Request) *Page {
	c.t.Helper()
	if c.agent != "" {
		r.Header.Set("User-Agent", c.agent)
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return &Page{t: c.t, client: c, Asked: r.Method + " " + r.URL.RequestURI(), Status: res.StatusCode, Header: res.Header, Body: body}
}

// Page is an answer.
type Page struct {
	t      testing.TB
	client *Client
	doc    *goquery.Document
	Asked  string
	Status int
	Header http.Header
	Body   []byte
}

// OK demands status 200.
func (p *Page) OK() *Page { p.t.Helper(); return p.Is(http.StatusOK) }

// Is demands a status.
func (p *Page) Is(status int) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s answered %d, want %d:\n%s", p.Asked, p.Status, status, p.excerpt())
	}
	return p
}

// Location is where a redirect leads.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Follow demands a 303 and asks for the page it leads to.
func (p *Page) Follow() *Page {
	p.t.Helper()
	p.Is(http.StatusSeeOther)
	return p.client.Get(p.Location())
}

// Doc is the parsed page.
func (p *Page) Doc() *goquery.Document {
	p.t.Helper()
	if p.doc == nil {
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(p.Body))
		if err != nil {
			p.t.Fatalf("%s: %v", p.Asked, err)
		}
		p.doc = doc
	}
	return p.doc
}

// Find selects elements.
func (p *Page) Find(selector string) *goquery.Selection { p.t.Helper(); return p.Doc().Find(selector) }

// Text is the text of the selected elements, blanks collapsed.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// Has demands that the body's visible text holds each of the texts.
func (p *Page) Has(texts ...string) *Page {
	p.t.Helper()
	all := p.Text("body")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			p.t.Errorf("%s must show %q:\n%s", p.Asked, text, p.excerpt())
		}
	}
	return p
}

// Lacks demands that none of the texts stands anywhere in the answer, attributes and comments included.
func (p *Page) Lacks(texts ...string) *Page {
	p.t.Helper()
	for _, text := range texts {
		if bytes.Contains(p.Body, []byte(text)) || strings.Contains(p.Text("body"), text) {
			p.t.Errorf("%s must not show %q", p.Asked, text)
		}
	}
	return p
}

// HasElement demands that each selector finds something.
func (p *Page) HasElement(selectors ...string) *Page {
	p.t.Helper()
	for _, s := range selectors {
		if p.Find(s).Length() == 0 {
			p.t.Errorf("%s must have %s:\n%s", p.Asked, s, p.excerpt())
		}
	}
	return p
}

// LacksElement demands that no selector finds anything.
func (p *Page) LacksElement(selectors ...string) *Page {
	p.t.Helper()
	for _, s := range selectors {
		if p.Find(s).Length() != 0 {
			p.t.Errorf("%s must not have %s", p.Asked, s)
		}
	}
	return p
}

// Value is the value of the first input, select or textarea with that name.
func (p *Page) Value(name string) string {
	p.t.Helper()
	field := p.Find(fmt.Sprintf("[name=%q]", name)).First()
	if v, ok := field.Attr("value"); ok {
		return v
	}
	if field.Is("select") {
		v, _ := field.Find("option[selected]").Attr("value")
		return v
	}
	return field.Text()
}

func (p *Page) excerpt() string {
	text := p.Text("main")
	if text == "" {
		text = string(p.Body)
	}
	if len(text) > 1500 {
		text = text[:1500] + " …"
	}
	return text
}

// Stage is a small site for a house's page tests: it has the frame, sessions in memory and actors of the test's choice,
// without the account house.
type Stage struct {
	Site   *web.Site
	Router *web.Router
	URL    string

	mu     sync.Mutex
	actors []auth.Actor
}

// NewStage mounts a house's routes and serves them. The clock stands at 08:00 on 1 October 2019.
func NewStage(t testing.TB, mount func(*web.Router)) *Stage {
	t.Helper()
	s := &Stage{}
	s.Site = &web.Site{
		Name:     func(context.Context) string { return "Thị xã Thử Nghiệm" },
		Clock:    clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)),
		Sessions: scs.New(),
		Log:      slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelError})),
		Load:     s.load,
	}
	s.Router = web.NewRouter(s.Site)
	mount(s.Router)
	s.Router.Get("/thu-vai/{n}", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		http.SetCookie(w, &http.Cookie{Name: actorCookie, Value: r.PathValue("n"), Path: "/"})
		_, err := io.WriteString(w, "ok")
		return err
	})
	s.URL = Serve(t, s.Router.Handler())
	return s
}

const actorCookie = "thu-vai"

func (s *Stage) load(r *http.Request) (auth.Actor, error) {
	c, err := r.Cookie(actorCookie)
	if err != nil {
		return auth.Actor{}, nil
	}
	n, err := strconv.Atoi(c.Value)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || n < 0 || n >= len(s.actors) {
		return auth.Actor{}, nil
	}
	return s.actors[n], nil
}

// Enter is a path that makes whoever opens it act as who, who has just shown who they are unless Proved says otherwise.
func (s *Stage) Enter(who auth.Actor) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who.Proved == 0 {
		who.Proved = time.Now().UnixMilli()
	}
	s.actors = append(s.actors, who)
	return "/thu-vai/" + strconv.Itoa(len(s.actors)-1)
}

// As gives a client that acts as who; the zero Actor is a visitor.
func (s *Stage) As(t testing.TB, who auth.Actor) *Client {
	t.Helper()
	c := At(t, s.URL)
	if who.SignedIn() {
		c.Get(s.Enter(who)).OK()
	}
	return c
}

// testLog sends the site's errors to the test's output.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}
