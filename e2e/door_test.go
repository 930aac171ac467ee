package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// tab walks with the keyboard to the field of that name and types.
func (p *person) tab(name, value string) *person {
	p.t.Helper()
	for range 40 {
		p.Do(chromedp.KeyEvent("\t"))
		if p.Eval(`document.activeElement?.name ?? ""`) == name {
			p.Do(chromedp.KeyEvent(value))
			return p
		}
	}
	p.t.Fatalf("%s: the keyboard does not reach %s", p.Path(), name)
	return p
}

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
