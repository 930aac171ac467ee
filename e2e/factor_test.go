package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// TestASecondStepByAnApp: an administrator adds an app by keyboard, comes in with its code, asks again for what matters, and
// comes in with a recovery code when the telephone is lost.
func TestASecondStepByAnApp(t *testing.T) {
	t.Parallel()
	s, code := newBare(t)
	p := s.browse(true)
	look := func(name string) {
		if dir := os.Getenv("GIAOBAN_SCREENSHOTS"); dir != "" {
			p.Screenshot(filepath.Join(dir, name+"-1280.png"), 1280).Screenshot(filepath.Join(dir, name+"-320.png"), 320)
		}
		p.NoHorizontalScroll().Axe().Resize(1280).Axe()
	}
	at := func(path string) {
		p.Wait(`location.pathname === "` + path + `" && document.readyState === "complete"`)
	}
	enter := func() { p.Do(chromedp.KeyEvent("\r")) }
	p.visit("/cai-dat")
	p.tab("code", code).tab("place", "Phường Bình An").tab("place_code", "BINHAN").tab("name", "Nguyễn Văn Mẫu").tab("login", "quantri").tab("password", password)
	enter()
	at("/nguoi-dung")

	p.visit("/tai-khoan/xac-thuc")
	look("xac-thuc")
	p.Eval(`document.querySelector("form[action='/tai-khoan/xac-thuc/ung-dung'] button").focus()`)
	enter()
	at("/tai-khoan/xac-thuc/ung-dung")
	look("ung-dung")
	secret := strings.ReplaceAll(p.Eval(`document.querySelector("code.secret").textContent`), " ", "")
	now := func() string {
		if left := 30 - time.Now().Unix()%30; left < 5 { // a code must not change under the test's fingers
			time.Sleep(time.Duration(left) * time.Second)
		}
		text, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := now()
	p.tab("code", first)
	enter()
	at("/tai-khoan/xac-thuc/ung-dung/xong")
	look("ma-khoi-phuc")
	codes := regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`).FindAllString(p.Text("ul.codes"), -1)
	if len(codes) != 10 {
		t.Fatalf("the page shows %d recovery codes", len(codes))
	}
	p.visit("/tai-khoan/xac-thuc").sees("Bạn còn 10 mã chưa dùng.", "Đã thêm ứng dụng tạo mã")
	look("xac-thuc-bat")

	p.leave()
	p.visit("/dang-nhap").tab("login", "quantri").tab("password", password)
	enter()
	at("/dang-nhap/buoc-hai")
	look("buoc-hai")
	p.tab("code", "000000")
	enter()
	p.Wait(`document.querySelector(".complaint")`)
	look("buoc-hai-sai")
	for now() == first { // a code works once
		time.Sleep(time.Second)
	}
	p.Do(chromedp.Clear(chromedp.CSS("[name=code]")))
	p.put("code", now())
	enter()
	at("/viec-cua-toi")
	p.visit("/nguoi-dung").sees("Nguyễn Văn Mẫu")

	p.leave()
	p.visit("/dang-nhap").tab("login", "quantri").tab("password", password)
	enter()
	at("/dang-nhap/buoc-hai")
	p.Eval(`document.querySelector("details summary").focus()`)
	enter()
	p.tab("recovery", codes[0])
	enter()
	at("/tai-khoan/xac-thuc")
	p.sees("Bạn còn 9 mã chưa dùng.", "Đã dùng một mã khôi phục để vào")
}
