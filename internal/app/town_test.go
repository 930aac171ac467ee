package app_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/article"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/doc"
	"giaoban/internal/doc/sheet"
	"giaoban/internal/door"
	"giaoban/internal/exchange"
	"giaoban/internal/figure"
	"giaoban/internal/intake"
	"giaoban/internal/ledger"
	"giaoban/internal/mail"
	"giaoban/internal/org"
	"giaoban/internal/pack"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
)

// spot is a unit as the grant of the matrix sees it, with one object of each kind. Word stands in its name and in
// whatever was written there, and nowhere else.
type spot struct {
	Name, Code, Word string
	unit             int64
	objects          map[string]string // id by kind
}

// town is a site with two trees; every actor's grant is over Own.
//
//	PA (parent) > PA1 (own) > PA11 (child)
//	            > PA2 (sibling)
//	PB (foreign)
type town struct {
	t     *testing.T
	app   *app.App
	http  http.Handler
	spots []*spot

	mu      sync.Mutex
	rights  map[string][]auth.Permission // by role
	entered map[string][]string          // open sessions by role
	log     strings.Builder
}

const (
	own = iota
	child
	parent
	sibling
	foreign
)

const (
	quarter = "2019-Q3"
	today   = "2019-10-01"
)

var ctx = context.Background()

// Write collects what the site logs as errors.
func (w *town) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func id[T any](w *town) func(T, error) T {
	return func(v T, err error) T {
		w.t.Helper()
		w.must(err)
		return v
	}
}

