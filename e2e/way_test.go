package e2e

import (
	"strings"
	"testing"
)

// leader stands for the town's women's union, for which deputy enters and hands in.
const leader = "Lê Thị Ví Dụ B"

// TestTheWayOfAReport follows one report: handed in, two cells sent back with reasons, mended, approved by the head, accepted by
// the office, frozen with the consolidated report, corrected late, and the difference printed by the next quarter's.
func TestTheWayOfAReport(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"with JavaScript": true, "without JavaScript": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theWay(t, newSite(t), scripts)
		})
	}
}

const (
	body  = "/bao-cao-don-vi/TX.PN/2019-q4"
	asked = "/so-lieu/TX.PN/2019-q4"
)

func theWay(t *testing.T, s *site, scripts bool) {
	p := s.browse(scripts).enter(office)
	for _, code := range []string{"2019-Q4", "2020-Q1"} {
		p.visit("/ky/moi").put("period", code).press("main form button", "Thêm kỳ")
	}
	p.leave()

	p.enter(deputy).visit(asked)
	p.put("v-TT01", "12").put("v-TT02", "900").put("v-HV01", "40").press("main form[method=post] button", "Lưu")
	p.visit(body).plain().handIn().sees("đã gửi, chờ duyệt").leave()

	// The head names two cells, each with its reason, and sends the report back from the keyboard.
	p.enter(leader).visit(body + "?tra-lai=1").plain()
	p.put("r-TT01", "Chưa tính hai buổi cuối tháng").put("r-HV01", "Đối chiếu lại danh sách")
	p.key("#tra-lai button", "Trả lại").sees("bị trả lại").leave()

	p.enter(deputy).visit("/thong-bao").plain().sees("bị trả lại").visit(body).plain().sees("Chưa tính hai buổi cuối tháng", "Đã sửa 0 trên 2 mục")
	p.visit(asked)
	if p.Eval(`!!document.querySelector("[name='v-TT01']") && !!document.querySelector("[name='v-HV01']") && !document.querySelector("[name='v-TT02']")`) != "true" {
		t.Fatalf("not just the two cells are open:\n%s", p.excerpt())
	}
	p.put("v-TT01", "14").put("v-HV01", "38").press("main form[method=post] button", "Lưu")
	p.visit(body).sees("Đã sửa 2 trên 2 mục").handIn().leave()

	p.enter(leader).visit(body).press("form[action$='/duyet'] button", "Duyệt")
	p.visit(body).plain().sees("lãnh đạo đơn vị đã duyệt", "SHA-256").leave()
	p.enter(office).visit(body).press("form[action$='/tiep-nhan'] button", "Tiếp nhận")
	p.visit(body).sees("văn phòng đã tiếp nhận")
	p.visit("/bao-cao?don-vi=TX&ky=2019-q4").press("main form[action='/bao-cao'] button", "Soạn báo cáo tổng hợp")
	p.press("main form[action$='/chot'] button", "Chốt báo cáo")
	p.visit(body).sees("đã chốt").leave()

	p.enter(deputy).visit(asked).put("v-TT01", "15").put("r-TT01", "Sót một buổi ở khu phố 2")
	p.press("main form[method=post] button", "Lưu")
	p.visit(body).plain().sees("Thay đổi sau khi duyệt", "Sót một buổi ở khu phố 2").leave()
	p.enter(leader).visit("/thong-bao").sees("có thay đổi sau khi duyệt").leave()
	p.enter(office).visit(body).put("reason", "Đã đối chiếu sổ").press("form[action$='/tiep-nhan'] button", "Xác nhận thay đổi")
	if strings.Contains(p.visit(body).Text(".toolbar"), "thay đổi sau khi duyệt") {
		p.sees("So với bản lãnh đạo đơn vị đã duyệt") // the head has not seen it again; the office has
	}
	p.visit("/bao-cao/cac-buoc").plain().visit("/bao-cao/tiep-nhan?don-vi=TX&ky=2019-q3").plain().leave()

	p.enter(deputy).visit("/bao-cao-don-vi/TX.PN/2020-q1").plain().sees("Điều chỉnh số liệu quý IV năm 2019", "Sót một buổi ở khu phố 2")
	p.leave()
}

// handIn sends the report, with a word wherever one is asked for.
func (p *person) handIn() *person {
	p.t.Helper()
	p.Eval(`document.querySelectorAll("form[action$='/gui'] textarea").forEach(e => e.value = "Đã đối chiếu với sổ theo dõi."), "done"`)
	return p.press("form[action$='/gui'] button", "Gửi báo cáo")
}
