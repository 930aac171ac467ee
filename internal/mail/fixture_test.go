package mail

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/job"
	"giaoban/internal/mail/mailtest"
	"giaoban/internal/org"
	"giaoban/internal/setting"
	"giaoban/internal/web"
)

// start is the site's time in tests; a demonstration's lies in another year than the machine's.
var start = time.Date(2026, 10, 1, 8, 0, 0, 0, clock.Zone)

// office is a site that sends through a server of the test.
type office struct {
	t      *testing.T
	db     *db.DB
	site   *clock.Clock
	clock  *clock.Clock // the machine's
	server *mailtest.Server
	mails  *Service
	jobs   *job.Runner
	top    string // the person who administers the whole site
}

// newOffice opens a site on d; security and the server must fit each other.
func newOffice(t *testing.T, d *db.DB, security Security, opt mailtest.Options) *office {
	t.Helper()
	o := &office{t: t, db: d, site: clock.Fixed(start.AddDate(-7, 0, 0)), clock: clock.Fixed(start), server: mailtest.Start(t, opt)}
	o.mails = New(d, o.site, Options{Password: opt.Password, Roots: o.server.Roots,
		SiteName: func(context.Context) string { return "Thị xã Mẫu" },
		Top: func(_ context.Context, _ *db.Tx, who auth.Actor) (bool, error) {
			return who.IsSystem() || who.Person == o.top, nil
		}})
	o.mails.machine = o.clock
	o.jobs = o.runner()
	o.set(HostSetting, o.server.Host)
	o.set(PortSetting, milliText(int64(o.server.Port)))
	o.set(SecuritySetting, string(security))
	o.set(UserSetting, opt.User)
	o.set(FromSetting, "giaoban@example.vn")
	o.set(ReturnSetting, "tra-lai@example.vn")
	o.set(web.AddressSetting, "https://giaoban.example.vn")
	return o
}

// runner is a further process of the site.
func (o *office) runner() *job.Runner {
	r := job.New(o.db, o.clock, slog.New(slog.DiscardHandler))
	o.mails.Jobs(r)
	return r
}

func (o *office) write(fn func(*db.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) set(key, value string) {
	o.t.Helper()
	o.write(func(tx *db.Tx) error { return setting.Put(o.t.Context(), tx, key, value) })
}

// ask enqueues a letter and answers its id.
func (o *office) ask(m Message) (id string) {
	o.t.Helper()
	o.write(func(tx *db.Tx) (err error) {
		id, err = o.mails.enqueue(o.t.Context(), tx, m)
		return err
	})
	return id
}

// work runs what is due.
func (o *office) work() {
	o.t.Helper()
	if err := o.jobs.RunDue(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) find(id string) Letter {
	o.t.Helper()
	l, err := o.mails.Find(o.t.Context(), auth.System(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return l
}

// kept is everything that the database holds of a letter beside its address in the queue.
func (o *office) kept(id string) (out string) {
	o.t.Helper()
	if err := o.db.Read(o.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(o.t.Context(), `select address || name || data || reason || code || (select coalesce(max(last_error), '') from job where payload = $1)
			from mail_message where id = $1`, id).Scan(&out)
	}); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// invitation is a letter with a secret.
func invitation(person string) Message {
	return Message{To: "can.bo@example.vn", ToName: "Nguyễn Văn Mẫu", Person: person, Language: "vi", Template: Invitation,
		Data:  map[string]string{"Path": "/loi-moi", "Code": "ABCD-EFGH", "Until": milliText(start.AddDate(-7, 0, 2).UnixMilli()), "Unit": "Phường Mẫu"},
		Until: start.AddDate(-7, 0, 2).UnixMilli()}
}

// people adds two towns with an administrator each, one above both, and an officer in each; it answers their actors by login.
func (o *office) people() map[string]auth.Actor {
	o.t.Helper()
	ctx, system := o.t.Context(), auth.System()
	units := org.New(o.db, o.site)
	accounts := account.New(o.db, o.site, auth.NewHasher(1))
	must := func(err error) {
		o.t.Helper()
		if err != nil {
			o.t.Fatal(err)
		}
	}
	must(accounts.EnsureRoles(ctx))
	must(units.Load(ctx, system, []org.Spec{{Code: "TT", Kind: org.Place, Level: org.Province, Name: "Tỉnh Mẫu"},
		{Code: "TA", Kind: org.Place, Level: org.Town, Name: "Thị xã A", Parent: "TT"}, {Code: "TB", Kind: org.Place, Level: org.Town, Name: "Thị xã B", Parent: "TT"}}))
	out := map[string]auth.Actor{}
	for _, p := range []struct{ login, role, unit string }{{"quantri.t", "admin", "TT"}, {"quantri.a", "admin", "TA"}, {"quantri.b", "admin", "TB"}, {"canbo.a", "officer", "TA"}, {"canbo.b", "officer", "TB"}} {
		u, err := units.Find(ctx, system, p.unit, o.site.Today())
		must(err)
		id, err := accounts.AddPerson(ctx, system, account.NewPerson{Login: p.login, Name: "Người " + p.login, Role: p.role, Unit: u.ID})
		must(err)
		out[p.login], err = accounts.Actor(ctx, id)
		must(err)
	}
	o.top = out["quantri.t"].Person
	return out
}
