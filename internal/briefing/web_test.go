package briefing_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/org"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

func (s *site) stage(t *testing.T) *webtest.Stage {
	return webtest.NewStage(t, func(r *web.Router) { s.briefings.Mount(r); s.tasks.Mount(r) })
}

// TestBriefingByFormsAlone takes a briefing from its calling to its conclusion as a person at the pages does.
func TestBriefingByFormsAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		for unit, o := range map[string]org.Office{
			"TX.MT": {Person: "Phạm Thị Mẫu", Title: "Chánh Văn phòng"}, "TX.PN": {Person: "Trần Thị Ví Dụ", Title: "Chủ tịch"},
		} {
			o.Rank, o.ValidFrom = 1, "2015-01-01"
			s.must(s.units.Appoint(ctx, s.office, unit, o))
		}
		c := s.stage(t).As(t, s.office)

		form := c.Get("/hop-giao-ban/moi?ky=2019-q3").OK().Has("quý III năm 2019", "Thể thức văn bản của Đảng")
		if got := form.Value("plan-issuer"); got != "Thị ủy Bình Giang" {
			t.Errorf("the letterhead proposed is %q", got)
		}
		secretary, _ := form.Find(`select[name="plan-secretary"] option`).Eq(1).Attr("value")
		plan := []string{"form", "plan", "ky", "2019-q3", "don-vi", "TX", "plan-system", "party", "plan-day", "2019-10-01", "plan-start", "08:00", "plan-end", "11:00",
			"plan-venue", "Phòng họp số 1", "plan-issuer", "Thị ủy Bình Giang", "plan-symbol", "ThU", "plan-city", "Bình Giang", "plan-secretary", secretary}
		c.PostForm("/hop-giao-ban", plan...).Is(http.StatusUnprocessableEntity).HasElement("#f-plan-chair1-error")
		answer := c.PostForm("/hop-giao-ban", append(plan, "plan-chair_name", "Nguyễn Văn Mẫu", "plan-chair_title", "Phó Bí thư Thường trực")...)
		page := answer.Follow().OK().Has("Đã triệu tập hội nghị", "Nguyễn Văn Mẫu", "Trần Thị Ví Dụ", "Hội Nông dân thị xã")
		path := strings.TrimSuffix(answer.Location(), "/chuan-bi")

		c.PostForm(path+"/bat-dau", "form", "hold", "hold-version", page.Value("hold-version")).Follow().OK().Has("Đã ghi nhận bắt đầu họp")
		marks := []string{"form", "marks"}
		id := path[strings.LastIndex(path, "/")+1:]
		for _, p := range s.read(id).Participants {
			marks = append(marks, "marks-id", p.ID, "marks-version-"+p.ID, "1")
		}
		c.PostForm(path+"/diem-danh", append(marks, "marks-rest", "1")...).Follow().OK().Has("Mời 4; có mặt 4, dự thay 0, vắng 0")

		speaker := s.read(id).Participants[2].ID
		c.PostForm(path+"/dien-bien", "form", "new", "new-speaker", speaker, "new-kind", "proposal").Is(http.StatusUnprocessableEntity).HasElement("#f-new-text-error")
		c.PostForm(path+"/dien-bien", "form", "new", "new-speaker", speaker, "new-kind", "proposal", "new-text", "Xin thêm <b>vốn</b>", "new-clock", "09:15").Follow().OK().
			Has("đề xuất, kiến nghị", "Xin thêm <b>vốn</b>").LacksElement(".said b")

		c.PostForm(path+"/danh-gia", "form", "newf", "newf-kind", "result", "newf-text", "Vận động được nhiều công trình").Follow().OK().Has("Vận động được nhiều công trình")
		c.PostForm(path+"/diem", "form", "newk", "newk-kind", "requirement", "newk-text", "Rà soát các hộ vay vốn").Follow().OK().Has("Rà soát các hộ vay vốn")
		point := s.read(id).Points[0].ID
		demand := []string{"form", "d", "d-point", point, "d-lead", unit(s, "TX.PN"), "d-with", unit(s, "TX.ND"), "d-indicator", "CT02"}
		c.PostForm(path+"/nhiem-vu", append(demand, "d-due", "2019-10-28")...).Is(http.StatusUnprocessableEntity)
		c.PostForm(path+"/nhiem-vu", append(demand, "d-due", "hôm nào", "d-wanted", "9")...).Is(http.StatusUnprocessableEntity)
		c.PostForm(path+"/nhiem-vu", append(demand, "d-due", "2019-10-28", "d-wanted", "9")...).Follow().OK().Has("Hội LHPN thị xã chủ trì", "phối hợp với Hội Nông dân thị xã", "hạn 28/10/2019", "cần đạt", ": 9")

		ready := c.Get(path + "/ket-luan").OK()
		conclude := []string{"form", "conclude", "conclude-version", ready.Value("conclude-version"), "conclude-chair", ready.Value("conclude-chair"), "conclude-end", "10:45"}
		done := c.PostForm(path+"/ket-luan", conclude...).Follow().OK().Has("Đã kết luận", "nội dung nguyên vẹn", "Phó Bí thư Thường trực Nguyễn Văn Mẫu", "xong 0 trên 1 nhiệm vụ")
		done.LacksElement(`form[action$="/diem"]`, `form[action$="/nhiem-vu"]`)
		c.PostForm(path+"/ket-luan", conclude...).Is(http.StatusConflict).Has("đã được kết luận lúc")
		list := c.Get("/nhiem-vu?hop="+id).OK().Has("Rà soát các hộ vay vốn", "28/10/2019")
		one, _ := list.Find(`th[scope=row] a`).Attr("href")
		c.Get(one).OK().Has("Số liệu cần chuyển biến", "Cần đạt", "chưa có số liệu").HasElement(`.stat-number`)
		if got := c.Get(one).Text(".stats"); !strings.Contains(got, "Cần đạt9 công trình") {
			t.Errorf("the goal's figures read %q", got)
		}
		c.PostForm(path+"/bo-sung", "form", "sup", "sup-text", "Thêm Hội CCB phối hợp", "sup-reason", "Sót đơn vị", "sup-day", "2019-10-02").Follow().OK().Has("Thêm Hội CCB phối hợp", "Lý do: Sót đơn vị")
	})
}

