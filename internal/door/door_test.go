package door

import (
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

// The units of a test site: a town of two wards.
const (
	town = "U1"
	east = "U2"
	west = "U3"
	good = "chuồn chuồn bay thấp"
)

// empty is a site without units and people.
func empty(t testing.TB, d *db.DB) *Service {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	h := auth.NewHasher(2)
	people := account.New(d, c, h)
	if err := people.EnsureRoles(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := New(d, c, h, people, NewSessions(d, c, false))
	s.Keep(KeyFile(filepath.Join(t.TempDir(), "site.key")))
	return s
}

// site is a site with a town of two wards and nobody.
func site(t testing.TB, d *db.DB) *Service {
	t.Helper()
	s := empty(t, d)
	if err := org.New(d, s.clock).Load(context.Background(), auth.System(), []org.Spec{
		{Code: town, Kind: org.Place, Level: org.Town, Name: "Thị xã"},
		{Code: east, Kind: org.Place, Level: org.Commune, Name: "Phường Đông", Parent: town},
		{Code: west, Kind: org.Place, Level: org.Commune, Name: "Phường Tây", Parent: town},
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// person adds someone with a role over a unit and gives them as the actor they are.
func person(t *testing.T, s *Service, login, role, unit string) auth.Actor {
	t.Helper()
	ctx := context.Background()
	id, err := s.people.AddPerson(ctx, auth.System(), account.NewPerson{Login: login, Name: "Nguyễn " + login, Role: role, Unit: unitID(t, s, unit)})
	if err != nil {
		t.Fatal(err)
	}
	return actor(t, s, id)
}

func unitID(t *testing.T, s *Service, code string) int64 {
	t.Helper()
	units, err := s.people.Units(context.Background(), auth.System())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		if u.Code == code {
			return u.ID
		}
	}
	t.Fatalf("no unit %s", code)
	return 0
}

func actor(t *testing.T, s *Service, id string) auth.Actor {
	t.Helper()
	a, err := s.people.Actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// at is a browser that nobody has signed in from, at an address.
func at(address string) Origin { return Origin{Address: address} }

func TestSigningIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		if err := s.people.SetPassword(ctx, auth.System(), a.Person, good); err != nil {
			t.Fatal(err)
		}
		id, err := s.SignIn(ctx, " BINH ", "chuo\u0302\u0300n chuồn bay thấp", at("10.0.0.1"))
		if err != nil || id != a.Person {
			t.Fatalf("the right password in another Unicode form: %q, %v", id, err)
		}
		_, wrong := s.SignIn(ctx, "binh", "chuồn chuồn bay cao", at("10.0.0.1"))
		_, unknown := s.SignIn(ctx, "khong.co", good, at("10.0.0.1"))
		_, empty := s.SignIn(ctx, "", "", at("10.0.0.1"))
		if !fault.Is(wrong, fault.KindInvalid) || wrong.Error() != unknown.Error() || wrong.Error() != empty.Error() {
			t.Errorf("answers differ: %v / %v / %v", wrong, unknown, empty)
		}
		p, err := s.people.Find(ctx, auth.System(), a.Person)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.people.Disable(ctx, auth.System(), a.Person, p.Version, true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.1")); err == nil || err.Error() != wrong.Error() {
			t.Errorf("a disabled person: %v", err)
		}
		if actor(t, s, a.Person).SignedIn() {
			t.Error("a disabled person is still an actor")
		}
	})
}

// A password that was hashed as one did years ago is kept as one does today once it is typed; the wrong one changes nothing.
func TestAnOldHashIsRenewedAtSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		enc := base64.RawStdEncoding
		salt := []byte("0123456789abcdef")
		old := fmt.Sprintf("$argon2id$v=%d$m=8192,t=1,p=1$%s$%s", argon2.Version, enc.EncodeToString(salt), enc.EncodeToString(argon2.IDKey([]byte(good), salt, 1, 8192, 1, 32)))
		hash := func() (text string) {
			if err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select password from person where id = $1`, a.Person).Scan(&text)
			}); err != nil {
				t.Fatal(err)
			}
			return text
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update person set password = $1 where id = $2`, old, a.Person)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "binh", good+"x", at("10.0.0.1")); err == nil || hash() != old {
			t.Errorf("a wrong password: %v, %s", err, hash())
		}
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.1")); err != nil || hash() == old || auth.Outdated(hash()) {
			t.Errorf("the right one: %v, %s", err, hash())
		}
		present := hash()
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.1")); err != nil || hash() != present {
			t.Errorf("again: %v, %s", err, hash())
		}
	})
}

func TestAPersonWithoutAPasswordCannotSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		person(t, s, "trinhdien", "head", east)
		if _, err := s.SignIn(context.Background(), "trinhdien", "", at("10.0.0.1")); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWrongTriesAreLimitedWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		if err := s.people.SetPassword(ctx, auth.System(), a.Person, good); err != nil {
			t.Fatal(err)
		}
		// Sent together, more than the limit still get no more tries than the limit.
		var mu sync.Mutex
		var wg sync.WaitGroup
		tried := 0
		for range triesPerPair + 4 {
			wg.Go(func() {
				if _, err := s.SignIn(ctx, "binh", "sai mật khẩu", at("10.0.0.9")); fault.Is(err, fault.KindInvalid) {
					mu.Lock()
					tried++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if tried != triesPerPair {
			t.Errorf("%d tries were checked, want %d", tried, triesPerPair)
		}
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.9")); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("beyond the limit even the right password must wait: %v", err)
		}
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.1")); err != nil {
			t.Errorf("the owner elsewhere is locked out: %v", err)
		}
		s.clock.Advance((windowMinutes + 1) * time.Minute)
		if _, err := s.SignIn(ctx, "binh", good, at("10.0.0.9")); err != nil {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestAnAddressIsLimitedOverAllNames(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	s := site(t, d)
	var last error
	for i := range triesPerAddress + 1 {
		_, last = s.SignIn(context.Background(), fmt.Sprintf("ten%d", i), good, at("10.0.0.9"))
	}
	if !fault.Is(last, fault.KindTooMany) {
		t.Errorf("try %d of other names: %v", triesPerAddress+1, last)
	}
}

func TestSessionsLiveInTheDatabase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		store := sessionStore{d, clock.Real()}
		later := time.Now().Add(time.Hour)
		expiryOf := func(token string) (expiry int64) {
			err := d.Read(ctx, func(tx *db.Tx) (err error) { _, expiry, err = readSession(ctx, tx, token); return err })
			if err != nil {
				t.Fatal(err)
			}
			return expiry
		}
		if _, found, err := store.Find("a"); found || err != nil {
			t.Fatalf("an unknown token: %v, %v", found, err)
		}
		x, y := []byte(`{"Values":{"a":"x"}}`), []byte(`{"Values":{"a":"y"}}`)
		if err := store.Commit("a", x, later); err != nil {
			t.Fatal(err)
		}
		if data, found, err := store.Find("a"); !found || string(data) != string(x) || err != nil {
			t.Fatalf("found %q %v %v", data, found, err)
		}
		if err := store.Commit("a", x, later.Add(slack/2)); err != nil || expiryOf("a") != later.UnixMilli() {
			t.Errorf("a little longer is written again (%v)", err)
		}
		if err := store.Commit("a", x, later.Add(slack)); err != nil || expiryOf("a") != later.Add(slack).UnixMilli() {
			t.Errorf("much longer is not written (%v)", err)
		}
		if err := store.Commit("a", y, later.Add(slack)); err != nil {
			t.Fatal(err)
		}
		if data, _, _ := store.Find("a"); string(data) != string(y) {
			t.Errorf("changed data are not written: %q", data)
		}
		if err := store.Commit("old", x, time.Now().Add(-afterwards-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := store.Find("old"); found {
			t.Error("a session that is over is found")
		}
		if err := site(t, d).Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		var n int64
		err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select count(*) from session`).Scan(&n) })
		if err != nil || n != 1 {
			t.Errorf("after the sweep %d sessions are left, want 1 (%v)", n, err)
		}
		if err := store.Delete("a"); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := store.Find("a"); found {
			t.Error("a deleted session is found")
		}
		if err := store.Commit("a", x, later); err != nil { // by a request that was under way
			t.Fatal(err)
		}
		if _, found, _ := store.Find("a"); found {
			t.Error("a request under way brings an ended session back")
		}
	})
}
