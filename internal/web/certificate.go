package web

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// Certificate serves TLS with a certificate and key in PEM files and reads them again when they change: those who renew
// certificates every few weeks need no restart. A renewal that cannot be read leaves the older certificate in use.
func Certificate(certFile, keyFile string) (*tls.Config, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile}
	if err := c.load(); err != nil {
		return nil, err
	}
	return guard(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return c.present(time.Now()), nil
	}}), nil
}

// guard keeps a line to TLS 1.2 and 1.3 and, of the former, to suites with authenticated encryption and keys that are made for the
// connection: crypto/tls by itself also speaks some with CBC.
func guard(config *tls.Config) *tls.Config {
	config.MinVersion = tls.VersionTLS12
	config.CipherSuites = []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	return config
}

type certificate struct {
	certFile, keyFile string

	mu      sync.Mutex
	pair    *tls.Certificate
	written time.Time // of the files that pair was read from
	looked  time.Time
}

// lookEvery spares a look at the disk for each connection.
const lookEvery = time.Minute

func (c *certificate) present(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) >= lookEvery {
		c.looked = now
		if c.newest().After(c.written) {
			_ = c.load() // the older one serves on; who renews sees it in the browser, and doctor in the file
		}
	}
	return c.pair
}

func (c *certificate) newest() time.Time {
	var out time.Time
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(out) {
			out = info.ModTime()
		}
	}
	return out
}

func (c *certificate) load() error {
	written := c.newest()
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("không đọc được chứng thư TLS %s và khóa %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair, c.written = &pair, written
	return nil
}
