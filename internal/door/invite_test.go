package door

import (
	"context"
	"crypto/sha1"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/web/webtest"
)

// codeOn reads the code on a slip's page.
func codeOn(t *testing.T, p *webtest.Page) string {
	t.Helper()
	texts := p.Find(".slip-text")
	if texts.Length() != 2 {
		t.Fatalf("the slip shows %d texts to type", texts.Length())
	}
	return texts.Last().Text()
}

func TestAnInvitationBySlip(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "quantri", "admin", town)
		base := open(t, s, false)
		admin := signIn(t, base, "quantri")
		p := admin.PostForm("/nguoi-dung", "login", "moi", "name", "Trần Thị Mới", "role", "officer", "unit", east).OK().
			Has("Gửi Trần Thị Mới", base+"/moi", "Mã dùng được một lần, đến 08:00, 08/10/2019.").HasElement("svg.qr path[d]").HasElement("[data-print]")
		code := codeOn(t, p)
		if got := p.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("the slip may be kept: %q", got)
		}
		admin.Get("/nguoi-dung").OK().Has("Chưa vào lần nào", "Phiếu mời dùng được đến 08:00, 08/10/2019").Lacks(code)

		c := webtest.At(t, base)
		c.Get("/dang-nhap").OK().HasElement("a[href='/moi']")
		c.Get("/moi").OK()
		c.PostForm("/moi", "login", "moi", "code", code, "password", "ngắn").Is(422).Has("ít nhất 10 ký tự").Lacks("ngắn\"")
		wrong := c.PostForm("/moi", "login", "moi", "code", "sai", "password", good).Is(422)
		if got := wrong.Value("login"); got != "moi" {
			t.Errorf("the typed login is lost: %q", got)
		}
		unknown := c.PostForm("/moi", "login", "khong.co", "code", code, "password", good).Is(422)
		if wrong.Text(".summary") != unknown.Text(".summary") {
			t.Error("a wrong code and an unknown name are told apart")
		}
		c.PostForm("/moi").Is(422).Has("Hãy nhập tên đăng nhập.", "Hãy nhập mã trên phiếu.", "Hãy đặt mật khẩu.")
		c.PostForm("/moi", "login", " MOI", "code", strings.ToUpper(strings.ReplaceAll(code, "-", " ")), "password", good).Follow().OK().Has("Bạn đã vào.", "Trần Thị Mới")
		c.Get("/tai-khoan").OK().Has("Phiếu mời", "Cán bộ nhập liệu")

		other := webtest.At(t, base)
		other.PostForm("/moi", "login", "moi", "code", code, "password", good+"x").Is(422) // once only
		signIn(t, base, "moi")
		admin.Get("/nguoi-dung").OK().Lacks("Chưa vào lần nào", "Phiếu mời dùng được")
	})
}

func TestAResetIsASlipToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "quantri", "admin", town)
		base := open(t, s, false)
		c, admin := signIn(t, base, "binh"), signIn(t, base, "quantri")
		path := "/nguoi-dung/" + a.Person
		admin.Get(path+"/dang-nhap").OK().Has("Người này đã từng vào.", "Lập phiếu đặt lại mật khẩu")
		first := codeOn(t, admin.PostForm(path+"/phieu").OK().Has("Mật khẩu cũ đã hết hiệu lực"))
		c.Get("/tai-khoan").Is(303)
		c.PostForm("/dang-nhap", "login", "binh", "password", good).Is(422)
		second := codeOn(t, admin.PostForm(path+"/phieu").OK())
		c.PostForm("/moi", "login", "binh", "code", first, "password", "gà gáy canh năm").Is(422) // replaced
		admin.PostForm(path + "/phieu/thu-hoi").Follow().OK().Has("Đã thu hồi phiếu.")
		admin.PostForm(path + "/phieu/thu-hoi").Is(409)
		c.PostForm("/moi", "login", "binh", "code", second, "password", "gà gáy canh năm").Is(422) // taken back
		third := codeOn(t, admin.PostForm(path+"/phieu").OK())
		s.clock.Advance((slipDays*24 + 1) * time.Hour)
		admin = signIn(t, base, "quantri")
		webtest.At(t, base).PostForm("/moi", "login", "binh", "code", third, "password", "gà gáy canh năm").Is(422) // too late
		fourth := codeOn(t, admin.PostForm(path+"/phieu").OK())
		c.PostForm("/moi", "login", "binh", "code", fourth, "password", "gà gáy canh năm").Is(303)
		c.Get("/tai-khoan").OK().Has("Nguyễn binh")
	})
}

