package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

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
