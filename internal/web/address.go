package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Address is where the request comes from, as far as limits and the trail need it: an IPv4 address or an IPv6 /64, which
// one subscriber has whole. Empty outside a request.
func Address(ctx context.Context) string { return stateOf(ctx).address }

// addressOf believes X-Forwarded-For only from a trusted proxy, and of it only what trusted proxies wrote: the last entry
// that is none of them. Anybody can send the header with entries of their own in front.
func addressOf(r *http.Request, proxies []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = plain(ip)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(ip) }) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		ip = plain(before)
	}
	if ip.Is6() {
		if subscriber, err := ip.Prefix(64); err == nil {
			return subscriber.String()
		}
	}
	return ip.String()
}

func plain(ip netip.Addr) netip.Addr { return ip.Unmap().WithZone("") }
