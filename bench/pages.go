package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// What an office of a town asks of its bodies: a form of many cells in each month, six forms in each quarter.
const (
	formCells   = 300
	boardBodies = 250
	pageAsks    = 200
)

// How officers type: two hundred at once, each a cell and then a pause in which they read the next number off their paper,
// two seconds in the middle. Together they save a hundred cells a second.
const (
	typists    = 200
	cellsEach  = 12
	pauseLeast = time.Second
	pauseMost  = 3 * time.Second
)

// asked is what the stages of pages stand on: a month's form of many cells, which the bodies have half filled in.
type asked struct {
	site    http.Handler
	month   period.Period
	quarter period.Period
	bodies  []org.Unit
	keys    []string // of the form's cells
	free    []string // those in which nothing stands yet
	cookies []*http.Cookie
}

// visit sends a request with a session's cookie and answers the body, the status and how long the site took. The body comes
// compressed, as to a browser.
func (a *asked) visit(ctx context.Context, cookie *http.Cookie, method, path string, form url.Values) (*answered, time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, method, path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, 0, err
	}
	r.RemoteAddr = "127.0.0.1:1024"
	r.Header.Set("Accept-Encoding", "gzip")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept", "application/json")
		r.Header.Del("Accept-Encoding")
	}
	if cookie != nil {
		r.AddCookie(cookie)
	}
	w := &answered{unread: unread{header: http.Header{}}}
	began := time.Now()
	a.site.ServeHTTP(w, r)
	return w, time.Since(began), nil
}

// answered is an answer that is read.
type answered struct {
	unread
	body bytes.Buffer
}

