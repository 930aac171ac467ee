package report_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// modelRuns bounds the runs of an engine, each of which has hundreds of transactions. GIAOBAN_MODEL=5m runs on for so long instead.
var modelRuns = map[db.Engine]int{db.SQLite: 80, db.Postgres: 30}

// TestTheWayOfAReportIsWhatTheModelSays lets officers, heads, the office and a clock act by chance, with requests that are lost and
// sent again, late, in another order, and at the same time from two processes, against the model. At each step what was acknowledged
// stands, what the rules forbid is refused and leaves nothing, each gate is open or shut as it should be, the days are counted in
// the place's time, and the totals of both layers are those of what they are made of.
func TestTheWayOfAReportIsWhatTheModelSays(t *testing.T) {
	t.Parallel()
	long, err := time.ParseDuration(os.Getenv("GIAOBAN_MODEL"))
	if err != nil {
		long = 0
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		w := &world{site: s, sites: []*site{s}}
		w.forms, w.question, _ = s.questions()
		s.must(s.reports.SetDuty(ctx, s.office, []string{"P01.PN", "P01.ND", "P02.PN"}, period.Quarter, "1940-01-01"))
		if d.Engine() == db.Postgres {
			two := s.twin()
			two.forms = form.New(two.db, s.clock, two.indicators, two.figures)
			two.reports.AskBy(two.forms)
			w.sites = append(w.sites, two)
		}
		s.forms = w.forms
		var runs atomic.Int64
		var broken atomic.Bool
		end := time.Now().Add(long)
		check := func() {
			rapid.Check(t, func(rt *rapid.T) {
				run := int(runs.Add(1))
				if (long == 0 && run > modelRuns[d.Engine()] || long != 0 && time.Now().After(end)) && !broken.Load() {
					return
				}
				good := false
				defer func() {
					if !good {
						broken.Store(true) // what is tried from now on looks for a smaller failure
					}
				}()
				w.run(rt, run)
				good = true
			})
		}
		for check(); time.Now().Before(end) && !t.Failed(); {
			check()
		}
		if bad, err := s.figures.Verify(ctx); err != nil || bad.Differences > 0 || len(bad.Forged) > 0 {
			t.Errorf("sums differ from what they are made of: %+v, %v", bad, err)
		}
		t.Logf("%d runs, %d acts, of them %d at the same time as others", w.runs, w.acts, w.together)
	})
}

// world is the site under the model's eyes, as one process sees it or two.
type world struct {
	*site
	sites                []*site
	forms                *form.Service
	question             string
	people               map[string]auth.Actor
	p                    period.Period
	m                    *model
	sent                 []act // those that may come again
	issued               report.Report
	frozen               string // the hash of the issued report
	acts, together, runs int64
}

func (w *world) run(rt *rapid.T, run int) {
	w.runs++
	s := w.site
	_, err := s.figures.FoldNow(ctx) // as the site does in the background; within a run the sums stay pending
	s.must(err)
	w.p = s.period(fmt.Sprintf("%d-Q%d", 1950+run/4%240, 1+run%4)) // each run has a period of its own
	w.people = map[string]auth.Actor{"ward": s.ward, "head": s.head, "office": s.office, "other": s.other}
	w.m, w.sent, w.issued, w.frozen = &model{bodies: map[string]*modelBody{}, typed: map[string]string{}}, nil, report.Report{}, ""
	for _, u := range []string{"P01.PN", "P01.ND", "P02.PN"} {
		w.m.bodies[u] = &modelBody{cells: map[string]modelCell{}, approved: map[string]int64{}, beside: map[string]string{}, approvers: map[string]bool{}, bound: map[report.Verb]map[string]int{}}
	}
	// Some days on, what earlier runs have said of the steps is over, by what is said now of each body.
	s.clock.Advance(72 * time.Hour)
	if rapid.IntRange(0, 3).Draw(rt, "at the end of a year") == 0 {
		now := s.clock.Now()
		s.clock.Advance(time.Date(now.Year(), 12, 30, 12, 0, 0, 0, clock.Zone).Sub(now))
	}
	for _, u := range slices.Sorted(maps.Keys(w.m.bodies)) {
		a := act{kind: "way", who: "office", way: modelWay{unit: u, from: s.clock.Today()}}
		if got := w.send(s, a); got != done {
			rt.Fatalf("%s: %s", a, got)
		}
		w.m.do(a, s.clock.Today())
	}
	w.m.due = s.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	now, err := w.periods.Find(ctx, system, w.p.Code)
	s.must(err)
	s.must(w.periods.SetDue(ctx, system, w.p.Code, w.m.due, now.Version))
	w.p.Due, w.m.turns = w.m.due, now.Version+1
	for range rapid.IntRange(6, 30).Draw(rt, "steps") {
		switch n := rapid.IntRange(0, 9).Draw(rt, "how"); {
		case n == 0:
			w.jump(rt)
		case n < 3:
			w.atOnce(rt)
		default:
			w.one(rt, w.draw(rt))
		}
		w.look(rt)
	}
}

