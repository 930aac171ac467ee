package form_test

import (
	"fmt"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/form"
	"giaoban/internal/web/webtest"
)

// stage serves the house to its editor and to a reader.
func (s *site) stage() (editor, reader *webtest.Client) {
	s.t.Helper()
	st := webtest.NewStage(s.t, s.forms.Mount)
	return st.As(s.t, s.actor("vanphong", "TX", auth.View, auth.EditCatalog)), st.As(s.t, s.actor("xem", "P01", auth.View))
}

func TestAFormIsBuiltOnItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office, reader := s.stage()
		office.Get("/bieu-mau").OK().Has("Chưa có biểu mẫu nào", "Bộ biểu mẫu khởi đầu")
		reader.Get("/bieu-mau").OK().Lacks("Bộ biểu mẫu khởi đầu", "Lập biểu mẫu")
		reader.Get("/bieu-mau/them").Is(404)
		office.PostForm("/bieu-mau", "code", "b m", "name", "", "kind", "quarter").Is(422).Has("Mã biểu mẫu chỉ được gồm", "Hãy đặt tên")
		office.PostForm("/bieu-mau", "code", "bm-9", "name", "Biểu chín", "kind", "quarter").Is(303)
		office.Get("/bieu-mau/BM-9/sua").OK().Has("Biểu chín")

		press := func(viec string, pairs ...string) *webtest.Page {
			t.Helper()
			return office.PostForm("/bieu-mau/BM-9/sua", append([]string{"version", fmt.Sprint(s.seen("BM-9")), "viec", viec}, pairs...)...)
		}
		draft := func() form.Version {
			t.Helper()
			v, err := s.forms.Content(ctx, system, "BM-9", 1)
			s.must(err)
			return v
		}
		press("phan", "title", "").Is(422).Has("Hãy đặt tên cho phần này.")
		press("phan", "title", "Tuyên truyền").Is(303)
		press("phan", "title", "Kết quả khác").Is(303)
		one, two := draft().Sections[0].ID, draft().Sections[1].ID
		office.Get("/bieu-mau/BM-9/sua?phan=" + one + "&tim=tuyen+truyen").OK().Has("TT01").Lacks("HV01")
		tt01, tt02 := fmt.Sprint(s.indicator("TT01").ID), fmt.Sprint(s.indicator("TT02").ID)
		press("chon " + one).Is(422).Has("Hãy đánh dấu ít nhất một chỉ tiêu.")
		press("chon "+one, "chon", tt01, "chon", tt02).Is(303)
		press("chon "+two, "chon", tt01).Is(422).Has("Chỉ tiêu này đã có trong biểu mẫu.")
		press("muc", "phan", two, "kind", "table", "label", "Công trình", "most", "5", "columns", "").Is(422).Has("Một bảng có từ 1 đến 8 cột.")
		press("muc", "phan", two, "kind", "table", "label", "Công trình", "most", "5", "columns", "Tên\r\nKinh phí | đồng").Is(303)
		press("muc", "phan", two, "kind", "question", "label", "Khó khăn?", "most", "500", "compulsory", "1").Is(303)
		item := draft().Sections[0].Items[0].ID
		press("muc-xuong " + item).Is(303)
		press("muc "+item, "compulsory", "1", "hint", "Đếm cả buổi ở khu dân cư").Is(303)
		press("phan-len " + two).Is(303)
		press("khung", "name", "Biểu chín", "opens", "x", "closes", "5").Is(422).Has("Hãy ghi số ngày làm việc")
		press("khung", "name", "Biểu số chín", "opens", "-5", "closes", "3", "reminders", "-2, 1").Is(303)
		v := draft()
		var got []string
		for _, sec := range v.Sections {
			for _, i := range sec.Items {
				got = append(got, fmt.Sprintf("%s:%s:%d:%v", sec.Title, i.Kind, i.Indicator, i.Compulsory))
			}
		}
		want := fmt.Sprintf("Kết quả khác:table:0:false Kết quả khác:question:0:true Tuyên truyền:cell:%s:false Tuyên truyền:cell:%s:true", tt02, tt01)
		if strings.Join(got, " ") != want {
			t.Errorf("the draft asks for %v, want %s", got, want)
		}
		if c := v.Sections[0].Items[0].Columns; len(c) != 2 || c[0].Number || !c[1].Number || c[1].Unit != "đồng" {
			t.Errorf("columns %+v", c)
		}
		reader.Get("/bieu-mau/BM-9/ban/1").Is(404)
		office.Get("/bieu-mau/BM-9/ban/1").OK().Has("Kinh phí (đồng)", "Đếm cả buổi ở khu dân cư", "Trả lời nhiều nhất 500 ký tự.")
		stale := office.PostForm("/bieu-mau/BM-9/sua", "version", "1", "viec", "phan", "title", "Muộn")
		stale.Is(409).Has("vừa được người khác thay đổi")

		step := func(viec string, pairs ...string) *webtest.Page {
			return office.PostForm("/bieu-mau/BM-9/buoc", append([]string{"version", fmt.Sprint(s.seen("BM-9")), "viec", viec}, pairs...)...)
		}
		step("ban-hanh", "from", "2019-Q3", "why", "").Is(422).Has("Hãy ghi lý do hoặc căn cứ ban hành.")
		step("ban-hanh", "from", "2019-Q3", "why", "Công văn 9").Is(303)
		reader.Get("/bieu-mau/BM-9").OK().Has("Công văn 9").Lacks("Sửa bản nháp", "Phường Tây")
		reader.Get("/bieu-mau/BM-9/ban/1").OK()

		assign := func(viec string, pairs ...string) *webtest.Page {
			return office.PostForm("/bieu-mau/BM-9/giao", append([]string{"version", fmt.Sprint(s.seen("BM-9")), "viec", viec, "from", "2019-Q3"}, pairs...)...)
		}
		assign("xem").Is(422).Has("Hãy chọn ít nhất một nhóm đơn vị")
		assign("xem", "dung0", "1", "loai0", "place", "cap0", "xa", "omit", "P09").Is(422).Has("Không có đơn vị mã “P09”.")
		assign("xem", "dung0", "1", "loai0", "place", "cap0", "xa", "omit", "P02", "add", "TX.PN").OK().Has("2 đơn vị được giao từ", "Phường Đông", "Hội LHPN thị xã")
		s.wantAsked("P01", "2019-Q3", "")
		assign("giao", "dung0", "1", "loai0", "place", "cap0", "xa", "omit", "P02", "add", "TX.PN").Is(303)
		if s.asked("P01", "2019-Q3") == "" || s.asked("P02", "2019-Q3") != "" || s.asked("TX.PN", "2019-Q3") == "" {
			t.Error("the assignment names others than it showed")
		}
		step("ban-moi").Is(303)
		v2, err := s.forms.Content(ctx, system, "BM-9", 2)
		s.must(err)
		press("muc-bo " + v2.Sections[1].Items[0].ID).Is(303)
		office.Get("/bieu-mau/BM-9/so-sanh?cu=1&moi=2").OK().Has("Lượt người được tuyên truyền", "không hỏi nữa")
		reader.Get("/bieu-mau/BM-9/so-sanh?cu=1&moi=2").Is(404)
		step("thoi-dung", "until", "2020-Q1", "reason", "Hết dùng").Is(303)
		office.Get("/bieu-mau").OK().Has("thôi dùng từ 01/01/2020")
	})
}

func TestHolidaysAreKeptOnTheirPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office, reader := s.stage()
		office.PostForm("/bieu-mau/ngay-nghi", "day", "2019-09-02", "name", "").Is(422).Has("Hãy ghi tên ngày nghỉ")
		office.PostForm("/bieu-mau/ngay-nghi", "day", "2019-09-02", "name", "Quốc khánh").Is(303)
		reader.Get("/bieu-mau/ngay-nghi").OK().Has("02/09/2019", "Quốc khánh").Lacks("Ghi vào danh sách")
		reader.PostForm("/bieu-mau/ngay-nghi", "bo", "2019-09-02").Is(404)
		office.PostForm("/bieu-mau/ngay-nghi", "bo", "2019-09-02").Is(303)
		office.Get("/bieu-mau/ngay-nghi").OK().Lacks("Quốc khánh")
	})
}

func TestWhatDiffersBetweenVersions(t *testing.T) {
	t.Parallel()
	cell := func(id string, indicator int64, must bool) form.Item {
		return form.Item{ID: id, Kind: form.Cell, Indicator: indicator, Compulsory: must}
	}
	question := func(label string) form.Item { return form.Item{ID: "q", Kind: form.Question, Label: label, Most: 100} }
	before := form.Version{Sections: []form.Section{{ID: "s", Title: "Một", Items: []form.Item{cell("a", 1, false), cell("b", 2, false), cell("c", 3, false), question("Gì?")}}}}
	after := form.Version{Sections: []form.Section{{ID: "s", Title: "Một", Items: []form.Item{cell("a", 1, true), cell("x", 9, false), cell("y", 8, false), question("Gì vậy?")}}}}
	var got []string
	for _, c := range form.Compare(before, after, func(id int64) int64 { return map[int64]int64{9: 2}[id] }) {
		got = append(got, fmt.Sprintf("%s %s%d %s%d %v", c.Kind, c.Old.ID, c.Old.Indicator, c.New.ID, c.New.Indicator, c.Words))
	}
	want := "replaced b2 x9 []; added 0 y8 []; removed c3 0 []; altered a1 a1 [{bắt buộc không có}]; altered q0 q0 [{nội dung Gì? Gì vậy?}]"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	if form.Compare(before, before, func(int64) int64 { return 0 }) != nil {
		t.Error("a version differs from itself")
	}
}
