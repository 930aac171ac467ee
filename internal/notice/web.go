package notice

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

const (
	pagePath     = "/thong-bao"
	choicePath   = "/thong-bao/cach-nhan"
	calendarType = "text/calendar; charset=utf-8"
)

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/thong-bao", auth.SignedIn, s.showMine)
	r.Post("/thong-bao/da-doc", auth.SignedIn, s.readAll)
	r.Get("/thong-bao/cach-nhan", auth.SignedIn, s.showChoices)
	r.Post("/thong-bao/cach-nhan", auth.SignedIn, s.saveChoices)
	r.Get("/thong-bao/lich.ics", auth.SignedIn, s.download)
	r.Post("/thong-bao/lich", auth.SignedIn, s.openCalendar)
	r.Post("/thong-bao/lich/thu-hoi", auth.SignedIn, s.closeCalendar)
	r.Post("/thong-bao/{id}", auth.SignedIn, s.open)
	r.Get("/lich/{key}", auth.Public, s.subscribed) // the key in the address is what lets in
}

func (s *Service) showMine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.Mine(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Thông báo"), Lead: web.T(ctx, "Những việc liên quan đến bạn: báo cáo trả lại, được tiếp nhận, thay đổi sau khi duyệt, sắp đến hạn.")}
	return web.Show(w, r, page, listBody(list))
}

// open marks a notice as read and leads to what it is about.
func (s *Service) open(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	n, err := s.Read(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, n.Path, "")
}

func (s *Service) readAll(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.ReadAll(ctx, auth.From(ctx)); err != nil {
		return err
	}
	return web.Redirect(w, r, pagePath, web.T(ctx, "Đã đánh dấu đọc tất cả."))
}

func choicesPage(ctx context.Context) web.Page {
	return web.Page{Title: web.T(ctx, "Cách tôi nhận thông báo"), Crumbs: []web.Crumb{{Label: web.T(ctx, "Thông báo"), Path: pagePath}},
		Lead: web.T(ctx, "Mọi thông báo đều có ở trang Thông báo. Ở đây chọn việc gì được báo thêm bằng thư, ngay hay gộp lại.")}
}

func (s *Service) choices(r *http.Request) (c Choices, calendar int64, err error) {
	ctx := r.Context()
	if c, err = s.Choices(ctx, auth.From(ctx)); err != nil {
		return c, 0, err
	}
	calendar, err = s.Calendar(ctx, auth.From(ctx))
	return c, calendar, err
}

func (s *Service) showChoices(w http.ResponseWriter, r *http.Request) error {
	c, calendar, err := s.choices(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, choicesPage(r.Context()), choicesBody(c, calendar, ""))
}

func (s *Service) saveChoices(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, calendar, err := s.choices(r)
	if err != nil {
		return err
	}
	asked := map[Kind]Way{}
	for _, k := range Kinds {
		if way := web.Value(r, string(k)); way != "" {
			asked[k] = Way(way)
			c.Ways[k] = Way(way)
		}
	}
	if len(asked) == 0 {
		return fault.Invalid("", "Hãy chọn một cách trong danh sách.")
	}
	if err := s.Choose(ctx, auth.From(ctx), asked); err != nil {
		return web.Invalid(w, r, err, choicesPage(ctx), choicesBody(c, calendar, ""))
	}
	return web.Redirect(w, r, choicePath, web.T(ctx, "Đã ghi cách nhận thông báo."))
}

// openCalendar shows the new address once: its key is kept nowhere in the clear, so that the page cannot be a redirect's.
func (s *Service) openCalendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, err := s.OpenCalendar(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	c, calendar, err := s.choices(r)
	if err != nil {
		return err
	}
	address, err := s.siteAddress(ctx)
	if err != nil {
		return err
	}
	if address == "" {
		address = "http://" + r.Host
		if s.opt.Secure {
			address = "https://" + r.Host
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Show(w, r, choicesPage(ctx), choicesBody(c, calendar, address+"/lich/"+key+".ics"))
}

func (s *Service) closeCalendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.CloseCalendar(ctx, auth.From(ctx)); err != nil {
		return err
	}
	return web.Redirect(w, r, choicePath+"#lich", web.T(ctx, "Đã thu hồi địa chỉ lịch. Ứng dụng lịch đang dùng địa chỉ đó không cập nhật được nữa."))
}

func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.Deadlines(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	web.Attachment(w, web.T(ctx, "Hạn công việc")+".ics", calendarType)
	return s.calendar(ctx, w, list)
}

// subscribed answers a calendar program, which has no session: what it may read follows from the key alone.
func (s *Service) subscribed(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, found := strings.CutSuffix(r.PathValue("key"), ".ics")
	if !found {
		return fault.NotFound()
	}
	who, err := s.CalendarOf(ctx, key)
	if err != nil {
		return err
	}
	list, err := s.Deadlines(ctx, who)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", calendarType)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	w.Header().Set("X-Robots-Tag", "noindex")
	return s.calendar(ctx, w, list)
}

// calendar writes the file whole or not at all.
func (s *Service) calendar(ctx context.Context, w http.ResponseWriter, list []doc.Deadline) error {
	name := "Hạn công việc"
	if s.opt.SiteName != nil {
		name += " - " + s.opt.SiteName(ctx)
	}
	var b bytes.Buffer
	if err := doc.Calendar(&b, name, list); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// said is a notice in the reader's language.
func said(ctx context.Context, n Notice) string { return n.Say(web.Lang(ctx)) }

func unread(list []Notice) bool { return len(list) > 0 && list[0].Read == 0 }

func wayOptions(ctx context.Context, k Kind) []web.Option {
	var out []web.Option
	for _, w := range k.Ways() {
		out = append(out, web.Option{Value: string(w), Label: web.T(ctx, w.Name())})
	}
	return out
}