// newTown builds it on SQLite: which engine answers cannot matter here, the houses' own tests hold each query on both.
func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, rights: map[string][]auth.Permission{}, entered: map[string][]string{}, spots: []*spot{
		{Name: "own", Code: "PA1", Word: "Sông Đào"}, {Name: "child", Code: "PA11", Word: "Khe Ngọc"},
		{Name: "parent", Code: "PA", Word: "Ao Vàng"}, {Name: "sibling", Code: "PA2", Word: "Núi Chàm"},
		{Name: "foreign", Code: "PB", Word: "Biển Lam"},
	}}
	a, err := app.Open(ctx, dbtest.DSN(t, db.SQLite), app.Options{Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))})
	w.must(err)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w.app, a.Demo = a, true // one enters without a password
	a.Clock.Shift(time.Until(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
	w.units()
	for _, s := range w.spots {
		w.furnish(s)
	}
	w.http = a.Handler(false)
	return w
}

func (w *town) units() {
	place := func(s *spot, level org.Level, above string) []org.Spec {
		out := []org.Spec{{Code: s.Code, Kind: org.Place, Level: level, Name: s.Word, Parent: above},
			{Code: s.Code + ".MT", Kind: org.Body, Level: level, Name: "Mặt trận " + s.Word, Parent: s.Code}}
		for _, n := range []string{"1", "2"} {
			out = append(out, org.Spec{Code: s.Code + ".K" + n, Kind: org.Place, Level: org.Area, Name: "Khu " + n + " " + s.Word, Parent: s.Code})
		}
		return out
	}
	specs := place(w.spots[parent], org.Province, "")
	specs = append(specs, place(w.spots[own], org.Town, "PA")...)
	specs = append(specs, place(w.spots[sibling], org.Town, "PA")...)
	specs = append(specs, place(w.spots[child], org.Commune, "PA1")...)
	specs = append(specs, place(w.spots[foreign], org.Province, "")...)
	w.must(w.app.Units.Load(ctx, auth.System(), specs))
	w.must(w.app.Door.PutProvider(ctx, auth.System(), door.Provider{Code: "tinh", Name: "tỉnh", Issuer: "http://127.0.0.1:9", Client: "giaoban"}))
	w.must(w.app.Exchange.Put(ctx, auth.System(), exchange.Scheme{Code: "tinh", Name: "tỉnh"}, ""))
}

// book gives a place a book of contributions with a fund, a recipient, a gift, a pledge and a list that has been written.
func (w *town) book(s *spot, text string) {
	a, system := w.app, auth.System()
	b := id[ledger.Book](w)(a.Ledger.OpenBook(ctx, system, s.Code, s.Code+"-SO", text))
	s.objects["book"] = b.Code
	fund := id[ledger.Account](w)(a.Ledger.AddFund(ctx, system, b.Code, text, ledger.Works, ledger.Cash))
	_ = id[ledger.Account](w)(a.Ledger.AddUse(ctx, system, b.Code, text, ledger.Works))
	gift := ledger.Gift{Day: "20/06/2019", Commodity: "VND", Quantity: "500.000", Name: text, Kind: ledger.People, Fund: fund.ID, Memo: text}
	s.objects["slip"] = id[ledger.Transfer](w)(a.Ledger.Receive(ctx, system, b.Code, gift)).Code
	w.must(a.Ledger.Promise(ctx, system, b.Code, gift))
	var file bytes.Buffer
	book := sheet.NewWriter("", "", today)
	rows := book.Table("Danh sách", false, []sheet.Column{{Title: "Họ và tên"}, {Title: "Số tiền"}})
	rows.Row(sheet.Str(text), sheet.Num(20_000, 0))
	w.must(rows.Close())
	w.must(book.Save(&file))
	s.objects["list"] = id[string](w)(a.Ledger.ReadList(ctx, system, b.Code, text+".xlsx", file.Bytes()))
	w.must(a.Ledger.PostList(ctx, system, b.Code, s.objects["list"], ledger.ListInto{Day: "20/06/2019", Kind: ledger.People, Money: fund.ID}))
}

// furnish gives a place one object of each kind.
func (w *town) furnish(s *spot) {
	a, system := w.app, auth.System()
	text := s.Word + " riêng"
	u := id[org.Unit](w)(a.Units.Find(ctx, system, s.Code, today))
	front := id[org.Unit](w)(a.Units.Find(ctx, system, s.Code+".MT", today))
	s.unit, s.objects = u.ID, map[string]string{}
	var q period.Period
	w.must(a.DB.Write(ctx, func(tx *db.Tx) (err error) {
		for _, code := range []string{"2019", "2019-Q2"} {
			if _, err = period.Ensure(ctx, tx, code); err != nil {
				return err
			}
		}
		q, err = period.Ensure(ctx, tx, quarter)
		return err
	}))
	catalog, err := a.Indicators.Catalog(ctx)
	w.must(err)
	in, _ := catalog.ByCode("DG01")
	five := id[viet.Quantity](w)(figure.Read("5", in))
	_, _, err = a.Figures.Save(ctx, system, figure.Typed, "", []figure.Input{
		{Unit: u.ID, Period: q, Indicator: in, Quantity: five, Expect: figure.Any}, {Unit: front.ID, Period: q, Indicator: in, Quantity: five, Expect: figure.Any}})
	w.must(err)
	w.must(a.Figures.SetOverlap(ctx, system, q, figure.Overlap{Cell: figure.Cell{Unit: u.ID, Period: q.ID, Indicator: in.ID}, Other: front.ID, Reason: text}))
	s.objects["overlap"] = w.ask(`select id from figure_overlap where unit = $1`, u.ID)
	w.must(a.DB.Write(ctx, func(tx *db.Tx) error {
		return a.Figures.FlagIn(ctx, tx, system, q, figure.Cell{Unit: u.ID, Period: q.ID, Indicator: in.ID}, text)
	}))
	s.objects["flag"] = w.ask(`select id from figure_flag where unit = $1`, u.ID)
	_, rivals, err := a.Figures.Fill(ctx, system, []figure.Input{{Unit: u.ID, Period: q, Indicator: in, Quantity: id[viet.Quantity](w)(figure.Read("6", in)), Reason: text}})
	w.must(err)
	s.objects["rival"] = rivals[0].ID
	w.must(a.Figures.Attach(ctx, system, s.Code, quarter, "DG01", text+".pdf", text, []byte("%PDF-1.4")))
	s.objects["evidence"] = w.ask(`select id from figure_evidence where unit = $1`, u.ID)

	w.book(s, text)
	w.must(a.Reports.SetDuty(ctx, system, []string{s.Code, s.Code + ".MT"}, period.Quarter, "2019-01-01"))
	st := id[report.Statement](w)(a.Reports.AddStatement(ctx, system, s.Code, quarter, report.Statement{Kind: report.Model, Text: text}))
	s.objects["statement"] = st.ID
	body := id[report.Report](w)(a.Reports.Submit(ctx, system, s.Code+".MT", quarter, 0, report.Sending{}))
	body = id[report.Report](w)(a.Reports.Approve(ctx, system, s.Code+".MT", quarter, body.Version, ""))
	_ = id[report.Report](w)(a.Reports.Accept(ctx, system, s.Code+".MT", quarter, body.Version, ""))
	r := id[report.Report](w)(a.Reports.Draft(ctx, system, s.Code, quarter))
	s.objects["report"] = r.ID
	s.objects["draft"] = id[report.Report](w)(a.Reports.Draft(ctx, system, s.Code, "2019-Q2")).ID
	s.objects["section"] = w.ask(`select min(code) from report_section where report = $1`, s.objects["draft"])
	_ = id[report.Frozen](w)(a.Reports.Freeze(ctx, system, r.ID, r.Version))
	item := id[article.Article](w)(a.Articles.Draft(ctx, system, s.Code, quarter))
	s.objects["article"], s.objects["slug"] = item.ID, item.Slug

	start := time.Date(2019, 10, 4, 8, 0, 0, 0, clock.Zone)
	s.objects["briefing"] = id[string](w)(a.Briefings.Convene(ctx, system, briefing.Convening{Unit: s.Code, Period: quarter, Plan: briefing.Plan{
		Start: start, End: start.Add(time.Hour), Venue: text, Summons: briefing.Number{Number: "1", Date: today},
		Letterhead: briefing.Letterhead{System: doc.Party, IssuerParent: "Cấp trên", Issuer: text, Symbol: "ThU", City: "Nơi họp", Office: "Văn phòng"},
	}, Participants: []briefing.Participant{{Role: briefing.Chair, Unit: front.ID, UnitName: front.Name, Person: "Nguyễn Văn Mẫu", Title: "Chủ tịch"}}}))
	s.objects["item"] = w.ask(`select min(id) from briefing_item where briefing = $1`, s.objects["briefing"])
	w.must(a.DB.Write(ctx, func(tx *db.Tx) error {
		made, err := a.Tasks.CreateIn(ctx, tx, system, []task.Task{{Unit: u.ID, Lead: front.ID, Text: text, Evidence: "Biên bản", Due: "2019-11-01"}})
		if err == nil {
			s.objects["task"] = made[0].ID
		}
		return err
	}))

	plan := id[intake.Plan](w)(a.Intake.Preview(ctx, system, intake.File{Name: s.Word + ".csv", Data: []byte("Chỉ tiêu;Giá trị\nDG01;7\n")}, intake.Options{Unit: s.Code, Period: quarter}))
	s.objects["intake"] = plan.ID
	w.packages(s)
	made := id[pack.Pack](w)(a.Packs.Make(ctx, system, s.Code, q))
	s.objects["paper"] = made.Papers[0].Name("docx")
	w.must(a.Units.Appoint(ctx, system, s.Code, org.Office{Person: "Trần Thị Ví Dụ", Title: text, Rank: 1, ValidFrom: "2019-01-01"}))
	if _, err := a.Forms.Find(ctx, system, "BM-01"); err != nil { // of the whole site
		w.must(a.Forms.AddStarter(ctx, system, "2019-Q4"))
	}
	s.objects["rule"] = w.ask(`select min(id) from figure_rule where $1 > 0`, u.ID) // of the whole site
	s.objects["office"] = w.ask(`select id from office where unit = $1`, u.ID)
	s.objects["succession"] = id[string](w)(a.Units.Succeed(ctx, system, org.Merge("2019-10-01", text,
		org.Spec{Code: s.Code + ".K3", Kind: org.Place, Level: org.Area, Name: "Khu 3 " + s.Word, Parent: s.Code}, s.Code+".K1", s.Code+".K2")))
	s.objects["person"] = id[string](w)(a.Accounts.AddPerson(ctx, system, account.NewPerson{Login: "nguoi." + strings.ToLower(s.Code), Name: "Người của " + s.Word, Role: "officer", Unit: u.ID}))
	giver := id[string](w)(a.Accounts.AddPerson(ctx, system, account.NewPerson{Login: "giao." + strings.ToLower(s.Code), Name: "Người giao của " + s.Word, Role: "head", Unit: u.ID}))
	s.objects["lent"] = w.lend(giver, s.objects["person"])
	s.objects["grant"] = w.ask(`select id from access_grant where unit = $1 and person = $2 and delegation = ''`, u.ID, s.objects["person"])
	w.must(a.SetSetting(ctx, mail.HostSetting, "127.0.0.1"))
	w.must(a.SetSetting(ctx, mail.FromSetting, "giaoban@example.vn"))
	w.must(a.DB.Write(ctx, func(tx *db.Tx) error {
		return a.Mails.Enqueue(ctx, tx, mail.Message{To: "nguoi@example.vn", Person: s.objects["person"], Template: mail.Notice,
			Data: map[string]string{"What": "password", "At": "0"}})
	}))
	s.objects["mail"] = w.ask(`select id from mail_message where person = $1`, s.objects["person"])
	act := `select min(a.id) from audit_entry a join audit_unit u on u.entry = a.id where u.unit = $1 and a.house = $2 and a.verb = $3`
	s.objects["act"], s.objects["grant-act"] = w.ask(act, u.ID, "task", "create"), w.ask(act, u.ID, "account", "grant")
}

// packages makes a package of the place, and lets one come in from a site that speaks for it. It is written here by hand, as
// docs/exchange.md describes it.
func (w *town) packages(s *spot) {
	sent, _, err := w.app.Exchange.Make(ctx, auth.System(), s.Code, quarter)
	w.must(err)
	s.objects["sent"] = sent.ID
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(len(s.Code)), s.Code[1]}, 16))
	if s.Code == "PA2" {
		key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	}
	public := key.Public().(ed25519.PublicKey)
	content := `{"head":{"site":"` + s.Word + `","key":"` + base64.StdEncoding.EncodeToString(public) + `","serial":1,"previous":"","made":"2019-10-01T01:00:00Z","by":"Văn phòng"},` +
		`"body":{"unit":"` + s.Code + `","period":"2019-Q3","from":"2019-07-01","to":"2019-09-30","layer":"approved","units":[{"code":"` + s.Code + `","name":"` + s.Word +
		`","kind":"place","level":"xa","from":"0001-01-01","to":"9999-12-31","parents":[]}],"indicators":[],"figures":[],"overlaps":[],"missing":[],"totals":[]}}`
	text := "giaoban-package 1\n" + content + "\n"
	file := text + base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text))) + "\n"
	w.must(w.app.Exchange.Trust(ctx, auth.System(), exchange.NewKey{Name: s.Word, Unit: s.Code, Fingerprint: exchange.Fingerprint(public)}))
	s.objects["key"] = w.ask(`select id from exchange_key where fingerprint = $1`, exchange.Fingerprint(public))
	s.objects["parcel"] = id[intake.Plan](w)(w.app.Intake.Preview(ctx, auth.System(), intake.File{Name: s.Word + ".goi", Data: []byte(file)}, intake.Options{})).ID
}

