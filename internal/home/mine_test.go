package home_test

import (
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/web/webtest"
)

// staffed is the town with three bodies that report, a clerk and a head of one of them, an officer of the other ward, and the office.
func staffed(t *testing.T, engine db.Engine) (s *site, in func(id string, permissions []auth.Permission, unit string) *webtest.Client) {
	s = town(t, engine)
	s.must(s.app.Reports.SetDuty(ctx, system, []string{"TX.PN", "P01.PN", "P02.PN"}, period.Quarter, "2019-01-01"))
	return s, func(id string, permissions []auth.Permission, unit string) *webtest.Client {
		return s.stage.As(t, s.person(id, permissions, unit))
	}
}

func TestEachFindsTheirOwnWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, engine db.Engine) {
		s, in := staffed(t, engine)
		nhap := in("nhap", clerk, "P01.PN")
		truong := in("truong", []auth.Permission{auth.View, auth.Approve}, "P01.PN")
		phuong := in("phuong", clerk, "P02")
		office := in("van-phong", officer, "TX")
		nobody := in("nguoi-moi", nil, "TX")
		const path = "/viec-cua-toi"

		p := nhap.Get(path).OK().Has("Báo cáo phải gửi", "Hội LHPN phường Một: quý III năm 2019", "quá hạn", "Hạn 25/09/2019, chậm 4 ngày làm việc", "Chưa lập báo cáo.").Lacks("phường Hai", "LHPN thị xã")
		p.HasElement("a[href='/so-lieu/P01.PN/2019-q3']", "a[href='/bao-cao-don-vi/P01.PN/2019-q3']")
		phuong.Get(path).Has("Hội LHPN phường Hai").Lacks("phường Một") // nobody of its own: the ward's officer has it
		truong.Get(path).Has("Không có việc nào đang chờ bạn").Lacks("Báo cáo phải gửi")
		nobody.Get(path).Has("Bạn chưa được giao vai trò nào")
		office.Get(path).Has("2 đơn vị chưa có người dùng riêng chưa gửi báo cáo quý III năm 2019.").Lacks("phường Một")
		s.stage.As(t, auth.Actor{}).Get(path).Is(303)

		s.gives("P01.PN", "2019-Q3", "HV01", "12 hội viên")
		r, err := s.app.Reports.Submit(ctx, system, "P01.PN", "2019-Q3", 0, report.Sending{})
		s.must(err)
		nhap.Get(path).Has("Không có việc nào đang chờ bạn", "đã gửi 1 báo cáo")
		truong.Get(path).Has("Hội LHPN phường Một: báo cáo quý III năm 2019 chờ bạn duyệt").HasElement("a[href='/bao-cao-don-vi/P01.PN/2019-q3']")

		catalog, err := s.app.Indicators.Catalog(ctx)
		s.must(err)
		hv, _ := catalog.ByCode("HV01")
		r, err = s.app.Reports.Return(ctx, system, "P01.PN", "2019-Q3", r.Version, []report.Reason{{Indicator: hv.ID, Text: "Cao gấp ba quý trước"}, {Text: "Thiếu phần khó khăn"}})
		s.must(err)
		p = nhap.Get(path).Has("bị trả lại", "còn 2 chỗ phải sửa", "Cao gấp ba quý trước", "Thiếu phần khó khăn", "1 thông báo chưa đọc")
		href, _ := p.Find(".turns li li a").First().Attr("href")
		if !strings.HasPrefix(href, "/so-lieu/P01.PN/2019-q3#") {
			t.Errorf("the reason leads to %q", href)
		}
		s.gives("P01.PN", "2019-Q3", "HV01", "4 hội viên")
		nhap.Get(path).Has("còn 1 chỗ phải sửa", "đã sửa")
		s.must(s.app.Periods.Plead(ctx, system, "2019-Q3", "P01.PN", "2019-10-04", "bão"))
		nhap.Get(path).Has("đang xin gia hạn đến 04/10/2019")
		office.Get(path).Has("1 đơn vị xin gia hạn báo cáo quý III năm 2019.")
		s.must(s.app.Periods.Extend(ctx, system, "2019-Q3", "P01.PN", "2019-10-04", "bão"))
		nhap.Get(path).Lacks("đang xin gia hạn").Has("Hạn 04/10/2019, còn 3 ngày làm việc", "đã gia hạn")
		r, err = s.app.Reports.Submit(ctx, system, "P01.PN", "2019-Q3", r.Version, report.Sending{})
		s.must(err)
		nhap.Get(path).Lacks("thông báo chưa đọc") // what they asked for is done
		_, err = s.app.Reports.Approve(ctx, system, "P01.PN", "2019-Q3", r.Version, "")
		s.must(err)
		office.Get(path).Has("1 báo cáo quý III năm 2019 chờ văn phòng tiếp nhận.").HasElement("a[href='/bao-cao/tiep-nhan?don-vi=TX&ky=2019-q3']")
		truong.Get(path).Has("Không có việc nào đang chờ bạn")

		var made []task.Task
		s.must(s.app.DB.Write(ctx, func(tx *db.Tx) (err error) {
			made, err = s.app.Tasks.CreateIn(ctx, tx, system, []task.Task{{Unit: s.unit("TX").ID, Lead: s.unit("P01.PN").ID, Text: "Chăm sóc tuyến đường hoa", Day: "2019-09-20", Due: "2019-09-27"}})
			return err
		}))
		nhap.Get(path).Has("Nhiệm vụ từ kết luận giao ban", "Chăm sóc tuyến đường hoa", "hạn 27/09/2019, trễ 4 ngày").HasElement("a[href='/nhiem-vu/" + made[0].ID + "']")
		phuong.Get(path).Lacks("Chăm sóc")
		s.must(s.app.Tasks.ReportDone(ctx, system, made[0].ID, 1, "đã xong", ""))
		nhap.Get(path).Lacks("Chăm sóc")
		office.Get(path).Has("chờ tôi nghiệm thu", "Chăm sóc tuyến đường hoa")
	})
}

