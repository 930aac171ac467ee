package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"giaoban/internal/web/idptest"
)

// TestSigningInThroughAnotherSystem: an operator makes the site take a province's sign-in; a person links their account
// there, signs out, comes in by it and is where they wanted to be, and unlinks it. By keyboard alone, at a real provider.
func TestSigningInThroughAnotherSystem(t *testing.T) {
	t.Parallel()
	s, code := newBare(t)
	database, secret := filepath.Join(s.dir, "giaoban.db"), filepath.Join(s.dir, "secret")
	idp := idptest.Start(t, s.url+"/dang-nhap/qua/tinh/ve", idptest.User{Subject: "7f3a", Name: "can.bo"})
	if err := os.WriteFile(secret, []byte(idptest.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"setting", "--db", database, "site.address", s.url},
		{"provider", "add", "--db", database, "tinh", "--name", "công vụ tỉnh", "--issuer", idp.Issuer, "--client-id", idptest.Client, "--secret-file", secret},
	} {
		if out, err := s.run(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	if out, _ := s.run("doctor", "--db", database); !strings.Contains(out, "tinh: "+idp.Issuer+" trả lời đúng") {
		t.Errorf("doctor does not find the provider:\n%s", out)
	}

	p := s.browse(true)
	p.visit("/cai-dat").put("code", code).put("place", "Phường Bình An").put("place_code", "BINHAN").put("name", "Nguyễn Văn Mẫu").put("login", "quantri").
		put("password", "cua trong rieu cua ngoai dong").press("main form button[type=submit]", "")
	there := fmt.Sprintf("location.origin === %q && document.querySelector('[name=username]')", idp.Issuer)
	signIn := func() {
		t.Helper()
		p.tab("username", "can.bo").tab("password", idptest.Password)
	}

	p.visit("/tai-khoan").sees("công vụ tỉnh", "Chưa liên kết").plain()
	p.focus("Liên kết với công vụ tỉnh").strike(there)
	signIn()
	p.strike(`location.pathname === "/tai-khoan"`).sees("Đã liên kết tài khoản công vụ tỉnh.", "Đã liên kết từ").plain()

	p.leave()
	p.visit("/dang-nhap?tiep=/nguoi-dung").plain()
	p.focus("Đăng nhập bằng tài khoản công vụ tỉnh").strike(there)
	signIn()
	p.strike(`location.pathname === "/nguoi-dung"`).sees("Nguyễn Văn Mẫu")

	p.leave()
	p.sees("Bạn đã đăng xuất", "Đăng xuất cả khỏi công vụ tỉnh").plain()

	p.visit("/dang-nhap?tiep=/tai-khoan").put("login", "quantri").put("password", "cua trong rieu cua ngoai dong").press("main form[action='/dang-nhap'] button[type=submit]", "")
	p.focus("Bỏ liên kết với công vụ tỉnh").strike(`document.querySelector("dialog[open] button.danger")`)
	p.plain()
	p.focus("Bỏ liên kết với công vụ tỉnh").strike(`document.body.textContent.includes("Đã bỏ liên kết")`).sees("Chưa liên kết")

	p = s.browse(true)
	p.visit("/dang-nhap").focus("Đăng nhập bằng tài khoản công vụ tỉnh").strike(there)
	signIn()
	p.strike(`location.pathname === "/dang-nhap"`).sees("chưa liên kết với người dùng nào của trang").plain()

	// Without scripts the button works too.
	p.Scripts(false)
	p.visit("/dang-nhap").Click("form[action='/dang-nhap/qua/tinh'] button")
	p.Wait(there)
}
