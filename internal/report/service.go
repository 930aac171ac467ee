package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/rule"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	units      *org.Service
	periods    *period.Service
	indicators *indicator.Service
	figures    *figure.Service
	rules      *rule.Service
	forms      *form.Service // see AskBy
}

// AskBy takes the house of forms, which says what a report must contain; app calls it once. Without it a site has no forms, and
// nothing of that house is asked.
func (s *Service) AskBy(forms *form.Service) { s.forms = forms }

// New makes the house, which keeps the gate of the figures.
func New(d *db.DB, c *clock.Clock, units *org.Service, periods *period.Service, indicators *indicator.Service, figures *figure.Service, rules *rule.Service) *Service {
	s := &Service{db: d, clock: c, units: units, periods: periods, indicators: indicators, figures: figures, rules: rules}
	figures.GuardBy(s.Gate, s.Hold)
	return s
}

// SelfApproval is the setting that lets people approve what they have sent themselves ("yes"; anything else is no).
const SelfApproval = "report.self-approval"

// place is what every verb on a body's report starts from.
type place struct {
	unit org.Unit
	p    period.Period
}

// at finds a unit over which the actor holds a permission, and a period that the site has.
func (s *Service) at(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, unitCode, periodCode string) (place, error) {
	p, err := period.Find(ctx, tx, periodCode)
	if err != nil {
		return place{}, err
	}
	return s.held(ctx, tx, who, perm, unitCode, p)
}

// held finds a unit that the actor holds a permission over on the period's last day.
func (s *Service) held(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, unitCode string, p period.Period) (place, error) {
	u, err := org.Visible(ctx, tx, who, perm, strings.ToUpper(unitCode), p.To, s.clock.Today())
	if err != nil {
		return place{}, err
	}
	may, err := holds(ctx, tx, who, perm, u.ID, p.To, s.clock.Today())
	if err == nil && !may {
		err = fault.NotFound()
	}
	return place{u, p}, err
}

// peek is at for pages: a period that nobody has made yet is there, with nothing in it.
func (s *Service) peek(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (place, error) {
	p, err := period.Parse(periodCode)
	if err != nil {
		return place{}, err
	}
	switch found, err := period.FindID(ctx, tx, p.ID); {
	case err == nil:
		p = found
	case !fault.Is(err, fault.KindNotFound):
		return place{}, err
	}
	return s.held(ctx, tx, who, auth.View, unitCode, p)
}

// object is the name under which a body's report stands in the audit.
func (pl place) object() string { return pl.unit.Code + "/" + pl.p.Code }

// Find finds the newest issue of a unit's report for a period, when the actor may view it.
func (s *Service) Find(ctx context.Context, who auth.Actor, unitCode, periodCode string, kind Kind) (Report, error) {
	var r Report
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = s.FindIn(ctx, tx, who, unitCode, periodCode, kind)
		return err
	})
	return r, err
}

// FindIn is Find within a transaction.
func (s *Service) FindIn(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string, kind Kind) (Report, error) {
	pl, err := s.at(ctx, tx, who, auth.View, unitCode, periodCode)
	if err != nil {
		return Report{}, err
	}
	return findAt(ctx, tx, who, auth.View, s.clock.Today(), pl.unit.ID, pl.p.ID, kind)
}

// ByID finds a report that the actor may view.
func (s *Service) ByID(ctx context.Context, who auth.Actor, id string) (Report, error) {
	var r Report
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = findID(ctx, tx, who, auth.View, s.clock.Today(), id)
		return err
	})
	return r, err
}

// EnsureBody finds a unit's report for a period, or begins it as a draft. Whether somebody may is the caller's to ask.
func (s *Service) EnsureBody(ctx context.Context, tx *db.Tx, unit int64, p period.Period) (Report, error) {
	sys := auth.System()
	r, err := findAt(ctx, tx, sys, auth.View, s.clock.Today(), unit, p.ID, KindBody)
	if !fault.Is(err, fault.KindNotFound) {
		return r, err
	}
	if err := insert(ctx, tx, Report{ID: db.NewID(), Unit: unit, Period: p.ID, Kind: KindBody, Issue: 1, State: StateDraft,
		Layer: figure.Submitted, MadeAt: s.clock.Milli(), MadeBy: sys.Person}); err != nil {
		return r, err
	}
	return findAt(ctx, tx, sys, auth.View, s.clock.Today(), unit, p.ID, KindBody)
}

