package app_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/web"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt anew")

// kinds says which object a route's {id} is, by the longest beginning of its pattern that is listed.
var kinds = map[string]string{
	"/bai-viet/":         "article",
	"/bao-cao/":          "report",
	"/bao-cao/{id}/muc/": "draft", "/bao-cao/{id}/chot": "draft", "/bao-cao/{id}/lop": "draft", "/bao-cao/{id}/soan-lai": "draft",
	"/bao-cao-don-vi/":                       "statement",
	"/hop-giao-ban/":                         "briefing",
	"/nhap/":                                 "intake",
	"/trao-doi/goi-gui/":                     "sent",
	"/trao-doi/goi-nhan/":                    "parcel",
	"/trao-doi/khoa/":                        "key",
	"/nhiem-vu/":                             "task",
	"/nguoi-dung/":                           "person",
	"/thu/":                                  "mail",
	"/nhat-ky/":                              "act",
	"/thong-bao/":                            "act",
	"/nhat-ky/doi-tuong/":                    "task",
	"/nhat-ky-quan-tri/":                     "grant-act",
	"/uy-quyen/":                             "lent",
	"/don-vi/sap-xep/":                       "succession",
	"/don-vi/{code}/chuc-vu/":                "office",
	"/so/{unit}/{period}/{indicator}/trung/": "overlap",
	"/so/{unit}/{period}/{indicator}/canh-bao/": "flag",
	"/so-lieu/{unit}/{period}/chon/":            "rival",
	"/so-lieu/{unit}/{period}/o/":               "evidence",
}

// fixed are the parts of a path that lie in no unit. What is looked for by them is there.
var fixed = map[string]string{
	"house": "task", "period": "2019-q3", "year": "2019", "slug": "2019-q3", "indicator": "DG01", "cell": "DG01", "number": "1", "role": "editor", "seq": "1", "pledge": "1", "key": "aaaa.ics",
}

// asks are the fields by which a route without a unit in its path is asked for one, and forms those that a write needs so
// that it comes as far as its rule. UNIT stands for the unit's code.
var asks = map[string]string{
	"GET /bao-cao":                             "don-vi=UNIT&ky=2019-q3",
	"POST /bao-cao":                            "don-vi=UNIT&ky=2019-Q3",
	"GET /bao-cao/nghia-vu":                    "don-vi=UNIT&loai=quarter",
	"POST /bao-cao/nghia-vu":                   "don-vi=UNIT&loai=quarter&from=2019-10-01",
	"GET /bao-cao/{id}/tai":                    "dang=docx",
	"GET /bao-cao/tiep-nhan":                   "don-vi=UNIT&ky=2019-q3",
	"POST /bao-cao/tiep-nhan":                  "don-vi=UNIT&ky=2019-q3",
	"GET /bao-cao/trung":                       "don-vi=UNIT&ky=2019-q3",
	"POST /bao-cao/trung":                      "don-vi=UNIT&ky=2019-q3",
	"GET /trao-doi/goi-gui":                    "don-vi=UNIT&ky=2019-q3",
	"POST /trao-doi/goi-gui":                   "don-vi=UNIT&ky=2019-Q3",
	"POST /trao-doi/goi-nhan/{id}/nhan":        "so-ngoai-goi=1",
	"GET /tien-do":                             "don-vi=UNIT&ky=2019-q3",
	"GET /tien-do/goi":                         "don-vi=UNIT&ky=2019-q3",
	"POST /tien-do/nhac":                       "don-vi=UNIT&ky=2019-q3&tat-ca=1",
	"GET /tien-do/qua-cac-ky":                  "don-vi=UNIT&ky=2019-q3",
	"GET /tien-do/qua-cac-ky/tai":              "don-vi=UNIT&ky=2019-q3",
	"POST /bai-viet":                           "don-vi=UNIT&ky=2019-Q3",
	"GET /giao-ban/{period}":                   "don-vi=UNIT",
	"GET /ho-so/{period}":                      "don-vi=UNIT",
	"GET /ho-so/{period}/danh-muc":             "don-vi=UNIT",
	"GET /ho-so/{period}/tep/{name}":           "don-vi=UNIT",
	"GET /hop-giao-ban/moi":                    "don-vi=UNIT&ky=2019-q3",
	"POST /hop-giao-ban":                       "don-vi=UNIT&ky=2019-q2",
	"GET /hop-giao-ban/{id}/tai":               "giay=moi&dang=docx",
	"POST /hop-giao-ban/{id}/chuong-trinh/xep": "form=f&f-act=up&f-id=ITEM",
	"POST /nguoi-dung/{id}/thu-quyen":          "grant=GRANT",
	"POST /nguoi-dung/{id}/xoa":                "sure=1&reason=Tạo nhầm tài khoản",
	"GET /nhat-ky":                             "don-vi=UNIT",
	"GET /nhat-ky/in":                          "don-vi=UNIT",
	"GET /nhat-ky/tep":                         "don-vi=UNIT&dang=jsonl",
	"GET /nhat-ky-quan-tri":                    "don-vi=UNIT",
	"GET /nhat-ky-quan-tri/in":                 "don-vi=UNIT",
	"GET /nhat-ky-quan-tri/tep":                "don-vi=UNIT&dang=csv",
}

