package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// The indicators that the rules below look for. A site whose catalogue has other codes has a silent rule, not a wrong one.
const (
	modelsRegistered   = "MH01"
	modelVisits        = "MH05"
	recommendations    = "GS04"
	recommendationsMet = "GS05"
)

// Rule names what a shortcoming follows from.
type Rule string

const (
	NotReported   Rule = "not-reported"  // due and not sent
	ReportedLate  Rule = "late"          // sent after the day
	BehindPlan    Rule = "behind-plan"   // a target behind its pace
	NoVisit       Rule = "no-visit"      // models registered, no guidance visit
	Unanswered    Rule = "unanswered"    // recommendations without a reply
	Contradiction Rule = "contradiction" // a source that contradicts itself
	DoubleCount   Rule = "double-count"  // an overlap of unknown amount
	longestList        = 12              // units named in one sentence; the rest is counted
)

// Link leads to what a sentence rests on.
type Link struct{ Text, URL string }

// Shortcoming is a shortcoming that the data show, with its evidence. It is counted per body, never per person.
type Shortcoming struct {
	Rule     Rule
	Text     string
	Draft    string // the same with live numbers, as a section's text has it
	About    string // the figure that it is about, in words, where it is about one
	Evidence []Link
}

// Shortcomings lists what the data of a unit and period show to be lacking, as far as the actor may see.
func (s *Service) Shortcomings(ctx context.Context, who auth.Actor, unitCode, periodCode string) ([]Shortcoming, error) {
	var out []Shortcoming
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.ShortcomingsIn(ctx, tx, who, unitCode, periodCode)
		return err
	})
	return out, err
}

// ShortcomingsIn is Shortcomings within a transaction.
func (s *Service) ShortcomingsIn(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) ([]Shortcoming, error) {
	pl, err := s.peek(ctx, tx, who, unitCode, periodCode)
	if err != nil {
		return nil, err
	}
	n, err := s.numbers(ctx, tx, who, pl.unit, pl.p, figure.Submitted)
	if err != nil {
		return nil, err
	}
	return n.shortcomings()
}

