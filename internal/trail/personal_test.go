package trail_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"giaoban/internal/account"
	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/personal"
	"giaoban/internal/trail"
	"giaoban/internal/web/lang"
)

// texts lists the columns of a site that can hold words, as TABLE.COLUMN; with all, every column.
func texts(t *testing.T, d *db.DB, all bool) (out []string) {
	t.Helper()
	query := `select m.name || '.' || c.name, lower(c.type) from sqlite_master m join pragma_table_xinfo(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'`
	if d.Engine() == db.Postgres {
		query = `select table_name || '.' || column_name, data_type from information_schema.columns where table_schema = current_schema()`
	}
	rows, err := d.Admin().QueryContext(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "goose_db_version.") {
			continue
		}
		if all || !slices.Contains([]string{"bigint", "integer", "boolean"}, kind) {
			out = append(out, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// impersonal are the columns that hold words and nothing of people, by testdata/impersonal.txt.
func impersonal(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/impersonal.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		table, columns, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for _, c := range strings.Fields(columns) {
			out[table+"."+c] = true
		}
	}
	return out
}

func declared() map[string]bool {
	out := map[string]bool{}
	for _, c := range trail.Register {
		for _, t := range c.Tables {
			for _, column := range slices.Concat(t.Columns, t.Secret, []string{t.Key}) {
				if column != "" {
					out[t.Name+"."+column] = true
				}
			}
		}
	}
	return out
}

// TestEveryColumnIsOfAPersonOrNot: a column that is added must be declared by its house as personal, or be said here not to
// be. Both engines are asked, so that none has a column of its own.
func TestEveryColumnIsOfAPersonOrNot(t *testing.T) {
	t.Parallel()
	not := impersonal(t)
	yes := declared()
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, engine)
			missing := map[string][]string{}
			words, every := texts(t, d, false), texts(t, d, true)
			for _, column := range words {
				if yes[column] == not[column] {
					table, name, _ := strings.Cut(column, ".")
					missing[table] = append(missing[table], name)
				}
			}
			for _, table := range slices.Sorted(maps.Keys(missing)) {
				t.Errorf("in its house's personal.go or in testdata/impersonal.txt, not in both or none: %s: %s", table, strings.Join(missing[table], " "))
			}
			for column := range yes {
				if !slices.Contains(every, column) {
					t.Errorf("%s is declared, and does not exist", column)
				}
			}
			for column := range not {
				if !slices.Contains(words, column) {
					t.Errorf("testdata/impersonal.txt names %s, which does not exist or holds no words", column)
				}
			}
		})
	}
}

func TestTheRegisterSaysAllOfEachTable(t *testing.T) {
	t.Parallel()
	for _, c := range trail.Register {
		for _, x := range c.Tables {
			if x.What == "" || x.Purpose == "" || x.Basis == "" || x.Keep == "" || x.End.Name() == "" || len(x.Columns) == 0 {
				t.Errorf("%s: %+v", c.House, x)
			}
			if x.Key == "" && (x.End == personal.Blank || x.End == personal.Gone && x.Name != "intake_file") {
				t.Errorf("%s names no account, and cannot end with one", x.Name)
			}
		}
	}
}

const (
	markName, markLogin, markMail, markAddress, markDevice = "Vũ Thị Đánh Dấu", "danh.dau.qzx", "qzx.danhdau@vi-du.vn", "198.51.100.77", "Trình duyệt Qzx"
)

var marks = []string{markName, markLogin, markMail, markAddress, markDevice, "bí mật qzx"}

// furnish gives a site a person who has left something in every table that is declared, by hand where no verb of this test's
// reach writes it: each column of words that is theirs bears one of the marks.
func (s *site) furnish() (person auth.Actor, tables []string) {
	s.t.Helper()
	person = s.person(markLogin, markName, "officer", "P1")
	s.report(person, "P1.MT")
	s.behind(`update person set email = $1, password = 'bí mật qzx' where id = $2`, markMail, person.Person)
	s.behind(`insert into session(token, data, expiry, id, person, opened, seen, address, device, method) values ('qzx', $1, 9999999999999, 'qzx', $2, 1, 1, $3, $4, 'password')`,
		[]byte("bí mật qzx"), person.Person, markAddress, markDevice)
	s.behind(`insert into sign_in_attempt(id, at, name, person, address, place, device, method, outcome, counts, news) values ('qzx', 1, $1, $1, $2, '', $3, 'password', 'good', false, false)`,
		person.Person, markAddress, markDevice)
	s.behind(`insert into known_device(token, person, made, seen) values ('bí mật qzx', $1, 1, 1)`, person.Person)
	s.behind(`insert into invitation(id, person, code, made, made_by, until, ended, outcome) values ('qzx', $1, 'bí mật qzx', 1, '', 2, 0, '')`, person.Person)
	s.behind(`insert into mail_message(id, template, person, language, made, expires, state, changed, reason, code, job, address, name, data)
		values ('qzx', 'test', $1, 'vi', 1, 9999999999999, 'waiting', 1, '', '', '', $2, $3, 'bí mật qzx')`, person.Person, markMail, markName)
	return person, []string{"person", "access_grant", "session", "sign_in_attempt", "known_device", "invitation", "mail_message", "figure_entry", "report", "audit_entry"}
}

