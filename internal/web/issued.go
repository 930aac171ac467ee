package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"giaoban/internal/fault"
)

// Issued is TLS with certificates that a certificate authority gives and renews by itself (ACME, RFC 8555).
type Issued struct {
	TLS *tls.Config
	// Plain answers on port 80: the authority's questions (HTTP-01), and to everybody else that the site is under HTTPS.
	Plain http.Handler
}

// Issue makes TLS for these names of the site. Keys and certificates are kept in the folder, which is made for its owner
// alone; directory is the authority's address, empty for Let's Encrypt. port is where TLS is served. A name that is not
// among them gets neither a certificate nor a redirect.
func Issue(names []string, folder, directory, port string) (*Issued, error) {
	for i, name := range names {
		names[i] = strings.ToLower(name)
		if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") || strings.ContainsAny(name, "*:/@ ") {
			return nil, fault.Refusedf("Không xin được chứng thư cho “%s”: cần tên máy đầy đủ, ví dụ giaoban.don-vi.vn.", name)
		}
	}
	if directory == "" {
		directory = acme.LetsEncryptURL
	}
	if u, err := url.Parse(directory); err != nil || u.Scheme != "https" && !(u.Scheme == "http" && Loopback(u.Hostname())) {
		return nil, fault.Refused("Địa chỉ nơi cấp chứng thư (--acme-directory) phải bắt đầu bằng https://.")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("không tạo được thư mục chứng thư %s: %w", folder, err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fault.Refusedf("Người khác trên máy vào được thư mục khóa và chứng thư %s (%#o). Hãy chạy: chmod 700 %s", folder, mode, folder)
	}
	m := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(folder), HostPolicy: autocert.HostWhitelist(names...),
		Client: &acme.Client{DirectoryURL: directory, UserAgent: "giaoban"}}
	config := guard(m.TLSConfig())
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		// The manager asks its policy only for new certificates: a name that was served once would be served for ever.
		if !slices.Contains(names, strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))) {
			return nil, errors.New("a name that is not ours")
		}
		return m.GetCertificate(hello)
	}
	return &Issued{TLS: config, Plain: m.HTTPHandler(toHTTPS(names, port))}, nil
}

// toHTTPS leads to the same page under HTTPS, under one of our names only: what a request says it is for may be anything.
func toHTTPS(names []string, port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := strings.ToLower(r.Host)
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Connection", "close")
		switch {
		case !slices.Contains(names, host):
			http.Error(w, "not here", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "https only", http.StatusBadRequest) // what a form held has gone over the line in clear: better seen than hidden
		default:
			if port != "443" {
				host = net.JoinHostPort(host, port)
			}
			http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
		}
	})
}
