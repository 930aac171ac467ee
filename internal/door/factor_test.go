package door

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// codeAt is what an app with the secret shows: the library's own reckoning, not the house's.
func codeAt(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// withCode gives a person an app, and answers its secret and the recovery codes.
func withCode(t testing.TB, s *Service, who auth.Actor) (secret string, recovery []string) {
	t.Helper()
	ctx := context.Background()
	if err := s.BeginCode(ctx, who); err != nil {
		t.Fatal(err)
	}
	e, err := s.Pending(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err = s.ConfirmCode(ctx, who, codeAt(t, e.Secret, s.machine.Now()), "")
	if err != nil {
		t.Fatal(err)
	}
	s.machine.Advance(codeSeconds * time.Second) // the next code
	return e.Secret, recovery
}

// still makes the machine's clock stand still, within a step: a code must not change between its making and its use. The
// site's own clock is in 2019.
func still(s *Service) *Service {
	s.machine = clock.Fixed(time.Now().Truncate(codeSeconds * time.Second).Add(10 * time.Second))
	return s
}

func put(t testing.TB, s *Service, key, value string) {
	t.Helper()
	if err := s.db.Write(context.Background(), func(tx *db.Tx) error { return setting.Put(context.Background(), tx, key, value) }); err != nil {
		t.Fatal(err)
	}
}

func findPerson(t testing.TB, s *Service, id string) account.Person {
	t.Helper()
	p, err := s.people.Find(context.Background(), auth.System(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestACodeIsTakenOnceAndInItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		a := person(t, s, "binh", "head", east)
		secret, _ := withCode(t, s, a)
		now := s.machine.Now()
		for name, code := range map[string]string{
			"two steps early": codeAt(t, secret, now.Add(2*codeSeconds*time.Second)), "two steps late": codeAt(t, secret, now.Add(-2*codeSeconds*time.Second)),
			"of the site's year": codeAt(t, secret, s.clock.Now()), "empty": "", "short": "12345", "words": "mật khẩu", "the one that confirmed": codeAt(t, secret, now.Add(-codeSeconds*time.Second)),
		} {
			if err := s.useCode(ctx, a.Person, code, Origin{Address: "10.0.0." + fmt.Sprint(len(name))}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("a code %s: %v", name, err)
			}
		}
		code := codeAt(t, secret, now)
		if err := s.useCode(ctx, a.Person, code[:3]+" "+code[3:], Origin{Address: "10.0.0.1"}); err != nil {
			t.Fatalf("the right code: %v", err)
		}
		if err := s.useCode(ctx, a.Person, code, Origin{Address: "10.0.0.1"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("the same code again: %v", err)
		}
		if err := s.useCode(ctx, a.Person, codeAt(t, secret, now.Add(codeSeconds*time.Second)), Origin{Address: "10.0.0.1"}); err != nil {
			t.Errorf("the next code, from a telephone that is ahead: %v", err)
		}
		if err := s.useCode(ctx, a.Person, code, Origin{Address: "10.0.0.2"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a code of before one that was taken: %v", err)
		}
		other := person(t, s, "an", "head", east)
		withCode(t, s, other)
		if err := s.useCode(ctx, other.Person, codeAt(t, secret, s.machine.Now()), Origin{Address: "10.0.0.3"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("another person's code: %v", err)
		}
	})
}

// Of requests that come together with one code, one gets in.
func TestOneCodeSentTwiceAtOnceLetsInOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		a := person(t, s, "binh", "head", east)
		secret, recovery := withCode(t, s, a)
		for name, use := range map[string]func() error{
			"a code": func() error {
				return s.useCode(ctx, a.Person, codeAt(t, secret, s.machine.Now()), Origin{Address: "10.0.0.1"})
			},
			"a recovery code": func() error { return s.useRecovery(ctx, a.Person, recovery[0], Origin{Address: "10.0.0.2"}) },
		} {
			results := make(chan error)
			for range 4 {
				go func() { results <- use() }()
			}
			good := 0
			for range 4 {
				if err := <-results; err == nil {
					good++
				} else if !fault.Is(err, fault.KindInvalid) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if good != 1 {
				t.Errorf("%s let in %d times", name, good)
			}
		}
	})
}

func TestWrongCodesAreLimitedAndThePasswordForgivesNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		a := person(t, s, "binh", "head", east)
		if err := s.people.SetPassword(ctx, auth.System(), a.Person, good); err != nil {
			t.Fatal(err)
		}
		secret, recovery := withCode(t, s, a)
		right := func() string { s.machine.Advance(codeSeconds * time.Second); return codeAt(t, secret, s.machine.Now()) }
		for range triesPerPair {
			if _, err := s.SignIn(ctx, "binh", good, Origin{Address: "10.0.0.9"}); err != nil {
				t.Fatal(err)
			}
			if err := s.useCode(ctx, a.Person, "000000", Origin{Address: "10.0.0.9"}); !fault.Is(err, fault.KindInvalid) {
				t.Fatal(err)
			}
		}
		if err := s.useCode(ctx, a.Person, right(), Origin{Address: "10.0.0.9"}); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("beyond the limit the right code must wait: %v", err)
		}
		if err := s.useCode(ctx, a.Person, right(), Origin{Address: "10.0.0.1"}); err != nil {
			t.Errorf("the owner elsewhere is locked out: %v", err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			return s.arrive(ctx, tx, a.Person, byPassword, Origin{Address: "10.0.0.1", Token: "their browser"})
		}); err != nil {
			t.Fatal(err)
		}
		for i := range triesPerName {
			_ = s.useCode(ctx, a.Person, "000000", Origin{Address: fmt.Sprintf("10.1.%d.1", i)})
		}
		if err := s.useCode(ctx, a.Person, right(), Origin{Address: "10.2.0.1"}); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("the whole world has no more tries than a day's: %v", err)
		}
		if err := s.useCode(ctx, a.Person, right(), Origin{Address: "10.0.0.1"}); err != nil {
			t.Errorf("where the owner came in lately they still do: %v", err)
		}
		if err := s.useRecovery(ctx, a.Person, recovery[0], Origin{Address: "10.2.0.2"}); err != nil {
			t.Errorf("a recovery code opens anywhere: %v", err)
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		a := person(t, s, "binh", "head", east)
		if _, err := s.NewRecoveryCodes(ctx, a); !fault.Is(err, fault.KindRefused) {
			t.Errorf("recovery codes without a factor: %v", err)
		}
		_, first := withCode(t, s, a)
		if len(first) != recoveryCodes {
			t.Fatalf("%d recovery codes", len(first))
		}
		if err := s.useRecovery(ctx, a.Person, strings.ToUpper(strings.ReplaceAll(first[0], "-", " ")), Origin{Address: "10.0.0.1"}); err != nil {
			t.Errorf("a code in capitals and spaces: %v", err)
		}
		if err := s.useRecovery(ctx, a.Person, first[0], Origin{Address: "10.0.0.1"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a used code: %v", err)
		}
		if err := s.useRecovery(ctx, a.Person, first[1][:10], Origin{Address: "10.0.0.1"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("part of a code: %v", err)
		}
		f, err := s.OwnFactors(ctx, a)
		if err != nil || f.Recovery != recoveryCodes-1 || f.Few() {
			t.Errorf("left %d, few %v (%v)", f.Recovery, f.Few(), err)
		}
		second, err := s.NewRecoveryCodes(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.useRecovery(ctx, a.Person, first[2], Origin{Address: "10.0.0.1"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a code of the set before: %v", err)
		}
		for _, code := range second[:recoveryCodes-fewCodes] {
			if err := s.useRecovery(ctx, a.Person, code, Origin{Address: "10.0.0.1"}); err != nil {
				t.Fatal(err)
			}
		}
		if f, _ := s.OwnFactors(ctx, a); !f.Few() {
			t.Errorf("%d codes are not few", f.Recovery)
		}
		// What is stored is no code, and no secret in the clear.
		var rows []string
		err = d.Read(ctx, func(tx *db.Tx) (err error) {
			rows, err = db.Collect(ctx, tx, db.Scalar[string], `select hash from recovery_code union all select secret from factor union all select detail from audit_entry`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, code := range second {
				if strings.Contains(row, tidyCode(code)) || strings.Contains(row, code) {
					t.Errorf("a recovery code is stored in the clear")
				}
			}
		}
	})
}

func TestTheSecretIsEncryptedWithTheSitesKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		a := person(t, s, "binh", "head", east)
		secret, _ := withCode(t, s, a)
		info, err := os.Stat(s.key.Path())
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file of the key: %v, %v", info, err)
		}
		state, err := s.CheckKey(ctx)
		if err != nil || state.Missing || state.Open || state.Other || !state.Used {
			t.Errorf("doctor would say %+v (%v)", state, err)
		}
		kept := s.key
		s.key, err = KeyText(strings.Repeat("x", minKey))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.useCode(ctx, a.Person, codeAt(t, secret, s.machine.Now()), Origin{Address: "10.0.0.1"}); err == nil || fault.All(err) != nil {
			t.Errorf("with another key: %v", err)
		}
		if state, _ := s.CheckKey(ctx); !state.Other {
			t.Error("doctor does not see another key")
		}
		if err := s.BeginCode(ctx, a); err == nil {
			t.Error("a second key is taken into use beside the first")
		}
		s.key = Key{}
		if err := s.BeginCode(ctx, a); !fault.Is(err, fault.KindRefused) {
			t.Errorf("without a key: %v", err)
		}
		// One person's secret in another's row opens nothing.
		s.key = kept
		other := person(t, s, "an", "head", east)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update factor set person = $1 where person = $2`, other.Person, a.Person)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.useCode(ctx, other.Person, codeAt(t, secret, s.machine.Now()), Origin{Address: "10.0.0.1"}); err == nil || fault.All(err) != nil {
			t.Errorf("a secret moved to another person: %v", err)
		}
		if _, err := KeyText(" ngắn "); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a short key: %v", err)
		}
	})
}

func TestWhoMustHaveASecondFactor(t *testing.T) {
	t.Parallel()
	admin := auth.Actor{Person: "a", Grants: []auth.Grant{{Role: "admin", Permissions: []auth.Permission{auth.Admin}}}}
	for words, want := range map[string]bool{"": false, "admin": true, "publish, admin": true, "publish": false, "editor": false, "signed-in": false, "adm": false} {
		if got := needs(words, admin); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
	for text, ok := range map[string]bool{"admin": true, "admin, publish": true, "amin": false, "signed-in": false} {
		if got := CheckSecond(text) == nil; got != ok {
			t.Errorf("the setting %q is taken: %v", text, got)
		}
	}
	if needs("admin", auth.Actor{Person: "b"}) {
		t.Error("somebody without grants needs one")
	}
}

// Whatever the way in, who needs two factors shows two: what is not two by itself asks for the second, or for one to be added.
func TestEveryWayInIsHeldToTheSameStrength(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		with, without, free := person(t, s, "co.ma", "admin", town), person(t, s, "chua.co", "admin", town), person(t, s, "binh", "head", east)
		withCode(t, s, with)
		put(t, s, SecondSetting, "admin")
		for method, two := range map[string]bool{byPassword: false, byInvitation: false, byProvider: false, byStrong: true, byPasskey: true, "a way to come": false} {
			for who, want := range map[string]asked{with.Person: askSecond, without.Person: askFactor, free.Person: askNothing} {
				if two {
					want = askNothing
				}
				if got, err := s.asked(ctx, who, method); err != nil || got != want {
					t.Errorf("by %s %d is asked, want %d (%v)", method, got, want, err)
				}
			}
		}
	})
}

// What somebody may do for another counts as what they may do themselves.
func TestLentRightsNeedASecondFactorToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		giver, taker := withPassword(t, s, "binh", "publisher", east), withPassword(t, s, "an", "officer", east)
		put(t, s, SecondSetting, "publish")
		base := open(t, s, false)
		signIn(t, base, "an").Get("/tai-khoan").OK()
		id, err := s.people.Delegate(ctx, giver, account.Delegation{Giver: giver.Person, Taker: taker.Person, To: "2019-11-01", Reason: "Đi công tác"},
			[]string{findPerson(t, s, giver.Person).Grants[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		if got := signIn(t, base, "an").Get("/tai-khoan").Is(303).Location(); got != factorPath {
			t.Errorf("who acts for a publisher is led to %s", got)
		}
		if err := s.people.EndDelegation(ctx, giver, giver.Person, id); err != nil {
			t.Fatal(err)
		}
		signIn(t, base, "an").Get("/tai-khoan").OK()
	})
}

func TestARoleThatNeedsASecondFactorIsLedToIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		a := withPassword(t, s, "quantri", "admin", town)
		withPassword(t, s, "binh", "head", east)
		put(t, s, SecondSetting, "admin publish")
		base := open(t, s, false)
		signIn(t, base, "binh").Get("/tai-khoan").OK()
		c := signIn(t, base, "quantri")
		for _, path := range []string{"/nguoi-dung", "/tai-khoan", "/nguoi-dung/them"} {
			if got := c.Get(path).Is(303).Location(); got != factorPath {
				t.Errorf("%s leads to %s", path, got)
			}
		}
		c.PostForm("/nguoi-dung", "login", "moi", "name", "Mới", "role", "admin", "unit", town).Is(404)
		c.PostForm("/tai-khoan/mat-khau", "present", good, "password", "chuồn chuồn bay cao").Is(404)
		c.Get(factorPath).OK().Has("Vai trò của bạn cần bước xác thực thứ hai")
		c.PostForm(factorPath + "/ung-dung").Is(303)
		e, err := s.Pending(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		c.PostForm(factorPath+"/ung-dung/xong", "code", "").Is(422)
		c.PostForm(factorPath+"/ung-dung/xong", "code", "000000").Is(422)
		c.Get("/nguoi-dung").Is(303)
		c.PostForm(factorPath+"/ung-dung/xong", "code", codeAt(t, e.Secret, s.machine.Now())).OK().Has("Mã khôi phục của bạn")
		c.Get("/nguoi-dung").OK()
		one := c.Get(factorPath).OK()
		c.PostForm(factorPath+"/go", "factor", one.Value("factor")).Is(409).Has("Hãy thêm cách khác trước khi gỡ cách này.")
	})
}

func TestTheSecondStepOnThePages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		a := withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		me := signIn(t, base, "binh")
		me.Get("/tai-khoan").OK().Has("Xác thực hai bước", "Chưa bật")
		me.Get(factorPath + "/ung-dung").Is(303)
		me.PostForm(factorPath + "/ung-dung").Follow().OK().HasElement("svg.qr path[d]")
		e, err := s.Pending(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		me.Get(factorPath + "/ung-dung").OK().Has(e.Groups())
		shown := me.PostForm(factorPath+"/ung-dung/xong", "code", codeAt(t, e.Secret, s.machine.Now())).OK()
		codes := regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`).FindAllString(shown.Text("ul.codes"), -1)
		if len(codes) != recoveryCodes {
			t.Fatalf("the page shows %d codes", len(codes))
		}
		if got := shown.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("the codes may be kept: %q", got)
		}
		me.Get("/tai-khoan").OK().Has("Đang bật", "Đã thêm ứng dụng tạo mã").Lacks(codes[0])

		s.machine.Advance(codeSeconds * time.Second)
		c := webtest.At(t, base)
		p := c.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", "/tai-khoan")
		if got := p.Is(303).Location(); got != "/dang-nhap/buoc-hai?tiep=%2Ftai-khoan" {
			t.Fatalf("the first step leads to %s", got)
		}
		c.Get("/tai-khoan").Is(303)
		c.Get("/dang-nhap/buoc-hai").OK().Has("Mã 6 chữ số").Lacks("Nguyễn binh")
		c.PostForm("/dang-nhap/buoc-hai", "code", "").Is(422)
		c.PostForm("/dang-nhap/buoc-hai", "code", "000000").Is(422).Has("Mã không đúng hoặc đã hết hạn.")
		c.Get("/tai-khoan").Is(303)
		done := c.PostForm("/dang-nhap/buoc-hai", "code", codeAt(t, e.Secret, s.machine.Now()), "tiep", "/tai-khoan")
		if got := done.Is(303).Location(); got != "/tai-khoan" {
			t.Errorf("the second step leads to %s", got)
		}
		c.Get("/tai-khoan").OK().Has("Nguyễn binh")
		c.Get("/dang-nhap/buoc-hai").Is(303)

		lost := webtest.At(t, base)
		lost.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		lost.PostForm("/dang-nhap/buoc-hai", "recovery", "").Is(422).HasElement("details[open]")
		lost.PostForm("/dang-nhap/buoc-hai", "recovery", codes[3]).Follow().OK().Has("Bạn còn 9 mã chưa dùng.", "Đã dùng một mã khôi phục để vào")

		late := webtest.At(t, base)
		late.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		s.machine.Advance((halfMinutes + 1) * time.Minute)
		if got := late.PostForm("/dang-nhap/buoc-hai", "code", codeAt(t, e.Secret, s.machine.Now())).Is(303).Location(); got != "/dang-nhap?tiep=%2F" {
			t.Errorf("a first step that is too old leads to %s", got)
		}
		// A password that changes meanwhile ends the first step too.
		half := webtest.At(t, base)
		half.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		if err := s.people.SetPassword(context.Background(), auth.System(), a.Person, "chuồn chuồn bay vừa"); err != nil {
			t.Fatal(err)
		}
		if got := half.PostForm("/dang-nhap/buoc-hai", "code", codeAt(t, e.Secret, s.machine.Now())).Is(303).Location(); got != "/dang-nhap?tiep=%2F" {
			t.Errorf("after a new password the first step leads to %s", got)
		}
	})
}

