package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
	_ "modernc.org/sqlite"
	"rsc.io/qr"

	"giaoban/internal/web/webtest"
)

// password is everybody's on a site of the journeys: what is measured is the way, not the word.
const password = "cua trong rieu cua ngoai dong"

// newSettled starts a site that its administrator has set up, and gives a client that is in as that administrator.
func newSettled(t testing.TB) (*site, *webtest.Client) {
	t.Helper()
	s, code := newBare(t)
	c := s.client()
	c.PostForm("/cai-dat", "code", code, "place", "Phường Bình An", "place_code", "BINHAN", "level", "xa", "name", "Nguyễn Văn Mẫu", "login", "quantri",
		"password", password, "office", "1").Is(303)
	return s, c
}

// hire adds an officer of the ward and gives the page with their slip.
func hire(c *webtest.Client, login, name string) *webtest.Page {
	return c.PostForm("/nguoi-dung", "login", login, "name", name, "role", "officer", "unit", "BINHAN").OK()
}

// settle lets somebody in with their slip and gives their id.
func settle(t testing.TB, s *site, slip *webtest.Page) (id string) {
	t.Helper()
	text := slip.Find(".slip-text")
	s.client().PostForm("/moi", "login", text.Eq(0).Text(), "code", text.Eq(1).Text(), "password", password).Is(303)
	href, _ := slip.Find("main .ways a[href^='/nguoi-dung/']").Attr("href")
	return strings.TrimPrefix(href, "/nguoi-dung/")
}

// comeIn signs in by keyboard.
func (p *person) comeIn(login string) *person {
	p.t.Helper()
	p.visit("/dang-nhap").tab("login", login).tab("password", password)
	return p.strike(`location.pathname !== "/dang-nhap"`)
}

