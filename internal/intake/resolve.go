package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// resolver asks a site, in one transaction, what a file's words mean and what they would change. What is to be written
// stands beside the lines, each with the index of its line.
type resolver struct {
	s     *Service
	tx    *db.Tx
	who   auth.Actor
	opt   Options
	names *names
	c     *content
	lines []Line
	codes Codes // nil: this site's own

	specs      []org.Spec
	inputs     []todo[figure.Input]
	rivals     []figure.Input // of a package
	overlaps   []todo[overlapTodo]
	flags      []todo[flagTodo]
	targets    []todo[targetTodo]
	statements []todo[report.Statement]

	byRef    map[string]ref
	byCell   map[figure.Cell]int // line of a cell that the file gives
	standing map[[2]int64]map[figure.Cell]figure.Version
	approved map[[2]int64]map[figure.Cell]figure.Version
	beside   map[[2]int64]map[figure.Cell]map[int][]figure.Companion
	gates    map[[2]int64]figure.Gate
	said     map[[2]int64][]report.Statement
	plans    map[[2]int64]map[figure.Key]figure.Plan
	shown    map[[2]int64][]figure.Flag
	touched  map[int64]bool // units that the file speaks of
}

type todo[T any] struct {
	line int
	do   T
}

type ref struct {
	cell figure.Cell
	p    period.Period
	line int
}

type overlapTodo struct {
	p period.Period
	o figure.Overlap
}

type flagTodo struct {
	p    period.Period
	cell figure.Cell
	text string
}

type targetTodo struct {
	unit   org.Unit
	p      period.Period
	in     indicator.Indicator
	q      viet.Quantity
	source string
	before figure.Plan
}

func (s *Service) resolver(ctx context.Context, tx *db.Tx, who auth.Actor, c *content, opt Options) (*resolver, error) {
	base, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	if c.parcel != nil {
		if c, err = s.deliver(ctx, tx, who, c, opt); err != nil {
			return nil, err
		}
		opt.Scheme, opt.Unit, opt.Period, opt.Reason = "", "", "", "" // a package says all of it
	}
	var codes Codes
	if opt.Scheme != "" {
		if s.codesOf == nil {
			return nil, fault.NotFound()
		}
		if codes, err = s.codesOf(ctx, tx, who, opt.Scheme); err != nil {
			return nil, err
		}
		if of := codes.DataSet(); of != "" && c.dataSet != "" && of != c.dataSet && !slices.ContainsFunc(c.notes, func(p Problem) bool { return p.Address == "dataSet" }) {
			c.remark("dataSet", "Tệp thuộc bộ dữ liệu “"+c.dataSet+"”, còn bảng mã đã chọn là của bộ “"+of+"”. Hãy xem kỹ các dòng.")
		}
	}
	touched := map[int64]bool{}
	if c.of != 0 {
		touched[c.of] = true
	}
	return &resolver{
		codes: codes, s: s, tx: tx, who: who, opt: opt, c: c, names: newNames(tx, who, s.clock.Today(), base), byRef: map[string]ref{}, byCell: map[figure.Cell]int{},
		standing: map[[2]int64]map[figure.Cell]figure.Version{}, approved: map[[2]int64]map[figure.Cell]figure.Version{},
		beside: map[[2]int64]map[figure.Cell]map[int][]figure.Companion{}, gates: map[[2]int64]figure.Gate{}, said: map[[2]int64][]report.Statement{},
		plans: map[[2]int64]map[figure.Key]figure.Plan{}, shown: map[[2]int64][]figure.Flag{}, touched: touched,
	}, nil
}

