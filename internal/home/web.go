package home

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount mounts the quarter's page and the front page.
func (s *Service) Mount(r *web.Router) {
	r.Get("/{$}", auth.Public, s.showFront)
	r.Get("/viec-cua-toi", auth.SignedIn, s.showMine)
	r.Get("/giao-ban", auth.View, s.showCurrent)
	r.Get("/giao-ban/{period}", auth.View, s.showQuarter)
}

// frontItems is how many news items the front page shows.
const frontItems = 5

func (s *Service) showFront(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	items, err := s.Articles.Latest(ctx, frontItems, 0)
	if err != nil {
		return err
	}
	who := auth.From(ctx)
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Giao ban với Mặt trận và các tổ chức chính trị - xã hội"), Public: true,
		Lead: web.T(ctx, "Kết quả vận động, đóng góp của Nhân dân và việc thực hiện kết luận giao ban, công khai theo từng quý.")}, frontBody(items, who))
}

func (s *Service) showCurrent(w http.ResponseWriter, r *http.Request) error {
	p, err := s.current(r.Context())
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/giao-ban/"+p.Slug(), "")
}

func (s *Service) showQuarter(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return err
	}
	who := auth.From(ctx)
	q, err := s.Quarter(ctx, who, web.Value(r, "don-vi"), p)
	if err != nil {
		return err
	}
	title := web.T(ctx, "Giao ban %s", q.Period)
	if q.Unit.ID == 0 {
		return web.Show(w, r, web.Page{Title: title, Nav: "quarter"}, noUnits(who))
	}
	return web.Show(w, r, web.Page{Title: title, Lead: q.Unit.Name, Nav: "quarter", Wide: true}, quarterBody(q, steps(ctx, q, who), next(ctx, q, who), who))
}

func at(q Quarter, path string) string {
	return web.URL(path, "don-vi", q.Unit.Code, "ky", q.Period.Slug())
}

// steps says where the loop stands. A step leads only where this person may go.
func steps(ctx context.Context, q Quarter, who auth.Actor) []web.Step {
	state := func(done, begun bool) web.StepState {
		switch {
		case done:
			return web.StepDone
		case begun:
			return web.StepCurrent
		}
		return web.StepWaiting
	}
	n := q.Summary
	given := web.Step{Label: web.T(ctx, "Đơn vị gửi báo cáo"), Path: at(q, "/bao-cao"), State: state(n.Expected > 0 && n.Sent == n.Expected, n.Sent > 0 || q.Entered > 0),
		Text: web.T(ctx, "%d trên %d đơn vị đã gửi", n.Sent, n.Expected)}
	if n.Missing > 0 {
		given.State = web.StepLate
		given.Text = web.T(ctx, "%d trên %d đơn vị đã gửi, %d đơn vị quá hạn", n.Sent, n.Expected, n.Missing)
	}
	out := []web.Step{
		{Label: web.T(ctx, "Nhập số liệu"), Path: "/so-lieu/" + q.Unit.Code + "/" + q.Period.Slug() + "/tong-hop", State: state(n.Expected > 0 && q.Entered >= n.Expected, q.Entered > 0),
			Text: web.T(ctx, "%d đơn vị đã có số liệu", q.Entered)},
		given,
		{Label: web.T(ctx, "Duyệt"), Path: at(q, "/bao-cao"), State: state(n.Expected > 0 && n.Approved == n.Expected, n.Approved > 0), Text: web.T(ctx, "%d báo cáo đã duyệt", n.Approved)},
	}
	frozen := q.Consolidated.State == report.StateFrozen
	consolidated := web.Step{Label: web.T(ctx, "Báo cáo tổng hợp"), Path: at(q, "/bao-cao"), State: state(frozen, q.Consolidated.Version > 0), Text: web.T(ctx, q.Consolidated.State.Name())}
	if q.Consolidated.ID != "" {
		consolidated.Path = "/bao-cao/" + q.Consolidated.ID
	}
	held := q.HasBriefing && (q.Briefing.State == briefing.Held || q.Briefing.State == briefing.Concluded)
	meeting := web.Step{Label: web.T(ctx, "Hội nghị giao ban"), State: state(held, q.HasBriefing), Text: web.T(ctx, "chưa triệu tập")}
	conclusion := web.Step{Label: web.T(ctx, "Kết luận"), State: state(q.HasBriefing && q.Briefing.State == briefing.Concluded, held)}
	if who.Has(auth.Brief) {
		meeting.Path = web.URL("/hop-giao-ban/moi", "ky", q.Period.Slug(), "don-vi", q.Unit.Code)
	}
	if q.HasBriefing {
		meeting.Path = "/hop-giao-ban/" + q.Briefing.ID
		meeting.Text = web.T(ctx, q.Briefing.State.Name()) + ", " + viet.FormatDate(q.Briefing.Day)
		conclusion.Path = meeting.Path
		if q.Briefing.Concluder != "" {
			conclusion.Text = q.Briefing.Concluder
		}
	}
	tasks := web.Step{Label: web.T(ctx, "Nhiệm vụ"), Path: "/nhiem-vu", State: state(q.Tasks.Total > 0 && q.Tasks.Open+q.Tasks.Reported == 0, q.Tasks.Total > 0),
		Text: web.T(ctx, "%d đang làm, %d quá hạn, %d hoàn thành", q.Tasks.Open, q.Tasks.Overdue, q.Tasks.Accepted)}
	if q.Tasks.Overdue > 0 {
		tasks.State = web.StepLate
	}
	news := web.Step{Label: web.T(ctx, "Đăng tin"), State: state(q.HasArticle && q.Article.PublishedAt > 0, q.HasArticle)}
	if who.Has(auth.Edit) {
		news.Path = "/bai-viet"
	}
	if q.HasArticle {
		news.Text = web.T(ctx, q.Article.State.Name())
		if q.Article.State == article.Published {
			news.Path = "/tin/" + q.Article.Slug
		} else if who.Has(auth.Edit) {
			news.Path = "/bai-viet/" + q.Article.ID
		}
	}
	return append(out, consolidated, meeting, conclusion, tasks, news)
}