func (w *town) ask(query string, args ...any) (out string) {
	w.t.Helper()
	w.must(w.app.DB.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&out) }))
	return out
}

// person adds somebody with a role over the own unit and opens sessions for them. An empty role is a person without grants.
func (w *town) person(role string, sessions int) {
	name := role
	if role == "" {
		name = "none"
	}
	p := account.NewPerson{Login: "vai." + name, Name: "Vai " + name, Role: role}
	if role != "" {
		p.Unit = w.spots[own].unit
	}
	w.enter(name, id[string](w)(w.app.Accounts.AddPerson(ctx, auth.System(), p)), sessions)
}

// enter opens sessions for somebody.
func (w *town) enter(name, person string, sessions int) {
	for range sessions {
		w.follow(name, w.post("", "/trinh-dien/vao", url.Values{"person": {person}}))
	}
	if len(w.entered[name]) != sessions {
		w.t.Fatalf("%s could not enter", name)
	}
}

// follow remembers the session that an answer opens.
func (w *town) follow(name string, rec *httptest.ResponseRecorder) {
	for _, c := range rec.Result().Cookies() {
		if c.Name == "phien" {
			w.entered[name] = append(w.entered[name], c.Value)
		}
	}
}

// lend delegates all that somebody may lend.
func (w *town) lend(giver, taker string) string {
	grants := id[[]account.Grant](w)(w.app.Accounts.Lendable(ctx, auth.System(), giver))
	return id[string](w)(w.app.Accounts.Delegate(ctx, auth.System(), account.Delegation{Giver: giver, Taker: taker, To: "2020-01-01", Reason: "Đi công tác"}, []string{grants[0].ID}))
}

