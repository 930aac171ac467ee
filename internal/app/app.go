// Package app builds every house on one site's database and mounts it: the one list of what the program consists of. It
// refuses to hold rules of its own.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"giaoban/internal/account"
	"giaoban/internal/article"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/door"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/home"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/job"
	"giaoban/internal/ledger"
	"giaoban/internal/mail"
	"giaoban/internal/migrate"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/pack"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/setting"
	"giaoban/internal/task"
	"giaoban/internal/trail"
	"giaoban/internal/web"
)

// App is one open site with all its houses.
type App struct {
	DB         *db.DB
	Clock      *clock.Clock
	Log        *slog.Logger
	Demo       bool
	Secure     bool
	Sessions   *scs.SessionManager
	Accounts   *account.Service
	Door       *door.Service
	Mails      *mail.Service
	Notices    *notice.Service
	Units      *org.Service
	Periods    *period.Service
	Indicators *indicator.Service
	Figures    *figure.Service
	Rules      *rule.Service
	Forms      *form.Service
	Reports    *report.Service
	Tasks      *task.Service
	Briefings  *briefing.Service
	Articles   *article.Service
	Intake     *intake.Service
	Exchange   *exchange.Service
	Ledger     *ledger.Service
	Packs      *pack.Service
	Trail      *trail.Service
	Home       *home.Service

	proxies []netip.Prefix
	limits  web.Limits

	stopJobs context.CancelFunc // nil until Run
	jobsDone chan struct{}
}

// Options say how a site is served.
type Options struct {
	Secure  bool           // over HTTPS, by itself or behind a proxy
	Proxies []netip.Prefix // trusted to say where a request comes from
	Limits  web.Limits
	Leaked  *auth.Leaked // a list of leaked passwords, none of which anybody may set; nil for none
	Key     door.Key     // the site's secret; empty: on SQLite a file beside the database, on PostgreSQL none
	Log     *slog.Logger

	MailPassword string // of the mail server
}

