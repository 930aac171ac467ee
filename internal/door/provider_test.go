package door

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/web"
	"giaoban/internal/web/idptest"
	"giaoban/internal/web/webtest"
)

// aSecret writes a client's secret where the site reads it.
func aSecret(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + path
}

func setAddress(t *testing.T, s *Service, address string) {
	t.Helper()
	put(t, s, web.AddressSetting, address)
}

func putProvider(t *testing.T, s *Service, p Provider) {
	t.Helper()
	if err := s.PutProvider(context.Background(), auth.System(), p); err != nil {
		t.Fatal(err)
	}
}

// province serves a site that takes the sign-in of a real provider, called "tinh".
func province(t *testing.T, s *Service, change func(*Provider)) (base string, idp *idptest.Provider) {
	t.Helper()
	base = open(t, s, false)
	setAddress(t, s, base)
	idp = idptest.Start(t, BackAddress(base, "tinh"),
		idptest.User{Subject: "sub-1", Name: "an", Email: "an@example.vn", Verified: true},
		idptest.User{Subject: "sub-2", Name: "chi", Email: "binh@example.vn"})
	p := Provider{Code: "tinh", Name: "tỉnh", Issuer: idp.Issuer, Client: idptest.Client, Secret: aSecret(t, idptest.Secret), Scopes: "profile email"}
	if change != nil {
		change(&p)
	}
	putProvider(t, s, p)
	return base, idp
}

// goTo presses a button that begins a way and gives the address at the provider.
func goTo(t *testing.T, c *webtest.Client, path string, form ...string) string {
	t.Helper()
	p := c.PostForm(path, form...).Follow().OK()
	to, found := p.Find("main a[rel=noreferrer]").Attr("href")
	if !found {
		t.Fatalf("%s leads to no provider:\n%s", path, p.Text("main"))
	}
	if content, _ := p.Find("meta[http-equiv=refresh]").Attr("content"); content != "0; url="+to {
		t.Errorf("the page leads to %q by itself and to %q by its link", content, to)
	}
	return to
}

// local is the path of an address that leads back to the site.
func local(t *testing.T, base, address string) string {
	t.Helper()
	path, found := strings.CutPrefix(address, base)
	if !found {
		t.Fatalf("the provider leads to %s, not back to %s", address, base)
	}
	return path
}

func count(t *testing.T, s *Service, query string, args ...any) (n int64) {
	t.Helper()
	ctx := context.Background()
	if err := s.db.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	notLinked = "chưa liên kết với người dùng nào của trang"
	staleWay  = "đã hết hạn, đã dùng rồi, hoặc bắt đầu từ trình duyệt khác"
)