// step runs one act on a body's report: access, the report as it stands, the pure rule, the row, the audit. seen is the
// version that the actor saw; 0 where the report had not been begun.
func (s *Service) step(ctx context.Context, tx *db.Tx, who auth.Actor, perm auth.Permission, unitCode, periodCode string, seen int, verb, reason string,
	rule func(pl place, r *Report, version int) error,
) (Report, error) {
	pl, err := s.at(ctx, tx, who, perm, unitCode, periodCode)
	if err != nil {
		return Report{}, err
	}
	r, err := s.EnsureBody(ctx, tx, pl.unit.ID, pl.p)
	if err != nil {
		return r, err
	}
	if seen == 0 && r.Version == 1 && r.State == StateDraft {
		seen = 1 // the page showed a report that did not exist yet; it has just been begun
	}
	before := r.State
	if err := rule(pl, &r, seen); err != nil {
		return r, err
	}
	if err := update(ctx, tx, &r); err != nil {
		return r, err
	}
	if err := s.settle(ctx, tx, pl, r.State); err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: verb, House: "report", Object: pl.object(), Units: []int64{pl.unit.ID}, Before: before, After: r.State,
		Reason: reason,
	})
}

// Sending is what a body says when it sends its report: that nothing has happened in the period, and why figures break a
// rule (rule id -> explanation) or are unusual (rule.OddRule -> explanation).
type Sending struct {
	Empty bool
	Notes map[string]string
}

// Submit sends a body's report to the office. A report in which nothing has been entered is sent only as an empty one; one
// whose figures break a rule is refused, or sent with an explanation, as the rule says. version is the one the actor saw, 0
// for a report not begun.
func (s *Service) Submit(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int, with Sending) (Report, error) {
	if err := who.Must(auth.Submit); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.barred(ctx, who, unitCode, periodCode, func(mark string) error {
		return s.db.Write(ctx, func(tx *db.Tx) (err error) {
			out, err = s.submit(ctx, tx, who, unitCode, periodCode, version, with, mark)
			return err
		})
	})
	return out, err
}

func (s *Service) submit(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string, version int, with Sending, mark string) (Report, error) {
	return s.step(ctx, tx, who, auth.Submit, unitCode, periodCode, version, "submit", "", func(pl place, r *Report, version int) error {
		if err := s.unmark(ctx, tx, pl, mark); err != nil {
			return err
		}
		if !pl.unit.Alive(pl.p.To) {
			return fault.Refusedf("%s không tồn tại vào ngày cuối của %s; hãy báo cáo cho đơn vị kế thừa.", pl.unit.Name, pl.p.Name())
		}
		if !with.Empty {
			some, err := s.hasContent(ctx, tx, pl)
			if err != nil {
				return err
			}
			if !some {
				return fault.Invalid("empty", "Báo cáo chưa có số liệu và nội dung nào. Nếu kỳ này không có phát sinh, hãy đánh dấu vào ô xác nhận rồi gửi.")
			}
		}
		if _, err := s.walk(ctx, tx, who, pl, r, Send, version, nil, ""); err != nil {
			return err
		}
		if err := s.forms.Settle(ctx, tx, who, pl.unit, pl.p); err != nil {
			return err
		}
		if err := s.rules.Settle(ctx, tx, who, pl.unit, pl.p, with.Notes); err != nil {
			return err
		}
		if err := s.rules.ExplainOdds(ctx, tx, who, pl.unit, pl.p, with.Notes); err != nil {
			return err
		}
		heads, err := notice.Holders(ctx, tx, auth.Approve, pl.unit.ID, s.clock.Today())
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, who, heads, pl, NoticeSent, "%s: báo cáo %s chờ lãnh đạo duyệt")
	})
}

func (s *Service) hasContent(ctx context.Context, tx *db.Tx, pl place) (bool, error) {
	var some bool
	err := tx.QueryRow(ctx, `select exists (select 1 from figure f where f.unit = $1 and f.period = $2 and f.layer = 1 and f.qualifier <> 0 and `+newest+`)
		or exists (select 1 from report_statement s where s.unit = $1 and s.period = $2 and not s.removed
			and s.version = (select max(v.version) from report_statement v where v.id = s.id))`, pl.unit.ID, pl.p.ID).Scan(&some)
	if err != nil || some {
		return some, err
	}
	answers, err := s.answers(ctx, tx, pl)
	return len(answers) > 0, err
}

