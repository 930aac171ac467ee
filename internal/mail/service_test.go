package mail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/job"
	"giaoban/internal/mail/mailtest"
)

// secrets are what must not stay of an invitation.
var secrets = []string{"can.bo", "example.vn", "ABCD", "Nguyễn", "Phường"}

func TestALetterGoesOutOnceAndLeavesNothingOfWhatItSaid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, STARTTLS, mailtest.Options{STARTTLS: true, User: "giaoban", Password: "một mật khẩu"})
		broken := errors.New("the business fails")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := o.mails.Enqueue(t.Context(), tx, invitation("")); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		o.work()
		if n := len(o.server.Letters()); n != 0 {
			t.Fatalf("%d letters of a transaction that failed", n)
		}

		id := o.ask(invitation(""))
		if kept := o.kept(id); !strings.Contains(kept, "ABCD-EFGH") || !strings.Contains(kept, "can.bo@example.vn") {
			t.Errorf("what waits lacks what it is to say: %s", kept)
		}
		o.work()
		o.work()
		got := o.server.Letters()
		if len(got) != 1 {
			t.Fatalf("%d letters: %+v", len(got), o.find(id))
		}
		if l := got[0]; l.From != "tra-lai@example.vn" || l.To != "can.bo@example.vn" || !l.TLS || l.User != "giaoban" {
			t.Errorf("from %s to %s, TLS %v, by %s", l.From, l.To, l.TLS, l.User)
		}
		text := readable(t, got[0].Source)
		for _, want := range []string{"Message-Id: <" + id + "@giaoban.example.vn>", "Date: Thu, 01 Oct 2026 08:00:00 +0700", "Auto-Submitted: auto-generated",
			"Subject: Lời mời vào hệ thống giao ban của Thị xã Mẫu", "Kính gửi ông/bà Nguyễn Văn Mẫu,", "    ABCD-EFGH\n", "https://giaoban.example.vn/loi-moi", "03/10/2019"} {
			if !strings.Contains(text, want) {
				t.Errorf("the letter lacks %q:\n%s", want, text)
			}
		}
		if l := o.find(id); l.State != Sent || l.Changed != o.site.Milli() || l.Reason != "" || l.Next != 0 {
			t.Errorf("%+v", l)
		}
		if kept := o.kept(id); kept != "" {
			t.Errorf("of a sent letter stays %q", kept)
		}
		if f := o.failures(); len(f) != 0 {
			t.Errorf("%+v", f)
		}
	})
}

// failures are the jobs that did not succeed.
func (o *office) failures() (out []job.Failure) {
	o.t.Helper()
	if err := o.db.Read(o.t.Context(), func(tx *db.Tx) (err error) {
		out, err = job.Failures(o.t.Context(), tx)
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// What the server refuses for good ends at once, in our words; nothing of it stays, the address least of all.
func TestARefusedLetterEndsAtOnceInPlainWords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		for _, c := range []struct {
			command, reply string
			want           Reason
			code           string
		}{
			{"RCPT", "550 5.1.1 <can.bo@example.vn> no such user", Mailbox, "550 5.1.1"},
			{"RCPT", "550 no such user can.bo@example.vn", Mailbox, "550"},
			{"RCPT", "550 5.1.2 bad domain", Domain, "550 5.1.2"},
			{"RCPT", "552 5.2.2 over quota", Full, "552 5.2.2"},
			{"RCPT", "550 5.7.1 relaying denied for can.bo@example.vn", Policy, "550 5.7.1"},
			{".", "554 5.7.1 spam", Policy, "554 5.7.1"},
			{".", "552 5.3.4 too big", TooLarge, "552 5.3.4"},
			{"DATA", "554 no", Policy, "554"},
			{".", "571 what", Refused, "571"},
		} {
			o.server.Fail(c.command, c.reply)
			id := o.ask(invitation(""))
			o.work()
			l := o.find(id)
			if l.State != Failed || l.Reason != c.want || l.Code != c.code || l.Next != 0 {
				t.Errorf("%s: %+v", c.reply, l)
			}
			if name := l.Reason.Name(); name == string(l.Reason) || !strings.HasSuffix(name, ".") {
				t.Errorf("%s is said as %q", c.reply, name)
			}
			for _, secret := range secrets {
				if kept := o.kept(id); strings.Contains(kept, secret) {
					t.Errorf("%s: %q stays", c.reply, kept)
				}
			}
		}
		if n := len(o.server.Letters()); n != 0 {
			t.Errorf("%d letters arrived", n)
		}
		if f := o.failures(); len(f) != 0 {
			t.Errorf("%+v", f)
		}
	})
}