func (s *site) behind(query string, args ...any) {
	s.t.Helper()
	s.must(s.app.DB.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, query, args...); return err }))
}

// dump is all that a site's database holds, by column.
func (s *site) dump() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for _, column := range texts(s.t, s.app.DB, false) {
		table, name, _ := strings.Cut(column, ".")
		query := fmt.Sprintf(`select coalesce(string_agg(cast(%s as text), '|'), '') from %s`, name, table)
		if s.app.DB.Engine() == db.Postgres {
			query = fmt.Sprintf(`select coalesce(string_agg(case when pg_typeof(%[1]s) = 'bytea'::regtype then encode(cast(cast(%[1]s as text) as bytea), 'escape') else cast(%[1]s as text) end, '|'), '') from %[2]s`, name, table)
		}
		var text string
		s.must(s.app.DB.Admin().QueryRowContext(ctx, query).Scan(&text))
		out[column] = text
	}
	return out
}

func (s *site) marked() (found []string) {
	for column, text := range s.dump() {
		for _, mark := range marks {
			if strings.Contains(text, mark) {
				found = append(found, column+" holds "+mark)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestWhatIsHeldAboutAPersonIsGivenWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		person, tables := s.furnish()
		admin := s.person("quan.tri", "Quản Trị", "admin", "TX")
		other := s.person("quan.tri.2", "Quản Trị Hai", "admin", "P2")
		for _, who := range []auth.Actor{person, admin, system} {
			d, err := s.app.Trail.Export(ctx, who, person.Person)
			s.must(err)
			have := map[string]bool{}
			for _, r := range d.Records {
				have[r.Table] = true
			}
			for _, table := range tables {
				if !have[table] {
					t.Errorf("nothing of %s in what %s is given", table, who.Name)
				}
			}
			text, err := json.Marshal(d)
			s.must(err)
			for _, mark := range marks[:5] {
				if !strings.Contains(string(text), mark) {
					t.Errorf("%s is not told %s", who.Name, mark)
				}
			}
			if strings.Contains(string(text), "bí mật qzx") || len(d.Secret) == 0 {
				t.Error("what is there to check with is given away")
			}
		}
		for _, who := range []auth.Actor{other, s.person("can.bo", "Cán Bộ", "officer", "P1"), {}} {
			if _, err := s.app.Trail.Export(ctx, who, person.Person); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%q is given what is held about another: %v", who.Name, err)
			}
		}
	})
}

// TestAnErasedPersonIsNowhere searches every column of the database, whatever anybody has declared.
func TestAnErasedPersonIsNowhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		person, _ := s.furnish()
		admin := s.person("quan.tri", "Quản Trị", "admin", "TX")
		if found := s.marked(); len(found) < len(marks) {
			t.Fatalf("the search finds too little before: %q", found)
		}
		_, err := audit.Seal(ctx, s.app.DB, s.app.Clock.Milli())
		s.must(err)
		s.must(s.app.Trail.Erase(ctx, admin, person.Person, trail.EraseReasons[0]))
		if found := s.marked(); len(found) > 0 {
			t.Errorf("after the erasure %s", strings.Join(found, "; "))
		}
		for _, c := range trail.Register {
			for _, x := range c.Tables {
				if x.Key == "" || x.End != personal.Gone {
					continue
				}
				var n int
				s.must(s.app.DB.Admin().QueryRowContext(ctx, fmt.Sprintf(`select count(*) from %s where %s = $1`, x.Name, x.Key), person.Person).Scan(&n))
				if n > 0 {
					t.Errorf("%s still has %d rows", x.Name, n)
				}
			}
		}
		_, err = audit.Seal(ctx, s.app.DB, s.app.Clock.Milli())
		s.must(err)
		if c, err := s.app.CheckTrail(ctx); err != nil || c.Flaws != 0 || c.Waiting != 0 {
			t.Errorf("the trail after an erasure: %+v, %v", c, err)
		}
		if who, err := s.app.Accounts.Actor(ctx, person.Person); err != nil || who.SignedIn() {
			t.Errorf("an erased person can act: %+v, %v", who, err)
		}
		lines := s.list(system, trail.Auditing, trail.Filter{Person: person.Person})
		if len(lines) == 0 || !strings.HasPrefix(lines[0].Sentence(ctx), "Người dùng đã xóa đã ") {
			t.Errorf("their acts: %q", sentences(lines))
		}
		if got := s.list(admin, trail.Administrating, trail.Filter{House: "personal"}); len(got) != 1 || got[0].Sentence(ctx) != "Quản Trị đã xóa dữ liệu cá nhân của một người dùng đã xóa" {
			t.Errorf("%q", sentences(got))
		}
		people, err := s.app.Accounts.List(ctx, admin)
		s.must(err)
		if slices.ContainsFunc(people, func(p account.Person) bool { return p.ID == person.Person }) {
			t.Error("an erased person is still listed")
		}
	})
}

