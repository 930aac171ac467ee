package web

import (
	"testing"

	"giaoban/internal/fault"
)

func TestWhatIsAnAddressOfASite(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://giaoban.example.vn", "https://giaoban.example.vn:8443", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"} {
		if err := SiteAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "giaoban.example.vn", "http://giaoban.example.vn", "https://giaoban.example.vn/", "https://x.vn/a", "https://x.vn?a", "https://x.vn?",
		"https://x.vn#", "https://a:b@x.vn", "https://", "https://:443", "ftp://127.0.0.1", "http://127.0.0.1.example.vn", "https://x.vn\n", "javascript:alert(1)"} {
		if err := SiteAddress(bad); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
