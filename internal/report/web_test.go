package report_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/report"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func stage(t *testing.T) (*site, *webtest.Stage) {
	t.Helper()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	return s, webtest.NewStage(t, func(r *web.Router) {
		s.reports.Mount(r)
		s.figures.Mount(r)
	})
}

func TestPagesOfABodysReport(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	ward, office := st.As(t, s.ward), st.As(t, s.office)
	const path = "/bao-cao-don-vi/P01.PN/2019-q3"
	empty := ward.Get(path).OK().Has("Báo cáo chưa có số liệu", "quá hạn 6 ngày")
	if href, _ := empty.Find(".empty a").Attr("href"); href != "/so-lieu/P01.PN/2019-q3" {
		t.Errorf("the empty report leads to %q", href)
	}
	empty.HasElement(`a[href="/nhap"]`)
	ward.PostForm(path+"/gui", "version", "0").Is(http.StatusUnprocessableEntity).Has("Nếu kỳ này không có phát sinh")
	ward.PostForm(path+"/noi-dung", "kind", "result", "text", "").Is(http.StatusUnprocessableEntity).Has("Hãy ghi nội dung.")
	ward.PostForm(path+"/noi-dung", "kind", "result", "text", "Làm đường hoa", "cells", "CT0X").Is(http.StatusUnprocessableEntity).Has("Không có chỉ tiêu mã “CT0X”")
	ward.PostForm(path+"/noi-dung", "kind", "result", "text", "Làm đường hoa", "topic", "Đường hoa", "cells", "CT09").Follow().OK().Has("Làm đường hoa", "Đã thêm nội dung.")
	s.save(s.ward, "P01.PN", s.q3, "DG01", "trên 10 triệu đồng", "")
	page := ward.Get(path).OK().Has("Tiền Nhân dân đóng góp", "trên 10 triệu")
	page.HasElement(`a[href="/so/P01.PN/2019-q3/DG01?rieng=1"]`)
	sent := ward.PostForm(path+"/gui", "version", page.Value("version")).Follow().OK().Has("đã gửi, chờ duyệt", "chậm 6 ngày")
	if sent.Find(`form[action$="/gui"]`).Length() > 0 {
		t.Error("a sent report can be sent again")
	}
	ward.PostForm("/so-lieu/P01.PN/2019-q3", "v-DG01", "11 triệu đồng", "o-DG01", "", "e-DG01", "1").Is(http.StatusConflict).Has("hãy rút báo cáo về trước")
	office.Get(path).OK().HasElement(`a[href*="tra-lai=1"]`).LacksElement(`form[action$="/tra-lai"]`)
	mode := office.Get(path+"?tra-lai=1").OK().HasElement(`input[name="o"][value="DG01"][form="tra-lai"]`, `input[name="r-DG01"]`)
	seen := mode.Find(`form[action$="/tra-lai"] input[name=version]`).AttrOr("value", "")
	office.PostForm(path+"/tra-lai", "version", seen).Is(http.StatusUnprocessableEntity).Has("Hãy nêu ít nhất một lý do")
	office.PostForm(path+"/tra-lai", "version", seen, "o", "DG01").Is(http.StatusUnprocessableEntity).Has("Hãy ghi lý do cho từng mục").HasElement(`input[value="DG01"][checked]`)
	office.PostForm(path+"/tra-lai", "version", seen, "o", "DG01", "reason", "Ghi rõ số").Follow().OK()
	back := ward.Get(path).OK().Has("Lý do trả lại", "Ghi rõ số", "bị trả lại", "Đã sửa 0 trên 1 mục")
	ward.Get("/so-lieu/P01.PN/2019-q3").OK().HasElement(`input[name="v-DG01"]`).LacksElement(`input[name="v-DG02"]`).Has("Đề nghị sửa: Ghi rõ số")
	s.save(s.ward, "P01.PN", s.q3, "DG01", "trên 10 triệu đồng", "")
	ward.PostForm(path+"/gui", "version", back.Find(`form[action$="/gui"] input[name=version]`).AttrOr("value", "")).Follow().OK()
	seen = office.Get(path).OK().Find(`form[action$="/duyet"] input[name=version]`).AttrOr("value", "")
	ward.PostForm(path+"/duyet", "version", seen).Is(http.StatusConflict).Has("Người gửi báo cáo không tự duyệt")
	head := st.As(t, s.head)
	head.PostForm(path+"/duyet", "version", seen).Follow().OK().Has("lãnh đạo đơn vị đã duyệt", "Lịch sử", "SHA-256").LacksElement(`form[action$="/tiep-nhan"]`)
	seen = office.Get(path).OK().Find(`form[action$="/tiep-nhan"] input[name=version]`).AttrOr("value", "")
	office.PostForm(path+"/tiep-nhan", "version", seen).Follow().OK().Has("văn phòng đã tiếp nhận")
	s.save(s.ward, "P01.PN", s.q3, "DG01", "12 triệu đồng", "sót phiếu thu")
	ward.Get(path).OK().Has("đã thay đổi sau khi duyệt", "trên 10 triệu đồng → 12 triệu đồng", "So với bản lãnh đạo đơn vị đã duyệt và văn phòng đã tiếp nhận", "sót phiếu thu")

	edit := ward.Get(path).OK().Find(`a[href*="/noi-dung/"]`).AttrOr("href", "")
	form := ward.Get(edit).OK()
	if form.Value("text") != "Làm đường hoa" || form.Value("cells") != "CT09" {
		t.Errorf("the form holds %q, %q", form.Value("text"), form.Value("cells"))
	}
	ward.PostForm(edit, "version", "1", "kind", "result", "text", "Làm 2 tuyến đường hoa").Is(http.StatusUnprocessableEntity).Has("hãy nêu lý do sửa")
	ward.PostForm(edit, "version", "1", "kind", "result", "text", "Làm 2 tuyến đường hoa", "reason", "bổ sung").Follow().OK().Has("Làm 2 tuyến đường hoa")
	office.PostForm(edit, "version", "1", "kind", "result", "text", "Bản của văn phòng").Is(http.StatusConflict).Has("Bản người khác vừa lưu", "Làm 2 tuyến đường hoa", "Bản của văn phòng")
	ward.PostForm(edit+"/go", "version", "2", "reason", "trùng").Follow().OK().Lacks("Làm 2 tuyến đường hoa")
}

