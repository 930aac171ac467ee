package report

import (
	"cmp"
	"context"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/rule"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// BodyLine is one row of a body's report.
type BodyLine struct {
	Line
	Before  Span
	Changed bool // the figure has changed since the report was approved
}

// BodyGroup is a topic with its rows.
type BodyGroup struct {
	Name  string
	Lines []BodyLine
}

// BodyFlag is a contradiction in what a body has given.
type BodyFlag struct {
	figure.Flag
	Name, URL string
}

// BodyReason is a reason for a return with the name of what it is about, and whether that has been changed since.
type BodyReason struct {
	Reason
	Name   string
	URL    string // where it is mended
	Mended bool
}

// BodyRound is one return as it is shown.
type BodyRound struct {
	Round
	Reasons []BodyReason
}

// BodyApproval is a standing approval with what has changed since.
type BodyApproval struct {
	Approval
	Changes []BodyChange
}

// BodyView is all that the page of a body's report shows.
type BodyView struct {
	Unit       org.Unit
	Period     period.Period
	Report     Report
	SentBy     string
	DecidedBy  string
	Row        Row // how it stands on the board
	Groups     []BodyGroup
	Statements []Statement
	Flags      []BodyFlag
	Way        Way
	Reasons    []BodyReason   // of the return that stands
	Rounds     []BodyRound    // all returns, the latest first
	Findings   []rule.Finding // the rules that its figures break
	Odds       []rule.Odd     // the figures that ask for a word
	Approvals  []BodyApproval // those that stand, each with what has changed since
	Changes    []BodyChange   // since the latest of them
	Adjusted   []BodyChange   // what was corrected in the report of the period before since it was accepted
	AdjustedOf period.Period
	Pleas      []period.Plea // what the body has asked for of its day, the latest first
	History    []audit.Deed
	Catalog    *indicator.Catalog
	Forms      []form.Filled // that are asked of the body, with its answers
	Lacks      []form.Lack
	Typed      map[string]string // explanations of broken rules, as typed in a form that was refused

	MayEnter, MaySubmit, MayApprove, MayAccept bool
}

// Offers tells whether the page offers a step: it leads somewhere, and the actor holds its right.
func (v BodyView) Offers(step Verb) bool {
	right := map[auth.Permission]bool{auth.Submit: v.MaySubmit, auth.Approve: v.MayApprove, auth.Consolidate: v.MayAccept}
	return right[step.Right()] && v.Way.May(v.Report.State, step)
}

// Mended counts the reasons that have been met.
func (v BodyView) Mended() (n int) {
	for _, r := range v.Reasons {
		if r.Mended {
			n++
		}
	}
	return n
}

// Writable tells whether the reader may write words of the report as it stands; one that is handed in has to be recalled first.
func (v BodyView) Writable() bool { return v.MayEnter && v.Report.State != StateSent }

// Plea is the body's plea that waits for an answer, if there is one.
func (v BodyView) Plea() (period.Plea, bool) {
	if len(v.Pleas) == 0 || v.Pleas[0].Outcome != period.Pending {
		return period.Plea{}, false
	}
	return v.Pleas[0], true
}

// Empty tells that nothing has been entered.
func (v BodyView) Empty() bool {
	answered := slices.ContainsFunc(v.Forms, func(f form.Filled) bool { return slices.ContainsFunc(f.Answers, form.Answered.Given) })
	return len(v.Groups) == 0 && len(v.Statements) == 0 && !answered
}

// Body reads a body's report for its page, begun or not.
func (s *Service) Body(ctx context.Context, who auth.Actor, unitCode, periodCode string) (BodyView, error) {
	var v BodyView
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		v = BodyView{}
		pl, err := s.peek(ctx, tx, who, unitCode, periodCode)
		if err != nil {
			return err
		}
		v.Unit, v.Period = pl.unit, pl.p
		today := s.clock.Today()
		v.Report, err = findAt(ctx, tx, who, auth.View, today, pl.unit.ID, pl.p.ID, KindBody)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		dues, err := period.Dues(ctx, tx, pl.p)
		if err != nil {
			return err
		}
		v.Row = Row{Report: v.Report, Due: cmp.Or(dues[pl.unit.ID], pl.p.Due), Extended: dues[pl.unit.ID] != ""}
		v.Row.settle(today)
		if v.Pleas, err = period.PleasOf(ctx, tx, pl.p, pl.unit.ID); err != nil {
			return err
		}
		for may, p := range map[*bool]auth.Permission{&v.MayEnter: auth.Enter, &v.MaySubmit: auth.Submit, &v.MayApprove: auth.Approve, &v.MayAccept: auth.Consolidate} {
			if *may, err = holds(ctx, tx, who, p, pl.unit.ID, pl.p.To, today); err != nil {
				return err
			}
		}
		if v.SentBy, err = audit.SignedBy(ctx, tx, v.Report.SentBy, "report", pl.object(), v.Report.SentAt); err != nil {
			return err
		}
		if v.DecidedBy, err = audit.SignedBy(ctx, tx, v.Report.DecidedBy, "report", pl.object(), v.Report.DecidedAt); err != nil {
			return err
		}
		if v.Statements, err = s.StatementsIn(ctx, tx, who, pl.unit.ID, false, pl.p); err != nil {
			return err
		}
		if v.History, err = audit.Deeds(ctx, tx, "report", pl.object()); err != nil {
			return err
		}
		if v.Way, err = wayOf(ctx, tx, pl.unit, today); err != nil {
			return err
		}
		if v.Findings, err = s.rules.CheckIn(ctx, tx, who, pl.unit, pl.p); err != nil {
			return err
		}
		if v.Odds, err = s.rules.OddsIn(ctx, tx, pl.unit, pl.p); err != nil {
			return err
		}
		if v.Forms, err = s.forms.FilledIn(ctx, tx, who, pl.unit, pl.p); err != nil {
			return err
		}
		if v.Lacks, err = s.forms.LacksIn(ctx, tx, who, pl.unit, pl.p); err != nil {
			return err
		}
		return s.bodyNumbers(ctx, tx, who, pl, &v)
	})
	return v, err
}

