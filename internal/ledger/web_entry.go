package ledger

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

type giftPage struct {
	Overview
	Gift   Gift
	Places []web.Option
	Doubt  bool // a sum that is asked about stands in the form
}

func (s *Service) showGift(w http.ResponseWriter, r *http.Request) error { return s.gift(w, r, nil) }

func (s *Service) gift(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	o, err := s.keeping(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	p := giftPage{Overview: o, Gift: giftOf(r), Doubt: bad != nil && web.Value(r, "loai-hien-vat") == "VND"}
	if bad == nil {
		p.Gift.Day = viet.FormatDate(s.clock.Today())
		p.Gift.Commodity, p.Gift.Kind = "VND", People
		s.fromPledge(&p, r)
	}
	if p.Places, err = s.places(ctx, auth.From(ctx), o.Book); err != nil {
		return errors.Join(bad, err)
	}
	title := web.T(ctx, "Ghi khoản thu")
	if p.Gift.Promise {
		title = web.T(ctx, "Ghi cam kết đóng góp")
	}
	frame := bookFrame(ctx, o.Book, title)
	if bad != nil {
		return web.Invalid(w, r, bad, frame, giftBody(p))
	}
	return web.Show(w, r, frame, giftBody(p))
}

// fromPledge fills the form with a promise that is being kept.
func (s *Service) fromPledge(p *giftPage, r *http.Request) {
	for _, x := range p.Pledges {
		if x.ID == p.Gift.Pledge && x.Open() {
			p.Gift.Commodity, p.Gift.Quantity, p.Gift.Fund, p.Gift.Name, p.Gift.Kind, p.Gift.Named = x.Commodity.Code, x.Rest(), x.Fund, x.Giver.Name, x.Giver.Giver, x.Giver.Named
			return
		}
	}
	p.Gift.Pledge = 0
	p.Gift.Fund = idOf(r, "quy")
}

func giftOf(r *http.Request) Gift {
	return Gift{
		Day: web.Value(r, "ngay"), Commodity: web.Value(r, "loai-hien-vat"), Quantity: web.Value(r, "so-luong"), Name: web.Value(r, "nguoi"), Kind: GiverKind(web.Value(r, "loai")),
		Place: web.Value(r, "thon"), Named: web.Checked(r, "neu-ten"), Fund: idOf(r, "quy"), Use: idOf(r, "dung-ngay"), Pledge: idOf(r, "cam-ket"), Memo: web.Value(r, "noi-dung"),
		Sure: web.Checked(r, "da-kiem-tra"), Promise: web.Checked(r, "hua"),
	}
}

func (s *Service) receive(w http.ResponseWriter, r *http.Request) error {
	ctx, code, g := r.Context(), r.PathValue("book"), giftOf(r)
	if g.Promise {
		err := s.Promise(ctx, auth.From(ctx), code, g)
		return done(w, r, err, web.Path(navKey, code), web.T(ctx, "Đã ghi cam kết. Cam kết chưa vào số dư; khi nhận được thì ghi thu từ dòng cam kết."), s.gift)
	}
	t, err := s.Receive(ctx, auth.From(ctx), code, g)
	return done(w, r, err, Book{Code: code}.entryPath(t.Seq), web.T(ctx, "Đã ghi sổ, biên nhận số %d.", t.Receipt), s.gift)
}

type paymentPage struct {
	Overview
	Payment Payment
	Doubt   bool
}

func (s *Service) showPayment(w http.ResponseWriter, r *http.Request) error {
	return s.payment(w, r, nil)
}

func (s *Service) payment(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	o, err := s.keeping(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	p := paymentPage{Overview: o, Payment: paymentOf(r), Doubt: bad != nil && web.Value(r, "loai-hien-vat") == "VND"}
	if bad == nil {
		p.Payment.Day, p.Payment.Commodity = viet.FormatDate(s.clock.Today()), "VND"
	}
	title := web.T(ctx, "Ghi khoản chi, bàn giao")
	if p.Payment.Act == Move {
		title = web.T(ctx, "Điều chuyển giữa các quỹ, nơi giữ")
	}
	frame := bookFrame(ctx, o.Book, title)
	if bad != nil {
		return web.Invalid(w, r, bad, frame, paymentBody(p))
	}
	return web.Show(w, r, frame, paymentBody(p))
}

func paymentOf(r *http.Request) Payment {
	act := HandOver
	if Act(web.Value(r, "viec")) == Move {
		act = Move
	}
	return Payment{Act: act, Day: web.Value(r, "ngay"), Commodity: web.Value(r, "loai-hien-vat"), Quantity: web.Value(r, "so-luong"), From: idOf(r, "tu"), To: idOf(r, "den"),
		Memo: web.Value(r, "noi-dung"), Sure: web.Checked(r, "da-kiem-tra")}
}

func (s *Service) pay(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	t, err := s.Pay(ctx, auth.From(ctx), code, paymentOf(r))
	flash := web.T(ctx, "Đã ghi sổ, phiếu chi số %d.", t.Payment)
	if t.Payment == 0 {
		flash = web.T(ctx, "Đã ghi sổ.")
	}
	return done(w, r, err, Book{Code: code}.entryPath(t.Seq), flash, s.payment)
}

func (s *Service) entry(r *http.Request) (Book, Line, error) {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return Book{}, Line{}, fault.NotFound()
	}
	return s.Entry(r.Context(), auth.From(r.Context()), r.PathValue("book"), seq)
}

func (s *Service) showEntry(w http.ResponseWriter, r *http.Request) error {
	return s.oneEntry(w, r, nil)
}

func (s *Service) oneEntry(w http.ResponseWriter, r *http.Request, bad error) error {
	ctx := r.Context()
	b, l, err := s.entry(r)
	if err != nil {
		return errors.Join(bad, err)
	}
	frame := bookFrame(ctx, b, web.T(ctx, "Khoản số %d", l.Seq))
	body := entryBody(b, l, askedIn(r), auth.From(ctx))
	if bad != nil {
		return web.Invalid(w, r, bad, frame, body)
	}
	return web.Show(w, r, frame, body)
}

func (s *Service) askReversal(w http.ResponseWriter, r *http.Request) error {
	return s.turn(w, r, web.T(r.Context(), "Đã đề nghị hủy. Người thứ hai cùng giữ sổ cần đồng ý."), func(ctx context.Context, who auth.Actor, code string, seq int64) error {
		return s.AskReversal(ctx, who, code, seq, web.Value(r, "ly-do"))
	})
}

func (s *Service) agree(w http.ResponseWriter, r *http.Request) error {
	return s.turn(w, r, web.T(r.Context(), "Đã hủy khoản này bằng một bút toán ngược."), func(ctx context.Context, who auth.Actor, code string, seq int64) error {
		return s.DecideReversal(ctx, who, code, seq, true)
	})
}

func (s *Service) deny(w http.ResponseWriter, r *http.Request) error {
	return s.turn(w, r, web.T(r.Context(), "Đã bác đề nghị hủy. Khoản này giữ nguyên."), func(ctx context.Context, who auth.Actor, code string, seq int64) error {
		return s.DecideReversal(ctx, who, code, seq, false)
	})
}

func (s *Service) turn(w http.ResponseWriter, r *http.Request, flash string, act func(context.Context, auth.Actor, string, int64) error) error {
	code := r.PathValue("book")
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return fault.NotFound()
	}
	err = act(r.Context(), auth.From(r.Context()), code, seq)
	return done(w, r, err, Book{Code: code}.entryPath(seq), flash, s.oneEntry)
}

func (s *Service) refund(w http.ResponseWriter, r *http.Request) error {
	return s.turn(w, r, web.T(r.Context(), "Đã ghi trả lại."), func(ctx context.Context, who auth.Actor, code string, seq int64) error {
		return s.Refund(ctx, who, code, seq, web.Value(r, "ngay"), web.Value(r, "so-luong"), web.Value(r, "noi-dung"))
	})
}

func (s *Service) dropPledge(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("book")
	id, err := strconv.ParseInt(r.PathValue("pledge"), 10, 64)
	if err != nil {
		return fault.NotFound()
	}
	if err := s.DropPledge(ctx, auth.From(ctx), code, id, web.Value(r, "ly-do")); err != nil {
		return err
	}
	return web.Redirect(w, r, web.Path(navKey, code), web.T(ctx, "Đã ghi là cam kết này thôi."))
}
