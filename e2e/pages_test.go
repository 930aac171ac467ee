package e2e

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryKindOfPage looks at one page of each kind in a browser: axe-core finds nothing, at 1280 pixels and at 320, and at
// 320 nothing must be scrolled sideways.
func TestEveryKindOfPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := enter(t, s.client(), office)
	first := func(page, selector string) string {
		href, ok := c.Get(page).OK().Find(selector).First().Attr("href")
		if !ok {
			t.Errorf("%s has no %s", page, selector)
			return "/"
		}
		return href
	}
	meeting := first("/hop-giao-ban", "main table a[href^='/hop-giao-ban/']")
	report := first("/giao-ban/2019-q2", "main a[href^='/bao-cao/']")
	for name, group := range map[string]struct {
		who   string
		paths []string
	}{
		"public": {"", []string{"/", "/tin", first("/", "main a[href^='/tin/']"), "/dang-nhap", "/khong-co-trang-nay"}},
		"quarter and figures": {office, []string{"/giao-ban/2019-q3", "/giao-ban/2019-q2", "/so-lieu", "/so-lieu/P01.MT/2019-q3", "/so-lieu/TX/2019-q3/tong-hop",
			"/so/TX/2019-q3/CT01", "/so/TX/2019-q3/CT01?khung=now", "/so/P01.MT/2019-q3/CT01?rieng=1", "/chi-tieu-nam/TX/2019"}},
		"report": {office, []string{"/bao-cao", "/bao-cao/nghia-vu", report, first(report, "main a[href*='/in']"), "/bao-cao-don-vi/P01.MT/2019-q3"}},
		"briefing and tasks": {office, []string{"/hop-giao-ban", "/hop-giao-ban/moi", meeting, meeting + "/chuong-trinh", meeting + "/diem-danh", meeting + "/dien-bien",
			meeting + "/ket-luan", "/nhiem-vu", first("/nhiem-vu", "main table a[href^='/nhiem-vu/']")}},
		"files and news": {office, []string{"/nhap", "/bai-viet", first("/bai-viet", "main table a[href^='/bai-viet/']")}},
		"units, catalogue, periods": {office, []string{"/don-vi", "/don-vi/P01", "/don-vi/moi", "/don-vi/sap-xep", "/don-vi/nap", "/chi-tieu", "/chi-tieu/CT01", "/chi-tieu/moi",
			"/ky", "/ky/2019-q3", "/ky/moi", "/tai-khoan"}},
		"books": {keeper, []string{"/so-quy", "/so-quy/mo", "/so-quy/P01-2019", "/so-quy/P01-2019/thu", "/so-quy/P01-2019/chi", "/so-quy/P01-2019/khoan/1", "/so-quy/P01-2019/khoan/1/bien-nhan",
			"/so-quy/P01-2019/tai-khoan", "/so-quy/P01-2019/khoa", "/so-quy/P01-2019/danh-sach", "/bien-nhan"}},
		"people": {admin, []string{"/nguoi-dung", "/nguoi-dung/them", "/tai-khoan"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.t = t
			p := s.browse(true)
			if group.who != "" {
				p.enter(group.who)
			}
			for _, path := range group.paths {
				p.Resize(1280).Open(path)
				if h := p.Text("h1"); h == "" {
					t.Errorf("%s has no heading", path)
				}
				p.Axe()
				p.NoHorizontalScroll().Axe()
			}
		})
	}
}

var ids = regexp.MustCompile(`^([0-9a-f]{26}|[0-9]+|[A-Z]{1,3}[0-9]{0,2}(\.[A-Z0-9]+)?|20[0-9]{2}(-[a-z0-9]+)?)$`)

// kind gives what paths of one kind have in common: ids, codes and periods give way, and so do the values of a query.
func kind(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if ids.MatchString(p) || i == 2 && parts[1] == "tin" {
			parts[i] = "…"
		}
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}

// TestNoLinkLeadsNowhere follows the links of the pages as each role sees them, a few of each kind, and demands an answer.
func TestNoLinkLeadsNowhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const each = 3
	for _, who := range []string{"", office, chair, women, area, auditor, editor, publisher, follower, deputy, admin} {
		t.Run("as "+who, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.t = t
			c := s.client()
			if who != "" {
				enter(t, c, who)
			}
			seen, kinds, queue := map[string]bool{}, map[string]int{}, []string{"/"}
			from := map[string]string{}
			for len(queue) > 0 {
				path := queue[0]
				queue = queue[1:]
				p := c.Get(path)
				if p.Status == 303 || p.Status == 302 {
					if to := p.Location(); !seen[to] {
						seen[to] = true
						from[to] = path
						queue = append(queue, to)
					}
					continue
				}
				if p.Status != 200 {
					t.Errorf("%s (linked from %s) answers %d", path, from[path], p.Status)
					continue
				}
				if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
					if len(p.Body) == 0 {
						t.Errorf("%s (linked from %s) is an empty file", path, from[path])
					}
					continue
				}
				for _, a := range p.Find("a[href]").EachIter() {
					href, _ := a.Attr("href")
					href, _, _ = strings.Cut(href, "#")
					if !strings.HasPrefix(href, "/") || seen[href] || kinds[kind(href)] >= each {
						continue
					}
					seen[href] = true
					kinds[kind(href)]++
					from[href] = path
					queue = append(queue, href)
				}
			}
			if who != "" && len(seen) < 8 {
				t.Errorf("only %d pages found: %v", len(seen), from)
			}
		})
	}
}

// TestVisitorsSeeOnlyWhatIsPublic: who has not signed in is sent to sign in, and nothing of the inside is on the way.
func TestVisitorsSeeOnlyWhatIsPublic(t *testing.T) {
	t.Parallel()
	c := newSite(t).client()
	for _, path := range []string{"/giao-ban", "/giao-ban/2019-q3", "/so-lieu", "/so/TX/2019-q3/CT01", "/bao-cao", "/hop-giao-ban", "/nhiem-vu", "/bai-viet", "/nhap", "/don-vi", "/nguoi-dung", "/ho-so/2019-q2"} {
		p := c.Get(path).Is(303).Lacks("triệu đồng")
		if !strings.HasPrefix(p.Location(), "/dang-nhap") {
			t.Errorf("%s leads to %s", path, p.Location())
		}
	}
	for _, path := range []string{"/", "/tin", "/dang-nhap", "/healthz"} {
		c.Get(path).OK()
	}
}
