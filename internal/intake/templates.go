package intake

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// Shape is how the forms of many bodies are put together.
type Shape string

const (
	Zip  Shape = "zip"  // an archive with a workbook for each body
	Book Shape = "book" // one workbook with a sheet for each body
)

// bodyList names the drop-list of the bodies of a workbook of many.
const bodyList = "ma_don_vi"

// Templates writes the forms of all bodies at and below a unit that owe a report of the period and that the actor may enter
// figures for; where nobody owes one, of all units. An empty unit is all that the actor holds. It tells how many there are.
func (s *Service) Templates(ctx context.Context, who auth.Actor, unitCode, periodCode string, shape Shape, w io.Writer) (int, error) {
	if err := who.Must(auth.Enter); err != nil {
		return 0, err
	}
	var forms []form
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := period.Parse(periodCode)
		if err != nil {
			return err
		}
		bodies, err := s.bodies(ctx, tx, who, strings.ToUpper(unitCode), p)
		if err != nil {
			return err
		}
		forms = nil
		for _, u := range bodies {
			f, err := s.formOf(ctx, tx, who, u.Code, p.Code)
			if err != nil {
				return err
			}
			forms = append(forms, f)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if shape == Book {
		return len(forms), writeBook(forms, w)
	}
	return len(forms), writeZip(forms, w)
}

func (s *Service) bodies(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode string, p period.Period) ([]org.Unit, error) {
	n := newNames(tx, who, s.clock.Today(), nil)
	units, err := n.list(ctx, auth.Enter, p.To)
	if err != nil {
		return nil, err
	}
	tops := []string{unitCode}
	if unitCode != "" {
		top, err := org.Visible(ctx, tx, who, auth.View, unitCode, p.To, n.today)
		if err != nil {
			return nil, err
		}
		below, err := org.Below(ctx, tx, who, auth.View, org.Territory, top.ID, p.To, n.today)
		if err != nil {
			return nil, err
		}
		in := map[int64]bool{}
		for _, b := range below {
			in[b.ID] = true
		}
		units = slices.DeleteFunc(slices.Clone(units), func(u org.Unit) bool { return !in[u.ID] })
	} else {
		roots, err := org.Roots(ctx, tx, p.To)
		if err != nil {
			return nil, err
		}
		tops = nil
		for _, r := range roots {
			tops = append(tops, r.Code)
		}
		for _, id := range who.Units(auth.Enter) {
			u, err := org.FindID(ctx, tx, id, p.To)
			if err != nil {
				return nil, err
			}
			tops = append(tops, u.Code)
		}
	}
	owes := map[int64]bool{}
	for _, top := range tops {
		b, err := s.reports.BoardIn(ctx, tx, who, top, p.Code)
		if fault.Is(err, fault.KindNotFound) {
			continue // not the actor's to see
		}
		if err != nil {
			return nil, err
		}
		for _, row := range b.Rows {
			owes[row.Unit.ID] = true
		}
	}
	if owing := slices.DeleteFunc(slices.Clone(units), func(u org.Unit) bool { return !owes[u.ID] }); len(owing) > 0 {
		units = owing
	}
	switch {
	case len(units) == 0:
		return nil, fault.Refused("Không có đơn vị nào trong phạm vi này mà bạn được nhập số liệu.")
	case len(units) > mostBodies:
		return nil, fault.Refusedf("Có %d đơn vị, quá giới hạn %d biểu mẫu một lần. Hãy chọn địa bàn nhỏ hơn.", len(units), mostBodies)
	}
	return units, nil
}

// templateName is the file of a body's form: its code holds no sign that a file system minds.
func templateName(unitCode string, p period.Period) string {
	return "bieu-mau-" + strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, unitCode)) + "-" + p.Slug()
}

func writeZip(forms []form, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, f := range forms {
		out, err := z.CreateHeader(&zip.FileHeader{Name: templateName(f.unit.Code, f.period) + ".xlsx", Method: zip.Store}) // packed already
		if err != nil {
			return err
		}
		if err := f.write(out); err != nil {
			return fmt.Errorf("form of %s: %w", f.unit.Code, err)
		}
	}
	return z.Close()
}

// writeBook makes one workbook: a guide, a sheet of figures for each body under its code, one sheet of statements in which
// each row names its body.
func writeBook(forms []form, w io.Writer) error {
	first := forms[0]
	out := sheet.NewWriter("Biểu mẫu số liệu "+first.period.Name(), "Giaoban", first.today)
	if err := out.Form(guideFor(fmt.Sprintf("%d đơn vị, mỗi đơn vị một trang tính mang mã của đơn vị.", len(forms)), first.period)); err != nil {
		return err
	}
	meta := map[string]string{metaForm: manyVersion, metaPeriod: first.period.Code, metaCatalog: first.hash}
	var codes []string
	body := func(code string) sheet.FormCell {
		return sheet.FormCell{Value: sheet.Str(code), Input: true, List: bodyList}
	}
	said := [][]sheet.FormCell{append([]sheet.FormCell{{Value: sheet.Str("Mã đơn vị"), Head: true}}, statementHead()...)}
	for _, f := range forms {
		name := sheetName(f.unit.Code, func(name string) bool { _, taken := meta[metaBody+name]; return taken })
		meta[metaBody+name] = f.unit.Code
		codes = append(codes, f.unit.Code)
		if err := out.Form(f.figures(name)); err != nil {
			return err
		}
		for _, row := range f.statementRows() {
			said = append(said, append([]sheet.FormCell{body(f.unit.Code)}, row...))
		}
	}
	for range max(statementRows, 2*len(forms)) {
		said = append(said, append([]sheet.FormCell{body("")}, first.statementRow(report.Statement{})...))
	}
	if err := out.Form(statementForm([]float64{16, 28, 80, 36, 30, 26}, said)); err != nil {
		return err
	}
	if err := out.List(kindList, kindNames()); err != nil {
		return err
	}
	if err := out.List(bodyList, codes); err != nil {
		return err
	}
	if err := out.Meta(meta); err != nil {
		return err
	}
	return out.Save(w)
}

// longestSheetName is the format's limit.
const longestSheetName = 31

// sheetName makes a sheet's name of a unit's code.
func sheetName(code string, taken func(string) bool) string {
	name := sheet.Name(code)
	clean := []rune(name)
	for n := 2; taken(name) || name == figureSheet || name == statementSheet; n++ {
		tail := fmt.Sprintf("~%d", n)
		name = string(clean[:min(len(clean), longestSheetName-len(tail))]) + tail
	}
	return name
}