// walk makes a step of a body's report by the rules of the site.
func (s *Service) walk(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, r *Report, v Verb, version int, reasons []Reason, reason string) (Transition, error) {
	on, err := s.footing(ctx, tx, pl, r)
	if err != nil {
		return Transition{}, err
	}
	return r.walk(who, v, version, s.clock.Milli(), on, reasons, reason)
}

func (s *Service) footing(ctx context.Context, tx *db.Tx, pl place, r *Report) (footing, error) {
	on := footing{period: pl.p}
	self, err := setting.Get(ctx, tx, SelfApproval, "no")
	if err != nil {
		return on, err
	}
	on.self = self == "yes"
	if on.way, err = wayOf(ctx, tx, pl.unit, s.clock.Today()); err != nil {
		return on, err
	}
	if on.approvers, err = approvers(ctx, tx, r.ID); err != nil {
		return on, err
	}
	if r.SentFor, err = audit.For(ctx, tx, r.SentBy, "report", pl.object(), r.SentAt); err != nil {
		return on, err
	}
	return on, tx.QueryRow(ctx, `select exists (select 1 from report_reason where report = $1)`, r.ID).Scan(&on.returned)
}

// Return sends a report that the office has not accepted back to its body. What the reasons name is open again, all of it where
// one is about the whole report.
func (s *Service) Return(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int, reasons []Reason) (Report, error) {
	return s.giveBack(ctx, who, GiveBack, unitCode, periodCode, version, reasons)
}

// Reopen is the office's return of a report that it has accepted and that is not frozen.
func (s *Service) Reopen(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int, reasons []Reason) (Report, error) {
	return s.giveBack(ctx, who, Reopen, unitCode, periodCode, version, reasons)
}

func (s *Service) giveBack(ctx context.Context, who auth.Actor, verb Verb, unitCode, periodCode string, version int, reasons []Reason) (Report, error) {
	if err := who.Must(verb.Right()); err != nil {
		return Report{}, err
	}
	var kept []Reason
	for _, x := range reasons {
		if x.Text = viet.Clean(x.Text); x.Text != "" {
			kept = append(kept, x)
		}
	}
	var out Report
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		first := ""
		if len(kept) > 0 {
			first = kept[0].Text
		}
		var pl place
		var err error
		out, err = s.step(ctx, tx, who, verb.Right(), unitCode, periodCode, version, string(verb), first, func(at place, r *Report, version int) error {
			pl = at
			if _, err := s.walk(ctx, tx, who, at, r, verb, version, kept, ""); err != nil {
				return err
			}
			return s.see(ctx, tx, at, kept)
		})
		if err != nil {
			return err
		}
		if err := insertReasons(ctx, tx, out, kept); err != nil {
			return err
		}
		if err := endApprovals(ctx, tx, out.ID, s.clock.Milli()); err != nil {
			return err
		}
		people, err := s.authors(ctx, tx, out, pl)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, who, people, pl, NoticeReturned, "%s: báo cáo %s bị trả lại, mời xem lý do và sửa")
	})
	return out, err
}

// see refuses reasons about what is not there, and notes which version each is about.
func (s *Service) see(ctx context.Context, tx *db.Tx, pl place, reasons []Reason) error {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	sys := auth.System() // the caller has checked the unit
	now, err := s.figures.OwnIn(ctx, tx, sys, figure.Submitted, pl.unit, []period.Period{pl.p})
	if err != nil {
		return err
	}
	said, err := s.StatementsIn(ctx, tx, sys, pl.unit.ID, false, pl.p)
	if err != nil {
		return err
	}
	asked, err := s.forms.FilledIn(ctx, tx, sys, pl.unit, pl.p)
	if err != nil {
		return err
	}
	for i, x := range reasons {
		if item := x.aboutAnswer(); item != "" {
			a, ok := answerTo(asked, item)
			if !ok {
				return fault.Invalid("cell", "Biểu mẫu của kỳ này không hỏi nội dung này.")
			}
			reasons[i].Seen = a.Version
		}
		if x.Indicator != 0 {
			in, ok := catalog.ByID(x.Indicator)
			if !ok {
				return fault.Invalid("cell", "Không có chỉ tiêu này trong danh mục.")
			}
			if _, ok := in.Part(x.Part); !ok {
				return fault.Invalidf("cell", "Chỉ tiêu “%s” không có phần này.", in.Name)
			}
			reasons[i].Seen = now[figure.Cell{Unit: pl.unit.ID, Period: pl.p.ID, Indicator: x.Indicator, Part: x.Part}].Version
		}
		if id := x.aboutStatement(); id != "" {
			at := slices.IndexFunc(said, func(st Statement) bool { return st.ID == id })
			if at < 0 {
				return fault.Invalid("cell", "Nội dung này không còn trong báo cáo.")
			}
			reasons[i].Seen = said[at].Version
		}
	}
	return nil
}