func (s *Service) bodyNumbers(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, v *BodyView) error {
	n, err := s.numbers(ctx, tx, who, pl.unit, pl.p, figure.Submitted)
	if err != nil {
		return err
	}
	v.Catalog = n.catalog
	x, err := s.subject(ctx, tx, who, pl.unit, pl.p, figure.Submitted)
	if err != nil {
		return err
	}
	x.own = true // a place that reports itself shows what it has given, not what lies below it
	if err := s.bodyApprovals(ctx, tx, pl, v); err != nil {
		return err
	}
	if err := s.bodyAdjusted(ctx, tx, pl, v); err != nil {
		return err
	}
	changed := map[string]bool{}
	for _, c := range v.Changes {
		changed[c.key] = true
	}
	w := newWriter(n)
	for _, g := range n.catalog.Topics() {
		out := BodyGroup{Name: g.Name}
		for _, l := range w.table(x, g.Indicators) {
			in, p, _ := n.catalog.PartByCode(l.Code)
			before := x.number(in, p, Before)
			line := BodyLine{Line: l, Changed: changed[l.Code]}
			if before.Qualifier != viet.Blank.Code() {
				before = before.bare()
				line.Before = Span{Text: before.Text, URL: before.URL}
			}
			out.Lines = append(out.Lines, line)
		}
		if len(out.Lines) > 0 {
			v.Groups = append(v.Groups, out)
		}
	}
	flags, err := figure.Flags(ctx, tx, who, pl.unit.ID, []period.Period{pl.p}, s.clock.Today())
	if err != nil {
		return err
	}
	for _, f := range flags {
		if in, ok := n.catalog.ByID(f.Cell.Indicator); ok && f.Cell.Unit == pl.unit.ID {
			p, _ := in.Part(f.Cell.Part)
			v.Flags = append(v.Flags, BodyFlag{f, partName(in, p), x.address(pl.p, in, f.Cell.Part).URL()})
		}
	}
	return s.bodyRounds(ctx, tx, pl, v)
}

// bodyApprovals reads who stands for the report, and what has changed since each of them did.
func (s *Service) bodyApprovals(ctx context.Context, tx *db.Tx, pl place, v *BodyView) error {
	if !v.Report.State.Endorsed() {
		return nil
	}
	list, err := approvalsOf(ctx, tx, v.Report.ID, pl.object())
	if err != nil {
		return err
	}
	now, err := s.sealedNow(ctx, tx, pl, v.Catalog)
	if err != nil {
		return err
	}
	for i, a := range standingApprovals(list) {
		one := BodyApproval{Approval: a}
		if one.Changes, err = s.changesSince(ctx, tx, pl, a.Content, now, v.Catalog); err != nil {
			return err
		}
		if i == 0 {
			v.Changes = one.Changes
		}
		v.Approvals = append(v.Approvals, one)
	}
	if len(v.Approvals) > 0 {
		return nil
	}
	// Approved before approvals were bound to what they were about: the layers tell of the figures.
	was, err := s.sealedLayer(ctx, tx, pl, figure.Approved, v.Catalog)
	if err != nil {
		return err
	}
	was.Statements = now.Statements
	v.Changes, err = s.changesSince(ctx, tx, pl, was, now, v.Catalog)
	return err
}