func TestALostFactorIsResetByAnAdministrator(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := still(site(t, d))
		withPassword(t, s, "quantri", "admin", town)
		theirs, sibling := person(t, s, "qt.dong", "admin", east), person(t, s, "qt.tay", "admin", west)
		a := withPassword(t, s, "binh", "head", east)
		_, recovery := withCode(t, s, a)
		if err := s.ResetFactors(ctx, sibling, a.Person); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the sibling's administrator: %v", err)
		}
		if _, err := s.FactorsOf(ctx, sibling, a.Person); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the sibling's administrator sees: %v", err)
		}
		if err := s.ResetFactors(ctx, a, a.Person); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("oneself, no administrator: %v", err)
		}
		if err := s.ResetFactors(ctx, theirs, theirs.Person); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an administrator their own: %v", err)
		}
		if _, err := s.people.Grant(ctx, auth.System(), account.Grant{Person: a.Person, Role: "editor", Unit: unitID(t, s, west)}); err != nil {
			t.Fatal(err)
		}
		if err := s.ResetFactors(ctx, theirs, a.Person); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an administrator of a part of the person: %v", err)
		}
		base := open(t, s, false)
		signIn(t, base, "quantri").PostForm("/nguoi-dung/" + a.Person + "/xac-thuc/dat-lai").Is(303)
		f, err := s.OwnFactors(ctx, a)
		if err != nil || len(f.List) > 0 || f.Recovery > 0 || f.Events[0].What != "reset-factors" || f.Events[0].ByThem {
			t.Errorf("after the reset %+v (%v)", f, err)
		}
		if err := s.useRecovery(ctx, a.Person, recovery[0], Origin{Address: "10.0.0.1"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an old recovery code: %v", err)
		}
		c := webtest.At(t, base)
		c.PostForm("/dang-nhap", "login", "binh", "password", good, "tiep", "/tai-khoan").Follow().OK().
			Has("Từ lần vào trước, có thay đổi hoặc cảnh báo về các cách xác thực của bạn.", "Đã gỡ mọi cách xác thực và mã khôi phục (người quản trị)")
		signIn(t, base, "binh").Get("/tai-khoan").Lacks("Từ lần vào trước")
	})
}