func TestPagesOfTheConsolidatedReport(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.quarter()
	office := st.As(t, s.office)
	office.Get("/bao-cao?don-vi=TX&ky=2019-q3").OK().Has("Báo cáo quý III năm 2019", "Hội LHPN phường Một", "quá hạn 6 ngày", "Soạn báo cáo tổng hợp")
	at := office.PostForm("/bao-cao", "don-vi", "TX", "ky", "2019-Q3").Is(http.StatusSeeOther).Location()
	page := office.Get(at).OK().Has("II. Kết quả thực hiện nhiệm vụ quý III năm 2019", "trên 17 triệu đồng", "khó đạt")
	page.HasElement(`a.num[href="/so/TX/2019-q3/DG01"]`, `a[href="/bao-cao-don-vi/P01.PN/2019-q3"]`)
	form := office.Get(at + "/muc/tinh-hinh").OK()
	office.PostForm(at+"/muc/tinh-hinh", "version", form.Value("version"), "text", "Số {{DG1}}").Is(http.StatusUnprocessableEntity).Has("Có phải: DG01", "Số {{DG1}}")
	office.PostForm(at+"/muc/tinh-hinh", "version", form.Value("version"), "text", "Đóng góp {{DG01}}.").Follow().OK().Has("Đóng góp trên 17 triệu đồng", "sửa tay lúc")
	office.PostForm(at+"/muc/tinh-hinh", "version", form.Value("version"), "text", "Bản thứ hai").Is(http.StatusConflict).Has("Bản người khác vừa lưu", "Đóng góp {{DG01}}.", "Bản thứ hai")
	office.Get(at+"/soan-lai").OK().Has("Thay bản đã sửa tay", "Tình hình chung")
	office.Get(at + "/muc/danh-gia").Is(http.StatusNotFound)
	seen := office.Get(at).Find(`form[action$="/chot"] input[name=version]`).AttrOr("value", "")
	n, _ := strconv.Atoi(seen)
	office.PostForm(at+"/chot", "version", strconv.Itoa(n-1)).Is(http.StatusConflict)
	frozen := office.PostForm(at+"/chot", "version", seen).Follow().OK().Has("SHA-256", "đã chốt")
	frozen.LacksElement(`form[action$="/chot"]`, `a[href*="/muc/"]`)
	s.save(s.ward, "P01.PN", s.q3, "DG01", "11 triệu đồng", "sót")
	office.Get(at).OK().Has("Chênh lệch sau khi chốt", "trên 18 triệu đồng", "Đóng góp trên 17 triệu đồng")
	for format, magic := range map[string]string{"docx": "PK", "xlsx": "PK", "pdf": "%PDF"} {
		file := office.Get(at + "/tai?dang=" + format).OK()
		if !bytes.HasPrefix(file.Body, []byte(magic)) || !strings.Contains(file.Header.Get("Content-Disposition"), "bao-cao-thi-xa-binh-giang-2019-q3."+format) {
			t.Errorf("%s: %q, %s", format, file.Body[:min(8, len(file.Body))], file.Header.Get("Content-Disposition"))
		}
	}
	office.Get(at + "/tai?dang=exe").Is(http.StatusNotFound)
	office.Get(at+"/in").OK().Has("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "trên 17 triệu đồng", "TX.2019-Q3.DG01")
	office.PostForm(at+"/ban-moi", "reason", "").Is(http.StatusUnprocessableEntity)
	office.PostForm(at+"/ban-moi", "reason", "sửa số").Follow().OK().Has("Bản 2", "trên 18 triệu đồng")

	sibling := st.As(t, s.other)
	for _, path := range []string{at, at + "/in", at + "/tai?dang=pdf", at + "/muc/tinh-hinh", at + "/soan-lai", "/bao-cao?don-vi=TX&ky=2019-q3", "/bao-cao-don-vi/P01.PN/2019-q3", "/bao-cao/nghia-vu?don-vi=TX"} {
		sibling.Get(path).Is(http.StatusNotFound)
	}
	sibling.Get("/bao-cao?ky=2019-q3").OK().Lacks("phường Một", "trên 17 triệu")
	viewer := st.As(t, s.person("viewer", "TX", auth.View))
	viewer.Get(at).OK().LacksElement(`form[action$="/ban-moi"]`)
	viewer.PostForm(at+"/ban-moi", "reason", "x").Is(http.StatusNotFound)
}

func TestTheReportBearsItsNumberDateAndParentBody(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	s.quarter()
	office := st.As(t, s.office)
	r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	at := "/bao-cao/" + r.ID
	seen := func() string {
		return office.Get(at).OK().Find(`form[action$="/so"] input[name=version]`).AttrOr("value", "")
	}
	office.Get(at+"/in").OK().Has("DỰ THẢO", "/BC-MTTQ-BTT", "tháng 10 năm 2019").Lacks("tỉnh An Hà")
	typed := office.PostForm(at+"/so", "version", seen(), "sign", "mười lăm/BB", "dated", "").Is(http.StatusUnprocessableEntity).Has("Hãy ghi số như 15")
	if typed.Value("sign") != "mười lăm/BB" {
		t.Errorf("the form keeps %q", typed.Value("sign"))
	}
	office.PostForm(at+"/so", "version", seen(), "sign", "15", "dated", "2019-06-30").Is(http.StatusUnprocessableEntity).Has("không thể trước ngày đầu kỳ")
	office.PostForm(at+"/so", "version", seen(), "sign", "15/BC-UBMTTQ", "dated", "2019-10-05", "parent", "Ủy ban MTTQ Việt Nam tỉnh An Hà").Follow().OK().
		Has("số 15/BC-UBMTTQ, ngày 05/10/2019", "Tải bản dự thảo:", "ghi số, ngày văn bản")
	office.Get(at+"/in").OK().Has("Số: 15/BC-UBMTTQ", "ngày 05 tháng 10 năm 2019", "ỦY BAN MTTQ VIỆT NAM", "TỈNH AN HÀ", "DỰ THẢO")
	v := office.Get(at).OK()
	office.PostForm(at+"/chot", "version", v.Find(`form[action$="/chot"] input[name=version]`).AttrOr("value", "")).Follow().OK().Has("Tải bản chính thức:")
	f, err := s.reports.Frozen(ctx, s.office, r.ID)
	s.must(err)
	// The number is given when the report is signed: it changes nothing of what was fixed.
	office.PostForm(at+"/so", "version", seen(), "sign", "16", "dated", "2019-10-07").Follow().OK().Has("số 16, ngày 07/10/2019")
	office.Get(at+"/in").OK().Has("Số: 16/BC-MTTQ-BTT", "ngày 07 tháng 10 năm 2019").Lacks("DỰ THẢO")
	again, err := s.reports.Frozen(ctx, s.office, r.ID)
	s.must(err)
	if again.SHA256 != f.SHA256 {
		t.Error("a number changed the frozen report")
	}
	st.As(t, s.ward).PostForm(at+"/so", "version", seen(), "sign", "1").Is(http.StatusNotFound)
	if err := s.reports.SetParent(ctx, s.ward, "TX", "x"); !isNotFound(err) {
		t.Errorf("a ward names the town's parent body: %v", err)
	}
}

func TestANumberIsUsedOnceAYear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.quarter()
		r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
		s.must(err)
		before, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q2")
		s.must(err)
		s.must(s.reports.SetLetter(ctx, s.office, before.ID, before.Version, report.Letter{Number: "15", Date: "2019-07-01"}))
		wantKind(t, "the same number", s.reports.SetLetter(ctx, s.office, r.ID, r.Version, report.Letter{Number: "15", Date: "2019-10-05"}), fault.KindInvalid)
		wantKind(t, "the same number with its sign", s.reports.SetLetter(ctx, s.office, r.ID, r.Version, report.Letter{Number: "15", Symbol: "MTTQ-BTT", Date: "2019-10-05"}), fault.KindInvalid)
		wantKind(t, "an old version", s.reports.SetLetter(ctx, s.office, r.ID, r.Version-1, report.Letter{Number: "16"}), fault.KindConflict)
		s.must(s.reports.SetLetter(ctx, s.office, r.ID, r.Version, report.Letter{Number: "15", Date: "2020-01-02"}))
	})
}

