package web

import (
	"net/netip"
	"net/url"
	"strings"

	"giaoban/internal/fault"
)

// AddressSetting is where people reach the site, without a slash at the end: https://giaoban.example.vn. What leaves the
// site and leads back to it (mail, another system's sign-in) is made from it, never from what a request claims to be for.
const AddressSetting = "site.address"

// SiteAddress refuses what is no address of a site.
func SiteAddress(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return fault.Invalid("", "Địa chỉ trang chỉ gồm https:// và tên máy chủ, ví dụ https://giaoban.don-vi.vn, không có dấu / ở cuối.")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())) {
		return fault.Invalid("", "Địa chỉ trang phải bắt đầu bằng https://; http:// chỉ dùng được trên chính máy này.")
	}
	return nil
}

// Loopback tells whether a host, without its port, is this machine alone. A name that only resolves to it is not: who
// answers for names could change that.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
