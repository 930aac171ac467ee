package report_test

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
)

// model is what the way of a report should be, written down once more and as plainly as possible: a few bodies, a few cells.
type model struct {
	due    string
	closed bool
	bodies map[string]*modelBody
}

type modelBody struct {
	state     report.State
	version   int
	cells     map[string]modelCell
	approved  map[string]int64 // the approved layer
	returned  bool             // it was sent back at some time
	open      map[string]bool  // of the return that stands; nil: all
	sender    string
	approvers map[string]bool
	bound     map[report.Verb]map[string]int // what each step was bound to: the versions of the cells
	firstSent string                         // day
}

type modelCell struct {
	value   int64
	version int
	person  string
}

func (b *modelBody) versions() map[string]int {
	out := map[string]int{}
	for code, c := range b.cells {
		out[code] = c.version
	}
	return out
}

// gave tells whether a person gave a figure that is not the approved one.
func (b *modelBody) gave(person string) bool {
	for code, c := range b.cells {
		if v, ok := b.approved[code]; (!ok || v != c.value) && c.person == person {
			return true
		}
	}
	return false
}

func endorsed(s report.State) bool { return s == report.StateApproved || s == report.StateAccepted }

// save tells whether a figure is taken, and changes the model if it is.
func (m *model) save(b *modelBody, who, code string, value int64, reason string) bool {
	if m.closed {
		return false
	}
	old, has := b.cells[code]
	if has && old.value == value {
		return true // it says what stands
	}
	_, approved := b.approved[code]
	switch {
	case b.state == report.StateSent, b.state == report.StateReturned && b.open != nil && !b.open[code]:
		return false
	case (endorsed(b.state) || approved) && reason == "":
		return false
	}
	b.cells[code] = modelCell{value, old.version + 1, who}
	if endorsed(b.state) {
		b.version++
	}
	return true
}

// step tells whether a step is made, and makes it in the model.
func (m *model) step(b *modelBody, who string, v report.Verb, seen int, cells []string, reason, day string) bool {
	if m.closed && (v == report.Send || v == report.Endorse || v == report.Accept) {
		return false
	}
	if seen != b.version && !(seen == 0 && b.state == report.StateNone) {
		return false
	}
	changed := func() bool { return b.bound[v] != nil && !maps.Equal(b.bound[v], b.versions()) }
	again := false
	to := b.state
	switch {
	case v == report.Send && (b.state == report.StateNone || b.state == report.StateDraft || b.state == report.StateReturned):
		to = report.StateSent
	case v == report.Recall && b.state == report.StateSent:
		to = report.StateDraft
		if b.returned {
			to = report.StateReturned
		}
	case v == report.GiveBack && (b.state == report.StateSent || b.state == report.StateApproved), v == report.Reopen && b.state == report.StateAccepted:
		to = report.StateReturned
	case v == report.Endorse && b.state == report.StateSent:
		to = report.StateApproved
	case v == report.Accept && b.state == report.StateApproved:
		to = report.StateAccepted
	case v == report.Endorse && b.state == report.StateApproved, v == report.Accept && b.state == report.StateAccepted:
		again = true
		if reason == "" || !changed() {
			return false
		}
	default:
		return false
	}
	if v == report.Endorse || v == report.Accept {
		if b.gave(who) || !again && (who == b.sender || v == report.Accept && b.approvers[who]) {
			return false
		}
	}
	b.state = to
	b.version = max(b.version, 1) + 1
	switch v {
	case report.Send:
		b.sender = who
		if b.firstSent == "" {
			b.firstSent = day
		}
	case report.Recall:
		b.sender = ""
	case report.GiveBack, report.Reopen:
		b.returned, b.open, b.approvers, b.bound = true, nil, map[string]bool{}, map[report.Verb]map[string]int{}
		if len(cells) > 0 {
			b.open = map[string]bool{}
			for _, code := range cells {
				b.open[code] = true
			}
		}
	case report.Endorse, report.Accept:
		b.approvers[who], b.bound[v] = true, b.versions()
		if v == report.Accept {
			for code, c := range b.cells {
				b.approved[code] = c.value
			}
		}
	}
	return true
}

