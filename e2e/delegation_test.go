package e2e

import (
	"strings"
	"testing"
)

// TestActingForAnother is a deputy's morning: she acts for the head of her union, the page says so, what she sends is signed
// so, and the head takes the delegation back.
func TestActingForAnother(t *testing.T) {
	t.Parallel()
	p := newSite(t).browse(true)
	check := func() {
		t.Helper()
		for _, width := range []int{320, 1280} {
			p.Resize(width).NoHorizontalScroll().Axe()
		}
	}
	p.enter(deputy).visit("/uy-quyen").sees("Làm việc thay "+women, "Đi học tập trung")
	check()
	p.key("main form[action='/lam-thay'] button", "Làm việc thay "+women).sees("đang làm việc thay " + women)
	p.visit("/uy-quyen").sees("hãy thôi làm thay trước")
	check()
	const report = "/bao-cao-don-vi/TX.PN/2019-q3"
	p.visit(report)
	if p.Eval(`!!document.querySelector("main form[action$='/rut'] button")`) == "true" {
		p.press("main form[action$='/rut'] button", "").visit(report)
	}
	p.press("main form[action$='/gui'] button", "").visit(report).sees(deputy + ", TUQ. " + women)
	check()
	p.key(".stand-in button", "Thôi làm thay")
	if strings.Contains(p.Text("header"), "đang làm việc thay") {
		t.Error("the page still says that she acts for another")
	}
	p.leave().enter(women).visit("/uy-quyen").sees(deputy)
	check()
	p.press("main form[action$='/thu-hoi'] button", "").sees("Đã thu hồi lúc")
	p.leave().enter(deputy).visit("/uy-quyen")
	if strings.Contains(p.Text("main"), "Làm việc thay "+women) {
		t.Error("what was taken back is still offered")
	}
	p.leave().enter(admin).visit("/vai-tro").sees("Duyệt xuất bản")
	check()
	p.visit("/vai-tro/officer").sees("Gửi báo cáo")
	check()
}