func TestWhomNobodyMayErase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		admin, other := s.person("quan.tri", "Quản Trị", "admin", "TX"), s.person("quan.tri.2", "Quản Trị Hai", "admin", "P2")
		officer := s.person("can.bo", "Cán Bộ", "officer", "P1")
		for name, c := range map[string]struct {
			who    auth.Actor
			person string
			kind   fault.Kind
		}{
			"oneself":                  {admin, admin.Person, fault.KindRefused},
			"somebody else's":          {other, officer.Person, fault.KindNotFound},
			"without the permission":   {officer, other.Person, fault.KindNotFound},
			"one who works beyond too": {other, admin.Person, fault.KindNotFound},
		} {
			if err := s.app.Trail.Erase(ctx, c.who, c.person, trail.EraseReasons[0]); !fault.Is(err, c.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.app.Trail.Erase(ctx, admin, officer.Person, "vì Nguyễn Văn A muốn"); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a reason in free words: %v", err)
		}
		s.must(s.app.Trail.Erase(ctx, admin, other.Person, trail.EraseReasons[0]))
		if err := s.app.Trail.Erase(ctx, system, admin.Person, trail.EraseReasons[0]); !fault.Is(err, fault.KindRefused) {
			t.Errorf("the last administrator: %v", err)
		}
		if err := s.app.Trail.Erase(ctx, system, other.Person, trail.EraseReasons[0]); !fault.Is(err, fault.KindConflict) {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestARuleForgetsAndSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		s.furnish() // its sign-in and its letter are of 1970
		s.behind(`update mail_message set state = 'sent'`)
		s.must(s.app.Door.Sweep(ctx))
		s.must(s.app.Mails.Sweep(ctx))
		kept, err := s.app.Trail.Kept(ctx, system)
		s.must(err)
		for _, k := range kept {
			want := int64(1)
			if strings.Contains(k.Setting, "import") {
				want = 0
			}
			if k.Total != want || k.Now != k.Days {
				t.Errorf("%+v", k)
			}
		}
		if got := s.list(system, trail.Auditing, trail.Filter{House: "personal", Verb: "forget"}); len(got) != 3 {
			t.Errorf("%q", sentences(got))
		}
		s.must(s.app.Door.Sweep(ctx))
		if got := s.list(system, trail.Auditing, trail.Filter{House: "personal", Verb: "forget"}); len(got) != 3 {
			t.Error("a run that removed nothing is in the trail")
		}
		s.must(s.app.SetSetting(ctx, "keep.mail-days", "30"))
		if kept, err = s.app.Trail.Kept(ctx, system); err != nil || !slices.ContainsFunc(kept, func(k trail.Kept) bool { return k.Setting == "keep.mail-days" && k.Now == 30 }) {
			t.Errorf("the site's own period: %+v, %v", kept, err)
		}
	})
}

func TestTheRegisterIsReadInBothLanguages(t *testing.T) {
	t.Parallel()
	said := func(texts ...string) {
		for _, vi := range texts {
			if _, ok := lang.English(vi); !ok {
				t.Errorf("%q has no English text", vi)
			}
		}
	}
	for _, c := range trail.Register {
		for _, x := range c.Tables {
			said(x.What, x.Purpose, x.Basis, x.Keep, x.End.Name())
		}
	}
	for _, r := range trail.Rules {
		said(r.Name)
	}
	said(trail.EraseReasons...)
}