// Open opens a site, brings its schema up to date and builds the houses.
func Open(ctx context.Context, dsn string, opt Options) (*App, error) {
	d, err := db.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	a, err := build(ctx, d, opt)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

func build(ctx context.Context, d *db.DB, opt Options) (*App, error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if _, err := migrate.Up(ctx, d); err != nil {
		return nil, err
	}
	a := &App{DB: d, Clock: clock.Real(), Log: opt.Log, Secure: opt.Secure, proxies: opt.Proxies, limits: opt.Limits}
	if err := a.readSettings(ctx); err != nil {
		return nil, err
	}
	a.Sessions = door.NewSessions(d, a.Clock, opt.Secure)
	hasher := auth.NewHasher(4)
	a.Accounts = account.New(d, a.Clock, hasher)
	a.Accounts.Refuse(opt.Leaked)
	a.Door = door.New(d, a.Clock, hasher, a.Accounts, a.Sessions)
	a.Mails = mail.New(d, a.Clock, mail.Options{
		Password: opt.MailPassword, SiteName: a.Name,
		Top: func(ctx context.Context, tx *db.Tx, who auth.Actor) (bool, error) {
			return org.HoldsSite(ctx, tx, who, auth.Admin, a.Clock.Today())
		},
	})
	a.Notices = notice.New(d, a.Clock)
	a.Notices.MailBy(a.Mails)
	if opt.Key.None() && d.Engine() == db.SQLite {
		opt.Key = door.KeyFile(d.DSN() + ".key")
	}
	a.Door.Keep(opt.Key)
	a.Door.MailBy(a.Mails)
	a.Door.LandOn(home.MinePath)
	a.Units = org.New(d, a.Clock)
	a.Units.FollowOffices(a.Accounts.OfficeEnded)
	a.Periods = period.New(d, a.Clock)
	a.Indicators = indicator.New(d, a.Clock)
	a.Figures = figure.New(d, a.Clock, a.Units, a.Indicators)
	a.Rules = rule.New(d, a.Clock, a.Indicators, a.Figures)
	a.Figures.CheckBy(a.Rules.ScriptIn)
	a.Forms = form.New(d, a.Clock, a.Indicators, a.Figures)
	a.Figures.Arrange(a.Forms.Arrange)
	a.Ledger = ledger.New(d, a.Clock, a.Indicators, a.Figures)
	a.Reports = report.New(d, a.Clock, a.Units, a.Periods, a.Indicators, a.Figures, a.Rules)
	a.Reports.AskBy(a.Forms)
	a.Tasks = task.New(d, a.Clock, a.Figures)
	a.Briefings = briefing.New(d, a.Clock, a.Indicators, a.Figures, a.Reports, a.Tasks)
	a.Articles = article.New(d, a.Clock, a.Reports, a.meeting)
	a.Intake = intake.New(d, a.Clock, a.Units, a.Indicators, a.Figures, a.Reports)
	a.Exchange = exchange.New(d, a.Clock, a.Indicators, a.Figures, a.Reports, a.Intake)
	a.Exchange.Keep(opt.Key)
	a.Figures.LinkReports(report.BodyPath)
	a.Figures.LinkEntries(func(e figure.Entry) string {
		if e.Kind == figure.Recorded {
			return e.Origin // the page of the book
		}
		if e.Kind != figure.Imported {
			return ""
		}
		p, err := a.Intake.OfEntry(context.Background(), auth.System(), e.ID)
		if err != nil {
			return "" // not an import of a file that is kept: the trace names the file without a link
		}
		return "/nhap/" + p.ID
	})
	a.Packs = pack.New(a.Clock, a.Reports, a.Briefings, a.Articles)
	a.Trail = trail.New(trail.Houses{
		DB: d, Clock: a.Clock, Accounts: a.Accounts, Units: a.Units, Periods: a.Periods, Indicators: a.Indicators, Reports: a.Reports, Rules: a.Rules, Forms: a.Forms, Tasks: a.Tasks,
		Briefings: a.Briefings, Articles: a.Articles, Intake: a.Intake, Exchange: a.Exchange, Ledger: a.Ledger,
	})
	a.Home = home.New(home.Houses{
		DB: d, Clock: a.Clock, Units: a.Units, Periods: a.Periods, Figures: a.Figures, Reports: a.Reports, Tasks: a.Tasks,
		Briefings: a.Briefings, Articles: a.Articles, Notices: a.Notices,
	})
	a.Notices.Join(notice.Options{
		Working: func(ctx context.Context, tx *db.Tx, day string) (bool, error) {
			calendar, err := form.CalendarIn(ctx, tx)
			return calendar.Working(day), err
		},
		Deadlines: a.Home.Deadlines, SiteName: a.Name, Secure: opt.Secure,
	})
	if err := a.Accounts.EnsureRoles(ctx); err != nil {
		return nil, err
	}
	if err := a.Indicators.EnsureStarter(ctx); err != nil {
		return nil, err
	}
	if err := a.Ledger.EnsureStarter(ctx); err != nil {
		return nil, err
	}
	return a, a.Rules.EnsureStarter(ctx)
}

// meeting tells the article house what a place's concluded briefing said.
func (a *App) meeting(ctx context.Context, who auth.Actor, unitCode, periodCode string) (*article.Meeting, error) {
	b, err := a.Briefings.Of(ctx, who, unitCode, periodCode)
	if fault.Is(err, fault.KindNotFound) || err == nil && b.State != briefing.Concluded {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &article.Meeting{Day: b.Day, Where: b.Venue}
	for _, p := range b.Participants {
		if p.Role == briefing.Chair {
			m.Chairs = append(m.Chairs, p.Title)
		}
	}
	for _, f := range b.Findings {
		switch f.Kind {
		case briefing.Result:
			m.Results = append(m.Results, f.Text)
		case briefing.Shortcoming:
			m.Shortcomings = append(m.Shortcomings, f.Text)
		}
	}
	for _, p := range b.Points {
		m.Points = append(m.Points, p.Text)
	}
	return m, nil
}

// SecurityContactSetting is where weaknesses of the site are to be reported.
const SecurityContactSetting = "security.contact"

// Settings of a demonstration site: it is one, and how far its clock runs from the machine's.
const (
	DemoSetting  = "demo"
	ClockSetting = "demo.clock-shift-ms"
)

func (a *App) readSettings(ctx context.Context) error {
	demo, err := a.Setting(ctx, DemoSetting)
	if err != nil || demo == "" {
		return err
	}
	a.Demo = true
	shift, err := a.Setting(ctx, ClockSetting)
	if err != nil {
		return err
	}
	ms, err := strconv.ParseInt(shift, 10, 64)
	if err != nil {
		return fmt.Errorf("setting %s: %w", ClockSetting, err)
	}
	a.Clock.Shift(time.Duration(ms) * time.Millisecond)
	return nil
}

// Setting reads a setting of the site; empty when it is not set.
func (a *App) Setting(ctx context.Context, key string) (value string, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		value, err = setting.Get(ctx, tx, key, "")
		return err
	})
	return value, err
}

// SetSetting writes a setting of the site; for the machine's owner, who acts as the program itself.
func (a *App) SetSetting(ctx context.Context, key, value string) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := setting.Get(ctx, tx, key, "")
		if err != nil || before == value {
			return err
		}
		if err := setting.Put(ctx, tx, key, value); err != nil {
			return err
		}
		return audit.Write(ctx, tx, auth.System(), audit.Act{At: a.Clock.Milli(), Verb: "set", House: "setting", Object: key, Before: before, After: value})
	})
}

// Name is the site's name: that of the place at its top.
func (a *App) Name(ctx context.Context) string {
	name := "Giaoban"
	_ = a.DB.Read(ctx, func(tx *db.Tx) error { // a page without the site's name is better than no page
		roots, err := org.Roots(ctx, tx, a.Clock.Today())
		if err == nil && len(roots) > 0 {
			name = roots[0].Name
		}
		return err
	})
	return name
}

