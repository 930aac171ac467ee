package door

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/mail"
	"giaoban/internal/web/webtest"
)

// mailing lets the site send, to a server that nobody asks.
func mailing(t *testing.T, s *Service) {
	t.Helper()
	s.MailBy(mail.New(s.db, s.clock, mail.Options{SiteName: func(context.Context) string { return "Thị xã" }}))
	put(t, s, mail.HostSetting, "127.0.0.1")
	put(t, s, mail.FromSetting, "giaoban@example.vn")
}

func setEmail(t *testing.T, s *Service, who auth.Actor, address string) {
	t.Helper()
	if err := s.people.SetEmail(context.Background(), who, who.Person, address); err != nil {
		t.Fatal(err)
	}
}

// told are the letters that wait: to whom, in what language, and what they say.
func told(t *testing.T, s *Service) (out []string) {
	t.Helper()
	ctx := context.Background()
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, func(rows *sql.Rows) (string, error) {
			var to, language, template, data string
			err := rows.Scan(&to, &language, &template, &data)
			what := data[strings.Index(data, `"What":"`)+8:]
			line := fmt.Sprintf("%s %s %s %s", to, language, template, what[:strings.Index(what, `"`)])
			if strings.Contains(data, "Firefox, Windows") {
				line += " Firefox, Windows"
			}
			return line, err
		}, `select address, language, template, data from mail_message order by id`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestPeopleAreToldByMailOfTheirWaysIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := keyed(t, d)
		mailing(t, s)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "quantri", "admin", town)
		if err := s.people.SetLanguage(ctx, a, "en"); err != nil {
			t.Fatal(err)
		}
		setEmail(t, s, a, "binh@example.vn")
		base := open(t, s, false)
		var want []string
		is := func(after string, more ...string) {
			t.Helper()
			for _, m := range more {
				want = append(want, "binh@example.vn en "+m)
			}
			slices.Sort(want)
			if got := told(t, s); !slices.Equal(got, want) {
				t.Fatalf("after %s the letters are %q, want %q", after, got, want)
			}
		}
		is("the first address")
		c := webtest.At(t, base).Agent("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
		c.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		is("the first browser")
		second := webtest.At(t, base).Agent("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
		second.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		is("a new browser", "notice sign-in Firefox, Windows")
		second.PostForm("/dang-xuat")
		second.PostForm("/dang-nhap", "login", "binh", "password", good).Is(303)
		is("a browser that is known")

		x := newDevice(t)
		addKey(t, second, x, "Khóa").OK()
		is("a passkey", "notice passkey-added")
		copied := *x
		copied.count = 0
		enterBy(t, webtest.At(t, base), &copied).Is(409)
		is("a copy of it", "notice passkey-copied")
		withCode(t, s, a)
		is("an app", "notice factor-added")
		codes, err := s.NewRecoveryCodes(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		is("new recovery codes", "notice recovery-made")
		if err := s.useRecovery(ctx, a.Person, codes[0], at("10.0.0.1")); err != nil {
			t.Fatal(err)
		}
		is("a recovery code", "notice recovery-used")
		f, err := s.OwnFactors(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range f.List {
			if err := s.RemoveFactor(ctx, a, one.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		is("removing both", "notice factor-removed", "notice passkey-removed")
		withCode(t, s, a)
		is("an app again", "notice factor-added")
		if err := s.ResetFactors(ctx, auth.System(), a.Person); err != nil {
			t.Fatal(err)
		}
		is("the administrator's reset", "reset factor")
		const next = "chuồn chuồn bay cao"
		if err := s.ChangePassword(ctx, a, "sai mật khẩu rồi", next, at("10.0.0.1")); err == nil {
			t.Fatal("a wrong password changes it")
		}
		is("a wrong password")
		if err := s.ChangePassword(ctx, a, good, next, at("10.0.0.1")); err != nil {
			t.Fatal(err)
		}
		is("a new password", "notice password")
		// Of a changed address the old one is told.
		setEmail(t, s, a, "moi@example.vn")
		is("another address", "notice address")

		// Who has no address is written nothing, and nothing fails.
		b := withPassword(t, s, "an", "head", west)
		withCode(t, s, b)
		if err := s.ChangePassword(ctx, b, good, next, at("10.0.0.2")); err != nil {
			t.Fatal(err)
		}
		is("what became of somebody without an address")
	})
}

func TestALinkToAProviderIsToldByMail(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		mailing(t, s)
		a := withPassword(t, s, "binh", "head", east)
		setEmail(t, s, a, "binh@example.vn")
		p := Provider{Code: "tinh", Name: "công vụ tỉnh", Issuer: "https://idp.example.vn", Client: "giaoban"}
		putProvider(t, s, p)
		if err := s.link(ctx, a, p, "7f3a"); err != nil {
			t.Fatal(err)
		}
		if err := s.link(ctx, a, p, "7f3a"); err != nil {
			t.Fatal(err)
		}
		if err := s.Unlink(ctx, a, "tinh"); err != nil {
			t.Fatal(err)
		}
		if err := s.Unlink(ctx, a, "tinh"); err != nil {
			t.Fatal(err)
		}
		want := []string{"binh@example.vn vi notice provider-linked", "binh@example.vn vi notice provider-removed"}
		if got := told(t, s); !slices.Equal(got, want) {
			t.Errorf("the letters are %q", got)
		}
	})
}

// Where the site does not send mail, everything works as before.
func TestASiteWithoutMailTellsNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := still(site(t, d))
		s.MailBy(mail.New(s.db, s.clock, mail.Options{SiteName: func(context.Context) string { return "Thị xã" }}))
		id, err := s.people.AddPerson(context.Background(), auth.System(), account.NewPerson{Login: "binh", Name: "Nguyễn Bình", Role: "head", Unit: unitID(t, s, east)})
		if err != nil {
			t.Fatal(err)
		}
		a := actor(t, s, id)
		setEmail(t, s, a, "binh@example.vn")
		withCode(t, s, a)
		if got := told(t, s); len(got) > 0 {
			t.Errorf("letters wait: %q", got)
		}
	})
}