// run resolves everything in the order in which it would be written.
func (r *resolver) run(ctx context.Context) error {
	r.lines = append(r.lines, r.c.files...)
	if err := r.units(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.figures, r.allOverlaps, r.allTargets, r.allStatements, r.allFlags} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// refuse sets a line's refusal; where is the cell at fault when that is not the line's own.
func (l *Line) refuse(where, why string) {
	l.State, l.Text = StateRefused, why
	if where != "" && where != l.At {
		l.Where = where
	}
}

// old asks for consent where a line's text is in an old encoding.
func (r *resolver) old(l *Line, legacy []Legacy) {
	l.Legacy = legacy
	if len(legacy) == 0 || r.opt.ConvertLegacy || l.State == StateRefused || l.State == StateEqual {
		return
	}
	l.State = StateQuestion
	l.Text = fmt.Sprintf("Chữ gõ bằng phông %s: “%s” đọc là “%s”. Hãy đồng ý chuyển mã, hoặc gõ lại ở tệp gốc.", legacy[0].Encoding, legacy[0].Before, legacy[0].After)
}

// place finds unit and period of a row and fills the line.
func (r *resolver) place(ctx context.Context, l *Line, unit, per field, perm auth.Permission) (u org.Unit, p period.Period, ok bool, err error) {
	if unit.text == "" {
		unit.text = r.opt.Unit
	}
	if per.text == "" {
		per.text = r.opt.Period
	}
	p, why, err := r.names.period(ctx, per)
	if err != nil {
		return u, p, false, err
	}
	if p.Code != "" {
		l.Period, l.PeriodName = p.Code, p.Name()
	}
	if why != "" {
		l.refuse(per.at, why)
		return u, p, false, nil
	}
	u, why, err = r.names.unit(ctx, unit, perm, p.To)
	if err != nil {
		return u, p, false, err
	}
	if u.ID != 0 {
		l.Unit, l.UnitName = u.Code, u.Name
		r.touched[u.ID] = true
	} else {
		l.UnitName = "“" + unit.text + "”" // as the file has it
	}
	if why != "" {
		l.refuse(unit.at, why)
		return u, p, false, nil
	}
	return u, p, true, nil
}

func (r *resolver) figures(ctx context.Context) error {
	for _, f := range r.c.figures {
		if err := r.figure(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.at, err)
		}
	}
	return nil
}

func (r *resolver) figure(ctx context.Context, f figureRow) error {
	l := Line{At: f.at, What: OfFigure, State: StateNew}
	index := len(r.lines)
	defer func() { r.old(&l, f.legacy); r.lines = append(r.lines, l) }()
	if f.theirs != nil && !r.translate(&l, &f) {
		return nil
	}
	u, p, ok, err := r.place(ctx, &l, f.unit, f.period, auth.Enter)
	if err != nil || !ok {
		return err
	}
	in, part, why := r.names.indicator(f, p.To)
	if in.ID != 0 {
		l.Indicator, l.IndicatorName, l.Part, l.PartName = in.Code, in.Name, part.Part, part.Name
	}
	if why != "" {
		where := f.indicator.at
		if in.ID == 0 {
			l.IndicatorName = "“" + f.indicator.text + "”"
		}
		if _, ok := in.PartByCode(f.part.text); in.ID != 0 && !ok {
			where = f.part.at
		}
		l.refuse(where, why)
		return nil
	}
	c := figure.Cell{Unit: u.ID, Period: p.ID, Indicator: in.ID, Part: part.Part}
	if f.ref != "" {
		if _, twice := r.byRef[f.ref]; twice {
			l.refuse("", "Mã ref “"+f.ref+"” đã dùng cho một số liệu khác trong tệp.")
			return nil
		}
		r.byRef[f.ref] = ref{c, p, index}
	}
	if first, twice := r.byCell[c]; twice {
		other := &r.lines[first]
		l.refuse("", "Trùng với "+other.At+": cùng đơn vị, kỳ và chỉ tiêu. Hãy giữ một dòng.")
		other.refuse("", "Trùng với "+l.At+": cùng đơn vị, kỳ và chỉ tiêu. Hãy giữ một dòng.")
		return nil
	}
	r.byCell[c] = index
	input := figure.Input{
		Unit: u.ID, Period: p, Indicator: in, Part: part.Part, Origin: f.at,
		Reason: viet.Clean(cmp.Or(f.reason.text, f.note.text, r.opt.Reason)),
	}
	if !r.value(&l, f, &input) || !r.details(&l, f, &input) {
		return nil
	}
	if err := r.compare(ctx, &l, u, c, &input, f); err != nil {
		return err
	}
	switch l.State {
	case StateNew, StateChanged:
		r.inputs = append(r.inputs, todo[figure.Input]{index, input})
	case StateRival:
		input.Reason = f.note.text // by which what was brought before is found
		r.rivals = append(r.rivals, input)
	}
	return nil
}

