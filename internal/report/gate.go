package report

import (
	"context"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Why cells are shut, in the user's words.
const (
	shutSent     fault.Word = "Báo cáo đã gửi và đang chờ duyệt. Muốn sửa, hãy rút báo cáo về trước."
	shutReturned fault.Word = "Báo cáo bị trả lại: chỉ sửa những ô, nội dung được yêu cầu. Muốn sửa thêm, hãy đề nghị người trả lại nêu thêm ô đó."
)

// gate is a report's state as far as its figures and statements may be changed.
type gate struct {
	report  string
	state   State
	reasons []Reason // of the return that stands
}

// Gate asks, as a part of a batch, which cells of a body's report are open: all of a draft, none of what is handed in, of what
// came back those that a reason names, and with a reason what was approved. It is figure's Gatekeeper.
func (s *Service) Gate(b *db.Batch, unit int64, p period.Period) func() figure.Gate {
	g := askGate(b, unit, p.ID)
	return func() figure.Gate { return s.figureGate(*g, unit, p) }
}

func askGate(b *db.Batch, unit, per int64) *gate {
	g := &gate{}
	b.Query(func(scan db.Scan) error {
		var x Reason
		err := scan(&g.report, &g.state, &x.Indicator, &x.Part, &x.About, &x.Text, &x.Seen)
		if x.Text != "" {
			g.reasons = append(g.reasons, x)
		}
		return err
	}, `select r.id, r.state, coalesce(q.indicator, 0), coalesce(q.part, 0), coalesce(q.about, ''), coalesce(q.text, ''), coalesce(q.seen, 0)
		from report r left join report_reason q on r.state = 'returned' and q.report = r.id
			and q.round = (select max(z.round) from report_reason z where z.report = r.id)
		where r.unit = $1 and r.period = $2 and r.kind = 'body'`, unit, per)
	return g
}

// passOf reads the gate for a change of what the report says.
func (s *Service) passOf(ctx context.Context, tx *db.Tx, unit, per int64) (gate, error) {
	var b db.Batch
	g := askGate(&b, unit, per)
	hold := s.Hold(&b, unit, period.Period{ID: per})
	if err := tx.Run(ctx, &b); err != nil {
		return gate{}, err
	}
	return *g, hold(ctx, tx)
}

// narrow tells that only what the reasons name is open.
func (g gate) narrow() bool {
	for _, x := range g.reasons {
		if x.Whole() {
			return false
		}
	}
	return g.state == StateReturned && len(g.reasons) > 0
}

func (s *Service) figureGate(g gate, unit int64, p period.Period) figure.Gate {
	var out figure.Gate
	switch {
	case g.state == StateSent:
		out.Shut = shutSent
	case g.narrow():
		out.Only, out.Words, out.Why = map[[2]int64]string{}, map[string]string{}, shutReturned
		for _, x := range g.reasons {
			if x.Indicator != 0 {
				out.Only[[2]int64{x.Indicator, x.Part}] = x.Text
			}
			if item := x.aboutAnswer(); item != "" {
				out.Words[item] = x.Text
			}
		}
	case g.state.Endorsed():
		out.Reason = g.state.Name()
		out.After = func(ctx context.Context, tx *db.Tx, who auth.Actor, _ []figure.Saved) error {
			return s.changedAfter(ctx, tx, who, g.report, unit, p)
		}
	}
	return out
}

// statementGate refuses a change of a statement (its id; empty for a new one) that the report's state does not allow.
func (g gate) statementGate(id string) error {
	switch {
	case g.state == StateSent:
		return fault.Refusedf("%s", shutSent)
	case !g.narrow():
		return nil
	}
	for _, x := range g.reasons {
		if x.About == AboutNew && id == "" || id != "" && x.About == AboutStatement+id {
			return nil
		}
	}
	return fault.Refusedf("%s", shutReturned)
}

// changedAfter tells those who stand for a report that something in it is no longer what they approved.
func (s *Service) changedAfter(ctx context.Context, tx *db.Tx, who auth.Actor, report string, unit int64, p period.Period) error {
	// The version goes up: who has the page open from before does not decide on what they have not seen.
	if _, err := tx.Exec(ctx, `update report set changed_at = $2, version = version + 1 where id = $1`, report, s.clock.Milli()); err != nil {
		return err
	}
	people, err := approvers(ctx, tx, report)
	if err != nil {
		return err
	}
	u, err := org.FindID(ctx, tx, unit, p.To)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, who, people, place{u, p}, NoticeChanged, "%s: báo cáo %s có thay đổi sau khi duyệt")
}

// The kinds of notice of this house.
const (
	NoticeSent     = notice.Waiting
	NoticeReturned = notice.Returned
	NoticeApproved = notice.Approved
	NoticeChanged  = notice.Changed
)

// tell tells people of a body's report; the actor knows already. text is a format of the unit's name and the period's.
func (s *Service) tell(ctx context.Context, tx *db.Tx, who auth.Actor, people []string, pl place, kind notice.Kind, text string) error {
	var others []string
	for _, id := range people {
		if id != who.Person {
			others = append(others, id)
		}
	}
	return notice.Tell(ctx, tx, s.clock.Milli(), others, notice.Note{Kind: kind, Path: BodyPath(pl.unit.Code, pl.p), Text: text, Args: []string{pl.unit.Name, pl.p.Name()}})
}

// settle ends the notices that asked for what a report's step has done: nobody is told, or written to, of what is over.
func (s *Service) settle(ctx context.Context, tx *db.Tx, pl place, now State) error {
	over := []notice.Kind{notice.Waiting} // of a head
	if now == StateSent {
		over = []notice.Kind{notice.Due, notice.Asked, notice.Returned} // of the body
	}
	return notice.Settle(ctx, tx, s.clock.Milli(), BodyPath(pl.unit.Code, pl.p), over)
}

// authors are those who are told what becomes of a report: who sent it, for whom, and whoever sends the body's reports.
func (s *Service) authors(ctx context.Context, tx *db.Tx, r Report, pl place) ([]string, error) {
	people, err := notice.Holders(ctx, tx, auth.Submit, pl.unit.ID, s.clock.Today())
	if err != nil {
		return nil, err
	}
	giver, err := audit.For(ctx, tx, r.SentBy, "report", pl.object(), r.SentAt)
	return append(people, r.SentBy, giver), err
}

// aboutStatement is the statement that a reason is about, or empty.
func (x Reason) aboutStatement() string {
	id, ok := strings.CutPrefix(x.About, AboutStatement)
	if !ok || x.About == AboutNew {
		return ""
	}
	return id
}

// aboutAnswer is the item of a form whose answer a reason is about, or empty.
func (x Reason) aboutAnswer() string {
	item, _ := strings.CutPrefix(x.About, AboutAnswer)
	if item == x.About {
		return ""
	}
	return item
}