// What may pass, or lies between us and our server, is tried again and says meanwhile what is wrong.
func TestWhatMayPassIsTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, STARTTLS, mailtest.Options{STARTTLS: true, User: "giaoban", Password: "một mật khẩu"})
		for _, c := range []struct {
			command, reply string
			want           Reason
		}{
			{"RCPT", "450 4.2.0 come again, can.bo@example.vn", Later}, {"CONNECT", "421 busy", Later}, {"CONNECT", "554 go away", Policy}, {"MAIL", "451 4.3.0 later", Later},
			{"AUTH", "535 5.7.8 who are you", Login}, {"AUTH", "454 4.7.0 later", Later}, {"MAIL", "553 5.7.1 not your address", Sender},
			{"DATA", "drop", CutOff}, {".", "drop", CutOff}, {"STARTTLS", "drop", CutOff}, {"CONNECT", "drop", CutOff}, {".", "451 4.7.1 greylisted", Later},
		} {
			o.server.Fail(c.command, c.reply)
			id := o.ask(invitation(""))
			o.work()
			l := o.find(id)
			if l.State != Waiting || l.Reason != c.want || l.Next <= o.site.Milli() || l.Dead {
				t.Errorf("%s %s: %+v", c.command, c.reply, l)
			}
			if f := o.failures(); len(f) != 1 || strings.Contains(f[0].Error, "can.bo") {
				t.Errorf("%s %s: %+v", c.command, c.reply, f)
			}
			before := len(o.server.Letters())
			o.clock.Advance(30*time.Second - time.Millisecond)
			o.work()
			if len(o.server.Letters()) != before {
				t.Errorf("%s %s: tried again too early", c.command, c.reply)
			}
			o.clock.Advance(time.Millisecond)
			o.work()
			if l := o.find(id); l.State != Sent || l.Reason != "" || len(o.server.Letters()) != before+1 {
				t.Errorf("%s %s: the second try ends in %+v", c.command, c.reply, l)
			}
		}
	})
}

// A letter that the server took is not sent again because the farewell went wrong.
func TestATakenLetterIsNotSentTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.Open(t, db.SQLite), TLS, mailtest.Options{TLS: true})
	o.server.Fail("RSET", "drop")
	id := o.ask(invitation(""))
	o.work()
	if l := o.find(id); l.State != Sent || len(o.server.Letters()) != 1 {
		t.Errorf("%+v, %d letters", l, len(o.server.Letters()))
	}
}

// Without encryption beyond this machine, with a certificate that nobody vouches for, or without the right password,
// nothing is said to the server that a listener could use.
func TestNothingGoesOutInClear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		security Security
		server   mailtest.Options
		change   func(*office)
		want     Reason
		tried    int
	}{
		"the server offers no STARTTLS": {STARTTLS, mailtest.Options{User: "giaoban", Password: "p"}, func(*office) {}, NoTLS, 1},
		"nobody vouches for it":         {STARTTLS, mailtest.Options{STARTTLS: true}, func(o *office) { o.mails.opt.Roots = nil }, BadTLS, 1},
		"nor from the first byte":       {TLS, mailtest.Options{TLS: true}, func(o *office) { o.mails.opt.Roots = nil }, BadTLS, 1},
		"TLS is not spoken there":       {TLS, mailtest.Options{}, func(*office) {}, BadTLS, 1},
		"in clear to another machine":   {Plain, mailtest.Options{}, func(o *office) { o.set(HostSetting, "smtp.example.vn") }, Unset, 0},
		"a password in clear":           {Plain, mailtest.Options{User: "giaoban", Password: "p"}, func(*office) {}, Unset, 0},
		"no password":                   {TLS, mailtest.Options{TLS: true, User: "giaoban"}, func(*office) {}, Unset, 0},
		"the wrong password":            {TLS, mailtest.Options{TLS: true, User: "giaoban", Password: "p"}, func(o *office) { o.mails.opt.Password = "q" }, Login, 1},
		"nobody is there":               {TLS, mailtest.Options{TLS: true}, func(o *office) { o.set(PortSetting, "1") }, NoAnswer, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, dbtest.Open(t, db.SQLite), c.security, c.server)
			c.change(o)
			id := o.ask(invitation(""))
			o.work()
			if l := o.find(id); l.State != Waiting || l.Reason != c.want {
				t.Errorf("%+v", l)
			}
			if n := len(o.server.Letters()); n != 0 || o.server.Tried() != c.tried {
				t.Errorf("%d letters, %d connections", n, o.server.Tried())
			}
			if err := o.mails.Probe(t.Context()); err == nil {
				t.Error("the probe finds nothing")
			}
		})
	}
	t.Run("in clear on this machine", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t, dbtest.Open(t, db.SQLite), Plain, mailtest.Options{})
		if err := o.mails.Probe(t.Context()); err != nil {
			t.Error(err)
		}
		id := o.ask(invitation(""))
		o.work()
		if l := o.find(id); l.State != Sent || o.server.Tried() != 2 || len(o.server.Letters()) != 1 {
			t.Errorf("%+v", l)
		}
	})
}