// answerTo finds an item of a body's forms with its answer.
func answerTo(forms []form.Filled, item string) (form.Answered, bool) {
	for _, f := range forms {
		for _, a := range f.Answers {
			if a.Item.ID == item {
				return a, true
			}
		}
	}
	return form.Answered{}, false
}

// Approve is the head's step: they stand for what the report says, bound to its hash. Where the site lets the office's step be
// skipped, it accepts the report as well. On a report that was approved already it confirms what has changed, with a reason.
func (s *Service) Approve(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int, reason string) (Report, error) {
	return s.decide(ctx, who, Endorse, unitCode, periodCode, version, reason)
}

// Accept is the office's step: the figures enter the approved layer in the same transaction. On a report that was accepted
// already it takes over what has changed since, with a reason.
func (s *Service) Accept(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int, reason string) (Report, error) {
	return s.decide(ctx, who, Accept, unitCode, periodCode, version, reason)
}

func (s *Service) decide(ctx context.Context, who auth.Actor, verb Verb, unitCode, periodCode string, version int, reason string) (Report, error) {
	if err := who.Must(verb.Right()); err != nil {
		return Report{}, err
	}
	reason = viet.Clean(reason)
	var out Report
	// Guarded by the report's version and the figures' version keys; a whole form at serializable would only retry.
	err := s.db.WriteGuarded(ctx, func(tx *db.Tx) (err error) {
		var pl place
		out, err = s.step(ctx, tx, who, verb.Right(), unitCode, periodCode, version, string(verb), reason, func(at place, r *Report, version int) error {
			pl = at
			return s.stand(ctx, tx, who, at, r, verb, version, reason)
		})
		if err != nil {
			return err
		}
		people, err := s.authors(ctx, tx, out, pl)
		if err != nil {
			return err
		}
		heads, err := approvers(ctx, tx, out.ID)
		if err != nil {
			return err
		}
		text := "%s: báo cáo %s đã được lãnh đạo đơn vị duyệt"
		if out.State.Accepted() {
			text = "%s: báo cáo %s đã được văn phòng tiếp nhận"
		}
		return s.tell(ctx, tx, who, append(people, heads...), pl, NoticeApproved, text)
	})
	return out, err
}

// stand makes the step of somebody who stands for what the report says.
func (s *Service) stand(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, r *Report, verb Verb, version int, reason string) error {
	on, err := s.footing(ctx, tx, pl, r)
	if err != nil {
		return err
	}
	t, err := r.walk(who, verb, version, s.clock.Milli(), on, nil, reason)
	if err != nil {
		return err
	}
	if t.Again() {
		some, err := s.hasChanged(ctx, tx, *r, pl, verb)
		if err != nil {
			return err
		}
		if !some {
			return fault.Refused("Không có gì thay đổi kể từ lần duyệt trước.")
		}
	}
	if !on.self && !on.way.Self {
		if err := s.notOwnFigures(ctx, tx, who, pl); err != nil {
			return err
		}
	}
	step := StepHead
	if verb == Accept {
		step = StepOffice
	}
	if _, err := s.bind(ctx, tx, who, *r, pl, step, reason); err != nil {
		return err
	}
	if !r.State.Accepted() {
		return nil
	}
	if _, err := s.figures.Approve(ctx, tx, who, verb.Right(), pl.unit.ID, pl.p, reason); err != nil {
		return fmt.Errorf("approve figures of %s: %w", pl.object(), err)
	}
	return nil
}

