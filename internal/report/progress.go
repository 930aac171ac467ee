package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/form"
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
	Told  form.Reminded // how often its people were reminded, and when last
}

// Deadline is the day by which the report must be handed in: the body's own where its day was extended, else that of the form that is due
// first, else the period's. Empty where none is set.
func (l Standing) Deadline() string {
	due := ""
	for _, c := range l.Cells {
		if c.Asked && !l.Extended && (due == "" || c.Due < due) {
			due = c.Due
		}
	}
	return cmp.Or(due, l.Due)
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
	told, err := form.RemindedIn(ctx, tx, b.Period.ID, toSend, byHand)
	if err != nil {
		return out, err
	}
	today := s.clock.Today()
	for _, row := range b.Rows {
		l := Standing{Row: row, Told: told[row.Unit.ID], Cells: make([]FormCell, len(out.Forms))}
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
