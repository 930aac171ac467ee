package door

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/personal"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

const publicAddress = "https://giaoban.example.vn"

// device is a telephone or security key with passkeys, and the browser before it, as WebAuthn says that they answer. What
// its fields are set to is what it claims.
type device struct {
	t        testing.TB
	key      *ecdsa.PrivateKey
	id       []byte
	handle   []byte
	rp       string // whose passkeys it says they are
	origin   string // where the browser says that it is
	count    uint32
	still    bool // says 0, as passkeys on several devices do
	verified bool // finger, face or PIN
}

func newDevice(t testing.TB) *device {
	return &device{t: t, rp: "giaoban.example.vn", origin: publicAddress, verified: true}
}

// question is what the site asks the browser.
type question struct {
	PublicKey struct {
		Challenge string
		RPID      string
		RP        struct{ ID string }
		User      struct{ ID, Name string }
		Allow     []struct{ ID string } `json:"allowCredentials"`
		Exclude   []struct{ ID string } `json:"excludeCredentials"`
		UV        string                `json:"userVerification"`
	}
}

func (d *device) read(options string) (q question) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(options), &q); err != nil || q.PublicKey.Challenge == "" {
		d.t.Fatalf("the site asks %q: %v", options, err)
	}
	return q
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *device) clientData(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// authData begins what the device signs: the site, that somebody touched it, and how often it has signed.
func (d *device) authData(more byte) []byte {
	rp := sha256.Sum256([]byte(d.rp))
	flags := byte(0x01) | more
	if d.verified {
		flags |= 0x04
	}
	if !d.still {
		d.count++
	}
	return binary.BigEndian.AppendUint32(append(rp[:], flags), d.count)
}

func (d *device) answer(response map[string]any) string {
	b, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// create makes a passkey.
func (d *device) create(options string) string {
	d.t.Helper()
	q := d.read(options)
	var err error
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		d.t.Fatal(err)
	}
	d.id = make([]byte, 32)
	_, _ = rand.Read(d.id)
	d.handle, _ = base64.RawURLEncoding.DecodeString(q.PublicKey.User.ID)
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	data := d.authData(0x40)
	data = append(data, make([]byte, 16)...) // no model
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(d.clientData("webauthn.create", q.PublicKey.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// get uses it.
func (d *device) get(options string) string {
	d.t.Helper()
	return d.sign(d.read(options).PublicKey.Challenge)
}

func (d *device) sign(challenge string) string {
	d.t.Helper()
	data, client := d.authData(0), d.clientData("webauthn.get", challenge)
	digest := sha256.Sum256(client)
	whole := sha256.Sum256(append(bytes.Clone(data), digest[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, whole[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(d.handle)})
}

// keyed is a site that passkeys can be bound to.
func keyed(t *testing.T, d *db.DB) *Service {
	t.Helper()
	s := still(site(t, d))
	put(t, s, web.AddressSetting, publicAddress)
	return s
}

// addKey adds a passkey on the pages for who is in, and gives the page that answers.
func addKey(t *testing.T, c *webtest.Client, d *device, name string) *webtest.Page {
	t.Helper()
	c.PostForm(keyPath, "name", name).Is(303)
	options, _ := c.Get(keyPath).OK().Find("form[data-passkey=new]").Attr("data-options")
	return c.PostForm(keyPath+"/xong", "khoa", d.create(options))
}

// asks gives what the site asks a browser for.
func asks(t *testing.T, c *webtest.Client, purpose string) string {
	t.Helper()
	p := c.PostForm("/dang-nhap/khoa/thu-thach", "viec", purpose).OK()
	if got := p.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a question is kept: %q", got)
	}
	return string(p.Body)
}

// enterBy comes in by a passkey and gives the answer.
func enterBy(t *testing.T, c *webtest.Client, d *device) *webtest.Page {
	t.Helper()
	return c.PostForm("/dang-nhap/khoa", "khoa", d.get(asks(t, c, "enter")), "tiep", "/tai-khoan")
}

func TestAPasskeyIsAWayInThatNeedsNothingBeside(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		a := withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		webtest.At(t, base).Get("/dang-nhap").OK().LacksElement("form[data-passkey]", "[autocomplete~=webauthn]")
		c, other := signIn(t, base, "binh"), signIn(t, base, "binh")
		c.Get(factorPath).OK().HasElement("form[data-passkey-able]")
		c.PostForm(keyPath, "name", " ").Is(422).Has("Hãy đặt tên để sau này nhận ra khóa")
		c.PostForm(keyPath, "name", strings.Repeat("a", passkeyName+1)).Is(422)
		phone, stick := newDevice(t), newDevice(t)
		phone.still = true
		addKey(t, c, phone, "Điện thoại").OK().Has("Mã khôi phục của bạn")
		other.Get("/tai-khoan").Is(303) // it did not show the new factor
		if got := string(phone.handle); got != a.Person {
			t.Errorf("the handle is %q", got)
		}
		addKey(t, c, stick, "Khóa USB").Follow().OK().Has("Đã thêm khóa truy cập.", "Điện thoại", "Khóa USB", "Chưa dùng")

		v := webtest.At(t, base)
		page := v.Get("/dang-nhap?tiep=/tai-khoan").OK()
		if got, _ := page.Find("form[data-passkey=enter]").Attr("data-origin"); got != publicAddress {
			t.Errorf("the form is for %q", got)
		}
		page.HasElement("[name=login][autocomplete~=webauthn]")
		if q := phone.read(asks(t, v, "enter")); len(q.PublicKey.Allow) > 0 || q.PublicKey.UV != "required" || q.PublicKey.RPID != "giaoban.example.vn" {
			t.Errorf("the site asks a stranger %+v", q)
		}
		if got := enterBy(t, v, phone).Is(303).Location(); got != "/tai-khoan" {
			t.Errorf("it leads to %s", got)
		}
		v.Get("/tai-khoan").OK().Has("Khóa truy cập")
		v.Get(factorPath).OK()
		enterBy(t, webtest.At(t, base), stick).Is(303)

		// Beside a password it is the second step.
		v = webtest.At(t, base)
		v.PostForm("/dang-nhap", "login", "binh", "password", good).Follow().OK().HasElement("form[data-passkey=second]").LacksElement("[name=code]")
		v.Get("/tai-khoan").Is(303)
		q := phone.read(asks(t, v, "second"))
		if len(q.PublicKey.Allow) != 2 {
			t.Errorf("the second step names %d passkeys", len(q.PublicKey.Allow))
		}
		phone.verified = false
		v.PostForm("/dang-nhap/buoc-hai", "khoa", phone.sign(q.PublicKey.Challenge)).Is(303)
		v.Get("/tai-khoan").OK()

		// And a lost one is what recovery codes are for.
		f, err := s.NewRecoveryCodes(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		v = webtest.At(t, base)
		v.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		v.PostForm("/dang-nhap/buoc-hai", "recovery", f[0]).Is(303)
		v.Get("/tai-khoan").OK()
	})
}

func TestForgedPasskeyAnswersAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		withPassword(t, s, "binh", "head", east)
		an := withPassword(t, s, "an", "head", west)
		base := open(t, s, false)
		mine, theirs := newDevice(t), newDevice(t)
		addKey(t, signIn(t, base, "binh"), mine, "Của tôi").OK()
		addKey(t, signIn(t, base, "an"), theirs, "Của An").OK()
		stranger := newDevice(t)
		stranger.create(`{"publicKey":{"challenge":"AAAA","user":{"id":"` + b64([]byte(an.Person)) + `"}}}`)
		if enterBy(t, webtest.At(t, base), mine).Is(303); t.Failed() {
			t.FailNow()
		}
		old := ""
		c := webtest.At(t, base)
		for name, forge := range map[string]func(options string) string{
			"nothing":    func(string) string { return "" },
			"no JSON":    func(string) string { return "khóa" },
			"too long":   func(o string) string { return mine.get(o) + strings.Repeat(" ", passkeyAnswer) },
			"origin":     func(o string) string { x := *mine; x.origin = "https://giaoban.example.vn.evil.vn"; return x.get(o) },
			"plain HTTP": func(o string) string { x := *mine; x.origin = "http://giaoban.example.vn"; return x.get(o) },
			"site":       func(o string) string { x := *mine; x.rp = "evil.vn"; return x.get(o) },
			"challenge":  func(string) string { return mine.sign(b64(make([]byte, 32))) },
			"old answer": func(string) string { return old },
			"unverified": func(o string) string { x := *mine; x.verified = false; return x.get(o) },
			"handle":     func(o string) string { x := *mine; x.handle = theirs.handle; return x.get(o) },
			"no handle":  func(o string) string { x := *mine; x.handle = nil; return x.get(o) },
			"signature":  func(o string) string { x := *mine; x.key = theirs.key; return x.get(o) },
			"unknown":    func(o string) string { return stranger.get(o) },
			"too late": func(o string) string {
				s.machine.Advance(ceremonyMinutes*time.Minute + time.Second)
				return mine.get(o)
			},
			"a new key's answer": func(o string) string { x := *mine; return x.create(o) },
		} {
			fresh := webtest.At(t, base)
			if name == "old answer" {
				old = mine.get(asks(t, fresh, "enter"))
				fresh.PostForm("/dang-nhap/khoa", "khoa", old).Is(303)
				fresh = webtest.At(t, base)
			}
			p := fresh.PostForm("/dang-nhap/khoa", "khoa", forge(asks(t, fresh, "enter")), "tiep", "/tai-khoan")
			if p.Status != 422 && p.Status != 429 || fresh.Get("/tai-khoan").Status != 303 {
				t.Errorf("%s: %d", name, p.Status)
			}
			s.machine.Advance(time.Second)
			clearTries(t, s)
		}
		// A question is good once, in the session that it was put to, for what it was put for.
		answer := mine.get(asks(t, c, "enter"))
		webtest.At(t, base).PostForm("/dang-nhap/khoa", "khoa", answer).Is(422)
		c.PostForm("/dang-nhap/khoa", "khoa", "{}").Is(422)
		c.PostForm("/dang-nhap/khoa", "khoa", answer).Is(422).Has("đã quá 5 phút hoặc đã dùng rồi")
		half := webtest.At(t, base)
		half.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		half.PostForm("/dang-nhap/khoa", "khoa", mine.get(asks(t, half, "second"))).Is(422)
		half.PostForm("/dang-nhap/buoc-hai", "khoa", mine.get(asks(t, half, "enter"))).Is(422)
		half.PostForm("/dang-nhap/buoc-hai", "khoa", theirs.get(asks(t, half, "second"))).Is(422)
		half.Get("/tai-khoan").Is(303)
		half.PostForm("/dang-nhap/buoc-hai", "khoa", mine.get(asks(t, half, "second"))).Is(303)
		half.Get("/tai-khoan").OK()
		for _, purpose := range []string{"second", "prove", "new", ""} {
			webtest.At(t, base).PostForm("/dang-nhap/khoa/thu-thach", "viec", purpose).Is(404)
		}
		// Who is shut out is out, whatever they hold.
		if err := s.people.Disable(context.Background(), auth.System(), an.Person, findPerson(t, s, an.Person).Version, true); err != nil {
			t.Fatal(err)
		}
		enterBy(t, webtest.At(t, base), theirs).Is(422)
	})
}

// clearTries makes the next try the first: the limits have tests of their own.
func clearTries(t *testing.T, s *Service) {
	t.Helper()
	if err := s.db.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), `update sign_in_attempt set counts = false`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestForgedNewPasskeysAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "an", "head", west)
		base := open(t, s, false)
		c := signIn(t, base, "binh")
		question := func() string {
			c.PostForm(keyPath, "name", "Khóa").Is(303)
			options, _ := c.Get(keyPath).OK().Find("form[data-passkey=new]").Attr("data-options")
			return options
		}
		for name, change := range map[string]func(*device){
			"origin":     func(x *device) { x.origin = "https://evil.vn" },
			"site":       func(x *device) { x.rp = "example.vn" },
			"unverified": func(x *device) { x.verified = false },
		} {
			x := newDevice(t)
			change(x)
			if p := c.PostForm(keyPath+"/xong", "khoa", x.create(question())); p.Status != 422 {
				t.Errorf("%s: %d", name, p.Status)
			}
		}
		c.PostForm(keyPath+"/xong", "khoa", newDevice(t).create(`{"publicKey":{"challenge":"`+b64(make([]byte, 32))+`"}}`)).Is(422)
		options := question()
		s.machine.Advance(ceremonyMinutes*time.Minute + time.Second)
		c.PostForm(keyPath+"/xong", "khoa", newDevice(t).create(options)).Is(422)
		c.Get(keyPath).Is(303)
		f, err := s.OwnFactors(context.Background(), a)
		if err != nil || len(f.List) != 0 || f.Recovery != 0 {
			t.Errorf("of forgeries came %+v (%v)", f, err)
		}
		// The same key cannot be somebody else's too, nor twice one's own.
		x := newDevice(t)
		good := x.create(question())
		c.PostForm(keyPath+"/xong", "khoa", good).OK()
		c.PostForm(keyPath+"/xong", "khoa", good).Is(422)
		if q := x.read(question()); len(q.PublicKey.Exclude) != 1 || q.PublicKey.User.Name != "binh" {
			t.Errorf("the next question names %+v", q)
		}
	})
}