// value reads the number of a row, with the choice that a person has made.
func (r *resolver) value(l *Line, f figureRow, input *figure.Input) bool {
	v := f.value
	if !v.set && f.raw.text != "" {
		v = given{text: f.raw.text, at: f.raw.at, set: true}
	}
	got := readValue(v, f.measure.text, f.moneyOnly, input.Indicator)
	switch {
	case got.refusal != "":
		l.refuse(v.at, got.refusal)
		return false
	case got.question != nil:
		l.State, l.Text = StateQuestion, got.question.Text
		for _, reading := range got.question.Readings {
			l.Readings = append(l.Readings, reading.Text)
		}
		n, chosen := r.opt.Choices[l.At]
		if !chosen {
			return false
		}
		q, ok := choose(got.question, n, input.Indicator)
		if !ok {
			return false
		}
		l.State, l.Text, l.Choice = StateNew, "", n+1
		got.quantity = q
	}
	q, why := qualified(got.quantity, f.qualifier)
	if why != "" {
		l.refuse(f.qualifier.at, why)
		return false
	}
	if f.raw.text != "" {
		q.Raw = f.raw.text
	}
	input.Quantity = q
	return true
}

// details reads what stands beside the number.
func (r *resolver) details(l *Line, f figureRow, input *figure.Input) bool {
	if f.asOf.text != "" {
		day, err := viet.ParseDate(f.asOf.text, input.Period.Year)
		if err != nil {
			l.refuse(f.asOf.at, "Ngày số liệu: "+err.Error())
			return false
		}
		input.AsOf = day
	}
	adds := input.Indicator.Across == indicator.Sum
	if f.adds != nil && *f.adds != adds {
		how := "không cộng giữa các đơn vị; hãy bỏ adds hoặc chọn chỉ tiêu được cộng"
		if adds {
			how = "được cộng giữa các đơn vị; hãy khai trùng (overlaps) hoặc chọn chỉ tiêu không cộng"
		}
		l.refuse("", "Chỉ tiêu “"+input.Indicator.Name+"” "+how+".")
		return false
	}
	for _, k := range f.companions {
		got, where, why := companion(k, input.Indicator)
		if why != "" {
			l.refuse(where, "Số đi kèm: "+why)
			return false
		}
		input.Companions = append(input.Companions, got)
	}
	return true
}

var roles = []figure.Role{
	figure.Target, figure.Denominator, figure.Baseline, figure.Percent, figure.OverPercent, figure.Delta, figure.MoneyValue,
	figure.Low, figure.High, figure.Average, figure.UnitPrice, figure.Total,
}

func companion(k companionRow, in indicator.Indicator) (out figure.Companion, where, why string) {
	for _, role := range roles {
		if string(role) == k.role.text {
			out.Role = role
		}
	}
	if out.Role == "" {
		var known []string
		for _, role := range roles {
			known = append(known, string(role))
		}
		return out, k.role.at, "không có vai trò “" + k.role.text + "”; hãy ghi một trong: " + strings.Join(known, ", ") + "."
	}
	q, why := loose(k.value)
	if why != "" {
		return out, k.value.at, why
	}
	if q, why = qualified(q, k.qualifier); why != "" {
		return out, k.qualifier.at, why
	}
	out.Value, out.Decimals, out.Qualifier, out.Label = q.Value, q.Scale, q.Qualifier, viet.Clean(k.label)
	out.Unit = cmp.Or(viet.Clean(k.unit), q.Unit)
	if out.Unit == "" {
		switch out.Role {
		case figure.Percent, figure.OverPercent:
			out.Unit = "%"
		case figure.MoneyValue, figure.UnitPrice:
			out.Unit = "đồng"
		default:
			out.Unit = in.Unit
		}
	}
	return out, "", ""
}