// jump moves the clock on: some hours, or to the edge of a day: the millisecond before it, itself, or the one after, by the place's time or
// by UTC, which machines keep.
func (w *world) jump(rt *rapid.T) {
	now := w.clock.Now()
	to := now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
	if zone := rapid.SampledFrom([]*time.Location{nil, clock.Zone, time.UTC}).Draw(rt, "edge"); zone != nil {
		day, _ := time.ParseInLocation(time.DateOnly, w.m.due, zone)
		to = day.AddDate(0, 0, rapid.IntRange(0, 2).Draw(rt, "days")).Add(time.Duration(rapid.IntRange(-1, 1).Draw(rt, "side")) * time.Millisecond)
	}
	if to.After(now) {
		w.clock.Advance(to.Sub(now))
	}
}

// draw makes an act, or takes one that was sent before: its answer was lost, or it was late on its way.
func (w *world) draw(rt *rapid.T) act {
	if len(w.sent) > 0 && rapid.IntRange(0, 4).Draw(rt, "again") == 0 {
		return rapid.SampledFrom(w.sent).Draw(rt, "which")
	}
	// Most acts are of one body and by those who have to do with it, so that a run gets far.
	a := act{ordinal: len(w.sent) + 1, who: rapid.SampledFrom([]string{"ward", "ward", "head", "head", "office", "office", "other"}).Draw(rt, "who"),
		unit: rapid.SampledFrom([]string{"P01.PN", "P01.PN", "P01.PN", "P01.ND", "P02.PN"}).Draw(rt, "unit")}
	a.reason = rapid.SampledFrom([]string{"đã đối chiếu", "đã đối chiếu", ""}).Draw(rt, "reason")
	late := rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(rt, "late")
	b := w.m.bodies[a.unit]
	switch n := rapid.IntRange(0, 19).Draw(rt, "kind"); {
	case n < 7:
		a.kind, a.id = "type", db.NewID()
		a.cell, a.value = rapid.SampledFrom(modelCodes).Draw(rt, "cell"), int64(rapid.IntRange(1, 4).Draw(rt, "value"))
		a.seen = max(0, b.cells[a.cell].version-late)
	case n < 9:
		a.kind, a.text, a.seen = "answer", rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "text"), max(0, b.answer.version-late)
	case n < 14:
		a.kind, a.seen = "step", max(0, b.version-late)
		verbs := []report.Verb{report.Send, report.Recall, report.GiveBack, report.Endorse, report.Accept, report.Reopen}
		if rapid.IntRange(0, 3).Draw(rt, "any verb") > 0 {
			verbs = likely[b.state]
		}
		a.verb = rapid.SampledFrom(verbs).Draw(rt, "verb")
		a.about = rapid.SliceOfDistinct(rapid.SampledFrom(append([]string{"?"}, modelCodes...)), rapid.ID).Draw(rt, "about")
	case n == 14:
		a.kind, a.day = "extend", w.day(rt)
	case n == 15:
		a.kind, a.day = "plead", w.day(rt)
	case n < 18:
		a.kind, a.who = "way", rapid.SampledFrom([]string{"office", "office", "office", "ward"}).Draw(rt, "by")
		a.way = rapid.SampledFrom([]modelWay{{unit: a.unit}, {unit: a.unit}, {unit: a.unit[:3]}, {unit: "TX"}, {level: string(org.Commune)}, {}}).Draw(rt, "whose")
		a.way.from = w.clock.Now().AddDate(0, 0, rapid.IntRange(0, 1).Draw(rt, "from")).Format(time.DateOnly)
		a.way.Way = report.Way{SkipHead: rapid.Bool().Draw(rt, "skip head"), SkipOffice: rapid.Bool().Draw(rt, "skip office"), Self: rapid.Bool().Draw(rt, "self")}
	case n == 18:
		a.kind, a.seen = "turn", w.m.turns
	default:
		a.kind = "issue"
	}
	w.sent = append(w.sent, a)
	return a
}