// Of requests that come together with one answer, one gets in, even where each has the session as it was before.
func TestOneAnswerSentTwiceAtOnceLetsInOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		withPassword(t, s, "binh", "head", east)
		x := newDevice(t)
		x.still = true
		addKey(t, signIn(t, open(t, s, false), "binh"), x, "Khóa").OK()
		rp, err := s.relying(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		session := func() context.Context {
			ctx, err := s.sessions.Load(context.Background(), "")
			if err != nil {
				t.Fatal(err)
			}
			return ctx
		}
		first := session()
		options, err := s.askPasskey(first, rp, forEntry, "")
		if err != nil {
			t.Fatal(err)
		}
		answer, held := x.get(options), s.sessions.GetString(first, sessionCeremony)
		results := make(chan error)
		for i := range 4 {
			ctx := session()
			s.sessions.Put(ctx, sessionCeremony, held)
			go func() {
				_, err := s.usePasskey(ctx, rp, forEntry, "", answer, Origin{Address: "10.0.0." + string(rune('1'+i))})
				results <- err
			}()
		}
		in := 0
		for range 4 {
			if err := <-results; err == nil {
				in++
			} else if !fault.Is(err, fault.KindInvalid) {
				t.Error(err)
			}
		}
		if in != 1 {
			t.Errorf("one answer let in %d times", in)
		}
	})
}

