package report_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/report"
)

// model is what the way of a report should be, written down once more and as plainly as possible: a few bodies, a few cells, one
// question. Requests are acts; an act that is sent again under its id or its version is the same act.
type model struct {
	due    string // the period's
	closed bool
	turns  int // how often it was closed and opened: the period's version, as it were
	bodies map[string]*modelBody
	ways   []modelWay
	typed  map[string]string // what was answered to a typed cell, by its id
	issued map[string]int64  // the totals when the consolidated report was issued; nil: it is not
}

type modelBody struct {
	state     report.State
	version   int
	cells     map[string]modelCell
	approved  map[string]int64  // the approved layer
	beside    map[string]string // what stands beside a cell and waits for a choice: cell and person -> value
	answer    modelAnswer
	returned  bool            // it was sent back at some time
	open      map[string]bool // of the return that stands; nil: all
	sender    string
	approvers map[string]bool
	bound     map[report.Verb]map[string]int // what each step was bound to: the versions of the cells and of the answer
	changed   bool                           // something was written after the last approval
	firstSent string                         // day
	due       string                         // its own; empty: the period's
	pleads    string                         // the day it asks for
}

type modelCell struct {
	value   int64
	version int
	person  string
}

type modelAnswer struct {
	text    string
	version int
}

// modelWay is what the site has said of the steps.
type modelWay struct {
	unit  string // with all below it
	level string // that of all the bodies
	from  string
	report.Way
}

// act is a request. What it was answered with is a word: done, refused, or for a cell also where the value stands.
type act struct {
	kind    string // type, answer, step, extend, plead, way, turn, issue
	who     string
	unit    string
	cell    string
	value   int64
	text    string
	reason  string
	seen    int // the version that the actor saw
	id      string
	verb    report.Verb
	about   []string // cells, or "?": the answer; of a return
	day     string
	way     modelWay
	ordinal int
}

func (a act) String() string {
	return fmt.Sprintf("%d %s %s by %s of %s: %s=%d %q %q seen %d about %v day %s way %+v", a.ordinal, a.kind, a.verb, a.who, a.unit, a.cell, a.value, a.text, a.reason, a.seen, a.about, a.day, a.way)
}

const done, refused, kept = "done", "refused", "kept beside"

