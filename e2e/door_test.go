package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheFirstDayOfASite: a program just started lets in whoever reads its console, by keyboard alone, and nobody after.
func TestTheFirstDayOfASite(t *testing.T) {
	t.Parallel()
	s, code := newBare(t)
	p := s.browse(true)
	p.visit("/cai-dat")
	p.NoHorizontalScroll().Axe()
	p.tab("code", code).tab("place", "Phường Bình An").tab("place_code", "BINHAN").tab("name", "Nguyễn Văn Mẫu").tab("login", "quantri").
		tab("password", "cua trong rieu cua ngoai dong")
	p.Do(chromedp.KeyEvent("\r")).Wait(`location.pathname === "/nguoi-dung" && document.readyState === "complete"`)
	p.sees("Trang đã sẵn sàng.", "Nguyễn Văn Mẫu", "Phường Bình An", "Văn phòng Mặt trận")
	p.visit("/don-vi").sees("Phường Bình An")

	s.client().Get("/cai-dat").Is(404)
	s.client().PostForm("/cai-dat", "code", code).Is(404)
	p.leave()
	p.visit("/dang-nhap").put("login", "quantri").put("password", "cua trong rieu cua ngoai dong").press("main form[action='/dang-nhap'] button[type=submit]", "")
	p.sees("Nguyễn Văn Mẫu")
}