// compare sets a figure's line against what stands. A bare number from another system says nothing of how the figure was
// written or up to which day it was counted.
func (r *resolver) compare(ctx context.Context, l *Line, u org.Unit, c figure.Cell, input *figure.Input, f figureRow) error {
	if figure.TooLarge(input.Quantity) {
		l.refuse("", "Số này lớn quá mức hệ thống nhận cho một ô. Hãy kiểm tra lại số chữ số và đơn vị tính.")
		return nil
	}
	place := [2]int64{c.Unit, c.Period}
	if r.standing[place] == nil {
		now, err := r.s.figures.OwnIn(ctx, r.tx, r.who, figure.Submitted, u, []period.Period{input.Period})
		if err != nil {
			return err
		}
		done, err := r.s.figures.OwnIn(ctx, r.tx, r.who, figure.Approved, u, []period.Period{input.Period})
		if err != nil {
			return err
		}
		r.standing[place], r.approved[place] = now, done
		if r.beside[place], err = r.s.figures.Companions(ctx, r.tx, c.Unit, input.Period); err != nil {
			return err
		}
		if r.gates[place], err = r.s.figures.GateIn(ctx, r.tx, c.Unit, input.Period); err != nil {
			return err
		}
	}
	old := r.standing[place][c]
	next := figure.Value{Number: input.Quantity.Value, Has: input.Quantity.HasNumber() && input.Quantity.Qualifier != viet.Range, Qualifier: input.Quantity.Qualifier}
	if !next.Has {
		next.Number = 0
	}
	raw := keptRaw(input.Quantity, next, input.Indicator)
	l.Seen, input.Expect = old.Version, old.Version
	l.Before = shown(old.Value, old.Raw, input.Indicator)
	l.After = shown(next, raw, input.Indicator)
	bare := f.theirs != nil
	switch {
	case f.before != nil:
		l.State, l.Text = against(old, *f.before, next, old.Raw == raw && old.AsOf == input.AsOf)
	case old.Value == next && (bare && old.Version > 0 || old.Raw == raw && old.AsOf == input.AsOf):
		l.State = StateEqual
		if len(input.Companions) > 0 && !sameCompanions(input.Companions, r.beside[place][c][old.Version]) {
			l.Text = "Số liệu không đổi, nên các số đi kèm (chỉ tiêu, tỷ lệ, giá trị …) giữ như đang lưu."
		}
	case !old.Blank():
		l.State = StateChanged
	}
	gate, done := r.gates[place], r.approved[place][c]
	switch why := gate.Against(c.Indicator, c.Part); {
	case l.State == StateEqual:
	case why != "":
		l.refuse("", string(why))
	case input.Reason == "" && (gate.Reason != "" || l.State == StateChanged && !done.Blank()):
		l.refuse("", "Số liệu này đã được duyệt; hãy ghi lý do điều chỉnh ở cột “Lý do” hoặc khi nhập tệp.")
	}
	return nil
}

// keptRaw is the text that figure keeps beside a value: none where the print of the value gives it back.
func keptRaw(q viet.Quantity, v figure.Value, in indicator.Indicator) string {
	if q.Qualifier == viet.Blank || q.Raw == "" {
		return ""
	}
	if v.Has && (q.Raw == figure.Print(v, "", in) || q.Raw == viet.FormatInt(v.Number, in.Decimals)) {
		return ""
	}
	return q.Raw
}

func shown(v figure.Value, raw string, in indicator.Indicator) string {
	text := figure.Print(v, raw, in)
	if raw != "" && raw != text && !v.Blank() {
		text += " (“" + raw + "”)"
	}
	return text
}

func sameCompanions(given, kept []figure.Companion) bool {
	left := map[figure.Companion]int{}
	for _, k := range kept {
		left[k]++
	}
	for _, k := range given {
		if left[k]--; left[k] < 0 {
			return false
		}
	}
	return true
}

// faults turns what another house has refused into lines. field names the row as that house does, from 1.
func rowFaults(err error, row func(n int, f *fault.Error)) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	for _, f := range all {
		var n int
		if _, scan := fmt.Sscanf(strings.TrimLeft(f.Field, "abcdefghijklmnopqrstuvwxyz-"), "%d", &n); scan != nil {
			return err
		}
		row(n, f)
	}
	return nil
}
