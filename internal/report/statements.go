package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

const statementSelect = `select s.id, s.version, s.unit, s.period, u.code, d.code, s.kind, s.text, s.topic, s.organisation, s.as_of, s.source,
	s.origin, s.ref, s.entry, s.removed, s.at, s.person, coalesce((select n.name from person n where n.id = s.person), ''), s.reason
	from report_statement s join unit u on u.id = s.unit join period d on d.id = s.period `

const newestStatement = ` s.version = (select max(v.version) from report_statement v where v.id = s.id) `

func scanStatement(rows *sql.Rows) (Statement, error) {
	var s Statement
	err := rows.Scan(&s.ID, &s.Version, &s.Unit, &s.Period, &s.UnitCode, &s.PeriodCode, &s.Kind, &s.Text, &s.Topic, &s.Organisation, &s.AsOf,
		&s.Source, &s.Origin, &s.Ref, &s.Entry, &s.Removed, &s.At, &s.Person, &s.By, &s.Reason)
	return s, err
}

// statements reads statements with their cells; where may use the placeholders of args.
func statements(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today, where, order string, args ...any) ([]Statement, error) {
	n := len(args)
	args = append(args, org.WithinArgs(who, p, today)...)
	found, err := db.Collect(ctx, tx, scanStatement, statementSelect+` where `+where+` and `+org.Within("s.unit", "d.date_to", n+1)+order, args...)
	if err != nil || len(found) == 0 {
		return found, err
	}
	at := map[string]int{}
	for i, s := range found {
		at[fmt.Sprintf("%s/%d", s.ID, s.Version)] = i
	}
	for part := range slices.Chunk(found, 500) {
		ids := make([]any, len(part))
		for i, s := range part {
			ids[i] = s.ID
		}
		rows, err := tx.Query(ctx, `select statement, version, unit, period, indicator, part from report_statement_cell
			where statement in (`+db.List(len(ids), 1)+`) order by statement, version, unit, period, indicator, part`, ids...)
		if err != nil {
			return nil, err
		}
		if err := attachCells(rows, at, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func attachCells(rows *sql.Rows, at map[string]int, found []Statement) error {
	defer rows.Close()
	for rows.Next() {
		var id string
		var version int
		var c figure.Cell
		if err := rows.Scan(&id, &version, &c.Unit, &c.Period, &c.Indicator, &c.Part); err != nil {
			return err
		}
		if i, ok := at[fmt.Sprintf("%s/%d", id, version)]; ok {
			found[i].Cells = append(found[i].Cells, c)
		}
	}
	return rows.Err()
}

func insertStatement(ctx context.Context, tx *db.Tx, s Statement) error {
	_, err := tx.Exec(ctx, `insert into report_statement(id, version, unit, period, kind, text, topic, organisation, as_of, source, origin, ref,
		entry, removed, at, person, reason) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)`,
		s.ID, s.Version, s.Unit, s.Period, string(s.Kind), s.Text, s.Topic, s.Organisation, s.AsOf, s.Source, s.Origin, s.Ref,
		s.Entry, s.Removed, s.At, s.Person, s.Reason)
	if err != nil {
		return err
	}
	rows := make([][]any, len(s.Cells))
	for i, c := range s.Cells {
		rows[i] = []any{s.ID, s.Version, c.Unit, c.Period, c.Indicator, c.Part}
	}
	return tx.Insert(ctx, `insert into report_statement_cell(statement, version, unit, period, indicator, part) values `, ` on conflict do nothing`, rows)
}

// AddStatementsIn adds statements within another house's transaction; entry is the import that brings them, empty for what
// is typed. All or none. The ids are filled into list. Each statement needs Unit, Period, Kind and Text.
func (s *Service) AddStatementsIn(ctx context.Context, tx *db.Tx, who auth.Actor, entry string, list []Statement) error {
	if err := who.Must(auth.Enter); err != nil {
		return err
	}
	if err := s.addStatements(ctx, tx, who, entry, list); err != nil || len(list) == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "state", House: "report", Object: "entry/" + entry, Units: unitsOf(list),
		Detail: map[string]any{"statements": len(list)},
	})
}

func (s *Service) addStatements(ctx context.Context, tx *db.Tx, who auth.Actor, entry string, list []Statement) error {
	var bad fault.List
	asked := map[[2]int64]bool{}
	refs := map[string]bool{}
	for i := range list {
		x := &list[i]
		if err := x.tidy(); err != nil {
			for _, f := range fault.All(err) {
				bad = append(bad, &fault.Error{Kind: f.Kind, Field: fmt.Sprintf("statement%d.%s", i+1, f.Field), Text: f.Text})
			}
			continue
		}
		if x.Ref != "" {
			key := fmt.Sprintf("%d/%d/%s", x.Unit, x.Period, x.Ref)
			if refs[key] {
				bad = append(bad, &fault.Error{Kind: fault.KindInvalid, Field: fmt.Sprintf("statement%d.ref", i+1), Text: "Mã “" + x.Ref + "” được dùng cho hai nội dung của cùng đơn vị và kỳ."})
			}
			refs[key] = true
		}
		if at := [2]int64{x.Unit, x.Period}; !asked[at] {
			asked[at] = true
			reason := x.Reason
			if entry != "" {
				reason = "Nhập từ tệp" // the import itself says what it is
			}
			if err := s.mayState(ctx, tx, who, x.Unit, x.Period, "", reason); err != nil {
				return err
			}
		}
		x.ID, x.Version, x.Entry, x.Removed = db.NewID(), 1, entry, false
		x.At, x.Person = s.clock.Milli(), who.Person
	}
	if err := bad.Err(); err != nil {
		return err
	}
	for _, x := range list {
		if err := insertStatement(ctx, tx, x); err != nil {
			return fmt.Errorf("insert statement %s: %w", x.Ref, err)
		}
	}
	return nil
}

// unitsOf are the units that statements stand for.
func unitsOf(list []Statement) []int64 {
	out := make([]int64, len(list))
	for i, x := range list {
		out[i] = x.Unit
	}
	return out
}

func (s *Service) mayEnter(ctx context.Context, tx *db.Tx, who auth.Actor, unit, per int64) error {
	p, err := period.FindID(ctx, tx, per)
	if err != nil {
		return err
	}
	if err := p.MustBeOpen(); err != nil {
		return err
	}
	may, err := holds(ctx, tx, who, auth.Enter, unit, p.To, s.clock.Today())
	if err != nil {
		return err
	}
	if !may {
		return fault.NotFound()
	}
	return nil
}

// mayState is mayEnter and the report's own gate, for a statement (its id; empty for a new one). What is said after an approval
// wants a reason, and those who stand for the report are told.
func (s *Service) mayState(ctx context.Context, tx *db.Tx, who auth.Actor, unit, per int64, id, reason string) error {
	if err := s.mayEnter(ctx, tx, who, unit, per); err != nil {
		return err
	}
	g, err := s.passOf(ctx, tx, unit, per)
	if err != nil {
		return err
	}
	if err := g.statementGate(id); err != nil || !g.state.Endorsed() {
		return err
	}
	if reason == "" {
		return fault.Invalid("reason", "Báo cáo đã được duyệt; hãy nêu lý do sửa.")
	}
	p, err := period.FindID(ctx, tx, per)
	if err != nil {
		return err
	}
	return s.changedAfter(ctx, tx, who, g.report, unit, p)
}

// UndoStatementsIn takes back the statements of an import, within the transaction that undoes its figures. A statement that
// somebody has changed since stays as it is; how many were removed and how many stay is told.
func (s *Service) UndoStatementsIn(ctx context.Context, tx *db.Tx, who auth.Actor, entry string) (removed, kept int, err error) {
	if err := who.Must(auth.Enter); err != nil {
		return 0, 0, err
	}
	found, err := statements(ctx, tx, who, auth.Enter, s.clock.Today(), `s.entry = $1 and `+newestStatement, ` order by s.id`, entry)
	if err != nil {
		return 0, 0, err
	}
	for _, x := range found {
		switch {
		case x.Removed:
			continue
		case x.Version > 1:
			kept++
			continue
		}
		if err := s.mayState(ctx, tx, who, x.Unit, x.Period, x.ID, "Hoàn tác lần nhập"); err != nil {
			return 0, 0, err
		}
		x.Version, x.Removed, x.At, x.Person, x.Reason = x.Version+1, true, s.clock.Milli(), who.Person, "Hoàn tác lần nhập"
		if err := insertStatement(ctx, tx, x); err != nil {
			return 0, 0, err
		}
		removed++
	}
	return removed, kept, audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "undo", House: "report", Object: "entry/" + entry, Units: unitsOf(found),
		Detail: map[string]any{"removed": removed, "kept": kept},
	})
}

