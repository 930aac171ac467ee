package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/form"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Progress is the office's board of a period: bodies by forms.
type Progress struct {
	Unit   org.Unit
	Period period.Period
	Forms  []form.Asked
	Lines  []Standing
}

// Standing is a body with how far it has come with each form, in the order of Progress.Forms.
type Standing struct {
	Row
	Days  int // late by so many working days, the form that is due first; of what has not come, by today
	Cells []FormCell
	Past  Past
}

// FormCell is a body and a form. Its state is the report's.
type FormCell struct {
	Asked bool
	form.Count
	Due  string
	Days int // late by so many working days
}

// Past is how a body has kept its days over the last periods.
type Past struct{ InTime, Of int }

// pastPeriods is over how many periods timeliness is told.
const pastPeriods = 8

// Stage is where a body stands, as the board's filter asks for it.
type Stage string

// The stages.
const (
	StageNone     Stage = "chua"    // nothing entered
	StageDraft    Stage = "dang"    // begun, not sent
	StageSent     Stage = "gui"     // handed in, not approved
	StageReturned Stage = "tra-lai" // returned
	StageApproved Stage = "duyet"   // approved or accepted
	StageLate     Stage = "tre"     // due and not handed in
	StageChanged  Stage = "sua"     // changed after approval
	StagePleads   Stage = "xin"     // asks for another day
)

// Stages in the order in which people read them.
var Stages = []Stage{StageNone, StageDraft, StageSent, StageReturned, StageApproved, StageLate, StagePleads, StageChanged}

// Name is the stage in the user's words.
func (s Stage) Name() string {
	switch s {
	case StageNone:
		return "chưa bắt đầu"
	case StageDraft:
		return "đang nhập"
	case StageSent:
		return "đã gửi"
	case StageReturned:
		return "bị trả lại"
	case StageApproved:
		return "đã duyệt"
	case StageLate:
		return "quá hạn chưa gửi"
	case StagePleads:
		return "xin gia hạn"
	case StageChanged:
		return "thay đổi sau khi duyệt"
	}
	return ""
}

// In tells whether a body is in a stage.
func (l Standing) In(s Stage) bool {
	switch s {
	case StageNone:
		return !l.State.Given() && l.State != StateReturned && l.have() == 0
	case StageDraft:
		return !l.State.Given() && l.State != StateReturned && l.have() > 0
	case StageSent:
		return l.State == StateSent
	case StageReturned:
		return l.State == StateReturned
	case StageApproved:
		return l.State.Endorsed()
	case StageLate:
		return l.Owes() && l.Days > 0
	case StagePleads:
		return l.Pleads != ""
	case StageChanged:
		return l.Changed
	}
	return true
}

// Owes tells whether the body has still to hand in its report.
func (l Standing) Owes() bool { return !l.State.Given() }

func (l Standing) have() int {
	n := l.Filled
	for _, c := range l.Cells {
		n = max(n, c.Have)
	}
	return n
}

// Percent is how full all forms of a body are together.
func (l Standing) Percent() int {
	var all form.Count
	for _, c := range l.Cells {
		all.Have, all.All = all.Have+c.Have, all.All+c.All
	}
	return all.Percent()
}

// Ask is what the reader of the board wants to see.
type Ask struct {
	Stage Stage
	Level org.Level
	Form  string // code
	Name  string
	Sort  string // "", "tre", "day"
	Flat  bool   // one table, not a group for each stage
}

// Pick keeps the lines that are asked for, in the order asked for.
func (p Progress) Pick(a Ask) Progress {
	at := slices.IndexFunc(p.Forms, func(f form.Asked) bool { return f.Code == a.Form })
	p.Lines = slices.DeleteFunc(slices.Clone(p.Lines), func(l Standing) bool {
		return !l.In(a.Stage) || a.Level != "" && l.Unit.Level != a.Level || at >= 0 && !l.Cells[at].Asked ||
			!named(l.Unit, l.Place, a.Name)
	})
	switch a.Sort {
	case "tre":
		slices.SortStableFunc(p.Lines, func(x, y Standing) int { return cmp.Or(byOwing(x, y), cmp.Compare(y.Days, x.Days)) })
	case "day":
		slices.SortStableFunc(p.Lines, func(x, y Standing) int { return cmp.Compare(x.Percent(), y.Percent()) })
	}
	return p
}

// named tells whether each word that was typed stands in a body's name, code or place.
func named(u org.Node, place, typed string) bool {
	whole := viet.Fold(u.Name + " " + u.Code + " " + place)
	return !slices.ContainsFunc(strings.Fields(viet.Fold(typed)), func(w string) bool { return !strings.Contains(whole, w) })
}

