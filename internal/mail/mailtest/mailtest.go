// Package mailtest is a mail server for tests: it speaks as much SMTP as a client needs, keeps what it is given, and fails
// as it is told to. It refuses to deliver anything anywhere.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Letter is a message as the server was given it.
type Letter struct {
	From, To string // of the envelope
	Source   string // header and body
	TLS      bool
	User     string // who signed in
}

// Options say what kind of server it is.
type Options struct {
	TLS            bool   // from the first byte
	STARTTLS       bool   // offered
	User, Password string // empty: nobody needs to sign in
}

// Server is a running server.
type Server struct {
	Host  string
	Port  int
	Roots *x509.CertPool // whose certificates a client must trust

	opt      Options
	listener net.Listener
	tls      *tls.Config

	mu      sync.Mutex
	letters []Letter
	fails   map[string][]string // replies to come, by command
	tried   int                 // connections
}

// Start runs a server on this machine until the test ends.
func Start(t testing.TB, opt Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, opt: opt, listener: l, fails: map[string][]string{}}
	s.tls, s.Roots = certificate(t)
	var sessions sync.WaitGroup
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() {
				defer conn.Close()
				s.serve(conn)
			})
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		sessions.Wait()
	})
	return s
}

// Fail answers the next commands of that name ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "." for the end of the
// letter) with these replies, one after the other; "drop" breaks the connection off.
func (s *Server) Fail(command string, replies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails[command] = append(s.fails[command], replies...)
}

// Letters are those that were taken.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Tried is how many connections there were.
func (s *Server) Tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tried
}

// fail is the reply that a command is to get instead of success.
func (s *Server) fail(command string) (reply string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.fails[command]; len(list) > 0 {
		s.fails[command] = list[1:]
		return list[0], true
	}
	return "", false
}

// serve speaks with one client.
func (s *Server) serve(raw net.Conn) {
	s.mu.Lock()
	s.tried++
	s.mu.Unlock()
	_ = raw.SetDeadline(time.Now().Add(time.Minute))
	conn, secure := raw, false
	if s.opt.TLS {
		conn, secure = tls.Server(raw, s.tls), true
	}
	text := textproto.NewConn(conn)
	say := func(command, good string) bool {
		if reply, found := s.fail(command); found {
			if reply == "drop" {
				return false
			}
			good = reply
		}
		return text.PrintfLine("%s", good) == nil
	}
	if !say("CONNECT", "220 mailtest") {
		return
	}
	var l Letter
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		command, rest, _ := strings.Cut(line, " ")
		switch command = strings.ToUpper(command); command {
		case "EHLO":
			offers := []string{"mailtest", "8BITMIME", "ENHANCEDSTATUSCODES"}
			if s.opt.STARTTLS && !secure {
				offers = append(offers, "STARTTLS")
			}
			if s.opt.User != "" {
				offers = append(offers, "AUTH PLAIN LOGIN")
			}
			for i, offer := range offers {
				sep := "-"
				if i == len(offers)-1 {
					sep = " "
				}
				if text.PrintfLine("250%s%s", sep, offer) != nil {
					return
				}
			}
		case "STARTTLS":
			if !say(command, "220 go ahead") {
				return
			}
			conn, secure = tls.Server(raw, s.tls), true
			text = textproto.NewConn(conn)
		case "AUTH":
			_, encoded, _ := strings.Cut(rest, " ")
			plain, _ := base64.StdEncoding.DecodeString(encoded)
			if string(plain) != "\x00"+s.opt.User+"\x00"+s.opt.Password {
				s.Fail("AUTH", "535 5.7.8 wrong")
			} else {
				l.User = s.opt.User
			}
			if !say(command, "235 2.7.0 welcome") {
				return
			}
		case "MAIL":
			l.From, l.TLS = path(rest), secure
			good := "250 2.1.0 ok"
			if s.opt.User != "" && l.User == "" {
				good = "530 5.7.0 sign in first"
			}
			if !say(command, good) {
				return
			}
		case "RCPT":
			l.To = path(rest)
			if !say(command, "250 2.1.5 ok") {
				return
			}
		case "DATA":
			if reply, found := s.fail(command); found {
				if reply == "drop" || text.PrintfLine("%s", reply) != nil {
					return
				}
				continue
			}
			if text.PrintfLine("354 go on") != nil {
				return
			}
			source, err := letterOf(text)
			if err != nil {
				return
			}
			if reply, found := s.fail("."); found {
				if reply == "drop" || text.PrintfLine("%s", reply) != nil {
					return
				}
				continue
			}
			l.Source = source
			s.mu.Lock()
			s.letters = append(s.letters, l)
			s.mu.Unlock()
			if !say("TAKEN", "250 2.0.0 taken") {
				return
			}
		case "QUIT":
			_ = text.PrintfLine("221 bye")
			return
		default: // NOOP, RSET
			if !say(command, "250 2.0.0 ok") {
				return
			}
		}
	}
}

// letterOf reads a letter to its lone dot, with line ends as they came.
func letterOf(text *textproto.Conn) (string, error) {
	lines, err := text.ReadDotLines()
	return strings.Join(lines, "\r\n") + "\r\n", err
}

// path is the address in FROM:<a@b> or TO:<a@b>.
func path(text string) string {
	_, text, _ = strings.Cut(text, "<")
	text, _, _ = strings.Cut(text, ">")
	return text
}

// certificate makes one for this machine, and who must be trusted for it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