func TestACounterThatGoesBackIsRefusedAndTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		a := withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		x := newDevice(t)
		addKey(t, signIn(t, base, "binh"), x, "Khóa USB").OK()
		x.count = 10
		enterBy(t, webtest.At(t, base), x).Is(303)
		copied := *x
		copied.count = 4
		c := webtest.At(t, base)
		enterBy(t, c, &copied).Is(409).Has("có thể đã bị sao chép")
		c.Get("/tai-khoan").Is(303)
		if n := count(t, s, `select count(*) from audit_entry where verb = 'copied-passkey' and object = $1`, a.Person); n != 1 {
			t.Errorf("the trail holds it %d times", n)
		}
		x.count = 20
		c = webtest.At(t, base)
		enterBy(t, c, x).Follow().OK().Has("có thay đổi hoặc cảnh báo", "Khóa có thể bị sao chép, không được nhận", "Khóa truy cập “Khóa USB” có thể đã bị sao chép")
	})
}

func TestPasskeysAreTheirOwners(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := keyed(t, d)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "an", "head", west)
		withPassword(t, s, "quantri", "admin", town)
		sibling := person(t, s, "qt.tay", "admin", west)
		base := open(t, s, false)
		x, y := newDevice(t), newDevice(t)
		c := signIn(t, base, "binh")
		addKey(t, c, x, "Điện thoại").OK()
		addKey(t, c, y, "Máy ở nhà").Is(303)
		f, err := s.OwnFactors(ctx, a)
		if err != nil || len(f.Passkeys()) != 2 {
			t.Fatalf("%+v (%v)", f, err)
		}
		first, second := f.Passkeys()[0].ID, f.Passkeys()[1].ID
		if f.Passkeys()[0].Name != "Điện thoại" {
			first, second = second, first
		}
		other := signIn(t, base, "an")
		other.PostForm(factorPath+"/go", "factor", first).Is(404)
		other.PostForm(keyPath+"/ten", "factor", first, "name-"+first, "Của tôi").Is(404)
		other.PostForm("/nguoi-dung/"+a.Person+"/xac-thuc/go", "factor", first).Is(404)
		if err := s.RemoveFactorOf(ctx, sibling, a.Person, first); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a sibling's administrator: %v", err)
		}
		c.PostForm(keyPath+"/ten", "factor", first, "name-"+first, "").Is(422).HasElement("details[open] [name=name-" + first + "]")
		c.PostForm(keyPath+"/ten", "factor", first, "name-"+first, "Máy tính bảng").Follow().Has("Đã đổi tên khóa truy cập.", "Máy tính bảng").Lacks(">Điện thoại<")

		admin := signIn(t, base, "quantri")
		admin.Get("/nguoi-dung/"+a.Person+"/dang-nhap").OK().Has("Máy tính bảng", "Máy ở nhà")
		admin.PostForm("/nguoi-dung/"+a.Person+"/xac-thuc/go", "factor", "khac").Is(404)
		admin.PostForm("/nguoi-dung/"+a.Person+"/xac-thuc/go", "factor", first).Is(303)
		c.Get("/tai-khoan").Is(303)
		enterBy(t, webtest.At(t, base), x).Is(422)
		c = webtest.At(t, base)
		enterBy(t, c, y).Follow().OK().Has("có thay đổi hoặc cảnh báo", "Đã gỡ khóa truy cập “Máy tính bảng” (người quản trị)")

		// The only way in stays; with a password beside, the last takes the recovery codes along.
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.people.SetHashIn(ctx, tx, auth.System(), a.Person, "") }); err != nil {
			t.Fatal(err)
		}
		c = webtest.At(t, base)
		enterBy(t, c, y).Is(303)
		c.PostForm(factorPath+"/go", "factor", second).Is(409).Has("Đây là cách đăng nhập duy nhất của bạn.")
		if err := s.people.SetPassword(ctx, auth.System(), a.Person, good); err != nil {
			t.Fatal(err)
		}
		c = webtest.At(t, base)
		enterBy(t, c, y).Is(303)
		c.PostForm(factorPath+"/go", "factor", second).Is(303)
		if f, err = s.OwnFactors(ctx, a); err != nil || len(f.List) > 0 || f.Recovery > 0 {
			t.Errorf("afterwards %+v (%v)", f, err)
		}
		signIn(t, base, "binh").Get("/tai-khoan").OK()
	})
}

func TestAPasskeyProvesWhoOneIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := keyed(t, d)
		withPassword(t, s, "quantri", "admin", town)
		put(t, s, SecondSetting, "admin")
		base := open(t, s, false)
		x := newDevice(t)
		c := signIn(t, base, "quantri")
		if got := c.Get("/nguoi-dung").Is(303).Location(); got != factorPath {
			t.Errorf("who owes a factor is led to %s", got)
		}
		addKey(t, c, x, "Khóa").OK()
		c.Get("/nguoi-dung").OK() // a passkey is a second factor
		f, err := s.OwnFactors(context.Background(), actor(t, s, personOf(t, s, "quantri")))
		if err != nil {
			t.Fatal(err)
		}
		c.PostForm(factorPath+"/go", "factor", f.List[0].ID).Is(409)

		s.machine.Advance(-web.FreshFor - time.Minute) // proved goes by the machine's clock, which the router does not share
		c = webtest.At(t, base)
		enterBy(t, c, x).Is(303)
		s.machine.Advance(web.FreshFor + time.Minute)
		page := c.PostForm(keyPath, "name", "Khóa thứ hai").Is(403).HasElement("form[data-passkey=prove]")
		if got := page.Value("name"); got != "Khóa thứ hai" {
			t.Errorf("the page carries %q", got)
		}
		c.PostForm(keyPath, "name", "Khóa thứ hai", proveKey, "").Is(422)
		asks(t, c, "enter")
		x.verified = false
		c.PostForm(keyPath, "name", "Khóa thứ hai", proveKey, x.get(asks(t, c, "prove"))).Is(422)
		x.verified = true
		c.PostForm(keyPath, "name", "Khóa thứ hai", proveKey, x.get(asks(t, c, "prove"))).Is(303)
		c.Get(keyPath).OK().Has("Khóa thứ hai")
	})
}

