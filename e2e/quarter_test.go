package e2e

import (
	"strconv"
	"strings"
	"testing"
)

// TestTheQuarter walks the whole loop, from a residential area's figure to the published news item, with JavaScript and
// without.
func TestTheQuarter(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"with JavaScript": true, "without JavaScript": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			figure(t, s.browse(scripts))
			p := s.browse(scripts).enter(office)
			draftReport(t, p)
			meeting(t, p)
			p = s.browse(scripts)
			task(t, p)
			news(t, p)
		})
	}
}

const cell = "/so/TX/2019-q3/TT01"

// figure begins with a figure: an officer of a residential area corrects it, and the town's total has moved by as much.
func figure(t *testing.T, p *person) {
	p.visit("/").sees("hư cấu", "Tin mới")

	// The town's total before.
	p.enter(office).visit(cell)
	before := number(t, p.Text(".big-number"))
	p.leave()

	// An officer of a residential area corrects an approved figure, with the reason that this needs.
	p.enter(area).visit("/so-lieu/P01.K01/2019-q3")
	old := number(t, p.value("v-TT01"))
	p.put("v-TT01", strconv.FormatInt(old+3, 10)).put("r-TT01", "Bổ sung ba buổi cuối quý")
	p.press("main form[method=post] button", "Lưu")
	if got := number(t, p.value("v-TT01")); got != old+3 {
		t.Fatalf("the form shows %d after saving %d", got, old+3)
	}
	p.visit("/so/P01.K01/2019-q3/TT01?rieng=1").sees("Bổ sung ba buổi cuối quý", area)
	p.leave()

	// The town's total has changed by as much, and leads down to the officer's figure.
	p.enter(office).visit(cell)
	if after := number(t, p.Text(".big-number")); after != before+3 {
		t.Fatalf("the town's total went from %d to %d, want %d", before, after, before+3)
	}
	for range 2 {
		p.press("section[aria-labelledby=cap-duoi] table td a", "")
	}
	p.sees("Bổ sung ba buổi cuối quý")
}

// draftReport makes the consolidated report of the quarter, writes into it beside a live number, and freezes it.
func draftReport(t *testing.T, p *person) {
	p.visit("/giao-ban/2019-q3").press("main a", "Báo cáo tổng hợp")
	if !strings.HasPrefix(p.Path(), "/bao-cao/") {
		p.press("main form[action='/bao-cao'] button", "Soạn báo cáo tổng hợp")
	}
	report := p.Path()
	p.visit(report+"/muc/nguyen-nhan").put("text", "Một số đơn vị chưa chủ động; cả quý có {{TT01}}.").press("main form[method=post] button", "Lưu mục này")
	p.visit(report).sees("Một số đơn vị chưa chủ động")
	p.press("main form[action$='/chot'] button", "Chốt báo cáo")
	p.visit(report).sees("Một số đơn vị chưa chủ động")
	if p.Eval(`!!document.querySelector("form[action$='/chot']")`) == "true" {
		t.Error("a frozen report can be frozen again")
	}
}

const point = "Các tổ chức rà soát mô hình đã đăng ký, mỗi mô hình được thăm ít nhất một lần trong quý IV"

// meeting holds the briefing that has been convened, marks everyone present, concludes and gives a task.
func meeting(t *testing.T, p *person) {
	p.visit("/giao-ban/2019-q3").press("main a", "Mở hội nghị")
	id := strings.TrimPrefix(p.Path(), "/hop-giao-ban/")
	id, _, _ = strings.Cut(id, "/")
	at := "/hop-giao-ban/" + id
	p.visit(at + "/chuong-trinh").sees("Rà soát") // the last conclusion's open tasks
	p.visit(at+"/chuan-bi").press("main form[action$='/bat-dau'] button", "")
	p.visit(at + "/diem-danh")
	p.Eval(`[...document.querySelectorAll("main input[type=radio][value=present]")].map(r => r.click()).length`)
	p.press("main form[action$='/diem-danh'] button", "Lưu")
	p.visit(at+"/ket-luan").put("newk-text", point).press("main form[action$='/diem'] button", "Lưu")
	p.sees(point)
	name := p.Eval(`document.querySelector("main form[action$='/nhiem-vu'] [name=form]").value`)
	p.put(name+"-lead", "Hội Liên hiệp Phụ nữ thị xã").put(name+"-due", "2019-12-15").put(name+"-evidence", "Danh sách mô hình kèm ngày thăm")
	p.press("main form[action$='/nhiem-vu'] button", "Lưu")
	p.press("main form[action$='/ket-luan'] button", "")
	p.visit(at).sees("đã kết luận")
}

// TestABriefingIsConvened: a ward's own briefing, from the form to the invitation that can be downloaded.
func TestABriefingIsConvened(t *testing.T) {
	t.Parallel()
	p := newSite(t).browse(true).enter(office)
	p.visit("/hop-giao-ban/moi?don-vi=P01&ky=2019-q3")
	p.put("plan-venue", "Hội trường phường").put("plan-issuer", "Đảng ủy phường Bến Đá").put("plan-symbol", "ĐU").put("plan-city", "Bến Đá")
	p.put("plan-chair_name", "Nguyễn Văn Ví Dụ").put("plan-chair_title", "Bí thư Đảng ủy phường").press("main form[action='/hop-giao-ban'] button", "")
	at := p.Path()
	if !strings.HasPrefix(at, "/hop-giao-ban/") {
		t.Fatalf("the briefing is at %s", at)
	}
	p.visit(at).sees("đã triệu tập", "Giấy mời")
}

// task goes through the life of a task: the lead body reports, the office accepts.
func task(t *testing.T, p *person) {
	p.enter(women).visit("/nhiem-vu").press("main a", point)
	one := p.Path()
	p.put("hoan-thanh-evidence", "Báo cáo số 21/BC-PN")
	if p.Eval(`!!document.querySelector("main [name=hoan-thanh-text]")`) == "true" {
		p.put("hoan-thanh-text", "Đã thăm đủ các mô hình.")
	}
	p.press("main form[action$='/hoan-thanh'] button", "").sees("chờ nghiệm thu")
	p.leave().enter(office).visit(one).press("main form[action$='/nghiem-thu'] button", "").sees("hoàn thành")
	p.visit("/giao-ban/2019-q3")
}

// news drafts the item from the frozen report, publishes it, and a resident reads it.
func news(t *testing.T, p *person) {
	p.leave().enter(editor).visit("/bai-viet").put("ky", "2019-Q3").press("main form[action='/bai-viet'] button", "")
	edit := p.Path()
	title := "Thị xã Sông Ngọc giao ban quý III"
	p.put("title", title).press("main form[action='"+edit+"'] button", "")
	p.leave().enter(publisher).visit(edit).press("main form[action$='/dang'] button", "Đăng bài")
	p.leave().visit("/").press("main a", title)
	p.sees(title)
	if !strings.HasPrefix(p.Path(), "/tin/") {
		t.Errorf("the news item is at %s", p.Path())
	}
	if p.Text(".account") == "" || strings.Contains(p.Text(".account"), "Đăng xuất") {
		t.Error("the resident must not be signed in")
	}
}
