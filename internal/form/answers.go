package form

import (
	"context"
	"database/sql"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// AnswerSheet is the page on which a body answers.
type AnswerSheet struct {
	Unit     org.Unit
	Period   period.Period
	Forms    []Filled // those that ask for words
	MayEnter bool
	openness
}

// openness is which answers may be changed.
type openness struct {
	Shut  fault.Word        // why those that were not asked for are shut; empty: all are open
	Asked map[string]string // item -> what was asked of an answer that came back
}

// Open tells whether an answer may be changed.
func (o openness) Open(item string) bool { return o.Shut == "" || o.Asked[item] != "" }

// answersOf reads the answers of a unit and period that the actor may see, by item, the newest version first.
func answersOf(ctx context.Context, tx *db.Tx, who auth.Actor, unit int64, p period.Period, today string) (map[string][]Answer, error) {
	out := map[string][]Answer{}
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var a Answer
		err := rows.Scan(&a.Form, &a.Item, &a.Version, &a.Text, &a.None, &a.MadeAt, &a.MadeBy)
		out[a.Item] = append(out[a.Item], a)
		return struct{}{}, err
	}, `select a.form, a.item, a.version, a.content, a.stated_none, a.made, a.made_by from form_answer a
		where a.unit = $1 and a.period = $2 and `+org.Within("a.unit", "$3", 4)+` order by a.item, a.version desc`,
		append([]any{unit, p.ID, p.To}, org.WithinArgs(who, auth.View, today)...)...)
	return out, err
}

