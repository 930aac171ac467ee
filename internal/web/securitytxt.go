package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"giaoban/internal/fault"
)

// SecurityContact checks where weaknesses of a site are to be reported: RFC 9116 wants a mailto:, tel: or https: address.
func SecurityContact(text string) error {
	u, err := url.Parse(text)
	ok := err == nil && (u.Scheme == "https" && u.Host != "" || (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "")
	if !ok || Clean(text) != text {
		return fault.Invalid("security.contact", "Địa chỉ nhận báo lỗi bảo mật phải có dạng mailto:…, tel:… hoặc https://….")
	}
	return nil
}

// securityTxt is RFC 9116's file. While the site answers, the contact stands; the file says so for half a year ahead,
// because the standard advises less than a year.
func (rt *Router) securityTxt(w http.ResponseWriter, r *http.Request) {
	contact := ""
	if rt.site.SecurityContact != nil {
		var err error
		if contact, err = rt.site.SecurityContact(r.Context()); err != nil {
			fail(w, r, err)
			return
		}
	}
	if contact == "" {
		notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	expires := time.Now().UTC().AddDate(0, 6, 0).Truncate(24 * time.Hour) // by the machine: its readers are programs of today
	fmt.Fprintf(w, "Contact: %s\nExpires: %s\nPreferred-Languages: vi, en\n", contact, expires.Format(time.RFC3339))
}
