package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
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

func (r *resolver) allOverlaps(ctx context.Context) error {
	for _, f := range r.c.figures {
		if len(f.overlaps) == 0 {
			continue
		}
		own := -1
		for c, i := range r.byCell {
			if r.lines[i].At == f.at {
				own = i
				for _, o := range f.overlaps {
					if err := r.overlap(ctx, f, o, c, own); err != nil {
						return err
					}
				}
			}
		}
		if own >= 0 {
			continue
		}
		for _, o := range f.overlaps {
			l := Line{At: o.at, What: OfOverlap}
			l.refuse("", "Số liệu mà phần trùng này thuộc về ("+f.at+") bị từ chối.")
			r.lines = append(r.lines, l)
		}
	}
	return nil
}

func (r *resolver) overlap(ctx context.Context, f figureRow, o overlapRow, c figure.Cell, own int) error {
	base := r.lines[own]
	l := Line{At: o.at, What: OfOverlap, State: StateNew, Period: base.Period, PeriodName: base.PeriodName, Indicator: base.Indicator,
		IndicatorName: base.IndicatorName, Part: base.Part, PartName: base.PartName, Unit: base.Unit, UnitName: base.UnitName}
	defer func() { r.lines = append(r.lines, l) }()
	if base.State == StateRefused || base.State == StateQuestion {
		l.refuse("", "Số liệu mà phần trùng này thuộc về ("+f.at+") chưa ghi được.")
		return nil
	}
	p, _, err := r.names.period(ctx, field{text: base.Period})
	if err != nil {
		return err
	}
	other, why, err := r.names.unit(ctx, o.unit, auth.View, p.To)
	if err != nil {
		return err
	}
	reason := viet.Clean(o.reason)
	if why == "" && reason == "" {
		why = "Hãy nêu vì sao hai số liệu trùng nhau (reason)."
	}
	in, _ := r.names.catalog(p.To).ByCode(base.Indicator)
	todoOverlap := figure.Overlap{Cell: c, Other: other.ID, Reason: reason}
	if why == "" && o.amount.set && !o.amount.null {
		got := readValue(o.amount, "", false, in)
		switch {
		case got.refusal != "":
			why = got.refusal
		case got.question != nil:
			why = got.question.Text
		default:
			todoOverlap.Amount, todoOverlap.Known = got.quantity.Value, true
		}
	}
	if why == "" {
		if _, given := r.byCell[figure.Cell{Unit: other.ID, Period: c.Period, Indicator: c.Indicator, Part: c.Part}]; !given {
			theirs, err := r.s.figures.OwnIn(ctx, r.tx, r.who, figure.Submitted, other, []period.Period{p})
			if err != nil {
				return err
			}
			if theirs[figure.Cell{Unit: other.ID, Period: c.Period, Indicator: c.Indicator, Part: c.Part}].Blank() {
				why = "Đơn vị " + other.Name + " chưa có số liệu này trong kỳ, nên chưa khai trùng được."
			}
		}
	}
	if why != "" {
		l.refuse(o.unit.at, why)
		return nil
	}
	l.After = "trùng với " + other.Name + ", chưa biết bao nhiêu"
	if todoOverlap.Known {
		l.After = "trùng với " + other.Name + ": " + figure.Print(figure.Value{Number: todoOverlap.Amount, Has: true, Qualifier: viet.Exact}, "", in)
	}
	stands, err := overlapStands(ctx, r.tx, todoOverlap)
	if err != nil {
		return err
	}
	if stands {
		l.State = StateEqual
		return nil
	}
	r.overlaps = append(r.overlaps, todo[overlapTodo]{len(r.lines), overlapTodo{p, todoOverlap}})
	return nil
}

func (r *resolver) allTargets(ctx context.Context) error {
	seen := map[figure.Cell]int{}
	for _, t := range r.c.targets {
		if err := r.target(ctx, t, seen); err != nil {
			return fmt.Errorf("%s: %w", t.at, err)
		}
	}
	return nil
}