var modelRights = map[string]struct {
	units  []string
	rights []auth.Permission
}{
	"ward":   {[]string{"P01.PN", "P01.ND"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
	"head":   {[]string{"P01.PN", "P01.ND"}, []auth.Permission{auth.Submit, auth.Approve}},
	"other":  {[]string{"P02.PN"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
	"office": {[]string{"P01.PN", "P01.ND", "P02.PN"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
}

func modelMay(who, unit string, p auth.Permission) bool {
	r := modelRights[who]
	return slices.Contains(r.units, unit) && slices.Contains(r.rights, p)
}

// TestTheWayOfAReportIsWhatTheModelSays lets officers, heads, the office and a clock act by chance, with requests that are lost and
// sent again, and such as come late, against the model: what was acknowledged stands, what the rules forbid is refused and
// leaves nothing, each gate is open or shut as it should be, and the totals of both layers are those of the model at each step.
func TestTheWayOfAReportIsWhatTheModelSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		var runs atomic.Int64
		var broken atomic.Bool
		rapid.Check(t, func(rt *rapid.T) {
			run := int(runs.Add(1))
			if run > modelRuns && !broken.Load() {
				return
			}
			good := false
			defer func() {
				if !good {
					broken.Store(true) // what is tried from now on looks for a smaller failure
				}
			}()
			s.againstTheModel(rt, run)
			good = true
		})
		bad, err := s.figures.Verify(ctx)
		s.must(err)
		if bad.Differences > 0 || len(bad.Forged) > 0 {
			t.Errorf("sums differ from what they are made of: %+v", bad)
		}
	})
}

func (s *site) againstTheModel(rt *rapid.T, run int) {
	p := s.period(fmt.Sprintf("%d-Q%d", 1950+run/4, 1+run%4)) // each run has a period of its own
	periods := period.New(s.db, s.clock)
	due := s.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	s.must(periods.SetDue(ctx, system, p.Code, due, p.Version))
	m := &model{due: due, bodies: map[string]*modelBody{}}
	units := []string{"P01.PN", "P01.ND", "P02.PN"}
	for _, u := range units {
		m.bodies[u] = &modelBody{cells: map[string]modelCell{}, approved: map[string]int64{}, approvers: map[string]bool{}, bound: map[report.Verb]map[string]int{}}
	}
	people := map[string]auth.Actor{"ward": s.ward, "head": s.head, "office": s.office, "other": s.other}
	codes := []string{"TT01", "TT02", "YK01"}
	verbs := []report.Verb{report.Send, report.Recall, report.GiveBack, report.Endorse, report.Accept, report.Reopen}
	for range rapid.IntRange(1, 25).Draw(rt, "steps") {
		who := rapid.SampledFrom([]string{"ward", "head", "office", "other"}).Draw(rt, "who")
		unit := rapid.SampledFrom(units).Draw(rt, "unit")
		b := m.bodies[unit]
		again := rapid.IntRange(0, 4).Draw(rt, "the answer was lost") == 0
		switch act := rapid.IntRange(0, 11).Draw(rt, "act"); {
		case act < 5:
			code, value := rapid.SampledFrom(codes).Draw(rt, "cell"), int64(rapid.IntRange(1, 4).Draw(rt, "value"))
			reason := rapid.SampledFrom([]string{"", "đếm sót"}).Draw(rt, "reason")
			for range times(again) {
				want := modelMay(who, unit, auth.Enter) && m.save(b, who, code, value, reason)
				s.agree(rt, fmt.Sprintf("%s saves %s=%d of %s (%s)", who, code, value, unit, b.state), want, s.saveAs(people[who], unit, p, code, value, reason))
			}
		case act < 10:
			v := rapid.SampledFrom(verbs).Draw(rt, "verb")
			seen := b.version - rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(rt, "late")
			cells := rapid.SliceOfDistinct(rapid.SampledFrom(codes), rapid.ID).Draw(rt, "cells")
			reason := rapid.SampledFrom([]string{"", "đã đối chiếu"}).Draw(rt, "reason")
			for range times(again) {
				want := modelMay(who, unit, v.Right()) && m.step(b, who, v, seen, cells, reason, s.clock.Today())
				s.agree(rt, fmt.Sprintf("%s: %s of %s at %d", who, v, unit, seen), want, s.stepAs(people[who], unit, p, v, seen, cells, reason))
			}
		case act == 10:
			now, err := periods.Find(ctx, system, p.Code)
			s.must(err)
			if m.closed {
				s.must(periods.Reopen(ctx, system, p.Code, now.Version, "mở"))
			} else {
				s.must(periods.Close(ctx, system, p.Code, now.Version, "khoá"))
			}
			m.closed = !m.closed
		default:
			// The day of the place turns at seven in the evening of the zone that machines keep.
			s.clock.Advance(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
		}
		s.compare(rt, m, p)
	}
	s.late(rt, m, p)
}

// modelRuns bounds the runs of each engine: every one has dozens of transactions.
const modelRuns = 30

func times(again bool) int {
	if again {
		return 2
	}
	return 1
}

// agree holds the answer to the model's; what is refused is a fault, never an error of the machine.
func (s *site) agree(rt *rapid.T, what string, want bool, err error) {
	if err != nil && len(fault.All(err)) == 0 {
		rt.Fatalf("%s: %v", what, err)
	}
	if want != (err == nil) {
		rt.Fatalf("%s: the model says %v, the answer is %v", what, want, err)
	}
}

func (s *site) saveAs(who auth.Actor, unit string, p period.Period, code string, value int64, reason string) error {
	in, _ := s.catalog.ByCode(code)
	q, err := figure.Read(fmt.Sprint(value), in)
	if err != nil {
		return err
	}
	_, _, err = s.figures.Save(ctx, who, figure.Typed, "", []figure.Input{{Unit: s.unit(unit).ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any, Reason: reason}})
	return err
}

func (s *site) stepAs(who auth.Actor, unit string, p period.Period, v report.Verb, seen int, cells []string, reason string) (err error) {
	reasons := []report.Reason{{Text: "cả báo cáo"}}
	if len(cells) > 0 {
		reasons = nil
	}
	for _, code := range cells {
		in, _ := s.catalog.ByCode(code)
		reasons = append(reasons, report.Reason{Indicator: in.ID, Text: "xem lại"})
	}
	switch v {
	case report.Send:
		_, err = s.reports.Submit(ctx, who, unit, p.Code, seen, report.Sending{Empty: true})
	case report.Recall:
		_, err = s.reports.Recall(ctx, who, unit, p.Code, seen)
	case report.GiveBack:
		_, err = s.reports.Return(ctx, who, unit, p.Code, seen, reasons)
	case report.Reopen:
		_, err = s.reports.Reopen(ctx, who, unit, p.Code, seen, reasons)
	case report.Endorse:
		_, err = s.reports.Approve(ctx, who, unit, p.Code, seen, reason)
	case report.Accept:
		_, err = s.reports.Accept(ctx, who, unit, p.Code, seen, reason)
	}
	return err
}

// compare holds the site to the model: states, every cell, and the totals of both layers.
func (s *site) compare(rt *rapid.T, m *model, p period.Period) {
	for _, layer := range []figure.Layer{figure.Submitted, figure.Approved} {
		sums := map[string]int64{}
		for unit, b := range m.bodies {
			own, err := s.figures.Own(ctx, system, layer, s.unit(unit), []period.Period{p})
			s.must(err)
			want := map[string]int64{}
			if layer == figure.Approved {
				maps.Copy(want, b.approved)
			} else {
				for code, c := range b.cells {
					want[code] = c.value
				}
			}
			got := map[string]int64{}
			for c, v := range own {
				in, _ := s.catalog.ByID(c.Indicator)
				got[in.Code] = v.Number
			}
			if !maps.Equal(got, want) {
				rt.Fatalf("%s, layer %d: holds %v, acknowledged was %v", unit, layer, got, want)
			}
			for code, v := range want {
				sums[code] += v
			}
		}
		total, err := s.figures.Totals(ctx, system, figure.Query{Unit: s.unit("TX"), Hierarchy: org.Territory, Layer: layer, Frame: figure.AsItWas, Periods: []period.Period{p}})
		s.must(err)
		for _, code := range []string{"TT01", "TT02", "YK01"} {
			in, _ := s.catalog.ByCode(code)
			if got := total.Value(p, in, 0).Number; got != sums[code] {
				rt.Fatalf("layer %d: the total of %s is %d, its parts are %d", layer, code, got, sums[code])
			}
		}
	}
	for unit, b := range m.bodies {
		r, err := s.reports.Find(ctx, system, unit, p.Code, report.KindBody)
		if err != nil && !isNotFound(err) {
			rt.Fatal(err)
		}
		if r.State != b.state || r.Version != b.version {
			rt.Fatalf("%s is %q at version %d; the model says %q at %d", unit, r.State, r.Version, b.state, b.version)
		}
	}
}

// late holds what a page says of a report to the model: how many days late it came, and who stands for it.
func (s *site) late(rt *rapid.T, m *model, p period.Period) {
	for unit, b := range m.bodies {
		v, err := s.reports.Body(ctx, system, unit, p.Code)
		s.must(err)
		day := s.clock.Today()
		if b.firstSent != "" {
			day = b.firstSent
		}
		if want := report.DaysLate(m.due, day); v.Row.DaysLate != want {
			rt.Fatalf("%s is %d days late; the model says %d", unit, v.Row.DaysLate, want)
		}
		if endorsed(b.state) != (len(v.Approvals) > 0) {
			rt.Fatalf("%s is %q with %d approvals", unit, b.state, len(v.Approvals))
		}
	}
}
