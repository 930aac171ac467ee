package demo

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/ledger"
)

// bookCode is the code of the demonstration's book of contributions.
const bookCode = "P01-2019"

// books keeps one ward's book of contributions: households of two quarters give to a road, a programme and a business add to it, the
// poor's fund hands a house over, one entry is taken back, and one pledge is still to come.
func (f *filler) books(ctx context.Context) error {
	f.at(Start.AddDate(0, 0, -3))
	defer f.at(Start)
	one, two := f.people["bena.mt"], f.people["bena"]
	if _, err := f.Ledger.OpenBook(ctx, one, "P01.MT", bookCode, "Sổ vận động đóng góp phường Bến Đá năm 2019"); err != nil {
		return err
	}
	var accounts []int64
	keep := func(a ledger.Account, err error) error {
		accounts = append(accounts, a.ID)
		return err
	}
	fund := func(name string, purpose ledger.Purpose, hold ledger.Hold) error {
		return keep(f.Ledger.AddFund(ctx, one, bookCode, name, purpose, hold))
	}
	use := func(name string, purpose ledger.Purpose) error {
		return keep(f.Ledger.AddUse(ctx, one, bookCode, name, purpose))
	}
	for _, err := range []error{
		fund("Vận động làm đường", ledger.Works, ledger.Cash), fund("Vận động làm đường", ledger.Works, ledger.Bank), fund("Ngày công, vật liệu làm đường", ledger.Works, ledger.Store),
		fund("Quỹ “Vì người nghèo”", ledger.Poor, ledger.Cash), use("Đường bê tông tổ dân phố số 1", ledger.Works), use("Nhà đại đoàn kết tổ dân phố số 3", ledger.Poor),
	} {
		if err != nil {
			return err
		}
	}
	cash, bank, store, poor, road, house := accounts[0], accounts[1], accounts[2], accounts[3], accounts[4], accounts[5]
	gifts := []ledger.Gift{
		{Day: "12/07/2019", Quantity: "120 triệu đồng", Name: "Chương trình giao thông nông thôn", Kind: ledger.Programme, Named: true, Fund: bank, Memo: "Hỗ trợ làm đường"},
		{Day: "20/07/2019", Quantity: "30 triệu đồng", Name: "Doanh nghiệp Ví Dụ", Kind: ledger.Business, Named: true, Fund: bank, Memo: "Ủng hộ làm đường"},
		{Day: "22/07/2019", Commodity: "XIMANG", Quantity: "40 tấn", Name: "Ngân sách thị xã", Kind: ledger.Budget, Named: true, Fund: store},
		{Day: "10/08/2019", Commodity: "DAT", Quantity: "trên 350 m2", Kind: ledger.People, Place: "P01.K01", Fund: store, Use: road, Memo: "Hiến đất mở rộng đường"},
		{Day: "15/09/2019", Quantity: "15 triệu đồng", Name: "Quỹ “Vì người nghèo” thị xã", Kind: ledger.HigherUp, Named: true, Fund: poor},
	}
	for i := range 24 {
		g := ledger.Gift{Day: fmt.Sprintf("%02d/08/2019", 1+i%20), Quantity: fmt.Sprintf("%d đồng", 200_000+50_000*f.rand.IntN(17)), Name: fmt.Sprintf("Hộ ông Ví Dụ %d", i+1), Kind: ledger.People,
			Place: fmt.Sprintf("P01.K%02d", 1+i%2), Named: i%3 > 0, Fund: cash, Memo: "Góp làm đường"}
		if i%4 == 3 {
			g.Commodity, g.Quantity, g.Fund, g.Use, g.Memo = "CONG", fmt.Sprintf("%d công", 2+f.rand.IntN(6)), store, road, "Ngày công làm đường"
		}
		if i%6 == 5 {
			g.Commodity, g.Quantity, g.Fund, g.Use, g.Memo = "VND", fmt.Sprintf("%d đồng", 50_000+10_000*f.rand.IntN(16)), poor, 0, "Ủng hộ người nghèo"
		}
		gifts = append(gifts, g)
	}
	var wrong ledger.Transfer
	for _, g := range gifts {
		if g.Commodity == "" {
			g.Commodity = "VND"
		}
		t, err := f.Ledger.Receive(ctx, two, bookCode, g)
		if err != nil {
			return said(g.Name, err)
		}
		if strings.HasSuffix(g.Name, "Ví Dụ 10") {
			wrong = t
		}
	}
	for _, p := range []ledger.Payment{
		{Act: ledger.Move, Day: "26/08/2019", Commodity: "VND", Quantity: "3 triệu đồng", From: cash, To: bank, Memo: "Nộp tiền mặt vào tài khoản"},
		{Act: ledger.HandOver, Day: "05/09/2019", Commodity: "VND", Quantity: "140 triệu đồng", From: bank, To: road, Memo: "Thanh toán đợt 1 theo hợp đồng số 05"},
		{Act: ledger.HandOver, Day: "06/09/2019", Commodity: "XIMANG", Quantity: "38,5 tấn", From: store, To: road, Memo: "Xuất xi măng đổ mặt đường"},
		{Act: ledger.HandOver, Day: "20/09/2019", Commodity: "VND", Quantity: "12 triệu đồng", From: poor, To: house, Memo: "Hỗ trợ sửa nhà theo biên bản bình xét ngày 18/9/2019"},
	} {
		if _, err := f.Ledger.Pay(ctx, one, bookCode, p); err != nil {
			return said(p.Memo, err)
		}
	}
	if err := f.Ledger.AskReversal(ctx, two, bookCode, wrong.Seq, "Ghi nhầm hộ; khoản này đã ghi ở tổ dân phố khác"); err != nil {
		return err
	}
	if err := f.Ledger.DecideReversal(ctx, one, bookCode, wrong.Seq, true); err != nil {
		return err
	}
	if err := f.Ledger.SetPrice(ctx, auth.System(), "CONG", "01/01/2019", "200.000 đồng", "Mức do trang trình diễn đặt, không phải quy định thật"); err != nil {
		return err
	}
	return f.Ledger.Promise(ctx, two, bookCode, ledger.Gift{Day: "25/09/2019", Commodity: "VND", Quantity: "10 triệu đồng", Name: "Hợp tác xã Minh Họa", Kind: ledger.Business, Named: true, Fund: bank, Memo: "Hứa ủng hộ làm đường"})
}

func said(what string, err error) error { return fmt.Errorf("%s: %s: %w", what, fault.Text(err), err) }