func (r *resolver) target(ctx context.Context, t targetRow, seen map[figure.Cell]int) error {
	l := Line{At: t.at, What: OfTarget, State: StateNew}
	index := len(r.lines)
	defer func() { r.old(&l, t.legacy); r.lines = append(r.lines, l) }()
	if !r.who.Has(auth.Consolidate) {
		l.refuse("", "Chỉ tiêu kế hoạch do văn phòng Mặt trận nhập. Hãy bỏ phần này khỏi tệp.")
		return nil
	}
	u, p, ok, err := r.place(ctx, &l, t.unit, t.period, auth.Consolidate)
	if err != nil || !ok {
		return err
	}
	in, part, why := r.names.indicator(figureRow{indicator: t.indicator}, p.To)
	if why == "" && part.Part != 0 {
		why = "Chỉ tiêu kế hoạch đặt cho cả chỉ tiêu, không cho thành phần."
	}
	if why != "" {
		l.refuse(t.indicator.at, why)
		return nil
	}
	l.Indicator, l.IndicatorName = in.Code, in.Name
	c := figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID}
	if first, twice := seen[c]; twice {
		r.lines[first].refuse("", "Trùng với "+l.At+".")
		l.refuse("", "Trùng với "+r.lines[first].At+".")
		return nil
	}
	seen[c] = index
	if !t.value.set && t.raw.text != "" {
		t.value = given{text: t.raw.text, at: t.raw.at, set: true}
	}
	got := readValue(t.value, "", false, in)
	switch {
	case got.refusal != "":
		l.refuse(t.value.at, got.refusal)
		return nil
	case got.question != nil:
		l.State, l.Text = StateQuestion, got.question.Text
		for _, reading := range got.question.Readings {
			l.Readings = append(l.Readings, reading.Text)
		}
		n, chosen := r.opt.Choices[l.At]
		if !chosen {
			return nil
		}
		if got.quantity, ok = choose(got.question, n, in); !ok {
			return nil
		}
		l.State, l.Text, l.Choice = StateNew, "", n+1
	}
	q, why := qualified(got.quantity, t.qualifier)
	if why == "" && !q.HasNumber() && q.Qualifier != viet.Blank {
		why = "Chỉ tiêu kế hoạch phải là một con số."
	}
	if why != "" {
		l.refuse(t.qualifier.at, why)
		return nil
	}
	if t.raw.text != "" {
		q.Raw = t.raw.text
	}
	place := [2]int64{u.ID, p.ID}
	if r.plans[place] == nil {
		if r.plans[place], err = r.s.figures.PlansIn(ctx, r.tx, r.who, u, p); err != nil {
			return err
		}
	}
	old := r.plans[place][figure.Key{Period: p.ID, Indicator: in.ID}]
	l.Seen = old.Version
	l.Before = figure.Print(old.Value, old.Raw, in)
	l.After = shownPlan(figure.Value{Number: q.Value, Has: q.HasNumber(), Qualifier: q.Qualifier}, q.Raw, in.Unit, in.Decimals)
	switch {
	case old.Qualifier == q.Qualifier && (!old.Has || old.Number == q.Value):
		l.State = StateEqual
		return nil
	case old.Has:
		l.State = StateChanged
	}
	r.targets = append(r.targets, todo[targetTodo]{index, targetTodo{u, p, in, q, viet.Clean(t.source), old}})
	return nil
}

func (r *resolver) allStatements(ctx context.Context) error {
	for _, s := range r.c.statements {
		if err := r.statement(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.at, err)
		}
	}
	return nil
}

// statementKind reads a kind by its code or its Vietnamese name.
func statementKind(text string) (report.StatementKind, bool) {
	for _, k := range report.StatementKinds {
		if string(k) == text || viet.Fold(k.Name()) == viet.Fold(text) {
			return k, true
		}
	}
	return "", false
}