// likely are the steps that people take where a report stands.
var likely = map[report.State][]report.Verb{
	report.StateNone:     {report.Send},
	report.StateDraft:    {report.Send},
	report.StateReturned: {report.Send},
	report.StateSent:     {report.Endorse, report.Endorse, report.Accept, report.GiveBack, report.Recall},
	report.StateApproved: {report.Accept, report.Accept, report.Endorse, report.GiveBack},
	report.StateAccepted: {report.Accept, report.Endorse, report.Reopen},
	report.StateFrozen:   {report.Accept, report.Endorse},
}

func (w *world) day(rt *rapid.T) string {
	n := rapid.IntRange(-1, 3).Draw(rt, "days after the due day")
	if n < 0 {
		return ""
	}
	day, _ := time.Parse(time.DateOnly, w.m.due)
	return day.AddDate(0, 0, n).Format(time.DateOnly)
}

// one sends an act and holds its answer to the model's.
func (w *world) one(rt *rapid.T, a act) {
	w.acts++
	w.begin(rt, a)
	w.clock.Advance(time.Millisecond)
	want := w.m.do(a, w.clock.Today())
	got := w.send(w.sites[rapid.IntRange(0, len(w.sites)-1).Draw(rt, "process")], a)
	if got != want {
		rt.Fatalf("%s\nthe model says %q, the answer is %q", a, want, got)
	}
}

// begin sees that there is a consolidated report to be issued.
func (w *world) begin(rt *rapid.T, a act) {
	if a.kind != "issue" || w.m.issued != nil {
		return
	}
	var err error
	if w.issued, err = w.reports.Draft(ctx, w.office, "TX", w.p.Code); err != nil {
		rt.Fatal(err)
	}
}

// atOnce sends some acts at the same time, to all processes. Their answers and what stands then must be those of one order of them.
func (w *world) atOnce(rt *rapid.T) {
	var acts []act
	for range rapid.IntRange(2, 3).Draw(rt, "at once") {
		if a := w.draw(rt); a.kind != "way" { // of two at the same moment the site takes either for the later
			acts = append(acts, a)
			w.begin(rt, a)
		}
	}
	w.clock.Advance(time.Millisecond)
	got := make([]string, len(acts))
	var all sync.WaitGroup
	for n, a := range acts {
		all.Go(func() { got[n] = w.send(w.sites[n%len(w.sites)], a) })
	}
	all.Wait()
	w.acts, w.together = w.acts+int64(len(acts)), w.together+int64(len(acts))
	seen, day := w.sight(rt), w.clock.Today()
	var near string
	for _, order := range orders(len(acts)) {
		m := w.m.clone()
		same := true
		for _, n := range order {
			same = m.do(acts[n], day) == got[n] && same
		}
		diff := cmp.Diff(m.sight(day), seen)
		if same && diff == "" {
			w.m = m
			return
		}
		near += fmt.Sprintf("order %v: answers alike %v\n%s", order, same, diff)
	}
	rt.Fatalf("%v\nat the same time, answered %q: no order of them is what the model says\n%s", acts, got, near)
}

