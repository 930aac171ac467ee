package period

import (
	"context"
	"database/sql"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Plea is a body's asking for another day on which its report is due. Only one of a body is open at a time; rows are never deleted.
type Plea struct {
	Unit       int64
	UnitCode   string
	UnitName   string
	Version    int
	Due        string // the day asked for
	Reason     string
	At         int64
	By         string
	Outcome    Outcome
	Answer     string // what the office said when it refused
	Answered   int64
	AnsweredBy string
}

// Outcome is what became of a plea.
type Outcome string

// The outcomes.
const (
	Pending   Outcome = ""
	Granted   Outcome = "granted"
	Declined  Outcome = "refused"
	Withdrawn Outcome = "withdrawn"
)

// Name is the outcome in the user's words.
func (o Outcome) Name() string {
	switch o {
	case Granted:
		return "đã được gia hạn"
	case Declined:
		return "không được gia hạn"
	case Withdrawn:
		return "đơn vị đã rút"
	}
	return "chờ văn phòng trả lời"
}

// Pleas reads which bodies wait for an answer to a plea, with the day that they ask for.
func Pleas(ctx context.Context, tx *db.Tx, p Period) (map[int64]string, error) {
	out := map[int64]string{}
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var unit int64
		var due string
		err := rows.Scan(&unit, &due)
		out[unit] = due
		return struct{}{}, err
	}, `select unit, due from period_plea where period = $1 and outcome = ''`, p.ID)
	return out, err
}

const pleaSelect = `select x.unit, u.code, coalesce(n.name, u.code), x.version, x.due, x.reason, x.at, coalesce((select p.name from person p where p.id = x.person), ''),
	x.outcome, x.answer, x.answered, coalesce((select p.name from person p where p.id = x.answered_by), '')
	from period_plea x join unit u on u.id = x.unit left join unit_name n on n.unit = x.unit and n.valid_from <= $2 and $2 < n.valid_to
	where x.period = $1 and `

func scanPlea(rows *sql.Rows) (x Plea, err error) {
	err = rows.Scan(&x.Unit, &x.UnitCode, &x.UnitName, &x.Version, &x.Due, &x.Reason, &x.At, &x.By, &x.Outcome, &x.Answer, &x.Answered, &x.AnsweredBy)
	return x, err
}

// PleasOf lists what a body that the caller may see has asked for in a period, the latest first.
func PleasOf(ctx context.Context, tx *db.Tx, p Period, unit int64) ([]Plea, error) {
	return db.Collect(ctx, tx, scanPlea, pleaSelect+`x.unit = $3 order by x.version desc`, p.ID, p.To, unit)
}

// Waiting lists the pleas of a period that wait for an answer, the oldest first, as far as the actor may see the bodies.
func (s *Service) Waiting(ctx context.Context, who auth.Actor, p Period) (out []Plea, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = db.Collect(ctx, tx, scanPlea, pleaSelect+`x.outcome = '' and `+org.Within("x.unit", "$2", 3)+` order by x.at, x.unit`,
			append([]any{p.ID, p.To}, org.WithinArgs(who, auth.View, s.clock.Today())...)...)
		return err
	})
	return out, err
}

// pleading runs an act on a body's pleas: the right over the body, the open plea (its version is 0 where none is), the audit.
func (s *Service) pleading(ctx context.Context, who auth.Actor, right auth.Permission, code, unitCode, verb, reason string,
	act func(tx *db.Tx, p Period, u org.Unit, open Plea) error,
) error {
	if err := who.Must(right); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		p, err := Find(ctx, tx, code)
		if err != nil {
			return err
		}
		u, err := org.Visible(ctx, tx, who, right, strings.ToUpper(unitCode), p.To, s.clock.Today())
		if err != nil {
			return err
		}
		list, err := PleasOf(ctx, tx, p, u.ID)
		if err != nil {
			return err
		}
		var open Plea
		if len(list) > 0 && list[0].Outcome == Pending {
			open = list[0]
		}
		if err := act(tx, p, u, open); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "period", Object: p.Code, Units: []int64{u.ID}, Reason: reason, Detail: map[string]any{"unit": u.Code}})
	})
}