func TestAPersonLinksAndComesBackByTheProvider(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		base, idp := province(t, s, nil)
		c := signIn(t, base, "binh")
		c.Get("/tai-khoan").OK().Has("tỉnh", "Chưa liên kết")
		back := idp.SignIn(t, goTo(t, c, "/tai-khoan/lien-ket/tinh"), "an")
		c.Get(local(t, base, back)).Follow().OK().Has("Đã liên kết tài khoản tỉnh.", "Đã liên kết từ", "Bỏ liên kết")
		if n := count(t, s, `select count(*) from person_identity where issuer = $1 and subject = 'sub-1' and person = $2`, idp.Issuer, a.Person); n != 1 {
			t.Fatalf("%d identities", n)
		}

		c.PostForm("/dang-xuat").Follow().OK().Has("Đăng nhập")
		c.Get("/tai-khoan").Is(303)
		to := goTo(t, c, "/dang-nhap/qua/tinh", "tiep", "/tai-khoan")
		q := query(t, to)
		if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 ||
			q.Get("redirect_uri") != base+"/dang-nhap/qua/tinh/ve" || q.Get("response_type") != "code" {
			t.Errorf("asks with %v", q)
		}
		before := cookie(t, c.PostForm("/dang-nhap/qua/tinh", "tiep", "/tai-khoan"))
		back = idp.SignIn(t, to, "an")
		p := c.Get(local(t, base, back)).Is(303)
		if p.Location() != "/tai-khoan" || cookie(t, p).Value == before.Value {
			t.Errorf("leads to %q, token new: %v", p.Location(), cookie(t, p).Value != before.Value)
		}
		p.Follow().OK().Has("Nguyễn binh")

		// Signing out offers to end the session there too, and forces nobody.
		p = c.PostForm("/dang-xuat").Follow().OK().Has("Đăng xuất cả khỏi tỉnh")
		if end, _ := p.Find("main a[rel=noreferrer]").Attr("href"); !strings.HasPrefix(end, idp.Issuer+"/end_session?client_id="+idptest.Client) {
			t.Errorf("leads to %q", end)
		}
		c.Get("/tai-khoan").Is(303)

		c = signIn(t, base, "binh")
		c.PostForm("/tai-khoan/lien-ket/tinh/bo").Follow().OK().Has("Đã bỏ liên kết", "Chưa liên kết")
		c.PostForm("/dang-xuat")
		c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh"), "an"))).Follow().OK().Has(notLinked)
		for verb, want := range map[string]int64{"link": 1, "unlink": 1, "put-provider": 1} {
			if n := count(t, s, `select count(*) from audit_entry where house in ('door', 'setting') and verb = $1`, verb); n != want {
				t.Errorf("%d entries of %s, want %d", n, verb, want)
			}
		}
		if n := count(t, s, `select count(*) from audit_entry where detail like '%sub-1%' or before like '%sub-1%' or after like '%sub-1%' or detail like '%example.vn%'`); n != 0 {
			t.Error("the trail says who somebody is at the provider")
		}
	})
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestNobodyGetsInUnlinked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "dung", "head", west)
		base, idp := province(t, s, nil)
		people := count(t, s, `select count(*) from person`)
		c := webtest.At(t, base)
		stranger := c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh"), "an"))).Follow().OK().Has(notLinked).Text("main [role=alert]")
		c.Get("/tai-khoan").Is(303)
		if n := count(t, s, `select count(*) from person`); n != people {
			t.Error("a person was made")
		}
		// The words stand once.
		c.Get("/dang-nhap").OK().LacksElement("main [role=alert]")

		in := signIn(t, base, "binh")
		in.Get(local(t, base, idp.SignIn(t, goTo(t, in, "/tai-khoan/lien-ket/tinh"), "an"))).Follow().Has("Đã liên kết")
		// An identity belongs to one person, and a person has one at a provider.
		other := signIn(t, base, "dung")
		other.Get(local(t, base, idp.SignIn(t, goTo(t, other, "/tai-khoan/lien-ket/tinh"), "an"))).Follow().OK().Has("đã liên kết với một người dùng khác", "Chưa liên kết")
		in.Get(local(t, base, idp.SignIn(t, goTo(t, in, "/tai-khoan/lien-ket/tinh"), "chi"))).Follow().OK().Has("Bạn đã liên kết một tài khoản tỉnh khác.")

		p, err := s.people.Find(context.Background(), auth.System(), a.Person)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.people.Disable(context.Background(), auth.System(), a.Person, p.Version, true); err != nil {
			t.Fatal(err)
		}
		shut := c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh"), "an"))).Follow().OK().Text("main [role=alert]")
		if shut != stranger || shut == "" {
			t.Errorf("a person shut out reads %q, a stranger %q", shut, stranger)
		}
		c.Get("/tai-khoan").Is(303)
	})
}

func TestLinkingByAClaim(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "an@example.vn", "head", east)
		withPassword(t, s, "binh@example.vn", "head", west)
		base, idp := province(t, s, func(p *Provider) { p.Linking = LinkByEmail })
		c := webtest.At(t, base)
		c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh", "tiep", "/tai-khoan"), "an"))).Follow().OK().Has("an@example.vn")
		c = webtest.At(t, base)
		c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh", "tiep", "/tai-khoan"), "chi"))).Follow().OK().Has(notLinked)
		if n := count(t, s, `select count(*) from person_identity`); n != 1 {
			t.Errorf("%d identities: an address that nobody has verified links", n)
		}
	})
}

func TestLinkingByALoginClaimTakesOnlyPeopleWithoutALink(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "an", "head", east)
	base, idp := province(t, s, func(p *Provider) { p.Linking = LinkByLogin })
	in := signIn(t, base, "an")
	in.Get(local(t, base, idp.SignIn(t, goTo(t, in, "/tai-khoan/lien-ket/tinh"), "chi"))).Follow().Has("Đã liên kết")
	// Somebody who is called "an" over there is not who has linked "chi".
	c := webtest.At(t, base)
	c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh"), "an"))).Follow().OK().Has(notLinked)
	c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh", "tiep", "/tai-khoan"), "chi"))).Follow().OK().Has("Nguyễn an")
}

