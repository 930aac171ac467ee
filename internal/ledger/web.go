package ledger

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

const navKey = "so-quy"

// Mount puts the house's pages on the router.
func (s *Service) Mount(r *web.Router) {
	r.Get("/so-quy", auth.View, s.showBooks)
	r.Get("/so-quy/mo", auth.Books, s.showOpen)
	r.Post("/so-quy/mo", auth.Books, s.openBook)
	r.Get("/so-quy/danh-muc", auth.Consolidate, s.showCatalog)
	r.Post("/so-quy/danh-muc/loai", auth.Consolidate, s.addCommodity)
	r.Post("/so-quy/danh-muc/don-gia", auth.Consolidate, s.setPrice)
	r.Get("/so-quy/{book}", auth.View, s.showBook)
	r.Get("/so-quy/{book}/so.journal", auth.Books, s.kept(s.sendJournal))
	r.Get("/so-quy/{book}/thu", auth.Books, s.kept(s.showGift))
	r.Post("/so-quy/{book}/thu", auth.Books, s.kept(s.receive))
	r.Get("/so-quy/{book}/chi", auth.Books, s.kept(s.showPayment))
	r.Post("/so-quy/{book}/chi", auth.Books, s.kept(s.pay))
	r.Get("/so-quy/{book}/tai-khoan", auth.Books, s.kept(s.showAccounts))
	r.Post("/so-quy/{book}/tai-khoan/quy", auth.Books, s.kept(s.addFund))
	r.Post("/so-quy/{book}/tai-khoan/noi-nhan", auth.Books, s.kept(s.addUse))
	r.Post("/so-quy/{book}/tai-khoan/dau-so", auth.Books, s.kept(s.openWith))
	r.Get("/so-quy/{book}/khoa", auth.Books, s.kept(s.showSeal))
	r.Post("/so-quy/{book}/khoa", auth.Books, s.kept(s.seal))
	r.Post("/so-quy/{book}/khoa/tien-mat", auth.Books, s.kept(s.countCash))
	r.Post("/so-quy/{book}/khoa/ngan-hang", auth.Books, s.kept(s.stateBank))
	r.Get("/so-quy/{book}/danh-sach", auth.Books, s.kept(s.showLists))
	r.Post("/so-quy/{book}/danh-sach", auth.Books, s.kept(s.readUpload))
	r.Get("/so-quy/{book}/danh-sach/mau", auth.Books, s.kept(s.sendTemplate))
	r.Get("/so-quy/{book}/danh-sach/{list}", auth.Books, s.kept(s.showList))
	r.Post("/so-quy/{book}/danh-sach/{list}", auth.Books, s.kept(s.postList))
	r.Get("/so-quy/{book}/danh-sach/{list}/bien-nhan", auth.Books, s.kept(s.showListReceipts))
	r.Get("/so-quy/{book}/khoan/{seq}", auth.Books, s.kept(s.showEntry))
	r.Get("/so-quy/{book}/khoan/{seq}/bien-nhan", auth.Books, s.kept(s.showReceipt))
	r.Post("/so-quy/{book}/khoan/{seq}/huy", auth.Books, s.kept(s.askReversal))
	r.Post("/so-quy/{book}/khoan/{seq}/huy/dong-y", auth.Books, s.kept(s.agree))
	r.Post("/so-quy/{book}/khoan/{seq}/huy/thoi", auth.Books, s.kept(s.deny))
	r.Post("/so-quy/{book}/khoan/{seq}/tra-lai", auth.Books, s.kept(s.refund))
	r.Post("/so-quy/{book}/cam-ket/{pledge}/thoi", auth.Books, s.kept(s.dropPledge))
	r.Get("/bien-nhan", auth.Public, s.showLookup)
	r.Get("/bien-nhan/{code}", auth.Public, s.showSlip)
}

// kept answers not found where the actor does not keep the book, before anything is said about what was sent.
func (s *Service) kept(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.mustKeep(r.Context(), auth.From(r.Context()), r.PathValue("book")); err != nil {
			return err
		}
		return h(w, r)
	}
}

