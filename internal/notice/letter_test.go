package notice_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/notice"
	"giaoban/internal/setting"
	"giaoban/internal/web"
)

// post is a site with two people that sends mail, at 8:00 on Tuesday 1 October 2019.
type post struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Clock
	notices *notice.Service
	an      auth.Actor
}

func newPost(t *testing.T, d *db.DB) *post {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &post{t: t, db: d, clock: c, notices: notice.New(d, c), an: auth.Actor{Person: "an", Name: "An", Language: "vi"}}
	s.notices.MailBy(mail.New(d, c, mail.Options{}))
	s.must(d.Write(ctx, func(tx *db.Tx) error {
		for _, x := range [][2]string{{"an", "an@example.vn"}, {"binh", ""}} {
			if _, err := tx.Exec(ctx, `insert into person(id, login, name, sort, password, language, disabled, made, version, email) values ($1,$1,$1,'','','vi',false,0,1,$2)`, x[0], x[1]); err != nil {
				return err
			}
		}
		for key, value := range map[string]string{mail.HostSetting: "smtp.example.vn", mail.FromSetting: "giaoban@example.vn", web.AddressSetting: "https://giaoban.example.vn"} {
			if err := setting.Put(ctx, tx, key, value); err != nil {
				return err
			}
		}
		return nil
	}))
	return s
}

func (s *post) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *post) tell(kind notice.Kind, path string) {
	s.t.Helper()
	s.must(s.db.Write(ctx, func(tx *db.Tx) error {
		return notice.Tell(ctx, tx, s.clock.Milli(), []string{"an", "binh"}, notice.Note{Kind: kind, Path: path, Text: "%s: báo cáo %s bị trả lại, mời xem lý do và sửa", Args: []string{"Đơn vị " + path, "quý III năm 2019"}})
	}))
}

// letters are the letters that were asked for: to whom, which, how many things they tell.
func (s *post) letters() string {
	s.t.Helper()
	var out []string
	s.must(s.db.Read(ctx, func(tx *db.Tx) error {
		list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (string, error) {
			var to, text string
			if err := rows.Scan(&to, &text); err != nil {
				return "", err
			}
			var data map[string]string
			err := json.Unmarshal([]byte(text), &data)
			return fmt.Sprintf("%s %s %s lines %d more %q", to, data["What"], data["Count"], len(strings.Split(data["Items"], "\n")), data["More"]), err
		}, `select address, data from mail_message where template = 'gathered' order by made, id`)
		out = list
		return err
	}))
	return strings.Join(out, "; ")
}

func (s *post) want(what, letters string) {
	s.t.Helper()
	if got := s.letters(); got != letters {
		s.t.Errorf("%s: the letters are\n%s, want\n%s", what, got, letters)
	}
}

func (s *post) at(day, hour int) {
	s.clock.Advance(time.Date(2019, 10, day, hour, 0, 0, 0, clock.Zone).Sub(s.clock.Now()))
}

func TestOneLetterADayAndNoneForNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newPost(t, d)
		s.tell(notice.Due, "/a")
		s.tell(notice.Due, "/b")
		s.tell(notice.Approved, "/c")
		s.must(s.notices.Letters(ctx))
		s.want("what came after the day's hour waits for the next", "")
		s.at(2, 6)
		s.must(s.notices.Letters(ctx))
		s.want("before the hour", "")
		s.at(2, 7)
		s.must(s.notices.Letters(ctx))
		s.must(s.notices.Letters(ctx))
		one := `an@example.vn day 3 lines 3 more ""`
		s.want("one letter, and none to who has no address", one)
		s.at(3, 9)
		s.must(s.notices.Letters(ctx))
		s.want("nothing new", one)
		s.tell(notice.Due, "/a") // again, unread still: it is news
		s.tell(notice.Due, "/d")
		s.must(s.notices.ReadAll(ctx, s.an))
		s.at(4, 9)
		s.must(s.notices.Letters(ctx))
		s.want("what was read meanwhile", one)
		for n := range 30 {
			s.tell(notice.Due, fmt.Sprint("/e/", n))
		}
		s.at(5, 9)
		s.must(s.notices.Letters(ctx))
		s.want("a Saturday", one)
		s.at(7, 9)
		s.must(s.notices.Letters(ctx))
		s.want("what exceeds is counted", one+`; an@example.vn day 30 lines 20 more "10"`)
	})
}