func TestTheOnlyWayInIsNotUnlinked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "an", "head", east)
		putProvider(t, s, Provider{Code: "tinh", Name: "tỉnh", Issuer: "https://sso.example.vn", Client: "x"})
		p, err := s.provider(ctx, "tinh")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.link(ctx, a, p, "sub"); err != nil {
			t.Fatal(err)
		}
		if err := s.Unlink(ctx, a, "tinh"); !fault.Is(err, fault.KindRefused) {
			t.Errorf("the only way in was given up: %v", err)
		}
		if err := s.people.SetPassword(ctx, auth.System(), a.Person, good); err != nil {
			t.Fatal(err)
		}
		if err := s.Unlink(ctx, a, "tinh"); err != nil {
			t.Error(err)
		}
	})
}

// A state works once, in the browser that it was made for, for its provider, for ten minutes.
func TestAStateWorksOnceWhereItWasMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		withPassword(t, s, "binh", "head", east)
		base, idp := province(t, s, nil)
		in := signIn(t, base, "binh")
		in.Get(local(t, base, idp.SignIn(t, goTo(t, in, "/tai-khoan/lien-ket/tinh"), "an"))).Follow().Has("Đã liên kết")

		mine, other := webtest.At(t, base), webtest.At(t, base)
		back := local(t, base, idp.SignIn(t, goTo(t, mine, "/dang-nhap/qua/tinh"), "an"))
		goTo(t, other, "/dang-nhap/qua/tinh")
		other.Get(back).Follow().OK().Has(staleWay)
		other.Get("/tai-khoan").Is(303)
		webtest.At(t, base).Get(back).Follow().OK().Has(staleWay) // a browser without a session
		mine.Get(strings.Replace(back, "state=", "state=x", 1)).Follow().OK().Has(staleWay)
		mine.Get(back + "&state=another").Follow().OK() // used up, and refused: parameters stand once
		mine.Get("/tai-khoan").Is(303)

		back = local(t, base, idp.SignIn(t, goTo(t, mine, "/dang-nhap/qua/tinh"), "an"))
		if p := mine.Do(request(t, http.MethodHead, base+back)); p.Status != 404 {
			t.Errorf("HEAD answered %d", p.Status)
		}
		mine.Get(back).Is(303)
		mine.Get("/tai-khoan").OK()
		again := webtest.At(t, base)
		again.Get(back).Follow().OK().Has(staleWay)

		// Sent together, one answer gets through.
		f := flow{Provider: "tinh", Purpose: toEnter, Next: "/"}
		state, err := s.beginFlow(ctx, f, "browser")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		taken := 0
		for range 6 {
			wg.Go(func() {
				if _, found, err := s.takeFlow(ctx, "tinh", state, "browser"); err == nil && found {
					mu.Lock()
					taken++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("a state was taken %d times", taken)
		}
		// Another provider's answer does not use it up; time does.
		if state, err = s.beginFlow(ctx, f, "browser"); err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.takeFlow(ctx, "khac", state, "browser"); err != nil || found {
			t.Errorf("another provider's: %v %v", found, err)
		}
		old := time.Now().Add(-flowMinutes * time.Minute).UnixMilli()
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update provider_flow set made = $1`, old)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.takeFlow(ctx, "tinh", state, "browser"); err != nil || found {
			t.Errorf("after %d minutes: %v %v", flowMinutes, found, err)
		}
		if n := count(t, s, `select count(*) from provider_flow`); n != 0 {
			t.Errorf("%d old ways are left", n)
		}
	})
}

func request(t *testing.T, method, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A link that was begun by one person ends with that person or not at all.
func TestALinkIsForWhoBeganIt(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	withPassword(t, s, "dung", "head", west)
	base, idp := province(t, s, nil)
	c := signIn(t, base, "binh")
	back := local(t, base, idp.SignIn(t, goTo(t, c, "/tai-khoan/lien-ket/tinh"), "an"))
	c.PostForm("/dang-nhap", "login", "dung", "password", good).Is(303)
	c.Get(back).Follow().OK().Has("Nguyễn dung", staleWay, "Chưa liên kết")
	if n := count(t, s, `select count(*) from person_identity`); n != 0 {
		t.Error("linked to somebody else")
	}
}

func TestAfterwardsNobodyIsLedElsewhere(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	withPassword(t, s, "binh", "head", east)
	base, idp := province(t, s, nil)
	in := signIn(t, base, "binh")
	in.Get(local(t, base, idp.SignIn(t, goTo(t, in, "/tai-khoan/lien-ket/tinh"), "an"))).Is(303)
	for _, next := range []string{"//evil.test/", "https://evil.test/", `/\evil.test`, "javascript:alert(1)"} {
		c := webtest.At(t, base)
		p := c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh", "tiep", next), "an"))).Is(303)
		if p.Location() != "/" {
			t.Errorf("%s leads to %q", next, p.Location())
		}
	}
}

// forger is a provider that lies as its test says.
type forger struct {
	*httptest.Server
	key, other *rsa.PrivateKey

	mu       sync.Mutex
	nonce    string
	document func(map[string]any)
	claims   func(map[string]any)
	sign     *rsa.PrivateKey
	answer   http.HandlerFunc // in place of the token endpoint
	keys     http.HandlerFunc
	exchange url.Values
}

var forgedKeys = sync.OnceValues(func() ([2]*rsa.PrivateKey, error) {
	a, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return [2]*rsa.PrivateKey{}, err
	}
	b, err := rsa.GenerateKey(rand.Reader, 2048)
	return [2]*rsa.PrivateKey{a, b}, err
})

func forge(t testing.TB) *forger {
	t.Helper()
	keys, err := forgedKeys()
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{key: keys[0], other: keys[1], sign: keys[0]}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		doc := map[string]any{"issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}}
		if f.document != nil {
			f.document(doc)
		}
		_ = json.NewEncoder(w).Encode(doc)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.keys != nil {
			f.keys(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
			"n": base64.RawURLEncoding.EncodeToString(f.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(f.key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		_ = r.ParseForm()
		f.exchange = r.PostForm
		if f.answer != nil {
			f.answer(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "lộ-ra-là-hỏng", "token_type": "Bearer", "id_token": f.token()})
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// token is what the claims say, signed by the key that the test says.
func (f *forger) token() string {
	now := time.Now().Unix()
	c := map[string]any{"iss": f.URL, "sub": "sub-1", "aud": "client", "nonce": f.nonce, "iat": now, "exp": now + 300}
	head := map[string]any{"alg": "RS256", "kid": "1"}
	if f.claims != nil {
		f.claims(c)
	}
	if alg, found := c["ALG"]; found {
		head["alg"] = alg
		delete(c, "ALG")
	}
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(head) + "." + part(c)
	if head["alg"] == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, f.sign, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// forged is a site on which "binh" has linked an identity of a provider that lies.
func forged(t testing.TB, s *Service, base string) *forger {
	t.Helper()
	ctx := context.Background()
	f := forge(t)
	p := Provider{Code: "gia", Name: "giả", Issuer: f.URL, Client: "client"}
	if err := s.PutProvider(ctx, auth.System(), p); err != nil {
		t.Fatal(err)
	}
	put(t, s, web.AddressSetting, base)
	return f
}

// comeBack begins a way to the forger and brings back an answer; extra are further parameters.
func (f *forger) comeBack(t *testing.T, c *webtest.Client, extra string) *webtest.Page {
	t.Helper()
	q := query(t, goTo(t, c, "/dang-nhap/qua/gia", "tiep", "/tai-khoan"))
	f.mu.Lock()
	f.nonce = q.Get("nonce")
	f.mu.Unlock()
	return c.Get("/dang-nhap/qua/gia/ve?code=c&state=" + q.Get("state") + extra)
}

// No token gets anybody in but one that this provider has signed for this site, this way and this moment.
func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	a := withPassword(t, s, "binh", "head", east)
	base := open(t, s, false)
	f := forged(t, s, base)
	p, err := s.provider(context.Background(), "gia")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.link(context.Background(), a, p, "sub-1"); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	for name, c := range map[string]struct {
		claims func(map[string]any)
		sign   *rsa.PrivateKey
		extra  string
		answer http.HandlerFunc
		cause  string // empty: in
	}{
		"as it should be":              {},
		"a clock a minute ahead":       {claims: func(c map[string]any) { c["iat"], c["exp"] = now+60, now+360 }},
		"a clock a minute behind":      {claims: func(c map[string]any) { c["iat"], c["exp"] = now-120, now-60 }},
		"two audiences and the party":  {claims: func(c map[string]any) { c["aud"], c["azp"] = []string{"client", "x"}, "client" }},
		"the issuer named":             {extra: "&iss=" + url.QueryEscape(f.URL)},
		"another nonce":                {claims: func(c map[string]any) { c["nonce"] = "khac" }, cause: "nonce"},
		"no nonce":                     {claims: func(c map[string]any) { delete(c, "nonce") }, cause: "nonce"},
		"another issuer":               {claims: func(c map[string]any) { c["iss"] = "https://khac.example.vn" }, cause: "token"},
		"another audience":             {claims: func(c map[string]any) { c["aud"] = "ung-dung-khac" }, cause: "token"},
		"two audiences, no party":      {claims: func(c map[string]any) { c["aud"] = []string{"client", "x"} }, cause: "audience"},
		"another party":                {claims: func(c map[string]any) { c["azp"] = "x" }, cause: "audience"},
		"over":                         {claims: func(c map[string]any) { c["exp"] = now - 600 }, cause: "time"},
		"of long ago":                  {claims: func(c map[string]any) { c["iat"] = now - 3600 }, cause: "time"},
		"of the future":                {claims: func(c map[string]any) { c["iat"] = now + 3600 }, cause: "time"},
		"no time":                      {claims: func(c map[string]any) { delete(c, "iat") }, cause: "time"},
		"nobody":                       {claims: func(c map[string]any) { c["sub"] = "" }, cause: "subject"},
		"too long a name":              {claims: func(c map[string]any) { c["sub"] = strings.Repeat("s", 256) }, cause: "subject"},
		"another key":                  {sign: f.other, cause: "token"},
		"unsigned":                     {claims: func(c map[string]any) { c["ALG"] = "none" }, cause: "token"},
		"signed with a shared secret":  {claims: func(c map[string]any) { c["ALG"] = "HS256" }, cause: "token"},
		"another access token":         {claims: func(c map[string]any) { c["at_hash"] = "x" }, cause: "token"},
		"another provider's answer":    {extra: "&iss=https%3A%2F%2Fkhac.example.vn", cause: "issuer"},
		"an empty issuer":              {extra: "&iss=", cause: "issuer"},
		"two codes":                    {extra: "&code=d", cause: "answer"},
		"an answer too long":           {extra: "&error=" + strings.Repeat("x", answerLimit+1), cause: "answer"},
		"an error":                     {extra: "&error=server_error&error_description=%3Cb%3Ex", cause: "answer"},
		"no id token":                  {answer: text(`{"access_token":"x","token_type":"Bearer"}`), cause: "token"},
		"an id token that is a number": {answer: text(`{"access_token":"x","token_type":"Bearer","id_token":7}`), cause: "token"},
		"rubbish":                      {answer: text("<html>lộ-ra-là-hỏng"), cause: "refused"},
		"a refusal":                    {answer: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"error":"invalid_grant"}`, 400) }, cause: "refused"},
		"a redirect": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, cause: "refused"},
		"a flood": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for range 64 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 64<<10))); err != nil {
					return
				}
			}
		}, cause: "refused"},
	} {
		f.mu.Lock()
		f.claims, f.answer, f.sign = c.claims, c.answer, f.key
		if c.sign != nil {
			f.sign = c.sign
		}
		f.mu.Unlock()
		client := webtest.At(t, base)
		page := f.comeBack(t, client, c.extra).Follow().OK()
		if c.cause == "" {
			if !strings.Contains(page.Text("main"), "Nguyễn binh") {
				t.Errorf("%s: %s", name, page.Text("main [role=alert]"))
			}
			continue
		}
		if got := page.Text("main [role=alert]"); !strings.Contains(got, "("+c.cause+")") {
			t.Errorf("%s: want (%s): %s", name, c.cause, got)
		}
		page.Lacks("lộ-ra-là-hỏng", "<b>x")
		client.Get("/tai-khoan").Is(303)
	}
	if f.exchange.Get("code_verifier") == "" || f.exchange.Get("client_id") != "client" || f.exchange.Has("client_secret") {
		t.Errorf("a client without a secret sent %v", f.exchange)
	}
	f.claims, f.answer, f.sign = nil, nil, f.key
	denied := f.comeBack(t, webtest.At(t, base), "&error=access_denied").Follow().OK()
	denied.Has("Bạn đã dừng ở giả nên chưa đăng nhập.")
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(s))
	}
}