// at is the address of a page of the book.
func (b Book) at(rest ...string) string {
	return web.Path(append([]string{navKey, b.Code}, rest...)...)
}

func (b Book) entryPath(seq int64) string { return b.at("khoan", strconv.FormatInt(seq, 10)) }

func bookFrame(ctx context.Context, b Book, title string) web.Page {
	p := web.Page{Title: title, Nav: navKey, Crumbs: []web.Crumb{{Label: web.T(ctx, "Sổ đóng góp"), Path: "/so-quy"}}}
	if b.Code != "" && title != b.Name {
		p.Crumbs = append(p.Crumbs, web.Crumb{Label: b.Name, Path: b.Path()})
	}
	return p
}

func (s *Service) showBooks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Books(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	catalog, err := s.MayKeepCatalog(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	p := web.Page{Title: web.T(ctx, "Sổ đóng góp"), Nav: navKey,
		Lead: web.T(ctx, "Tiền, ngày công, đất, vật liệu mà Nhân dân và các đơn vị đóng góp: đã nhận bao nhiêu, còn giữ bao nhiêu, đã chi vào việc gì.")}
	return web.Show(w, r, p, booksBody(all, auth.From(ctx).Has(auth.Books), catalog))
}

type openPage struct {
	Units            []web.Option
	Unit, Code, Name string
}

func (s *Service) showOpen(w http.ResponseWriter, r *http.Request) error {
	p, err := s.openPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, openFrame(r.Context()), openBody(p))
}

func openFrame(ctx context.Context) web.Page {
	return bookFrame(ctx, Book{}, web.T(ctx, "Mở sổ mới"))
}

func (s *Service) openPage(r *http.Request) (p openPage, err error) {
	ctx := r.Context()
	p = openPage{Unit: web.Value(r, "don-vi"), Code: web.Value(r, "ma"), Name: web.Value(r, "ten")}
	units, err := s.unitsOf(ctx, auth.From(ctx))
	for _, u := range units {
		p.Units = append(p.Units, web.Option{Value: u.Code, Label: u.Name})
	}
	return p, err
}

func (s *Service) openBook(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.OpenBook(ctx, auth.From(ctx), web.Value(r, "don-vi"), web.Value(r, "ma"), web.Value(r, "ten"))
	if fault.Is(err, fault.KindInvalid) {
		p, pageErr := s.openPage(r)
		if pageErr != nil {
			return errors.Join(err, pageErr)
		}
		return web.Invalid(w, r, err, openFrame(ctx), openBody(p))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, b.at("tai-khoan"), web.T(ctx, "Đã mở sổ. Hãy thêm quỹ và nơi nhận đầu tiên."))
}

type bookPage struct {
	Overview
	Ask   Ask
	Lines []Line
	More  bool
	Uses  []Account
	Funds []Account
}

func (s *Service) showBook(w http.ResponseWriter, r *http.Request) error {
	ctx, who, code := r.Context(), auth.From(r.Context()), r.PathValue("book")
	o, err := s.Find(ctx, who, code)
	if err != nil {
		return err
	}
	p := bookPage{Overview: o, Ask: Ask{Act: Act(web.Value(r, "viec")), Text: web.Value(r, "tim")}}
	var bad fault.List
	for name, day := range map[string]*string{"tu-ngay": &p.Ask.From, "den-ngay": &p.Ask.To} {
		text := web.Value(r, name)
		if text == "" {
			continue
		}
		iso, err := viet.ParseDate(text, 0)
		if err != nil {
			_ = bad.Add(fault.Invalidf(name, "Ngày “%s” không đọc được. Hãy ghi ngày/tháng/năm, ví dụ 01/10/2019.", text))
			continue
		}
		*day = iso
	}
	p.Ask.Account, p.Ask.After = idOf(r, "tai-khoan"), idOf(r, "truoc")
	if p.Lines, p.More, err = s.Lines(ctx, who, code, p.Ask); err != nil {
		return err
	}
	frame := bookFrame(ctx, o.Book, o.Book.Name)
	frame.Lead = o.Book.UnitName
	frame.Wide = true
	if len(bad) > 0 {
		return web.Invalid(w, r, bad.Err(), frame, bookBody(p))
	}
	return web.Show(w, r, frame, bookBody(p))
}