// Factors and proofs on the pages: what is important asks again, by the password or a code, and loses nothing that was typed.
func TestImportantThingsAskAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		admin := withPassword(t, s, "quantri", "admin", town)
		target := person(t, s, "binh", "head", east)
		base := open(t, s, false)
		s.machine = clock.Real()
		c := signIn(t, base, "quantri")
		path := "/nguoi-dung/" + target.Person + "/cap-quyen"
		c.PostForm(path, "role", "editor", "unit", west).Is(303)
		s.machine.Shift(-web.FreshFor - time.Minute)
		old := signIn(t, base, "quantri")
		s.machine.Shift(0)
		form := []string{"role", "editor", "unit", east, "to", "31/12/2019"}
		old.PostForm(path, form...).Is(403).Has("Xác nhận lại").HasElement("input[type=hidden][name=unit][value=U2]").LacksElement("input[name=" + proveCode + "]")
		if got := len(findPerson(t, s, target.Person).Grants); got != 2 {
			t.Errorf("without the proof there are %d grants", got)
		}
		old.PostForm(path, append(form, provePassword, "")...).Is(422).HasElement("input[type=hidden][name=to][value='31/12/2019']")
		old.PostForm(path, append(form, provePassword, "sai mật khẩu này")...).Is(422).Has("Mật khẩu hiện tại không đúng.").Lacks("sai mật khẩu này")
		old.PostForm(path, append(form, provePassword, good)...).Is(303)
		old.PostForm(path, "role", "auditor", "unit", east).Is(303)
		if got := len(findPerson(t, s, target.Person).Grants); got != 4 {
			t.Errorf("with the proof there are %d grants", got)
		}
		// With an app its code does too.
		s.machine = clock.Fixed(time.Now().Add(-2 * web.FreshFor))
		secret, _ := withCode(t, s, admin)
		s.machine = clock.Fixed(time.Now().Add(-web.FreshFor - time.Minute))
		code := webtest.At(t, base)
		code.PostForm("/dang-nhap", "login", "quantri", "password", good).Is(303)
		code.PostForm("/dang-nhap/buoc-hai", "code", codeAt(t, secret, s.machine.Now())).Is(303)
		s.machine = clock.Real()
		code.PostForm(path, "role", "head", "unit", west).Is(403)
		code.PostForm(path, "role", "head", "unit", west, proveCode, "000000").Is(422).Has("Mã không đúng hoặc đã hết hạn.")
		code.PostForm(path, "role", "head", "unit", west, proveCode, codeAt(t, secret, time.Now())).Is(303)
	})
}