// A document may not send us where nothing is to be asked, and nothing that it holds stops the site.
func TestBadDocumentsAndProvidersThatAreDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document func(map[string]any)
		cause    string
	}{
		"plain http elsewhere":      {func(d map[string]any) { d["token_endpoint"] = "http://sso.example.vn/token" }, CauseEndpoint},
		"another port of loopback":  {func(d map[string]any) { d["jwks_uri"] = "http://127.0.0.1:1/keys" }, CauseEndpoint},
		"another scheme":            {func(d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" }, CauseEndpoint},
		"a file":                    {func(d map[string]any) { d["userinfo_endpoint"] = "file:///etc/passwd" }, CauseEndpoint},
		"a password in the address": {func(d map[string]any) { d["end_session_endpoint"] = "https://a:b@sso.example.vn" }, CauseEndpoint},
		"another issuer":            {func(d map[string]any) { d["issuer"] = "https://sso.example.vn" }, CauseDocument},
		"no token endpoint":         {func(d map[string]any) { delete(d, "token_endpoint") }, CauseDocument},
		"no keys":                   {func(d map[string]any) { delete(d, "jwks_uri") }, CauseDocument},
		"a number for an address":   {func(d map[string]any) { d["token_endpoint"] = 7 }, CauseDocument},
		"huge":                      {func(d map[string]any) { d["x"] = strings.Repeat("x", 2<<20) }, CauseDocument},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, dbtest.Open(t, db.SQLite))
			withPassword(t, s, "binh", "head", east)
			base := open(t, s, false)
			f := forged(t, s, base)
			f.document = c.document
			visitor := webtest.At(t, base)
			page := visitor.PostForm("/dang-nhap/qua/gia").Follow().OK()
			if got := page.Text("main [role=alert]"); !strings.Contains(got, "("+c.cause+")") {
				t.Errorf("want (%s): %s", c.cause, got)
			}
			page.HasElement("form[action='/dang-nhap'] [name=password]", "form[action='/dang-nhap/qua/gia']")
			signIn(t, base, "binh").Get("/tai-khoan").OK()
		})
	}
	t.Run("down, back, and down again", func(t *testing.T) {
		t.Parallel()
		s := site(t, dbtest.Open(t, db.SQLite))
		withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		f := forged(t, s, base)
		var clock sync.Mutex
		ahead := time.Duration(0)
		s.issuers.now = func() time.Time { clock.Lock(); defer clock.Unlock(); return time.Now().Add(ahead) }
		pass := func(d time.Duration) { clock.Lock(); ahead += d; clock.Unlock() }
		down := func(d map[string]any) { panic(http.ErrAbortHandler) }
		c := webtest.At(t, base)
		setDown := func(is bool) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.document = nil
			if is {
				f.document = down
			}
		}
		setDown(true)
		c.PostForm("/dang-nhap/qua/gia").Follow().OK().HasElement("main [role=alert]")
		setDown(false)
		c.PostForm("/dang-nhap/qua/gia").Follow().OK().HasElement("main [role=alert]") // not asked again at once
		pass(restAfterFailure)
		goTo(t, c, "/dang-nhap/qua/gia")
		setDown(true)
		pass(freshFor)
		goTo(t, c, "/dang-nhap/qua/gia") // what it said before still stands
		pass(staleFor)
		c.PostForm("/dang-nhap/qua/gia").Follow().OK().HasElement("main [role=alert]")
		f.Close()
		pass(restAfterFailure)
		c.PostForm("/dang-nhap/qua/gia").Follow().OK().Has("Chưa kết nối được với giả.")
		signIn(t, base, "binh").Get("/tai-khoan").OK()
	})
	t.Run("a site without an address or a secret", func(t *testing.T) {
		t.Parallel()
		s := site(t, dbtest.Open(t, db.SQLite))
		withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		f := forged(t, s, base)
		c := webtest.At(t, base)
		setAddress(t, s, "")
		c.PostForm("/dang-nhap/qua/gia").Follow().OK().Has("(address)")
		setAddress(t, s, base)
		putProvider(t, s, Provider{Code: "gia", Name: "giả", Issuer: f.URL, Client: "client", Secret: "file:" + filepath.Join(t.TempDir(), "none")})
		f.comeBack(t, c, "").Follow().OK().Has("(secret)")
		c.PostForm("/dang-nhap/qua/khong-co").Is(404)
		c.Get("/dang-nhap/qua/gia/sang").Is(303)
	})
}