// bodyRounds reads why the report was sent back, and what has been mended since.
func (s *Service) bodyRounds(ctx context.Context, tx *db.Tx, pl place, v *BodyView) error {
	rounds, err := roundsOf(ctx, tx, v.Report.ID, pl.object())
	if err != nil || len(rounds) == 0 {
		return err
	}
	own, err := s.figures.OwnIn(ctx, tx, auth.System(), figure.Submitted, pl.unit, []period.Period{pl.p})
	if err != nil {
		return err
	}
	for _, r := range rounds {
		out := BodyRound{Round: r}
		for _, x := range r.Reasons {
			named := BodyReason{Reason: x, URL: BodyPath(pl.unit.Code, pl.p)}
			switch in, ok := v.Catalog.ByID(x.Indicator); {
			case ok:
				p, _ := in.Part(x.Part)
				named.Name, named.URL = partName(in, p), web.Path("so-lieu", pl.unit.Code, pl.p.Slug())+"#"+web.FieldID("v-"+indicator.Address(in, p))
				named.Mended = own[figure.Cell{Unit: pl.unit.ID, Period: pl.p.ID, Indicator: x.Indicator, Part: x.Part}].Version > x.Seen
			case x.About == AboutNew:
				named.Name, named.URL = "Bổ sung nội dung", named.URL+"#them-noi-dung"
				named.Mended = slices.ContainsFunc(v.Statements, func(st Statement) bool { return st.Version == 1 && st.At > r.At })
			case x.aboutAnswer() != "":
				a, asked := answerTo(v.Forms, x.aboutAnswer())
				named.Name, named.URL = "Câu hỏi của biểu mẫu", form.AnswerPlace(pl.unit.Code, pl.p, x.aboutAnswer())
				if asked {
					named.Name, named.Mended = a.Label, a.Version > x.Seen
				}
			case x.aboutStatement() != "":
				versions, err := statements(ctx, tx, auth.System(), auth.View, s.clock.Today(), `s.id = $1 and `+newestStatement, ``, x.aboutStatement())
				if err != nil {
					return err
				}
				if len(versions) > 0 {
					named.Name = versions[0].Kind.Name()
					named.URL += "/noi-dung/" + versions[0].ID
					named.Mended = versions[0].Version > x.Seen
				}
			}
			out.Reasons = append(out.Reasons, named)
		}
		v.Rounds = append(v.Rounds, out)
	}
	if v.Report.State == StateReturned {
		v.Reasons = v.Rounds[0].Reasons
	}
	return nil
}

func partName(in indicator.Indicator, p indicator.Part) string {
	if p.Part == indicator.Total {
		return in.Name
	}
	return in.Name + " - " + p.Name
}

// View is all that the page of a consolidated report shows.
type View struct {
	Unit        org.Unit
	Period      period.Period
	Report      Report
	Content     Content // frozen, or with the numbers of now
	Sections    map[string]Section
	Frozen      *Frozen
	Differences []Difference
	Issues      []Report // all issues of the report, the newest first
	History     []audit.Deed
	Shortfalls  []Shortcoming
	Stale       int  // sections that would be written otherwise now; counted for those who may edit
	MayEdit     bool // live, and the actor may consolidate here
	MayReissue  bool
	MayNumber   bool // the actor may consolidate here, frozen or not
}