// A code is not sent after its time, nor does it stay until somebody looks.
func TestALetterEndsWithItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		o.set(PortSetting, "1")
		id, other := o.ask(invitation("")), o.ask(Message{To: "a@example.vn", Language: "vi", Template: Test, Data: map[string]string{"At": "1"}})
		o.work()
		o.set(PortSetting, milliText(int64(o.server.Port)))
		o.site.Advance(48 * time.Hour)
		if err := o.mails.Hurry(t.Context(), auth.System(), id); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a void code is hurried: %v", err)
		}
		o.clock.Advance(time.Minute)
		o.work()
		if l := o.find(id); l.State != Failed || l.Reason != Expired || o.kept(id) != string(Expired) {
			t.Errorf("%+v, kept %q", l, o.kept(id))
		}
		if l := o.find(other); l.State != Sent {
			t.Errorf("a letter within its time: %+v", l)
		}

		o.set(PortSetting, "1")
		third := o.ask(Message{To: "a@example.vn", Language: "vi", Template: Test, Data: map[string]string{"At": "1"}})
		o.work()
		o.site.Advance(lifetime - time.Millisecond)
		if err := o.mails.Sweep(t.Context()); err != nil || o.find(third).State != Waiting {
			t.Errorf("within its time: %+v, %v", o.find(third), err)
		}
		o.site.Advance(time.Millisecond)
		if err := o.mails.Sweep(t.Context()); err != nil || o.find(third).State != Failed || strings.Contains(o.kept(third), "example.vn") {
			t.Errorf("after five days: %+v, %v", o.find(third), err)
		}
		o.site.Advance(time.Duration(Letters.Days+10) * 24 * time.Hour)
		if err := o.mails.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{id, other, third} {
			if _, err := o.mails.Find(t.Context(), auth.System(), gone); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("a letter of long ago is still known: %v", err)
			}
		}
	})
}