func personOf(t *testing.T, s *Service, login string) (id string) {
	t.Helper()
	if err := s.db.Read(context.Background(), func(tx *db.Tx) error {
		sec, err := account.SecretByLogin(context.Background(), tx, login)
		id = sec.Person
		return err
	}); err != nil || id == "" {
		t.Fatal(err)
	}
	return id
}

func TestWhereASiteCanHavePasskeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, host, origin, id, why string }{
		{"https://giaoban.example.vn", "192.0.2.1", "https://giaoban.example.vn", "giaoban.example.vn", ""},
		{"https://Giaoban.Example.VN:443", "", "https://giaoban.example.vn", "giaoban.example.vn", ""},
		{"https://giaoban.example.vn:8443", "localhost", "https://giaoban.example.vn:8443", "giaoban.example.vn", ""},
		{"http://localhost:8080", "evil.vn", "http://localhost:8080", "localhost", ""},
		{"", "localhost:8080", "http://localhost:8080", "localhost", ""},
		{"", "localhost", "http://localhost", "localhost", ""},
		{"", "evil.vn", "", "", noAddress},
		{"", "localhost.evil.vn:80", "", "", noAddress},
		{"", "127.0.0.1:8080", "", "", noAddress},
		{"http://127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080", "", noName},
		{"https://192.0.2.1", "192.0.2.1", "https://192.0.2.1", "", noName},
		{"https://[2001:db8::1]:8443", "", "https://[2001:db8::1]:8443", "", noName},
		{"http://giaoban.example.vn", "", "http://giaoban.example.vn", "", noName},
	} {
		got, err := relyingOf(c.address, c.host)
		id := ""
		if got.WebAuthn != nil {
			id = got.Config.RPID
		}
		if err != nil || got.Origin != c.origin || got.Why != c.why || id != c.id {
			t.Errorf("%q at %q: %q %q %q (%v)", c.address, c.host, got.Origin, id, got.Why, err)
		}
	}
}

func TestWithoutAnAddressThePageSaysWhyThereAreNoPasskeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		withPassword(t, s, "binh", "head", east)
		c := signIn(t, open(t, s, false), "binh")
		c.Get(factorPath).OK().Has("người quản trị máy chủ chưa đặt địa chỉ của trang").LacksElement("form[data-passkey-able]")
		c.PostForm(keyPath, "name", "Khóa").Is(409)
		c.PostForm("/dang-nhap/khoa/thu-thach", "viec", "enter").Is(409)
		put(t, s, web.AddressSetting, "http://127.0.0.1:1")
		c.Get(factorPath).OK().Has("trang phải có tên miền và https://")
	})
}

// What the register says of passkeys is what is kept: the names that people give stand in their copy, the keys do not.
func TestPasskeysAreInTheRegister(t *testing.T) {
	t.Parallel()
	for _, table := range Personal {
		if table.Name != "factor" {
			continue
		}
		if !strings.Contains(strings.Join(table.Columns, " "), "name") || !strings.Contains(strings.Join(table.Secret, " "), "credential record") ||
			table.End != personal.Gone || !strings.Contains(table.What, "khóa truy cập") {
			t.Errorf("%+v", table)
		}
		return
	}
	t.Error("the register does not know factors")
}