func byOwing(x, y Standing) int {
	switch {
	case x.Owes() == y.Owes():
		return 0
	case x.Owes():
		return -1
	}
	return 1
}

// Total is a column of the board: of Asked bodies, Sent have handed in; Percent is how full the form is over all.
type Total struct{ Asked, Sent, Percent int }

// Totals counts the columns of the board.
func (p Progress) Totals() []Total {
	out := make([]Total, len(p.Forms))
	for n := range p.Forms {
		var all form.Count
		for _, l := range p.Lines {
			if c := l.Cells[n]; c.Asked {
				out[n].Asked++
				all.Have, all.All = all.Have+c.Have, all.All+c.All
				if l.State.Given() {
					out[n].Sent++
				}
			}
		}
		out[n].Percent = all.Percent()
	}
	return out
}

// Progress reads the board: whatever the number of bodies and forms, in the same number of statements.
func (s *Service) Progress(ctx context.Context, who auth.Actor, unitCode, periodCode string) (out Progress, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.progressIn(ctx, tx, who, unitCode, periodCode)
		return err
	})
	return out, err
}

func (s *Service) progressIn(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (Progress, error) {
	b, err := s.BoardIn(ctx, tx, who, unitCode, periodCode)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{Unit: b.Unit, Period: b.Period}
	standing, err := form.At(ctx, tx, b.Period)
	if err != nil {
		return out, err
	}
	out.Forms = standing.All()
	counts, err := s.forms.Filled(ctx, tx, who, b.Unit.ID, b.Period, out.Forms)
	if err != nil {
		return out, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return out, err
	}
	catalog = catalog.At(b.Period.To)
	whole := map[string]form.Count{}
	for _, f := range out.Forms {
		whole[f.ID] = form.Whole(catalog, f.Content)
	}
	calendar, err := form.CalendarIn(ctx, tx)
	if err != nil {
		return out, err
	}
	kept, before, err := s.kept(ctx, tx, who, b, b.Period.Previous())
	if err != nil {
		return out, err
	}
	today := s.clock.Today()
	for _, row := range b.Rows {
		l := Standing{Row: row, Cells: make([]FormCell, len(out.Forms))}
		for _, p := range before {
			if k := kept[[2]int64{row.Unit.ID, p.ID}]; k.Due != "" {
				l.Past.Of++
				if k.InTime() {
					l.Past.InTime++
				}
			}
		}
		day := today
		if row.Report.FirstSentAt != 0 {
			day = clock.At(row.Report.FirstSentAt).Format(time.DateOnly)
		}
		for _, a := range standing.Of(row.Unit.Unit) {
			n := slices.IndexFunc(out.Forms, func(f form.Asked) bool { return f.ID == a.ID })
			c := FormCell{Asked: true, Count: whole[a.ID], Due: a.Closes}
			if given, some := counts[row.Unit.ID][a.ID]; some {
				c.Count = given
			}
			if row.Extended {
				c.Due = row.Due
			}
			c.Days = calendar.Late(c.Due, day)
			l.Days = max(l.Days, c.Days)
			l.Cells[n] = c
		}
		if !slices.ContainsFunc(l.Cells, func(c FormCell) bool { return c.Asked }) {
			l.Days = calendar.Late(row.Due, day)
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

// NoticeDue is the kind of notice that reminds of a report that is due.
const NoticeDue notice.Kind = "report-due"

// Reminded is what became of reminding.
type Reminded struct {
	Bodies, People int
	Alone          []string // names of bodies that nobody is on the site for: to be called
}

// Remind reminds bodies, by their codes, that their report is due, once a day at most. No code at all means every body of the board
// that is late.
func (s *Service) Remind(ctx context.Context, who auth.Actor, unitCode, periodCode string, codes []string) (out Reminded, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		out = Reminded{}
		if _, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode); err != nil {
			return err
		}
		p, err := s.progressIn(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		for _, l := range p.Lines {
			if !l.Owes() || len(codes) == 0 && l.Days == 0 || len(codes) > 0 && !slices.Contains(codes, l.Unit.Code) {
				continue
			}
			told, known, err := s.remind(ctx, tx, who, p.Period, l, "tay/"+s.clock.Today())
			if err != nil {
				return err
			}
			switch {
			case !known:
				out.Alone = append(out.Alone, l.Unit.Name)
			case told > 0:
				out.Bodies, out.People = out.Bodies+1, out.People+told
			}
		}
		if out.Bodies == 0 && len(out.Alone) == 0 {
			return fault.Refused("Không còn đơn vị nào cần nhắc: đã gửi báo cáo, hoặc hôm nay đã được nhắc.")
		}
		return nil
	})
	return out, err
}

// remind tells the people of a body, those who have not been told on this occasion, and whether there are any people at all.
func (s *Service) remind(ctx context.Context, tx *db.Tx, who auth.Actor, p period.Period, l Standing, step string) (told int, known bool, err error) {
	people, err := notice.Holders(ctx, tx, auth.Enter, l.Unit.ID, s.clock.Today())
	if err != nil {
		return 0, false, err
	}
	senders, err := notice.Holders(ctx, tx, auth.Submit, l.Unit.ID, s.clock.Today())
	if err != nil {
		return 0, false, err
	}
	for _, person := range senders {
		if !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	fresh, err := form.Remember(ctx, tx, who, s.clock.Milli(), l.Unit.ID, p.ID, step, people)
	if err != nil || len(fresh) == 0 {
		return 0, len(people) > 0, err
	}
	due := l.Due
	for _, c := range l.Cells {
		if c.Asked && (due == "" || l.Row.Due == due && c.Due > due) {
			due = c.Due
		}
	}
	n := notice.Note{Kind: NoticeDue, Path: BodyPath(l.Unit.Code, p), Text: "%s: hãy gửi báo cáo %s, hạn %s", Args: []string{l.Unit.Name, p.Name(), viet.FormatDate(due)}}
	if err := notice.Tell(ctx, tx, s.clock.Milli(), fresh, n); err != nil {
		return 0, true, err
	}
	return len(fresh), true, audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "remind", House: "report", Object: place{l.Unit.Unit, p}.object(), Units: []int64{l.Unit.ID},
		Detail: map[string]any{"people": strconv.Itoa(len(fresh))}})
}

// Call is a body to be called by telephone, with who holds its offices.
type Call struct {
	Standing
	Offices []org.Office
}

// Calls lists the bodies of a board that are late, with their offices.
func (s *Service) Calls(ctx context.Context, who auth.Actor, unitCode, periodCode string) (p Progress, out []Call, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return p, nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		if _, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode); err != nil {
			return err
		}
		if p, err = s.progressIn(ctx, tx, who, unitCode, periodCode); err != nil {
			return err
		}
		standing, err := org.StandingOffices(ctx, tx, `o.valid_from <= $1`, s.clock.Today(), s.clock.Today())
		if err != nil {
			return err
		}
		for _, l := range p.Pick(Ask{Stage: StageLate, Sort: "tre"}).Lines {
			c := Call{Standing: l}
			for _, o := range standing {
				if o.Unit == l.Unit.ID {
					c.Offices = append(c.Offices, o)
				}
			}
			out = append(out, c)
		}
		return nil
	})
	return p, out, err
}