// A demonstration has no passwords to ask for.
func TestADemonstrationNeverAsksAgain(t *testing.T) {
	t.Parallel()
	s := site(t, dbtest.Open(t, db.SQLite))
	a := person(t, s, "quantri", "admin", town)
	target := person(t, s, "binh", "head", east)
	put(t, s, SecondSetting, "admin")
	c := webtest.At(t, open(t, s, true))
	s.machine.Shift(-24 * time.Hour)
	c.PostForm("/trinh-dien/vao", "person", a.Person).Is(303)
	s.machine.Shift(0)
	c.PostForm("/nguoi-dung/"+target.Person+"/cap-quyen", "role", "editor", "unit", east).Is(303)
}

// Codes in any spacing are read, and nothing else is.
func TestCodesInAnySpacing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
		at := time.Unix(rapid.Int64Range(1_000_000_000, 4_000_000_000).Draw(t, "at"), 0)
		code, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		spaced := ""
		for _, r := range code {
			spaced += rapid.SampledFrom([]string{"", " ", "\u00a0", "-", "."}).Draw(t, "space") + string(r)
		}
		if step, ok := matchStep(secret, spaced+" ", at, 0); !ok || step > stepOf(at)+codeSkew {
			t.Fatalf("%q is not read", spaced)
		}
		if _, ok := matchStep(secret, code, at, stepOf(at)+codeSkew); ok {
			t.Fatal("a step that was taken is taken again")
		}
		other := rapid.StringMatching(`[0-9]{6}`).Draw(t, "other")
		if step, ok := matchStep(secret, other, at, 0); ok {
			if right, _ := totp.GenerateCode(secret, time.Unix(step*codeSeconds, 0)); right != other {
				t.Fatalf("%s is taken", other)
			}
		}
	})
}

