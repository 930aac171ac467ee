package task_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/task"
	"giaoban/internal/web/webtest"
)

func TestTaskPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		stage := webtest.NewStage(t, s.tasks.Mount)
		id := s.asked().ID
		path := "/nhiem-vu/" + id
		office, women, ward := stage.As(t, s.office), stage.As(t, s.women), stage.As(t, s.ward)

		t.Run("the list can be filtered without marks", func(t *testing.T) {
			office.Get("/nhiem-vu?tim=ho+vay").OK().Has("Rà soát hộ vay vốn ủy thác", "Hội LHPN thị xã", "15/10/2019", "chưa có báo cáo tiến độ")
			office.Get("/nhiem-vu?tim=khac+han").OK().Has("Không có nhiệm vụ nào").Lacks("Rà soát hộ vay")
			office.Get("/nhiem-vu?tinh-trang=qua-han").OK().Lacks("Rà soát hộ vay")
		})
		t.Run("a body that has no part in a task finds nothing of it", func(t *testing.T) {
			ward.Get("/nhiem-vu").OK().Lacks("Rà soát hộ vay", id)
			ward.Get(path).Is(http.StatusNotFound)
			ward.Get("/nhiem-vu/tep?dang=csv").OK().Lacks("Rà soát hộ vay")
			ward.PostForm(path+"/tien-do", "version", "1", "tien-do-share", "10", "tien-do-text", "x").Is(http.StatusNotFound)
		})
		t.Run("only the steps that the actor may do are offered", func(t *testing.T) {
			women.Get(path).OK().HasElement(`form[action$="/tien-do"]`, `form[action$="/hoan-thanh"]`, `form[action$="/gia-han"]`).
				LacksElement(`form[action$="/nghiem-thu"]`, `form[action$="/huy"]`)
			stage.As(t, s.chair).Get(path).OK().HasElement(`form[action$="/huy"]`).LacksElement(`form[action$="/tien-do"]`, `form[action$="/nghiem-thu"]`)
			stage.As(t, s.farmers).Get(path).OK().HasElement(`form[action$="/tien-do"]`).LacksElement(`form[action$="/hoan-thanh"]`)
		})
		t.Run("a wrong form keeps what was typed and says what is wrong at the field", func(t *testing.T) {
			p := women.PostForm(path+"/tien-do", "version", "1", "tien-do-share", "140", "tien-do-text", "Đã làm nhiều")
			p.Is(http.StatusUnprocessableEntity).Has("Mức độ hoàn thành phải từ 0 đến 100").HasElement("#f-tien-do-share-error")
			if p.Value("tien-do-text") != "Đã làm nhiều" || p.Value("tien-do-share") != "140" {
				t.Errorf("typed values are lost: %q, %q", p.Value("tien-do-text"), p.Value("tien-do-share"))
			}
		})
		t.Run("a task goes its way by forms alone", func(t *testing.T) {
			women.PostForm(path+"/tien-do", "version", "1", "tien-do-share", "50", "tien-do-text", "Xong một nửa").Follow().OK().Has("Đã ghi báo cáo tiến độ", "Xong một nửa", "50%")
			women.PostForm(path+"/gia-han", "version", "2", "gia-han-due", "2019-10-30", "gia-han-reason", "Chờ số liệu").Follow().OK().Has("xin gia hạn đến 30/10/2019")
			office.PostForm(path+"/quyet-gia-han", "version", "3", "quyet-gia-han-grant", "yes").Follow().OK().Has("30/10/2019", "ban đầu 15/10/2019, gia hạn 1 lần")
			women.PostForm(path+"/hoan-thanh", "version", "4", "hoan-thanh-text", "Xong", "hoan-thanh-evidence", "https://vi.du/a?b=1").Follow().OK().
				Has("chờ nghiệm thu").HasElement(`a[href="https://vi.du/a?b=1"][rel~="noopener"]`)
			women.PostForm(path+"/nghiem-thu", "version", "5").Is(http.StatusNotFound)
			office.PostForm(path+"/tra-lai", "version", "5").Is(http.StatusUnprocessableEntity).HasElement("#f-tra-lai-reason-error")
			office.PostForm(path+"/nghiem-thu", "version", "4").Is(http.StatusConflict).Has("vừa được người khác cập nhật")
			office.PostForm(path+"/nghiem-thu", "version", "5", "nghiem-thu-text", "Tốt").Follow().OK().Has("Đã nghiệm thu nhiệm vụ", "hoàn thành")
		})
		t.Run("a script in a text stays text", func(t *testing.T) {
			bad := s.asked(func(x *task.Task) { x.Text, x.Evidence = "<script>alert(1)</script> & =1+1", "" }).ID
			s.must(s.tasks.Progress(ctx, s.women, bad, 1, 10, "x", "javascript:alert(1)"))
			office.Get("/nhiem-vu/"+bad).OK().LacksElement("main script", `a[href^="javascript"]`)
		})
	})
}

func TestFilesOfTasks(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.asked(func(x *task.Task) { x.Text = "=HYPERLINK(\"http://x\")" })
	stage := webtest.NewStage(t, s.tasks.Mount)
	csv := stage.As(t, s.office).Get("/nhiem-vu/tep?dang=csv").OK()
	if !bytes.HasPrefix(csv.Body, []byte("\xEF\xBB\xBFSTT,Nhiệm vụ")) || !strings.Contains(string(csv.Body), `"'=HYPERLINK(""http://x"")"`) {
		t.Errorf("the CSV reads:\n%s", csv.Body)
	}
	book, err := excelize.OpenReader(bytes.NewReader(stage.As(t, s.office).Get("/nhiem-vu/tep?dang=xlsx").OK().Body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Nhiệm vụ")
	if err != nil || len(rows) != 2 || rows[1][1] != `=HYPERLINK("http://x")` || rows[1][2] != "Hội LHPN thị xã" {
		t.Errorf("the workbook reads %v, %v", rows, err)
	}
	if formula, _ := book.GetCellFormula("Nhiệm vụ", "B2"); formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
}

func TestRoutesNameTheirPermission(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	stage := webtest.NewStage(t, s.tasks.Mount)
	for _, r := range stage.Router.Routes() {
		if strings.HasPrefix(r.Pattern, "/nhiem-vu") && r.Method == http.MethodPost && r.Permission != auth.Do && r.Permission != auth.Judge {
			t.Errorf("%s asks for %q", r.Pattern, r.Permission)
		}
	}
}