func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answered) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// in opens a session for somebody, as the demonstration does with one click: what is measured begins after that.
func (m *measuring) in(ctx context.Context, a *asked, person string) (*http.Cookie, error) {
	w, _, err := a.visit(ctx, nil, http.MethodPost, "/trinh-dien/vao", url.Values{"person": {person}})
	if err != nil {
		return nil, err
	}
	for _, c := range (&http.Response{Header: w.header}).Cookies() {
		if w.status == http.StatusSeeOther && c.Name == m.app.Sessions.Cookie.Name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no session opens: %d %s %v", w.status, w.header.Get("Location"), w.header["Set-Cookie"])
}

// pages makes what its stages stand on and measures those that are wanted.
func (m *measuring) pages(ctx context.Context) error {
	type stage struct {
		name    string
		measure func(context.Context, *asked) error
	}
	stages := slices.DeleteFunc([]stage{{"sheet", m.sheet}, {"typing", m.typing}, {"board", m.board}, {"keys", m.keys}},
		func(s stage) bool { return !m.only.wants(s.name, parts) })
	if len(stages) == 0 {
		return nil
	}
	a, err := m.ask(ctx)
	if err != nil {
		return err
	}
	for _, s := range stages {
		if err := s.measure(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	m.app.Demo = false
	return nil
}

// ask makes the forms, whom they are asked of, what the bodies have given so far, and somebody for each of them who is in.
func (m *measuring) ask(ctx context.Context) (*asked, error) {
	m.app.Demo = true // opens sessions without the cost of a password
	a := &asked{site: m.app.Handler(false), quarter: m.periods[m.quarters], bodies: m.units[len(m.units)-min(boardBodies, len(m.units)):]}
	const month, before, year = "2018-03", "2018-02", "2017-03"
	if err := m.app.Forms.AddStarter(ctx, auth.System(), m.periods[0].Code); err != nil {
		return nil, err
	}
	wide, err := m.widen(ctx, a)
	if err != nil {
		return nil, err
	}
	var known [3]period.Period
	if err := m.app.DB.Write(ctx, func(tx *db.Tx) (err error) {
		for i, code := range []string{month, before, year} {
			if known[i], err = period.Ensure(ctx, tx, code); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	a.month = known[0]
	if err := m.askMonthly(ctx, wide, year); err != nil {
		return nil, err
	}
	codes := make([]string, len(a.bodies))
	for i, u := range a.bodies {
		codes[i] = u.Code
	}
	for _, kind := range []string{period.Month, period.Quarter} {
		if err := m.app.Reports.SetDuty(ctx, auth.System(), codes, kind, "2015-01-01"); err != nil {
			return nil, err
		}
	}
	for i, p := range known {
		cells := wide
		if i == 0 {
			cells = wide[:len(wide)/2] // a form in work
			for _, in := range wide[len(wide)/2:] {
				a.free = append(a.free, in.Code)
			}
		}
		if err := m.give(ctx, a.bodies, p, cells); err != nil {
			return nil, err
		}
	}
	if err := m.give(ctx, a.bodies[:len(a.bodies)*2/3], a.quarter, m.chosen); err != nil {
		return nil, err
	}
	return a, m.staff(ctx, a)
}

// widen adds indicators until a form has its cells, and answers the form's.
func (m *measuring) widen(ctx context.Context, a *asked) ([]indicator.Indicator, error) {
	catalog, err := m.app.Indicators.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	var wide []indicator.Indicator
	take := func(in indicator.Indicator) {
		wide = append(wide, in)
		a.keys = append(a.keys, in.Code)
		for _, part := range in.Parts {
			a.keys = append(a.keys, in.Code+"."+part.Code)
		}
	}
	for _, in := range catalog.All() {
		if in.Across != indicator.Ratio && len(a.keys)+1+len(in.Parts) <= formCells {
			take(in)
		}
	}
	like := m.chosen[0]
	for n := 1; len(a.keys) < formCells; n++ {
		in := indicator.Indicator{Code: fmt.Sprintf("ZZ%03d", n), Name: fmt.Sprintf("Số việc thứ %d đã làm trong tháng", n), Topic: like.Topic, Unit: "việc",
			Measure: like.Measure, Across: like.Across, Better: like.Better, ValidFrom: like.ValidFrom, ValidTo: like.ValidTo}
		if in, err = m.app.Indicators.Add(ctx, auth.System(), in); err != nil {
			return nil, err
		}
		take(in)
	}
	return wide, nil
}

// askMonthly asks a form with all the indicators of every body, in four sections.
func (m *measuring) askMonthly(ctx context.Context, wide []indicator.Indicator, from string) error {
	code, err := m.app.Forms.Add(ctx, auth.System(), form.Form{Code: "THANG", Kind: period.Month}, "Báo cáo tháng")
	if err != nil {
		return err
	}
	if err := m.app.Forms.Change(ctx, auth.System(), code, 1, "bench", func(v *form.Version) error {
		size := (len(wide) + 3) / 4
		for part := range slices.Chunk(wide, size) {
			s := form.Section{ID: db.NewID(), Title: fmt.Sprintf("Phần %d", len(v.Sections)+1)}
			for _, in := range part {
				s.Items = append(s.Items, form.Item{ID: db.NewID(), Kind: form.Cell, Indicator: in.ID})
			}
			v.Sections = append(v.Sections, s)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := m.app.Forms.Publish(ctx, auth.System(), code, 2, from, "bench"); err != nil {
		return err
	}
	return m.app.Forms.Assign(ctx, auth.System(), code, 3, form.Assignment{From: from, Reason: "bench", Targets: []form.Target{{}}})
}

// give loads a figure for each indicator and part of each body.
func (m *measuring) give(ctx context.Context, bodies []org.Unit, p period.Period, cells []indicator.Indicator) error {
	r := rand.New(rand.NewPCG(9, uint64(p.ID)))
	for some := range slices.Chunk(bodies, 25) {
		var inputs []figure.Input
		for _, u := range some {
			for _, in := range cells {
				for _, part := range append([]indicator.Part{{}}, in.Parts...) {
					inputs = append(inputs, figure.Input{Unit: u.ID, Period: p, Indicator: in, Part: part.Part, Expect: figure.Any,
						Quantity: viet.Quantity{Value: r.Int64N(10_000), Scale: in.Decimals, Qualifier: viet.Exact}})
				}
			}
		}
		if err := m.app.DB.Write(ctx, func(tx *db.Tx) error {
			return m.app.Figures.Load(ctx, tx, auth.System(), figure.Imported, "bench", p, inputs, figure.Submitted)
		}); err != nil {
			return err
		}
	}
	return nil
}

// staff gives each of the first bodies an officer, who comes in.
func (m *measuring) staff(ctx context.Context, a *asked) error {
	for i, u := range a.bodies[:min(typists, len(a.bodies))] {
		who, err := m.person(ctx, fmt.Sprintf("typist%03d", i), "officer", u)
		if err != nil {
			return err
		}
		cookie, err := m.in(ctx, a, who.Person)
		if err != nil {
			return err
		}
		a.cookies = append(a.cookies, cookie)
	}
	return nil
}

func (a *asked) sheetOf(i int) string { return "/so-lieu/" + a.bodies[i].Code + "/" + a.month.Slug() }

// open asks for pages, one after another, and answers how long each took.
func (a *asked) open(ctx context.Context, n int, which func(i int) (*http.Cookie, string)) ([]time.Duration, error) {
	var took []time.Duration
	for i := range n {
		cookie, path := which(i)
		w, d, err := a.visit(ctx, cookie, http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		if w.status != http.StatusOK {
			return nil, fmt.Errorf("%s answered %d %s", path, w.status, w.header.Get("Location"))
		}
		if i > 0 { // the first fills what the program keeps
			took = append(took, d)
		}
	}
	return took, nil
}

// sheet measures a form being opened.
func (m *measuring) sheet(ctx context.Context, a *asked) error {
	took, err := a.open(ctx, pageAsks, func(i int) (*http.Cookie, string) {
		n := i % len(a.cookies)
		return a.cookies[n], a.sheetOf(n)
	})
	if err != nil {
		return err
	}
	m.note(m.engine, fmt.Sprintf("sheet: a form of %d cells opened, p50", len(a.keys)), round(quantile(took, 0.5)), quantile(took, 0.5).Seconds())
	m.atMost(m.engine, fmt.Sprintf("sheet: a form of %d cells opened, p95", len(a.keys)), quantile(took, 0.95), 100*time.Millisecond)
	return nil
}

// board measures the office's board of bodies by forms being opened.
func (m *measuring) board(ctx context.Context, a *asked) error {
	who, err := m.person(ctx, "board", "office", m.root)
	if err != nil {
		return err
	}
	cookie, err := m.in(ctx, a, who.Person)
	if err != nil {
		return err
	}
	path := "/tien-do?don-vi=" + m.root.Code + "&ky=" + a.quarter.Slug()
	took, err := a.open(ctx, pageAsks/4, func(int) (*http.Cookie, string) { return cookie, path })
	if err != nil {
		return err
	}
	p, err := m.app.Reports.Progress(ctx, auth.System(), m.root.Code, a.quarter.Code)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("board: %d bodies x %d forms", len(p.Lines), len(p.Forms))
	m.note(m.engine, what+", p50", round(quantile(took, 0.5)), quantile(took, 0.5).Seconds())
	m.atMost(m.engine, what+", p95", quantile(took, 0.95), 100*time.Millisecond)
	return nil
}

// typing measures cells that officers save at once, each on the sheet of their own body.
func (m *measuring) typing(ctx context.Context, a *asked) error {
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var group sync.WaitGroup
	began := time.Now()
	for i, cookie := range a.cookies {
		group.Go(func() {
			mine, err := a.types(ctx, i, cookie)
			mu.Lock()
			defer mu.Unlock()
			took, failed = append(took, mine...), cmp.Or(failed, err)
		})
	}
	group.Wait()
	if failed != nil {
		return failed
	}
	rate := float64(len(took)) / time.Since(began).Seconds()
	what := fmt.Sprintf("typing: %d officers at once, a cell each %v on average", len(a.cookies), (pauseLeast+pauseMost)/2)
	m.note(m.engine, what+", cells saved", number(rate)+"/s", rate)
	m.note(m.engine, what+", p50", round(quantile(took, 0.5)), quantile(took, 0.5).Seconds())
	m.atMost(m.engine, what+", p95", quantile(took, 0.95), 50*time.Millisecond)
	return nil
}

// types is an officer's minute.
func (a *asked) types(ctx context.Context, i int, cookie *http.Cookie) ([]time.Duration, error) {
	r := rand.New(rand.NewPCG(uint64(i), 11))
	var took []time.Duration
	for n := range cellsEach {
		pause := pauseLeast + time.Duration(r.Int64N(int64(pauseMost-pauseLeast)))
		if n == 0 {
			pause = time.Duration(r.Int64N(int64(pauseMost))) // they do not begin at one moment
		}
		select {
		case <-ctx.Done():
			return took, ctx.Err()
		case <-time.After(pause):
		}
		key := a.free[(i+n)%len(a.free)]
		w, d, err := a.visit(ctx, cookie, http.MethodPost, a.sheetOf(i)+"/o", url.Values{"id": {db.NewID() + db.NewID()}, "o": {key}, "v": {fmt.Sprint(1 + r.IntN(9_000))}, "e": {"0"}})
		if err != nil {
			return took, err
		}
		var answer struct{ State string }
		if err := json.Unmarshal(w.body.Bytes(), &answer); err != nil || w.status != http.StatusOK || answer.State != "saved" {
			return took, fmt.Errorf("cell %s of %s answered %d: %.300s", key, a.bodies[i].Code, w.status, w.body.String())
		}
		took = append(took, d)
	}
	return took, nil
}