// age makes all that the site's sessions remember older, as if so much time had passed for them.
func (s *site) age(by time.Duration) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "giaoban.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`select token, data from session where ended = 0`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	changed := map[string][]byte{}
	for rows.Next() {
		var token string
		var data []byte
		var held struct {
			Deadline time.Time
			Values   map[string]string
		}
		if err := rows.Scan(&token, &data); err != nil {
			s.t.Fatal(err)
		}
		if err := json.Unmarshal(data, &held); err != nil {
			s.t.Fatal(err)
		}
		held.Deadline = held.Deadline.Add(-by)
		if proved, err := strconv.ParseInt(held.Values["proved"], 10, 64); err == nil {
			held.Values["proved"] = strconv.FormatInt(proved-by.Milliseconds(), 10)
		}
		if changed[token], err = json.Marshal(held); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	for token, data := range changed {
		if _, err := db.Exec(`update session set data = ?, expiry = expiry - ? where token = ?`, data, by.Milliseconds(), token); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestInvitedBySlip: an administrator adds an officer and prints the slip; the officer opens its address, sets a password and
// is in; the code works once.
func TestInvitedBySlip(t *testing.T) {
	t.Parallel()
	s, _ := newSettled(t)
	p := s.browse(true).comeIn("quantri")
	p.visit("/nguoi-dung/them").plain()
	p.tab("name", "Trần Thị Ví Dụ").tab("login", "vidu").choose("role", "Cán bộ nhập liệu").choose("unit", "Phường Bình An")
	p.focus("Thêm người dùng").strike(`document.querySelector(".slip")`).alive().plain()
	login, code := p.Eval(`document.querySelectorAll(".slip-text")[0].textContent`), p.Eval(`document.querySelectorAll(".slip-text")[1].textContent`)
	link := s.url + "/moi#" + login + "/" + code
	image, err := qr.Encode(link, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if !drawn(image, p.Eval(`document.querySelector(".slip .qr-ink").getAttribute("d")`)) {
		t.Errorf("the picture is not that of %s", link)
	}

	// The button prints, and the paper holds the slip and nothing else.
	p.Eval(`(window.print = () => { window.printed = true }, "")`)
	p.focus("In phiếu").Do(chromedp.KeyEvent("\r")).Wait(`window.printed`)
	if _, err := chromedp.Call(p.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	if paper := p.Text("body"); !strings.Contains(paper, code) || strings.Contains(paper, "Về danh sách") || strings.Contains(paper, "Đăng xuất") {
		t.Errorf("on paper stands:\n%s", paper)
	}

	officer := s.browse(true)
	officer.visit(strings.TrimPrefix(link, s.url))
	if officer.value("login") != "vidu" || officer.value("code") != code || officer.Path() != "/moi" || officer.Eval(`location.hash`) != "" {
		t.Errorf("the link fills in %q and %q at %s", officer.value("login"), officer.value("code"), officer.Path())
	}
	officer.plain()
	officer.Eval(`(document.activeElement.blur(), "")`)
	officer.tab("password", "123456789012").strike(`document.querySelector(".complaint")`).plain()
	officer.tab("password", password).strike(`location.pathname === "/viec-cua-toi"`).sees("Bạn đã vào.", "Trần Thị Ví Dụ").plain()
	officer.leave().comeIn("vidu").sees("Trần Thị Ví Dụ")

	finder := s.browse(true)
	finder.visit("/moi").tab("login", login).tab("code", code).tab("password", "gà gáy canh năm sáng").strike(`document.querySelector(".complaint")`)
	finder.sees("phiếu đã dùng").plain()
}

// drawn tells whether a path of runs shows a code.
func drawn(image *qr.Code, path string) bool {
	black := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)`).FindAllStringSubmatch(path, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[[2]int{x + i, y}] = true
		}
	}
	for y := range image.Size {
		for x := range image.Size {
			if image.Black(x, y) != black[[2]int{x, y}] {
				return false
			}
		}
	}
	return true
}

// TestSignedOutByAnAdministrator: somebody is writing when an administrator ends their sessions. Nothing is done, the page says
// why and keeps what was typed, and after signing in beside it the text is sent. Whoever only reads is led to sign in.
func TestSignedOutByAnAdministrator(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p, boss := s.browse(true).enter(women), s.browse(true).enter(admin)
	boss.visit("/nguoi-dung")
	boss.key("main tbody a", women).key("main a[href$='/dang-nhap']", "").plain()
	end := boss.Path()
	kickOut := func() {
		t.Helper()
		boss.visit(end).focus("Kết thúc mọi phiên").strike(`document.querySelector("dialog[open]")`)
		boss.plain()
		boss.focus("Kết thúc mọi phiên").strike(`document.body.textContent.includes("Đã kết thúc 1 phiên")`)
	}

	const text = "Đã thăm 12 mô hình, còn 3 mô hình ở khu vực ven sông."
	p.visit("/nhiem-vu").key("main tbody a", "Vận động duy trì")
	task := p.Path()
	p.tab("tien-do-share", "").tab("tien-do-text", text)
	kickOut()
	p.focus("Gửi báo cáo tiến độ").strike(`document.title.includes("phiên đăng nhập đã kết thúc")`)
	p.sees("Người quản trị đã kết thúc phiên đăng nhập này.", "còn giữ ở trang này", text).plain()
	p.focus("Gửi lại").strike(`document.title.includes("phiên đăng nhập đã kết thúc")`) // too early, and still there
	p.focus("Đăng nhập lại ở thẻ mới")
	beside := &person{Window: p.Beside(), t: t}
	beside.enter(women)
	p.focus("Gửi lại những gì đã nhập").strike(fmt.Sprintf(`location.pathname === %q`, task)).alive().sees(text)

	kickOut()
	p.focus("Nhiệm vụ").strike(`location.pathname === "/dang-nhap"`).sees("Người quản trị đã kết thúc phiên đăng nhập này.").plain()
	p.key("form[action='/trinh-dien/vao'] button", "Vào với vai "+women)
	if p.Path() != "/nhiem-vu" {
		t.Errorf("after signing in the window is at %s", p.Path())
	}
}

// TestAskedAgainForWhatMatters: an administrator fills in a form over a long telephone call. The site asks who they are, keeps
// what was typed through a wrong answer, and does it after the right one.
func TestAskedAgainForWhatMatters(t *testing.T) {
	t.Parallel()
	s, _ := newSettled(t)
	p := s.browse(true).comeIn("quantri")
	p.visit("/nguoi-dung/them").tab("name", "Lê Thị Thử").tab("login", "thu.le").choose("role", "Lãnh đạo đơn vị").choose("unit", "Phường Bình An")
	s.age(11 * time.Minute)
	p.focus("Thêm người dùng").strike(`document.title.includes("Xác nhận lại")`)
	p.sees("Những gì bạn vừa nhập được giữ nguyên.").plain()
	p.tab("xac-nhan-mat-khau", "không phải mật khẩu").strike(`document.querySelector(".complaint")`).plain()
	p.tab("xac-nhan-mat-khau", password).strike(`document.querySelector(".slip")`).sees("Lê Thị Thử", "thu.le")
	p.key("main .ways a", "Xem người dùng").sees("Lê Thị Thử", "Lãnh đạo đơn vị", "Phường Bình An").plain()

	s.age(3 * time.Hour)
	p.focus("Người dùng").strike(`location.pathname === "/dang-nhap"`).sees("Phiên đăng nhập của bạn đã hết giờ.")
}

// TestALostTelephone: somebody has lost the telephone and the paper with the codes; the administrator resets the second step,
// the person comes in by password, is told, and finds it switched off.
func TestALostTelephone(t *testing.T) {
	t.Parallel()
	s, c := newSettled(t)
	id := settle(t, s, hire(c, "vidu", "Trần Thị Ví Dụ"))
	theirs := s.client()
	theirs.PostForm("/dang-nhap", "login", "vidu", "password", password).Is(303)
	secret := strings.ReplaceAll(theirs.PostForm("/tai-khoan/xac-thuc/ung-dung").Follow().OK().Text("code.secret"), " ", "")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	theirs.PostForm("/tai-khoan/xac-thuc/ung-dung/xong", "code", code).OK()

	p := s.browse(true).comeIn("vidu")
	p.sees("Mất tất cả? Người quản trị của đơn vị bạn đặt lại được bước này.").plain()
	if p.Path() != "/dang-nhap/buoc-hai?tiep=%2F" {
		t.Fatalf("after the password the window is at %s", p.Path())
	}

	boss := s.browse(true).comeIn("quantri")
	boss.visit("/nguoi-dung/" + id + "/dang-nhap").plain()
	boss.focus("Đặt lại bước xác thực thứ hai").strike(`document.querySelector("dialog[open]")`)
	boss.plain()
	boss.focus("Đặt lại bước xác thực thứ hai").strike(`document.body.textContent.includes("Đã đặt lại bước xác thực thứ hai")`).plain()

	p.tab("code", "123456").strike(`location.pathname === "/dang-nhap"`) // half a session is over too
	p.comeIn("vidu").sees("Trần Thị Ví Dụ", "có thay đổi hoặc cảnh báo về các cách xác thực của bạn")
	p.visit("/tai-khoan/xac-thuc").sees("Đã gỡ mọi cách xác thực và mã khôi phục (người quản trị)").plain()
}

// TestTheTrailIsRead: an auditor finds who reported what of a task, filters, reads before and after, goes to the task, reads its
// own history, and takes the list along as a file.
func TestTheTrailIsRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.browse(true).enter(auditor)
	p.visit("/nhat-ky").plain()
	p.choose("viec", "Đã báo cáo tiến độ")
	p.key("main form button", "Lọc").plain()
	if !strings.Contains(p.Path(), "viec=task.progress") {
		t.Fatalf("the filter leads to %s", p.Path())
	}
	if n := p.Eval(`document.querySelectorAll(".trail > li").length`); n != "2" {
		t.Errorf("%s acts are listed, want 2", n)
	}
	csv := p.Eval(`fetch([...document.querySelectorAll("main a")].find(a => a.textContent === "Tải CSV").href).then(r => r.text())`)
	if lines := strings.Split(strings.TrimSpace(csv), "\n"); len(lines) != 3 {
		t.Errorf("the file has %d lines, want a head and 2:\n%s", len(lines), csv)
	}
	p.key(".trail-act a", "").sees("Thay đổi", "Trước", "Sau", "Niêm phong").plain()
	if before, after := p.Text("td[data-label='Trước']"), p.Text("td[data-label='Sau']"); before == after {
		t.Errorf("before %q, after %q", before, after)
	}
	p.key("main dl a[href^='/nhiem-vu/']", "")
	p.key("main a[href^='/nhat-ky/doi-tuong/']", "Lịch sử thay đổi").plain()
	if !strings.HasPrefix(p.Path(), "/nhat-ky/doi-tuong/task/") {
		t.Fatalf("the task's history is at %s", p.Path())
	}
	p.sees("đã báo cáo tiến độ")
}