func (s *Service) sendJournal(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	var out bytes.Buffer
	if err := s.Journal(ctx, auth.From(ctx), code, &out); err != nil {
		return err
	}
	web.Attachment(w, code+".journal", "text/plain; charset=utf-8")
	_, err := w.Write(out.Bytes())
	return err
}

// keeping reads a book that the reader keeps.
func (s *Service) keeping(r *http.Request) (Overview, error) {
	o, err := s.Find(r.Context(), auth.From(r.Context()), r.PathValue("book"))
	if err == nil && !o.Keeps {
		err = fault.NotFound()
	}
	return o, err
}

// asked is what was typed into the forms of a page, so that a fault costs nobody their typing.
type asked func(name string) string

func askedIn(r *http.Request) asked { return func(name string) string { return web.Value(r, name) } }

// idOf is the number of an account or a pledge in a form; 0 is none.
func idOf(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(web.Value(r, name), 10, 64)
	return n
}

type accountsPage struct {
	Overview
	Asked asked
}

func (s *Service) showAccounts(w http.ResponseWriter, r *http.Request) error {
	return s.accounts(w, r, nil)
}

func (s *Service) accounts(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	o, err := s.keeping(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	p := accountsPage{o, askedIn(r)}
	frame := bookFrame(ctx, o.Book, web.T(ctx, "Quỹ và nơi nhận"))
	if bad != nil {
		return web.Invalid(w, r, bad, frame, accountsBody(p))
	}
	return web.Show(w, r, frame, accountsBody(p))
}

// done answers a post: to a page when it went well, back to the form with what is to be mended otherwise.
func done(w http.ResponseWriter, r *http.Request, err error, path, flash string, again func(http.ResponseWriter, *http.Request, error) error) error {
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindRefused) {
		return again(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, path, flash)
}

func (s *Service) addFund(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	_, err := s.AddFund(ctx, auth.From(ctx), code, web.Value(r, "ten"), Purpose(web.Value(r, "muc-dich")), Hold(web.Value(r, "noi-giu")))
	return done(w, r, err, web.Path(navKey, code, "tai-khoan"), web.T(ctx, "Đã thêm quỹ."), s.accounts)
}

func (s *Service) addUse(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	_, err := s.AddUse(ctx, auth.From(ctx), code, web.Value(r, "ten-nhan"), Purpose(web.Value(r, "muc-dich-nhan")))
	return done(w, r, moved(err, map[string]string{"ten": "ten-nhan", "muc-dich": "muc-dich-nhan"}), web.Path(navKey, code, "tai-khoan"), web.T(ctx, "Đã thêm nơi nhận."), s.accounts)
}

func (s *Service) openWith(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	_, err := s.OpenWith(ctx, auth.From(ctx), code, idOf(r, "quy"), web.Value(r, "ngay"), web.Value(r, "loai-hien-vat"), web.Value(r, "so-luong"))
	return done(w, r, err, web.Path(navKey, code), web.T(ctx, "Đã ghi số dư đầu sổ."), s.accounts)
}

// moved puts faults at the fields of a page's second form, which has other names for them.
func moved(err error, names map[string]string) error {
	if !fault.Is(err, fault.KindInvalid) {
		return err
	}
	var out fault.List
	for _, f := range fault.All(err) {
		if name, ok := names[f.Field]; ok {
			f = f.At(name)
		}
		out = append(out, f)
	}
	return out.Err()
}

type sealPage struct {
	Overview
	Asked asked
}

func (s *Service) showSeal(w http.ResponseWriter, r *http.Request) error { return s.sealing(w, r, nil) }

func (s *Service) sealing(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	o, err := s.keeping(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	p := sealPage{o, askedIn(r)}
	frame := bookFrame(ctx, o.Book, web.T(ctx, "Kiểm quỹ và khóa sổ"))
	if bad != nil {
		return web.Invalid(w, r, bad, frame, sealBody(p))
	}
	return web.Show(w, r, frame, sealBody(p))
}

func (s *Service) seal(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	err := s.Seal(ctx, auth.From(ctx), code, web.Value(r, "den-ngay"))
	return done(w, r, err, web.Path(navKey, code), web.T(ctx, "Đã khóa sổ. Các khoản đến ngày đó không sửa, không thêm được nữa."), s.sealing)
}

func (s *Service) countCash(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	pieces := map[int64]int64{}
	var bad fault.List
	for _, note := range Notes {
		name := "to-" + strconv.FormatInt(note, 10)
		text := web.Value(r, name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			_ = bad.Add(fault.Invalidf(name, "“%s” không phải số tờ.", text))
			continue
		}
		pieces[note] = n
	}
	if len(bad) > 0 {
		return s.sealing(w, r, bad.Err())
	}
	c, err := s.CountCash(ctx, auth.From(ctx), code, web.Value(r, "ngay"), pieces)
	return done(w, r, err, web.Path(navKey, code, "khoa"), web.T(ctx, "Đã ghi kiểm quỹ: %s.", dongText(c.Amount)), s.sealing)
}

func (s *Service) stateBank(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	c, err := s.StateBank(ctx, auth.From(ctx), code, web.Value(r, "ngay-sao-ke"), web.Value(r, "so-du"))
	return done(w, r, moved(err, map[string]string{"ngay": "ngay-sao-ke"}), web.Path(navKey, code, "khoa"), web.T(ctx, "Đã ghi số dư ngân hàng: %s.", dongText(c.Amount)), s.sealing)
}

type catalogPage struct {
	Commodities []Commodity
	Prices      []Price
	Asked       map[string]string
}

func (s *Service) showCatalog(w http.ResponseWriter, r *http.Request) error {
	return s.catalog(w, r, nil)
}

func (s *Service) catalog(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	var p catalogPage
	var err error
	if p.Commodities, p.Prices, err = s.Catalog(ctx, auth.From(ctx)); err != nil {
		return errors.Join(bad, err)
	}
	p.Asked = map[string]string{}
	for _, name := range []string{"ma", "ten", "don-vi-tinh", "so-le", "loai", "loai-hien-vat", "tu-ngay", "don-gia", "can-cu"} {
		p.Asked[name] = web.Value(r, name)
	}
	frame := bookFrame(ctx, Book{}, web.T(ctx, "Loại hiện vật và đơn giá"))
	if bad != nil {
		return web.Invalid(w, r, bad, frame, catalogBody(p))
	}
	return web.Show(w, r, frame, catalogBody(p))
}

func (s *Service) addCommodity(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	decimals, err := strconv.Atoi(web.Value(r, "so-le"))
	if err != nil {
		decimals = -1
	}
	err = s.AddCommodity(ctx, auth.From(ctx), Commodity{Code: web.Value(r, "ma"), Name: web.Value(r, "ten"), Unit: web.Value(r, "don-vi-tinh"), Decimals: decimals, Nature: Nature(web.Value(r, "loai"))})
	return done(w, r, err, "/so-quy/danh-muc", web.T(ctx, "Đã thêm loại hiện vật."), s.catalog)
}

func (s *Service) setPrice(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := s.SetPrice(ctx, auth.From(ctx), web.Value(r, "loai-hien-vat"), web.Value(r, "tu-ngay"), web.Value(r, "don-gia"), web.Value(r, "can-cu"))
	return done(w, r, err, "/so-quy/danh-muc", web.T(ctx, "Đã đặt đơn giá."), s.catalog)
}