func TestOfSeveralProcessesOneSendsALetter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, STARTTLS, mailtest.Options{STARTTLS: true})
		for range 12 {
			o.ask(invitation(""))
		}
		var group sync.WaitGroup
		for range 3 {
			r := o.runner()
			group.Go(func() {
				if err := r.RunDue(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		ids := map[string]bool{}
		for _, l := range o.server.Letters() {
			_, id, _ := strings.Cut(l.Source, "Message-ID: ")
			ids[id[:28]] = true
		}
		if len(o.server.Letters()) != 12 || len(ids) != 12 {
			t.Errorf("%d letters, %d of them different", len(o.server.Letters()), len(ids))
		}
	})
}

// Where mail is not set up nothing is asked for that would never go out.
func TestASiteWithoutMailAsksForNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		wanted := func(want bool) {
			t.Helper()
			if got, err := o.mails.Wanted(t.Context()); err != nil || got != want {
				t.Errorf("wanted is %v, %v", got, err)
			}
		}
		wanted(true)
		o.set(HostSetting, "")
		wanted(true)
		o.set(FromSetting, "")
		wanted(false)
		try := func(do func(context.Context, *db.Tx, Message) error, m Message) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return do(t.Context(), tx, m) })
		}
		if err := try(o.mails.Enqueue, invitation("")); !fault.Is(err, fault.KindRefused) {
			t.Errorf("asked for: %v", err)
		}
		if err := try(o.mails.Notify, invitation("")); err != nil {
			t.Error(err)
		}
		o.set(HostSetting, o.server.Host)
		o.set(FromSetting, "giaoban@example.vn")
		nobody := invitation("")
		nobody.To = ""
		if err := try(o.mails.Notify, nobody); err != nil {
			t.Error(err)
		}
		if err := try(o.mails.Enqueue, nobody); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a letter to nobody: %v", err)
		}
		bad := invitation("")
		bad.To = "a@example.vn\r\nRCPT TO:<b@example.vn>"
		if err := try(o.mails.Enqueue, bad); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a letter with a command in its address: %v", err)
		}
		if err := try(o.mails.Notify, invitation("")); err != nil {
			t.Error(err)
		}
		o.work()
		if n := len(o.server.Letters()); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestAdministratorsSeeLettersAboutTheirPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		who := o.people()
		ids := map[string]string{}
		for name, person := range map[string]string{"a": who["canbo.a"].Person, "b": who["canbo.b"].Person, "own of a": who["quantri.a"].Person, "nobody": ""} {
			m := invitation(person)
			m.Until = 0
			ids[name] = o.ask(m)
		}
		ctx := t.Context()
		for login, sees := range map[string][]string{"quantri.t": {"a", "b", "nobody", "own of a"}, "quantri.a": {"a", "own of a"}, "quantri.b": {"b"}} {
			p, err := o.mails.List(ctx, who[login], "", 10, 0)
			if err != nil || p.Total != len(sees) || len(p.Letters) != len(sees) || p.Counts[Waiting] != len(sees) || !p.Ready {
				t.Errorf("%s sees %d of %d, %v", login, len(p.Letters), p.Total, err)
			}
			for name, id := range ids {
				may := slices.Contains(sees, name)
				if listed := slices.ContainsFunc(p.Letters, func(l Letter) bool { return l.ID == id }); listed != may {
					t.Errorf("%s sees the letter about %s in the list: %v", login, name, listed)
				}
				if _, err := o.mails.Find(ctx, who[login], id); (err == nil) != may || err != nil && !fault.Is(err, fault.KindNotFound) {
					t.Errorf("%s finds the letter about %s: %v", login, name, err)
				}
				for verb, do := range map[string]func(context.Context, auth.Actor, string) error{"hurry": o.mails.Hurry, "cancel": o.mails.Cancel, "returned": o.mails.Returned} {
					if may {
						continue
					}
					if err := do(ctx, who[login], id); !fault.Is(err, fault.KindNotFound) {
						t.Errorf("%s may %s the letter about %s: %v", login, verb, name, err)
					}
				}
			}
		}
		for _, login := range []string{"canbo.a", ""} {
			if _, err := o.mails.List(ctx, who[login], "", 10, 0); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q lists letters: %v", login, err)
			}
			if err := o.mails.Cancel(ctx, who[login], ids["a"]); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q cancels: %v", login, err)
			}
			if _, err := o.mails.SendTest(ctx, who[login], "a@example.vn"); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q sends a test: %v", login, err)
			}
		}
		if l, err := o.mails.Find(ctx, who["quantri.a"], ids["a"]); err != nil || l.PersonName != "Người canbo.a" || l.Template != Invitation {
			t.Errorf("%+v, %v", l, err)
		}
		o.work()
		p, err := o.mails.List(ctx, who["quantri.t"], Sent, 3, 3)
		if err != nil || p.Total != 4 || len(p.Letters) != 1 || p.Counts[Waiting] != 0 {
			t.Errorf("the second page: %+v, %v", p, err)
		}
		if p, err = o.mails.List(ctx, who["quantri.t"], Waiting, 3, 0); err != nil || p.Total != 0 || len(p.Letters) != 0 || p.Counts[Sent] != 4 {
			t.Errorf("those that wait: %+v, %v", p, err)
		}
	})
}

func TestWhatAdministratorsDoWithALetter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		who := o.people()
		admin, ctx := who["quantri.a"], t.Context()
		o.server.Fail("AUTH", "x")
		o.set(PortSetting, "1")
		hurried, cancelled := o.ask(invitation(who["canbo.a"].Person)), o.ask(invitation(who["canbo.a"].Person))
		o.work()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		refused := func(err error) {
			t.Helper()
			if !fault.Is(err, fault.KindRefused) {
				t.Errorf("not refused: %v", err)
			}
		}
		must(o.mails.Cancel(ctx, admin, cancelled))
		if l := o.find(cancelled); l.State != Cancelled || o.kept(cancelled) != "" {
			t.Errorf("%+v keeps %q", l, o.kept(cancelled))
		}
		refused(o.mails.Cancel(ctx, admin, cancelled))
		refused(o.mails.Hurry(ctx, admin, cancelled))
		refused(o.mails.Returned(ctx, admin, hurried))

		o.set(PortSetting, milliText(int64(o.server.Port)))
		must(o.mails.Hurry(ctx, admin, hurried))
		o.work()
		if l := o.find(hurried); l.State != Sent || len(o.server.Letters()) != 1 {
			t.Errorf("%+v, %d letters", l, len(o.server.Letters()))
		}
		refused(o.mails.Hurry(ctx, admin, hurried))
		must(o.mails.Returned(ctx, admin, hurried))
		if l := o.find(hurried); l.State != Bounced || l.Reason != Reported {
			t.Errorf("%+v", l)
		}
		refused(o.mails.Returned(ctx, admin, hurried))

		for range tests {
			if _, err := o.mails.SendTest(ctx, admin, "quan.tri@example.vn"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.mails.SendTest(ctx, admin, "quan.tri@example.vn"); !fault.Is(err, fault.KindTooMany) {
			t.Errorf("test letters without end: %v", err)
		}
		if _, err := o.mails.SendTest(ctx, admin, "quan.tri"); !fault.Is(err, fault.KindTooMany) && !fault.Is(err, fault.KindInvalid) {
			t.Error(err)
		}
		o.work()
		if last := o.server.Letters()[len(o.server.Letters())-1]; !strings.Contains(readable(t, last.Source), "Đây là thư thử, được yêu cầu lúc 08:00 ngày 01/10/2019") {
			t.Errorf("%s", last.Source)
		}
		o.site.Advance(time.Hour)
		if _, err := o.mails.SendTest(ctx, admin, "quan.tri@example.vn"); err != nil {
			t.Error(err)
		}

		// Each act is in the trail, and no address.
		var acts, addresses int
		must(d.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `select count(*), count(*) filter (where detail || before || after || reason || object like '%example.vn%') from audit_entry where house = 'mail'`).Scan(&acts, &addresses)
		}))
		if acts != 3+tests+1 || addresses != 0 {
			t.Errorf("%d acts in the trail, %d with an address", acts, addresses)
		}
	})
}

