package ledger

import (
	"errors"
	"io"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

func (s *Service) showLists(w http.ResponseWriter, r *http.Request) error { return s.lists(w, r, nil) }

func (s *Service) lists(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	b, all, err := s.Lists(ctx, auth.From(ctx), r.PathValue("book"))
	if err != nil {
		return errors.Join(bad, err)
	}
	frame := bookFrame(ctx, b, web.T(ctx, "Danh sách đóng góp"))
	if bad != nil {
		return web.Invalid(w, r, bad, frame, listsBody(b, all))
	}
	return web.Show(w, r, frame, listsBody(b, all))
}

const mostBytes = 10 << 20

func (s *Service) readUpload(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	f, head, err := web.File(r, "tep")
	if err != nil {
		return s.lists(w, r, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return err
	}
	if len(data) > mostBytes {
		return s.lists(w, r, fault.Invalid("tep", "Tệp lớn hơn 10 MB. Một danh sách thôn, tổ không lớn đến thế; hãy kiểm tra lại."))
	}
	id, err := s.ReadList(ctx, auth.From(ctx), code, head.Filename, data)
	return done(w, r, err, web.Path(navKey, code, "danh-sach", id), "", s.lists)
}

func (s *Service) sendTemplate(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.keeping(r); err != nil {
		return err
	}
	data, err := s.ListTemplate()
	if err != nil {
		return err
	}
	web.Attachment(w, "danh-sach-dong-gop.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	_, err = w.Write(data)
	return err
}

type listPage struct {
	Overview
	List   List
	Into   ListInto
	Places []web.Option
}

func (s *Service) showList(w http.ResponseWriter, r *http.Request) error { return s.list(w, r, nil) }

func (s *Service) list(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	o, err := s.keeping(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	_, l, err := s.FindList(ctx, auth.From(ctx), o.Book.Code, r.PathValue("list"))
	if err != nil {
		return errors.Join(bad, err)
	}
	p := listPage{Overview: o, List: l, Into: listInto(r)}
	if p.Places, err = s.places(ctx, auth.From(ctx), o.Book); err != nil {
		return errors.Join(bad, err)
	}
	frame := bookFrame(ctx, o.Book, l.Name)
	frame.Crumbs = append(frame.Crumbs, web.Crumb{Label: web.T(ctx, "Danh sách đóng góp"), Path: o.Book.at("danh-sach")})
	if bad != nil {
		return web.Invalid(w, r, bad, frame, listBody(p))
	}
	return web.Show(w, r, frame, listBody(p))
}

func listInto(r *http.Request) ListInto {
	return ListInto{Day: web.Value(r, "ngay"), Kind: GiverKind(web.Value(r, "loai")), Place: web.Value(r, "thon"), Money: idOf(r, "quy"), Goods: idOf(r, "kho"), Memo: web.Value(r, "noi-dung")}
}

func (s *Service) postList(w http.ResponseWriter, r *http.Request) error {
	ctx, code, id := r.Context(), r.PathValue("book"), r.PathValue("list")
	err := s.PostList(ctx, auth.From(ctx), code, id, listInto(r))
	return done(w, r, err, web.Path(navKey, code, "danh-sach", id), web.T(ctx, "Đã ghi sổ cả danh sách, mỗi dòng một biên nhận."), s.list)
}