func (n *numbers) shortcomings() ([]Shortcoming, error) {
	var out []Shortcoming
	for _, rule := range []func() ([]Shortcoming, error){
		n.reporting, n.behind, n.unvisited, n.unanswered, n.contradictions, n.doubles,
	} {
		found, err := rule()
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// said makes a shortcoming of a draft: its text and its evidence are what the tokens lead to.
func (n *numbers) said(rule Rule, draft string) (Shortcoming, error) {
	s := Shortcoming{Rule: rule, Draft: draft}
	pieces, broken := ParseText(draft)
	if len(broken) > 0 {
		return s, fmt.Errorf("rule %s wrote %q: %w", rule, draft, broken[0])
	}
	for _, p := range pieces {
		if p.Token == nil {
			s.Text += p.Text
			continue
		}
		num, complaint, err := n.resolve(*p.Token)
		if err != nil {
			return s, err
		}
		if complaint != "" { // a unit that the actor may not open: its number cannot be in the actor's text
			return s, fmt.Errorf("rule %s: %s: %s", rule, p.Token.Raw, complaint)
		}
		s.Text += num.Text
		if !slices.ContainsFunc(s.Evidence, func(l Link) bool { return l.URL == num.URL }) {
			s.Evidence = append(s.Evidence, Link{Text: num.Text, URL: num.URL})
		}
	}
	return s, nil
}

func (n *numbers) one(rule Rule, format string, args ...any) ([]Shortcoming, error) {
	s, err := n.said(rule, fmt.Sprintf(format, args...))
	return []Shortcoming{s}, err
}

// reporting: who has not reported, and who was late.
func (n *numbers) reporting() ([]Shortcoming, error) {
	b, err := n.boardOf()
	if err != nil {
		return nil, err
	}
	var missing, late []string
	for _, r := range b.Rows {
		switch {
		case r.Missing:
			missing = append(missing, Token{Unit: r.Unit.Code}.String())
		case r.Late():
			late = append(late, fmt.Sprintf("%s (%d ngày)", Token{Unit: r.Unit.Code}, r.DaysLate))
		}
	}
	var out []Shortcoming
	if len(missing) > 0 {
		found, err := n.one(NotReported, "Đến ngày %s còn %s đơn vị chưa gửi báo cáo %s (hạn %s): %s.", viet.FormatDate(n.s.clock.Today()),
			viet.TwoDigits(int64(len(missing))), n.p.Name(), viet.FormatDate(n.p.Due), listed(missing, "đơn vị"))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	if len(late) > 0 {
		found, err := n.one(ReportedLate, "%s đơn vị gửi báo cáo chậm: %s.", viet.TwoDigits(int64(len(late))), listed(late, "đơn vị"))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// listed joins names, which may hold commas, and counts what is too many to name.
func listed(names []string, of string) string {
	if len(names) <= longestList {
		return strings.Join(names, "; ")
	}
	return strings.Join(names[:longestList], "; ") + fmt.Sprintf(" và %d %s khác", len(names)-longestList, of)
}

// behind: targets of the place that are behind the year.
func (n *numbers) behind() ([]Shortcoming, error) {
	x, err := n.of("")
	if err != nil {
		return nil, err
	}
	var out []Shortcoming
	for _, in := range n.catalog.All() {
		pace := x.pace(in)
		if pace != figure.Behind && pace != figure.AtRisk {
			continue
		}
		done := Token{Code: in.Code, What: ToDate}
		if _, of, _, _ := x.plan(in); of.ID == n.p.ID {
			done.What = ThisPeriod
		}
		text := fmt.Sprintf("%s: %s, đạt %s kế hoạch (%s), %s.", in.Name, done, Token{Code: in.Code, What: PercentPlan}, Token{Code: in.Code, What: PlanOf}, pace.Name())
		if in.Better == indicator.Down {
			text = fmt.Sprintf("%s: %s, vượt mức cho phép (%s).", in.Name, done, Token{Code: in.Code, What: PlanOf})
		}
		s, err := n.said(BehindPlan, text)
		if err != nil {
			return nil, err
		}
		s.About = in.Name
		out = append(out, s)
	}
	return out, nil
}

// unvisited: units that have registered models this year and report no guidance visit.
func (n *numbers) unvisited() ([]Shortcoming, error) {
	models, ok1 := n.catalog.ByCode(modelsRegistered)
	visits, ok2 := n.catalog.ByCode(modelVisits)
	if !ok1 || !ok2 {
		return nil, nil
	}
	ids := timesOf(n.p).soFarIDs
	have, err := holders(n.ctx, n.tx, n.who, n.place.ID, models.ID, n.layer, n.p.To, ids, n.s.clock.Today())
	if err != nil {
		return nil, err
	}
	visited, err := holders(n.ctx, n.tx, n.who, n.place.ID, visits.ID, n.layer, n.p.To, ids, n.s.clock.Today())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range have {
		if _, ok := slices.BinarySearch(visited, id); ok {
			continue
		}
		u, err := org.FindID(n.ctx, n.tx, id, n.p.To)
		if err != nil {
			return nil, err
		}
		names = append(names, fmt.Sprintf("%s (%s)", Token{Unit: u.Code}, Token{Code: modelsRegistered, What: ToDate, Unit: u.Code}))
	}
	if len(names) == 0 {
		return nil, nil
	}
	return n.one(NoVisit, "Đăng ký mô hình “Dân vận khéo” nhưng từ đầu năm chưa có lượt hướng dẫn, kiểm tra: %s.", listed(names, "đơn vị"))
}

// unanswered: fewer replies than recommendations since the year's start.
func (n *numbers) unanswered() ([]Shortcoming, error) {
	asked, ok1 := n.catalog.ByCode(recommendations)
	met, ok2 := n.catalog.ByCode(recommendationsMet)
	if !ok1 || !ok2 {
		return nil, nil
	}
	x, err := n.of("")
	if err != nil {
		return nil, err
	}
	a, _ := x.toDate(asked, indicator.Total)
	m, _ := x.toDate(met, indicator.Total)
	switch {
	case !a.Has || a.Number <= 0 || m.Has && m.Number >= a.Number:
		return nil, nil
	case m.Blank():
		return n.one(Unanswered, "Từ đầu năm có %s sau giám sát, phản biện, chưa ghi nhận kiến nghị nào được trả lời.", Token{Code: recommendations, What: ToDate})
	}
	return n.one(Unanswered, "Từ đầu năm có %s sau giám sát, phản biện, mới có %s được trả lời.", Token{Code: recommendations, What: ToDate},
		Token{Code: recommendationsMet, What: ToDate})
}

// cell names a unit's figure so that its token opens the trace where the flag stands; about is the figure in words.
func (n *numbers) cell(unit, ind, part int64) (name, about string, token Token, ok bool, err error) {
	in, ok := n.catalog.ByID(ind)
	if !ok {
		return "", "", token, false, nil
	}
	p, ok := in.Part(part)
	if !ok {
		return "", "", token, false, nil
	}
	u, err := org.FindID(n.ctx, n.tx, unit, n.p.To)
	if err != nil {
		return "", "", token, false, err
	}
	return in.Name, fmt.Sprintf("“%s” của %s", in.Name, u.Name), Token{Code: indicator.Address(in, p), Unit: u.Code}, true, nil
}

// contradictions: what the checks of the figures have flagged and nobody has settled.
func (n *numbers) contradictions() ([]Shortcoming, error) {
	flags, err := figure.Flags(n.ctx, n.tx, n.who, n.place.ID, []period.Period{n.p}, n.s.clock.Today())
	if err != nil {
		return nil, err
	}
	var out []Shortcoming
	for _, f := range flags {
		if f.Settled != "" {
			continue
		}
		name, about, token, ok, err := n.cell(f.Cell.Unit, f.Cell.Indicator, f.Cell.Part)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		s, err := n.said(Contradiction, fmt.Sprintf("Số liệu “%s” của %s (%s) tự mâu thuẫn: %s", name, Token{Unit: token.Unit}, token, plainText(f.Text)))
		if err != nil {
			return nil, err
		}
		s.About = about
		out = append(out, s)
	}
	return out, nil
}

// doubles: figures that overlap by nobody knows how much, so that the total may hold something twice.
func (n *numbers) doubles() ([]Shortcoming, error) {
	list, err := openOverlaps(n.ctx, n.tx, n.who, n.place.ID, n.p, n.s.clock.Today())
	if err != nil {
		return nil, err
	}
	var out []Shortcoming
	for _, o := range list {
		name, about, token, ok, err := n.cell(o.unit, o.indicator, o.part)
		if err != nil {
			return nil, err
		}
		other, err := org.FindID(n.ctx, n.tx, o.other, n.p.To)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		s, err := n.said(DoubleCount, fmt.Sprintf("Số liệu “%s” của %s (%s) có phần trùng với %s, chưa xác định được bao nhiêu nên tổng số có thể tính trùng: %s.",
			name, Token{Unit: token.Unit}, token, plainText(other.Name), plainText(strings.TrimRight(o.reason, "."))))
		if err != nil {
			return nil, err
		}
		s.About = about
		out = append(out, s)
	}
	return out, nil
}
