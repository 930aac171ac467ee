// Package idptest runs a real OpenID Connect provider on loopback for tests: the example server of zitadel/oidc, which is a
// certified implementation of the protocol and no part of the program. It refuses to be imported by anything but tests.
package idptest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/text/language"
)

// The site as a client of the provider, and the password of everybody there.
const (
	Client   = "giaoban"
	Secret   = "bi-mat-cua-ung-dung"
	Password = "mật khẩu ở nơi khác"
)

// Provider is one that runs until its test ends.
type Provider struct {
	Issuer string
	Server *httptest.Server
}

// Start starts a provider that sends people back to the given address and nowhere else. Its users are given by their
// subjects; user names and e-mail addresses stand in the same.
func Start(t testing.TB, back string, users ...User) *Provider {
	t.Helper()
	p := &Provider{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }))
	p.Issuer = "http://" + p.Server.Listener.Addr().String()
	list := directory{}
	for _, u := range users {
		list[u.Subject] = &storage.User{ID: u.Subject, Username: u.Name, Password: Password, FirstName: "Người", LastName: "Thử",
			Email: u.Email, EmailVerified: u.Verified, PreferredLanguage: language.Vietnamese}
	}
	clients := map[string]*storage.Client{Client: storage.WebClient(Client, Secret, back)}
	p.Server.Config.Handler = exampleop.SetupServer(p.Issuer, storage.NewStorageWithClients(list, clients), nil, false)
	p.Server.Start()
	t.Cleanup(p.Server.Close)
	return p
}

// User is somebody whom the provider knows.
type User struct {
	Subject, Name, Email string
	Verified             bool // the e-mail address
}

// SignIn goes where the site sends somebody, signs in there, and gives the address to which the provider sends them back.
func (p *Provider) SignIn(t testing.TB, to, name string) string {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	next := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		at, err := res.Location()
		if err != nil {
			t.Fatalf("%s answered %s and leads nowhere", res.Request.URL, res.Status)
		}
		return at.String()
	}
	form := next(c.Get(to))
	if !strings.HasPrefix(form, p.Issuer+"/login/username") {
		return form // refused: back with an error
	}
	at, err := url.Parse(form)
	if err != nil {
		t.Fatal(err)
	}
	return next(c.Get(next(c.PostForm(p.Issuer+"/login/username", url.Values{
		"id": {at.Query().Get("authRequestID")}, "username": {name}, "password": {Password}}))))
}

// directory is the provider's users by subject.
type directory map[string]*storage.User

func (d directory) GetUserByID(id string) *storage.User { return d[id] }

func (d directory) GetUserByUsername(name string) *storage.User {
	for _, u := range d {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (directory) ExampleClientID() string { return storage.ServiceUserID }