// Plead asks for a body that its report be due on another day, and tells the office.
func (s *Service) Plead(ctx context.Context, who auth.Actor, code, unitCode, due, reason string) error {
	due, reason = strings.TrimSpace(due), viet.Clean(reason)
	return s.pleading(ctx, who, auth.Submit, code, unitCode, "plead", reason, func(tx *db.Tx, p Period, u org.Unit, open Plea) error {
		if open.Version != 0 {
			return fault.Conflict("Đơn vị đã có một đề nghị gia hạn đang chờ văn phòng trả lời. Muốn đề nghị ngày khác, hãy rút đề nghị đó trước.")
		}
		now, err := DueOf(ctx, tx, p, u.ID)
		if err != nil {
			return err
		}
		if err := checkPlea(p, now, due, reason); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into period_plea(period, unit, version, due, reason, at, person, outcome, answer, answered, answered_by)
			select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, '', '', 0, '' from period_plea where period = $1 and unit = $2`,
			p.ID, u.ID, due, reason, s.clock.Milli(), who.Person); err != nil {
			return err
		}
		people, err := s.office(ctx, tx, who, u, p)
		if err != nil {
			return err
		}
		return s.tellOf(ctx, tx, people, notice.Plea, u, p, "%s: xin gia hạn nộp báo cáo %s đến ngày %s", viet.FormatDate(due))
	})
}

func checkPlea(p Period, now, due, reason string) error {
	if err := p.MustBeOpen(); err != nil {
		return err
	}
	if now == "" {
		return fault.Refusedf("Kỳ %s chưa đặt hạn nộp nên chưa có gì để gia hạn.", p)
	}
	var bad fault.List
	if reason == "" {
		_ = bad.Add(fault.Invalid("plea-reason", "Hãy ghi lý do xin gia hạn."))
	}
	switch {
	case due == "" || checkDue(p, due) != nil:
		_ = bad.Add(fault.Invalid("plea-due", "Hãy ghi ngày xin gia hạn đến, ví dụ 25/9/2019."))
	case due <= now:
		_ = bad.Add(fault.Invalidf("plea-due", "Ngày xin gia hạn phải sau hạn hiện nay (%s).", viet.FormatDate(now)))
	}
	return bad.Err()
}

// Withdraw takes a body's open plea back.
func (s *Service) Withdraw(ctx context.Context, who auth.Actor, code, unitCode string, version int) error {
	return s.pleading(ctx, who, auth.Submit, code, unitCode, "withdraw-plea", "", func(tx *db.Tx, p Period, u org.Unit, open Plea) error {
		return s.settle(ctx, tx, who, p, open, version, Withdrawn, "")
	})
}

// Decline refuses a body's open plea, with the reason, and tells the body.
func (s *Service) Decline(ctx context.Context, who auth.Actor, code, unitCode string, version int, answer string) error {
	answer = viet.Clean(answer)
	return s.pleading(ctx, who, auth.Consolidate, code, unitCode, "decline-plea", answer, func(tx *db.Tx, p Period, u org.Unit, open Plea) error {
		if answer == "" {
			return fault.Invalid("plea-answer", "Hãy ghi lý do không gia hạn.")
		}
		if err := s.settle(ctx, tx, who, p, open, version, Declined, answer); err != nil {
			return err
		}
		people, err := notice.Holders(ctx, tx, auth.Submit, u.ID, s.clock.Today())
		if err != nil {
			return err
		}
		now, err := DueOf(ctx, tx, p, u.ID)
		if err != nil {
			return err
		}
		return s.tellOf(ctx, tx, people, notice.Due, u, p, "%s: báo cáo %s không được gia hạn, hạn nộp vẫn là ngày %s", viet.FormatDate(now))
	})
}

// settle says what became of an open plea; version is the one that the actor saw, 0 where it does not matter which is open.
func (s *Service) settle(ctx context.Context, tx *db.Tx, who auth.Actor, p Period, open Plea, version int, outcome Outcome, answer string) error {
	if open.Version == 0 || version != 0 && open.Version != version {
		return fault.Conflict("Đề nghị gia hạn này đã được trả lời hoặc đã rút. Hãy mở lại trang để xem.")
	}
	_, err := tx.Exec(ctx, `update period_plea set outcome = $4, answer = $5, answered = $6, answered_by = $7 where period = $1 and unit = $2 and version = $3`,
		p.ID, open.Unit, open.Version, string(outcome), answer, s.clock.Milli(), who.Person)
	return err
}

// office is who is asked for a body's extension: those who hold consolidate over it on the nearest unit above it, but for the actor.
func (s *Service) office(ctx context.Context, tx *db.Tx, who auth.Actor, u org.Unit, p Period) ([]string, error) {
	type holder struct {
		person string
		depth  int
	}
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (h holder, err error) {
		return h, rows.Scan(&h.person, &h.depth)
	}, `select g.person, min(a.depth) from unit_ancestor a join access_grant g on g.unit = a.ancestor and g.delegation = '' and g.valid_from <= $3 and $3 < g.valid_to
		join access_role_permission r on r.role = g.role and r.permission = $4 join person n on n.id = g.person and not n.disabled
		where a.unit = $1 and a.hierarchy = 1 and a.valid_from <= $2 and $2 < a.valid_to and g.person <> $5 group by g.person order by 2, 1`,
		u.ID, p.To, s.clock.Today(), string(auth.Consolidate), who.Person)
	var out []string
	for _, h := range all {
		if h.depth == all[0].depth {
			out = append(out, h.person)
		}
	}
	return out, err
}

// tellOf tells people of the day on which a body's report is due; text is a format of the unit's name, the period's and the day.
func (s *Service) tellOf(ctx context.Context, tx *db.Tx, people []string, kind notice.Kind, u org.Unit, p Period, text, day string) error {
	return notice.Tell(ctx, tx, s.clock.Milli(), people, notice.Note{
		Kind: kind, Path: web.Path("bao-cao-don-vi", u.Code, p.Slug()), Text: text, Args: []string{u.Name, p.Name(), day},
	})
}