// A document of another machine must not lead to what listens on this one for nobody else.
func TestAddressesInsideAreNotDialled(t *testing.T) {
	t.Parallel()
	for address, refused := range map[string]bool{
		"127.0.0.1:443": true, "127.8.9.1:80": true, "[::1]:443": true, "[::ffff:127.0.0.1]:443": true, "0.0.0.0:443": true, "169.254.169.254:80": true,
		"[fe80::1]:443": true, "224.0.0.1:443": true, "no address": true, "203.0.113.7:443": false, "10.1.2.3:443": false, "[2001:db8::1]:443": false,
	} {
		if err := refuseInside("tcp", address, nil); (err != nil) != refused {
			t.Errorf("%s: %v", address, err)
		}
	}
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	if res, err := providerClient("https://sso.example.vn").Get(srv.URL); err == nil {
		_ = res.Body.Close()
		t.Error("the client of another host reached loopback")
	}
	if res, err := providerClient(srv.URL).Get(srv.URL); err != nil {
		t.Errorf("the client of the issuer itself: %v", err)
	} else {
		_ = res.Body.Close()
	}
}

func TestWhatCanBeAProvider(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		fine := Provider{Code: "tinh", Name: " tỉnh ", Issuer: "https://sso.example.vn/realms/a", Client: "giaoban", Secret: "env:GIAOBAN_SECRET", Scopes: " profile  email "}
		for name, change := range map[string]func(*Provider){
			"code":                      func(p *Provider) { p.Code = "Tỉnh" },
			"code with /":               func(p *Provider) { p.Code = "a/b" },
			"no name":                   func(p *Provider) { p.Name = " " },
			"plain http":                func(p *Provider) { p.Issuer = "http://sso.example.vn" },
			"query":                     func(p *Provider) { p.Issuer += "?a=b" },
			"fragment":                  func(p *Provider) { p.Issuer += "#a" },
			"no host":                   func(p *Provider) { p.Issuer = "https://" },
			"password":                  func(p *Provider) { p.Issuer = "https://a:b@sso.example.vn" },
			"no client":                 func(p *Provider) { p.Client = "" },
			"secret itself":             func(p *Provider) { p.Secret = "s3cr3t" },
			"secret in a relative file": func(p *Provider) { p.Secret = "file:secret" },
			"scope":                     func(p *Provider) { p.Scopes = `a"b` },
			"linking":                   func(p *Provider) { p.Linking = "name" },
		} {
			p := fine
			change(&p)
			if err := s.PutProvider(ctx, auth.System(), p); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		putProvider(t, s, fine)
		fine.Name, fine.Scopes, fine.Claim = "tỉnh", "profile email", standardClaim
		if got, err := s.provider(ctx, "tinh"); err != nil || got != fine {
			t.Errorf("got %+v, %v", got, err)
		}
		moved, twice := fine, fine
		moved.Issuer, twice.Code = "https://khac.example.vn", "hai"
		for _, p := range []Provider{moved, twice} {
			if err := s.PutProvider(ctx, auth.System(), p); !fault.Is(err, fault.KindRefused) {
				t.Errorf("%+v: %v", p, err)
			}
		}
		a := withPassword(t, s, "binh", "head", east)
		if err := s.PutProvider(ctx, a, fine); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a person sets up a provider: %v", err)
		}
		if _, err := s.RemoveProvider(ctx, a, "tinh"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a person removes a provider: %v", err)
		}
		if err := s.link(ctx, a, fine, "sub"); err != nil {
			t.Fatal(err)
		}
		if n, err := s.RemoveProvider(ctx, auth.System(), "tinh"); err != nil || n != 1 {
			t.Errorf("%d links, %v", n, err)
		}
		if n := count(t, s, `select count(*) from person_identity`); n != 0 {
			t.Error("a link is left")
		}
	})
}

