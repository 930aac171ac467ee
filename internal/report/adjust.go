package report

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/period"
)

// adjusted writes what has been corrected since: in the issued report of the period before, and for a new issue in the one that it
// replaces.
func (s *Service) adjusted(ctx context.Context, tx *db.Tx, who auth.Actor, r Report, pl place) ([][]Span, error) {
	var out [][]Span
	if r.Issue > 1 {
		list, err := s.corrected(ctx, tx, who, pl.unit.ID, pl.p.ID, r.Issue-1)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			out = append(append(out, []Span{{Text: "So với bản đã ban hành trước của báo cáo này:"}}), list...)
		}
	}
	before := pl.p.Previous()
	list, err := s.corrected(ctx, tx, who, pl.unit.ID, before.ID, 0)
	if err == nil && len(list) > 0 {
		out = append(append(out, []Span{{Text: "Số liệu " + before.Name() + " được điều chỉnh so với báo cáo đã ban hành:"}}), list...)
	}
	return out, err
}

// corrected lists the numbers of an issued report (the newest issue where issue is 0) that are others now, a line each.
func (s *Service) corrected(ctx context.Context, tx *db.Tx, who auth.Actor, unit, per int64, issue int) ([][]Span, error) {
	issued, err := one(scoped(ctx, tx, who, auth.View, s.clock.Today(), `r.unit = $1 and r.period = $2 and r.kind = 'consolidated' and r.state = 'frozen'
		and ($3 = 0 or r.issue = $3)`, ` order by r.issue desc`, unit, per, issue))
	if fault.Is(err, fault.KindNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := s.FrozenIn(ctx, tx, who, issued.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.differences(ctx, tx, who, f.Content)
	if err != nil {
		return nil, err
	}
	var out [][]Span
	seen := map[string]bool{}
	for _, d := range list {
		if d.Frozen.Of != ThisPeriod || d.Frozen.Code == Reports || seen[d.Frozen.URL] {
			continue // what follows from it (to date, against last year) is not said again
		}
		seen[d.Frozen.URL] = true
		name := d.Frozen.Name
		if d.Frozen.Unit != f.Content.Unit {
			name += " (" + d.Frozen.Unit + ")"
		}
		out = append(out, []Span{{Text: "- " + name + ": đã báo cáo " + d.Frozen.Text + ", nay là "}, {Text: d.Now.Text, URL: d.Now.URL}, {Text: "."}})
	}
	return out, nil
}

// bodyAdjusted reads what has been corrected in the body's report of the period before since the office accepted it.
func (s *Service) bodyAdjusted(ctx context.Context, tx *db.Tx, pl place, v *BodyView) error {
	p, err := period.FindID(ctx, tx, pl.p.Previous().ID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	last := place{pl.unit, p}
	r, err := findAt(ctx, tx, auth.System(), auth.View, s.clock.Today(), pl.unit.ID, p.ID, KindBody)
	if fault.Is(err, fault.KindNotFound) || err == nil && !r.State.Accepted() {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := approvalsOf(ctx, tx, r.ID, last.object())
	if err != nil {
		return err
	}
	now, err := s.sealedNow(ctx, tx, last, v.Catalog)
	if err != nil {
		return err
	}
	for i := len(list) - 1; i >= 0; i-- { // the first acceptance that stands: later ones confirm what was corrected
		if list[i].Ended != 0 || !accepts(list[i], list) {
			continue
		}
		v.AdjustedOf = p
		v.Adjusted, err = s.changesSince(ctx, tx, last, list[i].Content, now, v.Catalog)
		return err
	}
	return nil
}

// accepts tells an approval that ended the way: the office's, or the head's where there is none of the office.
func accepts(a Approval, list []Approval) bool {
	if a.Step == StepOffice {
		return true
	}
	for _, x := range list {
		if x.Step == StepOffice && x.Ended == 0 {
			return false
		}
	}
	return true
}