// delegate adds somebody without grants who acts for a head of the own unit, and opens sessions for them.
func (w *town) delegate(sessions int) {
	giver := id[string](w)(w.app.Accounts.AddPerson(ctx, auth.System(), account.NewPerson{Login: "giao.vai", Name: "Người giao vai", Role: "head", Unit: w.spots[own].unit}))
	taker := id[string](w)(w.app.Accounts.AddPerson(ctx, auth.System(), account.NewPerson{Login: "vai." + delegate, Name: "Vai " + delegate}))
	lent := w.lend(giver, taker)
	w.enter(delegate, taker, sessions)
	before := w.entered[delegate]
	w.entered[delegate] = nil
	for _, session := range before {
		w.follow(delegate, w.post(session, "/lam-thay", url.Values{"uy-quyen": {lent}}))
	}
	if len(w.entered[delegate]) != sessions {
		w.t.Fatal("the delegate could not act for the head")
	}
}

// post sends a form in a session; an empty one is a visitor's.
func (w *town) post(session, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "phien", Value: session})
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	return rec
}

// send asks as a role; session chooses one of the role's open sessions. A visitor has none.
func (w *town) send(role string, session int, method, path string, form url.Values) *httptest.ResponseRecorder {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if open := w.entered[role]; len(open) > 0 {
		r.AddCookie(&http.Cookie{Name: "phien", Value: open[session%len(open)]})
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	return rec
}

// age makes every session one of a password, whose proof is old: those of a demonstration are never asked.
func (w *town) age() {
	w.must(w.app.DB.Write(ctx, func(tx *db.Tx) error {
		type row struct{ token, data string }
		rows, err := db.Collect(ctx, tx, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.token, &r.data) }, `select token, data from session`)
		for _, r := range rows {
			r.data = regexp.MustCompile(`"proved":"\d+"`).ReplaceAllString(strings.Replace(r.data, `"method":"demo"`, `"method":"password"`, 1), `"proved":"1"`)
			if err == nil {
				_, err = tx.Exec(ctx, `update session set data = $1 where token = $2`, []byte(r.data), r.token)
			}
		}
		return err
	}))
}

// deny makes the trail refuse every entry: a write comes as far as it may and leaves nothing behind, so that each request
// of the matrix meets the same town. What it answers then tells also that no write is done without a trace.
func (w *town) deny() {
	w.must(w.app.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `create trigger matrix before insert on audit_entry begin select raise(abort, 'refused by the matrix'); end`)
		return err
	}))
}