func (r *resolver) statement(ctx context.Context, row statementRow) error {
	l := Line{At: row.at, What: OfStatement, State: StateNew, After: row.text.text}
	index := len(r.lines)
	defer func() { r.old(&l, row.legacy); r.lines = append(r.lines, l) }()
	u, p, ok, err := r.place(ctx, &l, row.unit, row.period, auth.Enter)
	if err != nil || !ok {
		return err
	}
	kind, ok := statementKind(row.kind.text)
	if !ok {
		var all []string
		for _, k := range report.StatementKinds {
			all = append(all, k.Name())
		}
		l.refuse(row.kind.at, "Không có loại nội dung “"+row.kind.text+"”; hãy chọn một trong: "+strings.Join(all, "; ")+".")
		return nil
	}
	l.IndicatorName = kind.Name()
	if row.text.text == "" {
		l.refuse(row.text.at, "Thiếu nội dung.")
		return nil
	}
	x := report.Statement{
		Unit: u.ID, Period: p.ID, Kind: kind, Text: row.text.text, Topic: viet.Clean(row.topic), Organisation: viet.Clean(row.organisation),
		Source: viet.Clean(row.source), Origin: row.at, Ref: row.ref,
	}
	if x.Source == "" {
		x.Source = r.c.source
	}
	if row.asOf.text != "" {
		if x.AsOf, err = viet.ParseDate(row.asOf.text, p.Year); err != nil {
			l.refuse(row.asOf.at, "Ngày: "+err.Error())
			return nil
		}
	}
	if !r.cells(&l, row, u, p, &x) {
		return nil
	}
	place := [2]int64{u.ID, p.ID}
	if _, ok := r.said[place]; !ok {
		if r.said[place], err = r.s.reports.StatementsIn(ctx, r.tx, r.who, u.ID, false, p); err != nil {
			return err
		}
	}
	for _, old := range r.said[place] {
		switch {
		case old.Kind == x.Kind && old.Text == x.Text && old.Topic == x.Topic && old.Organisation == x.Organisation && (x.Ref == "" || old.Ref == x.Ref):
			l.Before, l.State = old.Text, StateEqual
			return nil
		case x.Ref != "" && old.Ref == x.Ref && old.Source == x.Source:
			l.Before = old.Text
			l.refuse("", "Nội dung mang mã “"+x.Ref+"” đã có trong báo cáo với lời khác. Hãy sửa trên trang báo cáo, hoặc dùng mã khác.")
			return nil
		}
	}
	for _, other := range r.statements {
		if o := other.do; o.Unit == x.Unit && o.Period == x.Period && (x.Ref != "" && o.Ref == x.Ref || o.Kind == x.Kind && o.Text == x.Text) {
			l.refuse("", "Trùng với "+r.lines[other.line].At+".")
			return nil
		}
	}
	r.statements = append(r.statements, todo[report.Statement]{index, x})
	return nil
}

// cells links a statement to the figures that it speaks of.
func (r *resolver) cells(l *Line, row statementRow, u org.Unit, p period.Period, x *report.Statement) bool {
	for _, f := range row.figures {
		to, ok := r.byRef[f.text]
		if !ok {
			l.refuse(f.at, "Trong tệp không có số liệu nào mang ref “"+f.text+"”.")
			return false
		}
		if s := r.lines[to.line].State; s == StateRefused || s == StateQuestion {
			l.refuse(f.at, "Số liệu “"+f.text+"” ("+r.lines[to.line].At+") chưa ghi được.")
			return false
		}
		x.Cells = append(x.Cells, to.cell)
	}
	for _, f := range row.cells {
		in, part, ok := r.names.catalog(p.To).PartByCode(f.text)
		if !ok {
			l.refuse(f.at, "Không có mã chỉ tiêu “"+f.text+"” trong danh mục.")
			return false
		}
		x.Cells = append(x.Cells, figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID, Part: part.Part})
	}
	return true
}

func (r *resolver) allFlags(ctx context.Context) error {
	for _, f := range r.c.flags {
		l := Line{At: f.at, What: OfFlag, State: StateNew, After: viet.Clean(f.text)}
		to, ok := r.byRef[f.ref.text]
		switch {
		case l.After == "":
			l.refuse("", "Hãy nêu nguồn mâu thuẫn ở chỗ nào.")
		case !ok:
			l.refuse(f.ref.at, "Trong tệp không có số liệu nào mang ref “"+f.ref.text+"”.")
		case r.lines[to.line].State == StateRefused || r.lines[to.line].State == StateQuestion:
			l.refuse(f.ref.at, "Số liệu “"+f.ref.text+"” ("+r.lines[to.line].At+") chưa ghi được.")
		default:
			base := r.lines[to.line]
			l.Unit, l.UnitName, l.Period, l.PeriodName, l.Indicator, l.IndicatorName = base.Unit, base.UnitName, base.Period, base.PeriodName, base.Indicator, base.IndicatorName
			stands, err := r.flagged(ctx, to, l.After)
			if err != nil {
				return err
			}
			if stands && base.State == StateEqual {
				l.State = StateEqual
				break
			}
			r.flags = append(r.flags, todo[flagTodo]{len(r.lines), flagTodo{to.p, to.cell, l.After}})
		}
		r.lines = append(r.lines, l)
	}
	return nil
}

func (r *resolver) flagged(ctx context.Context, to ref, text string) (bool, error) {
	place := [2]int64{to.cell.Unit, to.cell.Period}
	if _, ok := r.shown[place]; !ok {
		found, err := figure.Flags(ctx, r.tx, r.who, to.cell.Unit, []period.Period{to.p}, r.names.today)
		if err != nil {
			return false, err
		}
		r.shown[place] = found
	}
	return slices.ContainsFunc(r.shown[place], func(f figure.Flag) bool {
		return f.Cell == to.cell && f.Rule == figure.SaidBySource && f.Text == text
	}), nil
}