func TestACalendarOfOnesDeadlines(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, engine db.Engine) {
		s, in := staffed(t, engine)
		nhap := in("nhap", clerk, "P01.PN")
		visitor := s.stage.As(t, auth.Actor{})
		s.gives("P01.PN", "2019-Q3", "HV01", "1234 hội viên")
		s.must(s.app.Reports.RemindAll(ctx))

		page := nhap.Get("/thong-bao/cach-nhan").OK().Has("Hệ thống này chưa cài đặt gửi thư", "Báo cáo bị trả lại", "chưa lập")
		if got := page.Find("select[name=report-returned] option[value=none]").Length(); got != 0 {
			t.Error("a return can be silenced")
		}
		nhap.PostForm("/thong-bao/cach-nhan", "report-due", "weekly", "report-approved", "none").Is(303)
		if got := nhap.Get("/thong-bao/cach-nhan").Value("report-due"); got != "weekly" {
			t.Errorf("the choice is %q", got)
		}
		nhap.PostForm("/thong-bao/cach-nhan", "report-returned", "none").Is(422).Has("Hãy chọn một cách trong danh sách.")
		made := nhap.PostForm("/thong-bao/lich").OK()
		if got := made.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("the page with the address is kept: %q", got)
		}
		address := made.Text("code.address")
		path := address[strings.Index(address, "/lich/"):]
		file := visitor.Get(path).OK()
		text := strings.ReplaceAll(string(file.Body), "\r\n ", "")
		if got := file.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			t.Errorf("the calendar is a %q", got)
		}
		has := func(text string, want ...string) {
			t.Helper()
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("no %q in\n%s", w, text)
				}
			}
		}
		has(text, "UID:bao-cao.P01.PN.2019-Q3@giaoban\r\n", "DTSTART;VALUE=DATE:20190925\r\n", "SEQUENCE:0\r\n", "SUMMARY:Hạn gửi báo cáo quý III năm 2019: Hội LHPN phường Một\r\n")
		if strings.Contains(text, "1234") || strings.Contains(text, "P02") || strings.Count(text, "BEGIN:VEVENT") != 1 {
			t.Errorf("the calendar says too much:\n%s", text)
		}
		s.must(s.app.Periods.Extend(ctx, system, "2019-Q3", "P01.PN", "2019-10-04", "bão"))
		moved := func() string { return strings.ReplaceAll(string(visitor.Get(path).OK().Body), "\r\n ", "") }
		has(moved(), "UID:bao-cao.P01.PN.2019-Q3@giaoban\r\n", "DTSTART;VALUE=DATE:20191004\r\n", "SEQUENCE:1\r\n")
		s.must(s.app.Reports.RemindAll(ctx))
		has(moved(), "DTSTART;VALUE=DATE:20191004\r\n", "SEQUENCE:1\r\n")
		s.must(s.app.Periods.Extend(ctx, system, "2019-Q3", "P01.PN", "2019-10-03", "xong sớm"))
		has(moved(), "DTSTART;VALUE=DATE:20191003\r\n", "SEQUENCE:2\r\n")
		has(string(nhap.Get("/thong-bao/lich.ics").OK().Body), "DTSTART;VALUE=DATE:20191003\r\n")

		for _, bad := range []string{strings.TrimSuffix(path, ".ics"), "/lich/.ics", "/lich/aaaa.ics"} {
			visitor.Get(bad).Is(404)
		}
		nhap.PostForm("/thong-bao/lich/thu-hoi").Is(303)
		visitor.Get(path).Is(404)
		visitor.Get("/thong-bao/lich.ics").Is(303) // to sign in
	})
}
