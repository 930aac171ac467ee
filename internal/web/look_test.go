package web_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// gallery mounts a page with every part of the kit.
func gallery(rt *web.Router) {
	p := web.Page{Title: "Giao ban quý III năm 2019", Lead: "Từ số liệu của mười một đơn vị đến thông báo kết luận.", Nav: "quarter",
		Crumbs:  []web.Crumb{{Label: "Trang đầu", Path: "/"}, {Label: "Các kỳ giao ban", Path: "/giao-ban"}},
		Actions: web.LinkButton("/tai", "Tải bộ tài liệu", "secondary")}
	rt.Get("/mau", auth.Public, func(w http.ResponseWriter, r *http.Request) error { return web.Show(w, r, p, galleryBody()) })
	rt.Post("/mau", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Invalid(w, r, fault.List{{Kind: fault.KindInvalid, Field: "so", Text: "“1.400” có thể là 1.400 hoặc 1,4. Hãy ghi rõ."},
			{Kind: fault.KindInvalid, Field: "kieu", Text: "Hãy chọn một cách tính."}}, p, galleryBody())
	})
	rt.Post("/xoa", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Redirect(w, r, "/mau", "Đã xóa.")
	})
}

func galleryStage(t *testing.T) *webtest.Stage {
	t.Helper()
	s := webtest.NewStage(t, gallery)
	s.Site.Demo = true
	for _, label := range []string{"Tổng quan", "Giao ban", "Số liệu", "Báo cáo", "Nhiệm vụ", "Tin bài", "Đơn vị", "Danh mục chỉ tiêu"} {
		s.Site.Nav = append(s.Site.Nav, web.NavItem{Key: label, Path: "/mau", Label: label})
	}
	s.Site.Nav[1].Key = "quarter"
	return s
}

func TestTheKitIsAccessibleAndFitsASmallScreen(t *testing.T) {
	t.Parallel()
	s := galleryStage(t)
	w := webtest.Browser(t, s.URL)
	w.Open("/mau").Axe().NoHorizontalScroll().Axe()
	w.Dark(true).Axe().Resize(1280).Axe().Dark(false)
	w.Submit("main form button[type=submit]").Axe()
	if got := w.Eval(`document.activeElement.className`); got != "summary" {
		t.Errorf("after a refused form the focus is on %q", got)
	}
	w.NoHorizontalScroll()
	if dir := os.Getenv("GIAOBAN_SCREENSHOTS"); dir != "" {
		w.Screenshot(filepath.Join(dir, "kit-invalid-1280.png"), 1280)
		w.Open("/mau").Screenshot(filepath.Join(dir, "kit-1280.png"), 1280).Screenshot(filepath.Join(dir, "kit-320.png"), 320)
		w.Dark(true).Screenshot(filepath.Join(dir, "kit-dark-1280.png"), 1280)
	}
}

func TestAQuestionIsAskedBeforeADeletionWithAndWithoutScripts(t *testing.T) {
	t.Parallel()
	w := webtest.Browser(t, galleryStage(t).URL)
	w.Open("/mau").Click("details.confirm summary").Wait(`document.querySelector("dialog[open]")`).Axe()
	w.Click("dialog button.secondary").Wait(`!document.querySelector("dialog")`)
	w.Click("details.confirm summary").Submit("dialog button.danger")
	if got := w.Text(".flash"); got != "Đã xóa." {
		t.Errorf("with scripts: flash is %q", got)
	}
	w.Scripts(false).Open("/mau").Click("details.confirm summary").Submit("details.confirm button.danger")
	if got := w.Text(".flash"); got != "Đã xóa." {
		t.Errorf("without scripts: flash is %q", got)
	}
}

func raw(html string) templ.Component { return templ.Raw(html) }

