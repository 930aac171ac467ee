package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// statementRows is how many rows the sheet of statements offers.
const statementRows = 40

// form is all that a workbook for a body and a period shows.
type form struct {
	unit         org.Unit
	period, last period.Period
	catalog      *indicator.Catalog
	now, before  map[figure.Cell]figure.Version
	plans        map[figure.Key]figure.Plan
	year         period.Period
	said         []report.Statement
	today, hash  string
}

// Template writes the workbook that a body fills in for a period: one row per indicator of the catalogue, with last period's
// value, the year's plan, and what the body has given already; a sheet for statements; drop-lists. Only input cells are
// open. What comes back is read by Preview wherever its rows have been moved to.
func (s *Service) Template(ctx context.Context, who auth.Actor, unitCode, periodCode string, w io.Writer) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	var f form
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		f, err = s.formOf(ctx, tx, who, unitCode, periodCode)
		return err
	})
	if err != nil {
		return err
	}
	return f.write(w)
}

// write makes the workbook of one body.
func (f form) write(w io.Writer) error {
	out := sheet.NewWriter("Biểu mẫu số liệu "+f.period.Name(), "Giaoban", f.today)
	if err := out.Form(f.guide()); err != nil {
		return err
	}
	if err := out.Form(f.figures(figureSheet)); err != nil {
		return err
	}
	if err := out.Form(f.statements()); err != nil {
		return err
	}
	if err := out.List(kindList, kindNames()); err != nil {
		return err
	}
	if err := out.Meta(map[string]string{metaForm: formVersion, metaUnit: f.unit.Code, metaPeriod: f.period.Code, metaCatalog: f.hash}); err != nil {
		return err
	}
	return out.Save(w)
}

func kindNames() (names []string) {
	for _, k := range report.StatementKinds {
		names = append(names, k.Name())
	}
	return names
}

// kindList names the drop-list of the kinds of statements.
const kindList = "loai_noi_dung"