// StatementsIn lists the standing statements of a unit, or of all units below it, for some periods, as far as the actor may
// view them: by kind in the order of the report, then as they came.
func (s *Service) StatementsIn(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, below bool, periods ...period.Period) ([]Statement, error) {
	var ids []int64
	for _, p := range periods {
		if p.ID != 0 {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	where := `s.unit = $1`
	if below {
		where = `exists (select 1 from unit_ancestor a where a.unit = s.unit and a.hierarchy = 1 and a.ancestor = $1
			and a.valid_from <= d.date_to and d.date_to < a.valid_to)`
	}
	found, err := statements(ctx, tx, who, auth.View, s.clock.Today(), where+` and not s.removed and s.period in (`+db.List(len(ids), 2)+`) and `+newestStatement,
		` order by d.date_to, s.unit, s.id`, append([]any{unit}, db.Args(ids)...)...)
	slices.SortStableFunc(found, func(a, b Statement) int {
		return slices.Index(StatementKinds, a.Kind) - slices.Index(StatementKinds, b.Kind)
	})
	return found, err
}

// Statements is StatementsIn for a unit's code and one period.
func (s *Service) Statements(ctx context.Context, who auth.Actor, unitCode, periodCode string, below bool) ([]Statement, error) {
	var out []Statement
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		pl, err := s.peek(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		out, err = s.StatementsIn(ctx, tx, who, pl.unit.ID, below, pl.p)
		return err
	})
	return out, err
}

// StatementByRef finds the standing statement that an import brought under a reference, whatever the entry.
func (s *Service) StatementByRef(ctx context.Context, tx *db.Tx, who auth.Actor, unit, per int64, ref string) (Statement, bool, error) {
	found, err := statements(ctx, tx, who, auth.View, s.clock.Today(), `s.unit = $1 and s.period = $2 and s.ref = $3 and not s.removed and `+newestStatement,
		` order by s.id desc`, unit, per, ref)
	if err != nil || len(found) == 0 {
		return Statement{}, false, err
	}
	return found[0], true, nil
}

// Statement reads one statement with all its versions, the newest first.
func (s *Service) Statement(ctx context.Context, who auth.Actor, id string) ([]Statement, error) {
	var out []Statement
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = statements(ctx, tx, who, auth.View, s.clock.Today(), `s.id = $1`, ` order by s.version desc`, id)
		if err == nil && len(out) == 0 {
			err = fault.NotFound()
		}
		return err
	})
	return out, err
}