// Router mounts every house.
func (a *App) Router(secure bool) *web.Router {
	r := web.NewRouter(&web.Site{
		Name: a.Name, Clock: a.Clock, Demo: a.Demo, Secure: secure, Load: a.Door.Load, Prove: a.Door.Prove, Sessions: a.Sessions,
		Health: a.DB.Ping, Log: a.Log, Unread: a.unread, Nav: nav, Proxies: a.proxies, Limits: a.limits,
		SecurityContact: func(ctx context.Context) (string, error) { return a.Setting(ctx, SecurityContactSetting) },
	})
	a.Door.Mount(r, a.Demo)
	for _, house := range []interface{ Mount(*web.Router) }{
		a.Accounts, a.Mails, a.Notices, a.Units, a.Periods, a.Indicators, a.Figures, a.Rules, a.Forms, a.Ledger, a.Reports, a.Tasks, a.Briefings, a.Articles, a.Intake, a.Exchange, a.Packs, a.Trail, a.Home,
	} {
		house.Mount(r)
	}
	return r
}

var nav = []web.NavItem{
	{Key: "mine", Path: home.MinePath, Label: "Việc của tôi", Needs: auth.View},
	{Key: "quarter", Path: "/giao-ban", Label: "Giao ban", Needs: auth.View},
	{Key: "figure", Path: "/so-lieu", Label: "Số liệu", Needs: auth.View},
	{Key: "so-quy", Path: "/so-quy", Label: "Sổ đóng góp", Needs: auth.View},
	{Key: "intake", Path: "/nhap", Label: "Nhập tệp", Needs: auth.Enter},
	{Key: "trao-doi", Path: "/trao-doi", Label: "Trao đổi", Needs: auth.View},
	{Key: "bao-cao", Path: "/bao-cao", Label: "Báo cáo", Needs: auth.View},
	{Key: "hop-giao-ban", Path: "/hop-giao-ban", Label: "Hội nghị", Needs: auth.View},
	{Key: "nhiem-vu", Path: "/nhiem-vu", Label: "Nhiệm vụ", Needs: auth.View},
	{Key: "article", Path: "/bai-viet", Label: "Tin bài", Needs: auth.Edit},
	{Key: "org", Path: "/don-vi", Label: "Đơn vị", Needs: auth.View},
	{Key: "chi-tieu", Path: "/chi-tieu", Label: "Chỉ tiêu", Needs: auth.View},
	{Key: "ky", Path: "/ky", Label: "Kỳ", Needs: auth.View},
	{Key: "trail", Path: "/nhat-ky", Label: "Nhật ký", Needs: auth.Audit},
	{Key: "people", Path: "/nguoi-dung", Label: "Người dùng", Needs: auth.Admin},
	{Key: "mail", Path: "/thu", Label: "Thư", Needs: auth.Admin},
}

// Handler is the site as HTTP.
func (a *App) Handler(secure bool) http.Handler { return a.Router(secure).Handler() }

// Run keeps the site's background work going until ctx ends: the fold on PostgreSQL, the seal of the trail, the sweeps of
// old sessions and of files whose time is over.
func (a *App) Run(ctx context.Context) {
	go a.Figures.RunFolder(ctx, a.Log)
	go a.runSealer(ctx)
	jobs := job.New(a.DB, clock.Real(), a.Log)
	jobs.Every("door.sweep", time.Hour, a.Door.Sweep)
	jobs.Every("intake.sweep", time.Hour, func(ctx context.Context) error {
		_, err := a.Intake.Sweep(ctx)
		return err
	})
	jobs.Every("figure.typed", 24*time.Hour, a.Figures.SweepTyped)
	jobs.Every("report.remind", time.Hour, a.Reports.RemindAll)
	jobs.Every("report.kept", time.Hour, a.Reports.KeepAll)
	jobs.Every("job.sweep", 24*time.Hour, jobs.Sweep)
	a.Mails.Jobs(jobs)
	a.Notices.Jobs(jobs)
	ctx, a.stopJobs = context.WithCancel(ctx)
	a.jobsDone = make(chan struct{})
	go func() {
		defer close(a.jobsDone)
		jobs.Run(ctx)
	}()
}

// unread counts the reader's notices; a page without the number is better than no page.
func (a *App) unread(ctx context.Context) int {
	n, err := a.Notices.Unread(ctx, auth.From(ctx))
	if err != nil && ctx.Err() == nil {
		a.Log.Warn("unread notices", "error", err)
	}
	return n
}

// runSealer needs no lease, whose writing would keep an idle site's disk awake: sealers take turns on the chain's end.
func (a *App) runSealer(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := audit.Seal(ctx, a.DB, a.Clock.Milli()); err != nil && ctx.Err() == nil {
			a.Log.Warn("seal", "error", err)
		}
	}
}

// Close waits for what runs in the background, seals what has been recorded and ends the site.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if a.stopJobs != nil {
		a.stopJobs()
		select {
		case <-a.jobsDone: // what a job has done is recorded before the database closes
		case <-ctx.Done():
		}
	}
	_, err := audit.Seal(ctx, a.DB, a.Clock.Milli())
	return errors.Join(err, a.DB.Close())
}

// CheckTrail walks the chain of the trail.
func (a *App) CheckTrail(ctx context.Context) (c audit.Checked, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = audit.Check(ctx, tx)
		return err
	})
	return c, err
}