// RemindAll reminds, of every open period, the bodies whose forms have a reminder today. It may run again and again: nobody is told
// twice on one occasion.
func (s *Service) RemindAll(ctx context.Context) error {
	who, today := auth.System(), s.clock.Today()
	var roots []org.Unit
	var periods []period.Period
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if roots, err = org.Roots(ctx, tx, today); err != nil {
			return err
		}
		periods, err = period.List(ctx, tx, "")
		return err
	}); err != nil {
		return err
	}
	for _, p := range periods {
		if p.MustBeOpen() != nil || p.To < clock.At(s.clock.Milli()).AddDate(-1, 0, 0).Format(time.DateOnly) {
			continue
		}
		for _, root := range roots {
			var due []Standing
			if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
				due, err = s.dueToday(ctx, tx, who, root.Code, p, today)
				return err
			}); err != nil {
				return err
			}
			if len(due) == 0 {
				continue // an idle site does not write
			}
			if err := s.db.Write(ctx, func(tx *db.Tx) error {
				for _, l := range due {
					if _, _, err := s.remind(ctx, tx, who, p, l, "han/"+today); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// dueToday lists the bodies that a form's schedule reminds today; once for all forms of a body.
func (s *Service) dueToday(ctx context.Context, tx *db.Tx, who auth.Actor, unit string, p period.Period, today string) ([]Standing, error) {
	standing, err := form.At(ctx, tx, p)
	if err != nil || len(standing.All()) == 0 {
		return nil, err
	}
	calendar, err := form.CalendarIn(ctx, tx)
	if err != nil || !calendar.Working(today) {
		return nil, err
	}
	board, err := s.progressIn(ctx, tx, who, unit, p.Code)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, l := range board.Lines {
		for n, c := range l.Cells {
			if c.Asked && l.Owes() && slices.ContainsFunc(board.Forms[n].Content.Reminders, func(r int) bool { return calendar.Add(c.Due, r) == today }) {
				out = append(out, l)
				break
			}
		}
	}
	return out, nil
}
