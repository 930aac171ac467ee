package trail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Mount mounts the house's pages: each face under its own path, since a route has one permission.
func (s *Service) Mount(r *web.Router) {
	for _, f := range []Face{Auditing, Administrating} {
		p := pages{s, f}
		r.Get(f.Path, f.Permission, p.list)
		r.Get(f.Path+"/tep", f.Permission, p.download)
		r.Get(f.Path+"/in", f.Permission, p.print)
		r.Get(f.Path+"/{id}", f.Permission, p.one)
	}
	p := pages{s, Auditing}
	r.Get("/nhat-ky/doi-tuong/{house}/{id...}", auth.View, p.story)
	r.Get("/nguoi-dung/{id}/lich-su", auth.Admin, p.storyOfPerson)
	r.Get("/tai-khoan/lich-su", auth.SignedIn, p.storyOfReader)
	s.mountPersonal(r)
}

type pages struct {
	*Service
	face Face
}

const navKey = "trail"

// asked reads the filter of the list from its address; unknown words are no filter.
func asked(r *http.Request) (Filter, error) {
	x := Filter{Person: web.Value(r, "nguoi"), Unit: web.Value(r, "don-vi"), Object: web.Value(r, "doi-tuong")}
	x.House, x.Verb = splitAct(web.Value(r, "viec"))
	for name, day := range map[string]*string{"tu": &x.From, "den": &x.To} {
		if web.Value(r, name) == "" {
			continue
		}
		var err error
		if *day, err = web.Date(r, name); err != nil {
			return x, err
		}
	}
	if x.From != "" && x.To != "" && x.To < x.From {
		return x, fault.Invalid("den", "Ngày cuối phải không trước ngày đầu.")
	}
	var err error
	x.Before, err = ReadCursor(web.Value(r, "truoc"))
	return x, err
}

// act is the choice of actOptions that the filter stands for.
func (f Filter) act() string {
	if f.Verb == "" {
		return f.House
	}
	return f.House + "." + f.Verb
}

// query adds the filter to a path, without the place in the list.
func (f Filter) query(path string, more ...string) string {
	return web.URL(path, append([]string{"nguoi", f.Person, "don-vi", f.Unit, "viec", f.act(), "doi-tuong", f.Object, "tu", f.From, "den", f.To}, more...)...)
}

// listPage is what the list shows.
type listPage struct {
	Face   Face
	Filter Filter
	Typed  [2]string // the days as typed, which may be none
	Lines  []Line
	Next   Cursor
	Choice Choice
	Person string // name of the one asked for, where the choice does not list them
}

func (p pages) title(ctx context.Context) string {
	if p.face.Permission == auth.Admin {
		return web.T(ctx, "Nhật ký quản trị")
	}
	return web.T(ctx, "Nhật ký thay đổi")
}

func (p pages) page(ctx context.Context) web.Page {
	page := web.Page{Title: p.title(ctx), Nav: navKey, Wide: true, Head: head(),
		Lead: web.T(ctx, "Ai đã làm gì, khi nào, ở đâu, vì sao; mới nhất ở trên. Không ai sửa hay xóa được một mục mà không bị phát hiện.")}
	if p.face.Permission == auth.Admin {
		page.Nav = "people"
		page.Crumbs = []web.Crumb{{Label: web.T(ctx, "Người dùng"), Path: "/nguoi-dung"}}
		page.Lead = web.T(ctx, "Việc trên tài khoản, quyền, đăng nhập và cài đặt trong phạm vi quản trị của bạn; mới nhất ở trên.")
	}
	return page
}

func (p pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), auth.From(r.Context())
	x, wrong := asked(r)
	if fault.Is(wrong, fault.KindNotFound) {
		return wrong
	}
	v := listPage{Face: p.face, Filter: x, Typed: [2]string{web.Value(r, "tu"), web.Value(r, "den")}}
	var err error
	if v.Choice, err = p.Choices(ctx, who, p.face); err != nil {
		return err
	}
	if wrong == nil {
		if v.Lines, v.Next, err = p.List(ctx, who, p.face, x); err != nil {
			return err
		}
	}
	for _, l := range v.Lines {
		switch x.Person {
		case l.Person:
			v.Person = personName(ctx, l.Who)
		case l.ActingFor:
			v.Person = personName(ctx, l.ForWho)
		}
	}
	if wrong != nil {
		return web.Invalid(w, r, wrong, p.page(ctx), listBody(v))
	}
	return web.Show(w, r, p.page(ctx), listBody(v))
}

