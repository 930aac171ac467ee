package web

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
)

// writePair writes a certificate for 127.0.0.1 and its key, dated now, and answers the certificate.
func writePair(t *testing.T, certFile, keyFile string, serial int64, now time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, now, now); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestTLSWithFiles(t *testing.T) {
	t.Parallel()
	certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	roots := x509.NewCertPool()
	roots.AddCert(writePair(t, certFile, keyFile, 1, time.Now()))
	config, err := Certificate(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rt := NewRouter(&Site{Secure: true})
	rt.Get("/", auth.Public, func(http.ResponseWriter, *http.Request) error { return nil })
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var log bytes.Buffer // read when the server has ended
	go func() {
		done <- ServeOn(ctx, l, config, rt.Handler(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	}()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	res, err := client.Get("https://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 2 || !strings.HasPrefix(res.Header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Errorf("status %d, %s, HSTS %q", res.StatusCode, res.Proto, res.Header.Get("Strict-Transport-Security"))
	}
	old := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11}}}
	if res, err := old.Get("https://" + l.Addr().String() + "/"); err == nil {
		res.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
	for suite, spoken := range map[uint16]bool{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: false, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: true} {
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}})
		if (err == nil) != spoken {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
		if err == nil {
			c.Close()
		}
	}
	if res, err := http.Get("http://" + l.Addr().String() + "/"); err == nil {
		res.Body.Close()
		if res.StatusCode != 400 {
			t.Errorf("without TLS: %d", res.StatusCode)
		}
	}
	transport.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "handshake error from …") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("the log says %s", text)
	}
}

func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	t.Parallel()
	certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	now := time.Now().Truncate(time.Second)
	first := writePair(t, certFile, keyFile, 1, now)
	c := &certificate{certFile: certFile, keyFile: keyFile}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	second := writePair(t, certFile, keyFile, 2, now.Add(time.Minute))
	renewed := func(at time.Time, want *x509.Certificate, what string) {
		t.Helper()
		if !bytes.Equal(c.present(at).Certificate[0], want.Raw) {
			t.Error(what)
		}
	}
	c.looked = now
	renewed(now.Add(lookEvery-1), first, "the disk is asked again within a minute")
	renewed(now.Add(lookEvery), second, "the renewed certificate is not served")
	if err := os.WriteFile(certFile, []byte("hỏng"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := now.Add(time.Hour)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	renewed(later, second, "a broken renewal ends the service")
	if _, err := Certificate(certFile, keyFile); err == nil || !strings.Contains(err.Error(), "không đọc được chứng thư") {
		t.Errorf("a broken certificate at the start: %v", err)
	}
}
