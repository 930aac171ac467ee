package mail

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/mail/mailtest"
	"giaoban/internal/web/webtest"
)

// The page says in plain words what became of each letter and lets administrators act, without a word of what it said.
func TestThePageOfLetters(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.Open(t, db.SQLite), TLS, mailtest.Options{TLS: true})
	who := o.people()
	admin := who["quantri.a"]
	stage := webtest.NewStage(t, o.mails.Mount)
	c := stage.As(t, admin)
	c.Get("/thu").OK().Has("Chưa có thư nào", "Gửi thư thử").Lacks("chưa cài đặt")
	o.server.Fail("RCPT", "550 5.1.1 can.bo@example.vn unknown", "450 4.2.1 later")
	failed := o.ask(invitation(who["canbo.a"].Person))
	o.work()
	waits := o.ask(invitation(who["canbo.a"].Person))
	o.work()
	sent := o.ask(invitation(who["canbo.a"].Person))
	o.work()
	foreign := o.ask(invitation(who["canbo.b"].Person))
	page := c.Get("/thu").OK().Has("Tất cả (3)", "Chờ gửi (1)", "Không gửi được (1)", "Đã gửi (1)", "Người canbo.a", "Lời mời vào hệ thống",
		"Địa chỉ người nhận không có ở nơi nhận, hoặc đã ngừng dùng. (SMTP 550 5.1.1)", "Máy chủ thư hẹn gửi lại sau. (SMTP 450 4.2.1)", "Thử lại lúc 08:00, 01/10/2019")
	page.Lacks("ABCD-EFGH", "can.bo@example.vn", "Nguyễn Văn Mẫu", "canbo.b", foreign)
	page.HasElement(`form[action="/thu/`+waits+`/gui-lai"]`, `form[action="/thu/`+waits+`/huy"]`, `form[action="/thu/`+sent+`/tra-lai"]`)
	page.LacksElement(`form[action^="/thu/`+failed+`"]`, `form[action="/thu/`+sent+`/huy"]`)
	c.Get("/thu?tinh-trang=failed").OK().HasElement(".tabs [aria-current=page]").LacksElement(`form[action="/thu/` + waits + `/huy"]`)
	c.Get("/thu?tinh-trang=bounced").OK().Has("Không có thư nào ở tình trạng này")

	c.PostForm("/thu/"+waits+"/gui-lai").Is(http.StatusSeeOther).Follow().OK().Has("Sẽ gửi ngay.", "Thư sẽ được gửi lại ngay.")
	c.PostForm("/thu/" + waits + "/huy").Is(http.StatusSeeOther).Follow().OK().Has("Đã hủy (1)")
	c.PostForm("/thu/"+sent+"/tra-lai").Is(http.StatusSeeOther).Follow().OK().Has("Bị trả lại (1)", "Người quản trị ghi nhận thư bị trả lại.")
	c.PostForm("/thu/" + waits + "/huy").Is(http.StatusConflict)
	for _, verb := range []string{"gui-lai", "huy", "tra-lai"} {
		c.PostForm("/thu/" + foreign + "/" + verb).Is(http.StatusNotFound)
	}
	c.PostForm("/thu/thu-nghiem", "mail", "quan tri@example.vn").Is(http.StatusUnprocessableEntity).Has("Địa chỉ thư chưa đúng").HasElement(`input[value="quan tri@example.vn"]`)
	c.PostForm("/thu/thu-nghiem", "mail", "quan.tri@example.vn").Is(http.StatusSeeOther).Follow().OK().Has("Thư thử")
	stage.As(t, who["canbo.a"]).Get("/thu").Is(http.StatusNotFound)
	stage.As(t, auth.Actor{}).Get("/thu").Is(http.StatusSeeOther)

	o.set(HostSetting, "")
	c.Get("/thu").OK().Has("Trang chưa cài đặt gửi thư").LacksElement(`form[action="/thu/thu-nghiem"]`)
	o.set(HostSetting, o.server.Host)
	w := webtest.Browser(t, c.Base())
	w.Open(stage.Enter(admin)).Open("/thu").Axe().NoHorizontalScroll().Axe()
	if dir := os.Getenv("GIAOBAN_SHOTS"); dir != "" {
		for _, width := range []int{1280, 320} {
			w.Screenshot(filepath.Join(dir, fmt.Sprintf("thu-%d.png", width)), width)
		}
	}
}