func unit(s *site, code string) string {
	for c, id := range s.id {
		if c == code {
			return itoa(id)
		}
	}
	return ""
}

func itoa(n int64) string {
	text := ""
	for ; n > 0; n /= 10 {
		text = string(rune('0'+n%10)) + text
	}
	return text
}

func TestAgendaPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.concluded("2019-Q3", "2019-10-01")
	s.clock.Advance(at("2020-01-03", "07:00").Sub(s.clock.Now()))
	b := s.convened("2019-Q4", "2020-01-03")
	c := s.stage(t).As(t, s.office)
	path := "/hop-giao-ban/" + b.ID
	c.Get(path+"/chuong-trinh").OK().Has("08:00", "Rà soát các hộ vay vốn ủy thác", "quá hạn")
	c.PostForm(path+"/chuong-trinh", "form", "new", "new-title", "Phát động thi đua", "new-minutes", "15").Follow().OK().Has("Phát động thi đua", "15 phút")
	free := s.read(b.ID).Items
	last := free[len(free)-1]
	c.PostForm(path+"/chuong-trinh/xep", "form", "xep", "xep-id", last.ID, "xep-version", "1", "xep-act", "up").Follow().OK()
	if got := s.read(b.ID).Items; got[len(got)-2].ID != last.ID {
		t.Errorf("the item did not move up: %+v", got)
	}
	c.PostForm(path+"/chuong-trinh/xep", "form", "xep", "xep-id", free[0].ID, "xep-version", "1", "xep-act", "remove").Is(http.StatusConflict).Has("Nhiệm vụ chưa xong thì không bỏ")
	c.PostForm(path+"/chuong-trinh/lam-moi", "form", "build").Follow().OK().Has("Phát động thi đua")
}