// FilledIn reads the forms that are asked of a unit in a period with its answers.
func (s *Service) FilledIn(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p period.Period) ([]Filled, error) {
	asked, err := Of(ctx, tx, u, p)
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	given, err := answersOf(ctx, tx, who, u.ID, p, s.clock.Today())
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	var out []Filled
	for _, a := range asked {
		f := Filled{Asked: a}
		for _, section := range a.Content.Sections {
			for _, i := range section.words() {
				one := Answered{Section: section.Title, Item: i}
				for n, v := range given[i.ID] {
					if err := v.read(i.Kind, v.Text); err != nil {
						return nil, err
					}
					if i.Kind == Table {
						v.Text = ""
					}
					if _, known := names[v.MadeBy]; !known {
						if names[v.MadeBy], err = audit.Name(ctx, tx, v.MadeBy); err != nil {
							return nil, err
						}
					}
					v.MadeBy = names[v.MadeBy]
					if n == 0 {
						one.Answer = v
					} else {
						one.Earlier = append(one.Earlier, v)
					}
				}
				f.Answers = append(f.Answers, one)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// LacksIn lists what is compulsory in a unit's forms of a period and not given. A stated zero or a stated nothing is given.
func (s *Service) LacksIn(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p period.Period) ([]Lack, error) {
	all, err := s.FilledIn(ctx, tx, who, u, p)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	must := false
	for _, f := range all {
		must = must || len(f.Content.items(func(i Item) bool { return i.Compulsory })) > 0
	}
	if !must {
		return nil, nil
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalog = catalog.At(p.To)
	figures, err := db.Collect(ctx, tx, db.Scalar[int64], `select f.indicator from figure f where f.unit = $1 and f.period = $2 and f.layer = 1 and f.part = 0 and f.qualifier <> 0
		and f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer)
		and `+org.Within("f.unit", "$3", 4), append([]any{u.ID, p.ID, p.To}, org.WithinArgs(who, auth.View, s.clock.Today())...)...)
	if err != nil {
		return nil, err
	}
	given := map[int64]bool{}
	for _, id := range figures {
		given[id] = true
	}
	return lacking(all, func(id int64) bool { return Fillable(catalog, id) }, given, func(id int64) (string, string) {
		in, _ := catalog.ByID(id)
		return in.Code, in.Name
	}), nil
}

// Settle refuses to send a report in which something compulsory is blank, naming each.
func (s *Service) Settle(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p period.Period) error {
	lacks, err := s.LacksIn(ctx, tx, who, u, p)
	if err != nil {
		return err
	}
	var bad fault.List
	for _, l := range lacks {
		_ = bad.Add(fault.Invalidf("", "Chưa có nội dung bắt buộc: %s (biểu %s, phần “%s”). Nếu không phát sinh, hãy ghi số 0 hoặc đánh dấu “Không phát sinh”.", l.Name, l.Form, l.Section))
	}
	return bad.Err()
}

// Sheet reads the questions and tables that a unit is asked for, with its answers.
func (s *Service) Sheet(ctx context.Context, who auth.Actor, unit, code string) (out AnswerSheet, err error) {
	if err := who.Must(auth.View); err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = AnswerSheet{}
		if out.Unit, out.Period, err = s.place(ctx, tx, who, auth.View, unit, code); err != nil {
			return err
		}
		all, err := s.FilledIn(ctx, tx, who, out.Unit, out.Period)
		if err != nil {
			return err
		}
		for _, f := range all {
			if len(f.Answers) > 0 {
				out.Forms = append(out.Forms, f)
			}
		}
		switch _, _, err := s.place(ctx, tx, who, auth.Enter, unit, code); {
		case fault.Is(err, fault.KindNotFound):
			return nil
		case err != nil:
			return err
		}
		gate, err := s.figures.GateIn(ctx, tx, out.Unit.ID, out.Period)
		out.openness = opened(gate, out.Period)
		out.MayEnter = out.Shut == "" || len(out.Asked) > 0
		return err
	})
	return out, err
}

// place finds a unit that the actor holds a permission over, and a period that the site has.
func (s *Service) place(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, unit, code string) (org.Unit, period.Period, error) {
	p, err := period.Find(ctx, tx, code)
	if err != nil {
		if fault.Is(err, fault.KindInvalid) {
			err = fault.NotFound()
		}
		return org.Unit{}, p, err
	}
	u, err := org.Visible(ctx, tx, who, perm, unit, p.To, s.clock.Today())
	return u, p, err
}

// opened says which of a unit's answers for a period may be changed: as its figures may.
func opened(gate figure.Gate, p period.Period) openness {
	switch {
	case p.MustBeOpen() != nil:
		return openness{Shut: fault.Word(fault.Text(p.MustBeOpen()))}
	case gate.Shut != "":
		return openness{Shut: gate.Shut}
	case gate.Only != nil:
		return openness{gate.Why, gate.Words}
	case gate.Reason != "": // somebody stands for it as it is
		return openness{Shut: "Báo cáo đã được duyệt nên câu trả lời không sửa được nữa. Nếu cần sửa, hãy đề nghị cấp duyệt trả lại báo cáo."}
	}
	return openness{}
}

// Write keeps the answers that were changed, each as a new version; Version is the one that the writer saw. It answers how many
// were written.
func (s *Service) Write(ctx context.Context, who auth.Actor, unit, code string, typed []Answer) (n int, err error) {
	if err := who.Must(auth.Enter); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n = 0
		u, p, err := s.place(ctx, tx, who, auth.Enter, unit, code)
		if err != nil {
			return err
		}
		gate, err := s.figures.PassIn(ctx, tx, u.ID, p)
		if err != nil {
			return err
		}
		open := opened(gate, p)
		if open.Shut != "" && len(open.Asked) == 0 {
			return fault.Refusedf("%s", open.Shut)
		}
		all, err := s.FilledIn(ctx, tx, who, u, p)
		if err != nil {
			return err
		}
		stands := map[string]Answered{}
		forms := map[string]Form{}
		for _, f := range all {
			for _, a := range f.Answers {
				stands[a.Item.ID], forms[a.Item.ID] = a, f.Form
			}
		}
		var bad fault.List
		var rows [][]any
		changed := map[string]bool{}
		for _, t := range typed {
			now, asked := stands[t.Item]
			switch {
			case !asked:
				return fault.NotFound()
			case now.Answer.same(t):
				continue
			case !open.Open(t.Item):
				bad = append(bad, fault.Made(fault.KindRefused, answerName(t.Item), "“%s”: %s", now.Label, open.Shut))
				continue
			case now.Answer.Version != t.Version:
				bad = append(bad, fault.Made(fault.KindConflict, answerName(t.Item), "“%s” vừa được người khác sửa. Hãy xem nội dung đang lưu rồi lưu lại nếu vẫn muốn thay.", now.Label))
				continue
			}
			rows = append(rows, []any{u.ID, p.ID, forms[t.Item].ID, t.Item, now.Answer.Version + 1, t.Stored(), t.None, s.clock.Milli(), who.Person})
			changed[forms[t.Item].Code] = true
		}
		if err := bad.Err(); err != nil {
			return err
		}
		n = len(rows)
		if n == 0 {
			return nil
		}
		if err := tx.Insert(ctx, `insert into form_answer(unit, period, form, item, version, content, stated_none, made, made_by) values `, "", rows); err != nil {
			if db.Duplicate(err) {
				return conflict()
			}
			return err
		}
		for code := range changed {
			if err := audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "answer", House: house, Object: code, Units: []int64{u.ID}, Detail: map[string]any{"period": p.Code, "answers": n}}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
