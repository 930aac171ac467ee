package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/ledger"
	"giaoban/internal/web/webtest"
)

// workbook is a hamlet's list: its heads, then rows of texts and whole numbers.
func workbook(t *testing.T, heads []string, rows ...[]any) []byte {
	t.Helper()
	w := sheet.NewWriter("", "", "2019-10-01")
	var columns []sheet.Column
	for _, h := range heads {
		columns = append(columns, sheet.Column{Title: h})
	}
	table := w.Table("Danh sách", false, columns)
	for _, row := range rows {
		var values []sheet.Value
		for _, v := range row {
			switch v := v.(type) {
			case string:
				values = append(values, sheet.Str(v))
			case int:
				values = append(values, sheet.Num(int64(v), 0))
			}
		}
		table.Row(values...)
	}
	var out bytes.Buffer
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Save(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var listHeads = []string{"STT", "Họ và tên", "Số lượng", "Đơn vị tính", "Công khai tên"}

func TestAListIsLookedAtThenWrittenWithItsReceipts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		stage := webtest.NewStage(t, s.books.Mount)
		an, visitor := stage.As(t, s.an), stage.As(t, auth.Actor{})
		at := "/so-quy/" + book + "/danh-sach"
		upload := func(data []byte) *webtest.Page {
			return an.PostFiles(at, []webtest.Upload{{Field: "tep", Name: "tổ 1.xlsx", Data: data}})
		}
		upload([]byte("không phải Excel")).Is(422).Has("không phải")
		upload(workbook(t, []string{"A", "B"}, []any{"x", 1})).Is(422).Has("Không thấy hàng tiêu đề")
		bad := upload(workbook(t, listHeads, []any{1, "Hộ ông Một", 500_000, "đồng", "x"}, []any{2, "Hộ bà Hai", "chừng ấy", "đồng"}, []any{3, "", 5000}, []any{4, "Hộ cô Ba", 3, "chai"}, []any{"Tổng cộng", "", 700_000, "đồng"})).Follow().OK()
		bad.Has("Danh sách còn chỗ sai", "Chưa có tên", "Không rõ “chai” là gì", "Dòng tổng ghi 700000, cộng các dòng là 500.000 đồng").Lacks("Ghi sổ 4 dòng")

		good := workbook(t, listHeads, []any{1, "Hộ ông Một", 500_000, "đồng", "x"}, []any{2, "Hộ bà Hai", "1,5 triệu", "đồng"}, []any{3, "Hộ cô Ba", 3, "công"}, []any{"Tổng cộng", "", 2_000_000, "đồng"}, []any{"Tổng cộng", "", 3, "ngày công"})
		page := upload(good)
		page.Follow().OK().Has("Ghi sổ 3 dòng", "Cộng các dòng: 2.000.000 đồng", "Cộng các dòng: 3 ngày công")
		path := page.Header.Get("Location")
		an.PostForm(path, "ngay", "", "loai", "nhan-dan").Is(422).Has("Hãy nhập ngày thu")
		an.PostForm(path, "ngay", "15/09/2019", "loai", "nhan-dan", "thon", "P01.T1", "quy", fmt.Sprint(s.cash)).Is(422).Has("Hãy chọn quỹ nhận ngày công")
		an.PostForm(path, "ngay", "15/09/2019", "loai", "nhan-dan", "thon", "P01.T1", "quy", fmt.Sprint(s.cash), "kho", fmt.Sprint(s.store)).Is(303)
		an.PostForm(path, "ngay", "15/09/2019", "loai", "nhan-dan", "quy", fmt.Sprint(s.cash), "kho", fmt.Sprint(s.store)).Is(409).Has("Danh sách này đã ghi sổ")
		upload(good).Is(409).Has("đã được ghi vào sổ trước đó")
		an.Get(path+"/bien-nhan").OK().Has("Biên nhận số 1", "Biên nhận số 3", "Hộ bà Hai", "1.500.000 đồng")
		if s.holds(s.cash, "VND") != 2_000_000 || s.holds(s.store, "CONG") != 30 {
			t.Errorf("cash %d, work %d", s.holds(s.cash, "VND"), s.holds(s.store, "CONG"))
		}
		s.verify()

		_, _, lines, err := s.books.ListReceipts(ctx, s.an, book, path[strings.LastIndex(path, "/")+1:])
		s.must(err)
		visitor.Get("/bien-nhan?ma=" + strings.ToLower(lines[0].Code[:4]) + "-" + lines[0].Code[4:]).Is(303)
		visitor.Get("/bien-nhan/"+lines[0].Code).OK().Has("Khoản này có trong sổ", "Hộ ông Một", "500.000 đồng")
		visitor.Get("/bien-nhan/"+lines[1].Code).OK().Has("Không nêu tên (Nhân dân)").Lacks("bà Hai", "Tổ dân phố 1")
		visitor.Get("/bien-nhan?ma=AAAA").Is(422).Has("Không có biên nhận nào")
	})
}

func TestABookOnItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		stage := webtest.NewStage(t, s.books.Mount)
		an, binh, xa := stage.As(t, s.an), stage.As(t, s.binh), stage.As(t, s.xa)
		at := "/so-quy/" + book
		gift := func(pairs ...string) *webtest.Page {
			return an.PostForm(at+"/thu", append([]string{"nguoi", "Ông Một", "loai", "nhan-dan", "loai-hien-vat", "VND", "quy", fmt.Sprint(s.cash), "ngay", "15/09/2019"}, pairs...)...)
		}
		an.Get(at+"/thu").OK().Has("Vào quỹ", "Tổ dân phố 2")
		gift("so-luong", "388 tỷ").Is(422).Has("lớn hơn hẳn", "Tôi đã kiểm tra số này")
		gift("so-luong", "2 triệu đồng", "noi-dung", "Góp làm đường").Follow().OK().Has("2.000.000 đồng", "In biên nhận số 1")
		an.Get(at+"/khoan/1/bien-nhan").OK().Has("Ông Một", "Tra tại")
		// A fault stands at the form it is about, and costs nobody their typing.
		for path, form := range map[string][]string{
			"/tai-khoan/noi-nhan": {"ten-nhan", "Đường tổ 1", "muc-dich-nhan", "cong-trinh"}, "/tai-khoan/dau-so": {"quy", "", "so-luong", "5 triệu", "ngay", "01/09/2019"},
			"/khoa/tien-mat": {"ngay", "hôm kia", "to-500000", "7"}, "/khoa/ngan-hang": {"ngay-sao-ke", "hôm kia", "so-du", "1.000.000"}, "/khoan/1/tra-lai": {"so-luong", "9 triệu", "ngay", "21/09/2019", "noi-dung", "thừa"},
		} {
			page := an.PostForm(at+path, form...).Is(422)
			for i := 0; i < len(form); i += 2 {
				if strings.HasPrefix(form[i], "muc-dich") || form[i+1] == "" {
					continue
				}
				if v, _ := page.Find("#f-" + form[i]).Attr("value"); v != form[i+1] {
					t.Errorf("%s: %s holds %q after a fault, %q was typed", path, form[i], v, form[i+1])
				}
			}
		}
		an.PostForm(at+"/tai-khoan/noi-nhan", "ten-nhan", "Đường tổ 1", "muc-dich-nhan", "cong-trinh").Is(422).Has("Sổ đã có “Đường tổ 1”")
		xa.Get(at).Is(404)
		xa.PostForm(at+"/thu", "so-luong", "1").Is(404)
		an.PostForm(at+"/chi", "viec", "handover", "loai-hien-vat", "VND", "tu", fmt.Sprint(s.cash), "den", fmt.Sprint(s.road), "so-luong", "3 triệu", "ngay", "20/09/2019", "noi-dung", "Mua cát").Is(409).Has("không đủ", "3.000.000 đồng")
		an.PostForm(at+"/chi", "viec", "handover", "loai-hien-vat", "VND", "tu", fmt.Sprint(s.cash), "den", fmt.Sprint(s.road), "so-luong", "500.000", "ngay", "20/09/2019", "noi-dung", "Mua cát").Follow().OK().Has("In phiếu chi số 1")
		an.PostForm(at+"/khoan/2/huy", "ly-do", "").Is(422)
		an.PostForm(at+"/khoan/2/huy", "ly-do", "Chi nhầm quỹ").Is(303)
		an.Get(at + "/khoan/2").OK().Has("Chờ người thứ hai").Lacks("Đồng ý hủy")
		binh.Get(at).OK().Has("đề nghị hủy khoản số 2")
		binh.PostForm(at + "/khoan/2/huy/dong-y").Is(303)
		an.Get(at + "?tim=ong+mot&tu-ngay=01/09/2019").OK().Has("Ông Một").Lacks("Mua cát")
		an.Get(at + "?tu-ngay=hôm+qua").Is(422).Has("không đọc được")
		an.PostForm(at+"/khoan/1/tra-lai", "so-luong", "3 triệu", "ngay", "21/09/2019", "noi-dung", "thừa").Is(422).Has("Không trả lại nhiều hơn")
		an.PostForm(at+"/khoan/1/tra-lai", "so-luong", "400.000", "ngay", "21/09/2019", "noi-dung", "thừa").Is(303)
		gift("so-luong", "1 triệu", "hua", "1").Is(303)
		an.Get(at).OK().Has("Cam kết chưa nhận đủ", "1.000.000 đồng")
		gift("so-luong", "600.000", "cam-ket", "1").Is(303)
		an.Get(at).OK().Has("400.000 đồng")
		an.PostForm(at+"/cam-ket/1/thoi", "ly-do", "Gia đình khó khăn").Is(303)
		an.Get(at).OK().Lacks("Cam kết chưa nhận đủ")
		an.Get(at + "/so.journal").OK().Has(`2000000. "VND"`)
		if got := s.holds(s.cash, "VND"); got != 2_200_000 {
			t.Errorf("cash = %d", got)
		}
		if v := s.figure("DG01"); v.Number != 2_200_000 {
			t.Errorf("the quarter's figure = %+v", v)
		}
		s.verify()
	})
}

// FuzzList reads workbooks and lists of any kind: a message or a list, never a crash.
func FuzzList(f *testing.F) {
	t := &testing.T{}
	f.Add(workbook(t, listHeads, []any{1, "Hộ ông Một", 500_000, "đồng", "x"}, []any{"Tổng cộng", "", 500_000}))
	f.Add(workbook(t, []string{"Tên", "Số tiền"}, []any{"A", "trên 5 triệu"}))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ledger.ReadListFile(data)
		if err != nil && len(fault.All(err)) == 0 {
			t.Errorf("no message: %v", err)
		}
		for _, g := range l.Gifts {
			if g.Problem == "" && g.Amount < 0 {
				t.Errorf("line %d gives %d", g.Row, g.Amount)
			}
		}
	})
}

// FuzzQuantity reads what people write as a quantity of each commodity.
func FuzzQuantity(f *testing.F) {
	for _, text := range []string{"1,5 triệu", "trên 300 tấn", "20 bao", "hàng trăm", "5-6 triệu", "-3", "9999999999999999999", "2 sào Bắc Bộ", "0,05 kg"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range ledger.Starter {
			q, err := c.Read(text)
			if err == nil && (q.Value < 0 || q.HasNumber() && q.Scale != c.Decimals) {
				t.Errorf("%q of %s: %+v", text, c.Code, q)
			}
		}
	})
}