func TestAtOnceIsGatheredAndCapped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newPost(t, d)
		jobs := func(want int) {
			t.Helper()
			var n int
			s.must(d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from job where kind = 'notice.letter' and payload = 'an'`).Scan(&n)
			}))
			if n != want {
				t.Errorf("%d jobs, want %d", n, want)
			}
		}
		s.tell(notice.Returned, "/a")
		s.tell(notice.Returned, "/b")
		jobs(1)
		s.must(s.notices.LetterNow(ctx, "an"))
		s.must(s.notices.LetterNow(ctx, "an"))
		s.must(s.notices.LetterNow(ctx, "binh"))
		first := `an@example.vn now 2 lines 2 more ""`
		s.want("two at once are one letter", first)
		s.clock.Advance(10 * time.Minute)
		s.tell(notice.Returned, "/a")
		s.must(s.notices.LetterNow(ctx, "an"))
		s.want("about the same within the hour", first)
		s.clock.Advance(time.Hour)
		s.must(s.notices.LetterNow(ctx, "an"))
		s.want("and after it", first+`; an@example.vn now 1 lines 1 more ""`)
		for n := range 10 {
			s.tell(notice.Returned, fmt.Sprint("/c/", n))
			s.must(s.notices.LetterNow(ctx, "an"))
			s.clock.Advance(time.Minute)
		}
		if got := strings.Count(s.letters(), " now "); got != 5 {
			t.Errorf("%d letters at once on one day", got)
		}
		s.at(2, 8)
		s.must(s.notices.Letters(ctx))
		if got := s.letters(); !strings.HasSuffix(got, `an@example.vn day 7 lines 7 more ""`) {
			t.Errorf("what was too much goes into the day's letter: %s", got)
		}
	})
}

func TestEachPersonChooses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newPost(t, d)
		for kind, way := range map[notice.Kind]notice.Way{notice.Returned: notice.None, notice.Asked: notice.None, notice.Changed: notice.None, notice.Due: "fax", "other": notice.Page} {
			if err := s.notices.Choose(ctx, s.an, map[notice.Kind]notice.Way{kind: way}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s by %s: %v", kind, way, err)
			}
		}
		s.must(s.notices.Choose(ctx, s.an, map[notice.Kind]notice.Way{notice.Approved: notice.None, notice.Due: notice.Weekly, notice.Changed: notice.Daily, notice.Returned: notice.Page}))
		c, err := s.notices.Choices(ctx, s.an)
		s.must(err)
		if !c.Letters() || c.Ways[notice.Approved] != notice.None || c.Ways[notice.Asked] != notice.Daily || c.Hour != 7 {
			t.Errorf("the choices are %+v", c)
		}
		s.tell(notice.Approved, "/a")
		s.tell(notice.Due, "/b")
		s.tell(notice.Changed, "/c")
		s.tell(notice.Returned, "/d")
		s.must(s.notices.LetterNow(ctx, "an"))
		if list, err := s.notices.Mine(ctx, s.an); err != nil || len(list) != 3 {
			t.Errorf("the page has %d notices: %v", len(list), err)
		}
		s.at(2, 8)
		s.must(s.notices.Letters(ctx))
		day := `an@example.vn day 1 lines 1 more ""`
		s.want("the daily one", day)
		s.tell(notice.Changed, "/e")
		s.at(7, 8) // a Monday: the day's and the week's are one letter
		s.must(s.notices.Letters(ctx))
		s.must(s.notices.Letters(ctx))
		s.want("the weekly one", day+`; an@example.vn day 2 lines 2 more ""`)
		s.tell(notice.Due, "/f")
		s.must(s.notices.Choose(ctx, s.an, map[notice.Kind]notice.Way{notice.Due: notice.Page}))
		s.at(14, 8)
		s.must(s.notices.Letters(ctx))
		s.want("who stops letters gets none of what waits", day+`; an@example.vn day 2 lines 2 more ""`)
	})
}

func TestWithoutMailAllStaysOnThePage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newPost(t, d)
		put := func(value string) {
			s.must(d.Write(ctx, func(tx *db.Tx) error { return setting.Put(ctx, tx, mail.HostSetting, value) }))
		}
		put("")
		s.tell(notice.Returned, "/a")
		s.tell(notice.Due, "/b")
		s.must(s.notices.LetterNow(ctx, "an"))
		s.at(2, 8)
		s.must(s.notices.Letters(ctx))
		s.want("no mail", "")
		if n, err := s.notices.Unread(ctx, s.an); err != nil || n != 2 {
			t.Errorf("unread: %d, %v", n, err)
		}
		if c, err := s.notices.Choices(ctx, s.an); err != nil || c.Mails || c.Letters() {
			t.Errorf("the choices say %+v, %v", c, err)
		}
		put("smtp.example.vn")
		s.at(30, 8)
		s.must(s.notices.Letters(ctx))
		s.want("what is old is no news when mail begins", "")
	})
}

func TestACalendarsAddressIsSecretAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newPost(t, d)
		finds := func(key string) bool {
			t.Helper()
			who, err := s.notices.CalendarOf(ctx, key)
			if err != nil && !fault.Is(err, fault.KindNotFound) {
				t.Fatal(err)
			}
			return err == nil && who.Person == "an"
		}
		first, err := s.notices.OpenCalendar(ctx, s.an)
		s.must(err)
		var kept string
		s.must(d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select hash from notice_calendar`).Scan(&kept) }))
		if len(first) < 32 || strings.Contains(kept, first) || !finds(first) || finds("") || finds(kept) {
			t.Errorf("key %q is kept as %q", first, kept)
		}
		second, err := s.notices.OpenCalendar(ctx, s.an)
		s.must(err)
		if finds(first) || !finds(second) {
			t.Error("a new address does not take the place of the old")
		}
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update person set disabled = true where id = 'an'`)
			return err
		}))
		if finds(second) {
			t.Error("who is shut out still has a calendar")
		}
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update person set disabled = false where id = 'an'`)
			return err
		}))
		s.must(s.notices.CloseCalendar(ctx, s.an))
		if finds(second) {
			t.Error("an address that was taken back opens")
		}
		s.tell(notice.Due, "/a")
		s.must(d.Write(ctx, func(tx *db.Tx) error { return notice.Forget(ctx, tx, "an") }))
		if n, err := s.notices.Unread(ctx, s.an); err != nil || n != 0 {
			t.Errorf("who is forgotten has %d notices: %v", n, err)
		}
	})
}