// said is a comparison in words; a sign before a percentage is easily overlooked on a telephone.
func (c Change) said(ctx context.Context) string {
	switch {
	case c.Way == Incomparable:
		return web.T(ctx, "không so sánh được")
	case c.Way == Even && c.About:
		return web.T(ctx, "tương đương")
	case c.Way == Even:
		return web.T(ctx, "không đổi")
	case c.Way == Up && c.About:
		return web.T(ctx, "tăng khoảng %s", c.Percent)
	case c.Way == Up:
		return web.T(ctx, "tăng %s", c.Percent)
	case c.Way == Down && c.About:
		return web.T(ctx, "giảm khoảng %s", c.Percent)
	case c.Way == Down:
		return web.T(ctx, "giảm %s", c.Percent)
	}
	return ""
}

// Action is the next thing to do.
type Action struct{ Text, Path, Label string }

// next says what this person should do next, or nothing.
func next(ctx context.Context, q Quarter, who auth.Actor) []Action {
	var out []Action
	add := func(text, path, label string) { out = append(out, Action{text, path, label}) }
	n := q.Summary
	for _, r := range q.Board.Rows {
		if r.Unit.ID == q.Unit.ID && who.Has(auth.Submit) && !r.State.Given() {
			add(web.T(ctx, "Báo cáo của đơn vị bạn chưa gửi (hạn %s).", viet.FormatDate(r.Due)), "/bao-cao-don-vi/"+r.Unit.Code+"/"+q.Period.Slug(), web.T(ctx, "Mở báo cáo"))
		}
	}
	if who.Has(auth.Enter) {
		add(web.T(ctx, "Nhập hoặc sửa số liệu của đơn vị trong kỳ."), web.URL("/so-lieu", "ky", q.Period.Slug()), web.T(ctx, "Nhập số liệu"))
	}
	if who.Has(auth.Consolidate) {
		if n.Missing > 0 {
			add(web.T(ctx, "%d đơn vị quá hạn chưa gửi báo cáo; hãy đôn đốc.", n.Missing), at(q, "/bao-cao"), web.T(ctx, "Xem danh sách"))
		}
		if waiting := n.Sent - n.Approved; waiting > 0 {
			add(web.T(ctx, "%d báo cáo đang chờ duyệt.", waiting), at(q, "/bao-cao"), web.T(ctx, "Duyệt"))
		}
		switch {
		case q.Consolidated.Version == 0:
			add(web.T(ctx, "Chưa có báo cáo tổng hợp của kỳ; bản thảo được soạn từ số liệu."), at(q, "/bao-cao"), web.T(ctx, "Soạn báo cáo"))
		case q.Consolidated.State != report.StateFrozen:
			add(web.T(ctx, "Báo cáo tổng hợp đang soạn, chưa chốt."), "/bao-cao/"+q.Consolidated.ID, web.T(ctx, "Mở báo cáo"))
		}
	}
	if who.Has(auth.Brief) && q.Consolidated.Version > 0 && !q.HasBriefing {
		add(web.T(ctx, "Chưa triệu tập hội nghị giao ban của kỳ."), web.URL("/hop-giao-ban/moi", "ky", q.Period.Slug(), "don-vi", q.Unit.Code), web.T(ctx, "Triệu tập"))
	}
	if who.Has(auth.Brief) && q.HasBriefing && q.Briefing.State != briefing.Concluded && q.Briefing.State != briefing.Cancelled {
		add(web.T(ctx, "Hội nghị giao ban %s.", web.T(ctx, q.Briefing.State.Name())), "/hop-giao-ban/"+q.Briefing.ID, web.T(ctx, "Mở hội nghị"))
	}
	if q.Tasks.Overdue > 0 {
		add(web.T(ctx, "%d nhiệm vụ quá hạn.", q.Tasks.Overdue), "/nhiem-vu?qua-han=1", web.T(ctx, "Xem nhiệm vụ"))
	}
	if who.Has(auth.Edit) && q.Consolidated.State == report.StateFrozen && !q.HasArticle {
		add(web.T(ctx, "Báo cáo đã chốt, chưa có tin bài."), web.URL("/bai-viet", "ky", q.Period.Code), web.T(ctx, "Soạn tin"))
	}
	return out
}

func paceBadge(kind string) string {
	switch kind {
	case "reached", "on-pace":
		return "ok"
	case "behind":
		return "warn"
	case "at-risk":
		return "bad"
	}
	return "mute"
}

func moment(milli int64) string { return viet.FormatDateTime(clock.At(milli)) }

func late(rows []report.Row, most int) []report.Row {
	var out []report.Row
	for _, r := range rows {
		if r.Missing && len(out) < most {
			out = append(out, r)
		}
	}
	return out
}

func quarterURL(p period.Period, u org.Unit) templ.SafeURL {
	return templ.SafeURL(web.URL("/giao-ban/"+p.Slug(), "don-vi", u.Code))
}
