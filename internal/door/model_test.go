package door

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// The passwords between which people change.
var words = [2]string{good, "gà gáy canh năm sáng"}

// known is what the reference holds of a person: which of words is theirs, how often it has changed, and whether they are shut out.
type known struct {
	actor    auth.Actor
	login    string
	secret   string // of their app; empty without one
	word     int
	changed  int
	disabled bool
}

// seat is what the reference holds of a browser: who is in or half in, as of which password, and the minutes at which that began,
// was last used and proved.
type seat struct {
	c                   *webtest.Client
	in, half            *known
	changed             int
	began, used, proved int
	halfAt, halfChanged int
}

// world is the site and its reference.
type world struct {
	t     *rapid.T
	tb    testing.TB
	s     *Service
	base  string
	now   int // minutes
	folk  []*known
	seats []*seat
}

// age lets time go on for all that sessions remember: the machine's clock cannot be turned.
func (w *world) age(minutes int) {
	w.now += minutes
	w.s.clock.Advance(time.Duration(minutes) * time.Minute)
	by := int64(minutes) * time.Minute.Milliseconds()
	ctx := context.Background()
	err := w.s.db.Write(ctx, func(tx *db.Tx) error {
		type row struct {
			token string
			data  []byte
		}
		rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (x row, err error) { return x, r.Scan(&x.token, &x.data) }, `select token, data from session where ended = 0`)
		if err != nil {
			return err
		}
		for _, x := range rows {
			var held sessionData
			if err := json.Unmarshal(x.data, &held); err != nil {
				return err
			}
			held.Deadline = held.Deadline.Add(-time.Duration(minutes) * time.Minute)
			for _, key := range []string{sessionProved, halfAt} {
				if at, err := strconv.ParseInt(held.Values[key], 10, 64); err == nil {
					held.Values[key] = strconv.FormatInt(at-by, 10)
				}
			}
			if x.data, err = json.Marshal(held); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update session set data = $1, expiry = expiry - $2 where token = $3`, x.data, by, x.token); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update factor set step = 0`) // the same code may be used again: the machine's clock stands still
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// settle ends in the reference what time and passwords have ended.
func (w *world) settle() {
	for _, b := range w.seats {
		if b.in != nil && (b.in.changed != b.changed || w.now-b.used >= int(idle/time.Minute) || w.now-b.began >= int(lifetime/time.Minute)) {
			b.in = nil
		}
		if b.half != nil && (b.half.changed != b.halfChanged || w.now-b.halfAt > halfMinutes) {
			b.half = nil
		}
	}
}

// want demands a status.
func (w *world) want(what string, b *seat, p *webtest.Page, status ...int) {
	for _, s := range status {
		if p.Status == s {
			return
		}
	}
	who, half := "nobody", "nobody"
	if b.in != nil {
		who = b.in.login
	}
	if b.half != nil {
		half = b.half.login
	}
	w.t.Fatalf("minute %d: %s answered %d, want %v; in is %s (since %d, used %d, proved %d), half in %s (since %d)", w.now, what, p.Status, status, who, b.began, b.used, b.proved, half, b.halfAt)
}

func (w *world) enterAs(b *seat, k *known) {
	b.in, b.half, b.changed, b.began, b.used, b.proved = k, nil, k.changed, w.now, w.now, w.now
}

// step does one thing at random, on the site and in the reference.
func (w *world) step() {
	t := w.t
	b, k := rapid.SampledFrom(w.seats).Draw(t, "browser"), rapid.SampledFrom(w.folk).Draw(t, "person")
	gone := []int{http.StatusNotFound, http.StatusUnauthorized} // whoever was in here, or never was
	const fresh = "/tai-khoan/thu-dien-tu"
	act := rapid.SampledFrom([]string{"sign in", "sign in", "code", "code", "look", "look", "act", "act", "prove", "sign out", "change", "end others", "end all", "disable", "enable",
		"minutes", "hour", "night"}).Draw(t, "act")
	w.settle()
	switch act {
	case "sign in":
		p := b.c.PostForm("/dang-nhap", "login", k.login, "password", words[k.word])
		switch {
		case k.disabled:
			w.want(act, b, p, http.StatusUnprocessableEntity)
			w.age(windowMinutes + 1) // wrong tries are not what is asked here
			if b.in != nil {
				b.used = w.now - windowMinutes - 1
			}
		case k.secret != "":
			w.want(act, b, p, http.StatusSeeOther)
			b.in, b.half, b.halfAt, b.halfChanged = nil, k, w.now, k.changed
		default:
			w.want(act, b, p, http.StatusSeeOther)
			w.enterAs(b, k)
		}
	case "code":
		secret := w.folk[1].secret // who alone has an app
		p := b.c.PostForm("/dang-nhap/buoc-hai", "code", codeAt(w.tb, secret, w.s.machine.Now()))
		w.want(act, b, p, http.StatusSeeOther)
		half := b.half != nil && !b.half.disabled
		if in := p.Location() == "/"; in != half {
			t.Fatalf("minute %d: the second step leads to %s; half in %v", w.now, p.Location(), half)
		}
		if half {
			w.enterAs(b, b.half)
			w.age(0)
		} else if b.in != nil {
			b.used = w.now
		}
	case "look":
		p := b.c.Get("/tai-khoan")
		if b.in == nil {
			w.want(act, b, p, http.StatusSeeOther)
			return
		}
		w.want(act, b, p, http.StatusOK)
		if got := p.Text("main"); !strings.Contains(got, "Nguyễn "+b.in.login) {
			t.Fatalf("the page is another's: %.200s", got)
		}
		b.used = w.now
	case "act":
		p := b.c.PostForm(fresh, "email", fmt.Sprintf("a%d@example.vn", w.now))
		switch {
		case b.in == nil:
			w.want(act, b, p, gone...)
		case time.Duration(w.now-b.proved)*time.Minute > web.FreshFor:
			w.want(act, b, p, http.StatusForbidden)
		default:
			w.want(act, b, p, http.StatusSeeOther)
		}
		if b.in != nil {
			b.used = w.now
		}
	case "prove":
		if b.in == nil {
			return
		}
		p := b.c.PostForm(fresh, "email", fmt.Sprintf("b%d@example.vn", w.now), provePassword, words[b.in.word])
		w.want(act, b, p, http.StatusSeeOther)
		b.used = w.now
		if time.Duration(w.now-b.proved)*time.Minute > web.FreshFor {
			b.proved = w.now
		}
	case "sign out":
		w.want(act, b, b.c.PostForm("/dang-xuat"), http.StatusSeeOther)
		b.in, b.half = nil, nil
	case "change":
		p := b.c.PostForm("/tai-khoan/mat-khau", "present", wordOf(b.in, 0), "password", wordOf(b.in, 1))
		if b.in == nil {
			w.want(act, b, p, gone...)
			return
		}
		w.want(act, b, p, http.StatusSeeOther)
		b.in.word, b.in.changed = 1-b.in.word, b.in.changed+1
		b.changed, b.used, b.proved = b.in.changed, w.now, w.now
	case "end others":
		p := b.c.PostForm("/tai-khoan/phien/ket-thuc-het")
		if b.in == nil {
			w.want(act, b, p, gone...)
			return
		}
		b.used = w.now
		if time.Duration(w.now-b.proved)*time.Minute > web.FreshFor && p.Status == http.StatusForbidden { // where it asks again
			return
		}
		w.want(act, b, p, http.StatusSeeOther)
		for _, other := range w.seats {
			if other != b && other.in == b.in {
				other.in = nil
			}
		}
	case "end all":
		if _, err := w.s.EndSessions(context.Background(), auth.System(), k.actor.Person, ""); err != nil {
			t.Fatal(err)
		}
		w.out(k)
	case "disable", "enable":
		k.disabled = act == "disable"
		if err := w.s.people.Disable(context.Background(), auth.System(), k.actor.Person, findPerson(w.tb, w.s, k.actor.Person).Version, k.disabled); err != nil {
			t.Fatal(err)
		}
		if k.disabled {
			w.out(k)
		}
	case "minutes":
		w.age(11)
	case "hour":
		w.age(55)
	case "night":
		w.age(7*60 + 3)
	}
}

// out ends all sessions of a person in the reference.
func (w *world) out(k *known) {
	for _, b := range w.seats {
		if b.in == k {
			b.in = nil
		}
	}
}

// wordOf is a person's password, or the other one.
func wordOf(k *known, other int) string {
	if k == nil {
		return good
	}
	return words[(k.word+other)%2]
}

// Sessions of two people in three browsers, one of whom has a second factor, do what a small reference says: signed in, half in,
// idle, old, ended by hand, by a new password and by being shut out, and asked again once a proof is old.
func TestSessionsAsAReferenceHasThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		base := open(t, s, false)
		folk := []*known{{login: "binh"}, {login: "dao"}}
		for _, k := range folk {
			k.actor = withPassword(t, s, k.login, "head", east)
		}
		folk[1].secret, _ = withCode(t, s, folk[1].actor)
		ctx := context.Background()
		rapid.Check(t, func(r *rapid.T) {
			w := &world{t: r, tb: t, s: s, base: base, folk: folk}
			for range 3 {
				w.seats = append(w.seats, &seat{c: webtest.At(t, base)})
			}
			w.age(windowMinutes + 1)
			for _, k := range folk {
				if k.disabled {
					k.disabled = false
					if err := s.people.Disable(ctx, auth.System(), k.actor.Person, findPerson(t, s, k.actor.Person).Version, false); err != nil {
						r.Fatal(err)
					}
				}
			}
			for range rapid.IntRange(1, 14).Draw(r, "steps") {
				w.step()
			}
		})
	})
}
