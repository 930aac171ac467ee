package door

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What is asked of a provider ends within these limits.
const (
	providerPatience = 6 * time.Second // one request
	providerAnswer   = 1 << 20         // bytes of an answer
	providerHeader   = 64 << 10
	freshFor         = time.Hour        // a discovery document is taken as it is
	staleFor         = 24 * time.Hour   // and used while a new one cannot be had
	restAfterFailure = 10 * time.Second // before a provider that does not answer is asked again
)

// issuers remembers what the providers' discovery documents say.
type issuers struct {
	now  func() time.Time // the machine's clock: a demonstration lives in another year, its provider does not
	mu   sync.Mutex
	each map[string]*issuer
}

func newIssuers() *issuers { return &issuers{now: time.Now, each: map[string]*issuer{}} }

// issuer is one of them. asking is held by who asks the provider; the others wait for the answer or use the one they have.
type issuer struct {
	address string
	client  *http.Client
	asking  chan struct{}

	mu     sync.Mutex
	doc    *document
	failed time.Time
	cause  error
}

// document is what a discovery document says.
type document struct {
	read     time.Time
	endpoint oauth2.Endpoint
	provider *oidc.Provider

	UserInfo     string   `json:"userinfo_endpoint"`
	Keys         string   `json:"jwks_uri"`
	EndSession   string   `json:"end_session_endpoint"`
	TokenMethods []string `json:"token_endpoint_auth_methods_supported"`
	NamesItself  bool     `json:"authorization_response_iss_parameter_supported"`
}

func (s *issuers) of(address string) *issuer {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.each[address]
	if i == nil {
		i = &issuer{address: address, client: providerClient(address), asking: make(chan struct{}, 1)}
		s.each[address] = i
	}
	return i
}

// known gives what is remembered of an issuer, without asking it; nil when nothing is.
func (s *issuers) known(address string) *document {
	i := s.of(address)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.doc
}

// find gives an issuer's document, not older than the limits allow.
func (s *issuers) find(ctx context.Context, address string) (*document, error) {
	i := s.of(address)
	if doc, done, err := i.remembered(s.now()); done {
		return doc, err
	}
	select {
	case i.asking <- struct{}{}:
		defer func() { <-i.asking }()
	case <-ctx.Done():
		return nil, Trouble{CauseDown}
	}
	if doc, done, err := i.remembered(s.now()); done { // somebody else has asked meanwhile
		return doc, err
	}
	doc, err := i.discover(ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		doc.read = s.now()
		i.doc, i.failed, i.cause = doc, time.Time{}, nil
		return doc, nil
	}
	i.failed, i.cause = s.now(), err
	if i.doc != nil && s.now().Sub(i.doc.read) < staleFor {
		return i.doc, nil
	}
	return nil, err
}

// remembered answers from memory: a fresh document, or, for a while after a failure, what that left.
func (i *issuer) remembered(now time.Time) (doc *document, done bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.doc != nil && now.Sub(i.doc.read) < freshFor:
		return i.doc, true, nil
	case i.cause == nil || now.Sub(i.failed) >= restAfterFailure:
		return nil, false, nil
	case i.doc != nil && now.Sub(i.doc.read) < staleFor:
		return i.doc, true, nil
	}
	return nil, true, i.cause
}

// discover reads the document and refuses one that would send us elsewhere than it may.
func (i *issuer) discover(ctx context.Context) (*document, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.client), providerPatience)
	defer cancel()
	p, err := oidc.NewProvider(ctx, i.address)
	if err != nil {
		return nil, causeOf(err, CauseDocument)
	}
	doc := &document{provider: p, endpoint: p.Endpoint()}
	if err := p.Claims(doc); err != nil {
		return nil, Trouble{CauseDocument}
	}
	if doc.endpoint.AuthURL == "" || doc.endpoint.TokenURL == "" || doc.Keys == "" {
		return nil, Trouble{CauseDocument}
	}
	for _, address := range []string{doc.endpoint.AuthURL, doc.endpoint.TokenURL, doc.Keys, doc.UserInfo, doc.EndSession} {
		if address != "" && !endpointAddress(i.address, address) {
			return nil, Trouble{CauseEndpoint}
		}
	}
	// Told beforehand, or the library would find out by sending the code twice.
	doc.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(doc.TokenMethods) > 0 && !slices.Contains(doc.TokenMethods, "client_secret_basic") {
		doc.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return doc, nil
}

// causeOf tells a provider that does not answer from one that answers what it should not.
func causeOf(err error, otherwise string) error {
	var t Trouble
	var n net.Error
	var op *net.OpError
	switch {
	case errors.As(err, &t):
		return t
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &op), errors.As(err, &n) && n.Timeout():
		return Trouble{CauseDown}
	}
	return Trouble{otherwise}
}

