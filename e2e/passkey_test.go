package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"giaoban/internal/web/webtest"
)

// TestAPasskey: an administrator adds a passkey by keyboard, comes in by it without a name, proves by it who they are, uses it
// beside the password, and takes it away. The passkeys are the browser's own, in a device that Chromium plays.
func TestAPasskey(t *testing.T) {
	t.Parallel()
	const password = "cua trong rieu cua ngoai dong"
	s, code := newBare(t)
	// Passkeys are bound to a name: a number such as 127.0.0.1 has none.
	p := &person{Window: webtest.Browser(t, strings.Replace(s.url, "127.0.0.1", "localhost", 1)), t: t}
	device := p.Authenticator()
	look := func(name string) {
		if dir := os.Getenv("GIAOBAN_SCREENSHOTS"); dir != "" {
			p.Screenshot(filepath.Join(dir, name+"-1280.png"), 1280).Screenshot(filepath.Join(dir, name+"-320.png"), 320)
		}
		p.plain()
	}
	p.visit("/cai-dat")
	p.tab("code", code).tab("place", "Phường Bình An").tab("place_code", "BINHAN").tab("name", "Nguyễn Văn Mẫu").tab("login", "quantri").tab("password", password)
	p.strike(`location.pathname === "/nguoi-dung"`)

	p.visit("/tai-khoan/xac-thuc")
	look("khoa-chua-co")
	p.tab("name", "Điện thoại của tôi").strike(`location.pathname === "/tai-khoan/xac-thuc/khoa"`)
	look("khoa-moi")
	p.strike(`location.pathname === "/tai-khoan/xac-thuc/khoa/xong"`) // the button has the focus
	codes := regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`).FindAllString(p.Text("ul.codes"), -1)
	if len(codes) != 10 {
		t.Fatalf("the page shows %d recovery codes", len(codes))
	}
	p.visit("/tai-khoan/xac-thuc").sees("Điện thoại của tôi", "Chưa dùng", "Bạn còn 10 mã chưa dùng.")
	look("khoa-co")

	// Nobody needs to type a name.
	p.leave()
	device.Present(false)
	p.visit("/dang-nhap?tiep=/nguoi-dung")
	look("dang-nhap-khoa")
	device.Present(true)
	p.focus("Đăng nhập bằng khóa truy cập").strike(`location.pathname === "/nguoi-dung"`)
	p.sees("Nguyễn Văn Mẫu")

	// Who does not show finger or PIN is told, and stays where they are.
	p.leave()
	device.Verified(false)
	p.visit("/dang-nhap").focus("Đăng nhập bằng khóa truy cập").strike(`document.querySelector("[data-said]")?.checkVisibility()`)
	p.sees("Bạn đã dừng, hoặc thiết bị không có khóa phù hợp.")
	look("dang-nhap-khoa-dung")

	// Where the login is typed the browser offers it by itself.
	device.Verified(true)
	p.visit("/dang-nhap?tiep=/don-vi").Do(chromedp.KeyEvent("\t"))
	for range 40 {
		if p.Eval(`document.activeElement?.name ?? ""`) == "login" {
			break
		}
		p.Do(chromedp.KeyEvent("\t"))
	}
	p.Wait(`location.pathname === "/don-vi" && document.readyState === "complete"`)
	p.leave()

	// Beside the password it is the second step.
	device.Present(false)
	p.visit("/dang-nhap?tiep=/tai-khoan/xac-thuc").tab("login", "quantri").tab("password", password)
	p.strike(`location.pathname === "/dang-nhap/buoc-hai"`)
	look("buoc-hai-khoa")
	device.Present(true)
	p.focus("Dùng khóa truy cập").strike(`location.pathname === "/tai-khoan/xac-thuc"`)

	p.Eval(`document.querySelector("td summary").focus()`)
	p.strike(`document.querySelector("details[open] input[name^=name-]")`)
	p.tab(p.Eval(`document.querySelector("details[open] input[name^=name-]").name`), " và tôi")
	p.strike(`document.body.innerText.includes("Đã đổi tên")`)
	look("khoa-doi-ten")

	p.press("form[action='/tai-khoan/xac-thuc/go'] button", "Gỡ")
	p.sees("Đã gỡ", "Hệ thống đưa cho bạn 10 mã")
	p.leave()
	p.visit("/dang-nhap")
	if p.Eval(`document.querySelectorAll("form[data-passkey]").length`) != "0" {
		t.Error("nobody has a passkey, and the page offers to use one")
	}
}
