package door

import (
	"context"
	"net/http"
	"strings"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// sessionsOf are a person's open sessions, the one that asks marked and first.
func (p pages) sessionsOf(ctx context.Context, who auth.Actor, person string) ([]Session, error) {
	list, err := p.Sessions(ctx, who, person)
	if err != nil {
		return nil, err
	}
	here := p.sessions.GetString(ctx, sessionID)
	for i, x := range list {
		if x.ID == here {
			x.Here = true
			copy(list[1:i+1], list[:i])
			list[0] = x
		}
	}
	return list, nil
}

func (p pages) endOwn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if err := p.EndSession(ctx, who, who.Person, web.Value(r, "phien")); err != nil {
		return err
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã kết thúc phiên đăng nhập."))
}

func (p pages) endOwnOthers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	n, err := p.EndSessions(ctx, who, who.Person, p.sessions.GetString(ctx, sessionID))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã kết thúc %d phiên đăng nhập khác.", n))
}

// sayStrange tells on the next page that somebody came in from a device that was new, until the person has answered.
func (p pages) sayStrange(r *http.Request, person string) error {
	ctx := r.Context()
	history, err := p.History(ctx, auth.Actor{Person: person}, person)
	if err != nil {
		return err
	}
	if strange := Strange(history, p.sessions.GetString(ctx, sessionPlace)); len(strange) > 0 {
		web.Flash(r, web.T(ctx, "Có lần đăng nhập từ thiết bị mới: %s, lúc %s. Hãy mở trang Tài khoản của bạn và cho biết có phải bạn không.",
			deviceText(ctx, strange[0].Device), web.Moment(strange[0].At)))
	}
	return nil
}

func (p pages) answerStrange(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	if web.Value(r, "toi") == "1" {
		if err := p.Recognise(ctx, who, p.sessions.GetString(ctx, sessionPlace)); err != nil {
			return err
		}
		return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Đã ghi nhận là bạn."))
	}
	if _, err := p.Disown(ctx, who, p.sessions.GetString(ctx, sessionID), p.sessions.GetString(ctx, sessionPlace)); err != nil {
		return err
	}
	return web.Redirect(w, r, "/tai-khoan", web.T(ctx, "Mọi phiên khác đã kết thúc. Hãy đổi mật khẩu ngay bây giờ, rồi báo cho người quản trị."))
}

// entryView is what the page about how another person gets in shows.
type entryView struct {
	One      account.Person
	Today    string
	Self     bool
	Factors  Factors
	Sessions []Session
	History  []Arrival
	Email    string
	Slip     int64 // until when their slip holds, 0 without one
}

func personCrumbs(ctx context.Context, id, name string) []web.Crumb {
	return []web.Crumb{{Label: web.T(ctx, "Người dùng"), Path: "/nguoi-dung"}, {Label: name, Path: web.Path("nguoi-dung", id)}}
}

func (p pages) entry(w http.ResponseWriter, r *http.Request) error { return p.showEntry(w, r, nil) }

// showEntry shows the page, again with what is wrong when that is a fault.
func (p pages) showEntry(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	who := auth.From(ctx)
	v := entryView{Today: p.clock.Today()}
	var err error
	if v.One, err = p.people.Find(ctx, who, r.PathValue("id")); err != nil {
		return err
	}
	v.Self = v.One.ID == who.Person
	if v.Factors, err = p.FactorsOf(ctx, who, v.One.ID); err != nil {
		return err
	}
	if v.Sessions, err = p.sessionsOf(ctx, who, v.One.ID); err != nil {
		return err
	}
	if v.History, err = p.History(ctx, who, v.One.ID); err != nil {
		return err
	}
	waiting, err := p.Waiting(ctx, []string{v.One.ID})
	if err != nil {
		return err
	}
	v.Slip, v.Email = waiting[v.One.ID], v.One.Email
	page := web.Page{Title: web.T(ctx, "Đăng nhập của %s", v.One.Name), Nav: "people", Crumbs: personCrumbs(ctx, v.One.ID, v.One.Name)}
	if wrong != nil {
		v.Email = web.Value(r, "email")
		return web.Invalid(w, r, wrong, page, entryBody(v))
	}
	return web.Show(w, r, page, entryBody(v))
}

// endOf ends one session of a person, or all.
func (p pages) endOf(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, person, n := auth.From(ctx), r.PathValue("id"), int64(1)
	var err error
	if session := web.Value(r, "phien"); session != "" {
		err = p.EndSession(ctx, who, person, session)
	} else {
		n, err = p.EndSessions(ctx, who, person, "")
	}
	if err == nil && n == 0 {
		err = fault.Conflict("Không có phiên đăng nhập nào đang mở.")
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("nguoi-dung", person, "dang-nhap"), web.T(ctx, "Đã kết thúc %d phiên đăng nhập.", n))
}

// deviceText is what deviceOf made, in the reader's words.
func deviceText(ctx context.Context, device string) string {
	browser, system, _ := strings.Cut(device, "/")
	switch {
	case browser != "" && system != "":
		return web.T(ctx, "%s trên %s", browser, system)
	case browser+system != "":
		return browser + system
	}
	return web.T(ctx, "Thiết bị không rõ")
}

// outcomeText is how a try ended, in the reader's words, and the look of its badge.
func outcomeText(ctx context.Context, outcome string) (kind, text string) {
	switch outcome {
	case goodTry:
		return "ok", web.T(ctx, "Đã vào")
	case passedTry:
		return "warn", web.T(ctx, "Chưa qua bước thứ hai")
	case secondWrong:
		return "warn", web.T(ctx, "Sai bước thứ hai")
	case copiedTry:
		return "bad", web.T(ctx, "Khóa có thể bị sao chép, không được nhận")
	case limitedTry:
		return "bad", web.T(ctx, "Bị chặn vì thử sai nhiều lần")
	}
	return "warn", web.T(ctx, "Sai mật khẩu hoặc mã")
}

// methodText is how somebody came in, in the reader's words.
func methodText(ctx context.Context, method string) string {
	switch method {
	case byPassword:
		return web.T(ctx, "Mật khẩu")
	case byProvider, byStrong:
		return web.T(ctx, "Hệ thống định danh")
	case byInvitation:
		return web.T(ctx, "Phiếu mời")
	case byCode:
		return web.T(ctx, "Ứng dụng tạo mã")
	case byRecovery:
		return web.T(ctx, "Mã khôi phục")
	case byPasskey:
		return web.T(ctx, "Khóa truy cập")
	case byDemo:
		return web.T(ctx, "Bản trình diễn")
	}
	return method
}

// addressText is an address as people read it here: of IPv4 the last part, of IPv6 all behind the subscriber's part is left
// out. It is enough to know one's own network again.
func addressText(address string) string {
	if network, bits, ok := strings.Cut(address, "/"); ok && bits == "64" {
		return network
	}
	if at := strings.LastIndexByte(address, '.'); at > 0 {
		return address[:at] + ".*"
	}
	return address
}