// config is the site as a client of a provider. The address that leads back is the provider's own, so that an answer of
// one provider cannot pass for another's.
func (d *document) config(p Provider, secret, back string) *oauth2.Config {
	endpoint := d.endpoint
	if secret == "" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	scopes := []string{oidc.ScopeOpenID}
	for _, s := range strings.Fields(p.Scopes) {
		if s != oidc.ScopeOpenID {
			scopes = append(scopes, s)
		}
	}
	return &oauth2.Config{ClientID: p.Client, ClientSecret: secret, Endpoint: endpoint, RedirectURL: back, Scopes: scopes}
}

// wayTo is the address at the provider where somebody signs in.
func (d *document) wayTo(p Provider, back, browser, state string) string {
	options := []oauth2.AuthCodeOption{oidc.Nonce(derived(browser, state, "nonce")), oauth2.S256ChallengeOption(derived(browser, state, "verifier"))}
	if p.Strong != "" && p.Strong != StrongAlways {
		options = append(options, oauth2.SetAuthURLParam("acr_values", p.Strong))
	}
	return d.config(p, "", back).AuthCodeURL(state, options...)
}

// redeem turns a code into what the provider says of who signed in. The tokens live in here and nowhere else.
func (s *issuers) redeem(ctx context.Context, p Provider, d *document, back, code, browser, state string) (claims, error) {
	secret, err := p.ReadSecret()
	if err != nil {
		return claims{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, s.of(p.Issuer).client), 2*providerPatience)
	defer cancel()
	token, err := d.config(p, secret, back).Exchange(ctx, code, oauth2.VerifierOption(derived(browser, state, "verifier")))
	if err != nil {
		return claims{}, causeOf(err, causeRefused)
	}
	raw, _ := token.Extra("id_token").(string)
	// The library allows no lateness of a token's end; a clock that runs behind ours is no fault of the person.
	check := &oidc.Config{ClientID: p.Client, Now: func() time.Time { return s.now().Add(-skew) }}
	id, err := d.provider.Verifier(check).Verify(ctx, raw)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return claims{}, Trouble{"time"}
	case err != nil:
		return claims{}, causeOf(err, causeToken)
	}
	if id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil {
		return claims{}, Trouble{causeToken}
	}
	said := saying{}
	if err := id.Claims(&said); err != nil {
		return claims{}, Trouble{causeToken}
	}
	f := facts{Issuer: id.Issuer, Subject: id.Subject, Party: said.text("azp"), Nonce: id.Nonce, Audience: id.Audience, Issued: id.IssuedAt}
	if err := f.fits(p, derived(browser, state, "nonce"), s.now()); err != nil {
		return claims{}, err
	}
	c := claims{Subject: id.Subject, ACR: said.text("acr"), AMR: said.list("amr")}
	c.read(p, said)
	if p.Linking != "" && c.login(p) == "" && d.UserInfo != "" {
		// Many providers put such claims not into the token but behind the userinfo endpoint.
		info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return claims{}, causeOf(err, "userinfo")
		}
		more := saying{}
		if info.Subject != id.Subject || info.Claims(&more) != nil { // OpenID Connect Core, 5.3.2
			return claims{}, Trouble{"userinfo"}
		}
		c.read(p, more)
	}
	return c, nil
}

// saying is a token's content, read leniently: a claim of another type is one that is missing.
type saying map[string]json.RawMessage

func (s saying) text(name string) (v string) {
	if json.Unmarshal(s[name], &v) != nil {
		return ""
	}
	return v
}

func (s saying) list(name string) (v []string) {
	if json.Unmarshal(s[name], &v) != nil {
		return nil
	}
	return v
}

// read takes the claims by which a person may be found. A verified address is the boolean true and nothing else.
func (c *claims) read(p Provider, s saying) {
	c.Login, c.Email = s.text(p.Claim), s.text("email")
	c.EmailVerified = string(s["email_verified"]) == "true"
}

// providerClient asks one issuer and where its document leads. It follows no redirects, uses no proxy and no cookies, and
// reads no more than the limits. Only the host that the operator has named may be on this machine itself: a document must
// not lead to what listens there for nobody else.
func providerClient(address string) *http.Client {
	own := ""
	if u, err := url.Parse(address); err == nil {
		own = u.Hostname()
	}
	open, guarded := &net.Dialer{Timeout: providerPatience}, &net.Dialer{Timeout: providerPatience, Control: refuseInside}
	return &http.Client{
		Timeout:       providerPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: limitedAnswers{&http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if host, _, err := net.SplitHostPort(addr); err == nil && host == own {
					return open.DialContext(ctx, network, addr)
				}
				return guarded.DialContext(ctx, network, addr)
			},
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    providerPatience,
			ResponseHeaderTimeout:  providerPatience,
			MaxResponseHeaderBytes: providerHeader,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
		}},
	}
}

// refuseInside refuses addresses that no document of another machine has a reason to name.
func refuseInside(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return Trouble{CauseEndpoint}
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
		return Trouble{CauseEndpoint}
	}
	return nil
}

// limitedAnswers ends an answer that is too large, unpacked as it is read.
type limitedAnswers struct{ next http.RoundTripper }

func (l limitedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{http.MaxBytesReader(nil, res.Body, providerAnswer), res.Body}
	return res, nil
}
