package mail

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// Mount puts the house's page on the router.
func (s *Service) Mount(r *web.Router) {
	p := pages{s}
	r.Get("/thu", auth.Admin, p.list)
	r.Post("/thu/thu-nghiem", auth.Admin, p.test)
	r.Post("/thu/{id}/gui-lai", auth.Admin, p.act(s.Hurry, "Thư sẽ được gửi lại ngay."))
	r.Post("/thu/{id}/huy", auth.Admin, p.act(s.Cancel, "Đã hủy thư."))
	r.Post("/thu/{id}/tra-lai", auth.Admin, p.act(s.Returned, "Đã ghi nhận thư bị trả lại."))
}

type pages struct{ *Service }

const (
	navKey  = "mail"
	perPage = 30
)

type listPage struct {
	Page
	State   State
	Pager   web.PagerProps
	Address string // as typed
}

func (p pages) frame(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Thư"), Nav: navKey, Lead: web.T(ctx, "Thư hệ thống gửi cho những người bạn quản trị. Nội dung thư không hiện ở đây và được xóa ngay khi thư gửi xong.")}
}

func (p pages) list(w http.ResponseWriter, r *http.Request) error {
	l, err := p.read(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, p.frame(r.Context()), listBody(l))
}

func (p pages) read(r *http.Request) (listPage, error) {
	l := listPage{State: State(web.Value(r, "tinh-trang")), Address: web.Value(r, "mail")}
	if !slices.Contains(States, l.State) {
		l.State = ""
	}
	page := web.PageNumber(r)
	var err error
	l.Page, err = p.List(r.Context(), auth.From(r.Context()), l.State, perPage, (page-1)*perPage)
	l.Pager = web.PagerProps{Page: page, Pages: (l.Total + perPage - 1) / perPage, URL: listPath(l.State)}
	return l, err
}

func listPath(state State) string { return web.URL("/thu", "tinh-trang", string(state)) }

func (p pages) test(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.SendTest(ctx, auth.From(ctx), web.Value(r, "mail")); err != nil {
		if fault.All(err) == nil {
			return err
		}
		l, listErr := p.read(r)
		if listErr != nil {
			return listErr
		}
		return web.Invalid(w, r, err, p.frame(ctx), listBody(l))
	}
	return web.Redirect(w, r, "/thu", web.T(ctx, "Thư thử sẽ được gửi ngay. Kết quả hiện trong danh sách sau ít giây."))
}

// act does a verb on the letter of the path. done is Vietnamese, for T.
func (p pages) act(do func(context.Context, auth.Actor, string) error, done string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		if err := do(ctx, auth.From(ctx), r.PathValue("id")); err != nil {
			return err
		}
		return web.Redirect(w, r, "/thu", web.T(ctx, done))
	}
}

func stateTabs(ctx context.Context, p listPage) []web.Tab {
	all := 0
	for _, n := range p.Counts {
		all += n
	}
	tabs := []web.Tab{{Label: web.T(ctx, "Tất cả") + " (" + strconv.Itoa(all) + ")", Path: "/thu", Current: p.State == ""}}
	for _, s := range States {
		tabs = append(tabs, web.Tab{Label: web.T(ctx, s.Name()) + " (" + strconv.Itoa(p.Counts[s]) + ")", Path: listPath(s), Current: p.State == s})
	}
	return tabs
}

func badge(s State) string {
	switch s {
	case Sent:
		return "ok"
	case Waiting:
		return "info"
	case Failed, Bounced:
		return "bad"
	}
	return "mute"
}

// about says what became of a letter, and what comes next.
func about(ctx context.Context, l Letter) (lines []string) {
	if l.Reason != "" {
		text := web.T(ctx, l.Reason.Name())
		if l.Code != "" {
			text += " (SMTP " + l.Code + ")"
		}
		lines = append(lines, text)
	}
	switch {
	case l.State != Waiting:
		lines = append(lines, web.T(ctx, "Lúc %s", web.Moment(l.Changed)))
	case l.Dead:
		lines = append(lines, web.T(ctx, "Hệ thống đã thôi tự thử lại."))
	case l.Next == 0:
		lines = append(lines, web.T(ctx, "Sẽ gửi ngay."))
	default:
		lines = append(lines, web.T(ctx, "Thử lại lúc %s, không gửi nữa sau %s.", web.Moment(l.Next), web.Moment(l.Until)))
	}
	return lines
}