// A notification that a server sends back is found to its letter, whatever server wrote it; what is none is refused.
func TestABounceFindsItsLetter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, TLS, mailtest.Options{TLS: true})
		for file, want := range map[string]Letter{
			"postfix.eml":  {State: Bounced, Reason: Mailbox, Code: "550 5.1.1"},
			"exchange.eml": {State: Bounced, Reason: Full, Code: "552 5.2.2"},
			"expired.eml":  {State: Bounced, Reason: Unreached, Code: "4.4.7"},
		} {
			id := o.ask(invitation(""))
			o.work()
			source := bounceFile(t, file, id)
			l, err := o.mails.ReadBounce(t.Context(), auth.System(), strings.NewReader(source))
			if err != nil || l.ID != id || l.State != want.State || l.Reason != want.Reason || l.Code != want.Code {
				t.Errorf("%s: %+v, %v", file, l, err)
			}
			for _, secret := range secrets {
				if kept := o.kept(id); strings.Contains(kept, secret) {
					t.Errorf("%s: %q stays", file, kept)
				}
			}
			if _, err := o.mails.ReadBounce(t.Context(), auth.System(), strings.NewReader(source)); !fault.Is(err, fault.KindRefused) {
				t.Errorf("%s, read again: %v", file, err)
			}
		}
		waiting := o.ask(invitation(""))
		for name, source := range map[string]string{
			"empty": "", "a plain letter": "From: a@b.vn\r\nContent-Type: text/plain\r\n\r\nxin chào", "a delay": bounceFile(t, "delayed.eml", waiting),
			"of nobody": bounceFile(t, "postfix.eml", db.NewID()), "of a letter that waits": bounceFile(t, "postfix.eml", waiting),
			"cut off": bounceFile(t, "postfix.eml", waiting)[:700],
		} {
			if _, err := o.mails.ReadBounce(t.Context(), auth.System(), strings.NewReader(source)); !fault.Is(err, fault.KindRefused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if l := o.find(waiting); l.State != Waiting {
			t.Errorf("%+v", l)
		}
	})
}

func bounceFile(t testing.TB, name, id string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(b), "LETTER", id), "\n", "\r\n")
}

// FuzzBounce holds that whatever somebody mails to the return address is read without a crash, and that what is taken has
// the form of an id and of numbers: nothing else of it is kept.
func FuzzBounce(f *testing.F) {
	for _, name := range []string{"postfix.eml", "exchange.eml", "expired.eml", "delayed.eml"} {
		f.Add(bounceFile(f, name, letterID))
	}
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.x\r\nDiagnostic-Code: smtp; 5\r\n--x--")
	f.Fuzz(func(t *testing.T, source string) {
		b, err := readBounce(strings.NewReader(source))
		if err != nil {
			if !fault.Is(err, fault.KindRefused) {
				t.Fatal(err)
			}
			return
		}
		if !isID(b.id) || !b.trouble.Final || strings.Trim(b.trouble.Code, "0123456789. ") != "" || len(b.trouble.Code) > 15 || b.trouble.Reason.Name() == string(b.trouble.Reason) {
			t.Fatalf("%+v %+v", b, b.trouble)
		}
	})
}