// View reads a consolidated report for its page.
func (s *Service) View(ctx context.Context, who auth.Actor, id string) (View, error) {
	var v View
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		v = View{}
		today := s.clock.Today()
		r, err := findID(ctx, tx, who, auth.View, today, id)
		if err != nil {
			return err
		}
		if r.Kind != KindConsolidated {
			return fault.NotFound()
		}
		pl, err := s.where(ctx, tx, r)
		if err != nil {
			return err
		}
		v.Report, v.Unit, v.Period = r, pl.unit, pl.p
		if v.Issues, err = scoped(ctx, tx, who, auth.View, today, `r.unit = $1 and r.period = $2 and r.kind = 'consolidated'`, ` order by r.issue desc`, r.Unit, r.Period); err != nil {
			return err
		}
		may, err := holds(ctx, tx, who, auth.Consolidate, r.Unit, pl.p.To, today)
		if err != nil {
			return err
		}
		v.MayEdit, v.MayNumber = may && r.State != StateFrozen, may
		v.MayReissue = may && r.State == StateFrozen && v.Issues[0].ID == r.ID
		if v.History, err = audit.Deeds(ctx, tx, "report", r.ID); err != nil {
			return err
		}
		if v.Sections, err = sectionsOf(ctx, tx, r.ID); err != nil {
			return err
		}
		if r.State == StateFrozen {
			f, err := s.FrozenIn(ctx, tx, who, id)
			if err != nil {
				return err
			}
			v.Frozen, v.Content = &f, f.Content
			v.Differences, err = s.differences(ctx, tx, who, f.Content)
			return err
		}
		if v.Content, err = s.stored(ctx, tx, who, r, pl); err != nil {
			return err
		}
		if v.Shortfalls, err = s.ShortcomingsIn(ctx, tx, who, pl.unit.Code, pl.p.Code); err != nil || !v.MayEdit {
			return err
		}
		texts, err := s.fresh(ctx, tx, who, pl, r.Layer)
		for code, text := range texts {
			if old := v.Sections[code]; old.Drafted != text {
				v.Stale++
			}
		}
		return err
	})
	return v, err
}

// byID reads a consolidated report to be printed: as it was issued, or a draft with the numbers of now.
func (s *Service) byID(ctx context.Context, who auth.Actor, id string) (Paper, error) {
	var out Paper
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := findID(ctx, tx, who, auth.View, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if r.Kind != KindConsolidated {
			return fault.NotFound()
		}
		out, err = s.paperOf(ctx, tx, who, r)
		return err
	})
	return out, err
}

func (s *Service) paperOf(ctx context.Context, tx *db.Tx, who auth.Actor, r Report) (Paper, error) {
	if r.State == StateFrozen {
		f, err := s.FrozenIn(ctx, tx, who, r.ID)
		return Paper{Content: f.Content, Letter: r.Letter}, err
	}
	pl, err := s.where(ctx, tx, r)
	if err != nil {
		return Paper{}, err
	}
	c, err := s.stored(ctx, tx, who, r, pl)
	return Paper{Content: c, Letter: r.Letter, Draft: true}, err
}

// Paper is the consolidated report of a place for a period as it stands: the newest issue, else the one that is being written,
// else what the program would write now. It stores nothing.
func (s *Service) Paper(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Paper, error) {
	var out Paper
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = s.PaperIn(ctx, tx, who, unitCode, periodCode)
		return err
	})
	return out, err
}

// PaperIn is Paper within a transaction.
func (s *Service) PaperIn(ctx context.Context, tx *db.Tx, who auth.Actor, unitCode, periodCode string) (Paper, error) {
	pl, err := s.at(ctx, tx, who, auth.View, unitCode, periodCode)
	if err != nil {
		return Paper{}, err
	}
	r, err := one(scoped(ctx, tx, who, auth.View, s.clock.Today(), `r.unit = $1 and r.period = $2 and r.kind = 'consolidated'`,
		` order by case r.state when 'frozen' then 0 else 1 end, r.issue desc`, pl.unit.ID, pl.p.ID))
	if !fault.Is(err, fault.KindNotFound) {
		if err != nil {
			return Paper{}, err
		}
		return s.paperOf(ctx, tx, who, r)
	}
	if pl.unit.Kind != org.Place {
		return Paper{}, fault.NotFound()
	}
	r = Report{Issue: 1, Layer: figure.Submitted}
	texts, err := s.fresh(ctx, tx, who, pl, r.Layer)
	if err != nil {
		return Paper{}, err
	}
	c, err := s.compose(ctx, tx, who, r, pl, texts)
	return Paper{Content: c, Draft: true}, err
}

// Consolidated lists the consolidated reports that the actor may view, the latest period first, without superseded issues.
func (s *Service) Consolidated(ctx context.Context, who auth.Actor) ([]Report, error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	var out []Report
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = scoped(ctx, tx, who, auth.View, s.clock.Today(), `r.kind = 'consolidated' and r.superseded_by is null`,
			` order by d.date_to desc, u.code, r.issue desc limit 100`)
		return err
	})
	return out, err
}

// tops lists the units that the actor's boards begin at.
func (s *Service) tops(ctx context.Context, who auth.Actor, day string) ([]org.Unit, error) {
	var out []org.Unit
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		if who.IsSystem() {
			var err error
			out, err = org.Roots(ctx, tx, day)
			return err
		}
		for _, id := range who.Units(auth.View) {
			u, err := org.FindID(ctx, tx, id, day)
			if err != nil {
				return err
			}
			out = append(out, u)
		}
		return nil
	})
	return out, err
}