type cell struct {
	route  web.Route
	path   string
	form   url.Values
	scoped bool
}

// address makes the request of a route that reaches a spot's object.
func address(route web.Route, s *spot) (cell, error) {
	c := cell{route: route, form: url.Values{"version": {"1"}, "email": {"hop.thu@example.vn"}}}
	var wrong error
	path := regexp.MustCompile(`\{[a-z$.]+\}`).ReplaceAllStringFunc(route.Pattern, func(part string) string {
		name := strings.TrimSuffix(strings.Trim(part, "{}"), "...")
		if value, ok := fixed[name]; ok && !(name == "slug" && strings.HasPrefix(route.Pattern, "/tin")) {
			return value
		}
		switch {
		case name == "$":
			return ""
		case name == "unit", name == "code" && strings.HasPrefix(route.Pattern, "/don-vi/"):
			c.scoped = true
			return s.Code
		case name == "code" && strings.HasPrefix(route.Pattern, "/chi-tieu/"):
			return "DG01"
		case name == "code" && (strings.HasPrefix(route.Pattern, "/dang-nhap/") || strings.HasPrefix(route.Pattern, "/tai-khoan/") || strings.HasPrefix(route.Pattern, "/trao-doi/")):
			return "tinh"
		case name == "code" && strings.HasPrefix(route.Pattern, "/bieu-mau/"):
			return "BM-01"
		case name == "code" && strings.HasPrefix(route.Pattern, "/bao-cao/"):
			return s.objects["section"]
		case name == "id" && strings.HasPrefix(route.Pattern, "/quy-tac/"):
			return s.objects["rule"]
		case name == "book", name == "list":
			c.scoped = true
			return s.objects[name]
		case name == "code" && strings.HasPrefix(route.Pattern, "/bien-nhan/"):
			return s.objects["slip"]
		case name == "slug":
			return s.objects["slug"]
		case name == "name":
			return s.objects["paper"]
		case name == "lent":
			return s.objects["lent"]
		}
		best := ""
		for begin := range kinds {
			if strings.HasPrefix(route.Pattern, begin) && len(begin) > len(best) {
				best = begin
			}
		}
		if name != "id" || s.objects[kinds[best]] == "" {
			wrong = fmt.Errorf("the matrix does not know what %s of %s is: say so in kinds or fixed", part, route.Pattern)
		}
		c.scoped = true
		return s.objects[kinds[best]]
	})
	key := route.Method + " " + route.Pattern
	if asked := asks[key]; asked != "" {
		c.scoped = true
		values, err := url.ParseQuery(strings.NewReplacer("UNIT", s.Code, "ITEM", s.objects["item"], "GRANT", s.objects["grant"]).Replace(asked))
		if err != nil {
			return c, err
		}
		if route.Method == http.MethodGet {
			path += "?" + values.Encode()
		} else {
			for k, v := range values {
				c.form[k] = v
			}
		}
	}
	c.path = path
	return c, wrong
}

// sessionRoutes end the session that asks; each of their requests has a session of its own.
var sessionRoutes = []string{"POST /dang-xuat", "POST /dang-nhap", "POST /dang-nhap/khoa", "POST /trinh-dien/vao", "POST /lam-thay"}