// AddStatement adds what somebody types on a report's page.
func (s *Service) AddStatement(ctx context.Context, who auth.Actor, unitCode, periodCode string, x Statement) (Statement, error) {
	if err := who.Must(auth.Enter); err != nil {
		return x, err
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		pl, err := s.at(ctx, tx, who, auth.Enter, unitCode, periodCode)
		if err != nil {
			return err
		}
		x.Unit, x.Period = pl.unit.ID, pl.p.ID
		if _, err := s.EnsureBody(ctx, tx, pl.unit.ID, pl.p); err != nil {
			return err
		}
		list := []Statement{x}
		if err := s.addStatements(ctx, tx, who, "", list); err != nil {
			return bare(err)
		}
		x = list[0]
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "state", House: "report", Object: pl.object(), Units: []int64{pl.unit.ID},
			Detail: map[string]any{"statement": x.ID},
		})
	})
	return x, err
}

// bare names the fields of a single statement as its form does.
func bare(err error) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	var out fault.List
	for _, f := range all {
		field := f.Field
		if len(field) > len("statement1.") && field[:len("statement1.")] == "statement1." {
			field = field[len("statement1."):]
		}
		out = append(out, &fault.Error{Kind: f.Kind, Field: field, Text: f.Text})
	}
	return out
}

