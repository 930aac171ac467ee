package intake

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// units compares the file's units with the site's and makes the new ones in this transaction, so that what follows finds
// them; a preview takes the transaction back.
func (r *resolver) units(ctx context.Context) error {
	lineOf := map[int]int{} // row of specs, from 1
	seen := map[string]string{}
	for _, row := range r.c.units {
		code := strings.ToUpper(row.code)
		l := Line{At: row.at, What: OfUnit, State: StateNew, Unit: code, UnitName: row.name, After: row.name}
		switch {
		case !r.who.Has(auth.EditUnits):
			l.refuse("", "Phần đơn vị của tệp chỉ do người quản lý đơn vị nhập. Hãy bỏ phần này hoặc nhờ người quản lý nhập trước.")
		case seen[code] != "":
			l.refuse("", "Mã đơn vị đã có ở "+seen[code]+".")
		default:
			seen[code] = row.at
			if err := r.unit(ctx, &l, row); err != nil {
				return err
			}
		}
		r.old(&l, row.legacy)
		if l.State == StateNew {
			r.specs = append(r.specs, org.Spec{
				Code: code, Kind: org.Kind(row.kind), Level: org.Level(row.level), Name: row.name, Short: row.short, Parent: strings.ToUpper(row.parent),
				LineParent: strings.ToUpper(row.lineParent), FrontParent: strings.ToUpper(row.frontParent), ValidFrom: row.from, ValidTo: row.to,
			})
			lineOf[len(r.specs)] = len(r.lines)
		}
		r.lines = append(r.lines, l)
	}
	if len(r.specs) == 0 {
		return nil
	}
	return rowFaults(r.s.units.LoadIn(ctx, r.tx, r.who, slices.Clone(r.specs)), func(n int, f *fault.Error) {
		if i, ok := lineOf[n]; ok {
			_, text, _ := strings.Cut(f.Text, ": ")
			r.lines[i].refuse("", text)
		}
	})
}

// unit compares one unit with the one that stands. A difference is refused: names and places of a unit are changed with a
// date, on its page.
func (r *resolver) unit(ctx context.Context, l *Line, row unitRow) error {
	for _, day := range []string{row.from, row.to} {
		if _, err := viet.ParseDate(day, 0); day != "" && err != nil {
			l.refuse("", "Ngày “"+day+"” không đọc được; hãy ghi như 2025-07-01.")
			return nil
		}
	}
	day := row.from
	if day == "" {
		day = r.names.today
	}
	u, err := org.Visible(ctx, r.tx, r.who, auth.EditUnits, l.Unit, day, r.names.today)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r.touched[u.ID] = true
	parents, err := parentsOf(ctx, r.tx, u.ID, max(day, u.ValidFrom))
	if err != nil {
		return err
	}
	l.Before = u.Name
	switch {
	case u.Name != row.name, u.Kind != org.Kind(row.kind), u.Level != org.Level(row.level), row.short != "" && u.Short != row.short,
		row.from != "" && u.ValidFrom != row.from, row.to != "" && u.ValidTo != row.to,
		parents[org.Territory] != strings.ToUpper(row.parent), parents[org.Line] != strings.ToUpper(row.lineParent),
		parents[org.Front] != strings.ToUpper(row.frontParent):
		l.refuse("", "Đơn vị mã “"+l.Unit+"” đã có ("+u.Name+") và khác với tệp. Hãy đổi tên, cấp trên hoặc thời hạn trên trang của đơn vị, có ngày hiệu lực.")
	default:
		l.State = StateEqual
	}
	return nil
}
