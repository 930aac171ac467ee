package web

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestOnlyATrustedProxySaysWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		remote    string
		proxies   []netip.Prefix
		forwarded []string
		want      string
	}{
		{"203.0.113.7:1", nil, nil, "203.0.113.7"},
		{"127.0.0.1:1", nil, []string{"198.51.100.1"}, "127.0.0.1"}, // none is trusted unless named, not even this machine
		{"203.0.113.7:1", local, []string{"198.51.100.1"}, "203.0.113.7"},
		{"127.0.0.1:1", local, []string{"198.51.100.1, 198.51.100.2"}, "198.51.100.2"},
		{"127.0.0.1:1", local, []string{"198.51.100.1", "198.51.100.2"}, "198.51.100.2"},
		{"127.0.0.1:1", local, []string{"198.51.100.1, 198.51.100.2, 10.1.2.3"}, "198.51.100.2"}, // through two of ours
		{"127.0.0.1:1", local, []string{"10.1.2.3"}, "10.1.2.3"},
		{"127.0.0.1:1", local, []string{"198.51.100.1, rác"}, "127.0.0.1"},
		{"127.0.0.1:1", local, nil, "127.0.0.1"},
		{"[::1]:1", local, []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		{"[::ffff:127.0.0.1]:1", local, []string{"::ffff:198.51.100.9"}, "198.51.100.9"},
		{"[2001:db8::1]:1", nil, nil, "2001:db8::/64"},
		{"[fe80::1%eth0]:1", nil, nil, "fe80::/64"},
		{"[::ffff:203.0.113.7]:1", nil, nil, "203.0.113.7"},
		{"@", nil, nil, "@"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := addressOf(r, c.proxies); got != c.want {
			t.Errorf("%s with %q is %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}