func TestWhoMayInvite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		target := person(t, s, "binh", "head", east)
		top, eastern, western := person(t, s, "quantri", "admin", town), person(t, s, "quantri.dong", "admin", east), person(t, s, "quantri.tay", "admin", west)
		for who, a := range map[string]auth.Actor{"a visitor": {}, "themselves": target, "the administrator of a sibling": western} {
			if _, err := s.Invite(ctx, a, target.Person); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s: %v", who, err)
			}
			if err := s.RevokeSlip(ctx, a, target.Person); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s revokes: %v", who, err)
			}
		}
		if _, err := s.Invite(ctx, top, top.Person); !fault.Is(err, fault.KindRefused) {
			t.Errorf("an administrator invites themselves: %v", err)
		}
		if _, err := s.Invite(ctx, eastern, target.Person); err != nil {
			t.Error(err)
		}
		if _, err := s.people.Grant(ctx, auth.System(), account.Grant{Person: target.Person, Role: "head", Unit: unitID(t, s, west)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Invite(ctx, eastern, target.Person); !fault.Is(err, fault.KindRefused) {
			t.Errorf("of a part of the person: %v", err)
		}
		p, err := s.people.Find(ctx, auth.System(), target.Person)
		if err != nil {
			t.Fatal(err)
		}
		slip, err := s.Invite(ctx, top, target.Person)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = s.people.Find(ctx, auth.System(), target.Person); err != nil {
			t.Fatal(err)
		}
		if err := s.people.Disable(ctx, top, target.Person, p.Version, true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Accept(ctx, "binh", slip.Code, good, at("10.0.0.1")); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a person shut out comes in by a slip: %v", err)
		}
		if _, err := s.Invite(ctx, top, target.Person); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a person shut out is invited: %v", err)
		}
	})
}

// One slip, many who use it at once: one is in.
func TestASlipLetsInOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		a := person(t, s, "binh", "head", east)
		slip, err := s.Invite(ctx, auth.System(), a.Person)
		if err != nil {
			t.Fatal(err)
		}
		var in atomic.Int32
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				if _, err := s.Accept(ctx, "binh", slip.Code, good, at("10.0.0."+string(rune('1'+i)))); err == nil {
					in.Add(1)
				} else if !fault.Is(err, fault.KindInvalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d came in by one slip", in.Load())
		}
	})
}

// A code is not guessed, and wrong codes neither use a slip up nor stand in the owner's way.
func TestCodesOfSlipsAreNotGuessed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := site(t, dbtest.Open(t, db.SQLite))
	a := person(t, s, "binh", "head", east)
	slip, err := s.Invite(ctx, auth.System(), a.Person)
	if err != nil {
		t.Fatal(err)
	}
	for range triesPerPair {
		if _, err := s.Accept(ctx, "binh", "aaaa", good, at("10.0.0.9")); !fault.Is(err, fault.KindInvalid) {
			t.Fatal(err)
		}
	}
	if _, err := s.Accept(ctx, "binh", slip.Code, good, at("10.0.0.9")); !fault.Is(err, fault.KindTooMany) {
		t.Errorf("beyond the limit: %v", err)
	}
	for i := range triesPerName + 1 {
		_, _ = s.Accept(ctx, "binh", "aaaa", good, at("10.1.0."+url.QueryEscape(string(rune('a'+i%26)))+"."+time.Duration(i).String()))
	}
	if _, err := s.Accept(ctx, "binh", slip.Code, good, at("10.0.0.1")); err != nil {
		t.Errorf("the owner, elsewhere: %v", err)
	}
}