// hasChanged tells whether anything has changed since the last approval of the step, or, where none is on record, whether the
// layers differ.
func (s *Service) hasChanged(ctx context.Context, tx *db.Tx, r Report, pl place, verb Verb) (bool, error) {
	step := StepHead
	if verb == Accept {
		step = StepOffice
	}
	list, err := approvalsOf(ctx, tx, r.ID, pl.object())
	if err != nil {
		return false, err
	}
	for _, a := range standingApprovals(list) {
		if a.Step != step {
			continue
		}
		catalog, err := s.indicators.In(ctx, tx)
		if err != nil {
			return false, err
		}
		now, err := s.sealedNow(ctx, tx, pl, catalog)
		if err != nil {
			return false, err
		}
		_, sha, err := now.seal()
		return sha != a.SHA256, err
	}
	changed, err := s.changed(ctx, tx, pl)
	return len(changed) > 0, err
}

// notOwnFigures refuses who gave any figure that the approval would take over, whoever sent the report; also where they gave it
// for another or another gave it for them, and where they act for one who gave it.
func (s *Service) notOwnFigures(ctx context.Context, tx *db.Tx, who auth.Actor, pl place) error {
	if who.IsSystem() {
		return nil
	}
	changed, err := s.changed(ctx, tx, pl)
	if err != nil {
		return err
	}
	cells := map[figure.Cell]bool{}
	for _, c := range changed {
		cells[c.Cell] = true
	}
	by, err := changers(ctx, tx, pl.unit.ID, pl.p.ID, cells)
	if err != nil {
		return err
	}
	if who.Signs(by...) {
		return fault.Refused("Bạn đã tự nhập hoặc sửa số liệu này nên không tự duyệt. Hãy nhờ người khác có quyền duyệt.")
	}
	return nil
}

// Recall takes back a report that the office has not decided on.
func (s *Service) Recall(ctx context.Context, who auth.Actor, unitCode, periodCode string, version int) (Report, error) {
	if err := who.Must(auth.Submit); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = s.step(ctx, tx, who, auth.Submit, unitCode, periodCode, version, "recall", "", func(pl place, r *Report, version int) error {
			_, err := s.walk(ctx, tx, who, pl, r, Recall, version, nil, "")
			return err
		})
		return err
	})
	return out, err
}

// Plead asks for a body that its report be due on another day; only what has not been handed in can be given one.
func (s *Service) Plead(ctx context.Context, who auth.Actor, unitCode, periodCode, due, reason string) error {
	if err := who.Must(auth.Submit); err != nil {
		return err
	}
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		pl, err := s.at(ctx, tx, who, auth.Submit, unitCode, periodCode)
		if err != nil {
			return err
		}
		r, err := findAt(ctx, tx, who, auth.Submit, s.clock.Today(), pl.unit.ID, pl.p.ID, KindBody)
		switch {
		case fault.Is(err, fault.KindNotFound):
			return nil
		case err == nil && r.FirstSentAt != 0:
			return fault.Refused("Báo cáo đã gửi rồi nên không cần gia hạn nữa.")
		}
		return err
	}); err != nil {
		return err
	}
	return s.periods.Plead(ctx, who, periodCode, unitCode, due, reason)
}

// differing is a cell whose submitted figure is not the approved one. Either side may be blank.
type differing struct {
	figure.Cell
	Approved, Now figure.Version
}

// changed compares the layers of a unit's figures for a period.
func (s *Service) changed(ctx context.Context, tx *db.Tx, pl place) ([]differing, error) {
	sys := auth.System() // the caller has checked the unit
	now, err := s.figures.OwnIn(ctx, tx, sys, figure.Submitted, pl.unit, []period.Period{pl.p})
	if err != nil {
		return nil, err
	}
	good, err := s.figures.OwnIn(ctx, tx, sys, figure.Approved, pl.unit, []period.Period{pl.p})
	if err != nil {
		return nil, err
	}
	var out []differing
	for c, v := range now {
		if a := good[c]; a.Value != v.Value || a.Raw != v.Raw {
			out = append(out, differing{c, a, v})
		}
	}
	for c, a := range good {
		if _, ok := now[c]; !ok && !a.Blank() {
			out = append(out, differing{Cell: c, Approved: a})
		}
	}
	sortChanged(out)
	return out, nil
}

func sortChanged(list []differing) {
	slices.SortFunc(list, func(a, b differing) int {
		return cmp.Or(cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Part, b.Part))
	})
}