func TestWhenAProviderCountsAsTwoFactors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		strong, acr string
		amr         []string
		want        bool
	}{
		{"", "mfa", []string{"mfa"}, false}, {StrongAlways, "", nil, true}, {"mfa", "", []string{"pwd", "mfa"}, true}, {"mfa", "", []string{"pwd"}, false},
		{"loa3", "loa3", nil, true}, {"loa3", "loa2", nil, false}, {"loa3", "", nil, false},
	} {
		if got := (claims{ACR: c.acr, AMR: c.amr}).strong(Provider{Strong: c.strong}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A sign-in at a provider counts as two factors only where the owner says so, and the token, where the owner asks it to.
func TestOnlyAStrongProviderSparesTheSecondStep(t *testing.T) {
	t.Parallel()
	s := still(site(t, dbtest.Open(t, db.SQLite)))
	a := withPassword(t, s, "binh", "head", east)
	base, idp := province(t, s, nil)
	p, err := s.provider(context.Background(), "tinh")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.link(context.Background(), a, p, "sub-1"); err != nil {
		t.Fatal(err)
	}
	withCode(t, s, a)
	for strong, spared := range map[string]bool{"": false, "mfa": false, "pwd": true, StrongAlways: true} { // it asks for a password and says so
		p.Strong = strong
		putProvider(t, s, p)
		c := webtest.At(t, base)
		at := c.Get(local(t, base, idp.SignIn(t, goTo(t, c, "/dang-nhap/qua/tinh"), "an"))).Is(303).Location()
		if spared != (at == "/") || !spared && !strings.HasPrefix(at, "/dang-nhap/buoc-hai") {
			t.Errorf("%q leads to %s", strong, at)
		}
		in := http.StatusSeeOther
		if spared {
			in = http.StatusOK
		}
		c.Get("/tai-khoan").Is(in)
	}
	if n := count(t, s, `select count(*) from session where person = $1 and method = $2`, a.Person, byStrong); n != 2 {
		t.Errorf("%d sessions say that they began with two factors", n)
	}
}

// FuzzProviderAnswer: whatever comes back instead of a provider's answer, nobody gets in, nothing breaks, nobody is led away.
func FuzzProviderAnswer(f *testing.F) {
	for _, q := range []string{"", "code=c&state=s", "state=STATE", "state=STATE&code=c", "state=STATE&error=access_denied", "state=STATE&state=STATE&code=c",
		"state=STATE&code=c&iss=x", "state=%ff&code=%00", "state=STATE&code=c&error=%3Cscript%3E", ";;;=&&", "state=STATE;code=c"} {
		f.Add(q)
	}
	d := dbtest.Open(f, db.SQLite)
	s := site(f, d)
	rt := web.NewRouter(&web.Site{Clock: s.clock, Load: s.Load, Sessions: s.sessions, Log: slog.New(slog.DiscardHandler)})
	s.Mount(rt, false)
	h := rt.Handler()
	idp := forged(f, s, "http://127.0.0.1")
	idp.answer = text(`{"access_token":"x","token_type":"Bearer","id_token":"x.y.z"}`)
	f.Fuzz(func(t *testing.T, q string) {
		begin := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/dang-nhap/qua/gia", nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		h.ServeHTTP(begin, r)
		w := httptest.NewRecorder()
		back := httptest.NewRequest(http.MethodGet, "/dang-nhap/qua/gia/ve", nil)
		back.URL.RawQuery = q
		for _, c := range begin.Result().Cookies() {
			back.AddCookie(c)
		}
		if strings.Contains(q, "STATE") {
			leave := httptest.NewRequest(http.MethodGet, "/dang-nhap/qua/gia/sang", nil)
			leave.Header = back.Header.Clone()
			page := httptest.NewRecorder()
			h.ServeHTTP(page, leave)
			_, after, _ := strings.Cut(page.Body.String(), "state=")
			state, _, _ := strings.Cut(strings.SplitN(after, `"`, 2)[0], "&")
			back.URL.RawQuery = strings.ReplaceAll(q, "STATE", state)
		}
		h.ServeHTTP(w, back)
		if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || at != "/dang-nhap" && !strings.HasPrefix(at, "/dang-nhap?tiep=%2F") {
			t.Errorf("%q: answered %d, leads to %q", q, w.Code, at)
		}
	})
}