func TestChairsPageTellsWhatWasPromised(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.concluded("2019-Q3", "2019-10-01")
	s.clock.Advance(at("2020-01-03", "07:00").Sub(s.clock.Now()))
	b := s.convened("2019-Q4", "2020-01-03")
	p := s.stage(t).As(t, s.chair).Get("/hop-giao-ban/" + b.ID).OK()
	p.Has("Hội nghị giao ban quý IV năm 2019", "Kết luận lần trước", "xong 0 trên 1 nhiệm vụ", "quá hạn 67 ngày", "Chỉ tiêu năm đến")
}

func TestInvitedReadAndOthersFindNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.ready("2019-Q3", "2019-10-01")
		stage := s.stage(t)
		path := "/hop-giao-ban/" + b.ID
		pages := []string{"", "/chuan-bi", "/chuong-trinh", "/diem-danh", "/dien-bien", "/ket-luan"}

		invited := stage.As(t, s.women)
		invited.Get("/hop-giao-ban").OK().Has("Quý III năm 2019")
		for _, page := range pages {
			invited.Get(path + page).OK().Lacks("Rà soát các hộ vay vốn").LacksElement(`main form[method=post]`)
		}
		invited.Get(path + "/tai?giay=moi&dang=ics").OK()
		invited.Get(path + "/tai?giay=ket-luan&dang=docx").Is(http.StatusConflict).Lacks("Rà soát")

		ward := stage.As(t, s.ward)
		ward.Get("/hop-giao-ban").OK().Lacks(b.ID)
		for _, page := range append(pages, "/tai?giay=moi&dang=docx", "/tai?giay=bien-ban&dang=pdf", "/tai?giay=moi&dang=ics") {
			ward.Get(path + page).Is(http.StatusNotFound)
		}
		wardOffice := s.person("van-phong-phuong", "P01", auth.View, auth.Brief)
		stage.As(t, wardOffice).PostForm(path+"/diem", "form", "newk", "newk-kind", "general", "newk-text", "x").Is(http.StatusNotFound)
		stage.As(t, wardOffice).Get("/hop-giao-ban/moi?ky=2019-q3&don-vi=TX").Is(http.StatusNotFound)

		_, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID})
		s.must(err)
		invited.Get(path + "/ket-luan").OK().Has("Rà soát các hộ vay vốn").LacksElement(`main form[method=post]`)
	})
}

// words is the text of a DOCX.
func words(t *testing.T, data []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	xml, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(xml), "</w:p>", "\n")
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
}

func TestDraftsAreMadeOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.concluded("2019-Q3", "2019-10-01")
	s.clock.Advance(at("2020-01-02", "07:00").Sub(s.clock.Now()))
	b := s.convened("2019-Q4", "2020-01-03")
	path := "/hop-giao-ban/" + b.ID
	c := s.stage(t).As(t, s.office)
	c.Get(path).OK().Has("dự thảo").HasElement(`a[href="/ho-so/2019-q4/danh-muc?don-vi=TX"]`)
	file := func(paper string) string {
		return strings.Join(strings.Fields(words(t, c.Get(path+"/tai?dang=docx&giay="+paper).OK().Body)), " ")
	}
	for paper, want := range map[string][]string{
		"bien-ban": {"DỰ THẢO", "mời 04; có mặt ……", "Trần Thị Ví Dụ, Chủ tịch, Hội LHPN thị xã", "2. Kiểm điểm việc thực hiện kết luận trước", "Rà soát các hộ vay vốn ủy thác - Hội LHPN thị xã.",
			"Báo cáo tổng hợp kết quả công tác:", "Kết luận của chủ tọa", "Hội nghị kết thúc vào …… giờ …… phút, ngày 03 tháng 01 năm 2020"},
		"ket-luan": {"DỰ THẢO", "Thành phần dự (theo giấy mời): Ủy ban MTTQ Việt Nam thị xã", "(1) Tiếp tục thực hiện nhiệm vụ: rà soát các hộ vay vốn ủy thác (thời hạn 28/10/2019, đang thực hiện, quá hạn 66 ngày).",
			"Hội LHPN thị xã chủ trì, phối hợp với Hội Nông dân thị xã thực hiện; thời hạn mới: ………"},
		"nhiem-vu": {"DỰ THẢO", "trình Hội nghị giao ban quý IV năm 2019", "kết luận Hội nghị giao ban quý III năm 2019 (Thông báo số 127-TB/ThU ngày 01/10/2019) giao 01 nhiệm vụ: 01 đang thực hiện (01 quá hạn).",
			"Chủ trì: Hội LHPN thị xã"},
	} {
		text := file(paper)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", paper, w, text)
			}
		}
	}
	// What the office writes takes the place of what was proposed.
	point, err := s.briefings.PutPoint(ctx, s.office, b.ID, briefing.Point{Kind: briefing.Requirement, Text: "Chuẩn bị Tết cho hộ nghèo"})
	s.must(err)
	s.must(s.briefings.PutDemand(ctx, s.office, b.ID, briefing.Demand{Point: point, Lead: s.id["TX.ND"], Due: "2020-01-20"}))
	if text := file("ket-luan"); !strings.Contains(text, "(1) Chuẩn bị Tết cho hộ nghèo.") || strings.Contains(text, "Tiếp tục thực hiện") {
		t.Errorf("the notice does not follow the office:\n%s", text)
	}
	if text := file("nhiem-vu"); !strings.Contains(text, "Nhiệm vụ dự kiến giao tại hội nghị") || !strings.Contains(text, "Chuẩn bị Tết cho hộ nghèo") {
		t.Errorf("the list does not say what is meant to be asked:\n%s", text)
	}
	// Of the agenda's tasks the invited open their own.
	task := b.Items[0].URL
	s.stage(t).As(t, s.women).Get(path + "/chuong-trinh").OK().HasElement(`a[href="` + task + `"]`)
	alone := s.person("mat-tran", "TX.MT", auth.View, auth.Do)
	s.stage(t).As(t, alone).Get(path + "/chuong-trinh").OK().Has("Rà soát các hộ vay vốn ủy thác").LacksElement(`a[href="` + task + `"]`)
	invited := s.stage(t).As(t, s.women)
	for _, paper := range []string{"ket-luan", "nhiem-vu"} {
		invited.Get(path + "/tai?dang=pdf&giay=" + paper).Is(http.StatusConflict).Lacks("Rà soát")
	}
	s.must(s.briefings.Cancel(ctx, s.office, b.ID, s.read(b.ID).Version, "Bão"))
	for _, paper := range []string{"bien-ban", "ket-luan", "nhiem-vu"} {
		c.Get(path + "/tai?dang=pdf&giay=" + paper).Is(http.StatusConflict)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	b := s.ready("2019-Q3", "2019-10-01")
	marks := present(b)
	marks[3].Attendance, marks[3].Reason, marks[3].Substitute, marks[3].SubstituteTitle = briefing.Substituted, "đi công tác", "Lê Thị Thay", "Phó Chủ tịch"
	for i := range marks {
		marks[i].Version = 2
	}
	s.must(s.briefings.MarkAll(ctx, s.office, b.ID, marks))
	s.must(s.briefings.PutStatement(ctx, s.office, b.ID, briefing.Statement{Unit: s.id["TX.ND"], Speaker: "Lê Thị Thay", Title: "Phó Chủ tịch", Kind: briefing.Proposal, Text: "Xin thêm vốn", Clock: "09:10"}))
	s.must(s.briefings.PutFinding(ctx, s.office, b.ID, briefing.Finding{Kind: briefing.Shortcoming, Text: "Một số đơn vị gửi báo cáo chậm"}))
	s.must(s.briefings.PutFinding(ctx, s.office, b.ID, briefing.Finding{Kind: briefing.Result, Text: "Hoàn thành nhiều chỉ tiêu"}))
	c := s.stage(t).As(t, s.office)
	file := func(paper string) string {
		return words(t, c.Get("/hop-giao-ban/"+b.ID+"/tai?dang=docx&giay="+paper).OK().Body)
	}
	draft := file("ket-luan")
	if !strings.Contains(draft, "ngày "+strings.Repeat("\u00a0", 6)+" tháng 10 năm 2019") {
		t.Errorf("a draft of the notice bears a day:\n%s", draft)
	}
	b = s.read(b.ID)
	_, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID, End: at("2019-10-01", "10:45"), Notice: briefing.Number{Number: "127", Date: "2019-10-03"}})
	s.must(err)
	for paper, want := range map[string][]string{
		"moi": {"GIẤY MỜI", "ĐẢNG CỘNG SẢN VIỆT NAM", "Số 45-GM/ThU", "Dự Hội nghị giao ban quý III năm 2019", "Trần Thị Ví Dụ, Chủ tịch, Hội LHPN thị xã",
			"Thời gian: 08 giờ 00 phút, thứ Ba, ngày 01 tháng 10 năm 2019.", "Địa điểm: Phòng họp số 1, trụ sở Thị ủy.", "ngày 24 tháng 9 năm 2019"},
		"bien-ban": {"BIÊN BẢN", "Lê Văn Thử, Chủ tịch, Hội Nông dân thị xã: Lê Thị Thay, Phó Chủ tịch dự thay (đi công tác)", "đề xuất, kiến nghị: ", "Xin thêm vốn.",
			"Hội nghị kết thúc vào 10 giờ 45 phút, ngày 01 tháng 10 năm 2019./."},
		"ket-luan": {"THÔNG BÁO", "kết luận của đồng chí Nguyễn Văn Mẫu, Phó Bí thư Thường trực Thị ủy", "Số 127-TB/ThU", "ngày 03 tháng 10 năm 2019", "1. Kết quả đạt được", "Hoàn thành nhiều chỉ tiêu.",
			"2. Hạn chế", "Một số đơn vị gửi báo cáo chậm.", "3. Kết luận và nhiệm vụ thời gian tới", "Hội LHPN thị xã chủ trì, phối hợp với Hội Nông dân thị xã thực hiện; hoàn thành chậm nhất ngày 28/10/2019",
			"Giao Văn phòng Thị ủy theo dõi, đôn đốc việc thực hiện Thông báo này./.", "T/M BAN THƯỜNG VỤ", "K/T BÍ THƯ", "PHÓ BÍ THƯ", "Lưu Văn phòng Thị ủy"},
		"nhiem-vu": {"DANH MỤC NHIỆM VỤ", "Rà soát các hộ vay vốn ủy thác", "Hội LHPN thị xã", "28/10/2019", "đang thực hiện"},
	} {
		text := file(paper)
		flat := strings.Join(strings.Fields(text), " ") // a title may be broken into lines
		for _, w := range want {
			if !strings.Contains(flat, w) {
				t.Errorf("%s lacks %q:\n%s", paper, w, text)
			}
		}
		pdf := c.Get("/hop-giao-ban/" + b.ID + "/tai?dang=pdf&giay=" + paper).OK()
		if !bytes.HasPrefix(pdf.Body, []byte("%PDF-")) {
			t.Errorf("%s is no PDF", paper)
		}
	}
	minutes := file("bien-ban")
	if left, right := strings.Index(minutes, "THƯ KÝ"), strings.Index(minutes, "CHỦ TỌA"); left < 0 || right < left {
		t.Errorf("the secretary does not sign before the chair: %d, %d", left, right)
	}
	c.Get("/hop-giao-ban/" + b.ID + "/tai?giay=nhiem-vu&dang=xlsx").OK()
	c.Get("/hop-giao-ban/" + b.ID + "/tai?giay=bien-ban&dang=ics").Is(http.StatusNotFound)
	if ics := string(c.Get("/hop-giao-ban/" + b.ID + "/tai?giay=moi&dang=ics").OK().Body); !strings.Contains(ics, "UID:"+b.ID+"@giaoban") || !strings.Contains(ics, "SEQUENCE:0") {
		t.Errorf("the calendar entry reads:\n%s", ics)
	}
}