func orders(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, rest := range orders(n - 1) {
		for at := range n {
			out = append(out, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return out
}

// send sends an act to a process and gives the answer in the model's words. What is refused is a fault, never an error of the machine.
func (w *world) send(s *site, a act) string {
	who := w.people[a.who]
	var err error
	switch a.kind {
	case "type":
		got, failed := s.figures.Type(ctx, who, a.unit, w.p.Code, figure.Typing{ID: a.id, Cell: a.cell, Text: fmt.Sprint(a.value), Reason: a.reason, Expect: a.seen})
		switch {
		case failed == nil && got.Rival != "":
			return kept
		case failed == nil:
			return fmt.Sprintf("stands as %d", got.Version)
		}
		err = failed
	case "answer":
		_, err = s.forms.Write(ctx, who, a.unit, w.p.Code, []form.Answer{{Item: w.question, Version: a.seen, Text: a.text}})
	case "step":
		err = w.step(s, who, a)
	case "extend":
		err = s.periods.Extend(ctx, who, w.p.Code, a.unit, a.day, a.reason)
	case "plead":
		err = s.reports.Plead(ctx, who, a.unit, w.p.Code, a.day, a.reason)
	case "way":
		err = s.reports.SetWay(ctx, who, a.way.unit, report.WayRule{Level: org.Level(a.way.level), ValidFrom: a.way.from, Way: a.way.Way, Reason: "thử"})
	case "turn":
		now, failed := s.periods.Find(ctx, system, w.p.Code)
		switch {
		case failed != nil:
			err = failed
		case now.State == period.Closed:
			err = s.periods.Reopen(ctx, system, w.p.Code, a.seen, "mở")
		default:
			err = s.periods.Close(ctx, system, w.p.Code, a.seen, "khoá")
		}
	case "issue":
		_, err = s.reports.Freeze(ctx, who, w.issued.ID, w.issued.Version)
	}
	switch {
	case err == nil:
		return done
	case len(fault.All(err)) == 0:
		return "error: " + err.Error()
	}
	return refused
}

func (w *world) step(s *site, who auth.Actor, a act) (err error) {
	reasons := []report.Reason{{Text: "cả báo cáo"}}
	if len(a.about) > 0 {
		reasons = nil
	}
	for _, what := range a.about {
		if what == "?" {
			reasons = append(reasons, report.Reason{About: report.AboutAnswer + w.question, Text: "xem lại"})
			continue
		}
		in, _ := s.catalog.ByCode(what)
		reasons = append(reasons, report.Reason{Indicator: in.ID, Text: "xem lại"})
	}
	switch a.verb {
	case report.Send:
		_, err = s.reports.Submit(ctx, who, a.unit, w.p.Code, a.seen, report.Sending{Empty: true})
	case report.Recall:
		_, err = s.reports.Recall(ctx, who, a.unit, w.p.Code, a.seen)
	case report.GiveBack:
		_, err = s.reports.Return(ctx, who, a.unit, w.p.Code, a.seen, reasons)
	case report.Reopen:
		_, err = s.reports.Reopen(ctx, who, a.unit, w.p.Code, a.seen, reasons)
	case report.Endorse:
		_, err = s.reports.Approve(ctx, who, a.unit, w.p.Code, a.seen, a.reason)
	case report.Accept:
		_, err = s.reports.Accept(ctx, who, a.unit, w.p.Code, a.seen, a.reason)
	}
	return err
}

// look holds all that is seen to the model.
func (w *world) look(rt *rapid.T) {
	if diff := cmp.Diff(w.m.sight(w.clock.Today()), w.sight(rt)); diff != "" {
		rt.Fatalf("at %s, due %s: the model (-) and the site (+) differ:\n%s", w.clock.Now().Format(time.RFC3339Nano), w.m.due, diff)
	}
}

func (w *world) sight(rt *rapid.T) sight {
	must := func(err error) {
		if err != nil {
			rt.Fatal(err)
		}
	}
	out := sight{Bodies: map[string]bodySight{}}
	board, err := w.reports.Board(ctx, system, "TX", w.p.Code)
	must(err)
	for _, row := range board.Rows {
		x := bodySight{State: row.State, Version: row.Report.Version, Due: row.Due, Pleads: row.Pleads, Late: row.DaysLate, Missing: row.Missing, Changed: row.Changed,
			Cells: w.own(rt, figure.Submitted, row.Unit.Unit), Approved: w.own(rt, figure.Approved, row.Unit.Unit)}
		must(w.db.Read(ctx, func(tx *db.Tx) error {
			gate, err := w.figures.GateIn(ctx, tx, row.Unit.ID, w.p)
			for _, code := range modelCodes {
				in, _ := w.catalog.ByCode(code)
				switch why := gate.Against(in.ID, 0); {
				case why != "":
					x.Shut = append(x.Shut, code)
				case gate.Reason != "":
					x.Wants = append(x.Wants, code)
				}
			}
			count := func(into *int, query string, args ...any) {
				err = errors.Join(err, tx.QueryRow(ctx, query, args...).Scan(into))
			}
			count(&x.Beside, `select count(*) from figure_rival where unit = $1 and period = $2 and outcome = ''`, row.Unit.ID, w.p.ID)
			count(&x.Heads, `select count(distinct step) from report_approval where report = $1 and step = 'head' and ended = 0`, row.Report.ID)
			count(&x.Offices, `select count(distinct step) from report_approval where report = $1 and step = 'office' and ended = 0`, row.Report.ID)
			return err
		}))
		sheet, err := w.forms.Sheet(ctx, system, row.Unit.Code, w.p.Code)
		must(err)
		x.Answer = sheet.Forms[0].Answers[0].Text
		if !sheet.Open(w.question) {
			x.Shut = append(x.Shut, "?")
		}
		out.Bodies[row.Unit.Code] = x
	}
	out.Given, out.Approved = w.total(rt, figure.Submitted), w.total(rt, figure.Approved)
	if w.m.issued == nil && w.issued.ID == "" {
		return out
	}
	f, err := w.reports.Frozen(ctx, system, w.issued.ID)
	if fault.Is(err, fault.KindNotFound) {
		return out // drafted only
	}
	must(err)
	if w.frozen == "" {
		w.frozen = f.SHA256
	}
	if w.frozen != f.SHA256 {
		rt.Fatal("an issued report has changed")
	}
	list, err := w.reports.Differences(ctx, system, w.issued.ID)
	must(err)
	for _, d := range list {
		if slices.Contains(modelCodes, d.Frozen.Code) && d.Frozen.Of == report.ThisPeriod && !slices.Contains(out.Corrected, d.Frozen.Code) {
			out.Corrected = append(out.Corrected, d.Frozen.Code)
		}
	}
	slices.Sort(out.Corrected)
	return out
}

func (w *world) own(rt *rapid.T, layer figure.Layer, u org.Unit) map[string]int64 {
	own, err := w.figures.Own(ctx, system, layer, u, []period.Period{w.p})
	if err != nil {
		rt.Fatal(err)
	}
	out := map[string]int64{}
	for c, v := range own {
		in, _ := w.catalog.ByID(c.Indicator)
		out[in.Code] = v.Number
	}
	return out
}

func (w *world) total(rt *rapid.T, layer figure.Layer) map[string]int64 {
	total, err := w.figures.Totals(ctx, system, figure.Query{Unit: w.unit("TX"), Hierarchy: org.Territory, Layer: layer, Frame: figure.AsItWas, Periods: []period.Period{w.p}})
	if err != nil {
		rt.Fatal(err)
	}
	out := map[string]int64{}
	for _, code := range modelCodes {
		in, _ := w.catalog.ByCode(code)
		if v := total.Value(w.p, in, 0); v.Number != 0 {
			out[code] = v.Number
		}
	}
	return out
}