func FuzzTidyDigits(f *testing.F) {
	for _, seed := range []string{"123456", "123 456", "１２３４５６", "12345x", "", "\u202f1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := tidyDigits(text)
		if tidyDigits(got) != got {
			t.Errorf("%q becomes %q and then %q", text, got, tidyDigits(got))
		}
		if strings.Trim(got, "0123456789x") != "" {
			t.Errorf("%q keeps %q", text, got)
		}
	})
}

// Half a session is a visitor's: no route but the second step knows of it.
func TestHalfASessionOpensNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		a := withPassword(t, s, "quantri", "admin", town)
		withCode(t, s, a)
		half := webtest.At(t, open(t, s, false))
		half.PostForm("/dang-nhap", "login", "quantri", "password", good).Is(303)
		rt := web.NewRouter(&web.Site{})
		s.Mount(rt, false)
		s.people.Mount(rt)
		asked := 0
		for _, route := range rt.Routes() {
			if route.Permission == auth.Public {
				continue
			}
			asked++
			path := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(route.Pattern, a.Person)
			if route.Method == "GET" {
				if got := half.Get(path).Is(303).Location(); !strings.HasPrefix(got, "/dang-nhap?") {
					t.Errorf("%s leads to %s", path, got)
				}
				continue
			}
			half.PostForm(path, provePassword, good).Is(404)
		}
		if asked < 10 {
			t.Errorf("only %d routes were asked", asked)
		}
		half.Get("/dang-nhap/buoc-hai").OK()
	})
}

func TestANewFactorEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		a := withPassword(t, s, "binh", "head", east)
		base := open(t, s, false)
		other, here := signIn(t, base, "binh"), signIn(t, base, "binh")
		here.PostForm(factorPath + "/ung-dung").Is(303)
		e, err := s.Pending(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		other.Get("/tai-khoan").OK()
		here.PostForm(factorPath+"/ung-dung/xong", "code", codeAt(t, e.Secret, s.machine.Now())).OK()
		here.Get("/tai-khoan").OK()
		other.Get("/tai-khoan").Is(303)
	})
}