func all(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func galleryBody() templ.Component {
	cell := func(n string) string { return `<td class="num"><a class="num" href="/nguon">` + n + `</a></td>` }
	table := `<table><thead><tr><th scope="col">Đơn vị</th><th scope="col" class="num">Quỹ “Vì người nghèo” (đồng)</th><th scope="col" class="num">Ngày công</th><th scope="col" class="num">Cùng kỳ</th><th scope="col" class="num">So kế hoạch năm</th><th scope="col">Trạng thái</th></tr></thead><tbody>`
	for _, unit := range []string{"Phường Ngã Bảy", "Phường Hiệp Lợi", "Xã Đại Thành"} {
		table += `<tr><th scope="row">` + unit + `</th>` + cell("1.234.567.000") + cell("trên 22.000") + cell("912") + cell("81,5 %") + `<td><span class="badge badge-ok">Đã duyệt</span></td></tr>`
	}
	table += `</tbody><tfoot><tr class="total"><th scope="row">Cộng</th>` + cell("3.703.701.000") + cell("trên 66.000") + cell("2.736") + cell("78,2 %") + `<td></td></tr></tfoot></table>`
	cards := `<table class="cards"><thead><tr><th scope="col">Nhiệm vụ</th><th scope="col">Chủ trì</th><th scope="col">Hạn</th></tr></thead><tbody>` +
		`<tr><th scope="row">Rà soát hộ nghèo khó khăn về nhà ở</th><td data-label="Chủ trì">Ban Công tác Mặt trận khu vực III</td><td data-label="Hạn">15/10/2019</td></tr></tbody></table>`
	scroll := func(label, table string) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return web.TableScroll(label).Render(templ.WithChildren(ctx, raw(table)), w)
		})
	}
	return all(
		web.Steps([]web.Step{
			{Label: "Thu báo cáo", Text: "11 trên 11 đơn vị", State: web.StepDone, Path: "/mau"},
			{Label: "Tổng hợp", Text: "Văn phòng đang soạn", State: web.StepCurrent, Path: "/mau"},
			{Label: "Mời họp", Text: "Quá hạn 2 ngày", State: web.StepLate},
			{Label: "Giao ban", State: web.StepWaiting}, {Label: "Kết luận", State: web.StepWaiting}}),
		raw(`<div class="stats">`), web.Stat("Vận động các quỹ", "3 tỷ 556,6 triệu đồng", "/nguon", "Cùng kỳ: 2 tỷ 980 triệu đồng"),
		web.Stat("Đường bê tông", "trên 22 nghìn m²", "/nguon", "127,5 % kế hoạch năm"), web.Stat("Đơn vị chậm báo cáo", "02", "", "Phường Ngã Bảy, xã Tân Thành"), raw(`</div>`),
		raw(`<h2>Số liệu theo đơn vị</h2>`), scroll("Số liệu theo đơn vị", table), scroll("Nhiệm vụ", cards),
		raw(`<p>`), web.Badge("ok", "Đã duyệt"), raw(` `), web.Badge("warn", "Sắp đến hạn"), raw(` `), web.Badge("bad", "Quá hạn"), raw(` `), web.Badge("info", "Mới"), raw(` `), web.Badge("mute", "Chưa có"), raw(`</p>`),
		web.Notice("warn", "Hai đơn vị chưa gửi báo cáo; số tổng hợp chưa có số liệu của các đơn vị này."), web.Bar(81, "81,5 % kế hoạch năm"),
		web.Tabs("Cách xem", []web.Tab{{Label: "Theo đơn vị", Path: "/mau", Current: true}, {Label: "Theo chỉ tiêu", Path: "/mau"}}),
		raw(`<h2>Nhập số liệu</h2><form method="post" action="/mau" class="narrow" novalidate>`),
		web.Field(web.FieldProps{Name: "so", Label: "Số hộ được hỗ trợ", Hint: "Ghi như trong báo cáo, ví dụ: trên 22 nghìn", Value: "1.400", Width: "number", Suffix: "hộ", Required: true}),
		web.Select(web.SelectProps{Name: "kieu", Label: "Cách tính", Empty: "Chọn cách tính", Options: []web.Option{{Value: "a", Label: "Trong kỳ"}, {Value: "b", Label: "Lũy kế"}}, Required: true}),
		web.TextArea(web.TextAreaProps{Name: "ghichu", Label: "Ghi chú", Value: "Số liệu ước thực hiện đến ngày 15/9."}),
		web.Radios(web.RadiosProps{Name: "chon", Label: "Nguồn", Value: "x", Options: []web.Option{{Value: "x", Label: "Tự nhập"}, {Value: "y", Label: "Từ sổ sách"}}}),
		web.Check(web.CheckProps{Name: "chac", Label: "Tôi đã đối chiếu với sổ gốc", Hint: "Người nhập chịu trách nhiệm."}),
		web.FileDrop(web.FileDropProps{Name: "tep", Label: "Tệp số liệu", Hint: "XLSX, CSV hoặc JSON, không quá 25 MB.", Accept: ".xlsx,.csv,.json"}),
		web.Submit("Lưu số liệu"), raw(`</form><p></p>`),
		web.PostButton("/xoa", "Xóa bản nháp", nil, "Bản nháp sẽ bị xóa. Số liệu đã lưu không thay đổi."),
		raw(`<h2>Thông tin</h2>`), web.DL([]web.Pair{{Term: "Người gửi", Text: "Văn phòng Mặt trận"}, {Term: "Báo cáo", Text: "Quý III/2019", Path: "/mau"}}),
		web.Empty("Chưa có tin nào", "Tin được soạn từ báo cáo đã chốt.", "/mau", "Soạn tin"), web.Pager(web.PagerProps{Page: 2, Pages: 5, URL: "/mau?q=a"}))
}
