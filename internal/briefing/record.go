package briefing

import (
	"context"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
)

// record runs a step on one of the briefing's lists: scope, state, the step, audit. Rows carry versions of their own, so
// that one person can mark attendance while another writes down what is said.
func (s *Service) record(ctx context.Context, who auth.Actor, id, verb string, fn func(*db.Tx, *Briefing) (object string, err error)) error {
	if err := who.Must(auth.Brief); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := find(ctx, tx, who, auth.Brief, id, s.clock.Today(), atPlace)
		if err != nil {
			return err
		}
		if err := b.mustBeOpen(); err != nil {
			return err
		}
		object, err := fn(tx, &b)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "briefing", Object: id, Units: []int64{b.Unit}, Reason: object})
	})
}

// The tables of the briefing's lists, as Remove names them.
const (
	ListParticipants = "briefing_participant"
	ListStatements   = "briefing_statement"
	ListFindings     = "briefing_finding"
	ListPoints       = "briefing_point"
	ListDemands      = "briefing_demand"
)

var lists = []string{ListParticipants, ListStatements, ListFindings, ListPoints, ListDemands}

// Remove takes a row out of one of the lists, as long as nothing is concluded. Items of the agenda have RemoveItem.
func (s *Service) Remove(ctx context.Context, who auth.Actor, id, list, row string, version int) error {
	if !slices.Contains(lists, list) {
		return fault.NotFound()
	}
	return s.record(ctx, who, id, "remove", func(tx *db.Tx, b *Briefing) (string, error) {
		if list == ListPoints {
			if at := slices.IndexFunc(b.Points, func(p Point) bool { return p.ID == row }); at >= 0 && len(b.Points[at].Demands) > 0 {
				return "", fault.Refused("Điểm kết luận này đang giao nhiệm vụ; hãy bỏ các nhiệm vụ của nó trước.")
			}
		}
		return list, drop(ctx, tx, list, id, row, version)
	})
}

// PutParticipant invites somebody, or changes who is invited (ID set). Attendance has Mark.
func (s *Service) PutParticipant(ctx context.Context, who auth.Actor, id string, p Participant) error {
	if err := p.tidy(); err != nil {
		return err
	}
	return s.record(ctx, who, id, "invite", func(tx *db.Tx, b *Briefing) (string, error) {
		if err := s.mayInvite(ctx, tx, who, p.Unit, b.Day); err != nil {
			return "", err
		}
		if p.ID != "" {
			at := slices.IndexFunc(b.Participants, func(o Participant) bool { return o.ID == p.ID })
			if at < 0 {
				return "", fault.NotFound()
			}
			old := b.Participants[at]
			p.Attendance, p.Reason, p.Substitute, p.SubstituteTitle = old.Attendance, old.Reason, old.Substitute, old.SubstituteTitle
		} else {
			p.Attendance, p.Reason, p.Substitute, p.SubstituteTitle = Unmarked, "", "", ""
		}
		return p.Label(), putParticipant(ctx, tx, id, p)
	})
}

// Mark is one participant's attendance.
type Mark struct {
	ID                                  string
	Version                             int
	Attendance                          Attendance
	Reason, Substitute, SubstituteTitle string
}

// MarkAll records the attendance of several participants at once; what is equal to what stands is left alone.
func (s *Service) MarkAll(ctx context.Context, who auth.Actor, id string, marks []Mark) error {
	return s.record(ctx, who, id, "attendance", func(tx *db.Tx, b *Briefing) (string, error) {
		var bad fault.List
		for _, m := range marks {
			at := slices.IndexFunc(b.Participants, func(p Participant) bool { return p.ID == m.ID })
			if at < 0 {
				return "", fault.NotFound()
			}
			old := b.Participants[at]
			now := old
			if err := now.mark(m.Attendance, m.Reason, m.Substitute, m.SubstituteTitle); err != nil {
				for _, f := range fault.All(err) {
					_ = bad.Add(&fault.Error{Kind: f.Kind, Field: f.Field + "-" + m.ID, Text: old.Label() + ": " + f.Text})
				}
				continue
			}
			if now == old {
				continue
			}
			now.Version = m.Version
			if err := putParticipant(ctx, tx, id, now); err != nil {
				return "", err
			}
		}
		return "", bad.Err()
	})
}

// PutStatement writes down what was said, or corrects it (ID set).
func (s *Service) PutStatement(ctx context.Context, who auth.Actor, id string, x Statement) error {
	if err := x.tidy(); err != nil {
		return err
	}
	return s.record(ctx, who, id, "statement", func(tx *db.Tx, b *Briefing) (string, error) {
		if b.State == Convened {
			return "", fault.Refused("Hội nghị chưa bắt đầu; hãy ghi nhận bắt đầu họp trước.")
		}
		if err := s.mayInvite(ctx, tx, who, x.Unit, b.Day); err != nil {
			return "", err
		}
		return x.Label(), putStatement(ctx, tx, id, x)
	})
}

// PutFinding adds a point of the assessment, or changes it (ID set). A finding that takes up a shortcoming keeps its
// evidence.
func (s *Service) PutFinding(ctx context.Context, who auth.Actor, id string, f Finding) error {
	if err := f.tidy(); err != nil {
		return err
	}
	return s.record(ctx, who, id, "finding", func(tx *db.Tx, _ *Briefing) (string, error) { return string(f.Kind), putFinding(ctx, tx, id, f) })
}