func (s *Service) formOf(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (f form, err error) {
	if f.period, err = period.Parse(periodCode); err != nil {
		return f, err
	}
	switch found, err := period.FindID(ctx, tx, f.period.ID); {
	case err == nil:
		f.period = found
		if err := found.MustBeOpen(); err != nil {
			return f, err
		}
	case !fault.Is(err, fault.KindNotFound):
		return f, err
	}
	if f.unit, err = org.Visible(ctx, tx, who, auth.Enter, strings.ToUpper(unitCode), f.period.To, s.clock.Today()); err != nil {
		return f, err
	}
	if !f.unit.Alive(f.period.To) {
		return f, fault.Refusedf("Đơn vị %s không tồn tại vào ngày cuối của %s.", f.unit.Name, f.period.Name())
	}
	base, err := s.indicators.In(ctx, tx)
	if err != nil {
		return f, err
	}
	f.catalog, f.hash, f.today = base.At(f.period.To), catalogHash(base), s.clock.Today()
	f.last = f.period.Previous()
	if f.now, err = s.figures.OwnIn(ctx, tx, who, figure.Submitted, f.unit, []period.Period{f.period}); err != nil {
		return f, err
	}
	if f.before, err = s.figures.OwnIn(ctx, tx, who, figure.Submitted, f.unit, []period.Period{f.last}); err != nil {
		return f, err
	}
	f.year = f.period
	if y, ok := f.period.OfYear(); ok {
		f.year = y
	}
	if f.plans, err = s.figures.PlansIn(ctx, tx, who, f.unit, f.year); err != nil {
		return f, err
	}
	f.said, err = s.reports.StatementsIn(ctx, tx, who, f.unit.ID, false, f.period)
	return f, err
}

// catalogHash tells two catalogues apart, so that a form of an older one is known when it comes back.
func catalogHash(c *indicator.Catalog) string {
	h := sha256.New()
	for _, in := range c.All() {
		fmt.Fprintf(h, "%s/%d/%s/%d", in.Code, in.Version, in.Unit, in.Decimals)
		for _, p := range in.Parts {
			fmt.Fprintf(h, "/%s", p.Code)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (f form) guide() sheet.Form {
	return guideFor("Đơn vị: "+f.unit.Name+" ("+f.unit.Code+")", f.period)
}

func guideFor(whose string, p period.Period) sheet.Form {
	line := func(text string) []sheet.FormCell { return []sheet.FormCell{{Value: sheet.Str(text), Plain: true}} }
	rows := [][]sheet.FormCell{
		{{Value: sheet.Str("BIỂU MẪU SỐ LIỆU VÀ NỘI DUNG BÁO CÁO"), Bold: true, Plain: true}},
		line(whose),
		line("Kỳ báo cáo: " + p.Name()),
		line(""),
		{{Value: sheet.Str("Cách ghi"), Bold: true, Plain: true}},
		line("1. Ghi số liệu vào cột “Số liệu kỳ này” ở trang “Số liệu”, như khi viết báo cáo: 1500; 17,6; trên 20 tỷ đồng; gần 10 nghìn m2; hàng trăm ngày công."),
		line("2. Ô để trống nghĩa là chưa có số liệu, không phải số 0. Không có phát sinh thì ghi 0. Muốn bỏ số đã gửi thì ghi dấu “-”."),
		line("3. Tiền tính bằng đồng; có thể ghi “20 tỷ đồng”, “450 triệu đồng”. Dấu chấm phân nhóm nghìn, dấu phẩy là phần thập phân."),
		line("4. Số có đến một ngày khác ngày cuối kỳ thì ghi ngày đó ở cột “Tính đến ngày”. Sửa số đã được duyệt thì ghi lý do."),
		line("5. Trang “Nội dung”: chọn loại, ghi nội dung; có thể ghi mã chỉ tiêu liên quan, cách nhau bằng dấu chấm phẩy."),
		line("6. Có thể đổi chỗ dòng, đổi độ rộng cột. Không đổi tên trang tính, không gộp ô, không xóa dòng tiêu đề."),
		line("7. Gửi lại tệp ở trang “Nhập tệp”: hệ thống cho xem trước từng ô rồi mới ghi, và hoàn tác được cả lần nhập."),
	}
	return sheet.Form{Name: guideSheet, Widths: []float64{120}, Rows: rows}
}

func (f form) figures(name string) sheet.Form {
	head := func(text string) sheet.FormCell { return sheet.FormCell{Value: sheet.Str(text), Head: true} }
	out := sheet.Form{
		Name: name, Landscape: true, HeadRows: 3, HeadCols: 2,
		Widths: []float64{12, 52, 14, 22, 22, 26, 16, 26, 26},
		Rows: [][]sheet.FormCell{
			{{Value: sheet.Str("Đơn vị: " + f.unit.Code), Plain: true}, {Value: sheet.Str(f.unit.Name), Plain: true, Bold: true}},
			{{Value: sheet.Str("Kỳ: " + f.period.Code), Plain: true}, {Value: sheet.Str(f.period.Name()), Plain: true}},
			{
				head("Mã"), head("Chỉ tiêu"), head("Đơn vị tính"), head("Kỳ trước"), head("Kế hoạch năm"), head("Số liệu kỳ này"),
				head("Tính đến ngày"), head("Ghi chú"), head("Lý do điều chỉnh"),
			},
		},
	}
	for _, g := range f.catalog.Topics() {
		out.Rows = append(out.Rows, []sheet.FormCell{{}, {Value: sheet.Str(g.Name), Bold: true}})
		for _, in := range g.Indicators {
			if in.Across == indicator.Ratio {
				continue // worked out from two other rows
			}
			out.Rows = append(out.Rows, f.row(in, indicator.Part{}))
			for _, p := range in.Parts {
				out.Rows = append(out.Rows, f.row(in, p))
			}
		}
	}
	return out
}

// row is the row of a cell. What the body has given already stands in it, as it was given.
func (f form) row(in indicator.Indicator, p indicator.Part) []sheet.FormCell {
	name := in.Name
	if p.Part != indicator.Total {
		name = "    " + p.Name
		if p.Kind == indicator.OfWhich {
			name = "    trong đó: " + p.Name
		}
	}
	cell := func(per period.Period) figure.Cell {
		return figure.Cell{Unit: f.unit.ID, Period: per.ID, Indicator: in.ID, Part: p.Part}
	}
	last, now := f.before[cell(f.last)], f.now[cell(f.period)]
	plan := figure.Plan{}
	if p.Part == indicator.Total {
		plan = f.plans[figure.Key{Period: f.year.ID, Indicator: in.ID}]
	}
	asOf := ""
	if now.AsOf != "" {
		asOf = viet.FormatDate(now.AsOf)
	}
	text := func(s string) sheet.FormCell { return sheet.FormCell{Value: sheet.Str(s)} }
	open := func(s string) sheet.FormCell {
		return sheet.FormCell{Value: sheet.Str(s), Input: true, Check: sheet.AsTyped}
	}
	input := open(asGiven(now, in))
	if p.Part == indicator.Total {
		input.Note = in.Note
	}
	return []sheet.FormCell{
		text(indicator.Address(in, p)), text(name), text(in.Unit), text(figure.Print(last.Value, last.Raw, in)),
		text(shownPlan(plan.Value, plan.Raw, in.Unit, in.Decimals)), input, open(asOf), open(""), open(""),
	}
}

// asGiven is the text that gives a version back when it is read again; empty when no text does, as for a source whose print
// contradicts its number: an empty cell leaves what stands.
func asGiven(v figure.Version, in indicator.Indicator) string {
	text := v.Raw
	if text == "" {
		text = figure.Print(v.Value, "", in)
	}
	q, err := figure.Read(text, in)
	if err != nil || q.HasNumber() && v.Has && q.Value != v.Number || q.Qualifier != v.Qualifier {
		return ""
	}
	return text
}

func (f form) statements() sheet.Form {
	rows := f.statementRows()
	for len(rows) < max(statementRows, len(f.said)+10) {
		rows = append(rows, f.statementRow(report.Statement{}))
	}
	return statementForm([]float64{28, 80, 36, 30, 26}, append([][]sheet.FormCell{statementHead()}, rows...))
}

func statementForm(widths []float64, rows [][]sheet.FormCell) sheet.Form {
	return sheet.Form{Name: statementSheet, Landscape: true, HeadRows: 1, Widths: widths, Rows: rows}
}

func statementHead() (out []sheet.FormCell) {
	for _, text := range []string{"Loại nội dung", "Nội dung", "Cuộc vận động, phong trào", "Tổ chức", "Mã chỉ tiêu liên quan"} {
		out = append(out, sheet.FormCell{Value: sheet.Str(text), Head: true})
	}
	return out
}

// statementRows are what the body has stated already.
func (f form) statementRows() (out [][]sheet.FormCell) {
	for _, x := range f.said {
		out = append(out, f.statementRow(x))
	}
	return out
}

func (f form) statementRow(x report.Statement) []sheet.FormCell {
	open := func(s string) sheet.FormCell { return sheet.FormCell{Value: sheet.Str(s), Input: true} }
	var codes []string
	for _, c := range x.Cells {
		if in, ok := f.catalog.ByID(c.Indicator); ok && c.Unit == f.unit.ID && c.Period == f.period.ID {
			part, _ := in.Part(c.Part)
			codes = append(codes, indicator.Address(in, part))
		}
	}
	kind := open(x.Kind.Name())
	kind.List = kindList
	return []sheet.FormCell{kind, open(x.Text), open(x.Topic), open(x.Organisation), open(strings.Join(codes, "; "))}
}