// mostPrinted and mostSent bound a paper and a file; a narrower span of days gives the rest.
const (
	mostPrinted = 1000
	mostSent    = 50_000
)

// errEnough ends Each.
var errEnough = errors.New("enough")

func (p pages) print(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, err := asked(r)
	if err != nil {
		return err
	}
	v := listPage{Face: p.face, Filter: x}
	err = p.Each(ctx, auth.From(ctx), p.face, x, func(l Line) error {
		if len(v.Lines) == mostPrinted {
			return errEnough
		}
		v.Lines = append(v.Lines, l)
		return nil
	})
	more := errors.Is(err, errEnough)
	if err != nil && !more {
		return err
	}
	page := p.page(ctx)
	page.Lead, page.Crumbs = "", append(page.Crumbs, web.Crumb{Label: page.Title, Path: x.query(p.face.Path)})
	return web.Show(w, r, page, printBody(v, more))
}

// download sends the filtered list as it reads it: a long one is never held whole.
func (p pages) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, err := asked(r)
	if err != nil {
		return err
	}
	kind := web.Value(r, "dang")
	types := map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
	if types[kind] == "" {
		return fault.NotFound()
	}
	web.Attachment(w, fmt.Sprintf("nhat-ky-%s.%s", p.Clock.Today(), kind), types[kind])
	out := bufio.NewWriterSize(w, 64<<10)
	write := newWriter(ctx, kind, out)
	n := 0
	err = p.Each(ctx, auth.From(ctx), p.face, x, func(l Line) error {
		if n++; n > mostSent {
			return errEnough
		}
		return write.line(l)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if err := write.end(); err != nil {
		return err
	}
	return out.Flush()
}

func (p pages) one(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	one, err := p.Find(ctx, auth.From(ctx), p.face, r.PathValue("id"))
	if err != nil {
		return err
	}
	page := p.page(ctx)
	page.Crumbs = append(page.Crumbs, web.Crumb{Label: page.Title, Path: p.face.Path})
	page.Title, page.Lead, page.Wide = viet.UpperFirst(one.Sentence(ctx)), web.Moment(one.At), false
	return web.Show(w, r, page, oneBody(p.face, one))
}

func (p pages) story(w http.ResponseWriter, r *http.Request) error {
	house, object := r.PathValue("house"), r.PathValue("id")
	if house == "account" { // people have their own route, with its own permission
		return fault.NotFound()
	}
	if unit, slug, body := strings.Cut(object, "/"); body && house == "report" {
		object = unit + "/" + strings.ToUpper(slug)
	}
	return p.showStory(w, r, house, object)
}

func (p pages) storyOfPerson(w http.ResponseWriter, r *http.Request) error {
	return p.showStory(w, r, "account", r.PathValue("id"))
}

func (p pages) storyOfReader(w http.ResponseWriter, r *http.Request) error {
	return p.showStory(w, r, "account", auth.From(r.Context()).Person)
}

func (p pages) showStory(w http.ResponseWriter, r *http.Request, house, object string) error {
	ctx, who := r.Context(), auth.From(r.Context())
	before, err := ReadCursor(web.Value(r, "truoc"))
	if err != nil {
		return err
	}
	story, err := p.Of(ctx, who, house, object, before)
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Lịch sử thay đổi"), Head: head(), Lead: web.T(ctx, things[house])}
	for _, l := range story.Lines {
		if l.House == house && l.Thing.Words != "" {
			page.Lead = viet.UpperFirst(l.Thing.Say(ctx, house))
			if path := l.Thing.Link(auth.From(ctx)); path != "" {
				page.Crumbs = []web.Crumb{{Label: page.Lead, Path: path}}
			}
			break
		}
	}
	return web.Show(w, r, page, storyBody(face(who, house), story, web.URL(r.URL.EscapedPath(), "truoc", story.Next.String())))
}