// EditStatement gives a statement a new version; version is the one the actor saw. On a conflict the standing version is
// returned with the fault, so that both can be shown.
func (s *Service) EditStatement(ctx context.Context, who auth.Actor, id string, version int, x Statement) (Statement, error) {
	return s.revise(ctx, who, id, version, "edit-statement", func(now *Statement) error {
		now.Kind, now.Text, now.Topic, now.Organisation, now.AsOf, now.Source, now.Cells = x.Kind, x.Text, x.Topic, x.Organisation, x.AsOf, x.Source, x.Cells
		now.Reason = x.Reason
		return now.tidy()
	})
}

// RemoveStatement takes a statement out of the report; it stays in the history as removed.
func (s *Service) RemoveStatement(ctx context.Context, who auth.Actor, id string, version int, reason string) (Statement, error) {
	return s.revise(ctx, who, id, version, "remove-statement", func(now *Statement) error {
		now.Removed, now.Reason = true, reason
		return now.tidy()
	})
}

func (s *Service) revise(ctx context.Context, who auth.Actor, id string, version int, verb string, change func(*Statement) error) (Statement, error) {
	if err := who.Must(auth.Enter); err != nil {
		return Statement{}, err
	}
	var out Statement
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		found, err := statements(ctx, tx, who, auth.Enter, s.clock.Today(), `s.id = $1 and `+newestStatement, ``, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound()
		}
		out = found[0]
		if out.Version != version {
			return fault.Conflict("Nội dung này vừa được người khác sửa. Hãy so sánh hai bản rồi lưu lại.")
		}
		if out.Removed {
			return fault.Refused("Nội dung này đã được gỡ khỏi báo cáo.")
		}
		next := out
		if err := change(&next); err != nil {
			return err
		}
		if next.same(out) {
			return nil
		}
		if err := s.mayState(ctx, tx, who, out.Unit, out.Period, out.ID, next.Reason); err != nil {
			return err
		}
		next.Version, next.At, next.Person = out.Version+1, s.clock.Milli(), who.Person
		if err := insertStatement(ctx, tx, next); err != nil {
			return err
		}
		out = next
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: verb, House: "report", Object: out.UnitCode + "/" + out.PeriodCode, Units: []int64{out.Unit},
			Reason: next.Reason, Detail: map[string]any{"statement": id},
		})
	})
	return out, err
}

// TopicsUsed lists the campaigns and movements that the actor's statements name, for a form to offer.
func (s *Service) TopicsUsed(ctx context.Context, who auth.Actor) ([]string, error) {
	var out []string
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = db.Collect(ctx, tx, db.Scalar[string], `select s.topic from report_statement s join period d on d.id = s.period
			where s.topic <> '' and `+org.Within("s.unit", "d.date_to", 1)+` group by s.topic order by count(*) desc, s.topic limit 60`,
			org.WithinArgs(who, auth.View, s.clock.Today())...)
		return err
	})
	return out, err
}