func TestAnAddressForMailIsThePersonsAndNobodyElses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		a := withPassword(t, s, "binh", "head", east)
		withPassword(t, s, "quantri", "admin", town)
		withPassword(t, s, "quantri.tay", "admin", west)
		base := open(t, s, false)
		c, admin, western := signIn(t, base, "binh"), signIn(t, base, "quantri"), signIn(t, base, "quantri.tay")
		path := "/nguoi-dung/" + a.Person
		p := c.PostForm("/tai-khoan/thu-dien-tu", "email", "không phải địa chỉ").Is(422)
		if got := p.Value("email"); got != "không phải địa chỉ" {
			t.Errorf("what was typed is lost: %q", got)
		}
		c.PostForm("/tai-khoan/thu-dien-tu", "email", "binh@example.vn").Follow().OK()
		if got := admin.Get(path + "/dang-nhap").OK().Value("email"); got != "binh@example.vn" {
			t.Errorf("the administrator sees %q", got)
		}
		western.PostForm(path+"/thu-dien-tu", "email", "x@example.vn").Is(404)
		admin.PostForm(path+"/thu-dien-tu", "email", "sai").Is(422)
		admin.PostForm(path+"/thu-dien-tu", "email", "").Follow().OK()
		if got := c.Get("/tai-khoan").Value("email"); got != "" {
			t.Errorf("left is %q", got)
		}
		var n int64
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			return tx.QueryRow(context.Background(), `select count(*) from audit_entry where verb = 'email' and (detail||before||after) like '%@%'`).Scan(&n)
		})
		if err != nil || n != 0 {
			t.Errorf("the trail holds %d addresses (%v)", n, err)
		}
	})
}

// A new password may hold neither the site's name nor the person's own, nor be one that has leaked. Who has chosen badly keeps
// their slip, and who has no code learns nobody's name.
func TestWhatNobodySetsAsAPassword(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := site(t, d)
		withPassword(t, s, "quantri", "admin", town)
		const leaked = "con mèo mà trèo cây cau"
		path := filepath.Join(t.TempDir(), "leaked.txt")
		if err := os.WriteFile(path, fmt.Appendf(nil, "%X:7\n", sha1.Sum([]byte(leaked))), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := auth.OpenLeaked(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = list.Close() })
		s.people.Refuse(list)
		base := open(t, s, false)
		admin := signIn(t, base, "quantri")
		code := codeOn(t, admin.PostForm("/nguoi-dung", "login", "moi", "name", "Zơng Wách Qữu", "role", "officer", "unit", east).OK())
		c := webtest.At(t, base)
		for password, want := range map[string]string{
			"Zong.Wach.Quu.1988": "quá dễ đoán", "Thị xã 2024!": "quá dễ đoán", "mailcreated5240": "quá dễ đoán", leaked: "đã bị lộ ở một nơi khác",
		} {
			c.PostForm("/moi", "login", "moi", "code", code, "password", password).Is(422).Has(want).Lacks(password)
		}
		c.PostForm("/moi", "login", "moi", "code", "sai", "password", "Zong.Wach.Quu.1988").Is(422).Has("Tên đăng nhập hoặc mã không đúng").Lacks("quá dễ đoán")
		c.PostForm("/moi", "login", "moi", "code", code, "password", good).Is(303)
		c.PostForm("/tai-khoan/mat-khau", "present", good, "password", leaked).Is(422).Has("đã bị lộ ở một nơi khác")
		c.PostForm("/tai-khoan/mat-khau", "present", good, "password", "Thị xã 2024!").Is(422).Has("quá dễ đoán")

		_ = list.Close() // a list that cannot be read lets nothing through
		c.PostForm("/tai-khoan/mat-khau", "present", good, "password", "gà gáy canh năm").Is(500)
	})
}