var modelRights = map[string]struct {
	units  []string
	rights []auth.Permission
}{
	"ward":   {[]string{"P01.PN", "P01.ND"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
	"head":   {[]string{"P01.PN", "P01.ND"}, []auth.Permission{auth.Submit, auth.Approve}},
	"other":  {[]string{"P02.PN"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
	"office": {[]string{"P01.PN", "P01.ND", "P02.PN", "TX"}, []auth.Permission{auth.Enter, auth.Submit, auth.Approve, auth.Consolidate}},
}

func may(who, unit string, p auth.Permission) bool {
	r := modelRights[who]
	return slices.Contains(r.units, unit) && slices.Contains(r.rights, p)
}

// do works an act out on a day, and answers with what the site must answer.
func (m *model) do(a act, day string) string {
	b := m.bodies[a.unit]
	ok := false
	switch a.kind {
	case "type":
		if !may(a.who, a.unit, auth.Enter) {
			return refused
		}
		return m.typeCell(b, a)
	case "answer":
		ok = may(a.who, a.unit, auth.Enter) && m.write(b, a)
	case "step":
		ok = may(a.who, a.unit, a.verb.Right()) && m.step(b, a, day)
	case "extend":
		ok = may(a.who, a.unit, auth.Consolidate) && !m.closed && a.reason != "" && (a.day == "" || a.day > m.due)
		if ok {
			b.due = a.day
			if a.day != "" {
				b.pleads = ""
			}
		}
	case "plead":
		ok = may(a.who, a.unit, auth.Submit) && !m.closed && a.reason != "" && b.firstSent == "" && b.pleads == "" && a.day > m.dueOf(b)
		if ok {
			b.pleads = a.day
		}
	case "way":
		if ok = may(a.who, "TX", auth.Consolidate); ok {
			m.ways = append(m.ways, a.way)
		}
	case "turn": // the period is closed, or opened again
		if ok = a.seen == m.turns; ok {
			m.closed, m.turns = !m.closed, m.turns+1
		}
	case "issue":
		if ok = may(a.who, "TX", auth.Consolidate) && m.issued == nil; ok {
			m.issued = m.totals(func(b *modelBody) map[string]int64 { return b.values() })
			for _, b := range m.bodies {
				if b.state == report.StateAccepted {
					b.state, b.version = report.StateFrozen, b.version+1
				}
			}
		}
	}
	if ok {
		return done
	}
	return refused
}

func (m *model) dueOf(b *modelBody) string {
	if b.due != "" {
		return b.due
	}
	return m.due
}

// shut tells whether the gate of a cell, or of the answer ("?"), is shut.
func (m *model) shut(b *modelBody, cell string) bool {
	return b.state == report.StateSent || b.state == report.StateReturned && b.open != nil && !b.open[cell]
}

// wants tells whether a change of a cell wants a reason.
func (m *model) wants(b *modelBody, cell string) bool {
	_, approved := b.approved[cell]
	return b.state.Endorsed() || approved
}

func (m *model) typeCell(b *modelBody, a act) string {
	if answer, again := m.typed[a.id]; again {
		return answer
	}
	old := b.cells[a.cell]
	same := old.version > 0 && old.value == a.value
	switch {
	case m.closed:
		return refused
	case a.seen != old.version && !same:
		if m.shut(b, a.cell) {
			return refused
		}
		b.beside[a.cell+" "+a.who] = fmt.Sprint(a.value)
		m.typed[a.id] = kept
		return kept
	case !same && (m.shut(b, a.cell) || m.wants(b, a.cell) && a.reason == ""):
		return refused
	case !same:
		old = modelCell{a.value, old.version + 1, a.who}
		b.cells[a.cell] = old
		if b.state.Endorsed() {
			b.version, b.changed = b.version+1, true
		}
	}
	delete(b.beside, a.cell+" "+a.who) // who writes the cell has chosen
	m.typed[a.id] = fmt.Sprintf("stands as %d", old.version)
	return m.typed[a.id]
}

func (m *model) write(b *modelBody, a act) bool {
	switch {
	case m.closed, b.state.Endorsed(), m.shut(b, "?"):
		return false
	case b.answer.text == a.text:
		return true
	case b.answer.version != a.seen:
		return false
	}
	b.answer = modelAnswer{a.text, a.seen + 1}
	return true
}

// way is what the site has said last of a body's steps, nearest to it.
func (m *model) way(unit, day string) report.Way {
	near := map[string]int{unit: 0, unit[:3]: 1, "TX": 2}
	best, out := 99, report.Way{}
	from := ""
	for _, w := range m.ways {
		rank, holds := near[w.unit]
		switch {
		case w.unit != "" && !holds || w.from > day:
			continue
		case w.unit == "" && w.level != "":
			rank = 3
		case w.unit == "":
			rank = 4
		}
		if rank < best || rank == best && w.from >= from {
			best, from, out = rank, w.from, w.Way
		}
	}
	return out
}

func (b *modelBody) values() map[string]int64 {
	out := map[string]int64{}
	for code, c := range b.cells {
		out[code] = c.value
	}
	return out
}

func (b *modelBody) versions() map[string]int {
	out := map[string]int{}
	for code, c := range b.cells {
		out[code] = c.version
	}
	if b.answer.version > 0 {
		out["?"] = b.answer.version
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

// step tells whether a step is made, and makes it.
func (m *model) step(b *modelBody, a act, day string) bool {
	v, w := a.verb, m.way(a.unit, day)
	if m.closed && (v == report.Send || v == report.Endorse || v == report.Accept) || a.seen != b.version {
		return false
	}
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
	case v == report.Endorse && b.state == report.StateSent && w.SkipOffice:
		to = report.StateAccepted
	case v == report.Endorse && b.state == report.StateSent:
		to = report.StateApproved
	case v == report.Accept && (b.state == report.StateApproved || b.state == report.StateSent && w.SkipHead):
		to = report.StateAccepted
	case v == report.Endorse && (b.state == report.StateApproved || b.state.Accepted() && w.SkipOffice), v == report.Accept && b.state.Accepted():
		again = true
		changed := !maps.Equal(b.approved, b.values())
		if was := b.bound[v]; was != nil {
			changed = !maps.Equal(was, b.versions())
		}
		if a.reason == "" || !changed {
			return false
		}
	default:
		return false
	}
	if (v == report.Endorse || v == report.Accept) && !w.Self {
		if b.gave(a.who) || !again && a.who == b.sender || v == report.Accept && b.state == report.StateApproved && b.approvers[a.who] {
			return false
		}
	}
	b.state, b.version = to, max(b.version, 1)+1
	switch v {
	case report.Send:
		b.sender = a.who
		if b.firstSent == "" {
			b.firstSent = day
		}
	case report.Recall:
		b.sender = ""
	case report.GiveBack, report.Reopen:
		b.returned, b.open, b.changed, b.approvers, b.bound = true, nil, false, map[string]bool{}, map[report.Verb]map[string]int{}
		if len(a.about) > 0 {
			b.open = map[string]bool{}
			for _, what := range a.about {
				b.open[what] = true
			}
		}
	case report.Endorse, report.Accept:
		b.approvers[a.who], b.bound[v], b.changed = true, b.versions(), false
		if to.Accepted() {
			maps.Copy(b.approved, b.values())
		}
	}
	return true
}

var modelCodes = []string{"TT01", "TT02", "YK01"}

func (m *model) totals(of func(*modelBody) map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for _, b := range m.bodies {
		for code, v := range of(b) {
			out[code] += v
		}
	}
	return out
}

// sight is all that is seen of a site, or of the model: it is compared as a whole.
type sight struct {
	Bodies          map[string]bodySight
	Given, Approved map[string]int64 // totals of the town
	Corrected       []string         // cells whose issued total is another now; of an issued report
}

type bodySight struct {
	State          report.State
	Version        int
	Cells          map[string]int64
	Approved       map[string]int64
	Beside         int
	Answer         string
	Shut, Wants    []string // cells, and "?" for the answer
	Due, Pleads    string
	Late           int
	Missing        bool
	Changed        bool
	Heads, Offices int // standing approvals
}

func (m *model) sight(day string) sight {
	out := sight{Bodies: map[string]bodySight{}}
	for unit, b := range m.bodies {
		x := bodySight{State: b.state, Version: b.version, Cells: b.values(), Approved: maps.Clone(b.approved), Beside: len(b.beside), Answer: b.answer.text, Due: m.dueOf(b), Pleads: b.pleads, Changed: b.changed}
		for _, code := range modelCodes {
			if m.shut(b, code) {
				x.Shut = append(x.Shut, code)
			}
			if b.state.Endorsed() && !m.shut(b, code) {
				x.Wants = append(x.Wants, code)
			}
		}
		if m.closed || b.state.Endorsed() || m.shut(b, "?") {
			x.Shut = append(x.Shut, "?")
		}
		came := day
		if b.firstSent != "" {
			came = b.firstSent
		}
		x.Late = max(0, daysFrom(x.Due, came))
		x.Missing = x.Late > 0 && !b.state.Given() && b.state != report.StateReturned
		if b.bound[report.Endorse] != nil {
			x.Heads = 1
		}
		if b.bound[report.Accept] != nil {
			x.Offices = 1
		}
		out.Bodies[unit] = x
	}
	out.Given = m.totals(func(b *modelBody) map[string]int64 { return b.values() })
	out.Approved = m.totals(func(b *modelBody) map[string]int64 { return b.approved })
	for _, code := range modelCodes {
		if was := m.issued[code]; was != 0 && was != out.Given[code] {
			out.Corrected = append(out.Corrected, code)
		}
	}
	return out
}

// daysFrom counts the days from one to another by the calendar.
func daysFrom(from, to string) int {
	a, _ := time.Parse(time.DateOnly, from)
	b, _ := time.Parse(time.DateOnly, to)
	return int(b.Sub(a) / (24 * time.Hour))
}

// clone is for trying an order in which acts may have been done.
func (m *model) clone() *model {
	out := *m
	out.bodies, out.ways, out.typed, out.issued = map[string]*modelBody{}, slices.Clone(m.ways), maps.Clone(m.typed), maps.Clone(m.issued)
	for unit, b := range m.bodies {
		c := *b
		c.cells, c.approved, c.beside, c.open = maps.Clone(b.cells), maps.Clone(b.approved), maps.Clone(b.beside), maps.Clone(b.open)
		c.approvers, c.bound = maps.Clone(b.approvers), maps.Clone(b.bound)
		out.bodies[unit] = &c
	}
	return &out
}
