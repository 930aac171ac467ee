package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
)

// authority is a small certificate authority: as much of RFC 8555 as a client needs, without looking at signatures. It asks
// the site to prove its name by one way, at the addresses that the test gives, since it has no DNS.
type authority struct {
	way         string // "http-01" or "tls-alpn-01"
	plain, tls  string // the site's addresses
	key         *ecdsa.PrivateKey
	cert        *x509.Certificate
	Roots       *x509.CertPool
	mu          sync.Mutex
	base, print string // of the account's key
	valid       bool
	orders      int
	names       []string
	issued      []byte
	refused     error
}

func newAuthority(t *testing.T, way string) (*authority, string) {
	t.Helper()
	a := &authority{way: way, Roots: x509.NewCertPool()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Roots.AddCert(a.cert)
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	a.base = srv.URL
	return a, srv.URL + "/directory"
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", fmt.Sprint("nonce-", time.Now().UnixNano()))
	var envelope struct{ Protected, Payload string }
	var head struct {
		JWK *struct{ Crv, X, Y string } `json:"jwk"`
	}
	payload := []byte(nil)
	if r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&envelope)
		raw, _ := base64.RawURLEncoding.DecodeString(envelope.Protected)
		_ = json.Unmarshal(raw, &head)
		payload, _ = base64.RawURLEncoding.DecodeString(envelope.Payload)
	}
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	type m = map[string]any
	state := map[bool]string{true: "valid", false: "pending"}
	name := ""
	if len(a.names) > 0 {
		name = a.names[len(a.names)-1]
	}
	challenge := m{"type": a.way, "url": a.base + "/challenge", "token": "token-of-the-test", "status": state[a.valid]}
	order := func() m {
		o := m{"status": "pending", "identifiers": []m{{"type": "dns", "value": name}}, "authorizations": []string{a.base + "/authz"}, "finalize": a.base + "/finalize"}
		if a.valid {
			o["status"] = "ready"
		}
		if a.issued != nil {
			o["status"], o["certificate"] = "valid", a.base+"/certificate"
		}
		return o
	}
	switch r.URL.Path {
	case "/directory":
		say(200, m{"newNonce": a.base + "/nonce", "newAccount": a.base + "/account", "newOrder": a.base + "/new", "revokeCert": a.base + "/revoke", "keyChange": a.base + "/key"})
	case "/nonce":
	case "/account":
		sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"%s","kty":"EC","x":"%s","y":"%s"}`, head.JWK.Crv, head.JWK.X, head.JWK.Y))
		a.print = base64.RawURLEncoding.EncodeToString(sum[:])
		w.Header().Set("Location", a.base+"/account/1")
		say(201, m{"status": "valid"})
	case "/new":
		var asked struct{ Identifiers []struct{ Value string } }
		_ = json.Unmarshal(payload, &asked)
		name = asked.Identifiers[0].Value
		a.names, a.valid, a.issued = append(a.names, name), false, nil
		a.orders++
		w.Header().Set("Location", a.base+"/order")
		say(201, order())
	case "/order":
		say(200, order())
	case "/authz":
		say(200, m{"status": state[a.valid], "identifier": m{"type": "dns", "value": name}, "challenges": []m{challenge}})
	case "/challenge":
		if a.refused = a.prove(name); a.refused == nil {
			a.valid = true
		}
		say(200, challenge)
	case "/finalize":
		var asked struct{ CSR string }
		_ = json.Unmarshal(payload, &asked)
		der, _ := base64.RawURLEncoding.DecodeString(asked.CSR)
		csr, err := x509.ParseCertificateRequest(der)
		if err != nil {
			say(400, m{"type": "urn:ietf:params:acme:error:badCSR"})
			return
		}
		form := &x509.Certificate{SerialNumber: big.NewInt(int64(a.orders + 1)), NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(24 * time.Hour),
			DNSNames: csr.DNSNames, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if der, err = x509.CreateCertificate(rand.Reader, form, a.cert, csr.PublicKey, a.key); err != nil {
			say(500, m{})
			return
		}
		a.issued = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		w.Header().Set("Location", a.base+"/order")
		say(200, order())
	case "/certificate":
		_, _ = w.Write(a.issued)
	default:
		say(404, m{})
	}
}

// prove asks the site for its proof that it has the name.
func (a *authority) prove(name string) error {
	proof := "token-of-the-test." + a.print
	if a.way == "http-01" {
		r, err := http.NewRequest(http.MethodGet, "http://"+a.plain+"/.well-known/acme-challenge/token-of-the-test", nil)
		if err != nil {
			return err
		}
		r.Host = name
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err == nil && string(body) != proof {
			err = fmt.Errorf("%d %q is not %q", res.StatusCode, body, proof)
		}
		return err
	}
	conn, err := tls.Dial("tcp", a.tls, &tls.Config{ServerName: name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	sum := sha256.Sum256([]byte(proof))
	for _, e := range conn.ConnectionState().PeerCertificates[0].Extensions {
		var value []byte
		if e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}) {
			if _, err := asn1.Unmarshal(e.Value, &value); err == nil && string(value) == string(sum[:]) {
				return nil
			}
		}
	}
	return errors.New("no proof in the certificate")
}

// A certificate is got, kept for its owner alone, and served again after a restart without asking; over both ways in which
// an authority lets a name be proven.
func TestCertificatesAreIssuedByThemselves(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"http-01", "tls-alpn-01"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			ca, directory := newAuthority(t, way)
			folder := filepath.Join(t.TempDir(), "site", "tls")
			for start := range 2 {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				_, port, _ := net.SplitHostPort(l.Addr().String())
				issued, err := Issue([]string{"Giaoban.example.vn"}, folder, directory, port)
				if err != nil {
					t.Fatal(err)
				}
				plain := httptest.NewServer(issued.Plain)
				ca.plain, ca.tls = plain.Listener.Addr().String(), l.Addr().String()
				rt := NewRouter(&Site{Secure: true, Log: slog.New(slog.DiscardHandler)})
				rt.Get("/", auth.Public, func(http.ResponseWriter, *http.Request) error { return nil })
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- ServeOn(ctx, l, issued.TLS, rt.Handler(), slog.New(slog.DiscardHandler)) }()

				shake := func(name string, most uint16) error {
					conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: name, RootCAs: ca.Roots, MaxVersion: most})
					if err == nil {
						_ = conn.Close()
					}
					return err
				}
				if err := shake("giaoban.example.vn", 0); err != nil {
					t.Fatalf("start %d: %v (the authority: %v)", start, err, ca.refused)
				}
				if err := shake("giaoban.example.vn", tls.VersionTLS11); err == nil {
					t.Error("TLS 1.1 is spoken")
				}
				for _, foreign := range []string{"other.example.vn", "giaoban.example.vn.evil.test", ""} {
					if err := shake(foreign, 0); err == nil {
						t.Errorf("%q gets a certificate", foreign)
					}
				}
				if ca.orders != 1 {
					t.Errorf("start %d: %d orders for %v", start, ca.orders, ca.names)
				}
				client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Roots},
					DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
						return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
					}}}
				res, err := client.Get("https://giaoban.example.vn/")
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode != 200 || res.Header.Get("Strict-Transport-Security") == "" {
					t.Errorf("%d %v", res.StatusCode, res.Header)
				}
				client.CloseIdleConnections()
				plain.Close()
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			entries, err := os.ReadDir(folder)
			if err != nil || len(entries) < 2 {
				t.Fatalf("%d files are kept, %v", len(entries), err)
			}
			for _, e := range append(entries, nil) {
				path, want := folder, os.FileMode(0o700)
				if e != nil {
					path, want = filepath.Join(folder, e.Name()), 0o600
				}
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
					t.Errorf("%s: %v, %v", path, info.Mode(), err)
				}
			}
		})
	}
}

func TestPlainHTTPOnlyLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		port, method, host, path string
		status                   int
		to                       string
	}{
		{"443", "GET", "giaoban.example.vn", "/bao-cao?ky=1", 301, "https://giaoban.example.vn/bao-cao?ky=1"},
		{"443", "HEAD", "GIAOBAN.example.vn:80", "/", 301, "https://giaoban.example.vn/"},
		{"8443", "GET", "giaoban.example.vn", "//evil.test/", 301, "https://giaoban.example.vn:8443//evil.test/"},
		{"443", "GET", "evil.test", "/", 421, ""},
		{"443", "GET", "", "/", 421, ""},
		{"443", "POST", "giaoban.example.vn", "/dang-nhap", 400, ""},
		{"443", "GET", "giaoban.example.vn", "/.well-known/acme-challenge/x", 404, ""},
	} {
		issued, err := Issue([]string{"giaoban.example.vn"}, filepath.Join(t.TempDir(), "tls"), "", c.port)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Host = c.host
		rec := httptest.NewRecorder()
		issued.Plain.ServeHTTP(rec, r)
		if rec.Code != c.status || rec.Header().Get("Location") != c.to {
			t.Errorf("%s %s%s: %d to %q", c.method, c.host, c.path, rec.Code, rec.Header().Get("Location"))
		}
	}
}

func TestWhatNoCertificateIsIssuedFor(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	if err := os.Chmod(open, 0o750); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "tls")
	for name, c := range map[string]struct{ host, folder, directory, says string }{
		"an address":               {"192.0.2.1", good, "", "tên máy đầy đủ"},
		"a name without dots":      {"localhost", good, "", "tên máy đầy đủ"},
		"all names":                {"*.example.vn", good, "", "tên máy đầy đủ"},
		"a name with a port":       {"giaoban.example.vn:443", good, "", "tên máy đầy đủ"},
		"a folder open to others":  {"giaoban.example.vn", open, "", "chmod 700"},
		"an authority in clear":    {"giaoban.example.vn", good, "http://acme.example.vn/directory", "https://"},
		"an authority of no place": {"giaoban.example.vn", good, "acme", "https://"},
	} {
		if _, err := Issue([]string{c.host}, c.folder, c.directory, "443"); !fault.Is(err, fault.KindRefused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
