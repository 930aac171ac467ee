package webtest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Line is the network between a browser and a site, which a test can cut: every connection breaks, and no new one comes through.
// It cuts a service worker off as well, which the browser's own emulation does not.
type Line struct {
	URL string

	mu   sync.Mutex
	down bool
	open map[net.Conn]bool
}

// NewLine leads to a site that is served at a URL on this machine.
func NewLine(t testing.TB, site string) *Line {
	t.Helper()
	to := strings.TrimPrefix(site, "http://")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{URL: "http://" + listener.Addr().String(), open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); l.Cut() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(near, to)
		}
	}()
	return l
}

func (l *Line) carry(near net.Conn, to string) {
	far, err := net.Dial("tcp", to)
	if err != nil || !l.take(near, far) {
		_ = near.Close()
		if far != nil {
			_ = far.Close()
		}
		return
	}
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	_, _ = io.Copy(near, far)
	_ = near.Close()
}

// take notes the connection's two ends while the line holds.
func (l *Line) take(ends ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range ends {
		l.open[c] = !l.down
	}
	return !l.down
}

// Cut breaks the line.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for c := range l.open {
		_ = c.Close()
	}
	clear(l.open)
}

// Mend mends it.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
