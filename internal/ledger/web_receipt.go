package ledger

import (
	"net/http"

	"rsc.io/qr"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// origin is where the site is reached, for addresses on paper.
func (s *Service) origin(r *http.Request) (string, error) {
	address, err := s.address(r.Context())
	if address == "" {
		address = "http://" + r.Host
	}
	return address, err
}

type receiptPage struct {
	Book    Book
	Lines   []Line
	Codes   []*qr.Code
	Address string
}

func (s *Service) receipts(w http.ResponseWriter, r *http.Request, b Book, lines []Line, back web.Crumb) error {
	ctx := r.Context()
	origin, err := s.origin(r)
	if err != nil {
		return err
	}
	p := receiptPage{Book: b, Lines: lines, Address: origin + "/bien-nhan"}
	for _, l := range lines {
		image, err := qr.Encode(origin+web.Path("bien-nhan", l.Code), qr.M)
		if err != nil {
			return err
		}
		p.Codes = append(p.Codes, image)
	}
	frame := bookFrame(ctx, b, web.T(ctx, "Biên nhận"))
	frame.Crumbs = append(frame.Crumbs, back)
	return web.Show(w, r, frame, receiptsBody(p))
}

func (s *Service) showReceipt(w http.ResponseWriter, r *http.Request) error {
	b, l, err := s.entry(r)
	if err != nil {
		return err
	}
	if l.Receipt == 0 && l.Payment == 0 {
		return fault.NotFound()
	}
	return s.receipts(w, r, b, []Line{l}, web.Crumb{Label: web.T(r.Context(), "Khoản số %d", l.Seq), Path: b.entryPath(l.Seq)})
}

func (s *Service) showListReceipts(w http.ResponseWriter, r *http.Request) error {
	ctx, code, id := r.Context(), r.PathValue("book"), r.PathValue("list")
	b, l, lines, err := s.ListReceipts(ctx, auth.From(ctx), code, id)
	if err != nil {
		return err
	}
	return s.receipts(w, r, b, lines, web.Crumb{Label: l.Name, Path: b.at("danh-sach", id)})
}

func (s *Service) showLookup(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	frame := web.Page{Title: web.T(ctx, "Tra biên nhận"), Public: true, Lead: web.T(ctx, "Nhập mã in trên biên nhận để xem khoản của bạn đã vào sổ thế nào và quỹ đã chi vào việc gì.")}
	code := web.Value(r, "ma")
	if code == "" {
		return web.Show(w, r, frame, lookupBody(""))
	}
	slip, err := s.ByCode(ctx, code)
	if fault.Is(err, fault.KindNotFound) {
		return web.Invalid(w, r, fault.Invalid("ma", "Không có biên nhận nào mang mã này. Mã có 12 chữ và số, không có số 0, số 1 và các chữ I, L, O, U."), frame, lookupBody(code))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path("bien-nhan", slip.Line.Code), "")
}

func (s *Service) showSlip(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	slip, err := s.ByCode(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	title := web.T(ctx, "Biên nhận số %d", slip.Line.Receipt)
	if slip.Line.Receipt == 0 {
		title = web.T(ctx, "Phiếu chi số %d", slip.Line.Payment)
	}
	return web.Show(w, r, web.Page{Title: title, Lead: slip.Book.Name + ", " + slip.Book.UnitName, Crumbs: []web.Crumb{{Label: web.T(ctx, "Tra biên nhận"), Path: "/bien-nhan"}}}, slipBody(slip))
}