// untraced are the writes that need no entry in the trail: they change nothing but the reader's own browser, or there is no
// link to end.
var untraced = []string{"POST /so-lieu/{unit}/{period}/cau-hoi", "POST /lam-thay", "POST /ngon-ngu", "POST /thong-bao/da-doc", "POST /thong-bao/lich/thu-hoi", "POST /dang-xuat", "POST /dang-nhap", "POST /dang-nhap/khoa", "POST /trinh-dien/vao", "POST /dang-nhap/qua/{code}", "POST /tai-khoan/lien-ket/{code}", "POST /tai-khoan/lien-ket/{code}/bo"}

// visitor has no session; delegate has no grants, and acts under a delegation of what a head holds.
const (
	visitor  = "visitor"
	delegate = "delegate"
)

// result is a cell in the words of the golden file.
func result(c cell, rec *httptest.ResponseRecorder) string {
	switch {
	case rec.Code == http.StatusSeeOther && strings.HasPrefix(rec.Header().Get("Location"), "/dang-nhap?"):
		return "in"
	case rec.Code == http.StatusInternalServerError && c.route.Method == http.MethodPost:
		return "done"
	}
	return fmt.Sprint(rec.Code)
}

// reads is all that an answer says: a zip's members unpacked.
func reads(rec *httptest.ResponseRecorder) string {
	data := rec.Body.Bytes()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return string(data)
	}
	var b strings.Builder
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&b, r)
			_ = r.Close()
		}
	}
	return b.String()
}