func TestAPaperIsThereWithoutAnybodyHavingDraftedIt(t *testing.T) {
	t.Parallel()
	s, _ := stage(t)
	s.quarter()
	p, err := s.reports.Paper(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	if !p.Draft || !p.HasFigures() || len(p.Numbers) == 0 {
		t.Errorf("draft %v with %d numbers", p.Draft, len(p.Numbers))
	}
	if _, err := s.reports.Find(ctx, s.office, "TX", "2019-Q3", report.KindConsolidated); !isNotFound(err) {
		t.Errorf("reading a paper stored a report: %v", err)
	}
	if _, err := s.reports.Paper(ctx, s.other, "TX", "2019-Q3"); !isNotFound(err) {
		t.Errorf("a ward reads the town's paper: %v", err)
	}
	if _, err := s.reports.Paper(ctx, s.office, "P01.PN", "2019-Q3"); !isNotFound(err) {
		t.Errorf("a body has a consolidated report: %v", err)
	}
	r, err := s.reports.Draft(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	stored, err := s.reports.Paper(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	if diff := cmp.Diff(p.Sections, stored.Sections); diff != "" || stored.Report != r.ID {
		t.Errorf("what is drafted differs from what would be (-would +is):\n%s", diff)
	}
}

func TestTheOfficeSaysWhoReports(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	office := st.As(t, s.office)
	page := office.Get("/bao-cao/nghia-vu?don-vi=TX&loai=quarter").OK()
	if n := page.Find("input[name=ma][checked]").Length(); n != 3 {
		t.Errorf("%d units are marked, want 3", n)
	}
	office.PostForm("/bao-cao/nghia-vu", "don-vi", "TX", "loai", "quarter", "from", "", "ma", "P01.PN").Is(http.StatusUnprocessableEntity)
	office.PostForm("/bao-cao/nghia-vu", "don-vi", "TX", "loai", "quarter", "from", "2019-07-01", "ma", "P01.PN", "ma", "TX.PN").Follow().OK()
	b, err := s.reports.Board(ctx, s.office, "TX", "2019-Q3")
	s.must(err)
	var codes []string
	for _, r := range b.Rows {
		codes = append(codes, r.Unit.Code)
	}
	if strings.Join(codes, " ") != "TX.PN P01.PN" {
		t.Errorf("expected are %v", codes)
	}
	st.As(t, s.other).Get("/bao-cao/nghia-vu").OK().Lacks("phường Một")
}

func TestSubmittedFromANumberlessReport(t *testing.T) {
	t.Parallel()
	s, st := stage(t)
	st.As(t, s.ward).PostForm("/bao-cao-don-vi/P01.ND/2019-q3/gui", "version", "0", "empty", "1").Follow().OK().Has("đã gửi, chờ duyệt")
	r, err := s.reports.Find(ctx, s.office, "P01.ND", "2019-Q3", report.KindBody)
	s.must(err)
	if r.State != report.StateSent {
		t.Errorf("the report is %s", r.State)
	}
}
