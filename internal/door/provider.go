package door

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Provider is another system whose sign-in the site takes, by OpenID Connect.
type Provider struct {
	Code   string // in addresses
	Name   string // on the button
	Issuer string // exactly as the provider's tokens name it
	Client string
	Secret string // where the client's secret is: env:NAME or file:PATH; empty for a client that has none
	Scopes string // asked for besides openid, with blanks between
	// Strong is what makes a sign-in there count as two factors: StrongAlways, or the acr or amr value that the token must
	// hold. Empty: it never does.
	Strong string
	// Linking says how a person is found who has not linked their identity: LinkByLogin compares Claim with the login,
	// LinkByEmail a verified e-mail address with the login. Empty: not at all.
	Linking string
	Claim   string
}

// Values of a Provider.
const (
	StrongAlways = "always"
	LinkByLogin  = "login"
	LinkByEmail  = "email"

	standardClaim = "preferred_username"
)

var (
	providerCode = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	scopeWord    = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`) // RFC 6749, 3.3
	secretName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// tidy fills in what is not said, and refuses a provider that cannot be.
func (p Provider) tidy() (Provider, error) {
	p.Name, p.Scopes = viet.Clean(p.Name), strings.Join(strings.Fields(p.Scopes), " ")
	if p.Claim == "" {
		p.Claim = standardClaim
	}
	var faults fault.List
	if !providerCode.MatchString(p.Code) {
		_ = faults.Add(fault.Invalid("code", "Mã hệ thống gồm chữ thường không dấu, chữ số, dấu gạch nối, bắt đầu bằng chữ, dài không quá 20 ký tự."))
	}
	if p.Name == "" || utf8.RuneCountInString(p.Name) > 80 {
		_ = faults.Add(fault.Invalid("name", "Tên hệ thống dài từ 1 đến 80 ký tự."))
	}
	if !issuerAddress(p.Issuer) {
		_ = faults.Add(fault.Invalid("issuer", "Địa chỉ nơi cấp (issuer) phải là https://…, không có ? và #; http:// chỉ dùng được trên chính máy này."))
	}
	if p.Client == "" || len(p.Client) > 200 || web.Clean(p.Client) != p.Client {
		_ = faults.Add(fault.Invalid("client", "Hãy nêu mã ứng dụng (client id) mà hệ thống kia cấp."))
	}
	for _, word := range strings.Fields(p.Scopes) {
		if !scopeWord.MatchString(word) {
			_ = faults.Add(fault.Invalidf("scopes", "Phạm vi “%s” không đúng cách viết.", word))
		}
	}
	if p.Linking != "" && p.Linking != LinkByLogin && p.Linking != LinkByEmail {
		_ = faults.Add(fault.Invalid("linking", "Cách tìm người dùng là login hoặc email, hoặc để trống."))
	}
	kind, rest, _ := strings.Cut(p.Secret, ":")
	if p.Secret != "" && (kind != "env" || !secretName.MatchString(rest)) && (kind != "file" || !filepath.IsAbs(rest)) {
		_ = faults.Add(fault.Invalid("secret", "Khóa bí mật chỉ đọc từ biến môi trường hoặc từ tệp."))
	}
	return p, faults.Err()
}

// issuerAddress tells whether a text can be an issuer's: https, or http on this machine alone.
func issuerAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") || len(text) > 500 {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && web.Loopback(u.Hostname())
}

// endpointAddress tells whether an issuer's document may send us to an address: https, or on this machine the very place
// that the issuer is set to.
func endpointAddress(issuer, endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Contains(endpoint, "#") {
		return false
	}
	i, err := url.Parse(issuer)
	return u.Scheme == "https" || err == nil && u.Scheme == "http" && i.Scheme == "http" && u.Host == i.Host && web.Loopback(u.Hostname())
}

// exposed tells whether other people of the machine can read the file of the secret.
func (p Provider) exposed() bool {
	path, file := strings.CutPrefix(p.Secret, "file:")
	if !file {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o077 != 0
}

// secretLimit is far more than any client's secret.
const secretLimit = 4 << 10

// ReadSecret reads the client's secret from where it is. It is read anew at each sign-in: a new one needs no restart.
func (p Provider) ReadSecret() (string, error) {
	kind, rest, _ := strings.Cut(p.Secret, ":")
	text := ""
	switch kind {
	case "":
		return "", nil
	case "env":
		text = os.Getenv(rest)
	case "file":
		b, err := os.ReadFile(rest)
		if err != nil || len(b) > secretLimit {
			return "", Trouble{CauseSecret}
		}
		text = string(b)
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", Trouble{CauseSecret}
	}
	return text, nil
}

// Trouble is why a sign-in at a provider came to nothing, in a word that may be shown and logged: what a provider answers
// may hold tokens and names, so none of it is kept.
type Trouble struct{ Cause string }

func (t Trouble) Error() string { return "provider: " + t.Cause }

// What a Trouble is.
const (
	CauseDown     = "down"     // it cannot be reached, or not in time
	CauseSecret   = "secret"   // the client's secret cannot be read
	CauseExposed  = "exposed"  // others of the machine can read it; told to the machine's owner only
	causeAddress  = "address"  // the site does not know its own address
	CauseDocument = "document" // its discovery document is not one, or is of another issuer
	CauseEndpoint = "endpoint" // its document leads where nothing may be asked
	causeRefused  = "refused"  // it refuses the code
	causeToken    = "token"    // its token is none, or not signed by it
)

// facts are what a token says of itself, after its signature was checked.
type facts struct {
	Issuer, Subject, Party, Nonce string
	Audience                      []string
	Issued                        time.Time
}

const (
	// skew is how far the provider's clock may be from ours.
	skew = 2 * time.Minute
	// staleAfter bounds the age of a token: it was made for the code that we have just sent.
	staleAfter = 10 * time.Minute
	// maxSubject is OpenID Connect Core's, 2.
	maxSubject = 255
)

// fits holds a token to OpenID Connect Core 3.1.3.7 as far as the library leaves it to its caller, or does it less
// strictly.
func (f facts) fits(p Provider, nonce string, now time.Time) error {
	switch {
	case f.Issuer != p.Issuer:
		return Trouble{"issuer"}
	case !slices.Contains(f.Audience, p.Client), len(f.Audience) > 1 && f.Party == "", f.Party != "" && f.Party != p.Client:
		return Trouble{"audience"}
	case subtle.ConstantTimeCompare([]byte(f.Nonce), []byte(nonce)) != 1:
		return Trouble{"nonce"}
	case f.Subject == "" || len(f.Subject) > maxSubject:
		return Trouble{"subject"}
	case f.Issued.After(now.Add(skew)), f.Issued.Before(now.Add(-staleAfter - skew)):
		return Trouble{"time"}
	}
	return nil
}

// claims are what a provider says of who signed in there.
type claims struct {
	Subject       string
	Login         string // the provider's claim for it
	Email         string
	EmailVerified bool
	ACR           string
	AMR           []string
}

// strong tells whether a sign-in at the provider counts as two factors.
func (c claims) strong(p Provider) bool {
	return p.Strong == StrongAlways || p.Strong != "" && (c.ACR == p.Strong || slices.Contains(c.AMR, p.Strong))
}

// login is the login under which a person may be found who has not linked their identity; empty when there is no such way.
func (c claims) login(p Provider) string {
	switch {
	case p.Linking == LinkByLogin:
		return c.Login
	case p.Linking == LinkByEmail && c.EmailVerified:
		return c.Email
	}
	return ""
}

// What somebody goes to a provider for.
const (
	toEnter = "enter"
	toLink  = "link"
)

// flow is a way to a provider that somebody is on.
type flow struct {
	Provider, Purpose, Person, Next string
}

// flowMinutes is how long a way to a provider stays open.
const flowMinutes = 10

// The session's keys of a way to a provider.
const (
	sessionBrowser  = "provider-browser" // what binds ways to this browser
	sessionState    = "provider-state"   // the way that was begun last
	sessionTrouble  = "provider-trouble" // what to say on the next page
	sessionProvider = "provider"         // by which provider the person came in
)

// randomWord is 256 random bits.
func randomWord() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func wordDigest(word string) string {
	sum := sha256.Sum256([]byte(word))
	return hex.EncodeToString(sum[:])
}

// derived gives the nonce and the PKCE verifier of a way: they follow from its state and from what the session holds, so
// that neither is kept.
func derived(browser, state, what string) string {
	mac := hmac.New(sha256.New, []byte(browser))
	fmt.Fprintf(mac, "%s:%s", what, state)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