// TestMatrix asks every route of the site as every role for an object of every kind of unit. The law is stated twice: as a
// rule here, and as testdata/matrix.txt for people to read. In the file: a status; in = sent to sign in; done = the write
// would have been made.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	roles := []string{visitor, "none"}
	w.person("", len(sessionRoutes)+1)
	given, err := w.app.Accounts.Roles(ctx, auth.System())
	w.must(err)
	for _, r := range given {
		roles = append(roles, r.Code)
		w.person(r.Code, len(sessionRoutes)+1)
		w.rights[r.Code] = r.Permissions
	}
	roles = append(roles, delegate)
	w.rights[delegate] = w.rights["head"]
	w.delegate(len(sessionRoutes) + 1)
	w.deny()
	routes := w.app.Router(false).Routes()
	rows := make([]string, len(routes))
	var group sync.WaitGroup
	next := make(chan int)
	for range 2 {
		group.Go(func() {
			for i := range next {
				rows[i] = w.row(routes[i], roles)
			}
		})
	}
	for i := range routes {
		next <- i
	}
	close(next)
	group.Wait()
	for line := range strings.Lines(w.log.String()) {
		if !strings.Contains(line, "refused by the matrix") {
			t.Errorf("the site failed: %s", line)
		}
	}
	got := matrixHead + strings.Join(rows, "")
	const golden = "testdata/matrix.txt"
	if *update {
		w.must(os.MkdirAll("testdata", 0o755))
		w.must(os.WriteFile(golden, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if got == string(want) {
		return
	}
	known := strings.Split(string(want), "\n")
	for line := range strings.Lines(got) {
		if !slices.Contains(known, strings.TrimSuffix(line, "\n")) {
			t.Errorf("not in %s (read it, then go test ./internal/app -run Matrix -update): %s", golden, line)
		}
	}
	t.Errorf("%s does not fit the routes", golden)
}

const matrixHead = `Every route x every role x the unit that holds what is asked for; each role is granted over "own".
A status as the reader meets it; in = sent to sign in; done = the write would have been made. "any" hangs on no unit.
[…, proof] asks who has not shown lately who they are to do so; here all have (what the others meet: TestProofs).

`

// row is a route's part of the golden file; it also holds each answer to the rule.
func (w *town) row(route web.Route, roles []string) string {
	name := route.Method + " " + route.Pattern
	permission := string(route.Permission)
	if permission == "" {
		permission = "public"
	}
	if route.Fresh {
		permission += ", proof"
	}
	out := fmt.Sprintf("%s   [%s]\n", name, permission)
	lines := map[string][]string{}
	var order []string
	scoped := false
	for _, role := range roles {
		line := ""
		for at, s := range w.spots {
			c, err := address(route, s)
			if err != nil {
				w.t.Error(err)
				return ""
			}
			if scoped = c.scoped; at != own && (!scoped || !w.holds(route, role)) {
				continue // the router turns them away before it looks at the path
			}
			rec := w.send(role, 1+slices.Index(sessionRoutes, name), route.Method, c.path, c.form)
			line += fmt.Sprintf("%-8s", result(c, rec))
			w.judge(name, role, at, c, rec)
		}
		line = strings.TrimRight(line, " ")
		if lines[line] == nil {
			order = append(order, line)
		}
		lines[line] = append(lines[line], role)
	}
	head := "any"
	if scoped {
		head = "own     child   parent  sibling foreign"
	}
	out += fmt.Sprintf("    %-40s  %s\n", "", head)
	for _, line := range order {
		out += fmt.Sprintf("    %-40s  %s\n", strings.Join(lines[line], " "), line)
	}
	return out + "\n"
}

// holds tells whether a role has a route's permission somewhere.
func (w *town) holds(route web.Route, role string) bool {
	return route.Permission == auth.Public || route.Permission == auth.SignedIn && role != visitor || slices.Contains(w.rights[role], route.Permission)
}

// judge holds an answer to the rule: who holds the route's permission over the unit meets no 404; anyone else meets nothing
// else, and no answer says a word of a unit beyond the grant.
func (w *town) judge(name, role string, at int, c cell, rec *httptest.ResponseRecorder) {
	may := w.holds(c.route, role) && (!c.scoped || at == own || at == child)
	what := fmt.Sprintf("%s as %s, %s unit, answered %s", name, role, w.spots[at].Name, result(c, rec))
	exception := exceptions[name]
	switch got := result(c, rec); {
	case exception != "" && !may && got == "404", exception != "" && may:
	case !may && got != "404" && (got != "in" || role != visitor):
		w.t.Errorf("%s: may not see must be 404", what)
	case may && (got == "404" || got == "in"):
		w.t.Errorf("%s: may, and finds nothing", what)
	}
	if rec.Code == http.StatusSeeOther && c.route.Method == http.MethodPost && !slices.Contains(untraced, name) && exception == "" {
		w.t.Errorf("%s: a write without an entry in the trail", what)
	}
	if c.route.Permission == auth.Public || rec.Code == http.StatusNotFound {
		return
	}
	text := reads(rec)
	for _, secret := range []string{w.spots[sibling].Word, w.spots[foreign].Word, w.spots[parent].Word + " riêng"} {
		if i := strings.Index(text, secret); i >= 0 {
			w.t.Errorf("%s and says %q: …%s…", what, secret, text[max(0, i-100):min(len(text), i+100)])
		}
	}
}

// exceptions are routes that the rule does not fit, each with the reason.
var exceptions = map[string]string{
	"GET /tin/{slug}":      "what is not published is not there for anyone",
	"POST /trinh-dien/vao": "the form names nobody",
	"GET /vai-tro/moi":     topOnly, "POST /vai-tro": topOnly, "POST /vai-tro/{role}": topOnly, "POST /vai-tro/{role}/mac-dinh": topOnly, "POST /vai-tro/{role}/xoa": topOnly,
	"POST /uy-quyen/{id}/thu-hoi": "a delegation is there for who gives and who takes it",
	"GET /cai-dat":                setUp, "POST /cai-dat": setUp,
	"GET /dang-nhap/buoc-hai": noHalf, "POST /dang-nhap/buoc-hai": noHalf,
	"POST /dang-nhap/khoa/thu-thach": "the form does not say what for", "POST /nguoi-dung/{id}/xac-thuc/go": noFactor,
	"POST /tai-khoan/xac-thuc/go": noFactor, "POST /tai-khoan/xac-thuc/ung-dung/xong": noFactor,
	"GET /dang-nhap/qua/{code}/sang": noWay, "GET /dang-nhap/qua/{code}/ve": noWay, "POST /dang-nhap/qua/{code}": noWay,
	"POST /so-lieu/{unit}/{period}":    "an unchanged sheet is saved without an entry",
	"POST /chi-tieu-nam/{unit}/{year}": "unchanged targets are saved without an entry",
	"POST /thong-bao/{id}":             "a notice is there for whom it was written",
	"GET /chi-tieu/moi":                siteWide, "POST /chi-tieu/moi": siteWide, "POST /chi-tieu/{code}/bo-ten-khac": siteWide, "POST /chi-tieu/{code}/thanh-phan": siteWide,
	"GET /chi-tieu/{code}/thay-the": siteWide, "POST /chi-tieu/{code}/thay-the": siteWide, "GET /ky/moi": siteWide, "POST /ky/moi": siteWide, "POST /ky/{slug}/han": siteWide,
	"GET /bieu-mau/them": siteWide, "POST /bieu-mau": siteWide, "POST /bieu-mau/khoi-dau": siteWide, "POST /bieu-mau/ngay-nghi": siteWide, "POST /bieu-mau/{code}/buoc": siteWide,
	"GET /bieu-mau/{code}/sua": siteWide, "POST /bieu-mau/{code}/sua": siteWide, "GET /bieu-mau/{code}/giao": siteWide, "POST /bieu-mau/{code}/giao": siteWide,
	"GET /quy-tac/them": siteWide, "POST /quy-tac": siteWide, "POST /quy-tac/thu": siteWide, "POST /quy-tac/{id}": siteWide, "POST /quy-tac/{id}/thu": siteWide,
	"POST /quy-tac/{id}/bat-tat": siteWide, "GET /bao-cao/cac-buoc": siteWide, "POST /bao-cao/cac-buoc": siteWide,
	"POST /trao-doi/goi-gui": "an unchanged state makes no package",
	"GET /trao-doi/khoa":     topKeys, "POST /trao-doi/khoa": topKeys, "POST /trao-doi/khoa/{id}/thu-hoi": topKeys,
	"GET /bao-cao/lich-nhac": siteWide, "POST /bao-cao/lich-nhac": siteWide,
	"GET /lich/{key}":      "what lets in is the key in the address, whoever asks",
	"GET /so-quy/danh-muc": siteWide, "POST /so-quy/danh-muc/loai": siteWide, "POST /so-quy/danh-muc/don-gia": siteWide,
	"GET /trao-doi/bang-ma": siteWide, "POST /trao-doi/bang-ma": siteWide, "GET /trao-doi/bang-ma/{code}": siteWide, "POST /trao-doi/bang-ma/{code}": siteWide,
}

const siteWide = "the catalogue and the periods are changed by who holds the permission over the whole site"

const topKeys = "whose packages the site takes is said by who administers the whole site"

const topOnly = "roles are changed by who administers the whole site"

const (
	noHalf   = "nobody here has done the first step only"
	noFactor = "nobody here has a second factor, or has begun one"
)

const noWay = "no way to the provider is open, or it is down: back to the sign-in page"

const setUp = "the first person is here already"

// TestProofs asks each route that wants a fresh proof with sessions whose proof is old: who may is asked for one, and nothing
// has been done; who may not meets no more than before.
func TestProofs(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.person("", 1)
	roles := []string{"none"}
	given, err := w.app.Accounts.Roles(ctx, auth.System())
	w.must(err)
	for _, r := range given {
		roles = append(roles, r.Code)
		w.person(r.Code, 1)
		w.rights[r.Code] = r.Permissions
	}
	w.age()
	w.deny()
	asked := 0
	for _, route := range w.app.Router(false).Routes() {
		if !route.Fresh {
			continue
		}
		for _, role := range roles {
			c, err := address(route, w.spots[own])
			if err != nil {
				t.Fatal(err)
			}
			rec := w.send(role, 0, route.Method, c.path, c.form)
			want := http.StatusNotFound
			if w.holds(route, role) {
				want = http.StatusForbidden
				asked++
			}
			if rec.Code != want || want == http.StatusForbidden && !strings.Contains(rec.Body.String(), "Xác nhận lại") {
				t.Errorf("%s %s as %s with an old proof answered %d, want %d", route.Method, route.Pattern, role, rec.Code, want)
			}
		}
	}
	if asked == 0 {
		t.Error("no route asks for a proof")
	}
}