// TakeShortcomings turns shortcomings that the data show into findings, by their keys; those taken up before are left.
func (s *Service) TakeShortcomings(ctx context.Context, who auth.Actor, id string, keys []string) error {
	return s.record(ctx, who, id, "take", func(tx *db.Tx, b *Briefing) (string, error) {
		reported, err := s.reportedIn(ctx, tx, who, *b)
		if err != nil {
			return "", err
		}
		for _, x := range reported.Shortcomings {
			taken := slices.ContainsFunc(b.Findings, func(f Finding) bool { return f.Source == x.Key })
			if taken || !slices.Contains(keys, x.Key) {
				continue
			}
			if err := putFinding(ctx, tx, id, Finding{Kind: Shortcoming, Text: x.Title, URL: x.URL, Source: x.Key}); err != nil {
				return "", err
			}
		}
		return "", nil
	})
}

// PutPoint adds a point of the conclusion, or changes it (ID set), and answers its id.
func (s *Service) PutPoint(ctx context.Context, who auth.Actor, id string, p Point) (point string, err error) {
	if err := p.tidy(); err != nil {
		return "", err
	}
	err = s.record(ctx, who, id, "point", func(tx *db.Tx, _ *Briefing) (string, error) {
		point, err = putPoint(ctx, tx, id, p)
		return "", err
	})
	return point, err
}

// PutDemand says what a point asks of whom, or changes that (ID set). The task is made when the briefing is concluded.
func (s *Service) PutDemand(ctx context.Context, who auth.Actor, id string, d Demand) error {
	return s.record(ctx, who, id, "demand", func(tx *db.Tx, b *Briefing) (string, error) {
		if err := d.tidy(b.Day); err != nil {
			return "", err
		}
		if !slices.ContainsFunc(b.Points, func(p Point) bool { return p.ID == d.Point }) {
			return "", fault.NotFound()
		}
		d.With = slices.DeleteFunc(d.With, func(unit int64) bool { return unit == d.Lead })
		for _, unit := range append([]int64{d.Lead}, d.With...) {
			if err := s.mayInvite(ctx, tx, who, unit, b.Day); err != nil {
				return "", err
			}
		}
		if d.Indicator != 0 {
			catalog, err := s.indicators.In(ctx, tx)
			if err != nil {
				return "", err
			}
			if in, ok := catalog.ByID(d.Indicator); !ok || in.Across == indicator.None {
				return "", fault.Invalid("indicator", "Hãy chọn một chỉ tiêu cộng được giữa các đơn vị.")
			}
		}
		return viet.Clean(d.Text), putDemand(ctx, tx, id, d)
	})
}

// BuildAgenda brings the agenda up to date with the open tasks and the reports.
func (s *Service) BuildAgenda(ctx context.Context, who auth.Actor, id string) error {
	return s.record(ctx, who, id, "build-agenda", func(tx *db.Tx, b *Briefing) (string, error) { return "", s.build(ctx, tx, who, *b) })
}

// PutItem adds a free item, or changes any item (ID set), which from then on is as the office has it.
func (s *Service) PutItem(ctx context.Context, who auth.Actor, id string, i Item) error {
	if err := i.tidy(); err != nil {
		return err
	}
	return s.record(ctx, who, id, "item", func(tx *db.Tx, b *Briefing) (string, error) {
		i.Edited = true
		if i.ID == "" {
			i.Kind, i.Source, i.URL, i.Ordinal = ItemFree, "", "", len(b.Items)+1
			return i.Title, putItem(ctx, tx, id, i)
		}
		at := slices.IndexFunc(b.Items, func(o Item) bool { return o.ID == i.ID })
		if at < 0 {
			return "", fault.NotFound()
		}
		old := b.Items[at]
		i.Ordinal, i.URL, i.Removed = old.Ordinal, old.URL, old.Removed
		return i.Title, putItem(ctx, tx, id, i)
	})
}

// RemoveItem takes an item off the agenda, or puts it back. An open task stays until it is done.
func (s *Service) RemoveItem(ctx context.Context, who auth.Actor, id, item string, version int, removed bool) error {
	return s.record(ctx, who, id, "item", func(tx *db.Tx, b *Briefing) (string, error) {
		at := slices.IndexFunc(b.Items, func(o Item) bool { return o.ID == item })
		if at < 0 {
			return "", fault.NotFound()
		}
		i := b.Items[at]
		if removed && i.Kind == ItemTask {
			return "", fault.Refused("Nhiệm vụ chưa xong thì không bỏ khỏi chương trình; có thể giảm thời lượng hoặc đổi thứ tự.")
		}
		i.Removed, i.Version = removed, version
		return i.Title, putItem(ctx, tx, id, i)
	})
}

// MoveItem moves an item one place up or down.
func (s *Service) MoveItem(ctx context.Context, who auth.Actor, id, item string, up bool) error {
	return s.record(ctx, who, id, "order", func(tx *db.Tx, b *Briefing) (string, error) {
		items, ok := moved(b.Items, item, up)
		if !ok {
			return "", fault.NotFound()
		}
		return "", storeItems(ctx, tx, id, b.Items, items)
	})
}
